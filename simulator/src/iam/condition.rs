//! Conditions: an operator, a key, and the values that are wanted.

use std::net::IpAddr;

use ipnet::IpNet;
use sandtable_model::Timestamp;

use super::context::Context;
use super::pattern::{Pattern, Rule};

/// One key under one operator.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    quantifier: Quantifier,
    is_negated: bool,
    if_exists: bool,
    key: String,
    /// Any of them suffices.
    wanted: Vec<Wanted>,
    /// The operator and the values, as they are written.
    told: (String, Vec<String>),
}

/// Which of a key's values must be as wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    /// The key has one value.
    None,
    AnyValue,
    AllValues,
}

/// A value of a condition, read as its operator wants it.
#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    Text(Pattern, Rule),
    Arn(Pattern),
    Number(Compare, f64),
    Date(Compare, Timestamp),
    Bool(bool),
    Address(IpNet),
    /// Whether the key must be absent.
    Null(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Compare {
    fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// What an operator does, without its prefix and suffix.
#[derive(Clone, Copy)]
enum Kind {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
    Number(Compare),
    Date(Compare),
    /// Base 64, which stands for the same bytes when it is the same text.
    Binary,
    Bool,
    Address,
    Null,
}

/// The operators (IAM User Guide, "Condition operators"), with whether they say no.
const OPERATORS: &[(&str, Kind, bool)] = &[
    ("StringEquals", Kind::Equals, false),
    ("StringNotEquals", Kind::Equals, true),
    ("StringEqualsIgnoreCase", Kind::EqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Kind::EqualsIgnoreCase, true),
    ("StringLike", Kind::Like, false),
    ("StringNotLike", Kind::Like, true),
    ("NumericEquals", Kind::Number(Compare::Equal), false),
    ("NumericNotEquals", Kind::Number(Compare::Equal), true),
    ("NumericLessThan", Kind::Number(Compare::Less), false),
    (
        "NumericLessThanEquals",
        Kind::Number(Compare::LessOrEqual),
        false,
    ),
    ("NumericGreaterThan", Kind::Number(Compare::Greater), false),
    (
        "NumericGreaterThanEquals",
        Kind::Number(Compare::GreaterOrEqual),
        false,
    ),
    ("DateEquals", Kind::Date(Compare::Equal), false),
    ("DateNotEquals", Kind::Date(Compare::Equal), true),
    ("DateLessThan", Kind::Date(Compare::Less), false),
    (
        "DateLessThanEquals",
        Kind::Date(Compare::LessOrEqual),
        false,
    ),
    ("DateGreaterThan", Kind::Date(Compare::Greater), false),
    (
        "DateGreaterThanEquals",
        Kind::Date(Compare::GreaterOrEqual),
        false,
    ),
    ("BinaryEquals", Kind::Binary, false),
    ("Bool", Kind::Bool, false),
    ("IpAddress", Kind::Address, false),
    ("NotIpAddress", Kind::Address, true),
    ("ArnEquals", Kind::Arn, false),
    ("ArnLike", Kind::Arn, false),
    ("ArnNotEquals", Kind::Arn, true),
    ("ArnNotLike", Kind::Arn, true),
    ("Null", Kind::Null, false),
];

impl Condition {
    /// Reads a condition.
    pub(crate) fn read(
        operator: &str,
        key: &str,
        values: &[String],
        has_variables: bool,
    ) -> Result<Self, String> {
        let (quantifier, rest) = match operator.split_once(':') {
            Some(("ForAnyValue", rest)) => (Quantifier::AnyValue, rest),
            Some(("ForAllValues", rest)) => (Quantifier::AllValues, rest),
            _ => (Quantifier::None, operator),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let row = OPERATORS.iter().find(|(it, ..)| *it == name);
        let Some((_, kind, is_negated)) = row.copied() else {
            return Err(format!(
                "`{operator}` is no condition operator that the twin has"
            ));
        };
        if matches!(kind, Kind::Null) && (if_exists || quantifier != Quantifier::None) {
            return Err(format!("`{operator}`: `Null` stands alone"));
        }
        if !key.contains(':') {
            return Err(format!(
                "`{key}` is no condition key: it has no service in front"
            ));
        }
        if values.is_empty() {
            return Err(format!("the condition on `{key}` has no value"));
        }
        let wanted = values
            .iter()
            .map(|it| Wanted::read(kind, it, has_variables))
            .collect::<Result<Vec<Wanted>, String>>()
            .map_err(|error| format!("{operator} of `{key}`: {error}"))?;
        Ok(Condition {
            quantifier,
            is_negated,
            if_exists,
            key: key.to_owned(),
            wanted,
            told: (operator.to_owned(), values.to_vec()),
        })
    }

    /// Why the condition does not hold, in words.
    pub(crate) fn unmet(&self, context: &Context) -> String {
        let quoted = |values: &[String]| {
            let quoted: Vec<String> = values.iter().map(|it| format!("`{it}`")).collect();
            quoted.join(", ")
        };
        let (operator, values) = &self.told;
        let has = match context.get(&self.key) {
            None => "the request does not have the key".to_owned(),
            Some(found) => format!("the request has {}", quoted(found)),
        };
        format!("{operator} {} {}: {has}", self.key, quoted(values))
    }

    /// The condition keys that this asks for.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let variables = self.wanted.iter().filter_map(|it| match it {
            Wanted::Text(pattern, _) | Wanted::Arn(pattern) => Some(pattern.keys()),
            _ => None,
        });
        std::iter::once(self.key.as_str()).chain(variables.flatten())
    }

    /// Whether the condition holds for a request (IAM User Guide, "Conditions with multiple context
    /// keys or values", "Multivalued context keys").
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let values = context.get(&self.key);
        let is_absent = values.is_none();
        if let Some(Wanted::Null(_)) = self.wanted.first() {
            return self.wanted.contains(&Wanted::Null(is_absent));
        }
        let Some(values) = values else {
            return match self.quantifier {
                Quantifier::AllValues => true,
                Quantifier::AnyValue => self.if_exists,
                Quantifier::None => self.if_exists || self.is_negated,
            };
        };
        let is_wanted = |value: &String| self.wanted.iter().any(|it| it.allows(value, context));
        let is_as_said = |value: &String| is_wanted(value) != self.is_negated;
        match self.quantifier {
            Quantifier::AllValues => values.iter().all(is_as_said),
            Quantifier::AnyValue => values.iter().any(is_as_said),
            // AWS leaves open what a key of several values does here; as a whole, any of them is it.
            Quantifier::None => values.iter().any(is_wanted) != self.is_negated,
        }
    }
}

