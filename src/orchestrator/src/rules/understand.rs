//! From a snapshot to verdicts: every rule that the policy has not switched off is run.

use sandtable_model::{Finding, Policy, ResourceId, Snapshot, Suppressed};

use super::verdicts::Verdicts;
use super::{RULES, Scene};
use crate::graph::Graph;
use crate::price::Prices;

/// What the brain makes of a snapshot.
#[derive(Clone, Debug)]
pub struct Understanding {
    /// What is waste, by rule and resource.
    pub findings: Vec<Finding>,
    /// What a rule looked at and did not flag, though its pattern was there; by rule and resource.
    pub suppressed: Vec<Suppressed>,
    /// Rules that could not be evaluated somewhere, and why.
    pub not_evaluated: Vec<String>,
    /// The architecture graph.
    pub graph: Graph,
}

/// Builds the graph of a snapshot and runs every rule that the policy has not switched off.
pub fn understand(snapshot: &Snapshot, policy: &Policy, prices: &Prices) -> Understanding {
    let graph = Graph::build(snapshot);
    let verdicts = run(
        &Scene {
            snapshot,
            policy,
            prices,
            graph: &graph,
        },
        None,
    );
    let Verdicts {
        mut findings,
        mut suppressed,
        not_evaluated,
        ..
    } = verdicts;
    findings.sort_by(|a, b| (&a.rule, &a.resource).cmp(&(&b.rule, &b.resource)));
    suppressed.sort_by(|a, b| (&a.rule, &a.resource).cmp(&(&b.rule, &b.resource)));
    Understanding {
        findings,
        suppressed,
        not_evaluated: not_evaluated.into_iter().collect(),
        graph,
    }
}

/// Runs the detectors. With `focus`, conditions that plainly do not hold are recorded too, for that
/// resource.
pub(super) fn run<'a>(scene: &Scene<'a>, focus: Option<&'a ResourceId>) -> Verdicts<'a> {
    let mut verdicts = Verdicts::new(focus);
    for rule in &scene.policy.disabled_rules {
        verdicts
            .not_evaluated
            .insert(format!("{rule}: switched off by the policy"));
    }
    for rule in RULES {
        let id = rule.doc.id;
        if scene
            .policy
            .disabled_rules
            .iter()
            .any(|it| it.0.eq_ignore_ascii_case(id))
        {
            continue;
        }
        for region in scene.snapshot.regions() {
            if let Some(gap) = scene.gap(region, &[rule.judges]) {
                verdicts.not_evaluated.insert(format!("{id}: {gap}"));
            }
        }
        (rule.detect)(scene, &mut verdicts);
    }
    verdicts
}
