//! Versions of launch templates: they are added and deleted, never changed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use sandtable_model::LaunchTemplateId;
use sandtable_model::resource::{LaunchTemplate, LaunchTemplateData, LaunchTemplateVersion};
use smol_str::SmolStr;

use super::{author, describe, read_data, resolve, typed};
use crate::rules::{invalid_value, required};
use crate::{ApiError, Ctx, Twin};

/// The most versions that a call may delete (EC2 API reference, DeleteLaunchTemplateVersions).
const DELETED_MAX: usize = 200;

/// `CreateLaunchTemplateVersion`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateLaunchTemplateVersionRequest {
    /// The template by its id.
    pub launch_template_id: Option<String>,
    /// The template by its name.
    pub launch_template_name: Option<String>,
    /// The version that it is based on.
    pub source_version: Option<String>,
    /// What to say of it.
    pub version_description: Option<SmolStr>,
    /// What it has beyond or instead of its source.
    pub launch_template_data: Value,
    /// Makes the call repeatable.
    pub client_token: Option<String>,
}

/// The answer of `CreateLaunchTemplateVersion`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MadeVersion {
    /// The version.
    pub launch_template_version: Value,
}

/// Adds a version. What it says takes the place of what its source says, member by member; the
/// source's snapshots are not taken over (EC2 API reference, CreateLaunchTemplateVersion).
///
/// # Errors
/// Unknown templates and versions.
pub fn create_launch_template_version(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateLaunchTemplateVersionRequest,
) -> Result<MadeVersion, ApiError> {
    const NAME: &str = "CreateLaunchTemplateVersion";
    let (id, name) = (&request.launch_template_id, &request.launch_template_name);
    let template = resolve::template(&twin.state, ctx, id.as_deref(), name.as_deref())?.clone();
    let id = template.launch_template_id.clone();
    let own = read_data(request.launch_template_data.clone())?;
    let data = match request.source_version.as_deref() {
        None => own,
        Some(text) => {
            let source = resolve::version(&template, text)?;
            merged(
                &source.launch_template_data,
                request.launch_template_data.clone(),
            )?
        }
    };
    let token = request.client_token.as_deref();
    // The token is of the template: what it made is a number of it.
    if twin.replayed(ctx, NAME, token, &request)?.is_some() {
        let key = token.map(|it| (id.clone(), SmolStr::new(it)));
        let made = key.and_then(|it| twin.compute.made_versions.get(&it));
        let version = made.and_then(|number| template.version(*number));
        if let Some(version) = version {
            return Ok(MadeVersion {
                launch_template_version: describe::shown_version(&template, version),
            });
        }
    }
    ctx.end_dry_run()?;
    let given = twin.compute.numbered.get(&id).copied().unwrap_or_default();
    let number = given.max(template.latest_version_number) + 1;
    let version = LaunchTemplateVersion {
        version_number: number,
        version_description: request.version_description.clone(),
        create_time: Some(twin.now()),
        created_by: Some(author(ctx)),
        launch_template_data: data,
    };
    let shown = describe::shown_version(&template, &version);
    twin.compute.numbered.insert(id.clone(), number);
    twin.state.update(&id, |it: &mut LaunchTemplate| {
        it.latest_version_number = number;
        it.versions.push(version);
    });
    if let Some(token) = token {
        let made = &mut twin.compute.made_versions;
        made.insert((id.clone(), token.into()), number);
    }
    twin.remember(ctx, NAME, token, &request, vec![(&id).into()]);
    Ok(MadeVersion {
        launch_template_version: shown,
    })
}

fn merged(source: &LaunchTemplateData, own: Value) -> Result<LaunchTemplateData, ApiError> {
    let mut source = source.clone();
    for device in &mut source.block_device_mappings {
        if let Some(ebs) = &mut device.ebs {
            ebs.snapshot_id = None;
        }
    }
    let mut value =
        serde_json::to_value(source).map_err(|error| invalid_value(error.to_string()))?;
    if let (Value::Object(members), Value::Object(own)) = (&mut value, own) {
        // Each excludes the other, so the one given now ends the one inherited.
        if own.contains_key("InstanceType") {
            members.remove("InstanceRequirements");
        }
        if own.contains_key("InstanceRequirements") {
            members.remove("InstanceType");
        }
        members.extend(own);
    }
    typed(value)
}

