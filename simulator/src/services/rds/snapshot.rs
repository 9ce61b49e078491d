//! DB snapshots.

use sandtable_model::resource::{DbInstance, DbSnapshot};
use sandtable_model::{DbSnapshotId, Duration, Region, Tags};
use serde_json::Value;
use smol_str::{SmolStr, format_smolstr};

use super::step::{Step, begin};
use super::{
    DbFilter, DbTag, TAG_WORDS, identifier, instance, invalid_state, invalid_value, paged, passes,
    plain, snapshot,
};
use crate::network::request::{answers, requests};
use crate::rules::required;
use crate::services::Transition;
use crate::services::common::{shown, with_tags};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateDBSnapshot.
    CreateDbSnapshotRequest {
        #[serde(rename = "DBSnapshotIdentifier")]
        db_snapshot_identifier: String,
        #[serde(rename = "DBInstanceIdentifier")]
        db_instance_identifier: String,
        tags: Vec<DbTag>,
    }
    /// DescribeDBSnapshots.
    DescribeDbSnapshotsRequest {
        #[serde(rename = "DBInstanceIdentifier")]
        db_instance_identifier: Option<String>,
        #[serde(rename = "DBSnapshotIdentifier")]
        db_snapshot_identifier: Option<String>,
        snapshot_type: Option<String>,
        filters: Vec<DbFilter>,
        max_records: Option<i64>,
        marker: Option<String>,
        include_shared: bool,
        include_public: bool,
        dbi_resource_id: Option<String>,
    }
    /// DeleteDBSnapshot.
    DeleteDbSnapshotRequest {
        #[serde(rename = "DBSnapshotIdentifier")]
        db_snapshot_identifier: String,
    }
    /// CopyDBSnapshot.
    CopyDbSnapshotRequest {
        #[serde(rename = "SourceDBSnapshotIdentifier")]
        source_db_snapshot_identifier: String,
        #[serde(rename = "TargetDBSnapshotIdentifier")]
        target_db_snapshot_identifier: String,
        tags: Vec<DbTag>,
        copy_tags: bool,
    }
}

answers! {
    /// An answer with a snapshot.
    OneDbSnapshot {
        #[serde(rename = "DBSnapshot")]
        db_snapshot: Value,
    }
    /// The answer of DescribeDBSnapshots.
    DescribedDbSnapshots {
        #[serde(rename = "DBSnapshots")]
        db_snapshots: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        marker: Option<String>,
    }
}

/// Manual snapshots of an account in a Region (Service Quotas, Amazon RDS).
const MANUAL_MAX: usize = 100;

fn show(snapshot: &DbSnapshot) -> Result<Value, ApiError> {
    shown(snapshot, &["DbSnapshotId"])
}

fn one(twin: &Twin, id: &DbSnapshotId) -> Result<OneDbSnapshot, ApiError> {
    let found = twin.state.one::<DbSnapshot>(id);
    let found = found.ok_or_else(|| ApiError::new("InternalError", "The snapshot is gone"))?;
    Ok(OneDbSnapshot {
        db_snapshot: show(found)?,
    })
}

/// An identifier that no snapshot has, while there is room for another.
///
/// # Errors
/// `InvalidParameterValue`, `DBSnapshotAlreadyExists`, `SnapshotQuotaExceeded`.
pub(super) fn free_identifier(twin: &Twin, ctx: &Ctx, text: &str) -> Result<String, ApiError> {
    let name = identifier("DBSnapshotIdentifier", text, 255)?;
    if snapshot(twin, ctx, &name).is_ok() {
        return Err(ApiError::new(
            "DBSnapshotAlreadyExists",
            format!(
                "Cannot create the snapshot because a snapshot with the identifier {name} already exists."
            ),
        ));
    }
    let all = twin.state.all::<DbSnapshot>(&ctx.region);
    if all.filter(|it| it.snapshot_type == "manual").count() >= MANUAL_MAX {
        return Err(ApiError::new(
            "SnapshotQuotaExceeded",
            format!("Cannot create more than {MANUAL_MAX} manual snapshots"),
        ));
    }
    Ok(name)
}

