//! Instance types: the handful that the twin can describe.
//!
//! Instances of any type can be launched: a type is a name to the twin. What it can say about types is
//! little, so it says it about few (figures: <https://docs.aws.amazon.com/ec2/latest/instancetypes/>).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::rules::{self, Extract, Filter, Filters, invalid_value};
use crate::{ApiError, Ctx, Twin, place};

/// A type: name, virtual CPUs, MiB, architecture, whether it saves CPU credits.
struct Type(&'static str, u32, u32, &'static str, bool);

const TYPES: &[Type] = &[
    Type("c5.large", 2, 4096, "x86_64", false),
    Type("c6i.large", 2, 4096, "x86_64", false),
    Type("c7g.large", 2, 4096, "arm64", false),
    Type("m5.2xlarge", 8, 32_768, "x86_64", false),
    Type("m5.large", 2, 8192, "x86_64", false),
    Type("m5.xlarge", 4, 16_384, "x86_64", false),
    Type("m6i.large", 2, 8192, "x86_64", false),
    Type("m7g.large", 2, 8192, "arm64", false),
    Type("r5.large", 2, 16_384, "x86_64", false),
    Type("r6g.large", 2, 16_384, "arm64", false),
    Type("t2.micro", 1, 1024, "x86_64", true),
    Type("t3.large", 2, 8192, "x86_64", true),
    Type("t3.medium", 2, 4096, "x86_64", true),
    Type("t3.micro", 2, 1024, "x86_64", true),
    Type("t3.nano", 2, 512, "x86_64", true),
    Type("t3.small", 2, 2048, "x86_64", true),
    Type("t4g.micro", 2, 1024, "arm64", true),
    Type("t4g.small", 2, 2048, "arm64", true),
];

impl Type {
    fn shown(&self) -> Value {
        let Type(name, cpus, memory, architecture, is_burstable) = self;
        json!({
            "InstanceType": name,
            "CurrentGeneration": *name != "t2.micro",
            "BareMetal": false,
            "BurstablePerformanceSupported": is_burstable,
            "InstanceStorageSupported": false,
            "VCpuInfo": {"DefaultVCpus": cpus},
            "MemoryInfo": {"SizeInMiB": memory},
            "ProcessorInfo": {"SupportedArchitectures": [architecture]},
            "SupportedRootDeviceTypes": ["ebs"],
            "SupportedVirtualizationTypes": ["hvm"],
            "SupportedUsageClasses": ["on-demand", "spot"],
        })
    }
}

/// Refuses what is not the name of a type: family, point, size.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn check(name: &str) -> Result<(), ApiError> {
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match name.split_once('.') {
        Some((family, size)) if plain(family) && plain(size) => Ok(()),
        _ => Err(invalid_value(format!(
            "Invalid value '{name}' for InstanceType."
        ))),
    }
}

