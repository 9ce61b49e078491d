//! Endpoint services of the account: making and describing them.
//!
//! A service's load balancers are named by ARN. Where the snapshot shows load balancers of the
//! Region, one that it does not show is refused; where it shows none, the ARN is taken as it is.
//! Deliberately absent, and refused by name: further Regions, IPv6.

use sandtable_model::resource::{
    EndpointServiceState, EndpointServiceType, EndpointType, PrivateDnsNameConfiguration,
    VpcEndpointService,
};
use sandtable_model::{AvailabilityZone, Kind, ResourceId, VpcEndpointServiceId};
use smol_str::{SmolStr, format_smolstr};

use super::endpoint::invalid;
use super::refusal;
use super::request::{answers, requests};
use crate::place;
use crate::rules::{Filter, FilterTable, Listing, Page, TagSpecification, describe, tags_for};
use crate::state::load_balancer;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateVpcEndpointServiceConfiguration.
    CreateVpcEndpointServiceConfigurationRequest {
        acceptance_required: Option<bool>,
        private_dns_name: Option<String>,
        network_load_balancer_arns: Vec<String>,
        gateway_load_balancer_arns: Vec<String>,
        supported_ip_address_types: Vec<String>,
        client_token: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DescribeVpcEndpointServiceConfigurations.
    DescribeVpcEndpointServiceConfigurationsRequest {
        service_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// The answer of CreateVpcEndpointServiceConfiguration.
    CreatedVpcEndpointService { service_configuration: VpcEndpointService }
}

/// Makes an endpoint service of Network or Gateway Load Balancers.
///
/// # Errors
/// `InvalidParameter` without load balancers, with both kinds, and for ARNs of another kind;
/// `LoadBalancerNotFound`.
pub fn create_vpc_endpoint_service_configuration(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateVpcEndpointServiceConfigurationRequest,
) -> Result<CreatedVpcEndpointService, ApiError> {
    const NAME: &str = "CreateVpcEndpointServiceConfiguration";
    let (network, gateway) = (
        &request.network_load_balancer_arns,
        &request.gateway_load_balancer_arns,
    );
    let kind = match (network.is_empty(), gateway.is_empty()) {
        (false, true) => EndpointType::Interface,
        (true, false) => EndpointType::GatewayLoadBalancer,
        (true, true) => {
            return Err(invalid(
                "At least one Network Load Balancer ARN or Gateway Load Balancer ARN must be specified.",
            ));
        }
        (false, false) => {
            return Err(invalid(
                "Network Load Balancers and Gateway Load Balancers cannot be used together.",
            ));
        }
    };
    check_arns(twin, ctx, network, NETWORK)?;
    check_arns(twin, ctx, gateway, GATEWAY)?;
    check_address_types(&request.supported_ip_address_types)?;
    if request.private_dns_name.is_some() && kind != EndpointType::Interface {
        return Err(private_name_refused());
    }
    let kind_of_resource = Kind::VpcEndpointService;
    let tags = tags_for(
        kind_of_resource,
        &[kind_of_resource],
        &request.tag_specifications,
    )?;
    ctx.end_dry_run()?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)?
        && let Some(found) = made.first().and_then(|it| twin.state.one(it.clone()))
    {
        let service_configuration = VpcEndpointService::clone(found);
        return Ok(CreatedVpcEndpointService {
            service_configuration,
        });
    }
    let service_id = twin.fresh(VpcEndpointServiceId::from_number);
    let name = request.private_dns_name.as_deref();
    let region = &ctx.region;
    let service = VpcEndpointService {
        service_name: format_smolstr!("com.amazonaws.vpce.{region}.{service_id}"),
        service_type: vec![EndpointServiceType { service_type: kind }],
        service_state: EndpointServiceState::Available,
        availability_zones: zones_of(twin, ctx, network.iter().chain(gateway)),
        acceptance_required: request.acceptance_required.unwrap_or(true),
        manages_vpc_endpoints: false,
        network_load_balancer_arns: network.iter().map(SmolStr::from).collect(),
        gateway_load_balancer_arns: gateway.iter().map(SmolStr::from).collect(),
        supported_ip_address_types: vec![SmolStr::new_static("ipv4")],
        base_endpoint_dns_names: vec![format_smolstr!("{service_id}.{region}.vpce.amazonaws.com")],
        private_dns_name: name.map(SmolStr::new),
        private_dns_name_configuration: name.map(|_| proof(twin)),
        tags,
        service_id,
    };
    twin.state.insert(&ctx.region, service.clone());
    let made = vec![ResourceId::from(&service.service_id)];
    twin.remember(ctx, NAME, token, &request, made);
    Ok(CreatedVpcEndpointService {
        service_configuration: service,
    })
}

/// The words in ARNs of Network and of Gateway Load Balancers.
pub(super) const NETWORK: &str = "net";
pub(super) const GATEWAY: &str = "gwy";

