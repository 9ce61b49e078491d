//! Security groups.

use sandtable_model::resource::{SecurityGroup, Vpc};
use sandtable_model::{Kind, SecurityGroupId, Tags, VpcId};

use super::default_vpc::default_vpc;
use super::request::{answers, requests};
use super::{blockers, group_vpc, refusal, rule_ledger, vpc};
use crate::rules::{TagSpecification, invalid_value, require, required, tags_for};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateSecurityGroup.
    CreateSecurityGroupRequest {
        group_name: String,
        description: String,
        vpc_id: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteSecurityGroup.
    DeleteSecurityGroupRequest { group_id: String, group_name: Option<String> }
}

answers! {
    /// The answer of CreateSecurityGroup.
    CreatedSecurityGroup { group_id: SecurityGroupId, security_group_arn: String, tags: Tags }
    /// The answer of DeleteSecurityGroup.
    DeletedSecurityGroup { r#return: bool, group_id: SecurityGroupId }
}

/// The most characters of a group's name and description (EC2 API reference, CreateSecurityGroup).
const TEXT_MAX: usize = 255;

/// Makes a group that lets everything out and nothing in.
///
/// # Errors
/// `InvalidGroup.Duplicate` for a name that the VPC has, `InvalidParameterValue` for one that is
/// reserved, `VPCIdNotSpecified` without a VPC where there is no default one,
/// `SecurityGroupLimitExceeded`.
pub fn create_security_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateSecurityGroupRequest,
) -> Result<CreatedSecurityGroup, ApiError> {
    let name = required("groupName", &request.group_name)?;
    required("groupDescription", &request.description)?;
    check_texts(name, &request.description)?;
    let vpc_id = vpc_for(twin, ctx, request.vpc_id.as_deref())?;
    let kind = Kind::SecurityGroup;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let is_beside = |it: &SecurityGroup| it.vpc_id.as_ref() == Some(&vpc_id);
    let is_taken = twin
        .state
        .referring::<SecurityGroup>(&vpc_id)
        .any(|it| is_beside(it) && it.group_name == name);
    if is_taken {
        return Err(ApiError::new(
            "InvalidGroup.Duplicate",
            format!("The security group '{name}' already exists for VPC '{vpc_id}'"),
        ));
    }
    let present = twin.state.list(&ctx.region, kind).count();
    if present >= twin.network.choices.quotas.security_groups {
        return Err(refusal::over_quota(
            "SecurityGroupLimitExceeded",
            "security groups",
        ));
    }
    let outbound = vpc::outbound_of_new_group(&twin.state, &vpc_id);
    let group = SecurityGroup {
        group_id: twin.fresh(SecurityGroupId::from_number),
        group_name: name.into(),
        description: request.description.as_str().into(),
        vpc_id: Some(vpc_id),
        owner_id: Some(ctx.account.clone()),
        ip_permissions: Vec::new(),
        ip_permissions_egress: vec![outbound],
        tags: tags.clone(),
    };
    let group_id = group.group_id.clone();
    twin.state.insert(&ctx.region, group);
    let security_group_arn = format!(
        "arn:aws:ec2:{}:{}:security-group/{group_id}",
        ctx.region, ctx.account
    );
    Ok(CreatedSecurityGroup {
        group_id,
        security_group_arn,
        tags,
    })
}

fn check_texts(name: &str, description: &str) -> Result<(), ApiError> {
    let fine = |text: &str| {
        let mark = |c: char| "._-:/()#,@[]+=&;{}!$* ".contains(c);
        text.len() <= TEXT_MAX && text.chars().all(|c| c.is_ascii_alphanumeric() || mark(c))
    };
    if name.eq_ignore_ascii_case("default") {
        return Err(invalid_value(format!(
            "Cannot use reserved security group name: {name}"
        )));
    }
    if name.starts_with("sg-") {
        return Err(invalid_value(format!(
            "Invalid value '{name}' for groupName. Group names may not be in the format sg-*."
        )));
    }
    for (text, parameter) in [(name, "groupName"), (description, "groupDescription")] {
        if !fine(text) {
            return Err(invalid_value(format!(
                "Value ({text}) for parameter {parameter} is invalid. Up to {TEXT_MAX} characters of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{{}}!$* are allowed."
            )));
        }
    }
    Ok(())
}

fn vpc_for(twin: &Twin, ctx: &Ctx, text: Option<&str>) -> Result<VpcId, ApiError> {
    let Some(text) = text else {
        let default = default_vpc(twin, ctx).map(|it| it.vpc_id.clone());
        return default
            .ok_or_else(|| ApiError::new("VPCIdNotSpecified", "No default VPC for this user"));
    };
    Ok(require::<Vpc>(&twin.state, ctx, "vpcId", text)?
        .vpc_id
        .clone())
}

/// The group that a request names by id, or by its name in the default VPC.
pub(super) fn find(
    twin: &Twin,
    ctx: &Ctx,
    id: &str,
    name: Option<&str>,
) -> Result<SecurityGroup, ApiError> {
    if !id.is_empty() {
        return Ok(require::<SecurityGroup>(&twin.state, ctx, "groupId", id)?.clone());
    }
    let Some(name) = name.filter(|it| !it.is_empty()) else {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain the parameter groupName or groupId",
        ));
    };
    let Some(vpc) = default_vpc(twin, ctx) else {
        return Err(ApiError::new(
            "VPCIdNotSpecified",
            "No default VPC for this user",
        ));
    };
    let mut groups = twin.state.referring::<SecurityGroup>(&vpc.vpc_id);
    groups
        .find(|it| it.group_name == name)
        .cloned()
        .ok_or_else(|| {
            ApiError::new(
                "InvalidGroup.NotFound",
                format!(
                    "The security group '{name}' does not exist in default VPC '{}'",
                    vpc.vpc_id
                ),
            )
        })
}

/// Deletes a group.
///
/// # Errors
/// `CannotDelete` for the default group; `DependencyViolation` while it is in use, another group
/// names it or it is associated with another VPC (facts: ec2-semantics.md, section 3, Security group; twin-conformance.md,
/// "DeleteSecurityGroup in use / referenced").
pub fn delete_security_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteSecurityGroupRequest,
) -> Result<DeletedSecurityGroup, ApiError> {
    let group = find(twin, ctx, &request.group_id, request.group_name.as_deref())?;
    ctx.end_dry_run()?;
    let id = group.group_id.clone();
    if group.is_default() {
        return Err(ApiError::new(
            "CannotDelete",
            format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user"),
        ));
    }
    if blockers::security_group_is_blocked(&twin.state, &id) || group_vpc::is_associated(twin, &id)
    {
        return Err(refusal::dependency(format!(
            "resource {id} has a dependent object"
        )));
    }
    twin.state.remove(&id);
    rule_ledger::forget_group(twin, &group);
    Ok(DeletedSecurityGroup {
        r#return: true,
        group_id: id,
    })
}
