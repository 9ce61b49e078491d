//! `PutMetricData`.

use sandtable_model::Timestamp;
use serde::Deserialize;

use super::refusal::{combination, invalid, missing};
use super::request::{Dimension, MetricKey, moment, name_of, unit_of};
use super::store::{DAY, Summary};
use crate::{ApiError, Ctx, Twin};

/// The most metrics in a call, and the most values of one
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>).
const DATA_MAX: usize = 1000;
const VALUES_MAX: usize = 150;
/// How old a datapoint may be, and how far ahead.
const PAST: i64 = 14 * DAY;
const AHEAD: i64 = 2 * 3_600_000;

/// The request of [`put_metric_data`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct PutMetricDataRequest {
    /// The namespace, which is none of AWS's own.
    pub namespace: String,
    /// The datapoints.
    pub metric_data: Vec<MetricDatum>,
}

/// A datapoint: a value, values with counts, or values that are summed up.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct MetricDatum {
    /// The metric.
    pub metric_name: String,
    /// Its dimensions.
    pub dimensions: Vec<Dimension>,
    /// When; now when it is not said.
    pub timestamp: Option<String>,
    /// The value.
    pub value: Option<f64>,
    /// Values, summed up.
    pub statistic_values: Option<StatisticSet>,
    /// Several values.
    pub values: Vec<f64>,
    /// How often each was seen; once when it is not said.
    pub counts: Vec<f64>,
    /// The unit.
    pub unit: Option<String>,
    /// 1 or 60 seconds.
    pub storage_resolution: Option<i64>,
}

/// Values that are summed up.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct StatisticSet {
    /// How many.
    pub sample_count: f64,
    /// Their sum.
    pub sum: f64,
    /// The least.
    pub minimum: f64,
    /// The greatest.
    pub maximum: f64,
}

/// `PutMetricData`
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>).
///
/// # Errors
/// `InvalidParameterValue` for namespaces of AWS, for values, units and moments that it does not
/// take; `InvalidParameterCombination` for more than one kind of value; `MissingParameter`. Then
/// nothing is put.
pub fn put_metric_data(
    twin: &mut Twin,
    ctx: &Ctx,
    request: PutMetricDataRequest,
) -> Result<(), ApiError> {
    name_of("Namespace", &request.namespace)?;
    if request.namespace.starts_with("AWS/") {
        return Err(invalid(
            "The value AWS/ for parameter Namespace is invalid.",
        ));
    }
    if request.metric_data.is_empty() {
        return Err(missing("MetricData"));
    }
    if request.metric_data.len() > DATA_MAX {
        return Err(invalid(format!(
            "The collection MetricData must not have a size greater than {DATA_MAX}."
        )));
    }
    let now = twin.now();
    let data = request.metric_data.iter().map(|datum| {
        let key = MetricKey::read(&request.namespace, &datum.metric_name, &datum.dimensions)?;
        let unit = datum.unit.as_deref().unwrap_or("None");
        unit_of(unit)?;
        if !matches!(datum.storage_resolution, None | Some(1 | 60)) {
            return Err(invalid("StorageResolution must be 1 or 60."));
        }
        Ok((key, at(datum, now)?, unit, summary(datum)?))
    });
    let data: Vec<_> = data.collect::<Result<_, ApiError>>()?;
    for (key, at, unit, summary) in data {
        twin.metrics.put(&ctx.region, key, at, unit, summary);
    }
    Ok(())
}

fn at(datum: &MetricDatum, now: Timestamp) -> Result<Timestamp, ApiError> {
    let at = match datum.timestamp.as_deref() {
        None => now,
        Some(text) => moment("Timestamp", text)?,
    };
    let ahead = at.millis().saturating_sub(now.millis());
    match (-PAST..=AHEAD).contains(&ahead) {
        true => Ok(at),
        false => Err(invalid(
            "Timestamp must be within the last two weeks and at most two hours ahead.",
        )),
    }
}

fn summary(datum: &MetricDatum) -> Result<Summary, ApiError> {
    let kinds = [
        datum.value.is_some(),
        datum.statistic_values.is_some(),
        !datum.values.is_empty(),
    ];
    match kinds.iter().filter(|it| **it).count() {
        0 => return Err(missing("MetricData.member.1.Value")),
        1 => {}
        _ => {
            return Err(combination(
                "At most one of the parameters Value, Values and StatisticValues may be specified.",
            ));
        }
    }
    if let Some(set) = datum.statistic_values {
        for value in [set.sample_count, set.sum, set.minimum, set.maximum] {
            number(value)?;
        }
        if set.sample_count <= 0.0 || set.minimum > set.maximum {
            return Err(invalid(
                "The parameter StatisticValues does not make sense.",
            ));
        }
        return Ok(Summary {
            count: set.sample_count,
            sum: set.sum,
            minimum: set.minimum,
            maximum: set.maximum,
        });
    }
    if let Some(value) = datum.value {
        number(value)?;
        return Ok(Summary::of(value, 1.0));
    }
    if datum.values.len() > VALUES_MAX {
        return Err(invalid(format!(
            "The collection Values must not have a size greater than {VALUES_MAX}."
        )));
    }
    if !datum.counts.is_empty() && datum.counts.len() != datum.values.len() {
        return Err(invalid("Values and Counts must have the same size."));
    }
    let counts = datum.counts.iter().copied().chain(std::iter::repeat(1.0));
    let mut all: Option<Summary> = None;
    for (value, count) in datum.values.iter().copied().zip(counts) {
        number(value)?;
        if !count.is_finite() || count <= 0.0 {
            return Err(invalid("Counts must be greater than zero."));
        }
        let one = Summary::of(value, count);
        all = Some(all.map_or(one, |it| it.with(one)));
    }
    all.ok_or_else(|| missing("MetricData.member.1.Value"))
}

/// Values must be between -2^360 and 2^360.
fn number(value: f64) -> Result<(), ApiError> {
    match value.is_finite() && value.abs() <= 2_f64.powi(360) {
        true => Ok(()),
        false => Err(invalid(format!(
            "The value {value} for parameter Value is invalid."
        ))),
    }
}
