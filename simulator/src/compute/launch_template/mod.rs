//! Launch templates: create, change, delete, and what a launch takes from them.
//!
//! A template is kept as its author wrote it: AWS looks at what it names only when something is
//! launched from it, and so does the twin. The warnings that AWS gives about combinations that would
//! fail (`Warning`) are deliberately absent.

mod data;
mod describe;
mod resolve;
mod version;

pub use data::{GetLaunchTemplateDataRequest, LaunchTemplateDataOf, get_launch_template_data};
pub use describe::{
    DescribeLaunchTemplateVersionsRequest, DescribeLaunchTemplatesRequest, DescribedTemplates,
    DescribedVersions, describe_launch_template_versions, describe_launch_templates,
};
pub use resolve::LaunchTemplateSpecification;
pub use version::{
    CreateLaunchTemplateVersionRequest, DeleteLaunchTemplateVersionsRequest, DeletedVersion,
    DeletedVersions, MadeVersion, UndeletedVersion, VersionError, create_launch_template_version,
    delete_launch_template_versions,
};

pub(super) use resolve::data_for_launch;
pub(crate) use resolve::template_for_launch;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use sandtable_model::resource::{LaunchTemplate, LaunchTemplateData, LaunchTemplateVersion};
use sandtable_model::{Kind, LaunchTemplateId};
use smol_str::SmolStr;

use crate::rules::{TagSpecification, invalid_combination, required, tags_for};
use crate::{ApiError, Ctx, Twin};

/// The members of AWS's `RequestLaunchTemplateData`.
const DATA: &[&str] = &[
    "BlockDeviceMappings",
    "CapacityReservationSpecification",
    "CpuOptions",
    "CreditSpecification",
    "DisableApiStop",
    "DisableApiTermination",
    "EbsOptimized",
    "ElasticGpuSpecifications",
    "ElasticInferenceAccelerators",
    "EnclaveOptions",
    "HibernationOptions",
    "IamInstanceProfile",
    "ImageId",
    "InstanceInitiatedShutdownBehavior",
    "InstanceMarketOptions",
    "InstanceRequirements",
    "InstanceType",
    "KernelId",
    "KeyName",
    "LicenseSpecifications",
    "MaintenanceOptions",
    "MetadataOptions",
    "Monitoring",
    "NetworkInterfaces",
    "NetworkPerformanceOptions",
    "Placement",
    "PrivateDnsNameOptions",
    "RamDiskId",
    "SecondaryInterfaces",
    "SecurityGroupIds",
    "SecurityGroups",
    "TagSpecifications",
    "UserData",
];

/// `CreateLaunchTemplate`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateLaunchTemplateRequest {
    /// The name.
    pub launch_template_name: String,
    /// What to say of the first version.
    pub version_description: Option<SmolStr>,
    /// The first version.
    pub launch_template_data: Value,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
    /// Makes the call repeatable.
    pub client_token: Option<String>,
}

/// The answer of operations on one template.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OneTemplate {
    /// The template, without its versions.
    pub launch_template: Value,
}

/// Makes a template with its first version.
///
/// # Errors
/// `InvalidLaunchTemplateName.AlreadyExistsException`, `InvalidLaunchTemplateName.MalformedException`.
pub fn create_launch_template(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateLaunchTemplateRequest,
) -> Result<OneTemplate, ApiError> {
    const NAME: &str = "CreateLaunchTemplate";
    let name = required("LaunchTemplateName", &request.launch_template_name)?;
    check_name(name)?;
    let data = read_data(request.launch_template_data.clone())?;
    let kind = Kind::LaunchTemplate;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)? {
        let made = made.first().cloned();
        let template = made.and_then(|id| twin.state.one::<LaunchTemplate>(id));
        return Ok(OneTemplate {
            launch_template: template.map_or(Value::Null, describe::shown),
        });
    }
    ctx.end_dry_run()?;
    let mut others = twin.state.all::<LaunchTemplate>(&ctx.region);
    if others.any(|it| it.launch_template_name == name) {
        return Err(ApiError::new(
            "InvalidLaunchTemplateName.AlreadyExistsException",
            "Launch template name already in use.",
        ));
    }
    drop(others);
    let template = LaunchTemplate {
        launch_template_id: twin.fresh(LaunchTemplateId::from_number),
        launch_template_name: name.into(),
        create_time: Some(twin.now()),
        created_by: Some(author(ctx)),
        default_version_number: 1,
        latest_version_number: 1,
        versions: vec![LaunchTemplateVersion {
            version_number: 1,
            version_description: request.version_description.clone(),
            create_time: Some(twin.now()),
            created_by: Some(author(ctx)),
            launch_template_data: data,
        }],
        tags,
    };
    let launch_template = describe::shown(&template);
    let made = vec![(&template.launch_template_id).into()];
    twin.state.insert(&ctx.region, template);
    twin.remember(ctx, NAME, token, &request, made);
    Ok(OneTemplate { launch_template })
}

