//! What joins VPCs with each other and with networks elsewhere: peering connections, transit
//! gateways, VPNs.
//!
//! One module a subject, each with its typed requests and functions; `targets` answers what routes of
//! VPCs ask, `propagation` fills route tables with what virtual private gateways tell. Timed states
//! take as long as [`ConnectivityTimings`] says, and what AWS does not document stands in
//! [`Choices`].
//!
//! Deliberately absent: Direct Connect, Connect attachments, multicast, policy tables, prefix lists
//! in tables of transit gateways, keys and algorithms of VPN tunnels, carrier gateways.

mod attachment_life;
mod choices;
mod customer_gateway;
mod default_tables;
mod describe;
mod peering;
mod peering_answer;
mod propagation;
mod refusal;
pub(crate) mod targets;
mod timings;
mod transit_attachment;
mod transit_gateway;
mod transit_peering;
mod transit_route;
mod transit_search;
mod transit_table;
mod vpn_change;
mod vpn_connection;
mod vpn_gateway;

#[cfg(test)]
mod tests;

pub use choices::{Choices, Quotas};
pub use customer_gateway::*;
pub use describe::*;
pub use peering::*;
pub use peering_answer::*;
pub(crate) use propagation::fill as fill_propagated;
pub use timings::ConnectivityTimings;
pub use transit_attachment::*;
pub use transit_gateway::*;
pub use transit_peering::*;
pub use transit_route::*;
pub use transit_search::*;
pub use transit_table::*;
pub use vpn_change::*;
pub use vpn_connection::*;
pub use vpn_gateway::*;

use std::sync::Arc;

use sandtable_model::{
    CustomerGatewayId, Duration, Kind, Resource, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTableId, VpcPeeringConnectionId, VpnConnectionId, VpnGatewayId,
};
use smol_str::SmolStr;

use crate::Twin;
use crate::dispatch::{Row, operations};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "AcceptTransitGatewayPeeringAttachment" => accept_transit_gateway_peering_attachment,
    "AcceptTransitGatewayVpcAttachment" => accept_transit_gateway_vpc_attachment,
    "AcceptVpcPeeringConnection" => accept_vpc_peering_connection,
    "AssociateTransitGatewayRouteTable" => associate_transit_gateway_route_table,
    "AttachVpnGateway" => attach_vpn_gateway,
    "CreateCustomerGateway" => create_customer_gateway,
    "CreateTransitGateway" => create_transit_gateway,
    "CreateTransitGatewayPeeringAttachment" => create_transit_gateway_peering_attachment,
    "CreateTransitGatewayRoute" => create_transit_gateway_route,
    "CreateTransitGatewayRouteTable" => create_transit_gateway_route_table,
    "CreateTransitGatewayVpcAttachment" => create_transit_gateway_vpc_attachment,
    "CreateVpcPeeringConnection" => create_vpc_peering_connection,
    "CreateVpnConnection" => create_vpn_connection,
    "CreateVpnConnectionRoute" => create_vpn_connection_route,
    "CreateVpnGateway" => create_vpn_gateway,
    "DeleteCustomerGateway" => delete_customer_gateway,
    "DeleteTransitGateway" => delete_transit_gateway,
    "DeleteTransitGatewayPeeringAttachment" => delete_transit_gateway_peering_attachment,
    "DeleteTransitGatewayRoute" => delete_transit_gateway_route,
    "DeleteTransitGatewayRouteTable" => delete_transit_gateway_route_table,
    "DeleteTransitGatewayVpcAttachment" => delete_transit_gateway_vpc_attachment,
    "DeleteVpcPeeringConnection" => delete_vpc_peering_connection,
    "DeleteVpnConnection" => delete_vpn_connection,
    "DeleteVpnConnectionRoute" => delete_vpn_connection_route,
    "DeleteVpnGateway" => delete_vpn_gateway,
    "DescribeCustomerGateways" => describe_customer_gateways,
    "DescribeTransitGatewayAttachments" => describe_transit_gateway_attachments,
    "DescribeTransitGatewayPeeringAttachments" => describe_transit_gateway_peering_attachments,
    "DescribeTransitGatewayRouteTables" => describe_transit_gateway_route_tables,
    "DescribeTransitGatewayVpcAttachments" => describe_transit_gateway_vpc_attachments,
    "DescribeTransitGateways" => describe_transit_gateways,
    "DescribeVpcPeeringConnections" => describe_vpc_peering_connections,
    "DescribeVpnConnections" => describe_vpn_connections,
    "DescribeVpnGateways" => describe_vpn_gateways,
    "DetachVpnGateway" => detach_vpn_gateway,
    "DisableTransitGatewayRouteTablePropagation" => disable_transit_gateway_route_table_propagation,
    "DisableVgwRoutePropagation" => disable_vgw_route_propagation,
    "DisassociateTransitGatewayRouteTable" => disassociate_transit_gateway_route_table,
    "EnableTransitGatewayRouteTablePropagation" => enable_transit_gateway_route_table_propagation,
    "EnableVgwRoutePropagation" => enable_vgw_route_propagation,
    "GetTransitGatewayAttachmentPropagations" => get_transit_gateway_attachment_propagations,
    "GetTransitGatewayPrefixListReferences" => get_transit_gateway_prefix_list_references,
    "GetTransitGatewayRouteTableAssociations" => get_transit_gateway_route_table_associations,
    "GetTransitGatewayRouteTablePropagations" => get_transit_gateway_route_table_propagations,
    "ModifyTransitGateway" => modify_transit_gateway,
    "ModifyTransitGatewayVpcAttachment" => modify_transit_gateway_vpc_attachment,
    "ModifyVpcPeeringConnectionOptions" => modify_vpc_peering_connection_options,
    "ModifyVpnConnection" => modify_vpn_connection,
    "ModifyVpnConnectionOptions" => modify_vpn_connection_options,
    "RejectTransitGatewayPeeringAttachment" => reject_transit_gateway_peering_attachment,
    "RejectTransitGatewayVpcAttachment" => reject_transit_gateway_vpc_attachment,
    "RejectVpcPeeringConnection" => reject_vpc_peering_connection,
    "ReplaceTransitGatewayRoute" => replace_transit_gateway_route,
    "SearchTransitGatewayRoutes" => search_transit_gateway_routes,
};

