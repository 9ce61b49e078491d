//! Rules over single NAT gateways: what they share, and what becomes of a gateway's addresses.

pub(crate) mod g4;
pub(crate) mod g5;
pub(crate) mod n5;

use sandtable_model::resource::{
    Address, AsResource, ConnectivityType, InterfaceType, NatGateway, NatGatewayState,
    NetworkInterface,
};
use sandtable_model::{AllocationId, Kind, NatGatewayId, Policy, Region, ResourceId};

use crate::care::{hands_off, keep_address};
use crate::graph::{Graph, Relation, RouteRef};
use crate::rules::Scene;
use crate::rules::verdicts::{Draft, Verdicts};
use crate::rules::vpc::owned;

/// A NAT gateway that a rule may judge.
pub(super) struct Candidate<'a> {
    pub(super) nat: &'a NatGateway,
    pub(super) id: ResourceId,
    pub(super) region: &'a Region,
    pub(super) routes: Vec<RouteRef<'a>>,
}

/// The available NAT gateways that no rule over a whole VPC covers, where `needs` were seen
/// completely.
pub(super) fn candidates<'a>(
    scene: &Scene<'a>,
    verdicts: &mut Verdicts<'_>,
    rule: &str,
    needs: &[Kind],
) -> Vec<Candidate<'a>> {
    let mut found = Vec::new();
    for nat in scene.snapshot.all::<NatGateway>() {
        let id = nat.resource_id();
        let Some(region) = scene.region(&id) else {
            continue;
        };
        if nat.state != NatGatewayState::Available {
            verdicts.unmet(rule, &id, || format!("state {}", nat.state));
        } else if verdicts.covered.contains(&nat.nat_gateway_id) {
            let vpc = &nat.vpc_id;
            verdicts.unmet(rule, &id, || format!("the finding G1/{vpc} covers it"));
        } else if let Some(gap) = scene
            .gap(region, needs)
            .or_else(|| scene.contradiction(&(&nat.vpc_id).into()))
        {
            verdicts.blind(rule, &id, gap);
        } else {
            let routes = scene.graph.routes_to(&id);
            found.push(Candidate {
                nat,
                id,
                region,
                routes,
            });
        }
    }
    found
}

/// Whether a guard that all rules over single gateways share speaks against flagging this one.
pub(super) fn spared(
    scene: &Scene<'_>,
    verdicts: &mut Verdicts<'_>,
    rule: &str,
    it: &Candidate<'_>,
) -> bool {
    let verdict = guard_of(scene, it);
    if let Some((guard, reason)) = verdict {
        verdicts.suppress(rule, &it.id, guard, reason);
        return true;
    }
    false
}

fn guard_of(scene: &Scene<'_>, it: &Candidate<'_>) -> Option<(&'static str, String)> {
    let days = scene.policy.nat_gateway_age_days_min;
    if let Some(reason) = scene.too_young(it.nat.create_time, days) {
        return Some(("age", reason));
    }
    let inbound = scene.graph.inbound(&(&it.nat.vpc_id).into());
    if let Some(sign) = inbound.first()
        && it.nat.connectivity_type == ConnectivityType::Private
    {
        let by = &sign.by;
        let reason = format!("a private NAT gateway, which other networks may reach by {by}");
        return Some(("reached from other networks", reason));
    }
    owned(scene, touched_by_deleting(scene.graph, it.nat).into_iter())
}

/// Everything that deleting a gateway changes or cuts off, and the network that it stands in: whoever
/// owns or protects one of them speaks for the gateway too.
pub(crate) fn touched_by_deleting(graph: &Graph, nat: &NatGateway) -> Vec<ResourceId> {
    let id = nat.resource_id();
    let addresses = nat.nat_gateway_addresses.iter();
    let interfaces = graph.dependents_of::<NetworkInterface>(&id, Relation::ManagedBy);
    let mut ids = vec![id.clone(), (&nat.vpc_id).into(), (&nat.subnet_id).into()];
    ids.extend(
        addresses
            .filter_map(|it| it.allocation_id.as_ref())
            .map(ResourceId::from),
    );
    ids.extend(interfaces.iter().map(|it| it.resource_id()));
    for route in graph.routes_to(&id) {
        let table = route.table.resource_id();
        ids.extend(
            graph
                .subnets_using(&table)
                .into_iter()
                .map(|it| it.subnet.into()),
        );
        ids.push(table);
    }
    ids
}

