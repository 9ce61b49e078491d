//! Totals that rules ask for with every call, kept as things come and go: a rule that had to walk all
//! volumes of a Region would make each creation slower than the one before.

use std::collections::BTreeMap;

use rpds::RedBlackTreeMapSync;
use sandtable_model::resource::VolumeType;
use sandtable_model::{AvailabilityZone, Region, Resource};

/// What is totalled in each Region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tally {
    /// GiB of volumes of a type.
    VolumeGib(VolumeType),
    /// Subnets in a zone.
    SubnetsIn(AvailabilityZone),
    /// EBS snapshots.
    Snapshots,
}

/// The total that a resource counts in, and for how much.
pub(super) fn counted(resource: &Resource) -> Option<(Tally, i64)> {
    match resource {
        Resource::Volume(it) => Some((Tally::VolumeGib(it.volume_type.clone()), it.size.into())),
        Resource::Subnet(it) => Some((Tally::SubnetsIn(it.availability_zone.clone()), 1)),
        Resource::EbsSnapshot(_) => Some((Tally::Snapshots, 1)),
        _ => None,
    }
}

type Key = (Region, Tally);

/// The totals of a base.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals(BTreeMap<Key, i64>);

impl Totals {
    pub(super) fn add(&mut self, region: &Region, resource: &Resource) {
        if let Some((tally, amount)) = counted(resource) {
            *self.0.entry((region.clone(), tally)).or_default() += amount;
        }
    }
}

/// By how much the changes of an overlay move the totals. Persistent, as forks carry it.
#[derive(Clone, Debug)]
pub(super) struct Moved(RedBlackTreeMapSync<Key, i64>);

impl Default for Moved {
    fn default() -> Self {
        Moved(RedBlackTreeMapSync::new_sync())
    }
}

impl Moved {
    /// A resource took the place of another, or of none; or went, and none came.
    pub(super) fn replace(
        &mut self,
        before: Option<(&Region, &Resource)>,
        after: Option<(&Region, &Resource)>,
    ) {
        if let Some((region, resource)) = before {
            self.recount(region, counted(resource), None);
        }
        if let Some((region, resource)) = after {
            self.recount(region, None, counted(resource));
        }
    }

    /// A resource of a Region counts otherwise than before. Most changes are of nothing that counts.
    pub(super) fn recount(
        &mut self,
        region: &Region,
        before: Option<(Tally, i64)>,
        after: Option<(Tally, i64)>,
    ) {
        if before == after {
            return;
        }
        if let Some((tally, amount)) = before {
            self.shift((region.clone(), tally), -amount);
        }
        if let Some((tally, amount)) = after {
            self.shift((region.clone(), tally), amount);
        }
    }

    fn shift(&mut self, key: Key, by: i64) {
        match self.0.get_mut(&key) {
            Some(amount) => *amount += by,
            None => self.0.insert_mut(key, by),
        }
    }

    /// A total, with that of the base beneath.
    pub(super) fn total(&self, base: &Totals, region: &Region, tally: Tally) -> u64 {
        let key = (region.clone(), tally);
        let beneath = base.0.get(&key).copied().unwrap_or(0);
        let moved = self.0.get(&key).copied().unwrap_or(0);
        u64::try_from(beneath + moved).unwrap_or(0)
    }

    /// The totals of a Region that are not zero, in no order that means anything.
    pub(super) fn of_region<'a>(
        &'a self,
        base: &'a Totals,
        region: &'a Region,
    ) -> impl Iterator<Item = &'a Tally> {
        let new = self.0.keys().filter(|key| !base.0.contains_key(*key));
        let all = base.0.keys().chain(new);
        let here = all.filter(move |(it, _)| it == region);
        let there = |key: &&Key| self.total(base, &key.0, key.1.clone()) > 0;
        here.filter(there).map(|(_, tally)| tally)
    }
}
