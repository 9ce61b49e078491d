//! Who blocks a call that the cloud refused because of a dependency.
//!
//! The cloud says that something is in the way, seldom what (ec2-semantics.md, section 3). What can
//! be found out by the port's queries is found out; the rest is said to be unknown.

use std::collections::BTreeSet;

use sandtable_cloud::{Act, Clock, CloudError, Query};
use sandtable_model::resource::{
    Address, InterfaceStatus, InterfaceType, InternetGateway, NetworkInterface, RouteTable,
    SecurityGroup, Volume,
};
use sandtable_model::{
    Action, Kind, NatGatewayId, Region, Resource, ResourceId, Step, VpcId, facts_of,
};

use crate::condition::{alive, is_passing, registered_images};
use crate::failure::{Amendment, Failure, FailureClass};
use crate::hands::{Hands, Task};
use crate::journal::Storage;

/// Something in the way of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blocker {
    /// What it is and what it does, in words.
    what: String,
    /// Whether it is going away by itself.
    pub(crate) passing: bool,
    /// The call that would take it away.
    remedy: Option<Action>,
}

impl Blocker {
    fn new(what: String, remedy: Option<Action>) -> Self {
        Blocker {
            what,
            passing: false,
            remedy,
        }
    }
}

/// The stop that blockers come to.
pub(crate) fn blocked(task: &Task<'_>, error: &CloudError, blockers: &[Blocker]) -> Failure {
    let (name, target) = (task.action.name(), task.action.target());
    if blockers.is_empty() {
        let why = format!(
            "{name} on {target} is blocked by something that could not be found by looking \
             ({error})"
        );
        let text = format!("find out in the account what uses {target}, then plan again");
        return Failure::new(FailureClass::Blocked, why).with_amendment(Amendment::words(text));
    }
    let list: Vec<&str> = blockers.iter().map(|it| it.what.as_str()).collect();
    let list = list.join("; ");
    let why = format!("{name} on {target} is blocked by {list} ({error})");
    let actions: Vec<Action> = blockers.iter().filter_map(|it| it.remedy.clone()).collect();
    let text = if actions.is_empty() {
        format!("clear the way of {target} by hand if that is right, then plan and rehearse again")
    } else {
        let calls: Vec<String> = actions
            .iter()
            .map(|it| format!("{} on {}", it.name(), it.target()))
            .collect();
        let rest = if actions.len() < blockers.len() {
            ", and the rest by hand"
        } else {
            ""
        };
        format!(
            "if what is in the way is not needed: {}{rest}; as a new plan, rehearsed and approved",
            calls.join(", ")
        )
    };
    Failure::new(FailureClass::Blocked, why).with_amendment(Amendment { text, actions })
}

