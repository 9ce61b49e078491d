//! Services beside EC2 that remediation leans on: load balancers of both generations, Auto Scaling,
//! RDS.
//!
//! They matter because their resources hold what is EC2's: interfaces of load balancers and databases
//! keep subnets and security groups, and an Auto Scaling group launches anew what someone terminates.
//! One module a service, each with its table of operations; names of operations repeat between
//! services, so that the tables are kept apart.
//!
//! Deliberately absent: certificates, DNS, alarms and scaling policies, DB clusters, parameter and
//! option groups. What AWS does not document stands in [`Timings`].

pub mod autoscaling;
mod common;
pub mod elb;
pub mod elbv2;
pub mod rds;
mod timings;

#[cfg(test)]
mod tests;

pub use timings::Timings;

use sandtable_model::resource::{
    AutoScalingGroup, DbInstance, DbSnapshot, LoadBalancer, Target, TargetGroup,
};
use sandtable_model::{
    AutoScalingGroupId, DbInstanceId, DbSnapshotId, LoadBalancerId, NetworkInterfaceId, Resource,
    TargetGroupId, Timestamp,
};
use smol_str::SmolStr;

use crate::network::managed;
use crate::{Twin, compute};

/// What no describe answer of these services carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) autoscaling: autoscaling::Side,
    pub(crate) rds: rds::Side,
}

/// What happens to resources of these services by itself. Each is void when the resource is no longer
/// in the state that it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// A load balancer from `provisioning` to `active`.
    BalancerActive(LoadBalancerId),
    /// Interfaces of a deleted load balancer or database from there to gone.
    InterfacesReleased(Vec<NetworkInterfaceId>),
    /// A target of a group, with its port, from `draining` to not registered.
    TargetDrained(TargetGroupId, SmolStr, Option<u16>),
    /// An Auto Scaling group looks whether it has what it wants.
    GroupDue(AutoScalingGroupId),
    /// A DB instance from one state to another.
    DatabaseDone(DbInstanceId, rds::Step),
    /// A DB instance that has been stopped since a moment for as long as AWS lets it.
    DatabaseRestarts(DbInstanceId, Timestamp),
    /// A DB snapshot from `creating` to `available`.
    DatabaseSnapshotDone(DbSnapshotId),
}

impl From<Transition> for crate::Transition {
    fn from(it: Transition) -> Self {
        crate::Transition::Services(it)
    }
}

/// Lets a transition happen.
pub(crate) fn fire(twin: &mut Twin, transition: Transition) {
    match transition {
        Transition::BalancerActive(id) => elbv2::active(twin, &id),
        Transition::InterfacesReleased(ids) => {
            ids.iter().for_each(|id| managed::remove(twin, id));
        }
        Transition::TargetDrained(id, target, port) => elbv2::drained(twin, &id, &target, port),
        Transition::GroupDue(id) => autoscaling::due(twin, &id),
        Transition::DatabaseDone(id, step) => rds::done(twin, &id, step),
        Transition::DatabaseRestarts(id, since) => rds::restarts(twin, &id, since),
        Transition::DatabaseSnapshotDone(id) => rds::snapshot_done(twin, &id),
    }
}

/// Sees what happened to an instance by itself: groups and load balancers heed it.
pub(crate) fn observe(twin: &mut Twin, transition: &compute::Transition) {
    match transition {
        compute::Transition::Running(id) => autoscaling::running(twin, id),
        compute::Transition::Stopped(id) | compute::Transition::Terminated(id) => {
            autoscaling::ended(twin, id);
        }
        compute::Transition::Forgotten(id) => {
            autoscaling::forgotten(twin, id);
            elb::forgotten(twin, id);
            let groups: Vec<TargetGroupId> = twin
                .state
                .referring::<TargetGroup>(id)
                .map(|it| it.target_group_id.clone())
                .collect();
            for group in groups {
                let stays = |it: &Target| it.id != id.as_str();
                twin.state
                    .update(&group, |it: &mut TargetGroup| it.targets.retain(stays));
            }
        }
        _ => {}
    }
}

/// Schedules what was under way when the snapshot was taken.
pub(crate) fn resume_lifecycles(twin: &mut Twin) {
    let mut balancers: Vec<LoadBalancer> = Vec::new();
    let mut targets: Vec<TargetGroup> = Vec::new();
    let mut groups: Vec<AutoScalingGroup> = Vec::new();
    let mut databases: Vec<DbInstance> = Vec::new();
    let mut snapshots: Vec<DbSnapshot> = Vec::new();
    for (_, resource) in twin.state.everything() {
        match resource.as_ref() {
            Resource::LoadBalancer(it) => balancers.push(LoadBalancer::clone(it)),
            Resource::TargetGroup(it) => targets.push(TargetGroup::clone(it)),
            Resource::AutoScalingGroup(it) => groups.push(AutoScalingGroup::clone(it)),
            Resource::DbInstance(it) => databases.push(DbInstance::clone(it)),
            Resource::DbSnapshot(it) => snapshots.push(DbSnapshot::clone(it)),
            _ => {}
        }
    }
    balancers.iter().for_each(|it| elbv2::resume(twin, it));
    targets
        .iter()
        .for_each(|it| elbv2::resume_targets(twin, it));
    groups.iter().for_each(|it| autoscaling::resume(twin, it));
    databases.iter().for_each(|it| rds::resume(twin, it));
    snapshots
        .iter()
        .for_each(|it| rds::resume_snapshot(twin, it));
}
