//! Snapshots of all volumes of an instance at one moment.

use sandtable_model::resource::{EbsSnapshot, Instance, InstanceStateName, SnapshotState, Volume};
use sandtable_model::{Kind, SnapshotId, Tags, Timestamp, VolumeId};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::life::{begin, check_rate};
use crate::network::request::{answers, requests};
use crate::rules::{
    TagSpecification, check_tags, invalid_value, is_reserved, require, require_all, required,
    tags_for,
};
use crate::storage::choices::check_snapshot_room;
use crate::{ApiError, Ctx, Twin};

/// The most volumes that a request may leave out (EC2 API reference, InstanceSpecification).
const EXCLUDED_MAX: usize = 40;

requests! {
    /// `CreateSnapshots`.
    CreateSnapshotsRequest {
        description: SmolStr,
        instance_specification: Option<InstanceSpecification>,
        tag_specifications: Vec<TagSpecification>,
        copy_tags_from_source: Option<SmolStr>,
    }
}

/// Which volumes to take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct InstanceSpecification {
    /// The instance.
    pub instance_id: String,
    /// Whether to leave the root volume out.
    pub exclude_boot_volume: bool,
    /// Other volumes to leave out.
    pub exclude_data_volume_ids: Vec<String>,
}

answers! {
    /// The snapshots that were begun.
    MadeSnapshots { snapshots: Vec<SnapshotInfo> }
    /// A snapshot that was begun.
    SnapshotInfo {
        description: SmolStr,
        tags: Tags,
        encrypted: bool,
        volume_id: Option<VolumeId>,
        state: SnapshotState,
        volume_size: u32,
        start_time: Option<Timestamp>,
        progress: Option<SmolStr>,
        owner_id: Option<SmolStr>,
        snapshot_id: SnapshotId,
    }
}

impl From<EbsSnapshot> for SnapshotInfo {
    fn from(it: EbsSnapshot) -> Self {
        SnapshotInfo {
            description: it.description,
            tags: it.tags,
            encrypted: it.encrypted,
            volume_id: it.volume_id,
            state: it.state,
            volume_size: it.volume_size,
            start_time: it.start_time,
            progress: it.progress,
            owner_id: it.owner_id,
            snapshot_id: it.snapshot_id,
        }
    }
}

/// Begins a snapshot of each volume of an instance, or of none.
///
/// # Errors
/// `MissingParameter`, unknown ids, `InvalidParameterValue` for volumes to leave out that are not data
/// volumes of the instance and when none is left, and what [`create_snapshot`] refuses.
///
/// [`create_snapshot`]: super::create_snapshot
pub fn create_snapshots(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateSnapshotsRequest,
) -> Result<MadeSnapshots, ApiError> {
    let wanted = request.instance_specification.as_ref();
    let text = wanted.map_or("", |it| it.instance_id.as_str());
    required("InstanceSpecification.InstanceId", text)?;
    let wanted = wanted.cloned().unwrap_or_default();
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", text)?;
    let source = request.copy_tags_from_source.as_deref();
    if let Some(other) = source.filter(|it| *it != "volume") {
        return Err(invalid_value(format!(
            "Value ({other}) for parameter copyTagsFromSource is invalid. Valid value: volume."
        )));
    }
    let made = [Kind::EbsSnapshot];
    let tags = tags_for(Kind::EbsSnapshot, &made, &request.tag_specifications)?;
    let volumes = volumes(twin, ctx, instance, &wanted)?;
    let mut each = Vec::with_capacity(volumes.len());
    for volume in volumes {
        let tags = match source {
            Some(_) => with_tags_of(&volume, &tags)?,
            None => tags.clone(),
        };
        each.push((volume, tags));
    }
    ctx.end_dry_run()?;
    if instance.state.name == InstanceStateName::Terminated {
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{text}' is not in a state from which snapshots can be made."),
        ));
    }
    for (volume, _) in &each {
        check_rate(twin, volume)?;
    }
    check_snapshot_room(twin, &ctx.region, each.len())?;
    let snapshots = each.into_iter().map(|(volume, tags)| {
        let description = request.description.clone();
        begin(twin, ctx, &volume, description, tags).into()
    });
    Ok(MadeSnapshots {
        snapshots: snapshots.collect(),
    })
}

fn volumes(
    twin: &Twin,
    ctx: &Ctx,
    instance: &Instance,
    wanted: &InstanceSpecification,
) -> Result<Vec<Volume>, ApiError> {
    let excluded = &wanted.exclude_data_volume_ids;
    if excluded.len() > EXCLUDED_MAX {
        return Err(invalid_value(format!(
            "No more than {EXCLUDED_MAX} volumes can be excluded in one call"
        )));
    }
    require_all::<Volume>(&twin.state, ctx, excluded)?;
    let id = &instance.instance_id;
    let is_root = |device: &str| instance.root_device_name.as_deref() == Some(device);
    let mappings = instance.block_device_mappings.iter();
    let attached: Vec<(bool, &VolumeId)> = mappings
        .filter_map(|it| Some((is_root(&it.device_name), &it.ebs.as_ref()?.volume_id)))
        .collect();
    for text in excluded {
        match attached.iter().find(|(_, it)| it.as_str() == text) {
            Some((false, _)) => {}
            Some((true, _)) => {
                return Err(invalid_value(format!(
                    "The volume '{text}' is the root volume of instance '{id}'; use ExcludeBootVolume to exclude it"
                )));
            }
            None => {
                return Err(invalid_value(format!(
                    "The volume '{text}' is not attached to instance '{id}'"
                )));
            }
        }
    }
    let taken = attached.into_iter().filter(|(is_root, volume)| {
        let is_excluded = excluded.iter().any(|it| it == volume.as_str());
        !(is_excluded || *is_root && wanted.exclude_boot_volume)
    });
    let taken = taken.filter_map(|(_, volume)| twin.state.one::<Volume>(volume).cloned());
    let taken: Vec<Volume> = taken.collect();
    if taken.is_empty() {
        return Err(invalid_value(format!(
            "No volume of instance '{id}' is left to make a snapshot of"
        )));
    }
    Ok(taken)
}

/// The volume's own tags, under those that the request gives.
fn with_tags_of(volume: &Volume, given: &Tags) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    let own = volume.tags.iter().filter(|(key, _)| !is_reserved(key));
    for (key, value) in own.chain(given.iter()) {
        tags.insert(key, value);
    }
    check_tags(&Tags::new(), &tags)?;
    Ok(tags)
}
