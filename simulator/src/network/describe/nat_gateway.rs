use sandtable_model::resource::NatGateway;

use super::super::request::requests;
use super::PAGES;
use crate::rules::{Filter, FilterTable, Listing, Page, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeNatGateways. Note AWS's name of the filters.
    DescribeNatGatewaysRequest {
        nat_gateway_ids: Vec<String>,
        filter: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

const NAT_GATEWAYS: FilterTable<NatGateway> = &[
    ("nat-gateway-id", |_, it, out| {
        out(it.nat_gateway_id.as_str())
    }),
    ("state", |_, it, out| out(it.state.as_str())),
    ("subnet-id", |_, it, out| out(it.subnet_id.as_str())),
    ("vpc-id", |_, it, out| out(it.vpc_id.as_str())),
];

/// Lists NAT gateways, those deleted within the last hour or so among them.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_nat_gateways(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeNatGatewaysRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.nat_gateway_ids,
        filters: &request.filter,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(PAGES),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, NAT_GATEWAYS)
}
