//! Fast snapshot restores: snapshots whose volumes are at full speed from the start, in chosen zones.
//! They are billed by the hour while they are on.
//!
//! The states and their lengths are those of "Amazon EBS fast snapshot restore" of the EBS user guide:
//! `enabling`, `optimizing` (an hour for each TiB), `enabled`; `disabling`, `disabled`, no longer listed.

use sandtable_model::resource::EbsSnapshot;
use sandtable_model::{AvailabilityZone, Duration, SnapshotId, Timestamp};

use super::fast_restore_answer::{
    FastRestore, FastRestoreError, FastRestoreErrors, SwitchedFastRestores, ZoneError,
};
use super::life::check_usable;
use crate::network::request::requests;
use crate::rules::{invalid_combination, parse, required};
use crate::storage::Transition;
use crate::{ApiError, Ctx, Twin, place};

/// Which step of its life a fast restore is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Enabling,
    Optimizing,
    Enabled,
    Disabling,
    Disabled,
}

impl Step {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Enabling => "enabling",
            Self::Optimizing => "optimizing",
            Self::Enabled => "enabled",
            Self::Disabling => "disabling",
            Self::Disabled => "disabled",
        }
    }

    const fn is_on(self) -> bool {
        matches!(self, Self::Enabling | Self::Optimizing | Self::Enabled)
    }
}

/// A fast restore of a snapshot in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(super) step: Step,
    /// When each step was come to, in the order of [`Step`].
    pub(super) at: [Option<Timestamp>; 5],
}

impl State {
    fn go(&mut self, step: Step, now: Timestamp) {
        self.step = step;
        if let Some(at) = self.at.get_mut(step as usize) {
            *at = Some(now);
        }
    }

    fn moved(&self) -> Option<Timestamp> {
        self.at.get(self.step as usize).copied().flatten()
    }
}

requests! {
    /// `EnableFastSnapshotRestores`.
    EnableFastSnapshotRestoresRequest {
        availability_zones: Vec<String>,
        availability_zone_ids: Vec<String>,
        source_snapshot_ids: Vec<String>,
    }
    /// `DisableFastSnapshotRestores`.
    DisableFastSnapshotRestoresRequest {
        availability_zones: Vec<String>,
        availability_zone_ids: Vec<String>,
        source_snapshot_ids: Vec<String>,
    }
}

/// Switches fast restores on for snapshots in zones. What cannot be switched is told for each pair.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterCombination` for zones by name and by id, `InvalidZone.NotFound`,
/// `InvalidSnapshotID.Malformed`.
pub fn enable_fast_snapshot_restores(
    twin: &mut Twin,
    ctx: &Ctx,
    request: EnableFastSnapshotRestoresRequest,
) -> Result<SwitchedFastRestores, ApiError> {
    let (names, ids) = (&request.availability_zones, &request.availability_zone_ids);
    let zones = zones(twin, ctx, names, ids)?;
    switch(twin, ctx, &request.source_snapshot_ids, &zones, enable)
}

/// Switches fast restores off. What cannot be switched is told for each pair.
///
/// # Errors
/// As [`enable_fast_snapshot_restores`].
pub fn disable_fast_snapshot_restores(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DisableFastSnapshotRestoresRequest,
) -> Result<SwitchedFastRestores, ApiError> {
    let (names, ids) = (&request.availability_zones, &request.availability_zone_ids);
    let zones = zones(twin, ctx, names, ids)?;
    switch(twin, ctx, &request.source_snapshot_ids, &zones, disable)
}

fn zones(
    twin: &Twin,
    ctx: &Ctx,
    names: &[String],
    ids: &[String],
) -> Result<Vec<AvailabilityZone>, ApiError> {
    if names.is_empty() && ids.is_empty() {
        required("AvailabilityZone", "")?;
    }
    if !names.is_empty() && !ids.is_empty() {
        return Err(invalid_combination(
            "Zones must be given by name or by id, not both",
        ));
    }
    let mut zones = Vec::new();
    for name in names {
        zones.push(place::require_zone(&twin.state, ctx, name)?);
    }
    for id in ids {
        zones.push(place::require_zone_id(&twin.state, ctx, id)?);
    }
    zones.sort_unstable();
    zones.dedup();
    Ok(zones)
}

type Pair = (SnapshotId, AvailabilityZone);

fn switch(
    twin: &mut Twin,
    ctx: &Ctx,
    texts: &[String],
    zones: &[AvailabilityZone],
    one: fn(&mut Twin, &Ctx, &Pair) -> Result<(), ApiError>,
) -> Result<SwitchedFastRestores, ApiError> {
    if texts.is_empty() {
        required("SourceSnapshotId", "")?;
    }
    let mut ids = Vec::new();
    for text in texts {
        let id = parse(&twin.state, sandtable_model::Kind::EbsSnapshot, text)?;
        ids.extend(SnapshotId::try_from(id).ok());
    }
    ctx.end_dry_run()?;
    let mut answer = SwitchedFastRestores {
        successful: Vec::new(),
        unsuccessful: Vec::new(),
    };
    for id in ids {
        let mut errors = Vec::new();
        for zone in zones {
            let pair = (id.clone(), zone.clone());
            match one(twin, ctx, &pair) {
                Ok(()) => answer.successful.extend(FastRestore::of(twin, ctx, &pair)),
                Err(error) => errors.push(FastRestoreError {
                    availability_zone: zone.clone(),
                    availability_zone_id: place::zone_id(zone),
                    error: ZoneError {
                        code: error.code.into_owned(),
                        message: error.message,
                    },
                }),
            }
        }
        if !errors.is_empty() {
            answer.unsuccessful.push(FastRestoreErrors {
                snapshot_id: id,
                fast_snapshot_restore_state_errors: errors,
            });
        }
    }
    Ok(answer)
}

