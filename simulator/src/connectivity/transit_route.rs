//! Routes of transit gateways: static ones are kept, propagated ones follow from what is attached.
//! Messages are those of a live account (facts: source F).

use ipnet::{IpNet, Ipv4Net};
use sandtable_model::resource::{
    TransitAttachmentState, TransitGatewayAttachment, TransitGatewayRoute,
    TransitGatewayRouteTable, TransitRouteAttachment, TransitRouteState, TransitRouteType, Vpc,
    VpnConnection, VpnState,
};
use smol_str::{SmolStr, format_smolstr};

use super::transit_table::{attachment_of, check_usable, find};
use super::{peering, refusal};
use crate::network::cidr;
use crate::network::refusal::not_a_value;
use crate::network::request::{answers, requests};
use crate::rules::required;
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// CreateTransitGatewayRoute and ReplaceTransitGatewayRoute.
    PutTransitRouteRequest {
        destination_cidr_block: String,
        transit_gateway_route_table_id: String,
        transit_gateway_attachment_id: Option<String>,
        blackhole: Option<bool>,
    }
    /// DeleteTransitGatewayRoute.
    DeleteTransitRouteRequest {
        destination_cidr_block: String,
        transit_gateway_route_table_id: String,
    }
}

answers! {
    /// The answer of operations on one route.
    OneTransitRoute { route: TransitGatewayRoute }
}

/// Makes a static route.
///
/// # Errors
/// `RouteAlreadyExists`, `IncorrectState` for a table or attachment that is not available.
pub fn create_transit_gateway_route(
    twin: &mut Twin,
    ctx: &Ctx,
    request: PutTransitRouteRequest,
) -> Result<OneTransitRoute, ApiError> {
    let (table, route) = read(twin, ctx, &request)?;
    let id = &table.transit_gateway_route_table_id;
    if static_route(&table, &route.destination_cidr_block).is_some() {
        return Err(ApiError::new(
            "RouteAlreadyExists",
            format!(
                "Route {} already exists in Transit Gateway Route Table {id}.",
                route.destination_cidr_block
            ),
        ));
    }
    put(twin, &table, route)
}

/// Gives a static route another target; makes it when it is not there (facts: source F).
///
/// # Errors
/// As [`create_transit_gateway_route`], without the first.
pub fn replace_transit_gateway_route(
    twin: &mut Twin,
    ctx: &Ctx,
    request: PutTransitRouteRequest,
) -> Result<OneTransitRoute, ApiError> {
    let (table, route) = read(twin, ctx, &request)?;
    put(twin, &table, route)
}

fn put(
    twin: &mut Twin,
    table: &TransitGatewayRouteTable,
    route: TransitGatewayRoute,
) -> Result<OneTransitRoute, ApiError> {
    let id = &table.transit_gateway_route_table_id;
    twin.state.update(id, |it: &mut TransitGatewayRouteTable| {
        let destination = &route.destination_cidr_block;
        it.routes
            .retain(|it| it.destination_cidr_block != *destination);
        it.routes.push(route.clone());
    });
    Ok(OneTransitRoute { route })
}

fn read(
    twin: &Twin,
    ctx: &Ctx,
    request: &PutTransitRouteRequest,
) -> Result<(TransitGatewayRouteTable, TransitGatewayRoute), ApiError> {
    let table = find(twin, ctx, &request.transit_gateway_route_table_id)?;
    let destination = read_destination(&request.destination_cidr_block)?;
    let is_blackhole = request.blackhole == Some(true);
    // A blackhole carries no attachment, even when one is named.
    let attachment = match &request.transit_gateway_attachment_id {
        _ if is_blackhole => None,
        Some(text) => Some(attachment_of(twin, ctx, &table, text)?),
        None => {
            required("TransitGatewayAttachmentId", "")?;
            None
        }
    };
    ctx.end_dry_run()?;
    check_usable(&table)?;
    if let Some(it) = &attachment
        && !is_up(it)
    {
        return Err(refusal::invalid_state(&it.transit_gateway_attachment_id));
    }
    let route = TransitGatewayRoute {
        destination_cidr_block: destination,
        state: match is_blackhole {
            true => TransitRouteState::Blackhole,
            false => TransitRouteState::Active,
        },
        transit_gateway_attachments: attachment.iter().map(target).collect(),
        r#type: TransitRouteType::Static,
    };
    Ok((table, route))
}

/// Reads a block of either family in its canonical form.
fn read_destination(text: &str) -> Result<SmolStr, ApiError> {
    required("DestinationCidrBlock", text)?;
    let block = text.parse::<IpNet>();
    let block = block.map_err(|_| not_a_value("DestinationCidrBlock", text))?;
    Ok(format_smolstr!("{}", block.trunc()))
}

