//! Condition keys of EC2: what of a resource, there or asked for, they show.

use sandtable_model::{AvailabilityZone, Tags};
use serde_json::Value;

use super::context::Context;
use crate::place;

/// Where the value of a key comes from. Paths lead through a describe answer's members; a resource
/// that is yet to be made has those of the request, which are called alike.
enum Source {
    /// The first of these members that is there.
    Member(&'static [&'static str]),
    /// As [`Source::Member`], with what AWS takes when none is there.
    Or(&'static [&'static str], &'static str),
    /// The id of the resource itself.
    Id,
    /// The ARN of another resource: its type, and the members that name it.
    Arn(&'static str, &'static [&'static str]),
    /// The id of the zone that these members name.
    ZoneId,
    /// Always this.
    Always(&'static str),
}

use Source::{Always, Arn, Id, Member, Or, ZoneId};

/// The keys of EC2 that describe a resource (Service Authorization Reference, "Condition keys for
/// Amazon EC2"). Those of tags and of the call itself are set elsewhere.
const KEYS: &[(&str, Source)] = &[
    (
        "ec2:AccepterVpc",
        Arn("vpc", &["AccepterVpcInfo.VpcId", "PeerVpcId"]),
    ),
    ("ec2:AllocationId", Id),
    ("ec2:AvailabilityZone", Member(ZONE)),
    ("ec2:AvailabilityZoneId", ZoneId),
    ("ec2:DhcpOptionsID", Id),
    ("ec2:Domain", Or(&["Domain"], "vpc")),
    ("ec2:EbsOptimized", Or(&["EbsOptimized"], "false")),
    ("ec2:Encrypted", Or(&["Encrypted"], "false")),
    ("ec2:ImageID", Id),
    ("ec2:ImageType", Or(&["ImageType"], "machine")),
    ("ec2:InstanceID", Id),
    (
        "ec2:InstanceMarketType",
        Or(
            &["InstanceLifecycle", "InstanceMarketOptions.MarketType"],
            "on-demand",
        ),
    ),
    ("ec2:InstanceProfile", Member(&["IamInstanceProfile.Arn"])),
    ("ec2:InstanceType", Member(&["InstanceType"])),
    ("ec2:InternetGatewayID", Id),
    ("ec2:KeyPairName", Member(&["KeyName"])),
    ("ec2:KeyPairType", Or(&["KeyType"], "rsa")),
    ("ec2:KmsKeyId", Member(&["KmsKeyId"])),
    (
        "ec2:MetadataHttpEndpoint",
        Member(&["MetadataOptions.HttpEndpoint"]),
    ),
    (
        "ec2:MetadataHttpPutResponseHopLimit",
        Member(&["MetadataOptions.HttpPutResponseHopLimit"]),
    ),
    (
        "ec2:MetadataHttpTokens",
        Member(&["MetadataOptions.HttpTokens"]),
    ),
    ("ec2:NetworkAclID", Id),
    ("ec2:NetworkInterfaceID", Id),
    ("ec2:Owner", Member(&["ImageOwnerAlias", "OwnerId"])),
    ("ec2:ParentSnapshot", Arn("snapshot", &["SnapshotId"])),
    ("ec2:ParentVolume", Arn("volume", &["VolumeId"])),
    (
        "ec2:PlacementGroup",
        Arn("placement-group", &["Placement.GroupName"]),
    ),
    ("ec2:PlacementGroupName", Member(&["GroupName"])),
    ("ec2:PlacementGroupStrategy", Member(&["Strategy"])),
    ("ec2:Public", Or(&["Public"], "false")),
    ("ec2:PublicIpAddress", Member(&["PublicIp"])),
    ("ec2:Quantity", Member(&["Quantity"])),
    (
        "ec2:RequesterVpc",
        Arn("vpc", &["RequesterVpcInfo.VpcId", "VpcId"]),
    ),
    ("ec2:RootDeviceType", Or(&["RootDeviceType"], "ebs")),
    ("ec2:RouteTableID", Id),
    ("ec2:SecurityGroupID", Id),
    ("ec2:SnapshotID", Id),
    ("ec2:SnapshotTime", Member(&["StartTime"])),
    ("ec2:Subnet", Arn("subnet", &["SubnetId"])),
    ("ec2:SubnetID", Id),
    (
        "ec2:Tenancy",
        Or(&["Placement.Tenancy", "InstanceTenancy"], "default"),
    ),
    ("ec2:VolumeID", Id),
    ("ec2:VolumeIops", Member(&["Iops"])),
    ("ec2:VolumeSize", Member(&["Size", "VolumeSize"])),
    ("ec2:VolumeThroughput", Member(&["Throughput"])),
    ("ec2:VolumeType", Or(&["VolumeType"], "gp2")),
    ("ec2:Vpc", Arn("vpc", &["VpcId"])),
    ("ec2:VpcID", Id),
    ("ec2:VpcPeeringConnectionID", Id),
    ("ec2:VpceMultiRegion", Always("false")),
    ("ec2:VpceServiceName", Member(&["ServiceName"])),
    ("ec2:transitGatewayAttachmentId", Id),
    ("ec2:transitGatewayId", Id),
    ("ec2:transitGatewayRouteTableId", Id),
];

const ZONE: &[&str] = &["AvailabilityZone", "Placement.AvailabilityZone"];

/// Keys that a call has whatever it is about.
const OF_CALLS: &[&str] = &[
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalType",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:SecureTransport",
    "aws:TagKeys",
    "aws:ViaAWSService",
    "aws:username",
    "ec2:Attribute",
    "ec2:CreateAction",
    "ec2:Region",
];

/// Keys that end in a tag's key.
const OF_TAGS: &[&str] = &["aws:RequestTag/", "aws:ResourceTag/", "ec2:ResourceTag/"];

/// Whether the twin knows the value of a condition key, or knows that there is none.
pub(super) fn is_known(key: &str) -> bool {
    let is_ours = ["aws:", "ec2:"].iter().any(|it| starts_with(key, it));
    let names = KEYS.iter().map(|(name, _)| name).chain(OF_CALLS);
    // No call of EC2 has the keys of another service.
    !is_ours
        || names.into_iter().any(|it| it.eq_ignore_ascii_case(key))
        || OF_TAGS
            .iter()
            .any(|it| starts_with(key, it) && key.len() > it.len())
}

fn starts_with(text: &str, prefix: &str) -> bool {
    let head = text.get(..prefix.len());
    head.is_some_and(|it| it.eq_ignore_ascii_case(prefix))
}

/// A resource as condition keys see it.
pub(super) struct Shown<'a> {
    /// Its id; nothing when it is yet to be made.
    pub(super) id: Option<&'a str>,
    /// Its members; those of the request when it is yet to be made.
    pub(super) members: &'a Value,
    /// Its tags.
    pub(super) tags: Option<&'a Tags>,
    /// The tags that the request gives it or takes.
    pub(super) request_tags: &'a [(String, Option<String>)],
    /// Writes the ARN of another resource.
    pub(super) arn: &'a dyn Fn(&str, &str) -> String,
}

/// Sets the keys out of `names` that a resource has.
pub(super) fn show(shown: &Shown<'_>, names: &[&'static str], into: &mut Context) {
    for name in names {
        match *name {
            "aws:ResourceTag/" | "ec2:ResourceTag/" => {
                for (key, value) in shown.tags.into_iter().flat_map(Tags::iter) {
                    into.add(&format!("{name}{key}"), value);
                }
            }
            "aws:RequestTag/" => {
                for (key, value) in shown.request_tags {
                    if let Some(value) = value {
                        into.add(&format!("{name}{key}"), value);
                    }
                }
            }
            "aws:TagKeys" => {
                let keys = shown.request_tags.iter().map(|(key, _)| key.clone());
                into.set_all(name, keys.collect());
            }
            name => {
                let row = KEYS.iter().find(|(it, _)| *it == name);
                if let Some(value) = row.and_then(|(_, source)| source.value(shown)) {
                    into.set(name, value);
                }
            }
        }
    }
}

impl Source {
    fn value(&self, shown: &Shown<'_>) -> Option<String> {
        let first = |paths: &[&str]| paths.iter().find_map(|path| text_at(shown.members, path));
        match self {
            Member(paths) => first(paths),
            Or(paths, usual) => Some(first(paths).unwrap_or_else(|| (*usual).to_owned())),
            Id => shown.id.map(str::to_owned),
            Arn(kind, paths) => first(paths).map(|id| (shown.arn)(kind, &id)),
            ZoneId => {
                let zone = AvailabilityZone::new(&first(ZONE)?).ok()?;
                Some(place::zone_id(&zone))
            }
            Always(text) => Some((*text).to_owned()),
        }
    }
}

/// The scalar at a path of members.
pub(super) fn text_at(value: &Value, path: &str) -> Option<String> {
    let mut at = value;
    for name in path.split('.') {
        at = at.get(name)?;
    }
    match at {
        Value::String(text) => Some(text.clone()).filter(|it| !it.is_empty()),
        Value::Bool(it) => Some(it.to_string()),
        Value::Number(it) => Some(it.to_string()),
        _ => None,
    }
}

#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(name, _)| *name)
}
