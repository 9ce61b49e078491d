//! Secondary addresses of NAT gateways: EC2 API reference, AssociateNatGatewayAddress and its
//! siblings; VPC user guide, "Edit secondary IP address associations".

use serde_json::{Value, json};

use super::{Net, World, subnet, text, vpc, vpc_with_gateway};
use crate::network::Choices;

const PATH: &str = "/NatGateway/NatGatewayId";

fn addresses(world: &mut World, nat: &str) -> Vec<Value> {
    let nat = world.one("DescribeNatGateways", json!({"NatGatewayIds": [nat]}));
    nat["NatGatewayAddresses"].as_array().unwrap().clone()
}

fn elastic(world: &mut World) -> String {
    world.make("AllocateAddress", json!({}), "/AllocationId")
}

fn free(world: &mut World, subnet: &str) -> i64 {
    let subnet = world.one("DescribeSubnets", json!({"SubnetIds": [subnet]}));
    subnet["AvailableIpAddressCount"].as_i64().unwrap()
}

// "By default, you can associate up to 2 Elastic IP addresses per public NAT gateway"
#[test]
fn an_elastic_address_comes_and_drains() {
    let mut net = Net::new();
    let further = elastic(&mut net.world);
    let before = free(&mut net.world, &net.public);
    let world = &mut net.world;
    let join = json!({"NatGatewayId": net.nat, "AllocationIds": [further]});
    let answer = world.ok("AssociateNatGatewayAddress", join.clone());
    assert_eq!(
        text(&answer, "/NatGatewayAddresses/0/Status"),
        "associating"
    );
    assert_eq!(text(&answer, "/NatGatewayAddresses/0/IsPrimary"), "false");
    let association = text(&answer, "/NatGatewayAddresses/0/AssociationId");
    let leave = json!({"NatGatewayId": net.nat, "AssociationIds": [association],
                       "MaxDrainDurationSeconds": 100});
    // hashicorp/terraform-provider-aws, issue 44581
    let busy = format!("Service is currently ASSOCIATING the following EIPs: [{further}].");
    let name = "DisassociateNatGatewayAddress";
    world.refused(name, leave.clone(), "OperationInProgress", &busy);
    world.wait(60);
    let seen = addresses(world, &net.nat);
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1]["Status"], "succeeded");
    assert_eq!(free(world, &net.public), before - 1);
    let third = elastic(world);
    let too_many = json!({"NatGatewayId": net.nat, "AllocationIds": [third]});
    world.refused(
        "AssociateNatGatewayAddress",
        too_many,
        "AddressLimitExceeded",
        "2",
    );
    // "An EIP is released only at the end of MaxDrainDurationSeconds"
    let answer = world.ok(name, leave);
    assert_eq!(
        text(&answer, "/NatGatewayAddresses/0/Status"),
        "disassociating"
    );
    world.wait(90);
    let release = json!({"AllocationId": further});
    world.refused(
        "ReleaseAddress",
        release.clone(),
        "InvalidIPAddress.InUse",
        "",
    );
    let other = json!({"NatGatewayId": net.nat, "AllocationIds": [third]});
    world.refused(
        "AssociateNatGatewayAddress",
        other,
        "OperationInProgress",
        "DISASSOCIATING",
    );
    world.wait(20);
    assert_eq!(addresses(world, &net.nat).len(), 1);
    assert_eq!(free(world, &net.public), before);
    world.ok("ReleaseAddress", release);
}

// "You cannot disassociate your primary EIP"
#[test]
fn primary_addresses_stay() {
    let mut net = Net::new();
    let primary = addresses(&mut net.world, &net.nat).remove(0);
    let input = json!({"NatGatewayId": net.nat, "AssociationIds": [primary["AssociationId"]]});
    let name = "DisassociateNatGatewayAddress";
    net.world
        .refused(name, input, "InvalidParameterValue", "primary");
    for (input, code) in [
        (
            json!({"AssociationIds": ["eipassoc-0123456789abcdef0"]}),
            "MissingParameter",
        ),
        (json!({"NatGatewayId": net.nat}), "MissingParameter"),
        (
            json!({"NatGatewayId": "nat-0123456789abcdef0",
                   "AssociationIds": [primary["AssociationId"]]}),
            "NatGatewayNotFound",
        ),
        (
            json!({"NatGatewayId": net.nat, "AssociationIds": ["eipassoc-0123456789abcdef0"]}),
            "InvalidAssociationID.NotFound",
        ),
        (
            json!({"NatGatewayId": net.nat, "AssociationIds": [primary["AssociationId"]],
                   "MaxDrainDurationSeconds": 4001}),
            "InvalidParameterValue",
        ),
    ] {
        net.world.refused(name, input, code, "");
    }
    let dry = json!({"NatGatewayId": net.nat, "AssociationIds": [primary["AssociationId"]],
                     "DryRun": true});
    net.world.refused(name, dry, "DryRunOperation", "");
    let private = json!({"NatGatewayId": net.nat, "PrivateIpAddressCount": 1});
    let name = "AssignPrivateNatGatewayAddress";
    net.world
        .refused(name, private, "InvalidParameterCombination", "private NAT");
}

