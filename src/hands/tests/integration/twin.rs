//! A plan that was rehearsed by direct calls, carried out through the real SDK: the same run, and the
//! same account afterwards.

use sandtable_executor::{
    FailureClass, Journal, MemoryStorage, Options, RunOutcome, TimelineEntry, timeline,
};
use sandtable_model::{Diff, Duration, Snapshot};
use sandtable_scenario::Rehearsal;
use sandtable_simulator::{Effect, Fault};

use crate::support::{Served, hands, rehearsed, scenario, seen, served, state_of, warrant};

struct Live {
    outcome: RunOutcome,
    timeline: Vec<TimelineEntry>,
}

fn carry_out(rehearsal: &Rehearsal, served: &Served) -> Live {
    let warrant = warrant(rehearsal, state_of(served).taken_at);
    let mut journal = Journal::new(MemoryStorage::new());
    let mut cloud = hands(served);
    let options = Options::default();
    let run = sandtable_executor::run(&warrant, &mut cloud, &mut journal, &options).unwrap();
    Live {
        outcome: run.outcome,
        timeline: timeline(journal.entries(), &rehearsal.plan),
    }
}

/// What happened to what, without the moments and the words for them.
fn events(timeline: &[TimelineEntry]) -> Vec<String> {
    let line = |it: &TimelineEntry| {
        format!(
            "{:?} {:?} {:?} {:?}",
            it.step, it.action, it.target, it.event
        )
    };
    timeline.iter().map(line).collect()
}

fn check(snapshot: &Snapshot) {
    let rehearsal = rehearsed(snapshot);
    let served = served(snapshot, Duration::ZERO);
    let live = carry_out(&rehearsal, &served);
    assert_eq!(live.outcome, RunOutcome::Completed);
    assert_eq!(events(&live.timeline), events(&rehearsal.timeline));
    let diff = Diff::between(&rehearsal.after, &state_of(&served));
    assert_eq!(
        diff,
        Diff::default(),
        "the account is not what the rehearsal left"
    );
    let diff = Diff::between(&rehearsal.after, &seen(&served));
    assert_eq!(
        diff,
        Diff::default(),
        "the eyes do not see what the rehearsal left"
    );
}

#[test]
fn an_empty_vpc_is_torn_down_as_rehearsed() {
    check(&scenario("nat/empty-vpc"));
}

#[test]
fn a_nat_gateway_behind_dead_tables_goes_as_rehearsed() {
    check(&scenario("nat/dead-table"));
}

#[test]
fn a_vpc_with_endpoint_and_groups_is_torn_down_as_rehearsed() {
    check(&scenario("teardown/interface-endpoint"));
    check(&scenario("teardown/security-group-cycle"));
}

#[test]
fn volumes_snapshots_and_addresses_go_as_rehearsed() {
    check(&scenario("volumes/unattached"));
    check(&scenario("volumes/orphan-snapshot"));
    check(&scenario("addresses/idle"));
    check(&scenario("addresses/behind-unattached-interface"));
}

#[test]
fn what_the_eyes_saw_can_be_planned_and_carried_out() {
    let there = scenario("nat/empty-vpc");
    let served = served(&there, Duration::ZERO);
    let snapshot = seen(&served);
    let rehearsal = rehearsed(&snapshot);
    let live = carry_out(&rehearsal, &served);
    assert_eq!(live.outcome, RunOutcome::Completed);
    let diff = Diff::between(&rehearsal.after, &seen(&served));
    assert_eq!(diff, Diff::default());
}

fn with_fault(action: &str, effect: Effect) -> (Rehearsal, Served, Live) {
    let snapshot = scenario("nat/empty-vpc");
    let rehearsal = rehearsed(&snapshot);
    let served = served(&snapshot, Duration::ZERO);
    let fault = Fault::new(action, effect);
    served.lock().unwrap().twin_mut().set_faults(vec![fault]);
    let live = carry_out(&rehearsal, &served);
    assert_eq!(
        served.lock().unwrap().twin().struck().len(),
        1,
        "the fault must strike"
    );
    (rehearsal, served, live)
}

#[test]
fn a_time_out_is_settled_by_looking_whether_or_not_the_call_took_effect() {
    for effect in [
        Effect::TimeoutBefore,
        Effect::TimeoutAfter,
        Effect::ConnectionReset,
    ] {
        let (rehearsal, served, live) = with_fault("DeleteNatGateway", effect.clone());
        assert_eq!(live.outcome, RunOutcome::Completed, "{effect:?}");
        let settled = live
            .timeline
            .iter()
            .any(|it| events(std::slice::from_ref(it))[0].ends_with("Settled"));
        assert!(settled, "{effect:?}: {:?}", events(&live.timeline));
        let diff = Diff::between(&rehearsal.after, &state_of(&served));
        assert_eq!(diff, Diff::default(), "{effect:?}");
    }
}

#[test]
fn throttling_and_server_errors_are_ridden_out() {
    for effect in [Effect::Throttle, Effect::InternalError] {
        let (rehearsal, served, live) = with_fault("DeleteNatGateway", effect.clone());
        assert_eq!(live.outcome, RunOutcome::Completed, "{effect:?}");
        let diff = Diff::between(&rehearsal.after, &state_of(&served));
        assert_eq!(diff, Diff::default(), "{effect:?}");
    }
}

#[test]
fn a_denied_call_stops_the_run() {
    let (_, _, live) = with_fault("DeleteNatGateway", Effect::Denied);
    let RunOutcome::Stopped { failure, .. } = live.outcome else {
        panic!("{:?}", live.outcome);
    };
    assert_eq!(failure.class, FailureClass::Denied);
}
