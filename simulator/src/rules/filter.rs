//! Filters of describe operations.

use serde::{Deserialize, Serialize};

use sandtable_model::{Resource, Tags};

use super::invalid_value;
use crate::{ApiError, State};

/// The most filters of a request, and the most values of them together (facts, ec2-semantics, section 1).
const FILTERS_MAX: usize = 50;
const VALUES_MAX: usize = 200;

/// One filter of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct Filter {
    /// What is compared.
    pub name: String,
    /// The patterns, any of which may match.
    pub values: Vec<String>,
}

/// Hands the values of one filter name of a resource to the last argument.
pub type Extract<T> = fn(&State, &T, &mut dyn FnMut(&str));

/// The filter names of an operation, `tag:…`, `tag-key` and `tag-value` aside, which those that list
/// resources have.
pub type FilterTable<T> = &'static [(&'static str, Extract<T>)];

/// The filters of a request, checked against what the operation has.
pub struct Filters<'a, T: 'static> {
    wanted: Vec<(Test<T>, &'a [String])>,
}

enum Test<T: 'static> {
    Tag(String),
    TagKey,
    TagValue,
    Values(Extract<T>),
}

impl<'a, T: 'static> Filters<'a, T> {
    /// Checks the names.
    ///
    /// # Errors
    /// `InvalidParameterValue` for a name that the operation does not have and for a filter
    /// without values, `FilterLimitExceeded` for too many of either.
    pub fn new(filters: &'a [Filter], table: FilterTable<T>) -> Result<Self, ApiError> {
        Self::of(filters, table, true, true)
    }

    /// As [`Filters::new`] for an operation whose entries are not asked for their tags.
    ///
    /// # Errors
    /// As [`Filters::new`].
    pub(crate) fn untagged(filters: &'a [Filter], table: FilterTable<T>) -> Result<Self, ApiError> {
        Self::of(filters, table, false, false)
    }

    /// As [`Filters::new`] for an operation that has `tag:…` only.
    ///
    /// # Errors
    /// As [`Filters::new`].
    pub(crate) fn by_tag(filters: &'a [Filter], table: FilterTable<T>) -> Result<Self, ApiError> {
        Self::of(filters, table, true, false)
    }

    fn of(
        filters: &'a [Filter],
        table: FilterTable<T>,
        has_tag: bool,
        has_parts: bool,
    ) -> Result<Self, ApiError> {
        check_numbers(filters)?;
        let mut wanted = Vec::with_capacity(filters.len());
        for filter in filters {
            let name = filter.name.as_str();
            let test = match (name, name.strip_prefix("tag:")) {
                (_, Some(key)) if has_tag => Test::Tag(key.to_owned()),
                ("tag-key", _) if has_parts => Test::TagKey,
                ("tag-value", _) if has_parts => Test::TagValue,
                _ => {
                    let row = table.iter().find(|(known, _)| *known == name);
                    let unknown = || invalid_value(format!("The filter '{name}' is invalid"));
                    Test::Values(row.ok_or_else(unknown)?.1)
                }
            };
            if filter.values.is_empty() {
                return Err(invalid_value(format!(
                    "The filter '{name}' must have at least one value"
                )));
            }
            wanted.push((test, filter.values.as_slice()));
        }
        Ok(Filters { wanted })
    }

    /// Whether a resource passes every filter.
    pub fn pass(&self, state: &State, concrete: &T, tags: &Tags) -> bool {
        self.wanted.iter().all(|(test, patterns)| {
            let mut found = false;
            let mut see = |value: &str| found |= patterns.iter().any(|it| matches(it, value));
            match test {
                Test::Tag(key) => tags.get(key).into_iter().for_each(&mut see),
                Test::TagKey => tags.iter().for_each(|(key, _)| see(key)),
                Test::TagValue => tags.iter().for_each(|(_, value)| see(value)),
                Test::Values(extract) => extract(state, concrete, &mut see),
            }
            found
        })
    }

    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }
}

impl<T: sandtable_model::resource::AsResource + 'static> Filters<'_, T> {
    /// Whether a resource of any kind is of this kind and passes every filter.
    pub fn pass_resource(&self, state: &State, resource: &Resource) -> bool {
        resource
            .get::<T>()
            .is_some_and(|it| self.pass(state, it, resource.tags()))
    }
}

/// AWS counts the values of all filters together, by its words for too many of them
/// (gjbae1212/gossm#47, convox/rack#2205).
fn check_numbers(filters: &[Filter]) -> Result<(), ApiError> {
    let most = |what: &str, most: usize| {
        let message = format!("The maximum number of {what} specified on a single call is {most}");
        Err(ApiError::new("FilterLimitExceeded", message))
    };
    if filters.len() > FILTERS_MAX {
        return most("filters", FILTERS_MAX);
    }
    let values: usize = filters.iter().map(|it| it.values.len()).sum();
    match values > VALUES_MAX {
        true => most("filter values", VALUES_MAX),
        false => Ok(()),
    }
}

/// AWS's patterns: `*` is any text, `?` is zero or one character, a backslash takes the next
/// character as it is (facts, ec2-semantics, section 1, from "Using_Filtering" of the user guide).
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?', '\\']) {
        return pattern == text;
    }
    let text: Vec<char> = text.chars().collect();
    // The set of positions of the text that the pattern read so far may have come to.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    let mut pattern = pattern.chars();
    while let Some(symbol) = pattern.next() {
        let mut next = vec![false; reached.len()];
        match symbol {
            '*' => {
                let mut any = false;
                for (position, here) in reached.iter().enumerate() {
                    any |= here;
                    next[position] = any;
                }
            }
            '?' => {
                for (position, here) in reached.iter().enumerate().filter(|(_, here)| **here) {
                    next[position] |= here;
                    if position < text.len() {
                        next[position + 1] = true;
                    }
                }
            }
            symbol => {
                let literal = if symbol == '\\' {
                    pattern.next().unwrap_or('\\')
                } else {
                    symbol
                };
                for (position, it) in text.iter().enumerate() {
                    next[position + 1] = reached[position] && *it == literal;
                }
            }
        }
        reached = next;
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_are_awss() {
        for (pattern, text, expected) in [
            ("vol-1", "vol-1", true),
            ("vol-1", "VOL-1", false),
            ("*", "", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbb", false),
            // `?` is zero or one character.
            ("ab?", "ab", true),
            ("ab?", "abc", true),
            ("ab?", "abcd", false),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("\\?", "?", true),
            ("a\\\\b", "a\\b", true),
            ("", "", true),
            ("", "x", false),
            ("**?*", "éa", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn many_wildcards_stay_cheap() {
        let pattern = "*a".repeat(200);
        assert!(!matches(&pattern, &"a".repeat(199)));
        assert!(matches(&pattern, &"a".repeat(200)));
    }
}
