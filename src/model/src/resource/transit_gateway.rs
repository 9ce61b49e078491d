//! Transit gateways, their attachments and route tables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Tags, TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRouteTableId};

/// A transit gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TransitGateway {
    /// The id.
    pub transit_gateway_id: TransitGatewayId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A transit gateway attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TransitGatewayAttachment {
    /// The id.
    pub transit_gateway_attachment_id: TransitGatewayAttachmentId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A transit gateway route table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TransitGatewayRouteTable {
    /// The id.
    pub transit_gateway_route_table_id: TransitGatewayRouteTableId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
