//! Private addresses of network interfaces: assigning, unassigning, moving.

use sandtable_model::resource::{NetworkInterface, PrivateIpAddress, Subnet};
use sandtable_model::{AllocationId, NetworkInterfaceId};
use smol_str::SmolStr;

use super::addressing;
use super::association::{self, Place};
use super::interface::check_not_managed;
use super::request::{answers, requests};
use crate::rules::{invalid_combination, invalid_value, require, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// AssignPrivateIpAddresses.
    AssignPrivateIpAddressesRequest {
        network_interface_id: String,
        private_ip_addresses: Vec<String>,
        secondary_private_ip_address_count: Option<i64>,
        allow_reassignment: Option<bool>,
    }
    /// UnassignPrivateIpAddresses.
    UnassignPrivateIpAddressesRequest { network_interface_id: String, private_ip_addresses: Vec<String> }
}

answers! {
    /// The answer of AssignPrivateIpAddresses.
    AssignedPrivateIpAddresses {
        network_interface_id: NetworkInterfaceId,
        assigned_private_ip_addresses: Vec<AssignedAddress>,
    }
    /// A private address that was assigned.
    AssignedAddress { private_ip_address: SmolStr }
}

/// The most private addresses that the twin puts on one interface; AWS's limit depends on the type
/// of the instance and is at most this (EC2 user guide, "IP addresses per network interface").
const ADDRESSES_MAX: usize = 50;

pub(super) fn check_address_count(count: usize) -> Result<(), ApiError> {
    if count <= ADDRESSES_MAX {
        return Ok(());
    }
    Err(ApiError::new(
        "PrivateIpAddressLimitExceeded",
        format!("Number of private addresses will exceed limit {ADDRESSES_MAX}."),
    ))
}

/// Puts further private addresses on an interface. With `AllowReassignment`, those that are
/// secondary ones of other interfaces in the subnet move, and Elastic IP addresses on them move too
/// (EC2 API reference, AssignPrivateIpAddresses).
///
/// # Errors
/// `PrivateIpAddressLimitExceeded`, `InvalidIPAddress.InUse`,
/// `InsufficientFreeAddressesInSubnet`; `OperationNotPermitted` or the other code of
/// [`super::Choices`] for an interface that a service manages.
pub fn assign_private_ip_addresses(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AssignPrivateIpAddressesRequest,
) -> Result<AssignedPrivateIpAddresses, ApiError> {
    let id = &request.network_interface_id;
    let found = require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", id)?.clone();
    let wanted: Vec<&str> = request
        .private_ip_addresses
        .iter()
        .map(String::as_str)
        .collect();
    let count = match (request.secondary_private_ip_address_count, wanted.len()) {
        (None | Some(0), 0) => {
            return Err(ApiError::new(
                "MissingParameter",
                "The request must contain privateIpAddresses or secondaryPrivateIpAddressCount",
            ));
        }
        (None | Some(0), listed) => listed,
        (Some(count), 0) => usize::try_from(count)
            .map_err(|_| invalid_value("secondaryPrivateIpAddressCount must not be negative"))?,
        (Some(_), _) => {
            return Err(invalid_combination(
                "The parameters privateIpAddresses and secondaryPrivateIpAddressCount cannot be used together",
            ));
        }
    };
    ctx.end_dry_run()?;
    check_not_managed(twin, &found)?;
    check_address_count(addressing::private_ips(&found).count() + count)?;
    let subnet = twin.state.one::<Subnet>(&found.subnet_id).cloned();
    let subnet = subnet.ok_or_else(|| crate::rules::not_found(&found.subnet_id.clone().into()))?;
    let id = found.network_interface_id;
    let moving = match request.allow_reassignment {
        Some(true) => movable(twin, &subnet, &id, &wanted),
        _ => Vec::new(),
    };
    let fresh: Vec<&str> = wanted
        .iter()
        .copied()
        .filter(|ip| !moving.iter().any(|it| it.ip == *ip))
        .collect();
    let fresh_count = if wanted.is_empty() {
        count
    } else {
        fresh.len()
    };
    let mut chosen = addressing::choose(&twin.state, &subnet, &fresh, fresh_count)?;
    add_addresses(twin, ctx, &id, &chosen);
    for it in moving {
        chosen.push(it.ip.clone());
        move_address(twin, ctx, &id, it);
    }
    let assigned = chosen.into_iter();
    Ok(AssignedPrivateIpAddresses {
        network_interface_id: id,
        assigned_private_ip_addresses: assigned
            .map(|private_ip_address| AssignedAddress { private_ip_address })
            .collect(),
    })
}

