//! AWS resources, with the members of a describe answer that matter to relations, state, cost or
//! identity, under AWS's own names.

mod acl;
mod autoscaling;
mod capacity;
mod classic_load_balancer;
mod compute;
mod database;
mod dhcp_options;
mod egress_only;
mod endpoint_service;
mod flow_log;
mod gateway;
mod key_pair;
mod launch_template;
mod load_balancer;
mod network;
mod peering;
mod prefix_list;
mod security_group;
mod shrink;
mod stack;
mod storage;
mod subnet_cidr_reservation;
mod target_group;
mod transit_gateway;
mod vpn;

pub use autoscaling::{
    AutoScalingGroup, GroupInstance, LaunchTemplateSpecification, SuspendedProcess,
};
pub use compute::{
    CapacityReservationSpecification, CapacityReservationTarget, EnclaveOptions,
    HibernationOptions, IamInstanceProfile, Image, ImageBlockDevice, ImageEbs, Instance,
    InstanceBlockDevice, InstanceEbs, InstanceInterface, InstanceState, InstanceStateName,
    MaintenanceOptions, MetadataOptions, Monitoring, Placement, StateReason,
};
pub use gateway::{
    Address, ConnectivityType, DnsEntry, EndpointState, EndpointType, GatewayAttachment,
    InternetGateway, NatGateway, NatGatewayAddress, NatGatewayState, VpcEndpoint,
};
pub use network::{
    AssociationState, AssociationStateName, HostnameType, InterfaceAssociation,
    InterfaceAttachment, InterfaceStatus, InterfaceType, Ipv6Address, Ipv6CidrBlockAssociation,
    NetworkInterface, PrivateDnsNameOptions, PrivateIpAddress, Route, RouteOrigin, RouteState,
    RouteTable, RouteTableAssociation, Subnet, VgwPropagation, Vpc, VpcCidrBlockAssociation,
};
pub use security_group::{
    GroupRef, IpPermission, IpRange, Ipv6Range, PrefixListRef, SecurityGroup, UserIdGroupPair,
};
pub use storage::{
    EbsSnapshot, SnapshotState, StorageTier, Volume, VolumeAttachment, VolumeAttachmentState,
    VolumeState, VolumeType,
};

pub use acl::{
    IcmpTypeCode, NetworkAcl, NetworkAclAssociation, NetworkAclEntry, PortRange, RuleAction,
};
pub use capacity::{
    CapacityReservation, CapacityReservationState, DedicatedHost, HostProperties, HostState,
    PlacementGroup,
};
pub use classic_load_balancer::{
    ClassicHealthCheck, ClassicInstance, ClassicListener, ClassicListenerDescription,
    ClassicLoadBalancer,
};
pub use database::{
    DbEndpoint, DbInstance, DbSecurityGroup, DbSnapshot, DbSubnet, DbSubnetGroup, DbSubnetGroupRef,
    DbZone,
};
pub use dhcp_options::{DhcpConfiguration, DhcpOptions, DhcpValue};
pub use egress_only::EgressOnlyInternetGateway;
pub use endpoint_service::{
    DomainState, EndpointServiceState, EndpointServiceType, PrivateDnsNameConfiguration,
    VpcEndpointService,
};
pub use flow_log::{DestinationOptions, FlowLog};
pub use key_pair::KeyPair;
pub use launch_template::{
    LaunchTemplate, LaunchTemplateData, LaunchTemplateDevice, LaunchTemplateEbs,
    LaunchTemplateInterface, LaunchTemplateVersion,
};
pub use load_balancer::{
    Attribute, ConditionValues, Listener, ListenerCertificate, ListenerRule, LoadBalancer,
    LoadBalancerAddress, LoadBalancerScheme, LoadBalancerState, LoadBalancerStateCode,
    LoadBalancerType, LoadBalancerZone, RuleCondition,
};
pub use peering::{
    PeeringCidrBlock, PeeringIpv6CidrBlock, PeeringOptions, PeeringState, PeeringStatus,
    PeeringVpcInfo, VpcPeeringConnection,
};
pub use prefix_list::{ManagedPrefixList, PrefixListEntry, PrefixListState};
pub use stack::{Stack, StackOutput, StackParameter, StackResource};
pub use subnet_cidr_reservation::SubnetCidrReservation;
pub use target_group::{
    FixedResponseConfig, ForwardConfig, ListenerAction, Matcher, RedirectConfig, Target,
    TargetGroup, TargetGroupStickinessConfig, TargetGroupTuple, TargetType,
};
pub use transit_gateway::{
    PeeringTgwInfo, Toggle, TransitAssociation, TransitAttachmentState, TransitGateway,
    TransitGatewayAttachment, TransitGatewayOptions, TransitGatewayRoute, TransitGatewayRouteTable,
    TransitGatewayState, TransitPropagation, TransitResourceType, TransitRouteAttachment,
    TransitRouteState, TransitRouteType, TransitTableState, VpcAttachmentOptions,
};
pub use vpn::{
    CustomerGateway, VgwTelemetry, VpcAttachment, VpcAttachmentState, VpnConnection,
    VpnConnectionOptions, VpnGateway, VpnState, VpnStaticRoute, VpnTunnel,
};

