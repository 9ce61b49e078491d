//! Making and changing groups.

use sandtable_model::resource::{
    AutoScalingGroup, LaunchTemplateSpecification, Subnet, TargetGroup,
};
use sandtable_model::{AutoScalingGroupId, TargetGroupId};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use super::keep::{deregister, look_soon, register};
use super::launch_configuration::check_known;
use super::tag::{GroupTag, put};
use super::{changeable, find, named};
use crate::network::request::requests;
use crate::place;
use crate::services::common::{missing, required, subnet, uuid, validation};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateAutoScalingGroup.
    CreateAutoScalingGroupRequest {
        auto_scaling_group_name: String,
        launch_configuration_name: Option<SmolStr>,
        launch_template: Option<LaunchTemplateSpecification>,
        min_size: Option<u32>,
        max_size: Option<u32>,
        desired_capacity: Option<u32>,
        default_cooldown: Option<u32>,
        availability_zones: Vec<SmolStr>,
        load_balancer_names: Vec<SmolStr>,
        #[serde(rename = "TargetGroupARNs")]
        target_group_arns: Vec<SmolStr>,
        health_check_type: Option<SmolStr>,
        health_check_grace_period: Option<u32>,
        #[serde(rename = "VPCZoneIdentifier")]
        vpc_zone_identifier: Option<SmolStr>,
        termination_policies: Vec<SmolStr>,
        new_instances_protected_from_scale_in: bool,
        tags: Vec<GroupTag>,
    }
    /// UpdateAutoScalingGroup.
    UpdateAutoScalingGroupRequest {
        auto_scaling_group_name: String,
        launch_configuration_name: Option<SmolStr>,
        launch_template: Option<LaunchTemplateSpecification>,
        min_size: Option<u32>,
        max_size: Option<u32>,
        desired_capacity: Option<u32>,
        default_cooldown: Option<u32>,
        availability_zones: Vec<SmolStr>,
        health_check_type: Option<SmolStr>,
        health_check_grace_period: Option<u32>,
        #[serde(rename = "VPCZoneIdentifier")]
        vpc_zone_identifier: Option<SmolStr>,
        termination_policies: Vec<SmolStr>,
        new_instances_protected_from_scale_in: Option<bool>,
    }
    /// SetDesiredCapacity.
    SetDesiredCapacityRequest {
        auto_scaling_group_name: String,
        desired_capacity: Option<u32>,
        honor_cooldown: bool,
    }
    /// AttachLoadBalancerTargetGroups.
    AttachLoadBalancerTargetGroupsRequest {
        auto_scaling_group_name: String,
        #[serde(rename = "TargetGroupARNs")]
        target_group_arns: Vec<SmolStr>,
    }
    /// DetachLoadBalancerTargetGroups.
    DetachLoadBalancerTargetGroupsRequest {
        auto_scaling_group_name: String,
        #[serde(rename = "TargetGroupARNs")]
        target_group_arns: Vec<SmolStr>,
    }
}

