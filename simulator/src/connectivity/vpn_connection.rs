//! VPN connections between a customer gateway and a virtual private or transit gateway.
//!
//! Deliberately absent: the configuration for the device and its secrets. Parameters that would set
//! keys and algorithms of tunnels are refused.

use std::net::Ipv4Addr;

use sandtable_model::resource::{
    TransitAttachmentState, TransitGateway, TransitGatewayAttachment, TransitResourceType,
    VgwTelemetry, VpnConnection, VpnConnectionOptions, VpnState, VpnTunnel,
};
use sandtable_model::{
    CustomerGatewayId, Kind, Tags, TransitGatewayAttachmentId, TransitGatewayId, VpnConnectionId,
    VpnGatewayId,
};
use smol_str::{SmolStr, format_smolstr};

use super::{Transition, customer_gateway, refusal, transit_gateway, vpn_gateway};
use crate::network::cidr;
use crate::network::refusal::{not_a_value, over_quota};
use crate::network::request::{answers, requests};
use crate::rules::{
    TagSpecification, invalid_combination, invalid_value, require, tags_for, unknown,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateVpnConnection.
    CreateVpnConnectionRequest {
        customer_gateway_id: String,
        r#type: String,
        vpn_gateway_id: Option<String>,
        transit_gateway_id: Option<String>,
        options: VpnOptionsRequest,
        tag_specifications: Vec<TagSpecification>,
    }
    /// The options of a new connection.
    VpnOptionsRequest {
        enable_acceleration: Option<bool>,
        static_routes_only: Option<bool>,
        tunnel_inside_ip_version: Option<String>,
        tunnel_options: Vec<TunnelRequest>,
        local_ipv4_network_cidr: Option<String>,
        remote_ipv4_network_cidr: Option<String>,
    }
    /// A tunnel of a new connection.
    TunnelRequest { tunnel_inside_cidr: Option<String> }
}

answers! {
    /// The answer of operations on one connection.
    OneVpnConnection { vpn_connection: VpnConnection }
}

/// Amazon's end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A virtual private gateway.
    Private(VpnGatewayId),
    /// A transit gateway.
    Transit(TransitGatewayId),
}

