//! On which resources a call is authorised.

use sandtable_model::{Kind, Region, Resource, ResourceId, Tags};
use serde_json::Value;

use super::arn::Arns;
use super::keys::text_at;
use super::table::{Row, TypeRow};
use crate::State;

/// A resource on which a call is authorised.
#[derive(Clone, Debug)]
pub(super) struct Target<'a> {
    /// The row of its type; nothing when the call is authorised on no resource.
    pub(super) of: Option<&'a TypeRow>,
    /// Its ARN, or `*`.
    pub(super) arn: String,
    /// Its id, where a condition key can ask for it.
    pub(super) id: Option<String>,
    /// Whether it is yet to be made.
    pub(super) is_new: bool,
    /// Its members; those of the request when it is yet to be made.
    pub(super) members: Value,
    /// Its tags.
    pub(super) tags: Option<Tags>,
}

impl Target<'_> {
    /// None at all: what `*` alone allows.
    pub(super) fn everything() -> Self {
        Target {
            of: None,
            arn: "*".to_owned(),
            id: None,
            is_new: false,
            members: Value::Null,
            tags: None,
        }
    }
}

/// Where a call goes to find its targets.
pub(super) struct Search<'a> {
    pub(super) state: &'a State,
    pub(super) region: &'a Region,
    pub(super) arns: &'a Arns<'a>,
    pub(super) action: &'a str,
    /// The request; that of a launch has what its template says, too.
    pub(super) input: &'a Value,
}

/// Members whose ids are not what the call is about: the far ends of rules, filters and the like.
const ASIDE: &[&str] = &[
    "Filters",
    "IpPermissions",
    "SecurityGroupRules",
    "TagSpecifications",
    "Tags",
];
/// Members that hold ids, although their names do not say so.
const HOLD_IDS: &[&str] = &["Groups", "Resources", "SecurityGroups"];
/// Members that name a resource by something else than its id: the kind, and its member.
const NAMES: &[(&str, Kind, &str)] = &[
    ("GroupName", Kind::PlacementGroup, "GroupName"),
    ("GroupName", Kind::SecurityGroup, "GroupName"),
    ("KeyName", Kind::KeyPair, "KeyName"),
    (
        "LaunchTemplateName",
        Kind::LaunchTemplate,
        "LaunchTemplateName",
    ),
    ("PublicIp", Kind::Address, "PublicIp"),
];

