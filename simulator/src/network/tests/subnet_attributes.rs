//! Attributes of subnets and the names of instances: EC2 API reference, ModifySubnetAttribute,
//! ModifyPrivateDnsNameOptions; EC2 user guide, "Amazon EC2 instance hostname types".

use serde_json::{Value, json};

use super::{World, subnet, text, vpc};
use crate::testing::Account;

const MODIFY: &str = "ModifySubnetAttribute";

#[test]
fn every_attribute_shows() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let id = subnet(&mut world, &vpc, "10.0.0.0/24");
    let names = "/PrivateDnsNameOptionsOnLaunch";
    for (change, path, expected) in [
        (
            json!({"MapPublicIpOnLaunch": {"Value": true}}),
            "/MapPublicIpOnLaunch".to_owned(),
            "true",
        ),
        (
            json!({"EnableDns64": {"Value": true}}),
            "/EnableDns64".to_owned(),
            "true",
        ),
        (
            json!({"PrivateDnsHostnameTypeOnLaunch": "resource-name"}),
            format!("{names}/HostnameType"),
            "resource-name",
        ),
        (
            json!({"EnableResourceNameDnsARecordOnLaunch": {"Value": true}}),
            format!("{names}/EnableResourceNameDnsARecord"),
            "true",
        ),
        (
            json!({"EnableResourceNameDnsAAAARecordOnLaunch": {"Value": true}}),
            format!("{names}/EnableResourceNameDnsAAAARecord"),
            "true",
        ),
    ] {
        let before = world.one("DescribeSubnets", json!({"SubnetIds": [id]}));
        assert_ne!(text(&before, &path), expected, "{path}");
        let mut input = change;
        input["SubnetId"] = json!(id);
        world.ok(MODIFY, input);
        let seen = world.one("DescribeSubnets", json!({"SubnetIds": [id]}));
        assert_eq!(text(&seen, &path), expected, "{path}");
    }
    for (name, value) in [
        ("enable-dns64", "true"),
        (
            "private-dns-name-options-on-launch.hostname-type",
            "resource-name",
        ),
        (
            "private-dns-name-options-on-launch.enable-resource-name-dns-a-record",
            "true",
        ),
        (
            "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record",
            "true",
        ),
    ] {
        let filter = json!({"Filters": [{"Name": name, "Values": [value]}]});
        assert_eq!(
            text(&world.one("DescribeSubnets", filter), "/SubnetId"),
            id,
            "{name}"
        );
    }
}

#[test]
fn one_attribute_at_a_time() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let id = subnet(&mut world, &vpc, "10.0.0.0/24");
    for (input, code) in [
        (json!({"SubnetId": id}), "MissingParameter"),
        (
            json!({"SubnetId": id, "EnableDns64": {"Value": true},
                   "MapPublicIpOnLaunch": {"Value": true}}),
            "InvalidParameterCombination",
        ),
        (
            json!({"SubnetId": id, "AssignIpv6AddressOnCreation": {"Value": true}}),
            "InvalidParameterValue",
        ),
        (
            json!({"SubnetId": id, "PrivateDnsHostnameTypeOnLaunch": "mine"}),
            "InvalidParameterValue",
        ),
        (
            json!({"SubnetId": id, "MapCustomerOwnedIpOnLaunch": {"Value": true}}),
            "UnsupportedOperation",
        ),
    ] {
        world.refused(MODIFY, input, code, "");
    }
    let off = json!({"SubnetId": id, "AssignIpv6AddressOnCreation": {"Value": false}});
    world.ok(MODIFY, off);
}

fn named(account: &mut Account, id: &str) -> Value {
    let answer = account.ok("DescribeInstances", json!({"InstanceIds": [id]}));
    answer["Reservations"][0]["Instances"][0].clone()
}

#[test]
fn instances_are_named_as_their_subnet_says() {
    let mut account = Account::new();
    let subnets = account.ok("DescribeSubnets", json!({}));
    let subnet = text(&subnets, "/Subnets/0/SubnetId");
    let by_address = account.instance(json!({"SubnetId": subnet}));
    let seen = named(&mut account, &by_address);
    assert!(
        text(&seen, "/PrivateDnsName").starts_with("ip-172-31-"),
        "{seen}"
    );
    assert_eq!(
        text(&seen, "/PrivateDnsNameOptions/HostnameType"),
        "ip-name"
    );
    account.ok(
        MODIFY,
        json!({"SubnetId": subnet, "PrivateDnsHostnameTypeOnLaunch": "resource-name"}),
    );
    let by_id = account.instance(json!({"SubnetId": subnet}));
    let seen = named(&mut account, &by_id);
    let name = format!("{by_id}.eu-central-1.compute.internal");
    assert_eq!(text(&seen, "/PrivateDnsName"), name);
    assert_eq!(text(&seen, "/NetworkInterfaces/0/PrivateDnsName"), name);
    // The kind of name changes only while the instance is stopped; records change any time.
    let modify = "ModifyPrivateDnsNameOptions";
    account.ok(
        modify,
        json!({"InstanceId": by_id, "EnableResourceNameDnsARecord": true}),
    );
    let back = json!({"InstanceId": by_id, "PrivateDnsHostnameType": "ip-name"});
    let (code, message) = account.refused(modify, back.clone());
    assert_eq!(code, "IncorrectInstanceState", "{message}");
    account.ok("StopInstances", json!({"InstanceIds": [by_id]}));
    account.pass(100);
    account.ok(modify, back);
    let seen = named(&mut account, &by_id);
    assert!(
        text(&seen, "/PrivateDnsName").starts_with("ip-172-31-"),
        "{seen}"
    );
    let path = "/PrivateDnsNameOptions/EnableResourceNameDnsARecord";
    assert_eq!(text(&seen, path), "true");
    let (code, _) = account.refused(modify, json!({"InstanceId": by_id}));
    assert_eq!(code, "MissingParameter");
}
