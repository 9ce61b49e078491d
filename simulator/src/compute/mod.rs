//! Instances, and what stands around them: launch templates, key pairs, placement groups, capacity
//! reservations, Dedicated Hosts, Spot requests.
//!
//! One module a kind or a group of options of instances, each with its typed requests and functions.
//! A launch is planned as a whole before anything is made (`run`): what it names, what it asks for,
//! whether there is room. What AWS does not document stands in [`Choices`].
//!
//! Deliberately absent: fleets, scheduled events, scheduled instances, IPv6 and secondary addresses
//! of launches, CPU options, licences.

mod attribute;
mod capacity_reservation;
mod choices;
mod console;
mod credit;
mod describe;
mod disks;
mod filters;
mod host;
mod iam_profile;
mod key_pair;
mod launch_template;
mod maintenance;
mod metadata;
mod monitoring;
mod notification;
mod placement;
mod placement_group;
mod power;
mod reserved;
mod run;
mod spot;
mod start;
mod terminate;
mod types;
mod virtual_cpus;
mod wiring;

pub use attribute::{
    DescribeInstanceAttributeRequest, DescribedAttribute, ModifyInstanceAttributeRequest,
    ResetInstanceAttributeRequest, describe_instance_attribute, modify_instance_attribute,
    reset_instance_attribute,
};
pub use capacity_reservation::{
    CancelCapacityReservationRequest, CapacityReservationUsage, CreateCapacityReservationRequest,
    DescribeCapacityReservationsRequest, GetCapacityReservationUsageRequest, InstanceUsage,
    MadeReservation, ModifyCapacityReservationRequest, Returned, cancel_capacity_reservation,
    create_capacity_reservation, describe_capacity_reservations, get_capacity_reservation_usage,
    modify_capacity_reservation,
};
pub use choices::{Choices, VirtualCpus};
pub use console::*;
pub use credit::*;
pub use describe::{
    DescribeInstanceStatusRequest, DescribeInstancesRequest, DescribedInstances, DescribedStatus,
    Reservation, describe_instance_status, describe_instances,
};
pub use host::{
    AllocateHostsRequest, AllocatedHosts, DescribeHostsRequest, DescribedHosts, HostError,
    HostFailure, HostResults, ModifyHostsRequest, ReleaseHostsRequest, allocate_hosts,
    describe_hosts, modify_hosts, release_hosts,
};
pub use iam_profile::*;
pub use key_pair::{
    CreateKeyPairRequest, DeleteKeyPairRequest, DeletedKeyPair, DescribeKeyPairsRequest,
    DescribedKeyPairs, ImportKeyPairRequest, MadeKeyPair, create_key_pair, delete_key_pair,
    describe_key_pairs, import_key_pair,
};
pub(crate) use launch_template::template_for_launch;
pub use launch_template::{
    CreateLaunchTemplateRequest, CreateLaunchTemplateVersionRequest, DeleteLaunchTemplateRequest,
    DeleteLaunchTemplateVersionsRequest, DeletedVersion, DeletedVersions,
    DescribeLaunchTemplateVersionsRequest, DescribeLaunchTemplatesRequest, DescribedTemplates,
    DescribedVersions, GetLaunchTemplateDataRequest, LaunchTemplateDataOf,
    LaunchTemplateSpecification, MadeVersion, ModifyLaunchTemplateRequest, OneTemplate,
    UndeletedVersion, VersionError, create_launch_template, create_launch_template_version,
    delete_launch_template, delete_launch_template_versions, describe_launch_template_versions,
    describe_launch_templates, get_launch_template_data, modify_launch_template,
};
pub use maintenance::*;
pub use metadata::*;
pub use monitoring::*;
pub use notification::*;
pub use placement::*;
pub use placement_group::{
    CreatePlacementGroupRequest, DeletePlacementGroupRequest, DescribePlacementGroupsRequest,
    DescribedPlacementGroups, MadePlacementGroup, create_placement_group, delete_placement_group,
    describe_placement_groups,
};
pub use power::{
    InstanceStateChange, RebootInstancesRequest, StartInstancesRequest, StartingInstances,
    StopInstancesRequest, StoppingInstances, reboot_instances, start_instances, stop_instances,
};
pub use reserved::*;
pub use run::{
    InterfaceSpecification, PlacementRequest, RunInstancesRequest, WantedMonitoring, run_instances,
};
pub use spot::*;
pub(crate) use terminate::shut_down;
pub use terminate::{TerminateInstancesRequest, TerminatingInstances, terminate_instances};
pub use types::{
    DescribeInstanceTypeOfferingsRequest, DescribeInstanceTypesRequest, DescribedOfferings,
    DescribedTypes, Offering, describe_instance_type_offerings, describe_instance_types,
};

