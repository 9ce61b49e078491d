//! The health of targets. It is not kept: it follows from the state of instances, from whether a
//! balancer uses the group, and from how long a target has been registered. The twin's applications
//! are well, so that a running instance passes its checks.

use sandtable_model::Duration;
use sandtable_model::resource::{
    Instance, InstanceStateName, LoadBalancer, LoadBalancerStateCode, Target, TargetGroup,
    TargetType,
};
use sandtable_model::{InstanceId, LoadBalancerId};
use smol_str::SmolStr;

use super::group;
use super::target::{TargetDescription, invalid_target, read, same};
use crate::network::request::{answers, requests};
use crate::services::common::{not_modelled, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeTargetHealth.
    DescribeTargetHealthRequest {
        target_group_arn: String,
        targets: Vec<TargetDescription>,
        include: Vec<String>,
    }
}

answers! {
    /// The answer of DescribeTargetHealth.
    DescribedTargetHealth { target_health_descriptions: Vec<TargetHealthDescription> }
    /// The health of a target.
    TargetHealthDescription {
        target: DescribedTarget,
        #[serde(skip_serializing_if = "Option::is_none")]
        health_check_port: Option<SmolStr>,
        target_health: TargetHealth,
    }
    /// A target as answers show it.
    DescribedTarget {
        id: SmolStr,
        #[serde(skip_serializing_if = "Option::is_none")]
        port: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        availability_zone: Option<SmolStr>,
    }
    /// State and reason.
    TargetHealth {
        state: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    }
}

impl TargetHealth {
    fn because(state: &'static str, reason: &'static str, description: &str) -> Self {
        TargetHealth {
            state,
            reason: Some(reason),
            description: Some(description.to_owned()),
        }
    }
}

/// Tells the health of the targets of a group; of one that is not registered it tells that.
///
/// # Errors
/// `TargetGroupNotFound`, `InvalidTarget` for an instance id of the wrong form.
pub fn describe_target_health(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeTargetHealthRequest,
) -> Result<DescribedTargetHealth, ApiError> {
    let found = group(twin, ctx, &request.target_group_arn)?;
    if !request.include.is_empty() {
        return Err(not_modelled("anomaly detection of targets"));
    }
    let mut all = Vec::new();
    if request.targets.is_empty() {
        all.extend(found.targets.iter().map(|it| describe(twin, found, it)));
    }
    for wanted in &request.targets {
        required("targets.id", &wanted.id)?;
        let of_instances = found.target_type == TargetType::Instance;
        if of_instances && InstanceId::new(&wanted.id).is_err() {
            return Err(invalid_target(format!(
                "The following targets are not valid instance IDs: '{}'",
                wanted.id
            )));
        }
        let wanted = read(found, wanted)?;
        let registered = found.targets.iter().find(|it| same(it, &wanted));
        all.push(match registered {
            Some(target) => describe(twin, found, target),
            None => TargetHealthDescription {
                health_check_port: None,
                target_health: TargetHealth::because(
                    "unused",
                    "Target.NotRegistered",
                    "Target is not registered to the target group",
                ),
                target: show(wanted),
            },
        });
    }
    Ok(DescribedTargetHealth {
        target_health_descriptions: all,
    })
}

fn show(target: Target) -> DescribedTarget {
    DescribedTarget {
        id: target.id,
        port: target.port,
        availability_zone: target.availability_zone,
    }
}

fn describe(twin: &Twin, group: &TargetGroup, target: &Target) -> TargetHealthDescription {
    let by_traffic = group.health_check_port.as_deref() == Some("traffic-port");
    let port = match by_traffic {
        true => target.port.map(|it| it.to_string().into()),
        false => group.health_check_port.clone(),
    };
    TargetHealthDescription {
        target: show(target.clone()),
        health_check_port: port,
        target_health: health(twin, group, target),
    }
}

/// The health of a registered target (ELB user guide, "Target health status" and "Health check reason
/// codes").
pub(in crate::services) fn health(
    twin: &Twin,
    group: &TargetGroup,
    target: &Target,
) -> TargetHealth {
    if target.draining_since.is_some() {
        return TargetHealth::because(
            "draining",
            "Target.DeregistrationInProgress",
            "Target deregistration is in progress",
        );
    }
    if group.load_balancer_arns.is_empty() {
        return TargetHealth::because(
            "unused",
            "Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer",
        );
    }
    if group.target_type == TargetType::Instance
        && let Some(health) = of_instance(twin, group, target)
    {
        return health;
    }
    if group.target_type == TargetType::Lambda && !group.health_check_enabled {
        return TargetHealth::because(
            "unavailable",
            "Target.HealthCheckDisabled",
            "Health checks are not enabled for this target",
        );
    }
    let balancers = group.load_balancer_arns.iter();
    let mut balancers = balancers.filter_map(|arn| {
        let id = LoadBalancerId::from_arn(arn)?;
        twin.state.one::<LoadBalancer>(&id)
    });
    if balancers.any(|it| it.state.code == LoadBalancerStateCode::Provisioning) {
        return TargetHealth::because(
            "initial",
            "Elb.RegistrationInProgress",
            "Target registration is in progress",
        );
    }
    let needed = i64::from(group.health_check_interval_seconds)
        .saturating_mul(i64::from(group.healthy_threshold_count));
    let is_new = |since| twin.now().since(since) < Duration::from_secs(needed);
    if target.registered_at.is_some_and(is_new) {
        return TargetHealth::because(
            "initial",
            "Elb.InitialHealthChecking",
            "Initial health checks in progress",
        );
    }
    TargetHealth {
        state: "healthy",
        reason: None,
        description: None,
    }
}

/// What the state of an instance says, when that is not that it is well.
fn of_instance(twin: &Twin, group: &TargetGroup, target: &Target) -> Option<TargetHealth> {
    let id = InstanceId::new(&target.id).ok()?;
    let Some(instance) = twin.state.one::<Instance>(&id) else {
        return Some(TargetHealth::because(
            "unused",
            "Target.InvalidState",
            "Target is in the terminated state",
        ));
    };
    let state = &instance.state.name;
    if matches!(
        state,
        InstanceStateName::Stopped | InstanceStateName::Terminated
    ) {
        let description = format!("Target is in the {state} state");
        return Some(TargetHealth::because(
            "unused",
            "Target.InvalidState",
            &description,
        ));
    }
    if *state != InstanceStateName::Running && *state != InstanceStateName::Pending {
        return Some(TargetHealth::because(
            "unhealthy",
            "Target.FailedHealthChecks",
            "Health checks failed",
        ));
    }
    let zone = instance.placement.availability_zone.as_ref();
    let mut balancers = group.load_balancer_arns.iter().filter_map(|arn| {
        let id = LoadBalancerId::from_arn(arn)?;
        twin.state.one::<LoadBalancer>(&id)
    });
    let is_served = balancers.any(|balancer| {
        let mut zones = balancer.availability_zones.iter();
        zones.any(|it| zone.is_some_and(|zone| zone.as_str() == it.zone_name))
    });
    (!is_served).then(|| {
        TargetHealth::because(
            "unused",
            "Target.NotInUse",
            "Target is in an Availability Zone that is not enabled for the load balancer",
        )
    })
}
