//! What a launch asks for when a launch template has a say in it.

use serde_json::{Map, Value};

use super::keys::text_at;
use crate::compute::{LaunchTemplateSpecification, template_for_launch};
use crate::{Ctx, State};

/// A request for a launch.
pub(super) struct Launch {
    /// The request with what the template adds.
    pub(super) input: Value,
    /// The id of the template, and what the request itself says.
    template: Option<(String, Map<String, Value>)>,
}

/// The members with which a request overrides what its template says of a type of resource.
const OVERRIDES: &[(&str, &[&str])] = &[
    (
        "capacity-reservation",
        &["CapacityReservationSpecification"],
    ),
    ("image", &["ImageId"]),
    ("instance", &["IamInstanceProfile", "InstanceType"]),
    ("key-pair", &["KeyName"]),
    ("network-interface", &["NetworkInterfaces"]),
    ("placement-group", &["Placement"]),
    ("security-group", &["SecurityGroupIds", "SecurityGroups"]),
    ("snapshot", &["BlockDeviceMappings"]),
    ("subnet", &["SubnetId"]),
    ("volume", &["BlockDeviceMappings"]),
];

impl Launch {
    /// Reads a request. A template that is not there adds nothing: the call itself will say so.
    pub(super) fn of(state: &State, ctx: &Ctx, input: &Value) -> Self {
        let alone = || Launch {
            input: input.clone(),
            template: None,
        };
        let Some(own) = input.as_object() else {
            return alone();
        };
        let told = input.get("LaunchTemplate").cloned().unwrap_or_default();
        let Ok(wanted) = serde_json::from_value::<LaunchTemplateSpecification>(told) else {
            return alone();
        };
        let data = template_for_launch(state, ctx, &wanted);
        let Ok((id, Value::Object(data))) = data else {
            return alone();
        };
        Launch {
            input: Value::Object(over(own, data)),
            template: Some((id, own.clone())),
        }
    }

    /// The id of the template.
    pub(super) fn template(&self) -> Option<&str> {
        self.template.as_ref().map(|(id, _)| id.as_str())
    }

    /// The value of `ec2:IsLaunchTemplateResource` for a type of resource: whether the request leaves
    /// what the template says of it alone (EC2 User Guide, "Control access to launch templates").
    pub(super) fn leaves_to_template(&self, kind: &str) -> bool {
        let Some((_, own)) = &self.template else {
            return false;
        };
        let row = OVERRIDES.iter().find(|(it, _)| *it == kind);
        let members = row.map_or(&[] as &[&str], |(_, members)| members);
        !members.iter().any(|it| own.contains_key(*it))
    }

    /// The instance profile, as the request or the template names it.
    pub(super) fn profile(&self) -> &Value {
        self.input.get("IamInstanceProfile").unwrap_or(&Value::Null)
    }

    /// Whether a Spot Instance is asked for.
    pub(super) fn is_spot(&self) -> bool {
        text_at(&self.input, "InstanceMarketOptions.MarketType").as_deref() == Some("spot")
    }
}

/// A request over its template, as launches read them: groups by id and by name are one member.
fn over(own: &Map<String, Value>, mut data: Map<String, Value>) -> Map<String, Value> {
    let names_groups = ["SecurityGroupIds", "SecurityGroups"];
    if names_groups.iter().any(|it| own.contains_key(*it)) {
        data.retain(|name, _| !names_groups.contains(&name.as_str()));
    }
    data.retain(|_, value| match value {
        Value::Null => false,
        Value::Array(all) => !all.is_empty(),
        _ => true,
    });
    for (name, value) in own {
        data.insert(name.clone(), value.clone());
    }
    data
}
