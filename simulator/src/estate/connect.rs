//! Ways between networks: peerings, transit gateways, VPN.

use sandtable_model::resource::{InterfaceStatus, InterfaceType, Route, RouteOrigin, RouteState};
use sandtable_model::{
    CustomerGatewayId, Kind, NetworkInterfaceId, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTableId, VpcId, VpcPeeringConnectionId, VpnConnectionId, VpnGatewayId,
};
use serde_json::{Value, json};

use super::Builder;
use super::network::{Network, interface_of};

/// So many attachments share a transit gateway: the next one gets another, so that no route table
/// grows with the estate.
const ATTACHMENTS_MAX: usize = 24;

/// The transit gateway that is being filled.
pub(super) struct Transit {
    gateway: TransitGatewayId,
    table: TransitGatewayRouteTableId,
    propagations: Vec<Value>,
}

/// A route to the network with these addresses.
pub(super) fn route_to(octet: u32) -> Route {
    Route {
        destination_cidr_block: Some(format!("10.{octet}.0.0/16").into()),
        ..Route::default()
    }
}

/// Attaches a network to the account's transit gateway; the interface in its private subnet is that
/// gateway's. Gives the attachment and the gateway.
pub(super) fn transit(
    builder: &mut Builder,
    network: &Network,
) -> (TransitGatewayAttachmentId, TransitGatewayId) {
    let mut hub = take_transit(builder);
    let attachment = builder.id(TransitGatewayAttachmentId::from_number);
    let told = json!({
        "TransitGatewayAttachmentId": attachment, "TransitGatewayId": hub.gateway,
        "TransitGatewayOwnerId": builder.account, "ResourceOwnerId": builder.account,
        "ResourceType": "vpc", "ResourceId": network.vpc, "State": "available",
        "Association": {"TransitGatewayRouteTableId": hub.table, "State": "associated"},
        "CreationTime": Builder::days_ago(120), "SubnetIds": [network.private], "Options": {},
    });
    builder.put(Kind::TransitGatewayAttachment, told);
    let to = json!({
        "TransitGatewayAttachmentId": attachment, "ResourceId": network.vpc, "ResourceType": "vpc",
    });
    // The routes follow from the propagations.
    hub.propagations.push(to);
    let gateway = hub.gateway.clone();
    builder.transit = Some(hub);
    let id = builder.id(NetworkInterfaceId::from_number);
    let ip = format!("10.{}.1.77", network.octet).into();
    let mut it = interface_of(builder, network, &network.private, &id, &ip, Vec::new());
    it.interface_type = InterfaceType::TransitGateway;
    it.description =
        format!("Network Interface for Transit Gateway Attachment {attachment}").into();
    it.requester_id = Some("amazon-transit-gateway".into());
    it.requester_managed = true;
    it.status = InterfaceStatus::InUse;
    builder.add(it);
    (attachment, gateway)
}

/// The transit gateway that the next network is attached to.
pub(super) fn next_transit_gateway(builder: &mut Builder) -> TransitGatewayId {
    let hub = take_transit(builder);
    let gateway = hub.gateway.clone();
    builder.transit = Some(hub);
    gateway
}

/// The route of a network to all the others on its transit gateway.
pub(super) fn route_to_transit(gateway: &TransitGatewayId) -> Route {
    Route {
        destination_cidr_block: Some("10.0.0.0/8".into()),
        transit_gateway_id: Some(Box::new(gateway.as_str().into())),
        ..Route::default()
    }
}

fn take_transit(builder: &mut Builder) -> Transit {
    match builder.transit.take() {
        Some(known) if known.propagations.len() < ATTACHMENTS_MAX => known,
        full => {
            finish(builder, full);
            Transit {
                gateway: builder.id(TransitGatewayId::from_number),
                table: builder.id(TransitGatewayRouteTableId::from_number),
                propagations: Vec::new(),
            }
        }
    }
}

