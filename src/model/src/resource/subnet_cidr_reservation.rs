//! Subnet CIDR reservations: addresses of a subnet that AWS does not give out by itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{AccountId, SubnetCidrReservationId, SubnetId, Tags};

/// A subnet CIDR reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SubnetCidrReservation {
    /// The id.
    pub subnet_cidr_reservation_id: SubnetCidrReservationId,
    /// The subnet.
    pub subnet_id: SubnetId,
    /// The block, IPv4 or IPv6.
    pub cidr: SmolStr,
    /// `prefix` (for prefixes of interfaces) or `explicit` (for addresses given by hand).
    pub reservation_type: SmolStr,
    /// The owning account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<SmolStr>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
