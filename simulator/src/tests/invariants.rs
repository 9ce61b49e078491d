//! What holds after any sequence of calls.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sandtable_model::resource::{RouteTable, Subnet, Volume, VolumeType};
use sandtable_model::{AvailabilityZone, Diff, Duration, Kind, Region, ResourceId, Snapshot};
use serde_json::{Value, json};

use crate::state::Tally;
use crate::wire::{self, encode::encode_output};
use crate::{State, Twin, TwinOptions, dispatch, estate};

/// A call by numbers: which operation, on which of the resources it could mean, and how many seconds
/// pass before.
#[derive(Clone, Copy, Debug)]
struct Move {
    operation: usize,
    target: usize,
    other: usize,
    seconds: i64,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = (0..OPERATIONS.len(), any::<u16>(), any::<u16>(), 0..200_i64);
    let one = one.prop_map(|(operation, target, other, seconds)| Move {
        operation,
        target: target.into(),
        other: other.into(),
        seconds,
    });
    prop::collection::vec(one, 1..60)
}

/// Operations with one id: name, parameter, kind.
const OPERATIONS: &[(&str, &str, Kind)] = &[
    (
        "AssignPrivateIpAddresses",
        "NetworkInterfaceId",
        Kind::NetworkInterface,
    ),
    (
        "AssociateNatGatewayAddress",
        "NatGatewayId",
        Kind::NatGateway,
    ),
    ("AssociateIamInstanceProfile", "InstanceId", Kind::Instance),
    ("AttachVolume", "VolumeId", Kind::Volume),
    ("CopyImage", "SourceImageId", Kind::Image),
    ("CopySnapshot", "SourceSnapshotId", Kind::EbsSnapshot),
    ("CreateImage", "InstanceId", Kind::Instance),
    ("CreateSnapshot", "VolumeId", Kind::Volume),
    ("CreateSnapshots", "InstanceId", Kind::Instance),
    (
        "DeleteInternetGateway",
        "InternetGatewayId",
        Kind::InternetGateway,
    ),
    ("DeleteNatGateway", "NatGatewayId", Kind::NatGateway),
    (
        "DeleteNetworkInterface",
        "NetworkInterfaceId",
        Kind::NetworkInterface,
    ),
    ("DeleteRoute", "RouteTableId", Kind::RouteTable),
    ("DeleteRouteTable", "RouteTableId", Kind::RouteTable),
    ("DeleteSecurityGroup", "GroupId", Kind::SecurityGroup),
    ("DeleteSnapshot", "SnapshotId", Kind::EbsSnapshot),
    ("DeleteSubnet", "SubnetId", Kind::Subnet),
    ("DeleteVolume", "VolumeId", Kind::Volume),
    ("DeleteVpc", "VpcId", Kind::Vpc),
    ("DeleteVpcEndpoints", "VpcEndpointIds", Kind::VpcEndpoint),
    ("DeregisterImage", "ImageId", Kind::Image),
    (
        "DetachInternetGateway",
        "InternetGatewayId",
        Kind::InternetGateway,
    ),
    ("DetachVolume", "VolumeId", Kind::Volume),
    (
        "DisassociateNatGatewayAddress",
        "NatGatewayId",
        Kind::NatGateway,
    ),
    ("DisassociateRouteTable", "AssociationId", Kind::RouteTable),
    ("ModifyVpcEndpoint", "VpcEndpointId", Kind::VpcEndpoint),
    ("MonitorInstances", "InstanceIds", Kind::Instance),
    ("DisableImage", "ImageId", Kind::Image),
    ("EnableImage", "ImageId", Kind::Image),
    ("LockSnapshot", "SnapshotId", Kind::EbsSnapshot),
    ("ModifySnapshotTier", "SnapshotId", Kind::EbsSnapshot),
    ("ReleaseAddress", "AllocationId", Kind::Address),
    ("RevokeSecurityGroupIngress", "GroupId", Kind::SecurityGroup),
    ("StartInstances", "InstanceIds", Kind::Instance),
    ("StopInstances", "InstanceIds", Kind::Instance),
    ("TerminateInstances", "InstanceIds", Kind::Instance),
    ("UnlockSnapshot", "SnapshotId", Kind::EbsSnapshot),
];

fn nth(twin: &Twin, region: &Region, kind: Kind, index: usize) -> Option<ResourceId> {
    let ids: Vec<ResourceId> = twin.state().list(region, kind).map(|it| it.id()).collect();
    ids.get(index % ids.len().max(1)).cloned()
}

