//! What a run with trouble must come to.

use std::collections::BTreeSet;

use sandtable_cloud::{Stage, Struck};
use sandtable_gate::Warrant;
use sandtable_model::{
    Action, Diff, FaultPlan, FaultRun, ResourceId, Simulated, StepId, StepOutcome,
};

use crate::failure::{Failure, FailureClass};
use crate::{Run, RunOutcome};

/// What is asked of a run, by what strikes in it.
pub(super) struct Demand {
    /// Whether it may end as the undisturbed run does.
    pub(super) may_complete: bool,
    /// For which reasons it may stop.
    pub(super) may_stop: &'static [FailureClass],
}

/// What passes is got over: by another try, by looking, by waiting.
pub(super) const GETS_OVER: Demand = Demand {
    may_complete: true,
    may_stop: &[],
};

/// What is refused for good stops the run, which asks for the permission.
pub(super) const DENIED: Demand = Demand {
    may_complete: false,
    may_stop: &[FailureClass::Denied],
};

/// What never comes to an end is waited for, and then people are asked to look.
pub(super) const STUCK: Demand = Demand {
    may_complete: true,
    may_stop: &[FailureClass::Ambiguous, FailureClass::Blocked],
};

/// What someone else does either makes no difference or is noticed; people are asked what to do. A call
/// may be accepted although its target is gone by then (DisassociateAddress is), so that its effect is
/// waited for in vain.
pub(super) const DRIFT: Demand = Demand {
    may_complete: true,
    may_stop: &[
        FailureClass::Ambiguous,
        FailureClass::Blocked,
        FailureClass::Drifted,
        FailureClass::Differs,
    ],
};

/// Several at once: any reason but one that nobody can explain.
pub(super) const SEEDED: Demand = Demand {
    may_complete: true,
    may_stop: &[
        FailureClass::Transient,
        FailureClass::Blocked,
        FailureClass::Denied,
        FailureClass::Drifted,
        FailureClass::Differs,
        FailureClass::Ambiguous,
    ],
};

/// What a run with trouble came to.
pub(super) struct Trial {
    pub(super) safe: bool,
    pub(super) completed: bool,
    pub(super) outcome: String,
}

impl Trial {
    pub(super) fn into_run(self, step: StepId, fault: String) -> FaultRun {
        FaultRun {
            step,
            fault,
            safe: self.safe,
            completed: self.completed,
            outcome: self.outcome,
        }
    }

    pub(super) fn unsafe_for(completed: bool, outcome: impl Into<String>) -> Self {
        Trial {
            safe: false,
            completed,
            outcome: outcome.into(),
        }
    }
}

/// Runs with trouble of one warrant on copies of one stage.
pub(super) struct Trials<'t, C> {
    pub(super) warrant: &'t Warrant<Simulated>,
    pub(super) stage: &'t C,
    /// What the undisturbed run came to.
    pub(super) expected: Diff,
}

