//! Virtual private gateways: at most one at a VPC, and at one VPC.

use sandtable_model::resource::{
    RouteTable, VgwPropagation, Vpc, VpcAttachment, VpcAttachmentState, VpnGateway, VpnState,
};
use sandtable_model::{Kind, ResourceId, RouteTableId, VpcId, VpnGatewayId};

use super::customer_gateway::is_used;
use super::{Transition, propagation, refusal};
use crate::network::refusal::{not_a_value, over_quota};
use crate::network::request::{answers, requests};
use crate::network::route_state::refresh_routes_to;
use crate::rules::{TagSpecification, invalid_value, require, required, tags_for, unknown};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// CreateVpnGateway.
    CreateVpnGatewayRequest {
        r#type: String,
        availability_zone: Option<String>,
        amazon_side_asn: Option<i64>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// AttachVpnGateway and DetachVpnGateway.
    JoinVpnGatewayRequest { vpc_id: String, vpn_gateway_id: String }
    /// DeleteVpnGateway.
    DeleteVpnGatewayRequest { vpn_gateway_id: String }
    /// EnableVgwRoutePropagation and DisableVgwRoutePropagation.
    VgwRoutePropagationRequest { gateway_id: String, route_table_id: String }
}

answers! {
    /// The answer of CreateVpnGateway.
    OneVpnGateway { vpn_gateway: VpnGateway }
    /// The answer of AttachVpnGateway.
    OneVpcAttachmentState { vpc_attachment: VpcAttachment }
}

/// The number of Amazon's side when none is asked for (EC2 API reference, CreateVpnGateway).
const USUAL_ASN: i64 = 64512;

/// # Errors
/// `InvalidParameterValue` for anything but the one type that there is.
pub(super) fn check_type(text: &str) -> Result<(), ApiError> {
    match required("Type", text)? {
        "ipsec.1" => Ok(()),
        other => Err(not_a_value("Type", other)),
    }
}

/// Makes a virtual private gateway, available at once.
///
/// # Errors
/// `VpnGatewayLimitExceeded`, `InvalidParameterValue`.
pub fn create_vpn_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateVpnGatewayRequest,
) -> Result<OneVpnGateway, ApiError> {
    check_type(&request.r#type)?;
    let asn = request.amazon_side_asn.unwrap_or(USUAL_ASN);
    if !matches!(asn, 64512..=65534 | 4_200_000_000..=4_294_967_294) {
        return Err(invalid_value(format!(
            "Value ({asn}) for parameter AmazonSideAsn is invalid."
        )));
    }
    let kind = Kind::VpnGateway;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let present = twin.state.all::<VpnGateway>(&ctx.region);
    let present = present.filter(|it| it.state != VpnState::Deleted).count();
    if present >= twin.connectivity.choices.quotas.vpn_gateways {
        let code = "VpnGatewayLimitExceeded";
        return Err(over_quota(code, "virtual private gateways"));
    }
    let vpn_gateway = VpnGateway {
        vpn_gateway_id: twin.fresh(VpnGatewayId::from_number),
        state: VpnState::Available,
        r#type: request.r#type.into(),
        amazon_side_asn: Some(asn),
        availability_zone: request.availability_zone.map(Into::into),
        vpc_attachments: Vec::new(),
        tags,
    };
    twin.state.insert(&ctx.region, vpn_gateway.clone());
    Ok(OneVpnGateway { vpn_gateway })
}

/// A gateway that a call names and that is not yet deleted.
///
/// # Errors
/// The kind's codes for missing, malformed, unknown and deleted ids.
pub(super) fn find<'a>(twin: &'a Twin, ctx: &Ctx, text: &str) -> Result<&'a VpnGateway, ApiError> {
    let found = require::<VpnGateway>(&twin.state, ctx, "vpnGatewayId", text)?;
    match found.state {
        VpnState::Deleted => Err(unknown(Kind::VpnGateway, &[text])),
        _ => Ok(found),
    }
}

/// The gateway that is at a VPC, or coming to it or going from it.
pub(crate) fn gateway_at<'a>(state: &'a State, vpc: &VpcId) -> Option<&'a VpnGateway> {
    let mut all = state.referring::<VpnGateway>(vpc);
    all.find(|it| it.attachment().is_some_and(|it| it.vpc_id == *vpc))
}

fn read(
    twin: &Twin,
    ctx: &Ctx,
    request: &JoinVpnGatewayRequest,
) -> Result<(VpnGateway, VpcId), ApiError> {
    let gateway = find(twin, ctx, &request.vpn_gateway_id)?.clone();
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?;
    Ok((gateway, vpc.vpc_id.clone()))
}

