//! Every row of facts: twin-conformance.md, "VPC teardown", that concerns networks.

use serde_json::json;

use super::{Net, World, group, interface, subnet, text, vpc, vpc_with_gateway};

const BLOCKED: &str = "DependencyViolation";

// facts: twin-conformance.md, "DeleteSubnet with ENIs"
#[test]
fn delete_subnet_with_interfaces() {
    let mut net = Net::new();
    for subnet in [net.public.clone(), net.private.clone()] {
        net.interface(&subnet);
        let message = format!("The subnet '{subnet}' has dependencies and cannot be deleted.");
        net.world.refused(
            "DeleteSubnet",
            json!({"SubnetId": subnet}),
            BLOCKED,
            &message,
        );
    }
}

// facts: twin-conformance.md, "DeleteVpc with subnets", "with IGW attached", "with extra route
// table", "with non-default SG / endpoint / ENI": each alone blocks, and without it the VPC goes.
#[test]
fn delete_vpc_is_blocked_by_each_thing_alone() {
    type Case = (
        &'static str,
        fn(&mut World, &str) -> (&'static str, serde_json::Value),
    );
    let cases: &[Case] = &[
        ("a subnet", |world, vpc| {
            (
                "DeleteSubnet",
                json!({"SubnetId": subnet(world, vpc, "10.0.0.0/24")}),
            )
        }),
        ("an internet gateway", |world, vpc| {
            let path = "/InternetGateway/InternetGatewayId";
            let id = world.make("CreateInternetGateway", json!({}), path);
            world.ok(
                "AttachInternetGateway",
                json!({"InternetGatewayId": id, "VpcId": vpc}),
            );
            (
                "DetachInternetGateway",
                json!({"InternetGatewayId": id, "VpcId": vpc}),
            )
        }),
        ("a route table", |world, vpc| {
            let path = "/RouteTable/RouteTableId";
            let id = world.make("CreateRouteTable", json!({"VpcId": vpc}), path);
            ("DeleteRouteTable", json!({"RouteTableId": id}))
        }),
        ("a security group", |world, vpc| {
            (
                "DeleteSecurityGroup",
                json!({"GroupId": group(world, vpc, "web")}),
            )
        }),
        ("a network ACL", |world, vpc| {
            let path = "/NetworkAcl/NetworkAclId";
            let id = world.make("CreateNetworkAcl", json!({"VpcId": vpc}), path);
            ("DeleteNetworkAcl", json!({"NetworkAclId": id}))
        }),
        ("an egress-only internet door", |world, vpc| {
            let operation = "CreateEgressOnlyInternetGateway";
            let path = "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId";
            let id = world.make(operation, json!({"VpcId": vpc}), path);
            let input = json!({"EgressOnlyInternetGatewayId": id});
            ("DeleteEgressOnlyInternetGateway", input)
        }),
        ("an endpoint", |world, vpc| {
            let input = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3"});
            let id = world.make("CreateVpcEndpoint", input, "/VpcEndpoint/VpcEndpointId");
            ("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]}))
        }),
    ];
    for (what, add) in cases {
        let mut world = World::new();
        let vpc = vpc(&mut world, "10.0.0.0/16");
        let (undo, input) = add(&mut world, &vpc);
        let message = format!("The vpc '{vpc}' has dependencies and cannot be deleted.");
        world.refused("DeleteVpc", json!({"VpcId": vpc}), BLOCKED, &message);
        world.ok(undo, input);
        let answer = world.call("DeleteVpc", json!({"VpcId": vpc}));
        assert!(answer.is_ok(), "after {what} is gone: {answer:?}");
        // Its default group, main table and default network ACL go with it.
        assert!(
            world.twin.diff().is_empty() || what.contains("gateway"),
            "{what}"
        );
    }
}

// facts: twin-conformance.md, "DeleteVpc with … ENI"; an interface keeps its subnet, too.
#[test]
fn delete_vpc_with_an_interface() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let id = interface(&mut world, &subnet);
    world.refused(
        "DeleteVpc",
        json!({"VpcId": vpc}),
        BLOCKED,
        "has dependencies",
    );
    world.refused(
        "DeleteSubnet",
        json!({"SubnetId": subnet}),
        BLOCKED,
        "has dependencies",
    );
    world.ok("DeleteNetworkInterface", json!({"NetworkInterfaceId": id}));
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
    assert!(world.twin.diff().is_empty());
}

// facts: twin-conformance.md, "DeleteNatGateway"
#[test]
fn delete_nat_gateway_takes_its_time() {
    let mut net = Net::new();
    let (nat, address) = (net.nat.clone(), net.address.clone());
    net.world
        .ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    assert_eq!(net.nat_state(), "deleting");
    net.world.wait(30);
    assert_eq!(net.nat_state(), "deleting");
    net.world.wait(60);
    assert_eq!(net.nat_state(), "deleted");
    assert_eq!(text(&net.private_route("0.0.0.0/0"), "/State"), "blackhole");
    let left = net
        .world
        .one("DescribeAddresses", json!({"AllocationIds": [address]}));
    assert_eq!(
        left.get("AssociationId"),
        None,
        "disassociated, and still allocated"
    );
    let public = net.public.clone();
    let filters = json!([{"Name": "subnet-id", "Values": [public]}]);
    let interfaces = net
        .world
        .all("DescribeNetworkInterfaces", json!({"Filters": filters}));
    assert_eq!(interfaces, Vec::<serde_json::Value>::new());
}

// facts: twin-conformance.md, "ReleaseAddress while NAT holds EIP"
#[test]
fn release_address_that_a_nat_gateway_holds() {
    let mut net = Net::new();
    let input = json!({"AllocationId": net.address});
    net.world.refused(
        "ReleaseAddress",
        input.clone(),
        "InvalidIPAddress.InUse",
        "is in use.",
    );
    net.world
        .ok("DeleteNatGateway", json!({"NatGatewayId": net.nat}));
    assert_eq!(net.nat_state(), "deleting");
    net.world.refused(
        "ReleaseAddress",
        input.clone(),
        "InvalidIPAddress.InUse",
        "is in use.",
    );
    net.world.wait(120);
    net.world.ok("ReleaseAddress", input.clone());
    net.world.refused(
        "ReleaseAddress",
        input,
        "InvalidAllocationID.NotFound",
        "not found",
    );
}

// facts: twin-conformance.md, "DetachInternetGateway while public addresses mapped"
#[test]
fn detach_internet_gateway_with_mapped_addresses() {
    let mut net = Net::new();
    let input = json!({"InternetGatewayId": net.gateway, "VpcId": net.vpc});
    let message = format!(
        "Network {} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.",
        net.vpc
    );
    net.world
        .refused("DetachInternetGateway", input.clone(), BLOCKED, &message);
    net.world
        .ok("DeleteNatGateway", json!({"NatGatewayId": net.nat}));
    net.world.wait(120);
    // An address on an ordinary interface does the same.
    let private = net.private.clone();
    let id = net.interface(&private);
    let associate = json!({"AllocationId": net.address, "NetworkInterfaceId": id});
    let association = net
        .world
        .make("AssociateAddress", associate, "/AssociationId");
    net.world
        .refused("DetachInternetGateway", input.clone(), BLOCKED, &message);
    net.world
        .ok("DisassociateAddress", json!({"AssociationId": association}));
    net.world.ok("DetachInternetGateway", input);
}

// facts: twin-conformance.md, "DeleteInternetGateway while attached"
#[test]
fn delete_internet_gateway_that_is_attached() {
    let mut world = World::new();
    let (vpc, gateway) = vpc_with_gateway(&mut world);
    let delete = json!({"InternetGatewayId": gateway});
    let message =
        format!("The internetGateway '{gateway}' has dependencies and cannot be deleted.");
    world.refused("DeleteInternetGateway", delete.clone(), BLOCKED, &message);
    let detach = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    world.ok("DetachInternetGateway", detach);
    world.ok("DeleteInternetGateway", delete.clone());
    world.refused(
        "DeleteInternetGateway",
        delete,
        "InvalidInternetGatewayID.NotFound",
        &gateway,
    );
}

// facts: twin-conformance.md, "DeleteSecurityGroup in use / referenced"
#[test]
fn delete_security_group_in_use_or_referenced() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let (web, db) = (
        group(&mut world, &vpc, "web"),
        group(&mut world, &vpc, "db"),
    );
    let from_web = json!([{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": web}]}]);
    let rule = json!({"GroupId": db, "IpPermissions": from_web});
    world.ok("AuthorizeSecurityGroupIngress", rule.clone());
    let message = format!("resource {web} has a dependent object");
    world.refused(
        "DeleteSecurityGroup",
        json!({"GroupId": web}),
        BLOCKED,
        &message,
    );
    world.ok("RevokeSecurityGroupIngress", rule);

    let path = "/NetworkInterface/NetworkInterfaceId";
    let input = json!({"SubnetId": subnet, "Groups": [web]});
    let id = world.make("CreateNetworkInterface", input, path);
    world.refused(
        "DeleteSecurityGroup",
        json!({"GroupId": web}),
        BLOCKED,
        &message,
    );
    world.ok("DeleteNetworkInterface", json!({"NetworkInterfaceId": id}));
    world.ok("DeleteSecurityGroup", json!({"GroupId": web}));
}

// facts: twin-conformance.md, "DeleteNetworkInterface attached"
#[test]
fn delete_network_interface_that_is_attached() {
    let mut net = Net::new();
    let nat = net
        .world
        .one("DescribeNatGateways", json!({"NatGatewayIds": [net.nat]}));
    let id = text(&nat, "/NatGatewayAddresses/0/NetworkInterfaceId");
    let message = format!("Network interface '{id}' is currently in use.");
    let input = json!({"NetworkInterfaceId": id});
    net.world.refused(
        "DeleteNetworkInterface",
        input,
        "InvalidParameterValue",
        &message,
    );
}

// facts: twin-conformance.md, "DeleteRouteTable associated"
#[test]
fn delete_route_table_that_is_associated() {
    let mut net = Net::new();
    let id = net.private_table.clone();
    let message = format!("The routeTable '{id}' has dependencies and cannot be deleted.");
    net.world.refused(
        "DeleteRouteTable",
        json!({"RouteTableId": id}),
        BLOCKED,
        &message,
    );
}

// facts: twin-conformance.md, "DeleteVpcEndpoints (interface)"
#[test]
fn delete_vpc_endpoints_takes_its_time() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let input = json!({"VpcId": vpc, "VpcEndpointType": "Interface", "SubnetIds": [subnet],
                       "ServiceName": "com.amazonaws.eu-central-1.sqs"});
    let id = world.make("CreateVpcEndpoint", input, "/VpcEndpoint/VpcEndpointId");
    world.wait(300);
    world.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    world.wait(60);
    let seen = world.one("DescribeVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    assert_eq!(text(&seen, "/State"), "deleting");
    world.refused(
        "DeleteSubnet",
        json!({"SubnetId": subnet}),
        BLOCKED,
        "has dependencies",
    );
    world.wait(300);
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
}

// facts: twin-conformance.md, "DeleteVpc with active peering"
#[test]
fn delete_vpc_with_a_peering() {
    use sandtable_model::{AccountId, Kind, Region, Resource, Snapshot, Timestamp};
    let mut world = World::new();
    let id = vpc(&mut world, "10.0.0.0/16");
    let snapshot = world.twin.snapshot();
    // The twin cannot make peerings: a recorded route leads to one.
    let account = AccountId::new(super::ACCOUNT).unwrap();
    let mut recorded = Snapshot::new(account, Timestamp::from_millis(super::START), "test");
    let region = Region::new(super::REGION).unwrap();
    for resource in snapshot.resources() {
        let mut value = resource.to_value().unwrap();
        if resource.kind() == Kind::RouteTable {
            let route = json!({"DestinationCidrBlock": "10.9.0.0/16", "Origin": "CreateRoute",
                "State": "active", "VpcPeeringConnectionId": "pcx-0123456789abcdef0"});
            value["Routes"].as_array_mut().unwrap().push(route);
        }
        let resource = Resource::deserialize_as(resource.kind(), value).unwrap();
        recorded.insert(&region, resource).unwrap();
    }
    let mut world = World::of(&recorded, 2);
    world.ok("DeleteVpc", json!({"VpcId": id}));
}
