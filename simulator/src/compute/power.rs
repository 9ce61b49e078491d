//! Starting, stopping and rebooting instances.

use serde::{Deserialize, Serialize};

use sandtable_model::InstanceId;
use sandtable_model::resource::{Instance, InstanceState, InstanceStateName, StateReason};
use smol_str::SmolStr;

use super::{Transition, capacity_reservation, spot, start, wiring};
use crate::rules::{require_all, required};
use crate::{ApiError, Ctx, Twin};

/// How the state of an instance changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceStateChange {
    /// The instance.
    pub instance_id: InstanceId,
    /// The state now.
    pub current_state: InstanceState,
    /// The state before.
    pub previous_state: InstanceState,
}

/// `StopInstances`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct StopInstancesRequest {
    /// The instances.
    pub instance_ids: Vec<String>,
    /// Whether not to wait for the instance; the twin's instances never hold out.
    pub force: bool,
    /// Whether to skip the shut-down of the operating system; the twin's instances have none.
    pub skip_os_shutdown: bool,
    /// Whether to keep what is in memory.
    pub hibernate: bool,
}

/// The answer of `StopInstances`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoppingInstances {
    /// The instances.
    pub stopping_instances: Vec<InstanceStateChange>,
}

/// Stops instances; they are `stopping`, then `stopped`. All are stopped or none. They keep
/// interfaces, volumes and Elastic IP addresses, and give back other public addresses.
///
/// # Errors
/// `IncorrectInstanceState`, `OperationNotPermitted` for those protected from it,
/// `UnsupportedOperation` for those without an EBS root and for Spot Instances,
/// `UnsupportedHibernationConfiguration` for those that cannot hibernate.
pub fn stop_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: StopInstancesRequest,
) -> Result<StoppingInstances, ApiError> {
    let instances = named(twin, ctx, &request.instance_ids)?;
    ctx.end_dry_run()?;
    for it in &instances {
        check_stoppable(it)?;
        if request.hibernate {
            check_hibernates(it)?;
        }
    }
    let mut changes = Vec::new();
    for it in instances {
        let is_running = it.state.name == InstanceStateName::Running;
        let to = match is_running {
            true => InstanceStateName::Stopping,
            false => it.state.name.clone(),
        };
        changes.push(change(&it, to));
        if is_running {
            let why = match request.hibernate {
                true => HIBERNATED,
                false => SHUT_DOWN,
            };
            begin(twin, &it.instance_id, InstanceStateName::Stopping, why);
            let delay = twin.options.timings.instance_stop;
            twin.schedule(delay, Transition::Stopped(it.instance_id));
        }
    }
    Ok(StoppingInstances {
        stopping_instances: changes,
    })
}

fn check_stoppable(instance: &Instance) -> Result<(), ApiError> {
    let id = &instance.instance_id;
    match instance.state.name {
        InstanceStateName::Running => {}
        InstanceStateName::Stopping | InstanceStateName::Stopped => return Ok(()),
        _ => {
            return Err(ApiError::new(
                "IncorrectInstanceState",
                format!("The instance '{id}' is not in a state from which it can be stopped."),
            ));
        }
    }
    if instance.disable_api_stop == Some(true) {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!(
                "The instance '{id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again."
            ),
        ));
    }
    spot::check_stoppable(instance)?;
    if instance.root_device_type.as_deref() == Some("instance-store") {
        return Err(ApiError::new(
            "UnsupportedOperation",
            format!(
                "The instance '{id}' does not have an 'ebs' root device type and cannot be stopped."
            ),
        ));
    }
    Ok(())
}

/// Only instances that were launched so can hibernate (user guide, "Hibernation prerequisites").
fn check_hibernates(instance: &Instance) -> Result<(), ApiError> {
    if instance.hibernation_options.is_some_and(|it| it.configured) {
        return Ok(());
    }
    Err(ApiError::new(
        "UnsupportedHibernationConfiguration",
        format!(
            "The instance '{}' cannot be hibernated: it was not enabled for hibernation when it was launched.",
            instance.instance_id
        ),
    ))
}

/// `stopping` becomes `stopped`: the instance takes no room any more, in no reservation and on no
/// host that it has no affinity with.
pub(super) fn stopped(twin: &mut Twin, id: &InstanceId) {
    wiring::release_public_addresses(twin, id);
    capacity_reservation::give_back(twin, id);
    twin.state.update(id, |it: &mut Instance| {
        it.state = InstanceStateName::Stopped.into();
        if it.placement.affinity.as_deref() != Some("host") {
            it.placement.host_id = None;
        }
    });
}

/// `StartInstances`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct StartInstancesRequest {
    /// The instances.
    pub instance_ids: Vec<String>,
    /// For AWS's own use; it changes nothing here.
    pub additional_info: Option<SmolStr>,
}

