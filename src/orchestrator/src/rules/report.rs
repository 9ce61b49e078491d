//! Everything the brain knows about one resource.

use sandtable_model::resource::{NatGateway, RouteTable, SecurityGroup, Subnet};
use sandtable_model::{
    BlastRadius, Finding, Kind, Policy, Region, ResourceId, Snapshot, Suppressed, Usd,
};
use serde::Serialize;

use super::Scene;
use super::understand::run;
use crate::blast;
use crate::graph::{Graph, Link};
use crate::price::{Prices, monthly_cost_of};

/// What is known about one resource.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceReport {
    /// The resource.
    pub resource: ResourceId,
    /// Its kind.
    pub kind: Kind,
    /// Its Region.
    pub region: Region,
    /// Its name tag.
    pub name: Option<String>,
    /// What it depends on.
    pub depends_on: Vec<Link>,
    /// What depends on it.
    pub dependents: Vec<Link>,
    /// What it costs a month; absent when the price is not known.
    pub cost_usd_month: Option<Usd>,
    /// How that was worked out, or why it is not known.
    pub pricing: Vec<String>,
    /// What deleting it would affect.
    pub blast_radius: BlastRadius,
    /// The findings about it, and those that it is part of.
    pub findings: Vec<Finding>,
    /// Each rule that looked at it, or at its VPC, and why it did not flag it.
    pub not_flagged: Vec<Suppressed>,
}

/// Everything known about one resource; `None` when the snapshot does not have it.
pub fn explain_resource(
    snapshot: &Snapshot,
    policy: &Policy,
    prices: &Prices,
    id: &ResourceId,
) -> Option<ResourceReport> {
    let resource = snapshot.get(id)?;
    let region = snapshot.region_of(id)?;
    let graph = Graph::build(snapshot);
    let scene = Scene {
        snapshot,
        policy,
        prices,
        graph: &graph,
    };
    let verdicts = run(&scene, Some(id));
    let vpc = vpc_of(&graph, id);
    let about = |it: &ResourceId| it == id || Some(it) == vpc.as_ref();
    let mut not_flagged: Vec<Suppressed> = verdicts
        .suppressed
        .into_iter()
        .filter(|it| about(&it.resource))
        .collect();
    not_flagged.sort_by(|a, b| (&a.rule, &a.resource).cmp(&(&b.rule, &b.resource)));
    let touches = |it: &Finding| it.resource == *id || it.related.contains(id);
    let mut findings: Vec<Finding> = verdicts.findings.into_iter().filter(touches).collect();
    findings.sort_by(|a, b| a.id.cmp(&b.id));
    let priced = monthly_cost_of(snapshot, prices, id);
    Some(ResourceReport {
        resource: id.clone(),
        kind: id.kind(),
        region: region.clone(),
        name: resource.tags().get("Name").map(str::to_owned),
        depends_on: graph.depends_on(id),
        dependents: graph.dependents(id),
        cost_usd_month: priced.usd(),
        pricing: priced.lines(),
        blast_radius: blast::of_deletion(&graph, id),
        findings,
        not_flagged,
    })
}

/// The VPC of a part of a network.
fn vpc_of(graph: &Graph, id: &ResourceId) -> Option<ResourceId> {
    let vpc = match id {
        ResourceId::Subnet(_) => &graph.get::<Subnet>(id)?.vpc_id,
        ResourceId::RouteTable(_) => &graph.get::<RouteTable>(id)?.vpc_id,
        ResourceId::NatGateway(_) => &graph.get::<NatGateway>(id)?.vpc_id,
        ResourceId::SecurityGroup(_) => graph.get::<SecurityGroup>(id)?.vpc_id.as_ref()?,
        _ => return None,
    };
    Some(vpc.into())
}
