//! Making, describing and deleting Classic Load Balancers.

use sandtable_model::resource::{
    ClassicHealthCheck, ClassicListener, ClassicListenerDescription, ClassicLoadBalancer, GroupRef,
    InterfaceType, SecurityGroup, Subnet,
};
use sandtable_model::{ClassicLoadBalancerId, SubnetId, Tags, VpcId};
use serde_json::{Value, json};
use smol_str::{SmolStr, format_smolstr};

use super::settings::{check_groups, check_listener};
use super::{description, interfaces, invalid_configuration, named};
use crate::network::managed::{self, Public, Wanted};
use crate::network::request::{answers, requests};
use crate::services::common::{
    Tag, in_range, missing, page, required, shown, subnet, validation, with_tags,
};
use crate::services::elbv2;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateLoadBalancer.
    CreateLoadBalancerRequest {
        load_balancer_name: String,
        listeners: Vec<ClassicListener>,
        availability_zones: Vec<String>,
        subnets: Vec<String>,
        security_groups: Vec<String>,
        scheme: Option<String>,
        tags: Vec<Tag>,
    }
    /// DescribeLoadBalancers.
    DescribeLoadBalancersRequest {
        load_balancer_names: Vec<String>,
        marker: Option<String>,
        page_size: Option<i64>,
    }
    /// DeleteLoadBalancer.
    DeleteLoadBalancerRequest { load_balancer_name: String }
}

answers! {
    /// The answer of CreateLoadBalancer.
    CreatedLoadBalancer {
        #[serde(rename = "DNSName")]
        dns_name: SmolStr,
    }
    /// The answer of DescribeLoadBalancers.
    DescribedLoadBalancers {
        load_balancer_descriptions: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_marker: Option<String>,
    }
    /// An answer without members.
    Nothing {}
}

/// Classic Load Balancers of an account in a Region (Service Quotas).
const BALANCERS_MAX: usize = 20;

/// Makes a balancer with an interface in each of its subnets. It is there at once.
///
/// # Errors
/// `DuplicateLoadBalancerName`, `TooManyLoadBalancers`, `SubnetNotFound`, `InvalidSubnet`,
/// `InvalidSecurityGroup`, `InvalidScheme`, `InvalidConfigurationRequest`, `UnsupportedProtocol`,
/// `CertificateNotFound`, `ValidationError`.
pub fn create_load_balancer(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateLoadBalancerRequest,
) -> Result<CreatedLoadBalancer, ApiError> {
    let name = check_name(&request.load_balancer_name)?;
    if request.listeners.is_empty() {
        return Err(missing("listeners"));
    }
    let mut listeners: Vec<ClassicListenerDescription> = Vec::new();
    for listener in &request.listeners {
        let read = check_listener(listener)?;
        let port = read.load_balancer_port;
        if listeners
            .iter()
            .any(|it| it.listener.load_balancer_port == port)
        {
            return Err(invalid_configuration(format!(
                "The port {port} is used by more than one listener"
            )));
        }
        listeners.push(ClassicListenerDescription {
            listener: read,
            policy_names: Vec::new(),
        });
    }
    let scheme = match request.scheme.as_deref() {
        None | Some("internet-facing") => "internet-facing",
        Some("internal") => "internal",
        Some(other) => {
            let message = format!("Invalid scheme: {other}");
            return Err(ApiError::new("InvalidScheme", message));
        }
    };
    let subnets = places(twin, ctx, &request, scheme)?;
    let Some(vpc) = subnets.first().map(|it| it.vpc_id.clone()) else {
        return Err(nowhere());
    };
    let groups = check_groups(twin, ctx, &request.security_groups, &vpc)?;
    let tags = with_tags(&Tags::new(), &request.tags, &elbv2::TAG_WORDS)?;
    let number = twin.ids.below(1_000_000_000);
    let region = &ctx.region;
    let prefix = if scheme == "internal" {
        "internal-"
    } else {
        ""
    };
    let dns_name = format_smolstr!("{prefix}{name}-{number}.{region}.elb.amazonaws.com");
    let first = listeners.first().map_or(80, |it| it.listener.instance_port);
    let made = ClassicLoadBalancer {
        load_balancer_id: ClassicLoadBalancerId::from_name(region, name),
        load_balancer_name: name.into(),
        dns_name: Some(dns_name.clone()),
        canonical_hosted_zone_name_id: None,
        created_time: Some(twin.now()),
        scheme: scheme.into(),
        vpc_id: Some(vpc),
        availability_zones: zones(&subnets),
        subnets: subnets.iter().map(|it| it.subnet_id.clone()).collect(),
        security_groups: groups.iter().map(|it| it.group_id.clone()).collect(),
        listener_descriptions: listeners,
        instances: Vec::new(),
        health_check: ClassicHealthCheck {
            target: format_smolstr!("TCP:{first}"),
            ..ClassicHealthCheck::default()
        },
        attributes: Vec::new(),
        tags,
    };
    if let Ok(present) = named(twin, ctx, name) {
        return match is_same(present, &made) {
            true => Ok(CreatedLoadBalancer {
                dns_name: present.dns_name.clone().unwrap_or(dns_name),
            }),
            false => Err(ApiError::new(
                "DuplicateLoadBalancerName",
                format!(
                    "Load Balancer named {name} already exists and it is configured with different parameters"
                ),
            )),
        };
    }
    if twin.state.all::<ClassicLoadBalancer>(region).count() >= BALANCERS_MAX {
        return Err(ApiError::new(
            "TooManyLoadBalancers",
            "The quota for the number of load balancers has been reached",
        ));
    }
    let id = made.load_balancer_id.clone();
    twin.state.insert(&ctx.region, made.clone());
    if let Err(error) = settle(twin, ctx, &made, &subnets, &groups) {
        for interface in interfaces(twin, &made) {
            managed::remove(twin, &interface);
        }
        twin.state.remove(&id);
        return Err(error);
    }
    Ok(CreatedLoadBalancer { dns_name })
}

