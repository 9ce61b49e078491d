//! Small estates for tests.

use sandtable_model::{
    AccountId, Coverage, Duration, Finding, Kind, Plan, Policy, Region, Resource, Snapshot,
    Suppressed, Timestamp,
};
use serde_json::{Value, json};

use crate::{Prices, Understanding, lint, propose, understand};

pub(crate) const OLD: &str = "2026-01-01T00:00:00Z";

/// One account, one Region, everything listed.
pub(crate) struct Estate {
    pub(crate) snapshot: Snapshot,
    pub(crate) policy: Policy,
    pub(crate) region: Region,
}

impl Estate {
    pub(crate) fn new() -> Self {
        let region = Region::new("us-east-1").unwrap();
        let account = AccountId::new("123456789012").unwrap();
        let now: Timestamp = "2026-11-24T09:30:00Z".parse().unwrap();
        let mut snapshot = Snapshot::new(account, now, "test");
        for kind in Kind::ALL {
            snapshot.set_coverage(&region, *kind, Coverage::Complete);
        }
        Estate {
            snapshot,
            policy: Policy::default(),
            region,
        }
    }

    /// An estate of these resources.
    pub(crate) fn of(resources: impl IntoIterator<Item = (Kind, Value)>) -> Self {
        let mut estate = Self::new();
        for (kind, value) in resources {
            estate.add(kind, value);
        }
        estate
    }

    /// Adds a resource, or replaces the one with its id.
    pub(crate) fn add(&mut self, kind: Kind, value: Value) -> &mut Self {
        let resource = Resource::deserialize_as(kind, value).unwrap();
        if self.snapshot.get(&resource.id()).is_some() {
            self.rebuild(|it| (it.id() != resource.id()).then(|| it.clone()));
        }
        self.snapshot.insert(&self.region, resource).unwrap();
        self
    }

    /// Changes members of a resource.
    pub(crate) fn set(&mut self, id: &str, members: Value) -> &mut Self {
        self.rebuild(|it| {
            if it.id().as_str() != id {
                return Some(it.clone());
            }
            let mut value = it.to_value().unwrap();
            for (name, member) in members.as_object().unwrap() {
                value[name] = member.clone();
            }
            Some(Resource::deserialize_as(it.kind(), value).unwrap())
        });
        self
    }

    pub(crate) fn remove(&mut self, id: &str) -> &mut Self {
        self.rebuild(|it| (it.id().as_str() != id).then(|| it.clone()));
        self
    }

    fn rebuild(&mut self, change: impl Fn(&Resource) -> Option<Resource>) {
        let old = self.snapshot.clone();
        let mut new = Snapshot::new(old.account.clone(), old.taken_at, old.origin.clone());
        for region in old.regions() {
            for kind in Kind::ALL {
                new.set_coverage(region, *kind, old.coverage(region, *kind));
            }
        }
        for resource in old.resources().filter_map(|it| change(it)) {
            new.insert(&self.region, resource).unwrap();
        }
        self.snapshot = new;
    }

    pub(crate) fn unseen(&mut self, kind: Kind) -> &mut Self {
        let coverage = Coverage::Unknown {
            reason: "not authorized".to_owned(),
        };
        self.snapshot.set_coverage(&self.region, kind, coverage);
        self
    }

    pub(crate) fn days_ago(&self, days: i64) -> String {
        let millis = self.snapshot.taken_at.millis() - Duration::from_days(days).millis();
        Timestamp::from_millis(millis).to_string()
    }

    pub(crate) fn understand(&self) -> Understanding {
        understand(&self.snapshot, &self.policy, &Prices::embedded())
    }

    /// The ids of the findings.
    pub(crate) fn findings(&self) -> Vec<String> {
        self.understand()
            .findings
            .iter()
            .map(|it| it.id.to_string())
            .collect()
    }

    pub(crate) fn finding(&self, id: &str) -> Finding {
        let all = self.understand().findings;
        let ids: Vec<String> = all.iter().map(|it| it.id.to_string()).collect();
        all.into_iter()
            .find(|it| it.id.0 == id)
            .unwrap_or_else(|| panic!("no {id} in {ids:?}"))
    }

