//! Network interfaces: making and deleting them, and their addresses.

use sandtable_model::resource::{
    GroupRef, InterfaceAttachment, InterfaceStatus, InterfaceType, NetworkInterface,
    PrivateIpAddress, SecurityGroup, Subnet,
};
use sandtable_model::{Kind, NetworkInterfaceId, ResourceId, Tags, VpcId};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::interface_addresses::check_address_count;
use super::request::{answers, requests};
use super::route_state::refresh_routes_to;
use super::{
    address, addressing, association, flow_log, group_vpc, interface_permission, refusal, vpc,
};
use crate::rules::{
    TagSpecification, invalid_combination, invalid_value, parse, require, tags_for,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateNetworkInterface.
    CreateNetworkInterfaceRequest {
        subnet_id: String,
        description: String,
        groups: Vec<String>,
        interface_type: Option<String>,
        private_ip_address: Option<String>,
        private_ip_addresses: Vec<WantedAddress>,
        secondary_private_ip_address_count: Option<i64>,
        client_token: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteNetworkInterface.
    DeleteNetworkInterfaceRequest { network_interface_id: String }
}

answers! {
    /// The answer of CreateNetworkInterface.
    CreatedNetworkInterface { network_interface: NetworkInterface }
}

/// A private address that a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedAddress {
    /// Whether it shall be the primary one.
    pub primary: bool,
    /// The address.
    pub private_ip_address: String,
}

/// What a new interface is to be, its addresses being chosen already.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    pub(crate) interface_type: InterfaceType,
    pub(crate) description: SmolStr,
    /// The primary address first.
    pub(crate) addresses: Vec<SmolStr>,
    pub(crate) groups: Vec<GroupRef>,
    /// The service that manages it, if one does.
    pub(crate) requester: Option<SmolStr>,
    pub(crate) tags: Tags,
}

/// Makes a network interface, not attached.
///
/// # Errors
/// `InvalidSecurityGroupID.NotFound`, `InvalidIPAddress.InUse`,
/// `InsufficientFreeAddressesInSubnet`, `NetworkInterfaceLimitExceeded`.
pub fn create_network_interface(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateNetworkInterfaceRequest,
) -> Result<CreatedNetworkInterface, ApiError> {
    const NAME: &str = "CreateNetworkInterface";
    let subnet = require::<Subnet>(&twin.state, ctx, "subnetId", &request.subnet_id)?.clone();
    let groups = read_groups(twin, ctx, &request.groups, &subnet.vpc_id)?;
    let interface_type = match request.interface_type.as_deref() {
        None | Some("interface") => InterfaceType::Interface,
        Some("efa") => InterfaceType::Efa,
        Some(other) => return Err(refusal::not_a_value("interfaceType", other)),
    };
    let (wanted, count) = wanted_addresses(&request)?;
    let kind = Kind::NetworkInterface;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)?
        && let Some(found) = made.first().and_then(|it| twin.state.one(it.clone()))
    {
        let network_interface = NetworkInterface::clone(found);
        return Ok(CreatedNetworkInterface { network_interface });
    }
    let present = twin.state.list(&ctx.region, kind).count();
    if present >= twin.network.choices.quotas.interfaces {
        return Err(refusal::over_quota(
            "NetworkInterfaceLimitExceeded",
            "network interfaces",
        ));
    }
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let addresses = addressing::choose(&twin.state, &subnet, &wanted, count)?;
    let fresh = Fresh {
        interface_type,
        description: request.description.as_str().into(),
        addresses,
        groups,
        requester: None,
        tags,
    };
    let network_interface = insert(twin, ctx, &subnet, fresh);
    let made = vec![ResourceId::from(&network_interface.network_interface_id)];
    twin.remember(ctx, NAME, token, &request, made);
    Ok(CreatedNetworkInterface { network_interface })
}

