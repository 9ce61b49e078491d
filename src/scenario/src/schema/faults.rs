//! What a scenario says of what goes wrong: faults told one by one, or drawn from a seed.

use std::collections::BTreeSet;

use sandtable_model::{Effect, EffectKind, Fault, FaultPlan, Rate, ResourceId, SeededFaults, Span};
use sandtable_simulator::{dispatch, fault::answer};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::build::Problem;
use crate::schema::Scenario;
use crate::yaml::{Located, Position};

/// An entry of `faults`: the members of [`Fault`], or those of [`SeededFaults`]. Read as one, so that a
/// mistake is told at its place and not as "no variant matches".
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultEntry {
    action: Option<Located<String>>,
    resource: Option<Located<ResourceId>>,
    at: Option<Located<Span>>,
    occurrence: Option<Located<u32>>,
    times: Option<Located<u32>>,
    effect: Option<Located<Effect>>,
    seed: Option<Located<u64>>,
    rate: Option<Located<Rate>>,
    effects: Option<Located<Vec<EffectKind>>>,
    resources: Option<Located<Vec<ResourceId>>>,
}

impl JsonSchema for FaultEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FaultEntry".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let told = generator.subschema_for::<Fault>();
        let seeded = generator.subschema_for::<SeededFaults>();
        json_schema!({
            "oneOf": [told, seeded],
            "description": "A fault told in full, or faults drawn from a seed.",
        })
    }
}

impl FaultEntry {
    /// The fault, when it is told.
    pub fn told(&self) -> Option<Fault> {
        let value = |it: &Option<Located<u32>>| it.as_ref().map_or(1, |it| it.value);
        Some(Fault {
            action: self.action.as_ref()?.value.clone(),
            resource: self.resource.as_ref().map(|it| it.value.clone()),
            at: self.at.as_ref().map(|it| it.value),
            occurrence: value(&self.occurrence),
            times: value(&self.times),
            effect: self.effect.as_ref()?.value.clone(),
        })
    }

    /// The faults that are drawn, when they are.
    pub fn seeded(&self) -> Option<SeededFaults> {
        let mut seeded = SeededFaults::new(self.seed.as_ref()?.value, self.rate.as_ref()?.value);
        if let Some(effects) = &self.effects {
            seeded.effects.clone_from(&effects.value);
        }
        if let Some(resources) = &self.resources {
            seeded.resources.clone_from(&resources.value);
        }
        Some(seeded)
    }
}

impl Scenario {
    /// The faults of the run.
    pub fn fault_plan(&self) -> FaultPlan {
        FaultPlan {
            faults: self.faults.iter().filter_map(|it| it.told()).collect(),
            seeded: self.faults.iter().filter_map(|it| it.seeded()).collect(),
        }
    }
}

/// Faults that could never strike, or say nothing.
pub(crate) fn problems(scenario: &Scenario) -> Vec<Problem> {
    let known: BTreeSet<String> = dispatch::modelled_operations()
        .into_iter()
        .map(|(api, name)| dispatch::full_name(api, name).into_owned())
        .collect();
    let mut checked = Checked {
        known,
        problems: Vec::new(),
    };
    for entry in &scenario.faults {
        checked.entry(entry);
    }
    checked.problems
}

