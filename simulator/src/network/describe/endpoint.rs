use sandtable_model::resource::VpcEndpoint;

use super::super::request::requests;
use super::texts;
use crate::rules::{Filter, FilterTable, Listing, Page, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeVpcEndpoints.
    DescribeVpcEndpointsRequest {
        vpc_endpoint_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

/// Larger pages are silently this large.
const PAGE_MAX: i64 = 1000;

const ENDPOINTS: FilterTable<VpcEndpoint> = &[
    ("ip-address-type", |_, it, out| {
        texts(&it.ip_address_type, out)
    }),
    ("service-name", |_, it, out| out(&it.service_name)),
    ("service-region", |state, it, out| {
        state
            .region_of(&(&it.vpc_endpoint_id).into())
            .into_iter()
            .for_each(|it| out(it.as_str()));
    }),
    ("vpc-endpoint-id", |_, it, out| {
        out(it.vpc_endpoint_id.as_str())
    }),
    // The filter's words begin with a small letter, whichever way states are told.
    ("vpc-endpoint-state", |_, it, out| {
        let state = it.state.as_str();
        let mut small = state.to_owned();
        if let Some(first) = small.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        out(&small);
        out(state);
    }),
    ("vpc-endpoint-type", |_, it, out| {
        out(it.vpc_endpoint_type.as_str())
    }),
    ("vpc-id", |_, it, out| out(it.vpc_id.as_str())),
];

/// Lists VPC endpoints.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_vpc_endpoints(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpcEndpointsRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.vpc_endpoint_ids,
        filters: &request.filters,
        max_results: request.max_results.map(|it| it.min(PAGE_MAX)),
        next_token: request.next_token.as_deref(),
        range: Some(1..=PAGE_MAX),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, ENDPOINTS)
}