/// An answer without members, of operations whose model has one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// Makes a group, which then launches what it wants.
///
/// # Errors
/// `AlreadyExists`, `ValidationError` (Auto Scaling API reference, `CreateAutoScalingGroup`).
pub fn create_auto_scaling_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateAutoScalingGroupRequest,
) -> Result<(), ApiError> {
    let name = required("autoScalingGroupName", &request.auto_scaling_group_name)?;
    if name.contains(':') {
        return Err(validation(format!(
            "The group name '{name}' must not contain colons"
        )));
    }
    let min_size = request.min_size.ok_or_else(|| missing("minSize"))?;
    let max_size = request.max_size.ok_or_else(|| missing("maxSize"))?;
    let desired_capacity = request.desired_capacity.unwrap_or(min_size);
    check_sizes(min_size, max_size, desired_capacity)?;
    let id = AutoScalingGroupId::from_name(&ctx.region, name);
    if find(twin, ctx, name).is_some() {
        return Err(ApiError::new(
            "AlreadyExists",
            format!(
                "AutoScalingGroup by this name already exists - A group with the name {name} already exists"
            ),
        ));
    }
    if twin.state.get(&(&id).into()).is_some() {
        return Err(validation(format!(
            "The twin cannot tell the name '{name}' from that of another group"
        )));
    }
    let (region, account, number) = (&ctx.region, &ctx.account, uuid(twin));
    let mut group = AutoScalingGroup {
        auto_scaling_group_id: id.clone(),
        auto_scaling_group_name: name.into(),
        auto_scaling_group_arn: Some(format_smolstr!(
            "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{number}:autoScalingGroupName/{name}"
        )),
        launch_configuration_name: None,
        launch_template: None,
        min_size,
        max_size,
        desired_capacity,
        default_cooldown: request.default_cooldown.unwrap_or(300),
        availability_zones: Vec::new(),
        vpc_zone_identifier: SmolStr::default(),
        load_balancer_names: request.load_balancer_names,
        target_group_arns: Vec::new(),
        health_check_type: SmolStr::default(),
        health_check_grace_period: request.health_check_grace_period.unwrap_or(0),
        instances: Vec::new(),
        created_time: Some(twin.now()),
        suspended_processes: Vec::new(),
        status: None,
        termination_policies: vec!["Default".into()],
        new_instances_protected_from_scale_in: request.new_instances_protected_from_scale_in,
        propagated_tag_keys: Vec::new(),
        tags: sandtable_model::Tags::new(),
    };
    let wanted = Wanted {
        launch_configuration_name: request.launch_configuration_name,
        launch_template: request.launch_template,
        availability_zones: request.availability_zones,
        vpc_zone_identifier: request.vpc_zone_identifier,
        health_check_type: Some(request.health_check_type.unwrap_or_else(|| "EC2".into())),
        termination_policies: request.termination_policies,
    };
    wanted.put_on(twin, ctx, &mut group)?;
    if group.launch_configuration_name.is_none() && group.launch_template.is_none() {
        return Err(validation(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
        ));
    }
    if group.availability_zones.is_empty() {
        return Err(validation(
            "At least one Availability Zone or VPC Subnet is required.",
        ));
    }
    check_target_groups(twin, ctx, &request.target_group_arns)?;
    group.target_group_arns = request.target_group_arns;
    put(&mut group, &request.tags)?;
    let side = &mut twin.services.autoscaling;
    side.activities.remove(&id);
    side.failures.remove(&id);
    side.blueprints.remove(&id);
    twin.state.insert(&ctx.region, group);
    look_soon(twin, &id);
    Ok(())
}

fn check_sizes(least: u32, most: u32, wanted: u32) -> Result<(), ApiError> {
    if most < least {
        return Err(validation(format!(
            "Max bound, {most}, must be greater than or equal to min bound, {least}"
        )));
    }
    if !(least..=most).contains(&wanted) {
        return Err(validation(format!(
            "Desired capacity:{wanted} must be between the specified min size:{least} and max size:{most}"
        )));
    }
    Ok(())
}

/// What calls that make and change groups have in common; what is not named stays.
struct Wanted {
    launch_configuration_name: Option<SmolStr>,
    launch_template: Option<LaunchTemplateSpecification>,
    availability_zones: Vec<SmolStr>,
    vpc_zone_identifier: Option<SmolStr>,
    health_check_type: Option<SmolStr>,
    termination_policies: Vec<SmolStr>,
}

impl Wanted {
    fn put_on(self, twin: &Twin, ctx: &Ctx, group: &mut AutoScalingGroup) -> Result<(), ApiError> {
        match (self.launch_configuration_name, self.launch_template) {
            (Some(_), Some(_)) => {
                return Err(validation(
                    "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
                ));
            }
            (Some(name), None) => {
                check_known(twin, ctx, &name)?;
                group.launch_configuration_name = Some(name);
                group.launch_template = None;
            }
            (None, Some(template)) => {
                super::template::data(twin, ctx, &template)?;
                group.launch_template = Some(template);
                group.launch_configuration_name = None;
            }
            (None, None) => {}
        }
        put_places(
            twin,
            ctx,
            group,
            self.vpc_zone_identifier,
            self.availability_zones,
        )?;
        if let Some(health) = self.health_check_type {
            let kinds = health.split(',');
            let fine = |it: &str| ["EC2", "ELB", "EBS", "VPC_LATTICE"].contains(&it);
            if !kinds.into_iter().all(fine) {
                return Err(validation(format!("Invalid HealthCheckType: {health}")));
            }
            group.health_check_type = health;
        }
        if !self.termination_policies.is_empty() {
            for policy in &self.termination_policies {
                check_policy(policy)?;
            }
            group.termination_policies = self.termination_policies;
        }
        Ok(())
    }
}

