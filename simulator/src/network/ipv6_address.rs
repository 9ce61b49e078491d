//! IPv6 addresses of interfaces. Deliberately absent: prefixes.

use std::collections::BTreeSet;
use std::net::Ipv6Addr;

use sandtable_model::NetworkInterfaceId;
use sandtable_model::resource::{Ipv6Address, NetworkInterface, Subnet};
use smol_str::{SmolStr, format_smolstr};

use super::interface_addresses::check_address_count;
use super::request::{answers, requests};
use super::{cidr_reservation, ipv6};
use crate::rules::{invalid_combination, invalid_value, require, required};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// AssignIpv6Addresses.
    AssignIpv6AddressesRequest {
        network_interface_id: String,
        ipv6_addresses: Vec<String>,
        ipv6_address_count: Option<i64>,
    }
    /// UnassignIpv6Addresses.
    UnassignIpv6AddressesRequest { network_interface_id: String, ipv6_addresses: Vec<String> }
}

answers! {
    /// The answer of AssignIpv6Addresses.
    AssignedIpv6Addresses {
        network_interface_id: NetworkInterfaceId,
        assigned_ipv6_addresses: Vec<SmolStr>,
    }
    /// The answer of UnassignIpv6Addresses.
    UnassignedIpv6Addresses {
        network_interface_id: NetworkInterfaceId,
        unassigned_ipv6_addresses: Vec<SmolStr>,
    }
}

/// Addresses at the start of a block that AWS keeps (VPC user guide, "Subnet sizing for IPv6": the
/// first four and the last).
const KEPT: u128 = 4;

/// Puts IPv6 addresses of its subnet on an interface.
///
/// # Errors
/// `InvalidParameterValue` for a subnet without IPv6 and an address that is not in it,
/// `InvalidIPAddress.InUse`, `PrivateIpAddressLimitExceeded` (there may be as many as IPv4
/// addresses).
pub fn assign_ipv6_addresses(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AssignIpv6AddressesRequest,
) -> Result<AssignedIpv6Addresses, ApiError> {
    let id = &request.network_interface_id;
    let found = require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", id)?.clone();
    let listed = &request.ipv6_addresses;
    let count = match (request.ipv6_address_count, listed.len()) {
        (None | Some(0), 0) => {
            return Err(ApiError::new(
                "MissingParameter",
                "Either 'ipv6Addresses' or 'ipv6AddressCount' should be provided",
            ));
        }
        (None | Some(0), listed) => listed,
        (Some(count), 0) => usize::try_from(count)
            .map_err(|_| invalid_value("ipv6AddressCount must not be negative"))?,
        (Some(_), _) => {
            return Err(invalid_combination(
                "The parameters ipv6Addresses and ipv6AddressCount cannot be used together",
            ));
        }
    };
    ctx.end_dry_run()?;
    check_address_count(found.ipv6_addresses.len().saturating_add(count))?;
    let subnet = twin.state.one::<Subnet>(&found.subnet_id);
    let subnet = subnet.ok_or_else(|| crate::rules::not_found(&found.subnet_id.clone().into()))?;
    let chosen = choose(&twin.state, subnet, listed, count)?;
    let id = found.network_interface_id;
    twin.state.update(&id, |it: &mut NetworkInterface| {
        let new = chosen.iter().map(|it| Ipv6Address {
            ipv6_address: it.clone(),
        });
        it.ipv6_addresses.extend(new);
    });
    Ok(AssignedIpv6Addresses {
        network_interface_id: id,
        assigned_ipv6_addresses: chosen,
    })
}

/// Chooses addresses: those listed, else the lowest that are free and not reserved. AWS chooses at
/// random; the lowest are as good and the same each time.
fn choose(
    state: &State,
    subnet: &Subnet,
    listed: &[String],
    count: usize,
) -> Result<Vec<SmolStr>, ApiError> {
    let block = ipv6::blocks_of_subnet(subnet).next().ok_or_else(|| {
        invalid_value(format!(
            "The subnet '{}' does not have an IPv6 CIDR block associated with it",
            subnet.subnet_id
        ))
    })?;
    let mut taken: BTreeSet<Ipv6Addr> = BTreeSet::new();
    for interface in state.referring::<NetworkInterface>(&subnet.subnet_id) {
        let addresses = interface.ipv6_addresses.iter();
        taken.extend(addresses.filter_map(|it| it.ipv6_address.parse::<Ipv6Addr>().ok()));
    }
    let first = u128::from(block.network()).saturating_add(KEPT);
    let last = u128::from(block.broadcast());
    let mut chosen = Vec::with_capacity(count);
    for text in listed {
        let address = text.parse::<Ipv6Addr>().ok();
        let address = address.filter(|it| (first..last).contains(&u128::from(*it)));
        let address = address.ok_or_else(|| {
            invalid_value(format!(
                "Address {text} does not fall within the subnet's address range"
            ))
        })?;
        if !taken.insert(address) {
            return Err(ApiError::new(
                "InvalidIPAddress.InUse",
                format!("Address {text} is in use."),
            ));
        }
        chosen.push(format_smolstr!("{address}"));
    }
    let reserved = cidr_reservation::blocks_of(state, &subnet.subnet_id);
    let mut next = first;
    while chosen.len() < count && next < last {
        let address = Ipv6Addr::from(next);
        let within = |it: &&ipnet::IpNet| it.contains(&std::net::IpAddr::V6(address));
        if let Some(ipnet::IpNet::V6(block)) = reserved.iter().find(within) {
            // Reservations may be large: step over them at once.
            next = u128::from(block.broadcast()).saturating_add(1);
            continue;
        }
        if !taken.contains(&address) {
            chosen.push(format_smolstr!("{address}"));
        }
        next += 1;
    }
    if chosen.len() < count {
        return Err(ApiError::new(
            "InsufficientFreeAddressesInSubnet",
            format!(
                "There are not enough free addresses in subnet '{}' to satisfy the request.",
                subnet.subnet_id
            ),
        ));
    }
    Ok(chosen)
}

/// Takes IPv6 addresses off an interface.
///
/// # Errors
/// `InvalidParameterValue` for one that the interface does not have.
pub fn unassign_ipv6_addresses(
    twin: &mut Twin,
    ctx: &Ctx,
    request: UnassignIpv6AddressesRequest,
) -> Result<UnassignedIpv6Addresses, ApiError> {
    let id = &request.network_interface_id;
    let found = require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", id)?.clone();
    if request.ipv6_addresses.is_empty() {
        required("ipv6Addresses", "")?;
    }
    ctx.end_dry_run()?;
    let id = found.network_interface_id.clone();
    let parsed = |text: &str| text.parse::<Ipv6Addr>().ok();
    let mut gone: Vec<Ipv6Addr> = Vec::with_capacity(request.ipv6_addresses.len());
    for text in &request.ipv6_addresses {
        let wanted = parsed(text);
        let mut present = found.ipv6_addresses.iter();
        match wanted {
            Some(address) if present.any(|it| parsed(&it.ipv6_address) == wanted) => {
                gone.push(address);
            }
            _ => {
                return Err(invalid_value(format!(
                    "Some of the specified addresses are not assigned to interface {id}: {text}"
                )));
            }
        }
    }
    twin.state.update(&id, |it: &mut NetworkInterface| {
        it.ipv6_addresses
            .retain(|it| !parsed(&it.ipv6_address).is_some_and(|it| gone.contains(&it)));
    });
    Ok(UnassignedIpv6Addresses {
        network_interface_id: id,
        unassigned_ipv6_addresses: gone.iter().map(|it| format_smolstr!("{it}")).collect(),
    })
}
