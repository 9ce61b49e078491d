//! Steps for NAT gateways: routes first, as the part that can be taken back; then the gateway; then
//! the addresses that would cost on.

use std::collections::BTreeSet;

use sandtable_model::resource::{
    Address, AsResource, NatGateway, NatGatewayState, NetworkInterface, RouteTable,
};
use sandtable_model::{
    Action, AllocationId, Condition, Destination, Finding, FindingId, Region, ResourceId,
};

use super::builder::{At, Draft};
use super::{Planner, undo};
use crate::graph::Relation;
use crate::rules::{Fate, addresses};

impl Planner<'_> {
    /// G1: every available gateway of an empty VPC.
    pub(super) fn empty_vpc(&mut self, finding: &Finding) -> Result<(), String> {
        let vpc = &finding.resource;
        let mut nats = self.graph.within::<NatGateway>(vpc);
        nats.retain(|it| it.state == NatGatewayState::Available);
        let idle = [Condition::NoClients {
            within: vpc.clone(),
        }];
        for nat in nats {
            let why = format!("nothing in {vpc} uses it");
            self.remove_gateway(finding, nat, &idle, &why);
        }
        Ok(())
    }

    /// N5, G4 and G5: one gateway.
    pub(super) fn single_gateway(&mut self, finding: &Finding) -> Result<(), String> {
        let graph = self.graph;
        let Some(nat) = graph.get::<NatGateway>(&finding.resource) else {
            return Err("its gateway is not in the snapshot".to_owned());
        };
        let routes = graph.routes_to(&finding.resource);
        let subnets: BTreeSet<ResourceId> = routes
            .iter()
            .flat_map(|it| graph.subnets_using(&it.table.resource_id()))
            .map(|it| it.subnet.into())
            .collect();
        let mut idle: Vec<Condition> = subnets
            .into_iter()
            .map(|within| Condition::NoClients { within })
            .collect();
        if finding.rule.0 == "G4" {
            // Each table is dead: nothing may have been associated with it since.
            let tables = routes.iter().map(|it| it.table).filter(|it| !it.is_main());
            let tables: BTreeSet<ResourceId> = tables.map(|it| it.resource_id()).collect();
            idle.extend(tables.into_iter().map(unused));
        }
        let why = match finding.rule.0.as_str() {
            "N5" => "no route leads to it",
            "G4" => "nothing uses the tables that lead to it",
            _ => "the subnets that it serves are empty",
        };
        self.remove_gateway(finding, nat, &idle, why);
        if finding.rule.0 == "G4" {
            for table in routes.iter().map(|it| it.table) {
                self.dead_table(finding, table);
            }
        }
        Ok(())
    }

    /// Routes, gateway, addresses.
    fn remove_gateway(
        &mut self,
        finding: &Finding,
        nat: &NatGateway,
        idle: &[Condition],
        why: &str,
    ) {
        let id = nat.resource_id();
        let routes = self.remove_routes(finding, &id, idle);
        let fates = addresses(self.graph, self.policy, nat);
        let seen = fates
            .iter()
            .filter(|(_, fate)| !matches!(fate, Fate::NotSeen));
        let interfaces = self
            .graph
            .dependents_of::<NetworkInterface>(&id, Relation::ManagedBy);
        let watch = seen
            .map(|(id, _)| id.into())
            .chain(interfaces.iter().map(|it| it.resource_id()));
        let action = Action::DeleteNatGateway {
            nat_gateway_id: nat.nat_gateway_id.clone(),
        };
        let note = "make another NAT gateway in the same subnet with the kept address, and point \
                    the routes at it: the id and the private address are others";
        let saving = self.saving(&id);
        let draft = Draft::new(
            &finding.region,
            &finding.id,
            action,
            undo::recoverable(note),
            why,
        )
        .after(routes)
        .needs([
            state(&id, "available"),
            Condition::NoRoutesTo { target: id.clone() },
        ])
        .needs(idle.iter().cloned())
        .watching(watch)
        .saves(saving);
        let deleted = self.builder.add(draft);
        for (address, fate) in fates {
            self.settle_address(finding, &id, deleted, &address, fate);
        }
    }

    fn remove_routes(
        &mut self,
        finding: &Finding,
        nat: &ResourceId,
        idle: &[Condition],
    ) -> Vec<At> {
        let mut steps = Vec::new();
        for hit in self.graph.routes_to(nat) {
            let Some(destination) = Destination::of(hit.route) else {
                continue;
            };
            let table = hit.table.resource_id();
            let name = format!("Routes[{}]", destination.as_str());
            let (resource, value) = (table.clone(), nat.to_string());
            let leads = Condition::Fact {
                resource,
                name: format!("{name}.NatGatewayId"),
                value,
            };
            let undo = undo::route(hit.table, hit.route, &destination);
            let to = destination.as_str();
            let why =
                format!("the route for {to} leads to {nat} ; it goes first, to be taken back");
            let route_table_id = hit.table.route_table_id.clone();
            let action = Action::DeleteRoute {
                route_table_id,
                destination,
            };
            let draft = Draft::new(&finding.region, &finding.id, action, undo, why)
                .needs([leads])
                .needs(idle.iter().cloned())
                .leads_to(Condition::NoFact {
                    resource: table,
                    name,
                });
            steps.push(self.builder.add(draft));
        }
        steps
    }

    /// An address that its gateway's deletion makes idle.
    fn settle_address(
        &mut self,
        finding: &Finding,
        nat: &ResourceId,
        deleted: At,
        address: &AllocationId,
        fate: Fate,
    ) {
        match fate {
            Fate::Release => {
                let why = format!("{nat} frees it, and it costs on while it is allocated");
                let release = self.release(&finding.region, &finding.id, address, &why);
                self.builder.add(release.after([deleted]));
            }
            Fate::Keep(reason) => {
                let note = format!("{address} of {nat} stays allocated, and costs on: {reason}");
                self.report.notes.push(note);
            }
            Fate::NotSeen => {
                let note = format!("{address} of {nat} was not seen; it stays allocated");
                self.report.notes.push(note);
            }
        }
    }

    /// The release of an address that is associated with nothing by then.
    pub(super) fn release(
        &mut self,
        region: &Region,
        finding: &FindingId,
        address: &AllocationId,
        why: &str,
    ) -> Draft {
        let id = ResourceId::from(address);
        let ip = self
            .graph
            .get::<Address>(&id)
            .and_then(|it| it.public_ip.clone())
            .unwrap_or_default();
        let note = format!(
            "the address is gone; AllocateAddress with {ip} gets it back only while nobody else has it"
        );
        let saving = self.saving(&id);
        let action = Action::ReleaseAddress {
            allocation_id: address.clone(),
        };
        let free = Condition::NoFact {
            resource: id,
            name: "AssociationId".to_owned(),
        };
        Draft::new(region, finding, action, undo::irreversible(note), why)
            .needs([free])
            .saves(saving)
    }

    /// A table that nothing uses, once its routes to the gateway are gone.
    fn dead_table(&mut self, finding: &Finding, table: &RouteTable) {
        let id = table.resource_id();
        if table.is_main() {
            self.report
                .notes
                .push(format!("{id} is a main table, which cannot be deleted"));
            return;
        }
        let routes = table.routes.iter().filter_map(|route| {
            let destination = Destination::of(route)?;
            let route_table_id = table.route_table_id.clone();
            let action = Action::DeleteRoute {
                route_table_id,
                destination,
            };
            self.builder.find(&finding.region, &action)
        });
        let routes: Vec<At> = routes.collect();
        let action = Action::DeleteRouteTable {
            route_table_id: table.route_table_id.clone(),
        };
        let note = "make another table with the routes that the snapshot holds";
        let why = "no subnet and no gateway uses it";
        let draft = Draft::new(
            &finding.region,
            &finding.id,
            action,
            undo::recoverable(note),
            why,
        )
        .after(routes)
        .needs([unused(id)]);
        self.builder.add(draft);
    }
}

/// The condition that nothing is associated with a table that is not a main one.
fn unused(table: ResourceId) -> Condition {
    Condition::NoFact {
        resource: table,
        name: "Associations".to_owned(),
    }
}

/// The condition that a resource is in a state.
pub(super) fn state(id: &ResourceId, value: &str) -> Condition {
    Condition::Fact {
        resource: id.clone(),
        name: "State".to_owned(),
        value: value.to_owned(),
    }
}
