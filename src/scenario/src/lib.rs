//! Scenarios: a cloud, a policy, faults and expectations in one file, and what can be rehearsed at
//! all: scenario files, snapshots and folders of describe answers.
//!
//! Deliberately absent: any AWS client, and how things look on a terminal. Start at [`Source::open`].

mod build;
mod discover;
mod folder;
mod references;
pub mod schema;
mod source;
mod yaml;

pub use build::Problem;
pub use discover::discover;
pub use schema::{Scenario, json_schema};
pub use source::{Loaded, ScenarioError, Source, SourceError, SourceOptions, read_scenario};
pub use yaml::{Located, Position};
