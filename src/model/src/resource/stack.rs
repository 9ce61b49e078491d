//! CloudFormation stacks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{ResourceId, StackId, Tags, Timestamp};

/// A CloudFormation stack, with what it made: the owner of its resources. What a stack names may be
/// gone: CloudFormation notices that when it looks for drift, and not before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Stack {
    /// The id, made of the name: see [`StackId::from_name`].
    pub stack_id: StackId,
    /// The name; the one in the id when it is not given.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub stack_name: SmolStr,
    /// What AWS calls the id of the stack: its ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_arn: Option<SmolStr>,
    /// The description in the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The state.
    #[serde(default = "complete")]
    pub stack_status: SmolStr,
    /// Why it is in that state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_status_reason: Option<String>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<Timestamp>,
    /// When it was last updated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated_time: Option<Timestamp>,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_time: Option<Timestamp>,
    /// The ARN of the stack that this is nested in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<SmolStr>,
    /// The ARN of the outermost of the stacks that this is nested in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_id: Option<SmolStr>,
    /// The role with which CloudFormation works on the stack.
    #[serde(
        default,
        rename = "RoleARN",
        alias = "RoleArn",
        skip_serializing_if = "Option::is_none"
    )]
    pub role_arn: Option<SmolStr>,
    /// Whether the stack may not be deleted.
    #[serde(default)]
    pub enable_termination_protection: bool,
    /// Parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<StackParameter>,
    /// Outputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<StackOutput>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
    /// What the stack made, as `aws cloudformation list-stack-resources` gives it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<StackResource>,
}

/// A parameter of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct StackParameter {
    /// The name.
    pub parameter_key: SmolStr,
    /// The value.
    #[serde(default)]
    pub parameter_value: String,
}

/// An output of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct StackOutput {
    /// The name.
    pub output_key: SmolStr,
    /// The value.
    #[serde(default)]
    pub output_value: String,
    /// The description in the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The name under which other stacks import it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export_name: Option<SmolStr>,
}

/// Something that a stack made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct StackResource {
    /// Its name in the template.
    pub logical_resource_id: SmolStr,
    /// Its id, once it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub physical_resource_id: Option<SmolStr>,
    /// Its type (`AWS::EC2::Volume`).
    pub resource_type: SmolStr,
    /// The state.
    #[serde(default = "complete")]
    pub resource_status: SmolStr,
    /// Why it is in that state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_status_reason: Option<String>,
    /// When its state last changed; that of the stack's making when it is not given.
    #[serde(default, alias = "Timestamp", skip_serializing_if = "Option::is_none")]
    pub last_updated_timestamp: Option<Timestamp>,
}

fn complete() -> SmolStr {
    SmolStr::new_static("CREATE_COMPLETE")
}

impl Stack {
    /// The name, by which AWS knows the stack.
    pub fn name(&self) -> &str {
        if !self.stack_name.is_empty() {
            return &self.stack_name;
        }
        let id = self.stack_id.as_str();
        id.split_once('/').map_or(id, |(_, name)| name)
    }

    /// Whether the stack is deleted.
    pub fn is_deleted(&self) -> bool {
        self.stack_status == "DELETE_COMPLETE"
    }

    /// The resources that the stack made, of kinds that have ids of their own.
    pub fn resource_ids(&self) -> impl Iterator<Item = ResourceId> {
        let made = self.resources.iter().filter(|it| !it.is_deleted());
        made.filter_map(|it| ResourceId::new(it.physical_resource_id.as_deref()?).ok())
    }
}

impl StackResource {
    /// Whether the resource is deleted.
    pub fn is_deleted(&self) -> bool {
        self.resource_status == "DELETE_COMPLETE"
    }
}
