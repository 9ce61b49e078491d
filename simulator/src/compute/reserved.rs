//! Reserved Instances, of which the twin's accounts have none: a snapshot does not hold them, and
//! they cannot be bought here.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::rules::{Extract, Filter, Filters, invalid_value};
use crate::{ApiError, Ctx, Twin};

/// `DescribeReservedInstances`, which is not paginated.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeReservedInstancesRequest {
    /// The reservations.
    pub reserved_instances_ids: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// `standard` or `convertible`.
    pub offering_class: Option<SmolStr>,
    /// `No Upfront`, `Partial Upfront`, …
    pub offering_type: Option<SmolStr>,
}

/// The answer of `DescribeReservedInstances`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedReservedInstances {
    /// None.
    pub reserved_instances: Vec<Never>,
}

/// What there is none of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Never {}

const fn none(_: &crate::State, _: &(), _: &mut dyn FnMut(&str)) {}

const FILTERS: &[(&str, Extract<()>)] = &[
    ("availability-zone", none),
    ("availability-zone-id", none),
    ("duration", none),
    ("end", none),
    ("fixed-price", none),
    ("instance-type", none),
    ("product-description", none),
    ("reserved-instances-id", none),
    ("scope", none),
    ("start", none),
    ("state", none),
    ("usage-price", none),
];

/// Lists Reserved Instances: none. An id is an assertion, and fails.
///
/// # Errors
/// `InvalidReservedInstancesId` (EC2 error list), `InvalidParameterValue`.
pub fn describe_reserved_instances(
    _: &mut Twin,
    ctx: &Ctx,
    request: DescribeReservedInstancesRequest,
) -> Result<DescribedReservedInstances, ApiError> {
    if let Some(id) = request.reserved_instances_ids.first() {
        return Err(ApiError::new(
            "InvalidReservedInstancesId",
            format!("The specified Reserved Instance '{id}' does not exist."),
        ));
    }
    Filters::new(&request.filters, FILTERS)?;
    match request.offering_class.as_deref() {
        None | Some("standard" | "convertible") => {}
        Some(other) => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter OfferingClass is invalid."
            )));
        }
    }
    match request.offering_type.as_deref() {
        None
        | Some(
            "Heavy Utilization" | "Medium Utilization" | "Light Utilization" | "No Upfront"
            | "Partial Upfront" | "All Upfront",
        ) => {}
        Some(other) => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter OfferingType is invalid."
            )));
        }
    }
    ctx.end_dry_run()?;
    Ok(DescribedReservedInstances {
        reserved_instances: Vec::new(),
    })
}
