//! What keeps a resource from being deleted: pure questions about a state.
//!
//! Recorded states may be partial (a reader was not allowed to list interfaces), so a question asks
//! everything that would tell: the interface, and also the instance, NAT gateway or endpoint that
//! must have one.

use sandtable_model::resource::{
    Address, Instance, NatGateway, NetworkInterface, PeeringState, RouteTable, SecurityGroup,
    Subnet, VpcEndpoint, VpcPeeringConnection,
};
use sandtable_model::resource::{InstanceStateName, InternetGateway};
use sandtable_model::{NetworkInterfaceId, Resource, ResourceId, SecurityGroupId, SubnetId, VpcId};

use crate::State;

/// Whether a NAT gateway holds its address, interface and subnet.
pub(super) fn holds(nat: &NatGateway) -> bool {
    !nat.is_over()
}

fn lives(instance: &Instance) -> bool {
    instance.state.name != InstanceStateName::Terminated
}

/// Whether a peering connection holds a VPC: from its acceptance until it is `deleted`, if the
/// `active` ones do. A request that waits holds the VPC that it was sent to, if that is of another
/// account (VPC peering guide, "Delete a VPC peering connection"), and no other.
fn connects(peering: &VpcPeeringConnection, vpc: &VpcId, active: bool) -> bool {
    match peering.status.code {
        PeeringState::Active | PeeringState::Provisioning | PeeringState::Deleting => active,
        PeeringState::PendingAcceptance => {
            let (from, to) = (&peering.requester_vpc_info, &peering.accepter_vpc_info);
            to.vpc_id == *vpc && from.owner_id != to.owner_id
        }
        _ => false,
    }
}

/// Whether anything but the defaults is left in a VPC (facts: ec2-semantics.md, section 3, VPC);
/// `peerings` says whether active peering connections count.
pub fn vpc_is_blocked(state: &State, vpc: &VpcId, peerings: bool) -> bool {
    let id: ResourceId = vpc.into();
    state.referrers(&id).any(|referrer| {
        state.get(referrer).is_some_and(|it| match it.as_ref() {
            Resource::Subnet(_) | Resource::NetworkInterface(_) => true,
            Resource::RouteTable(it) => !it.is_main(),
            Resource::SecurityGroup(it) => {
                !it.is_default() || is_named_elsewhere(state, &it.group_id, vpc)
            }
            Resource::InternetGateway(_) | Resource::EgressOnlyInternetGateway(_) => true,
            Resource::NetworkAcl(it) => !it.is_default,
            Resource::NatGateway(it) => holds(it),
            Resource::VpcEndpoint(it) => !it.state.is_deleted(),
            Resource::LoadBalancer(_) | Resource::ClassicLoadBalancer(_) => true,
            Resource::DbInstance(_) => true,
            Resource::Instance(it) => lives(it),
            Resource::VpcPeeringConnection(it) => connects(it, vpc, peerings),
            Resource::TransitGatewayAttachment(it) => !it.state.is_over(),
            Resource::VpnGateway(it) => it.attachment().is_some_and(|it| it.vpc_id == *vpc),
            _ => false,
        })
    })
}

/// Whether a group is named by a group of another VPC (a reference over a peering).
fn is_named_elsewhere(state: &State, group: &SecurityGroupId, vpc: &VpcId) -> bool {
    let mut naming = state.referring::<SecurityGroup>(group);
    naming.any(|it| it.vpc_id.as_ref() != Some(vpc))
}

/// Whether anything has, or must have, an interface in a subnet, or some of its addresses are
/// reserved (facts: ec2-semantics.md, section 3, Subnet; twin-conformance.md, "DeleteSubnet with
/// ENIs").
pub fn subnet_is_blocked(state: &State, subnet: &SubnetId) -> bool {
    let id: ResourceId = subnet.into();
    state.referrers(&id).any(|referrer| {
        state.get(referrer).is_some_and(|it| match it.as_ref() {
            Resource::NetworkInterface(_) | Resource::SubnetCidrReservation(_) => true,
            Resource::NatGateway(it) => holds(it),
            Resource::VpcEndpoint(it) => !it.state.is_deleted(),
            Resource::LoadBalancer(_) | Resource::ClassicLoadBalancer(_) => true,
            Resource::DbInstance(_) => true,
            Resource::Instance(it) => lives(it),
            Resource::TransitGatewayAttachment(it) => !it.state.is_over(),
            _ => false,
        })
    })
}

