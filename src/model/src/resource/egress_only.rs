//! Egress-only internet gateways.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EgressOnlyInternetGatewayId, Tags};

/// An egress-only internet gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EgressOnlyInternetGateway {
    /// The id.
    pub egress_only_internet_gateway_id: EgressOnlyInternetGatewayId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
