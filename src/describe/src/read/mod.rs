//! The SDK's types as resources, one file a family. Total: a member that the model must have and that
//! is not there makes the entry [`Unreadable`](crate::Unreadable), never a guess. States that decide
//! whether something costs or is in use (of volumes, instances, NAT gateways) must be there; other
//! members fall back on the same defaults as the model's own reader of describe answers.

mod compute;
mod gateway;
mod interface;
mod network;
mod security;
mod storage;

pub(crate) use compute::{image, reservation};
pub(crate) use gateway::{address, endpoint, internet_gateway, nat_gateway};
pub(crate) use interface::interface;
pub(crate) use network::{route_table, subnet, vpc};
pub(crate) use security::security_group;
pub(crate) use storage::{snapshot, volume};