/// Whether a group is in use or named by another group; naming itself does not count (facts:
/// ec2-semantics.md, section 3, Security group).
pub fn security_group_is_blocked(state: &State, group: &SecurityGroupId) -> bool {
    let id: ResourceId = group.into();
    state.referrers(&id).any(|referrer| {
        state.get(referrer).is_some_and(|it| match it.as_ref() {
            Resource::NetworkInterface(_) | Resource::SecurityGroup(_) => true,
            Resource::VpcEndpoint(it) => !it.state.is_deleted(),
            Resource::LoadBalancer(_) | Resource::ClassicLoadBalancer(_) => true,
            Resource::DbInstance(_) => true,
            Resource::Instance(it) => lives(it),
            _ => false,
        })
    })
}

/// Whether a route table is used: associated with a subnet or gateway, or the main one (facts:
/// ec2-semantics.md, section 3, Route table).
pub fn route_table_is_blocked(table: &RouteTable) -> bool {
    !table.associations.is_empty()
}

/// Whether a public address is mapped into a VPC, so that its internet gateway must stay: on an
/// interface, by an Elastic IP address or automatically, NAT gateways' included (facts:
/// ec2-semantics.md, section 3, Internet gateway).
pub fn has_mapped_addresses(state: &State, vpc: &VpcId) -> bool {
    let id: ResourceId = vpc.into();
    state.referrers(&id).any(|referrer| {
        state.get(referrer).is_some_and(|it| match it.as_ref() {
            Resource::NetworkInterface(it) => is_mapped(state, it),
            Resource::NatGateway(it) => {
                let mut addresses = it.nat_gateway_addresses.iter();
                holds(it)
                    && addresses.any(|it| it.allocation_id.is_some() || it.public_ip.is_some())
            }
            Resource::Instance(it) => lives(it) && it.public_ip_address.is_some(),
            _ => false,
        })
    })
}

fn is_mapped(state: &State, interface: &NetworkInterface) -> bool {
    let secondary = interface.private_ip_addresses.iter();
    interface.association.is_some()
        || secondary.into_iter().any(|it| it.association.is_some())
        || address_on(state, &interface.network_interface_id).is_some()
}

/// An Elastic IP address that is associated with an interface.
pub(super) fn address_on<'a>(state: &'a State, id: &NetworkInterfaceId) -> Option<&'a Address> {
    state.referring::<Address>(id).next()
}

/// The NAT gateway that holds an Elastic IP address, if one does.
pub(super) fn nat_holding<'a>(state: &'a State, address: &Address) -> Option<&'a NatGateway> {
    let mut naming = state.referring::<NatGateway>(&address.allocation_id);
    let by_allocation = naming.find(|it| holds(it));
    by_allocation.or_else(|| {
        let interface = address.network_interface_id.as_ref()?;
        state
            .referring::<NatGateway>(interface)
            .find(|it| holds(it))
    })
}

/// The internet gateway that is attached to a VPC, if one is.
pub(super) fn gateway_of<'a>(state: &'a State, vpc: &VpcId) -> Option<&'a InternetGateway> {
    let mut attached = state.referring::<InternetGateway>(vpc);
    attached.find(|gateway| gateway.attachments.iter().any(|it| it.vpc_id == *vpc))
}

/// The route tables of a VPC.
pub(super) fn tables_of<'a>(
    state: &'a State,
    vpc: &VpcId,
) -> impl Iterator<Item = &'a RouteTable> + use<'a> {
    let vpc = vpc.clone();
    state
        .referring::<RouteTable>(vpc.clone())
        .filter(move |it| it.vpc_id == vpc)
}

/// The subnets of a VPC.
pub(super) fn subnets_of<'a>(
    state: &'a State,
    vpc: &VpcId,
) -> impl Iterator<Item = &'a Subnet> + use<'a> {
    state.referring::<Subnet>(vpc.clone())
}

/// The endpoints that lead their traffic through a route table.
pub(super) fn endpoints_on<'a>(
    state: &'a State,
    table: &RouteTable,
) -> impl Iterator<Item = &'a VpcEndpoint> + use<'a> {
    state
        .referring::<VpcEndpoint>(table.route_table_id.clone())
        .filter(|it| !it.state.is_deleted())
}
