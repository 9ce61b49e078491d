//! Images: create from an instance, register from snapshots.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::{
    Image, ImageBlockDevice, ImageEbs, Instance, InstanceStateName, Volume, VolumeType,
};
use sandtable_model::{ImageId, Kind, Tags};
use smol_str::SmolStr;

use super::{Transition, snapshot, volume};
use crate::rules::{TagSpecification, invalid_value, require, required, tags_for};
use crate::{ApiError, Ctx, Twin};

/// `CreateImage`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateImageRequest {
    /// The instance.
    pub instance_id: String,
    /// The name, which no other image of the account may have.
    pub name: String,
    /// The description.
    pub description: Option<SmolStr>,
    /// Whether not to reboot the instance; the twin's instances run nothing, so it is all one.
    pub no_reboot: bool,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
}

/// The answer of `CreateImage` and `RegisterImage`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MadeImage {
    /// The image.
    pub image_id: ImageId,
}

/// Makes an image of an instance: a snapshot of each of its volumes, and the image of them.
///
/// # Errors
/// `IncorrectState` unless the instance is running or stopped, `InvalidAMIName.Malformed`,
/// `InvalidAMIName.Duplicate`.
pub fn create_image(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateImageRequest,
) -> Result<MadeImage, ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    let instance = instance.clone();
    let makes = [Kind::Image, Kind::EbsSnapshot];
    let tags = tags_for(Kind::Image, &makes, &request.tag_specifications)?;
    let snapshot_tags = tags_for(Kind::EbsSnapshot, &makes, &request.tag_specifications)?;
    check_name(twin, ctx, &request.name)?;
    ctx.end_dry_run()?;
    if !matches!(
        instance.state.name,
        InstanceStateName::Running | InstanceStateName::Stopped
    ) {
        return Err(ApiError::new(
            "IncorrectState",
            format!(
                "Instance '{}' is not in a state from which an image can be created",
                instance.instance_id
            ),
        ));
    }
    let id = twin.fresh(ImageId::from_number);
    let description = format!("Created by CreateImage({}) for {id}", instance.instance_id);
    let mut devices = Vec::new();
    for mapping in &instance.block_device_mappings {
        let volume = mapping.ebs.as_ref().map(|ebs| ebs.volume_id.clone());
        let Some(volume) = volume.and_then(|id| twin.state.one::<Volume>(id).cloned()) else {
            continue;
        };
        let text = SmolStr::from(description.as_str());
        let made = snapshot::begin(twin, ctx, &volume, text, snapshot_tags.clone());
        let mut ebs = ebs_of(&volume);
        ebs.snapshot_id = Some(made.snapshot_id);
        ebs.delete_on_termination = mapping.ebs.as_ref().map(|it| it.delete_on_termination);
        devices.push(ImageBlockDevice {
            device_name: Some(mapping.device_name.clone()),
            ebs: Some(ebs),
            ..ImageBlockDevice::default()
        });
    }
    let mut image = new_image(twin, ctx, id.clone(), &request.name, devices);
    image.description = request.description;
    image.state = "pending".into();
    image.architecture = instance.architecture;
    image.root_device_name = instance.root_device_name;
    image.tags = tags;
    twin.state.insert(&ctx.region, image);
    let delay = twin.options.timings.image_create;
    twin.schedule(delay, Transition::ImageAvailable(id.clone()));
    Ok(MadeImage { image_id: id })
}

fn ebs_of(volume: &Volume) -> ImageEbs {
    ImageEbs {
        snapshot_id: None,
        volume_size: Some(volume.size),
        volume_type: Some(volume.volume_type.clone()),
        iops: volume.iops,
        throughput: volume.throughput,
        delete_on_termination: None,
        encrypted: Some(volume.encrypted),
    }
}

fn new_image(
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
        tags: Tags::new(),
    }
}