use std::collections::BTreeMap;

use sandtable_model::resource::{
    CapacityReservation, DedicatedHost, HostState, Instance, InstanceStateName, PlacementGroup,
};
use sandtable_model::{
    CapacityReservationId, Duration, HostId, InstanceId, LaunchTemplateId, PlacementGroupId,
    Region, Resource,
};
use smol_str::SmolStr;

use crate::Twin;
use crate::dispatch::{Row, operations};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "AllocateHosts" => allocate_hosts,
    "AssociateIamInstanceProfile" => associate_iam_instance_profile,
    "CancelCapacityReservation" => cancel_capacity_reservation,
    "CancelSpotInstanceRequests" => cancel_spot_instance_requests,
    "CreateCapacityReservation" => create_capacity_reservation,
    "CreateKeyPair" => create_key_pair,
    "CreateLaunchTemplate" => create_launch_template,
    "CreateLaunchTemplateVersion" => create_launch_template_version,
    "CreatePlacementGroup" => create_placement_group,
    "DeleteKeyPair" => delete_key_pair,
    "DeleteLaunchTemplate" => delete_launch_template,
    "DeleteLaunchTemplateVersions" => delete_launch_template_versions,
    "DeletePlacementGroup" => delete_placement_group,
    "DeregisterInstanceEventNotificationAttributes" => deregister_notification,
    "DescribeCapacityReservations" => describe_capacity_reservations,
    "DescribeHosts" => describe_hosts,
    "DescribeIamInstanceProfileAssociations" => describe_iam_instance_profile_associations,
    "DescribeInstanceAttribute" => describe_instance_attribute,
    "DescribeInstanceCreditSpecifications" => describe_instance_credit_specifications,
    "DescribeInstanceEventNotificationAttributes" => describe_notification,
    "DescribeInstanceStatus" => describe_instance_status,
    "DescribeInstanceTypeOfferings" => describe_instance_type_offerings,
    "DescribeInstanceTypes" => describe_instance_types,
    "DescribeInstances" => describe_instances,
    "DescribeKeyPairs" => describe_key_pairs,
    "DescribeLaunchTemplateVersions" => describe_launch_template_versions,
    "DescribeLaunchTemplates" => describe_launch_templates,
    "DescribePlacementGroups" => describe_placement_groups,
    "DescribeReservedInstances" => describe_reserved_instances,
    "DescribeSpotInstanceRequests" => describe_spot_instance_requests,
    "DisassociateIamInstanceProfile" => disassociate_iam_instance_profile,
    "GetCapacityReservationUsage" => get_capacity_reservation_usage,
    "GetConsoleOutput" => get_console_output,
    "GetInstanceUefiData" => get_instance_uefi_data,
    "GetInstanceMetadataDefaults" => get_instance_metadata_defaults,
    "GetLaunchTemplateData" => get_launch_template_data,
    "GetPasswordData" => get_password_data,
    "ImportKeyPair" => import_key_pair,
    "ModifyCapacityReservation" => modify_capacity_reservation,
    "ModifyHosts" => modify_hosts,
    "ModifyInstanceAttribute" => modify_instance_attribute,
    "ModifyInstanceCapacityReservationAttributes" =>
        modify_instance_capacity_reservation_attributes,
    "ModifyInstanceCreditSpecification" => modify_instance_credit_specification,
    "ModifyInstanceMaintenanceOptions" => modify_instance_maintenance_options,
    "ModifyInstanceMetadataDefaults" => modify_instance_metadata_defaults,
    "ModifyInstanceMetadataOptions" => modify_instance_metadata_options,
    "ModifyInstancePlacement" => modify_instance_placement,
    "ModifyLaunchTemplate" => modify_launch_template,
    "MonitorInstances" => monitor_instances,
    "RebootInstances" => reboot_instances,
    "RegisterInstanceEventNotificationAttributes" => register_notification,
    "ReleaseHosts" => release_hosts,
    "ReplaceIamInstanceProfileAssociation" => replace_iam_instance_profile_association,
    "ResetInstanceAttribute" => reset_instance_attribute,
    "RunInstances" => run_instances,
    "StartInstances" => start_instances,
    "StopInstances" => stop_instances,
    "TerminateInstances" => terminate_instances,
    "UnmonitorInstances" => unmonitor_instances,
};

