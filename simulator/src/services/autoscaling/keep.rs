//! How a group keeps its number of instances.
//!
//! An instance that ended (terminated, or stopped by someone) is unhealthy: the group terminates what
//! is left of it and launches another (Auto Scaling user guide, "Health checks for instances in an
//! Auto Scaling group"). An instance that the state does not show is taken for well, since a snapshot
//! may lack instances that nobody was allowed to see.

use sandtable_model::resource::{
    AutoScalingGroup, GroupInstance, Instance, InstanceStateName, Target, TargetGroup,
};
use sandtable_model::{
    AutoScalingGroupId, ClassicLoadBalancerId, Duration, InstanceId, TargetGroupId,
};
use smol_str::SmolStr;

use super::activity::{self, Deed};
use super::{choose, launch};
use crate::services::{Transition, elb, elbv2};
use crate::{Twin, compute};

/// A group is looked at again at most so much later after a failed launch.
const RETRY_MAX: Duration = Duration::from_secs(3600);

/// Lets a group look at itself soon.
pub(super) fn look_soon(twin: &mut Twin, id: &AutoScalingGroupId) {
    let delay = twin.options.timings.services.group_reaction;
    twin.schedule(delay, Transition::GroupDue(id.clone()));
}

/// A group looks whether it has what it wants.
pub(crate) fn due(twin: &mut Twin, id: &AutoScalingGroupId) {
    let Some(group) = twin.state.one::<AutoScalingGroup>(id).cloned() else {
        return;
    };
    drop_ended(twin, &group);
    if group.is_deleting() {
        finish_delete(twin, id);
        return;
    }
    replace_unhealthy(twin, id);
    shrink(twin, id);
    grow(twin, id);
}

fn group_of(twin: &Twin, id: &AutoScalingGroupId) -> Option<AutoScalingGroup> {
    twin.state.one::<AutoScalingGroup>(id).cloned()
}

/// Whether an instance counts towards the capacity of its group.
pub(super) fn counts(it: &GroupInstance) -> bool {
    let state = it.lifecycle_state.as_str();
    state == "InService" || state.starts_with("Pending")
}

fn is_healthy(it: &GroupInstance) -> bool {
    it.health_status == "Healthy"
}

/// Marks instances that ended as unhealthy; those that are terminated leave the group when it was
/// the group that terminated them.
fn drop_ended(twin: &mut Twin, group: &AutoScalingGroup) {
    let id = &group.auto_scaling_group_id;
    for member in &group.instances {
        let instance = twin.state.one::<Instance>(&member.instance_id);
        let Some(state) = instance.map(|it| it.state.name.clone()) else {
            continue;
        };
        let is_over = state == InstanceStateName::Terminated;
        if is_over && member.lifecycle_state.starts_with("Terminating") {
            leave(twin, id, &member.instance_id);
            activity::succeed(twin, id, &member.instance_id);
            continue;
        }
        let is_well = matches!(
            state,
            InstanceStateName::Running | InstanceStateName::Pending
        );
        if !is_well && !group.is_suspended("HealthCheck") {
            change(twin, id, &member.instance_id, |it| {
                it.health_status = "Unhealthy".into();
            });
        }
    }
}

fn change(
    twin: &mut Twin,
    id: &AutoScalingGroupId,
    instance: &InstanceId,
    change: impl FnOnce(&mut GroupInstance),
) {
    twin.state.update(id, |it: &mut AutoScalingGroup| {
        let mut members = it.instances.iter_mut();
        members.find(|it| it.instance_id == *instance).map(change)
    });
}

/// Takes an instance out of a group.
pub(super) fn leave(twin: &mut Twin, id: &AutoScalingGroupId, instance: &InstanceId) {
    twin.state.update(id, |it: &mut AutoScalingGroup| {
        it.instances.retain(|it| it.instance_id != *instance);
    });
}

fn replace_unhealthy(twin: &mut Twin, id: &AutoScalingGroupId) {
    let Some(group) = group_of(twin, id) else {
        return;
    };
    if group.is_suspended("ReplaceUnhealthy") || group.is_suspended("Terminate") {
        return;
    }
    let unhealthy = group.instances.iter().filter(|it| counts(it));
    for member in unhealthy.filter(|it| !is_healthy(it)) {
        let cause = "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.";
        terminate(twin, &group, &member.instance_id, cause);
    }
}