/// Makes a move; says whether AWS would have allowed it.
fn make(twin: &mut Twin, region: &Region, it: Move) -> bool {
    twin.advance(Duration::from_secs(it.seconds));
    let (operation, parameter, kind) = OPERATIONS[it.operation];
    let Some(id) = nth(twin, region, kind, it.target) else {
        return false;
    };
    let mut input = match parameter.ends_with("Ids") {
        true => json!({parameter: [id]}),
        false => json!({parameter: id}),
    };
    match operation {
        "AssociateIamInstanceProfile" => input["IamInstanceProfile"] = json!({"Name": "web"}),
        "AttachVolume" => {
            let Some(instance) = nth(twin, region, Kind::Instance, it.other) else {
                return false;
            };
            input["InstanceId"] = json!(instance);
            let letter = ["f", "g", "h", "i", "j", "k", "l"][it.other % 7];
            input["Device"] = json!(format!("/dev/sd{letter}"));
        }
        "AssignPrivateIpAddresses" => input["SecondaryPrivateIpAddressCount"] = json!(1),
        "AssociateNatGatewayAddress" => {
            let address = nth(twin, region, Kind::Address, it.other);
            input["AllocationIds"] = json!([address]);
        }
        "DisassociateNatGatewayAddress" => {
            let nat = twin.state().get(&id).unwrap().to_value().unwrap();
            let addresses = nat["NatGatewayAddresses"].as_array();
            let last = addresses.and_then(|it| it.last());
            let association = last.map(|it| it["AssociationId"].clone());
            input["AssociationIds"] = json!([association]);
        }
        "ModifyVpcEndpoint" => {
            let table = nth(twin, region, Kind::RouteTable, it.other);
            let subnet = nth(twin, region, Kind::Subnet, it.other);
            match it.other % 5 {
                0 => input["AddRouteTableIds"] = json!([table]),
                1 => input["RemoveRouteTableIds"] = json!([table]),
                2 => input["AddSubnetIds"] = json!([subnet]),
                3 => input["RemoveSubnetIds"] = json!([subnet]),
                _ => input["ResetPolicy"] = json!(true),
            }
        }
        "CopyImage" => {
            input["SourceRegion"] = json!(region);
            input["Name"] = json!(format!("copy {}", it.other));
        }
        "CopySnapshot" => input["SourceRegion"] = json!(region),
        "CreateImage" => input["Name"] = json!(format!("image {}", it.other)),
        "CreateSnapshots" => input = json!({"InstanceSpecification": {"InstanceId": id}}),
        "LockSnapshot" => {
            input["LockMode"] = json!("governance");
            input["LockDuration"] = json!(1);
        }
        "ModifySnapshotTier" => input["StorageTier"] = json!("archive"),
        "DeleteRoute" => input["DestinationCidrBlock"] = json!("0.0.0.0/0"),
        "DetachInternetGateway" => {
            let gateway = twin.state().get(&id).unwrap().to_value().unwrap();
            input["VpcId"] = gateway["Attachments"][0]["VpcId"].clone();
            if input["VpcId"].is_null() {
                return false;
            }
        }
        "RevokeSecurityGroupIngress" => {
            let group = twin.state().get(&id).unwrap().to_value().unwrap();
            input["IpPermissions"] = group["IpPermissions"].clone();
        }
        "DisassociateRouteTable" => {
            let table = twin.state().one::<RouteTable>(id).unwrap();
            let Some(association) = table.associations.first() else {
                return false;
            };
            input = json!({parameter: association.route_table_association_id});
        }
        _ => {}
    }
    let ctx = twin.context(region);
    dispatch::call(twin, &ctx, operation, input).is_ok()
}

fn start(seed: u64) -> (Snapshot, Twin, Region) {
    let snapshot = estate::generate(seed, 250);
    let options = TwinOptions {
        seed,
        ..TwinOptions::default()
    };
    let twin = Twin::from_snapshot(&snapshot, options);
    let region = snapshot.regions().next().unwrap().clone();
    (snapshot, twin, region)
}

fn bytes(twin: &Twin) -> Value {
    serde_json::to_value(twin.snapshot()).unwrap()
}

/// The totals that the state keeps are those that one comes to by walking everything.
fn check_totals(state: &State) {
    let mut gib: BTreeMap<(&Region, VolumeType), u64> = BTreeMap::new();
    let mut snapshots: BTreeMap<&Region, u64> = BTreeMap::new();
    let mut zones: BTreeMap<&Region, BTreeSet<AvailabilityZone>> = BTreeMap::new();
    for (region, resource) in state.everything() {
        if let Some(it) = resource.get::<Volume>() {
            *gib.entry((region, it.volume_type.clone())).or_default() += u64::from(it.size);
        }
        if let Some(it) = resource.get::<Subnet>() {
            let zones = zones.entry(region).or_default();
            zones.insert(it.availability_zone.clone());
        }
        *snapshots.entry(region).or_default() += u64::from(resource.kind() == Kind::EbsSnapshot);
    }
    for region in state.regions() {
        for volume_type in ["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"] {
            let volume_type = VolumeType::from(volume_type);
            let walked = gib.get(&(region, volume_type.clone()));
            let kept = state.total(region, Tally::VolumeGib(volume_type));
            assert_eq!(kept, walked.copied().unwrap_or(0), "GiB in {region}");
        }
        let kept = state.total(region, Tally::Snapshots);
        assert_eq!(kept, snapshots.get(region).copied().unwrap_or(0));
        let kept: BTreeSet<AvailabilityZone> = state.zones_with_subnets(region).cloned().collect();
        assert_eq!(kept, zones.remove(region).unwrap_or_default());
    }
}

