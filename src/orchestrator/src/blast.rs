//! Blast radius: who and what a call affects beside its target, as the graph shows it before the
//! plan begins.

use std::collections::BTreeMap;

use sandtable_model::resource::{
    Address, AsResource, AutoScalingGroup, DbSubnetGroup, EbsSnapshot, FlowLog, Image, Instance,
    InternetGateway, LaunchTemplate, NatGateway, NetworkInterface, RouteTable, SecurityGroup,
    Subnet, Volume, VpcEndpoint,
};
use sandtable_model::{Action, BlastRadius, Harm, HarmKind, ResourceId};

use crate::graph::{Graph, Relation};

/// What a resource in use counts, against one for any other.
const IN_USE_WEIGHT: u32 = 10;

/// Who and what a call affects.
pub fn of_action(graph: &Graph, action: &Action) -> BlastRadius {
    let mut harms = Harms::new(graph);
    match action {
        Action::DeleteRoute {
            route_table_id,
            destination,
        } => {
            let table = route_table_id.into();
            harms.subnets_of(
                &table,
                &format!("loses its route for {}", destination.as_str()),
            );
        }
        Action::DisassociateRouteTable {
            route_table_id,
            association_id,
        } => {
            let table = graph.get::<RouteTable>(&route_table_id.into());
            let mut associations = table.iter().flat_map(|it| &it.associations);
            let hit = associations.find(|it| it.route_table_association_id == *association_id);
            if let Some(subnet) = hit.and_then(|it| it.subnet_id.as_ref()) {
                let why = "falls back to the main route table";
                harms.network_of(&subnet.into(), HarmKind::Changed, why);
            }
        }
        Action::DetachInternetGateway {
            internet_gateway_id,
            ..
        } => {
            harms.gateway(
                &internet_gateway_id.into(),
                "loses its route to the internet",
            );
        }
        Action::DisassociateAddress { allocation_id, .. } => {
            harms.address(&allocation_id.into());
        }
        Action::RevokeSecurityGroupIngress { group_id, .. }
        | Action::RevokeSecurityGroupEgress { group_id, .. } => {
            harms.members(&group_id.into(), "talks under fewer rules");
        }
        _ if action.deletes_target() => harms.deletion(&action.target()),
        _ => {}
    }
    harms.done(&action.target())
}

/// Who and what the deletion of a resource would affect.
pub fn of_deletion(graph: &Graph, id: &ResourceId) -> BlastRadius {
    let mut harms = Harms::new(graph);
    harms.deletion(id);
    harms.done(id)
}

/// A blast radius of these harms.
pub(crate) fn scored(graph: &Graph, harms: Vec<Harm>) -> BlastRadius {
    let weight = |it: &Harm| {
        if in_use(graph, &it.resource) {
            IN_USE_WEIGHT
        } else {
            1
        }
    };
    let score = harms.iter().map(weight).fold(0, u32::saturating_add);
    BlastRadius { harms, score }
}

struct Harms<'a> {
    graph: &'a Graph,
    found: BTreeMap<ResourceId, Harm>,
}

impl<'a> Harms<'a> {
    fn new(graph: &'a Graph) -> Self {
        Harms {
            graph,
            found: BTreeMap::new(),
        }
    }

    /// Records a harm; of several on one resource the first counts.
    fn add(&mut self, resource: ResourceId, kind: HarmKind, reason: &str) {
        let harm = Harm {
            resource: resource.clone(),
            kind,
            reason: reason.to_owned(),
        };
        self.found.entry(resource).or_insert(harm);
    }

    fn each<T: AsResource>(&mut self, all: Vec<&T>, kind: HarmKind, reason: &str) {
        for it in all {
            self.add(it.resource_id(), kind, reason);
        }
    }

    fn done(mut self, target: &ResourceId) -> BlastRadius {
        self.found.remove(target);
        scored(self.graph, self.found.into_values().collect())
    }

