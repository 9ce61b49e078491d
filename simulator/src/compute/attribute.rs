//! Attributes of instances.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use sandtable_model::resource::{
    GroupRef, Image, Instance, InstanceStateName, NetworkInterface, PlacementGroup, SecurityGroup,
    Volume,
};
use sandtable_model::{InstanceId, VolumeId};
use smol_str::SmolStr;

use super::{placement_group, types};
use crate::rules::{invalid_combination, invalid_value, require, require_all, required};
use crate::{ApiError, Ctx, Twin};

/// `DescribeInstanceAttribute`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeInstanceAttributeRequest {
    /// The instance.
    pub instance_id: String,
    /// The attribute.
    pub attribute: String,
}

/// The answer of `DescribeInstanceAttribute`: the instance and the one attribute.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct DescribedAttribute(Value);

/// Tells an attribute of an instance. A protection that a snapshot does not know counts as off.
///
/// # Errors
/// `InvalidParameterValue` for an attribute that there is not, `UnsupportedOperation` for one that
/// the twin does not model.
pub fn describe_instance_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeInstanceAttributeRequest,
) -> Result<DescribedAttribute, ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    let attribute = required("attribute", &request.attribute)?;
    ctx.end_dry_run()?;
    let id = &instance.instance_id;
    let behaviour = shutdown_behaviour(twin, id);
    let value = |value: Value| json!({"Value": value});
    let (name, shown) = match attribute {
        "blockDeviceMapping" => ("BlockDeviceMappings", json!(instance.block_device_mappings)),
        "disableApiStop" => (
            "DisableApiStop",
            value(instance.disable_api_stop.unwrap_or_default().into()),
        ),
        "disableApiTermination" => (
            "DisableApiTermination",
            value(instance.disable_api_termination.unwrap_or_default().into()),
        ),
        "ebsOptimized" => ("EbsOptimized", value(instance.ebs_optimized.into())),
        "groupSet" => ("Groups", json!(instance.security_groups)),
        "instanceInitiatedShutdownBehavior" => {
            ("InstanceInitiatedShutdownBehavior", value(behaviour.into()))
        }
        "instanceType" => (
            "InstanceType",
            value(instance.instance_type.as_str().into()),
        ),
        "rootDeviceName" => {
            let name = instance.root_device_name.as_deref();
            (
                "RootDeviceName",
                name.map_or_else(|| json!({}), |it| value(it.into())),
            )
        }
        "sourceDestCheck" => (
            "SourceDestCheck",
            value(
                primary(twin, id)
                    .is_none_or(|it| it.source_dest_check)
                    .into(),
            ),
        ),
        "userData" => {
            let text = twin.compute.user_data.get(id);
            (
                "UserData",
                text.map_or_else(|| json!({}), |it| value(it.as_str().into())),
            )
        }
        "enaSupport" => ("EnaSupport", value(ena_support(twin, instance).into())),
        "enclaveOptions" => (
            "EnclaveOptions",
            json!({"Enabled": instance.enclave_options.unwrap_or_default().enabled}),
        ),
        // The twin's images are virtualized by hardware and sold by nobody: AWS tells such instances'
        // attributes empty.
        "kernel" => ("KernelId", json!({})),
        "ramdisk" => ("RamdiskId", json!({})),
        "productCodes" => ("ProductCodes", json!([])),
        "sriovNetSupport" => {
            return Err(ApiError::new(
                "UnsupportedOperation",
                format!("The twin does not model the attribute {attribute} of instances."),
            ));
        }
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter attribute is invalid. Unknown attribute."
            )));
        }
    };
    Ok(DescribedAttribute(
        json!({"InstanceId": id.as_str(), name: shown}),
    ))
}

/// What an instance does when it is shut down from within.
pub(super) fn shutdown_behaviour<'a>(twin: &'a Twin, id: &InstanceId) -> &'a str {
    let set = twin.compute.shutdown_behaviour.get(id);
    set.map_or("stop", SmolStr::as_str)
}

