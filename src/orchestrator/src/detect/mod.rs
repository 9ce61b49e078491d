//! Detectors: each reads the graph, and says what is waste, what supports that, and what it looked
//! at and left alone. A detector per file, with its documentation.
//!
//! Missing data blocks: where a listing that a rule rests on was not complete, the rule says nothing
//! about that Region, and says that it says nothing.

pub(crate) mod g1;
pub(crate) mod g15;
pub(crate) mod g2;
pub(crate) mod g4;
pub(crate) mod g5;
mod guards;
pub(crate) mod n1;
pub(crate) mod n5;
mod nat;
mod report;
pub(crate) mod s2;
#[cfg(test)]
mod tests;
pub(crate) mod v1;
mod verdicts;

pub(crate) use nat::{Fate, addresses};
pub use report::{ResourceReport, explain_resource};
pub(crate) use s2::SAFETY_TAG;

use sandtable_model::resource::{NatGateway, Vpc, VpcEndpoint};
use sandtable_model::{
    Coverage, Finding, Kind, Policy, Region, ResourceId, Snapshot, Suppressed, Timestamp,
};

use crate::graph::Graph;
use crate::price::{Priced, Prices, monthly_cost_of};
use verdicts::Verdicts;

/// What the brain makes of a snapshot.
#[derive(Clone, Debug)]
pub struct Understanding {
    /// What is waste, by rule and resource.
    pub findings: Vec<Finding>,
    /// What a rule looked at and did not flag, though its pattern was there; by rule and resource.
    pub suppressed: Vec<Suppressed>,
    /// Rules that could not be evaluated somewhere, and why.
    pub not_evaluated: Vec<String>,
    /// The architecture graph.
    pub graph: Graph,
}

/// Builds the graph of a snapshot and runs every rule that the policy has not switched off.
pub fn understand(snapshot: &Snapshot, policy: &Policy, prices: &Prices) -> Understanding {
    let graph = Graph::build(snapshot);
    let verdicts = run(
        &Scene {
            snapshot,
            policy,
            prices,
            graph: &graph,
        },
        None,
    );
    let Verdicts {
        mut findings,
        mut suppressed,
        not_evaluated,
        ..
    } = verdicts;
    findings.sort_by(|a, b| (&a.rule, &a.resource).cmp(&(&b.rule, &b.resource)));
    suppressed.sort_by(|a, b| (&a.rule, &a.resource).cmp(&(&b.rule, &b.resource)));
    Understanding {
        findings,
        suppressed,
        not_evaluated: not_evaluated.into_iter().collect(),
        graph,
    }
}

type Detector = fn(&Scene<'_>, &mut Verdicts<'_>);

/// Runs the detectors. With `focus`, conditions that plainly do not hold are recorded too, for that
/// resource.
fn run<'a>(scene: &Scene<'a>, focus: Option<&'a ResourceId>) -> Verdicts<'a> {
    let mut verdicts = Verdicts::new(focus);
    for rule in &scene.policy.disabled_rules {
        verdicts
            .not_evaluated
            .insert(format!("{rule}: switched off by the policy"));
    }
    // A rule's id, the kind that it judges, and its detector.
    let detectors: &[(&str, Kind, Detector)] = &[
        (v1::DOC.id, Kind::Volume, v1::detect),
        (s2::DOC.id, Kind::EbsSnapshot, s2::detect),
        (n1::DOC.id, Kind::Address, n1::detect),
        (g15::DOC.id, Kind::Address, g15::detect),
        // What a rule over a whole VPC covers is not flagged again by the rules over one gateway.
        (g1::DOC.id, Kind::Vpc, g1::detect),
        (g2::DOC.id, Kind::Vpc, g2::detect),
        (n5::DOC.id, Kind::NatGateway, n5::detect),
        (g4::DOC.id, Kind::NatGateway, g4::detect),
        (g5::DOC.id, Kind::NatGateway, g5::detect),
    ];
    for (rule, kind, detect) in detectors {
        if scene
            .policy
            .disabled_rules
            .iter()
            .any(|it| it.0.eq_ignore_ascii_case(rule))
        {
            continue;
        }
        for region in scene.snapshot.regions() {
            if let Some(gap) = scene.gap(region, &[*kind]) {
                verdicts.not_evaluated.insert(format!("{rule}: {gap}"));
            }
        }
        detect(scene, &mut verdicts);
    }
    verdicts
}

