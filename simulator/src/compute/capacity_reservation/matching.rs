//! Which instances run in which reservations.

use smol_str::SmolStr;

use sandtable_model::resource::{
    CapacityReservation, CapacityReservationSpecification, CapacityReservationState, Instance,
    InstanceStateName,
};
use sandtable_model::{AvailabilityZone, CapacityReservationId, InstanceId};

use crate::rules::{invalid_combination, invalid_value, require};
use crate::{ApiError, Ctx, State, Twin};

/// In which reservations an instance wants to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::compute) enum Wish {
    /// In any open one that fits, if there is room.
    #[default]
    Open,
    /// In none.
    None,
    /// In an open one that fits, or not at all.
    OnlyReserved,
    /// In this one, or not at all.
    Target(CapacityReservationId),
}

impl Wish {
    /// The wish of a request.
    ///
    /// # Errors
    /// Unknown reservations, `InvalidParameterValue`, `InvalidParameterCombination`.
    pub(in crate::compute) fn of(
        state: &State,
        ctx: &Ctx,
        asked: Option<&CapacityReservationSpecification>,
    ) -> Result<Self, ApiError> {
        let Some(asked) = asked else {
            return Ok(Wish::Open);
        };
        let target = asked.capacity_reservation_target.as_ref();
        let target = target.and_then(|it| it.capacity_reservation_id.as_deref());
        match (asked.capacity_reservation_preference.as_deref(), target) {
            (Some(_), Some(_)) => Err(invalid_combination(
                "You can't specify a capacity reservation preference and a capacity reservation target in the same request.",
            )),
            (None, Some(text)) => {
                let it = require::<CapacityReservation>(state, ctx, "CapacityReservationId", text)?;
                Ok(Wish::Target(it.capacity_reservation_id.clone()))
            }
            (None | Some("open"), None) => Ok(Wish::Open),
            (Some("none"), None) => Ok(Wish::None),
            (Some("capacity-reservations-only"), None) => Ok(Wish::OnlyReserved),
            (Some(other), None) => Err(invalid_value(format!(
                "Value ({other}) for parameter CapacityReservationPreference is invalid."
            ))),
        }
    }

    /// The wish of an instance that is there.
    pub(in crate::compute) fn of_instance(instance: &Instance) -> Self {
        let Some(asked) = &instance.capacity_reservation_specification else {
            return Wish::Open;
        };
        let target = asked.capacity_reservation_target.as_ref();
        let target = target.and_then(|it| it.capacity_reservation_id.as_deref());
        match (asked.capacity_reservation_preference.as_deref(), target) {
            (_, Some(text)) => CapacityReservationId::new(text).map_or(Wish::None, Wish::Target),
            (Some("none"), None) => Wish::None,
            (Some("capacity-reservations-only"), None) => Wish::OnlyReserved,
            _ => Wish::Open,
        }
    }

    /// Whether the instance may run on demand instead.
    const fn is_mild(&self) -> bool {
        matches!(self, Wish::Open | Wish::None)
    }
}

/// What a reservation has to fit.
#[derive(Clone, Debug)]
pub(in crate::compute) struct Fit {
    pub(in crate::compute) instance_type: SmolStr,
    pub(in crate::compute) zone: AvailabilityZone,
    pub(in crate::compute) tenancy: SmolStr,
    pub(in crate::compute) is_windows: bool,
    pub(in crate::compute) group_name: Option<SmolStr>,
}

impl Fit {
    /// What has to fit an instance that is there; nothing does when its zone is not known.
    pub(in crate::compute) fn of(instance: &Instance) -> Option<Self> {
        let tenancy = instance.placement.tenancy.clone();
        Some(Fit {
            instance_type: instance.instance_type.clone(),
            zone: instance.placement.availability_zone.clone()?,
            tenancy: tenancy.unwrap_or_else(|| "default".into()),
            is_windows: instance.platform.as_deref() == Some("windows"),
            group_name: instance.placement.group_name.clone(),
        })
    }

    /// Type, zone, tenancy and platform must be equal (user guide, "Capacity Reservations"). What
    /// the model does not know of a platform (which Linux) it cannot tell apart.
    fn fits(&self, it: &CapacityReservation) -> bool {
        let group = it.placement_group_arn.as_deref();
        let group = group.map(|arn| arn.rsplit_once('/').map_or(arn, |(_, name)| name));
        it.state == CapacityReservationState::Active
            && it.instance_type == self.instance_type
            && it.availability_zone == self.zone
            && it.tenancy == self.tenancy
            && it.instance_platform.starts_with("Windows") == self.is_windows
            && group.is_none_or(|name| self.group_name.as_deref() == Some(name))
    }
}

