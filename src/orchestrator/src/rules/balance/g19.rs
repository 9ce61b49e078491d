//! G19: load balancers of which every target is stopped or gone.

use sandtable_model::resource::{Instance, InstanceStateName, LoadBalancer, Target, TargetType};
use sandtable_model::{InstanceId, Kind};

use super::{awaited, target_groups};
use crate::rules::judge::{Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "G19",
    aliases: &[],
    title: "Load balancer of which every target is stopped or gone",
    finds: "A load balancer with targets, every one of which is an instance that is stopped, \
            terminated or absent.",
    costs: "A load balancer is billed by the hour, whether or not anything answers behind it.",
    proof: "All targets of all its target groups are instances, none of which is running; instances and \
            target groups were listed completely. That a target is unhealthy counts for nothing.",
    wrong: "- It is an outage, or a night: whether requests still come is not read, so confidence is \
            medium.\n\
            - An endpoint service stands before it, or an Auto Scaling group that is not held at zero \
            registers with it: left alone.\n\
            - A stack, a tool or Kubernetes owns it: tagged owners are left alone.",
    remedy: "Left to its owner: see that no requests come, take the DNS names away that lead to it, \
             watch, then delete listeners, load balancer and target groups in that order.",
    example: "The load balancer of an environment that was stopped for good: $16.43 a month in us-east-1.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::LoadBalancer,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let needs = [
        Kind::TargetGroup,
        Kind::Instance,
        Kind::VpcEndpointService,
        Kind::AutoScalingGroup,
    ];
    each(scene, verdicts, DOC.id, &needs, look);
}

fn look(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, LoadBalancer>) -> Look {
    let groups = target_groups(scene, subject);
    let targets: Vec<&Target> = groups.iter().flat_map(|it| &it.targets).collect();
    if targets.is_empty() {
        return unmet("it has no targets (see L1)");
    }
    if let Some(other) = groups
        .iter()
        .find(|it| it.target_type != TargetType::Instance)
    {
        return unmet(format!(
            "the targets of {} are no instances",
            other.target_group_id
        ));
    }
    let state = |target: &Target| {
        let id = InstanceId::new(&target.id).ok()?;
        let instance = scene.graph.get::<Instance>(&id.into())?;
        Some(&instance.state.name)
    };
    let awake = targets.iter().find_map(|it| {
        let state = state(it).filter(|it| **it != InstanceStateName::Stopped)?;
        Some((&it.id, state))
    });
    if let Some((id, state)) = awake {
        return unmet(format!("its target {id} is {state}"));
    }
    if let Some((guard, reason)) = awaited(scene, subject.it, &groups) {
        return Look::Spared(guard, reason);
    }
    let title = format!(
        "every target of the load balancer {} is stopped or gone",
        subject.id
    );
    let mut draft = subject
        .draft(DOC.id, title)
        .related(groups.iter().map(|it| (&it.target_group_id).into()));
    for target in &targets {
        let claim = match state(target) {
            Some(state) => format!("its target {} is {state}", target.id),
            None => format!("its target {} is not there", target.id),
        };
        draft = draft.observed(subject.id.clone(), claim);
    }
    draft
        .cleared("endpoint service", "none names it")
        .cleared("scale to zero", "no Auto Scaling group registers with it")
        .open("outage", "whether requests still come is not read")
        .price(&subject.id, &scene.price(&subject.id))
        .advise("see that no requests come, take its DNS names away, watch, then delete it with its target groups")
        .into()
}
