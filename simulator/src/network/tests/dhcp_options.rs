//! DHCP options: facts: ec2-semantics.md, section 3, DHCP options; EC2 API reference.

use sandtable_model::{AccountId, Region, Timestamp};
use serde_json::{Value, json};

use super::{World, text, vpc};
use crate::{Twin, TwinOptions};

fn options(key: &str, values: &[&str]) -> Value {
    json!({"DhcpConfigurations": [{"Key": key, "Values": values}]})
}

fn make(world: &mut World) -> String {
    let input = options("domain-name", &["example.com"]);
    world.make("CreateDhcpOptions", input, "/DhcpOptions/DhcpOptionsId")
}

fn used_by(world: &mut World, vpc: &str) -> String {
    let seen = world.one("DescribeVpcs", json!({"VpcIds": [vpc]}));
    text(&seen, "/DhcpOptionsId")
}

#[test]
fn a_set_says_what_it_was_made_with() {
    let mut world = World::new();
    let tags = json!([{"ResourceType": "dhcp-options", "Tags": [{"Key": "Name", "Value": "x"}]}]);
    let input = json!({"TagSpecifications": tags, "DhcpConfigurations": [
        {"Key": "ntp-servers", "Values": ["10.0.0.1", "fd00:ec2::123"]},
        {"Key": "domain-name-servers", "Values": ["10.0.0.2,10.0.0.3"]}]});
    let made = world.ok("CreateDhcpOptions", input);
    let seen = world.one("DescribeDhcpOptions", json!({}));
    assert_eq!(made["DhcpOptions"], seen);
    let servers = json!({"Key": "domain-name-servers",
                         "Values": [{"Value": "10.0.0.2"}, {"Value": "10.0.0.3"}]});
    assert_eq!(seen["DhcpConfigurations"][0], servers);
    assert_eq!(text(&seen, "/Tags/0/Value"), "x");
    for (name, value, count) in [
        ("key", "ntp-servers", 1),
        ("key", "domain-name", 0),
        ("value", "10.0.0.3", 1),
        ("owner-id", super::ACCOUNT, 1),
        ("dhcp-options-id", "dopt-0*", 1),
        ("tag:Name", "x", 1),
    ] {
        let filters = json!({"Filters": [{"Name": name, "Values": [value]}]});
        assert_eq!(
            world.all("DescribeDhcpOptions", filters).len(),
            count,
            "{name}"
        );
    }
}

// EC2 API reference, CreateDhcpOptions: the options there are, and how many values each takes.
#[test]
fn what_a_set_may_say() {
    let mut world = World::new();
    for (key, values) in [
        ("domain-name", ["eu-central-1.compute.internal"].as_slice()),
        ("domain-name-servers", &["AmazonProvidedDNS"]),
        ("ntp-servers", &["169.254.169.123"]),
        (
            "netbios-name-servers",
            &["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"],
        ),
        ("netbios-node-type", &["2"]),
        ("ipv6-address-preferred-lease-time", &["140"]),
    ] {
        world.ok("CreateDhcpOptions", options(key, values));
    }
    for (key, values) in [
        ("", ["x"].as_slice()),
        ("routers", &["10.0.0.1"]),
        ("domain-name", &[]),
        ("domain-name", &["one.example", "two.example"]),
        ("domain-name-servers", &["amazon"]),
        (
            "domain-name-servers",
            &["10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5"],
        ),
        ("netbios-name-servers", &["::1"]),
        ("netbios-node-type", &["3"]),
        ("ipv6-address-preferred-lease-time", &["139"]),
    ] {
        let code = if key.is_empty() {
            "MissingParameter"
        } else {
            "InvalidParameterValue"
        };
        world.refused("CreateDhcpOptions", options(key, values), code, "");
    }
    world.refused(
        "CreateDhcpOptions",
        json!({}),
        "MissingParameter",
        "dhcpConfiguration",
    );
    let twice = json!({"DhcpConfigurations": [
        {"Key": "domain-name", "Values": ["a"]}, {"Key": "domain-name", "Values": ["b"]}]});
    world.refused(
        "CreateDhcpOptions",
        twice,
        "InvalidParameterValue",
        "domain-name",
    );
}

