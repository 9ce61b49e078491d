//! Security groups in further VPCs than their own: their associations (VPC user guide, "Associate
//! security groups with multiple VPCs").

use sandtable_model::resource::{NetworkInterface, SecurityGroup, Vpc};
use sandtable_model::{SecurityGroupId, Tags, VpcId};
use serde::Serialize;
use smol_str::SmolStr;

use super::describe::page_of;
use super::request::{answers, requests};
use super::{Transition, refusal};
use crate::rules::{Extract, Filter, Filters, NO_TAGS, invalid_value, page_size, require};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// AssociateSecurityGroupVpc and DisassociateSecurityGroupVpc.
    SecurityGroupVpcRequest { group_id: String, vpc_id: String }
    /// DescribeSecurityGroupVpcAssociations.
    DescribeSecurityGroupVpcAssociationsRequest {
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// GetSecurityGroupsForVpc.
    GetSecurityGroupsForVpcRequest {
        vpc_id: String,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// The answer of AssociateSecurityGroupVpc and DisassociateSecurityGroupVpc.
    ChangedSecurityGroupVpc { state: GroupVpcState }
}

/// The state of an association; one that has ended is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupVpcState {
    /// Being made.
    Associating,
    /// In force.
    Associated,
    /// Being taken back.
    Disassociating,
}

impl GroupVpcState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Associating => "associating",
            Self::Associated => "associated",
            Self::Disassociating => "disassociating",
        }
    }
}

/// The answer of DescribeSecurityGroupVpcAssociations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedGroupVpcs {
    /// The associations, by group and VPC.
    pub security_group_vpc_associations: Vec<GroupVpc>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// An association of a group with a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GroupVpc {
    /// The group.
    pub group_id: SecurityGroupId,
    /// The VPC.
    pub vpc_id: VpcId,
    /// The account of the VPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_owner_id: Option<SmolStr>,
    /// The state.
    pub state: GroupVpcState,
    /// The account of the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_owner_id: Option<SmolStr>,
}

/// The answer of GetSecurityGroupsForVpc.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GroupsForVpc {
    /// The groups, by id.
    pub security_group_for_vpcs: Vec<GroupForVpc>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A group that interfaces of a VPC may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GroupForVpc {
    /// The description.
    pub description: SmolStr,
    /// The name.
    pub group_name: SmolStr,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<SmolStr>,
    /// The group.
    pub group_id: SecurityGroupId,
    /// Its tags.
    pub tags: Tags,
    /// The VPC for which it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_vpc_id: Option<VpcId>,
}

/// Whether a group may be used in a VPC: it is one of it, or associated with it.
pub(crate) fn serves(twin: &Twin, group: &SecurityGroup, vpc: &VpcId) -> bool {
    let key = (group.group_id.clone(), vpc.clone());
    group.vpc_id.as_ref() == Some(vpc)
        || twin.network.group_vpcs.get(&key) == Some(&GroupVpcState::Associated)
}

/// Whether a group is associated with any further VPC, or about to be or to have been.
pub(super) fn is_associated(twin: &Twin, group: &SecurityGroupId) -> bool {
    twin.network.group_vpcs.keys().any(|(it, _)| it == group)
}

/// Associations end with their VPC.
pub(super) fn forget_vpc(twin: &mut Twin, vpc: &VpcId) {
    twin.network.group_vpcs.retain(|(_, it), _| it != vpc);
}

/// Lets interfaces of another VPC of the Region have a group.
///
/// # Errors
/// `InvalidParameterValue` for default groups, the default VPC and the group's own VPC: AWS refuses
/// them (EC2 API reference, AssociateSecurityGroupVpc) and does not document the code.
pub fn associate_security_group_vpc(
    twin: &mut Twin,
    ctx: &Ctx,
    request: SecurityGroupVpcRequest,
) -> Result<ChangedSecurityGroupVpc, ApiError> {
    let group = require::<SecurityGroup>(&twin.state, ctx, "GroupId", &request.group_id)?.clone();
    let vpc = require::<Vpc>(&twin.state, ctx, "VpcId", &request.vpc_id)?.clone();
    ctx.end_dry_run()?;
    let (id, vpc_id) = (group.group_id.clone(), vpc.vpc_id.clone());
    if group.is_default() {
        return Err(invalid_value(format!(
            "The default security group {id} cannot be associated with another VPC"
        )));
    }
    if vpc.is_default {
        return Err(invalid_value(format!(
            "Security groups cannot be associated with the default VPC {vpc_id}"
        )));
    }
    if group.vpc_id.as_ref() == Some(&vpc_id) {
        return Err(invalid_value(format!(
            "The security group {id} belongs to VPC {vpc_id} already"
        )));
    }
    let key = (id.clone(), vpc_id.clone());
    if let Some(state) = twin.network.group_vpcs.get(&key).copied()
        && state != GroupVpcState::Disassociating
    {
        return Ok(ChangedSecurityGroupVpc { state });
    }
    let state = GroupVpcState::Associating;
    twin.network.group_vpcs.insert(key, state);
    let associated = Transition::GroupVpcAssociated(id, vpc_id);
    twin.schedule(twin.options.timings.group_vpc_change, associated);
    Ok(ChangedSecurityGroupVpc { state })
}

