//! Routes: making, replacing, deleting. Whether they lead anywhere stands in `route_state`.

use ipnet::{Ipv4Net, Ipv6Net};
use sandtable_model::resource::{
    EgressOnlyInternetGateway, EndpointType, Instance, InternetGateway, NatGateway,
    NetworkInterface, Route, RouteOrigin, RouteState, RouteTable, VpcEndpoint,
};
use sandtable_model::{Destination, ResourceId, VpcId};
use smol_str::{SmolStr, format_smolstr};

use super::request::{Done, requests};
use super::route_state::state_of;
use super::{blockers, prefix_list, prefix_list_weight, refusal};
use crate::connectivity::{self, targets};
use crate::rules::{invalid_combination, invalid_value, require, required};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// CreateRoute and ReplaceRoute.
    PutRouteRequest {
        route_table_id: String,
        destination_cidr_block: Option<String>,
        destination_ipv6_cidr_block: Option<String>,
        destination_prefix_list_id: Option<String>,
        gateway_id: Option<String>,
        nat_gateway_id: Option<String>,
        network_interface_id: Option<String>,
        instance_id: Option<String>,
        transit_gateway_id: Option<String>,
        vpc_peering_connection_id: Option<String>,
        egress_only_internet_gateway_id: Option<String>,
        vpc_endpoint_id: Option<String>,
    }
    /// DeleteRoute.
    DeleteRouteRequest {
        route_table_id: String,
        destination_cidr_block: Option<String>,
        destination_ipv6_cidr_block: Option<String>,
        destination_prefix_list_id: Option<String>,
    }
}

/// Makes a route.
///
/// # Errors
/// `RouteAlreadyExists`, `RouteLimitExceeded`, the codes of unknown targets, and
/// `InvalidParameterValue` for a target that belongs to another VPC.
pub fn create_route(
    twin: &mut Twin,
    ctx: &Ctx,
    request: PutRouteRequest,
) -> Result<Done, ApiError> {
    let (table, destination, target) = read(twin, ctx, &request)?;
    ctx.end_dry_run()?;
    // A propagated route gives way to one that is made.
    let made = table.routes.iter().filter(|it| !is_propagated(it));
    if made
        .clone()
        .any(|it| it.destination() == destination.as_str())
    {
        return Err(ApiError::new(
            "RouteAlreadyExists",
            format!(
                "The route identified by {} already exists.",
                destination.as_str()
            ),
        ));
    }
    let weight = match &destination {
        Destination::DestinationPrefixListId(list) => {
            prefix_list_weight::weight_of(&twin.state, list)
        }
        _ => 1,
    };
    let count = prefix_list_weight::routes_in(&twin.state, made).saturating_add(weight);
    if count > twin.network.choices.quotas.routes_per_table {
        return Err(refusal::over_quota("RouteLimitExceeded", "routes"));
    }
    let route = route(&twin.state, &table.vpc_id, destination, target)?;
    twin.state
        .update(&table.route_table_id, |it: &mut RouteTable| {
            it.routes
                .retain(|it| it.destination() != route.destination());
            it.routes.push(route);
        });
    Ok(Done::YES)
}

/// Gives an existing route another target.
///
/// # Errors
/// `InvalidRoute.NotFound`, and what `create_route` refuses.
pub fn replace_route(twin: &mut Twin, ctx: &Ctx, request: PutRouteRequest) -> Result<(), ApiError> {
    let (table, destination, target) = read(twin, ctx, &request)?;
    ctx.end_dry_run()?;
    let old = find(&table, &destination)?;
    check_removable(&table, old, "replace")?;
    remember_target(twin, &table.vpc_id, old);
    let route = route(&twin.state, &table.vpc_id, destination, target)?;
    twin.state
        .update(&table.route_table_id, |it: &mut RouteTable| {
            let mut routes = it.routes.iter_mut();
            if let Some(old) = routes.find(|it| it.destination() == route.destination()) {
                *old = route;
            }
        });
    Ok(())
}

