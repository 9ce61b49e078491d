//! The codes of each kind for malformed and unknown ids: every row of the table.

use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{World, nobody};

section! {
    "ec2-semantics", "Error codes per kind: malformed and unknown ids";
    instance: "InvalidInstanceID.Malformed, InvalidInstanceID.NotFound", "2, row instance [E, T, SP, B]";
    volume: "InvalidVolumeID.Malformed, InvalidVolume.NotFound", "2, row volume [E, T, SP, MO, W]";
    snapshot: "InvalidSnapshotID.Malformed, InvalidSnapshot.NotFound", "2, row snapshot [E, T, SP]";
    image: "InvalidAMIID.Malformed, InvalidAMIID.NotFound", "2, row AMI [E, T, SP, MO]";
    image_deregistered: "A deregistered AMI that is still visible cannot be launched: InvalidAMIID.Unavailable", "2, row AMI [E, T, SP, MO]";
    address: "InvalidAllocationID.NotFound, malformed or not; InvalidAddress.NotFound and InvalidAddress.Malformed by IP", "2, row elastic IP (allocation) [E, T, MO]";
    association: "InvalidAssociationID.NotFound of addresses, route tables and network ACLs", "2, row EIP association [E, T]";
    interface: "InvalidNetworkInterfaceId.Malformed, InvalidNetworkInterfaceID.NotFound", "2, row ENI [E, T, MO]";
    interface_attachment: "InvalidNetworkInterfaceAttachmentId.Malformed, InvalidAttachmentID.NotFound", "2, row ENI attachment [E, T]";
    volume_attachment: "InvalidAttachment.NotFound, IncorrectState when the volume is available", "2, row volume attachment [E, W]";
    nat_gateway: "NatGatewayMalformed, NatGatewayNotFound", "2, row NAT gateway [B waiters, T, SP]";
    vpc: "InvalidVpcID.Malformed, InvalidVpcID.NotFound", "2, row VPC [E, T, W]";
    subnet: "InvalidSubnetID.Malformed, InvalidSubnetID.NotFound", "2, row subnet [E, T, SP, W]";
    route_table: "InvalidRouteTableId.Malformed, InvalidRouteTableID.NotFound, for tables of transit gateways too", "2, row route table [E, T, F]";
    route: "InvalidRoute.NotFound", "2, row route [E, MO]";
    internet_gateway: "InvalidInternetGatewayId.Malformed, InvalidInternetGatewayID.NotFound", "2, row internet gateway [E, T, B]";
    egress_only: "InvalidEgressOnlyInternetGatewayId.Malformed, InvalidGatewayID.NotFound", "2, row egress-only IGW (conflict: [E, T, MO] over [SP])";
    group: "InvalidGroupId.Malformed, InvalidGroup.NotFound", "2, row security group [E, T, SP, MO]";
    group_of_interface: "An unknown group in calls about interfaces is InvalidSecurityGroupID.NotFound", "2, row security group [E, T, SP, MO]";
    rule_of_group: "InvalidSecurityGroupRuleId.Malformed, InvalidSecurityGroupRuleId.NotFound; by properties InvalidPermission.NotFound", "2, row SG rule [T, SP]";
    acl: "InvalidNetworkAclId.Malformed, InvalidNetworkAclID.NotFound; an entry InvalidNetworkAclEntry.NotFound", "2, row network ACL [E, T]";
    endpoint: "InvalidVpcEndpointId.Malformed, InvalidVpcEndpointId.NotFound; a delete reports it for the item", "2, row VPC endpoint [E, T]";
    peering: "InvalidVpcPeeringConnectionId.Malformed, InvalidVpcPeeringConnectionID.NotFound", "2, row peering [E, T, B waiter]";
    transit_gateway: "InvalidTransitGatewayID.Malformed, InvalidTransitGatewayID.NotFound", "2, row transit gateway [T, SP, F]";
    transit_attachment: "InvalidTransitGatewayAttachmentID.Malformed without echo, InvalidTransitGatewayAttachmentID.NotFound", "2, row TGW attachment [T, SP, F]";
    vpn_gateway: "InvalidVpnGatewayID.Malformed, InvalidVpnGatewayID.NotFound; an attachment InvalidVpnGatewayAttachment.NotFound", "2, row VPN gateway [E, T, SP]";
    vpn_connection: "InvalidVpnConnectionID.Malformed, InvalidVpnConnectionID.NotFound", "2, row VPN connection [E, T, SP]";
    customer_gateway: "InvalidCustomerGatewayId.Malformed, InvalidCustomerGatewayID.NotFound", "2, row customer gateway [E, T]";
    launch_template: "InvalidLaunchTemplateId.Malformed, InvalidLaunchTemplateId.NotFound; by name InvalidLaunchTemplateName.MalformedException and NotFoundException; a version InvalidLaunchTemplateId.VersionNotFound", "2, row launch template [E, T, SP]";
    key_pair: "InvalidKeyPair.NotFound to describe", "2, row key pair [E, T]";
    flow_log: "InvalidFlowLogId.NotFound, for the item on delete", "2, row flow log [E, T]";
    placement_group: "InvalidPlacementGroup.Unknown", "2, row placement group [E, T, SP]";
    dhcp_options: "InvalidDhcpOptionsId.Malformed, InvalidDhcpOptionID.NotFound", "2, row DHCP options [E, T, MO]";
}

