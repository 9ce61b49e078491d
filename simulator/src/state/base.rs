//! The part of a state that forks share.

use std::collections::BTreeMap;
use std::sync::Arc;

use sandtable_model::{Coverage, Kind, Region, ResourceId, Snapshot};

use super::{Change, Entry, references_of};

/// Resources in the order of their ids, with indices. Immutable once shared.
#[derive(Clone, Debug, Default)]
pub(super) struct Base {
    ids: Vec<ResourceId>,
    entries: Vec<Entry>,
    regions: BTreeMap<Region, BTreeMap<Kind, Coverage>>,
    lists: BTreeMap<(Region, Kind), Vec<u32>>,
    /// (target, position of the referrer), sorted.
    referrers: Vec<(ResourceId, u32)>,
}

impl Base {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let mut base = Base::default();
        for region in snapshot.regions() {
            let coverage = Kind::ALL
                .iter()
                .map(|kind| (*kind, snapshot.coverage(region, *kind)));
            base.regions.insert(region.clone(), coverage.collect());
        }
        for resource in snapshot.resources() {
            let id = resource.id();
            let region = snapshot
                .region_of(&id)
                .expect("a snapshot knows the Region of each resource");
            base.ids.push(id);
            base.entries.push(Entry {
                region: region.clone(),
                resource: Arc::clone(resource),
            });
        }
        base.index();
        base
    }

    fn index(&mut self) {
        self.lists.clear();
        self.referrers.clear();
        for (position, entry) in self.entries.iter().enumerate() {
            let position = u32::try_from(position).expect("fewer than 2^32 resources");
            let key = (entry.region.clone(), entry.resource.kind());
            self.lists.entry(key).or_default().push(position);
            let targets = references_of(&entry.resource).into_iter();
            self.referrers
                .extend(targets.map(|(target, _)| (target, position)));
        }
        self.referrers.sort_unstable();
    }

    /// Takes the changes of an overlay in.
    pub(super) fn absorb(&mut self, overlay: BTreeMap<ResourceId, Change>) {
        let ids = std::mem::take(&mut self.ids);
        let mut all: BTreeMap<ResourceId, Entry> = ids
            .into_iter()
            .zip(std::mem::take(&mut self.entries))
            .collect();
        for (id, change) in overlay {
            match change {
                Some(entry) => {
                    self.add_region(&entry.region);
                    all.insert(id, entry);
                }
                None => drop(all.remove(&id)),
            }
        }
        (self.ids, self.entries) = all.into_iter().unzip();
        self.index();
    }

    /// Adds a Region in which nothing is hidden.
    pub(super) fn add_region(&mut self, region: &Region) {
        self.regions.entry(region.clone()).or_insert_with(|| {
            let complete = Kind::ALL.iter().map(|kind| (*kind, Coverage::Complete));
            complete.collect()
        });
    }

    pub(super) fn get(&self, id: &ResourceId) -> Option<&Entry> {
        let position = self.ids.binary_search(id).ok()?;
        Some(&self.entries[position])
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

    pub(super) fn referrers<'a>(
        &'a self,
        id: &ResourceId,
    ) -> impl Iterator<Item = &'a ResourceId> + use<'a> {
        let from = self.referrers.partition_point(|(target, _)| target < id);
        let to = from + self.referrers[from..].partition_point(|(target, _)| target == id);
        self.referrers[from..to]
            .iter()
            .map(|(_, at)| &self.ids[*at as usize])
    }

    pub(super) fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.keys()
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
