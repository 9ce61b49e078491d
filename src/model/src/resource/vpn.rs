//! Virtual private gateways, customer gateways and the VPN connections between them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CustomerGatewayId, Tags, VpnConnectionId, VpnGatewayId};

/// A virtual private gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpnGateway {
    /// The id.
    pub vpn_gateway_id: VpnGatewayId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A customer gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CustomerGateway {
    /// The id.
    pub customer_gateway_id: CustomerGatewayId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A VPN connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpnConnection {
    /// The id.
    pub vpn_connection_id: VpnConnectionId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
