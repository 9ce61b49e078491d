//! The rules that all kinds of resources share (facts, ec2-semantics, sections 1 and 2).

mod filter;
mod id;
mod page;
mod tag;

pub use filter::{Extract, Filter, FilterTable, Filters};
pub use id::{not_found, parse, require, require_all, required, unknown};
pub use page::{Listing, Page, describe};
pub use tag::{Tag, TagSpecification, check_tags, tags_for};

use crate::ApiError;

/// A value that the operation does not take.
pub fn invalid_value(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

/// Parameters that do not go together.
pub fn invalid_combination(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterCombination", message)
}
