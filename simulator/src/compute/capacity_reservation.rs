//! Capacity reservations: create, change, cancel, and who uses them.
//!
//! A reservation costs what its instances would, whether they run or not; so the count of free
//! places matters and is kept: places are taken and given back as instances start and stop.
//! Deliberately absent: future-dated reservations, Capacity Blocks, sharing, splitting and moving.

mod describe;
mod matching;

pub use describe::{
    CapacityReservationUsage, DescribeCapacityReservationsRequest,
    GetCapacityReservationUsageRequest, InstanceUsage, describe_capacity_reservations,
    get_capacity_reservation_usage,
};
use matching::absorb;
pub(super) use matching::{Fit, Wish, exceeded, free, give_back, take};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use sandtable_model::resource::{CapacityReservation, CapacityReservationState, Instance};
use sandtable_model::{CapacityReservationId, Duration, InstanceId, Kind, Timestamp};

use super::{Transition, types};
use crate::rules::{
    TagSpecification, invalid_combination, invalid_value, require, required, tags_for,
};
use crate::{ApiError, Ctx, Twin, place};

/// The platforms that capacity can be reserved for (EC2 API reference, CreateCapacityReservation).
const PLATFORMS: &[&str] = &[
    "Linux/UNIX",
    "Red Hat Enterprise Linux",
    "SUSE Linux",
    "Windows",
    "Windows with SQL Server",
    "Windows with SQL Server Enterprise",
    "Windows with SQL Server Standard",
    "Windows with SQL Server Web",
    "Linux with SQL Server Standard",
    "Linux with SQL Server Web",
    "Linux with SQL Server Enterprise",
    "RHEL with SQL Server Standard",
    "RHEL with SQL Server Enterprise",
    "RHEL with SQL Server Web",
    "RHEL with HA",
    "RHEL with HA and SQL Server Standard",
    "RHEL with HA and SQL Server Enterprise",
    "Ubuntu Pro",
];

/// `CreateCapacityReservation`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateCapacityReservationRequest {
    /// The type.
    pub instance_type: SmolStr,
    /// The platform.
    pub instance_platform: SmolStr,
    /// The zone.
    pub availability_zone: String,
    /// `default` or `dedicated`.
    pub tenancy: Option<SmolStr>,
    /// For how many instances.
    pub instance_count: u32,
    /// Whether for instances that are optimized for EBS.
    pub ebs_optimized: bool,
    /// When it ends by itself.
    pub end_date: Option<Timestamp>,
    /// `unlimited` or `limited`.
    pub end_date_type: Option<SmolStr>,
    /// `open` or `targeted`.
    pub instance_match_criteria: Option<SmolStr>,
    /// The cluster placement group to reserve capacity in.
    pub placement_group_arn: Option<SmolStr>,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
    /// Makes the call repeatable.
    pub client_token: Option<String>,
}

/// The answer of `CreateCapacityReservation`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MadeReservation {
    /// The reservation.
    pub capacity_reservation: CapacityReservation,
}

