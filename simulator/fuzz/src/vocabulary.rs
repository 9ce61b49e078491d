//! What words there are: ids and names that exist, by the member they stand under, and AWS's own.

use std::collections::BTreeMap;

use arbitrary::{Result, Unstructured};
use serde_json::Value;

/// How many words of one name are remembered; new ones take the place of old ones.
const MANY: usize = 24;

/// Words that nobody should need.
const ODD: [&str; 14] = [
    "",
    "*",
    "-1",
    "0",
    "i-",
    "vol-zzzzzzzz",
    "vol-00000000000000000",
    "0.0.0.0/0",
    "10.0.0.0/33",
    "::/0",
    "1969-12-31T23:59:59Z",
    "<&\"'>\\*?",
    "ünïcode \u{1F980} \u{FFFD}",
    "{\"Version\":\"2012-10-17\"}",
];

/// Words by name, in lower case and without the `s` of lists.
#[derive(Clone, Default)]
pub(crate) struct Vocabulary {
    words: BTreeMap<String, Vec<String>>,
    /// How many words were learnt, which says whose place the next one takes.
    learnt: usize,
}

impl Vocabulary {
    /// A name and its words on each line, with a tabulator between them.
    pub(crate) fn read(text: &str) -> Self {
        let mut vocabulary = Self::default();
        for line in text.lines().filter(|it| !it.starts_with('#')) {
            let mut words = line.split('\t');
            let name = words.next().unwrap_or_default();
            words.for_each(|word| vocabulary.add(name, word));
        }
        vocabulary
    }

    /// Learns the texts of an answer or a resource.
    pub(crate) fn learn(&mut self, value: &Value) {
        self.learn_under("", value);
    }

    fn learn_under(&mut self, name: &str, value: &Value) {
        match value {
            Value::String(word) => self.add(name, word),
            Value::Array(values) => values.iter().for_each(|it| self.learn_under(name, it)),
            Value::Object(members) => {
                for (name, value) in members {
                    self.learn_under(name, value);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, name: &str, word: &str) {
        // An id is worth knowing where just any id is asked for, too.
        if word.len() > 8 && word.contains('-') && name.ends_with("Id") {
            self.add_to("id", word);
        }
        self.add_to(&stem(name), word);
    }

    fn add_to(&mut self, name: &str, word: &str) {
        let words = match self.words.get_mut(name) {
            Some(words) => words,
            None => self.words.entry(name.to_owned()).or_default(),
        };
        if let Some(at) = words.iter().position(|it| it == word) {
            words.get_mut(at..).unwrap_or_default().rotate_left(1);
            return;
        }
        self.learnt += 1;
        if words.len() < MANY {
            words.push(word.to_owned());
        } else {
            words[self.learnt % MANY] = word.to_owned();
        }
    }

    /// The word of a name that was learnt last.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.words.get(&stem(name))?.last().map(String::as_str)
    }

    /// A word for a parameter: mostly one that fits its name, or the end of it.
    pub(crate) fn choose(&self, choices: &mut Unstructured<'_>, name: &str) -> Result<String> {
        let luck = choices.int_in_range(0..=31_u8)?;
        if luck == 0 {
            return Ok((*choices.choose(&ODD)?).to_owned());
        }
        let fitting = self.fitting(name).filter(|_| luck > 1);
        let words = match fitting {
            Some(words) => words,
            None => {
                let all: Vec<&Vec<String>> = self.words.values().collect();
                *choices.choose(&all)?
            }
        };
        Ok(choices.choose(words)?.clone())
    }

    /// The words under the longest end of a name that there are any for: `SnapshotId` for
    /// `SourceSnapshotId`.
    pub(crate) fn fitting(&self, name: &str) -> Option<&[String]> {
        let starts = name
            .char_indices()
            .filter(|(at, letter)| *at == 0 || letter.is_ascii_uppercase());
        let mut ends = starts.filter_map(|(at, _)| name.get(at..));
        ends.find_map(|end| self.words.get(&stem(end)).map(Vec::as_slice))
    }
}

fn stem(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.strip_suffix('s').filter(|it| !it.ends_with('s')) {
        Some(one) => one.to_owned(),
        None => name,
    }
}
