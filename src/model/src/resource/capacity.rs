//! Placement groups, capacity reservations and Dedicated Hosts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::open_enum::open_enum;
use crate::{
    AccountId, AvailabilityZone, CapacityReservationId, HostId, PlacementGroupId, Tags, Timestamp,
};

/// A placement group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PlacementGroup {
    /// The id.
    pub group_id: PlacementGroupId,
    /// The name, which no other group of the Region has.
    #[serde(default)]
    pub group_name: SmolStr,
    /// `pending`, `available`, `deleting` or `deleted`.
    #[serde(default = "super::network::available")]
    pub state: SmolStr,
    /// `cluster`, `spread` or `partition`.
    #[serde(default = "cluster")]
    pub strategy: SmolStr,
    /// How many partitions it has, if it is made of partitions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_count: Option<u32>,
    /// `rack` or `host`, if it spreads instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread_level: Option<SmolStr>,
    /// AWS's name of it in policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_arn: Option<SmolStr>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn cluster() -> SmolStr {
    SmolStr::new_static("cluster")
}

open_enum!(
    /// The state of a capacity reservation.
    CapacityReservationState { Active = "active", Expired = "expired", Cancelled = "cancelled", Pending = "pending", Failed = "failed" } default Active
);

/// A capacity reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CapacityReservation {
    /// The id.
    pub capacity_reservation_id: CapacityReservationId,
    /// The owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// AWS's name of it in policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_reservation_arn: Option<SmolStr>,
    /// The type that capacity is reserved for.
    #[serde(default)]
    pub instance_type: SmolStr,
    /// The operating system that capacity is reserved for, for example `Linux/UNIX`.
    #[serde(default = "linux")]
    pub instance_platform: SmolStr,
    /// The zone.
    pub availability_zone: AvailabilityZone,
    /// `default` or `dedicated`.
    #[serde(default = "default_tenancy")]
    pub tenancy: SmolStr,
    /// How many instances it has room for, used or not.
    #[serde(default)]
    pub total_instance_count: u32,
    /// How many more instances it has room for.
    #[serde(default)]
    pub available_instance_count: u32,
    /// Whether it supports instances that are optimized for EBS.
    #[serde(default)]
    pub ebs_optimized: bool,
    /// Its state.
    #[serde(default)]
    pub state: CapacityReservationState,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Timestamp>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<Timestamp>,
    /// `unlimited` or `limited`.
    #[serde(default = "unlimited")]
    pub end_date_type: SmolStr,
    /// `open` to every instance that fits, or only to those that are `targeted` at it.
    #[serde(default = "open")]
    pub instance_match_criteria: SmolStr,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_date: Option<Timestamp>,
    /// The cluster placement group that it reserves capacity in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement_group_arn: Option<SmolStr>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn linux() -> SmolStr {
    SmolStr::new_static("Linux/UNIX")
}

fn default_tenancy() -> SmolStr {
    SmolStr::new_static("default")
}

fn unlimited() -> SmolStr {
    SmolStr::new_static("unlimited")
}

fn open() -> SmolStr {
    SmolStr::new_static("open")
}

open_enum!(
    /// The state of a Dedicated Host.
    HostState { Available = "available", UnderAssessment = "under-assessment", PermanentFailure = "permanent-failure", Released = "released", ReleasedPermanentFailure = "released-permanent-failure", Pending = "pending" } default Available
);

/// A Dedicated Host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DedicatedHost {
    /// The id.
    pub host_id: HostId,
    /// The owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// The zone.
    pub availability_zone: AvailabilityZone,
    /// Whether it takes instances that name no host: `on` or `off`.
    #[serde(default = "off")]
    pub auto_placement: SmolStr,
    /// Whether instances are moved to another host when it fails: `on` or `off`.
    #[serde(default = "off")]
    pub host_recovery: SmolStr,
    /// Whether instances are moved for maintenance: `on` or `off`.
    #[serde(default = "off")]
    pub host_maintenance: SmolStr,
    /// Whether it takes several types of its family: `on` or `off`.
    #[serde(default = "off")]
    pub allows_multiple_instance_types: SmolStr,
    /// What it is made of, and for which instances.
    #[serde(default)]
    pub host_properties: HostProperties,
    /// Its state.
    #[serde(default)]
    pub state: HostState,
    /// Since when it is allocated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation_time: Option<Timestamp>,
    /// Since when it is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_time: Option<Timestamp>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn off() -> SmolStr {
    SmolStr::new_static("off")
}

/// What a Dedicated Host is made of, and for which instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct HostProperties {
    /// Processors' cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<u32>,
    /// The only type that it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<SmolStr>,
    /// The family whose types it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_family: Option<SmolStr>,
    /// Processors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sockets: Option<u32>,
    /// Virtual CPUs.
    #[serde(rename = "TotalVCpus", skip_serializing_if = "Option::is_none")]
    pub total_virtual_cpus: Option<u32>,
}
