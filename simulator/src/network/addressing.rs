//! Private addresses of subnets, and the names that follow from addresses.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use sandtable_model::resource::{Instance, NetworkInterface, Subnet};
use sandtable_model::{Region, SubnetId};
use smol_str::{SmolStr, format_smolstr};

use super::{blockers, cidr, cidr_reservation};
use crate::rules::invalid_value;
use crate::{ApiError, State};

/// The private addresses that are taken in a subnet.
fn taken(state: &State, subnet: &SubnetId) -> BTreeSet<Ipv4Addr> {
    let mut taken = BTreeSet::new();
    let mut take = |text: &str| taken.extend(text.parse::<Ipv4Addr>());
    for interface in state.referring::<NetworkInterface>(subnet) {
        private_ips(interface).for_each(&mut take);
    }
    for instance in state.referring::<Instance>(subnet) {
        instance.private_ip_address.iter().for_each(|it| take(it));
    }
    for nat in state.referring(subnet).filter(|it| blockers::holds(it)) {
        let addresses = nat.nat_gateway_addresses.iter();
        addresses
            .filter_map(|it| it.private_ip.as_deref())
            .for_each(&mut take);
    }
    taken
}

/// The private addresses of an interface.
pub(super) fn private_ips(interface: &NetworkInterface) -> impl Iterator<Item = &str> {
    let all = interface.private_ip_addresses.iter();
    let only = interface
        .private_ip_address
        .as_deref()
        .filter(|_| interface.private_ip_addresses.is_empty());
    all.map(|it| it.private_ip_address.as_str()).chain(only)
}

/// Chooses private addresses in a subnet: those `wanted`, then the lowest free ones that are not
/// reserved up to `count`. AWS chooses at random; the lowest is as good and the same each time.
///
/// # Errors
/// `InvalidParameterValue` for an address that is not in the subnet or is AWS's own,
/// `InvalidIPAddress.InUse` for one that is taken, `InsufficientFreeAddressesInSubnet`.
pub(crate) fn choose(
    state: &State,
    subnet: &Subnet,
    wanted: &[&str],
    count: usize,
) -> Result<Vec<SmolStr>, ApiError> {
    let block = cidr::of(&subnet.cidr_block).ok_or_else(|| no_free_address(&subnet.subnet_id))?;
    let mut taken = taken(state, &subnet.subnet_id);
    let first = u32::from(block.network()).saturating_add(4);
    let last = u32::from(block.broadcast());
    let mut chosen = Vec::new();
    for text in wanted {
        let inside = |it: &Ipv4Addr| (first..last).contains(&u32::from(*it));
        let address = text.parse::<Ipv4Addr>().ok().filter(inside);
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
    let mut free = (first..last)
        .map(Ipv4Addr::from)
        .filter(|it| !taken.contains(it) && !cidr_reservation::is_reserved(&reserved, *it));
    while chosen.len() < count {
        let address = free
            .next()
            .ok_or_else(|| no_free_address(&subnet.subnet_id))?;
        chosen.push(format_smolstr!("{address}"));
    }
    Ok(chosen)
}

fn no_free_address(subnet: &SubnetId) -> ApiError {
    ApiError::new(
        "InsufficientFreeAddressesInSubnet",
        format!("There are not enough free addresses in subnet '{subnet}' to satisfy the request."),
    )
}

/// How many private addresses of a subnet are free, AWS's own five not counted.
pub(crate) fn free(state: &State, subnet: &Subnet) -> usize {
    let all = cidr::of(&subnet.cidr_block).map_or(0, |block| cidr::usable(&block));
    let all = usize::try_from(all).unwrap_or(usize::MAX);
    all.saturating_sub(taken(state, &subnet.subnet_id).len())
}

/// Counts addresses of a subnet as taken.
pub(super) fn take(state: &mut State, subnet: &SubnetId, count: usize) {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    state.update(subnet, |it: &mut Subnet| {
        it.available_ip_address_count = it.available_ip_address_count.saturating_sub(count);
    });
}

/// Counts addresses of a subnet as free again, never more than there are.
pub(super) fn give_back(state: &mut State, subnet: &SubnetId, count: usize) {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    state.update(subnet, |it: &mut Subnet| {
        let most = cidr::of(&it.cidr_block).map_or(u32::MAX, |block| cidr::usable(&block));
        let free = it.available_ip_address_count.saturating_add(count);
        it.available_ip_address_count = free.min(most);
    });
}

/// The private DNS name of an address.
pub(super) fn private_name(region: &Region, ip: &str) -> SmolStr {
    let dashed = ip.replace('.', "-");
    if region.as_str() == "us-east-1" {
        format_smolstr!("ip-{dashed}.ec2.internal")
    } else {
        format_smolstr!("ip-{dashed}.{region}.compute.internal")
    }
}

/// The public DNS name of an address.
pub(super) fn public_name(region: &Region, ip: &str) -> SmolStr {
    let dashed = ip.replace('.', "-");
    if region.as_str() == "us-east-1" {
        format_smolstr!("ec2-{dashed}.compute-1.amazonaws.com")
    } else {
        format_smolstr!("ec2-{dashed}.{region}.compute.amazonaws.com")
    }
}