use crate::{Kind, ResourceId, Tags};

macro_rules! resources {
    ($($kind:ident, $field:ident, $many:literal;)+) => {
        /// A resource of any kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Resource {
            $(#[doc = concat!("One of a describe answer's `", $many, "`.")] $kind(Box<$kind>),)+
        }

        impl Resource {
            /// The resource's id.
            pub fn id(&self) -> ResourceId {
                match self { $(Resource::$kind(it) => ResourceId::$kind(it.$field.clone()),)+ }
            }

            /// The resource's kind.
            pub const fn kind(&self) -> Kind {
                match self { $(Resource::$kind(_) => Kind::$kind,)+ }
            }

            /// The resource's tags.
            pub const fn tags(&self) -> &Tags {
                match self { $(Resource::$kind(it) => &it.tags,)+ }
            }

            /// The resource's tags, to change them.
            pub const fn tags_mut(&mut self) -> &mut Tags {
                match self { $(Resource::$kind(it) => &mut it.tags,)+ }
            }

            /// The resource as JSON under AWS's names, one entry of the describe answer.
            pub fn to_value(&self) -> Result<serde_json::Value, serde_json::Error> {
                match self { $(Resource::$kind(it) => serde_json::to_value(it),)+ }
            }

            /// Reads a resource of `kind` from one entry of a describe answer.
            pub fn deserialize_as<'de, D: serde::Deserializer<'de>>(
                kind: Kind,
                deserializer: D,
            ) -> Result<Self, D::Error> {
                match kind {
                    $(Kind::$kind => {
                        <$kind as serde::Deserialize>::deserialize(deserializer).map(Self::from)
                    })+
                }
            }
        }

        $(
            impl From<$kind> for Resource {
                fn from(it: $kind) -> Self { Resource::$kind(Box::new(it)) }
            }
            impl Resource {
                #[doc = concat!("The ", stringify!($kind), ", if it is one.")]
                #[expect(non_snake_case, reason = "generated beside the variant of this name")]
                fn $kind(&self) -> Option<&$kind> {
                    match self { Resource::$kind(it) => Some(it), _ => None }
                }
            }
            impl AsResource for $kind {
                const KIND: Kind = Kind::$kind;
                fn of(resource: &Resource) -> Option<&Self> { resource.$kind() }
                fn of_mut(resource: &mut Resource) -> Option<&mut Self> {
                    match resource { Resource::$kind(it) => Some(it), _ => None }
                }
                fn resource_id(&self) -> ResourceId { ResourceId::$kind(self.$field.clone()) }
            }
        )+

        impl serde::Serialize for Resource {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                match self { $(Resource::$kind(it) => it.serialize(s),)+ }
            }
        }

        /// The member under which a describe answer lists resources of `kind` (`NatGateways`).
        /// Instances are an exception on the wire: they stand within `Reservations`.
        pub const fn answer_key(kind: Kind) -> &'static str {
            match kind { $(Kind::$kind => $many,)+ }
        }
    };
}

/// A concrete kind of resource, for reading one kind out of a collection.
pub trait AsResource: Sized {
    /// The kind.
    const KIND: Kind;
    /// The concrete resource, if it is of this kind.
    fn of(resource: &Resource) -> Option<&Self>;
    /// The concrete resource to change it, if it is of this kind.
    fn of_mut(resource: &mut Resource) -> Option<&mut Self>;
    /// The id.
    fn resource_id(&self) -> ResourceId;
}

