//! Archiving snapshots and restoring them.
//!
//! The rules are those of "Archive Amazon EBS snapshots" of the EBS user guide
//! (<https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-archive.html>). AWS bills an archived
//! snapshot for at least 90 days; the twin does not keep it for that long when it is deleted before.

use sandtable_model::resource::{EbsSnapshot, Image, SnapshotState, StorageTier};
use sandtable_model::{Duration, SnapshotId, Timestamp};
use smol_str::SmolStr;

use super::copy::NO_VOLUME;
use super::life::require_own;
use crate::network::request::{answers, requests};
use crate::rules::{invalid_combination, invalid_value, required};
use crate::storage::Transition;
use crate::storage::choices::count_snapshots;
use crate::{ApiError, Ctx, Twin};

/// How long a snapshot may be restored for a time, in days.
const DAYS_MAX: u32 = 180;

/// The last move of a snapshot between the tiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tiering {
    pub(super) begun: Timestamp,
    pub(super) status: &'static str,
    pub(super) archived_at: Option<Timestamp>,
    /// How long a restore that is under way is for; for good when there is none.
    days: Option<u32>,
}

const ARCHIVING: &str = "archival-in-progress";
const ARCHIVED: &str = "archival-completed";
const RESTORING: &str = "permanent-restore-in-progress";
const RESTORED: &str = "permanent-restore-completed";
const RESTORING_FOR_A_TIME: &str = "temporary-restore-in-progress";
const RESTORED_FOR_A_TIME: &str = "temporary-restore-completed";

impl Tiering {
    fn is_under_way(&self) -> bool {
        self.status.ends_with("-in-progress")
    }
}

requests! {
    /// `ModifySnapshotTier`.
    ModifySnapshotTierRequest { snapshot_id: String, storage_tier: Option<String> }
    /// `RestoreSnapshotTier`.
    RestoreSnapshotTierRequest {
        snapshot_id: String,
        temporary_restore_days: Option<u32>,
        permanent_restore: bool,
    }
}

answers! {
    /// A snapshot that is being archived.
    ArchivingSnapshot { snapshot_id: SnapshotId, tiering_start_time: Timestamp }
    /// A snapshot that is being restored.
    RestoringSnapshot {
        snapshot_id: SnapshotId,
        restore_start_time: Timestamp,
        restore_duration: Option<u32>,
        is_permanent_restore: bool,
    }
}

/// Begins to archive a snapshot; it stays of use until that is done, and is then `archive`d.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue` for another tier, `IncorrectState` unless it is completed
/// and in the standard tier, `InvalidSnapshot.InUse` while a registered image that is not disabled is
/// made of it, `ResourceLimitExceeded`.
pub fn modify_snapshot_tier(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifySnapshotTierRequest,
) -> Result<ArchivingSnapshot, ApiError> {
    let snapshot = require_own(twin, ctx, &request.snapshot_id)?.clone();
    let tier = request.storage_tier.as_deref().unwrap_or_default();
    if required("StorageTier", tier)? != "archive" {
        return Err(invalid_value(format!(
            "Value ({tier}) for parameter storageTier is invalid. Valid value: archive."
        )));
    }
    ctx.end_dry_run()?;
    let id = snapshot.snapshot_id.clone();
    check_archivable(twin, &snapshot)?;
    check_quotas(twin, ctx, &snapshot)?;
    let delay = twin.options.timings.snapshot_archive;
    let begun = begin(twin, id.clone(), ARCHIVING, None, delay);
    Ok(ArchivingSnapshot {
        snapshot_id: id,
        tiering_start_time: begun,
    })
}

fn begin(
    twin: &mut Twin,
    id: SnapshotId,
    status: &'static str,
    days: Option<u32>,
    delay: Duration,
) -> Timestamp {
    let begun = twin.now();
    let before = twin.storage.tierings.get(&id);
    let tiering = Tiering {
        begun,
        status,
        archived_at: before.and_then(|it| it.archived_at),
        days,
    };
    twin.storage.tierings.insert(id.clone(), tiering);
    twin.schedule(delay, Transition::SnapshotTiered(id, begun));
    begun
}