/// The addresses asked for, the primary one first, and how many there shall be.
fn wanted_addresses(
    request: &CreateNetworkInterfaceRequest,
) -> Result<(Vec<String>, usize), ApiError> {
    let further = u32::try_from(request.secondary_private_ip_address_count.unwrap_or(0));
    let further = further
        .map_err(|_| invalid_value("secondaryPrivateIpAddressCount must not be negative"))?
        as usize;
    let listed = &request.private_ip_addresses;
    if further > 0 && !listed.is_empty() {
        return Err(invalid_combination(
            "The parameters privateIpAddresses and secondaryPrivateIpAddressCount cannot be used together",
        ));
    }
    let mut primaries = listed
        .iter()
        .filter(|it| it.primary)
        .map(|it| &it.private_ip_address);
    let listed_primary = primaries.next();
    if primaries.next().is_some()
        || (listed_primary.is_some() && request.private_ip_address.is_some())
    {
        return Err(invalid_combination(
            "Only one primary private IP address can be specified",
        ));
    }
    let primary = request.private_ip_address.as_ref().or(listed_primary);
    let secondary = listed
        .iter()
        .filter(|it| !it.primary)
        .map(|it| &it.private_ip_address);
    if primary.is_none() && secondary.clone().next().is_some() {
        return Err(invalid_combination(
            "A primary private IP address must be specified with secondary ones",
        ));
    }
    let wanted: Vec<String> = primary.into_iter().chain(secondary).cloned().collect();
    let count = wanted.len().max(1) + further;
    check_address_count(count)?;
    Ok((wanted, count))
}

