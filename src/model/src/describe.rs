//! Reading the answers of AWS's `Describe*` operations, as the AWS CLI prints them.

use serde_json::Value;
use thiserror::Error;

use crate::lenient::Lenient;
use crate::resource::answer_key;
use crate::{AccountId, Kind, Region, Resource, ResourceId};

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
    for (index, entry) in entries.into_iter().enumerate() {
        let label = entry_label(kind, &entry).unwrap_or_else(|| format!("entry {}", index + 1));
        match read_described(kind, None, entry) {
            Ok(resource) => described.resources.push(resource),
            Err(error) => described.left_out.push((label, error.to_string())),
        }
    }
    described
}

/// Reads one entry of a describe answer as a resource of `kind`. Members that the model does not keep are
/// passed over. `region` is where the answer comes from; without it, the Region of what AWS knows by name
/// is that of its ARN or zone.
///
/// # Errors
/// An entry that lacks what the kind cannot do without, or has it in another form.
pub fn read_described(
    kind: Kind,
    region: Option<&Region>,
    mut entry: Value,
) -> Result<Resource, serde_json::Error> {
    if kind.is_named() {
        name(kind, region, &mut entry);
    }
    drop_masked_owner(&mut entry);
    Resource::deserialize_as(kind, Lenient(entry))
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

/// Gives an entry the id under which documents have what AWS knows by name.
fn name(kind: Kind, region: Option<&Region>, entry: &mut Value) {
    let id = || {
        let name = entry.get(label_key(kind))?.as_str()?;
        let region = region.cloned().or_else(|| region_of(entry))?;
        ResourceId::from_name(kind, &region, name)
    };
    if let Some(id) = id()
        && let Value::Object(members) = entry
    {
        let key = id_key(kind).to_owned();
        let theirs = members.insert(key, Value::String(id.to_string()));
        // What AWS calls the id of a stack is its ARN, which nothing else in the answer says.
        if let (Kind::Stack, Some(arn)) = (kind, theirs) {
            members.insert("StackArn".to_owned(), arn);
        }
    }
    if kind == Kind::AutoScalingGroup {
        note_propagated(entry);
    }
}

/// Auto Scaling's tags say of themselves whether new instances get them; documents say it beside the
/// tags.
fn note_propagated(entry: &mut Value) {
    let is_propagated = |tag: &&Value| tag.get("PropagateAtLaunch") == Some(&Value::Bool(true));
    let tags = entry.get("Tags").and_then(Value::as_array);
    let tags = tags.into_iter().flatten().filter(is_propagated);
    let keys: Vec<Value> = tags.filter_map(|tag| tag.get("Key").cloned()).collect();
    if let Value::Object(members) = entry
        && !keys.is_empty()
    {
        members.insert("PropagatedTagKeys".to_owned(), Value::Array(keys));
    }
}

/// The Region in which an entry is: that of its ARN or of its first Availability Zone.
fn region_of(entry: &Value) -> Option<Region> {
    let Value::Object(members) = entry else {
        return None;
    };
    let texts = members.values().filter_map(Value::as_str);
    let arn = texts.filter(|text| text.starts_with("arn:"));
    let regions = arn.filter_map(|arn| Region::new(arn.split(':').nth(3)?).ok());
    regions.into_iter().next().or_else(|| {
        let zone = members.get("AvailabilityZones")?.get(0)?.as_str()?;
        Region::new(zone.strip_suffix(|it: char| it.is_ascii_lowercase())?).ok()
    })
}

/// The member that holds the id in documents, for kinds that AWS knows by name.
const fn id_key(kind: Kind) -> &'static str {
    match kind {
        Kind::AutoScalingGroup => "AutoScalingGroupId",
        Kind::TargetGroup => "TargetGroupId",
        Kind::DbInstance => "DbInstanceId",
        Kind::DbSnapshot => "DbSnapshotId",
        Kind::DbSubnetGroup => "DbSubnetGroupId",
        Kind::Stack => "StackId",
        _ => "LoadBalancerId",
    }
}