/// `DeleteLaunchTemplateVersions`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteLaunchTemplateVersionsRequest {
    /// The template by its id.
    pub launch_template_id: Option<String>,
    /// The template by its name.
    pub launch_template_name: Option<String>,
    /// The versions by their numbers.
    pub versions: Vec<String>,
}

/// The answer of `DeleteLaunchTemplateVersions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeletedVersions {
    /// The versions that are gone.
    pub successfully_deleted_launch_template_versions: Vec<DeletedVersion>,
    /// Those that are not.
    pub unsuccessfully_deleted_launch_template_versions: Vec<UndeletedVersion>,
}

/// A version that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeletedVersion {
    /// The template.
    pub launch_template_id: LaunchTemplateId,
    /// Its name.
    pub launch_template_name: SmolStr,
    /// The number.
    pub version_number: u64,
}

/// A version that could not be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UndeletedVersion {
    /// The template.
    pub launch_template_id: LaunchTemplateId,
    /// Its name.
    pub launch_template_name: SmolStr,
    /// The number.
    pub version_number: u64,
    /// Why.
    pub response_error: VersionError,
}

/// Why a version could not be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VersionError {
    /// AWS's code.
    pub code: &'static str,
    /// The same in words.
    pub message: String,
}

/// Deletes versions, each on its own. The default version stays (facts, ec2-semantics, section 3,
/// Launch template); numbers are not given again.
///
/// # Errors
/// Unknown templates, and `InvalidParameterValue` for more than 200 versions.
pub fn delete_launch_template_versions(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteLaunchTemplateVersionsRequest,
) -> Result<DeletedVersions, ApiError> {
    let (id, name) = (&request.launch_template_id, &request.launch_template_name);
    let template = resolve::template(&twin.state, ctx, id.as_deref(), name.as_deref())?.clone();
    if request.versions.is_empty() {
        required("LaunchTemplateVersion", "")?;
    }
    if request.versions.len() > DELETED_MAX {
        return Err(invalid_value(format!(
            "No more than {DELETED_MAX} versions can be deleted in one call"
        )));
    }
    let mut numbers = Vec::with_capacity(request.versions.len());
    for text in &request.versions {
        numbers.push(resolve::number_of(text)?);
    }
    ctx.end_dry_run()?;
    let id = template.launch_template_id.clone();
    let highest = template.latest_version_number;
    let given = twin.compute.numbered.entry(id.clone()).or_default();
    *given = highest.max(*given);
    let mut answer = DeletedVersions::default();
    for number in numbers {
        let refusal = match template.version(number) {
            _ if number == template.default_version_number => Some((
                "unexpectedError",
                "Cannot delete the default version of a launch template.".to_owned(),
            )),
            None => Some((
                "launchTemplateVersionDoesNotExist",
                format!("The version {number} of the launch template {id} does not exist."),
            )),
            Some(_) => None,
        };
        let (launch_template_id, launch_template_name) =
            (id.clone(), template.launch_template_name.clone());
        if let Some((code, message)) = refusal {
            let failed = &mut answer.unsuccessfully_deleted_launch_template_versions;
            failed.push(UndeletedVersion {
                launch_template_id,
                launch_template_name,
                version_number: number,
                response_error: VersionError { code, message },
            });
            continue;
        }
        twin.state.update(&id, |it: &mut LaunchTemplate| {
            it.versions
                .retain(|version| version.version_number != number);
            let left = it.latest().map(|it| it.version_number);
            it.latest_version_number = left.unwrap_or(it.default_version_number);
        });
        let gone = &mut answer.successfully_deleted_launch_template_versions;
        gone.push(DeletedVersion {
            launch_template_id,
            launch_template_name,
            version_number: number,
        });
    }
    Ok(answer)
}