/// The termination policies that the twin carries out. AWS has more.
fn check_policy(policy: &str) -> Result<(), ApiError> {
    const OTHERS: [&str; 5] = [
        "AllocationStrategy",
        "ClosestToNextInstanceHour",
        "OldestLaunchConfiguration",
        "OldestLaunchTemplate",
        "Custom",
    ];
    match policy {
        "Default" | "OldestInstance" | "NewestInstance" => Ok(()),
        known if OTHERS.contains(&known) => Err(crate::services::common::not_modelled(&format!(
            "the termination policy {known}"
        ))),
        other => Err(validation(format!("Invalid Termination Policy: {other}"))),
    }
}

/// Subnets, whose zones the group has then, or zones with their default subnets.
fn put_places(
    twin: &Twin,
    ctx: &Ctx,
    group: &mut AutoScalingGroup,
    subnets: Option<SmolStr>,
    zones: Vec<SmolStr>,
) -> Result<(), ApiError> {
    for zone in &zones {
        if place::require_zone(&twin.state, ctx, zone).is_err() {
            return Err(validation(format!("Invalid availability zone: {zone}")));
        }
    }
    let Some(subnets) = subnets.filter(|it| !it.is_empty()) else {
        if !zones.is_empty() {
            group.availability_zones = zones;
        }
        return Ok(());
    };
    let mut found: Vec<&Subnet> = Vec::new();
    for id in subnets.split(',').map(str::trim) {
        let one = subnet(twin, ctx, id);
        let one = one.ok_or_else(|| validation(format!("The subnet ID '{id}' does not exist")))?;
        if found.iter().any(|it| it.vpc_id != one.vpc_id) {
            return Err(validation("The subnets of a group must be in one VPC"));
        }
        found.push(one);
    }
    let mut of_subnets: Vec<SmolStr> = Vec::new();
    for it in &found {
        let zone: SmolStr = it.availability_zone.as_str().into();
        if !of_subnets.contains(&zone) {
            of_subnets.push(zone);
        }
    }
    if zones.iter().any(|it| !of_subnets.contains(it)) {
        return Err(validation(
            "The availability zones of the specified subnets and the Auto Scaling group do not match",
        ));
    }
    let ids: Vec<&str> = found.iter().map(|it| it.subnet_id.as_str()).collect();
    group.vpc_zone_identifier = ids.join(",").into();
    group.availability_zones = of_subnets;
    Ok(())
}

fn check_target_groups(twin: &Twin, ctx: &Ctx, arns: &[SmolStr]) -> Result<(), ApiError> {
    for arn in arns {
        let id = TargetGroupId::from_arn(arn);
        let found = id.and_then(|id| twin.state.get_in(&ctx.region, &id.into()));
        let found = found.and_then(|it| it.get::<TargetGroup>());
        if found.is_none_or(|it| it.target_group_arn != *arn) {
            return Err(validation(
                "Provided Target Groups may not be valid. Please ensure they exist and try again.",
            ));
        }
    }
    Ok(())
}

/// Changes a group; what is not named stays. Instances that are there keep what they were launched
/// with.
///
/// # Errors
/// `ValidationError`; also for a group that is being deleted.
pub fn update_auto_scaling_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: UpdateAutoScalingGroupRequest,
) -> Result<(), ApiError> {
    let mut group = changeable(twin, ctx, &request.auto_scaling_group_name)?;
    group.min_size = request.min_size.unwrap_or(group.min_size);
    group.max_size = request.max_size.unwrap_or(group.max_size);
    // A wanted number outside of new bounds follows them, unless the call names it.
    let (least, most) = (group.min_size, group.max_size);
    group.desired_capacity = match request.desired_capacity {
        Some(wanted) => wanted,
        None => group.desired_capacity.max(least).min(most.max(least)),
    };
    check_sizes(least, most, group.desired_capacity)?;
    let wanted = Wanted {
        launch_configuration_name: request.launch_configuration_name,
        launch_template: request.launch_template,
        availability_zones: request.availability_zones,
        vpc_zone_identifier: request.vpc_zone_identifier,
        health_check_type: request.health_check_type,
        termination_policies: request.termination_policies,
    };
    let renewed = wanted.launch_configuration_name.is_some() || wanted.launch_template.is_some();
    wanted.put_on(twin, ctx, &mut group)?;
    if let Some(seconds) = request.default_cooldown {
        group.default_cooldown = seconds;
    }
    if let Some(seconds) = request.health_check_grace_period {
        group.health_check_grace_period = seconds;
    }
    if let Some(protected) = request.new_instances_protected_from_scale_in {
        group.new_instances_protected_from_scale_in = protected;
    }
    let id = group.auto_scaling_group_id.clone();
    if renewed && let Some(it) = twin.services.autoscaling.blueprints.get_mut(&id) {
        it.stands_in = false;
    }
    twin.state.insert(&ctx.region, group);
    look_soon(twin, &id);
    Ok(())
}

