//! How addresses of NAT gateways come and go in time.

use sandtable_model::resource::{NatGateway, NatGatewayAddress};
use sandtable_model::{AllocationId, Duration, NatGatewayId};
use smol_str::SmolStr;

use super::nat_gateway_address::{ChangedNatGatewayAddresses, DRAIN_SECONDS};
use super::{Transition, association, interface_addresses as interface};
use crate::rules::invalid_value;
use crate::{ApiError, Twin};

/// What an address is in the middle of.
pub(super) const ASSOCIATING: &str = "associating";
pub(super) const ASSIGNING: &str = "assigning";
pub(super) const DISASSOCIATING: &str = "disassociating";
pub(super) const UNASSIGNING: &str = "unassigning";
pub(super) const SUCCEEDED: &str = "succeeded";

/// One change of addresses at a time (EC2 API reference, DisassociateNatGatewayAddress; the code and
/// message as reported in hashicorp/terraform-provider-aws, issue 44581).
pub(super) fn check_at_rest(nat: &NatGateway) -> Result<(), ApiError> {
    for status in [ASSOCIATING, ASSIGNING, DISASSOCIATING, UNASSIGNING] {
        let moving = nat.nat_gateway_addresses.iter().filter(|it| is(it, status));
        let names = moving.filter_map(|it| {
            let elastic = it.allocation_id.as_ref().map(AllocationId::as_str);
            elastic.or(it.private_ip.as_deref())
        });
        let names: Vec<&str> = names.collect();
        if !names.is_empty() {
            return Err(ApiError::new(
                "OperationInProgress",
                format!(
                    "Service is currently {} the following EIPs: [{}].",
                    status.to_uppercase(),
                    names.join(", ")
                ),
            ));
        }
    }
    Ok(())
}

fn is(entry: &NatGatewayAddress, status: &str) -> bool {
    entry.status.as_deref() == Some(status)
}

pub(super) fn begin(
    twin: &mut Twin,
    id: &NatGatewayId,
    entries: Vec<NatGatewayAddress>,
) -> ChangedNatGatewayAddresses {
    twin.state.update(id, |it: &mut NatGateway| {
        it.nat_gateway_addresses.extend(entries.clone());
    });
    let settled = Transition::NatAddressesSettled(id.clone());
    twin.schedule(twin.options.timings.nat_address, settled);
    ChangedNatGatewayAddresses {
        nat_gateway_id: id.clone(),
        nat_gateway_addresses: entries,
    }
}

/// Begins to take secondary addresses off.
pub(super) fn drain_off(
    twin: &mut Twin,
    nat: &NatGateway,
    named: &dyn Fn(&NatGatewayAddress) -> bool,
    status: &'static str,
    drain: Duration,
) -> Result<ChangedNatGatewayAddresses, ApiError> {
    check_at_rest(nat)?;
    let mut all = nat.nat_gateway_addresses.iter();
    if all.any(|it| named(it) && it.is_primary == Some(true)) {
        return Err(invalid_value(format!(
            "The primary IP address of NAT gateway {} cannot be removed",
            nat.nat_gateway_id
        )));
    }
    let id = nat.nat_gateway_id.clone();
    let entries = twin.state.update(&id, |it: &mut NatGateway| {
        let mut entries = Vec::new();
        for entry in it.nat_gateway_addresses.iter_mut().filter(|it| named(it)) {
            entry.status = Some(SmolStr::new_static(status));
            entries.push(entry.clone());
        }
        entries
    });
    twin.schedule(drain, Transition::NatAddressesDrained(id.clone()));
    Ok(ChangedNatGatewayAddresses {
        nat_gateway_id: id,
        nat_gateway_addresses: entries.unwrap_or_default(),
    })
}

/// Addresses that were being added serve.
pub(super) fn settled(twin: &mut Twin, id: &NatGatewayId) {
    twin.state.update(id, |it: &mut NatGateway| {
        for entry in &mut it.nat_gateway_addresses {
            if is(entry, ASSOCIATING) || is(entry, ASSIGNING) {
                entry.status = Some(SmolStr::new_static(SUCCEEDED));
            }
        }
    });
}

/// Addresses that were drained are gone; Elastic IP addresses stay allocated.
pub(super) fn drained(twin: &mut Twin, id: &NatGatewayId) {
    let gone = |it: &NatGatewayAddress| is(it, DISASSOCIATING) || is(it, UNASSIGNING);
    let taken = twin.state.update(id, |it: &mut NatGateway| {
        let (gone, kept) = std::mem::take(&mut it.nat_gateway_addresses)
            .into_iter()
            .partition(gone);
        it.nat_gateway_addresses = kept;
        gone
    });
    let taken: Vec<NatGatewayAddress> = taken.unwrap_or_default();
    for entry in taken {
        if let Some(allocation) = &entry.allocation_id {
            association::disassociate(twin, allocation);
        }
        if let (Some(interface), Some(ip)) = (&entry.network_interface_id, entry.private_ip) {
            interface::drop_addresses(twin, interface, &[ip]);
        }
    }
}

/// Schedules what was under way when a snapshot was taken. Nothing tells since when, so it takes the
/// whole time.
pub(super) fn resume(twin: &mut Twin, nat: &NatGateway) {
    let id = &nat.nat_gateway_id;
    let any = |status| nat.nat_gateway_addresses.iter().any(|it| is(it, status));
    if any(ASSOCIATING) || any(ASSIGNING) {
        let settled = Transition::NatAddressesSettled(id.clone());
        let delay = twin.options.timings.nat_address;
        twin.schedule(delay.max(Duration::from_millis(1)), settled);
    }
    if any(DISASSOCIATING) || any(UNASSIGNING) {
        let drained = Transition::NatAddressesDrained(id.clone());
        twin.schedule(Duration::from_secs(DRAIN_SECONDS), drained);
    }
}
