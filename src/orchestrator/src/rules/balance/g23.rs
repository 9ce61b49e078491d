//! G23: target groups and launch templates that nothing uses.

use sandtable_model::Kind;
use sandtable_model::resource::{AutoScalingGroup, LaunchTemplate, LoadBalancer, TargetGroup};

use crate::graph::Relation;
use crate::rules::judge::{Look, Subject, each, unmet};
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "G23",
    aliases: &[],
    title: "Target group or launch template that nothing uses",
    finds: "A target group that no load balancer forwards to and no Auto Scaling group registers with, \
            or a launch template that no Auto Scaling group starts instances after.",
    costs: "Nothing by itself: but a template keeps images, snapshots and subnets from being cleaned \
            up, and a target group its VPC.",
    proof: "No load balancer names the target group and no Auto Scaling group either of the two; load \
            balancers and Auto Scaling groups were listed completely.",
    wrong: "- It is the spare of a blue-green deployment: it would have been used before, which AWS \
            does not tell, so confidence is medium.\n\
            - People, fleets, node groups or other services launch by the template: they are not read.\n\
            - A stack, a tool or Kubernetes owns it: tagged owners are left alone.",
    remedy: "Left to its owner: `DeleteTargetGroup`, `DeleteLaunchTemplate`. Keep the template's data, \
             since a deleted one does not come back.",
    example: "The target group of a service that was moved to another load balancer.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::TargetGroup,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let needs = [Kind::LoadBalancer, Kind::AutoScalingGroup];
    each(scene, verdicts, DOC.id, &needs, target_group);
    each(scene, verdicts, DOC.id, &[Kind::AutoScalingGroup], template);
}

fn target_group(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, TargetGroup>) -> Look {
    let group = subject.it;
    let seen = scene
        .graph
        .dependents_of::<LoadBalancer>(&subject.id, Relation::Targets);
    let told = group.load_balancer_arns.first().map(|it| it.as_str());
    let before = told.or_else(|| seen.first().map(|it| it.load_balancer_arn.as_str()));
    if let Some(balancer) = before {
        return unmet(format!("{balancer} forwards to it"));
    }
    let mut groups = scene.snapshot.all::<AutoScalingGroup>();
    let registers = groups.find(|it| it.target_group_arns.contains(&group.target_group_arn));
    if let Some(registers) = registers {
        let reason = format!("{} registers with it", registers.auto_scaling_group_id);
        return Look::Spared("Auto Scaling", reason);
    }
    subject
        .draft(
            DOC.id,
            format!(
                "no load balancer forwards to the target group {}",
                subject.id
            ),
        )
        .derived(
            subject.id.clone(),
            "no load balancer names it (complete list)",
        )
        .cleared("Auto Scaling", "no group registers with it (complete list)")
        .open("blue-green", "when it was last used is not told")
        .advise("DeleteTargetGroup")
        .into()
}

fn template(scene: &Scene<'_>, _: &Verdicts<'_>, subject: &Subject<'_, LaunchTemplate>) -> Look {
    let template = subject.it;
    let mut groups = scene.snapshot.all::<AutoScalingGroup>();
    let user = groups.find(|group| {
        let named = group.launch_template.as_ref();
        named.is_some_and(|it| {
            it.launch_template_id.as_deref() == Some(template.launch_template_id.as_str())
                || it.launch_template_name.as_ref() == Some(&template.launch_template_name)
        })
    });
    if let Some(user) = user {
        return unmet(format!(
            "{} starts instances after it",
            user.auto_scaling_group_id
        ));
    }
    let name = &template.launch_template_name;
    subject
        .draft(
            DOC.id,
            format!("no Auto Scaling group uses the launch template {name}"),
        )
        .derived(
            subject.id.clone(),
            "no Auto Scaling group names it (complete list)",
        )
        .open(
            "launched by others",
            "people, fleets and node groups that use it are not read",
        )
        .advise("keep its data, then DeleteLaunchTemplate")
        .into()
}
