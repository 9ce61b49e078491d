//! What shall no longer count: revoked plans, receipts, approvals and keys.
//!
//! One entry a line, `#` begins a comment:
//!
//! ```text
//! sha256:5f3c…  # the digest of a plan, a receipt, an approval, or an approval's statement
//! SHA256:Nh0M…  # the fingerprint of a key, as ssh-keygen -l prints it
//! ```
//!
//! To revoke an approval, prefer the digest of its statement: some signature schemes let anyone turn
//! one valid signature into another over the same statement, which has another digest. `sandtable
//! verify` prints both.

use std::collections::BTreeSet;

use sandtable_model::Digest;
use ssh_key::public::KeyData;
use ssh_key::{Fingerprint, HashAlg};
use thiserror::Error;

/// Revoked documents and keys.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    documents: BTreeSet<Digest>,
    keys: BTreeSet<Fingerprint>,
}

/// Why a file is not a list of revocations.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "line {line}: `{text}` is neither a digest (`sha256:` and 64 hexadecimal digits) nor the \
     fingerprint of a key (`SHA256:…`)"
)]
pub struct RevocationsError {
    /// The line, from 1.
    pub line: usize,
    /// What was found.
    pub text: String,
}

impl Revocations {
    /// Nothing is revoked.
    pub fn none() -> Self {
        Revocations::default()
    }

    /// Reads a list of revocations.
    pub fn parse(text: &str) -> Result<Self, RevocationsError> {
        let mut revocations = Revocations::default();
        for (index, line) in text.lines().enumerate() {
            let entry = line.split('#').next().unwrap_or_default().trim();
            if entry.is_empty() {
                continue;
            }
            if let Ok(digest) = entry.parse::<Digest>() {
                revocations.documents.insert(digest);
            } else if let Ok(fingerprint) = entry.parse::<Fingerprint>() {
                revocations.keys.insert(fingerprint);
            } else {
                return Err(RevocationsError {
                    line: index.saturating_add(1),
                    text: entry.to_owned(),
                });
            }
        }
        Ok(revocations)
    }

    /// Whether the document with this digest is revoked.
    pub fn has_document(&self, digest: &Digest) -> bool {
        self.documents.contains(digest)
    }

    /// Whether the key is revoked.
    pub fn has_key(&self, key: &KeyData) -> bool {
        !self.keys.is_empty()
            && [HashAlg::Sha256, HashAlg::Sha512]
                .iter()
                .any(|algorithm| self.keys.contains(&key.fingerprint(*algorithm)))
    }
}
