//! What every part of a run works with: the cloud, the journal and the rules of the run.

use sandtable_cloud::{Act, Clock, CloudError, ErrorClass, Query};
use sandtable_model::resource::SecurityGroup;
use sandtable_model::{Action, Condition, Plan, Region, Resource, ResourceId, StepId, Timestamp};

use crate::condition::{Sighting, Standing, alive, judge, query_for};
use crate::effect::Effect;
use crate::failure::{Failure, FailureClass};
use crate::journal::{Check, Journal, JournalError, Record, Storage};
use crate::laxness::Tolerance;
use crate::pace::{self, BackOff, Poll};
use crate::{Amendment, Options};

/// One call that shall be made, and what belongs to it.
pub(crate) struct Task<'t> {
    pub(crate) step: &'t StepId,
    /// Which of the step's undo calls it is; none for the step's own call.
    pub(crate) undo: Option<u32>,
    pub(crate) region: &'t Region,
    pub(crate) action: &'t Action,
    pub(crate) preconditions: &'t [Condition],
    pub(crate) effects: &'t [Effect],
    /// The plan, whose other resources may be what blocks the call.
    pub(crate) plan: &'t Plan,
}

/// How the effects of a task stand, all in all.
pub(crate) enum Effects {
    /// All of them hold.
    Hold(String),
    /// They do not all hold, but the call, or someone else's, is taking effect.
    UnderWay(String),
    /// They do not hold, and nothing shows that they are about to.
    Missing(String),
}

pub(crate) struct Hands<'a, C, S> {
    pub(crate) cloud: &'a mut C,
    pub(crate) journal: &'a mut Journal<S>,
    pub(crate) options: &'a Options,
    /// Why the warrant is void at a time; none while it holds.
    pub(crate) void: &'a dyn Fn(Timestamp) -> Option<String>,
    pub(crate) tolerance: Tolerance,
}

