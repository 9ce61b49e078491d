//! Whether the targets of routes are there: active, or a blackhole.

use sandtable_model::resource::{
    EgressOnlyInternetGateway, Instance, InstanceStateName, InternetGateway, NetworkInterface,
    Route, RouteState, RouteTable, VpcEndpoint,
};
use sandtable_model::{InternetGatewayId, ResourceId, RouteTableId, VpcId};

use super::blockers;
use crate::State;
use crate::connectivity::targets;

/// Whether a route's target is there; nothing when it is of a kind that the twin does not model.
pub(super) fn state_of(state: &State, vpc: &VpcId, route: &Route) -> Option<RouteState> {
    let is_there = if let Some(id) = &route.nat_gateway_id {
        state.one(id).is_some_and(blockers::holds)
    } else if let Some(id) = route.network_interface_id.as_deref() {
        let interface = state.one::<NetworkInterface>(id);
        interface.is_some_and(|it| it.attachment.is_some() && !leads_to_ended(state, it))
    } else if let Some(id) = route.instance_id.as_deref() {
        // Recorded tables may show an instance without its interface.
        state.one::<Instance>(id).is_some_and(|it| !is_ended(it))
    } else if let Some(text) = &route.gateway_id {
        match ResourceId::new(text).ok()? {
            ResourceId::InternetGateway(id) => is_attached(state, &id, vpc),
            ResourceId::VpcEndpoint(id) => {
                let endpoint = state.one::<VpcEndpoint>(&id);
                endpoint.is_some_and(|it| !it.state.is_deleted())
            }
            id => return targets::state_of(state, vpc, &id),
        }
    } else if let Some(id) = &route.egress_only_internet_gateway_id {
        let ResourceId::EgressOnlyInternetGateway(id) = ResourceId::new(id).ok()? else {
            return None;
        };
        let gateway = state.one::<EgressOnlyInternetGateway>(&id);
        gateway.is_some_and(|it| it.attachments.iter().any(|it| it.vpc_id == *vpc))
    } else {
        let target = ResourceId::new(route.target()).ok()?;
        return targets::state_of(state, vpc, &target);
    };
    Some(if is_there {
        RouteState::Active
    } else {
        RouteState::Blackhole
    })
}

fn leads_to_ended(state: &State, interface: &NetworkInterface) -> bool {
    let attachment = interface.attachment.as_ref();
    let instance = attachment.and_then(|it| it.instance_id.as_ref());
    let instance = instance.and_then(|id| state.one::<Instance>(id));
    instance.is_some_and(is_ended)
}

fn is_ended(instance: &Instance) -> bool {
    instance.state.name == InstanceStateName::Terminated
}

fn is_attached(state: &State, gateway: &InternetGatewayId, vpc: &VpcId) -> bool {
    let gateway = state.one::<InternetGateway>(gateway);
    gateway.is_some_and(|it| it.attachments.iter().any(|it| it.vpc_id == *vpc))
}

/// Sets anew whether the routes to a target are active or blackholes, after the target changed,
/// came or went (facts: ec2-semantics.md, section 3, NAT gateway and Internet gateway).
pub(crate) fn refresh_routes_to(state: &mut State, target: &ResourceId) {
    let tables = state.referring::<RouteTable>(target.clone());
    let tables: Vec<RouteTable> = tables.cloned().collect();
    for table in tables {
        let id: RouteTableId = table.route_table_id.clone();
        let mut routes = table.routes.clone();
        for route in &mut routes {
            if route.target() == target.as_str()
                && let Some(now) = state_of(state, &table.vpc_id, route)
            {
                route.state = now;
            }
        }
        if routes != table.routes {
            state.update(&id, |it: &mut RouteTable| it.routes = routes);
        }
    }
}
