//! One call: from looking whether it is needed to seeing that it took effect.
//!
//! The order is always the same: look whether the effects hold already; look whether the
//! preconditions hold; ask with a dry run; journal the intent; call once; journal the answer; and
//! then either wait for the effects or make sense of the failure. A call whose outcome is not known
//! is settled by looking, never by trying again blindly.

use sandtable_cloud::{Act, Clock, CloudError, DryRun, ErrorClass};
use sandtable_model::StepOutcome;

use crate::blockers::blocked;
use crate::failure::{Failure, FailureClass, Halt};
use crate::hands::{Effects, Hands, Task};
use crate::journal::{CallResult, Record, Storage};
use crate::pace::{self, BackOff, Poll};
use crate::state::{CallState, LastCall};
use crate::{Amendment, Check};

/// What has been tried for a task in this go.
struct Tries {
    /// Number of the last attempt, over all goes.
    attempt: u32,
    /// Attempts in this go.
    made: u32,
    /// Whether a call of ours may be what brought the effects about.
    ours: bool,
    dry_ran: bool,
    back_off: BackOff,
    blocked: Poll,
}

impl Tries {
    /// How a task ended whose effects are seen.
    fn ended(&self) -> StepOutcome {
        if self.ours {
            StepOutcome::Done
        } else {
            StepOutcome::AlreadyDone
        }
    }
}

