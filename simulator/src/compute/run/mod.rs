//! Launching instances.

mod interfaces;
mod options;
mod request;

pub use request::{
    InterfaceSpecification, PlacementRequest, RunInstancesRequest, WantedMonitoring,
};

use sandtable_model::resource::{
    CapacityReservationSpecification, Image, Instance, InstanceStateName, Monitoring, Placement,
};
use sandtable_model::{AvailabilityZone, ImageId, InstanceId, Kind, Tags};
use smol_str::SmolStr;

use super::describe::{Reservation, reservation_of};
use super::{
    Transition, capacity_reservation, disks, host, iam_profile, metadata, placement_group, spot,
    types, wiring,
};
use crate::rules::{invalid_value, require, required, tags_for};
use crate::{ApiError, Ctx, Twin, storage};
use options::Options;

const NAME: &str = "RunInstances";
/// The kinds that the operation makes and can tag.
const MAKES: [Kind; 3] = [Kind::Instance, Kind::Volume, Kind::NetworkInterface];

/// Launches instances; they are `pending`, then `running`.
///
/// # Errors
/// Unknown ids, `InvalidAMIID.Unavailable`, `VPCIdNotSpecified` without subnet and default VPC,
/// `InsufficientFreeAddressesInSubnet`, `InvalidBlockDeviceMapping`, those of want of room, and those
/// of parameters that do not go together. Nothing is launched then.
pub fn run_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    asked: RunInstancesRequest,
) -> Result<Reservation, ApiError> {
    let request = asked.clone().with_template(&twin.state, ctx)?;
    let (least, most) = counts(&request)?;
    let image = usable_image(twin, ctx, &request.image_id)?;
    let instance_type = request.instance_type.clone();
    let instance_type = instance_type.unwrap_or_else(|| "m1.small".into());
    types::check(&instance_type)?;
    types::check_architecture(&instance_type, &image)?;
    let planned = interfaces::plan(twin, ctx, &request, most)?;
    let disks = disks::plan(twin, ctx, &image, &request.block_device_mappings)?;
    let options = options::plan(twin, ctx, &request, &instance_type, &image, &disks)?;
    let tags = |kind| tags_for(kind, &MAKES, &request.tag_specifications);
    let (tags, volume_tags) = (tags(Kind::Instance)?, tags(Kind::Volume)?);
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &asked)? {
        return replay(twin, token, &made);
    }
    let zone = interfaces::zone_of(twin, &planned)?;
    ctx.end_dry_run()?;

    let count = interfaces::room(twin, &planned, least, most)?;
    let count = options::room(twin, ctx, &options, (&instance_type, &zone), (least, count))?;
    disks::check_room(twin, ctx, &disks, count)?;
    let launch = Launch {
        request: &request,
        image: &image,
        instance_type,
        zone: &zone,
        options: &options,
        reservation: twin.ids.text("r").into(),
        tags,
    };
    let mut made = Vec::new();
    for _ in 0..count {
        let id = twin.fresh(InstanceId::from_number);
        let instance = launch.instance(twin, ctx, &id)?;
        twin.state.insert(&ctx.region, instance);
        if let Err(error) = wiring::wire(twin, ctx, &id, &planned) {
            // Cannot happen after `room`, but half an instance must not stay.
            super::terminate::terminated(twin, &id);
            return Err(error);
        }
        disks::make(twin, ctx, &id, &zone, &disks, &volume_tags);
        launch.finish(twin, ctx, &id)?;
        made.push(id);
    }
    let ids = made.iter().map(Into::into).collect();
    twin.remember(ctx, NAME, token, &asked, ids);
    Ok(reservation_of(&twin.state, &made))
}

fn counts(request: &RunInstancesRequest) -> Result<(u32, u32), ApiError> {
    let missing = |name| required(name, "").map_or_else(|error| error, |_| invalid_value(name));
    let least = request.min_count.ok_or_else(|| missing("MinCount"))?;
    let most = request.max_count.ok_or_else(|| missing("MaxCount"))?;
    if least == 0 || most < least {
        return Err(invalid_value(format!(
            "Value ({most}) for parameter maxCount is invalid. It must not be less than minCount ({least}), which must be at least 1."
        )));
    }
    Ok((least, most))
}

fn usable_image(twin: &Twin, ctx: &Ctx, text: &str) -> Result<Image, ApiError> {
    let image = require::<Image>(&twin.state, ctx, "imageId", text);
    let image = image.map_err(|error| match ImageId::new(text) {
        // Told apart from one that never was (EC2 error list, `InvalidAMIID.Unavailable`).
        Ok(id) if storage::is_deregistered(twin, ctx, &id) => ApiError::new(
            "InvalidAMIID.Unavailable",
            format!("The image ID '{text}' is no longer available"),
        ),
        _ => error,
    })?;
    if image.state != "available" {
        return Err(ApiError::new(
            "InvalidAMIID.Unavailable",
            format!("The image ID '{text}' is not available"),
        ));
    }
    Ok(image.clone())
}

fn replay(
    twin: &Twin,
    token: Option<&str>,
    made: &[sandtable_model::ResourceId],
) -> Result<Reservation, ApiError> {
    let ids: Vec<InstanceId> = made
        .iter()
        .filter_map(|id| id.clone().try_into().ok())
        .collect();
    let is_there = |id: &InstanceId| {
        let instance = twin.state.one::<Instance>(id);
        instance.is_some_and(|it| it.state.name != InstanceStateName::Terminated)
    };
    if ids.iter().all(is_there) {
        return Ok(reservation_of(&twin.state, &ids));
    }
    Err(ApiError::new(
        "IdempotentInstanceTerminated",
        format!(
            "The client token '{}' belongs to an instance that has been terminated",
            token.unwrap_or_default()
        ),
    ))
}

