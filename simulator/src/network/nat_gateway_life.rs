//! What happens to NAT gateways by themselves, and deleting them.

use sandtable_model::resource::{InterfaceType, NatGateway, NatGatewayState, NetworkInterface};
use sandtable_model::{Duration, NatGatewayId, NetworkInterfaceId, ResourceId, Timestamp};

use super::request::{answers, requests};
use super::route_state::refresh_routes_to;
use super::{Transition, association, blockers, interface};
use crate::rules::require;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DeleteNatGateway.
    DeleteNatGatewayRequest { nat_gateway_id: String }
}

answers! {
    /// The answer of DeleteNatGateway.
    DeletedNatGateway { nat_gateway_id: NatGatewayId }
}

/// A gateway that was being made is `available`.
pub(super) fn created(twin: &mut Twin, id: &NatGatewayId) {
    twin.state.update(id, |it: &mut NatGateway| {
        if it.state == NatGatewayState::Pending {
            it.state = NatGatewayState::Available;
        }
    });
}

/// A gateway could not be made; it stays described for a while.
pub(super) fn failed(twin: &mut Twin, id: &NatGatewayId, code: &str, message: &str) {
    let failed = twin.state.update(id, |it: &mut NatGateway| {
        let was_pending = it.state == NatGatewayState::Pending;
        if was_pending {
            it.state = NatGatewayState::Failed;
            it.failure_code = Some(code.into());
            it.failure_message = Some(message.into());
        }
        was_pending
    });
    if failed == Some(true) {
        refresh_routes_to(&mut twin.state, &ResourceId::from(id));
        let forgotten = Transition::NatForgotten(id.clone());
        twin.schedule(twin.options.timings.lingering, forgotten);
    }
}

/// Deletes a gateway. Routes do not keep it; they become blackholes when it is `deleted`. Its
/// address is then disassociated and stays allocated.
///
/// # Errors
/// `NatGatewayNotFound`. Whether a second call on a gateway that is `deleting` or `deleted`
/// succeeds is not documented: see [`super::Choices`].
pub fn delete_nat_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteNatGatewayRequest,
) -> Result<DeletedNatGateway, ApiError> {
    let id = &request.nat_gateway_id;
    let nat = require::<NatGateway>(&twin.state, ctx, "NatGatewayId", id)?.clone();
    ctx.end_dry_run()?;
    let id = nat.nat_gateway_id;
    if matches!(
        nat.state,
        NatGatewayState::Deleting | NatGatewayState::Deleted
    ) {
        if twin.network.choices.repeated_nat_delete_succeeds {
            return Ok(DeletedNatGateway { nat_gateway_id: id });
        }
        return Err(crate::rules::not_found(&ResourceId::from(&id)));
    }
    if nat.state == NatGatewayState::Failed {
        // It holds nothing that would have to be given back first.
        deleted(twin, &id);
        return Ok(DeletedNatGateway { nat_gateway_id: id });
    }
    let now = twin.now();
    twin.state.update(&id, |it: &mut NatGateway| {
        it.state = NatGatewayState::Deleting;
        it.delete_time = Some(now);
    });
    let deleted = Transition::NatDeleted(id.clone());
    twin.schedule(twin.options.timings.nat_delete, deleted);
    Ok(DeletedNatGateway { nat_gateway_id: id })
}

/// A gateway is `deleted`: its interface is gone, its addresses are free, its routes lead nowhere.
pub(super) fn deleted(twin: &mut Twin, id: &NatGatewayId) {
    let now = twin.now();
    let changed = twin.state.update(id, |it: &mut NatGateway| {
        it.state = NatGatewayState::Deleted;
        it.delete_time.get_or_insert(now);
        it.nat_gateway_addresses.clone()
    });
    let Some(addresses) = changed else {
        return;
    };
    let interfaces = interfaces_of(twin, id);
    for allocation in addresses.iter().filter_map(|it| it.allocation_id.as_ref()) {
        association::disassociate(twin, allocation);
    }
    for interface in &interfaces {
        interface::remove(twin, interface);
    }
    refresh_routes_to(&mut twin.state, &ResourceId::from(id));
    let forgotten = Transition::NatForgotten(id.clone());
    twin.schedule(twin.options.timings.lingering, forgotten);
}

/// The interfaces of a gateway: those that it names, and those that name it in their description,
/// as AWS's do, where a recorded gateway does not tell them.
pub(super) fn interfaces_of(twin: &Twin, id: &NatGatewayId) -> Vec<NetworkInterfaceId> {
    let Some(nat) = twin.state.one::<NatGateway>(id) else {
        return Vec::new();
    };
    let named = nat.nat_gateway_addresses.iter();
    let named = named.filter_map(|it| it.network_interface_id.clone());
    let naming = twin
        .state
        .referring::<NetworkInterface>(&nat.subnet_id)
        .filter(|it| {
            let last = it.description.rsplit(' ').next();
            it.interface_type == InterfaceType::NatGateway && last == Some(id.as_str())
        });
    let mut ids: Vec<NetworkInterfaceId> = named
        .chain(naming.map(|it| it.network_interface_id.clone()))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// A gateway that is over is no longer described.
pub(super) fn forgotten(twin: &mut Twin, id: &NatGatewayId) {
    let nat = twin.state.one::<NatGateway>(id);
    if nat.is_some_and(|it| !blockers::holds(it)) {
        twin.state.remove(id);
        refresh_routes_to(&mut twin.state, &ResourceId::from(id));
    }
}

/// Schedules what was under way when a snapshot was taken: what is left of each duration.
pub(super) fn resume(twin: &mut Twin, nat: &NatGateway) {
    let timings = twin.options.timings.clone();
    let id = nat.nat_gateway_id.clone();
    let left = |since: Option<Timestamp>, whole: Duration| {
        let passed = since.map_or(Duration::ZERO, |since| twin.now().since(since));
        let left = whole.millis().saturating_sub(passed.millis());
        // At least a moment: nothing changes before the first call.
        Duration::from_millis(left.max(1))
    };
    let (delay, transition) = match nat.state {
        NatGatewayState::Pending => (
            left(nat.create_time, timings.nat_create),
            Transition::NatCreated(id),
        ),
        NatGatewayState::Deleting => (
            left(nat.delete_time, timings.nat_delete),
            Transition::NatDeleted(id),
        ),
        NatGatewayState::Deleted => (
            left(nat.delete_time, timings.lingering),
            Transition::NatForgotten(id),
        ),
        NatGatewayState::Failed => (
            left(nat.create_time, timings.lingering),
            Transition::NatForgotten(id),
        ),
        _ => return,
    };
    twin.schedule(delay, transition);
}
