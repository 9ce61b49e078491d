//! What whoever carries a plan out may not do, all of it at once: a run on a twin that lets every call
//! through and keeps what the call lacks.
//!
//! The receipt tells of the first refusal, at which a real run stops. This tells the rest, so that a
//! policy can be mended in one go.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_executor::{Entry, Record, RunError};
use sandtable_gate::Warrant;
use sandtable_model::{Simulated, StepId, Timestamp};
use sandtable_simulator::Twin;
use serde::Serialize;
use serde_json::{Value, json};

/// A permission that a step needs and whoever carries it out does not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LackedPermission {
    /// The step that makes the call.
    pub step: Option<StepId>,
    /// The action that is not allowed: the call's own, or one that it needs besides.
    pub action: String,
    /// The ARN of the resource, or `*`.
    pub resource: String,
    /// Which policies are in the way, in AWS's words.
    pub because: String,
    /// Statements that are about it, and the conditions of theirs that do not hold.
    pub conditions: Vec<String>,
}

impl LackedPermission {
    /// Whether a statement denies it, so that none more can allow it.
    pub fn is_denied(&self) -> bool {
        self.because.starts_with("with an explicit deny")
    }
}

/// Runs the plan and tells what its calls lack, in the order of the calls and each only once a step.
///
/// # Errors
/// When the run could not be journaled.
pub(crate) fn lacked(
    warrant: &Warrant<Simulated>,
    fresh: &Twin,
) -> Result<Vec<LackedPermission>, RunError> {
    if fresh.permissions().is_none() {
        return Ok(Vec::new());
    }
    let mut twin = fresh.fork();
    twin.watch_permissions();
    let rehearsed = sandtable_executor::rehearse(warrant, &mut twin)?;
    let mut told = BTreeSet::new();
    let mut all = Vec::new();
    for missing in twin.missing_permissions() {
        let lacked = LackedPermission {
            step: step_at(&rehearsed.entries, missing.at),
            action: missing.action.clone(),
            resource: missing.resource.clone(),
            because: missing.because.clone(),
            conditions: missing.conditions.clone(),
        };
        if told.insert(lacked.clone()) {
            all.push(lacked);
        }
    }
    Ok(all)
}

/// The step that was taken up last before a call. A call takes time, so that none is at the very
/// moment at which its step was taken up.
fn step_at(entries: &[Entry], at: Timestamp) -> Option<StepId> {
    let before = entries.iter().filter(|it| it.at < at);
    let mut begun = before.filter_map(|it| match &it.record {
        Record::Begun { step } => Some(step),
        _ => None,
    });
    begun.next_back().cloned()
}

/// A policy that allows what is not allowed by any statement: actions on the same resources together.
/// Nothing when there is none of that.
pub fn mending_policy(lacked: &[LackedPermission]) -> Option<Value> {
    let mut resources: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for it in lacked.iter().filter(|it| !it.is_denied()) {
        let of = resources.entry(it.action.as_str()).or_default();
        of.insert(it.resource.as_str());
    }
    let mut actions: BTreeMap<BTreeSet<&str>, BTreeSet<&str>> = BTreeMap::new();
    for (action, mut resources) in resources {
        // What is about no resource takes `*`, which stands for the others, too.
        if resources.contains("*") {
            resources = BTreeSet::from(["*"]);
        }
        actions.entry(resources).or_default().insert(action);
    }
    let statements: Vec<Value> = actions
        .into_iter()
        .map(|(resources, actions)| {
            json!({"Effect": "Allow", "Action": actions, "Resource": resources})
        })
        .collect();
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    (!statements.is_empty()).then_some(policy)
}
