//! Tests of the twin as a whole.

mod documents;
mod empty;
pub(crate) mod invariants;
mod port;
mod tagging;
