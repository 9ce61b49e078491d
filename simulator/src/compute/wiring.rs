//! The network interfaces of instances.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use sandtable_model::resource::{
    Address, GroupRef, Instance, InstanceInterface, InterfaceAssociation, InterfaceAttachment,
    InterfaceStatus, InterfaceType, NetworkInterface, PrivateIpAddress, Route, RouteState,
    RouteTable, Subnet,
};
use sandtable_model::{
    AttachmentId, InstanceId, NetworkInterfaceId, Region, ResourceId, RouteTableId, SubnetId, Tags,
};
use smol_str::SmolStr;

use crate::{ApiError, Ctx, State, Twin};

/// An interface that an instance is to get.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) device_index: u32,
    pub(super) source: Source,
    pub(super) delete_on_termination: bool,
}

/// Where an interface comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Existing(NetworkInterfaceId),
    New(Box<New>),
}

/// An interface to be made.
#[derive(Clone, Debug)]
pub(super) struct New {
    pub(super) subnet: Subnet,
    pub(super) groups: Vec<GroupRef>,
    pub(super) private_ip: Option<SmolStr>,
    pub(super) has_public_ip: bool,
    pub(super) description: SmolStr,
    pub(super) tags: Tags,
}

/// Makes or takes the interfaces and attaches them.
///
/// # Errors
/// `InsufficientFreeAddressesInSubnet`, `InvalidIPAddress.InUse`.
pub(super) fn wire(
    twin: &mut Twin,
    ctx: &Ctx,
    instance: &InstanceId,
    planned: &[Planned],
) -> Result<(), ApiError> {
    for plan in planned {
        let id = match &plan.source {
            Source::Existing(id) => id.clone(),
            Source::New(new) => make(twin, ctx, new)?,
        };
        let attachment_id = AttachmentId::from_number(twin.ids.next_number());
        let attachment = InterfaceAttachment {
            attachment_id: Some(attachment_id.as_str().into()),
            attach_time: Some(twin.now()),
            delete_on_termination: plan.delete_on_termination,
            device_index: plan.device_index,
            network_card_index: Some(0),
            instance_id: Some(instance.clone()),
            instance_owner_id: Some(ctx.account.as_str().into()),
            status: "attached".into(),
        };
        twin.state.update(&id, |it: &mut NetworkInterface| {
            it.attachment = Some(attachment);
            it.status = InterfaceStatus::InUse;
        });
        adopt_address(twin, &id, instance);
        twin.state.update(instance, |it: &mut Instance| {
            it.network_interfaces.push(InstanceInterface {
                network_interface_id: id,
            });
        });
    }
    show_primary(twin, instance);
    Ok(())
}

/// An Elastic IP address of an interface belongs to its instance, too.
fn adopt_address(twin: &mut Twin, interface: &NetworkInterfaceId, instance: &InstanceId) {
    let addresses = twin.state.referring::<Address>(interface);
    let ids: Vec<_> = addresses.map(|it| it.allocation_id.clone()).collect();
    for id in ids {
        let instance = instance.clone();
        twin.state
            .update(id, |it: &mut Address| it.instance_id = Some(instance));
    }
}

/// Copies to the instance what it shows of its primary interface.
fn show_primary(twin: &mut Twin, instance: &InstanceId) {
    let Some(primary) = primary(&twin.state, instance).cloned() else {
        return;
    };
    let association = primary.association.as_ref();
    let public_ip = association.and_then(|it| it.public_ip.clone());
    let public_dns_name = association.and_then(|it| it.public_dns_name.clone());
    twin.state.update(instance, |it: &mut Instance| {
        it.vpc_id = Some(primary.vpc_id);
        it.subnet_id = Some(primary.subnet_id);
        it.private_ip_address = primary.private_ip_address;
        it.private_dns_name = primary.private_dns_name;
        it.security_groups = primary.groups;
        it.public_ip_address = public_ip;
        it.public_dns_name = public_dns_name;
    });
}

/// The interface at device index 0.
fn primary<'a>(state: &'a State, instance: &InstanceId) -> Option<&'a NetworkInterface> {
    let mut interfaces = state.referring::<NetworkInterface>(instance);
    interfaces.find(|it| {
        it.attachment
            .as_ref()
            .is_some_and(|it| it.device_index == 0)
    })
}

