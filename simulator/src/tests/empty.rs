//! Accounts in which nobody has done anything yet, and the table of operations.

use std::collections::BTreeSet;

use sandtable_model::resource::{RouteTable, SecurityGroup, Subnet};
use sandtable_model::{AccountId, Duration, Kind, Region, Timestamp};
use serde_json::json;

use crate::testing::Account;
use crate::wire::{Api, Call, Caller, Service};
use crate::{Twin, TwinOptions, TwinService, dispatch};

fn empty() -> Twin {
    let account = AccountId::new("123456789012").unwrap();
    Twin::empty(account, Timestamp::from_millis(0), TwinOptions::default())
}

fn region(name: &str) -> Region {
    Region::new(name).unwrap()
}

#[test]
fn regions_come_with_their_default_vpc_whenever_they_are_asked_for() {
    let (mut one, mut other) = (empty(), empty());
    for name in ["eu-west-1", "us-east-1"] {
        one.ensure_region(&region(name));
    }
    for name in ["us-east-1", "eu-west-1", "us-east-1"] {
        other.ensure_region(&region(name));
    }
    assert_eq!(one.snapshot(), other.snapshot());
    let (state, here) = (one.state(), region("eu-west-1"));
    assert!(one.diff().is_empty());
    assert_eq!(state.list(&here, Kind::Vpc).count(), 1);
    let blocks: Vec<&str> = state
        .all::<Subnet>(&here)
        .map(|it| it.cidr_block.as_str())
        .collect();
    let blocks: BTreeSet<&str> = blocks.into_iter().collect();
    assert_eq!(
        blocks,
        ["172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20"].into()
    );
    let tables: Vec<&RouteTable> = state.all(&here).collect();
    assert!(matches!(tables[..], [table] if table.is_main() && table.routes.len() == 2));
    assert!(
        state
            .all::<SecurityGroup>(&here)
            .all(SecurityGroup::is_default)
    );
}

#[test]
fn growing_leaves_earlier_changes_alone() {
    let mut account = Account::new();
    let volume = account.volume(1);
    account.region = region("us-east-2");
    account.volume(2);
    account.region = region("eu-central-1");
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
    account.pass(60);
    assert_eq!(account.twin.diff().resources.len(), 1);
}

#[test]
fn a_snapshot_does_not_grow() {
    let snapshot = crate::estate::generate(1, 50);
    let mut twin = Twin::from_snapshot(&snapshot, TwinOptions::default());
    twin.ensure_region(&region("eu-west-1"));
    assert_eq!(twin.state().everything().count(), snapshot.len());
}

#[test]
fn every_operation_is_one_of_aws() {
    let names = dispatch::modelled_operations();
    let unique: BTreeSet<_> = names.iter().copied().collect();
    assert_eq!(names, unique.into_iter().collect::<Vec<_>>());
    for (api, name) in names {
        assert!(api.table().operation(name).is_some(), "{api} {name}");
        let full = dispatch::full_name(api, name);
        assert_eq!(dispatch::read_name(&full), Some((api, name)));
    }
    for broken in ["ec2:DescribeVpcs", "logs:DescribeLogGroups", ":", "sts"] {
        let operation = dispatch::read_name(broken).filter(|(api, _)| *api != Api::Ec2);
        assert_eq!(operation, None, "{broken}");
    }
    let mut account = Account::new();
    let (code, message) = account.refused("DescribeSpotFleetRequests", json!({}));
    assert_eq!(code, "UnsupportedOperation");
    assert!(message.contains("DescribeSpotFleetRequests"), "{message}");
}

#[test]
fn a_service_starts_over_when_it_is_reset() {
    let mut service = TwinService::new(empty(), Duration::from_secs(10));
    let caller = Caller::new("123456789012", "eu-west-1");
    let zone = json!({"AvailabilityZone": "eu-west-1a", "Size": 1});
    let made = service.call(&caller, &Call::new("CreateVolume", zone));
    let made = made.unwrap().to_value().unwrap();
    let look = Call::new("DescribeVolumes", json!({"VolumeIds": [made["VolumeId"]]}));
    let seen = service.call(&caller, &look).unwrap().to_value().unwrap();
    assert_eq!(seen["Volumes"][0]["State"], "available");
    service.reset();
    assert!(service.call(&caller, &look).is_err());
    assert_eq!(service.twin().state().changed(), 0);
}