impl<C: Act + Clock, S: Storage> Hands<'_, C, S> {
    /// Carries out a task, going on from how its call stands in the journal.
    pub(crate) fn carry_out(
        &mut self,
        task: &Task<'_>,
        before: &CallState,
    ) -> Result<StepOutcome, Halt> {
        let mut tries = Tries {
            attempt: before.attempts,
            made: 0,
            ours: matches!(before.last, LastCall::Unsettled | LastCall::Accepted),
            dry_ran: false,
            back_off: BackOff::new(),
            blocked: Poll::within(
                pace::PASSING_BLOCKER_WAIT_MAX,
                pace::effect_poll_longest(task.action),
            ),
        };
        if task.effects.is_empty() {
            let name = task.action.name();
            let why = format!("nothing says how to see whether {name} took effect");
            return Err(Failure::new(FailureClass::Unknown, why).into());
        }
        match before.last {
            LastCall::Accepted => {
                self.await_effects(task)?;
                return Ok(StepOutcome::Done);
            }
            LastCall::Unsettled if self.settle(task)? => return Ok(StepOutcome::Done),
            LastCall::Unsettled | LastCall::None | LastCall::Refused => {}
        }
        loop {
            if let Some(outcome) = self.try_once(task, &mut tries)? {
                return Ok(outcome);
            }
        }
    }

    /// One round: none when another one is called for.
    fn try_once(
        &mut self,
        task: &Task<'_>,
        tries: &mut Tries,
    ) -> Result<Option<StepOutcome>, Halt> {
        if self.taking_effect(task)? {
            return Ok(Some(tries.ended()));
        }
        self.still_allowed()?;
        self.preconditions(task)?;
        if self.options.dry_run && !tries.dry_ran && task.undo.is_none() {
            self.dry_run(task)?;
            tries.dry_ran = true;
        }
        match self.call_once(task, tries)? {
            Ok(()) => {
                self.await_effects(task)?;
                Ok(Some(StepOutcome::Done))
            }
            Err(error) => self.make_sense(task, &error, tries),
        }
    }

    /// Whether the effects hold; when they are under way, waits for them.
    fn taking_effect(&mut self, task: &Task<'_>) -> Result<bool, Halt> {
        match self.effects(task)? {
            Effects::Hold(_) => Ok(true),
            Effects::UnderWay(_) => {
                self.await_effects(task)?;
                Ok(true)
            }
            Effects::Missing(_) => Ok(false),
        }
    }

    fn preconditions(&mut self, task: &Task<'_>) -> Result<(), Halt> {
        let mut checks = Vec::new();
        for condition in task.preconditions {
            checks.push(self.check(task.region, condition)?.1);
        }
        if checks.is_empty() {
            return Ok(());
        }
        let broken: Vec<Check> = checks.iter().filter(|it| !it.holds).cloned().collect();
        self.record(Record::Checked {
            step: task.step.clone(),
            preconditions: checks,
        })?;
        if broken.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = broken
            .iter()
            .map(|it| format!("needed: {}; seen: {}", it.condition, it.seen))
            .collect();
        Err(drifted(lines.join(" / ")).into())
    }

    fn dry_run(&mut self, task: &Task<'_>) -> Result<(), Halt> {
        let mut back_off = BackOff::new();
        for _ in 0..pace::ATTEMPTS_MAX {
            let error = match self.cloud.dry_run(task.region, task.action) {
                Ok(DryRun::Allowed | DryRun::Unsupported) => return Ok(()),
                Err(error) => error,
            };
            match error.class {
                ErrorClass::Throttled | ErrorClass::Transient | ErrorClass::Ambiguous => {
                    self.cloud.wait(back_off.next());
                }
                ErrorClass::Denied => return Err(denied(task, &error).into()),
                // The call itself will say the same, and is made sense of there.
                ErrorClass::Blocked | ErrorClass::NotFound | ErrorClass::WrongState => {
                    return Ok(());
                }
                ErrorClass::Invalid | ErrorClass::NotModelled | ErrorClass::Unknown => {
                    return Err(unknown(task, &error).into());
                }
            }
        }
        // Nobody could say; the call will be told what it is told.
        Ok(())
    }

    fn call_once(
        &mut self,
        task: &Task<'_>,
        tries: &mut Tries,
    ) -> Result<Result<(), CloudError>, Halt> {
        tries.attempt += 1;
        tries.made += 1;
        self.record(Record::Intent {
            step: task.step.clone(),
            undo: task.undo,
            attempt: tries.attempt,
            region: task.region.clone(),
            call: task.action.clone(),
        })?;
        let answer = self.cloud.perform(task.region, task.action);
        let result = match &answer {
            Ok(performed) => CallResult::Accepted {
                created: performed.created.clone(),
            },
            Err(error) => CallResult::Failed {
                class: error.class,
                code: error.code.clone(),
                message: error.message.clone(),
            },
        };
        self.record(Record::Outcome {
            step: task.step.clone(),
            undo: task.undo,
            attempt: tries.attempt,
            result,
        })?;
        Ok(answer.map(|_| ()))
    }

    /// What a failed call comes to: done after all, another try, or a stop.
    fn make_sense(
        &mut self,
        task: &Task<'_>,
        error: &CloudError,
        tries: &mut Tries,
    ) -> Result<Option<StepOutcome>, Halt> {
        match meaning(error) {
            ErrorClass::Throttled => self.try_again(task, error, tries),
            ErrorClass::Transient | ErrorClass::Ambiguous => {
                tries.ours = true;
                if self.settle(task)? {
                    return Ok(Some(StepOutcome::Done));
                }
                self.try_again(task, error, tries)
            }
            ErrorClass::Denied => self.denied(task, error, tries),
            ErrorClass::Blocked => {
                if self.taking_effect(task)? {
                    return Ok(Some(tries.ended()));
                }
                self.blocked(task, error, tries)
            }
            ErrorClass::NotFound | ErrorClass::WrongState => {
                if self.taking_effect(task)? {
                    return Ok(Some(tries.ended()));
                }
                let name = task.action.name();
                Err(drifted(format!("{name} was refused ({error})")).into())
            }
            ErrorClass::Invalid | ErrorClass::NotModelled | ErrorClass::Unknown => {
                if self.taking_effect(task)? {
                    return Ok(Some(tries.ended()));
                }
                Err(unknown(task, error).into())
            }
        }
    }

    fn try_again(
        &mut self,
        task: &Task<'_>,
        error: &CloudError,
        tries: &mut Tries,
    ) -> Result<Option<StepOutcome>, Halt> {
        if tries.made < pace::ATTEMPTS_MAX {
            self.cloud.wait(tries.back_off.next());
            return Ok(None);
        }
        let (name, made) = (task.action.name(), tries.made);
        let failure = if error.class == ErrorClass::Ambiguous {
            let why =
                format!("{made} tries of {name} went unanswered, and no effect was seen ({error})");
            Failure::new(FailureClass::Ambiguous, why)
        } else {
            let why = format!("{name} did not go through in {made} tries ({error})");
            Failure::new(FailureClass::Transient, why)
        };
        let amendment = Amendment::words("resume when the cloud answers again");
        Err(failure.with_amendment(amendment).into())
    }

    /// Some refusals for want of permission are really about who holds the target: AWS answers
    /// `AuthFailure` when an address is released that a NAT gateway still has, and
    /// `OperationNotPermitted` for interfaces that a service holds (ec2-semantics.md, section 3).
    fn denied(
        &mut self,
        task: &Task<'_>,
        error: &CloudError,
        tries: &mut Tries,
    ) -> Result<Option<StepOutcome>, Halt> {
        let doubtful = matches!(error.code.as_str(), "AuthFailure" | "OperationNotPermitted");
        if doubtful && !self.blockers(task)?.is_empty() {
            return self.blocked(task, error, tries);
        }
        Err(denied(task, error).into())
    }

    /// Waits for blockers that are on their way out; stops at any other.
    fn blocked(
        &mut self,
        task: &Task<'_>,
        error: &CloudError,
        tries: &mut Tries,
    ) -> Result<Option<StepOutcome>, Halt> {
        let blockers = self.blockers(task)?;
        if !blockers.is_empty()
            && blockers.iter().all(|it| it.passing)
            && let Some(pause) = tries.blocked.next()
        {
            self.cloud.wait(pause);
            return Ok(None);
        }
        Err(blocked(task, error, &blockers).into())
    }

    /// Looks for traces of a call whose outcome is not known. When there are some, waits for the
    /// rest of the effects.
    fn settle(&mut self, task: &Task<'_>) -> Result<bool, Halt> {
        let window = pace::settle_window(task.action);
        let mut poll = Poll::within(window, pace::effect_poll_longest(task.action));
        let (happened, seen) = loop {
            match self.effects(task)? {
                Effects::Hold(seen) | Effects::UnderWay(seen) => break (true, seen),
                Effects::Missing(seen) => match poll.next() {
                    Some(pause) => self.cloud.wait(pause),
                    None => break (false, seen),
                },
            }
        };
        self.record(Record::Settled {
            step: task.step.clone(),
            undo: task.undo,
            happened,
            seen,
        })?;
        if happened {
            self.await_effects(task)?;
        }
        Ok(happened)
    }
}

