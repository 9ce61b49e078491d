//! What joins networks: peering, transit gateways with their attachments and route tables, VPN.

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::search_transit_gateway_routes::SearchTransitGatewayRoutesOutput;
use aws_sdk_ec2::{Client, types};
use sandtable_model::{Kind, Resource};

use super::{all, pages, present, single};
use crate::answer::{Object, answers, entry, resource, texts};
use crate::entry::{Entry, Unreadable};
use crate::error::ReadError;
use crate::list::{Listing, PAGE, call, listed};

/// Everything of one of this family's kinds.
pub(crate) async fn list(client: &Client, kind: Kind) -> Result<Listing, ReadError> {
    match kind {
        Kind::VpcPeeringConnection => pages!(
            client,
            "DescribeVpcPeeringConnections",
            describe_vpc_peering_connections,
            vpc_peering_connections,
            PAGE,
            kind
        ),
        Kind::TransitGateway => pages!(
            client,
            "DescribeTransitGateways",
            describe_transit_gateways,
            transit_gateways,
            PAGE,
            kind
        ),
        Kind::TransitGatewayAttachment => attachments(client).await,
        Kind::TransitGatewayRouteTable => route_tables(client).await,
        Kind::VpnGateway => single!(
            client,
            "DescribeVpnGateways",
            describe_vpn_gateways,
            vpn_gateways,
            kind
        ),
        Kind::CustomerGateway => single!(
            client,
            "DescribeCustomerGateways",
            describe_customer_gateways,
            customer_gateways,
            kind
        ),
        Kind::VpnConnection => single!(
            client,
            "DescribeVpnConnections",
            describe_vpn_connections,
            vpn_connections,
            kind
        ),
        other => Err(ReadError::NotRead(other)),
    }
}

/// Attachments of every kind, with what the listings by kind say beside.
async fn attachments(client: &Client) -> Result<Listing, ReadError> {
    let plain = client.describe_transit_gateway_attachments();
    let plain = plain.into_paginator().page_size(PAGE).send();
    let plain = all("DescribeTransitGatewayAttachments", plain, |it| {
        (it.transit_gateway_attachments, it.next_token)
    })
    .await?;
    let mut more = BTreeMap::new();
    if !plain.is_empty() {
        let vpcs = client.describe_transit_gateway_vpc_attachments();
        let vpcs = vpcs.into_paginator().page_size(PAGE).send();
        for it in all("DescribeTransitGatewayVpcAttachments", vpcs, |it| {
            (it.transit_gateway_vpc_attachments, it.next_token)
        })
        .await?
        {
            let id = it.transit_gateway_attachment_id.clone();
            more.insert(id, Object::of(it));
        }
        let peers = client.describe_transit_gateway_peering_attachments();
        let peers = peers.into_paginator().page_size(PAGE).send();
        for it in all("DescribeTransitGatewayPeeringAttachments", peers, |it| {
            (it.transit_gateway_peering_attachments, it.next_token)
        })
        .await?
        {
            let id = it.transit_gateway_attachment_id.clone();
            // LocalStack lists attachments of every kind under each.
            let known = more.remove(&id).unwrap_or_default();
            more.insert(id, known.and(Object::of(it)));
        }
    }
    let mut listing = Listing::default();
    for it in plain {
        let beside = more.remove(&it.transit_gateway_attachment_id);
        let it = Object::of(it).and(beside.unwrap_or_default());
        listing.take(resource(Kind::TransitGatewayAttachment, None, it));
    }
    Ok(listing)
}

/// Route tables with their routes and propagations.
async fn route_tables(client: &Client) -> Result<Listing, ReadError> {
    let tables = client.describe_transit_gateway_route_tables();
    let tables = tables.into_paginator().page_size(PAGE).send();
    let mut listing = Listing::default();
    for it in all("DescribeTransitGatewayRouteTables", tables, |it| {
        (it.transit_gateway_route_tables, it.next_token)
    })
    .await?
    {
        // A table that is over has no routes, and AWS takes no questions about it.
        if it.state == Some(types::TransitGatewayRouteTableState::Deleted) {
            listing.take(entry(Kind::TransitGatewayRouteTable)(it));
            continue;
        }
        let asked = client.get_transit_gateway_route_table_propagations();
        let asked =
            asked.set_transit_gateway_route_table_id(it.transit_gateway_route_table_id.clone());
        let asked = asked.into_paginator().page_size(PAGE).send();
        let propagations = all("GetTransitGatewayRouteTablePropagations", asked, |it| {
            (it.transit_gateway_route_table_propagations, it.next_token)
        })
        .await;
        let Some(propagations) = present(propagations)? else {
            continue;
        };
        let Some(routes) = present(routes(client, &it).await)? else {
            continue;
        };
        listing.take(route_table(it, routes, propagations));
    }
    Ok(listing)
}

fn route_table(
    table: types::TransitGatewayRouteTable,
    routes: Vec<SearchTransitGatewayRoutesOutput>,
    propagations: Vec<types::TransitGatewayRouteTablePropagation>,
) -> Result<Resource, Unreadable> {
    const KIND: Kind = Kind::TransitGatewayRouteTable;
    let last = routes.last();
    let more = last.is_some_and(|it| it.additional_routes_available == Some(true));
    if more {
        let why = "it has more routes than AWS shows".to_owned();
        return Err(Entry::new(KIND, table.transit_gateway_route_table_id()).whole(why));
    }
    let routes: Vec<_> = routes
        .into_iter()
        .filter_map(|it| it.routes)
        .flatten()
        .collect();
    let table = Object::of(table)
        .with("Routes", routes)
        .with("Propagations", propagations);
    resource(KIND, None, table)
}