impl<C: Stage> Trials<'_, C> {
    pub(super) fn fork(&self, faults: FaultPlan) -> C {
        let mut cloud = self.stage.fork();
        cloud.set_faults(faults);
        cloud
    }

    pub(super) fn judge(&self, cloud: &C, run: &Run, demand: &Demand) -> Trial {
        let diff = cloud.diff();
        let touched = touched(cloud.struck());
        let same = differing(&diff, &self.expected, &touched).is_none();
        let wrong = self.wrong(cloud, run, &diff, &touched);
        if let Some(wrong) = wrong {
            return Trial::unsafe_for(same, wrong);
        }
        match &run.outcome {
            RunOutcome::Completed if !demand.may_complete => {
                Trial::unsafe_for(same, "went on although it had to stop")
            }
            RunOutcome::Completed => match differing(&diff, &self.expected, &touched) {
                Some(id) => {
                    let outcome = format!("ended in another state than the rehearsed one: {id}");
                    Trial::unsafe_for(false, outcome)
                }
                None => Trial {
                    safe: true,
                    completed: true,
                    outcome: match diff == self.expected {
                        true => "ended in the rehearsed state".to_owned(),
                        false => "ended in the rehearsed state, but for what someone else changed"
                            .to_owned(),
                    },
                },
            },
            RunOutcome::Stopped { step, failure } => {
                let at = step.as_ref().map(|it| format!(" at {it}"));
                let at = at.unwrap_or_default();
                match unfit(failure, demand) {
                    Some(why) => Trial::unsafe_for(false, format!("stopped{at}: {why}")),
                    None => Trial {
                        safe: true,
                        completed: false,
                        outcome: format!("stopped{at}: {}", failure.class),
                    },
                }
            }
            RunOutcome::BrokenOff => Trial::unsafe_for(false, "broke off without saying why"),
        }
    }

    /// What no run may do, whatever strikes.
    fn wrong(
        &self,
        cloud: &C,
        run: &Run,
        diff: &Diff,
        touched: &BTreeSet<ResourceId>,
    ) -> Option<String> {
        let performed = cloud.performed();
        let told = |action: &Action, what: &str| {
            format!("{} on {} {what}", action.name(), action.target())
        };
        if let Some(twice) = performed_twice(performed) {
            return Some(told(twice, "took effect twice"));
        }
        let is_covered = |action: &&Action| {
            let steps = self.warrant.plan().steps.iter();
            let mut covered = steps.filter(|it| self.warrant.steps().contains(&it.id));
            covered.any(|it| it.action == **action)
        };
        if let Some(action) = performed.iter().find(|it| !is_covered(it)) {
            return Some(told(action, "took effect, which no approved step says"));
        }
        let is_told = |action: &&Action| {
            run.steps.iter().any(|receipt| {
                let step = self.warrant.plan().step(&receipt.step);
                let ours = step.is_some_and(|step| step.action == **action);
                ours && matches!(receipt.outcome, StepOutcome::Done | StepOutcome::Failed)
            })
        };
        if let Some(action) = performed.iter().find(|it| !is_told(it)) {
            return Some(told(action, "took effect untold"));
        }
        // What the plan changes when nothing goes wrong is all that it may change at all.
        let outside = diff.resources.keys().find(|id| {
            let foretold = self.expected.resources.contains_key(*id);
            !foretold && !touched.contains(*id)
        });
        outside.map(|id| format!("{id} changed, which neither the plan nor anyone else says"))
    }
}

/// Why a stop is not the one that was to be expected, or does not say what people need.
fn unfit(failure: &Failure, demand: &Demand) -> Option<String> {
    let (class, why) = (failure.class, &failure.explanation);
    if !demand.may_stop.contains(&class) {
        return Some(format!("{class}, which should not have stopped it: {why}"));
    }
    let asks = failure
        .amendment
        .as_ref()
        .is_some_and(|it| !it.text.is_empty());
    if why.is_empty() || !asks {
        return Some(format!("{class}, without saying why or what to do"));
    }
    None
}

/// The first resource that differs between two ends, of those that nobody else touched.
fn differing<'d>(
    one: &'d Diff,
    other: &'d Diff,
    touched: &BTreeSet<ResourceId>,
) -> Option<&'d ResourceId> {
    let ids = one.resources.keys().chain(other.resources.keys());
    let mut ids = ids.filter(|id| !touched.contains(*id));
    ids.find(|id| one.resources.get(*id) != other.resources.get(*id))
}

fn touched(struck: &[Struck]) -> BTreeSet<ResourceId> {
    struck.iter().flat_map(|it| it.touched.clone()).collect()
}

fn performed_twice(performed: &[Action]) -> Option<&Action> {
    let repeated = |(index, action): &(usize, &Action)| {
        performed
            .iter()
            .take(*index)
            .any(|before| before == *action)
    };
    let mut all = performed.iter().enumerate();
    all.find(repeated).map(|(_, action)| action)
}
