//! Launching instances.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::{
    GroupRef, Image, Instance, InstanceStateName, InterfaceStatus, Monitoring, NetworkInterface,
    Placement, SecurityGroup, Subnet, Vpc,
};
use sandtable_model::{InstanceId, Kind, Tags};
use smol_str::SmolStr;

use super::describe::{Reservation, reservation_of};
use super::wiring::{self, New, Planned, Source};
use super::{Transition, disks, types};
use crate::rules::{
    TagSpecification, invalid_combination, invalid_value, require, require_all, required, tags_for,
};
use crate::storage::BlockDevice;
use crate::{ApiError, Ctx, Twin, network};

const NAME: &str = "RunInstances";
/// The kinds that the operation makes and can tag.
const MAKES: [Kind; 3] = [Kind::Instance, Kind::Volume, Kind::NetworkInterface];

/// `RunInstances`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct RunInstancesRequest {
    /// The image.
    pub image_id: String,
    /// The type; `m1.small` when absent.
    pub instance_type: Option<SmolStr>,
    /// The least number of instances.
    pub min_count: Option<u32>,
    /// The greatest number of instances.
    pub max_count: Option<u32>,
    /// The subnet; a default one when absent.
    pub subnet_id: Option<String>,
    /// Security groups.
    pub security_group_ids: Vec<String>,
    /// The same by name.
    pub security_groups: Vec<String>,
    /// The key pair; the twin does not look whether there is one of this name.
    pub key_name: Option<SmolStr>,
    /// Changes of and additions to the image's volumes.
    pub block_device_mappings: Vec<BlockDevice>,
    /// Where to run.
    pub placement: PlacementRequest,
    /// The primary private address.
    pub private_ip_address: Option<SmolStr>,
    /// Interfaces, instead of subnet, groups and address.
    pub network_interfaces: Vec<InterfaceSpecification>,
    /// Tags for the instances, their volumes and their interfaces.
    pub tag_specifications: Vec<TagSpecification>,
    /// Makes the call repeatable.
    pub client_token: Option<String>,
    /// Whether termination by API is forbidden.
    pub disable_api_termination: bool,
    /// Whether stopping by API is forbidden.
    pub disable_api_stop: bool,
    /// `stop` or `terminate`.
    pub instance_initiated_shutdown_behavior: Option<SmolStr>,
    /// Detailed monitoring.
    pub monitoring: WantedMonitoring,
    /// Whether it is optimized for EBS.
    pub ebs_optimized: bool,
    /// What the instance runs at its start; the twin's instances run nothing.
    pub user_data: Option<String>,
}

/// Where to run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct PlacementRequest {
    /// The zone.
    pub availability_zone: Option<String>,
    /// The placement group.
    pub group_name: Option<SmolStr>,
    /// `default`, `dedicated` or `host`.
    pub tenancy: Option<SmolStr>,
}

/// Detailed monitoring.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedMonitoring {
    /// Whether it is on.
    pub enabled: bool,
}

/// An interface of a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct InterfaceSpecification {
    /// Whether to lend a public address; as the subnet says when absent.
    pub associate_public_ip_address: Option<bool>,
    /// Whether it goes with the instance; true for new ones when absent.
    pub delete_on_termination: Option<bool>,
    /// The description.
    pub description: SmolStr,
    /// The place at the instance; 0 is the primary interface.
    pub device_index: u32,
    /// Security groups.
    pub groups: Vec<String>,
    /// An interface that is there already.
    pub network_interface_id: Option<String>,
    /// The primary private address.
    pub private_ip_address: Option<SmolStr>,
    /// The subnet.
    pub subnet_id: Option<String>,
}

