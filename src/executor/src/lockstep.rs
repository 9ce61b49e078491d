//! Whether what is seen after a step is what its rehearsal saw.

use std::collections::BTreeMap;

use sandtable_cloud::{Act, Clock, Query};
use sandtable_model::{
    Change, Diff, Observed, Region, ResourceChange, ResourceId, Step, StepReceipt, facts_of,
};

use crate::condition::alive;
use crate::failure::{Amendment, Failure, FailureClass, Halt};
use crate::hands::Hands;
use crate::journal::{Record, Storage};
use crate::pace::{self, Poll};

impl<C: Act + Clock, S: Storage> Hands<'_, C, S> {
    /// Observes the target and the watched resources, journals what is seen, and stops when it is
    /// not what the rehearsal saw. Without a rehearsal to compare with, whatever is seen is right.
    pub(crate) fn in_lockstep(
        &mut self,
        step: &Step,
        rehearsed: Option<&StepReceipt>,
    ) -> Result<(), Halt> {
        let mut poll = Poll::within(pace::LOCKSTEP_GRACE, pace::LOCKSTEP_GRACE);
        let (resources, changes) = loop {
            let seen = self.observe(step)?;
            let changes = rehearsed.map(|it| differences(&it.observed, &seen));
            let changes = changes.unwrap_or_default();
            let in_step = changes
                .iter()
                .all(|(id, change)| self.tolerance.of_change(id, change).is_some());
            match poll.next() {
                Some(pause) if !in_step => self.cloud.wait(pause),
                _ => break (seen, changes),
            }
        };
        self.record(Record::Observed {
            step: step.id.clone(),
            resources,
        })?;
        let mut lines = Vec::new();
        for (resource, change) in changes {
            let tolerated = self.tolerance.of_change(&resource, &change);
            if tolerated.is_none() {
                lines.push(in_words(&resource, &change));
            }
            self.record(Record::Difference {
                step: step.id.clone(),
                resource,
                change,
                tolerated,
            })?;
        }
        if lines.is_empty() {
            return Ok(());
        }
        let why = format!(
            "after {} the rehearsal saw otherwise: {}",
            step.id,
            lines.join("; ")
        );
        let text = "find out what changed; then take a new snapshot, plan and rehearse again";
        let failure = Failure::new(FailureClass::Differs, why);
        Err(failure.with_amendment(Amendment::words(text)).into())
    }

    fn observe(&mut self, step: &Step) -> Result<BTreeMap<ResourceId, Observed>, Failure> {
        let mut seen = BTreeMap::new();
        let target = step.target();
        for id in std::iter::once(&target).chain(&step.watch) {
            if !seen.contains_key(id) {
                seen.insert(id.clone(), self.observe_one(&step.region, id)?);
            }
        }
        Ok(seen)
    }

    fn observe_one(&mut self, region: &Region, id: &ResourceId) -> Result<Observed, Failure> {
        let answer = self.look(region, &Query::Resource(id.clone()))?;
        Ok(match alive(&answer, id) {
            Some(resource) => Observed::Present {
                facts: facts_of(resource),
            },
            None => Observed::Gone,
        })
    }
}

/// What differs between the rehearsal (before) and what was seen (after), by resource.
fn differences(
    rehearsed: &BTreeMap<ResourceId, Observed>,
    seen: &BTreeMap<ResourceId, Observed>,
) -> BTreeMap<ResourceId, ResourceChange> {
    let mut changes = BTreeMap::new();
    for id in rehearsed.keys().chain(seen.keys()) {
        let before = rehearsed.get(id).unwrap_or(&Observed::Gone);
        let after = seen.get(id).unwrap_or(&Observed::Gone);
        if let Some(change) = difference(before, after) {
            changes.insert(id.clone(), change);
        }
    }
    changes
}

fn difference(before: &Observed, after: &Observed) -> Option<ResourceChange> {
    match (before, after) {
        (Observed::Gone, Observed::Gone) => None,
        (Observed::Gone, Observed::Present { facts }) => Some(ResourceChange::Created {
            facts: facts.clone(),
        }),
        (Observed::Present { facts }, Observed::Gone) => Some(ResourceChange::Deleted {
            facts: facts.clone(),
        }),
        (Observed::Present { facts: before }, Observed::Present { facts: after }) => {
            let facts = Diff::facts(before, after);
            (!facts.is_empty()).then_some(ResourceChange::Changed { facts })
        }
    }
}

fn in_words(id: &ResourceId, change: &ResourceChange) -> String {
    match change {
        ResourceChange::Created { .. } => format!("{id} was gone, and is there"),
        ResourceChange::Deleted { .. } => format!("{id} was there, and is gone"),
        ResourceChange::Changed { facts } => {
            let fact = |(name, change): (&String, &Change)| {
                let value = |it: &Option<String>| match it {
                    Some(value) => format!("`{value}`"),
                    None => "absent".to_owned(),
                };
                let (before, after) = (value(&change.before), value(&change.after));
                format!("{name} was {before}, and is {after}")
            };
            let facts: Vec<String> = facts.iter().map(fact).collect();
            format!("{id}: {}", facts.join(", "))
        }
    }
}
