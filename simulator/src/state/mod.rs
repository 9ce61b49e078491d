//! What there is: a shared base, and an overlay of what has changed since.
//!
//! Both halves index references backwards ("who names this resource"), so that a question such as
//! "is anything still in this subnet" costs what its answer costs, not what the account costs.

mod audit;
mod base;
mod held;
mod references;
mod tally;

use std::ops::Bound;
use std::sync::Arc;

use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};
use sandtable_model::resource::AsResource;
use sandtable_model::{AvailabilityZone, Diff, Kind, Region, Resource, ResourceId, Snapshot};

pub use audit::Unsound;
use base::Base;
use held::Kept;
pub(crate) use held::private_ips;
pub(crate) use references::load_balancer;
pub use references::{Bond, references_of};
use tally::Moved;
pub(crate) use tally::Tally;

/// The state of an account.
///
/// Invariant: `referrers` holds exactly the references of the overlay's present resources. Upheld by
/// [`State::insert`], [`State::update`] and [`State::remove`], the only ways to change an overlay.
#[derive(Clone, Debug)]
pub struct State {
    base: Arc<Base>,
    overlay: Overlay,
    /// (target, referrer) of the overlay's present resources.
    referrers: RedBlackTreeSetSync<(ResourceId, ResourceId)>,
    moved: Moved,
    kept: Kept,
}

/// What has changed. Persistent, so that a copy costs nothing and shares what stays the same.
type Overlay = RedBlackTreeMapSync<ResourceId, Change>;

/// A resource of the overlay; `None` when it is no longer there.
type Change = Option<Entry>;

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) region: Arc<Region>,
    pub(crate) resource: Arc<Resource>,
}

impl Entry {
    fn placed(&self) -> (&Region, &Resource) {
        (&self.region, &self.resource)
    }
}

/// Changes that were taken off a state.
#[derive(Debug)]
pub(crate) struct Aside {
    overlay: Overlay,
    referrers: RedBlackTreeSetSync<(ResourceId, ResourceId)>,
    moved: Moved,
    kept: Kept,
}

impl State {
    /// The state that a snapshot shows.
    pub fn of(snapshot: &Snapshot) -> Self {
        State {
            base: Arc::new(Base::of(snapshot)),
            overlay: Overlay::new_sync(),
            referrers: RedBlackTreeSetSync::new_sync(),
            moved: Moved::default(),
            kept: Kept::default(),
        }
    }

    /// A total of a Region; costs the same whatever there is.
    pub(crate) fn total(&self, region: &Region, tally: Tally) -> u64 {
        self.moved.total(self.base.totals(), region, tally)
    }