/// Takes an association back.
///
/// # Errors
/// `InvalidSecurityGroupVpcAssociation.NotFound`; `DependencyViolation` while an interface of the
/// VPC has the group, which AWS refuses without documenting the code.
pub fn disassociate_security_group_vpc(
    twin: &mut Twin,
    ctx: &Ctx,
    request: SecurityGroupVpcRequest,
) -> Result<ChangedSecurityGroupVpc, ApiError> {
    let group = require::<SecurityGroup>(&twin.state, ctx, "GroupId", &request.group_id)?;
    let vpc = require::<Vpc>(&twin.state, ctx, "VpcId", &request.vpc_id)?;
    let (id, vpc_id) = (group.group_id.clone(), vpc.vpc_id.clone());
    let key = (id.clone(), vpc_id.clone());
    if !twin.network.group_vpcs.contains_key(&key) {
        return Err(ApiError::new(
            "InvalidSecurityGroupVpcAssociation.NotFound",
            format!("The security group {id} is not associated with VPC {vpc_id}"),
        ));
    }
    ctx.end_dry_run()?;
    let is_used = twin
        .state
        .referring::<NetworkInterface>(&id)
        .any(|it| it.vpc_id == vpc_id);
    if is_used {
        return Err(refusal::dependency(format!(
            "resource {id} has a dependent object"
        )));
    }
    let state = GroupVpcState::Disassociating;
    twin.network.group_vpcs.insert(key, state);
    let disassociated = Transition::GroupVpcDisassociated(id, vpc_id);
    twin.schedule(twin.options.timings.group_vpc_change, disassociated);
    Ok(ChangedSecurityGroupVpc { state })
}

/// An association that was being made is in force.
pub(super) fn associated(twin: &mut Twin, group: &SecurityGroupId, vpc: &VpcId) {
    let key = (group.clone(), vpc.clone());
    if let Some(state) = twin.network.group_vpcs.get_mut(&key)
        && *state == GroupVpcState::Associating
    {
        *state = GroupVpcState::Associated;
    }
}

/// An association that was being taken back is gone.
pub(super) fn disassociated(twin: &mut Twin, group: &SecurityGroupId, vpc: &VpcId) {
    let key = (group.clone(), vpc.clone());
    if twin.network.group_vpcs.get(&key) == Some(&GroupVpcState::Disassociating) {
        twin.network.group_vpcs.remove(&key);
    }
}

const ASSOCIATIONS: &[(&str, Extract<GroupVpc>)] = &[
    ("group-id", |_, it, out| out(it.group_id.as_str())),
    ("group-owner-id", |_, it, out| {
        it.group_owner_id.iter().for_each(|it| out(it));
    }),
    ("state", |_, it, out| out(it.state.as_str())),
    ("vpc-id", |_, it, out| out(it.vpc_id.as_str())),
    ("vpc-owner-id", |_, it, out| {
        it.vpc_owner_id.iter().for_each(|it| out(it));
    }),
];

/// Lists associations of groups with VPCs.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_security_group_vpc_associations(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeSecurityGroupVpcAssociationsRequest,
) -> Result<DescribedGroupVpcs, ApiError> {
    let most = page_size(request.max_results, &(5..=1000))?;
    let filters = Filters::new(&request.filters, ASSOCIATIONS)?;
    ctx.end_dry_run()?;
    let mut all = Vec::new();
    for ((group_id, vpc_id), state) in &twin.network.group_vpcs {
        let group = twin.state.get_in(&ctx.region, &group_id.into());
        let Some(group) = group.and_then(|it| it.get::<SecurityGroup>()) else {
            continue;
        };
        let vpc = twin.state.one::<Vpc>(vpc_id);
        let owner = vpc.and_then(|it| it.owner_id.as_ref());
        let it = GroupVpc {
            group_id: group_id.clone(),
            vpc_id: vpc_id.clone(),
            vpc_owner_id: owner.map(|it| it.as_str().into()),
            state: *state,
            group_owner_id: group.owner_id.as_ref().map(|it| it.as_str().into()),
        };
        if filters.pass(&twin.state, &it, &NO_TAGS) {
            all.push(it);
        }
    }
    let (security_group_vpc_associations, next_token) =
        page_of(all, most, request.next_token.as_deref())?;
    Ok(DescribedGroupVpcs {
        security_group_vpc_associations,
        next_token,
    })
}

const GROUPS: &[(&str, Extract<GroupForVpc>)] = &[
    ("description", |_, it, out| out(&it.description)),
    ("group-id", |_, it, out| out(it.group_id.as_str())),
    ("group-name", |_, it, out| out(&it.group_name)),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it));
    }),
    ("primary-vpc-id", |_, it, out| {
        it.primary_vpc_id.iter().for_each(|it| out(it.as_str()));
    }),
];

/// Lists the groups that interfaces of a VPC may have.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn get_security_groups_for_vpc(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetSecurityGroupsForVpcRequest,
) -> Result<GroupsForVpc, ApiError> {
    let vpc = require::<Vpc>(&twin.state, ctx, "VpcId", &request.vpc_id)?;
    let most = page_size(request.max_results, &(5..=1000))?;
    let filters = Filters::new(&request.filters, GROUPS)?;
    ctx.end_dry_run()?;
    let groups = twin.state.all::<SecurityGroup>(&ctx.region);
    let groups = groups.filter(|it| serves(twin, it, &vpc.vpc_id));
    let shown = groups.map(|it| GroupForVpc {
        description: it.description.clone(),
        group_name: it.group_name.clone(),
        owner_id: it.owner_id.as_ref().map(|it| it.as_str().into()),
        group_id: it.group_id.clone(),
        tags: it.tags.clone(),
        primary_vpc_id: it.vpc_id.clone(),
    });
    let all = shown.filter(|it| filters.pass(&twin.state, it, &it.tags));
    let (security_group_for_vpcs, next_token) =
        page_of(all.collect(), most, request.next_token.as_deref())?;
    Ok(GroupsForVpc {
        security_group_for_vpcs,
        next_token,
    })
}
