//! Route tables, routes and internet gateways: facts: ec2-semantics.md, section 3.

use serde_json::{Value, json};

use super::{Net, World, subnet, table, text, vpc, vpc_with_gateway};

fn route(table: &str, destination: &str) -> Value {
    json!({"RouteTableId": table, "DestinationCidrBlock": destination})
}

fn to(mut route: Value, parameter: &str, target: &str) -> Value {
    route[parameter] = json!(target);
    route
}

#[test]
fn the_main_table_cannot_be_deleted_or_left() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let main = world.one("DescribeRouteTables", json!({}));
    let id = text(&main, "/RouteTableId");
    world.refused(
        "DeleteRouteTable",
        json!({"RouteTableId": id}),
        "DependencyViolation",
        &id,
    );
    let association = text(&main, "/Associations/0/RouteTableAssociationId");
    let message = format!("cannot disassociate the main route table association {association}");
    let leave = json!({"AssociationId": association});
    world.refused(
        "DisassociateRouteTable",
        leave,
        "InvalidParameterValue",
        &message,
    );
    // Another table can become the main one; then the first can go.
    let path = "/RouteTable/RouteTableId";
    let other = world.make("CreateRouteTable", json!({"VpcId": vpc}), path);
    let replace = json!({"AssociationId": association, "RouteTableId": other});
    world.ok("ReplaceRouteTableAssociation", replace);
    world.ok("DeleteRouteTable", json!({"RouteTableId": id}));
    let main = json!({"Filters": [{"Name": "association.main", "Values": ["true"]}]});
    assert_eq!(
        text(&world.one("DescribeRouteTables", main), "/RouteTableId"),
        other
    );
}

#[test]
fn a_subnet_has_one_table() {
    let mut net = Net::new();
    let same = json!({"RouteTableId": net.private_table, "SubnetId": net.private});
    let first = net
        .world
        .make("AssociateRouteTable", same.clone(), "/AssociationId");
    assert_eq!(
        net.world
            .make("AssociateRouteTable", same, "/AssociationId"),
        first
    );
    let other = json!({"RouteTableId": net.public_table, "SubnetId": net.private});
    let message = "conflicts with an existing association";
    net.world.refused(
        "AssociateRouteTable",
        other,
        "Resource.AlreadyAssociated",
        message,
    );
    net.world
        .ok("DisassociateRouteTable", json!({"AssociationId": first}));
    let again = json!({"AssociationId": first});
    net.world.refused(
        "DisassociateRouteTable",
        again,
        "InvalidAssociationID.NotFound",
        &first,
    );
    let far = vpc(&mut net.world, "10.9.0.0/16");
    let far = subnet(&mut net.world, &far, "10.9.0.0/24");
    let cross = json!({"RouteTableId": net.private_table, "SubnetId": far});
    let message = "belong to different networks";
    net.world.refused(
        "AssociateRouteTable",
        cross,
        "InvalidParameterValue",
        message,
    );
}

