//! What was sent beside what the SDK read: every member in its place with its value, and nothing else.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::seen::Seen;

/// Where what was read is not what was sent, and how many values were compared.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Compared {
    pub(super) values: usize,
    pub(super) differences: Vec<Difference>,
}

/// A value that was read as another one, or not at all.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference {
    path: String,
    sent: Value,
    seen: Seen,
}

impl Difference {
    /// Whether the SDK has no place for a value of this member.
    pub(super) fn is_unread(&self, member: &str) -> bool {
        let name = self.path.rsplit('.').next();
        name == Some(member) && self.seen == Seen::Nothing
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { path, sent, seen } = self;
        write!(f, "{path}: sent {sent}, read {seen:?}")
    }
}

impl Compared {
    /// Compares an answer. The request id, which the SDK keeps beside an answer, is no part of it.
    pub(super) fn of(sent: &Value, seen: &Seen) -> Self {
        let mut compared = Self::default();
        let nothing = Value::Object(Map::new());
        let sent = if sent.is_null() { &nothing } else { sent };
        compared.value("answer", sent, seen);
        compared
    }

    fn value(&mut self, path: &str, sent: &Value, seen: &Seen) {
        match (sent, seen) {
            (_, Seen::Hidden) => {}
            (Value::Object(members), Seen::Structure(_)) => self.members(path, members, seen),
            (Value::Object(entries), Seen::Map(seen)) => {
                for (key, sent) in entries {
                    let path = format!("{path}[{key:?}]");
                    self.value(&path, sent, seen.get(key).unwrap_or(&Seen::Nothing));
                }
                if entries.len() != seen.len() {
                    self.differ(path, sent, &Seen::Map(seen.clone()));
                }
            }
            (Value::Array(items), Seen::List(seen)) => {
                for (at, sent) in items.iter().enumerate() {
                    let seen = seen.get(at).unwrap_or(&Seen::Nothing);
                    self.value(&format!("{path}[{at}]"), sent, seen);
                }
                if items.len() != seen.len() {
                    self.differ(path, sent, &Seen::List(seen.clone()));
                }
            }
            _ if is_same(sent, seen) => self.values += 1,
            _ => self.differ(path, sent, seen),
        }
    }

    fn members(&mut self, path: &str, sent: &Map<String, Value>, seen: &Seen) {
        let Seen::Structure(seen) = seen else { return };
        for (name, sent) in sent {
            let path = format!("{path}.{name}");
            let found = seen.iter().find(|(it, _)| plain(it) == plain(name));
            self.value(&path, sent, found.map_or(&Seen::Nothing, |(_, seen)| seen));
        }
        for (name, seen) in seen {
            let is_sent = sent.keys().any(|it| plain(it) == plain(name));
            if !is_sent && name != "_request_id" && !seen.is_unsent() {
                self.differ(&format!("{path}.{name}"), &Value::Null, seen);
            }
        }
    }

    fn differ(&mut self, path: &str, sent: &Value, seen: &Seen) {
        self.differences.push(Difference {
            path: path.to_owned(),
            sent: sent.clone(),
            seen: seen.clone(),
        });
    }
}

/// A member's name without what AWS and Rust spell differently: `DBName`, `db_name`; `Type`, `r#type`.
fn plain(name: &str) -> String {
    let name = name.trim_start_matches("r#").replace('_', "");
    name.to_ascii_lowercase()
}

/// Whether a value was read as it was sent.
fn is_same(sent: &Value, seen: &Seen) -> bool {
    match (sent, seen) {
        (Value::String(sent), Seen::Text(seen)) => sent == seen,
        // A moment, or bytes, which the SDK shows in hexadecimal.
        (Value::String(sent), Seen::Plain(seen)) => {
            let bytes = STANDARD.decode(sent).unwrap_or_default();
            let bytes: String = bytes.iter().map(|it| format!("{it:02x}")).collect();
            *seen == sent.replace(".000Z", "Z") || *seen == bytes
        }
        (Value::Bool(sent), Seen::Plain(seen)) => sent.to_string() == *seen,
        (Value::Number(sent), Seen::Plain(seen)) => match sent.as_i64() {
            Some(sent) => seen.parse() == Ok(sent),
            // Some are of single precision in AWS's model, and the SDK prints them so.
            None => sent.as_f64().is_some_and(|sent| {
                seen.parse() == Ok(sent) || *seen == format!("{:?}", sent as f32)
            }),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const READ: &str = r#"ThingOutput { db_name: Some("a \"b\"\n"), r#type: Some(Unknown(UnknownVariantValue("x"))), at: Some(2026-07-20T13:44:30Z), data: Some(Blob { inner: 676f6f64 }), items: Some([Item { size: 3, ratio: Some(-0.125), secret: "*** Sensitive Data Redacted ***" }]), tags: Some({"k": "v"}), missing: None, flag: false, _request_id: Some("r") }"#;

    fn sent() -> Value {
        json!({
            "DBName": "a \"b\"\n", "Type": "x", "At": "2026-07-20T13:44:30.000Z", "Data": "Z29vZA==",
            "Items": [{"Size": 3, "Ratio": -0.125, "Secret": "s"}], "Tags": {"k": "v"},
        })
    }

    #[test]
    fn what_is_the_same_is_no_difference() {
        let compared = Compared::of(&sent(), &Seen::read(READ));
        assert_eq!(
            compared,
            Compared {
                values: 7,
                differences: Vec::new()
            }
        );
    }

    #[test]
    fn every_difference_is_seen() {
        for (from, to) in [
            ("db_name", "db_nom"),
            ("Some(\"a ", "Some(\"c "),
            ("UnknownVariantValue(\"x\")", "UnknownVariantValue(\"y\")"),
            ("13:44:30Z", "13:44:31Z"),
            ("676f6f64", "676f6f65"),
            ("size: 3", "size: 0"),
            ("-0.125", "0.125"),
            ("\"k\"", "\"l\""),
            ("Some({\"k\": \"v\"})", "None"),
            ("missing: None", "missing: Some(\"x\")"),
            ("flag: false", "flag: true"),
            ("tags: Some({", "tags: Some({\"j\": \"v\", "),
            ("items: Some([", "items: Some([Item { size: 3 }, "),
        ] {
            let read = READ.replacen(from, to, 1);
            assert_ne!(read, READ);
            let compared = Compared::of(&sent(), &Seen::read(&read));
            assert!(!compared.differences.is_empty(), "{from}");
        }
    }
}
