//! Describe operations: facts: ec2-semantics.md, sections 1 and 2.

use serde_json::{Value, json};

use super::{Net, World, group, text, vpc};

/// Operation, member of the ids, prefix, unknown, malformed, most on a page (none where AWS has no
/// pages).
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<i64>,
);

/// A describe operation, the member that tells the id, filters, the ids to be found.
type Case<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>, Vec<&'a str>);

/// AWS's name of the filters of an operation.
fn filters_of(operation: &str) -> &'static str {
    if operation == "DescribeNatGateways" {
        "Filter"
    } else {
        "Filters"
    }
}

const KINDS: &[Row] = &[
    (
        "DescribeVpcs",
        "VpcIds",
        "vpc",
        "InvalidVpcID.NotFound",
        Some("InvalidVpcID.Malformed"),
        Some(1000),
    ),
    (
        "DescribeSubnets",
        "SubnetIds",
        "subnet",
        "InvalidSubnetID.NotFound",
        Some("InvalidSubnetID.Malformed"),
        Some(1000),
    ),
    (
        "DescribeRouteTables",
        "RouteTableIds",
        "rtb",
        "InvalidRouteTableID.NotFound",
        Some("InvalidRouteTableId.Malformed"),
        Some(100),
    ),
    (
        "DescribeInternetGateways",
        "InternetGatewayIds",
        "igw",
        "InvalidInternetGatewayID.NotFound",
        Some("InvalidInternetGatewayId.Malformed"),
        Some(1000),
    ),
    (
        "DescribeNatGateways",
        "NatGatewayIds",
        "nat",
        "NatGatewayNotFound",
        Some("NatGatewayMalformed"),
        Some(1000),
    ),
    (
        "DescribeAddresses",
        "AllocationIds",
        "eipalloc",
        "InvalidAllocationID.NotFound",
        None,
        None,
    ),
    (
        "DescribeNetworkInterfaces",
        "NetworkInterfaceIds",
        "eni",
        "InvalidNetworkInterfaceID.NotFound",
        Some("InvalidNetworkInterfaceId.Malformed"),
        Some(1000),
    ),
    (
        "DescribeSecurityGroups",
        "GroupIds",
        "sg",
        "InvalidGroup.NotFound",
        Some("InvalidGroupId.Malformed"),
        Some(1000),
    ),
    (
        "DescribeVpcEndpoints",
        "VpcEndpointIds",
        "vpce",
        "InvalidVpcEndpointId.NotFound",
        Some("InvalidVpcEndpointId.Malformed"),
        None,
    ),
];

// facts: ec2-semantics.md, section 1, "Explicit ids are assertions", section 2, and the table of
// MaxResults
#[test]
fn ids_filters_and_pages_of_every_kind() {
    let mut net = Net::new();
    for &(operation, ids, prefix, unknown, malformed, most) in KINDS {
        let filters = filters_of(operation);
        let nobody = format!("{prefix}-0123456789abcdef0");
        let world = &mut net.world;
        world.refused(operation, json!({ids: [nobody]}), unknown, &nobody);
        let none = format!("{prefix}-nothex");
        let code = malformed.unwrap_or(unknown);
        world.refused(operation, json!({ids: [none]}), code, &none);
        let filter = json!({filters: [{"Name": "colour", "Values": ["red"]}]});
        let message = "The filter 'colour' is invalid";
        world.refused(operation, filter, "InvalidParameterValue", message);
        world.refused(operation, json!({"DryRun": true}), "DryRunOperation", "");
        if let Some(most) = most {
            for bad in [4, most + 1] {
                let input = json!({"MaxResults": bad});
                world.refused(operation, input, "InvalidParameterValue", "maxResults");
            }
            world.ok(operation, json!({"MaxResults": most}));
            let token = json!({"NextToken": "bogus"});
            world.refused(operation, token, "InvalidNextToken", "");
        }
        // One unknown id fails the whole call; a filter that does not match excludes without error.
        if let Some(first) = world.all(operation, json!({})).first() {
            let key = ids.strip_suffix('s').unwrap();
            let id = text(first, &format!("/{key}"));
            world.refused(operation, json!({ids: [id, nobody]}), unknown, &nobody);
            let other = json!({ids: [id], filters: [{"Name": "tag:no", "Values": ["*"]}]});
            assert_eq!(world.all(operation, other), Vec::<Value>::new());
        }
    }
    // facts: ec2-semantics.md, section 1: silently capped at 1000
    net.world
        .ok("DescribeVpcEndpoints", json!({"MaxResults": 5000}));
    // … and MaxResults may not be combined with ids for DescribeNetworkInterfaces.
    let private = net.private.clone();
    let id = net.interface(&private);
    let both = json!({"NetworkInterfaceIds": [id], "MaxResults": 5});
    let code = "InvalidParameterCombination";
    net.world
        .refused("DescribeNetworkInterfaces", both, code, "MaxResults");
}

