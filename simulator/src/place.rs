//! Regions, Availability Zones, and what an account is allowed.

use serde::{Deserialize, Serialize};

use sandtable_model::{AvailabilityZone, Region};

use crate::dispatch::{Row, operations};
use crate::rules::{self, Extract, Filter, Filters, invalid_value};
use crate::{ApiError, Ctx, State, Twin};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "DescribeAccountAttributes" => describe_account_attributes,
    "DescribeAvailabilityZones" => describe_availability_zones,
    "DescribeRegions" => describe_regions,
};

/// The Regions that every account has without asking for them.
const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The Regions that an account has only after it asked for them ("Regions and Zones" of the EC2 user
/// guide).
const OPTIONAL_REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
];

/// The zones of a Region: `a`, `b` and `c`, and those of its subnets.
pub fn zones(state: &State, region: &Region) -> Vec<AvailabilityZone> {
    let usual = ["a", "b", "c"].iter();
    let usual = usual.filter_map(|letter| AvailabilityZone::new(&format!("{region}{letter}")).ok());
    let subnets = state.zones_with_subnets(region);
    let mut zones: Vec<AvailabilityZone> = usual.chain(subnets.cloned()).collect();
    zones.sort_unstable();
    zones.dedup();
    zones
}

/// The zone of the call's Region that a parameter names.
///
/// # Errors
/// `InvalidZone.NotFound`.
pub fn require_zone(state: &State, ctx: &Ctx, text: &str) -> Result<AvailabilityZone, ApiError> {
    let found = zones(state, &ctx.region)
        .into_iter()
        .find(|it| it.as_str() == text);
    found.ok_or_else(|| {
        ApiError::new(
            "InvalidZone.NotFound",
            format!("The zone '{text}' does not exist."),
        )
    })
}

/// The zone of the call's Region that a parameter names by AWS's id.
///
/// # Errors
/// `InvalidZone.NotFound`.
pub fn require_zone_id(state: &State, ctx: &Ctx, text: &str) -> Result<AvailabilityZone, ApiError> {
    let found = zones(state, &ctx.region)
        .into_iter()
        .find(|it| zone_id(it) == text);
    found.ok_or_else(|| {
        ApiError::new(
            "InvalidZone.NotFound",
            format!("The zone '{text}' does not exist."),
        )
    })
}

/// AWS's id of a zone, which unlike its name means the same in every account: `euc1-az1`. The twin
/// numbers a Region's zones by their letters.
pub fn zone_id(zone: &AvailabilityZone) -> String {
    let region = zone.region().map(|it| it.to_string()).unwrap_or_default();
    let letter = zone.as_str().bytes().last().unwrap_or(b'a');
    let number = u32::from(letter.saturating_sub(b'a')) + 1;
    let mut parts = region.split('-');
    let head = parts.next().unwrap_or_default();
    let middle: String = parts
        .map(|part| match part {
            "northeast" => "ne".to_owned(),
            "northwest" => "nw".to_owned(),
            "southeast" => "se".to_owned(),
            "southwest" => "sw".to_owned(),
            other => other.chars().take(1).collect(),
        })
        .collect();
    format!("{head}{middle}-az{number}")
}

/// `DescribeAvailabilityZones`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeAvailabilityZonesRequest {
    /// The zones; all when there are none.
    pub zone_names: Vec<String>,
    /// The same by AWS's ids.
    pub zone_ids: Vec<String>,
    /// Whether to list zones that must be opted into; the twin has none.
    pub all_availability_zones: bool,
    /// Filters.
    pub filters: Vec<Filter>,
}

/// A zone, as `DescribeAvailabilityZones` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Zone {
    /// `opt-in-not-required`.
    pub opt_in_status: &'static str,
    /// The Region.
    pub region_name: Region,
    /// The name.
    pub zone_name: AvailabilityZone,
    /// AWS's id.
    pub zone_id: String,
    /// The group of zones.
    pub group_name: String,
    /// The group of zones that announces its addresses.
    pub network_border_group: Region,
    /// `availability-zone`.
    pub zone_type: &'static str,
    /// `available`.
    pub state: &'static str,
}

