//! The virtual clock: what is due when.

use std::collections::BTreeMap;

use sandtable_model::Timestamp;

use crate::{compute, network, storage};

/// Something that happens by itself after a call. Closed, so that a fork can carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// Of a volume, snapshot or image.
    Storage(storage::Transition),
    /// Of an instance.
    Compute(compute::Transition),
    /// Of a network resource.
    Network(network::Transition),
}

/// What is scheduled, in the order in which it will happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timers {
    now: Timestamp,
    sequence: u64,
    due: BTreeMap<(Timestamp, u64), Transition>,
}

impl Timers {
    pub(crate) const fn new(now: Timestamp) -> Self {
        Timers {
            now,
            sequence: 0,
            due: BTreeMap::new(),
        }
    }

    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Puts `transition` at `at`; of those at one moment the first scheduled happens first.
    pub(crate) fn schedule(&mut self, at: Timestamp, transition: Transition) {
        self.due.insert((at, self.sequence), transition);
        self.sequence += 1;
    }

    /// The next transition that is due by `until`; the clock goes to its moment.
    pub(crate) fn pop_due(&mut self, until: Timestamp) -> Option<Transition> {
        let entry = self.due.first_entry()?;
        let (at, _) = *entry.key();
        if at > until {
            return None;
        }
        self.now = self.now.max(at);
        Some(entry.remove())
    }

    /// Moves the clock to `at`, when that is later.
    pub(crate) fn set_now(&mut self, at: Timestamp) {
        self.now = self.now.max(at);
    }

    /// When the next transition is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.due.keys().next().map(|(at, _)| *at)
    }
}