impl Wanted {
    fn read(kind: Kind, text: &str, has_variables: bool) -> Result<Self, String> {
        let bad = |what: &str| format!("`{text}` is no {what}");
        Ok(match kind {
            Kind::Equals => Self::Text(Pattern::plain(text, has_variables)?, Rule::Text),
            Kind::EqualsIgnoreCase => {
                Self::Text(Pattern::plain(text, has_variables)?, Rule::IgnoreCase)
            }
            Kind::Binary => Self::Text(Pattern::plain(text, false)?, Rule::Text),
            Kind::Like => Self::Text(Pattern::glob(text, has_variables)?, Rule::Text),
            Kind::Arn => {
                if text.split(':').count() < 6 {
                    return Err(bad("ARN"));
                }
                Self::Arn(Pattern::glob(text, has_variables)?)
            }
            Kind::Number(compare) => {
                Self::Number(compare, number(text).ok_or_else(|| bad("number"))?)
            }
            Kind::Date(compare) => Self::Date(compare, date(text).ok_or_else(|| bad("date"))?),
            Kind::Bool => Self::Bool(boolean(text).ok_or_else(|| bad("boolean"))?),
            Kind::Null => Self::Null(boolean(text).ok_or_else(|| bad("boolean"))?),
            Kind::Address => Self::Address(address(text).ok_or_else(|| bad("address range"))?),
        })
    }

    fn allows(&self, value: &str, context: &Context) -> bool {
        match self {
            Self::Text(pattern, rule) => pattern.matches(value, *rule, context),
            Self::Arn(pattern) => pattern.matches_arn(value, context),
            Self::Number(compare, wanted) => {
                number(value).is_some_and(|it| compare.holds(&it, wanted))
            }
            Self::Date(compare, wanted) => date(value).is_some_and(|it| compare.holds(&it, wanted)),
            Self::Bool(wanted) => boolean(value) == Some(*wanted),
            Self::Address(net) => {
                let address = value.parse::<IpAddr>().ok();
                address.is_some_and(|it| net.contains(&it))
            }
            Self::Null(_) => false,
        }
    }
}

fn number(text: &str) -> Option<f64> {
    let is_plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.');
    let number: f64 = text
        .bytes()
        .all(is_plain)
        .then(|| text.parse().ok())
        .flatten()?;
    number.is_finite().then_some(number)
}

/// A moment in ISO 8601, a day alone included, or in seconds since 1970.
fn date(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(Timestamp::from_millis(seconds.checked_mul(1000)?));
    }
    let is_day = text.len() == "2026-01-01".len();
    let whole = match is_day {
        true => format!("{text}T00:00:00Z"),
        false => text.to_owned(),
    };
    whole.parse().ok()
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn address(text: &str) -> Option<IpNet> {
    let net = text.parse::<IpNet>().ok();
    net.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
