//! Route tables of transit gateways, and which attachments use and fill them. Messages are those of
//! a live account (facts: source F).

use sandtable_model::resource::{
    TransitAttachmentState, TransitGateway, TransitGatewayAttachment, TransitGatewayRouteTable,
    TransitResourceType, TransitTableState,
};
use sandtable_model::{
    Kind, Tags, Timestamp, TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRouteTableId,
};
use smol_str::SmolStr;

use super::transit_gateway::{self, check_available, check_own};
use super::{Transition, attachment_life, refusal};
use crate::network::refusal::over_quota;
use crate::network::request::{answers, requests};
use crate::rules::{TagSpecification, not_found, require, tags_for, unknown};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateTransitGatewayRouteTable.
    CreateTransitGatewayRouteTableRequest {
        transit_gateway_id: String,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteTransitGatewayRouteTable.
    DeleteTransitGatewayRouteTableRequest { transit_gateway_route_table_id: String }
    /// Operations on a table and an attachment.
    TableAndAttachmentRequest {
        transit_gateway_route_table_id: String,
        transit_gateway_attachment_id: String,
    }
}

answers! {
    /// A route table without what other operations tell of it.
    TransitTableAnswer {
        transit_gateway_route_table_id: TransitGatewayRouteTableId,
        transit_gateway_id: TransitGatewayId,
        state: TransitTableState,
        default_association_route_table: bool,
        default_propagation_route_table: bool,
        creation_time: Option<Timestamp>,
        tags: Tags,
    }
    /// The answer of CreateTransitGatewayRouteTable and DeleteTransitGatewayRouteTable.
    OneTransitTable { transit_gateway_route_table: TransitTableAnswer }
    /// What is associated with, or propagates to, a table.
    TableUse {
        transit_gateway_route_table_id: TransitGatewayRouteTableId,
        transit_gateway_attachment_id: TransitGatewayAttachmentId,
        resource_id: SmolStr,
        resource_type: TransitResourceType,
        state: SmolStr,
    }
    /// The answer of AssociateTransitGatewayRouteTable and DisassociateTransitGatewayRouteTable.
    OneAssociation { association: TableUse }
    /// The answer of EnableTransitGatewayRouteTablePropagation and
    /// DisableTransitGatewayRouteTablePropagation.
    OnePropagation { propagation: TableUse }
}

impl From<&TransitGatewayRouteTable> for TransitTableAnswer {
    fn from(it: &TransitGatewayRouteTable) -> Self {
        TransitTableAnswer {
            transit_gateway_route_table_id: it.transit_gateway_route_table_id.clone(),
            transit_gateway_id: it.transit_gateway_id.clone(),
            state: it.state.clone(),
            default_association_route_table: it.default_association_route_table,
            default_propagation_route_table: it.default_propagation_route_table,
            creation_time: it.creation_time,
            tags: it.tags.clone(),
        }
    }
}

impl TableUse {
    fn of(
        table: &TransitGatewayRouteTableId,
        it: &TransitGatewayAttachment,
        state: &'static str,
    ) -> Self {
        TableUse {
            transit_gateway_route_table_id: table.clone(),
            transit_gateway_attachment_id: it.transit_gateway_attachment_id.clone(),
            resource_id: it.resource_id.clone(),
            resource_type: it.resource_type.clone(),
            state: SmolStr::new_static(state),
        }
    }
}

/// A table of a gateway that is being made.
pub(super) fn fresh(twin: &mut Twin, gateway: &TransitGatewayId) -> TransitGatewayRouteTable {
    TransitGatewayRouteTable {
        transit_gateway_route_table_id: twin.fresh(TransitGatewayRouteTableId::from_number),
        transit_gateway_id: gateway.clone(),
        state: TransitTableState::Pending,
        default_association_route_table: false,
        default_propagation_route_table: false,
        creation_time: Some(twin.now()),
        routes: Vec::new(),
        propagations: Vec::new(),
        tags: Tags::new(),
    }
}

