//! Changing VPC endpoints: their tables, subnets, groups, policy and private name.
//!
//! Deliberately absent, and refused by name: DNS options, IPv6 and chosen addresses.

use sandtable_model::resource::{
    EndpointState, EndpointType, GroupRef, NetworkInterface, RouteTable, Subnet, Vpc, VpcEndpoint,
};
use sandtable_model::{NetworkInterfaceId, RouteTableId};
use smol_str::SmolStr;

use super::endpoint::{
    OPEN_POLICY, check_parameters, check_policy, check_private_dns, invalid, is_state,
};
use super::request::{Done, requests};
use super::{endpoint_places as places, endpoint_service as service, interface, refusal};
use crate::rules::{invalid_combination, not_found, require, require_all};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// ModifyVpcEndpoint.
    ModifyVpcEndpointRequest {
        vpc_endpoint_id: String,
        reset_policy: Option<bool>,
        policy_document: Option<String>,
        add_route_table_ids: Vec<String>,
        remove_route_table_ids: Vec<String>,
        add_subnet_ids: Vec<String>,
        remove_subnet_ids: Vec<String>,
        add_security_group_ids: Vec<String>,
        remove_security_group_ids: Vec<String>,
        ip_address_type: Option<String>,
        private_dns_enabled: Option<bool>,
    }
}

/// What an endpoint is to be like, checked.
struct Change {
    added_tables: Vec<RouteTable>,
    removed_tables: Vec<RouteTableId>,
    added_subnets: Vec<Subnet>,
    removed_subnets: Vec<Subnet>,
    groups: Vec<GroupRef>,
    policy: Option<SmolStr>,
}

/// Changes an endpoint: all that is asked or nothing. Interfaces come and go at once.
///
/// # Errors
/// `InvalidVpcEndpointId.NotFound`, `InvalidParameter` for what its kind does not have, what it does
/// not have, and the last security group; `InvalidPolicyDocument`, `RouteAlreadyExists`,
/// `DuplicateSubnetsInSameZone`; `OperationNotPermitted` for one that a service manages;
/// `IncorrectState` for one that is being made, was refused or goes.
pub fn modify_vpc_endpoint(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVpcEndpointRequest,
) -> Result<Done, ApiError> {
    let id = &request.vpc_endpoint_id;
    let endpoint = require::<VpcEndpoint>(&twin.state, ctx, "VpcEndpointId", id)?.clone();
    let change = read(twin, ctx, &endpoint, &request)?;
    ctx.end_dry_run()?;
    check_changeable(&endpoint)?;
    let service = endpoint.service_name.clone();
    let list = places::check_tables(twin, ctx, &service, &change.added_tables)?;
    let kept = kept_subnets(twin, &endpoint, &change);
    let kind = &endpoint.vpc_endpoint_type;
    check_parameters(kind, false, kept.len(), false, false)?;
    places::check(&endpoint.vpc_id, &change.added_tables, &kept)?;
    if request.private_dns_enabled == Some(true) {
        let vpc = twin.state.one::<Vpc>(&endpoint.vpc_id);
        let vpc = vpc.ok_or_else(|| not_found(&endpoint.vpc_id.clone().into()))?;
        check_private_dns(twin, vpc, &service, service::own(twin, ctx, &service))?;
    }
    let groups = &change.groups;
    let made = places::add_interfaces(twin, ctx, &endpoint, &change.added_subnets, groups)?;
    apply(
        twin,
        &endpoint,
        change,
        &list,
        made,
        request.private_dns_enabled,
    );
    Ok(Done::YES)
}

fn check_changeable(endpoint: &VpcEndpoint) -> Result<(), ApiError> {
    let id = &endpoint.vpc_endpoint_id;
    if endpoint.requester_managed {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!("Operation is not permitted for requester-managed VPC endpoint {id}"),
        ));
    }
    let fine = [EndpointState::Available, EndpointState::PendingAcceptance];
    if fine.iter().any(|it| is_state(endpoint, it)) {
        return Ok(());
    }
    Err(ApiError::new(
        "IncorrectState",
        format!(
            "The VPC endpoint {id} is not in a state to be modified: {}",
            endpoint.state
        ),
    ))
}