/// Launches instances; they are `pending`, then `running`.
///
/// # Errors
/// Unknown ids, `InvalidAMIID.Unavailable`, `VPCIdNotSpecified` without subnet and default VPC,
/// `InsufficientFreeAddressesInSubnet`, `InvalidBlockDeviceMapping`, and those of parameters that do
/// not go together. Nothing is launched then.
pub fn run_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RunInstancesRequest,
) -> Result<Reservation, ApiError> {
    let (least, most) = counts(&request)?;
    let image = usable_image(twin, ctx, &request.image_id)?;
    let instance_type = request
        .instance_type
        .clone()
        .unwrap_or_else(|| "m1.small".into());
    types::check(&instance_type)?;
    let planned = plan_interfaces(twin, ctx, &request, most)?;
    let disks = disks::plan(twin, ctx, &image, &request.block_device_mappings)?;
    let tags = |kind| tags_for(kind, &MAKES, &request.tag_specifications);
    let (tags, volume_tags) = (tags(Kind::Instance)?, tags(Kind::Volume)?);
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)? {
        return replay(twin, token, &made);
    }
    let zone = zone_of(twin, &planned)?;
    ctx.end_dry_run()?;

    let count = room(twin, &planned, least, most)?;
    let reservation: SmolStr = twin.ids.text("r").into();
    let mut made = Vec::new();
    for _ in 0..count {
        let id = twin.fresh(InstanceId::from_number);
        let mut instance = blank(twin, ctx, &id, &request, &image);
        instance.instance_type = instance_type.clone();
        instance.placement.availability_zone = Some(zone.clone());
        instance.reservation_id = Some(reservation.clone());
        instance.tags = tags.clone();
        twin.state.insert(&ctx.region, instance);
        if let Err(error) = wiring::wire(twin, ctx, &id, &planned) {
            // Cannot happen after `room`, but half an instance must not stay.
            super::terminate::terminated(twin, &id);
            return Err(error);
        }
        disks::make(twin, ctx, &id, &zone, &disks, &volume_tags);
        if let Some(behaviour) = &request.instance_initiated_shutdown_behavior {
            let map = &mut twin.compute.shutdown_behaviour;
            map.insert(id.clone(), behaviour.clone());
        }
        let delay = twin.options.timings.instance_start;
        twin.schedule(delay, Transition::Running(id.clone()));
        made.push(id);
    }
    let ids = made.iter().map(Into::into).collect();
    twin.remember(ctx, NAME, token, &request, ids);
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
    let image = require::<Image>(&twin.state, ctx, "imageId", text)?;
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

fn plan_interfaces(
    twin: &Twin,
    ctx: &Ctx,
    request: &RunInstancesRequest,
    most: u32,
) -> Result<Vec<Planned>, ApiError> {
    let tags = tags_for(Kind::NetworkInterface, &MAKES, &request.tag_specifications)?;
    if request.network_interfaces.is_empty() {
        if request.private_ip_address.is_some() && most > 1 {
            return Err(invalid_combination(
                "A private IP address cannot be given to more than one instance",
            ));
        }
        let specification = InterfaceSpecification {
            subnet_id: request.subnet_id.clone(),
            groups: request.security_group_ids.clone(),
            private_ip_address: request.private_ip_address.clone(),
            ..InterfaceSpecification::default()
        };
        let names = &request.security_groups;
        let new = plan_new(twin, ctx, request, &specification, names, tags)?;
        return Ok(vec![new]);
    }
    if request.subnet_id.is_some() {
        return Err(invalid_combination(
            "Network interfaces and an instance-level subnet ID may not be specified on the same request",
        ));
    }
    if !request.security_group_ids.is_empty() || !request.security_groups.is_empty() {
        return Err(invalid_combination(
            "Network interfaces and an instance-level security groups may not be specified on the same request",
        ));
    }
    let mut planned: Vec<Planned> = Vec::new();
    for specification in &request.network_interfaces {
        let index = specification.device_index;
        if planned.iter().any(|it| it.device_index == index) {
            return Err(invalid_value(format!(
                "Each network interface requires a device index of its own; {index} is used twice"
            )));
        }
        planned.push(match specification.network_interface_id.as_deref() {
            Some(id) => plan_existing(twin, ctx, specification, id, most)?,
            None => plan_new(twin, ctx, request, specification, &[], tags.clone())?,
        });
    }
    if !planned.iter().any(|it| it.device_index == 0) {
        return Err(invalid_value(
            "When specifying network interfaces, you must include a device at index 0.",
        ));
    }
    Ok(planned)
}