#[test]
fn filters_find_what_they_name() {
    let mut net = Net::new();
    let (vpc, private) = (net.vpc.clone(), net.private.clone());
    let web = group(&mut net.world, &vpc, "web");
    let from = json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                       "UserIdGroupPairs": [{"GroupId": web}]}]);
    let rule = json!({"GroupId": web, "IpPermissions": from});
    net.world.ok("AuthorizeSecurityGroupIngress", rule);
    let lone = net.interface(&private);
    let nat = net.world.one("DescribeNatGateways", json!({}));
    let own = text(&nat, "/NatGatewayAddresses/0/NetworkInterfaceId");
    let ip = text(&nat, "/NatGatewayAddresses/0/PublicIp");
    let cases: Vec<Case<'_>> = vec![
        (
            "DescribeVpcs",
            "VpcId",
            vec![("cidr", "10.0.0.0/16"), ("is-default", "false")],
            vec![&vpc],
        ),
        ("DescribeVpcs", "VpcId", vec![("state", "pending")], vec![]),
        (
            "DescribeSubnets",
            "SubnetId",
            vec![("cidr-block", "10.0.1.*")],
            vec![&private],
        ),
        (
            "DescribeSubnets",
            "SubnetId",
            vec![
                ("available-ip-address-count", "250"),
                ("subnet-id", &private),
            ],
            vec![&private],
        ),
        (
            "DescribeRouteTables",
            "RouteTableId",
            vec![("route.nat-gateway-id", &net.nat)],
            vec![&net.private_table],
        ),
        (
            "DescribeRouteTables",
            "RouteTableId",
            vec![("route.gateway-id", &net.gateway)],
            vec![&net.public_table],
        ),
        (
            "DescribeRouteTables",
            "RouteTableId",
            vec![("association.subnet-id", &private)],
            vec![&net.private_table],
        ),
        (
            "DescribeRouteTables",
            "RouteTableId",
            vec![("route.state", "blackhole")],
            vec![],
        ),
        (
            "DescribeInternetGateways",
            "InternetGatewayId",
            vec![("attachment.vpc-id", &vpc)],
            vec![&net.gateway],
        ),
        (
            "DescribeNatGateways",
            "NatGatewayId",
            vec![("state", "available"), ("vpc-id", &vpc)],
            vec![&net.nat],
        ),
        (
            "DescribeAddresses",
            "AllocationId",
            vec![("public-ip", &ip)],
            vec![&net.address],
        ),
        (
            "DescribeAddresses",
            "AllocationId",
            vec![("network-interface-id", &own)],
            vec![&net.address],
        ),
        (
            "DescribeNetworkInterfaces",
            "NetworkInterfaceId",
            vec![("status", "available")],
            vec![&lone],
        ),
        (
            "DescribeNetworkInterfaces",
            "NetworkInterfaceId",
            vec![("association.allocation-id", &net.address)],
            vec![&own],
        ),
        (
            "DescribeNetworkInterfaces",
            "NetworkInterfaceId",
            vec![("interface-type", "nat_gateway")],
            vec![&own],
        ),
        (
            "DescribeNetworkInterfaces",
            "NetworkInterfaceId",
            vec![("private-ip-address", "10.0.1.4")],
            vec![&lone],
        ),
        (
            "DescribeNetworkInterfaces",
            "NetworkInterfaceId",
            vec![("attachment.instance-owner-id", "amazon-aws")],
            vec![&own],
        ),
        (
            "DescribeSecurityGroups",
            "GroupId",
            vec![("ip-permission.group-id", &web), ("group-name", "w?b")],
            vec![&web],
        ),
        (
            "DescribeSecurityGroups",
            "GroupId",
            vec![("ip-permission.to-port", "443")],
            vec![&web],
        ),
    ];
    for (operation, key, filters, expected) in cases {
        let list: Vec<Value> = filters
            .iter()
            .map(|(name, value)| json!({"Name": name, "Values": [value]}))
            .collect();
        let member = filters_of(operation);
        let found = net.world.all(operation, json!({member: list}));
        let ids: Vec<String> = found
            .iter()
            .map(|it| text(it, &format!("/{key}")))
            .collect();
        assert_eq!(ids, expected, "{operation} {filters:?}");
    }
}

