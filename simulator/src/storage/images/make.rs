//! Images of instances.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::{
    Image, ImageBlockDevice, ImageEbs, Instance, InstanceBlockDevice, InstanceStateName, Volume,
};
use sandtable_model::{ImageId, Kind};
use smol_str::SmolStr;

use super::describe::check_description;
use super::device::BlockDevice;
use super::name::{check_name, new_image};
use super::register::{invalid_mapping, new_device};
use crate::rules::{TagSpecification, require, tags_for};
use crate::storage::choices::check_snapshot_room;
use crate::storage::{Transition, snapshots};
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
    /// Volumes to leave out and to add, and whether volumes go with their instance.
    pub block_device_mappings: Vec<BlockDevice>,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
}

/// The answer of the operations that make images.
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
/// `InvalidAMIName.Duplicate`, `InvalidBlockDeviceMapping` for changing more of a volume of the
/// instance than whether it goes with its instance, `SnapshotLimitExceeded`.
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
    check_description(request.description.as_ref())?;
    let (taken, added) = plan(twin, ctx, &instance, &request.block_device_mappings)?;
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
    check_snapshot_room(twin, &ctx.region, taken.len())?;
    let id = twin.fresh(ImageId::from_number);
    let description = format!("Created by CreateImage({}) for {id}", instance.instance_id);
    let mut devices = Vec::new();
    for Taken {
        device,
        volume,
        delete_on_termination,
    } in taken
    {
        let text = SmolStr::from(description.as_str());
        let made = snapshots::begin(twin, ctx, &volume, text, snapshot_tags.clone());
        devices.push(ImageBlockDevice {
            device_name: Some(device),
            ebs: Some(ImageEbs {
                snapshot_id: Some(made.snapshot_id),
                volume_size: Some(volume.size),
                volume_type: Some(volume.volume_type.clone()),
                iops: volume.iops,
                throughput: volume.throughput,
                delete_on_termination: Some(delete_on_termination),
                encrypted: Some(volume.encrypted),
            }),
            ..ImageBlockDevice::default()
        });
    }
    devices.extend(added);
    let mut image = new_image(twin, ctx, id.clone(), &request.name, devices);
    let source = instance.image_id.as_ref();
    if let Some(source) = source.and_then(|id| twin.state.one::<Image>(id)) {
        image.boot_mode = source.boot_mode.clone();
        image.tpm_support = source.tpm_support.clone();
        image.imds_support = source.imds_support.clone();
        image.sriov_net_support = source.sriov_net_support.clone();
        image.ena_support = source.ena_support;
        image.virtualization_type = source.virtualization_type.clone();
    }
    image.description = request.description;
    image.state = "pending".into();
    image.architecture = instance.architecture;
    image.platform = instance.platform;
    image.root_device_name = instance.root_device_name;
    image.source_instance_id = Some(instance.instance_id);
    image.tags = tags;
    twin.state.insert(&ctx.region, image);
    let delay = twin.options.timings.image_create;
    twin.schedule(delay, Transition::ImageAvailable(id.clone()));
    Ok(MadeImage { image_id: id })
}

/// A volume of the instance that the image is to have.
struct Taken {
    device: SmolStr,
    volume: Volume,
    delete_on_termination: bool,
}

fn plan(
    twin: &Twin,
    ctx: &Ctx,
    instance: &Instance,
    wanted: &[BlockDevice],
) -> Result<(Vec<Taken>, Vec<ImageBlockDevice>), ApiError> {
    let mut taken = Vec::new();
    for mapping in &instance.block_device_mappings {
        let name = mapping.device_name.as_str();
        let change = wanted.iter().find(|it| it.device_name == name);
        if change.is_some_and(|it| it.no_device.is_some()) {
            if instance.root_device_name.as_deref() == Some(name) {
                return Err(invalid_mapping(name, "the root volume cannot be left out"));
            }
            continue;
        }
        taken.extend(take(twin, mapping, change)?);
    }
    let is_there = |it: &&BlockDevice| {
        let mut mappings = instance.block_device_mappings.iter();
        mappings.any(|mapping| mapping.device_name == it.device_name)
    };
    let new = wanted
        .iter()
        .filter(|it| !is_there(it) && it.no_device.is_none());
    let added: Result<Vec<ImageBlockDevice>, ApiError> =
        new.map(|it| new_device(twin, ctx, it)).collect();
    Ok((taken, added?))
}

fn take(
    twin: &Twin,
    mapping: &InstanceBlockDevice,
    change: Option<&BlockDevice>,
) -> Result<Option<Taken>, ApiError> {
    let Some(ebs) = &mapping.ebs else {
        return Ok(None);
    };
    let asked = change.and_then(|it| it.ebs.clone()).unwrap_or_default();
    let more = asked.volume_size.is_some()
        || asked.volume_type.is_some()
        || asked.iops.is_some()
        || asked.throughput.is_some()
        || asked.encrypted.is_some()
        || asked.kms_key_id.is_some()
        || asked.snapshot_id.is_some();
    if more {
        return Err(invalid_mapping(
            &mapping.device_name,
            "only DeleteOnTermination of a volume of the instance can be changed",
        ));
    }
    let volume = twin.state.one::<Volume>(&ebs.volume_id);
    Ok(volume.map(|volume| Taken {
        device: mapping.device_name.clone(),
        volume: volume.clone(),
        delete_on_termination: asked
            .delete_on_termination
            .unwrap_or(ebs.delete_on_termination),
    }))
}