/// What all instances of a launch have in common.
struct Launch<'a> {
    request: &'a RunInstancesRequest,
    image: &'a Image,
    instance_type: SmolStr,
    zone: &'a AvailabilityZone,
    options: &'a Options,
    reservation: SmolStr,
    tags: Tags,
}

impl Launch<'_> {
    /// An instance without network and disks.
    ///
    /// # Errors
    /// Those of hosts, which cannot happen after `room`.
    fn instance(&self, twin: &Twin, ctx: &Ctx, id: &InstanceId) -> Result<Instance, ApiError> {
        let (request, image, options) = (self.request, self.image, self.options);
        let is_monitored = request.monitoring.as_ref().is_some_and(|it| it.enabled);
        let wanted = request.metadata_options.clone().unwrap_or_default();
        let specification = request.capacity_reservation_specification.clone();
        Ok(Instance {
            instance_id: id.clone(),
            image_id: Some(image.image_id.clone()),
            instance_type: self.instance_type.clone(),
            state: InstanceStateName::Pending.into(),
            vpc_id: None,
            subnet_id: None,
            placement: self.placement(twin, ctx)?,
            private_ip_address: None,
            public_ip_address: None,
            private_dns_name: None,
            public_dns_name: None,
            key_name: request.key_name.clone(),
            launch_time: Some(twin.now()),
            state_transition_reason: None,
            state_reason: None,
            root_device_name: image.root_device_name.clone(),
            root_device_type: image.root_device_type.clone(),
            block_device_mappings: Vec::new(),
            network_interfaces: Vec::new(),
            security_groups: Vec::new(),
            instance_lifecycle: None,
            architecture: image.architecture.clone(),
            platform: None,
            monitoring: Some(Monitoring {
                state: if is_monitored { "pending" } else { "disabled" }.into(),
            }),
            ebs_optimized: request.ebs_optimized.unwrap_or_default(),
            private_dns_name_options: None,
            reservation_id: Some(self.reservation.clone()),
            owner_id: Some(ctx.account.as_str().into()),
            disable_api_termination: Some(request.disable_api_termination.unwrap_or_default()),
            disable_api_stop: Some(request.disable_api_stop.unwrap_or_default()),
            capacity_reservation_id: None,
            capacity_reservation_specification: specification.or_else(open).map(Box::new),
            spot_instance_request_id: None,
            iam_instance_profile: None,
            metadata_options: Some(Box::new(metadata::of_new(twin, ctx, &wanted))),
            maintenance_options: Some(Box::new(options.maintenance.clone())),
            hibernation_options: Some(request.hibernation_options.unwrap_or_default()),
            enclave_options: Some(request.enclave_options.unwrap_or_default()),
            tags: self.tags.clone(),
        })
    }

    fn placement(&self, twin: &Twin, ctx: &Ctx) -> Result<Placement, ApiError> {
        let options = self.options;
        let group = options.group.as_ref();
        let host_id = match (options.tenancy.as_str(), &options.host) {
            ("host", None) => Some(host::pick(
                &twin.state,
                ctx,
                self.zone,
                &self.instance_type,
            )?),
            (_, named) => named.clone(),
        };
        let even = || placement_group::partition_for(&twin.state, ctx, group?);
        Ok(Placement {
            availability_zone: Some(self.zone.clone()),
            group_name: group.map(|it| it.group_name.clone()),
            group_id: group.map(|it| it.group_id.clone()),
            partition_number: options.partition.or_else(even),
            tenancy: Some(options.tenancy.clone()),
            host_id,
            affinity: options.affinity.clone(),
        })
    }

    /// What goes with an instance besides network and disks, and its way to `running`.
    fn finish(&self, twin: &mut Twin, ctx: &Ctx, id: &InstanceId) -> Result<(), ApiError> {
        let (request, options) = (self.request, self.options);
        if let Some(behaviour) = &request.instance_initiated_shutdown_behavior {
            let map = &mut twin.compute.shutdown_behaviour;
            map.insert(id.clone(), behaviour.clone());
        }
        if let Some(text) = &request.user_data {
            twin.compute.user_data.insert(id.clone(), text.clone());
        }
        let credits = request.credit_specification.as_ref();
        if let Some(text) = credits.and_then(|it| it.cpu_credits.clone()) {
            twin.compute.credits.insert(id.clone(), text);
        }
        if let Some(price) = &options.spot {
            spot::open(twin, id, price.clone());
        }
        if let Some(profile) = &options.profile {
            iam_profile::begin(twin, id, profile.clone());
        }
        if options.tenancy != "host" {
            capacity_reservation::take(twin, ctx, id)?;
        }
        let timings = &twin.options.timings;
        let (start, option) = (timings.instance_start, timings.instance_option);
        twin.schedule(option, Transition::MonitoringSwitched(id.clone()));
        twin.schedule(start, Transition::Running(id.clone()));
        Ok(())
    }
}

/// What an instance has that asks for nothing.
fn open() -> Option<CapacityReservationSpecification> {
    Some(CapacityReservationSpecification {
        capacity_reservation_preference: Some("open".into()),
        capacity_reservation_target: None,
    })
}