/// Calls that name one id, alone or in a list, besides what else they need.
type Calls<'a> = &'a [(&'a str, &'a str, Value)];

/// Each call with an id of the wrong form and with one that nothing has.
#[track_caller]
fn each(
    world: &mut World,
    prefix: &str,
    calls: Calls<'_>,
    (malformed, unknown): (&str, &str),
    message: &str,
) {
    let nobody = nobody(prefix);
    for (action, member, more) in calls {
        let of = |id: &str| {
            let mut input = more.clone();
            input[member] = match member.ends_with('s') {
                true => json!([id]),
                false => id.into(),
            };
            input
        };
        if !malformed.is_empty() {
            let short = format!("{prefix}-123");
            let other = format!("x{nobody}");
            let upper = nobody.to_uppercase();
            for id in [short.as_str(), &other, &upper, prefix, "x"] {
                world.no(action, of(id), malformed, "");
            }
        }
        let message = message.replace("{}", &nobody);
        world.no(action, of(&nobody), unknown, &message);
    }
}

fn no_more() -> Value {
    json!({})
}

fn instance(world: &mut World) {
    let calls = [
        ("DescribeInstances", "InstanceIds", no_more()),
        ("DescribeInstanceStatus", "InstanceIds", no_more()),
        ("TerminateInstances", "InstanceIds", no_more()),
        ("StopInstances", "InstanceIds", no_more()),
        ("StartInstances", "InstanceIds", no_more()),
        ("RebootInstances", "InstanceIds", no_more()),
        (
            "DescribeInstanceAttribute",
            "InstanceId",
            json!({"Attribute": "userData"}),
        ),
        (
            "ModifyInstanceAttribute",
            "InstanceId",
            json!({"EbsOptimized": {"Value": true}}),
        ),
        ("CreateImage", "InstanceId", json!({"Name": "name"})),
        ("GetConsoleOutput", "InstanceId", no_more()),
        (
            "ModifyInstanceMetadataOptions",
            "InstanceId",
            json!({"HttpTokens": "required"}),
        ),
    ];
    let codes = ("InvalidInstanceID.Malformed", "InvalidInstanceID.NotFound");
    each(
        world,
        "i",
        &calls,
        codes,
        "The instance ID '{}' does not exist",
    );
}

