//! Making and deleting load balancers.

use sandtable_model::resource::{
    LoadBalancer, LoadBalancerScheme, LoadBalancerState, LoadBalancerStateCode, LoadBalancerType,
    TargetGroup,
};
use sandtable_model::{Duration, Kind, LoadBalancerId, NetworkInterfaceId, Tags};
use serde_json::Value;
use smol_str::{SmolStr, format_smolstr};

use super::describe::show;
use super::placement::{Place, places, read_groups, settle};
use super::{TAG_WORDS, balancer, interfaces, invalid_configuration, short, unlink};
use crate::network::managed;
use crate::network::request::{answers, requests};
use crate::services::Transition;
use crate::services::common::{Tag, digits, not_modelled, one_of, required, validation, with_tags};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateLoadBalancer.
    CreateLoadBalancerRequest {
        name: String,
        subnets: Vec<String>,
        subnet_mappings: Vec<SubnetMapping>,
        security_groups: Vec<String>,
        scheme: Option<String>,
        tags: Vec<Tag>,
        r#type: Option<String>,
        ip_address_type: Option<String>,
    }
    /// A subnet with fixed addresses.
    SubnetMapping {
        subnet_id: String,
        allocation_id: Option<String>,
        #[serde(rename = "PrivateIPv4Address")]
        private_ipv4_address: Option<String>,
    }
    /// DeleteLoadBalancer.
    DeleteLoadBalancerRequest { load_balancer_arn: String }
}

answers! {
    /// An answer with load balancers.
    LoadBalancers { load_balancers: Vec<Value> }
    /// An answer without members.
    Nothing {}
}

/// How many balancers of each type an account may have in a Region (Service Quotas, "Application
/// Load Balancers per Region" and the like).
const fn quota(of: &LoadBalancerType) -> usize {
    match of {
        LoadBalancerType::Gateway => 100,
        _ => 50,
    }
}

/// Makes a load balancer with an interface in each of its subnets; it is `provisioning`, then
/// `active`. The same name with the same settings gives the one that is there.
///
/// # Errors
/// `DuplicateLoadBalancerName`, `TooManyLoadBalancers`, `SubnetNotFound`, `InvalidSubnet`,
/// `InvalidConfigurationRequest`, `AllocationIdNotFound`, `ResourceInUse`, `TooManyTags`,
/// `ValidationError` (ELBv2 API reference, `CreateLoadBalancer`).
pub fn create_load_balancer(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateLoadBalancerRequest,
) -> Result<LoadBalancers, ApiError> {
    let name = check_name("load balancer", &request.name)?;
    let of = read_type(request.r#type.as_deref())?;
    let scheme = read_scheme(request.scheme.as_deref(), &of)?;
    check_address_type(request.ip_address_type.as_deref())?;
    let places = places(
        twin,
        ctx,
        &of,
        &scheme,
        &request.subnets,
        &request.subnet_mappings,
    )?;
    let Some(vpc_id) = places.first().map(|it| it.subnet.vpc_id.clone()) else {
        return Err(validation("At least one subnet must be specified"));
    };
    let groups = read_groups(twin, ctx, &of, &vpc_id, &request.security_groups)?;
    let tags = with_tags(&Tags::new(), &request.tags, &TAG_WORDS)?;
    let id = LoadBalancerId::from_name(&ctx.region, name);
    let wanted = LoadBalancer {
        load_balancer_id: id.clone(),
        load_balancer_name: name.into(),
        load_balancer_arn: SmolStr::default(),
        dns_name: None,
        canonical_hosted_zone_id: None,
        created_time: Some(twin.now()),
        scheme,
        vpc_id,
        state: LoadBalancerState {
            code: LoadBalancerStateCode::Provisioning,
            reason: None,
        },
        r#type: of,
        availability_zones: places.iter().map(Place::zone).collect(),
        security_groups: groups.iter().map(|it| it.group_id.clone()).collect(),
        ip_address_type: "ipv4".into(),
        attributes: Vec::new(),
        listeners: Vec::new(),
        tags,
    };
    if let Some(present) = twin.state.one::<LoadBalancer>(&id) {
        return match is_same(present, &wanted) {
            true => Ok(LoadBalancers {
                load_balancers: vec![show(present)?],
            }),
            false => Err(ApiError::new(
                "DuplicateLoadBalancerName",
                format!(
                    "A load balancer with the same name '{name}' exists, but with different settings"
                ),
            )),
        };
    }
    check_quota(twin, ctx, &wanted.r#type)?;
    super::placement::check_free(twin, &wanted, &places)?;
    let wanted = LoadBalancer {
        load_balancer_arn: arn(twin, ctx, &wanted),
        ..wanted
    };
    let wanted = LoadBalancer {
        dns_name: Some(dns_name(twin, ctx, &wanted)),
        ..wanted
    };
    twin.state.insert(&ctx.region, wanted.clone());
    if let Err(error) = settle(twin, ctx, &id, &places, &groups) {
        // Half a balancer must not stay.
        for interface in interfaces(twin, &wanted) {
            managed::remove(twin, &interface);
        }
        twin.state.remove(&id);
        return Err(error);
    }
    let delay = twin.options.timings.services.balancer_create;
    twin.schedule(delay, Transition::BalancerActive(id.clone()));
    let made = twin.state.one::<LoadBalancer>(&id).map(show).transpose()?;
    Ok(LoadBalancers {
        load_balancers: made.into_iter().collect(),
    })
}

/// The rules for names of load balancers and target groups: up to 32 letters, digits and hyphens,
/// none at an end (ELBv2 API reference, `CreateLoadBalancer`, `Name`).
pub(super) fn check_name<'a>(noun: &str, name: &'a str) -> Result<&'a str, ApiError> {
    required("name", name)?;
    let refuse = |why: &str| Err(validation(format!("The {noun} name '{name}' {why}")));
    if name.chars().count() > 32 {
        return refuse("cannot be longer than '32' characters");
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return refuse(
            "can only contain characters that are alphanumeric characters or hyphens(-)",
        );
    }
    if name.starts_with('-') || name.ends_with('-') {
        return refuse("cannot begin or end with a hyphen(-)");
    }
    if noun == "load balancer" && name.starts_with("internal-") {
        return refuse("cannot begin with 'internal-'");
    }
    Ok(name)
}

