//! Adding up items at list prices.

use sandtable_model::{Region, Usd};

use super::Priced;
use crate::price::{HOURS_PER_MONTH, Prices};

/// Adds up items; one unknown price makes the sum unknown.
pub(super) struct Sum<'a> {
    prices: &'a Prices,
    region: &'a Region,
    usd: Usd,
    lines: Vec<String>,
    missing: Option<String>,
}

impl<'a> Sum<'a> {
    pub(super) fn new(prices: &'a Prices, region: &'a Region) -> Self {
        Sum {
            prices,
            region,
            usd: Usd::ZERO,
            lines: Vec::new(),
            missing: None,
        }
    }

    pub(super) fn per_hour(self, sku: &str, count: u64, what: &str) -> Self {
        self.add(sku, count, what, HOURS_PER_MONTH)
    }

    /// The same where the table may have the price under one of several names: the first that it has.
    pub(super) fn per_hour_of(self, skus: &[&str], count: u64, what: &str) -> Self {
        let known = skus
            .iter()
            .find(|sku| self.prices.get(self.region, sku).is_some());
        let sku = known.or(skus.first()).copied().unwrap_or_default();
        self.per_hour(sku, count, what)
    }

    pub(super) fn per_unit(self, sku: &str, count: u64, what: &str) -> Self {
        self.add(sku, count, what, 1)
    }

    fn add(mut self, sku: &str, count: u64, what: &str, times: u64) -> Self {
        if count == 0 {
            return self;
        }
        let Some(price) = self.prices.get(self.region, sku) else {
            let region = self.region;
            self.missing = Some(format!("price not known: `{sku}` in {region}"));
            return self;
        };
        let usd = price.scale(count.saturating_mul(times), 1);
        let hours = if times == 1 {
            String::new()
        } else {
            format!(" × {times} h")
        };
        let as_of = self.prices.as_of(self.region, sku).unwrap_or_default();
        let shown = usd.to_cents_string();
        self.lines.push(format!(
            "{count} {what} × ${price}{hours} = {shown} (list price {as_of})"
        ));
        self.usd += usd;
        self
    }

    pub(super) fn done(self) -> Priced {
        match self.missing {
            Some(reason) => Priced::Unknown { reason },
            None if self.lines.is_empty() => Priced::Free,
            None => Priced::Known {
                usd: self.usd,
                lines: self.lines,
            },
        }
    }
}