/// Reserves capacity; it is `active` at once. An open reservation takes in running instances that
/// fit (user guide, "Capacity Reservations").
///
/// # Errors
/// `InvalidZone.NotFound`, `InvalidParameterValue`, `InvalidParameterCombination`.
pub fn create_capacity_reservation(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateCapacityReservationRequest,
) -> Result<MadeReservation, ApiError> {
    const NAME: &str = "CreateCapacityReservation";
    required("InstanceType", &request.instance_type)?;
    types::check(&request.instance_type)?;
    let platform = required("InstancePlatform", &request.instance_platform)?;
    if !PLATFORMS.contains(&platform) {
        return Err(unknown_word("InstancePlatform", platform));
    }
    let zone = required("AvailabilityZone", &request.availability_zone)?;
    let zone = place::require_zone(&twin.state, ctx, zone)?;
    let tenancy = one_of(
        "Tenancy",
        request.tenancy.as_deref(),
        &["default", "dedicated"],
    )?;
    let criteria = request.instance_match_criteria.as_deref();
    let criteria = one_of("InstanceMatchCriteria", criteria, &["open", "targeted"])?;
    if request.instance_count == 0 {
        return Err(invalid_value(
            "Value (0) for parameter InstanceCount is invalid. It must be at least 1.",
        ));
    }
    let kind = request.end_date_type.as_deref();
    let end_date_type = end(kind, request.end_date, twin.now())?;
    if let Some(arn) = &request.placement_group_arn {
        let name = arn.rsplit_once('/').map_or(arn.as_str(), |(_, name)| name);
        super::placement_group::named(&twin.state, ctx, name)?;
    }
    let made = [Kind::CapacityReservation];
    let tags = tags_for(
        Kind::CapacityReservation,
        &made,
        &request.tag_specifications,
    )?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)? {
        let made = made.first().cloned();
        let found = made.and_then(|id| twin.state.one::<CapacityReservation>(id));
        if let Some(it) = found {
            return Ok(MadeReservation {
                capacity_reservation: it.clone(),
            });
        }
    }
    ctx.end_dry_run()?;
    let id = twin.fresh(CapacityReservationId::from_number);
    let reservation = CapacityReservation {
        capacity_reservation_arn: Some(arn(ctx, &id)),
        capacity_reservation_id: id.clone(),
        owner_id: Some(ctx.account.clone()),
        instance_type: request.instance_type.clone(),
        instance_platform: platform.into(),
        availability_zone: zone,
        tenancy: tenancy.into(),
        total_instance_count: request.instance_count,
        available_instance_count: request.instance_count,
        ebs_optimized: request.ebs_optimized,
        state: CapacityReservationState::Active,
        start_date: Some(twin.now()),
        end_date: request.end_date,
        end_date_type: end_date_type.into(),
        instance_match_criteria: criteria.into(),
        create_date: Some(twin.now()),
        placement_group_arn: request.placement_group_arn.clone(),
        tags,
    };
    twin.state.insert(&ctx.region, reservation);
    absorb(twin, ctx, &id);
    schedule_end(twin, &id);
    twin.remember(ctx, NAME, token, &request, vec![(&id).into()]);
    let made = require::<CapacityReservation>(&twin.state, ctx, "", id.as_str())?;
    Ok(MadeReservation {
        capacity_reservation: made.clone(),
    })
}

/// `ModifyCapacityReservation`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyCapacityReservationRequest {
    /// The reservation.
    pub capacity_reservation_id: String,
    /// For how many instances.
    pub instance_count: Option<u32>,
    /// When it ends by itself.
    pub end_date: Option<Timestamp>,
    /// `unlimited` or `limited`.
    pub end_date_type: Option<SmolStr>,
    /// `open` or `targeted`.
    pub instance_match_criteria: Option<SmolStr>,
}

/// Whether it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Returned {
    /// True.
    pub r#return: bool,
}

