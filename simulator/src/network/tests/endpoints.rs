//! VPC endpoints: facts: ec2-semantics.md, section 3.

use serde_json::{Value, json};

use super::{Net, World, subnet, text, vpc};
use crate::network::Choices;

const S3: &str = "com.amazonaws.eu-central-1.s3";
const SQS: &str = "com.amazonaws.eu-central-1.sqs";
const PATH: &str = "/VpcEndpoint/VpcEndpointId";

fn see(world: &mut World, id: &str) -> Value {
    world.one("DescribeVpcEndpoints", json!({"VpcEndpointIds": [id]}))
}

// facts: ec2-semantics.md, section 3, VPC endpoint: gateway type: instant, deletes its route
// entries
#[test]
fn a_gateway_endpoint_lives_in_route_tables() {
    let mut net = Net::new();
    let input = json!({"VpcId": net.vpc, "ServiceName": S3, "RouteTableIds": [net.private_table]});
    let id = net.world.make("CreateVpcEndpoint", input.clone(), PATH);
    assert_eq!(text(&see(&mut net.world, &id), "/State"), "available");
    let by_id = json!({"RouteTableIds": [net.private_table]});
    let table = net.world.one("DescribeRouteTables", by_id.clone());
    let routes = table["Routes"].as_array().unwrap();
    let route = routes
        .iter()
        .find(|it| it["GatewayId"] == id.as_str())
        .unwrap();
    let list = text(route, "/DestinationPrefixListId");
    let delete = json!({"RouteTableId": net.private_table, "DestinationPrefixListId": list});
    net.world.refused(
        "DeleteRoute",
        delete,
        "InvalidParameterValue",
        "VPC endpoint route",
    );
    net.world
        .refused("CreateVpcEndpoint", input, "RouteAlreadyExists", &list);
    net.world
        .ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    let table = net.world.one("DescribeRouteTables", by_id);
    assert_eq!(table["Routes"].as_array().unwrap().len(), 2);
    let gone = json!({"VpcEndpointIds": [id]});
    net.world.refused(
        "DescribeVpcEndpoints",
        gone,
        "InvalidVpcEndpointId.NotFound",
        &id,
    );
}

#[test]
fn an_interface_endpoint_lives_in_subnets() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let place = subnet(&mut world, &vpc, "10.0.0.0/24");
    let input = json!({"VpcId": vpc, "ServiceName": SQS, "VpcEndpointType": "Interface",
                       "SubnetIds": [place]});
    let id = world.make("CreateVpcEndpoint", input, PATH);
    assert_eq!(text(&see(&mut world, &id), "/State"), "pending");
    world.wait(300);
    let seen = see(&mut world, &id);
    assert_eq!(text(&seen, "/State"), "available");
    let interface = text(&seen, "/NetworkInterfaceIds/0");
    let by_id = json!({"NetworkInterfaceIds": [interface]});
    let interface = world.one("DescribeNetworkInterfaces", by_id);
    assert_eq!(text(&interface, "/InterfaceType"), "vpc_endpoint");
    assert_eq!(text(&interface, "/RequesterManaged"), "true");
    assert_eq!(
        text(&interface, "/Description"),
        format!("VPC Endpoint Interface {id}")
    );
    world.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    // Once more is no error, and does not begin anew.
    world.wait(100);
    world.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    world.wait(100);
    let gone = json!({"VpcEndpointIds": [id]});
    world.refused(
        "DescribeVpcEndpoints",
        gone,
        "InvalidVpcEndpointId.NotFound",
        &id,
    );
    let free = world.one("DescribeSubnets", json!({"SubnetIds": [place]}));
    assert_eq!(text(&free, "/AvailableIpAddressCount"), "251");
}

