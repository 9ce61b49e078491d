//! The addresses of NAT gateways beside the primary one: Elastic IP addresses of public gateways,
//! private addresses of private ones (VPC user guide, "Edit secondary IP address associations").
//!
//! Deliberately absent: connections. An address that is taken off drains for as long as the call
//! says, since nothing tells that it is idle earlier.

use std::collections::BTreeSet;

use sandtable_model::resource::{
    Address, ConnectivityType, NatGateway, NatGatewayAddress, NatGatewayState, Subnet,
};
use sandtable_model::{Duration, NatGatewayId, NetworkInterfaceId, SubnetId};
use smol_str::SmolStr;

use super::association::{self, Place};
use super::nat_gateway_drain::{
    ASSIGNING, ASSOCIATING, DISASSOCIATING, UNASSIGNING, begin, check_at_rest, drain_off,
};
use super::request::{answers, requests};
use super::{addressing, interface_addresses as interface, nat_gateway, nat_gateway_life, refusal};
use crate::rules::{invalid_combination, invalid_value, not_found, require, require_all, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// AssociateNatGatewayAddress.
    AssociateNatGatewayAddressRequest {
        nat_gateway_id: String,
        allocation_ids: Vec<String>,
        private_ip_addresses: Vec<String>,
    }
    /// DisassociateNatGatewayAddress.
    DisassociateNatGatewayAddressRequest {
        nat_gateway_id: String,
        association_ids: Vec<String>,
        max_drain_duration_seconds: Option<i64>,
    }
    /// AssignPrivateNatGatewayAddress.
    AssignPrivateNatGatewayAddressRequest {
        nat_gateway_id: String,
        private_ip_addresses: Vec<String>,
        private_ip_address_count: Option<i64>,
    }
    /// UnassignPrivateNatGatewayAddress.
    UnassignPrivateNatGatewayAddressRequest {
        nat_gateway_id: String,
        private_ip_addresses: Vec<String>,
        max_drain_duration_seconds: Option<i64>,
    }
}

answers! {
    /// The answer of the four operations: the addresses that the call was about.
    ChangedNatGatewayAddresses {
        nat_gateway_id: NatGatewayId,
        nat_gateway_addresses: Vec<NatGatewayAddress>,
    }
}

/// How long connections may hold an address that is taken off, in seconds, unless the call says
/// otherwise, and how long it may say (EC2 API reference, DisassociateNatGatewayAddress).
pub(super) const DRAIN_SECONDS: i64 = 350;
const DRAIN_SECONDS_MAX: i64 = 4000;
/// The most private addresses that a call may ask for by number (EC2 model, `PrivateIpAddressCount`).
pub(super) const COUNT_MAX: i64 = 31;

/// Adds Elastic IP addresses to a public gateway, each on a private address of its own.
///
/// # Errors
/// `OperationInProgress` while other addresses change, `Resource.AlreadyAssociated`,
/// `AddressLimitExceeded` beyond the quota of addresses, `InvalidParameterCombination` for a private
/// gateway.
pub fn associate_nat_gateway_address(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AssociateNatGatewayAddressRequest,
) -> Result<ChangedNatGatewayAddresses, ApiError> {
    let nat = gateway(twin, ctx, &request.nat_gateway_id)?;
    some("AllocationId", &request.allocation_ids)?;
    let addresses = require_all::<Address>(&twin.state, ctx, &request.allocation_ids)?;
    let addresses: Vec<Address> = addresses.into_iter().cloned().collect();
    if request.private_ip_addresses.len() > addresses.len() {
        return Err(too_many_private());
    }
    ctx.end_dry_run()?;
    check_kind(&nat, &ConnectivityType::Public)?;
    check_at_rest(&nat)?;
    let mut seen = BTreeSet::new();
    for address in &addresses {
        if !seen.insert(&address.allocation_id) || nat_gateway::is_taken(twin, address) {
            return Err(ApiError::new(
                "Resource.AlreadyAssociated",
                format!(
                    "Elastic IP address {} is already associated",
                    address.allocation_id
                ),
            ));
        }
    }
    check_elastic_quota(twin, nat.nat_gateway_addresses.len() + addresses.len())?;
    let (subnet, interface) = home(twin, &nat)?;
    let wanted: Vec<&str> = request
        .private_ip_addresses
        .iter()
        .map(String::as_str)
        .collect();
    let private = addressing::choose(&twin.state, &subnet, &wanted, addresses.len())?;
    interface::add_addresses(twin, ctx, &interface, &private);
    let mut entries = Vec::with_capacity(addresses.len());
    for (address, ip) in addresses.into_iter().zip(private) {
        entries.push(map(twin, ctx, &interface, address, ip, ASSOCIATING));
    }
    Ok(begin(twin, &nat.nat_gateway_id, entries))
}