/// What an error means. AWS refuses to delete an attached interface with `InvalidParameterValue`,
/// and tells only in words that something is in use (ec2-semantics.md, section 3).
fn meaning(error: &CloudError) -> ErrorClass {
    let in_use = error.message.contains("is currently in use");
    if error.class == ErrorClass::Invalid && in_use {
        ErrorClass::Blocked
    } else {
        error.class
    }
}

fn drifted(what: String) -> Failure {
    let why = format!("the cloud is not as it was when the plan was made: {what}");
    let text = "take a new snapshot, plan and rehearse again, and have the new plan approved";
    Failure::new(FailureClass::Drifted, why).with_amendment(Amendment::words(text))
}

fn denied(task: &Task<'_>, error: &CloudError) -> Failure {
    // Every action here is named like its permission (Service Authorization Reference, EC2).
    let name = task.action.name();
    let why = format!(
        "the caller may not {name} on {} ({error})",
        task.action.target()
    );
    let text = format!("give the hands the permission `ec2:{name}`, then resume");
    Failure::new(FailureClass::Denied, why).with_amendment(Amendment::words(text))
}

fn unknown(task: &Task<'_>, error: &CloudError) -> Failure {
    let (name, target) = (task.action.name(), task.action.target());
    let why = match error.class {
        ErrorClass::NotModelled => {
            format!("this cloud cannot simulate {name} on {target} ({error})")
        }
        ErrorClass::Invalid => {
            format!("{name} on {target} was refused as a wrong request ({error})")
        }
        _ => format!("{name} on {target} failed in a way that is not known here ({error})"),
    };
    Failure::new(FailureClass::Unknown, why)
}
