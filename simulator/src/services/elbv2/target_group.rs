//! Target groups.

use sandtable_model::resource::{LoadBalancer, Matcher, TargetGroup, TargetType, Vpc};
use sandtable_model::{Tags, TargetGroupId, VpcId};
use serde_json::Value;
use smol_str::{SmolStr, format_smolstr};

use super::balancer::{Nothing, check_name};
use super::describe::paged;
use super::{TAG_WORDS, balancer, group, invalid_configuration, not_found, well_formed};
use crate::network::request::{answers, requests};
use crate::services::common::{
    Tag, digits, in_range, not_modelled, one_of, required, shown, validation, with_tags,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateTargetGroup.
    CreateTargetGroupRequest {
        name: String,
        protocol: Option<String>,
        protocol_version: Option<String>,
        port: Option<i64>,
        vpc_id: Option<String>,
        health_check_protocol: Option<String>,
        health_check_port: Option<SmolStr>,
        health_check_enabled: Option<bool>,
        health_check_path: Option<SmolStr>,
        health_check_interval_seconds: Option<i64>,
        health_check_timeout_seconds: Option<i64>,
        healthy_threshold_count: Option<i64>,
        unhealthy_threshold_count: Option<i64>,
        matcher: Option<Matcher>,
        target_type: Option<String>,
        tags: Vec<Tag>,
        ip_address_type: Option<String>,
    }
    /// DescribeTargetGroups.
    DescribeTargetGroupsRequest {
        load_balancer_arn: Option<String>,
        target_group_arns: Vec<String>,
        names: Vec<String>,
        marker: Option<String>,
        page_size: Option<i64>,
    }
    /// ModifyTargetGroup.
    ModifyTargetGroupRequest {
        target_group_arn: String,
        health_check_protocol: Option<String>,
        health_check_port: Option<SmolStr>,
        health_check_path: Option<SmolStr>,
        health_check_enabled: Option<bool>,
        health_check_interval_seconds: Option<i64>,
        health_check_timeout_seconds: Option<i64>,
        healthy_threshold_count: Option<i64>,
        unhealthy_threshold_count: Option<i64>,
        matcher: Option<Matcher>,
    }
    /// DeleteTargetGroup.
    DeleteTargetGroupRequest { target_group_arn: String }
}

answers! {
    /// An answer with target groups.
    TargetGroups {
        target_groups: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_marker: Option<String>,
    }
}

/// Target groups of an account in a Region (Service Quotas, Elastic Load Balancing).
const GROUPS_MAX: usize = 3000;
const PROTOCOLS: [&str; 9] = [
    "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC",
];

fn show(group: &TargetGroup) -> Result<Value, ApiError> {
    shown(group, &["TargetGroupId", "Attributes", "Targets", "Tags"])
}

/// Makes a target group. The same name with the same settings gives the one that is there.
///
/// # Errors
/// `DuplicateTargetGroupName`, `TooManyTargetGroups`, `TooManyTags`, `ValidationError`.
pub fn create_target_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateTargetGroupRequest,
) -> Result<TargetGroups, ApiError> {
    let name = check_name("target group", &request.name)?;
    let of = request.target_type.as_deref().unwrap_or("instance");
    one_of("targetType", of, &["instance", "ip", "lambda", "alb"])?;
    let of = TargetType::from(of);
    match request.ip_address_type.as_deref() {
        None | Some("ipv4") => {}
        Some(other) => {
            one_of("ipAddressType", other, &["ipv4", "ipv6"])?;
            return Err(not_modelled("IPv6 addresses of targets"));
        }
    }
    let blank = place(twin, ctx, &request, of)?;
    let checks = Checks {
        protocol: request.health_check_protocol.as_deref(),
        port: &request.health_check_port,
        path: &request.health_check_path,
        enabled: request.health_check_enabled,
        interval: request.health_check_interval_seconds,
        timeout: request.health_check_timeout_seconds,
        healthy: request.healthy_threshold_count,
        unhealthy: request.unhealthy_threshold_count,
        matcher: &request.matcher,
    };
    let mut wanted = TargetGroup {
        target_group_id: TargetGroupId::from_name(&ctx.region, name),
        target_group_name: name.into(),
        tags: with_tags(&Tags::new(), &request.tags, &TAG_WORDS)?,
        ..blank
    };
    checks.put_on(&mut wanted)?;
    let id = wanted.target_group_id.clone();
    if let Some(present) = twin.state.one::<TargetGroup>(&id) {
        let same = TargetGroup {
            target_group_arn: present.target_group_arn.clone(),
            load_balancer_arns: present.load_balancer_arns.clone(),
            targets: present.targets.clone(),
            attributes: present.attributes.clone(),
            ..wanted
        };
        if same != *present {
            return Err(ApiError::new(
                "DuplicateTargetGroupName",
                format!(
                    "A target group with the same name '{name}' exists, but with different settings"
                ),
            ));
        }
        return one(present);
    }
    if twin.state.all::<TargetGroup>(&ctx.region).count() >= GROUPS_MAX {
        return Err(ApiError::new(
            "TooManyTargetGroups",
            "The maximum number of target groups has been reached",
        ));
    }
    let digits = digits(twin);
    let (region, account) = (&ctx.region, &ctx.account);
    wanted.target_group_arn = format_smolstr!(
        "arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{name}/{digits}"
    );
    twin.state.insert(&ctx.region, wanted.clone());
    one(&wanted)
}

