//! What becomes a warrant, and what is refused with which words.

use sandtable_gate::{
    AllowedSigners, Revocations, StepSelection, Warrant, assemble, sign, statement_for,
};
use sandtable_model::{Approval, Digest, Document, FaultRun, StepOutcome, Timestamp, Verdict};

use crate::common::*;

fn ids<W: sandtable_model::World>(warrant: &Warrant<W>) -> Vec<String> {
    warrant.steps().iter().map(ToString::to_string).collect()
}

#[test]
fn one_approval_of_everything_makes_a_warrant() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let approval = approval(&plan, &receipt, &StepSelection::All, ALICE, 1);
    let warrant = try_assemble(&plan, &receipt, std::slice::from_ref(&approval)).unwrap();
    assert_eq!(ids(&warrant), ["s01", "s02", "s03"]);
    assert_eq!(warrant.plan(), &plan);
    assert_eq!(warrant.receipt(), Some(&receipt));
    assert_eq!(warrant.approvers().collect::<Vec<_>>(), [ALICE]);
    assert_eq!(warrant.expires_at(), Some(approval.statement.expires_at));
    assert_eq!(warrant.approvals(), [approval]);
    assert!(!warrant.approves(&"s04".into()));
}

#[test]
fn a_rehearsal_takes_nobodys_consent() {
    let warrant = Warrant::for_rehearsal(plan(2));
    assert_eq!(ids(&warrant), ["s01", "s02", "s03"]);
    assert_eq!((warrant.receipt(), warrant.expires_at()), (None, None));
    assert_eq!(warrant.approvers().count() + warrant.approvals().len(), 0);
    assert!(warrant.still_valid(NOW).is_ok());
    let whole = warrant.digest();
    let part = warrant.with_steps(["s01".into()]).unwrap();
    assert_eq!(ids(&part), ["s01"]);
    assert_ne!(part.digest(), whole);
    let error = part.with_steps(["s02".into()]).unwrap_err().to_string();
    assert_eq!(
        error,
        "step s02 cannot be done without step s01 before it, which was not chosen"
    );
}

#[test]
fn the_digest_of_a_warrant_is_the_documented_one() {
    let plan = plan(2);
    let receipt = receipt(&plan);
    let by_bob = approval(&plan, &receipt, &only(&["s03"]), BOB, 2);
    let by_alice = approval(&plan, &receipt, &StepSelection::All, ALICE, 1);
    let mut digests =
        [by_bob.digest().unwrap(), by_alice.digest().unwrap()].map(|it| it.to_string());
    digests.sort();
    let text = format!(
        r#"{{"approvals":["{}","{}"],"format":"sandtable/warrant/1","plan":"{}","receipt":"{}","steps":["s03"],"world":"real"}}"#,
        digests[0],
        digests[1],
        plan.digest().unwrap(),
        receipt.digest().unwrap(),
    );
    let there = try_assemble(&plan, &receipt, &[by_bob.clone(), by_alice.clone()]).unwrap();
    let back = try_assemble(&plan, &receipt, &[by_alice, by_bob]).unwrap();
    assert_eq!(there.digest(), Digest::of(text.as_bytes()));
    assert_eq!(there.digest(), back.digest());
}

#[test]
fn a_warrant_covers_what_enough_people_approved_and_no_more() {
    let plan = plan(2);
    let receipt = receipt(&plan);
    let all = approval(&plan, &receipt, &StepSelection::All, ALICE, 1);
    let volume = approval(&plan, &receipt, &only(&["s03"]), BOB, 2);
    let warrant = try_assemble(&plan, &receipt, &[all.clone(), volume]).unwrap();
    assert_eq!(ids(&warrant), ["s03"]);

    let gateway = approval(&plan, &receipt, &only(&["s01"]), BOB, 2);
    let warrant = try_assemble(&plan, &receipt, &[all, gateway]).unwrap();
    assert_eq!(ids(&warrant), ["s01"]);
}

