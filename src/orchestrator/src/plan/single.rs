//! Steps for what stands alone: volumes, snapshots, addresses.

use sandtable_model::resource::{Address, EbsSnapshot, NetworkInterface, Volume};
use sandtable_model::{Action, AllocationId, Condition, Finding, ResourceId, Tags, Usd};
use smol_str::SmolStr;

use super::builder::{At, Draft};
use super::gateway::state;
use super::{Planner, undo};
use crate::graph::Relation;
use crate::rules::SAFETY_TAG;

impl Planner<'_> {
    /// V1: snapshot, then delete.
    pub(super) fn volume(&mut self, finding: &Finding) -> Result<(), String> {
        let id = &finding.resource;
        let Some(volume) = self.graph.get::<Volume>(id) else {
            return Err("its volume is not in the snapshot".to_owned());
        };
        let saving = self.saving(id);
        let delete = Action::DeleteVolume {
            volume_id: volume.volume_id.clone(),
        };
        let unattached = Condition::NoFact {
            resource: id.clone(),
            name: "Attachments".to_owned(),
        };
        let free = [state(id, "available"), unattached];
        let region = &finding.region;
        if !self.policy.snapshot_before_delete {
            let undo = undo::irreversible("the data is lost");
            let draft = Draft::new(
                region,
                &finding.id,
                delete,
                undo,
                "nothing is attached to it",
            )
            .needs(free)
            .saves(saving);
            self.builder.add(draft);
            return Ok(());
        }
        let cost = self.safety_cost(volume, region);
        // Compared only where both are known: an unknown price is no reason for or against.
        if finding.saving_usd_month.is_some() && cost >= saving && cost > Usd::ZERO {
            let (cost, saving) = (cost.to_cents_string(), saving.to_cents_string());
            return Err(format!(
                "its safety snapshot may cost {cost} a month, the volume costs {saving}"
            ));
        }
        let description = format!("sandtable: {id} before its deletion ({})", self.origin);
        let snapshotted = Condition::Snapshotted {
            volume: volume.volume_id.clone(),
            description: description.clone(),
        };
        let create = Action::CreateSnapshot {
            volume_id: volume.volume_id.clone(),
            description: SmolStr::from(description),
            tags: Tags::from_iter([(SAFETY_TAG, id.as_str())]),
        };
        let note = "nothing is lost by it; delete the snapshot once it is not wanted any more";
        let why = "so that the volume can be made again";
        let draft = Draft::new(region, &finding.id, create, undo::recoverable(note), why)
            .needs(free.iter().cloned())
            .leads_to(snapshotted.clone())
            .saves(-cost);
        let created = self.builder.add(draft);
        let note = "make a volume of the safety snapshot: same data, another id";
        let why = "nothing is attached to it";
        let draft = Draft::new(region, &finding.id, delete, undo::recoverable(note), why)
            .after([created])
            .needs(free)
            .needs([snapshotted])
            .saves(saving);
        self.builder.add(draft);
        Ok(())
    }

    /// S2: delete.
    pub(super) fn snapshot(&mut self, finding: &Finding) -> Result<(), String> {
        let id = &finding.resource;
        let Some(snapshot) = self.graph.get::<EbsSnapshot>(id) else {
            return Err("its snapshot is not in the snapshot of the account".to_owned());
        };
        let saving = self.saving(id);
        let volume = snapshot.volume_id.as_ref();
        let gone = volume.map(|it| Condition::Gone {
            resource: it.into(),
        });
        let action = Action::DeleteSnapshot {
            snapshot_id: snapshot.snapshot_id.clone(),
        };
        let undo = undo::irreversible("gone, unless a Recycle Bin rule matches it");
        let why = "its volume is gone and no image is made of it";
        let draft = Draft::new(&finding.region, &finding.id, action, undo, why)
            .needs([
                state(id, "completed"),
                Condition::Unreferenced {
                    resource: id.clone(),
                },
            ])
            .needs(gone)
            .saves(saving);
        self.builder.add(draft);
        Ok(())
    }

    /// N1: release.
    pub(super) fn idle_address(&mut self, finding: &Finding) -> Result<(), String> {
        let why = "it is associated with nothing";
        let address = AllocationId::try_from(finding.resource.clone());
        let address = address.map_err(|error| error.to_string())?;
        let release = self.release(&finding.region, &finding.id, &address, why);
        self.builder.add(release);
        Ok(())
    }

    /// G15: disassociate, release, and delete the interface once no address is left on it.
    pub(super) fn held_address(&mut self, finding: &Finding) -> Result<(), String> {
        let id = &finding.resource;
        let graph = self.graph;
        let parts = graph.get::<Address>(id).and_then(|address| {
            Some((
                address,
                address.association_id.clone()?,
                address.network_interface_id.clone()?,
            ))
        });
        let Some((address, association, interface)) = parts else {
            return Err("its address is not associated in the snapshot".to_owned());
        };
        let interface_id = ResourceId::from(&interface);
        let fact = |resource: &ResourceId, name: &str, value: &str| Condition::Fact {
            resource: resource.clone(),
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let idle = fact(&interface_id, "Status", "available");
        let action = Action::DisassociateAddress {
            allocation_id: address.allocation_id.clone(),
            association_id: association.clone(),
        };
        let undo = undo::address_association(address, &interface);
        let why = format!("{interface} , which holds it, is attached to nothing");
        let draft = Draft::new(&finding.region, &finding.id, action, undo, why)
            .needs([
                fact(id, "AssociationId", association.as_str()),
                idle.clone(),
            ])
            .leads_to(Condition::NoFact {
                resource: id.clone(),
                name: "AssociationId".to_owned(),
            })
            .watching([interface_id.clone()]);
        let freed = self.builder.add(draft);
        let why = "it is associated with nothing any more";
        let allocation = &address.allocation_id;
        let release = self
            .release(&finding.region, &finding.id, allocation, why)
            .after([freed]);
        self.builder.add(release);
        self.release_interface(finding, &interface_id, idle);
        Ok(())
    }

    /// Deletes an interface, if the plan frees every address on it.
    fn release_interface(&mut self, finding: &Finding, id: &ResourceId, idle: Condition) {
        let addresses: Vec<&Address> = self.graph.dependents_of(id, Relation::AttachedTo);
        let freed: Option<Vec<At>> = addresses
            .iter()
            .map(|address| {
                let action = Action::DisassociateAddress {
                    allocation_id: address.allocation_id.clone(),
                    association_id: address.association_id.clone()?,
                };
                self.builder.find(&finding.region, &action)
            })
            .collect();
        let Some(freed) = freed else {
            // The finding about its last address, if there is one, comes back here.
            return;
        };
        let Some(interface) = self.graph.get::<NetworkInterface>(id) else {
            return;
        };
        let action = Action::DeleteNetworkInterface {
            network_interface_id: interface.network_interface_id.clone(),
        };
        let note = "make another interface in the same subnet: the id and the addresses are others";
        let why = "attached to nothing, and no public address is left on it";
        let draft = Draft::new(
            &finding.region,
            &finding.id,
            action,
            undo::recoverable(note),
            why,
        )
        .after(freed)
        .needs([idle]);
        self.builder.add(draft);
    }
}
