//! VPC endpoints: gateways in route tables, interfaces in subnets.

use sandtable_model::resource::{
    DomainState, EndpointState, EndpointType, RouteTable, Subnet, Vpc, VpcEndpoint,
    VpcEndpointService,
};
use sandtable_model::{Duration, Kind, ResourceId, Tags, VpcEndpointId, VpcId};
use smol_str::SmolStr;

use super::request::{answers, requests};
use super::{
    Transition, endpoint_places as places, endpoint_service as service, interface, refusal,
    service_catalogue, vpc,
};
use crate::rules::{TagSpecification, require, require_all, required, tags_for};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateVpcEndpoint.
    CreateVpcEndpointRequest {
        vpc_id: String,
        service_name: String,
        vpc_endpoint_type: Option<String>,
        policy_document: Option<String>,
        route_table_ids: Vec<String>,
        subnet_ids: Vec<String>,
        security_group_ids: Vec<String>,
        ip_address_type: Option<String>,
        private_dns_enabled: Option<bool>,
        client_token: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
}

answers! {
    /// The answer of CreateVpcEndpoint.
    CreatedVpcEndpoint { vpc_endpoint: VpcEndpoint }
}

/// The policy that lets everything through, which AWS gives an endpoint without one.
pub(super) const OPEN_POLICY: &str = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// Makes an endpoint. A gateway endpoint is there at once, with a route in each of its tables; an
/// interface or Gateway Load Balancer endpoint gets an interface in each of its subnets and takes
/// minutes, from when it is accepted if the service wants that.
///
/// # Errors
/// `InvalidServiceName`, `InvalidParameter` for what the kind of endpoint does not have,
/// `InvalidPolicyDocument`, `RouteAlreadyExists`, `DuplicateSubnetsInSameZone`,
/// `VpcEndpointLimitExceeded`.
pub fn create_vpc_endpoint(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateVpcEndpointRequest,
) -> Result<CreatedVpcEndpoint, ApiError> {
    const NAME: &str = "CreateVpcEndpoint";
    let vpc = require::<Vpc>(&twin.state, ctx, "VpcId", &request.vpc_id)?.clone();
    let kind = read_kind(ctx, &request)?;
    let tables = require_all::<RouteTable>(&twin.state, ctx, &request.route_table_ids)?;
    let tables: Vec<RouteTable> = tables.into_iter().cloned().collect();
    let subnets = require_all::<Subnet>(&twin.state, ctx, &request.subnet_ids)?;
    let subnets: Vec<Subnet> = subnets.into_iter().cloned().collect();
    let groups = match kind {
        EndpointType::Interface => {
            interface::read_groups(twin, ctx, &request.security_group_ids, &vpc.vpc_id)?
        }
        _ => Vec::new(),
    };
    if let Some(policy) = &request.policy_document {
        check_policy(policy)?;
    }
    let tags = tags_for(
        Kind::VpcEndpoint,
        &[Kind::VpcEndpoint],
        &request.tag_specifications,
    )?;
    ctx.end_dry_run()?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)?
        && let Some(found) = made
            .first()
            .and_then(|it| twin.state.one::<VpcEndpoint>(it.clone()))
    {
        return Ok(CreatedVpcEndpoint {
            vpc_endpoint: found.clone(),
        });
    }
    places::check(&vpc.vpc_id, &tables, &subnets)?;
    check_quota(twin, ctx, &kind, &vpc.vpc_id)?;
    let service = service::own(twin, ctx, &request.service_name).cloned();
    if let Some(service) = &service {
        service::check_serves(service, &kind)?;
    }
    let private_dns_enabled = private_dns(twin, &vpc, &request, &kind, service.as_ref())?;
    let waits = service.is_some_and(|it| it.acceptance_required);
    let blank = blank(
        twin,
        ctx,
        &vpc,
        &request,
        kind.clone(),
        private_dns_enabled,
        tags,
    );
    let vpc_endpoint = match kind {
        EndpointType::Gateway => places::make_gateway(twin, ctx, blank, &tables)?,
        _ => {
            let state = match waits {
                true => EndpointState::PendingAcceptance,
                false => EndpointState::Pending,
            };
            let state = spelled(twin, state);
            let blank = VpcEndpoint { state, ..blank };
            places::make_interfaces(twin, ctx, blank, &subnets, groups)?
        }
    };
    if is_state(&vpc_endpoint, &EndpointState::Pending) {
        schedule_created(twin, &vpc_endpoint.vpc_endpoint_id);
    }
    let made = vec![ResourceId::from(&vpc_endpoint.vpc_endpoint_id)];
    twin.remember(ctx, NAME, token, &request, made);
    Ok(CreatedVpcEndpoint { vpc_endpoint })
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameter", message)
}

