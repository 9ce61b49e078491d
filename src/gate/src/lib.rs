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

mod scope;
mod warrant;

pub use scope::{ScopeError, StepSelection};
pub use warrant::Warrant;
