//! What a rule looks at, and the questions that all of them ask.

use sandtable_model::resource::{NatGateway, Vpc, VpcEndpoint};
use sandtable_model::{Coverage, Kind, Policy, Region, ResourceId, Snapshot, Timestamp};

use crate::graph::Graph;
use crate::price::{Priced, Prices, monthly_cost_of};

/// What a rule looks at.
pub(crate) struct Scene<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) policy: &'a Policy,
    pub(crate) prices: &'a Prices,
    pub(crate) graph: &'a Graph,
}

impl<'a> Scene<'a> {
    /// The first of these kinds that was not seen completely in the Region, in words.
    pub(crate) fn gap(&self, region: &Region, kinds: &[Kind]) -> Option<String> {
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
    pub(crate) fn region(&self, id: &ResourceId) -> Option<&'a Region> {
        self.snapshot.region_of(id)
    }

    /// What shows that a listing of a VPC's parts cannot have been complete, whatever was said of
    /// it: AWS gives every VPC a main route table, and every gateway and endpoint its interfaces.
    pub(crate) fn contradiction(&self, vpc: &ResourceId) -> Option<String> {
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
    pub(crate) fn price(&self, id: &ResourceId) -> Priced {
        monthly_cost_of(self.snapshot, self.prices, id)
    }

    /// Why a resource made at `since` is too young, or its age unknown; `None` when old enough.
    pub(crate) fn too_young(&self, since: Option<Timestamp>, days_min: i64) -> Option<String> {
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
    pub(crate) fn age(&self, since: Option<Timestamp>) -> String {
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
pub(crate) fn plural(kind: Kind) -> String {
    let noun = kind.noun();
    let ending = if noun.ends_with('s') { "es" } else { "s" };
    format!("{noun}{ending}")
}
