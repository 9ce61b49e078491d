//! What uses and fills a route table of a transit gateway.

use sandtable_model::resource::{TransitGatewayRouteTable, TransitResourceType};
use sandtable_model::{TransitGatewayAttachmentId, TransitGatewayRouteTableId};
use serde::Serialize;
use smol_str::SmolStr;

use super::super::attachment_life;
use super::super::transit_table::{associated_with, find};
use super::PAGES;
use crate::network::request::{answers, requests};
use crate::rules::{Filter, FilterTable, Filters, NO_TAGS, page_size, read_offset, write_offset};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// GetTransitGatewayRouteTableAssociations, GetTransitGatewayRouteTablePropagations and
    /// GetTransitGatewayPrefixListReferences.
    TransitTableContentRequest {
        transit_gateway_route_table_id: String,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// GetTransitGatewayAttachmentPropagations.
    AttachmentPropagationsRequest {
        transit_gateway_attachment_id: String,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// An attachment that is associated with a table, or propagates to it.
    AttachmentAtTable {
        transit_gateway_attachment_id: TransitGatewayAttachmentId,
        resource_id: Option<SmolStr>,
        resource_type: TransitResourceType,
        state: SmolStr,
    }
    /// The answer of GetTransitGatewayRouteTableAssociations.
    TransitTableAssociations { associations: Vec<AttachmentAtTable>, next_token: Option<String> }
    /// The answer of GetTransitGatewayRouteTablePropagations.
    TransitTablePropagations {
        transit_gateway_route_table_propagations: Vec<AttachmentAtTable>,
        next_token: Option<String>,
    }
    /// A table that an attachment propagates to.
    TableOfAttachment {
        transit_gateway_route_table_id: TransitGatewayRouteTableId,
        state: SmolStr,
    }
    /// The answer of GetTransitGatewayAttachmentPropagations.
    AttachmentPropagations {
        transit_gateway_attachment_propagations: Vec<TableOfAttachment>,
        next_token: Option<String>,
    }
    /// The answer of GetTransitGatewayPrefixListReferences.
    PrefixListReferences { transit_gateway_prefix_list_references: Vec<PrefixListReference> }
    /// A prefix list in a table.
    PrefixListReference { prefix_list_id: SmolStr }
}

const AT_TABLE: FilterTable<AttachmentAtTable> = &[
    ("resource-id", |_, it, out| {
        it.resource_id.iter().for_each(|it| out(it));
    }),
    ("resource-type", |_, it, out| out(it.resource_type.as_str())),
    ("transit-gateway-attachment-id", |_, it, out| {
        out(it.transit_gateway_attachment_id.as_str());
    }),
];

const OF_ATTACHMENT: FilterTable<TableOfAttachment> =
    &[("transit-gateway-route-table-id", |_, it, out| {
        out(it.transit_gateway_route_table_id.as_str());
    })];

/// A page of what passes the filters.
fn page<T: Serialize + 'static>(
    twin: &Twin,
    ctx: &Ctx,
    mut all: Vec<T>,
    table: FilterTable<T>,
    asked: (&[Filter], Option<i64>, Option<&str>),
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let (filters, max_results, next_token) = asked;
    let most = page_size(max_results, &PAGES)?;
    let filters = Filters::new(filters, table)?;
    ctx.end_dry_run()?;
    let from = next_token.map(read_offset).transpose()?.unwrap_or(0);
    all.retain(|it| filters.pass(&twin.state, it, &NO_TAGS));
    let from = from.min(all.len());
    let to = from.saturating_add(most).min(all.len());
    let more = (to < all.len()).then(|| write_offset(to));
    Ok((all.drain(from..to).collect(), more))
}

