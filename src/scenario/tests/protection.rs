//! What a policy protects is left alone: with every resource of every scenario protected in turn, by id
//! and by tag, and with an owner's tag on it, there is a sound plan and it does not touch the resource.

use std::path::Path;

use sandtable_model::{Plan, Policy, ResourceId, Snapshot};
use sandtable_orchestrator::{Prices, lint_under, propose, understand};
use sandtable_scenario::{Source, discover};

const TAG: &str = "protect-this-one";
const OWNER: &str = "aws:cloudformation:stack-id";

#[test]
fn nothing_protected_is_touched() {
    let prices = Prices::embedded();
    let (mut tried, mut spared) = (0, 0);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    for file in discover(&[folder]).unwrap() {
        let loaded = Source::open(&file).unwrap();
        let policy = loaded.scenario.as_ref().unwrap().policy.clone();
        let usual = plan(&loaded.snapshot, &policy, &prices);
        for resource in loaded.snapshot.resources() {
            let id = resource.id();
            let mut by_id = policy.clone();
            by_id.protected_resources.push(id.clone());
            let mut by_tag = policy.clone();
            by_tag.protected_tags.insert(TAG.to_owned(), String::new());
            let tagged = with_tag(&loaded.snapshot, &id, TAG);
            let owned = with_tag(&loaded.snapshot, &id, OWNER);
            for (how, snapshot, policy) in [
                ("id", &loaded.snapshot, &by_id),
                ("tag", &tagged, &by_tag),
                ("owner", &owned, &policy),
            ] {
                let plan = plan(snapshot, policy, &prices);
                let case = format!("{}: {id} protected by {how}", file.display());
                assert!(!touches(&plan, &id), "{case}");
                let complaints = lint_under(&plan, snapshot, policy);
                assert!(complaints.is_empty(), "{case}: {complaints:?}");
                tried += 1;
            }
            spared += usize::from(touches(&usual, &id));
        }
    }
    assert!(
        tried > 500 && spared > 50,
        "{tried} cases, {spared} of them of something planned for"
    );
}

fn plan(snapshot: &Snapshot, policy: &Policy, prices: &Prices) -> Plan {
    let understanding = understand(snapshot, policy, prices);
    propose(snapshot, policy, prices, &understanding).unwrap()
}

/// Whether a step changes the resource, or takes something from it.
fn touches(plan: &Plan, id: &ResourceId) -> bool {
    plan.steps.iter().any(|step| {
        step.target() == *id
            || step.watch.contains(id)
            || step
                .blast_radius
                .harms
                .iter()
                .any(|harm| harm.resource == *id)
    })
}

fn with_tag(snapshot: &Snapshot, id: &ResourceId, tag: &str) -> Snapshot {
    let mut copy = Snapshot::new(
        snapshot.account.clone(),
        snapshot.taken_at,
        snapshot.origin.clone(),
    );
    for region in snapshot.regions() {
        copy.add_region(region);
        for kind in sandtable_model::Kind::ALL {
            copy.set_coverage(region, *kind, snapshot.coverage(region, *kind));
        }
    }
    for resource in snapshot.resources() {
        let mut resource = resource.as_ref().clone();
        let region = snapshot.region_of(&resource.id()).unwrap();
        if resource.id() == *id {
            resource.tags_mut().insert(tag, "arn:aws:cloudformation:x");
        }
        copy.insert(region, resource).unwrap();
    }
    copy
}
