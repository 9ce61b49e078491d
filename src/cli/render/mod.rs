//! Results in words, for a terminal of eighty columns and readable without colour.

mod diff;
mod finding;
mod plan;
mod resource;
mod text;

pub(crate) use diff::diff;
pub(crate) use finding::findings;
pub(crate) use plan::{plan, plan_report};
pub(crate) use resource::resource;
pub(crate) use text::{heading, wrap};