/// Lists the attachments that are associated with a table.
///
/// # Errors
/// The kind's codes for missing, malformed and unknown ids; `InvalidParameterValue`,
/// `InvalidNextToken`.
pub fn get_transit_gateway_route_table_associations(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TransitTableContentRequest,
) -> Result<TransitTableAssociations, ApiError> {
    let table = find(twin, ctx, &request.transit_gateway_route_table_id)?;
    let all = associated_with(twin, &table.transit_gateway_route_table_id);
    let all = all.filter_map(|it| {
        Some(AttachmentAtTable {
            transit_gateway_attachment_id: it.transit_gateway_attachment_id.clone(),
            resource_id: Some(it.resource_id.clone()),
            resource_type: it.resource_type.clone(),
            state: it.association.as_ref()?.state.clone(),
        })
    });
    let asked = asked(&request);
    let (associations, next_token) = page(twin, ctx, all.collect(), AT_TABLE, asked)?;
    Ok(TransitTableAssociations {
        associations,
        next_token,
    })
}

fn asked(request: &TransitTableContentRequest) -> (&[Filter], Option<i64>, Option<&str>) {
    let token = request.next_token.as_deref();
    (&request.filters, request.max_results, token)
}

/// Lists the attachments that propagate to a table.
///
/// # Errors
/// As [`get_transit_gateway_route_table_associations`].
pub fn get_transit_gateway_route_table_propagations(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TransitTableContentRequest,
) -> Result<TransitTablePropagations, ApiError> {
    let table = find(twin, ctx, &request.transit_gateway_route_table_id)?;
    let all = table.propagations.into_iter();
    let all = all.map(|it| AttachmentAtTable {
        transit_gateway_attachment_id: it.transit_gateway_attachment_id,
        resource_id: it.resource_id,
        resource_type: it.resource_type,
        state: it.state,
    });
    let (found, next_token) = page(twin, ctx, all.collect(), AT_TABLE, asked(&request))?;
    Ok(TransitTablePropagations {
        transit_gateway_route_table_propagations: found,
        next_token,
    })
}

/// Lists the tables that an attachment propagates to.
///
/// # Errors
/// As [`get_transit_gateway_route_table_associations`].
pub fn get_transit_gateway_attachment_propagations(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AttachmentPropagationsRequest,
) -> Result<AttachmentPropagations, ApiError> {
    let it = attachment_life::find(twin, ctx, &request.transit_gateway_attachment_id)?;
    let id = &it.transit_gateway_attachment_id;
    let tables = twin.state.referring::<TransitGatewayRouteTable>(id);
    let all = tables.filter_map(|table| {
        let mut all = table.propagations.iter();
        let found = all.find(|it| it.transit_gateway_attachment_id == *id)?;
        Some(TableOfAttachment {
            transit_gateway_route_table_id: table.transit_gateway_route_table_id.clone(),
            state: found.state.clone(),
        })
    });
    let token = request.next_token.as_deref();
    let asked = (request.filters.as_slice(), request.max_results, token);
    let (found, next_token) = page(twin, ctx, all.collect(), OF_ATTACHMENT, asked)?;
    Ok(AttachmentPropagations {
        transit_gateway_attachment_propagations: found,
        next_token,
    })
}

/// The filters of prefix lists in tables, of which the twin has none: the operation that would put
/// one there is not modelled.
const REFERENCES: FilterTable<PrefixListReference> = &[
    ("attachment.resource-id", |_, _, _| {}),
    ("attachment.resource-type", |_, _, _| {}),
    ("attachment.transit-gateway-attachment-id", |_, _, _| {}),
    ("is-blackhole", |_, _, _| {}),
    ("prefix-list-id", |_, it, out| out(&it.prefix_list_id)),
    ("prefix-list-owner-id", |_, _, _| {}),
    ("state", |_, _, _| {}),
];

/// Lists the prefix lists in a table: none, as nothing in the twin can put one there.
///
/// # Errors
/// As [`get_transit_gateway_route_table_associations`].
pub fn get_transit_gateway_prefix_list_references(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TransitTableContentRequest,
) -> Result<PrefixListReferences, ApiError> {
    find(twin, ctx, &request.transit_gateway_route_table_id)?;
    let (found, _) = page(twin, ctx, Vec::new(), REFERENCES, asked(&request))?;
    Ok(PrefixListReferences {
        transit_gateway_prefix_list_references: found,
    })
}
