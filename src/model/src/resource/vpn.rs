//! Virtual private gateways, customer gateways and the VPN connections between them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::open_enum::open_enum;
use crate::{
    CustomerGatewayId, Tags, Timestamp, TransitGatewayId, VpcId, VpnConnectionId, VpnGatewayId,
};

open_enum!(
    /// The state of a virtual private gateway, customer gateway, VPN connection or static route.
    VpnState { Pending = "pending", Available = "available", Deleting = "deleting", Deleted = "deleted" } default Available
);
open_enum!(
    /// The state of a virtual private gateway's attachment to a VPC.
    VpcAttachmentState { Attaching = "attaching", Attached = "attached", Detaching = "detaching", Detached = "detached" } default Attached
);

/// The only type that AWS has.
fn ipsec() -> SmolStr {
    SmolStr::new_static("ipsec.1")
}

/// A virtual private gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpnGateway {
    /// The id.
    pub vpn_gateway_id: VpnGatewayId,
    /// The state.
    #[serde(default)]
    pub state: VpnState,
    /// `ipsec.1`.
    #[serde(default = "ipsec")]
    pub r#type: SmolStr,
    /// The number of Amazon's side in BGP sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amazon_side_asn: Option<i64>,
    /// The zone that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<SmolStr>,
    /// The VPC it is attached to, or was at last.
    #[serde(default)]
    pub vpc_attachments: Vec<VpcAttachment>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl VpnGateway {
    /// The VPC that the gateway is attached to, or coming to or going from; a `detached` entry is
    /// history.
    pub fn attachment(&self) -> Option<&VpcAttachment> {
        let mut all = self.vpc_attachments.iter();
        all.find(|it| it.state != VpcAttachmentState::Detached)
    }
}

/// The attachment of a virtual private gateway to a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcAttachment {
    /// The VPC.
    pub vpc_id: VpcId,
    /// The state.
    #[serde(default)]
    pub state: VpcAttachmentState,
}

/// A customer gateway: what AWS knows of the device at the other end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CustomerGateway {
    /// The id.
    pub customer_gateway_id: CustomerGatewayId,
    /// The state.
    #[serde(default)]
    pub state: VpnState,
    /// `ipsec.1`.
    #[serde(default = "ipsec")]
    pub r#type: SmolStr,
    /// The device's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<SmolStr>,
    /// The device's number in BGP sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bgp_asn: Option<SmolStr>,
    /// The same when it is above 2147483647.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bgp_asn_extended: Option<SmolStr>,
    /// The certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_arn: Option<SmolStr>,
    /// The name of the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<SmolStr>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A VPN connection. The configuration for the device, with its secrets, is deliberately no part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpnConnection {
    /// The id.
    pub vpn_connection_id: VpnConnectionId,
    /// The state.
    #[serde(default)]
    pub state: VpnState,
    /// `ipsec.1`.
    #[serde(default = "ipsec")]
    pub r#type: SmolStr,
    /// `VPN`, or `VPN-Classic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<SmolStr>,
    /// The other end.
    pub customer_gateway_id: CustomerGatewayId,
    /// Amazon's end, when it is a virtual private gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpn_gateway_id: Option<VpnGatewayId>,
    /// Amazon's end, when it is a transit gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transit_gateway_id: Option<TransitGatewayId>,
    /// `associated` or `not-associated` with a gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_association_state: Option<SmolStr>,
    /// The options.
    #[serde(default)]
    pub options: VpnConnectionOptions,
    /// The static routes.
    #[serde(default)]
    pub routes: Vec<VpnStaticRoute>,
    /// Whether the tunnels are up.
    #[serde(default)]
    pub vgw_telemetry: Vec<VgwTelemetry>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The options of a VPN connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct VpnConnectionOptions {
    /// Whether traffic uses AWS's edge network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_acceleration: Option<bool>,
    /// Whether the device speaks no BGP.
    pub static_routes_only: bool,
    /// The block on the customer's side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_ipv4_network_cidr: Option<SmolStr>,
    /// The block on Amazon's side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_ipv4_network_cidr: Option<SmolStr>,
    /// `PublicIpv4` or `PrivateIpv4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside_ip_address_type: Option<SmolStr>,
    /// `ipv4` or `ipv6`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tunnel_inside_ip_version: Option<SmolStr>,
    /// The two tunnels, without their secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tunnel_options: Vec<VpnTunnel>,
}

/// A tunnel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct VpnTunnel {
    /// Amazon's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside_ip_address: Option<SmolStr>,
    /// The block of addresses within the tunnel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tunnel_inside_cidr: Option<SmolStr>,
}

/// A static route of a VPN connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpnStaticRoute {
    /// The destination, on the customer's side.
    pub destination_cidr_block: SmolStr,
    /// `Static`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SmolStr>,
    /// The state.
    #[serde(default)]
    pub state: VpnState,
}

/// What AWS measures of a tunnel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct VgwTelemetry {
    /// Amazon's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outside_ip_address: Option<SmolStr>,
    /// `UP` or `DOWN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<SmolStr>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<SmolStr>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_status_change: Option<Timestamp>,
    /// How many routes the device told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_route_count: Option<i64>,
}
