//! Network ACLs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{NetworkAclId, Tags};

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NetworkAcl {
    /// The id.
    pub network_acl_id: NetworkAclId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
