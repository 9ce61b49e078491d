//! `DescribeStacks` and `ListStacks`.

use sandtable_model::Tags;
use sandtable_model::resource::{Stack, StackOutput, StackParameter};
use serde::{Deserialize, Serialize};

use super::find::{arn, invalid, made_at, page, stack, told};
use crate::{ApiError, Ctx, Twin};

/// The request of [`describe_stacks`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeStacksRequest {
    /// A name or an ARN; all that are not deleted when it is not said.
    pub stack_name: Option<String>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of [`describe_stacks`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedStacks {
    stacks: Vec<DescribedStack>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedStack {
    stack_id: String,
    stack_name: String,
    description: Option<String>,
    parameters: Vec<StackParameter>,
    creation_time: String,
    last_updated_time: Option<String>,
    deletion_time: Option<String>,
    rollback_configuration: Empty,
    stack_status: String,
    stack_status_reason: Option<String>,
    disable_rollback: bool,
    #[serde(rename = "NotificationARNs")]
    notification_arns: [(); 0],
    outputs: Vec<StackOutput>,
    #[serde(rename = "RoleARN")]
    role_arn: Option<String>,
    tags: Tags,
    enable_termination_protection: bool,
    parent_id: Option<String>,
    root_id: Option<String>,
    drift_information: Drift,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Empty {}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Drift {
    stack_drift_status: &'static str,
}

/// Nobody has asked for drift, which is no operation of the twin.
const NOT_CHECKED: Drift = Drift {
    stack_drift_status: "NOT_CHECKED",
};

impl DescribedStack {
    fn of(ctx: &Ctx, it: &Stack) -> Self {
        DescribedStack {
            stack_id: arn(ctx, it),
            stack_name: it.name().to_owned(),
            description: it.description.clone(),
            parameters: it.parameters.clone(),
            creation_time: made_at(it),
            last_updated_time: it.last_updated_time.map(|at| at.to_wire()),
            deletion_time: it.deletion_time.map(|at| at.to_wire()),
            rollback_configuration: Empty {},
            stack_status: it.stack_status.to_string(),
            stack_status_reason: it.stack_status_reason.clone(),
            disable_rollback: false,
            notification_arns: [],
            outputs: it.outputs.clone(),
            role_arn: it.role_arn.as_ref().map(ToString::to_string),
            tags: it.tags.clone(),
            enable_termination_protection: it.enable_termination_protection,
            parent_id: it.parent_id.as_ref().map(ToString::to_string),
            root_id: it.root_id.as_ref().map(ToString::to_string),
            drift_information: NOT_CHECKED,
        }
    }
}

/// `DescribeStacks`
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>).
///
/// # Errors
/// `ValidationError` for a stack that is not there.
pub fn describe_stacks(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeStacksRequest,
) -> Result<DescribedStacks, ApiError> {
    if let Some(name) = request.stack_name.as_deref().filter(|it| !it.is_empty()) {
        return Ok(DescribedStacks {
            stacks: vec![DescribedStack::of(ctx, stack(twin, ctx, name)?)],
            next_token: None,
        });
    }
    let all = told(twin, ctx).filter(|it| !it.is_deleted());
    let all = all.map(|it| DescribedStack::of(ctx, it));
    let (stacks, next_token) = page(all, request.next_token.as_deref())?;
    Ok(DescribedStacks { stacks, next_token })
}

/// The states of a stack (`StackStatus` in the service model).
const STATES: [&str; 23] = [
    "CREATE_IN_PROGRESS",
    "CREATE_FAILED",
    "CREATE_COMPLETE",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_FAILED",
    "ROLLBACK_COMPLETE",
    "DELETE_IN_PROGRESS",
    "DELETE_FAILED",
    "DELETE_COMPLETE",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
    "REVIEW_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "IMPORT_ROLLBACK_FAILED",
    "IMPORT_ROLLBACK_COMPLETE",
];

/// The request of [`list_stacks`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct ListStacksRequest {
    /// Where the page begins.
    pub next_token: Option<String>,
    /// Only those in one of these states.
    pub stack_status_filter: Vec<String>,
}

/// The answer of [`list_stacks`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListedStacks {
    stack_summaries: Vec<StackSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StackSummary {
    stack_id: String,
    stack_name: String,
    template_description: Option<String>,
    creation_time: String,
    last_updated_time: Option<String>,
    deletion_time: Option<String>,
    stack_status: String,
    stack_status_reason: Option<String>,
    parent_id: Option<String>,
    root_id: Option<String>,
    drift_information: Drift,
}

/// `ListStacks`
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html>), which
/// tells of deleted stacks for 90 days.
///
/// # Errors
/// `ValidationError` for a state that there is not.
pub fn list_stacks(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ListStacksRequest,
) -> Result<ListedStacks, ApiError> {
    let wanted = &request.stack_status_filter;
    if wanted.iter().any(|it| !STATES.contains(&it.as_str())) {
        return Err(invalid(format!(
            "1 validation error detected: Value '[{}]' at 'stackStatusFilter' failed to satisfy \
             constraint: Member must satisfy constraint: [Member must satisfy enum value set: \
             [{}]]",
            wanted.join(", "),
            STATES.join(", ")
        )));
    }
    let all = told(twin, ctx);
    let all =
        all.filter(|it| wanted.is_empty() || wanted.iter().any(|state| it.stack_status == *state));
    let all = all.map(|it| StackSummary {
        stack_id: arn(ctx, it),
        stack_name: it.name().to_owned(),
        template_description: it.description.clone(),
        creation_time: made_at(it),
        last_updated_time: it.last_updated_time.map(|at| at.to_wire()),
        deletion_time: it.deletion_time.map(|at| at.to_wire()),
        stack_status: it.stack_status.to_string(),
        stack_status_reason: it.stack_status_reason.clone(),
        parent_id: it.parent_id.as_ref().map(ToString::to_string),
        root_id: it.root_id.as_ref().map(ToString::to_string),
        drift_information: NOT_CHECKED,
    });
    let (stack_summaries, next_token) = page(all, request.next_token.as_deref())?;
    Ok(ListedStacks {
        stack_summaries,
        next_token,
    })
}
