//! What goes wrong where a fault says so.

use sandtable_model::Duration;
use serde_json::{Value, json};

use crate::testing::Account;
use crate::{Effect, Fault, ForeignCall};

fn fault(action: &str, effect: Effect) -> Fault {
    serde_json::from_value(json!({"action": action, "effect": effect})).unwrap()
}

fn with(account: &mut Account, effect: Effect) {
    account.twin.set_faults(vec![fault("DeleteVolume", effect)]);
}

#[test]
fn the_caller_cannot_tell_before_from_after() {
    for (effect, code, is_done) in [
        (Effect::Throttle, "RequestLimitExceeded", false),
        (Effect::InternalError, "InternalError", false),
        (Effect::Denied, "UnauthorizedOperation", false),
        (Effect::Unavailable, "Unavailable", false),
        (Effect::TimeoutBefore, crate::ApiError::NO_ANSWER, false),
        (Effect::ConnectionReset, crate::ApiError::NO_ANSWER, false),
        (Effect::TimeoutAfter, crate::ApiError::NO_ANSWER, true),
    ] {
        let mut account = Account::new();
        let volume = account.volume(1);
        with(&mut account, effect.clone());
        let named = json!({"VolumeId": volume});
        assert_eq!(account.code("DeleteVolume", named.clone()), code);
        let expected = if is_done { "deleting" } else { "available" };
        assert_eq!(account.see(&volume)["State"], expected, "{effect:?}");
        assert_eq!(account.twin.struck().len(), 1);
        // Once unless told otherwise.
        assert_eq!(account.call("DeleteVolume", named).is_ok(), !is_done);
    }
}

/// A call that hangs and is refused besides does not make the next one hang.
#[test]
fn what_is_refused_leaves_nothing_stuck() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let both = [Effect::Stuck { millis: None }, Effect::Throttle];
    let faults = both.map(|effect| fault("DeleteVolume", effect));
    account.twin.set_faults(Vec::from(faults));
    let named = json!({"VolumeId": volume});
    assert_eq!(
        account.code("DeleteVolume", named.clone()),
        "RequestLimitExceeded"
    );
    account.ok("DeleteVolume", named.clone());
    account.twin.advance(Duration::from_secs(3600));
    let gone = json!({"VolumeIds": [volume]});
    assert_eq!(
        account.code("DescribeVolumes", gone),
        "InvalidVolume.NotFound"
    );
}

#[test]
fn occurrence_and_resource_choose_the_call() {
    let mut account = Account::new();
    let (one, other) = (account.volume(1), account.volume(1));
    let mut second = fault("*", Effect::Throttle);
    second.resource = Some(sandtable_model::ResourceId::new(&other).unwrap());
    second.occurrence = 2;
    second.times = 2;
    account.twin.set_faults(vec![second]);
    let by = |id: &str| json!({"VolumeIds": [id]});
    let mut outcome = |id: &str| account.call("DescribeVolumes", by(id)).is_ok();
    let seen = [
        outcome(&one),
        outcome(&other),
        outcome(&one),
        outcome(&other),
        outcome(&other),
        outcome(&other),
    ];
    assert_eq!(seen, [true, true, true, false, false, true]);
}

#[test]
fn dry_runs_show_only_denials() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let dry = json!({"VolumeId": volume, "DryRun": true});
    with(&mut account, Effect::Throttle);
    assert_eq!(account.code("DeleteVolume", dry.clone()), "DryRunOperation");
    with(&mut account, Effect::Denied);
    assert_eq!(account.code("DeleteVolume", dry), "UnauthorizedOperation");
    assert_eq!(
        account.code("DeleteVolume", json!({"VolumeId": volume})),
        "UnauthorizedOperation"
    );
}

#[test]
fn stale_reads_show_the_past_for_a_while() {
    let mut account = Account::new();
    let volume = account.volume(1);
    with(&mut account, Effect::StaleRead { count: 2 });
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
    let mut state = || {
        let seen = account.ok("DescribeVolumes", json!({"VolumeIds": [volume]}));
        seen["Volumes"][0]["State"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        [state(), state(), state()],
        ["available", "available", "deleting"]
    );
}

#[test]
fn what_is_stuck_takes_as_long_as_it_is_told() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let forever = Effect::Stuck { millis: None };
    with(&mut account, forever);
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
    account.twin.advance(Duration::from_days(30));
    assert_eq!(account.see(&volume)["State"], "deleting");

    let volume = account.volume(1);
    let long = Effect::Stuck {
        millis: Some(500_000),
    };
    with(&mut account, long);
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
    account.pass(499);
    assert_eq!(account.see(&volume)["State"], "deleting");
    account.pass(1);
    assert_eq!(account.see(&volume), Value::Null);
}

#[test]
fn drift_comes_just_before_and_must_be_possible() {
    let mut account = Account::new();
    let (volume, instance) = (account.volume(1), account.instance(json!({})));
    let attach = json!({"VolumeId": volume, "InstanceId": instance, "Device": "/dev/sdf"});
    let drift = |action: &str, parameters: Value| Effect::Drift {
        calls: vec![ForeignCall {
            action: action.to_owned(),
            parameters,
            region: None,
            account: None,
        }],
    };
    with(&mut account, drift("AttachVolume", attach));
    assert_eq!(
        account.code("DeleteVolume", json!({"VolumeId": volume})),
        "VolumeInUse"
    );
    with(
        &mut account,
        drift("DeleteVolume", json!({"VolumeId": "vol-01234567"})),
    );
    assert_eq!(
        account.code("DeleteVolume", json!({"VolumeId": volume})),
        "InvalidFault"
    );
}

#[test]
fn quotas_throttle_when_they_are_on() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let delete = json!({"VolumeId": volume, "DryRun": true});
    for _ in 0..200 {
        assert_eq!(
            account.code("DeleteVolume", delete.clone()),
            "DryRunOperation"
        );
    }
    account.twin.set_quotas(true);
    for _ in 0..100 {
        assert_eq!(
            account.code("DeleteVolume", delete.clone()),
            "DryRunOperation"
        );
    }
    assert_eq!(
        account.code("DeleteVolume", delete.clone()),
        "RequestLimitExceeded"
    );
    account.pass(1);
    assert_eq!(account.code("DeleteVolume", delete), "DryRunOperation");
}
