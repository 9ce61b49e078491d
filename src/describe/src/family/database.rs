//! RDS instances, snapshots and subnet groups.

use aws_sdk_rds::types;
use sandtable_model::Kind;

use super::{all, present};
use crate::answer::{Answer, Object, answers, resource};
use crate::clients::Clients;
use crate::error::ReadError;
use crate::list::{Listing, call};

/// Entries on a page: AWS takes no more (API reference, `MaxRecords`).
const PAGE: i32 = 100;

/// Every database instance.
pub(crate) async fn instances(clients: &Clients) -> Result<Listing, ReadError> {
    let asked = clients.rds.describe_db_instances().into_paginator();
    let asked = asked.page_size(PAGE).send();
    let mut listing = Listing::default();
    for it in all("DescribeDBInstances", asked, |it| {
        (it.db_instances, it.marker)
    })
    .await?
    {
        listing.take(resource(
            Kind::DbInstance,
            Some(&clients.region),
            it.answer(),
        ));
    }
    Ok(listing)
}

/// Every snapshot of the account's own, manual and automated.
pub(crate) async fn snapshots(clients: &Clients) -> Result<Listing, ReadError> {
    let asked = clients.rds.describe_db_snapshots().into_paginator();
    let asked = asked.page_size(PAGE).send();
    let mut listing = Listing::default();
    for it in all("DescribeDBSnapshots", asked, |it| {
        (it.db_snapshots, it.marker)
    })
    .await?
    {
        listing.take(resource(
            Kind::DbSnapshot,
            Some(&clients.region),
            it.answer(),
        ));
    }
    Ok(listing)
}

/// Every subnet group with its tags, which take a call each.
pub(crate) async fn subnet_groups(clients: &Clients) -> Result<Listing, ReadError> {
    let asked = clients.rds.describe_db_subnet_groups().into_paginator();
    let asked = asked.page_size(PAGE).send();
    let mut listing = Listing::default();
    for group in all("DescribeDBSubnetGroups", asked, |it| {
        (it.db_subnet_groups, it.marker)
    })
    .await?
    {
        let asked = clients.rds.list_tags_for_resource();
        let asked = asked.set_resource_name(group.db_subnet_group_arn.clone());
        let answer = asked.send().await;
        let answer = answer.map_err(|error| call("ListTagsForResource", &error));
        let Some(answer) = present(answer)? else {
            continue;
        };
        let group = Object::of(group).with("Tags", answer.tag_list);
        listing.take(resource(Kind::DbSubnetGroup, Some(&clients.region), group));
    }
    Ok(listing)
}

answers! {
    types::DbInstance {
        db_instance_identifier = "DBInstanceIdentifier", db_instance_arn = "DBInstanceArn",
        dbi_resource_id, db_instance_class = "DBInstanceClass", engine, engine_version,
        db_instance_status = "DBInstanceStatus", db_name = "DBName", master_username, endpoint,
        allocated_storage, storage_type, iops, storage_encrypted, instance_create_time,
        backup_retention_period, vpc_security_groups, availability_zone,
        db_subnet_group = "DBSubnetGroup", multi_az = "MultiAZ", auto_minor_version_upgrade,
        license_model, publicly_accessible, db_cluster_identifier = "DBClusterIdentifier",
        read_replica_source_db_instance_identifier = "ReadReplicaSourceDBInstanceIdentifier",
        read_replica_db_instance_identifiers = "ReadReplicaDBInstanceIdentifiers",
        deletion_protection, copy_tags_to_snapshot, automatic_restart_time, tag_list,
    }
    types::Endpoint { address, port, hosted_zone_id }
    types::VpcSecurityGroupMembership { vpc_security_group_id, status }
    types::DbSnapshot {
        db_snapshot_identifier = "DBSnapshotIdentifier", db_snapshot_arn = "DBSnapshotArn",
        db_instance_identifier = "DBInstanceIdentifier", snapshot_create_time,
        instance_create_time, status, percent_progress, snapshot_type, engine, engine_version,
        allocated_storage, storage_type, encrypted, port, availability_zone, vpc_id,
        master_username, dbi_resource_id,
        source_db_snapshot_identifier = "SourceDBSnapshotIdentifier", tag_list,
    }
    types::DbSubnetGroup {
        db_subnet_group_name = "DBSubnetGroupName",
        db_subnet_group_description = "DBSubnetGroupDescription",
        db_subnet_group_arn = "DBSubnetGroupArn", vpc_id, subnet_group_status, subnets,
    }
    types::Subnet { subnet_identifier, subnet_availability_zone, subnet_status }
    types::AvailabilityZone { name }
    types::Tag { key, value }
}
