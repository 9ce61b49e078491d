//! Listeners: what a load balancer waits for, and where it leads.

use sandtable_model::Tags;
use sandtable_model::resource::{
    ForwardConfig, Listener, ListenerAction, ListenerCertificate, LoadBalancer, LoadBalancerType,
    TargetGroupStickinessConfig, TargetGroupTuple,
};
use serde_json::Value;
use smol_str::{SmolStr, format_smolstr};

use super::balancer::Nothing;
use super::describe::{no_balancer, paged};
use super::{TAG_WORDS, arns, balancer, group, invalid_configuration, link, listener};
use crate::network::request::{answers, requests};
use crate::services::common::{
    Tag, digits, in_range, missing, not_modelled, one_of, required, shown, validation, with_tags,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateListener.
    CreateListenerRequest {
        load_balancer_arn: String,
        protocol: Option<String>,
        port: Option<i64>,
        ssl_policy: Option<SmolStr>,
        certificates: Vec<ListenerCertificate>,
        default_actions: Vec<ListenerAction>,
        tags: Vec<Tag>,
    }
    /// DescribeListeners.
    DescribeListenersRequest {
        load_balancer_arn: Option<String>,
        listener_arns: Vec<String>,
        marker: Option<String>,
        page_size: Option<i64>,
    }
    /// ModifyListener.
    ModifyListenerRequest {
        listener_arn: String,
        port: Option<i64>,
        protocol: Option<String>,
        ssl_policy: Option<SmolStr>,
        certificates: Vec<ListenerCertificate>,
        default_actions: Vec<ListenerAction>,
    }
    /// DeleteListener.
    DeleteListenerRequest { listener_arn: String }
}

answers! {
    /// An answer with listeners.
    Listeners {
        listeners: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_marker: Option<String>,
    }
}

/// Listeners of a balancer (Service Quotas, Elastic Load Balancing).
const LISTENERS_MAX: usize = 50;
/// The policy of HTTPS and TLS where none is named (ELBv2 API reference, `CreateListener`).
const SSL_POLICY: &str = "ELBSecurityPolicy-2016-08";

fn show(balancer: &LoadBalancer, listener: &Listener) -> Result<Value, ApiError> {
    let mut value = shown(listener, &["Rules", "Tags"])?;
    if let Value::Object(members) = &mut value {
        let arn = balancer.load_balancer_arn.as_str();
        members.insert("LoadBalancerArn".to_owned(), arn.into());
    }
    Ok(value)
}

/// Makes a listener.
///
/// # Errors
/// `LoadBalancerNotFound`, `DuplicateListener`, `TooManyListeners`, `TargetGroupNotFound`,
/// `TargetGroupAssociationLimit`, `IncompatibleProtocols`, `CertificateNotFound`, `ValidationError`.
pub fn create_listener(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateListenerRequest,
) -> Result<Listeners, ApiError> {
    let found = balancer(twin, ctx, &request.load_balancer_arn)?.clone();
    if request.default_actions.is_empty() {
        return Err(missing("defaultActions"));
    }
    let (protocol, port) = match found.r#type {
        LoadBalancerType::Gateway => {
            if request.protocol.is_some() || request.port.is_some() {
                return Err(validation(
                    "You cannot specify a protocol or port for listeners of Gateway Load Balancers",
                ));
            }
            (None, None)
        }
        _ => {
            let protocol = request
                .protocol
                .as_deref()
                .ok_or_else(|| missing("protocol"))?;
            check_protocol(&found.r#type, protocol)?;
            let port = request.port.ok_or_else(|| missing("port"))?;
            (Some(SmolStr::new(protocol)), Some(read_port(port)?))
        }
    };
    let tags = with_tags(&Tags::new(), &request.tags, &TAG_WORDS)?;
    let actions = read_actions(twin, ctx, &found, &request.default_actions)?;
    let secure = security(
        protocol.as_deref(),
        &request.certificates,
        request.ssl_policy,
    )?;
    if found.listeners.iter().any(|it| it.port == port) {
        return Err(duplicate(&found));
    }
    if found.listeners.len() >= LISTENERS_MAX {
        return Err(ApiError::new(
            "TooManyListeners",
            "The maximum number of listeners on a load balancer has been reached",
        ));
    }
    let digits = digits(twin);
    let arn = &found.load_balancer_arn;
    let arn = arn.replacen(":loadbalancer/", ":listener/", 1);
    let made = Listener {
        listener_arn: format_smolstr!("{arn}/{digits}"),
        port,
        protocol,
        ssl_policy: secure,
        certificates: request.certificates,
        default_actions: actions,
        rules: Vec::new(),
        tags,
    };
    let answer = show(&found, &made)?;
    change(twin, &found, |it| it.listeners.push(made));
    Ok(Listeners {
        listeners: vec![answer],
        next_marker: None,
    })
}

/// Changes a balancer's listeners, and with them what its target groups say.
pub(super) fn change(
    twin: &mut Twin,
    balancer: &LoadBalancer,
    change: impl FnOnce(&mut LoadBalancer),
) {
    let before = arns(balancer);
    twin.state.update(&balancer.load_balancer_id, change);
    link(twin, &balancer.load_balancer_id, &before);
}