/// Terminates an instance of a group; one that is terminated already leaves at once.
pub(super) fn terminate(
    twin: &mut Twin,
    group: &AutoScalingGroup,
    instance: &InstanceId,
    cause: &str,
) -> activity::Activity {
    let id = &group.auto_scaling_group_id;
    let begun = activity::begin(twin, group, Deed::Terminate, Some(instance), cause);
    change(twin, id, instance, |it| {
        it.lifecycle_state = "Terminating".into();
    });
    deregister(twin, group, instance);
    let state = twin.state.one::<Instance>(instance);
    match state.map(|it| it.state.name.clone()) {
        None | Some(InstanceStateName::Terminated) => {
            leave(twin, id, instance);
            activity::succeed(twin, id, instance);
        }
        // Termination protection does not bind Auto Scaling (Auto Scaling user guide, "Use instance
        // scale-in protection").
        Some(InstanceStateName::ShuttingDown) => {}
        Some(_) => compute::shut_down(twin, instance),
    }
    begun
}

/// Terminates what is too much.
fn shrink(twin: &mut Twin, id: &AutoScalingGroupId) {
    let Some(group) = group_of(twin, id) else {
        return;
    };
    if group.is_suspended("Terminate") {
        return;
    }
    let present = group.instances.iter().filter(|it| counts(it)).count();
    let wanted = usize::try_from(group.desired_capacity).unwrap_or(usize::MAX);
    let too_many = present.saturating_sub(wanted);
    for victim in choose::victims(twin, &group, too_many) {
        let cause = format!(
            "an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from {present} to {wanted}."
        );
        terminate(twin, &group, &victim, &cause);
    }
}

/// Launches what is missing.
fn grow(twin: &mut Twin, id: &AutoScalingGroupId) {
    let Some(group) = group_of(twin, id) else {
        return;
    };
    if group.is_suspended("Launch") {
        return;
    }
    let present = group.instances.iter().filter(|it| counts(it)).count();
    let wanted = usize::try_from(group.desired_capacity).unwrap_or(usize::MAX);
    for count in present..wanted {
        let Some(group) = group_of(twin, id) else {
            return;
        };
        let cause = format!(
            "an instance was started in response to a difference between desired and actual capacity, increasing the capacity from {count} to {wanted}."
        );
        if let Err(why) = launch::one(twin, &group) {
            let begun = activity::begin(twin, &group, Deed::Launch, None, &cause);
            let message = format!("{}. Launching EC2 instance failed.", why.message);
            activity::fail(twin, id, &begun.activity_id, &message);
            retry_later(twin, id);
            return;
        }
        twin.services.autoscaling.failures.remove(id);
        let Some(newest) = group_of(twin, id).and_then(|it| it.instances.last().cloned()) else {
            return;
        };
        let instance = newest.instance_id;
        activity::begin(twin, &group, Deed::Launch, Some(&instance), &cause);
        // Where nothing takes time it is running by now.
        running(twin, &instance);
    }
}

fn retry_later(twin: &mut Twin, id: &AutoScalingGroupId) {
    let failures = &mut twin.services.autoscaling.failures;
    let failures = failures.entry(id.clone()).or_default();
    let exponent = (*failures).min(10);
    *failures += 1;
    let first = twin.options.timings.services.group_retry;
    let millis = first.millis().saturating_mul(1 << exponent);
    let delay = Duration::from_millis(millis).min(RETRY_MAX);
    // A group that tried again at once would do so for ever.
    let delay = delay.max(Duration::from_secs(1));
    twin.schedule(delay, Transition::GroupDue(id.clone()));
}

fn groups_of(twin: &Twin, instance: &InstanceId) -> Vec<AutoScalingGroup> {
    let groups = twin.state.referring::<AutoScalingGroup>(instance);
    groups.cloned().collect()
}

/// An instance is running: it is in service, and registered with what the group names.
pub(crate) fn running(twin: &mut Twin, instance: &InstanceId) {
    let state = twin.state.one::<Instance>(instance);
    if state.is_none_or(|it| it.state.name != InstanceStateName::Running) {
        return;
    }
    for group in groups_of(twin, instance) {
        let mut members = group.instances.iter();
        let is_new = members
            .any(|it| it.instance_id == *instance && it.lifecycle_state.starts_with("Pending"));
        if !is_new {
            continue;
        }
        let id = &group.auto_scaling_group_id;
        change(twin, id, instance, |it| {
            it.lifecycle_state = "InService".into();
        });
        activity::succeed(twin, id, instance);
        if !group.is_suspended("AddToLoadBalancer") {
            register(twin, &group, instance);
        }
    }
}

