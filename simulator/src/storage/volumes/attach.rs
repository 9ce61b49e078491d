//! Attaching volumes to instances.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::{
    Instance, InstanceBlockDevice, InstanceEbs, InstanceStateName, Volume, VolumeAttachment,
    VolumeAttachmentState, VolumeState,
};
use sandtable_model::{Duration, InstanceId, VolumeId};
use smol_str::SmolStr;

use crate::rules::{invalid_value, require, required};
use crate::storage::Transition;
use crate::{ApiError, Ctx, Timings, Twin};

/// How many instances a volume with Multi-Attach may have.
const MULTI_ATTACH_MAX: usize = 16;

/// `AttachVolume`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct AttachVolumeRequest {
    /// The volume.
    pub volume_id: String,
    /// The instance.
    pub instance_id: String,
    /// The device name.
    pub device: String,
}

/// Attaches a volume; the attachment is `attaching`, then `attached`.
///
/// # Errors
/// `VolumeInUse`, `IncorrectState`, `InvalidVolume.ZoneMismatch`, `InvalidParameterValue` for a
/// device name in use.
pub fn attach_volume(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AttachVolumeRequest,
) -> Result<VolumeAttachment, ApiError> {
    required("device", &request.device)?;
    let volume = require::<Volume>(&twin.state, ctx, "volumeId", &request.volume_id)?;
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    check_device(&request.device)?;
    ctx.end_dry_run()?;
    check_attachable(volume, instance)?;
    let taken = |it: &InstanceBlockDevice| it.device_name == request.device;
    if instance.block_device_mappings.iter().any(taken) {
        let device = &request.device;
        return Err(invalid_value(format!(
            "Invalid value '{device}' for unixDevice. Attachment point {device} is already in use"
        )));
    }
    let (volume_id, instance_id) = (volume.volume_id.clone(), instance.instance_id.clone());
    let attachment = attachment(
        twin,
        (&volume_id, &instance_id),
        &request.device,
        VolumeAttachmentState::Attaching,
        // Volumes attached later stay when the instance goes (facts, ec2-semantics, section 3).
        false,
    );
    put(twin, attachment.clone());
    let delay = twin.options.timings.volume_attach;
    twin.schedule(delay, Transition::VolumeAttached(volume_id, instance_id));
    Ok(attachment)
}

/// Names that AWS takes for devices: `sd`, `hd` or `xvd` with one or two letters and up to two digits,
/// with or without `/dev/` ("Device names for volumes" of the EC2 user guide).
fn check_device(name: &str) -> Result<(), ApiError> {
    let short = name.strip_prefix("/dev/").unwrap_or(name);
    let rest = ["sd", "hd", "xvd"]
        .iter()
        .find_map(|prefix| short.strip_prefix(prefix));
    let fits = rest.is_some_and(|rest| {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_lowercase());
        let letters = rest.len() - digits.len();
        (1..=2).contains(&letters)
            && digits.len() <= 2
            && digits.chars().all(|c| c.is_ascii_digit())
    });
    if fits {
        return Ok(());
    }
    Err(invalid_value(format!(
        "Value ({name}) for parameter device is invalid. {name} is not a valid EBS device name."
    )))
}

fn check_attachable(volume: &Volume, instance: &Instance) -> Result<(), ApiError> {
    let id = &volume.volume_id;
    let shareable = volume.multi_attach_enabled
        && volume.state == VolumeState::InUse
        && volume.attachments.len() < MULTI_ATTACH_MAX
        && !held_by(volume, &instance.instance_id);
    match volume.state {
        VolumeState::Available => {}
        VolumeState::InUse if shareable => {}
        VolumeState::InUse => {
            return Err(ApiError::new(
                "VolumeInUse",
                format!("{id} is already attached to an instance"),
            ));
        }
        _ => {
            return Err(ApiError::new(
                "IncorrectState",
                format!("{id} is not 'available'."),
            ));
        }
    }
    let name = &instance.instance_id;
    if !matches!(
        instance.state.name,
        InstanceStateName::Running | InstanceStateName::Stopped
    ) {
        return Err(ApiError::new(
            "IncorrectState",
            format!("Instance '{name}' is not 'running'."),
        ));
    }
    if instance.placement.availability_zone.as_ref() != Some(&volume.availability_zone) {
        return Err(ApiError::new(
            "InvalidVolume.ZoneMismatch",
            format!("The volume '{id}' is not in the same availability zone as instance '{name}'"),
        ));
    }
    Ok(())
}