/// Makes a route table, which is no default.
///
/// # Errors
/// `IncorrectState` unless the gateway is available, `TransitGatewayRouteTableLimitExceeded`.
pub fn create_transit_gateway_route_table(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateTransitGatewayRouteTableRequest,
) -> Result<OneTransitTable, ApiError> {
    let gateway = transit_gateway::find(twin, ctx, &request.transit_gateway_id)?.clone();
    check_own(ctx, &gateway)?;
    let kind = Kind::TransitGatewayRouteTable;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    check_available(&gateway)?;
    let id = gateway.transit_gateway_id;
    let present = transit_gateway::tables_of(&twin.state, &id).len();
    if present >= twin.connectivity.choices.quotas.tables_per_transit_gateway {
        return Err(over_quota(
            "TransitGatewayRouteTableLimitExceeded",
            "transit gateway route tables",
        ));
    }
    let table = TransitGatewayRouteTable {
        tags,
        ..fresh(twin, &id)
    };
    let answer = OneTransitTable {
        transit_gateway_route_table: (&table).into(),
    };
    let id = table.transit_gateway_route_table_id.clone();
    twin.state.insert(&ctx.region, table);
    let delay = twin.options.timings.connectivity.transit_create;
    twin.schedule(delay, Transition::TransitTableCreated(id));
    Ok(answer)
}

/// A table that a call names and that is not yet deleted.
///
/// # Errors
/// The kind's codes for missing, malformed, unknown and deleted ids.
pub(super) fn find(
    twin: &Twin,
    ctx: &Ctx,
    text: &str,
) -> Result<TransitGatewayRouteTable, ApiError> {
    let name = "TransitGatewayRouteTableId";
    let found = require::<TransitGatewayRouteTable>(&twin.state, ctx, name, text)?;
    match found.state {
        TransitTableState::Deleted => Err(unknown(Kind::TransitGatewayRouteTable, &[text])),
        _ => Ok(found.clone()),
    }
}

/// # Errors
/// `IncorrectState` unless the table is `available`.
pub(super) fn check_usable(table: &TransitGatewayRouteTable) -> Result<(), ApiError> {
    match table.state {
        TransitTableState::Available => Ok(()),
        _ => Err(refusal::invalid_state(
            &table.transit_gateway_route_table_id,
        )),
    }
}

/// Deletes a route table with its routes and propagations.
///
/// # Errors
/// `IncorrectState` for a default table and while attachments are associated with it.
pub fn delete_transit_gateway_route_table(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteTransitGatewayRouteTableRequest,
) -> Result<OneTransitTable, ApiError> {
    let mut table = find(twin, ctx, &request.transit_gateway_route_table_id)?;
    ctx.end_dry_run()?;
    check_usable(&table)?;
    let id = table.transit_gateway_route_table_id.clone();
    let gateway = twin.state.one::<TransitGateway>(&table.transit_gateway_id);
    let defaults = gateway.map(|it| {
        [
            &it.options.association_default_route_table_id,
            &it.options.propagation_default_route_table_id,
        ]
    });
    let names = defaults
        .into_iter()
        .flatten()
        .zip(["association", "propagation"]);
    for (default, word) in names {
        if default.as_ref() == Some(&id) {
            return Err(refusal::incorrect_state(format!(
                "{id} is set as default {word} route table for {}",
                table.transit_gateway_id
            )));
        }
    }
    if associated_with(twin, &id).next().is_some() {
        return Err(refusal::incorrect_state(format!(
            "{id} has associated attachments"
        )));
    }
    table.state = TransitTableState::Deleting;
    let answer = OneTransitTable {
        transit_gateway_route_table: (&table).into(),
    };
    twin.state.insert(&ctx.region, table);
    let delay = twin.options.timings.connectivity.transit_create;
    twin.schedule(delay, Transition::TransitTableDeleted(id));
    Ok(answer)
}

