//! DB subnet groups.

use sandtable_model::resource::{DbInstance, DbSubnetGroup, NetworkInterface, Subnet};
use sandtable_model::{DbSubnetGroupId, SubnetId, Tags, VpcId};
use serde_json::Value;
use smol_str::{SmolStr, format_smolstr};

use super::describe::show_group;
use super::{DbFilter, DbTag, TAG_WORDS, invalid_value, paged, passes, place, plain, subnet_group};
use crate::network::request::{answers, requests};
use crate::rules::required;
use crate::services::common::{subnet, with_tags};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateDBSubnetGroup.
    CreateDbSubnetGroupRequest {
        #[serde(rename = "DBSubnetGroupName")]
        db_subnet_group_name: String,
        #[serde(rename = "DBSubnetGroupDescription")]
        db_subnet_group_description: String,
        subnet_ids: Vec<String>,
        tags: Vec<DbTag>,
    }
    /// DescribeDBSubnetGroups.
    DescribeDbSubnetGroupsRequest {
        #[serde(rename = "DBSubnetGroupName")]
        db_subnet_group_name: Option<String>,
        filters: Vec<DbFilter>,
        max_records: Option<i64>,
        marker: Option<String>,
    }
    /// ModifyDBSubnetGroup.
    ModifyDbSubnetGroupRequest {
        #[serde(rename = "DBSubnetGroupName")]
        db_subnet_group_name: String,
        #[serde(rename = "DBSubnetGroupDescription")]
        db_subnet_group_description: Option<SmolStr>,
        subnet_ids: Vec<String>,
    }
    /// DeleteDBSubnetGroup.
    DeleteDbSubnetGroupRequest {
        #[serde(rename = "DBSubnetGroupName")]
        db_subnet_group_name: String,
    }
}

answers! {
    /// An answer with a subnet group.
    OneDbSubnetGroup {
        #[serde(rename = "DBSubnetGroup")]
        db_subnet_group: Value,
    }
    /// The answer of DescribeDBSubnetGroups.
    DescribedDbSubnetGroups {
        #[serde(rename = "DBSubnetGroups")]
        db_subnet_groups: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        marker: Option<String>,
    }
}

/// Subnet groups of an account in a Region, and subnets of a group (Service Quotas, Amazon RDS).
const GROUPS_MAX: usize = 50;
const SUBNETS_MAX: usize = 20;

/// Makes a subnet group.
///
/// # Errors
/// `DBSubnetGroupAlreadyExists`, `DBSubnetGroupDoesNotCoverEnoughAZs`, `DBSubnetGroupQuotaExceeded`,
/// `DBSubnetQuotaExceededFault`, `InvalidSubnet`, `InvalidParameterValue`, `MissingParameter`.
pub fn create_db_subnet_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateDbSubnetGroupRequest,
) -> Result<OneDbSubnetGroup, ApiError> {
    let name = required("DBSubnetGroupName", &request.db_subnet_group_name)?.to_lowercase();
    let description = &request.db_subnet_group_description;
    required("DBSubnetGroupDescription", description)?;
    let fine = |it: char| it.is_ascii_alphanumeric() || "-_. ".contains(it);
    if name == "default" || name.len() > 255 || !name.chars().all(fine) {
        return Err(invalid_value(
            "The parameter DBSubnetGroupName is not a valid identifier: it must contain no more than 255 letters, numbers, periods, underscores, spaces, or hyphens, and must not be Default",
        ));
    }
    let subnets = read_subnets(twin, ctx, &request.subnet_ids, None)?;
    let tags = with_tags(&Tags::new(), &plain(&request.tags), &TAG_WORDS)?;
    if subnet_group(twin, ctx, &name).is_ok() {
        return Err(ApiError::new(
            "DBSubnetGroupAlreadyExists",
            format!("The DB subnet group '{name}' already exists."),
        ));
    }
    if twin.state.all::<DbSubnetGroup>(&ctx.region).count() >= GROUPS_MAX {
        return Err(ApiError::new(
            "DBSubnetGroupQuotaExceeded",
            format!("You have reached your quota of {GROUPS_MAX} DB subnet groups"),
        ));
    }
    let (region, account) = (&ctx.region, &ctx.account);
    let made = DbSubnetGroup {
        db_subnet_group_id: DbSubnetGroupId::from_name(region, &name),
        db_subnet_group_name: name.as_str().into(),
        db_subnet_group_description: description.as_str().into(),
        db_subnet_group_arn: format_smolstr!("arn:aws:rds:{region}:{account}:subgrp:{name}"),
        vpc_id: subnets.first().map(|it| it.vpc_id.clone()),
        subnet_group_status: "Complete".into(),
        subnets: place::members(&subnets),
        tags,
    };
    twin.state.insert(region, made.clone());
    Ok(OneDbSubnetGroup {
        db_subnet_group: show_group(&made)?,
    })
}

