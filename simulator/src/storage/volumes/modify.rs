//! Changing volumes in place.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::{Volume, VolumeState, VolumeType};
use sandtable_model::{Duration, Timestamp, VolumeId};
use smol_str::SmolStr;

use super::performance::Performance;
use crate::rules::{invalid_combination, invalid_value, require};
use crate::storage::choices::check_volume_room;
use crate::storage::{ModificationPace, Transition};
use crate::{ApiError, Ctx, Twin};

/// How long a volume rests between two modifications under [`ModificationPace::SixHours`].
const COOL_DOWN: Duration = Duration::from_secs(6 * 3600);
/// How often a volume may be modified within [`DAY`] under [`ModificationPace::FourADay`].
const MODIFICATIONS_A_DAY: usize = 4;
const DAY: Duration = Duration::from_days(1);

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
    /// Whether several instances shall be able to attach it.
    pub target_multi_attach_enabled: bool,
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
    /// Whether several instances could attach it before.
    pub original_multi_attach_enabled: bool,
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
    /// Whether several instances may attach it.
    pub multi_attach_enabled: Option<bool>,
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
/// `VolumeModificationRateExceeded` when it comes sooner than [`ModificationPace`] says,
/// `VolumeLimitExceeded`, and those of values that do not go together.
pub fn modify_volume(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVolumeRequest,
) -> Result<ModifiedVolume, ApiError> {
    let volume = require::<Volume>(&twin.state, ctx, "volumeId", &request.volume_id)?;
    let volume = volume.clone();
    let wanted = wanted(&volume, &request)?;
    let multi_attach = multi_attach(&volume, &request, &wanted)?;
    ctx.end_dry_run()?;
    let id = volume.volume_id.clone();
    if !matches!(volume.state, VolumeState::Available | VolumeState::InUse) {
        return Err(ApiError::new(
            "IncorrectState",
            format!("The volume '{id}' is in the '{}' state.", volume.state),
        ));
    }
    check_rest(twin, &id)?;
    check_holders(&volume, multi_attach)?;
    let present = match wanted.volume_type == volume.volume_type {
        true => volume.size,
        false => 0,
    };
    let more = u64::from(wanted.size.saturating_sub(present));
    check_volume_room(twin, &ctx.region, &wanted.volume_type, more)?;
    let modification = VolumeModification {
        volume_id: id.clone(),
        modification_state: "modifying".into(),
        target_size: wanted.size,
        target_iops: wanted.iops,
        target_volume_type: wanted.volume_type,
        target_throughput: wanted.throughput,
        target_multi_attach_enabled: multi_attach,
        original_size: volume.size,
        original_iops: volume.iops,
        original_volume_type: volume.volume_type.clone(),
        original_throughput: volume.throughput,
        original_multi_attach_enabled: volume.multi_attach_enabled,
        progress: 0,
        start_time: twin.now(),
        end_time: None,
    };
    let answer = ModifiedVolume {
        volume_modification: modification.clone(),
    };
    let now = twin.now();
    let modified = &mut twin.storage.modified;
    let begun = modified.entry(id.clone()).or_default();
    begun.retain(|at| now.since(*at) < DAY);
    begun.push(now);
    twin.storage.modifications.insert(id.clone(), modification);
    let delay = twin.options.timings.volume_modify;
    twin.schedule(delay, Transition::VolumeModified(id));
    Ok(answer)
}

fn wanted(volume: &Volume, request: &ModifyVolumeRequest) -> Result<Performance, ApiError> {
    let nothing = request.size.is_none()
        && request.volume_type.is_none()
        && request.iops.is_none()
        && request.throughput.is_none()
        && request.multi_attach_enabled.is_none();
    if nothing {
        return Err(invalid_value(
            "Invalid parameter combination: at least one of Size, VolumeType, Iops, Throughput and MultiAttachEnabled must be given",
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
    let volume_type = volume_type.unwrap_or_else(|| volume.volume_type.clone());
    // "If you change the volume type to io1, io2, or gp3, the default is 3,000" (EC2 API reference,
    // ModifyVolume).
    let default = match volume_type {
        VolumeType::Io1 | VolumeType::Io2 if !same_type => Some(3000),
        _ => volume.iops.filter(|_| keep),
    };
    Performance {
        volume_type,
        size,
        iops: request.iops.or(default),
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
    let now = twin.now();
    let begun = twin.storage.modified.get(id);
    let recent = |at: &&Timestamp| now.since(**at) < DAY;
    let today = begun.map_or(0, |it| it.iter().filter(recent).count());
    let (is_soon, rule) = match twin.storage.choices.modification_pace {
        ModificationPace::SixHours => (
            now.since(last.start_time) < COOL_DOWN,
            "Wait at least 6 hours between modifications per EBS volume.",
        ),
        ModificationPace::FourADay => (
            today >= MODIFICATIONS_A_DAY,
            "A volume can be modified up to four times within 24 hours.",
        ),
    };
    if is_soon {
        return Err(ApiError::new(
            "VolumeModificationRateExceeded",
            format!("You've reached the maximum modification rate per volume limit. {rule}"),
        ));
    }
    Ok(())
}

/// Whether several instances are to be able to attach the volume.
///
/// # Errors
/// `InvalidParameterCombination` for a type that cannot.
fn multi_attach(
    volume: &Volume,
    request: &ModifyVolumeRequest,
    wanted: &Performance,
) -> Result<bool, ApiError> {
    let is_wanted = request.multi_attach_enabled;
    let is_wanted = is_wanted.unwrap_or(volume.multi_attach_enabled);
    if is_wanted && !matches!(wanted.volume_type, VolumeType::Io1 | VolumeType::Io2) {
        return Err(invalid_combination(format!(
            "Multi-Attach is not supported for {} volumes.",
            wanted.volume_type
        )));
    }
    Ok(is_wanted)
}

/// Multi-Attach can be switched on while nobody, and off while at most one instance, has the volume
/// ("Multi-Attach" of the EBS user guide).
fn check_holders(volume: &Volume, is_wanted: bool) -> Result<(), ApiError> {
    let most = match (volume.multi_attach_enabled, is_wanted) {
        (false, true) => 0,
        (true, false) => 1,
        _ => return Ok(()),
    };
    if volume.attachments.len() > most {
        return Err(ApiError::new(
            "IncorrectState",
            format!(
                "Multi-Attach of the volume '{}' cannot be changed while it is attached",
                volume.volume_id
            ),
        ));
    }
    Ok(())
}

/// The volume gets its new size and performance.
pub(in crate::storage) fn apply(twin: &mut Twin, id: &VolumeId) {
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
        it.multi_attach_enabled = wanted.target_multi_attach_enabled;
    });
    let delay = twin.options.timings.volume_optimize;
    twin.schedule(delay, Transition::VolumeOptimized(id.clone()));
}

/// The modification is done.
pub(in crate::storage) fn complete(twin: &mut Twin, id: &VolumeId) {
    let now = twin.now();
    if let Some(it) = twin.storage.modifications.get_mut(id)
        && it.modification_state == "optimizing"
    {
        it.modification_state = "completed".into();
        it.progress = 100;
        it.end_time = Some(now);
    }
}
