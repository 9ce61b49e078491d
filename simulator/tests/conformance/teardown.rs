//! Tearing a VPC down: every row of the first table of the page.

use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{ANY, World, filter, text};

section! {
    "twin-conformance", "VPC teardown";
    delete_subnet_with_interfaces: "DeleteSubnet is refused with DependencyViolation while an interface is in the subnet, attached or not", "row DeleteSubnet with ENIs", "moto: succeeds";
    delete_vpc_with_subnets: "DeleteVpc is refused with DependencyViolation while it has a subnet", "row DeleteVpc with subnets", "moto: refuses";
    delete_vpc_with_internet_gateway: "DeleteVpc is refused with DependencyViolation while an internet gateway is attached", "row DeleteVpc with IGW attached", "moto: succeeds";
    delete_vpc_with_route_table: "DeleteVpc is refused with DependencyViolation while it has a route table besides the main one", "row DeleteVpc with extra route table", "moto: refuses";
    delete_vpc_with_security_group: "DeleteVpc is refused with DependencyViolation while it has a security group besides the default one", "row DeleteVpc with non-default SG / endpoint / ENI", "moto: succeeds";
    delete_vpc_with_endpoint: "DeleteVpc is refused with DependencyViolation while it has an endpoint, gateway or interface", "row DeleteVpc with non-default SG / endpoint / ENI", "moto: succeeds";
    delete_vpc_with_interface: "DeleteVpc is refused with DependencyViolation while it has a network interface", "row DeleteVpc with non-default SG / endpoint / ENI", "moto: succeeds";
    delete_nat_gateway: "DeleteNatGateway leaves the gateway deleting for a while; its address is disassociated and stays allocated, its interface goes, routes to it become blackholes", "row DeleteNatGateway", "moto: deleted at once; address association and interface stay";
    release_address_of_nat_gateway: "ReleaseAddress is refused with InvalidIPAddress.InUse while a NAT gateway holds the address, until that is deleted", "row ReleaseAddress while NAT holds EIP", "moto: disassociates and releases";
    detach_gateway_with_mapped_addresses: "DetachInternetGateway is refused with DependencyViolation while public addresses are mapped in the VPC", "row DetachInternetGateway while public addresses mapped", "moto: succeeds";
    delete_gateway_attached: "DeleteInternetGateway is refused with DependencyViolation while it is attached", "row DeleteInternetGateway while attached", "moto: refuses";
    delete_group_in_use: "DeleteSecurityGroup is refused with DependencyViolation while an interface is in the group", "row DeleteSecurityGroup in use / referenced", "moto: succeeds";
    delete_group_referenced: "DeleteSecurityGroup is refused with DependencyViolation while a rule of another group names it", "row DeleteSecurityGroup in use / referenced", "moto: succeeds";
    delete_interface_attached: "DeleteNetworkInterface is refused while it is attached", "row DeleteNetworkInterface attached", "moto: succeeds";
    delete_table_associated: "DeleteRouteTable is refused with DependencyViolation while a subnet is associated", "row DeleteRouteTable associated", "moto: refuses";
    delete_interface_endpoint: "DeleteVpcEndpoints leaves an interface endpoint deleting for minutes, and its interfaces keep the subnet", "row DeleteVpcEndpoints (interface)", "moto: gone at once with its interfaces";
    delete_volume_in_use: "DeleteVolume is refused with VolumeInUse while the volume is attached", "row DeleteVolume in use / DeleteSnapshot used by AMI", "moto: refuses";
    delete_snapshot_of_image: "DeleteSnapshot is refused with InvalidSnapshot.InUse while a registered AMI uses it", "row DeleteVolume in use / DeleteSnapshot used by AMI", "moto: refuses when made from an AMI";
    delete_vpc_with_peering: "DeleteVpc is refused with DependencyViolation while a peering connection is active: users of the API report so, the guide's words are about the console; a switch, active_peerings_keep_vpcs, lets the connection go with the VPC", "row DeleteVpc with active peering, against ec2-semantics 3, VPC", "moto: allowed";
    delete_vpc_with_request: "DeleteVpc ends a request for peering that its owner made and that nobody has accepted", "row DeleteVpc with active peering; peering guide", "moto: allowed";
}

const BLOCKED: &str = "DependencyViolation";

