//! Auto Scaling groups, as far as they say what may start in a subnet.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{AutoScalingGroupId, SubnetId, Tags};

/// An Auto Scaling group. Read only as evidence: a group that may launch into a subnet is a reason
/// not to call that subnet unused (waste catalogue, section 2, `future(v)`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AutoScalingGroup {
    /// The id, made of the name: see [`AutoScalingGroupId::from_name`].
    pub auto_scaling_group_id: AutoScalingGroupId,
    /// The name, by which AWS knows the group.
    pub auto_scaling_group_name: SmolStr,
    /// The least number of instances.
    #[serde(default)]
    pub min_size: u32,
    /// The greatest number of instances.
    #[serde(default)]
    pub max_size: u32,
    /// The number wanted now.
    #[serde(default)]
    pub desired_capacity: u32,
    /// The subnets, separated by commas.
    #[serde(default, rename = "VPCZoneIdentifier", alias = "VpcZoneIdentifier")]
    pub vpc_zone_identifier: SmolStr,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl AutoScalingGroup {
    /// The subnets into which the group launches.
    pub fn subnet_ids(&self) -> impl Iterator<Item = SubnetId> {
        self.vpc_zone_identifier
            .split(',')
            .filter_map(|id| SubnetId::new(id.trim()).ok())
    }
}
