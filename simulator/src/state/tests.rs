use super::*;
use sandtable_model::{AccountId, Timestamp};
use serde_json::{Value, json};

fn resource(kind: Kind, value: Value) -> Resource {
    Resource::deserialize_as(kind, value).unwrap()
}

fn subnet(id: &str, vpc: &str) -> Resource {
    resource(
        Kind::Subnet,
        json!({"SubnetId": id, "VpcId": vpc, "CidrBlock": "10.0.0.0/24",
               "AvailabilityZone": "eu-west-1a"}),
    )
}

fn region() -> Region {
    Region::new("eu-west-1").unwrap()
}

fn id(text: &str) -> ResourceId {
    ResourceId::new(text).unwrap()
}

fn state() -> State {
    let account = AccountId::new("123456789012").unwrap();
    let mut snapshot = Snapshot::new(account, Timestamp::from_millis(0), "test");
    let vpc = json!({"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"});
    for it in [
        resource(Kind::Vpc, vpc),
        subnet("subnet-1", "vpc-1"),
        subnet("subnet-3", "vpc-1"),
    ] {
        snapshot.insert(&region(), it).unwrap();
    }
    State::of(&snapshot)
}

fn referrers(state: &State, of: &str) -> Vec<String> {
    let ids = state.referrers(&id(of)).map(ToString::to_string);
    ids.collect()
}

#[test]
fn base_and_overlay_are_one_list() {
    let mut state = state();
    state.insert(&region(), subnet("subnet-2", "vpc-1"));
    state.insert(
        &Region::new("eu-west-2").unwrap(),
        subnet("subnet-4", "vpc-1"),
    );
    state.remove(id("subnet-1"));
    let ids: Vec<String> = state
        .list(&region(), Kind::Subnet)
        .map(|it| it.id().to_string())
        .collect();
    assert_eq!(ids, ["subnet-2", "subnet-3"]);
    assert_eq!(
        referrers(&state, "vpc-1"),
        ["subnet-2", "subnet-3", "subnet-4"]
    );
}

#[test]
fn references_follow_changes() {
    let mut state = state();
    assert_eq!(referrers(&state, "vpc-1"), ["subnet-1", "subnet-3"]);
    let moved = state.update(
        id("subnet-1"),
        |it: &mut sandtable_model::resource::Subnet| {
            it.vpc_id = sandtable_model::VpcId::new("vpc-2").unwrap();
        },
    );
    assert_eq!(moved, Some(()));
    assert_eq!(referrers(&state, "vpc-1"), ["subnet-3"]);
    assert_eq!(referrers(&state, "vpc-2"), ["subnet-1"]);
    state.remove(id("subnet-1"));
    assert_eq!(referrers(&state, "vpc-2"), Vec::<String>::new());
    state.settle();
    assert_eq!(referrers(&state, "vpc-1"), ["subnet-3"]);
    assert!(state.diff().is_empty());
}

#[test]
fn forks_share_the_base_and_nothing_else() {
    let one = state();
    let mut other = one.clone();
    other.remove(id("subnet-1"));
    assert!(one.get(&id("subnet-1")).is_some());
    assert!(other.get(&id("subnet-1")).is_none());
    assert_eq!(other.diff().resources.len(), 1);
    other.drop_changes();
    assert!(other.diff().is_empty());
    assert_eq!(referrers(&other, "vpc-1"), ["subnet-1", "subnet-3"]);
}

#[test]
fn a_resource_that_came_and_went_leaves_no_trace() {
    let mut state = state();
    state.insert(&region(), subnet("subnet-9", "vpc-1"));
    state.remove(id("subnet-9"));
    assert_eq!(state.changed(), 0);
    assert!(state.update_any(&id("subnet-9"), |_| ()).is_none());
}