/// Refused while something is there, and allowed once it is gone.
fn blocks_vpc(world: &mut World, vpc: &str, undo: &[(&str, Value)]) {
    let message = format!("The vpc '{vpc}' has dependencies and cannot be deleted.");
    world.no("DeleteVpc", json!({"VpcId": vpc}), BLOCKED, &message);
    for (action, input) in undo {
        world.ok(action, input.clone());
    }
    world.pass(600);
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
}

fn delete_subnet_with_interfaces(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let message = format!("The subnet '{subnet}' has dependencies and cannot be deleted.");
    let free = world.interface(&subnet);
    world.no(
        "DeleteSubnet",
        json!({"SubnetId": subnet}),
        BLOCKED,
        &message,
    );
    world.ok(
        "DeleteNetworkInterface",
        json!({"NetworkInterfaceId": free}),
    );
    let instance = world.instance(json!({"SubnetId": subnet}));
    world.no(
        "DeleteSubnet",
        json!({"SubnetId": subnet}),
        BLOCKED,
        &message,
    );
    world.ok("TerminateInstances", json!({"InstanceIds": [instance]}));
    world.no(
        "DeleteSubnet",
        json!({"SubnetId": subnet}),
        BLOCKED,
        &message,
    );
    world.pass(120);
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
}

fn delete_vpc_with_subnets(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    blocks_vpc(
        world,
        &vpc,
        &[("DeleteSubnet", json!({"SubnetId": subnet}))],
    );
}

fn delete_vpc_with_internet_gateway(world: &mut World) {
    let vpc = world.vpc();
    let gateway = world.gateway(&vpc);
    let input = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    blocks_vpc(world, &vpc, &[("DetachInternetGateway", input)]);
}

fn delete_vpc_with_route_table(world: &mut World) {
    let vpc = world.vpc();
    let table = world.table(&vpc);
    blocks_vpc(
        world,
        &vpc,
        &[("DeleteRouteTable", json!({"RouteTableId": table}))],
    );
}

fn delete_vpc_with_security_group(world: &mut World) {
    let vpc = world.vpc();
    let group = world.group(&vpc, "web");
    blocks_vpc(
        world,
        &vpc,
        &[("DeleteSecurityGroup", json!({"GroupId": group}))],
    );
}

fn delete_vpc_with_endpoint(world: &mut World) {
    let vpc = world.vpc();
    let input = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3"});
    let endpoint = world.make("CreateVpcEndpoint", input, "/VpcEndpoint/VpcEndpointId");
    blocks_vpc(
        world,
        &vpc,
        &[("DeleteVpcEndpoints", json!({"VpcEndpointIds": [endpoint]}))],
    );
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let endpoint = world.endpoint(&vpc, &subnet);
    world.no("DeleteVpc", json!({"VpcId": vpc}), BLOCKED, ANY);
    world.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [endpoint]}));
    world.no("DeleteVpc", json!({"VpcId": vpc}), BLOCKED, ANY);
    world.pass(600);
    blocks_vpc(
        world,
        &vpc,
        &[("DeleteSubnet", json!({"SubnetId": subnet}))],
    );
}

fn delete_vpc_with_interface(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let interface = world.interface(&subnet);
    let undo = [
        (
            "DeleteNetworkInterface",
            json!({"NetworkInterfaceId": interface}),
        ),
        ("DeleteSubnet", json!({"SubnetId": subnet})),
    ];
    blocks_vpc(world, &vpc, &undo);
}

fn delete_nat_gateway(world: &mut World) {
    let vpc = world.vpc();
    world.gateway(&vpc);
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let address = world.address();
    let nat = world.nat(&subnet, &address);
    let seen = world.see_nat(&nat);
    let interface = text(&seen, "/NatGatewayAddresses/0/NetworkInterfaceId");
    let table = world.table(&vpc);
    let route =
        json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat});
    world.ok("CreateRoute", route);
    world.ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    assert_eq!(world.see_nat(&nat)["State"], "deleting");
    world.pass(30);
    assert_eq!(world.see_nat(&nat)["State"], "deleting");
    world.pass(120);
    assert_eq!(world.see_nat(&nat)["State"], "deleted");
    let left = world.one(
        "DescribeAddresses",
        json!({"AllocationIds": [address]}),
        "Addresses",
    );
    assert_eq!(left.get("AssociationId"), None);
    let code = "InvalidNetworkInterfaceID.NotFound";
    let input = json!({"NetworkInterfaceIds": [interface]});
    world.no("DescribeNetworkInterfaces", input, code, &interface);
    let table = world.one(
        "DescribeRouteTables",
        json!({"RouteTableIds": [table]}),
        "RouteTables",
    );
    let routes = table["Routes"].as_array().unwrap();
    let route = routes.iter().find(|it| it["NatGatewayId"] == nat.as_str());
    assert_eq!(route.unwrap()["State"], "blackhole");
}