#[test]
fn what_is_held_elsewhere_is_refused() {
    let mut net = Net::new();
    let mut choices = net.world.twin.network_choices().clone();
    choices.quotas.addresses_per_nat_gateway = 8;
    net.world.twin.set_network_choices(choices);
    let name = "AssociateNatGatewayAddress";
    let own = json!({"NatGatewayId": net.nat, "AllocationIds": [net.address]});
    net.world
        .refused(name, own, "Resource.AlreadyAssociated", &net.address);
    let twice = elastic(&mut net.world);
    let input = json!({"NatGatewayId": net.nat, "AllocationIds": [twice, twice]});
    net.world
        .refused(name, input, "Resource.AlreadyAssociated", &twice);
    let input = json!({"NatGatewayId": net.nat, "AllocationIds": [twice],
                       "PrivateIpAddresses": ["10.0.1.9"]});
    net.world
        .refused(name, input, "InvalidParameterValue", "10.0.1.9");
    let input = json!({"NatGatewayId": net.nat, "AllocationIds": [twice],
                       "PrivateIpAddresses": ["10.0.0.9", "10.0.0.10"]});
    net.world
        .refused(name, input, "InvalidParameterCombination", "");
    let unknown = json!({"NatGatewayId": net.nat, "AllocationIds": ["eipalloc-0123456789abcdef0"]});
    net.world
        .refused(name, unknown, "InvalidAllocationID.NotFound", "");
    let fine = json!({"NatGatewayId": net.nat, "AllocationIds": [twice],
                      "PrivateIpAddresses": ["10.0.0.9"]});
    let answer = net.world.ok(name, fine);
    assert_eq!(
        text(&answer, "/NatGatewayAddresses/0/PrivateIp"),
        "10.0.0.9"
    );
    // "You are, however, allowed to delete the NAT gateway"; all addresses become free.
    net.world
        .ok("DeleteNatGateway", json!({"NatGatewayId": net.nat}));
    let more = json!({"NatGatewayId": net.nat, "AllocationIds": [twice]});
    net.world.refused(name, more, "IncorrectState", "deleting");
    net.world.wait(120);
    for address in [&twice, &net.address] {
        net.world
            .ok("ReleaseAddress", json!({"AllocationId": address}));
    }
    net.world
        .ok("DeleteSubnet", json!({"SubnetId": net.public}));
}

#[test]
fn a_private_gateway_has_private_addresses() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let place = subnet(&mut world, &vpc, "10.0.0.0/24");
    let base = json!({"SubnetId": place, "ConnectivityType": "private"});
    let with = |more: Value| {
        let mut input = base.clone();
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    for (more, code) in [
        (
            json!({"SecondaryPrivateIpAddressCount": 32}),
            "InvalidParameterValue",
        ),
        (
            json!({"SecondaryPrivateIpAddressCount": 8}),
            "PrivateIpAddressLimitExceeded",
        ),
        (
            json!({"SecondaryPrivateIpAddressCount": 1, "SecondaryPrivateIpAddresses": ["10.0.0.9"]}),
            "InvalidParameterCombination",
        ),
        (
            json!({"SecondaryAllocationIds": ["eipalloc-0123456789abcdef0"]}),
            "InvalidParameterCombination",
        ),
        (
            json!({"SecondaryPrivateIpAddresses": ["10.9.0.9"]}),
            "InvalidParameterValue",
        ),
        (
            json!({"PrivateIpAddress": "10.0.0.9", "SecondaryPrivateIpAddresses": ["10.0.0.9"]}),
            "InvalidIPAddress.InUse",
        ),
    ] {
        world.refused("CreateNatGateway", with(more), code, "");
    }
    let input = with(json!({"SecondaryPrivateIpAddresses": ["10.0.0.9"]}));
    let nat = world.make("CreateNatGateway", input, PATH);
    let grow = json!({"NatGatewayId": nat, "PrivateIpAddressCount": 2});
    let name = "AssignPrivateNatGatewayAddress";
    world.refused(name, grow.clone(), "IncorrectState", "pending");
    world.wait(300);
    let seen = addresses(&mut world, &nat);
    let told: Vec<(&str, bool)> = seen
        .iter()
        .map(|it| (it["PrivateIp"].as_str().unwrap(), it["IsPrimary"] == true))
        .collect();
    assert_eq!(told, [("10.0.0.4", true), ("10.0.0.9", false)]);
    let answer = world.ok(name, grow);
    assert_eq!(text(&answer, "/NatGatewayAddresses/1/Status"), "assigning");
    world.wait(60);
    assert_eq!(free(&mut world, &place), 251 - 4);
    let ip = text(&answer, "/NatGatewayAddresses/0/PrivateIp");
    let name = "UnassignPrivateNatGatewayAddress";
    let primary = json!({"NatGatewayId": nat, "PrivateIpAddresses": ["10.0.0.4"]});
    world.refused(name, primary, "InvalidParameterValue", "primary");
    let unknown = json!({"NatGatewayId": nat, "PrivateIpAddresses": ["10.0.0.200"]});
    world.refused(name, unknown, "InvalidParameterValue", "10.0.0.200");
    world.ok(
        name,
        json!({"NatGatewayId": nat, "PrivateIpAddresses": [ip, "10.0.0.9"]}),
    );
    // "Default value is 350 seconds."
    world.wait(340);
    assert_eq!(addresses(&mut world, &nat).len(), 4);
    world.wait(20);
    assert_eq!(addresses(&mut world, &nat).len(), 2);
    assert_eq!(free(&mut world, &place), 251 - 2);
}

