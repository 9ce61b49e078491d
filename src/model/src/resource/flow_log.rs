//! Flow logs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{FlowLogId, Tags, Timestamp};

/// A flow log: records of the traffic of a VPC, subnet, interface or transit gateway. What is paid
/// for is the delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FlowLog {
    /// The id.
    pub flow_log_id: FlowLogId,
    /// What is recorded: the id of a VPC, subnet, interface, transit gateway or the like.
    pub resource_id: SmolStr,
    /// `ACCEPT`, `REJECT` or `ALL`; absent for transit gateways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic_type: Option<SmolStr>,
    /// `ACTIVE`.
    #[serde(default = "active")]
    pub flow_log_status: SmolStr,
    /// `cloud-watch-logs`, `s3` or `kinesis-data-firehose`.
    #[serde(default = "cloud_watch_logs")]
    pub log_destination_type: SmolStr,
    /// The ARN of the destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_destination: Option<SmolStr>,
    /// The log group, for `cloud-watch-logs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_group_name: Option<SmolStr>,
    /// The role that may write to the log group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_logs_permission_arn: Option<SmolStr>,
    /// The role that may write in another account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_cross_account_role: Option<SmolStr>,
    /// `SUCCESS` or `FAILED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_logs_status: Option<SmolStr>,
    /// Why, when delivery fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_logs_error_message: Option<SmolStr>,
    /// The fields of a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_format: Option<SmolStr>,
    /// Seconds that are put together in a record: 60 or 600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_aggregation_interval: Option<i32>,
    /// How files are written, for `s3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_options: Option<DestinationOptions>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<Timestamp>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

fn active() -> SmolStr {
    SmolStr::new_static("ACTIVE")
}

fn cloud_watch_logs() -> SmolStr {
    SmolStr::new_static("cloud-watch-logs")
}

/// How the files of a flow log are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct DestinationOptions {
    /// `plain-text` or `parquet`.
    pub file_format: SmolStr,
    /// Whether prefixes are Hive's.
    pub hive_compatible_partitions: bool,
    /// Whether there is a folder an hour.
    pub per_hour_partition: bool,
}

impl Default for DestinationOptions {
    fn default() -> Self {
        DestinationOptions {
            file_format: SmolStr::new_static("plain-text"),
            hive_compatible_partitions: false,
            per_hour_partition: false,
        }
    }
}
