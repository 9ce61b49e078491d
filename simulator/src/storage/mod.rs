//! EBS volumes and snapshots, the images made of them, and what a Region sets for them.
//!
//! Three folders, one a kind; beside them what crosses kinds: `encryption` and `public_access` (settings
//! of a Region), `access` (with whom something is shared), `recycle_bin`, and [`Choices`] (what AWS
//! leaves open, and quotas).
//!
//! Deliberately absent: Outposts and Local Zones, keys of KMS, retention rules of the Recycle Bin, copies
//! of volumes, the allowed-images setting.

mod access;
mod choices;
pub(crate) mod encryption;
mod filters;
mod images;
mod public_access;
mod recycle_bin;
mod snapshots;
mod volumes;

pub use access::{Permission, PermissionChanges};
pub use choices::{Choices, LockRefusal, ModificationPace, Quotas};
pub use encryption::*;
pub use images::*;
pub use public_access::*;
pub use recycle_bin::*;
pub use snapshots::*;
pub use volumes::*;

pub(crate) use choices::check_volume_room;
pub(crate) use images::{is_deregistered, only_of_owners};
pub(crate) use snapshots::check_usable;
pub(crate) use volumes::{Performance, attachment, delete_now, detach_now, put};

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::resource::{
    EbsSnapshot, Image, SnapshotState, Volume, VolumeAttachmentState, VolumeState,
};
use sandtable_model::{
    AvailabilityZone, Duration, ImageId, InstanceId, Region, SnapshotId, Timestamp, VolumeId,
};
use smol_str::SmolStr;

use crate::Twin;
use crate::dispatch::{Row, operations};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "AttachVolume" => attach_volume,
    "CancelImageLaunchPermission" => cancel_image_launch_permission,
    "CopyImage" => copy_image,
    "CopySnapshot" => copy_snapshot,
    "CreateImage" => create_image,
    "CreateRestoreImageTask" => create_restore_image_task,
    "CreateSnapshot" => create_snapshot,
    "CreateSnapshots" => create_snapshots,
    "CreateStoreImageTask" => create_store_image_task,
    "CreateVolume" => create_volume,
    "DeleteSnapshot" => delete_snapshot,
    "DeleteVolume" => delete_volume,
    "DeregisterImage" => deregister_image,
    "DescribeFastSnapshotRestores" => describe_fast_snapshot_restores,
    "DescribeImageAttribute" => describe_image_attribute,
    "DescribeImages" => describe_images,
    "DescribeLockedSnapshots" => describe_locked_snapshots,
    "DescribeSnapshotAttribute" => describe_snapshot_attribute,
    "DescribeSnapshotTierStatus" => describe_snapshot_tier_status,
    "DescribeSnapshots" => describe_snapshots,
    "DescribeStoreImageTasks" => describe_store_image_tasks,
    "DescribeVolumeAttribute" => describe_volume_attribute,
    "DescribeVolumeStatus" => describe_volume_status,
    "DescribeVolumes" => describe_volumes,
    "DescribeVolumesModifications" => describe_volumes_modifications,
    "DetachVolume" => detach_volume,
    "DisableEbsEncryptionByDefault" => disable_ebs_encryption_by_default,
    "DisableFastSnapshotRestores" => disable_fast_snapshot_restores,
    "DisableImage" => disable_image,
    "DisableImageBlockPublicAccess" => disable_image_block_public_access,
    "DisableImageDeprecation" => disable_image_deprecation,
    "DisableImageDeregistrationProtection" => disable_image_deregistration_protection,
    "DisableSnapshotBlockPublicAccess" => disable_snapshot_block_public_access,
    "EnableEbsEncryptionByDefault" => enable_ebs_encryption_by_default,
    "EnableFastSnapshotRestores" => enable_fast_snapshot_restores,
    "EnableImage" => enable_image,
    "EnableImageBlockPublicAccess" => enable_image_block_public_access,
    "EnableImageDeprecation" => enable_image_deprecation,
    "EnableImageDeregistrationProtection" => enable_image_deregistration_protection,
    "EnableSnapshotBlockPublicAccess" => enable_snapshot_block_public_access,
    "EnableVolumeIO" => enable_volume_io,
    "GetEbsDefaultKmsKeyId" => get_ebs_default_kms_key_id,
    "GetEbsEncryptionByDefault" => get_ebs_encryption_by_default,
    "GetImageBlockPublicAccessState" => get_image_block_public_access_state,
    "GetSnapshotBlockPublicAccessState" => get_snapshot_block_public_access_state,
    "ListImagesInRecycleBin" => list_images_in_recycle_bin,
    "ListSnapshotsInRecycleBin" => list_snapshots_in_recycle_bin,
    "ListVolumesInRecycleBin" => list_volumes_in_recycle_bin,
    "LockSnapshot" => lock_snapshot,
    "ModifyEbsDefaultKmsKeyId" => modify_ebs_default_kms_key_id,
    "ModifyImageAttribute" => modify_image_attribute,
    "ModifySnapshotAttribute" => modify_snapshot_attribute,
    "ModifySnapshotTier" => modify_snapshot_tier,
    "ModifyVolume" => modify_volume,
    "ModifyVolumeAttribute" => modify_volume_attribute,
    "RegisterImage" => register_image,
    "ResetEbsDefaultKmsKeyId" => reset_ebs_default_kms_key_id,
    "ResetImageAttribute" => reset_image_attribute,
    "ResetSnapshotAttribute" => reset_snapshot_attribute,
    "RestoreImageFromRecycleBin" => restore_image_from_recycle_bin,
    "RestoreSnapshotFromRecycleBin" => restore_snapshot_from_recycle_bin,
    "RestoreSnapshotTier" => restore_snapshot_tier,
    "RestoreVolumeFromRecycleBin" => restore_volume_from_recycle_bin,
    "UnlockSnapshot" => unlock_snapshot,
};

