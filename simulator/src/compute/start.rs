//! The room that an instance takes when it starts.

use sandtable_model::resource::{DedicatedHost, Instance, InstanceStateName, PlacementGroup};

use super::capacity_reservation::Wish;
use super::{capacity_reservation, host, placement_group, virtual_cpus};
use crate::{ApiError, Ctx, Twin};

/// Whether there may be no room for an instance, so that it has to be asked for.
pub(super) fn can_lack_room(twin: &Twin, instance: &Instance) -> bool {
    twin.compute.choices.virtual_cpus_on_demand.is_some()
        || instance.placement.tenancy.as_deref() == Some("host")
        || instance.placement.group_id.is_some()
        || !matches!(Wish::of_instance(instance), Wish::Open | Wish::None)
}

/// Takes the room that a stopped instance needs; it is `pending` then.
///
/// # Errors
/// `VcpuLimitExceeded`, `InsufficientInstanceCapacity` of a spread placement group,
/// `ReservationCapacityExceeded`, those of hosts.
pub(super) fn take_room(twin: &mut Twin, ctx: &Ctx, instance: &Instance) -> Result<(), ApiError> {
    let id = &instance.instance_id;
    let place = &instance.placement;
    if instance.instance_lifecycle.is_none() {
        virtual_cpus::check(twin, ctx, &instance.instance_type, 1)?;
    }
    let group = place.group_id.as_ref();
    let group = group.and_then(|id| twin.state.one::<PlacementGroup>(id));
    if let (Some(group), Some(zone)) = (group, &place.availability_zone)
        && placement_group::room(&twin.state, ctx, group, zone) == 0
    {
        return Err(placement_group::full(group, zone));
    }
    if place.tenancy.as_deref() == Some("host") {
        take_host(twin, ctx, instance)?;
    }
    twin.state.update(id, |it: &mut Instance| {
        it.state = InstanceStateName::Pending.into();
    });
    if place.tenancy.as_deref() == Some("host") {
        return Ok(());
    }
    capacity_reservation::take(twin, ctx, id)
}

fn take_host(twin: &mut Twin, ctx: &Ctx, instance: &Instance) -> Result<(), ApiError> {
    let Some(zone) = &instance.placement.availability_zone else {
        return Ok(());
    };
    let name = instance.instance_type.as_str();
    let host = match &instance.placement.host_id {
        None => host::pick(&twin.state, ctx, zone, name)?,
        Some(id) => {
            let host = twin.state.one::<DedicatedHost>(id);
            let host = host.ok_or_else(|| crate::rules::not_found(&id.into()))?;
            host::check_named(host, zone, name)?;
            if host::free(&twin.state, host, name) == 0 {
                return Err(ApiError::new(
                    "InsufficientCapacityOnHost",
                    "There is not enough capacity on the Dedicated Host to launch or start the instance.",
                ));
            }
            id.clone()
        }
    };
    twin.state
        .update(&instance.instance_id, |it: &mut Instance| {
            it.placement.host_id = Some(host);
        });
    Ok(())
}
