//! What connects a VPC with other networks: peering, transit gateways, VPN.

use sandtable_model::ResourceId;
use sandtable_model::resource::{
    TransitGatewayAttachment, TransitGatewayRouteTable, VpcPeeringConnection, VpnConnection,
    VpnGateway,
};

use crate::graph::build::Builder;
use crate::graph::{NodeId, Relation};

impl Builder {
    pub(super) fn peering(&mut self, id: &ResourceId, peering: &VpcPeeringConnection) {
        for side in peering.sides() {
            self.link(id, Relation::AttachedTo, &side.vpc_id);
        }
    }

    /// An attachment joins what it attaches (a VPC by some of its subnets, a VPN connection, another
    /// gateway) to a transit gateway, whose table routes for it.
    pub(super) fn transit_attachment(&mut self, id: &ResourceId, it: &TransitGatewayAttachment) {
        self.link(id, Relation::AttachedTo, &it.transit_gateway_id);
        self.edge(
            id,
            Relation::AttachedTo,
            NodeId::of_text(&it.resource_id),
            "",
        );
        for subnet in &it.subnet_ids {
            self.link(id, Relation::ContainedIn, subnet);
        }
        if let Some(association) = &it.association {
            let table = &association.transit_gateway_route_table_id;
            self.link(id, Relation::RoutesThrough, table);
        }
    }

    pub(super) fn transit_table(&mut self, id: &ResourceId, table: &TransitGatewayRouteTable) {
        self.link(id, Relation::ContainedIn, &table.transit_gateway_id);
        for route in &table.routes {
            for to in &route.transit_gateway_attachments {
                let to = NodeId::Resource((&to.transit_gateway_attachment_id).into());
                self.edge(
                    id,
                    Relation::RoutesThrough,
                    to,
                    &route.destination_cidr_block,
                );
            }
        }
        for from in &table.propagations {
            let from = NodeId::Resource((&from.transit_gateway_attachment_id).into());
            self.edge(id, Relation::RoutesThrough, from, "propagated");
        }
    }

    pub(super) fn vpn_gateway(&mut self, id: &ResourceId, gateway: &VpnGateway) {
        if let Some(attachment) = gateway.attachment() {
            self.link(id, Relation::AttachedTo, &attachment.vpc_id);
        }
    }

    pub(super) fn vpn_connection(&mut self, id: &ResourceId, connection: &VpnConnection) {
        self.link(id, Relation::AttachedTo, &connection.customer_gateway_id);
        if let Some(gateway) = &connection.vpn_gateway_id {
            self.link(id, Relation::AttachedTo, gateway);
        }
        if let Some(gateway) = &connection.transit_gateway_id {
            self.link(id, Relation::AttachedTo, gateway);
        }
    }
}
