//! Tests of the twin as a whole.

mod empty;
mod faults;
mod invariants;
mod port;
