//! Images: describing, making, copying, sharing, protecting, disabling, deregistering, storing.

mod attribute;
mod attribute_modify;
mod copy;
mod deregister;
mod describe;
mod device;
mod make;
mod name;
mod protection;
mod register;
mod retire;
mod store;

pub use attribute::*;
pub use attribute_modify::*;
pub use copy::*;
pub use deregister::*;
pub use describe::*;
pub use device::*;
pub use make::*;
pub use protection::*;
pub use register::*;
pub use retire::*;
pub use store::*;

use sandtable_model::resource::Image;

use crate::rules::require;
use crate::storage::access::is_own;
use crate::{ApiError, Ctx, Twin};

/// The image that a parameter names, which must be the caller's.
///
/// # Errors
/// `MissingParameter`, the kind's codes for malformed and unknown ids, `AuthFailure`.
fn require_own<'a>(twin: &'a Twin, ctx: &Ctx, text: &str) -> Result<&'a Image, ApiError> {
    let image = require::<Image>(&twin.state, ctx, "imageId", text)?;
    if !is_own(ctx, image.owner_id.as_ref()) {
        return Err(ApiError::new(
            "AuthFailure",
            format!("Not authorized for image:{}", image.image_id),
        ));
    }
    Ok(image)
}

/// The refusal of an image that is not in the state for what is asked.
fn unavailable(image: &Image) -> ApiError {
    ApiError::new(
        "InvalidAMIID.Unavailable",
        format!("The image ID '{}' is not available", image.image_id),
    )
}