    /// The zones of a Region that have subnets.
    pub(crate) fn zones_with_subnets<'a>(
        &'a self,
        region: &'a Region,
    ) -> impl Iterator<Item = &'a AvailabilityZone> {
        let tallies = self.moved.of_region(self.base.totals(), region);
        tallies.filter_map(|tally| match tally {
            Tally::SubnetsIn(zone) => Some(zone),
            _ => None,
        })
    }

    /// The resource with this id, wherever it is.
    pub fn get(&self, id: &ResourceId) -> Option<&Arc<Resource>> {
        self.entry(id).map(|entry| &entry.resource)
    }

    /// The resource with this id, if it is in `region`.
    pub fn get_in(&self, region: &Region, id: &ResourceId) -> Option<&Arc<Resource>> {
        self.entry(id)
            .filter(|entry| *entry.region == *region)
            .map(|entry| &entry.resource)
    }

    /// The resource of the kind `T` with this id, wherever it is.
    pub fn one<T: AsResource>(&self, id: impl Into<ResourceId>) -> Option<&T> {
        self.get(&id.into()).and_then(|it| it.get::<T>())
    }

    /// The Region of a resource.
    pub fn region_of(&self, id: &ResourceId) -> Option<&Region> {
        self.entry(id).map(|entry| entry.region.as_ref())
    }

    fn entry(&self, id: &ResourceId) -> Option<&Entry> {
        match self.overlay.get(id) {
            Some(change) => change.as_ref(),
            None => self.base.get(id),
        }
    }

    /// The resources of a kind in a Region, by id.
    pub fn list(&self, region: &Region, kind: Kind) -> impl Iterator<Item = &Arc<Resource>> {
        self.list_after(region, kind, None)
    }

    /// The resources of a kind in a Region that come after an id of that kind, by id. Costs what is
    /// taken from it, wherever it begins.
    pub fn list_after<'a>(
        &'a self,
        region: &Region,
        kind: Kind,
        after: Option<&ResourceId>,
    ) -> impl Iterator<Item = &'a Arc<Resource>> + use<'a> {
        let region = region.clone();
        let mut base = self
            .base
            .list(&region, kind, after)
            .filter(|(id, _)| !self.overlay.contains_key(id))
            .peekable();
        let from = match after {
            Some(id) => Bound::Excluded(id.clone()),
            None => Bound::Included(ResourceId::first_of(kind)),
        };
        let mut changes = self
            .overlay
            .range((from, Bound::Unbounded))
            .take_while(move |(id, _)| id.kind() == kind)
            .filter_map(|(id, change)| Some((id, change.as_ref()?)))
            .filter(move |(_, entry)| *entry.region == region)
            .peekable();
        std::iter::from_fn(move || {
            let from_base = match (base.peek(), changes.peek()) {
                (Some((one, _)), Some((other, _))) => one < other,
                (one, _) => one.is_some(),
            };
            if from_base {
                base.next().map(|(_, entry)| &entry.resource)
            } else {
                changes.next().map(|(_, entry)| &entry.resource)
            }
        })
    }

    /// The resources of a kind in every Region, in no order that means anything.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Arc<Resource>> {
        let base = self.base.of_kind(kind);
        let base = base.filter(|(id, _)| !self.overlay.contains_key(id));
        let from = ResourceId::first_of(kind);
        let changed = self.overlay.range(from..);
        let changed = changed.take_while(move |(id, _)| id.kind() == kind);
        let changed = changed.filter_map(|(_, change)| change.as_ref());
        base.map(|(_, entry)| entry)
            .chain(changed)
            .map(|entry| &entry.resource)
    }

    /// The resources of the kind `T` in a Region, by id.
    pub fn all<T: AsResource + 'static>(&self, region: &Region) -> impl Iterator<Item = &T> {
        self.list(region, T::KIND).filter_map(|it| it.get::<T>())
    }

    /// The ids of the resources that name this one, each once, by id; see [`references_of`].
    pub fn referrers<'a>(
        &'a self,
        id: &ResourceId,
    ) -> impl Iterator<Item = &'a ResourceId> + use<'a> {
        self.referrers_from(id, ResourceId::first_of(Kind::Vpc))
    }

    /// The referrers from `first` on. Costs what is taken from it, wherever it begins.
    fn referrers_from<'a>(
        &'a self,
        id: &ResourceId,
        first: ResourceId,
    ) -> impl Iterator<Item = &'a ResourceId> + use<'a> {
        let base = self
            .base
            .referrers_from(id, &first)
            .filter(|referrer| !self.overlay.contains_key(referrer));
        let mut base = base.peekable();
        let target = id.clone();
        let changed = self
            .referrers
            .range((id.clone(), first)..)
            .take_while(move |(it, _)| *it == target);
        let mut changed = changed.map(|(_, referrer)| referrer).peekable();
        std::iter::from_fn(move || {
            let from_base = match (base.peek(), changed.peek()) {
                (Some(one), Some(other)) => one < other,
                (one, _) => one.is_some(),
            };
            if from_base {
                base.next()
            } else {
                changed.next()
            }
        })
    }

    /// The resources of the kind `T` that name this one, by id.
    pub fn referring<T: AsResource + 'static>(
        &self,
        id: impl Into<ResourceId>,
    ) -> impl Iterator<Item = &T> {
        self.referrers_from(&id.into(), ResourceId::first_of(T::KIND))
            .take_while(|referrer| referrer.kind() == T::KIND)
            .filter_map(|referrer| self.get(referrer)?.get::<T>())
    }

    /// Puts a resource in; one with the same id is replaced.
    pub fn insert(&mut self, region: &Region, resource: impl Into<Resource>) {
        let resource: Resource = resource.into();
        let id = resource.id();
        self.drop_references(&id);
        self.add_references(&id, &resource);
        let entry = Entry {
            region: self.shared(region),
            resource: Arc::new(resource),
        };
        let before = self.entry(&id).cloned();
        self.moved
            .replace(before.as_ref().map(Entry::placed), Some(entry.placed()));
        if let Some(before) = &before {
            self.kept.drop(&before.resource);
        }
        self.kept.add(&entry.resource);
        self.overlay.insert_mut(id, Some(entry));
    }

    /// Changes a resource of the kind `T`. Gives back what `change` gives, or nothing when there is
    /// no such resource.
    pub fn update<T: AsResource, R>(
        &mut self,
        id: impl Into<ResourceId>,
        change: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let id = id.into();
        self.update_any(&id, |resource| T::of_mut(resource).map(change))?
    }

    /// Changes a resource of any kind; its id must stay.
    pub fn update_any<R>(
        &mut self,
        id: &ResourceId,
        change: impl FnOnce(&mut Resource) -> R,
    ) -> Option<R> {
        let mut entry = match self.overlay.get_mut(id) {
            Some(change) => change.take()?,
            None => self.base.get(id)?.clone(),
        };
        let before = references_of(&entry.resource);
        let counted = tally::counted(&entry.resource);
        self.kept.drop(&entry.resource);
        let result = change(Arc::make_mut(&mut entry.resource));
        self.moved
            .recount(&entry.region, counted, tally::counted(&entry.resource));
        self.kept.add(&entry.resource);
        debug_assert_eq!(entry.resource.id(), *id, "a change must keep the id");
        let after = references_of(&entry.resource);
        let was_changed = self.overlay.get(id).is_some();
        self.overlay.insert_mut(id.clone(), Some(entry));
        // Most changes are of a state or a tag and leave all references as they are.
        if !was_changed || before != after {
            let is_in =
                |all: &[(ResourceId, Bond)], it: &ResourceId| all.iter().any(|(id, _)| id == it);
            for (target, _) in before.iter().filter(|(it, _)| !is_in(&after, it)) {
                self.referrers.remove_mut(&(target.clone(), id.clone()));
            }
            let is_new = |it: &ResourceId| !was_changed || !is_in(&before, it);
            for (target, _) in after.iter().filter(|(it, _)| is_new(it)) {
                self.referrers.insert_mut((target.clone(), id.clone()));
            }
        }
        Some(result)
    }

    /// Takes a resource out; gives it back when it was there.
    pub fn remove(&mut self, id: impl Into<ResourceId>) -> Option<Arc<Resource>> {
        let id = id.into();
        let entry = self.entry(&id)?.clone();
        self.moved.replace(Some(entry.placed()), None);
        self.kept.drop(&entry.resource);
        self.drop_references(&id);
        if self.base.get(&id).is_some() {
            self.overlay.insert_mut(id, None);
        } else {
            self.overlay.remove_mut(&id);
        }
        Some(entry.resource)
    }

    /// What differs from the base. Costs what has changed, not what there is.
    pub fn diff(&self) -> Diff {
        let mut diff = Diff::default();
        for (id, change) in self.overlay.iter() {
            let before = self.base.get(id).map(|it| it.resource.as_ref());
            let after = change.as_ref().map(|it| it.resource.as_ref());
            diff.compare(id, before, after);
        }
        diff
    }

    /// What differs from an earlier state of the same twin or of the one that it was forked from.
    /// Costs what has changed in either. A Region that was first asked for since then counts as having
    /// been there.
    pub fn diff_since(&self, earlier: &State) -> Diff {
        let mut diff = Diff::default();
        for id in self.overlay.keys().chain(earlier.overlay.keys()) {
            let before = match earlier.overlay.contains_key(id) {
                true => earlier.get(id),
                false => self.base.get(id).map(|it| &it.resource),
            };
            let after = self.get(id);
            diff.compare(id, before.map(AsRef::as_ref), after.map(AsRef::as_ref));
        }
        diff
    }

    /// How many resources have changed, gone or come since the base.
    pub fn changed(&self) -> usize {
        self.overlay.size()
    }

    /// Drops every change.
    pub fn drop_changes(&mut self) {
        drop(self.set_aside());
    }

    /// Takes the changes off, to be put back with [`State::put_back`].
    pub(crate) fn set_aside(&mut self) -> Aside {
        Aside {
            overlay: std::mem::replace(&mut self.overlay, Overlay::new_sync()),
            referrers: std::mem::replace(&mut self.referrers, RedBlackTreeSetSync::new_sync()),
            moved: std::mem::take(&mut self.moved),
            kept: std::mem::take(&mut self.kept),
        }
    }

    /// Puts changes back on a base that has none of their resources.
    pub(crate) fn put_back(&mut self, aside: Aside) {
        self.overlay = aside.overlay;
        self.referrers = aside.referrers;
        self.moved = aside.moved;
        self.kept = aside.kept;
    }

    /// Makes the changes part of the base, so that they are no longer a difference.
    pub fn settle(&mut self) {
        let aside = self.set_aside();
        Arc::make_mut(&mut self.base).absorb(&aside.overlay);
    }

    /// The Regions of the base.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.base.regions()
    }

    /// Adds a Region without resources.
    pub fn add_region(&mut self, region: &Region) {
        if !self.base.regions().any(|it| it == region) {
            Arc::make_mut(&mut self.base).add_region(region);
        }
    }

    /// Every resource with its Region, by kind and id.
    pub fn everything(&self) -> impl Iterator<Item = (&Region, &Arc<Resource>)> {
        let kept = self
            .base
            .everything()
            .filter(|entry| !self.overlay.contains_key(&entry.resource.id()));
        let changed = self.overlay.values().filter_map(Option::as_ref);
        kept.chain(changed)
            .map(|entry| (entry.region.as_ref(), &entry.resource))
    }

    /// Fills a snapshot with what there is, and with the coverage that the base was seen with.
    pub(crate) fn fill(&self, snapshot: &mut Snapshot) {
        self.base.fill_coverage(snapshot);
        for (region, resource) in self.everything() {
            snapshot
                .insert(region, Arc::clone(resource))
                .expect("a state holds every id once");
        }
    }

    /// The Region as it is shared by all that is in it.
    fn shared(&self, region: &Region) -> Arc<Region> {
        let known = self.base.shared(region);
        known.unwrap_or_else(|| Arc::new(region.clone()))
    }

    fn drop_references(&mut self, id: &ResourceId) {
        let old = self.overlay.get(id).and_then(Option::as_ref);
        if let Some(old) = old.map(|entry| Arc::clone(&entry.resource)) {
            self.forget_references(id, &old);
        }
    }

    fn forget_references(&mut self, id: &ResourceId, resource: &Resource) {
        for (target, _) in references_of(resource) {
            self.referrers.remove_mut(&(target, id.clone()));
        }
    }

    fn add_references(&mut self, id: &ResourceId, resource: &Resource) {
        for (target, _) in references_of(resource) {
            self.referrers.insert_mut((target, id.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