/// Checks ARNs of load balancers of one kind, and that they are there where that is known.
pub(super) fn check_arns(
    twin: &Twin,
    ctx: &Ctx,
    arns: &[String],
    kind: &str,
) -> Result<(), ApiError> {
    for arn in arns {
        let mut parts = arn.split(':').skip(2);
        let is_here = parts.next() == Some("elasticloadbalancing")
            && parts.next() == Some(ctx.region.as_str());
        let id = load_balancer(arn).filter(|_| is_here && arn.split('/').nth(1) == Some(kind));
        let id = id.ok_or_else(|| {
            invalid(format!(
                "The load balancer ARN '{arn}' is not valid for this service"
            ))
        })?;
        let knows_some = twin
            .state
            .list(&ctx.region, Kind::LoadBalancer)
            .next()
            .is_some();
        if knows_some && twin.state.get_in(&ctx.region, &id).is_none() {
            return Err(ApiError::new(
                "LoadBalancerNotFound",
                format!("One or more load balancers not found: {arn}"),
            ));
        }
    }
    Ok(())
}

pub(super) fn check_address_types(types: &[String]) -> Result<(), ApiError> {
    match types.iter().find(|it| *it != "ipv4") {
        None => Ok(()),
        Some(it) if it == "ipv6" => Err(refusal::not_modelled("IPv6 addresses of services")),
        Some(other) => Err(refusal::not_a_value("SupportedIpAddressTypes", other)),
    }
}

pub(super) fn private_name_refused() -> ApiError {
    invalid("Private DNS names are only supported for services of Network Load Balancers.")
}

/// The zones of load balancers where the snapshot shows them, else those of the Region.
pub(super) fn zones_of<'a>(
    twin: &Twin,
    ctx: &Ctx,
    arns: impl Iterator<Item = &'a String>,
) -> Vec<AvailabilityZone> {
    let mut zones: Vec<AvailabilityZone> = Vec::new();
    for arn in arns {
        let resource = load_balancer(arn).and_then(|id| twin.state.get(&id));
        let shown = resource.and_then(|it| it.to_value().ok());
        let listed = shown
            .as_ref()
            .and_then(|it| it["AvailabilityZones"].as_array());
        let names = listed
            .into_iter()
            .flatten()
            .filter_map(|it| it["ZoneName"].as_str());
        zones.extend(names.filter_map(|it| AvailabilityZone::new(it).ok()));
    }
    if zones.is_empty() {
        return place::zones(&twin.state, &ctx.region);
    }
    zones.sort_unstable();
    zones.dedup();
    zones
}

/// The record that is to prove a domain.
pub(super) fn proof(twin: &mut Twin) -> PrivateDnsNameConfiguration {
    let (name, value) = (twin.ids.next_number(), twin.ids.next_number());
    PrivateDnsNameConfiguration {
        name: Some(format_smolstr!("_{name:016x}")),
        value: Some(format_smolstr!("vpce:{value:016x}")),
        r#type: Some(SmolStr::new_static("TXT")),
        ..PrivateDnsNameConfiguration::default()
    }
}

/// The service of the account that an endpoint names, if it is one.
pub(super) fn own<'a>(twin: &'a Twin, ctx: &Ctx, name: &str) -> Option<&'a VpcEndpointService> {
    let id = VpcEndpointServiceId::new(name.rsplit('.').next()?).ok()?;
    let found = twin.state.get_in(&ctx.region, &id.into())?;
    found
        .get::<VpcEndpointService>()
        .filter(|it| it.service_name == name && it.service_state == EndpointServiceState::Available)
}

/// Checks that a service has endpoints of a kind.
pub(super) fn check_serves(
    service: &VpcEndpointService,
    kind: &EndpointType,
) -> Result<(), ApiError> {
    if service.endpoint_type() == *kind {
        return Ok(());
    }
    Err(invalid(format!(
        "Endpoint type ({kind}) does not match available service types ([{}]).",
        service.endpoint_type()
    )))
}

const SERVICES: FilterTable<VpcEndpointService> = &[
    ("service-id", |_, it, out| out(it.service_id.as_str())),
    ("service-name", |_, it, out| out(&it.service_name)),
    ("service-state", |_, it, out| out(it.service_state.as_str())),
    ("supported-ip-address-types", |_, it, out| {
        it.supported_ip_address_types.iter().for_each(|it| out(it));
    }),
];

/// Larger pages are silently this large (EC2 API reference).
pub(super) const PAGE_MAX: i64 = 1000;

/// Lists the account's endpoint services.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_vpc_endpoint_service_configurations(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpcEndpointServiceConfigurationsRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.service_ids,
        filters: &request.filters,
        max_results: request.max_results.map(|it| it.min(PAGE_MAX)),
        next_token: request.next_token.as_deref(),
        range: Some(5..=PAGE_MAX),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, SERVICES)
}
