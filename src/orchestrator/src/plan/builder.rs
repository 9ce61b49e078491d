//! Puts steps together: merges those that do the same, orders them, numbers them.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::{
    Action, BlastRadius, Condition, FindingId, Harm, HarmKind, Region, ResourceId, Reversibility,
    Risk, Step, StepId, Undo, Usd,
};

use super::PlanError;
use crate::blast;
use crate::graph::Graph;

/// A step by its place in the builder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At(usize);

/// A step in the making.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) region: Region,
    pub(super) action: Action,
    pub(super) after: BTreeSet<At>,
    pub(super) preconditions: Vec<Condition>,
    pub(super) effects: Vec<Condition>,
    pub(super) watch: BTreeSet<ResourceId>,
    pub(super) undo: Undo,
    pub(super) saving: Usd,
    pub(super) findings: BTreeSet<FindingId>,
    pub(super) reason: String,
}

impl Draft {
    /// A step for a finding; its target must exist.
    pub(super) fn new(
        region: &Region,
        finding: &FindingId,
        action: Action,
        undo: Undo,
        reason: impl Into<String>,
    ) -> Self {
        let target = action.target();
        let effects = if action.deletes_target() {
            vec![Condition::Gone {
                resource: target.clone(),
            }]
        } else {
            Vec::new()
        };
        Draft {
            region: region.clone(),
            action,
            after: BTreeSet::new(),
            preconditions: vec![Condition::Exists { resource: target }],
            effects,
            watch: BTreeSet::new(),
            undo,
            saving: Usd::ZERO,
            findings: BTreeSet::from([finding.clone()]),
            reason: reason.into(),
        }
    }

    pub(super) fn after(mut self, steps: impl IntoIterator<Item = At>) -> Self {
        self.after.extend(steps);
        self
    }

    pub(super) fn needs(mut self, conditions: impl IntoIterator<Item = Condition>) -> Self {
        self.preconditions.extend(conditions);
        self
    }

    pub(super) fn leads_to(mut self, effect: Condition) -> Self {
        self.effects.push(effect);
        self
    }

    pub(super) fn watching(mut self, resources: impl IntoIterator<Item = ResourceId>) -> Self {
        self.watch.extend(resources);
        self
    }

    pub(super) fn saves(mut self, usd: Usd) -> Self {
        self.saving = usd;
        self
    }
}

/// The steps so far.
#[derive(Debug, Default)]
pub(super) struct Builder {
    steps: Vec<Draft>,
    by_call: BTreeMap<String, At>,
    by_deleted: BTreeMap<ResourceId, At>,
}

impl Builder {
    /// Adds a step, or adds to the step that makes the same call already.
    pub(super) fn add(&mut self, draft: Draft) -> At {
        let call = call_key(&draft.region, &draft.action);
        if let Some(at) = self.by_call.get(&call).copied() {
            if let Some(step) = self.steps.get_mut(at.0) {
                step.after.extend(draft.after);
                step.watch.extend(draft.watch);
                step.findings.extend(draft.findings);
                for condition in draft.preconditions {
                    if !step.preconditions.contains(&condition) {
                        step.preconditions.push(condition);
                    }
                }
            }
            return at;
        }
        let at = At(self.steps.len());
        if draft.action.deletes_target() {
            self.by_deleted.insert(draft.action.target(), at);
        }
        self.steps.push(draft);
        self.by_call.insert(call, at);
        at
    }

    /// The step that makes this call, if there is one.
    pub(super) fn find(&self, region: &Region, action: &Action) -> Option<At> {
        self.by_call.get(&call_key(region, action)).copied()
    }

    /// The step that deletes the resource, if there is one.
    pub(super) fn deleting(&self, id: &ResourceId) -> Option<At> {
        self.by_deleted.get(id).copied()
    }

    /// Orders and numbers the steps.
    pub(super) fn finish(self, graph: &Graph) -> Result<Vec<Step>, PlanError> {
        let order = self.order()?;
        let width = order.len().to_string().len().max(2);
        let ids: BTreeMap<At, StepId> = order
            .iter()
            .enumerate()
            .map(|(place, at)| (*at, StepId(format!("s{:0width$}", place + 1))))
            .collect();
        let mut drafts: BTreeMap<At, Draft> = self
            .steps
            .into_iter()
            .enumerate()
            .map(|(at, draft)| (At(at), draft))
            .collect();
        let mut context = Context::new(graph);
        let steps = order.into_iter().filter_map(|at| {
            let draft = drafts.remove(&at)?;
            let blast_radius = context.blast_radius(at, &draft);
            Some(finished(
                ids.get(&at)?.clone(),
                draft,
                blast_radius,
                &ids,
                graph,
            ))
        });
        Ok(steps.collect())
    }