/// What no describe answer of these kinds carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) choices: Choices,
    /// `stop` or `terminate`, where it was set; `stop` is AWS's default.
    pub(crate) shutdown_behaviour: BTreeMap<InstanceId, SmolStr>,
    /// What instances run at their start, in base64.
    user_data: BTreeMap<InstanceId, SmolStr>,
    /// CPU credits, where they were set.
    credits: BTreeMap<InstanceId, SmolStr>,
    /// Enhanced networking, where it was set.
    ena_support: BTreeMap<InstanceId, bool>,
    /// Instance profiles' associations that are not just what a snapshot shows.
    profiles: BTreeMap<InstanceId, ProfileAssociation>,
    /// Spot requests that are not just what a snapshot shows.
    spot: BTreeMap<InstanceId, SpotRequest>,
    /// The greatest version number that a template ever had, where it is not there any more.
    numbered: BTreeMap<LaunchTemplateId, u64>,
    /// The versions that calls with a client token made.
    made_versions: BTreeMap<(LaunchTemplateId, SmolStr), u64>,
    /// What the account has set for new instances.
    metadata_defaults: BTreeMap<Region, WantedMetadataOptions>,
    /// Which tags the notices of scheduled events carry.
    notified: BTreeMap<Region, Notified>,
}

impl Side {
    /// Drops what is known of an instance that is no longer described.
    fn forget(&mut self, id: &InstanceId) {
        self.shutdown_behaviour.remove(id);
        self.user_data.remove(id);
        self.credits.remove(id);
        self.ena_support.remove(id);
        self.profiles.remove(id);
        self.spot.remove(id);
    }
}

impl Twin {
    /// How the twin decides about instances where it could decide otherwise.
    pub fn compute_choices(&self) -> &Choices {
        &self.compute.choices
    }

    /// Changes how the twin decides about instances.
    pub fn set_compute_choices(&mut self, choices: Choices) {
        self.compute.choices = choices;
    }
}

/// What happens to these kinds by itself. Each is void when the resource is no longer in the state
/// that it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// An instance from `pending` to `running`.
    Running(InstanceId),
    /// An instance from `stopping` to `stopped`.
    Stopped(InstanceId),
    /// An instance from `shutting-down` to `terminated`.
    Terminated(InstanceId),
    /// A terminated instance loses its tags.
    TagsFaded(InstanceId),
    /// An instance from `terminated` to no longer described.
    Forgotten(InstanceId),
    /// An instance's monitoring from `pending` to `enabled`, or `disabling` to `disabled`.
    MonitoringSwitched(InstanceId),
    /// An instance's metadata options from `pending` to `applied`.
    OptionsApplied(InstanceId),
    /// An instance profile from `associating` to `associated`, or `disassociating` to gone.
    ProfileSettled(InstanceId),
    /// A placement group from `deleting` to gone.
    PlacementGroupGone(PlacementGroupId),
    /// The end of a capacity reservation.
    ReservationEnded(CapacityReservationId),
    /// A capacity reservation that is over to no longer described.
    ReservationForgotten(CapacityReservationId),
    /// A Dedicated Host from `released` to no longer described.
    HostForgotten(HostId),
}

impl From<Transition> for crate::Transition {
    fn from(it: Transition) -> Self {
        crate::Transition::Compute(it)
    }
}

