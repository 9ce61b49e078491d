//! What can be changed of a Classic Load Balancer: listeners, checks, attributes, places, groups.

use sandtable_model::resource::{
    Attribute, ClassicHealthCheck, ClassicListener, ClassicListenerDescription,
    ClassicLoadBalancer, GroupRef, NetworkInterface, Subnet,
};
use sandtable_model::{SecurityGroupId, SubnetId, VpcId};
use smol_str::SmolStr;

use super::balancer::{Nothing, check_subnets, settle, vpc_of, zones};
use super::{interfaces, invalid_configuration, named};
use crate::network::managed;
use crate::network::request::{answers, requests};
use crate::services::common::{group, in_range, missing, validation};
use crate::services::elbv2;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateLoadBalancerListeners.
    CreateListenersRequest { load_balancer_name: String, listeners: Vec<ClassicListener> }
    /// DeleteLoadBalancerListeners.
    DeleteListenersRequest { load_balancer_name: String, load_balancer_ports: Vec<u32> }
    /// ConfigureHealthCheck.
    ConfigureHealthCheckRequest {
        load_balancer_name: String,
        health_check: Option<ClassicHealthCheck>,
    }
    /// DescribeLoadBalancerAttributes.
    DescribeAttributesRequest { load_balancer_name: String }
    /// ModifyLoadBalancerAttributes.
    ModifyAttributesRequest {
        load_balancer_name: String,
        load_balancer_attributes: Option<ClassicAttributes>,
    }
    /// The attributes of a balancer.
    ClassicAttributes {
        #[serde(skip_serializing_if = "Option::is_none")]
        cross_zone_load_balancing: Option<Switch>,
        #[serde(skip_serializing_if = "Option::is_none")]
        access_log: Option<Switch>,
        #[serde(skip_serializing_if = "Option::is_none")]
        connection_draining: Option<ConnectionDraining>,
        #[serde(skip_serializing_if = "Option::is_none")]
        connection_settings: Option<ConnectionSettings>,
    }
    /// Something that is on or off. Where access logs go is not modelled.
    Switch { enabled: bool }
    /// Whether connections may end before an instance leaves.
    ConnectionDraining {
        enabled: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        timeout: Option<u32>,
    }
    /// How long a connection may be idle.
    ConnectionSettings { idle_timeout: u32 }
    /// ApplySecurityGroupsToLoadBalancer.
    ApplySecurityGroupsRequest { load_balancer_name: String, security_groups: Vec<String> }
    /// AttachLoadBalancerToSubnets.
    AttachSubnetsRequest { load_balancer_name: String, subnets: Vec<String> }
    /// DetachLoadBalancerFromSubnets.
    DetachSubnetsRequest { load_balancer_name: String, subnets: Vec<String> }
}

answers! {
    /// The answer of ConfigureHealthCheck.
    ConfiguredHealthCheck { health_check: ClassicHealthCheck }
    /// An answer with attributes.
    DescribedAttributes { load_balancer_attributes: ClassicAttributes }
    /// The answer of ModifyLoadBalancerAttributes.
    ModifiedAttributes { load_balancer_name: SmolStr, load_balancer_attributes: ClassicAttributes }
    /// The answer of ApplySecurityGroupsToLoadBalancer.
    AppliedSecurityGroups { security_groups: Vec<SecurityGroupId> }
    /// The subnets that a balancer has after a call.
    AttachedSubnets { subnets: Vec<SubnetId> }
}

/// A listener, with the protocol at the back where none is named.
///
/// # Errors
/// `UnsupportedProtocol`, `ValidationError` for ports, `CertificateNotFound`,
/// `InvalidConfigurationRequest`.
pub(super) fn check_listener(listener: &ClassicListener) -> Result<ClassicListener, ApiError> {
    let known = |it: &str| ["HTTP", "HTTPS", "TCP", "SSL"].contains(&it);
    let front = listener.protocol.to_uppercase();
    let back = listener.instance_protocol.as_ref();
    let back = back.map_or_else(
        || match front.as_str() {
            "HTTPS" => "HTTP".to_owned(),
            "SSL" => "TCP".to_owned(),
            other => other.to_owned(),
        },
        |it| it.to_uppercase(),
    );
    if !known(&front) || !known(&back) {
        return Err(ApiError::new(
            "UnsupportedProtocol",
            "The protocol of a listener must be one of HTTP, HTTPS, TCP and SSL",
        ));
    }
    let layer = |it: &str| it.starts_with("HTTP");
    if layer(&front) != layer(&back) {
        return Err(invalid_configuration(
            "The protocols at the front and at the back must be of one layer",
        ));
    }
    in_range(
        "loadBalancerPort",
        listener.load_balancer_port.into(),
        1,
        65535,
    )?;
    in_range("instancePort", listener.instance_port.into(), 1, 65535)?;
    let needs_certificate = matches!(front.as_str(), "HTTPS" | "SSL");
    if needs_certificate && listener.ssl_certificate_id.is_none() {
        return Err(ApiError::new(
            "CertificateNotFound",
            "Server Certificate not found for the key: null",
        ));
    }
    Ok(ClassicListener {
        protocol: front.into(),
        instance_protocol: Some(back.into()),
        ..listener.clone()
    })
}