fn is_on(twin: &Twin, pair: &Pair) -> bool {
    let state = twin.storage.fast_restores.get(pair);
    state.is_some_and(|it| it.step.is_on())
}

fn enable(twin: &mut Twin, ctx: &Ctx, pair: &Pair) -> Result<(), ApiError> {
    let snapshot = twin.state.get_in(&ctx.region, &(&pair.0).into());
    let snapshot = snapshot.and_then(|it| it.get::<EbsSnapshot>());
    let unknown = || crate::rules::not_found(&(&pair.0).into());
    check_usable(snapshot.ok_or_else(unknown)?)?;
    if is_on(twin, pair) {
        return Err(ApiError::new(
            "InvalidFastSnapshotRestoreState",
            format!(
                "Fast snapshot restores of {} in {} are on already",
                pair.0, pair.1
            ),
        ));
    }
    let most = twin.storage.choices.quotas.fast_restores;
    let here = |it: &Pair| twin.state.region_of(&(&it.0).into()) == Some(&ctx.region);
    let all = twin.storage.fast_restores.iter();
    let mut on: Vec<&SnapshotId> = all
        .filter(|(it, state)| state.step.is_on() && here(it) && it.0 != pair.0)
        .map(|(it, _)| &it.0)
        .collect();
    on.dedup();
    if on.len() >= most {
        return Err(ApiError::new(
            "FastSnapshotRestoreLimitExceeded",
            format!("No more than {most} snapshots of a Region can have fast snapshot restores"),
        ));
    }
    let mut state = State {
        step: Step::Enabling,
        at: [None; 5],
    };
    state.go(Step::Enabling, twin.now());
    twin.storage.fast_restores.insert(pair.clone(), state);
    let delay = twin.options.timings.fast_restore_step;
    schedule(twin, pair, delay);
    Ok(())
}

fn disable(twin: &mut Twin, ctx: &Ctx, pair: &Pair) -> Result<(), ApiError> {
    let here = twin.state.region_of(&(&pair.0).into()) == Some(&ctx.region);
    if !here || !is_on(twin, pair) {
        return Err(ApiError::new(
            "InvalidFastSnapshotRestoreState",
            format!(
                "Fast snapshot restores of {} in {} are not on",
                pair.0, pair.1
            ),
        ));
    }
    end(twin, pair);
    Ok(())
}

fn end(twin: &mut Twin, pair: &Pair) {
    let now = twin.now();
    if let Some(state) = twin.storage.fast_restores.get_mut(pair) {
        state.go(Step::Disabling, now);
    }
    let delay = twin.options.timings.fast_restore_step;
    schedule(twin, pair, delay);
}

/// Switches the fast restores of a snapshot off in all zones.
pub(super) fn disable_all(twin: &mut Twin, id: &SnapshotId) {
    let all = twin.storage.fast_restores.iter();
    let on = all.filter(|((it, _), state)| it == id && state.step.is_on());
    let on: Vec<Pair> = on.map(|(pair, _)| pair.clone()).collect();
    for pair in on {
        end(twin, &pair);
    }
}

fn schedule(twin: &mut Twin, (id, zone): &Pair, delay: Duration) {
    let moved = twin.now();
    let transition = Transition::FastRestoreMoves(id.clone(), zone.clone(), moved);
    twin.schedule(delay, transition);
}

/// A fast restore that came to its step at `moved` goes on to the next.
pub(in crate::storage) fn moves(
    twin: &mut Twin,
    id: &SnapshotId,
    zone: &AvailabilityZone,
    moved: Timestamp,
) {
    let now = twin.now();
    let pair = (id.clone(), zone.clone());
    let Some(state) = twin.storage.fast_restores.get_mut(&pair) else {
        return;
    };
    if state.moved() != Some(moved) {
        return;
    }
    let timings = &twin.options.timings;
    let delay = match state.step {
        Step::Enabling => {
            state.go(Step::Optimizing, now);
            let size = twin.state.one::<EbsSnapshot>(id).map(|it| it.volume_size);
            let millis = timings.fast_restore_of_tib.millis();
            Duration::from_millis(millis.saturating_mul(i64::from(size.unwrap_or(0))) / 1024)
        }
        Step::Optimizing => return state.go(Step::Enabled, now),
        Step::Enabled => return,
        Step::Disabling => {
            state.go(Step::Disabled, now);
            timings.fast_restore_step
        }
        Step::Disabled => {
            twin.storage.fast_restores.remove(&pair);
            return;
        }
    };
    schedule(twin, &pair, delay);
}