/// Lets a transition happen.
pub(crate) fn fire(twin: &mut Twin, transition: Transition) {
    match transition {
        Transition::Running(id) => {
            if is_in(twin, &id, &InstanceStateName::Pending) {
                power::set_state(twin, &id, InstanceStateName::Running);
            }
        }
        Transition::Stopped(id) => {
            if is_in(twin, &id, &InstanceStateName::Stopping) {
                power::stopped(twin, &id);
            }
        }
        Transition::Terminated(id) => {
            if is_in(twin, &id, &InstanceStateName::ShuttingDown) {
                terminate::terminated(twin, &id);
            }
        }
        Transition::TagsFaded(id) => {
            if is_in(twin, &id, &InstanceStateName::Terminated) {
                terminate::tags_faded(twin, &id);
            }
        }
        Transition::Forgotten(id) => {
            if is_in(twin, &id, &InstanceStateName::Terminated) {
                twin.state.remove(&id);
                twin.compute.forget(&id);
            }
        }
        Transition::MonitoringSwitched(id) => monitoring::switched(twin, &id),
        Transition::OptionsApplied(id) => metadata::applied(twin, &id),
        Transition::ProfileSettled(id) => iam_profile::settled(twin, &id),
        Transition::PlacementGroupGone(id) => placement_group::gone(twin, &id),
        Transition::ReservationEnded(id) => capacity_reservation::ended(twin, &id),
        Transition::ReservationForgotten(id) => capacity_reservation::forgotten(twin, &id),
        Transition::HostForgotten(id) => host::forgotten(twin, &id),
    }
}

fn is_in(twin: &Twin, id: &InstanceId, state: &InstanceStateName) -> bool {
    let instance = twin.state.one::<Instance>(id);
    instance.is_some_and(|it| it.state.name == *state)
}

/// Schedules what was under way when the snapshot was taken.
pub(crate) fn resume_lifecycles(twin: &mut Twin) {
    let timings = twin.options.timings.clone();
    let mut due: Vec<(Duration, Transition)> = Vec::new();
    let mut reservations: Vec<CapacityReservationId> = Vec::new();
    for (_, resource) in twin.state.everything() {
        match resource.as_ref() {
            Resource::Instance(it) => due.extend(under_way(it, &timings)),
            Resource::PlacementGroup(it) if it.state == "deleting" => {
                let PlacementGroup { group_id, .. } = it.as_ref();
                let gone = Transition::PlacementGroupGone(group_id.clone());
                due.push((timings.placement_group_delete, gone));
            }
            Resource::CapacityReservation(it) => {
                let CapacityReservation {
                    capacity_reservation_id,
                    ..
                } = it.as_ref();
                reservations.push(capacity_reservation_id.clone());
            }
            Resource::DedicatedHost(it) if it.state == HostState::Released => {
                let DedicatedHost { host_id, .. } = it.as_ref();
                let forgotten = Transition::HostForgotten(host_id.clone());
                due.push((timings.lingering, forgotten));
            }
            _ => {}
        }
    }
    for (delay, transition) in due {
        twin.schedule(delay, transition);
    }
    for id in reservations {
        capacity_reservation::schedule_end(twin, &id);
    }
}

fn under_way(it: &Instance, timings: &crate::Timings) -> Vec<(Duration, Transition)> {
    let id = it.instance_id.clone();
    let mut due = Vec::new();
    match it.state.name {
        InstanceStateName::Pending => {
            due.push((timings.instance_start, Transition::Running(id.clone())));
        }
        InstanceStateName::Stopping => {
            due.push((timings.instance_stop, Transition::Stopped(id.clone())));
        }
        InstanceStateName::ShuttingDown => {
            due.push((
                timings.instance_terminate,
                Transition::Terminated(id.clone()),
            ));
        }
        InstanceStateName::Terminated => {
            due.push((timings.tags_fade, Transition::TagsFaded(id.clone())));
            due.push((timings.lingering, Transition::Forgotten(id.clone())));
        }
        _ => {}
    }
    let monitoring = it.monitoring.as_ref().map(|it| it.state.as_str());
    if matches!(monitoring, Some("pending" | "disabling")) {
        let switched = Transition::MonitoringSwitched(id.clone());
        due.push((timings.instance_option, switched));
    }
    let options = it.metadata_options.as_ref();
    if options.is_some_and(|it| it.state.as_deref() == Some("pending")) {
        due.push((timings.instance_option, Transition::OptionsApplied(id)));
    }
    due
}

#[cfg(test)]
mod tests;
