//! How programs on instances may ask about them: options of instances, and an account's defaults.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use sandtable_model::InstanceId;
use sandtable_model::resource::{Instance, MetadataOptions};

use super::Transition;
use super::capacity_reservation::Returned;
use crate::rules::{invalid_combination, invalid_value, require};
use crate::{ApiError, Ctx, Twin};

/// Options as requests give them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedMetadataOptions {
    /// `required` or `optional`.
    pub http_tokens: Option<SmolStr>,
    /// 1 to 64.
    pub http_put_response_hop_limit: Option<i64>,
    /// `enabled` or `disabled`.
    pub http_endpoint: Option<SmolStr>,
    /// `enabled` or `disabled`.
    pub http_protocol_ipv6: Option<SmolStr>,
    /// `enabled` or `disabled`.
    pub instance_metadata_tags: Option<SmolStr>,
}

impl WantedMetadataOptions {
    /// Checks the values.
    ///
    /// # Errors
    /// `InvalidParameterValue`.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        let switches = ["enabled", "disabled"];
        word("HttpTokens", &self.http_tokens, &["optional", "required"])?;
        word("HttpEndpoint", &self.http_endpoint, &switches)?;
        word("HttpProtocolIpv6", &self.http_protocol_ipv6, &switches)?;
        word(
            "InstanceMetadataTags",
            &self.instance_metadata_tags,
            &switches,
        )?;
        hops(self.http_put_response_hop_limit, 1)
    }

    /// Puts what is given over what there is.
    fn over(&self, options: &mut MetadataOptions) {
        let set = |own: &mut Option<SmolStr>, given: &Option<SmolStr>| {
            if given.is_some() {
                own.clone_from(given);
            }
        };
        set(&mut options.http_tokens, &self.http_tokens);
        set(&mut options.http_endpoint, &self.http_endpoint);
        set(&mut options.http_protocol_ipv6, &self.http_protocol_ipv6);
        set(
            &mut options.instance_metadata_tags,
            &self.instance_metadata_tags,
        );
        if self.http_put_response_hop_limit.is_some() {
            options.http_put_response_hop_limit = self.http_put_response_hop_limit;
        }
    }
}

fn word(name: &str, given: &Option<SmolStr>, words: &[&str]) -> Result<(), ApiError> {
    match given.as_deref() {
        Some(text) if !words.contains(&text) => Err(invalid_value(format!(
            "Value ({text}) for parameter {name} is invalid."
        ))),
        _ => Ok(()),
    }
}

fn hops(given: Option<i64>, least: i64) -> Result<(), ApiError> {
    match given {
        Some(number) if !(least..=64).contains(&number) => Err(invalid_value(format!(
            "Value ({number}) for parameter HttpPutResponseHopLimit is invalid. Expecting a value between 1 and 64."
        ))),
        _ => Ok(()),
    }
}

/// The options of a new instance: the request's, else the account's, else AWS's.
pub(super) fn of_new(twin: &Twin, ctx: &Ctx, wanted: &WantedMetadataOptions) -> MetadataOptions {
    let mut options = MetadataOptions {
        state: Some("applied".into()),
        http_tokens: Some("optional".into()),
        http_put_response_hop_limit: Some(1),
        http_endpoint: Some("enabled".into()),
        http_protocol_ipv6: Some("disabled".into()),
        instance_metadata_tags: Some("disabled".into()),
    };
    if let Some(defaults) = twin.compute.metadata_defaults.get(&ctx.region) {
        defaults.over(&mut options);
    }
    wanted.over(&mut options);
    options
}

/// `ModifyInstanceMetadataOptions`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyInstanceMetadataOptionsRequest {
    /// The instance.
    pub instance_id: String,
    /// `required` or `optional`.
    pub http_tokens: Option<SmolStr>,
    /// 1 to 64.
    pub http_put_response_hop_limit: Option<i64>,
    /// `enabled` or `disabled`.
    pub http_endpoint: Option<SmolStr>,
    /// `enabled` or `disabled`.
    pub http_protocol_ipv6: Option<SmolStr>,
    /// `enabled` or `disabled`.
    pub instance_metadata_tags: Option<SmolStr>,
}

/// The answer of `ModifyInstanceMetadataOptions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifiedMetadataOptions {
    /// The instance.
    pub instance_id: InstanceId,
    /// Its options.
    pub instance_metadata_options: MetadataOptions,
}