/// Maps an Elastic IP address to a private one of a gateway's interface.
pub(super) fn map(
    twin: &mut Twin,
    ctx: &Ctx,
    interface: &NetworkInterfaceId,
    address: Address,
    private_ip: SmolStr,
    status: &'static str,
) -> NatGatewayAddress {
    let place = Place {
        interface: interface.clone(),
        private_ip: private_ip.clone(),
    };
    let association = association::associate(twin, ctx, &address.allocation_id, &place);
    NatGatewayAddress {
        association_id: Some(association),
        allocation_id: Some(address.allocation_id),
        public_ip: address.public_ip,
        ..entry(interface, private_ip, false, status)
    }
}

/// An address without an Elastic IP address.
pub(super) fn entry(
    interface: &NetworkInterfaceId,
    private_ip: SmolStr,
    is_primary: bool,
    status: &'static str,
) -> NatGatewayAddress {
    NatGatewayAddress {
        network_interface_id: Some(interface.clone()),
        private_ip: Some(private_ip),
        is_primary: Some(is_primary),
        status: Some(SmolStr::new_static(status)),
        ..NatGatewayAddress::default()
    }
}

/// Takes secondary Elastic IP addresses off a public gateway, when their connections have drained.
/// The private addresses go with them.
///
/// # Errors
/// `InvalidAssociationID.NotFound`, `OperationInProgress`, `InvalidParameterValue` for the primary
/// address.
pub fn disassociate_nat_gateway_address(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DisassociateNatGatewayAddressRequest,
) -> Result<ChangedNatGatewayAddresses, ApiError> {
    let nat = gateway(twin, ctx, &request.nat_gateway_id)?;
    let ids = some("AssociationId", &request.association_ids)?;
    let drain = drain_time(request.max_drain_duration_seconds)?;
    for id in ids {
        let mut all = nat.nat_gateway_addresses.iter();
        if !all.any(|it| {
            it.association_id
                .as_ref()
                .is_some_and(|it| it.as_str() == id)
        }) {
            return Err(ApiError::new(
                "InvalidAssociationID.NotFound",
                format!("The association ID '{id}' does not exist"),
            ));
        }
    }
    ctx.end_dry_run()?;
    check_kind(&nat, &ConnectivityType::Public)?;
    let named = |it: &NatGatewayAddress| {
        let id = it.association_id.as_ref();
        id.is_some_and(|id| ids.iter().any(|it| id.as_str() == it))
    };
    drain_off(twin, &nat, &named, DISASSOCIATING, drain)
}

/// Adds private addresses to a private gateway.
///
/// # Errors
/// `InvalidIPAddress.InUse`, `InsufficientFreeAddressesInSubnet`, `OperationInProgress`,
/// `PrivateIpAddressLimitExceeded`, `InvalidParameterCombination` for a public gateway and for
/// addresses together with a number.
pub fn assign_private_nat_gateway_address(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AssignPrivateNatGatewayAddressRequest,
) -> Result<ChangedNatGatewayAddresses, ApiError> {
    let nat = gateway(twin, ctx, &request.nat_gateway_id)?;
    let wanted: Vec<&str> = request
        .private_ip_addresses
        .iter()
        .map(String::as_str)
        .collect();
    let count = match request.private_ip_address_count {
        Some(_) if !wanted.is_empty() => {
            return Err(invalid_combination(
                "The parameters privateIpAddresses and privateIpAddressCount cannot be used together",
            ));
        }
        Some(count) => read_count("privateIpAddressCount", count)?,
        None => some("PrivateIpAddress", &request.private_ip_addresses)?.len(),
    };
    ctx.end_dry_run()?;
    check_kind(&nat, &ConnectivityType::Private)?;
    check_at_rest(&nat)?;
    check_private_quota(twin, nat.nat_gateway_addresses.len() + count)?;
    let (subnet, interface) = home(twin, &nat)?;
    let private = addressing::choose(&twin.state, &subnet, &wanted, count)?;
    interface::add_addresses(twin, ctx, &interface, &private);
    let entries = private
        .into_iter()
        .map(|ip| entry(&interface, ip, false, ASSIGNING));
    let entries = entries.collect();
    Ok(begin(twin, &nat.nat_gateway_id, entries))
}