#[test]
fn pages_hold_everything_once() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    for n in 0..11 {
        super::subnet(&mut world, &vpc, &format!("10.0.{n}.0/24"));
    }
    let mut input = json!({"MaxResults": 5});
    let mut seen = Vec::new();
    loop {
        let page = world.ok("DescribeSubnets", input.clone());
        let items = page["Subnets"].as_array().unwrap();
        assert!(items.len() <= 5);
        seen.extend(items.iter().map(|it| text(it, "/SubnetId")));
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((count, seen.len()), (11, 11));
}

// facts: ec2-semantics.md, section 1, Tags: tags on create, with the kind's own name
#[test]
fn tags_on_create() {
    let mut net = Net::new();
    let (vpc, private) = (net.vpc.clone(), net.private.clone());
    let tags = |kind: &str| json!([{"ResourceType": kind, "Tags": [{"Key": "k", "Value": "v"}]}]);
    for (operation, kind, mut input, describe) in [
        (
            "CreateVpc",
            "vpc",
            json!({"CidrBlock": "10.5.0.0/16"}),
            "DescribeVpcs",
        ),
        (
            "CreateSubnet",
            "subnet",
            json!({"VpcId": vpc, "CidrBlock": "10.0.8.0/24"}),
            "DescribeSubnets",
        ),
        (
            "CreateRouteTable",
            "route-table",
            json!({"VpcId": vpc}),
            "DescribeRouteTables",
        ),
        (
            "CreateInternetGateway",
            "internet-gateway",
            json!({}),
            "DescribeInternetGateways",
        ),
        (
            "AllocateAddress",
            "elastic-ip",
            json!({}),
            "DescribeAddresses",
        ),
        (
            "CreateNatGateway",
            "natgateway",
            json!({"SubnetId": private, "ConnectivityType": "private"}),
            "DescribeNatGateways",
        ),
        (
            "CreateNetworkInterface",
            "network-interface",
            json!({"SubnetId": private}),
            "DescribeNetworkInterfaces",
        ),
        (
            "CreateSecurityGroup",
            "security-group",
            json!({"GroupName": "g", "Description": "d", "VpcId": vpc}),
            "DescribeSecurityGroups",
        ),
        (
            "CreateVpcEndpoint",
            "vpc-endpoint",
            json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3"}),
            "DescribeVpcEndpoints",
        ),
    ] {
        input["TagSpecifications"] = tags("instance");
        net.world.refused(
            operation,
            input.clone(),
            "InvalidParameterValue",
            "instance",
        );
        input["TagSpecifications"] = tags(kind);
        net.world.ok(operation, input);
        let member = filters_of(describe);
        let filter = json!({member: [{"Name": "tag:k", "Values": ["v"]}]});
        net.world.one(describe, filter);
    }
}
