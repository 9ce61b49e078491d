//! What a launch asks for beyond image, type, network and disks, checked before anything is made.

use smol_str::SmolStr;

use sandtable_model::resource::{
    DedicatedHost, HibernationOptions, IamInstanceProfile, Image, MaintenanceOptions,
    PlacementGroup,
};
use sandtable_model::{AvailabilityZone, HostId};

use super::request::{PlacementRequest, RunInstancesRequest};
use crate::compute::capacity_reservation::{self, Fit, Wish};
use crate::compute::disks::{self, Disk};
use crate::compute::{host, key_pair, placement, placement_group, types, virtual_cpus};
use crate::rules::invalid_value;
use crate::{ApiError, Ctx, Twin};

/// What a launch asks for, found and checked.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) tenancy: SmolStr,
    pub(super) affinity: Option<SmolStr>,
    pub(super) group: Option<PlacementGroup>,
    pub(super) partition: Option<u32>,
    pub(super) host: Option<HostId>,
    pub(super) wish: Wish,
    pub(super) profile: Option<IamInstanceProfile>,
    pub(super) maintenance: MaintenanceOptions,
    /// The price up to which a Spot Instance is wanted, if one is.
    pub(super) spot: Option<Option<SmolStr>>,
}

/// The checks that need no zone: values, and what is named is there.
///
/// # Errors
/// `InvalidKeyPair.NotFound`, `InvalidPlacementGroup.Unknown`, `InvalidHostID.NotFound`, unknown
/// capacity reservations, and those of values and of what does not go together.
pub(super) fn plan(
    twin: &Twin,
    ctx: &Ctx,
    request: &RunInstancesRequest,
    instance_type: &str,
    image: &Image,
    disks: &[Disk],
) -> Result<Options, ApiError> {
    if let Some(name) = request.key_name.as_deref() {
        key_pair::check_there(&twin.state, ctx, name)?;
    }
    if let Some(text) = request.instance_initiated_shutdown_behavior.as_deref()
        && !matches!(text, "stop" | "terminate")
    {
        return Err(invalid_value(format!(
            "Value ({text}) for parameter instanceInitiatedShutdownBehavior is invalid."
        )));
    }
    if let Some(options) = &request.metadata_options {
        options.check()?;
    }
    if let Some(credits) = &request.credit_specification {
        credits.check(instance_type)?;
    }
    check_hibernation(request.hibernation_options, instance_type, image, disks)?;
    check_enclaves(request, instance_type)?;
    let place = request.placement.clone().unwrap_or_default();
    let group = group(twin, ctx, &place)?;
    if let Some(group) = &group {
        placement_group::check_fits(group, instance_type, place.partition_number)?;
    } else if place.partition_number.is_some() {
        return Err(crate::rules::invalid_combination(
            "The parameter partitionNumber may be used with a placement group only.",
        ));
    }
    let (tenancy, host) = tenancy(twin, ctx, &place)?;
    let profile = request.iam_instance_profile.as_ref();
    let maintenance = request.maintenance_options.clone().unwrap_or_default();
    let market = request.instance_market_options.clone().unwrap_or_default();
    Ok(Options {
        tenancy,
        affinity: placement::affinity(place.affinity.as_deref())?,
        group,
        partition: place.partition_number,
        host,
        wish: Wish::of(
            &twin.state,
            ctx,
            request.capacity_reservation_specification.as_ref(),
        )?,
        profile: profile.map(|it| it.resolved(ctx)).transpose()?,
        maintenance: maintenance.resolved()?,
        spot: market.checked()?,
    })
}

fn group(
    twin: &Twin,
    ctx: &Ctx,
    place: &PlacementRequest,
) -> Result<Option<PlacementGroup>, ApiError> {
    let (id, name) = (place.group_id.as_deref(), place.group_name.as_deref());
    placement::group(&twin.state, ctx, id, name).map(|it| it.cloned())
}

fn tenancy(
    twin: &Twin,
    ctx: &Ctx,
    place: &PlacementRequest,
) -> Result<(SmolStr, Option<HostId>), ApiError> {
    let host = match place.host_id.as_deref() {
        None => None,
        Some(text) => Some(crate::rules::require::<DedicatedHost>(
            &twin.state,
            ctx,
            "hostId",
            text,
        )?),
    };
    let host = host.map(|it| it.host_id.clone());
    match (place.tenancy.as_deref(), &host) {
        (None, Some(_)) => Ok(("host".into(), host)),
        (None, None) => Ok(("default".into(), None)),
        (Some("default" | "dedicated"), Some(_)) => Err(crate::rules::invalid_combination(
            "A host ID may be used with the tenancy 'host' only.",
        )),
        (Some(text @ ("default" | "dedicated" | "host")), _) => Ok((text.into(), host)),
        (Some(text), _) => Err(invalid_value(format!(
            "Value ({text}) for parameter tenancy is invalid."
        ))),
    }
}