/// The answer of `StartInstances`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StartingInstances {
    /// The instances.
    pub starting_instances: Vec<InstanceStateChange>,
}

/// Starts stopped instances; they are `pending`, then `running`. All are started or none.
///
/// # Errors
/// `IncorrectInstanceState`, and those of want of room: `VcpuLimitExceeded`,
/// `ReservationCapacityExceeded`, those of hosts and placement groups.
pub fn start_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: StartInstancesRequest,
) -> Result<StartingInstances, ApiError> {
    let instances = named(twin, ctx, &request.instance_ids)?;
    ctx.end_dry_run()?;
    let startable = |it: &&Instance| {
        matches!(
            it.state.name,
            InstanceStateName::Stopped | InstanceStateName::Pending | InstanceStateName::Running
        )
    };
    if let Some(it) = instances.iter().find(|it| !startable(it)) {
        let id = &it.instance_id;
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{id}' is not in a state from which it can be started."),
        ));
    }
    let mut changes = Vec::new();
    // Each takes its room in turn; if the last finds none, the first must not have started.
    let before = instances
        .iter()
        .any(|it| start::can_lack_room(twin, it))
        .then(|| twin.checkpoint());
    for it in instances {
        let is_stopped = it.state.name == InstanceStateName::Stopped;
        let to = match is_stopped {
            true => InstanceStateName::Pending,
            false => it.state.name.clone(),
        };
        changes.push(change(&it, to));
        if !is_stopped {
            continue;
        }
        if let Err(error) = start::take_room(twin, ctx, &it) {
            if let Some(before) = &before {
                twin.restore(before);
            }
            return Err(error);
        }
        let (id, now) = (it.instance_id, twin.now());
        twin.state.update(&id, |it: &mut Instance| {
            it.launch_time = Some(now);
            it.state_reason = None;
            it.state_transition_reason = None;
        });
        wiring::lend_public_address(twin, &id);
        let delay = twin.options.timings.instance_start;
        twin.schedule(delay, Transition::Running(id));
    }
    Ok(StartingInstances {
        starting_instances: changes,
    })
}

/// `RebootInstances`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct RebootInstancesRequest {
    /// The instances.
    pub instance_ids: Vec<String>,
}

/// Reboots running instances, which changes nothing that can be seen.
///
/// # Errors
/// `IncorrectInstanceState`.
pub fn reboot_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RebootInstancesRequest,
) -> Result<(), ApiError> {
    let instances = named(twin, ctx, &request.instance_ids)?;
    ctx.end_dry_run()?;
    let is_running = |it: &&Instance| it.state.name == InstanceStateName::Running;
    match instances.iter().find(|it| !is_running(it)) {
        None => Ok(()),
        Some(it) => Err(ApiError::new(
            "IncorrectInstanceState",
            format!(
                "The instance '{}' is not in a state from which it can be rebooted.",
                it.instance_id
            ),
        )),
    }
}

/// The instances that a request names, each once.
pub(super) fn named(twin: &Twin, ctx: &Ctx, texts: &[String]) -> Result<Vec<Instance>, ApiError> {
    if texts.is_empty() {
        required("instanceId", "")?;
    }
    let found = require_all::<Instance>(&twin.state, ctx, texts)?;
    let mut instances: Vec<Instance> = Vec::with_capacity(found.len());
    for it in found {
        if !instances
            .iter()
            .any(|seen| seen.instance_id == it.instance_id)
        {
            instances.push(it.clone());
        }
    }
    Ok(instances)
}

pub(super) fn change(instance: &Instance, to: InstanceStateName) -> InstanceStateChange {
    InstanceStateChange {
        instance_id: instance.instance_id.clone(),
        current_state: to.into(),
        previous_state: instance.state.name.clone().into(),
    }
}

/// AWS's words for why an instance goes down.
pub(super) const SHUT_DOWN: (&str, &str) = (
    "Client.UserInitiatedShutdown",
    "Client.UserInitiatedShutdown: User initiated shutdown",
);
const HIBERNATED: (&str, &str) = (
    "Client.UserInitiatedHibernate",
    "Client.UserInitiatedHibernate: User initiated hibernate",
);

/// Sends an instance on its way down, with AWS's words for why.
pub(super) fn begin(
    twin: &mut Twin,
    id: &InstanceId,
    state: InstanceStateName,
    (code, message): (&'static str, &'static str),
) {
    let at = twin.now().format("%Y-%m-%d %H:%M:%S GMT");
    twin.state.update(id, |it: &mut Instance| {
        it.state = state.into();
        it.state_transition_reason = Some(format!("User initiated ({at})").into());
        it.state_reason = Some(Box::new(StateReason {
            code: Some(code.into()),
            message: Some(message.into()),
        }));
    });
}

pub(super) fn set_state(twin: &mut Twin, id: &InstanceId, state: InstanceStateName) {
    twin.state
        .update(id, |it: &mut Instance| it.state = state.into());
}