fn read(
    twin: &Twin,
    ctx: &Ctx,
    endpoint: &VpcEndpoint,
    request: &ModifyVpcEndpointRequest,
) -> Result<Change, ApiError> {
    let kind = &endpoint.vpc_endpoint_type;
    let resets = request.reset_policy == Some(true);
    if resets && request.policy_document.is_some() {
        return Err(invalid_combination(
            "The parameters ResetPolicy and PolicyDocument cannot be used together",
        ));
    }
    match request.ip_address_type.as_deref() {
        None | Some("ipv4") => {}
        Some(_) => return Err(refusal::not_modelled("IPv6 addresses of endpoints")),
    }
    if request.private_dns_enabled.is_some() && *kind != EndpointType::Interface {
        return Err(invalid(
            "Private DNS is only supported for Interface type VPC Endpoint.",
        ));
    }
    let (added, removed) = (
        &request.add_route_table_ids,
        &request.remove_route_table_ids,
    );
    check_parameters(
        kind,
        !added.is_empty() || !removed.is_empty(),
        request
            .add_subnet_ids
            .len()
            .max(request.remove_subnet_ids.len()),
        !request.add_security_group_ids.is_empty() || !request.remove_security_group_ids.is_empty(),
        resets || request.policy_document.is_some(),
    )?;
    if let Some(policy) = &request.policy_document {
        check_policy(policy)?;
    }
    let added_tables = require_all::<RouteTable>(&twin.state, ctx, added)?;
    let removed_tables = require_all::<RouteTable>(&twin.state, ctx, removed)?;
    let has = |it: &&&RouteTable| endpoint.route_table_ids.contains(&it.route_table_id);
    if let Some(table) = removed_tables.iter().find(|it| !has(it)) {
        return Err(invalid(format!(
            "Route table {} is not associated with VPC endpoint {}",
            table.route_table_id, endpoint.vpc_endpoint_id
        )));
    }
    let added_subnets = require_all::<Subnet>(&twin.state, ctx, &request.add_subnet_ids)?;
    let removed_subnets = require_all::<Subnet>(&twin.state, ctx, &request.remove_subnet_ids)?;
    let has = |it: &&&Subnet| endpoint.subnet_ids.contains(&it.subnet_id);
    if let Some(subnet) = removed_subnets.iter().find(|it| !has(it)) {
        return Err(invalid(format!(
            "Subnet {} is not associated with VPC endpoint {}",
            subnet.subnet_id, endpoint.vpc_endpoint_id
        )));
    }
    let policy = match (&request.policy_document, resets) {
        (Some(policy), _) => Some(policy.as_str()),
        (None, true) => Some(OPEN_POLICY),
        (None, false) => None,
    };
    Ok(Change {
        // What it has already stays as it is.
        added_tables: added_tables
            .into_iter()
            .filter(|it| !endpoint.route_table_ids.contains(&it.route_table_id))
            .cloned()
            .collect(),
        removed_tables: removed_tables
            .iter()
            .map(|it| it.route_table_id.clone())
            .collect(),
        added_subnets: added_subnets
            .into_iter()
            .filter(|it| !endpoint.subnet_ids.contains(&it.subnet_id))
            .cloned()
            .collect(),
        removed_subnets: removed_subnets.into_iter().cloned().collect(),
        groups: read_groups(twin, ctx, endpoint, request)?,
        policy: policy.map(SmolStr::new),
    })
}

/// The groups that an endpoint is to have.
fn read_groups(
    twin: &Twin,
    ctx: &Ctx,
    endpoint: &VpcEndpoint,
    request: &ModifyVpcEndpointRequest,
) -> Result<Vec<GroupRef>, ApiError> {
    let (added, removed) = (
        &request.add_security_group_ids,
        &request.remove_security_group_ids,
    );
    let mut groups = endpoint.groups.clone();
    if added.is_empty() && removed.is_empty() {
        return Ok(groups);
    }
    let vpc = &endpoint.vpc_id;
    if !removed.is_empty() {
        let removed = interface::read_groups(twin, ctx, removed, vpc)?;
        groups.retain(|it| !removed.iter().any(|gone| gone.group_id == it.group_id));
    }
    if !added.is_empty() {
        for group in interface::read_groups(twin, ctx, added, vpc)? {
            if !groups.iter().any(|it| it.group_id == group.group_id) {
                groups.push(group);
            }
        }
    }
    if groups.is_empty() {
        return Err(invalid(format!(
            "VPC endpoint {} must have at least one security group.",
            endpoint.vpc_endpoint_id
        )));
    }
    let texts: Vec<String> = groups.iter().map(|it| it.group_id.to_string()).collect();
    // All of them together are subject to the quota.
    interface::read_groups(twin, ctx, &texts, vpc)
}

/// The subnets that an endpoint is to have.
fn kept_subnets(twin: &Twin, endpoint: &VpcEndpoint, change: &Change) -> Vec<Subnet> {
    let goes = |it: &&Subnet| {
        let mut removed = change.removed_subnets.iter();
        removed.any(|gone| gone.subnet_id == it.subnet_id)
    };
    let present = endpoint.subnet_ids.iter();
    let present = present.filter_map(|id| twin.state.one::<Subnet>(id));
    let kept = present.filter(|it| !goes(it));
    kept.chain(&change.added_subnets).cloned().collect()
}

fn apply(
    twin: &mut Twin,
    endpoint: &VpcEndpoint,
    change: Change,
    list: &SmolStr,
    made: Vec<NetworkInterfaceId>,
    private_dns: Option<bool>,
) {
    let id = &endpoint.vpc_endpoint_id;
    let added: Vec<RouteTableId> = change
        .added_tables
        .iter()
        .map(|it| it.route_table_id.clone())
        .collect();
    places::add_routes(twin, id, list, &added);
    places::remove_routes(twin, id, &change.removed_tables);
    let (gone, kept): (Vec<NetworkInterfaceId>, Vec<NetworkInterfaceId>) = endpoint
        .network_interface_ids
        .iter()
        .cloned()
        .partition(|it| {
            let interface = twin.state.one::<NetworkInterface>(it);
            interface.is_some_and(|it| {
                let mut removed = change.removed_subnets.iter();
                removed.any(|gone| gone.subnet_id == it.subnet_id)
            })
        });
    for interface in &kept {
        twin.state.update(interface, |it: &mut NetworkInterface| {
            it.groups.clone_from(&change.groups);
        });
    }
    twin.state.update(id, |it: &mut VpcEndpoint| {
        it.route_table_ids
            .retain(|table| !change.removed_tables.contains(table));
        it.route_table_ids.extend(added);
        it.subnet_ids.retain(|subnet| {
            let mut removed = change.removed_subnets.iter();
            !removed.any(|gone| gone.subnet_id == *subnet)
        });
        it.subnet_ids
            .extend(change.added_subnets.iter().map(|it| it.subnet_id.clone()));
        it.network_interface_ids = kept.into_iter().chain(made).collect();
        it.groups = change.groups;
        if let Some(policy) = change.policy {
            it.policy_document = Some(policy);
        }
        it.private_dns_enabled = private_dns.unwrap_or(it.private_dns_enabled);
    });
    for interface in &gone {
        interface::remove(twin, interface);
    }
}
