//! Tests of the twin as a whole.

mod faults;
mod invariants;
mod port;
