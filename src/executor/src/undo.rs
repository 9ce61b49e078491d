//! Taking a run back, as far as that is exactly possible.

use std::collections::BTreeSet;

use sandtable_cloud::{Act, Clock};
use sandtable_gate::Warrant;
use sandtable_model::{Plan, Reversibility, Step, StepId, StepOutcome};

use crate::Options;
use crate::effect::natural_effects;
use crate::failure::{Failure, Halt, RunError};
use crate::hands::{Hands, Task};
use crate::journal::{Journal, Record, Storage};
use crate::laxness::Tolerance;
use crate::run::{EXECUTOR, Mandate};
use crate::state::{LastCall, State};

/// What taking back came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoing {
    /// The steps that were taken back, in the order in which that happened.
    pub undone: Vec<StepId>,
    /// The steps that stay as they are, and why.
    pub kept: Vec<(StepId, String)>,
    /// Why it stopped before the end; none when it did not.
    pub stopped: Option<(StepId, Failure)>,
}

/// Takes back what the run in the journal did: the undo calls of its steps whose calls were
/// accepted, the last step first, journaled and settled like any other call.
///
/// The warrant of the run covers its undo: the undo calls stand in the plan, so whoever approved
/// the plan approved them, and they expire with it. Only what can be restored exactly is taken back
/// ([`Reversibility::Reversible`]). A step stays when it found its effect already there (it was
/// someone else's), when it cannot be restored, and when a completed step that was planned to come
/// after it stays (what a volume's deletion rests on, its snapshot, must not be taken from under
/// it).
///
/// When it was broken off, the same call goes on with it.
///
/// # Errors
///
/// When the journal tells of no run or of one for another plan, receipt or world, or when it cannot
/// be written.
pub fn undo<C, S>(
    warrant: &Warrant<C::World>,
    cloud: &mut C,
    journal: &mut Journal<S>,
    options: &Options,
) -> Result<Undoing, RunError>
where
    C: Act + Clock,
    S: Storage,
{
    let mandate = Mandate::of(warrant);
    mandate.same_as(journal.opened())?;
    let state = State::of(journal.entries());
    let opened = Record::UndoOpened {
        warrant: mandate.digest,
        executor: EXECUTOR.to_owned(),
    };
    journal.append(cloud.now(), opened)?;
    let mut hands = Hands {
        cloud,
        journal,
        options,
        void: &mandate.void,
        tolerance: Tolerance::default(),
    };
    let mut undoing = Undoing {
        undone: Vec::new(),
        kept: Vec::new(),
        stopped: None,
    };
    let mut kept = BTreeSet::new();
    for step in mandate.plan.steps.iter().rev() {
        if state.undone.contains(&step.id) {
            continue;
        }
        if let Some(reason) = why_kept(mandate.plan, step, &state, &kept) {
            if let Some(reason) = reason {
                let id = step.id.clone();
                hands.record(Record::Kept {
                    step: id.clone(),
                    reason: reason.clone(),
                })?;
                kept.insert(id.clone());
                undoing.kept.push((id, reason));
            }
            continue;
        }
        match take_back(&mut hands, mandate.plan, step, &state) {
            Ok(()) => undoing.undone.push(step.id.clone()),
            Err(Halt::Broken(error)) => return Err(error),
            Err(Halt::Stop(failure)) => {
                hands.record(Record::Halted {
                    step: Some(step.id.clone()),
                    class: failure.class,
                    explanation: failure.explanation.clone(),
                    amendment: failure.amendment.clone(),
                })?;
                undoing.stopped = Some((step.id.clone(), *failure));
                return Ok(undoing);
            }
        }
    }
    hands.record(Record::Finished {
        done: undoing.undone.len() as u64,
        skipped: undoing.kept.len() as u64,
    })?;
    Ok(undoing)
}

/// None when the step is to be taken back; otherwise the reason to tell, if there is one: nothing
/// needs to be said of a step that did nothing.
fn why_kept(
    plan: &Plan,
    step: &Step,
    state: &State,
    kept: &BTreeSet<StepId>,
) -> Option<Option<String>> {
    let last = state.call(&step.id, None).last;
    match (state.ended.get(&step.id), last) {
        (Some(StepOutcome::Done), _) => {}
        (Some(StepOutcome::AlreadyDone), _) => {
            return Some(Some(
                "its effect was there before the run, so it is not the run's to take back".into(),
            ));
        }
        // The run stopped right after the call, for example because something differed then.
        (None, LastCall::Accepted) => {}
        (None, LastCall::Unsettled) => {
            return Some(Some(
                "whether its call took effect is not known: resume the run to settle that".into(),
            ));
        }
        (Some(StepOutcome::Skipped | StepOutcome::Failed), _)
        | (None, LastCall::None | LastCall::Refused) => return Some(None),
    }
    let rests_on_it = |it: &&Step| kept.contains(&it.id) && it.after.contains(&step.id);
    if let Some(later) = plan.steps.iter().find(rests_on_it) {
        return Some(Some(format!(
            "step {} came after it and stays as it is",
            later.id
        )));
    }
    match step.undo.reversibility {
        Reversibility::Reversible if step.undo.actions.is_empty() => {
            Some(Some("the plan has no call that takes it back".into()))
        }
        Reversibility::Reversible => None,
        other if step.undo.note.is_empty() => Some(Some(format!("it is {other}"))),
        other => Some(Some(format!("it is {other}: {}", step.undo.note))),
    }
}

fn take_back<C, S>(
    hands: &mut Hands<'_, C, S>,
    plan: &Plan,
    step: &Step,
    state: &State,
) -> Result<(), Halt>
where
    C: Act + Clock,
    S: Storage,
{
    for (index, action) in (0..).zip(&step.undo.actions) {
        let effects = natural_effects(action);
        let task = Task {
            step: &step.id,
            undo: Some(index),
            region: &step.region,
            action,
            preconditions: &[],
            effects: &effects,
            plan,
        };
        hands.carry_out(&task, &state.call(&step.id, Some(index)))?;
    }
    hands.record(Record::Undone {
        step: step.id.clone(),
    })?;
    Ok(())
}
