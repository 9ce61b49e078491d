//! The `application/x-www-form-urlencoded` layer of a Query request, with its limits.
//!
//! Stricter than browsers are: a broken percent sequence, bytes that are not UTF-8, a character
//! that XML cannot carry back and a parameter that is given twice are all refused. AWS does not
//! say which of two values would win, so neither is taken.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use crate::error::ApiError;

/// The largest body, in bytes, that is looked at.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The largest number of parameters in one request, query string and body together.
pub const MAX_PARAMETERS: usize = 10_000;
/// The longest name of a parameter, in bytes.
pub const MAX_KEY_BYTES: usize = 512;
/// The largest number of segments in the name of a parameter (`Filter.1.Value.1` has four).
pub const MAX_DEPTH: usize = 24;

/// The parameters of a request, in the order they came.
#[derive(Debug, Default)]
pub struct Form<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Form<'a> {
    /// Reads the query string and the body together, as EC2 takes parameters from either.
    pub fn parse(query: Option<&'a str>, body: &'a [u8]) -> Result<Self, ApiError> {
        if body.len() > MAX_BODY_BYTES {
            return Err(too_large());
        }
        let mut form = Form::default();
        for half in [query.unwrap_or_default().as_bytes(), body] {
            for pair in half
                .split(|byte| *byte == b'&')
                .filter(|pair| !pair.is_empty())
            {
                if form.pairs.len() == MAX_PARAMETERS {
                    return Err(malformed(format!("more than {MAX_PARAMETERS} parameters")));
                }
                form.pairs.push(read_pair(pair)?);
            }
        }
        form.refuse_repeats()?;
        Ok(form)
    }

    /// The value of the parameter with exactly this name.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// Every parameter, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|(key, value)| (key.as_ref(), value.as_ref()))
    }

    fn refuse_repeats(&self) -> Result<(), ApiError> {
        let mut seen = FxHashSet::with_capacity_and_hasher(self.pairs.len(), Default::default());
        match self.iter().find(|(key, _)| !seen.insert(*key)) {
            Some((key, _)) => Err(malformed(format!("the parameter {key} is given twice"))),
            None => Ok(()),
        }
    }
}

fn read_pair(pair: &[u8]) -> Result<(Cow<'_, str>, Cow<'_, str>), ApiError> {
    let (key, value) = match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => pair.split_at(at),
        None => (pair, &b""[..]),
    };
    let key = decode(key)?;
    if key.len() > MAX_KEY_BYTES {
        return Err(malformed(format!(
            "a parameter name longer than {MAX_KEY_BYTES} bytes"
        )));
    }
    if key.split('.').count() > MAX_DEPTH {
        return Err(malformed(format!(
            "a parameter name deeper than {MAX_DEPTH} levels"
        )));
    }
    Ok((key, decode(value.strip_prefix(b"=").unwrap_or(value))?))
}

/// Undoes `+` and percent encoding; borrows when there is nothing to undo.
fn decode(raw: &[u8]) -> Result<Cow<'_, str>, ApiError> {
    let not_utf8 = || malformed("bytes that are not UTF-8");
    let text = if raw.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        let bytes = unescape(raw).ok_or_else(|| malformed("a broken percent sequence"))?;
        Cow::Owned(String::from_utf8(bytes).map_err(|_| not_utf8())?)
    } else {
        Cow::Borrowed(std::str::from_utf8(raw).map_err(|_| not_utf8())?)
    };
    if text.chars().any(|letter| !fits_xml(letter)) {
        return Err(ApiError::new(
            "InvalidCharacter",
            "A specified character is invalid.",
        ));
    }
    Ok(text)
}

fn unescape(raw: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next()?)? << 4 | digit(rest.next()?)?,
            other => other,
        });
    }
    Some(bytes)
}

/// Whether XML 1.0 has a way to write this character.
pub(crate) fn fits_xml(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The refusal of a body that is too large.
pub(crate) fn too_large() -> ApiError {
    let message = format!("The request body is larger than {MAX_BODY_BYTES} bytes.");
    ApiError::new("RequestEntityTooLarge", message)
}

fn malformed(what: impl std::fmt::Display) -> ApiError {
    ApiError::new(
        "InvalidQueryParameter",
        format!("The AWS query string is malformed: {what}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(query: &str) -> String {
        Form::parse(None, query.as_bytes())
            .expect_err("must be refused")
            .code
            .into_owned()
    }

    #[test]
    fn wire_form_reads_both_halves() {
        let form = Form::parse(Some("Action=A&B=%C3%A9+x"), b"C=1&D&E=a=b&&").expect("good");
        let pairs: Vec<_> = form.iter().collect();
        let expected = [
            ("Action", "A"),
            ("B", "é x"),
            ("C", "1"),
            ("D", ""),
            ("E", "a=b"),
        ];
        assert_eq!(pairs, expected);
        assert_eq!(form.get("C"), Some("1"));
        assert_eq!(form.get("c"), None);
    }

    #[test]
    fn wire_form_refuses_what_is_not_clear() {
        assert_eq!(code("A=%"), "InvalidQueryParameter");
        assert_eq!(code("A=%f"), "InvalidQueryParameter");
        assert_eq!(code("A=%zz"), "InvalidQueryParameter");
        assert_eq!(code("A=%ff"), "InvalidQueryParameter");
        assert_eq!(code("A=1&B=2&A=1"), "InvalidQueryParameter");
        assert_eq!(code("A=%00"), "InvalidCharacter");
        assert_eq!(code("A=%EF%BF%BF"), "InvalidCharacter");
        assert_eq!(
            code(&format!("{}=1", "k".repeat(MAX_KEY_BYTES + 1))),
            "InvalidQueryParameter"
        );
        assert_eq!(
            code(&format!("{}=1", "k.".repeat(MAX_DEPTH))),
            "InvalidQueryParameter"
        );
        assert_eq!(
            code(&"a&".repeat(MAX_PARAMETERS + 1)),
            "InvalidQueryParameter"
        );
        assert_eq!(
            code(&"a".repeat(MAX_BODY_BYTES + 1)),
            "RequestEntityTooLarge"
        );
    }
}
