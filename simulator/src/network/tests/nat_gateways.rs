//! NAT gateways: facts: ec2-semantics.md, section 3.

use sandtable_model::Region;
use serde_json::{Value, json};

use super::{Net, World, subnet, text, vpc, vpc_with_gateway};
use crate::network::Choices;

fn state(world: &mut World, nat: &str) -> Value {
    world.one("DescribeNatGateways", json!({"NatGatewayIds": [nat]}))
}

#[test]
fn a_nat_gateway_becomes_available() {
    let mut world = World::new();
    let (vpc, _) = vpc_with_gateway(&mut world);
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let address = world.make("AllocateAddress", json!({}), "/AllocationId");
    let input = json!({"SubnetId": subnet, "AllocationId": address, "ClientToken": "one"});
    let made = world.ok("CreateNatGateway", input.clone());
    assert_eq!(text(&made, "/NatGateway/State"), "pending");
    let nat = text(&made, "/NatGateway/NatGatewayId");
    let again = world.make(
        "CreateNatGateway",
        input.clone(),
        "/NatGateway/NatGatewayId",
    );
    assert_eq!(again, nat);
    let mut other = input;
    other["ConnectivityType"] = json!("private");
    other.as_object_mut().unwrap().remove("AllocationId");
    world.refused(
        "CreateNatGateway",
        other,
        "IdempotentParameterMismatch",
        "one",
    );
    // Held from the start.
    let release = json!({"AllocationId": address});
    world.refused("ReleaseAddress", release, "InvalidIPAddress.InUse", "");
    world.wait(60);
    assert_eq!(text(&state(&mut world, &nat), "/State"), "pending");
    world.wait(120);
    let seen = state(&mut world, &nat);
    assert_eq!(text(&seen, "/State"), "available");
    assert_eq!(text(&seen, "/ConnectivityType"), "public");
    assert_eq!(text(&seen, "/NatGatewayAddresses/0/PrivateIp"), "10.0.0.4");
    let interface = text(&seen, "/NatGatewayAddresses/0/NetworkInterfaceId");
    let by_id = json!({"NetworkInterfaceIds": [interface]});
    let interface = world.one("DescribeNetworkInterfaces", by_id);
    for (path, expected) in [
        ("/InterfaceType", "nat_gateway"),
        ("/RequesterManaged", "true"),
        ("/SourceDestCheck", "false"),
        ("/Status", "in-use"),
        ("/Attachment/InstanceOwnerId", "amazon-aws"),
        ("/Description", &format!("Interface for NAT Gateway {nat}")),
    ] {
        assert_eq!(text(&interface, path), expected, "{path}");
    }
}

// facts: ec2-semantics.md, section 3, NAT gateway: failures come as state `failed`
#[test]
fn what_is_wrong_comes_as_a_failed_gateway() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let place = subnet(&mut world, &vpc, "10.0.0.0/24");
    let address = world.make("AllocateAddress", json!({}), "/AllocationId");
    let path = "/NatGateway/NatGatewayId";
    let nobody = "eipalloc-0123456789abcdef0";
    let mut failed = Vec::new();
    for (allocation, code, message) in [
        (
            address.as_str(),
            "Gateway.NotAttached",
            format!("Network {vpc} has no Internet gateway attached"),
        ),
        (
            nobody,
            "InvalidAllocationID.NotFound",
            format!("Elastic IP address {nobody} could not be associated with this NAT gateway"),
        ),
    ] {
        let input = json!({"SubnetId": place, "AllocationId": allocation});
        let nat = world.make("CreateNatGateway", input, path);
        assert_eq!(text(&state(&mut world, &nat), "/State"), "pending");
        world.wait(300);
        let seen = state(&mut world, &nat);
        assert_eq!(text(&seen, "/State"), "failed");
        assert_eq!(text(&seen, "/FailureCode"), code);
        assert_eq!(text(&seen, "/FailureMessage"), message);
        failed.push(nat);
    }
    // It holds nothing, and goes by itself.
    world.ok("DeleteSubnet", json!({"SubnetId": place}));
    world.ok("ReleaseAddress", json!({"AllocationId": address}));
    world.wait(4000);
    for nat in failed {
        let input = json!({"NatGatewayIds": [nat]});
        world.refused("DescribeNatGateways", input, "NatGatewayNotFound", &nat);
    }
}

