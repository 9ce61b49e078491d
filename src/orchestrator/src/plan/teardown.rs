//! G2: everything of an empty VPC, in the order in which AWS lets it go (facts page
//! `ec2-semantics`, sections 3 and 4).
//!
//! Nothing of it begins before the VPC's NAT gateways are deleted. Beyond that a step waits only for
//! those without which AWS would refuse it, so that branches may run side by side.

use sandtable_model::resource::{
    Address, AsResource, InternetGateway, NatGateway, NetworkAcl, NetworkInterface, RouteTable,
    SecurityGroup, Subnet, Vpc, VpcEndpoint,
};
use sandtable_model::{Action, Condition, Destination, Finding, FindingId, ResourceId};

use super::builder::{At, Draft};
use super::{Planner, undo};
use crate::graph::Relation;

/// A teardown in the making.
pub(super) struct Teardown<'a> {
    pub(super) finding: &'a Finding,
    vpc: &'a Vpc,
    id: ResourceId,
    /// What everything waits for: the deletion of the NAT gateways.
    pub(super) start: Vec<At>,
    endpoints: Vec<(ResourceId, At)>,
    interfaces: Vec<(ResourceId, At)>,
    associations: Vec<(ResourceId, ResourceId, At)>,
    /// What the VPC's own deletion waits for.
    all: Vec<At>,
}

impl Teardown<'_> {
    /// A step of this teardown; nothing may have come alive in the VPC.
    fn step(&self, action: Action, undo: sandtable_model::Undo, why: &str) -> Draft {
        Draft::new(&self.finding.region, &self.finding.id, action, undo, why)
            .after(self.start.iter().copied())
            .needs([Condition::NoClients {
                within: self.id.clone(),
            }])
    }

    /// The steps that remove the endpoints and interfaces for which `test` holds.
    fn removals(&self, test: impl Fn(&ResourceId) -> bool) -> Vec<At> {
        let all = self.endpoints.iter().chain(&self.interfaces);
        all.filter(|(id, _)| test(id)).map(|(_, at)| *at).collect()
    }
}

impl<'a> Planner<'a> {
    pub(super) fn teardown(&mut self, finding: &Finding) -> Result<(), String> {
        if !self.policy.teardown {
            return Err("the policy switches teardown off".to_owned());
        }
        let id = &finding.resource;
        let graph: &'a crate::graph::Graph = self.graph;
        let Some(vpc) = graph.get::<Vpc>(id) else {
            return Err("its VPC is not in the snapshot".to_owned());
        };
        let start = self.gateways_deleted(id)?;
        self.addresses_freed(id)?;
        let mut down = Teardown {
            finding,
            vpc,
            id: id.clone(),
            start,
            endpoints: Vec::new(),
            interfaces: Vec::new(),
            associations: Vec::new(),
            all: Vec::new(),
        };
        self.remove_endpoints(&mut down);
        self.remove_interfaces(&mut down);
        self.remove_internet_gateways(&mut down);
        self.dissociate_tables(&mut down);
        self.remove_subnets(&mut down);
        self.remove_tables(&mut down);
        self.remove_groups(&mut down);
        self.remove_vpc(&down);
        Ok(())
    }

    /// The steps that delete the VPC's NAT gateways; all of them must be in the plan.
    fn gateways_deleted(&self, vpc: &ResourceId) -> Result<Vec<At>, String> {
        let nats = self.graph.within::<NatGateway>(vpc);
        nats.into_iter()
            .map(|nat| {
                let id = nat.resource_id();
                let step = self.builder.deleting(&id);
                step.ok_or_else(|| format!("{id} stays, because G1/{vpc} was left out"))
            })
            .collect()
    }