fn is_same(present: &ClassicLoadBalancer, wanted: &ClassicLoadBalancer) -> bool {
    let sorted = |it: &ClassicLoadBalancer| {
        let mut all = it.subnets.clone();
        all.sort();
        all
    };
    present.scheme == wanted.scheme
        && sorted(present) == sorted(wanted)
        && present.security_groups == wanted.security_groups
        && present.listener_descriptions == wanted.listener_descriptions
}

fn check_name(name: &str) -> Result<&str, ApiError> {
    required("loadBalancerName", name)?;
    let fine = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.len() > 32 || name.starts_with('-') || name.ends_with('-') || !name.chars().all(fine) {
        return Err(validation(
            "LoadBalancer name must contain only alphanumeric characters or hyphens and must not begin or end with a hyphen, and be at most 32 characters long",
        ));
    }
    Ok(name)
}

fn nowhere() -> ApiError {
    validation("Either AvailabilityZones or SubnetIds must be specified")
}

/// Makes the interfaces of a balancer in subnets.
pub(super) fn settle(
    twin: &mut Twin,
    ctx: &Ctx,
    balancer: &ClassicLoadBalancer,
    subnets: &[Subnet],
    groups: &[GroupRef],
) -> Result<(), ApiError> {
    for subnet in subnets {
        let wanted = Wanted {
            interface_type: InterfaceType::Interface,
            description: description(balancer),
            groups: groups.to_vec(),
            service: elbv2::SERVICE,
            private_ip: None,
            public: match balancer.scheme.as_str() {
                "internal" => Public::No,
                _ => Public::Lent,
            },
        };
        managed::make(twin, ctx, subnet, wanted)?;
    }
    Ok(())
}

/// The zones of subnets.
pub(super) fn zones(subnets: &[Subnet]) -> Vec<SmolStr> {
    let zones = subnets
        .iter()
        .map(|it| it.availability_zone.as_str().into());
    zones.collect()
}

fn places(
    twin: &Twin,
    ctx: &Ctx,
    request: &CreateLoadBalancerRequest,
    scheme: &str,
) -> Result<Vec<Subnet>, ApiError> {
    let (ids, zones) = (&request.subnets, &request.availability_zones);
    let subnets = match (ids.is_empty(), zones.is_empty()) {
        (true, true) => return Err(nowhere()),
        (false, false) => {
            return Err(validation(
                "Only one of SubnetIds or AvailabilityZones may be specified",
            ));
        }
        (false, true) => check_subnets(twin, ctx, &[], ids)?,
        (true, false) => {
            let all: Vec<&Subnet> = twin.state.all(&ctx.region).collect();
            let mut found = Vec::new();
            for zone in zones {
                let fits =
                    |it: &&&Subnet| it.default_for_az && it.availability_zone.as_str() == zone;
                let one = all.iter().find(fits).ok_or_else(|| {
                    validation(format!(
                        "The requested Availability Zone {zone} has no default subnet"
                    ))
                })?;
                found.push((*one).clone());
            }
            found
        }
    };
    let vpc = subnets.first().map(|it| &it.vpc_id);
    if scheme != "internal"
        && let Some(vpc) = vpc
        && !managed::leads_to_the_internet(&twin.state, vpc)
    {
        return Err(ApiError::new(
            "InvalidSubnet",
            format!("VPC {vpc} has no internet gateway"),
        ));
    }
    Ok(subnets)
}

