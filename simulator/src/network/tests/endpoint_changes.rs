//! Changing endpoints, and Gateway Load Balancer endpoints: EC2 API reference, ModifyVpcEndpoint,
//! CreateVpcEndpoint, DeleteVpcEndpoints.

use serde_json::{Value, json};

use super::{Net, World, group, interface, subnet, table, text, vpc};

const S3: &str = "com.amazonaws.eu-central-1.s3";
const SQS: &str = "com.amazonaws.eu-central-1.sqs";
const PATH: &str = "/VpcEndpoint/VpcEndpointId";
const MODIFY: &str = "ModifyVpcEndpoint";
pub(super) const GATEWAY_BALANCER: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/gwy/inspect/0123456789abcdef";

fn see(world: &mut World, id: &str) -> Value {
    world.one("DescribeVpcEndpoints", json!({"VpcEndpointIds": [id]}))
}

fn with(id: &str, more: Value) -> Value {
    let mut input = more;
    input["VpcEndpointId"] = json!(id);
    input
}

fn routes_to(world: &mut World, table: &str, target: &str) -> usize {
    let table = world.one("DescribeRouteTables", json!({"RouteTableIds": [table]}));
    let routes = table["Routes"].as_array().unwrap();
    routes.iter().filter(|it| it["GatewayId"] == target).count()
}

#[test]
fn a_gateway_endpoint_changes_tables_and_policy() {
    let mut net = Net::new();
    let (one, other) = (net.private_table.clone(), net.public_table.clone());
    let world = &mut net.world;
    let input = json!({"VpcId": net.vpc, "ServiceName": S3, "RouteTableIds": [one]});
    let id = world.make("CreateVpcEndpoint", input, PATH);
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let change = json!({"AddRouteTableIds": [other], "RemoveRouteTableIds": [one],
                        "PolicyDocument": policy});
    assert_eq!(
        text(&world.ok(MODIFY, with(&id, change)), "/Return"),
        "true"
    );
    assert_eq!(routes_to(world, &one, &id), 0);
    assert_eq!(routes_to(world, &other, &id), 1);
    let seen = see(world, &id);
    assert_eq!(seen["RouteTableIds"], json!([other]));
    assert_eq!(text(&seen, "/PolicyDocument"), policy);
    world.ok(MODIFY, with(&id, json!({"ResetPolicy": true})));
    assert!(text(&see(world, &id), "/PolicyDocument").contains("\"Principal\":\"*\""));
    // What it has already is no error, and gives no second route.
    world.ok(MODIFY, with(&id, json!({"AddRouteTableIds": [other]})));
    assert_eq!(routes_to(world, &other, &id), 1);
    let second = json!({"VpcId": net.vpc, "ServiceName": S3});
    let second = world.make("CreateVpcEndpoint", second, PATH);
    for (id, change, code) in [
        (
            &second,
            json!({"AddRouteTableIds": [other]}),
            "RouteAlreadyExists",
        ),
        (
            &id,
            json!({"RemoveRouteTableIds": [one]}),
            "InvalidParameter",
        ),
        (
            &id,
            json!({"AddSubnetIds": [net.private]}),
            "InvalidParameter",
        ),
        (&id, json!({"PrivateDnsEnabled": true}), "InvalidParameter"),
        (&id, json!({"PolicyDocument": "{"}), "InvalidPolicyDocument"),
        (
            &id,
            json!({"PolicyDocument": policy, "ResetPolicy": true}),
            "InvalidParameterCombination",
        ),
        (
            &id,
            json!({"IpAddressType": "ipv6"}),
            "UnsupportedOperation",
        ),
        (
            &id,
            json!({"AddRouteTableIds": ["rtb-0123456789abcdef0"]}),
            "InvalidRouteTableID.NotFound",
        ),
    ] {
        world.refused(MODIFY, with(id, change), code, "");
    }
    let bad = json!({"VpcId": net.vpc, "ServiceName": S3, "PolicyDocument": "[]"});
    world.refused("CreateVpcEndpoint", bad, "InvalidPolicyDocument", "");
}