fn release_address_of_nat_gateway(world: &mut World) {
    let vpc = world.vpc();
    world.gateway(&vpc);
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let address = world.address();
    let nat = world.nat(&subnet, &address);
    let release = json!({"AllocationId": address});
    world.no(
        "ReleaseAddress",
        release.clone(),
        "InvalidIPAddress.InUse",
        "is in use.",
    );
    world.ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    world.no(
        "ReleaseAddress",
        release.clone(),
        "InvalidIPAddress.InUse",
        "is in use.",
    );
    world.pass(180);
    world.ok("ReleaseAddress", release);
}

fn detach_gateway_with_mapped_addresses(world: &mut World) {
    let vpc = world.vpc();
    let gateway = world.gateway(&vpc);
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let interface = world.interface(&subnet);
    let address = world.address();
    let input = json!({"AllocationId": address, "NetworkInterfaceId": interface});
    let association = world.make("AssociateAddress", input, "/AssociationId");
    let detach = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    let message = format!(
        "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
    );
    world.no("DetachInternetGateway", detach.clone(), BLOCKED, &message);
    world.ok("DisassociateAddress", json!({"AssociationId": association}));
    let lent = json!([{"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": true}]);
    let instance = world.instance(json!({"NetworkInterfaces": lent}));
    world.no("DetachInternetGateway", detach.clone(), BLOCKED, &message);
    world.ok("TerminateInstances", json!({"InstanceIds": [instance]}));
    world.pass(120);
    world.ok("DetachInternetGateway", detach);
}

fn delete_gateway_attached(world: &mut World) {
    let vpc = world.vpc();
    let gateway = world.gateway(&vpc);
    let delete = json!({"InternetGatewayId": gateway});
    let message =
        format!("The internetGateway '{gateway}' has dependencies and cannot be deleted.");
    world.no("DeleteInternetGateway", delete.clone(), BLOCKED, &message);
    let detach = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    world.ok("DetachInternetGateway", detach);
    world.ok("DeleteInternetGateway", delete);
}

fn delete_group_in_use(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let group = world.group(&vpc, "web");
    let input = json!({"SubnetId": subnet, "Groups": [group]});
    let path = "/NetworkInterface/NetworkInterfaceId";
    let interface = world.make("CreateNetworkInterface", input, path);
    let message = format!("resource {group} has a dependent object");
    world.no(
        "DeleteSecurityGroup",
        json!({"GroupId": group}),
        BLOCKED,
        &message,
    );
    world.ok(
        "DeleteNetworkInterface",
        json!({"NetworkInterfaceId": interface}),
    );
    world.ok("DeleteSecurityGroup", json!({"GroupId": group}));
}

fn delete_group_referenced(world: &mut World) {
    let vpc = world.vpc();
    let (web, db) = (world.group(&vpc, "web"), world.group(&vpc, "db"));
    for direction in ["Ingress", "Egress"] {
        let pair = json!([{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2,
                           "UserIdGroupPairs": [{"GroupId": web}]}]);
        let rule = json!({"GroupId": db, "IpPermissions": pair});
        world.ok(&format!("AuthorizeSecurityGroup{direction}"), rule.clone());
        let message = format!("resource {web} has a dependent object");
        world.no(
            "DeleteSecurityGroup",
            json!({"GroupId": web}),
            BLOCKED,
            &message,
        );
        world.ok(&format!("RevokeSecurityGroup{direction}"), rule);
    }
    world.ok("DeleteSecurityGroup", json!({"GroupId": web}));
}

fn delete_interface_attached(world: &mut World) {
    let subnet = world.default_subnet();
    let instance = world.instance(json!({"SubnetId": subnet}));
    let interface = world.interface(&subnet);
    let input = json!({"InstanceId": instance, "NetworkInterfaceId": interface, "DeviceIndex": 1});
    let attachment = world.make("AttachNetworkInterface", input, "/AttachmentId");
    let delete = json!({"NetworkInterfaceId": interface});
    let message = format!("Network interface '{interface}' is currently in use.");
    world.no(
        "DeleteNetworkInterface",
        delete.clone(),
        "InvalidParameterValue",
        &message,
    );
    world.ok(
        "DetachNetworkInterface",
        json!({"AttachmentId": attachment}),
    );
    world.pass(30);
    world.ok("DeleteNetworkInterface", delete);
}

