//! What is there: one account, some Regions, everything seen at one moment, and what was not seen.

mod document;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::resource::AsResource;
use crate::{AccountId, Kind, Region, Resource, ResourceId, Timestamp};

/// How well a kind was seen in a Region. Absent is not zero: what was not seen is never taken for
/// "there is none".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Coverage {
    /// Everything of the kind was listed.
    Complete,
    /// Some of it may be missing.
    Partial {
        /// Why.
        reason: String,
    },
    /// None of it could be, or was, looked at.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// What is there. Ids of AWS resources are unique over Regions, so one map holds them all.
///
/// Invariant: every resource's Region is recorded in `regions`, and [`Snapshot::coverage`] answers for
/// every kind in every one of them ([`Coverage::Unknown`] where nothing else is recorded). Upheld by
/// [`Snapshot::insert`] and by reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The account.
    pub account: AccountId,
    /// When it was taken; ages are counted from here.
    pub taken_at: Timestamp,
    /// Where it comes from, for people: a file, an endpoint, a profile.
    pub origin: String,
    regions: BTreeMap<Arc<Region>, BTreeMap<Kind, Coverage>>,
    resources: BTreeMap<ResourceId, Placed>,
}

/// A resource, and the Region it is in. A `Region` of its own for each of a million resources would
/// cost as much as all their ids do.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Placed {
    region: Arc<Region>,
    resource: Arc<Resource>,
}

/// Why resources do not make a snapshot.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// Two resources with one id.
    #[error("{0} is there twice")]
    Duplicate(ResourceId),
}

impl Snapshot {
    /// An empty snapshot without Regions.
    pub fn new(account: AccountId, taken_at: Timestamp, origin: impl Into<String>) -> Self {
        Snapshot {
            account,
            taken_at,
            origin: origin.into(),
            regions: BTreeMap::new(),
            resources: BTreeMap::new(),
        }
    }

    /// Adds a Region, with nothing seen yet.
    pub fn add_region(&mut self, region: &Region) {
        self.shared(region);
    }

    /// The Region as it is shared by all that is in it.
    fn shared(&mut self, region: &Region) -> Arc<Region> {
        if let Some((known, _)) = self.regions.get_key_value(region) {
            return Arc::clone(known);
        }
        let region = Arc::new(region.clone());
        self.regions.insert(Arc::clone(&region), BTreeMap::new());
        region
    }

    /// Records how well `kind` was seen in `region`.
    pub fn set_coverage(&mut self, region: &Region, kind: Kind, coverage: Coverage) {
        let region = self.shared(region);
        self.regions
            .entry(region)
            .or_default()
            .insert(kind, coverage);
    }

    /// How well `kind` was seen in `region`.
    pub fn coverage(&self, region: &Region, kind: Kind) -> Coverage {
        self.regions
            .get(region)
            .and_then(|kinds| kinds.get(&kind))
            .cloned()
            .unwrap_or_else(|| Coverage::Unknown {
                reason: format!("{} was not looked at", kind.noun()),
            })
    }

    /// Adds a resource of `region`.
    pub fn insert(
        &mut self,
        region: &Region,
        resource: impl Into<Arc<Resource>>,
    ) -> Result<(), SnapshotError> {
        let resource = resource.into();
        let id = resource.id();
        let region = self.shared(region);
        match self.resources.entry(id) {
            Entry::Occupied(there) => Err(SnapshotError::Duplicate(there.key().clone())),
            Entry::Vacant(place) => {
                place.insert(Placed { region, resource });
                Ok(())
            }
        }
    }

    /// Adds many resources of some Regions at once: sorted first, they fill the map from one end to the
    /// other, in half the time and two thirds of the room.
    pub(crate) fn insert_all(
        &mut self,
        parts: Vec<(Region, Vec<Resource>)>,
    ) -> Result<(), SnapshotError> {
        let mut all = Vec::with_capacity(parts.iter().map(|(_, it)| it.len()).sum());
        for (region, resources) in parts {
            let region = self.shared(&region);
            all.extend(resources.into_iter().map(|resource| {
                let (region, resource) = (Arc::clone(&region), Arc::new(resource));
                (resource.id(), Placed { region, resource })
            }));
        }
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        let twice = all.windows(2).find_map(|pair| match pair {
            [(one, _), (other, _)] if one == other => Some(one),
            _ => None,
        });
        let mut ids = all.iter().map(|(id, _)| id);
        let known = ids.find(|id| self.resources.contains_key(*id));
        if let Some(id) = twice.or(known) {
            return Err(SnapshotError::Duplicate(id.clone()));
        }
        if self.resources.is_empty() {
            self.resources = all.into_iter().collect();
        } else {
            self.resources.extend(all);
        }
        Ok(())
    }

    /// Gives back the room that the map of resources has in excess after many single insertions.
    pub fn shrink_to_fit(&mut self) {
        self.resources = std::mem::take(&mut self.resources).into_iter().collect();
    }

    /// The Regions looked at, by name.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.keys().map(Arc::as_ref)
    }

    /// The resource with this id.
    pub fn get(&self, id: &ResourceId) -> Option<&Arc<Resource>> {
        self.resources.get(id).map(|it| &it.resource)
    }

    /// The Region of the resource with this id.
    pub fn region_of(&self, id: &ResourceId) -> Option<&Region> {
        self.resources.get(id).map(|it| it.region.as_ref())
    }

    /// Every resource, by kind and id.
    pub fn resources(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.resources.values().map(|it| &it.resource)
    }

    /// Every resource with its Region, by kind and id.
    pub fn placed(&self) -> impl Iterator<Item = (&Region, &Arc<Resource>)> {
        let all = self.resources.values();
        all.map(|it| (it.region.as_ref(), &it.resource))
    }

    /// The resources of the concrete kind `T`, by id.
    pub fn all<T: AsResource + 'static>(&self) -> impl Iterator<Item = &T> {
        self.resources
            .range(ResourceId::first_of(T::KIND)..)
            .map_while(|(_, it)| it.resource.get::<T>())
    }

    /// How many resources there are.
    pub fn len(&self) -> usize {
        self.resources.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }
}
