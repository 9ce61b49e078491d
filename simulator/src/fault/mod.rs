//! Faults as the twin acts on them: which of a plan strike at which call.
//!
//! The vocabulary is that of [`sandtable_model::Fault`]. How a fault shows in the words of a service
//! stands in [`answer`], what someone else does in `drift`.

pub mod answer;
mod draw;
mod drift;
#[cfg(test)]
mod tests;
mod ways;

use std::collections::BTreeMap;

use sandtable_cloud::{PlanEntry, Struck};
use sandtable_model::{
    Action, Effect, Fault, FaultPlan, ResourceId, Timestamp,
    resource::{Address, RouteTable},
};
use serde_json::Value;

use crate::State;
use draw::Draw;

/// How far the faults of a run have come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    told: Vec<Fault>,
    /// How many matching calls each of them has seen.
    seen: Vec<u32>,
    drawn: Vec<Draw>,
    /// How many calls of each operation there were; kept for what is drawn.
    calls: BTreeMap<String, u32>,
    /// When the run began.
    began: Option<Timestamp>,
    pub(crate) struck: Vec<Struck>,
    /// What someone else was to do and could not, by the entry's position, and why.
    pub(crate) missed: BTreeMap<usize, String>,
    /// Whether anyone asks for [`Faults::performed`].
    pub(crate) is_watched: bool,
    /// The target of the call that is under way through the port.
    pub(crate) target: Option<ResourceId>,
    /// Whether that call was carried out.
    pub(crate) has_passed: bool,
    /// Whether it changed its target.
    pub(crate) has_changed: bool,
    /// The calls through the port that changed something.
    pub(crate) performed: Vec<Action>,
}

/// A fault that is due at a call.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) entry: PlanEntry,
    pub(crate) fault: Fault,
}

/// A call, as faults see it.
pub(crate) struct Seen<'a> {
    /// As [`crate::dispatch::full_name`] has it.
    pub(crate) name: &'a str,
    pub(crate) input: &'a Value,
    pub(crate) is_dry_run: bool,
    pub(crate) now: Timestamp,
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan, now: Timestamp) -> Self {
        Faults {
            seen: vec![0; plan.faults.len()],
            told: plan.faults,
            drawn: plan.seeded.into_iter().map(Draw::new).collect(),
            began: Some(now),
            is_watched: true,
            ..Faults::default()
        }
    }

    /// Whether nothing can go wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.told.is_empty() && self.drawn.is_empty()
    }

    /// Whether any fault makes reads stale, so that earlier states must be kept.
    pub(crate) fn keep_the_past(&self) -> bool {
        let is_stale = |it: &Fault| matches!(it.effect, Effect::StaleRead { .. });
        self.told.iter().any(is_stale) || self.drawn.iter().any(Draw::may_be_stale)
    }

    /// Counts a call and gives what goes wrong at it, in the order of the plan.
    pub(crate) fn at(&mut self, call: &Seen<'_>, state: &State) -> Vec<Due> {
        let mut due = Vec::new();
        let began = self.began.unwrap_or(call.now);
        for (index, fault) in self.told.iter().enumerate() {
            let is_meant = fault.action == "*" || fault.action == call.name;
            let is_time = fault.at.is_none_or(|at| call.now >= began.plus(at.0));
            let is_about = |id: &ResourceId| is_about(call.input, id, state);
            if !is_meant || !is_time || !fault.resource.as_ref().is_none_or(is_about) {
                continue;
            }
            let number = self.seen[index].saturating_add(1);
            if !call.is_dry_run {
                self.seen[index] = number;
            }
            let last = fault
                .occurrence
                .saturating_add(fault.times.saturating_sub(1));
            let is_due = (fault.occurrence..=last).contains(&number);
            let shows = !call.is_dry_run || fault.effect == Effect::Denied;
            if is_due && shows && answer::can_happen(call.name, &fault.effect) {
                due.push(Due {
                    entry: PlanEntry::Told(index),
                    fault: fault.clone(),
                });
            }
        }
        if !self.drawn.is_empty() {
            let count = self.calls.get(call.name).copied().unwrap_or(0) + 1;
            for (index, draw) in self.drawn.iter_mut().enumerate() {
                // A dry run says what the call right after it would be told.
                let fault = match call.is_dry_run {
                    true => draw.clone().at(call, count),
                    false => draw.at(call, count),
                };
                let shows = |it: &Fault| !call.is_dry_run || it.effect == Effect::Denied;
                let entry = PlanEntry::Drawn(index);
                due.extend(fault.filter(shows).map(|fault| Due { entry, fault }));
            }
            if !call.is_dry_run {
                self.calls.insert(call.name.to_owned(), count);
            }
        }
        due
    }

    /// Keeps that a fault struck.
    pub(crate) fn strike(&mut self, struck: Struck) {
        self.struck.push(struck);
    }

    /// Keeps that someone else could not do what a fault says. Nothing struck then.
    pub(crate) fn miss(&mut self, due: &Due, why: String) {
        if let PlanEntry::Told(index) = due.entry {
            self.missed.insert(index, why);
        }
    }
}

/// Whether an input speaks of a resource: names it, or an association of it, as calls that undo an
/// association do.
fn is_about(input: &Value, id: &ResourceId, state: &State) -> bool {
    if names(input, id.as_str()) {
        return true;
    }
    match id {
        ResourceId::Address(it) => {
            let address = state.one::<Address>(it);
            let association = address.and_then(|it| it.association_id.as_ref());
            association.is_some_and(|it| names(input, it.as_str()))
        }
        ResourceId::RouteTable(it) => {
            let associations = state.one::<RouteTable>(it).map(|it| &it.associations);
            let mut associations = associations.into_iter().flatten();
            associations.any(|it| names(input, it.route_table_association_id.as_str()))
        }
        _ => false,
    }
}

/// Whether a text stands anywhere in an input.
fn names(input: &Value, text: &str) -> bool {
    match input {
        Value::String(it) => it == text,
        Value::Array(entries) => entries.iter().any(|it| names(it, text)),
        Value::Object(members) => members.values().any(|it| names(it, text)),
        _ => false,
    }
}

/// The resources that an input names, in its order.
pub(crate) fn named(input: &Value) -> Vec<ResourceId> {
    match input {
        Value::String(text) => ResourceId::new(text).into_iter().collect(),
        Value::Array(entries) => entries.iter().flat_map(named).collect(),
        Value::Object(members) => members.values().flat_map(named).collect(),
        _ => Vec::new(),
    }
}
