//! Findings that are left to their owner: each rule fires, and each near miss does not.

use sandtable_model::{Confidence, Kind};
use serde_json::{Value, json};

use crate::testing::{Estate, OLD};

/// A rule over one resource: what it fires on, and what keeps it from firing.
struct Case {
    rule: &'static str,
    id: &'static str,
    estate: Vec<(Kind, Value)>,
    saving: &'static str,
    confidence: Confidence,
    /// A change of the resource, and the guard that it runs into; none for a condition.
    misses: Vec<(Value, Option<&'static str>)>,
}

impl Case {
    fn check(self) {
        let name = format!("{}/{}", self.rule, self.id);
        let estate = Estate::of(self.estate.clone());
        let finding = estate.finding(&name);
        let saving = finding.saving_usd_month.map(|it| it.to_string());
        assert_eq!(saving.as_deref(), Some(self.saving), "{name}");
        assert_eq!(finding.confidence, self.confidence, "{name}");
        assert!(finding.advice.is_some(), "{name}");
        let dropped = estate.plan().report.dropped;
        let left = dropped.iter().find(|it| it.finding.0 == name);
        let left = left.unwrap_or_else(|| panic!("{name} is planned"));
        assert!(
            left.reason.starts_with("left to its owner: "),
            "{}",
            left.reason
        );
        let tags = if self.rule != "R10" && self.rule.starts_with('R') {
            "TagList"
        } else {
            "Tags"
        };
        let owned = json!({tags: {"aws:cloudformation:stack-name": "x"}});
        let owned = (owned, Some("managed by something else"));
        for (change, guard) in self.misses.iter().chain([&owned]) {
            let mut estate = Estate::of(self.estate.clone());
            estate.set(self.id, change.clone());
            assert!(!estate.findings().contains(&name), "{name} {change}");
            assert_eq!(
                estate.guard(self.rule, self.id).as_deref(),
                *guard,
                "{name} {change}"
            );
        }
    }

