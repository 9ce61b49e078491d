//! Tests of the twin as a whole.

mod cleaning;
mod documents;
mod empty;
pub(crate) mod invariants;
mod parameters;
mod port;
mod sources;
mod tagging;