/// The subnets of a request: in one VPC, in at least two zones.
fn read_subnets(
    twin: &Twin,
    ctx: &Ctx,
    ids: &[String],
    vpc: Option<&VpcId>,
) -> Result<Vec<Subnet>, ApiError> {
    if ids.is_empty() {
        required("SubnetIds", "")?;
    }
    let unknown: Vec<&str> = ids
        .iter()
        .filter(|id| subnet(twin, ctx, id).is_none())
        .map(String::as_str)
        .collect();
    if !unknown.is_empty() {
        return Err(invalid_value(format!(
            "Some input subnets in :[{}] are invalid.",
            unknown.join(", ")
        )));
    }
    if ids.len() > SUBNETS_MAX {
        return Err(ApiError::new(
            "DBSubnetQuotaExceededFault",
            format!("A DB subnet group can have at most {SUBNETS_MAX} subnets"),
        ));
    }
    let mut found: Vec<Subnet> = ids
        .iter()
        .filter_map(|id| subnet(twin, ctx, id))
        .cloned()
        .collect();
    found.sort_by(|one, other| one.subnet_id.cmp(&other.subnet_id));
    found.dedup_by(|one, other| one.subnet_id == other.subnet_id);
    let first = vpc
        .cloned()
        .or_else(|| found.first().map(|it| it.vpc_id.clone()));
    if found.iter().any(|it| Some(&it.vpc_id) != first.as_ref()) {
        return Err(ApiError::new(
            "InvalidSubnet",
            "The subnets of a DB subnet group must be in one VPC",
        ));
    }
    let mut zones: Vec<&str> = found
        .iter()
        .map(|it| it.availability_zone.as_str())
        .collect();
    zones.sort_unstable();
    zones.dedup();
    if zones.len() < 2 {
        return Err(ApiError::new(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            format!(
                "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {}. Add subnets to cover at least 2 AZs.",
                zones.join(", ")
            ),
        ));
    }
    Ok(found)
}

/// Lists subnet groups.
///
/// # Errors
/// `DBSubnetGroupNotFoundFault`, `InvalidParameterValue`; the operation has no filters.
pub fn describe_db_subnet_groups(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeDbSubnetGroupsRequest,
) -> Result<DescribedDbSubnetGroups, ApiError> {
    passes(&request.filters, |_| None)?;
    let all: Vec<&DbSubnetGroup> = match request.db_subnet_group_name.as_deref() {
        Some(name) => vec![subnet_group(twin, ctx, name)?],
        None => twin.state.all(&ctx.region).collect(),
    };
    let mut found = Vec::new();
    for it in all {
        found.push((it.db_subnet_group_name.to_string(), show_group(it)?));
    }
    let (db_subnet_groups, marker) = paged(found, request.marker.as_deref(), request.max_records)?;
    Ok(DescribedDbSubnetGroups {
        db_subnet_groups,
        marker,
    })
}

/// The first instance of a subnet group.
fn user<'a>(twin: &'a Twin, group: &DbSubnetGroup) -> Option<&'a DbInstance> {
    let mut users = twin
        .state
        .referring::<DbInstance>(&group.db_subnet_group_id);
    users.next()
}

/// The subnets in which instances of a subnet group have interfaces.
fn used(twin: &Twin, group: &DbSubnetGroup) -> Vec<SubnetId> {
    let instances = twin
        .state
        .referring::<DbInstance>(&group.db_subnet_group_id);
    let interfaces = instances.flat_map(|it| {
        let own = twin.services.rds.interfaces.get(&it.db_instance_id);
        own.into_iter().flatten()
    });
    let interfaces = interfaces.filter_map(|id| twin.state.one::<NetworkInterface>(id));
    interfaces.map(|it| it.subnet_id.clone()).collect()
}

/// Gives a subnet group other subnets.
///
/// # Errors
/// `DBSubnetGroupNotFoundFault`, `SubnetAlreadyInUse` when a subnet with an instance would leave, and
/// those of `CreateDBSubnetGroup`.
pub fn modify_db_subnet_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyDbSubnetGroupRequest,
) -> Result<OneDbSubnetGroup, ApiError> {
    let found = subnet_group(twin, ctx, &request.db_subnet_group_name)?.clone();
    let vpc = user(twin, &found).and(found.vpc_id.as_ref());
    let subnets = read_subnets(twin, ctx, &request.subnet_ids, vpc)?;
    let stays = |id: &SubnetId| subnets.iter().any(|it| it.subnet_id == *id);
    if let Some(id) = used(twin, &found).into_iter().find(|it| !stays(it)) {
        return Err(ApiError::new(
            "SubnetAlreadyInUse",
            format!("The subnet {id} is in use by a DB instance"),
        ));
    }
    let mut after = found.clone();
    if let Some(text) = request.db_subnet_group_description {
        after.db_subnet_group_description = text;
    }
    after.vpc_id = subnets.first().map(|it| it.vpc_id.clone());
    after.subnets = place::members(&subnets);
    twin.state.insert(&ctx.region, after.clone());
    Ok(OneDbSubnetGroup {
        db_subnet_group: show_group(&after)?,
    })
}

/// Deletes a subnet group.
///
/// # Errors
/// `DBSubnetGroupNotFoundFault`, `InvalidDBSubnetGroupStateFault` while an instance is in it,
/// `InvalidParameterValue` for `default`.
pub fn delete_db_subnet_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteDbSubnetGroupRequest,
) -> Result<(), ApiError> {
    let found = subnet_group(twin, ctx, &request.db_subnet_group_name)?;
    let name = &found.db_subnet_group_name;
    if name == "default" {
        return Err(invalid_value(
            "The default DB subnet group cannot be deleted",
        ));
    }
    if let Some(user) = user(twin, found) {
        return Err(ApiError::new(
            "InvalidDBSubnetGroupStateFault",
            format!(
                "Cannot delete the subnet group '{name}' because at least one database instance: {} is still using it.",
                user.db_instance_identifier
            ),
        ));
    }
    let id = found.db_subnet_group_id.clone();
    twin.state.remove(&id);
    Ok(())
}
