//! IPv6 blocks and addresses: EC2 API reference; VPC user guide, "IP addressing".

use serde_json::{Value, json};

use super::{World, group, interface, subnet, text, vpc};

fn give(world: &mut World, vpc: &str) -> Value {
    let input = json!({"VpcId": vpc, "AmazonProvidedIpv6CidrBlock": true});
    world.ok("AssociateVpcCidrBlock", input)["Ipv6CidrBlockAssociation"].clone()
}

/// A block of a subnet in a VPC's block: its `n`th /64.
fn part(block: &str, n: u8) -> String {
    let (start, _) = block.split_once("00::/56").unwrap();
    format!("{start}{n:02x}::/64")
}

/// A VPC with a block, a subnet with a part of it, and that part.
fn net(world: &mut World) -> (String, String, String) {
    let vpc = vpc(world, "10.0.0.0/16");
    let block = text(&give(world, &vpc), "/Ipv6CidrBlock");
    let subnet = subnet(world, &vpc, "10.0.0.0/24");
    let part = part(&block, 1);
    let input = json!({"SubnetId": subnet, "Ipv6CidrBlock": part});
    world.ok("AssociateSubnetCidrBlock", input);
    (vpc, subnet, part)
}

fn seen_vpc(world: &mut World, vpc: &str) -> Value {
    world.one("DescribeVpcs", json!({"VpcIds": [vpc]}))
}

fn of_vpc(world: &mut World, operation: &str, vpc: &str) -> Value {
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
    world.one(operation, filter)
}

#[test]
fn amazon_gives_a_block_and_takes_it_back() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let given = give(&mut world, &vpc);
    assert_eq!(text(&given, "/Ipv6CidrBlockState/State"), "associating");
    let block = text(&given, "/Ipv6CidrBlock");
    assert!(
        block.starts_with("2001:db8:") && block.ends_with("::/56"),
        "{block}"
    );
    let seen = seen_vpc(&mut world, &vpc);
    let set = &seen["Ipv6CidrBlockAssociationSet"];
    assert_eq!(text(set, "/0/Ipv6CidrBlockState/State"), "associated");
    let table = of_vpc(&mut world, "DescribeRouteTables", &vpc);
    assert_eq!(text(&table, "/Routes/1/DestinationIpv6CidrBlock"), block);
    assert_eq!(text(&table, "/Routes/1/GatewayId"), "local");
    // A table made later has the route too, and no one can delete it.
    let path = "/RouteTable/RouteTableId";
    let later = world.make("CreateRouteTable", json!({"VpcId": vpc}), path);
    let delete = json!({"RouteTableId": later, "DestinationIpv6CidrBlock": block});
    world.refused(
        "DeleteRoute",
        delete,
        "InvalidParameterValue",
        "local route",
    );
    let take = json!({"AssociationId": given["AssociationId"]});
    let gone = world.ok("DisassociateVpcCidrBlock", take.clone());
    let state = "/Ipv6CidrBlockAssociation/Ipv6CidrBlockState/State";
    assert_eq!(text(&gone, state), "disassociating");
    assert!(gone["CidrBlockAssociation"].is_null());
    let code = "InvalidVpcCidrBlockAssociationID.NotFound";
    world.refused("DisassociateVpcCidrBlock", take, code, "");
    let table = of_vpc(&mut world, "DescribeNetworkAcls", &vpc);
    assert_eq!(
        table["Entries"].as_array().unwrap().len(),
        8,
        "its entries stay"
    );
    let input = json!({"RouteTableIds": [later]});
    let table = world.one("DescribeRouteTables", input);
    assert_eq!(table["Routes"].as_array().unwrap().len(), 1);
}

#[test]
fn exactly_one_kind_of_block_is_asked_for() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let none = json!({"VpcId": vpc});
    world.refused("AssociateVpcCidrBlock", none, "MissingParameter", "");
    let both = json!({"VpcId": vpc, "CidrBlock": "10.1.0.0/16",
                      "AmazonProvidedIpv6CidrBlock": true});
    world.refused(
        "AssociateVpcCidrBlock",
        both,
        "InvalidParameterCombination",
        "",
    );
    let pool = json!({"VpcId": vpc, "Ipv6IpamPoolId": "ipam-pool-1"});
    world.refused(
        "AssociateVpcCidrBlock",
        pool,
        "UnsupportedOperation",
        "Ipv6IpamPoolId",
    );
}

#[test]
fn five_blocks_a_vpc() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let blocks: Vec<Value> = (0..5).map(|_| give(&mut world, &vpc)).collect();
    let mut texts: Vec<String> = blocks.iter().map(|it| text(it, "/Ipv6CidrBlock")).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), 5);
    let input = json!({"VpcId": vpc, "AmazonProvidedIpv6CidrBlock": true});
    world.refused("AssociateVpcCidrBlock", input, "CidrLimitExceeded", "");
}

