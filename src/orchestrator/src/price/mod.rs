//! What things cost: a table of public on-demand list prices, and the monthly cost of resources.
//!
//! The table is `prices.csv` beside this file: a figure per Region and usage type (AWS's name of what
//! is metered, without the Region's prefix), with the day on which the figure was true. To refresh
//! it, select the same usage types out of AWS's price list files
//! (<https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html>)
//! and write them in the same columns; [`Prices::from_csv`] says which line is wrong. What the table
//! does not hold is not known: no price is ever guessed from another Region's.
//!
//! A month is 730 hours. Discounts, free tiers and commitments are not considered, nor what is
//! metered by use (requests, bytes), which a snapshot cannot tell.

mod cost;

pub use cost::{Cost, Priced, monthly_cost, monthly_cost_of};
pub(crate) use cost::{is_byoip, snapshot_of_volume, volume_as};

use std::collections::BTreeMap;

use sandtable_model::{Region, Usd};
use smol_str::SmolStr;
use thiserror::Error;

/// Hours in a month, by convention (facts page `prices`, billing rules).
pub const HOURS_PER_MONTH: u64 = 730;

const EMBEDDED: &str = include_str!("prices.csv");
const HEADER: &str = "service,region,sku_key,unit,usd,as_of";

/// Prices by Region and usage type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prices {
    by_region: BTreeMap<SmolStr, BTreeMap<SmolStr, Price>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Price {
    usd: Usd,
    as_of: SmolStr,
}

/// Why a text is not a table of prices.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PriceError {
    /// The first line is not the header.
    #[error("line 1: expected the header `{HEADER}`, found `{found}`")]
    Header {
        /// What is there.
        found: String,
    },
    /// A line without six fields.
    #[error("line {line}: expected 6 fields separated by commas, found {found}")]
    Fields {
        /// The line, counted from 1.
        line: usize,
        /// How many there are.
        found: usize,
    },
    /// A price that is no amount.
    #[error("line {line}: {reason}")]
    Amount {
        /// The line, counted from 1.
        line: usize,
        /// Why it is none.
        reason: String,
    },
    /// A usage type given twice for one Region.
    #[error("line {line}: a price of `{sku}` in `{region}` was given before")]
    Duplicate {
        /// The line, counted from 1.
        line: usize,
        /// The usage type.
        sku: String,
        /// The Region.
        region: String,
    },
}

impl Prices {
    /// The prices that come with this version.
    pub fn embedded() -> Self {
        // A test reads the embedded table strictly; a broken table would price nothing, wrongly never.
        Self::from_csv(EMBEDDED).unwrap_or_default()
    }

    /// Reads a table with the header `service,region,sku_key,unit,usd,as_of`.
    pub fn from_csv(text: &str) -> Result<Self, PriceError> {
        let mut prices = Prices::default();
        let mut lines = text.lines().enumerate();
        let header = lines.next().map_or("", |(_, line)| line.trim());
        if header != HEADER {
            return Err(PriceError::Header {
                found: header.to_owned(),
            });
        }
        for (index, row) in lines.filter(|(_, row)| !row.trim().is_empty()) {
            let line = index + 1;
            let fields: Vec<&str> = row.split(',').map(str::trim).collect();
            let &[_, region, sku, _, usd, as_of] = fields.as_slice() else {
                return Err(PriceError::Fields {
                    line,
                    found: fields.len(),
                });
            };
            let usd = usd
                .parse()
                .map_err(|error: sandtable_model::ParseUsdError| PriceError::Amount {
                    line,
                    reason: error.to_string(),
                })?;
            let price = Price {
                usd,
                as_of: as_of.into(),
            };
            let of_region = prices.by_region.entry(region.into()).or_default();
            if of_region.insert(sku.into(), price).is_some() {
                let (sku, region) = (sku.to_owned(), region.to_owned());
                return Err(PriceError::Duplicate { line, sku, region });
            }
        }
        Ok(prices)
    }

    /// The price of one unit of a usage type in a Region, if it is known.
    pub fn get(&self, region: &Region, sku: &str) -> Option<Usd> {
        Some(self.find(region, sku)?.usd)
    }

    /// When the price was true, as the source tells it.
    pub fn as_of(&self, region: &Region, sku: &str) -> Option<&str> {
        Some(self.find(region, sku)?.as_of.as_str())
    }

    fn find(&self, region: &Region, sku: &str) -> Option<&Price> {
        self.by_region.get(region.as_str())?.get(sku)
    }

    /// How many prices there are.
    pub fn len(&self) -> usize {
        self.by_region.values().map(BTreeMap::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_region.is_empty()
    }
}

#[cfg(test)]
mod tests;
