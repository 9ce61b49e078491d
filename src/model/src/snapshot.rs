//! What is there: one account, some Regions, everything seen at one moment, and what was not seen.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::canonical::write_canonical;
use crate::resource::{AsResource, answer_key};
use crate::{AccountId, Document, DocumentError, Kind, Region, Resource, ResourceId, Timestamp};

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
    regions: BTreeMap<Region, BTreeMap<Kind, Coverage>>,
    resources: BTreeMap<ResourceId, Arc<Resource>>,
    region_of: BTreeMap<ResourceId, Region>,
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
            region_of: BTreeMap::new(),
        }
    }

    /// Adds a Region, with nothing seen yet.
    pub fn add_region(&mut self, region: &Region) {
        self.regions.entry(region.clone()).or_default();
    }

    /// Records how well `kind` was seen in `region`.
    pub fn set_coverage(&mut self, region: &Region, kind: Kind, coverage: Coverage) {
        self.regions
            .entry(region.clone())
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
        if self.resources.contains_key(&id) {
            return Err(SnapshotError::Duplicate(id));
        }
        self.add_region(region);
        self.region_of.insert(id.clone(), region.clone());
        self.resources.insert(id, resource);
        Ok(())
    }

    /// The Regions looked at, by name.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.keys()
    }

    /// The resource with this id.
    pub fn get(&self, id: &ResourceId) -> Option<&Arc<Resource>> {
        self.resources.get(id)
    }

    /// The Region of the resource with this id.
    pub fn region_of(&self, id: &ResourceId) -> Option<&Region> {
        self.region_of.get(id)
    }

    /// Every resource, by kind and id.
    pub fn resources(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.resources.values()
    }

    /// The resources of the concrete kind `T`, by id.
    pub fn all<T: AsResource + 'static>(&self) -> impl Iterator<Item = &T> {
        self.resources
            .range(ResourceId::first_of(T::KIND)..)
            .map_while(|(_, resource)| resource.get::<T>())
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SnapshotFile {
    format: String,
    account: AccountId,
    taken_at: Timestamp,
    origin: String,
    regions: BTreeMap<Region, RegionFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionFile {
    coverage: BTreeMap<String, Coverage>,
    /// By the describe answers' names (`Vpcs`, `Volumes`, …).
    resources: BTreeMap<String, Vec<Value>>,
}

impl Serialize for Snapshot {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut regions: BTreeMap<Region, RegionFile> = BTreeMap::new();
        for (region, coverage) in &self.regions {
            let coverage = coverage
                .iter()
                .map(|(kind, it)| (kind.to_string(), it.clone()));
            let file = RegionFile {
                coverage: coverage.collect(),
                resources: BTreeMap::new(),
            };
            regions.insert(region.clone(), file);
        }
        for (id, resource) in &self.resources {
            let Some(file) = self
                .region_of(id)
                .and_then(|region| regions.get_mut(region))
            else {
                continue;
            };
            let value = resource.to_value().map_err(serde::ser::Error::custom)?;
            let list = file
                .resources
                .entry(answer_key(resource.kind()).to_owned())
                .or_default();
            list.push(value);
        }
        SnapshotFile {
            format: Self::FORMAT.to_owned(),
            account: self.account.clone(),
            taken_at: self.taken_at,
            origin: self.origin.clone(),
            regions,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let file = SnapshotFile::deserialize(deserializer)?;
        if file.format != Self::FORMAT {
            let (found, expected) = (file.format, Self::FORMAT);
            return Err(D::Error::custom(format!(
                "format `{found}`, expected `{expected}`"
            )));
        }
        let mut snapshot = Snapshot::new(file.account, file.taken_at, file.origin);
        for (region, entry) in file.regions {
            snapshot.add_region(&region);
            for (kind, coverage) in entry.coverage {
                let kind = kind.parse().map_err(D::Error::custom)?;
                snapshot.set_coverage(&region, kind, coverage);
            }
            for (key, values) in entry.resources {
                let kind = Kind::ALL
                    .iter()
                    .find(|kind| answer_key(**kind) == key)
                    .ok_or_else(|| D::Error::custom(format!("unknown list `{key}`")))?;
                for (index, value) in values.into_iter().enumerate() {
                    let resource = Resource::deserialize_as(*kind, value)
                        .map_err(|error| D::Error::custom(format!("{key}[{index}]: {error}")))?;
                    snapshot
                        .insert(&region, resource)
                        .map_err(D::Error::custom)?;
                }
            }
        }
        Ok(snapshot)
    }
}

impl Document for Snapshot {
    const FORMAT: &'static str = "sandtable/snapshot/1";
    const NAME: &'static str = "snapshot";

    /// The same bytes as any document's, a resource at a time: a snapshot is by far the largest
    /// document, and its digest is asked for with every plan.
    fn canonical(&self) -> Result<Vec<u8>, DocumentError> {
        let mut out = Vec::with_capacity(self.len() * 600);
        out.extend_from_slice(b"{\"account\":");
        write_value(&self.account, &mut out)?;
        out.extend_from_slice(b",\"format\":");
        write_value(Self::FORMAT, &mut out)?;
        out.extend_from_slice(b",\"origin\":");
        write_value(&self.origin, &mut out)?;
        out.extend_from_slice(b",\"regions\":{");
        let mut lists = self.lists_by_region();
        for (i, (region, coverage)) in self.regions.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            write_value(region, &mut out)?;
            out.extend_from_slice(b":{\"coverage\":");
            let names = coverage.iter().map(|(kind, it)| (kind.to_string(), it));
            write_value(&names.collect::<BTreeMap<_, _>>(), &mut out)?;
            out.extend_from_slice(b",\"resources\":{");
            write_lists(&lists.remove(region).unwrap_or_default(), &mut out)?;
            out.extend_from_slice(b"}}");
        }
        out.extend_from_slice(b"},\"taken_at\":");
        write_value(&self.taken_at, &mut out)?;
        out.push(b'}');
        Ok(out)
    }
}

