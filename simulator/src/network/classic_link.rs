//! ClassicLink, which led from VPCs to EC2-Classic. No account has EC2-Classic any more (EC2 user
//! guide, "EC2-Classic networking": retired on 15 August 2022), so nothing is ever linked.
//!
//! Regions that never had EC2-Classic refuse all of these operations; the others describe every VPC
//! as not enabled, and take enabling without an effect, as accounts without EC2-Classic found it
//! (<https://github.com/aws/aws-sdk-java/issues/754>,
//! <https://github.com/terraform-aws-modules/terraform-aws-vpc/pull/164>).
//!
//! Deliberately absent: linking instances, since there can be none.

use sandtable_model::resource::Vpc;
use sandtable_model::{Tags, VpcId};
use serde::Serialize;

use super::request::{Done, requests};
use crate::rules::{
    Filter, FilterTable, Filters, page_size, read_offset, require, require_all, required,
    write_offset,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeVpcClassicLink.
    DescribeVpcClassicLinkRequest { vpc_ids: Vec<String>, filters: Vec<Filter> }
    /// DescribeVpcClassicLinkDnsSupport.
    DescribeVpcClassicLinkDnsSupportRequest {
        vpc_ids: Vec<String>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// EnableVpcClassicLink and the three beside it.
    ChangeVpcClassicLinkRequest { vpc_id: String }
}

/// The answer of DescribeVpcClassicLink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedVpcClassicLink {
    /// The VPCs, by id.
    pub vpcs: Vec<VpcClassicLink>,
}

/// Whether a VPC is enabled for ClassicLink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcClassicLink {
    /// Never.
    pub classic_link_enabled: bool,
    /// The VPC's tags.
    pub tags: Tags,
    /// The VPC.
    pub vpc_id: VpcId,
}

/// The answer of DescribeVpcClassicLinkDnsSupport.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedVpcClassicLinkDnsSupport {
    /// The VPCs, by id.
    pub vpcs: Vec<VpcClassicLinkDnsSupport>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Whether names of a VPC are resolved over ClassicLink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcClassicLinkDnsSupport {
    /// Never.
    pub classic_link_dns_supported: bool,
    /// The VPC.
    pub vpc_id: VpcId,
}

/// The Regions that had EC2-Classic.
const CLASSIC_REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-west-1",
    "sa-east-1",
    "us-east-1",
    "us-west-1",
    "us-west-2",
];

fn check_region(ctx: &Ctx) -> Result<(), ApiError> {
    if CLASSIC_REGIONS.contains(&ctx.region.as_str()) {
        return Ok(());
    }
    Err(ApiError::new(
        "UnsupportedOperation",
        "The functionality you requested is not available in this region.",
    ))
}

const FILTERS: FilterTable<Vpc> = &[("is-classic-link-enabled", |_, _, out| out("false"))];

/// Tells that VPCs are not enabled for ClassicLink.
///
/// # Errors
/// `UnsupportedOperation` in Regions that never had EC2-Classic; `InvalidVpcID.NotFound`.
pub fn describe_vpc_classic_link(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpcClassicLinkRequest,
) -> Result<DescribedVpcClassicLink, ApiError> {
    check_region(ctx)?;
    let named = vpcs(twin, ctx, &request.vpc_ids)?;
    let filters = Filters::new(&request.filters, FILTERS)?;
    ctx.end_dry_run()?;
    let passing = named
        .into_iter()
        .filter(|it| filters.pass(&twin.state, it, &it.tags));
    Ok(DescribedVpcClassicLink {
        vpcs: passing
            .map(|it| VpcClassicLink {
                classic_link_enabled: false,
                tags: it.tags.clone(),
                vpc_id: it.vpc_id.clone(),
            })
            .collect(),
    })
}

/// Tells that names are not resolved over ClassicLink.
///
/// # Errors
/// As [`describe_vpc_classic_link`].
pub fn describe_vpc_classic_link_dns_support(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpcClassicLinkDnsSupportRequest,
) -> Result<DescribedVpcClassicLinkDnsSupport, ApiError> {
    check_region(ctx)?;
    let most = page_size(request.max_results, &(5..=255))?;
    let named = vpcs(twin, ctx, &request.vpc_ids)?;
    let start = match request.next_token.as_deref() {
        Some(token) => read_offset(token)?,
        None => 0,
    };
    let mut rest = named.into_iter().skip(start);
    let page: Vec<VpcClassicLinkDnsSupport> = rest
        .by_ref()
        .take(most)
        .map(|it| VpcClassicLinkDnsSupport {
            classic_link_dns_supported: false,
            vpc_id: it.vpc_id.clone(),
        })
        .collect();
    let next_token = rest
        .next()
        .map(|_| write_offset(start.saturating_add(page.len())));
    Ok(DescribedVpcClassicLinkDnsSupport {
        vpcs: page,
        next_token,
    })
}

fn vpcs<'a>(twin: &'a Twin, ctx: &Ctx, ids: &[String]) -> Result<Vec<&'a Vpc>, ApiError> {
    let mut named = match ids.is_empty() {
        true => twin.state.all::<Vpc>(&ctx.region).collect(),
        false => require_all::<Vpc>(&twin.state, ctx, ids)?,
    };
    named.sort_by(|one, other| one.vpc_id.cmp(&other.vpc_id));
    named.dedup_by(|one, other| one.vpc_id == other.vpc_id);
    Ok(named)
}

/// Takes the enabling or disabling of ClassicLink, or of names over it, without an effect.
///
/// # Errors
/// As [`describe_vpc_classic_link`].
pub fn change_vpc_classic_link(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ChangeVpcClassicLinkRequest,
) -> Result<Done, ApiError> {
    check_region(ctx)?;
    required("vpcId", &request.vpc_id)?;
    require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?;
    ctx.end_dry_run()?;
    Ok(Done::YES)
}
