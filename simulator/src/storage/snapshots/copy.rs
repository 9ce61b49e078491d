//! Copying snapshots, within a Region or into another.
//!
//! Deliberately absent: Outposts and Local Zones; what `PresignedUrl` says, since the twin sees all
//! Regions of its account.

use sandtable_model::resource::EbsSnapshot;
use sandtable_model::{Duration, Kind, Region, SnapshotId, Tags, VolumeId};
use smol_str::SmolStr;

use super::life::{pending, usable_snapshot};
use crate::network::request::{answers, requests};
use crate::rules::{TagSpecification, invalid_value, required, tags_for};
use crate::storage::choices::check_snapshot_room;
use crate::storage::{Transition, encryption};
use crate::{ApiError, Ctx, Twin};

/// The volume that AWS tells of a copy.
pub(super) const NO_VOLUME: &str = "vol-ffffffff";

requests! {
    /// `CopySnapshot`.
    CopySnapshotRequest {
        description: SmolStr,
        destination_region: Option<String>,
        encrypted: Option<bool>,
        kms_key_id: Option<String>,
        presigned_url: Option<String>,
        source_region: String,
        source_snapshot_id: String,
        tag_specifications: Vec<TagSpecification>,
        completion_duration_minutes: Option<u32>,
    }
}

answers! {
    /// The copy that was begun.
    CopiedSnapshot { snapshot_id: SnapshotId, tags: Tags }
}

/// Begins a copy of a snapshot into the Region of the call; it is `pending`, then `completed`. While
/// it is pending its source cannot be deleted.
///
/// # Errors
/// `MissingParameter`, `InvalidSnapshot.NotFound` also for a snapshot of another Region than said,
/// `IncorrectState` for one that is not completed or is archived, `InvalidParameterDependency` for a
/// key without encryption, `ResourceLimitExceeded` while too many copies are pending,
/// `SnapshotLimitExceeded`.
pub fn copy_snapshot(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CopySnapshotRequest,
) -> Result<CopiedSnapshot, ApiError> {
    let there = region_of(ctx, "SourceRegion", &request.source_region)?;
    required("SourceSnapshotId", &request.source_snapshot_id)?;
    let named = request.destination_region.as_deref();
    if let Some(other) = named.filter(|it| *it != ctx.region.as_str()) {
        return Err(invalid_value(format!(
            "Value ({other}) for parameter destinationRegion is invalid. The copy is made in the Region of the call, {}.",
            ctx.region
        )));
    }
    let minutes = request.completion_duration_minutes;
    if minutes.is_some_and(|it| it == 0 || it > 2880 || it % 15 != 0) {
        return Err(invalid_value(
            "CompletionDurationMinutes must be a multiple of 15 between 15 and 2880",
        ));
    }
    let source = usable_snapshot(twin, &there, &request.source_snapshot_id)?;
    let made = [Kind::EbsSnapshot];
    let tags = tags_for(Kind::EbsSnapshot, &made, &request.tag_specifications)?;
    let key = request.kms_key_id.as_deref();
    let outcome = encryption::outcome_of_copy(twin, ctx, request.encrypted, key, source.encrypted)?;
    ctx.end_dry_run()?;
    check_copies(twin, &ctx.region, 1)?;
    check_snapshot_room(twin, &ctx.region, 1)?;
    let copy = Copy {
        description: request.description,
        tags,
        outcome,
        minutes,
        delay: twin.options.timings.snapshot_copy,
    };
    let (id, tags) = begin_copy(twin, ctx, &source, copy);
    Ok(CopiedSnapshot {
        snapshot_id: id,
        tags,
    })
}

/// The circumstances of a call in the Region that a parameter names.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue`.
pub(in crate::storage) fn region_of(ctx: &Ctx, name: &str, text: &str) -> Result<Ctx, ApiError> {
    let region = Region::new(required(name, text)?)
        .map_err(|_| invalid_value(format!("Value ({text}) for parameter {name} is invalid.")))?;
    Ok(Ctx {
        region,
        ..ctx.clone()
    })
}

/// Whether `count` more copies may begin in a Region.
///
/// # Errors
/// `ResourceLimitExceeded`.
pub(in crate::storage) fn check_copies(
    twin: &Twin,
    region: &Region,
    count: usize,
) -> Result<(), ApiError> {
    let most = twin.storage.choices.quotas.snapshot_copies;
    let here = |id: &&SnapshotId| twin.state.region_of(&(*id).into()) == Some(region);
    if twin.storage.copies.keys().filter(here).count() + count > most {
        return Err(ApiError::new(
            "ResourceLimitExceeded",
            format!(
                "Too many snapshot copies in progress. The limit is {most} for this destination region."
            ),
        ));
    }
    Ok(())
}

/// How a copy differs from its source.
pub(in crate::storage) struct Copy {
    pub(in crate::storage) description: SmolStr,
    pub(in crate::storage) tags: Tags,
    pub(in crate::storage) outcome: (bool, Option<SmolStr>),
    pub(in crate::storage) minutes: Option<u32>,
    pub(in crate::storage) delay: Duration,
}

/// Begins a copy, whatever else is under way.
pub(in crate::storage) fn begin_copy(
    twin: &mut Twin,
    ctx: &Ctx,
    source: &EbsSnapshot,
    copy: Copy,
) -> (SnapshotId, Tags) {
    let volume = VolumeId::new(NO_VOLUME).ok();
    let mut snapshot = pending(twin, ctx, volume, source.volume_size);
    snapshot.description = copy.description;
    (snapshot.encrypted, snapshot.kms_key_id) = copy.outcome;
    snapshot.tags = copy.tags;
    let mut delay = copy.delay;
    if let Some(minutes) = copy.minutes {
        snapshot.transfer_type = Some(Box::new("time-based".into()));
        snapshot.completion_duration_minutes = Some(minutes);
        // AWS promises the end; it may come earlier.
        delay = delay.min(Duration::from_secs(i64::from(minutes) * 60));
    }
    let id = snapshot.snapshot_id.clone();
    let tags = snapshot.tags.clone();
    let copies = &mut twin.storage.copies;
    copies.insert(id.clone(), source.snapshot_id.clone());
    twin.state.insert(&ctx.region, snapshot);
    twin.schedule(delay, Transition::SnapshotCompleted(id.clone()));
    (id, tags)
}
