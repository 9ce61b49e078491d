//! Tags of a resource.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};
use smol_str::SmolStr;

/// The tags of a resource by key. Documents carry them as AWS does, as a list of `Key` and `Value`;
/// a plain map of key to value is accepted too.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tags(BTreeMap<SmolStr, SmolStr>);

impl Tags {
    /// No tags.
    pub const fn new() -> Self {
        Tags(BTreeMap::new())
    }

    /// The value of the tag `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(SmolStr::as_str)
    }

    /// Sets a tag; gives back the value it had.
    pub fn insert(&mut self, key: &str, value: &str) -> Option<SmolStr> {
        self.0.insert(key.into(), value.into())
    }

    /// Removes a tag; gives back its value.
    pub fn remove(&mut self, key: &str) -> Option<SmolStr> {
        self.0.remove(key)
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        Tags(
            items
                .into_iter()
                .map(|(k, v)| (k.as_ref().into(), v.as_ref().into()))
                .collect(),
        )
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Tag<'a> {
            key: &'a str,
            value: &'a str,
        }
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for (key, value) in self.iter() {
            seq.serialize_element(&Tag { key, value })?;
        }
        seq.end()
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        struct Tag {
            key: SmolStr,
            #[serde(default)]
            value: SmolStr,
            // Auto Scaling's tags carry three members more; they say nothing about the tag itself.
            #[serde(default, rename = "ResourceId")]
            _resource_id: Option<SmolStr>,
            #[serde(default, rename = "ResourceType")]
            _resource_type: Option<SmolStr>,
            #[serde(default, rename = "PropagateAtLaunch")]
            _propagate_at_launch: Option<bool>,
        }

        struct TagsVisitor;
        impl<'de> Visitor<'de> for TagsVisitor {
            type Value = Tags;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of tags with `Key` and `Value`, or a map of key to value")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tags, A::Error> {
                let mut tags = BTreeMap::new();
                while let Some(tag) = seq.next_element::<Tag>()? {
                    tags.insert(tag.key, tag.value);
                }
                Ok(Tags(tags))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tags, A::Error> {
                let mut tags = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<SmolStr, SmolStr>()? {
                    tags.insert(key, value);
                }
                Ok(Tags(tags))
            }
            fn visit_unit<E>(self) -> Result<Tags, E> {
                Ok(Tags::new())
            }
        }
        deserializer.deserialize_any(TagsVisitor)
    }
}

impl schemars::JsonSchema for Tags {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Tags".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "object", "additionalProperties": { "type": "string" } },
                { "type": "array", "items": {
                    "type": "object",
                    "properties": { "Key": { "type": "string" }, "Value": { "type": "string" } },
                    "required": ["Key"],
                } },
            ],
        })
    }
}