fn volume(world: &mut World) {
    let calls = [
        ("DescribeVolumes", "VolumeIds", no_more()),
        ("DescribeVolumeStatus", "VolumeIds", no_more()),
        ("DescribeVolumesModifications", "VolumeIds", no_more()),
        ("DeleteVolume", "VolumeId", no_more()),
        ("DetachVolume", "VolumeId", no_more()),
        ("ModifyVolume", "VolumeId", json!({"Size": 9})),
        ("CreateSnapshot", "VolumeId", no_more()),
        (
            "DescribeVolumeAttribute",
            "VolumeId",
            json!({"Attribute": "autoEnableIO"}),
        ),
    ];
    let codes = ("InvalidVolumeID.Malformed", "InvalidVolume.NotFound");
    each(
        world,
        "vol",
        &calls,
        codes,
        "The volume '{}' does not exist.",
    );
}

fn snapshot(world: &mut World) {
    let zone = world.zone('a');
    let calls = [
        ("DescribeSnapshots", "SnapshotIds", no_more()),
        ("DeleteSnapshot", "SnapshotId", no_more()),
        (
            "CreateVolume",
            "SnapshotId",
            json!({"AvailabilityZone": zone}),
        ),
        (
            "DescribeSnapshotAttribute",
            "SnapshotId",
            json!({"Attribute": "createVolumePermission"}),
        ),
        (
            "LockSnapshot",
            "SnapshotId",
            json!({"LockMode": "governance", "LockDuration": 1}),
        ),
        (
            "ModifySnapshotTier",
            "SnapshotId",
            json!({"StorageTier": "archive"}),
        ),
    ];
    let codes = ("InvalidSnapshotID.Malformed", "InvalidSnapshot.NotFound");
    each(
        world,
        "snap",
        &calls,
        codes,
        "The snapshot '{}' does not exist.",
    );
}

fn image(world: &mut World) {
    let calls = [
        ("DescribeImages", "ImageIds", no_more()),
        ("DeregisterImage", "ImageId", no_more()),
        ("DisableImage", "ImageId", no_more()),
        (
            "RunInstances",
            "ImageId",
            json!({"MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro"}),
        ),
        (
            "DescribeImageAttribute",
            "ImageId",
            json!({"Attribute": "launchPermission"}),
        ),
    ];
    let codes = ("InvalidAMIID.Malformed", "InvalidAMIID.NotFound");
    each(
        world,
        "ami",
        &calls,
        codes,
        "The image id '[{}]' does not exist",
    );
}

fn image_deregistered(world: &mut World) {
    let snapshot = world.snapshot();
    let image = world.image("base", &snapshot);
    world.ok("DeregisterImage", json!({"ImageId": image}));
    let run = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1});
    world.no("RunInstances", run, "InvalidAMIID.Unavailable", &image);
}

fn address(world: &mut World) {
    let unknown = "InvalidAllocationID.NotFound";
    let interface = json!({"NetworkInterfaceId": nobody("eni")});
    for id in ["eipalloc-0123456789abcdef0", "eipalloc-1", "x"] {
        for (action, input) in [
            ("ReleaseAddress", json!({"AllocationId": id})),
            ("DescribeAddresses", json!({"AllocationIds": [id]})),
        ] {
            world.no(action, input, unknown, id);
        }
        let mut input = interface.clone();
        input["AllocationId"] = id.into();
        let (code, _) = world.call("AssociateAddress", input).unwrap_err();
        assert_eq!(code, unknown);
    }
    let input = json!({"PublicIps": ["203.0.113.9"]});
    world.no(
        "DescribeAddresses",
        input,
        "InvalidAddress.NotFound",
        "Address '203.0.113.9' not found.",
    );
    let input = json!({"PublicIps": ["203.0.113"]});
    world.no(
        "DescribeAddresses",
        input,
        "InvalidAddress.Malformed",
        "203.0.113",
    );
}

fn association(world: &mut World) {
    let unknown = "InvalidAssociationID.NotFound";
    for (action, prefix, more) in [
        ("DisassociateRouteTable", "rtbassoc", no_more()),
        (
            "ReplaceNetworkAclAssociation",
            "aclassoc",
            json!({"NetworkAclId": acl_of(world)}),
        ),
    ] {
        let id = nobody(prefix);
        let mut input = more;
        input["AssociationId"] = id.clone().into();
        world.no(action, input, unknown, &id);
    }
}

