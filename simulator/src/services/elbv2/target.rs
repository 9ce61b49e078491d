//! Registering and deregistering targets.

use std::net::Ipv4Addr;

use sandtable_model::resource::{Instance, InstanceStateName, Target, TargetGroup, TargetType};
use sandtable_model::{Duration, InstanceId, TargetGroupId};
use smol_str::SmolStr;

use super::attribute::drain_seconds;
use super::balancer::Nothing;
use super::group;
use crate::network::request::requests;
use crate::services::Transition;
use crate::services::common::{in_range, missing, required, validation};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// RegisterTargets.
    RegisterTargetsRequest { target_group_arn: String, targets: Vec<TargetDescription> }
    /// DeregisterTargets.
    DeregisterTargetsRequest { target_group_arn: String, targets: Vec<TargetDescription> }
    /// A target of a request.
    TargetDescription {
        id: String,
        port: Option<i64>,
        availability_zone: Option<SmolStr>,
    }
}

/// Targets of a group (Service Quotas, Elastic Load Balancing).
const TARGETS_MAX: usize = 1000;

pub(super) fn invalid_target(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidTarget", message)
}

/// Registers targets. Registering one again is no error.
///
/// # Errors
/// `TargetGroupNotFound`, `InvalidTarget` for instances that are not there, not running or in
/// another VPC, `TooManyTargets`.
pub fn register_targets(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RegisterTargetsRequest,
) -> Result<Nothing, ApiError> {
    let found = group(twin, ctx, &request.target_group_arn)?.clone();
    if request.targets.is_empty() {
        return Err(missing("targets"));
    }
    let mut new: Vec<Target> = Vec::new();
    for target in &request.targets {
        required("targets.id", &target.id)?;
        let read = Target {
            registered_at: Some(twin.now()),
            ..read(&found, target)?
        };
        check(twin, ctx, &found, target)?;
        if !new.iter().any(|it| same(it, &read)) {
            new.push(read);
        }
    }
    register(twin, &found, new)?;
    Ok(Nothing {})
}

/// Puts targets that are fine into a group.
///
/// # Errors
/// `TooManyTargets`.
pub(in crate::services) fn register(
    twin: &mut Twin,
    group: &TargetGroup,
    new: Vec<Target>,
) -> Result<(), ApiError> {
    let mut targets = group.targets.clone();
    for target in new {
        match targets.iter_mut().find(|it| same(it, &target)) {
            Some(present) if present.draining_since.is_some() => *present = target,
            Some(_) => {}
            None => targets.push(target),
        }
    }
    if targets.len() > TARGETS_MAX {
        return Err(ApiError::new(
            "TooManyTargets",
            format!("A target group can have at most {TARGETS_MAX} targets"),
        ));
    }
    twin.state
        .update(&group.target_group_id, |it: &mut TargetGroup| {
            it.targets = targets
        });
    Ok(())
}

pub(super) fn same(one: &Target, other: &Target) -> bool {
    one.id == other.id && one.port == other.port
}

/// A target of a request, with the group's port where none is named.
pub(super) fn read(group: &TargetGroup, target: &TargetDescription) -> Result<Target, ApiError> {
    let port = target.port.map(|port| in_range("port", port, 1, 65535));
    let port = port.transpose()?.and_then(|it| u16::try_from(it).ok());
    if port.is_some() && group.target_type == TargetType::Lambda {
        return Err(validation(
            "Port cannot be specified for targets of target type 'lambda'",
        ));
    }
    Ok(Target {
        id: target.id.as_str().into(),
        port: port.or(group.port),
        availability_zone: target.availability_zone.clone(),
        registered_at: None,
        draining_since: None,
    })
}

fn check(
    twin: &Twin,
    ctx: &Ctx,
    group: &TargetGroup,
    target: &TargetDescription,
) -> Result<(), ApiError> {
    let id = target.id.as_str();
    match group.target_type {
        TargetType::Instance => check_instance(twin, ctx, group, id),
        TargetType::Ip if id.parse::<Ipv4Addr>().is_err() => Err(validation(format!(
            "The IP address '{id}' is not a valid IPv4 address"
        ))),
        TargetType::Lambda | TargetType::Alb if !id.starts_with("arn:") => {
            Err(validation(format!("'{id}' is not a valid target ARN")))
        }
        _ => Ok(()),
    }
}