impl<'a> Search<'a> {
    /// The resources that the row of the action asks for: those that the call names, and those of
    /// required types that it is about to make.
    pub(super) fn targets(&self, row: &'a Row) -> Vec<Target<'a>> {
        let mut named = Vec::new();
        self.named(self.input, "", &mut named);
        if self.action == "RunInstances" {
            self.usual_places(&mut named);
        }
        let mut targets: Vec<Target<'a>> = Vec::new();
        for of in &row.types {
            let before = targets.len();
            for id in named.iter().filter(|id| id.kind().as_str() == of.name) {
                let target = self.there(of, id);
                if targets.iter().all(|it| it.arn != target.arn) {
                    targets.push(target);
                }
            }
            let is_missing = of.is_required && targets.len() == before;
            if is_missing || self.makes_besides(of) {
                targets.extend(self.made(of));
            }
        }
        if targets.is_empty() {
            targets.push(Target::everything());
        }
        targets
    }

    /// A resource that is there, or that at least is named.
    fn there(&self, of: &'a TypeRow, id: &ResourceId) -> Target<'a> {
        let resource = self.state.get_in(self.region, id);
        let members = resource.and_then(|it| it.to_value().ok());
        let members = members.unwrap_or(Value::Null);
        Target {
            arn: self.arns.of(id, &members),
            of: Some(of),
            id: Some(id.to_string()),
            is_new: false,
            members,
            tags: resource.map(|it| it.tags().clone()),
        }
    }

    /// Volumes, which a launch always makes, are no required type of it.
    fn makes_besides(&self, of: &TypeRow) -> bool {
        self.action == "RunInstances" && of.name == "volume"
    }

    /// What the call makes of a type. AWS writes `*` for the id that is not drawn yet.
    fn made(&self, of: &'a TypeRow) -> Vec<Target<'a>> {
        let target = |members: Value| Target {
            arn: self.arns.any(of.name),
            of: Some(of),
            id: None,
            is_new: true,
            members,
            tags: None,
        };
        match of.name {
            "volume" if self.action == "RunInstances" => {
                let mappings = self.input.get("BlockDeviceMappings");
                let mappings = mappings.and_then(Value::as_array).into_iter().flatten();
                let volumes = mappings.filter_map(|it| it.get("Ebs").cloned());
                let mut targets: Vec<Target<'a>> = volumes.map(target).collect();
                if targets.is_empty() {
                    targets.push(target(Value::Null));
                }
                targets
            }
            _ => {
                let mut members = self.input.clone();
                self.add_vpc(&mut members);
                if let Some(profile) = self.arns.profile(&members["IamInstanceProfile"]) {
                    members["IamInstanceProfile"]["Arn"] = Value::String(profile);
                }
                vec![target(members)]
            }
        }
    }

    /// A request that names a subnet has said the VPC too.
    fn add_vpc(&self, members: &mut Value) {
        let Some(subnet) = text_at(members, "SubnetId").and_then(|it| self.member_of(&it)) else {
            return;
        };
        for name in ["VpcId", "AvailabilityZone"] {
            if members.get(name).is_none()
                && let Some(value) = subnet.get(name)
            {
                members[name] = value.clone();
            }
        }
    }

    fn member_of(&self, id: &str) -> Option<Value> {
        let id = ResourceId::new(id).ok()?;
        self.state.get_in(self.region, &id)?.to_value().ok()
    }

    /// A launch that names no subnet or group goes into the default ones.
    fn usual_places(&self, named: &mut Vec<ResourceId>) {
        let has = |named: &[ResourceId], kind| named.iter().any(|it| it.kind() == kind);
        if has(named, Kind::NetworkInterface) {
            return;
        }
        if !has(named, Kind::Subnet) {
            let zone = text_at(self.input, "Placement.AvailabilityZone");
            let subnets = self
                .state
                .all::<sandtable_model::resource::Subnet>(self.region);
            let mut subnets = subnets.filter(|it| {
                let is_there = |zone: &String| it.availability_zone.as_str() == zone;
                it.default_for_az && zone.as_ref().is_none_or(is_there)
            });
            named.extend(subnets.next().map(|it| it.subnet_id.clone().into()));
        }
        if !has(named, Kind::SecurityGroup) {
            let subnet = named.iter().find(|it| it.kind() == Kind::Subnet);
            let subnet = subnet.and_then(|it| self.member_of(it.as_str()));
            let vpc = subnet.and_then(|it| text_at(&it, "VpcId"));
            let groups = self
                .state
                .all::<sandtable_model::resource::SecurityGroup>(self.region);
            let mut groups = groups.filter(|it| {
                let in_vpc = it.vpc_id.as_ref().map(|it| it.as_str()) == vpc.as_deref();
                it.group_name == "default" && in_vpc
            });
            named.extend(groups.next().map(|it| it.group_id.clone().into()));
        }
    }

    /// The ids that a request names, in its order.
    fn named(&self, value: &Value, member: &str, into: &mut Vec<ResourceId>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    if !ASIDE.contains(&name.as_str()) {
                        self.named(value, name, into);
                    }
                }
            }
            Value::Array(entries) => {
                for entry in entries {
                    self.named(entry, member, into);
                }
            }
            Value::String(text) => self.named_by(text, member, into),
            _ => {}
        }
    }

    fn named_by(&self, text: &str, member: &str, into: &mut Vec<ResourceId>) {
        let holds_ids =
            ["Id", "Ids", "ID"].iter().any(|it| member.ends_with(it)) || HOLD_IDS.contains(&member);
        if holds_ids && let Ok(id) = ResourceId::new(text) {
            into.push(id);
        } else if member.ends_with("AssociationId") || member.ends_with("AttachmentId") {
            self.ends_of(text, into);
        }
        for (name, kind, of) in NAMES {
            if *name == member {
                let has = |it: &&Resource| {
                    it.to_value()
                        .is_ok_and(|it| text_at(&it, of).as_deref() == Some(text))
                };
                let all = self.state.list(self.region, *kind).map(AsRef::as_ref);
                into.extend(all.filter(has).map(Resource::id));
            }
        }
    }

    /// The resources at both ends of an association or attachment.
    fn ends_of(&self, text: &str, into: &mut Vec<ResourceId>) {
        const HOLDERS: &[Kind] = &[
            Kind::Address,
            Kind::NetworkAcl,
            Kind::NetworkInterface,
            Kind::RouteTable,
        ];
        for kind in HOLDERS {
            for resource in self.state.list(self.region, *kind) {
                let Ok(value) = resource.to_value() else {
                    continue;
                };
                let Some(entry) = entry_with(&value, text) else {
                    continue;
                };
                into.push(resource.id());
                let far = ["SubnetId", "InstanceId", "NetworkInterfaceId", "GatewayId"];
                let far = far.iter().filter_map(|name| text_at(entry, name));
                into.extend(far.filter_map(|it| ResourceId::new(&it).ok()));
            }
        }
    }
}

/// The object that has `text` as one of its members.
fn entry_with<'v>(value: &'v Value, text: &str) -> Option<&'v Value> {
    match value {
        Value::Object(members) => {
            if members.values().any(|it| it.as_str() == Some(text)) {
                return Some(value);
            }
            members.values().find_map(|it| entry_with(it, text))
        }
        Value::Array(entries) => entries.iter().find_map(|it| entry_with(it, text)),
        _ => None,
    }
}
