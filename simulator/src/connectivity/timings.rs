//! How long peerings, transit gateways and VPNs take.

use sandtable_model::Duration;

/// How long AWS takes from a call to its final state. Practice figures (facts: ec2-semantics.md,
/// section 3), except where the documentation gives them: requests for peering expire after seven
/// days, and what is over stays visible for two hours or two days (VPC peering guide, "VPC peering
/// connection lifecycle").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectivityTimings {
    /// A peering connection from `initiating-request` to `pending-acceptance` or `failed`.
    pub peering_initiate: Duration,
    /// From `provisioning` to `active`.
    pub peering_provision: Duration,
    /// From `deleting` to `deleted`.
    pub peering_delete: Duration,
    /// From the request to `expired`.
    pub peering_expiry: Duration,
    /// How long one that is over stays visible to who ended it.
    pub peering_lingering: Duration,
    /// How long one that someone else ended, or that expired, stays visible.
    pub peering_lingering_for_others: Duration,
    /// A transit gateway, or a route table of one, from `pending` to `available`.
    pub transit_create: Duration,
    /// A transit gateway from `modifying` to `available`.
    pub transit_modify: Duration,
    /// A transit gateway from `deleting` to `deleted`.
    pub transit_delete: Duration,
    /// An attachment of a transit gateway from `pending` to `available`.
    pub attachment_create: Duration,
    /// From `modifying` to `available`.
    pub attachment_modify: Duration,
    /// From `deleting` to `deleted`, or `rejecting` to `rejected`.
    pub attachment_delete: Duration,
    /// An association with a route table of a transit gateway, either way.
    pub association: Duration,
    /// A virtual private gateway from `attaching` to `attached`, or `detaching` to `detached`.
    pub vpn_gateway_attach: Duration,
    /// A virtual private gateway or customer gateway from `deleting` to `deleted`.
    pub vpn_gateway_delete: Duration,
    /// A customer gateway from `pending` to `available`.
    pub customer_gateway_create: Duration,
    /// A VPN connection from `pending` to `available`.
    pub vpn_create: Duration,
    /// From `deleting` to `deleted`.
    pub vpn_delete: Duration,
    /// A static route of a VPN connection from `pending` to `available`.
    pub vpn_route: Duration,
}

impl Default for ConnectivityTimings {
    fn default() -> Self {
        ConnectivityTimings {
            peering_initiate: Duration::from_secs(1),
            peering_provision: Duration::from_secs(5),
            peering_delete: Duration::from_secs(5),
            peering_expiry: Duration::from_days(7),
            peering_lingering: Duration::from_secs(2 * 3600),
            peering_lingering_for_others: Duration::from_days(2),
            transit_create: Duration::from_secs(50),
            transit_modify: Duration::from_secs(20),
            transit_delete: Duration::from_secs(60),
            attachment_create: Duration::from_secs(60),
            attachment_modify: Duration::from_secs(30),
            attachment_delete: Duration::from_secs(60),
            association: Duration::from_secs(15),
            vpn_gateway_attach: Duration::from_secs(15),
            vpn_gateway_delete: Duration::from_secs(5),
            customer_gateway_create: Duration::from_secs(5),
            vpn_create: Duration::from_secs(240),
            vpn_delete: Duration::from_secs(60),
            vpn_route: Duration::from_secs(5),
        }
    }
}

impl ConnectivityTimings {
    /// Nothing takes time, but what is over lingers, and requests expire, as with AWS.
    pub fn instant() -> Self {
        let usual = Self::default();
        ConnectivityTimings {
            peering_initiate: Duration::ZERO,
            peering_provision: Duration::ZERO,
            peering_delete: Duration::ZERO,
            peering_expiry: usual.peering_expiry,
            peering_lingering: usual.peering_lingering,
            peering_lingering_for_others: usual.peering_lingering_for_others,
            transit_create: Duration::ZERO,
            transit_modify: Duration::ZERO,
            transit_delete: Duration::ZERO,
            attachment_create: Duration::ZERO,
            attachment_modify: Duration::ZERO,
            attachment_delete: Duration::ZERO,
            association: Duration::ZERO,
            vpn_gateway_attach: Duration::ZERO,
            vpn_gateway_delete: Duration::ZERO,
            customer_gateway_create: Duration::ZERO,
            vpn_create: Duration::ZERO,
            vpn_delete: Duration::ZERO,
            vpn_route: Duration::ZERO,
        }
    }
}
