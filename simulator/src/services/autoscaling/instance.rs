//! Instances of groups: attaching, detaching, terminating, protecting.

use sandtable_model::InstanceId;
use sandtable_model::resource::{
    AutoScalingGroup, GroupInstance, Instance, InstanceStateName, Subnet,
};
use smol_str::SmolStr;

use super::activity::{self, Activities, Activity, Deed};
use super::group::Nothing;
use super::keep::{counts, deregister, leave, look_soon, register, terminate};
use super::{changeable, named};
use crate::network::request::{answers, requests};
use crate::services::common::{missing, required, validation};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// AttachInstances.
    AttachInstancesRequest { auto_scaling_group_name: String, instance_ids: Vec<String> }
    /// DetachInstances.
    DetachInstancesRequest {
        auto_scaling_group_name: String,
        instance_ids: Vec<String>,
        should_decrement_desired_capacity: Option<bool>,
    }
    /// TerminateInstanceInAutoScalingGroup.
    TerminateInstanceInAutoScalingGroupRequest {
        instance_id: String,
        should_decrement_desired_capacity: Option<bool>,
    }
    /// SetInstanceProtection.
    SetInstanceProtectionRequest {
        auto_scaling_group_name: String,
        instance_ids: Vec<String>,
        protected_from_scale_in: Option<bool>,
    }
}

answers! {
    /// The answer of TerminateInstanceInAutoScalingGroup.
    Terminating { activity: Activity }
}

/// The group that has an instance.
pub(super) fn group_with<'a>(twin: &'a Twin, id: &InstanceId) -> Option<&'a AutoScalingGroup> {
    let mut groups = twin.state.referring::<AutoScalingGroup>(id);
    groups.find(|it| it.instances.iter().any(|it| it.instance_id == *id))
}

fn member<'a>(group: &'a AutoScalingGroup, text: &str) -> Result<&'a GroupInstance, ApiError> {
    let mut members = group.instances.iter();
    let found = members.find(|it| it.instance_id.as_str() == text);
    found.ok_or_else(|| {
        let name = &group.auto_scaling_group_name;
        validation(format!(
            "The instance {text} is not part of Auto Scaling group {name}."
        ))
    })
}

/// Puts running instances into a group, which then wants so many more.
///
/// # Errors
/// `ValidationError` for instances that are not running, in a group already or in another zone, and
/// beyond the greatest size.
pub fn attach_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AttachInstancesRequest,
) -> Result<(), ApiError> {
    let group = changeable(twin, ctx, &request.auto_scaling_group_name)?;
    if request.instance_ids.is_empty() {
        return Err(missing("instanceIds"));
    }
    let mut members = Vec::new();
    for text in &request.instance_ids {
        members.push(attachable(twin, ctx, &group, text)?);
    }
    let more = u32::try_from(members.len()).unwrap_or(u32::MAX);
    let wanted = group.desired_capacity.saturating_add(more);
    let (name, id) = (&group.auto_scaling_group_name, &group.auto_scaling_group_id);
    if wanted > group.max_size {
        return Err(validation(format!(
            "AutoScalingGroup {name} has min-size={}, max-size={}, and desired-size={}. To attach {more} more instance(s), please update the AutoScalingGroup sizes appropriately.",
            group.min_size, group.max_size, group.desired_capacity
        )));
    }
    for member in members {
        let instance = member.instance_id.clone();
        let cause = "an instance was attached in response to a user request.";
        activity::begin(twin, &group, Deed::Attach, Some(&instance), cause);
        twin.state.update(&instance, |it: &mut Instance| {
            it.tags.insert("aws:autoscaling:groupName", name);
        });
        twin.state.update(id, |it: &mut AutoScalingGroup| {
            it.instances.push(member);
            it.desired_capacity = it.desired_capacity.saturating_add(1);
        });
        activity::succeed(twin, id, &instance);
        register(twin, &group, &instance);
    }
    Ok(())
}

fn attachable(
    twin: &Twin,
    ctx: &Ctx,
    group: &AutoScalingGroup,
    text: &str,
) -> Result<GroupInstance, ApiError> {
    let found = InstanceId::new(text).ok();
    let found = found.and_then(|id| twin.state.get_in(&ctx.region, &id.into()));
    let found = found.and_then(|it| it.get::<Instance>());
    let refuse = |why: &str| validation(format!("Invalid Instances [{text}]: {why}"));
    let found = found.ok_or_else(|| refuse("the instance does not exist"))?;
    if found.state.name != InstanceStateName::Running {
        return Err(refuse(
            "Instance is not in correct state. Instance(s) must be in 'running' state",
        ));
    }
    if let Some(other) = group_with(twin, &found.instance_id) {
        let name = &other.auto_scaling_group_name;
        return Err(refuse(&format!("the instance is part of the group {name}")));
    }
    let subnet = found.subnet_id.as_ref();
    let subnet = subnet.and_then(|id| twin.state.one::<Subnet>(id));
    let zone: SmolStr = subnet.map_or("", |it| it.availability_zone.as_str()).into();
    if !group.availability_zones.contains(&zone) {
        return Err(refuse(
            "the instance is in no Availability Zone of the group",
        ));
    }
    Ok(GroupInstance {
        instance_id: found.instance_id.clone(),
        instance_type: Some(found.instance_type.clone()),
        availability_zone: zone,
        lifecycle_state: "InService".into(),
        health_status: "Healthy".into(),
        launch_configuration_name: None,
        launch_template: None,
        protected_from_scale_in: group.new_instances_protected_from_scale_in,
    })
}

