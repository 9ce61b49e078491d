//! What kinds beside those that a rule judges say for a resource.

use sandtable_model::Kind;
use serde_json::{Value, json};

use crate::testing::{Estate, OLD, network};

fn guard(estate: &Estate, rule: &str, resource: &str) -> Option<(String, String)> {
    let mut all = estate.understand().suppressed.into_iter();
    let found = all.find(|it| it.rule.0 == rule && it.resource.as_str() == resource)?;
    Some((found.guard, found.reason))
}

fn finds(estate: &Estate, id: &str) -> bool {
    estate.findings().iter().any(|it| it == id)
}

fn with(kind: Kind, value: Value) -> Estate {
    let mut estate = Estate::of(network());
    assert!(finds(&estate, "G2/vpc-1"), "the network is waste as it is");
    estate.add(kind, value);
    estate
}

/// The catalogue's `inbound(v)`: peering, transit gateways and VPN gateways speak for a VPC whether a
/// route of its own leads to them or not.
#[test]
fn a_connected_vpc_is_left_alone() {
    let side = |vpc: &str| json!({"VpcId": vpc, "OwnerId": "123456789012", "Region": "us-east-1"});
    let connections = [
        (
            Kind::VpcPeeringConnection,
            json!({"VpcPeeringConnectionId": "pcx-1", "AccepterVpcInfo": side("vpc-1"),
                   "RequesterVpcInfo": side("vpc-2"), "Status": {"Code": "active"}}),
            "peering with vpc-2",
        ),
        (
            Kind::TransitGatewayAttachment,
            json!({"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1",
                   "ResourceType": "vpc", "ResourceId": "vpc-1", "State": "available",
                   "SubnetIds": ["subnet-b"]}),
            "transit gateway tgw-1",
        ),
        (
            Kind::VpnGateway,
            json!({"VpnGatewayId": "vgw-1", "State": "available",
                   "VpcAttachments": [{"VpcId": "vpc-1", "State": "attached"}]}),
            "VPN gateway",
        ),
    ];
    for (kind, value, by) in connections {
        let estate = with(kind, value);
        let (name, reason) = guard(&estate, "G1", "vpc-1").unwrap();
        assert_eq!(name, "central egress VPC");
        assert!(reason.contains(by), "{reason}");
        assert!(!finds(&estate, "G2/vpc-1"));
    }
}

/// The catalogue's `future(v)`.
#[test]
fn what_may_be_started_there_speaks_for_a_vpc() {
    let template = |data: Value| {
        json!({"LaunchTemplateId": "lt-1", "LaunchTemplateName": "worker",
               "DefaultVersionNumber": 1, "LatestVersionNumber": 1,
               "Versions": [{"VersionNumber": 1, "LaunchTemplateData": data}]})
    };
    let subnet = json!({"NetworkInterfaces": [{"SubnetId": "subnet-b"}]});
    let starters = [
        (Kind::LaunchTemplate, template(subnet), "worker"),
        (
            Kind::LaunchTemplate,
            template(json!({"SecurityGroupIds": ["sg-default"]})),
            "worker",
        ),
        (
            Kind::DbSubnetGroup,
            json!({"DbSubnetGroupId": "dbsubnet-us-east-1/data", "DBSubnetGroupName": "data",
                   "DBSubnetGroupDescription": "", "DBSubnetGroupArn": "", "VpcId": "vpc-1",
                   "SubnetGroupStatus": "Complete",
                   "Subnets": [{"SubnetIdentifier": "subnet-b", "SubnetStatus": "Active",
                                "SubnetAvailabilityZone": {"Name": "us-east-1b"}}]}),
            "data",
        ),
    ];
    for (kind, value, by) in starters {
        let estate = with(kind, value);
        let (name, reason) = guard(&estate, "G1", "vpc-1").unwrap();
        assert_eq!(name, "scale to zero");
        assert!(reason.contains(by), "{reason}");
    }
}

/// AWS would refuse the teardown half-way (ec2-semantics.md, section 3).
#[test]
fn what_no_step_takes_away_keeps_a_vpc() {
    let things = [
        (
            Kind::NetworkAcl,
            json!({"NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": false}),
        ),
        (
            Kind::EgressOnlyInternetGateway,
            json!({"EgressOnlyInternetGatewayId": "eigw-1",
                   "Attachments": [{"VpcId": "vpc-1", "State": "attached"}]}),
        ),
        (
            Kind::SubnetCidrReservation,
            json!({"SubnetCidrReservationId": "scr-1", "SubnetId": "subnet-b",
                   "Cidr": "10.0.1.16/28", "ReservationType": "prefix"}),
        ),
    ];
    for (kind, value) in things {
        let estate = with(kind, value);
        let (name, _) = guard(&estate, "G2", "vpc-1").unwrap();
        assert_eq!(name, "something stays in it");
        assert!(
            finds(&estate, "G1/vpc-1"),
            "the gateway is waste all the same"
        );
    }
    let mut estate = Estate::of(network());
    estate.add(
        Kind::NetworkAcl,
        json!({"NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true}),
    );
    assert!(
        finds(&estate, "G2/vpc-1"),
        "AWS deletes the default one along"
    );
}

#[test]
fn a_snapshot_of_a_launch_template_is_left_alone() {
    let mut estate = Estate::of([(
        Kind::EbsSnapshot,
        json!({"SnapshotId": "snap-1", "VolumeId": "vol-gone", "VolumeSize": 8, "State": "completed",
               "StartTime": OLD, "OwnerId": "123456789012"}),
    )]);
    assert!(finds(&estate, "S2/snap-1"));
    estate.add(
        Kind::LaunchTemplate,
        json!({"LaunchTemplateId": "lt-1", "LaunchTemplateName": "worker",
               "DefaultVersionNumber": 2, "LatestVersionNumber": 2,
               "Versions": [{"VersionNumber": 1, "LaunchTemplateData":
                   {"BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-1"}}]}}]}),
    );
    let (name, _) = guard(&estate, "S2", "snap-1").unwrap();
    assert_eq!(name, "in use by a launch template");
}

/// Absent is not zero.
#[test]
fn what_was_not_listed_leaves_a_guard_open() {
    let mut estate = Estate::of(network());
    estate.unseen(Kind::VpcPeeringConnection);
    let finding = estate.finding("G1/vpc-1");
    let open = finding
        .guards
        .iter()
        .find(|it| it.name == "central egress VPC");
    let reason = &open.unwrap().reason;
    assert_eq!(
        reason,
        "not known: VPC peering connections (not authorized)"
    );
    assert_eq!(finding.confidence, sandtable_model::Confidence::Medium);
}
