//! What a scenario expects of the brain and of the rehearsal.

use std::collections::BTreeMap;
use std::fmt;

use indexmap::IndexMap;
use sandtable_model::{Action, Confidence, Kind, ResourceId, RuleId, Usd, Verdict};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::yaml::Located;

/// What must come of a scenario. A member that is left out is not compared.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// The findings: exactly these, in any order.
    pub findings: Option<Vec<Located<ExpectedFinding>>>,
    /// What a rule looked at and must not flag, and why not.
    pub not_flagged: Vec<Located<NotFlagged>>,
    /// The calls of the plan's steps, in exactly this order: AWS's name of the operation and the id
    /// of its target.
    pub plan: Option<Vec<Located<StepCall>>>,
    /// Chains of calls that the plan must hold in this order, whatever stands between them.
    pub order: Vec<Located<Vec<StepCall>>>,
    /// The difference between the account before and after the rehearsal, completely.
    pub diff: Option<DiffExpectation>,
    /// What the account costs less a month after the rehearsal.
    pub saving_usd_month: Option<Located<Usd>>,
    /// Whether the plan passes its rehearsal.
    pub verdict: Option<Located<Verdict>>,
    /// Where the rehearsal stops, and why.
    pub stops: Option<Located<Stop>>,
    /// Texts that must be in the timeline, in this order: `settled`, `took effect`.
    pub timeline: Vec<Located<String>>,
    /// The rehearsal with one fault of each kind at every step, and a crash at every record.
    pub faults_each: Option<Located<Trouble>>,
}

/// What rehearsals with trouble must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// Every one ends in the rehearsed state, or stops with every effect accounted for.
    Safe,
}

/// A finding that must be there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFinding {
    /// The rule.
    pub rule: RuleId,
    /// The resource that it is about.
    pub resource: ResourceId,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// What it costs a month.
    #[serde(default)]
    pub saving_usd_month: Option<Usd>,
}

/// A resource that a rule must not flag.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotFlagged {
    /// The rule.
    pub rule: RuleId,
    /// The resource.
    pub resource: ResourceId,
    /// Part of the name of the guard that speaks against it, or of its reason.
    pub because: String,
}

/// A call and its target, as in `DeleteNatGateway nat-0123456789abcdef0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepCall {
    /// AWS's name of the operation.
    pub action: String,
    /// The target.
    pub target: ResourceId,
}

/// The difference before and after, completely: what is not named here must not differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DiffExpectation {
    /// What is gone.
    pub deleted: Vec<ResourceId>,
    /// How many resources of each kind are new; the twin draws their ids.
    pub created: BTreeMap<Kind, usize>,
    /// What is there before and after with other facts, and each fact that differs.
    pub changed: BTreeMap<ResourceId, IndexMap<String, ExpectedChange>>,
}

/// A fact before and after; absent on the side that does not have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectedChange {
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

/// Where a rehearsal stops.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// The call that is not done.
    pub at: StepCall,
    /// Part of the reason given.
    pub because: String,
}

impl fmt::Display for StepCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.action, self.target)
    }
}

impl<'de> Deserialize<'de> for StepCall {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let custom = serde::de::Error::custom;
        let (action, target) = text.split_once(' ').ok_or_else(|| {
            custom(format!(
                "`{text}` is not an operation and a target such as `DeleteVpc vpc-0123456789abcdef0`"
            ))
        })?;
        let target = ResourceId::new(target.trim()).map_err(serde::de::Error::custom)?;
        Ok(StepCall {
            action: action.to_owned(),
            target,
        })
    }
}

impl JsonSchema for StepCall {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StepCall".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[A-Z][A-Za-z]+ [a-z]+-[0-9a-z]+$",
            "description": "AWS's name of an operation and the id of its target",
        })
    }
}

impl StepCall {
    /// The call of an action.
    pub fn of(action: &Action) -> Self {
        StepCall {
            action: action.name().to_owned(),
            target: action.target(),
        }
    }

    /// Whether `action` is this call.
    pub fn is(&self, action: &Action) -> bool {
        self.action == action.name() && self.target == action.target()
    }
}
