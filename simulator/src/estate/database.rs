//! RDS instances, their snapshots and subnet groups.

use sandtable_model::resource::SecurityGroup;
use sandtable_model::{Kind, ResourceId, SubnetId};
use serde_json::json;

use super::Builder;
use super::balance::Service;
use super::network::Network;

/// A database in both zones, with a snapshot of last night and one that somebody made.
pub(super) fn database(
    builder: &mut Builder,
    network: &Network,
    other: &SubnetId,
    guard: &SecurityGroup,
    status: &str,
) -> ResourceId {
    let name = format!("orders-{}", builder.cells);
    subnet_group(builder, network, other, &name);
    let (since, size) = (Builder::days_ago(300), builder.between(20, 400));
    let id = builder.named_id(Kind::DbInstance, &name);
    let zone = format!("{}a", builder.region);
    let told = json!({
        "DbInstanceId": id, "DBInstanceIdentifier": name, "DBInstanceClass": "db.m6g.large",
        "DBInstanceArn": builder.arn("rds", &format!("db:{name}")),
        "Engine": "postgres", "EngineVersion": "16.3", "DBInstanceStatus": status,
        "MasterUsername": "postgres", "AllocatedStorage": size, "StorageType": "gp3",
        "StorageEncrypted": true, "InstanceCreateTime": since, "BackupRetentionPeriod": 7,
        "VpcSecurityGroups": [{"VpcSecurityGroupId": guard.group_id, "Status": "active"}],
        "AvailabilityZone": zone, "MultiAZ": false, "DeletionProtection": status == "available",
        "DBSubnetGroup": {"DBSubnetGroupName": name, "VpcId": network.vpc},
        "Endpoint": {"Address": format!("{name}.abcdefghijkl.{}.rds.amazonaws.com", builder.region),
                     "Port": 5432},
    });
    builder.put(Kind::DbInstance, told);
    db_snapshot(builder, network, &name, "nightly", "automated", (1, size));
    db_snapshot(builder, network, &name, "upgrade", "manual", (80, size));
    let it = Service {
        owner: "amazon-rds",
        text: "RDSNetworkInterface".to_owned(),
        kind: "interface",
        group: Some(guard),
    };
    it.interface(builder, network, &network.private, 1);
    id
}

/// A group of the subnets in both zones.
pub(super) fn subnet_group(
    builder: &mut Builder,
    network: &Network,
    other: &SubnetId,
    name: &str,
) -> ResourceId {
    let subnets = [(&network.private, "a"), (other, "b")].map(|(subnet, letter)| {
        json!({
            "SubnetIdentifier": subnet, "SubnetStatus": "Active",
            "SubnetAvailabilityZone": {"Name": format!("{}{letter}", builder.region)},
        })
    });
    let id = builder.named_id(Kind::DbSubnetGroup, name);
    let told = json!({
        "DbSubnetGroupId": id, "DBSubnetGroupName": name, "DBSubnetGroupDescription": name,
        "DBSubnetGroupArn": builder.arn("rds", &format!("subgrp:{name}")),
        "VpcId": network.vpc, "SubnetGroupStatus": "Complete", "Subnets": subnets,
    });
    builder.put(Kind::DbSubnetGroup, told);
    id
}

/// A snapshot of a database (which need not be there any more), by age in days and size.
pub(super) fn db_snapshot(
    builder: &mut Builder,
    network: &Network,
    database: &str,
    suffix: &str,
    kind: &str,
    (days, size): (i64, u32),
) -> ResourceId {
    let name = match kind {
        "automated" => format!("rds:{database}-{suffix}"),
        _ => format!("{database}-{suffix}"),
    };
    let id = builder.named_id(Kind::DbSnapshot, &name);
    let told = json!({
        "DbSnapshotId": id, "DBSnapshotIdentifier": name, "DBInstanceIdentifier": database,
        "DBSnapshotArn": builder.arn("rds", &format!("snapshot:{name}")),
        "SnapshotCreateTime": Builder::days_ago(days), "Status": "available",
        "PercentProgress": 100, "SnapshotType": kind, "Engine": "postgres",
        "EngineVersion": "16.3", "AllocatedStorage": size, "StorageType": "gp3",
        "Encrypted": true, "VpcId": network.vpc, "MasterUsername": "postgres",
    });
    builder.put(Kind::DbSnapshot, told);
    id
}