/// The attachments that are associated with a table, or coming to it or going from it.
pub(super) fn associated_with<'a>(
    twin: &'a Twin,
    table: &TransitGatewayRouteTableId,
) -> impl Iterator<Item = &'a TransitGatewayAttachment> + use<'a> {
    let id = table.clone();
    twin.state
        .referring::<TransitGatewayAttachment>(table.clone())
        .filter(move |it| {
            let association = it.association.as_ref();
            association.is_some_and(|it| it.transit_gateway_route_table_id == id)
        })
}

/// The table and the attachment of a call: both usable and of the same gateway. An attachment of
/// another gateway is not found.
fn pair(
    twin: &Twin,
    ctx: &Ctx,
    request: &TableAndAttachmentRequest,
) -> Result<(TransitGatewayRouteTable, TransitGatewayAttachment), ApiError> {
    let table = find(twin, ctx, &request.transit_gateway_route_table_id)?;
    let it = attachment_of(twin, ctx, &table, &request.transit_gateway_attachment_id)?;
    ctx.end_dry_run()?;
    check_usable(&table)?;
    if !matches!(
        it.state,
        TransitAttachmentState::Available | TransitAttachmentState::Modifying
    ) {
        return Err(refusal::invalid_state(&it.transit_gateway_attachment_id));
    }
    Ok((table, it))
}

/// An attachment of the gateway of a table.
///
/// # Errors
/// `InvalidTransitGatewayAttachmentID.NotFound` also for one of another gateway.
pub(super) fn attachment_of(
    twin: &Twin,
    ctx: &Ctx,
    table: &TransitGatewayRouteTable,
    text: &str,
) -> Result<TransitGatewayAttachment, ApiError> {
    let it = attachment_life::find(twin, ctx, text)?;
    match it.transit_gateway_id == table.transit_gateway_id {
        true => Ok(it),
        false => Err(not_found(&it.transit_gateway_attachment_id.into())),
    }
}

/// Associates an attachment with a table.
///
/// # Errors
/// `Resource.AlreadyAssociated` when it has one, `IncorrectState`.
pub fn associate_transit_gateway_route_table(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TableAndAttachmentRequest,
) -> Result<OneAssociation, ApiError> {
    let (table, it) = pair(twin, ctx, &request)?;
    let id = &it.transit_gateway_attachment_id;
    if it.association.is_some() {
        return Err(ApiError::new(
            "Resource.AlreadyAssociated",
            format!("Transit Gateway Attachment {id} is already associated to a route table."),
        ));
    }
    let table = table.transit_gateway_route_table_id;
    attachment_life::associate(twin, id, &table);
    Ok(OneAssociation {
        association: TableUse::of(&table, &it, "associating"),
    })
}

/// Takes an attachment off a table.
///
/// # Errors
/// `InvalidparameterValue`, in AWS's own spelling, when it is not associated with it.
pub fn disassociate_transit_gateway_route_table(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TableAndAttachmentRequest,
) -> Result<OneAssociation, ApiError> {
    let (table, it) = pair(twin, ctx, &request)?;
    let id = it.transit_gateway_attachment_id.clone();
    let table = table.transit_gateway_route_table_id;
    let present = it.association.as_ref();
    if present.is_none_or(|it| it.transit_gateway_route_table_id != table) {
        return Err(ApiError::new(
            "InvalidparameterValue",
            format!("Transit Gateway Attachment {id} is not associated with route table {table}."),
        ));
    }
    twin.state.update(&id, |it: &mut TransitGatewayAttachment| {
        if let Some(association) = &mut it.association {
            association.state = SmolStr::new_static("disassociating");
        }
    });
    let delay = twin.options.timings.connectivity.association;
    twin.schedule(delay, Transition::AssociationSettled(id));
    Ok(OneAssociation {
        association: TableUse::of(&table, &it, "disassociating"),
    })
}

