//! Where load balancers stand: subnets, security groups, addresses, and their interfaces.

use sandtable_model::resource::{
    Address, GroupRef, LoadBalancer, LoadBalancerAddress, LoadBalancerScheme, LoadBalancerType,
    LoadBalancerZone, NetworkInterface, Subnet,
};
use sandtable_model::{AllocationId, LoadBalancerId, SecurityGroupId, SubnetId, VpcId};
use smol_str::SmolStr;

use super::balancer::{SubnetMapping, release_later};
use super::{SERVICE, balancer, description, interface_type, interfaces, invalid_configuration};
use crate::network::managed::{self, Public, Wanted};
use crate::network::request::{answers, requests};
use crate::services::common::{group, missing, subnet, validation};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// SetSubnets.
    SetSubnetsRequest {
        load_balancer_arn: String,
        subnets: Vec<String>,
        subnet_mappings: Vec<SubnetMapping>,
    }
    /// SetSecurityGroups.
    SetSecurityGroupsRequest { load_balancer_arn: String, security_groups: Vec<String> }
}

answers! {
    /// The answer of SetSubnets.
    SetSubnetsAnswer { availability_zones: Vec<LoadBalancerZone>, ip_address_type: SmolStr }
    /// The answer of SetSecurityGroups.
    SetSecurityGroupsAnswer { security_group_ids: Vec<SecurityGroupId> }
}

/// An Application Load Balancer needs so many free addresses in a subnet (ELB user guide, "Subnets
/// for your load balancer").
const FREE_ADDRESSES_MIN: u32 = 8;

/// A subnet that a balancer shall stand in.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) subnet: Subnet,
    allocation: Option<AllocationId>,
    private_ip: Option<SmolStr>,
    public: bool,
}

impl Place {
    pub(super) fn zone(&self) -> LoadBalancerZone {
        LoadBalancerZone {
            zone_name: self.subnet.availability_zone.as_str().into(),
            subnet_id: self.subnet.subnet_id.clone(),
            load_balancer_addresses: Vec::new(),
        }
    }
}

/// The subnets of a request, checked.
///
/// # Errors
/// `SubnetNotFound`, `InvalidSubnet`, `InvalidConfigurationRequest`, `AllocationIdNotFound`,
/// `ResourceInUse` for an address that is taken, `ValidationError` for too few subnets.
pub(super) fn places(
    twin: &Twin,
    ctx: &Ctx,
    of: &LoadBalancerType,
    scheme: &LoadBalancerScheme,
    subnets: &[String],
    mappings: &[SubnetMapping],
) -> Result<Vec<Place>, ApiError> {
    if !subnets.is_empty() && !mappings.is_empty() {
        return Err(validation(
            "You can specify only one of Subnets and SubnetMappings",
        ));
    }
    let plain = subnets.iter().map(|id| SubnetMapping {
        subnet_id: id.clone(),
        ..SubnetMapping::default()
    });
    let public = *scheme == LoadBalancerScheme::InternetFacing;
    let mut places: Vec<Place> = Vec::new();
    for mapping in mappings.iter().cloned().chain(plain) {
        let place = place(twin, ctx, of, &mapping, public)?;
        for other in &places {
            if other.subnet.availability_zone == place.subnet.availability_zone {
                return Err(invalid_configuration(
                    "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
                ));
            }
            if other.subnet.vpc_id != place.subnet.vpc_id {
                return Err(invalid_configuration(
                    "All subnets of a load balancer must be in the same VPC",
                ));
            }
        }
        places.push(place);
    }
    if *of == LoadBalancerType::Application && places.len() < 2 {
        return Err(validation(
            "At least two subnets in two different Availability Zones must be specified",
        ));
    }
    let vpc = places.first().map(|it| &it.subnet.vpc_id);
    let vpc = vpc.ok_or_else(|| validation("At least one subnet must be specified"))?;
    if public && !managed::leads_to_the_internet(&twin.state, vpc) {
        return Err(ApiError::new(
            "InvalidSubnet",
            format!("VPC {vpc} has no internet gateway"),
        ));
    }
    Ok(places)
}

fn place(
    twin: &Twin,
    ctx: &Ctx,
    of: &LoadBalancerType,
    mapping: &SubnetMapping,
    public: bool,
) -> Result<Place, ApiError> {
    let id = &mapping.subnet_id;
    if id.is_empty() {
        return Err(missing("subnetId"));
    }
    let found = subnet(twin, ctx, id).ok_or_else(|| {
        let message = format!("The subnet ID '{id}' does not exist");
        ApiError::new("SubnetNotFound", message)
    })?;
    let has_address = mapping.allocation_id.is_some() || mapping.private_ipv4_address.is_some();
    if has_address && *of != LoadBalancerType::Network {
        return Err(invalid_configuration(format!(
            "Addresses of subnets cannot be specified for load balancers with type '{of}'"
        )));
    }
    if mapping.allocation_id.is_some() && !public
        || mapping.private_ipv4_address.is_some() && public
    {
        return Err(invalid_configuration(
            "Elastic IP addresses are for internet-facing load balancers, private addresses for internal ones",
        ));
    }
    let allocation = mapping.allocation_id.as_deref();
    let allocation = allocation.map(|text| free_address(twin, ctx, text));
    Ok(Place {
        subnet: found.clone(),
        allocation: allocation.transpose()?,
        private_ip: mapping.private_ipv4_address.as_deref().map(SmolStr::new),
        public,
    })
}