fn read_type(text: Option<&str>) -> Result<LoadBalancerType, ApiError> {
    let text = text.unwrap_or("application");
    one_of("type", text, &["application", "network", "gateway"])?;
    Ok(LoadBalancerType::from(text))
}

fn read_scheme(text: Option<&str>, of: &LoadBalancerType) -> Result<LoadBalancerScheme, ApiError> {
    let text = match (text, of) {
        (Some(_), LoadBalancerType::Gateway) => {
            return Err(invalid_configuration(
                "Scheme is not supported for load balancers with type 'gateway'",
            ));
        }
        // A Gateway Load Balancer has no public addresses, whatever the member says.
        (None, LoadBalancerType::Gateway) => "internal",
        (text, _) => text.unwrap_or("internet-facing"),
    };
    one_of("scheme", text, &["internet-facing", "internal"])?;
    Ok(LoadBalancerScheme::from(text))
}

fn check_address_type(text: Option<&str>) -> Result<(), ApiError> {
    match text {
        None | Some("ipv4") => Ok(()),
        Some(other) => {
            let known = ["ipv4", "dualstack", "dualstack-without-public-ipv4"];
            one_of("ipAddressType", other, &known)?;
            Err(not_modelled("IPv6 addresses of load balancers"))
        }
    }
}

/// Whether asking again asks for what is there.
fn is_same(present: &LoadBalancer, wanted: &LoadBalancer) -> bool {
    let subnets = |it: &LoadBalancer| {
        let mut all: Vec<_> = it.subnet_ids().cloned().collect();
        all.sort();
        all
    };
    let groups = |it: &LoadBalancer| {
        let mut all = it.security_groups.clone();
        all.sort();
        all
    };
    present.r#type == wanted.r#type
        && present.scheme == wanted.scheme
        && subnets(present) == subnets(wanted)
        && groups(present) == groups(wanted)
        && present.tags == wanted.tags
}

