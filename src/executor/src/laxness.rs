//! Where emulators are known to be laxer than AWS, so that a run against one can go on where a run
//! against AWS would stop.
//!
//! The source of every entry is twin-conformance.md. All of them are about what a deleted NAT
//! gateway or a detached internet gateway leaves behind, and none is tolerated on a resource that
//! such a step of the same run does not name.

use std::collections::BTreeSet;
use std::fmt;

use sandtable_model::{
    Action, Change, Condition, Kind, Plan, ResourceChange, ResourceId, Step, StepId,
};
use serde::{Deserialize, Serialize};

/// A way in which an emulator is laxer than AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Laxness {
    /// The address of a deleted NAT gateway keeps its association (moto, LocalStack 4.14).
    AddressKeepsAssociation,
    /// The network interface of a deleted NAT gateway stays (moto, LocalStack 4.14).
    NatInterfaceStays,
    /// A route to a deleted NAT gateway (moto) or a detached internet gateway (LocalStack 4.14) stays
    /// `active` instead of becoming `blackhole`.
    RoutesStayActive,
}

impl Laxness {
    /// Every one.
    pub const ALL: &'static [Laxness] = &[
        Laxness::AddressKeepsAssociation,
        Laxness::NatInterfaceStays,
        Laxness::RoutesStayActive,
    ];

    /// Whether it explains that `condition` does not hold.
    fn explains(self, condition: &Condition) -> bool {
        match (self, condition) {
            (Self::AddressKeepsAssociation, Condition::NoFact { resource, name }) => {
                resource.kind() == Kind::Address && is_association_fact(name)
            }
            (Self::NatInterfaceStays, Condition::Gone { resource }) => {
                resource.kind() == Kind::NetworkInterface
            }
            (
                Self::RoutesStayActive,
                Condition::Fact {
                    resource,
                    name,
                    value,
                },
            ) => {
                resource.kind() == Kind::RouteTable && is_route_state(name) && value == "blackhole"
            }
            _ => false,
        }
    }

    /// Whether it explains the difference between the rehearsal (before) and what was seen (after).
    fn explains_change(self, id: &ResourceId, change: &ResourceChange) -> bool {
        match (self, id.kind(), change) {
            (Self::NatInterfaceStays, Kind::NetworkInterface, ResourceChange::Created { .. }) => {
                true
            }
            (Self::AddressKeepsAssociation, Kind::Address, ResourceChange::Changed { facts }) => {
                facts
                    .iter()
                    .all(|(name, it)| is_association_fact(name) && it.before.is_none())
            }
            (Self::RoutesStayActive, Kind::RouteTable, ResourceChange::Changed { facts }) => {
                let lax = |it: &Change| {
                    it.before.as_deref() == Some("blackhole")
                        && it.after.as_deref() == Some("active")
                };
                facts
                    .iter()
                    .all(|(name, it)| is_route_state(name) && lax(it))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Laxness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AddressKeepsAssociation => "address-keeps-association",
            Self::NatInterfaceStays => "nat-interface-stays",
            Self::RoutesStayActive => "routes-stay-active",
        })
    }
}

/// What is tolerated in a run, and on which resources.
#[derive(Debug, Default)]
pub(crate) struct Tolerance {
    accepted: Vec<Laxness>,
    left_behind: BTreeSet<ResourceId>,
}

impl Tolerance {
    pub(crate) fn new(accepted: &[Laxness]) -> Self {
        Tolerance {
            accepted: accepted.to_vec(),
            left_behind: BTreeSet::new(),
        }
    }

    /// Takes in what a step that is taken up or done leaves behind.
    pub(crate) fn add(&mut self, step: &Step) {
        let removes_target = matches!(
            step.action,
            Action::DeleteNatGateway { .. } | Action::DetachInternetGateway { .. }
        );
        if removes_target {
            let effects = step.effects.iter().map(Condition::subject);
            let left = step.watch.iter().cloned().chain(effects);
            self.left_behind.extend(left);
        }
    }

    /// Takes in the steps with these ids.
    pub(crate) fn add_all<'a>(&mut self, plan: &Plan, steps: impl Iterator<Item = &'a StepId>) {
        for step in steps.filter_map(|id| plan.step(id)) {
            self.add(step);
        }
    }

    /// The laxness that explains why `condition` does not hold.
    pub(crate) fn of_condition(&self, condition: &Condition) -> Option<Laxness> {
        self.find(&condition.subject(), |lax| lax.explains(condition))
    }

    /// The laxness that explains a difference from the rehearsal.
    pub(crate) fn of_change(&self, id: &ResourceId, change: &ResourceChange) -> Option<Laxness> {
        self.find(id, |lax| lax.explains_change(id, change))
    }

    fn find(&self, id: &ResourceId, explains: impl Fn(Laxness) -> bool) -> Option<Laxness> {
        if !self.left_behind.contains(id) {
            return None;
        }
        self.accepted.iter().copied().find(|lax| explains(*lax))
    }
}

/// The facts of an address that say what it is associated with.
fn is_association_fact(name: &str) -> bool {
    matches!(
        name,
        "AssociationId"
            | "InstanceId"
            | "NetworkInterfaceId"
            | "NetworkInterfaceOwnerId"
            | "PrivateIpAddress"
    )
}

fn is_route_state(name: &str) -> bool {
    name.starts_with("Routes[") && name.ends_with("].State")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn step(action: &str, target: &str, parameters: serde_json::Value) -> Step {
        serde_json::from_value(json!({
            "id": "s01", "region": "eu-central-1", "action": action, "target": target,
            "parameters": parameters, "after": [], "preconditions": [], "effects": [],
            "watch": ["rtb-1"], "saving_usd_month": "0.00", "risk": "low", "findings": [],
            "undo": {"reversibility": "reversible", "actions": [], "note": ""},
            "blast_radius": {"harms": [], "score": 0}, "reason": "",
        }))
        .unwrap()
    }

    fn stays_active() -> ResourceChange {
        let change = Change {
            before: Some("blackhole".to_owned()),
            after: Some("active".to_owned()),
        };
        ResourceChange::Changed {
            facts: [("Routes[0.0.0.0/0].State".to_owned(), change)].into(),
        }
    }

    #[test]
    fn routes_may_stay_active_where_a_gateway_was_removed_and_nowhere_else() {
        let detach = json!({"InternetGatewayId": "igw-1", "VpcId": "vpc-1"});
        let delete = json!({"InternetGatewayId": "igw-1"});
        let table: ResourceId = "rtb-1".parse().unwrap();
        let other: ResourceId = "rtb-2".parse().unwrap();
        let mut tolerance = Tolerance::new(Laxness::ALL);
        tolerance.add(&step("DeleteInternetGateway", "igw-1", delete));
        assert_eq!(tolerance.of_change(&table, &stays_active()), None);
        tolerance.add(&step("DetachInternetGateway", "igw-1", detach));
        let lax = tolerance.of_change(&table, &stays_active());
        assert_eq!(lax, Some(Laxness::RoutesStayActive));
        assert_eq!(tolerance.of_change(&other, &stays_active()), None);
    }
}
