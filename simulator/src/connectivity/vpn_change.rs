//! VPN connections: changing and deleting them, and their static routes.

use sandtable_model::resource::{
    TransitAttachmentState, TransitGatewayAttachment, VpnConnection, VpnState, VpnStaticRoute,
};
use sandtable_model::{TransitGatewayAttachmentId, VpnConnectionId};
use smol_str::{SmolStr, format_smolstr};

use super::vpn_connection::{End, OneVpnConnection, attach, block, check_end, find, read_end};
use super::{Transition, attachment_life, customer_gateway, propagation, refusal};
use crate::network::cidr;
use crate::network::request::requests;
use crate::rules::{invalid_combination, required};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// DeleteVpnConnection.
    DeleteVpnConnectionRequest { vpn_connection_id: String }
    /// ModifyVpnConnection.
    ModifyVpnConnectionRequest {
        vpn_connection_id: String,
        transit_gateway_id: Option<String>,
        customer_gateway_id: Option<String>,
        vpn_gateway_id: Option<String>,
    }
    /// ModifyVpnConnectionOptions.
    ModifyVpnConnectionOptionsRequest {
        vpn_connection_id: String,
        local_ipv4_network_cidr: Option<String>,
        remote_ipv4_network_cidr: Option<String>,
    }
    /// CreateVpnConnectionRoute and DeleteVpnConnectionRoute.
    VpnConnectionRouteRequest { destination_cidr_block: String, vpn_connection_id: String }
}

/// # Errors
/// `InvalidVpnConnection.InvalidState` unless the connection is available (EC2 API reference, error
/// codes).
fn check_available(it: &VpnConnection) -> Result<(), ApiError> {
    match it.state {
        VpnState::Available => Ok(()),
        _ => Err(ApiError::new(
            "InvalidVpnConnection.InvalidState",
            format!(
                "The VPN connection {} must be in the available state to complete the request.",
                it.vpn_connection_id
            ),
        )),
    }
}

/// The attachments of a connection at transit gateways that are not over.
fn attachments_of(state: &State, id: &VpnConnectionId) -> Vec<TransitGatewayAttachmentId> {
    let all = state.referring::<TransitGatewayAttachment>(id);
    all.filter(|it| !it.state.is_over())
        .map(|it| it.transit_gateway_attachment_id.clone())
        .collect()
}

/// Deletes a connection, and its attachment at a transit gateway. Asking again while it goes changes
/// nothing.
///
/// # Errors
/// The kind's codes for missing, malformed, unknown and deleted ids.
pub fn delete_vpn_connection(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteVpnConnectionRequest,
) -> Result<(), ApiError> {
    let it = find(twin, ctx, &request.vpn_connection_id)?;
    ctx.end_dry_run()?;
    if it.state == VpnState::Deleting {
        return Ok(());
    }
    let id = it.vpn_connection_id;
    twin.state.update(&id, |it: &mut VpnConnection| {
        it.state = VpnState::Deleting;
    });
    if let Some(gateway) = &it.vpn_gateway_id {
        let gone: Vec<SmolStr> = destinations(&it.routes);
        propagation::refresh(twin, gateway, &gone);
    }
    for attachment in attachments_of(&twin.state, &id) {
        if let Some(it) = twin.state.one::<TransitGatewayAttachment>(&attachment) {
            let it = it.clone();
            attachment_life::end(twin, it, TransitAttachmentState::Deleting);
        }
    }
    let delay = twin.options.timings.connectivity.vpn_delete;
    twin.schedule(delay, Transition::VpnDeleted(id));
    Ok(())
}

fn destinations(routes: &[VpnStaticRoute]) -> Vec<SmolStr> {
    let all = routes.iter();
    all.map(|it| it.destination_cidr_block.clone()).collect()
}

