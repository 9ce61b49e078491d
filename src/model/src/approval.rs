//! A person's consent to exactly one plan.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Digest, Document, DocumentError, Region, StepId, Timestamp};

/// The namespace of our SSH signatures (`ssh-keygen -Y … -n`), so that a signature made for
/// something else is never taken for consent.
pub const SIGNATURE_NAMESPACE: &str = "approval@sandtable";

/// What a person says by signing: this plan, rehearsed like this, in this account and these Regions,
/// these steps, until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalStatement {
    /// `sandtable/approval-statement/1`.
    pub format: String,
    /// The plan.
    pub plan: Digest,
    /// The receipt of its rehearsal.
    pub receipt: Digest,
    /// The account.
    pub account: AccountId,
    /// The Regions, by name.
    pub regions: Vec<Region>,
    /// The approved steps, in the order of the plan.
    pub steps: Vec<StepId>,
    /// Who signs: the principal in the `allowed_signers` file.
    pub approver: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// From when on it is void.
    pub expires_at: Timestamp,
}

impl Document for ApprovalStatement {
    const FORMAT: &'static str = "sandtable/approval-statement/1";
    const NAME: &'static str = "approval statement";
}

/// A signed statement. The signature is an SSH signature (`SSHSIG`, armored) over the canonical bytes
/// of the statement, in the namespace [`SIGNATURE_NAMESPACE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// `sandtable/approval/1`.
    pub format: String,
    /// What is said.
    pub statement: ApprovalStatement,
    /// The armored signature.
    pub signature: String,
}

impl Document for Approval {
    const FORMAT: &'static str = "sandtable/approval/1";
    const NAME: &'static str = "approval";
}

impl Approval {
    /// The bytes that were signed.
    pub fn signed_bytes(&self) -> Result<Vec<u8>, DocumentError> {
        self.statement.canonical()
    }
}
