//! Deleting DB instances.

use sandtable_model::DbSnapshotId;
use sandtable_model::resource::{DbInstance, DbSnapshot};

use super::create::{OneDbInstance, one};
use super::snapshot::{free_identifier, make};
use super::step::{Step, begin};
use super::{instance, invalid_state};
use crate::network::request::requests;
use crate::rules::invalid_combination;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DeleteDBInstance.
    DeleteDbInstanceRequest {
        #[serde(rename = "DBInstanceIdentifier")]
        db_instance_identifier: String,
        skip_final_snapshot: bool,
        #[serde(rename = "FinalDBSnapshotIdentifier")]
        final_db_snapshot_identifier: Option<String>,
        delete_automated_backups: Option<bool>,
    }
}

/// Deletes a DB instance; it is `deleting`, then gone, with its interface and, unless they shall stay,
/// its automated snapshots. Manual snapshots stay.
///
/// # Errors
/// `DBInstanceNotFound`; `InvalidParameterCombination` under deletion protection and unless exactly
/// one of a final snapshot and its skipping is asked for; `DBSnapshotAlreadyExists`;
/// `InvalidDBInstanceState` for one that is being deleted, and for a final snapshot of one that is
/// not ready for it (RDS API reference, `DeleteDBInstance`).
pub fn delete_db_instance(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteDbInstanceRequest,
) -> Result<OneDbInstance, ApiError> {
    let found = instance(twin, ctx, &request.db_instance_identifier)?.clone();
    let name = &found.db_instance_identifier;
    let wanted = request.final_db_snapshot_identifier.as_deref();
    let wanted = wanted.filter(|it| !it.is_empty());
    match (request.skip_final_snapshot, wanted) {
        (true, Some(_)) => {
            return Err(invalid_combination(
                "You cannot specify both FinalDBSnapshotIdentifier and SkipFinalSnapshot",
            ));
        }
        (false, None) => {
            return Err(invalid_combination(
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
            ));
        }
        _ => {}
    }
    if wanted.is_some() && found.read_replica_source_db_instance_identifier.is_some() {
        return Err(invalid_combination(
            "FinalDBSnapshotIdentifier can not be specified when deleting a replica instance",
        ));
    }
    if wanted.is_some() && found.db_cluster_identifier.is_some() {
        return Err(invalid_combination(
            "FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance",
        ));
    }
    if found.deletion_protection {
        return Err(invalid_combination(
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
        ));
    }
    if found.db_instance_status == "deleting" {
        return Err(invalid_state(format!(
            "Instance {name} is already being deleted."
        )));
    }
    if let Some(wanted) = wanted {
        let snapshot = free_identifier(twin, ctx, wanted)?;
        if !["available", "stopped"].contains(&found.db_instance_status.as_str()) {
            return Err(invalid_state(format!(
                "Cannot create a snapshot because the database instance {name} is not currently in the available state."
            )));
        }
        let tags = match found.copy_tags_to_snapshot {
            true => found.tags.clone(),
            false => sandtable_model::Tags::new(),
        };
        make(twin, ctx, &found, &snapshot, tags);
    }
    if request.delete_automated_backups.unwrap_or(true) {
        drop_automated(twin, ctx, &found);
    }
    let id = found.db_instance_id.clone();
    begin(twin, &id, Step::Delete);
    one(twin, ctx, &id, found)
}

fn drop_automated(twin: &mut Twin, ctx: &Ctx, instance: &DbInstance) {
    let all = twin.state.all::<DbSnapshot>(&ctx.region);
    let name = &instance.db_instance_identifier;
    let automated =
        all.filter(|it| it.snapshot_type == "automated" && it.db_instance_identifier == *name);
    let ids: Vec<DbSnapshotId> = automated.map(|it| it.db_snapshot_id.clone()).collect();
    for id in &ids {
        twin.state.remove(id);
    }
}
