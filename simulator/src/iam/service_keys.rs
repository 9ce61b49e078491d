//! The condition keys of the services beside EC2 (Service Authorization Reference, "Condition keys"
//! of each service). Those of tags and of the call itself are set elsewhere.

use super::keys::Source::{self, AllAsked, Always, Asked, AskedOr, Member, Or, SplitAsked};

pub(super) const KEYS: &[(&str, Source)] = &[
    // EC2 Auto Scaling. `Launched` is what the launch configuration or template says.
    (
        "autoscaling:CapacityReservationIds",
        AllAsked(&[
            "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationIds",
        ]),
    ),
    (
        "autoscaling:CapacityReservationResourceGroupArns",
        AllAsked(&[
            "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArns",
        ]),
    ),
    (
        "autoscaling:ForceDelete",
        AskedOr(&["ForceDelete"], "false"),
    ),
    (
        "autoscaling:ImageId",
        Asked(&["ImageId", "Launched.ImageId"]),
    ),
    (
        "autoscaling:InstanceType",
        Asked(&["InstanceType", "Launched.InstanceType"]),
    ),
    (
        "autoscaling:InstanceTypes",
        AllAsked(&["InstanceType", "Launched.InstanceType"]),
    ),
    (
        "autoscaling:LaunchConfigurationName",
        Asked(&["LaunchConfigurationName"]),
    ),
    (
        "autoscaling:LaunchTemplateVersionSpecified",
        Asked(&["Launched.IsVersionSpecified"]),
    ),
    (
        "autoscaling:LoadBalancerNames",
        AllAsked(&["LoadBalancerNames"]),
    ),
    ("autoscaling:MaxSize", Asked(&["MaxSize"])),
    (
        "autoscaling:MetadataHttpEndpoint",
        Asked(&["MetadataOptions.HttpEndpoint"]),
    ),
    (
        "autoscaling:MetadataHttpPutResponseHopLimit",
        Asked(&["MetadataOptions.HttpPutResponseHopLimit"]),
    ),
    (
        "autoscaling:MetadataHttpTokens",
        Asked(&["MetadataOptions.HttpTokens"]),
    ),
    ("autoscaling:MinSize", Asked(&["MinSize"])),
    ("autoscaling:SpotPrice", Asked(&["SpotPrice"])),
    (
        "autoscaling:TargetGroupARNs",
        AllAsked(&["TargetGroupARNs"]),
    ),
    (
        "autoscaling:TrafficSourceIdentifiers",
        AllAsked(&["TrafficSources.Identifier"]),
    ),
    (
        "autoscaling:VPCZoneIdentifiers",
        SplitAsked("VPCZoneIdentifier"),
    ),
    // CloudWatch.
    ("cloudwatch:namespace", Asked(&["Namespace"])),
    // Elastic Load Balancing.
    (
        "elasticloadbalancing:ListenerProtocol",
        AllAsked(&["Protocol", "Listeners.Protocol"]),
    ),
    (
        "elasticloadbalancing:Scheme",
        AskedOr(&["Scheme"], "internet-facing"),
    ),
    (
        "elasticloadbalancing:SecurityGroup",
        AllAsked(&["SecurityGroups"]),
    ),
    ("elasticloadbalancing:SecurityPolicy", Asked(&["SslPolicy"])),
    (
        "elasticloadbalancing:Subnet",
        AllAsked(&["Subnets", "SubnetMappings.SubnetId"]),
    ),
    // RDS.
    ("rds:BackupTarget", AskedOr(&["BackupTarget"], "region")),
    ("rds:CopyOptionGroup", Asked(&["CopyOptionGroup"])),
    ("rds:DatabaseClass", Member(&["DBInstanceClass"])),
    ("rds:DatabaseEngine", Member(&["Engine"])),
    ("rds:DatabaseName", Member(&["DBName"])),
    (
        "rds:ManageMasterUserPassword",
        Asked(&["ManageMasterUserPassword"]),
    ),
    ("rds:MultiAz", Or(&["MultiAZ"], "false")),
    // "To indicate a DB instance that does not have PIOPS enabled, specify 0."
    ("rds:Piops", Or(&["Iops"], "0")),
    ("rds:PubliclyAccessible", Asked(&["PubliclyAccessible"])),
    ("rds:StorageEncrypted", Or(&["StorageEncrypted"], "false")),
    ("rds:StorageSize", Member(&["AllocatedStorage"])),
    // Whether the DB instance runs in a VPC, which all of the twin's do.
    ("rds:Vpc", Always("true")),
    // STS.
    ("sts:ExternalId", Asked(&["ExternalId"])),
    ("sts:RoleSessionName", Asked(&["RoleSessionName"])),
    ("sts:SourceIdentity", Asked(&["SourceIdentity"])),
    ("sts:TransitiveTagKeys", AllAsked(&["TransitiveTagKeys"])),
];