/// Lets an attachment propagate its routes to a table; it does so at once.
///
/// # Errors
/// `TransitGatewayRouteTablePropagation.Duplicate`, `UnsupportedOperation` for a peering, which has
/// static routes only.
pub fn enable_transit_gateway_route_table_propagation(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TableAndAttachmentRequest,
) -> Result<OnePropagation, ApiError> {
    let (table, it) = pair(twin, ctx, &request)?;
    let id = &it.transit_gateway_attachment_id;
    let mut present = table.propagations.iter();
    let table_id = &table.transit_gateway_route_table_id;
    if present.any(|it| it.transit_gateway_attachment_id == *id) {
        return Err(ApiError::new(
            "TransitGatewayRouteTablePropagation.Duplicate",
            format!("Propagation {id} already exists in Transit Gateway Route Table {table_id}."),
        ));
    }
    if it.resource_type == TransitResourceType::Peering {
        return Err(ApiError::new(
            "UnsupportedOperation",
            format!("Transit Gateway Peering Attachment {id} does not propagate routes."),
        ));
    }
    attachment_life::propagate(twin, &it, table_id);
    Ok(OnePropagation {
        propagation: TableUse::of(table_id, &it, "enabled"),
    })
}

/// Ends the propagation of an attachment's routes to a table, at once.
///
/// # Errors
/// `InvalidparameterValue`, in AWS's own spelling, when there is none.
pub fn disable_transit_gateway_route_table_propagation(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TableAndAttachmentRequest,
) -> Result<OnePropagation, ApiError> {
    let (table, it) = pair(twin, ctx, &request)?;
    let id = &it.transit_gateway_attachment_id;
    let mut present = table.propagations.iter();
    let table_id = &table.transit_gateway_route_table_id;
    if !present.any(|it| it.transit_gateway_attachment_id == *id) {
        return Err(ApiError::new(
            "InvalidparameterValue",
            format!("Propagation {id} does not exist in Transit Gateway Route Table {table_id}."),
        ));
    }
    twin.state
        .update(table_id, |table: &mut TransitGatewayRouteTable| {
            table
                .propagations
                .retain(|it| it.transit_gateway_attachment_id != *id);
        });
    Ok(OnePropagation {
        propagation: TableUse::of(table_id, &it, "disabled"),
    })
}

/// A table that was being made is `available`.
pub(super) fn created(twin: &mut Twin, id: &TransitGatewayRouteTableId) {
    twin.state.update(id, |it: &mut TransitGatewayRouteTable| {
        if it.state == TransitTableState::Pending {
            it.state = TransitTableState::Available;
        }
    });
}

/// A table that was being deleted is `deleted`; it stays described for a while.
pub(super) fn deleted(twin: &mut Twin, id: &TransitGatewayRouteTableId) {
    let changed = twin.state.update(id, |it: &mut TransitGatewayRouteTable| {
        let is_so = it.state == TransitTableState::Deleting;
        if is_so {
            it.state = TransitTableState::Deleted;
            it.routes.clear();
            it.propagations.clear();
        }
        is_so
    });
    if changed == Some(true) {
        let lingering = twin.options.timings.lingering;
        twin.schedule(lingering, Transition::TransitTableForgotten(id.clone()));
    }
}

/// A deleted table is no longer described.
pub(super) fn forgotten(twin: &mut Twin, id: &TransitGatewayRouteTableId) {
    let found = twin.state.one::<TransitGatewayRouteTable>(id);
    if found.is_some_and(|it| it.state == TransitTableState::Deleted) {
        twin.state.remove(id);
    }
}

/// Schedules what was under way when the snapshot was taken.
pub(super) fn resume(twin: &mut Twin, it: &TransitGatewayRouteTable) {
    let id = it.transit_gateway_route_table_id.clone();
    let timings = &twin.options.timings;
    let own = &timings.connectivity;
    let (delay, transition) = match it.state {
        TransitTableState::Pending => (own.transit_create, Transition::TransitTableCreated(id)),
        TransitTableState::Deleting => (own.transit_create, Transition::TransitTableDeleted(id)),
        TransitTableState::Deleted => (timings.lingering, Transition::TransitTableForgotten(id)),
        _ => return,
    };
    twin.schedule(delay, transition);
}
