//! Condition keys: what of a resource, there or asked for, and of a request they show.

use sandtable_model::{AvailabilityZone, Tags};
use serde_json::Value;

use super::context::Context;
use super::service_keys;
use super::table::Table;
use crate::wire::Api;
use crate::{dispatch, place};

/// Where the value of a key comes from. Paths lead through a describe answer's members; a resource
/// that is yet to be made has those of the request, which are called alike.
pub(super) enum Source {
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
    /// The first of these members of the request itself, whatever it is about.
    Asked(&'static [&'static str]),
    /// As [`Source::Asked`], with what AWS takes when none is there.
    AskedOr(&'static [&'static str], &'static str),
    /// All values of these members of the request.
    AllAsked(&'static [&'static str]),
    /// The values of a member of the request that stand in one text, with commas between them.
    SplitAsked(&'static str),
}

use Source::{AllAsked, Always, Arn, Asked, AskedOr, Id, Member, Or, SplitAsked, ZoneId};

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
    (
        "ec2:Add/group",
        AllAsked(&[
            "CreateVolumePermission.Add.Group",
            "LaunchPermission.Add.Group",
        ]),
    ),
    (
        "ec2:Add/userId",
        AllAsked(&[
            "CreateVolumePermission.Add.UserId",
            "LaunchPermission.Add.UserId",
        ]),
    ),
    (
        "ec2:AssociatePublicIpAddress",
        AllAsked(&["NetworkInterfaces.AssociatePublicIpAddress"]),
    ),
    ("ec2:AuthorizedService", Asked(&["AwsService"])),
    ("ec2:AutoPlacement", Or(&["AutoPlacement"], "on")),
    ("ec2:EndDate", Member(&["EndDate"])),
    ("ec2:EndDateType", Or(&["EndDateType"], "unlimited")),
    ("ec2:HostRecovery", Or(&["HostRecovery"], "off")),
    (
        "ec2:InstanceAutoRecovery",
        Or(&["MaintenanceOptions.AutoRecovery"], "default"),
    ),
    (
        "ec2:InstanceCount",
        Member(&["TotalInstanceCount", "InstanceCount"]),
    ),
    (
        "ec2:InstanceMatchCriteria",
        Or(&["InstanceMatchCriteria"], "open"),
    ),
    (
        "ec2:InstanceMetadataTags",
        Or(&["MetadataOptions.InstanceMetadataTags"], "disabled"),
    ),
    ("ec2:InstancePlatform", Member(&["InstancePlatform"])),
    (
        "ec2:ManagedResourceOperator",
        Member(&["Operator.Principal"]),
    ),
    ("ec2:OutpostArn", Member(&["OutpostArn"])),
    ("ec2:Permission", Asked(&["Permission"])),
    (
        "ec2:Remove/group",
        AllAsked(&[
            "CreateVolumePermission.Remove.Group",
            "LaunchPermission.Remove.Group",
        ]),
    ),
    (
        "ec2:Remove/userId",
        AllAsked(&[
            "CreateVolumePermission.Remove.UserId",
            "LaunchPermission.Remove.UserId",
        ]),
    ),
    ("ec2:SnapshotCoolOffPeriod", Asked(&["CoolOffPeriod"])),
    ("ec2:SnapshotLockDuration", Asked(&["LockDuration"])),
    ("ec2:SourceOutpostArn", Member(&["SourceOutpostArn"])),
    (
        "ec2:VolumeInitializationRate",
        Member(&["VolumeInitializationRate"]),
    ),
];

const ZONE: &[&str] = &["AvailabilityZone", "Placement.AvailabilityZone"];

/// Keys that a call has whatever it is about.
const OF_CALLS: &[&str] = &[
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalType",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:SecureTransport",
    "aws:TagKeys",
    "aws:ViaAWSService",
    "aws:username",
    "ec2:Attribute",
    "ec2:CreateAction",
    "ec2:IsLaunchTemplateResource",
    "ec2:LaunchTemplate",
    "ec2:NewInstanceProfile",
    "ec2:Region",
    "elasticloadbalancing:CreateAction",
    "iam:AWSServiceName",
    "iam:AssociatedResourceArn",
    "iam:PassedToService",
];

/// Keys that end in a tag's key: of a tag of the resource, or of one that the request gives or takes.
const OF_TAGS: &[(&str, Whose)] = &[
    ("autoscaling:ResourceTag/", Whose::Resource),
    ("aws:RequestTag/", Whose::Request),
    ("aws:ResourceTag/", Whose::Resource),
    ("ec2:ResourceTag/", Whose::Resource),
    ("elasticloadbalancing:ResourceTag/", Whose::Resource),
    ("iam:ResourceTag/", Whose::Resource),
    ("rds:db-tag/", Whose::Resource),
    ("rds:og-tag/", Whose::Resource),
    ("rds:pg-tag/", Whose::Resource),
    ("rds:req-tag/", Whose::Request),
    ("rds:secgrp-tag/", Whose::Resource),
    ("rds:snapshot-tag/", Whose::Resource),
    ("rds:subgrp-tag/", Whose::Resource),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Resource,
    Request,
}