fn free_address(twin: &Twin, ctx: &Ctx, text: &str) -> Result<AllocationId, ApiError> {
    let id = AllocationId::new(text).ok();
    let found = id.and_then(|id| twin.state.get_in(&ctx.region, &id.into()));
    let found = found.and_then(|it| it.get::<Address>()).ok_or_else(|| {
        let message = format!("The allocation ID '{text}' does not exist");
        ApiError::new("AllocationIdNotFound", message)
    })?;
    if found.association_id.is_some() {
        return Err(ApiError::new(
            "ResourceInUse",
            format!("The allocation ID '{text}' is already in use"),
        ));
    }
    Ok(found.allocation_id.clone())
}

/// The security groups of a balancer: those named, else the default one of the VPC for an
/// Application Load Balancer and none for others.
///
/// # Errors
/// `InvalidConfigurationRequest` for groups that are not there or in another VPC.
pub(super) fn read_groups(
    twin: &Twin,
    ctx: &Ctx,
    of: &LoadBalancerType,
    vpc: &VpcId,
    texts: &[String],
) -> Result<Vec<GroupRef>, ApiError> {
    if *of == LoadBalancerType::Gateway && !texts.is_empty() {
        return Err(invalid_configuration(
            "Security groups are not supported for load balancers with type 'gateway'",
        ));
    }
    let mut groups = Vec::new();
    for text in texts {
        let found = group(twin, ctx, text, vpc);
        let found = found
            .ok_or_else(|| invalid_configuration("One or more security groups are invalid"))?;
        if !groups.contains(&found) {
            groups.push(found);
        }
    }
    if groups.is_empty() && *of == LoadBalancerType::Application {
        groups.extend(managed::default_group(twin, vpc));
    }
    Ok(groups)
}

/// Whether the subnets have room.
///
/// # Errors
/// `InvalidSubnet`.
pub(super) fn check_free(
    twin: &Twin,
    balancer: &LoadBalancer,
    places: &[Place],
) -> Result<(), ApiError> {
    let least = match balancer.r#type {
        LoadBalancerType::Application => FREE_ADDRESSES_MIN,
        _ => 1,
    };
    for place in places {
        let id = &place.subnet.subnet_id;
        let free = twin.state.one::<Subnet>(id);
        if free.is_some_and(|it| it.available_ip_address_count < least) {
            return Err(ApiError::new(
                "InvalidSubnet",
                format!(
                    "Not enough IP space available in {id}. ELB requires at least {least} free IP addresses in each subnet."
                ),
            ));
        }
    }
    Ok(())
}