fn read_kind(ctx: &Ctx, request: &CreateVpcEndpointRequest) -> Result<EndpointType, ApiError> {
    let service = required("ServiceName", &request.service_name)?;
    let kind = EndpointType::from(request.vpc_endpoint_type.as_deref().unwrap_or("Gateway"));
    let own = service.strip_prefix("com.amazonaws.");
    let own = own.and_then(|it| it.strip_prefix(ctx.region.as_str()));
    let own = own.and_then(|it| it.strip_prefix('.'));
    let is_gateway = own.is_some_and(service_catalogue::has_gateway_endpoints);
    let is_elsewhere = service.starts_with("com.amazonaws.vpce.") || service.starts_with("aws.");
    if own.is_none() && !is_elsewhere || kind == EndpointType::Gateway && !is_gateway {
        return Err(ApiError::new(
            "InvalidServiceName",
            format!("The Vpc Endpoint Service '{service}' does not exist"),
        ));
    }
    match request.ip_address_type.as_deref() {
        None | Some("ipv4") => {}
        Some(_) => return Err(refusal::not_modelled("IPv6 addresses of endpoints")),
    }
    check_parameters(
        &kind,
        !request.route_table_ids.is_empty(),
        request.subnet_ids.len(),
        !request.security_group_ids.is_empty(),
        request.policy_document.is_some(),
    )?;
    Ok(kind)
}

/// Refuses parameters that a kind of endpoint does not have.
pub(super) fn check_parameters(
    kind: &EndpointType,
    tables: bool,
    subnets: usize,
    groups: bool,
    policy: bool,
) -> Result<(), ApiError> {
    let refused = match kind {
        EndpointType::Gateway if subnets > 0 => {
            "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints."
        }
        EndpointType::Gateway | EndpointType::GatewayLoadBalancer if groups => {
            "Security group IDs are only supported for Interface type VPC Endpoint."
        }
        EndpointType::Interface | EndpointType::GatewayLoadBalancer if tables => {
            "Route table IDs are only supported for Gateway type VPC Endpoint."
        }
        EndpointType::GatewayLoadBalancer if policy => {
            "Policy documents are not supported for GatewayLoadBalancer type VPC Endpoints."
        }
        // "For a Gateway Load Balancer endpoint, you can specify only one subnet."
        EndpointType::GatewayLoadBalancer if subnets > 1 => {
            "Only one subnet is supported for GatewayLoadBalancer type VPC Endpoints."
        }
        EndpointType::Other(other) => {
            return Err(refusal::not_a_value("VpcEndpointType", other));
        }
        _ => return Ok(()),
    };
    Err(invalid(refused))
}

/// Checks that a policy is a JSON object (EC2 error list, `InvalidPolicyDocument`).
pub(super) fn check_policy(text: &str) -> Result<(), ApiError> {
    let policy = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text);
    match policy.is_ok_and(|it| it.contains_key("Statement")) {
        true => Ok(()),
        false => Err(ApiError::new(
            "InvalidPolicyDocument",
            "The specified policy document is not a valid JSON policy document.",
        )),
    }
}

/// Gateway endpoints count per Region, the others together per VPC (facts: ec2-semantics.md,
/// section 5).
fn check_quota(twin: &Twin, ctx: &Ctx, kind: &EndpointType, vpc: &VpcId) -> Result<(), ApiError> {
    let quotas = &twin.network.choices.quotas;
    let present = twin.state.all::<VpcEndpoint>(&ctx.region);
    let is_gateway = |it: &EndpointType| *it == EndpointType::Gateway;
    let present = present.filter(|it| {
        is_gateway(&it.vpc_endpoint_type) == is_gateway(kind) && !it.state.is_deleted()
    });
    let (count, most) = match kind {
        EndpointType::Gateway => (present.count(), quotas.gateway_endpoints),
        _ => (
            present.filter(|it| it.vpc_id == *vpc).count(),
            quotas.interface_endpoints_per_vpc,
        ),
    };
    if count < most {
        return Ok(());
    }
    Err(refusal::over_quota(
        "VpcEndpointLimitExceeded",
        "VPC endpoints",
    ))
}

