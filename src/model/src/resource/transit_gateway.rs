//! Transit gateways, their attachments and route tables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::open_enum::open_enum;
use crate::{
    AccountId, Region, SubnetId, Tags, Timestamp, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTableId,
};

open_enum!(
    /// Whether an option is on.
    Toggle { Enable = "enable", Disable = "disable" } default Enable
);
open_enum!(
    /// The state of a transit gateway.
    TransitGatewayState { Pending = "pending", Available = "available", Modifying = "modifying", Deleting = "deleting", Deleted = "deleted" } default Available
);
open_enum!(
    /// The state of a transit gateway attachment. Note AWS's camel case.
    TransitAttachmentState { Initiating = "initiating", InitiatingRequest = "initiatingRequest", PendingAcceptance = "pendingAcceptance", RollingBack = "rollingBack", Pending = "pending", Available = "available", Modifying = "modifying", Deleting = "deleting", Deleted = "deleted", Failed = "failed", Rejected = "rejected", Rejecting = "rejecting", Failing = "failing" } default Available
);
open_enum!(
    /// What is attached to a transit gateway.
    TransitResourceType { Vpc = "vpc", Vpn = "vpn", DirectConnectGateway = "direct-connect-gateway", Connect = "connect", Peering = "peering" } default Vpc
);
open_enum!(
    /// The state of a transit gateway route table.
    TransitTableState { Pending = "pending", Available = "available", Deleting = "deleting", Deleted = "deleted" } default Available
);
open_enum!(
    /// How a route of a transit gateway came to be.
    TransitRouteType { Static = "static", Propagated = "propagated" } default Static
);
open_enum!(
    /// Whether a route of a transit gateway leads anywhere.
    TransitRouteState { Pending = "pending", Active = "active", Blackhole = "blackhole", Deleting = "deleting", Deleted = "deleted" } default Active
);

impl TransitAttachmentState {
    /// Whether the attachment is over.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Deleted | Self::Failed | Self::Rejected)
    }
}

/// A transit gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TransitGateway {
    /// The id.
    pub transit_gateway_id: TransitGatewayId,
    /// The ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transit_gateway_arn: Option<SmolStr>,
    /// The state.
    #[serde(default)]
    pub state: TransitGatewayState,
    /// The owning account; another one when the gateway is shared with this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<SmolStr>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<Timestamp>,
    /// The options.
    #[serde(default)]
    pub options: TransitGatewayOptions,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The options of a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct TransitGatewayOptions {
    /// The number of Amazon's side in BGP sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amazon_side_asn: Option<i64>,
    /// Blocks for Connect attachments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transit_gateway_cidr_blocks: Vec<SmolStr>,
    /// Whether attachments from other accounts need no acceptance.
    pub auto_accept_shared_attachments: Toggle,
    /// Whether new attachments are associated with the table below.
    pub default_route_table_association: Toggle,
    /// The table that new attachments are associated with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub association_default_route_table_id: Option<TransitGatewayRouteTableId>,
    /// Whether new attachments propagate their routes to the table below.
    pub default_route_table_propagation: Toggle,
    /// The table that new attachments propagate to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagation_default_route_table_id: Option<TransitGatewayRouteTableId>,
    /// Whether VPN tunnels share the traffic.
    pub vpn_ecmp_support: Toggle,
    /// Whether public host names resolve to private addresses across VPCs.
    pub dns_support: Toggle,
    /// Whether security groups may name those of other attached VPCs.
    pub security_group_referencing_support: Toggle,
    /// Whether multicast works.
    pub multicast_support: Toggle,
}

impl Default for TransitGatewayOptions {
    /// AWS's defaults (EC2 API reference, TransitGatewayRequestOptions).
    fn default() -> Self {
        TransitGatewayOptions {
            amazon_side_asn: Some(64512),
            transit_gateway_cidr_blocks: Vec::new(),
            auto_accept_shared_attachments: Toggle::Disable,
            default_route_table_association: Toggle::Enable,
            association_default_route_table_id: None,
            default_route_table_propagation: Toggle::Enable,
            propagation_default_route_table_id: None,
            vpn_ecmp_support: Toggle::Enable,
            dns_support: Toggle::Enable,
            security_group_referencing_support: Toggle::Disable,
            multicast_support: Toggle::Disable,
        }
    }
}

