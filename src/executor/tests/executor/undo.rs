//! Taking back what a run did.

use sandtable_executor::{
    FailureClass, Journal, MemoryStorage, Options, RunError, read_journal, rehearse, resume, run,
    undo,
};
use sandtable_gate::StepSelection;
use sandtable_model::{Real, Reversibility, Simulated, StepId};
use serde_json::json;

use crate::support::*;

type RunJournal = Journal<MemoryStorage>;

fn done(plan: &sandtable_model::Plan, cloud: &mut Fake<Simulated>) -> RunJournal {
    let mut journal = Journal::new(MemoryStorage::new());
    let run = run(
        &warrant(plan.clone()),
        cloud,
        &mut journal,
        &Options::default(),
    )
    .unwrap();
    assert!(run.is_completed(), "{run:?}");
    journal
}

/// The route's deletion alone, which can be taken back.
fn delete_routes() -> sandtable_model::Plan {
    let first = delete_nat().steps.remove(0);
    let route = json!({"RouteTableId": TABLE, "DestinationCidrBlock": "203.0.113.0/24"});
    let mut second = step("s02", action("DeleteRoute", route), &["s01"]);
    let back = json!({"RouteTableId": TABLE, "DestinationCidrBlock": "203.0.113.0/24",
                      "NatGatewayId": NAT});
    second.undo.reversibility = Reversibility::Reversible;
    second.undo.actions = vec![action("CreateRoute", back)];
    plan(vec![first, second])
}

#[test]
fn reversible_steps_are_taken_back_the_last_one_first() {
    let plan = delete_routes();
    let mut cloud = Fake::of(nat_cloud());
    let before = cloud.resources.clone();
    let mut journal = done(&plan, &mut cloud);
    assert_ne!(cloud.resources, before);
    let warrant = warrant(plan);
    let undoing = undo(&warrant, &mut cloud, &mut journal, &Options::default()).unwrap();
    assert_eq!(undoing.undone, [StepId::from("s02"), StepId::from("s01")]);
    assert_eq!((undoing.kept, undoing.stopped), (vec![], None));
    let table = &cloud.resources[&TABLE.parse().unwrap()];
    let facts = sandtable_model::facts_of(table);
    assert_eq!(facts["Routes[0.0.0.0/0].NatGatewayId"], NAT);
    assert_eq!(facts["Routes[203.0.113.0/24].NatGatewayId"], NAT);
    read_journal(journal.storage().bytes()).unwrap();

    let again = undo(&warrant, &mut cloud, &mut journal, &Options::default()).unwrap();
    assert!(again.undone.is_empty());
    let forward = resume(&warrant, &mut cloud, &mut journal, &Options::default());
    assert!(matches!(forward, Err(RunError::BeingUndone)));
}

#[test]
fn what_a_lost_thing_rests_on_stays() {
    let plan = delete_nat();
    let mut cloud = Fake::of(nat_cloud());
    let mut journal = done(&plan, &mut cloud);
    let calls = cloud.calls;
    let undoing = undo(
        &warrant(plan),
        &mut cloud,
        &mut journal,
        &Options::default(),
    )
    .unwrap();
    assert!(undoing.undone.is_empty());
    let kept: Vec<(&str, &str)> = undoing
        .kept
        .iter()
        .map(|(step, reason)| (step.0.as_str(), reason.as_str()))
        .collect();
    assert_eq!(
        kept,
        [
            ("s03", "it is irreversible: it is lost"),
            ("s02", "step s03 came after it and stays as it is"),
            ("s01", "step s02 came after it and stays as it is"),
        ]
    );
    assert_eq!(cloud.calls, calls);
}

#[test]
fn what_the_run_did_not_do_is_not_its_to_take_back() {
    let plan = delete_routes();
    let mut cloud = Fake::of(nat_cloud());
    let mut without = done(&plan, &mut cloud);
    let undoing = undo(
        &warrant(plan.clone()),
        &mut cloud,
        &mut without,
        &Options::default(),
    );
    assert_eq!(undoing.unwrap().undone.len(), 2);

    let mut cloud = Fake::of(nat_cloud());
    done(&plan, &mut cloud);
    // The routes are gone by now, so a second run finds nothing to do.
    let mut second = done(&plan, &mut cloud);
    let undoing = undo(&warrant(plan), &mut cloud, &mut second, &Options::default()).unwrap();
    assert!(undoing.undone.is_empty());
    assert_eq!(undoing.kept.len(), 2);
}

#[test]
fn a_step_after_which_the_run_stopped_is_taken_back_too() {
    let plan = delete_routes();
    let mut twin = Fake::<Simulated>::of(nat_cloud());
    let rehearsal = rehearse(&warrant(plan.clone()), &mut twin).unwrap();
    let receipt = receipt_of(&plan, &rehearsal);
    let warrant = real_warrant(&plan, &receipt, StepSelection::All, 60);
    let mut cloud = Fake::<Real>::of(nat_cloud());
    cloud.change(|all| {
        let table = all.get_mut(&TABLE.parse().unwrap()).unwrap();
        table.tags_mut().insert("Owner", "somebody else");
    });
    let mut journal = Journal::new(MemoryStorage::new());
    let options = Options::default();
    let stopped = run(&warrant, &mut cloud, &mut journal, &options).unwrap();
    assert_eq!(
        (stop(&stopped).0, stop(&stopped).1.class),
        ("s01", FailureClass::Differs)
    );
    let undoing = undo(&warrant, &mut cloud, &mut journal, &options).unwrap();
    assert_eq!((undoing.undone, undoing.kept), (vec!["s01".into()], vec![]));
}

#[test]
fn what_did_not_happen_needs_no_taking_back() {
    let plan = delete_routes();
    let mut cloud = Fake::<Simulated>::of(nat_cloud())
        .reply([Reply::Apply, Reply::Refuse(error("UnauthorizedOperation"))]);
    let warrant = warrant(plan);
    let mut journal = Journal::new(MemoryStorage::new());
    let options = Options::default();
    let stopped = run(&warrant, &mut cloud, &mut journal, &options).unwrap();
    assert_eq!(stop(&stopped).0, "s02");
    let undoing = undo(&warrant, &mut cloud, &mut journal, &options).unwrap();
    assert_eq!((undoing.undone, undoing.kept), (vec!["s01".into()], vec![]));
}

#[test]
fn taking_back_stops_at_a_failure_and_goes_on_from_there() {
    let plan = delete_routes();
    let mut cloud = Fake::of(nat_cloud());
    let mut journal = done(&plan, &mut cloud);
    cloud.replies.push_back(Reply::Apply);
    cloud
        .replies
        .push_back(Reply::Refuse(error("UnauthorizedOperation")));
    let warrant = warrant(plan);
    let options = Options::default();
    let undoing = undo(&warrant, &mut cloud, &mut journal, &options).unwrap();
    assert_eq!(undoing.undone, [StepId::from("s02")]);
    let (step, failure) = undoing.stopped.unwrap();
    assert_eq!((step, failure.class), ("s01".into(), FailureClass::Denied));
    let undoing = undo(&warrant, &mut cloud, &mut journal, &options).unwrap();
    assert_eq!(
        (undoing.undone, undoing.stopped),
        (vec!["s01".into()], None)
    );
}
