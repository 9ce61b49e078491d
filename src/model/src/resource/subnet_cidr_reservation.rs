//! Reservations of ranges within a subnet.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{SubnetCidrReservationId, Tags};

/// A subnet CIDR reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SubnetCidrReservation {
    /// The id.
    pub subnet_cidr_reservation_id: SubnetCidrReservationId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
