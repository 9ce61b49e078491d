//! Auto Scaling groups: what keeps instances at a number, whoever terminates them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{AutoScalingGroupId, InstanceId, SubnetId, Tags, Timestamp};

/// An Auto Scaling group. A group that may launch into a subnet is a reason not to call that subnet
/// unused (waste catalogue, section 2, `future(v)`), and to delete an instance of a group is futile:
/// the group launches another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AutoScalingGroup {
    /// The id, made of the name: see [`AutoScalingGroupId::from_name`].
    pub auto_scaling_group_id: AutoScalingGroupId,
    /// The name, by which AWS knows the group.
    pub auto_scaling_group_name: SmolStr,
    /// The ARN.
    #[serde(
        default,
        rename = "AutoScalingGroupARN",
        alias = "AutoScalingGroupArn",
        skip_serializing_if = "Option::is_none"
    )]
    pub auto_scaling_group_arn: Option<SmolStr>,
    /// The launch configuration that instances are launched with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_configuration_name: Option<SmolStr>,
    /// The launch template that instances are launched with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_template: Option<LaunchTemplateSpecification>,
    /// The least number of instances.
    #[serde(default)]
    pub min_size: u32,
    /// The greatest number of instances.
    #[serde(default)]
    pub max_size: u32,
    /// The number wanted now.
    #[serde(default)]
    pub desired_capacity: u32,
    /// The seconds between two scalings by a policy.
    #[serde(default = "cooldown")]
    pub default_cooldown: u32,
    /// The zones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub availability_zones: Vec<SmolStr>,
    /// The subnets, separated by commas.
    #[serde(default, rename = "VPCZoneIdentifier", alias = "VpcZoneIdentifier")]
    pub vpc_zone_identifier: SmolStr,
    /// Classic Load Balancers that its instances are registered with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub load_balancer_names: Vec<SmolStr>,
    /// Target groups that its instances are registered with.
    #[serde(
        default,
        rename = "TargetGroupARNs",
        alias = "TargetGroupArns",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub target_group_arns: Vec<SmolStr>,
    /// What tells that an instance is to be replaced: `EC2` or `ELB`.
    #[serde(default = "ec2")]
    pub health_check_type: SmolStr,
    /// The seconds for which a new instance is not checked.
    #[serde(default)]
    pub health_check_grace_period: u32,
    /// Its instances.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<GroupInstance>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
    /// The processes that are suspended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspended_processes: Vec<SuspendedProcess>,
    /// `Delete in progress` while it is being deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<SmolStr>,
    /// How instances are chosen for termination.
    #[serde(default = "default_policies")]
    pub termination_policies: Vec<SmolStr>,
    /// Whether new instances are protected from scale-in.
    #[serde(default)]
    pub new_instances_protected_from_scale_in: bool,
    /// The keys of the tags that new instances get, too (`PropagateAtLaunch`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub propagated_tag_keys: Vec<SmolStr>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

const fn cooldown() -> u32 {
    300
}

fn ec2() -> SmolStr {
    SmolStr::new_static("EC2")
}

fn default_policies() -> Vec<SmolStr> {
    vec![SmolStr::new_static("Default")]
}

impl AutoScalingGroup {
    /// The subnets into which the group launches.
    pub fn subnet_ids(&self) -> impl Iterator<Item = SubnetId> {
        self.vpc_zone_identifier
            .split(',')
            .filter_map(|id| SubnetId::new(id.trim()).ok())
    }

    /// Whether it is being deleted.
    pub fn is_deleting(&self) -> bool {
        self.status.as_deref() == Some("Delete in progress")
    }

    /// Whether a process is suspended.
    pub fn is_suspended(&self, process: &str) -> bool {
        let mut all = self.suspended_processes.iter();
        all.any(|it| it.process_name == process)
    }
}

/// A launch template and a version of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct LaunchTemplateSpecification {
    /// The template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_template_id: Option<SmolStr>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_template_name: Option<SmolStr>,
    /// The version: a number, `$Latest` or `$Default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<SmolStr>,
}

/// An instance of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GroupInstance {
    /// The instance.
    pub instance_id: InstanceId,
    /// Its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<SmolStr>,
    /// Its zone.
    #[serde(default)]
    pub availability_zone: SmolStr,
    /// `Pending`, `InService`, `Terminating`, `Detaching`, …
    #[serde(default = "in_service")]
    pub lifecycle_state: SmolStr,
    /// `Healthy` or `Unhealthy`.
    #[serde(default = "healthy")]
    pub health_status: SmolStr,
    /// The launch configuration that it was launched with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_configuration_name: Option<SmolStr>,
    /// The launch template that it was launched with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_template: Option<LaunchTemplateSpecification>,
    /// Whether it is protected from scale-in.
    #[serde(default)]
    pub protected_from_scale_in: bool,
}

fn in_service() -> SmolStr {
    SmolStr::new_static("InService")
}

fn healthy() -> SmolStr {
    SmolStr::new_static("Healthy")
}

/// A process of a group that is suspended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SuspendedProcess {
    /// The process (`Launch`, `Terminate`, `ReplaceUnhealthy`, …).
    pub process_name: SmolStr,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension_reason: Option<SmolStr>,
}
