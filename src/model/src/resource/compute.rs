//! Instances and the images they start from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{GroupRef, PrivateDnsNameOptions, VolumeType};
use crate::open_enum::open_enum;
use crate::{
    AvailabilityZone, CapacityReservationId, HostId, ImageId, InstanceId, NetworkInterfaceId,
    PlacementGroupId, SnapshotId, SubnetId, Tags, Timestamp, VolumeId, VpcId,
};

open_enum!(
    /// The state of an instance.
    InstanceStateName { Pending = "pending", Running = "running", ShuttingDown = "shutting-down", Terminated = "terminated", Stopping = "stopping", Stopped = "stopped" } default Running
);

impl InstanceStateName {
    /// AWS's number for the state (EC2 API reference, InstanceState).
    pub fn code(&self) -> u32 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
            Self::Stopping => 64,
            Self::Stopped => 80,
            Self::Other(_) => 272,
        }
    }
}

/// The state of an instance, as AWS nests it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InstanceState {
    /// AWS's number for the state.
    #[serde(default)]
    pub code: u32,
    /// The state.
    pub name: InstanceStateName,
}

impl From<InstanceStateName> for InstanceState {
    fn from(name: InstanceStateName) -> Self {
        InstanceState {
            code: name.code(),
            name,
        }
    }
}

/// An instance. What is large and often absent is boxed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Instance {
    /// The id.
    pub instance_id: InstanceId,
    /// The AMI it was started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_id: Option<ImageId>,
    /// The type, for example `m7g.large`.
    pub instance_type: SmolStr,
    /// The state.
    #[serde(default)]
    pub state: InstanceState,
    /// The VPC of the primary interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    /// The subnet of the primary interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<SubnetId>,
    /// Where it runs.
    #[serde(default)]
    pub placement: Placement,
    /// The primary private address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<SmolStr>,
    /// The public address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip_address: Option<SmolStr>,
    /// The private DNS name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_dns_name: Option<SmolStr>,
    /// The public DNS name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_dns_name: Option<SmolStr>,
    /// The key pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_name: Option<SmolStr>,
    /// When it was last started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_time: Option<Timestamp>,
    /// Why it left its last state, in words, often with the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_transition_reason: Option<SmolStr>,
    /// Why it is in its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<Box<StateReason>>,
    /// The device name of the root volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_device_name: Option<SmolStr>,
    /// `ebs` or `instance-store`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_device_type: Option<SmolStr>,
    /// The volumes.
    #[serde(default)]
    pub block_device_mappings: Vec<InstanceBlockDevice>,
    /// The network interfaces.
    #[serde(default)]
    pub network_interfaces: Vec<InstanceInterface>,
    /// The security groups of the primary interface.
    #[serde(default)]
    pub security_groups: Vec<GroupRef>,
    /// `spot` or `scheduled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_lifecycle: Option<SmolStr>,
    /// `x86_64`, `arm64`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<SmolStr>,
    /// `windows`, or absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<SmolStr>,
    /// Whether detailed monitoring is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitoring: Option<Monitoring>,
    /// Whether it is optimized for EBS.
    #[serde(default)]
    pub ebs_optimized: bool,
    /// What it is called within its VPC; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_dns_name_options: Option<PrivateDnsNameOptions>,
    /// The reservation; describe answers tell it around the instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation_id: Option<SmolStr>,
    /// The owner of the reservation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<SmolStr>,
    /// Whether termination by API is forbidden; an attribute that describe answers do not carry, so
    /// absent means not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_api_termination: Option<bool>,
    /// Whether stopping by API is forbidden; absent means not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_api_stop: Option<bool>,
    /// The capacity reservation that it runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_reservation_id: Option<CapacityReservationId>,
    /// Which capacity reservations it may run in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_reservation_specification: Option<Box<CapacityReservationSpecification>>,
    /// The request that it was launched for, if it is a Spot Instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot_instance_request_id: Option<SmolStr>,
    /// Whose rights its programs have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iam_instance_profile: Option<Box<IamInstanceProfile>>,
    /// How its programs may ask about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_options: Option<Box<MetadataOptions>>,
    /// How AWS may move it when its host fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance_options: Option<Box<MaintenanceOptions>>,
    /// Whether it can hibernate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hibernation_options: Option<HibernationOptions>,
    /// Whether it can have enclaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enclave_options: Option<EnclaveOptions>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Which capacity reservations an instance may run in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct CapacityReservationSpecification {
    /// `open`, `none` or `capacity-reservations-only`, if it has no target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_reservation_preference: Option<SmolStr>,
    /// The one it is meant for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_reservation_target: Option<CapacityReservationTarget>,
}

/// The capacity reservation that an instance is meant for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct CapacityReservationTarget {
    /// The reservation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_reservation_id: Option<SmolStr>,
}

/// The IAM instance profile of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct IamInstanceProfile {
    /// The profile's ARN.
    pub arn: SmolStr,
    /// IAM's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<SmolStr>,
}

/// How the programs of an instance may ask about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct MetadataOptions {
    /// `applied`, or `pending` for a moment after a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<SmolStr>,
    /// Whether a session token is `required` or `optional`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_tokens: Option<SmolStr>,
    /// Over how many routers the answer may go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_put_response_hop_limit: Option<i64>,
    /// `enabled` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_endpoint: Option<SmolStr>,
    /// `enabled` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_protocol_ipv6: Option<SmolStr>,
    /// Whether they see its tags: `enabled` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_metadata_tags: Option<SmolStr>,
}

