//! The plan linter: a second opinion on any plan, whoever made it.
//!
//! It shares no code with the planner, the graph or the detectors: it reads plan and snapshot by
//! itself, and knows AWS's rules of what blocks what on its own account (facts page
//! `ec2-semantics`, section 3). What both get wrong in the same way would have to be wrong twice.

mod document;
mod needs;
mod protection;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::{Plan, Policy, Snapshot, Step, StepId};
use serde::Serialize;

/// How bad a complaint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Likely a mistake, though it can be carried out.
    Warning,
    /// The plan must not run.
    Fatal,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Fatal => "fatal",
        })
    }
}

/// Something that the linter does not like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// How bad it is.
    pub severity: Severity,
    /// The linter's rule, for example `use-after-delete`.
    pub rule: &'static str,
    /// The step, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// What is wrong, a sentence without a full stop.
    pub message: String,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Complaint {
            severity,
            rule,
            step,
            message,
        } = self;
        match step {
            Some(step) => write!(f, "{severity} [{rule}] step {step} : {message}"),
            None => write!(f, "{severity} [{rule}] {message}"),
        }
    }
}

/// Checks a plan against the snapshot that it was made from, as [`lint`] does, and against a policy:
/// nothing that it protects may be touched.
pub fn lint_under(plan: &Plan, snapshot: &Snapshot, policy: &Policy) -> Vec<Complaint> {
    let mut linter = Linter {
        plan,
        snapshot,
        complaints: lint(plan, snapshot),
    };
    for step in &plan.steps {
        linter.protection(step, policy);
    }
    linter.complaints
}

/// Checks a plan against the snapshot that it was made from. In the order of the plan, the plan as a
/// whole first; nothing to complain about gives nothing.
pub fn lint(plan: &Plan, snapshot: &Snapshot) -> Vec<Complaint> {
    let mut linter = Linter {
        plan,
        snapshot,
        complaints: Vec::new(),
    };
    linter.document();
    let before = linter.ancestors();
    let ground = needs::Ground::of(snapshot);
    let mut world = world::World::new(snapshot);
    for (place, step) in plan.steps.iter().enumerate() {
        let none = BTreeSet::new();
        let ancestors = before.get(&place).unwrap_or(&none);
        linter.one(step);
        linter.needs(step, ancestors, &ground);
        linter.conditions(step, &mut world);
    }
    linter.complaints
}

struct Linter<'a> {
    plan: &'a Plan,
    snapshot: &'a Snapshot,
    complaints: Vec<Complaint>,
}

impl Linter<'_> {
    fn complain(
        &mut self,
        severity: Severity,
        rule: &'static str,
        step: Option<&Step>,
        message: impl Into<String>,
    ) {
        let step = step.map(|it| it.id.clone());
        self.complaints.push(Complaint {
            severity,
            rule,
            step,
            message: message.into(),
        });
    }

    fn fatal(&mut self, rule: &'static str, step: &Step, message: impl Into<String>) {
        self.complain(Severity::Fatal, rule, Some(step), message);
    }

    /// For each step, by place, the places of all steps that must be done before it.
    fn ancestors(&mut self) -> BTreeMap<usize, BTreeSet<usize>> {
        let mut places: BTreeMap<&StepId, usize> = BTreeMap::new();
        let mut all: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let plan = self.plan;
        for (place, step) in plan.steps.iter().enumerate() {
            let mut mine = BTreeSet::new();
            for id in &step.after {
                let Some(earlier) = places.get(id) else {
                    let message = format!("it waits for {id} , which is no earlier step");
                    self.fatal("order", step, message);
                    continue;
                };
                mine.insert(*earlier);
                mine.extend(all.get(earlier).into_iter().flatten());
            }
            if places.insert(&step.id, place).is_some() {
                self.fatal("step-ids", step, "its id was used before");
            }
            all.insert(place, mine);
        }
        all
    }
}

#[cfg(test)]
mod tests;
