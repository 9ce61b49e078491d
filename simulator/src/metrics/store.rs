//! Where datapoints are kept, and how they are summed up over periods.

use std::collections::BTreeMap;

use sandtable_model::{Region, Timestamp};

use super::request::MetricKey;
use super::series::{DAYS_KEPT, MetricSeries, SeriesError};
use crate::Twin;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// The metrics of an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Side {
    metrics: BTreeMap<(Region, MetricKey), Recorded>,
}

/// What is known of one metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Recorded {
    /// Datapoints, by moment and unit.
    data: BTreeMap<(Timestamp, String), Summary>,
    /// A value that was and is reported in every period, in milliseconds, from a moment on.
    steady: Option<Steady>,
}

#[derive(Clone, Debug, PartialEq)]
struct Steady {
    from: Timestamp,
    period: i64,
    unit: String,
    value: f64,
}

/// Some values, summed up: CloudWatch's statistic set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) count: f64,
    pub(crate) sum: f64,
    pub(crate) minimum: f64,
    pub(crate) maximum: f64,
}

impl Summary {
    pub(crate) const fn of(value: f64, count: f64) -> Self {
        Summary {
            count,
            sum: value * count,
            minimum: value,
            maximum: value,
        }
    }

    pub(crate) fn with(self, other: Self) -> Self {
        Summary {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            minimum: self.minimum.min(other.minimum),
            maximum: self.maximum.max(other.maximum),
        }
    }

    /// A statistic by CloudWatch's name.
    pub(crate) fn statistic(&self, name: &str) -> Option<f64> {
        Some(match name {
            "SampleCount" => self.count,
            "Sum" => self.sum,
            "Average" => self.sum / self.count,
            "Minimum" => self.minimum,
            "Maximum" => self.maximum,
            _ => return None,
        })
    }
}

/// What of a metric is asked for. Moments in milliseconds.
#[derive(Clone, Debug)]
pub(super) struct Window<'a> {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) period: i64,
    pub(super) unit: Option<&'a str>,
}

/// One period's values, by its start and unit.
pub(super) type Periods = BTreeMap<(Timestamp, String), Summary>;

impl Side {
    pub(super) fn put(
        &mut self,
        region: &Region,
        key: MetricKey,
        at: Timestamp,
        unit: &str,
        summary: Summary,
    ) {
        let recorded = self.metrics.entry((region.clone(), key)).or_default();
        let slot = recorded.data.entry((at, unit.to_owned()));
        slot.and_modify(|it| *it = it.with(summary))
            .or_insert(summary);
    }

    pub(super) fn get(&self, region: &Region, key: &MetricKey) -> Option<&Recorded> {
        self.metrics.get(&(region.clone(), key.clone()))
    }

    /// The metrics of a Region with a datapoint at or after `since`.
    pub(super) fn reported<'a>(
        &'a self,
        region: &'a Region,
        since: Timestamp,
    ) -> impl Iterator<Item = &'a MetricKey> {
        let here = self.metrics.iter().filter(move |((of, _), _)| of == region);
        here.filter(move |(_, it)| {
            let last = it.data.keys().next_back();
            it.steady.is_some() || last.is_some_and(|(at, _)| *at >= since)
        })
        .map(|((_, key), _)| key)
    }

    fn load(&mut self, series: &MetricSeries, now: Timestamp) {
        let dimensions = series.dimensions.clone();
        let key = MetricKey {
            namespace: series.namespace.clone(),
            name: series.metric.clone(),
            dimensions,
        };
        let period = series.period.saturating_mul(1000);
        // The period that `now` is in has begun; at its very start there is nothing in it yet.
        let last = (now.millis() - 1).div_euclid(period).saturating_mul(period);
        if let Some(value) = series.constant {
            let days = i64::from(series.days).saturating_mul(DAY);
            let first = last.saturating_sub(days).div_euclid(period);
            let recorded = self
                .metrics
                .entry((series.region.clone(), key))
                .or_default();
            recorded.steady = Some(Steady {
                from: Timestamp::from_millis((first.saturating_add(1)).saturating_mul(period)),
                period,
                unit: series.unit.clone(),
                value,
            });
            return;
        }
        let values = series.values.as_deref().unwrap_or_default();
        for (back, value) in (0_i64..).zip(values.iter().rev()) {
            if let Some(value) = value {
                let at = last.saturating_sub(back.saturating_mul(period));
                let at = Timestamp::from_millis(at);
                let summary = Summary::of(*value, 1.0);
                self.put(&series.region, key.clone(), at, &series.unit, summary);
            }
        }
    }
}

impl Recorded {
    /// The values of each period in which there are any.
    ///
    /// Datapoints fade (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html>,
    /// "Metrics retention"): those of a minute after 15 days, those of five after 63, all after 455.
    /// A period that is too short for its age shows nothing.
    pub(super) fn periods(&self, window: &Window<'_>, now: Timestamp) -> Periods {
        let mut periods = Periods::new();
        let mut add = |at: Timestamp, unit: &str, summary: Summary| {
            let wanted = window.unit.is_none_or(|it| it == unit);
            if !wanted || !is_kept(at, window.period, now) {
                return;
            }
            let number = (at.millis() - window.start).div_euclid(window.period);
            let start = window.start + number * window.period;
            let slot = periods.entry((Timestamp::from_millis(start), unit.to_owned()));
            slot.and_modify(|it| *it = it.with(summary))
                .or_insert(summary);
        };
        let first = (Timestamp::from_millis(window.start), String::new());
        for ((at, unit), summary) in self.data.range(first..) {
            if at.millis() >= window.end {
                break;
            }
            add(*at, unit, *summary);
        }
        if let Some(steady) = &self.steady {
            let begun = window.start.max(steady.from.millis()) - steady.from.millis();
            // Rounded up: the first that is in the window.
            let mut at =
                steady.from.millis() + (begun + steady.period - 1) / steady.period * steady.period;
            let end = window.end.min(now.millis());
            while at < end {
                let value = Summary::of(steady.value, 1.0);
                add(Timestamp::from_millis(at), &steady.unit, value);
                at += steady.period;
            }
        }
        periods
    }
}

fn is_kept(at: Timestamp, period: i64, now: Timestamp) -> bool {
    let age = now.since(at).millis();
    let needed = match age {
        _ if age > i64::from(DAYS_KEPT) * DAY => return false,
        _ if age > 63 * DAY => HOUR,
        _ if age > 15 * DAY => 5 * MINUTE,
        _ => 1000,
    };
    period % needed == 0
}

/// The start of a query as CloudWatch rounds it by its age, and down to its period when that is short
/// (`StartTime` of `GetMetricData` and `GetMetricStatistics`).
pub(super) fn rounded(start: Timestamp, period: i64, now: Timestamp) -> i64 {
    let age = now.since(start).millis();
    let unit = match age {
        _ if age > 63 * DAY => HOUR,
        _ if age > 15 * DAY => 5 * MINUTE,
        _ if period < MINUTE => period.max(1000),
        _ => MINUTE,
    };
    start.millis().div_euclid(unit) * unit
}

impl Twin {
    /// Gives the twin what was observed of its resources' use before now.
    ///
    /// # Errors
    /// For a series that cannot be served; then none is taken.
    pub fn observe_metrics(&mut self, series: &[MetricSeries]) -> Result<(), SeriesError> {
        series.iter().try_for_each(MetricSeries::check)?;
        let now = self.now();
        for series in series {
            self.metrics.load(series, now);
        }
        Ok(())
    }
}
