//! What resources cost, by figures worked out by hand from the price table.

use sandtable_model::{Kind, Region};
use serde_json::{Value, json};

use super::{EMBEDDED, HEADER, PriceError, Priced, Prices, monthly_cost, monthly_cost_of};
use crate::testing::{Estate, network};

/// The cost of one resource in us-east-1, or why it is not known.
fn cost(kind: Kind, value: Value) -> String {
    let estate = Estate::of([(kind, value)]);
    let id = estate.snapshot.resources().next().unwrap().id();
    match monthly_cost_of(&estate.snapshot, &Prices::embedded(), &id) {
        Priced::Free => "free".to_owned(),
        Priced::Known { usd, .. } => usd.to_string(),
        Priced::Unknown { reason } => reason,
    }
}

fn volume(kind: &str, size: u32, more: Value) -> String {
    let mut value = json!({"VolumeId": "vol-1", "Size": size, "VolumeType": kind,
                           "AvailabilityZone": "us-east-1a"});
    for (name, member) in more.as_object().unwrap() {
        value[name] = member.clone();
    }
    cost(Kind::Volume, value)
}

#[test]
fn volumes_by_type() {
    assert_eq!(volume("gp2", 100, json!({"Iops": 300})), "10.00");
    assert_eq!(
        volume("gp3", 100, json!({"Iops": 3000, "Throughput": 125})),
        "8.00"
    );
    // 1,000 IOPS over 3,000 at 0.005 and 125 MiB/s over 125 at 0.04.
    assert_eq!(
        volume("gp3", 100, json!({"Iops": 4000, "Throughput": 250})),
        "18.00"
    );
    assert_eq!(volume("io1", 100, json!({"Iops": 1000})), "77.50");
    // 32,000 at 0.065, 32,000 at 0.0455, 16,000 at 0.03185, and 100 GiB at 0.125.
    assert_eq!(volume("io2", 100, json!({"Iops": 80000})), "4058.10");
    assert_eq!(volume("st1", 500, json!({})), "22.50");
    assert_eq!(volume("sc1", 500, json!({})), "7.50");
    assert_eq!(volume("standard", 10, json!({})), "0.50");
    assert!(volume("io9", 10, json!({})).contains("`io9`"));
    assert_eq!(volume("gp3", 100, json!({"State": "deleted"})), "free");
}

#[test]
fn snapshots_by_tier() {
    let snapshot = |more: Value| {
        let mut value = json!({"SnapshotId": "snap-1", "VolumeSize": 100});
        value["StorageTier"] = more;
        cost(Kind::EbsSnapshot, value)
    };
    assert_eq!(snapshot(json!("standard")), "5.00");
    assert!(
        snapshot(json!("archive")).starts_with("price not known"),
        "never a guess"
    );
}

#[test]
fn instances_only_as_the_table_has_them() {
    let instance = |more: Value| {
        let mut value = json!({"InstanceId": "i-1", "InstanceType": "m5.large"});
        for (name, member) in more.as_object().unwrap() {
            value[name] = member.clone();
        }
        cost(Kind::Instance, value)
    };
    assert_eq!(instance(json!({})), "70.08");
    assert_eq!(
        instance(json!({"State": {"Code": 80, "Name": "stopped"}})),
        "free"
    );
    assert!(instance(json!({"Platform": "windows"})).contains("`windows`"));
    assert!(instance(json!({"InstanceLifecycle": "spot"})).contains("`spot`"));
    assert!(instance(json!({"Placement": {"Tenancy": "host"}})).contains("`host`"));
    assert!(instance(json!({"InstanceType": "z9.nano"})).starts_with("price not known"));
}

#[test]
fn an_address_is_counted_once() {
    let estate = Estate::of(network());
    let cost = monthly_cost(&estate.snapshot, &Prices::embedded());
    assert_eq!(cost.total.to_string(), "36.50");
    assert_eq!(cost.resources.len(), 2, "{:?}", cost.resources);
    // An automatically assigned address is paid for by its interface.
    let interface = json!({"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": "subnet-1",
                           "Association": {"PublicIp": "203.0.113.7", "IpOwnerId": "amazon"}});
    assert_eq!(self::cost(Kind::NetworkInterface, interface), "3.65");
}

#[test]
fn an_endpoint_costs_by_zone() {
    let endpoint = |kind: &str| {
        let value = json!({"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "VpcEndpointType": kind,
                           "ServiceName": "s", "SubnetIds": ["subnet-1", "subnet-2"]});
        cost(Kind::VpcEndpoint, value)
    };
    assert_eq!(endpoint("Interface"), "14.60");
    assert_eq!(endpoint("Gateway"), "free");
}

