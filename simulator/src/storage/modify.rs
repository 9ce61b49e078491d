//! Changing volumes in place.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::{Volume, VolumeState, VolumeType};
use sandtable_model::{Duration, Timestamp, VolumeId};
use smol_str::SmolStr;

use super::{Performance, Transition};
use crate::rules::{self, Extract, Filter, Filters, invalid_value, require, require_all};
use crate::{ApiError, Ctx, Twin};

/// How long a volume rests between two modifications (facts, ec2-semantics, section 3).
const COOL_DOWN: Duration = Duration::from_secs(6 * 3600);

/// A modification of a volume, as `DescribeVolumesModifications` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VolumeModification {
    /// The volume.
    pub volume_id: VolumeId,
    /// `modifying`, `optimizing` or `completed`.
    pub modification_state: SmolStr,
    /// GiB wanted.
    pub target_size: u32,
    /// IO operations a second wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_iops: Option<u32>,
    /// The type wanted.
    pub target_volume_type: VolumeType,
    /// MiB a second wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_throughput: Option<u32>,
    /// GiB before.
    pub original_size: u32,
    /// IO operations a second before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_iops: Option<u32>,
    /// The type before.
    pub original_volume_type: VolumeType,
    /// MiB a second before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_throughput: Option<u32>,
    /// Percent done.
    pub progress: i64,
    /// When it began.
    pub start_time: Timestamp,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
}

/// `ModifyVolume`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyVolumeRequest {
    /// The volume.
    pub volume_id: String,
    /// GiB; as before when absent.
    pub size: Option<u32>,
    /// The type; as before when absent.
    pub volume_type: Option<VolumeType>,
    /// IO operations a second.
    pub iops: Option<u32>,
    /// MiB a second.
    pub throughput: Option<u32>,
}

/// The answer of `ModifyVolume`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifiedVolume {
    /// What was begun.
    pub volume_modification: VolumeModification,
}

/// Changes a volume's size, type or performance; `modifying`, then `optimizing`, then `completed`.
///
/// # Errors
/// `IncorrectState`, `IncorrectModificationState` while another is under way,
/// `VolumeModificationRateExceeded` within six hours of the last, and those of values that do not go
/// together.
pub fn modify_volume(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVolumeRequest,
) -> Result<ModifiedVolume, ApiError> {
    let volume = require::<Volume>(&twin.state, ctx, "volumeId", &request.volume_id)?;
    let wanted = wanted(volume, &request)?;
    ctx.end_dry_run()?;
    let id = volume.volume_id.clone();
    if !matches!(volume.state, VolumeState::Available | VolumeState::InUse) {
        return Err(ApiError::new(
            "IncorrectState",
            format!("The volume '{id}' is in the '{}' state.", volume.state),
        ));
    }
    check_rest(twin, &id)?;
    let modification = VolumeModification {
        volume_id: id.clone(),
        modification_state: "modifying".into(),
        target_size: wanted.size,
        target_iops: wanted.iops,
        target_volume_type: wanted.volume_type,
        target_throughput: wanted.throughput,
        original_size: volume.size,
        original_iops: volume.iops,
        original_volume_type: volume.volume_type.clone(),
        original_throughput: volume.throughput,
        progress: 0,
        start_time: twin.now(),
        end_time: None,
    };
    let answer = ModifiedVolume {
        volume_modification: modification.clone(),
    };
    twin.storage.modifications.insert(id.clone(), modification);
    let delay = twin.options.timings.volume_modify;
    twin.schedule(delay, Transition::VolumeModified(id));
    Ok(answer)
}

fn wanted(volume: &Volume, request: &ModifyVolumeRequest) -> Result<Performance, ApiError> {
    let nothing = request.size.is_none()
        && request.volume_type.is_none()
        && request.iops.is_none()
        && request.throughput.is_none();
    if nothing {
        return Err(invalid_value(
            "Invalid parameter combination: at least one of Size, VolumeType, Iops and Throughput must be given",
        ));
    }
    let size = request.size.unwrap_or(volume.size);
    if size < volume.size {
        return Err(invalid_value(format!(
            "New size cannot be smaller than existing size: {size}GiB is less than {}GiB",
            volume.size
        )));
    }
    let volume_type = request.volume_type.clone();
    let same_type = volume_type
        .as_ref()
        .is_none_or(|it| *it == volume.volume_type);
    // What was provisioned stays; what is the type's baseline follows type and size.
    let provisioned = matches!(
        volume.volume_type,
        VolumeType::Io1 | VolumeType::Io2 | VolumeType::Gp3
    );
    let keep = same_type && provisioned;
    Performance {
        volume_type: volume_type.unwrap_or_else(|| volume.volume_type.clone()),
        size,
        iops: request.iops.or(volume.iops.filter(|_| keep)),
        throughput: request.throughput.or(volume.throughput.filter(|_| keep)),
    }
    .checked()
}

