//! `DescribeInstanceTypeOfferings`.

use serde::{Deserialize, Serialize};

use crate::rules::{self, Extract, Filter, Filters, invalid_value};
use crate::{ApiError, Ctx, Twin, place};

/// `DescribeInstanceTypeOfferings`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeInstanceTypeOfferingsRequest {
    /// `region` or `availability-zone`; `region` when absent.
    pub location_type: Option<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeInstanceTypeOfferings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedOfferings {
    /// The offerings, by type and place.
    pub instance_type_offerings: Vec<Offering>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// That a type is to be had in a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Offering {
    /// The type.
    pub instance_type: &'static str,
    /// The kind of place.
    pub location_type: String,
    /// The place.
    pub location: String,
}

const OFFERING_FILTERS: &[(&str, Extract<Offering>)] = &[
    ("instance-type", |_, it, out| out(it.instance_type)),
    ("location", |_, it, out| out(&it.location)),
];

/// Lists where the types whose figures the twin has are to be had. It says everywhere: which of
/// them AWS offers where changes by the month, and no account is refused one for it here.
///
/// # Errors
/// `InvalidParameterValue`, `InvalidNextToken`.
pub fn describe_instance_type_offerings(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeInstanceTypeOfferingsRequest,
) -> Result<DescribedOfferings, ApiError> {
    let kind = request.location_type.as_deref().unwrap_or("region");
    let places: Vec<String> = match kind {
        "region" => vec![ctx.region.to_string()],
        "availability-zone" => {
            let zones = place::zones(&twin.state, &ctx.region);
            zones.iter().map(ToString::to_string).collect()
        }
        "availability-zone-id" => {
            let zones = place::zones(&twin.state, &ctx.region);
            zones.iter().map(place::zone_id).collect()
        }
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter LocationType is invalid."
            )));
        }
    };
    let filters = Filters::new(&request.filters, OFFERING_FILTERS)?;
    let most = rules::page_size(request.max_results, &rules::UNCONSTRAINED)?;
    let from = match request.next_token.as_deref() {
        None => 0,
        Some(token) => rules::read_offset(token)?,
    };
    ctx.end_dry_run()?;
    let mut all: Vec<Offering> = Vec::new();
    for it in super::all() {
        all.extend(places.iter().map(|place| Offering {
            instance_type: it.name,
            location_type: kind.to_owned(),
            location: place.clone(),
        }));
    }
    all.retain(|it| filters.pass(&twin.state, it, &rules::NO_TAGS));
    let end = all.len().min(from.saturating_add(most));
    let next_token = (end < all.len()).then(|| rules::write_offset(end));
    Ok(DescribedOfferings {
        instance_type_offerings: all.drain(from.min(end)..end).collect(),
        next_token,
    })
}