/// Deletes a route.
///
/// # Errors
/// `InvalidRoute.NotFound`; `InvalidParameterValue` for a local route and one of a VPC endpoint.
pub fn delete_route(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteRouteRequest,
) -> Result<(), ApiError> {
    let table = require::<RouteTable>(&twin.state, ctx, "routeTableId", &request.route_table_id)?;
    let table = table.clone();
    let destination = destination(
        request.destination_cidr_block.as_deref(),
        request.destination_ipv6_cidr_block.as_deref(),
        request.destination_prefix_list_id.as_deref(),
    )?;
    ctx.end_dry_run()?;
    let old = find(&table, &destination)?;
    check_removable(&table, old, "remove")?;
    remember_target(twin, &table.vpc_id, old);
    twin.state
        .update(&table.route_table_id, |it: &mut RouteTable| {
            it.routes
                .retain(|route| route.destination() != destination.as_str());
        });
    connectivity::fill_propagated(twin, &table.route_table_id);
    Ok(())
}

fn find<'a>(table: &'a RouteTable, destination: &Destination) -> Result<&'a Route, ApiError> {
    let mut routes = table.routes.iter();
    let found = routes.find(|it| it.destination() == destination.as_str());
    let parameter = match destination {
        Destination::DestinationCidrBlock(_) => "destination-cidr-block",
        Destination::DestinationIpv6CidrBlock(_) => "destination-ipv6-cidr-block",
        Destination::DestinationPrefixListId(_) => "destination-prefix-list-id",
    };
    found.ok_or_else(|| {
        ApiError::new(
            "InvalidRoute.NotFound",
            format!(
                "no route with {parameter} {} in route table {}",
                destination.as_str(),
                table.route_table_id
            ),
        )
    })
}

fn check_removable(table: &RouteTable, route: &Route, verb: &str) -> Result<(), ApiError> {
    let what = if route.is_local() {
        "local route"
    } else if is_propagated(route) {
        "propagated route"
    } else if endpoint_of(route).is_some() && route.destination_prefix_list_id.is_some() {
        "VPC endpoint route"
    } else {
        return Ok(());
    };
    Err(invalid_value(format!(
        "cannot {verb} {what} {} in route table {}",
        route.destination(),
        table.route_table_id
    )))
}

/// Whether a virtual private gateway told the route.
pub(super) fn is_propagated(route: &Route) -> bool {
    route.origin == RouteOrigin::EnableVgwRoutePropagation
}

fn endpoint_of(route: &Route) -> Option<&str> {
    route
        .gateway_id
        .as_deref()
        .filter(|it| it.starts_with("vpce-"))
}

/// Keeps in mind a target that is not in the state (another account's, or of a kind that the
/// snapshot does not show), so that its route can be put back.
fn remember_target(twin: &mut Twin, vpc: &VpcId, route: &Route) {
    let list = route.destination_prefix_list_id.as_deref().cloned();
    let target = route.target();
    let id = ResourceId::new(target).ok();
    let foreign = match id.filter(|id| twin.state.get(id).is_some()) {
        None => Some(SmolStr::new(target)),
        // A transit gateway whose attachment to the VPC is not shown.
        Some(id) if route.state == RouteState::Active && is_unproven(twin, vpc, &id) => {
            Some(unseen_attachment(vpc, target))
        }
        Some(_) => None,
    };
    twin.network.foreign.extend(list.into_iter().chain(foreign));
}

/// Whether a target is there without anything that would tell whether the VPC's routes reach it.
fn is_unproven(twin: &Twin, vpc: &VpcId, target: &ResourceId) -> bool {
    matches!(target, ResourceId::TransitGateway(_))
        && targets::may_lead_to(&twin.state, vpc, target).is_none()
}

/// What stands for an attachment that must be there, since a route showed that it works.
fn unseen_attachment(vpc: &VpcId, target: &str) -> SmolStr {
    format_smolstr!("{target} at {vpc}")
}