/// Every page of a describe call, written twice with what was written before and once without.
fn check_pages(twin: &mut Twin, region: &Region) {
    let ctx = twin.context(region);
    for kind in Kind::ALL {
        let (api, action) = dispatch::describe_operation(*kind);
        let Ok(output) = dispatch::output_of(twin, &ctx, api, action, json!({})) else {
            continue;
        };
        let mut plain = Vec::new();
        let value = output.to_value().unwrap();
        wire::encode_xml(api.table(), action, &value, "-", &mut plain).unwrap();
        for _ in 0..2 {
            let mut bytes = Vec::new();
            encode_output(api.table(), action, &output, "-", &mut bytes).unwrap();
            assert_eq!(
                String::from_utf8_lossy(&bytes),
                String::from_utf8_lossy(&plain),
                "{action}"
            );
        }
    }
}

pub(crate) fn check(state: &State) {
    check_totals(state);
    if let Err(error) = state.audit() {
        panic!("{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_left_dangling(seed in 0..50_u64, moves in moves()) {
        let (_, mut twin, region) = start(seed);
        check(twin.state());
        for it in moves {
            make(&mut twin, &region, it);
            check(twin.state());
        }
        twin.advance(Duration::from_days(1));
        check(twin.state());
    }

    #[test]
    fn the_overlay_is_the_difference(seed in 0..50_u64, moves in moves()) {
        let (before, mut twin, region) = start(seed);
        for it in moves {
            make(&mut twin, &region, it);
        }
        prop_assert_eq!(twin.diff(), Diff::between(&before, &twin.snapshot()));
    }

    #[test]
    fn forks_are_apart_and_undo_is_complete(
        seed in 0..50_u64, first in moves(), second in moves(), third in moves(),
    ) {
        let (_, mut twin, region) = start(seed);
        for it in first {
            make(&mut twin, &region, it);
        }
        let before = bytes(&twin);
        let checkpoint = twin.checkpoint();
        let mut fork = twin.fork();
        for it in second {
            make(&mut fork, &region, it);
        }
        prop_assert_eq!(bytes(&twin), before.clone());
        let forked = bytes(&fork);
        for it in third.clone() {
            make(&mut twin, &region, it);
        }
        prop_assert_eq!(bytes(&fork), forked);
        let once = bytes(&twin);
        twin.restore(&checkpoint);
        prop_assert_eq!(bytes(&twin), before);
        // Everything that decides what comes next came back, too.
        for it in third {
            make(&mut twin, &region, it);
        }
        prop_assert_eq!(bytes(&twin), once);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Also across forks, which share what was written.
    #[test]
    fn what_was_written_before_is_never_told_of_what_has_changed(
        seed in 0..50_u64, moves in moves(),
    ) {
        let (_, mut twin, region) = start(seed);
        check_pages(&mut twin, &region);
        for (number, it) in moves.into_iter().enumerate() {
            let mut fork = twin.fork();
            make(&mut twin, &region, it);
            if number % 16 == 0 {
                check_pages(&mut twin, &region);
                check_pages(&mut fork, &region);
            }
        }
        check_pages(&mut twin, &region);
    }
}

/// The properties above would hold of a twin that refuses everything, so this one looks that it does
/// not.
#[test]
fn every_move_is_allowed_somewhere() {
    let mut allowed: BTreeSet<&str> = BTreeSet::new();
    let mut numbers = crate::IdSource::new(1);
    for seed in 0..24 {
        let (_, mut twin, region) = start(seed);
        for _ in 0..150 {
            let mut below = |bound: u64| usize::try_from(numbers.below(bound)).unwrap();
            let it = Move {
                operation: below(OPERATIONS.len() as u64),
                target: below(1 << 16),
                other: below(1 << 16),
                seconds: i64::try_from(below(200)).unwrap(),
            };
            if make(&mut twin, &region, it) {
                allowed.insert(OPERATIONS[it.operation].0);
            }
        }
    }
    // A VPC goes only when all in it went before; chance does not come to that.
    let all = OPERATIONS
        .iter()
        .map(|(name, _, _)| *name)
        .filter(|name| *name != "DeleteVpc");
    let all: BTreeSet<&str> = all.collect();
    assert_eq!(allowed, all);
}
