//! EBS volumes and snapshots, and the images made of them.

mod attach;
mod filters;
mod image;
mod image_make;
mod modify;
mod performance;
mod snapshot;
mod volume;

pub use attach::{AttachVolumeRequest, DetachVolumeRequest, attach_volume, detach_volume};
pub use image::{
    DeregisterImageRequest, DeregisteredImage, DescribeImagesRequest, deregister_image,
    describe_images,
};
pub use image_make::{
    BlockDevice, BlockDeviceEbs, CreateImageRequest, MadeImage, RegisterImageRequest, create_image,
    register_image,
};
pub use modify::{
    DescribeVolumesModificationsRequest, ModifyVolumeRequest, VolumeModification,
    describe_volumes_modifications, modify_volume,
};
pub use snapshot::{
    CreateSnapshotRequest, DeleteSnapshotRequest, DescribeSnapshotsRequest, create_snapshot,
    delete_snapshot, describe_snapshots,
};
pub use volume::{
    CreateVolumeRequest, DeleteVolumeRequest, DescribeVolumesRequest, create_volume, delete_volume,
    describe_volumes,
};

pub(crate) use attach::{attachment, detach_now, put};
pub(crate) use image::only_of_owners;
pub(crate) use performance::Performance;
pub(crate) use volume::delete_now;

use std::collections::BTreeMap;

use sandtable_model::resource::{
    EbsSnapshot, Image, SnapshotState, Volume, VolumeAttachmentState, VolumeState,
};
use sandtable_model::{ImageId, InstanceId, SnapshotId, Timestamp, VolumeId};

use crate::Twin;
use crate::dispatch::{Row, operations};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "AttachVolume" => attach_volume,
    "CreateImage" => create_image,
    "CreateSnapshot" => create_snapshot,
    "CreateVolume" => create_volume,
    "DeleteSnapshot" => delete_snapshot,
    "DeleteVolume" => delete_volume,
    "DeregisterImage" => deregister_image,
    "DescribeImages" => describe_images,
    "DescribeSnapshots" => describe_snapshots,
    "DescribeVolumes" => describe_volumes,
    "DescribeVolumesModifications" => describe_volumes_modifications,
    "DetachVolume" => detach_volume,
    "ModifyVolume" => modify_volume,
    "RegisterImage" => register_image,
};

/// What no describe answer of these kinds carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {
    /// The last modification of each volume that had one.
    pub(crate) modifications: BTreeMap<VolumeId, VolumeModification>,
    /// When the last snapshot of a volume was begun, for AWS's limit on their rate.
    pub(crate) snapshotted: BTreeMap<VolumeId, Timestamp>,
}

/// What happens to volumes, snapshots and images by itself. Each is void when the resource is no
/// longer in the state that it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// `creating` to `available`.
    VolumeAvailable(VolumeId),
    /// `deleting` to gone.
    VolumeDeleted(VolumeId),
    /// `attaching` to `attached`.
    VolumeAttached(VolumeId, InstanceId),
    /// `detaching` to detached.
    VolumeDetached(VolumeId, InstanceId),
    /// `modifying` to `optimizing`: the volume has its new size and performance.
    VolumeModified(VolumeId),
    /// `optimizing` to `completed`.
    VolumeOptimized(VolumeId),
    /// `pending` to `completed`.
    SnapshotCompleted(SnapshotId),
    /// `pending` to `available`.
    ImageAvailable(ImageId),
}

impl From<Transition> for crate::Transition {
    fn from(it: Transition) -> Self {
        crate::Transition::Storage(it)
    }
}

/// Lets a transition happen.
pub(crate) fn fire(twin: &mut Twin, transition: Transition) {
    match transition {
        Transition::VolumeAvailable(id) => {
            twin.state.update(id, |it: &mut Volume| {
                if it.state == VolumeState::Creating {
                    it.state = VolumeState::Available;
                }
            });
        }
        Transition::VolumeDeleted(id) => {
            let volume = twin.state.one::<Volume>(&id);
            if volume.is_some_and(|it| it.state == VolumeState::Deleting) {
                delete_now(twin, &id);
            }
        }
        Transition::VolumeAttached(volume, instance) => {
            attach::settle_attachment(twin, &volume, &instance);
        }
        Transition::VolumeDetached(volume, instance) => {
            let is_detaching = twin.state.one::<Volume>(&volume).is_some_and(|it| {
                it.attachments.iter().any(|attachment| {
                    attachment.instance_id.as_ref() == Some(&instance)
                        && attachment.state == VolumeAttachmentState::Detaching
                })
            });
            if is_detaching {
                attach::detach_now(twin, &volume, &instance);
            }
        }
        Transition::VolumeModified(id) => modify::apply(twin, &id),
        Transition::VolumeOptimized(id) => modify::complete(twin, &id),
        Transition::SnapshotCompleted(id) => {
            twin.state.update(id, |it: &mut EbsSnapshot| {
                if it.state == SnapshotState::Pending {
                    it.state = SnapshotState::Completed;
                    it.progress = Some("100%".into());
                }
            });
        }
        Transition::ImageAvailable(id) => {
            twin.state.update(id, |it: &mut Image| {
                if it.state == "pending" {
                    it.state = "available".into();
                }
            });
        }
    }
}

/// Schedules what was under way when the snapshot was taken.
pub(crate) fn resume_lifecycles(twin: &mut Twin) {
    let timings = twin.options.timings.clone();
    let mut due: Vec<(sandtable_model::Duration, Transition)> = Vec::new();
    for (_, resource) in twin.state.everything() {
        if let Some(volume) = resource.get::<Volume>() {
            let id = volume.volume_id.clone();
            match volume.state {
                VolumeState::Creating => {
                    due.push((timings.volume_create, Transition::VolumeAvailable(id)));
                }
                VolumeState::Deleting => {
                    due.push((timings.volume_delete, Transition::VolumeDeleted(id)));
                }
                _ => due.extend(attach::under_way(volume, &timings)),
            }
        } else if let Some(snapshot) = resource.get::<EbsSnapshot>() {
            if snapshot.state == SnapshotState::Pending {
                let transition = Transition::SnapshotCompleted(snapshot.snapshot_id.clone());
                due.push((timings.snapshot_create, transition));
            }
        } else if let Some(image) = resource.get::<Image>()
            && image.state == "pending"
        {
            let transition = Transition::ImageAvailable(image.image_id.clone());
            due.push((timings.image_create, transition));
        }
    }
    for (delay, transition) in due {
        twin.schedule(delay, transition);
    }
}

#[cfg(test)]
mod tests;
