//! What holds at each step, as far as snapshot and the effects of earlier steps tell.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::{Condition, FactMap, ResourceId, Snapshot, Step, facts_of};

use super::Linter;

/// Beliefs about the cloud while the plan runs.
pub(super) struct World<'a> {
    snapshot: &'a Snapshot,
    gone: BTreeSet<ResourceId>,
    effects: BTreeSet<Condition>,
    facts: BTreeMap<ResourceId, FactMap>,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Belief {
    Holds,
    Fails,
    Unknown,
}

impl<'a> World<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        World {
            snapshot,
            gone: BTreeSet::new(),
            effects: BTreeSet::new(),
            facts: BTreeMap::new(),
        }
    }

    fn exists(&self, id: &ResourceId) -> bool {
        !self.gone.contains(id) && self.snapshot.get(id).is_some_and(|it| !it.is_gone())
    }

    /// The facts of a resource, changed by the effects so far.
    fn facts(&mut self, id: &ResourceId) -> Option<&mut FactMap> {
        if !self.facts.contains_key(id) {
            let facts = facts_of(self.snapshot.get(id)?);
            self.facts.insert(id.clone(), facts);
        }
        self.facts.get_mut(id)
    }

    fn judge(&mut self, condition: &Condition) -> Belief {
        let truth = |holds| if holds { Belief::Holds } else { Belief::Fails };
        match condition {
            Condition::Exists { resource } => truth(self.exists(resource)),
            Condition::Gone { resource } => truth(!self.exists(resource)),
            Condition::Fact {
                resource,
                name,
                value,
            } => {
                if !self.exists(resource) {
                    return Belief::Fails;
                }
                let facts = self.facts(resource);
                truth(facts.is_some_and(|facts| facts.get(name) == Some(value)))
            }
            Condition::NoFact { resource, name } => {
                if !self.exists(resource) {
                    return Belief::Fails;
                }
                let covered = |fact: &String| covers(name, fact);
                let found = self
                    .facts(resource)
                    .is_some_and(|facts| facts.keys().any(covered));
                truth(!found)
            }
            Condition::Snapshotted { .. } => truth(self.effects.contains(condition)),
            // These need a look at many resources; `needs` looks at the snapshot for them.
            Condition::NoClients { .. }
            | Condition::NoRoutesTo { .. }
            | Condition::Unreferenced { .. } => Belief::Unknown,
        }
    }

    fn accept(&mut self, effect: &Condition) {
        match effect {
            Condition::Gone { resource } => {
                self.free_addresses(resource);
                self.gone.insert(resource.clone());
            }
            Condition::Fact {
                resource,
                name,
                value,
            } => {
                if let Some(facts) = self.facts(resource) {
                    facts.insert(name.clone(), value.clone());
                }
            }
            Condition::NoFact { resource, name } => {
                if let Some(facts) = self.facts(resource) {
                    facts.retain(|fact, _| !covers(name, fact));
                }
            }
            _ => {}
        }
        self.effects.insert(effect.clone());
    }

    /// A deleted NAT gateway or interface lets go of its addresses.
    fn free_addresses(&mut self, gone: &ResourceId) {
        use sandtable_model::resource::NatGateway;
        let nat = self
            .snapshot
            .get(gone)
            .and_then(|it| it.get::<NatGateway>());
        let addresses: Vec<ResourceId> = nat
            .into_iter()
            .flat_map(|it| &it.nat_gateway_addresses)
            .filter_map(|it| it.allocation_id.as_ref())
            .map(ResourceId::from)
            .collect();
        for address in addresses {
            if let Some(facts) = self.facts(&address) {
                facts.retain(|fact, _| fact != "AssociationId");
            }
        }
    }
}

/// Whether `fact` is the fact `name`, or one below it.
fn covers(name: &str, fact: &str) -> bool {
    fact.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

impl Linter<'_> {
    /// Preconditions must be able to hold when the step's turn comes.
    pub(super) fn conditions(&mut self, step: &Step, world: &mut World<'_>) {
        let target = step.target();
        if world.gone.contains(&target) {
            self.fatal(
                "use-after-delete",
                step,
                format!("an earlier step deletes {target}"),
            );
        }
        for condition in &step.preconditions {
            if world.judge(condition) == Belief::Fails {
                let message = format!("it asks for what will not hold: {condition}");
                self.fatal("precondition", step, message);
            }
        }
        for effect in &step.effects {
            world.accept(effect);
        }
    }
}
