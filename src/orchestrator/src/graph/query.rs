//! The questions that detectors and planner ask. Names follow section 2 of the waste catalogue.
//! Answers are ordered by id.

use petgraph::Direction;
use sandtable_model::resource::{
    AsResource, InterfaceStatus, NetworkInterface, Route, RouteTable, Vpc,
};
use sandtable_model::{Resource, ResourceId, SubnetId};

use super::{Graph, NodeId, Relation};

/// A route and its table.
#[derive(Clone, Copy, Debug)]
pub struct RouteRef<'a> {
    /// The table.
    pub table: &'a RouteTable,
    /// The route.
    pub route: &'a Route,
}

/// A subnet's use of a route table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableUse {
    /// The subnet.
    pub subnet: SubnetId,
    /// Whether it uses the table only because it is the main one.
    pub implicit: bool,
}

impl Graph {
    /// The resource, if it was seen and is not over.
    pub fn resource(&self, id: &ResourceId) -> Option<&Resource> {
        let at = self.index.get(&NodeId::Resource(id.clone()))?;
        let resource = self.inner.node_weight(*at)?.resource.as_deref()?;
        (!resource.is_gone()).then_some(resource)
    }

    /// The resource as the concrete kind `T`, if it was seen, is one, and is not over.
    pub fn get<T: AsResource>(&self, id: &ResourceId) -> Option<&T> {
        self.resource(id)?.get::<T>()
    }

    /// The resources of kind `T` from which an edge of `relation` leads to `id`.
    pub fn dependents_of<T: AsResource>(&self, id: &ResourceId, relation: Relation) -> Vec<&T> {
        self.neighbours(id, relation, Direction::Incoming)
    }

    /// The resources of kind `T` to which an edge of `relation` leads from `id`.
    pub fn dependencies_of<T: AsResource>(&self, id: &ResourceId, relation: Relation) -> Vec<&T> {
        self.neighbours(id, relation, Direction::Outgoing)
    }

    fn neighbours<T: AsResource>(
        &self,
        id: &ResourceId,
        relation: Relation,
        direction: Direction,
    ) -> Vec<&T> {
        let mut found: Vec<&T> = self
            .edges(id, direction)
            .filter(|(edge, _)| edge.relation == relation)
            .filter_map(|(_, node)| node.resource.as_deref())
            .filter(|resource| !resource.is_gone())
            .filter_map(|resource| resource.get::<T>())
            .collect();
        found.sort_by_key(|it| it.resource_id());
        found.dedup_by_key(|it| it.resource_id());
        found
    }

    /// The resources of kind `T` within a VPC or subnet.
    pub fn within<T: AsResource>(&self, container: &ResourceId) -> Vec<&T> {
        self.dependents_of(container, Relation::ContainedIn)
    }

    /// Whether the interface belongs to network plumbing: by its type, or because a NAT gateway or
    /// endpoint names it as its own (some emulators do not tell the type).
    pub fn is_plumbing(&self, interface: &NetworkInterface) -> bool {
        interface.interface_type.is_infrastructure() || self.keeper(interface).is_some()
    }

    /// The NAT gateway or endpoint that names the interface as its own, and takes it along.
    pub fn keeper(&self, interface: &NetworkInterface) -> Option<ResourceId> {
        let id = interface.resource_id();
        let mut keepers: Vec<ResourceId> = self
            .edges(&id, Direction::Outgoing)
            .filter(|(edge, _)| edge.relation == Relation::ManagedBy)
            .filter_map(|(_, node)| match &node.id {
                NodeId::Resource(id @ (ResourceId::NatGateway(_) | ResourceId::VpcEndpoint(_))) => {
                    Some(id.clone())
                }
                _ => None,
            })
            .collect();
        keepers.sort();
        keepers.into_iter().next()
    }

    /// `infra(v)`: the plumbing interfaces within a VPC or subnet.
    pub fn infra(&self, container: &ResourceId) -> Vec<&NetworkInterface> {
        let mut all = self.within::<NetworkInterface>(container);
        all.retain(|it| self.is_plumbing(it));
        all
    }

    /// `clients(v)`: the interfaces in use within a VPC or subnet, those of a plumbing type aside.
    /// The type alone decides, as it does for the condition that steps re-observe.
    pub fn clients(&self, container: &ResourceId) -> Vec<&NetworkInterface> {
        let mut all = self.within::<NetworkInterface>(container);
        all.retain(|it| {
            it.status != InterfaceStatus::Available && !it.interface_type.is_infrastructure()
        });
        all
    }

    /// `routes→x`: the routes that lead to a gateway or interface, by table.
    pub fn routes_to(&self, target: &ResourceId) -> Vec<RouteRef<'_>> {
        let tables = self.dependents_of::<RouteTable>(target, Relation::RoutesThrough);
        let mut routes = Vec::new();
        for table in tables {
            let hits = table
                .routes
                .iter()
                .filter(|route| route.target() == target.as_str());
            routes.extend(hits.map(|route| RouteRef { table, route }));
        }
        routes
    }

    /// `assoc(rt)`: the subnets that use a table, explicitly or as the main one.
    pub fn subnets_using(&self, table: &ResourceId) -> Vec<TableUse> {
        let mut uses: Vec<TableUse> = self
            .edges(table, Direction::Incoming)
            .filter(|(edge, _)| edge.relation == Relation::RoutesThrough)
            .filter_map(|(edge, node)| match &node.id {
                NodeId::Resource(ResourceId::Subnet(subnet)) => Some(TableUse {
                    subnet: subnet.clone(),
                    implicit: edge.note == "implicit",
                }),
                _ => None,
            })
            .collect();
        uses.sort();
        uses
    }

    /// The gateways whose inbound traffic a table routes (edge associations).
    pub fn gateways_using(&self, table: &RouteTable) -> Vec<String> {
        let gateways = table
            .associations
            .iter()
            .filter_map(|it| it.gateway_id.as_ref());
        gateways.map(ToString::to_string).collect()
    }

    /// The main route table of a VPC.
    pub fn main_table(&self, vpc: &Vpc) -> Option<&RouteTable> {
        self.within::<RouteTable>(&vpc.resource_id())
            .into_iter()
            .find(|table| table.is_main())
    }
}
