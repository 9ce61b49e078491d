//! Placeholder of the first commit.

pub mod error;
pub mod wire;
