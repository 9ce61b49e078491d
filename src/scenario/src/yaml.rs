//! Reading YAML with positions: the only file that knows which YAML library is used.
//!
//! Deliberately refused: duplicate keys, unquoted texts that other YAML readers would take for
//! numbers or booleans (account ids, amounts of money), more than one document in a file, and alias
//! bombs (the library's budget of events, nodes and alias replays).

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_saphyr::{DefaultMessageFormatter, MergeKeyPolicy, MessageFormatter as _, Spanned};

/// A place in a text file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1; zero when not known.
    pub line: usize,
    /// The column in characters, from 1; zero when not known.
    pub column: usize,
    /// The byte offset in the file.
    pub offset: usize,
    /// How many bytes belong to it.
    pub length: usize,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it begins.
    pub position: Position,
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<T>::deserialize(deserializer)?;
        let position = position(spanned.referenced);
        Ok(Located {
            value: spanned.value,
            position,
        })
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Why a text is not the YAML document that was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YamlError {
    pub(crate) position: Position,
    pub(crate) message: String,
}

/// Reads one YAML document.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    let options = serde_saphyr::options! {
        no_schema: true,
        strict_booleans: true,
        merge_keys: MergeKeyPolicy::Error,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| YamlError {
        position: error.location().map(position).unwrap_or_default(),
        message: DefaultMessageFormatter
            .format_message(error.without_snippet())
            .into_owned(),
    })
}

fn position(location: serde_saphyr::Location) -> Position {
    let size = |value: Option<u64>| {
        value
            .and_then(|it| usize::try_from(it).ok())
            .unwrap_or_default()
    };
    Position {
        line: size(Some(location.line())),
        column: size(Some(location.column())),
        offset: size(location.span().byte_offset()),
        length: size(location.span().byte_len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        account: Located<String>,
        #[serde(default)]
        tags: BTreeMap<String, String>,
    }

    fn error(text: &str) -> YamlError {
        read::<Sample>(text).unwrap_err()
    }

    #[test]
    fn values_know_where_they_stand() {
        let sample: Sample = read("# a comment\naccount: \"123456789012\"\n").unwrap();
        assert_eq!(
            (sample.account.position.line, sample.account.position.column),
            (2, 10)
        );
        assert_eq!(sample.account.value, "123456789012");
        assert!(sample.tags.is_empty());
    }

    #[test]
    fn errors_say_where_and_why() {
        let unknown = error("account: a\nregion: b\n");
        assert_eq!((unknown.position.line, unknown.position.column), (2, 1));
        assert!(unknown.message.contains("region"), "{unknown:?}");
        let number = error("account: 123456789012\n");
        assert_eq!(number.position.line, 1);
        assert!(number.message.contains("quote"), "{number:?}");
    }

    #[test]
    fn duplicate_keys_and_merge_keys_are_refused() {
        let twice = error("account: a\ntags: {x: a, x: b}\n");
        assert!(twice.message.contains("duplicate"), "{twice:?}");
        error("account: a\ntags:\n  <<: {x: a}\n");
    }

    #[test]
    fn alias_bombs_end_early() {
        let mut text =
            String::from("account: a\ntags:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let alias = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("  a{level}: &a{level} [{alias}]\n"));
        }
        read::<serde_json::Value>(&text).unwrap_err();
    }
}
