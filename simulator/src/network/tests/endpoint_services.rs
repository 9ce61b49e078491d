//! Endpoint services: EC2 API reference, CreateVpcEndpointServiceConfiguration,
//! DescribeVpcEndpointServices, AcceptVpcEndpointConnections and their siblings.

use serde_json::{Value, json};

use super::endpoint_changes::GATEWAY_BALANCER;
use super::{World, subnet, text, vpc};

const BALANCER: &str =
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/shop/0123456789abcdef";
const OTHER: &str =
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/more/0123456789abcdef";
const CREATE: &str = "CreateVpcEndpointServiceConfiguration";
const MODIFY: &str = "ModifyVpcEndpointServiceConfiguration";
const DELETE: &str = "DeleteVpcEndpointServiceConfigurations";
const DESCRIBE: &str = "DescribeVpcEndpointServiceConfigurations";
const CONNECTIONS: &str = "DescribeVpcEndpointConnections";

/// An own service; id and name.
fn service(world: &mut World, more: Value) -> (String, String) {
    let mut input = more;
    input["NetworkLoadBalancerArns"] = json!([BALANCER]);
    let answer = world.ok(CREATE, input);
    (
        text(&answer, "/ServiceConfiguration/ServiceId"),
        text(&answer, "/ServiceConfiguration/ServiceName"),
    )
}

fn endpoint(world: &mut World, service: &str) -> String {
    let vpc = vpc(world, "10.0.0.0/16");
    let place = subnet(world, &vpc, "10.0.0.0/24");
    let input = json!({"VpcId": vpc, "ServiceName": service, "VpcEndpointType": "Interface",
                       "SubnetIds": [place]});
    world.make("CreateVpcEndpoint", input, "/VpcEndpoint/VpcEndpointId")
}

fn state(world: &mut World, id: &str) -> String {
    let input = json!({"VpcEndpointIds": [id]});
    text(&world.one("DescribeVpcEndpoints", input), "/State")
}

#[test]
fn a_service_lives() {
    let mut world = World::new();
    let tags = json!([{"ResourceType": "vpc-endpoint-service",
                       "Tags": [{"Key": "team", "Value": "shop"}]}]);
    let more = json!({"ClientToken": "one", "TagSpecifications": tags,
                      "PrivateDnsName": "shop.example.com"});
    let (id, name) = service(&mut world, more.clone());
    assert_eq!(service(&mut world, more).0, id, "the same token");
    assert_eq!(name, format!("com.amazonaws.vpce.eu-central-1.{id}"));
    let filter = json!({"Filters": [{"Name": "tag:team", "Values": ["shop"]},
                                    {"Name": "service-state", "Values": ["Available"]}]});
    let seen = world.one(DESCRIBE, filter);
    for (path, expected) in [
        ("/ServiceId", id.as_str()),
        ("/ServiceType/0/ServiceType", "Interface"),
        ("/AcceptanceRequired", "true"),
        ("/NetworkLoadBalancerArns/0", BALANCER),
        (
            "/BaseEndpointDnsNames/0",
            &format!("{id}.eu-central-1.vpce.amazonaws.com"),
        ),
        ("/PrivateDnsNameConfiguration/State", "pendingVerification"),
    ] {
        assert_eq!(text(&seen, path), expected, "{path}");
    }
    let change = json!({"ServiceId": id, "AcceptanceRequired": false, "RemovePrivateDnsName": true,
                        "AddNetworkLoadBalancerArns": [OTHER],
                        "RemoveNetworkLoadBalancerArns": [BALANCER]});
    world.ok(MODIFY, change);
    let seen = world.one(DESCRIBE, json!({"ServiceIds": [id]}));
    assert_eq!(seen["NetworkLoadBalancerArns"], json!([OTHER]));
    assert_eq!(seen["PrivateDnsName"], Value::Null);
    let listed = world.ok(
        "DescribeVpcEndpointServices",
        json!({"ServiceNames": [name]}),
    );
    assert_eq!(text(&listed, "/ServiceDetails/0/Owner"), super::ACCOUNT);
    assert_eq!(
        world.ok(DELETE, json!({"ServiceIds": [id]}))["Unsuccessful"],
        json!([])
    );
    let again = world.ok(DELETE, json!({"ServiceIds": [id]}));
    let code = "InvalidVpcEndpointService.NotFound";
    assert_eq!(text(&again, "/Unsuccessful/0/Error/Code"), code);
    let code = "InvalidVpcEndpointServiceId.NotFound";
    world.refused(DESCRIBE, json!({"ServiceIds": [id]}), code, &id);
}

