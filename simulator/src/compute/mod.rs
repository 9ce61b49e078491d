//! Instances.

mod attribute;
mod describe;
mod disks;
mod filters;
mod power;
mod run;
mod terminate;
mod types;
mod wiring;

pub use attribute::{
    DescribeInstanceAttributeRequest, DescribedAttribute, ModifyInstanceAttributeRequest,
    describe_instance_attribute, modify_instance_attribute,
};
pub use describe::{
    DescribeInstanceStatusRequest, DescribeInstancesRequest, DescribedInstances, DescribedStatus,
    Reservation, describe_instance_status, describe_instances,
};
pub use power::{
    InstanceStateChange, RebootInstancesRequest, StartInstancesRequest, StartingInstances,
    StopInstancesRequest, StoppingInstances, reboot_instances, start_instances, stop_instances,
};
pub use run::{
    InterfaceSpecification, PlacementRequest, RunInstancesRequest, WantedMonitoring, run_instances,
};
pub use terminate::{TerminateInstancesRequest, TerminatingInstances, terminate_instances};
pub use types::{
    DescribeInstanceTypeOfferingsRequest, DescribeInstanceTypesRequest,
    describe_instance_type_offerings, describe_instance_types,
};

use std::collections::BTreeMap;

use sandtable_model::resource::{Instance, InstanceStateName};
use sandtable_model::{Duration, InstanceId};
use smol_str::SmolStr;

use crate::Twin;
use crate::dispatch::{Row, operations};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "DescribeInstanceAttribute" => describe_instance_attribute,
    "DescribeInstanceStatus" => describe_instance_status,
    "DescribeInstanceTypeOfferings" => describe_instance_type_offerings,
    "DescribeInstanceTypes" => describe_instance_types,
    "DescribeInstances" => describe_instances,
    "ModifyInstanceAttribute" => modify_instance_attribute,
    "RebootInstances" => reboot_instances,
    "RunInstances" => run_instances,
    "StartInstances" => start_instances,
    "StopInstances" => stop_instances,
    "TerminateInstances" => terminate_instances,
};

/// What no describe answer of instances carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {
    /// `stop` or `terminate`, where it was set; `stop` is AWS's default.
    pub(crate) shutdown_behaviour: BTreeMap<InstanceId, SmolStr>,
}

/// What happens to instances by itself. Each is void when the instance is no longer in the state that
/// it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// `pending` to `running`.
    Running(InstanceId),
    /// `stopping` to `stopped`.
    Stopped(InstanceId),
    /// `shutting-down` to `terminated`.
    Terminated(InstanceId),
    /// `terminated` to no longer described.
    Forgotten(InstanceId),
}

impl From<Transition> for crate::Transition {
    fn from(it: Transition) -> Self {
        crate::Transition::Compute(it)
    }
}

/// Lets a transition happen.
pub(crate) fn fire(twin: &mut Twin, transition: Transition) {
    let (id, from) = match &transition {
        Transition::Running(id) => (id, InstanceStateName::Pending),
        Transition::Stopped(id) => (id, InstanceStateName::Stopping),
        Transition::Terminated(id) => (id, InstanceStateName::ShuttingDown),
        Transition::Forgotten(id) => (id, InstanceStateName::Terminated),
    };
    let instance = twin.state.one::<Instance>(id);
    if instance.is_none_or(|it| it.state.name != from) {
        return;
    }
    match transition {
        Transition::Running(id) => power::set_state(twin, &id, InstanceStateName::Running),
        Transition::Stopped(id) => power::stopped(twin, &id),
        Transition::Terminated(id) => terminate::terminated(twin, &id),
        Transition::Forgotten(id) => {
            twin.state.remove(&id);
            twin.compute.shutdown_behaviour.remove(&id);
        }
    }
}

/// Schedules what was under way when the snapshot was taken.
pub(crate) fn resume_lifecycles(twin: &mut Twin) {
    let timings = twin.options.timings.clone();
    let mut due: Vec<(Duration, Transition)> = Vec::new();
    for (_, resource) in twin.state.everything() {
        let Some(instance) = resource.get::<Instance>() else {
            continue;
        };
        let id = instance.instance_id.clone();
        match instance.state.name {
            InstanceStateName::Pending => {
                due.push((timings.instance_start, Transition::Running(id)));
            }
            InstanceStateName::Stopping => {
                due.push((timings.instance_stop, Transition::Stopped(id)));
            }
            InstanceStateName::ShuttingDown => {
                due.push((timings.instance_terminate, Transition::Terminated(id)));
            }
            InstanceStateName::Terminated => {
                due.push((timings.lingering, Transition::Forgotten(id)));
            }
            _ => {}
        }
    }
    for (delay, transition) in due {
        twin.schedule(delay, transition);
    }
}

#[cfg(test)]
mod tests;
