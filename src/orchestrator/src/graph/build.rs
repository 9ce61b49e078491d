//! From a snapshot to its graph: one pass over the resources, and one over the subnets for what AWS
//! leaves implicit.

use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};
use sandtable_model::resource::Subnet;
use sandtable_model::{ResourceId, RouteTableId, Snapshot, SubnetId, VpcId};
use smol_str::SmolStr;

use super::{Edge, Graph, Node, NodeId, Relation};

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
            if !resource.is_gone()
                && let Some(region) = snapshot.region_of(&resource.id())
            {
                builder.relate(region, resource);
            }
        }
        for subnet in snapshot.all::<Subnet>() {
            builder.relate_to_main_table(subnet);
        }
        builder.graph
    }
}

/// A graph in the making. What a resource relates to is told by kind, in `relate`.
pub(super) struct Builder {
    pub(super) graph: Graph,
    /// Subnets with an association of their own.
    pub(super) explicit: FxHashSet<SubnetId>,
    /// The main table of each VPC.
    pub(super) main: FxHashMap<VpcId, RouteTableId>,
}

impl Builder {
    pub(super) fn node(&mut self, id: NodeId) -> NodeIndex {
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

    pub(super) fn edge(&mut self, from: &ResourceId, relation: Relation, to: NodeId, note: &str) {
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

    pub(super) fn link<T: Into<ResourceId>>(
        &mut self,
        from: &ResourceId,
        relation: Relation,
        to: T,
    ) {
        self.edge(from, relation, NodeId::Resource(to.into()), "");
    }

    /// An edge, unless there is one of the same relation already.
    pub(super) fn edge_once(&mut self, from: &ResourceId, relation: Relation, to: &ResourceId) {
        let from_node = self.node(NodeId::Resource(from.clone()));
        let to_node = self.node(NodeId::Resource(to.clone()));
        let mut between = self.graph.inner.edges_connecting(from_node, to_node);
        if !between.any(|it| it.weight().relation == relation) {
            self.link(from, relation, to.clone());
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