#[test]
fn an_interface_endpoint_changes_subnets_and_groups() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let zoned = |world: &mut World, block: &str, zone: &str| {
        let input = json!({"VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone});
        world.make("CreateSubnet", input, "/Subnet/SubnetId")
    };
    let one = zoned(&mut world, "10.0.0.0/24", "eu-central-1a");
    let other = zoned(&mut world, "10.0.1.0/24", "eu-central-1b");
    let beside = zoned(&mut world, "10.0.2.0/24", "eu-central-1a");
    let input = json!({"VpcId": vpc, "ServiceName": SQS, "VpcEndpointType": "Interface",
                       "SubnetIds": [one]});
    let id = world.make("CreateVpcEndpoint", input, PATH);
    let change = json!({"AddSubnetIds": [other]});
    world.refused(
        MODIFY,
        with(&id, change.clone()),
        "IncorrectState",
        "pending",
    );
    world.wait(200);
    let twice = json!({"AddSubnetIds": [beside]});
    world.refused(
        MODIFY,
        with(&id, twice),
        "DuplicateSubnetsInSameZone",
        &beside,
    );
    let default = text(&see(&mut world, &id), "/Groups/0/GroupId");
    let web = group(&mut world, &vpc, "web");
    // A subnet of the same zone can take the place of another in one call.
    let change = json!({"AddSubnetIds": [other, beside], "RemoveSubnetIds": [one],
                        "AddSecurityGroupIds": [web], "RemoveSecurityGroupIds": [default]});
    world.ok(MODIFY, with(&id, change));
    let seen = see(&mut world, &id);
    assert_eq!(seen["SubnetIds"], json!([other, beside]));
    assert_eq!(text(&seen, "/Groups/0/GroupId"), web);
    let interfaces = seen["NetworkInterfaceIds"].as_array().unwrap().clone();
    assert_eq!(interfaces.len(), 2);
    for id in interfaces {
        let input = json!({"NetworkInterfaceIds": [id]});
        let interface = world.one("DescribeNetworkInterfaces", input);
        assert_eq!(text(&interface, "/Groups/0/GroupId"), web);
    }
    world.ok("DeleteSubnet", json!({"SubnetId": one}));
    let last = json!({"RemoveSecurityGroupIds": [web]});
    world.refused(MODIFY, with(&id, last), "InvalidParameter", "at least one");
    let private = json!({"PrivateDnsEnabled": true});
    world.refused(
        MODIFY,
        with(&id, private.clone()),
        "InvalidParameter",
        "enableDnsHostnames",
    );
    world.ok(
        "ModifyVpcAttribute",
        json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}}),
    );
    world.ok(MODIFY, with(&id, private));
    assert_eq!(text(&see(&mut world, &id), "/PrivateDnsEnabled"), "true");
    world.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    let late = json!({"RemoveSubnetIds": [other]});
    world.refused(MODIFY, with(&id, late), "IncorrectState", "deleting");
    world.wait(300);
    world.ok("DeleteSecurityGroup", json!({"GroupId": web}));
    for subnet in [other, beside] {
        world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    }
}

/// A Gateway Load Balancer endpoint of an own service.
fn inspected(net: &mut Net) -> String {
    let input = json!({"GatewayLoadBalancerArns": [GATEWAY_BALANCER], "AcceptanceRequired": false});
    let name = "CreateVpcEndpointServiceConfiguration";
    let service = net
        .world
        .make(name, input, "/ServiceConfiguration/ServiceName");
    let input = json!({"VpcId": net.vpc, "ServiceName": service, "SubnetIds": [net.public],
                       "VpcEndpointType": "GatewayLoadBalancer"});
    net.world.make("CreateVpcEndpoint", input, PATH)
}