fn one(group: &TargetGroup) -> Result<TargetGroups, ApiError> {
    Ok(TargetGroups {
        target_groups: vec![show(group)?],
        next_marker: None,
    })
}

/// Protocol, port and VPC of a new group, with AWS's usual checks for them.
fn place(
    twin: &Twin,
    ctx: &Ctx,
    request: &CreateTargetGroupRequest,
    of: TargetType,
) -> Result<TargetGroup, ApiError> {
    let mut blank = TargetGroup {
        target_group_id: TargetGroupId::from_name(&ctx.region, ""),
        target_group_name: SmolStr::default(),
        target_group_arn: SmolStr::default(),
        protocol: None,
        protocol_version: None,
        port: None,
        vpc_id: None,
        health_check_enabled: of != TargetType::Lambda,
        health_check_protocol: None,
        health_check_port: None,
        health_check_path: None,
        health_check_interval_seconds: 30,
        health_check_timeout_seconds: 5,
        healthy_threshold_count: 5,
        unhealthy_threshold_count: 2,
        matcher: None,
        load_balancer_arns: Vec::new(),
        target_type: of,
        ip_address_type: "ipv4".into(),
        attributes: Vec::new(),
        targets: Vec::new(),
        tags: Tags::new(),
    };
    let has_place = request.protocol.is_some() || request.port.is_some();
    if blank.target_type == TargetType::Lambda {
        if has_place || request.vpc_id.is_some() {
            return Err(validation(
                "Protocol, port and VPC cannot be specified for target groups with target type 'lambda'",
            ));
        }
        blank.health_check_path = Some("/".into());
        blank.health_check_interval_seconds = 35;
        blank.health_check_timeout_seconds = 30;
        blank.matcher = http("200");
        return Ok(blank);
    }
    let Some(protocol) = request.protocol.as_deref() else {
        return Err(validation("A protocol must be specified"));
    };
    one_of("protocol", protocol, &PROTOCOLS)?;
    let port = match (request.port, protocol) {
        (None, "GENEVE") => 6081,
        (None, _) => return Err(validation("A port must be specified")),
        (Some(port), _) => in_range("port", port, 1, 65535)?,
    };
    if protocol == "GENEVE" && port != 6081 {
        return Err(validation("The port of protocol GENEVE must be 6081"));
    }
    blank.vpc_id = Some(read_vpc(twin, ctx, request.vpc_id.as_deref())?);
    blank.port = u16::try_from(port).ok();
    blank.health_check_port = Some("traffic-port".into());
    match protocol {
        "HTTP" | "HTTPS" => {
            let version = request.protocol_version.as_deref().unwrap_or("HTTP1");
            one_of("protocolVersion", version, &["HTTP1", "HTTP2", "GRPC"])?;
            blank.protocol_version = Some(version.into());
            blank.health_check_protocol = Some(protocol.into());
            if version == "GRPC" {
                blank.health_check_path = Some("/AWS.ALB/healthcheck".into());
                blank.matcher = Some(Matcher {
                    grpc_code: Some("12".into()),
                    ..Matcher::default()
                });
            } else {
                blank.health_check_path = Some("/".into());
                blank.matcher = http("200");
            }
        }
        "GENEVE" => {
            blank.health_check_port = Some("80".into());
            blank.health_check_protocol = Some("TCP".into());
            blank.health_check_interval_seconds = 10;
        }
        _ => {
            blank.health_check_protocol = Some("TCP".into());
            blank.health_check_timeout_seconds = 10;
        }
    }
    if request.protocol_version.is_some() && blank.protocol_version.is_none() {
        return Err(validation(
            "A protocol version can only be specified with protocol HTTP or HTTPS",
        ));
    }
    blank.protocol = Some(protocol.into());
    Ok(blank)
}

