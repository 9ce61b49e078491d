//! A run: every approved step of a plan, in order, up to the first that fails or differs.

use std::collections::BTreeSet;

use sandtable_cloud::{Act, Clock};
use sandtable_gate::Warrant;
use sandtable_model::{
    Digest, Document, Plan, Receipt, Step, StepId, StepOutcome, StepReceipt, Timestamp, World,
};

use crate::effect::effects_of;
use crate::failure::{Failure, FailureClass, Halt, RunError};
use crate::hands::{Hands, Task};
use crate::journal::{JOURNAL_FORMAT, Journal, Opened, Record, Storage};
use crate::laxness::Tolerance;
use crate::state::State;
use crate::summary::{Run, summarize};
use crate::{Amendment, Options};

/// The version of this crate, as journals tell it.
pub(crate) const EXECUTOR: &str = concat!("sandtable-executor ", env!("CARGO_PKG_VERSION"));

/// Runs the approved steps of the warrant's plan, beginning a new journal.
///
/// A step is left out when the warrant does not cover it, or when a step before it was left out.
/// The run stops at the first step that fails, or after which something differs from the receipt;
/// that is no error of this function but the [`Run`]'s outcome.
///
/// # Errors
///
/// When the journal is not empty, or cannot be written: then the run ended at once, and
/// [`crate::resume`] goes on from what the journal has.
pub fn run<C, S>(
    warrant: &Warrant<C::World>,
    cloud: &mut C,
    journal: &mut Journal<S>,
    options: &Options,
) -> Result<Run, RunError>
where
    C: Act + Clock,
    S: Storage,
{
    if !journal.entries().is_empty() {
        return Err(RunError::AlreadyBegun);
    }
    let mandate = Mandate::of(warrant);
    let opened = mandate.opened(options)?;
    journal.append(cloud.now(), Record::Opened(opened))?;
    mandate.go_on(cloud, journal, options)
}

/// What a warrant allows, without the kind of its world.
pub(crate) struct Mandate<'w> {
    pub(crate) plan: &'w Plan,
    pub(crate) digest: Digest,
    /// Why the warrant is void at a time; none while it holds.
    pub(crate) void: Box<dyn Fn(Timestamp) -> Option<String> + 'w>,
    expires_at: Option<Timestamp>,
    receipt: Option<&'w Receipt>,
    approved: &'w BTreeSet<StepId>,
    approvers: Vec<String>,
    world: &'static str,
}

impl<'w> Mandate<'w> {
    pub(crate) fn of<W: World>(warrant: &'w Warrant<W>) -> Self {
        Mandate {
            plan: warrant.plan(),
            digest: warrant.digest(),
            void: Box::new(|now| warrant.still_valid(now).err().map(|it| it.to_string())),
            expires_at: warrant.expires_at(),
            receipt: warrant.receipt(),
            approved: warrant.steps(),
            approvers: warrant.approvers().map(str::to_owned).collect(),
            world: W::NAME,
        }
    }

    pub(crate) fn opened(&self, options: &Options) -> Result<Opened, RunError> {
        let steps = self.plan.steps.iter().map(|step| &step.id);
        Ok(Opened {
            format: JOURNAL_FORMAT.to_owned(),
            executor: EXECUTOR.to_owned(),
            world: self.world.to_owned(),
            account: self.plan.account.clone(),
            warrant: self.digest,
            plan: self.plan.digest()?,
            receipt: self.receipt.map(Document::digest).transpose()?,
            approvers: self.approvers.clone(),
            approved: steps
                .filter(|id| self.approved.contains(*id))
                .cloned()
                .collect(),
            expires_at: self.expires_at,
            tolerate: options.tolerate.clone(),
            started_with: options.started_with.clone(),
        })
    }

