//! Disabling images and deprecating them.

use sandtable_model::resource::Image;
use sandtable_model::{Duration, Timestamp};

use super::{require_own, unavailable};
use crate::network::request::{Done, requests};
use crate::rules::{invalid_value, required};
use crate::storage::snapshots::archived_among;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// `DisableImage`.
    DisableImageRequest { image_id: String }
    /// `EnableImage`.
    EnableImageRequest { image_id: String }
    /// `EnableImageDeprecation`.
    EnableImageDeprecationRequest { image_id: String, deprecate_at: Option<Timestamp> }
    /// `DisableImageDeprecation`.
    DisableImageDeprecationRequest { image_id: String }
}

/// Disables an image: nothing can be launched from it, nobody shares it any more, and lists leave it
/// out. Its snapshots can be archived, but not deleted.
///
/// # Errors
/// Unknown ids, `AuthFailure` for an image of another account, `InvalidAMIID.Unavailable` for one that
/// is not available.
pub fn disable_image(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DisableImageRequest,
) -> Result<Done, ApiError> {
    let image = require_own(twin, ctx, &request.image_id)?;
    let id = image.image_id.clone();
    ctx.end_dry_run()?;
    if image.state != "available" && image.state != "disabled" {
        return Err(unavailable(image));
    }
    twin.state.update(&id, |it: &mut Image| {
        it.state = "disabled".into();
        it.public = false;
    });
    twin.storage.image_grants.remove(&id);
    Ok(Done::YES)
}

/// Makes a disabled image available again; with whom it was shared is not remembered.
///
/// # Errors
/// Unknown ids, `AuthFailure`, `InvalidAMIID.Unavailable` for one that is neither, `IncorrectState`
/// while a snapshot of it is archived or restored for a time only (EBS user guide, "Archive Amazon EBS
/// snapshots").
pub fn enable_image(
    twin: &mut Twin,
    ctx: &Ctx,
    request: EnableImageRequest,
) -> Result<Done, ApiError> {
    let image = require_own(twin, ctx, &request.image_id)?;
    let id = image.image_id.clone();
    ctx.end_dry_run()?;
    match image.state.as_str() {
        "disabled" => {}
        "available" => return Ok(Done::YES),
        _ => return Err(unavailable(image)),
    }
    if let Some(snapshot) = archived_among(twin, image.snapshot_ids()) {
        return Err(ApiError::new(
            "IncorrectState",
            format!("The image '{id}' cannot be enabled while its snapshot {snapshot} is archived"),
        ));
    }
    twin.state
        .update(&id, |it: &mut Image| it.state = "available".into());
    Ok(Done::YES)
}

/// Sets the moment from which on an image is deprecated: others no longer find it in lists. Seconds
/// are rounded to the nearest minute.
///
/// # Errors
/// Unknown ids, `AuthFailure`, `MissingParameter`, `InvalidParameterValue` for a moment that is past or
/// too far off: ten years from now, two years after its making for a public image.
pub fn enable_image_deprecation(
    twin: &mut Twin,
    ctx: &Ctx,
    request: EnableImageDeprecationRequest,
) -> Result<Done, ApiError> {
    let image = require_own(twin, ctx, &request.image_id)?;
    let id = image.image_id.clone();
    let Some(at) = request.deprecate_at else {
        return required("DeprecateAt", "").map(|_| Done::YES);
    };
    let now = twin.now();
    let years = |count: i64| Duration::from_days(count * 365 + count / 4);
    let latest = match image.creation_date.filter(|_| image.public) {
        Some(made) => made.plus(years(2)),
        None => now.plus(years(10)),
    };
    let minute = 60_000;
    let rounded = at.millis().saturating_add(minute / 2).div_euclid(minute);
    let rounded = Timestamp::from_millis(rounded.saturating_mul(minute));
    if at < now || rounded > latest {
        return Err(invalid_value(format!(
            "Value ({}) for parameter DeprecateAt is invalid. It must be between now and {}.",
            at.to_wire(),
            latest.to_wire()
        )));
    }
    ctx.end_dry_run()?;
    twin.state
        .update(&id, |it: &mut Image| it.deprecation_time = Some(rounded));
    Ok(Done::YES)
}

/// Takes an image's deprecation back.
///
/// # Errors
/// Unknown ids, `AuthFailure`.
pub fn disable_image_deprecation(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DisableImageDeprecationRequest,
) -> Result<Done, ApiError> {
    let id = require_own(twin, ctx, &request.image_id)?.image_id.clone();
    ctx.end_dry_run()?;
    twin.state
        .update(&id, |it: &mut Image| it.deprecation_time = None);
    Ok(Done::YES)
}
