//! What the executor makes of every kind of failure.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sandtable_cloud::CloudError;
use sandtable_executor::{FailureClass, Options, Record};
use sandtable_model::{Duration, Kind, Simulated, StepId, StepOutcome};
use serde_json::json;

use crate::support::*;

fn one_volume() -> Fake<Simulated> {
    Fake::of(vec![volume(VOLUME)])
}

#[test]
fn does_what_the_plan_says() {
    let mut cloud = one_volume();
    let (run, entries) = run_on(&warrant(snapshot_and_delete()), &mut cloud);
    assert!(run.is_completed(), "{run:?}");
    assert_eq!(cloud.effects.len(), 2);
    assert!(!cloud.has(VOLUME));
    let outcomes: Vec<StepOutcome> = run.steps.iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [StepOutcome::Done, StepOutcome::Done]);
    // The snapshot takes 40 s; the second step begins when it is completed.
    assert!(run.steps[1].at_ms >= Duration::from_secs(40), "{run:?}");
    assert_eq!(intents(&entries), 2);
}

#[test]
fn an_intent_stands_in_the_journal_before_its_outcome() {
    let (_, entries) = run_on(&warrant(delete_volume()), &mut one_volume());
    let kinds: Vec<String> = entries
        .iter()
        .map(|it| serde_json::to_value(&it.record).unwrap())
        .map(|it| it.as_object().unwrap().keys().next().unwrap().clone())
        .collect();
    let expected = "opened begun checked intent outcome observed ended finished";
    assert_eq!(kinds.join(" "), expected);
}

#[test]
fn what_is_done_already_is_not_done_again() {
    let mut cloud = Fake::<Simulated>::of(Vec::new());
    let (run, entries) = run_on(&warrant(delete_volume()), &mut cloud);
    assert!(run.is_completed());
    assert_eq!(run.steps[0].outcome, StepOutcome::AlreadyDone);
    assert_eq!((cloud.calls, intents(&entries)), (0, 0));
}

#[test]
fn what_vanishes_under_the_call_is_already_done() {
    let mut cloud = one_volume().reply([Reply::Vanish(error("InvalidVolume.NotFound"))]);
    let (run, _) = run_on(&warrant(delete_volume()), &mut cloud);
    assert!(run.is_completed());
    assert_eq!(run.steps[0].outcome, StepOutcome::AlreadyDone);
}

#[test]
fn throttled_calls_are_made_again_later() {
    let refuse = || Reply::Refuse(error("RequestLimitExceeded"));
    let mut cloud = one_volume().reply([refuse(), refuse(), refuse()]);
    let (run, entries) = run_on(&warrant(delete_volume()), &mut cloud);
    assert!(run.is_completed());
    assert_eq!((cloud.calls, intents(&entries)), (4, 4));
    assert_eq!(run.duration, Duration::from_secs(1 + 2 + 4));
}

#[test]
fn throttling_without_end_stops_the_run() {
    let refuse = || Reply::Refuse(error("RequestLimitExceeded"));
    let mut cloud = one_volume().reply((0..100).map(|_| refuse()));
    let (run, _) = run_on(&warrant(delete_volume()), &mut cloud);
    let (step, failure) = stop(&run);
    assert_eq!((step, failure.class), ("s01", FailureClass::Transient));
    assert_eq!(cloud.calls, 8);
    assert!(cloud.has(VOLUME));
}

#[test]
fn an_unanswered_call_that_took_effect_is_not_made_again() {
    let lost = CloudError::ambiguous("connection lost");
    let mut cloud = one_volume().reply([Reply::ApplyAnd(lost)]);
    let (run, entries) = run_on(&warrant(snapshot_and_delete()), &mut cloud);
    assert!(run.is_completed());
    assert_eq!((cloud.calls, cloud.effects.len()), (2, 2));
    let settled = |it: &Record| matches!(it, Record::Settled { happened: true, .. });
    assert!(entries.iter().any(|it| settled(&it.record)), "{entries:?}");
    assert_eq!(run.steps[0].outcome, StepOutcome::Done);
}

