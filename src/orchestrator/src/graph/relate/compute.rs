//! What instances, and what they are started from, relate to.

use rustc_hash::FxHashSet;
use sandtable_model::resource::{
    AutoScalingGroup, EbsSnapshot, Image, Instance, LaunchTemplate, Volume,
};
use sandtable_model::{ClassicLoadBalancerId, Region, ResourceId, TargetGroupId};

use crate::graph::build::Builder;
use crate::graph::{NodeId, Relation};

impl Builder {
    pub(super) fn instance(&mut self, id: &ResourceId, instance: &Instance) {
        if let Some(vpc) = &instance.vpc_id {
            self.link(id, Relation::ContainedIn, vpc);
        }
        if let Some(subnet) = &instance.subnet_id {
            self.link(id, Relation::ContainedIn, subnet);
        }
        for group in &instance.security_groups {
            self.link(id, Relation::ProtectedBy, &group.group_id);
        }
        if let Some(host) = &instance.placement.host_id {
            self.link(id, Relation::ContainedIn, host);
        }
        if let Some(reservation) = &instance.capacity_reservation_id {
            self.link(id, Relation::AttachedTo, reservation);
        }
        if let Some(image) = &instance.image_id {
            self.link(id, Relation::MadeFrom, image);
        }
    }

    pub(super) fn volume(&mut self, id: &ResourceId, volume: &Volume) {
        for attachment in &volume.attachments {
            if let Some(instance) = &attachment.instance_id {
                self.link(id, Relation::AttachedTo, instance);
            }
        }
        if let Some(snapshot) = &volume.snapshot_id {
            self.link(id, Relation::MadeFrom, snapshot);
        }
    }

    pub(super) fn snapshot(&mut self, id: &ResourceId, snapshot: &EbsSnapshot) {
        if let Some(volume) = &snapshot.volume_id {
            self.link(id, Relation::MadeFrom, volume);
        }
    }

    pub(super) fn image(&mut self, id: &ResourceId, image: &Image) {
        let snapshots: FxHashSet<_> = image.snapshot_ids().collect();
        let mut snapshots: Vec<_> = snapshots.into_iter().collect();
        snapshots.sort();
        for snapshot in snapshots {
            self.link(id, Relation::MadeFrom, snapshot);
        }
    }

    /// Every version counts: one that is not the default can still be started from.
    pub(super) fn launch_template(&mut self, id: &ResourceId, template: &LaunchTemplate) {
        for version in &template.versions {
            let note = format!("version {}", version.version_number);
            let data = &version.launch_template_data;
            let disks = data.block_device_mappings.iter();
            let snapshots = disks.filter_map(|it| it.ebs.as_ref()?.snapshot_id.as_ref());
            for origin in data.image_id.iter().chain(snapshots) {
                // An image may also be named by a parameter (`resolve:ssm:…`).
                self.edge(id, Relation::MadeFrom, NodeId::of_text(origin), &note);
            }
            let interfaces = &data.network_interfaces;
            let subnets = interfaces.iter().filter_map(|it| it.subnet_id.as_ref());
            for subnet in subnets {
                self.edge(id, Relation::Targets, NodeId::of_text(subnet), &note);
            }
            let held = interfaces
                .iter()
                .filter_map(|it| it.network_interface_id.as_ref());
            for interface in held {
                self.edge(id, Relation::Targets, NodeId::of_text(interface), &note);
            }
            let groups = interfaces.iter().flat_map(|it| &it.groups);
            for group in data.security_group_ids.iter().chain(groups) {
                self.edge(id, Relation::ProtectedBy, NodeId::of_text(group), &note);
            }
        }
    }

    pub(super) fn auto_scaling_group(
        &mut self,
        region: &Region,
        id: &ResourceId,
        group: &AutoScalingGroup,
    ) {
        for subnet in group.subnet_ids() {
            self.link(id, Relation::Targets, subnet);
        }
        for instance in &group.instances {
            let instance = (&instance.instance_id).into();
            self.link(&instance, Relation::ManagedBy, id.clone());
        }
        let template = group.launch_template.as_ref();
        if let Some(template) = template.and_then(|it| it.launch_template_id.as_deref()) {
            self.edge(id, Relation::MadeFrom, NodeId::of_text(template), "");
        }
        for arn in &group.target_group_arns {
            if let Some(target) = TargetGroupId::from_arn(arn) {
                self.link(id, Relation::AttachedTo, target);
            }
        }
        for name in &group.load_balancer_names {
            let balancer = ClassicLoadBalancerId::from_name(region, name);
            self.link(id, Relation::AttachedTo, balancer);
        }
    }
}