impl<C: Act + Clock, S: Storage> Hands<'_, C, S> {
    /// Puts a record into the journal.
    pub(crate) fn record(&mut self, record: Record) -> Result<(), JournalError> {
        self.journal.append(self.cloud.now(), record)
    }

    /// Stops when the warrant is void by now, when the clock cannot be believed, or when the run
    /// was asked to stop. To be asked before every call.
    pub(crate) fn still_allowed(&self) -> Result<(), Failure> {
        let now = self.cloud.now();
        if let Some(why) = (self.void)(now) {
            let amendment = Amendment::words("have the plan approved again, then resume");
            return Err(Failure::new(FailureClass::Expired, why).with_amendment(amendment));
        }
        // An expiry means nothing by a clock that was put back.
        let latest = self.journal.latest();
        if latest > now.plus(pace::CLOCK_BACK_MAX) {
            let why = format!("the clock says {now} but the journal is as late as {latest}");
            let amendment = Amendment::words("set the clock right, then resume");
            return Err(Failure::new(FailureClass::Expired, why).with_amendment(amendment));
        }
        self.not_interrupted()
    }

    fn not_interrupted(&self) -> Result<(), Failure> {
        if self.options.stop_asked() {
            let why = "the run was asked to stop";
            let amendment = Amendment::words("resume to go on from here");
            return Err(Failure::new(FailureClass::Interrupted, why).with_amendment(amendment));
        }
        Ok(())
    }

    /// Looks, patiently: reading changes nothing, so whatever may pass is tried again.
    pub(crate) fn look(
        &mut self,
        region: &Region,
        query: &Query,
    ) -> Result<Vec<Resource>, Failure> {
        let mut back_off = BackOff::new();
        let mut tries = 1;
        loop {
            let error = match self.cloud.look(region, query) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let passing = matches!(
                error.class,
                ErrorClass::Throttled | ErrorClass::Transient | ErrorClass::Ambiguous
            );
            if !passing || tries >= pace::LOOKS_MAX {
                return Err(look_failure(query, &error, tries));
            }
            tries += 1;
            self.cloud.wait(back_off.next());
        }
    }

    /// Looks at a condition. A laxness that is tolerated makes it count as holding.
    pub(crate) fn check(
        &mut self,
        region: &Region,
        condition: &Condition,
    ) -> Result<(Standing, Check), Failure> {
        let answer = self.look(region, &query_for(condition))?;
        let Sighting { standing, seen } = judge(condition, &answer);
        let tolerated = match standing {
            Standing::Fails => self.tolerance.of_condition(condition),
            Standing::Holds | Standing::UnderWay => None,
        };
        let standing = match tolerated {
            Some(_) => Standing::Holds,
            None => standing,
        };
        let check = Check {
            condition: condition.clone(),
            holds: standing == Standing::Holds,
            seen,
            tolerated,
        };
        Ok((standing, check))
    }

    fn effect(&mut self, region: &Region, effect: &Effect) -> Result<Sighting, Failure> {
        match effect {
            Effect::Holds(condition) => {
                let (standing, check) = self.check(region, condition)?;
                let seen = check.seen;
                Ok(Sighting { standing, seen })
            }
            Effect::Rules(rules) => {
                let id = ResourceId::from(&rules.group);
                let answer = self.look(region, &Query::Resource(id.clone()))?;
                let group = alive(&answer, &id).and_then(Resource::get::<SecurityGroup>);
                Ok(rules.judge(group))
            }
        }
    }

    /// How the effects of a task stand.
    pub(crate) fn effects(&mut self, task: &Task<'_>) -> Result<Effects, Failure> {
        let mut under_way = Vec::new();
        let mut missing = Vec::new();
        let mut held = Vec::new();
        let mut target_gone = false;
        for effect in task.effects {
            let Sighting { standing, seen } = self.effect(task.region, effect)?;
            match standing {
                Standing::Holds => {
                    target_gone |= is_end_of_target(task, effect);
                    held.push(seen);
                }
                Standing::UnderWay => under_way.push(seen),
                Standing::Fails => missing.push(seen),
            }
        }
        Ok(if !under_way.is_empty() {
            Effects::UnderWay(under_way.join("; "))
        } else if missing.is_empty() {
            Effects::Hold(held.join("; "))
        } else if target_gone {
            // A deletion that is over at its target; what follows from it is only seen later.
            Effects::UnderWay(missing.join("; "))
        } else {
            Effects::Missing(missing.join("; "))
        })
    }

    /// Waits until the effects hold.
    pub(crate) fn await_effects(&mut self, task: &Task<'_>) -> Result<(), Failure> {
        let limit = pace::effect_wait_max(task.action);
        let mut poll = Poll::within(limit, pace::effect_poll_longest(task.action));
        loop {
            let seen = match self.effects(task)? {
                Effects::Hold(_) => return Ok(()),
                Effects::UnderWay(seen) | Effects::Missing(seen) => seen,
            };
            let Some(pause) = poll.next() else {
                let name = task.action.name();
                let why = format!(
                    "{name} was accepted, but its effect was not seen within {limit}: {seen}"
                );
                let amendment = Amendment::words(
                    "look at the resource in the account; when the effect is there, resume",
                );
                return Err(Failure::new(FailureClass::Ambiguous, why).with_amendment(amendment));
            };
            self.not_interrupted()?;
            self.cloud.wait(pause);
        }
    }
}

fn is_end_of_target(task: &Task<'_>, effect: &Effect) -> bool {
    match effect {
        Effect::Holds(Condition::Gone { resource }) => {
            task.action.deletes_target() && *resource == task.action.target()
        }
        _ => false,
    }
}

fn look_failure(query: &Query, error: &CloudError, tries: u32) -> Failure {
    match error.class {
        ErrorClass::Denied => {
            let permission = permission_to_look(query);
            let why = format!("{query} could not be looked at ({error})");
            let text = format!("give the hands the permission `{permission}`, then resume");
            Failure::new(FailureClass::Denied, why).with_amendment(Amendment::words(text))
        }
        ErrorClass::Throttled | ErrorClass::Transient | ErrorClass::Ambiguous => {
            let why = format!("{query} could not be looked at in {tries} tries ({error})");
            Failure::new(FailureClass::Transient, why)
                .with_amendment(Amendment::words("resume when the cloud answers again"))
        }
        _ => {
            let why = format!("{query} could not be looked at ({error})");
            Failure::new(FailureClass::Unknown, why)
        }
    }
}

/// The IAM action that a look needs (Service Authorization Reference: one per Describe operation).
fn permission_to_look(query: &Query) -> String {
    let list = match query {
        Query::Resource(id) => match id.kind() {
            sandtable_model::Kind::AutoScalingGroup => {
                return "autoscaling:DescribeAutoScalingGroups".to_owned();
            }
            kind => sandtable_model::resource::answer_key(kind),
        },
        Query::InterfacesWithin(_) => "NetworkInterfaces",
        Query::RouteTablesTo(_) => "RouteTables",
        Query::ImagesOf(_) => "Images",
        Query::SnapshotsOf(_) => "Snapshots",
    };
    format!("ec2:Describe{list}")
}
