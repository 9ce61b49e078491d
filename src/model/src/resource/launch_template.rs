//! Launch templates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{LaunchTemplateId, Tags};

/// A launch template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LaunchTemplate {
    /// The id.
    pub launch_template_id: LaunchTemplateId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