    /// Every address on an interface within the VPC must be freed by the plan.
    fn addresses_freed(&self, vpc: &ResourceId) -> Result<(), String> {
        for interface in self.graph.within::<NetworkInterface>(vpc) {
            let id = interface.resource_id();
            let addresses: Vec<&Address> = self.graph.dependents_of(&id, Relation::AttachedTo);
            let kept = addresses.iter().find(|it| {
                let held = self.graph.keeper(interface).is_some();
                !held
                    && !self
                        .taken
                        .contains(&FindingId(format!("G15/{}", it.allocation_id)))
            });
            if let Some(address) = kept {
                return Err(format!("{} stays on {id}", address.allocation_id));
            }
        }
        Ok(())
    }

    fn remove_endpoints(&mut self, down: &mut Teardown<'_>) {
        for endpoint in self.graph.within::<VpcEndpoint>(&down.id) {
            let id = endpoint.resource_id();
            let action = Action::DeleteVpcEndpoints {
                vpc_endpoint_id: endpoint.vpc_endpoint_id.clone(),
            };
            let note =
                "make another endpoint for the same service; its id and DNS names are others";
            let interfaces = self
                .graph
                .dependents_of::<NetworkInterface>(&id, Relation::ManagedBy);
            let tables = self
                .graph
                .dependencies_of::<RouteTable>(&id, Relation::Targets);
            let saving = self.saving(&id);
            let why = "nothing in the VPC uses it";
            let draft = down
                .step(action, undo::recoverable(note), why)
                .watching(interfaces.iter().map(|it| it.resource_id()))
                .watching(tables.iter().map(|it| it.resource_id()))
                .saves(saving);
            let at = self.builder.add(draft);
            down.endpoints.push((id, at));
        }
    }

    /// Unattached interfaces; those of gateways and endpoints go along with these.
    fn remove_interfaces(&mut self, down: &mut Teardown<'_>) {
        for interface in self.graph.within::<NetworkInterface>(&down.id) {
            if self.graph.keeper(interface).is_some() {
                continue;
            }
            let id = interface.resource_id();
            let action = Action::DeleteNetworkInterface {
                network_interface_id: interface.network_interface_id.clone(),
            };
            let note = "make another interface: the id and the addresses are others";
            let idle = Condition::Fact {
                resource: id.clone(),
                name: "Status".to_owned(),
                value: "available".to_owned(),
            };
            let why = "attached to nothing, and it keeps its subnet from being deleted";
            let draft = down
                .step(action, undo::recoverable(note), why)
                .needs([idle]);
            let at = self.builder.add(draft);
            down.interfaces.push((id, at));
        }
    }

    /// Detached only once no public address is mapped in the VPC.
    fn remove_internet_gateways(&mut self, down: &mut Teardown<'_>) {
        let gateways = self
            .graph
            .dependents_of::<InternetGateway>(&down.id, Relation::AttachedTo);
        for gateway in gateways {
            let id = gateway.resource_id();
            let igw = &gateway.internet_gateway_id;
            let vpc = &down.vpc.vpc_id;
            let attached = format!("Attachments[{vpc}]");
            let detach = Action::DetachInternetGateway {
                internet_gateway_id: igw.clone(),
                vpc_id: vpc.clone(),
            };
            let mut tables: Vec<ResourceId> = self
                .graph
                .routes_to(&id)
                .iter()
                .map(|it| it.table.resource_id())
                .collect();
            tables.dedup();
            let mapped = self.unmapping(down);
            let draft = down
                .step(
                    detach,
                    undo::gateway_attachment(igw, vpc),
                    "nothing in the VPC needs it",
                )
                .after(mapped)
                .needs([Condition::Fact {
                    resource: id.clone(),
                    name: format!("{attached}.State"),
                    value: "available".to_owned(),
                }])
                .leads_to(Condition::NoFact {
                    resource: id.clone(),
                    name: attached.clone(),
                })
                .watching(tables);
            let detached = self.builder.add(draft);
            let delete = Action::DeleteInternetGateway {
                internet_gateway_id: igw.clone(),
            };
            let note = "make another internet gateway and attach it; its id is another";
            let (region, finding) = (&down.finding.region, &down.finding.id);
            let why = "it is attached to nothing any more";
            let draft = Draft::new(region, finding, delete, undo::recoverable(note), why)
                .after([detached])
                .needs([Condition::NoFact {
                    resource: id,
                    name: attached,
                }]);
            self.builder.add(draft);
            down.all.push(detached);
        }
    }

