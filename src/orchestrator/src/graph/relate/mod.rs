//! What a resource relates to, by kind; a file per family.
//!
//! Edges lead from what depends to what it depends on. Kinds that name no other resource, and those
//! named by nothing that a rule reads (key pairs, placement groups, prefix lists), have none.

mod compute;
mod connectivity;
mod network;
mod services;

use sandtable_model::{Region, Resource};

use super::build::Builder;
use super::{NodeId, Relation};
use crate::care::owner_of;

impl Builder {
    /// Adds the edges of a resource of this Region.
    pub(super) fn relate(&mut self, region: &Region, resource: &Resource) {
        let id = resource.id();
        if let Some(owner) = owner_of(resource) {
            self.edge(&id, Relation::ManagedBy, NodeId::External(owner.name), "");
        }
        match resource {
            Resource::Vpc(it) => self.vpc(&id, it),
            Resource::Subnet(it) => self.link(&id, Relation::ContainedIn, &it.vpc_id),
            Resource::RouteTable(it) => self.table(&id, it),
            Resource::InternetGateway(it) => self.attached_to_vpcs(&id, &it.attachments),
            Resource::EgressOnlyInternetGateway(it) => self.attached_to_vpcs(&id, &it.attachments),
            Resource::NatGateway(it) => self.nat_gateway(&id, it),
            Resource::Address(it) => self.address(&id, it),
            Resource::NetworkInterface(it) => self.interface(&id, it),
            Resource::SecurityGroup(it) => self.group(&id, it),
            Resource::NetworkAcl(it) => self.network_acl(&id, it),
            Resource::SubnetCidrReservation(it) => {
                self.link(&id, Relation::ContainedIn, &it.subnet_id);
            }
            Resource::VpcEndpoint(it) => self.endpoint(&id, it),
            Resource::VpcEndpointService(it) => self.endpoint_service(&id, it),
            Resource::FlowLog(it) => self.flow_log(&id, it),
            Resource::VpcPeeringConnection(it) => self.peering(&id, it),
            Resource::TransitGatewayAttachment(it) => self.transit_attachment(&id, it),
            Resource::TransitGatewayRouteTable(it) => self.transit_table(&id, it),
            Resource::VpnGateway(it) => self.vpn_gateway(&id, it),
            Resource::VpnConnection(it) => self.vpn_connection(&id, it),
            Resource::Instance(it) => self.instance(&id, it),
            Resource::Volume(it) => self.volume(&id, it),
            Resource::EbsSnapshot(it) => self.snapshot(&id, it),
            Resource::Image(it) => self.image(&id, it),
            Resource::LaunchTemplate(it) => self.launch_template(&id, it),
            Resource::AutoScalingGroup(it) => self.auto_scaling_group(region, &id, it),
            Resource::LoadBalancer(it) => self.load_balancer(&id, it),
            Resource::ClassicLoadBalancer(it) => self.classic_load_balancer(&id, it),
            Resource::TargetGroup(it) => self.target_group(&id, it),
            Resource::DbInstance(it) => self.db_instance(region, &id, it),
            Resource::DbSnapshot(it) => self.db_snapshot(region, &id, it),
            Resource::DbSubnetGroup(it) => self.db_subnet_group(&id, it),
            Resource::Stack(it) => {
                for part in it.resource_ids() {
                    self.link(&part, Relation::ManagedBy, id.clone());
                }
            }
            _ => {}
        }
    }
}
