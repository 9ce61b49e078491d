//! VPCs and what they are made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::security_group::GroupRef;
use crate::open_enum::open_enum;
use crate::{
    AccountId, AllocationId, AssociationId, AvailabilityZone, InstanceId, NatGatewayId,
    NetworkInterfaceId, RouteTableAssociationId, RouteTableId, SubnetId, Tags, Timestamp, VpcId,
};

open_enum!(
    /// The state of an association of a CIDR block or route table.
    AssociationStateName { Associating = "associating", Associated = "associated", Disassociating = "disassociating", Disassociated = "disassociated", Failing = "failing", Failed = "failed" } default Associated
);

/// A virtual private cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Vpc {
    /// The id.
    pub vpc_id: VpcId,
    /// The primary IPv4 CIDR block.
    pub cidr_block: SmolStr,
    /// All IPv4 CIDR blocks, the primary one among them.
    #[serde(default)]
    pub cidr_block_association_set: Vec<VpcCidrBlockAssociation>,
    /// IPv6 CIDR blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipv6_cidr_block_association_set: Vec<Ipv6CidrBlockAssociation>,
    /// The DHCP options set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dhcp_options_id: Option<SmolStr>,
    /// `default` or `dedicated`.
    #[serde(default = "default_tenancy")]
    pub instance_tenancy: SmolStr,
    /// Whether it is the Region's default VPC.
    #[serde(default)]
    pub is_default: bool,
    /// The owning account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// `pending` or `available`.
    #[serde(default = "available")]
    pub state: SmolStr,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

pub(super) fn available() -> SmolStr {
    SmolStr::new_static("available")
}

fn default_tenancy() -> SmolStr {
    SmolStr::new_static("default")
}

/// The association of an IPv4 CIDR block with a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcCidrBlockAssociation {
    /// The id of the association (`vpc-cidr-assoc-…`).
    pub association_id: SmolStr,
    /// The block.
    pub cidr_block: SmolStr,
    /// The state.
    #[serde(default)]
    pub cidr_block_state: AssociationState,
}

/// The association of an IPv6 CIDR block with a VPC or subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Ipv6CidrBlockAssociation {
    /// The id of the association.
    pub association_id: SmolStr,
    /// The block.
    pub ipv6_cidr_block: SmolStr,
    /// The state.
    #[serde(default)]
    pub ipv6_cidr_block_state: AssociationState,
}

/// The state of an association, as AWS nests it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct AssociationState {
    /// The state.
    pub state: AssociationStateName,
    /// Why, when something failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<SmolStr>,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Subnet {
    /// The id.
    pub subnet_id: SubnetId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// The IPv4 CIDR block.
    pub cidr_block: SmolStr,
    /// The zone.
    pub availability_zone: AvailabilityZone,
    /// The account-independent id of the zone (`use1-az1`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone_id: Option<SmolStr>,
    /// Unused IPv4 addresses; the five that AWS reserves do not count.
    #[serde(default)]
    pub available_ip_address_count: u32,
    /// Whether it is the default subnet of its zone.
    #[serde(default)]
    pub default_for_az: bool,
    /// Whether instances launched here get a public IPv4 address.
    #[serde(default)]
    pub map_public_ip_on_launch: bool,
    /// Whether interfaces created here get an IPv6 address.
    #[serde(default)]
    pub assign_ipv6_address_on_creation: bool,
    /// Whether the resolver gives synthetic IPv6 addresses for what has only IPv4 ones.
    #[serde(default)]
    pub enable_dns64: bool,
    /// What instances launched here are called; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_dns_name_options_on_launch: Option<PrivateDnsNameOptions>,
    /// IPv6 CIDR blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipv6_cidr_block_association_set: Vec<Ipv6CidrBlockAssociation>,
    /// The owning account; another one than the reader's when the subnet is shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// `pending` or `available`.
    #[serde(default = "available")]
    pub state: SmolStr,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

open_enum!(
    /// What the private name of an instance is made of: its address or its id.
    HostnameType { IpName = "ip-name", ResourceName = "resource-name" } default IpName
);

/// What an instance is called within its VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct PrivateDnsNameOptions {
    /// What its name is made of.
    pub hostname_type: HostnameType,
    /// Whether the name made of its id has an A record.
    #[serde(rename = "EnableResourceNameDnsARecord")]
    pub enable_resource_name_dns_a_record: bool,
    /// Whether the name made of its id has an AAAA record.
    #[serde(rename = "EnableResourceNameDnsAAAARecord")]
    pub enable_resource_name_dns_aaaa_record: bool,
}

