//! Internet gateways.

use sandtable_model::resource::{GatewayAttachment, InternetGateway, Vpc};
use sandtable_model::{InternetGatewayId, Kind, ResourceId, VpcId};
use smol_str::SmolStr;

use super::request::{answers, requests};
use super::route_state::refresh_routes_to;
use super::{blockers, refusal};
use crate::rules::{TagSpecification, invalid_value, require, tags_for};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateInternetGateway.
    CreateInternetGatewayRequest { tag_specifications: Vec<TagSpecification> }
    /// AttachInternetGateway and DetachInternetGateway.
    JoinInternetGatewayRequest { internet_gateway_id: String, vpc_id: String }
    /// DeleteInternetGateway.
    DeleteInternetGatewayRequest { internet_gateway_id: String }
}

answers! {
    /// The answer of CreateInternetGateway.
    CreatedInternetGateway { internet_gateway: InternetGateway }
}

/// Makes an internet gateway, not attached.
///
/// # Errors
/// `InternetGatewayLimitExceeded`.
pub fn create_internet_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateInternetGatewayRequest,
) -> Result<CreatedInternetGateway, ApiError> {
    let kind = Kind::InternetGateway;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let present = twin.state.list(&ctx.region, kind).count();
    if present >= twin.network.choices.quotas.internet_gateways {
        return Err(refusal::over_quota(
            "InternetGatewayLimitExceeded",
            "internet gateways",
        ));
    }
    let internet_gateway = InternetGateway {
        internet_gateway_id: twin.fresh(InternetGatewayId::from_number),
        attachments: Vec::new(),
        owner_id: Some(ctx.account.clone()),
        tags,
    };
    twin.state.insert(&ctx.region, internet_gateway.clone());
    Ok(CreatedInternetGateway { internet_gateway })
}

fn read(
    twin: &Twin,
    ctx: &Ctx,
    request: &JoinInternetGatewayRequest,
) -> Result<(InternetGateway, VpcId), ApiError> {
    let id = &request.internet_gateway_id;
    let gateway = require::<InternetGateway>(&twin.state, ctx, "internetGatewayId", id)?;
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?;
    Ok((gateway.clone(), vpc.vpc_id.clone()))
}

/// Attaches a gateway to a VPC; routes to it that were blackholes become active.
///
/// # Errors
/// `Resource.AlreadyAssociated` when the gateway is attached, `InvalidParameterValue` when the VPC
/// has another one.
pub fn attach_internet_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: JoinInternetGatewayRequest,
) -> Result<(), ApiError> {
    let (gateway, vpc) = read(twin, ctx, &request)?;
    ctx.end_dry_run()?;
    let id = &gateway.internet_gateway_id;
    if let Some(attached) = gateway.attachments.first() {
        return Err(ApiError::new(
            "Resource.AlreadyAssociated",
            format!(
                "resource {id} is already attached to network {}",
                attached.vpc_id
            ),
        ));
    }
    if blockers::gateway_of(&twin.state, &vpc).is_some() {
        return Err(invalid_value(format!(
            "Network {vpc} already has an internet gateway attached"
        )));
    }
    twin.state.update(id, |it: &mut InternetGateway| {
        it.attachments.push(GatewayAttachment {
            vpc_id: vpc,
            state: SmolStr::new_static("available"),
        });
    });
    refresh_routes_to(&mut twin.state, &ResourceId::from(id));
    Ok(())
}

/// Detaches a gateway from its VPC; routes to it become blackholes.
///
/// # Errors
/// `Gateway.NotAttached`; `DependencyViolation` while public addresses are mapped into the VPC
/// (facts: ec2-semantics.md, section 3, Internet gateway; twin-conformance.md).
pub fn detach_internet_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: JoinInternetGatewayRequest,
) -> Result<(), ApiError> {
    let (gateway, vpc) = read(twin, ctx, &request)?;
    ctx.end_dry_run()?;
    let id = &gateway.internet_gateway_id;
    if !gateway.attachments.iter().any(|it| it.vpc_id == vpc) {
        return Err(ApiError::new(
            "Gateway.NotAttached",
            format!("resource {id} is not attached to network {vpc}"),
        ));
    }
    if blockers::has_mapped_addresses(&twin.state, &vpc) {
        return Err(refusal::dependency(format!(
            "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
        )));
    }
    twin.state.update(id, |it: &mut InternetGateway| {
        it.attachments.retain(|other| other.vpc_id != vpc);
    });
    refresh_routes_to(&mut twin.state, &ResourceId::from(id));
    Ok(())
}

/// Deletes a gateway.
///
/// # Errors
/// `DependencyViolation` while it is attached.
pub fn delete_internet_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteInternetGatewayRequest,
) -> Result<(), ApiError> {
    let id = &request.internet_gateway_id;
    let gateway = require::<InternetGateway>(&twin.state, ctx, "internetGatewayId", id)?.clone();
    ctx.end_dry_run()?;
    let id = gateway.internet_gateway_id;
    if !gateway.attachments.is_empty() {
        return Err(refusal::has_dependencies("internetGateway", &id));
    }
    twin.state.remove(&id);
    refresh_routes_to(&mut twin.state, &ResourceId::from(&id));
    Ok(())
}
