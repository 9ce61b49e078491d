//! Rules over capacity that is paid for by reserving it.

pub(crate) mod g39;