    /// The guard for which a rule left a resource alone.
    pub(crate) fn guard(&self, rule: &str, id: &str) -> Option<String> {
        let hit = |it: &Suppressed| it.rule.0 == rule && it.resource.as_str() == id;
        self.understand()
            .suppressed
            .into_iter()
            .find(hit)
            .map(|it| it.guard)
    }

    /// The plan, linted.
    pub(crate) fn plan(&self) -> Plan {
        let understanding = self.understand();
        let plan = propose(
            &self.snapshot,
            &self.policy,
            &Prices::embedded(),
            &understanding,
        )
        .unwrap();
        let complaints = lint(&plan, &self.snapshot);
        let bad: Vec<String> = complaints
            .iter()
            .filter(|it| it.severity > crate::Severity::Note)
            .map(ToString::to_string)
            .collect();
        assert!(bad.is_empty(), "{bad:#?}");
        plan
    }

    /// The plan's calls, a line each.
    pub(crate) fn calls(&self) -> Vec<String> {
        let plan = self.plan();
        plan.steps
            .iter()
            .map(|it| format!("{} {}", it.action.name(), it.target()))
            .collect()
    }
}

/// A VPC `vpc-1` with two subnets, a table each, an internet gateway, and a NAT gateway with an
/// address, to which the private subnet is routed.
pub(crate) fn network() -> Vec<(Kind, Value)> {
    vec![
        (
            Kind::Vpc,
            json!({"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}),
        ),
        (
            Kind::Subnet,
            json!({"SubnetId": "subnet-a", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24",
                   "AvailabilityZone": "us-east-1a"}),
        ),
        (
            Kind::Subnet,
            json!({"SubnetId": "subnet-b", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24",
                   "AvailabilityZone": "us-east-1a"}),
        ),
        (
            Kind::RouteTable,
            json!({"RouteTableId": "rtb-main", "VpcId": "vpc-1",
                   "Associations": [{"RouteTableAssociationId": "rtbassoc-main", "Main": true}],
                   "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local",
                               "Origin": "CreateRouteTable"}]}),
        ),
        (
            Kind::RouteTable,
            json!({"RouteTableId": "rtb-a", "VpcId": "vpc-1",
                   "Associations": [{"RouteTableAssociationId": "rtbassoc-a", "SubnetId": "subnet-a"}],
                   "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}]}),
        ),
        (
            Kind::RouteTable,
            json!({"RouteTableId": "rtb-b", "VpcId": "vpc-1",
                   "Associations": [{"RouteTableAssociationId": "rtbassoc-b", "SubnetId": "subnet-b"}],
                   "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}]}),
        ),
        (
            Kind::InternetGateway,
            json!({"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1"}]}),
        ),
        (
            Kind::NatGateway,
            json!({"NatGatewayId": "nat-1", "VpcId": "vpc-1", "SubnetId": "subnet-a",
                   "CreateTime": OLD, "NatGatewayAddresses": [
                       {"AllocationId": "eipalloc-1", "AssociationId": "eipassoc-1",
                        "NetworkInterfaceId": "eni-nat"}]}),
        ),
        (
            Kind::Address,
            json!({"AllocationId": "eipalloc-1", "PublicIp": "203.0.113.1",
                   "AssociationId": "eipassoc-1", "NetworkInterfaceId": "eni-nat"}),
        ),
        (
            Kind::NetworkInterface,
            json!({"NetworkInterfaceId": "eni-nat", "VpcId": "vpc-1", "SubnetId": "subnet-a",
                   "InterfaceType": "nat_gateway", "RequesterManaged": true, "Status": "in-use"}),
        ),
        (
            Kind::SecurityGroup,
            json!({"GroupId": "sg-default", "GroupName": "default", "VpcId": "vpc-1"}),
        ),
    ]
}

/// An interface in use in a subnet of `vpc-1`.
pub(crate) fn client(id: &str, subnet: &str) -> (Kind, Value) {
    let value = json!({"NetworkInterfaceId": id, "VpcId": "vpc-1", "SubnetId": subnet,
                       "Status": "in-use"});
    (Kind::NetworkInterface, value)
}
