//! Images of snapshots.
//!
//! Deliberately absent: images whose files are in S3 (`ImageLocation`), kernels and RAM disks of their
//! own, product codes, UEFI variables.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use sandtable_model::resource::{ImageBlockDevice, ImageEbs, VolumeType};
use sandtable_model::{ImageId, Kind};
use smol_str::SmolStr;

use super::describe::check_description;
use super::device::{BlockDevice, BlockDeviceEbs};
use super::make::MadeImage;
use super::name::{check_name, new_image};
use crate::rules::{TagSpecification, invalid_combination, invalid_value, required, tags_for};
use crate::storage::{Performance, snapshots};
use crate::{ApiError, Ctx, Twin};

/// `RegisterImage`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct RegisterImageRequest {
    /// The name, which no other image of the account may have.
    pub name: String,
    /// The description.
    pub description: Option<SmolStr>,
    /// `x86_64`, `arm64`, …; AWS's default is `i386`.
    pub architecture: Option<SmolStr>,
    /// The device name of the root volume.
    pub root_device_name: Option<SmolStr>,
    /// The volumes that an instance gets.
    pub block_device_mappings: Vec<BlockDevice>,
    /// `hvm` or `paravirtual`.
    pub virtualization_type: Option<SmolStr>,
    /// Whether it has the driver for enhanced networking.
    pub ena_support: Option<bool>,
    /// `simple`, when it has the driver of the older enhanced networking.
    pub sriov_net_support: Option<SmolStr>,
    /// `legacy-bios`, `uefi` or `uefi-preferred`.
    pub boot_mode: Option<SmolStr>,
    /// `v2.0`, for a trusted platform module.
    pub tpm_support: Option<SmolStr>,
    /// `v2.0`, for the newer metadata service.
    pub imds_support: Option<SmolStr>,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
}

/// Members with a closed list of values: the name, the value, the list.
fn check_words(request: &RegisterImageRequest) -> Result<(), ApiError> {
    let words: [(&str, &Option<SmolStr>, &[&str]); 6] = [
        (
            "architecture",
            &request.architecture,
            &["i386", "x86_64", "arm64", "x86_64_mac", "arm64_mac"],
        ),
        (
            "virtualizationType",
            &request.virtualization_type,
            &["hvm", "paravirtual"],
        ),
        ("sriovNetSupport", &request.sriov_net_support, &["simple"]),
        (
            "bootMode",
            &request.boot_mode,
            &["legacy-bios", "uefi", "uefi-preferred"],
        ),
        ("tpmSupport", &request.tpm_support, &["v2.0"]),
        ("imdsSupport", &request.imds_support, &["v2.0"]),
    ];
    for (name, value, allowed) in words {
        if let Some(value) = value.as_deref().filter(|it| !allowed.contains(it)) {
            return Err(invalid_value(format!(
                "Value ({value}) for parameter {name} is invalid. Valid values: {}.",
                allowed.join(", ")
            )));
        }
    }
    if request.tpm_support.is_some() && request.boot_mode.as_deref() != Some("uefi") {
        return Err(invalid_combination(
            "TpmSupport requires the boot mode uefi",
        ));
    }
    Ok(())
}