/// Takes instances out of a group; they keep running. Unless it wants so many fewer, the group
/// launches others.
///
/// # Errors
/// `ValidationError` for instances that are not in the group, and below the least size.
pub fn detach_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DetachInstancesRequest,
) -> Result<Activities, ApiError> {
    let group = changeable(twin, ctx, &request.auto_scaling_group_name)?;
    let decrement = request.should_decrement_desired_capacity;
    let decrement = decrement.ok_or_else(|| missing("shouldDecrementDesiredCapacity"))?;
    if request.instance_ids.is_empty() {
        return Err(missing("instanceIds"));
    }
    let mut instances = Vec::new();
    for text in &request.instance_ids {
        let found = member(&group, text)?;
        if !counts(found) {
            return Err(validation(format!(
                "The instance {text} is not in InService."
            )));
        }
        instances.push(found.instance_id.clone());
    }
    if decrement {
        let less = u32::try_from(instances.len()).unwrap_or(u32::MAX);
        lower(twin, &group, less)?;
    }
    let mut activities = Vec::new();
    let id = &group.auto_scaling_group_id;
    for instance in instances {
        let cause = "an instance was detached in response to a user request.";
        let begun = activity::begin(twin, &group, Deed::Detach, Some(&instance), cause);
        activities.push(begun);
        deregister(twin, &group, &instance);
        leave(twin, id, &instance);
        twin.state.update(&instance, |it: &mut Instance| {
            it.tags.remove("aws:autoscaling:groupName");
        });
        activity::succeed(twin, id, &instance);
    }
    look_soon(twin, id);
    Ok(Activities {
        activities,
        next_token: None,
    })
}

/// Lets a group want fewer instances.
fn lower(twin: &mut Twin, group: &AutoScalingGroup, less: u32) -> Result<(), ApiError> {
    let wanted = group.desired_capacity.checked_sub(less);
    let wanted = wanted.filter(|it| *it >= group.min_size).ok_or_else(|| {
        validation(format!(
            "Currently, desiredSize equals minSize ({}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
            group.min_size
        ))
    })?;
    let id = &group.auto_scaling_group_id;
    twin.state
        .update(id, |it: &mut AutoScalingGroup| it.desired_capacity = wanted);
    Ok(())
}

/// Terminates an instance of a group. Unless it wants one fewer, the group launches another.
///
/// # Errors
/// `ValidationError` for an instance of no group, and below the least size.
pub fn terminate_instance_in_auto_scaling_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TerminateInstanceInAutoScalingGroupRequest,
) -> Result<Terminating, ApiError> {
    let text = required("instanceId", &request.instance_id)?;
    let decrement = request.should_decrement_desired_capacity;
    let decrement = decrement.ok_or_else(|| missing("shouldDecrementDesiredCapacity"))?;
    let found = InstanceId::new(text).ok();
    let found = found.filter(|id| twin.state.region_of(&id.into()) == Some(&ctx.region));
    let group = found.as_ref().and_then(|id| group_with(twin, id));
    let (Some(instance), Some(group)) = (&found, group.cloned()) else {
        return Err(validation(format!(
            "Instance Id not found - No managed instance found for instance ID {text}"
        )));
    };
    if !counts(member(&group, text)?) {
        return Err(ApiError::new(
            "ScalingActivityInProgress",
            format!("The instance {text} is being terminated already."),
        ));
    }
    if decrement {
        lower(twin, &group, 1)?;
    }
    let cause = match decrement {
        true => {
            "instance was taken out of service in response to a user request, shrinking the capacity."
        }
        false => "instance was taken out of service in response to a user request.",
    };
    let activity = terminate(twin, &group, instance, cause);
    look_soon(twin, &group.auto_scaling_group_id);
    Ok(Terminating { activity })
}

/// Protects instances of a group from scale-in, or lifts the protection.
///
/// # Errors
/// `ValidationError` for instances that are not in the group.
pub fn set_instance_protection(
    twin: &mut Twin,
    ctx: &Ctx,
    request: SetInstanceProtectionRequest,
) -> Result<Nothing, ApiError> {
    let group = named(twin, ctx, &request.auto_scaling_group_name)?.clone();
    let protected = request.protected_from_scale_in;
    let protected = protected.ok_or_else(|| missing("protectedFromScaleIn"))?;
    if request.instance_ids.is_empty() {
        return Err(missing("instanceIds"));
    }
    for text in &request.instance_ids {
        member(&group, text)?;
    }
    let is_named = |it: &GroupInstance| {
        let mut ids = request.instance_ids.iter();
        ids.any(|text| text == it.instance_id.as_str())
    };
    let id = &group.auto_scaling_group_id;
    twin.state.update(id, |it: &mut AutoScalingGroup| {
        for it in it.instances.iter_mut().filter(|it| is_named(it)) {
            it.protected_from_scale_in = protected;
        }
    });
    Ok(Nothing {})
}
