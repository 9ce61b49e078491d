//! Faults: what goes wrong at which call of a rehearsal, and what someone else does meanwhile.
//!
//! Data alone: a scenario tells it, a seed draws it, a simulated cloud acts on it. One vocabulary for
//! all of them, so that what one of them found can be told to another. How a fault shows (the code of
//! an error, the calls of someone else) is the simulated cloud's business.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{AccountId, Rate, Region, ResourceId, Span};

/// The faults of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultPlan {
    /// Those that are told one by one.
    pub faults: Vec<Fault>,
    /// Those that are drawn as the run goes on.
    pub seeded: Vec<SeededFaults>,
}

impl From<Vec<Fault>> for FaultPlan {
    fn from(faults: Vec<Fault>) -> Self {
        let seeded = Vec::new();
        FaultPlan { faults, seeded }
    }
}

/// Something that goes wrong at one call, or at some in a row. Dry runs are not counted; only
/// [`Effect::Denied`] shows in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// AWS's name of the operation, or `*` for any; reads are calls too (`DescribeVolumes`). Outside
    /// EC2 the service stands before it: `sts:AssumeRole`.
    pub action: String,
    /// A resource that the call must name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceId>,
    /// The virtual time since the run began from which on calls match: `30s`. What someone else does
    /// comes just before the first call from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Span>,
    /// Which of the matching calls it is, from 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[schemars(range(min = 1))]
    pub occurrence: u32,
    /// At how many matching calls in a row it happens.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[schemars(range(min = 1))]
    pub times: u32,
    /// What happens.
    pub effect: Effect,
}

const fn one() -> u32 {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes members by reference"
)]
const fn is_one(number: &u32) -> bool {
    *number == 1
}

impl Fault {
    /// A fault at the first call of an operation.
    pub fn new(action: impl Into<String>, effect: Effect) -> Self {
        Fault {
            action: action.into(),
            resource: None,
            at: None,
            occurrence: 1,
            times: 1,
            effect,
        }
    }

    /// The same at calls that name a resource.
    #[must_use]
    pub fn on(mut self, resource: ResourceId) -> Self {
        self.resource = Some(resource);
        self
    }
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Effect {
    /// Too many calls (`RequestLimitExceeded`); nothing is done.
    Throttle,
    /// The cloud fails (`InternalError`); nothing is done.
    InternalError,
    /// The cloud is overloaded (`Unavailable`); nothing is done.
    Unavailable,
    /// No answer; nothing is done.
    TimeoutBefore,
    /// No answer; it is done.
    TimeoutAfter,
    /// The connection breaks; nothing is done.
    ConnectionReset,
    /// The caller may not do this (`UnauthorizedOperation`); nothing is done.
    Denied,
    /// AWS has no room (`InsufficientInstanceCapacity` and its like), where an operation needs some;
    /// nothing is done.
    InsufficientCapacity,
    /// Reads show the state before the last change: the next `count` after a change, or this one and
    /// those after it when the call is a read itself.
    StaleRead {
        /// How many reads.
        #[schemars(range(min = 1))]
        count: u32,
    },
    /// What the call begins is never completed, or takes longer.
    Stuck {
        /// How long it takes, in milliseconds; for ever when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        millis: Option<i64>,
    },
    /// Someone else changes something just before the call.
    Drift {
        /// Their calls, in order.
        #[schemars(length(min = 1))]
        calls: Vec<ForeignCall>,
    },
    /// Someone else deletes a resource just before the call.
    DriftDeleted {
        /// What they delete.
        resource: ResourceId,
    },
    /// Someone else puts a resource to use just before the call: attaches it, associates it, routes
    /// to it, makes something of it.
    DriftInUse {
        /// What they put to use.
        resource: ResourceId,
    },
    /// Someone else tags a resource just before the call.
    DriftTagged {
        /// What they tag.
        resource: ResourceId,
    },
}

impl Effect {
    /// Its name, as scenarios and receipts have it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Drift { .. } => "drift",
            Self::Throttle => EffectKind::Throttle.as_str(),
            Self::InternalError => EffectKind::InternalError.as_str(),
            Self::Unavailable => EffectKind::Unavailable.as_str(),
            Self::TimeoutBefore => EffectKind::TimeoutBefore.as_str(),
            Self::TimeoutAfter => EffectKind::TimeoutAfter.as_str(),
            Self::ConnectionReset => EffectKind::ConnectionReset.as_str(),
            Self::Denied => EffectKind::Denied.as_str(),
            Self::InsufficientCapacity => EffectKind::InsufficientCapacity.as_str(),
            Self::StaleRead { .. } => EffectKind::StaleRead.as_str(),
            Self::Stuck { .. } => EffectKind::Stuck.as_str(),
            Self::DriftDeleted { .. } => EffectKind::DriftDeleted.as_str(),
            Self::DriftInUse { .. } => EffectKind::DriftInUse.as_str(),
            Self::DriftTagged { .. } => EffectKind::DriftTagged.as_str(),
        }
    }
}

