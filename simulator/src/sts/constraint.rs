//! AWS's common validation: every constraint that a request breaks is named in one refusal.
//!
//! The constraints are those of the service model. The wording is AWS's, as users report it ("1
//! validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member
//! must have value greater than or equal to 900").

use std::ops::RangeInclusive;

use crate::ApiError;

/// What a request breaks, gathered one by one.
#[derive(Debug, Default)]
pub(crate) struct Constraints {
    broken: Vec<String>,
}

impl Constraints {
    /// A text whose length, in characters, must be in a range.
    pub(crate) fn length(&mut self, at: &str, value: &str, range: RangeInclusive<usize>) {
        let length = value.chars().count();
        self.bounds(at, &format!("'{value}'"), "length", length, range);
    }

    /// A list of texts or entries whose number must be in a range.
    pub(crate) fn count(&mut self, at: &str, count: usize, range: RangeInclusive<usize>) {
        self.bounds(at, "", "length", count, range);
    }

    /// A number that must be in a range.
    pub(crate) fn value(&mut self, at: &str, value: i64, range: RangeInclusive<i64>) {
        self.bounds(at, &format!("'{value}'"), "value", value, range);
    }

    /// A text whose characters must all pass; `pattern` is how the model writes that.
    pub(crate) fn characters(
        &mut self,
        at: &str,
        value: &str,
        pattern: &str,
        passes: impl Fn(char) -> bool,
    ) {
        if !value.chars().all(passes) {
            let what = format!("Member must satisfy regular expression pattern: {pattern}");
            self.push(at, &format!("'{value}'"), &what);
        }
    }

    /// Refuses if anything is broken.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn check(self) -> Result<(), ApiError> {
        let count = self.broken.len();
        let noun = if count == 1 { "error" } else { "errors" };
        match count {
            0 => Ok(()),
            _ => Err(ApiError::new(
                "ValidationError",
                format!(
                    "{count} validation {noun} detected: {}",
                    self.broken.join("; ")
                ),
            )),
        }
    }

    fn bounds<N: PartialOrd + std::fmt::Display>(
        &mut self,
        at: &str,
        shown: &str,
        measure: &str,
        value: N,
        range: RangeInclusive<N>,
    ) {
        let (word, bound) = if value < *range.start() {
            ("greater", range.start())
        } else if value > *range.end() {
            ("less", range.end())
        } else {
            return;
        };
        let what = format!("Member must have {measure} {word} than or equal to {bound}");
        self.push(at, shown, &what);
    }

    fn push(&mut self, at: &str, shown: &str, what: &str) {
        let space = if shown.is_empty() { "" } else { " " };
        self.broken.push(format!(
            "Value{space}{shown} at '{at}' failed to satisfy constraint: {what}"
        ));
    }
}

/// The characters of names in STS: `[\w+=,.@-]*`.
pub(crate) fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter)
}