#[test]
fn what_is_no_service() {
    let mut world = World::new();
    let classic = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/a/1";
    let (id, _) = service(&mut world, json!({}));
    let invalid = "InvalidParameter";
    for (name, input, code) in [
        (CREATE, json!({}), invalid),
        (
            CREATE,
            json!({"NetworkLoadBalancerArns": [classic]}),
            invalid,
        ),
        (CREATE, json!({"NetworkLoadBalancerArns": ["x"]}), invalid),
        (
            CREATE,
            json!({"NetworkLoadBalancerArns": [BALANCER],
                   "GatewayLoadBalancerArns": [GATEWAY_BALANCER]}),
            invalid,
        ),
        (
            CREATE,
            json!({"GatewayLoadBalancerArns": [GATEWAY_BALANCER], "PrivateDnsName": "a.b"}),
            invalid,
        ),
        (
            CREATE,
            json!({"NetworkLoadBalancerArns": [BALANCER], "SupportedIpAddressTypes": ["ipv6"]}),
            "UnsupportedOperation",
        ),
        (
            CREATE,
            json!({"NetworkLoadBalancerArns": [BALANCER], "SupportedRegions": ["eu-west-1"]}),
            "UnsupportedOperation",
        ),
        (
            MODIFY,
            json!({"ServiceId": id, "RemoveNetworkLoadBalancerArns": [BALANCER]}),
            invalid,
        ),
        (
            MODIFY,
            json!({"ServiceId": id, "RemoveNetworkLoadBalancerArns": [OTHER]}),
            invalid,
        ),
        (
            MODIFY,
            json!({"ServiceId": id, "AddGatewayLoadBalancerArns": [GATEWAY_BALANCER]}),
            invalid,
        ),
        (
            MODIFY,
            json!({"ServiceId": id, "RemovePrivateDnsName": true, "PrivateDnsName": "a.b"}),
            "InvalidParameterCombination",
        ),
        (MODIFY, json!({}), "MissingParameter"),
        (DELETE, json!({}), "MissingParameter"),
        (
            DELETE,
            json!({"ServiceIds": ["vpce-svc-x"]}),
            "InvalidVpcEndpointServiceId.Malformed",
        ),
    ] {
        world.refused(name, input, code, "");
    }
    let dry = json!({"NetworkLoadBalancerArns": [BALANCER], "DryRun": true});
    world.refused(CREATE, dry, "DryRunOperation", "");
}