fn delete_table_associated(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let table = world.table(&vpc);
    let input = json!({"RouteTableId": table, "SubnetId": subnet});
    let association = world.make("AssociateRouteTable", input, "/AssociationId");
    let message = format!("The routeTable '{table}' has dependencies and cannot be deleted.");
    world.no(
        "DeleteRouteTable",
        json!({"RouteTableId": table}),
        BLOCKED,
        &message,
    );
    world.ok(
        "DisassociateRouteTable",
        json!({"AssociationId": association}),
    );
    world.ok("DeleteRouteTable", json!({"RouteTableId": table}));
}

fn delete_interface_endpoint(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let endpoint = world.endpoint(&vpc, &subnet);
    world.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [endpoint]}));
    world.pass(60);
    let input = json!({"VpcEndpointIds": [endpoint]});
    let seen = world.one("DescribeVpcEndpoints", input, "VpcEndpoints");
    assert_eq!(seen["State"], "deleting");
    world.no("DeleteSubnet", json!({"SubnetId": subnet}), BLOCKED, ANY);
    world.pass(600);
    let filters = filter("subnet-id", &[&subnet]);
    let input = json!({"Filters": filters});
    let left = world.all("DescribeNetworkInterfaces", input, "NetworkInterfaces");
    assert_eq!(left, Vec::<Value>::new());
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
}

fn delete_volume_in_use(world: &mut World) {
    let volume = world.volume();
    let subnet = world.default_subnet();
    let instance = world.instance(json!({"SubnetId": subnet}));
    let input = json!({"InstanceId": instance, "VolumeId": volume, "Device": "/dev/sdf"});
    world.ok("AttachVolume", input);
    world.pass(10);
    let message = format!("Volume {volume} is currently attached to {instance}");
    world.no(
        "DeleteVolume",
        json!({"VolumeId": volume}),
        "VolumeInUse",
        &message,
    );
    world.ok("DetachVolume", json!({"VolumeId": volume}));
    world.pass(30);
    world.ok("DeleteVolume", json!({"VolumeId": volume}));
}

fn delete_snapshot_of_image(world: &mut World) {
    let snapshot = world.snapshot();
    let image = world.image("base", &snapshot);
    let message = format!("The snapshot {snapshot} is currently in use by {image}");
    let delete = json!({"SnapshotId": snapshot});
    world.no(
        "DeleteSnapshot",
        delete.clone(),
        "InvalidSnapshot.InUse",
        &message,
    );
    world.ok("DeregisterImage", json!({"ImageId": image}));
    world.ok("DeleteSnapshot", delete);
}

fn see_peering(world: &mut World, id: &str) -> String {
    let input = json!({"VpcPeeringConnectionIds": [id]});
    let seen = world.one(
        "DescribeVpcPeeringConnections",
        input,
        "VpcPeeringConnections",
    );
    text(&seen, "/Status/Code")
}

fn delete_vpc_with_peering(world: &mut World) {
    let (one, other) = (world.vpc(), world.vpc_of("10.1.0.0/16"));
    let peering = world.peering(&one, &other);
    world.no("DeleteVpc", json!({"VpcId": one}), BLOCKED, ANY);
    world.no("DeleteVpc", json!({"VpcId": other}), BLOCKED, ANY);
    let mut choices = world.twin.network_choices().clone();
    choices.active_peerings_keep_vpcs = false;
    world.twin.set_network_choices(choices);
    world.ok("DeleteVpc", json!({"VpcId": other}));
    assert_eq!(see_peering(world, &peering), "deleted");
    world.ok("DeleteVpc", json!({"VpcId": one}));
}

fn delete_vpc_with_request(world: &mut World) {
    let (one, other) = (world.vpc(), world.vpc_of("10.1.0.0/16"));
    let path = "/VpcPeeringConnection/VpcPeeringConnectionId";
    let input = json!({"VpcId": one, "PeerVpcId": other});
    let peering = world.make("CreateVpcPeeringConnection", input, path);
    world.pass(10);
    assert_eq!(see_peering(world, &peering), "pending-acceptance");
    world.ok("DeleteVpc", json!({"VpcId": one}));
    assert_eq!(see_peering(world, &peering), "deleted");
    world.ok("DeleteVpc", json!({"VpcId": other}));
}
