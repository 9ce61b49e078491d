//! The ways in which someone else can delete a resource, put it to use or tag it, in the order in which
//! they are tried. What is refused at that moment, because AWS would refuse it, is passed over.
//!
//! Deliberately absent: resources of the services beside EC2, which no plan touches yet.

use sandtable_model::ResourceId;
use sandtable_model::resource::{
    Address, Instance, InternetGateway, NatGateway, NetworkInterface, RouteTable, SecurityGroup,
    Subnet, Volume, Vpc,
};
use serde_json::{Value, json};

use crate::{Ctx, Twin};

/// Calls that belong together.
pub(super) struct Way(pub(super) Vec<(&'static str, Value)>);

/// Stands for the id of the network interface that an earlier call of the way made.
pub(super) const MADE: &str = "(the new interface)";

fn way(action: &'static str, input: Value) -> Way {
    Way(vec![(action, input)])
}

/// Ways to tag a resource of EC2.
pub(super) fn taggings(_: &Twin, _: &Ctx, id: &ResourceId) -> Vec<Way> {
    let tag = json!({"Key": "claimed-by", "Value": "someone else"});
    vec![way("CreateTags", json!({"Resources": [id], "Tags": [tag]}))]
}

/// Ways to delete a resource, the plainest first: those that take it apart come after.
pub(super) fn deletions(twin: &Twin, _: &Ctx, id: &ResourceId) -> Vec<Way> {
    let state = &twin.state;
    match id {
        ResourceId::Volume(it) => vec![way("DeleteVolume", json!({"VolumeId": it}))],
        ResourceId::EbsSnapshot(it) => vec![way("DeleteSnapshot", json!({"SnapshotId": it}))],
        ResourceId::Image(it) => vec![way("DeregisterImage", json!({"ImageId": it}))],
        ResourceId::Instance(it) => vec![way("TerminateInstances", json!({"InstanceIds": [it]}))],
        ResourceId::NatGateway(it) => vec![way("DeleteNatGateway", json!({"NatGatewayId": it}))],
        ResourceId::VpcEndpoint(it) => {
            vec![way("DeleteVpcEndpoints", json!({"VpcEndpointIds": [it]}))]
        }
        ResourceId::Subnet(it) => vec![way("DeleteSubnet", json!({"SubnetId": it}))],
        ResourceId::SecurityGroup(it) => vec![way("DeleteSecurityGroup", json!({"GroupId": it}))],
        ResourceId::Vpc(it) => vec![way("DeleteVpc", json!({"VpcId": it}))],
        ResourceId::NetworkInterface(it) => {
            let input = json!({"NetworkInterfaceId": it});
            vec![way("DeleteNetworkInterface", input)]
        }
        ResourceId::Address(it) => {
            let release = ("ReleaseAddress", json!({"AllocationId": it}));
            let address = state.one::<Address>(it);
            let association = address.and_then(|it| it.association_id.clone());
            let mut ways = vec![Way(vec![release.clone()])];
            ways.extend(association.map(|association| {
                let input = json!({"AssociationId": association});
                Way(vec![("DisassociateAddress", input), release])
            }));
            ways
        }
        ResourceId::InternetGateway(it) => {
            let delete = ("DeleteInternetGateway", json!({"InternetGatewayId": it}));
            let gateway = state.one::<InternetGateway>(it);
            let attachments = gateway.into_iter().flat_map(|it| &it.attachments);
            let mut taken_apart: Vec<(&str, Value)> = attachments
                .map(|attachment| {
                    let input = json!({"InternetGatewayId": it, "VpcId": attachment.vpc_id});
                    ("DetachInternetGateway", input)
                })
                .collect();
            taken_apart.push(delete.clone());
            vec![Way(vec![delete]), Way(taken_apart)]
        }
        ResourceId::RouteTable(it) => {
            let delete = ("DeleteRouteTable", json!({"RouteTableId": it}));
            let table = state.one::<RouteTable>(it);
            let associations = table.into_iter().flat_map(|it| &it.associations);
            let mut taken_apart: Vec<(&str, Value)> = associations
                .filter(|it| !it.main)
                .map(|association| {
                    let input = json!({"AssociationId": association.route_table_association_id});
                    ("DisassociateRouteTable", input)
                })
                .collect();
            taken_apart.push(delete.clone());
            vec![Way(vec![delete]), Way(taken_apart)]
        }
        _ => Vec::new(),
    }
}

/// Ways to put a resource to use.
pub(super) fn uses(twin: &Twin, ctx: &Ctx, id: &ResourceId) -> Vec<Way> {
    match id {
        ResourceId::Volume(it) => attach_volume(twin, ctx, it.as_str(), id),
        ResourceId::EbsSnapshot(it) => {
            let device = json!({"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": it}});
            let input = json!({"Name": format!("someone else's image of {it}"),
                "RootDeviceName": "/dev/xvda", "Architecture": "x86_64",
                "VirtualizationType": "hvm", "BlockDeviceMappings": [device]});
            vec![way("RegisterImage", input)]
        }
        ResourceId::Image(it) => vec![way(
            "RunInstances",
            json!({"ImageId": it, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}),
        )],
        ResourceId::Address(it) => associate(twin, ctx, it.as_str()),
        ResourceId::NetworkInterface(it) => attach_interface(twin, ctx, it.as_str(), id),
        ResourceId::Subnet(it) => vec![interface_in(it.as_str(), None)],
        ResourceId::SecurityGroup(it) => {
            let group = twin.state.one::<SecurityGroup>(it);
            let vpc = group.and_then(|it| it.vpc_id.clone());
            let subnets = subnets(twin, ctx, |subnet| Some(&subnet.vpc_id) == vpc.as_ref());
            let interface = |subnet: &String| interface_in(subnet, Some(it.as_str()));
            subnets.iter().map(interface).collect()
        }
        ResourceId::NatGateway(it) => {
            let vpc = twin.state.one::<NatGateway>(it).map(|it| it.vpc_id.clone());
            let tables = twin.state.all::<RouteTable>(&ctx.region);
            let tables = tables.filter(|table| Some(&table.vpc_id) == vpc.as_ref());
            tables
                .map(|table| {
                    let input = json!({"RouteTableId": table.route_table_id,
                        "DestinationCidrBlock": ELSEWHERE, "NatGatewayId": it});
                    way("CreateRoute", input)
                })
                .collect()
        }
        ResourceId::InternetGateway(it) => {
            let gateway = twin.state.one::<InternetGateway>(it);
            let vpcs = gateway.into_iter().flat_map(|it| &it.attachments);
            let vpcs: Vec<_> = vpcs.map(|it| it.vpc_id.clone()).collect();
            let tables = twin.state.all::<RouteTable>(&ctx.region);
            let routes = tables
                .filter(|table| vpcs.contains(&table.vpc_id))
                .map(|table| {
                    let input = json!({"RouteTableId": table.route_table_id,
                    "DestinationCidrBlock": ELSEWHERE, "GatewayId": it});
                    way("CreateRoute", input)
                });
            let all = twin.state.all::<Vpc>(&ctx.region);
            let attachments = all.map(|vpc| {
                let input = json!({"InternetGatewayId": it, "VpcId": vpc.vpc_id});
                way("AttachInternetGateway", input)
            });
            routes.chain(attachments).collect()
        }
        ResourceId::RouteTable(it) => {
            let vpc = twin.state.one::<RouteTable>(it).map(|it| it.vpc_id.clone());
            let subnets = subnets(twin, ctx, |subnet| Some(&subnet.vpc_id) == vpc.as_ref());
            let associate = |subnet: &String| {
                let input = json!({"RouteTableId": it, "SubnetId": subnet});
                way("AssociateRouteTable", input)
            };
            subnets.iter().map(associate).collect()
        }
        ResourceId::Vpc(it) => {
            let vpc = twin.state.one::<Vpc>(it);
            let block = vpc.map(|it| it.cidr_block.to_string());
            let blocks = block.map(|it| blocks_of(&it)).unwrap_or_default();
            let subnet = |block: String| {
                let input = json!({"VpcId": it, "CidrBlock": block});
                way("CreateSubnet", input)
            };
            blocks.into_iter().map(subnet).collect()
        }
        _ => Vec::new(),
    }
}

/// A block that no estate routes: 198.51.100.0/24 is for documentation (RFC 5737).
const ELSEWHERE: &str = "198.51.100.0/24";

fn attach_volume(twin: &Twin, ctx: &Ctx, volume: &str, id: &ResourceId) -> Vec<Way> {
    let zone = twin
        .state
        .get(id)
        .and_then(|it| it.get::<Volume>())
        .map(|it| it.availability_zone.clone());
    let instances = twin.state.all::<Instance>(&ctx.region);
    let in_zone = instances.filter(|it| it.placement.availability_zone == zone);
    let attach = |instance: &Instance| {
        let device = |letter| {
            let input = json!({"VolumeId": volume, "InstanceId": instance.instance_id,
                "Device": format!("/dev/sd{letter}")});
            way("AttachVolume", input)
        };
        ["f", "p", "g"].map(device)
    };
    in_zone.flat_map(attach).collect()
}

fn attach_interface(twin: &Twin, ctx: &Ctx, interface: &str, id: &ResourceId) -> Vec<Way> {
    let zone = twin
        .state
        .get(id)
        .and_then(|it| it.get::<NetworkInterface>())
        .and_then(|it| it.availability_zone.clone());
    let instances = twin.state.all::<Instance>(&ctx.region);
    let in_zone = instances.filter(|it| it.placement.availability_zone == zone);
    let attach = |instance: &Instance| {
        let input = json!({"NetworkInterfaceId": interface, "DeviceIndex": 7,
            "InstanceId": instance.instance_id});
        way("AttachNetworkInterface", input)
    };
    in_zone.map(attach).collect()
}

/// An address is associated with an interface made for it.
fn associate(twin: &Twin, ctx: &Ctx, allocation: &str) -> Vec<Way> {
    let associate = |subnet: &String| {
        let Way(mut calls) = interface_in(subnet, None);
        let input = json!({"AllocationId": allocation, "NetworkInterfaceId": MADE,
            "AllowReassociation": false});
        calls.push(("AssociateAddress", input));
        Way(calls)
    };
    subnets(twin, ctx, |_| true).iter().map(associate).collect()
}

fn interface_in(subnet: &str, group: Option<&str>) -> Way {
    let mut input = json!({"SubnetId": subnet, "Description": "made by someone else"});
    if let Some(group) = group {
        input["Groups"] = json!([group]);
    }
    way("CreateNetworkInterface", input)
}

fn subnets(twin: &Twin, ctx: &Ctx, wanted: impl Fn(&Subnet) -> bool) -> Vec<String> {
    let all = twin.state.all::<Subnet>(&ctx.region);
    all.filter(|it| wanted(it))
        .map(|it| it.subnet_id.to_string())
        .collect()
}

/// The last blocks of 16 addresses in a block of IPv4: seldom taken.
fn blocks_of(block: &str) -> Vec<String> {
    let Ok(net) = block.parse::<ipnet::Ipv4Net>() else {
        return Vec::new();
    };
    let last = u32::from(net.broadcast()) & !15;
    (0..8)
        .filter_map(|index| last.checked_sub(index * 16))
        .map(std::net::Ipv4Addr::from)
        .filter(|it| net.contains(it))
        .map(|it| format!("{it}/28"))
        .collect()
}