fn incorrect(id: &SnapshotId, why: &str) -> ApiError {
    ApiError::new("IncorrectState", format!("The snapshot {id} {why}"))
}

fn check_archivable(twin: &Twin, snapshot: &EbsSnapshot) -> Result<(), ApiError> {
    let id = &snapshot.snapshot_id;
    if snapshot.state != SnapshotState::Completed {
        return Err(incorrect(
            id,
            &format!("is in the '{}' state", snapshot.state),
        ));
    }
    if is_under_way(twin, id) {
        return Err(incorrect(id, "is being archived or restored already"));
    }
    if snapshot.storage_tier == Some(StorageTier::Archive) {
        return Err(incorrect(id, "is archived already"));
    }
    if snapshot.restore_expiry_time.is_some() {
        return Err(incorrect(id, "is archived and restored for a time only"));
    }
    let mut images = twin.state.referring::<Image>(id);
    let user = images.find(|it| !matches!(it.state.as_str(), "deregistered" | "disabled"));
    match user {
        None => Ok(()),
        Some(image) => Err(ApiError::new(
            "InvalidSnapshot.InUse",
            format!(
                "The snapshot {id} is currently in use by {}",
                image.image_id
            ),
        )),
    }
}

fn is_under_way(twin: &Twin, id: &SnapshotId) -> bool {
    let tiering = twin.storage.tierings.get(id);
    tiering.is_some_and(Tiering::is_under_way)
}

fn check_quotas(twin: &Twin, ctx: &Ctx, snapshot: &EbsSnapshot) -> Result<(), ApiError> {
    let quotas = &twin.storage.choices.quotas;
    let exceeded = |what: String| Err(ApiError::new("ResourceLimitExceeded", what));
    let most = quotas.archiving_snapshots;
    if under_way(twin, ctx, &[ARCHIVING]) >= most {
        return exceeded(format!(
            "Too many snapshot archives in progress. The limit is {most}."
        ));
    }
    let volume = snapshot.volume_id.as_ref();
    let Some(volume) = volume.filter(|it| it.as_str() != NO_VOLUME) else {
        return Ok(());
    };
    let most = quotas.archived_snapshots_per_volume;
    let is_archived = |it: &EbsSnapshot| {
        let counts = it.storage_tier == Some(StorageTier::Archive)
            || it.restore_expiry_time.is_some()
            || is_under_way(twin, &it.snapshot_id);
        counts && it.volume_id.as_ref() == Some(volume)
    };
    if count_snapshots(twin, &ctx.region, is_archived) >= most {
        return exceeded(format!(
            "Too many archived snapshots of volume {volume}. The limit is {most}."
        ));
    }
    Ok(())
}

fn under_way(twin: &Twin, ctx: &Ctx, statuses: &[&str]) -> usize {
    let here = |id: &SnapshotId| twin.state.region_of(&id.into()) == Some(&ctx.region);
    let tierings = twin.storage.tierings.iter();
    tierings
        .filter(|(id, it)| statuses.contains(&it.status) && here(id))
        .count()
}