/// The security groups of a request, else the default one of the VPC.
///
/// # Errors
/// `InvalidSecurityGroup`.
pub(super) fn check_groups(
    twin: &Twin,
    ctx: &Ctx,
    texts: &[String],
    vpc: &VpcId,
) -> Result<Vec<GroupRef>, ApiError> {
    let mut groups = Vec::new();
    for text in texts {
        groups.push(group(twin, ctx, text, vpc).ok_or_else(|| {
            ApiError::new(
                "InvalidSecurityGroup",
                "One or more of the specified security groups do not exist.",
            )
        })?);
    }
    if groups.is_empty() {
        groups.extend(managed::default_group(twin, vpc));
    }
    Ok(groups)
}

/// Adds listeners.
///
/// # Errors
/// `LoadBalancerNotFound`, `DuplicateListener` for a port that has another one.
pub fn create_load_balancer_listeners(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateListenersRequest,
) -> Result<Nothing, ApiError> {
    let balancer = named(twin, ctx, &request.load_balancer_name)?.clone();
    if request.listeners.is_empty() {
        return Err(missing("listeners"));
    }
    let mut all = balancer.listener_descriptions.clone();
    for listener in &request.listeners {
        let read = check_listener(listener)?;
        let port = read.load_balancer_port;
        let present = all.iter().find(|it| it.listener.load_balancer_port == port);
        match present {
            Some(same) if same.listener == read => {}
            Some(_) => {
                let name = &balancer.load_balancer_name;
                return Err(ApiError::new(
                    "DuplicateListener",
                    format!(
                        "A listener already exists for {name} with LoadBalancerPort {port}, but with a different InstancePort, Protocol, or SSLCertificateId"
                    ),
                ));
            }
            None => all.push(ClassicListenerDescription {
                listener: read,
                policy_names: Vec::new(),
            }),
        }
    }
    let id = &balancer.load_balancer_id;
    twin.state.update(id, |it: &mut ClassicLoadBalancer| {
        it.listener_descriptions = all
    });
    Ok(Nothing {})
}

/// Removes the listeners of ports; ports without one are no error.
///
/// # Errors
/// `LoadBalancerNotFound`.
pub fn delete_load_balancer_listeners(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteListenersRequest,
) -> Result<Nothing, ApiError> {
    let id = named(twin, ctx, &request.load_balancer_name)?
        .load_balancer_id
        .clone();
    let ports = request.load_balancer_ports;
    if ports.is_empty() {
        return Err(missing("loadBalancerPorts"));
    }
    twin.state.update(&id, |it: &mut ClassicLoadBalancer| {
        it.listener_descriptions
            .retain(|it| !ports.contains(&it.listener.load_balancer_port));
    });
    Ok(Nothing {})
}