/// Resources by the name of their list.
type Lists<'a> = BTreeMap<&'static str, Vec<&'a Resource>>;

impl Snapshot {
    fn lists_by_region(&self) -> BTreeMap<&Region, Lists<'_>> {
        let mut regions: BTreeMap<&Region, Lists<'_>> = BTreeMap::new();
        for (id, resource) in &self.resources {
            if let Some(region) = self.region_of(id) {
                let lists = regions.entry(region).or_default();
                lists
                    .entry(answer_key(resource.kind()))
                    .or_default()
                    .push(resource);
            }
        }
        regions
    }
}

fn write_lists(lists: &Lists<'_>, out: &mut Vec<u8>) -> Result<(), DocumentError> {
    for (i, (key, resources)) in lists.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_value(*key, out)?;
        out.extend_from_slice(b":[");
        for (j, resource) in resources.iter().enumerate() {
            if j > 0 {
                out.push(b',');
            }
            write_value(*resource, out)?;
        }
        out.push(b']');
    }
    Ok(())
}

fn write_value<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), DocumentError> {
    let value = serde_json::to_value(value).map_err(|source| DocumentError::Json {
        kind: Snapshot::NAME,
        source,
    })?;
    write_canonical(&value, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical_bytes;

    #[test]
    fn written_a_resource_at_a_time_the_bytes_are_the_same() {
        let text = include_str!("../tests/golden/snapshot-1.json");
        let mut snapshot = Snapshot::from_json(text).unwrap();
        let other = Region::new("us-east-1").unwrap();
        snapshot.add_region(&other);
        let reason = "a \"reason\"\n".to_owned();
        snapshot.set_coverage(&other, Kind::Vpc, Coverage::Partial { reason });
        assert_eq!(
            snapshot.canonical().unwrap(),
            canonical_bytes(&snapshot).unwrap()
        );
        let empty = Snapshot::new(snapshot.account.clone(), snapshot.taken_at, "é");
        assert_eq!(empty.canonical().unwrap(), canonical_bytes(&empty).unwrap());
    }
}
