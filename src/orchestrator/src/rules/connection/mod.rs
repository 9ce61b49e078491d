//! Rules over what connects a VPC with other networks.

pub(crate) mod g24;
pub(crate) mod g25;
pub(crate) mod g26;
pub(crate) mod g27;