fn plan_existing(
    twin: &Twin,
    ctx: &Ctx,
    specification: &InterfaceSpecification,
    text: &str,
    most: u32,
) -> Result<Planned, ApiError> {
    let interface = require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", text)?;
    if most > 1 {
        return Err(invalid_combination(
            "A network interface cannot be given to more than one instance",
        ));
    }
    if interface.status != InterfaceStatus::Available {
        return Err(ApiError::new(
            "InvalidNetworkInterface.InUse",
            format!("Network interface '{text}' is currently in use."),
        ));
    }
    Ok(Planned {
        device_index: specification.device_index,
        source: Source::Existing(interface.network_interface_id.clone()),
        delete_on_termination: specification.delete_on_termination.unwrap_or(false),
    })
}

fn plan_new(
    twin: &Twin,
    ctx: &Ctx,
    request: &RunInstancesRequest,
    specification: &InterfaceSpecification,
    group_names: &[String],
    tags: Tags,
) -> Result<Planned, ApiError> {
    let wanted_zone = request.placement.availability_zone.as_deref();
    let subnet = match specification.subnet_id.as_deref() {
        Some(id) => require::<Subnet>(&twin.state, ctx, "subnetId", id)?.clone(),
        None => default_subnet(twin, ctx, wanted_zone)?,
    };
    let zone = &subnet.availability_zone;
    if let Some(wanted) = wanted_zone.filter(|wanted| *wanted != zone.as_str()) {
        return Err(invalid_value(format!(
            "Value ({wanted}) for parameter availabilityZone is invalid. Subnet '{}' is in the availability zone {zone}",
            subnet.subnet_id
        )));
    }
    let public = specification.associate_public_ip_address;
    let groups = groups(twin, ctx, &subnet, &specification.groups, group_names)?;
    Ok(Planned {
        device_index: specification.device_index,
        delete_on_termination: specification.delete_on_termination.unwrap_or(true),
        source: Source::New(Box::new(New {
            has_public_ip: public.unwrap_or(subnet.map_public_ip_on_launch),
            subnet,
            groups,
            private_ip: specification.private_ip_address.clone(),
            description: specification.description.clone(),
            tags,
        })),
    })
}

fn default_subnet(twin: &Twin, ctx: &Ctx, zone: Option<&str>) -> Result<Subnet, ApiError> {
    let default = twin.state.all::<Vpc>(&ctx.region).find(|it| it.is_default);
    let Some(vpc) = default else {
        return Err(ApiError::new(
            "VPCIdNotSpecified",
            "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.",
        ));
    };
    let subnets = twin.state.referring::<Subnet>(&vpc.vpc_id);
    let fits = |it: &&Subnet| {
        it.default_for_az && zone.is_none_or(|zone| it.availability_zone.as_str() == zone)
    };
    subnets
        .filter(fits)
        .min_by_key(|it| &it.availability_zone)
        .cloned()
        .ok_or_else(|| {
            let place = zone.map_or_else(String::new, |zone| format!(" in '{zone}'"));
            ApiError::new(
                "MissingInput",
                format!(
                    "No subnets found for the default VPC '{}'{place}. Please specify a subnet.",
                    vpc.vpc_id
                ),
            )
        })
}

