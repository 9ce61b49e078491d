//! Copying images, within a Region or into another.
//!
//! Deliberately absent: Outposts and Local Zones.

use sandtable_model::resource::{EbsSnapshot, Image, ImageBlockDevice, SnapshotState};
use sandtable_model::{ImageId, Kind, SnapshotId, Tags, VolumeId};
use smol_str::SmolStr;

use super::describe::check_description;
use super::make::MadeImage;
use super::name::{check_name, new_image};
use super::unavailable;
use crate::network::request::requests;
use crate::rules::{
    TagSpecification, check_tags, invalid_value, is_reserved, require, required, tags_for,
};
use crate::storage::access::is_own;
use crate::storage::choices::check_snapshot_room;
use crate::storage::snapshots::{Copy, begin_copy, check_copies, region_of};
use crate::storage::{Transition, encryption};
use crate::{ApiError, Ctx, Twin};

const NAME: &str = "CopyImage";
/// Tags with this prefix can be copied by those with whom an image is shared.
const SHARED_TAG: &str = "ec2:SharedTag/";

requests! {
    /// `CopyImage`.
    CopyImageRequest {
        client_token: Option<String>,
        description: Option<SmolStr>,
        encrypted: Option<bool>,
        kms_key_id: Option<String>,
        name: String,
        source_image_id: String,
        source_region: String,
        copy_image_tags: bool,
        tag_specifications: Vec<TagSpecification>,
        snapshot_copy_completion_duration_minutes: Option<u32>,
    }
}

/// Begins a copy of an image and of its snapshots into the Region of the call; it is `pending`, then
/// `available`.
///
/// # Errors
/// `MissingParameter`, `InvalidAMIID.NotFound` also for an image of another Region than said,
/// `InvalidAMIID.Unavailable`, `InvalidAMIName.Duplicate`, `InvalidParameterDependency` for a key
/// without encryption, `ResourceLimitExceeded`, `SnapshotLimitExceeded`.
pub fn copy_image(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CopyImageRequest,
) -> Result<MadeImage, ApiError> {
    let there = region_of(ctx, "SourceRegion", &request.source_region)?;
    required("SourceImageId", &request.source_image_id)?;
    let source = require::<Image>(
        &twin.state,
        &there,
        "SourceImageId",
        &request.source_image_id,
    )?;
    let source = source.clone();
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)? {
        let mut made = made.into_iter().filter_map(|id| ImageId::try_from(id).ok());
        return made
            .next()
            .map(|image_id| MadeImage { image_id })
            .ok_or_else(|| unavailable(&source));
    }
    check_name(twin, ctx, &request.name)?;
    check_description(request.description.as_ref())?;
    let minutes = request.snapshot_copy_completion_duration_minutes;
    if minutes.is_some_and(|it| it == 0 || it > 2880 || it % 15 != 0) {
        return Err(invalid_value(
            "SnapshotCopyCompletionDurationMinutes must be a multiple of 15 between 15 and 2880",
        ));
    }
    let makes = [Kind::Image, Kind::EbsSnapshot];
    let tags = tags_for(Kind::Image, &makes, &request.tag_specifications)?;
    let tags = match request.copy_image_tags {
        true => with_tags_of(ctx, &source, &tags)?,
        false => tags,
    };
    let snapshot_tags = tags_for(Kind::EbsSnapshot, &makes, &request.tag_specifications)?;
    // Refuses a key without encryption before anything is made.
    let key = request.kms_key_id.as_deref();
    let sources = sources(twin, &source);
    for snapshot in &sources {
        encryption::outcome_of_copy(twin, ctx, request.encrypted, key, snapshot.encrypted)?;
    }
    ctx.end_dry_run()?;
    if source.state != "available" {
        return Err(unavailable(&source));
    }
    check_copies(twin, &ctx.region, sources.len())?;
    check_snapshot_room(twin, &ctx.region, sources.len())?;
    let id = twin.fresh(ImageId::from_number);
    let mut devices = source.block_device_mappings.clone();
    let mut sources = sources.into_iter();
    for device in &mut devices {
        let Some(snapshot) = device.ebs.as_ref().and_then(|_| sources.next()) else {
            continue;
        };
        let (encrypted, key) =
            encryption::outcome_of_copy(twin, ctx, request.encrypted, key, snapshot.encrypted)?;
        let copy = Copy {
            description: description(twin, &id, &source, &snapshot),
            tags: snapshot_tags.clone(),
            outcome: (encrypted, key),
            minutes,
            delay: twin.options.timings.snapshot_copy,
        };
        let (made, _) = begin_copy(twin, ctx, &snapshot, copy);
        point_to(device, made, encrypted);
    }
    let mut image = new_image(twin, ctx, id.clone(), &request.name, devices);
    image.state = "pending".into();
    image.description = request.description.clone().or(source.description.clone());
    image.source_image_id = Some(source.image_id.clone());
    image.source_image_region = Some(there.region.as_str().into());
    image.architecture = source.architecture;
    image.image_type = source.image_type;
    image.root_device_name = source.root_device_name;
    image.root_device_type = source.root_device_type;
    image.virtualization_type = source.virtualization_type;
    image.platform = source.platform;
    image.ena_support = source.ena_support;
    image.sriov_net_support = source.sriov_net_support;
    image.boot_mode = source.boot_mode;
    image.tpm_support = source.tpm_support;
    image.imds_support = source.imds_support;
    image.tags = tags;
    twin.state.insert(&ctx.region, image);
    twin.remember(ctx, NAME, token, &request, vec![(&id).into()]);
    let delay = twin.options.timings.image_copy;
    twin.schedule(delay, Transition::ImageAvailable(id.clone()));
    Ok(MadeImage { image_id: id })
}

