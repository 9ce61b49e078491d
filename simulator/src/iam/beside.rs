//! On which resources the calls of the services beside EC2 are authorised.
//!
//! Resources that are there go by the ARN that they have, those that are yet to be made by one with
//! `*` for what AWS will draw, as AWS's denials show them.
//!
//! Laxer than AWS perhaps: option, parameter and subnet groups that a DB instance gets unnamed are not
//! asked about, which the reference leaves open.

use sandtable_model::{Kind, Resource, Tags};
use serde_json::Value;

use super::keys::{text_at, texts_at};
use super::table::{Row, Table};
use super::target::{Search, Target};
use crate::wire::Api;

/// Where a service's requests name resources: the member, the type, and what stands before the name
/// in the ARN. `TagSpecifications` and the like name nothing.
const NAMED: &[(Api, &str, &str, &str)] = &[
    (Api::CloudWatch, "AlarmNames", "alarm", "alarm:"),
    (
        Api::Elb,
        "LoadBalancerName",
        "loadbalancer",
        "loadbalancer/",
    ),
    (
        Api::Elb,
        "LoadBalancerNames",
        "loadbalancer",
        "loadbalancer/",
    ),
    (Api::Rds, "DBInstanceIdentifier", "db", "db:"),
    (Api::Rds, "DBParameterGroupName", "pg", "pg:"),
    (Api::Rds, "DBSecurityGroups", "secgrp", "secgrp:"),
    (Api::Rds, "DBSnapshotIdentifier", "snapshot", "snapshot:"),
    (Api::Rds, "DBSubnetGroupName", "subgrp", "subgrp:"),
    (Api::Rds, "OptionGroupName", "og", "og:"),
    (
        Api::Rds,
        "SourceDBSnapshotIdentifier",
        "snapshot",
        "snapshot:",
    ),
    (
        Api::Rds,
        "TargetDBSnapshotIdentifier",
        "snapshot",
        "snapshot:",
    ),
    (Api::CloudFormation, "StackName", "stack", "stack/"),
];

/// The member of a described resource that holds its ARN, and the one that holds its name.
const KINDS: &[(Kind, &str, &str)] = &[
    (
        Kind::AutoScalingGroup,
        "AutoScalingGroupARN",
        "AutoScalingGroupName",
    ),
    (Kind::ClassicLoadBalancer, "", "LoadBalancerName"),
    (Kind::DbInstance, "DBInstanceArn", "DBInstanceIdentifier"),
    (Kind::DbSnapshot, "DBSnapshotArn", "DBSnapshotIdentifier"),
    (Kind::DbSubnetGroup, "DBSubnetGroupArn", "DBSubnetGroupName"),
    (Kind::LoadBalancer, "LoadBalancerArn", "LoadBalancerName"),
    (Kind::Stack, "StackArn", "StackName"),
    (Kind::TargetGroup, "TargetGroupArn", "TargetGroupName"),
];

