//! CPU credits of burstable instances: whether they may spend more than they have saved.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use sandtable_model::resource::{Instance, InstanceStateName};
use sandtable_model::{InstanceId, Kind};

use super::types;
use crate::rules::{
    self, Extract, Filter, Filters, Listing, describe, invalid_combination, invalid_value,
    require_all, required,
};
use crate::{ApiError, Ctx, Twin};

/// Credits as launches ask for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedCredits {
    /// `standard` or `unlimited`.
    pub cpu_credits: Option<SmolStr>,
}

impl WantedCredits {
    /// Checks the value and whether the type has credits at all.
    ///
    /// # Errors
    /// `InvalidParameterValue`, `InvalidParameterCombination`.
    pub(super) fn check(&self, instance_type: &str) -> Result<(), ApiError> {
        let Some(text) = self.cpu_credits.as_deref() else {
            return Ok(());
        };
        check_word(text)?;
        if is_burstable(instance_type) {
            return Ok(());
        }
        Err(invalid_combination(format!(
            "The instance type '{instance_type}' does not support CPU credits."
        )))
    }
}

fn check_word(text: &str) -> Result<(), ApiError> {
    match text {
        "standard" | "unlimited" => Ok(()),
        _ => Err(invalid_value(format!(
            "Value ({text}) for parameter CpuCredits is invalid."
        ))),
    }
}

fn is_burstable(name: &str) -> bool {
    match types::find(name) {
        Some(it) => it.is_burstable(),
        None => matches!(types::family(name), "t2" | "t3" | "t3a" | "t4g"),
    }
}

/// What an instance has: what was set, or what its family begins with (user guide, "Burstable
/// performance instances": T2 `standard`, later ones `unlimited`).
fn of<'a>(twin: &'a Twin, instance: &Instance) -> &'a str {
    let set = twin.compute.credits.get(&instance.instance_id);
    set.map_or_else(
        || match types::family(&instance.instance_type) {
            "t2" => "standard",
            _ => "unlimited",
        },
        SmolStr::as_str,
    )
}

/// `DescribeInstanceCreditSpecifications`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeInstanceCreditSpecificationsRequest {
    /// The instances; all `unlimited` ones when there are none.
    pub instance_ids: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The credits of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceCredits {
    /// The instance.
    pub instance_id: InstanceId,
    /// `standard` or `unlimited`.
    pub cpu_credits: SmolStr,
}

/// The answer of `DescribeInstanceCreditSpecifications`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedCredits {
    /// The instances, by id.
    pub instance_credit_specifications: Vec<InstanceCredits>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

const FILTERS: &[(&str, Extract<Instance>)] =
    &[("instance-id", |_, it, out| out(it.instance_id.as_str()))];

/// Tells the credits of burstable instances. Without ids, of those that are `unlimited` alone (EC2 API
/// reference, DescribeInstanceCreditSpecifications).
///
/// # Errors
/// Unknown ids; `InvalidParameterCombination` for an instance whose type has no credits.
pub fn describe_instance_credit_specifications(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeInstanceCreditSpecificationsRequest,
) -> Result<DescribedCredits, ApiError> {
    let ids = &request.instance_ids;
    let named = require_all::<Instance>(&twin.state, ctx, ids)?;
    let unfit = named.iter().find(|it| !is_burstable(&it.instance_type));
    if let Some(it) = unfit {
        return Err(invalid_combination(format!(
            "The instance '{}' of type '{}' does not support CPU credits.",
            it.instance_id, it.instance_type
        )));
    }
    let filters = Filters::new(&request.filters, FILTERS)?;
    let most = rules::page_size(request.max_results, &(5..=1000))?;
    let from = match request.next_token.as_deref() {
        None => 0,
        Some(token) => rules::read_offset(token)?,
    };
    // Ids and filters are checked as everywhere; the list itself depends on what no state shows.
    let listing = Listing {
        ids,
        ids_exclude_pages: false,
        ..Listing::default()
    };
    let all = describe::<Instance>(&twin.state, ctx, &listing, FILTERS)?;
    let wanted = |it: &&Instance| {
        let shows = match ids.is_empty() {
            true => of(twin, it) == "unlimited",
            false => true,
        };
        is_burstable(&it.instance_type)
            && it.state.name != InstanceStateName::Terminated
            && shows
            && filters.pass(&twin.state, it, &it.tags)
    };
    let mut fitting = all.all::<Instance>().filter(wanted).skip(from);
    let page: Vec<InstanceCredits> = fitting
        .by_ref()
        .take(most)
        .map(|it| InstanceCredits {
            instance_id: it.instance_id.clone(),
            cpu_credits: of(twin, it).into(),
        })
        .collect();
    let end = from + page.len();
    let next_token = fitting.next().map(|_| rules::write_offset(end));
    Ok(DescribedCredits {
        instance_credit_specifications: page,
        next_token,
    })
}

