//! Classic Load Balancers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Attribute;
use crate::{ClassicLoadBalancerId, InstanceId, SecurityGroupId, SubnetId, Tags, Timestamp, VpcId};

/// A Classic Load Balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ClassicLoadBalancer {
    /// The id, made of the name: see [`ClassicLoadBalancerId::from_name`].
    pub load_balancer_id: ClassicLoadBalancerId,
    /// The name, by which AWS knows it.
    pub load_balancer_name: SmolStr,
    /// The name under which clients reach it.
    #[serde(
        default,
        rename = "DNSName",
        alias = "DnsName",
        skip_serializing_if = "Option::is_none"
    )]
    pub dns_name: Option<SmolStr>,
    /// The hosted zone of that name.
    #[serde(
        default,
        rename = "CanonicalHostedZoneNameID",
        skip_serializing_if = "Option::is_none"
    )]
    pub canonical_hosted_zone_name_id: Option<SmolStr>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
    /// `internet-facing` or `internal`.
    #[serde(default = "internet_facing")]
    pub scheme: SmolStr,
    /// The VPC.
    #[serde(
        default,
        rename = "VPCId",
        alias = "VpcId",
        skip_serializing_if = "Option::is_none"
    )]
    pub vpc_id: Option<VpcId>,
    /// Its zones.
    #[serde(default)]
    pub availability_zones: Vec<SmolStr>,
    /// Its subnets.
    #[serde(default)]
    pub subnets: Vec<SubnetId>,
    /// Its security groups.
    #[serde(default)]
    pub security_groups: Vec<SecurityGroupId>,
    /// Its listeners.
    #[serde(default)]
    pub listener_descriptions: Vec<ClassicListenerDescription>,
    /// The registered instances.
    #[serde(default)]
    pub instances: Vec<ClassicInstance>,
    /// How instances are checked.
    #[serde(default)]
    pub health_check: ClassicHealthCheck,
    /// Attributes that were set: `describe-load-balancer-attributes`, by dotted names such as
    /// `CrossZoneLoadBalancing.Enabled`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Tags: `describe-tags`.
    #[serde(default)]
    pub tags: Tags,
}

fn internet_facing() -> SmolStr {
    SmolStr::new_static("internet-facing")
}

/// A listener with its policies, of which the twin has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ClassicListenerDescription {
    /// The listener.
    pub listener: ClassicListener,
    /// The names of its policies.
    #[serde(default)]
    pub policy_names: Vec<SmolStr>,
}

/// A listener.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ClassicListener {
    /// The protocol at the front: HTTP, HTTPS, TCP or SSL.
    pub protocol: SmolStr,
    /// The port at the front.
    pub load_balancer_port: u32,
    /// The protocol at the back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_protocol: Option<SmolStr>,
    /// The port at the back.
    pub instance_port: u32,
    /// The certificate of HTTPS and SSL.
    #[serde(rename = "SSLCertificateId", skip_serializing_if = "Option::is_none")]
    pub ssl_certificate_id: Option<SmolStr>,
}

/// A registered instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ClassicInstance {
    /// The instance.
    pub instance_id: InstanceId,
    /// Since when it is registered, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_at: Option<Timestamp>,
}

/// How instances are checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ClassicHealthCheck {
    /// Protocol, port and path (`HTTP:80/index.html`).
    pub target: SmolStr,
    /// The seconds between checks.
    pub interval: u32,
    /// After how many seconds a check has failed.
    pub timeout: u32,
    /// After how many bad checks an instance is out of service.
    pub unhealthy_threshold: u32,
    /// After how many good checks it is in service.
    pub healthy_threshold: u32,
}

impl Default for ClassicHealthCheck {
    /// AWS's own check where none was configured; its port is that of the first listener.
    fn default() -> Self {
        ClassicHealthCheck {
            target: SmolStr::new_static("TCP:80"),
            interval: 30,
            timeout: 5,
            unhealthy_threshold: 2,
            healthy_threshold: 10,
        }
    }
}