/// A transit gateway attachment: what `DescribeTransitGatewayAttachments` tells, with the subnets and
/// options of `DescribeTransitGatewayVpcAttachments` and the sides of
/// `DescribeTransitGatewayPeeringAttachments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TransitGatewayAttachment {
    /// The id.
    pub transit_gateway_attachment_id: TransitGatewayAttachmentId,
    /// The transit gateway.
    pub transit_gateway_id: TransitGatewayId,
    /// The account of the transit gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transit_gateway_owner_id: Option<AccountId>,
    /// The account of what is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_owner_id: Option<AccountId>,
    /// What kind of thing is attached.
    #[serde(default)]
    pub resource_type: TransitResourceType,
    /// What is attached: a VPC, a VPN connection, another transit gateway.
    pub resource_id: SmolStr,
    /// The state.
    #[serde(default)]
    pub state: TransitAttachmentState,
    /// The route table that traffic from the attachment uses; at most one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association: Option<TransitAssociation>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<Timestamp>,
    /// Of a VPC attachment: the subnets in which its interfaces stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subnet_ids: Vec<SubnetId>,
    /// Of a VPC attachment: its options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<VpcAttachmentOptions>,
    /// Of a peering attachment: the side that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_tgw_info: Option<PeeringTgwInfo>,
    /// Of a peering attachment: the side that accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepter_tgw_info: Option<PeeringTgwInfo>,
    /// Of a peering attachment: the accepter's own attachment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepter_transit_gateway_attachment_id: Option<TransitGatewayAttachmentId>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The association of an attachment with a route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TransitAssociation {
    /// The table.
    pub transit_gateway_route_table_id: TransitGatewayRouteTableId,
    /// `associating`, `associated`, `disassociating`.
    #[serde(default = "associated")]
    pub state: SmolStr,
}

fn associated() -> SmolStr {
    SmolStr::new_static("associated")
}

/// The options of a VPC attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct VpcAttachmentOptions {
    /// Whether public host names resolve to private addresses across VPCs.
    pub dns_support: Toggle,
    /// Whether security groups may name those of other attached VPCs.
    pub security_group_referencing_support: Toggle,
    /// Whether IPv6 is carried.
    pub ipv6_support: Toggle,
    /// Whether both directions of a flow use the same zone.
    pub appliance_mode_support: Toggle,
}

impl Default for VpcAttachmentOptions {
    /// AWS's defaults (EC2 API reference, CreateTransitGatewayVpcAttachmentRequestOptions).
    fn default() -> Self {
        VpcAttachmentOptions {
            dns_support: Toggle::Enable,
            security_group_referencing_support: Toggle::Enable,
            ipv6_support: Toggle::Disable,
            appliance_mode_support: Toggle::Disable,
        }
    }
}

/// One side of a peering of transit gateways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PeeringTgwInfo {
    /// The transit gateway.
    pub transit_gateway_id: TransitGatewayId,
    /// Its account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// Its Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

/// A transit gateway route table. What is associated with it stands at the attachments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TransitGatewayRouteTable {
    /// The id.
    pub transit_gateway_route_table_id: TransitGatewayRouteTableId,
    /// The transit gateway.
    pub transit_gateway_id: TransitGatewayId,
    /// The state.
    #[serde(default)]
    pub state: TransitTableState,
    /// Whether new attachments are associated with it.
    #[serde(default)]
    pub default_association_route_table: bool,
    /// Whether new attachments propagate to it.
    #[serde(default)]
    pub default_propagation_route_table: bool,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<Timestamp>,
    /// The static routes (`SearchTransitGatewayRoutes`); propagated ones follow from the
    /// propagations, where the attached resource is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<TransitGatewayRoute>,
    /// The attachments that propagate their routes to it (`GetTransitGatewayRouteTablePropagations`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub propagations: Vec<TransitPropagation>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A route of a transit gateway route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TransitGatewayRoute {
    /// The destination.
    pub destination_cidr_block: SmolStr,
    /// Where it leads; empty for a blackhole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transit_gateway_attachments: Vec<TransitRouteAttachment>,
    /// How it came to be.
    #[serde(default)]
    pub r#type: TransitRouteType,
    /// Whether it leads anywhere.
    #[serde(default)]
    pub state: TransitRouteState,
}

/// An attachment that a route leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TransitRouteAttachment {
    /// What is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<SmolStr>,
    /// The attachment.
    pub transit_gateway_attachment_id: TransitGatewayAttachmentId,
    /// What kind of thing is attached.
    #[serde(default)]
    pub resource_type: TransitResourceType,
}

/// An attachment that propagates its routes to a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TransitPropagation {
    /// The attachment.
    pub transit_gateway_attachment_id: TransitGatewayAttachmentId,
    /// What is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<SmolStr>,
    /// What kind of thing is attached.
    #[serde(default)]
    pub resource_type: TransitResourceType,
    /// `enabling`, `enabled`, `disabling`, `disabled`.
    #[serde(default = "enabled")]
    pub state: SmolStr,
}

fn enabled() -> SmolStr {
    SmolStr::new_static("enabled")
}
