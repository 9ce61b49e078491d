//! Making DB instances.

use sandtable_model::resource::DbInstance;
use sandtable_model::resource::{DbSubnetGroupRef, GroupRef, Subnet};
use sandtable_model::{DbInstanceId, Tags, VpcId};
use serde_json::Value;
use smol_str::{SmolStr, format_smolstr};

use super::describe::show;
use super::step::{Step, begin};
use super::{DbTag, TAG_WORDS, identifier, instance, invalid_value, place, plain};
use crate::network::managed;
use crate::network::request::{answers, requests};
use crate::rules::{invalid_combination, required};
use crate::services::common::{not_modelled, with_tags};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateDBInstance.
    CreateDbInstanceRequest {
        #[serde(rename = "DBName")]
        db_name: Option<SmolStr>,
        #[serde(rename = "DBInstanceIdentifier")]
        db_instance_identifier: String,
        allocated_storage: Option<u32>,
        #[serde(rename = "DBInstanceClass")]
        db_instance_class: String,
        engine: String,
        master_username: Option<SmolStr>,
        master_user_password: Option<String>,
        vpc_security_group_ids: Vec<String>,
        availability_zone: Option<String>,
        #[serde(rename = "DBSubnetGroupName")]
        db_subnet_group_name: Option<String>,
        backup_retention_period: Option<u32>,
        port: Option<u32>,
        #[serde(rename = "MultiAZ")]
        multi_az: Option<bool>,
        engine_version: Option<SmolStr>,
        auto_minor_version_upgrade: Option<bool>,
        license_model: Option<SmolStr>,
        iops: Option<u32>,
        publicly_accessible: Option<bool>,
        tags: Vec<DbTag>,
        storage_type: Option<SmolStr>,
        storage_encrypted: Option<bool>,
        copy_tags_to_snapshot: Option<bool>,
        deletion_protection: Option<bool>,
    }
}

answers! {
    /// An answer with a DB instance.
    OneDbInstance {
        #[serde(rename = "DBInstance")]
        db_instance: Value,
    }
}

/// DB instances of an account in a Region (Service Quotas, Amazon RDS).
const INSTANCES_MAX: usize = 40;

/// Engines outside of clusters, with the port where none is named (RDS API reference,
/// `CreateDBInstance`).
const ENGINES: &[(&str, u32)] = &[
    ("mariadb", 3306),
    ("mysql", 3306),
    ("oracle-ee", 1521),
    ("oracle-ee-cdb", 1521),
    ("oracle-se2", 1521),
    ("oracle-se2-cdb", 1521),
    ("postgres", 5432),
    ("sqlserver-ee", 1433),
    ("sqlserver-ex", 1433),
    ("sqlserver-se", 1433),
    ("sqlserver-web", 1433),
];

