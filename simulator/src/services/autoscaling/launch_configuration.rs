//! Launch configurations: what groups of the older kind launch. They cannot be changed.

use sandtable_model::Timestamp;
use sandtable_model::resource::AutoScalingGroup;
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

use super::activity::paged;
use crate::network::request::{answers, requests};
use crate::services::common::{required, uuid, validation};
use crate::storage::BlockDevice;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateLaunchConfiguration.
    CreateLaunchConfigurationRequest {
        launch_configuration_name: String,
        image_id: SmolStr,
        key_name: Option<SmolStr>,
        security_groups: Vec<SmolStr>,
        user_data: SmolStr,
        instance_type: SmolStr,
        block_device_mappings: Vec<WantedDevice>,
        instance_monitoring: Option<InstanceMonitoring>,
        iam_instance_profile: Option<SmolStr>,
        ebs_optimized: bool,
        associate_public_ip_address: Option<bool>,
    }
    /// Detailed monitoring.
    InstanceMonitoring { enabled: Option<bool> }
    /// A volume of an instance.
    WantedDevice {
        device_name: String,
        ebs: Option<WantedVolume>,
    }
    /// What a volume shall be.
    WantedVolume {
        snapshot_id: Option<String>,
        volume_size: Option<u32>,
        volume_type: Option<SmolStr>,
        delete_on_termination: Option<bool>,
        iops: Option<u32>,
        encrypted: Option<bool>,
        throughput: Option<u32>,
    }
    /// DescribeLaunchConfigurations.
    DescribeLaunchConfigurationsRequest {
        launch_configuration_names: Vec<String>,
        next_token: Option<String>,
        max_records: Option<i64>,
    }
    /// DeleteLaunchConfiguration.
    DeleteLaunchConfigurationRequest { launch_configuration_name: String }
}

answers! {
    /// The answer of DescribeLaunchConfigurations.
    DescribedLaunchConfigurations {
        launch_configurations: Vec<LaunchConfiguration>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    }
}

/// A launch configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LaunchConfiguration {
    /// The name.
    pub launch_configuration_name: SmolStr,
    /// The ARN.
    #[serde(rename = "LaunchConfigurationARN")]
    pub launch_configuration_arn: SmolStr,
    /// The image.
    pub image_id: SmolStr,
    /// The key pair.
    pub key_name: Option<SmolStr>,
    /// Security groups, by id or name.
    pub security_groups: Vec<SmolStr>,
    /// What the instance runs at its start.
    pub user_data: SmolStr,
    /// The type.
    pub instance_type: SmolStr,
    /// Volumes.
    pub block_device_mappings: Vec<WantedDevice>,
    /// Detailed monitoring.
    pub instance_monitoring: InstanceMonitoring,
    /// The role of the instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam_instance_profile: Option<SmolStr>,
    /// Since when.
    pub created_time: Timestamp,
    /// Whether it is optimized for EBS.
    pub ebs_optimized: bool,
    /// Whether instances get a public address; as the subnet says when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub associate_public_ip_address: Option<bool>,
}

