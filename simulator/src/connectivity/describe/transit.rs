use sandtable_model::Kind;
use sandtable_model::resource::{TransitGateway, TransitGatewayRouteTable};

use super::super::transit_table::TransitTableAnswer;
use super::listing;
use crate::network::request::{answers, requests};
use crate::rules::{Filter, FilterTable, Page, describe, describe_chosen};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeTransitGateways.
    DescribeTransitGatewaysRequest {
        transit_gateway_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// DescribeTransitGatewayRouteTables.
    DescribeTransitGatewayRouteTablesRequest {
        transit_gateway_route_table_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// The answer of DescribeTransitGatewayRouteTables.
    DescribedTransitTables {
        transit_gateway_route_tables: Vec<TransitTableAnswer>,
        next_token: Option<String>,
    }
}

/// A filter on a member of the options.
macro_rules! option {
    ($member:ident) => {
        |_, it, out| out(it.options.$member.as_str())
    };
}

const GATEWAYS: FilterTable<TransitGateway> = &[
    ("options.amazon-side-asn", |_, it, out| {
        let asn = it.options.amazon_side_asn.iter();
        asn.for_each(|it| out(&it.to_string()));
    }),
    (
        "options.association-default-route-table-id",
        |_, it, out| {
            let table = it.options.association_default_route_table_id.iter();
            table.for_each(|it| out(it.as_str()));
        },
    ),
    (
        "options.auto-accept-shared-attachments",
        option!(auto_accept_shared_attachments),
    ),
    (
        "options.default-route-table-association",
        option!(default_route_table_association),
    ),
    (
        "options.default-route-table-propagation",
        option!(default_route_table_propagation),
    ),
    ("options.dns-support", option!(dns_support)),
    (
        "options.propagation-default-route-table-id",
        |_, it, out| {
            let table = it.options.propagation_default_route_table_id.iter();
            table.for_each(|it| out(it.as_str()));
        },
    ),
    ("options.vpn-ecmp-support", option!(vpn_ecmp_support)),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it.as_str()));
    }),
    ("state", |_, it, out| out(it.state.as_str())),
    ("transit-gateway-id", |_, it, out| {
        out(it.transit_gateway_id.as_str());
    }),
];

/// Lists transit gateways.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_transit_gateways(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeTransitGatewaysRequest,
) -> Result<Page, ApiError> {
    let listing = listing(
        &request.transit_gateway_ids,
        &request.filters,
        request.max_results,
        request.next_token.as_deref(),
    );
    describe(&twin.state, ctx, &listing, GATEWAYS)
}

const TABLES: FilterTable<TransitGatewayRouteTable> = &[
    ("default-association-route-table", |_, it, out| {
        out(flag(it.default_association_route_table));
    }),
    ("default-propagation-route-table", |_, it, out| {
        out(flag(it.default_propagation_route_table));
    }),
    ("state", |_, it, out| out(it.state.as_str())),
    ("transit-gateway-id", |_, it, out| {
        out(it.transit_gateway_id.as_str());
    }),
    ("transit-gateway-route-table-id", |_, it, out| {
        out(it.transit_gateway_route_table_id.as_str());
    }),
];

const fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// Lists route tables of transit gateways.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_transit_gateway_route_tables(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeTransitGatewayRouteTablesRequest,
) -> Result<DescribedTransitTables, ApiError> {
    let listing = listing(
        &request.transit_gateway_route_table_ids,
        &request.filters,
        request.max_results,
        request.next_token.as_deref(),
    );
    let state = &twin.state;
    let all = state.list(&ctx.region, Kind::TransitGatewayRouteTable);
    let page = describe_chosen(state, ctx, &listing, TABLES, all)?;
    let found = page.all::<TransitGatewayRouteTable>();
    Ok(DescribedTransitTables {
        transit_gateway_route_tables: found.map(TransitTableAnswer::from).collect(),
        next_token: page.next_token.clone(),
    })
}
