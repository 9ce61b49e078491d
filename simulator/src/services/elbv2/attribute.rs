//! Attributes of load balancers and target groups: those that were set over AWS's usual ones.

use sandtable_model::resource::{
    Attribute, LoadBalancer, LoadBalancerType, TargetGroup, TargetType,
};

use super::{balancer, group};
use crate::network::request::{answers, requests};
use crate::services::common::{missing, validation};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeLoadBalancerAttributes.
    DescribeLoadBalancerAttributesRequest { load_balancer_arn: String }
    /// ModifyLoadBalancerAttributes.
    ModifyLoadBalancerAttributesRequest { load_balancer_arn: String, attributes: Vec<Attribute> }
    /// DescribeTargetGroupAttributes.
    DescribeTargetGroupAttributesRequest { target_group_arn: String }
    /// ModifyTargetGroupAttributes.
    ModifyTargetGroupAttributesRequest { target_group_arn: String, attributes: Vec<Attribute> }
}

answers! {
    /// An answer with attributes.
    Attributes { attributes: Vec<Attribute> }
}

type Usual = &'static [(&'static str, &'static str)];

/// The attributes of an Application Load Balancer (ELBv2 API reference, `LoadBalancerAttribute`).
const APPLICATION: Usual = &[
    ("access_logs.s3.bucket", ""),
    ("access_logs.s3.enabled", "false"),
    ("access_logs.s3.prefix", ""),
    ("client_keep_alive.seconds", "3600"),
    ("connection_logs.s3.bucket", ""),
    ("connection_logs.s3.enabled", "false"),
    ("connection_logs.s3.prefix", ""),
    ("deletion_protection.enabled", "false"),
    ("idle_timeout.timeout_seconds", "60"),
    ("load_balancing.cross_zone.enabled", "true"),
    ("routing.http.desync_mitigation_mode", "defensive"),
    ("routing.http.drop_invalid_header_fields.enabled", "false"),
    ("routing.http.preserve_host_header.enabled", "false"),
    (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        "false",
    ),
    ("routing.http.xff_client_port.enabled", "false"),
    ("routing.http.xff_header_processing.mode", "append"),
    ("routing.http2.enabled", "true"),
    ("waf.fail_open.enabled", "false"),
    ("zonal_shift.config.enabled", "false"),
];
const NETWORK: Usual = &[
    ("access_logs.s3.bucket", ""),
    ("access_logs.s3.enabled", "false"),
    ("access_logs.s3.prefix", ""),
    ("deletion_protection.enabled", "false"),
    ("dns_record.client_routing_policy", "any_availability_zone"),
    ("load_balancing.cross_zone.enabled", "false"),
    ("zonal_shift.config.enabled", "false"),
];
const GATEWAY: Usual = &[
    ("deletion_protection.enabled", "false"),
    ("load_balancing.cross_zone.enabled", "false"),
];
/// The attributes of a target group of functions (ELBv2 API reference, `TargetGroupAttribute`).
const FUNCTIONS: Usual = &[("lambda.multi_value_headers.enabled", "false")];
const HTTP_TARGETS: Usual = &[
    ("deregistration_delay.timeout_seconds", "300"),
    ("load_balancing.algorithm.anomaly_mitigation", "off"),
    ("load_balancing.algorithm.type", "round_robin"),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
    ),
    ("slow_start.duration_seconds", "0"),
    ("stickiness.app_cookie.cookie_name", ""),
    ("stickiness.app_cookie.duration_seconds", "86400"),
    ("stickiness.enabled", "false"),
    ("stickiness.lb_cookie.duration_seconds", "86400"),
    ("stickiness.type", "lb_cookie"),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "1",
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
    ),
];
const OTHER_TARGETS: Usual = &[
    (
        "deregistration_delay.connection_termination.enabled",
        "false",
    ),
    ("deregistration_delay.timeout_seconds", "300"),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
    ),
    ("preserve_client_ip.enabled", "true"),
    ("proxy_protocol_v2.enabled", "false"),
    ("stickiness.enabled", "false"),
    ("stickiness.type", "source_ip"),
    (
        "target_health_state.unhealthy.connection_termination.enabled",
        "true",
    ),
    (
        "target_health_state.unhealthy.draining_interval_seconds",
        "0",
    ),
];
const GENEVE_TARGETS: Usual = &[
    ("deregistration_delay.timeout_seconds", "300"),
    ("stickiness.enabled", "false"),
    ("stickiness.type", "source_ip_dest_ip_proto"),
    ("target_failover.on_deregistration", "no_rebalance"),
    ("target_failover.on_unhealthy", "no_rebalance"),
];

