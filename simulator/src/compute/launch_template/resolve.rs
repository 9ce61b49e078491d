//! Which template, which version, and what a launch takes from it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use sandtable_model::resource::{LaunchTemplate, LaunchTemplateVersion};
use smol_str::SmolStr;

use crate::rules::{invalid_combination, invalid_value, require, required};
use crate::{ApiError, Ctx, State};

/// The template that a launch is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct LaunchTemplateSpecification {
    /// The template by its id.
    pub launch_template_id: Option<String>,
    /// The template by its name.
    pub launch_template_name: Option<String>,
    /// The version: its number, `$Latest` or `$Default`, which is also meant when it is absent.
    pub version: Option<SmolStr>,
}

/// What a launch takes from a template, under the names of `RunInstances`.
///
/// # Errors
/// Unknown templates and versions.
pub(in crate::compute) fn data_for_launch(
    state: &State,
    ctx: &Ctx,
    wanted: &LaunchTemplateSpecification,
) -> Result<Value, ApiError> {
    let id = wanted.launch_template_id.as_deref();
    let template = template(state, ctx, id, wanted.launch_template_name.as_deref())?;
    let text = wanted.version.as_deref().filter(|text| !text.is_empty());
    let version = version(template, text.unwrap_or("$Default"))?;
    let mut value = serde_json::to_value(&version.launch_template_data)
        .map_err(|error| invalid_value(format!("LaunchTemplateData: {error}")))?;
    if let Some(members) = value.as_object_mut()
        && let Some(disk) = members.remove("RamDiskId")
    {
        // The one name that differs between the two operations.
        members.insert("RamdiskId".to_owned(), disk);
    }
    Ok(value)
}

/// The id of the template that a launch names, and what it takes from it.
///
/// # Errors
/// As [`data_for_launch`].
pub(crate) fn template_for_launch(
    state: &State,
    ctx: &Ctx,
    wanted: &LaunchTemplateSpecification,
) -> Result<(String, Value), ApiError> {
    let id = wanted.launch_template_id.as_deref();
    let template = template(state, ctx, id, wanted.launch_template_name.as_deref())?;
    let data = data_for_launch(state, ctx, wanted)?;
    Ok((template.launch_template_id.to_string(), data))
}

/// The template that a request names by id or by name.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterCombination` for both, and the codes of unknown ones.
pub(super) fn template<'a>(
    state: &'a State,
    ctx: &Ctx,
    id: Option<&str>,
    name: Option<&str>,
) -> Result<&'a LaunchTemplate, ApiError> {
    match (id, name) {
        (Some(_), Some(_)) => Err(invalid_combination(
            "The parameters LaunchTemplateId and LaunchTemplateName cannot be used together",
        )),
        (Some(id), None) => require::<LaunchTemplate>(state, ctx, "LaunchTemplateId", id),
        (None, name) => by_name(
            state,
            ctx,
            required("LaunchTemplateId", name.unwrap_or_default())?,
        ),
    }
}

/// The template of a name.
///
/// # Errors
/// `InvalidLaunchTemplateName.NotFoundException`.
pub(super) fn by_name<'a>(
    state: &'a State,
    ctx: &Ctx,
    name: &str,
) -> Result<&'a LaunchTemplate, ApiError> {
    let mut templates = state.all::<LaunchTemplate>(&ctx.region);
    let found = templates.find(|it| it.launch_template_name == name);
    found.ok_or_else(|| {
        ApiError::new(
            "InvalidLaunchTemplateName.NotFoundException",
            format!("The specified launch template, with template name {name}, does not exist."),
        )
    })
}

/// The version that a text means: a number, `$Latest`, `$Default`.
///
/// # Errors
/// `InvalidLaunchTemplateId.VersionNotFound`, `InvalidParameterValue` for what is no version.
pub(super) fn version<'a>(
    template: &'a LaunchTemplate,
    text: &str,
) -> Result<&'a LaunchTemplateVersion, ApiError> {
    let found = match text {
        "$Latest" => template.latest(),
        "$Default" => template.version(template.default_version_number),
        number => template.version(number_of(number)?),
    };
    found.ok_or_else(|| {
        ApiError::new(
            "InvalidLaunchTemplateId.VersionNotFound",
            format!(
                "Could not find the specified version {text} for the launch template with ID {}.",
                template.launch_template_id
            ),
        )
    })
}

/// The number of a version.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn number_of(text: &str) -> Result<u64, ApiError> {
    text.parse().map_err(|_| {
        invalid_value(format!(
            "Value ({text}) for parameter version is invalid. It must be a version number, $Latest or $Default."
        ))
    })
}
