//! Devices of requests that make images and instances.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::VolumeType;
use smol_str::SmolStr;

/// A device of a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct BlockDevice {
    /// The device name.
    pub device_name: String,
    /// An instance store volume.
    pub virtual_name: Option<SmolStr>,
    /// Leaves the image's device of this name out, whatever the text.
    pub no_device: Option<SmolStr>,
    /// The volume.
    pub ebs: Option<BlockDeviceEbs>,
}

/// The volume of a device of a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct BlockDeviceEbs {
    /// Whether it goes with the instance.
    pub delete_on_termination: Option<bool>,
    /// IO operations a second.
    pub iops: Option<u32>,
    /// What the volume is filled with.
    pub snapshot_id: Option<String>,
    /// GiB.
    pub volume_size: Option<u32>,
    /// The type.
    pub volume_type: Option<VolumeType>,
    /// The key to encrypt it with.
    pub kms_key_id: Option<SmolStr>,
    /// MiB a second.
    pub throughput: Option<u32>,
    /// Whether to encrypt it.
    pub encrypted: Option<bool>,
}
