//! The network interfaces of instances: which an instance gets, and what it shows of its primary one.
//! How interfaces are made, attached, detached and deleted, and how public addresses come and go,
//! stands in [`crate::network`].

use sandtable_model::resource::{
    Address, GroupRef, Instance, InterfaceAttachment, NetworkInterface, Subnet,
};
use sandtable_model::{AllocationId, AttachmentId, InstanceId, NetworkInterfaceId, Tags};
use smol_str::SmolStr;

use crate::{ApiError, Ctx, State, Twin, network};

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
        network::attach_interface(twin, &id, attachment);
    }
    show_primary(twin, instance);
    network::name_after_subnet(twin, &ctx.region, instance);
    Ok(())
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
    let wanted: Vec<&str> = new.private_ip.as_deref().into_iter().collect();
    let fresh = network::Fresh {
        description: new.description.clone(),
        addresses: network::choose_addresses(&twin.state, &new.subnet, &wanted, 1)?,
        groups: new.groups.clone(),
        tags: new.tags.clone(),
        ..network::Fresh::default()
    };
    let id = network::insert_interface(twin, ctx, &new.subnet, fresh).network_interface_id;
    network::note_public_address(twin, &id, new.has_public_ip);
    if new.has_public_ip {
        network::lend_public_address(twin, &ctx.region, &id);
    }
    Ok(id)
}

/// Gives back the public addresses that are lent to an instance; Elastic IP addresses stay.
pub(super) fn release_public_addresses(twin: &mut Twin, id: &InstanceId) {
    for interface in interfaces_of(twin, id) {
        network::take_back_public_address(twin, &interface.network_interface_id);
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

/// Lends a starting instance a new public address, if it was launched with one, or its subnet gives
/// one where that is not known, and it has none.
pub(super) fn lend_public_address(twin: &mut Twin, id: &InstanceId) {
    let Some(primary) = primary(&twin.state, id) else {
        return;
    };
    let only_one = twin.state.referring::<NetworkInterface>(id).count() == 1;
    let said = network::wants_public_address(twin, &primary.network_interface_id);
    let gives = said.unwrap_or_else(|| {
        let subnet = twin.state.one::<Subnet>(&primary.subnet_id);
        subnet.is_some_and(|it| it.map_public_ip_on_launch)
    });
    if primary.association.is_some() || !gives || !only_one {
        return;
    }
    let interface = primary.network_interface_id.clone();
    if let Some(region) = twin.state.region_of(&id.into()).cloned() {
        network::lend_public_address(twin, &region, &interface);
    }
}

/// Takes the interfaces of a terminated instance off it: those that go with it are deleted.
pub(super) fn let_go(twin: &mut Twin, id: &InstanceId) {
    release_public_addresses(twin, id);
    for interface in interfaces_of(twin, id) {
        let attachment = interface.attachment.as_ref();
        if attachment.is_some_and(|it| it.delete_on_termination) {
            network::remove_interface(twin, &interface.network_interface_id);
        } else {
            network::detach_interface(twin, &interface.network_interface_id);
        }
    }
    // Addresses that name the instance without its interface.
    let addresses = twin.state.referring::<Address>(id);
    let left: Vec<AllocationId> = addresses.map(|it| it.allocation_id.clone()).collect();
    for address in &left {
        network::free_address(twin, address);
    }
}

fn interfaces_of(twin: &Twin, id: &InstanceId) -> Vec<NetworkInterface> {
    let interfaces = twin.state.referring::<NetworkInterface>(id);
    interfaces.cloned().collect()
}
