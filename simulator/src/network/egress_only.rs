//! Egress-only internet gateways.

use sandtable_model::resource::{EgressOnlyInternetGateway, GatewayAttachment, Vpc};
use sandtable_model::{EgressOnlyInternetGatewayId, Kind, ResourceId};
use serde::Serialize;
use smol_str::SmolStr;

use super::refusal;
use super::request::{answers, requests};
use super::route_state::refresh_routes_to;
use crate::rules::{TagSpecification, invalid_value, require, tags_for};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateEgressOnlyInternetGateway.
    CreateEgressOnlyInternetGatewayRequest {
        vpc_id: String,
        client_token: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteEgressOnlyInternetGateway.
    DeleteEgressOnlyInternetGatewayRequest { egress_only_internet_gateway_id: String }
}

answers! {
    /// The answer of DeleteEgressOnlyInternetGateway.
    DeletedEgressOnlyInternetGateway { return_code: bool }
}

/// The answer of CreateEgressOnlyInternetGateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreatedEgressOnlyInternetGateway {
    /// The gateway.
    pub egress_only_internet_gateway: EgressOnlyInternetGateway,
    /// The token of the request, when it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
}

/// Makes an egress-only internet gateway and attaches it to its VPC, for life.
///
/// # Errors
/// `InvalidParameterValue` when the VPC has one (VPC user guide, "Amazon VPC quotas": one a VPC),
/// `EgressOnlyInternetGatewayLimitExceeded`.
pub fn create_egress_only_internet_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateEgressOnlyInternetGatewayRequest,
) -> Result<CreatedEgressOnlyInternetGateway, ApiError> {
    const NAME: &str = "CreateEgressOnlyInternetGateway";
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?;
    let vpc_id = vpc.vpc_id.clone();
    let kind = Kind::EgressOnlyInternetGateway;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)?
        && let Some(found) = made.first().and_then(|it| twin.state.one(it.clone()))
    {
        return Ok(CreatedEgressOnlyInternetGateway {
            egress_only_internet_gateway: EgressOnlyInternetGateway::clone(found),
            client_token: request.client_token,
        });
    }
    let attached = twin.state.referring::<EgressOnlyInternetGateway>(&vpc_id);
    if attached.count() > 0 {
        return Err(invalid_value(format!(
            "Network {vpc_id} already has an egress-only internet gateway attached"
        )));
    }
    let present = twin.state.list(&ctx.region, kind).count();
    if present >= twin.network.choices.quotas.egress_only_gateways {
        return Err(refusal::over_quota(
            "EgressOnlyInternetGatewayLimitExceeded",
            "egress-only internet gateways",
        ));
    }
    let attachment = GatewayAttachment {
        vpc_id,
        state: SmolStr::new_static("attached"),
    };
    let gateway = EgressOnlyInternetGateway {
        egress_only_internet_gateway_id: twin.fresh(EgressOnlyInternetGatewayId::from_number),
        attachments: vec![attachment],
        tags,
    };
    twin.state.insert(&ctx.region, gateway.clone());
    let made = vec![ResourceId::from(&gateway.egress_only_internet_gateway_id)];
    twin.remember(ctx, NAME, token, &request, made);
    Ok(CreatedEgressOnlyInternetGateway {
        egress_only_internet_gateway: gateway,
        client_token: request.client_token,
    })
}

/// Deletes an egress-only internet gateway; nothing keeps it, and routes to it become blackholes
/// (facts: ec2-semantics.md, section 3, Egress-only IGW).
///
/// # Errors
/// The codes of unknown ids.
pub fn delete_egress_only_internet_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteEgressOnlyInternetGatewayRequest,
) -> Result<DeletedEgressOnlyInternetGateway, ApiError> {
    const PARAMETER: &str = "egressOnlyInternetGatewayId";
    let id = &request.egress_only_internet_gateway_id;
    let found = require::<EgressOnlyInternetGateway>(&twin.state, ctx, PARAMETER, id)?;
    let id = found.egress_only_internet_gateway_id.clone();
    ctx.end_dry_run()?;
    twin.state.remove(&id);
    twin.network.deleted.insert(id.as_str().into());
    refresh_routes_to(&mut twin.state, &ResourceId::from(&id));
    Ok(DeletedEgressOnlyInternetGateway { return_code: true })
}
