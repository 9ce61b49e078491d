//! What resources of the services beside EC2 name.

use sandtable_model::resource::{
    ClassicLoadBalancer, DbInstance, DbSnapshot, DbSubnetGroup, LoadBalancer, TargetGroup,
};
use sandtable_model::{
    DbInstanceId, DbSubnetGroupId, InstanceId, LoadBalancerId, Region, ResourceId, TargetGroupId,
};

use super::{Bond, Found};

pub(super) fn load_balancer(balancer: &LoadBalancer, found: &mut Found) {
    found.live(&balancer.vpc_id);
    found.live_all(balancer.subnet_ids());
    found.live_all(&balancer.security_groups);
    let addresses = balancer.availability_zones.iter();
    let addresses = addresses.flat_map(|it| &it.load_balancer_addresses);
    found.live_all(addresses.filter_map(|it| it.allocation_id.as_ref()));
    let groups = balancer.target_group_arns().into_iter();
    let groups = groups.filter_map(TargetGroupId::from_arn);
    found.0.extend(groups.map(|id| (id.into(), Bond::Live)));
}

pub(super) fn target_group(group: &TargetGroup, found: &mut Found) {
    // A target group keeps neither its VPC nor its targets; it goes on naming both.
    found.past_all(&group.vpc_id);
    let targets = group.targets.iter();
    let instances = targets.filter_map(|it| InstanceId::new(&it.id).ok());
    found.0.extend(instances.map(|id| (id.into(), Bond::Past)));
    let balancers = group.load_balancer_arns.iter();
    let balancers = balancers.filter_map(|arn| LoadBalancerId::from_arn(arn));
    found.0.extend(balancers.map(|id| (id.into(), Bond::Live)));
}

pub(super) fn classic_load_balancer(balancer: &ClassicLoadBalancer, found: &mut Found) {
    found.live_all(&balancer.vpc_id);
    found.live_all(&balancer.subnets);
    found.live_all(&balancer.security_groups);
    found.past_all(balancer.instances.iter().map(|it| &it.instance_id));
}

pub(super) fn db_instance(instance: &DbInstance, found: &mut Found) {
    let groups = instance.vpc_security_groups.iter();
    found.live_all(groups.map(|it| &it.vpc_security_group_id));
    let Some(group) = &instance.db_subnet_group else {
        return;
    };
    found.live_all(&group.vpc_id);
    if let Some(region) = region_of(&(&instance.db_instance_id).into()) {
        let id = DbSubnetGroupId::from_name(&region, &group.db_subnet_group_name);
        found.live(&id);
    }
}

pub(super) fn db_snapshot(snapshot: &DbSnapshot, found: &mut Found) {
    found.past_all(&snapshot.vpc_id);
    if let Some(region) = region_of(&(&snapshot.db_snapshot_id).into()) {
        let id = DbInstanceId::from_name(&region, &snapshot.db_instance_identifier);
        found.past_all([&id]);
    }
}

/// A subnet group goes on naming subnets that were deleted under it.
pub(super) fn db_subnet_group(group: &DbSubnetGroup, found: &mut Found) {
    found.past_all(&group.vpc_id);
    found.past_all(group.subnets.iter().map(|it| &it.subnet_identifier));
}

/// The Region that the id of a resource has in it that AWS knows by name.
fn region_of(id: &ResourceId) -> Option<Region> {
    let rest = id.as_str().strip_prefix(id.kind().prefix())?;
    let (region, _) = rest.strip_prefix('-')?.split_once('/')?;
    Region::new(region).ok()
}
