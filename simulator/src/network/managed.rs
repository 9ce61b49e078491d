//! Interfaces that other services keep in subnets: load balancers, databases.
//!
//! They are what keeps a subnet, a security group or an internet gateway while the service's resource
//! is there, and for minutes after it was deleted. Users can neither detach nor delete them.

use sandtable_model::resource::{
    GroupRef, InterfaceAssociation, InterfaceType, NetworkInterface, PrivateIpAddress, Subnet,
};
use sandtable_model::{AllocationId, NetworkInterfaceId, SubnetId, Tags, VpcId};
use smol_str::SmolStr;

use super::association::{self, Place};
use super::interface::{self, Fresh};
use super::{addressing, blockers, vpc};
use crate::{ApiError, Ctx, State, Twin};

/// What a service wants an interface to be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) interface_type: InterfaceType,
    pub(crate) description: SmolStr,
    pub(crate) groups: Vec<GroupRef>,
    /// Who manages it and owns its attachment (`amazon-elb`).
    pub(crate) service: &'static str,
    pub(crate) private_ip: Option<SmolStr>,
    /// Where it is reached from the internet.
    pub(crate) public: Public,
}

/// The public address of an interface of a service.
#[derive(Clone, Debug, Default)]
pub(crate) enum Public {
    /// None.
    #[default]
    No,
    /// One of the service.
    Lent,
    /// An Elastic IP address, which must be free.
    Elastic(AllocationId),
}

/// Makes an interface of a service, attached to it.
///
/// # Errors
/// `InsufficientFreeAddressesInSubnet`, and what is wrong with a private address.
pub(crate) fn make(
    twin: &mut Twin,
    ctx: &Ctx,
    subnet: &Subnet,
    wanted: Wanted,
) -> Result<NetworkInterface, ApiError> {
    let private: Vec<&str> = wanted.private_ip.as_deref().into_iter().collect();
    let addresses = addressing::choose(&twin.state, subnet, &private, 1)?;
    let private_ip = addresses.first().cloned().unwrap_or_default();
    let fresh = Fresh {
        interface_type: wanted.interface_type,
        description: wanted.description,
        addresses,
        groups: wanted.groups,
        requester: Some(SmolStr::new_static(wanted.service)),
        tags: Tags::new(),
    };
    let made = interface::insert(twin, ctx, subnet, fresh);
    let id = made.network_interface_id.clone();
    interface::attach_as(twin, &id, wanted.service);
    match wanted.public {
        Public::No => {}
        Public::Lent => lend(twin, ctx, &id, wanted.service),
        Public::Elastic(allocation) => {
            let interface = id.clone();
            let place = Place {
                interface,
                private_ip,
            };
            association::associate(twin, ctx, &allocation, &place);
        }
    }
    let made = twin.state.one::<NetworkInterface>(&id).cloned();
    made.ok_or_else(|| ApiError::new("InternalError", format!("{id} was not made")))
}

/// Lends an interface a public address of the service.
fn lend(twin: &mut Twin, ctx: &Ctx, id: &NetworkInterfaceId, owner: &'static str) {
    let public_ip: SmolStr = twin.ids.public_ip().to_string().into();
    let association = Box::new(InterfaceAssociation {
        allocation_id: None,
        association_id: None,
        ip_owner_id: Some(SmolStr::new_static(owner)),
        public_dns_name: Some(addressing::public_name(&ctx.region, &public_ip)),
        public_ip: Some(public_ip),
    });
    twin.state.update(id, |it: &mut NetworkInterface| {
        let primary = |it: &&mut PrivateIpAddress| it.primary;
        if let Some(private) = it.private_ip_addresses.iter_mut().find(primary) {
            private.association = Some(association.clone());
        }
        it.association = Some(association);
    });
}

/// Takes an interface of a service out.
pub(crate) fn remove(twin: &mut Twin, id: &NetworkInterfaceId) {
    interface::remove(twin, id);
}

/// The interfaces in a subnet that a service made under a description.
pub(crate) fn described<'a>(
    state: &'a State,
    subnet: &SubnetId,
    description: &str,
) -> Vec<&'a NetworkInterface> {
    let within = state.referring::<NetworkInterface>(subnet);
    let is_one = |it: &&NetworkInterface| it.requester_managed && it.description == description;
    within.filter(is_one).collect()
}

/// Whether an internet gateway is attached to a VPC.
pub(crate) fn leads_to_the_internet(state: &State, vpc: &VpcId) -> bool {
    blockers::gateway_of(state, vpc).is_some()
}

/// The default security group of a VPC.
pub(crate) fn default_group(twin: &Twin, vpc: &VpcId) -> Option<GroupRef> {
    vpc::default_group_of(twin, vpc)
}