/// A finding about a gateway, with what all of them say.
pub(super) fn draft(scene: &Scene<'_>, rule: &str, it: &Candidate<'_>, title: String) -> Draft {
    let tables = it.routes.iter().map(|it| it.table.resource_id());
    let draft = Draft::new(rule, it.id.clone(), it.region, title)
        .related(tables)
        .observed(it.id.clone(), "state available: billed by the hour")
        .cleared("age", scene.age(it.nat.create_time))
        .cleared(
            "managed by something else",
            "no tag of a stack or tool on it, its network, addresses or tables",
        );
    price(scene, draft, it.nat)
}

/// Adds what a gateway costs, and the addresses that go with it.
pub(crate) fn price(scene: &Scene<'_>, draft: Draft, nat: &NatGateway) -> Draft {
    let id = nat.resource_id();
    let mut draft = draft.price(&id, &scene.price(&id));
    for (address, fate) in addresses(scene.graph, scene.policy, nat) {
        let address = ResourceId::from(address);
        match fate {
            Fate::Release => {
                let priced = scene.price(&address);
                draft = draft.related([address.clone()]).price(&address, &priced);
            }
            Fate::Keep(reason) => {
                draft = draft.derived(address.clone(), format!("{address} is kept: {reason}"));
            }
            Fate::NotSeen => {
                draft = draft.unknown(format!("{address} , its address, was not seen"));
            }
        }
    }
    draft
}

/// What becomes of an address once its NAT gateway is deleted.
pub(crate) enum Fate {
    /// It is idle then, and costs on: release it.
    Release,
    /// It is idle then, but must be kept.
    Keep(String),
    /// It was not seen, so nothing can be said.
    NotSeen,
}

/// The Elastic IPs of a NAT gateway and what becomes of each.
pub(crate) fn addresses(
    graph: &Graph,
    policy: &Policy,
    nat: &NatGateway,
) -> Vec<(AllocationId, Fate)> {
    let mut ids: Vec<_> = nat
        .nat_gateway_addresses
        .iter()
        .filter_map(|it| it.allocation_id.clone())
        .collect();
    ids.sort();
    ids.dedup();
    ids.into_iter()
        .map(|id| {
            let resource_id = ResourceId::from(&id);
            let seen = (
                graph.resource(&resource_id),
                graph.get::<Address>(&resource_id),
            );
            let fate = match seen {
                (Some(resource), Some(address)) => keep_address(address)
                    .or_else(|| hands_off(resource, policy))
                    .map_or(Fate::Release, |(guard, reason)| {
                        Fate::Keep(format!("{guard}, {reason}"))
                    }),
                _ => Fate::NotSeen,
            };
            (id, fate)
        })
        .collect()
}

/// The interface in a subnet by which other networks send traffic in: a transit gateway attachment
/// or a Gateway Load Balancer endpoint.
pub(super) fn entrance<'a>(graph: &'a Graph, subnet: &ResourceId) -> Option<&'a NetworkInterface> {
    graph
        .within::<NetworkInterface>(subnet)
        .into_iter()
        .find(|it| {
            matches!(
                it.interface_type,
                InterfaceType::TransitGateway | InterfaceType::GatewayLoadBalancerEndpoint
            )
        })
}

/// A gateway for titles: its id.
pub(crate) fn list(ids: &[NatGatewayId]) -> String {
    let ids: Vec<&str> = ids.iter().map(NatGatewayId::as_str).collect();
    ids.join(", ")
}
