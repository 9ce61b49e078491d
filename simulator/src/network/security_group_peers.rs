//! Rules that name groups of other VPCs: which there are, and which lead nowhere any more.

use sandtable_model::resource::{IpPermission, SecurityGroup, UserIdGroupPair, Vpc};
use sandtable_model::{ResourceId, SecurityGroupId, VpcId};
use serde::Serialize;
use smol_str::SmolStr;

use super::describe::page_of;
use super::group_vpc;
use super::request::{answers, requests};
use crate::rules::{page_size, require, require_all, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeSecurityGroupReferences.
    DescribeSecurityGroupReferencesRequest { group_id: Vec<String> }
    /// DescribeStaleSecurityGroups.
    DescribeStaleSecurityGroupsRequest {
        vpc_id: String,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// The answer of DescribeSecurityGroupReferences.
    SecurityGroupReferences { security_group_reference_set: Vec<SecurityGroupReference> }
}

/// A VPC whose groups name a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityGroupReference {
    /// The group that is named.
    pub group_id: SecurityGroupId,
    /// The VPC of the groups that name it.
    pub referencing_vpc_id: VpcId,
    /// The peering connection between the two.
    pub vpc_peering_connection_id: SmolStr,
}

/// The answer of DescribeStaleSecurityGroups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StaleSecurityGroups {
    /// The groups, by id.
    pub stale_security_group_set: Vec<StaleSecurityGroup>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A group with rules that lead nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StaleSecurityGroup {
    /// The description.
    pub description: SmolStr,
    /// The group.
    pub group_id: SecurityGroupId,
    /// The name.
    pub group_name: SmolStr,
    /// The VPC.
    pub vpc_id: VpcId,
    /// Inbound rules that lead nowhere.
    pub stale_ip_permissions: Vec<StaleIpPermission>,
    /// Outbound rules that lead nowhere.
    pub stale_ip_permissions_egress: Vec<StaleIpPermission>,
}

/// The groups of a permission that are not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StaleIpPermission {
    /// The protocol.
    pub ip_protocol: SmolStr,
    /// First port or ICMP type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_port: Option<i32>,
    /// Last port or ICMP code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_port: Option<i32>,
    /// The groups.
    pub user_id_group_pairs: Vec<UserIdGroupPair>,
}

/// Lists the VPCs beyond peering connections whose groups name some groups.
///
/// # Errors
/// `MissingParameter`, `InvalidGroup.NotFound`, `InvalidGroupId.Malformed`.
pub fn describe_security_group_references(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeSecurityGroupReferencesRequest,
) -> Result<SecurityGroupReferences, ApiError> {
    required(
        "GroupId",
        request.group_id.first().map_or("", String::as_str),
    )?;
    let named = require_all::<SecurityGroup>(&twin.state, ctx, &request.group_id)?;
    ctx.end_dry_run()?;
    let mut references: Vec<SecurityGroupReference> = Vec::new();
    for group in named {
        for naming in twin.state.referring::<SecurityGroup>(&group.group_id) {
            let Some(vpc) = naming
                .vpc_id
                .as_ref()
                .filter(|it| group.vpc_id.as_ref() != Some(it))
            else {
                continue;
            };
            let peerings = pairs(naming)
                .filter(|it| it.group_id.as_ref() == Some(&group.group_id))
                .filter_map(|it| it.vpc_peering_connection_id.clone());
            references.extend(peerings.map(|peering| SecurityGroupReference {
                group_id: group.group_id.clone(),
                referencing_vpc_id: vpc.clone(),
                vpc_peering_connection_id: peering,
            }));
        }
    }
    references.sort_unstable();
    references.dedup();
    Ok(SecurityGroupReferences {
        security_group_reference_set: references,
    })
}

fn pairs(group: &SecurityGroup) -> impl Iterator<Item = &UserIdGroupPair> {
    let all = group
        .ip_permissions
        .iter()
        .chain(&group.ip_permissions_egress);
    all.flat_map(|it| &it.user_id_group_pairs)
}

/// Lists the groups of a VPC with rules that name groups which are gone, or out of reach: their
/// peering connection is over, or their association with the VPC has ended.
///
/// # Errors
/// `InvalidVpcID.NotFound`, and what every describe operation refuses.
pub fn describe_stale_security_groups(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeStaleSecurityGroupsRequest,
) -> Result<StaleSecurityGroups, ApiError> {
    let vpc = require::<Vpc>(&twin.state, ctx, "VpcId", &request.vpc_id)?;
    let most = page_size(request.max_results, &(5..=255))?;
    ctx.end_dry_run()?;
    let groups = twin.state.referring::<SecurityGroup>(&vpc.vpc_id);
    let groups = groups.filter(|it| it.vpc_id.as_ref() == Some(&vpc.vpc_id));
    let stale = groups.map(|it| StaleSecurityGroup {
        description: it.description.clone(),
        group_id: it.group_id.clone(),
        group_name: it.group_name.clone(),
        vpc_id: vpc.vpc_id.clone(),
        stale_ip_permissions: stale_of(twin, ctx, it, &it.ip_permissions),
        stale_ip_permissions_egress: stale_of(twin, ctx, it, &it.ip_permissions_egress),
    });
    let stale = stale.filter(|it| {
        !it.stale_ip_permissions.is_empty() || !it.stale_ip_permissions_egress.is_empty()
    });
    let (stale_security_group_set, next_token) =
        page_of(stale.collect(), most, request.next_token.as_deref())?;
    Ok(StaleSecurityGroups {
        stale_security_group_set,
        next_token,
    })
}

fn stale_of(
    twin: &Twin,
    ctx: &Ctx,
    group: &SecurityGroup,
    permissions: &[IpPermission],
) -> Vec<StaleIpPermission> {
    let stale = permissions.iter().map(|it| {
        let pairs = it.user_id_group_pairs.iter();
        StaleIpPermission {
            ip_protocol: it.ip_protocol.clone(),
            from_port: it.from_port,
            to_port: it.to_port,
            user_id_group_pairs: pairs
                .filter(|it| is_stale(twin, ctx, group, it))
                .cloned()
                .collect(),
        }
    });
    stale
        .filter(|it| !it.user_id_group_pairs.is_empty())
        .collect()
}

fn is_stale(twin: &Twin, ctx: &Ctx, group: &SecurityGroup, pair: &UserIdGroupPair) -> bool {
    if let Some(peering) = &pair.vpc_peering_connection_id {
        let id = ResourceId::new(peering).ok();
        let found = id.and_then(|id| twin.state.get(&id));
        if found.is_none_or(|it| it.is_gone()) || pair.peering_status.as_deref() == Some("deleted")
        {
            return true;
        }
    }
    let is_own = pair
        .user_id
        .as_deref()
        .is_none_or(|it| it == ctx.account.as_str());
    let Some(id) = pair.group_id.as_ref().filter(|_| is_own) else {
        return false;
    };
    match (twin.state.one::<SecurityGroup>(id), &group.vpc_id) {
        (None, _) => true,
        (Some(named), Some(vpc)) => {
            pair.vpc_peering_connection_id.is_none() && !group_vpc::serves(twin, named, vpc)
        }
        (Some(_), None) => false,
    }
}