/// Takes secondary private addresses off a private gateway, when their connections have drained.
///
/// # Errors
/// `InvalidParameterValue` for the primary address and one that the gateway does not have,
/// `OperationInProgress`.
pub fn unassign_private_nat_gateway_address(
    twin: &mut Twin,
    ctx: &Ctx,
    request: UnassignPrivateNatGatewayAddressRequest,
) -> Result<ChangedNatGatewayAddresses, ApiError> {
    let nat = gateway(twin, ctx, &request.nat_gateway_id)?;
    let ips = some("PrivateIpAddress", &request.private_ip_addresses)?;
    let drain = drain_time(request.max_drain_duration_seconds)?;
    ctx.end_dry_run()?;
    check_kind(&nat, &ConnectivityType::Private)?;
    for ip in ips {
        let mut all = nat.nat_gateway_addresses.iter();
        if !all.any(|it| it.private_ip.as_deref() == Some(ip)) {
            return Err(invalid_value(format!(
                "The private IP address {ip} is not assigned to NAT gateway {}",
                nat.nat_gateway_id
            )));
        }
    }
    let named = |it: &NatGatewayAddress| {
        let own = it.private_ip.as_deref();
        own.is_some_and(|own| ips.iter().any(|it| it == own))
    };
    drain_off(twin, &nat, &named, UNASSIGNING, drain)
}

fn gateway(twin: &Twin, ctx: &Ctx, text: &str) -> Result<NatGateway, ApiError> {
    Ok(require::<NatGateway>(&twin.state, ctx, "NatGatewayId", text)?.clone())
}

fn some<'a>(parameter: &str, list: &'a [String]) -> Result<&'a [String], ApiError> {
    required(parameter, list.first().map_or("", String::as_str))?;
    Ok(list)
}

/// The number of addresses that a call asks for.
pub(super) fn read_count(parameter: &str, count: i64) -> Result<usize, ApiError> {
    let fine = (1..=COUNT_MAX).contains(&count);
    let number = usize::try_from(count).ok().filter(|_| fine);
    number.ok_or_else(|| refusal::not_a_value(parameter, &count.to_string()))
}

fn drain_time(seconds: Option<i64>) -> Result<Duration, ApiError> {
    let seconds = seconds.unwrap_or(DRAIN_SECONDS);
    if !(1..=DRAIN_SECONDS_MAX).contains(&seconds) {
        return Err(refusal::not_a_value(
            "MaxDrainDurationSeconds",
            &seconds.to_string(),
        ));
    }
    Ok(Duration::from_secs(seconds))
}

pub(super) fn too_many_private() -> ApiError {
    invalid_combination("There cannot be more private IP addresses than Elastic IP addresses")
}

/// AWS does not document the code for more addresses than the quota allows (facts:
/// ec2-semantics.md, section 5, "EIPs per NAT 2"); the twin takes that of Elastic IP addresses.
pub(super) fn check_elastic_quota(twin: &Twin, count: usize) -> Result<(), ApiError> {
    let most = twin.network.choices.quotas.addresses_per_nat_gateway;
    if count <= most {
        return Ok(());
    }
    Err(ApiError::new(
        "AddressLimitExceeded",
        format!("The maximum number of addresses per NAT gateway has been reached: {most}"),
    ))
}

/// Private addresses of a gateway, the primary one among them.
pub(super) fn check_private_quota(twin: &Twin, count: usize) -> Result<(), ApiError> {
    let most = twin
        .network
        .choices
        .quotas
        .private_addresses_per_nat_gateway;
    if count <= most {
        return Ok(());
    }
    Err(ApiError::new(
        "PrivateIpAddressLimitExceeded",
        format!("Number of private addresses will exceed limit {most}."),
    ))
}

fn check_kind(nat: &NatGateway, kind: &ConnectivityType) -> Result<(), ApiError> {
    let id = &nat.nat_gateway_id;
    if nat.connectivity_type != *kind {
        return Err(invalid_combination(format!(
            "This operation is only supported for {kind} NAT gateways, and {id} is not one"
        )));
    }
    if nat.state != NatGatewayState::Available {
        return Err(ApiError::new(
            "IncorrectState",
            format!("NAT gateway {id} is {} and not available", nat.state),
        ));
    }
    Ok(())
}

/// The subnet and interface of a gateway. Recorded gateways may not tell the interface; then the
/// twin cannot know where further addresses go.
fn home(twin: &Twin, nat: &NatGateway) -> Result<(Subnet, NetworkInterfaceId), ApiError> {
    let id: &SubnetId = &nat.subnet_id;
    let subnet = twin.state.one::<Subnet>(id).cloned();
    let subnet = subnet.ok_or_else(|| not_found(&id.into()))?;
    let interfaces = nat_gateway_life::interfaces_of(twin, &nat.nat_gateway_id);
    let interface = interfaces.into_iter().next();
    let interface = interface.ok_or_else(|| {
        refusal::not_modelled("addresses of a NAT gateway whose interface is not known")
    })?;
    Ok((subnet, interface))
}
