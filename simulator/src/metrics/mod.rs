//! CloudWatch: the metrics that a scenario gives, and those that are put into the twin.
//!
//! A metric is not derived from what the twin's resources do: nothing runs in them. What is known of
//! their use is what somebody observed, which a scenario carries ([`MetricSeries`]), so that "no
//! datapoints" and "zero" stay two answers.
//!
//! Deliberately absent, and refused by name: expressions, percentiles and other extended statistics,
//! alarms other than that there are none, entities, metrics of linked accounts.

mod alarm;
mod data;
mod list;
mod put;
mod refusal;
mod request;
mod series;
mod statistics;
mod store;

#[cfg(test)]
mod tests;

pub use alarm::{
    Alarms, DescribeAlarmsForMetricRequest, DescribeAlarmsRequest, describe_alarms,
    describe_alarms_for_metric,
};
pub use data::{
    GetMetricDataRequest, MetricData, MetricDataQuery, MetricDataResult, MetricStat,
    get_metric_data,
};
pub use list::{DimensionFilter, ListMetricsRequest, MetricList, list_metrics};
pub use put::{MetricDatum, PutMetricDataRequest, StatisticSet, put_metric_data};
pub use request::{Dimension, Metric};
pub use series::{MetricSeries, SeriesError};
pub use statistics::{
    Datapoint, GetMetricStatisticsRequest, MetricStatistics, get_metric_statistics,
};
pub(crate) use store::Side;

use crate::dispatch::{Row, operations};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "DescribeAlarms" => describe_alarms,
    "DescribeAlarmsForMetric" => describe_alarms_for_metric,
    "GetMetricData" => get_metric_data,
    "GetMetricStatistics" => get_metric_statistics,
    "ListMetrics" => list_metrics,
    "PutMetricData" => put_metric_data,
};