#[test]
fn an_address_in_use_fails_a_second_gateway() {
    let mut net = Net::new();
    let input = json!({"SubnetId": net.public, "AllocationId": net.address});
    let nat = net
        .world
        .make("CreateNatGateway", input, "/NatGateway/NatGatewayId");
    net.world.wait(300);
    let seen = state(&mut net.world, &nat);
    assert_eq!(text(&seen, "/FailureCode"), "Resource.AlreadyAssociated");
    assert_eq!(
        text(&seen, "/FailureMessage"),
        format!("Elastic IP address {} is already associated", net.address)
    );
}

#[test]
fn a_private_gateway_has_no_address() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let place = subnet(&mut world, &vpc, "10.0.0.0/24");
    world.refused(
        "CreateNatGateway",
        json!({"SubnetId": place}),
        "MissingParameter",
        "AllocationId",
    );
    let input = json!({"SubnetId": place, "ConnectivityType": "private"});
    let nat = world.make("CreateNatGateway", input, "/NatGateway/NatGatewayId");
    world.wait(300);
    let seen = state(&mut world, &nat);
    assert_eq!(text(&seen, "/State"), "available");
    assert_eq!(seen.pointer("/NatGatewayAddresses/0/PublicIp"), None);
    let regional = json!({"SubnetId": place, "AvailabilityMode": "regional",
                          "AllocationId": "eipalloc-0123456789abcdef0"});
    world.refused(
        "CreateNatGateway",
        regional,
        "UnsupportedOperation",
        "regional",
    );
}

// facts: ec2-semantics.md, section 3, NAT gateway: deleted ones stay about one hour
#[test]
fn a_deleted_gateway_stays_in_sight_for_an_hour() {
    let mut net = Net::new();
    let nat = net.nat.clone();
    net.world
        .ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    net.world.wait(120);
    assert_eq!(net.nat_state(), "deleted");
    net.world.wait(3000);
    assert_eq!(net.nat_state(), "deleted");
    net.world.wait(1200);
    let input = json!({"NatGatewayIds": [nat]});
    net.world
        .refused("DescribeNatGateways", input, "NatGatewayNotFound", &nat);
    assert_eq!(text(&net.private_route("0.0.0.0/0"), "/State"), "blackhole");
    let malformed = json!({"NatGatewayIds": ["nat-nothex"]});
    net.world.refused(
        "DescribeNatGateways",
        malformed,
        "NatGatewayMalformed",
        "nat-nothex",
    );
}

// facts: ec2-semantics.md, section 1, "Idempotency" (gap): second DeleteNatGateway
#[test]
fn deleting_twice_is_a_choice() {
    let mut net = Net::new();
    let input = json!({"NatGatewayId": net.nat});
    net.world.ok("DeleteNatGateway", input.clone());
    net.world.ok("DeleteNatGateway", input.clone());
    net.world.wait(120);
    net.world.ok("DeleteNatGateway", input.clone());
    assert_eq!(
        net.nat_state(),
        "deleted",
        "a second call does not begin anew"
    );
    let choices = Choices {
        repeated_nat_delete_succeeds: false,
        ..net.world.twin.network_choices().clone()
    };
    net.world.twin.set_network_choices(choices);
    net.world
        .refused("DeleteNatGateway", input, "NatGatewayNotFound", "");
}

