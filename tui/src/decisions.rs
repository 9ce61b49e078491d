//! Which steps a person approved and rejected, and what follows for the others.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::{Plan, StepId};

/// A decision on a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// None yet.
    Open,
    /// The step may be done.
    Approved,
    /// The step shall not be done.
    Rejected,
    /// The step cannot be done, because this one before it was rejected.
    Follows(StepId),
}

/// The decisions on the steps of a plan.
///
/// Invariant: what an approved step needs is approved, unless a rejection came later, from which the
/// step's own follows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decisions {
    approved: BTreeSet<StepId>,
    rejected: BTreeSet<StepId>,
}

impl Decisions {
    /// What was decided on every step of the plan.
    pub(crate) fn all(&self, plan: &Plan) -> BTreeMap<StepId, Decision> {
        let mut decisions: BTreeMap<StepId, Decision> = BTreeMap::new();
        for step in &plan.steps {
            let root = step
                .after
                .iter()
                .find_map(|needs| match decisions.get(needs) {
                    Some(Decision::Rejected) => Some(needs.clone()),
                    Some(Decision::Follows(root)) => Some(root.clone()),
                    _ => None,
                });
            let decision = if self.rejected.contains(&step.id) {
                Decision::Rejected
            } else if let Some(root) = root {
                Decision::Follows(root)
            } else if self.approved.contains(&step.id) {
                Decision::Approved
            } else {
                Decision::Open
            };
            decisions.insert(step.id.clone(), decision);
        }
        decisions
    }

    /// The steps that may be done.
    pub(crate) fn approved(&self, plan: &Plan) -> BTreeSet<StepId> {
        self.with(plan, |decision| *decision == Decision::Approved)
    }

    /// The steps that shall not or cannot be done.
    pub(crate) fn rejected(&self, plan: &Plan) -> BTreeSet<StepId> {
        self.with(plan, |decision| {
            matches!(decision, Decision::Rejected | Decision::Follows(_))
        })
    }

    fn with(&self, plan: &Plan, keep: impl Fn(&Decision) -> bool) -> BTreeSet<StepId> {
        let all = self.all(plan).into_iter();
        all.filter(|(_, decision)| keep(decision))
            .map(|(id, _)| id)
            .collect()
    }

    /// Approves the step and every step that it needs. Gives those that were approved along with it.
    pub(crate) fn approve(&mut self, plan: &Plan, step: &StepId) -> BTreeSet<StepId> {
        let before = self.approved(plan);
        for id in needed_by(plan, step) {
            self.rejected.remove(&id);
            self.approved.insert(id);
        }
        let mut along: BTreeSet<StepId> =
            self.approved(plan).difference(&before).cloned().collect();
        along.remove(step);
        along
    }

    /// Rejects the step, and with it every step that needs it. Gives those others.
    pub(crate) fn reject(&mut self, plan: &Plan, step: &StepId) -> BTreeSet<StepId> {
        let before = self.rejected(plan);
        self.approved.remove(step);
        self.rejected.insert(step.clone());
        let mut along: BTreeSet<StepId> =
            self.rejected(plan).difference(&before).cloned().collect();
        along.remove(step);
        along
    }

    /// Approves every step.
    pub(crate) fn approve_all(&mut self, plan: &Plan) {
        self.rejected.clear();
        self.approved = plan.steps.iter().map(|step| step.id.clone()).collect();
    }

    /// Rejects every step.
    pub(crate) fn reject_all(&mut self, plan: &Plan) {
        self.approved.clear();
        self.rejected = plan.steps.iter().map(|step| step.id.clone()).collect();
    }
}

/// The step and every step that it needs, directly or through others.
fn needed_by(plan: &Plan, step: &StepId) -> BTreeSet<StepId> {
    let mut needed = BTreeSet::new();
    let mut open = vec![step.clone()];
    while let Some(id) = open.pop() {
        if let Some(step) = plan.step(&id)
            && needed.insert(id)
        {
            open.extend(step.after.iter().cloned());
        }
    }
    needed
}
