//! What an account may have.

use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{ANY, World};

section! {
    "ec2-semantics", "Default quotas";
    vpcs: "5 VPCs in a Region: VpcLimitExceeded", "5 [V, E]";
    internet_gateways: "5 internet gateways in a Region: InternetGatewayLimitExceeded", "5 [V, E]";
    egress_only_gateways: "5 egress-only internet gateways in a Region", "5 [V]";
    subnets: "200 subnets in a VPC: SubnetLimitExceeded", "5 [V, E]";
    blocks: "5 IPv4 blocks in a VPC: CidrLimitExceeded", "5 [V]";
    addresses: "5 Elastic IP addresses in a Region: AddressLimitExceeded with AWS's words", "5 [V, E]";
    nat_gateways: "5 NAT gateways in a zone, deleting ones counted: NatGatewayLimitExceeded with AWS's words", "5 [V, E]";
    addresses_of_nat_gateway: "2 Elastic IP addresses of a NAT gateway", "5 [V]";
    acls: "200 network ACLs in a VPC: NetworkAclLimitExceeded", "5 [V]";
    acl_entries: "20 entries of a network ACL in a direction", "5 [V]";
    tables: "200 route tables in a VPC: RouteTableLimitExceeded", "5 [V]";
    routes: "50 routes in a table, the local one counted: RouteLimitExceeded", "5 [V]";
    rules: "60 rules of a security group in a direction and family: RulesPerSecurityGroupLimitExceeded", "5 [V, E]";
    groups_of_interface: "5 security groups of an interface: SecurityGroupsPerInterfaceLimitExceeded", "5 [V]";
    gateway_endpoints: "20 gateway endpoints in a Region: VpcEndpointLimitExceeded", "5 [V, E]";
    interface_endpoints: "50 interface endpoints in a VPC: VpcEndpointLimitExceeded", "5 [V, E]";
    prefix_lists: "100 managed prefix lists in a Region", "5 [V]";
    outstanding_peerings: "25 requests for peering that wait", "5 [V]";
    tags: "50 tags of a resource: TagLimitExceeded", "5 [E]; 1, Tags [B]";
    quotas_can_be_raised: "Quotas can be raised, and lowered, as AWS does on request", "5, adjustable";
}

fn times(world: &mut World, count: usize, action: &str, input: impl Fn(usize) -> Value) {
    for number in 0..count {
        world.ok(action, input(number));
    }
}

fn vpcs(world: &mut World) {
    let of = |number: usize| json!({"CidrBlock": format!("10.{number}.0.0/16")});
    times(world, 4, "CreateVpc", of);
    world.no("CreateVpc", of(9), "VpcLimitExceeded", ANY);
    world.go("us-east-1");
    world.vpc();
}

fn internet_gateways(world: &mut World) {
    times(world, 4, "CreateInternetGateway", |_| json!({}));
    world.no(
        "CreateInternetGateway",
        json!({}),
        "InternetGatewayLimitExceeded",
        ANY,
    );
}

fn egress_only_gateways(world: &mut World) {
    let vpc = world.vpc();
    let of = |_| json!({"VpcId": vpc});
    let mut count = 0;
    while world.call("CreateEgressOnlyInternetGateway", of(0)).is_ok() {
        count += 1;
        assert!(count <= 5);
    }
    assert!(count > 0);
}

fn subnets(world: &mut World) {
    let vpc = world.vpc();
    let of = |number: usize| json!({"VpcId": vpc, "CidrBlock": format!("10.0.{number}.0/24")});
    times(world, 200, "CreateSubnet", of);
    world.no("CreateSubnet", of(250), "SubnetLimitExceeded", ANY);
}

fn blocks(world: &mut World) {
    let vpc = world.vpc();
    let of =
        |number: usize| json!({"VpcId": vpc, "CidrBlock": format!("10.{}.0.0/16", number + 1)});
    times(world, 4, "AssociateVpcCidrBlock", of);
    world.no("AssociateVpcCidrBlock", of(9), "CidrLimitExceeded", ANY);
}

fn addresses(world: &mut World) {
    times(world, 5, "AllocateAddress", |_| json!({}));
    let message = "The maximum number of addresses has been reached.";
    world.no(
        "AllocateAddress",
        json!({}),
        "AddressLimitExceeded",
        message,
    );
}

fn nat_gateways(world: &mut World) {
    let subnet = world.default_subnet();
    let of = |_| json!({"SubnetId": subnet, "ConnectivityType": "private"});
    times(world, 4, "CreateNatGateway", of);
    let last = world.make("CreateNatGateway", of(0), "/NatGateway/NatGatewayId");
    let message = "Performing this operation would exceed the limit of 5 NAT gateways";
    world.no(
        "CreateNatGateway",
        of(0),
        "NatGatewayLimitExceeded",
        message,
    );
    world.pass(300);
    world.ok("DeleteNatGateway", json!({"NatGatewayId": last}));
    world.no(
        "CreateNatGateway",
        of(0),
        "NatGatewayLimitExceeded",
        message,
    );
    world.pass(300);
    world.ok("CreateNatGateway", of(0));
}

fn addresses_of_nat_gateway(world: &mut World) {
    let subnet = world.default_subnet();
    let (one, two, three) = (world.address(), world.address(), world.address());
    let nat = world.nat(&subnet, &one);
    let of = |id: &str| json!({"NatGatewayId": nat, "AllocationIds": [id]});
    world.ok("AssociateNatGatewayAddress", of(&two));
    world.pass(60);
    let refusal = world
        .call("AssociateNatGatewayAddress", of(&three))
        .unwrap_err();
    assert!(refusal.0.contains("LimitExceeded"), "{refusal:?}");
}

