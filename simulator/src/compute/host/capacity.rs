//! What runs on a host, and what it has room for.

use sandtable_model::resource::{DedicatedHost, HostState, Instance, InstanceStateName};
use sandtable_model::{AvailabilityZone, HostId};

use crate::compute::types;
use crate::{ApiError, Ctx, State};

/// The instances that take room on a host: all but those that are stopped or terminated.
pub(in crate::compute) fn occupants<'a>(
    state: &'a State,
    host: &'a HostId,
) -> impl Iterator<Item = &'a Instance> {
    state.referring::<Instance>(host).filter(move |it| {
        it.placement.host_id.as_ref() == Some(host)
            && !matches!(
                it.state.name,
                InstanceStateName::Stopped | InstanceStateName::Terminated
            )
    })
}

/// How many virtual CPUs of a host are taken.
pub(super) fn taken(state: &State, host: &DedicatedHost) -> u32 {
    occupants(state, &host.host_id)
        .map(|it| cpus(host, &it.instance_type))
        .sum()
}

/// The virtual CPUs that an instance takes of a host: bare metal takes all.
pub(super) fn cpus(host: &DedicatedHost, name: &str) -> u32 {
    let total = host.host_properties.total_virtual_cpus.unwrap_or_default();
    match types::find(name) {
        Some(it) if it.is_bare_metal() => total,
        Some(it) => it.virtual_cpus,
        None => 0,
    }
}

/// How many more instances of a type a host takes. One whose figures are not known (a snapshot may
/// not have them) takes any number.
pub(in crate::compute) fn free(state: &State, host: &DedicatedHost, name: &str) -> u32 {
    let Some(total) = host.host_properties.total_virtual_cpus else {
        return u32::MAX;
    };
    match cpus(host, name) {
        0 => u32::MAX,
        each => total.saturating_sub(taken(state, host)) / each,
    }
}

fn takes(host: &DedicatedHost, name: &str) -> bool {
    let properties = &host.host_properties;
    match (&properties.instance_type, &properties.instance_family) {
        (Some(only), _) => only == name,
        (None, Some(family)) => family == types::family(name),
        (None, None) => true,
    }
}

/// Checks a host that a launch names.
///
/// # Errors
/// `InvalidHostState` when it is not available, `InvalidHostConfiguration` when it is for other
/// types, `InvalidParameterValue` when it is in another zone (EC2 error list).
pub(in crate::compute) fn check_named(
    host: &DedicatedHost,
    zone: &AvailabilityZone,
    name: &str,
) -> Result<(), ApiError> {
    let id = &host.host_id;
    if host.state != HostState::Available {
        return Err(ApiError::new(
            "InvalidHostState",
            format!(
                "The Dedicated Host '{id}' must be in the 'available' state to complete the operation."
            ),
        ));
    }
    if !takes(host, name) {
        return Err(ApiError::new(
            "InvalidHostConfiguration",
            format!("The instance type '{name}' is not supported on the Dedicated Host '{id}'."),
        ));
    }
    if host.availability_zone != *zone {
        return Err(crate::rules::invalid_value(format!(
            "The Dedicated Host '{id}' is in the availability zone {}, not in {zone}.",
            host.availability_zone
        )));
    }
    Ok(())
}

/// A host for an instance that names none: the first by id that takes such instances and has room.
///
/// # Errors
/// `UnavailableHostRequirements` (EC2 error list).
pub(in crate::compute) fn pick(
    state: &State,
    ctx: &Ctx,
    zone: &AvailabilityZone,
    name: &str,
) -> Result<HostId, ApiError> {
    let mut hosts = state.all::<DedicatedHost>(&ctx.region);
    let found = hosts.find(|it| {
        it.auto_placement == "on"
            && check_named(it, zone, name).is_ok()
            && free(state, it, name) > 0
    });
    found.map(|it| it.host_id.clone()).ok_or_else(|| {
        ApiError::new(
            "UnavailableHostRequirements",
            "There are no valid Dedicated Hosts available on which you can launch an instance.",
        )
    })
}