/// Begins to restore an archived snapshot, for a time or for good; or, for one that is restored for a
/// time, sets that time anew or makes it last.
///
/// # Errors
/// `InvalidParameterCombination` unless exactly one of days and permanence is given,
/// `InvalidParameterValue` for days out of range, `IncorrectState` unless it is archived,
/// `ResourceLimitExceeded`.
pub fn restore_snapshot_tier(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RestoreSnapshotTierRequest,
) -> Result<RestoringSnapshot, ApiError> {
    let snapshot = require_own(twin, ctx, &request.snapshot_id)?.clone();
    let days = request.temporary_restore_days;
    if days.is_some() == request.permanent_restore {
        return Err(invalid_combination(
            "Exactly one of TemporaryRestoreDays and PermanentRestore must be given",
        ));
    }
    if let Some(days) = days.filter(|it| !(1..=DAYS_MAX).contains(it)) {
        return Err(invalid_value(format!(
            "Value ({days}) for parameter temporaryRestoreDays is invalid. Expecting a value between 1 and {DAYS_MAX}."
        )));
    }
    ctx.end_dry_run()?;
    let id = snapshot.snapshot_id.clone();
    if is_under_way(twin, &id) {
        return Err(incorrect(&id, "is being archived or restored already"));
    }
    let is_archived = snapshot.storage_tier == Some(StorageTier::Archive);
    let status = match days {
        Some(_) => RESTORING_FOR_A_TIME,
        None => RESTORING,
    };
    let delay = if is_archived {
        let most = twin.storage.choices.quotas.restoring_snapshots;
        if under_way(twin, ctx, &[RESTORING, RESTORING_FOR_A_TIME]) >= most {
            return Err(ApiError::new(
                "ResourceLimitExceeded",
                format!("Too many snapshot restores in progress. The limit is {most}."),
            ));
        }
        twin.options.timings.snapshot_restore
    } else if snapshot.restore_expiry_time.is_some() {
        // The data is in the standard tier already.
        Duration::ZERO
    } else {
        return Err(incorrect(&id, "is not archived"));
    };
    let begun = begin(twin, id.clone(), status, days, delay);
    Ok(RestoringSnapshot {
        snapshot_id: id,
        restore_start_time: begun,
        restore_duration: days,
        is_permanent_restore: request.permanent_restore,
    })
}

/// A move between the tiers that began at `begun` is done.
pub(in crate::storage) fn tiered(twin: &mut Twin, id: &SnapshotId, begun: Timestamp) {
    let now = twin.now();
    let Some(tiering) = twin.storage.tierings.get_mut(id) else {
        return;
    };
    if tiering.begun != begun || !tiering.is_under_way() {
        return;
    }
    let (done, tier) = match tiering.status {
        ARCHIVING => (ARCHIVED, StorageTier::Archive),
        RESTORING => (RESTORED, StorageTier::Standard),
        _ => (RESTORED_FOR_A_TIME, StorageTier::Standard),
    };
    tiering.status = done;
    match done {
        ARCHIVED => tiering.archived_at = Some(now),
        RESTORED => tiering.archived_at = None,
        _ => {}
    }
    let days = tiering.days.filter(|_| done == RESTORED_FOR_A_TIME);
    let expiry = days.map(|days| now.plus(Duration::from_days(i64::from(days))));
    twin.state.update(id, |it: &mut EbsSnapshot| {
        it.storage_tier = Some(tier);
        it.restore_expiry_time = expiry;
    });
    if done == ARCHIVED {
        archived(twin, id);
    }
    if let Some(expiry) = expiry {
        let transition = Transition::SnapshotRestoreExpired(id.clone(), expiry);
        twin.schedule(expiry.since(now), transition);
    }
}

/// Those with whom an archived snapshot was shared lose it, and its fast restores end.
fn archived(twin: &mut Twin, id: &SnapshotId) {
    twin.storage.snapshot_grants.remove(id);
    super::fast_restore::disable_all(twin, id);
}

/// A snapshot that was restored until `expiry` goes back to the archive.
pub(in crate::storage) fn expired(twin: &mut Twin, id: &SnapshotId, expiry: Timestamp) {
    let is_due = |it: &mut EbsSnapshot| {
        let is_due = it.restore_expiry_time == Some(expiry);
        if is_due {
            it.restore_expiry_time = None;
            it.storage_tier = Some(StorageTier::Archive);
        }
        is_due
    };
    if twin.state.update(id, is_due) == Some(true) {
        let tierings = &mut twin.storage.tierings;
        if let Some(tiering) = tierings.get_mut(id) {
            tiering.status = ARCHIVED;
        }
        super::fast_restore::disable_all(twin, id);
    }
}

/// Why an image of these snapshots cannot be enabled: one of them is archived, or restored for a time
/// only.
pub(in crate::storage) fn archived_among<'a>(
    twin: &Twin,
    mut ids: impl Iterator<Item = &'a SnapshotId>,
) -> Option<SmolStr> {
    let is_archived = |id: &&SnapshotId| {
        twin.state.one::<EbsSnapshot>(*id).is_some_and(|it| {
            it.storage_tier == Some(StorageTier::Archive) || it.restore_expiry_time.is_some()
        })
    };
    ids.find(is_archived).map(|id| id.as_str().into())
}
