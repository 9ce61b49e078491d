//! Egress-only internet gateways: facts: ec2-semantics.md, section 3, Egress-only IGW.

use serde_json::{Value, json};

use super::{World, text, vpc, vpc_with_gateway};

fn make(world: &mut World, vpc: &str) -> String {
    let path = "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId";
    world.make(
        "CreateEgressOnlyInternetGateway",
        json!({"VpcId": vpc}),
        path,
    )
}

fn main_table(world: &mut World, vpc: &str) -> Value {
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
    world.one("DescribeRouteTables", filter)
}

fn route(table: &Value, gateway: &str) -> Value {
    json!({"RouteTableId": table["RouteTableId"], "DestinationIpv6CidrBlock": "::/0",
           "EgressOnlyInternetGatewayId": gateway})
}

#[test]
fn a_gateway_is_attached_for_life() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let input = json!({"VpcId": vpc, "ClientToken": "once"});
    let operation = "CreateEgressOnlyInternetGateway";
    let made = world.ok(operation, input.clone());
    let id = text(
        &made,
        "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId",
    );
    assert_eq!(
        world.ok(operation, input),
        made,
        "a token makes one gateway"
    );
    let seen = world.one("DescribeEgressOnlyInternetGateways", json!({}));
    assert_eq!(text(&seen, "/Attachments/0/State"), "attached");
    assert_eq!(text(&seen, "/Attachments/0/VpcId"), vpc);
    // VPC user guide, "Amazon VPC quotas": one at a time.
    let again = json!({"VpcId": vpc});
    world.refused(operation, again, "InvalidParameterValue", "already has");
    let delete = json!({"EgressOnlyInternetGatewayId": id});
    let gone = world.ok("DeleteEgressOnlyInternetGateway", delete.clone());
    assert_eq!(text(&gone, "/ReturnCode"), "true");
    let code = "InvalidGatewayID.NotFound";
    world.refused("DeleteEgressOnlyInternetGateway", delete, code, &id);
    let ids = json!({"EgressOnlyInternetGatewayIds": [id]});
    world.refused("DescribeEgressOnlyInternetGateways", ids, code, &id);
}

// facts: section 5: EIGWs 5, as VPCs; AWS raises the one with the other.
#[test]
fn five_gateways_a_region() {
    let mut world = World::new();
    let mut choices = crate::network::Choices::default();
    choices.quotas.vpcs = 6;
    world.twin.set_network_choices(choices);
    for n in 0..5 {
        let vpc = vpc(&mut world, &format!("10.{n}.0.0/16"));
        make(&mut world, &vpc);
    }
    let vpc = vpc(&mut world, "10.9.0.0/16");
    let input = json!({"VpcId": vpc});
    let code = "EgressOnlyInternetGatewayLimitExceeded";
    world.refused("CreateEgressOnlyInternetGateway", input, code, "");
}

// facts: section 3: routes become blackhole; no blocker known.
#[test]
fn routes_to_a_deleted_gateway_are_blackholes() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let gateway = make(&mut world, &vpc);
    let table = main_table(&mut world, &vpc);
    world.ok("CreateRoute", route(&table, &gateway));
    let seen = main_table(&mut world, &vpc);
    assert_eq!(
        text(&seen, "/Routes/1/EgressOnlyInternetGatewayId"),
        gateway
    );
    assert_eq!(text(&seen, "/Routes/1/State"), "active");
    world.ok(
        "DeleteEgressOnlyInternetGateway",
        json!({"EgressOnlyInternetGatewayId": gateway}),
    );
    let seen = main_table(&mut world, &vpc);
    assert_eq!(text(&seen, "/Routes/1/State"), "blackhole");
    // A blackhole is no sign that its target is there.
    let mut other = route(&table, &gateway);
    other["DestinationIpv6CidrBlock"] = json!("2001:db8::/32");
    world.refused("CreateRoute", other, "InvalidGatewayID.NotFound", &gateway);
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
}

#[test]
fn routes_to_a_gateway_are_for_ipv6_and_within_its_vpc() {
    let mut world = World::new();
    let here = vpc(&mut world, "10.0.0.0/16");
    let there = vpc(&mut world, "10.1.0.0/16");
    let gateway = make(&mut world, &here);
    let foreign = route(&main_table(&mut world, &there), &gateway);
    world.refused(
        "CreateRoute",
        foreign,
        "InvalidParameterValue",
        "different networks",
    );
    let table = main_table(&mut world, &here);
    let mut ipv4 = route(&table, &gateway);
    ipv4["DestinationIpv6CidrBlock"] = Value::Null;
    ipv4["DestinationCidrBlock"] = json!("0.0.0.0/0");
    world.refused("CreateRoute", ipv4, "InvalidParameterValue", "IPv6");
    let nobody = route(&table, "eigw-0123456789abcdef0");
    world.refused("CreateRoute", nobody, "InvalidGatewayID.NotFound", "eigw-");
}

// facts: section 3, VPC: an egress-only internet gateway blocks (also conformance.rs); an internet
// gateway may be beside it.
#[test]
fn both_gateways_go_together() {
    let mut world = World::new();
    let (vpc, _) = vpc_with_gateway(&mut world);
    make(&mut world, &vpc);
    world.refused(
        "DeleteVpc",
        json!({"VpcId": vpc}),
        "DependencyViolation",
        &vpc,
    );
}