// "you must reject any Available or PendingAcceptance interface endpoint connections"
#[test]
fn connections_are_accepted_and_rejected() {
    let mut world = World::new();
    let (id, name) = service(&mut world, json!({}));
    let endpoint = endpoint(&mut world, &name);
    world.wait(1000);
    assert_eq!(state(&mut world, &endpoint), "pendingAcceptance");
    let waiting = json!({"Filters": [
        {"Name": "vpc-endpoint-state", "Values": ["pendingAcceptance"]},
        {"Name": "service-id", "Values": [id]}]});
    let seen = world.one(CONNECTIONS, waiting);
    assert_eq!(text(&seen, "/VpcEndpointId"), endpoint);
    assert_eq!(text(&seen, "/VpcEndpointOwner"), super::ACCOUNT);
    let gone = json!({"ServiceIds": [id]});
    let kept = "ExistingVpcEndpointConnections";
    let answer = world.ok(DELETE, gone.clone());
    assert_eq!(text(&answer, "/Unsuccessful/0/Error/Code"), kept);
    let both = json!({"ServiceId": id,
                      "VpcEndpointIds": [endpoint, "vpce-0123456789abcdef0"]});
    let answer = world.ok("AcceptVpcEndpointConnections", both);
    assert_eq!(answer["Unsuccessful"].as_array().unwrap().len(), 1);
    assert_eq!(
        text(&answer, "/Unsuccessful/0/Error/Code"),
        "InvalidVpcEndpointId.NotFound"
    );
    assert_eq!(state(&mut world, &endpoint), "pending");
    world.wait(200);
    assert_eq!(state(&mut world, &endpoint), "available");
    let one = json!({"ServiceId": id, "VpcEndpointIds": [endpoint]});
    let again = world.ok("AcceptVpcEndpointConnections", one.clone());
    assert_eq!(text(&again, "/Unsuccessful/0/Error/Code"), "InvalidState");
    let answer = world.ok(DELETE, gone.clone());
    assert_eq!(text(&answer, "/Unsuccessful/0/Error/Code"), kept);
    world.ok("RejectVpcEndpointConnections", one);
    assert_eq!(state(&mut world, &endpoint), "rejected");
    assert_eq!(world.ok(DELETE, gone)["Unsuccessful"], json!([]));
    // The consumer's endpoint is left, and can go.
    world.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [endpoint]}));
    world.wait(300);
    assert_eq!(world.all("DescribeVpcEndpoints", json!({})).len(), 0);
}

#[test]
fn an_endpoint_of_an_open_service_needs_nobody() {
    let mut world = World::new();
    let (_, name) = service(&mut world, json!({"AcceptanceRequired": false}));
    let id = endpoint(&mut world, &name);
    assert_eq!(state(&mut world, &id), "pending");
    let input = json!({"VpcEndpointIds": [id]});
    let seen = world.one("DescribeVpcEndpoints", input);
    // A service without a proved name of its own gives none to endpoints.
    assert_eq!(text(&seen, "/PrivateDnsEnabled"), "false");
    let vpc = text(&seen, "/VpcId");
    let named = json!({"VpcId": vpc, "ServiceName": name, "VpcEndpointType": "Interface",
                       "PrivateDnsEnabled": true});
    world.ok(
        "ModifyVpcAttribute",
        json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}}),
    );
    let words = "does not provide a private DNS name";
    world.refused("CreateVpcEndpoint", named, "InvalidParameter", words);
    world.wait(200);
    assert_eq!(state(&mut world, &id), "available");
}

#[test]
fn principals_are_listed() {
    let mut world = World::new();
    let (id, _) = service(&mut world, json!({}));
    let name = "ModifyVpcEndpointServicePermissions";
    let account = "arn:aws:iam::210987654321:root";
    let role = "arn:aws:iam::210987654321:role/buyer";
    let add = json!({"ServiceId": id, "AddAllowedPrincipals": [account, role, "*"]});
    let answer = world.ok(name, add.clone());
    assert_eq!(answer["AddedPrincipals"].as_array().unwrap().len(), 3);
    assert_eq!(
        world.ok(name, add)["AddedPrincipals"],
        json!([]),
        "they are there"
    );
    let describe = "DescribeVpcEndpointServicePermissions";
    let filter = json!({"ServiceId": id,
                        "Filters": [{"Name": "principal-type", "Values": ["Role"]}]});
    assert_eq!(text(&world.one(describe, filter), "/Principal"), role);
    world.ok(
        name,
        json!({"ServiceId": id, "RemoveAllowedPrincipals": ["*", role]}),
    );
    let left = world.one(describe, json!({"ServiceId": id}));
    assert_eq!(text(&left, "/PrincipalType"), "Account");
    for bad in [
        "me",
        "arn:aws:iam::1:root",
        "arn:aws:iam::210987654321:role/path/buyer",
    ] {
        let input = json!({"ServiceId": id, "AddAllowedPrincipals": [bad]});
        world.refused(name, input, "InvalidPrincipal", bad);
    }
    world.refused(name, json!({"ServiceId": id}), "MissingParameter", "");
}

