//! Tags of a resource.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};
use smol_str::SmolStr;

/// The tags of a resource by key. Documents carry them as AWS does, as a list of `Key` and `Value`;
/// a plain map of key to value is accepted too.
///
/// A sorted list, since most resources have a few tags or none and there may be a million of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tags(Vec<(SmolStr, SmolStr)>);

impl Tags {
    /// No tags.
    pub const fn new() -> Self {
        Tags(Vec::new())
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(it, _)| it.as_str().cmp(key))
    }

    /// The value of the tag `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.0.get(self.find(key).ok()?)?;
        Some(value.as_str())
    }

    /// Sets a tag; gives back the value it had.
    pub fn insert(&mut self, key: &str, value: &str) -> Option<SmolStr> {
        match self.find(key) {
            Ok(at) => {
                let (_, old) = self.0.get_mut(at)?;
                Some(std::mem::replace(old, value.into()))
            }
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, (key.into(), value.into()));
                None
            }
        }
    }

    /// Removes a tag; gives back its value.
    pub fn remove(&mut self, key: &str) -> Option<SmolStr> {
        let at = self.find(key).ok()?;
        Some(self.0.remove(at).1)
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tags in any order; of two with one key the later counts.
    fn of(mut tags: Vec<(SmolStr, SmolStr)>) -> Self {
        tags.reverse();
        tags.sort_by(|(one, _), (other, _)| one.cmp(other));
        tags.dedup_by(|(later, _), (earlier, _)| later == earlier);
        tags.shrink_to_fit();
        Tags(tags)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        let tags = items.into_iter();
        Tags::of(
            tags.map(|(k, v)| (k.as_ref().into(), v.as_ref().into()))
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
                let mut tags = Vec::new();
                while let Some(tag) = seq.next_element::<Tag>()? {
                    tags.push((tag.key, tag.value));
                }
                Ok(Tags::of(tags))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tags, A::Error> {
                let mut tags = Vec::new();
                while let Some((key, value)) = map.next_entry::<SmolStr, SmolStr>()? {
                    tags.push((key, value));
                }
                Ok(Tags::of(tags))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_tags_with_one_key_the_later_counts() {
        let tags: Tags = [("b", "1"), ("a", "2"), ("b", "3")].into_iter().collect();
        let all: Vec<_> = tags.iter().collect();
        assert_eq!(all, [("a", "2"), ("b", "3")]);
        let read: Tags = serde_json::from_str(
            r#"[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}]"#,
        )
        .unwrap();
        assert_eq!(read, tags);
    }

    #[test]
    fn tags_are_set_changed_and_removed() {
        let mut tags = Tags::new();
        assert_eq!(tags.insert("b", "1"), None);
        assert_eq!(tags.insert("a", "2"), None);
        assert_eq!(tags.insert("b", "3").as_deref(), Some("1"));
        assert_eq!(tags.get("b"), Some("3"));
        assert_eq!(tags.get("c"), None);
        assert_eq!(tags.remove("b").as_deref(), Some("3"));
        assert_eq!(tags.remove("b"), None);
        assert_eq!(tags.len(), 1);
    }
}