/// Attaches a gateway to a VPC. Asking again for what is so changes nothing.
///
/// # Errors
/// `VpnGatewayAttachmentLimitExceeded` when it is at another VPC, `InvalidVpcState` when the VPC has
/// another gateway, `InvalidVpnGatewayState` (EC2 API reference, error codes; facts: source O).
pub fn attach_vpn_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: JoinVpnGatewayRequest,
) -> Result<OneVpcAttachmentState, ApiError> {
    let (gateway, vpc) = read(twin, ctx, &request)?;
    ctx.end_dry_run()?;
    let id = &gateway.vpn_gateway_id;
    if gateway.state != VpnState::Available {
        return Err(ApiError::new(
            "InvalidVpnGatewayState",
            format!("The virtual private gateway {id} is not in an available state."),
        ));
    }
    if let Some(present) = gateway.attachment() {
        if present.vpc_id == vpc && present.state != VpcAttachmentState::Detaching {
            let vpc_attachment = present.clone();
            return Ok(OneVpcAttachmentState { vpc_attachment });
        }
        return Err(ApiError::new(
            "VpnGatewayAttachmentLimitExceeded",
            "The maximum number of virtual private gateway attachments has been reached.",
        ));
    }
    if gateway_at(&twin.state, &vpc).is_some() {
        return Err(ApiError::new(
            "InvalidVpcState",
            format!("VPC {vpc} is currently attached to the Virtual Private Gateway."),
        ));
    }
    let vpc_attachment = VpcAttachment {
        vpc_id: vpc,
        state: VpcAttachmentState::Attaching,
    };
    twin.state.update(id, |it: &mut VpnGateway| {
        it.vpc_attachments = vec![vpc_attachment.clone()];
    });
    let delay = twin.options.timings.connectivity.vpn_gateway_attach;
    twin.schedule(delay, Transition::VpnGatewayAttached(id.clone()));
    Ok(OneVpcAttachmentState { vpc_attachment })
}

/// Detaches a gateway from its VPC; its routes become blackholes when it is `detached`.
///
/// # Errors
/// `InvalidVpnGatewayAttachment.NotFound`, `IncorrectState` while it is coming or going.
pub fn detach_vpn_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: JoinVpnGatewayRequest,
) -> Result<(), ApiError> {
    let (gateway, vpc) = read(twin, ctx, &request)?;
    ctx.end_dry_run()?;
    let id = gateway.vpn_gateway_id.clone();
    let present = gateway.attachment().filter(|it| it.vpc_id == vpc);
    let present = present.ok_or_else(|| {
        ApiError::new(
            "InvalidVpnGatewayAttachment.NotFound",
            format!("The attachment with vpn gateway ID '{id}' and vpc ID '{vpc}' does not exist"),
        )
    })?;
    if present.state != VpcAttachmentState::Attached {
        return Err(refusal::incorrect_state(format!(
            "The VPN gateway {id} is {}.",
            present.state
        )));
    }
    set_attachment(twin, &id, &VpcAttachmentState::Detaching);
    let delay = twin.options.timings.connectivity.vpn_gateway_attach;
    twin.schedule(delay, Transition::VpnGatewayDetached(id));
    Ok(())
}

fn set_attachment(twin: &mut Twin, id: &VpnGatewayId, state: &VpcAttachmentState) {
    twin.state.update(id, |it: &mut VpnGateway| {
        for attachment in &mut it.vpc_attachments {
            attachment.state = state.clone();
        }
    });
}

/// Deletes a gateway.
///
/// # Errors
/// `IncorrectState` while it is attached or used by a connection (facts: ec2-semantics.md, section
/// 3, VPN gateway).
pub fn delete_vpn_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteVpnGatewayRequest,
) -> Result<(), ApiError> {
    let gateway = find(twin, ctx, &request.vpn_gateway_id)?.clone();
    ctx.end_dry_run()?;
    let id = gateway.vpn_gateway_id.clone();
    if gateway.attachment().is_some() || is_used(&twin.state, &id.clone().into()) {
        return Err(refusal::incorrect_state("The VPN gateway is in use."));
    }
    twin.state.update(&id, |it: &mut VpnGateway| {
        it.state = VpnState::Deleting;
    });
    let delay = twin.options.timings.connectivity.vpn_gateway_delete;
    twin.schedule(delay, Transition::VpnGatewayDeleted(id));
    Ok(())
}

/// Lets the gateway of a VPC propagate its routes into a route table.
///
/// # Errors
/// `Gateway.NotAttached` when it is not at the table's VPC.
pub fn enable_vgw_route_propagation(
    twin: &mut Twin,
    ctx: &Ctx,
    request: VgwRoutePropagationRequest,
) -> Result<(), ApiError> {
    let (gateway, table) = read_propagation(twin, ctx, &request)?;
    ctx.end_dry_run()?;
    let id = &gateway.vpn_gateway_id;
    let vpc = &table.vpc_id;
    let present = gateway.attachment().filter(|it| it.vpc_id == *vpc);
    if present.is_none_or(|it| it.state == VpcAttachmentState::Detaching) {
        return Err(ApiError::new(
            "Gateway.NotAttached",
            format!("resource {id} is not attached to network {vpc}"),
        ));
    }
    twin.state
        .update(&table.route_table_id, |it: &mut RouteTable| {
            let mut present = it.propagating_vgws.iter();
            if !present.any(|it| it.gateway_id == id.as_str()) {
                it.propagating_vgws.push(VgwPropagation {
                    gateway_id: id.as_str().into(),
                });
            }
        });
    propagation::fill(twin, &table.route_table_id);
    Ok(())
}