/// What no describe answer of these kinds carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) choices: Choices,
}

/// What happens by itself. Each is void when the resource is no longer in the state that it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// A peering connection from `initiating-request` to `pending-acceptance` or `failed`.
    PeeringRequested(VpcPeeringConnectionId),
    /// From `pending-acceptance` to `expired`.
    PeeringExpired(VpcPeeringConnectionId),
    /// From `provisioning` to `active`.
    PeeringProvisioned(VpcPeeringConnectionId),
    /// From `deleting` to `deleted`, and how long it is seen then.
    PeeringDeleted(VpcPeeringConnectionId, Duration),
    /// From over to no longer described.
    PeeringForgotten(VpcPeeringConnectionId),
    /// A transit gateway from `pending` to `available`.
    TransitCreated(TransitGatewayId),
    /// From `modifying` to `available`.
    TransitModified(TransitGatewayId),
    /// From `deleting` to `deleted`.
    TransitDeleted(TransitGatewayId),
    /// From `deleted` to no longer described.
    TransitForgotten(TransitGatewayId),
    /// A peering of transit gateways from `initiatingRequest` to `pendingAcceptance`.
    PeeringAttachmentRequested(TransitGatewayAttachmentId),
    /// An attachment from `pending` to `available`.
    AttachmentCreated(TransitGatewayAttachmentId),
    /// From `modifying` to `available`.
    AttachmentModified(TransitGatewayAttachmentId),
    /// From `deleting` to `deleted`, or `rejecting` to `rejected`.
    AttachmentDeleted(TransitGatewayAttachmentId),
    /// From over to no longer described.
    AttachmentForgotten(TransitGatewayAttachmentId),
    /// An attachment's association from `associating` to `associated`, or `disassociating` to gone.
    AssociationSettled(TransitGatewayAttachmentId),
    /// A route table of a transit gateway from `pending` to `available`.
    TransitTableCreated(TransitGatewayRouteTableId),
    /// From `deleting` to `deleted`.
    TransitTableDeleted(TransitGatewayRouteTableId),
    /// From `deleted` to no longer described.
    TransitTableForgotten(TransitGatewayRouteTableId),
    /// A virtual private gateway from `attaching` to `attached`.
    VpnGatewayAttached(VpnGatewayId),
    /// From `detaching` to `detached`.
    VpnGatewayDetached(VpnGatewayId),
    /// From `deleting` to `deleted`.
    VpnGatewayDeleted(VpnGatewayId),
    /// From `deleted` to no longer described.
    VpnGatewayForgotten(VpnGatewayId),
    /// A customer gateway from `pending` to `available`.
    CustomerGatewayCreated(CustomerGatewayId),
    /// From `deleting` to `deleted`.
    CustomerGatewayDeleted(CustomerGatewayId),
    /// From `deleted` to no longer described.
    CustomerGatewayForgotten(CustomerGatewayId),
    /// A VPN connection from `pending` to `available`.
    VpnCreated(VpnConnectionId),
    /// A static route of a connection from `pending` to `available`.
    VpnRouteCreated(VpnConnectionId, SmolStr),
    /// From `deleting` to `deleted`.
    VpnDeleted(VpnConnectionId),
    /// From `deleted` to no longer described.
    VpnForgotten(VpnConnectionId),
}

