//! What the brain found, what supports it, and what it decided not to say.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::{Region, ResourceId, Usd};

macro_rules! text_newtype {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self { Self(text.to_owned()) }
        }
    };
}
pub(crate) use text_newtype;

text_newtype!(
    /// The id of a detector's rule: a row of the waste catalogue (`G1`, `V1`, …).
    RuleId
);
text_newtype!(
    /// The id of a finding: the rule and the resource, `G1/vpc-0abc…`. Stable over scans.
    FindingId
);

/// How sure a finding is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Something that bears on it is unknown, and could turn it over.
    Low,
    /// Something that bears on it is unknown; it seldom matters.
    Medium,
    /// All that bears on it was seen.
    High,
}

/// What kind of support a piece of evidence is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Seen in an answer of the cloud.
    Observed,
    /// Concluded from what was seen.
    Derived,
    /// Not known; supports nothing, and is shown because it might matter.
    Unknown,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The resource it was seen on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceId>,
    /// What was seen, a sentence without a full stop.
    pub claim: String,
    /// What kind of support it is.
    pub grade: Grade,
}

/// A guard: a way in which the finding could be wrong, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// What could make the finding wrong (`central egress VPC`).
    pub name: String,
    /// Whether it does.
    pub outcome: GuardOutcome,
    /// What the outcome rests on.
    pub reason: String,
}

/// What became of a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuardOutcome {
    /// It was looked at and does not apply.
    Cleared,
    /// It could not be looked at; confidence is lower for it.
    Unknown,
}

/// A wasteful pattern, found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The id.
    pub id: FindingId,
    /// The rule.
    pub rule: RuleId,
    /// The resource that the finding is about.
    pub resource: ResourceId,
    /// Its Region.
    pub region: Region,
    /// A line for people.
    pub title: String,
    /// The other resources of the pattern, by id.
    pub related: Vec<ResourceId>,
    /// What supports it.
    pub evidence: Vec<Evidence>,
    /// What could have made it wrong.
    pub guards: Vec<Guard>,
    /// How sure it is.
    pub confidence: Confidence,
    /// What it costs a month, at the prices used; absent when a price is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saving_usd_month: Option<Usd>,
    /// How the saving was worked out, a line per item.
    pub pricing: Vec<String>,
    /// What its owner may do about it, where no step of a plan would do it well; absent for a finding
    /// that a plan remedies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// A rule that looked at a resource and decided not to flag it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppressed {
    /// The rule.
    pub rule: RuleId,
    /// The resource.
    pub resource: ResourceId,
    /// The guard or condition that spoke against it.
    pub guard: String,
    /// Why, in words.
    pub reason: String,
}
