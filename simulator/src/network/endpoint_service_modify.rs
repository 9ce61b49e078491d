//! Changing and deleting endpoint services.

use sandtable_model::resource::{DomainState, EndpointType, VpcEndpointService};
use sandtable_model::{Kind, ResourceId, VpcEndpointServiceId};
use smol_str::SmolStr;

use super::endpoint::invalid;
use super::endpoint_connection::{connections_of, is_open};
use super::endpoint_delete::UnsuccessfulItem;
use super::endpoint_service::{
    GATEWAY, NETWORK, check_address_types, check_arns, private_name_refused, proof, zones_of,
};
use super::request::{Done, answers, requests};
use super::{Transition, endpoint_notification};
use crate::rules::{invalid_combination, not_found, parse, require, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// ModifyVpcEndpointServiceConfiguration.
    ModifyVpcEndpointServiceConfigurationRequest {
        service_id: String,
        private_dns_name: Option<String>,
        remove_private_dns_name: Option<bool>,
        acceptance_required: Option<bool>,
        add_network_load_balancer_arns: Vec<String>,
        remove_network_load_balancer_arns: Vec<String>,
        add_gateway_load_balancer_arns: Vec<String>,
        remove_gateway_load_balancer_arns: Vec<String>,
        add_supported_ip_address_types: Vec<String>,
        remove_supported_ip_address_types: Vec<String>,
    }
    /// StartVpcEndpointServicePrivateDnsVerification.
    StartPrivateDnsVerificationRequest { service_id: String }
    /// DeleteVpcEndpointServiceConfigurations.
    DeleteVpcEndpointServiceConfigurationsRequest { service_ids: Vec<String> }
}

answers! {
    /// The answer of StartVpcEndpointServicePrivateDnsVerification.
    StartedPrivateDnsVerification { return_value: bool }
    /// The answer of operations on several items: those that failed.
    Unsuccessful { unsuccessful: Vec<UnsuccessfulItem> }
}

/// Changes a service. Connections that are there stay as they are.
///
/// # Errors
/// `InvalidVpcEndpointServiceId.NotFound`, `InvalidParameter` for load balancers of the other kind
/// and when none would be left, `LoadBalancerNotFound`.
pub fn modify_vpc_endpoint_service_configuration(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVpcEndpointServiceConfigurationRequest,
) -> Result<Done, ApiError> {
    let id = &request.service_id;
    let service = require::<VpcEndpointService>(&twin.state, ctx, "ServiceId", id)?.clone();
    let removes_name = request.remove_private_dns_name == Some(true);
    if removes_name && request.private_dns_name.is_some() {
        return Err(invalid_combination(
            "The parameters PrivateDnsName and RemovePrivateDnsName cannot be used together",
        ));
    }
    let is_interface = service.endpoint_type() == EndpointType::Interface;
    if request.private_dns_name.is_some() && !is_interface {
        return Err(private_name_refused());
    }
    let (network, gateway) = (
        &request.add_network_load_balancer_arns,
        &request.add_gateway_load_balancer_arns,
    );
    let of_other_kind = match is_interface {
        true => !gateway.is_empty(),
        false => !network.is_empty(),
    };
    if of_other_kind {
        return Err(invalid(
            "Network Load Balancers and Gateway Load Balancers cannot be used together.",
        ));
    }
    check_arns(twin, ctx, network, NETWORK)?;
    check_arns(twin, ctx, gateway, GATEWAY)?;
    check_address_types(&request.add_supported_ip_address_types)?;
    check_address_types(&request.remove_supported_ip_address_types)?;
    let network = changed(
        &service.network_load_balancer_arns,
        network,
        &request.remove_network_load_balancer_arns,
    )?;
    let gateway = changed(
        &service.gateway_load_balancer_arns,
        gateway,
        &request.remove_gateway_load_balancer_arns,
    )?;
    if network.is_empty() && gateway.is_empty() {
        return Err(invalid(
            "The last load balancer of an endpoint service cannot be removed.",
        ));
    }
    if !request.remove_supported_ip_address_types.is_empty() {
        return Err(invalid(
            "An endpoint service must support at least one IP address type.",
        ));
    }
    ctx.end_dry_run()?;
    let arns: Vec<String> = network
        .iter()
        .chain(&gateway)
        .map(ToString::to_string)
        .collect();
    let zones = zones_of(twin, ctx, arns.iter());
    let proof = request.private_dns_name.is_some().then(|| proof(twin));
    twin.state
        .update(&service.service_id, |it: &mut VpcEndpointService| {
            it.network_load_balancer_arns = network;
            it.gateway_load_balancer_arns = gateway;
            it.availability_zones = zones;
            it.acceptance_required = request
                .acceptance_required
                .unwrap_or(it.acceptance_required);
            if removes_name || proof.is_some() {
                it.private_dns_name = request.private_dns_name.map(SmolStr::from);
                it.private_dns_name_configuration = proof;
            }
        });
    Ok(Done::YES)
}

