//! Security groups and their rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{AccountId, SecurityGroupId, Tags, VpcId};

/// A security group named by another resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GroupRef {
    /// The group.
    pub group_id: SecurityGroupId,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_name: Option<SmolStr>,
}

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SecurityGroup {
    /// The id.
    pub group_id: SecurityGroupId,
    /// The name, unique within the VPC.
    pub group_name: SmolStr,
    /// The description.
    #[serde(default)]
    pub description: SmolStr,
    /// The VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    /// The owning account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// Inbound rules.
    #[serde(default)]
    pub ip_permissions: Vec<IpPermission>,
    /// Outbound rules.
    #[serde(default)]
    pub ip_permissions_egress: Vec<IpPermission>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl SecurityGroup {
    /// Whether it is its VPC's default group, which cannot be deleted.
    pub fn is_default(&self) -> bool {
        self.group_name == "default"
    }

    /// The groups that this group's rules name, itself left out, in rule order with repetitions.
    pub fn referenced_groups(&self) -> impl Iterator<Item = &SecurityGroupId> {
        self.ip_permissions
            .iter()
            .chain(&self.ip_permissions_egress)
            .flat_map(|rule| &rule.user_id_group_pairs)
            .filter_map(|pair| pair.group_id.as_ref())
            .filter(|id| **id != self.group_id)
    }
}

/// A rule of a security group: a protocol, ports, and who may talk.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct IpPermission {
    /// `tcp`, `udp`, `icmp`, a protocol number, or `-1` for all.
    pub ip_protocol: SmolStr,
    /// First port, or ICMP type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_port: Option<i32>,
    /// Last port, or ICMP code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_port: Option<i32>,
    /// IPv4 ranges.
    #[serde(default)]
    pub ip_ranges: Vec<IpRange>,
    /// IPv6 ranges.
    #[serde(default)]
    pub ipv6_ranges: Vec<Ipv6Range>,
    /// Prefix lists.
    #[serde(default)]
    pub prefix_list_ids: Vec<PrefixListRef>,
    /// Security groups.
    #[serde(default)]
    pub user_id_group_pairs: Vec<UserIdGroupPair>,
}

/// An IPv4 range in a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct IpRange {
    /// The range.
    pub cidr_ip: SmolStr,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<SmolStr>,
}

/// An IPv6 range in a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Ipv6Range {
    /// The range.
    pub cidr_ipv6: SmolStr,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<SmolStr>,
}

/// A prefix list in a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PrefixListRef {
    /// The list (`pl-…`).
    pub prefix_list_id: SmolStr,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<SmolStr>,
}

/// A security group in a rule.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct UserIdGroupPair {
    /// The group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<SecurityGroupId>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<SmolStr>,
    /// Its account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<SmolStr>,
    /// Its VPC, when peered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    /// The peering connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_peering_connection_id: Option<SmolStr>,
    /// The status of the peering connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peering_status: Option<SmolStr>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<SmolStr>,
}
