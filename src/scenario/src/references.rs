//! Which resources a resource names, read off its JSON form, so that a member added to the model is
//! covered without anyone remembering it here.

use sandtable_model::resource::TransitResourceType;
use sandtable_model::{Resource, ResourceId};
use serde_json::Value;

/// What AWS gives as the volume of a snapshot that was copied or imported.
const UNKNOWN_VOLUME: &str = "vol-ffffffff";

/// The ids of other resources that `resource` needs to be there, each with the path of the member
/// that names it.
///
/// Left out is what AWS keeps naming after it is gone or what belongs to someone else by nature: the
/// volume that a snapshot was made of, the snapshot that a volume was made of, the image of an
/// instance, what a stack made or a flow log records, the targets of blackhole routes, groups of other
/// accounts, the ends of what joins two accounts or Regions, and all that a resource which is over
/// names.
pub(crate) fn needed(resource: &Resource) -> Vec<(String, ResourceId)> {
    if resource.is_gone() {
        return Vec::new();
    }
    named(resource)
        .into_iter()
        .filter(|(path, _)| !is_history(resource, path))
        .collect()
}

/// The ids of all other resources that `resource` names, each with the path of the member.
pub(crate) fn named(resource: &Resource) -> Vec<(String, ResourceId)> {
    let mut found = Vec::new();
    if let Ok(value) = resource.to_value() {
        walk(&value, &mut String::new(), &mut found);
    }
    let own = resource.id();
    found.retain(|(_, id)| *id != own && id.as_str() != UNKNOWN_VOLUME);
    found
}

fn walk(value: &Value, path: &mut String, found: &mut Vec<(String, ResourceId)>) {
    let length = path.len();
    match value {
        Value::Object(members) if is_foreign_or_dead(members) => {}
        Value::Object(members) => {
            for (name, member) in members {
                if is_free_text(name) {
                    continue;
                }
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
                walk(member, path, found);
                path.truncate(length);
            }
        }
        Value::Array(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                path.push_str(&format!("[{index}]"));
                walk(entry, path, found);
                path.truncate(length);
            }
        }
        Value::String(text) => {
            for part in text.split(',') {
                if let Ok(id) = ResourceId::new(part.trim())
                    && looks_like_id(&id)
                {
                    found.push((path.clone(), id));
                }
            }
        }
        _ => {}
    }
}

/// Whether a member holds what people chose, which may look like an id (a database named `pg-14`).
fn is_free_text(member: &str) -> bool {
    let is_name = member.ends_with("Name") || member.ends_with("Names");
    let is_text = matches!(
        member,
        "Tags"
            | "TagSet"
            | "TagList"
            | "Description"
            | "DBInstanceIdentifier"
            | "DBSnapshotIdentifier"
            | "PropagatedTagKeys"
    );
    is_name || is_text
}

/// A route into nothing, a security group of another account, or the VPC that a virtual private
/// gateway was attached to.
fn is_foreign_or_dead(members: &serde_json::Map<String, Value>) -> bool {
    let is_in = |state: &str| members.get("State").and_then(Value::as_str) == Some(state);
    let blackhole = is_in("blackhole") && members.contains_key("Origin");
    let detached = is_in("detached") && members.contains_key("VpcId");
    blackhole || detached || members.contains_key("UserId") || members.contains_key("PeeringStatus")
}

/// Texts such as `vpc-cidr-assoc-…` and `i-am-a-name` begin like ids without being any.
fn looks_like_id(id: &ResourceId) -> bool {
    let rest = id.as_str().get(id.kind().prefix().len() + 1..);
    let rest = rest.unwrap_or_default();
    !id.kind().is_named() && !rest.contains(['-', '.']) && rest.contains(char::is_numeric)
}