#[test]
fn the_services_of_aws_are_listed() {
    let mut world = World::new();
    let name = "DescribeVpcEndpointServices";
    let s3 = "com.amazonaws.eu-central-1.s3";
    let answer = world.ok(name, json!({"ServiceNames": [s3]}));
    assert_eq!(answer["ServiceNames"], json!([s3]));
    let details = answer["ServiceDetails"].as_array().unwrap();
    let kinds: Vec<&Value> = details
        .iter()
        .map(|it| &it["ServiceType"][0]["ServiceType"])
        .collect();
    assert_eq!(kinds, ["Gateway", "Interface"]);
    assert_ne!(details[0]["ServiceId"], details[1]["ServiceId"]);
    let gateways = json!({"Filters": [{"Name": "service-type", "Values": ["Gateway"]}]});
    let answer = world.ok(name, gateways);
    assert_eq!(answer["ServiceNames"].as_array().unwrap().len(), 3);
    let registry = json!({"Filters": [{"Name": "service-name", "Values": ["*.ecr.dkr"]}]});
    let answer = world.ok(name, registry);
    let path = "/ServiceDetails/0/PrivateDnsName";
    assert_eq!(text(&answer, path), "*.dkr.ecr.eu-central-1.amazonaws.com");
    // Pages cover everything once.
    let (mut token, mut seen) = (Value::Null, 0);
    loop {
        let answer = world.ok(name, json!({"MaxResults": 7, "NextToken": token}));
        seen += answer["ServiceDetails"].as_array().unwrap().len();
        token = answer["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    let all = world.ok(name, json!({"MaxResults": 5000}));
    assert_eq!(seen, all["ServiceDetails"].as_array().unwrap().len());
    let unknown = json!({"ServiceNames": ["com.amazonaws.eu-central-1.nothing"]});
    world.refused(name, unknown, "InvalidServiceName", "nothing");
}

// PrivateLink guide, "Manage DNS names for VPC endpoint services": endpoints can use a private name
// when it is verified.
#[test]
fn a_private_name_is_used_when_it_is_verified() {
    let mut world = World::new();
    let (id, name) = service(
        &mut world,
        json!({"AcceptanceRequired": false, "PrivateDnsName": "shop.example.com"}),
    );
    let vpc = vpc(&mut world, "10.0.0.0/16");
    world.ok(
        "ModifyVpcAttribute",
        json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}}),
    );
    let input = json!({"VpcId": vpc, "ServiceName": name, "VpcEndpointType": "Interface",
                       "PrivateDnsEnabled": true});
    let words = "does not provide a private DNS name";
    let create = "CreateVpcEndpoint";
    world.refused(create, input.clone(), "InvalidParameter", words);
    let proof = |world: &mut World| {
        let seen = world.one(DESCRIBE, json!({"ServiceIds": [id]}));
        text(&seen, "/PrivateDnsNameConfiguration/State")
    };
    let mut choices = world.twin.network_choices().clone();
    choices.private_names_are_proved = false;
    world.twin.set_network_choices(choices.clone());
    let start = "StartVpcEndpointServicePrivateDnsVerification";
    world.ok(start, json!({"ServiceId": id}));
    world.wait(400);
    assert_eq!(proof(&mut world), "failed");
    world.refused(create, input.clone(), "InvalidParameter", words);
    choices.private_names_are_proved = true;
    world.twin.set_network_choices(choices);
    world.ok(start, json!({"ServiceId": id}));
    assert_eq!(proof(&mut world), "pendingVerification");
    world.wait(400);
    assert_eq!(proof(&mut world), "verified");
    let made = world.ok(create, input);
    assert_eq!(text(&made, "/VpcEndpoint/PrivateDnsEnabled"), "true");
    let (other, _) = service(&mut world, json!({}));
    let nameless = json!({"ServiceId": other});
    world.refused(start, nameless, "InvalidParameter", "no private DNS name");
}