/// What a detector looks at.
pub(crate) struct Scene<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) policy: &'a Policy,
    pub(crate) prices: &'a Prices,
    pub(crate) graph: &'a Graph,
}

impl<'a> Scene<'a> {
    /// The first of these kinds that was not seen completely in the Region, in words.
    fn gap(&self, region: &Region, kinds: &[Kind]) -> Option<String> {
        kinds.iter().find_map(|kind| {
            let noun = plural(*kind);
            match self.snapshot.coverage(region, *kind) {
                Coverage::Complete => None,
                Coverage::Partial { reason } => Some(format!(
                    "the {noun} of {region} were listed only in part ({reason})"
                )),
                Coverage::Unknown { reason } => {
                    Some(format!("the {noun} of {region} were not listed ({reason})"))
                }
            }
        })
    }

    /// The Region of a resource of the snapshot.
    fn region(&self, id: &ResourceId) -> Option<&'a Region> {
        self.snapshot.region_of(id)
    }

    /// What shows that a listing of a VPC's parts cannot have been complete, whatever was said of
    /// it: AWS gives every VPC a main route table, and every gateway and endpoint its interfaces.
    fn contradiction(&self, vpc: &ResourceId) -> Option<String> {
        let Some(seen) = self.graph.get::<Vpc>(vpc) else {
            return Some(format!("{vpc} itself was not seen"));
        };
        if self.graph.main_table(seen).is_none() {
            return Some(format!("the main route table of {vpc} was not seen"));
        }
        let nats = self
            .graph
            .within::<NatGateway>(vpc)
            .into_iter()
            .flat_map(|it| {
                let ids = it.nat_gateway_addresses.iter();
                ids.filter_map(|address| address.network_interface_id.clone())
            });
        let endpoints = self.graph.within::<VpcEndpoint>(vpc);
        let endpoints = endpoints
            .into_iter()
            .flat_map(|it| it.network_interface_ids.clone());
        let named: Vec<ResourceId> = nats.chain(endpoints).map(ResourceId::from).collect();
        let missing = named
            .into_iter()
            .find(|id| self.graph.resource(id).is_none())?;
        Some(format!(
            "{missing} , which a gateway or endpoint of {vpc} names, was not seen"
        ))
    }

    /// What a resource costs a month.
    fn price(&self, id: &ResourceId) -> Priced {
        monthly_cost_of(self.snapshot, self.prices, id)
    }

    /// Why a resource made at `since` is too young, or its age unknown; `None` when old enough.
    fn too_young(&self, since: Option<Timestamp>, days_min: i64) -> Option<String> {
        if days_min <= 0 {
            return None;
        }
        let Some(since) = since else {
            return Some(format!(
                "when it was made is not known; at least {days_min} days needed"
            ));
        };
        let days = self.snapshot.taken_at.since(since).whole_days();
        (days < days_min).then(|| format!("{days} days old, at least {days_min} needed"))
    }

    /// The age of a resource made at `since`, in words.
    fn age(&self, since: Option<Timestamp>) -> String {
        since.map_or_else(
            || "age not known, and the policy asks for none".to_owned(),
            |since| {
                format!(
                    "{} days old",
                    self.snapshot.taken_at.since(since).whole_days()
                )
            },
        )
    }
}

/// The noun of a kind in the plural.
fn plural(kind: Kind) -> String {
    let noun = kind.noun();
    let ending = if noun.ends_with('s') { "es" } else { "s" };
    format!("{noun}{ending}")
}
