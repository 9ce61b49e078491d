use sandtable_model::resource::{InternetGateway, Vpc};

use super::super::request::requests;
use super::{PAGES, flag, texts};
use crate::rules::{Filter, FilterTable, Listing, Page, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeVpcs.
    DescribeVpcsRequest {
        vpc_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// DescribeInternetGateways.
    DescribeInternetGatewaysRequest {
        internet_gateway_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

const VPCS: FilterTable<Vpc> = &[
    ("cidr", |_, it, out| out(&it.cidr_block)),
    ("cidr-block-association.association-id", |_, it, out| {
        texts(
            it.cidr_block_association_set
                .iter()
                .map(|it| &it.association_id),
            out,
        );
    }),
    ("cidr-block-association.cidr-block", |_, it, out| {
        texts(
            it.cidr_block_association_set
                .iter()
                .map(|it| &it.cidr_block),
            out,
        );
    }),
    ("cidr-block-association.state", |_, it, out| {
        let associations = it.cidr_block_association_set.iter();
        associations.for_each(|it| out(it.cidr_block_state.state.as_str()));
    }),
    ("dhcp-options-id", |_, it, out| {
        texts(&it.dhcp_options_id, out)
    }),
    (
        "ipv6-cidr-block-association.association-id",
        |_, it, out| {
            texts(
                it.ipv6_cidr_block_association_set
                    .iter()
                    .map(|it| &it.association_id),
                out,
            );
        },
    ),
    (
        "ipv6-cidr-block-association.ipv6-cidr-block",
        |_, it, out| {
            texts(
                it.ipv6_cidr_block_association_set
                    .iter()
                    .map(|it| &it.ipv6_cidr_block),
                out,
            );
        },
    ),
    ("ipv6-cidr-block-association.state", |_, it, out| {
        let associations = it.ipv6_cidr_block_association_set.iter();
        associations.for_each(|it| out(it.ipv6_cidr_block_state.state.as_str()));
    }),
    ("is-default", |_, it, out| flag(it.is_default, out)),
    ("isDefault", |_, it, out| flag(it.is_default, out)),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it.as_str()))
    }),
    ("state", |_, it, out| out(&it.state)),
    ("vpc-id", |_, it, out| out(it.vpc_id.as_str())),
];

/// Lists VPCs.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_vpcs(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpcsRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.vpc_ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(PAGES),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, VPCS)
}

const INTERNET_GATEWAYS: FilterTable<InternetGateway> = &[
    ("attachment.state", |_, it, out| {
        texts(it.attachments.iter().map(|it| &it.state), out)
    }),
    ("attachment.vpc-id", |_, it, out| {
        it.attachments.iter().for_each(|it| out(it.vpc_id.as_str()));
    }),
    ("internet-gateway-id", |_, it, out| {
        out(it.internet_gateway_id.as_str())
    }),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it.as_str()))
    }),
];

/// Lists internet gateways.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_internet_gateways(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeInternetGatewaysRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.internet_gateway_ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(PAGES),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, INTERNET_GATEWAYS)
}