fn acl_of(world: &mut World) -> String {
    world.make(
        "DescribeNetworkAcls",
        json!({}),
        "/NetworkAcls/0/NetworkAclId",
    )
}

fn interface(world: &mut World) {
    let calls = [
        (
            "DescribeNetworkInterfaces",
            "NetworkInterfaceIds",
            no_more(),
        ),
        ("DeleteNetworkInterface", "NetworkInterfaceId", no_more()),
        (
            "ModifyNetworkInterfaceAttribute",
            "NetworkInterfaceId",
            json!({"Description": {"Value": "x"}}),
        ),
        (
            "AssignPrivateIpAddresses",
            "NetworkInterfaceId",
            json!({"SecondaryPrivateIpAddressCount": 1}),
        ),
        (
            "DescribeNetworkInterfaceAttribute",
            "NetworkInterfaceId",
            json!({"Attribute": "description"}),
        ),
    ];
    let codes = (
        "InvalidNetworkInterfaceId.Malformed",
        "InvalidNetworkInterfaceID.NotFound",
    );
    let message = "The networkInterface ID '{}' does not exist";
    each(world, "eni", &calls, codes, message);
}

fn interface_attachment(world: &mut World) {
    let calls = [("DetachNetworkInterface", "AttachmentId", no_more())];
    let codes = (
        "InvalidNetworkInterfaceAttachmentId.Malformed",
        "InvalidAttachmentID.NotFound",
    );
    each(world, "eni-attach", &calls, codes, "");
}

fn volume_attachment(world: &mut World) {
    let volume = world.volume();
    world.no(
        "DetachVolume",
        json!({"VolumeId": volume}),
        "IncorrectState",
        "available",
    );
    let subnet = world.default_subnet();
    let more = json!({"SubnetId": subnet});
    let (one, other) = (world.instance(more.clone()), world.instance(more));
    world.ok(
        "AttachVolume",
        json!({"InstanceId": one, "VolumeId": volume, "Device": "/dev/sdf"}),
    );
    for input in [
        json!({"VolumeId": volume, "InstanceId": other}),
        json!({"VolumeId": volume, "InstanceId": one, "Device": "/dev/sdg"}),
    ] {
        world.no("DetachVolume", input, "InvalidAttachment.NotFound", &volume);
    }
}

fn nat_gateway(world: &mut World) {
    let calls = [
        ("DescribeNatGateways", "NatGatewayIds", no_more()),
        ("DeleteNatGateway", "NatGatewayId", no_more()),
        (
            "AssociateNatGatewayAddress",
            "NatGatewayId",
            json!({"AllocationIds": [nobody("eipalloc")]}),
        ),
    ];
    each(
        world,
        "nat",
        &calls,
        ("NatGatewayMalformed", "NatGatewayNotFound"),
        "{}",
    );
}

fn vpc(world: &mut World) {
    let calls = [
        ("DescribeVpcs", "VpcIds", no_more()),
        ("DeleteVpc", "VpcId", no_more()),
        ("CreateSubnet", "VpcId", json!({"CidrBlock": "10.0.0.0/24"})),
        ("CreateRouteTable", "VpcId", no_more()),
        ("CreateNetworkAcl", "VpcId", no_more()),
        (
            "CreateSecurityGroup",
            "VpcId",
            json!({"GroupName": "g", "Description": "d"}),
        ),
        (
            "ModifyVpcAttribute",
            "VpcId",
            json!({"EnableDnsSupport": {"Value": true}}),
        ),
        (
            "DescribeVpcAttribute",
            "VpcId",
            json!({"Attribute": "enableDnsSupport"}),
        ),
        (
            "AssociateVpcCidrBlock",
            "VpcId",
            json!({"CidrBlock": "10.0.0.0/24"}),
        ),
        (
            "CreateVpcEndpoint",
            "VpcId",
            json!({"ServiceName": "com.amazonaws.eu-central-1.s3"}),
        ),
        ("CreateEgressOnlyInternetGateway", "VpcId", no_more()),
    ];
    let codes = ("InvalidVpcID.Malformed", "InvalidVpcID.NotFound");
    each(
        world,
        "vpc",
        &calls,
        codes,
        "The vpc ID '{}' does not exist",
    );
}

