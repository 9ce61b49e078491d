//! The part of a state that forks share.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use sandtable_model::{Coverage, Kind, Region, ResourceId, Snapshot};

use super::tally::Totals;
use super::{Entry, Overlay, references_of};

/// Resources in the order of their ids, with indices. Immutable once shared.
///
/// A million resources have to fit, so that indices hold positions and not ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Base {
    ids: Vec<ResourceId>,
    entries: Vec<Entry>,
    regions: BTreeMap<Arc<Region>, BTreeMap<Kind, Coverage>>,
    lists: BTreeMap<(Region, Kind), Vec<u32>>,
    /// Positions by the hash of the id; never walked, so that its order does not matter.
    places: HashTable<u32>,
    totals: Totals,
    /// (position of the target, position of the referrer), sorted.
    referrers: Vec<(u32, u32)>,
    /// (target, position of the referrer) of targets that are not here, sorted.
    absent: Vec<(ResourceId, u32)>,
}

impl Base {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let mut base = Base {
            ids: Vec::with_capacity(snapshot.len()),
            entries: Vec::with_capacity(snapshot.len()),
            ..Base::default()
        };
        for region in snapshot.regions() {
            let coverage = Kind::ALL
                .iter()
                .map(|kind| (*kind, snapshot.coverage(region, *kind)));
            let region = Arc::new(region.clone());
            base.regions.insert(region, coverage.collect());
        }
        for (region, resource) in snapshot.placed() {
            let region = base.shared(region).expect("the Regions of all are known");
            let resource = Arc::clone(resource);
            base.ids.push(resource.id());
            base.entries.push(Entry { region, resource });
        }
        base.index();
        base
    }

    fn index(&mut self) {
        self.lists.clear();
        self.totals = Totals::default();
        self.places = HashTable::with_capacity(self.ids.len());
        for (position, id) in self.ids.iter().enumerate() {
            let position = u32::try_from(position).expect("fewer than 2^32 resources");
            let rehash = |at: &u32| hash(&self.ids[*at as usize]);
            self.places.insert_unique(hash(id), position, rehash);
        }
        let mut referrers = Vec::with_capacity(self.ids.len() * 2);
        let mut absent = Vec::new();
        for (position, entry) in self.entries.iter().enumerate() {
            let position = u32::try_from(position).expect("fewer than 2^32 resources");
            self.totals.add(&entry.region, &entry.resource);
            let key = (entry.region.as_ref().clone(), entry.resource.kind());
            self.lists.entry(key).or_default().push(position);
            for (target, _) in references_of(&entry.resource) {
                match self.place(&target) {
                    Some(target) => referrers.push((target, position)),
                    None => absent.push((target, position)),
                }
            }
        }
        referrers.sort_unstable();
        referrers.shrink_to_fit();
        absent.sort_unstable();
        absent.shrink_to_fit();
        self.lists.values_mut().for_each(Vec::shrink_to_fit);
        (self.referrers, self.absent) = (referrers, absent);
    }

    pub(super) const fn totals(&self) -> &Totals {
        &self.totals
    }

    fn place(&self, id: &ResourceId) -> Option<u32> {
        let is_it = |at: &u32| self.ids[*at as usize] == *id;
        self.places.find(hash(id), is_it).copied()
    }

    /// Takes the changes of an overlay in.
    pub(super) fn absorb(&mut self, overlay: &Overlay) {
        let ids = std::mem::take(&mut self.ids);
        let mut all: BTreeMap<ResourceId, Entry> = ids
            .into_iter()
            .zip(std::mem::take(&mut self.entries))
            .collect();
        for (id, change) in overlay.iter() {
            match change {
                Some(entry) => {
                    self.add_region(&entry.region);
                    all.insert(id.clone(), entry.clone());
                }
                None => drop(all.remove(id)),
            }
        }
        (self.ids, self.entries) = all.into_iter().unzip();
        self.index();
    }

    /// Adds a Region in which nothing is hidden.
    pub(super) fn add_region(&mut self, region: &Region) {
        if self.shared(region).is_none() {
            let complete = Kind::ALL.iter().map(|kind| (*kind, Coverage::Complete));
            let region = Arc::new(region.clone());
            self.regions.insert(region, complete.collect());
        }
    }

    /// The Region as it is shared by all that is in it.
    pub(super) fn shared(&self, region: &Region) -> Option<Arc<Region>> {
        let (known, _) = self.regions.get_key_value(region)?;
        Some(Arc::clone(known))
    }

    pub(super) fn get(&self, id: &ResourceId) -> Option<&Entry> {
        let position = self.place(id)?;
        Some(&self.entries[position as usize])
    }

    /// The resources of a kind in a Region that come after an id, by id.
    pub(super) fn list<'a>(
        &'a self,
        region: &Region,
        kind: Kind,
        after: Option<&ResourceId>,
    ) -> impl Iterator<Item = (&'a ResourceId, &'a Entry)> + use<'a> {
        let positions = self.lists.get(&(region.clone(), kind));
        let positions = positions.map_or(&[][..], Vec::as_slice);
        let first = after.map_or(0, |after| {
            positions.partition_point(|at| self.ids[*at as usize] <= *after)
        });
        positions[first..]
            .iter()
            .map(|at| (&self.ids[*at as usize], &self.entries[*at as usize]))
    }

    /// The resources of a kind in every Region, by id.
    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (&ResourceId, &Entry)> {
        let first = ResourceId::first_of(kind);
        let from = self.ids.partition_point(|id| *id < first);
        let all = self.ids.iter().zip(&self.entries).skip(from);
        all.take_while(move |(id, _)| id.kind() == kind)
    }

    /// The ids of those that name `id`, from `first` on, by id.
    pub(super) fn referrers_from<'a>(
        &'a self,
        id: &ResourceId,
        first: &ResourceId,
    ) -> impl Iterator<Item = &'a ResourceId> + use<'a> {
        let is_before = |at: &u32| self.ids[*at as usize] < *first;
        let positions = match self.place(id) {
            Some(at) => Positions::Here(from(equal(&self.referrers, &at), is_before).iter()),
            None => Positions::Absent(from(equal(&self.absent, id), is_before).iter()),
        };
        positions.map(|at| &self.ids[at as usize])
    }

    pub(super) fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.keys().map(Arc::as_ref)
    }

    pub(super) fn everything(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub(super) fn fill_coverage(&self, snapshot: &mut Snapshot) {
        for (region, kinds) in &self.regions {
            snapshot.add_region(region);
            for (kind, coverage) in kinds {
                snapshot.set_coverage(region, *kind, coverage.clone());
            }
        }
    }
}

/// The positions of referrers, from either index.
enum Positions<'a> {
    Here(std::slice::Iter<'a, (u32, u32)>),
    Absent(std::slice::Iter<'a, (ResourceId, u32)>),
}

impl Iterator for Positions<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        match self {
            Positions::Here(it) => it.next().map(|(_, at)| *at),
            Positions::Absent(it) => it.next().map(|(_, at)| *at),
        }
    }
}

/// The pairs of a sorted list that begin with `key`.
fn equal<'a, T: Ord>(pairs: &'a [(T, u32)], key: &T) -> &'a [(T, u32)] {
    let from = pairs.partition_point(|(it, _)| it < key);
    let to = from + pairs[from..].partition_point(|(it, _)| it == key);
    &pairs[from..to]
}

/// The pairs of a sorted list from the first position on that is not before.
fn from<T>(pairs: &[(T, u32)], is_before: impl Fn(&u32) -> bool) -> &[(T, u32)] {
    &pairs[pairs.partition_point(|(_, at)| is_before(at))..]
}

fn hash(id: &ResourceId) -> u64 {
    FxBuildHasher.hash_one(id)
}
