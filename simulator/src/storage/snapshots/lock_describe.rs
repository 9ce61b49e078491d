//! The list of locks.

use sandtable_model::resource::EbsSnapshot;
use sandtable_model::{SnapshotId, Timestamp};
use smol_str::SmolStr;

use crate::network::request::{answers, requests};
use crate::rules::{Extract, Filter, Filters, NO_TAGS, Slice, require_all};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// `DescribeLockedSnapshots`.
    DescribeLockedSnapshotsRequest {
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
        snapshot_ids: Vec<String>,
    }
}

answers! {
    /// A page of locks.
    DescribedLocks { snapshots: Vec<LockedSnapshotsInfo>, next_token: Option<String> }
    /// A lock of a snapshot.
    LockedSnapshotsInfo {
        owner_id: Option<SmolStr>,
        snapshot_id: SnapshotId,
        lock_state: &'static str,
        lock_duration: u32,
        cool_off_period: Option<u32>,
        cool_off_period_expires_on: Option<Timestamp>,
        lock_created_on: Timestamp,
        lock_duration_start_time: Option<Timestamp>,
        lock_expires_on: Option<Timestamp>,
    }
}

const FILTERS: &[(&str, Extract<LockedSnapshotsInfo>)] =
    &[("lock-state", |_, it, out| out(it.lock_state))];

/// Lists the locks of snapshots, those that have expired among them.
///
/// # Errors
/// Unknown ids, `InvalidParameterValue` for unknown filters and page sizes, `InvalidNextToken`.
pub fn describe_locked_snapshots(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeLockedSnapshotsRequest,
) -> Result<DescribedLocks, ApiError> {
    let named = require_all::<EbsSnapshot>(&twin.state, ctx, &request.snapshot_ids)?;
    let filters = Filters::untagged(&request.filters, FILTERS)?;
    let token = request.next_token.as_deref();
    let slice = Slice::new(request.max_results, token, &(5..=1000))?;
    ctx.end_dry_run()?;
    let now = twin.now();
    let locks = twin.storage.locks.iter().filter_map(|(id, lock)| {
        let snapshot = twin.state.get_in(&ctx.region, &id.into())?;
        let snapshot = snapshot.get::<EbsSnapshot>()?;
        Some(LockedSnapshotsInfo {
            owner_id: snapshot.owner_id.clone(),
            snapshot_id: id.clone(),
            lock_state: lock.state(snapshot, now),
            lock_duration: lock.days,
            cool_off_period: lock.cool_off_hours,
            cool_off_period_expires_on: lock.cool_off_expires(),
            lock_created_on: lock.created,
            lock_duration_start_time: lock.starts(snapshot),
            lock_expires_on: lock.expires(snapshot),
        })
    });
    let wanted = locks.filter(|it| {
        let is_named = named
            .iter()
            .any(|named| named.snapshot_id == it.snapshot_id);
        (named.is_empty() || is_named) && filters.pass(&twin.state, it, &NO_TAGS)
    });
    let (snapshots, next_token) = slice.of(wanted.collect());
    Ok(DescribedLocks {
        snapshots,
        next_token,
    })
}