    fn deletion(&mut self, id: &ResourceId) {
        let graph = self.graph;
        match id {
            ResourceId::NatGateway(_) => {
                self.kept_interfaces(id);
                self.each(
                    graph.dependents_of::<Address>(id, Relation::AttachedTo),
                    HarmKind::Changed,
                    "is associated with nothing afterwards, and costs on",
                );
                self.routes(id);
            }
            ResourceId::InternetGateway(_) => self.gateway(id, "loses its route to the internet"),
            ResourceId::VpcEndpoint(_) => {
                self.kept_interfaces(id);
                self.each(
                    graph.dependencies_of::<RouteTable>(id, Relation::Targets),
                    HarmKind::Changed,
                    "loses its route to the endpoint's service",
                );
                self.routes(id);
            }
            ResourceId::Address(_) => self.address(id),
            ResourceId::NetworkInterface(_) => {
                self.each(
                    graph.dependents_of::<Address>(id, Relation::AttachedTo),
                    HarmKind::Changed,
                    "is associated with nothing afterwards",
                );
                self.each(
                    graph.dependencies_of::<Instance>(id, Relation::AttachedTo),
                    HarmKind::Changed,
                    "loses an interface",
                );
                self.routes(id);
            }
            ResourceId::Volume(_) => self.each(
                graph.dependencies_of::<Instance>(id, Relation::AttachedTo),
                HarmKind::Changed,
                "loses a disk",
            ),
            ResourceId::EbsSnapshot(_) => {
                self.each(
                    graph.dependents_of::<Image>(id, Relation::MadeFrom),
                    HarmKind::Changed,
                    "is made of it and cannot start any more",
                );
                self.each(
                    graph.dependents_of::<LaunchTemplate>(id, Relation::MadeFrom),
                    HarmKind::Changed,
                    "makes disks of it and cannot start anything any more",
                );
            }
            ResourceId::SecurityGroup(_) => {
                self.members(id, "loses a security group");
                self.each(
                    graph.dependents_of::<LaunchTemplate>(id, Relation::ProtectedBy),
                    HarmKind::Changed,
                    "names it, and cannot start anything any more",
                );
                self.each(
                    graph.dependents_of::<SecurityGroup>(id, Relation::ProtectedBy),
                    HarmKind::Changed,
                    "names it in a rule",
                );
            }
            ResourceId::RouteTable(_) => {
                for it in graph.subnets_using(id) {
                    let why = "loses its route table";
                    self.network_of(&it.subnet.into(), HarmKind::Changed, why);
                }
            }
            ResourceId::Instance(_) => self.instance(id),
            ResourceId::Image(_) => self.each(
                graph.dependencies_of::<EbsSnapshot>(id, Relation::MadeFrom),
                HarmKind::Changed,
                "is used by no image afterwards, and costs on",
            ),
            ResourceId::Vpc(_) | ResourceId::Subnet(_) => self.contents(id),
            // No plan removes these.
            _ => {}
        }
    }

    /// What is within a VPC or subnet, which AWS would ask to remove first.
    fn contents(&mut self, id: &ResourceId) {
        let (graph, removed, why) = (self.graph, HarmKind::Removed, "is within it");
        self.each(graph.within::<Subnet>(id), removed, why);
        self.each(graph.within::<RouteTable>(id), removed, why);
        self.each(graph.within::<SecurityGroup>(id), removed, why);
        self.each(graph.within::<NatGateway>(id), removed, why);
        self.each(graph.within::<VpcEndpoint>(id), removed, why);
        self.each(graph.within::<NetworkInterface>(id), removed, why);
        self.each(graph.within::<Instance>(id), removed, why);
        let (changed, why) = (HarmKind::Changed, "names it for what it starts");
        self.each(
            graph.dependents_of::<AutoScalingGroup>(id, Relation::Targets),
            changed,
            why,
        );
        self.each(
            graph.dependents_of::<LaunchTemplate>(id, Relation::Targets),
            changed,
            why,
        );
        self.each(
            graph.dependents_of::<DbSubnetGroup>(id, Relation::Targets),
            changed,
            why,
        );
        self.each(
            graph.dependents_of::<FlowLog>(id, Relation::Targets),
            changed,
            "watches it",
        );
        self.each(
            graph.dependents_of::<InternetGateway>(id, Relation::AttachedTo),
            HarmKind::Changed,
            "is attached to it",
        );
        if let ResourceId::Subnet(_) = id {
            self.each(
                graph.dependencies_of::<RouteTable>(id, Relation::RoutesThrough),
                HarmKind::Changed,
                "is associated with it",
            );
        }
    }

