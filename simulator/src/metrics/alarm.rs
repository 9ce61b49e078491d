//! Alarms: there are none, since none can be made.

use serde::{Deserialize, Serialize};

use super::refusal::{invalid, missing};
use super::request::Dimension;
use crate::{ApiError, Ctx, Twin};

/// The request of [`describe_alarms`]. Whatever it asks for, there is none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeAlarmsRequest {
    /// Names.
    pub alarm_names: Vec<String>,
    /// How names begin.
    pub alarm_name_prefix: Option<String>,
    /// `MetricAlarm`, `CompositeAlarm`.
    pub alarm_types: Vec<String>,
    /// The state.
    pub state_value: Option<String>,
    /// How actions begin.
    pub action_prefix: Option<String>,
    /// The most entries on a page.
    pub max_records: Option<i64>,
}

/// The request of [`describe_alarms_for_metric`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeAlarmsForMetricRequest {
    /// The namespace.
    pub namespace: String,
    /// The metric.
    pub metric_name: String,
    /// Its dimensions.
    pub dimensions: Vec<Dimension>,
    /// The statistic.
    pub statistic: Option<String>,
    /// The period, in seconds.
    pub period: Option<i64>,
    /// The unit.
    pub unit: Option<String>,
}

/// No alarms.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alarms {
    metric_alarms: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    composite_alarms: Option<[(); 0]>,
}

/// `DescribeAlarms`
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>).
///
/// # Errors
/// `InvalidParameterValue` for a page size out of range and for both names and a prefix.
pub fn describe_alarms(
    _: &mut Twin,
    _: &Ctx,
    request: DescribeAlarmsRequest,
) -> Result<Alarms, ApiError> {
    if request
        .max_records
        .is_some_and(|it| !(1..=100).contains(&it))
    {
        return Err(invalid("MaxRecords must be between 1 and 100."));
    }
    let types = ["MetricAlarm", "CompositeAlarm"];
    if let Some(other) = request
        .alarm_types
        .iter()
        .find(|it| !types.contains(&it.as_str()))
    {
        return Err(invalid(format!("{other} is no type of alarm.")));
    }
    let states = ["OK", "ALARM", "INSUFFICIENT_DATA"];
    if let Some(other) = request
        .state_value
        .as_deref()
        .filter(|it| !states.contains(it))
    {
        return Err(invalid(format!("{other} is no state of an alarm.")));
    }
    if request.alarm_names.len() > 100 {
        return Err(invalid(
            "The collection AlarmNames must not have a size greater than 100.",
        ));
    }
    if request.alarm_name_prefix.is_some() && !request.alarm_names.is_empty() {
        return Err(invalid(
            "AlarmNamePrefix and AlarmNames cannot both be specified.",
        ));
    }
    Ok(Alarms {
        metric_alarms: [],
        composite_alarms: Some([]),
    })
}

/// `DescribeAlarmsForMetric`
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html>).
///
/// # Errors
/// `MissingParameter` for no metric.
pub fn describe_alarms_for_metric(
    _: &mut Twin,
    _: &Ctx,
    request: DescribeAlarmsForMetricRequest,
) -> Result<Alarms, ApiError> {
    for (parameter, name) in [
        ("Namespace", &request.namespace),
        ("MetricName", &request.metric_name),
    ] {
        if name.is_empty() {
            return Err(missing(parameter));
        }
    }
    Ok(Alarms {
        metric_alarms: [],
        composite_alarms: None,
    })
}
