//! `GetLaunchTemplateData`: what would launch the like of an instance.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use sandtable_model::resource::{Instance, NetworkInterface, Volume};

use crate::compute::attribute;
use crate::rules::require;
use crate::{ApiError, Ctx, Twin};

/// `GetLaunchTemplateData`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetLaunchTemplateDataRequest {
    /// The instance.
    pub instance_id: String,
}

/// The answer of `GetLaunchTemplateData`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LaunchTemplateDataOf {
    /// The data.
    pub launch_template_data: Value,
}

/// Tells what would launch the like of an instance, as far as the twin knows it.
///
/// # Errors
/// Unknown instances.
pub fn get_launch_template_data(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetLaunchTemplateDataRequest,
) -> Result<LaunchTemplateDataOf, ApiError> {
    let it = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    ctx.end_dry_run()?;
    let side = &twin.compute;
    let is_monitored = it
        .monitoring
        .as_ref()
        .is_some_and(|it| matches!(it.state.as_str(), "enabled" | "pending"));
    let mut data = json!({
        "ImageId": it.image_id, "InstanceType": it.instance_type, "KeyName": it.key_name,
        "EbsOptimized": it.ebs_optimized, "Monitoring": {"Enabled": is_monitored},
        "DisableApiTermination": it.disable_api_termination.unwrap_or_default(),
        "DisableApiStop": it.disable_api_stop.unwrap_or_default(),
        "InstanceInitiatedShutdownBehavior": attribute::shutdown_behaviour(twin, &it.instance_id),
        "Placement": {
            "AvailabilityZone": it.placement.availability_zone,
            "GroupName": it.placement.group_name.clone().unwrap_or_default(),
            "Tenancy": it.placement.tenancy.as_deref().unwrap_or("default"),
        },
        "BlockDeviceMappings": devices(twin, it),
        "NetworkInterfaces": interfaces(twin, it),
        "IamInstanceProfile": it.iam_instance_profile.as_ref().map(|it| json!({"Arn": it.arn})),
        "UserData": side.user_data.get(&it.instance_id),
        "HibernationOptions": it.hibernation_options,
        "EnclaveOptions": it.enclave_options,
        "CapacityReservationSpecification": it.capacity_reservation_specification,
        "MaintenanceOptions": it.maintenance_options.as_ref()
            .map(|it| json!({"AutoRecovery": it.auto_recovery})),
        "MetadataOptions": it.metadata_options,
    });
    if let Some(options) = data["MetadataOptions"].as_object_mut() {
        options.remove("State");
    }
    if !it.tags.is_empty() {
        data["TagSpecifications"] = json!([{"ResourceType": "instance", "Tags": it.tags}]);
    }
    if let Some(members) = data.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    Ok(LaunchTemplateDataOf {
        launch_template_data: data,
    })
}

fn devices(twin: &Twin, instance: &Instance) -> Vec<Value> {
    let devices = instance.block_device_mappings.iter().filter_map(|device| {
        let ebs = device.ebs.as_ref()?;
        let volume = twin.state.one::<Volume>(&ebs.volume_id)?;
        let mut shown = json!({
            "DeleteOnTermination": ebs.delete_on_termination, "Encrypted": volume.encrypted,
            "VolumeSize": volume.size, "VolumeType": volume.volume_type, "Iops": volume.iops,
            "Throughput": volume.throughput, "SnapshotId": volume.snapshot_id,
            "KmsKeyId": volume.kms_key_id,
        });
        if let Some(members) = shown.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        Some(json!({"DeviceName": device.device_name, "Ebs": shown}))
    });
    devices.collect()
}

fn interfaces(twin: &Twin, instance: &Instance) -> Vec<Value> {
    let interfaces = instance.network_interfaces.iter().filter_map(|it| {
        let interface = twin
            .state
            .one::<NetworkInterface>(&it.network_interface_id)?;
        let attachment = interface.attachment.as_ref()?;
        let groups: Vec<&str> = interface
            .groups
            .iter()
            .map(|it| it.group_id.as_str())
            .collect();
        Some(json!({
            "DeviceIndex": attachment.device_index,
            "DeleteOnTermination": attachment.delete_on_termination,
            "AssociatePublicIpAddress": interface.association.is_some(),
            "Description": interface.description, "SubnetId": interface.subnet_id,
            "Groups": groups,
        }))
    });
    interfaces.collect()
}
