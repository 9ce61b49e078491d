//! Describe operations of network resources: their filters, and the sizes of their pages (facts:
//! ec2-semantics.md, section 1). Filters are those that AWS documents for what the model keeps.

mod address;
mod endpoint;
mod interface;
mod nat_gateway;
mod route_table;
mod security_group;
mod security_group_rule;
mod subnet;
mod vpc;

pub use address::*;
pub use endpoint::*;
pub use interface::*;
pub use nat_gateway::*;
pub use route_table::*;
pub use security_group::*;
pub use security_group_rule::*;
pub(super) use security_group_rule::{check_rule_id, show, unknown_rule};
pub use subnet::*;
pub use vpc::*;

use std::ops::RangeInclusive;

/// The sizes of pages of most operations.
const PAGES: RangeInclusive<i64> = 5..=1000;

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
