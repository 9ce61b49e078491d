//! DHCP options sets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DhcpOptionsId, Tags};

/// A DHCP options set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DhcpOptions {
    /// The id.
    pub dhcp_options_id: DhcpOptionsId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
