//! VPCs and subnets: facts: ec2-semantics.md, sections 1 to 3 and 5.

use serde_json::json;

use super::{World, interface, subnet, text, vpc};

#[test]
fn a_vpc_comes_with_its_defaults() {
    let mut world = World::new();
    let tags = json!([{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "main"}]}]);
    let input = json!({"CidrBlock": "10.0.7.1/16", "TagSpecifications": tags});
    let made = world.ok("CreateVpc", input);
    assert_eq!(text(&made, "/Vpc/State"), "pending");
    assert_eq!(text(&made, "/Vpc/CidrBlock"), "10.0.0.0/16");
    let id = text(&made, "/Vpc/VpcId");
    let seen = world.one("DescribeVpcs", json!({"VpcIds": [id]}));
    assert_eq!(text(&seen, "/State"), "available");
    assert_eq!(text(&seen, "/Tags/0/Value"), "main");
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [id]}]});
    let table = world.one("DescribeRouteTables", filter.clone());
    assert_eq!(text(&table, "/Associations/0/Main"), "true");
    assert_eq!(text(&table, "/Routes/0/GatewayId"), "local");
    assert_eq!(text(&table, "/Routes/0/Origin"), "CreateRouteTable");
    let group = world.one("DescribeSecurityGroups", filter);
    assert_eq!(text(&group, "/GroupName"), "default");
    assert_eq!(
        text(&group, "/IpPermissions/0/UserIdGroupPairs/0/GroupId"),
        text(&group, "/GroupId")
    );
    assert_eq!(
        text(&group, "/IpPermissionsEgress/0/IpRanges/0/CidrIp"),
        "0.0.0.0/0"
    );
}

#[test]
fn vpc_blocks_and_quota() {
    let mut world = World::new();
    let create = |block: &str| json!({"CidrBlock": block});
    for (block, code) in [
        ("10.0.0.0/15", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
        ("10.0.0.0", "InvalidParameterValue"),
        ("", "MissingParameter"),
    ] {
        world.refused("CreateVpc", create(block), code, "");
    }
    (0..5).for_each(|n| drop(vpc(&mut world, &format!("10.{n}.0.0/16"))));
    // facts: ec2-semantics.md, section 5: VPCs 5, VpcLimitExceeded
    world.refused(
        "CreateVpc",
        create("10.9.0.0/16"),
        "VpcLimitExceeded",
        "maximum number of VPCs",
    );
}

// facts: ec2-semantics.md, section 1, "Order of checks", and section 2
#[test]
fn ids_are_checked_before_dry_runs_and_those_before_dependencies() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    subnet(&mut world, &vpc, "10.0.0.0/24");
    let dry = |id: &str| json!({"VpcId": id, "DryRun": true});
    world.refused(
        "DeleteVpc",
        json!({"DryRun": true}),
        "MissingParameter",
        "vpcId",
    );
    world.refused(
        "DeleteVpc",
        dry("vpc-nothex"),
        "InvalidVpcID.Malformed",
        "vpc-nothex",
    );
    let nobody = "vpc-0123456789abcdef0";
    let message = "The vpc ID 'vpc-0123456789abcdef0' does not exist";
    world.refused("DeleteVpc", dry(nobody), "InvalidVpcID.NotFound", message);
    world.refused(
        "DeleteVpc",
        dry(&vpc),
        "DryRunOperation",
        "Request would have succeeded",
    );
    world.refused(
        "DeleteVpc",
        json!({"VpcId": vpc}),
        "DependencyViolation",
        "",
    );
}

#[test]
fn vpc_attributes() {
    let mut world = World::new();
    let id = vpc(&mut world, "10.0.0.0/16");
    let read = |world: &mut World, name: &str, path: &str| {
        let input = json!({"VpcId": id, "Attribute": name});
        text(
            &world.ok("DescribeVpcAttribute", input),
            &format!("/{path}/Value"),
        )
    };
    assert_eq!(
        read(&mut world, "enableDnsSupport", "EnableDnsSupport"),
        "true"
    );
    assert_eq!(
        read(&mut world, "enableDnsHostnames", "EnableDnsHostnames"),
        "false"
    );
    let on = json!({"Value": true});
    world.ok(
        "ModifyVpcAttribute",
        json!({"VpcId": id, "EnableDnsHostnames": on}),
    );
    assert_eq!(
        read(&mut world, "enableDnsHostnames", "EnableDnsHostnames"),
        "true"
    );
    let both = json!({"VpcId": id, "EnableDnsHostnames": on, "EnableDnsSupport": on});
    world.refused(
        "ModifyVpcAttribute",
        both,
        "InvalidParameterCombination",
        "one attribute",
    );
    let unknown = json!({"VpcId": id, "Attribute": "enableMagic"});
    world.refused(
        "DescribeVpcAttribute",
        unknown,
        "InvalidParameterValue",
        "enableMagic",
    );
}

#[test]
fn further_blocks_of_a_vpc() {
    let mut world = World::new();
    let id = vpc(&mut world, "10.0.0.0/16");
    let path = "/CidrBlockAssociation/AssociationId";
    let add = |block: &str| json!({"VpcId": id, "CidrBlock": block});
    world.refused(
        "AssociateVpcCidrBlock",
        add("10.0.4.0/24"),
        "CidrConflict",
        "",
    );
    let association = world.make("AssociateVpcCidrBlock", add("10.1.0.0/16"), path);
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [id]}]});
    let table = world.one("DescribeRouteTables", filter.clone());
    assert_eq!(
        text(&table, "/Routes/1/DestinationCidrBlock"),
        "10.1.0.0/16"
    );
    let inner = subnet(&mut world, &id, "10.1.0.0/24");
    let remove = json!({"AssociationId": association});
    world.refused(
        "DisassociateVpcCidrBlock",
        remove.clone(),
        "InvalidCidrBlock.InUse",
        "",
    );
    world.ok("DeleteSubnet", json!({"SubnetId": inner}));
    world.ok("DisassociateVpcCidrBlock", remove);
    let table = world.one("DescribeRouteTables", filter);
    assert_eq!(table["Routes"].as_array().unwrap().len(), 1);
}

