//! Suspending and resuming the processes of groups.

use sandtable_model::resource::{AutoScalingGroup, SuspendedProcess};
use smol_str::{SmolStr, format_smolstr};

use super::changeable;
use super::keep::look_soon;
use crate::network::request::requests;
use crate::services::common::validation;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// SuspendProcesses.
    SuspendProcessesRequest { auto_scaling_group_name: String, scaling_processes: Vec<SmolStr> }
    /// ResumeProcesses.
    ResumeProcessesRequest { auto_scaling_group_name: String, scaling_processes: Vec<SmolStr> }
}

/// The processes (Auto Scaling API reference, `SuspendProcesses`). The twin heeds `Launch`,
/// `Terminate`, `HealthCheck`, `ReplaceUnhealthy` and `AddToLoadBalancer`; the others do nothing in it.
const PROCESSES: [&str; 9] = [
    "AZRebalance",
    "AddToLoadBalancer",
    "AlarmNotification",
    "HealthCheck",
    "InstanceRefresh",
    "Launch",
    "ReplaceUnhealthy",
    "ScheduledActions",
    "Terminate",
];

fn read(names: &[SmolStr]) -> Result<Vec<SmolStr>, ApiError> {
    if names.is_empty() {
        return Ok(PROCESSES.iter().map(|it| SmolStr::new_static(it)).collect());
    }
    if let Some(name) = names.iter().find(|it| !PROCESSES.contains(&it.as_str())) {
        return Err(validation(format!("Invalid scaling process: {name}")));
    }
    Ok(names.to_vec())
}

/// Suspends processes of a group; all when none is named. A group that may not launch does not
/// replace what is terminated.
///
/// # Errors
/// `ValidationError`.
pub fn suspend_processes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: SuspendProcessesRequest,
) -> Result<(), ApiError> {
    let group = changeable(twin, ctx, &request.auto_scaling_group_name)?;
    let names = read(&request.scaling_processes)?;
    let reason = format_smolstr!("User suspended at {}", twin.now());
    let id = &group.auto_scaling_group_id;
    twin.state.update(id, |it: &mut AutoScalingGroup| {
        for name in names {
            if !it.is_suspended(&name) {
                it.suspended_processes.push(SuspendedProcess {
                    process_name: name,
                    suspension_reason: Some(reason.clone()),
                });
            }
        }
    });
    Ok(())
}

/// Resumes processes of a group; all when none is named. What was left undone is done then.
///
/// # Errors
/// `ValidationError`.
pub fn resume_processes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ResumeProcessesRequest,
) -> Result<(), ApiError> {
    let group = changeable(twin, ctx, &request.auto_scaling_group_name)?;
    let names = read(&request.scaling_processes)?;
    let id = &group.auto_scaling_group_id;
    twin.state.update(id, |it: &mut AutoScalingGroup| {
        it.suspended_processes
            .retain(|it| !names.contains(&it.process_name));
    });
    look_soon(twin, id);
    Ok(())
}