/// Makes a DB instance; it is `creating`, then `available`.
///
/// # Errors
/// `DBInstanceAlreadyExists`, `InstanceQuotaExceeded`, `DBSubnetGroupNotFoundFault`,
/// `InvalidVPCNetworkStateFault`, `InvalidSubnet`, `InvalidParameterValue`,
/// `InvalidParameterCombination`, `MissingParameter`.
pub fn create_db_instance(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateDbInstanceRequest,
) -> Result<OneDbInstance, ApiError> {
    let name = identifier("DBInstanceIdentifier", &request.db_instance_identifier, 63)?;
    let port = check_settings(&request)?;
    if instance(twin, ctx, &name).is_ok() {
        return Err(ApiError::new(
            "DBInstanceAlreadyExists",
            "DB instance already exists",
        ));
    }
    if twin.state.all::<DbInstance>(&ctx.region).count() >= INSTANCES_MAX {
        return Err(ApiError::new(
            "InstanceQuotaExceeded",
            format!("You have reached your DB instance quota: {INSTANCES_MAX}"),
        ));
    }
    let multi_az = request.multi_az.unwrap_or(false);
    if multi_az && request.availability_zone.is_some() {
        return Err(invalid_combination(
            "Requesting a specific availability zone is not valid for Multi-AZ instances.",
        ));
    }
    let tags = with_tags(&Tags::new(), &plain(&request.tags), &TAG_WORDS)?;
    let group = place::group_of(twin, ctx, request.db_subnet_group_name.as_deref())?;
    let zone = request.availability_zone.as_deref();
    let subnets = place::choose(twin, &group, zone, multi_az)?;
    let Some(first) = subnets.first() else {
        return Err(invalid_value("The DB subnet group has no subnets"));
    };
    let vpc = first.vpc_id.clone();
    let groups = place::groups(twin, ctx, &request.vpc_security_group_ids, &vpc)?;
    let is_public = check_public(twin, &request, &vpc)?;
    let set = Set {
        name,
        multi_az,
        is_public,
        tags,
    };
    let made = blank(
        twin,
        ctx,
        request,
        set,
        first,
        &groups,
        &group.db_subnet_group_name,
    );
    let id = made.db_instance_id.clone();
    place::settle(twin, ctx, &id, &subnets, &groups, is_public)?;
    twin.state.insert(&ctx.region, made.clone());
    twin.services.rds.ports.insert(id.clone(), port);
    begin(twin, &id, Step::Create);
    one(twin, ctx, &id, made)
}

/// An answer with an instance as it is now.
pub(super) fn one(
    twin: &Twin,
    ctx: &Ctx,
    id: &DbInstanceId,
    otherwise: DbInstance,
) -> Result<OneDbInstance, ApiError> {
    let now = twin.state.one::<DbInstance>(id).unwrap_or(&otherwise);
    Ok(OneDbInstance {
        db_instance: show(twin, ctx, now)?,
    })
}

/// Checks engine, class, storage and user; gives the port.
fn check_settings(request: &CreateDbInstanceRequest) -> Result<u32, ApiError> {
    let class = required("DBInstanceClass", &request.db_instance_class)?;
    let engine = required("Engine", &request.engine)?;
    let usual = ENGINES.iter().find(|(known, _)| *known == engine);
    let Some((_, usual)) = usual else {
        if engine.starts_with("aurora") || engine.starts_with("custom-") || engine == "neptune" {
            return Err(not_modelled(&format!(
                "DB instances of the engine {engine}"
            )));
        }
        return Err(invalid_value("Invalid DB engine"));
    };
    check_class(class)?;
    let storage = request.allocated_storage.ok_or_else(|| {
        let message = "The request must contain the parameter AllocatedStorage";
        ApiError::new("MissingParameter", message)
    })?;
    let least = if engine.starts_with("oracle") { 10 } else { 5 };
    if !(least..=65_536).contains(&storage) {
        let kind = request.storage_type.as_deref().unwrap_or("gp2");
        return Err(invalid_value(format!(
            "Invalid storage size for engine name {engine} and storage type {kind}: {storage}"
        )));
    }
    let user = request.master_username.as_deref().unwrap_or_default();
    if user.is_empty() {
        return Err(invalid_value(
            "The parameter MasterUsername must be provided and must not be blank.",
        ));
    }
    check_password(request.master_user_password.as_deref().unwrap_or_default())?;
    check_retention(request.backup_retention_period)?;
    let port = request.port.unwrap_or(*usual);
    if !(1150..=65_535).contains(&port) {
        return Err(invalid_value(format!(
            "Invalid database port: {port}. It must be between 1150 and 65535"
        )));
    }
    Ok(port)
}

pub(super) fn check_class(class: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = class.split('.').collect();
    match parts.as_slice() {
        ["db", family, size, ..] if !family.is_empty() && !size.is_empty() => Ok(()),
        _ => Err(invalid_value(format!("Invalid DB Instance class: {class}"))),
    }
}

pub(super) fn check_password(password: &str) -> Result<(), ApiError> {
    let why = match password.chars().count() {
        0 => "must be provided and must not be blank.",
        1..8 => "is not a valid password because it is shorter than 8 characters.",
        _ if password.contains(['/', '"', '@', ' ']) => {
            "is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."
        }
        _ => return Ok(()),
    };
    Err(invalid_value(format!(
        "The parameter MasterUserPassword {why}"
    )))
}

