//! Describing DB instances; there are no clusters.

use sandtable_model::resource::{DbInstance, DbSubnetGroup};
use serde_json::Value;

use super::{DbFilter, instance, paged, passes, subnet_group};
use crate::network::request::{answers, requests};
use crate::services::common::shown;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeDBInstances.
    DescribeDbInstancesRequest {
        #[serde(rename = "DBInstanceIdentifier")]
        db_instance_identifier: Option<String>,
        filters: Vec<DbFilter>,
        max_records: Option<i64>,
        marker: Option<String>,
    }
    /// DescribeDBClusters.
    DescribeDbClustersRequest {
        #[serde(rename = "DBClusterIdentifier")]
        db_cluster_identifier: Option<String>,
        filters: Vec<DbFilter>,
        max_records: Option<i64>,
        marker: Option<String>,
        include_shared: bool,
    }
}

answers! {
    /// The answer of DescribeDBInstances.
    DescribedDbInstances {
        #[serde(rename = "DBInstances")]
        db_instances: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        marker: Option<String>,
    }
    /// The answer of DescribeDBClusters.
    DescribedDbClusters {
        #[serde(rename = "DBClusters")]
        db_clusters: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        marker: Option<String>,
    }
}

/// A subnet group as answers show it.
pub(super) fn show_group(group: &DbSubnetGroup) -> Result<Value, ApiError> {
    shown(group, &["DbSubnetGroupId", "Tags"])
}

/// An instance as answers show it: with its whole subnet group.
pub(super) fn show(twin: &Twin, ctx: &Ctx, instance: &DbInstance) -> Result<Value, ApiError> {
    let mut value = shown(instance, &["DbInstanceId"])?;
    let group = instance.db_subnet_group.as_ref();
    let group = group.and_then(|it| subnet_group(twin, ctx, &it.db_subnet_group_name).ok());
    if let (Value::Object(members), Some(group)) = (&mut value, group) {
        members.insert("DBSubnetGroup".to_owned(), show_group(group)?);
    }
    Ok(value)
}

/// Lists DB instances.
///
/// # Errors
/// `DBInstanceNotFound`, `InvalidParameterValue`.
pub fn describe_db_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeDbInstancesRequest,
) -> Result<DescribedDbInstances, ApiError> {
    let mut found = Vec::new();
    let all: Vec<&DbInstance> = match request.db_instance_identifier.as_deref() {
        Some(name) => vec![instance(twin, ctx, name)?],
        None => twin.state.all(&ctx.region).collect(),
    };
    for it in all {
        let passes = passes(&request.filters, |name| {
            Some(match name {
                "db-instance-id" => vec![
                    it.db_instance_identifier.as_str(),
                    it.db_instance_arn.as_str(),
                ],
                "db-cluster-id" => it.db_cluster_identifier.as_deref().into_iter().collect(),
                "dbi-resource-id" => it.dbi_resource_id.as_deref().into_iter().collect(),
                "engine" => vec![it.engine.as_str()],
                // No instance is in a directory.
                "domain" => Vec::new(),
                _ => return None,
            })
        })?;
        if passes {
            found.push((it.db_instance_identifier.to_string(), show(twin, ctx, it)?));
        }
    }
    let (db_instances, marker) = paged(found, request.marker.as_deref(), request.max_records)?;
    Ok(DescribedDbInstances {
        db_instances,
        marker,
    })
}

/// Lists DB clusters, of which there are none.
///
/// # Errors
/// `DBClusterNotFoundFault` for any name, `InvalidParameterValue`.
pub fn describe_db_clusters(
    _: &mut Twin,
    _: &Ctx,
    request: DescribeDbClustersRequest,
) -> Result<DescribedDbClusters, ApiError> {
    if let Some(name) = request.db_cluster_identifier {
        return Err(ApiError::new(
            "DBClusterNotFoundFault",
            format!("DBCluster {name} not found."),
        ));
    }
    let known = [
        "clone-group-id",
        "db-cluster-id",
        "db-cluster-resource-id",
        "domain",
        "engine",
    ];
    passes(&request.filters, |name| {
        known.contains(&name).then(Vec::new)
    })?;
    let (db_clusters, marker) = paged(Vec::new(), request.marker.as_deref(), request.max_records)?;
    Ok(DescribedDbClusters {
        db_clusters,
        marker,
    })
}