fn is_up(it: &TransitGatewayAttachment) -> bool {
    matches!(
        it.state,
        TransitAttachmentState::Available | TransitAttachmentState::Modifying
    )
}

fn target(it: &TransitGatewayAttachment) -> TransitRouteAttachment {
    TransitRouteAttachment {
        resource_id: Some(it.resource_id.clone()),
        transit_gateway_attachment_id: it.transit_gateway_attachment_id.clone(),
        resource_type: it.resource_type.clone(),
    }
}

fn static_route<'a>(
    table: &'a TransitGatewayRouteTable,
    destination: &str,
) -> Option<&'a TransitGatewayRoute> {
    table.routes.iter().find(|it| {
        it.destination_cidr_block == destination && it.r#type == TransitRouteType::Static
    })
}

/// Deletes a static route.
///
/// # Errors
/// `InvalidRoute.NotFound`, also for a propagated one.
pub fn delete_transit_gateway_route(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteTransitRouteRequest,
) -> Result<OneTransitRoute, ApiError> {
    let table = find(twin, ctx, &request.transit_gateway_route_table_id)?;
    let destination = read_destination(&request.destination_cidr_block)?;
    ctx.end_dry_run()?;
    let id = &table.transit_gateway_route_table_id;
    let route = static_route(&table, &destination).ok_or_else(|| {
        ApiError::new(
            "InvalidRoute.NotFound",
            format!("The route {destination} does not exist in Transit Gateway Route Table {id}."),
        )
    })?;
    twin.state.update(id, |it: &mut TransitGatewayRouteTable| {
        it.routes.retain(|it| it != route);
    });
    Ok(OneTransitRoute {
        route: TransitGatewayRoute {
            state: TransitRouteState::Deleted,
            transit_gateway_attachments: Vec::new(),
            ..route.clone()
        },
    })
}

/// Every route of a table: those that it keeps, and those that follow from its propagations. A static
/// route goes before a propagated one to the same destination.
pub(super) fn routes_of(
    state: &State,
    table: &TransitGatewayRouteTable,
) -> Vec<TransitGatewayRoute> {
    let mut routes = table.routes.clone();
    let mut taken: Vec<Ipv4Net> = Vec::new();
    for it in propagating(state, table) {
        let mut blocks = blocks_of(state, it);
        // A VPC that overlaps one attached before does not propagate (EC2 API reference,
        // CreateTransitGatewayVpcAttachment).
        blocks.retain(|block| !taken.iter().any(|other| cidr::overlap(block, other)));
        for block in blocks {
            taken.push(block);
            let destination = format_smolstr!("{block}");
            if routes
                .iter()
                .any(|it| it.destination_cidr_block == destination)
            {
                continue;
            }
            routes.push(TransitGatewayRoute {
                destination_cidr_block: destination,
                transit_gateway_attachments: vec![target(it)],
                r#type: TransitRouteType::Propagated,
                state: TransitRouteState::Active,
            });
        }
    }
    routes
}

/// The attachments that propagate to a table, the oldest first.
fn propagating<'a>(
    state: &'a State,
    table: &TransitGatewayRouteTable,
) -> Vec<&'a TransitGatewayAttachment> {
    let enabled = table.propagations.iter().filter(|it| it.state == "enabled");
    let mut found: Vec<&TransitGatewayAttachment> = enabled
        .filter_map(|it| state.one(&it.transit_gateway_attachment_id))
        .filter(|it| is_up(it))
        .collect();
    found.sort_by_key(|it| (it.creation_time, it.transit_gateway_attachment_id.clone()));
    found
}

/// The IPv4 blocks that an attachment tells: those of its VPC, or the static routes of its VPN
/// connection. What devices tell by BGP, the twin does not know.
fn blocks_of(state: &State, it: &TransitGatewayAttachment) -> Vec<Ipv4Net> {
    let id = sandtable_model::ResourceId::new(&it.resource_id).ok();
    let Some(resource) = id.and_then(|id| state.get(&id)) else {
        return Vec::new();
    };
    if let Some(vpc) = resource.get::<Vpc>() {
        return peering::blocks(vpc);
    }
    let Some(connection) = resource.get::<VpnConnection>() else {
        return Vec::new();
    };
    let usable = connection.routes.iter();
    usable
        .filter(|it| it.state == VpnState::Available)
        .filter_map(|it| cidr::of(&it.destination_cidr_block))
        .collect()
}