    /// The steps that take public addresses off the VPC's unattached interfaces.
    fn unmapping(&self, down: &Teardown<'_>) -> Vec<At> {
        let interfaces = down.interfaces.iter().map(|(id, _)| id);
        let addresses = interfaces.flat_map(|id| {
            self.graph
                .dependents_of::<Address>(id, Relation::AttachedTo)
        });
        let steps = addresses.filter_map(|it| {
            let action = Action::DisassociateAddress {
                allocation_id: it.allocation_id.clone(),
                association_id: it.association_id.clone()?,
            };
            self.builder.find(&down.finding.region, &action)
        });
        steps.collect()
    }

    fn dissociate_tables(&mut self, down: &mut Teardown<'_>) {
        for table in self.graph.within::<RouteTable>(&down.id) {
            let id = table.resource_id();
            for association in table.associations.iter().filter(|it| !it.main) {
                let Some(subnet) = &association.subnet_id else {
                    continue;
                };
                let name = format!("Associations[{subnet}]");
                let action = Action::DisassociateRouteTable {
                    route_table_id: table.route_table_id.clone(),
                    association_id: association.route_table_association_id.clone(),
                };
                let why = format!("so that {id} and {subnet} can be deleted");
                let draft = down
                    .step(action, undo::table_association(table, subnet), &why)
                    .needs([Condition::Fact {
                        resource: id.clone(),
                        name: format!("{name}.AssociationState.State"),
                        value: "associated".to_owned(),
                    }])
                    .leads_to(Condition::NoFact {
                        resource: id.clone(),
                        name,
                    });
                let at = self.builder.add(draft);
                down.associations.push((id.clone(), subnet.into(), at));
            }
        }
    }

    fn remove_subnets(&mut self, down: &mut Teardown<'_>) {
        for subnet in self.graph.within::<Subnet>(&down.id) {
            let id = subnet.resource_id();
            let action = Action::DeleteSubnet {
                subnet_id: subnet.subnet_id.clone(),
            };
            let note =
                "make another subnet with the same block in the same zone; its id is another";
            let inside = |it: &ResourceId| self.lies_in(it, &id);
            let tables = down
                .associations
                .iter()
                .filter(|(_, subnet, _)| *subnet == id);
            let tables: Vec<At> = tables.map(|(_, _, at)| *at).collect();
            let draft = down
                .step(action, undo::recoverable(note), "it is empty")
                .after(down.removals(inside))
                .after(tables);
            let at = self.builder.add(draft);
            down.all.push(at);
        }
    }

    fn lies_in(&self, it: &ResourceId, subnet: &ResourceId) -> bool {
        self.graph
            .dependencies_of::<Subnet>(it, Relation::ContainedIn)
            .iter()
            .any(|found| found.resource_id() == *subnet)
    }

    fn remove_tables(&mut self, down: &mut Teardown<'_>) {
        for table in self.graph.within::<RouteTable>(&down.id) {
            if table.is_main() {
                continue;
            }
            let id = table.resource_id();
            let freed = down
                .associations
                .iter()
                .filter(|(table, _, _)| *table == id);
            let (freed, unused): (Vec<At>, Vec<Condition>) = freed
                .map(|(_, subnet, at)| {
                    let name = format!("Associations[{subnet}]");
                    (
                        *at,
                        Condition::NoFact {
                            resource: id.clone(),
                            name,
                        },
                    )
                })
                .unzip();
            let endpoints: Vec<ResourceId> = self
                .graph
                .dependents_of::<VpcEndpoint>(&id, Relation::Targets)
                .iter()
                .map(|it| it.resource_id())
                .collect();
            let routes: Vec<At> = table
                .routes
                .iter()
                .filter_map(|route| {
                    let destination = Destination::of(route)?;
                    let route_table_id = table.route_table_id.clone();
                    let action = Action::DeleteRoute {
                        route_table_id,
                        destination,
                    };
                    self.builder.find(&down.finding.region, &action)
                })
                .collect();
            let action = Action::DeleteRouteTable {
                route_table_id: table.route_table_id.clone(),
            };
            let note = "make another table with the routes that the snapshot holds";
            let draft = down
                .step(
                    action,
                    undo::recoverable(note),
                    "no subnet uses it any more",
                )
                .after(freed)
                .after(down.removals(|it| endpoints.contains(it)))
                .after(routes)
                .needs(unused);
            let at = self.builder.add(draft);
            down.all.push(at);
        }
    }

