//! Changing DB instances.

use sandtable_model::resource::{DbInstance, GroupRef};
use smol_str::SmolStr;

use super::create::{OneDbInstance, check_class, check_password, check_retention, one};
use super::step::{Step, begin};
use super::{instance, invalid_state, place};
use crate::network::request::requests;
use crate::rules::invalid_combination;
use crate::services::common::not_modelled;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// ModifyDBInstance.
    ModifyDbInstanceRequest {
        #[serde(rename = "DBInstanceIdentifier")]
        db_instance_identifier: String,
        allocated_storage: Option<u32>,
        #[serde(rename = "DBInstanceClass")]
        db_instance_class: Option<SmolStr>,
        vpc_security_group_ids: Vec<String>,
        apply_immediately: bool,
        master_user_password: Option<String>,
        backup_retention_period: Option<u32>,
        engine_version: Option<SmolStr>,
        allow_major_version_upgrade: bool,
        auto_minor_version_upgrade: Option<bool>,
        iops: Option<u32>,
        storage_type: Option<SmolStr>,
        copy_tags_to_snapshot: Option<bool>,
        deletion_protection: Option<bool>,
    }
}

/// Changes a DB instance; what is not named stays. Protection, tags on snapshots and the like hold at
/// once; another class, storage or version takes a while.
///
/// # Errors
/// `DBInstanceNotFound`, `InvalidDBInstanceState` unless it is available, `InvalidParameterValue`,
/// `InvalidParameterCombination` for less storage, `UnsupportedOperation` for changes that would wait
/// for the maintenance window.
pub fn modify_db_instance(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyDbInstanceRequest,
) -> Result<OneDbInstance, ApiError> {
    let found = instance(twin, ctx, &request.db_instance_identifier)?.clone();
    let mut after = found.clone();
    let groups = check(twin, ctx, &request, &found)?;
    if found.db_instance_status != "available" {
        let name = &found.db_instance_identifier;
        let status = &found.db_instance_status;
        return Err(invalid_state(format!(
            "Database instance is not in available state: {name} is {status}"
        )));
    }
    let set = |wanted: Option<bool>, member: &mut bool| *member = wanted.unwrap_or(*member);
    set(request.deletion_protection, &mut after.deletion_protection);
    set(
        request.copy_tags_to_snapshot,
        &mut after.copy_tags_to_snapshot,
    );
    let minor = request.auto_minor_version_upgrade;
    set(minor, &mut after.auto_minor_version_upgrade);
    if let Some(days) = request.backup_retention_period {
        after.backup_retention_period = days;
    }
    if !groups.is_empty() {
        after.vpc_security_groups = place::memberships(&groups);
    }
    let light = after.clone();
    if let Some(class) = request.db_instance_class {
        after.db_instance_class = class;
    }
    after.allocated_storage = request.allocated_storage.unwrap_or(after.allocated_storage);
    after.iops = request.iops.or(after.iops);
    after.storage_type = request.storage_type.or(after.storage_type);
    after.engine_version = request.engine_version.or(after.engine_version);
    let is_heavy = after != light;
    if is_heavy && !request.apply_immediately {
        return Err(not_modelled(
            "changes that wait for the maintenance window (ApplyImmediately must be true)",
        ));
    }
    let id = found.db_instance_id;
    if !groups.is_empty() {
        place::regroup(twin, &id, &groups);
    }
    twin.state.insert(&ctx.region, after.clone());
    if is_heavy {
        begin(twin, &id, Step::Modify);
    }
    one(twin, ctx, &id, after)
}

/// Checks the values; gives the security groups.
fn check(
    twin: &Twin,
    ctx: &Ctx,
    request: &ModifyDbInstanceRequest,
    found: &DbInstance,
) -> Result<Vec<GroupRef>, ApiError> {
    if let Some(class) = &request.db_instance_class {
        check_class(class)?;
    }
    if let Some(password) = &request.master_user_password {
        check_password(password)?;
    }
    check_retention(request.backup_retention_period)?;
    let less = request
        .allocated_storage
        .is_some_and(|it| it < found.allocated_storage);
    if less {
        return Err(invalid_combination(format!(
            "Invalid storage size. The storage of DB instance {} cannot be reduced",
            found.db_instance_identifier
        )));
    }
    if let Some(version) = &request.engine_version {
        check_version(version, found, request.allow_major_version_upgrade)?;
    }
    if request.vpc_security_group_ids.is_empty() {
        return Ok(Vec::new());
    }
    let vpc = found
        .db_subnet_group
        .as_ref()
        .and_then(|it| it.vpc_id.clone());
    let vpc =
        vpc.ok_or_else(|| not_modelled("security groups of DB instances outside of a VPC"))?;
    place::groups(twin, ctx, &request.vpc_security_group_ids, &vpc)
}

/// Another major version must be asked for in so many words (hashicorp/terraform-provider-aws#13389
/// shows AWS's).
fn check_version(
    version: &str,
    found: &DbInstance,
    is_major_allowed: bool,
) -> Result<(), ApiError> {
    let engine = found.engine.as_str();
    let is_other = found
        .engine_version
        .as_deref()
        .is_some_and(|it| major_of(engine, it) != major_of(engine, version));
    match is_other && !is_major_allowed {
        true => Err(invalid_combination(
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.",
        )),
        false => Ok(()),
    }
}

/// The part of a version that is major: one number for PostgreSQL from 10 on, else two (RDS user
/// guide, "Upgrading a DB instance engine version").
fn major_of<'a>(engine: &str, version: &'a str) -> Vec<&'a str> {
    let is_short = engine.contains("postgres") && !version.starts_with("9.");
    let count = if is_short { 1 } else { 2 };
    version.split('.').take(count).collect()
}
