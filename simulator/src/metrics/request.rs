//! What requests of CloudWatch share: how a metric is named, its units, its statistics.

use std::collections::BTreeMap;

use sandtable_model::Timestamp;
use serde::{Deserialize, Serialize};

use super::refusal::{invalid, missing};
use crate::ApiError;

/// A dimension: a name and a value that tell a metric from others of its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct Dimension {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// A metric by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct Metric {
    /// The namespace (`AWS/EC2`).
    pub namespace: String,
    /// The name (`CPUUtilization`).
    pub metric_name: String,
    /// The dimensions.
    pub dimensions: Vec<Dimension>,
}

/// What identifies a metric in a Region: all dimensions count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MetricKey {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) dimensions: BTreeMap<String, String>,
}

/// The most dimensions of a metric, and the bounds of its names' lengths (the service model).
const DIMENSIONS_MAX: usize = 30;
const NAME_MAX: usize = 255;
const VALUE_MAX: usize = 1024;

impl MetricKey {
    /// Reads the name of a metric.
    ///
    /// # Errors
    /// For names of the wrong length, too many dimensions, and a dimension that is there twice.
    pub(crate) fn read(
        namespace: &str,
        name: &str,
        dimensions: &[Dimension],
    ) -> Result<Self, ApiError> {
        name_of("Namespace", namespace)?;
        name_of("MetricName", name)?;
        if dimensions.len() > DIMENSIONS_MAX {
            return Err(invalid(format!(
                "The collection Dimensions must not have a size greater than {DIMENSIONS_MAX}."
            )));
        }
        let mut by_name = BTreeMap::new();
        for dimension in dimensions {
            name_of("Dimensions.Name", &dimension.name)?;
            if !(1..=VALUE_MAX).contains(&dimension.value.chars().count()) {
                return Err(invalid(
                    "The value of the parameter Dimensions.Value is invalid.",
                ));
            }
            let twice = by_name.insert(dimension.name.clone(), dimension.value.clone());
            if twice.is_some() {
                return Err(invalid("No dimension name may be given more than once."));
            }
        }
        Ok(MetricKey {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: by_name,
        })
    }

    /// The metric as answers name it.
    pub(crate) fn metric(&self) -> Metric {
        let dimensions = self.dimensions.iter().map(|(name, value)| Dimension {
            name: name.clone(),
            value: value.clone(),
        });
        Metric {
            namespace: self.namespace.clone(),
            metric_name: self.name.clone(),
            dimensions: dimensions.collect(),
        }
    }
}

/// Checks a name that must be there.
pub(super) fn name_of(parameter: &str, name: &str) -> Result<(), ApiError> {
    match name.chars().count() {
        0 => Err(missing(parameter)),
        1..=NAME_MAX => Ok(()),
        _ => Err(invalid(format!(
            "The value of the parameter {parameter} is longer than {NAME_MAX} characters."
        ))),
    }
}

/// CloudWatch's units.
const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

pub(super) fn is_unit(unit: &str) -> bool {
    UNITS.contains(&unit)
}

/// Checks a unit.
pub(super) fn unit_of(unit: &str) -> Result<(), ApiError> {
    match is_unit(unit) {
        true => Ok(()),
        false => Err(invalid(format!(
            "The parameter Unit must be a value in the set [ {} ]",
            UNITS.join(", ")
        ))),
    }
}

/// Reads a moment of a request.
pub(super) fn moment(parameter: &str, text: &str) -> Result<Timestamp, ApiError> {
    if text.is_empty() {
        return Err(missing(parameter));
    }
    text.parse().map_err(|_| {
        invalid(format!(
            "The value {text} for parameter {parameter} is invalid."
        ))
    })
}
