//! Volumes: create, delete, describe.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::{EbsSnapshot, Volume, VolumeState, VolumeType};
use sandtable_model::{AvailabilityZone, Kind, VolumeId};
use smol_str::SmolStr;

use super::performance::Performance;
use crate::rules::{
    self, Filter, Listing, Page, TagSpecification, describe, invalid_value, require, tags_for,
};
use crate::storage::choices::check_volume_room;
use crate::storage::snapshots::usable_snapshot;
use crate::storage::{Transition, encryption, filters};
use crate::{ApiError, Ctx, Twin, place};

/// `CreateVolume`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateVolumeRequest {
    /// The zone.
    pub availability_zone: String,
    /// The same by AWS's id.
    pub availability_zone_id: Option<String>,
    /// GiB; that of the snapshot when absent.
    pub size: Option<u32>,
    /// What the volume is filled with.
    pub snapshot_id: Option<String>,
    /// The type; `gp2` when absent.
    pub volume_type: Option<VolumeType>,
    /// IO operations a second.
    pub iops: Option<u32>,
    /// MiB a second.
    pub throughput: Option<u32>,
    /// Whether to encrypt it.
    pub encrypted: Option<bool>,
    /// The key to encrypt it with.
    pub kms_key_id: Option<SmolStr>,
    /// Whether several instances may attach it.
    pub multi_attach_enabled: bool,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
    /// Makes the call repeatable.
    pub client_token: Option<String>,
}

/// Creates a volume; it is `creating`, then `available`.
///
/// # Errors
/// `InvalidZone.NotFound`, `InvalidSnapshot.NotFound`, `UnknownVolumeType`, `InvalidParameterDependency`
/// for a key without encryption, `VolumeLimitExceeded`, and those of parameters that do not go together.
pub fn create_volume(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateVolumeRequest,
) -> Result<Volume, ApiError> {
    const NAME: &str = "CreateVolume";
    let zone = zone_of(twin, ctx, &request)?;
    let source = match request.snapshot_id.as_deref() {
        Some(id) => Some(usable_snapshot(twin, ctx, id)?),
        None => None,
    };
    let performance = performance(&request, source.as_ref())?;
    let multi_attach = request.multi_attach_enabled;
    let provisioned = matches!(performance.volume_type, VolumeType::Io1 | VolumeType::Io2);
    if multi_attach && !provisioned {
        return Err(rules::invalid_combination(format!(
            "Multi-Attach is not supported for {} volumes.",
            performance.volume_type
        )));
    }
    let key = request.kms_key_id.as_deref();
    let source_key = source.as_ref().filter(|it| it.encrypted);
    let source_key = source_key.map(|it| it.kms_key_id.as_ref());
    let (encrypted, kms_key_id) =
        encryption::outcome(twin, ctx, request.encrypted, key, source_key)?;
    let tags = tags_for(Kind::Volume, &[Kind::Volume], &request.tag_specifications)?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)? {
        let volume = made
            .first()
            .and_then(|id| twin.state.one::<Volume>(id.clone()));
        return volume.cloned().ok_or_else(|| spent_token(token));
    }
    ctx.end_dry_run()?;

    let (volume_type, size) = (&performance.volume_type, performance.size);
    check_volume_room(twin, &ctx.region, volume_type, size.into())?;
    let volume = Volume {
        volume_id: twin.fresh(VolumeId::from_number),
        size: performance.size,
        volume_type: performance.volume_type,
        state: VolumeState::Creating,
        availability_zone: zone,
        attachments: Vec::new(),
        create_time: Some(twin.now()),
        encrypted,
        kms_key_id,
        iops: performance.iops,
        throughput: performance.throughput,
        snapshot_id: source.map(|it| it.snapshot_id),
        multi_attach_enabled: multi_attach,
        tags,
    };
    let id = volume.volume_id.clone();
    twin.state.insert(&ctx.region, volume.clone());
    twin.remember(ctx, NAME, token, &request, vec![(&id).into()]);
    let delay = twin.options.timings.volume_create;
    twin.schedule(delay, Transition::VolumeAvailable(id));
    Ok(volume)
}

