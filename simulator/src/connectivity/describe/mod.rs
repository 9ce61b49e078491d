//! Describe and get operations: their filters, and the sizes of their pages (facts:
//! ec2-semantics.md, section 1). Filters are those that AWS documents for what the model keeps.

mod attachment;
mod peering;
mod transit;
mod use_of_table;
mod vpn;

pub use attachment::*;
pub use peering::*;
pub use transit::*;
pub use use_of_table::*;
pub use vpn::*;

use std::ops::RangeInclusive;

use crate::rules::{Filter, Listing};

/// The sizes of pages of most operations.
const PAGES: RangeInclusive<i64> = 5..=1000;

/// What is asked of an operation with pages.
fn listing<'a>(
    ids: &'a [String],
    filters: &'a [Filter],
    max_results: Option<i64>,
    next_token: Option<&'a str>,
) -> Listing<'a> {
    Listing {
        ids,
        filters,
        max_results,
        next_token,
        range: Some(PAGES),
        ids_exclude_pages: false,
    }
}
