//! One file a command.

pub(crate) mod approve;
pub(crate) mod console;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod graph;
pub(crate) mod live;
pub(crate) mod plan;
pub(crate) mod rehearse;
pub(crate) mod serve;
pub(crate) mod test;
pub(crate) mod verify;
mod verify_journal;
