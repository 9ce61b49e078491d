//! Connections of endpoints to the account's own services: describing, accepting, rejecting.

use sandtable_model::resource::{DnsEntry, EndpointState, VpcEndpoint, VpcEndpointService};
use sandtable_model::{Kind, Region, Timestamp, VpcEndpointId, VpcEndpointServiceId};
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

use super::describe::page_of;
use super::endpoint::{is_state, schedule_created, spelled};
use super::endpoint_delete::UnsuccessfulItem;
use super::endpoint_service::PAGE_MAX;
use super::endpoint_service_modify::Unsuccessful;
use super::request::requests;
use crate::rules::{
    Extract, Filter, Filters, NO_TAGS, not_found, page_size, parse, require, required,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeVpcEndpointConnections.
    DescribeVpcEndpointConnectionsRequest {
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// AcceptVpcEndpointConnections and RejectVpcEndpointConnections.
    VpcEndpointConnectionsRequest { service_id: String, vpc_endpoint_ids: Vec<String> }
}

/// The answer of DescribeVpcEndpointConnections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedVpcEndpointConnections {
    /// The connections, by service and endpoint.
    pub vpc_endpoint_connections: Vec<VpcEndpointConnection>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// An endpoint as the owner of its service sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcEndpointConnection {
    /// The service.
    pub service_id: VpcEndpointServiceId,
    /// The endpoint.
    pub vpc_endpoint_id: VpcEndpointId,
    /// The account of the endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_endpoint_owner: Option<SmolStr>,
    /// The state of the endpoint.
    pub vpc_endpoint_state: EndpointState,
    /// Since when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<Timestamp>,
    /// Its DNS names.
    pub dns_entries: Vec<DnsEntry>,
    /// The Network Load Balancers behind the service.
    pub network_load_balancer_arns: Vec<SmolStr>,
    /// The Gateway Load Balancers behind the service.
    pub gateway_load_balancer_arns: Vec<SmolStr>,
    /// `ipv4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address_type: Option<SmolStr>,
    /// The id of the connection, which follows from the endpoint's.
    pub vpc_endpoint_connection_id: SmolStr,
    /// The Region of the endpoint.
    pub vpc_endpoint_region: Region,
}

/// The endpoints that lead to a service, by id.
pub(super) fn connections_of<'a>(
    twin: &'a Twin,
    service: &VpcEndpointService,
) -> impl Iterator<Item = &'a VpcEndpoint> + use<'a> {
    let name = service.service_name.clone();
    let endpoints = twin.state.referring::<VpcEndpoint>(&service.service_id);
    let endpoints: Vec<&VpcEndpoint> = endpoints
        .filter(|it| it.service_name == name && !it.state.is_deleted())
        .collect();
    endpoints.into_iter()
}

/// Whether a connection keeps its service: "you must reject any Available or PendingAcceptance
/// interface endpoint connections" (EC2 API reference, DeleteVpcEndpointServiceConfigurations); one
/// that is about to be available counts too.
pub(super) fn is_open(endpoint: &VpcEndpoint) -> bool {
    [
        EndpointState::Available,
        EndpointState::Pending,
        EndpointState::PendingAcceptance,
    ]
    .iter()
    .any(|it| is_state(endpoint, it))
}

const CONNECTIONS: &[(&str, Extract<VpcEndpointConnection>)] = &[
    ("ip-address-type", |_, it, out| {
        it.ip_address_type.iter().for_each(|it| out(it));
    }),
    ("service-id", |_, it, out| out(it.service_id.as_str())),
    ("vpc-endpoint-id", |_, it, out| {
        out(it.vpc_endpoint_id.as_str())
    }),
    ("vpc-endpoint-owner", |_, it, out| {
        it.vpc_endpoint_owner.iter().for_each(|it| out(it));
    }),
    ("vpc-endpoint-region", |_, it, out| {
        out(it.vpc_endpoint_region.as_str())
    }),
    // The filter's words begin with a small letter, whichever way states are told.
    ("vpc-endpoint-state", |_, it, out| {
        let state = it.vpc_endpoint_state.as_str();
        let mut small = state.to_owned();
        if let Some(first) = small.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        out(&small);
        out(state);
    }),
];

/// Lists the endpoints of the account that lead to its services; other accounts are not in the twin.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_vpc_endpoint_connections(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpcEndpointConnectionsRequest,
) -> Result<DescribedVpcEndpointConnections, ApiError> {
    let most = page_size(
        request.max_results.map(|it| it.min(PAGE_MAX)),
        &(5..=PAGE_MAX),
    )?;
    let filters = Filters::new(&request.filters, CONNECTIONS)?;
    ctx.end_dry_run()?;
    let mut all = Vec::new();
    for service in twin.state.all::<VpcEndpointService>(&ctx.region) {
        for endpoint in connections_of(twin, service) {
            let it = shown(ctx, service, endpoint);
            if filters.pass(&twin.state, &it, &NO_TAGS) {
                all.push(it);
            }
        }
    }
    let (vpc_endpoint_connections, next_token) = page_of(all, most, request.next_token.as_deref())?;
    Ok(DescribedVpcEndpointConnections {
        vpc_endpoint_connections,
        next_token,
    })
}

