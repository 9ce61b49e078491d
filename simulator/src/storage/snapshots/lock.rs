//! Locks, which keep snapshots from being deleted.
//!
//! The rules are those of LockSnapshot in the EC2 API reference and of "Considerations for Amazon EBS
//! snapshot lock" of the EBS user guide. A lock's state follows from the time; nothing is scheduled.

use sandtable_model::resource::{EbsSnapshot, SnapshotState};
use sandtable_model::{Duration, SnapshotId, Timestamp};

use super::life::require_own;
use crate::network::request::{answers, requests};
use crate::rules::{invalid_combination, invalid_value, required};
use crate::{ApiError, Ctx, Twin};

const DAYS_MAX: u32 = 36_500;
const COOL_OFF_HOURS_MAX: u32 = 72;

/// A snapshot's lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    is_compliance: bool,
    pub(super) created: Timestamp,
    pub(super) cool_off_hours: Option<u32>,
    pub(super) days: u32,
    /// When it ends, for a lock with a date.
    until: Option<Timestamp>,
}

impl Lock {
    /// When the days begin to count: for a snapshot that was pending, when it was completed.
    pub(super) fn starts(&self, snapshot: &EbsSnapshot) -> Option<Timestamp> {
        match snapshot.state {
            SnapshotState::Pending => None,
            _ => Some(
                self.created
                    .max(snapshot.completion_time.unwrap_or(self.created)),
            ),
        }
    }

    pub(super) fn expires(&self, snapshot: &EbsSnapshot) -> Option<Timestamp> {
        let days = Duration::from_days(i64::from(self.days));
        let by_days = || Some(self.starts(snapshot)?.plus(days));
        self.until.or_else(by_days)
    }

    pub(super) fn cool_off_expires(&self) -> Option<Timestamp> {
        let hours = i64::from(self.cool_off_hours?);
        Some(self.created.plus(Duration::from_secs(hours * 3600)))
    }

    pub(super) fn state(&self, snapshot: &EbsSnapshot, now: Timestamp) -> &'static str {
        if self.expires(snapshot).is_some_and(|it| it <= now) {
            "expired"
        } else if !self.is_compliance {
            "governance"
        } else if self.cool_off_expires().is_some_and(|it| now < it) {
            "compliance-cooloff"
        } else {
            "compliance"
        }
    }
}

requests! {
    /// `LockSnapshot`.
    LockSnapshotRequest {
        snapshot_id: String,
        lock_mode: String,
        cool_off_period: Option<u32>,
        lock_duration: Option<u32>,
        expiration_date: Option<Timestamp>,
    }
    /// `UnlockSnapshot`.
    UnlockSnapshotRequest { snapshot_id: String }
}

answers! {
    /// A lock.
    LockedSnapshot {
        snapshot_id: SnapshotId,
        lock_state: &'static str,
        lock_duration: u32,
        cool_off_period: Option<u32>,
        cool_off_period_expires_on: Option<Timestamp>,
        lock_created_on: Timestamp,
        lock_expires_on: Option<Timestamp>,
        lock_duration_start_time: Option<Timestamp>,
    }
    /// A snapshot that is locked no longer.
    UnlockedSnapshot { snapshot_id: SnapshotId }
}

/// Locks a snapshot, or changes its lock.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue`, `InvalidParameterCombination` for a duration with a date
/// and for a cooling-off period without compliance, `IncorrectState` unless the snapshot is pending or
/// completed, and the code of [`Choices`] for loosening a lock in compliance mode.
///
/// [`Choices`]: crate::storage::Choices
pub fn lock_snapshot(
    twin: &mut Twin,
    ctx: &Ctx,
    request: LockSnapshotRequest,
) -> Result<LockedSnapshot, ApiError> {
    let snapshot = require_own(twin, ctx, &request.snapshot_id)?.clone();
    let now = twin.now();
    let lock = wanted(&request, now)?;
    ctx.end_dry_run()?;
    let id = snapshot.snapshot_id.clone();
    if !matches!(
        snapshot.state,
        SnapshotState::Pending | SnapshotState::Completed
    ) {
        return Err(ApiError::new(
            "IncorrectState",
            format!("The snapshot {id} is in the '{}' state", snapshot.state),
        ));
    }
    let lock = match twin.storage.locks.get(&id) {
        Some(old) if old.state(&snapshot, now) == "compliance" => {
            extended(twin, &snapshot, old, lock)?
        }
        // A cooling-off period that runs already goes on from where it began.
        Some(old) if old.state(&snapshot, now) != "expired" => Lock {
            created: old.created,
            ..lock
        },
        _ => lock,
    };
    let answer = LockedSnapshot {
        lock_state: lock.state(&snapshot, now),
        lock_duration: lock.days,
        cool_off_period: lock.cool_off_hours,
        cool_off_period_expires_on: lock.cool_off_expires(),
        lock_created_on: lock.created,
        lock_expires_on: lock.expires(&snapshot),
        lock_duration_start_time: lock.starts(&snapshot),
        snapshot_id: id.clone(),
    };
    twin.storage.locks.insert(id, lock);
    Ok(answer)
}

