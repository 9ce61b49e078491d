//! CloudFormation stacks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{StackId, Tags};

/// A CloudFormation stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Stack {
    /// The id, made of the name: see [`StackId::from_name`].
    pub stack_id: StackId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
