//! Why there is no warrant, in words.

use std::fmt;

use sandtable_model::{
    AccountId, ApprovalStatement, Digest, DocumentError, Region, StepId, Timestamp,
};
use thiserror::Error;

use crate::allowed_signers::SignerFault;
use crate::assemble::SIGNED_AHEAD_MAX;
use crate::rehearsed::RehearsalFault;
use crate::signature::SignatureFault;
use crate::statement::ApproverError;

/// Why there is no warrant, or why it does not hold any more.
#[derive(Debug, Error)]
pub enum Refusal {
    /// Plan and receipt do not belong together, or the plan did not pass.
    #[error(transparent)]
    Rehearsal(#[from] RehearsalFault),
    /// The plan or its receipt is revoked.
    #[error("the {document} {digest} is revoked")]
    Revoked {
        /// Which document.
        document: &'static str,
        /// Its digest.
        digest: Digest,
    },
    /// The plan has no steps.
    #[error("the plan has no steps, so there is nothing to run")]
    NothingToRun,
    /// There is no approval at all.
    #[error("there is no approval; the plan asks for {required}")]
    NoApproval {
        /// How many people must approve.
        required: u32,
    },
    /// Approvals that do not hold. One is enough: an approval that was tampered with, or has
    /// expired, is never quietly put aside.
    #[error("{}", join(.0))]
    Approvals(Vec<RefusedApproval>),
    /// Every approval holds, but no step has enough of them.
    #[error(
        "no step is approved by {required} {} with a key of their own, together with the steps \
         that it needs: {}", people(.required), join(.steps)
    )]
    TooFew {
        /// How many people must approve.
        required: u32,
        /// What each step has.
        steps: Vec<StepConsent>,
    },
    /// A document without canonical bytes.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The warrant was good, but is void by now.
    #[error("the warrant expired at {expires_at}; it is {now}")]
    Expired {
        /// When it expired.
        expires_at: Timestamp,
        /// The time of asking.
        now: Timestamp,
    },
    /// The clock stands before the moment of signing.
    #[error("an approval of the warrant was signed at {signed_at}, but the clock says {now}")]
    BeforeSigning {
        /// When it was signed.
        signed_at: Timestamp,
        /// The time of asking.
        now: Timestamp,
    },
}

impl Refusal {
    /// The reasons one by one, for lists.
    pub fn reasons(&self) -> Vec<String> {
        match self {
            Refusal::Approvals(approvals) => {
                let lines = approvals.iter().flat_map(|approval| {
                    let name = approval.name();
                    let faults = approval.faults.iter();
                    faults.map(move |fault| format!("{name}: {fault}"))
                });
                lines.collect()
            }
            other => vec![other.to_string()],
        }
    }
}

/// An approval that does not hold.
#[derive(Debug)]
pub struct RefusedApproval {
    /// Which of the approvals given, from 1.
    pub position: usize,
    /// Who is said to have signed it.
    pub approver: String,
    /// Everything that is wrong with it.
    pub faults: Vec<ApprovalFault>,
}

impl RefusedApproval {
    /// The approval in messages. What it says of itself may be forged, hence the quotes.
    fn name(&self) -> String {
        let (position, approver) = (self.position, self.approver.escape_debug());
        format!("approval {position} in the name of `{approver}`")
    }
}

impl fmt::Display for RefusedApproval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), join(&self.faults))
    }
}

/// What is wrong with an approval.
#[derive(Debug, Error)]
pub enum ApprovalFault {
    /// Another document, or another version of it.
    #[error("it says that it is `{found}`, but `{expected}` is needed")]
    Format {
        /// The `format` found.
        found: String,
        /// The `format` expected.
        expected: &'static str,
    },
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
    /// The key does not speak for the approver.
    #[error(transparent)]
    Signer(#[from] SignerFault),
    /// Not a name.
    #[error(transparent)]
    Approver(#[from] ApproverError),
    /// It is about another plan.
    #[error("it approves the plan {found} but the plan given is {given}")]
    OtherPlan {
        /// The plan it approves.
        found: Digest,
        /// The plan given.
        given: Digest,
    },
    /// It rests on another rehearsal.
    #[error("it rests on the receipt {found} but the receipt given is {given}")]
    OtherReceipt {
        /// The receipt it rests on.
        found: Digest,
        /// The receipt given.
        given: Digest,
    },
    /// It is about another account.
    #[error("it is for account {found} but the plan is for account {given}")]
    OtherAccount {
        /// The account it is for.
        found: AccountId,
        /// The plan's account.
        given: AccountId,
    },
    /// It approves a step outside the Regions it names.
    #[error("it approves step {step} in {region} which is not among its Regions")]
    Region {
        /// The step.
        step: StepId,
        /// The step's Region.
        region: Region,
    },
    /// It approves a step that the plan does not have.
    #[error("it approves step `{step}`, which the plan does not have")]
    UnknownStep {
        /// The step.
        step: StepId,
    },
    /// It approves a step that was not rehearsed.
    #[error("it approves step {step} which was left out of the rehearsal")]
    NotRehearsed {
        /// The step.
        step: StepId,
    },
    /// It approves nothing.
    #[error("it approves no step")]
    NoSteps,
    /// It was signed in the future.
    #[error(
        "it was signed at {signed_at} but it is only {now}; clocks may differ by {SIGNED_AHEAD_MAX}"
    )]
    SignedAhead {
        /// When it was signed.
        signed_at: Timestamp,
        /// The time of asking.
        now: Timestamp,
    },
    /// It has expired.
    #[error("it expired at {expires_at}; it is {now}")]
    Expired {
        /// When it expired.
        expires_at: Timestamp,
        /// The time of asking.
        now: Timestamp,
    },
    /// It was never valid.
    #[error("it expires at {expires_at}, which is not after its signing at {signed_at}")]
    NeverValid {
        /// When it was signed.
        signed_at: Timestamp,
        /// When it expires.
        expires_at: Timestamp,
    },
    /// It is revoked.
    #[error("the {what} is revoked")]
    Revoked {
        /// The approval, its statement or its key.
        what: String,
    },
    /// It has no canonical bytes.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Which consent a step has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepConsent {
    /// The step.
    pub step: StepId,
    /// How many people, each with a key of their own, approved it.
    pub people: usize,
    /// Steps that it needs and that have too few approvals, themselves or through what they need.
    pub needs: Vec<StepId>,
}

impl fmt::Display for StepConsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} by {}", self.step, self.people)?;
        if !self.needs.is_empty() {
            let needs: Vec<String> = self.needs.iter().map(ToString::to_string).collect();
            write!(f, " and without {}", needs.join(" and "))?;
        }
        Ok(())
    }
}

fn people(required: &u32) -> &'static str {
    match required {
        1 => "person",
        _ => "people",
    }
}

fn join<T: fmt::Display>(parts: &[T]) -> String {
    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    parts.join("; ")
}

/// The name of a statement's signer for a refusal.
pub(crate) fn refused(
    index: usize,
    statement: &ApprovalStatement,
    faults: Vec<ApprovalFault>,
) -> RefusedApproval {
    RefusedApproval {
        position: index.saturating_add(1),
        approver: statement.approver.clone(),
        faults,
    }
}
