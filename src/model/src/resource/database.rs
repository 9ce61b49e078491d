//! RDS instances, snapshots and subnet groups. Clusters are not modelled.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{
    DbInstanceId, DbSnapshotId, DbSubnetGroupId, SecurityGroupId, SubnetId, Tags, Timestamp, VpcId,
};

/// A DB instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbInstance {
    /// The id, made of the identifier: see [`DbInstanceId::from_name`].
    pub db_instance_id: DbInstanceId,
    /// The identifier, by which AWS knows it.
    #[serde(rename = "DBInstanceIdentifier")]
    pub db_instance_identifier: SmolStr,
    /// The ARN.
    #[serde(default, rename = "DBInstanceArn")]
    pub db_instance_arn: SmolStr,
    /// The id that survives a change of the identifier (`db-…` in capitals).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dbi_resource_id: Option<SmolStr>,
    /// The class (`db.t3.micro`).
    #[serde(rename = "DBInstanceClass")]
    pub db_instance_class: SmolStr,
    /// The engine (`postgres`).
    pub engine: SmolStr,
    /// The engine's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<SmolStr>,
    /// The state (`creating`, `available`, `stopping`, `stopped`, `starting`, `rebooting`,
    /// `backing-up`, `modifying`, `deleting`, …).
    #[serde(default = "available", rename = "DBInstanceStatus")]
    pub db_instance_status: SmolStr,
    /// The name of the first database.
    #[serde(default, rename = "DBName", skip_serializing_if = "Option::is_none")]
    pub db_name: Option<SmolStr>,
    /// The user that may do all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_username: Option<SmolStr>,
    /// Where clients reach it; absent until it was first available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<DbEndpoint>,
    /// The storage, in GiB.
    #[serde(default)]
    pub allocated_storage: u32,
    /// The type of storage (`gp3`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_type: Option<SmolStr>,
    /// Provisioned operations per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iops: Option<u32>,
    /// Whether the storage is encrypted.
    #[serde(default)]
    pub storage_encrypted: bool,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_create_time: Option<Timestamp>,
    /// For how many days automated backups are kept; 0 is none.
    #[serde(default)]
    pub backup_retention_period: u32,
    /// Its security groups.
    #[serde(default)]
    pub vpc_security_groups: Vec<DbSecurityGroup>,
    /// The zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<SmolStr>,
    /// The subnets in which it may stand.
    #[serde(
        default,
        rename = "DBSubnetGroup",
        skip_serializing_if = "Option::is_none"
    )]
    pub db_subnet_group: Option<DbSubnetGroupRef>,
    /// Whether there is a standby in another zone.
    #[serde(default, rename = "MultiAZ")]
    pub multi_az: bool,
    /// Whether minor versions are installed by AWS.
    #[serde(default = "yes")]
    pub auto_minor_version_upgrade: bool,
    /// The licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license_model: Option<SmolStr>,
    /// Whether its name leads to a public address.
    #[serde(default)]
    pub publicly_accessible: bool,
    /// The cluster that it belongs to.
    #[serde(
        default,
        rename = "DBClusterIdentifier",
        skip_serializing_if = "Option::is_none"
    )]
    pub db_cluster_identifier: Option<SmolStr>,
    /// The instance of which this is a read replica.
    #[serde(
        default,
        rename = "ReadReplicaSourceDBInstanceIdentifier",
        skip_serializing_if = "Option::is_none"
    )]
    pub read_replica_source_db_instance_identifier: Option<SmolStr>,
    /// Its read replicas.
    #[serde(
        default,
        rename = "ReadReplicaDBInstanceIdentifiers",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub read_replica_db_instance_identifiers: Vec<SmolStr>,
    /// Whether deletion is forbidden.
    #[serde(default)]
    pub deletion_protection: bool,
    /// Whether snapshots get its tags.
    #[serde(default)]
    pub copy_tags_to_snapshot: bool,
    /// When AWS starts it again, after it was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic_restart_time: Option<Timestamp>,
    /// Tags.
    #[serde(default, rename = "TagList", alias = "Tags")]
    pub tags: Tags,
}

fn available() -> SmolStr {
    SmolStr::new_static("available")
}

const fn yes() -> bool {
    true
}

/// Where clients reach a DB instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct DbEndpoint {
    /// The host name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<SmolStr>,
    /// The port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u32>,
    /// The hosted zone of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosted_zone_id: Option<SmolStr>,
}

