//! The difference between two states of an account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{FactMap, Resource, ResourceId, Snapshot, facts_of};

/// What differs, by resource. A resource that is still described but over (a deleted NAT gateway, a
/// terminated instance) counts as gone: how long AWS goes on listing it means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diff {
    /// The changed resources; those that are the same are not listed.
    pub resources: BTreeMap<ResourceId, ResourceChange>,
}

/// What became of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ResourceChange {
    /// It is only in the second state.
    Created {
        /// Its facts.
        facts: FactMap,
    },
    /// It is only in the first state.
    Deleted {
        /// The facts that it had.
        facts: FactMap,
    },
    /// It is in both, with other facts.
    Changed {
        /// The facts that differ, by name.
        facts: BTreeMap<String, Change>,
    },
}

/// A fact in the two states; absent on the side that does not have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The first state's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The second state's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl Diff {
    /// The difference between two snapshots of the same account.
    pub fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let mut diff = Diff::default();
        let ids = before
            .resources()
            .chain(after.resources())
            .map(|resource| resource.id());
        let ids: std::collections::BTreeSet<ResourceId> = ids.collect();
        for id in ids {
            let (one, other) = (before.get(&id), after.get(&id));
            diff.compare(&id, one.map(AsRef::as_ref), other.map(AsRef::as_ref));
        }
        diff
    }

    /// Compares one resource in the two states and records what differs.
    pub fn compare(
        &mut self,
        id: &ResourceId,
        before: Option<&Resource>,
        after: Option<&Resource>,
    ) {
        let before = before.filter(|it| !it.is_gone());
        let after = after.filter(|it| !it.is_gone());
        let change = match (before, after) {
            (None, None) => return,
            (Some(one), Some(other)) if one == other => return,
            (None, Some(it)) => ResourceChange::Created {
                facts: facts_of(it),
            },
            (Some(it), None) => ResourceChange::Deleted {
                facts: facts_of(it),
            },
            (Some(one), Some(other)) => {
                let facts = Self::facts(&facts_of(one), &facts_of(other));
                if facts.is_empty() {
                    return;
                }
                ResourceChange::Changed { facts }
            }
        };
        self.resources.insert(id.clone(), change);
    }

    /// The facts that differ between two states of one resource.
    pub fn facts(before: &FactMap, after: &FactMap) -> BTreeMap<String, Change> {
        let mut changes = BTreeMap::new();
        for name in before.keys().chain(after.keys()) {
            let (one, other) = (before.get(name), after.get(name));
            if one != other {
                let change = Change {
                    before: one.cloned(),
                    after: other.cloned(),
                };
                changes.insert(name.clone(), change);
            }
        }
        changes
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }
}