    /// Goes through the steps that are neither done nor left out.
    pub(crate) fn go_on<C, S>(
        &self,
        cloud: &mut C,
        journal: &mut Journal<S>,
        options: &Options,
    ) -> Result<Run, RunError>
    where
        C: Act + Clock,
        S: Storage,
    {
        let mut state = State::of(journal.entries());
        let mut tolerance = Tolerance::new(&options.tolerate);
        tolerance.add_all(self.plan, state.ended.keys());
        let mut hands = Hands {
            cloud,
            journal,
            options,
            void: &self.void,
            tolerance,
        };
        for step in &self.plan.steps {
            if state.ended.contains_key(&step.id) {
                continue;
            }
            if let Some(reason) = self.why_left_out(step, &state) {
                let id = step.id.clone();
                if state.skipped.insert(id.clone()) {
                    hands.record(Record::Skipped { step: id, reason })?;
                }
                continue;
            }
            state.skipped.remove(&step.id);
            match self.step(&mut hands, step, &state) {
                Ok(outcome) => drop(state.ended.insert(step.id.clone(), outcome)),
                Err(Halt::Broken(error)) => return Err(error),
                Err(Halt::Stop(failure)) => {
                    hands.stop(Some(&step.id), *failure)?;
                    return Ok(summarize(journal.entries()));
                }
            }
        }
        let (done, skipped) = (state.ended.len() as u64, state.skipped.len() as u64);
        hands.record(Record::Finished { done, skipped })?;
        Ok(summarize(journal.entries()))
    }

    fn why_left_out(&self, step: &Step, state: &State) -> Option<String> {
        if !self.approved.contains(&step.id) {
            return Some("it was not approved".to_owned());
        }
        let missing = step.after.iter().find(|id| !state.ended.contains_key(*id));
        missing.map(|id| format!("step {id} before it was left out"))
    }

    /// One step, from where the journal says that it stands.
    fn step<C, S>(
        &self,
        hands: &mut Hands<'_, C, S>,
        step: &Step,
        state: &State,
    ) -> Result<StepOutcome, Halt>
    where
        C: Act + Clock,
        S: Storage,
    {
        let id = &step.id;
        if !state.begun.contains(id) {
            hands.record(Record::Begun { step: id.clone() })?;
        }
        let rehearsed = self.rehearsed(step)?;
        hands.tolerance.add(step);
        let effects = effects_of(step);
        let task = Task {
            step: id,
            undo: None,
            region: &step.region,
            action: &step.action,
            preconditions: &step.preconditions,
            effects: &effects,
            plan: self.plan,
        };
        let outcome = hands.carry_out(&task, &state.call(id, None))?;
        hands.in_lockstep(step, rehearsed)?;
        hands.record(Record::Ended {
            step: id.clone(),
            outcome,
        })?;
        Ok(outcome)
    }

    /// What the rehearsal saw after the step; none when the run is itself the rehearsal. A step
    /// whose rehearsal saw nothing cannot be kept in step with it, and is not begun.
    fn rehearsed(&self, step: &Step) -> Result<Option<&'w StepReceipt>, Failure> {
        let Some(receipt) = self.receipt else {
            return Ok(None);
        };
        let found = receipt.steps.iter().find(|it| {
            it.step == step.id && matches!(it.outcome, StepOutcome::Done | StepOutcome::AlreadyDone)
        });
        match found {
            Some(it) => Ok(Some(it)),
            None => {
                let why = format!(
                    "the receipt does not say that step {} was rehearsed",
                    step.id
                );
                let amendment = Amendment::words("rehearse the plan again with this step");
                Err(Failure::new(FailureClass::Differs, why).with_amendment(amendment))
            }
        }
    }
}

impl<C: Act + Clock, S: Storage> Hands<'_, C, S> {
    /// Journals that the run stops here, and why.
    pub(crate) fn stop(&mut self, step: Option<&StepId>, failure: Failure) -> Result<(), RunError> {
        if let Some(step) = step {
            self.record(Record::Ended {
                step: step.clone(),
                outcome: StepOutcome::Failed,
            })?;
        }
        self.record(Record::Halted {
            step: step.cloned(),
            class: failure.class,
            explanation: failure.explanation,
            amendment: failure.amendment,
        })?;
        Ok(())
    }
}
