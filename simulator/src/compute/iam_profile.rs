//! IAM instance profiles of instances. Whether there is such a profile only IAM knows, which the twin
//! does not model: every name is taken.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use sandtable_model::resource::{IamInstanceProfile, Instance, InstanceStateName};
use sandtable_model::{InstanceId, Timestamp};

use super::Transition;
use crate::rules::{
    self, Extract, Filter, Filters, invalid_combination, invalid_value, require, required,
};
use crate::{ApiError, Ctx, Twin};

/// A profile by name or ARN.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ProfileSpecification {
    /// The ARN.
    pub arn: Option<SmolStr>,
    /// The name.
    pub name: Option<SmolStr>,
}

impl ProfileSpecification {
    /// The profile that is meant.
    ///
    /// # Errors
    /// `MissingParameter`, `InvalidParameterCombination`, `InvalidParameterValue`.
    pub(super) fn resolved(&self, ctx: &Ctx) -> Result<IamInstanceProfile, ApiError> {
        let account = ctx.account.as_str();
        let arn: SmolStr = match (&self.arn, &self.name) {
            (Some(_), Some(_)) => {
                return Err(invalid_combination(
                    "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
                ));
            }
            (Some(arn), None) => {
                let is_profile = arn.starts_with("arn:aws") && arn.contains(":instance-profile/");
                if !is_profile {
                    return Err(invalid_value(format!(
                        "Value ({arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN"
                    )));
                }
                arn.clone()
            }
            (None, name) => {
                let name = required(
                    "iamInstanceProfile.name",
                    name.as_deref().unwrap_or_default(),
                )?;
                format!("arn:aws:iam::{account}:instance-profile/{name}").into()
            }
        };
        let id = Some(id_of(&arn));
        Ok(IamInstanceProfile { arn, id })
    }
}

/// An id of IAM's look that follows from the ARN (FNV-1a).
fn id_of(arn: &str) -> SmolStr {
    let number = arn.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("AIPA{number:017X}").into()
}

/// A profile at an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProfileAssociation {
    /// The id.
    pub association_id: SmolStr,
    /// The instance.
    pub instance_id: InstanceId,
    /// The profile.
    pub iam_instance_profile: IamInstanceProfile,
    /// `associating`, `associated` or `disassociating`.
    pub state: SmolStr,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
}

/// The answer of operations on one association.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OneAssociation {
    /// The association.
    pub iam_instance_profile_association: ProfileAssociation,
}

/// `AssociateIamInstanceProfile`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct AssociateIamInstanceProfileRequest {
    /// The profile.
    pub iam_instance_profile: ProfileSpecification,
    /// The instance.
    pub instance_id: String,
}

/// Gives an instance a profile; the association is `associating`, then `associated`.
///
/// # Errors
/// `IncorrectState` when it has one, `IncorrectInstanceState` when it is neither running nor stopped.
pub fn associate_iam_instance_profile(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AssociateIamInstanceProfileRequest,
) -> Result<OneAssociation, ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    let (id, state) = (instance.instance_id.clone(), instance.state.name.clone());
    let has_one = instance.iam_instance_profile.is_some();
    let profile = request.iam_instance_profile.resolved(ctx)?;
    ctx.end_dry_run()?;
    let is_settled = matches!(
        state,
        InstanceStateName::Pending
            | InstanceStateName::Running
            | InstanceStateName::Stopped
            | InstanceStateName::Stopping
    );
    if !is_settled {
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{id}' is not in the 'running' or 'stopped' states."),
        ));
    }
    if has_one {
        return Err(ApiError::new(
            "IncorrectState",
            format!("There is an existing association for instance {id}"),
        ));
    }
    let association = begin(twin, &id, profile);
    Ok(OneAssociation {
        iam_instance_profile_association: association,
    })
}

/// `DisassociateIamInstanceProfile`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DisassociateIamInstanceProfileRequest {
    /// The association.
    pub association_id: String,
}

/// Takes its profile off an instance; the association is `disassociating`, then gone.
///
/// # Errors
/// `InvalidAssociationID.NotFound`.
pub fn disassociate_iam_instance_profile(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DisassociateIamInstanceProfileRequest,
) -> Result<OneAssociation, ApiError> {
    let mut association = named(twin, ctx, &request.association_id)?;
    ctx.end_dry_run()?;
    association.state = "disassociating".into();
    let id = association.instance_id.clone();
    let profiles = &mut twin.compute.profiles;
    profiles.insert(id.clone(), association.clone());
    twin.state
        .update(&association.instance_id, |it: &mut Instance| {
            it.iam_instance_profile = None;
        });
    let delay = twin.options.timings.profile_associate;
    twin.schedule(delay, Transition::ProfileSettled(id));
    Ok(OneAssociation {
        iam_instance_profile_association: association,
    })
}

/// `ReplaceIamInstanceProfileAssociation`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReplaceIamInstanceProfileAssociationRequest {
    /// The new profile.
    pub iam_instance_profile: ProfileSpecification,
    /// The association that ends.
    pub association_id: String,
}

