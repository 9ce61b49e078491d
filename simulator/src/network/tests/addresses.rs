//! Elastic IP addresses: facts: ec2-semantics.md, section 3.

use serde_json::json;

use super::{Net, World, interface, subnet, text, vpc, vpc_with_gateway};
use crate::network::{Choices, Refusal};

#[test]
fn an_association_shows_on_all_sides() {
    let mut net = Net::new();
    let private = net.private.clone();
    let id = net.interface(&private);
    let made = net.world.ok("AllocateAddress", json!({"Domain": "vpc"}));
    let (address, ip) = (text(&made, "/AllocationId"), text(&made, "/PublicIp"));
    let input = json!({"AllocationId": address, "NetworkInterfaceId": id});
    let association = net
        .world
        .make("AssociateAddress", input.clone(), "/AssociationId");
    // The same again is no error, and the same association.
    let again = net.world.make("AssociateAddress", input, "/AssociationId");
    assert_eq!(again, association);
    let seen = net
        .world
        .one("DescribeAddresses", json!({"PublicIps": [ip]}));
    assert_eq!(text(&seen, "/NetworkInterfaceId"), id);
    assert_eq!(text(&seen, "/NetworkInterfaceOwnerId"), super::ACCOUNT);
    let by_id = json!({"NetworkInterfaceIds": [id]});
    let seen = net.world.one("DescribeNetworkInterfaces", by_id.clone());
    assert_eq!(text(&seen, "/Association/PublicIp"), ip);
    assert_eq!(
        text(&seen, "/PrivateIpAddresses/0/Association/AllocationId"),
        address
    );

    let input = json!({"AllocationId": address});
    net.world.refused(
        "ReleaseAddress",
        input.clone(),
        "InvalidIPAddress.InUse",
        &ip,
    );
    let leave = json!({"AssociationId": association});
    net.world.ok("DisassociateAddress", leave.clone());
    // facts: ec2-semantics.md, section 3, Elastic IP: disassociate is idempotent
    net.world.ok("DisassociateAddress", leave);
    let never = json!({"AssociationId": "eipassoc-0123456789abcdef0"});
    net.world.refused(
        "DisassociateAddress",
        never,
        "InvalidAssociationID.NotFound",
        "eipassoc-",
    );
    let seen = net.world.one("DescribeNetworkInterfaces", by_id);
    assert_eq!(seen.get("Association"), None);
    net.world.ok("ReleaseAddress", input);
}

// EC2 API reference, AssociateAddress: reassociation is automatic unless it is forbidden
#[test]
fn addresses_move_unless_forbidden() {
    let mut net = Net::new();
    let private = net.private.clone();
    let (one, two) = (net.interface(&private), net.interface(&private));
    let address = net
        .world
        .make("AllocateAddress", json!({}), "/AllocationId");
    let to = |id: &str| json!({"AllocationId": address, "NetworkInterfaceId": id});
    net.world.ok("AssociateAddress", to(&one));
    let mut stay = to(&two);
    stay["AllowReassociation"] = json!(false);
    let code = "Resource.AlreadyAssociated";
    net.world.refused("AssociateAddress", stay, code, &address);
    net.world.ok("AssociateAddress", to(&two));
    // Another address takes the place of the one that is there.
    let other = net
        .world
        .make("AllocateAddress", json!({}), "/AllocationId");
    let mut forbidden = json!({"AllocationId": other, "NetworkInterfaceId": two});
    let allowed = forbidden.clone();
    forbidden["AllowReassociation"] = json!(false);
    net.world
        .refused("AssociateAddress", forbidden, code, &address);
    net.world.ok("AssociateAddress", allowed);
    let seen = net
        .world
        .one("DescribeAddresses", json!({"AllocationIds": [address]}));
    assert_eq!(seen.get("AssociationId"), None);
}

#[test]
fn an_association_needs_a_gateway_and_a_private_address() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let id = interface(&mut world, &subnet);
    let address = world.make("AllocateAddress", json!({}), "/AllocationId");
    let input = json!({"AllocationId": address, "NetworkInterfaceId": id});
    let message = format!("Network {vpc} is not attached to any internet gateway");
    world.refused(
        "AssociateAddress",
        input.clone(),
        "Gateway.NotAttached",
        &message,
    );
    let mut strange = input;
    strange["PrivateIpAddress"] = json!("10.0.0.200");
    world.refused(
        "AssociateAddress",
        strange,
        "InvalidParameterValue",
        "10.0.0.200",
    );
    let neither = json!({"AllocationId": address});
    world.refused(
        "AssociateAddress",
        neither,
        "MissingParameter",
        "NetworkInterfaceId",
    );
}