/// Sets how instances are checked.
///
/// # Errors
/// `LoadBalancerNotFound`, `ValidationError`.
pub fn configure_health_check(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ConfigureHealthCheckRequest,
) -> Result<ConfiguredHealthCheck, ApiError> {
    let id = named(twin, ctx, &request.load_balancer_name)?
        .load_balancer_id
        .clone();
    let check = request.health_check.ok_or_else(|| missing("healthCheck"))?;
    in_range("interval", check.interval.into(), 5, 300)?;
    in_range("timeout", check.timeout.into(), 2, 60)?;
    in_range(
        "unhealthyThreshold",
        check.unhealthy_threshold.into(),
        2,
        10,
    )?;
    in_range("healthyThreshold", check.healthy_threshold.into(), 2, 10)?;
    if check.timeout >= check.interval {
        return Err(validation(format!(
            "HealthCheck timeout must be less than interval: {} >= {}",
            check.timeout, check.interval
        )));
    }
    let (protocol, rest) = check.target.split_once(':').unwrap_or_default();
    let (port, path) = rest
        .split_once('/')
        .map_or((rest, false), |it| (it.0, true));
    let fine = match protocol {
        "TCP" | "SSL" => !path,
        "HTTP" | "HTTPS" => path,
        _ => false,
    };
    if !fine || port.parse::<u16>().is_err() {
        return Err(validation(format!(
            "HealthCheck HTTP Target must specify a port followed by a path that begins with a slash. e.g. HTTP:80/ping/this/path, not '{}'",
            check.target
        )));
    }
    let set = check.clone();
    twin.state
        .update(&id, |it: &mut ClassicLoadBalancer| it.health_check = set);
    Ok(ConfiguredHealthCheck {
        health_check: check,
    })
}

fn attributes_of(balancer: &ClassicLoadBalancer) -> ClassicAttributes {
    let text = |key: &str| {
        let mut all = balancer.attributes.iter();
        all.find(|it| it.key == key).map(|it| it.value.as_str())
    };
    let flag = |key: &str| text(key) == Some("true");
    let number = |key: &str, usual| text(key).and_then(|it| it.parse().ok()).unwrap_or(usual);
    ClassicAttributes {
        cross_zone_load_balancing: Some(Switch {
            enabled: flag("CrossZoneLoadBalancing.Enabled"),
        }),
        access_log: Some(Switch { enabled: false }),
        connection_draining: Some(ConnectionDraining {
            enabled: flag("ConnectionDraining.Enabled"),
            timeout: Some(number("ConnectionDraining.Timeout", 300)),
        }),
        connection_settings: Some(ConnectionSettings {
            idle_timeout: number("ConnectionSettings.IdleTimeout", 60),
        }),
    }
}

/// Tells a balancer's attributes.
///
/// # Errors
/// `LoadBalancerNotFound`.
pub fn describe_load_balancer_attributes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeAttributesRequest,
) -> Result<DescribedAttributes, ApiError> {
    let balancer = named(twin, ctx, &request.load_balancer_name)?;
    Ok(DescribedAttributes {
        load_balancer_attributes: attributes_of(balancer),
    })
}

/// Sets attributes; what is not named stays.
///
/// # Errors
/// `LoadBalancerNotFound`, `ValidationError`, `UnsupportedOperation` for access logs, which need a
/// bucket.
pub fn modify_load_balancer_attributes(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyAttributesRequest,
) -> Result<ModifiedAttributes, ApiError> {
    let balancer = named(twin, ctx, &request.load_balancer_name)?.clone();
    let new = request.load_balancer_attributes;
    let new = new.ok_or_else(|| missing("loadBalancerAttributes"))?;
    let mut set: Vec<(&str, String)> = Vec::new();
    if new.access_log.is_some_and(|it| it.enabled) {
        return Err(crate::services::common::not_modelled(
            "access logs of load balancers",
        ));
    }
    if let Some(it) = new.cross_zone_load_balancing {
        set.push(("CrossZoneLoadBalancing.Enabled", it.enabled.to_string()));
    }
    if let Some(it) = new.connection_draining {
        set.push(("ConnectionDraining.Enabled", it.enabled.to_string()));
        if let Some(seconds) = it.timeout {
            let seconds = in_range("connectionDraining.timeout", seconds.into(), 1, 3600)?;
            set.push(("ConnectionDraining.Timeout", seconds.to_string()));
        }
    }
    if let Some(it) = new.connection_settings {
        let seconds = in_range(
            "connectionSettings.idleTimeout",
            it.idle_timeout.into(),
            1,
            3600,
        )?;
        set.push(("ConnectionSettings.IdleTimeout", seconds.to_string()));
    }
    let mut after = balancer.clone();
    for (key, value) in set {
        after.attributes.retain(|it| it.key != key);
        after.attributes.push(Attribute {
            key: key.into(),
            value: value.into(),
        });
    }
    after
        .attributes
        .sort_by(|one, other| one.key.cmp(&other.key));
    let answer = attributes_of(&after);
    twin.state.insert(&ctx.region, after);
    Ok(ModifiedAttributes {
        load_balancer_name: balancer.load_balancer_name,
        load_balancer_attributes: answer,
    })
}

