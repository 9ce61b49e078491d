//! Why a run stops, and what could be done about it.

use std::fmt;

use sandtable_model::{Action, DocumentError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::JournalError;

/// What kind of failure stopped a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// The cloud went on refusing or failing for reasons of its own; resuming later may succeed.
    Transient,
    /// Something else depends on the target or uses it.
    Blocked,
    /// The caller lacks a permission.
    Denied,
    /// The cloud is not as it was when the plan was made.
    Drifted,
    /// What was seen after a step is not what its rehearsal saw.
    Differs,
    /// Looking did not settle whether a call took effect.
    Ambiguous,
    /// The warrant is void by now.
    Expired,
    /// Whoever began the run asked it to stop.
    Interrupted,
    /// Anything else.
    Unknown,
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transient => "transient",
            Self::Blocked => "blocked",
            Self::Denied => "denied",
            Self::Drifted => "drifted",
            Self::Differs => "differs from the rehearsal",
            Self::Ambiguous => "ambiguous",
            Self::Expired => "expired",
            Self::Interrupted => "interrupted",
            Self::Unknown => "unknown",
        })
    }
}

/// What could be done about a failure. A proposal for people: it is never carried out from here,
/// but becomes a plan that is rehearsed and approved like any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// In words.
    pub text: String,
    /// The calls that would clear the way, where they can be told from what was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
}

impl Amendment {
    /// A proposal in words alone.
    pub(crate) fn words(text: impl Into<String>) -> Self {
        Amendment {
            text: text.into(),
            actions: Vec::new(),
        }
    }
}

/// Why a run stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure it is.
    pub class: FailureClass,
    /// What happened, in words.
    pub explanation: String,
    /// What could be done about it.
    pub amendment: Option<Amendment>,
}

impl Failure {
    pub(crate) fn new(class: FailureClass, explanation: impl Into<String>) -> Self {
        Failure {
            class,
            explanation: explanation.into(),
            amendment: None,
        }
    }

    pub(crate) fn with_amendment(mut self, amendment: Amendment) -> Self {
        self.amendment = Some(amendment);
        self
    }
}

/// Why a run could not be begun, or ended without saying so in its journal.
#[derive(Debug, Error)]
pub enum RunError {
    /// The journal failed. It tells what was done; resume from it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A document has no canonical form.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A new run needs an empty journal.
    #[error("the journal tells of a run already; resume that one, or begin a new journal")]
    AlreadyBegun,
    /// There is nothing to resume.
    #[error("the journal tells of no run; begin one instead of resuming")]
    NotBegun,
    /// The journal tells of something else than what the warrant is for.
    #[error(
        "the journal tells of the {what} {journal} but the warrant is for {warrant}: a run goes on \
         only with the plan and the receipt that it was begun with"
    )]
    OtherWarrant {
        /// `plan`, `receipt` or `world`.
        what: &'static str,
        /// The journal's.
        journal: String,
        /// The warrant's.
        warrant: String,
    },
    /// The run is over.
    #[error("the run that the journal tells of is finished; there is nothing left to do")]
    Finished,
    /// The run is being taken back.
    #[error("the run that the journal tells of was being taken back; go on with that")]
    BeingUndone,
}

/// How the inner parts end early: by a failure that is journaled, or by one that cannot be.
#[derive(Debug)]
pub(crate) enum Halt {
    Stop(Box<Failure>),
    Broken(RunError),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Halt::Stop(Box::new(failure))
    }
}

impl From<JournalError> for Halt {
    fn from(error: JournalError) -> Self {
        Halt::Broken(error.into())
    }
}