fn make(twin: &mut Twin, ctx: &Ctx, new: &New) -> Result<NetworkInterfaceId, ApiError> {
    let ip = choose_address(&twin.state, &new.subnet, new.private_ip.as_deref())?;
    let name = private_name(&ctx.region, &ip);
    let id = twin.fresh(NetworkInterfaceId::from_number);
    let association = new.has_public_ip.then(|| lent(twin, &ctx.region));
    let interface = NetworkInterface {
        network_interface_id: id.clone(),
        vpc_id: new.subnet.vpc_id.clone(),
        subnet_id: new.subnet.subnet_id.clone(),
        availability_zone: Some(new.subnet.availability_zone.clone()),
        description: new.description.clone(),
        interface_type: InterfaceType::Interface,
        mac_address: Some(twin.ids.mac_address().into()),
        owner_id: Some(ctx.account.clone()),
        private_dns_name: Some(name.clone()),
        private_ip_address: Some(ip.clone()),
        private_ip_addresses: vec![PrivateIpAddress {
            primary: true,
            private_ip_address: ip,
            private_dns_name: Some(name),
            association: association.clone(),
        }],
        ipv6_addresses: Vec::new(),
        requester_id: None,
        requester_managed: false,
        source_dest_check: true,
        status: InterfaceStatus::Available,
        groups: new.groups.clone(),
        attachment: None,
        association,
        tags: new.tags.clone(),
    };
    twin.state.insert(&ctx.region, interface);
    count_addresses(twin, &new.subnet.subnet_id, -1);
    Ok(id)
}

/// A public address that is lent to an instance while it runs.
fn lent(twin: &mut Twin, region: &Region) -> InterfaceAssociation {
    let ip = twin.ids.public_ip().to_string();
    let dashed = ip.replace('.', "-");
    let name = match region.as_str() {
        "us-east-1" => format!("ec2-{dashed}.compute-1.amazonaws.com"),
        other => format!("ec2-{dashed}.{other}.compute.amazonaws.com"),
    };
    InterfaceAssociation {
        allocation_id: None,
        association_id: None,
        ip_owner_id: Some("amazon".into()),
        public_dns_name: Some(name.into()),
        public_ip: Some(ip.into()),
    }
}

fn private_name(region: &Region, ip: &str) -> SmolStr {
    let dashed = ip.replace('.', "-");
    match region.as_str() {
        "us-east-1" => format!("ip-{dashed}.ec2.internal").into(),
        other => format!("ip-{dashed}.{other}.compute.internal").into(),
    }
}

/// How many addresses of a subnet are free, AWS's own five not counted.
pub(super) fn free_addresses(state: &State, subnet: &Subnet) -> usize {
    let all = usable(subnet).map_or(0, |(first, last)| last.saturating_sub(first));
    usize::try_from(all)
        .unwrap_or(usize::MAX)
        .saturating_sub(taken(state, subnet).len())
}

fn choose_address(
    state: &State,
    subnet: &Subnet,
    wanted: Option<&str>,
) -> Result<SmolStr, ApiError> {
    if let Some(text) = wanted {
        check_address(state, subnet, text)?;
        return Ok(text.into());
    }
    let taken = taken(state, subnet);
    let (first, last) = usable(subnet).unwrap_or((0, 0));
    let mut free = (first..last)
        .map(Ipv4Addr::from_bits)
        .filter(|it| !taken.contains(it));
    free.next().map(|it| SmolStr::from(it.to_string())).ok_or_else(|| {
        ApiError::new(
            "InsufficientFreeAddressesInSubnet",
            format!(
                "There are not enough free addresses in subnet '{}' to satisfy the requested number of instances.",
                subnet.subnet_id
            ),
        )
    })
}

/// Checks an address that is asked for.
///
/// # Errors
/// `InvalidParameterValue` for one that is not in the subnet or is AWS's own,
/// `InvalidIPAddress.InUse` for one that is taken.
pub(super) fn check_address(state: &State, subnet: &Subnet, text: &str) -> Result<(), ApiError> {
    let (first, last) = usable(subnet).unwrap_or((0, 0));
    let inside = |it: &Ipv4Addr| (first..last).contains(&it.to_bits());
    let address = text
        .parse::<Ipv4Addr>()
        .ok()
        .filter(inside)
        .ok_or_else(|| {
            crate::rules::invalid_value(format!(
                "Address {text} does not fall within the subnet's address range"
            ))
        })?;
    if taken(state, subnet).contains(&address) {
        return Err(ApiError::new(
            "InvalidIPAddress.InUse",
            format!("Address {text} is in use."),
        ));
    }
    Ok(())
}

/// The first usable address and the one after the last: AWS keeps the first four and the last.
fn usable(subnet: &Subnet) -> Option<(u32, u32)> {
    let block: ipnet::Ipv4Net = subnet.cidr_block.parse().ok()?;
    let first = block.network().to_bits().checked_add(4)?;
    Some((first, block.broadcast().to_bits().max(first)))
}

fn taken(state: &State, subnet: &Subnet) -> BTreeSet<Ipv4Addr> {
    let interfaces = state.referring::<NetworkInterface>(&subnet.subnet_id);
    let texts = interfaces.flat_map(|it| {
        let others = it
            .private_ip_addresses
            .iter()
            .map(|it| &it.private_ip_address);
        others.chain(&it.private_ip_address)
    });
    texts.filter_map(|text| text.parse().ok()).collect()
}

fn count_addresses(twin: &mut Twin, subnet: &SubnetId, by: i32) {
    twin.state.update(subnet, |it: &mut Subnet| {
        it.available_ip_address_count = it.available_ip_address_count.saturating_add_signed(by);
    });
}