    /// Of the steps that wait for nothing, always the one added first.
    fn order(&self) -> Result<Vec<At>, PlanError> {
        let mut waits: Vec<usize> = self.steps.iter().map(|it| it.after.len()).collect();
        let mut dependents: BTreeMap<At, Vec<usize>> = BTreeMap::new();
        for (at, step) in self.steps.iter().enumerate() {
            for before in &step.after {
                dependents.entry(*before).or_default().push(at);
            }
        }
        let mut ready: BTreeSet<At> = waits
            .iter()
            .enumerate()
            .filter(|(_, it)| **it == 0)
            .map(|(at, _)| At(at))
            .collect();
        let mut order = Vec::with_capacity(self.steps.len());
        while let Some(at) = ready.pop_first() {
            order.push(at);
            for next in dependents.get(&at).into_iter().flatten() {
                if let Some(count) = waits.get_mut(*next) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(At(*next));
                    }
                }
            }
        }
        if order.len() == self.steps.len() {
            return Ok(order);
        }
        let stuck = self
            .steps
            .iter()
            .zip(&waits)
            .filter(|(_, waits)| **waits > 0);
        let names = stuck.map(|(it, _)| format!("{} {}", it.action.name(), it.action.target()));
        Err(PlanError::Circle(names.collect::<Vec<_>>().join(", ")))
    }
}

fn call_key(region: &Region, action: &Action) -> String {
    format!("{region} {action:?}")
}

/// What the steps before a step did already: its blast radius holds only what it adds.
struct Context<'a> {
    graph: &'a Graph,
    ancestors: BTreeMap<At, BTreeSet<At>>,
    done: BTreeMap<At, BTreeMap<ResourceId, HarmKind>>,
}

impl<'a> Context<'a> {
    fn new(graph: &'a Graph) -> Self {
        Context {
            graph,
            ancestors: BTreeMap::new(),
            done: BTreeMap::new(),
        }
    }

    fn blast_radius(&mut self, at: At, draft: &Draft) -> BlastRadius {
        let mut ancestors = draft.after.clone();
        for before in &draft.after {
            ancestors.extend(self.ancestors.get(before).into_iter().flatten());
        }
        let all = blast::of_action(self.graph, &draft.action);
        let mut done: BTreeMap<ResourceId, HarmKind> = all
            .harms
            .iter()
            .map(|it| (it.resource.clone(), it.kind))
            .collect();
        let own = if draft.action.deletes_target() {
            HarmKind::Removed
        } else {
            HarmKind::Changed
        };
        done.insert(draft.action.target(), own);
        // Kinds are ordered from the worst on: a lesser harm after a worse one adds nothing.
        let new = |harm: &Harm| {
            let mut before = ancestors
                .iter()
                .filter_map(|at| self.done.get(at)?.get(&harm.resource));
            !before.any(|kind| *kind <= harm.kind)
        };
        let harms = all.harms.into_iter().filter(new).collect();
        self.ancestors.insert(at, ancestors);
        self.done.insert(at, done);
        blast::scored(self.graph, harms)
    }
}

fn finished(
    id: StepId,
    draft: Draft,
    blast_radius: BlastRadius,
    ids: &BTreeMap<At, StepId>,
    graph: &Graph,
) -> Step {
    let in_use = blast_radius
        .harms
        .iter()
        .any(|it| blast::in_use(graph, &it.resource));
    let risk = match (draft.undo.reversibility, &draft.action) {
        (_, Action::CreateSnapshot { .. }) | (Reversibility::Reversible, _) => Risk::Low,
        (Reversibility::Recoverable, _) if !in_use => Risk::Medium,
        _ => Risk::High,
    };
    let mut after: Vec<StepId> = draft
        .after
        .iter()
        .filter_map(|at| ids.get(at).cloned())
        .collect();
    after.sort_by(|a, b| (a.0.len(), &a.0).cmp(&(b.0.len(), &b.0)));
    Step {
        id,
        region: draft.region,
        action: draft.action,
        after,
        preconditions: draft.preconditions,
        effects: draft.effects,
        watch: draft.watch.into_iter().collect(),
        undo: draft.undo,
        saving_usd_month: draft.saving,
        blast_radius,
        risk,
        findings: draft.findings.into_iter().collect(),
        reason: draft.reason,
    }
}
