//! What AWS does not document, and what an account may have: decided here, and changeable.

/// How the twin decides where sources about peerings, transit gateways and VPNs are silent or at
/// odds, and the account's quotas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Whether a default route table is made when only one of default association and default
    /// propagation is on. The API's text says that none is made without propagation; an account
    /// that was looked at had one whenever either was on (facts: source F).
    pub one_default_makes_a_table: bool,
    /// What the account may have.
    pub quotas: Quotas,
}

impl Default for Choices {
    fn default() -> Self {
        Choices {
            one_default_makes_a_table: true,
            quotas: Quotas::default(),
        }
    }
}

/// What the account may have in a Region. AWS's defaults (facts: ec2-semantics.md, section 5; quotas
/// of transit gateways and of Site-to-Site VPN in their guides).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Active peering connections of a VPC.
    pub active_peerings_per_vpc: usize,
    /// Requests for peering of a VPC that wait for acceptance.
    pub outstanding_peerings: usize,
    /// Transit gateways.
    pub transit_gateways: usize,
    /// Route tables of a transit gateway.
    pub tables_per_transit_gateway: usize,
    /// Virtual private gateways.
    pub vpn_gateways: usize,
    /// Customer gateways.
    pub customer_gateways: usize,
    /// VPN connections.
    pub vpn_connections: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Quotas {
            active_peerings_per_vpc: 50,
            outstanding_peerings: 25,
            transit_gateways: 5,
            tables_per_transit_gateway: 20,
            vpn_gateways: 5,
            customer_gateways: 50,
            vpn_connections: 50,
        }
    }
}
