//! VPCs and what is in them: subnets, route tables, gateways, addresses, interfaces, endpoints.

use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{ANY, World, filter, nobody, text};

section! {
    "ec2-semantics", "Lifecycles: VPCs and what is in them";
    address_by_ip: "ReleaseAddress by public IP of an address with an allocation id is InvalidParameterValue", "3, Elastic IP [W]";
    address_of_default_vpc: "An address in use in the default VPC is disassociated by its release, one in another VPC is InvalidIPAddress.InUse", "3, Elastic IP [B]";
    address_with_reverse_dns: "An address with a reverse DNS record is InvalidAddress.Locked to release", "3, Elastic IP [E]";
    disassociate_twice: "DisassociateAddress is idempotent", "3, Elastic IP [B]";
    disassociate_from_nat: "Disassociating the address of a NAT gateway is AuthFailure", "3, Elastic IP (gap: a switch)";
    address_moves: "AssociateAddress of an address in use moves it unless AllowReassociation is false: Resource.AlreadyAssociated", "API reference, AssociateAddress";
    interface_states: "An interface is available, then in-use; its attachment is attaching, attached, detaching", "3, ENI [B]";
    delete_interface_frees_address: "Deleting an interface disassociates its address", "3, ENI";
    interface_of_requester: "An interface that a service manages cannot be detached (OperationNotPermitted with AWS's words) or deleted", "3, ENI [W]";
    primary_interface: "The interface at device index 0 cannot be detached: OperationNotPermitted", "3, ENI [MO]";
    nat_gateway_lingers: "A deleted NAT gateway is described for about an hour, then NatGatewayNotFound", "3, NAT gateway [V, public capture]";
    nat_gateway_fails: "Creation fails later, as state failed with a failureCode: Gateway.NotAttached, InvalidAllocationID.NotFound, Resource.AlreadyAssociated", "3, NAT gateway [B]";
    nat_gateway_kinds: "A private NAT gateway has no address; a public one wants one", "3, NAT gateway [B]";
    default_parts_of_vpc: "A new VPC has a default security group, a default network ACL and a main route table, which go with it; the DHCP options set stays", "3, VPC [B]";
    vpc_with_egress_gateway: "An egress-only internet gateway keeps its VPC", "3, VPC [W cloud-nuke 345]";
    vpc_with_vpn_gateway: "An attached VPN gateway keeps its VPC until it is detached", "3, VPC; 3, VPN gateway [B]";
    vpc_with_transit_attachment: "A transit gateway attachment keeps its VPC and subnet until it is deleted", "3, VPC [F]";
    vpc_with_acl: "A network ACL besides the default one keeps its VPC", "3, VPC";
    vpc_with_reference: "A default group that a peer's group names keeps its VPC", "3, VPC";
    default_vpc_goes_empty: "The default VPC is deleted when it is empty, and CreateDefaultVpc makes another", "3, VPC";
    flow_logs_go_later: "Flow logs of a deleted VPC do not keep it", "3, VPC [B]";
    subnet_drops_associations: "Deleting a subnet drops its associations with a route table and a network ACL", "3, Subnet";
    subnet_with_reservation: "A CIDR reservation keeps its subnet", "3, Subnet";
    main_table: "The main route table cannot be deleted, nor its association be taken away", "3, Route table [W, B, O]";
    local_route: "The local route cannot be deleted", "3, Route table";
    blackholes: "Routes to a NAT gateway, peering, interface or gateway that is gone become blackholes and stay", "3, NAT gateway, Peering, Internet gateway, Egress-only IGW";
    detach_gateway_not_attached: "DetachInternetGateway of one that is not attached there is Gateway.NotAttached", "3, Internet gateway";
    egress_only_goes: "DeleteEgressOnlyInternetGateway answers ReturnCode true, and nothing blocks it", "3, Egress-only IGW";
    default_acl: "The default network ACL cannot be deleted: InvalidParameterValue", "3, Network ACL (the message differs from [F])";
    acl_in_use: "An associated network ACL is DependencyViolation, until ReplaceNetworkAclAssociation frees it", "3, Network ACL [W]";
    gateway_endpoint: "A gateway endpoint goes at once, with its routes", "3, VPC endpoint [B]";
    endpoints_in_bulk: "DeleteVpcEndpoints reports failures by item and deletes the others", "3, VPC endpoint [B]; wire, Success response";
    flow_logs_in_bulk: "CreateFlowLogs and DeleteFlowLogs report failures by item", "3, Flow log [B]; wire, Success response";
    dhcp_options_in_use: "DHCP options that a VPC uses are DependencyViolation, until it uses default", "3, DHCP options [B, MO]";
    subnets_do_not_overlap: "A subnet lies in its VPC's blocks and overlaps no other: InvalidSubnet.Range, InvalidSubnet.Conflict", "API error codes [E]";
    vpc_sizes: "A VPC is from /16 to /28: InvalidVpc.Range", "API error codes [E]";
    regions_and_zones: "DescribeRegions and DescribeAvailabilityZones take names and refuse unknown ones", "API reference";
}

