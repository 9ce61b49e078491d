//! Network ACLs: the stateless filters around subnets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::open_enum::open_enum;
use crate::{AccountId, NetworkAclId, SubnetId, Tags, VpcId};

open_enum!(
    /// What an entry of a network ACL does with what it matches.
    RuleAction { Allow = "allow", Deny = "deny" } default Deny
);

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NetworkAcl {
    /// The id.
    pub network_acl_id: NetworkAclId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// Whether it is the VPC's default one, which cannot be deleted.
    #[serde(default)]
    pub is_default: bool,
    /// The subnets it filters; every subnet has exactly one ACL.
    #[serde(default)]
    pub associations: Vec<NetworkAclAssociation>,
    /// The entries of both directions, inbound ones first, by number.
    #[serde(default)]
    pub entries: Vec<NetworkAclEntry>,
    /// The owning account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<AccountId>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The association of a network ACL with a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NetworkAclAssociation {
    /// The id of the association (`aclassoc-…`).
    pub network_acl_association_id: SmolStr,
    /// The ACL; told again, as AWS does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_acl_id: Option<NetworkAclId>,
    /// The subnet.
    pub subnet_id: SubnetId,
}

/// An entry of a network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NetworkAclEntry {
    /// The place in the order in which entries are tried; 32767 and 32768 are AWS's last words, for
    /// IPv4 and IPv6.
    pub rule_number: i32,
    /// Whether it is for outbound traffic.
    #[serde(default)]
    pub egress: bool,
    /// The protocol's number, `-1` for all.
    #[serde(default = "all_protocols")]
    pub protocol: SmolStr,
    /// What is done with what it matches.
    pub rule_action: RuleAction,
    /// The IPv4 block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr_block: Option<SmolStr>,
    /// The IPv6 block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_block: Option<SmolStr>,
    /// The ports, for TCP and UDP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port_range: Option<PortRange>,
    /// Type and code, for ICMP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icmp_type_code: Option<IcmpTypeCode>,
}

fn all_protocols() -> SmolStr {
    SmolStr::new_static("-1")
}

/// Ports of an entry of a network ACL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct PortRange {
    /// The first port.
    pub from: i32,
    /// The last port.
    pub to: i32,
}

/// ICMP messages of an entry of a network ACL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct IcmpTypeCode {
    /// The code; -1 for all.
    pub code: i32,
    /// The type; -1 for all.
    pub r#type: i32,
}
