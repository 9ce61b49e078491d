//! `ListMetrics`.

use sandtable_model::Timestamp;
use serde::{Deserialize, Serialize};

use super::refusal::invalid;
use super::request::{Metric, MetricKey, name_of};
use super::store::DAY;
use crate::rules::{read_offset, write_offset};
use crate::{ApiError, Ctx, Twin};

/// How many metrics an answer has at most, and for how long after its last datapoint one is listed
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>).
const PAGE: usize = 500;
const LISTED: i64 = 14 * DAY;
const RECENT: i64 = 3 * 3_600_000;
/// The most filters of dimensions (the service model).
const FILTERS_MAX: usize = 10;

/// The request of [`list_metrics`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct ListMetricsRequest {
    /// Only those of a namespace.
    pub namespace: Option<String>,
    /// Only those of a name.
    pub metric_name: Option<String>,
    /// Only those with all of these dimensions.
    pub dimensions: Vec<DimensionFilter>,
    /// Where the page begins.
    pub next_token: Option<String>,
    /// `PT3H`: only those with a datapoint within three hours.
    pub recently_active: Option<String>,
}

/// A dimension that a metric must have; of any value when none is said.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DimensionFilter {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Option<String>,
}

/// The answer of [`list_metrics`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetricList {
    metrics: Vec<Metric>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// `ListMetrics`
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>). A new
/// metric is listed at once here, and within fifteen minutes by AWS.
///
/// # Errors
/// `InvalidParameterValue`, `InvalidNextToken`.
pub fn list_metrics(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ListMetricsRequest,
) -> Result<MetricList, ApiError> {
    for (parameter, name) in [
        ("Namespace", &request.namespace),
        ("MetricName", &request.metric_name),
    ] {
        name.as_deref()
            .map_or(Ok(()), |it| name_of(parameter, it))?;
    }
    if request.dimensions.len() > FILTERS_MAX {
        return Err(invalid(format!(
            "The collection Dimensions must not have a size greater than {FILTERS_MAX}."
        )));
    }
    let span = match request.recently_active.as_deref() {
        None => LISTED,
        Some("PT3H") => RECENT,
        Some(other) => {
            return Err(invalid(format!(
                "The value {other} for parameter RecentlyActive is invalid."
            )));
        }
    };
    let offset = request.next_token.as_deref().map(read_offset).transpose()?;
    let offset = offset.unwrap_or_default();
    let since = Timestamp::from_millis(twin.now().millis().saturating_sub(span));
    let reported = twin.metrics.reported(&ctx.region, since);
    let mut wanted = reported.filter(|key| is_wanted(key, &request)).skip(offset);
    let metrics: Vec<Metric> = wanted.by_ref().take(PAGE).map(MetricKey::metric).collect();
    let next_token = wanted.next().map(|_| write_offset(offset + PAGE));
    Ok(MetricList {
        metrics,
        next_token,
    })
}

fn is_wanted(key: &MetricKey, request: &ListMetricsRequest) -> bool {
    let is = |wanted: &Option<String>, seen: &String| wanted.as_ref().is_none_or(|it| it == seen);
    is(&request.namespace, &key.namespace)
        && is(&request.metric_name, &key.name)
        && request.dimensions.iter().all(|filter| {
            let value = key.dimensions.get(&filter.name);
            value.is_some_and(|value| is(&filter.value, value))
        })
}
