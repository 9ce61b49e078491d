//! How AWS may move an instance when its host fails or is serviced.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use sandtable_model::InstanceId;
use sandtable_model::resource::{Instance, MaintenanceOptions};

use crate::rules::{invalid_combination, invalid_value, require};
use crate::{ApiError, Ctx, Twin};

/// Options as launches give them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedMaintenanceOptions {
    /// `default` or `disabled`.
    pub auto_recovery: Option<SmolStr>,
}

impl WantedMaintenanceOptions {
    /// The options of a new instance.
    ///
    /// # Errors
    /// `InvalidParameterValue`.
    pub(super) fn resolved(&self) -> Result<MaintenanceOptions, ApiError> {
        check("AutoRecovery", &self.auto_recovery)?;
        let recovery = self.auto_recovery.clone();
        Ok(MaintenanceOptions {
            auto_recovery: recovery.or_else(|| Some("default".into())),
            reboot_migration: Some("default".into()),
        })
    }
}

/// `ModifyInstanceMaintenanceOptions`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyInstanceMaintenanceOptionsRequest {
    /// The instance.
    pub instance_id: String,
    /// `default` or `disabled`.
    pub auto_recovery: Option<SmolStr>,
    /// `default` or `disabled`.
    pub reboot_migration: Option<SmolStr>,
}

/// The answer of `ModifyInstanceMaintenanceOptions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifiedMaintenanceOptions {
    /// The instance.
    pub instance_id: InstanceId,
    /// `default` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_recovery: Option<SmolStr>,
    /// `default` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reboot_migration: Option<SmolStr>,
}

/// Changes an instance's options, whether it runs or not.
///
/// # Errors
/// `InvalidParameterValue`, `InvalidParameterCombination` for no change.
pub fn modify_instance_maintenance_options(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyInstanceMaintenanceOptionsRequest,
) -> Result<ModifiedMaintenanceOptions, ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    let id = instance.instance_id.clone();
    let mut options = instance.maintenance_options.clone().unwrap_or_default();
    check("AutoRecovery", &request.auto_recovery)?;
    check("RebootMigration", &request.reboot_migration)?;
    if request.auto_recovery.is_none() && request.reboot_migration.is_none() {
        return Err(invalid_combination("No maintenance options specified."));
    }
    ctx.end_dry_run()?;
    if request.auto_recovery.is_some() {
        options.auto_recovery = request.auto_recovery;
    }
    if request.reboot_migration.is_some() {
        options.reboot_migration = request.reboot_migration;
    }
    twin.state.update(&id, |it: &mut Instance| {
        it.maintenance_options = Some(options.clone());
    });
    Ok(ModifiedMaintenanceOptions {
        instance_id: id,
        auto_recovery: options.auto_recovery,
        reboot_migration: options.reboot_migration,
    })
}

fn check(name: &str, given: &Option<SmolStr>) -> Result<(), ApiError> {
    match given.as_deref() {
        None | Some("default" | "disabled") => Ok(()),
        Some(text) => Err(invalid_value(format!(
            "Value ({text}) for parameter {name} is invalid."
        ))),
    }
}