impl<'a> Search<'a> {
    /// The resources that a call of a service beside EC2 is about.
    pub(super) fn beside(&self, api: Api, table: &Table, row: &'a Row) -> Vec<Target<'a>> {
        // The reference lists both generations of load balancers together and the newer one's types.
        let is_classic = api == Api::Elb && !self.action.starts_with("Describe");
        if row.types.is_empty() && !is_classic {
            return vec![Target::everything()];
        }
        let mut targets: Vec<Target<'a>> = Vec::new();
        for (kind, arn) in self.named_beside(api, table) {
            let of = row.of(kind);
            if (of.is_some() || is_classic) && targets.iter().all(|it| it.arn != arn) {
                targets.push(self.beside_there(api, row, kind, arn));
            }
        }
        targets.extend(self.made_beside(api, row));
        if targets.is_empty() {
            let any = self.any_beside(api, row);
            targets.push(any.unwrap_or_else(Target::everything));
        }
        targets
    }

    /// Types and ARNs of what a request names.
    fn named_beside(&self, api: Api, table: &Table) -> Vec<(&'static str, String)> {
        let mut named = Vec::new();
        let mut add = |kind: &'static str, arn: String| named.push((kind, arn));
        for (of, member, kind, stem) in NAMED.iter().filter(|(of, ..)| *of == api) {
            for name in texts_at(self.input, member) {
                let arn = match name.starts_with("arn:") {
                    true => name,
                    false => self.arn_of_name(*of, kind, stem, &name),
                };
                add(kind, arn);
            }
        }
        match api {
            Api::ElbV2 | Api::Rds => {
                let members = self.input.as_object().into_iter().flatten();
                let members = members.filter(|(name, _)| {
                    name.ends_with("Arn") || name.ends_with("Arns") || *name == "ResourceName"
                });
                let arns = members.flat_map(|(name, _)| texts_at(self.input, name));
                for arn in arns {
                    if let Some(kind) = table.type_of(&arn) {
                        add(kind, arn);
                    }
                }
            }
            Api::AutoScaling => self.groups(&mut add),
            Api::Sts => {
                if let Some(arn) = text_at(self.input, "RoleArn") {
                    add("role", arn);
                }
            }
            _ => {}
        }
        named
    }

    /// The group that a call of Auto Scaling is about, and its launch configuration.
    fn groups(&self, add: &mut impl FnMut(&'static str, String)) {
        let mut names = texts_at(self.input, "AutoScalingGroupName");
        names.extend(texts_at(self.input, "Tags.ResourceId"));
        for name in names {
            let stem = "autoScalingGroup:*:autoScalingGroupName/";
            let arn = self.arn_of_name(Api::AutoScaling, "autoScalingGroup", stem, &name);
            add("autoScalingGroup", arn);
        }
        if let Some(id) = text_at(self.input, "InstanceId") {
            let groups = self.state.list(self.region, Kind::AutoScalingGroup);
            let values = groups.filter_map(|it| Resource::to_value(it).ok());
            let mut values = values.filter(|it| texts_at(it, "Instances.InstanceId").contains(&id));
            if let Some(arn) = values.find_map(|it| text_at(&it, "AutoScalingGroupARN")) {
                add("autoScalingGroup", arn);
            }
        }
        if let Some(name) = text_at(self.input, "LaunchConfigurationName") {
            let resource = format!("launchConfiguration:*:launchConfigurationName/{name}");
            add(
                "launchConfiguration",
                self.arns.other("autoscaling", &resource),
            );
        }
    }

    /// The ARN of a name: the one that the resource has, if it is there.
    fn arn_of_name(&self, api: Api, kind: &str, stem: &str, name: &str) -> String {
        // RDS keeps its names in lower case.
        let lower = name.to_lowercase();
        let name = if api == Api::Rds { &lower } else { name };
        let found = self.find(api, |_, named| named == name, kind);
        let known = found.and_then(|(_, arn)| arn);
        known.unwrap_or_else(|| {
            let end = if kind == "stack" { "/*" } else { "" };
            let service = Table::of(api).service;
            self.arns.other(service, &format!("{stem}{name}{end}"))
        })
    }

    /// The first resource of a service whose ARN and name are as wanted, of the kind that a type of
    /// the reference is; with its ARN, if AWS gives it one.
    fn find(
        &self,
        api: Api,
        is_wanted: impl Fn(&str, &str) -> bool,
        kind: &str,
    ) -> Option<(&'a Resource, Option<String>)> {
        let of = KINDS
            .iter()
            .filter(|(it, ..)| types_of(*it).contains(&kind));
        let of = of.filter(|(it, ..)| crate::dispatch::service_of(*it) == api);
        for (kind, arn, name) in of {
            for resource in self.state.list(self.region, *kind) {
                let Ok(value) = resource.to_value() else {
                    continue;
                };
                let named = text_at(&value, name).unwrap_or_default();
                let arn = text_at(&value, arn);
                if is_wanted(arn.as_deref().unwrap_or_default(), &named) {
                    return Some((resource.as_ref(), arn));
                }
            }
        }
        None
    }

    fn beside_there(&self, api: Api, row: &'a Row, kind: &'static str, arn: String) -> Target<'a> {
        let name = arn.rsplit([':', '/']).next().unwrap_or_default().to_owned();
        let is_it = |its: &str, named: &str| its == arn || (its.is_empty() && named == name);
        let found = self.find(api, is_it, kind).map(|(it, _)| it);
        let members = found.and_then(|it| it.to_value().ok());
        let (is_new, tags) = match found {
            Some(it) => (false, Some(it.tags().clone())),
            None => (self.makes(kind, &name), self.tags_within(&arn)),
        };
        Target {
            of: row.of(kind),
            arn,
            id: None,
            is_new,
            members: members.unwrap_or_else(|| self.input.clone()),
            tags,
        }
    }

    /// Whether the call makes the resource of a type and name that it names.
    fn makes(&self, kind: &str, name: &str) -> bool {
        match self.action {
            "CreateAutoScalingGroup" => kind == "autoScalingGroup",
            "CreateLoadBalancer" => kind == "loadbalancer",
            "CreateDBInstance" => kind == "db",
            "CreateDBSnapshot" => kind == "snapshot",
            "CreateDBSubnetGroup" => kind == "subgrp",
            "CopyDBSnapshot" => {
                let target = text_at(self.input, "TargetDBSnapshotIdentifier");
                target.is_some_and(|it| it.eq_ignore_ascii_case(name))
            }
            _ => false,
        }
    }

    /// The tags of a listener or rule, which stand within its load balancer.
    fn tags_within(&self, arn: &str) -> Option<Tags> {
        let balancers = self.state.list(self.region, Kind::LoadBalancer);
        let values = balancers.filter_map(|it| it.to_value().ok());
        let listeners = values.flat_map(|it| match it.get("Listeners") {
            Some(Value::Array(all)) => all.clone(),
            _ => Vec::new(),
        });
        let rules = |it: &Value| match it.get("Rules") {
            Some(Value::Array(all)) => all.clone(),
            _ => Vec::new(),
        };
        let mut all = listeners.flat_map(|it| {
            let rules = rules(&it);
            std::iter::once(it).chain(rules)
        });
        let found = all.find(|it| {
            let is_it = |name: &str| text_at(it, name).as_deref() == Some(arn);
            is_it("ListenerArn") || is_it("RuleArn")
        });
        found.and_then(|it| serde_json::from_value(it.get("Tags")?.clone()).ok())
    }

    /// What a call is about to make and does not name by its ARN.
    fn made_beside(&self, api: Api, row: &'a Row) -> Option<Target<'a>> {
        let name = |member: &str| text_at(self.input, member).unwrap_or_else(|| "*".to_owned());
        let (kind, resource) = match (api, self.action) {
            (Api::ElbV2, "CreateLoadBalancer") => {
                let kind = match text_at(self.input, "Type").as_deref() {
                    Some("network") => "loadbalancer/net/",
                    Some("gateway") => "loadbalancer/gwy/",
                    _ => "loadbalancer/app/",
                };
                (kind, format!("{kind}{}/*", name("Name")))
            }
            (Api::ElbV2, "CreateTargetGroup") => {
                ("targetgroup", format!("targetgroup/{}/*", name("Name")))
            }
            _ => return None,
        };
        Some(Target {
            of: row.of(kind),
            arn: self.arns.other("elasticloadbalancing", &resource),
            id: None,
            is_new: true,
            members: self.input.clone(),
            tags: None,
        })
    }

    /// Whatever resource of the type that a call is about when it names none.
    fn any_beside(&self, api: Api, row: &'a Row) -> Option<Target<'a>> {
        let (kind, resource) = match api {
            Api::AutoScaling => (
                "autoScalingGroup",
                "autoScalingGroup:*:autoScalingGroupName/*",
            ),
            Api::CloudWatch => ("alarm", "alarm:*"),
            Api::CloudFormation => ("stack", "stack/*/*"),
            Api::Rds => match self.action {
                "DescribeDBSnapshots" => ("snapshot", "snapshot:*"),
                "DescribeDBSubnetGroups" => ("subgrp", "subgrp:*"),
                "DescribeDBClusters" => ("cluster", "cluster:*"),
                _ => ("db", "db:*"),
            },
            _ => return None,
        };
        row.of(kind).map(|of| Target {
            of: Some(of),
            arn: self.arns.other(Table::of(api).service, resource),
            ..Target::everything()
        })
    }
}

/// The types of the reference that a kind of the model is.
const fn types_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::AutoScalingGroup => &["autoScalingGroup"],
        Kind::ClassicLoadBalancer => &["loadbalancer"],
        Kind::DbInstance => &["db"],
        Kind::DbSnapshot => &["snapshot"],
        Kind::DbSubnetGroup => &["subgrp"],
        Kind::LoadBalancer => &[
            "loadbalancer/app/",
            "loadbalancer/gwy/",
            "loadbalancer/net/",
        ],
        Kind::Stack => &["stack"],
        Kind::TargetGroup => &["targetgroup"],
        _ => &[],
    }
}
