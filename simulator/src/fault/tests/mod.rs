//! Tests of faults, through the table of operations and the port.

mod answers;
mod calls;
mod drifts;
mod seeds;
mod stale;
mod stuck;
mod times;