const BLOCKED: &str = "DependencyViolation";

/// A VPC with an internet gateway and a subnet.
fn open_net(world: &mut World) -> (String, String, String) {
    let vpc = world.vpc();
    let gateway = world.gateway(&vpc);
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    (vpc, gateway, subnet)
}

fn release(address: &str) -> Value {
    json!({"AllocationId": address})
}

fn see_address(world: &mut World, address: &str) -> Value {
    world.one(
        "DescribeAddresses",
        json!({"AllocationIds": [address]}),
        "Addresses",
    )
}

fn address_by_ip(world: &mut World) {
    let address = world.address();
    let ip = text(&see_address(world, &address), "/PublicIp");
    let message = "You must specify an allocation id when releasing a VPC elastic IP address";
    world.no(
        "ReleaseAddress",
        json!({"PublicIp": ip}),
        "InvalidParameterValue",
        message,
    );
    world.no("ReleaseAddress", json!({}), "MissingParameter", ANY);
}

fn address_of_default_vpc(world: &mut World) {
    let subnet = world.default_subnet();
    let interface = world.interface(&subnet);
    let address = world.address();
    let input = json!({"AllocationId": address, "NetworkInterfaceId": interface});
    world.ok("AssociateAddress", input);
    world.ok("ReleaseAddress", release(&address));
    let seen = world.see_interface(&interface);
    assert!(seen.get("Association").is_none_or(Value::is_null), "{seen}");
    let (_, _, subnet) = open_net(world);
    let interface = world.interface(&subnet);
    let address = world.address();
    let ip = text(&see_address(world, &address), "/PublicIp");
    let input = json!({"AllocationId": address, "NetworkInterfaceId": interface});
    world.ok("AssociateAddress", input);
    let message = format!("Address {ip} is in use.");
    world.no(
        "ReleaseAddress",
        release(&address),
        "InvalidIPAddress.InUse",
        &message,
    );
}

fn address_with_reverse_dns(world: &mut World) {
    let address = world.address();
    let input = json!({"AllocationId": address, "DomainName": "mail.example.com"});
    world.ok("ModifyAddressAttribute", input);
    world.pass(600);
    world.no(
        "ReleaseAddress",
        release(&address),
        "InvalidAddress.Locked",
        ANY,
    );
    let reset = json!({"AllocationId": address, "Attribute": "domain-name"});
    world.ok("ResetAddressAttribute", reset);
    world.pass(600);
    world.ok("ReleaseAddress", release(&address));
}

fn disassociate_twice(world: &mut World) {
    let subnet = world.default_subnet();
    let interface = world.interface(&subnet);
    let address = world.address();
    let input = json!({"AllocationId": address, "NetworkInterfaceId": interface});
    let association = world.make("AssociateAddress", input, "/AssociationId");
    for _ in 0..2 {
        world.ok("DisassociateAddress", json!({"AssociationId": association}));
    }
}

fn disassociate_from_nat(world: &mut World) {
    let (_, _, subnet) = open_net(world);
    let address = world.address();
    world.nat(&subnet, &address);
    let association = text(&see_address(world, &address), "/AssociationId");
    let input = json!({"AssociationId": association});
    world.no("DisassociateAddress", input.clone(), "AuthFailure", ANY);
    let mut choices = world.twin.network_choices().clone();
    choices.nat_address_refusal = sandtable_simulator::network::Refusal::OperationNotPermitted;
    world.twin.set_network_choices(choices);
    world.no("DisassociateAddress", input, "OperationNotPermitted", ANY);
}

