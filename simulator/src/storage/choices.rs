//! What AWS leaves open about volumes, snapshots and images, and what an account may have of them.

use sandtable_model::Region;
use sandtable_model::resource::{EbsSnapshot, VolumeType};

use crate::state::Tally;
use crate::{ApiError, Twin};

/// How the twin decides where sources disagree, and the account's quotas.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Choices {
    /// How soon a volume may be modified again.
    pub modification_pace: ModificationPace,
    /// The code for deleting or unlocking a locked snapshot, which no source tells.
    pub locked_snapshot_refusal: LockRefusal,
    /// What the account may have.
    pub quotas: Quotas,
}

/// How soon a volume may be modified again; AWS changed the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ModificationPace {
    /// Four times within any 24 hours (EC2 API reference, ModifyVolume, 2026).
    #[default]
    FourADay,
    /// Six hours after the last one began: the rule until 2025, and still that of older texts.
    SixHours,
}

/// The code for what a snapshot's lock forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LockRefusal {
    /// `OperationNotPermitted`, as for what protects instances and images.
    #[default]
    OperationNotPermitted,
    /// `SnapshotLocked`.
    SnapshotLocked,
}

impl LockRefusal {
    /// AWS's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OperationNotPermitted => "OperationNotPermitted",
            Self::SnapshotLocked => "SnapshotLocked",
        }
    }
}

/// What the account may have in a Region; a quota that is `None` is not looked at. AWS's defaults
/// (<https://docs.aws.amazon.com/general/latest/gr/ebs-service.html>); what a snapshot holds beyond
/// them stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// GiB of volumes of one type.
    pub volume_gib_per_type: Option<u64>,
    /// Snapshots.
    pub snapshots: Option<usize>,
    /// Pending snapshots of a volume that is neither `st1` nor `sc1`.
    pub pending_snapshots_per_volume: usize,
    /// Pending snapshots of a volume of type `st1` or `sc1`.
    pub pending_snapshots_per_throughput_volume: usize,
    /// Pending copies of snapshots into the Region.
    pub snapshot_copies: usize,
    /// Archived snapshots of one volume.
    pub archived_snapshots_per_volume: usize,
    /// Snapshots that are being archived.
    pub archiving_snapshots: usize,
    /// Snapshots that are being restored from the archive.
    pub restoring_snapshots: usize,
    /// Snapshots with fast restores.
    pub fast_restores: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Quotas {
            volume_gib_per_type: Some(50 * 1024),
            snapshots: Some(100_000),
            pending_snapshots_per_volume: 5,
            pending_snapshots_per_throughput_volume: 1,
            snapshot_copies: 20,
            archived_snapshots_per_volume: 25,
            archiving_snapshots: 25,
            restoring_snapshots: 5,
            fast_restores: 5,
        }
    }
}

impl Quotas {
    /// How many snapshots of a volume may be pending at once.
    pub(super) const fn pending_snapshots_of(&self, volume_type: &VolumeType) -> usize {
        match volume_type {
            VolumeType::St1 | VolumeType::Sc1 => self.pending_snapshots_per_throughput_volume,
            _ => self.pending_snapshots_per_volume,
        }
    }
}

/// Whether there is room for `gib` more of a type of volume.
///
/// # Errors
/// `VolumeLimitExceeded` (EC2 error list).
pub(crate) fn check_volume_room(
    twin: &Twin,
    region: &Region,
    volume_type: &VolumeType,
    gib: u64,
) -> Result<(), ApiError> {
    let Some(most) = twin.storage.choices.quotas.volume_gib_per_type else {
        return Ok(());
    };
    let present = twin
        .state
        .total(region, Tally::VolumeGib(volume_type.clone()));
    if present.saturating_add(gib) > most {
        return Err(ApiError::new(
            "VolumeLimitExceeded",
            format!(
                "You have exceeded your maximum {volume_type} storage limit of {most} GiB in this region."
            ),
        ));
    }
    Ok(())
}

/// Whether there is room for `count` more snapshots.
///
/// # Errors
/// `SnapshotLimitExceeded` (EC2 error list).
pub(crate) fn check_snapshot_room(
    twin: &Twin,
    region: &Region,
    count: usize,
) -> Result<(), ApiError> {
    let Some(most) = twin.storage.choices.quotas.snapshots else {
        return Ok(());
    };
    let present = usize::try_from(twin.state.total(region, Tally::Snapshots));
    if present.unwrap_or(usize::MAX).saturating_add(count) > most {
        return Err(ApiError::new(
            "SnapshotLimitExceeded",
            format!("You have exceeded your maximum snapshot limit of {most} in this region."),
        ));
    }
    Ok(())
}

/// How many snapshots of a Region are in some situation.
pub(super) fn count_snapshots(
    twin: &Twin,
    region: &Region,
    is: impl Fn(&EbsSnapshot) -> bool,
) -> usize {
    twin.state
        .all::<EbsSnapshot>(region)
        .filter(|it| is(it))
        .count()
}

impl Twin {
    /// How the twin decides about storage where AWS's sources disagree, and the quotas.
    pub fn storage_choices(&self) -> &Choices {
        &self.storage.choices
    }

    /// Sets how the twin decides about storage where AWS's sources disagree, and the quotas.
    pub fn set_storage_choices(&mut self, choices: Choices) {
        self.storage.choices = choices;
    }
}
