//! Changing attributes of images.

use sandtable_model::ImageId;
use sandtable_model::resource::{EbsSnapshot, Image};
use smol_str::SmolStr;

use super::describe::check_description;
use super::{require_own, unavailable};
use crate::network::request::{Done, Text, requests};
use crate::rules::{invalid_combination, invalid_value, required};
use crate::storage::access::{Change, Grant, Lists, PermissionChanges};
use crate::storage::{encryption, public_access};
use crate::{ApiError, Ctx, Twin};

const PERMISSION: &str = "launchPermission";

requests! {
    /// `ModifyImageAttribute`.
    ModifyImageAttributeRequest {
        attribute: Option<String>,
        description: Option<Text>,
        image_id: String,
        launch_permission: Option<PermissionChanges>,
        operation_type: Option<String>,
        user_groups: Vec<SmolStr>,
        user_ids: Vec<SmolStr>,
        value: Option<String>,
        organization_arns: Vec<SmolStr>,
        organizational_unit_arns: Vec<SmolStr>,
        imds_support: Option<Text>,
    }
    /// `ResetImageAttribute`.
    ResetImageAttributeRequest { attribute: String, image_id: String }
    /// `CancelImageLaunchPermission`.
    CancelImageLaunchPermissionRequest { image_id: String }
}

enum Wanted {
    Description(SmolStr),
    Imds,
    Sharing(Change),
}

/// Changes one attribute of an image: its description, who may launch it, or its metadata service.
///
/// # Errors
/// Unknown ids, `AuthFailure`, `InvalidParameterCombination` for none or several attributes,
/// `InvalidAMIAttributeItemValue` for users and groups that are none, `InvalidAMIID.Unavailable` for a
/// disabled image that is to be shared, `InvalidParameter` for sharing snapshots encrypted with AWS's
/// own key, `OperationNotPermitted` for public sharing that is blocked or of encrypted snapshots.
pub fn modify_image_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyImageAttributeRequest,
) -> Result<(), ApiError> {
    let image = require_own(twin, ctx, &request.image_id)?.clone();
    let id = image.image_id.clone();
    let wanted = wanted(&request)?;
    ctx.end_dry_run()?;
    match wanted {
        Wanted::Description(text) => {
            twin.state
                .update(&id, |it: &mut Image| it.description = Some(text));
        }
        Wanted::Imds => {
            twin.state.update(&id, |it: &mut Image| {
                it.imds_support = Some("v2.0".into());
            });
        }
        Wanted::Sharing(change) => share(twin, ctx, &image, change)?,
    }
    Ok(())
}

fn wanted(request: &ModifyImageAttributeRequest) -> Result<Wanted, ApiError> {
    let lists = Lists {
        operation: request.operation_type.as_deref(),
        accounts: &request.user_ids,
        groups: &request.user_groups,
        organizations: &request.organization_arns,
        units: &request.organizational_unit_arns,
    };
    let several =
        || invalid_combination("Only one attribute of an image can be modified in one call");
    let mut all = Vec::new();
    let named = request.attribute.as_deref();
    match (named, request.value.as_deref()) {
        (None | Some(PERMISSION), None) => {}
        (Some(PERMISSION) | None, Some(_)) => {
            return Err(invalid_combination(
                "Value can be used with the attributes description and imdsSupport only",
            ));
        }
        (Some("description"), value) => {
            all.extend(value.map(|it| Wanted::Description(it.into())));
        }
        (Some("imdsSupport"), value) => all.extend(value.map(imds).transpose()?),
        (Some(other), _) => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter attribute is invalid. Unknown attribute."
            )));
        }
    }
    let text = |it: &Option<Text>| it.as_ref().and_then(|it| it.value.clone());
    all.extend(text(&request.description).map(|it| Wanted::Description(it.into())));
    all.extend(
        text(&request.imds_support)
            .as_deref()
            .map(imds)
            .transpose()?,
    );
    if let Some(changes) = &request.launch_permission {
        all.push(sharing(changes)?);
    }
    if !lists.is_empty() {
        all.push(sharing(&lists.changes()?)?);
    }
    let first = all.pop();
    if !all.is_empty() {
        return Err(several());
    }
    let first = first.ok_or_else(|| invalid_combination("No attributes specified."))?;
    if let Wanted::Description(text) = &first {
        check_description(Some(text))?;
    }
    let is_sharing = matches!(first, Wanted::Sharing(_));
    if named.is_some_and(|it| (it == PERMISSION) != is_sharing) {
        return Err(several());
    }
    Ok(first)
}

