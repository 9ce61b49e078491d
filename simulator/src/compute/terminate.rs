//! Terminating instances, and what goes with them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use sandtable_model::resource::{Instance, InstanceStateName, Volume};
use sandtable_model::{InstanceId, Tags, VolumeId};

use super::power::{InstanceStateChange, SHUT_DOWN, begin, change, named};
use super::{Transition, capacity_reservation, iam_profile, spot, wiring};
use crate::{ApiError, Ctx, Twin, network, storage};

/// `TerminateInstances`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct TerminateInstancesRequest {
    /// The instances.
    pub instance_ids: Vec<String>,
    /// Whether not to wait for the instance; the twin's instances never hold out.
    pub force: bool,
    /// Whether to skip the shut-down of the operating system; the twin's instances have none.
    pub skip_os_shutdown: bool,
}

/// The answer of `TerminateInstances`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TerminatingInstances {
    /// The instances.
    pub terminating_instances: Vec<InstanceStateChange>,
}

/// Terminates instances; they are `shutting-down`, then `terminated`, and stay described for a
/// while. Repeating it is no error.
///
/// A protected instance keeps those of its own zone alive; those of other zones are terminated
/// although the call fails (facts, ec2-semantics, section 3, "Batch semantics").
///
/// # Errors
/// `OperationNotPermitted` for a protected instance; unknown ids, in which case none is terminated.
pub fn terminate_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TerminateInstancesRequest,
) -> Result<TerminatingInstances, ApiError> {
    let instances = named(twin, ctx, &request.instance_ids)?;
    ctx.end_dry_run()?;
    let is_over = |it: &Instance| {
        matches!(
            it.state.name,
            InstanceStateName::ShuttingDown | InstanceStateName::Terminated
        )
    };
    let guards = |it: &&Instance| it.disable_api_termination == Some(true) && !is_over(it);
    let guarded: BTreeSet<_> = instances
        .iter()
        .filter(guards)
        .map(|it| it.placement.availability_zone.clone())
        .collect();
    let mut changes = Vec::new();
    for it in &instances {
        if guarded.contains(&it.placement.availability_zone) {
            continue;
        }
        let to = match is_over(it) {
            true => it.state.name.clone(),
            false => InstanceStateName::ShuttingDown,
        };
        changes.push(change(it, to));
        if !is_over(it) {
            shut_down(twin, &it.instance_id);
        }
    }
    match instances.iter().find(guards) {
        None => Ok(TerminatingInstances {
            terminating_instances: changes,
        }),
        Some(it) => Err(ApiError::new(
            "OperationNotPermitted",
            format!(
                "The instance '{}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.",
                it.instance_id
            ),
        )),
    }
}

/// Lets an instance shut down for good, whatever protects it.
pub(crate) fn shut_down(twin: &mut Twin, id: &InstanceId) {
    begin(twin, id, InstanceStateName::ShuttingDown, SHUT_DOWN);
    spot::instance_goes(twin, id);
    let delay = twin.options.timings.instance_terminate;
    twin.schedule(delay, Transition::Terminated(id.clone()));
}

/// `shutting-down` becomes `terminated`: volumes and interfaces go with the instance or become
/// available, as each attachment says; Elastic IP addresses stay allocated.
pub(super) fn terminated(twin: &mut Twin, id: &InstanceId) {
    let volumes: Vec<(VolumeId, bool)> = twin
        .state
        .referring::<Volume>(id)
        .map(|volume| {
            let mut attachments = volume.attachments.iter();
            let goes = attachments
                .any(|it| it.instance_id.as_ref() == Some(id) && it.delete_on_termination);
            (
                volume.volume_id.clone(),
                goes && volume.attachments.len() == 1,
            )
        })
        .collect();
    for (volume, goes) in volumes {
        storage::detach_now(twin, &volume, id);
        if goes {
            storage::delete_now(twin, &volume);
        }
    }
    wiring::let_go(twin, id);
    capacity_reservation::give_back(twin, id);
    iam_profile::let_go(twin, id);
    twin.state.update(id, |it: &mut Instance| {
        it.state = InstanceStateName::Terminated.into();
        it.block_device_mappings.clear();
        it.network_interfaces.clear();
        it.security_groups.clear();
        it.vpc_id = None;
        it.subnet_id = None;
        it.private_ip_address = None;
        it.private_dns_name = None;
        it.public_ip_address = None;
        it.public_dns_name = None;
    });
    network::refresh_routes_to(&mut twin.state, &id.into());
    let timings = &twin.options.timings;
    let (fade, linger) = (timings.tags_fade, timings.lingering);
    twin.schedule(fade, Transition::TagsFaded(id.clone()));
    twin.schedule(linger, Transition::Forgotten(id.clone()));
}

/// The tags of a terminated instance fade before it does (user guide, "Terminate": tags "might be
/// disassociated" and "no longer be visible on the terminated instance after a short while").
pub(super) fn tags_faded(twin: &mut Twin, id: &InstanceId) {
    twin.state
        .update(id, |it: &mut Instance| it.tags = Tags::new());
}