fn shown(ctx: &Ctx, service: &VpcEndpointService, endpoint: &VpcEndpoint) -> VpcEndpointConnection {
    let id = &endpoint.vpc_endpoint_id;
    let digits = id.as_str().rsplit('-').next().unwrap_or_default();
    VpcEndpointConnection {
        service_id: service.service_id.clone(),
        vpc_endpoint_id: id.clone(),
        vpc_endpoint_owner: endpoint.owner_id.as_ref().map(|it| it.as_str().into()),
        vpc_endpoint_state: endpoint.state.clone(),
        creation_timestamp: endpoint.creation_timestamp,
        dns_entries: endpoint.dns_entries.clone(),
        network_load_balancer_arns: service.network_load_balancer_arns.clone(),
        gateway_load_balancer_arns: service.gateway_load_balancer_arns.clone(),
        ip_address_type: endpoint.ip_address_type.clone(),
        vpc_endpoint_connection_id: format_smolstr!("vpce-con-{digits}"),
        vpc_endpoint_region: ctx.region.clone(),
    }
}

/// Accepts endpoints that wait for it, or were rejected before. What is wrong with one is told per
/// item.
///
/// # Errors
/// `MissingParameter`, `InvalidVpcEndpointServiceId.NotFound`.
pub fn accept_vpc_endpoint_connections(
    twin: &mut Twin,
    ctx: &Ctx,
    request: VpcEndpointConnectionsRequest,
) -> Result<Unsuccessful, ApiError> {
    let from = [EndpointState::PendingAcceptance, EndpointState::Rejected];
    answer(twin, ctx, &request, &from, EndpointState::Pending)
}

/// Rejects endpoints that wait to be accepted, or serve. They stay, with their interfaces, until
/// they are deleted.
///
/// # Errors
/// As for `accept_vpc_endpoint_connections`.
pub fn reject_vpc_endpoint_connections(
    twin: &mut Twin,
    ctx: &Ctx,
    request: VpcEndpointConnectionsRequest,
) -> Result<Unsuccessful, ApiError> {
    let from = [
        EndpointState::PendingAcceptance,
        EndpointState::Pending,
        EndpointState::Available,
    ];
    answer(twin, ctx, &request, &from, EndpointState::Rejected)
}

fn answer(
    twin: &mut Twin,
    ctx: &Ctx,
    request: &VpcEndpointConnectionsRequest,
    from: &[EndpointState],
    to: EndpointState,
) -> Result<Unsuccessful, ApiError> {
    let id = &request.service_id;
    let service = require::<VpcEndpointService>(&twin.state, ctx, "ServiceId", id)?.clone();
    required(
        "VpcEndpointId",
        request.vpc_endpoint_ids.first().map_or("", String::as_str),
    )?;
    for text in &request.vpc_endpoint_ids {
        parse(&twin.state, Kind::VpcEndpoint, text)?;
    }
    ctx.end_dry_run()?;
    let mut unsuccessful = Vec::new();
    for text in &request.vpc_endpoint_ids {
        if let Err(error) = answer_one(twin, &service, text, from, &to) {
            unsuccessful.push(UnsuccessfulItem::new(text, error));
        }
    }
    Ok(Unsuccessful { unsuccessful })
}

fn answer_one(
    twin: &mut Twin,
    service: &VpcEndpointService,
    text: &str,
    from: &[EndpointState],
    to: &EndpointState,
) -> Result<(), ApiError> {
    let id = parse(&twin.state, Kind::VpcEndpoint, text)?;
    let found = connections_of(twin, service).find(|it| it.vpc_endpoint_id.as_str() == text);
    let endpoint = found.cloned().ok_or_else(|| not_found(&id))?;
    if !from.iter().any(|it| is_state(&endpoint, it)) {
        // AWS does not document the code.
        return Err(ApiError::new(
            "InvalidState",
            format!("The VPC endpoint {text} is in the state {}", endpoint.state),
        ));
    }
    let id = endpoint.vpc_endpoint_id;
    let state = spelled(twin, to.clone());
    twin.state
        .update(&id, |it: &mut VpcEndpoint| it.state = state);
    if *to == EndpointState::Pending {
        schedule_created(twin, &id);
    }
    Ok(())
}