// VPC user guide, "Default network ACL" and "Default security groups".
#[test]
fn the_defaults_let_ipv6_through() {
    let mut world = World::new();
    let made = world.ok(
        "CreateVpc",
        json!({"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": true}),
    );
    let state = "/Vpc/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlockState/State";
    assert_eq!(text(&made, state), "associating");
    let vpc = text(&made, "/Vpc/VpcId");
    let acl = of_vpc(&mut world, "DescribeNetworkAcls", &vpc);
    let entries = acl["Entries"].as_array().unwrap();
    let numbers: Vec<i64> = entries
        .iter()
        .map(|it| it["RuleNumber"].as_i64().unwrap())
        .collect();
    assert_eq!(
        numbers,
        [100, 101, 32_767, 32_768, 100, 101, 32_767, 32_768]
    );
    for entry in entries {
        let number = entry["RuleNumber"].as_i64().unwrap();
        assert_eq!(
            entry["RuleAction"],
            if number < 200 { "allow" } else { "deny" }
        );
        let is_ipv6 = matches!(number, 101 | 32_768);
        assert_eq!(entry["Ipv6CidrBlock"] == "::/0", is_ipv6, "{entry}");
    }
    let default = of_vpc(&mut world, "DescribeSecurityGroups", &vpc);
    assert_eq!(
        text(&default, "/IpPermissionsEgress/0/Ipv6Ranges/0/CidrIpv6"),
        "::/0"
    );
    // What is made later begins so.
    let later = group(&mut world, &vpc, "web");
    let later = world.one("DescribeSecurityGroups", json!({"GroupIds": [later]}));
    assert_eq!(
        text(&later, "/IpPermissionsEgress/0/Ipv6Ranges/0/CidrIpv6"),
        "::/0"
    );
    let later = world.ok("CreateNetworkAcl", json!({"VpcId": vpc}));
    assert_eq!(later["NetworkAcl"]["Entries"].as_array().unwrap().len(), 4);
}

// The same: "if you've modified the inbound rules … we do not automatically add …".
#[test]
fn changed_defaults_are_left_alone() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let acl = of_vpc(&mut world, "DescribeNetworkAcls", &vpc);
    let entry = json!({"NetworkAclId": acl["NetworkAclId"], "RuleNumber": 100, "Egress": false});
    world.ok("DeleteNetworkAclEntry", entry);
    let group = of_vpc(&mut world, "DescribeSecurityGroups", &vpc);
    let revoke =
        json!({"GroupId": group["GroupId"], "IpPermissions": group["IpPermissionsEgress"]});
    world.ok("RevokeSecurityGroupEgress", revoke);
    give(&mut world, &vpc);
    let acl = of_vpc(&mut world, "DescribeNetworkAcls", &vpc);
    let entries = acl["Entries"].as_array().unwrap().iter();
    let numbers = entries.map(|it| (it["RuleNumber"].as_i64().unwrap(), it["Egress"] == true));
    let expected = [
        (32_767, false),
        (32_768, false),
        (100, true),
        (101, true),
        (32_767, true),
        (32_768, true),
    ];
    assert_eq!(numbers.collect::<Vec<_>>(), expected);
    let group = of_vpc(&mut world, "DescribeSecurityGroups", &vpc);
    assert_eq!(group["IpPermissionsEgress"], json!([]));
}

// EC2 API reference, AssociateSubnetCidrBlock: one block, within the VPC's.
#[test]
fn a_subnet_has_one_block_of_its_vpc() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let associate = |block: &str| json!({"SubnetId": subnet, "Ipv6CidrBlock": block});
    let operation = "AssociateSubnetCidrBlock";
    world.refused(
        operation,
        associate("2001:db8::/64"),
        "InvalidSubnet.Range",
        "",
    );
    let block = text(&give(&mut world, &vpc), "/Ipv6CidrBlock");
    let one = part(&block, 1);
    for (text, code) in [
        ("", "MissingParameter"),
        ("10.0.0.0/24", "InvalidParameterValue"),
        ("2600::/64", "InvalidSubnet.Range"),
        (&one.replace("/64", "/63"), "InvalidSubnet.Range"),
    ] {
        world.refused(operation, associate(text), code, "");
    }
    let made = world.ok(operation, associate(&one));
    let id = text(&made, "/Ipv6CidrBlockAssociation/AssociationId");
    assert!(id.starts_with("subnet-cidr-assoc-"), "{id}");
    world.refused(
        operation,
        associate(&part(&block, 2)),
        "CidrLimitExceeded",
        "",
    );
    let beside =
        |part: &str| json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24", "Ipv6CidrBlock": part});
    world.refused("CreateSubnet", beside(&one), "InvalidSubnet.Conflict", &one);
    let made = world.ok("CreateSubnet", beside(&part(&block, 2)));
    let path = "/Subnet/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlock";
    assert_eq!(text(&made, path), part(&block, 2));
    // While a subnet has a part of it, the VPC keeps its block.
    let whole = seen_vpc(&mut world, &vpc);
    let take =
        json!({"AssociationId": text(&whole, "/Ipv6CidrBlockAssociationSet/0/AssociationId")});
    world.refused(
        "DisassociateVpcCidrBlock",
        take,
        "InvalidCidrBlock.InUse",
        &vpc,
    );
    let gone = world.ok("DisassociateSubnetCidrBlock", json!({"AssociationId": id}));
    assert_eq!(text(&gone, "/SubnetId"), subnet);
    let code = "InvalidSubnetCidrBlockAssociationID.NotFound";
    world.refused(
        "DisassociateSubnetCidrBlock",
        json!({"AssociationId": id}),
        code,
        &id,
    );
}

