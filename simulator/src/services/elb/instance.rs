//! Instances of Classic Load Balancers, and how they are.

use sandtable_model::resource::{
    ClassicInstance, ClassicLoadBalancer, Instance, InstanceStateName,
};
use sandtable_model::{ClassicLoadBalancerId, Duration, InstanceId};

use super::named;
use crate::network::request::{answers, requests};
use crate::services::common::missing;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// RegisterInstancesWithLoadBalancer.
    RegisterInstancesRequest { load_balancer_name: String, instances: Vec<NamedInstance> }
    /// DeregisterInstancesFromLoadBalancer.
    DeregisterInstancesRequest { load_balancer_name: String, instances: Vec<NamedInstance> }
    /// DescribeInstanceHealth.
    DescribeInstanceHealthRequest { load_balancer_name: String, instances: Vec<NamedInstance> }
    /// An instance of a request or answer.
    NamedInstance { instance_id: String }
}

answers! {
    /// The instances that a balancer has after a call.
    RegisteredInstances { instances: Vec<NamedInstance> }
    /// The answer of DescribeInstanceHealth.
    DescribedInstanceHealth { instance_states: Vec<InstanceState> }
    /// How an instance is.
    InstanceState {
        instance_id: String,
        state: &'static str,
        reason_code: &'static str,
        description: String,
    }
}

fn invalid(text: &str) -> ApiError {
    let message = format!("Could not find EC2 instance {text}.");
    ApiError::new("InvalidInstance", message)
}

fn found<'a>(twin: &'a Twin, ctx: &Ctx, text: &str) -> Result<&'a Instance, ApiError> {
    let id = InstanceId::new(text).ok();
    let found = id.and_then(|id| twin.state.get_in(&ctx.region, &id.into()));
    let found = found.and_then(|it| it.get::<Instance>());
    found.ok_or_else(|| invalid(text))
}

fn instances_of(twin: &Twin, id: &ClassicLoadBalancerId) -> RegisteredInstances {
    let balancer = twin.state.one::<ClassicLoadBalancer>(id);
    let all = balancer.into_iter().flat_map(|it| &it.instances);
    let all = all.map(|it| NamedInstance {
        instance_id: it.instance_id.to_string(),
    });
    RegisteredInstances {
        instances: all.collect(),
    }
}

/// Registers instances.
///
/// # Errors
/// `LoadBalancerNotFound`, `InvalidInstance` for instances that are not there, terminated or in
/// another VPC.
pub fn register_instances_with_load_balancer(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RegisterInstancesRequest,
) -> Result<RegisteredInstances, ApiError> {
    let balancer = named(twin, ctx, &request.load_balancer_name)?;
    let (id, vpc) = (balancer.load_balancer_id.clone(), balancer.vpc_id.clone());
    if request.instances.is_empty() {
        return Err(missing("instances"));
    }
    let mut new = Vec::new();
    for it in &request.instances {
        let instance = found(twin, ctx, &it.instance_id)?;
        if instance.state.name == InstanceStateName::Terminated {
            return Err(invalid(&it.instance_id));
        }
        if instance.vpc_id.is_some() && instance.vpc_id != vpc {
            let message = format!(
                "EC2 instance {} is not in the same VPC as ELB.",
                it.instance_id
            );
            return Err(ApiError::new("InvalidInstance", message));
        }
        new.push(instance.instance_id.clone());
    }
    for instance in &new {
        register(twin, &id, instance);
    }
    Ok(instances_of(twin, &id))
}

/// Puts an instance into a balancer, if the balancer is there.
pub(in crate::services) fn register(
    twin: &mut Twin,
    id: &ClassicLoadBalancerId,
    instance: &InstanceId,
) {
    let now = twin.now();
    twin.state.update(id, |it: &mut ClassicLoadBalancer| {
        if !it.instances.iter().any(|it| it.instance_id == *instance) {
            it.instances.push(ClassicInstance {
                instance_id: instance.clone(),
                registered_at: Some(now),
            });
        }
    });
}

