//! What a stack made: `ListStackResources`, `DescribeStackResources`, `DescribeStackResource`.

use sandtable_model::resource::{Stack, StackResource};
use serde::{Deserialize, Serialize};

use super::find::{arn, invalid, made_at, page, stack, told};
use crate::{ApiError, Ctx, Twin};

/// How many resources [`describe_stack_resources`] gives at most.
const DESCRIBED_MAX: usize = 100;

/// The request of [`list_stack_resources`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct ListStackResourcesRequest {
    /// The name or ARN of a stack.
    pub stack_name: String,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of [`list_stack_resources`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListedResources {
    stack_resource_summaries: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    logical_resource_id: String,
    physical_resource_id: Option<String>,
    resource_type: String,
    last_updated_timestamp: String,
    resource_status: String,
    resource_status_reason: Option<String>,
    drift_information: Drift,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Drift {
    stack_resource_drift_status: &'static str,
}

const NOT_CHECKED: Drift = Drift {
    stack_resource_drift_status: "NOT_CHECKED",
};

/// `ListStackResources`
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html>).
///
/// # Errors
/// `ValidationError` for a stack that is not there.
pub fn list_stack_resources(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ListStackResourcesRequest,
) -> Result<ListedResources, ApiError> {
    let stack = stack(twin, ctx, &request.stack_name)?;
    let all = stack.resources.iter().map(|it| Summary {
        logical_resource_id: it.logical_resource_id.to_string(),
        physical_resource_id: it.physical_resource_id.as_ref().map(ToString::to_string),
        resource_type: it.resource_type.to_string(),
        last_updated_timestamp: changed_at(stack, it),
        resource_status: it.resource_status.to_string(),
        resource_status_reason: it.resource_status_reason.clone(),
        drift_information: NOT_CHECKED,
    });
    let (stack_resource_summaries, next_token) = page(all, request.next_token.as_deref())?;
    Ok(ListedResources {
        stack_resource_summaries,
        next_token,
    })
}

/// The request of [`describe_stack_resources`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeStackResourcesRequest {
    /// The name or ARN of a stack.
    pub stack_name: Option<String>,
    /// Only the resource of this name in the template.
    pub logical_resource_id: Option<String>,
    /// The id of a resource, to find its stack.
    pub physical_resource_id: Option<String>,
}

/// The answer of [`describe_stack_resources`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedResources {
    stack_resources: Vec<Described>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    stack_name: String,
    stack_id: String,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
    resource_type: String,
    timestamp: String,
    resource_status: String,
    resource_status_reason: Option<String>,
    drift_information: Drift,
}

/// `DescribeStackResources`
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html>):
/// the first hundred resources of a stack, or of the stack that a resource is part of.
///
/// # Errors
/// `ValidationError` for a stack that is not there, for a resource of no stack, and for both or
/// neither.
pub fn describe_stack_resources(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeStackResourcesRequest,
) -> Result<DescribedResources, ApiError> {
    let named = |it: &Option<String>| it.clone().filter(|it| !it.is_empty());
    let stack = match (
        named(&request.stack_name),
        named(&request.physical_resource_id),
    ) {
        (Some(name), None) => stack(twin, ctx, &name)?,
        (None, Some(id)) => {
            let mut owners = told(twin, ctx).filter(|it| !it.is_deleted() && owns(it, &id));
            owners
                .next()
                .ok_or_else(|| invalid(format!("Stack for {id} does not exist")))?
        }
        (Some(_), Some(_)) => {
            return Err(invalid(
                "Both StackName and PhysicalResourceId cannot be specified",
            ));
        }
        (None, None) => {
            return Err(invalid(
                "Either StackName or PhysicalResourceId must be specified",
            ));
        }
    };
    let wanted = named(&request.logical_resource_id);
    let is_wanted = |it: &&StackResource| {
        let name = wanted.as_deref();
        name.is_none_or(|name| it.logical_resource_id == name)
    };
    let resources = stack.resources.iter().filter(is_wanted);
    let resources = resources.take(DESCRIBED_MAX).map(|it| Described {
        stack_name: stack.name().to_owned(),
        stack_id: arn(ctx, stack),
        logical_resource_id: it.logical_resource_id.to_string(),
        physical_resource_id: it.physical_resource_id.as_ref().map(ToString::to_string),
        resource_type: it.resource_type.to_string(),
        timestamp: changed_at(stack, it),
        resource_status: it.resource_status.to_string(),
        resource_status_reason: it.resource_status_reason.clone(),
        drift_information: NOT_CHECKED,
    });
    let stack_resources: Vec<Described> = resources.collect();
    if let (Some(name), true) = (&wanted, stack_resources.is_empty()) {
        return Err(no_resource(name, stack));
    }
    Ok(DescribedResources { stack_resources })
}

/// The request of [`describe_stack_resource`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeStackResourceRequest {
    /// The name or ARN of a stack.
    pub stack_name: String,
    /// The name in the template.
    pub logical_resource_id: String,
}

/// The answer of [`describe_stack_resource`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedResource {
    stack_resource_detail: Detail,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    stack_name: String,
    stack_id: String,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
    resource_type: String,
    last_updated_timestamp: String,
    resource_status: String,
    resource_status_reason: Option<String>,
    drift_information: Drift,
}

/// `DescribeStackResource`
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html>).
///
/// # Errors
/// `ValidationError` for a stack or a resource that is not there.
pub fn describe_stack_resource(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeStackResourceRequest,
) -> Result<DescribedResource, ApiError> {
    let stack = stack(twin, ctx, &request.stack_name)?;
    let name = request.logical_resource_id.as_str();
    let mut resources = stack.resources.iter();
    let it = resources.find(|it| it.logical_resource_id == name);
    let it = it.ok_or_else(|| no_resource(name, stack))?;
    Ok(DescribedResource {
        stack_resource_detail: Detail {
            stack_name: stack.name().to_owned(),
            stack_id: arn(ctx, stack),
            logical_resource_id: it.logical_resource_id.to_string(),
            physical_resource_id: it.physical_resource_id.as_ref().map(ToString::to_string),
            resource_type: it.resource_type.to_string(),
            last_updated_timestamp: changed_at(stack, it),
            resource_status: it.resource_status.to_string(),
            resource_status_reason: it.resource_status_reason.clone(),
            drift_information: NOT_CHECKED,
        },
    })
}

fn owns(stack: &Stack, id: &str) -> bool {
    let mut made = stack.resources.iter().filter(|it| !it.is_deleted());
    made.any(|it| it.physical_resource_id.as_deref() == Some(id))
}

fn changed_at(stack: &Stack, resource: &StackResource) -> String {
    match resource.last_updated_timestamp {
        Some(at) => at.to_wire(),
        None => made_at(stack),
    }
}

fn no_resource(name: &str, stack: &Stack) -> ApiError {
    let stack = stack.name();
    invalid(format!("Resource {name} does not exist for stack {stack}"))
}