/// Gives an instance another profile, under a new association.
///
/// # Errors
/// `InvalidAssociationID.NotFound`.
pub fn replace_iam_instance_profile_association(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ReplaceIamInstanceProfileAssociationRequest,
) -> Result<OneAssociation, ApiError> {
    let old = named(twin, ctx, &request.association_id)?;
    let profile = request.iam_instance_profile.resolved(ctx)?;
    ctx.end_dry_run()?;
    let association = begin(twin, &old.instance_id, profile);
    Ok(OneAssociation {
        iam_instance_profile_association: association,
    })
}

/// `DescribeIamInstanceProfileAssociations`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeIamInstanceProfileAssociationsRequest {
    /// The associations; all when there are none.
    pub association_ids: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeIamInstanceProfileAssociations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedAssociations {
    /// The associations, by id.
    pub iam_instance_profile_associations: Vec<ProfileAssociation>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

const FILTERS: &[(&str, Extract<ProfileAssociation>)] = &[
    ("instance-id", |_, it, out| out(it.instance_id.as_str())),
    ("state", |_, it, out| out(&it.state)),
];

/// Lists associations.
///
/// # Errors
/// `InvalidAssociationID.NotFound`, `InvalidParameterValue`, `InvalidNextToken`.
pub fn describe_iam_instance_profile_associations(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeIamInstanceProfileAssociationsRequest,
) -> Result<DescribedAssociations, ApiError> {
    for text in &request.association_ids {
        named(twin, ctx, text)?;
    }
    let filters = Filters::new(&request.filters, FILTERS)?;
    let most = rules::page_size(request.max_results, &rules::UNCONSTRAINED)?;
    let from = match request.next_token.as_deref() {
        None => 0,
        Some(token) => rules::read_offset(token)?,
    };
    ctx.end_dry_run()?;
    let wanted = |it: &&ProfileAssociation| {
        let ids = &request.association_ids;
        (ids.is_empty() || ids.iter().any(|text| *text == it.association_id))
            && filters.pass(&twin.state, it, &rules::NO_TAGS)
    };
    let all = all(twin, ctx);
    let mut fitting = all.iter().filter(wanted).skip(from);
    let page: Vec<ProfileAssociation> = fitting.by_ref().take(most).cloned().collect();
    let end = from + page.len();
    let next_token = fitting.next().map(|_| rules::write_offset(end));
    Ok(DescribedAssociations {
        iam_instance_profile_associations: page,
        next_token,
    })
}

/// The associations of a Region, by id. Those that a snapshot shows have no entry of their own.
fn all(twin: &Twin, ctx: &Ctx) -> Vec<ProfileAssociation> {
    let instances = twin.state.all::<Instance>(&ctx.region);
    let mut all: Vec<ProfileAssociation> = instances
        .filter_map(|it| match twin.compute.profiles.get(&it.instance_id) {
            Some(association) => Some(association.clone()),
            None => found(it),
        })
        .collect();
    all.sort_unstable_by(|one, other| one.association_id.cmp(&other.association_id));
    all
}

fn named(twin: &Twin, ctx: &Ctx, text: &str) -> Result<ProfileAssociation, ApiError> {
    required("associationId", text)?;
    let found = all(twin, ctx)
        .into_iter()
        .find(|it| it.association_id == text);
    found.ok_or_else(|| {
        ApiError::new(
            "InvalidAssociationID.NotFound",
            format!("An invalid association-id of '{text}' was given"),
        )
    })
}

/// Gives an instance a profile.
pub(super) fn begin(
    twin: &mut Twin,
    instance: &InstanceId,
    profile: IamInstanceProfile,
) -> ProfileAssociation {
    let association = ProfileAssociation {
        association_id: twin.ids.text("iip-assoc").into(),
        instance_id: instance.clone(),
        iam_instance_profile: profile.clone(),
        state: "associating".into(),
        timestamp: Some(twin.now()),
    };
    let profiles = &mut twin.compute.profiles;
    profiles.insert(instance.clone(), association.clone());
    twin.state.update(instance, |it: &mut Instance| {
        it.iam_instance_profile = Some(Box::new(profile));
    });
    let delay = twin.options.timings.profile_associate;
    twin.schedule(delay, Transition::ProfileSettled(instance.clone()));
    association
}

/// An association comes to be, or ends.
pub(super) fn settled(twin: &mut Twin, id: &InstanceId) {
    let Some(it) = twin.compute.profiles.get_mut(id) else {
        return;
    };
    match it.state.as_str() {
        "associating" => it.state = "associated".into(),
        "disassociating" => drop(twin.compute.profiles.remove(id)),
        _ => {}
    }
}

/// The association of an instance that a snapshot shows with a profile. Its id follows from the
/// instance's: a snapshot does not tell it.
fn found(instance: &Instance) -> Option<ProfileAssociation> {
    let profile = instance.iam_instance_profile.clone()?;
    let (_, digits) = instance.instance_id.as_str().split_once('-')?;
    Some(ProfileAssociation {
        association_id: format!("iip-assoc-{digits}").into(),
        instance_id: instance.instance_id.clone(),
        iam_instance_profile: *profile,
        state: "associated".into(),
        timestamp: instance.launch_time,
    })
}

/// A terminated instance has no profile any more.
pub(super) fn let_go(twin: &mut Twin, id: &InstanceId) {
    twin.compute.profiles.remove(id);
    twin.state.update(id, |it: &mut Instance| {
        it.iam_instance_profile = None;
    });
}