fn address_moves(world: &mut World) {
    let subnet = world.default_subnet();
    let (one, other) = (world.interface(&subnet), world.interface(&subnet));
    let address = world.address();
    let to = |interface: &str| json!({"AllocationId": address, "NetworkInterfaceId": interface});
    world.ok("AssociateAddress", to(&one));
    let mut kept = to(&other);
    kept["AllowReassociation"] = false.into();
    world.no("AssociateAddress", kept, "Resource.AlreadyAssociated", ANY);
    world.ok("AssociateAddress", to(&other));
    assert_eq!(
        see_address(world, &address)["NetworkInterfaceId"],
        other.as_str()
    );
}

fn interface_states(world: &mut World) {
    let subnet = world.default_subnet();
    let instance = world.instance(json!({"SubnetId": subnet}));
    let interface = world.interface(&subnet);
    let see = |world: &mut World| {
        let seen = world.see_interface(&interface);
        let attachment = seen["Attachment"]["Status"]
            .as_str()
            .unwrap_or("none")
            .to_owned();
        (text(&seen, "/Status"), attachment)
    };
    assert_eq!(see(world), ("available".to_owned(), "none".to_owned()));
    let input = json!({"InstanceId": instance, "NetworkInterfaceId": interface, "DeviceIndex": 1});
    let attachment = world.make("AttachNetworkInterface", input, "/AttachmentId");
    assert_eq!(see(world).1, "attaching");
    world.pass(10);
    assert_eq!(see(world), ("in-use".to_owned(), "attached".to_owned()));
    world.ok(
        "DetachNetworkInterface",
        json!({"AttachmentId": attachment}),
    );
    assert_eq!(see(world).1, "detaching");
    world.no(
        "DeleteNetworkInterface",
        json!({"NetworkInterfaceId": interface}),
        "InvalidParameterValue",
        ANY,
    );
    world.pass(30);
    assert_eq!(see(world), ("available".to_owned(), "none".to_owned()));
}

fn delete_interface_frees_address(world: &mut World) {
    let subnet = world.default_subnet();
    let interface = world.interface(&subnet);
    let address = world.address();
    let input = json!({"AllocationId": address, "NetworkInterfaceId": interface});
    world.ok("AssociateAddress", input);
    world.ok(
        "DeleteNetworkInterface",
        json!({"NetworkInterfaceId": interface}),
    );
    assert_eq!(see_address(world, &address).get("AssociationId"), None);
}

fn interface_of_requester(world: &mut World) {
    let (_, _, subnet) = open_net(world);
    let address = world.address();
    let nat = world.nat(&subnet, &address);
    let seen = world.see_nat(&nat);
    let id = text(&seen, "/NatGatewayAddresses/0/NetworkInterfaceId");
    let interface = world.see_interface(&id);
    let attachment = text(&interface, "/Attachment/AttachmentId");
    assert!(attachment.starts_with("ela-attach-"), "{attachment}");
    let message = "You are not allowed to manage 'ela-attach' attachments.";
    let input = json!({"AttachmentId": attachment});
    world.no(
        "DetachNetworkInterface",
        input,
        "OperationNotPermitted",
        message,
    );
    let input = json!({"NetworkInterfaceId": id});
    world.no(
        "DeleteNetworkInterface",
        input,
        "InvalidParameterValue",
        "is currently in use.",
    );
}

fn primary_interface(world: &mut World) {
    let instance = world.instance(json!({}));
    let seen = world.see_instance(&instance);
    let attachment = text(&seen, "/NetworkInterfaces/0/Attachment/AttachmentId");
    let message = "The network interface at device index 0 cannot be detached.";
    let input = json!({"AttachmentId": attachment});
    world.no(
        "DetachNetworkInterface",
        input,
        "OperationNotPermitted",
        message,
    );
}

