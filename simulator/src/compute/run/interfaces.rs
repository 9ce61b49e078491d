//! The network interfaces that the instances of a launch get.

use sandtable_model::resource::{
    GroupRef, InterfaceStatus, NetworkInterface, SecurityGroup, Subnet, Vpc,
};
use sandtable_model::{AvailabilityZone, Kind, Tags};

use super::MAKES;
use super::request::{InterfaceSpecification, RunInstancesRequest};
use crate::compute::wiring::{New, Planned, Source};
use crate::rules::{invalid_combination, invalid_value, require, require_all, tags_for};
use crate::{ApiError, Ctx, Twin, network};

/// The interfaces of each instance of a launch.
///
/// # Errors
/// Unknown ids, `VPCIdNotSpecified`, and those of parameters that do not go together.
pub(super) fn plan(
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
    let place = request.placement.as_ref();
    let wanted_zone = place.and_then(|it| it.availability_zone.as_deref());
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

/// The zone of the interfaces.
///
/// # Errors
/// `InvalidParameterValue` when there are several.
pub(super) fn zone_of(twin: &Twin, planned: &[Planned]) -> Result<AvailabilityZone, ApiError> {
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
pub(super) fn room(
    twin: &Twin,
    planned: &[Planned],
    least: u32,
    most: u32,
) -> Result<u32, ApiError> {
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
