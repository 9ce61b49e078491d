//! Load balancers and databases.

use sandtable_model::resource::{
    ClassicLoadBalancer, DbInstance, DbSnapshot, DbSubnetGroup, LoadBalancer, TargetGroup,
};
use sandtable_model::{
    DbInstanceId, DbSubnetGroupId, LoadBalancerId, Region, ResourceId, TargetGroupId,
};

use crate::graph::build::Builder;
use crate::graph::{NodeId, Relation};

impl Builder {
    pub(super) fn load_balancer(&mut self, id: &ResourceId, balancer: &LoadBalancer) {
        self.link(id, Relation::ContainedIn, &balancer.vpc_id);
        for zone in &balancer.availability_zones {
            self.link(id, Relation::ContainedIn, &zone.subnet_id);
            for address in &zone.load_balancer_addresses {
                if let Some(allocation) = &address.allocation_id {
                    self.link(&allocation.into(), Relation::AttachedTo, id.clone());
                }
            }
        }
        for group in &balancer.security_groups {
            self.link(id, Relation::ProtectedBy, group);
        }
        for arn in balancer.target_group_arns() {
            if let Some(group) = TargetGroupId::from_arn(arn) {
                self.edge_once(id, Relation::Targets, &group.into());
            }
        }
    }

    /// Which load balancers lead to it is told on both sides; here for those whose listeners were
    /// not read.
    pub(super) fn target_group(&mut self, id: &ResourceId, group: &TargetGroup) {
        if let Some(vpc) = &group.vpc_id {
            self.link(id, Relation::ContainedIn, vpc);
        }
        for target in &group.targets {
            // An instance, an address, a function or another load balancer.
            let target = LoadBalancerId::from_arn(&target.id).map_or_else(
                || NodeId::of_text(&target.id),
                |balancer| NodeId::Resource(balancer.into()),
            );
            self.edge(id, Relation::Targets, target, "");
        }
        for arn in &group.load_balancer_arns {
            if let Some(balancer) = LoadBalancerId::from_arn(arn) {
                self.edge_once(&balancer.into(), Relation::Targets, id);
            }
        }
    }

    pub(super) fn classic_load_balancer(&mut self, id: &ResourceId, it: &ClassicLoadBalancer) {
        if let Some(vpc) = &it.vpc_id {
            self.link(id, Relation::ContainedIn, vpc);
        }
        for subnet in &it.subnets {
            self.link(id, Relation::ContainedIn, subnet);
        }
        for group in &it.security_groups {
            self.link(id, Relation::ProtectedBy, group);
        }
        for instance in &it.instances {
            self.link(id, Relation::Targets, &instance.instance_id);
        }
    }

    pub(super) fn db_instance(&mut self, region: &Region, id: &ResourceId, it: &DbInstance) {
        if let Some(group) = &it.db_subnet_group {
            let named = DbSubnetGroupId::from_name(region, &group.db_subnet_group_name);
            self.link(id, Relation::AttachedTo, named);
            if let Some(vpc) = &group.vpc_id {
                self.link(id, Relation::ContainedIn, vpc);
            }
        }
        for group in &it.vpc_security_groups {
            self.link(id, Relation::ProtectedBy, &group.vpc_security_group_id);
        }
        if let Some(primary) = &it.read_replica_source_db_instance_identifier {
            let primary = DbInstanceId::from_name(region, primary);
            self.link(id, Relation::MadeFrom, primary);
        }
    }

    pub(super) fn db_snapshot(&mut self, region: &Region, id: &ResourceId, it: &DbSnapshot) {
        let instance = DbInstanceId::from_name(region, &it.db_instance_identifier);
        self.link(id, Relation::MadeFrom, instance);
    }

    /// A database may be started in these subnets.
    pub(super) fn db_subnet_group(&mut self, id: &ResourceId, group: &DbSubnetGroup) {
        for subnet in &group.subnets {
            self.link(id, Relation::Targets, &subnet.subnet_identifier);
        }
    }
}