impl<C: Act + Clock, S: Storage> Hands<'_, C, S> {
    /// What is in the way of the task's call, as far as it can be seen.
    pub(crate) fn blockers(&mut self, task: &Task<'_>) -> Result<Vec<Blocker>, Failure> {
        let region = task.region;
        let target = task.action.target();
        match task.action {
            Action::DeleteSubnet { .. } => {
                let mut found = self.interfaces(region, &target, |_| true)?;
                found.extend(self.neighbours_in(task, "SubnetId")?);
                Ok(found)
            }
            Action::DeleteVpc { .. } => {
                let mut found = self.interfaces(region, &target, |_| true)?;
                found.extend(self.neighbours_in(task, "VpcId")?);
                Ok(found)
            }
            Action::DetachInternetGateway { vpc_id, .. } => {
                self.mapped_addresses(region, &vpc_id.into())
            }
            Action::DeleteSecurityGroup { group_id } => {
                let Some(vpc) = self.vpc_of_group(region, &target)? else {
                    return Ok(Vec::new());
                };
                self.interfaces(region, &vpc.into(), |it| {
                    it.groups.iter().any(|group| group.group_id == *group_id)
                })
            }
            Action::DeleteSnapshot { snapshot_id } => {
                let images = self.look(region, &Query::ImagesOf(snapshot_id.clone()))?;
                let blocker = |id| Blocker::new(format!("the registered image {id}"), None);
                Ok(registered_images(&images)
                    .map(|image| blocker(&image.image_id))
                    .collect())
            }
            _ => {
                let answer = self.look(region, &Query::Resource(target.clone()))?;
                let target = alive(&answer, &target).cloned();
                let found = target.as_ref().map(holders).unwrap_or_default();
                match target.as_ref().and_then(Resource::get::<Address>) {
                    Some(address) => self.holder_of_address(region, address),
                    None => Ok(found),
                }
            }
        }
    }

    /// The interfaces within a VPC or subnet that `matters` picks.
    fn interfaces(
        &mut self,
        region: &Region,
        within: &ResourceId,
        matters: impl Fn(&NetworkInterface) -> bool,
    ) -> Result<Vec<Blocker>, Failure> {
        let answer = self.look(region, &Query::InterfacesWithin(within.clone()))?;
        let mut found = Vec::new();
        for interface in answer.iter().filter_map(Resource::get::<NetworkInterface>) {
            if matters(interface) {
                found.push(self.interface(region, interface)?);
            }
        }
        Ok(found)
    }

    /// The interfaces within a VPC that have a public address.
    fn mapped_addresses(
        &mut self,
        region: &Region,
        vpc: &ResourceId,
    ) -> Result<Vec<Blocker>, Failure> {
        let answer = self.look(region, &Query::InterfacesWithin(vpc.clone()))?;
        let mut found = Vec::new();
        for interface in answer.iter().filter_map(Resource::get::<NetworkInterface>) {
            let Some(mapping) = &interface.association else {
                continue;
            };
            let mut blocker = self.interface(region, interface)?;
            let of_nat = nat_gateway_of(interface).is_some();
            if let (false, Some(allocation_id), Some(association_id)) =
                (of_nat, &mapping.allocation_id, &mapping.association_id)
            {
                blocker.remedy = Some(Action::DisassociateAddress {
                    allocation_id: allocation_id.clone(),
                    association_id: association_id.clone(),
                });
            }
            found.push(blocker);
        }
        Ok(found)
    }

    fn interface(
        &mut self,
        region: &Region,
        interface: &NetworkInterface,
    ) -> Result<Blocker, Failure> {
        if let Some(gateway) = nat_gateway_of(interface) {
            return self.nat_gateway(region, interface, gateway);
        }
        let id = &interface.network_interface_id;
        let kind = &interface.interface_type;
        let holder = interface.attachment.as_ref().and_then(|it| {
            let instance = it.instance_id.as_ref().map(ToString::to_string);
            instance.or_else(|| it.instance_owner_id.as_ref().map(ToString::to_string))
        });
        let what = match holder {
            Some(holder) => format!("the network interface {id} ({kind}, held by {holder})"),
            None => format!("the network interface {id} ({kind}, {})", interface.status),
        };
        let free = interface.status == InterfaceStatus::Available && !interface.requester_managed;
        let remedy = free.then(|| Action::DeleteNetworkInterface {
            network_interface_id: id.clone(),
        });
        Ok(Blocker::new(what, remedy))
    }

    fn nat_gateway(
        &mut self,
        region: &Region,
        interface: &NetworkInterface,
        gateway: NatGatewayId,
    ) -> Result<Blocker, Failure> {
        let id = ResourceId::from(&gateway);
        let answer = self.look(region, &Query::Resource(id.clone()))?;
        let interface = &interface.network_interface_id;
        let what = format!("the network interface {interface} of the NAT gateway {gateway}");
        let blocker = match alive(&answer, &id) {
            Some(it) if is_passing(it) => Blocker {
                passing: true,
                ..Blocker::new(format!("{what}, which is being deleted"), None)
            },
            Some(_) => {
                let remedy = Action::DeleteNatGateway {
                    nat_gateway_id: gateway,
                };
                Blocker::new(what, Some(remedy))
            }
            None => Blocker {
                passing: true,
                ..Blocker::new(format!("{what}, which is deleted"), None)
            },
        };
        Ok(blocker)
    }

    fn holder_of_address(
        &mut self,
        region: &Region,
        address: &Address,
    ) -> Result<Vec<Blocker>, Failure> {
        if let Some(id) = &address.network_interface_id {
            let id = ResourceId::from(id);
            let answer = self.look(region, &Query::Resource(id.clone()))?;
            let interface = alive(&answer, &id).and_then(Resource::get::<NetworkInterface>);
            if let Some(interface) = interface.filter(|it| nat_gateway_of(it).is_some()) {
                return Ok(vec![self.interface(region, interface)?]);
            }
        }
        let holder = address
            .instance_id
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| {
                address
                    .network_interface_id
                    .as_ref()
                    .map(ToString::to_string)
            });
        let Some(association_id) = address.association_id.clone() else {
            return Ok(Vec::new());
        };
        let holder = holder.unwrap_or_else(|| "something".to_owned());
        let what = format!("its association {association_id} with {holder}");
        let remedy = Action::DisassociateAddress {
            allocation_id: address.allocation_id.clone(),
            association_id,
        };
        Ok(vec![Blocker::new(what, Some(remedy))])
    }

    fn vpc_of_group(
        &mut self,
        region: &Region,
        group: &ResourceId,
    ) -> Result<Option<VpcId>, Failure> {
        let answer = self.look(region, &Query::Resource(group.clone()))?;
        let group = alive(&answer, group).and_then(Resource::get::<SecurityGroup>);
        Ok(group.and_then(|it| it.vpc_id.clone()))
    }

    /// The other resources of the plan that are still there and stand in the target.
    fn neighbours_in(&mut self, task: &Task<'_>, member: &str) -> Result<Vec<Blocker>, Failure> {
        let target = task.action.target();
        let mut found = Vec::new();
        let here = task
            .plan
            .steps
            .iter()
            .filter(|it| it.region == *task.region);
        let neighbours: BTreeSet<ResourceId> = here.map(Step::target).collect();
        for id in &neighbours {
            // Interfaces were looked up already.
            if *id == target || id.kind() == Kind::NetworkInterface {
                continue;
            }
            let answer = self.look(task.region, &Query::Resource(id.clone()))?;
            let Some(resource) = alive(&answer, id) else {
                continue;
            };
            let facts = facts_of(resource);
            let attached = format!("Attachments[{target}].State");
            let inside = facts.get(member).map(String::as_str) == Some(target.as_str());
            if inside || facts.contains_key(&attached) {
                found.push(Blocker {
                    passing: is_passing(resource),
                    ..Blocker::new(format!("the {} {id}", id.kind().noun()), None)
                });
            }
        }
        Ok(found)
    }
}