/// Gives back the public addresses that are lent to an instance; Elastic IP addresses stay.
pub(super) fn release_public_addresses(twin: &mut Twin, id: &InstanceId) {
    let is_lent = |it: &Option<InterfaceAssociation>| {
        it.as_ref()
            .is_some_and(|it| it.allocation_id.is_none() && it.association_id.is_none())
    };
    let interfaces: Vec<NetworkInterfaceId> = twin
        .state
        .referring::<NetworkInterface>(id)
        .filter(|it| is_lent(&it.association))
        .map(|it| it.network_interface_id.clone())
        .collect();
    for interface in &interfaces {
        twin.state.update(interface, |it: &mut NetworkInterface| {
            it.association = None;
            for ip in &mut it.private_ip_addresses {
                if is_lent(&ip.association) {
                    ip.association = None;
                }
            }
        });
    }
    show_primary(twin, id);
    // A snapshot may show the instance without its interfaces.
    let is_elastic = twin.state.referring::<Address>(id).next().is_some();
    if primary(&twin.state, id).is_none() && !is_elastic {
        twin.state.update(id, |it: &mut Instance| {
            it.public_ip_address = None;
            it.public_dns_name = None;
        });
    }
}

/// Lends a starting instance a new public address, if its subnet gives one and it has none.
pub(super) fn lend_public_address(twin: &mut Twin, id: &InstanceId) {
    let Some(primary) = primary(&twin.state, id) else {
        return;
    };
    let only_one = twin.state.referring::<NetworkInterface>(id).count() == 1;
    let subnet = twin.state.one::<Subnet>(&primary.subnet_id);
    let gives = subnet.is_some_and(|it| it.map_public_ip_on_launch);
    if primary.association.is_some() || !gives || !only_one {
        return;
    }
    let interface = primary.network_interface_id.clone();
    let Some(region) = twin.state.region_of(&id.into()).cloned() else {
        return;
    };
    let association = lent(twin, &region);
    twin.state.update(&interface, |it: &mut NetworkInterface| {
        it.association = Some(association.clone());
        if let Some(ip) = it.private_ip_addresses.iter_mut().find(|it| it.primary) {
            ip.association = Some(association);
        }
    });
    show_primary(twin, id);
}

/// Takes the interfaces of a terminated instance off it: those that go with it are deleted.
pub(super) fn let_go(twin: &mut Twin, id: &InstanceId) {
    release_public_addresses(twin, id);
    let interfaces: Vec<NetworkInterface> = twin
        .state
        .referring::<NetworkInterface>(id)
        .cloned()
        .collect();
    for interface in interfaces {
        let goes = interface
            .attachment
            .as_ref()
            .is_some_and(|it| it.delete_on_termination);
        let interface_id = &interface.network_interface_id;
        free_elastic_addresses(twin, interface_id, goes);
        if goes {
            twin.state.remove(interface_id);
            let addresses = interface.private_ip_addresses.len().max(1);
            let addresses = i32::try_from(addresses).unwrap_or(i32::MAX);
            count_addresses(twin, &interface.subnet_id, addresses);
            blacken_routes(twin, &interface_id.into());
        } else {
            twin.state
                .update(interface_id, |it: &mut NetworkInterface| {
                    it.attachment = None;
                    it.status = InterfaceStatus::Available;
                });
        }
    }
    // Routes by instance, and addresses that name the instance without its interface.
    blacken_routes(twin, &id.into());
    let addresses = twin.state.referring::<Address>(id);
    let left: Vec<_> = addresses.map(|it| it.allocation_id.clone()).collect();
    for address in left {
        twin.state
            .update(address, |it: &mut Address| disassociate(it));
    }
}

fn free_elastic_addresses(twin: &mut Twin, interface: &NetworkInterfaceId, goes: bool) {
    let addresses = twin.state.referring::<Address>(interface);
    let ids: Vec<_> = addresses.map(|it| it.allocation_id.clone()).collect();
    for id in ids {
        twin.state.update(id, |it: &mut Address| {
            if goes {
                disassociate(it);
            } else {
                it.instance_id = None;
            }
        });
    }
}

fn disassociate(address: &mut Address) {
    address.association_id = None;
    address.instance_id = None;
    address.network_interface_id = None;
    address.network_interface_owner_id = None;
    address.private_ip_address = None;
}

/// Routes that lead to what is gone lead nowhere.
fn blacken_routes(twin: &mut Twin, target: &ResourceId) {
    let leads = |route: &Route| {
        let instance = route.instance_id.as_ref().map(|it| it.as_str());
        route.target() == target.as_str() || instance == Some(target.as_str())
    };
    let tables = twin.state.referring::<RouteTable>(target.clone());
    let ids: Vec<RouteTableId> = tables.map(|it| it.route_table_id.clone()).collect();
    for id in ids {
        twin.state.update(id, |it: &mut RouteTable| {
            for route in it.routes.iter_mut().filter(|it| leads(it)) {
                route.state = RouteState::Blackhole;
            }
        });
    }
}