/// Makes a balancer's interfaces and writes their fixed addresses down.
///
/// # Errors
/// What is wrong with an address.
pub(super) fn settle(
    twin: &mut Twin,
    ctx: &Ctx,
    id: &LoadBalancerId,
    places: &[Place],
    groups: &[GroupRef],
) -> Result<(), ApiError> {
    for place in places {
        let Some(balancer) = twin.state.one::<LoadBalancer>(id) else {
            return Ok(());
        };
        let public = match (&place.allocation, place.public) {
            (Some(allocation), _) => Public::Elastic(allocation.clone()),
            (None, true) => Public::Lent,
            (None, false) => Public::No,
        };
        let wanted = Wanted {
            interface_type: interface_type(&balancer.r#type),
            description: description(balancer),
            groups: groups.to_vec(),
            service: SERVICE,
            private_ip: place.private_ip.clone(),
            public,
        };
        let made = managed::make(twin, ctx, &place.subnet, wanted)?;
        if place.allocation.is_none() && place.private_ip.is_none() {
            continue;
        }
        let address = LoadBalancerAddress {
            ip_address: made.association.and_then(|it| it.public_ip),
            allocation_id: place.allocation.clone(),
            private_ipv4_address: place.private_ip.clone(),
        };
        twin.state.update(id, |it: &mut LoadBalancer| {
            let mut zones = it.availability_zones.iter_mut();
            if let Some(zone) = zones.find(|it| it.subnet_id == place.subnet.subnet_id) {
                zone.load_balancer_addresses = vec![address];
            }
        });
    }
    Ok(())
}

/// Moves a balancer to other subnets. Interfaces in subnets that it leaves vanish minutes later.
///
/// # Errors
/// As for the subnets of `CreateLoadBalancer`; `InvalidConfigurationRequest` for a Network Load
/// Balancer that would leave a subnet.
pub fn set_subnets(
    twin: &mut Twin,
    ctx: &Ctx,
    request: SetSubnetsRequest,
) -> Result<SetSubnetsAnswer, ApiError> {
    let found = balancer(twin, ctx, &request.load_balancer_arn)?.clone();
    let id = &found.load_balancer_id;
    let kept: Vec<SubnetId> = found.subnet_ids().cloned().collect();
    // Addresses of subnets that stay are theirs already.
    let stays = |it: &&SubnetMapping| kept.iter().any(|kept| kept.as_str() == it.subnet_id);
    let mut mappings = request.subnet_mappings.clone();
    for mapping in mappings.iter_mut().filter(|it| stays(&&**it)) {
        mapping.allocation_id = None;
        mapping.private_ipv4_address = None;
    }
    let places = places(
        twin,
        ctx,
        &found.r#type,
        &found.scheme,
        &request.subnets,
        &mappings,
    )?;
    if places.iter().any(|it| it.subnet.vpc_id != found.vpc_id) {
        return Err(invalid_configuration(
            "The subnets must belong to the VPC of the load balancer",
        ));
    }
    let is_wanted = |id: &SubnetId| places.iter().any(|it| it.subnet.subnet_id == *id);
    let leaves = kept.iter().any(|id| !is_wanted(id));
    if leaves && found.r#type == LoadBalancerType::Gateway {
        return Err(invalid_configuration(
            "Subnet removal is not supported for Gateway Load Balancers. You must specify all existing subnets along with any new ones",
        ));
    }
    let new: Vec<Place> = places
        .iter()
        .filter(|it| !kept.contains(&it.subnet.subnet_id))
        .cloned()
        .collect();
    check_free(twin, &found, &new)?;
    let left: Vec<_> = interfaces(twin, &found)
        .into_iter()
        .filter(|id| {
            let interface = twin.state.one::<NetworkInterface>(id);
            interface.is_some_and(|it| !is_wanted(&it.subnet_id))
        })
        .collect();
    let groups: Vec<GroupRef> = found
        .security_groups
        .iter()
        .filter_map(|it| group(twin, ctx, it.as_str(), &found.vpc_id))
        .collect();
    let zones: Vec<LoadBalancerZone> = places
        .iter()
        .map(|place| {
            let mut present = found.availability_zones.iter();
            let present = present.find(|it| it.subnet_id == place.subnet.subnet_id);
            present.cloned().unwrap_or_else(|| place.zone())
        })
        .collect();
    twin.state
        .update(id, |it: &mut LoadBalancer| it.availability_zones = zones);
    settle(twin, ctx, id, &new, &groups)?;
    if !left.is_empty() {
        release_later(twin, left);
    }
    let after = twin.state.one::<LoadBalancer>(id).cloned().unwrap_or(found);
    Ok(SetSubnetsAnswer {
        availability_zones: after.availability_zones,
        ip_address_type: after.ip_address_type,
    })
}

/// Replaces a balancer's security groups, at its interfaces, too.
///
/// # Errors
/// `InvalidConfigurationRequest` for groups that are not there, and for a Network Load Balancer that
/// was made without groups or would lose all (ELBv2 API reference, `SetSecurityGroups`).
pub fn set_security_groups(
    twin: &mut Twin,
    ctx: &Ctx,
    request: SetSecurityGroupsRequest,
) -> Result<SetSecurityGroupsAnswer, ApiError> {
    let found = balancer(twin, ctx, &request.load_balancer_arn)?.clone();
    if found.r#type == LoadBalancerType::Gateway {
        return Err(invalid_configuration(
            "Security groups are not supported for load balancers with type 'gateway'",
        ));
    }
    if found.r#type == LoadBalancerType::Network && found.security_groups.is_empty() {
        return Err(invalid_configuration(
            "You cannot set security groups on a Network Load Balancer that was created without security groups",
        ));
    }
    if request.security_groups.is_empty() {
        return Err(missing("securityGroups"));
    }
    let texts = &request.security_groups;
    let groups = read_groups(twin, ctx, &found.r#type, &found.vpc_id, texts)?;
    for interface in interfaces(twin, &found) {
        let groups = groups.clone();
        twin.state
            .update(&interface, |it: &mut NetworkInterface| it.groups = groups);
    }
    let ids: Vec<SecurityGroupId> = groups.into_iter().map(|it| it.group_id).collect();
    let set = ids.clone();
    let id = &found.load_balancer_id;
    twin.state
        .update(id, |it: &mut LoadBalancer| it.security_groups = set);
    Ok(SetSecurityGroupsAnswer {
        security_group_ids: ids,
    })
}
