//! A metric as scenario files give it.

use std::collections::BTreeMap;

use sandtable_model::Region;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::request::is_unit;

/// A metric that was observed before the scenario's `now`.
///
/// What is not there has no datapoints, which is another answer than zero: leave a series out, or an
/// entry of `values` null, for a resource that reports nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricSeries {
    /// The Region.
    pub region: Region,
    /// The namespace (`AWS/NATGateway`).
    pub namespace: String,
    /// The metric (`BytesOutToDestination`).
    pub metric: String,
    /// The dimensions, by name.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// The unit, of CloudWatch's.
    #[serde(default = "no_unit")]
    pub unit: String,
    /// How far apart datapoints are, in seconds.
    #[serde(default = "five_minutes")]
    pub period: i64,
    /// The datapoints, oldest first; the last is of the period that ends at or after `now`. Null
    /// where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Option<f64>>>,
    /// Instead of `values`: a datapoint of this value in each period, on and on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<f64>,
    /// For how many days before `now` the constant was reported.
    #[serde(default = "two_weeks")]
    pub days: u32,
}

fn no_unit() -> String {
    "None".to_owned()
}

const fn five_minutes() -> i64 {
    300
}

const fn two_weeks() -> u32 {
    14
}

/// Why a series is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the metric `{metric}` of `{namespace}` {why}")]
pub struct SeriesError {
    /// The namespace.
    pub namespace: String,
    /// The metric.
    pub metric: String,
    /// What is wrong, as the rest of a sentence.
    pub why: &'static str,
}

/// How long CloudWatch keeps datapoints, in days: those of an hour
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html>).
pub(super) const DAYS_KEPT: u32 = 455;

impl MetricSeries {
    /// Whether the series can be served.
    ///
    /// # Errors
    /// For neither or both of `values` and `constant`, unknown units, periods that are not whole
    /// minutes, names that are empty, numbers that are not finite, and spans that CloudWatch does not
    /// keep.
    pub fn check(&self) -> Result<(), SeriesError> {
        let wrong = |why| {
            Err(SeriesError {
                namespace: self.namespace.clone(),
                metric: self.metric.clone(),
                why,
            })
        };
        let fits = |name: &String| (1..=255).contains(&name.chars().count());
        if !fits(&self.namespace) || !fits(&self.metric) || !self.dimensions.keys().all(fits) {
            return wrong("has a name of no or too many characters");
        }
        if !is_unit(&self.unit) {
            return wrong("has a unit that CloudWatch does not know");
        }
        if self.period < 60 || self.period > 86_400 || self.period % 60 != 0 {
            return wrong("has a period that is not of whole minutes, up to a day");
        }
        if self.values.is_some() == self.constant.is_some() {
            return wrong("needs either `values` or `constant`");
        }
        let mut numbers = self.values.iter().flatten().flatten().chain(&self.constant);
        if numbers.any(|it| !it.is_finite()) {
            return wrong("has a value that is not finite");
        }
        let count = i64::try_from(self.values.as_ref().map_or(0, Vec::len)).unwrap_or(i64::MAX);
        let span = count.saturating_mul(self.period);
        if span > i64::from(DAYS_KEPT) * 86_400 || self.days > DAYS_KEPT {
            return wrong("reaches further back than CloudWatch keeps datapoints (455 days)");
        }
        Ok(())
    }
}