/// Whether enhanced networking is on: as it was set, or as the type has it.
fn ena_support(twin: &Twin, instance: &Instance) -> bool {
    let set = twin.compute.ena_support.get(&instance.instance_id).copied();
    set.unwrap_or_else(|| {
        types::find(&instance.instance_type).is_none_or(|it| it.ena != "unsupported")
    })
}

fn primary<'a>(twin: &'a Twin, id: &InstanceId) -> Option<&'a NetworkInterface> {
    let mut interfaces = twin.state.referring::<NetworkInterface>(id);
    interfaces.find(|it| {
        it.attachment
            .as_ref()
            .is_some_and(|it| it.device_index == 0)
    })
}

/// A flag of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct FlagValue {
    /// The flag.
    pub value: bool,
}

/// A text of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct TextValue {
    /// The text.
    pub value: SmolStr,
}

/// `ModifyInstanceAttribute`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyInstanceAttributeRequest {
    /// The instance.
    pub instance_id: String,
    /// The attribute, in the older form of the call.
    pub attribute: Option<String>,
    /// Its value, in the older form of the call.
    pub value: Option<SmolStr>,
    /// Which volumes go with the instance.
    pub block_device_mappings: Vec<InstanceDevice>,
    /// Whether termination by API is forbidden.
    pub disable_api_termination: Option<FlagValue>,
    /// Whether stopping by API is forbidden.
    pub disable_api_stop: Option<FlagValue>,
    /// Whether it is optimized for EBS.
    pub ebs_optimized: Option<FlagValue>,
    /// The security groups of the primary interface.
    pub groups: Vec<String>,
    /// `stop` or `terminate`.
    pub instance_initiated_shutdown_behavior: Option<TextValue>,
    /// The type.
    pub instance_type: Option<TextValue>,
    /// Whether the primary interface takes part in routing only for itself.
    pub source_dest_check: Option<FlagValue>,
    /// Whether enhanced networking is on.
    pub ena_support: Option<FlagValue>,
    /// What the instance runs at its start, in base64.
    pub user_data: Option<TextValue>,
}

/// A device of an instance in a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct InstanceDevice {
    /// The device name.
    pub device_name: String,
    /// The volume.
    pub ebs: InstanceDeviceEbs,
}

/// The volume of a device of an instance in a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct InstanceDeviceEbs {
    /// Whether it goes with the instance.
    pub delete_on_termination: Option<bool>,
    /// The volume, as an assertion.
    pub volume_id: Option<String>,
}

/// Changes one attribute of an instance.
///
/// # Errors
/// `InvalidParameterCombination` for none or several attributes, `IncorrectInstanceState` for those
/// that can be changed only while it is stopped, `InvalidParameterValue`.
pub fn modify_instance_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyInstanceAttributeRequest,
) -> Result<(), ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    let id = instance.instance_id.clone();
    let is_stopped = instance.state.name == InstanceStateName::Stopped;
    let request = newer_form(request)?;
    let groups = require_all::<SecurityGroup>(&twin.state, ctx, &request.groups)?;
    let groups: Vec<GroupRef> = groups.into_iter().map(group_ref).collect();
    check_one(&request)?;
    ctx.end_dry_run()?;
    let needs_stop = request.instance_type.is_some()
        || request.ebs_optimized.is_some()
        || request.ena_support.is_some()
        || request.user_data.is_some();
    if needs_stop && !is_stopped {
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{id}' is not in the 'stopped' state."),
        ));
    }
    if let Some(it) = &request.instance_type {
        check_type(twin, &id, &it.value)?;
    }
    if let Some(it) = &request.user_data {
        let map = &mut twin.compute.user_data;
        map.insert(id.clone(), it.value.clone());
    }
    if let Some(it) = request.ena_support {
        twin.compute.ena_support.insert(id.clone(), it.value);
    }
    if let Some(it) = request.instance_initiated_shutdown_behavior {
        if it.value != "stop" && it.value != "terminate" {
            return Err(invalid_value(format!(
                "Value ({}) for parameter instanceInitiatedShutdownBehavior is invalid.",
                it.value
            )));
        }
        twin.compute.shutdown_behaviour.insert(id.clone(), it.value);
    }
    for device in &request.block_device_mappings {
        modify_device(twin, &id, device)?;
    }
    modify_primary(twin, &id, request.source_dest_check, groups);
    twin.state.update(&id, |it: &mut Instance| {
        if let Some(flag) = request.disable_api_termination {
            it.disable_api_termination = Some(flag.value);
        }
        if let Some(flag) = request.disable_api_stop {
            it.disable_api_stop = Some(flag.value);
        }
        if let Some(flag) = request.ebs_optimized {
            it.ebs_optimized = flag.value;
        }
        if let Some(text) = request.instance_type {
            it.instance_type = text.value;
        }
    });
    Ok(())
}

