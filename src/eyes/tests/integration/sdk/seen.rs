//! What the SDK read, as a tree: its `Debug` output is the only form that all its types share.

use std::collections::BTreeMap;

/// A value that the SDK read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen {
    /// A structure, by the SDK's names of its members.
    Structure(BTreeMap<String, Seen>),
    List(Vec<Seen>),
    Map(BTreeMap<String, Seen>),
    Text(String),
    /// A number, a truth value, a moment or bytes in hexadecimal, as printed.
    Plain(String),
    Nothing,
    /// What the SDK does not print, whether it is there or not.
    Hidden,
}

impl Seen {
    /// Reads what the SDK printed.
    pub(super) fn read(text: &str) -> Seen {
        let mut reader = Reader { rest: text };
        let seen = reader.value();
        assert_eq!(reader.rest, "", "in {text}");
        seen
    }

    /// Whether this is what the SDK shows for a member that was not sent.
    pub(super) fn is_unsent(&self) -> bool {
        match self {
            Seen::Nothing | Seen::Hidden => true,
            Seen::Text(text) => text.is_empty(),
            Seen::Plain(text) => matches!(text.as_str(), "false" | "0" | "0.0"),
            Seen::List(items) => items.is_empty(),
            Seen::Map(entries) => entries.is_empty(),
            Seen::Structure(_) => false,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, expected: &str) -> bool {
        let stripped = self.rest.strip_prefix(expected);
        self.rest = stripped.unwrap_or(self.rest);
        stripped.is_some()
    }

    fn must(&mut self, expected: &str) {
        assert!(self.take(expected), "`{expected}` before `{}`", self.rest);
    }

    fn value(&mut self) -> Seen {
        if self.rest.starts_with('"') {
            let text = self.text();
            if text == "*** Sensitive Data Redacted ***" {
                return Seen::Hidden;
            }
            return Seen::Text(text);
        }
        if self.take("[") {
            return Seen::List(self.until("]", Self::value));
        }
        if self.take("{") {
            return Seen::Map(self.until("}", |it| {
                let key = it.text();
                it.must(": ");
                (key, it.value())
            }));
        }
        let word = self.word();
        if self.take(" { ") {
            let members: BTreeMap<_, _> = self.until(" }", |it| {
                let name = it.word();
                it.must(" ");
                (name.trim_end_matches(':').to_owned(), it.value())
            });
            return match (word.as_str(), members.get("inner")) {
                ("Blob", Some(inner)) => inner.clone(),
                _ => Seen::Structure(members),
            };
        }
        if self.take("(") {
            let inner = self.value();
            self.must(")");
            return match word.as_str() {
                // The latter two stand around a word that the SDK does not know.
                "Some" | "Unknown" | "UnknownVariantValue" => inner,
                // One of several forms, each of which is a member in AWS's model.
                _ => Seen::Structure(BTreeMap::from([(word, inner)])),
            };
        }
        match word.as_str() {
            "None" => Seen::Nothing,
            _ => Seen::Plain(word),
        }
    }

    /// Items up to `end`, with commas between them.
    fn until<T, C: FromIterator<T>>(&mut self, end: &str, one: fn(&mut Self) -> T) -> C {
        let mut items = Vec::new();
        while !self.take(end) {
            items.push(one(self));
            self.take(", ");
        }
        items.into_iter().collect()
    }

    fn word(&mut self) -> String {
        let ends = |letter: char| letter == ' ' || ",()[]{}".contains(letter);
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    /// A quoted text, as Rust escapes it.
    fn text(&mut self) -> String {
        self.must("\"");
        let mut text = String::new();
        loop {
            let letter = self.letter();
            text.push(match letter {
                '"' => return text,
                '\\' => match self.letter() {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    '0' => '\0',
                    'u' => {
                        let (code, rest) = self.rest.split_once('}').unwrap();
                        let code = u32::from_str_radix(&code[1..], 16).unwrap();
                        self.rest = rest;
                        char::from_u32(code).unwrap()
                    }
                    other => other,
                },
                other => other,
            });
        }
    }

    fn letter(&mut self) -> char {
        let letter = self.rest.chars().next().unwrap();
        self.rest = &self.rest[letter.len_utf8()..];
        letter
    }
}
