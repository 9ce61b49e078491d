//! Faults drawn from a seed while the run goes on.

use sandtable_model::{Effect, EffectKind, Fault, SeededFaults};

use super::{Seen, answer, named};
use crate::{IdSource, quota};

/// A seeded entry of a plan, and how far its numbers have come. Every call takes the same count of
/// numbers, so that what is drawn at one call does not depend on what was drawn before.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    plan: SeededFaults,
    numbers: IdSource,
}

impl Draw {
    pub(super) const fn new(plan: SeededFaults) -> Self {
        let numbers = IdSource::new(plan.seed);
        Draw { plan, numbers }
    }

    pub(super) fn may_be_stale(&self) -> bool {
        self.plan.effects.contains(&EffectKind::StaleRead)
    }

    /// What goes wrong at a call, the `count`-th of its operation.
    pub(super) fn at(&mut self, call: &Seen<'_>, count: u32) -> Option<Fault> {
        let rolled = self.numbers.below(1000);
        let (which, whose) = (self.numbers.next_number(), self.numbers.next_number());
        if rolled >= u64::from(self.plan.rate.per_mille()) {
            return None;
        }
        let named = named(call.input);
        let resources = match self.plan.resources.is_empty() {
            true => &named,
            false => &self.plan.resources,
        };
        let resource = pick(resources, whose);
        let fits: Vec<Effect> = self
            .plan
            .effects
            .iter()
            .filter(|kind| match kind {
                // A read begins nothing that could stay under way.
                EffectKind::Stuck => !quota::is_read(action_of(call.name)),
                _ => true,
            })
            .filter_map(|kind| kind.effect(resource))
            .filter(|effect| answer::can_happen(call.name, effect))
            .collect();
        let effect = pick(&fits, which)?.clone();
        let mut fault = Fault::new(call.name, effect);
        fault.occurrence = count;
        Some(fault)
    }
}

fn action_of(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, action)| action)
}

fn pick<T>(from: &[T], number: u64) -> Option<&T> {
    let index = number.checked_rem(from.len() as u64)?;
    from.get(usize::try_from(index).ok()?)
}
