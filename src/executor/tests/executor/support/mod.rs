//! A scripted cloud, plans for it, and warrants.

mod fake;
mod plans;

pub(crate) use fake::{Fake, Reply, error, resource, volume};
pub(crate) use plans::*;