fn duplicate(balancer: &LoadBalancer) -> ApiError {
    let arn = &balancer.load_balancer_arn;
    ApiError::new(
        "DuplicateListener",
        format!("A listener already exists on this port for this load balancer '{arn}'"),
    )
}

fn check_protocol(of: &LoadBalancerType, protocol: &str) -> Result<(), ApiError> {
    let all = [
        "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC",
    ];
    one_of("protocol", protocol, &all)?;
    let known: &[&str] = match of {
        LoadBalancerType::Network => &["TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"],
        _ => &["HTTP", "HTTPS"],
    };
    if known.contains(&protocol) {
        return Ok(());
    }
    let known = known.join(", ");
    Err(validation(format!(
        "Protocol '{protocol}' must be one of '{known}'"
    )))
}

fn read_port(port: i64) -> Result<u16, ApiError> {
    let port = in_range("port", port, 1, 65535)?;
    u16::try_from(port).map_err(|_| missing("port"))
}

/// The security policy of a listener, whose certificate must fit its protocol.
fn security(
    protocol: Option<&str>,
    certificates: &[ListenerCertificate],
    policy: Option<SmolStr>,
) -> Result<Option<SmolStr>, ApiError> {
    if !matches!(protocol, Some("HTTPS" | "TLS")) {
        return match certificates.is_empty() && policy.is_none() {
            true => Ok(None),
            false => Err(invalid_configuration(
                "Certificates and security policies are only for HTTPS and TLS listeners",
            )),
        };
    }
    let [certificate] = certificates else {
        return Err(validation(
            "A certificate must be specified for HTTPS and TLS listeners, and only one",
        ));
    };
    if !certificate.certificate_arn.starts_with("arn:") {
        return Err(ApiError::new(
            "CertificateNotFound",
            format!(
                "Certificate ARN '{}' is not valid",
                certificate.certificate_arn
            ),
        ));
    }
    Ok(Some(
        policy.unwrap_or_else(|| SmolStr::new_static(SSL_POLICY)),
    ))
}