/// Makes a manual snapshot of an instance.
pub(super) fn make(twin: &mut Twin, ctx: &Ctx, of: &DbInstance, name: &str, tags: Tags) {
    let (region, account) = (&ctx.region, &ctx.account);
    let port = of.endpoint.as_ref().and_then(|it| it.port);
    let made = DbSnapshot {
        db_snapshot_id: DbSnapshotId::from_name(region, name),
        db_snapshot_identifier: name.into(),
        db_snapshot_arn: format_smolstr!("arn:aws:rds:{region}:{account}:snapshot:{name}"),
        db_instance_identifier: of.db_instance_identifier.clone(),
        snapshot_create_time: Some(twin.now()),
        instance_create_time: of.instance_create_time,
        status: "creating".into(),
        percent_progress: 0,
        snapshot_type: "manual".into(),
        engine: of.engine.clone(),
        engine_version: of.engine_version.clone(),
        allocated_storage: of.allocated_storage,
        storage_type: of.storage_type.clone(),
        encrypted: of.storage_encrypted,
        port,
        availability_zone: of.availability_zone.clone(),
        vpc_id: of.db_subnet_group.as_ref().and_then(|it| it.vpc_id.clone()),
        master_username: of.master_username.clone(),
        dbi_resource_id: of.dbi_resource_id.clone(),
        source_db_snapshot_identifier: None,
        tags,
    };
    insert(twin, region, made);
}

fn insert(twin: &mut Twin, region: &Region, made: DbSnapshot) {
    let id = made.db_snapshot_id.clone();
    twin.state.insert(region, made);
    let delay = twin.options.timings.services.database_snapshot;
    twin.schedule(delay, Transition::DatabaseSnapshotDone(id));
}

/// `creating` becomes `available`.
pub(in crate::services) fn snapshot_done(twin: &mut Twin, id: &DbSnapshotId) {
    twin.state.update(id, |it: &mut DbSnapshot| {
        if it.status == "creating" {
            it.status = "available".into();
            it.percent_progress = 100;
        }
    });
}

/// Schedules what was under way when a snapshot of the account was taken.
pub(in crate::services) fn resume_snapshot(twin: &mut Twin, it: &DbSnapshot) {
    if it.status == "creating" {
        let delay = twin.options.timings.services.database_snapshot;
        let delay = delay.max(Duration::from_millis(1));
        let id = it.db_snapshot_id.clone();
        twin.schedule(delay, Transition::DatabaseSnapshotDone(id));
    }
}

/// Makes a snapshot of an instance, which is `backing-up` meanwhile.
///
/// # Errors
/// `DBInstanceNotFound`, `DBSnapshotAlreadyExists`, `SnapshotQuotaExceeded`, `InvalidDBInstanceState`
/// unless the instance is available or stopped.
pub fn create_db_snapshot(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateDbSnapshotRequest,
) -> Result<OneDbSnapshot, ApiError> {
    required("DBSnapshotIdentifier", &request.db_snapshot_identifier)?;
    let of = instance(twin, ctx, &request.db_instance_identifier)?.clone();
    let name = free_identifier(twin, ctx, &request.db_snapshot_identifier)?;
    let inherited = match of.copy_tags_to_snapshot {
        true => of.tags.clone(),
        false => Tags::new(),
    };
    let tags = with_tags(&inherited, &plain(&request.tags), &TAG_WORDS)?;
    let status = of.db_instance_status.as_str();
    if status != "available" && status != "stopped" {
        return Err(invalid_state(format!(
            "Cannot create a snapshot because the database instance {} is not currently in the available state.",
            of.db_instance_identifier
        )));
    }
    let is_running = status == "available";
    make(twin, ctx, &of, &name, tags);
    if is_running {
        begin(twin, &of.db_instance_id, Step::BackUp);
    }
    one(twin, &DbSnapshotId::from_name(&ctx.region, &name))
}

/// Lists snapshots.
///
/// # Errors
/// `DBSnapshotNotFound` for an identifier that is not there, `InvalidParameterValue`.
pub fn describe_db_snapshots(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeDbSnapshotsRequest,
) -> Result<DescribedDbSnapshots, ApiError> {
    let kind = request.snapshot_type.as_deref();
    let kinds = ["automated", "manual", "shared", "public", "awsbackup"];
    if let Some(kind) = kind.filter(|it| !kinds.contains(it)) {
        return Err(invalid_value(format!("Invalid SnapshotType: {kind}")));
    }
    let all: Vec<&DbSnapshot> = match request.db_snapshot_identifier.as_deref() {
        Some(name) => vec![snapshot(twin, ctx, name)?],
        None => twin.state.all(&ctx.region).collect(),
    };
    let of = request
        .db_instance_identifier
        .as_deref()
        .map(str::to_lowercase);
    let mut found = Vec::new();
    for it in all {
        let passes = passes(&request.filters, |name| {
            Some(match name {
                "db-instance-id" => vec![it.db_instance_identifier.as_str()],
                "db-snapshot-id" => vec![it.db_snapshot_identifier.as_str()],
                "dbi-resource-id" => it.dbi_resource_id.as_deref().into_iter().collect(),
                "snapshot-type" => vec![it.snapshot_type.as_str()],
                "engine" => vec![it.engine.as_str()],
                _ => return None,
            })
        })?;
        let wanted = kind.is_none_or(|kind| it.snapshot_type == kind)
            && of
                .as_ref()
                .is_none_or(|of| it.db_instance_identifier == of.as_str())
            && request
                .dbi_resource_id
                .as_ref()
                .is_none_or(|id| it.dbi_resource_id.as_deref() == Some(id));
        if passes && wanted {
            found.push((it.db_snapshot_identifier.to_string(), show(it)?));
        }
    }
    let (db_snapshots, marker) = paged(found, request.marker.as_deref(), request.max_records)?;
    Ok(DescribedDbSnapshots {
        db_snapshots,
        marker,
    })
}