#[test]
fn connections_by_the_hour() {
    let attachment = |owner: &str| {
        let value = json!({"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1",
                           "ResourceType": "vpc", "ResourceId": "vpc-1", "State": "available",
                           "ResourceOwnerId": owner});
        cost(Kind::TransitGatewayAttachment, value)
    };
    assert_eq!(attachment("123456789012"), "36.50");
    assert_eq!(attachment("999999999999"), "free", "its owner pays");
    let vpn = |state: &str| {
        let value =
            json!({"VpnConnectionId": "vpn-1", "State": state, "CustomerGatewayId": "cgw-1"});
        cost(Kind::VpnConnection, value)
    };
    assert_eq!(vpn("available"), "36.50");
    assert_eq!(vpn("deleting"), "free");
}

#[test]
fn load_balancers_by_the_hour() {
    let balancer = |kind: &str| {
        let value = json!({"LoadBalancerId": "lb-us-east-1/web", "LoadBalancerName": "web",
                           "LoadBalancerArn": "", "VpcId": "vpc-1", "Type": kind});
        cost(Kind::LoadBalancer, value)
    };
    assert_eq!(balancer("application"), "16.425");
    assert_eq!(balancer("network"), "16.425");
    assert!(
        balancer("gateway").starts_with("price not known"),
        "never a guess"
    );
}

#[test]
fn databases_running_and_stopped() {
    let database = |more: Value| {
        let mut value = json!({"DbInstanceId": "db-us-east-1/shop", "DBInstanceIdentifier": "shop",
                               "DBInstanceArn": "", "DBInstanceClass": "db.t3.large", "Engine": "mysql",
                               "DBInstanceStatus": "available", "AllocatedStorage": 100,
                               "StorageType": "gp2"});
        for (name, member) in more.as_object().unwrap() {
            value[name] = member.clone();
        }
        cost(Kind::DbInstance, value)
    };
    // 0.136 an hour and 100 GiB at 0.115.
    assert_eq!(database(json!({})), "110.78");
    assert_eq!(database(json!({"DBInstanceStatus": "stopped"})), "11.50");
    assert_eq!(database(json!({"MultiAZ": true})), "221.56");
    assert!(database(json!({"StorageType": "gp3"})).starts_with("price not known"));
    assert!(database(json!({"DBClusterIdentifier": "c"})).contains("Aurora"));
    let snapshot = |kind: &str| {
        let value = json!({"DbSnapshotId": "dbsnap-us-east-1/old", "DBSnapshotIdentifier": "old",
                           "DBSnapshotArn": "", "DBInstanceIdentifier": "shop", "Status": "available",
                           "SnapshotType": kind, "Engine": "mysql", "AllocatedStorage": 100});
        cost(Kind::DbSnapshot, value)
    };
    assert_eq!(snapshot("manual"), "9.50");
    assert!(snapshot("automated").contains("free up to"));
}

#[test]
fn capacity_that_is_kept_and_not_used() {
    let value = json!({"CapacityReservationId": "cr-1", "InstanceType": "m5.large",
                       "AvailabilityZone": "us-east-1a", "TotalInstanceCount": 3,
                       "AvailableInstanceCount": 2});
    assert_eq!(cost(Kind::CapacityReservation, value), "140.16");
}

#[test]
fn what_is_not_priced_is_told() {
    let value = json!({"InstanceId": "i-1", "InstanceType": "z9.nano"});
    let estate = Estate::of([(Kind::Instance, value)]);
    let cost = monthly_cost(&estate.snapshot, &Prices::embedded());
    assert_eq!(cost.unpriced.len(), 1);
    assert_eq!(cost.total, sandtable_model::Usd::ZERO);
}

#[test]
fn the_embedded_table_is_sound() {
    let prices = Prices::from_csv(EMBEDDED).unwrap();
    assert!(prices.len() > 3_000);
    let region = Region::new("us-east-1").unwrap();
    assert_eq!(
        prices.get(&region, "NatGateway-Hours").unwrap().to_string(),
        "0.045"
    );
    assert_eq!(prices.get(&region, "NatGateway-Days"), None);
    let nowhere = Region::new("xx-north-9").unwrap();
    assert_eq!(prices.get(&nowhere, "NatGateway-Hours"), None);
}

#[test]
fn a_bad_line_is_named() {
    let error = |body: &str| Prices::from_csv(&format!("{HEADER}\n{body}")).unwrap_err();
    assert_eq!(error("a,b,c"), PriceError::Fields { line: 2, found: 3 });
    assert!(matches!(
        error("s,r,k,Hrs,free,2026"),
        PriceError::Amount { line: 2, .. }
    ));
    let twice = "s,r,k,Hrs,1,2026\ns,r,k,Hrs,2,2026";
    assert!(matches!(
        error(twice),
        PriceError::Duplicate { line: 3, .. }
    ));
    assert!(matches!(
        Prices::from_csv(""),
        Err(PriceError::Header { .. })
    ));
}
