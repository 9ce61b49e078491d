//! Whether snapshots and images of a Region may be shared with everyone: AWS's "block public access".

use sandtable_model::Region;

use crate::network::request::{answers, requests};
use crate::rules::{invalid_value, required};
use crate::{ApiError, Ctx, Twin};

/// The Region's settings, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicAccess {
    snapshots: &'static str,
    images: &'static str,
}

const UNBLOCKED: &str = "unblocked";
const BLOCK_NEW: &str = "block-new-sharing";
const BLOCK_ALL: &str = "block-all-sharing";

impl Default for PublicAccess {
    /// Nothing is blocked for accounts whose images or snapshots were public once. AWS blocks both
    /// for new accounts since 2023; the twin does not know how old its account is.
    fn default() -> Self {
        PublicAccess {
            snapshots: UNBLOCKED,
            images: UNBLOCKED,
        }
    }
}

requests! {
    /// `EnableSnapshotBlockPublicAccess`.
    EnableSnapshotBlockPublicAccessRequest { state: String }
    /// `EnableImageBlockPublicAccess`.
    EnableImageBlockPublicAccessRequest { image_block_public_access_state: String }
    /// The operations that take nothing.
    PublicAccessRequest {}
}

answers! {
    /// The setting for snapshots after a change.
    SnapshotAccess { state: &'static str }
    /// The setting for snapshots.
    SnapshotAccessState { state: &'static str, managed_by: &'static str }
    /// The setting for images after a change.
    ImageAccess { image_block_public_access_state: &'static str }
    /// The setting for images.
    ImageAccessState { image_block_public_access_state: &'static str, managed_by: &'static str }
}

fn of(twin: &Twin, region: &Region) -> PublicAccess {
    let settings = &twin.storage.public_access;
    settings.get(region).cloned().unwrap_or_default()
}

fn setting<'a>(twin: &'a mut Twin, ctx: &Ctx) -> &'a mut PublicAccess {
    let settings = &mut twin.storage.public_access;
    settings.entry(ctx.region.clone()).or_default()
}

/// Forbids public sharing of snapshots.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue` for a state that is none.
pub fn enable_snapshot_block_public_access(
    twin: &mut Twin,
    ctx: &Ctx,
    request: EnableSnapshotBlockPublicAccessRequest,
) -> Result<SnapshotAccess, ApiError> {
    let wanted = required("State", &request.state)?;
    let states = [BLOCK_ALL, BLOCK_NEW];
    let state = states.into_iter().find(|it| *it == wanted);
    let state = state.ok_or_else(|| invalid_state(wanted, "State"))?;
    ctx.end_dry_run()?;
    setting(twin, ctx).snapshots = state;
    Ok(SnapshotAccess { state })
}

/// Allows public sharing of snapshots.
///
/// # Errors
/// `DryRunOperation`.
pub fn disable_snapshot_block_public_access(
    twin: &mut Twin,
    ctx: &Ctx,
    _: PublicAccessRequest,
) -> Result<SnapshotAccess, ApiError> {
    ctx.end_dry_run()?;
    setting(twin, ctx).snapshots = UNBLOCKED;
    Ok(SnapshotAccess { state: UNBLOCKED })
}

/// Tells whether snapshots may be shared with everyone.
///
/// # Errors
/// `DryRunOperation`.
pub fn get_snapshot_block_public_access_state(
    twin: &mut Twin,
    ctx: &Ctx,
    _: PublicAccessRequest,
) -> Result<SnapshotAccessState, ApiError> {
    ctx.end_dry_run()?;
    Ok(SnapshotAccessState {
        state: of(twin, &ctx.region).snapshots,
        managed_by: "account",
    })
}

/// Forbids public sharing of images from now on. AWS takes up to ten minutes for it, the twin none.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue` for a state that is none.
pub fn enable_image_block_public_access(
    twin: &mut Twin,
    ctx: &Ctx,
    request: EnableImageBlockPublicAccessRequest,
) -> Result<ImageAccess, ApiError> {
    const NAME: &str = "ImageBlockPublicAccessState";
    let wanted = required(NAME, &request.image_block_public_access_state)?;
    if wanted != BLOCK_NEW {
        return Err(invalid_state(wanted, NAME));
    }
    ctx.end_dry_run()?;
    setting(twin, ctx).images = BLOCK_NEW;
    Ok(ImageAccess {
        image_block_public_access_state: BLOCK_NEW,
    })
}

/// Allows public sharing of images.
///
/// # Errors
/// `DryRunOperation`.
pub fn disable_image_block_public_access(
    twin: &mut Twin,
    ctx: &Ctx,
    _: PublicAccessRequest,
) -> Result<ImageAccess, ApiError> {
    ctx.end_dry_run()?;
    setting(twin, ctx).images = UNBLOCKED;
    Ok(ImageAccess {
        image_block_public_access_state: UNBLOCKED,
    })
}

/// Tells whether images may be shared with everyone.
///
/// # Errors
/// `DryRunOperation`.
pub fn get_image_block_public_access_state(
    twin: &mut Twin,
    ctx: &Ctx,
    _: PublicAccessRequest,
) -> Result<ImageAccessState, ApiError> {
    ctx.end_dry_run()?;
    Ok(ImageAccessState {
        image_block_public_access_state: of(twin, &ctx.region).images,
        managed_by: "account",
    })
}

fn invalid_state(wanted: &str, parameter: &str) -> ApiError {
    invalid_value(format!(
        "Value ({wanted}) for parameter {parameter} is invalid."
    ))
}

/// Whether a snapshot may be shared with everyone.
///
/// # Errors
/// `OperationNotPermitted` (EBS user guide, "Block public access for snapshots").
pub(super) fn check_snapshots(twin: &Twin, region: &Region) -> Result<(), ApiError> {
    if of(twin, region).snapshots == UNBLOCKED {
        return Ok(());
    }
    Err(ApiError::new(
        "OperationNotPermitted",
        "You can't publicly share snapshots in this Region because block public access for snapshots is enabled.",
    ))
}

/// Whether an image may be shared with everyone.
///
/// # Errors
/// `OperationNotPermitted` (EC2 user guide, "Block public access to your AMIs").
pub(super) fn check_images(twin: &Twin, region: &Region) -> Result<(), ApiError> {
    if of(twin, region).images == UNBLOCKED {
        return Ok(());
    }
    Err(ApiError::new(
        "OperationNotPermitted",
        "You can't publicly share images in this Region because block public access for AMIs is enabled.",
    ))
}
