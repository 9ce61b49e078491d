//! Where VPC endpoints are: routes in tables, interfaces in subnets.

use sandtable_model::resource::{
    DnsEntry, EndpointType, GroupRef, InterfaceType, Route, RouteTable, Subnet, VpcEndpoint,
};
use sandtable_model::{NetworkInterfaceId, RouteTableId, Tags, VpcEndpointId, VpcId};
use smol_str::{SmolStr, format_smolstr};

use super::addressing;
use super::interface::{self, Fresh};
use crate::rules::invalid_value;
use crate::{ApiError, Ctx, Twin};

/// The prefix list of a service. AWS's own numbers differ from Region to Region; the twin takes the
/// one that a route or endpoint of the Region shows, else derives one.
pub(super) fn prefix_list(twin: &Twin, ctx: &Ctx, service: &str) -> SmolStr {
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
            route.destination_prefix_list_id.as_deref().cloned()
        })
    });
    known.unwrap_or_else(|| {
        let number = service.bytes().fold(0x811c_9dc5_u32, |sum, byte| {
            (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        format_smolstr!("pl-{number:08x}")
    })
}

/// Makes a gateway endpoint with a route in each of its tables.
pub(super) fn make_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    blank: VpcEndpoint,
    tables: &[RouteTable],
) -> Result<VpcEndpoint, ApiError> {
    let list = check_tables(twin, ctx, &blank.service_name, tables)?;
    let mut ids: Vec<RouteTableId> = tables.iter().map(|it| it.route_table_id.clone()).collect();
    ids.dedup();
    let endpoint = VpcEndpoint {
        route_table_ids: ids.clone(),
        ..blank
    };
    twin.state.insert(&ctx.region, endpoint.clone());
    add_routes(twin, &endpoint.vpc_endpoint_id, &list, &ids);
    Ok(endpoint)
}

/// Checks that no table has a route to a service yet; gives the service's prefix list.
pub(super) fn check_tables(
    twin: &Twin,
    ctx: &Ctx,
    service: &str,
    tables: &[RouteTable],
) -> Result<SmolStr, ApiError> {
    let list = prefix_list(twin, ctx, service);
    for table in tables {
        let mut routes = table.routes.iter();
        if routes.any(|it| it.destination_prefix_list_id.as_deref() == Some(&list)) {
            return Err(ApiError::new(
                "RouteAlreadyExists",
                format!(
                    "route table {} already has a route with destination-prefix-list-id {list}",
                    table.route_table_id
                ),
            ));
        }
    }
    Ok(list)
}

/// Puts routes to a gateway endpoint into tables.
pub(super) fn add_routes(
    twin: &mut Twin,
    id: &VpcEndpointId,
    list: &SmolStr,
    tables: &[RouteTableId],
) {
    for table in tables {
        let route = Route {
            destination_prefix_list_id: Some(Box::new(list.clone())),
            gateway_id: Some(id.as_str().into()),
            ..Route::default()
        };
        twin.state
            .update(table, |it: &mut RouteTable| it.routes.push(route));
    }
}

/// Takes the routes to a gateway endpoint out of tables.
pub(super) fn remove_routes(twin: &mut Twin, id: &VpcEndpointId, tables: &[RouteTableId]) {
    for table in tables {
        twin.state.update(table, |it: &mut RouteTable| {
            it.routes
                .retain(|route| route.gateway_id.as_deref() != Some(id.as_str()));
        });
    }
}

/// Makes an endpoint with an interface in each of its subnets.
pub(super) fn make_interfaces(
    twin: &mut Twin,
    ctx: &Ctx,
    blank: VpcEndpoint,
    subnets: &[Subnet],
    groups: Vec<GroupRef>,
) -> Result<VpcEndpoint, ApiError> {
    let network_interface_ids = add_interfaces(twin, ctx, &blank, subnets, &groups)?;
    let dns_entries = match blank.vpc_endpoint_type {
        EndpointType::Interface => vec![dns_entry(twin, ctx, &blank)],
        _ => Vec::new(),
    };
    let endpoint = VpcEndpoint {
        subnet_ids: subnets.iter().map(|it| it.subnet_id.clone()).collect(),
        network_interface_ids,
        groups,
        dns_entries,
        ..blank
    };
    twin.state.insert(&ctx.region, endpoint.clone());
    Ok(endpoint)
}

/// Makes interfaces of an endpoint, one in each subnet: all or none.
pub(super) fn add_interfaces(
    twin: &mut Twin,
    ctx: &Ctx,
    endpoint: &VpcEndpoint,
    subnets: &[Subnet],
    groups: &[GroupRef],
) -> Result<Vec<NetworkInterfaceId>, ApiError> {
    let mut chosen = Vec::with_capacity(subnets.len());
    for subnet in subnets {
        chosen.push(addressing::choose(&twin.state, subnet, &[], 1)?);
    }
    let id = &endpoint.vpc_endpoint_id;
    let (interface_type, words) = match endpoint.vpc_endpoint_type {
        EndpointType::GatewayLoadBalancer => (
            InterfaceType::GatewayLoadBalancerEndpoint,
            "Gateway Load Balancer Endpoint Interface",
        ),
        _ => (InterfaceType::VpcEndpoint, "VPC Endpoint Interface"),
    };
    let mut made = Vec::with_capacity(subnets.len());
    for (subnet, addresses) in subnets.iter().zip(chosen) {
        let fresh = Fresh {
            interface_type: interface_type.clone(),
            description: format_smolstr!("{words} {id}"),
            addresses,
            groups: groups.to_vec(),
            requester: Some(ctx.account.as_str().into()),
            tags: Tags::new(),
        };
        let interface = interface::insert(twin, ctx, subnet, fresh).network_interface_id;
        interface::attach_to_service(twin, &interface);
        made.push(interface);
    }
    Ok(made)
}

/// Checks that tables and subnets are in a VPC, and subnets in different zones.
pub(super) fn check(
    vpc: &VpcId,
    tables: &[RouteTable],
    subnets: &[Subnet],
) -> Result<(), ApiError> {
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
