//! The volumes that a new instance gets.

use sandtable_model::resource::{
    EbsSnapshot, Image, ImageBlockDevice, ImageEbs, Volume, VolumeAttachmentState, VolumeState,
    VolumeType,
};
use sandtable_model::{AvailabilityZone, InstanceId, SnapshotId, Tags, VolumeId};
use smol_str::SmolStr;

use crate::rules::require;
use crate::storage::{self, BlockDevice, BlockDeviceEbs, Performance};
use crate::{ApiError, Ctx, Twin};

/// A volume that an instance is to get.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    device: SmolStr,
    performance: Performance,
    snapshot_id: Option<SnapshotId>,
    encrypted: bool,
    kms_key_id: Option<SmolStr>,
    delete_on_termination: bool,
}

/// The volumes of the image, changed and added to by those of the request.
///
/// # Errors
/// `InvalidBlockDeviceMapping`, and those of values that do not go together.
pub(super) fn plan(
    twin: &Twin,
    ctx: &Ctx,
    image: &Image,
    wanted: &[BlockDevice],
) -> Result<Vec<Disk>, ApiError> {
    let mut disks = Vec::new();
    for device in &image.block_device_mappings {
        let name = device.device_name.as_deref().unwrap_or_default();
        let change = wanted.iter().find(|it| it.device_name == name);
        if device.no_device.is_some() || change.is_some_and(|it| it.no_device.is_some()) {
            continue;
        }
        let asked = change.and_then(|it| it.ebs.clone()).unwrap_or_default();
        if let Some(disk) = disk(twin, ctx, name, Some(device), &asked)? {
            disks.push(disk);
        }
    }
    let known = |name: &str| {
        let mut devices = image.block_device_mappings.iter();
        devices.any(|it| it.device_name.as_deref() == Some(name))
    };
    for device in wanted.iter().filter(|it| !known(&it.device_name)) {
        let Some(asked) = device.ebs.as_ref().filter(|_| device.no_device.is_none()) else {
            continue;
        };
        if let Some(disk) = disk(twin, ctx, &device.device_name, None, asked)? {
            disks.push(disk);
        }
    }
    Ok(disks)
}

fn disk(
    twin: &Twin,
    ctx: &Ctx,
    device: &str,
    of_image: Option<&ImageBlockDevice>,
    asked: &BlockDeviceEbs,
) -> Result<Option<Disk>, ApiError> {
    let ebs = match of_image {
        None => None,
        Some(device) => match &device.ebs {
            Some(ebs) => Some(ebs),
            // A device of the instance store: no volume.
            None => return Ok(None),
        },
    };
    if device.is_empty() {
        return Err(invalid("", "a device name is missing"));
    }
    let source = match asked.snapshot_id.as_deref() {
        Some(text) => Some(require::<EbsSnapshot>(
            &twin.state,
            ctx,
            "snapshotId",
            text,
        )?),
        None => None,
    };
    if let Some(source) = source {
        storage::check_usable(source)?;
    }
    let of_image_snapshot = ebs.and_then(|it| it.snapshot_id.clone());
    let snapshot_id = source
        .map(|it| it.snapshot_id.clone())
        .or(of_image_snapshot);
    let snapshot = snapshot_id
        .as_ref()
        .and_then(|id| twin.state.one::<EbsSnapshot>(id));
    let size = size(device, asked, ebs, snapshot)?;
    let type_of_image = ebs.and_then(|it| it.volume_type.clone());
    let volume_type = asked.volume_type.clone().or(type_of_image.clone());
    let volume_type = volume_type.unwrap_or(VolumeType::Gp2);
    // The image's figures are for the image's type and mean nothing for another.
    let ebs_same = ebs.filter(|_| type_of_image.as_ref() == Some(&volume_type));
    let takes_iops = !matches!(volume_type, VolumeType::Gp2 | VolumeType::Standard);
    let iops_of_image = ebs_same.and_then(|it| it.iops).filter(|_| takes_iops);
    let performance = Performance {
        volume_type,
        size,
        iops: asked.iops.or(iops_of_image),
        throughput: asked.throughput.or(ebs_same.and_then(|it| it.throughput)),
    }
    .checked()?;
    let of_image_encrypted = ebs.and_then(|it| it.encrypted).filter(|it| *it);
    let source_key = snapshot
        .filter(|it| it.encrypted)
        .map(|it| it.kms_key_id.as_ref());
    let (encrypted, kms_key_id) = storage::encryption::outcome(
        twin,
        ctx,
        asked.encrypted.or(of_image_encrypted),
        asked.kms_key_id.as_deref(),
        source_key,
    )?;
    let kept = ebs.and_then(|it| it.delete_on_termination);
    Ok(Some(Disk {
        device: device.into(),
        performance,
        encrypted,
        kms_key_id,
        snapshot_id,
        delete_on_termination: asked.delete_on_termination.or(kept).unwrap_or(true),
    }))
}

