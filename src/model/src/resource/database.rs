//! RDS instances, snapshots and subnet groups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{DbInstanceId, DbSnapshotId, DbSubnetGroupId, Tags};

/// A DB instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbInstance {
    /// The id, made of the name: see [`DbInstanceId::from_name`].
    pub db_instance_id: DbInstanceId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A DB snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbSnapshot {
    /// The id, made of the name: see [`DbSnapshotId::from_name`].
    pub db_snapshot_id: DbSnapshotId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A DB subnet group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbSubnetGroup {
    /// The id, made of the name: see [`DbSubnetGroupId::from_name`].
    pub db_subnet_group_id: DbSubnetGroupId,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}