/// Gives a connection another gateway at either end.
///
/// # Errors
/// `InvalidVpnConnection.InvalidState`; `IncorrectState` for one with static routes that would go
/// from a virtual private to a transit gateway: they must be deleted before (EC2 API reference,
/// ModifyVpnConnection, which names no code).
pub fn modify_vpn_connection(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVpnConnectionRequest,
) -> Result<OneVpnConnection, ApiError> {
    let before = find(twin, ctx, &request.vpn_connection_id)?;
    let end = read_end(
        twin,
        ctx,
        request.vpn_gateway_id.as_deref(),
        request.transit_gateway_id.as_deref(),
    )?;
    let customer = match &request.customer_gateway_id {
        Some(text) => Some(customer_gateway::find(twin, ctx, text)?.clone()),
        None => None,
    };
    if customer.is_none() && end.is_none() {
        return Err(invalid_combination(
            "The request must contain a customer gateway or a target gateway",
        ));
    }
    ctx.end_dry_run()?;
    check_available(&before)?;
    check_end(twin, end.as_ref())?;
    if customer
        .as_ref()
        .is_some_and(|it| it.state != VpnState::Available)
    {
        return Err(refusal::incorrect_state(
            "The customer gateway is in invalid state",
        ));
    }
    let id = before.vpn_connection_id.clone();
    if matches!(end, Some(End::Transit(_)))
        && before.vpn_gateway_id.is_some()
        && !before.routes.is_empty()
    {
        return Err(refusal::incorrect_state(format!(
            "The VPN connection {id} has static routes, which must be deleted first"
        )));
    }
    let mut after = before.clone();
    after.state = VpnState::Pending;
    if let Some(customer) = customer {
        after.customer_gateway_id = customer.customer_gateway_id;
    }
    if let Some(end) = &end {
        (after.vpn_gateway_id, after.transit_gateway_id) = match end.clone() {
            End::Private(id) => (Some(id), None),
            End::Transit(id) => (None, Some(id)),
        };
        after.gateway_association_state = Some(SmolStr::new_static("associated"));
    }
    twin.state.insert(&ctx.region, after.clone());
    if let Some(gateway) = &before.vpn_gateway_id {
        propagation::refresh(twin, gateway, &destinations(&before.routes));
    }
    if after.transit_gateway_id != before.transit_gateway_id {
        for attachment in attachments_of(&twin.state, &id) {
            if let Some(it) = twin.state.one::<TransitGatewayAttachment>(&attachment) {
                let it = it.clone();
                attachment_life::end(twin, it, TransitAttachmentState::Deleting);
            }
        }
        if let Some(gateway) = &after.transit_gateway_id {
            attach(twin, ctx, &id, gateway);
        }
    }
    let delay = twin.options.timings.connectivity.vpn_create;
    twin.schedule(delay, Transition::VpnCreated(id));
    Ok(OneVpnConnection {
        vpn_connection: after,
    })
}

/// Changes which blocks may talk through a connection.
///
/// # Errors
/// `InvalidVpnConnection.InvalidState`, `InvalidParameterValue`.
pub fn modify_vpn_connection_options(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVpnConnectionOptionsRequest,
) -> Result<OneVpnConnection, ApiError> {
    let mut it = find(twin, ctx, &request.vpn_connection_id)?;
    let options = &mut it.options;
    if let Some(text) = &request.local_ipv4_network_cidr {
        options.local_ipv4_network_cidr = Some(block(Some(text))?);
    }
    if let Some(text) = &request.remote_ipv4_network_cidr {
        options.remote_ipv4_network_cidr = Some(block(Some(text))?);
    }
    ctx.end_dry_run()?;
    check_available(&it)?;
    it.state = VpnState::Pending;
    let id = it.vpn_connection_id.clone();
    twin.state.insert(&ctx.region, it.clone());
    let delay = twin.options.timings.connectivity.vpn_create;
    twin.schedule(delay, Transition::VpnCreated(id));
    Ok(OneVpnConnection { vpn_connection: it })
}

fn read_route(
    twin: &Twin,
    ctx: &Ctx,
    request: &VpnConnectionRouteRequest,
) -> Result<(VpnConnection, SmolStr), ApiError> {
    required("destinationCidrBlock", &request.destination_cidr_block)?;
    let it = find(twin, ctx, &request.vpn_connection_id)?;
    let block = cidr::read("destinationCidrBlock", &request.destination_cidr_block)?;
    ctx.end_dry_run()?;
    Ok((it, format_smolstr!("{block}")))
}

/// Makes a static route of a connection. Asking again for one that is there changes nothing.
///
/// # Errors
/// `InvalidVpnConnection.InvalidType` for a connection with BGP, `InvalidVpnConnection.InvalidState`
/// (EC2 API reference, error codes).
pub fn create_vpn_connection_route(
    twin: &mut Twin,
    ctx: &Ctx,
    request: VpnConnectionRouteRequest,
) -> Result<(), ApiError> {
    let (it, destination) = read_route(twin, ctx, &request)?;
    if !it.options.static_routes_only {
        return Err(ApiError::new(
            "InvalidVpnConnection.InvalidType",
            "The specified VPN connection does not support static routes.",
        ));
    }
    check_available(&it)?;
    let mut present = it.routes.iter();
    if present.any(|it| it.destination_cidr_block == destination) {
        return Ok(());
    }
    let id = it.vpn_connection_id;
    twin.state.update(&id, |it: &mut VpnConnection| {
        it.routes.push(VpnStaticRoute {
            destination_cidr_block: destination.clone(),
            source: Some(SmolStr::new_static("Static")),
            state: VpnState::Pending,
        });
    });
    let delay = twin.options.timings.connectivity.vpn_route;
    twin.schedule(delay, Transition::VpnRouteCreated(id, destination));
    Ok(())
}