fn imds(value: &str) -> Result<Wanted, ApiError> {
    match value {
        "v2.0" => Ok(Wanted::Imds),
        other => Err(invalid_value(format!(
            "Value ({other}) for parameter imdsSupport is invalid. Valid value: v2.0."
        ))),
    }
}

fn sharing(changes: &PermissionChanges) -> Result<Wanted, ApiError> {
    let change = Change::read(changes, |value, kind| {
        ApiError::new(
            "InvalidAMIAttributeItemValue",
            format!("Invalid attribute item value \"{value}\" for {kind} item type."),
        )
    })?;
    if change.is_empty() {
        return Err(invalid_combination("No attributes specified."));
    }
    Ok(Wanted::Sharing(change))
}

fn share(twin: &mut Twin, ctx: &Ctx, image: &Image, mut change: Change) -> Result<(), ApiError> {
    if !change.add.is_empty() {
        if image.state == "disabled" {
            return Err(unavailable(image));
        }
        check_snapshots(twin, ctx, image, change.makes_public())?;
    }
    if change.makes_public() {
        public_access::check_images(twin, &ctx.region)?;
    }
    let id = &image.image_id;
    let (is_added, is_removed) = (
        change.add.remove(&Grant::Everyone),
        change.remove.remove(&Grant::Everyone),
    );
    if is_added != is_removed {
        twin.state.update(id, |it: &mut Image| it.public = is_added);
    }
    change.apply(twin.storage.image_grants.entry(id.clone()).or_default());
    Ok(())
}

/// Whether the snapshots of an image may be shared.
fn check_snapshots(twin: &Twin, ctx: &Ctx, image: &Image, public: bool) -> Result<(), ApiError> {
    let snapshots = image.snapshot_ids();
    let encrypted = snapshots
        .filter_map(|id| twin.state.one::<EbsSnapshot>(id))
        .filter(|it| it.encrypted);
    for snapshot in encrypted {
        let key = snapshot.kms_key_id.as_deref();
        if key.is_none_or(|key| encryption::is_managed_key(ctx, key)) {
            return Err(ApiError::new(
                "InvalidParameter",
                "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.",
            ));
        }
        if public {
            return Err(ApiError::new(
                "OperationNotPermitted",
                "Images with encrypted snapshots cannot be shared publicly",
            ));
        }
    }
    Ok(())
}

/// Shares an image with nobody.
///
/// # Errors
/// Unknown ids, `AuthFailure`, `MissingParameter`, `InvalidParameterValue` for another attribute than
/// `launchPermission`.
pub fn reset_image_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ResetImageAttributeRequest,
) -> Result<(), ApiError> {
    let attribute = required("attribute", &request.attribute)?;
    let id: ImageId = require_own(twin, ctx, &request.image_id)?.image_id.clone();
    if attribute != PERMISSION {
        return Err(invalid_value(
            "Only the attribute launchPermission of an image can be reset",
        ));
    }
    ctx.end_dry_run()?;
    twin.state.update(&id, |it: &mut Image| it.public = false);
    twin.storage.image_grants.remove(&id);
    Ok(())
}

/// Gives up the caller's own permission to launch an image of another account.
///
/// # Errors
/// Unknown ids, `InvalidParameterValue` for an image that is not shared with the caller by name.
pub fn cancel_image_launch_permission(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CancelImageLaunchPermissionRequest,
) -> Result<Done, ApiError> {
    let image = crate::rules::require::<Image>(&twin.state, ctx, "imageId", &request.image_id)?;
    let id = image.image_id.clone();
    ctx.end_dry_run()?;
    let grant = Grant::Account(ctx.account.as_str().into());
    let grants = twin.storage.image_grants.get_mut(&id);
    if grants.is_none_or(|it| !it.remove(&grant)) {
        return Err(invalid_value(format!(
            "The image '{id}' is not shared with the account {}",
            ctx.account
        )));
    }
    Ok(Done::YES)
}