#[test]
fn an_unanswered_call_that_did_nothing_is_made_again() {
    for failure in [
        CloudError::ambiguous("connection lost"),
        error("InternalError"),
        error("ServiceUnavailable"),
    ] {
        let mut cloud = one_volume().reply([Reply::Refuse(failure)]);
        let (run, entries) = run_on(&warrant(snapshot_and_delete()), &mut cloud);
        assert!(run.is_completed());
        assert_eq!((cloud.calls, cloud.effects.len()), (3, 2));
        // It looked for the snapshot for two minutes before it tried again.
        assert!(run.duration >= Duration::from_secs(120), "{}", run.duration);
        let settled = |it: &Record| {
            matches!(
                it,
                Record::Settled {
                    happened: false,
                    ..
                }
            )
        };
        assert!(entries.iter().any(|it| settled(&it.record)));
    }
}

#[test]
fn silence_without_end_is_ambiguous() {
    let lost = || Reply::Refuse(CloudError::ambiguous("connection lost"));
    let mut cloud = one_volume().reply((0..100).map(|_| lost()));
    let (run, _) = run_on(&warrant(delete_volume()), &mut cloud);
    assert_eq!(stop(&run).1.class, FailureClass::Ambiguous);
    assert_eq!(cloud.calls, 8);
}

#[test]
fn an_accepted_call_without_effect_is_ambiguous_and_not_made_again() {
    let mut cloud = one_volume().reply([Reply::Nothing]);
    let (run, _) = run_on(&warrant(delete_volume()), &mut cloud);
    let failure = stop(&run).1;
    assert_eq!(failure.class, FailureClass::Ambiguous);
    assert!(
        failure.explanation.contains("is there and `available`"),
        "{failure:?}"
    );
    assert_eq!(cloud.calls, 1);
    assert_eq!(run.duration, Duration::from_secs(600));
}

#[test]
fn a_precondition_that_does_not_hold_is_drift() {
    let mut cloud = one_volume();
    cloud.change(|all| {
        let attached = json!({"VolumeId": VOLUME, "Size": 8, "State": "in-use",
            "AvailabilityZone": "eu-central-1a",
            "Attachments": [{"InstanceId": "i-0123456789abcdef0"}]});
        let it = sandtable_model::Resource::deserialize_as(Kind::Volume, attached).unwrap();
        all.insert(it.id(), it);
    });
    let (run, entries) = run_on(&warrant(delete_volume()), &mut cloud);
    let failure = stop(&run).1;
    assert_eq!(failure.class, FailureClass::Drifted);
    assert!(
        failure.explanation.contains("State = in-use"),
        "{failure:?}"
    );
    assert_eq!((cloud.calls, intents(&entries)), (0, 0));
}

#[test]
fn a_target_that_is_missing_for_another_effect_is_drift() {
    let mut cloud = Fake::<Simulated>::of(Vec::new());
    let (run, _) = run_on(&warrant(snapshot_and_delete()), &mut cloud);
    let (step, failure) = stop(&run);
    assert_eq!((step, failure.class), ("s01", FailureClass::Drifted));
    assert_eq!(cloud.calls, 0);
}

#[test]
fn a_denied_call_names_the_permission() {
    let denied = error("UnauthorizedOperation");
    let mut cloud = one_volume();
    cloud.dry_run = Some(denied.clone());
    let (run, entries) = run_on(&warrant(delete_volume()), &mut cloud);
    assert_eq!(stop(&run).1.class, FailureClass::Denied);
    assert_eq!(
        (cloud.calls, intents(&entries)),
        (0, 0),
        "the dry run said it"
    );

    let mut cloud = one_volume().reply([Reply::Refuse(denied)]);
    let (run, _) = run_on(&warrant(delete_volume()), &mut cloud);
    let failure = stop(&run).1;
    assert_eq!(failure.class, FailureClass::Denied);
    let text = &failure.amendment.as_ref().unwrap().text;
    assert!(text.contains("`ec2:DeleteVolume`"), "{text}");
    assert_eq!(cloud.calls, 1);
}

#[test]
fn looks_are_patient_and_name_the_permission_they_lack() {
    let mut cloud = one_volume();
    cloud.look_errors.extend([
        error("RequestLimitExceeded"),
        error("InternalError"),
        CloudError::ambiguous("connection lost"),
    ]);
    assert!(
        run_on(&warrant(delete_volume()), &mut cloud)
            .0
            .is_completed()
    );

    let mut cloud = one_volume();
    cloud.look_errors.push_back(error("UnauthorizedOperation"));
    let (run, _) = run_on(&warrant(delete_volume()), &mut cloud);
    let failure = stop(&run).1;
    assert_eq!(failure.class, FailureClass::Denied);
    let text = &failure.amendment.as_ref().unwrap().text;
    assert!(text.contains("`ec2:DescribeVolumes`"), "{text}");
    assert_eq!(cloud.calls, 0);
}