/// How AWS may move an instance when its host fails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct MaintenanceOptions {
    /// `default` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_recovery: Option<SmolStr>,
    /// `default` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reboot_migration: Option<SmolStr>,
}

/// Whether an instance can hibernate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct HibernationOptions {
    /// Whether it was launched so.
    pub configured: bool,
}

/// Whether an instance can have enclaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct EnclaveOptions {
    /// Whether it was launched so.
    pub enabled: bool,
}

/// Where an instance runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Placement {
    /// The zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<AvailabilityZone>,
    /// The placement group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<SmolStr>,
    /// `default`, `dedicated` or `host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenancy: Option<SmolStr>,
    /// The placement group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<PlacementGroupId>,
    /// The partition of the placement group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition_number: Option<u32>,
    /// The Dedicated Host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_id: Option<HostId>,
    /// Whether it starts on its host again (`host`) or on any (`default`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<SmolStr>,
}

/// Why an instance is in its state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct StateReason {
    /// The code, for example `Client.UserInitiatedShutdown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<SmolStr>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<SmolStr>,
}

/// Whether detailed monitoring is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Monitoring {
    /// `disabled`, `enabled`, `pending` or `disabling`.
    pub state: SmolStr,
}

/// A volume as an instance sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InstanceBlockDevice {
    /// The device name.
    pub device_name: SmolStr,
    /// The volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ebs: Option<InstanceEbs>,
}

/// The volume behind a device of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InstanceEbs {
    /// The volume.
    pub volume_id: VolumeId,
    /// `attaching`, `attached`, `detaching` or `detached`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<SmolStr>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attach_time: Option<Timestamp>,
    /// Whether the volume is deleted with the instance.
    #[serde(default)]
    pub delete_on_termination: bool,
}

/// An interface as an instance sees it: its id alone; the rest stands with the interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct InstanceInterface {
    /// The interface.
    pub network_interface_id: NetworkInterfaceId,
}

/// An Amazon machine image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Image {
    /// The id.
    pub image_id: ImageId,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<SmolStr>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<SmolStr>,
    /// `available`, `pending`, `disabled`, `deregistered`, …
    #[serde(default = "super::network::available")]
    pub state: SmolStr,
    /// The owning account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<SmolStr>,
    /// The owner's alias (`amazon`, `aws-marketplace`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_owner_alias: Option<SmolStr>,
    /// Whether everyone may launch it.
    #[serde(default)]
    pub public: bool,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_date: Option<Timestamp>,
    /// `x86_64`, `arm64`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<SmolStr>,
    /// `machine`, `kernel` or `ramdisk`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_type: Option<SmolStr>,
    /// The device name of the root volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_device_name: Option<SmolStr>,
    /// `ebs` or `instance-store`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_device_type: Option<SmolStr>,
    /// `hvm` or `paravirtual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtualization_type: Option<SmolStr>,
    /// The volumes that an instance gets.
    #[serde(default)]
    pub block_device_mappings: Vec<ImageBlockDevice>,
    /// When it was last launched; AWS tells it with a delay of up to a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_launched_time: Option<Timestamp>,
    /// When it is or was deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecation_time: Option<Timestamp>,
    /// `disabled`, `enabled-without-cooldown`, `enabled-with-cooldown`, or until when it lasts after
    /// it was switched off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deregistration_protection: Option<SmolStr>,
    /// The image that it is a copy of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_image_id: Option<ImageId>,
    /// The Region of the image that it is a copy of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_image_region: Option<SmolStr>,
    /// The instance that it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_instance_id: Option<InstanceId>,
    /// `windows`, or absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<SmolStr>,
    /// Whether it has the driver for enhanced networking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ena_support: Option<bool>,
    /// `simple`, when it has the driver of the older enhanced networking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sriov_net_support: Option<SmolStr>,
    /// `legacy-bios`, `uefi` or `uefi-preferred`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_mode: Option<SmolStr>,
    /// `v2.0`, when it has a trusted platform module.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpm_support: Option<SmolStr>,
    /// `v2.0`, when instances of it must use the newer metadata service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imds_support: Option<SmolStr>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Image {
    /// The snapshots that the image is made of; they cannot be deleted while it is registered.
    pub fn snapshot_ids(&self) -> impl Iterator<Item = &SnapshotId> {
        self.block_device_mappings
            .iter()
            .filter_map(|it| it.ebs.as_ref()?.snapshot_id.as_ref())
    }
}

/// A device of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ImageBlockDevice {
    /// The device name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_name: Option<SmolStr>,
    /// Suppresses the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_device: Option<SmolStr>,
    /// An instance store volume (`ephemeral0`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtual_name: Option<SmolStr>,
    /// The EBS volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ebs: Option<ImageEbs>,
}

/// The EBS volume behind a device of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ImageEbs {
    /// The snapshot that the volume starts from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<SnapshotId>,
    /// The size in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_size: Option<u32>,
    /// The type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_type: Option<VolumeType>,
    /// IO operations a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops: Option<u32>,
    /// MiB a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput: Option<u32>,
    /// Whether the volume is deleted with the instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_on_termination: Option<bool>,
    /// Whether the volume is encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
}