pub(super) fn check_retention(days: Option<u32>) -> Result<(), ApiError> {
    match days {
        Some(36..) => Err(invalid_value(
            "Invalid backup retention period. Must be between 0 and 35 days",
        )),
        _ => Ok(()),
    }
}

/// Whether the instance has a public address. Without a word on it and without a subnet group it has
/// one where the default VPC leads to the internet (RDS API reference, `PubliclyAccessible`).
fn check_public(
    twin: &Twin,
    request: &CreateDbInstanceRequest,
    vpc: &VpcId,
) -> Result<bool, ApiError> {
    let leads_out = managed::leads_to_the_internet(&twin.state, vpc);
    match request.publicly_accessible {
        Some(true) if !leads_out => Err(ApiError::new(
            "InvalidVPCNetworkStateFault",
            "Cannot create a publicly accessible DBInstance. The specified VPC has no internet gateway attached. Update the VPC and then try again",
        )),
        Some(asked) => Ok(asked),
        None => Ok(request.db_subnet_group_name.is_none() && leads_out),
    }
}

/// What was found out about a new instance.
struct Set {
    name: String,
    multi_az: bool,
    is_public: bool,
    tags: Tags,
}

fn blank(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateDbInstanceRequest,
    set: Set,
    subnet: &Subnet,
    groups: &[GroupRef],
    group: &SmolStr,
) -> DbInstance {
    let (region, account, name) = (&ctx.region, &ctx.account, set.name);
    let number = twin.ids.next_number();
    let usual = match request.iops {
        Some(_) => "io1",
        None => "gp2",
    };
    DbInstance {
        db_instance_id: DbInstanceId::from_name(region, &name),
        db_instance_identifier: name.as_str().into(),
        db_instance_arn: format_smolstr!("arn:aws:rds:{region}:{account}:db:{name}"),
        dbi_resource_id: Some(format_smolstr!("db-{number:026X}")),
        db_instance_class: request.db_instance_class.into(),
        license_model: request.license_model.or_else(|| license(&request.engine)),
        engine: request.engine.into(),
        engine_version: request.engine_version,
        db_instance_status: "creating".into(),
        db_name: request.db_name,
        master_username: request.master_username,
        endpoint: None,
        allocated_storage: request.allocated_storage.unwrap_or_default(),
        storage_type: Some(request.storage_type.unwrap_or_else(|| usual.into())),
        iops: request.iops,
        storage_encrypted: request.storage_encrypted.unwrap_or(false),
        instance_create_time: None,
        backup_retention_period: request.backup_retention_period.unwrap_or(1),
        vpc_security_groups: place::memberships(groups),
        availability_zone: Some(subnet.availability_zone.as_str().into()),
        db_subnet_group: Some(DbSubnetGroupRef {
            db_subnet_group_name: group.clone(),
            vpc_id: Some(subnet.vpc_id.clone()),
        }),
        multi_az: set.multi_az,
        auto_minor_version_upgrade: request.auto_minor_version_upgrade.unwrap_or(true),
        publicly_accessible: set.is_public,
        db_cluster_identifier: None,
        read_replica_source_db_instance_identifier: None,
        read_replica_db_instance_identifiers: Vec::new(),
        deletion_protection: request.deletion_protection.unwrap_or(false),
        copy_tags_to_snapshot: request.copy_tags_to_snapshot.unwrap_or(false),
        automatic_restart_time: None,
        tags: set.tags,
    }
}

fn license(engine: &str) -> Option<SmolStr> {
    let text = match engine {
        "postgres" => "postgresql-license",
        "mysql" | "mariadb" => "general-public-license",
        it if it.starts_with("sqlserver") => "license-included",
        "oracle-se2" | "oracle-se2-cdb" => "license-included",
        _ => "bring-your-own-license",
    };
    Some(SmolStr::new_static(text))
}
