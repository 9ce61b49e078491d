//! VPCs, and what is in and around them.

use crate::Twin;
use crate::dispatch::Row;

/// The operations.
pub(crate) const OPERATIONS: &[Row] = &[];

/// What no describe answer of network resources carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {}

/// What happens to network resources by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {}

/// Lets a transition happen.
pub(crate) fn fire(_twin: &mut Twin, transition: Transition) {
    match transition {}
}

/// Schedules what was under way when the snapshot was taken.
pub(crate) fn resume_lifecycles(_twin: &mut Twin) {}