/// Registers an image of snapshots; it is `available` at once.
///
/// # Errors
/// `InvalidSnapshot.NotFound`, `InvalidAMIName.Duplicate`, `InvalidBlockDeviceMapping`, and those of
/// missing parameters and of values that do not go together.
pub fn register_image(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RegisterImageRequest,
) -> Result<MadeImage, ApiError> {
    let tags = tags_for(Kind::Image, &[Kind::Image], &request.tag_specifications)?;
    check_name(twin, ctx, &request.name)?;
    check_description(request.description.as_ref())?;
    check_words(&request)?;
    let root = request.root_device_name.clone().unwrap_or_default();
    required("rootDeviceName", &root)?;
    let mut names = BTreeSet::new();
    let mut devices = Vec::new();
    for device in &request.block_device_mappings {
        if !names.insert(device.device_name.as_str()) {
            return Err(invalid_mapping(&device.device_name, "it is given twice"));
        }
        devices.push(new_device(twin, ctx, device)?);
    }
    let is_root = |it: &ImageBlockDevice| {
        it.device_name.as_ref() == Some(&root)
            && it.ebs.as_ref().is_some_and(|ebs| ebs.snapshot_id.is_some())
    };
    if !devices.iter().any(is_root) {
        return Err(invalid_value(format!(
            "No snapshot is mapped to the root device {root}: an EBS-backed image needs one"
        )));
    }
    ctx.end_dry_run()?;
    let id = twin.fresh(ImageId::from_number);
    let mut image = new_image(twin, ctx, id.clone(), &request.name, devices);
    image.description = request.description;
    image.architecture = Some(request.architecture.unwrap_or_else(|| "i386".into()));
    image.virtualization_type = Some(
        request
            .virtualization_type
            .unwrap_or_else(|| "paravirtual".into()),
    );
    image.root_device_name = Some(root);
    image.ena_support = request.ena_support;
    image.sriov_net_support = request.sriov_net_support;
    image.boot_mode = request.boot_mode;
    image.tpm_support = request.tpm_support;
    image.imds_support = request.imds_support;
    image.tags = tags;
    twin.state.insert(&ctx.region, image);
    Ok(MadeImage { image_id: id })
}

/// A device of a new image that no volume of an instance stands behind.
///
/// # Errors
/// `MissingParameter`, unknown snapshots and those of which nothing can be made,
/// `InvalidBlockDeviceMapping`, and those of values that do not go together.
pub(super) fn new_device(
    twin: &Twin,
    ctx: &Ctx,
    device: &BlockDevice,
) -> Result<ImageBlockDevice, ApiError> {
    required("BlockDeviceMapping.DeviceName", &device.device_name)?;
    let ebs = device.ebs.as_ref();
    let ebs = ebs.map(|ebs| new_volume(twin, ctx, &device.device_name, ebs));
    Ok(ImageBlockDevice {
        device_name: Some(device.device_name.as_str().into()),
        no_device: device.no_device.clone(),
        virtual_name: device.virtual_name.clone(),
        ebs: ebs.transpose()?,
    })
}

fn new_volume(
    twin: &Twin,
    ctx: &Ctx,
    device: &str,
    asked: &BlockDeviceEbs,
) -> Result<ImageEbs, ApiError> {
    if asked.kms_key_id.is_some() {
        return Err(invalid_mapping(device, "an image cannot name a key"));
    }
    let source = match asked.snapshot_id.as_deref() {
        Some(id) => Some(snapshots::usable_snapshot(twin, ctx, id)?),
        None => None,
    };
    if source.is_some() && asked.encrypted.is_some() {
        return Err(ApiError::new(
            "InvalidBlockDeviceMapping",
            format!(
                "the encrypted flag cannot be specified since device {device} has a snapshot specified."
            ),
        ));
    }
    let size = asked
        .volume_size
        .or(source.as_ref().map(|it| it.volume_size));
    let size = size.ok_or_else(|| invalid_mapping(device, "neither size nor snapshot is given"))?;
    if let Some(source) = source.as_ref().filter(|it| size < it.volume_size) {
        return Err(invalid_mapping(
            device,
            &format!(
                "volume of size {size}GB is smaller than snapshot '{}', expect size >= {}GB",
                source.snapshot_id, source.volume_size
            ),
        ));
    }
    let performance = Performance {
        volume_type: asked.volume_type.clone().unwrap_or(VolumeType::Gp2),
        size,
        iops: asked.iops,
        throughput: asked.throughput,
    };
    let performance = performance.checked()?;
    Ok(ImageEbs {
        encrypted: asked.encrypted.or(source.as_ref().map(|it| it.encrypted)),
        snapshot_id: source.map(|it| it.snapshot_id),
        volume_size: Some(size),
        // What was not asked for stays open, as AWS shows it.
        iops: asked.iops.and(performance.iops),
        throughput: asked.throughput.and(performance.throughput),
        volume_type: Some(performance.volume_type),
        delete_on_termination: Some(asked.delete_on_termination.unwrap_or(true)),
    })
}

/// The refusal of a device.
pub(super) fn invalid_mapping(device: &str, why: &str) -> ApiError {
    ApiError::new(
        "InvalidBlockDeviceMapping",
        format!("Invalid mapping of device '{device}': {why}"),
    )
}
