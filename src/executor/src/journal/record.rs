//! What a journal says.

use std::collections::BTreeMap;

use sandtable_cloud::ErrorClass;
use sandtable_model::{
    AccountId, Action, Condition, Digest, DocumentError, Observed, Region, ResourceChange,
    ResourceId, StepId, StepOutcome, Timestamp, canonical_bytes,
};
use serde::{Deserialize, Serialize};

use crate::{Amendment, FailureClass, Laxness};

/// The name and version of the journal's form; its digest is what the first line's `prev` holds.
pub const JOURNAL_FORMAT: &str = "sandtable/journal/1";

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The position, counted from 0.
    pub seq: u64,
    /// The `hash` of the line before; the digest of [`JOURNAL_FORMAT`] in the first.
    pub prev: Digest,
    /// When it was written, by the cloud's clock.
    pub at: Timestamp,
    /// What happened, or is about to.
    pub record: Record,
    /// The digest of the canonical bytes of the line without this member.
    pub hash: Digest,
}

#[derive(Serialize)]
struct Hashed<'a> {
    seq: u64,
    prev: Digest,
    at: Timestamp,
    record: &'a Record,
}

impl Entry {
    /// The line that follows `prev`.
    pub(super) fn new(
        seq: u64,
        prev: Digest,
        at: Timestamp,
        record: Record,
    ) -> Result<Self, DocumentError> {
        let hashed = Hashed {
            seq,
            prev,
            at,
            record: &record,
        };
        let hash = Digest::of(&canonical_bytes(&hashed)?);
        Ok(Entry {
            seq,
            prev,
            at,
            record,
            hash,
        })
    }

    /// The digest that [`Entry::hash`] must be.
    pub(super) fn expected_hash(&self) -> Result<Digest, DocumentError> {
        let hashed = Hashed {
            seq: self.seq,
            prev: self.prev,
            at: self.at,
            record: &self.record,
        };
        Ok(Digest::of(&canonical_bytes(&hashed)?))
    }

    /// The bytes of the line, with the line feed that completes it.
    pub(super) fn to_line(&self) -> Result<Vec<u8>, DocumentError> {
        let mut line = canonical_bytes(self)?;
        line.push(b'\n');
        Ok(line)
    }
}

/// What happened, or is about to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Record {
    /// A run begins.
    Opened(Opened),
    /// A run goes on after it was broken off or had stopped.
    Resumed {
        /// The warrant; for the plan and the receipt of the beginning.
        warrant: Digest,
        /// The version of this crate.
        executor: String,
    },
    /// The bytes before this record in the same line are what a crash left of an append.
    Torn {
        /// How many bytes.
        bytes: u64,
        /// Their digest.
        digest: Digest,
    },
    /// A step is taken up.
    Begun {
        /// The step.
        step: StepId,
    },
    /// The preconditions of a step were looked at.
    Checked {
        /// The step.
        step: StepId,
        /// What was seen, condition by condition.
        preconditions: Vec<Check>,
    },
    /// A call is about to be made. Durable before the call.
    Intent {
        /// The step.
        step: StepId,
        /// Which of the step's undo calls it is; absent for the step's own call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo: Option<u32>,
        /// Which try of this call, counted from 1.
        attempt: u32,
        /// Where.
        region: Region,
        /// The call.
        call: Action,
    },
    /// What the cloud answered.
    Outcome {
        /// The step.
        step: StepId,
        /// Which of the step's undo calls it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo: Option<u32>,
        /// Which try.
        attempt: u32,
        /// The answer.
        result: CallResult,
    },
    /// A call whose outcome was not known was settled by looking.
    Settled {
        /// The step.
        step: StepId,
        /// Which of the step's undo calls it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo: Option<u32>,
        /// Whether it took effect.
        happened: bool,
        /// What was seen.
        seen: String,
    },
    /// The effects were seen; so are the target and the watched resources.
    Observed {
        /// The step.
        step: StepId,
        /// What was seen, by resource.
        resources: BTreeMap<ResourceId, Observed>,
    },
    /// What was seen after a step is not what its rehearsal saw.
    Difference {
        /// The step.
        step: StepId,
        /// The resource.
        resource: ResourceId,
        /// What differs; `before` is the rehearsal's, `after` is what was seen.
        change: ResourceChange,
        /// The emulator's known laxness that explains it, when the run goes on in spite of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tolerated: Option<Laxness>,
    },
    /// A step ended.
    Ended {
        /// The step.
        step: StepId,
        /// How.
        outcome: StepOutcome,
    },
    /// A step is left out.
    Skipped {
        /// The step.
        step: StepId,
        /// Why.
        reason: String,
    },
    /// The steps that were done are to be taken back.
    UndoOpened {
        /// The warrant; for the plan and the receipt of the beginning.
        warrant: Digest,
        /// The version of this crate.
        executor: String,
    },
    /// A step was taken back.
    Undone {
        /// The step.
        step: StepId,
    },
    /// A step stays as it is.
    Kept {
        /// The step.
        step: StepId,
        /// Why it is not taken back.
        reason: String,
    },
    /// The run stops here.
    Halted {
        /// The step at which it stops, when it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepId>,
        /// What kind of failure it is.
        class: FailureClass,
        /// What happened, in words.
        explanation: String,
        /// What could be done about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amendment: Option<Amendment>,
    },
    /// Every step is done or left out.
    Finished {
        /// How many steps were carried out, or found carried out.
        done: u64,
        /// How many were left out.
        skipped: u64,
    },
}

impl Record {
    /// The step that the record is about, if it is about one.
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Self::Begun { step }
            | Self::Checked { step, .. }
            | Self::Intent { step, .. }
            | Self::Outcome { step, .. }
            | Self::Settled { step, .. }
            | Self::Observed { step, .. }
            | Self::Difference { step, .. }
            | Self::Ended { step, .. }
            | Self::Skipped { step, .. }
            | Self::Undone { step }
            | Self::Kept { step, .. } => Some(step),
            Self::Halted { step, .. } => step.as_ref(),
            Self::Opened(_)
            | Self::Resumed { .. }
            | Self::Torn { .. }
            | Self::UndoOpened { .. }
            | Self::Finished { .. } => None,
        }
    }
}

/// Under what a run was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// [`JOURNAL_FORMAT`].
    pub format: String,
    /// The version of this crate.
    pub executor: String,
    /// `real` or `simulated`.
    pub world: String,
    /// The account.
    pub account: AccountId,
    /// The warrant.
    pub warrant: Digest,
    /// The plan.
    pub plan: Digest,
    /// The receipt, when the warrant has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Digest>,
    /// Who approved.
    pub approvers: Vec<String>,
    /// The approved steps, in the order of the plan.
    pub approved: Vec<StepId>,
    /// From when on the warrant is void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Known laxness of the emulator that the run goes on in spite of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolerate: Vec<Laxness>,
    /// What whoever began the run wants to find again when it is resumed: where the documents are,
    /// which endpoint. Steers nothing here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub started_with: BTreeMap<String, String>,
}

/// A condition that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The condition.
    pub condition: Condition,
    /// Whether it holds.
    pub holds: bool,
    /// What was seen, in words.
    pub seen: String,
    /// The emulator's known laxness for which it counts as holding although it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerated: Option<Laxness>,
}

/// What the cloud answered to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum CallResult {
    /// It was accepted.
    Accepted {
        /// The resource that it made, if it made one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        created: Option<ResourceId>,
    },
    /// It failed, or no answer came.
    Failed {
        /// What the failure means.
        class: ErrorClass,
        /// The cloud's code.
        code: String,
        /// The cloud's message.
        message: String,
    },
}
