//! What someone else does between two calls: what a fault tells call by call, or what the twin chooses
//! for "they delete it", "they put it to use", "they tag it".
//!
//! The choice is the first of a fixed list of ways that AWS would accept at that moment, tried out on a
//! fork, so the same state gives the same calls. Foreign calls draw their ids from numbers of their own:
//! what is made in the run is named as it would be without them.

use std::collections::BTreeSet;

use sandtable_model::{Effect, ForeignCall, Region, ResourceId};
use serde_json::Value;

use super::ways::{MADE, Way, deletions, taggings, uses};
use crate::state::references_of;
use crate::sts::Principal;
use crate::{ApiError, Ctx, Twin, dispatch};

impl Twin {
    /// Someone else's doing, as an effect of drift says; gives what they changed and named.
    ///
    /// # Errors
    /// `InvalidFault` when the twin refuses a call that the fault tells: a mistake of its author, which
    /// must not pass for a rehearsal of it. Where the twin had the choice and found nothing that AWS would
    /// accept, [`NoWay`] stands inside.
    pub(crate) fn drift(
        &mut self,
        ctx: &Ctx,
        effect: &Effect,
    ) -> Result<Result<BTreeSet<ResourceId>, NoWay>, ApiError> {
        let before = self.state.diff();
        let chosen = match effect {
            Effect::Drift { calls } => {
                self.act_foreign(ctx, calls).map_err(|(action, error)| {
                    ApiError::new(
                        "InvalidFault",
                        format!("the drift of a fault, {action}, was refused: {error}"),
                    )
                })?;
                Ok(named_by(calls))
            }
            Effect::DriftDeleted { resource } => self.try_ways(ctx, resource, "delete", deletions),
            Effect::DriftInUse { resource } => self.try_ways(ctx, resource, "put to use", uses),
            Effect::DriftTagged { resource } => self.try_ways(ctx, resource, "tag", taggings),
            _ => Ok(BTreeSet::new()),
        };
        let mut touched = match chosen {
            Ok(named) => named,
            Err(no_way) => return Ok(Err(no_way)),
        };
        let after = self.state.diff();
        let differs = |id: &&ResourceId| before.resources.get(*id) != after.resources.get(*id);
        let ids = before.resources.keys().chain(after.resources.keys());
        touched.extend(ids.filter(differs).cloned());
        // What hangs on it changes along with it, now or when the change is completed.
        let around: Vec<ResourceId> = touched
            .iter()
            .filter_map(|id| self.state.get(id))
            .flat_map(|it| references_of(it))
            .map(|(id, _)| id)
            .collect();
        touched.extend(around);
        Ok(Ok(touched))
    }

    /// The first way that is accepted is taken; gives what it names.
    fn try_ways(
        &mut self,
        ctx: &Ctx,
        resource: &ResourceId,
        what: &str,
        ways: fn(&Twin, &Ctx, &ResourceId) -> Vec<Way>,
    ) -> Result<BTreeSet<ResourceId>, NoWay> {
        let region = self.state.region_of(resource).cloned();
        let Some(region) = region else {
            return Err(NoWay(format!(
                "nobody else can {what} {resource}: it is not there"
            )));
        };
        let ctx = foreign(ctx, Some(&region), self);
        let mut last = None;
        for way in ways(self, &ctx, resource) {
            let mut fork = self.fork();
            match fork.follow(&ctx, &way) {
                // Some calls are accepted when what they ask for is the case already.
                Ok(_) if fork.state.diff() == self.state.diff() => {}
                Ok(named) => {
                    *self = fork;
                    return Ok(named);
                }
                Err(error) => last = Some(error),
            }
        }
        let why = match last {
            None => "the twin knows no way".to_owned(),
            Some(error) => error.to_string(),
        };
        Err(NoWay(format!(
            "nobody else can {what} {resource} at that moment: {why}"
        )))
    }

    /// Makes the calls of a way; what the first one made is put where a later one says so.
    fn follow(&mut self, ctx: &Ctx, way: &Way) -> Result<BTreeSet<ResourceId>, ApiError> {
        let mut made: Option<String> = None;
        let mut named = BTreeSet::new();
        for (action, input) in &way.0 {
            let input = match &made {
                Some(id) => filled(input, id),
                None => input.clone(),
            };
            named.extend(super::named(&input));
            let answer = self.act_as_foreign(ctx, action, input)?;
            made = made.or_else(|| new_interface(&answer));
        }
        Ok(named)
    }

    fn act_foreign(&mut self, ctx: &Ctx, calls: &[ForeignCall]) -> Result<(), (String, ApiError)> {
        for call in calls {
            let mut ctx = foreign(ctx, call.region.as_ref(), self);
            if let Some(account) = &call.account {
                ctx.account = account.clone();
            }
            let answer = self.act_as_foreign(&ctx, &call.action, call.parameters.clone());
            answer.map_err(|error| (call.action.clone(), error))?;
        }
        Ok(())
    }

    /// Someone else's call. It meets neither faults nor quotas nor permissions, but AWS's rules.
    fn act_as_foreign(&mut self, ctx: &Ctx, action: &str, input: Value) -> Result<Value, ApiError> {
        std::mem::swap(&mut self.ids, &mut self.foreign_ids);
        let answer = dispatch::operate(self, ctx, action, input);
        std::mem::swap(&mut self.ids, &mut self.foreign_ids);
        answer?.to_value()
    }
}

/// Why someone else could not do what a fault says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoWay(pub(crate) String);

fn foreign(ctx: &Ctx, region: Option<&Region>, twin: &Twin) -> Ctx {
    Ctx {
        account: twin.account().clone(),
        principal: Principal::Root,
        session: None,
        region: region.unwrap_or(&ctx.region).clone(),
        dry_run: false,
    }
}

fn named_by(calls: &[ForeignCall]) -> BTreeSet<ResourceId> {
    let named = calls.iter().flat_map(|it| super::named(&it.parameters));
    named.collect()
}

fn filled(input: &Value, id: &str) -> Value {
    match input {
        Value::String(text) if text == MADE => id.into(),
        Value::Array(entries) => entries.iter().map(|it| filled(it, id)).collect(),
        Value::Object(members) => {
            let filled = |(name, member): (&String, &Value)| (name.clone(), filled(member, id));
            Value::Object(members.iter().map(filled).collect())
        }
        other => other.clone(),
    }
}

fn new_interface(answer: &Value) -> Option<String> {
    let id = answer.get("NetworkInterface")?.get("NetworkInterfaceId")?;
    id.as_str().map(str::to_owned)
}
