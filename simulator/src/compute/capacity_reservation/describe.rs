//! Looking at capacity reservations.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use sandtable_model::resource::{CapacityReservation, CapacityReservationState};
use sandtable_model::{AccountId, CapacityReservationId};

use crate::rules::{self, Filter, FilterTable, Listing, Page, describe, require};
use crate::{ApiError, Ctx, Twin};

/// `DescribeCapacityReservations`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeCapacityReservationsRequest {
    /// The reservations; all when there are none.
    pub capacity_reservation_ids: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

const FILTERS: FilterTable<CapacityReservation> = &[
    ("availability-zone", |_, it, out| {
        out(it.availability_zone.as_str());
    }),
    ("end-date", |_, it, out| {
        it.end_date.iter().for_each(|it| out(&it.to_wire()))
    }),
    ("end-date-type", |_, it, out| out(&it.end_date_type)),
    ("instance-match-criteria", |_, it, out| {
        out(&it.instance_match_criteria);
    }),
    ("instance-platform", |_, it, out| out(&it.instance_platform)),
    ("instance-type", |_, it, out| out(&it.instance_type)),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it.as_str()))
    }),
    ("placement-group-arn", |_, it, out| {
        it.placement_group_arn.iter().for_each(|it| out(it));
    }),
    ("start-date", |_, it, out| {
        it.start_date.iter().for_each(|it| out(&it.to_wire()))
    }),
    ("state", |_, it, out| out(it.state.as_str())),
    ("tenancy", |_, it, out| out(&it.tenancy)),
];

/// Lists capacity reservations.
///
/// # Errors
/// See [`describe`].
pub fn describe_capacity_reservations(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeCapacityReservationsRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.capacity_reservation_ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(1..=1000),
        ids_exclude_pages: false,
    };
    describe::<CapacityReservation>(&twin.state, ctx, &listing, FILTERS)
}

/// `GetCapacityReservationUsage`. Only the owner can use a reservation of the twin, so one page holds
/// all that there is to tell.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetCapacityReservationUsageRequest {
    /// The reservation.
    pub capacity_reservation_id: String,
    /// The most entries on a page.
    pub max_results: Option<i64>,
}

/// The answer of `GetCapacityReservationUsage`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CapacityReservationUsage {
    /// The reservation.
    pub capacity_reservation_id: CapacityReservationId,
    /// The type.
    pub instance_type: SmolStr,
    /// For how many instances.
    pub total_instance_count: u32,
    /// For how many more.
    pub available_instance_count: u32,
    /// Its state.
    pub state: CapacityReservationState,
    /// Who uses it.
    pub instance_usages: Vec<InstanceUsage>,
}

/// How many places an account uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceUsage {
    /// The account.
    pub account_id: AccountId,
    /// How many.
    pub used_instance_count: u32,
}

/// Tells how much of a reservation is used.
///
/// # Errors
/// Unknown ids, `InvalidParameterValue`.
pub fn get_capacity_reservation_usage(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetCapacityReservationUsageRequest,
) -> Result<CapacityReservationUsage, ApiError> {
    let text = &request.capacity_reservation_id;
    let it = require::<CapacityReservation>(&twin.state, ctx, "CapacityReservationId", text)?;
    rules::page_size(request.max_results, &(1..=1000))?;
    ctx.end_dry_run()?;
    let is_active = it.state == CapacityReservationState::Active;
    let used = it
        .total_instance_count
        .saturating_sub(it.available_instance_count);
    let usage = InstanceUsage {
        account_id: ctx.account.clone(),
        used_instance_count: used,
    };
    Ok(CapacityReservationUsage {
        capacity_reservation_id: it.capacity_reservation_id.clone(),
        instance_type: it.instance_type.clone(),
        total_instance_count: it.total_instance_count,
        available_instance_count: it.available_instance_count,
        state: it.state.clone(),
        instance_usages: if is_active && used > 0 {
            vec![usage]
        } else {
            Vec::new()
        },
    })
}
