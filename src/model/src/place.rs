//! Where things are: account, Region, Availability Zone.

use std::fmt;
use std::str::FromStr;

use smol_str::SmolStr;
use thiserror::Error;

/// Why a text is not an account, Region or zone.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlaceError {
    /// Not twelve digits.
    #[error("`{0}` is not an AWS account id: it must be twelve digits")]
    Account(String),
    /// Not the form of a Region name.
    #[error("`{0}` is not an AWS Region name such as `eu-central-1`")]
    Region(String),
    /// Not the form of a zone name.
    #[error("`{0}` is not an Availability Zone name such as `eu-central-1a`")]
    Zone(String),
}

macro_rules! place {
    ($(#[$meta:meta])* $name:ident, $variant:ident, $test:expr) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// Reads and checks the text.
            pub fn new(text: &str) -> Result<Self, PlaceError> {
                let test: fn(&str) -> bool = $test;
                if test(text) {
                    Ok(Self(SmolStr::new(text)))
                } else {
                    Err(PlaceError::$variant(text.to_owned()))
                }
            }
            /// The text as AWS writes it.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl FromStr for $name {
            type Err = PlaceError;
            fn from_str(text: &str) -> Result<Self, PlaceError> { Self::new(text) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&self.0)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                crate::text::from_text(d, Self::new)
            }
        }
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string" })
            }
        }
    };
}

place!(
    /// An AWS account: twelve digits, always written in full.
    AccountId, Account, |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
);
place!(
    /// An AWS Region, for example `eu-central-1`.
    Region, Region, is_region
);
place!(
    /// An Availability Zone (or Local or Wavelength Zone), for example `eu-central-1a`.
    AvailabilityZone, Zone, |text| {
        text.len() <= 64
            && text.contains('-')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    }
);

impl AvailabilityZone {
    /// The Region of an ordinary zone (`eu-central-1a` is in `eu-central-1`); Local Zones
    /// (`us-west-2-lax-1a`) give the parent Region.
    pub fn region(&self) -> Option<Region> {
        let mut parts = self.0.split('-');
        let mut head: Vec<&str> = Vec::new();
        for part in parts.by_ref() {
            if part.starts_with(|c: char| c.is_ascii_digit()) {
                let digits = part.trim_end_matches(|c: char| c.is_ascii_lowercase());
                return Region::new(&format!("{}-{digits}", head.join("-"))).ok();
            }
            head.push(part);
        }
        None
    }
}

fn is_region(text: &str) -> bool {
    let Some((head, number)) = text.rsplit_once('-') else {
        return false;
    };
    text.len() <= 32
        && head.contains('-')
        && head.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}
