//! Managed prefix lists: named lists of blocks that routes and rules refer to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::open_enum::open_enum;
use crate::{PrefixListId, Tags};

open_enum!(
    /// The state of a prefix list: what was done to it last, and how that went.
    PrefixListState { CreateInProgress = "create-in-progress", CreateComplete = "create-complete", CreateFailed = "create-failed", ModifyInProgress = "modify-in-progress", ModifyComplete = "modify-complete", ModifyFailed = "modify-failed", RestoreInProgress = "restore-in-progress", RestoreComplete = "restore-complete", RestoreFailed = "restore-failed", DeleteInProgress = "delete-in-progress", DeleteComplete = "delete-complete", DeleteFailed = "delete-failed" } default CreateComplete
);

impl PrefixListState {
    /// Whether something is under way, so that nothing else can be begun.
    pub fn is_in_progress(&self) -> bool {
        self.as_str().ends_with("-in-progress")
    }
}

/// A prefix list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ManagedPrefixList {
    /// The id.
    pub prefix_list_id: PrefixListId,
    /// The name.
    #[serde(default)]
    pub prefix_list_name: SmolStr,
    /// `IPv4` or `IPv6`.
    #[serde(default = "ipv4")]
    pub address_family: SmolStr,
    /// The state.
    #[serde(default)]
    pub state: PrefixListState,
    /// Why, when something failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_message: Option<SmolStr>,
    /// The ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix_list_arn: Option<SmolStr>,
    /// How many entries there may be: what rules and routes that refer to the list count for.
    /// Absent for AWS's own lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_entries: Option<u32>,
    /// The version, from 1. Absent for AWS's own lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The owning account, or `AWS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<SmolStr>,
    /// The entries of the current version, as GetManagedPrefixListEntries tells them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<PrefixListEntry>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn ipv4() -> SmolStr {
    SmolStr::new_static("IPv4")
}

/// An entry of a prefix list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PrefixListEntry {
    /// The block.
    pub cidr: SmolStr,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<SmolStr>,
}
