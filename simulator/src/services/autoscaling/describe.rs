//! Describing groups and their instances.

use sandtable_model::InstanceId;
use sandtable_model::resource::{AutoScalingGroup, GroupInstance};
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::activity::paged;
use super::tag::tags_of;
use crate::network::request::{answers, requests};
use crate::rules::{Filter, Filters};
use crate::services::common::shown;
use crate::services::common::validation;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeAutoScalingGroups.
    DescribeAutoScalingGroupsRequest {
        auto_scaling_group_names: Vec<String>,
        include_instances: Option<bool>,
        next_token: Option<String>,
        max_records: Option<i64>,
        filters: Vec<Filter>,
    }
    /// DescribeAutoScalingInstances.
    DescribeAutoScalingInstancesRequest {
        instance_ids: Vec<String>,
        next_token: Option<String>,
        max_records: Option<i64>,
    }
}

answers! {
    /// The answer of DescribeAutoScalingGroups.
    DescribedAutoScalingGroups {
        auto_scaling_groups: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    }
    /// The answer of DescribeAutoScalingInstances.
    DescribedAutoScalingInstances {
        auto_scaling_instances: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    }
}

fn show(group: &AutoScalingGroup, with_instances: bool) -> Result<Value, ApiError> {
    let beside = ["AutoScalingGroupId", "PropagatedTagKeys"];
    let mut value = shown(group, &beside)?;
    if let Value::Object(members) = &mut value {
        members.insert("Tags".to_owned(), json!(tags_of(group)));
        let instances: &[GroupInstance] = match with_instances {
            true => &group.instances,
            false => &[],
        };
        members.insert("Instances".to_owned(), json!(instances));
    }
    Ok(value)
}

/// Lists groups; names that are not there are left out.
///
/// # Errors
/// `ValidationError` for filters and sizes, `InvalidNextToken`.
pub fn describe_auto_scaling_groups(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeAutoScalingGroupsRequest,
) -> Result<DescribedAutoScalingGroups, ApiError> {
    let filters = Filters::<AutoScalingGroup>::new(&request.filters, &[]);
    let filters = filters.map_err(|error| validation(error.message))?;
    let names = &request.auto_scaling_group_names;
    let mut found = Vec::new();
    for group in twin.state.all::<AutoScalingGroup>(&ctx.region) {
        let name = group.auto_scaling_group_name.as_str();
        let is_named = names.is_empty() || names.iter().any(|it| it == name);
        if is_named && filters.pass(&twin.state, group, &group.tags) {
            let shown = show(group, request.include_instances.unwrap_or(true))?;
            found.push((name.to_owned(), shown));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let token = request.next_token.as_deref();
    let (auto_scaling_groups, next_token) = paged(found, token, request.max_records, 50)?;
    Ok(DescribedAutoScalingGroups {
        auto_scaling_groups,
        next_token,
    })
}

/// Lists the instances of groups; ids of instances of no group are left out.
///
/// # Errors
/// `ValidationError` for more than 50 ids and for sizes, `InvalidNextToken`.
pub fn describe_auto_scaling_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeAutoScalingInstancesRequest,
) -> Result<DescribedAutoScalingInstances, ApiError> {
    let ids = &request.instance_ids;
    if ids.len() > 50 {
        return Err(validation("The number of instance IDs must be at most 50"));
    }
    let is_named = |id: &InstanceId| ids.is_empty() || ids.iter().any(|it| it == id.as_str());
    let mut found = Vec::new();
    for group in twin.state.all::<AutoScalingGroup>(&ctx.region) {
        for member in group
            .instances
            .iter()
            .filter(|it| is_named(&it.instance_id))
        {
            let mut value = shown(member, &[])?;
            if let Value::Object(members) = &mut value {
                let name = group.auto_scaling_group_name.as_str();
                members.insert("AutoScalingGroupName".to_owned(), name.into());
                // The states of this list are in capitals.
                let health: SmolStr = member.health_status.to_uppercase().into();
                members.insert("HealthStatus".to_owned(), health.as_str().into());
            }
            found.push((member.instance_id.to_string(), value));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let token = request.next_token.as_deref();
    let (auto_scaling_instances, next_token) = paged(found, token, request.max_records, 50)?;
    Ok(DescribedAutoScalingInstances {
        auto_scaling_instances,
        next_token,
    })
}