fn wanted(request: &LockSnapshotRequest, now: Timestamp) -> Result<Lock, ApiError> {
    let is_compliance = match required("LockMode", &request.lock_mode)? {
        "compliance" => true,
        "governance" => false,
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter lockMode is invalid. Valid values: compliance, governance."
            )));
        }
    };
    let cool_off_hours = request.cool_off_period;
    if cool_off_hours.is_some() && !is_compliance {
        return Err(invalid_combination(
            "CoolOffPeriod cannot be used with the lock mode governance",
        ));
    }
    let bounded = |name: &str, value: u32, most: u32| match (1..=most).contains(&value) {
        true => Ok(()),
        false => Err(invalid_value(format!(
            "Value ({value}) for parameter {name} is invalid. Expecting a value between 1 and {most}."
        ))),
    };
    if let Some(hours) = cool_off_hours {
        bounded("coolOffPeriod", hours, COOL_OFF_HOURS_MAX)?;
    }
    let (days, until) = match (request.lock_duration, request.expiration_date) {
        (Some(_), Some(_)) | (None, None) => {
            return Err(invalid_combination(
                "Exactly one of LockDuration and ExpirationDate must be given",
            ));
        }
        (Some(days), None) => {
            bounded("lockDuration", days, DAYS_MAX)?;
            (days, None)
        }
        (None, Some(until)) => {
            let days = until.since(now).whole_days();
            if until.since(now) < Duration::from_days(1) || days > i64::from(DAYS_MAX) {
                return Err(invalid_value(format!(
                    "Value ({}) for parameter expirationDate is invalid. It must be between 1 and {DAYS_MAX} days from now.",
                    until.to_wire()
                )));
            }
            (u32::try_from(days).unwrap_or(DAYS_MAX), Some(until))
        }
    };
    Ok(Lock {
        is_compliance,
        created: now,
        cool_off_hours,
        days,
        until,
    })
}

/// A lock in compliance mode whose cooling-off period is over can only be made longer.
fn extended(twin: &Twin, snapshot: &EbsSnapshot, old: &Lock, new: Lock) -> Result<Lock, ApiError> {
    let refuse = |why: &str| {
        let code = twin.storage.choices.locked_snapshot_refusal.as_str();
        let id = &snapshot.snapshot_id;
        Err(ApiError::new(
            code,
            format!("The snapshot {id} is locked in compliance mode: {why}"),
        ))
    };
    if !new.is_compliance {
        return refuse("the lock mode cannot be changed");
    }
    if new.cool_off_hours.is_some() {
        return refuse("no other cooling-off period can be specified");
    }
    let new = Lock {
        created: old.created,
        cool_off_hours: old.cool_off_hours,
        ..new
    };
    // A snapshot that is still pending has no dates yet; then the days decide.
    let is_shorter = match (new.expires(snapshot), old.expires(snapshot)) {
        (Some(new), Some(old)) => new < old,
        _ => new.days < old.days,
    };
    if is_shorter {
        return refuse("the lock duration can only be increased");
    }
    Ok(new)
}

/// Unlocks a snapshot.
///
/// # Errors
/// `IncorrectState` for one that is not locked, and the code of [`Choices`] for one that is locked in
/// compliance mode.
///
/// [`Choices`]: crate::storage::Choices
pub fn unlock_snapshot(
    twin: &mut Twin,
    ctx: &Ctx,
    request: UnlockSnapshotRequest,
) -> Result<UnlockedSnapshot, ApiError> {
    let snapshot = require_own(twin, ctx, &request.snapshot_id)?;
    let id = snapshot.snapshot_id.clone();
    ctx.end_dry_run()?;
    let lock = twin.storage.locks.get(&id);
    match lock.map(|it| it.state(snapshot, twin.now())) {
        None | Some("expired") => {
            return Err(ApiError::new(
                "IncorrectState",
                format!("The snapshot {id} is not locked"),
            ));
        }
        Some("compliance") => {
            let code = twin.storage.choices.locked_snapshot_refusal.as_str();
            return Err(ApiError::new(
                code,
                format!("The snapshot {id} is locked in compliance mode and cannot be unlocked"),
            ));
        }
        Some(_) => {}
    }
    twin.storage.locks.remove(&id);
    Ok(UnlockedSnapshot { snapshot_id: id })
}

/// Why a lock forbids the deletion of a snapshot.
pub(super) fn refusal(twin: &Twin, id: &SnapshotId) -> Option<ApiError> {
    let snapshot = twin.state.one::<EbsSnapshot>(id)?;
    let lock = twin.storage.locks.get(id)?;
    let state = lock.state(snapshot, twin.now());
    (state != "expired").then(|| {
        let code = twin.storage.choices.locked_snapshot_refusal.as_str();
        ApiError::new(
            code,
            format!("The snapshot {id} is locked in the state {state} and cannot be deleted"),
        )
    })
}
