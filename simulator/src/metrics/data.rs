//! `GetMetricData`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::refusal::{not_modelled, validation};
use super::request::{Metric, MetricKey, moment, unit_of};
use super::statistics::period_of;
use super::store::{Summary, Window, rounded};
use crate::rules::{read_offset, write_offset};
use crate::{ApiError, Ctx, Twin};

/// The most queries in a call, and the most datapoints in an answer
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>).
const QUERIES_MAX: usize = 500;
const DATAPOINTS_MAX: i64 = 100_800;

/// The request of [`get_metric_data`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct GetMetricDataRequest {
    /// What is asked.
    pub metric_data_queries: Vec<MetricDataQuery>,
    /// From when on.
    pub start_time: String,
    /// Until when, exclusive.
    pub end_time: String,
    /// Where the page begins.
    pub next_token: Option<String>,
    /// Which end comes first; the newest when it is not said.
    pub scan_by: Option<String>,
    /// The most datapoints on a page.
    pub max_datapoints: Option<i64>,
}

/// One of the questions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct MetricDataQuery {
    /// A name for it, unique in the call.
    pub id: String,
    /// The metric and statistic.
    pub metric_stat: Option<MetricStat>,
    /// An expression instead, which is not modelled.
    pub expression: Option<String>,
    /// What the answer calls it.
    pub label: Option<String>,
    /// Whether it is to be in the answer.
    pub return_data: Option<bool>,
}

/// A metric and a statistic of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct MetricStat {
    /// The metric.
    pub metric: Metric,
    /// Over how many seconds values are summed up.
    pub period: i64,
    /// The statistic.
    pub stat: String,
    /// Only values of this unit.
    pub unit: Option<String>,
}

/// The answer of [`get_metric_data`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetricData {
    metric_data_results: Vec<MetricDataResult>,
    messages: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// What was found for one question.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetricDataResult {
    id: String,
    label: String,
    timestamps: Vec<String>,
    values: Vec<f64>,
    status_code: &'static str,
}

/// `GetMetricData`
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>). A
/// metric without datapoints gives a complete result with no values.
///
/// # Errors
/// `ValidationError` for queries that are none, `UnsupportedOperation` for expressions and extended
/// statistics, `InvalidNextToken`.
pub fn get_metric_data(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetMetricDataRequest,
) -> Result<MetricData, ApiError> {
    let queries = &request.metric_data_queries;
    check(queries)?;
    let start = moment("StartTime", &request.start_time)?;
    let end = moment("EndTime", &request.end_time)?;
    if start >= end {
        return Err(validation(
            "The parameter EndTime must be greater than StartTime",
        ));
    }
    let is_newest_first = match request.scan_by.as_deref() {
        None | Some("TimestampDescending") => true,
        Some("TimestampAscending") => false,
        Some(_) => return Err(validation("The value for parameter ScanBy is invalid.")),
    };
    let max = request.max_datapoints.unwrap_or(DATAPOINTS_MAX);
    if !(1..=DATAPOINTS_MAX).contains(&max) {
        return Err(validation(format!(
            "The value for parameter MaxDatapoints must be between 1 and {DATAPOINTS_MAX}."
        )));
    }
    let offset = request.next_token.as_deref().map(read_offset).transpose()?;
    let mut page = Page {
        skip: offset.unwrap_or_default(),
        take: usize::try_from(max).unwrap_or(usize::MAX),
        ends_at: offset.unwrap_or_default(),
        has_more: false,
    };
    let mut results = Vec::new();
    for query in queries {
        let Some(stat) = &query.metric_stat else {
            continue;
        };
        let key = key_of(stat)?;
        let period = period_of(stat.period)?;
        let window = Window {
            start: rounded(start, period, twin.now()),
            end: end.millis(),
            period,
            unit: stat.unit.as_deref(),
        };
        if query.return_data == Some(false) {
            continue;
        }
        let recorded = twin.metrics.get(&ctx.region, &key);
        let periods = recorded.map(|it| it.periods(&window, twin.now()));
        let mut found: Vec<(String, f64)> = Vec::new();
        let mut last: Option<(sandtable_model::Timestamp, Summary)> = None;
        // Values of several units in one period are one datapoint here.
        for ((at, _), summary) in periods.into_iter().flatten() {
            last = match last {
                Some((same, earlier)) if same == at => Some((at, earlier.with(summary))),
                Some((other, earlier)) => {
                    found.push((other.to_wire(), value(&earlier, stat)));
                    Some((at, summary))
                }
                None => Some((at, summary)),
            };
        }
        found.extend(last.map(|(at, summary)| (at.to_wire(), value(&summary, stat))));
        if is_newest_first {
            found.reverse();
        }
        let (found, is_whole) = page.cut(found);
        let (timestamps, values) = found.into_iter().unzip();
        let label = query.label.clone().filter(|it| !it.is_empty());
        results.push(MetricDataResult {
            id: query.id.clone(),
            label: label.unwrap_or_else(|| stat.metric.metric_name.clone()),
            timestamps,
            values,
            status_code: if is_whole { "Complete" } else { "PartialData" },
        });
    }
    Ok(MetricData {
        metric_data_results: results,
        messages: [],
        next_token: page.has_more.then(|| write_offset(page.ends_at)),
    })
}

