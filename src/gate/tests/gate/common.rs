//! A plan of three steps in two Regions, its receipt, and people with keys.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_gate::ssh_key::PrivateKey;
use sandtable_gate::ssh_key::private::Ed25519Keypair;
use sandtable_gate::{
    AllowedSigners, Refusal, Revocations, StepSelection, Warrant, assemble, sign, statement_for,
};
use sandtable_model::{
    AccountId, Action, Approval, ApprovalStatement, BlastRadius, Digest, Document, Duration, Plan,
    PlanReport, Real, Receipt, Region, Reversibility, Risk, Step, StepId, StepOutcome, StepReceipt,
    Timestamp, Undo, Usd, Verdict,
};

/// 2026-11-24T09:30:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_512_600_000);

pub(crate) const ALICE: &str = "alice@example.com";
pub(crate) const BOB: &str = "bob@example.com";

pub(crate) fn minutes(minutes: i64) -> Duration {
    Duration::from_secs(60 * minutes)
}

pub(crate) fn earlier(duration: Duration) -> Timestamp {
    Timestamp::from_millis(NOW.millis() - duration.millis())
}

pub(crate) fn account(text: &str) -> AccountId {
    AccountId::new(text).unwrap()
}

fn step(id: &str, region: &str, action: Action, after: &[&str]) -> Step {
    Step {
        id: id.into(),
        region: Region::new(region).unwrap(),
        action,
        after: after.iter().map(|it| StepId::from(*it)).collect(),
        preconditions: Vec::new(),
        effects: Vec::new(),
        watch: Vec::new(),
        undo: Undo {
            reversibility: Reversibility::Recoverable,
            actions: Vec::new(),
            note: "make it anew".to_owned(),
        },
        saving_usd_month: Usd::from_micros(32_850_000),
        blast_radius: BlastRadius::default(),
        risk: Risk::Low,
        findings: vec!["N5/nat-0123456789abcdef0".into()],
        reason: "nothing routes through it".to_owned(),
    }
}

/// `s01` deletes a NAT gateway, `s02` after it releases its address, `s03` deletes a volume elsewhere.
pub(crate) fn plan(approvals_required: u32) -> Plan {
    let nat = Action::DeleteNatGateway {
        nat_gateway_id: "nat-0123456789abcdef0".parse().unwrap(),
    };
    let address = Action::ReleaseAddress {
        allocation_id: "eipalloc-0123456789abcdef0".parse().unwrap(),
    };
    let volume = Action::DeleteVolume {
        volume_id: "vol-0123456789abcdef0".parse().unwrap(),
    };
    Plan {
        format: Plan::FORMAT.to_owned(),
        account: account("123456789012"),
        snapshot: Digest::of(b"snapshot"),
        policy: Digest::of(b"policy"),
        as_of: earlier(minutes(60)),
        findings: vec!["N5/nat-0123456789abcdef0".into()],
        steps: vec![
            step("s01", "eu-central-1", nat, &[]),
            step("s02", "eu-central-1", address, &["s01"]),
            step("s03", "us-east-1", volume, &[]),
        ],
        saving_usd_month: Usd::from_micros(98_550_000),
        approvals_required,
        report: PlanReport::default(),
    }
}

/// The receipt of a rehearsal in which everything went well.
pub(crate) fn receipt(plan: &Plan) -> Receipt {
    let steps = plan.steps.iter().map(|step| StepReceipt {
        step: step.id.clone(),
        outcome: StepOutcome::Done,
        at_ms: Duration::ZERO,
        duration_ms: Duration::from_secs(1),
        observed: BTreeMap::new(),
    });
    Receipt {
        format: Receipt::FORMAT.to_owned(),
        account: plan.account.clone(),
        plan: plan.digest().unwrap(),
        snapshot: plan.snapshot,
        twin: "0.1.0".to_owned(),
        seed: 0,
        started_at: plan.as_of,
        duration_ms: Duration::from_secs(3),
        verdict: Verdict::Pass,
        problems: Vec::new(),
        steps: steps.collect(),
        saving_usd_month: plan.saving_usd_month,
        diff: Digest::of(b"diff"),
        after: Digest::of(b"after"),
        fault_runs: Vec::new(),
    }
}

/// A key that is the same in every run.
pub(crate) fn key(seed: u8) -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]))
}

pub(crate) fn public(key: &PrivateKey) -> String {
    key.public_key().to_openssh().unwrap()
}

/// Alice has keys 1 and 3, Bob has key 2.
pub(crate) fn signers() -> AllowedSigners {
    let line = |name, seed| format!("{name} {}\n", public(&key(seed)));
    let text = line(ALICE, 1) + &line(BOB, 2) + &line(ALICE, 3);
    AllowedSigners::parse(&text).unwrap()
}

pub(crate) fn only(steps: &[&str]) -> StepSelection {
    let steps: BTreeSet<StepId> = steps.iter().map(|it| StepId::from(*it)).collect();
    StepSelection::Only(steps)
}

/// A statement signed ten minutes ago, valid for another fifty.
pub(crate) fn statement(
    plan: &Plan,
    receipt: &Receipt,
    steps: &StepSelection,
    approver: &str,
) -> ApprovalStatement {
    let (signed_at, expires_at) = (earlier(minutes(10)), NOW.plus(minutes(50)));
    statement_for(plan, receipt, steps, approver, signed_at, expires_at).unwrap()
}

pub(crate) fn approval(
    plan: &Plan,
    receipt: &Receipt,
    steps: &StepSelection,
    approver: &str,
    seed: u8,
) -> Approval {
    sign(statement(plan, receipt, steps, approver), &key(seed)).unwrap()
}

/// Assembles with the usual signers, nothing revoked, now.
pub(crate) fn try_assemble(
    plan: &Plan,
    receipt: &Receipt,
    approvals: &[Approval],
) -> Result<Warrant<Real>, Refusal> {
    let approvals = approvals.to_vec();
    let (plan, receipt) = (plan.clone(), receipt.clone());
    assemble(
        plan,
        receipt,
        approvals,
        &signers(),
        &Revocations::none(),
        NOW,
    )
}

/// The words of a refusal, which there must be.
pub(crate) fn refusal(result: Result<Warrant<Real>, Refusal>) -> String {
    match result {
        Ok(warrant) => panic!("a warrant was made: {warrant:?}"),
        Err(refusal) => {
            assert!(!refusal.reasons().is_empty());
            refusal.to_string()
        }
    }
}
