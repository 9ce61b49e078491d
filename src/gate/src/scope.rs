//! Which steps of a plan are meant, and whether they can stand without the others.

use std::collections::BTreeSet;

use sandtable_model::{Plan, StepId};
use thiserror::Error;

/// Which steps of a plan are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepSelection {
    /// Every step.
    All,
    /// These steps alone.
    Only(BTreeSet<StepId>),
}

/// Why a selection of steps cannot stand.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScopeError {
    /// The plan has no such step.
    #[error("the plan has no step `{step}`")]
    UnknownStep {
        /// The step.
        step: StepId,
    },
    /// A step was chosen without one that must be done before it.
    #[error("step {step} cannot be done without step {needs} before it, which was not chosen")]
    MissingPredecessor {
        /// The chosen step.
        step: StepId,
        /// The step that it needs.
        needs: StepId,
    },
    /// Nothing was chosen.
    #[error("no step was chosen")]
    Empty,
}

impl StepSelection {
    /// The chosen steps, when they exist, are not none, and need no step outside the selection.
    pub fn resolve(&self, plan: &Plan) -> Result<BTreeSet<StepId>, ScopeError> {
        let chosen = match self {
            StepSelection::All => plan.steps.iter().map(|step| step.id.clone()).collect(),
            StepSelection::Only(steps) => steps.clone(),
        };
        check_closed(plan, &chosen)?;
        if chosen.is_empty() {
            return Err(ScopeError::Empty);
        }
        Ok(chosen)
    }
}

/// Checks that the steps exist and that each one's predecessors are among them.
pub(crate) fn check_closed(plan: &Plan, chosen: &BTreeSet<StepId>) -> Result<(), ScopeError> {
    for id in chosen {
        let step = plan
            .step(id)
            .ok_or_else(|| ScopeError::UnknownStep { step: id.clone() })?;
        if let Some(needs) = step.after.iter().find(|needs| !chosen.contains(needs)) {
            return Err(ScopeError::MissingPredecessor {
                step: id.clone(),
                needs: needs.clone(),
            });
        }
    }
    Ok(())
}

/// The largest part of `steps` in which every step's predecessors are present too.
pub(crate) fn largest_closed_part(plan: &Plan, steps: &BTreeSet<StepId>) -> BTreeSet<StepId> {
    let mut kept = steps.clone();
    loop {
        let before = kept.len();
        let closed = |id: &StepId, kept: &BTreeSet<StepId>| {
            plan.step(id)
                .is_some_and(|step| step.after.iter().all(|needs| kept.contains(needs)))
        };
        kept = kept
            .iter()
            .filter(|id| closed(id, &kept))
            .cloned()
            .collect();
        if kept.len() == before {
            return kept;
        }
    }
}