fn subnet(world: &mut World) {
    let calls = [
        ("DescribeSubnets", "SubnetIds", no_more()),
        ("DeleteSubnet", "SubnetId", no_more()),
        ("CreateNetworkInterface", "SubnetId", no_more()),
        (
            "ModifySubnetAttribute",
            "SubnetId",
            json!({"MapPublicIpOnLaunch": {"Value": true}}),
        ),
        (
            "CreateSubnetCidrReservation",
            "SubnetId",
            json!({"Cidr": "10.0.0.0/28", "ReservationType": "prefix"}),
        ),
    ];
    let codes = ("InvalidSubnetID.Malformed", "InvalidSubnetID.NotFound");
    each(
        world,
        "subnet",
        &calls,
        codes,
        "The subnet ID '{}' does not exist",
    );
}

fn route_table(world: &mut World) {
    let calls = [
        ("DescribeRouteTables", "RouteTableIds", no_more()),
        ("DeleteRouteTable", "RouteTableId", no_more()),
        (
            "CreateRoute",
            "RouteTableId",
            json!({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": nobody("igw")}),
        ),
        (
            "DeleteRoute",
            "RouteTableId",
            json!({"DestinationCidrBlock": "0.0.0.0/0"}),
        ),
    ];
    let codes = (
        "InvalidRouteTableId.Malformed",
        "InvalidRouteTableID.NotFound",
    );
    each(
        world,
        "rtb",
        &calls,
        codes,
        "The routeTable ID '{}' does not exist",
    );
    let calls = [
        (
            "DescribeTransitGatewayRouteTables",
            "TransitGatewayRouteTableIds",
            no_more(),
        ),
        (
            "DeleteTransitGatewayRouteTable",
            "TransitGatewayRouteTableId",
            no_more(),
        ),
    ];
    each(world, "tgw-rtb", &calls, codes, "{}");
}

fn route(world: &mut World) {
    let vpc = world.vpc();
    let table = world.table(&vpc);
    let message = format!("no route with destination-cidr-block 0.0.0.0/0 in route table {table}");
    let delete = json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"});
    world.no("DeleteRoute", delete, "InvalidRoute.NotFound", &message);
}

fn internet_gateway(world: &mut World) {
    let vpc = world.vpc();
    let calls = [
        ("DescribeInternetGateways", "InternetGatewayIds", no_more()),
        ("DeleteInternetGateway", "InternetGatewayId", no_more()),
        (
            "AttachInternetGateway",
            "InternetGatewayId",
            json!({"VpcId": vpc}),
        ),
        (
            "DetachInternetGateway",
            "InternetGatewayId",
            json!({"VpcId": vpc}),
        ),
    ];
    let codes = (
        "InvalidInternetGatewayId.Malformed",
        "InvalidInternetGatewayID.NotFound",
    );
    each(
        world,
        "igw",
        &calls,
        codes,
        "The internetGateway ID '{}' does not exist",
    );
}

fn egress_only(world: &mut World) {
    let calls = [
        (
            "DescribeEgressOnlyInternetGateways",
            "EgressOnlyInternetGatewayIds",
            no_more(),
        ),
        (
            "DeleteEgressOnlyInternetGateway",
            "EgressOnlyInternetGatewayId",
            no_more(),
        ),
    ];
    let codes = (
        "InvalidEgressOnlyInternetGatewayId.Malformed",
        "InvalidGatewayID.NotFound",
    );
    each(world, "eigw", &calls, codes, "{}");
}

fn group(world: &mut World) {
    let rule = json!({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "CidrIp": "0.0.0.0/0"});
    let calls = [
        ("DescribeSecurityGroups", "GroupIds", no_more()),
        ("DeleteSecurityGroup", "GroupId", no_more()),
        ("AuthorizeSecurityGroupIngress", "GroupId", rule.clone()),
        ("RevokeSecurityGroupIngress", "GroupId", rule),
    ];
    let codes = ("InvalidGroupId.Malformed", "InvalidGroup.NotFound");
    each(
        world,
        "sg",
        &calls,
        codes,
        "The security group '{}' does not exist",
    );
}

fn group_of_interface(world: &mut World) {
    let subnet = world.default_subnet();
    let interface = world.interface(&subnet);
    let unknown = "InvalidSecurityGroupID.NotFound";
    let group = nobody("sg");
    let input = json!({"SubnetId": subnet, "Groups": [group]});
    world.no("CreateNetworkInterface", input, unknown, &group);
    let input = json!({"NetworkInterfaceId": interface, "Groups": [group]});
    world.no("ModifyNetworkInterfaceAttribute", input, unknown, &group);
}

fn rule_of_group(world: &mut World) {
    let calls = [(
        "DescribeSecurityGroupRules",
        "SecurityGroupRuleIds",
        no_more(),
    )];
    let codes = (
        "InvalidSecurityGroupRuleId.Malformed",
        "InvalidSecurityGroupRuleId.NotFound",
    );
    each(world, "sgr", &calls, codes, "{}");
    let vpc = world.vpc();
    let group = world.group(&vpc, "g");
    let input = json!({"GroupId": group, "IpProtocol": "tcp", "FromPort": 1, "ToPort": 2,
                       "CidrIp": "0.0.0.0/0"});
    world.no(
        "RevokeSecurityGroupIngress",
        input,
        "InvalidPermission.NotFound",
        "",
    );
}

fn acl(world: &mut World) {
    let calls = [
        ("DescribeNetworkAcls", "NetworkAclIds", no_more()),
        ("DeleteNetworkAcl", "NetworkAclId", no_more()),
        (
            "DeleteNetworkAclEntry",
            "NetworkAclId",
            json!({"RuleNumber": 100, "Egress": true}),
        ),
    ];
    let codes = (
        "InvalidNetworkAclId.Malformed",
        "InvalidNetworkAclID.NotFound",
    );
    each(
        world,
        "acl",
        &calls,
        codes,
        "The networkAcl ID '{}' does not exist",
    );
    let input = json!({"NetworkAclId": acl_of(world), "RuleNumber": 77, "Egress": true});
    world.no(
        "DeleteNetworkAclEntry",
        input,
        "InvalidNetworkAclEntry.NotFound",
        "77",
    );
}

fn endpoint(world: &mut World) {
    let calls = [
        ("DescribeVpcEndpoints", "VpcEndpointIds", no_more()),
        ("ModifyVpcEndpoint", "VpcEndpointId", no_more()),
    ];
    let codes = (
        "InvalidVpcEndpointId.Malformed",
        "InvalidVpcEndpointId.NotFound",
    );
    each(
        world,
        "vpce",
        &calls,
        codes,
        "The Vpc Endpoint Id '{}' does not exist",
    );
    per_item(
        world,
        "DeleteVpcEndpoints",
        "VpcEndpointIds",
        "vpce",
        "InvalidVpcEndpoint.NotFound",
    );
}

/// A bulk delete succeeds and reports the unknown item.
fn per_item(world: &mut World, action: &str, member: &str, prefix: &str, code: &str) {
    let id = nobody(prefix);
    let answer = world.ok(action, json!({member: [id]}));
    let item = &answer["Unsuccessful"][0];
    assert_eq!(item["ResourceId"], id.as_str(), "{answer}");
    assert_eq!(item["Error"]["Code"], code, "{answer}");
}

fn peering(world: &mut World) {
    let calls = [
        (
            "DescribeVpcPeeringConnections",
            "VpcPeeringConnectionIds",
            no_more(),
        ),
        (
            "DeleteVpcPeeringConnection",
            "VpcPeeringConnectionId",
            no_more(),
        ),
        (
            "AcceptVpcPeeringConnection",
            "VpcPeeringConnectionId",
            no_more(),
        ),
        (
            "RejectVpcPeeringConnection",
            "VpcPeeringConnectionId",
            no_more(),
        ),
    ];
    let codes = (
        "InvalidVpcPeeringConnectionId.Malformed",
        "InvalidVpcPeeringConnectionID.NotFound",
    );
    each(world, "pcx", &calls, codes, "{}");
}

fn transit_gateway(world: &mut World) {
    let calls = [
        ("DescribeTransitGateways", "TransitGatewayIds", no_more()),
        ("DeleteTransitGateway", "TransitGatewayId", no_more()),
        (
            "CreateTransitGatewayRouteTable",
            "TransitGatewayId",
            no_more(),
        ),
    ];
    let codes = (
        "InvalidTransitGatewayID.Malformed",
        "InvalidTransitGatewayID.NotFound",
    );
    each(world, "tgw", &calls, codes, "{}");
}

fn transit_attachment(world: &mut World) {
    let calls = [
        (
            "DescribeTransitGatewayAttachments",
            "TransitGatewayAttachmentIds",
            no_more(),
        ),
        (
            "DescribeTransitGatewayVpcAttachments",
            "TransitGatewayAttachmentIds",
            no_more(),
        ),
        (
            "DeleteTransitGatewayVpcAttachment",
            "TransitGatewayAttachmentId",
            no_more(),
        ),
    ];
    let codes = (
        "InvalidTransitGatewayAttachmentID.Malformed",
        "InvalidTransitGatewayAttachmentID.NotFound",
    );
    each(world, "tgw-attach", &calls, codes, "{}");
    let input = json!({"TransitGatewayAttachmentId": "tgw-attach-zzz"});
    let refusal = world
        .call("DeleteTransitGatewayVpcAttachment", input)
        .unwrap_err();
    assert_eq!(refusal.1, "Invalid Transit Gateway Attachment id.");
}

fn vpn_gateway(world: &mut World) {
    let vpc = world.vpc();
    let calls = [
        ("DescribeVpnGateways", "VpnGatewayIds", no_more()),
        ("DeleteVpnGateway", "VpnGatewayId", no_more()),
        ("AttachVpnGateway", "VpnGatewayId", json!({"VpcId": vpc})),
    ];
    let codes = (
        "InvalidVpnGatewayID.Malformed",
        "InvalidVpnGatewayID.NotFound",
    );
    each(
        world,
        "vgw",
        &calls,
        codes,
        "The vpnGateway ID '{}' does not exist",
    );
    let path = "/VpnGateway/VpnGatewayId";
    let gateway = world.make("CreateVpnGateway", json!({"Type": "ipsec.1"}), path);
    let input = json!({"VpnGatewayId": gateway, "VpcId": vpc});
    world.no(
        "DetachVpnGateway",
        input,
        "InvalidVpnGatewayAttachment.NotFound",
        "",
    );
}

fn vpn_connection(world: &mut World) {
    let calls = [
        ("DescribeVpnConnections", "VpnConnectionIds", no_more()),
        ("DeleteVpnConnection", "VpnConnectionId", no_more()),
    ];
    let codes = (
        "InvalidVpnConnectionID.Malformed",
        "InvalidVpnConnectionID.NotFound",
    );
    each(
        world,
        "vpn",
        &calls,
        codes,
        "The vpnConnection ID '{}' does not exist",
    );
}

fn customer_gateway(world: &mut World) {
    let calls = [
        ("DescribeCustomerGateways", "CustomerGatewayIds", no_more()),
        ("DeleteCustomerGateway", "CustomerGatewayId", no_more()),
    ];
    let codes = (
        "InvalidCustomerGatewayId.Malformed",
        "InvalidCustomerGatewayID.NotFound",
    );
    each(
        world,
        "cgw",
        &calls,
        codes,
        "The customerGateway ID '{}' does not exist",
    );
}

fn launch_template(world: &mut World) {
    let calls = [
        ("DescribeLaunchTemplates", "LaunchTemplateIds", no_more()),
        ("DeleteLaunchTemplate", "LaunchTemplateId", no_more()),
        (
            "DescribeLaunchTemplateVersions",
            "LaunchTemplateId",
            no_more(),
        ),
    ];
    let codes = (
        "InvalidLaunchTemplateId.Malformed",
        "InvalidLaunchTemplateId.NotFound",
    );
    each(world, "lt", &calls, codes, "{}");
    let unknown = "InvalidLaunchTemplateName.NotFoundException";
    world.no(
        "DeleteLaunchTemplate",
        json!({"LaunchTemplateName": "nobody"}),
        unknown,
        "",
    );
    world.no(
        "DescribeLaunchTemplates",
        json!({"LaunchTemplateNames": ["nobody"]}),
        unknown,
        "",
    );
    let data = json!({"InstanceType": "t3.micro"});
    let malformed = "InvalidLaunchTemplateName.MalformedException";
    for name in ["x", "a b c", "na$me"] {
        let input = json!({"LaunchTemplateName": name, "LaunchTemplateData": data});
        world.no("CreateLaunchTemplate", input, malformed, "");
    }
    let input = json!({"LaunchTemplateName": "name", "LaunchTemplateData": data});
    world.ok("CreateLaunchTemplate", input);
    let image = world.public_image();
    let template = json!({"LaunchTemplateName": "name", "Version": "7"});
    let input = json!({"LaunchTemplate": template, "ImageId": image, "MinCount": 1, "MaxCount": 1});
    world.no(
        "RunInstances",
        input,
        "InvalidLaunchTemplateId.VersionNotFound",
        "7",
    );
}

fn key_pair(world: &mut World) {
    let input = json!({"KeyNames": ["nobody"]});
    let message = "The key pair 'nobody' does not exist";
    world.no(
        "DescribeKeyPairs",
        input,
        "InvalidKeyPair.NotFound",
        message,
    );
    let image = world.public_image();
    let input = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
                       "KeyName": "nobody"});
    world.no("RunInstances", input, "InvalidKeyPair.NotFound", message);
}