// VPC user guide, "Default VPC components"
#[test]
fn the_default_vpc() {
    let mut world = World::new();
    let id = world.make("CreateDefaultVpc", json!({}), "/Vpc/VpcId");
    world.refused("CreateDefaultVpc", json!({}), "DefaultVpcAlreadyExists", "");
    let filter = json!({"Filters": [{"Name": "default-for-az", "Values": ["true"]}]});
    let subnets = world.all("DescribeSubnets", filter);
    let blocks: Vec<String> = subnets.iter().map(|it| text(it, "/CidrBlock")).collect();
    let mut sorted = blocks.clone();
    sorted.sort();
    assert_eq!(
        sorted,
        ["172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20"]
    );
    assert!(subnets.iter().all(|it| it["MapPublicIpOnLaunch"] == true));
    let filter = json!({"Filters": [{"Name": "attachment.vpc-id", "Values": [id]}]});
    world.one("DescribeInternetGateways", filter);
}

#[test]
fn subnet_blocks() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let create = |block: &str| json!({"VpcId": vpc, "CidrBlock": block});
    let made = world.ok("CreateSubnet", create("10.0.1.0/24"));
    assert_eq!(text(&made, "/Subnet/AvailableIpAddressCount"), "251");
    assert_eq!(text(&made, "/Subnet/AvailabilityZone"), "eu-central-1a");
    assert_eq!(text(&made, "/Subnet/AvailabilityZoneId"), "euc1-az1");
    for (block, code, message) in [
        (
            "10.0.1.128/25",
            "InvalidSubnet.Conflict",
            "conflicts with another subnet",
        ),
        ("10.0.0.0/23", "InvalidSubnet.Conflict", "'10.0.0.0/23'"),
        (
            "10.1.0.0/24",
            "InvalidSubnet.Range",
            "The CIDR '10.1.0.0/24' is invalid.",
        ),
        ("10.0.9.0/29", "InvalidSubnet.Range", ""),
        ("10.0.0.0/8", "InvalidSubnet.Range", ""),
        (
            "nonsense",
            "InvalidParameterValue",
            "not a valid CIDR block",
        ),
    ] {
        world.refused("CreateSubnet", create(block), code, message);
    }
    let elsewhere = json!({"VpcId": vpc, "CidrBlock": "10.0.2.0/24",
                           "AvailabilityZone": "us-east-1a"});
    world.refused(
        "CreateSubnet",
        elsewhere,
        "InvalidParameterValue",
        "eu-central-1a",
    );
    let by_id = json!({"VpcId": vpc, "CidrBlock": "10.0.2.0/24", "AvailabilityZoneId": "euc1-az3"});
    let zone = world.make("CreateSubnet", by_id, "/Subnet/AvailabilityZone");
    assert_eq!(zone, "eu-central-1c");
}

// facts: ec2-semantics.md, section 3, Subnet: associations are dropped silently
#[test]
fn a_subnet_leaves_its_route_table() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.1.0/24");
    let table = super::table(&mut world, &vpc, &subnet);
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    world.refused(
        "DeleteSubnet",
        json!({"SubnetId": subnet}),
        "InvalidSubnetID.NotFound",
        &subnet,
    );
    world.ok("DeleteRouteTable", json!({"RouteTableId": table}));
}

#[test]
fn free_addresses_are_counted() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.1.0/28");
    let free = |world: &mut World| {
        let seen = world.one("DescribeSubnets", json!({"SubnetIds": [subnet]}));
        text(&seen, "/AvailableIpAddressCount")
    };
    let ids: Vec<String> = (0..11).map(|_| interface(&mut world, &subnet)).collect();
    assert_eq!(free(&mut world), "0");
    let input = json!({"SubnetId": subnet});
    let code = "InsufficientFreeAddressesInSubnet";
    world.refused("CreateNetworkInterface", input, code, &subnet);
    for id in &ids {
        world.ok("DeleteNetworkInterface", json!({"NetworkInterfaceId": id}));
    }
    assert_eq!(free(&mut world), "11");
    let on = json!({"SubnetId": subnet, "MapPublicIpOnLaunch": {"Value": true}});
    world.ok("ModifySubnetAttribute", on);
    let seen = world.one("DescribeSubnets", json!({"SubnetIds": [subnet]}));
    assert_eq!(text(&seen, "/MapPublicIpOnLaunch"), "true");
}

// DESIGN.md: it never answers success for what it did not do
#[test]
fn parameters_that_are_not_modelled_are_refused() {
    let mut world = World::new();
    let own = json!({"CidrBlock": "10.0.0.0/16", "Ipv6Pool": "ipv6pool-ec2-1"});
    world.refused("CreateVpc", own, "UnsupportedOperation", "Ipv6Pool");
    let pool = json!({"Ipv4IpamPoolId": "ipam-pool-1"});
    world.refused("CreateVpc", pool, "UnsupportedOperation", "Ipv4IpamPoolId");
}
