//! What instances are started with and kept by: keys, templates, groups, reserved capacity.

use sandtable_model::resource::Instance;
use sandtable_model::{
    CapacityReservationId, HostId, ImageId, InstanceId, KeyPairId, Kind, LaunchTemplateId,
    PlacementGroupId, SecurityGroupId, SubnetId,
};
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::Builder;

/// A key pair, by name.
pub(super) fn key_pair(builder: &mut Builder) -> SmolStr {
    let name = SmolStr::from(format!("ops-{}", builder.cells));
    let told = json!({
        "KeyPairId": builder.id(KeyPairId::from_number), "KeyName": name, "KeyType": "ed25519",
        "CreateTime": Builder::days_ago(400),
    });
    builder.put(Kind::KeyPair, told);
    name
}

/// A placement group that spreads its instances.
pub(super) fn placement_group(builder: &mut Builder) -> (PlacementGroupId, SmolStr) {
    let name = SmolStr::from(format!("spread-{}", builder.cells));
    let id = builder.id(PlacementGroupId::from_number);
    let told = json!({
        "GroupId": id, "GroupName": name, "State": "available", "Strategy": "spread",
        "SpreadLevel": "rack",
        "GroupArn": builder.arn("ec2", &format!("placement-group/{name}")),
    });
    builder.put(Kind::PlacementGroup, told);
    (id, name)
}

/// A reservation of `total` instances of which some are not taken.
pub(super) fn reservation(
    builder: &mut Builder,
    total: u32,
    available: u32,
) -> CapacityReservationId {
    let id = builder.id(CapacityReservationId::from_number);
    let since = Builder::days_ago(60);
    let told = json!({
        "CapacityReservationId": id, "OwnerId": builder.account,
        "CapacityReservationArn": builder.arn("ec2", &format!("capacity-reservation/{id}")),
        "InstanceType": "m6i.large", "InstancePlatform": "Linux/UNIX",
        "AvailabilityZone": format!("{}a", builder.region), "Tenancy": "default",
        "TotalInstanceCount": total, "AvailableInstanceCount": available, "State": "active",
        "EndDateType": "unlimited", "InstanceMatchCriteria": "targeted",
        "CreateDate": since, "StartDate": since,
    });
    builder.put(Kind::CapacityReservation, told);
    id
}

/// A Dedicated Host for `m6i.large`.
pub(super) fn host(builder: &mut Builder) -> HostId {
    let id = builder.id(HostId::from_number);
    let told = json!({
        "HostId": id, "OwnerId": builder.account,
        "AvailabilityZone": format!("{}a", builder.region), "AutoPlacement": "off",
        "HostProperties": {"Cores": 64, "InstanceType": "m6i.large", "Sockets": 2, "TotalVCpus": 128},
        "State": "available", "AllocationTime": Builder::days_ago(150),
    });
    builder.put(Kind::DedicatedHost, told);
    id
}

/// A launch template with a version for each of the images, the last of them the default.
pub(super) fn template(
    builder: &mut Builder,
    name: &str,
    images: &[ImageId],
    guard: Option<&SecurityGroupId>,
) -> LaunchTemplateId {
    let id = builder.id(LaunchTemplateId::from_number);
    let since = Builder::days_ago(250);
    let guards: Vec<&SecurityGroupId> = guard.into_iter().collect();
    let version = |(index, image): (usize, &ImageId)| {
        json!({
            "VersionNumber": index + 1, "CreateTime": since,
            "LaunchTemplateData": {
                "ImageId": image, "InstanceType": "m6i.large", "SecurityGroupIds": guards,
            },
        })
    };
    let versions: Vec<Value> = images.iter().enumerate().map(version).collect();
    let told = json!({
        "LaunchTemplateId": id, "LaunchTemplateName": name, "CreateTime": since,
        "DefaultVersionNumber": images.len(), "LatestVersionNumber": images.len(),
        "Versions": versions,
    });
    builder.put(Kind::LaunchTemplate, told);
    id
}

/// The name of the cell's Auto Scaling group.
pub(super) fn scaling_name(builder: &Builder) -> String {
    format!("app-{}", builder.cells)
}

/// An Auto Scaling group of instances that carry its tag, after a launch template.
pub(super) fn scaling_group(
    builder: &mut Builder,
    subnet: &SubnetId,
    template: &LaunchTemplateId,
    instances: &[InstanceId],
    targets: &[String],
) {
    let name = scaling_name(builder);
    let zone = format!("{}a", builder.region);
    let version = json!({
        "LaunchTemplateId": template, "LaunchTemplateName": name, "Version": "$Default",
    });
    let member = |it: &InstanceId| {
        json!({
            "InstanceId": it, "InstanceType": "m6i.large", "AvailabilityZone": zone,
            "LifecycleState": "InService", "HealthStatus": "Healthy", "LaunchTemplate": version,
        })
    };
    let told = json!({
        "AutoScalingGroupId": builder.named_id(Kind::AutoScalingGroup, &name),
        "AutoScalingGroupName": name, "LaunchTemplate": version, "MinSize": 1, "MaxSize": 8,
        "DesiredCapacity": instances.len(), "AvailabilityZones": [zone],
        "VPCZoneIdentifier": subnet, "HealthCheckGracePeriod": 300, "TargetGroupARNs": targets,
        "Instances": instances.iter().map(member).collect::<Vec<Value>>(),
        "CreatedTime": Builder::days_ago(250),
    });
    builder.put(Kind::AutoScalingGroup, told);
}

/// Marks an instance as a member of the cell's Auto Scaling group.
pub(super) fn is_scaled(builder: &Builder, instance: &mut Instance) {
    let name = scaling_name(builder);
    instance
        .tags
        .insert("aws:autoscaling:groupName", name.as_str());
    instance.disable_api_termination = Some(false);
}
