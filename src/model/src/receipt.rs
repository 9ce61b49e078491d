//! What a rehearsal of a plan came to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Digest, Document, Duration, FactMap, ResourceId, StepId, Timestamp, Usd};

/// This plan, rehearsed on this snapshot, with this result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// `sandtable/receipt/1`.
    pub format: String,
    /// The account.
    pub account: AccountId,
    /// The plan that was rehearsed.
    pub plan: Digest,
    /// The snapshot that the twin was loaded with.
    pub snapshot: Digest,
    /// The version of the twin.
    pub twin: String,
    /// The seed of the run.
    pub seed: u64,
    /// The virtual time at which the run began.
    pub started_at: Timestamp,
    /// How long the run took, in virtual milliseconds.
    pub duration_ms: Duration,
    /// Whether the plan passed.
    pub verdict: Verdict,
    /// Why not, when it did not.
    pub problems: Vec<String>,
    /// What each step did, in the order of the run.
    pub steps: Vec<StepReceipt>,
    /// What the account costs less a month after the run, priced on the twin before and after.
    pub saving_usd_month: Usd,
    /// The digest of the difference before and after.
    pub diff: Digest,
    /// The digest of the snapshot after the run.
    pub after: Digest,
    /// The runs with faults.
    pub fault_runs: Vec<FaultRun>,
}

impl Document for Receipt {
    const FORMAT: &'static str = "sandtable/receipt/1";
    const NAME: &'static str = "receipt";
}

/// Whether a plan passed its rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every step did what the plan says, and every fault was met safely.
    Pass,
    /// Something was refused, differed, or a fault was not met safely.
    Fail,
}

/// What a step did in the rehearsal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepReceipt {
    /// The step.
    pub step: StepId,
    /// How it ended.
    pub outcome: StepOutcome,
    /// When it began, after the start of the run, in virtual milliseconds.
    pub at_ms: Duration,
    /// How long it took, in virtual milliseconds.
    pub duration_ms: Duration,
    /// The target and the watched resources after the step. A live run must see the same.
    pub observed: BTreeMap<ResourceId, Observed>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// The call was made and its effects were seen.
    Done,
    /// The effects held before the call; none was made.
    AlreadyDone,
    /// It was left out, because it was not approved or a step before it was left out.
    Skipped,
    /// It failed.
    Failed,
}

/// A resource as seen after a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Observed {
    /// Not there, or over.
    Gone,
    /// There, with these facts.
    Present {
        /// The facts.
        facts: FactMap,
    },
}

/// A rehearsal with one fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRun {
    /// The step at which the fault struck.
    pub step: StepId,
    /// The fault, by name.
    pub fault: String,
    /// Whether the run was safe: it ended in the rehearsed state, or it stopped with every effect
    /// accounted for and nothing done twice.
    pub safe: bool,
    /// Whether it ended in the rehearsed state.
    pub completed: bool,
    /// What happened, a line for people.
    pub outcome: String,
}
