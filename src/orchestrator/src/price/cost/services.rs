//! Load balancers and databases.

use sandtable_model::resource::{
    ClassicLoadBalancer, DbInstance, DbSnapshot, LoadBalancer, LoadBalancerStateCode,
    LoadBalancerType,
};

use super::Priced;
use super::sum::Sum;

/// By the hour; what it carries is billed beside that.
pub(super) fn load_balancer(balancer: &LoadBalancer, sum: Sum<'_>) -> Priced {
    if balancer.state.code == LoadBalancerStateCode::Failed {
        return Priced::Free;
    }
    let (skus, what): (&[&str], &str) = match &balancer.r#type {
        LoadBalancerType::Application => (
            &["ALB:LoadBalancerUsage", "ALB-or-NLB:LoadBalancerUsage"],
            "Application Load Balancer, traffic aside",
        ),
        LoadBalancerType::Network => (
            &["NLB:LoadBalancerUsage", "ALB-or-NLB:LoadBalancerUsage"],
            "Network Load Balancer, traffic aside",
        ),
        LoadBalancerType::Gateway => (
            &["GWLB:LoadBalancerUsage"],
            "Gateway Load Balancer, traffic aside",
        ),
        LoadBalancerType::Other(kind) => {
            let reason = format!("load balancers of type `{kind}` are not in the price table");
            return Priced::Unknown { reason };
        }
    };
    sum.per_hour_of(skus, 1, what).done()
}

pub(super) fn classic_load_balancer(_: &ClassicLoadBalancer, sum: Sum<'_>) -> Priced {
    sum.per_hour(
        "CLB:LoadBalancerUsage",
        1,
        "Classic Load Balancer, traffic aside",
    )
    .done()
}

/// Instance hours while it runs, and its storage always: a stopped database goes on costing that.
pub(super) fn db_instance(it: &DbInstance, sum: Sum<'_>) -> Priced {
    if it.db_cluster_identifier.is_some() {
        return Priced::Unknown {
            reason: "members of Aurora clusters are not in the price table".to_owned(),
        };
    }
    let (class, engine) = (&it.db_instance_class, &it.engine);
    let usage = if it.multi_az {
        "Multi-AZUsage"
    } else {
        "InstanceUsage"
    };
    let exact = format!("{usage}:{class}:{engine}");
    let either = format!("{usage}:{class}:mysql-or-postgres");
    let skus: &[&str] = match engine.as_str() {
        "mysql" | "postgres" => &[&exact, &either],
        _ => &[&exact],
    };
    let stopped = it.db_instance_status == "stopped";
    let hours = u64::from(!stopped);
    let sum = sum.per_hour_of(skus, hours, &format!("{class} with {engine}"));
    let gib = u64::from(it.allocated_storage);
    let zones = if it.multi_az { "Multi-AZ-" } else { "" };
    let (sku, what) = match it.storage_type.as_deref() {
        Some("gp2") => (format!("RDS:{zones}GP2-Storage"), "GiB of gp2"),
        Some("gp3") => (format!("RDS:{zones}GP3-Storage"), "GiB of gp3"),
        Some("io1") => (format!("RDS:{zones}PIOPS-Storage"), "GiB of io1"),
        other => {
            let kind = other.unwrap_or("not told");
            let reason = format!("database storage of type `{kind}` is not in the price table");
            return Priced::Unknown { reason };
        }
    };
    let sum = sum.per_unit(&sku, gib, what);
    match it.storage_type.as_deref() {
        Some("io1") => {
            let iops = u64::from(it.iops.unwrap_or(0));
            sum.per_unit(&format!("RDS:{zones}PIOPS"), iops, "IOPS")
                .done()
        }
        _ => sum.done(),
    }
}

/// Manual snapshots are billed by what they hold, at most the size of the database; automated ones
/// are free up to the size of all databases of the Region, which is not worked out here.
pub(super) fn db_snapshot(it: &DbSnapshot, sum: Sum<'_>) -> Priced {
    if it.snapshot_type != "manual" {
        return Priced::Unknown {
            reason: "automated backups are free up to the size of the databases".to_owned(),
        };
    }
    let gib = u64::from(it.allocated_storage);
    sum.per_unit(
        "RDS:ChargedBackupUsage",
        gib,
        "GiB of database snapshot, at most",
    )
    .done()
}