/// AWS's rule for names of images (EC2 error list, `InvalidAMIName.Malformed`).
fn check_name(twin: &Twin, ctx: &Ctx, name: &str) -> Result<(), ApiError> {
    required("name", name)?;
    let fine = |c: char| c.is_ascii_alphanumeric() || "()[] ./-'@_".contains(c);
    if !(3..=128).contains(&name.chars().count()) || !name.chars().all(fine) {
        return Err(ApiError::new(
            "InvalidAMIName.Malformed",
            "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'",
        ));
    }
    let mut images = twin.state.all::<Image>(&ctx.region);
    let taken = images.find(|it| {
        it.name.as_deref() == Some(name)
            && it
                .owner_id
                .as_deref()
                .is_none_or(|owner| owner == ctx.account.as_str())
    });
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

/// A device of a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct BlockDevice {
    /// The device name.
    pub device_name: String,
    /// An instance store volume.
    pub virtual_name: Option<SmolStr>,
    /// Leaves the image's device of this name out, whatever the text.
    pub no_device: Option<SmolStr>,
    /// The volume.
    pub ebs: Option<BlockDeviceEbs>,
}

/// The volume of a device of a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct BlockDeviceEbs {
    /// Whether it goes with the instance.
    pub delete_on_termination: Option<bool>,
    /// IO operations a second.
    pub iops: Option<u32>,
    /// What the volume is filled with.
    pub snapshot_id: Option<String>,
    /// GiB.
    pub volume_size: Option<u32>,
    /// The type.
    pub volume_type: Option<VolumeType>,
    /// The key to encrypt it with.
    pub kms_key_id: Option<SmolStr>,
    /// MiB a second.
    pub throughput: Option<u32>,
    /// Whether to encrypt it.
    pub encrypted: Option<bool>,
}

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
    /// Whether it has the driver for enhanced networking; the model does not keep it.
    pub ena_support: bool,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
}

/// Registers an image of snapshots; it is `available` at once.
///
/// # Errors
/// `InvalidSnapshot.NotFound`, `InvalidAMIName.Duplicate`, and those of missing parameters.
pub fn register_image(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RegisterImageRequest,
) -> Result<MadeImage, ApiError> {
    let tags = tags_for(Kind::Image, &[Kind::Image], &request.tag_specifications)?;
    check_name(twin, ctx, &request.name)?;
    let root = request.root_device_name.clone().unwrap_or_default();
    required("rootDeviceName", &root)?;
    let mut devices = Vec::new();
    for device in &request.block_device_mappings {
        devices.push(registered_device(twin, ctx, device)?);
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
    image.tags = tags;
    twin.state.insert(&ctx.region, image);
    Ok(MadeImage { image_id: id })
}

fn registered_device(
    twin: &Twin,
    ctx: &Ctx,
    device: &BlockDevice,
) -> Result<ImageBlockDevice, ApiError> {
    required("BlockDeviceMapping.DeviceName", &device.device_name)?;
    let ebs = match &device.ebs {
        None => None,
        Some(ebs) => {
            let source = match ebs.snapshot_id.as_deref() {
                Some(id) => Some(volume::usable_snapshot(twin, ctx, id)?),
                None => None,
            };
            let size = ebs.volume_size.or(source.as_ref().map(|it| it.volume_size));
            Some(ImageEbs {
                encrypted: ebs.encrypted.or(source.as_ref().map(|it| it.encrypted)),
                snapshot_id: source.map(|it| it.snapshot_id),
                volume_size: size,
                volume_type: Some(ebs.volume_type.clone().unwrap_or(VolumeType::Gp2)),
                iops: ebs.iops,
                throughput: ebs.throughput,
                delete_on_termination: Some(ebs.delete_on_termination.unwrap_or(true)),
            })
        }
    };
    Ok(ImageBlockDevice {
        device_name: Some(device.device_name.as_str().into()),
        no_device: device.no_device.clone(),
        virtual_name: device.virtual_name.clone(),
        ebs,
    })
}