/// What no describe answer of these kinds carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) choices: Choices,
    encryption: BTreeMap<Region, encryption::Encryption>,
    public_access: BTreeMap<Region, public_access::PublicAccess>,
    /// The last modification of each volume that had one.
    modifications: BTreeMap<VolumeId, VolumeModification>,
    /// When the modifications of a volume began, as long as they count for its pace.
    modified: BTreeMap<VolumeId, Vec<Timestamp>>,
    /// When the last snapshot of a volume was begun, for AWS's limit on their rate.
    snapshotted: BTreeMap<VolumeId, Timestamp>,
    /// The volumes whose input and output go on when their data may be inconsistent.
    auto_enable_io: BTreeSet<VolumeId>,
    /// The volumes whose data may be inconsistent.
    impaired: BTreeMap<VolumeId, volumes::Impairment>,
    /// Copies under way, with their sources.
    copies: BTreeMap<SnapshotId, SnapshotId>,
    /// With whom snapshots are shared.
    snapshot_grants: BTreeMap<SnapshotId, access::Grants>,
    tierings: BTreeMap<SnapshotId, snapshots::Tiering>,
    locks: BTreeMap<SnapshotId, snapshots::Lock>,
    fast_restores: BTreeMap<(SnapshotId, AvailabilityZone), snapshots::State>,
    /// With whom images are shared; that they are public stands with themselves.
    image_grants: BTreeMap<ImageId, access::Grants>,
    /// The images that were deregistered.
    deregistered: BTreeMap<ImageId, Region>,
    store_tasks: Vec<images::StoreTask>,
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
    /// The move of a snapshot between the tiers that began then is done.
    SnapshotTiered(SnapshotId, Timestamp),
    /// A snapshot that was restored until then goes back to the archive.
    SnapshotRestoreExpired(SnapshotId, Timestamp),
    /// A fast restore that came to its step then goes on to the next.
    FastRestoreMoves(SnapshotId, AvailabilityZone, Timestamp),
    /// `pending` to `available`.
    ImageAvailable(ImageId),
    /// Protection that was switched off and lasted until then ends.
    ImageProtectionEnds(ImageId, Timestamp),
    /// The task that stores an image in a bucket under a key and began then is done.
    ImageStored(SmolStr, SmolStr, Timestamp),
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
            volumes::settle_attachment(twin, &volume, &instance);
        }
        Transition::VolumeDetached(volume, instance) => {
            let is_detaching = twin.state.one::<Volume>(&volume).is_some_and(|it| {
                it.attachments.iter().any(|attachment| {
                    attachment.instance_id.as_ref() == Some(&instance)
                        && attachment.state == VolumeAttachmentState::Detaching
                })
            });
            if is_detaching {
                detach_now(twin, &volume, &instance);
            }
        }
        Transition::VolumeModified(id) => volumes::apply(twin, &id),
        Transition::VolumeOptimized(id) => volumes::complete(twin, &id),
        Transition::SnapshotCompleted(id) => snapshots::completed(twin, &id),
        Transition::SnapshotTiered(id, begun) => snapshots::tiered(twin, &id, begun),
        Transition::SnapshotRestoreExpired(id, at) => snapshots::expired(twin, &id, at),
        Transition::FastRestoreMoves(id, zone, moved) => {
            snapshots::moves(twin, &id, &zone, moved);
        }
        Transition::ImageProtectionEnds(id, until) => images::end(twin, &id, until),
        Transition::ImageStored(bucket, key, begun) => {
            images::stored(twin, &bucket, &key, begun);
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
    let now = twin.now();
    let mut due: Vec<(Duration, Transition)> = Vec::new();
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
                _ => due.extend(volumes::under_way(volume, &timings)),
            }
        } else if let Some(snapshot) = resource.get::<EbsSnapshot>() {
            let id = &snapshot.snapshot_id;
            if snapshot.state == SnapshotState::Pending {
                let transition = Transition::SnapshotCompleted(id.clone());
                due.push((timings.snapshot_create, transition));
            }
            if let Some(at) = snapshot.restore_expiry_time {
                let transition = Transition::SnapshotRestoreExpired(id.clone(), at);
                due.push((at.since(now), transition));
            }
        } else if let Some(image) = resource.get::<Image>() {
            let id = &image.image_id;
            if image.state == "pending" {
                let transition = Transition::ImageAvailable(id.clone());
                due.push((timings.image_create, transition));
            }
            if let Some(until) = images::ends_at(image) {
                let transition = Transition::ImageProtectionEnds(id.clone(), until);
                due.push((until.since(now), transition));
            }
        }
    }
    for (delay, transition) in due {
        twin.schedule(delay, transition);
    }
}

#[cfg(test)]
mod tests;