/// Makes a VPN connection. Asking again for the same between the same gateways gives the one that
/// is there (EC2 API reference, CreateVpnConnection); a transit gateway may have several.
///
/// # Errors
/// `IncorrectState` for a gateway that is not available, `VpnConnectionLimitExceeded`,
/// `InvalidParameterCombination` for two gateways.
pub fn create_vpn_connection(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateVpnConnectionRequest,
) -> Result<OneVpnConnection, ApiError> {
    let customer = customer_gateway::find(twin, ctx, &request.customer_gateway_id)?.clone();
    vpn_gateway::check_type(&request.r#type)?;
    let end = read_end(
        twin,
        ctx,
        request.vpn_gateway_id.as_deref(),
        request.transit_gateway_id.as_deref(),
    )?;
    let options = read_options(&request.options, end.as_ref())?;
    let kind = Kind::VpnConnection;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    if customer.state != VpnState::Available {
        return Err(refusal::incorrect_state(format!(
            "The customer gateway {} is in invalid state",
            customer.customer_gateway_id
        )));
    }
    check_end(twin, end.as_ref())?;
    let customer = customer.customer_gateway_id;
    let present = twin.state.all::<VpnConnection>(&ctx.region);
    let present: Vec<&VpnConnection> = present.filter(|it| it.state != VpnState::Deleted).collect();
    if let Some(End::Private(gateway)) = &end
        && let Some(same) = present.iter().find(|it| {
            it.customer_gateway_id == customer
                && it.vpn_gateway_id.as_ref() == Some(gateway)
                && it.state != VpnState::Deleting
                && it.options.static_routes_only == options.static_routes_only
        })
    {
        let vpn_connection = VpnConnection::clone(same);
        return Ok(OneVpnConnection { vpn_connection });
    }
    let most = twin.connectivity.choices.quotas.vpn_connections;
    if present.len() >= most {
        let code = "VpnConnectionLimitExceeded";
        return Err(over_quota(code, "VPN connections"));
    }
    let vpn_connection = make(twin, customer, end.as_ref(), options, tags);
    twin.state.insert(&ctx.region, vpn_connection.clone());
    let id = vpn_connection.vpn_connection_id.clone();
    if let Some(End::Transit(gateway)) = end {
        attach(twin, ctx, &id, &gateway);
    }
    let delay = twin.options.timings.connectivity.vpn_create;
    twin.schedule(delay, Transition::VpnCreated(id));
    Ok(OneVpnConnection { vpn_connection })
}

/// Reads Amazon's end: at most one of two.
pub(super) fn read_end(
    twin: &Twin,
    ctx: &Ctx,
    private: Option<&str>,
    transit: Option<&str>,
) -> Result<Option<End>, ApiError> {
    match (private, transit) {
        (None, None) => Ok(None),
        (Some(text), None) => {
            let gateway = vpn_gateway::find(twin, ctx, text)?;
            Ok(Some(End::Private(gateway.vpn_gateway_id.clone())))
        }
        (None, Some(text)) => {
            let gateway = transit_gateway::find(twin, ctx, text)?;
            Ok(Some(End::Transit(gateway.transit_gateway_id.clone())))
        }
        (Some(_), Some(_)) => Err(invalid_combination(
            "The parameters vpnGatewayId and transitGatewayId cannot be used together",
        )),
    }
}

/// # Errors
/// `InvalidVpnGatewayState` and `IncorrectState` for an end that is not available.
pub(super) fn check_end(twin: &Twin, end: Option<&End>) -> Result<(), ApiError> {
    match end {
        None => Ok(()),
        Some(End::Private(id)) => {
            let gateway = twin.state.one::<sandtable_model::resource::VpnGateway>(id);
            match gateway.is_some_and(|it| it.state == VpnState::Available) {
                true => Ok(()),
                false => Err(ApiError::new(
                    "InvalidVpnGatewayState",
                    format!("The virtual private gateway {id} is not in an available state."),
                )),
            }
        }
        Some(End::Transit(id)) => match twin.state.one::<TransitGateway>(id) {
            Some(gateway) => transit_gateway::check_available(gateway),
            None => Err(unknown(Kind::TransitGateway, &[id.as_str()])),
        },
    }
}

fn read_options(
    asked: &VpnOptionsRequest,
    end: Option<&End>,
) -> Result<VpnConnectionOptions, ApiError> {
    match asked.tunnel_inside_ip_version.as_deref() {
        None | Some("ipv4") => {}
        Some("ipv6") => {
            return Err(crate::network::refusal::not_modelled(
                "VPN connections of IPv6",
            ));
        }
        Some(other) => return Err(not_a_value("TunnelInsideIpVersion", other)),
    }
    let accelerates = asked.enable_acceleration == Some(true);
    if accelerates && !matches!(end, Some(End::Transit(_))) {
        return Err(invalid_combination(
            "Acceleration needs a transit gateway as the target gateway",
        ));
    }
    if asked.tunnel_options.len() > 2 {
        return Err(invalid_value("A VPN connection has two tunnels"));
    }
    let mut tunnels = vec![VpnTunnel::default(), VpnTunnel::default()];
    for (tunnel, asked) in tunnels.iter_mut().zip(&asked.tunnel_options) {
        if let Some(text) = &asked.tunnel_inside_cidr {
            tunnel.tunnel_inside_cidr = Some(read_inside(text)?);
        }
    }
    Ok(VpnConnectionOptions {
        enable_acceleration: Some(accelerates),
        static_routes_only: asked.static_routes_only.unwrap_or_default(),
        local_ipv4_network_cidr: Some(block(asked.local_ipv4_network_cidr.as_deref())?),
        remote_ipv4_network_cidr: Some(block(asked.remote_ipv4_network_cidr.as_deref())?),
        outside_ip_address_type: Some(SmolStr::new_static("PublicIpv4")),
        tunnel_inside_ip_version: Some(SmolStr::new_static("ipv4")),
        tunnel_options: tunnels,
    })
}

/// A /30 of 169.254.0.0/16 that AWS does not keep for itself (EC2 API reference,
/// VpnTunnelOptionsSpecification).
fn read_inside(text: &str) -> Result<SmolStr, ApiError> {
    let invalid = || not_a_value("TunnelInsideCidr", text);
    let block = cidr::of(text).ok_or_else(invalid)?;
    let [a, b, c, d] = block.network().octets();
    let kept = matches!((c, d), (0..=5, 0) | (169, 252));
    if (a, b) != (169, 254) || block.prefix_len() != 30 || block.trunc() != block || kept {
        return Err(invalid());
    }
    Ok(text.into())
}

/// A block of either side; everything when none is told.
pub(super) fn block(text: Option<&str>) -> Result<SmolStr, ApiError> {
    let text = text.unwrap_or("0.0.0.0/0");
    let block = cidr::of(text).ok_or_else(|| not_a_value("NetworkCidr", text))?;
    Ok(format_smolstr!("{block}"))
}

fn make(
    twin: &mut Twin,
    customer_gateway_id: CustomerGatewayId,
    end: Option<&End>,
    mut options: VpnConnectionOptions,
    tags: Tags,
) -> VpnConnection {
    let mut vgw_telemetry = Vec::new();
    for tunnel in &mut options.tunnel_options {
        let outside = format_smolstr!("{}", twin.ids.public_ip());
        // Beyond the blocks that AWS keeps for itself.
        let number = u32::try_from(twin.ids.below(10_000)).unwrap_or_default();
        let inside = Ipv4Addr::from_bits(0xa9fe_0800 + 4 * number);
        tunnel
            .tunnel_inside_cidr
            .get_or_insert_with(|| format_smolstr!("{inside}/30"));
        tunnel.outside_ip_address = Some(outside.clone());
        vgw_telemetry.push(VgwTelemetry {
            outside_ip_address: Some(outside),
            status: Some(SmolStr::new_static("DOWN")),
            status_message: Some(SmolStr::default()),
            last_status_change: Some(twin.now()),
            accepted_route_count: Some(0),
        });
    }
    let (private, transit) = match end {
        None => (None, None),
        Some(End::Private(id)) => (Some(id.clone()), None),
        Some(End::Transit(id)) => (None, Some(id.clone())),
    };
    VpnConnection {
        vpn_connection_id: twin.fresh(VpnConnectionId::from_number),
        state: VpnState::Pending,
        r#type: SmolStr::new_static("ipsec.1"),
        category: Some(SmolStr::new_static("VPN")),
        customer_gateway_id,
        vpn_gateway_id: private,
        transit_gateway_id: transit,
        gateway_association_state: Some(SmolStr::new_static(match end {
            None => "not-associated",
            Some(_) => "associated",
        })),
        options,
        routes: Vec::new(),
        vgw_telemetry,
        tags,
    }
}

/// Makes the attachment of a connection at a transit gateway; it becomes available with it.
pub(super) fn attach(twin: &mut Twin, ctx: &Ctx, id: &VpnConnectionId, gateway: &TransitGatewayId) {
    let owner = twin.state.one::<TransitGateway>(gateway);
    let owner = owner.and_then(|it| it.owner_id.clone());
    let attachment = TransitGatewayAttachment {
        transit_gateway_attachment_id: twin.fresh(TransitGatewayAttachmentId::from_number),
        transit_gateway_id: gateway.clone(),
        transit_gateway_owner_id: owner,
        resource_owner_id: Some(ctx.account.clone()),
        resource_type: TransitResourceType::Vpn,
        resource_id: id.as_str().into(),
        state: TransitAttachmentState::Pending,
        association: None,
        creation_time: Some(twin.now()),
        subnet_ids: Vec::new(),
        options: None,
        requester_tgw_info: None,
        accepter_tgw_info: None,
        accepter_transit_gateway_attachment_id: None,
        tags: Tags::new(),
    };
    twin.state.insert(&ctx.region, attachment);
}

/// A connection that a call names and that is not yet deleted.
///
/// # Errors
/// The kind's codes for missing, malformed, unknown and deleted ids.
pub(super) fn find(twin: &Twin, ctx: &Ctx, text: &str) -> Result<VpnConnection, ApiError> {
    let found = require::<VpnConnection>(&twin.state, ctx, "vpnConnectionId", text)?;
    match found.state {
        VpnState::Deleted => Err(unknown(Kind::VpnConnection, &[text])),
        _ => Ok(found.clone()),
    }
}