/// A new type must be able to run the image and to be in the placement group.
fn check_type(twin: &Twin, id: &InstanceId, name: &str) -> Result<(), ApiError> {
    types::check(name)?;
    let Some(instance) = twin.state.one::<Instance>(id) else {
        return Ok(());
    };
    let image = instance.image_id.as_ref();
    if let Some(image) = image.and_then(|id| twin.state.one::<Image>(id)) {
        types::check_architecture(name, image)?;
    }
    let group = instance.placement.group_id.as_ref();
    match group.and_then(|id| twin.state.one::<PlacementGroup>(id)) {
        Some(group) => placement_group::check_fits(group, name, None),
        None => Ok(()),
    }
}

fn group_ref(group: &SecurityGroup) -> GroupRef {
    GroupRef {
        group_id: group.group_id.clone(),
        group_name: Some(group.group_name.clone()),
    }
}

/// Turns `Attribute` and `Value` into the member that they mean.
fn newer_form(
    mut request: ModifyInstanceAttributeRequest,
) -> Result<ModifyInstanceAttributeRequest, ApiError> {
    let Some(attribute) = request.attribute.take() else {
        return Ok(request);
    };
    let Some(text) = request.value.take() else {
        // `Attribute=blockDeviceMapping` names the attribute and gives it in its own member.
        return Ok(request);
    };
    let flag = || match text.as_str() {
        "true" => Ok(Some(FlagValue { value: true })),
        "false" => Ok(Some(FlagValue { value: false })),
        other => Err(invalid_value(format!(
            "Value ({other}) for parameter value is invalid."
        ))),
    };
    match attribute.as_str() {
        "disableApiTermination" => request.disable_api_termination = flag()?,
        "disableApiStop" => request.disable_api_stop = flag()?,
        "ebsOptimized" => request.ebs_optimized = flag()?,
        "enaSupport" => request.ena_support = flag()?,
        "userData" => request.user_data = Some(TextValue { value: text }),
        "sourceDestCheck" => request.source_dest_check = flag()?,
        "instanceType" => request.instance_type = Some(TextValue { value: text }),
        "instanceInitiatedShutdownBehavior" => {
            request.instance_initiated_shutdown_behavior = Some(TextValue { value: text });
        }
        other => {
            return Err(ApiError::new(
                "UnsupportedOperation",
                format!(
                    "The twin does not model changing the attribute {other}: nothing was done."
                ),
            ));
        }
    }
    Ok(request)
}

fn check_one(request: &ModifyInstanceAttributeRequest) -> Result<(), ApiError> {
    let given = [
        !request.block_device_mappings.is_empty(),
        !request.groups.is_empty(),
        request.disable_api_stop.is_some(),
        request.disable_api_termination.is_some(),
        request.ebs_optimized.is_some(),
        request.ena_support.is_some(),
        request.user_data.is_some(),
        request.instance_initiated_shutdown_behavior.is_some(),
        request.instance_type.is_some(),
        request.source_dest_check.is_some(),
    ];
    match given.into_iter().filter(|it| *it).count() {
        1 => Ok(()),
        0 => Err(invalid_combination("No attributes specified.")),
        _ => Err(invalid_combination(
            "Fields for multiple attribute types specified: only one can be changed in a call",
        )),
    }
}