// facts: ec2-semantics.md, section 3, Elastic IP: disassociating a NAT gateway's address (gap)
#[test]
fn the_address_of_a_nat_gateway_stays() {
    let mut net = Net::new();
    let seen = net
        .world
        .one("DescribeAddresses", json!({"AllocationIds": [net.address]}));
    let association = text(&seen, "/AssociationId");
    let leave = json!({"AssociationId": association});
    net.world.refused(
        "DisassociateAddress",
        leave.clone(),
        "AuthFailure",
        "permission",
    );
    let choices = Choices {
        nat_address_refusal: Refusal::OperationNotPermitted,
        ..net.world.twin.network_choices().clone()
    };
    net.world.twin.set_network_choices(choices);
    net.world
        .refused("DisassociateAddress", leave, "OperationNotPermitted", "");
}

// facts: ec2-semantics.md, section 3, Elastic IP: release by IP; unknown
#[test]
fn addresses_are_released_by_allocation() {
    let mut world = World::new();
    let made = world.ok("AllocateAddress", json!({}));
    let by_ip = json!({"PublicIp": text(&made, "/PublicIp")});
    let message = "You must specify an allocation id when releasing a VPC elastic IP address";
    world.refused("ReleaseAddress", by_ip, "InvalidParameterValue", message);
    let unknown = json!({"PublicIp": "192.0.2.1"});
    world.refused(
        "ReleaseAddress",
        unknown,
        "InvalidAddress.NotFound",
        "192.0.2.1",
    );
    let unknown = json!({"AllocationId": "eipalloc-0123456789abcdef0"});
    world.refused(
        "ReleaseAddress",
        unknown,
        "InvalidAllocationID.NotFound",
        "eipalloc-",
    );
    let malformed = json!({"AllocationId": "nonsense"});
    world.refused(
        "ReleaseAddress",
        malformed,
        "InvalidAllocationID.NotFound",
        "nonsense",
    );
    world.refused(
        "ReleaseAddress",
        json!({}),
        "MissingParameter",
        "AllocationId",
    );
    let border = json!({"AllocationId": text(&made, "/AllocationId"),
                        "NetworkBorderGroup": "us-east-1"});
    world.refused("ReleaseAddress", border, "InvalidAddress.NotFound", "");
}

// EC2 API reference, ReleaseAddress, "[Default VPC]"
#[test]
fn in_a_default_vpc_release_disassociates() {
    let mut world = World::new();
    world.ok("CreateDefaultVpc", json!({}));
    let subnet = text(&world.all("DescribeSubnets", json!({}))[0], "/SubnetId");
    let id = interface(&mut world, &subnet);
    let address = world.make("AllocateAddress", json!({}), "/AllocationId");
    let input = json!({"AllocationId": address, "NetworkInterfaceId": id});
    world.ok("AssociateAddress", input);
    world.ok("ReleaseAddress", json!({"AllocationId": address}));
    let seen = world.one(
        "DescribeNetworkInterfaces",
        json!({"NetworkInterfaceIds": [id]}),
    );
    assert_eq!(seen.get("Association"), None);
}

// facts: ec2-semantics.md, section 3 and 5: EIPs 5
#[test]
fn addresses_are_counted() {
    let mut world = World::new();
    (0..5).for_each(|_| drop(world.ok("AllocateAddress", json!({}))));
    let message = "The maximum number of addresses has been reached.";
    world.refused(
        "AllocateAddress",
        json!({}),
        "AddressLimitExceeded",
        message,
    );
}

// facts: ec2-semantics.md, section 3, ENI: deleting an ENI disassociates its EIP
#[test]
fn an_address_outlives_its_interface() {
    let mut world = World::new();
    let (vpc, _) = vpc_with_gateway(&mut world);
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let id = interface(&mut world, &subnet);
    let address = world.make("AllocateAddress", json!({}), "/AllocationId");
    world.ok(
        "AssociateAddress",
        json!({"AllocationId": address, "NetworkInterfaceId": id}),
    );
    world.ok("DeleteNetworkInterface", json!({"NetworkInterfaceId": id}));
    let seen = world.one("DescribeAddresses", json!({"AllocationIds": [address]}));
    assert_eq!(
        (seen.get("AssociationId"), seen.get("NetworkInterfaceId")),
        (None, None)
    );
}