// "You can only delete Gateway Load Balancer endpoints when the routes that are associated with the
// endpoint are deleted."
#[test]
fn a_gateway_load_balancer_endpoint_is_a_target_of_routes() {
    let mut net = Net::new();
    let id = inspected(&mut net);
    net.world.wait(200);
    let seen = see(&mut net.world, &id);
    assert_eq!(text(&seen, "/State"), "available");
    assert_eq!(seen["Groups"], json!([]));
    let input = json!({"NetworkInterfaceIds": [seen["NetworkInterfaceIds"][0]]});
    let seen = net.world.one("DescribeNetworkInterfaces", input);
    assert_eq!(
        text(&seen, "/InterfaceType"),
        "gateway_load_balancer_endpoint"
    );
    let destination = "172.16.0.0/12";
    net.world.ok(
        "CreateRoute",
        json!({"RouteTableId": net.private_table, "DestinationCidrBlock": destination,
               "VpcEndpointId": id}),
    );
    let route = net.private_route(destination);
    assert_eq!(
        (text(&route, "/GatewayId"), text(&route, "/State")),
        (id.clone(), "active".into())
    );
    let delete = json!({"VpcEndpointIds": [id]});
    let answer = net.world.ok("DeleteVpcEndpoints", delete.clone());
    assert_eq!(text(&answer, "/Unsuccessful/0/ResourceId"), id);
    net.world.ok(
        "DeleteRoute",
        json!({"RouteTableId": net.private_table, "DestinationCidrBlock": destination}),
    );
    let answer = net.world.ok("DeleteVpcEndpoints", delete);
    assert_eq!(answer["Unsuccessful"], json!([]));
}

#[test]
fn only_such_endpoints_are_targets() {
    let mut net = Net::new();
    let id = inspected(&mut net);
    let input = json!({"VpcId": net.vpc, "ServiceName": SQS, "VpcEndpointType": "Interface"});
    let other = net.world.make("CreateVpcEndpoint", input, PATH);
    let away = vpc(&mut net.world, "10.9.0.0/16");
    let place = subnet(&mut net.world, &away, "10.9.0.0/24");
    let foreign = table(&mut net.world, &away, &place);
    let nobody = "vpce-0123456789abcdef0".to_owned();
    for (table, endpoint, code) in [
        (&net.private_table, &other, "InvalidParameterValue"),
        (&foreign, &id, "InvalidParameterValue"),
        (&net.private_table, &nobody, "InvalidVpcEndpointId.NotFound"),
    ] {
        let input = json!({"RouteTableId": table, "DestinationCidrBlock": "9.9.9.9/32",
                           "VpcEndpointId": endpoint});
        net.world.refused("CreateRoute", input, code, "");
    }
}

#[test]
fn a_gateway_load_balancer_endpoint_has_one_subnet_and_no_groups() {
    let mut net = Net::new();
    let id = inspected(&mut net);
    net.world.wait(200);
    let service = text(&see(&mut net.world, &id), "/ServiceName");
    let base = json!({"VpcId": net.vpc, "ServiceName": service,
                      "VpcEndpointType": "GatewayLoadBalancer"});
    let web = group(&mut net.world, &net.vpc, "web");
    for more in [
        json!({"SubnetIds": [net.public, net.private]}),
        json!({"SecurityGroupIds": [web]}),
        json!({"RouteTableIds": [net.private_table]}),
        json!({"PolicyDocument": "{\"Statement\":[]}"}),
        json!({"VpcEndpointType": "Interface"}),
    ] {
        let mut input = base.clone();
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        net.world
            .refused("CreateVpcEndpoint", input, "InvalidParameter", "");
    }
    let second = json!({"AddSubnetIds": [net.private]});
    net.world
        .refused(MODIFY, with(&id, second), "InvalidParameter", "one subnet");
    // An interface in a subnet keeps it, whatever it is for.
    let private = net.private.clone();
    interface(&mut net.world, &private);
    let keep = json!({"SubnetId": private});
    net.world
        .refused("DeleteSubnet", keep, "DependencyViolation", "");
}