#[test]
fn what_is_not_understood_is_not_tried_again() {
    for code in ["SomethingNew", "InvalidParameterValue", "NotModelled"] {
        let mut cloud = one_volume().reply([Reply::Refuse(error(code))]);
        let (run, _) = run_on(&warrant(delete_volume()), &mut cloud);
        let failure = stop(&run).1;
        assert_eq!(failure.class, FailureClass::Unknown, "{code}");
        assert!(failure.explanation.contains(code), "{failure:?}");
        assert_eq!(cloud.calls, 1);
    }
}

#[test]
fn a_blocked_call_says_who_blocks_and_what_would_clear_the_way() {
    let mut it = step(
        "s01",
        action("DeleteSubnet", json!({"SubnetId": SUBNET})),
        &[],
    );
    it.effects = vec![gone(SUBNET)];
    let blocked = || Reply::Refuse(error("DependencyViolation"));

    let mut cloud = Fake::<Simulated>::of(nat_cloud()).reply([blocked()]);
    let (run, _) = run_on(&warrant(plan(vec![it.clone()])), &mut cloud);
    let failure = stop(&run).1;
    assert_eq!(failure.class, FailureClass::Blocked);
    assert!(failure.explanation.contains(NAT), "{failure:?}");
    let amendment = failure.amendment.as_ref().unwrap();
    assert_eq!(
        amendment.actions,
        [action("DeleteNatGateway", json!({"NatGatewayId": NAT}))]
    );

    let mut cloud = Fake::<Simulated>::of(nat_cloud()).reply([blocked()]);
    cloud.resources.retain(|id, _| id.kind() == Kind::Subnet);
    let (run, _) = run_on(&warrant(plan(vec![it])), &mut cloud);
    let failure = stop(&run).1;
    assert_eq!(failure.class, FailureClass::Blocked);
    assert!(
        failure.explanation.contains("could not be found"),
        "{failure:?}"
    );
    assert_eq!(cloud.calls, 1);
}

#[test]
fn a_blocker_that_is_going_away_is_waited_for() {
    let mut nat = step(
        "s01",
        action("DeleteNatGateway", json!({"NatGatewayId": NAT})),
        &[],
    );
    // A plan that does not wait for the gateway to be gone.
    nat.effects = vec![fact(NAT, "State", "deleting")];
    let mut subnet = step(
        "s02",
        action("DeleteSubnet", json!({"SubnetId": SUBNET})),
        &["s01"],
    );
    subnet.effects = vec![gone(SUBNET)];
    let blocked = || Reply::Refuse(error("DependencyViolation"));
    let mut cloud = Fake::<Simulated>::of(nat_cloud()).reply([Reply::Apply, blocked(), blocked()]);
    let (run, _) = run_on(&warrant(plan(vec![nat, subnet])), &mut cloud);
    assert!(run.is_completed(), "{run:?}");
    assert_eq!(cloud.calls, 4);
}

#[test]
fn steps_that_were_not_chosen_are_left_out() {
    let mut cloud = one_volume();
    let chosen = warrant(snapshot_and_delete()).with_steps([StepId::from("s01")]);
    let (run, _) = run_on(&chosen.unwrap(), &mut cloud);
    assert!(run.is_completed());
    assert_eq!(run.steps[1].outcome, StepOutcome::Skipped);
    assert!(cloud.has(VOLUME));
}

#[test]
fn a_run_stops_when_it_is_asked_to() {
    let options = Options {
        stop: Some(Arc::new(AtomicBool::new(true))),
        ..Options::default()
    };
    let mut cloud = one_volume();
    let (run, _) = run_with(&warrant(delete_volume()), &mut cloud, &options);
    assert_eq!(stop(&run).1.class, FailureClass::Interrupted);
    assert_eq!(cloud.calls, 0);
}

#[test]
fn nothing_is_done_that_cannot_be_seen_to_be_done() {
    let parameters = json!({"RouteTableId": TABLE, "AssociationId": "rtbassoc-0123456789abcdef0"});
    let blind = step("s01", action("DisassociateRouteTable", parameters), &[]);
    let mut cloud = Fake::<Simulated>::of(nat_cloud());
    let (run, _) = run_on(&warrant(plan(vec![blind])), &mut cloud);
    assert_eq!(stop(&run).1.class, FailureClass::Unknown);
    assert_eq!(cloud.calls, 0);
}
