//! Snapshots: create, delete, describe.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::{
    EbsSnapshot, Image, SnapshotState, StorageTier, Volume, VolumeState,
};
use sandtable_model::{Duration, Kind, SnapshotId, Tags, VolumeId};
use smol_str::SmolStr;

use crate::rules::{self, Filter, Listing, Page, TagSpecification, describe, require, tags_for};
use crate::storage::access::is_own;
use crate::storage::choices::check_snapshot_room;
use crate::storage::{Transition, filters, only_of_owners};
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
/// `IncorrectState` for a volume that is not there yet, `ConcurrentSnapshotLimitExceeded` while too
/// many others of the volume are pending, `SnapshotCreationPerVolumeRateExceeded` within 15 s of the
/// last, `SnapshotLimitExceeded`.
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
    check_snapshot_room(twin, &ctx.region, 1)?;
    Ok(begin(twin, ctx, &volume, request.description, tags))
}

/// Whether AWS lets a snapshot of the volume begin now.
///
/// # Errors
/// `SnapshotCreationPerVolumeRateExceeded`, `ConcurrentSnapshotLimitExceeded`.
pub(in crate::storage) fn check_rate(twin: &Twin, volume: &Volume) -> Result<(), ApiError> {
    let id = &volume.volume_id;
    let last = twin.storage.snapshotted.get(id);
    if last.is_some_and(|last| twin.now().since(*last) < SNAPSHOT_INTERVAL_MIN) {
        return Err(ApiError::new(
            "SnapshotCreationPerVolumeRateExceeded",
            "The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.",
        ));
    }
    let quotas = &twin.storage.choices.quotas;
    let most = quotas.pending_snapshots_of(&volume.volume_type);
    let snapshots = twin.state.referring::<EbsSnapshot>(id);
    let pending = snapshots.filter(|it| it.state == SnapshotState::Pending);
    if pending.count() >= most {
        return Err(ApiError::new(
            "ConcurrentSnapshotLimitExceeded",
            format!("Maximum allowed in-progress snapshots for volume {id} exceeded."),
        ));
    }
    Ok(())
}

/// Begins a snapshot, whatever else is under way.
pub(in crate::storage) fn begin(
    twin: &mut Twin,
    ctx: &Ctx,
    volume: &Volume,
    description: SmolStr,
    tags: Tags,
) -> EbsSnapshot {
    let mut snapshot = pending(twin, ctx, Some(volume.volume_id.clone()), volume.size);
    snapshot.description = description;
    snapshot.encrypted = volume.encrypted;
    snapshot.kms_key_id = volume.kms_key_id.clone();
    snapshot.tags = tags;
    let id = snapshot.snapshot_id.clone();
    let now = twin.now();
    let snapshotted = &mut twin.storage.snapshotted;
    snapshotted.insert(volume.volume_id.clone(), now);
    twin.state.insert(&ctx.region, snapshot.clone());
    let delay = twin.options.timings.snapshot_create;
    twin.schedule(delay, Transition::SnapshotCompleted(id));
    snapshot
}

/// A snapshot that begins now, without encryption and tags; not yet in the state.
pub(in crate::storage) fn pending(
    twin: &mut Twin,
    ctx: &Ctx,
    volume: Option<VolumeId>,
    size: u32,
) -> EbsSnapshot {
    EbsSnapshot {
        snapshot_id: twin.fresh(SnapshotId::from_number),
        volume_id: volume,
        volume_size: size,
        state: SnapshotState::Pending,
        start_time: Some(twin.now()),
        owner_id: Some(ctx.account.as_str().into()),
        owner_alias: None,
        description: SmolStr::default(),
        encrypted: false,
        kms_key_id: None,
        progress: Some("0%".into()),
        storage_tier: Some(StorageTier::Standard),
        restore_expiry_time: None,
        completion_time: None,
        transfer_type: Some(Box::new("standard".into())),
        completion_duration_minutes: None,
        full_snapshot_size_in_bytes: None,
        state_message: None,
        tags: Tags::new(),
    }
}

/// `pending` becomes `completed`.
pub(in crate::storage) fn completed(twin: &mut Twin, id: &SnapshotId) {
    let now = twin.now();
    twin.state.update(id, |it: &mut EbsSnapshot| {
        if it.state == SnapshotState::Pending {
            it.state = SnapshotState::Completed;
            it.progress = Some("100%".into());
            it.completion_time = Some(now);
        }
    });
    twin.storage.copies.remove(id);
}