fn held_by(volume: &Volume, instance: &InstanceId) -> bool {
    let mut attachments = volume.attachments.iter();
    attachments.any(|it| it.instance_id.as_ref() == Some(instance))
}

/// An attachment beginning now.
pub(crate) fn attachment(
    twin: &Twin,
    (volume, instance): (&VolumeId, &InstanceId),
    device: &str,
    state: VolumeAttachmentState,
    delete_on_termination: bool,
) -> VolumeAttachment {
    VolumeAttachment {
        volume_id: Some(volume.clone()),
        instance_id: Some(instance.clone()),
        associated_resource: None,
        device: Some(device.into()),
        state,
        attach_time: Some(twin.now()),
        delete_on_termination,
    }
}

/// Puts an attachment on both of its ends.
pub(crate) fn put(twin: &mut Twin, attachment: VolumeAttachment) {
    let (Some(volume), Some(instance)) =
        (attachment.volume_id.clone(), attachment.instance_id.clone())
    else {
        return;
    };
    let device = InstanceBlockDevice {
        device_name: attachment.device.clone().unwrap_or_default(),
        ebs: Some(InstanceEbs {
            volume_id: volume.clone(),
            status: Some(attachment.state.as_str().into()),
            attach_time: attachment.attach_time,
            delete_on_termination: attachment.delete_on_termination,
        }),
    };
    twin.state.update(&instance, |it: &mut Instance| {
        it.block_device_mappings.push(device)
    });
    twin.state.update(&volume, |it: &mut Volume| {
        it.state = VolumeState::InUse;
        it.attachments.push(attachment);
    });
}

/// `DetachVolume`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DetachVolumeRequest {
    /// The volume.
    pub volume_id: String,
    /// The instance; needed only where the volume has several.
    pub instance_id: Option<String>,
    /// The device name, as an assertion.
    pub device: Option<String>,
    /// Whether not to wait for the instance; the twin's instances never hold on to a volume.
    pub force: bool,
}

/// Detaches a volume; the attachment is `detaching`, then gone.
///
/// # Errors
/// `IncorrectState` for a volume that is not attached and for the root volume of an instance that is
/// not stopped, `InvalidAttachment.NotFound`.
pub fn detach_volume(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DetachVolumeRequest,
) -> Result<VolumeAttachment, ApiError> {
    let volume = require::<Volume>(&twin.state, ctx, "volumeId", &request.volume_id)?;
    let asked = match request.instance_id.as_deref() {
        Some(id) => Some(require::<Instance>(&twin.state, ctx, "instanceId", id)?),
        None => None,
    };
    ctx.end_dry_run()?;
    let id = volume.volume_id.clone();
    if volume.state != VolumeState::InUse {
        return Err(ApiError::new(
            "IncorrectState",
            format!("Volume '{id}' is in the '{}' state.", volume.state),
        ));
    }
    let asked = asked.map(|it| it.instance_id.clone());
    let attachment = pick(volume, asked.as_ref(), request.device.as_deref())?.clone();
    let instance_id = attachment.instance_id.clone().ok_or_else(|| {
        ApiError::new(
            "UnsupportedOperation",
            format!("The volume '{id}' is managed by a service and cannot be detached."),
        )
    })?;
    if attachment.state == VolumeAttachmentState::Detaching {
        return Err(ApiError::new(
            "IncorrectState",
            format!("Volume '{id}' is in the 'detaching' state."),
        ));
    }
    let instance = twin.state.one::<Instance>(&instance_id);
    if instance.is_some_and(|it| is_root_in_use(it, &attachment)) {
        return Err(ApiError::new(
            "IncorrectState",
            format!("Unable to detach root volume '{id}' from instance '{instance_id}'"),
        ));
    }
    set_state(twin, (&id, &instance_id), VolumeAttachmentState::Detaching);
    let delay = twin.options.timings.volume_detach;
    twin.schedule(delay, Transition::VolumeDetached(id, instance_id));
    Ok(VolumeAttachment {
        state: VolumeAttachmentState::Detaching,
        ..attachment
    })
}

