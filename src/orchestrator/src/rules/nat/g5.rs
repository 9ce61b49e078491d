//! G5: NAT gateways that serve only empty subnets.

use std::collections::BTreeSet;

use sandtable_model::resource::{AsResource, RouteTable};
use sandtable_model::{Kind, ResourceId};

use crate::rules::guards::future_guard;
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene, nat};

const DOC: RuleDoc = RuleDoc {
    id: "G5",
    aliases: &[],
    title: "NAT gateway that serves only empty subnets",
    finds: "An available NAT gateway in a VPC that is otherwise busy, where every subnet that is \
            routed to it has no network interface in use, plumbing aside.",
    costs: "A NAT gateway is billed by the hour, with or without traffic, and so is each of its \
            public addresses.",
    proof: "Tables with a route to the gateway, the subnets that use them (the main table's implicit \
            ones included), and the complete list of network interfaces, none of which is in use in \
            those subnets except those of NAT gateways and endpoints.",
    wrong: "- An Auto Scaling group may start instances there (its greatest size is not zero), a \
            launch template or a DB subnet group names the subnet: left alone. Where these could not \
            be listed, confidence is medium.\n\
            - Other networks send their traffic through the subnet (transit gateway attachment, \
            Gateway Load Balancer endpoint, a gateway's own route table): left alone.\n\
            - Interfaces, subnets or tables could not all be listed: nothing is said.\n\
            - What would make N5 wrong holds here too. Functions and tasks that name the subnets but do \
            not run now are not seen.",
    remedy: "Delete the routes first (taken back by `CreateRoute`), then `DeleteNatGateway`, and \
             release its addresses unless they must be kept.",
    example: "Three zones, three gateways, but instances in two of them: $36.50 a month.",
};

const NEEDS: &[Kind] = &[Kind::RouteTable, Kind::Subnet];

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::NatGateway,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for it in nat::candidates(scene, verdicts, DOC.id, NEEDS) {
        look(scene, verdicts, &it);
    }
}

fn look(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>, it: &nat::Candidate<'_>) {
    let tables: Vec<&RouteTable> = it.routes.iter().map(|it| it.table).collect();
    let served = served_subnets(scene, &tables);
    if served.is_empty() {
        verdicts.unmet(DOC.id, &it.id, || {
            "no subnet is routed to it (see N5, G4)".to_owned()
        });
        return;
    }
    if let Some(gap) = scene.gap(it.region, &[Kind::NetworkInterface]) {
        verdicts.blind(DOC.id, &it.id, gap);
        return;
    }
    let client = served.iter().find_map(|subnet| {
        let client = scene.graph.clients(subnet).into_iter().next()?;
        Some(format!(
            "{} is in use in {subnet}",
            client.network_interface_id
        ))
    });
    if let Some(reason) = client {
        verdicts.unmet(DOC.id, &it.id, || reason);
        return;
    }
    if let Some((guard, reason)) = spared(scene, &tables, &served) {
        verdicts.suppress(DOC.id, &it.id, guard, reason);
        return;
    }
    if nat::spared(scene, verdicts, DOC.id, it) {
        return;
    }
    let title = format!("the NAT gateway {} serves only empty subnets", it.id);
    let mut draft = nat::draft(scene, DOC.id, it, title).related(served.iter().cloned());
    for hit in &it.routes {
        let claim = format!(
            "a route for {} leads to the gateway",
            hit.route.destination()
        );
        draft = draft.observed(hit.table.resource_id(), claim);
    }
    for subnet in &served {
        draft = draft.derived(
            subnet.clone(),
            "no network interface in use, plumbing aside",
        );
    }
    draft = future_guard(scene, draft, it.region)
        .cleared(
            "other networks route through",
            "no transit gateway or load balancer endpoint there",
        )
        .unknown("functions and tasks that name the subnets but do not run are not seen");
    verdicts.find(draft.done());
}

fn served_subnets(scene: &Scene<'_>, tables: &[&RouteTable]) -> BTreeSet<ResourceId> {
    tables
        .iter()
        .flat_map(|table| scene.graph.subnets_using(&table.resource_id()))
        .map(|it| it.subnet.into())
        .collect()
}

fn spared(
    scene: &Scene<'_>,
    tables: &[&RouteTable],
    served: &BTreeSet<ResourceId>,
) -> Option<(&'static str, String)> {
    for subnet in served {
        if let Some(entrance) = nat::entrance(scene.graph, subnet) {
            let (id, kind) = (&entrance.network_interface_id, &entrance.interface_type);
            let reason = format!("other networks send traffic through {subnet} by {id} ({kind})");
            return Some(("other networks route through", reason));
        }
        if let Some(planned) = scene.graph.future(subnet).first() {
            let reason = format!("{subnet} : {}", planned.what);
            return Some(("scale to zero", reason));
        }
    }
    tables.iter().find_map(|table| {
        let gateway = scene.graph.gateways_using(table).into_iter().next()?;
        let reason = format!(
            "traffic from {gateway} is routed by {}",
            table.route_table_id
        );
        Some(("other networks route through", reason))
    })
}
