//! Private addresses of subnets, and the names that follow from addresses.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use sandtable_model::resource::Subnet;
use sandtable_model::{Region, SubnetId};
use smol_str::{SmolStr, format_smolstr};

use ipnet::Ipv4Net;

use super::{cidr, cidr_reservation};
use crate::rules::invalid_value;
pub(super) use crate::state::private_ips;
use crate::{ApiError, State};

/// The first address of a block that may be given; AWS keeps the four before it.
fn first_of(block: &Ipv4Net) -> Ipv4Addr {
    u32::from(block.network()).saturating_add(4).into()
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
    let held = state.held_addresses(&subnet.subnet_id, first_of(&block));
    let first = u32::from(first_of(&block));
    let last = u32::from(block.broadcast());
    let mut asked = BTreeSet::new();
    let mut chosen = Vec::new();
    for text in wanted {
        let inside = |it: &Ipv4Addr| (first..last).contains(&u32::from(*it));
        let address = text.parse::<Ipv4Addr>().ok().filter(inside);
        let address = address.ok_or_else(|| {
            invalid_value(format!(
                "Address {text} does not fall within the subnet's address range"
            ))
        })?;
        if held.contains(address) || !asked.insert(address) {
            return Err(ApiError::new(
                "InvalidIPAddress.InUse",
                format!("Address {text} is in use."),
            ));
        }
        chosen.push(format_smolstr!("{address}"));
    }
    let reserved = cidr_reservation::blocks_of(state, &subnet.subnet_id);
    let mut free = (u32::from(held.lowest_free())..last)
        .map(Ipv4Addr::from)
        .filter(|it| !held.contains(*it) && !asked.contains(it))
        .filter(|it| !cidr_reservation::is_reserved(&reserved, *it));
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
    let Some(block) = cidr::of(&subnet.cidr_block) else {
        return 0;
    };
    let held = state.held_addresses(&subnet.subnet_id, first_of(&block));
    let all = usize::try_from(cidr::usable(&block)).unwrap_or(usize::MAX);
    all.saturating_sub(held.len())
}

/// Counts addresses of a subnet as taken, and keeps which ones are: more are likely to be asked for.
pub(super) fn take(state: &mut State, subnet: &SubnetId, count: usize) {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let block = state
        .one(subnet)
        .and_then(|it: &Subnet| cidr::of(&it.cidr_block));
    if let Some(block) = block {
        state.keep_addresses(subnet, first_of(&block));
    }
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
