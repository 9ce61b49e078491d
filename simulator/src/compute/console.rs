//! What can be asked of the inside of an instance. The twin's instances run nothing, so there is
//! nothing on the console, no password, and nothing in the store of UEFI variables.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::Instance;
use sandtable_model::{InstanceId, Timestamp};

use crate::rules::require;
use crate::{ApiError, Ctx, Twin};

/// `GetConsoleOutput`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetConsoleOutputRequest {
    /// The instance.
    pub instance_id: String,
    /// Whether to tell the latest; it is as empty as the rest.
    pub latest: bool,
}

/// The answer of `GetConsoleOutput`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConsoleOutput {
    /// The instance.
    pub instance_id: InstanceId,
    /// When it was last written to.
    pub timestamp: Timestamp,
    /// What is on it, in base64: nothing.
    pub output: &'static str,
}

/// Tells what is on an instance's console.
///
/// # Errors
/// Unknown instances.
pub fn get_console_output(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetConsoleOutputRequest,
) -> Result<ConsoleOutput, ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    ctx.end_dry_run()?;
    Ok(ConsoleOutput {
        instance_id: instance.instance_id.clone(),
        timestamp: instance.launch_time.unwrap_or_else(|| twin.now()),
        output: "",
    })
}

/// `GetPasswordData`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetPasswordDataRequest {
    /// The instance.
    pub instance_id: String,
}

/// The answer of `GetPasswordData`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PasswordData {
    /// The instance.
    pub instance_id: InstanceId,
    /// When it was set.
    pub timestamp: Timestamp,
    /// The encrypted password: none.
    pub password_data: &'static str,
}

/// Tells the administrator's password of an instance: AWS, too, answers nothing for instances that
/// have set none (EC2 API reference, GetPasswordData).
///
/// # Errors
/// Unknown instances.
pub fn get_password_data(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetPasswordDataRequest,
) -> Result<PasswordData, ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    ctx.end_dry_run()?;
    Ok(PasswordData {
        instance_id: instance.instance_id.clone(),
        timestamp: instance.launch_time.unwrap_or_else(|| twin.now()),
        password_data: "",
    })
}

/// `GetInstanceUefiData`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetInstanceUefiDataRequest {
    /// The instance.
    pub instance_id: String,
}

/// The answer of `GetInstanceUefiData`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UefiData {
    /// The instance.
    pub instance_id: InstanceId,
    /// The non-volatile variables, compressed and in base64: none, since nothing has set one.
    pub uefi_data: &'static str,
}

/// Tells the UEFI variables that an instance has stored (EC2 API reference, GetInstanceUefiData).
///
/// # Errors
/// Unknown instances.
pub fn get_instance_uefi_data(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetInstanceUefiDataRequest,
) -> Result<UefiData, ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    ctx.end_dry_run()?;
    Ok(UefiData {
        instance_id: instance.instance_id.clone(),
        uefi_data: "",
    })
}
