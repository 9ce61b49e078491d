//! Rules over volumes and snapshots.

pub(crate) mod s2;
pub(crate) mod v1;
