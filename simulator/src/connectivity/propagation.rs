//! Routes that a virtual private gateway propagates into route tables: the static routes of its VPN
//! connections. What devices tell by BGP stays as the snapshot shows it.

use sandtable_model::resource::{
    Route, RouteOrigin, RouteState, RouteTable, VpnConnection, VpnState,
};
use sandtable_model::{RouteTableId, VpnGatewayId};
use smol_str::SmolStr;

use crate::{State, Twin};

fn is_propagated(route: &Route) -> bool {
    route.origin == RouteOrigin::EnableVgwRoutePropagation
}

/// The destinations that a gateway propagates, as far as the twin knows.
fn destinations(state: &State, gateway: &str) -> Vec<SmolStr> {
    let Ok(id) = VpnGatewayId::new(gateway) else {
        return Vec::new();
    };
    let connections = state.referring::<VpnConnection>(&id);
    let connections = connections
        .filter(|it| it.vpn_gateway_id.as_ref() == Some(&id) && it.state == VpnState::Available);
    let routes = connections.flat_map(|it| &it.routes);
    let usable = routes.filter(|it| it.state == VpnState::Available);
    let mut all: Vec<SmolStr> = usable.map(|it| it.destination_cidr_block.clone()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Puts the propagated routes that are missing into a table. A route that is there goes before.
pub(crate) fn fill(twin: &mut Twin, table: &RouteTableId) {
    let Some(found) = twin.state.one::<RouteTable>(table) else {
        return;
    };
    let mut new: Vec<Route> = Vec::new();
    for gateway in &found.propagating_vgws {
        for destination in destinations(&twin.state, &gateway.gateway_id) {
            let mut present = found.routes.iter().chain(&new);
            if !present.any(|it| it.destination() == destination) {
                new.push(Route {
                    destination_cidr_block: Some(destination),
                    gateway_id: Some(gateway.gateway_id.clone()),
                    origin: RouteOrigin::EnableVgwRoutePropagation,
                    state: RouteState::Active,
                    ..Route::default()
                });
            }
        }
    }
    if !new.is_empty() {
        twin.state
            .update(table, |it: &mut RouteTable| it.routes.extend(new));
    }
}

/// Ends a gateway's propagation into a table.
pub(super) fn end(twin: &mut Twin, table: &RouteTableId, gateway: &str) {
    let found = twin.state.one::<RouteTable>(table);
    let concerned = found.is_some_and(|it| {
        let mut propagating = it.propagating_vgws.iter();
        propagating.any(|it| it.gateway_id == gateway)
            || it.routes.iter().any(|it| is_from(it, gateway))
    });
    if concerned {
        twin.state.update(table, |it: &mut RouteTable| {
            it.propagating_vgws.retain(|it| it.gateway_id != gateway);
            it.routes.retain(|it| !is_from(it, gateway));
        });
        fill(twin, table);
    }
}

fn is_from(route: &Route, gateway: &str) -> bool {
    is_propagated(route) && route.target() == gateway
}

/// The routes of a gateway's connections have changed: `gone` is propagated no more, unless another
/// connection still has it, and what is new appears.
pub(super) fn refresh(twin: &mut Twin, gateway: &VpnGatewayId, gone: &[SmolStr]) {
    let left = destinations(&twin.state, gateway.as_str());
    let region = twin.state.region_of(&gateway.into()).cloned();
    let Some(region) = region else {
        return;
    };
    let tables = twin.state.all::<RouteTable>(&region).filter(|it| {
        let mut propagating = it.propagating_vgws.iter();
        propagating.any(|it| it.gateway_id == gateway.as_str())
    });
    let tables: Vec<RouteTableId> = tables.map(|it| it.route_table_id.clone()).collect();
    for table in &tables {
        let ends = |it: &Route| {
            let destination = it.destination();
            is_from(it, gateway.as_str())
                && gone.iter().any(|it| it == destination)
                && !left.iter().any(|it| it == destination)
        };
        let found = twin.state.one::<RouteTable>(table);
        if found.is_some_and(|it| it.routes.iter().any(ends)) {
            twin.state.update(table, |it: &mut RouteTable| {
                it.routes.retain(|it| !ends(it))
            });
        }
        fill(twin, table);
    }
}