/// Whether the service's public name leads to the endpoint within the VPC: as asked, else if it can.
fn private_dns(
    twin: &Twin,
    vpc: &Vpc,
    request: &CreateVpcEndpointRequest,
    kind: &EndpointType,
    service: Option<&VpcEndpointService>,
) -> Result<bool, ApiError> {
    if *kind != EndpointType::Interface {
        return Ok(false);
    }
    if request.private_dns_enabled == Some(true) {
        check_private_dns(twin, vpc, &request.service_name, service)?;
        return Ok(true);
    }
    let possible = check_private_dns(twin, vpc, &request.service_name, service).is_ok();
    Ok(request.private_dns_enabled.unwrap_or(possible))
}

/// Checks that the VPC and the service let private names lead to an endpoint.
pub(super) fn check_private_dns(
    twin: &Twin,
    vpc: &Vpc,
    service_name: &str,
    service: Option<&VpcEndpointService>,
) -> Result<(), ApiError> {
    let attributes = vpc::attributes_of(twin, vpc);
    if !attributes.dns_support || !attributes.dns_hostnames {
        return Err(invalid(format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {}",
            vpc.vpc_id
        )));
    }
    let is_verified = |it: &VpcEndpointService| {
        let configuration = it.private_dns_name_configuration.as_ref();
        configuration.is_some_and(|it| it.state == DomainState::Verified)
    };
    // Services of other accounts cannot be asked; they are taken to have no name of their own.
    let is_foreign = service.is_none() && service_name.starts_with("com.amazonaws.vpce.");
    if is_foreign || service.is_some_and(|it| !is_verified(it)) {
        return Err(invalid(format!(
            "Private DNS can't be enabled because the service {service_name} does not provide a private DNS name."
        )));
    }
    Ok(())
}

fn blank(
    twin: &mut Twin,
    ctx: &Ctx,
    vpc: &Vpc,
    request: &CreateVpcEndpointRequest,
    kind: EndpointType,
    private_dns_enabled: bool,
    tags: Tags,
) -> VpcEndpoint {
    let policy = request.policy_document.as_deref().unwrap_or(OPEN_POLICY);
    VpcEndpoint {
        vpc_endpoint_id: twin.fresh(VpcEndpointId::from_number),
        vpc_endpoint_type: kind,
        vpc_id: vpc.vpc_id.clone(),
        service_name: request.service_name.as_str().into(),
        state: spelled(twin, EndpointState::Available),
        subnet_ids: Vec::new(),
        route_table_ids: Vec::new(),
        network_interface_ids: Vec::new(),
        groups: Vec::new(),
        private_dns_enabled,
        requester_managed: false,
        policy_document: Some(policy.into()),
        dns_entries: Vec::new(),
        creation_timestamp: Some(twin.now()),
        owner_id: Some(ctx.account.clone()),
        ip_address_type: Some(SmolStr::new_static("ipv4")),
        tags,
    }
}

/// A state in the spelling that is chosen.
pub(super) fn spelled(twin: &Twin, state: EndpointState) -> EndpointState {
    if !twin.network.choices.endpoint_states_have_capitals {
        return state;
    }
    let mut text = state.as_str().to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    EndpointState::Other(Box::new(text.into()))
}

pub(super) fn is_state(endpoint: &VpcEndpoint, state: &EndpointState) -> bool {
    endpoint.state.is(state)
}

/// Lets an endpoint that is `pending` become available.
pub(super) fn schedule_created(twin: &mut Twin, id: &VpcEndpointId) {
    let delay = twin.options.timings.endpoint_create;
    twin.schedule(delay, Transition::EndpointCreated(id.clone()));
}

/// An endpoint that was being made is available.
pub(super) fn created(twin: &mut Twin, id: &VpcEndpointId) {
    let available = spelled(twin, EndpointState::Available);
    twin.state.update(id, |it: &mut VpcEndpoint| {
        if is_state(it, &EndpointState::Pending) {
            it.state = available;
        }
    });
}

/// Schedules what was under way when a snapshot was taken. Nothing tells since when an endpoint is
/// being deleted, so it takes the whole time.
pub(super) fn resume(twin: &mut Twin, endpoint: &VpcEndpoint) {
    let timings = &twin.options.timings;
    let id = endpoint.vpc_endpoint_id.clone();
    let (delay, transition) = if is_state(endpoint, &EndpointState::Pending) {
        (timings.endpoint_create, Transition::EndpointCreated(id))
    } else if is_state(endpoint, &EndpointState::Deleting) {
        (timings.endpoint_delete, Transition::EndpointDeleted(id))
    } else {
        return;
    };
    // At least a moment: nothing changes before the first call.
    twin.schedule(delay.max(Duration::from_millis(1)), transition);
}