/// All attributes of a load balancer, as they are told.
pub(crate) fn attributes_of_balancer(it: &LoadBalancer) -> Vec<Attribute> {
    all(usual_of_balancer(&it.r#type), &it.attributes)
}

/// All attributes of a target group, as they are told.
pub(crate) fn attributes_of_group(it: &TargetGroup) -> Vec<Attribute> {
    all(usual_of_group(it), &it.attributes)
}

const fn usual_of_balancer(of: &LoadBalancerType) -> Usual {
    match of {
        LoadBalancerType::Network => NETWORK,
        LoadBalancerType::Gateway => GATEWAY,
        _ => APPLICATION,
    }
}

fn usual_of_group(group: &TargetGroup) -> Usual {
    match (&group.target_type, group.protocol.as_deref()) {
        (TargetType::Lambda, _) => FUNCTIONS,
        (_, Some("HTTP" | "HTTPS")) => HTTP_TARGETS,
        (_, Some("GENEVE")) => GENEVE_TARGETS,
        _ => OTHER_TARGETS,
    }
}

/// The seconds for which a target that is deregistered gets no new requests but finishes old ones.
pub(super) fn drain_seconds(group: &TargetGroup) -> i64 {
    const KEY: &str = "deregistration_delay.timeout_seconds";
    let set = group.attribute(KEY);
    set.and_then(|it| it.parse().ok()).unwrap_or(300)
}

fn all(usual: Usual, set: &[Attribute]) -> Vec<Attribute> {
    let value = |key: &str, usual: &'static str| {
        let mut set = set.iter();
        let set = set.find(|it| it.key == key).map(|it| it.value.clone());
        set.unwrap_or_else(|| usual.into())
    };
    let attribute = |(key, usual): &(&'static str, &'static str)| Attribute {
        key: (*key).into(),
        value: value(key, usual),
    };
    usual.iter().map(attribute).collect()
}

fn set(
    noun: &str,
    usual: Usual,
    present: &[Attribute],
    new: &[Attribute],
) -> Result<Vec<Attribute>, ApiError> {
    if new.is_empty() {
        return Err(missing("attributes"));
    }
    let mut after = present.to_vec();
    for attribute in new {
        let (key, value) = (attribute.key.as_str(), attribute.value.as_str());
        let Some((_, usual)) = usual.iter().find(|(known, _)| *known == key) else {
            return Err(validation(format!(
                "{noun} attribute key '{key}' is not recognized"
            )));
        };
        check(noun, key, usual, value)?;
        after.retain(|it| it.key != key);
        after.push(attribute.clone());
    }
    after.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(after)
}

/// A value must be of the sort that the usual one is of; seconds have a range.
fn check(noun: &str, key: &str, usual: &str, value: &str) -> Result<(), ApiError> {
    let is_flag = ["true", "false"].contains(&usual);
    let fine = match key {
        "load_balancing.cross_zone.enabled" => {
            let more = usual == "use_load_balancer_configuration" && value == usual;
            more || ["true", "false"].contains(&value)
        }
        "idle_timeout.timeout_seconds" => in_seconds(value, 1, 4000),
        "client_keep_alive.seconds" => in_seconds(value, 60, 604_800),
        "deregistration_delay.timeout_seconds" => in_seconds(value, 0, 3600),
        _ if is_flag => ["true", "false"].contains(&value),
        _ => true,
    };
    match fine {
        true => Ok(()),
        false => Err(validation(format!(
            "{noun} attribute value '{value}' for key '{key}' is not valid"
        ))),
    }
}

fn in_seconds(value: &str, least: u32, most: u32) -> bool {
    value
        .parse::<u32>()
        .is_ok_and(|it| (least..=most).contains(&it))
}

/// Tells a balancer's attributes.
///
/// # Errors
/// `LoadBalancerNotFound`.
pub fn describe_load_balancer_attributes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeLoadBalancerAttributesRequest,
) -> Result<Attributes, ApiError> {
    let found = balancer(twin, ctx, &request.load_balancer_arn)?;
    Ok(Attributes {
        attributes: attributes_of_balancer(found),
    })
}

/// Sets attributes of a balancer, deletion protection among them.
///
/// # Errors
/// `LoadBalancerNotFound`; `ValidationError` for keys that the type does not have.
pub fn modify_load_balancer_attributes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyLoadBalancerAttributesRequest,
) -> Result<Attributes, ApiError> {
    let found = balancer(twin, ctx, &request.load_balancer_arn)?;
    let usual = usual_of_balancer(&found.r#type);
    let new = &request.attributes;
    let after = set("Load balancer", usual, &found.attributes, new)?;
    let id = found.load_balancer_id.clone();
    let attributes = all(usual, &after);
    twin.state
        .update(&id, |it: &mut LoadBalancer| it.attributes = after);
    Ok(Attributes { attributes })
}

/// Tells a target group's attributes.
///
/// # Errors
/// `TargetGroupNotFound`.
pub fn describe_target_group_attributes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeTargetGroupAttributesRequest,
) -> Result<Attributes, ApiError> {
    let found = group(twin, ctx, &request.target_group_arn)?;
    Ok(Attributes {
        attributes: attributes_of_group(found),
    })
}

/// Sets attributes of a target group.
///
/// # Errors
/// `TargetGroupNotFound`; `ValidationError` for keys that the group does not have.
pub fn modify_target_group_attributes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyTargetGroupAttributesRequest,
) -> Result<Attributes, ApiError> {
    let found = group(twin, ctx, &request.target_group_arn)?;
    let usual = usual_of_group(found);
    let new = &request.attributes;
    let after = set("Target group", usual, &found.attributes, new)?;
    let id = found.target_group_id.clone();
    let attributes = all(usual, &after);
    twin.state
        .update(&id, |it: &mut TargetGroup| it.attributes = after);
    Ok(Attributes { attributes })
}