// facts: section 3: DependencyViolation while any VPC uses it; re-associate `default` first.
#[test]
fn a_set_in_use_cannot_be_deleted() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let set = make(&mut world);
    let associate = |set: &str| json!({"DhcpOptionsId": set, "VpcId": vpc});
    world.ok("AssociateDhcpOptions", associate(&set));
    assert_eq!(used_by(&mut world, &vpc), set);
    let delete = json!({"DhcpOptionsId": set});
    let message = format!("The dhcpOptions '{set}' has dependencies and cannot be deleted.");
    let dry = json!({"DhcpOptionsId": set, "DryRun": true});
    world.refused("DeleteDhcpOptions", dry, "DryRunOperation", "");
    world.refused(
        "DeleteDhcpOptions",
        delete.clone(),
        "DependencyViolation",
        &message,
    );
    world.ok("AssociateDhcpOptions", associate("default"));
    assert_eq!(used_by(&mut world, &vpc), "default");
    world.ok("DeleteDhcpOptions", delete.clone());
    world.refused(
        "DeleteDhcpOptions",
        delete,
        "InvalidDhcpOptionID.NotFound",
        &set,
    );
    world.refused(
        "AssociateDhcpOptions",
        associate(&set),
        "InvalidDhcpOptionID.NotFound",
        &set,
    );
    let code = "InvalidDhcpOptionsId.Malformed";
    world.refused("AssociateDhcpOptions", associate("dopt-x"), code, "dopt-x");
    let nowhere = json!({"DhcpOptionsId": "default", "VpcId": "vpc-0123456789abcdef0"});
    world.refused("AssociateDhcpOptions", nowhere, "InvalidVpcID.NotFound", "");
}

// facts: section 3, VPC: "DHCP options set stays".
#[test]
fn a_set_outlives_its_vpc() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let set = make(&mut world);
    world.ok(
        "AssociateDhcpOptions",
        json!({"DhcpOptionsId": set, "VpcId": vpc}),
    );
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
    world.ok("DeleteDhcpOptions", json!({"DhcpOptionsId": set}));
}

// VPC user guide, "DHCP option sets in Amazon VPC": one for the Region, which VPCs use at first.
#[test]
fn an_empty_account_has_the_usual_set() {
    for (region, domain) in [
        ("us-east-1", "ec2.internal"),
        ("eu-west-1", "eu-west-1.compute.internal"),
    ] {
        let account = AccountId::new(super::ACCOUNT).unwrap();
        let start = Timestamp::from_millis(super::START);
        let mut twin = Twin::empty(account, start, TwinOptions::default());
        let region = Region::new(region).unwrap();
        twin.ensure_region(&region);
        let ctx = twin.context(&region);
        let mut world = World { twin, ctx };
        let set = world.one("DescribeDhcpOptions", json!({}));
        let expected = json!([
            {"Key": "domain-name", "Values": [{"Value": domain}]},
            {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}]);
        assert_eq!(set["DhcpConfigurations"], expected);
        let id = text(&set, "/DhcpOptionsId");
        let default = world.one("DescribeVpcs", json!({}));
        assert_eq!(text(&default, "/DhcpOptionsId"), id);
        // A new VPC uses it, whatever the default VPC was changed to.
        let other = make(&mut world);
        let input = json!({"DhcpOptionsId": other, "VpcId": default["VpcId"]});
        world.ok("AssociateDhcpOptions", input);
        let new = vpc(&mut world, "10.0.0.0/16");
        assert_eq!(used_by(&mut world, &new), id);
        let input = json!({"DhcpOptionsId": id});
        world.refused("DeleteDhcpOptions", input, "DependencyViolation", &id);
    }
}