/// Replaces a balancer's security groups, at its interfaces, too.
///
/// # Errors
/// `LoadBalancerNotFound`, `InvalidSecurityGroup`.
pub fn apply_security_groups_to_load_balancer(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ApplySecurityGroupsRequest,
) -> Result<AppliedSecurityGroups, ApiError> {
    let balancer = named(twin, ctx, &request.load_balancer_name)?.clone();
    if request.security_groups.is_empty() {
        return Err(missing("securityGroups"));
    }
    let groups = check_groups(twin, ctx, &request.security_groups, &vpc_of(&balancer)?)?;
    for interface in interfaces(twin, &balancer) {
        let groups = groups.clone();
        twin.state
            .update(&interface, |it: &mut NetworkInterface| it.groups = groups);
    }
    let ids: Vec<SecurityGroupId> = groups.into_iter().map(|it| it.group_id).collect();
    let set = ids.clone();
    let id = &balancer.load_balancer_id;
    twin.state
        .update(id, |it: &mut ClassicLoadBalancer| it.security_groups = set);
    Ok(AppliedSecurityGroups {
        security_groups: ids,
    })
}

/// Adds subnets.
///
/// # Errors
/// `LoadBalancerNotFound`, `SubnetNotFound`, `InvalidSubnet`, `InvalidConfigurationRequest`.
pub fn attach_load_balancer_to_subnets(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AttachSubnetsRequest,
) -> Result<AttachedSubnets, ApiError> {
    let balancer = named(twin, ctx, &request.load_balancer_name)?.clone();
    if request.subnets.is_empty() {
        return Err(missing("subnets"));
    }
    let new = check_subnets(twin, ctx, &balancer.subnets, &request.subnets)?;
    let vpc = vpc_of(&balancer)?;
    let groups: Vec<GroupRef> = balancer
        .security_groups
        .iter()
        .filter_map(|it| group(twin, ctx, it.as_str(), &vpc))
        .collect();
    settle(twin, ctx, &balancer, &new, &groups)?;
    let mut subnets = balancer.subnets.clone();
    subnets.extend(new.iter().map(|it| it.subnet_id.clone()));
    place(twin, &balancer, subnets.clone());
    Ok(AttachedSubnets { subnets })
}

fn place(twin: &mut Twin, balancer: &ClassicLoadBalancer, subnets: Vec<SubnetId>) {
    let found = subnets.iter().filter_map(|id| twin.state.one::<Subnet>(id));
    let found: Vec<Subnet> = found.cloned().collect();
    let zones = zones(&found);
    let id = &balancer.load_balancer_id;
    twin.state.update(id, |it: &mut ClassicLoadBalancer| {
        it.subnets = subnets;
        it.availability_zones = zones;
    });
}

/// Removes subnets; interfaces in them vanish minutes later.
///
/// # Errors
/// `LoadBalancerNotFound`, `InvalidConfigurationRequest` for the last subnet and for ones that the
/// balancer does not have.
pub fn detach_load_balancer_from_subnets(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DetachSubnetsRequest,
) -> Result<AttachedSubnets, ApiError> {
    let balancer = named(twin, ctx, &request.load_balancer_name)?.clone();
    if request.subnets.is_empty() {
        return Err(missing("subnets"));
    }
    let goes = |id: &SubnetId| request.subnets.iter().any(|it| it == id.as_str());
    let unknown = |text: &&String| {
        !balancer
            .subnets
            .iter()
            .any(|it| it.as_str() == text.as_str())
    };
    if let Some(text) = request.subnets.iter().find(unknown) {
        let name = &balancer.load_balancer_name;
        return Err(invalid_configuration(format!(
            "{text} is not currently attached to ELB {name}."
        )));
    }
    let subnets: Vec<SubnetId> = balancer
        .subnets
        .iter()
        .filter(|it| !goes(it))
        .cloned()
        .collect();
    if subnets.is_empty() {
        return Err(invalid_configuration(
            "Cannot detach all subnets of a load balancer",
        ));
    }
    let left: Vec<_> = interfaces(twin, &balancer)
        .into_iter()
        .filter(|id| {
            let interface = twin.state.one::<NetworkInterface>(id);
            interface.is_some_and(|it| goes(&it.subnet_id))
        })
        .collect();
    place(twin, &balancer, subnets.clone());
    elbv2::release_later(twin, left);
    Ok(AttachedSubnets { subnets })
}