fn nat_gateway_lingers(world: &mut World) {
    let (_, _, subnet) = open_net(world);
    let address = world.address();
    let nat = world.nat(&subnet, &address);
    world.ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    world.pass(3000);
    assert_eq!(world.see_nat(&nat)["State"], "deleted");
    world.pass(1200);
    let input = json!({"NatGatewayIds": [nat]});
    world.no("DescribeNatGateways", input, "NatGatewayNotFound", &nat);
}

fn nat_gateway_fails(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let address = world.address();
    let fails = |world: &mut World, allocation: &str, code: &str| {
        let input = json!({"SubnetId": subnet, "AllocationId": allocation});
        let made = world.ok("CreateNatGateway", input);
        assert_eq!(made["NatGateway"]["State"], "pending", "{made}");
        let nat = text(&made, "/NatGateway/NatGatewayId");
        world.pass(300);
        let seen = world.see_nat(&nat);
        assert_eq!(seen["State"], "failed", "{seen}");
        assert_eq!(seen["FailureCode"], code, "{seen}");
        assert!(
            seen["FailureMessage"]
                .as_str()
                .is_some_and(|it| !it.is_empty())
        );
        world.pass(4000);
        let input = json!({"NatGatewayIds": [nat]});
        world.no("DescribeNatGateways", input, "NatGatewayNotFound", ANY);
    };
    fails(world, &address, "Gateway.NotAttached");
    world.gateway(&vpc);
    fails(world, &nobody("eipalloc"), "InvalidAllocationID.NotFound");
    let interface = world.interface(&subnet);
    let input = json!({"AllocationId": address, "NetworkInterfaceId": interface});
    world.ok("AssociateAddress", input);
    fails(world, &address, "Resource.AlreadyAssociated");
}

fn nat_gateway_kinds(world: &mut World) {
    let (_, _, subnet) = open_net(world);
    let address = world.address();
    world.no(
        "CreateNatGateway",
        json!({"SubnetId": subnet}),
        "MissingParameter",
        "AllocationId",
    );
    let input = json!({"SubnetId": subnet, "AllocationId": address, "ConnectivityType": "private"});
    let (code, message) = world.call("CreateNatGateway", input).unwrap_err();
    assert!(code.starts_with("InvalidParameter"), "{code}: {message}");
    let input = json!({"SubnetId": subnet, "ConnectivityType": "neither"});
    world.no(
        "CreateNatGateway",
        input,
        "InvalidParameterValue",
        "neither",
    );
}

fn of_vpc(vpc: &str) -> Value {
    json!({"Filters": filter("vpc-id", &[vpc])})
}

fn default_parts_of_vpc(world: &mut World) {
    let vpc = world.vpc();
    let group = world.one("DescribeSecurityGroups", of_vpc(&vpc), "SecurityGroups");
    assert_eq!(group["GroupName"], "default");
    let (inward, outward) = (&group["IpPermissions"][0], &group["IpPermissionsEgress"][0]);
    assert_eq!(inward["UserIdGroupPairs"][0]["GroupId"], group["GroupId"]);
    assert_eq!(outward["IpRanges"][0]["CidrIp"], "0.0.0.0/0");
    let table = world.one("DescribeRouteTables", of_vpc(&vpc), "RouteTables");
    assert_eq!(table["Associations"][0]["Main"], true);
    assert_eq!(table["Routes"][0]["GatewayId"], "local");
    let acl = world.one("DescribeNetworkAcls", of_vpc(&vpc), "NetworkAcls");
    assert_eq!(acl["IsDefault"], true);
    assert_eq!(acl["Entries"].as_array().unwrap().len(), 4);
    let seen = world.one("DescribeVpcs", json!({"VpcIds": [vpc]}), "Vpcs");
    let options = text(&seen, "/DhcpOptionsId");
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
    assert!(
        world
            .all("DescribeSecurityGroups", of_vpc(&vpc), "SecurityGroups")
            .is_empty()
    );
    assert!(
        world
            .all("DescribeRouteTables", of_vpc(&vpc), "RouteTables")
            .is_empty()
    );
    assert!(
        world
            .all("DescribeNetworkAcls", of_vpc(&vpc), "NetworkAcls")
            .is_empty()
    );
    world.one(
        "DescribeDhcpOptions",
        json!({"DhcpOptionsIds": [options]}),
        "DhcpOptions",
    );
}

