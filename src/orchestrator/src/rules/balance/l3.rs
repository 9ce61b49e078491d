//! L3: Classic Load Balancers without instances.

use sandtable_model::Kind;
use sandtable_model::resource::ClassicLoadBalancer;

use super::filler;
use crate::rules::judge::{DAYS_MIN, Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "L3",
    aliases: &[],
    title: "Classic Load Balancer without instances",
    finds: "A Classic Load Balancer with which no instance is registered.",
    costs: "A load balancer is billed by the hour, whether or not it has anything to forward to.",
    proof: "`Instances` is empty in the describe answer. At least 7 days old.",
    wrong: "- An Auto Scaling group that is not held at zero registers with it: left alone.\n\
            - Instances that are not healthy are instances: an outage looks the same.\n\
            - A stack, a tool or Kubernetes owns it: tagged owners are left alone.",
    remedy: "Left to its owner: take the DNS names away that lead to it, watch, then \
             `DeleteLoadBalancer`. A new one has another DNS name.",
    example: "What a retired service left: $18.25 a month in us-east-1, traffic aside.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::ClassicLoadBalancer,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, DOC.id, &[Kind::AutoScalingGroup], look);
}

fn look(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, ClassicLoadBalancer>) -> Look {
    let balancer = subject.it;
    let count = balancer.instances.len();
    if count > 0 {
        return unmet(format!("instances registered with it: {count}"));
    }
    let name = &balancer.load_balancer_name;
    if let Some(group) = filler(scene, |it| it.load_balancer_names.contains(name)) {
        let reason = format!(
            "{} registers its instances with it",
            group.auto_scaling_group_id
        );
        return Look::Spared("scale to zero", reason);
    }
    if let Some(reason) = scene.too_young(balancer.created_time, DAYS_MIN) {
        return Look::Spared("age", reason);
    }
    subject
        .draft(
            DOC.id,
            format!("no instance is behind the Classic Load Balancer {name}"),
        )
        .observed(subject.id.clone(), "no instance is registered")
        .cleared("scale to zero", "no Auto Scaling group registers with it")
        .cleared("age", scene.age(balancer.created_time))
        .unknown("which DNS names lead to it is not read")
        .price(&subject.id, &scene.price(&subject.id))
        .advise("take the DNS names away that lead to it, watch, then DeleteLoadBalancer")
        .into()
}