/// A call that someone else makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForeignCall {
    /// AWS's name of the operation; outside EC2 behind the service's: `sts:AssumeRole`.
    pub action: String,
    /// Its parameters under AWS's names.
    #[serde(default)]
    pub parameters: Value,
    /// The Region; that of the call at which it happens when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The account; the twin's own when absent. Another one can answer what waits for it: accept a
    /// peering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
}

/// Faults that a seed draws while the run goes on: the same seed and the same calls give the same ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeededFaults {
    /// What they are drawn from.
    pub seed: u64,
    /// At how many of the calls something goes wrong: `5%`, or `12/1000`.
    pub rate: Rate,
    /// What may go wrong; any of them when absent.
    #[serde(default = "all", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub effects: Vec<EffectKind>,
    /// What someone else may change; what the call names when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceId>,
}

fn all() -> Vec<EffectKind> {
    EffectKind::ALL.to_vec()
}

impl SeededFaults {
    /// Faults of every kind.
    pub fn new(seed: u64, rate: Rate) -> Self {
        SeededFaults {
            seed,
            rate,
            effects: all(),
            resources: Vec::new(),
        }
    }
}

/// What a seed can draw: every effect but those that need more than a resource to be told.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum EffectKind {
    /// [`Effect::Throttle`].
    Throttle,
    /// [`Effect::InternalError`].
    InternalError,
    /// [`Effect::Unavailable`].
    Unavailable,
    /// [`Effect::TimeoutBefore`].
    TimeoutBefore,
    /// [`Effect::TimeoutAfter`].
    TimeoutAfter,
    /// [`Effect::ConnectionReset`].
    ConnectionReset,
    /// [`Effect::Denied`].
    Denied,
    /// [`Effect::InsufficientCapacity`].
    InsufficientCapacity,
    /// [`Effect::StaleRead`] of three reads.
    StaleRead,
    /// [`Effect::Stuck`] for ever.
    Stuck,
    /// [`Effect::DriftDeleted`].
    DriftDeleted,
    /// [`Effect::DriftInUse`].
    DriftInUse,
    /// [`Effect::DriftTagged`].
    DriftTagged,
}

impl EffectKind {
    /// Every one.
    pub const ALL: [EffectKind; 13] = [
        EffectKind::Throttle,
        EffectKind::InternalError,
        EffectKind::Unavailable,
        EffectKind::TimeoutBefore,
        EffectKind::TimeoutAfter,
        EffectKind::ConnectionReset,
        EffectKind::Denied,
        EffectKind::InsufficientCapacity,
        EffectKind::StaleRead,
        EffectKind::Stuck,
        EffectKind::DriftDeleted,
        EffectKind::DriftInUse,
        EffectKind::DriftTagged,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::InternalError => "internal-error",
            Self::Unavailable => "unavailable",
            Self::TimeoutBefore => "timeout-before",
            Self::TimeoutAfter => "timeout-after",
            Self::ConnectionReset => "connection-reset",
            Self::Denied => "denied",
            Self::InsufficientCapacity => "insufficient-capacity",
            Self::StaleRead => "stale-read",
            Self::Stuck => "stuck",
            Self::DriftDeleted => "drift-deleted",
            Self::DriftInUse => "drift-in-use",
            Self::DriftTagged => "drift-tagged",
        }
    }

    /// Whether someone else does it, and not the cloud.
    pub const fn is_drift(self) -> bool {
        matches!(
            self,
            Self::DriftDeleted | Self::DriftInUse | Self::DriftTagged
        )
    }

    /// The effect in its usual strength; none when someone else would have to change a resource and
    /// none is given.
    pub fn effect(self, resource: Option<&ResourceId>) -> Option<Effect> {
        Some(match self {
            Self::Throttle => Effect::Throttle,
            Self::InternalError => Effect::InternalError,
            Self::Unavailable => Effect::Unavailable,
            Self::TimeoutBefore => Effect::TimeoutBefore,
            Self::TimeoutAfter => Effect::TimeoutAfter,
            Self::ConnectionReset => Effect::ConnectionReset,
            Self::Denied => Effect::Denied,
            Self::InsufficientCapacity => Effect::InsufficientCapacity,
            Self::StaleRead => Effect::StaleRead { count: 3 },
            Self::Stuck => Effect::Stuck { millis: None },
            Self::DriftDeleted => Effect::DriftDeleted {
                resource: resource?.clone(),
            },
            Self::DriftInUse => Effect::DriftInUse {
                resource: resource?.clone(),
            },
            Self::DriftTagged => Effect::DriftTagged {
                resource: resource?.clone(),
            },
        })
    }
}