// Failures of secondary addresses come as those of the primary one do (facts: ec2-semantics.md,
// section 3, NAT gateway).
#[test]
fn secondary_addresses_are_there_from_the_start() {
    let mut world = World::new();
    let (vpc, _) = vpc_with_gateway(&mut world);
    let place = subnet(&mut world, &vpc, "10.0.0.0/24");
    let (one, other) = (elastic(&mut world), elastic(&mut world));
    let input = |first: &str, second: &str| json!({"SubnetId": place, "AllocationId": first, "SecondaryAllocationIds": [second]});
    let failed = world.make("CreateNatGateway", input(&one, &one), PATH);
    let nat = world.make("CreateNatGateway", input(&one, &other), PATH);
    let counted =
        json!({"SubnetId": place, "AllocationId": one, "SecondaryPrivateIpAddressCount": 1});
    world.refused(
        "CreateNatGateway",
        counted,
        "InvalidParameterCombination",
        "private",
    );
    world.wait(300);
    let seen = world.one("DescribeNatGateways", json!({"NatGatewayIds": [failed]}));
    assert_eq!(text(&seen, "/FailureCode"), "Resource.AlreadyAssociated");
    let seen = addresses(&mut world, &nat);
    let held: Vec<&str> = seen
        .iter()
        .map(|it| it["AllocationId"].as_str().unwrap())
        .collect();
    assert_eq!(held, [&one, &other]);
    world.ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    world.wait(100);
    for address in [one, other] {
        world.ok("ReleaseAddress", json!({"AllocationId": address}));
    }
}

// A gateway that fails is no target: found by the property test.
#[test]
fn routes_to_a_gateway_that_fails_become_blackholes() {
    let mut net = Net::new();
    let nobody = "eipalloc-0123456789abcdef0";
    let input = json!({"SubnetId": net.public, "AllocationId": nobody});
    let nat = net.world.make("CreateNatGateway", input, PATH);
    net.world.ok(
        "CreateRoute",
        json!({"RouteTableId": net.private_table, "DestinationCidrBlock": "9.9.9.9/32",
               "NatGatewayId": nat}),
    );
    assert_eq!(net.private_route("9.9.9.9/32")["State"], "active");
    net.world.wait(300);
    assert_eq!(net.private_route("9.9.9.9/32")["State"], "blackhole");
}

#[test]
fn what_was_under_way_goes_on_after_a_snapshot() {
    let mut net = Net::new();
    let choices = Choices::default();
    net.world.twin.set_network_choices(choices);
    let further = elastic(&mut net.world);
    let input = json!({"NatGatewayId": net.nat, "AllocationIds": [further]});
    let answer = net.world.ok("AssociateNatGatewayAddress", input);
    let mut world = World::of(&net.world.twin.snapshot(), 7);
    world.wait(60);
    assert_eq!(addresses(&mut world, &net.nat)[1]["Status"], "succeeded");
    let association = text(&answer, "/NatGatewayAddresses/0/AssociationId");
    let input = json!({"NatGatewayId": net.nat, "AssociationIds": [association]});
    world.ok("DisassociateNatGatewayAddress", input);
    let mut world = World::of(&world.twin.snapshot(), 8);
    world.wait(400);
    assert_eq!(addresses(&mut world, &net.nat).len(), 1);
}