/// Reads a destination: exactly one of three parameters.
fn destination(
    block: Option<&str>,
    ipv6: Option<&str>,
    list: Option<&str>,
) -> Result<Destination, ApiError> {
    let malformed = |text: &str, parameter: &str| {
        invalid_value(format!(
            "Value ({text}) for parameter {parameter} is invalid. This is not a valid CIDR block."
        ))
    };
    match (block, ipv6, list) {
        (Some(text), None, None) => {
            let block = text.parse::<Ipv4Net>();
            let block = block.map_err(|_| malformed(text, "destinationCidrBlock"))?;
            Ok(Destination::DestinationCidrBlock(format_smolstr!(
                "{}",
                block.trunc()
            )))
        }
        (None, Some(text), None) => {
            let block = text.parse::<Ipv6Net>();
            let block = block.map_err(|_| malformed(text, "destinationIpv6CidrBlock"))?;
            Ok(Destination::DestinationIpv6CidrBlock(format_smolstr!(
                "{}",
                block.trunc()
            )))
        }
        (None, None, Some(text)) => Ok(Destination::DestinationPrefixListId(text.into())),
        (None, None, None) => Err(ApiError::new(
            "MissingParameter",
            "The request must contain the parameter destinationCidrBlock, destinationIpv6CidrBlock or destinationPrefixListId",
        )),
        _ => Err(invalid_combination("A route has exactly one destination")),
    }
}

/// What a request names as the target, checked to be there.
struct Target {
    parameter: Parameter,
    text: SmolStr,
}

#[derive(Clone, Copy)]
enum Parameter {
    Gateway,
    Nat,
    Interface,
    Instance,
    Transit,
    Peering,
    EgressOnly,
    Endpoint,
}

impl Parameter {
    /// Whether this is the parameter for a target out of the VPC that is asked for in `targets`.
    const fn takes(self, id: &ResourceId) -> bool {
        matches!(
            (self, id),
            (Self::Gateway, ResourceId::VpnGateway(_))
                | (Self::Transit, ResourceId::TransitGateway(_))
                | (Self::Peering, ResourceId::VpcPeeringConnection(_))
        )
    }

    /// The code and message for a target that is not there (facts: ec2-semantics.md, section 2).
    fn unknown(self, id: &str) -> ApiError {
        let (code, noun) = match self {
            Self::Gateway => ("InvalidGatewayID.NotFound", "gateway"),
            Self::Nat => ("InvalidNatGatewayID.NotFound", "natGateway"),
            Self::Interface => ("InvalidNetworkInterfaceID.NotFound", "networkInterface"),
            Self::Instance => ("InvalidInstanceID.NotFound", "instance"),
            Self::Transit => ("InvalidTransitGatewayID.NotFound", "transitGateway"),
            Self::Peering => (
                "InvalidVpcPeeringConnectionID.NotFound",
                "vpcPeeringConnection",
            ),
            Self::EgressOnly => ("InvalidGatewayID.NotFound", "egressOnlyInternetGateway"),
            Self::Endpoint => ("InvalidVpcEndpointId.NotFound", "vpcEndpoint"),
        };
        ApiError::new(code, format!("The {noun} ID '{id}' does not exist"))
    }
}

fn read(
    twin: &Twin,
    ctx: &Ctx,
    request: &PutRouteRequest,
) -> Result<(RouteTable, Destination, Target), ApiError> {
    let table = require::<RouteTable>(&twin.state, ctx, "routeTableId", &request.route_table_id)?;
    let destination = destination(
        request.destination_cidr_block.as_deref(),
        request.destination_ipv6_cidr_block.as_deref(),
        request.destination_prefix_list_id.as_deref(),
    )?;
    let given = [
        (Parameter::Gateway, &request.gateway_id),
        (Parameter::Nat, &request.nat_gateway_id),
        (Parameter::Interface, &request.network_interface_id),
        (Parameter::Instance, &request.instance_id),
        (Parameter::Transit, &request.transit_gateway_id),
        (Parameter::Peering, &request.vpc_peering_connection_id),
        (
            Parameter::EgressOnly,
            &request.egress_only_internet_gateway_id,
        ),
        (Parameter::Endpoint, &request.vpc_endpoint_id),
    ];
    let mut given = given
        .into_iter()
        .filter_map(|(parameter, it)| Some((parameter, it.as_ref()?)));
    let (parameter, text) = given.next().ok_or_else(|| {
        ApiError::new(
            "MissingParameter",
            "The request must contain the target of the route",
        )
    })?;
    if given.next().is_some() {
        return Err(invalid_combination("A route has exactly one target"));
    }
    required("target", text)?;
    if let Destination::DestinationPrefixListId(list) = &destination {
        prefix_list::require_known(twin, ctx, list)?;
    }
    if !is_there(twin, ctx, &table.vpc_id, parameter, text) {
        return Err(parameter.unknown(text));
    }
    let target = Target {
        parameter,
        text: text.into(),
    };
    Ok((table.clone(), destination, target))
}