/// Changes an instance's options; they are `pending`, then `applied`.
///
/// # Errors
/// `InvalidParameterValue`, `InvalidParameterCombination` for no change.
pub fn modify_instance_metadata_options(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyInstanceMetadataOptionsRequest,
) -> Result<ModifiedMetadataOptions, ApiError> {
    let instance = require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?;
    let (id, present) = (
        instance.instance_id.clone(),
        instance.metadata_options.clone(),
    );
    let wanted = WantedMetadataOptions {
        http_tokens: request.http_tokens,
        http_put_response_hop_limit: request.http_put_response_hop_limit,
        http_endpoint: request.http_endpoint,
        http_protocol_ipv6: request.http_protocol_ipv6,
        instance_metadata_tags: request.instance_metadata_tags,
    };
    wanted.check()?;
    if wanted == WantedMetadataOptions::default() {
        return Err(invalid_combination("No metadata options specified."));
    }
    ctx.end_dry_run()?;
    let unknown = || of_new(twin, ctx, &WantedMetadataOptions::default());
    let mut options = present.map_or_else(unknown, |it| *it);
    wanted.over(&mut options);
    options.state = Some("pending".into());
    twin.state.update(&id, |it: &mut Instance| {
        it.metadata_options = Some(Box::new(options.clone()));
    });
    let delay = twin.options.timings.instance_option;
    twin.schedule(delay, Transition::OptionsApplied(id.clone()));
    Ok(ModifiedMetadataOptions {
        instance_id: id,
        instance_metadata_options: options,
    })
}

/// `pending` becomes `applied`.
pub(super) fn applied(twin: &mut Twin, id: &InstanceId) {
    twin.state.update(id, |it: &mut Instance| {
        if let Some(options) = &mut it.metadata_options {
            options.state = Some("applied".into());
        }
    });
}

/// `GetInstanceMetadataDefaults`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetInstanceMetadataDefaultsRequest {}

/// The answer of `GetInstanceMetadataDefaults`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetadataDefaults {
    /// What the account has set in the Region.
    pub account_level: AccountDefaults,
}

/// What an account has set in a Region; what is absent is AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccountDefaults {
    /// `required` or `optional`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_tokens: Option<SmolStr>,
    /// 1 to 64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_put_response_hop_limit: Option<i64>,
    /// `enabled` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_endpoint: Option<SmolStr>,
    /// `enabled` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_metadata_tags: Option<SmolStr>,
    /// `account`.
    pub managed_by: &'static str,
}

/// Tells the account's defaults in a Region.
///
/// # Errors
/// None of its own.
pub fn get_instance_metadata_defaults(
    twin: &mut Twin,
    ctx: &Ctx,
    _: GetInstanceMetadataDefaultsRequest,
) -> Result<MetadataDefaults, ApiError> {
    ctx.end_dry_run()?;
    let set = twin.compute.metadata_defaults.get(&ctx.region).cloned();
    let set = set.unwrap_or_default();
    Ok(MetadataDefaults {
        account_level: AccountDefaults {
            http_tokens: set.http_tokens,
            http_put_response_hop_limit: set.http_put_response_hop_limit,
            http_endpoint: set.http_endpoint,
            instance_metadata_tags: set.instance_metadata_tags,
            managed_by: "account",
        },
    })
}

/// `ModifyInstanceMetadataDefaults`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyInstanceMetadataDefaultsRequest {
    /// `required`, `optional` or `no-preference`.
    pub http_tokens: Option<SmolStr>,
    /// 1 to 64; -1 for no preference.
    pub http_put_response_hop_limit: Option<i64>,
    /// `enabled`, `disabled` or `no-preference`.
    pub http_endpoint: Option<SmolStr>,
    /// `enabled`, `disabled` or `no-preference`.
    pub instance_metadata_tags: Option<SmolStr>,
}

/// Changes the account's defaults in a Region; they are for instances that are launched from now on.
///
/// # Errors
/// `InvalidParameterValue`.
pub fn modify_instance_metadata_defaults(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyInstanceMetadataDefaultsRequest,
) -> Result<Returned, ApiError> {
    const NONE: &str = "no-preference";
    let switches = ["enabled", "disabled", NONE];
    word(
        "HttpTokens",
        &request.http_tokens,
        &["optional", "required", NONE],
    )?;
    word("HttpEndpoint", &request.http_endpoint, &switches)?;
    word(
        "InstanceMetadataTags",
        &request.instance_metadata_tags,
        &switches,
    )?;
    if request.http_put_response_hop_limit != Some(-1) {
        hops(request.http_put_response_hop_limit, 1)?;
    }
    ctx.end_dry_run()?;
    let defaults = &mut twin.compute.metadata_defaults;
    let defaults = defaults.entry(ctx.region.clone()).or_default();
    let set = |own: &mut Option<SmolStr>, given: Option<SmolStr>| match given {
        None => {}
        Some(text) if text == NONE => *own = None,
        Some(text) => *own = Some(text),
    };
    set(&mut defaults.http_tokens, request.http_tokens);
    set(&mut defaults.http_endpoint, request.http_endpoint);
    set(
        &mut defaults.instance_metadata_tags,
        request.instance_metadata_tags,
    );
    match request.http_put_response_hop_limit {
        None => {}
        Some(-1) => defaults.http_put_response_hop_limit = None,
        limit => defaults.http_put_response_hop_limit = limit,
    }
    Ok(Returned { r#return: true })
}