/// Deletes a static route of a connection, and what was propagated of it.
///
/// # Errors
/// `InvalidRoute.NotFound`.
pub fn delete_vpn_connection_route(
    twin: &mut Twin,
    ctx: &Ctx,
    request: VpnConnectionRouteRequest,
) -> Result<(), ApiError> {
    let (it, destination) = read_route(twin, ctx, &request)?;
    let id = &it.vpn_connection_id;
    let mut present = it.routes.iter();
    if !present.any(|it| it.destination_cidr_block == destination) {
        return Err(ApiError::new(
            "InvalidRoute.NotFound",
            format!("The specified route {destination} does not exist in VPN connection {id}"),
        ));
    }
    twin.state.update(id, |it: &mut VpnConnection| {
        it.routes
            .retain(|it| it.destination_cidr_block != destination);
    });
    if let Some(gateway) = &it.vpn_gateway_id {
        propagation::refresh(twin, gateway, &[destination]);
    }
    Ok(())
}

/// A static route that was being made is `available`, and propagated.
pub(super) fn route_created(twin: &mut Twin, id: &VpnConnectionId, destination: &str) {
    let gateway = twin.state.update(id, |it: &mut VpnConnection| {
        let pending = it
            .routes
            .iter_mut()
            .filter(|it| it.state == VpnState::Pending);
        for route in pending.filter(|it| it.destination_cidr_block == destination) {
            route.state = VpnState::Available;
        }
        it.vpn_gateway_id.clone()
    });
    if let Some(gateway) = gateway.flatten() {
        propagation::refresh(twin, &gateway, &[]);
    }
}

/// A connection that was being made or changed is `available`, and so is its attachment.
pub(super) fn created(twin: &mut Twin, id: &VpnConnectionId) {
    let changed = twin.state.update(id, |it: &mut VpnConnection| {
        let is_so = it.state == VpnState::Pending;
        if is_so {
            it.state = VpnState::Available;
        }
        is_so.then(|| it.vpn_gateway_id.clone())
    });
    let Some(gateway) = changed.flatten() else {
        return;
    };
    if let Some(gateway) = gateway {
        propagation::refresh(twin, &gateway, &[]);
    }
    for attachment in attachments_of(&twin.state, id) {
        attachment_life::created(twin, &attachment);
    }
}

/// A connection is `deleted`; it stays described for a while.
pub(super) fn deleted(twin: &mut Twin, id: &VpnConnectionId) {
    let changed = twin.state.update(id, |it: &mut VpnConnection| {
        let is_so = it.state == VpnState::Deleting;
        if is_so {
            it.state = VpnState::Deleted;
            it.routes.clear();
        }
        is_so
    });
    if changed == Some(true) {
        // Its attachment goes with it, however long attachments take.
        for attachment in attachments_of(&twin.state, id) {
            attachment_life::deleted(twin, &attachment);
        }
        let lingering = twin.options.timings.lingering;
        twin.schedule(lingering, Transition::VpnForgotten(id.clone()));
    }
}

/// A deleted connection is no longer described.
pub(super) fn forgotten(twin: &mut Twin, id: &VpnConnectionId) {
    let found = twin.state.one::<VpnConnection>(id);
    if found.is_some_and(|it| it.state == VpnState::Deleted) {
        twin.state.remove(id);
    }
}

/// Schedules what was under way when the snapshot was taken.
pub(super) fn resume(twin: &mut Twin, it: &VpnConnection) {
    let id = it.vpn_connection_id.clone();
    let timings = twin.options.timings.clone();
    let own = &timings.connectivity;
    for route in it.routes.iter().filter(|it| it.state == VpnState::Pending) {
        let destination = route.destination_cidr_block.clone();
        let created = Transition::VpnRouteCreated(id.clone(), destination);
        twin.schedule(own.vpn_route, created);
    }
    let (delay, transition) = match it.state {
        VpnState::Pending => (own.vpn_create, Transition::VpnCreated(id)),
        VpnState::Deleting => (own.vpn_delete, Transition::VpnDeleted(id)),
        VpnState::Deleted => (timings.lingering, Transition::VpnForgotten(id)),
        _ => return,
    };
    twin.schedule(delay, transition);
}