fn is_there(twin: &Twin, ctx: &Ctx, vpc: &VpcId, parameter: Parameter, text: &str) -> bool {
    let id = ResourceId::new(text).ok();
    if let Some(id) = id.as_ref().filter(|id| parameter.takes(id)) {
        if let Some(may) = targets::may_lead_to(&twin.state, vpc, id) {
            return may;
        }
        if twin.state.get(id).is_some() && is_unproven(twin, vpc, id) {
            return twin.network.foreign.contains(&unseen_attachment(vpc, text))
                || blockers::tables_of(&twin.state, vpc).any(|table| {
                    let mut routes = table.routes.iter();
                    routes.any(|it| it.target() == text && it.state == RouteState::Active)
                });
        }
    }
    let Some(resource) = id.and_then(|id| twin.state.get_in(&ctx.region, &id)) else {
        return match parameter {
            Parameter::EgressOnly if twin.network.deleted.contains(text) => false,
            Parameter::Nat | Parameter::Interface | Parameter::Instance | Parameter::Endpoint => {
                false
            }
            _ => is_known(twin, ctx, text),
        };
    };
    match parameter {
        Parameter::Gateway => resource.get::<InternetGateway>().is_some(),
        Parameter::Nat => resource.get().is_some_and(blockers::holds),
        Parameter::Interface => resource.get::<NetworkInterface>().is_some(),
        Parameter::Instance => resource.get::<Instance>().is_some(),
        Parameter::Endpoint => resource
            .get::<VpcEndpoint>()
            .is_some_and(|it| !it.state.is_deleted()),
        Parameter::EgressOnly => resource.get::<EgressOnlyInternetGateway>().is_some(),
        Parameter::Transit | Parameter::Peering => false,
    }
}

/// Whether a target that is not in the state was seen in use, now or earlier.
pub(super) fn is_known(twin: &Twin, ctx: &Ctx, text: &str) -> bool {
    twin.network.foreign.contains(text)
        || twin.state.all::<RouteTable>(&ctx.region).any(|table| {
            table
                .propagating_vgws
                .iter()
                .any(|it| it.gateway_id == text)
                || table
                    .routes
                    .iter()
                    .any(|it| it.target() == text || it.destination() == text)
        })
}