open_enum!(
    /// How a route came to be.
    RouteOrigin { CreateRouteTable = "CreateRouteTable", CreateRoute = "CreateRoute", EnableVgwRoutePropagation = "EnableVgwRoutePropagation" } default CreateRoute
);
open_enum!(
    /// Whether a route's target is there.
    RouteState { Active = "active", Blackhole = "blackhole" } default Active
);

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RouteTable {
    /// The id.
    pub route_table_id: RouteTableId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// What uses the table. Subnets without an entry in any table use the main table implicitly.
    #[serde(default)]
    pub associations: Vec<RouteTableAssociation>,
    /// Virtual private gateways that propagate routes.
    #[serde(default)]
    pub propagating_vgws: Vec<VgwPropagation>,
    /// The routes.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// The owning account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl RouteTable {
    /// Whether this is the main table of its VPC.
    pub fn is_main(&self) -> bool {
        self.associations.iter().any(|it| it.main)
    }
}

/// The association of a route table with a subnet or gateway, or as the main table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RouteTableAssociation {
    /// The id of the association.
    pub route_table_association_id: RouteTableAssociationId,
    /// The table; told again, as AWS does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_table_id: Option<RouteTableId>,
    /// The subnet; absent for the main association and for gateways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<SubnetId>,
    /// The internet or virtual private gateway (edge association).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<SmolStr>,
    /// Whether this makes the table the VPC's main one.
    #[serde(default)]
    pub main: bool,
    /// The state.
    #[serde(default)]
    pub association_state: AssociationState,
}

/// A virtual private gateway that propagates its routes into a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VgwPropagation {
    /// The gateway (`vgw-…`).
    pub gateway_id: SmolStr,
}

/// A route: one destination, one target. What few routes have is boxed, since there are two or three
/// routes to a table and tables by the hundred thousand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Route {
    /// IPv4 destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_cidr_block: Option<SmolStr>,
    /// IPv6 destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_ipv6_cidr_block: Option<Box<SmolStr>>,
    /// Prefix list as destination (`pl-…`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_prefix_list_id: Option<Box<SmolStr>>,
    /// `local`, an internet gateway, a virtual private gateway or a gateway endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<SmolStr>,
    /// A NAT gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_gateway_id: Option<NatGatewayId>,
    /// A network interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<Box<NetworkInterfaceId>>,
    /// The instance behind the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<Box<InstanceId>>,
    /// The account of that instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_owner_id: Option<Box<SmolStr>>,
    /// An egress-only internet gateway (`eigw-…`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_only_internet_gateway_id: Option<Box<SmolStr>>,
    /// A transit gateway (`tgw-…`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transit_gateway_id: Option<Box<SmolStr>>,
    /// A VPC peering connection (`pcx-…`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_peering_connection_id: Option<Box<SmolStr>>,
    /// A local gateway (`lgw-…`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_gateway_id: Option<Box<SmolStr>>,
    /// A carrier gateway (`cagw-…`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier_gateway_id: Option<Box<SmolStr>>,
    /// A Cloud WAN core network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core_network_arn: Option<Box<SmolStr>>,
    /// How the route came to be.
    pub origin: RouteOrigin,
    /// Whether the target is there.
    pub state: RouteState,
}

impl Route {
    /// The destination as AWS writes it: a CIDR block or a prefix list.
    pub fn destination(&self) -> &str {
        self.destination_cidr_block
            .as_ref()
            .or(self.destination_ipv6_cidr_block.as_deref())
            .or(self.destination_prefix_list_id.as_deref())
            .map_or("", SmolStr::as_str)
    }

    /// The target as AWS writes it.
    pub fn target(&self) -> &str {
        if let Some(it) = &self.nat_gateway_id {
            return it.as_str();
        }
        if let Some(it) = &self.network_interface_id {
            return it.as_str();
        }
        if let Some(it) = &self.instance_id {
            return it.as_str();
        }
        self.gateway_id
            .as_ref()
            .or(self.transit_gateway_id.as_deref())
            .or(self.vpc_peering_connection_id.as_deref())
            .or(self.egress_only_internet_gateway_id.as_deref())
            .or(self.local_gateway_id.as_deref())
            .or(self.carrier_gateway_id.as_deref())
            .or(self.core_network_arn.as_deref())
            .map_or("", SmolStr::as_str)
    }

    /// Whether this is the undeletable route within the VPC.
    pub fn is_local(&self) -> bool {
        self.gateway_id.as_deref() == Some("local")
    }
}