fn size(
    device: &str,
    asked: &BlockDeviceEbs,
    of_image: Option<&ImageEbs>,
    snapshot: Option<&EbsSnapshot>,
) -> Result<u32, ApiError> {
    let of_image = of_image.and_then(|it| it.volume_size);
    let size = asked
        .volume_size
        .or(of_image)
        .or(snapshot.map(|it| it.volume_size));
    let size = size.ok_or_else(|| invalid(device, "neither size nor snapshot is given"))?;
    match snapshot {
        Some(snapshot) if size < snapshot.volume_size => {
            let (id, least) = (&snapshot.snapshot_id, snapshot.volume_size);
            Err(invalid(
                device,
                &format!(
                    "volume of size {size}GB is smaller than snapshot '{id}', expect size >= {least}GB"
                ),
            ))
        }
        _ => Ok(size),
    }
}

fn invalid(device: &str, why: &str) -> ApiError {
    ApiError::new(
        "InvalidBlockDeviceMapping",
        format!("Invalid mapping of device '{device}': {why}"),
    )
}

/// Whether the volume at a device is encrypted; not when there is none.
pub(super) fn is_encrypted(disks: &[Disk], device: Option<&str>) -> bool {
    let mut disks = disks.iter();
    let found = disks.find(|it| Some(it.device.as_str()) == device);
    found.is_some_and(|it| it.encrypted)
}

/// Whether there is room for the volumes of so many instances.
///
/// # Errors
/// `VolumeLimitExceeded`.
pub(super) fn check_room(
    twin: &Twin,
    ctx: &Ctx,
    disks: &[Disk],
    instances: u32,
) -> Result<(), ApiError> {
    let mut types: Vec<&VolumeType> = disks.iter().map(|it| &it.performance.volume_type).collect();
    types.sort_unstable_by_key(|it| it.as_str());
    types.dedup();
    for volume_type in types {
        let of_type = disks.iter().map(|it| &it.performance);
        let of_type = of_type.filter(|it| it.volume_type == *volume_type);
        let gib: u64 = of_type.map(|it| u64::from(it.size)).sum();
        let gib = gib.saturating_mul(instances.into());
        storage::check_volume_room(twin, &ctx.region, volume_type, gib)?;
    }
    Ok(())
}

/// Makes the volumes and attaches them.
pub(super) fn make(
    twin: &mut Twin,
    ctx: &Ctx,
    instance: &InstanceId,
    zone: &AvailabilityZone,
    disks: &[Disk],
    tags: &Tags,
) {
    for disk in disks {
        let volume = Volume {
            volume_id: twin.fresh(VolumeId::from_number),
            size: disk.performance.size,
            volume_type: disk.performance.volume_type.clone(),
            state: VolumeState::InUse,
            availability_zone: zone.clone(),
            attachments: Vec::new(),
            create_time: Some(twin.now()),
            encrypted: disk.encrypted,
            kms_key_id: disk.kms_key_id.clone(),
            iops: disk.performance.iops,
            throughput: disk.performance.throughput,
            snapshot_id: disk.snapshot_id.clone(),
            multi_attach_enabled: false,
            tags: tags.clone(),
        };
        let id = volume.volume_id.clone();
        twin.state.insert(&ctx.region, volume);
        let attachment = storage::attachment(
            twin,
            (&id, instance),
            &disk.device,
            VolumeAttachmentState::Attaching,
            disk.delete_on_termination,
        );
        storage::put(twin, attachment);
        let delay = twin.options.timings.volume_attach;
        let attached = storage::Transition::VolumeAttached(id, instance.clone());
        twin.schedule(delay, attached);
    }
}
