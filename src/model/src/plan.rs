//! What shall be done: steps in a partial order, each with nothing left to choose.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::finding::text_newtype;
use crate::{
    AccountId, Action, Condition, Confidence, Digest, Document, FindingId, Region, ResourceId,
    RuleId, Timestamp, Usd,
};

text_newtype!(
    /// The id of a step within its plan: `s01`, `s02`, … in the order of the plan.
    StepId
);

/// What shall be done to one account.
///
/// Invariants, upheld by the planner and checked by the linter: steps stand in an order that agrees
/// with `after`; no step's target was deleted by an earlier one; no two steps do the same; every
/// finding named exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// `sandtable/plan/1`.
    pub format: String,
    /// The account.
    pub account: AccountId,
    /// The snapshot that it was made from.
    pub snapshot: Digest,
    /// The policy that it was made under.
    pub policy: Digest,
    /// When the snapshot was taken; a plan is as old as what it knows.
    pub as_of: Timestamp,
    /// The findings that it acts on, by id.
    pub findings: Vec<FindingId>,
    /// The steps.
    pub steps: Vec<Step>,
    /// What it saves a month, net of what begins to cost because of it.
    pub saving_usd_month: Usd,
    /// How many different people must approve.
    pub approvals_required: u32,
    /// What was considered and what was not taken up. For people; steers nothing.
    pub report: PlanReport,
}

impl Document for Plan {
    const FORMAT: &'static str = "sandtable/plan/1";
    const NAME: &'static str = "plan";
}

impl Plan {
    /// The step with this id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }
}

/// One call, with what must hold before and what shall hold after.
///
/// In documents the action is two members: `action`, AWS's name of the operation, and `parameters`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StepFile", into = "StepFile")]
pub struct Step {
    /// The id.
    pub id: StepId,
    /// The Region in which to call.
    pub region: Region,
    /// The call.
    pub action: Action,
    /// The steps that must be done before this one.
    pub after: Vec<StepId>,
    /// What must hold before the call, re-observed at the last moment.
    pub preconditions: Vec<Condition>,
    /// What shall hold after the call; the run waits for it.
    pub effects: Vec<Condition>,
    /// Other resources that the call changes: observed after it and compared with the receipt.
    pub watch: Vec<ResourceId>,
    /// How to take it back.
    pub undo: Undo,
    /// What the step itself saves a month; negative when it begins to cost.
    pub saving_usd_month: Usd,
    /// Who and what is affected.
    pub blast_radius: BlastRadius,
    /// How bad it would be to be wrong.
    pub risk: Risk,
    /// The findings that the step serves.
    pub findings: Vec<FindingId>,
    /// Why the step is here, a line for people.
    pub reason: String,
}

impl Step {
    /// The resource that the step changes.
    pub fn target(&self) -> ResourceId {
        self.action.target()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    id: StepId,
    region: Region,
    action: String,
    target: ResourceId,
    parameters: Value,
    after: Vec<StepId>,
    preconditions: Vec<Condition>,
    effects: Vec<Condition>,
    watch: Vec<ResourceId>,
    undo: Undo,
    saving_usd_month: Usd,
    blast_radius: BlastRadius,
    risk: Risk,
    findings: Vec<FindingId>,
    reason: String,
}

impl TryFrom<StepFile> for Step {
    type Error = String;

    fn try_from(file: StepFile) -> Result<Self, String> {
        let action = Action::from_parts(&file.action, file.parameters)
            .map_err(|error| format!("step {}: {error}", file.id))?;
        if action.target() != file.target {
            let (id, named, real) = (file.id, file.target, action.target());
            return Err(format!(
                "step {id} names the target {named} but its action changes {real}"
            ));
        }
        Ok(Step {
            id: file.id,
            region: file.region,
            action,
            after: file.after,
            preconditions: file.preconditions,
            effects: file.effects,
            watch: file.watch,
            undo: file.undo,
            saving_usd_month: file.saving_usd_month,
            blast_radius: file.blast_radius,
            risk: file.risk,
            findings: file.findings,
            reason: file.reason,
        })
    }
}

impl From<Step> for StepFile {
    fn from(step: Step) -> Self {
        // Actions are plain data with string keys, which always have a JSON form.
        let parameters = step.action.to_parts().map(|(_, it)| it).unwrap_or_default();
        StepFile {
            id: step.id,
            region: step.region,
            action: step.action.name().to_owned(),
            target: step.action.target(),
            parameters,
            after: step.after,
            preconditions: step.preconditions,
            effects: step.effects,
            watch: step.watch,
            undo: step.undo,
            saving_usd_month: step.saving_usd_month,
            blast_radius: step.blast_radius,
            risk: step.risk,
            findings: step.findings,
            reason: step.reason,
        }
    }
}

/// How to take a step back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Whether it can be taken back.
    pub reversibility: Reversibility,
    /// The calls that take it back, in order; empty when none can.
    pub actions: Vec<Action>,
    /// What is lost or changed even so, or how to recover by hand.
    pub note: String,
}

/// Whether a step can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reversibility {
    /// Calls restore what was there.
    Reversible,
    /// What was there can be made again, as something new (another id, another address).
    Recoverable,
    /// Lost for ever.
    Irreversible,
}

/// How bad it would be to be wrong.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing in use is near, or the step is reversible.
    Low,
    /// Recoverable with work.
    Medium,
    /// Lost for ever, or in use by something that was seen.
    High,
}

/// Who and what a step affects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlastRadius {
    /// What is affected beside the target, and how; by resource.
    pub harms: Vec<Harm>,
    /// A number to compare steps by: affected resources, those in use counted ten times.
    pub score: u32,
}

/// How a step affects a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harm {
    /// The resource.
    pub resource: ResourceId,
    /// In which way.
    pub kind: HarmKind,
    /// In words.
    pub reason: String,
}

/// In which way a resource is affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HarmKind {
    /// It ceases to exist along with the target.
    Removed,
    /// It loses a network path.
    LosesPath,
    /// It stays, with less than it had (an association, an attachment).
    Changed,
}

/// What the planner considered, took and left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanReport {
    /// Findings and steps that were left out, and why.
    pub dropped: Vec<Dropped>,
    /// Rules that could not be evaluated somewhere, and why.
    pub not_evaluated: Vec<String>,
    /// What else people should know.
    pub notes: Vec<String>,
}

/// A finding that the plan does not act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropped {
    /// The finding.
    pub finding: FindingId,
    /// Its rule.
    pub rule: RuleId,
    /// Its confidence.
    pub confidence: Confidence,
    /// Why it was left out.
    pub reason: String,
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Risk::Low => "low",
            Risk::Medium => "medium",
            Risk::High => "high",
        })
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        })
    }
}

impl fmt::Display for Reversibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reversibility::Reversible => "reversible",
            Reversibility::Recoverable => "recoverable",
            Reversibility::Irreversible => "irreversible",
        })
    }
}