fn check_rest(twin: &Twin, id: &VolumeId) -> Result<(), ApiError> {
    let Some(last) = twin.storage.modifications.get(id) else {
        return Ok(());
    };
    if last.modification_state != "completed" {
        return Err(ApiError::new(
            "IncorrectModificationState",
            format!(
                "Volume {id} cannot be modified in modification state {}",
                last.modification_state
            ),
        ));
    }
    if twin.now().since(last.start_time) < COOL_DOWN {
        return Err(ApiError::new(
            "VolumeModificationRateExceeded",
            format!(
                "You've reached the maximum modification rate per volume limit. Wait at least 6 hours between modifications of volume {id} and try again"
            ),
        ));
    }
    Ok(())
}

/// The volume gets its new size and performance.
pub(super) fn apply(twin: &mut Twin, id: &VolumeId) {
    let Some(modification) = twin.storage.modifications.get_mut(id) else {
        return;
    };
    if modification.modification_state != "modifying" {
        return;
    }
    modification.modification_state = "optimizing".into();
    modification.progress = 50;
    let wanted = modification.clone();
    twin.state.update(id, |it: &mut Volume| {
        it.size = wanted.target_size;
        it.volume_type = wanted.target_volume_type;
        it.iops = wanted.target_iops;
        it.throughput = wanted.target_throughput;
    });
    let delay = twin.options.timings.volume_optimize;
    twin.schedule(delay, Transition::VolumeOptimized(id.clone()));
}

/// The modification is done.
pub(super) fn complete(twin: &mut Twin, id: &VolumeId) {
    let now = twin.now();
    if let Some(it) = twin.storage.modifications.get_mut(id)
        && it.modification_state == "optimizing"
    {
        it.modification_state = "completed".into();
        it.progress = 100;
        it.end_time = Some(now);
    }
}

/// `DescribeVolumesModifications`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeVolumesModificationsRequest {
    /// The volumes; all when there are none.
    pub volume_ids: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeVolumesModifications`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedModifications {
    /// The last modification of each volume that had one.
    pub volumes_modifications: Vec<VolumeModification>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

const FILTERS: &[(&str, Extract<VolumeModification>)] = &[
    ("modification-state", |_, it, out| {
        out(&it.modification_state)
    }),
    ("original-size", |_, it, out| {
        out(&it.original_size.to_string())
    }),
    ("original-volume-type", |_, it, out| {
        out(it.original_volume_type.as_str());
    }),
    ("target-size", |_, it, out| out(&it.target_size.to_string())),
    ("target-volume-type", |_, it, out| {
        out(it.target_volume_type.as_str());
    }),
    ("volume-id", |_, it, out| out(it.volume_id.as_str())),
];

/// Lists modifications of volumes.
///
/// # Errors
/// `InvalidVolume.NotFound`, `InvalidVolumeID.Malformed`, `InvalidParameterValue` for unknown filters,
/// `InvalidNextToken`.
pub fn describe_volumes_modifications(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVolumesModificationsRequest,
) -> Result<DescribedModifications, ApiError> {
    let named = require_all::<Volume>(&twin.state, ctx, &request.volume_ids)?;
    let filters = Filters::new(&request.filters, FILTERS)?;
    let most = rules::page_size(request.max_results, &(1..=500))?;
    let from = match request.next_token.as_deref() {
        None => 0,
        Some(token) => rules::read_offset(token)?,
    };
    ctx.end_dry_run()?;
    let wanted = |it: &&VolumeModification| {
        let id = (&it.volume_id).into();
        twin.state.region_of(&id) == Some(&ctx.region)
            && (named.is_empty() || named.iter().any(|named| named.volume_id == it.volume_id))
            && filters.pass(&twin.state, it, &rules::NO_TAGS)
    };
    let all: Vec<&VolumeModification> =
        twin.storage.modifications.values().filter(wanted).collect();
    let end = all.len().min(from.saturating_add(most));
    Ok(DescribedModifications {
        volumes_modifications: all[from.min(end)..end]
            .iter()
            .map(|it| (*it).clone())
            .collect(),
        next_token: (end < all.len()).then(|| rules::write_offset(end)),
    })
}