#[test]
fn addresses_are_assigned_and_unassigned() {
    let mut world = World::new();
    let (_, subnet, part) = net(&mut world);
    let start = part.trim_end_matches("/64").to_owned();
    let one = interface(&mut world, &subnet);
    let other = interface(&mut world, &subnet);
    let count = |id: &str, n: i64| json!({"NetworkInterfaceId": id, "Ipv6AddressCount": n});
    let listed = |id: &str, ip: &str| json!({"NetworkInterfaceId": id, "Ipv6Addresses": [ip]});
    let made = world.ok("AssignIpv6Addresses", count(&one, 2));
    // The first four are AWS's.
    let expected = [format!("{start}4"), format!("{start}5")];
    assert_eq!(made["AssignedIpv6Addresses"], json!(expected));
    let made = world.ok("AssignIpv6Addresses", listed(&other, &format!("{start}A")));
    assert_eq!(made["AssignedIpv6Addresses"], json!([format!("{start}a")]));
    let input = json!({"NetworkInterfaceIds": [one]});
    let seen = world.one("DescribeNetworkInterfaces", input.clone());
    assert_eq!(text(&seen, "/Ipv6Addresses/1/Ipv6Address"), expected[1]);
    for (input, code) in [
        (json!({"NetworkInterfaceId": other}), "MissingParameter"),
        (listed(&other, &expected[0]), "InvalidIPAddress.InUse"),
        (listed(&other, "2600::1"), "InvalidParameterValue"),
        (
            listed(&other, &format!("{start}1")),
            "InvalidParameterValue",
        ),
        (count(&other, 60), "PrivateIpAddressLimitExceeded"),
        (
            json!({"NetworkInterfaceId": other, "Ipv6PrefixCount": 1}),
            "UnsupportedOperation",
        ),
    ] {
        world.refused("AssignIpv6Addresses", input, code, "");
    }
    let both = json!({"NetworkInterfaceId": other, "Ipv6AddressCount": 1,
                      "Ipv6Addresses": [expected[0]]});
    world.refused(
        "AssignIpv6Addresses",
        both,
        "InvalidParameterCombination",
        "",
    );
    let gone = world.ok("UnassignIpv6Addresses", listed(&one, &expected[0]));
    assert_eq!(gone["UnassignedIpv6Addresses"], json!([expected[0]]));
    let code = "InvalidParameterValue";
    world.refused(
        "UnassignIpv6Addresses",
        listed(&one, &expected[0]),
        code,
        &expected[0],
    );
    let seen = world.one("DescribeNetworkInterfaces", input);
    assert_eq!(seen["Ipv6Addresses"].as_array().unwrap().len(), 1);
    // What is free again is given out again.
    let made = world.ok("AssignIpv6Addresses", count(&other, 1));
    assert_eq!(made["AssignedIpv6Addresses"], json!([expected[0]]));
}

#[test]
fn a_block_in_use_stays() {
    let mut world = World::new();
    let (_, subnet, part) = net(&mut world);
    let id = interface(&mut world, &subnet);
    let seen = world.one("DescribeSubnets", json!({"SubnetIds": [subnet]}));
    let take =
        json!({"AssociationId": text(&seen, "/Ipv6CidrBlockAssociationSet/0/AssociationId")});
    let count = json!({"NetworkInterfaceId": id, "Ipv6AddressCount": 1});
    let made = world.ok("AssignIpv6Addresses", count);
    let operation = "DisassociateSubnetCidrBlock";
    world.refused(operation, take.clone(), "InvalidCidrBlock.InUse", &subnet);
    let give_back =
        json!({"NetworkInterfaceId": id, "Ipv6Addresses": made["AssignedIpv6Addresses"]});
    world.ok("UnassignIpv6Addresses", give_back);
    let reserve = json!({"SubnetId": subnet, "Cidr": part, "ReservationType": "prefix"});
    let path = "/SubnetCidrReservation/SubnetCidrReservationId";
    let reservation = world.make("CreateSubnetCidrReservation", reserve, path);
    world.refused(operation, take.clone(), "InvalidCidrBlock.InUse", &subnet);
    // All of it is reserved, so that AWS has none to give.
    let count = json!({"NetworkInterfaceId": id, "Ipv6AddressCount": 1});
    let code = "InsufficientFreeAddressesInSubnet";
    world.refused("AssignIpv6Addresses", count, code, &subnet);
    let delete = json!({"SubnetCidrReservationId": reservation});
    world.ok("DeleteSubnetCidrReservation", delete);
    world.ok(operation, take);
    let without = json!({"NetworkInterfaceId": id, "Ipv6AddressCount": 1});
    let message = "does not have an IPv6 CIDR block";
    world.refused(
        "AssignIpv6Addresses",
        without,
        "InvalidParameterValue",
        message,
    );
}