/// How many instances could run as they wish; without a limit when they may run on demand.
pub(in crate::compute) fn free(state: &State, ctx: &Ctx, wish: &Wish, fit: &Fit) -> usize {
    if wish.is_mild() {
        return usize::MAX;
    }
    let fitting = fitting(state, ctx, wish, fit);
    let free = fitting.map(|it| u64::from(it.available_instance_count));
    usize::try_from(free.sum::<u64>()).unwrap_or(usize::MAX)
}

fn fitting<'a>(
    state: &'a State,
    ctx: &Ctx,
    wish: &'a Wish,
    fit: &'a Fit,
) -> impl Iterator<Item = &'a CapacityReservation> {
    let all = state.all::<CapacityReservation>(&ctx.region);
    all.filter(move |it| {
        let meant = match wish {
            Wish::Target(id) => it.capacity_reservation_id == *id,
            Wish::Open | Wish::OnlyReserved => it.instance_match_criteria == "open",
            Wish::None => false,
        };
        meant && fit.fits(it)
    })
}

/// Lets an instance that begins to run take its place.
///
/// # Errors
/// `ReservationCapacityExceeded` when it may not run elsewhere and there is none (EC2 error list).
pub(in crate::compute) fn take(
    twin: &mut Twin,
    ctx: &Ctx,
    instance: &InstanceId,
) -> Result<(), ApiError> {
    let Some(it) = twin.state.one::<Instance>(instance) else {
        return Ok(());
    };
    // Spot Instances use no reservations, and hosts are capacity of their own.
    let wish = match it.instance_lifecycle.as_deref() {
        Some("spot") => Wish::None,
        _ => Wish::of_instance(it),
    };
    let found = Fit::of(it).and_then(|fit| {
        let mut fitting = fitting(&twin.state, ctx, &wish, &fit);
        let free = fitting.find(|it| it.available_instance_count > 0);
        free.map(|it| it.capacity_reservation_id.clone())
    });
    match found {
        Some(id) => {
            seat(twin, instance, &id);
            Ok(())
        }
        None if wish.is_mild() => Ok(()),
        None => Err(exceeded()),
    }
}

/// The refusal of what a reservation has no room for.
pub(in crate::compute) fn exceeded() -> ApiError {
    ApiError::new(
        "ReservationCapacityExceeded",
        "The requested reservation does not have sufficient compatible and available capacity for this request.",
    )
}

fn seat(twin: &mut Twin, instance: &InstanceId, id: &CapacityReservationId) {
    twin.state.update(id, |it: &mut CapacityReservation| {
        it.available_instance_count = it.available_instance_count.saturating_sub(1);
    });
    twin.state.update(instance, |it: &mut Instance| {
        it.capacity_reservation_id = Some(id.clone());
    });
}

/// An instance that no longer runs gives its place back.
pub(in crate::compute) fn give_back(twin: &mut Twin, instance: &InstanceId) {
    let taken = twin.state.update(instance, |it: &mut Instance| {
        it.capacity_reservation_id.take()
    });
    let Some(id) = taken.flatten() else {
        return;
    };
    twin.state.update(id, |it: &mut CapacityReservation| {
        let most = it.total_instance_count;
        it.available_instance_count = it.available_instance_count.saturating_add(1).min(most);
    });
}

/// Takes in running instances that fit, if the reservation is open.
pub(in crate::compute) fn absorb(twin: &mut Twin, ctx: &Ctx, id: &CapacityReservationId) {
    let Some(reservation) = twin.state.one::<CapacityReservation>(id) else {
        return;
    };
    if reservation.instance_match_criteria != "open" {
        return;
    }
    let free = usize::try_from(reservation.available_instance_count).unwrap_or(usize::MAX);
    let running = twin.state.all::<Instance>(&ctx.region).filter(|it| {
        matches!(
            it.state.name,
            InstanceStateName::Running | InstanceStateName::Pending
        ) && it.capacity_reservation_id.is_none()
            && it.instance_lifecycle.is_none()
            && Wish::of_instance(it) != Wish::None
            && !matches!(Wish::of_instance(it), Wish::Target(_))
            && Fit::of(it).is_some_and(|fit| fit.fits(reservation))
    });
    let ids: Vec<InstanceId> = running
        .take(free)
        .map(|it| it.instance_id.clone())
        .collect();
    for instance in ids {
        seat(twin, &instance, id);
    }
}
