//! Placement groups, capacity reservations and Dedicated Hosts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CapacityReservationId, HostId, PlacementGroupId, Tags};

/// A placement group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PlacementGroup {
    /// The id.
    pub group_id: PlacementGroupId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A capacity reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CapacityReservation {
    /// The id.
    pub capacity_reservation_id: CapacityReservationId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A Dedicated Host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DedicatedHost {
    /// The id.
    pub host_id: HostId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