/// The static routes of a table; the propagated ones follow from its propagations.
async fn routes(
    client: &Client,
    table: &types::TransitGatewayRouteTable,
) -> Result<Vec<SearchTransitGatewayRoutesOutput>, ReadError> {
    // Without a filter AWS answers nothing.
    let fixed = types::Filter::builder().name("type").values("static");
    let asked = client
        .search_transit_gateway_routes()
        .filters(fixed.build());
    let asked =
        asked.set_transit_gateway_route_table_id(table.transit_gateway_route_table_id.clone());
    // No page size: the usual one is AWS's largest, and LocalStack fails over any.
    let mut pages = asked.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        found.push(page.map_err(|error| call("SearchTransitGatewayRoutes", &error))?);
    }
    Ok(found)
}

answers! {
    types::VpcPeeringConnection {
        vpc_peering_connection_id, accepter_vpc_info, requester_vpc_info, expiration_time, status,
        tags,
    }
    types::VpcPeeringConnectionVpcInfo {
        vpc_id, owner_id, region, cidr_block, cidr_block_set, ipv6_cidr_block_set, peering_options,
    }
    types::Ipv6CidrBlock { ipv6_cidr_block }
    types::CidrBlock { cidr_block }
    types::VpcPeeringConnectionOptionsDescription {
        allow_dns_resolution_from_remote_vpc, allow_egress_from_local_classic_link_to_remote_vpc,
        allow_egress_from_local_vpc_to_remote_classic_link,
    }
    types::VpcPeeringConnectionStateReason { code, message }
    types::TransitGateway {
        transit_gateway_id, transit_gateway_arn, state, owner_id, description, creation_time,
        options, tags,
    }
    types::TransitGatewayOptions {
        amazon_side_asn, transit_gateway_cidr_blocks, auto_accept_shared_attachments,
        default_route_table_association, association_default_route_table_id,
        default_route_table_propagation, propagation_default_route_table_id, vpn_ecmp_support,
        dns_support, security_group_referencing_support, multicast_support,
    }
    types::TransitGatewayAttachment {
        transit_gateway_attachment_id, transit_gateway_id, transit_gateway_owner_id,
        resource_owner_id, resource_type, resource_id, state, association, creation_time, tags,
    }
    types::TransitGatewayAttachmentAssociation { transit_gateway_route_table_id, state }
    types::TransitGatewayVpcAttachment { subnet_ids, options }
    types::TransitGatewayVpcAttachmentOptions {
        dns_support, security_group_referencing_support, ipv6_support, appliance_mode_support,
    }
    types::TransitGatewayPeeringAttachment {
        requester_tgw_info, accepter_tgw_info, accepter_transit_gateway_attachment_id,
    }
    types::PeeringTgwInfo { transit_gateway_id, owner_id, region }
    types::TransitGatewayRouteTable {
        transit_gateway_route_table_id, transit_gateway_id, state, default_association_route_table,
        default_propagation_route_table, creation_time, tags,
    }
    types::TransitGatewayRoute {
        destination_cidr_block, transit_gateway_attachments, r#type, state,
    }
    types::TransitGatewayRouteAttachment {
        resource_id, transit_gateway_attachment_id, resource_type,
    }
    types::TransitGatewayRouteTablePropagation {
        transit_gateway_attachment_id, resource_id, resource_type, state,
    }
    types::VpnGateway {
        vpn_gateway_id, state, r#type, amazon_side_asn, availability_zone, vpc_attachments, tags,
    }
    types::VpcAttachment { vpc_id, state }
    types::CustomerGateway {
        customer_gateway_id, state, r#type, ip_address, bgp_asn, bgp_asn_extended, certificate_arn,
        device_name, tags,
    }
    types::VpnConnection {
        vpn_connection_id, state, r#type, category, customer_gateway_id, vpn_gateway_id,
        transit_gateway_id, gateway_association_state, options, routes, vgw_telemetry, tags,
    }
    types::VpnConnectionOptions {
        enable_acceleration, static_routes_only, local_ipv4_network_cidr, remote_ipv4_network_cidr,
        outside_ip_address_type, tunnel_inside_ip_version, tunnel_options,
    }
    types::TunnelOption { outside_ip_address, tunnel_inside_cidr }
    types::VpnStaticRoute { destination_cidr_block, source, state }
    types::VgwTelemetry {
        outside_ip_address, status, status_message, last_status_change, accepted_route_count,
    }
}

texts!(
    types::ApplianceModeSupportValue,
    types::AutoAcceptSharedAttachmentsValue,
    types::DefaultRouteTableAssociationValue,
    types::DefaultRouteTablePropagationValue,
    types::DnsSupportValue,
    types::GatewayAssociationState,
    types::GatewayType,
    types::Ipv6SupportValue,
    types::MulticastSupportValue,
    types::SecurityGroupReferencingSupportValue,
    types::TelemetryStatus,
    types::TransitGatewayAssociationState,
    types::TransitGatewayAttachmentResourceType,
    types::TransitGatewayAttachmentState,
    types::TransitGatewayPropagationState,
    types::TransitGatewayRouteState,
    types::TransitGatewayRouteTableState,
    types::TransitGatewayRouteType,
    types::TransitGatewayState,
    types::TunnelInsideIpVersion,
    types::VpcPeeringConnectionStateReasonCode,
    types::VpnEcmpSupportValue,
    types::VpnState,
    types::VpnStaticRouteSource,
);
