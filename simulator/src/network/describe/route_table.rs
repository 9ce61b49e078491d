use sandtable_model::resource::RouteTable;

use super::super::request::requests;
use super::{flag, texts};
use crate::rules::{Filter, FilterTable, Listing, Page, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeRouteTables.
    DescribeRouteTablesRequest {
        route_table_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

/// A filter on a member of routes that is absent in some.
macro_rules! of_routes {
    ($member:ident) => {
        |_, it, out| {
            let routes = it.routes.iter().filter_map(|it| it.$member.as_ref());
            routes.for_each(|it| out(it.as_str()));
        }
    };
}

/// A filter on a member of associations that is absent in some.
macro_rules! of_associations {
    ($member:ident) => {
        |_, it, out| {
            let associations = it.associations.iter().filter_map(|it| it.$member.as_ref());
            associations.for_each(|it| out(it.as_str()));
        }
    };
}

const ROUTE_TABLES: FilterTable<RouteTable> = &[
    ("association.gateway-id", of_associations!(gateway_id)),
    ("association.main", |_, it, out| {
        it.associations.iter().for_each(|it| flag(it.main, out));
    }),
    ("association.route-table-association-id", |_, it, out| {
        let associations = it.associations.iter();
        associations.for_each(|it| out(it.route_table_association_id.as_str()));
    }),
    ("association.route-table-id", |_, it, out| {
        it.associations
            .iter()
            .for_each(|_| out(it.route_table_id.as_str()));
    }),
    ("association.subnet-id", of_associations!(subnet_id)),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it.as_str()))
    }),
    ("route-table-id", |_, it, out| {
        out(it.route_table_id.as_str())
    }),
    (
        "route.destination-cidr-block",
        of_routes!(destination_cidr_block),
    ),
    (
        "route.destination-ipv6-cidr-block",
        of_routes!(destination_ipv6_cidr_block),
    ),
    (
        "route.destination-prefix-list-id",
        of_routes!(destination_prefix_list_id),
    ),
    (
        "route.egress-only-internet-gateway-id",
        of_routes!(egress_only_internet_gateway_id),
    ),
    ("route.gateway-id", of_routes!(gateway_id)),
    ("route.instance-id", of_routes!(instance_id)),
    ("route.nat-gateway-id", of_routes!(nat_gateway_id)),
    ("route.origin", |_, it, out| {
        it.routes.iter().for_each(|it| out(it.origin.as_str()));
    }),
    ("route.state", |_, it, out| {
        it.routes.iter().for_each(|it| out(it.state.as_str()))
    }),
    ("route.transit-gateway-id", of_routes!(transit_gateway_id)),
    (
        "route.vpc-peering-connection-id",
        of_routes!(vpc_peering_connection_id),
    ),
    ("vpc-id", |_, it, out| {
        texts([it.vpc_id.as_str()].iter(), out)
    }),
];

/// Lists route tables.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_route_tables(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeRouteTablesRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.route_table_ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(5..=100),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, ROUTE_TABLES)
}
