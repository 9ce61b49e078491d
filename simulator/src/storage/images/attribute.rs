//! Reading attributes of images.

use sandtable_model::ImageId;
use sandtable_model::resource::Image;
use serde::Serialize;
use smol_str::SmolStr;

use super::{protection, require_own};
use crate::network::request::requests;
use crate::rules::{invalid_value, required};
use crate::storage::access::{Grant, Permission};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// `DescribeImageAttribute`.
    DescribeImageAttributeRequest { attribute: String, image_id: String }
}

/// An attribute of an image; the members of the other ones are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedImageAttribute {
    /// The image.
    pub image_id: Option<ImageId>,
    /// The description.
    pub description: Option<AttributeText>,
    /// The older enhanced networking.
    pub sriov_net_support: Option<AttributeText>,
    /// The boot mode.
    pub boot_mode: Option<AttributeText>,
    /// The trusted platform module.
    pub tpm_support: Option<AttributeText>,
    /// When it was last launched.
    pub last_launched_time: Option<AttributeText>,
    /// The metadata service.
    pub imds_support: Option<AttributeText>,
    /// The protection against deregistration.
    pub deregistration_protection: Option<AttributeText>,
    /// Who may launch it.
    pub launch_permissions: Option<Vec<Permission>>,
    /// Product codes; the twin's images have none.
    pub product_codes: Option<Vec<SmolStr>>,
}

/// A text of an attribute; absent when it is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeText {
    /// The text.
    pub value: Option<SmolStr>,
}

fn of(value: Option<SmolStr>) -> Option<AttributeText> {
    Some(AttributeText { value })
}

/// Tells an attribute of an image.
///
/// # Errors
/// `MissingParameter`, unknown ids, `AuthFailure` for an image of another account and, as AWS has it, for
/// the attribute `blockDeviceMapping`; `InvalidParameterValue` for an attribute that is none.
pub fn describe_image_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeImageAttributeRequest,
) -> Result<DescribedImageAttribute, ApiError> {
    let attribute = required("attribute", &request.attribute)?;
    let image = require_own(twin, ctx, &request.image_id)?;
    let mut it = DescribedImageAttribute {
        image_id: Some(image.image_id.clone()),
        ..DescribedImageAttribute::default()
    };
    match attribute {
        "description" => it.description = of(image.description.clone()),
        "sriovNetSupport" => it.sriov_net_support = of(image.sriov_net_support.clone()),
        "bootMode" => it.boot_mode = of(image.boot_mode.clone()),
        "tpmSupport" => it.tpm_support = of(image.tpm_support.clone()),
        "imdsSupport" => it.imds_support = of(image.imds_support.clone()),
        "lastLaunchedTime" => {
            let at = image.last_launched_time;
            it.last_launched_time = of(at.map(|at| at.to_wire().into()));
        }
        "deregistrationProtection" => {
            it.deregistration_protection = of(Some(protection::of(image)));
        }
        "launchPermission" => it.launch_permissions = Some(permissions(twin, image)),
        "productCodes" => it.product_codes = Some(Vec::new()),
        // Images of today have none of these.
        "kernel" | "ramdisk" | "uefiData" => {}
        "blockDeviceMapping" => {
            return Err(ApiError::new(
                "AuthFailure",
                "Unauthorized attempt to access restricted resource",
            ));
        }
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter attribute is invalid. Unknown attribute."
            )));
        }
    }
    ctx.end_dry_run()?;
    Ok(it)
}

/// Who may launch an image. That everyone may stands with the image itself.
fn permissions(twin: &Twin, image: &Image) -> Vec<Permission> {
    let grants = twin.storage.image_grants.get(&image.image_id);
    let everyone = image.public.then_some(&Grant::Everyone);
    let all = everyone.into_iter().chain(grants.into_iter().flatten());
    all.map(Into::into).collect()
}
