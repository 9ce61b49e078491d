//! Reads that lag behind a change, of every kind of resource that the generated estate has.

use std::collections::BTreeSet;

use sandtable_cloud::{Observe, Query};
use sandtable_model::{Effect, Fault, Kind, ResourceId};
use serde_json::{Value, json};

use super::stuck::{self, Ground};
use crate::wire::Api;
use crate::{Twin, TwinOptions, dispatch, estate};

const MARK: &str = "changed-just-now";

/// A change of a resource that its description shows.
fn change(id: &ResourceId) -> (Api, &'static str, Value) {
    let api = dispatch::service_of(id.kind());
    let name = id.as_str().rsplit('/').next().unwrap();
    let tags = json!([{"Key": "state", "Value": MARK}]);
    match id.kind() {
        Kind::AutoScalingGroup => {
            let tag = json!({"ResourceId": name, "ResourceType": "auto-scaling-group",
                "Key": "state", "Value": MARK, "PropagateAtLaunch": false});
            (api, "CreateOrUpdateTags", json!({"Tags": [tag]}))
        }
        Kind::DbInstance => {
            let input = json!({"DBInstanceIdentifier": name, "SkipFinalSnapshot": true});
            (api, "DeleteDBInstance", input)
        }
        Kind::DbSnapshot => (
            api,
            "DeleteDBSnapshot",
            json!({"DBSnapshotIdentifier": name}),
        ),
        _ => (api, "CreateTags", json!({"Resources": [id], "Tags": tags})),
    }
}

#[test]
fn reads_of_every_kind_lag_behind_and_catch_up() {
    let snapshot = estate::generate(5, 2000);
    let start = Twin::from_snapshot(&snapshot, TwinOptions::default());
    let mut kinds = BTreeSet::new();
    for kind in Kind::ALL {
        let Some(id) = start.state().of_kind(*kind).map(|it| it.id()).next() else {
            continue;
        };
        let (api, action, input) = change(&id);
        let mut twin = start.fork();
        let region = twin.state().region_of(&id).unwrap().clone();
        let name = dispatch::full_name(api, action).into_owned();
        let fault = Fault::new(name, Effect::StaleRead { count: 3 });
        twin.set_faults(vec![fault]);
        let ctx = twin.context(&region);
        // A stack is only read here, and its like have no such change.
        if dispatch::call_of(&mut twin, &ctx, api, action, input).is_err() {
            continue;
        }
        let (api, describe) = dispatch::describe_operation(*kind);
        let query = Query::Resource(id.clone());
        let port = |twin: &mut Twin| twin.look(&region, &query).unwrap();
        let wire = |twin: &mut Twin| {
            let answer = dispatch::call_of(twin, &ctx, api, describe, json!({}));
            answer.map(|it| it.to_string())
        };
        let before: Vec<_> = start
            .state()
            .get(&id)
            .map(|it| it.as_ref().clone())
            .into_iter()
            .collect();
        assert_eq!(port(&mut twin), before, "{id}: the port is stale");
        let stale = wire(&mut twin);
        assert_eq!(port(&mut twin), before, "{id}: the port is stale");
        assert_ne!(port(&mut twin), before, "{id}: the port has caught up");
        // Some kinds are described by other members than `{}` has.
        if let (Ok(stale), Ok(fresh)) = (stale, wire(&mut twin)) {
            assert_ne!(stale, fresh, "{id}: {describe} lags behind");
            assert!(!stale.contains(MARK), "{id}: {describe} lags behind");
        }
        kinds.insert(*kind);
    }
    assert!(kinds.len() >= 14, "{kinds:?}");
    for needed in [
        Kind::Vpc,
        Kind::Subnet,
        Kind::Volume,
        Kind::EbsSnapshot,
        Kind::Address,
        Kind::NatGateway,
        Kind::Instance,
        Kind::AutoScalingGroup,
    ] {
        assert!(kinds.contains(&needed), "{needed:?} of {kinds:?}");
    }
}

/// Kinds that no estate has, at the calls after which they pass through a state: the port shows what was
/// there before each of these calls.
#[test]
fn reads_after_every_call_that_takes_time_lag_behind() {
    let mut kinds = BTreeSet::new();
    for prepare in stuck::rows() {
        let mut ground = Ground::new();
        let begun = prepare(&mut ground);
        let name = dispatch::full_name(begun.api, begun.action).into_owned();
        let before = ground.account.twin.state().clone();
        let fault = Fault::new(name, Effect::StaleRead { count: 1 });
        ground.account.twin.set_faults(vec![fault]);
        let answer = ground.of(begun.api, begun.action, begun.input);
        let made = |pointer| {
            answer
                .pointer(pointer)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let id = begun
            .id
            .or_else(|pointer| made(pointer).ok_or(pointer))
            .unwrap();
        let id = ResourceId::new(&id).unwrap();
        let region = ground.account.region.clone();
        let mut look = || {
            let answer = ground
                .account
                .twin
                .look(&region, &Query::Resource(id.clone()));
            answer.unwrap().pop()
        };
        let (stale, fresh) = (look(), look());
        assert_eq!(
            stale.as_ref(),
            before.get(&id).map(AsRef::as_ref),
            "{}",
            begun.action
        );
        assert_ne!(stale, fresh, "{}", begun.action);
        kinds.insert(id.kind());
    }
    assert!(kinds.len() >= 17, "{kinds:?}");
}

/// What no describe answer of the resource carries lags behind as well.
#[test]
fn side_tables_lag_behind_too() {
    let mut account = crate::testing::Account::new();
    let volume = account.volume(8);
    let fault = Fault::new("ModifyVolume", Effect::StaleRead { count: 1 });
    account.twin.set_faults(vec![fault]);
    account.ok("ModifyVolume", json!({"VolumeId": volume, "Size": 9}));
    let named = json!({"VolumeIds": [volume]});
    let count = |account: &mut crate::testing::Account| {
        let answer = account.call("DescribeVolumesModifications", named.clone());
        answer.map_or(0, |it| it["VolumesModifications"].as_array().unwrap().len())
    };
    assert_eq!((count(&mut account), count(&mut account)), (0, 1));
}

#[test]
fn a_read_itself_can_lag_behind_the_last_change() {
    let mut account = crate::testing::Account::new();
    let volume = account.volume(1);
    let mut fault = Fault::new("DescribeVolumes", Effect::StaleRead { count: 1 });
    fault.occurrence = 2;
    account.twin.set_faults(vec![fault]);
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
    let mut state = || {
        let seen = account.ok("DescribeVolumes", json!({"VolumeIds": [volume]}));
        seen["Volumes"][0]["State"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        [state(), state(), state()],
        ["deleting", "available", "deleting"]
    );
}
