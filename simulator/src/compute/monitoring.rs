//! Detailed monitoring, which costs by the metric.

use serde::{Deserialize, Serialize};

use sandtable_model::InstanceId;
use sandtable_model::resource::{Instance, InstanceStateName, Monitoring};

use super::Transition;
use super::power::named;
use crate::{ApiError, Ctx, Twin};

/// `MonitorInstances` and `UnmonitorInstances`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct MonitorInstancesRequest {
    /// The instances.
    pub instance_ids: Vec<String>,
}

/// The answer of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MonitoringOfInstances {
    /// The instances.
    pub instance_monitorings: Vec<InstanceMonitoring>,
}

/// The monitoring of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceMonitoring {
    /// The instance.
    pub instance_id: InstanceId,
    /// Its monitoring.
    pub monitoring: Monitoring,
}

/// Switches detailed monitoring on; it is `pending`, then `enabled`.
///
/// # Errors
/// Unknown ids, `IncorrectInstanceState` for instances that are over.
pub fn monitor_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: MonitorInstancesRequest,
) -> Result<MonitoringOfInstances, ApiError> {
    switch(twin, ctx, &request, ("enabled", "pending"))
}

/// Switches detailed monitoring off; it is `disabling`, then `disabled`.
///
/// # Errors
/// As [`monitor_instances`].
pub fn unmonitor_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: MonitorInstancesRequest,
) -> Result<MonitoringOfInstances, ApiError> {
    switch(twin, ctx, &request, ("disabled", "disabling"))
}

fn switch(
    twin: &mut Twin,
    ctx: &Ctx,
    request: &MonitorInstancesRequest,
    (end, way): (&'static str, &'static str),
) -> Result<MonitoringOfInstances, ApiError> {
    let instances = named(twin, ctx, &request.instance_ids)?;
    ctx.end_dry_run()?;
    let is_over = |it: &&Instance| {
        matches!(
            it.state.name,
            InstanceStateName::Terminated | InstanceStateName::ShuttingDown
        )
    };
    if let Some(it) = instances.iter().find(is_over) {
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!(
                "The instance '{}' is not in a state from which its monitoring can be changed.",
                it.instance_id
            ),
        ));
    }
    let mut changed = Vec::new();
    for it in instances {
        let present = it.monitoring.as_ref().map(|it| it.state.as_str());
        let state = match present {
            Some(state) if state == end || state == way => state,
            None if end == "disabled" => end,
            _ => way,
        };
        let monitoring = Monitoring {
            state: state.into(),
        };
        let id = it.instance_id;
        let shown = monitoring.clone();
        twin.state.update(&id, |it: &mut Instance| {
            it.monitoring = Some(monitoring);
        });
        let delay = twin.options.timings.instance_option;
        twin.schedule(delay, Transition::MonitoringSwitched(id.clone()));
        changed.push(InstanceMonitoring {
            instance_id: id,
            monitoring: shown,
        });
    }
    Ok(MonitoringOfInstances {
        instance_monitorings: changed,
    })
}

/// `pending` becomes `enabled`, `disabling` becomes `disabled`.
pub(super) fn switched(twin: &mut Twin, id: &InstanceId) {
    twin.state.update(id, |it: &mut Instance| {
        if let Some(monitoring) = &mut it.monitoring {
            match monitoring.state.as_str() {
                "pending" => monitoring.state = "enabled".into(),
                "disabling" => monitoring.state = "disabled".into(),
                _ => {}
            }
        }
    });
}
