//! Who calls, where, and whether only to ask.

use sandtable_model::{AccountId, Region};
use smol_str::SmolStr;

use crate::ApiError;
use crate::sts::Principal;

/// The circumstances of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ctx {
    /// The calling account.
    pub account: AccountId,
    /// Who in it makes the call.
    pub principal: Principal,
    /// The access key of the session whose temporary credentials signed the call, if it was one.
    pub session: Option<SmolStr>,
    /// The Region that is called; resources of others do not exist for the call.
    pub region: Region,
    /// Whether to ask only whether the call would be allowed.
    pub dry_run: bool,
}

impl Ctx {
    /// Ends a dry run with AWS's word for "allowed". Called after the checks of parameters and ids
    /// and before those of state and dependencies: a dry run of a blocked delete is allowed.
    ///
    /// # Errors
    /// `DryRunOperation` when this is a dry run (facts, ec2-semantics, section 1).
    pub fn end_dry_run(&self) -> Result<(), ApiError> {
        if self.dry_run {
            return Err(ApiError::new(
                "DryRunOperation",
                "Request would have succeeded, but DryRun flag is set.",
            ));
        }
        Ok(())
    }
}