fn groups(
    twin: &Twin,
    ctx: &Ctx,
    subnet: &Subnet,
    ids: &[String],
    names: &[String],
) -> Result<Vec<GroupRef>, ApiError> {
    let mut found: Vec<&SecurityGroup> = require_all(&twin.state, ctx, ids)?;
    let foreign = |it: &&&SecurityGroup| !network::group_serves(twin, it, &subnet.vpc_id);
    if let Some(group) = found.iter().find(foreign) {
        return Err(ApiError::new(
            "InvalidParameter",
            format!(
                "Security group {} and subnet {} belong to different networks.",
                group.group_id, subnet.subnet_id
            ),
        ));
    }
    let of_vpc = || twin.state.referring::<SecurityGroup>(&subnet.vpc_id);
    for name in names {
        let group = of_vpc().find(|it| it.group_name == *name).ok_or_else(|| {
            ApiError::new(
                "InvalidGroup.NotFound",
                format!(
                    "The security group '{name}' does not exist in VPC '{}'",
                    subnet.vpc_id
                ),
            )
        })?;
        found.push(group);
    }
    if found.is_empty() {
        found.extend(of_vpc().find(|it| it.is_default()));
    }
    let refs = found.into_iter().map(|it| GroupRef {
        group_id: it.group_id.clone(),
        group_name: Some(it.group_name.clone()),
    });
    Ok(refs.collect())
}

fn zone_of(
    twin: &Twin,
    planned: &[Planned],
) -> Result<sandtable_model::AvailabilityZone, ApiError> {
    let mut zones = planned.iter().filter_map(|it| match &it.source {
        Source::New(new) => Some(new.subnet.availability_zone.clone()),
        Source::Existing(id) => {
            let interface = twin.state.one::<NetworkInterface>(id)?;
            let subnet = twin.state.one::<Subnet>(&interface.subnet_id);
            let of_subnet = subnet.map(|it| it.availability_zone.clone());
            of_subnet.or_else(|| interface.availability_zone.clone())
        }
    });
    let unknown = || invalid_value("The zone of the network interfaces is not known");
    let zone = zones.next().ok_or_else(unknown)?;
    if zones.any(|it| it != zone) {
        return Err(invalid_value(
            "The network interfaces of an instance must be in one availability zone",
        ));
    }
    Ok(zone)
}

/// How many instances there are addresses for.
fn room(twin: &Twin, planned: &[Planned], least: u32, most: u32) -> Result<u32, ApiError> {
    let mut count = most;
    for plan in planned {
        let Source::New(new) = &plan.source else {
            continue;
        };
        let same = planned.iter().filter(|it| match &it.source {
            Source::New(other) => other.subnet.subnet_id == new.subnet.subnet_id,
            Source::Existing(_) => false,
        });
        let free = network::free_addresses(&twin.state, &new.subnet) / same.count().max(1);
        count = count.min(u32::try_from(free).unwrap_or(u32::MAX));
        if count < least {
            return Err(ApiError::new(
                "InsufficientFreeAddressesInSubnet",
                format!(
                    "There are not enough free addresses in subnet '{}' to satisfy the requested number of instances.",
                    new.subnet.subnet_id
                ),
            ));
        }
        if let Some(ip) = &new.private_ip {
            network::choose_addresses(&twin.state, &new.subnet, &[ip.as_str()], 1)?;
        }
    }
    Ok(count)
}

fn blank(
    twin: &Twin,
    ctx: &Ctx,
    id: &InstanceId,
    request: &RunInstancesRequest,
    image: &Image,
) -> Instance {
    let tenancy = request.placement.tenancy.clone();
    let monitoring = if request.monitoring.enabled {
        "enabled"
    } else {
        "disabled"
    };
    Instance {
        instance_id: id.clone(),
        image_id: Some(image.image_id.clone()),
        instance_type: SmolStr::default(),
        state: InstanceStateName::Pending.into(),
        vpc_id: None,
        subnet_id: None,
        placement: Placement {
            availability_zone: None,
            group_name: request.placement.group_name.clone(),
            tenancy: Some(tenancy.unwrap_or_else(|| "default".into())),
        },
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
            state: monitoring.into(),
        }),
        ebs_optimized: request.ebs_optimized,
        private_dns_name_options: None,
        reservation_id: None,
        owner_id: Some(ctx.account.as_str().into()),
        disable_api_termination: Some(request.disable_api_termination),
        disable_api_stop: Some(request.disable_api_stop),
        tags: Tags::new(),
    }
}
