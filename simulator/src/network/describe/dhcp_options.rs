use sandtable_model::resource::{DhcpOptions, EgressOnlyInternetGateway};

use super::super::request::requests;
use super::PAGES;
use crate::rules::{Filter, FilterTable, Listing, Page, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeDhcpOptions.
    DescribeDhcpOptionsRequest {
        dhcp_options_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// DescribeEgressOnlyInternetGateways.
    DescribeEgressOnlyInternetGatewaysRequest {
        egress_only_internet_gateway_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

const DHCP_OPTIONS: FilterTable<DhcpOptions> = &[
    ("dhcp-options-id", |_, it, out| {
        out(it.dhcp_options_id.as_str())
    }),
    ("key", |_, it, out| {
        it.dhcp_configurations.iter().for_each(|it| out(&it.key));
    }),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it.as_str()))
    }),
    ("value", |_, it, out| {
        let values = it.dhcp_configurations.iter().flat_map(|it| &it.values);
        values.for_each(|it| out(&it.value));
    }),
];

/// Lists DHCP options sets.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_dhcp_options(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeDhcpOptionsRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.dhcp_options_ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(PAGES),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, DHCP_OPTIONS)
}

/// AWS documents no filters but those by tags.
const EGRESS_ONLY: FilterTable<EgressOnlyInternetGateway> = &[];

/// Lists egress-only internet gateways.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_egress_only_internet_gateways(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeEgressOnlyInternetGatewaysRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.egress_only_internet_gateway_ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(5..=255),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, EGRESS_ONLY)
}