fn pick<'a>(
    volume: &'a Volume,
    instance: Option<&InstanceId>,
    device: Option<&str>,
) -> Result<&'a VolumeAttachment, ApiError> {
    let id = &volume.volume_id;
    let fits = |it: &&VolumeAttachment| {
        instance.is_none_or(|instance| it.instance_id.as_ref() == Some(instance))
            && device.is_none_or(|device| it.device.as_deref() == Some(device))
    };
    let mut fitting = volume.attachments.iter().filter(fits);
    let first = fitting.next().ok_or_else(|| {
        let to = instance.map_or_else(String::new, |instance| format!(" '{instance}'"));
        ApiError::new(
            "InvalidAttachment.NotFound",
            format!("The volume '{id}' is not attached to instance{to} as given"),
        )
    })?;
    if fitting.next().is_some() {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            format!("The volume '{id}' has several attachments: InstanceId must be given"),
        ));
    }
    Ok(first)
}

fn is_root_in_use(instance: &Instance, attachment: &VolumeAttachment) -> bool {
    instance.root_device_name.is_some()
        && instance.root_device_name == attachment.device
        && instance.state.name != InstanceStateName::Stopped
        && instance.state.name != InstanceStateName::Terminated
}

/// `attaching` becomes `attached`.
pub(in crate::storage) fn settle_attachment(
    twin: &mut Twin,
    volume: &VolumeId,
    instance: &InstanceId,
) {
    let is_attaching = twin.state.one::<Volume>(volume).is_some_and(|it| {
        it.attachments.iter().any(|it| {
            it.instance_id.as_ref() == Some(instance)
                && it.state == VolumeAttachmentState::Attaching
        })
    });
    if is_attaching {
        set_state(twin, (volume, instance), VolumeAttachmentState::Attached);
    }
}

fn set_state(
    twin: &mut Twin,
    (volume, instance): (&VolumeId, &InstanceId),
    state: VolumeAttachmentState,
) {
    let status: SmolStr = state.as_str().into();
    twin.state.update(volume, |it: &mut Volume| {
        let mut attachments = it.attachments.iter_mut();
        if let Some(it) = attachments.find(|it| it.instance_id.as_ref() == Some(instance)) {
            it.state = state;
        }
    });
    twin.state.update(instance, |it: &mut Instance| {
        let mut devices = it.block_device_mappings.iter_mut();
        let ebs = devices.find_map(|it| it.ebs.as_mut().filter(|ebs| ebs.volume_id == *volume));
        if let Some(ebs) = ebs {
            ebs.status = Some(status);
        }
    });
}

/// Takes an attachment off both of its ends.
pub(crate) fn detach_now(twin: &mut Twin, volume: &VolumeId, instance: &InstanceId) {
    twin.state.update(volume, |it: &mut Volume| {
        it.attachments
            .retain(|it| it.instance_id.as_ref() != Some(instance));
        if it.attachments.is_empty() && it.state == VolumeState::InUse {
            it.state = VolumeState::Available;
        }
    });
    twin.state.update(instance, |it: &mut Instance| {
        it.block_device_mappings
            .retain(|it| it.ebs.as_ref().is_none_or(|ebs| ebs.volume_id != *volume));
    });
}

/// The transitions of attachments that were under way when the snapshot was taken.
pub(in crate::storage) fn under_way(
    volume: &Volume,
    timings: &Timings,
) -> Vec<(Duration, Transition)> {
    let attachments = volume.attachments.iter();
    let transitions = attachments.filter_map(|it| {
        let (volume, instance) = (volume.volume_id.clone(), it.instance_id.clone()?);
        match it.state {
            VolumeAttachmentState::Attaching => Some((
                timings.volume_attach,
                Transition::VolumeAttached(volume, instance),
            )),
            VolumeAttachmentState::Detaching => Some((
                timings.volume_detach,
                Transition::VolumeDetached(volume, instance),
            )),
            _ => None,
        }
    });
    transitions.collect()
}
