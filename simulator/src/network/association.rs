//! Public addresses on interfaces: all sides of an association change together here.

use sandtable_model::resource::{
    Address, Instance, InterfaceAssociation, NatGateway, NetworkInterface, Vpc,
};
use sandtable_model::{
    AllocationId, AssociationId, InstanceId, NatGatewayId, NetworkInterfaceId, Region,
};
use smol_str::SmolStr;

use super::{addressing, vpc};
use crate::{Ctx, Twin};

/// Where a public address is mapped to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) interface: NetworkInterfaceId,
    pub(super) private_ip: SmolStr,
}

/// Maps an Elastic IP address to a place that has no public address.
pub(super) fn associate(
    twin: &mut Twin,
    ctx: &Ctx,
    allocation: &AllocationId,
    place: &Place,
) -> AssociationId {
    let association_id = AssociationId::from_number(twin.ids.next_number());
    let address = twin.state.one::<Address>(allocation);
    let public_ip = address
        .and_then(|it| it.public_ip.clone())
        .unwrap_or_default();
    let association = InterfaceAssociation {
        allocation_id: Some(allocation.clone()),
        association_id: Some(association_id.clone()),
        ip_owner_id: Some(ctx.account.as_str().into()),
        public_dns_name: public_name(twin, &ctx.region, &place.interface, &public_ip),
        public_ip: Some(public_ip),
    };
    let interface = twin.state.one::<NetworkInterface>(&place.interface);
    let attachment = interface.and_then(|it| it.attachment.as_ref());
    let instance = attachment.and_then(|it| it.instance_id.clone());
    let owner = interface.and_then(|it| it.owner_id.clone());
    twin.state.update(allocation, |it: &mut Address| {
        it.association_id = Some(association_id.clone());
        it.network_interface_id = Some(place.interface.clone());
        it.network_interface_owner_id = owner.map(|it| it.as_str().into());
        it.private_ip_address = Some(place.private_ip.clone());
        it.instance_id = instance;
    });
    put_on_interface(twin, place, association);
    association_id
}

fn public_name(
    twin: &Twin,
    region: &Region,
    interface: &NetworkInterfaceId,
    ip: &str,
) -> Option<SmolStr> {
    let interface = twin.state.one::<NetworkInterface>(interface)?;
    let vpc = twin.state.one::<Vpc>(&interface.vpc_id)?;
    let has_names = vpc::attributes_of(twin, vpc).dns_hostnames;
    has_names.then(|| addressing::public_name(region, ip))
}

fn put_on_interface(twin: &mut Twin, place: &Place, association: InterfaceAssociation) {
    let mut primary = false;
    let instance = twin
        .state
        .update(&place.interface, |it: &mut NetworkInterface| {
            primary = it.private_ip_address.as_ref() == Some(&place.private_ip);
            if primary {
                it.association = Some(Box::new(association.clone()));
            }
            for private in &mut it.private_ip_addresses {
                if private.private_ip_address == place.private_ip {
                    private.association = Some(Box::new(association.clone()));
                }
            }
            primary_instance(it)
        });
    if primary && let Some(Some(instance)) = instance {
        twin.state.update(&instance, |it: &mut Instance| {
            it.public_ip_address = association.public_ip;
            it.public_dns_name = association.public_dns_name;
        });
    }
}

/// The instance whose primary interface this is.
fn primary_instance(interface: &NetworkInterface) -> Option<InstanceId> {
    let attachment = interface.attachment.as_ref()?;
    attachment
        .instance_id
        .clone()
        .filter(|_| attachment.device_index == 0)
}

fn take_off_interface(
    twin: &mut Twin,
    interface: &NetworkInterfaceId,
    is_meant: &dyn Fn(&InterfaceAssociation) -> bool,
) {
    let mut taken = None;
    let instance = twin.state.update(interface, |it: &mut NetworkInterface| {
        if it.association.as_deref().is_some_and(is_meant) {
            taken = it.association.take();
        }
        for private in &mut it.private_ip_addresses {
            if private.association.as_deref().is_some_and(is_meant) {
                private.association = None;
            }
        }
        primary_instance(it)
    });
    if let (Some(Some(instance)), Some(taken)) = (instance, taken) {
        twin.state.update(&instance, |it: &mut Instance| {
            if it.public_ip_address == taken.public_ip {
                it.public_ip_address = None;
                it.public_dns_name = None;
            }
        });
    }
}

/// Lends an interface a public address of Amazon's on its primary private one: what instances get
/// without an Elastic IP address, for as long as they run.
pub(crate) fn lend(twin: &mut Twin, region: &Region, interface: &NetworkInterfaceId) {
    let ip = SmolStr::from(twin.ids.public_ip().to_string());
    let association = InterfaceAssociation {
        allocation_id: None,
        association_id: None,
        ip_owner_id: Some(SmolStr::new_static("amazon")),
        public_dns_name: public_name(twin, region, interface, &ip),
        public_ip: Some(ip),
    };
    let found = twin.state.one::<NetworkInterface>(interface);
    let Some(private_ip) = found.and_then(|it| it.private_ip_address.clone()) else {
        return;
    };
    let place = Place {
        interface: interface.clone(),
        private_ip,
    };
    put_on_interface(twin, &place, association);
}

/// Takes back what was lent to an interface; Elastic IP addresses stay.
pub(crate) fn take_back(twin: &mut Twin, interface: &NetworkInterfaceId) {
    let is_lent =
        |it: &InterfaceAssociation| it.allocation_id.is_none() && it.association_id.is_none();
    take_off_interface(twin, interface, &is_lent);
}

/// Takes an Elastic IP address off whatever has it; it stays allocated.
pub(crate) fn disassociate(twin: &mut Twin, allocation: &AllocationId) {
    let Some(address) = twin.state.one::<Address>(allocation).cloned() else {
        return;
    };
    twin.state.update(allocation, |it: &mut Address| {
        it.association_id = None;
        it.instance_id = None;
        it.network_interface_id = None;
        it.network_interface_owner_id = None;
        it.private_ip_address = None;
    });
    let ended = address.association_id.map(|it| it.as_str().into());
    twin.network.ended_associations.extend(ended);
    if let Some(interface) = &address.network_interface_id {
        let is_meant = |it: &InterfaceAssociation| {
            it.allocation_id.as_ref() == Some(allocation)
                || (it.public_ip.is_some() && it.public_ip == address.public_ip)
        };
        take_off_interface(twin, interface, &is_meant);
    }
    let nats = twin.state.referring::<NatGateway>(allocation);
    let nats: Vec<NatGatewayId> = nats.map(|it| it.nat_gateway_id.clone()).collect();
    for nat in &nats {
        twin.state.update(nat, |it: &mut NatGateway| {
            for entry in &mut it.nat_gateway_addresses {
                if entry.allocation_id.as_ref() == Some(allocation) {
                    entry.association_id = None;
                }
            }
        });
    }
    // An instance that is known without its interface.
    if let Some(instance) = &address.instance_id {
        twin.state.update(instance, |it: &mut Instance| {
            if it.public_ip_address == address.public_ip {
                it.public_ip_address = None;
                it.public_dns_name = None;
            }
        });
    }
}