/// `ModifyInstanceCreditSpecification`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyInstanceCreditSpecificationRequest {
    /// Instances and what they shall have.
    pub instance_credit_specifications: Vec<WantedInstanceCredits>,
    /// Makes the call repeatable; asking for the same again changes nothing anyway.
    pub client_token: Option<String>,
}

/// An instance and what it shall have.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedInstanceCredits {
    /// The instance.
    pub instance_id: String,
    /// `standard` or `unlimited`.
    pub cpu_credits: SmolStr,
}

/// The answer of `ModifyInstanceCreditSpecification`: each instance on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifiedCredits {
    /// Those that have what was asked.
    pub successful_instance_credit_specifications: Vec<ChangedCredits>,
    /// Those that have not.
    pub unsuccessful_instance_credit_specifications: Vec<UnchangedCredits>,
}

/// An instance that has what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangedCredits {
    /// The instance.
    pub instance_id: String,
}

/// An instance that has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnchangedCredits {
    /// The instance.
    pub instance_id: String,
    /// Why.
    pub error: CreditError,
}

/// Why an instance has not what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreditError {
    /// AWS's code.
    pub code: SmolStr,
    /// The same in words.
    pub message: String,
}

/// Changes whether instances may spend more than they have saved.
///
/// # Errors
/// `InvalidParameterValue`; what is wrong with one instance stands in the answer.
pub fn modify_instance_credit_specification(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyInstanceCreditSpecificationRequest,
) -> Result<ModifiedCredits, ApiError> {
    let asked = &request.instance_credit_specifications;
    if asked.is_empty() {
        required("InstanceCreditSpecification", "")?;
    }
    for it in asked {
        check_word(required("CpuCredits", &it.cpu_credits)?)?;
    }
    ctx.end_dry_run()?;
    let mut answer = ModifiedCredits::default();
    for it in asked {
        match creditable(twin, ctx, &it.instance_id) {
            Ok(id) => {
                twin.compute.credits.insert(id, it.cpu_credits.clone());
                let changed = &mut answer.successful_instance_credit_specifications;
                changed.push(ChangedCredits {
                    instance_id: it.instance_id.clone(),
                });
            }
            Err(error) => {
                let unchanged = &mut answer.unsuccessful_instance_credit_specifications;
                unchanged.push(UnchangedCredits {
                    instance_id: it.instance_id.clone(),
                    error: CreditError {
                        code: error.code.as_ref().into(),
                        message: error.message,
                    },
                });
            }
        }
    }
    Ok(answer)
}

fn creditable(twin: &Twin, ctx: &Ctx, text: &str) -> Result<InstanceId, ApiError> {
    let id = rules::parse(&twin.state, Kind::Instance, text)?;
    let instance = twin.state.get_in(&ctx.region, &id);
    let instance = instance.and_then(|it| it.get::<Instance>());
    let instance = instance.ok_or_else(|| rules::not_found(&id))?;
    if !is_burstable(&instance.instance_type) {
        return Err(ApiError::new(
            "InstanceCreditSpecification.NotSupported",
            format!("The instance '{text}' does not support CPU credits."),
        ));
    }
    match instance.state.name {
        InstanceStateName::Running | InstanceStateName::Stopped => Ok(instance.instance_id.clone()),
        _ => Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{text}' is not in the 'running' or 'stopped' states."),
        )),
    }
}