#[test]
fn a_step_without_its_predecessor_is_not_covered() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    // `statement_for` would not write this; somebody else's program might.
    let mut forged = statement(&plan, &receipt, &only(&["s01", "s02"]), ALICE);
    forged.steps.retain(|id| id.0 == "s02");
    let approval = sign(forged, &key(1)).unwrap();
    let words = refusal(try_assemble(&plan, &receipt, &[approval]));
    assert!(words.contains("step s02 by 1 and without s01"), "{words}");
}

#[test]
fn two_approvers_with_one_key_are_one_person() {
    let plan = plan(2);
    let receipt = receipt(&plan);
    let everyone = format!("*@example.com {}\n", public(&key(1)));
    let allowed = AllowedSigners::parse(&everyone).unwrap();
    let approvals = vec![
        approval(&plan, &receipt, &StepSelection::All, ALICE, 1),
        approval(&plan, &receipt, &StepSelection::All, BOB, 1),
    ];
    let made = assemble(
        plan,
        receipt,
        approvals,
        &allowed,
        &Revocations::none(),
        NOW,
    );
    let words = refusal(made);
    assert!(words.contains("no step is approved by 2 people"), "{words}");
}

#[test]
fn one_approver_with_two_keys_is_one_person() {
    let plan = plan(2);
    let receipt = receipt(&plan);
    let approvals = [
        approval(&plan, &receipt, &StepSelection::All, ALICE, 1),
        approval(&plan, &receipt, &StepSelection::All, ALICE, 3),
    ];
    let words = refusal(try_assemble(&plan, &receipt, &approvals));
    assert!(words.contains("step s01 by 1"), "{words}");
}

#[test]
fn a_plan_that_asks_for_nobody_still_takes_one_person() {
    let plan = plan(0);
    let receipt = receipt(&plan);
    let words = refusal(try_assemble(&plan, &receipt, &[]));
    assert_eq!(words, "there is no approval; the plan asks for 1");
}

#[test]
fn other_documents_are_refused() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let approval = approval(&plan, &receipt, &StepSelection::All, ALICE, 1);

    let mut other = plan.clone();
    other.steps.truncate(2);
    let words = refusal(try_assemble(
        &other,
        &receipt,
        std::slice::from_ref(&approval),
    ));
    assert!(
        words.starts_with("the receipt is for the plan sha256:"),
        "{words}"
    );

    let mut again = receipt.clone();
    again.seed = 7;
    let words = refusal(try_assemble(&plan, &again, std::slice::from_ref(&approval)));
    assert!(words.contains("it rests on the receipt sha256:"), "{words}");

    let other_receipt = crate::common::receipt(&other);
    let words = refusal(try_assemble(&other, &other_receipt, &[approval]));
    assert!(words.contains("it approves the plan sha256:"), "{words}");
    assert!(
        words.contains("it approves step `s03`, which the plan does not have"),
        "{words}"
    );
}

#[test]
fn another_account_is_refused_wherever_it_stands() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let mut elsewhere = receipt.clone();
    elsewhere.account = account("210987654321");
    let good = approval(&plan, &receipt, &StepSelection::All, ALICE, 1);
    let words = refusal(try_assemble(&plan, &elsewhere, &[good]));
    assert!(
        words.contains("but the receipt for account 210987654321"),
        "{words}"
    );

    let mut stated = statement(&plan, &receipt, &StepSelection::All, ALICE);
    stated.account = account("210987654321");
    let words = refusal(try_assemble(
        &plan,
        &receipt,
        &[sign(stated, &key(1)).unwrap()],
    ));
    assert!(words.contains("it is for account 210987654321"), "{words}");
}

#[test]
fn a_region_outside_the_scope_is_refused() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let mut stated = statement(&plan, &receipt, &StepSelection::All, ALICE);
    stated
        .regions
        .retain(|region| region.as_str() != "us-east-1");
    let words = refusal(try_assemble(
        &plan,
        &receipt,
        &[sign(stated, &key(1)).unwrap()],
    ));
    let expected = "it approves step s03 in us-east-1 which is not among its Regions";
    assert!(words.contains(expected), "{words}");
}

