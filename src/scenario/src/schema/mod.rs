//! What a scenario file says. `docs/scenarios.md` explains every member with examples;
//! [`json_schema`] is the same for editors.

mod cloud;
mod expect;
pub(crate) mod faults;
#[cfg(test)]
mod tests;

pub use cloud::{Cloud, RegionCloud};
pub use expect::{
    DiffExpectation, Expect, ExpectedChange, ExpectedFinding, NotFlagged, StepCall, Stop, Trouble,
};
pub use faults::FaultEntry;

use sandtable_model::Policy;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::yaml::Located;

/// A cloud, a policy, faults, and what must come of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// `sandtable/scenario/1`.
    pub format: Format,
    /// What the scenario shows, a line.
    pub name: String,
    /// Why it matters and where its facts come from, in prose.
    #[serde(default)]
    pub description: String,
    /// What is there.
    pub cloud: Cloud,
    /// Under which rules the brain works.
    #[serde(default)]
    pub policy: Policy,
    /// What goes wrong at which calls, and what someone else changes meanwhile. Each must strike; of an
    /// entry that is drawn, something must.
    #[serde(default)]
    pub faults: Vec<Located<FaultEntry>>,
    /// How the rehearsal runs.
    #[serde(default)]
    pub options: Options,
    /// What must come of it. What is left out is not compared.
    #[serde(default)]
    pub expect: Expect,
}

/// The type and version of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Format {
    /// The first version.
    #[serde(rename = "sandtable/scenario/1")]
    V1,
}

/// How the rehearsal runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The seed of everything that the twin draws.
    pub seed: u64,
    /// Whether the account's request quotas apply.
    pub quotas: bool,
}

impl Scenario {
    /// The value of the member `format`.
    pub const FORMAT: &'static str = "sandtable/scenario/1";
}

/// The JSON Schema of scenario files (draft 2020-12), for editors and other tools.
pub fn json_schema() -> Value {
    let mut schema = schemars::schema_for!(Scenario);
    schema.insert("title".to_owned(), "sandtable scenario".into());
    schema.to_value()
}
