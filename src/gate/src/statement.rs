//! Writing down what a person is about to sign.

use std::collections::BTreeSet;

use sandtable_model::{
    ApprovalStatement, Document, DocumentError, Plan, Receipt, Region, StepId, Timestamp,
};
use thiserror::Error;

use crate::rehearsed::{self, RehearsalFault};
use crate::scope::{ScopeError, StepSelection};

/// Why there is nothing to sign.
#[derive(Debug, Error)]
pub enum StatementError {
    /// The receipt does not speak for the plan.
    #[error(transparent)]
    Rehearsal(#[from] RehearsalFault),
    /// The steps cannot stand as chosen.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// A chosen step was left out of the rehearsal.
    #[error("step {step} was left out of the rehearsal, so nobody can consent to it yet")]
    NotRehearsed {
        /// The step.
        step: StepId,
    },
    /// Not a name that a list of signers could hold.
    #[error(transparent)]
    Approver(#[from] ApproverError),
    /// An approval that would never be valid.
    #[error("the approval would expire at {expires_at}, which is not after {signed_at}")]
    Expiry {
        /// When it is signed.
        signed_at: Timestamp,
        /// When it would expire.
        expires_at: Timestamp,
    },
    /// A document without canonical bytes.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Why a name cannot be an approver's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{}` cannot be an approver: a name has 1 to 255 visible characters without spaces, commas, \
     quotation marks and the pattern characters `*`, `?` and `!`", .name.escape_debug()
)]
pub struct ApproverError {
    /// The name.
    pub name: String,
}

/// What the approver is to sign: these steps of this plan, rehearsed like this, from `signed_at`
/// until `expires_at`.
///
/// The receipt must be of the plan and have passed; the steps must exist, have been rehearsed, and
/// need no step that is not chosen.
pub fn statement_for(
    plan: &Plan,
    receipt: &Receipt,
    steps: &StepSelection,
    approver: &str,
    signed_at: Timestamp,
    expires_at: Timestamp,
) -> Result<ApprovalStatement, StatementError> {
    rehearsed::check(plan, receipt)?;
    let chosen = steps.resolve(plan)?;
    let rehearsed = rehearsed::rehearsed_steps(receipt);
    if let Some(step) = chosen.difference(&rehearsed).next() {
        return Err(StatementError::NotRehearsed { step: step.clone() });
    }
    check_approver(approver)?;
    if expires_at <= signed_at {
        return Err(StatementError::Expiry {
            signed_at,
            expires_at,
        });
    }
    let in_scope = || plan.steps.iter().filter(|step| chosen.contains(&step.id));
    let regions: BTreeSet<Region> = in_scope().map(|step| step.region.clone()).collect();
    Ok(ApprovalStatement {
        format: ApprovalStatement::FORMAT.to_owned(),
        plan: plan.digest()?,
        receipt: receipt.digest()?,
        account: plan.account.clone(),
        regions: regions.into_iter().collect(),
        steps: in_scope().map(|step| step.id.clone()).collect(),
        approver: approver.to_owned(),
        signed_at,
        expires_at,
    })
}

/// Checks that a name can be an approver's, and is fit to be printed.
pub(crate) fn check_approver(name: &str) -> Result<(), ApproverError> {
    let bad = |c: char| c.is_whitespace() || c.is_control() || ",\"*?!".contains(c);
    if name.is_empty() || name.len() > 255 || name.contains(bad) {
        return Err(ApproverError {
            name: name.to_owned(),
        });
    }
    Ok(())
}
