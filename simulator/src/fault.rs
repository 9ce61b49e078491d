//! Faults: what goes wrong at which call. Data, so that a scenario can hold it, or drawn from a seed.

use sandtable_model::{AccountId, Duration, Region, ResourceId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::IdSource;

/// Something that goes wrong at one call, or at some in a row. Dry runs are not counted; only
/// [`Effect::Denied`] shows in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// AWS's name of the operation, or `*` for any. Outside EC2 the service stands before it:
    /// `sts:AssumeRole`.
    pub action: String,
    /// A resource that the call must name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceId>,
    /// Which of the matching calls it is, from 1.
    #[serde(default = "one")]
    pub occurrence: u32,
    /// At how many matching calls in a row it happens.
    #[serde(default = "one")]
    pub times: u32,
    /// What happens.
    pub effect: Effect,
}

const fn one() -> u32 {
    1
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Effect {
    /// `RequestLimitExceeded`; nothing is done.
    Throttle,
    /// `InternalError`; nothing is done.
    InternalError,
    /// No answer; nothing is done.
    TimeoutBefore,
    /// No answer; it is done.
    TimeoutAfter,
    /// The connection breaks; nothing is done.
    ConnectionReset,
    /// `UnauthorizedOperation`; nothing is done.
    Denied,
    /// `InsufficientInstanceCapacity`; nothing is done.
    InsufficientCapacity,
    /// Reads show the state before the last change: the next `count` after a change, or this one and
    /// those after it when the call is a read itself.
    StaleRead {
        /// How many reads.
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
        calls: Vec<ForeignCall>,
    },
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

/// The faults of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct FaultPlan(pub Vec<Fault>);

impl FaultPlan {
    /// `count` faults drawn from a seed, each at the first call of one of `calls` (operation and the
    /// resource that it names).
    pub fn seeded(seed: u64, calls: &[(&str, ResourceId)], count: usize) -> Self {
        let mut source = IdSource::new(seed);
        let effects = [
            Effect::Throttle,
            Effect::InternalError,
            Effect::TimeoutBefore,
            Effect::TimeoutAfter,
            Effect::ConnectionReset,
            Effect::Denied,
            Effect::StaleRead { count: 2 },
            Effect::Stuck {
                millis: Some(Duration::from_secs(300).millis()),
            },
        ];
        let mut faults = Vec::new();
        for _ in 0..count.min(calls.len().saturating_mul(4)) {
            let Some((action, resource)) = pick(&mut source, calls) else {
                break;
            };
            let Some(effect) = pick(&mut source, &effects) else {
                break;
            };
            faults.push(Fault {
                action: (*action).to_owned(),
                resource: Some(resource.clone()),
                occurrence: 1,
                times: 1,
                effect: effect.clone(),
            });
        }
        FaultPlan(faults)
    }
}

fn pick<'a, T>(source: &mut IdSource, from: &'a [T]) -> Option<&'a T> {
    let index = source.below(from.len() as u64);
    from.get(usize::try_from(index).ok()?)
}

/// A fault that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fired {
    /// Which of the plan's faults, from 0.
    pub fault: usize,
    /// When.
    pub at: Timestamp,
    /// The operation at which it happened.
    pub action: String,
}

/// How far the faults of a run have come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    plan: Vec<Fault>,
    /// How many matching calls each fault has seen.
    seen: Vec<u32>,
    pub(crate) fired: Vec<Fired>,
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan) -> Self {
        Faults {
            seen: vec![0; plan.0.len()],
            plan: plan.0,
            fired: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.plan.is_empty()
    }

    /// Whether any fault makes reads stale, so that earlier states must be kept.
    pub(crate) fn keep_the_past(&self) -> bool {
        let is_stale = |it: &Fault| matches!(it.effect, Effect::StaleRead { .. });
        self.plan.iter().any(is_stale)
    }

    /// Counts a call and gives what goes wrong at it, in the order of the plan.
    pub(crate) fn at(
        &mut self,
        action: &str,
        input: &Value,
        is_dry_run: bool,
        now: Timestamp,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (index, fault) in self.plan.iter().enumerate() {
            let is_meant = fault.action == "*" || fault.action == action;
            let names = |id: &ResourceId| names(input, id.as_str());
            if !is_meant || !fault.resource.as_ref().is_none_or(names) {
                continue;
            }
            let number = self.seen[index].saturating_add(1);
            if !is_dry_run {
                self.seen[index] = number;
            }
            let last = fault
                .occurrence
                .saturating_add(fault.times.saturating_sub(1));
            let is_due = (fault.occurrence..=last).contains(&number);
            if !is_due || (is_dry_run && fault.effect != Effect::Denied) {
                continue;
            }
            effects.push(fault.effect.clone());
            self.fired.push(Fired {
                fault: index,
                at: now,
                action: action.to_owned(),
            });
        }
        effects
    }
}

/// Whether a text stands anywhere in an input.
fn names(input: &Value, text: &str) -> bool {
    match input {
        Value::String(it) => it == text,
        Value::Array(entries) => entries.iter().any(|it| names(it, text)),
        Value::Object(members) => members.values().any(|it| names(it, text)),
        _ => false,
    }
}