fn http(codes: &str) -> Option<Matcher> {
    Some(Matcher {
        http_code: Some(codes.into()),
        ..Matcher::default()
    })
}

fn read_vpc(twin: &Twin, ctx: &Ctx, text: Option<&str>) -> Result<VpcId, ApiError> {
    let text = text.ok_or_else(|| validation("A VPC ID must be specified"))?;
    let id = VpcId::new(text).ok();
    let found = id.and_then(|id| twin.state.get_in(&ctx.region, &id.into()));
    let found = found.and_then(|it| it.get::<Vpc>());
    let unknown = || validation(format!("The VPC ID '{text}' is not found"));
    Ok(found.ok_or_else(unknown)?.vpc_id.clone())
}

/// How a request wants targets to be checked.
struct Checks<'a> {
    protocol: Option<&'a str>,
    port: &'a Option<SmolStr>,
    path: &'a Option<SmolStr>,
    enabled: Option<bool>,
    interval: Option<i64>,
    timeout: Option<i64>,
    healthy: Option<i64>,
    unhealthy: Option<i64>,
    matcher: &'a Option<Matcher>,
}

impl Checks<'_> {
    /// Puts the checks on a group; what is not named stays.
    fn put_on(&self, group: &mut TargetGroup) -> Result<(), ApiError> {
        if let Some(protocol) = self.protocol {
            one_of("healthCheckProtocol", protocol, &PROTOCOLS)?;
            if !["HTTP", "HTTPS", "TCP"].contains(&protocol) {
                return Err(validation(format!(
                    "Health check protocol '{protocol}' must be one of 'HTTP, HTTPS, TCP'"
                )));
            }
            let by_http = matches!(group.protocol.as_deref(), Some("HTTP" | "HTTPS"));
            if by_http && protocol == "TCP" {
                return Err(invalid_configuration(
                    "Health check protocol 'TCP' is not supported for target groups with protocol HTTP or HTTPS",
                ));
            }
            group.health_check_protocol = Some(protocol.into());
            if protocol != "TCP" {
                group.health_check_path.get_or_insert_with(|| "/".into());
                if group.matcher.is_none() {
                    group.matcher = http("200-399");
                }
            }
        }
        if let Some(port) = self.port {
            group.health_check_port = Some(port.clone());
        }
        if let Some(path) = self.path {
            let is_http = group.health_check_protocol.as_deref() != Some("TCP");
            if !is_http {
                return Err(invalid_configuration(
                    "Health check path is not supported for health checks with protocol TCP",
                ));
            }
            group.health_check_path = Some(path.clone());
        }
        if let Some(matcher) = self.matcher {
            group.matcher = Some(matcher.clone());
        }
        if let Some(enabled) = self.enabled {
            if !enabled && group.target_type != TargetType::Lambda {
                return Err(validation(
                    "Health check enabled must be true for target groups with target type 'instance', 'ip' and 'alb'",
                ));
            }
            group.health_check_enabled = enabled;
        }
        if let Some(seconds) = self.interval {
            let seconds = in_range("healthCheckIntervalSeconds", seconds, 5, 300)?;
            group.health_check_interval_seconds = seconds;
        }
        if let Some(seconds) = self.timeout {
            let seconds = in_range("healthCheckTimeoutSeconds", seconds, 2, 120)?;
            group.health_check_timeout_seconds = seconds;
        }
        if let Some(count) = self.healthy {
            group.healthy_threshold_count = in_range("healthyThresholdCount", count, 2, 10)?;
        }
        if let Some(count) = self.unhealthy {
            group.unhealthy_threshold_count = in_range("unhealthyThresholdCount", count, 2, 10)?;
        }
        let (timeout, interval) = (
            group.health_check_timeout_seconds,
            group.health_check_interval_seconds,
        );
        // The interval of TCP checks may be as long as the time-out.
        if timeout > interval || timeout == interval && group.protocol_version.is_some() {
            return Err(validation(format!(
                "Health check timeout '{timeout}' must be smaller than the interval '{interval}'"
            )));
        }
        Ok(())
    }
}