/// Changes a reservation's size or end. It cannot become smaller than what runs in it.
///
/// # Errors
/// Unknown ids, `InvalidCapacityReservationState` for one that is over, `InvalidParameterValue`.
pub fn modify_capacity_reservation(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyCapacityReservationRequest,
) -> Result<Returned, ApiError> {
    let text = &request.capacity_reservation_id;
    let it = require::<CapacityReservation>(&twin.state, ctx, "CapacityReservationId", text)?;
    let it = it.clone();
    let criteria = match request.instance_match_criteria.as_deref() {
        None => it.instance_match_criteria.clone(),
        given => one_of("InstanceMatchCriteria", given, &["open", "targeted"])?.into(),
    };
    let (end_date, end_date_type) = match (&request.end_date, &request.end_date_type) {
        (None, None) => (it.end_date, it.end_date_type.clone()),
        (date, kind) => {
            let kind = end(kind.as_deref(), *date, twin.now())?;
            (*date, kind.into())
        }
    };
    ctx.end_dry_run()?;
    check_active(&it)?;
    let used = it
        .total_instance_count
        .saturating_sub(it.available_instance_count);
    let total = request.instance_count.unwrap_or(it.total_instance_count);
    if total == 0 || total < used {
        return Err(invalid_value(format!(
            "Value ({total}) for parameter InstanceCount is invalid. {used} instances use the capacity reservation, and it must be for at least 1."
        )));
    }
    let id = it.capacity_reservation_id;
    twin.state.update(&id, |it: &mut CapacityReservation| {
        it.total_instance_count = total;
        it.available_instance_count = total - used;
        it.end_date = end_date;
        it.end_date_type = end_date_type;
        it.instance_match_criteria = criteria;
    });
    absorb(twin, ctx, &id);
    schedule_end(twin, &id);
    Ok(Returned { r#return: true })
}

/// `CancelCapacityReservation`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct CancelCapacityReservationRequest {
    /// The reservation.
    pub capacity_reservation_id: String,
}

/// Cancels a reservation; its instances run on, on demand (user guide, "Cancel a Capacity
/// Reservation"). It stays described for a while.
///
/// # Errors
/// Unknown ids, `InvalidCapacityReservationState` for one that is over.
pub fn cancel_capacity_reservation(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CancelCapacityReservationRequest,
) -> Result<Returned, ApiError> {
    let text = &request.capacity_reservation_id;
    let it = require::<CapacityReservation>(&twin.state, ctx, "CapacityReservationId", text)?;
    let it = it.clone();
    ctx.end_dry_run()?;
    check_active(&it)?;
    over(
        twin,
        &it.capacity_reservation_id,
        CapacityReservationState::Cancelled,
    );
    Ok(Returned { r#return: true })
}

fn check_active(it: &CapacityReservation) -> Result<(), ApiError> {
    match it.state {
        CapacityReservationState::Active | CapacityReservationState::Pending => Ok(()),
        _ => Err(ApiError::new(
            "InvalidCapacityReservationState",
            format!(
                "The capacity reservation '{}' is in the '{}' state.",
                it.capacity_reservation_id, it.state
            ),
        )),
    }
}

/// A reservation is over: nobody runs in it any more.
fn over(twin: &mut Twin, id: &CapacityReservationId, state: CapacityReservationState) {
    let instances = twin.state.referring::<Instance>(id);
    let ids: Vec<InstanceId> = instances.map(|it| it.instance_id.clone()).collect();
    for instance in ids {
        twin.state.update(instance, |it: &mut Instance| {
            it.capacity_reservation_id = None;
        });
    }
    let now = twin.now();
    twin.state.update(id, |it: &mut CapacityReservation| {
        it.state = state;
        it.available_instance_count = 0;
        it.end_date.get_or_insert(now);
    });
    let delay = twin.options.timings.lingering;
    twin.schedule(delay, Transition::ReservationForgotten(id.clone()));
}

/// The end of a reservation has come, if it has not been moved.
pub(super) fn ended(twin: &mut Twin, id: &CapacityReservationId) {
    let now = twin.now();
    let it = twin.state.one::<CapacityReservation>(id);
    let is_due = it.is_some_and(|it| {
        it.state == CapacityReservationState::Active && it.end_date.is_some_and(|end| end <= now)
    });
    if is_due {
        over(twin, id, CapacityReservationState::Expired);
    }
}

/// A reservation that is over is no longer described.
pub(super) fn forgotten(twin: &mut Twin, id: &CapacityReservationId) {
    let it = twin.state.one::<CapacityReservation>(id);
    let is_over = it.is_some_and(|it| check_active(it).is_err());
    if is_over {
        twin.state.remove(id);
    }
}

/// What is due for a reservation by itself.
pub(super) fn schedule_end(twin: &mut Twin, id: &CapacityReservationId) {
    let Some(it) = twin.state.one::<CapacityReservation>(id) else {
        return;
    };
    let (is_over, end) = (check_active(it).is_err(), it.end_date);
    if is_over {
        let delay = twin.options.timings.lingering;
        twin.schedule(delay, Transition::ReservationForgotten(id.clone()));
    } else if let Some(end) = end {
        let left = end.since(twin.now()).max(Duration::ZERO);
        twin.schedule(left, Transition::ReservationEnded(id.clone()));
    }
}

fn end(
    kind: Option<&str>,
    date: Option<Timestamp>,
    now: Timestamp,
) -> Result<&'static str, ApiError> {
    match (kind, date) {
        (Some("limited"), Some(date)) if date > now => Ok("limited"),
        (Some("limited"), Some(_)) => Err(invalid_value(
            "The end date of a capacity reservation must be in the future.",
        )),
        (Some("limited"), None) => Err(invalid_combination(
            "An EndDate is required for the EndDateType 'limited'.",
        )),
        (None | Some("unlimited"), Some(_)) => Err(invalid_combination(
            "An EndDate may be used with the EndDateType 'limited' only.",
        )),
        (None | Some("unlimited"), None) => Ok("unlimited"),
        (Some(other), _) => Err(unknown_word("EndDateType", other)),
    }
}

/// The word of a closed list; the first when none is given.
fn one_of(
    parameter: &str,
    given: Option<&str>,
    words: &[&'static str],
) -> Result<&'static str, ApiError> {
    let Some(text) = given else {
        return Ok(words.first().copied().unwrap_or_default());
    };
    let found = words.iter().find(|it| **it == text);
    found.copied().ok_or_else(|| unknown_word(parameter, text))
}

fn unknown_word(parameter: &str, text: &str) -> ApiError {
    invalid_value(format!(
        "Value ({text}) for parameter {parameter} is invalid."
    ))
}

fn arn(ctx: &Ctx, id: &CapacityReservationId) -> SmolStr {
    let account = ctx.account.as_str();
    format!(
        "arn:aws:ec2:{}:{account}:capacity-reservation/{id}",
        ctx.region
    )
    .into()
}
