//! Addresses, gateways, endpoints, and what connects networks.

use rustc_hash::FxHashSet;
use sandtable_model::AccountId;
use sandtable_model::resource::{
    Address, EndpointType, NatGateway, NatGatewayState, NetworkInterface, TransitGatewayAttachment,
    VpcEndpoint, VpnConnection, VpnState,
};

use super::Priced;
use super::sum::Sum;

/// Since February 2024 an address costs the same in use and idle; one's own addresses are free.
pub(super) fn address(address: &Address, sum: Sum<'_>) -> Priced {
    if is_byoip(address) {
        return Priced::Free;
    }
    let sku = if address.association_id.is_some() {
        "PublicIPv4:InUseAddress"
    } else {
        "PublicIPv4:IdleAddress"
    };
    sum.per_hour(sku, 1, "public IPv4 address").done()
}

/// Whether the address comes from a pool of the account's own (bring your own IP).
pub(crate) fn is_byoip(address: &Address) -> bool {
    address
        .public_ipv4_pool
        .as_deref()
        .is_some_and(|pool| pool != "amazon")
}

/// An interface costs only the public address that AWS gave it by itself.
pub(super) fn interface(
    interface: &NetworkInterface,
    sum: Sum<'_>,
    elastic: &FxHashSet<&str>,
) -> Priced {
    let primary = interface.association.as_ref();
    let others = interface
        .private_ip_addresses
        .iter()
        .filter_map(|it| it.association.as_ref());
    let mut addresses: Vec<&str> = primary
        .into_iter()
        .chain(others)
        .filter(|it| it.allocation_id.is_none())
        .filter_map(|it| it.public_ip.as_deref())
        .filter(|ip| !elastic.contains(ip))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    match addresses.len() {
        0 => Priced::Free,
        count => sum
            .per_hour(
                "PublicIPv4:InUseAddress",
                count as u64,
                "public IPv4 address",
            )
            .done(),
    }
}

pub(super) fn nat_gateway(nat: &NatGateway, sum: Sum<'_>) -> Priced {
    match nat.state {
        NatGatewayState::Available | NatGatewayState::Pending => sum
            .per_hour("NatGateway-Hours", 1, "NAT gateway, traffic aside")
            .done(),
        _ => Priced::Free,
    }
}

pub(super) fn endpoint(endpoint: &VpcEndpoint, sum: Sum<'_>) -> Priced {
    if !endpoint.state.is_available() {
        return Priced::Free;
    }
    let zones = endpoint.subnet_ids.len() as u64;
    match &endpoint.vpc_endpoint_type {
        EndpointType::Gateway => Priced::Free,
        EndpointType::Interface => sum
            .per_hour("VpcEndpoint-Hours", zones, "zone of an interface endpoint")
            .done(),
        EndpointType::GatewayLoadBalancer => sum
            .per_hour(
                "VpcEndpoint-GWLBE-Hours",
                zones,
                "Gateway Load Balancer endpoint",
            )
            .done(),
        EndpointType::Other(kind) => Priced::Unknown {
            reason: format!("endpoints of type `{kind}` are not in the price table"),
        },
    }
}

/// An attachment is paid for by the account whose network it attaches.
pub(super) fn transit_attachment(
    attachment: &TransitGatewayAttachment,
    account: &AccountId,
    sum: Sum<'_>,
) -> Priced {
    let owner = attachment.resource_owner_id.as_ref();
    if owner.is_some_and(|it| it != account) {
        return Priced::Free;
    }
    sum.per_hour(
        "TransitGateway-Hours",
        1,
        "transit gateway attachment, traffic aside",
    )
    .done()
}

pub(super) fn vpn_connection(connection: &VpnConnection, sum: Sum<'_>) -> Priced {
    if connection.state != VpnState::Available {
        return Priced::Free;
    }
    sum.per_hour("VPN-Usage-Hours:ipsec.1", 1, "VPN connection")
        .done()
}