fn point_to(device: &mut ImageBlockDevice, snapshot: SnapshotId, encrypted: bool) {
    if let Some(ebs) = &mut device.ebs {
        ebs.snapshot_id = Some(snapshot);
        ebs.encrypted = Some(encrypted);
    }
}

/// The snapshots that an image's volumes start from, in their order. One that the account does not see,
/// as of an image of Amazon, is taken for what the image says of it.
fn sources(twin: &Twin, image: &Image) -> Vec<EbsSnapshot> {
    let volumes = image
        .block_device_mappings
        .iter()
        .filter_map(|it| it.ebs.as_ref());
    let of = |ebs: &sandtable_model::resource::ImageEbs| {
        let id = ebs.snapshot_id.clone();
        let seen = id.as_ref().and_then(|id| twin.state.one::<EbsSnapshot>(id));
        seen.cloned().or_else(|| {
            Some(EbsSnapshot {
                snapshot_id: id.or_else(|| SnapshotId::new("snap-ffffffff").ok())?,
                volume_id: VolumeId::new("vol-ffffffff").ok(),
                volume_size: ebs.volume_size.unwrap_or_default(),
                state: SnapshotState::Completed,
                start_time: image.creation_date,
                owner_id: image.owner_id.clone(),
                owner_alias: None,
                description: SmolStr::default(),
                encrypted: ebs.encrypted.unwrap_or_default(),
                kms_key_id: None,
                progress: None,
                storage_tier: None,
                restore_expiry_time: None,
                completion_time: None,
                transfer_type: None,
                completion_duration_minutes: None,
                full_snapshot_size_in_bytes: None,
                state_message: None,
                tags: Tags::new(),
            })
        })
    };
    volumes.filter_map(of).collect()
}

/// AWS's words on a snapshot that an image's copy is made of.
fn description(twin: &Twin, id: &ImageId, source: &Image, snapshot: &EbsSnapshot) -> SmolStr {
    format!(
        "Copied for DestinationAmi {id} from SourceAmi {} for SourceSnapshot {}. Task created on {}.",
        source.image_id,
        snapshot.snapshot_id,
        twin.now().millis()
    )
    .into()
}

/// The source's tags as far as the caller may copy them, under those that the request gives.
fn with_tags_of(ctx: &Ctx, source: &Image, given: &Tags) -> Result<Tags, ApiError> {
    let own = is_own(ctx, source.owner_id.as_ref());
    let mut tags = Tags::new();
    for (key, value) in source.tags.iter() {
        if !is_reserved(key) && (own || key.starts_with(SHARED_TAG)) {
            tags.insert(key, value);
        }
    }
    for (key, value) in given.iter() {
        tags.insert(key, value);
    }
    check_tags(&Tags::new(), &tags)?;
    Ok(tags)
}