/// Sets how many instances a group wants.
///
/// # Errors
/// `ValidationError` outside of the group's bounds.
pub fn set_desired_capacity(
    twin: &mut Twin,
    ctx: &Ctx,
    request: SetDesiredCapacityRequest,
) -> Result<(), ApiError> {
    let group = changeable(twin, ctx, &request.auto_scaling_group_name)?;
    let wanted = request
        .desired_capacity
        .ok_or_else(|| missing("desiredCapacity"))?;
    if request.honor_cooldown {
        return Err(crate::services::common::not_modelled("cooldowns of groups"));
    }
    let outside = |side: &str, bound: u32, name: &str| {
        validation(format!(
            "New SetDesiredCapacity value {wanted} is {side} {name} value {bound} for the AutoScalingGroup."
        ))
    };
    if wanted > group.max_size {
        return Err(outside("above", group.max_size, "max"));
    }
    if wanted < group.min_size {
        return Err(outside("below", group.min_size, "min"));
    }
    let id = group.auto_scaling_group_id;
    twin.state.update(&id, |it: &mut AutoScalingGroup| {
        it.desired_capacity = wanted
    });
    look_soon(twin, &id);
    Ok(())
}

/// Lets a group register its instances with target groups.
///
/// # Errors
/// `ValidationError`.
pub fn attach_load_balancer_target_groups(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AttachLoadBalancerTargetGroupsRequest,
) -> Result<Nothing, ApiError> {
    let mut group = changeable(twin, ctx, &request.auto_scaling_group_name)?;
    let arns = request.target_group_arns;
    if arns.is_empty() {
        return Err(missing("targetGroupARNs"));
    }
    check_target_groups(twin, ctx, &arns)?;
    let new: Vec<SmolStr> = arns
        .into_iter()
        .filter(|it| !group.target_group_arns.contains(it))
        .collect();
    group.target_group_arns.extend(new.iter().cloned());
    twin.state.insert(&ctx.region, group.clone());
    let mut only_new = group.clone();
    only_new.target_group_arns = new;
    only_new.load_balancer_names.clear();
    for member in group
        .instances
        .iter()
        .filter(|it| it.lifecycle_state == "InService")
    {
        register(twin, &only_new, &member.instance_id);
    }
    Ok(Nothing {})
}

/// Lets a group take its instances out of target groups.
///
/// # Errors
/// `ValidationError`, also for a target group that the group does not have.
pub fn detach_load_balancer_target_groups(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DetachLoadBalancerTargetGroupsRequest,
) -> Result<Nothing, ApiError> {
    let mut group = named(twin, ctx, &request.auto_scaling_group_name)?.clone();
    let arns = request.target_group_arns;
    if arns.is_empty() {
        return Err(missing("targetGroupARNs"));
    }
    if let Some(arn) = arns.iter().find(|it| !group.target_group_arns.contains(it)) {
        return Err(validation(format!(
            "Trying to remove Target Groups that are not part of the group: {arn}"
        )));
    }
    let mut only_gone = group.clone();
    only_gone.target_group_arns = arns.clone();
    only_gone.load_balancer_names.clear();
    group.target_group_arns.retain(|it| !arns.contains(it));
    twin.state.insert(&ctx.region, group.clone());
    for member in &group.instances {
        deregister(twin, &only_gone, &member.instance_id);
    }
    Ok(Nothing {})
}
