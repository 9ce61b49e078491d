//! Describe operations of network resources: their filters, and the sizes of their pages (facts:
//! ec2-semantics.md, section 1). Filters are those that AWS documents for what the model keeps.

mod acl;
mod address;
mod dhcp_options;
mod endpoint;
mod endpoint_services;
mod flow_log;
mod interface;
mod nat_gateway;
mod route_table;
mod security_group;
mod security_group_rule;
mod subnet;
mod vpc;

pub use acl::*;
pub use address::*;
pub use dhcp_options::*;
pub use endpoint::*;
pub use endpoint_services::*;
pub use flow_log::*;
pub use interface::*;
pub use nat_gateway::*;
pub use route_table::*;
pub use security_group::*;
pub(crate) use security_group_rule::unknown_rule;
pub use security_group_rule::*;
pub(super) use security_group_rule::{check_rule_id, show};
pub use subnet::*;
pub use vpc::*;

use std::ops::RangeInclusive;

use crate::ApiError;
use crate::rules::{read_offset, write_offset};

/// The sizes of pages of most operations.
const PAGES: RangeInclusive<i64> = 5..=1000;

/// A page of a list that is made anew for each call, and where the next one begins.
pub(super) fn page_of<T>(
    mut all: Vec<T>,
    most: usize,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let skip = token.map_or(Ok(0), read_offset)?;
    let end = all.len().min(skip.saturating_add(most));
    let next = (end < all.len()).then(|| write_offset(end));
    Ok((all.drain(skip.min(end)..end).collect(), next))
}

/// What a filter hands its values to.
type Out<'a> = &'a mut dyn FnMut(&str);

fn flag(value: bool, out: Out<'_>) {
    out(if value { "true" } else { "false" });
}

fn texts<'a>(values: impl IntoIterator<Item = &'a (impl AsRef<str> + 'a)>, out: Out<'_>) {
    values.into_iter().for_each(|it| out(it.as_ref()));
}

fn number(value: impl std::fmt::Display, out: Out<'_>) {
    out(&value.to_string());
}
