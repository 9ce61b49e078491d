//! What all new images have: a name of their own, and the members that nothing else decides.

use sandtable_model::resource::{Image, ImageBlockDevice};
use sandtable_model::{ImageId, Tags};

use crate::rules::required;
use crate::storage::access::is_own;
use crate::{ApiError, Ctx, Twin};

/// An image of the caller; not yet in the state.
pub(super) fn new_image(
    twin: &Twin,
    ctx: &Ctx,
    image_id: ImageId,
    name: &str,
    block_device_mappings: Vec<ImageBlockDevice>,
) -> Image {
    Image {
        image_id,
        name: Some(name.into()),
        description: None,
        state: "available".into(),
        owner_id: Some(ctx.account.as_str().into()),
        image_owner_alias: None,
        public: false,
        creation_date: Some(twin.now()),
        architecture: Some("x86_64".into()),
        image_type: Some("machine".into()),
        root_device_name: None,
        root_device_type: Some("ebs".into()),
        virtualization_type: Some("hvm".into()),
        block_device_mappings,
        last_launched_time: None,
        deprecation_time: None,
        deregistration_protection: None,
        source_image_id: None,
        source_image_region: None,
        source_instance_id: None,
        platform: None,
        ena_support: None,
        sriov_net_support: None,
        boot_mode: None,
        tpm_support: None,
        imds_support: None,
        tags: Tags::new(),
    }
}

/// AWS's rule for names of images (EC2 error list, `InvalidAMIName.Malformed`).
///
/// # Errors
/// `MissingParameter`, `InvalidAMIName.Malformed`, `InvalidAMIName.Duplicate`.
pub(super) fn check_name(twin: &Twin, ctx: &Ctx, name: &str) -> Result<(), ApiError> {
    required("name", name)?;
    let fine = |c: char| c.is_ascii_alphanumeric() || "()[] ./-'@_".contains(c);
    if !(3..=128).contains(&name.chars().count()) || !name.chars().all(fine) {
        return Err(ApiError::new(
            "InvalidAMIName.Malformed",
            "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'",
        ));
    }
    let mut images = twin.state.all::<Image>(&ctx.region);
    let taken =
        images.find(|it| it.name.as_deref() == Some(name) && is_own(ctx, it.owner_id.as_ref()));
    match taken {
        None => Ok(()),
        Some(image) => Err(ApiError::new(
            "InvalidAMIName.Duplicate",
            format!(
                "AMI name {name} is already in use by AMI {}",
                image.image_id
            ),
        )),
    }
}
