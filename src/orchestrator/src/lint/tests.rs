//! The linter complains about broken plans, and about nothing else.

use sandtable_model::{Action, Condition, FindingId, Plan, Policy, Reversibility, StepId, Usd};

use serde_json::json;

use super::{Severity, lint, lint_under};
use crate::testing::{Estate, network};

/// The rules of the complaints about the plan once it is broken in one way.
fn broken(breakage: impl Fn(&mut Plan)) -> Vec<&'static str> {
    let estate = Estate::of(network());
    let mut plan = estate.plan();
    assert_eq!(lint(&plan, &estate.snapshot), [], "sound to begin with");
    breakage(&mut plan);
    let complaints = lint(&plan, &estate.snapshot);
    let mut rules: Vec<&'static str> = complaints.iter().map(|it| it.rule).collect();
    rules.dedup();
    rules
}

fn place(plan: &Plan, name: &str) -> usize {
    plan.steps
        .iter()
        .position(|it| it.action.name() == name)
        .unwrap()
}

#[test]
fn sees_what_the_document_gets_wrong() {
    assert_eq!(broken(|plan| plan.saving_usd_month = Usd::ZERO), ["sum"]);
    assert_eq!(broken(|plan| plan.approvals_required = 0), ["approvals"]);
    let digest = sandtable_model::Digest::of(b"another");
    assert_eq!(broken(|plan| plan.snapshot = digest), ["lineage"]);
    assert_eq!(
        broken(|plan| plan.findings.push(FindingId::from("V1/vol-1"))),
        ["unserved"]
    );
    assert_eq!(broken(|plan| plan.steps[0].findings.clear()), ["unfounded"]);
    assert_eq!(
        broken(|plan| plan.steps[0].findings[0] = FindingId::from("V1/x")),
        ["unfounded"]
    );
}

#[test]
fn sees_steps_out_of_order() {
    assert_eq!(
        broken(|plan| plan.steps[0].after.push(StepId::from("s02"))),
        ["order"]
    );
    assert!(broken(|plan| plan.steps[1].id = StepId::from("s01")).contains(&"step-ids"));
}

#[test]
fn sees_what_a_step_does_not_say() {
    assert_eq!(broken(|plan| plan.steps[0].effects.clear()), ["no-effect"]);
    assert_eq!(
        broken(|plan| drop(plan.steps[0].preconditions.remove(0))),
        ["no-precondition"]
    );
    assert_eq!(broken(|plan| plan.steps[0].undo.actions.clear()), ["undo"]);
    let claims = |plan: &mut Plan| plan.steps[0].undo.reversibility = Reversibility::Irreversible;
    assert_eq!(broken(claims), ["undo"]);
    let region = "eu-west-1".parse().unwrap();
    assert_eq!(
        broken(|plan| plan.steps[0].region = std::clone::Clone::clone(&region)),
        ["wrong-region"]
    );
}

#[test]
fn sees_a_step_done_twice_and_a_use_after_deletion() {
    let rules = broken(|plan| {
        let mut again = plan.steps[place(plan, "DeleteNatGateway")].clone();
        again.id = StepId::from("s99");
        again.saving_usd_month = Usd::ZERO;
        plan.steps.push(again);
    });
    assert!(rules.contains(&"same-call-twice"), "{rules:?}");
    assert!(rules.contains(&"use-after-delete"), "{rules:?}");
}

#[test]
fn sees_what_aws_would_refuse() {
    let forget = |from: &'static str| {
        move |plan: &mut Plan| {
            let at = place(plan, from);
            plan.steps[at].after.clear();
        }
    };
    for name in [
        "ReleaseAddress",
        "DeleteInternetGateway",
        "DetachInternetGateway",
        "DeleteSubnet",
        "DeleteRouteTable",
        "DeleteVpc",
    ] {
        let rules = broken(forget(name));
        assert!(rules.contains(&"missing-dependency"), "{name}: {rules:?}");
    }
    assert_eq!(broken(forget("DeleteNatGateway")), ["blackhole"]);
}

#[test]
fn sees_a_precondition_that_cannot_hold() {
    let rules = broken(|plan| {
        let target = plan.steps[0].target();
        let name = "VpcId".to_owned();
        plan.steps[0].preconditions.push(Condition::NoFact {
            resource: target,
            name,
        });
    });
    assert_eq!(rules, ["precondition"]);
}

#[test]
fn sees_an_unknown_target() {
    let rules = broken(|plan| {
        plan.steps[0].action = Action::DeleteVolume {
            volume_id: "vol-1".parse().unwrap(),
        };
    });
    assert!(rules.contains(&"unknown-target"), "{rules:?}");
}

#[test]
fn sees_what_the_policy_protects() {
    let mut estate = Estate::of(network());
    let plan = estate.plan();
    let target = plan.steps[place(&plan, "DeleteNatGateway")].target();
    estate.set(target.as_str(), json!({"Tags": {"keep": "yes"}}));
    let plan = estate.plan();
    let complaints = |policy: &Policy| -> Vec<String> {
        let all = lint_under(&plan, &estate.snapshot, policy).into_iter();
        all.map(|it| it.to_string()).collect()
    };
    assert_eq!(complaints(&Policy::default()), Vec::<String>::new());
    let by_id = complaints(&Policy {
        protected_resources: vec![target.clone()],
        ..Policy::default()
    });
    assert!(
        by_id
            .iter()
            .any(|it| it.contains("protected") && it.contains(target.as_str()))
    );
    for (wanted, hit) in [("", true), ("yes", true), ("no", false)] {
        let by_tag = complaints(&Policy {
            protected_tags: [("keep".to_owned(), wanted.to_owned())].into(),
            ..Policy::default()
        });
        assert_eq!(!by_tag.is_empty(), hit, "keep = {wanted}");
    }
}

#[test]
fn severities_have_an_order() {
    assert!(Severity::Note < Severity::Warning && Severity::Warning < Severity::Fatal);
}
