//! Time as data. Nothing here reads a clock.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An instant in UTC, to the millisecond, as AWS's answers carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why a text is not an instant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a date and time such as `2026-11-24T09:30:00Z`")]
pub struct ParseTimestampError(String);

impl Timestamp {
    /// An instant by its milliseconds since 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The instant `duration` later.
    pub const fn plus(self, duration: Duration) -> Self {
        Timestamp(self.0.saturating_add(duration.0))
    }

    /// How long after `earlier` this is; zero when it is not after.
    pub const fn since(self, earlier: Timestamp) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration(if millis < 0 { 0 } else { millis })
    }

    /// AWS's form in XML answers: milliseconds always (`2026-07-20T13:44:30.000Z`).
    pub fn to_wire(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%S.%3fZ")
    }

    /// The instant in a `strftime` pattern (the one of the `jiff` crate), in UTC.
    pub fn format(self, pattern: &str) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => at.strftime(pattern).to_string(),
            Err(_) => format!("{}ms", self.0),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => write!(f, "{at}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        text.parse::<jiff::Timestamp>()
            .map(|at| Timestamp(at.as_millisecond()))
            .map_err(|_| ParseTimestampError(text.to_owned()))
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        crate::text::from_text(d, str::parse)
    }
}

impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// A span of time in milliseconds, never negative; documents carry whole milliseconds.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Duration(i64);

impl Duration {
    /// No time.
    pub const ZERO: Duration = Duration(0);

    /// A span of `millis` milliseconds; negative counts as none.
    pub const fn from_millis(millis: i64) -> Self {
        Duration(if millis < 0 { 0 } else { millis })
    }

    /// A span of `seconds` seconds; negative counts as none.
    pub const fn from_secs(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// A span of `days` days of 24 hours.
    pub const fn from_days(days: i64) -> Self {
        Self::from_secs(days.saturating_mul(86_400))
    }

    /// The milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole days of 24 hours.
    pub const fn whole_days(self) -> i64 {
        self.0 / 86_400_000
    }

    /// This span and `other` together.
    pub const fn plus(self, other: Duration) -> Self {
        Duration(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Duration {
    /// `450 ms`, `12.5 s`, `3 min 05 s`, `2 h 10 min`, `4 d 3 h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0 / 1000, self.0 % 1000);
        match seconds {
            0 if millis > 0 => write!(f, "{millis} ms"),
            0..60 if millis >= 100 => write!(f, "{seconds}.{} s", millis / 100),
            0..60 => write!(f, "{seconds} s"),
            60..3600 => write!(f, "{} min {:02} s", seconds / 60, seconds % 60),
            3600..86_400 => write!(f, "{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
            _ => write!(f, "{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
        }
    }
}
