//! Rules over RDS.

pub(crate) mod r10;
pub(crate) mod r6;
pub(crate) mod r8;