resources! {
    Vpc, vpc_id, "Vpcs";
    Subnet, subnet_id, "Subnets";
    RouteTable, route_table_id, "RouteTables";
    InternetGateway, internet_gateway_id, "InternetGateways";
    NatGateway, nat_gateway_id, "NatGateways";
    Address, allocation_id, "Addresses";
    NetworkInterface, network_interface_id, "NetworkInterfaces";
    SecurityGroup, group_id, "SecurityGroups";
    Instance, instance_id, "Instances";
    Volume, volume_id, "Volumes";
    EbsSnapshot, snapshot_id, "Snapshots";
    Image, image_id, "Images";
    VpcEndpoint, vpc_endpoint_id, "VpcEndpoints";
    AutoScalingGroup, auto_scaling_group_id, "AutoScalingGroups";
    NetworkAcl, network_acl_id, "NetworkAcls";
    DhcpOptions, dhcp_options_id, "DhcpOptions";
    EgressOnlyInternetGateway, egress_only_internet_gateway_id, "EgressOnlyInternetGateways";
    ManagedPrefixList, prefix_list_id, "PrefixLists";
    FlowLog, flow_log_id, "FlowLogs";
    SubnetCidrReservation, subnet_cidr_reservation_id, "SubnetCidrReservations";
    VpcPeeringConnection, vpc_peering_connection_id, "VpcPeeringConnections";
    TransitGateway, transit_gateway_id, "TransitGateways";
    TransitGatewayAttachment, transit_gateway_attachment_id, "TransitGatewayAttachments";
    TransitGatewayRouteTable, transit_gateway_route_table_id, "TransitGatewayRouteTables";
    VpnGateway, vpn_gateway_id, "VpnGateways";
    CustomerGateway, customer_gateway_id, "CustomerGateways";
    VpnConnection, vpn_connection_id, "VpnConnections";
    VpcEndpointService, service_id, "ServiceConfigurations";
    LaunchTemplate, launch_template_id, "LaunchTemplates";
    KeyPair, key_pair_id, "KeyPairs";
    PlacementGroup, group_id, "PlacementGroups";
    CapacityReservation, capacity_reservation_id, "CapacityReservations";
    DedicatedHost, host_id, "Hosts";
    LoadBalancer, load_balancer_id, "LoadBalancers";
    TargetGroup, target_group_id, "TargetGroups";
    ClassicLoadBalancer, load_balancer_id, "LoadBalancerDescriptions";
    DbInstance, db_instance_id, "DBInstances";
    DbSnapshot, db_snapshot_id, "DBSnapshots";
    DbSubnetGroup, db_subnet_group_id, "DBSubnetGroups";
    Stack, stack_id, "Stacks";
}

impl Resource {
    /// The resource as the concrete kind `T`, if it is one.
    pub fn get<T: AsResource>(&self) -> Option<&T> {
        T::of(self)
    }

    /// Whether the resource is over: still described for a while, but deleted or terminated, so that
    /// it costs nothing, blocks nothing and cannot come back.
    pub fn is_gone(&self) -> bool {
        match self {
            Resource::NatGateway(it) => it.is_over(),
            Resource::Instance(it) => it.state.name == InstanceStateName::Terminated,
            Resource::VpcEndpoint(it) => it.state.is_deleted(),
            Resource::VpcEndpointService(it) => it.service_state == EndpointServiceState::Deleted,
            Resource::Volume(it) => it.state == VolumeState::Deleted,
            Resource::PlacementGroup(it) => it.state == "deleted",
            Resource::CapacityReservation(it) => matches!(
                it.state,
                CapacityReservationState::Expired
                    | CapacityReservationState::Cancelled
                    | CapacityReservationState::Failed
            ),
            Resource::DedicatedHost(it) => matches!(
                it.state,
                HostState::Released | HostState::ReleasedPermanentFailure
            ),
            Resource::VpcPeeringConnection(it) => it.status.code.is_over(),
            Resource::TransitGateway(it) => it.state == TransitGatewayState::Deleted,
            Resource::TransitGatewayAttachment(it) => it.state.is_over(),
            Resource::TransitGatewayRouteTable(it) => it.state == TransitTableState::Deleted,
            Resource::VpnGateway(it) => it.state == VpnState::Deleted,
            Resource::CustomerGateway(it) => it.state == VpnState::Deleted,
            Resource::VpnConnection(it) => it.state == VpnState::Deleted,
            Resource::Image(it) => it.state == "deregistered",
            Resource::Stack(it) => it.is_deleted(),
            _ => false,
        }
    }
}
