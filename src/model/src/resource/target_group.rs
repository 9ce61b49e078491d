//! Target groups of load balancers, and the actions that forward to them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Attribute;
use super::load_balancer::{ipv4, parts_of_arn};
use crate::open_enum::open_enum;
use crate::{Tags, TargetGroupId, Timestamp, VpcId};

open_enum!(
    /// What the targets of a group are.
    TargetType { Instance = "instance", Ip = "ip", Lambda = "lambda", Alb = "alb" } default Instance
);

/// A target group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TargetGroup {
    /// The id, made of the name: see [`TargetGroupId::from_name`].
    pub target_group_id: TargetGroupId,
    /// The name; unique in the Region.
    pub target_group_name: SmolStr,
    /// The ARN, by which AWS knows it.
    #[serde(default)]
    pub target_group_arn: SmolStr,
    /// The protocol; a group of functions has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<SmolStr>,
    /// The version of HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol_version: Option<SmolStr>,
    /// The port; a group of functions has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The VPC; a group of functions has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    /// Whether targets are checked.
    #[serde(default = "yes")]
    pub health_check_enabled: bool,
    /// The protocol of the checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check_protocol: Option<SmolStr>,
    /// The port of the checks, or `traffic-port`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check_port: Option<SmolStr>,
    /// The path of the checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check_path: Option<SmolStr>,
    /// The seconds between checks.
    #[serde(default = "thirty")]
    pub health_check_interval_seconds: u32,
    /// After how many seconds a check has failed.
    #[serde(default = "five")]
    pub health_check_timeout_seconds: u32,
    /// After how many good checks a target is healthy.
    #[serde(default = "five")]
    pub healthy_threshold_count: u32,
    /// After how many bad checks a target is unhealthy.
    #[serde(default = "two")]
    pub unhealthy_threshold_count: u32,
    /// The answers that count as good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matcher: Option<Matcher>,
    /// The load balancers that forward to it.
    #[serde(default)]
    pub load_balancer_arns: Vec<SmolStr>,
    /// What its targets are.
    #[serde(default)]
    pub target_type: TargetType,
    /// `ipv4` or `ipv6`.
    #[serde(default = "ipv4")]
    pub ip_address_type: SmolStr,
    /// Attributes: those that were set, or all of them where AWS was asked
    /// (`describe-target-group-attributes`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// The registered targets: `describe-target-health`, without their health, which follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// Tags: `describe-tags`.
    #[serde(default)]
    pub tags: Tags,
}

impl TargetGroupId {
    /// The id of the target group of an ARN (`…:targetgroup/NAME/…`).
    pub fn from_arn(arn: &str) -> Option<Self> {
        let (region, resource) = parts_of_arn(arn)?;
        let name = resource.strip_prefix("targetgroup/")?.split('/').next()?;
        Some(Self::from_name(&region, name))
    }
}

impl TargetGroup {
    /// The value of an attribute, where it was set.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        all.find(|it| it.key == key).map(|it| it.value.as_str())
    }
}

const fn yes() -> bool {
    true
}

const fn thirty() -> u32 {
    30
}

const fn five() -> u32 {
    5
}

const fn two() -> u32 {
    2
}

/// The answers to a health check that count as good.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Matcher {
    /// Codes of HTTP (`200`, `200,202`, `200-299`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_code: Option<SmolStr>,
    /// Codes of gRPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc_code: Option<SmolStr>,
}

/// A registered target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Target {
    /// An instance, an address, or an ARN, as the type of the group says.
    pub id: SmolStr,
    /// The port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The zone of an address outside the VPC, or `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<SmolStr>,
    /// Since when it is registered, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_at: Option<Timestamp>,
    /// Since when it is being deregistered, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draining_since: Option<Timestamp>,
}

/// What a listener or rule does with a request. Authentication is not modelled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ListenerAction {
    /// `forward`, `redirect` or `fixed-response`.
    pub r#type: SmolStr,
    /// The place among several actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<u32>,
    /// Where a single target group is forwarded to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_group_arn: Option<SmolStr>,
    /// Where several are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forward_config: Option<ForwardConfig>,
    /// Where a redirection leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_config: Option<RedirectConfig>,
    /// What is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed_response_config: Option<FixedResponseConfig>,
}

impl ListenerAction {
    /// The ARNs of the target groups that it forwards to.
    pub fn target_group_arns(&self) -> impl Iterator<Item = &str> {
        let several = self.forward_config.iter().flat_map(|it| &it.target_groups);
        let several = several.map(|it| it.target_group_arn.as_str());
        self.target_group_arn.as_deref().into_iter().chain(several)
    }
}

/// Forwarding to target groups by weight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ForwardConfig {
    /// The groups.
    pub target_groups: Vec<TargetGroupTuple>,
    /// Whether a client stays with its group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_group_stickiness_config: Option<TargetGroupStickinessConfig>,
}

/// A target group with its weight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct TargetGroupTuple {
    /// The group.
    pub target_group_arn: SmolStr,
    /// The weight, 0 to 999.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
}

/// Whether a client stays with its target group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct TargetGroupStickinessConfig {
    /// Whether it does.
    pub enabled: bool,
    /// For how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u32>,
}

/// Where a redirection leads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct RedirectConfig {
    /// The protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<SmolStr>,
    /// The port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<SmolStr>,
    /// The host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<SmolStr>,
    /// The path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<SmolStr>,
    /// The query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<SmolStr>,
    /// `HTTP_301` or `HTTP_302`.
    pub status_code: SmolStr,
}

/// What is answered by the balancer itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct FixedResponseConfig {
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_body: Option<SmolStr>,
    /// The code.
    pub status_code: SmolStr,
    /// The type of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<SmolStr>,
}