/// A secondary private address of another interface, with the Elastic IP address on it.
struct Movable {
    ip: SmolStr,
    from: NetworkInterfaceId,
    elastic: Option<AllocationId>,
}

/// Those of the wanted addresses that can be taken from other interfaces of the subnet.
fn movable(twin: &Twin, subnet: &Subnet, to: &NetworkInterfaceId, wanted: &[&str]) -> Vec<Movable> {
    let mut found = Vec::new();
    for interface in twin.state.referring::<NetworkInterface>(&subnet.subnet_id) {
        if interface.network_interface_id == *to || interface.requester_managed {
            continue;
        }
        let secondary = interface
            .private_ip_addresses
            .iter()
            .filter(|it| !it.primary);
        for it in secondary.filter(|it| wanted.contains(&it.private_ip_address.as_str())) {
            let association = it.association.as_ref();
            found.push(Movable {
                ip: it.private_ip_address.clone(),
                from: interface.network_interface_id.clone(),
                elastic: association.and_then(|it| it.allocation_id.clone()),
            });
        }
    }
    found
}

fn move_address(twin: &mut Twin, ctx: &Ctx, to: &NetworkInterfaceId, it: Movable) {
    if let Some(allocation) = &it.elastic {
        association::disassociate(twin, allocation);
    }
    drop_addresses(twin, &it.from, std::slice::from_ref(&it.ip));
    add_addresses(twin, ctx, to, std::slice::from_ref(&it.ip));
    if let Some(allocation) = &it.elastic {
        let place = Place {
            interface: to.clone(),
            private_ip: it.ip,
        };
        association::associate(twin, ctx, allocation, &place);
    }
}

/// Puts private addresses that are free on an interface, as secondary ones.
pub(super) fn add_addresses(
    twin: &mut Twin,
    ctx: &Ctx,
    id: &NetworkInterfaceId,
    addresses: &[SmolStr],
) {
    let further = addresses.iter().map(|ip| PrivateIpAddress {
        primary: false,
        private_ip_address: ip.clone(),
        private_dns_name: Some(addressing::private_name(&ctx.region, ip)),
        association: None,
    });
    let subnet = twin.state.update(id, |it: &mut NetworkInterface| {
        it.private_ip_addresses.extend(further);
        it.subnet_id.clone()
    });
    if let Some(subnet) = subnet {
        addressing::take(&mut twin.state, &subnet, addresses.len());
    }
}

/// Takes secondary private addresses off an interface, whatever manages it.
pub(super) fn drop_addresses(twin: &mut Twin, id: &NetworkInterfaceId, addresses: &[SmolStr]) {
    let dropped = twin.state.update(id, |it: &mut NetworkInterface| {
        let before = it.private_ip_addresses.len();
        it.private_ip_addresses
            .retain(|it| it.primary || !addresses.contains(&it.private_ip_address));
        (it.subnet_id.clone(), before - it.private_ip_addresses.len())
    });
    if let Some((subnet, count)) = dropped {
        addressing::give_back(&mut twin.state, &subnet, count);
    }
}

/// Takes secondary private addresses off an interface; Elastic IP addresses on them are
/// disassociated.
///
/// # Errors
/// `InvalidParameterValue` for the primary address and one that the interface does not have;
/// `OperationNotPermitted` or the other code of [`super::Choices`] for an interface that a service
/// manages.
pub fn unassign_private_ip_addresses(
    twin: &mut Twin,
    ctx: &Ctx,
    request: UnassignPrivateIpAddressesRequest,
) -> Result<(), ApiError> {
    let id = &request.network_interface_id;
    let found = require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", id)?.clone();
    if request.private_ip_addresses.is_empty() {
        required("privateIpAddress", "")?;
    }
    ctx.end_dry_run()?;
    check_not_managed(twin, &found)?;
    let id = found.network_interface_id.clone();
    for ip in &request.private_ip_addresses {
        let mut present = found.private_ip_addresses.iter();
        if !present.any(|it| !it.primary && it.private_ip_address == *ip) {
            return Err(invalid_value(format!(
                "Some of the specified addresses are not assigned to interface {id}, or are its primary address: {ip}"
            )));
        }
    }
    let wanted = request.private_ip_addresses.iter();
    let gone: Vec<SmolStr> = wanted.map(SmolStr::from).collect();
    for private in found
        .private_ip_addresses
        .iter()
        .filter(|it| gone.contains(&it.private_ip_address))
    {
        let association = private.association.as_ref();
        if let Some(allocation) = association.and_then(|it| it.allocation_id.as_ref()) {
            association::disassociate(twin, allocation);
        }
    }
    drop_addresses(twin, &id, &gone);
    Ok(())
}
