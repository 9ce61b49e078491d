//! Deleting VPC endpoints: gateways at once, interfaces within minutes.

use sandtable_model::resource::{EndpointState, EndpointType, Route, RouteTable, VpcEndpoint};
use sandtable_model::{Kind, ResourceId, RouteTableId, VpcEndpointId};

use super::endpoint::{is_state, spelled};
use super::endpoint_places::remove_routes;
use super::request::{answers, requests};
use super::route_state::refresh_routes_to;
use super::{Transition, endpoint_notification, interface, refusal};
use crate::rules::{not_found, parse, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DeleteVpcEndpoints.
    DeleteVpcEndpointsRequest { vpc_endpoint_ids: Vec<String> }
}

answers! {
    /// The answer of DeleteVpcEndpoints: what could not be deleted.
    DeletedVpcEndpoints { unsuccessful: Vec<UnsuccessfulItem> }
    /// One item of a call that failed.
    UnsuccessfulItem { resource_id: String, error: ItemError }
    /// Why an item failed.
    ItemError { code: String, message: String }
}

impl UnsuccessfulItem {
    pub(super) fn new(id: &str, error: ApiError) -> Self {
        let error = ItemError {
            code: error.code.into_owned(),
            message: error.message,
        };
        UnsuccessfulItem {
            resource_id: id.to_owned(),
            error,
        }
    }
}

/// Deletes endpoints. What is wrong with one does not keep the others: it is told per item, and the
/// call succeeds (facts: ec2-semantics.md, section 2). A gateway endpoint goes at once with its
/// routes; the interfaces of an interface endpoint stay for minutes.
///
/// # Errors
/// `MissingParameter`, `InvalidVpcEndpointId.Malformed`.
pub fn delete_vpc_endpoints(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteVpcEndpointsRequest,
) -> Result<DeletedVpcEndpoints, ApiError> {
    if request.vpc_endpoint_ids.is_empty() {
        required("VpcEndpointId", "")?;
    }
    for text in &request.vpc_endpoint_ids {
        parse(&twin.state, Kind::VpcEndpoint, text)?;
    }
    ctx.end_dry_run()?;
    let mut unsuccessful = Vec::new();
    for text in &request.vpc_endpoint_ids {
        if let Err(error) = delete(twin, ctx, text) {
            unsuccessful.push(UnsuccessfulItem::new(text, error));
        }
    }
    Ok(DeletedVpcEndpoints { unsuccessful })
}

fn delete(twin: &mut Twin, ctx: &Ctx, text: &str) -> Result<(), ApiError> {
    let id = parse(&twin.state, Kind::VpcEndpoint, text)?;
    let found = twin
        .state
        .get_in(&ctx.region, &id)
        .and_then(|it| it.get::<VpcEndpoint>());
    let endpoint = found
        .filter(|it| !it.state.is_deleted())
        .cloned()
        .ok_or_else(|| {
            let message = not_found(&id).message;
            ApiError::new("InvalidVpcEndpoint.NotFound", message)
        })?;
    if endpoint.requester_managed {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!("Operation is not permitted for requester-managed VPC endpoint {id}"),
        ));
    }
    let id = endpoint.vpc_endpoint_id.clone();
    match endpoint.vpc_endpoint_type {
        EndpointType::Gateway => {
            let tables = twin.state.referring::<RouteTable>(&id);
            let tables: Vec<RouteTableId> = tables.map(|it| it.route_table_id.clone()).collect();
            remove_routes(twin, &id, &tables);
            twin.state.remove(&id);
            return Ok(());
        }
        EndpointType::GatewayLoadBalancer if has_routes(twin, &id) => {
            return Err(refusal::dependency(format!(
                "The vpc endpoint {id} has routes that lead to it and cannot be deleted."
            )));
        }
        _ => {}
    }
    if is_state(&endpoint, &EndpointState::Deleting) {
        return Ok(());
    }
    let deleting = spelled(twin, EndpointState::Deleting);
    twin.state
        .update(&id, |it: &mut VpcEndpoint| it.state = deleting);
    twin.schedule(
        twin.options.timings.endpoint_delete,
        Transition::EndpointDeleted(id),
    );
    Ok(())
}

fn leads_to(route: &Route, id: &VpcEndpointId) -> bool {
    route.gateway_id.as_deref() == Some(id.as_str())
}

fn has_routes(twin: &Twin, id: &VpcEndpointId) -> bool {
    let mut tables = twin.state.referring::<RouteTable>(id);
    tables.any(|table| table.routes.iter().any(|it| leads_to(it, id)))
}

/// An endpoint is gone, and its interfaces with it.
pub(super) fn deleted(twin: &mut Twin, id: &VpcEndpointId) {
    let Some(endpoint) = twin.state.one::<VpcEndpoint>(id).cloned() else {
        return;
    };
    if !is_state(&endpoint, &EndpointState::Deleting) {
        return;
    }
    for interface in &endpoint.network_interface_ids {
        interface::remove(twin, interface);
    }
    twin.state.remove(id);
    endpoint_notification::forget(twin, &ResourceId::from(id));
    refresh_routes_to(&mut twin.state, &ResourceId::from(id));
}
