//! The safety catch: consent, signed by people, verified into the one thing that lets a plan run.
//!
//! A [`Warrant`] is a capability: its fields are private, it is not deserializable, and only this
//! crate makes one. For the twin it is free ([`Warrant::for_rehearsal`]); for a real cloud it takes a
//! plan, the receipt of its rehearsal and enough approvals, all of which must hold together
//! ([`assemble`]).
//!
//! Deliberately absent: the brain, the executor, any cloud client, any clock. The time at which
//! something is judged is always handed in.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod allowed_signers;
mod assemble;
mod inspect;
mod pattern;
mod quorum;
mod refusal;
mod rehearsed;
mod revocations;
mod scope;
mod sign;
mod signature;
mod statement;
mod warrant;

pub use allowed_signers::{
    AllowedSigners, AllowedSignersError, AllowedSignersProblem, SignerFault,
};
pub use assemble::{SIGNED_AHEAD_MAX, assemble};
pub use inspect::{Check, Inspection, KeyReport, inspect};
pub use refusal::{ApprovalFault, Refusal, RefusedApproval, StepConsent};
pub use rehearsed::RehearsalFault;
pub use revocations::{Revocations, RevocationsError};
pub use scope::{ScopeError, StepSelection};
pub use sign::{SignError, Signer, SignerError, attach_signature, sign};
pub use signature::SignatureFault;
/// The crate of SSH keys and signatures in the version that [`Signer`] speaks.
pub use ssh_key;
pub use statement::{ApproverError, StatementError, statement_for};
pub use warrant::Warrant;
