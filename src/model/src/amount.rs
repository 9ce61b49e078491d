//! Amounts that people write as short texts: a span of time, a rate.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Duration;

/// A span of time as people write it: `30s`, `5m`, `1h 30m`, `1500ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// Why a text is no span of time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no span of time such as `30s`, `5m`, `1h 30m` or `1500ms`")]
pub struct ParseSpanError(String);

impl FromStr for Span {
    type Err = ParseSpanError;

    fn from_str(text: &str) -> Result<Self, ParseSpanError> {
        let wrong = || ParseSpanError(text.to_owned());
        let span: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
        let millis = i64::try_from(span.as_millis()).map_err(|_| wrong())?;
        match millis {
            0.. => Ok(Span(Duration::from_millis(millis))),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.millis() {
            millis if millis % 1000 == 0 => write!(f, "{}s", millis / 1000),
            millis => write!(f, "{millis}ms"),
        }
    }
}

/// How many of a thousand: `5%`, or `12/1000`. More than none, and at most all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u32);

/// Why a text is no rate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no rate: give a whole number of per cent from `1%` to `100%`, or of a thousand: `5/1000`"
)]
pub struct ParseRateError(String);

impl Rate {
    /// So many of a hundred; none counts as one of a thousand, more than a hundred as all.
    pub const fn percent(percent: u32) -> Self {
        match percent {
            0 => Rate(1),
            1..100 => Rate(percent * 10),
            _ => Rate(1000),
        }
    }

    /// How many of a thousand: 1 to 1000.
    pub const fn per_mille(self) -> u32 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = ParseRateError;

    fn from_str(text: &str) -> Result<Self, ParseRateError> {
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let per_mille = match (text.strip_suffix('%'), text.strip_suffix("/1000")) {
            (Some(percent), _) => number(percent).and_then(|it| it.checked_mul(10)),
            (None, Some(per_mille)) => number(per_mille),
            (None, None) => None,
        };
        let rate = per_mille.filter(|it| (1..=1000).contains(it));
        rate.map(Rate)
            .ok_or_else(|| ParseRateError(text.to_owned()))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            it if it % 10 == 0 => write!(f, "{}%", it / 10),
            it => write!(f, "{it}/1000"),
        }
    }
}

/// In documents these are texts.
macro_rules! as_text {
    ($type:ident, $pattern:literal, $example:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string", "pattern": $pattern, "examples": [$example],
                })
            }
        }
    };
}

as_text!(Span, "^[0-9PpTt][0-9A-Za-z.,: ]*$", "30s");
as_text!(
    Rate,
    "^(([1-9][0-9]?|100) *%|([1-9][0-9]{0,2}|1000) */1000)$",
    "5%"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        let millis = |text: &str| text.parse::<Span>().map(|it| it.0.millis());
        assert_eq!(millis("30s"), Ok(30_000));
        assert_eq!(millis("1h 30m"), Ok(5_400_000));
        assert_eq!(millis("1500ms"), Ok(1500));
        assert_eq!(millis("0s"), Ok(0));
        for wrong in ["", "30", "-5s", "soon", "5 parsecs"] {
            let error = wrong.parse::<Span>().unwrap_err();
            assert!(error.to_string().contains("such as `30s`"), "{wrong}");
        }
        assert_eq!(Span(Duration::from_millis(173_247)).to_string(), "173247ms");
        assert_eq!(Span(Duration::from_secs(90)).to_string(), "90s");
    }

    #[test]
    fn rates_are_whole_numbers_of_a_thousand() {
        let of = |text: &str| text.parse::<Rate>().map(Rate::per_mille);
        assert_eq!(of("5%"), Ok(50));
        assert_eq!(of("100%"), Ok(1000));
        assert_eq!(of("12/1000"), Ok(12));
        for wrong in [
            "",
            "5",
            "0%",
            "101%",
            "1.5%",
            "-1%",
            "0/1000",
            "4294967295%",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        for text in ["5%", "12/1000", "100%"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
    }
}
