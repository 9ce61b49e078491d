//! Key pairs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{KeyPairId, Tags};

/// A key pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KeyPair {
    /// The id.
    pub key_pair_id: KeyPairId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
