//! Amazon RDS: DB instances, their snapshots and subnet groups.
//!
//! An instance keeps an interface in a subnet, which is what makes it matter to a network; a stopped
//! one is started by AWS after seven days, which is what makes stopping no lasting saving.
//!
//! Deliberately absent: clusters and their engines, read replicas (those of a snapshot are kept),
//! parameter and option groups, restoring, changes that wait for the maintenance window.

mod create;
mod delete;
mod describe;
mod modify;
mod place;
mod power;
mod snapshot;
mod step;
mod subnet_group;
mod tag;

pub use create::*;
pub use delete::*;
pub use describe::*;
pub use modify::*;
pub use power::*;
pub use snapshot::*;
pub use step::Step;
pub(crate) use step::{done, restarts, resume};
pub use subnet_group::*;
pub use tag::*;

use std::collections::BTreeMap;

use sandtable_model::resource::{DbInstance, DbSnapshot, DbSubnetGroup};
use sandtable_model::{DbInstanceId, DbSnapshotId, DbSubnetGroupId, NetworkInterfaceId};
use serde::{Deserialize, Serialize};

use super::common::{self, TagWords};
use crate::dispatch::{Row, operations};
use crate::rules;
use crate::{ApiError, Ctx, Twin};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "AddTagsToResource" => add_tags_to_resource,
    "CopyDBSnapshot" => copy_db_snapshot,
    "CreateDBInstance" => create_db_instance,
    "CreateDBSnapshot" => create_db_snapshot,
    "CreateDBSubnetGroup" => create_db_subnet_group,
    "DeleteDBInstance" => delete_db_instance,
    "DeleteDBSnapshot" => delete_db_snapshot,
    "DeleteDBSubnetGroup" => delete_db_subnet_group,
    "DescribeDBClusters" => describe_db_clusters,
    "DescribeDBInstances" => describe_db_instances,
    "DescribeDBSnapshots" => describe_db_snapshots,
    "DescribeDBSubnetGroups" => describe_db_subnet_groups,
    "ListTagsForResource" => list_tags_for_resource,
    "ModifyDBInstance" => modify_db_instance,
    "ModifyDBSubnetGroup" => modify_db_subnet_group,
    "RebootDBInstance" => reboot_db_instance,
    "RemoveTagsFromResource" => remove_tags_from_resource,
    "StartDBInstance" => start_db_instance,
    "StopDBInstance" => stop_db_instance,
};

/// Who manages the interfaces of DB instances.
const SERVICE: &str = "amazon-rds";
/// The description of their interfaces.
const DESCRIPTION: &str = "RDSNetworkInterface";

const TAG_WORDS: TagWords = TagWords {
    too_many: "InvalidParameterValue",
    duplicate: "InvalidParameterValue",
    invalid: "InvalidParameterValue",
};

/// A tag of a request; RDS takes tags without a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbTag {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

fn plain(tags: &[DbTag]) -> Vec<common::Tag> {
    let tag = |it: &DbTag| common::Tag {
        key: it.key.clone(),
        value: it.value.clone(),
    };
    tags.iter().map(tag).collect()
}

/// A filter of RDS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbFilter {
    /// What is compared.
    pub name: String,
    /// The values, any of which may match.
    pub values: Vec<String>,
}

fn invalid_value(message: impl Into<String>) -> ApiError {
    rules::invalid_value(message)
}

fn invalid_state(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidDBInstanceState", message)
}

/// The instance of an identifier; capitals do not matter.
///
/// # Errors
/// `MissingParameter`, `DBInstanceNotFound`.
fn instance<'a>(twin: &'a Twin, ctx: &Ctx, text: &str) -> Result<&'a DbInstance, ApiError> {
    rules::required("DBInstanceIdentifier", text)?;
    let id = DbInstanceId::from_name(&ctx.region, &text.to_lowercase());
    let found = twin.state.get_in(&ctx.region, &id.into());
    let found = found.and_then(|it| it.get::<DbInstance>());
    found.ok_or_else(|| {
        ApiError::new(
            "DBInstanceNotFound",
            format!("DBInstance {text} not found."),
        )
    })
}

/// The snapshot of an identifier.
///
/// # Errors
/// `MissingParameter`, `DBSnapshotNotFound`.
fn snapshot<'a>(twin: &'a Twin, ctx: &Ctx, text: &str) -> Result<&'a DbSnapshot, ApiError> {
    rules::required("DBSnapshotIdentifier", text)?;
    let id = DbSnapshotId::from_name(&ctx.region, &text.to_lowercase());
    let found = twin.state.get_in(&ctx.region, &id.into());
    let found = found.and_then(|it| it.get::<DbSnapshot>());
    found.ok_or_else(|| {
        ApiError::new(
            "DBSnapshotNotFound",
            format!("DBSnapshot {text} not found."),
        )
    })
}

/// The subnet group of a name.
///
/// # Errors
/// `MissingParameter`, `DBSubnetGroupNotFoundFault`.
fn subnet_group<'a>(twin: &'a Twin, ctx: &Ctx, text: &str) -> Result<&'a DbSubnetGroup, ApiError> {
    rules::required("DBSubnetGroupName", text)?;
    let id = DbSubnetGroupId::from_name(&ctx.region, &text.to_lowercase());
    let found = twin.state.get_in(&ctx.region, &id.into());
    let found = found.and_then(|it| it.get::<DbSubnetGroup>());
    found.ok_or_else(|| {
        ApiError::new(
            "DBSubnetGroupNotFoundFault",
            format!("DB subnet group '{text}' does not exist."),
        )
    })
}

/// The rules for identifiers of instances and snapshots, in lower case (RDS API reference,
/// `CreateDBInstance`, `DBInstanceIdentifier`).
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue`.
fn identifier(parameter: &str, text: &str, most: usize) -> Result<String, ApiError> {
    rules::required(parameter, text)?;
    let fine = text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || it == '-')
        && !text.ends_with('-')
        && !text.contains("--")
        && text.len() <= most;
    match fine {
        true => Ok(text.to_lowercase()),
        false => Err(invalid_value(format!(
            "The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        ))),
    }
}

/// The entries of a page.
///
/// # Errors
/// `InvalidParameterValue`.
fn paged<T>(
    mut all: Vec<(String, T)>,
    marker: Option<&str>,
    size: Option<i64>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let size = match size {
        None => 100,
        Some(size @ 20..=100) => usize::try_from(size).unwrap_or(100),
        Some(size) => {
            return Err(invalid_value(format!(
                "Invalid value {size} for MaxRecords. Must be between 20 and 100"
            )));
        }
    };
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    common::page(all, marker, size)
        .ok_or_else(|| invalid_value("The value of parameter Marker is not valid."))
}

/// Whether something passes filters.
///
/// # Errors
/// `InvalidParameterValue` for filters that there are not.
fn passes<'a>(
    filters: &[DbFilter],
    seen: impl Fn(&str) -> Option<Vec<&'a str>>,
) -> Result<bool, ApiError> {
    let mut all = true;
    for filter in filters {
        let name = &filter.name;
        let seen =
            seen(name).ok_or_else(|| invalid_value(format!("Unrecognized filter name: {name}")))?;
        all &= filter.values.iter().any(|it| seen.contains(&it.as_str()));
    }
    Ok(all)
}

/// What no describe answer of RDS carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {
    /// The interfaces of instances, which RDS does not tell.
    interfaces: BTreeMap<DbInstanceId, Vec<NetworkInterfaceId>>,
    /// The ports of instances, which are told once there is an endpoint.
    ports: BTreeMap<DbInstanceId, u32>,
}