// A deleted gateway is no obstacle for the rest of the teardown, though it is still described.
#[test]
fn a_teardown_ends_with_nothing() {
    let mut net = Net::new();
    let world = &mut net.world;
    world.ok("DeleteNatGateway", json!({"NatGatewayId": net.nat}));
    world.wait(120);
    world.ok("ReleaseAddress", json!({"AllocationId": net.address}));
    for subnet in [&net.public, &net.private] {
        world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    }
    for table in [&net.public_table, &net.private_table] {
        world.ok("DeleteRouteTable", json!({"RouteTableId": table}));
    }
    let join = json!({"InternetGatewayId": net.gateway, "VpcId": net.vpc});
    world.ok("DetachInternetGateway", join);
    world.ok(
        "DeleteInternetGateway",
        json!({"InternetGatewayId": net.gateway}),
    );
    world.ok("DeleteVpc", json!({"VpcId": net.vpc}));
    world.wait(4000);
    assert!(world.twin.diff().is_empty(), "{:#?}", world.twin.diff());
}

// facts: ec2-semantics.md, section 5: NAT gateways per AZ 5 (pending + active + deleting count)
#[test]
fn gateways_are_counted_per_zone() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let place = subnet(&mut world, &vpc, "10.0.0.0/24");
    let input = json!({"SubnetId": place, "ConnectivityType": "private"});
    let path = "/NatGateway/NatGatewayId";
    let nats: Vec<String> = (0..5)
        .map(|_| world.make("CreateNatGateway", input.clone(), path))
        .collect();
    let (code, message) = (
        "NatGatewayLimitExceeded",
        "exceed the limit of 5 NAT gateways",
    );
    world.refused("CreateNatGateway", input.clone(), code, message);
    world.ok("DeleteNatGateway", json!({"NatGatewayId": nats[0]}));
    world.refused("CreateNatGateway", input.clone(), code, message);
    world.wait(120);
    world.ok("CreateNatGateway", input);
}

// What was under way when a snapshot was taken goes on.
#[test]
fn lifecycles_resume_from_a_snapshot() {
    let mut net = Net::new();
    net.world
        .ok("DeleteNatGateway", json!({"NatGatewayId": net.nat}));
    net.world.wait(20);
    let snapshot = net.world.twin.snapshot();
    let mut world = World::of(&snapshot, 7);
    assert_eq!(text(&state(&mut world, &net.nat), "/State"), "deleting");
    world.wait(60);
    assert_eq!(text(&state(&mut world, &net.nat), "/State"), "deleted");
    let snapshot = world.twin.snapshot();
    assert_eq!(
        snapshot.regions().collect::<Vec<_>>(),
        [&Region::new(super::REGION).unwrap()]
    );
    let mut world = World::of(&snapshot, 8);
    world.wait(3700);
    let input = json!({"NatGatewayIds": [net.nat]});
    world.refused("DescribeNatGateways", input, "NatGatewayNotFound", "");
}

// A recorded gateway may not tell its interface; the interface tells the gateway.
#[test]
fn an_untold_interface_goes_with_its_gateway() {
    use sandtable_model::resource::NatGateway;
    let mut net = Net::new();
    let id = sandtable_model::NatGatewayId::new(&net.nat).unwrap();
    net.world
        .twin
        .state
        .update(&id, |it: &mut NatGateway| it.nat_gateway_addresses.clear());
    let release = json!({"AllocationId": net.address});
    net.world.refused(
        "ReleaseAddress",
        release.clone(),
        "InvalidIPAddress.InUse",
        "",
    );
    net.world
        .ok("DeleteNatGateway", json!({"NatGatewayId": net.nat}));
    net.world.wait(120);
    net.world.ok("ReleaseAddress", release);
    net.world
        .ok("DeleteSubnet", json!({"SubnetId": net.public}));
}

// Found by the property test: deleting a failed gateway must not make it hold a subnet that is gone.
#[test]
fn a_failed_gateway_can_be_deleted_after_its_subnet() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let place = subnet(&mut world, &vpc, "10.0.0.0/24");
    let input = json!({"SubnetId": place, "AllocationId": "eipalloc-0123456789abcdef0"});
    let nat = world.make("CreateNatGateway", input, "/NatGateway/NatGatewayId");
    world.wait(300);
    world.ok("DeleteSubnet", json!({"SubnetId": place}));
    world.ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    assert_eq!(text(&state(&mut world, &nat), "/State"), "deleted");
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
}