/// Subnets of a request beside those that are there: in one VPC, each in a zone of its own.
///
/// # Errors
/// `SubnetNotFound`, `InvalidConfigurationRequest`, `InvalidSubnet`.
pub(super) fn check_subnets(
    twin: &Twin,
    ctx: &Ctx,
    present: &[SubnetId],
    ids: &[String],
) -> Result<Vec<Subnet>, ApiError> {
    let present = present.iter().filter_map(|id| twin.state.one::<Subnet>(id));
    let mut taken: Vec<Subnet> = present.cloned().collect();
    let mut new = Vec::new();
    for id in ids {
        let found = subnet(twin, ctx, id).ok_or_else(|| {
            let message = format!("The subnet ID '{id}' does not exist");
            ApiError::new("SubnetNotFound", message)
        })?;
        if taken.iter().any(|it| it.subnet_id == found.subnet_id) {
            continue;
        }
        for other in &taken {
            if other.vpc_id != found.vpc_id {
                let message = "The subnets must be in the VPC of the load balancer";
                return Err(ApiError::new("InvalidSubnet", message));
            }
            if other.availability_zone == found.availability_zone {
                return Err(invalid_configuration(
                    "ELB cannot be attached to multiple subnets in the same AZ.",
                ));
            }
        }
        taken.push(found.clone());
        new.push(found.clone());
    }
    Ok(new)
}

/// A balancer as answers show it.
fn show(twin: &Twin, ctx: &Ctx, balancer: &ClassicLoadBalancer) -> Result<Value, ApiError> {
    let beside = ["LoadBalancerId", "Attributes", "Tags", "Instances"];
    let mut value = shown(balancer, &beside)?;
    if let Value::Object(members) = &mut value {
        let instances = balancer.instances.iter();
        let instances = instances.map(|it| json!({"InstanceId": it.instance_id}));
        members.insert("Instances".to_owned(), instances.collect());
        let name = balancer.dns_name.as_deref().map(Value::from);
        members.extend(name.map(|it| ("CanonicalHostedZoneName".to_owned(), it)));
        let group = balancer.security_groups.first();
        let group = group.and_then(|id| twin.state.one::<SecurityGroup>(id));
        if let Some(group) = group {
            let source = json!({"OwnerAlias": ctx.account, "GroupName": group.group_name});
            members.insert("SourceSecurityGroup".to_owned(), source);
        }
    }
    Ok(value)
}

/// Lists balancers.
///
/// # Errors
/// `LoadBalancerNotFound` for any name that is not there, `ValidationError`.
pub fn describe_load_balancers(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeLoadBalancersRequest,
) -> Result<DescribedLoadBalancers, ApiError> {
    let names = &request.load_balancer_names;
    for name in names {
        named(twin, ctx, name)?;
    }
    let mut found = Vec::new();
    for it in twin.state.all::<ClassicLoadBalancer>(&ctx.region) {
        let name = it.load_balancer_name.as_str();
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            found.push((name.to_owned(), show(twin, ctx, it)?));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let size = in_range("pageSize", request.page_size.unwrap_or(400), 1, 400)?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let marker = request.marker.as_deref();
    let (load_balancer_descriptions, next_marker) =
        page(found, marker, size).ok_or_else(|| validation("Invalid marker"))?;
    Ok(DescribedLoadBalancers {
        load_balancer_descriptions,
        next_marker,
    })
}

/// Deletes a balancer; its interfaces stay for minutes. One that is not there is no error (ELB API
/// reference 2012-06-01, `DeleteLoadBalancer`).
///
/// # Errors
/// `ValidationError`.
pub fn delete_load_balancer(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteLoadBalancerRequest,
) -> Result<Nothing, ApiError> {
    required("loadBalancerName", &request.load_balancer_name)?;
    let Ok(found) = named(twin, ctx, &request.load_balancer_name).cloned() else {
        return Ok(Nothing {});
    };
    let interfaces = interfaces(twin, &found);
    twin.state.remove(&found.load_balancer_id);
    elbv2::release_later(twin, interfaces);
    Ok(Nothing {})
}

/// The VPC of a balancer.
///
/// # Errors
/// `InvalidConfigurationRequest` for one outside of VPCs.
pub(super) fn vpc_of(balancer: &ClassicLoadBalancer) -> Result<VpcId, ApiError> {
    let vpc = balancer.vpc_id.clone();
    vpc.ok_or_else(|| invalid_configuration("The load balancer is not in a VPC"))
}
