//! Fast snapshot restores as answers show them, and their list.

use sandtable_model::{AvailabilityZone, SnapshotId, Timestamp};

use super::fast_restore::Step;
use crate::network::request::{answers, requests};
use crate::rules::{Extract, Filter, Filters, NO_TAGS, Slice};
use crate::{ApiError, Ctx, Twin, place};

requests! {
    /// `DescribeFastSnapshotRestores`.
    DescribeFastSnapshotRestoresRequest {
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// What became of each pair of a snapshot and a zone.
    SwitchedFastRestores { successful: Vec<FastRestore>, unsuccessful: Vec<FastRestoreErrors> }
    /// A fast restore of a snapshot in a zone.
    FastRestore {
        snapshot_id: SnapshotId,
        availability_zone: AvailabilityZone,
        availability_zone_id: String,
        state: &'static str,
        state_transition_reason: &'static str,
        owner_id: String,
        enabling_time: Option<Timestamp>,
        optimizing_time: Option<Timestamp>,
        enabled_time: Option<Timestamp>,
        disabling_time: Option<Timestamp>,
        disabled_time: Option<Timestamp>,
    }
    /// Why a snapshot's fast restores were not switched.
    FastRestoreErrors {
        snapshot_id: SnapshotId,
        fast_snapshot_restore_state_errors: Vec<FastRestoreError>,
    }
    /// Why a snapshot's fast restore in a zone was not switched.
    FastRestoreError {
        availability_zone: AvailabilityZone,
        availability_zone_id: String,
        error: ZoneError,
    }
    /// A code and a message.
    ZoneError { code: String, message: String }
    /// A page of fast restores.
    DescribedFastRestores {
        fast_snapshot_restores: Vec<FastRestore>,
        next_token: Option<String>,
    }
}

impl FastRestore {
    /// What is known of a pair; nothing when its fast restore is over.
    pub(super) fn of(
        twin: &Twin,
        ctx: &Ctx,
        pair: &(SnapshotId, AvailabilityZone),
    ) -> Option<Self> {
        let state = twin.storage.fast_restores.get(pair)?;
        let [enabling, optimizing, enabled, disabling, disabled] = state.at;
        Some(FastRestore {
            snapshot_id: pair.0.clone(),
            availability_zone: pair.1.clone(),
            availability_zone_id: place::zone_id(&pair.1),
            state: state.step.as_str(),
            state_transition_reason: match state.step {
                Step::Enabling | Step::Disabling => "Client.UserInitiated",
                _ => "Client.UserInitiated - Lifecycle state transition",
            },
            owner_id: ctx.account.to_string(),
            enabling_time: enabling,
            optimizing_time: optimizing,
            enabled_time: enabled,
            disabling_time: disabling,
            disabled_time: disabled,
        })
    }
}

const FILTERS: &[(&str, Extract<FastRestore>)] = &[
    ("availability-zone", |_, it, out| {
        out(it.availability_zone.as_str());
    }),
    ("availability-zone-id", |_, it, out| {
        out(&it.availability_zone_id)
    }),
    ("owner-id", |_, it, out| out(&it.owner_id)),
    ("snapshot-id", |_, it, out| out(it.snapshot_id.as_str())),
    ("state", |_, it, out| out(it.state)),
];

/// Lists fast restores.
///
/// # Errors
/// `InvalidParameterValue` for unknown filters and page sizes, `InvalidNextToken`.
pub fn describe_fast_snapshot_restores(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeFastSnapshotRestoresRequest,
) -> Result<DescribedFastRestores, ApiError> {
    let filters = Filters::untagged(&request.filters, FILTERS)?;
    let token = request.next_token.as_deref();
    // Zero stands for no limit: a page of nothing would never come to an end.
    let most = request.max_results.filter(|it| *it != 0);
    let slice = Slice::new(most, token, &(1..=200))?;
    ctx.end_dry_run()?;
    let pairs = twin.storage.fast_restores.keys();
    let here = pairs.filter(|it| twin.state.region_of(&(&it.0).into()) == Some(&ctx.region));
    let all = here.filter_map(|pair| FastRestore::of(twin, ctx, pair));
    let wanted = all.filter(|it| filters.pass(&twin.state, it, &NO_TAGS));
    let (fast_snapshot_restores, next_token) = slice.of(wanted.collect());
    Ok(DescribedFastRestores {
        fast_snapshot_restores,
        next_token,
    })
}
