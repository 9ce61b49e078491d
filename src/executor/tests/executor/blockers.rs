//! What is said about calls that the twin refuses because something is in the way.

use sandtable_executor::{FailureClass, Journal, MemoryStorage, Options, run, undo};
use sandtable_model::{
    Action, Condition, Kind, Region, Resource, Reversibility, Snapshot, StepId, facts_of,
};
use sandtable_simulator::{Twin, TwinOptions};
use serde_json::json;

use crate::support::*;

const VPC: &str = "vpc-0123456789abcdef0";
const GATEWAY: &str = "igw-0123456789abcdef0";
const INSTANCE: &str = "i-0123456789abcdef0";
const GROUP: &str = "sg-0123456789abcdef0";
const SNAPSHOT: &str = "snap-0123456789abcdef0";
const USED: &str = "eni-0123456789abcdef1";
const USED_ADDRESS: &str = "eipalloc-0123456789abcdef1";

/// The network of a NAT gateway with an instance in it, in use all over.
fn busy() -> Twin {
    let mut resources = nat_cloud();
    let mut add = |kind, value| resources.push(resource(kind, value));
    add(Kind::Vpc, json!({"VpcId": VPC, "CidrBlock": "10.0.0.0/16"}));
    add(
        Kind::InternetGateway,
        json!({"InternetGatewayId": GATEWAY, "Attachments": [{"VpcId": VPC}]}),
    );
    add(
        Kind::SecurityGroup,
        json!({"GroupId": GROUP, "GroupName": "web", "VpcId": VPC, "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
             "IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "192.0.2.0/24"}]}]}),
    );
    add(
        Kind::NetworkInterface,
        json!({"NetworkInterfaceId": USED, "VpcId": VPC, "SubnetId": SUBNET, "Status": "in-use",
               "Groups": [{"GroupId": GROUP, "GroupName": "web"}],
               "Attachment": {"AttachmentId": "eni-attach-0123456789abcdef1",
                              "InstanceId": INSTANCE},
               "Association": {"AllocationId": USED_ADDRESS, "PublicIp": "198.51.100.8",
                               "AssociationId": "eipassoc-0123456789abcdef1"}}),
    );
    add(
        Kind::Address,
        json!({"AllocationId": USED_ADDRESS, "PublicIp": "198.51.100.8",
               "AssociationId": "eipassoc-0123456789abcdef1", "NetworkInterfaceId": USED,
               "InstanceId": INSTANCE}),
    );
    add(
        Kind::Instance,
        json!({"InstanceId": INSTANCE, "InstanceType": "t3.nano", "VpcId": VPC,
               "SubnetId": SUBNET, "State": {"Code": 16, "Name": "running"},
               "NetworkInterfaces": [{"NetworkInterfaceId": USED}]}),
    );
    add(
        Kind::Volume,
        json!({"VolumeId": VOLUME, "Size": 8, "AvailabilityZone": "eu-central-1a",
               "State": "in-use", "Attachments": [{"VolumeId": VOLUME, "InstanceId": INSTANCE}]}),
    );
    add(
        Kind::EbsSnapshot,
        json!({"SnapshotId": SNAPSHOT, "OwnerId": "123456789012"}),
    );
    add(
        Kind::Image,
        json!({"ImageId": "ami-0123456789abcdef0", "OwnerId": "123456789012",
               "BlockDeviceMappings": [{"DeviceName": "/dev/xvda",
                                        "Ebs": {"SnapshotId": SNAPSHOT}}]}),
    );
    add(
        Kind::RouteTable,
        json!({"RouteTableId": "rtb-0123456789abcdef1", "VpcId": VPC, "Associations": [
            {"RouteTableAssociationId": "rtbassoc-0123456789abcdef1", "SubnetId": SUBNET}]}),
    );
    twin_of(resources)
}

fn twin_of(resources: Vec<Resource>) -> Twin {
    let mut snapshot = Snapshot::new(plan(Vec::new()).account, START, "a test");
    let region = Region::new("eu-central-1").unwrap();
    for resource in resources {
        snapshot.insert(&region, resource).unwrap();
    }
    Twin::from_snapshot(&snapshot, TwinOptions::default())
}

fn told(call: Action, effect: Condition) -> String {
    let name = call.name();
    let mut only = step("s01", call, &[]);
    only.effects = vec![effect];
    // Another step of the plan, never reached, whose target may be in the way.
    let parameters = json!({"SubnetId": SUBNET});
    let other = step("s02", action("DeleteSubnet", parameters), &["s01"]);
    let (run, _) = run_on(&warrant(plan(vec![only, other])), &mut busy());
    let failure = stop(&run).1;
    assert_eq!(failure.class, FailureClass::Blocked, "{name}: {failure:?}");
    let amendment = &failure.amendment.as_ref().unwrap().text;
    format!("{name}\n  {}\n  -> {amendment}\n", failure.explanation)
}

#[test]
fn what_is_in_the_way_is_named() {
    let deletion =
        |name: &str, member: &str, id: &str| told(action(name, json!({member: id})), gone(id));
    let mut text = String::new();
    for (name, member, id) in [
        ("DeleteSubnet", "SubnetId", SUBNET),
        ("DeleteVpc", "VpcId", VPC),
        ("DeleteInternetGateway", "InternetGatewayId", GATEWAY),
        ("DeleteRouteTable", "RouteTableId", "rtb-0123456789abcdef1"),
        ("DeleteSecurityGroup", "GroupId", GROUP),
        ("DeleteNetworkInterface", "NetworkInterfaceId", USED),
        ("DeleteVolume", "VolumeId", VOLUME),
        ("DeleteSnapshot", "SnapshotId", SNAPSHOT),
        ("ReleaseAddress", "AllocationId", USED_ADDRESS),
        ("ReleaseAddress", "AllocationId", ADDRESS),
    ] {
        text.push_str(&deletion(name, member, id));
    }
    let detach = json!({"InternetGatewayId": GATEWAY, "VpcId": VPC});
    let attachment = no_fact(GATEWAY, &format!("Attachments[{VPC}]"));
    text.push_str(&told(action("DetachInternetGateway", detach), attachment));
    insta::assert_snapshot!("blockers", text);
}

/// One of two ranges of a rule is revoked and authorized again; AWS keeps both in one entry.
#[test]
fn rules_are_taken_back_part_by_part() {
    let rule = json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                       "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]);
    let parameters = json!({"GroupId": GROUP, "IpPermissions": rule});
    let mut revoke = step(
        "s01",
        action("RevokeSecurityGroupIngress", parameters.clone()),
        &[],
    );
    revoke.undo.reversibility = Reversibility::Reversible;
    revoke.undo.actions = vec![action("AuthorizeSecurityGroupIngress", parameters)];
    let warrant = warrant(plan(vec![revoke]));
    let mut cloud = busy();
    let group = GROUP.parse().unwrap();
    let has_range = |cloud: &Twin| {
        let facts = facts_of(cloud.state().get(&group).unwrap());
        facts.keys().any(|name| name.contains("10.0.0.0/8"))
    };
    let mut journal = Journal::new(MemoryStorage::new());
    let revoked = run(&warrant, &mut cloud, &mut journal, &Options::default()).unwrap();
    assert!(revoked.is_completed(), "{revoked:?}");
    assert!(!has_range(&cloud));
    let undoing = undo(&warrant, &mut cloud, &mut journal, &Options::default()).unwrap();
    assert_eq!(undoing.undone, [StepId::from("s01")], "{undoing:?}");
    assert!(has_range(&cloud));
}