fn flow_log(world: &mut World) {
    let input = json!({"FlowLogIds": [nobody("fl")]});
    world.no(
        "DescribeFlowLogs",
        input,
        "InvalidFlowLogId.NotFound",
        &nobody("fl"),
    );
    per_item(
        world,
        "DeleteFlowLogs",
        "FlowLogIds",
        "fl",
        "InvalidFlowLogId.NotFound",
    );
    let input = json!({"FlowLogIds": ["x"]});
    world.no("DescribeFlowLogs", input, "InvalidParameterValue", "x");
}

fn placement_group(world: &mut World) {
    let unknown = "InvalidPlacementGroup.Unknown";
    let message = "The Placement Group 'nobody' is unknown.";
    world.no(
        "DeletePlacementGroup",
        json!({"GroupName": "nobody"}),
        unknown,
        message,
    );
    world.no(
        "DescribePlacementGroups",
        json!({"GroupNames": ["nobody"]}),
        unknown,
        message,
    );
}

fn dhcp_options(world: &mut World) {
    let vpc = world.vpc();
    let calls = [
        ("DescribeDhcpOptions", "DhcpOptionsIds", no_more()),
        ("DeleteDhcpOptions", "DhcpOptionsId", no_more()),
        (
            "AssociateDhcpOptions",
            "DhcpOptionsId",
            json!({"VpcId": vpc}),
        ),
    ];
    let codes = (
        "InvalidDhcpOptionsId.Malformed",
        "InvalidDhcpOptionID.NotFound",
    );
    each(world, "dopt", &calls, codes, "{}");
}
