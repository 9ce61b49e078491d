//! Money as an integer.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use thiserror::Error;

/// US dollars in millionths; may be negative. Arithmetic saturates instead of wrapping.
///
/// Documents carry it as a decimal string of dollars (`"32.85"`), never as a float.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i64);

/// Why a text is not an amount of dollars.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not an amount of US dollars with at most six decimals")]
pub struct ParseUsdError(String);

impl Usd {
    /// Nothing.
    pub const ZERO: Usd = Usd(0);

    /// An amount in millionths of a dollar.
    pub const fn from_micros(micros: i64) -> Self {
        Usd(micros)
    }

    /// The amount in millionths of a dollar.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// `self` × `numerator` ÷ `denominator`, rounded half away from zero; a zero denominator gives
    /// zero.
    pub fn scale(self, numerator: u64, denominator: u64) -> Self {
        if denominator == 0 {
            return Usd::ZERO;
        }
        let product = i128::from(self.0) * i128::from(numerator);
        let denominator = i128::from(denominator);
        let half = denominator / 2;
        let rounded = if product < 0 {
            product - half
        } else {
            product + half
        } / denominator;
        Usd(i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX }))
    }

    /// For people: dollars and cents, rounded half away from zero, with thousands separated.
    pub fn to_cents_string(self) -> String {
        let cents = self.scale(1, 10_000).0.unsigned_abs();
        let sign = if self.0 < 0 && cents > 0 { "-" } else { "" };
        let dollars = (cents / 100).to_string();
        let mut grouped = String::new();
        for (i, digit) in dollars.chars().enumerate() {
            if i > 0 && (dollars.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{sign}${grouped}.{:02}", cents % 100)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (
            self.0.unsigned_abs() / 1_000_000,
            self.0.unsigned_abs() % 1_000_000,
        );
        let sign = if self.0 < 0 { "-" } else { "" };
        // At least two decimals, and no further trailing zeros.
        let mut decimals = format!("{part:06}");
        while decimals.len() > 2 && decimals.ends_with('0') {
            decimals.pop();
        }
        write!(f, "{sign}{whole}.{decimals}")
    }
}

impl FromStr for Usd {
    type Err = ParseUsdError;

    fn from_str(text: &str) -> Result<Self, ParseUsdError> {
        let fail = || ParseUsdError(text.to_owned());
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let numeric = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || part.len() > 6 || !numeric(whole) || !numeric(part) {
            return Err(fail());
        }
        let micros: i64 = format!("{whole}{part:0<6}").parse().map_err(|_| fail())?;
        Ok(Usd(if negative { -micros } else { micros }))
    }
}

impl Add for Usd {
    type Output = Usd;
    fn add(self, other: Usd) -> Usd {
        Usd(self.0.saturating_add(other.0))
    }
}

impl Sub for Usd {
    type Output = Usd;
    fn sub(self, other: Usd) -> Usd {
        Usd(self.0.saturating_sub(other.0))
    }
}

impl Neg for Usd {
    type Output = Usd;
    fn neg(self) -> Usd {
        Usd(self.0.saturating_neg())
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Usd) {
        *self = *self + other;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Usd>>(items: I) -> Usd {
        items.fold(Usd::ZERO, Add::add)
    }
}

impl serde::Serialize for Usd {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Usd {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Usd {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Usd".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^-?[0-9]+(\.[0-9]{1,6})?$",
            "description": "US dollars as a decimal string with at most six decimals",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_dollars() {
        for (text, micros, shown) in [
            ("0.045", 45_000, "0.045"),
            ("32.85", 32_850_000, "32.85"),
            ("-3.65", -3_650_000, "-3.65"),
            ("7", 7_000_000, "7.00"),
        ] {
            let usd: Usd = text.parse().unwrap();
            assert_eq!(usd.micros(), micros);
            assert_eq!(usd.to_string(), shown);
        }
        for text in [
            "",
            ".5",
            "1.0000001",
            "1e3",
            "--1",
            "1,5",
            "99999999999999999999",
        ] {
            assert!(text.parse::<Usd>().is_err(), "{text}");
        }
    }

    #[test]
    fn scales_and_rounds() {
        let hour: Usd = "0.045".parse().unwrap();
        assert_eq!(hour.scale(730, 1).to_string(), "32.85");
        assert_eq!(Usd::from_micros(1).scale(1, 2).micros(), 1);
        assert_eq!(Usd::from_micros(-1).scale(1, 2).micros(), -1);
        assert_eq!(Usd::from_micros(i64::MAX).scale(1000, 1).micros(), i64::MAX);
        assert_eq!(hour.scale(1, 0), Usd::ZERO);
    }

    #[test]
    fn shows_cents() {
        assert_eq!(
            Usd::from_micros(1_234_567_891_234).to_cents_string(),
            "$1,234,567.89"
        );
        assert_eq!(Usd::from_micros(-3_655_000).to_cents_string(), "-$3.66");
        assert_eq!(Usd::from_micros(-4_999).to_cents_string(), "$0.00");
    }
}