/// `DeleteSnapshot`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteSnapshotRequest {
    /// The snapshot.
    pub snapshot_id: String,
}

/// Deletes a snapshot at once. Without retention rules, which the twin does not have, nothing goes to
/// the Recycle Bin. An archived one goes as well; AWS bills it for 90 days from its archival all the
/// same (facts, ec2-semantics, section 3).
///
/// # Errors
/// `InvalidSnapshot.InUse` while a registered image (a disabled one, too) or a pending copy is made of
/// it, `AuthFailure` for one of another account, and the code of [`Choices`] while it is locked.
///
/// [`Choices`]: crate::storage::Choices
pub fn delete_snapshot(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteSnapshotRequest,
) -> Result<(), ApiError> {
    let snapshot = require_own(twin, ctx, &request.snapshot_id)?;
    let id = snapshot.snapshot_id.clone();
    ctx.end_dry_run()?;
    if let Some(error) = held(twin, &id) {
        return Err(error);
    }
    remove(twin, &id);
    Ok(())
}

/// Why a snapshot cannot be deleted.
pub(in crate::storage) fn held(twin: &Twin, id: &SnapshotId) -> Option<ApiError> {
    let user = image_of(twin, id).map(|it| it.image_id.to_string());
    let user = user.or_else(|| {
        let mut copies = twin.storage.copies.iter();
        copies.find_map(|(copy, source)| (source == id).then(|| copy.to_string()))
    });
    let in_use = user.map(|user| {
        ApiError::new(
            "InvalidSnapshot.InUse",
            format!("The snapshot {id} is currently in use by {user}"),
        )
    });
    in_use.or_else(|| super::lock::refusal(twin, id))
}

/// Takes a snapshot out, with what is remembered of it.
pub(in crate::storage) fn remove(twin: &mut Twin, id: &SnapshotId) {
    twin.state.remove(id);
    let side = &mut twin.storage;
    side.copies.remove(id);
    side.snapshot_grants.remove(id);
    side.tierings.remove(id);
    side.locks.remove(id);
    side.fast_restores.retain(|(it, _), _| it != id);
}

/// A registered image that is made of the snapshot.
pub(in crate::storage) fn image_of<'a>(twin: &'a Twin, id: &SnapshotId) -> Option<&'a Image> {
    let mut images = twin.state.referring::<Image>(id);
    images.find(|it| it.state != "deregistered")
}

/// The snapshot that a parameter names, which must be the caller's.
///
/// # Errors
/// `MissingParameter`, the kind's codes for malformed and unknown ids, `AuthFailure`.
pub(super) fn require_own<'a>(
    twin: &'a Twin,
    ctx: &Ctx,
    text: &str,
) -> Result<&'a EbsSnapshot, ApiError> {
    let snapshot = require::<EbsSnapshot>(&twin.state, ctx, "snapshotId", text)?;
    if !is_own(ctx, snapshot.owner_id.as_ref()) {
        return Err(ApiError::new(
            "AuthFailure",
            format!("Not authorized for snapshot:{}", snapshot.snapshot_id),
        ));
    }
    Ok(snapshot)
}

/// The snapshot that a parameter names, if something can be made of it.
///
/// # Errors
/// The kind's codes for malformed and unknown ids, `IncorrectState` unless it is completed and in the
/// standard tier.
pub(in crate::storage) fn usable_snapshot(
    twin: &Twin,
    ctx: &Ctx,
    text: &str,
) -> Result<EbsSnapshot, ApiError> {
    let snapshot = require::<EbsSnapshot>(&twin.state, ctx, "snapshotId", text)?;
    check_usable(snapshot)?;
    Ok(snapshot.clone())
}

/// Whether something can be made of a snapshot.
///
/// # Errors
/// `IncorrectState`.
pub(crate) fn check_usable(snapshot: &EbsSnapshot) -> Result<(), ApiError> {
    if snapshot.state != SnapshotState::Completed {
        return Err(ApiError::new(
            "IncorrectState",
            format!("Snapshot is in invalid state - {}", snapshot.state),
        ));
    }
    if snapshot.storage_tier == Some(StorageTier::Archive) {
        return Err(ApiError::new(
            "IncorrectState",
            format!(
                "The snapshot {} is archived and must be restored before it can be used",
                snapshot.snapshot_id
            ),
        ));
    }
    Ok(())
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