/// Makes a launch configuration. Whether the image is there is seen at the first launch.
///
/// # Errors
/// `AlreadyExists`, `ValidationError`.
pub fn create_launch_configuration(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateLaunchConfigurationRequest,
) -> Result<(), ApiError> {
    let name = required(
        "launchConfigurationName",
        &request.launch_configuration_name,
    )?;
    if request.image_id.is_empty() || request.instance_type.is_empty() {
        return Err(validation(
            "Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType parameters.",
        ));
    }
    let key = (ctx.region.clone(), SmolStr::new(name));
    if twin
        .services
        .autoscaling
        .launch_configurations
        .contains_key(&key)
    {
        return Err(ApiError::new(
            "AlreadyExists",
            format!(
                "Launch Configuration by this name already exists - A launch configuration already exists with the name {name}"
            ),
        ));
    }
    for device in &request.block_device_mappings {
        read_device(device)?;
    }
    let (region, account, number) = (&ctx.region, &ctx.account, uuid(twin));
    let made = LaunchConfiguration {
        launch_configuration_name: name.into(),
        launch_configuration_arn: format_smolstr!(
            "arn:aws:autoscaling:{region}:{account}:launchConfiguration:{number}:launchConfigurationName/{name}"
        ),
        image_id: request.image_id,
        key_name: Some(request.key_name.unwrap_or_default()),
        security_groups: request.security_groups,
        user_data: request.user_data,
        instance_type: request.instance_type,
        block_device_mappings: request.block_device_mappings,
        instance_monitoring: InstanceMonitoring {
            // Launch configurations have it on unless told otherwise.
            enabled: Some(
                request
                    .instance_monitoring
                    .and_then(|it| it.enabled)
                    .unwrap_or(true),
            ),
        },
        iam_instance_profile: request.iam_instance_profile,
        created_time: twin.now(),
        ebs_optimized: request.ebs_optimized,
        associate_public_ip_address: request.associate_public_ip_address,
    };
    let all = &mut twin.services.autoscaling.launch_configurations;
    all.insert(key, made);
    Ok(())
}

/// A volume as `RunInstances` takes it.
pub(super) fn read_device(device: &WantedDevice) -> Result<BlockDevice, ApiError> {
    let value = serde_json::to_value(device).and_then(|mut value| {
        strip_nulls(&mut value);
        serde_json::from_value(value)
    });
    value.map_err(|error| validation(format!("Invalid block device mapping: {error}")))
}

fn strip_nulls(value: &mut serde_json::Value) {
    if let serde_json::Value::Object(members) = value {
        members.retain(|_, it| !it.is_null());
        members.values_mut().for_each(strip_nulls);
    }
}

/// Lists launch configurations; names that are not there are left out.
///
/// # Errors
/// `InvalidNextToken`, `ValidationError`.
pub fn describe_launch_configurations(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeLaunchConfigurationsRequest,
) -> Result<DescribedLaunchConfigurations, ApiError> {
    let names = &request.launch_configuration_names;
    let all = &twin.services.autoscaling.launch_configurations;
    let found = all
        .iter()
        .filter(|((region, name), _)| {
            *region == ctx.region
                && (names.is_empty() || names.iter().any(|it| it == name.as_str()))
        })
        .map(|((_, name), it)| (name.to_string(), it.clone()))
        .collect();
    let token = request.next_token.as_deref();
    let (launch_configurations, next_token) = paged(found, token, request.max_records, 50)?;
    Ok(DescribedLaunchConfigurations {
        launch_configurations,
        next_token,
    })
}

/// Deletes a launch configuration.
///
/// # Errors
/// `ResourceInUse` while a group has it, `ValidationError` when it is not there.
pub fn delete_launch_configuration(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteLaunchConfigurationRequest,
) -> Result<(), ApiError> {
    let name = required(
        "launchConfigurationName",
        &request.launch_configuration_name,
    )?;
    check_known(twin, ctx, name)?;
    let mut groups = twin.state.all::<AutoScalingGroup>(&ctx.region);
    let user = groups.find(|it| it.launch_configuration_name.as_deref() == Some(name));
    if let Some(group) = user {
        return Err(ApiError::new(
            "ResourceInUse",
            format!(
                "Cannot delete launch configuration {name} because it is attached to AutoScalingGroup {}",
                group.auto_scaling_group_name
            ),
        ));
    }
    let key = (ctx.region.clone(), SmolStr::new(name));
    twin.services.autoscaling.launch_configurations.remove(&key);
    Ok(())
}

/// Checks that a launch configuration is there.
///
/// # Errors
/// `ValidationError`.
pub(super) fn check_known(twin: &Twin, ctx: &Ctx, name: &str) -> Result<(), ApiError> {
    let key = (ctx.region.clone(), SmolStr::new(name));
    match twin
        .services
        .autoscaling
        .launch_configurations
        .contains_key(&key)
    {
        true => Ok(()),
        false => Err(validation(format!(
            "Launch configuration name not found - Launch configuration {name} not found"
        ))),
    }
}