#[track_caller]
fn keeps(world: &mut World, vpc: &str) {
    let message = format!("The vpc '{vpc}' has dependencies and cannot be deleted.");
    world.no("DeleteVpc", json!({"VpcId": vpc}), BLOCKED, &message);
}

fn vpc_with_egress_gateway(world: &mut World) {
    let vpc = world.vpc();
    let path = "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId";
    let id = world.make(
        "CreateEgressOnlyInternetGateway",
        json!({"VpcId": vpc}),
        path,
    );
    keeps(world, &vpc);
    let input = json!({"EgressOnlyInternetGatewayId": id});
    world.ok("DeleteEgressOnlyInternetGateway", input);
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
}

fn vpc_with_vpn_gateway(world: &mut World) {
    let vpc = world.vpc();
    let path = "/VpnGateway/VpnGatewayId";
    let id = world.make("CreateVpnGateway", json!({"Type": "ipsec.1"}), path);
    let both = json!({"VpnGatewayId": id, "VpcId": vpc});
    world.ok("AttachVpnGateway", both.clone());
    world.pass(300);
    keeps(world, &vpc);
    world.ok("DetachVpnGateway", both);
    keeps(world, &vpc);
    world.pass(300);
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
}

fn vpc_with_transit_attachment(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let gateway = world.transit();
    let id = world.attachment(&gateway, &vpc, &subnet);
    keeps(world, &vpc);
    world.no("DeleteSubnet", json!({"SubnetId": subnet}), BLOCKED, ANY);
    world.ok(
        "DeleteTransitGatewayVpcAttachment",
        json!({"TransitGatewayAttachmentId": id}),
    );
    keeps(world, &vpc);
    world.pass(600);
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
}

fn vpc_with_acl(world: &mut World) {
    let vpc = world.vpc();
    let id = world.make(
        "CreateNetworkAcl",
        json!({"VpcId": vpc}),
        "/NetworkAcl/NetworkAclId",
    );
    keeps(world, &vpc);
    world.ok("DeleteNetworkAcl", json!({"NetworkAclId": id}));
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
}

