//! What a journal says about where a run stands.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_cloud::ErrorClass;
use sandtable_model::{StepId, StepOutcome};

use crate::journal::{CallResult, Entry, Record};

/// How the last call of a task ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LastCall {
    /// There was none.
    #[default]
    None,
    /// It may or may not have taken effect: there is an intent without an answer, or the answer
    /// does not say.
    Unsettled,
    /// It was accepted, or was seen to have taken effect.
    Accepted,
    /// It did nothing.
    Refused,
}

/// How the call of a task stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CallState {
    /// How often it was made, or was about to be.
    pub(crate) attempts: u32,
    /// How the last one ended.
    pub(crate) last: LastCall,
}

/// Where a run stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// By step and, for undo calls, which of them.
    calls: BTreeMap<(StepId, Option<u32>), CallState>,
    /// The steps that ended well, and how.
    pub(crate) ended: BTreeMap<StepId, StepOutcome>,
    /// The steps that were taken up and did not end.
    pub(crate) begun: BTreeSet<StepId>,
    /// The steps that were left out.
    pub(crate) skipped: BTreeSet<StepId>,
    /// The steps that were taken back.
    pub(crate) undone: BTreeSet<StepId>,
    /// Whether every step was done or left out.
    pub(crate) finished: bool,
    /// Whether taking back was begun.
    pub(crate) undoing: bool,
}

impl State {
    /// Where the run stands by these lines.
    pub(crate) fn of(entries: &[Entry]) -> Self {
        let mut state = State::default();
        for entry in entries {
            state.take(&entry.record);
        }
        state
    }

    /// How the call of a step, or one of its undo calls, stands.
    pub(crate) fn call(&self, step: &StepId, undo: Option<u32>) -> CallState {
        let key = (step.clone(), undo);
        self.calls.get(&key).copied().unwrap_or_default()
    }

    fn take(&mut self, record: &Record) {
        match record {
            Record::Begun { step } => drop(self.begun.insert(step.clone())),
            Record::Intent {
                step,
                undo,
                attempt,
                ..
            } => {
                let call = self.calls.entry((step.clone(), *undo)).or_default();
                call.attempts = *attempt;
                call.last = LastCall::Unsettled;
            }
            Record::Outcome {
                step, undo, result, ..
            } => {
                let call = self.calls.entry((step.clone(), *undo)).or_default();
                call.last = after(result);
            }
            Record::Settled {
                step,
                undo,
                happened,
                ..
            } => {
                let call = self.calls.entry((step.clone(), *undo)).or_default();
                call.last = if *happened {
                    LastCall::Accepted
                } else {
                    LastCall::Refused
                };
            }
            Record::Ended { step, outcome } => {
                self.begun.remove(step);
                if *outcome != StepOutcome::Failed {
                    self.ended.insert(step.clone(), *outcome);
                }
            }
            Record::Skipped { step, .. } => drop(self.skipped.insert(step.clone())),
            Record::Undone { step } => drop(self.undone.insert(step.clone())),
            Record::UndoOpened { .. } => {
                self.undoing = true;
                self.finished = false;
            }
            Record::Finished { .. } => self.finished = true,
            Record::Opened(_)
            | Record::Resumed { .. }
            | Record::Torn { .. }
            | Record::Checked { .. }
            | Record::Observed { .. }
            | Record::Difference { .. }
            | Record::Kept { .. }
            | Record::Halted { .. } => {}
        }
    }
}

/// What an answer says about whether the call took effect.
fn after(result: &CallResult) -> LastCall {
    let class = match result {
        CallResult::Accepted { .. } => return LastCall::Accepted,
        CallResult::Failed { class, .. } => class,
    };
    match class {
        ErrorClass::Transient | ErrorClass::Ambiguous | ErrorClass::Unknown => LastCall::Unsettled,
        ErrorClass::Throttled
        | ErrorClass::NotFound
        | ErrorClass::Blocked
        | ErrorClass::WrongState
        | ErrorClass::Denied
        | ErrorClass::Invalid
        | ErrorClass::NotModelled => LastCall::Refused,
    }
}
