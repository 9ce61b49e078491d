//! Scenarios: a cloud, a policy, faults and expectations in one file, and what can be rehearsed at
//! all: scenario files, snapshots and folders of describe answers.
//!
//! [`Source::open`] reads, [`rehearse`] runs brain, linter and executor on the twin and gives a
//! receipt, [`run_scenario`] compares that with what a scenario expects, [`report`] tells people.
//!
//! Deliberately absent: any AWS client, any clock, and how things look on a terminal.

mod build;
mod compare;
mod discover;
mod faults;
mod folder;
mod named;
mod preview;
mod references;
mod rehearse;
pub mod report;
mod run;
pub mod schema;
mod source;
mod yaml;

pub use build::Problem;
pub use compare::Mismatch;
pub use discover::discover;
pub use faults::{Faults, ParseFaultsError};
pub use preview::{LackedPermission, mending_policy};
pub use rehearse::{Rehearsal, RehearseError, RehearseOptions, rehearse};
pub use run::{ScenarioFailure, ScenarioReport, quoted, run_scenario, run_scenarios};
pub use schema::{Scenario, json_schema};
pub use source::{
    Loaded, ScenarioError, Source, SourceError, SourceOptions, read_policy, read_scenario,
};
pub use yaml::{Located, Position};
