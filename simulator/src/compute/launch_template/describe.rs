//! Looking at launch templates and their versions.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use sandtable_model::resource::{LaunchTemplate, LaunchTemplateVersion};

use super::resolve;
use crate::rules::{
    self, Extract, Filter, FilterTable, Filters, Listing, describe, invalid_combination, required,
};
use crate::{ApiError, Ctx, Twin};

/// `DescribeLaunchTemplates`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeLaunchTemplatesRequest {
    /// The templates by their ids; all when there are none.
    pub launch_template_ids: Vec<String>,
    /// The templates by their names.
    pub launch_template_names: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeLaunchTemplates`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedTemplates {
    /// The templates, by id, without their versions.
    pub launch_templates: Vec<Value>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

const TEMPLATE: FilterTable<LaunchTemplate> = &[
    ("create-time", |_, it, out| {
        it.create_time.iter().for_each(|it| out(&it.to_wire()));
    }),
    ("launch-template-name", |_, it, out| {
        out(&it.launch_template_name)
    }),
];

/// Lists templates.
///
/// # Errors
/// See [`describe`], and `InvalidLaunchTemplateName.NotFoundException`.
pub fn describe_launch_templates(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeLaunchTemplatesRequest,
) -> Result<DescribedTemplates, ApiError> {
    let mut ids = request.launch_template_ids.clone();
    for name in &request.launch_template_names {
        let template = resolve::by_name(&twin.state, ctx, name)?;
        ids.push(template.launch_template_id.as_str().to_owned());
    }
    let listing = Listing {
        ids: &ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(1..=200),
        ids_exclude_pages: false,
    };
    let page = describe::<LaunchTemplate>(&twin.state, ctx, &listing, TEMPLATE)?;
    Ok(DescribedTemplates {
        launch_templates: page.all::<LaunchTemplate>().map(shown).collect(),
        next_token: page.next_token.clone(),
    })
}

/// A template as AWS tells it: its versions stand in an answer of their own.
pub(super) fn shown(template: &LaunchTemplate) -> Value {
    let mut value = serde_json::to_value(template).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        members.remove("Versions");
    }
    value
}

/// A version as AWS tells it.
pub(super) fn shown_version(template: &LaunchTemplate, version: &LaunchTemplateVersion) -> Value {
    let mut value = serde_json::to_value(version).unwrap_or_default();
    value["LaunchTemplateId"] = json!(template.launch_template_id);
    value["LaunchTemplateName"] = json!(template.launch_template_name);
    value["DefaultVersion"] = json!(version.version_number == template.default_version_number);
    value
}

/// `DescribeLaunchTemplateVersions`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeLaunchTemplateVersionsRequest {
    /// The template by its id.
    pub launch_template_id: Option<String>,
    /// The template by its name.
    pub launch_template_name: Option<String>,
    /// The versions: numbers, `$Latest`, `$Default`; all when there are none.
    pub versions: Vec<String>,
    /// The least number.
    pub min_version: Option<String>,
    /// The greatest number.
    pub max_version: Option<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeLaunchTemplateVersions`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedVersions {
    /// The versions, by template, the newest first.
    pub launch_template_versions: Vec<Value>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Lists versions: of one template, or the latest and default ones of all.
///
/// # Errors
/// Unknown templates and versions, `InvalidParameterValue` for filters that there are not,
/// `InvalidNextToken`.
pub fn describe_launch_template_versions(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeLaunchTemplateVersionsRequest,
) -> Result<DescribedVersions, ApiError> {
    let all = wanted(twin, ctx, &request)?;
    let filters = Filters::new(&request.filters, VERSION)?;
    let most = rules::page_size(request.max_results, &(1..=200))?;
    let from = match request.next_token.as_deref() {
        None => 0,
        Some(token) => rules::read_offset(token)?,
    };
    ctx.end_dry_run()?;
    let fitting = all
        .iter()
        .filter(|it| filters.pass(&twin.state, it, &rules::NO_TAGS));
    let mut fitting = fitting.skip(from);
    let page: Vec<Value> = fitting.by_ref().take(most).cloned().collect();
    let end = from + page.len();
    Ok(DescribedVersions {
        launch_template_versions: page,
        next_token: fitting.next().map(|_| rules::write_offset(end)),
    })
}

fn wanted(
    twin: &Twin,
    ctx: &Ctx,
    request: &DescribeLaunchTemplateVersionsRequest,
) -> Result<Vec<Value>, ApiError> {
    let id = request.launch_template_id.as_deref();
    let name = request.launch_template_name.as_deref();
    if id.is_none() && name.is_none() {
        return of_all(twin, ctx, &request.versions);
    }
    let template = resolve::template(&twin.state, ctx, id, name)?;
    let bound = |text: &Option<String>| text.as_deref().map(resolve::number_of).transpose();
    let least = bound(&request.min_version)?.unwrap_or(0);
    let most = bound(&request.max_version)?.unwrap_or(u64::MAX);
    let mut versions: Vec<&LaunchTemplateVersion> = Vec::new();
    if request.versions.is_empty() {
        versions.extend(&template.versions);
    }
    for text in &request.versions {
        versions.push(resolve::version(template, text)?);
    }
    versions.retain(|it| (least..=most).contains(&it.version_number));
    versions.sort_unstable_by_key(|it| std::cmp::Reverse(it.version_number));
    versions.dedup_by_key(|it| it.version_number);
    let shown = versions.into_iter();
    Ok(shown.map(|it| shown_version(template, it)).collect())
}

/// Without a template only `$Latest` and `$Default` may be asked for.
fn of_all(twin: &Twin, ctx: &Ctx, texts: &[String]) -> Result<Vec<Value>, ApiError> {
    if texts.is_empty() {
        required("LaunchTemplateId", "")?;
    }
    if !texts.iter().all(|it| it == "$Latest" || it == "$Default") {
        return Err(invalid_combination(
            "Without a launch template, only $Latest and $Default can be specified as versions",
        ));
    }
    let mut all = Vec::new();
    for template in twin.state.all::<LaunchTemplate>(&ctx.region) {
        let found = texts.iter().map(|text| resolve::version(template, text));
        let mut versions = found.collect::<Result<Vec<_>, ApiError>>()?;
        versions.sort_unstable_by_key(|it| std::cmp::Reverse(it.version_number));
        versions.dedup_by_key(|it| it.version_number);
        all.extend(versions.into_iter().map(|it| shown_version(template, it)));
    }
    Ok(all)
}

/// The value at a path of a version's data, as text.
fn at(version: &Value, path: &[&str], out: &mut dyn FnMut(&str)) {
    let mut value = &version["LaunchTemplateData"];
    for name in path {
        value = &value[*name];
    }
    match value {
        Value::Null => {}
        Value::String(text) => out(text),
        other => out(&other.to_string()),
    }
}

const VERSION: &[(&str, Extract<Value>)] = &[
    ("create-time", |_, it, out| {
        it["CreateTime"].as_str().into_iter().for_each(out);
    }),
    ("ebs-optimized", |_, it, out| at(it, &["EbsOptimized"], out)),
    ("host-resource-group-arn", |_, it, out| {
        at(it, &["Placement", "HostResourceGroupArn"], out);
    }),
    ("http-endpoint", |_, it, out| {
        at(it, &["MetadataOptions", "HttpEndpoint"], out);
    }),
    ("http-tokens", |_, it, out| {
        at(it, &["MetadataOptions", "HttpTokens"], out);
    }),
    ("iam-instance-profile", |_, it, out| {
        at(it, &["IamInstanceProfile", "Arn"], out);
    }),
    ("image-id", |_, it, out| at(it, &["ImageId"], out)),
    ("instance-type", |_, it, out| at(it, &["InstanceType"], out)),
    ("is-default-version", |_, it, out| {
        out(&it["DefaultVersion"].to_string());
    }),
    ("kernel-id", |_, it, out| at(it, &["KernelId"], out)),
    ("network-card-index", |_, it, out| {
        let interfaces = it["LaunchTemplateData"]["NetworkInterfaces"].as_array();
        for interface in interfaces.into_iter().flatten() {
            if let Some(index) = interface["NetworkCardIndex"].as_i64() {
                out(&index.to_string());
            }
        }
    }),
    ("ram-disk-id", |_, it, out| at(it, &["RamDiskId"], out)),
];
