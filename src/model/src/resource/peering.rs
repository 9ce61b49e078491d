//! VPC peering connections.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::open_enum::open_enum;
use crate::{AccountId, Region, Tags, Timestamp, VpcId, VpcPeeringConnectionId};

open_enum!(
    /// The state of a VPC peering connection.
    PeeringState { InitiatingRequest = "initiating-request", PendingAcceptance = "pending-acceptance", Active = "active", Deleted = "deleted", Rejected = "rejected", Failed = "failed", Expired = "expired", Provisioning = "provisioning", Deleting = "deleting" } default Active
);

impl PeeringState {
    /// Whether the connection is over, whichever way it ended.
    pub fn is_over(&self) -> bool {
        matches!(
            self,
            Self::Deleted | Self::Rejected | Self::Failed | Self::Expired
        )
    }
}

/// A VPC peering connection. AWS shows it in the Regions and accounts of both VPCs; a document has it
/// once, in the Region of the requester's VPC (in the other one when only that is seen).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcPeeringConnection {
    /// The id.
    pub vpc_peering_connection_id: VpcPeeringConnectionId,
    /// The side that accepts.
    pub accepter_vpc_info: PeeringVpcInfo,
    /// The side that asked.
    pub requester_vpc_info: PeeringVpcInfo,
    /// When the request expires, while it is not accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_time: Option<Timestamp>,
    /// The state.
    #[serde(default)]
    pub status: PeeringStatus,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl VpcPeeringConnection {
    /// Both sides, the requester first.
    pub fn sides(&self) -> [&PeeringVpcInfo; 2] {
        [&self.requester_vpc_info, &self.accepter_vpc_info]
    }

    /// Whether both VPCs belong to the same account and Region, as far as is told.
    pub fn is_within_one_region(&self) -> bool {
        let [one, other] = self.sides();
        one.owner_id == other.owner_id && one.region == other.region
    }
}

/// One side of a VPC peering connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PeeringVpcInfo {
    /// The VPC.
    pub vpc_id: VpcId,
    /// The account that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// Its Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Its first IPv4 block; the accepter's is not told before it has accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<SmolStr>,
    /// Its IPv4 blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cidr_block_set: Vec<PeeringCidrBlock>,
    /// Its IPv6 blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipv6_cidr_block_set: Vec<PeeringIpv6CidrBlock>,
    /// Its options, when the connection is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peering_options: Option<PeeringOptions>,
}

/// An IPv4 block of a side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PeeringCidrBlock {
    /// The block.
    pub cidr_block: SmolStr,
}

/// An IPv6 block of a side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PeeringIpv6CidrBlock {
    /// The block.
    pub ipv6_cidr_block: SmolStr,
}

/// The options of a side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct PeeringOptions {
    /// Whether public host names resolve to private addresses when asked from the other VPC.
    pub allow_dns_resolution_from_remote_vpc: bool,
    /// Of EC2-Classic, which is over.
    pub allow_egress_from_local_classic_link_to_remote_vpc: bool,
    /// Of EC2-Classic, which is over.
    pub allow_egress_from_local_vpc_to_remote_classic_link: bool,
}

/// The state of a VPC peering connection, and what AWS says to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct PeeringStatus {
    /// The state.
    pub code: PeeringState,
    /// The same in words, or why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<SmolStr>,
}
