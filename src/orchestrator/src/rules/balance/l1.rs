//! L1: load balancers with nothing behind them.

use sandtable_model::Kind;
use sandtable_model::resource::{LoadBalancer, LoadBalancerStateCode};

use super::{awaited, target_groups};
use crate::rules::judge::{DAYS_MIN, Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "L1",
    aliases: &["L2"],
    title: "Load balancer with nothing behind it",
    finds: "An Application, Network or Gateway Load Balancer that forwards to no target at all: it has \
            no target group, or every one of them is empty.",
    costs: "A load balancer is billed by the hour, whether or not it has anything to forward to, and \
            so is each of its public addresses.",
    proof: "No target group that its listeners and rules name, or that names it, has a registered \
            target. Target groups were listed completely. At least 7 days old.",
    wrong: "- It answers by itself (a redirect, a fixed response, an authentication): that is use, and \
            it is left alone.\n\
            - An endpoint service stands before it: other accounts may wait behind it, left alone.\n\
            - An Auto Scaling group that is not held at zero registers with it: left alone.\n\
            - Unhealthy targets are targets: an outage looks the same.\n\
            - A stack, a tool or Kubernetes owns it: tagged owners are left alone.",
    remedy: "Left to its owner: take the DNS names away that lead to it, watch, then \
             `DeleteLoadBalancer`, its target groups, and its own security group. A new one has another \
             DNS name.",
    example: "The load balancer of a service that was moved: $16.43 a month in us-east-1, traffic aside.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::LoadBalancer,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let needs = [
        Kind::TargetGroup,
        Kind::VpcEndpointService,
        Kind::AutoScalingGroup,
    ];
    each(scene, verdicts, DOC.id, &needs, look);
}

fn look(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, LoadBalancer>) -> Look {
    let balancer = subject.it;
    if balancer.state.code != LoadBalancerStateCode::Active {
        return unmet(format!("state {}", balancer.state.code));
    }
    let groups = target_groups(scene, subject);
    let targets: usize = groups.iter().map(|it| it.targets.len()).sum();
    if targets > 0 {
        return unmet(format!("{targets} targets are registered behind it"));
    }
    if let Some(what) = answers_itself(balancer) {
        return Look::Spared(
            "answers by itself",
            format!("a listener has the action {what}"),
        );
    }
    if let Some((guard, reason)) = awaited(scene, subject.it, &groups) {
        return Look::Spared(guard, reason);
    }
    if let Some(reason) = scene.too_young(balancer.created_time, DAYS_MIN) {
        return Look::Spared("age", reason);
    }
    let count = groups.len();
    subject
        .draft(
            DOC.id,
            format!("nothing is behind the load balancer {}", subject.id),
        )
        .related(groups.iter().map(|it| (&it.target_group_id).into()))
        .derived(
            subject.id.clone(),
            format!("target groups: {count}, registered targets: 0"),
        )
        .cleared("answers by itself", "every action forwards")
        .cleared("endpoint service", "none names it")
        .cleared("scale to zero", "no Auto Scaling group registers with it")
        .cleared("age", scene.age(balancer.created_time))
        .unknown("which DNS names lead to it is not read")
        .price(&subject.id, &scene.price(&subject.id))
        .advise("take the DNS names away that lead to it, watch, then DeleteLoadBalancer")
        .into()
}

fn answers_itself(balancer: &LoadBalancer) -> Option<&str> {
    let actions = balancer.listeners.iter().flat_map(|listener| {
        let rules = listener.rules.iter().flat_map(|rule| &rule.actions);
        listener.default_actions.iter().chain(rules)
    });
    let mut kinds = actions.map(|it| it.r#type.as_str());
    kinds.find(|it| *it != "forward")
}
