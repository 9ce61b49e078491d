//! Where instances run: what requests say of it, and changing it.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use sandtable_model::resource::{
    CapacityReservationSpecification, DedicatedHost, Instance, InstanceStateName, PlacementGroup,
};

use super::capacity_reservation::{Returned, Wish};
use super::{host, placement_group};
use crate::rules::{invalid_combination, invalid_value, require};
use crate::{ApiError, Ctx, State, Twin};

/// The placement group that a request names by id or name; an empty name names none.
///
/// # Errors
/// `InvalidPlacementGroup.Unknown`, `InvalidParameterCombination` for both.
pub(super) fn group<'a>(
    state: &'a State,
    ctx: &Ctx,
    id: Option<&str>,
    name: Option<&str>,
) -> Result<Option<&'a PlacementGroup>, ApiError> {
    match (id, name.filter(|name| !name.is_empty())) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(invalid_combination(
            "The parameters GroupId and GroupName cannot be used together",
        )),
        (Some(id), None) => require::<PlacementGroup>(state, ctx, "groupId", id).map(Some),
        (None, Some(name)) => placement_group::named(state, ctx, name).map(Some),
    }
}

/// Whether an instance starts on its host again.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn affinity(given: Option<&str>) -> Result<Option<SmolStr>, ApiError> {
    match given {
        None => Ok(None),
        Some(text @ ("default" | "host")) => Ok(Some(text.into())),
        Some(text) => Err(invalid_value(format!(
            "Value ({text}) for parameter affinity is invalid."
        ))),
    }
}

/// `ModifyInstancePlacement`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyInstancePlacementRequest {
    /// The instance.
    pub instance_id: String,
    /// The placement group by its name; empty to take the instance out of its group.
    pub group_name: Option<SmolStr>,
    /// The placement group by its id.
    pub group_id: Option<SmolStr>,
    /// The partition of the group.
    pub partition_number: Option<u32>,
    /// `dedicated` or `host`.
    pub tenancy: Option<SmolStr>,
    /// The Dedicated Host.
    pub host_id: Option<SmolStr>,
    /// `default` or `host`.
    pub affinity: Option<SmolStr>,
}

/// Changes where a stopped instance will run (EC2 API reference, ModifyInstancePlacement).
///
/// # Errors
/// `IncorrectInstanceState`, `InvalidTenancy` for a tenancy that cannot be changed, and unknown ids.
pub fn modify_instance_placement(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyInstancePlacementRequest,
) -> Result<Returned, ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    let instance = instance.clone();
    let id = instance.instance_id.clone();
    let (group_id, name) = (request.group_id.as_deref(), request.group_name.as_deref());
    let group = group(&twin.state, ctx, group_id, name)?.cloned();
    if let Some(group) = &group {
        placement_group::check_fits(group, &instance.instance_type, request.partition_number)?;
    }
    let leaves = group.is_none() && name == Some("");
    let host = host_of(&twin.state, ctx, &request, &instance)?;
    let affinity = affinity(request.affinity.as_deref())?;
    let tenancy = tenancy(&request, &instance)?;
    ctx.end_dry_run()?;
    let moves = group.is_some() || leaves || host.is_some() || tenancy.is_some();
    if moves && instance.state.name != InstanceStateName::Stopped {
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{id}' is not in the 'stopped' state."),
        ));
    }
    let even = group
        .as_ref()
        .and_then(|it| placement_group::partition_for(&twin.state, ctx, it));
    twin.state.update(&id, |it: &mut Instance| {
        let place = &mut it.placement;
        if let Some(group) = group {
            place.group_name = Some(group.group_name);
            place.group_id = Some(group.group_id);
            place.partition_number = request.partition_number.or(even);
        } else if leaves {
            place.group_name = None;
            place.group_id = None;
            place.partition_number = None;
        }
        if host.is_some() {
            place.host_id = host;
        }
        if affinity.is_some() {
            place.affinity = affinity;
        }
        if tenancy.is_some() {
            place.tenancy = tenancy;
        }
    });
    Ok(Returned { r#return: true })
}

fn host_of(
    state: &State,
    ctx: &Ctx,
    request: &ModifyInstancePlacementRequest,
    instance: &Instance,
) -> Result<Option<sandtable_model::HostId>, ApiError> {
    let Some(text) = request.host_id.as_deref() else {
        return Ok(None);
    };
    let found = require::<DedicatedHost>(state, ctx, "hostId", text)?;
    if let Some(zone) = &instance.placement.availability_zone {
        host::check_named(found, zone, &instance.instance_type)?;
    }
    Ok(Some(found.host_id.clone()))
}

/// Only between `dedicated` and `host` (EC2 error list, `InvalidTenancy`).
fn tenancy(
    request: &ModifyInstancePlacementRequest,
    instance: &Instance,
) -> Result<Option<SmolStr>, ApiError> {
    let present = instance.placement.tenancy.as_deref().unwrap_or("default");
    match request.tenancy.as_deref() {
        None if request.host_id.is_some() && present == "default" => Err(fixed(instance)),
        None if request.host_id.is_some() => Ok(Some("host".into())),
        None => Ok(None),
        Some(text) if text == present => Ok(None),
        Some("dedicated") if request.host_id.is_some() => Err(invalid_combination(
            "A host ID may be used with the tenancy 'host' only.",
        )),
        Some(text @ ("dedicated" | "host")) if present != "default" => Ok(Some(text.into())),
        Some("dedicated" | "host" | "default") => Err(fixed(instance)),
        Some(text) => Err(invalid_value(format!(
            "Value ({text}) for parameter tenancy is invalid."
        ))),
    }
}

fn fixed(instance: &Instance) -> ApiError {
    ApiError::new(
        "InvalidTenancy",
        format!(
            "The tenancy of the instance '{}' cannot be changed from or to 'default'.",
            instance.instance_id
        ),
    )
}

/// `ModifyInstanceCapacityReservationAttributes`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyInstanceCapacityReservationAttributesRequest {
    /// The instance.
    pub instance_id: String,
    /// In which reservations it may run.
    pub capacity_reservation_specification: CapacityReservationSpecification,
}

/// Changes in which reservations a stopped instance may run when it starts.
///
/// # Errors
/// `IncorrectInstanceState`, unknown reservations.
pub fn modify_instance_capacity_reservation_attributes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyInstanceCapacityReservationAttributesRequest,
) -> Result<Returned, ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    let (id, state) = (instance.instance_id.clone(), instance.state.name.clone());
    let specification = request.capacity_reservation_specification;
    Wish::of(&twin.state, ctx, Some(&specification))?;
    ctx.end_dry_run()?;
    if state != InstanceStateName::Stopped {
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{id}' is not in the 'stopped' state."),
        ));
    }
    twin.state.update(&id, |it: &mut Instance| {
        it.capacity_reservation_specification = Some(Box::new(specification));
    });
    Ok(Returned { r#return: true })
}