/// The groups of an interface: those named, else the default group of the VPC.
///
/// # Errors
/// `InvalidSecurityGroupID.NotFound`, as interface calls say it (facts: ec2-semantics.md, section
/// 2); `SecurityGroupsPerInterfaceLimitExceeded`.
pub(super) fn read_groups(
    twin: &Twin,
    ctx: &Ctx,
    texts: &[String],
    vpc: &VpcId,
) -> Result<Vec<GroupRef>, ApiError> {
    if texts.is_empty() {
        return Ok(vpc::default_group_of(twin, vpc).into_iter().collect());
    }
    if texts.len() > twin.network.choices.quotas.groups_per_interface {
        return Err(refusal::over_quota(
            "SecurityGroupsPerInterfaceLimitExceeded",
            "security groups per interface",
        ));
    }
    let mut groups: Vec<GroupRef> = Vec::with_capacity(texts.len());
    for text in texts {
        let id = parse(&twin.state, Kind::SecurityGroup, text)?;
        let found = twin.state.get_in(&ctx.region, &id);
        let found = found
            .and_then(|it| it.get::<SecurityGroup>())
            .ok_or_else(|| {
                ApiError::new(
                    "InvalidSecurityGroupID.NotFound",
                    format!("The securityGroup ID '{text}' does not exist"),
                )
            })?;
        if !group_vpc::serves(twin, found, vpc) {
            return Err(ApiError::new(
                "InvalidGroup.NotFound",
                "You have specified two resources that belong to different networks.",
            ));
        }
        let group = GroupRef {
            group_id: found.group_id.clone(),
            group_name: Some(found.group_name.clone()),
        };
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    Ok(groups)
}

/// Puts an interface into a subnet.
pub(crate) fn insert(
    twin: &mut Twin,
    ctx: &Ctx,
    subnet: &Subnet,
    fresh: Fresh,
) -> NetworkInterface {
    let region = &ctx.region;
    let named = |ip: &SmolStr, primary| PrivateIpAddress {
        primary,
        private_ip_address: ip.clone(),
        private_dns_name: Some(addressing::private_name(region, ip)),
        association: None,
    };
    let all = fresh.addresses.iter().enumerate();
    let primary = fresh.addresses.first();
    let network_interface = NetworkInterface {
        network_interface_id: twin.fresh(NetworkInterfaceId::from_number),
        vpc_id: subnet.vpc_id.clone(),
        subnet_id: subnet.subnet_id.clone(),
        availability_zone: Some(subnet.availability_zone.clone()),
        source_dest_check: fresh.interface_type != InterfaceType::NatGateway,
        description: fresh.description,
        interface_type: fresh.interface_type,
        mac_address: Some(twin.ids.mac_address().into()),
        owner_id: Some(ctx.account.clone()),
        private_dns_name: primary.map(|ip| addressing::private_name(region, ip)),
        private_ip_address: primary.cloned(),
        private_ip_addresses: all.map(|(at, ip)| named(ip, at == 0)).collect(),
        ipv6_addresses: Vec::new(),
        requester_managed: fresh.requester.is_some(),
        requester_id: fresh.requester,
        status: InterfaceStatus::Available,
        groups: fresh.groups,
        attachment: None,
        association: None,
        tags: fresh.tags,
    };
    twin.state.insert(&ctx.region, network_interface.clone());
    addressing::take(&mut twin.state, &subnet.subnet_id, fresh.addresses.len());
    network_interface
}

/// Attaches an interface to the service that asked for it, in the form that recorded answers show.
pub(crate) fn attach_to_service(twin: &mut Twin, id: &NetworkInterfaceId) {
    attach_as(twin, id, "amazon-aws");
}

/// The same, the attachment being owned by `owner` (`amazon-elb`).
pub(super) fn attach_as(twin: &mut Twin, id: &NetworkInterfaceId, owner: &'static str) {
    let attachment = InterfaceAttachment {
        attachment_id: Some(twin.ids.text("ela-attach").into()),
        attach_time: None,
        delete_on_termination: false,
        device_index: 1,
        network_card_index: None,
        instance_id: None,
        instance_owner_id: Some(SmolStr::new_static(owner)),
        status: SmolStr::new_static("attached"),
    };
    twin.state.update(id, |it: &mut NetworkInterface| {
        it.attachment = Some(attachment);
        it.status = InterfaceStatus::InUse;
    });
}

/// Whether an interface is attached to something.
pub(super) fn is_in_use(interface: &NetworkInterface) -> bool {
    interface.attachment.is_some() || interface.status != InterfaceStatus::Available
}

/// Deletes an interface that is not attached; its Elastic IP addresses stay allocated.
///
/// # Errors
/// `InvalidParameterValue` while it is attached (facts: ec2-semantics.md, section 3, ENI;
/// twin-conformance.md, "DeleteNetworkInterface attached"), or the other code of
/// [`super::Choices`]; `AuthFailure` or the like for one that a service manages.
pub fn delete_network_interface(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteNetworkInterfaceRequest,
) -> Result<(), ApiError> {
    let id = &request.network_interface_id;
    let found = require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", id)?.clone();
    ctx.end_dry_run()?;
    let id = found.network_interface_id.clone();
    if is_in_use(&found) {
        return Err(ApiError::new(
            twin.network.choices.interface_in_use.as_str(),
            format!("Network interface '{id}' is currently in use."),
        ));
    }
    check_not_managed(twin, &found)?;
    remove(twin, &id);
    Ok(())
}

/// Takes an interface out, whatever its state: its addresses become free, Elastic IP addresses are
/// disassociated, routes to it become blackholes.
pub(crate) fn remove(twin: &mut Twin, id: &NetworkInterfaceId) {
    for allocation in address::addresses_of(twin, id) {
        association::disassociate(twin, &allocation);
    }
    let Some(interface) = twin.state.one::<NetworkInterface>(id).cloned() else {
        return;
    };
    flow_log::target_gone(twin, id);
    twin.state.remove(id);
    twin.network.public_addresses.remove(id);
    interface_permission::forget(twin, id);
    let count = addressing::private_ips(&interface).count();
    addressing::give_back(&mut twin.state, &interface.subnet_id, count);
    refresh_routes_to(&mut twin.state, &ResourceId::from(id));
}

pub(super) fn check_not_managed(twin: &Twin, interface: &NetworkInterface) -> Result<(), ApiError> {
    if !interface.requester_managed {
        return Ok(());
    }
    Err(ApiError::new(
        twin.network.choices.managed_interface_refusal.as_str(),
        "You do not have permission to access the specified resource.",
    ))
}