fn modify_device(
    twin: &mut Twin,
    id: &InstanceId,
    device: &InstanceDevice,
) -> Result<(), ApiError> {
    let name = required("BlockDeviceMapping.DeviceName", &device.device_name)?;
    let instance = twin.state.one::<Instance>(id);
    let mut devices = instance
        .into_iter()
        .flat_map(|it| &it.block_device_mappings);
    let found = devices
        .find(|it| it.device_name == name)
        .and_then(|it| it.ebs.as_ref());
    let volume: Option<VolumeId> = found.map(|ebs| ebs.volume_id.clone());
    let asserted = device.ebs.volume_id.as_deref();
    let volume = volume.filter(|it| asserted.is_none_or(|text| text == it.as_str()));
    let Some(volume) = volume else {
        return Err(ApiError::new(
            "InvalidInstanceAttributeValue",
            format!("No device is currently mapped at {name} of instance '{id}'"),
        ));
    };
    let Some(goes) = device.ebs.delete_on_termination else {
        return Ok(());
    };
    twin.state.update(id, |it: &mut Instance| {
        let mut devices = it.block_device_mappings.iter_mut();
        if let Some(ebs) =
            devices.find_map(|it| it.ebs.as_mut().filter(|it| it.volume_id == volume))
        {
            ebs.delete_on_termination = goes;
        }
    });
    twin.state.update(&volume, |it: &mut Volume| {
        let mut attachments = it.attachments.iter_mut();
        if let Some(it) = attachments.find(|it| it.instance_id.as_ref() == Some(id)) {
            it.delete_on_termination = goes;
        }
    });
    Ok(())
}

fn modify_primary(
    twin: &mut Twin,
    id: &InstanceId,
    source_dest_check: Option<FlagValue>,
    groups: Vec<GroupRef>,
) {
    if source_dest_check.is_none() && groups.is_empty() {
        return;
    }
    let interface = primary(twin, id).map(|it| it.network_interface_id.clone());
    if let Some(interface) = interface {
        twin.state.update(interface, |it: &mut NetworkInterface| {
            if let Some(flag) = source_dest_check {
                it.source_dest_check = flag.value;
            }
            if !groups.is_empty() {
                it.groups.clone_from(&groups);
            }
        });
    }
    if !groups.is_empty() {
        twin.state
            .update(id, |it: &mut Instance| it.security_groups = groups);
    }
}

/// `ResetInstanceAttribute`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ResetInstanceAttributeRequest {
    /// The instance.
    pub instance_id: String,
    /// The attribute: `sourceDestCheck`; kernels and RAM disks the twin's instances have none.
    pub attribute: String,
}

/// Sets an attribute back to its usual value: `sourceDestCheck` to true (EC2 API reference,
/// ResetInstanceAttribute).
///
/// # Errors
/// `InvalidParameterValue` for attributes that cannot be reset, `UnsupportedOperation`.
pub fn reset_instance_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ResetInstanceAttributeRequest,
) -> Result<(), ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    let id = instance.instance_id.clone();
    match required("attribute", &request.attribute)? {
        "sourceDestCheck" => {}
        attribute @ ("kernel" | "ramdisk") => {
            return Err(ApiError::new(
                "UnsupportedOperation",
                format!("The twin does not model the attribute {attribute} of instances."),
            ));
        }
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter attribute is invalid. It cannot be reset."
            )));
        }
    }
    ctx.end_dry_run()?;
    modify_primary(twin, &id, Some(FlagValue { value: true }), Vec::new());
    Ok(())
}