fn value(summary: &Summary, stat: &MetricStat) -> f64 {
    summary.statistic(&stat.stat).unwrap_or_default()
}

/// The datapoints of all results are counted in one row, and a page is a part of that row.
struct Page {
    skip: usize,
    take: usize,
    ends_at: usize,
    has_more: bool,
}

impl Page {
    /// The part of a result that is on the page, and whether nothing of it comes later.
    fn cut<T>(&mut self, mut all: Vec<T>) -> (Vec<T>, bool) {
        let skipped = self.skip.min(all.len());
        self.skip -= skipped;
        let mut here = all.split_off(skipped);
        let is_whole = here.len() <= self.take;
        here.truncate(self.take);
        self.take -= here.len();
        self.ends_at += here.len();
        self.has_more |= !is_whole;
        (here, is_whole)
    }
}

fn check(queries: &[MetricDataQuery]) -> Result<(), ApiError> {
    if queries.is_empty() || queries.len() > QUERIES_MAX {
        return Err(validation(format!(
            "The collection MetricDataQueries must have a size between 1 and {QUERIES_MAX}."
        )));
    }
    let mut ids = BTreeSet::new();
    for query in queries {
        let id = query.id.as_str();
        let letters = |it: char| it.is_ascii_alphanumeric() || it == '_';
        if !id.starts_with(|it: char| it.is_ascii_lowercase())
            || !id.chars().all(letters)
            || id.len() > 255
        {
            return Err(validation(
                "The value for parameter MetricDataQueries.Id must start with a lower-case letter \
                 and have letters, digits and underscores alone.",
            ));
        }
        if !ids.insert(id) {
            return Err(validation(format!(
                "The values for parameter id in MetricDataQueries are not unique: {id}"
            )));
        }
        if query.metric_stat.is_some() == query.expression.is_some() {
            return Err(validation(format!(
                "Exactly one of MetricStat and Expression must be specified for {id}."
            )));
        }
        if query.expression.is_some() {
            return Err(not_modelled("the parameter Expression of GetMetricData"));
        }
        if let Some(stat) = &query.metric_stat {
            key_of(stat)?;
            period_of(stat.period)?;
            if Summary::of(0.0, 1.0).statistic(&stat.stat).is_none() {
                let what = format!("the statistic `{}`", stat.stat);
                return Err(not_modelled(&what));
            }
            stat.unit.as_deref().map_or(Ok(()), unit_of)?;
        }
    }
    Ok(())
}

fn key_of(stat: &MetricStat) -> Result<MetricKey, ApiError> {
    let metric = &stat.metric;
    MetricKey::read(&metric.namespace, &metric.metric_name, &metric.dimensions)
}