    /// What is not listed completely is not judged.
    fn needs(&self, kind: Kind) {
        let mut estate = Estate::of(self.estate.clone());
        estate.unseen(kind);
        assert_eq!(
            estate.guard(self.rule, self.id).as_deref(),
            Some("missing data"),
            "{} without {kind}",
            self.rule
        );
    }
}

#[test]
fn v3_gp2() {
    let attached = json!([{"VolumeId": "vol-1", "InstanceId": "i-1", "State": "attached"}]);
    let volume = json!({"VolumeId": "vol-1", "Size": 500, "VolumeType": "gp2", "State": "in-use",
                        "AvailabilityZone": "us-east-1a", "Attachments": attached, "CreateTime": OLD});
    Case {
        rule: "V3",
        id: "vol-1",
        estate: vec![(Kind::Volume, volume.clone())],
        saving: "5.00",
        confidence: Confidence::High,
        misses: vec![
            (json!({"VolumeType": "gp3"}), None),
            // An unattached one is V1's.
            (json!({"State": "available", "Attachments": []}), None),
        ],
    }
    .check();
    let mut bursting = Estate::of([(Kind::Volume, volume)]);
    bursting.set("vol-1", json!({"Size": 200}));
    assert_eq!(bursting.finding("V3/vol-1").confidence, Confidence::Medium);
}

#[test]
fn v5_provisioned_iops() {
    let attached = json!([{"VolumeId": "vol-1", "InstanceId": "i-1", "State": "attached"}]);
    let volume = json!({"VolumeId": "vol-1", "Size": 100, "VolumeType": "io2", "Iops": 5000,
                        "State": "in-use", "AvailabilityZone": "us-east-1a",
                        "Attachments": attached, "CreateTime": OLD});
    Case {
        rule: "V5",
        id: "vol-1",
        estate: vec![(Kind::Volume, volume)],
        saving: "284.50",
        confidence: Confidence::Medium,
        misses: vec![
            (json!({"VolumeType": "gp3"}), None),
            (json!({"Iops": 20000}), None),
            (json!({"MultiAttachEnabled": true}), Some("multi-attach")),
        ],
    }
    .check();
}

fn peering() -> Vec<(Kind, Value)> {
    let side = |vpc: &str| json!({"VpcId": vpc, "OwnerId": "123456789012"});
    vec![
        (
            Kind::VpcPeeringConnection,
            json!({"VpcPeeringConnectionId": "pcx-1", "RequesterVpcInfo": side("vpc-1"),
                   "AccepterVpcInfo": side("vpc-2"), "Status": {"Code": "active"}}),
        ),
        (
            Kind::RouteTable,
            json!({"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": []}),
        ),
    ]
}

#[test]
fn g24_unrouted_peering() {
    let case = || Case {
        rule: "G24",
        id: "pcx-1",
        estate: peering(),
        saving: "0.00",
        confidence: Confidence::Medium,
        misses: vec![(json!({"Status": {"Code": "deleted"}}), None)],
    };
    case().needs(Kind::RouteTable);
    let mut routed = Estate::of(peering());
    let route = json!({"DestinationCidrBlock": "10.9.0.0/16", "VpcPeeringConnectionId": "pcx-1"});
    routed.set("rtb-1", json!({"Routes": [route]}));
    assert!(routed.findings().is_empty());
    // One that is over belongs to nobody.
    let mut over = case();
    over.misses = vec![(json!({"Status": {"Code": "pending-acceptance"}}), None)];
    over.check();
}

fn attachment() -> Vec<(Kind, Value)> {
    vec![
        (
            Kind::TransitGatewayAttachment,
            json!({"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1",
                   "ResourceType": "vpc", "ResourceId": "vpc-1", "State": "available",
                   "ResourceOwnerId": "123456789012", "CreationTime": OLD}),
        ),
        (
            Kind::Vpc,
            json!({"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}),
        ),
        (
            Kind::RouteTable,
            json!({"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": [],
                   "Associations": [{"RouteTableAssociationId": "rtbassoc-1",
                                     "RouteTableId": "rtb-1", "Main": true}]}),
        ),
    ]
}

#[test]
fn g25_unrouted_attachment() {
    let days = |days| Estate::new().days_ago(days);
    let appliance = json!({"DnsSupport": "enable", "SecurityGroupReferencingSupport": "enable",
                           "Ipv6Support": "disable", "ApplianceModeSupport": "enable"});
    let case = || Case {
        rule: "G25",
        id: "tgw-attach-1",
        estate: attachment(),
        saving: "36.50",
        confidence: Confidence::High,
        misses: vec![
            (json!({"State": "pending"}), None),
            (json!({"CreationTime": days(3)}), Some("age")),
            (json!({"Options": appliance}), Some("inspection VPC")),
            (json!({"ResourceId": "vpc-9"}), Some("missing data")),
        ],
    };
    case().needs(Kind::RouteTable);
    case().check();
    let mut routed = Estate::of(attachment());
    let route = json!({"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1"});
    routed.set("rtb-1", json!({"Routes": [route]}));
    assert!(routed.findings().is_empty());
}

#[test]
fn g26_dead_vpn() {
    let days = |days| Estate::new().days_ago(days);
    let tunnels = |status: &str, since: i64| {
        json!([{"OutsideIpAddress": "203.0.113.1", "Status": "DOWN", "LastStatusChange": days(90)},
               {"OutsideIpAddress": "203.0.113.2", "Status": status, "LastStatusChange": days(since)}])
    };
    let connection = json!({"VpnConnectionId": "vpn-1", "CustomerGatewayId": "cgw-1",
                            "State": "available", "VgwTelemetry": tunnels("DOWN", 60)});
    Case {
        rule: "G26",
        id: "vpn-1",
        estate: vec![(Kind::VpnConnection, connection)],
        saving: "36.50",
        confidence: Confidence::High,
        misses: vec![
            (json!({"State": "pending"}), None),
            (json!({"VgwTelemetry": tunnels("UP", 60)}), None),
            (json!({"VgwTelemetry": []}), Some("missing data")),
            (
                json!({"VgwTelemetry": tunnels("DOWN", 3)}),
                Some("down only now"),
            ),
            (
                json!({"Tags": {"note": "failover for Direct Connect"}}),
                Some("standby"),
            ),
        ],
    }
    .check();
}

#[test]
fn g27_unused_gateway() {
    let attached = |state: &str| json!([{"VpcId": "vpc-1", "State": state}]);
    let gateway = json!({"VpnGatewayId": "vgw-1", "State": "available",
                         "VpcAttachments": attached("attached")});
    let case = || Case {
        rule: "G27",
        id: "vgw-1",
        estate: vec![(Kind::VpnGateway, gateway.clone())],
        saving: "0.00",
        confidence: Confidence::Medium,
        misses: vec![(json!({"VpcAttachments": attached("detached")}), None)],
    };
    case().needs(Kind::VpnConnection);
    case().check();
    let mut used = Estate::of([(Kind::VpnGateway, gateway)]);
    let connection = json!({"VpnConnectionId": "vpn-1", "CustomerGatewayId": "cgw-1",
                            "State": "available", "VpnGatewayId": "vgw-1"});
    used.add(Kind::VpnConnection, connection);
    assert!(!used.findings().contains(&"G27/vgw-1".to_owned()));
}

#[test]
fn g39_reservation() {
    let days = |days| Estate::new().days_ago(days);
    let reservation = json!({"CapacityReservationId": "cr-1", "InstanceType": "m5.large",
                             "InstancePlatform": "Linux/UNIX", "AvailabilityZone": "us-east-1a",
                             "Tenancy": "default", "TotalInstanceCount": 4,
                             "AvailableInstanceCount": 4, "State": "active",
                             "EndDateType": "unlimited", "InstanceMatchCriteria": "open",
                             "CreateDate": OLD});
    Case {
        rule: "G39",
        id: "cr-1",
        estate: vec![(Kind::CapacityReservation, reservation)],
        saving: "280.32",
        confidence: Confidence::Medium,
        misses: vec![
            (json!({"AvailableInstanceCount": 3}), None),
            (json!({"State": "pending"}), None),
            (json!({"EndDateType": "limited"}), Some("event")),
            (json!({"CreateDate": days(2)}), Some("age")),
            (
                json!({"Tags": {"note": "failover capacity"}}),
                Some("standby"),
            ),
        ],
    }
    .check();
}

#[test]
fn g39_host() {
    let host = json!({"HostId": "h-1", "AvailabilityZone": "us-east-1a", "AutoPlacement": "on",
                      "HostRecovery": "off", "HostMaintenance": "off",
                      "AllowsMultipleInstanceTypes": "off", "State": "available",
                      "HostProperties": {"InstanceFamily": "m5", "TotalVCpus": 96, "Cores": 48, "Sockets": 2},
                      "AllocationTime": OLD});
    let mut estate = Estate::of([(Kind::DedicatedHost, host)]);
    let finding = estate.finding("G39/h-1");
    assert_eq!(finding.saving_usd_month, None, "hosts have no price here");
    let guest = json!({"InstanceId": "i-1", "InstanceType": "m5.large", "State": {"Code": 16, "Name": "running"},
                       "Placement": {"AvailabilityZone": "us-east-1a", "HostId": "h-1"}});
    estate.add(Kind::Instance, guest);
    assert!(!estate.findings().contains(&"G39/h-1".to_owned()));
    estate.remove("i-1").unseen(Kind::Instance);
    assert_eq!(estate.guard("G39", "h-1").as_deref(), Some("missing data"));
}

fn database(status: &str) -> (Kind, Value) {
    (
        Kind::DbInstance,
        json!({"DbInstanceId": "db-us-east-1/orders", "DBInstanceIdentifier": "orders",
               "DBInstanceArn": "arn:aws:rds:us-east-1:123456789012:db:orders",
               "DBInstanceClass": "db.m5.large", "Engine": "postgres", "DBInstanceStatus": status,
               "AllocatedStorage": 200, "StorageType": "gp2", "InstanceCreateTime": OLD}),
    )
}

#[test]
fn r8_stopped_database() {
    let days = |days| Estate::new().days_ago(days);
    Case {
        rule: "R8",
        id: "db-us-east-1/orders",
        estate: vec![database("stopped")],
        saving: "23.00",
        confidence: Confidence::Medium,
        misses: vec![
            (json!({"DBInstanceStatus": "available"}), None),
            (json!({"InstanceCreateTime": days(2)}), Some("age")),
            (json!({"TagList": {"note": "failover"}}), Some("standby")),
        ],
    }
    .check();
}

#[test]
fn r6_snapshot_without_database() {
    let days = |days| Estate::new().days_ago(days);
    let snapshot = json!({"DbSnapshotId": "dbsnap-us-east-1/last", "DBSnapshotIdentifier": "last",
                          "DBSnapshotArn": "arn:aws:rds:us-east-1:123456789012:snapshot:last",
                          "DBInstanceIdentifier": "orders", "SnapshotType": "manual",
                          "Status": "available", "Engine": "postgres", "AllocatedStorage": 200,
                          "SnapshotCreateTime": OLD});
    let case = || Case {
        rule: "R6",
        id: "dbsnap-us-east-1/last",
        estate: vec![(Kind::DbSnapshot, snapshot.clone())],
        saving: "19.00",
        confidence: Confidence::High,
        misses: vec![
            (json!({"SnapshotType": "awsbackup"}), None),
            (json!({"Status": "creating"}), None),
            (json!({"SnapshotCreateTime": days(20)}), Some("age")),
        ],
    };
    case().needs(Kind::DbInstance);
    case().check();
    let alive = Estate::of([(Kind::DbSnapshot, snapshot), database("available")]);
    assert!(alive.findings().is_empty());
}

#[test]
fn r10_subnet_group_without_database() {
    let group = json!({"DbSubnetGroupId": "dbsubnet-us-east-1/old", "DBSubnetGroupName": "old",
                       "DBSubnetGroupArn": "arn:aws:rds:us-east-1:123456789012:subgrp:old",
                       "VpcId": "vpc-1", "SubnetGroupStatus": "Complete", "Subnets": []});
    let case = || Case {
        rule: "R10",
        id: "dbsubnet-us-east-1/old",
        estate: vec![(Kind::DbSubnetGroup, group.clone())],
        saving: "0.00",
        confidence: Confidence::Medium,
        misses: vec![(json!({"DBSubnetGroupName": "default"}), Some("default"))],
    };
    case().needs(Kind::DbInstance);
    case().check();
    let mut used = Estate::of([(Kind::DbSubnetGroup, group), database("available")]);
    let group = json!({"DBSubnetGroup": {"DBSubnetGroupName": "old", "VpcId": "vpc-1"}});
    used.set("db-us-east-1/orders", group);
    assert!(used.findings().is_empty());
}
