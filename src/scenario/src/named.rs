//! The ARNs of what AWS knows by name, so that authors of scenarios need not write them.

use sandtable_model::resource::LoadBalancerType;
use sandtable_model::{AccountId, Region, Resource};

/// Fills in ARNs that a file does not tell.
pub(crate) fn fill_in(resource: &mut Resource, region: &Region, account: &AccountId) {
    let id = resource.id();
    let elb = format!("arn:aws:elasticloadbalancing:{region}:{account}");
    let rds = format!("arn:aws:rds:{region}:{account}");
    let number = digits(id.as_str());
    match resource {
        Resource::LoadBalancer(it) => {
            let kind = match it.r#type {
                LoadBalancerType::Network => "net",
                LoadBalancerType::Gateway => "gwy",
                _ => "app",
            };
            let name = &it.load_balancer_name;
            let arn = format!("{elb}:loadbalancer/{kind}/{name}/{number}");
            put(&mut it.load_balancer_arn, arn);
        }
        Resource::TargetGroup(it) => {
            let arn = format!("{elb}:targetgroup/{}/{number}", it.target_group_name);
            put(&mut it.target_group_arn, arn);
        }
        Resource::DbInstance(it) => {
            let arn = format!("{rds}:db:{}", it.db_instance_identifier);
            put(&mut it.db_instance_arn, arn);
        }
        Resource::DbSnapshot(it) => {
            let arn = format!("{rds}:snapshot:{}", it.db_snapshot_identifier);
            put(&mut it.db_snapshot_arn, arn);
        }
        Resource::DbSubnetGroup(it) => {
            let arn = format!("{rds}:subgrp:{}", it.db_subnet_group_name);
            put(&mut it.db_subnet_group_arn, arn);
        }
        _ => {}
    }
}

fn put<T: AsRef<str> + From<String>>(arn: &mut T, otherwise: String) {
    if arn.as_ref().is_empty() {
        *arn = otherwise.into();
    }
}

/// Sixteen digits that follow from a text (FNV-1a).
fn digits(text: &str) -> String {
    let number = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{number:016x}")
}