fn changed(
    present: &[SmolStr],
    added: &[String],
    removed: &[String],
) -> Result<Vec<SmolStr>, ApiError> {
    if let Some(arn) = removed
        .iter()
        .find(|arn| !present.iter().any(|it| it == arn.as_str()))
    {
        return Err(invalid(format!(
            "The load balancer '{arn}' is not one of the endpoint service"
        )));
    }
    let mut all = present.to_vec();
    all.retain(|it| !removed.iter().any(|gone| it == gone.as_str()));
    for arn in added {
        if !all.iter().any(|it| it == arn.as_str()) {
            all.push(arn.into());
        }
    }
    Ok(all)
}

/// Asks AWS to look for the record that proves the private name of a service. Until the name is
/// verified, endpoints cannot use it.
///
/// # Errors
/// `InvalidParameter` for a service without a private name.
pub fn start_private_dns_verification(
    twin: &mut Twin,
    ctx: &Ctx,
    request: StartPrivateDnsVerificationRequest,
) -> Result<StartedPrivateDnsVerification, ApiError> {
    let id = &request.service_id;
    let service = require::<VpcEndpointService>(&twin.state, ctx, "ServiceId", id)?.clone();
    if service.private_dns_name.is_none() {
        return Err(invalid(format!(
            "The endpoint service {id} has no private DNS name to verify."
        )));
    }
    ctx.end_dry_run()?;
    let id = service.service_id;
    set_name_state(twin, &id, DomainState::PendingVerification);
    let delay = twin.options.timings.private_name_check;
    twin.schedule(delay, Transition::PrivateNameChecked(id));
    Ok(StartedPrivateDnsVerification { return_value: true })
}

/// The record was looked for.
pub(super) fn name_checked(twin: &mut Twin, id: &VpcEndpointServiceId) {
    let state = match twin.network.choices.private_names_are_proved {
        true => DomainState::Verified,
        false => DomainState::Failed,
    };
    set_name_state(twin, id, state);
}

fn set_name_state(twin: &mut Twin, id: &VpcEndpointServiceId, state: DomainState) {
    twin.state.update(id, |it: &mut VpcEndpointService| {
        if it.private_dns_name.is_some() {
            let configuration = &mut it.private_dns_name_configuration;
            configuration.get_or_insert_default().state = state;
        }
    });
}

/// Deletes services. One with connections that are available, or wait to be accepted, stays, and is
/// told as such: the call succeeds. Consumers' endpoints that were rejected stay theirs to delete.
///
/// # Errors
/// `MissingParameter`, `InvalidVpcEndpointServiceId.Malformed`.
pub fn delete_vpc_endpoint_service_configurations(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteVpcEndpointServiceConfigurationsRequest,
) -> Result<Unsuccessful, ApiError> {
    required(
        "ServiceId",
        request.service_ids.first().map_or("", String::as_str),
    )?;
    for text in &request.service_ids {
        parse(&twin.state, Kind::VpcEndpointService, text)?;
    }
    ctx.end_dry_run()?;
    let mut unsuccessful = Vec::new();
    for text in &request.service_ids {
        if let Err(error) = delete(twin, ctx, text) {
            unsuccessful.push(UnsuccessfulItem::new(text, error));
        }
    }
    Ok(Unsuccessful { unsuccessful })
}

fn delete(twin: &mut Twin, ctx: &Ctx, text: &str) -> Result<(), ApiError> {
    let id: ResourceId = parse(&twin.state, Kind::VpcEndpointService, text)?;
    let found = twin.state.get_in(&ctx.region, &id);
    let service = found.and_then(|it| it.get::<VpcEndpointService>());
    let service = service.ok_or_else(|| {
        ApiError::new("InvalidVpcEndpointService.NotFound", not_found(&id).message)
    })?;
    if connections_of(twin, service).any(is_open) {
        return Err(ApiError::new(
            "ExistingVpcEndpointConnections",
            "Service has existing active VPC Endpoint connections!",
        ));
    }
    let id = service.service_id.clone();
    twin.state.remove(&id);
    twin.network.principals.remove(&id);
    endpoint_notification::forget(twin, &id.into());
    Ok(())
}
