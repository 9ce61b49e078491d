//! What is known of snapshots' moves between the tiers.

use sandtable_model::resource::{EbsSnapshot, SnapshotState, StorageTier};
use sandtable_model::{SnapshotId, Tags, Timestamp, VolumeId};
use smol_str::SmolStr;

use crate::network::request::{answers, requests};
use crate::rules::{Extract, Filter, Filters, NO_TAGS, Slice, UNCONSTRAINED};
use crate::storage::access::is_own;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// `DescribeSnapshotTierStatus`.
    DescribeSnapshotTierStatusRequest {
        filters: Vec<Filter>,
        next_token: Option<String>,
        max_results: Option<i64>,
    }
}

answers! {
    /// A page of tier statuses.
    DescribedTierStatus {
        snapshot_tier_statuses: Vec<SnapshotTierStatus>,
        next_token: Option<String>,
    }
    /// In which tier a snapshot is, and how it came there.
    SnapshotTierStatus {
        snapshot_id: SnapshotId,
        volume_id: Option<VolumeId>,
        status: SnapshotState,
        owner_id: Option<SmolStr>,
        tags: Tags,
        storage_tier: StorageTier,
        last_tiering_start_time: Option<Timestamp>,
        last_tiering_progress: Option<u32>,
        last_tiering_operation_status: Option<&'static str>,
        archival_complete_time: Option<Timestamp>,
        restore_expiry_time: Option<Timestamp>,
    }
}

const FILTERS: &[(&str, Extract<SnapshotTierStatus>)] = &[
    ("last-tiering-operation", |_, it, out| {
        it.last_tiering_operation_status
            .iter()
            .for_each(|it| out(it));
    }),
    ("snapshot-id", |_, it, out| out(it.snapshot_id.as_str())),
    ("volume-id", |_, it, out| {
        it.volume_id.iter().for_each(|it| out(it.as_str()));
    }),
];

/// Lists the tier of each of the account's snapshots. What happened before the twin's snapshot of the
/// account is not known to it.
///
/// # Errors
/// `InvalidParameterValue` for unknown filters, `InvalidNextToken`.
pub fn describe_snapshot_tier_status(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeSnapshotTierStatusRequest,
) -> Result<DescribedTierStatus, ApiError> {
    let filters = Filters::untagged(&request.filters, FILTERS)?;
    let token = request.next_token.as_deref();
    let slice = Slice::new(request.max_results, token, &UNCONSTRAINED)?;
    ctx.end_dry_run()?;
    let snapshots = twin.state.all::<EbsSnapshot>(&ctx.region);
    let own = snapshots.filter(|it| is_own(ctx, it.owner_id.as_ref()));
    let statuses = own.map(|it| status(twin, it));
    let wanted = statuses.filter(|it| filters.pass(&twin.state, it, &NO_TAGS));
    let (statuses, next_token) = slice.of(wanted.collect());
    Ok(DescribedTierStatus {
        snapshot_tier_statuses: statuses,
        next_token,
    })
}

fn status(twin: &Twin, it: &EbsSnapshot) -> SnapshotTierStatus {
    let tiering = twin.storage.tierings.get(&it.snapshot_id);
    let progress = |status: &str| {
        if status.ends_with("-in-progress") {
            0
        } else {
            100
        }
    };
    SnapshotTierStatus {
        snapshot_id: it.snapshot_id.clone(),
        volume_id: it.volume_id.clone(),
        status: it.state.clone(),
        owner_id: it.owner_id.clone(),
        tags: it.tags.clone(),
        storage_tier: it.storage_tier.clone().unwrap_or_default(),
        last_tiering_start_time: tiering.map(|it| it.begun),
        last_tiering_progress: tiering.map(|it| progress(it.status)),
        last_tiering_operation_status: tiering.map(|it| it.status),
        archival_complete_time: tiering.and_then(|it| it.archived_at),
        restore_expiry_time: it.restore_expiry_time,
    }
}