/// Checks actions, and writes them as answers show them: a single target group twice.
pub(super) fn read_actions(
    twin: &Twin,
    ctx: &Ctx,
    balancer: &LoadBalancer,
    actions: &[ListenerAction],
) -> Result<Vec<ListenerAction>, ApiError> {
    let mut read = Vec::with_capacity(actions.len());
    if actions.len() > 1 {
        // Several actions are for authentication before the last one.
        return Err(not_modelled("more than one action of a listener or rule"));
    }
    for action in actions {
        required("type", &action.r#type)?;
        let known = [
            "forward",
            "authenticate-oidc",
            "authenticate-cognito",
            "redirect",
            "fixed-response",
            "jwt-validation",
        ];
        one_of("type", &action.r#type, &known)?;
        let is_application = balancer.r#type == LoadBalancerType::Application;
        let fits = match action.r#type.as_str() {
            "forward" => {
                read.push(read_forward(twin, ctx, balancer, action)?);
                continue;
            }
            "redirect" => action.redirect_config.is_some(),
            "fixed-response" => action.fixed_response_config.is_some(),
            other => return Err(not_modelled(&format!("actions of type {other}"))),
        };
        if !is_application || !fits {
            return Err(ApiError::new(
                "InvalidLoadBalancerAction",
                format!("The action type '{}' is not valid here", action.r#type),
            ));
        }
        read.push(action.clone());
    }
    Ok(read)
}

fn read_forward(
    twin: &Twin,
    ctx: &Ctx,
    balancer: &LoadBalancer,
    action: &ListenerAction,
) -> Result<ListenerAction, ApiError> {
    let mut config = action.forward_config.clone().unwrap_or_default();
    if config.target_groups.is_empty() {
        let arn = action.target_group_arn.clone();
        let arn = arn.ok_or_else(|| {
            validation("You must specify a target group ARN with the action type 'forward'")
        })?;
        config.target_groups.push(TargetGroupTuple {
            target_group_arn: arn,
            weight: Some(1),
        });
    }
    for tuple in &mut config.target_groups {
        let weight = i64::from(tuple.weight.unwrap_or(1));
        tuple.weight = Some(in_range("weight", weight, 0, 999)?);
        check_target_group(twin, ctx, balancer, &tuple.target_group_arn)?;
    }
    let single = match config.target_groups.as_slice() {
        [one] => Some(one.target_group_arn.clone()),
        _ => None,
    };
    let usual = TargetGroupStickinessConfig::default();
    let is_application = balancer.r#type == LoadBalancerType::Application;
    let stickiness = config.target_group_stickiness_config.take();
    let stickiness = stickiness.or_else(|| is_application.then_some(usual));
    Ok(ListenerAction {
        target_group_arn: single,
        forward_config: Some(ForwardConfig {
            target_groups: config.target_groups,
            target_group_stickiness_config: stickiness,
        }),
        ..action.clone()
    })
}

fn check_target_group(
    twin: &Twin,
    ctx: &Ctx,
    balancer: &LoadBalancer,
    arn: &str,
) -> Result<(), ApiError> {
    let target = group(twin, ctx, arn)?;
    if target
        .vpc_id
        .as_ref()
        .is_some_and(|it| *it != balancer.vpc_id)
    {
        return Err(invalid_configuration(format!(
            "The target group '{arn}' is not in the VPC of the load balancer"
        )));
    }
    let fits = match (&balancer.r#type, target.protocol.as_deref()) {
        (LoadBalancerType::Application, None | Some("HTTP" | "HTTPS")) => true,
        (LoadBalancerType::Gateway, protocol) => protocol == Some("GENEVE"),
        (LoadBalancerType::Network, Some(it)) => !matches!(it, "HTTP" | "HTTPS" | "GENEVE"),
        _ => false,
    };
    if !fits {
        let protocol = target.protocol.as_deref().unwrap_or("none");
        return Err(ApiError::new(
            "IncompatibleProtocols",
            format!(
                "The protocol '{protocol}' of the target group '{arn}' is not compatible with load balancers of type '{}'",
                balancer.r#type
            ),
        ));
    }
    // A target group belongs to one balancer (ELB user guide, "Target groups": "You can associate a
    // target group with only one load balancer").
    let own = &balancer.load_balancer_arn;
    if target.load_balancer_arns.iter().any(|it| it != own) {
        return Err(ApiError::new(
            "TargetGroupAssociationLimit",
            format!(
                "The following target groups cannot be associated with more than one load balancer: {arn}"
            ),
        ));
    }
    Ok(())
}

/// Lists the listeners of a balancer, or those of ARNs.
///
/// # Errors
/// `LoadBalancerNotFound`, `ListenerNotFound`, `ValidationError` when neither is named.
pub fn describe_listeners(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeListenersRequest,
) -> Result<Listeners, ApiError> {
    let arns = &request.listener_arns;
    let mut found = Vec::new();
    match (request.load_balancer_arn.as_deref(), arns.is_empty()) {
        (Some(arn), true) => {
            let balancer = balancer(twin, ctx, arn).map_err(|error| match error.code.as_ref() {
                "LoadBalancerNotFound" => no_balancer(),
                _ => error,
            })?;
            for it in &balancer.listeners {
                found.push((it.listener_arn.to_string(), show(balancer, it)?));
            }
        }
        (None, false) => {
            for arn in arns {
                let (balancer, it) = listener(twin, ctx, arn)?;
                found.push((it.listener_arn.to_string(), show(balancer, it)?));
            }
        }
        _ => {
            return Err(validation(
                "You must specify either listener ARNs or a load balancer ARN",
            ));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let (listeners, next_marker) = paged(found, request.marker.as_deref(), request.page_size)?;
    Ok(Listeners {
        listeners,
        next_marker,
    })
}

/// Changes a listener; what is not named stays.
///
/// # Errors
/// `ListenerNotFound`, `DuplicateListener`, and those of `CreateListener`.
pub fn modify_listener(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyListenerRequest,
) -> Result<Listeners, ApiError> {
    let (found, present) = listener(twin, ctx, &request.listener_arn)?;
    let (found, mut after) = (found.clone(), present.clone());
    if let Some(protocol) = &request.protocol {
        check_protocol(&found.r#type, protocol)?;
        after.protocol = Some(protocol.as_str().into());
    }
    if let Some(port) = request.port {
        after.port = Some(read_port(port)?);
    }
    if !request.default_actions.is_empty() {
        after.default_actions = read_actions(twin, ctx, &found, &request.default_actions)?;
    }
    let secure = matches!(after.protocol.as_deref(), Some("HTTPS" | "TLS"));
    if !request.certificates.is_empty() {
        after.certificates = request.certificates;
    } else if !secure {
        after.certificates.clear();
    }
    let present_policy = after.ssl_policy.take().filter(|_| secure);
    let policy = request.ssl_policy.or(present_policy);
    after.ssl_policy = security(after.protocol.as_deref(), &after.certificates, policy)?;
    let same_port = |it: &&Listener| it.port == after.port && it.listener_arn != after.listener_arn;
    if found.listeners.iter().any(|it| same_port(&it)) {
        return Err(duplicate(&found));
    }
    let answer = show(&found, &after)?;
    change(twin, &found, |it| {
        let mut listeners = it.listeners.iter_mut();
        if let Some(it) = listeners.find(|it| it.listener_arn == after.listener_arn) {
            *it = after;
        }
    });
    Ok(Listeners {
        listeners: vec![answer],
        next_marker: None,
    })
}

/// Deletes a listener with its rules.
///
/// # Errors
/// `ListenerNotFound`.
pub fn delete_listener(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteListenerRequest,
) -> Result<Nothing, ApiError> {
    let arn = &request.listener_arn;
    let (found, _) = listener(twin, ctx, arn)?;
    let found = found.clone();
    change(twin, &found, |it| {
        it.listeners.retain(|it| it.listener_arn != *arn);
    });
    Ok(Nothing {})
}