fn is_history(resource: &Resource, path: &str) -> bool {
    match resource {
        Resource::Volume(_) => path == "SnapshotId",
        Resource::EbsSnapshot(_) => path == "VolumeId",
        Resource::Instance(_) => path == "ImageId",
        // AWS looks at what a template names only when something is launched from it.
        Resource::LaunchTemplate(_) => path.starts_with("Versions"),
        Resource::VpcPeeringConnection(it) => {
            !it.is_within_one_region() && path.contains("VpcInfo")
        }
        Resource::TransitGatewayAttachment(it) => {
            let joins = it.resource_owner_id != it.transit_gateway_owner_id;
            let peers = it.resource_type == TransitResourceType::Peering;
            let is_end =
                path == "ResourceId" || path.contains("Tgw") || path.starts_with("Accepter");
            (joins && path == "TransitGatewayId") || ((joins || peers) && is_end)
        }
        // What a group of targets or of a database's subnets names may go before it.
        Resource::TargetGroup(_) | Resource::DbSubnetGroup(_) | Resource::DbSnapshot(_) => true,
        // A stack names what it made also after somebody else has deleted that.
        Resource::Stack(_) => true,
        Resource::FlowLog(_) => path == "ResourceId",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sandtable_model::Kind;
    use serde_json::json;

    fn paths(kind: Kind, value: Value) -> Vec<String> {
        let resource = Resource::deserialize_as(kind, value).unwrap();
        let found = needed(&resource);
        found
            .iter()
            .map(|(path, id)| format!("{path}={id}"))
            .collect()
    }

    #[test]
    fn routes_and_associations_name_what_they_need() {
        let table = json!({"RouteTableId": "rtb-00000000000000001", "VpcId": "vpc-00000000000000001",
            "Associations": [{"RouteTableAssociationId": "rtbassoc-00000000000000001",
                              "SubnetId": "subnet-00000000000000001"}],
            "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-00000000000000001"},
                       {"DestinationCidrBlock": "10.9.0.0/16", "State": "blackhole",
                        "NatGatewayId": "nat-00000000000000002"}]});
        let expected = [
            "VpcId=vpc-00000000000000001",
            "Associations[0].SubnetId=subnet-00000000000000001",
            "Routes[0].NatGatewayId=nat-00000000000000001",
        ];
        assert_eq!(paths(Kind::RouteTable, table), expected);
    }

    #[test]
    fn names_that_look_like_ids_are_none() {
        let database = json!({"DbInstanceId": "db-eu-central-1/pg-14", "Engine": "postgres",
            "DBInstanceIdentifier": "pg-14", "DBInstanceClass": "db.t3.micro", "DBName": "key-1",
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-00000000000000001"}]});
        let expected = ["VpcSecurityGroups[0].VpcSecurityGroupId=sg-00000000000000001"];
        assert_eq!(paths(Kind::DbInstance, database), expected);
    }

    #[test]
    fn history_is_not_needed() {
        let snapshot = json!({"SnapshotId": "snap-00000000000000001",
            "VolumeId": "vol-00000000000000001", "Description": "of vol-00000000000000002"});
        assert!(paths(Kind::EbsSnapshot, snapshot).is_empty());
        let gateway = json!({"NatGatewayId": "nat-00000000000000001", "State": "deleted",
            "VpcId": "vpc-00000000000000001", "SubnetId": "subnet-00000000000000001"});
        assert!(paths(Kind::NatGateway, gateway).is_empty());
    }

    #[test]
    fn ends_in_other_accounts_are_not_needed() {
        let side = |vpc: &str, owner: &str| json!({"VpcId": vpc, "OwnerId": owner});
        let peering = |owner: &str| {
            json!({"VpcPeeringConnectionId": "pcx-00000000000000001",
                "RequesterVpcInfo": side("vpc-00000000000000001", "123456789012"),
                "AccepterVpcInfo": side("vpc-00000000000000002", owner)})
        };
        assert_eq!(
            paths(Kind::VpcPeeringConnection, peering("123456789012")),
            [
                "AccepterVpcInfo.VpcId=vpc-00000000000000002",
                "RequesterVpcInfo.VpcId=vpc-00000000000000001",
            ]
        );
        assert!(paths(Kind::VpcPeeringConnection, peering("210987654321")).is_empty());
        let attachment = |kind: &str, resource: &str, owner: &str| {
            json!({"TransitGatewayAttachmentId": "tgw-attach-00000000000000001",
                "TransitGatewayId": "tgw-00000000000000001", "ResourceType": kind,
                "ResourceId": resource, "ResourceOwnerId": "123456789012",
                "TransitGatewayOwnerId": owner, "SubnetIds": ["subnet-00000000000000001"]})
        };
        let kind = Kind::TransitGatewayAttachment;
        let own = attachment("vpc", "vpc-00000000000000001", "123456789012");
        assert_eq!(paths(kind, own).len(), 3);
        let shared = attachment("vpc", "vpc-00000000000000001", "210987654321");
        assert_eq!(
            paths(kind, shared),
            ["SubnetIds[0]=subnet-00000000000000001"]
        );
        let peer = attachment("peering", "tgw-00000000000000002", "123456789012");
        assert_eq!(paths(kind, peer).len(), 2);
    }

    #[test]
    fn lists_in_one_text_are_taken_apart() {
        let group = json!({"AutoScalingGroupId": "asg-web", "AutoScalingGroupName": "web",
            "VPCZoneIdentifier": "subnet-00000000000000001, subnet-00000000000000002"});
        assert_eq!(paths(Kind::AutoScalingGroup, group).len(), 2);
    }
}
