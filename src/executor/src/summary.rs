//! What a journal comes to.

use std::collections::BTreeMap;

use sandtable_model::{
    Duration, Observed, ResourceId, StepId, StepOutcome, StepReceipt, Timestamp,
};

use crate::failure::Failure;
use crate::journal::{Entry, Record};

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How it ended.
    pub outcome: RunOutcome,
    /// What each step did, in the order of the run; steps that were never reached are not there.
    pub steps: Vec<StepReceipt>,
    /// When it began, by the cloud's clock.
    pub started_at: Timestamp,
    /// How long it took, pauses before it was resumed included.
    pub duration: Duration,
}

impl Run {
    /// Whether every approved step is done.
    pub fn is_completed(&self) -> bool {
        self.outcome == RunOutcome::Completed
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunOutcome {
    /// Every approved step is done.
    Completed,
    /// It stopped.
    Stopped {
        /// The step at which it stopped.
        step: Option<StepId>,
        /// Why, and what could be done about it.
        failure: Failure,
    },
    /// The journal ends in the middle: the run goes on just now, or was killed.
    BrokenOff,
}

/// What the run that a journal tells of came to, as far as it went. Taking back is not part of it.
pub fn summarize(entries: &[Entry]) -> Run {
    let forward: Vec<&Entry> = entries
        .iter()
        .take_while(|it| !matches!(it.record, Record::UndoOpened { .. }))
        .collect();
    let started_at = forward
        .first()
        .map_or(Timestamp::from_millis(0), |it| it.at);
    let ended_at = forward.last().map_or(started_at, |it| it.at);
    let mut steps = Steps {
        started_at,
        receipts: Vec::new(),
        begun: BTreeMap::new(),
        observed: BTreeMap::new(),
    };
    let mut outcome = RunOutcome::BrokenOff;
    for entry in forward {
        steps.take(entry);
        outcome = match &entry.record {
            Record::Finished { .. } => RunOutcome::Completed,
            Record::Halted {
                step,
                class,
                explanation,
                amendment,
            } => RunOutcome::Stopped {
                step: step.clone(),
                failure: Failure {
                    class: *class,
                    explanation: explanation.clone(),
                    amendment: amendment.clone(),
                },
            },
            _ => RunOutcome::BrokenOff,
        };
    }
    Run {
        outcome,
        steps: steps.receipts,
        started_at,
        duration: ended_at.since(started_at),
    }
}

struct Steps {
    started_at: Timestamp,
    receipts: Vec<StepReceipt>,
    begun: BTreeMap<StepId, Timestamp>,
    observed: BTreeMap<StepId, BTreeMap<ResourceId, Observed>>,
}

impl Steps {
    fn take(&mut self, entry: &Entry) {
        match &entry.record {
            Record::Begun { step } => drop(self.begun.insert(step.clone(), entry.at)),
            Record::Observed { step, resources } => {
                self.observed.insert(step.clone(), resources.clone());
            }
            Record::Skipped { step, .. } => self.end(step, StepOutcome::Skipped, entry.at),
            Record::Ended { step, outcome } => self.end(step, *outcome, entry.at),
            _ => {}
        }
    }

    /// A step that failed and was taken up again counts as it ended last.
    fn end(&mut self, step: &StepId, outcome: StepOutcome, at: Timestamp) {
        let begun = self.begun.get(step).copied().unwrap_or(at);
        self.receipts.retain(|it| it.step != *step);
        self.receipts.push(StepReceipt {
            step: step.clone(),
            outcome,
            at_ms: begun.since(self.started_at),
            duration_ms: at.since(begun),
            observed: self.observed.remove(step).unwrap_or_default(),
        });
    }
}
