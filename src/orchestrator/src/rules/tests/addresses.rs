use sandtable_model::{Confidence, Kind};
use serde_json::{Value, json};

use crate::testing::Estate;

fn idle() -> (Kind, Value) {
    (
        Kind::Address,
        json!({"AllocationId": "eipalloc-9", "PublicIp": "203.0.113.9"}),
    )
}

fn held() -> Vec<(Kind, Value)> {
    vec![
        (
            Kind::Address,
            json!({"AllocationId": "eipalloc-8", "PublicIp": "203.0.113.8",
                   "AssociationId": "eipassoc-8", "NetworkInterfaceId": "eni-8",
                   "PrivateIpAddress": "10.0.0.8"}),
        ),
        (
            Kind::NetworkInterface,
            json!({"NetworkInterfaceId": "eni-8", "VpcId": "vpc-1", "SubnetId": "subnet-a"}),
        ),
    ]
}

#[test]
fn n1_flags_an_idle_address() {
    let finding = Estate::of([idle()]).finding("N1/eipalloc-9");
    assert_eq!(finding.saving_usd_month.unwrap().to_string(), "3.65");
    assert_eq!(finding.confidence, Confidence::High);
}

#[test]
fn n1_near_misses() {
    let cases = [
        (
            json!({"PublicIpv4Pool": "ipv4pool-ec2-1"}),
            Some("bring your own IP"),
        ),
        (
            json!({"Tags": {"partner-allowlist": "acme"}}),
            Some("allow-listed or named elsewhere"),
        ),
        (
            json!({"Tags": {"Name": "mail.example.org"}}),
            Some("allow-listed or named elsewhere"),
        ),
        (
            json!({"Tags": {"note": "failover address"}}),
            Some("standby"),
        ),
        (
            json!({"Tags": {"kubernetes.io/cluster/x": "owned"}}),
            Some("managed by something else"),
        ),
        (json!({"AssociationId": "eipassoc-1"}), None),
        (json!({"Domain": "standard"}), None),
    ];
    for (change, guard) in cases {
        let mut estate = Estate::of([idle()]);
        estate.set("eipalloc-9", change.clone());
        assert!(estate.findings().is_empty(), "{change}");
        assert_eq!(
            estate.guard("N1", "eipalloc-9").as_deref(),
            guard,
            "{change}"
        );
    }
    let mut estate = Estate::of([idle()]);
    estate.set("eipalloc-9", json!({"PublicIpv4Pool": "amazon"}));
    assert_eq!(estate.findings(), ["N1/eipalloc-9"]);
}

#[test]
fn n1_leaves_an_address_that_a_gateway_names() {
    let mut estate = Estate::of([idle()]);
    let nat = json!({"NatGatewayId": "nat-9", "VpcId": "vpc-9", "SubnetId": "subnet-9",
                     "NatGatewayAddresses": [{"AllocationId": "eipalloc-9"}]});
    estate.add(Kind::NatGateway, nat);
    assert_eq!(
        estate.guard("N1", "eipalloc-9").as_deref(),
        Some("held by a NAT gateway")
    );
    estate.set("nat-9", json!({"State": "deleted"}));
    assert!(estate.findings().contains(&"N1/eipalloc-9".to_owned()));
}

#[test]
fn g15_flags_an_address_on_an_unattached_interface() {
    let finding = Estate::of(held()).finding("G15/eipalloc-8");
    assert_eq!(finding.saving_usd_month.unwrap().to_string(), "3.65");
    assert_eq!(
        finding.confidence,
        Confidence::Medium,
        "a warm standby cannot be told apart"
    );
}

#[test]
fn g15_near_misses() {
    let cases = [
        (
            "eni-8",
            json!({"Status": "in-use", "Attachment": {"InstanceId": "i-1"}}),
            None,
        ),
        (
            "eni-8",
            json!({"RequesterManaged": true}),
            Some("managed by a service"),
        ),
        (
            "eni-8",
            json!({"InterfaceType": "lambda"}),
            Some("managed by a service"),
        ),
        (
            "eni-8",
            json!({"Description": "firewall failover"}),
            Some("warm standby"),
        ),
        (
            "eni-8",
            json!({"TagSet": {"role": "standby"}}),
            Some("warm standby"),
        ),
        (
            "eipalloc-8",
            json!({"Tags": {"dns": "vpn"}}),
            Some("allow-listed or named elsewhere"),
        ),
        (
            "eipalloc-8",
            json!({"NetworkInterfaceOwnerId": "999999999999"}),
            Some("another account's"),
        ),
    ];
    for (id, change, guard) in cases {
        let mut estate = Estate::of(held());
        estate.set(id, change.clone());
        assert!(estate.findings().is_empty(), "{change}");
        assert_eq!(
            estate.guard("G15", "eipalloc-8").as_deref(),
            guard,
            "{change}"
        );
    }
    let mut estate = Estate::of(held());
    let routes = json!({"RouteTableId": "rtb-8", "VpcId": "vpc-1", "Routes": [
        {"DestinationCidrBlock": "0.0.0.0/0", "NetworkInterfaceId": "eni-8", "State": "blackhole"}]});
    estate.add(Kind::RouteTable, routes);
    assert_eq!(
        estate.guard("G15", "eipalloc-8").as_deref(),
        Some("a route leads to it")
    );

    let mut estate = Estate::of(held());
    estate.remove("eni-8");
    assert_eq!(
        estate.guard("G15", "eipalloc-8").as_deref(),
        Some("missing data")
    );
}

#[test]
fn g15_leaves_the_interface_of_a_gateway_whose_type_an_emulator_hides() {
    let mut estate = Estate::of(held());
    let nat = json!({"NatGatewayId": "nat-8", "VpcId": "vpc-1", "SubnetId": "subnet-a",
                     "CreateTime": "2026-11-24T00:00:00Z",
                     "NatGatewayAddresses": [{"AllocationId": "eipalloc-8", "NetworkInterfaceId": "eni-8"}]});
    estate.add(Kind::NatGateway, nat);
    assert_eq!(
        estate.guard("G15", "eipalloc-8").as_deref(),
        Some("managed by a service")
    );
}
