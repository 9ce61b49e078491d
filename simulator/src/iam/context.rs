//! What is known of a request: condition keys and their values.

use std::collections::BTreeMap;

/// Condition keys with their values. The case of a key does not matter (IAM User Guide, "Condition"),
/// that of a value does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Context {
    values: BTreeMap<String, Vec<String>>,
}

impl Context {
    /// The values of a key; nothing when the request does not have it.
    pub(crate) fn get(&self, key: &str) -> Option<&[String]> {
        let values = self.values.get(&key.to_ascii_lowercase())?;
        Some(values.as_slice()).filter(|it| !it.is_empty())
    }

    /// Sets the only value of a key.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<String>) {
        self.set_all(key, vec![value.into()]);
    }

    /// Sets the values of a key.
    pub(crate) fn set_all(&mut self, key: &str, values: Vec<String>) {
        self.values.insert(key.to_ascii_lowercase(), values);
    }

    /// Adds a value to a key: tags whose keys differ only in case are one condition key.
    pub(crate) fn add(&mut self, key: &str, value: &str) {
        let values = self.values.entry(key.to_ascii_lowercase()).or_default();
        values.push(value.to_owned());
    }

    /// Keys and values, by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.values
            .iter()
            .map(|(key, values)| (key.as_str(), values.as_slice()))
    }
}
