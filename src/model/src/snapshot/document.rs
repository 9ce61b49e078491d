//! The snapshot as a document. It is by far the largest: it is read and written a resource at a time.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};

use super::{Coverage, Snapshot};
use crate::canonical::{check_format, write_canonical};
use crate::resource::answer_key;
use crate::{AccountId, Document, DocumentError, Kind, Region, Resource, Timestamp};

impl Document for Snapshot {
    const FORMAT: &'static str = "sandtable/snapshot/1";
    const NAME: &'static str = "snapshot";

    /// As for any document; but a snapshot is large, and its own reader checks the format, so that it
    /// is gone through a second time only to say better what is wrong.
    fn from_json(text: &str) -> Result<Self, DocumentError> {
        serde_json::from_str(text).map_err(|source| {
            let other = check_format::<Self>(text).err();
            other.unwrap_or(DocumentError::Json {
                kind: Self::NAME,
                source,
            })
        })
    }

    /// The same bytes as any document's, a resource at a time: the digest of a snapshot is asked for
    /// with every plan.
    fn canonical(&self) -> Result<Vec<u8>, DocumentError> {
        let mut out = Vec::with_capacity(self.len() * 600);
        out.extend_from_slice(b"{\"account\":");
        write_value(&self.account, &mut out)?;
        out.extend_from_slice(b",\"format\":");
        write_value(Self::FORMAT, &mut out)?;
        out.extend_from_slice(b",\"origin\":");
        write_value(&self.origin, &mut out)?;
        out.extend_from_slice(b",\"regions\":{");
        for (i, (region, part)) in self.parts().iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            write_value(region, &mut out)?;
            out.extend_from_slice(b":{\"coverage\":");
            write_value(&part.coverage, &mut out)?;
            out.extend_from_slice(b",\"resources\":{");
            write_lists(&part.resources, &mut out)?;
            out.extend_from_slice(b"}}");
        }
        out.extend_from_slice(b"},\"taken_at\":");
        write_value(&self.taken_at, &mut out)?;
        out.push(b'}');
        Ok(out)
    }
}

/// What a document says of a Region.
#[derive(Default)]
struct Part<'a> {
    coverage: BTreeMap<&'static str, &'a Coverage>,
    /// By the describe answers' names (`Vpcs`, `Volumes`, …).
    resources: BTreeMap<&'static str, Vec<&'a Resource>>,
}

impl Snapshot {
    fn parts(&self) -> BTreeMap<&Region, Part<'_>> {
        let mut parts: BTreeMap<&Region, Part<'_>> = BTreeMap::new();
        for (region, coverage) in &self.regions {
            let part = parts.entry(region).or_default();
            part.coverage = coverage
                .iter()
                .map(|(kind, it)| (kind.as_str(), it))
                .collect();
        }
        for (region, resource) in self.placed() {
            let lists = &mut parts.entry(region).or_default().resources;
            let list = lists.entry(answer_key(resource.kind())).or_default();
            list.push(resource);
        }
        parts
    }
}

fn write_lists(
    lists: &BTreeMap<&'static str, Vec<&Resource>>,
    out: &mut Vec<u8>,
) -> Result<(), DocumentError> {
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

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut file = serializer.serialize_struct("Snapshot", 5)?;
        file.serialize_field("format", Self::FORMAT)?;
        file.serialize_field("account", &self.account)?;
        file.serialize_field("taken_at", &self.taken_at)?;
        file.serialize_field("origin", &self.origin)?;
        file.serialize_field("regions", &self.parts())?;
        file.end()
    }
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut part = serializer.serialize_map(Some(2))?;
        part.serialize_entry("coverage", &self.coverage)?;
        part.serialize_entry("resources", &self.resources)?;
        part.end()
    }
}

impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let file = SnapshotFile::deserialize(deserializer)?;
        if file.format != Self::FORMAT {
            let (found, expected) = (file.format, Self::FORMAT);
            return Err(D::Error::custom(format!(
                "format `{found}`, expected `{expected}`"
            )));
        }
        let mut snapshot = Snapshot::new(file.account, file.taken_at, file.origin);
        let mut all = Vec::new();
        for (region, part) in file.regions {
            snapshot.add_region(&region);
            for (kind, coverage) in part.coverage {
                snapshot.set_coverage(&region, kind, coverage);
            }
            all.push((region, part.resources.0));
        }
        snapshot.insert_all(all).map_err(D::Error::custom)?;
        Ok(snapshot)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SnapshotFile {
    format: String,
    account: AccountId,
    taken_at: Timestamp,
    origin: String,
    regions: BTreeMap<Region, RegionFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionFile {
    coverage: BTreeMap<Kind, Coverage>,
    resources: Resources,
}

/// The resources of all lists of a Region. Each is read straight into its kind's type: a detour over
/// JSON values would take several times the memory.
struct Resources(Vec<Resource>);

impl<'de> Deserialize<'de> for Resources {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lists;
        impl<'de> Visitor<'de> for Lists {
            type Value = Resources;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("lists of resources by the names of AWS's describe answers")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Resources, A::Error> {
                let mut all = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    let kind = Kind::ALL.iter().find(|kind| answer_key(**kind) == key);
                    let unknown = || A::Error::custom(format!("unknown list `{key}`"));
                    let kind = *kind.ok_or_else(unknown)?;
                    map.next_value_seed(List {
                        kind,
                        all: &mut all,
                    })?;
                }
                Ok(Resources(all))
            }
        }
        deserializer.deserialize_map(Lists)
    }
}

/// A list of resources of one kind, put at the end of `all`.
struct List<'a> {
    kind: Kind,
    all: &'a mut Vec<Resource>,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of resources of the kind {}", self.kind.noun())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(resource) = seq.next_element_seed(One(self.kind))? {
            self.all.push(resource);
        }
        Ok(())
    }
}

/// One resource of a kind.
struct One(Kind);

impl<'de> DeserializeSeed<'de> for One {
    type Value = Resource;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Resource, D::Error> {
        let mut resource = Resource::deserialize_as(self.0, deserializer)?;
        resource.shrink_to_fit();
        Ok(resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical_bytes;

    #[test]
    fn written_a_resource_at_a_time_the_bytes_are_the_same() {
        let text = include_str!("../../tests/golden/snapshot-1.json");
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