/// The answer of `DescribeAvailabilityZones`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedZones {
    /// The zones, by name.
    pub availability_zones: Vec<Zone>,
}

const ZONE_FILTERS: &[(&str, Extract<Zone>)] = &[
    ("group-name", |_, it, out| out(&it.group_name)),
    ("opt-in-status", |_, it, out| out(it.opt_in_status)),
    ("region-name", |_, it, out| out(it.region_name.as_str())),
    ("state", |_, it, out| out(it.state)),
    ("zone-id", |_, it, out| out(&it.zone_id)),
    ("zone-name", |_, it, out| out(it.zone_name.as_str())),
    ("zone-type", |_, it, out| out(it.zone_type)),
];

/// Lists the zones of the Region.
///
/// # Errors
/// `InvalidParameterValue` for unknown zones and filters.
pub fn describe_availability_zones(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeAvailabilityZonesRequest,
) -> Result<DescribedZones, ApiError> {
    let all: Vec<Zone> = zones(&twin.state, &ctx.region)
        .into_iter()
        .map(|name| Zone {
            opt_in_status: "opt-in-not-required",
            region_name: ctx.region.clone(),
            zone_id: zone_id(&name),
            zone_name: name,
            group_name: format!("{}-zg-1", ctx.region),
            network_border_group: ctx.region.clone(),
            zone_type: "availability-zone",
            state: "available",
        })
        .collect();
    let is_name = |zone: &Zone, text: &str| zone.zone_name.as_str() == text;
    let is_id = |zone: &Zone, text: &str| zone.zone_id == text;
    for (texts, is) in [
        (&request.zone_names, is_name as fn(&Zone, &str) -> bool),
        (&request.zone_ids, is_id),
    ] {
        if let Some(text) = texts.iter().find(|text| !all.iter().any(|it| is(it, text))) {
            return Err(invalid_value(format!(
                "Invalid availability zone: [{text}]"
            )));
        }
    }
    let filters = Filters::new(&request.filters, ZONE_FILTERS)?;
    ctx.end_dry_run()?;
    let wanted = |zone: &Zone| {
        let by_name = request.zone_names.iter().any(|it| is_name(zone, it));
        let by_id = request.zone_ids.iter().any(|it| is_id(zone, it));
        (by_name || request.zone_names.is_empty())
            && (by_id || request.zone_ids.is_empty())
            && filters.pass(&twin.state, zone, &rules::NO_TAGS)
    };
    Ok(DescribedZones {
        availability_zones: all.into_iter().filter(wanted).collect(),
    })
}

/// `DescribeRegions`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeRegionsRequest {
    /// The Regions; all when there are none.
    pub region_names: Vec<String>,
    /// Whether to list Regions that the account has not opted into, too.
    pub all_regions: bool,
    /// Filters.
    pub filters: Vec<Filter>,
}

/// A Region, as `DescribeRegions` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RegionEntry {
    /// `opt-in-not-required`, `opted-in` or `not-opted-in`.
    pub opt_in_status: &'static str,
    /// The name.
    pub region_name: Region,
    /// The host of the EC2 service.
    pub endpoint: String,
}

/// The answer of `DescribeRegions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedRegions {
    /// The Regions, by name.
    pub regions: Vec<RegionEntry>,
}

const REGION_FILTERS: &[(&str, Extract<RegionEntry>)] = &[
    ("endpoint", |_, it, out| out(&it.endpoint)),
    ("opt-in-status", |_, it, out| out(it.opt_in_status)),
    ("region-name", |_, it, out| out(it.region_name.as_str())),
];