struct Checked {
    known: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Checked {
    fn tell(&mut self, position: Position, message: impl Into<String>) {
        let message = message.into();
        self.problems.push(Problem { position, message });
    }

    fn entry(&mut self, entry: &Located<FaultEntry>) {
        let is_told = entry.action.is_some() || entry.effect.is_some();
        let is_seeded = entry.seed.is_some() || entry.rate.is_some();
        match (is_told, is_seeded) {
            (true, false) => self.told(entry),
            (false, true) => self.seeded(entry),
            (true, true) => self.tell(
                entry.position,
                "a fault is either told (`action`, `effect`) or drawn (`seed`, `rate`): make two entries \
                 of this one",
            ),
            (false, false) => self.tell(
                entry.position,
                "a fault needs `action` and `effect`, or `seed` and `rate` when it shall be drawn",
            ),
        }
    }

    fn told(&mut self, entry: &Located<FaultEntry>) {
        for (name, position) in [
            ("effects", position(entry.effects.as_ref())),
            ("resources", position(entry.resources.as_ref())),
        ] {
            if let Some(position) = position {
                let message = format!("`{name}` is for faults that a `seed` draws");
                self.tell(position, message);
            }
        }
        for (name, number) in [("occurrence", &entry.occurrence), ("times", &entry.times)] {
            if let Some(number) = number.as_ref().filter(|it| it.value == 0) {
                let message = format!("`{name}` is counted from 1; 0 would never strike");
                self.tell(number.position, message);
            }
        }
        let Some(action) = &entry.action else {
            return self.tell(
                entry.position,
                "a fault needs an `action`: AWS's name of the operation, or `*` for any call",
            );
        };
        self.operation(&action.value, action.position, true);
        let Some(effect) = &entry.effect else {
            let names = EffectKind::ALL.map(|it| format!("`{it}`")).join(", ");
            let message = format!("a fault needs an `effect`: one of {names}, or `drift`");
            return self.tell(entry.position, message);
        };
        self.effect(&action.value, effect);
    }

    fn effect(&mut self, action: &str, effect: &Located<Effect>) {
        let at = effect.position;
        if !answer::can_happen(action, &effect.value) && self.known.contains(action) {
            let name = effect.name();
            let message = format!(
                "`{name}` cannot come about at {action}: it asks AWS for nothing that could be short"
            );
            self.tell(at, message);
        }
        match &effect.value {
            Effect::StaleRead { count: 0 } => {
                self.tell(at, "`count` of stale reads must be 1 at least");
            }
            Effect::Stuck {
                millis: Some(..=0),
            } => self.tell(
                at,
                "`millis` must be 1 at least; leave it out for what never ends",
            ),
            Effect::Drift { calls } if calls.is_empty() => self.tell(
                at,
                "`drift` needs `calls`: what someone else does, each an `action` with its `parameters`",
            ),
            Effect::Drift { calls } => {
                for call in calls {
                    self.operation(&call.action, at, false);
                }
            }
            _ => {}
        }
    }

    fn seeded(&mut self, entry: &Located<FaultEntry>) {
        for (name, position) in [
            ("resource", position(entry.resource.as_ref())),
            ("at", position(entry.at.as_ref())),
            ("occurrence", position(entry.occurrence.as_ref())),
            ("times", position(entry.times.as_ref())),
        ] {
            if let Some(position) = position {
                let message =
                    format!("`{name}` is for a fault that is told; a `seed` draws the calls");
                self.tell(position, message);
            }
        }
        if entry.seed.is_none() {
            self.tell(entry.position, "faults that are drawn need a `seed`");
        }
        if entry.rate.is_none() {
            let message =
                "faults that are drawn need a `rate`: at how many of the calls, `5%` or `12/1000`";
            self.tell(entry.position, message);
        }
        if let Some(effects) = entry.effects.as_ref().filter(|it| it.value.is_empty()) {
            let message = "`effects` is empty: leave it out for any of them";
            self.tell(effects.position, message);
        }
    }

    fn operation(&mut self, action: &str, position: Position, any: bool) {
        if (any && action == "*") || self.known.contains(action) {
            return;
        }
        let lower = action.to_ascii_lowercase();
        let alike = self.known.iter().find(|known| {
            let name = known.rsplit(':').next().unwrap_or(known);
            let names = [known.as_str(), name].map(str::to_ascii_lowercase);
            names.iter().any(|it| *it == lower || one_off(it, &lower))
        });
        let hint = match (alike, action) {
            (Some(name), _) => format!("; did you mean `{name}`?"),
            (None, "*") => "; someone else's call must be told by name".to_owned(),
            (None, _) => "; docs/operations.md lists what it models".to_owned(),
        };
        let message = format!("the twin does not model the operation `{action}`{hint}");
        self.tell(position, message);
    }
}

fn position<T>(member: Option<&Located<T>>) -> Option<Position> {
    member.map(|it| it.position)
}

/// Whether two words differ by one letter that is missing, added or wrong.
fn one_off(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let (short, long) = match one.len() <= other.len() {
        true => (one, other),
        false => (other, one),
    };
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let rest = |of: &[u8], from: usize| of.get(from..).map(<[u8]>::to_vec);
    match long.len() - short.len() {
        0 => rest(short, same + 1) == rest(long, same + 1),
        1 => rest(short, same) == rest(long, same + 1),
        _ => false,
    }
}
