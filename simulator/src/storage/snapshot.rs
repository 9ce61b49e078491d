//! Snapshots: create, delete, describe.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::{EbsSnapshot, Image, SnapshotState, Volume, VolumeState};
use sandtable_model::{Duration, Kind, SnapshotId, Tags};
use smol_str::SmolStr;

use super::{Transition, filters, only_of_owners};
use crate::rules::{self, Filter, Listing, Page, TagSpecification, describe, require, tags_for};
use crate::{ApiError, Ctx, Twin};

/// The least time between the beginnings of two snapshots of a volume (EC2 error list,
/// `SnapshotCreationPerVolumeRateExceeded`).
const SNAPSHOT_INTERVAL_MIN: Duration = Duration::from_secs(15);

/// `CreateSnapshot`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateSnapshotRequest {
    /// The volume.
    pub volume_id: String,
    /// The description.
    pub description: SmolStr,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
}

/// Begins a snapshot of a volume; it is `pending`, then `completed`.
///
/// # Errors
/// `IncorrectState` for a volume that is not there yet, `ConcurrentSnapshotLimitExceeded` while
/// another of the volume is pending, `SnapshotCreationPerVolumeRateExceeded` within 15 s of the last.
pub fn create_snapshot(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateSnapshotRequest,
) -> Result<EbsSnapshot, ApiError> {
    let volume = require::<Volume>(&twin.state, ctx, "volumeId", &request.volume_id)?.clone();
    let made = [Kind::EbsSnapshot];
    let tags = tags_for(Kind::EbsSnapshot, &made, &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let id = &volume.volume_id;
    match volume.state {
        VolumeState::Deleting | VolumeState::Deleted => {
            return Err(rules::not_found(&id.into()));
        }
        VolumeState::Creating | VolumeState::Error => {
            return Err(ApiError::new(
                "IncorrectState",
                format!("The volume '{id}' is in the '{}' state.", volume.state),
            ));
        }
        _ => {}
    }
    check_rate(twin, &volume)?;
    Ok(begin(twin, ctx, &volume, request.description, tags))
}

fn check_rate(twin: &Twin, volume: &Volume) -> Result<(), ApiError> {
    let id = &volume.volume_id;
    let last = twin.storage.snapshotted.get(id);
    if last.is_some_and(|last| twin.now().since(*last) < SNAPSHOT_INTERVAL_MIN) {
        return Err(ApiError::new(
            "SnapshotCreationPerVolumeRateExceeded",
            "The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.",
        ));
    }
    let mut snapshots = twin.state.referring::<EbsSnapshot>(id);
    if snapshots.any(|it| it.state == SnapshotState::Pending) {
        return Err(ApiError::new(
            "ConcurrentSnapshotLimitExceeded",
            format!("Maximum allowed in-progress snapshots for volume {id} exceeded."),
        ));
    }
    Ok(())
}

/// Begins a snapshot, whatever else is under way.
pub(super) fn begin(
    twin: &mut Twin,
    ctx: &Ctx,
    volume: &Volume,
    description: SmolStr,
    tags: Tags,
) -> EbsSnapshot {
    let snapshot = EbsSnapshot {
        snapshot_id: twin.fresh(SnapshotId::from_number),
        volume_id: Some(volume.volume_id.clone()),
        volume_size: volume.size,
        state: SnapshotState::Pending,
        start_time: Some(twin.now()),
        owner_id: Some(ctx.account.as_str().into()),
        owner_alias: None,
        description,
        encrypted: volume.encrypted,
        kms_key_id: volume.kms_key_id.clone(),
        progress: Some("0%".into()),
        storage_tier: Some(sandtable_model::resource::StorageTier::Standard),
        tags,
    };
    let id = snapshot.snapshot_id.clone();
    let now = twin.now();
    twin.storage
        .snapshotted
        .insert(volume.volume_id.clone(), now);
    twin.state.insert(&ctx.region, snapshot.clone());
    let delay = twin.options.timings.snapshot_create;
    twin.schedule(delay, Transition::SnapshotCompleted(id));
    snapshot
}

/// `DeleteSnapshot`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteSnapshotRequest {
    /// The snapshot.
    pub snapshot_id: String,
}

/// Deletes a snapshot at once.
///
/// # Errors
/// `InvalidSnapshot.InUse` while a registered image is made of it.
pub fn delete_snapshot(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteSnapshotRequest,
) -> Result<(), ApiError> {
    let snapshot = require::<EbsSnapshot>(&twin.state, ctx, "snapshotId", &request.snapshot_id)?;
    let id = snapshot.snapshot_id.clone();
    ctx.end_dry_run()?;
    if let Some(image) = image_of(twin, &id) {
        return Err(ApiError::new(
            "InvalidSnapshot.InUse",
            format!(
                "The snapshot {id} is currently in use by {}",
                image.image_id
            ),
        ));
    }
    twin.state.remove(id);
    Ok(())
}

/// A registered image that is made of the snapshot.
pub(super) fn image_of<'a>(twin: &'a Twin, id: &SnapshotId) -> Option<&'a Image> {
    let mut images = twin.state.referring::<Image>(id);
    images.find(|it| it.state != "deregistered")
}

/// `DescribeSnapshots`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeSnapshotsRequest {
    /// The snapshots; all when there are none.
    pub snapshot_ids: Vec<String>,
    /// Owners: `self`, `amazon`, accounts.
    pub owner_ids: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// Lists snapshots.
///
/// # Errors
/// See [`describe`].
pub fn describe_snapshots(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeSnapshotsRequest,
) -> Result<Page, ApiError> {
    let filters = only_of_owners(ctx, &request.filters, &request.owner_ids);
    let listing = Listing {
        ids: &request.snapshot_ids,
        filters: &filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(rules::UNCONSTRAINED),
        ids_exclude_pages: false,
    };
    describe::<EbsSnapshot>(&twin.state, ctx, &listing, filters::SNAPSHOT)
}