impl fmt::Display for EffectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One entry of a scenario's `faults`, on one line: `{ action: DeleteVolume, effect: throttle }`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Plain data with string keys always has a JSON form.
        flow(&serde_json::to_value(self).unwrap_or_default(), f)
    }
}

/// YAML's flow form: texts bare where they cannot be taken for anything else, else as JSON.
fn flow(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Value::String(text) if is_plain(text) => f.write_str(text),
        Value::Object(members) if !members.is_empty() => {
            f.write_str("{ ")?;
            for (index, (name, member)) in members.iter().enumerate() {
                let separator = if index > 0 { ", " } else { "" };
                f.write_str(separator)?;
                match is_plain(name) {
                    true => write!(f, "{name}: ")?,
                    false => write!(f, "{}: ", Value::from(name.as_str()))?,
                }
                flow(member, f)?;
            }
            f.write_str(" }")
        }
        Value::Array(entries) => {
            f.write_str("[")?;
            for (index, entry) in entries.iter().enumerate() {
                let separator = if index > 0 { ", " } else { "" };
                f.write_str(separator)?;
                flow(entry, f)?;
            }
            f.write_str("]")
        }
        other => write!(f, "{other}"),
    }
}

fn is_plain(text: &str) -> bool {
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    let reserved = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.chars().all(is_word)
        && !reserved.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_fault_is_told_on_one_line() {
        let volume: ResourceId = "vol-0123456789abcdef0".parse().unwrap();
        let fault = Fault::new("DeleteVolume", Effect::Throttle).on(volume.clone());
        let text = "{ action: DeleteVolume, resource: vol-0123456789abcdef0, effect: throttle }";
        assert_eq!(fault.to_string(), text);
        let mut fault = Fault::new("*", EffectKind::DriftInUse.effect(Some(&volume)).unwrap());
        fault.occurrence = 12;
        fault.at = Some("1m 30s".parse().unwrap());
        assert_eq!(
            fault.to_string(),
            "{ action: \"*\", at: \"90s\", occurrence: 12, effect: { drift-in-use: { resource: \
             vol-0123456789abcdef0 } } }"
        );
        let call = ForeignCall {
            action: "CreateTags".to_owned(),
            parameters: json!({"Resources": [], "Tags": [{"Key": "yes", "Value": "a b"}]}),
            region: None,
            account: None,
        };
        let fault = Fault::new("*", Effect::Drift { calls: vec![call] });
        assert_eq!(
            fault.to_string(),
            "{ action: \"*\", effect: { drift: { calls: [{ action: CreateTags, parameters: { \
             Resources: [], Tags: [{ Key: \"yes\", Value: \"a b\" }] } }] } } }"
        );
    }

    #[test]
    fn every_kind_gives_the_effect_of_its_name() {
        let volume: ResourceId = "vol-0123456789abcdef0".parse().unwrap();
        for kind in EffectKind::ALL {
            let effect = kind.effect(Some(&volume)).unwrap();
            assert_eq!(effect.name(), kind.as_str());
            assert_eq!(json!(kind), kind.as_str());
            assert_eq!(kind.effect(None).is_none(), kind.is_drift());
            let told = serde_json::to_value(effect).unwrap();
            let name = told.as_str().map(str::to_owned);
            let name = name.or_else(|| Some(told.as_object()?.keys().next()?.clone()));
            assert_eq!(name.as_deref(), Some(kind.as_str()));
        }
    }
}