/// `DescribeInstanceTypes`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeInstanceTypesRequest {
    /// The types; all when there are none.
    pub instance_types: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeInstanceTypes`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedTypes {
    /// The types, by name.
    pub instance_types: Vec<Value>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

const FILTERS: &[(&str, Extract<Type>)] = &[
    ("bare-metal", |_, _, out| out("false")),
    ("burstable-performance-supported", |_, it, out| {
        out(&it.4.to_string())
    }),
    ("current-generation", |_, it, out| {
        out(&(it.0 != "t2.micro").to_string())
    }),
    ("instance-type", |_, it, out| out(it.0)),
    ("memory-info.size-in-mib", |_, it, out| {
        out(&it.2.to_string())
    }),
    ("processor-info.supported-architecture", |_, it, out| {
        out(it.3)
    }),
    ("vcpu-info.default-vcpus", |_, it, out| {
        out(&it.1.to_string())
    }),
];

/// Lists the types that the twin can describe.
///
/// # Errors
/// `InvalidInstanceType` for those it cannot, `InvalidParameterValue`, `InvalidNextToken`.
pub fn describe_instance_types(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeInstanceTypesRequest,
) -> Result<DescribedTypes, ApiError> {
    let known = |text: &&String| TYPES.iter().any(|it| it.0 == text.as_str());
    let unknown = request.instance_types.iter().filter(|text| !known(text));
    let unknown: Vec<&str> = unknown.map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(ApiError::new(
            "InvalidInstanceType",
            format!(
                "The following supplied instance types do not exist: [{}]",
                unknown.join(", ")
            ),
        ));
    }
    let filters = Filters::new(&request.filters, FILTERS)?;
    let most = rules::page_size(request.max_results, &(5..=100))?;
    let from = match request.next_token.as_deref() {
        None => 0,
        Some(token) => rules::read_offset(token)?,
    };
    ctx.end_dry_run()?;
    let wanted = |it: &&Type| {
        let texts = &request.instance_types;
        (texts.is_empty() || texts.iter().any(|text| text == it.0))
            && filters.pass(&twin.state, it, &rules::NO_TAGS)
    };
    let all: Vec<&Type> = TYPES.iter().filter(wanted).collect();
    let end = all.len().min(from.saturating_add(most));
    Ok(DescribedTypes {
        instance_types: all[from.min(end)..end]
            .iter()
            .map(|it| it.shown())
            .collect(),
        next_token: (end < all.len()).then(|| rules::write_offset(end)),
    })
}

/// `DescribeInstanceTypeOfferings`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeInstanceTypeOfferingsRequest {
    /// `region` or `availability-zone`; `region` when absent.
    pub location_type: Option<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeInstanceTypeOfferings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedOfferings {
    /// The offerings, by type and place.
    pub instance_type_offerings: Vec<Offering>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// That a type is to be had in a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Offering {
    /// The type.
    pub instance_type: &'static str,
    /// The kind of place.
    pub location_type: String,
    /// The place.
    pub location: String,
}

const OFFERING_FILTERS: &[(&str, Extract<Offering>)] = &[
    ("instance-type", |_, it, out| out(it.instance_type)),
    ("location", |_, it, out| out(&it.location)),
];

/// Lists where the types that the twin can describe are to be had: everywhere.
///
/// # Errors
/// `InvalidParameterValue`, `InvalidNextToken`.
pub fn describe_instance_type_offerings(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeInstanceTypeOfferingsRequest,
) -> Result<DescribedOfferings, ApiError> {
    let kind = request.location_type.as_deref().unwrap_or("region");
    let places: Vec<String> = match kind {
        "region" => vec![ctx.region.to_string()],
        "availability-zone" => {
            let zones = place::zones(&twin.state, &ctx.region);
            zones.iter().map(ToString::to_string).collect()
        }
        "availability-zone-id" => {
            let zones = place::zones(&twin.state, &ctx.region);
            zones.iter().map(place::zone_id).collect()
        }
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter LocationType is invalid."
            )));
        }
    };
    let filters = Filters::new(&request.filters, OFFERING_FILTERS)?;
    let most = rules::page_size(request.max_results, &rules::UNCONSTRAINED)?;
    let from = match request.next_token.as_deref() {
        None => 0,
        Some(token) => rules::read_offset(token)?,
    };
    ctx.end_dry_run()?;
    let mut all: Vec<Offering> = Vec::new();
    for it in TYPES {
        all.extend(places.iter().map(|place| Offering {
            instance_type: it.0,
            location_type: kind.to_owned(),
            location: place.clone(),
        }));
    }
    all.retain(|it| filters.pass(&twin.state, it, &rules::NO_TAGS));
    let end = all.len().min(from.saturating_add(most));
    let next_token = (end < all.len()).then(|| rules::write_offset(end));
    Ok(DescribedOfferings {
        instance_type_offerings: all.drain(from.min(end)..end).collect(),
        next_token,
    })
}
