//! Rules over load balancers and what is behind them.

pub(crate) mod g19;
pub(crate) mod g23;
pub(crate) mod l1;
pub(crate) mod l3;

use sandtable_model::resource::{AutoScalingGroup, LoadBalancer, TargetGroup, VpcEndpointService};

use super::Scene;
use crate::graph::Relation;
use crate::rules::judge::Subject;

/// The target groups that a load balancer leads to.
fn target_groups<'a>(
    scene: &Scene<'a>,
    subject: &Subject<'_, LoadBalancer>,
) -> Vec<&'a TargetGroup> {
    scene
        .graph
        .dependencies_of::<TargetGroup>(&subject.id, Relation::Targets)
}

/// The Auto Scaling group that may register instances and is not held at zero, if `names` tells one.
fn filler<'a>(
    scene: &Scene<'a>,
    names: impl Fn(&AutoScalingGroup) -> bool,
) -> Option<&'a AutoScalingGroup> {
    let mut groups = scene.snapshot.all::<AutoScalingGroup>();
    groups.find(|it| it.max_size > 0 && names(it))
}

/// Why something may come to be behind a load balancer, or wait before it: an endpoint service whose
/// clients are elsewhere, or an Auto Scaling group that registers its instances.
fn awaited(
    scene: &Scene<'_>,
    balancer: &LoadBalancer,
    groups: &[&TargetGroup],
) -> Option<(&'static str, String)> {
    let arn = &balancer.load_balancer_arn;
    let mut services = scene.snapshot.all::<VpcEndpointService>();
    let before = services.find(|it| {
        let network = it.network_load_balancer_arns.contains(arn);
        network || it.gateway_load_balancer_arns.contains(arn)
    });
    if let Some(service) = before {
        let reason = format!("{} stands before it", service.service_id);
        return Some(("endpoint service", reason));
    }
    let registers = filler(scene, |it| {
        let mut arns = groups.iter().map(|it| &it.target_group_arn);
        arns.any(|arn| it.target_group_arns.contains(arn))
    })?;
    let reason = format!(
        "{} registers its instances with it",
        registers.auto_scaling_group_id
    );
    Some(("scale to zero", reason))
}
