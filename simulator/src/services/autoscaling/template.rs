//! What a launch template says to a group. A template is read in its JSON form, whose data has the
//! member names of `RunInstances`.

use sandtable_model::resource::LaunchTemplateSpecification;
use sandtable_model::{Kind, Resource};
use serde_json::{Map, Value, json};

use crate::compute::RunInstancesRequest;
use crate::services::common::validation;
use crate::{ApiError, Ctx, Twin};

fn refuse(why: &str) -> ApiError {
    validation(format!(
        "You must use a valid fully-formed launch template. {why}"
    ))
}

/// The template's data in the version that is asked for.
///
/// # Errors
/// `ValidationError` when template or version are not there.
pub(super) fn data(
    twin: &Twin,
    ctx: &Ctx,
    wanted: &LaunchTemplateSpecification,
) -> Result<Map<String, Value>, ApiError> {
    let template = find(twin, ctx, wanted)?;
    let number = |name: &str| template.get(name).and_then(Value::as_u64);
    let version = match wanted.version.as_deref() {
        None | Some("" | "$Default") => number("DefaultVersionNumber"),
        Some("$Latest") => number("LatestVersionNumber"),
        Some(text) => text.parse().ok(),
    };
    let versions = template.get("Versions").and_then(Value::as_array);
    let mut versions = versions.into_iter().flatten();
    let found = versions
        .find(|it| version.is_some() && it.get("VersionNumber").and_then(Value::as_u64) == version);
    let data = found.and_then(|it| it.get("LaunchTemplateData")?.as_object());
    data.cloned()
        .ok_or_else(|| refuse("Could not find the specified version of the launch template."))
}

fn find(twin: &Twin, ctx: &Ctx, wanted: &LaunchTemplateSpecification) -> Result<Value, ApiError> {
    let id = wanted.launch_template_id.as_deref().unwrap_or_default();
    let name = wanted.launch_template_name.as_deref().unwrap_or_default();
    if id.is_empty() == name.is_empty() {
        return Err(validation(
            "Valid requests must contain either launchTemplateId or LaunchTemplateName",
        ));
    }
    let all = twin.state.list(&ctx.region, Kind::LaunchTemplate);
    let mut values = all.filter_map(|it| Resource::to_value(it).ok());
    let is = |it: &Value, member: &str, text: &str| {
        !text.is_empty() && it.get(member).and_then(Value::as_str) == Some(text)
    };
    let found =
        values.find(|it| is(it, "LaunchTemplateId", id) || is(it, "LaunchTemplateName", name));
    found.ok_or_else(|| {
        let which = match id {
            "" => format!("name {name}"),
            id => format!("template ID {id}"),
        };
        refuse(&format!(
            "The specified launch template, with {which}, does not exist."
        ))
    })
}

/// A request for one instance as a template has it.
///
/// # Errors
/// `ValidationError` for what is not there, and for data that no instance can be launched with.
pub(super) fn request(
    twin: &Twin,
    ctx: &Ctx,
    wanted: &LaunchTemplateSpecification,
) -> Result<RunInstancesRequest, ApiError> {
    let mut data = data(twin, ctx, wanted)?;
    if let Some(disk) = data.remove("RamDiskId") {
        // The one name that differs.
        data.insert("RamdiskId".to_owned(), disk);
    }
    data.insert("MinCount".to_owned(), json!(1));
    data.insert("MaxCount".to_owned(), json!(1));
    serde_json::from_value(Value::Object(data)).map_err(|error| refuse(&error.to_string()))
}