fn at(
    signed_at: Timestamp,
    expires_at: Timestamp,
) -> Result<Warrant<sandtable_model::Real>, String> {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let mut stated = statement(&plan, &receipt, &StepSelection::All, ALICE);
    (stated.signed_at, stated.expires_at) = (signed_at, expires_at);
    let approval = sign(stated, &key(1)).unwrap();
    try_assemble(&plan, &receipt, &[approval]).map_err(|it| it.to_string())
}

#[test]
fn time_is_kept() {
    let later = |millis| Timestamp::from_millis(NOW.millis() + millis);
    let hour_ago = earlier(minutes(60));
    assert!(at(hour_ago, later(1)).is_ok());
    assert!(at(hour_ago, NOW).unwrap_err().contains("it expired at"));
    assert!(at(later(300_000), later(400_000)).is_ok());
    let ahead = at(later(300_001), later(400_000)).unwrap_err();
    assert!(ahead.contains("clocks may differ by 5 min 00 s"), "{ahead}");
    let never = at(NOW, NOW).unwrap_err();
    assert!(never.contains("which is not after its signing"), "{never}");

    let warrant = at(later(200_000), later(400_000)).unwrap();
    assert!(warrant.still_valid(later(399_999)).is_ok());
    let words = warrant.still_valid(later(400_000)).unwrap_err().to_string();
    assert!(words.contains("the warrant expired at"), "{words}");
    let words = warrant.still_valid(hour_ago).unwrap_err().to_string();
    assert!(words.contains("but the clock says"), "{words}");
}

#[test]
fn one_bad_approval_among_good_ones_refuses() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let good = approval(&plan, &receipt, &StepSelection::All, ALICE, 1);
    let stranger = approval(&plan, &receipt, &StepSelection::All, "eve@example.com", 9);
    let made = try_assemble(&plan, &receipt, &[good, stranger]);
    let words = refusal(made);
    assert_eq!(
        words,
        "approval 2 in the name of `eve@example.com`: no allowed signer is called `eve@example.com`"
    );
}

#[test]
fn a_key_speaks_for_its_owner_alone() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let borrowed = approval(&plan, &receipt, &StepSelection::All, ALICE, 2);
    let words = refusal(try_assemble(&plan, &receipt, &[borrowed]));
    assert!(
        words.contains("is not an allowed key of `alice@example.com`"),
        "{words}"
    );
}

#[test]
fn revoked_documents_and_keys_are_refused() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let approval = approval(&plan, &receipt, &StepSelection::All, ALICE, 1);
    let fingerprint = key(1).fingerprint(Default::default()).to_string();
    let entries = [
        (plan.digest().unwrap().to_string(), "the plan sha256:"),
        (receipt.digest().unwrap().to_string(), "the receipt sha256:"),
        (
            approval.digest().unwrap().to_string(),
            "the approval sha256:",
        ),
        (
            approval.statement.digest().unwrap().to_string(),
            "the approval's statement sha256:",
        ),
        (fingerprint, "the key SHA256:"),
    ];
    for (entry, expected) in entries {
        let revoked = Revocations::parse(&format!("# lost\n{entry}  # laptop\n\n")).unwrap();
        let (plan, receipt) = (plan.clone(), receipt.clone());
        let made = assemble(
            plan,
            receipt,
            vec![approval.clone()],
            &signers(),
            &revoked,
            NOW,
        );
        let words = refusal(made);
        assert!(
            words.contains(expected) && words.ends_with("is revoked"),
            "{words}"
        );
    }
    let error = Revocations::parse("\nalice\n").unwrap_err().to_string();
    assert!(
        error.starts_with("line 2: `alice` is neither a digest"),
        "{error}"
    );
}