/// The text by which people tell the entry from others of its kind, if it has it.
pub fn entry_label(kind: Kind, entry: &Value) -> Option<String> {
    let key = label_key(kind);
    entry.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// The member by which people tell entries apart.
const fn label_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Address => "PublicIp",
        Kind::SecurityGroup | Kind::PlacementGroup => "GroupId",
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
        Kind::NetworkAcl => "NetworkAclId",
        Kind::DhcpOptions => "DhcpOptionsId",
        Kind::EgressOnlyInternetGateway => "EgressOnlyInternetGatewayId",
        Kind::ManagedPrefixList => "PrefixListId",
        Kind::FlowLog => "FlowLogId",
        Kind::SubnetCidrReservation => "SubnetCidrReservationId",
        Kind::VpcPeeringConnection => "VpcPeeringConnectionId",
        Kind::TransitGateway => "TransitGatewayId",
        Kind::TransitGatewayAttachment => "TransitGatewayAttachmentId",
        Kind::TransitGatewayRouteTable => "TransitGatewayRouteTableId",
        Kind::VpnGateway => "VpnGatewayId",
        Kind::CustomerGateway => "CustomerGatewayId",
        Kind::VpnConnection => "VpnConnectionId",
        Kind::VpcEndpointService => "ServiceId",
        Kind::LaunchTemplate => "LaunchTemplateId",
        Kind::KeyPair => "KeyPairId",
        Kind::CapacityReservation => "CapacityReservationId",
        Kind::DedicatedHost => "HostId",
        Kind::LoadBalancer | Kind::ClassicLoadBalancer => "LoadBalancerName",
        Kind::TargetGroup => "TargetGroupName",
        Kind::DbInstance => "DBInstanceIdentifier",
        Kind::DbSnapshot => "DBSnapshotIdentifier",
        Kind::DbSubnetGroup => "DBSubnetGroupName",
        Kind::Stack => "StackName",
    }
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
    fn groups_and_balancers_get_ids_of_region_and_name() {
        let described = read_describe_answer(json!({"AutoScalingGroups": [
            {"AutoScalingGroupName": "web", "MinSize": 1, "MaxSize": 2, "DesiredCapacity": 1,
             "AutoScalingGroupARN": "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:u:autoScalingGroupName/web",
             "AvailabilityZones": ["eu-west-1a"], "DefaultCooldown": 300, "HealthCheckType": "EC2",
             "CreatedTime": "2026-01-01T00:00:00Z", "Instances": [],
             "Tags": [{"Key": "a", "Value": "1", "PropagateAtLaunch": true, "ResourceId": "web",
                       "ResourceType": "auto-scaling-group"},
                      {"Key": "b", "Value": "2", "PropagateAtLaunch": false}]},
        ]}))
        .unwrap();
        let group = described.resources[0]
            .get::<crate::resource::AutoScalingGroup>()
            .unwrap();
        assert_eq!(group.auto_scaling_group_id.as_str(), "asg-eu-west-1/web");
        assert_eq!(group.propagated_tag_keys, ["a"]);
        assert_eq!(group.tags.len(), 2);
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/1";
        let id = crate::LoadBalancerId::from_arn(arn).unwrap();
        assert_eq!(id.as_str(), "lb-eu-west-1/web");
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/tg/1";
        let id = crate::TargetGroupId::from_arn(arn).unwrap();
        assert_eq!(id.as_str(), "tg-eu-west-1/tg");
        assert_eq!(crate::TargetGroupId::from_arn("arn:aws:s3:::bucket"), None);
    }

    #[test]
    fn says_what_it_found_instead() {
        let error = read_describe_answer(json!({"Buckets": []})).unwrap_err();
        assert!(error.to_string().contains("`Buckets`"), "{error}");
    }
}
