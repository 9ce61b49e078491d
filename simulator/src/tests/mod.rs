//! Tests of the twin as a whole.

mod documents;
mod empty;
mod faults;
pub(crate) mod invariants;
mod port;
mod tagging;
