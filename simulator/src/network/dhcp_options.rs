//! DHCP options sets.

use std::net::IpAddr;

use sandtable_model::resource::{DhcpConfiguration, DhcpOptions, DhcpValue, Vpc};
use sandtable_model::{DhcpOptionsId, Kind, Region, Tags};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use super::default_vpc::default_vpc;
use super::refusal;
use super::request::{answers, requests};
use crate::rules::{TagSpecification, invalid_value, require, required, tags_for};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateDhcpOptions.
    CreateDhcpOptionsRequest {
        dhcp_configurations: Vec<WantedOption>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteDhcpOptions.
    DeleteDhcpOptionsRequest { dhcp_options_id: String }
    /// AssociateDhcpOptions.
    AssociateDhcpOptionsRequest { dhcp_options_id: String, vpc_id: String }
}

answers! {
    /// The answer of CreateDhcpOptions.
    CreatedDhcpOptions { dhcp_options: DhcpOptions }
}

/// An option that a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedOption {
    /// The key.
    pub key: String,
    /// The values; several may stand in one text, with commas between.
    pub values: Vec<String>,
}

/// What a VPC without a set tells, and what takes the set off a VPC.
const NONE: &str = "default";
const AMAZON_DNS: &str = "AmazonProvidedDNS";
/// Servers that an option may name (EC2 API reference, CreateDhcpOptions).
const SERVERS_MAX: usize = 4;
const NTP_SERVERS_MAX: usize = 8;

/// Makes a DHCP options set, not associated with any VPC.
///
/// # Errors
/// `MissingParameter`; `InvalidParameterValue` for keys and values that AWS does not have.
pub fn create_dhcp_options(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateDhcpOptionsRequest,
) -> Result<CreatedDhcpOptions, ApiError> {
    if request.dhcp_configurations.is_empty() {
        required("dhcpConfiguration", "")?;
    }
    let mut dhcp_configurations: Vec<DhcpConfiguration> = Vec::new();
    for wanted in &request.dhcp_configurations {
        let option = read(wanted)?;
        if dhcp_configurations.iter().any(|it| it.key == option.key) {
            return Err(invalid_value(format!(
                "Duplicate option '{}' specified.",
                option.key
            )));
        }
        dhcp_configurations.push(option);
    }
    let kind = Kind::DhcpOptions;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let dhcp_options = insert(twin, ctx, dhcp_configurations, tags);
    Ok(CreatedDhcpOptions { dhcp_options })
}

fn insert(
    twin: &mut Twin,
    ctx: &Ctx,
    mut dhcp_configurations: Vec<DhcpConfiguration>,
    tags: Tags,
) -> DhcpOptions {
    dhcp_configurations.sort_by(|one, other| one.key.cmp(&other.key));
    let options = DhcpOptions {
        dhcp_options_id: twin.fresh(DhcpOptionsId::from_number),
        dhcp_configurations,
        owner_id: Some(ctx.account.clone()),
        tags,
    };
    twin.state.insert(&ctx.region, options.clone());
    options
}

fn option(key: &str, values: impl IntoIterator<Item = SmolStr>) -> DhcpConfiguration {
    let values = values.into_iter().map(|value| DhcpValue { value });
    DhcpConfiguration {
        key: key.into(),
        values: values.collect(),
    }
}

fn read(wanted: &WantedOption) -> Result<DhcpConfiguration, ApiError> {
    let key = required("dhcpConfiguration.key", &wanted.key)?;
    let parts = wanted.values.iter().flat_map(|it| it.split(','));
    let parts: Vec<&str> = parts.map(str::trim).filter(|it| !it.is_empty()).collect();
    let bad = |value: &str| {
        invalid_value(format!(
            "Value ({value}) for parameter {key} is invalid. Please specify a valid value."
        ))
    };
    if parts.is_empty() {
        return Err(bad(""));
    }
    let is_server = |it: &str| it.parse::<IpAddr>().is_ok();
    let is_fine: &dyn Fn(&str) -> bool = match key {
        "domain-name" => &|it| it.len() <= 255,
        "domain-name-servers" => &|it| it == AMAZON_DNS || is_server(it),
        "ntp-servers" => &is_server,
        "netbios-name-servers" => &|it| it.parse::<std::net::Ipv4Addr>().is_ok(),
        "netbios-node-type" => &|it| ["1", "2", "4", "8"].contains(&it),
        "ipv6-address-preferred-lease-time" => &|it| {
            it.parse::<i64>()
                .is_ok_and(|it| (140..=2_147_483_647).contains(&it))
        },
        _ => return Err(refusal::not_a_value("dhcpConfiguration.key", key)),
    };
    if let Some(value) = parts.iter().find(|it| !is_fine(it)) {
        return Err(bad(value));
    }
    let most = match key {
        "domain-name-servers" | "netbios-name-servers" => SERVERS_MAX,
        "ntp-servers" => NTP_SERVERS_MAX,
        _ => 1,
    };
    if parts.len() > most {
        return Err(invalid_value(format!(
            "Too many values for {key}: no more than {most} can be specified."
        )));
    }
    Ok(option(key, parts.into_iter().map(SmolStr::from)))
}