impl From<Transition> for crate::Transition {
    fn from(it: Transition) -> Self {
        crate::Transition::Connectivity(it)
    }
}

/// Lets a transition happen.
pub(crate) fn fire(twin: &mut Twin, transition: Transition) {
    match transition {
        Transition::PeeringRequested(id) => peering::requested(twin, &id),
        Transition::PeeringExpired(id) => peering::expired(twin, &id),
        Transition::PeeringProvisioned(id) => peering::provisioned(twin, &id),
        Transition::PeeringDeleted(id, lingering) => peering::deleted(twin, &id, lingering),
        Transition::PeeringForgotten(id) => peering::forgotten(twin, &id),
        Transition::TransitCreated(id) => transit_gateway::created(twin, &id),
        Transition::TransitModified(id) => transit_gateway::modified(twin, &id),
        Transition::TransitDeleted(id) => transit_gateway::deleted(twin, &id),
        Transition::TransitForgotten(id) => transit_gateway::forgotten(twin, &id),
        Transition::PeeringAttachmentRequested(id) => transit_peering::requested(twin, &id),
        Transition::AttachmentCreated(id) => attachment_life::created(twin, &id),
        Transition::AttachmentModified(id) => attachment_life::modified(twin, &id),
        Transition::AttachmentDeleted(id) => attachment_life::deleted(twin, &id),
        Transition::AttachmentForgotten(id) => attachment_life::forgotten(twin, &id),
        Transition::AssociationSettled(id) => attachment_life::association_settled(twin, &id),
        Transition::TransitTableCreated(id) => transit_table::created(twin, &id),
        Transition::TransitTableDeleted(id) => transit_table::deleted(twin, &id),
        Transition::TransitTableForgotten(id) => transit_table::forgotten(twin, &id),
        Transition::VpnGatewayAttached(id) => vpn_gateway::attached(twin, &id),
        Transition::VpnGatewayDetached(id) => vpn_gateway::detached(twin, &id),
        Transition::VpnGatewayDeleted(id) => vpn_gateway::deleted(twin, &id),
        Transition::VpnGatewayForgotten(id) => vpn_gateway::forgotten(twin, &id),
        Transition::CustomerGatewayCreated(id) => customer_gateway::created(twin, &id),
        Transition::CustomerGatewayDeleted(id) => customer_gateway::deleted(twin, &id),
        Transition::CustomerGatewayForgotten(id) => customer_gateway::forgotten(twin, &id),
        Transition::VpnCreated(id) => vpn_change::created(twin, &id),
        Transition::VpnRouteCreated(id, route) => vpn_change::route_created(twin, &id, &route),
        Transition::VpnDeleted(id) => vpn_change::deleted(twin, &id),
        Transition::VpnForgotten(id) => vpn_change::forgotten(twin, &id),
    }
}

/// Schedules what was under way when the snapshot was taken.
pub(crate) fn resume_lifecycles(twin: &mut Twin) {
    for kind in [
        Kind::VpcPeeringConnection,
        Kind::TransitGateway,
        Kind::TransitGatewayAttachment,
        Kind::TransitGatewayRouteTable,
        Kind::VpnGateway,
        Kind::CustomerGateway,
        Kind::VpnConnection,
    ] {
        let all: Vec<Arc<Resource>> = twin.state.of_kind(kind).cloned().collect();
        for resource in all {
            match resource.as_ref() {
                Resource::VpcPeeringConnection(it) => peering::resume(twin, it),
                Resource::TransitGateway(it) => transit_gateway::resume(twin, it),
                Resource::TransitGatewayAttachment(it) => {
                    transit_peering::resume(twin, it);
                    attachment_life::resume(twin, it);
                }
                Resource::TransitGatewayRouteTable(it) => transit_table::resume(twin, it),
                Resource::VpnGateway(it) => vpn_gateway::resume(twin, it),
                Resource::CustomerGateway(it) => customer_gateway::resume(twin, it),
                Resource::VpnConnection(it) => vpn_change::resume(twin, it),
                _ => {}
            }
        }
    }
}

impl Twin {
    /// How the twin decides where AWS's behaviour of peerings, transit gateways and VPNs is not
    /// documented, and the quotas.
    pub fn connectivity_choices(&self) -> &Choices {
        &self.connectivity.choices
    }

    /// Sets how the twin decides where AWS's behaviour of peerings, transit gateways and VPNs is not
    /// documented, and the quotas.
    pub fn set_connectivity_choices(&mut self, choices: Choices) {
        self.connectivity.choices = choices;
    }
}
