//! The Recycle Bin. What is deleted goes there only by a retention rule of the service of that name,
//! which the twin does not have: the bin is empty, and whatever is named in it is not found.

use sandtable_model::Kind;
use sandtable_model::resource::EbsSnapshot;
use serde_json::Value;

use crate::network::request::{Done, answers, requests};
use crate::rules::{self, Slice, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// `ListSnapshotsInRecycleBin`.
    ListSnapshotsInRecycleBinRequest {
        max_results: Option<i64>, next_token: Option<String>, snapshot_ids: Vec<String>,
    }
    /// `ListImagesInRecycleBin`.
    ListImagesInRecycleBinRequest {
        image_ids: Vec<String>, max_results: Option<i64>, next_token: Option<String>,
    }
    /// `ListVolumesInRecycleBin`.
    ListVolumesInRecycleBinRequest {
        max_results: Option<i64>, next_token: Option<String>, volume_ids: Vec<String>,
    }
    /// `RestoreSnapshotFromRecycleBin`.
    RestoreSnapshotFromRecycleBinRequest { snapshot_id: String }
    /// `RestoreImageFromRecycleBin`.
    RestoreImageFromRecycleBinRequest { image_id: String }
    /// `RestoreVolumeFromRecycleBin`.
    RestoreVolumeFromRecycleBinRequest { volume_id: String }
}

answers! {
    /// The snapshots in the bin.
    BinnedSnapshots { snapshots: Vec<Value> }
    /// The images in the bin.
    BinnedImages { images: Vec<Value> }
    /// The volumes in the bin.
    BinnedVolumes { volumes: Vec<Value> }
}

struct Listing<'a> {
    kind: Kind,
    ids: &'a [String],
    max_results: Option<i64>,
    next_token: Option<&'a str>,
    range: std::ops::RangeInclusive<i64>,
}

fn list(twin: &Twin, ctx: &Ctx, listing: &Listing<'_>) -> Result<Vec<Value>, ApiError> {
    for id in listing.ids {
        rules::parse(&twin.state, listing.kind, id)?;
    }
    Slice::new(listing.max_results, listing.next_token, &listing.range)?;
    ctx.end_dry_run()?;
    let ids: Vec<&str> = listing.ids.iter().map(String::as_str).collect();
    match ids.is_empty() {
        true => Ok(Vec::new()),
        false => Err(rules::unknown(listing.kind, &ids)),
    }
}

/// Lists the snapshots in the bin: none.
///
/// # Errors
/// Unknown ids, `InvalidParameterValue` for page sizes, `InvalidNextToken`.
pub fn list_snapshots_in_recycle_bin(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ListSnapshotsInRecycleBinRequest,
) -> Result<BinnedSnapshots, ApiError> {
    let listing = Listing {
        kind: Kind::EbsSnapshot,
        ids: &request.snapshot_ids,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: 5..=1000,
    };
    let snapshots = list(twin, ctx, &listing)?;
    Ok(BinnedSnapshots { snapshots })
}

/// Lists the images in the bin: none.
///
/// # Errors
/// As [`list_snapshots_in_recycle_bin`].
pub fn list_images_in_recycle_bin(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ListImagesInRecycleBinRequest,
) -> Result<BinnedImages, ApiError> {
    let listing = Listing {
        kind: Kind::Image,
        ids: &request.image_ids,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: 1..=1000,
    };
    let images = list(twin, ctx, &listing)?;
    Ok(BinnedImages { images })
}

/// Lists the volumes in the bin: none.
///
/// # Errors
/// As [`list_snapshots_in_recycle_bin`].
pub fn list_volumes_in_recycle_bin(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ListVolumesInRecycleBinRequest,
) -> Result<BinnedVolumes, ApiError> {
    let listing = Listing {
        kind: Kind::Volume,
        ids: &request.volume_ids,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: 5..=500,
    };
    let volumes = list(twin, ctx, &listing)?;
    Ok(BinnedVolumes { volumes })
}

fn restore(
    twin: &Twin,
    ctx: &Ctx,
    kind: Kind,
    parameter: &str,
    id: &str,
) -> Result<std::convert::Infallible, ApiError> {
    rules::parse(&twin.state, kind, required(parameter, id)?)?;
    ctx.end_dry_run()?;
    Err(rules::unknown(kind, &[id]))
}

/// Takes a snapshot out of the bin; there is none.
///
/// # Errors
/// `MissingParameter`, `InvalidSnapshotID.Malformed`, `InvalidSnapshot.NotFound`.
pub fn restore_snapshot_from_recycle_bin(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RestoreSnapshotFromRecycleBinRequest,
) -> Result<EbsSnapshot, ApiError> {
    let kind = Kind::EbsSnapshot;
    match restore(twin, ctx, kind, "snapshotId", &request.snapshot_id)? {}
}

/// Takes an image out of the bin; there is none.
///
/// # Errors
/// `MissingParameter`, `InvalidAMIID.Malformed`, `InvalidAMIID.NotFound`.
pub fn restore_image_from_recycle_bin(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RestoreImageFromRecycleBinRequest,
) -> Result<Done, ApiError> {
    match restore(twin, ctx, Kind::Image, "imageId", &request.image_id)? {}
}

/// Takes a volume out of the bin; there is none.
///
/// # Errors
/// `MissingParameter`, `InvalidVolumeID.Malformed`, `InvalidVolume.NotFound`.
pub fn restore_volume_from_recycle_bin(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RestoreVolumeFromRecycleBinRequest,
) -> Result<Done, ApiError> {
    match restore(twin, ctx, Kind::Volume, "volumeId", &request.volume_id)? {}
}
