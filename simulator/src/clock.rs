//! The virtual clock: what is due when.

use rpds::RedBlackTreeMapSync;
use sandtable_model::Timestamp;

use crate::{compute, connectivity, network, services, storage};

/// Something that happens by itself after a call. Closed, so that a fork can carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// Of a volume, snapshot or image.
    Storage(storage::Transition),
    /// Of an instance.
    Compute(compute::Transition),
    /// Of a network resource.
    Network(network::Transition),
    /// Of a peering, transit gateway or VPN.
    Connectivity(connectivity::Transition),
    /// Of a resource of a service beside EC2.
    Services(services::Transition),
}

/// What is scheduled, in the order in which it will happen. Persistent, as forks carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timers {
    now: Timestamp,
    sequence: u64,
    due: RedBlackTreeMapSync<(Timestamp, u64), Transition>,
}

impl Timers {
    pub(crate) fn new(now: Timestamp) -> Self {
        Timers {
            now,
            sequence: 0,
            due: RedBlackTreeMapSync::new_sync(),
        }
    }

    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Puts `transition` at `at`; of those at one moment the first scheduled happens first.
    pub(crate) fn schedule(&mut self, at: Timestamp, transition: Transition) {
        self.due.insert_mut((at, self.sequence), transition);
        self.sequence += 1;
    }

    /// The next transition that is due by `until`; the clock goes to its moment.
    pub(crate) fn pop_due(&mut self, until: Timestamp) -> Option<Transition> {
        let (key, transition) = self.due.first()?;
        if key.0 > until {
            return None;
        }
        let (key, transition) = (*key, transition.clone());
        self.now = self.now.max(key.0);
        self.due.remove_mut(&key);
        Some(transition)
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
