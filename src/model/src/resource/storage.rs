//! EBS volumes and snapshots.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::open_enum::open_enum;
use crate::{AvailabilityZone, InstanceId, SnapshotId, Tags, Timestamp, VolumeId};

open_enum!(
    /// The state of a volume.
    VolumeState { Creating = "creating", Available = "available", InUse = "in-use", Deleting = "deleting", Deleted = "deleted", Error = "error" } default Available
);
open_enum!(
    /// The type of a volume.
    VolumeType { Standard = "standard", Gp2 = "gp2", Gp3 = "gp3", Io1 = "io1", Io2 = "io2", St1 = "st1", Sc1 = "sc1" } default Gp2
);
open_enum!(
    /// The state of a volume's attachment.
    VolumeAttachmentState { Attaching = "attaching", Attached = "attached", Detaching = "detaching", Detached = "detached", Busy = "busy" } default Attached
);

/// An EBS volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Volume {
    /// The id.
    pub volume_id: VolumeId,
    /// The size in GiB.
    pub size: u32,
    /// The type.
    #[serde(default)]
    pub volume_type: VolumeType,
    /// The state.
    #[serde(default)]
    pub state: VolumeState,
    /// The zone.
    pub availability_zone: AvailabilityZone,
    /// The instances it is attached to.
    #[serde(default)]
    pub attachments: Vec<VolumeAttachment>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time: Option<Timestamp>,
    /// Whether it is encrypted.
    #[serde(default)]
    pub encrypted: bool,
    /// The key that encrypts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<SmolStr>,
    /// IO operations a second: provisioned, or the type's baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iops: Option<u32>,
    /// MiB a second (gp3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput: Option<u32>,
    /// The snapshot it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<SnapshotId>,
    /// Whether several instances may attach it.
    #[serde(default)]
    pub multi_attach_enabled: bool,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The attachment of a volume to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VolumeAttachment {
    /// The volume; told again, as AWS does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_id: Option<VolumeId>,
    /// The instance; absent when a service holds the volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// The service or task that holds the volume, when no instance does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub associated_resource: Option<SmolStr>,
    /// The device name on the instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<SmolStr>,
    /// The state.
    #[serde(default)]
    pub state: VolumeAttachmentState,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attach_time: Option<Timestamp>,
    /// Whether the volume is deleted with the instance.
    #[serde(default)]
    pub delete_on_termination: bool,
}

open_enum!(
    /// The state of a snapshot.
    SnapshotState { Pending = "pending", Completed = "completed", Error = "error", Recoverable = "recoverable", Recovering = "recovering" } default Completed
);
open_enum!(
    /// Where a snapshot is kept.
    StorageTier { Standard = "standard", Archive = "archive" } default Standard
);

/// An EBS snapshot. What few snapshots have is boxed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EbsSnapshot {
    /// The id.
    pub snapshot_id: SnapshotId,
    /// The volume it was made of; `vol-ffffffff` when AWS does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_id: Option<VolumeId>,
    /// The size of the volume in GiB: an upper bound of what is stored and billed.
    #[serde(default)]
    pub volume_size: u32,
    /// The state.
    #[serde(default)]
    pub state: SnapshotState,
    /// When it was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// The owning account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<SmolStr>,
    /// The owner's alias (`amazon`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_alias: Option<Box<SmolStr>>,
    /// The description; CreateImage names the AMI here.
    #[serde(default)]
    pub description: SmolStr,
    /// Whether it is encrypted.
    #[serde(default)]
    pub encrypted: bool,
    /// The key that encrypts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<SmolStr>,
    /// How far it is (`100%`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<SmolStr>,
    /// Where it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_tier: Option<StorageTier>,
    /// When it goes back to the archive, while it is restored for a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore_expiry_time: Option<Timestamp>,
    /// When it was completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_time: Option<Timestamp>,
    /// How it was made: `standard`, or `time-based` for a copy with a promised end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_type: Option<Box<SmolStr>>,
    /// The promised end of a time-based copy, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_duration_minutes: Option<u32>,
    /// What it would take if it stood alone, in bytes; not what is billed in the standard tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_snapshot_size_in_bytes: Option<u64>,
    /// Why a copy failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_message: Option<Box<SmolStr>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