/// A security group of a DB instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbSecurityGroup {
    /// The group.
    pub vpc_security_group_id: SecurityGroupId,
    /// `active` when it applies.
    #[serde(default = "active")]
    pub status: SmolStr,
}

fn active() -> SmolStr {
    SmolStr::new_static("active")
}

/// The subnet group of a DB instance. Describe answers repeat the whole group here; documents have it
/// among the subnet groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbSubnetGroupRef {
    /// The name.
    #[serde(rename = "DBSubnetGroupName")]
    pub db_subnet_group_name: SmolStr,
    /// The VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
}

/// A DB snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbSnapshot {
    /// The id, made of the identifier: see [`DbSnapshotId::from_name`].
    pub db_snapshot_id: DbSnapshotId,
    /// The identifier, by which AWS knows it.
    #[serde(rename = "DBSnapshotIdentifier")]
    pub db_snapshot_identifier: SmolStr,
    /// The ARN.
    #[serde(default, rename = "DBSnapshotArn")]
    pub db_snapshot_arn: SmolStr,
    /// The instance that it was made of.
    #[serde(rename = "DBInstanceIdentifier")]
    pub db_instance_identifier: SmolStr,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_create_time: Option<Timestamp>,
    /// Since when the instance was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_create_time: Option<Timestamp>,
    /// `creating`, `available`, `deleting` or `failed`.
    #[serde(default = "available")]
    pub status: SmolStr,
    /// How much of it is made.
    #[serde(default = "all_of_it")]
    pub percent_progress: u32,
    /// `manual`, `automated` or `awsbackup`.
    #[serde(default = "manual")]
    pub snapshot_type: SmolStr,
    /// The engine.
    pub engine: SmolStr,
    /// The engine's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<SmolStr>,
    /// The storage of the instance, in GiB.
    #[serde(default)]
    pub allocated_storage: u32,
    /// The type of storage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_type: Option<SmolStr>,
    /// Whether it is encrypted.
    #[serde(default)]
    pub encrypted: bool,
    /// The instance's port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u32>,
    /// The instance's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<SmolStr>,
    /// The instance's VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    /// The user that may do all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_username: Option<SmolStr>,
    /// The instance's id that survives a change of the identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dbi_resource_id: Option<SmolStr>,
    /// The snapshot of which this is a copy.
    #[serde(
        default,
        rename = "SourceDBSnapshotIdentifier",
        skip_serializing_if = "Option::is_none"
    )]
    pub source_db_snapshot_identifier: Option<SmolStr>,
    /// Tags.
    #[serde(default, rename = "TagList", alias = "Tags")]
    pub tags: Tags,
}

const fn all_of_it() -> u32 {
    100
}

fn manual() -> SmolStr {
    SmolStr::new_static("manual")
}

/// A DB subnet group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbSubnetGroup {
    /// The id, made of the name: see [`DbSubnetGroupId::from_name`].
    pub db_subnet_group_id: DbSubnetGroupId,
    /// The name, by which AWS knows it.
    #[serde(rename = "DBSubnetGroupName")]
    pub db_subnet_group_name: SmolStr,
    /// What it is for.
    #[serde(default, rename = "DBSubnetGroupDescription")]
    pub db_subnet_group_description: SmolStr,
    /// The ARN.
    #[serde(default, rename = "DBSubnetGroupArn")]
    pub db_subnet_group_arn: SmolStr,
    /// The VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    /// `Complete`.
    #[serde(default = "complete")]
    pub subnet_group_status: SmolStr,
    /// The subnets.
    #[serde(default)]
    pub subnets: Vec<DbSubnet>,
    /// Tags: `list-tags-for-resource`.
    #[serde(default)]
    pub tags: Tags,
}

fn complete() -> SmolStr {
    SmolStr::new_static("Complete")
}

/// A subnet of a DB subnet group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbSubnet {
    /// The subnet.
    pub subnet_identifier: SubnetId,
    /// Its zone.
    #[serde(default)]
    pub subnet_availability_zone: DbZone,
    /// `Active`.
    #[serde(default = "active_subnet")]
    pub subnet_status: SmolStr,
}

fn active_subnet() -> SmolStr {
    SmolStr::new_static("Active")
}

/// The zone of a subnet of a DB subnet group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct DbZone {
    /// The name.
    pub name: SmolStr,
}
