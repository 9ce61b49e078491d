//! VPN gateways, customer gateways and VPN connections, which have no pages (facts: ec2-semantics.md,
//! section 1).

use sandtable_model::resource::{CustomerGateway, VpnConnection, VpnGateway};

use crate::network::request::requests;
use crate::rules::{Filter, FilterTable, Listing, Page, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeVpnGateways.
    DescribeVpnGatewaysRequest { vpn_gateway_ids: Vec<String>, filters: Vec<Filter> }
    /// DescribeCustomerGateways.
    DescribeCustomerGatewaysRequest { customer_gateway_ids: Vec<String>, filters: Vec<Filter> }
    /// DescribeVpnConnections.
    DescribeVpnConnectionsRequest { vpn_connection_ids: Vec<String>, filters: Vec<Filter> }
}

fn listing<'a>(ids: &'a [String], filters: &'a [Filter]) -> Listing<'a> {
    Listing {
        ids,
        filters,
        ..Listing::default()
    }
}

const VPN_GATEWAYS: FilterTable<VpnGateway> = &[
    ("amazon-side-asn", |_, it, out| {
        let asn = it.amazon_side_asn.iter();
        asn.for_each(|it| out(&it.to_string()));
    }),
    ("attachment.state", |_, it, out| {
        let all = it.vpc_attachments.iter();
        all.for_each(|it| out(it.state.as_str()));
    }),
    ("attachment.vpc-id", |_, it, out| {
        let all = it.vpc_attachments.iter();
        all.for_each(|it| out(it.vpc_id.as_str()));
    }),
    ("availability-zone", |_, it, out| {
        it.availability_zone.iter().for_each(|it| out(it));
    }),
    ("state", |_, it, out| out(it.state.as_str())),
    ("type", |_, it, out| out(&it.r#type)),
    ("vpn-gateway-id", |_, it, out| {
        out(it.vpn_gateway_id.as_str())
    }),
];

/// Lists virtual private gateways.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_vpn_gateways(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpnGatewaysRequest,
) -> Result<Page, ApiError> {
    let listing = listing(&request.vpn_gateway_ids, &request.filters);
    describe(&twin.state, ctx, &listing, VPN_GATEWAYS)
}

const CUSTOMER_GATEWAYS: FilterTable<CustomerGateway> = &[
    ("bgp-asn", |_, it, out| {
        let asn = it.bgp_asn.iter().chain(&it.bgp_asn_extended);
        asn.for_each(|it| out(it));
    }),
    ("customer-gateway-id", |_, it, out| {
        out(it.customer_gateway_id.as_str());
    }),
    ("ip-address", |_, it, out| {
        it.ip_address.iter().for_each(|it| out(it));
    }),
    ("state", |_, it, out| out(it.state.as_str())),
    ("type", |_, it, out| out(&it.r#type)),
];

/// Lists customer gateways.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_customer_gateways(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeCustomerGatewaysRequest,
) -> Result<Page, ApiError> {
    let listing = listing(&request.customer_gateway_ids, &request.filters);
    describe(&twin.state, ctx, &listing, CUSTOMER_GATEWAYS)
}

const VPN_CONNECTIONS: FilterTable<VpnConnection> = &[
    ("bgp-asn", |state, it, out| {
        let gateway = state.one::<CustomerGateway>(&it.customer_gateway_id);
        let asn = gateway.into_iter().flat_map(|it| &it.bgp_asn);
        asn.for_each(|it| out(it));
    }),
    // The twin keeps no configuration.
    ("customer-gateway-configuration", |_, _, _| {}),
    ("customer-gateway-id", |_, it, out| {
        out(it.customer_gateway_id.as_str());
    }),
    ("option.static-routes-only", |_, it, out| {
        let only = it.options.static_routes_only;
        out(if only { "true" } else { "false" });
    }),
    ("route.destination-cidr-block", |_, it, out| {
        let all = it.routes.iter();
        all.for_each(|it| out(&it.destination_cidr_block));
    }),
    ("state", |_, it, out| out(it.state.as_str())),
    ("transit-gateway-id", |_, it, out| {
        let gateway = it.transit_gateway_id.iter();
        gateway.for_each(|it| out(it.as_str()));
    }),
    ("type", |_, it, out| out(&it.r#type)),
    ("vpn-connection-id", |_, it, out| {
        out(it.vpn_connection_id.as_str());
    }),
    ("vpn-gateway-id", |_, it, out| {
        it.vpn_gateway_id.iter().for_each(|it| out(it.as_str()));
    }),
];

/// Lists VPN connections.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_vpn_connections(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpnConnectionsRequest,
) -> Result<Page, ApiError> {
    let listing = listing(&request.vpn_connection_ids, &request.filters);
    describe(&twin.state, ctx, &listing, VPN_CONNECTIONS)
}
