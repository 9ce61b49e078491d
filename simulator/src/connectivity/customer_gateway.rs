//! Customer gateways: what AWS knows of the devices at the other end.

use std::net::IpAddr;

use sandtable_model::resource::{CustomerGateway, VpnConnection, VpnState};
use sandtable_model::{CustomerGatewayId, Kind, ResourceId};
use smol_str::{SmolStr, format_smolstr};

use super::{Transition, refusal, vpn_gateway};
use crate::network::refusal::{not_a_value, over_quota};
use crate::network::request::{answers, requests};
use crate::rules::{
    TagSpecification, invalid_combination, invalid_value, require, required, tags_for, unknown,
};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// CreateCustomerGateway.
    CreateCustomerGatewayRequest {
        r#type: String,
        ip_address: Option<String>,
        public_ip: Option<String>,
        bgp_asn: Option<i64>,
        bgp_asn_extended: Option<i64>,
        certificate_arn: Option<String>,
        device_name: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteCustomerGateway.
    DeleteCustomerGatewayRequest { customer_gateway_id: String }
}

answers! {
    /// The answer of CreateCustomerGateway.
    OneCustomerGateway { customer_gateway: CustomerGateway }
}

/// Makes a customer gateway. An identical request gives the one that is there (EC2 API reference,
/// CreateCustomerGateway).
///
/// # Errors
/// `CustomerGatewayLimitExceeded`, `MissingParameter` without address and certificate,
/// `InvalidParameterValue`.
pub fn create_customer_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateCustomerGatewayRequest,
) -> Result<OneCustomerGateway, ApiError> {
    vpn_gateway::check_type(&request.r#type)?;
    if request.ip_address.is_some() && request.public_ip.is_some() {
        return Err(invalid_combination(
            "The parameters ipAddress and publicIp cannot be used together",
        ));
    }
    let address = request.ip_address.as_ref().or(request.public_ip.as_ref());
    if address.is_none() && request.certificate_arn.is_none() {
        required("ipAddress", "")?;
    }
    if let Some(text) = address.filter(|it| it.parse::<IpAddr>().is_err()) {
        return Err(not_a_value("ipAddress", text));
    }
    let (asn, extended) = read_asn(request.bgp_asn, request.bgp_asn_extended)?;
    let kind = Kind::CustomerGateway;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let customer_gateway = CustomerGateway {
        customer_gateway_id: CustomerGatewayId::from_number(0),
        state: VpnState::Pending,
        r#type: request.r#type.into(),
        ip_address: address.map(SmolStr::from),
        bgp_asn: asn,
        bgp_asn_extended: extended,
        certificate_arn: request.certificate_arn.map(SmolStr::from),
        device_name: request.device_name.map(SmolStr::from),
        tags,
    };
    let present = twin.state.all::<CustomerGateway>(&ctx.region);
    let present: Vec<&CustomerGateway> = present.filter(|it| !is_going(it)).collect();
    if let Some(same) = present.iter().find(|it| is_same(it, &customer_gateway)) {
        let customer_gateway = CustomerGateway::clone(same);
        return Ok(OneCustomerGateway { customer_gateway });
    }
    if present.len() >= twin.connectivity.choices.quotas.customer_gateways {
        let code = "CustomerGatewayLimitExceeded";
        return Err(over_quota(code, "customer gateways"));
    }
    let id = twin.fresh(CustomerGatewayId::from_number);
    let customer_gateway = CustomerGateway {
        customer_gateway_id: id.clone(),
        ..customer_gateway
    };
    twin.state.insert(&ctx.region, customer_gateway.clone());
    let delay = twin.options.timings.connectivity.customer_gateway_create;
    twin.schedule(delay, Transition::CustomerGatewayCreated(id));
    Ok(OneCustomerGateway { customer_gateway })
}

fn is_going(it: &CustomerGateway) -> bool {
    matches!(it.state, VpnState::Deleting | VpnState::Deleted)
}

fn is_same(one: &CustomerGateway, other: &CustomerGateway) -> bool {
    one.r#type == other.r#type
        && one.ip_address == other.ip_address
        && one.bgp_asn == other.bgp_asn
        && one.bgp_asn_extended == other.bgp_asn_extended
        && one.certificate_arn == other.certificate_arn
        && one.device_name == other.device_name
}

/// The number of the device, in the member for its size; 65000 when none is told (EC2 API reference,
/// CreateCustomerGateway).
fn read_asn(
    asn: Option<i64>,
    extended: Option<i64>,
) -> Result<(Option<SmolStr>, Option<SmolStr>), ApiError> {
    let invalid = |name: &str, it: i64| {
        Err(invalid_value(format!(
            "Value ({it}) for parameter {name} is invalid."
        )))
    };
    match (asn, extended) {
        (Some(_), Some(_)) => Err(invalid_combination(
            "The parameters bgpAsn and bgpAsnExtended cannot be used together",
        )),
        (Some(it), None) if !(1..=2_147_483_647).contains(&it) => invalid("bgpAsn", it),
        (None, Some(it)) if !(2_147_483_648..=4_294_967_295).contains(&it) => {
            invalid("bgpAsnExtended", it)
        }
        (None, Some(it)) => Ok((None, Some(format_smolstr!("{it}")))),
        (asn, None) => Ok((Some(format_smolstr!("{}", asn.unwrap_or(65000))), None)),
    }
}

/// A gateway that a call names and that is not yet deleted.
///
/// # Errors
/// The kind's codes for missing, malformed, unknown and deleted ids.
pub(super) fn find<'a>(
    twin: &'a Twin,
    ctx: &Ctx,
    text: &str,
) -> Result<&'a CustomerGateway, ApiError> {
    let found = require::<CustomerGateway>(&twin.state, ctx, "customerGatewayId", text)?;
    match found.state {
        VpnState::Deleted => Err(unknown(Kind::CustomerGateway, &[text])),
        _ => Ok(found),
    }
}