/// Takes instances out. Connections that are being served are not modelled, so that they leave at
/// once.
///
/// # Errors
/// `LoadBalancerNotFound`, `InvalidInstance` for ones that are not registered.
pub fn deregister_instances_from_load_balancer(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeregisterInstancesRequest,
) -> Result<RegisteredInstances, ApiError> {
    let balancer = named(twin, ctx, &request.load_balancer_name)?.clone();
    if request.instances.is_empty() {
        return Err(missing("instances"));
    }
    let mut gone = Vec::new();
    for it in &request.instances {
        let mut all = balancer.instances.iter();
        let registered = all.find(|own| own.instance_id.as_str() == it.instance_id);
        let registered = registered.ok_or_else(|| invalid(&it.instance_id))?;
        gone.push(registered.instance_id.clone());
    }
    let id = &balancer.load_balancer_id;
    for instance in &gone {
        deregister(twin, id, instance);
    }
    Ok(instances_of(twin, id))
}

/// Takes an instance out of a balancer.
pub(in crate::services) fn deregister(
    twin: &mut Twin,
    id: &ClassicLoadBalancerId,
    instance: &InstanceId,
) {
    twin.state.update(id, |it: &mut ClassicLoadBalancer| {
        it.instances.retain(|it| it.instance_id != *instance);
    });
}

/// A terminated instance is no longer described: no balancer has it any more.
pub(in crate::services) fn forgotten(twin: &mut Twin, instance: &InstanceId) {
    let balancers = twin.state.referring::<ClassicLoadBalancer>(instance);
    let ids: Vec<ClassicLoadBalancerId> = balancers.map(|it| it.load_balancer_id.clone()).collect();
    for id in &ids {
        deregister(twin, id, instance);
    }
}

/// Tells how instances are. As for target groups, it follows from instances and the clock.
///
/// # Errors
/// `LoadBalancerNotFound`, `InvalidInstance` for ones that are not registered.
pub fn describe_instance_health(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeInstanceHealthRequest,
) -> Result<DescribedInstanceHealth, ApiError> {
    let balancer = named(twin, ctx, &request.load_balancer_name)?;
    let mut instance_states = Vec::new();
    if request.instances.is_empty() {
        let all = balancer.instances.iter();
        instance_states.extend(all.map(|it| state(twin, balancer, it)));
    }
    for wanted in &request.instances {
        let mut all = balancer.instances.iter();
        let registered = all.find(|own| own.instance_id.as_str() == wanted.instance_id);
        let registered = registered.ok_or_else(|| invalid(&wanted.instance_id))?;
        instance_states.push(state(twin, balancer, registered));
    }
    Ok(DescribedInstanceHealth { instance_states })
}

fn state(
    twin: &Twin,
    balancer: &ClassicLoadBalancer,
    registered: &ClassicInstance,
) -> InstanceState {
    let out = |reason_code, description: String| InstanceState {
        instance_id: registered.instance_id.to_string(),
        state: "OutOfService",
        reason_code,
        description,
    };
    let instance = twin.state.one::<Instance>(&registered.instance_id);
    let state = instance.map(|it| &it.state.name);
    match state {
        None => return out("Instance", "Instance is in terminated state.".to_owned()),
        Some(InstanceStateName::Running) => {}
        Some(other) => return out("Instance", format!("Instance is in {other} state.")),
    }
    let check = &balancer.health_check;
    let needed = i64::from(check.interval).saturating_mul(i64::from(check.healthy_threshold));
    let is_new = |since| twin.now().since(since) < Duration::from_secs(needed);
    if registered.registered_at.is_some_and(is_new) {
        return out(
            "ELB",
            "Instance registration is still in progress.".to_owned(),
        );
    }
    InstanceState {
        state: "InService",
        ..out("N/A", "N/A".to_owned())
    }
}