    fn instance(&mut self, id: &ResourceId) {
        let graph = self.graph;
        self.each(
            graph.dependents_of::<NetworkInterface>(id, Relation::AttachedTo),
            HarmKind::Removed,
            "is attached to it",
        );
        self.each(
            graph.dependents_of::<Volume>(id, Relation::AttachedTo),
            HarmKind::Changed,
            "is attached to it",
        );
    }

    fn kept_interfaces(&mut self, id: &ResourceId) {
        let all = self
            .graph
            .dependents_of::<NetworkInterface>(id, Relation::ManagedBy);
        self.each(all, HarmKind::Removed, "goes along with it");
    }

    fn address(&mut self, id: &ResourceId) {
        let why = "loses its public address";
        let graph = self.graph;
        let attached = Relation::AttachedTo;
        self.each(
            graph.dependencies_of::<NetworkInterface>(id, attached),
            HarmKind::Changed,
            why,
        );
        self.each(
            graph.dependencies_of::<Instance>(id, attached),
            HarmKind::Changed,
            why,
        );
        self.each(
            graph.dependencies_of::<NatGateway>(id, attached),
            HarmKind::Changed,
            why,
        );
    }

    fn members(&mut self, group: &ResourceId, why: &str) {
        let all = self
            .graph
            .dependents_of::<NetworkInterface>(group, Relation::ProtectedBy);
        self.each(all, HarmKind::LosesPath, why);
    }

    fn gateway(&mut self, id: &ResourceId, why: &str) {
        self.routes(id);
        for hit in self.graph.routes_to(id) {
            self.subnets_of(&hit.table.resource_id(), why);
        }
    }

    /// The tables with a route to it, and the subnets that go by them.
    fn routes(&mut self, id: &ResourceId) {
        for hit in self.graph.routes_to(id) {
            let (table, to) = (hit.table.resource_id(), hit.route.destination());
            self.add(
                table.clone(),
                HarmKind::Changed,
                &format!("its route for {to} leads nowhere"),
            );
            self.subnets_of(&table, &format!("loses its route for {to}"));
        }
    }

    fn subnets_of(&mut self, table: &ResourceId, why: &str) {
        for it in self.graph.subnets_using(table) {
            self.network_of(&it.subnet.into(), HarmKind::LosesPath, why);
        }
    }

    /// A subnet and the clients in it.
    fn network_of(&mut self, subnet: &ResourceId, kind: HarmKind, why: &str) {
        self.add(subnet.clone(), kind, why);
        self.each(self.graph.clients(subnet), kind, why);
    }
}

/// Whether something that runs uses the resource.
pub(crate) fn in_use(graph: &Graph, id: &ResourceId) -> bool {
    match id {
        ResourceId::Instance(_) => graph.get::<Instance>(id).is_some(),
        ResourceId::NetworkInterface(_) => graph.get::<NetworkInterface>(id).is_some_and(|it| {
            it.status != sandtable_model::resource::InterfaceStatus::Available
                && !graph.is_plumbing(it)
        }),
        ResourceId::Image(_) => !graph
            .dependents_of::<Instance>(id, Relation::MadeFrom)
            .is_empty(),
        _ => false,
    }
}
