//! Amazon EC2 Auto Scaling: groups that keep their number of instances on the virtual clock.
//!
//! A group looks at itself (`due`) after each call that changes it, and after an instance of it
//! ended: it drops or terminates what is not well, and launches what is missing, through the same
//! operations as users do. That is what makes it futile to terminate an instance of a group.
//!
//! Deliberately absent: scaling policies and schedules, lifecycle hooks, warm pools, mixed instances,
//! instance refresh, cooldowns between scalings.

mod activity;
mod choose;
mod delete;
mod describe;
mod group;
mod instance;
mod keep;
mod launch;
mod launch_configuration;
mod process;
mod tag;
mod template;

pub use activity::*;
pub use delete::*;
pub use describe::*;
pub use group::*;
pub use instance::*;
pub(crate) use keep::{due, ended, forgotten, resume, running};
pub use launch_configuration::*;
pub use process::*;
pub use tag::*;

use std::collections::BTreeMap;

use sandtable_model::resource::AutoScalingGroup;
use sandtable_model::{AutoScalingGroupId, Region};
use serde_json::Value;
use smol_str::SmolStr;

use super::common::{required, validation};
use crate::dispatch::{Row, operations};
use crate::{ApiError, Ctx, Twin};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "AttachInstances" => attach_instances,
    "AttachLoadBalancerTargetGroups" => attach_load_balancer_target_groups,
    "CreateAutoScalingGroup" => create_auto_scaling_group,
    "CreateLaunchConfiguration" => create_launch_configuration,
    "CreateOrUpdateTags" => create_or_update_tags,
    "DeleteAutoScalingGroup" => delete_auto_scaling_group,
    "DeleteLaunchConfiguration" => delete_launch_configuration,
    "DeleteTags" => delete_tags,
    "DescribeAutoScalingGroups" => describe_auto_scaling_groups,
    "DescribeAutoScalingInstances" => describe_auto_scaling_instances,
    "DescribeLaunchConfigurations" => describe_launch_configurations,
    "DescribeScalingActivities" => describe_scaling_activities,
    "DescribeTags" => describe_tags,
    "DetachInstances" => detach_instances,
    "DetachLoadBalancerTargetGroups" => detach_load_balancer_target_groups,
    "ResumeProcesses" => resume_processes,
    "SetDesiredCapacity" => set_desired_capacity,
    "SetInstanceProtection" => set_instance_protection,
    "SuspendProcesses" => suspend_processes,
    "TerminateInstanceInAutoScalingGroup" => terminate_instance_in_auto_scaling_group,
    "UpdateAutoScalingGroup" => update_auto_scaling_group,
};

/// What no describe answer of groups carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {
    /// What groups did, the oldest first.
    activities: BTreeMap<AutoScalingGroupId, Vec<Activity>>,
    /// Launch configurations by Region and name; no kind of resource of the model.
    launch_configurations: BTreeMap<(Region, SmolStr), LaunchConfiguration>,
    /// How groups of a snapshot launch of which neither launch configuration nor template was seen:
    /// like the instances that they had.
    blueprints: BTreeMap<AutoScalingGroupId, launch::Blueprint>,
    /// How often in a row groups failed to launch.
    failures: BTreeMap<AutoScalingGroupId, u32>,
}

/// A launch configuration, as answers show it.
pub(crate) fn shown_configuration(twin: &Twin, ctx: &Ctx, name: &str) -> Option<Value> {
    let key = (ctx.region.clone(), SmolStr::new(name));
    let found = twin.services.autoscaling.launch_configurations.get(&key)?;
    serde_json::to_value(found).ok()
}

/// The group of a name.
///
/// # Errors
/// `ValidationError`.
fn named<'a>(twin: &'a Twin, ctx: &Ctx, name: &str) -> Result<&'a AutoScalingGroup, ApiError> {
    required("autoScalingGroupName", name)?;
    find(twin, ctx, name).ok_or_else(|| {
        validation(format!(
            "AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"
        ))
    })
}

fn find<'a>(twin: &'a Twin, ctx: &Ctx, name: &str) -> Option<&'a AutoScalingGroup> {
    let id = AutoScalingGroupId::from_name(&ctx.region, name);
    let found = twin.state.get_in(&ctx.region, &id.into())?;
    let group = found.get::<AutoScalingGroup>()?;
    (group.auto_scaling_group_name == name).then_some(group)
}

/// The group of a name, which must not be being deleted.
///
/// # Errors
/// `ValidationError`, `ScalingActivityInProgress`.
fn changeable(twin: &Twin, ctx: &Ctx, name: &str) -> Result<AutoScalingGroup, ApiError> {
    let found = named(twin, ctx, name)?;
    if found.is_deleting() {
        return Err(validation(
            "The AutoScaling group may not be modified while it is pending delete",
        ));
    }
    Ok(found.clone())
}
