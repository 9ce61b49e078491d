//! The rules that all kinds of resources share (facts, ec2-semantics, sections 1 and 2).

mod filter;
mod id;
mod page;
mod precedence;
mod tag;

pub use filter::{Extract, Filter, FilterTable, Filters};
pub use id::{not_found, parse, require, require_all, required, unknown};
pub use page::{Listing, Page, describe};
pub(crate) use page::{
    Slice, describe_chosen, describe_those, page_size, read_key, read_offset, write_key,
    write_offset,
};
pub(crate) use precedence::{first_malformed, tells_unknown};
pub(crate) use tag::is_reserved;
pub(crate) use tag::tags_by_type;
pub use tag::{Tag, TagSpecification, check_tags, tags_for};

use std::ops::RangeInclusive;

use sandtable_model::Tags;

use crate::ApiError;

/// `MaxResults` of the operations whose model does not limit it: the limits of AWS's older text.
pub const UNCONSTRAINED: RangeInclusive<i64> = 5..=1000;

/// For filtering what has no tags.
pub(crate) static NO_TAGS: Tags = Tags::new();

/// A value that the operation does not take.
pub fn invalid_value(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

/// Parameters that do not go together.
pub fn invalid_combination(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterCombination", message)
}
