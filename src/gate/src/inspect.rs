//! What an approval says and whether it holds, for people (`sandtable verify`).

use std::fmt;

use sandtable_model::{Approval, ApprovalStatement, Digest, Document, DocumentError, Timestamp};
use serde::Serialize;
use ssh_key::HashAlg;

use crate::allowed_signers::AllowedSigners;
use crate::signature;

/// A report on one approval. That all of it is well does not make a warrant: whether the approval
/// fits a plan and a receipt is for [`crate::assemble`] to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// The approval's digest.
    pub approval: Digest,
    /// The digest of the statement alone: the better one to revoke.
    pub statement_digest: Digest,
    /// What is said.
    pub statement: ApprovalStatement,
    /// The namespace of the signature, when it can be read.
    pub namespace: Option<String>,
    /// The key that signed, when the signature can be read.
    pub key: Option<KeyReport>,
    /// Whether the signature holds for the statement.
    pub signature: Check,
    /// Whether the key may sign for the approver, at the time of signing and now.
    pub signer: Check,
    /// Whether the approval is in force now.
    pub validity: Check,
}

/// A key, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyReport {
    /// OpenSSH's name of the algorithm.
    pub algorithm: String,
    /// The fingerprint, as `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// Whether the key lives in hardware that somebody has to touch.
    pub hardware: bool,
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// It holds.
    Holds,
    /// It does not hold, and why.
    Fails(String),
    /// It could not be looked at, and why.
    NotChecked(String),
}

impl Check {
    fn of<E: fmt::Display>(result: Result<(), E>) -> Self {
        match result {
            Ok(()) => Check::Holds,
            Err(error) => Check::Fails(error.to_string()),
        }
    }
}

/// Looks at an approval. Without a list of allowed signers or a time, what depends on them is not
/// checked and says so.
pub fn inspect(
    approval: &Approval,
    allowed: Option<&AllowedSigners>,
    now: Option<Timestamp>,
) -> Result<Inspection, DocumentError> {
    let read = signature::parse(&approval.signature).ok();
    let key = read.as_ref().map(|it| KeyReport {
        algorithm: it.public_key().algorithm().to_string(),
        fingerprint: it.public_key().fingerprint(HashAlg::Sha256).to_string(),
        hardware: signature::is_hardware(&it.public_key().algorithm()),
    });
    let statement = &approval.statement;
    let times: Vec<Timestamp> = [Some(statement.signed_at), now]
        .into_iter()
        .flatten()
        .collect();
    let signer = match (allowed, &read) {
        (None, _) => Check::NotChecked("no list of allowed signers was given".to_owned()),
        (_, None) => Check::NotChecked("the signature cannot be read".to_owned()),
        (Some(allowed), Some(it)) => {
            Check::of(allowed.check(&statement.approver, it.public_key(), &times))
        }
    };
    Ok(Inspection {
        approval: approval.digest()?,
        statement_digest: statement.digest()?,
        statement: statement.clone(),
        namespace: read.as_ref().map(|it| it.namespace().to_owned()),
        key,
        signature: Check::of(signature::verify(approval).map(drop)),
        signer,
        validity: validity(statement, now),
    })
}

fn validity(statement: &ApprovalStatement, now: Option<Timestamp>) -> Check {
    match now {
        None => Check::NotChecked("no time was given".to_owned()),
        Some(now) if now >= statement.expires_at => {
            Check::Fails(format!("it expired at {}", statement.expires_at))
        }
        Some(now) if statement.signed_at > now.plus(crate::SIGNED_AHEAD_MAX) => Check::Fails(
            format!("it was signed at {}, in the future", statement.signed_at),
        ),
        Some(_) => Check::Holds,
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Check::Holds => f.write_str("holds"),
            Check::Fails(why) => write!(f, "does not hold: {why}"),
            Check::NotChecked(why) => write!(f, "not checked: {why}"),
        }
    }
}

impl fmt::Display for Inspection {
    /// A line per fact, names and values aligned.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statement = &self.statement;
        let list = |items: Vec<String>| items.join(" ");
        let key = match &self.key {
            Some(key) if key.hardware => {
                format!("{} {} (hardware)", key.algorithm, key.fingerprint)
            }
            Some(key) => format!("{} {}", key.algorithm, key.fingerprint),
            None => "unknown".to_owned(),
        };
        let lines = [
            ("approval", self.approval.to_string()),
            ("statement", self.statement_digest.to_string()),
            ("approver", statement.approver.escape_debug().to_string()),
            ("key", key),
            ("signature", self.signature.to_string()),
            ("signer", self.signer.to_string()),
            ("validity", self.validity.to_string()),
            ("signed at", statement.signed_at.to_string()),
            ("expires at", statement.expires_at.to_string()),
            ("account", statement.account.to_string()),
            (
                "regions",
                list(statement.regions.iter().map(ToString::to_string).collect()),
            ),
            (
                "steps",
                list(statement.steps.iter().map(ToString::to_string).collect()),
            ),
            ("plan", statement.plan.to_string()),
            ("receipt", statement.receipt.to_string()),
        ];
        for (name, value) in lines {
            writeln!(f, "{name:<11} {value}")?;
        }
        Ok(())
    }
}
