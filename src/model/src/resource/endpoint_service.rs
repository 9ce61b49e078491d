//! Endpoint services, the provider's side of interface endpoints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Tags, VpcEndpointServiceId};

/// An endpoint service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcEndpointService {
    /// The id.
    pub service_id: VpcEndpointServiceId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