fn acls(world: &mut World) {
    let vpc = world.vpc();
    times(world, 199, "CreateNetworkAcl", |_| json!({"VpcId": vpc}));
    world.no(
        "CreateNetworkAcl",
        json!({"VpcId": vpc}),
        "NetworkAclLimitExceeded",
        ANY,
    );
}

fn acl_entries(world: &mut World) {
    let vpc = world.vpc();
    let acl = world.make(
        "CreateNetworkAcl",
        json!({"VpcId": vpc}),
        "/NetworkAcl/NetworkAclId",
    );
    let of = |number: usize| {
        json!({"NetworkAclId": acl, "RuleNumber": number + 1, "Egress": false, "Protocol": "-1",
               "RuleAction": "allow", "CidrBlock": "10.0.0.0/8"})
    };
    times(world, 19, "CreateNetworkAclEntry", of);
    world.no(
        "CreateNetworkAclEntry",
        of(30),
        "NetworkAclEntryLimitExceeded",
        ANY,
    );
}

fn tables(world: &mut World) {
    let vpc = world.vpc();
    times(world, 199, "CreateRouteTable", |_| json!({"VpcId": vpc}));
    world.no(
        "CreateRouteTable",
        json!({"VpcId": vpc}),
        "RouteTableLimitExceeded",
        ANY,
    );
}

fn routes(world: &mut World) {
    let vpc = world.vpc();
    let gateway = world.gateway(&vpc);
    let table = world.table(&vpc);
    let of = |number: usize| {
        json!({"RouteTableId": table, "GatewayId": gateway,
               "DestinationCidrBlock": format!("192.168.{number}.0/24")})
    };
    times(world, 49, "CreateRoute", of);
    world.no("CreateRoute", of(99), "RouteLimitExceeded", ANY);
}

fn rules(world: &mut World) {
    let vpc = world.vpc();
    let group = world.group(&vpc, "web");
    let of = |number: usize| {
        json!({"GroupId": group, "IpProtocol": "tcp", "FromPort": number, "ToPort": number,
               "CidrIp": "0.0.0.0/0"})
    };
    times(world, 60, "AuthorizeSecurityGroupIngress", of);
    let code = "RulesPerSecurityGroupLimitExceeded";
    world.no("AuthorizeSecurityGroupIngress", of(99), code, ANY);
}

fn groups_of_interface(world: &mut World) {
    let (vpc, subnet) = (world.default_vpc(), world.default_subnet());
    let groups: Vec<String> = (0..6)
        .map(|it| world.group(&vpc, &format!("g{it}")))
        .collect();
    let of = |groups: &[String]| json!({"SubnetId": subnet, "Groups": groups});
    world.ok("CreateNetworkInterface", of(&groups[..5]));
    let code = "SecurityGroupsPerInterfaceLimitExceeded";
    world.no("CreateNetworkInterface", of(&groups), code, ANY);
}

fn gateway_endpoints(world: &mut World) {
    let mut choices = world.twin.network_choices().clone();
    choices.quotas.vpcs = 30;
    world.twin.set_network_choices(choices);
    for number in 0..20 {
        let vpc = world.vpc_of(&format!("10.{number}.0.0/16"));
        let input = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3"});
        world.ok("CreateVpcEndpoint", input);
    }
    let vpc = world.vpc_of("10.99.0.0/16");
    let input = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3"});
    world.no("CreateVpcEndpoint", input, "VpcEndpointLimitExceeded", ANY);
}

fn interface_endpoints(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let of = |_| {
        json!({"VpcId": vpc, "VpcEndpointType": "Interface", "SubnetIds": [subnet],
                        "PrivateDnsEnabled": false, "ServiceName": "com.amazonaws.eu-central-1.sqs"})
    };
    times(world, 50, "CreateVpcEndpoint", of);
    world.no("CreateVpcEndpoint", of(0), "VpcEndpointLimitExceeded", ANY);
}

fn prefix_lists(world: &mut World) {
    let of = |number: usize| json!({"PrefixListName": format!("list-{number}"), "MaxEntries": 1, "AddressFamily": "IPv4"});
    times(world, 100, "CreateManagedPrefixList", of);
    let (code, message) = world.call("CreateManagedPrefixList", of(100)).unwrap_err();
    assert!(code.contains("LimitExceeded"), "{code}: {message}");
}

fn outstanding_peerings(world: &mut World) {
    let vpc = world.vpc();
    let of = |number: usize| json!({"VpcId": vpc, "PeerVpcId": format!("vpc-{number:017x}"), "PeerOwnerId": "210987654321"});
    let mut made = 0;
    let (code, message) = loop {
        match world.call("CreateVpcPeeringConnection", of(made)) {
            Ok(_) => made += 1,
            Err(refusal) => break refusal,
        }
        world.pass(10);
    };
    assert_eq!(
        (made, code.as_str()),
        (25, "OutstandingVpcPeeringConnectionLimitExceeded"),
        "{message}"
    );
}

fn tags(world: &mut World) {
    let volume = world.volume();
    let tags: Vec<Value> = (0..51)
        .map(|it| json!({"Key": format!("k{it}"), "Value": ""}))
        .collect();
    let input = json!({"Resources": [volume], "Tags": tags});
    world.no("CreateTags", input, "TagLimitExceeded", ANY);
}

fn quotas_can_be_raised(world: &mut World) {
    let mut choices = world.twin.network_choices().clone();
    choices.quotas.addresses = 7;
    world.twin.set_network_choices(choices);
    times(world, 7, "AllocateAddress", |_| json!({}));
    world.no("AllocateAddress", json!({}), "AddressLimitExceeded", ANY);
}
