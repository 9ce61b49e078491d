//! Customer-managed prefix lists.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{PrefixListId, Tags};

/// A prefix list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ManagedPrefixList {
    /// The id.
    pub prefix_list_id: PrefixListId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
