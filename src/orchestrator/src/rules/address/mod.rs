//! Rules over Elastic IP addresses.

pub(crate) mod g15;
pub(crate) mod n1;
