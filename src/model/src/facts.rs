//! A resource as flat facts: what is compared between a rehearsal and a live run, shown in
//! differences, and read by conditions.
//!
//! A fact's name is the path of AWS's member names, with the natural key of a list's entries in
//! brackets: `State`, `Routes[0.0.0.0/0].NatGatewayId`, `Tags[Name]`. Members that differ between two
//! runs of the same steps without meaning anything (moments, ids that AWS draws for associations,
//! free address counts, progress) are left out.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Resource, canonical_bytes};

/// Facts of a resource by name.
pub type FactMap = BTreeMap<String, String>;

/// The facts of a resource.
pub fn facts_of(resource: &Resource) -> FactMap {
    let mut facts = FactMap::new();
    if let Ok(Value::Object(members)) = resource.to_value() {
        for (name, value) in &members {
            flatten(name, value, &mut facts);
        }
    }
    facts
}

/// Members without meaning for a comparison, at any depth.
const VOLATILE: &[&str] = &[
    "AllocationTime",
    "AttachTime",
    "AvailableIpAddressCount",
    "AttachmentId",
    "CompletionTime",
    "CreateDate",
    "CreateTime",
    "CreatedTime",
    "CreationDate",
    "CreationTime",
    "CreationTimestamp",
    "DeleteTime",
    "DeletionTime",
    "DrainingSince",
    "InstanceCreateTime",
    "LastLaunchedTime",
    "LastStatusChange",
    "LastUpdatedTime",
    "LastUpdatedTimestamp",
    "LaunchTime",
    "Progress",
    "RegisteredAt",
    "ReleaseTime",
    "ReservationId",
    "RouteTableAssociationId",
    "SnapshotCreateTime",
    "StartDate",
    "StartTime",
    "StateReason",
    "StateTransitionReason",
];

/// The members that name an entry of a list, the first present one wins.
const KEYS: &[&str] = &[
    "Key",
    "DestinationCidrBlock",
    "DestinationIpv6CidrBlock",
    "DestinationPrefixListId",
    "SubnetId",
    "GroupId",
    "AllocationId",
    "NetworkInterfaceId",
    "InstanceId",
    "DeviceName",
    "CidrBlock",
    "Ipv6CidrBlock",
    "PrivateIpAddress",
    "Ipv6Address",
    "VpcId",
    "GatewayId",
    "DnsName",
];

fn flatten(path: &str, value: &Value, facts: &mut FactMap) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => drop(facts.insert(path.to_owned(), flag.to_string())),
        Value::Number(number) => drop(facts.insert(path.to_owned(), number.to_string())),
        Value::String(text) => drop(facts.insert(path.to_owned(), text.clone())),
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| !is_volatile(name)) {
                flatten(&format!("{path}.{name}"), member, facts);
            }
        }
        Value::Array(entries) => {
            for entry in entries {
                flatten_entry(path, entry, facts);
            }
        }
    }
    if is_volatile(path) {
        facts.remove(path);
    }
}

fn flatten_entry(path: &str, entry: &Value, facts: &mut FactMap) {
    let Value::Object(members) = entry else {
        facts.insert(format!("{path}[{}]", plain(entry)), "present".to_owned());
        return;
    };
    if path == "Tags" || path == "TagSet" {
        let text = |name| members.get(name).map(plain).unwrap_or_default();
        facts.insert(format!("Tags[{}]", text("Key")), text("Value"));
        return;
    }
    if path == "IpPermissions" || path == "IpPermissionsEgress" {
        facts.insert(format!("{path}[{}]", compact(entry)), "present".to_owned());
        return;
    }
    let key = KEYS
        .iter()
        .find_map(|name| Some((*name, plain(members.get(*name)?))));
    let (key_name, label) = match key {
        Some((name, label)) => (Some(name), label),
        // The main association of a route table names nothing but itself.
        None if members.get("Main") == Some(&Value::Bool(true)) => (None, "main".to_owned()),
        None => (None, compact(entry)),
    };
    let here = format!("{path}[{label}]");
    let before = facts.len();
    for (name, member) in members {
        if Some(name.as_str()) != key_name && !is_volatile(name) {
            flatten(&format!("{here}.{name}"), member, facts);
        }
    }
    if facts.len() == before {
        facts.insert(here, "present".to_owned());
    }
}

/// A value as text, the same in every program: serde_json writes members in another order where some
/// crate of the program switches its `preserve_order` on (the AWS clients do).
fn compact(value: &Value) -> String {
    let bytes = canonical_bytes(value).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_volatile(name: &str) -> bool {
    VOLATILE.contains(&name)
}

#[cfg(test)]
mod tests {
    use crate::{Kind, Resource};
    use serde_json::json;

    fn facts(kind: Kind, value: serde_json::Value) -> super::FactMap {
        super::facts_of(&Resource::deserialize_as(kind, value).unwrap())
    }

    #[test]
    fn lists_are_named_by_their_natural_key() {
        let facts = facts(
            Kind::RouteTable,
            json!({"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Tags": [{"Key": "Name", "Value": "a"}],
                   "Associations": [{"RouteTableAssociationId": "rtbassoc-1", "Main": true}],
                   "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1",
                               "State": "blackhole"}]}),
        );
        assert_eq!(facts["Routes[0.0.0.0/0].State"], "blackhole");
        assert_eq!(facts["Routes[0.0.0.0/0].NatGatewayId"], "nat-1");
        assert_eq!(facts["Tags[Name]"], "a");
        assert_eq!(
            facts["Associations[main].AssociationState.State"],
            "associated"
        );
    }

    #[test]
    fn moments_are_no_facts() {
        let facts = facts(
            Kind::Volume,
            json!({"VolumeId": "vol-1", "Size": 8, "AvailabilityZone": "eu-west-1a",
                   "CreateTime": "2026-01-01T00:00:00Z",
                   "Attachments": [{"InstanceId": "i-1", "AttachTime": "2026-01-01T00:00:00Z"}]}),
        );
        assert!(facts.keys().all(|name| !name.contains("Time")), "{facts:?}");
        assert_eq!(facts["Attachments[i-1].State"], "attached");
        let facts = self::facts(
            Kind::AutoScalingGroup,
            json!({"AutoScalingGroupId": "asg-eu-west-1/web", "AutoScalingGroupName": "web",
                   "CreatedTime": "2026-01-01T00:00:00Z"}),
        );
        assert!(facts.keys().all(|name| !name.contains("Time")), "{facts:?}");
    }
}
