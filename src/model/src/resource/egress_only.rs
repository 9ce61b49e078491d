//! Egress-only internet gateways: IPv6 traffic out of a VPC, none in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GatewayAttachment;
use crate::{EgressOnlyInternetGatewayId, Tags};

/// An egress-only internet gateway; attached to one VPC for life. Its attachment is `attached`,
/// not `available` as that of an internet gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EgressOnlyInternetGateway {
    /// The id.
    pub egress_only_internet_gateway_id: EgressOnlyInternetGatewayId,
    /// The VPC it is attached to.
    #[serde(default)]
    pub attachments: Vec<GatewayAttachment>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