/// Deletes a customer gateway.
///
/// # Errors
/// `IncorrectState` while a connection uses it (facts: ec2-semantics.md, section 3).
pub fn delete_customer_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteCustomerGatewayRequest,
) -> Result<(), ApiError> {
    let id = find(twin, ctx, &request.customer_gateway_id)?;
    let id = id.customer_gateway_id.clone();
    ctx.end_dry_run()?;
    if is_used(&twin.state, &id.clone().into()) {
        return Err(refusal::incorrect_state("The customer gateway is in use."));
    }
    twin.state.update(&id, |it: &mut CustomerGateway| {
        it.state = VpnState::Deleting;
    });
    let delay = twin.options.timings.connectivity.vpn_gateway_delete;
    twin.schedule(delay, Transition::CustomerGatewayDeleted(id));
    Ok(())
}

/// Whether a connection that is not yet deleted names a gateway.
pub(super) fn is_used(state: &State, gateway: &ResourceId) -> bool {
    let mut connections = state.referring::<VpnConnection>(gateway.clone());
    connections.any(|it| it.state != VpnState::Deleted)
}

/// A gateway that was being made is `available`.
pub(super) fn created(twin: &mut Twin, id: &CustomerGatewayId) {
    twin.state.update(id, |it: &mut CustomerGateway| {
        if it.state == VpnState::Pending {
            it.state = VpnState::Available;
        }
    });
}

/// A gateway is `deleted`; it stays described for a while.
pub(super) fn deleted(twin: &mut Twin, id: &CustomerGatewayId) {
    let changed = twin.state.update(id, |it: &mut CustomerGateway| {
        let is_so = it.state == VpnState::Deleting;
        if is_so {
            it.state = VpnState::Deleted;
        }
        is_so
    });
    if changed == Some(true) {
        let lingering = twin.options.timings.lingering;
        twin.schedule(lingering, Transition::CustomerGatewayForgotten(id.clone()));
    }
}

/// A deleted gateway is no longer described.
pub(super) fn forgotten(twin: &mut Twin, id: &CustomerGatewayId) {
    let found = twin.state.one::<CustomerGateway>(id);
    if found.is_some_and(|it| it.state == VpnState::Deleted) {
        twin.state.remove(id);
    }
}

/// Schedules what was under way when the snapshot was taken.
pub(super) fn resume(twin: &mut Twin, it: &CustomerGateway) {
    let id = it.customer_gateway_id.clone();
    let timings = &twin.options.timings;
    let own = &timings.connectivity;
    let (delay, transition) = match it.state {
        VpnState::Pending => (
            own.customer_gateway_create,
            Transition::CustomerGatewayCreated(id),
        ),
        VpnState::Deleting => (
            own.vpn_gateway_delete,
            Transition::CustomerGatewayDeleted(id),
        ),
        VpnState::Deleted => (timings.lingering, Transition::CustomerGatewayForgotten(id)),
        _ => return,
    };
    twin.schedule(delay, transition);
}