/// Lists the Regions of the account: the usual ones and those of the snapshot; when asked, also those
/// that it could opt into.
///
/// # Errors
/// `InvalidParameterValue` for unknown Regions and filters.
pub fn describe_regions(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeRegionsRequest,
) -> Result<DescribedRegions, ApiError> {
    let named = |names: &[&str]| -> Vec<Region> {
        let regions = names.iter().filter_map(|name| Region::new(name).ok());
        regions.collect()
    };
    let of_snapshot = twin.state.regions();
    let mut names = named(REGIONS);
    names.extend(of_snapshot.cloned());
    if request.all_regions {
        names.extend(named(OPTIONAL_REGIONS));
    }
    names.sort_unstable();
    names.dedup();
    let unknown = |text: &&String| !names.iter().any(|it| it.as_str() == text.as_str());
    if let Some(text) = request.region_names.iter().find(unknown) {
        return Err(invalid_value(format!("Invalid region names: [{text}]")));
    }
    let filters = Filters::new(&request.filters, REGION_FILTERS)?;
    ctx.end_dry_run()?;
    let entries = names.into_iter().map(|name| RegionEntry {
        opt_in_status: if REGIONS.contains(&name.as_str()) {
            "opt-in-not-required"
        } else if twin.state.regions().any(|it| *it == name) {
            "opted-in"
        } else {
            "not-opted-in"
        },
        endpoint: format!("ec2.{name}.amazonaws.com"),
        region_name: name,
    });
    let wanted = |it: &RegionEntry| {
        let name = it.region_name.as_str();
        (request.region_names.is_empty() || request.region_names.iter().any(|text| text == name))
            && filters.pass(&twin.state, it, &rules::NO_TAGS)
    };
    Ok(DescribedRegions {
        regions: entries.filter(wanted).collect(),
    })
}

/// `DescribeAccountAttributes`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeAccountAttributesRequest {
    /// The attributes; all when there are none.
    pub attribute_names: Vec<String>,
}

/// The answer of `DescribeAccountAttributes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedAttributes {
    /// The attributes, by name.
    pub account_attributes: Vec<AccountAttribute>,
}

/// An attribute of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccountAttribute {
    /// The name.
    pub attribute_name: &'static str,
    /// The values.
    pub attribute_values: Vec<AttributeValue>,
}

/// A value of an attribute of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeValue {
    /// The value.
    pub attribute_value: String,
}

/// Tells what the account is allowed: AWS's defaults (facts, ec2-semantics, section 5), and the
/// default VPC of the Region.
///
/// # Errors
/// `InvalidParameterValue` for unknown attributes.
pub fn describe_account_attributes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeAccountAttributesRequest,
) -> Result<DescribedAttributes, ApiError> {
    let vpcs = twin
        .state
        .all::<sandtable_model::resource::Vpc>(&ctx.region);
    let default = vpcs
        .filter(|it| it.is_default)
        .map(|it| it.vpc_id.to_string());
    let default = default.last().unwrap_or_else(|| "none".to_owned());
    let all = [
        ("default-vpc", default),
        ("max-elastic-ips", "5".to_owned()),
        ("max-instances", "20".to_owned()),
        ("supported-platforms", "VPC".to_owned()),
        ("vpc-max-elastic-ips", "5".to_owned()),
        ("vpc-max-security-groups-per-interface", "5".to_owned()),
    ];
    let unknown = |text: &&String| !all.iter().any(|(name, _)| name == text);
    if let Some(text) = request.attribute_names.iter().find(unknown) {
        return Err(invalid_value(format!(
            "Value ({text}) for parameter attributeName is invalid."
        )));
    }
    ctx.end_dry_run()?;
    let wanted = |name: &str| {
        request.attribute_names.is_empty() || request.attribute_names.iter().any(|it| it == name)
    };
    let entries = all.into_iter().filter(|(name, _)| wanted(name));
    Ok(DescribedAttributes {
        account_attributes: entries
            .map(|(attribute_name, attribute_value)| AccountAttribute {
                attribute_name,
                attribute_values: vec![AttributeValue { attribute_value }],
            })
            .collect(),
    })
}
