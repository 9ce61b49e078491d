//! What must hold of every state, whatever was called: a check for tests, fuzzers and doubters.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use sandtable_model::resource::{
    Address, Instance, InternetGateway, NetworkAcl, NetworkInterface, RouteTable, SecurityGroup,
    Subnet, Volume, VolumeState,
};
use sandtable_model::{Resource, ResourceId, SubnetId, VpcId};
use thiserror::Error;

use super::{Bond, State, references_of};

/// A state that no sequence of calls may lead to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{resource}: {what}")]
pub struct Unsound {
    /// The resource that is wrong, or that shows what is.
    pub resource: ResourceId,
    /// What is wrong with it.
    pub what: String,
}

fn unless(
    holds: bool,
    resource: impl Into<ResourceId>,
    what: impl FnOnce() -> String,
) -> Result<(), Unsound> {
    if holds {
        return Ok(());
    }
    Err(Unsound {
        resource: resource.into(),
        what: what(),
    })
}

impl State {
    /// Looks whether the state is sound: the index of references agrees with what resources name; what
    /// is named as living is there; volumes, interfaces and addresses are told alike from both of
    /// their ends; and nothing is in two places.
    ///
    /// It costs as much as there is. What a snapshot shows need not be sound (an account may have been
    /// seen in pieces); what the twin makes of a sound one is.
    ///
    /// # Errors
    /// The first resource that is wrong.
    pub fn audit(&self) -> Result<(), Unsound> {
        self.audit_index()?;
        self.audit_kept()?;
        let mut places = Places::default();
        for (_, resource) in self.everything() {
            self.audit_references(resource)?;
            match resource.as_ref() {
                Resource::Volume(it) => self.audit_volume(it)?,
                Resource::NetworkInterface(it) => {
                    self.audit_interface(it)?;
                    places.interface(it)?;
                }
                Resource::Address(it) => self.audit_address(it)?,
                Resource::Instance(it) => self.audit_instance(it)?,
                Resource::RouteTable(it) => places.route_table(it)?,
                Resource::NetworkAcl(it) => places.acl(it)?,
                Resource::InternetGateway(it) => places.internet_gateway(it)?,
                Resource::SecurityGroup(it) => places.security_group(it)?,
                Resource::Subnet(it) => places.subnet(it)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Who names whom, counted the slow way.
    fn audit_index(&self) -> Result<(), Unsound> {
        let mut all: BTreeMap<ResourceId, BTreeSet<ResourceId>> = BTreeMap::new();
        for (_, resource) in self.everything() {
            for (target, _) in references_of(resource) {
                all.entry(target).or_default().insert(resource.id());
            }
        }
        for (target, expected) in all {
            let agrees = self.referrers(&target).eq(&expected);
            unless(agrees, target.clone(), || {
                let seen: Vec<&ResourceId> = self.referrers(&target).collect();
                format!("is named by {expected:?}, and the index says {seen:?}")
            })?;
        }
        Ok(())
    }

    /// The addresses that are kept are those that would be gathered.
    fn audit_kept(&self) -> Result<(), Unsound> {
        for (subnet, kept) in self.kept.iter() {
            let gathered = self.gather_addresses(subnet, kept.first());
            unless(gathered == *kept, subnet, || {
                format!("holds {gathered:?}, and {kept:?} is kept")
            })?;
        }
        Ok(())
    }

    fn audit_references(&self, resource: &Resource) -> Result<(), Unsound> {
        for (target, bond) in references_of(resource) {
            let is_there = self.get(&target).is_some_and(|it| !it.is_gone());
            unless(bond == Bond::Past || is_there, resource.id(), || {
                format!("names {target}, which is gone")
            })?;
        }
        Ok(())
    }

    /// A volume is in use where it is attached, and its instance says the same of it.
    fn audit_volume(&self, volume: &Volume) -> Result<(), Unsound> {
        let id = &volume.volume_id;
        let is_used = volume.state == VolumeState::InUse;
        unless(volume.attachments.is_empty() != is_used, id, || {
            let count = volume.attachments.len();
            format!("is {} with {count} attachments", volume.state)
        })?;
        for attachment in &volume.attachments {
            let instance = attachment.instance_id.as_ref();
            let instance = instance.and_then(|it| self.one::<Instance>(it));
            let mut devices = instance
                .into_iter()
                .flat_map(|it| &it.block_device_mappings);
            let mirrored = devices.find_map(|it| it.ebs.as_ref().filter(|it| it.volume_id == *id));
            let agrees = mirrored.is_some_and(|it| {
                it.status.as_deref() == Some(attachment.state.as_str())
                    && it.delete_on_termination == attachment.delete_on_termination
            });
            unless(agrees, id, || {
                format!("says {attachment:?}, its instance {mirrored:?}")
            })?;
        }
        Ok(())
    }

    /// An interface's address is at the interface.
    fn audit_interface(&self, interface: &NetworkInterface) -> Result<(), Unsound> {
        let id = &interface.network_interface_id;
        let own = interface.association.iter();
        let of_each = interface.private_ip_addresses.iter();
        let of_each = of_each.filter_map(|it| it.association.as_ref());
        for association in own.chain(of_each) {
            let Some(allocation) = &association.allocation_id else {
                continue;
            };
            let address = self.one::<Address>(allocation);
            let agrees = address.is_some_and(|it| {
                it.network_interface_id.as_ref() == Some(id)
                    && it.association_id == association.association_id
            });
            unless(agrees, id, || {
                format!("says {association:?}, the address {address:?}")
            })?;
        }
        let instance = interface.attachment.as_ref();
        let Some(instance) = instance.and_then(|it| it.instance_id.as_ref()) else {
            return Ok(());
        };
        let mirrored = self.one::<Instance>(instance).is_some_and(|instance| {
            let mut interfaces = instance.network_interfaces.iter();
            interfaces.any(|it| it.network_interface_id == *id)
        });
        unless(mirrored, id, || {
            format!("is at {instance}, which does not know it")
        })
    }

    fn audit_address(&self, address: &Address) -> Result<(), Unsound> {
        let Some(interface) = &address.network_interface_id else {
            return Ok(());
        };
        // A NAT gateway's address names the gateway's interface, which snapshots need not show.
        let Some(interface) = self.one::<NetworkInterface>(interface) else {
            return Ok(());
        };
        let own = interface.association.iter();
        let of_each = interface.private_ip_addresses.iter();
        let of_each = of_each.filter_map(|it| it.association.as_ref());
        let mirrored = own
            .chain(of_each)
            .any(|it| it.allocation_id.as_ref() == Some(&address.allocation_id));
        unless(mirrored, &address.allocation_id, || {
            let id = &interface.network_interface_id;
            format!("is at {id}, which does not know it")
        })
    }

    /// What an instance holds says so too.
    fn audit_instance(&self, instance: &Instance) -> Result<(), Unsound> {
        let id = &instance.instance_id;
        for device in &instance.block_device_mappings {
            let Some(ebs) = &device.ebs else { continue };
            let Some(volume) = self.one::<Volume>(&ebs.volume_id) else {
                continue;
            };
            let mut attachments = volume.attachments.iter();
            let mirrored = attachments.any(|it| it.instance_id.as_ref() == Some(id));
            unless(mirrored, id, || {
                format!("has {}, which does not know it", volume.volume_id)
            })?;
        }
        for interface in &instance.network_interfaces {
            let interface = &interface.network_interface_id;
            let Some(interface) = self.one::<NetworkInterface>(interface) else {
                continue;
            };
            let attachment = interface.attachment.as_ref();
            let mirrored = attachment.and_then(|it| it.instance_id.as_ref()) == Some(id);
            unless(mirrored, id, || {
                let interface = &interface.network_interface_id;
                format!("has {interface}, which does not know it")
            })?;
        }
        Ok(())
    }
}

/// What there may be only one of at a place.
#[derive(Default)]
struct Places {
    addresses: BTreeSet<(SubnetId, String)>,
    routed: BTreeSet<SubnetId>,
    guarded: BTreeSet<SubnetId>,
    main_tables: BTreeSet<VpcId>,
    gateways: BTreeSet<VpcId>,
    group_names: BTreeSet<(Option<VpcId>, String)>,
    blocks: BTreeSet<(VpcId, String)>,
}

impl Places {
    fn interface(&mut self, interface: &NetworkInterface) -> Result<(), Unsound> {
        for address in &interface.private_ip_addresses {
            let address = address.private_ip_address.to_string();
            let place = (interface.subnet_id.clone(), address);
            let second = self.addresses.replace(place);
            unless(second.is_none(), &interface.network_interface_id, || {
                format!("{second:?} belongs to another interface too")
            })?;
        }
        Ok(())
    }

    fn route_table(&mut self, table: &RouteTable) -> Result<(), Unsound> {
        let id = &table.route_table_id;
        if table.is_main() {
            let second = self.main_tables.replace(table.vpc_id.clone());
            unless(second.is_none(), id, || {
                two("main route tables", &table.vpc_id)
            })?;
        }
        for association in &table.associations {
            if let Some(subnet) = &association.subnet_id {
                let second = self.routed.replace(subnet.clone());
                unless(second.is_none(), id, || two("route tables", subnet))?;
            }
        }
        Ok(())
    }

    fn acl(&mut self, acl: &NetworkAcl) -> Result<(), Unsound> {
        for association in &acl.associations {
            let subnet = &association.subnet_id;
            let second = self.guarded.replace(subnet.clone());
            unless(second.is_none(), &acl.network_acl_id, || {
                two("network ACLs", subnet)
            })?;
        }
        Ok(())
    }

    fn internet_gateway(&mut self, gateway: &InternetGateway) -> Result<(), Unsound> {
        let id = &gateway.internet_gateway_id;
        let attachments = &gateway.attachments;
        unless(attachments.len() < 2, id, || {
            "is attached to two VPCs".to_owned()
        })?;
        for attachment in attachments {
            let second = self.gateways.replace(attachment.vpc_id.clone());
            unless(second.is_none(), id, || {
                two("internet gateways", &attachment.vpc_id)
            })?;
        }
        Ok(())
    }

    fn security_group(&mut self, group: &SecurityGroup) -> Result<(), Unsound> {
        let name = (group.vpc_id.clone(), group.group_name.to_string());
        let second = self.group_names.replace(name);
        unless(second.is_none(), &group.group_id, || {
            format!(
                "another security group of its VPC is called {}",
                group.group_name
            )
        })
    }

    fn subnet(&mut self, subnet: &Subnet) -> Result<(), Unsound> {
        let block = (subnet.vpc_id.clone(), subnet.cidr_block.to_string());
        let second = self.blocks.replace(block);
        unless(second.is_none(), &subnet.subnet_id, || {
            format!("another subnet of its VPC has {}", subnet.cidr_block)
        })
    }
}

fn two(what: &str, place: &impl Display) -> String {
    format!("{place} has two {what}")
}