#[test]
fn routes_have_one_destination_and_one_target() {
    let mut net = Net::new();
    let table = net.private_table.clone();
    let (gateway, nat) = (net.gateway.clone(), net.nat.clone());
    let world = &mut net.world;
    let there = to(route(&table, "0.0.0.0/0"), "GatewayId", &gateway);
    world.refused("CreateRoute", there, "RouteAlreadyExists", "0.0.0.0/0");
    let local = to(route(&table, "10.0.0.0/16"), "GatewayId", &gateway);
    world.refused("CreateRoute", local, "RouteAlreadyExists", "10.0.0.0/16");
    let none = route(&table, "10.8.0.0/16");
    world.refused("CreateRoute", none, "MissingParameter", "target");
    let two = to(
        to(route(&table, "10.8.0.0/16"), "GatewayId", &gateway),
        "NatGatewayId",
        &nat,
    );
    world.refused(
        "CreateRoute",
        two,
        "InvalidParameterCombination",
        "exactly one target",
    );
    let broken = to(route(&table, "10.8.0.0/99"), "NatGatewayId", &nat);
    world.refused(
        "CreateRoute",
        broken,
        "InvalidParameterValue",
        "not a valid CIDR block",
    );
    // A block with host bits is brought into its canonical form.
    world.ok(
        "CreateRoute",
        to(route(&table, "10.8.1.1/16"), "NatGatewayId", &nat),
    );
    world.ok("DeleteRoute", route(&table, "10.8.0.0/16"));
    let message =
        format!("no route with destination-cidr-block 10.8.0.0/16 in route table {table}");
    world.refused(
        "DeleteRoute",
        route(&table, "10.8.0.0/16"),
        "InvalidRoute.NotFound",
        &message,
    );
    let message = format!("cannot remove local route 10.0.0.0/16 in route table {table}");
    world.refused(
        "DeleteRoute",
        route(&table, "10.0.0.0/16"),
        "InvalidParameterValue",
        &message,
    );
}

#[test]
fn targets_must_be_there() {
    let mut net = Net::new();
    let table = net.private_table.clone();
    for (parameter, target, code) in [
        (
            "GatewayId",
            "igw-0123456789abcdef0",
            "InvalidGatewayID.NotFound",
        ),
        (
            "GatewayId",
            "vgw-0123456789abcdef0",
            "InvalidGatewayID.NotFound",
        ),
        (
            "NatGatewayId",
            "nat-0123456789abcdef0",
            "InvalidNatGatewayID.NotFound",
        ),
        (
            "NetworkInterfaceId",
            "eni-0123456789abcdef0",
            "InvalidNetworkInterfaceID.NotFound",
        ),
        (
            "TransitGatewayId",
            "tgw-0123456789abcdef0",
            "InvalidTransitGatewayID.NotFound",
        ),
        (
            "VpcPeeringConnectionId",
            "pcx-0123456789abcdef0",
            "InvalidVpcPeeringConnectionID.NotFound",
        ),
    ] {
        let input = to(route(&table, "10.8.0.0/16"), parameter, target);
        net.world.refused("CreateRoute", input, code, target);
    }
    // A gateway that is attached elsewhere, or nowhere.
    let path = "/InternetGateway/InternetGatewayId";
    let other = net.world.make("CreateInternetGateway", json!({}), path);
    let input = to(route(&table, "10.8.0.0/16"), "GatewayId", &other);
    net.world.refused(
        "CreateRoute",
        input,
        "InvalidParameterValue",
        "different networks",
    );
    // A NAT gateway that goes is no target any more.
    net.world
        .ok("DeleteNatGateway", json!({"NatGatewayId": net.nat}));
    net.world.wait(120);
    let input = to(route(&table, "10.8.0.0/16"), "NatGatewayId", &net.nat);
    net.world.refused(
        "CreateRoute",
        input,
        "InvalidNatGatewayID.NotFound",
        &net.nat,
    );
}

#[test]
fn a_route_is_replaced() {
    let mut net = Net::new();
    let (table, gateway) = (net.private_table.clone(), net.gateway.clone());
    let input = to(route(&table, "0.0.0.0/0"), "GatewayId", &gateway);
    net.world.ok("ReplaceRoute", input);
    let seen = net.private_route("0.0.0.0/0");
    assert_eq!(
        (text(&seen, "/GatewayId"), seen.get("NatGatewayId")),
        (gateway.clone(), None)
    );
    let absent = to(route(&table, "10.8.0.0/16"), "GatewayId", &gateway);
    net.world.refused(
        "ReplaceRoute",
        absent,
        "InvalidRoute.NotFound",
        "10.8.0.0/16",
    );
}