/// Whether the twin knows the value of a condition key, or knows that there is none.
pub(super) fn is_known(key: &str) -> bool {
    let mut names = rows().map(|(name, _)| name).chain(OF_CALLS.iter().copied());
    let of_tags = |(stem, _): &(&str, Whose)| starts_with(key, stem) && key.len() > stem.len();
    if names.any(|it| it.eq_ignore_ascii_case(key)) || OF_TAGS.iter().any(of_tags) {
        return true;
    }
    let service = key.split(':').next().unwrap_or_default();
    if service.eq_ignore_ascii_case("aws") {
        return false;
    }
    let of_service = |api: &Api| Table::of(*api).service.eq_ignore_ascii_case(service);
    let mut apis = Api::ALL.into_iter().filter(of_service).peekable();
    // No call of the twin's services has the keys of another service.
    let Some(api) = apis.peek() else {
        return true;
    };
    // A key of actions that the twin does not model is one that no call of it has.
    let has_it = |(api, action): (Api, &str)| {
        Table::of(api).service.eq_ignore_ascii_case(service)
            && Table::of(api).action_has_key(action, key)
    };
    Table::of(*api).names_key(key) && !dispatch::modelled_operations().into_iter().any(has_it)
}

fn rows() -> impl Iterator<Item = (&'static str, &'static Source)> {
    let all = KEYS.iter().chain(service_keys::KEYS);
    all.map(|(name, source)| (*name, source))
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
    /// The request.
    pub(super) input: &'a Value,
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
        if let Some((_, whose)) = OF_TAGS.iter().find(|(stem, _)| stem == name) {
            show_tags(shown, name, *whose, into);
            continue;
        }
        if *name == "aws:TagKeys" {
            let keys = shown.request_tags.iter().map(|(key, _)| key.clone());
            into.set_all(name, keys.collect());
            continue;
        }
        if let Some((_, source)) = rows().find(|(it, _)| it == name) {
            let values = source.values(shown);
            if !values.is_empty() {
                into.set_all(name, values);
            }
        }
    }
}

fn show_tags(shown: &Shown<'_>, stem: &str, whose: Whose, into: &mut Context) {
    match whose {
        Whose::Resource => {
            for (key, value) in shown.tags.into_iter().flat_map(Tags::iter) {
                into.add(&format!("{stem}{key}"), value);
            }
        }
        Whose::Request => {
            for (key, value) in shown.request_tags {
                if let Some(value) = value {
                    into.add(&format!("{stem}{key}"), value);
                }
            }
        }
    }
}

impl Source {
    fn values(&self, shown: &Shown<'_>) -> Vec<String> {
        let first = |of: &Value, paths: &[&str]| paths.iter().find_map(|path| text_at(of, path));
        let (members, input) = (shown.members, shown.input);
        let only = match self {
            Member(paths) => first(members, paths),
            Or(paths, usual) => Some(first(members, paths).unwrap_or_else(|| (*usual).to_owned())),
            Id => shown.id.map(str::to_owned),
            Arn(kind, paths) => first(members, paths).map(|id| (shown.arn)(kind, &id)),
            ZoneId => {
                let zone = first(members, ZONE).and_then(|it| AvailabilityZone::new(&it).ok());
                zone.map(|it| place::zone_id(&it))
            }
            Always(text) => Some((*text).to_owned()),
            Asked(paths) => first(input, paths),
            AskedOr(paths, usual) => {
                Some(first(input, paths).unwrap_or_else(|| (*usual).to_owned()))
            }
            AllAsked(paths) => {
                return paths
                    .iter()
                    .flat_map(|path| texts_at(input, path))
                    .collect();
            }
            SplitAsked(path) => {
                let text = text_at(input, path).unwrap_or_default();
                let parts = text.split(',').map(|it| it.trim().to_owned());
                return parts.filter(|it| !it.is_empty()).collect();
            }
        };
        only.into_iter().collect()
    }
}

/// The scalar at a path of members.
pub(super) fn text_at(value: &Value, path: &str) -> Option<String> {
    let mut at = value;
    for name in path.split('.') {
        at = at.get(name)?;
    }
    scalar(at)
}

/// The scalars at a path of members, through lists.
pub(super) fn texts_at(value: &Value, path: &str) -> Vec<String> {
    let mut at = vec![value];
    for name in path.split('.') {
        let next = at.into_iter().flat_map(|it| match it {
            Value::Array(all) => all.iter().filter_map(|it| it.get(name)).collect(),
            one => one.get(name).into_iter().collect::<Vec<_>>(),
        });
        at = next.collect();
    }
    let flat = at.into_iter().flat_map(|it| match it {
        Value::Array(all) => all.iter().filter_map(scalar).collect(),
        one => scalar(one).into_iter().collect::<Vec<_>>(),
    });
    flat.collect()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|it| !it.is_empty()),
        Value::Bool(it) => Some(it.to_string()),
        Value::Number(it) => Some(it.to_string()),
        _ => None,
    }
}

#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    rows().map(|(name, _)| name)
}
