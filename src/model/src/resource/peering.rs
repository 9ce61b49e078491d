//! VPC peering connections.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Tags, VpcPeeringConnectionId};

/// A VPC peering connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcPeeringConnection {
    /// The id.
    pub vpc_peering_connection_id: VpcPeeringConnectionId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