/// An instance ended: its groups see it at their next health check.
pub(crate) fn ended(twin: &mut Twin, instance: &InstanceId) {
    let delay = twin.options.timings.services.group_health_check;
    for group in groups_of(twin, instance) {
        let mut members = group.instances.iter();
        let member = members.find(|it| it.instance_id == *instance);
        let by_group = member.is_some_and(|it| it.lifecycle_state.starts_with("Terminating"));
        let id = group.auto_scaling_group_id;
        match by_group {
            true => due(twin, &id),
            false => twin.schedule(delay, Transition::GroupDue(id)),
        }
    }
}

/// A terminated instance is no longer described: no group has it any more.
pub(crate) fn forgotten(twin: &mut Twin, instance: &InstanceId) {
    for group in groups_of(twin, instance) {
        leave(twin, &group.auto_scaling_group_id, instance);
    }
}

/// Registers an instance with the target groups and Classic Load Balancers of its group.
pub(super) fn register(twin: &mut Twin, group: &AutoScalingGroup, instance: &InstanceId) {
    for arn in &group.target_group_arns {
        let found = TargetGroupId::from_arn(arn);
        let found = found.and_then(|id| twin.state.one::<TargetGroup>(&id).cloned());
        let Some(found) = found else {
            continue;
        };
        let target = Target {
            id: instance.as_str().into(),
            port: found.port,
            registered_at: Some(twin.now()),
            ..Target::default()
        };
        // A full target group takes no more; the instance is in service without it.
        let _full = elbv2::register(twin, &found, vec![target]);
    }
    for balancer in balancers_of(group) {
        elb::register(twin, &balancer, instance);
    }
}

/// Takes an instance out of the target groups and Classic Load Balancers of its group.
pub(super) fn deregister(twin: &mut Twin, group: &AutoScalingGroup, instance: &InstanceId) {
    for arn in &group.target_group_arns {
        let found = TargetGroupId::from_arn(arn);
        let found = found.and_then(|id| twin.state.one::<TargetGroup>(&id).cloned());
        if let Some(found) = found {
            elbv2::deregister(twin, &found, |it| it.id == instance.as_str());
        }
    }
    for balancer in balancers_of(group) {
        elb::deregister(twin, &balancer, instance);
    }
}

fn balancers_of(group: &AutoScalingGroup) -> Vec<ClassicLoadBalancerId> {
    let id = group.auto_scaling_group_id.as_str();
    let region = id
        .strip_prefix("asg-")
        .and_then(|it| it.split('/').next())
        .and_then(|it| sandtable_model::Region::new(it).ok());
    let Some(region) = region else {
        return Vec::new();
    };
    let names = group.load_balancer_names.iter();
    names
        .map(|name| ClassicLoadBalancerId::from_name(&region, name))
        .collect()
}

/// Removes a group that is being deleted and has no instances left.
pub(super) fn finish_delete(twin: &mut Twin, id: &AutoScalingGroupId) {
    let group = twin.state.one::<AutoScalingGroup>(id);
    if group.is_some_and(|it| it.is_deleting() && it.instances.is_empty()) {
        twin.state.remove(id);
        let side = &mut twin.services.autoscaling;
        side.blueprints.remove(id);
        side.failures.remove(id);
    }
}

/// Remembers how a group of a snapshot launches, and lets it look at itself when it does not have
/// what it wants.
pub(crate) fn resume(twin: &mut Twin, group: &AutoScalingGroup) {
    let id = &group.auto_scaling_group_id;
    if let Some(blueprint) = launch::blueprint(twin, group) {
        let blueprints = &mut twin.services.autoscaling.blueprints;
        blueprints.insert(id.clone(), blueprint);
    }
    let moves = group.instances.iter().any(|member| {
        let instance = twin.state.one::<Instance>(&member.instance_id);
        let state = instance.map(|it| &it.state.name);
        let is_over = matches!(
            state,
            Some(InstanceStateName::Stopped | InstanceStateName::Terminated)
        );
        is_over || member.lifecycle_state != SmolStr::new_static("InService")
    });
    if moves || group.is_deleting() {
        let delay = twin.options.timings.services.group_health_check;
        let delay = delay.max(Duration::from_millis(1));
        twin.schedule(delay, Transition::GroupDue(id.clone()));
    }
}
