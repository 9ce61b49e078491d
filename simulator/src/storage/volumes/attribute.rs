//! Attributes of volumes, and what happens to volumes whose data may be inconsistent.

use sandtable_model::VolumeId;
use sandtable_model::resource::Volume;
use serde::Serialize;
use smol_str::SmolStr;

use crate::network::request::{Flag, answers, requests};
use crate::rules::{invalid_value, require, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// `DescribeVolumeAttribute`.
    DescribeVolumeAttributeRequest { attribute: String, volume_id: String }
    /// `ModifyVolumeAttribute`.
    ModifyVolumeAttributeRequest {
        #[serde(rename = "AutoEnableIO")]
        auto_enable_io: Option<Flag>,
        volume_id: String,
    }
    /// `EnableVolumeIO`.
    EnableVolumeIoRequest { volume_id: String }
}

answers! {
    /// A flag of a volume.
    FlagValue { value: bool }
}

/// An attribute of a volume; the member of the other one is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedVolumeAttribute {
    /// The volume.
    pub volume_id: VolumeId,
    /// Whether input and output go on when data may be inconsistent.
    #[serde(rename = "AutoEnableIO")]
    pub auto_enable_io: Option<FlagValue>,
    /// Product codes; the twin's volumes have none.
    pub product_codes: Option<Vec<SmolStr>>,
}

/// Tells an attribute of a volume.
///
/// # Errors
/// `MissingParameter`, unknown ids, `InvalidParameterValue` for an attribute that is none.
pub fn describe_volume_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVolumeAttributeRequest,
) -> Result<DescribedVolumeAttribute, ApiError> {
    let attribute = required("attribute", &request.attribute)?;
    let volume = require::<Volume>(&twin.state, ctx, "volumeId", &request.volume_id)?;
    let id = volume.volume_id.clone();
    let mut answer = DescribedVolumeAttribute {
        auto_enable_io: None,
        product_codes: None,
        volume_id: id.clone(),
    };
    match attribute {
        "autoEnableIO" => {
            let value = twin.storage.auto_enable_io.contains(&id);
            answer.auto_enable_io = Some(FlagValue { value });
        }
        "productCodes" => answer.product_codes = Some(Vec::new()),
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter attribute is invalid. Unknown attribute."
            )));
        }
    }
    ctx.end_dry_run()?;
    Ok(answer)
}

/// Sets whether input and output of a volume go on when its data may be inconsistent.
///
/// # Errors
/// Unknown ids, `MissingParameter`.
pub fn modify_volume_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVolumeAttributeRequest,
) -> Result<(), ApiError> {
    let volume = require::<Volume>(&twin.state, ctx, "volumeId", &request.volume_id)?;
    let id = volume.volume_id.clone();
    let Some(on) = request.auto_enable_io.and_then(|it| it.value) else {
        return required("AutoEnableIO", "").map(|_| ());
    };
    ctx.end_dry_run()?;
    match on {
        true => twin.storage.auto_enable_io.insert(id),
        false => twin.storage.auto_enable_io.remove(&id),
    };
    Ok(())
}

/// Lets input and output of a volume go on; nothing happens when they do already.
///
/// # Errors
/// Unknown ids.
pub fn enable_volume_io(
    twin: &mut Twin,
    ctx: &Ctx,
    request: EnableVolumeIoRequest,
) -> Result<(), ApiError> {
    let volume = require::<Volume>(&twin.state, ctx, "volumeId", &request.volume_id)?;
    let id = volume.volume_id.clone();
    ctx.end_dry_run()?;
    if let Some(impairment) = twin.storage.impaired.get_mut(&id) {
        impairment.is_io_enabled = true;
    }
    Ok(())
}
