//! VPC endpoints: gateways in route tables, interfaces in subnets.

use sandtable_model::resource::{
    DnsEntry, EndpointState, EndpointType, GroupRef, InterfaceType, Route, RouteTable, Subnet, Vpc,
    VpcEndpoint,
};
use sandtable_model::{
    Duration, Kind, NetworkInterfaceId, ResourceId, RouteTableId, Tags, VpcEndpointId, VpcId,
};
use smol_str::{SmolStr, format_smolstr};

use super::interface::{self, Fresh};
use super::request::{answers, requests};
use super::{Transition, addressing, refusal, vpc};
use crate::rules::{TagSpecification, invalid_value, require, require_all, required, tags_for};
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
const OPEN_POLICY: &str = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// Services with gateway endpoints (VPC user guide, "Gateway endpoints").
const GATEWAY_SERVICES: &[&str] = &["dynamodb", "s3", "s3express"];

/// Makes an endpoint. A gateway endpoint is there at once, with a route in each of its tables; an
/// interface endpoint gets an interface in each of its subnets and takes minutes.
///
/// # Errors
/// `InvalidServiceName`, `InvalidParameter` for what the kind of endpoint does not have,
/// `RouteAlreadyExists`, `DuplicateSubnetsInSameZone`, `VpcEndpointLimitExceeded`.
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
    check_places(&vpc.vpc_id, &tables, &subnets)?;
    check_quota(twin, ctx, &kind, &vpc.vpc_id)?;
    let private_dns_enabled = private_dns(twin, &vpc, &kind, request.private_dns_enabled)?;
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
        EndpointType::Interface => interface_endpoint(twin, ctx, blank, &subnets, groups)?,
        _ => gateway_endpoint(twin, ctx, blank, &tables)?,
    };
    let made = vec![ResourceId::from(&vpc_endpoint.vpc_endpoint_id)];
    twin.remember(ctx, NAME, token, &request, made);
    Ok(CreatedVpcEndpoint { vpc_endpoint })
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameter", message)
}

fn read_kind(ctx: &Ctx, request: &CreateVpcEndpointRequest) -> Result<EndpointType, ApiError> {
    let service = required("ServiceName", &request.service_name)?;
    let kind = EndpointType::from(request.vpc_endpoint_type.as_deref().unwrap_or("Gateway"));
    let own = service.strip_prefix("com.amazonaws.");
    let own = own.and_then(|it| it.strip_prefix(ctx.region.as_str()));
    let own = own.and_then(|it| it.strip_prefix('.'));
    let is_gateway = own.is_some_and(|it| GATEWAY_SERVICES.contains(&it));
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
    match kind {
        EndpointType::Gateway => {
            if !request.subnet_ids.is_empty() {
                return Err(invalid(
                    "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.",
                ));
            }
            if !request.security_group_ids.is_empty() {
                return Err(invalid(
                    "Security group IDs are only supported for Interface type VPC Endpoint.",
                ));
            }
        }
        EndpointType::Interface => {
            if !request.route_table_ids.is_empty() {
                return Err(invalid(
                    "Route table IDs are only supported for Gateway type VPC Endpoint.",
                ));
            }
        }
        EndpointType::GatewayLoadBalancer => {
            return Err(refusal::not_modelled(
                "making endpoints of type GatewayLoadBalancer",
            ));
        }
        EndpointType::Other(other) => {
            return Err(refusal::not_a_value("VpcEndpointType", &other));
        }
    }
    Ok(kind)
}

fn check_places(vpc: &VpcId, tables: &[RouteTable], subnets: &[Subnet]) -> Result<(), ApiError> {
    if let Some(table) = tables.iter().find(|it| it.vpc_id != *vpc) {
        let id = &table.route_table_id;
        return Err(invalid_value(format!(
            "Route table {id} does not belong to vpc {vpc}"
        )));
    }
    if let Some(subnet) = subnets.iter().find(|it| it.vpc_id != *vpc) {
        let id = &subnet.subnet_id;
        return Err(invalid_value(format!(
            "Subnet {id} does not belong to vpc {vpc}"
        )));
    }
    for (at, subnet) in subnets.iter().enumerate() {
        let mut before = subnets.iter().take(at);
        if before.any(|it| it.availability_zone == subnet.availability_zone) {
            return Err(ApiError::new(
                "DuplicateSubnetsInSameZone",
                format!(
                    "Found another VPC endpoint subnet in the availability zone of {}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.",
                    subnet.subnet_id
                ),
            ));
        }
    }
    Ok(())
}

/// Gateway endpoints count per Region, interface endpoints per VPC (facts: ec2-semantics.md,
/// section 5).
fn check_quota(twin: &Twin, ctx: &Ctx, kind: &EndpointType, vpc: &VpcId) -> Result<(), ApiError> {
    let quotas = &twin.network.choices.quotas;
    let present = twin.state.all::<VpcEndpoint>(&ctx.region);
    let present = present.filter(|it| it.vpc_endpoint_type == *kind && !it.state.is_deleted());
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

fn private_dns(
    twin: &Twin,
    vpc: &Vpc,
    kind: &EndpointType,
    asked: Option<bool>,
) -> Result<bool, ApiError> {
    if *kind != EndpointType::Interface {
        return Ok(false);
    }
    let attributes = vpc::attributes_of(twin, vpc);
    let possible = attributes.dns_support && attributes.dns_hostnames;
    if asked == Some(true) && !possible {
        return Err(invalid(format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {}",
            vpc.vpc_id
        )));
    }
    Ok(asked.unwrap_or(possible))
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
    EndpointState::Other(text.into())
}