/// Adds the transit gateway that was being filled, with its table.
pub(super) fn finish(builder: &mut Builder, transit: Option<Transit>) {
    let Some(it) = transit else { return };
    // Somebody's traffic goes through it, whatever cell it was first asked for in.
    let was_needed = std::mem::replace(&mut builder.is_needed, true);
    let since = Builder::days_ago(500);
    let told = json!({
        "TransitGatewayId": it.gateway, "State": "available", "OwnerId": builder.account,
        "TransitGatewayArn": builder.arn("ec2", &format!("transit-gateway/{}", it.gateway)),
        "CreationTime": since,
        "Options": {
            "AmazonSideAsn": 64512, "AssociationDefaultRouteTableId": it.table,
            "PropagationDefaultRouteTableId": it.table,
        },
    });
    builder.put(Kind::TransitGateway, told);
    let told = json!({
        "TransitGatewayRouteTableId": it.table, "TransitGatewayId": it.gateway,
        "State": "available", "DefaultAssociationRouteTable": true,
        "DefaultPropagationRouteTable": true, "CreationTime": since,
        "Propagations": it.propagations,
    });
    builder.put(Kind::TransitGatewayRouteTable, told);
    builder.is_needed = was_needed;
}

/// A peering of two VPCs (with the second numbers of their addresses) in a state.
pub(super) fn peering(
    builder: &mut Builder,
    one: (&VpcId, u32),
    other: (&VpcId, u32),
    state: &str,
) -> VpcPeeringConnectionId {
    let id = builder.id(VpcPeeringConnectionId::from_number);
    let side = |(vpc, octet): (&VpcId, u32)| {
        json!({
            "VpcId": vpc, "OwnerId": builder.account, "Region": builder.region,
            "CidrBlock": format!("10.{octet}.0.0/16"),
            "CidrBlockSet": [{"CidrBlock": format!("10.{octet}.0.0/16")}],
            "PeeringOptions": {},
        })
    };
    let told = json!({
        "VpcPeeringConnectionId": id, "RequesterVpcInfo": side(one), "AccepterVpcInfo": side(other),
        "Status": {"Code": state, "Message": state},
    });
    builder.put(Kind::VpcPeeringConnection, told);
    id
}

/// A route of a peering to the other side.
pub(super) fn route_to_peer(peering: &VpcPeeringConnectionId, octet: u32, active: bool) -> Route {
    Route {
        vpc_peering_connection_id: Some(Box::new(peering.as_str().into())),
        state: match active {
            true => RouteState::Active,
            false => RouteState::Blackhole,
        },
        ..route_to(octet)
    }
}

/// A virtual private gateway attached to a network.
pub(super) fn vpn_gateway(builder: &mut Builder, network: &Network) -> VpnGatewayId {
    let id = builder.id(VpnGatewayId::from_number);
    let told = json!({
        "VpnGatewayId": id, "State": "available", "Type": "ipsec.1", "AmazonSideAsn": 64512,
        "VpcAttachments": [{"VpcId": network.vpc, "State": "attached"}],
    });
    builder.put(Kind::VpnGateway, told);
    id
}

/// A connection from a gateway to an office, with both tunnels up or both down.
pub(super) fn vpn_connection(
    builder: &mut Builder,
    gateway: &VpnGatewayId,
    up: bool,
) -> VpnConnectionId {
    let customer = builder.id(CustomerGatewayId::from_number);
    let id = builder.id(VpnConnectionId::from_number);
    let told = json!({
        "CustomerGatewayId": customer, "State": "available", "Type": "ipsec.1",
        "IpAddress": builder.ids.public_ip().to_string(), "BgpAsn": "65000",
    });
    builder.put(Kind::CustomerGateway, told);
    let (status, routes, since) = if up { ("UP", 1, 20) } else { ("DOWN", 0, 70) };
    let mut tunnels = Vec::new();
    let mut telemetry = Vec::new();
    for number in 0..2 {
        let outside = builder.ids.public_ip().to_string();
        let inside = format!("169.254.{}.{}/30", 10 + number, 4 * (builder.cells % 60));
        telemetry.push(json!({
            "OutsideIpAddress": outside, "Status": status,
            "LastStatusChange": Builder::days_ago(since), "AcceptedRouteCount": routes,
        }));
        tunnels.push(json!({"OutsideIpAddress": outside, "TunnelInsideCidr": inside}));
    }
    let told = json!({
        "VpnConnectionId": id, "State": "available", "Type": "ipsec.1", "Category": "VPN",
        "CustomerGatewayId": customer, "VpnGatewayId": gateway,
        "Options": {"TunnelOptions": tunnels}, "VgwTelemetry": telemetry,
    });
    builder.put(Kind::VpnConnection, told);
    id
}

/// The route to an office that a gateway propagates.
pub(super) fn route_to_office(gateway: &VpnGatewayId) -> Route {
    Route {
        destination_cidr_block: Some("192.168.0.0/16".into()),
        gateway_id: Some(gateway.as_str().into()),
        origin: RouteOrigin::EnableVgwRoutePropagation,
        ..Route::default()
    }
}
