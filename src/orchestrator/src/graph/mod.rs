//! The architecture graph: which resource hangs on which, and how.
//!
//! Nodes are the resources of a snapshot, and what they name without its being there: resources that
//! were not listed, and things of kinds that are not modelled (`tgw-…`, `pcx-…`, a stack). An edge
//! leads from what depends to what it depends on. Deliberately absent: judgement. What is waste is
//! decided in `detect`, from the queries in `query`.

mod build;
mod future;
mod inbound;
mod query;
mod relate;
mod render;
#[cfg(test)]
mod tests;

pub use future::Future;
pub use inbound::Inbound;
pub use query::{RouteRef, TableUse};
pub use render::{graph_dot, graph_mermaid};

use std::fmt;
use std::sync::Arc;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use rustc_hash::FxHashMap;
use sandtable_model::{Resource, ResourceId};
use serde::Serialize;
use smol_str::SmolStr;

/// What a node stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum NodeId {
    /// A resource of a modelled kind, seen or only named.
    Resource(ResourceId),
    /// Something of another kind, by whatever name AWS gives it.
    External(SmolStr),
}

impl NodeId {
    /// The node for an id as AWS writes it.
    pub fn of_text(text: &str) -> Self {
        ResourceId::new(text).map_or_else(|_| NodeId::External(text.into()), NodeId::Resource)
    }

    /// The id as AWS writes it.
    pub fn as_str(&self) -> &str {
        match self {
            NodeId::Resource(id) => id.as_str(),
            NodeId::External(text) => text,
        }
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How one thing depends on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// It lies within it (a subnet in its VPC).
    ContainedIn,
    /// It is attached to, or associated with, it.
    AttachedTo,
    /// Its traffic goes by it (a subnet by its route table, a table by a NAT gateway).
    RoutesThrough,
    /// A security group guards it, or names the other group in a rule.
    ProtectedBy,
    /// It was made of it (a volume of a snapshot).
    MadeFrom,
    /// It starts or places things there (an Auto Scaling group in a subnet).
    Targets,
    /// It belongs to it, which makes and deletes it.
    ManagedBy,
}

impl Relation {
    /// The relation in words, read from the dependent to what it depends on.
    pub const fn as_str(self) -> &'static str {
        match self {
            Relation::ContainedIn => "contained in",
            Relation::AttachedTo => "attached to",
            Relation::RoutesThrough => "routes through",
            Relation::ProtectedBy => "protected by",
            Relation::MadeFrom => "made from",
            Relation::Targets => "targets",
            Relation::ManagedBy => "managed by",
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An edge as seen from one of its ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Link {
    /// The relation.
    pub relation: Relation,
    /// The other end.
    pub other: NodeId,
    /// What makes it particular: a route's destination, `implicit` for a subnet's use of the main
    /// table; else empty.
    pub note: SmolStr,
}

#[derive(Clone, Debug)]
struct Node {
    id: NodeId,
    resource: Option<Arc<Resource>>,
}

#[derive(Clone, Debug)]
struct Edge {
    relation: Relation,
    note: SmolStr,
}

/// The architecture graph of one snapshot. Made by [`Graph::build`]; never changes.
#[derive(Clone, Debug)]
pub struct Graph {
    inner: DiGraph<Node, Edge>,
    index: FxHashMap<NodeId, NodeIndex>,
}

impl Graph {
    /// How many nodes there are, those that are only named included.
    pub fn node_count(&self) -> usize {
        self.inner.node_count()
    }

    /// How many edges there are.
    pub fn edge_count(&self) -> usize {
        self.inner.edge_count()
    }

    /// Whether the resource was seen, or is at least named by one that was.
    pub fn contains(&self, id: &NodeId) -> bool {
        self.index.contains_key(id)
    }

    /// What `id` depends on, ordered by relation and id.
    pub fn depends_on(&self, id: &ResourceId) -> Vec<Link> {
        self.links(id, Direction::Outgoing)
    }

    /// What depends on `id`, ordered by relation and id.
    pub fn dependents(&self, id: &ResourceId) -> Vec<Link> {
        self.links(id, Direction::Incoming)
    }

    fn links(&self, id: &ResourceId, direction: Direction) -> Vec<Link> {
        let mut links: Vec<Link> = self
            .edges(id, direction)
            .map(|(edge, node)| Link {
                relation: edge.relation,
                other: node.id.clone(),
                note: edge.note.clone(),
            })
            .collect();
        links.sort();
        links
    }

    /// The edges at a resource with the node at their other end, in no particular order.
    fn edges(&self, id: &ResourceId, direction: Direction) -> impl Iterator<Item = (&Edge, &Node)> {
        // The key is owned because the index is keyed by both kinds of node; ids clone cheaply.
        let start = self.index.get(&NodeId::Resource(id.clone())).copied();
        start.into_iter().flat_map(move |start| {
            self.inner
                .edges_directed(start, direction)
                .filter_map(move |edge| {
                    let other = match direction {
                        Direction::Outgoing => edge.target(),
                        Direction::Incoming => edge.source(),
                    };
                    Some((edge.weight(), self.inner.node_weight(other)?))
                })
        })
    }
}
