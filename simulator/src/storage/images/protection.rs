//! Protection of images against deregistration.

use sandtable_model::resource::Image;
use sandtable_model::{Duration, ImageId, Timestamp};
use smol_str::SmolStr;

use super::require_own;
use crate::network::request::{answers, requests};
use crate::storage::Transition;
use crate::{ApiError, Ctx, Twin};

const DISABLED: &str = "disabled";
const ENABLED: &str = "enabled-without-cooldown";
const ENABLED_WITH_COOLDOWN: &str = "enabled-with-cooldown";
/// Before the moment at which protection ends that was switched off; as tools that read real
/// accounts know it (ekristen/aws-nuke, resources/ec2-image.go).
const DISABLED_AFTER: &str = "disabled after ";
/// How long protection with a cool-down lasts after it is switched off (EC2 API reference,
/// EnableImageDeregistrationProtection).
const COOLDOWN: Duration = Duration::from_days(1);

requests! {
    /// `EnableImageDeregistrationProtection`.
    EnableImageDeregistrationProtectionRequest { image_id: String, with_cooldown: bool }
    /// `DisableImageDeregistrationProtection`.
    DisableImageDeregistrationProtectionRequest { image_id: String }
}

answers! {
    /// An image's protection after a change, in AWS's words.
    ImageProtection { r#return: SmolStr }
}

/// Protects an image.
///
/// # Errors
/// Unknown ids, `AuthFailure` for an image of another account.
pub fn enable_image_deregistration_protection(
    twin: &mut Twin,
    ctx: &Ctx,
    request: EnableImageDeregistrationProtectionRequest,
) -> Result<ImageProtection, ApiError> {
    let id = require_own(twin, ctx, &request.image_id)?.image_id.clone();
    ctx.end_dry_run()?;
    let state = match request.with_cooldown {
        true => ENABLED_WITH_COOLDOWN,
        false => ENABLED,
    };
    Ok(set(twin, &id, state.into()))
}

/// Protects an image no longer; one with a cool-down only after 24 hours.
///
/// # Errors
/// Unknown ids, `AuthFailure` for an image of another account.
pub fn disable_image_deregistration_protection(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DisableImageDeregistrationProtectionRequest,
) -> Result<ImageProtection, ApiError> {
    let image = require_own(twin, ctx, &request.image_id)?;
    let id = image.image_id.clone();
    let state = of(image);
    ctx.end_dry_run()?;
    if state.starts_with(DISABLED_AFTER) {
        return Ok(ImageProtection { r#return: state });
    }
    if state != ENABLED_WITH_COOLDOWN {
        return Ok(set(twin, &id, DISABLED.into()));
    }
    let until = twin.now().plus(COOLDOWN);
    let answer = set(
        twin,
        &id,
        format!("{DISABLED_AFTER}{}", until.to_wire()).into(),
    );
    twin.schedule(COOLDOWN, Transition::ImageProtectionEnds(id, until));
    Ok(answer)
}

fn set(twin: &mut Twin, id: &ImageId, state: SmolStr) -> ImageProtection {
    twin.state.update(id, |it: &mut Image| {
        it.deregistration_protection = Some(state.clone());
    });
    ImageProtection { r#return: state }
}

/// An image's protection, in AWS's words.
pub(super) fn of(image: &Image) -> SmolStr {
    let state = image.deregistration_protection.clone();
    state.unwrap_or_else(|| DISABLED.into())
}

/// Whether an image cannot be deregistered.
pub(super) fn is_protected(image: &Image) -> bool {
    of(image) != DISABLED
}

/// When protection that was switched off ends.
pub(in crate::storage) fn ends_at(image: &Image) -> Option<Timestamp> {
    let state = image.deregistration_protection.as_deref()?;
    state.strip_prefix(DISABLED_AFTER)?.parse().ok()
}

/// Protection that was to last until a moment ends.
pub(in crate::storage) fn end(twin: &mut Twin, id: &ImageId, until: Timestamp) {
    let is_due = twin
        .state
        .one::<Image>(id)
        .is_some_and(|it| ends_at(it) == Some(until));
    if is_due {
        set(twin, id, DISABLED.into());
    }
}
