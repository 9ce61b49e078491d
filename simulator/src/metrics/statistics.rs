//! `GetMetricStatistics`.

use sandtable_model::Timestamp;
use serde::{Deserialize, Serialize};

use super::refusal::{combination, invalid};
use super::request::{Dimension, MetricKey, moment, unit_of};
use super::store::{Summary, Window, rounded};
use crate::{ApiError, Ctx, Twin};

/// The most datapoints that one call may ask for.
const DATAPOINTS_MAX: i64 = 1440;
const STATISTICS: [&str; 5] = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];

/// The request of [`get_metric_statistics`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct GetMetricStatisticsRequest {
    /// The namespace.
    pub namespace: String,
    /// The metric.
    pub metric_name: String,
    /// All of its dimensions.
    pub dimensions: Vec<Dimension>,
    /// From when on.
    pub start_time: String,
    /// Until when, exclusive.
    pub end_time: String,
    /// Over how many seconds values are summed up.
    pub period: i64,
    /// Which statistics.
    pub statistics: Vec<String>,
    /// Only values of this unit.
    pub unit: Option<String>,
}

/// The values of a period.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Datapoint {
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sample_count: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    average: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sum: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<f64>,
    unit: String,
}

impl Datapoint {
    fn of(at: Timestamp, unit: String, summary: &Summary, wanted: &[String]) -> Self {
        let statistic = |name: &str| {
            let is_wanted = wanted.iter().any(|it| it == name);
            is_wanted.then(|| summary.statistic(name)).flatten()
        };
        Datapoint {
            timestamp: at.to_wire(),
            sample_count: statistic("SampleCount"),
            average: statistic("Average"),
            sum: statistic("Sum"),
            minimum: statistic("Minimum"),
            maximum: statistic("Maximum"),
            unit,
        }
    }
}

/// The answer of [`get_metric_statistics`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetricStatistics {
    label: String,
    datapoints: Vec<Datapoint>,
}

/// `GetMetricStatistics`
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>).
/// A metric without datapoints is no error: there are none in the answer.
///
/// # Errors
/// `InvalidParameterValue`, `InvalidParameterCombination` for too many datapoints and for no
/// statistic.
pub fn get_metric_statistics(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetMetricStatisticsRequest,
) -> Result<MetricStatistics, ApiError> {
    let key = MetricKey::read(
        &request.namespace,
        &request.metric_name,
        &request.dimensions,
    )?;
    let start = moment("StartTime", &request.start_time)?;
    let end = moment("EndTime", &request.end_time)?;
    if start >= end {
        return Err(invalid(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    let period = period_of(request.period)?;
    if request.statistics.is_empty() {
        return Err(combination(
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ));
    }
    let is_known = |it: &&String| STATISTICS.contains(&it.as_str());
    if let Some(unknown) = request.statistics.iter().find(|it| !is_known(it)) {
        return Err(invalid(format!(
            "The value {unknown} for parameter Statistics is invalid."
        )));
    }
    if let Some(unit) = &request.unit {
        unit_of(unit)?;
    }
    let asked = end.since(start).millis().saturating_add(period - 1) / period;
    if asked > DATAPOINTS_MAX {
        return Err(combination(format!(
            "You have requested up to {asked} datapoints, which exceeds the limit of \
             {DATAPOINTS_MAX}. You may reduce the datapoints requested by increasing Period, or \
             decreasing the time range."
        )));
    }
    let window = Window {
        start: rounded(start, period, twin.now()),
        end: end.millis(),
        period,
        unit: request.unit.as_deref(),
    };
    let recorded = twin.metrics.get(&ctx.region, &key);
    let periods = recorded.map(|it| it.periods(&window, twin.now()));
    let datapoints = periods.into_iter().flatten();
    let datapoints = datapoints
        .map(|((at, unit), summary)| Datapoint::of(at, unit, &summary, &request.statistics));
    Ok(MetricStatistics {
        label: request.metric_name,
        datapoints: datapoints.collect(),
    })
}

/// A period in milliseconds: 1, 5, 10, 20 or 30 seconds, or whole minutes.
///
/// # Errors
/// `InvalidParameterValue` for any other.
pub(super) fn period_of(seconds: i64) -> Result<i64, ApiError> {
    let is_fine = matches!(seconds, 1 | 5 | 10 | 20 | 30) || (seconds > 0 && seconds % 60 == 0);
    match seconds.checked_mul(1000).filter(|_| is_fine) {
        Some(millis) => Ok(millis),
        None => Err(invalid(
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        )),
    }
}