/// The type must be able to, and the root volume encrypted (user guide, "Hibernation prerequisites").
fn check_hibernation(
    asked: Option<HibernationOptions>,
    instance_type: &str,
    image: &Image,
    disks: &[Disk],
) -> Result<(), ApiError> {
    if !asked.is_some_and(|it| it.configured) {
        return Ok(());
    }
    let cannot = types::find(instance_type).is_some_and(|it| !it.hibernates());
    let root = image.root_device_name.as_deref();
    if cannot || !disks::is_encrypted(disks, root) {
        return Err(ApiError::new(
            "UnsupportedHibernationConfiguration",
            "The instance could not be launched because one or more parameter values do not meet the prerequisites for enabling hibernation.",
        ));
    }
    Ok(())
}

/// The type must be able to, and enclaves and hibernation exclude each other (EC2 API reference,
/// RunInstances, `EnclaveOptions`).
fn check_enclaves(request: &RunInstancesRequest, instance_type: &str) -> Result<(), ApiError> {
    let asked = request.enclave_options.unwrap_or_default();
    if !asked.enabled {
        return Ok(());
    }
    if request.hibernation_options.is_some_and(|it| it.configured) {
        return Err(crate::rules::invalid_combination(
            "You can't enable Amazon Web Services Nitro Enclaves and hibernation on the same instance.",
        ));
    }
    match types::find(instance_type) {
        Some(it) if !it.has_enclaves() => Err(crate::rules::invalid_combination(format!(
            "The instance type '{instance_type}' does not support Nitro Enclaves."
        ))),
        _ => Ok(()),
    }
}

/// How many of `count` instances there is room for, `least` of which there must be.
///
/// # Errors
/// `VcpuLimitExceeded`, `InsufficientInstanceCapacity` of a spread placement group, those of hosts,
/// `ReservationCapacityExceeded`.
pub(super) fn room(
    twin: &Twin,
    ctx: &Ctx,
    options: &Options,
    (instance_type, zone): (&SmolStr, &AvailabilityZone),
    (least, count): (u32, u32),
) -> Result<u32, ApiError> {
    let state = &twin.state;
    if options.spot.is_none() {
        virtual_cpus::check(twin, ctx, instance_type, count)?;
    }
    let mut count = usize::try_from(count).unwrap_or(usize::MAX);
    let least = usize::try_from(least).unwrap_or(usize::MAX);
    if let Some(group) = &options.group {
        count = count.min(placement_group::room(state, ctx, group, zone));
        if count < least {
            return Err(placement_group::full(group, zone));
        }
    }
    if options.tenancy == "host" {
        let free = host_room(twin, ctx, options, instance_type, zone)?;
        count = count.min(free);
        if count < least {
            return Err(ApiError::new(
                "InsufficientCapacityOnHost",
                "There is not enough capacity on the Dedicated Host to launch or start the instance.",
            ));
        }
    } else if options.spot.is_none() {
        let fit = Fit {
            instance_type: instance_type.clone(),
            zone: zone.clone(),
            tenancy: options.tenancy.clone(),
            is_windows: false,
            group_name: options.group.as_ref().map(|it| it.group_name.clone()),
        };
        count = count.min(capacity_reservation::free(state, ctx, &options.wish, &fit));
        if count < least {
            return Err(capacity_reservation::exceeded());
        }
    }
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

fn host_room(
    twin: &Twin,
    ctx: &Ctx,
    options: &Options,
    instance_type: &str,
    zone: &AvailabilityZone,
) -> Result<usize, ApiError> {
    let state = &twin.state;
    let named = options.host.as_ref();
    if let Some(named) = named.and_then(|id| state.one::<DedicatedHost>(id)) {
        host::check_named(named, zone, instance_type)?;
        return Ok(host::free(state, named, instance_type) as usize);
    }
    host::pick(state, ctx, zone, instance_type)?;
    let hosts = state.all::<DedicatedHost>(&ctx.region).filter(|it| {
        it.auto_placement == "on" && host::check_named(it, zone, instance_type).is_ok()
    });
    let free = hosts.map(|it| u64::from(host::free(state, it, instance_type)));
    Ok(usize::try_from(free.sum::<u64>()).unwrap_or(usize::MAX))
}
