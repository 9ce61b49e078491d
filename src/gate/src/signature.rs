//! Whether the signature of an approval is what it should be: over exactly these bytes, for exactly
//! this purpose, by the key that it names.
//!
//! **What is signed, byte for byte.** The message is the canonical bytes of the statement
//! ([`sandtable_model::ApprovalStatement`], see [`sandtable_model::canonical_bytes`]), without a
//! final line feed. The signature is OpenSSH's SSHSIG (PROTOCOL.sshsig) with the namespace
//! [`SIGNATURE_NAMESPACE`] and the hash sha256 or sha512: what
//! `ssh-keygen -Y sign -n approval@sandtable` makes of a file with those bytes.

use sandtable_model::{Approval, DocumentError, SIGNATURE_NAMESPACE};
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, HashAlg, PublicKey, SshSig};
use thiserror::Error;

/// RSA keys with a shorter modulus are refused (NIST SP 800-131A).
const RSA_BITS_MIN: usize = 2048;

/// The bit in the flags of a hardware key's signature that says that somebody touched the key
/// (OpenSSH, PROTOCOL.u2f: `SSH_SK_USER_PRESENCE_REQD`).
const TOUCHED: u8 = 0x01;

/// Why a signature does not hold.
#[derive(Debug, Error)]
pub enum SignatureFault {
    /// The statement has no canonical bytes.
    #[error("the statement cannot be signed: {0}")]
    Document(#[from] DocumentError),
    /// Not an armored SSH signature.
    #[error("it is not an armored SSH signature: {0}")]
    Unreadable(ssh_key::Error),
    /// A signature made for something else.
    #[error("the signature was made in the namespace `{found}`, not in `{SIGNATURE_NAMESPACE}`")]
    Namespace {
        /// The namespace of the signature.
        found: String,
    },
    /// A hash that is not taken.
    #[error("the signature uses the hash {found}, only sha256 and sha512 are taken")]
    Hash {
        /// The hash.
        found: String,
    },
    /// An RSA key that is too short.
    #[error("the RSA key has {bits} bits, at least {RSA_BITS_MIN} are needed")]
    ShortKey {
        /// The bits of the modulus.
        bits: usize,
    },
    /// The signature is not one of these bytes by this key.
    #[error(
        "the {algorithm} signature does not fit the statement: something was altered after signing"
    )]
    Mismatch {
        /// The algorithm.
        algorithm: String,
    },
    /// A hardware key that nobody touched.
    #[error("the hardware key signed without being touched, which shows nobody's consent")]
    Untouched,
}

/// Checks the signature over the statement, and gives the key that made it. Whether that key may
/// sign is another matter: see [`crate::AllowedSigners`].
pub(crate) fn verify(approval: &Approval) -> Result<PublicKey, SignatureFault> {
    let signature = parse(&approval.signature)?;
    check_form(&signature)?;
    let message = approval.signed_bytes()?;
    let key = PublicKey::from(signature.public_key().clone());
    key.verify(SIGNATURE_NAMESPACE, &message, &signature)
        .map_err(|_| SignatureFault::Mismatch {
            algorithm: signature.algorithm().to_string(),
        })?;
    Ok(key)
}

/// Reads an armored signature.
pub(crate) fn parse(armored: &str) -> Result<SshSig, SignatureFault> {
    SshSig::from_pem(armored).map_err(SignatureFault::Unreadable)
}

fn check_form(signature: &SshSig) -> Result<(), SignatureFault> {
    if signature.namespace() != SIGNATURE_NAMESPACE {
        return Err(SignatureFault::Namespace {
            found: signature.namespace().to_owned(),
        });
    }
    match signature.hash_alg() {
        HashAlg::Sha256 | HashAlg::Sha512 => {}
        other => {
            return Err(SignatureFault::Hash {
                found: other.to_string(),
            });
        }
    }
    if let KeyData::Rsa(key) = signature.public_key() {
        let bits = bit_length(key.n.as_positive_bytes().unwrap_or_default());
        if bits < RSA_BITS_MIN {
            return Err(SignatureFault::ShortKey { bits });
        }
    }
    // A hardware key's signature ends in a byte of flags and a counter of four bytes.
    if is_hardware(&signature.algorithm()) {
        let flags = signature.signature_bytes().iter().rev().nth(4);
        if flags.is_none_or(|flags| flags & TOUCHED == 0) {
            return Err(SignatureFault::Untouched);
        }
    }
    Ok(())
}

/// Whether keys of this algorithm live in FIDO hardware.
pub(crate) const fn is_hardware(algorithm: &Algorithm) -> bool {
    matches!(
        algorithm,
        Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256
    )
}

fn bit_length(big_endian: &[u8]) -> usize {
    match big_endian.split_first() {
        None => 0,
        Some((first, rest)) => {
            let zeros = usize::try_from(first.leading_zeros()).unwrap_or(8);
            rest.len()
                .saturating_mul(8)
                .saturating_add(8_usize.saturating_sub(zeros))
        }
    }
}
