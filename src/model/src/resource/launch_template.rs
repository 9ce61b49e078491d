//! Launch templates, with their versions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{LaunchTemplateId, Tags, Timestamp};

/// A launch template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LaunchTemplate {
    /// The id.
    pub launch_template_id: LaunchTemplateId,
    /// The name, which no other template of the Region has.
    #[serde(default)]
    pub launch_template_name: SmolStr,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time: Option<Timestamp>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<SmolStr>,
    /// The version that is used when none is named.
    #[serde(default = "first")]
    pub default_version_number: u64,
    /// The greatest number that one of its versions has.
    #[serde(default = "first")]
    pub latest_version_number: u64,
    /// The versions, which AWS tells in an answer of their own (`DescribeLaunchTemplateVersions`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<LaunchTemplateVersion>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

const fn first() -> u64 {
    1
}

impl LaunchTemplate {
    /// The version with this number.
    pub fn version(&self, number: u64) -> Option<&LaunchTemplateVersion> {
        self.versions.iter().find(|it| it.version_number == number)
    }

    /// The version with the greatest number that is still there. AWS calls it `$Latest`.
    pub fn latest(&self) -> Option<&LaunchTemplateVersion> {
        self.versions.iter().max_by_key(|it| it.version_number)
    }
}

/// A version of a launch template; it never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LaunchTemplateVersion {
    /// Its number.
    pub version_number: u64,
    /// What its author says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_description: Option<SmolStr>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time: Option<Timestamp>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<SmolStr>,
    /// What instances are launched with.
    #[serde(default)]
    pub launch_template_data: LaunchTemplateData,
}

/// What instances are launched with: typed where it names other resources, otherwise as AWS tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct LaunchTemplateData {
    /// The AMI: its id, or `resolve:ssm:` and a parameter that holds one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_id: Option<SmolStr>,
    /// The type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<SmolStr>,
    /// The key pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_name: Option<SmolStr>,
    /// Security groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security_group_ids: Vec<SmolStr>,
    /// Volumes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub block_device_mappings: Vec<LaunchTemplateDevice>,
    /// Network interfaces.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network_interfaces: Vec<LaunchTemplateInterface>,
    /// Everything else, under AWS's names.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// A device of a launch template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct LaunchTemplateDevice {
    /// The device name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_name: Option<SmolStr>,
    /// The volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ebs: Option<LaunchTemplateEbs>,
    /// Everything else, under AWS's names.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// The volume behind a device of a launch template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct LaunchTemplateEbs {
    /// The snapshot that the volume starts from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<SmolStr>,
    /// Everything else, under AWS's names.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// A network interface of a launch template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct LaunchTemplateInterface {
    /// The subnet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<SmolStr>,
    /// An interface that is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<SmolStr>,
    /// Security groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<SmolStr>,
    /// Everything else, under AWS's names.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl LaunchTemplateData {
    /// What names other resources: AMI, security groups, subnets, interfaces and snapshots.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        let interfaces = self.network_interfaces.iter().flat_map(|it| {
            let places = it.subnet_id.iter().chain(&it.network_interface_id);
            places.chain(&it.groups)
        });
        let snapshots = self
            .block_device_mappings
            .iter()
            .filter_map(|it| it.ebs.as_ref()?.snapshot_id.as_ref());
        let own = self.image_id.iter().chain(&self.security_group_ids);
        own.chain(interfaces).chain(snapshots).map(SmolStr::as_str)
    }
}
