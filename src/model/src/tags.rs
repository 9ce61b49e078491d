//! Tags of a resource.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};
use smol_str::SmolStr;

/// The tags of a resource by key. Documents carry them as AWS does, as a list of `Key` and `Value`;
/// a plain map of key to value is accepted too.
///
/// All in one text, since most resources have a few short tags or none and there may be a million of
/// them: by key, each key and each value behind its length. As strings of their own the tags of
/// the generated estates take twice as much.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Tags(Option<Box<str>>);

/// The bits of a length that one character of it carries, and the bit that says that more follow.
const DIGIT_BITS: u32 = 6;
const DIGIT: usize = 0x3F;
const MORE: usize = 0x40;

/// Appends a length in ASCII characters of six bits each, the lowest first.
fn put_length(mut length: usize, text: &mut String) {
    loop {
        let digit = length & DIGIT;
        length >>= DIGIT_BITS;
        let more = if length > 0 { MORE } else { 0 };
        // Seven bits are an ASCII character, whichever they are.
        text.push(u8::try_from(digit | more).map_or('\0', char::from));
        if length == 0 {
            return;
        }
    }
}

/// Takes a text with its length from the front.
fn take<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let (mut length, mut bits) = (0, 0);
    let mut digits = 0;
    for byte in rest.bytes() {
        digits += 1;
        length |= (usize::from(byte) & DIGIT).checked_shl(bits)?;
        bits += DIGIT_BITS;
        if usize::from(byte) & MORE == 0 {
            break;
        }
    }
    let (text, behind) = rest.get(digits..)?.split_at_checked(length)?;
    *rest = behind;
    Some(text)
}

fn put(key: &str, value: &str, text: &mut String) {
    for part in [key, value] {
        put_length(part.len(), text);
        text.push_str(part);
    }
}

impl Tags {
    /// No tags.
    pub const fn new() -> Self {
        Tags(None)
    }

    /// The value of the tag `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter()
            .find(|(it, _)| *it == key)
            .map(|(_, value)| value)
    }

    /// Sets a tag; gives back the value it had.
    pub fn insert(&mut self, key: &str, value: &str) -> Option<SmolStr> {
        let old = self.get(key).map(SmolStr::new);
        let before = self.iter().filter(|(it, _)| *it < key);
        let after = self.iter().filter(|(it, _)| *it > key);
        let all = before.chain([(key, value)]).chain(after);
        *self = Tags::sorted(all);
        old
    }

    /// Removes a tag; gives back its value.
    pub fn remove(&mut self, key: &str) -> Option<SmolStr> {
        let old = self.get(key).map(SmolStr::new)?;
        *self = Tags::sorted(self.iter().filter(|(it, _)| *it != key));
        Some(old)
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = self.0.as_deref().unwrap_or_default();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            Some((take(&mut rest)?, take(&mut rest)?))
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Tags that are in order, each key once.
    fn sorted<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut text = String::new();
        tags.for_each(|(key, value)| put(key, value, &mut text));
        Tags((!text.is_empty()).then(|| text.into_boxed_str()))
    }

    /// Tags in any order; of two with one key the later counts.
    fn of<T: AsRef<str>>(mut tags: Vec<(T, T)>) -> Self {
        tags.reverse();
        tags.sort_by(|(one, _), (other, _)| one.as_ref().cmp(other.as_ref()));
        tags.dedup_by(|(later, _), (earlier, _)| later.as_ref() == earlier.as_ref());
        Tags::sorted(
            tags.iter()
                .map(|(key, value)| (key.as_ref(), value.as_ref())),
        )
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        let tags = items.into_iter();
        let tags: Vec<(SmolStr, SmolStr)> = tags
            .map(|(k, v)| (k.as_ref().into(), v.as_ref().into()))
            .collect();
        Tags::of(tags)
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
        let mut seq = serializer.serialize_seq(Some(self.len()))?;
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
    fn keys_and_values_of_any_length_and_letters_come_back() {
        for length in [0, 1, 63, 64, 65, 4095, 4096, 300_000] {
            let (key, value) = ("ß".repeat(length), "\0@".repeat(length));
            let tags: Tags = [("a", "@"), (key.as_str(), value.as_str())]
                .into_iter()
                .collect();
            assert_eq!(tags.get(&key), Some(value.as_str()), "{length}");
            assert_eq!(tags.get("a"), Some("@"), "{length}");
            assert_eq!(tags.len(), 2);
        }
    }

    #[test]
    fn tags_are_equal_however_they_came_to_be() {
        let mut one: Tags = [("b", "1"), ("c", "2")].into_iter().collect();
        one.insert("a", "0");
        one.remove("b");
        let other: Tags = [("c", "2"), ("a", "0")].into_iter().collect();
        assert_eq!(one, other);
        assert_eq!(format!("{one:?}"), r#"{"a": "0", "c": "2"}"#);
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
