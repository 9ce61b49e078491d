//! G1: empty VPCs that keep NAT gateways.

use sandtable_model::resource::{AsResource, NatGateway, NatGatewayState, Vpc};
use sandtable_model::{Kind, NatGatewayId, Region};

use super::{not_idle, owned};
use crate::rules::guards::{future_guard, reached_guard};
use crate::rules::verdicts::{Draft, Verdicts, counted};
use crate::rules::{Rule, RuleDoc, Scene, nat};

const DOC: RuleDoc = RuleDoc {
    id: "G1",
    aliases: &[],
    title: "Empty VPC with a NAT gateway",
    finds: "A VPC in which nothing runs that could use its NAT gateways, though routes may still lead \
            to them: every network interface in use belongs to the NAT gateways, endpoints and other \
            plumbing themselves. Checks for unrouted gateways do not see it.",
    costs: "Each NAT gateway is billed by the hour, with or without traffic, and so is each of its \
            public addresses.",
    proof: "`clients(v)` is empty: in the complete list of network interfaces none within the VPC is \
            in use, but for those of type `nat_gateway`, `vpc_endpoint`, \
            `gateway_load_balancer_endpoint` or `transit_gateway`, or named by a NAT gateway or \
            endpoint as its own. At least one NAT gateway is `available`, none is younger than \
            `nat_gateway_age_days_min` days.",
    wrong: "- A central egress VPC: other networks send their traffic through it. Left alone where a \
            peering, a VPN gateway, a transit gateway attachment or a route to one, to Cloud WAN or a \
            local gateway is seen. Where connections could not be listed, confidence is medium.\n\
            - Scaled to zero for the night: left alone where an Auto Scaling group with a greatest \
            size above zero or a DB subnet group names a subnet, or a launch template names a subnet \
            or security group. Where these could not be listed, confidence is medium.\n\
            - It is being set up: left alone while a gateway is pending or young.\n\
            - A stack or tool owns the VPC, a gateway or a table: left alone.\n\
            - Interfaces, subnets, tables or gateways could not all be listed: nothing is said.\n\
            - Functions and tasks that name the subnets but do not run now, and participants of a \
            shared VPC, are not seen.",
    remedy: "First the routes to the gateways are deleted, which `CreateRoute` takes back and which \
             shows within minutes whether anything misses them. Then `DeleteNatGateway`, wait until \
             it is deleted, and `ReleaseAddress` unless the addresses are allow-listed, named in DNS \
             or the account's own. G2 goes on from there.",
    example: "A VPC of a finished project in us-east-1 with one NAT gateway and its address: $36.50 \
              a month.",
};

const NEEDS: &[Kind] = &[
    Kind::NetworkInterface,
    Kind::RouteTable,
    Kind::Subnet,
    Kind::NatGateway,
];

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::Vpc,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for vpc in scene.snapshot.all::<Vpc>() {
        look(scene, verdicts, vpc);
    }
}

fn look(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>, vpc: &Vpc) {
    let id = vpc.resource_id();
    let Some(region) = scene.region(&id) else {
        return;
    };
    let all = scene.graph.within::<NatGateway>(&id);
    let nats: Vec<&NatGateway> = all
        .iter()
        .copied()
        .filter(|it| it.state == NatGatewayState::Available)
        .collect();
    if nats.is_empty() {
        verdicts.unmet(DOC.id, &id, || "it has no available NAT gateway".to_owned());
        return;
    }
    let clients = scene.graph.clients(&id);
    if let Some(client) = clients.first() {
        let (interface, count) = (&client.network_interface_id, clients.len());
        verdicts.unmet(DOC.id, &id, || {
            format!(
                "{} in use, such as {interface}",
                counted(count, "interface")
            )
        });
        return;
    }
    if let Some(gap) = scene
        .gap(region, NEEDS)
        .or_else(|| scene.contradiction(&id))
    {
        verdicts.blind(DOC.id, &id, gap);
        return;
    }
    if let Some((guard, reason)) = spared(scene, vpc, &all) {
        verdicts.suppress(DOC.id, &id, guard, reason);
        return;
    }
    verdicts
        .covered
        .extend(nats.iter().map(|it| it.nat_gateway_id.clone()));
    verdicts.find(finding(scene, vpc, region, &nats));
}

fn finding(
    scene: &Scene<'_>,
    vpc: &Vpc,
    region: &Region,
    nats: &[&NatGateway],
) -> sandtable_model::Finding {
    let id = vpc.resource_id();
    let ids: Vec<NatGatewayId> = nats.iter().map(|it| it.nat_gateway_id.clone()).collect();
    let (noun, list) = (
        if ids.len() == 1 {
            "gateway"
        } else {
            "gateways"
        },
        nat::list(&ids),
    );
    let title = format!("nothing runs in {id} , but it keeps the NAT {noun} {list}");
    let plumbing = scene.graph.infra(&id).len();
    let mut draft = Draft::new(DOC.id, id.clone(), region, title)
        .related(nats.iter().map(|it| it.resource_id()))
        .derived(
            id.clone(),
            "no network interface in use, plumbing aside (complete list)",
        )
        .observed(id.clone(), counted(plumbing, "plumbing interface"));
    for nat in nats {
        let nat_id = nat.resource_id();
        draft = draft.observed(
            nat_id.clone(),
            format!("available, {}", scene.age(nat.create_time)),
        );
        for hit in scene.graph.routes_to(&nat_id) {
            let (table, to) = (hit.table.resource_id(), hit.route.destination());
            let claim = format!("a route for {to} leads to {nat_id}");
            draft = draft.related([table.clone()]).observed(table, claim);
        }
        draft = nat::price(scene, draft, nat);
    }
    let draft = future_guard(scene, draft, region);
    reached_guard(scene, draft, region, "central egress VPC")
        .cleared("being set up", "no gateway is pending or young")
        .cleared("managed by something else", "no tag of a stack or tool")
        .unknown("functions and tasks that name the subnets but do not run are not seen")
        .unknown("whether subnets are shared with other accounts is not told by describe answers")
        .done()
}

/// Why an empty VPC is left alone.
fn spared(scene: &Scene<'_>, vpc: &Vpc, nats: &[&NatGateway]) -> Option<(&'static str, String)> {
    let id = vpc.resource_id();
    if let Some(found) = not_idle(scene, &id) {
        return Some(found);
    }
    let days = scene.policy.nat_gateway_age_days_min;
    for nat in nats {
        let nat_id = &nat.nat_gateway_id;
        if nat.state == NatGatewayState::Pending {
            return Some(("being set up", format!("{nat_id} is pending")));
        }
        if nat.state == NatGatewayState::Available
            && let Some(reason) = scene.too_young(nat.create_time, days)
        {
            return Some(("age", format!("{nat_id} : {reason}")));
        }
    }
    let touched = nats
        .iter()
        .flat_map(|it| nat::touched_by_deleting(scene.graph, it));
    owned(scene, std::iter::once(id).chain(touched))
}
