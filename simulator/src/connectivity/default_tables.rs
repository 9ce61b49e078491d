//! The default route tables of a transit gateway: an option and the table that it names move
//! together. Rules and messages are those of a live account (facts: source F).

use sandtable_model::resource::{
    Toggle, TransitGateway, TransitGatewayOptions, TransitGatewayRouteTable, TransitTableState,
};
use sandtable_model::{Kind, TransitGatewayRouteTableId};

use super::transit_gateway::{ModifyTransitGatewayOptions, toggle};
use crate::rules::{invalid_combination, parse, unknown};
use crate::{ApiError, Ctx, Twin};

/// Changes which tables are the defaults.
///
/// # Errors
/// `InvalidParameterCombination` when an option and its table do not go together, before
/// `InvalidRouteTableID.NotFound` for a table that is not the gateway's.
pub(super) fn change(
    twin: &Twin,
    ctx: &Ctx,
    gateway: &mut TransitGateway,
    asked: &ModifyTransitGatewayOptions,
) -> Result<(), ApiError> {
    let options = &gateway.options;
    let association = agree(
        "Association",
        asked.default_route_table_association.as_ref(),
        asked.association_default_route_table_id.as_ref(),
        &options.default_route_table_association,
        options.association_default_route_table_id.as_ref(),
    )?;
    let propagation = agree(
        "Propagation",
        asked.default_route_table_propagation.as_ref(),
        asked.propagation_default_route_table_id.as_ref(),
        &options.default_route_table_propagation,
        options.propagation_default_route_table_id.as_ref(),
    )?;
    let association_id = match &asked.association_default_route_table_id {
        Some(text) => Some(table_of(twin, ctx, gateway, text)?),
        None => gateway.options.association_default_route_table_id.clone(),
    };
    let propagation_id = match &asked.propagation_default_route_table_id {
        Some(text) => Some(table_of(twin, ctx, gateway, text)?),
        None => gateway.options.propagation_default_route_table_id.clone(),
    };
    let is_on = |it: &Toggle| *it == Toggle::Enable;
    let options = &mut gateway.options;
    options.association_default_route_table_id = association_id.filter(|_| is_on(&association));
    options.propagation_default_route_table_id = propagation_id.filter(|_| is_on(&propagation));
    options.default_route_table_association = association;
    options.default_route_table_propagation = propagation;
    Ok(())
}

/// The option as it will be. `disable` may not carry a table, `enable` must know one.
fn agree(
    what: &str,
    flag: Option<&String>,
    table: Option<&String>,
    now: &Toggle,
    present: Option<&TransitGatewayRouteTableId>,
) -> Result<Toggle, ApiError> {
    let name = format!("DefaultRouteTable{what}");
    let id_name = format!("{what}DefaultRouteTableId");
    let mut after = now.clone();
    toggle(&mut after, &name, flag)?;
    match (&after, table) {
        (Toggle::Enable, None) if flag.is_some() && present.is_none() => Err(invalid_combination(
            format!("enable {name} conflicts with {id_name} null"),
        )),
        (Toggle::Enable, _) | (_, None) => Ok(after),
        (_, Some(table)) => Err(invalid_combination(format!(
            "disable {name} conflicts with {id_name} {table}"
        ))),
    }
}

fn table_of(
    twin: &Twin,
    ctx: &Ctx,
    gateway: &TransitGateway,
    text: &str,
) -> Result<TransitGatewayRouteTableId, ApiError> {
    let kind = Kind::TransitGatewayRouteTable;
    let id = parse(&twin.state, kind, text)?;
    let found = twin.state.get_in(&ctx.region, &id);
    let found = found.and_then(|it| it.get::<TransitGatewayRouteTable>());
    let found = found.filter(|it| it.state != TransitTableState::Deleted);
    let found = found.ok_or_else(|| unknown(kind, &[text]))?;
    if found.transit_gateway_id != gateway.transit_gateway_id {
        return Err(ApiError::new(
            "InvalidRouteTableID.NotFound",
            format!(
                "Transit Gateway Route Table {text} was deleted or does not exist in Transit Gateway {}.",
                gateway.transit_gateway_id
            ),
        ));
    }
    Ok(found.transit_gateway_route_table_id.clone())
}

/// The mark of a table that is a default.
type Mark = fn(&mut TransitGatewayRouteTable) -> &mut bool;

/// Marks the tables that are the defaults now, and no others.
pub(super) fn mark(twin: &mut Twin, before: &TransitGatewayOptions, after: &TransitGatewayOptions) {
    let sides: [(_, _, Mark); 2] = [
        (
            &before.association_default_route_table_id,
            &after.association_default_route_table_id,
            |it| &mut it.default_association_route_table,
        ),
        (
            &before.propagation_default_route_table_id,
            &after.propagation_default_route_table_id,
            |it| &mut it.default_propagation_route_table,
        ),
    ];
    for (old, new, flag) in sides {
        for (table, is_default) in [(old, false), (new, true)] {
            if let Some(id) = table {
                let set = |it: &mut TransitGatewayRouteTable| *flag(it) = is_default;
                twin.state.update(id, set);
            }
        }
    }
}