pub(super) fn is_state(endpoint: &VpcEndpoint, state: &EndpointState) -> bool {
    endpoint.state.as_str().eq_ignore_ascii_case(state.as_str())
}

/// The prefix list of a service. AWS's own numbers differ from Region to Region; the twin takes the
/// one that a route or endpoint of the Region shows, else derives one.
fn prefix_list(twin: &Twin, ctx: &Ctx, service: &str) -> SmolStr {
    let shown = twin
        .state
        .all::<VpcEndpoint>(&ctx.region)
        .filter(|it| it.service_name == service);
    let known = shown.into_iter().find_map(|endpoint| {
        let id = endpoint.vpc_endpoint_id.as_str();
        let mut tables = twin
            .state
            .referring::<RouteTable>(&endpoint.vpc_endpoint_id);
        tables.find_map(|table| {
            let mut routes = table.routes.iter();
            let route = routes.find(|it| it.gateway_id.as_deref() == Some(id))?;
            route.destination_prefix_list_id.clone()
        })
    });
    known.unwrap_or_else(|| {
        let number = service.bytes().fold(0x811c_9dc5_u32, |sum, byte| {
            (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        format_smolstr!("pl-{number:08x}")
    })
}

fn gateway_endpoint(
    twin: &mut Twin,
    ctx: &Ctx,
    blank: VpcEndpoint,
    tables: &[RouteTable],
) -> Result<VpcEndpoint, ApiError> {
    let list = prefix_list(twin, ctx, &blank.service_name);
    for table in tables {
        let mut routes = table.routes.iter();
        if routes.any(|it| it.destination_prefix_list_id.as_ref() == Some(&list)) {
            return Err(ApiError::new(
                "RouteAlreadyExists",
                format!(
                    "route table {} already has a route with destination-prefix-list-id {list}",
                    table.route_table_id
                ),
            ));
        }
    }
    let mut ids: Vec<RouteTableId> = tables.iter().map(|it| it.route_table_id.clone()).collect();
    ids.dedup();
    let endpoint = VpcEndpoint {
        route_table_ids: ids.clone(),
        ..blank
    };
    twin.state.insert(&ctx.region, endpoint.clone());
    for id in &ids {
        let route = Route {
            destination_prefix_list_id: Some(list.clone()),
            gateway_id: Some(endpoint.vpc_endpoint_id.as_str().into()),
            ..Route::default()
        };
        twin.state
            .update(id, |it: &mut RouteTable| it.routes.push(route));
    }
    Ok(endpoint)
}

fn interface_endpoint(
    twin: &mut Twin,
    ctx: &Ctx,
    blank: VpcEndpoint,
    subnets: &[Subnet],
    groups: Vec<GroupRef>,
) -> Result<VpcEndpoint, ApiError> {
    let mut chosen = Vec::with_capacity(subnets.len());
    for subnet in subnets {
        chosen.push(addressing::choose(&twin.state, subnet, &[], 1)?);
    }
    let id = blank.vpc_endpoint_id.clone();
    let mut network_interface_ids: Vec<NetworkInterfaceId> = Vec::with_capacity(subnets.len());
    for (subnet, addresses) in subnets.iter().zip(chosen) {
        let fresh = Fresh {
            interface_type: InterfaceType::VpcEndpoint,
            description: format_smolstr!("VPC Endpoint Interface {id}"),
            addresses,
            groups: groups.clone(),
            requester: Some(ctx.account.as_str().into()),
            tags: Tags::new(),
        };
        let made = interface::insert(twin, ctx, subnet, fresh).network_interface_id;
        interface::attach_to_service(twin, &made);
        network_interface_ids.push(made);
    }
    let dns_entry = dns_entry(twin, ctx, &blank);
    let endpoint = VpcEndpoint {
        state: spelled(twin, EndpointState::Pending),
        subnet_ids: subnets.iter().map(|it| it.subnet_id.clone()).collect(),
        network_interface_ids,
        groups,
        dns_entries: vec![dns_entry],
        ..blank
    };
    twin.state.insert(&ctx.region, endpoint.clone());
    twin.schedule(
        twin.options.timings.endpoint_create,
        Transition::EndpointCreated(id),
    );
    Ok(endpoint)
}

/// The Regional name of an interface endpoint.
fn dns_entry(twin: &mut Twin, ctx: &Ctx, endpoint: &VpcEndpoint) -> DnsEntry {
    let region = &ctx.region;
    let service = endpoint.service_name.rsplit('.').next().unwrap_or_default();
    let number = twin.ids.below(u64::from(u32::MAX));
    let id = &endpoint.vpc_endpoint_id;
    DnsEntry {
        dns_name: Some(format_smolstr!(
            "{id}-{number:08x}.{service}.{region}.vpce.amazonaws.com"
        )),
        hosted_zone_id: None,
    }
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
