//! `inbound(v)`: how other networks reach a VPC.

use sandtable_model::ResourceId;
use sandtable_model::resource::{
    AsResource, InterfaceType, NetworkInterface, Route, RouteTable, TransitGatewayAttachment,
    VpcPeeringConnection, VpnGateway,
};

use super::{Graph, Relation};

/// A sign that other networks reach a VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbound {
    /// The resource on which it was seen.
    pub resource: ResourceId,
    /// The gateway, connection or attachment, as AWS names it.
    pub by: String,
    /// Whether the sign is the interface of a transit gateway attachment.
    pub attachment: bool,
}

impl Graph {
    /// `inbound(v)`: signs that other VPCs or networks on premises have a way into the VPC.
    pub fn inbound(&self, vpc: &ResourceId) -> Vec<Inbound> {
        let mut signs = Vec::new();
        for interface in self.within::<NetworkInterface>(vpc) {
            if interface.interface_type == InterfaceType::TransitGateway {
                let (resource, attachment) = (interface.resource_id(), true);
                let by = format!("transit gateway attachment ({})", interface.description);
                signs.push(Inbound {
                    resource,
                    by,
                    attachment,
                });
            }
        }
        signs.extend(self.connections(vpc));
        for table in self.within::<RouteTable>(vpc) {
            let mut foreign: Vec<&str> = table.routes.iter().filter_map(foreign_target).collect();
            foreign.extend(
                table
                    .propagating_vgws
                    .iter()
                    .map(|it| it.gateway_id.as_str()),
            );
            foreign.extend(
                table
                    .associations
                    .iter()
                    .filter_map(|it| it.gateway_id.as_deref())
                    .filter(|it| it.starts_with("vgw-")),
            );
            foreign.sort_unstable();
            foreign.dedup();
            for by in foreign {
                let resource = table.resource_id();
                signs.push(Inbound {
                    resource,
                    by: by.to_owned(),
                    attachment: false,
                });
            }
        }
        signs
    }

    /// Peerings, transit gateway attachments and VPN gateways, whatever routes there are: the other
    /// side's cannot always be read.
    fn connections(&self, vpc: &ResourceId) -> Vec<Inbound> {
        let sign = |resource: ResourceId, by: String, attachment: bool| Inbound {
            resource,
            by,
            attachment,
        };
        let attachments = self.dependents_of::<TransitGatewayAttachment>(vpc, Relation::AttachedTo);
        let attachments = attachments.into_iter().map(|it| {
            let by = format!("transit gateway {}", it.transit_gateway_id);
            sign(it.resource_id(), by, true)
        });
        let peerings = self.dependents_of::<VpcPeeringConnection>(vpc, Relation::AttachedTo);
        let peerings = peerings.into_iter().map(|it| {
            let mut sides = it.sides().into_iter().map(|side| side.vpc_id.clone());
            let other = sides.find(|id| ResourceId::from(id) != *vpc);
            let other = other.map_or_else(|| "itself".to_owned(), |id| id.to_string());
            sign(it.resource_id(), format!("peering with {other}"), false)
        });
        let gateways = self.dependents_of::<VpnGateway>(vpc, Relation::AttachedTo);
        let gateways = gateways.into_iter();
        let gateways = gateways.map(|it| sign(it.resource_id(), "VPN gateway".to_owned(), false));
        attachments.chain(peerings).chain(gateways).collect()
    }
}

/// The target of a route that leads out of the VPC to another network, not to the internet.
fn foreign_target(route: &Route) -> Option<&str> {
    let gateway = route
        .gateway_id
        .as_deref()
        .filter(|it| it.starts_with("vgw-"));
    let others = [
        &route.transit_gateway_id,
        &route.vpc_peering_connection_id,
        &route.local_gateway_id,
        &route.carrier_gateway_id,
        &route.core_network_arn,
    ];
    gateway.or_else(|| others.into_iter().flatten().next().map(|it| it.as_str()))
}