// facts: ec2-semantics.md, section 5: routes/table 50
#[test]
fn routes_are_counted() {
    let mut net = Net::new();
    let (table, nat) = (net.private_table.clone(), net.nat.clone());
    for n in 0..48 {
        let input = to(
            route(&table, &format!("10.{}.0.0/16", n + 50)),
            "NatGatewayId",
            &nat,
        );
        net.world.ok("CreateRoute", input);
    }
    let input = to(route(&table, "10.200.0.0/16"), "NatGatewayId", &nat);
    net.world.refused(
        "CreateRoute",
        input,
        "RouteLimitExceeded",
        "maximum number of routes",
    );
}

// facts: ec2-semantics.md, section 3, Internet gateway: routes to it become blackhole after detach
#[test]
fn routes_follow_the_internet_gateway() {
    let mut world = World::new();
    let (vpc, gateway) = vpc_with_gateway(&mut world);
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let table = table(&mut world, &vpc, &subnet);
    world.ok(
        "CreateRoute",
        to(route(&table, "0.0.0.0/0"), "GatewayId", &gateway),
    );
    let state = |world: &mut World| {
        let seen = world.one("DescribeRouteTables", json!({"RouteTableIds": [table]}));
        text(&seen, "/Routes/1/State")
    };
    let join = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    assert_eq!(state(&mut world), "active");
    world.ok("DetachInternetGateway", join.clone());
    assert_eq!(state(&mut world), "blackhole");
    let message = format!("resource {gateway} is not attached to network {vpc}");
    world.refused(
        "DetachInternetGateway",
        join.clone(),
        "Gateway.NotAttached",
        &message,
    );
    world.ok("AttachInternetGateway", join.clone());
    assert_eq!(state(&mut world), "active");
    world.refused(
        "AttachInternetGateway",
        join.clone(),
        "Resource.AlreadyAssociated",
        &gateway,
    );
    let path = "/InternetGateway/InternetGatewayId";
    let other = world.make("CreateInternetGateway", json!({}), path);
    let second = json!({"InternetGatewayId": other, "VpcId": vpc});
    let message = "already has an internet gateway attached";
    world.refused(
        "AttachInternetGateway",
        second,
        "InvalidParameterValue",
        message,
    );
    world.ok("DetachInternetGateway", join);
    world.ok(
        "DeleteInternetGateway",
        json!({"InternetGatewayId": gateway}),
    );
    assert_eq!(state(&mut world), "blackhole");
}

// facts: ec2-semantics.md, section 5: IGWs 5
#[test]
fn internet_gateways_are_counted() {
    let mut world = World::new();
    (0..5).for_each(|_| drop(world.ok("CreateInternetGateway", json!({}))));
    let code = "InternetGatewayLimitExceeded";
    world.refused(
        "CreateInternetGateway",
        json!({}),
        code,
        "internet gateways",
    );
}

// A route to something that the twin does not model can be put back after it was deleted.
#[test]
fn foreign_routes_can_be_put_back() {
    use sandtable_model::resource::{Route, RouteTable};
    let mut net = Net::new();
    let table = net.private_table.clone();
    let id = sandtable_model::ResourceId::new(&table).unwrap();
    net.world.twin.state.update(id, |it: &mut RouteTable| {
        it.routes.push(Route {
            destination_cidr_block: Some("10.8.0.0/16".into()),
            transit_gateway_id: Some(Box::new("tgw-0123456789abcdef0".into())),
            ..Route::default()
        });
    });
    net.world.ok("DeleteRoute", route(&table, "10.8.0.0/16"));
    let input = to(
        route(&table, "10.8.0.0/16"),
        "TransitGatewayId",
        "tgw-0123456789abcdef0",
    );
    net.world.ok("CreateRoute", input);
    assert_eq!(text(&net.private_route("10.8.0.0/16"), "/State"), "active");
}

#[test]
fn a_client_token_makes_one_table() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let input = json!({"VpcId": vpc, "ClientToken": "one"});
    let path = "/RouteTable/RouteTableId";
    let first = world.make("CreateRouteTable", input.clone(), path);
    assert_eq!(world.make("CreateRouteTable", input, path), first);
}
