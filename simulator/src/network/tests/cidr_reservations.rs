//! Subnet CIDR reservations: VPC user guide, "Subnet CIDR reservations".

use serde_json::{Value, json};

use super::{World, interface, subnet, text, vpc};

const PATH: &str = "/SubnetCidrReservation/SubnetCidrReservationId";

fn reserve(subnet: &str, block: &str) -> Value {
    json!({"SubnetId": subnet, "Cidr": block, "ReservationType": "explicit"})
}

fn small(world: &mut World) -> String {
    let vpc = vpc(world, "10.0.0.0/16");
    subnet(world, &vpc, "10.0.0.0/28")
}

fn all(world: &mut World, subnet: &str) -> Value {
    world.ok("GetSubnetCidrReservations", json!({"SubnetId": subnet}))
}

#[test]
fn a_reservation_is_made_and_ended() {
    let mut world = World::new();
    let subnet = small(&mut world);
    let kind = "subnet-cidr-reservation";
    let tags = json!([{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": "x"}]}]);
    let mut input = reserve(&subnet, "10.0.0.9/30");
    input["Description"] = json!("for later");
    input["TagSpecifications"] = tags;
    let made = world.ok("CreateSubnetCidrReservation", input);
    assert_eq!(text(&made, "/SubnetCidrReservation/Cidr"), "10.0.0.8/30");
    let seen = all(&mut world, &subnet);
    assert_eq!(
        seen["SubnetIpv4CidrReservations"][0],
        made["SubnetCidrReservation"]
    );
    assert_eq!(seen["SubnetIpv6CidrReservations"], json!([]));
    for (name, value, count) in [
        ("reservationType", "explicit", 1),
        ("reservationType", "prefix", 0),
        ("subnet-id", subnet.as_str(), 1),
        ("tag:Name", "x", 1),
    ] {
        let filters = [json!({"Name": name, "Values": [value]})];
        let input = json!({"SubnetId": subnet, "Filters": filters});
        let seen = world.ok("GetSubnetCidrReservations", input);
        let found = seen["SubnetIpv4CidrReservations"].as_array().unwrap();
        assert_eq!(found.len(), count, "{name}");
    }
    let id = text(&made, PATH);
    let delete = json!({"SubnetCidrReservationId": id});
    let gone = world.ok("DeleteSubnetCidrReservation", delete.clone());
    assert_eq!(
        gone["DeletedSubnetCidrReservation"],
        made["SubnetCidrReservation"]
    );
    let code = "InvalidSubnetCidrReservationID.NotFound";
    world.refused("DeleteSubnetCidrReservation", delete, code, &id);
}

#[test]
fn reservations_are_within_the_subnet_and_apart() {
    let mut world = World::new();
    let subnet = small(&mut world);
    world.ok(
        "CreateSubnetCidrReservation",
        reserve(&subnet, "10.0.0.8/30"),
    );
    for (block, code, message) in [
        (
            "10.0.1.0/28",
            "InvalidParameterValue",
            "within subnet CIDR block (10.0.0.0/28)",
        ),
        ("10.0.0.0/27", "InvalidParameterValue", "within"),
        ("10.0.0.10/32", "InvalidParameterValue", "overlap"),
        ("10.0.0.0/28", "InvalidParameterValue", "overlap"),
        ("2001:db8::/80", "InvalidParameterValue", "within"),
        ("nonsense", "InvalidParameterValue", "cidr"),
        ("", "MissingParameter", "cidr"),
    ] {
        world.refused(
            "CreateSubnetCidrReservation",
            reserve(&subnet, block),
            code,
            message,
        );
    }
    let mut odd = reserve(&subnet, "10.0.0.12/32");
    odd["ReservationType"] = json!("shared");
    world.refused(
        "CreateSubnetCidrReservation",
        odd,
        "InvalidParameterValue",
        "shared",
    );
    let nowhere = json!({"SubnetId": "subnet-0123456789abcdef0"});
    let code = "InvalidSubnetID.NotFound";
    world.refused("GetSubnetCidrReservations", nowhere, code, "");
    world.refused(
        "GetSubnetCidrReservations",
        json!({}),
        "MissingParameter",
        "subnetId",
    );
}

// "AWS does not assign them automatically"; by hand they can be assigned.
#[test]
fn reserved_addresses_are_not_given_out() {
    let mut world = World::new();
    let subnet = small(&mut world);
    // 11 addresses, 4 to 14: three stay.
    world.ok(
        "CreateSubnetCidrReservation",
        reserve(&subnet, "10.0.0.4/30"),
    );
    world.ok(
        "CreateSubnetCidrReservation",
        reserve(&subnet, "10.0.0.8/30"),
    );
    for expected in ["10.0.0.12", "10.0.0.13", "10.0.0.14"] {
        let id = interface(&mut world, &subnet);
        let input = json!({"NetworkInterfaceIds": [id]});
        let seen = world.one("DescribeNetworkInterfaces", input);
        assert_eq!(text(&seen, "/PrivateIpAddress"), expected);
    }
    let code = "InsufficientFreeAddressesInSubnet";
    let input = json!({"SubnetId": subnet});
    world.refused("CreateNetworkInterface", input, code, &subnet);
    let wanted = json!({"SubnetId": subnet, "PrivateIpAddress": "10.0.0.5"});
    world.ok("CreateNetworkInterface", wanted);
}

// facts: ec2-semantics.md, section 3, Subnet: "CIDR reservations block".
#[test]
fn a_reservation_keeps_its_subnet() {
    let mut world = World::new();
    let subnet = small(&mut world);
    let input = reserve(&subnet, "10.0.0.8/30");
    let id = world.make("CreateSubnetCidrReservation", input, PATH);
    let delete = json!({"SubnetId": subnet});
    let message = "has dependencies and cannot be deleted";
    world.refused(
        "DeleteSubnet",
        delete.clone(),
        "DependencyViolation",
        message,
    );
    world.ok(
        "DeleteSubnetCidrReservation",
        json!({"SubnetCidrReservationId": id}),
    );
    world.ok("DeleteSubnet", delete);
}

#[test]
fn reservations_come_in_pages() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    for n in 0..7 {
        let block = format!("10.0.0.{}/32", 10 + n);
        world.ok("CreateSubnetCidrReservation", reserve(&subnet, &block));
    }
    let page = |token: Value| json!({"SubnetId": subnet, "MaxResults": 5, "NextToken": token});
    let first = world.ok("GetSubnetCidrReservations", page(Value::Null));
    let second = world.ok(
        "GetSubnetCidrReservations",
        page(first["NextToken"].clone()),
    );
    let count = |it: &Value| it["SubnetIpv4CidrReservations"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&second)), (5, 2));
    assert!(second["NextToken"].is_null());
    let few = json!({"SubnetId": subnet, "MaxResults": 4});
    world.refused(
        "GetSubnetCidrReservations",
        few,
        "InvalidParameterValue",
        "maxResults",
    );
}