fn check_quota(twin: &Twin, ctx: &Ctx, of: &LoadBalancerType) -> Result<(), ApiError> {
    let present = twin.state.all::<LoadBalancer>(&ctx.region);
    let count = present.filter(|it| it.r#type == *of).count();
    if count < quota(of) {
        return Ok(());
    }
    let message = "The maximum number of load balancers has been reached";
    Err(ApiError::new("TooManyLoadBalancers", message))
}

fn arn(twin: &mut Twin, ctx: &Ctx, balancer: &LoadBalancer) -> SmolStr {
    let (region, account) = (&ctx.region, &ctx.account);
    let (kind, name) = (short(&balancer.r#type), &balancer.load_balancer_name);
    let digits = digits(twin);
    format_smolstr!(
        "arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/{kind}/{name}/{digits}"
    )
}

fn dns_name(twin: &mut Twin, ctx: &Ctx, balancer: &LoadBalancer) -> SmolStr {
    let (region, name) = (&ctx.region, &balancer.load_balancer_name);
    let prefix = match (&balancer.r#type, &balancer.scheme) {
        (LoadBalancerType::Application, LoadBalancerScheme::Internal) => "internal-",
        _ => "",
    };
    if balancer.r#type == LoadBalancerType::Application {
        let number = twin.ids.below(1_000_000_000);
        return format_smolstr!("{prefix}{name}-{number}.{region}.elb.amazonaws.com");
    }
    let hash = balancer.load_balancer_arn.rsplit('/').next();
    let hash = hash.unwrap_or_default();
    format_smolstr!("{name}-{hash}.elb.{region}.amazonaws.com")
}

/// Deletes a load balancer with its listeners. It is no longer described; its interfaces stay for
/// minutes and keep their subnets and security groups. One that is not there is no error.
///
/// # Errors
/// `OperationNotPermitted` under deletion protection, `ResourceInUse` while an endpoint service is
/// based on it (ELBv2 API reference, `DeleteLoadBalancer`).
pub fn delete_load_balancer(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteLoadBalancerRequest,
) -> Result<Nothing, ApiError> {
    let arn = &request.load_balancer_arn;
    let found = match balancer(twin, ctx, arn) {
        Ok(found) => found.clone(),
        Err(error) if error.code == "LoadBalancerNotFound" => return Ok(Nothing {}),
        Err(error) => return Err(error),
    };
    if found.attribute("deletion_protection.enabled") == Some("true") {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!(
                "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
            ),
        ));
    }
    if has_service(twin, &found) {
        return Err(ApiError::new(
            "ResourceInUse",
            format!(
                "Load balancer '{arn}' cannot be deleted because it is currently associated with another service"
            ),
        ));
    }
    let interfaces = interfaces(twin, &found);
    let id = &found.load_balancer_id;
    let groups = twin.state.referring::<TargetGroup>(id);
    let groups: Vec<SmolStr> = groups.map(|it| it.target_group_arn.clone()).collect();
    for group in &groups {
        unlink(twin, group, arn);
    }
    twin.state.remove(id);
    release_later(twin, interfaces);
    Ok(Nothing {})
}

/// Whether an endpoint service leads to a balancer.
fn has_service(twin: &Twin, balancer: &LoadBalancer) -> bool {
    let id = (&balancer.load_balancer_id).into();
    let mut referrers = twin.state.referrers(&id);
    referrers.any(|it| it.kind() == Kind::VpcEndpointService)
}

/// Lets interfaces of a service vanish when the service comes to it.
pub(in crate::services) fn release_later(twin: &mut Twin, interfaces: Vec<NetworkInterfaceId>) {
    let delay = twin.options.timings.services.interface_release;
    twin.schedule(delay, Transition::InterfacesReleased(interfaces));
}

/// `provisioning` becomes `active`.
pub(in crate::services) fn active(twin: &mut Twin, id: &LoadBalancerId) {
    twin.state.update(id, |it: &mut LoadBalancer| {
        if it.state.code == LoadBalancerStateCode::Provisioning {
            it.state.code = LoadBalancerStateCode::Active;
        }
    });
}

/// Schedules what was under way when a snapshot was taken.
pub(in crate::services) fn resume(twin: &mut Twin, balancer: &LoadBalancer) {
    if balancer.state.code == LoadBalancerStateCode::Provisioning {
        let delay = twin.options.timings.services.balancer_create;
        let delay = delay.max(Duration::from_millis(1));
        let id = balancer.load_balancer_id.clone();
        twin.schedule(delay, Transition::BalancerActive(id));
    }
}