/// `ModifyLaunchTemplate`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyLaunchTemplateRequest {
    /// The template by its id.
    pub launch_template_id: Option<String>,
    /// The template by its name.
    pub launch_template_name: Option<String>,
    /// The version to use when none is named.
    #[serde(alias = "SetDefaultVersion")]
    pub default_version: Option<String>,
    /// Makes the call repeatable; setting the same version again changes nothing anyway.
    pub client_token: Option<String>,
}

/// Sets the version that is used when none is named.
///
/// # Errors
/// Unknown templates, `InvalidLaunchTemplateId.VersionNotFound`.
pub fn modify_launch_template(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyLaunchTemplateRequest,
) -> Result<OneTemplate, ApiError> {
    let (id, name) = (&request.launch_template_id, &request.launch_template_name);
    let template = resolve::template(&twin.state, ctx, id.as_deref(), name.as_deref())?.clone();
    let wanted = request.default_version.as_deref().unwrap_or_default();
    let wanted = required("SetDefaultVersion", wanted)?;
    let number = resolve::version(&template, wanted)?.version_number;
    ctx.end_dry_run()?;
    let id = template.launch_template_id;
    twin.state.update(&id, |it: &mut LaunchTemplate| {
        it.default_version_number = number;
    });
    let template = twin.state.one::<LaunchTemplate>(&id);
    Ok(OneTemplate {
        launch_template: template.map_or(Value::Null, describe::shown),
    })
}

/// `DeleteLaunchTemplate`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteLaunchTemplateRequest {
    /// The template by its id.
    pub launch_template_id: Option<String>,
    /// The template by its name.
    pub launch_template_name: Option<String>,
}

/// Deletes a template with all its versions. Nothing blocks it: what would launch from it fails
/// later (facts, ec2-semantics, section 3, Launch template).
///
/// # Errors
/// Unknown templates.
pub fn delete_launch_template(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteLaunchTemplateRequest,
) -> Result<OneTemplate, ApiError> {
    let (id, name) = (&request.launch_template_id, &request.launch_template_name);
    let template = resolve::template(&twin.state, ctx, id.as_deref(), name.as_deref())?;
    let launch_template = describe::shown(template);
    let id = template.launch_template_id.clone();
    ctx.end_dry_run()?;
    twin.state.remove(&id);
    twin.compute.numbered.remove(&id);
    Ok(OneTemplate { launch_template })
}

/// Reads what a request gives as a version, which AWS wants not to be empty.
fn read_data(value: Value) -> Result<LaunchTemplateData, ApiError> {
    let members = match &value {
        Value::Object(members) => members,
        _ => {
            required("LaunchTemplateData", "")?;
            return Ok(LaunchTemplateData::default());
        }
    };
    if members.is_empty() {
        required("LaunchTemplateData", "")?;
    }
    if let Some(name) = members.keys().find(|name| !DATA.contains(&name.as_str())) {
        return Err(ApiError::new(
            "UnsupportedOperation",
            format!(
                "The twin does not model the parameter LaunchTemplateData.{name}: nothing was done."
            ),
        ));
    }
    if members.contains_key("InstanceType") && members.contains_key("InstanceRequirements") {
        return Err(invalid_combination(
            "You can't specify both InstanceType and InstanceRequirements in a launch template.",
        ));
    }
    typed(value)
}

fn typed(value: Value) -> Result<LaunchTemplateData, ApiError> {
    serde_json::from_value(value)
        .map_err(|error| crate::rules::invalid_value(format!("LaunchTemplateData: {error}")))
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let fine = |it: char| it.is_ascii_alphanumeric() || "-()./_".contains(it);
    if (3..=128).contains(&name.chars().count()) && name.chars().all(fine) {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidLaunchTemplateName.MalformedException",
        "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.",
    ))
}

/// The twin knows no principals but the account itself.
fn author(ctx: &Ctx) -> SmolStr {
    format!("arn:aws:iam::{}:root", ctx.account.as_str()).into()
}
