//! From a snapshot to its graph: one pass over the resources, and one over the subnets for what AWS
//! leaves implicit.

use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};
use sandtable_model::resource::{
    Address, AssociationStateName, EbsSnapshot, Instance, NatGateway, NetworkInterface, RouteTable,
    SecurityGroup, Subnet, Volume, VpcEndpoint,
};
use sandtable_model::{Resource, ResourceId, RouteTableId, Snapshot, SubnetId, VpcId};
use smol_str::SmolStr;

use super::{Edge, Graph, Node, NodeId, Relation};
use crate::care::owner_of;

impl Graph {
    /// The graph of a snapshot, in time about linear in its size.
    pub fn build(snapshot: &Snapshot) -> Self {
        let count = snapshot.len();
        let mut builder = Builder {
            graph: Graph {
                inner: DiGraph::with_capacity(count, count * 3),
                index: FxHashMap::with_capacity_and_hasher(count, rustc_hash::FxBuildHasher),
            },
            explicit: FxHashSet::default(),
            main: FxHashMap::default(),
        };
        for resource in snapshot.resources() {
            let at = builder.node(NodeId::Resource(resource.id()));
            if let Some(node) = builder.graph.inner.node_weight_mut(at) {
                node.resource = Some(Arc::clone(resource));
            }
        }
        for resource in snapshot.resources() {
            // What is over relates to nothing, though it still names what it had.
            if !resource.is_gone() {
                builder.relate(resource);
            }
        }
        for subnet in snapshot.all::<Subnet>() {
            builder.relate_to_main_table(subnet);
        }
        builder.graph
    }
}

struct Builder {
    graph: Graph,
    explicit: FxHashSet<SubnetId>,
    main: FxHashMap<VpcId, RouteTableId>,
}

impl Builder {
    fn node(&mut self, id: NodeId) -> NodeIndex {
        if let Some(at) = self.graph.index.get(&id) {
            return *at;
        }
        let at = self.graph.inner.add_node(Node {
            id: id.clone(),
            resource: None,
        });
        self.graph.index.insert(id, at);
        at
    }

    fn edge(&mut self, from: &ResourceId, relation: Relation, to: NodeId, note: &str) {
        let from = self.node(NodeId::Resource(from.clone()));
        let to = self.node(to);
        self.graph.inner.add_edge(
            from,
            to,
            Edge {
                relation,
                note: SmolStr::new(note),
            },
        );
    }

    fn link<T: Into<ResourceId>>(&mut self, from: &ResourceId, relation: Relation, to: T) {
        self.edge(from, relation, NodeId::Resource(to.into()), "");
    }

    fn relate(&mut self, resource: &Resource) {
        let id = resource.id();
        if let Some(owner) = owner_of(resource) {
            self.edge(&id, Relation::ManagedBy, NodeId::External(owner.name), "");
        }
        match resource {
            Resource::Vpc(_) => {}
            Resource::Subnet(it) => self.link(&id, Relation::ContainedIn, &it.vpc_id),
            Resource::RouteTable(it) => self.relate_table(&id, it),
            Resource::InternetGateway(it) => {
                for attachment in &it.attachments {
                    self.link(&id, Relation::AttachedTo, &attachment.vpc_id);
                }
            }
            Resource::NatGateway(it) => self.relate_nat_gateway(&id, it),
            Resource::Address(it) => self.relate_address(&id, it),
            Resource::NetworkInterface(it) => self.relate_interface(&id, it),
            Resource::SecurityGroup(it) => self.relate_group(&id, it),
            Resource::Instance(it) => self.relate_instance(&id, it),
            Resource::Volume(it) => self.relate_volume(&id, it),
            Resource::EbsSnapshot(it) => self.relate_snapshot(&id, it),
            Resource::Image(it) => {
                let snapshots: FxHashSet<_> = it.snapshot_ids().collect();
                let mut snapshots: Vec<_> = snapshots.into_iter().collect();
                snapshots.sort();
                for snapshot in snapshots {
                    self.link(&id, Relation::MadeFrom, snapshot);
                }
            }
            Resource::VpcEndpoint(it) => self.relate_endpoint(&id, it),
            Resource::AutoScalingGroup(it) => {
                for subnet in it.subnet_ids() {
                    self.link(&id, Relation::Targets, subnet);
                }
            }
            // Kinds that no rule reads.
            _ => {}
        }
    }

    fn relate_table(&mut self, id: &ResourceId, table: &RouteTable) {
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

    fn relate_nat_gateway(&mut self, id: &ResourceId, nat: &NatGateway) {
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

    fn relate_address(&mut self, id: &ResourceId, address: &Address) {
        if let Some(interface) = &address.network_interface_id {
            self.link(id, Relation::AttachedTo, interface);
        }
        if let Some(instance) = &address.instance_id {
            self.link(id, Relation::AttachedTo, instance);
        }
    }

    fn relate_interface(&mut self, id: &ResourceId, interface: &NetworkInterface) {
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

    fn relate_group(&mut self, id: &ResourceId, group: &SecurityGroup) {
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

    fn relate_instance(&mut self, id: &ResourceId, instance: &Instance) {
        if let Some(vpc) = &instance.vpc_id {
            self.link(id, Relation::ContainedIn, vpc);
        }
        if let Some(subnet) = &instance.subnet_id {
            self.link(id, Relation::ContainedIn, subnet);
        }
        for group in &instance.security_groups {
            self.link(id, Relation::ProtectedBy, &group.group_id);
        }
        if let Some(image) = &instance.image_id {
            self.link(id, Relation::MadeFrom, image);
        }
    }

    fn relate_volume(&mut self, id: &ResourceId, volume: &Volume) {
        for attachment in &volume.attachments {
            if let Some(instance) = &attachment.instance_id {
                self.link(id, Relation::AttachedTo, instance);
            }
        }
        if let Some(snapshot) = &volume.snapshot_id {
            self.link(id, Relation::MadeFrom, snapshot);
        }
    }

    fn relate_snapshot(&mut self, id: &ResourceId, snapshot: &EbsSnapshot) {
        if let Some(volume) = &snapshot.volume_id {
            self.link(id, Relation::MadeFrom, volume);
        }
    }

    fn relate_endpoint(&mut self, id: &ResourceId, endpoint: &VpcEndpoint) {
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

    /// A subnet without an entry in any table uses its VPC's main table.
    fn relate_to_main_table(&mut self, subnet: &Subnet) {
        if self.explicit.contains(&subnet.subnet_id) {
            return;
        }
        if let Some(table) = self.main.get(&subnet.vpc_id).cloned() {
            let to = NodeId::Resource(table.into());
            self.edge(
                &(&subnet.subnet_id).into(),
                Relation::RoutesThrough,
                to,
                "implicit",
            );
        }
    }
}
