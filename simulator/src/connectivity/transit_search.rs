//! SearchTransitGatewayRoutes: filters of its own kind.

use std::net::IpAddr;

use ipnet::IpNet;
use sandtable_model::resource::TransitGatewayRoute;

use super::transit_route::routes_of;
use super::transit_table::find;
use crate::network::request::{answers, requests};
use crate::rules::{
    Filter, FilterTable, Filters, NO_TAGS, invalid_value, page_size, read_offset, required,
    write_offset,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// SearchTransitGatewayRoutes.
    SearchTransitGatewayRoutesRequest {
        transit_gateway_route_table_id: String,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// The answer of SearchTransitGatewayRoutes.
    FoundTransitRoutes {
        routes: Vec<TransitGatewayRoute>,
        additional_routes_available: bool,
        next_token: Option<String>,
    }
}

/// The filters that compare texts.
const ROUTES: FilterTable<TransitGatewayRoute> = &[
    ("attachment.resource-id", |_, it, out| {
        let all = it.transit_gateway_attachments.iter();
        all.filter_map(|it| it.resource_id.as_ref())
            .for_each(|it| out(it));
    }),
    ("attachment.resource-type", |_, it, out| {
        let all = it.transit_gateway_attachments.iter();
        all.for_each(|it| out(it.resource_type.as_str()));
    }),
    ("attachment.transit-gateway-attachment-id", |_, it, out| {
        let all = it.transit_gateway_attachments.iter();
        all.for_each(|it| out(it.transit_gateway_attachment_id.as_str()));
    }),
    // No route of the twin has a prefix list.
    ("prefix-list-id", |_, _, _| {}),
    ("state", |_, it, out| out(it.state.as_str())),
    ("type", |_, it, out| out(it.r#type.as_str())),
];

/// The most routes of an answer when the caller names no number.
const USUAL: usize = 1000;

/// Searches a route table of a transit gateway.
///
/// # Errors
/// `MissingParameter` without filters, `InvalidParameterValue` for unknown ones. Which form of value
/// the searches by address take is that of a live account (facts: source F).
pub fn search_transit_gateway_routes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: SearchTransitGatewayRoutesRequest,
) -> Result<FoundTransitRoutes, ApiError> {
    let table = find(twin, ctx, &request.transit_gateway_route_table_id)?;
    if request.filters.is_empty() {
        required("Filters", "")?;
    }
    let most = page_size(request.max_results, &(5..=1000))?.min(USUAL);
    let (by_address, by_text): (Vec<Filter>, Vec<Filter>) = request
        .filters
        .into_iter()
        .partition(|it| it.name.starts_with("route-search."));
    let filters = Filters::new(&by_text, ROUTES)?;
    let searches: Vec<Search> = by_address
        .iter()
        .map(Search::read)
        .collect::<Result<_, _>>()?;
    ctx.end_dry_run()?;
    let mut routes = routes_of(&twin.state, &table);
    routes.retain(|it| filters.pass(&twin.state, it, &NO_TAGS));
    for search in &searches {
        search.keep(&mut routes);
    }
    routes.sort_by(|one, other| {
        one.destination_cidr_block
            .cmp(&other.destination_cidr_block)
    });
    let from = request.next_token.as_deref().map(read_offset).transpose()?;
    let from = from.unwrap_or(0).min(routes.len());
    let to = from.saturating_add(most).min(routes.len());
    let more = to < routes.len();
    Ok(FoundTransitRoutes {
        routes: routes.drain(from..to).collect(),
        additional_routes_available: more,
        next_token: more.then(|| write_offset(to)),
    })
}

/// A search by address.
enum Search {
    Exact(Vec<IpNet>),
    /// The most specific route that covers an address.
    Longest(Vec<IpAddr>),
    /// Routes within a block.
    Within(Vec<IpNet>),
    /// Routes around a block.
    Around(Vec<IpNet>),
}

impl Search {
    fn read(filter: &Filter) -> Result<Self, ApiError> {
        let name = filter.name.as_str();
        if filter.values.is_empty() {
            return Err(invalid_value(format!(
                "The filter '{name}' must have at least one value"
            )));
        }
        // A value of the wrong form is no error; it matches nothing.
        let blocks = || -> Vec<IpNet> {
            let all = filter.values.iter();
            all.filter_map(|it| it.parse().ok()).collect()
        };
        match name {
            "route-search.exact-match" => Ok(Search::Exact(blocks())),
            "route-search.subnet-of-match" => Ok(Search::Within(blocks())),
            "route-search.supernet-of-match" => Ok(Search::Around(blocks())),
            "route-search.longest-prefix-match" => {
                let all = filter.values.iter();
                let addresses = all.filter_map(|it| it.parse().ok());
                Ok(Search::Longest(addresses.collect()))
            }
            _ => Err(invalid_value(format!("The filter '{name}' is invalid"))),
        }
    }

    fn keep(&self, routes: &mut Vec<TransitGatewayRoute>) {
        let block = |it: &TransitGatewayRoute| it.destination_cidr_block.parse::<IpNet>().ok();
        match self {
            Search::Exact(wanted) => {
                routes.retain(|it| block(it).is_some_and(|it| wanted.contains(&it)));
            }
            Search::Within(wanted) => routes.retain(|it| {
                block(it).is_some_and(|it| wanted.iter().any(|around| around.contains(&it)))
            }),
            Search::Around(wanted) => routes.retain(|it| {
                block(it).is_some_and(|it| wanted.iter().any(|within| it.contains(within)))
            }),
            Search::Longest(addresses) => {
                let best: Vec<IpNet> = addresses
                    .iter()
                    .filter_map(|address| {
                        let all = routes.iter().filter_map(block);
                        let covering = all.filter(|it| it.contains(address));
                        covering.max_by_key(IpNet::prefix_len)
                    })
                    .collect();
                routes.retain(|it| block(it).is_some_and(|it| best.contains(&it)));
            }
        }
    }
}