fn vpc_with_reference(world: &mut World) {
    let (one, other) = (world.vpc(), world.vpc_of("10.1.0.0/16"));
    let peering = world.peering(&one, &other);
    let (named, naming) = (world.default_group(&one), world.group(&other, "web"));
    let pair = json!([{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": named}]}]);
    let rule = json!({"GroupId": naming, "IpPermissions": pair});
    world.ok("AuthorizeSecurityGroupIngress", rule.clone());
    world.ok(
        "DeleteVpcPeeringConnection",
        json!({"VpcPeeringConnectionId": peering}),
    );
    world.pass(600);
    keeps(world, &one);
    world.ok("RevokeSecurityGroupIngress", rule);
    world.ok("DeleteVpc", json!({"VpcId": one}));
}

fn default_vpc_goes_empty(world: &mut World) {
    let vpc = world.default_vpc();
    world.no(
        "CreateDefaultVpc",
        json!({}),
        "DefaultVpcAlreadyExists",
        ANY,
    );
    keeps(world, &vpc);
    for subnet in world.all("DescribeSubnets", of_vpc(&vpc), "Subnets") {
        world.ok("DeleteSubnet", json!({"SubnetId": subnet["SubnetId"]}));
    }
    let attached = json!({"Filters": filter("attachment.vpc-id", &[&vpc])});
    let gateway = world.one("DescribeInternetGateways", attached, "InternetGateways");
    let input = json!({"InternetGatewayId": gateway["InternetGatewayId"], "VpcId": vpc});
    world.ok("DetachInternetGateway", input);
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
    let made = world.ok("CreateDefaultVpc", json!({}));
    assert_eq!(made["Vpc"]["IsDefault"], true);
    let vpc = text(&made, "/Vpc/VpcId");
    assert_eq!(
        world.all("DescribeSubnets", of_vpc(&vpc), "Subnets").len(),
        3
    );
}

fn logs(vpc: &str) -> Value {
    json!({"ResourceIds": [vpc], "ResourceType": "VPC", "TrafficType": "ALL",
           "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs"})
}

fn flow_logs_go_later(world: &mut World) {
    let vpc = world.vpc();
    world.ok("CreateFlowLogs", logs(&vpc));
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
    world.pass(86_400);
    assert!(
        world
            .all("DescribeFlowLogs", json!({}), "FlowLogs")
            .is_empty()
    );
}

fn subnet_drops_associations(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let table = world.table(&vpc);
    world.ok(
        "AssociateRouteTable",
        json!({"RouteTableId": table, "SubnetId": subnet}),
    );
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    let seen = world.one(
        "DescribeRouteTables",
        json!({"RouteTableIds": [table]}),
        "RouteTables",
    );
    assert_eq!(seen["Associations"], json!([]));
    let acl = world.one("DescribeNetworkAcls", of_vpc(&vpc), "NetworkAcls");
    assert_eq!(acl["Associations"], json!([]));
    world.ok("DeleteRouteTable", json!({"RouteTableId": table}));
}

fn subnet_with_reservation(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let path = "/SubnetCidrReservation/SubnetCidrReservationId";
    let input = json!({"SubnetId": subnet, "Cidr": "10.0.0.16/28", "ReservationType": "prefix"});
    let id = world.make("CreateSubnetCidrReservation", input, path);
    world.no("DeleteSubnet", json!({"SubnetId": subnet}), BLOCKED, ANY);
    world.ok(
        "DeleteSubnetCidrReservation",
        json!({"SubnetCidrReservationId": id}),
    );
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
}

fn main_table(world: &mut World) {
    let vpc = world.vpc();
    let table = world.one("DescribeRouteTables", of_vpc(&vpc), "RouteTables");
    let id = text(&table, "/RouteTableId");
    let message = format!("The routeTable '{id}' has dependencies and cannot be deleted.");
    world.no(
        "DeleteRouteTable",
        json!({"RouteTableId": id}),
        BLOCKED,
        &message,
    );
    let association = text(&table, "/Associations/0/RouteTableAssociationId");
    let message = format!("cannot disassociate the main route table association {association}");
    let input = json!({"AssociationId": association});
    world.no(
        "DisassociateRouteTable",
        input,
        "InvalidParameterValue",
        &message,
    );
}

fn local_route(world: &mut World) {
    let vpc = world.vpc();
    let table = world.table(&vpc);
    let input = json!({"RouteTableId": table, "DestinationCidrBlock": "10.0.0.0/16"});
    world.no("DeleteRoute", input, "InvalidParameterValue", ANY);
}

fn blackholes(world: &mut World) {
    let (vpc, gateway, subnet) = open_net(world);
    let other = world.vpc_of("10.1.0.0/16");
    let peering = world.peering(&vpc, &other);
    let address = world.address();
    let nat = world.nat(&subnet, &address);
    let interface = world.interface(&subnet);
    let path = "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId";
    let egress = world.make(
        "CreateEgressOnlyInternetGateway",
        json!({"VpcId": vpc}),
        path,
    );
    let table = world.table(&vpc);
    for (member, destination, target, to) in [
        (
            "DestinationCidrBlock",
            "10.1.0.0/16",
            "VpcPeeringConnectionId",
            &peering,
        ),
        ("DestinationCidrBlock", "10.2.0.0/16", "NatGatewayId", &nat),
        (
            "DestinationCidrBlock",
            "10.3.0.0/16",
            "NetworkInterfaceId",
            &interface,
        ),
        ("DestinationCidrBlock", "10.4.0.0/16", "GatewayId", &gateway),
        (
            "DestinationIpv6CidrBlock",
            "::/0",
            "EgressOnlyInternetGatewayId",
            &egress,
        ),
    ] {
        world.ok(
            "CreateRoute",
            json!({"RouteTableId": table, member: destination, target: to}),
        );
    }
    world.ok(
        "DeleteVpcPeeringConnection",
        json!({"VpcPeeringConnectionId": peering}),
    );
    world.ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    world.ok(
        "DeleteNetworkInterface",
        json!({"NetworkInterfaceId": interface}),
    );
    let input = json!({"EgressOnlyInternetGatewayId": egress});
    world.ok("DeleteEgressOnlyInternetGateway", input);
    world.pass(600);
    let input = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    world.ok("DetachInternetGateway", input);
    let seen = world.one(
        "DescribeRouteTables",
        json!({"RouteTableIds": [table]}),
        "RouteTables",
    );
    let routes = seen["Routes"].as_array().unwrap();
    let states: Vec<&str> = routes
        .iter()
        .map(|it| it["State"].as_str().unwrap())
        .collect();
    let count = |state: &str| states.iter().filter(|it| **it == state).count();
    assert_eq!((count("active"), count("blackhole")), (1, 5), "{routes:#?}");
}

fn detach_gateway_not_attached(world: &mut World) {
    let (one, _, _) = open_net(world);
    let path = "/InternetGateway/InternetGatewayId";
    let gateway = world.make("CreateInternetGateway", json!({}), path);
    let message = format!("resource {gateway} is not attached to network {one}");
    let input = json!({"InternetGatewayId": gateway, "VpcId": one});
    world.no(
        "DetachInternetGateway",
        input,
        "Gateway.NotAttached",
        &message,
    );
}

fn egress_only_goes(world: &mut World) {
    let vpc = world.vpc();
    let path = "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId";
    let id = world.make(
        "CreateEgressOnlyInternetGateway",
        json!({"VpcId": vpc}),
        path,
    );
    let input = json!({"EgressOnlyInternetGatewayId": id});
    assert_eq!(
        world.ok("DeleteEgressOnlyInternetGateway", input)["ReturnCode"],
        true
    );
}

fn default_acl(world: &mut World) {
    let vpc = world.vpc();
    let acl = world.one("DescribeNetworkAcls", of_vpc(&vpc), "NetworkAcls");
    let input = json!({"NetworkAclId": acl["NetworkAclId"]});
    world.no(
        "DeleteNetworkAcl",
        input,
        "InvalidParameterValue",
        "cannot delete default network ACL",
    );
}

fn acl_in_use(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let default = world.one("DescribeNetworkAcls", of_vpc(&vpc), "NetworkAcls");
    let association = text(&default, "/Associations/0/NetworkAclAssociationId");
    assert_eq!(default["Associations"][0]["SubnetId"], subnet.as_str());
    let acl = world.make(
        "CreateNetworkAcl",
        json!({"VpcId": vpc}),
        "/NetworkAcl/NetworkAclId",
    );
    let input = json!({"AssociationId": association, "NetworkAclId": acl});
    let association = world.make("ReplaceNetworkAclAssociation", input, "/NewAssociationId");
    let message = format!("The networkAcl '{acl}' has dependencies and cannot be deleted.");
    world.no(
        "DeleteNetworkAcl",
        json!({"NetworkAclId": acl}),
        BLOCKED,
        &message,
    );
    let input = json!({"AssociationId": association, "NetworkAclId": default["NetworkAclId"]});
    world.ok("ReplaceNetworkAclAssociation", input);
    world.ok("DeleteNetworkAcl", json!({"NetworkAclId": acl}));
}

fn gateway_endpoint(world: &mut World) {
    let vpc = world.vpc();
    let table = world.table(&vpc);
    let input = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3",
                       "RouteTableIds": [table]});
    let id = world.make("CreateVpcEndpoint", input, "/VpcEndpoint/VpcEndpointId");
    let routes = |world: &mut World| {
        let input = json!({"RouteTableIds": [table]});
        world.one("DescribeRouteTables", input, "RouteTables")["Routes"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(routes(world), 2);
    world.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    assert_eq!(routes(world), 1);
    let (code, _) = world
        .call("DescribeVpcEndpoints", json!({"VpcEndpointIds": [id]}))
        .unwrap_err();
    assert_eq!(code, "InvalidVpcEndpointId.NotFound");
}

fn endpoints_in_bulk(world: &mut World) {
    let vpc = world.vpc();
    let input = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3"});
    let id = world.make("CreateVpcEndpoint", input, "/VpcEndpoint/VpcEndpointId");
    let input = json!({"VpcEndpointIds": [nobody("vpce"), id]});
    let answer = world.ok("DeleteVpcEndpoints", input);
    assert_eq!(answer["Unsuccessful"].as_array().unwrap().len(), 1);
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
}

fn flow_logs_in_bulk(world: &mut World) {
    let vpc = world.vpc();
    let mut input = logs(&vpc);
    input["ResourceIds"] = json!([vpc, nobody("vpc")]);
    let answer = world.ok("CreateFlowLogs", input);
    let ids = answer["FlowLogIds"].as_array().unwrap();
    assert_eq!(
        (ids.len(), answer["Unsuccessful"].as_array().unwrap().len()),
        (1, 1),
        "{answer}"
    );
    let input = json!({"FlowLogIds": [ids[0], nobody("fl")]});
    let answer = world.ok("DeleteFlowLogs", input);
    assert_eq!(answer["Unsuccessful"].as_array().unwrap().len(), 1);
    assert!(
        world
            .all("DescribeFlowLogs", json!({}), "FlowLogs")
            .is_empty()
    );
}

fn dhcp_options_in_use(world: &mut World) {
    let vpc = world.vpc();
    let configurations = json!([{"Key": "domain-name", "Values": ["example.com"]}]);
    let input = json!({"DhcpConfigurations": configurations});
    let id = world.make("CreateDhcpOptions", input, "/DhcpOptions/DhcpOptionsId");
    world.ok(
        "AssociateDhcpOptions",
        json!({"DhcpOptionsId": id, "VpcId": vpc}),
    );
    let message = format!("The dhcpOptions '{id}' has dependencies and cannot be deleted.");
    world.no(
        "DeleteDhcpOptions",
        json!({"DhcpOptionsId": id}),
        BLOCKED,
        &message,
    );
    world.ok(
        "AssociateDhcpOptions",
        json!({"DhcpOptionsId": "default", "VpcId": vpc}),
    );
    world.ok("DeleteDhcpOptions", json!({"DhcpOptionsId": id}));
}

fn subnets_do_not_overlap(world: &mut World) {
    let vpc = world.vpc();
    world.subnet(&vpc, "10.0.0.0/24");
    let of = |block: &str| json!({"VpcId": vpc, "CidrBlock": block});
    world.no(
        "CreateSubnet",
        of("10.0.0.128/25"),
        "InvalidSubnet.Conflict",
        ANY,
    );
    world.no(
        "CreateSubnet",
        of("10.1.0.0/24"),
        "InvalidSubnet.Range",
        ANY,
    );
    world.no(
        "CreateSubnet",
        of("10.0.1.0/29"),
        "InvalidSubnet.Range",
        ANY,
    );
    world.no("CreateSubnet", of("10.0.1"), "InvalidParameterValue", ANY);
    world.no(
        "CreateSubnet",
        json!({"VpcId": vpc}),
        "MissingParameter",
        ANY,
    );
}

fn vpc_sizes(world: &mut World) {
    for block in ["10.0.0.0/15", "10.0.0.0/29", "0.0.0.0/0"] {
        world.no(
            "CreateVpc",
            json!({"CidrBlock": block}),
            "InvalidVpc.Range",
            ANY,
        );
    }
    world.no(
        "CreateVpc",
        json!({"CidrBlock": "10.0.0.0/33"}),
        "InvalidParameterValue",
        ANY,
    );
    world.no("CreateVpc", json!({}), "MissingParameter", ANY);
    world.vpc_of("10.0.0.0/16");
    world.vpc_of("10.0.0.0/28");
}

fn regions_and_zones(world: &mut World) {
    let input = json!({"RegionNames": ["eu-central-1"]});
    world.one("DescribeRegions", input, "Regions");
    world.no(
        "DescribeRegions",
        json!({"RegionNames": ["x"]}),
        "InvalidParameterValue",
        "x",
    );
    let zones = world.all("DescribeAvailabilityZones", json!({}), "AvailabilityZones");
    assert_eq!(zones.len(), 3);
    let input = json!({"ZoneNames": ["eu-central-1q"]});
    world.no(
        "DescribeAvailabilityZones",
        input,
        "InvalidParameterValue",
        "eu-central-1q",
    );
    let attributes = world.all("DescribeAccountAttributes", json!({}), "AccountAttributes");
    let names: Vec<&str> = attributes
        .iter()
        .map(|it| it["AttributeName"].as_str().unwrap())
        .collect();
    for name in [
        "supported-platforms",
        "default-vpc",
        "max-instances",
        "vpc-max-elastic-ips",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
}
