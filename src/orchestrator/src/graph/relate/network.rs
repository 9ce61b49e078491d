//! What the parts of a VPC relate to.

use sandtable_model::resource::{
    Address, AssociationStateName, FlowLog, GatewayAttachment, NatGateway, NetworkAcl,
    NetworkInterface, RouteTable, SecurityGroup, Vpc, VpcEndpoint, VpcEndpointService,
};
use sandtable_model::{LoadBalancerId, ResourceId};
use smol_str::SmolStr;

use crate::graph::build::Builder;
use crate::graph::{Edge, NodeId, Relation};

impl Builder {
    pub(super) fn table(&mut self, id: &ResourceId, table: &RouteTable) {
        self.link(id, Relation::ContainedIn, &table.vpc_id);
        for association in &table.associations {
            let state = &association.association_state.state;
            if matches!(
                state,
                AssociationStateName::Disassociated | AssociationStateName::Failed
            ) {
                continue;
            }
            if association.main {
                self.main
                    .insert(table.vpc_id.clone(), table.route_table_id.clone());
            }
            if let Some(subnet) = &association.subnet_id {
                self.explicit.insert(subnet.clone());
                let to = NodeId::Resource(id.clone());
                self.edge(&subnet.into(), Relation::RoutesThrough, to, "");
            }
            if let Some(gateway) = &association.gateway_id {
                let gateway = self.node(NodeId::of_text(gateway));
                let to = self.node(NodeId::Resource(id.clone()));
                let note = SmolStr::new_static("edge");
                let edge = Edge {
                    relation: Relation::RoutesThrough,
                    note,
                };
                self.graph.inner.add_edge(gateway, to, edge);
            }
        }
        for route in table.routes.iter().filter(|route| !route.is_local()) {
            let (target, destination) = (route.target(), route.destination());
            if !target.is_empty() {
                let target = NodeId::of_text(target);
                self.edge(id, Relation::RoutesThrough, target, destination);
            }
        }
        for vgw in &table.propagating_vgws {
            let gateway = NodeId::of_text(&vgw.gateway_id);
            self.edge(id, Relation::RoutesThrough, gateway, "propagated");
        }
    }

    pub(super) fn nat_gateway(&mut self, id: &ResourceId, nat: &NatGateway) {
        self.link(id, Relation::ContainedIn, &nat.vpc_id);
        self.link(id, Relation::ContainedIn, &nat.subnet_id);
        for address in &nat.nat_gateway_addresses {
            if let Some(allocation) = &address.allocation_id {
                self.link(&allocation.into(), Relation::AttachedTo, id.clone());
            }
            if let Some(interface) = &address.network_interface_id {
                self.link(&interface.into(), Relation::ManagedBy, id.clone());
            }
        }
    }

    pub(super) fn address(&mut self, id: &ResourceId, address: &Address) {
        if let Some(interface) = &address.network_interface_id {
            self.link(id, Relation::AttachedTo, interface);
        }
        if let Some(instance) = &address.instance_id {
            self.link(id, Relation::AttachedTo, instance);
        }
    }

    pub(super) fn interface(&mut self, id: &ResourceId, interface: &NetworkInterface) {
        self.link(id, Relation::ContainedIn, &interface.vpc_id);
        self.link(id, Relation::ContainedIn, &interface.subnet_id);
        for group in &interface.groups {
            self.link(id, Relation::ProtectedBy, &group.group_id);
        }
        let attachment = interface.attachment.as_ref();
        if let Some(instance) = attachment.and_then(|it| it.instance_id.as_ref()) {
            self.link(id, Relation::AttachedTo, instance);
        }
    }

    pub(super) fn group(&mut self, id: &ResourceId, group: &SecurityGroup) {
        if let Some(vpc) = &group.vpc_id {
            self.link(id, Relation::ContainedIn, vpc);
        }
        let mut named: Vec<_> = group.referenced_groups().collect();
        named.sort();
        named.dedup();
        for other in named {
            self.link(id, Relation::ProtectedBy, other);
        }
    }

    pub(super) fn endpoint(&mut self, id: &ResourceId, endpoint: &VpcEndpoint) {
        self.link(id, Relation::ContainedIn, &endpoint.vpc_id);
        for subnet in &endpoint.subnet_ids {
            self.link(id, Relation::ContainedIn, subnet);
        }
        for table in &endpoint.route_table_ids {
            self.link(id, Relation::Targets, table);
        }
        for interface in &endpoint.network_interface_ids {
            self.link(&interface.into(), Relation::ManagedBy, id.clone());
        }
        for group in &endpoint.groups {
            self.link(id, Relation::ProtectedBy, &group.group_id);
        }
    }

    /// A VPC uses a set of DHCP options.
    pub(super) fn vpc(&mut self, id: &ResourceId, vpc: &Vpc) {
        // `default` is AWS's word for none.
        let options = vpc.dhcp_options_id.as_deref();
        if let Some(Ok(options)) = options.map(ResourceId::new) {
            self.link(id, Relation::AttachedTo, options);
        }
    }

    pub(super) fn attached_to_vpcs(&mut self, id: &ResourceId, attachments: &[GatewayAttachment]) {
        for attachment in attachments {
            self.link(id, Relation::AttachedTo, &attachment.vpc_id);
        }
    }

    /// Subnets are guarded by their network ACL.
    pub(super) fn network_acl(&mut self, id: &ResourceId, acl: &NetworkAcl) {
        self.link(id, Relation::ContainedIn, &acl.vpc_id);
        for association in &acl.associations {
            let subnet = (&association.subnet_id).into();
            self.link(&subnet, Relation::ProtectedBy, id.clone());
        }
    }

    /// A flow log watches a VPC, subnet, interface or transit gateway (attachment).
    pub(super) fn flow_log(&mut self, id: &ResourceId, log: &FlowLog) {
        let watched = NodeId::of_text(&log.resource_id);
        self.edge(id, Relation::Targets, watched, "watches");
    }

    /// An endpoint service leads to its load balancers.
    pub(super) fn endpoint_service(&mut self, id: &ResourceId, service: &VpcEndpointService) {
        let arns = service.network_load_balancer_arns.iter();
        for arn in arns.chain(&service.gateway_load_balancer_arns) {
            if let Some(balancer) = LoadBalancerId::from_arn(arn) {
                self.link(id, Relation::Targets, balancer);
            }
        }
    }
}