#[test]
fn a_receipt_that_does_not_speak_for_the_plan_is_refused() {
    let plan = plan(1);
    let good = receipt(&plan);
    let refused = |change: &dyn Fn(&mut sandtable_model::Receipt)| {
        let mut receipt = good.clone();
        change(&mut receipt);
        // An approval that names this very receipt does not help it.
        let mut stated = statement(&plan, &good, &StepSelection::All, ALICE);
        stated.receipt = receipt.digest().unwrap();
        refusal(try_assemble(
            &plan,
            &receipt,
            &[sign(stated, &key(1)).unwrap()],
        ))
    };
    let words = refused(&|it| {
        it.verdict = Verdict::Fail;
        it.problems = vec!["s02 was refused".to_owned()];
    });
    assert_eq!(
        words,
        "the plan did not pass its rehearsal: s02 was refused"
    );
    let words = refused(&|it| it.steps[1].outcome = StepOutcome::Failed);
    assert_eq!(
        words,
        "the receipt says `pass`, but also that step s02 failed"
    );
    let words = refused(&|it| {
        it.fault_runs.push(FaultRun {
            step: "s01".into(),
            fault: "timeout-after".to_owned(),
            safe: false,
            completed: false,
            outcome: "done twice".to_owned(),
        });
    });
    assert!(
        words.contains("step s01 did not meet a fault safely"),
        "{words}"
    );
    let words = refused(&|it| it.steps[2].outcome = StepOutcome::Skipped);
    assert!(
        words.contains("it approves step s03 which was left out of the rehearsal"),
        "{words}"
    );
    let words = refused(&|it| it.snapshot = Digest::of(b"other"));
    assert!(words.contains("but rehearsed on snapshot"), "{words}");
    let words = refused(&|it| it.format = "sandtable/receipt/0".to_owned());
    assert!(words.contains("it is `sandtable/receipt/0`"), "{words}");
}

#[test]
fn a_plan_out_of_order_is_refused() {
    let mut plan = plan(1);
    plan.steps.swap(0, 1);
    let receipt = receipt(&plan);
    let (now, later) = (NOW, NOW.plus(minutes(1)));
    let error = statement_for(&plan, &receipt, &StepSelection::All, ALICE, now, later).unwrap_err();
    assert_eq!(
        error.to_string(),
        "step s02 comes after step s01 but the plan does not list that before it"
    );
}

#[test]
fn only_sound_statements_are_written() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let (now, later) = (NOW, NOW.plus(minutes(1)));
    let error = |steps, approver, until| {
        let made = statement_for(&plan, &receipt, &steps, approver, now, until);
        made.unwrap_err().to_string()
    };
    let words = error(only(&["s02"]), ALICE, later);
    assert!(
        words.contains("step s02 cannot be done without step s01"),
        "{words}"
    );
    assert_eq!(
        error(only(&["s9"]), ALICE, later),
        "the plan has no step `s9`"
    );
    assert_eq!(error(only(&[]), ALICE, later), "no step was chosen");
    for name in ["", "two words", "a,b", "*", "x\u{1b}[2J"] {
        let words = error(StepSelection::All, name, later);
        assert!(words.contains("cannot be an approver"), "{words}");
        assert!(!words.contains('\u{1b}'));
    }
    let words = error(StepSelection::All, ALICE, now);
    assert!(words.contains("the approval would expire at"), "{words}");
    let partial = statement(&plan, &receipt, &only(&["s03"]), ALICE);
    assert_eq!(partial.regions, ["us-east-1".parse().unwrap()]);
}

#[test]
fn approvals_survive_the_file() {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let approval = approval(&plan, &receipt, &StepSelection::All, ALICE, 1);
    let read = Approval::from_json(&approval.to_pretty().unwrap()).unwrap();
    assert_eq!(read, approval);
    assert!(try_assemble(&plan, &receipt, &[read]).is_ok());
}
