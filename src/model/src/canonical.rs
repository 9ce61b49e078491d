//! Canonical bytes and digests of documents.
//!
//! **What is hashed and signed, byte for byte.** The canonical bytes of a document are its JSON
//! form, in UTF-8, with: members of every object sorted by the bytes of their names; no white space;
//! strings escaped as RFC 8259 demands and no further (`\"`, `\\`, `\b`, `\f`, `\n`, `\r`, `\t`,
//! other control characters as `\u00xx` with lower-case digits); integers in decimal; no floats,
//! which no document has. That is RFC 8785 (JCS) for documents without floats. Absent optional
//! members are left out. The digest is SHA-256 over the canonical bytes alone; every document has a
//! `format` member naming its type and version, so digests of two types never coincide.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::packed::{is_packed_name, pack, unpack};

/// SHA-256 of a document's canonical bytes, written `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Digest(Sha256::digest(bytes).into())
    }

    /// The first twelve hexadecimal digits, for people.
    pub fn short(&self) -> String {
        self.0.iter().take(6).map(|b| format!("{b:02x}")).collect()
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DocumentError;

    fn from_str(text: &str) -> Result<Self, DocumentError> {
        let fail = || DocumentError::Digest {
            text: text.to_owned(),
        };
        let digits = text.strip_prefix("sha256:").ok_or_else(fail)?;
        let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if digits.len() != 64 || !digits.bytes().all(lower) {
            return Err(fail());
        }
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            let pair = digits.get(2 * i..2 * i + 2).ok_or_else(fail)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| fail())?;
        }
        Ok(Digest(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Why a document could not be read or written.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// Not a digest.
    #[error("`{text}` is not a digest: it must be `sha256:` and 64 lower-case hexadecimal digits")]
    Digest {
        /// What was given.
        text: String,
    },
    /// Not JSON, or not of the document's form.
    #[error("not a valid {kind}: {source}")]
    Json {
        /// Which document was expected.
        kind: &'static str,
        /// What the reader says, with line and column.
        source: serde_json::Error,
    },
    /// Another document, or another version of it.
    #[error("this is `{found}`, but `{expected}` is needed here")]
    Format {
        /// The `format` found.
        found: String,
        /// The `format` expected.
        expected: &'static str,
    },
    /// A packed file that cannot be unpacked.
    #[error("cannot be unpacked: {source}")]
    Packed {
        /// What the unpacker says.
        source: std::io::Error,
    },
    /// Not a text in UTF-8.
    #[error("not UTF-8 text")]
    Encoding,
    /// A value that has no canonical form.
    #[error("a document cannot hold {what}")]
    NotCanonical {
        /// What was found.
        what: &'static str,
    },
}

/// A document of sandtable: versioned, strict, with canonical bytes.
pub trait Document: Serialize + DeserializeOwned {
    /// The value of the `format` member: type and version, for example `sandtable/plan/1`.
    const FORMAT: &'static str;
    /// The document's name in sentences.
    const NAME: &'static str;

    /// The canonical bytes: what is hashed and what is signed.
    fn canonical(&self) -> Result<Vec<u8>, DocumentError> {
        canonical_bytes(self)
    }

    /// The digest of the canonical bytes.
    fn digest(&self) -> Result<Digest, DocumentError> {
        Ok(Digest::of(&self.canonical()?))
    }

    /// The document as indented JSON with a final line feed, for files.
    fn to_pretty(&self) -> Result<String, DocumentError> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|source| DocumentError::Json {
                kind: Self::NAME,
                source,
            })
    }

    /// The document as it is written to a file of this name: packed when it ends with `.zst`.
    fn to_file(&self, name: &Path) -> Result<Vec<u8>, DocumentError> {
        if !is_packed_name(name) {
            return self.to_pretty().map(String::into_bytes);
        }
        let text = serde_json::to_string(self).map_err(|source| DocumentError::Json {
            kind: Self::NAME,
            source,
        })?;
        pack(&text)
    }

    /// Reads the document out of a file's bytes, packed or not.
    fn from_file(bytes: Vec<u8>) -> Result<Self, DocumentError> {
        let text = unpack(bytes)?;
        Self::from_json(text.strip_prefix('\u{feff}').unwrap_or(&text))
    }

    /// Reads the document, checking its `format` first so that another document or another version
    /// is named as such.
    fn from_json(text: &str) -> Result<Self, DocumentError> {
        check_format::<Self>(text)?;
        serde_json::from_str(text).map_err(|source| DocumentError::Json {
            kind: Self::NAME,
            source,
        })
    }
}

/// Checks that a text is a document of this type and version, as far as it tells.
pub(crate) fn check_format<D: Document>(text: &str) -> Result<(), DocumentError> {
    #[derive(serde::Deserialize)]
    struct Head {
        format: String,
    }
    match serde_json::from_str::<Head>(text) {
        Ok(Head { format }) if format != D::FORMAT => Err(DocumentError::Format {
            found: format,
            expected: D::FORMAT,
        }),
        _ => Ok(()),
    }
}

/// The canonical bytes of any value that serializes to JSON without floats; see the module's text.
pub fn canonical_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, DocumentError> {
    let value = serde_json::to_value(value).map_err(|source| DocumentError::Json {
        kind: "document",
        source,
    })?;
    let mut out = Vec::new();
    write_canonical(&value, &mut out)?;
    Ok(out)
}

/// Appends the canonical bytes of a JSON value.
pub(crate) fn write_canonical(
    value: &serde_json::Value,
    out: &mut Vec<u8>,
) -> Result<(), DocumentError> {
    use serde_json::Value;
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) if number.is_f64() => {
            return Err(DocumentError::NotCanonical { what: "a float" });
        }
        Value::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_canonical(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            // Sorted here, whatever order the map type keeps.
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
            out.push(b'{');
            for (i, (name, member)) in sorted.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_string(name, out);
                out.push(b':');
                write_canonical(member, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    // Runs without anything to escape are copied whole; nearly every string is one run.
    while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        let (run, escaped) = rest.split_at(at);
        out.extend_from_slice(run.as_bytes());
        let mut chars = escaped.chars();
        if let Some(c) = chars.next() {
            write_escaped(c, out);
        }
        rest = chars.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
}

fn write_escaped(c: char, out: &mut Vec<u8>) {
    match c {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\u{8}' => out.extend_from_slice(b"\\b"),
        '\u{c}' => out.extend_from_slice(b"\\f"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        c => out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_form_is_sorted_compact_and_minimal() {
        let value = serde_json::json!({"b": [1, -2, null], "a": {"z": true, "é": "x\u{1}\n\"/"}});
        let bytes = canonical_bytes(&value).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            r#"{"a":{"z":true,"é":"x\u0001\n\"/"},"b":[1,-2,null]}"#
        );
        assert!(canonical_bytes(&serde_json::json!(1.5)).is_err());
    }

    #[test]
    fn digest_reads_what_it_writes() {
        let digest = Digest::of(b"");
        assert!(digest.to_string().starts_with("sha256:e3b0c44298fc1c14"));
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        assert!("sha256:E3".parse::<Digest>().is_err());
    }
}