/// What the target itself says about who holds it.
fn holders(target: &Resource) -> Vec<Blocker> {
    match target {
        Resource::Volume(volume) => volume_holders(volume),
        Resource::NetworkInterface(interface) => {
            let holder = interface.attachment.as_ref().map(|it| {
                let instance = it.instance_id.as_ref().map(ToString::to_string);
                instance
                    .or_else(|| it.instance_owner_id.as_ref().map(ToString::to_string))
                    .unwrap_or_else(|| "something".to_owned())
            });
            holder
                .map(|it| Blocker::new(format!("its attachment to {it}"), None))
                .into_iter()
                .collect()
        }
        Resource::InternetGateway(gateway) => gateway_holders(gateway),
        Resource::RouteTable(table) => table_holders(table),
        _ => Vec::new(),
    }
}

fn volume_holders(volume: &Volume) -> Vec<Blocker> {
    let holder = |it: &sandtable_model::resource::VolumeAttachment| {
        let instance = it.instance_id.as_ref().map(ToString::to_string);
        instance
            .or_else(|| it.associated_resource.as_ref().map(ToString::to_string))
            .unwrap_or_else(|| "something".to_owned())
    };
    volume
        .attachments
        .iter()
        .map(|it| {
            Blocker::new(
                format!("its attachment to {} ({})", holder(it), it.state),
                None,
            )
        })
        .collect()
}

fn gateway_holders(gateway: &InternetGateway) -> Vec<Blocker> {
    gateway
        .attachments
        .iter()
        .map(|it| {
            let remedy = Action::DetachInternetGateway {
                internet_gateway_id: gateway.internet_gateway_id.clone(),
                vpc_id: it.vpc_id.clone(),
            };
            Blocker::new(format!("its attachment to {}", it.vpc_id), Some(remedy))
        })
        .collect()
}

fn table_holders(table: &RouteTable) -> Vec<Blocker> {
    table
        .associations
        .iter()
        .map(|it| {
            if it.main {
                let what = format!("its being the main route table of {}", table.vpc_id);
                return Blocker::new(what, None);
            }
            let user = it.subnet_id.as_ref().map(ToString::to_string);
            let user = user
                .or_else(|| it.gateway_id.as_ref().map(ToString::to_string))
                .unwrap_or_else(|| "something".to_owned());
            let remedy = Action::DisassociateRouteTable {
                route_table_id: table.route_table_id.clone(),
                association_id: it.route_table_association_id.clone(),
            };
            Blocker::new(format!("its association with {user}"), Some(remedy))
        })
        .collect()
}

/// The NAT gateway that an interface belongs to: AWS names it in the interface's description
/// (`Interface for NAT Gateway nat-…`).
fn nat_gateway_of(interface: &NetworkInterface) -> Option<NatGatewayId> {
    let of_nat = matches!(interface.interface_type, InterfaceType::NatGateway)
        || interface.interface_type.as_str() == "natGateway";
    if !of_nat {
        return None;
    }
    let word = interface
        .description
        .split_whitespace()
        .find(|word| word.starts_with("nat-"))?;
    NatGatewayId::new(word).ok()
}
