//! Reading the answers of AWS's `Describe*` operations, as the AWS CLI prints them.

use serde_json::Value;
use thiserror::Error;

use crate::lenient::Lenient;
use crate::resource::answer_key;
use crate::{AccountId, AutoScalingGroupId, Kind, Resource};

/// What one describe answer held.
#[derive(Debug)]
pub struct Described {
    /// The kind that the answer lists.
    pub kind: Kind,
    /// Its resources, in the order of the answer.
    pub resources: Vec<Resource>,
    /// Entries that could not become resources: the id or position, and why.
    pub left_out: Vec<(String, String)>,
    /// Whether the answer is only the first page of several (it has a `NextToken`).
    pub partial: bool,
}

/// Why a JSON value is no describe answer.
#[derive(Debug, Error)]
pub enum DescribeError {
    /// Not an object with one of the known lists.
    #[error(
        "no list of a known kind of resource in it; found {found}, expected one of `Vpcs`, `Subnets`, `NatGateways`, …"
    )]
    NoKnownList {
        /// The members found.
        found: String,
    },
    /// A list that is no list.
    #[error("`{key}` is not a list")]
    NotAList {
        /// The member.
        key: &'static str,
    },
}

/// Reads one describe answer: an object with `Vpcs`, `Volumes`, `Reservations`, … as the AWS CLI or
/// the API gives it. Members that the model does not keep are passed over; an entry without a usable
/// id is left out and reported.
pub fn read_describe_answer(answer: Value) -> Result<Described, DescribeError> {
    let Value::Object(mut members) = answer else {
        return Err(DescribeError::NoKnownList {
            found: "no JSON object".to_owned(),
        });
    };
    let partial = members
        .get("NextToken")
        .and_then(Value::as_str)
        .is_some_and(|token| !token.is_empty());
    if let Some(reservations) = members.remove("Reservations") {
        return instances(reservations, partial);
    }
    for kind in Kind::ALL {
        let key = answer_key(*kind);
        if let Some(list) = members.remove(key) {
            let Value::Array(entries) = list else {
                return Err(DescribeError::NotAList { key });
            };
            return Ok(collect(*kind, entries, partial));
        }
    }
    let names: Vec<String> = members.keys().map(|name| format!("`{name}`")).collect();
    let found = if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    };
    Err(DescribeError::NoKnownList { found })
}

fn instances(reservations: Value, partial: bool) -> Result<Described, DescribeError> {
    let Value::Array(reservations) = reservations else {
        return Err(DescribeError::NotAList {
            key: "Reservations",
        });
    };
    let mut entries = Vec::new();
    for mut reservation in reservations {
        let owner = reservation.get("OwnerId").cloned();
        let id = reservation.get("ReservationId").cloned();
        let Some(Value::Array(inner)) = reservation.get_mut("Instances").map(Value::take) else {
            continue;
        };
        for mut instance in inner {
            if let Value::Object(members) = &mut instance {
                for (name, value) in [("OwnerId", &owner), ("ReservationId", &id)] {
                    if let Some(value) = value {
                        members.entry(name).or_insert_with(|| value.clone());
                    }
                }
            }
            entries.push(instance);
        }
    }
    Ok(collect(Kind::Instance, entries, partial))
}

fn collect(kind: Kind, entries: Vec<Value>, partial: bool) -> Described {
    let mut described = Described {
        kind,
        resources: Vec::new(),
        left_out: Vec::new(),
        partial,
    };
    for (index, mut entry) in entries.into_iter().enumerate() {
        if kind == Kind::AutoScalingGroup {
            name_group(&mut entry);
        }
        drop_masked_owner(&mut entry);
        let label = entry_label(kind, &entry).unwrap_or_else(|| format!("entry {}", index + 1));
        match Resource::deserialize_as(kind, Lenient(entry)) {
            Ok(resource) => described.resources.push(resource),
            Err(error) => described.left_out.push((label, error.to_string())),
        }
    }
    described
}

/// Recordings often have their account ids masked. An owner that is no account is not known; that is
/// no reason to leave out the resource.
fn drop_masked_owner(entry: &mut Value) {
    if let Value::Object(members) = entry
        && let Some(owner) = members.get("OwnerId").and_then(Value::as_str)
        && AccountId::new(owner).is_err()
    {
        members.remove("OwnerId");
    }
}

fn name_group(entry: &mut Value) {
    if let Value::Object(members) = entry
        && let Some(name) = members.get("AutoScalingGroupName").and_then(Value::as_str)
    {
        let id = AutoScalingGroupId::from_name(name).to_string();
        members.insert("AutoScalingGroupId".to_owned(), Value::String(id));
    }
}

fn entry_label(kind: Kind, entry: &Value) -> Option<String> {
    let key = match kind {
        Kind::Address => "PublicIp",
        Kind::SecurityGroup => "GroupId",
        Kind::Vpc => "VpcId",
        Kind::Volume => "VolumeId",
        Kind::EbsSnapshot => "SnapshotId",
        Kind::Image => "ImageId",
        Kind::Instance => "InstanceId",
        Kind::Subnet => "SubnetId",
        Kind::RouteTable => "RouteTableId",
        Kind::InternetGateway => "InternetGatewayId",
        Kind::NatGateway => "NatGatewayId",
        Kind::NetworkInterface => "NetworkInterfaceId",
        Kind::VpcEndpoint => "VpcEndpointId",
        Kind::AutoScalingGroup => "AutoScalingGroupName",
    };
    entry.get(key).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn passes_over_what_the_model_does_not_keep() {
        let described = read_describe_answer(json!({"Volumes": [
            {"VolumeId": "vol-0123456789abcdef0", "Size": 8, "AvailabilityZone": "eu-west-1a",
             "SnapshotId": "", "SseType": "none", "Attachments": [], "Operator": {"Managed": false}},
            {"Size": 8},
        ]}))
        .unwrap();
        assert_eq!(described.kind, Kind::Volume);
        assert_eq!(described.resources.len(), 1);
        assert_eq!(described.left_out.len(), 1);
        assert!(!described.partial);
    }

    #[test]
    fn reads_instances_out_of_reservations() {
        let described = read_describe_answer(json!({"Reservations": [
            {"ReservationId": "r-1", "OwnerId": "123456789012", "Instances": [
                {"InstanceId": "i-0123456789abcdef0", "InstanceType": "t3.nano",
                 "State": {"Code": 16, "Name": "running"}, "AmiLaunchIndex": 0}]},
        ]}))
        .unwrap();
        let instance = described.resources[0]
            .get::<crate::resource::Instance>()
            .unwrap();
        assert_eq!(instance.reservation_id.as_deref(), Some("r-1"));
    }

    #[test]
    fn a_masked_owner_is_not_known() {
        let described = read_describe_answer(json!({"SecurityGroups": [
            {"GroupId": "sg-0123456789abcdef0", "GroupName": "web", "OwnerId": "***"},
        ]}))
        .unwrap();
        let group = described.resources[0]
            .get::<crate::resource::SecurityGroup>()
            .unwrap();
        assert_eq!(group.owner_id, None);
        assert!(described.left_out.is_empty());
    }

    #[test]
    fn says_what_it_found_instead() {
        let error = read_describe_answer(json!({"Buckets": []})).unwrap_err();
        assert!(error.to_string().contains("`Buckets`"), "{error}");
    }
}
