//! Reading values that documents write as texts.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};

/// Reads a text and makes a value of it, without a copy of the text in between: a snapshot has tens of
/// them for each of a million resources. (`Cow<str>` is always read as an owned one.)
pub(crate) fn from_text<'de, D, T, E>(
    deserializer: D,
    make: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    E: fmt::Display,
{
    struct Text<F, T>(F, PhantomData<T>);

    impl<F, T, E> Visitor<'_> for Text<F, T>
    where
        F: FnOnce(&str) -> Result<T, E>,
        E: fmt::Display,
    {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<R: Error>(self, text: &str) -> Result<T, R> {
            (self.0)(text).map_err(R::custom)
        }
    }

    deserializer.deserialize_str(Text(make, PhantomData))
}
