//! Stopping, starting and rebooting DB instances.

use super::create::{OneDbInstance, one};
use super::snapshot::{free_identifier, make};
use super::step::{self, Step, begin};
use super::{instance, invalid_state};
use crate::network::request::requests;
use crate::rules::invalid_combination;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// StopDBInstance.
    StopDbInstanceRequest {
        #[serde(rename = "DBInstanceIdentifier")]
        db_instance_identifier: String,
        #[serde(rename = "DBSnapshotIdentifier")]
        db_snapshot_identifier: Option<String>,
    }
    /// StartDBInstance.
    StartDbInstanceRequest {
        #[serde(rename = "DBInstanceIdentifier")]
        db_instance_identifier: String,
    }
    /// RebootDBInstance.
    RebootDbInstanceRequest {
        #[serde(rename = "DBInstanceIdentifier")]
        db_instance_identifier: String,
        force_failover: bool,
    }
}

/// Stops a DB instance for at most seven days; its storage and snapshots go on costing.
///
/// # Errors
/// `DBInstanceNotFound`, `InvalidDBInstanceState` unless it is available, for one of a replication
/// and for a Multi-AZ one of SQL Server, `InvalidDBClusterStateFault` for one of a cluster (RDS user
/// guide, "Stopping an Amazon RDS DB instance temporarily", limitations).
pub fn stop_db_instance(
    twin: &mut Twin,
    ctx: &Ctx,
    request: StopDbInstanceRequest,
) -> Result<OneDbInstance, ApiError> {
    let found = instance(twin, ctx, &request.db_instance_identifier)?.clone();
    let name = &found.db_instance_identifier;
    if found.db_cluster_identifier.is_some() {
        return Err(ApiError::new(
            "InvalidDBClusterStateFault",
            format!("The DB instance {name} belongs to a DB cluster: stop the cluster instead"),
        ));
    }
    let is_source = !found.read_replica_db_instance_identifiers.is_empty();
    if is_source || found.read_replica_source_db_instance_identifier.is_some() {
        return Err(invalid_state(format!(
            "Cannot stop or start a source or target of a replication relationship: {name}"
        )));
    }
    if found.multi_az && found.engine.starts_with("sqlserver") {
        return Err(invalid_state(format!(
            "Cannot stop a Multi-AZ SQL Server instance: {name}"
        )));
    }
    if found.db_instance_status != "available" {
        return Err(invalid_state(format!(
            "Instance {name} is not in available state."
        )));
    }
    if let Some(snapshot) = &request.db_snapshot_identifier {
        let snapshot = free_identifier(twin, ctx, snapshot)?;
        make(twin, ctx, &found, &snapshot, found.tags.clone());
    }
    let id = &found.db_instance_id;
    begin(twin, id, Step::Stop);
    let id = id.clone();
    one(twin, ctx, &id, found)
}

/// Starts a DB instance that is stopped.
///
/// # Errors
/// `DBInstanceNotFound`, `InvalidDBInstanceState`.
pub fn start_db_instance(
    twin: &mut Twin,
    ctx: &Ctx,
    request: StartDbInstanceRequest,
) -> Result<OneDbInstance, ApiError> {
    let found = instance(twin, ctx, &request.db_instance_identifier)?.clone();
    if found.db_instance_status != "stopped" {
        return Err(invalid_state(format!(
            "Instance {} is not stopped or in another startable state.",
            found.db_instance_identifier
        )));
    }
    let id = found.db_instance_id.clone();
    step::start(twin, &id);
    one(twin, ctx, &id, found)
}

/// Reboots a DB instance.
///
/// # Errors
/// `DBInstanceNotFound`, `InvalidDBInstanceState` unless it is available,
/// `InvalidParameterCombination` for a failover without a standby.
pub fn reboot_db_instance(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RebootDbInstanceRequest,
) -> Result<OneDbInstance, ApiError> {
    let found = instance(twin, ctx, &request.db_instance_identifier)?.clone();
    if request.force_failover && !found.multi_az {
        return Err(invalid_combination(
            "You can't specify ForceFailover when the instance is not configured for Multi-AZ.",
        ));
    }
    if found.db_instance_status != "available" {
        return Err(invalid_state(format!(
            "Database instance is not in available state: {}",
            found.db_instance_identifier
        )));
    }
    let id = found.db_instance_id.clone();
    begin(twin, &id, Step::Reboot);
    one(twin, ctx, &id, found)
}