// facts: ec2-semantics.md, section 2, VPC endpoint: delete reports it per item, HTTP 200
#[test]
fn failures_are_told_per_item() {
    let mut net = Net::new();
    let input = json!({"VpcId": net.vpc, "ServiceName": S3});
    let id = net.world.make("CreateVpcEndpoint", input, PATH);
    let nobody = "vpce-0123456789abcdef0";
    let answer = net.world.ok(
        "DeleteVpcEndpoints",
        json!({"VpcEndpointIds": [nobody, id]}),
    );
    assert_eq!(answer["Unsuccessful"].as_array().unwrap().len(), 1);
    assert_eq!(text(&answer, "/Unsuccessful/0/ResourceId"), nobody);
    assert_eq!(
        text(&answer, "/Unsuccessful/0/Error/Code"),
        "InvalidVpcEndpoint.NotFound"
    );
    let gone = json!({"VpcEndpointIds": [id]});
    net.world.refused(
        "DescribeVpcEndpoints",
        gone,
        "InvalidVpcEndpointId.NotFound",
        "",
    );
    let malformed = json!({"VpcEndpointIds": ["vpce-nothex"]});
    net.world.refused(
        "DeleteVpcEndpoints",
        malformed,
        "InvalidVpcEndpointId.Malformed",
        "",
    );
    net.world.refused(
        "DeleteVpcEndpoints",
        json!({}),
        "MissingParameter",
        "VpcEndpointId",
    );
}

#[test]
fn each_type_has_its_own_places() {
    let mut net = Net::new();
    let (vpc, table, private) = (&net.vpc, &net.private_table, &net.private);
    for (input, code) in [
        (
            json!({"VpcId": vpc, "ServiceName": S3, "SubnetIds": [private]}),
            "InvalidParameter",
        ),
        (
            json!({"VpcId": vpc, "ServiceName": SQS, "VpcEndpointType": "Interface",
                   "RouteTableIds": [table]}),
            "InvalidParameter",
        ),
        (
            json!({"VpcId": vpc, "ServiceName": SQS, "VpcEndpointType": "Interface",
                   "SubnetIds": [private, net.public]}),
            "DuplicateSubnetsInSameZone",
        ),
        (
            json!({"VpcId": vpc, "ServiceName": SQS, "VpcEndpointType": "Interface",
                   "PrivateDnsEnabled": true}),
            "InvalidParameter",
        ),
        (
            json!({"VpcId": vpc, "ServiceName": SQS}),
            "InvalidServiceName",
        ),
        (
            json!({"VpcId": vpc, "ServiceName": "com.amazonaws.us-east-1.s3"}),
            "InvalidServiceName",
        ),
        (json!({"VpcId": vpc}), "MissingParameter"),
        (json!({"ServiceName": S3}), "MissingParameter"),
    ] {
        net.world.refused("CreateVpcEndpoint", input, code, "");
    }
}

// facts: ec2-semantics.md, section 3, VPC endpoint: the case of states (gap)
#[test]
fn the_case_of_states_is_a_choice() {
    let mut world = World::new();
    let choices = Choices {
        endpoint_states_have_capitals: true,
        ..Choices::default()
    };
    world.twin.set_network_choices(choices);
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let id = world.make(
        "CreateVpcEndpoint",
        json!({"VpcId": vpc, "ServiceName": S3}),
        PATH,
    );
    assert_eq!(text(&see(&mut world, &id), "/State"), "Available");
    let filter = json!({"Filters": [{"Name": "vpc-endpoint-state", "Values": ["available"]}]});
    world.one("DescribeVpcEndpoints", filter);
    world.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
}

// facts: ec2-semantics.md, section 5: gateway endpoints 20/Region
#[test]
fn gateway_endpoints_are_counted() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let input = json!({"VpcId": vpc, "ServiceName": S3});
    (0..20).for_each(|_| drop(world.ok("CreateVpcEndpoint", input.clone())));
    world.refused("CreateVpcEndpoint", input, "VpcEndpointLimitExceeded", "");
}

// No source says whether a gateway endpoint keeps its route tables.
#[test]
fn whether_an_endpoint_keeps_its_tables_is_a_choice() {
    let mut net = Net::new();
    let path = "/RouteTable/RouteTableId";
    let table = net
        .world
        .make("CreateRouteTable", json!({"VpcId": net.vpc}), path);
    let input = json!({"VpcId": net.vpc, "ServiceName": S3, "RouteTableIds": [table]});
    let id = net.world.make("CreateVpcEndpoint", input, PATH);
    let mut choices = Choices {
        endpoints_keep_route_tables: true,
        ..Choices::default()
    };
    net.world.twin.set_network_choices(choices.clone());
    let delete = json!({"RouteTableId": table});
    net.world.refused(
        "DeleteRouteTable",
        delete.clone(),
        "DependencyViolation",
        &table,
    );
    choices.endpoints_keep_route_tables = false;
    net.world.twin.set_network_choices(choices);
    net.world.ok("DeleteRouteTable", delete);
    assert_eq!(see(&mut net.world, &id)["RouteTableIds"], json!([]));
}
