//! Key pairs. AWS keeps the public half; the private one is told once, when the pair is made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{KeyPairId, Tags, Timestamp};

/// A key pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KeyPair {
    /// The id.
    pub key_pair_id: KeyPairId,
    /// The name, which no other key pair of the Region has; instances are launched with it.
    #[serde(default)]
    pub key_name: SmolStr,
    /// `rsa` or `ed25519`.
    #[serde(default = "rsa")]
    pub key_type: SmolStr,
    /// What the key is known by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_fingerprint: Option<SmolStr>,
    /// The public half in OpenSSH's form; told only when it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<SmolStr>,
    /// When it was made or imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time: Option<Timestamp>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn rsa() -> SmolStr {
    SmolStr::new_static("rsa")
}