/// Lists target groups: all, those of a balancer, those of ARNs or those of names.
///
/// # Errors
/// `LoadBalancerNotFound`, `TargetGroupNotFound`, `ValidationError`.
pub fn describe_target_groups(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeTargetGroupsRequest,
) -> Result<TargetGroups, ApiError> {
    let (arns, names) = (&request.target_group_arns, &request.names);
    let asked = [
        request.load_balancer_arn.is_some(),
        !arns.is_empty(),
        !names.is_empty(),
    ];
    if asked.iter().filter(|it| **it).count() > 1 {
        return Err(validation(
            "You can specify only one of load balancer ARN, target group ARNs and target group names",
        ));
    }
    let all: Vec<&TargetGroup> = twin.state.all(&ctx.region).collect();
    let found: Vec<&TargetGroup> = if let Some(arn) = request.load_balancer_arn.as_deref() {
        let found: &LoadBalancer = balancer(twin, ctx, arn)?;
        let arn = &found.load_balancer_arn;
        let leads = |it: &&TargetGroup| it.load_balancer_arns.contains(arn);
        all.into_iter().filter(leads).collect()
    } else if !arns.is_empty() {
        let found: Result<Vec<_>, _> = arns.iter().map(|it| group(twin, ctx, it)).collect();
        found?
    } else if !names.is_empty() {
        let unknown = |name: &String| all.iter().all(|it| it.target_group_name != name.as_str());
        if names.iter().any(unknown) {
            return Err(not_found("TargetGroupNotFound", "target groups"));
        }
        let wanted = |it: &&TargetGroup| names.iter().any(|name| it.target_group_name == *name);
        all.into_iter().filter(wanted).collect()
    } else {
        all
    };
    let mut keyed = Vec::new();
    for it in found {
        keyed.push((it.target_group_name.to_string(), show(it)?));
    }
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    keyed.dedup_by(|(one, _), (other, _)| one == other);
    let (target_groups, next_marker) = paged(keyed, request.marker.as_deref(), request.page_size)?;
    Ok(TargetGroups {
        target_groups,
        next_marker,
    })
}

/// Changes how targets are checked.
///
/// # Errors
/// `TargetGroupNotFound`, `ValidationError`, `InvalidConfigurationRequest`.
pub fn modify_target_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyTargetGroupRequest,
) -> Result<TargetGroups, ApiError> {
    let mut after = group(twin, ctx, &request.target_group_arn)?.clone();
    let checks = Checks {
        protocol: request.health_check_protocol.as_deref(),
        port: &request.health_check_port,
        path: &request.health_check_path,
        enabled: request.health_check_enabled,
        interval: request.health_check_interval_seconds,
        timeout: request.health_check_timeout_seconds,
        healthy: request.healthy_threshold_count,
        unhealthy: request.unhealthy_threshold_count,
        matcher: &request.matcher,
    };
    checks.put_on(&mut after)?;
    twin.state.insert(&ctx.region, after.clone());
    one(&after)
}

/// Deletes a target group; registered targets do not keep it. One that is not there is no error.
///
/// # Errors
/// `ResourceInUse` while a listener or rule forwards to it (ELBv2 API reference,
/// `DeleteTargetGroup`).
pub fn delete_target_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteTargetGroupRequest,
) -> Result<Nothing, ApiError> {
    let arn = required("targetGroupArn", &request.target_group_arn)?;
    well_formed(arn, "targetgroup/", "target group")?;
    let Ok(found) = group(twin, ctx, arn) else {
        return Ok(Nothing {});
    };
    if !found.load_balancer_arns.is_empty() {
        return Err(ApiError::new(
            "ResourceInUse",
            format!("Target group '{arn}' is currently in use by a listener or a rule"),
        ));
    }
    let id = found.target_group_id.clone();
    twin.state.remove(&id);
    Ok(Nothing {})
}
