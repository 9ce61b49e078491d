//! Whatever byte of whatever document is altered: it is refused, or it means the same as before.

use std::sync::LazyLock;

use proptest::prelude::*;
use sandtable_gate::StepSelection;
use sandtable_model::{Approval, Document, Plan, Receipt};

use crate::common::*;

/// Plan, receipt and approval as files, with which a warrant is made.
static FILES: LazyLock<[String; 3]> = LazyLock::new(|| {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let approval = approval(&plan, &receipt, &StepSelection::All, ALICE, 1);
    [
        plan.to_pretty().unwrap(),
        receipt.to_pretty().unwrap(),
        approval.to_pretty().unwrap(),
    ]
});

static ORIGINAL: LazyLock<(Plan, Receipt, Approval)> =
    LazyLock::new(|| accepted(&bytes()).expect("the untouched files make a warrant"));

fn bytes() -> [Vec<u8>; 3] {
    FILES.clone().map(String::into_bytes)
}

/// The documents, if a warrant is made of these files.
fn accepted(files: &[Vec<u8>; 3]) -> Option<(Plan, Receipt, Approval)> {
    let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).ok();
    let plan = Plan::from_json(&text(&files[0])?).ok()?;
    let receipt = Receipt::from_json(&text(&files[1])?).ok()?;
    let approval = Approval::from_json(&text(&files[2])?).ok()?;
    try_assemble(&plan, &receipt, std::slice::from_ref(&approval)).ok()?;
    Some((plan, receipt, approval))
}

fn check(files: &[Vec<u8>; 3]) {
    if let Some((plan, receipt, approval)) = accepted(files) {
        assert_eq!(plan, ORIGINAL.0);
        assert_eq!(receipt, ORIGINAL.1);
        assert_eq!(approval.statement, ORIGINAL.2.statement);
    }
}

#[test]
fn no_bit_can_be_flipped() {
    let files = bytes();
    for (document, file) in files.iter().enumerate() {
        // Every byte of the plan; of the others, which take a signature's verification each time,
        // every eleventh. The property below draws from all of them.
        let stride = if document == 0 { 1 } else { 11 };
        for byte in (0..file.len()).step_by(stride) {
            let mut tampered = files.clone();
            tampered[document][byte] ^= 1 << (byte % 7);
            check(&tampered);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_byte_can_be_replaced_removed_or_added(
        document in 0_usize..3,
        place in any::<prop::sample::Index>(),
        value in any::<u8>(),
        way in 0_u8..3,
    ) {
        let mut files = bytes();
        let at = place.index(files[document].len());
        match way {
            0 => files[document][at] = value,
            1 => drop(files[document].remove(at)),
            _ => files[document].insert(at, value),
        }
        check(&files);
    }

    #[test]
    fn no_member_of_the_statement_can_be_exchanged(
        member in prop::sample::select(vec![
            "plan", "receipt", "account", "regions", "steps", "approver", "signed_at", "expires_at",
        ]),
        seed in any::<u32>(),
    ) {
        let [plan, receipt, approval] = FILES.clone();
        let mut value: serde_json::Value = serde_json::from_str(&approval).unwrap();
        let digest = sandtable_model::Digest::of(&seed.to_be_bytes()).to_string();
        value["statement"][member] = match member {
            "plan" | "receipt" => digest.into(),
            "account" => format!("{:012}", seed).into(),
            "regions" => serde_json::json!(["eu-central-1", "us-east-1", "eu-west-1"]),
            "steps" => serde_json::json!(["s01", "s02"]),
            "approver" => BOB.into(),
            _ => NOW.plus(sandtable_model::Duration::from_secs(seed.into())).to_string().into(),
        };
        let files = [plan, receipt, value.to_string()].map(String::into_bytes);
        prop_assert!(accepted(&files).is_none());
    }
}