/// Deletes a manual snapshot.
///
/// # Errors
/// `DBSnapshotNotFound`, `InvalidDBSnapshotState` for one that is not available or not manual.
pub fn delete_db_snapshot(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteDbSnapshotRequest,
) -> Result<OneDbSnapshot, ApiError> {
    let found = snapshot(twin, ctx, &request.db_snapshot_identifier)?.clone();
    let name = &found.db_snapshot_identifier;
    if found.snapshot_type != "manual" {
        return Err(invalid_snapshot_state(format!(
            "Cannot delete the snapshot {name} because it is not a manual snapshot."
        )));
    }
    if found.status != "available" {
        return Err(invalid_snapshot_state(format!(
            "Cannot delete the snapshot because it is not currently in the available state: {name}"
        )));
    }
    twin.state.remove(&found.db_snapshot_id);
    let mut answer = found;
    answer.status = SmolStr::new_static("deleted");
    Ok(OneDbSnapshot {
        db_snapshot: show(&answer)?,
    })
}

fn invalid_snapshot_state(message: String) -> ApiError {
    ApiError::new("InvalidDBSnapshotState", message)
}

/// Copies a snapshot, also one of another Region, which then is named by its ARN.
///
/// # Errors
/// `DBSnapshotNotFound`, `DBSnapshotAlreadyExists`, `SnapshotQuotaExceeded`,
/// `InvalidDBSnapshotState` for one that is not available.
pub fn copy_db_snapshot(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CopyDbSnapshotRequest,
) -> Result<OneDbSnapshot, ApiError> {
    let text = &request.source_db_snapshot_identifier;
    required("SourceDBSnapshotIdentifier", text)?;
    required(
        "TargetDBSnapshotIdentifier",
        &request.target_db_snapshot_identifier,
    )?;
    let parts: Vec<&str> = text.splitn(7, ':').collect();
    let (elsewhere, source) = match parts.as_slice() {
        ["arn", _, "rds", region, _, "snapshot", name] => {
            let region = Region::new(region).map_err(|error| invalid_value(error.to_string()))?;
            (region != ctx.region, by_name(twin, &region, name, text)?)
        }
        _ => (false, snapshot(twin, ctx, text)?.clone()),
    };
    let name = free_identifier(twin, ctx, &request.target_db_snapshot_identifier)?;
    let inherited = match request.copy_tags {
        true => source.tags.clone(),
        false => Tags::new(),
    };
    let tags = with_tags(&inherited, &plain(&request.tags), &TAG_WORDS)?;
    if source.status != "available" {
        return Err(invalid_snapshot_state(format!(
            "Cannot copy the snapshot because it is not currently in the available state: {text}"
        )));
    }
    let (region, account) = (&ctx.region, &ctx.account);
    let made = DbSnapshot {
        db_snapshot_id: DbSnapshotId::from_name(region, &name),
        db_snapshot_identifier: name.as_str().into(),
        db_snapshot_arn: format_smolstr!("arn:aws:rds:{region}:{account}:snapshot:{name}"),
        snapshot_create_time: Some(twin.now()),
        status: "creating".into(),
        percent_progress: 0,
        snapshot_type: "manual".into(),
        source_db_snapshot_identifier: Some(source.db_snapshot_arn.clone()),
        vpc_id: source.vpc_id.clone().filter(|_| !elsewhere),
        availability_zone: source.availability_zone.clone().filter(|_| !elsewhere),
        tags,
        ..source
    };
    let id = made.db_snapshot_id.clone();
    insert(twin, region, made);
    one(twin, &id)
}

fn by_name(twin: &Twin, region: &Region, name: &str, text: &str) -> Result<DbSnapshot, ApiError> {
    let id = DbSnapshotId::from_name(region, &name.to_lowercase());
    let found = twin.state.one::<DbSnapshot>(&id).cloned();
    found.ok_or_else(|| {
        ApiError::new(
            "DBSnapshotNotFound",
            format!("DBSnapshot {text} not found."),
        )
    })
}