open_enum!(
    /// The status of a network interface.
    InterfaceStatus { Available = "available", Associated = "associated", Attaching = "attaching", InUse = "in-use", Detaching = "detaching" } default Available
);
open_enum!(
    /// What a network interface is for. Note AWS's spelling of `natGateway`, beside `nat_gateway`
    /// in documentation; both are read.
    InterfaceType { Interface = "interface", NatGateway = "nat_gateway", Efa = "efa", Trunk = "trunk", LoadBalancer = "load_balancer", NetworkLoadBalancer = "network_load_balancer", GatewayLoadBalancer = "gateway_load_balancer", GatewayLoadBalancerEndpoint = "gateway_load_balancer_endpoint", VpcEndpoint = "vpc_endpoint", TransitGateway = "transit_gateway", Lambda = "lambda", Branch = "branch" } default Interface
);

impl InterfaceType {
    /// Whether the interface belongs to network plumbing (NAT gateway, endpoint, transit gateway
    /// attachment), so that it is no sign of a workload (waste catalogue, section 2, `infra(v)`).
    pub fn is_infrastructure(&self) -> bool {
        match self {
            Self::NatGateway
            | Self::VpcEndpoint
            | Self::GatewayLoadBalancerEndpoint
            | Self::TransitGateway => true,
            Self::Other(text) => text.as_str() == "natGateway",
            _ => false,
        }
    }
}

/// An elastic network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NetworkInterface {
    /// The id.
    pub network_interface_id: NetworkInterfaceId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// The subnet.
    pub subnet_id: SubnetId,
    /// The zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<AvailabilityZone>,
    /// The description; AWS services name themselves here.
    #[serde(default)]
    pub description: SmolStr,
    /// What it is for.
    #[serde(default)]
    pub interface_type: InterfaceType,
    /// The MAC address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<SmolStr>,
    /// The owning account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// The private DNS name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_dns_name: Option<SmolStr>,
    /// The primary private IPv4 address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<SmolStr>,
    /// All private IPv4 addresses.
    #[serde(default)]
    pub private_ip_addresses: Vec<PrivateIpAddress>,
    /// IPv6 addresses.
    #[serde(default)]
    pub ipv6_addresses: Vec<Ipv6Address>,
    /// Who asked AWS for it, when a service did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_id: Option<SmolStr>,
    /// Whether an AWS service manages it, so that it cannot be detached or deleted by hand.
    #[serde(default)]
    pub requester_managed: bool,
    /// Whether traffic must be from or to the interface itself.
    #[serde(default = "yes")]
    pub source_dest_check: bool,
    /// The status.
    #[serde(default)]
    pub status: InterfaceStatus,
    /// The security groups.
    #[serde(default)]
    pub groups: Vec<GroupRef>,
    /// What it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<InterfaceAttachment>,
    /// The public address of the primary private one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association: Option<Box<InterfaceAssociation>>,
    /// Tags; describe answers call them `TagSet` for this kind.
    #[serde(default, rename = "TagSet", alias = "Tags")]
    pub tags: Tags,
}

fn yes() -> bool {
    true
}

/// A private IPv4 address of an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PrivateIpAddress {
    /// Whether it is the primary one.
    #[serde(default)]
    pub primary: bool,
    /// The address.
    pub private_ip_address: SmolStr,
    /// Its DNS name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_dns_name: Option<SmolStr>,
    /// Its public address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association: Option<Box<InterfaceAssociation>>,
}

/// An IPv6 address of an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Ipv6Address {
    /// The address.
    pub ipv6_address: SmolStr,
}

/// What an interface is attached to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InterfaceAttachment {
    /// The id of the attachment (`eni-attach-…`, or `ela-attach-…` when a service made it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_id: Option<SmolStr>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attach_time: Option<Timestamp>,
    /// Whether the interface is deleted with the instance.
    #[serde(default)]
    pub delete_on_termination: bool,
    /// Where on the instance.
    #[serde(default)]
    pub device_index: u32,
    /// Which network card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_card_index: Option<u32>,
    /// The instance; absent when a service holds the interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// The account that holds it, or the service (`amazon-elb`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_owner_id: Option<SmolStr>,
    /// `attaching`, `attached`, `detaching` or `detached`.
    #[serde(default = "attached")]
    pub status: SmolStr,
}

fn attached() -> SmolStr {
    SmolStr::new_static("attached")
}

/// A public address on an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InterfaceAssociation {
    /// The Elastic IP address; absent for an automatically assigned one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<AllocationId>,
    /// The association of the Elastic IP address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association_id: Option<AssociationId>,
    /// The owner of the address: an account, or `amazon`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_owner_id: Option<SmolStr>,
    /// The public DNS name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_dns_name: Option<SmolStr>,
    /// The public address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<SmolStr>,
}
