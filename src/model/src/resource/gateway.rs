//! Ways in and out of a VPC: internet and NAT gateways, Elastic IP addresses, endpoints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::GroupRef;
use crate::open_enum::open_enum;
use crate::{
    AccountId, AllocationId, AssociationId, InstanceId, InternetGatewayId, NatGatewayId,
    NetworkInterfaceId, RouteTableId, SubnetId, Tags, Timestamp, VpcEndpointId, VpcId,
};

/// An internet gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InternetGateway {
    /// The id.
    pub internet_gateway_id: InternetGatewayId,
    /// The VPC it is attached to; at most one.
    #[serde(default)]
    pub attachments: Vec<GatewayAttachment>,
    /// The owning account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The attachment of an internet gateway to a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GatewayAttachment {
    /// The VPC.
    pub vpc_id: VpcId,
    /// `available` when attached (AWS's word for it), else `attaching` or `detaching`.
    #[serde(default = "super::network::available")]
    pub state: SmolStr,
}

open_enum!(
    /// The state of a NAT gateway.
    NatGatewayState { Pending = "pending", Failed = "failed", Available = "available", Deleting = "deleting", Deleted = "deleted" } default Available
);
open_enum!(
    /// Whether a NAT gateway leads to the internet.
    ConnectivityType { Public = "public", Private = "private" } default Public
);

/// A NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NatGateway {
    /// The id.
    pub nat_gateway_id: NatGatewayId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// The subnet in which it stands.
    pub subnet_id: SubnetId,
    /// The state.
    #[serde(default)]
    pub state: NatGatewayState,
    /// Public or private.
    #[serde(default)]
    pub connectivity_type: ConnectivityType,
    /// Its addresses.
    #[serde(default)]
    pub nat_gateway_addresses: Vec<NatGatewayAddress>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time: Option<Timestamp>,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_time: Option<Timestamp>,
    /// Why creation failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<SmolStr>,
    /// The same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_message: Option<SmolStr>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl NatGateway {
    /// Whether it is over: deleted, or never made. It is described for about an hour more, holds
    /// neither address nor interface nor subnet, and cannot come back.
    pub fn is_over(&self) -> bool {
        matches!(
            self.state,
            NatGatewayState::Deleted | NatGatewayState::Failed
        )
    }
}

/// An address of a NAT gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct NatGatewayAddress {
    /// The Elastic IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<AllocationId>,
    /// Its association with the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub association_id: Option<AssociationId>,
    /// The gateway's interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<NetworkInterfaceId>,
    /// The private address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_ip: Option<SmolStr>,
    /// The public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<SmolStr>,
    /// Whether it is the primary one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_primary: Option<bool>,
    /// `assigning`, `associating`, `succeeded`, `failed`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<SmolStr>,
}

/// An Elastic IP address. It has no state: it is associated while [`Address::association_id`] is
/// there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Address {
    /// The id.
    pub allocation_id: AllocationId,
    /// The public address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<SmolStr>,
    /// The association, while there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association_id: Option<AssociationId>,
    /// `vpc`, or `standard` for EC2-Classic.
    #[serde(default = "vpc_domain")]
    pub domain: SmolStr,
    /// The instance it is associated with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// The interface it is associated with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<NetworkInterfaceId>,
    /// The account of that interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_interface_owner_id: Option<SmolStr>,
    /// The private address it is mapped to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<SmolStr>,
    /// The pool it comes from: `amazon`, or one's own (`ipv4pool-ec2-…`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ipv4_pool: Option<SmolStr>,
    /// The group of zones that announces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_border_group: Option<SmolStr>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn vpc_domain() -> SmolStr {
    SmolStr::new_static("vpc")
}

open_enum!(
    /// The kind of a VPC endpoint.
    EndpointType { Gateway = "Gateway", Interface = "Interface", GatewayLoadBalancer = "GatewayLoadBalancer" } default Gateway
);
open_enum!(
    /// The state of a VPC endpoint. The model spells the words with a capital, real answers without;
    /// what was read is kept, and the methods compare without regard to case.
    EndpointState { PendingAcceptance = "pendingAcceptance", Pending = "pending", Available = "available", Deleting = "deleting", Deleted = "deleted", Rejected = "rejected", Failed = "failed", Expired = "expired" } default Available
);

impl EndpointState {
    /// Whether this is `other`, however the two are spelled.
    pub fn is(&self, other: &EndpointState) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }

    /// Whether the endpoint is over.
    pub fn is_deleted(&self) -> bool {
        self.as_str().eq_ignore_ascii_case("deleted")
    }

    /// Whether the endpoint serves (and costs).
    pub fn is_available(&self) -> bool {
        self.as_str().eq_ignore_ascii_case("available")
    }
}

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcEndpoint {
    /// The id.
    pub vpc_endpoint_id: VpcEndpointId,
    /// The kind.
    #[serde(default)]
    pub vpc_endpoint_type: EndpointType,
    /// The VPC.
    pub vpc_id: VpcId,
    /// The service, for example `com.amazonaws.eu-central-1.s3`.
    pub service_name: SmolStr,
    /// The state.
    #[serde(default)]
    pub state: EndpointState,
    /// The subnets with an interface of it; each zone is billed.
    #[serde(default)]
    pub subnet_ids: Vec<SubnetId>,
    /// The route tables that lead to it (gateway endpoints).
    #[serde(default)]
    pub route_table_ids: Vec<RouteTableId>,
    /// Its interfaces.
    #[serde(default)]
    pub network_interface_ids: Vec<NetworkInterfaceId>,
    /// The security groups of its interfaces.
    #[serde(default)]
    pub groups: Vec<GroupRef>,
    /// Whether the service's public name resolves to it within the VPC.
    #[serde(default)]
    pub private_dns_enabled: bool,
    /// Whether an AWS service manages it.
    #[serde(default)]
    pub requester_managed: bool,
    /// The policy, as JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_document: Option<SmolStr>,
    /// Its DNS names.
    #[serde(default)]
    pub dns_entries: Vec<DnsEntry>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<Timestamp>,
    /// The owning account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// `ipv4`, `dualstack` or `ipv6`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address_type: Option<SmolStr>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A DNS name of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DnsEntry {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_name: Option<SmolStr>,
    /// The hosted zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted_zone_id: Option<SmolStr>,
}
