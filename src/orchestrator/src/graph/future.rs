//! `future(v)`: what does not run in a VPC now, and may be started there.

use sandtable_model::ResourceId;
use sandtable_model::resource::{
    AsResource, AutoScalingGroup, DbSubnetGroup, LaunchTemplate, SecurityGroup, Subnet,
};

use super::{Graph, Relation};

/// Something that may be started in a VPC or subnet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Future {
    /// What names the subnet.
    pub resource: ResourceId,
    /// What may happen, in words that go on after the resource's name.
    pub what: String,
}

impl Graph {
    /// `future(v)`: what may start instances or databases within a VPC or subnet: Auto Scaling groups
    /// that are not held at zero, launch templates that name a subnet or security group, DB subnet
    /// groups.
    pub fn future(&self, container: &ResourceId) -> Vec<Future> {
        let subnets = match container {
            ResourceId::Subnet(_) => vec![container.clone()],
            _ => {
                let subnets = self.within::<Subnet>(container).into_iter();
                subnets.map(|it| it.resource_id()).collect()
            }
        };
        let mut found: Vec<Future> = subnets.iter().flat_map(|it| self.planned(it)).collect();
        for group in self.within::<SecurityGroup>(container) {
            let id = group.resource_id();
            let templates = self.dependents_of::<LaunchTemplate>(&id, Relation::ProtectedBy);
            found.extend(templates.into_iter().map(started));
        }
        found.sort();
        found.dedup();
        found
    }

    fn planned(&self, subnet: &ResourceId) -> Vec<Future> {
        let mut found = Vec::new();
        let mut add = |resource: ResourceId, what: String| found.push(Future { resource, what });
        for group in self.dependents_of::<AutoScalingGroup>(subnet, Relation::Targets) {
            if group.max_size > 0 {
                let (name, max) = (&group.auto_scaling_group_name, group.max_size);
                let what = format!("{name} may start up to {max} instances there");
                add(group.resource_id(), what);
            }
        }
        for template in self.dependents_of::<LaunchTemplate>(subnet, Relation::Targets) {
            let Future { resource, what } = started(template);
            add(resource, what);
        }
        for group in self.dependents_of::<DbSubnetGroup>(subnet, Relation::Targets) {
            let name = &group.db_subnet_group_name;
            add(
                group.resource_id(),
                format!("the DB subnet group {name} names it for databases"),
            );
        }
        found
    }
}

fn started(template: &LaunchTemplate) -> Future {
    let name = &template.launch_template_name;
    Future {
        resource: template.resource_id(),
        what: format!("the launch template {name} starts instances there"),
    }
}