/// The route in a table of `vpc`.
fn route(
    state: &State,
    vpc: &VpcId,
    destination: Destination,
    target: Target,
) -> Result<Route, ApiError> {
    let mut route = Route::default();
    match destination {
        Destination::DestinationCidrBlock(it) => route.destination_cidr_block = Some(it),
        Destination::DestinationIpv6CidrBlock(it) => {
            route.destination_ipv6_cidr_block = Some(Box::new(it));
        }
        Destination::DestinationPrefixListId(it) => {
            route.destination_prefix_list_id = Some(Box::new(it));
        }
    }
    let foreign =
        |what: &str| refusal::different_networks("route table", &format!("{what} {}", target.text));
    let unknown = || target.parameter.unknown(&target.text);
    let id = ResourceId::new(&target.text);
    if let Ok(id) = &id
        && target.parameter.takes(id)
        && targets::is_elsewhere(state, vpc, id)
    {
        return Err(foreign(id.kind().noun()));
    }
    let resource = id.ok().and_then(|id| state.get(&id));
    match target.parameter {
        Parameter::Gateway => {
            if let Some(gateway) = resource.and_then(|it| it.get::<InternetGateway>())
                && !gateway.attachments.iter().any(|it| it.vpc_id == *vpc)
            {
                return Err(foreign("network gateway"));
            }
            route.gateway_id = Some(target.text);
        }
        Parameter::Nat => {
            let nat = resource
                .and_then(|it| it.get::<NatGateway>())
                .ok_or_else(unknown)?;
            if nat.vpc_id != *vpc {
                return Err(foreign("NAT gateway"));
            }
            route.nat_gateway_id = Some(nat.nat_gateway_id.clone());
        }
        Parameter::Interface => {
            let interface = resource.and_then(|it| it.get::<NetworkInterface>());
            let interface = interface.ok_or_else(unknown)?;
            if interface.vpc_id != *vpc {
                return Err(foreign("interface"));
            }
            lead_to(&mut route, interface);
        }
        Parameter::Instance => {
            let instance = resource
                .and_then(|it| it.get::<Instance>())
                .ok_or_else(unknown)?;
            let interface = only_interface(state, instance)?;
            if interface.vpc_id != *vpc {
                return Err(foreign("instance"));
            }
            lead_to(&mut route, interface);
        }
        Parameter::Transit => route.transit_gateway_id = Some(Box::new(target.text)),
        Parameter::Peering => {
            route.vpc_peering_connection_id = Some(Box::new(target.text));
        }
        Parameter::Endpoint => {
            let endpoint = resource
                .and_then(|it| it.get::<VpcEndpoint>())
                .ok_or_else(unknown)?;
            if endpoint.vpc_id != *vpc {
                return Err(foreign("endpoint"));
            }
            if endpoint.vpc_endpoint_type != EndpointType::GatewayLoadBalancer {
                return Err(invalid_value(format!(
                    "The VPC endpoint {} is not of type GatewayLoadBalancer",
                    target.text
                )));
            }
            route.gateway_id = Some(target.text);
        }
        Parameter::EgressOnly => {
            if let Some(gateway) = resource.and_then(|it| it.get::<EgressOnlyInternetGateway>())
                && !gateway.attachments.iter().any(|it| it.vpc_id == *vpc)
            {
                return Err(foreign("network gateway"));
            }
            if route.destination_ipv6_cidr_block.is_none() {
                return Err(invalid_value(format!(
                    "Egress-only internet gateway {} can only be the target of a route for IPv6",
                    target.text
                )));
            }
            route.egress_only_internet_gateway_id = Some(Box::new(target.text.clone()));
            if resource.is_none() {
                // Seen in use, so that it is there, though not in the state.
                return Ok(route);
            }
        }
    }
    if let Some(now) = state_of(state, vpc, &route) {
        route.state = now;
    }
    Ok(route)
}

fn lead_to(route: &mut Route, interface: &NetworkInterface) {
    route.network_interface_id = Some(Box::new(interface.network_interface_id.clone()));
    if let Some(attachment) = &interface.attachment {
        route.instance_id = attachment.instance_id.clone().map(Box::new);
        route.instance_owner_id = attachment.instance_owner_id.clone().map(Box::new);
    }
}

/// The interface of an instance that has exactly one.
pub(super) fn only_interface<'a>(
    state: &'a State,
    instance: &Instance,
) -> Result<&'a NetworkInterface, ApiError> {
    let id = &instance.instance_id;
    let mut interfaces = state.referring::<NetworkInterface>(id).filter(|it| {
        let attachment = it.attachment.as_ref();
        attachment.and_then(|it| it.instance_id.as_ref()) == Some(id)
    });
    let first = interfaces.next().ok_or_else(|| {
        ApiError::new(
            "InvalidInstanceID",
            format!("The instance '{id}' has no network interface"),
        )
    })?;
    if interfaces.next().is_some() {
        return Err(ApiError::new(
            "InvalidInstanceID",
            format!(
                "There are multiple interfaces attached to instance '{id}'. Please specify an interface ID for the operation instead."
            ),
        ));
    }
    Ok(first)
}