/// Ends the propagation of a gateway's routes into a route table; what it propagated is gone.
///
/// # Errors
/// The kinds' codes for missing, malformed and unknown ids.
pub fn disable_vgw_route_propagation(
    twin: &mut Twin,
    ctx: &Ctx,
    request: VgwRoutePropagationRequest,
) -> Result<(), ApiError> {
    required("gatewayId", &request.gateway_id)?;
    let table = require::<RouteTable>(&twin.state, ctx, "routeTableId", &request.route_table_id)?;
    let table = table.clone();
    let mut present = table.propagating_vgws.iter();
    // A gateway that only its propagation shows can be told to end it.
    if !present.any(|it| it.gateway_id == request.gateway_id) {
        read_propagation(twin, ctx, &request)?;
    }
    ctx.end_dry_run()?;
    propagation::end(twin, &table.route_table_id, &request.gateway_id);
    Ok(())
}

fn read_propagation(
    twin: &Twin,
    ctx: &Ctx,
    request: &VgwRoutePropagationRequest,
) -> Result<(VpnGateway, RouteTable), ApiError> {
    let gateway = find(twin, ctx, required("gatewayId", &request.gateway_id)?)?.clone();
    let table = require::<RouteTable>(&twin.state, ctx, "routeTableId", &request.route_table_id)?;
    Ok((gateway, table.clone()))
}

/// A gateway that was coming is `attached`; routes to it become active.
pub(super) fn attached(twin: &mut Twin, id: &VpnGatewayId) {
    let found = twin.state.one::<VpnGateway>(id);
    let state = found.and_then(|it| it.attachment()).map(|it| &it.state);
    if state == Some(&VpcAttachmentState::Attaching) {
        set_attachment(twin, id, &VpcAttachmentState::Attached);
        refresh_routes_to(&mut twin.state, &ResourceId::from(id));
    }
}

/// A gateway that was going is `detached`: what it propagated is gone, routes to it are blackholes.
pub(super) fn detached(twin: &mut Twin, id: &VpnGatewayId) {
    let found = twin.state.one::<VpnGateway>(id);
    let present = found.and_then(|it| it.attachment());
    let Some(vpc) = present
        .filter(|it| it.state == VpcAttachmentState::Detaching)
        .map(|it| it.vpc_id.clone())
    else {
        return;
    };
    set_attachment(twin, id, &VpcAttachmentState::Detached);
    let tables = twin.state.referring::<RouteTable>(&vpc);
    let tables: Vec<RouteTableId> = tables.map(|it| it.route_table_id.clone()).collect();
    for table in &tables {
        propagation::end(twin, table, id.as_str());
    }
    refresh_routes_to(&mut twin.state, &ResourceId::from(id));
}

/// A gateway is `deleted`; it stays described for a while.
pub(super) fn deleted(twin: &mut Twin, id: &VpnGatewayId) {
    let changed = twin.state.update(id, |it: &mut VpnGateway| {
        let is_so = it.state == VpnState::Deleting;
        if is_so {
            it.state = VpnState::Deleted;
        }
        is_so
    });
    if changed == Some(true) {
        refresh_routes_to(&mut twin.state, &ResourceId::from(id));
        let lingering = twin.options.timings.lingering;
        twin.schedule(lingering, Transition::VpnGatewayForgotten(id.clone()));
    }
}

/// A deleted gateway is no longer described.
pub(super) fn forgotten(twin: &mut Twin, id: &VpnGatewayId) {
    let found = twin.state.one::<VpnGateway>(id);
    if found.is_some_and(|it| it.state == VpnState::Deleted) {
        twin.state.remove(id);
    }
}

/// Schedules what was under way when the snapshot was taken.
pub(super) fn resume(twin: &mut Twin, it: &VpnGateway) {
    let id = || it.vpn_gateway_id.clone();
    let timings = twin.options.timings.clone();
    let own = &timings.connectivity;
    match it.attachment().map(|it| &it.state) {
        Some(VpcAttachmentState::Attaching) => {
            twin.schedule(own.vpn_gateway_attach, Transition::VpnGatewayAttached(id()));
        }
        Some(VpcAttachmentState::Detaching) => {
            twin.schedule(own.vpn_gateway_attach, Transition::VpnGatewayDetached(id()));
        }
        _ => {}
    }
    match it.state {
        VpnState::Deleting => {
            twin.schedule(own.vpn_gateway_delete, Transition::VpnGatewayDeleted(id()));
        }
        VpnState::Deleted => {
            twin.schedule(timings.lingering, Transition::VpnGatewayForgotten(id()));
        }
        _ => {}
    }
}
