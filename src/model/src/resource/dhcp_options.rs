//! DHCP options sets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{AccountId, DhcpOptionsId, Tags};

/// A DHCP options set: what instances of a VPC are told when they ask for an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DhcpOptions {
    /// The id.
    pub dhcp_options_id: DhcpOptionsId,
    /// The options, by key.
    #[serde(default)]
    pub dhcp_configurations: Vec<DhcpConfiguration>,
    /// The owning account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl DhcpOptions {
    /// The values of an option; none when the set does not have it.
    pub fn values(&self, key: &str) -> impl Iterator<Item = &str> {
        let options = self.dhcp_configurations.iter();
        options
            .filter(move |it| it.key == key)
            .flat_map(|it| it.values.iter().map(|it| it.value.as_str()))
    }
}

/// An option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DhcpConfiguration {
    /// `domain-name`, `domain-name-servers` and the like.
    pub key: SmolStr,
    /// The values.
    #[serde(default)]
    pub values: Vec<DhcpValue>,
}

/// A value of an option, as AWS nests it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DhcpValue {
    /// The value.
    pub value: SmolStr,
}