fn spent_token(token: Option<&str>) -> ApiError {
    let token = token.unwrap_or_default();
    ApiError::new(
        "InvalidClientToken",
        format!("What was made under the client token '{token}' is no longer there"),
    )
}

fn zone_of(
    twin: &Twin,
    ctx: &Ctx,
    request: &CreateVolumeRequest,
) -> Result<AvailabilityZone, ApiError> {
    let name = request.availability_zone.as_str();
    match request.availability_zone_id.as_deref() {
        None => {
            let name = rules::required("availabilityZone", name)?;
            place::require_zone(&twin.state, ctx, name)
        }
        Some(_) if !name.is_empty() => Err(rules::invalid_combination(
            "AvailabilityZone and AvailabilityZoneId cannot be used together",
        )),
        Some(id) => place::require_zone_id(&twin.state, ctx, id),
    }
}

fn performance(
    request: &CreateVolumeRequest,
    source: Option<&EbsSnapshot>,
) -> Result<Performance, ApiError> {
    let size = match (request.size, source) {
        (Some(size), Some(source)) if size < source.volume_size => {
            return Err(invalid_value(format!(
                "Volume of size {size}GB is smaller than snapshot '{}', expect size >= {}GB",
                source.snapshot_id, source.volume_size
            )));
        }
        (Some(size), _) => size,
        (None, Some(source)) => source.volume_size,
        (None, None) => {
            return Err(ApiError::new(
                "MissingParameter",
                "The request must contain the parameter size/snapshot",
            ));
        }
    };
    Performance {
        volume_type: request.volume_type.clone().unwrap_or(VolumeType::Gp2),
        size,
        iops: request.iops,
        throughput: request.throughput,
    }
    .checked()
}

/// `DeleteVolume`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteVolumeRequest {
    /// The volume.
    pub volume_id: String,
}

/// Deletes a volume; it is `deleting`, then gone. Its snapshots stay.
///
/// # Errors
/// `VolumeInUse` unless it is `available` or in error; `InvalidVolume.NotFound` also while it is
/// being deleted already.
pub fn delete_volume(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteVolumeRequest,
) -> Result<(), ApiError> {
    let volume = require::<Volume>(&twin.state, ctx, "volumeId", &request.volume_id)?;
    let id = volume.volume_id.clone();
    ctx.end_dry_run()?;
    match volume.state {
        VolumeState::Available | VolumeState::Error => {}
        VolumeState::Deleting | VolumeState::Deleted => return Err(rules::not_found(&id.into())),
        VolumeState::Creating => {
            return Err(ApiError::new(
                "IncorrectState",
                format!("The volume '{id}' is in the 'creating' state."),
            ));
        }
        VolumeState::InUse | VolumeState::Other(_) => return Err(in_use(volume)),
    }
    twin.state
        .update(&id, |it: &mut Volume| it.state = VolumeState::Deleting);
    let delay = twin.options.timings.volume_delete;
    twin.schedule(delay, Transition::VolumeDeleted(id));
    Ok(())
}

fn in_use(volume: &Volume) -> ApiError {
    let id = &volume.volume_id;
    let holder = volume.attachments.iter().find_map(|it| {
        let instance = it.instance_id.as_ref().map(|id| id.as_str());
        instance.or(it.associated_resource.as_deref())
    });
    let message = match holder {
        Some(holder) => format!("Volume {id} is currently attached to {holder}"),
        None => format!("Volume {id} is currently in use"),
    };
    ApiError::new("VolumeInUse", message)
}

/// Takes a volume out, with what is remembered of it.
pub(crate) fn delete_now(twin: &mut Twin, id: &VolumeId) {
    twin.state.remove(id);
    let side = &mut twin.storage;
    side.modifications.remove(id);
    side.modified.remove(id);
    side.snapshotted.remove(id);
    side.auto_enable_io.remove(id);
    side.impaired.remove(id);
}

/// `DescribeVolumes`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeVolumesRequest {
    /// The volumes; all when there are none.
    pub volume_ids: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// Lists volumes.
///
/// # Errors
/// See [`describe`].
pub fn describe_volumes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVolumesRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.volume_ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(rules::UNCONSTRAINED),
        ids_exclude_pages: false,
    };
    describe::<Volume>(&twin.state, ctx, &listing, filters::VOLUME)
}