/// Deletes a DHCP options set.
///
/// # Errors
/// `DependencyViolation` while a VPC uses it (facts: ec2-semantics.md, section 3, DHCP options).
pub fn delete_dhcp_options(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteDhcpOptionsRequest,
) -> Result<(), ApiError> {
    let id = &request.dhcp_options_id;
    let found = require::<DhcpOptions>(&twin.state, ctx, "dhcpOptionsId", id)?;
    let id = found.dhcp_options_id.clone();
    ctx.end_dry_run()?;
    if twin.state.referring::<Vpc>(&id).next().is_some() {
        return Err(refusal::has_dependencies("dhcpOptions", &id));
    }
    twin.state.remove(&id);
    Ok(())
}

/// Has a VPC use a DHCP options set, or none (`default`).
///
/// # Errors
/// The codes of unknown sets and VPCs.
pub fn associate_dhcp_options(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AssociateDhcpOptionsRequest,
) -> Result<(), ApiError> {
    let id = required("dhcpOptionsId", &request.dhcp_options_id)?;
    let options: SmolStr = if id == NONE {
        SmolStr::new_static(NONE)
    } else {
        let found = require::<DhcpOptions>(&twin.state, ctx, "dhcpOptionsId", id)?;
        found.dhcp_options_id.as_str().into()
    };
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?;
    let vpc = vpc.vpc_id.clone();
    ctx.end_dry_run()?;
    twin.state
        .update(&vpc, |it: &mut Vpc| it.dhcp_options_id = Some(options));
    Ok(())
}

/// The set that a new VPC uses: that which AWS made for the Region with the account's first VPC.
/// Where it is not known which that is (a snapshot need not list sets), the default VPC's or any
/// other VPC's. Only in an account that the twin has from its beginning is there sure to be none, so
/// that AWS makes it now; a snapshot without any is not given one.
pub(super) fn for_new_vpc(twin: &mut Twin, ctx: &Ctx) -> SmolStr {
    let usual = usual_options(&ctx.region);
    let is_usual = |it: &&DhcpOptions| it.dhcp_configurations == usual;
    let known = twin.state.all::<DhcpOptions>(&ctx.region).find(is_usual);
    if let Some(set) = known {
        return set.dhcp_options_id.as_str().into();
    }
    let default = default_vpc(twin, ctx).into_iter();
    let all = default.chain(twin.state.all::<Vpc>(&ctx.region));
    let shown = all.filter_map(|it| it.dhcp_options_id.clone());
    let shown: Vec<SmolStr> = shown.collect();
    if let Some(set) = shown.into_iter().find(|it| it != NONE) {
        return set;
    }
    if !twin.grows {
        return SmolStr::new_static(NONE);
    }
    let made = insert(twin, ctx, usual, Tags::new());
    made.dhcp_options_id.as_str().into()
}

/// The options of the set that AWS makes (VPC user guide, "DHCP option sets in Amazon VPC").
fn usual_options(region: &Region) -> Vec<DhcpConfiguration> {
    let domain = match region.as_str() {
        "us-east-1" => SmolStr::new_static("ec2.internal"),
        other => format_smolstr!("{other}.compute.internal"),
    };
    vec![
        option("domain-name", [domain]),
        option("domain-name-servers", [SmolStr::new_static(AMAZON_DNS)]),
    ]
}
