//! Application, Network and Gateway Load Balancers.
//!
//! A document carries with a balancer what AWS tells in calls of their own: its listeners with their
//! rules, and its attributes. Target groups stand in a file of their own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::ListenerAction;
use crate::open_enum::open_enum;
use crate::{
    AllocationId, LoadBalancerId, Region, SecurityGroupId, SubnetId, Tags, Timestamp, VpcId,
};

open_enum!(
    /// The type of a load balancer.
    LoadBalancerType { Application = "application", Network = "network", Gateway = "gateway" } default Application
);
open_enum!(
    /// Whether a load balancer has public addresses.
    LoadBalancerScheme { InternetFacing = "internet-facing", Internal = "internal" } default InternetFacing
);
open_enum!(
    /// The state of a load balancer.
    LoadBalancerStateCode { Active = "active", Provisioning = "provisioning", ActiveImpaired = "active_impaired", Failed = "failed" } default Active
);

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LoadBalancer {
    /// The id, made of the name: see [`LoadBalancerId::from_name`].
    pub load_balancer_id: LoadBalancerId,
    /// The name; unique among the load balancers of all types in the Region.
    pub load_balancer_name: SmolStr,
    /// The ARN, by which AWS knows it.
    #[serde(default)]
    pub load_balancer_arn: SmolStr,
    /// The name under which clients reach it.
    #[serde(
        default,
        rename = "DNSName",
        alias = "DnsName",
        skip_serializing_if = "Option::is_none"
    )]
    pub dns_name: Option<SmolStr>,
    /// The hosted zone of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_hosted_zone_id: Option<SmolStr>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
    /// Whether it has public addresses.
    #[serde(default)]
    pub scheme: LoadBalancerScheme,
    /// The VPC.
    pub vpc_id: VpcId,
    /// The state.
    #[serde(default)]
    pub state: LoadBalancerState,
    /// The type.
    #[serde(default)]
    pub r#type: LoadBalancerType,
    /// Its subnets, one a zone.
    #[serde(default)]
    pub availability_zones: Vec<LoadBalancerZone>,
    /// Its security groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_groups: Vec<SecurityGroupId>,
    /// `ipv4` or `dualstack`.
    #[serde(default = "ipv4")]
    pub ip_address_type: SmolStr,
    /// Attributes: those that were set, or all of them where AWS was asked
    /// (`describe-load-balancer-attributes`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Its listeners: `describe-listeners`, each with its `describe-rules`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listeners: Vec<Listener>,
    /// Tags: `describe-tags`.
    #[serde(default)]
    pub tags: Tags,
}

impl LoadBalancerId {
    /// The id of the load balancer of an ARN (`…:loadbalancer/app/NAME/…`).
    pub fn from_arn(arn: &str) -> Option<Self> {
        let (region, resource) = parts_of_arn(arn)?;
        let mut parts = resource.strip_prefix("loadbalancer/")?.split('/');
        let name = parts.nth(1)?;
        Some(Self::from_name(&region, name))
    }
}

/// Region and resource of an ARN.
pub(super) fn parts_of_arn(arn: &str) -> Option<(Region, &str)> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':').skip(2);
    let region = Region::new(parts.next()?).ok()?;
    Some((region, parts.nth(1)?))
}

pub(super) fn ipv4() -> SmolStr {
    SmolStr::new_static("ipv4")
}

impl LoadBalancer {
    /// The value of an attribute, where it was set.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        all.find(|it| it.key == key).map(|it| it.value.as_str())
    }

    /// The subnets.
    pub fn subnet_ids(&self) -> impl Iterator<Item = &SubnetId> {
        self.availability_zones.iter().map(|it| &it.subnet_id)
    }

    /// The ARNs of the target groups to which listeners and rules forward, each once, sorted.
    pub fn target_group_arns(&self) -> Vec<&str> {
        let actions = self.listeners.iter().flat_map(|listener| {
            let rules = listener.rules.iter().flat_map(|rule| &rule.actions);
            listener.default_actions.iter().chain(rules)
        });
        let mut arns: Vec<&str> = actions
            .flat_map(ListenerAction::target_group_arns)
            .collect();
        arns.sort_unstable();
        arns.dedup();
        arns
    }
}

/// The state of a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct LoadBalancerState {
    /// The state.
    pub code: LoadBalancerStateCode,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<SmolStr>,
}

/// A zone of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LoadBalancerZone {
    /// The zone.
    pub zone_name: SmolStr,
    /// The subnet in it.
    pub subnet_id: SubnetId,
    /// Fixed addresses of a Network Load Balancer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub load_balancer_addresses: Vec<LoadBalancerAddress>,
}

/// A fixed address of a Network Load Balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct LoadBalancerAddress {
    /// The public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<SmolStr>,
    /// The Elastic IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<AllocationId>,
    /// The private address.
    #[serde(rename = "PrivateIPv4Address", skip_serializing_if = "Option::is_none")]
    pub private_ipv4_address: Option<SmolStr>,
}

/// An attribute of a load balancer or target group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Attribute {
    /// The name.
    pub key: SmolStr,
    /// The value.
    #[serde(default)]
    pub value: SmolStr,
}

/// A listener of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Listener {
    /// The ARN.
    pub listener_arn: SmolStr,
    /// The port; a Gateway Load Balancer's listener has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The protocol; a Gateway Load Balancer's listener has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<SmolStr>,
    /// The certificate of HTTPS and TLS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<ListenerCertificate>,
    /// The security policy of HTTPS and TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssl_policy: Option<SmolStr>,
    /// What is done when no rule applies.
    #[serde(default)]
    pub default_actions: Vec<ListenerAction>,
    /// The rules, the default one aside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<ListenerRule>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The certificate of a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ListenerCertificate {
    /// The certificate's ARN.
    pub certificate_arn: SmolStr,
}

/// A rule of a listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ListenerRule {
    /// The ARN.
    pub rule_arn: SmolStr,
    /// The priority; lower ones first.
    pub priority: u32,
    /// When it applies.
    #[serde(default)]
    pub conditions: Vec<RuleCondition>,
    /// What is done then.
    #[serde(default)]
    pub actions: Vec<ListenerAction>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// When a rule applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct RuleCondition {
    /// `host-header`, `path-pattern`, `http-request-method` or `source-ip`.
    pub field: SmolStr,
    /// What is compared, any of which may match.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<SmolStr>,
    /// The same under the name of `host-header`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_header_config: Option<ConditionValues>,
    /// The same under the name of `path-pattern`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_pattern_config: Option<ConditionValues>,
    /// The methods of `http-request-method`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_request_method_config: Option<ConditionValues>,
    /// The blocks of `source-ip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ip_config: Option<ConditionValues>,
}

/// The values of a condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ConditionValues {
    /// What is compared.
    pub values: Vec<SmolStr>,
}