    /// Security groups, those of interfaces after their interfaces.
    fn remove_groups(&mut self, down: &mut Teardown<'_>) {
        let groups = self.graph.within::<SecurityGroup>(&down.id);
        let (revocations, order) = super::group::untangle(&groups);
        let mut revoked = Vec::new();
        for revocation in revocations {
            let (action, undo) = (revocation.action(), revocation.undo());
            let why = "the rule names a group that shall be deleted";
            let draft = revocation
                .effects()
                .into_iter()
                .fold(down.step(action, undo, why), Draft::leads_to)
                .needs(revocation.preconditions());
            revoked.push((revocation.names, revocation.group, self.builder.add(draft)));
        }
        let mut deleted: Vec<(ResourceId, At)> = Vec::new();
        for group in order {
            let id = group.resource_id();
            let members: Vec<ResourceId> = self
                .graph
                .dependents(&id)
                .into_iter()
                .filter(|it| it.relation == Relation::ProtectedBy)
                .filter_map(|it| match it.other {
                    crate::graph::NodeId::Resource(id) => Some(id),
                    crate::graph::NodeId::External(_) => None,
                })
                .collect();
            let rules = revoked
                .iter()
                .filter(|(names, by, _)| names.contains(&group.group_id) || *by == group.group_id);
            let rules: Vec<At> = rules.map(|(_, _, at)| *at).collect();
            // A group that names this one in a rule that stays goes before it.
            let users: Vec<At> = deleted
                .iter()
                .filter(|(other, _)| members.contains(other))
                .map(|(_, at)| *at)
                .collect();
            let action = Action::DeleteSecurityGroup {
                group_id: group.group_id.clone(),
            };
            let note =
                "make another group with the rules that the snapshot holds; its id is another";
            let draft = down
                .step(
                    action,
                    undo::recoverable(note),
                    "no interface and no rule uses it",
                )
                .after(down.removals(|it| members.contains(it)))
                .after(rules)
                .after(users);
            let at = self.builder.add(draft);
            down.all.push(at);
            deleted.push((id, at));
        }
    }

    fn remove_vpc(&mut self, down: &Teardown<'_>) {
        let action = Action::DeleteVpc {
            vpc_id: down.vpc.vpc_id.clone(),
        };
        let note = "make another VPC with the same blocks; its id, and that of its default security \
                    group, network ACL and main route table, are others";
        let groups = self.graph.within::<SecurityGroup>(&down.id);
        let default = groups
            .iter()
            .filter(|it| it.is_default())
            .map(|it| it.resource_id());
        let main = self.graph.main_table(down.vpc).map(|it| it.resource_id());
        // Only the default one can be here: a teardown abstains where there is another.
        let acls = self.graph.within::<NetworkAcl>(&down.id);
        let acls = acls.into_iter().map(|it| it.resource_id());
        let removed = down.removals(|_| true);
        let draft = down
            .step(action, undo::recoverable(note), "nothing is left in it")
            .after(removed)
            .after(down.all.iter().copied())
            .watching(default)
            .watching(main)
            .watching(acls);
        self.builder.add(draft);
    }
}