fn check_instance(twin: &Twin, ctx: &Ctx, group: &TargetGroup, id: &str) -> Result<(), ApiError> {
    let found = InstanceId::new(id).ok();
    let found = found.and_then(|id| twin.state.get_in(&ctx.region, &id.into()));
    let found = found.and_then(|it| it.get::<Instance>());
    let found = found
        .ok_or_else(|| invalid_target(format!("The following targets do not exist: '{id}'")))?;
    if found.state.name != InstanceStateName::Running {
        return Err(invalid_target(format!(
            "The following targets are not in a running state and cannot be registered: '{id}'"
        )));
    }
    if found.vpc_id.is_some() && found.vpc_id != group.vpc_id {
        let vpc = group.vpc_id.as_ref().map_or("", |it| it.as_str());
        return Err(invalid_target(format!(
            "The following targets are not in the target group VPC '{vpc}': '{id}'"
        )));
    }
    Ok(())
}

/// Deregisters targets. Where a balancer uses the group they are `draining` for a while first; one
/// that is not registered is no error.
///
/// # Errors
/// `TargetGroupNotFound`, `InvalidTarget` for an instance id of the wrong form.
pub fn deregister_targets(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeregisterTargetsRequest,
) -> Result<Nothing, ApiError> {
    let found = group(twin, ctx, &request.target_group_arn)?.clone();
    if request.targets.is_empty() {
        return Err(missing("targets"));
    }
    for target in &request.targets {
        required("targets.id", &target.id)?;
        let of_instances = found.target_type == TargetType::Instance;
        if of_instances && InstanceId::new(&target.id).is_err() {
            let id = &target.id;
            return Err(invalid_target(format!(
                "The following targets are not valid instance IDs: '{id}'"
            )));
        }
    }
    let named = |it: &Target| {
        let fits = |wanted: &&TargetDescription| {
            wanted.id == it.id.as_str()
                && wanted
                    .port
                    .is_none_or(|port| it.port.is_some_and(|own| i64::from(own) == port))
        };
        request.targets.iter().any(|wanted| fits(&wanted))
    };
    deregister(twin, &found, named);
    Ok(Nothing {})
}

/// Takes targets out of a group, at once or after they are drained.
pub(in crate::services) fn deregister(
    twin: &mut Twin,
    group: &TargetGroup,
    leaves: impl Fn(&Target) -> bool,
) {
    let id = &group.target_group_id;
    let seconds = match group.load_balancer_arns.is_empty() {
        true => 0,
        false => drain_seconds(group),
    };
    if seconds == 0 {
        twin.state.update(id, |it: &mut TargetGroup| {
            it.targets.retain(|it| !leaves(it))
        });
        return;
    }
    let now = twin.now();
    let mut drained = Vec::new();
    twin.state.update(id, |it: &mut TargetGroup| {
        for target in it.targets.iter_mut().filter(|it| leaves(it)) {
            if target.draining_since.is_none() {
                target.draining_since = Some(now);
                drained.push((target.id.clone(), target.port));
            }
        }
    });
    for (target, port) in drained {
        let transition = Transition::TargetDrained(id.clone(), target, port);
        twin.schedule(Duration::from_secs(seconds), transition);
    }
}

/// A target that was draining is no longer registered, unless it was registered again.
pub(in crate::services) fn drained(
    twin: &mut Twin,
    id: &TargetGroupId,
    target: &str,
    port: Option<u16>,
) {
    twin.state.update(id, |it: &mut TargetGroup| {
        it.targets
            .retain(|it| it.id != target || it.port != port || it.draining_since.is_none());
    });
}

/// Schedules what was under way when a snapshot was taken.
pub(in crate::services) fn resume_targets(twin: &mut Twin, group: &TargetGroup) {
    let seconds = Duration::from_secs(drain_seconds(group));
    for target in &group.targets {
        let Some(since) = target.draining_since else {
            continue;
        };
        let left = since.plus(seconds).since(twin.now());
        let id = group.target_group_id.clone();
        let transition = Transition::TargetDrained(id, target.id.clone(), target.port);
        twin.schedule(left.max(Duration::from_millis(1)), transition);
    }
}
