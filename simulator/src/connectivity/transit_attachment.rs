//! VPC attachments of transit gateways, and what becomes of attachments of any kind.
//!
//! In each subnet of a VPC attachment stands an interface that the service manages; it keeps the
//! subnet, the attachment keeps the VPC and the transit gateway.

use sandtable_model::resource::{
    Subnet, Toggle, TransitAttachmentState, TransitGateway, TransitGatewayAttachment,
    TransitResourceType, Vpc, VpcAttachmentOptions,
};
use sandtable_model::{
    AccountId, AvailabilityZone, Kind, SubnetId, Tags, Timestamp, TransitGatewayAttachmentId,
    TransitGatewayId, VpcId,
};
use smol_str::SmolStr;

use super::transit_gateway::{check_available, find as find_gateway, is_own, toggle};
use super::{Transition, attachment_life, refusal};
use crate::network::refusal::no_permission;
use crate::network::request::{answers, requests};
use crate::rules::{TagSpecification, parse, require, required, tags_for};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// CreateTransitGatewayVpcAttachment.
    CreateTransitGatewayVpcAttachmentRequest {
        transit_gateway_id: String,
        vpc_id: String,
        subnet_ids: Vec<String>,
        options: VpcAttachmentRequestOptions,
        tag_specifications: Vec<TagSpecification>,
    }
    /// The options of a VPC attachment.
    VpcAttachmentRequestOptions {
        dns_support: Option<String>,
        security_group_referencing_support: Option<String>,
        ipv6_support: Option<String>,
        appliance_mode_support: Option<String>,
    }
    /// ModifyTransitGatewayVpcAttachment.
    ModifyTransitGatewayVpcAttachmentRequest {
        transit_gateway_attachment_id: String,
        add_subnet_ids: Vec<String>,
        remove_subnet_ids: Vec<String>,
        options: VpcAttachmentRequestOptions,
    }
    /// Operations on one attachment, without anything else.
    TransitAttachmentRequest { transit_gateway_attachment_id: String }
}

answers! {
    /// A VPC attachment as its own operations tell it.
    VpcAttachmentAnswer {
        transit_gateway_attachment_id: TransitGatewayAttachmentId,
        transit_gateway_id: TransitGatewayId,
        vpc_id: SmolStr,
        vpc_owner_id: Option<AccountId>,
        state: TransitAttachmentState,
        subnet_ids: Vec<SubnetId>,
        creation_time: Option<Timestamp>,
        options: VpcAttachmentOptions,
        tags: Tags,
    }
    /// The answer of operations on one VPC attachment.
    OneVpcAttachment { transit_gateway_vpc_attachment: VpcAttachmentAnswer }
}

impl From<&TransitGatewayAttachment> for VpcAttachmentAnswer {
    fn from(it: &TransitGatewayAttachment) -> Self {
        VpcAttachmentAnswer {
            transit_gateway_attachment_id: it.transit_gateway_attachment_id.clone(),
            transit_gateway_id: it.transit_gateway_id.clone(),
            vpc_id: it.resource_id.clone(),
            vpc_owner_id: it.resource_owner_id.clone(),
            state: it.state.clone(),
            subnet_ids: it.subnet_ids.clone(),
            creation_time: it.creation_time,
            options: it.options.clone().unwrap_or_default(),
            tags: it.tags.clone(),
        }
    }
}

fn answer(it: &TransitGatewayAttachment) -> OneVpcAttachment {
    OneVpcAttachment {
        transit_gateway_vpc_attachment: it.into(),
    }
}

/// Attaches a VPC to a transit gateway through subnets, one a zone.
///
/// # Errors
/// `IncorrectState` unless the gateway is available, `DuplicateTransitGatewayAttachment`,
/// `DuplicateSubnetsInSameZone`, `InvalidSubnetID.NotFound` also for a subnet of another VPC (facts:
/// source F).
pub fn create_transit_gateway_vpc_attachment(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateTransitGatewayVpcAttachmentRequest,
) -> Result<OneVpcAttachment, ApiError> {
    let gateway = find_gateway(twin, ctx, &request.transit_gateway_id)?.clone();
    let vpc = require::<Vpc>(&twin.state, ctx, "VpcId", &request.vpc_id)?.clone();
    if request.subnet_ids.is_empty() {
        required("SubnetIds", "")?;
    }
    let subnets = read_subnets(twin, ctx, &vpc.vpc_id, &request.subnet_ids, &[])?;
    let mut options = VpcAttachmentOptions::default();
    set_options(&mut options, &request.options)?;
    let kind = Kind::TransitGatewayAttachment;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    check_available(&gateway)?;
    let gateway_id = &gateway.transit_gateway_id;
    if is_attached(&twin.state, gateway_id, &vpc.vpc_id) {
        return Err(ApiError::new(
            "DuplicateTransitGatewayAttachment",
            format!("{gateway_id} has non-deleted Transit Gateway Attachments with same VPC ID."),
        ));
    }
    let waits =
        !is_own(ctx, &gateway) && gateway.options.auto_accept_shared_attachments != Toggle::Enable;
    let attachment = TransitGatewayAttachment {
        transit_gateway_attachment_id: twin.fresh(TransitGatewayAttachmentId::from_number),
        transit_gateway_id: gateway.transit_gateway_id.clone(),
        transit_gateway_owner_id: gateway.owner_id.clone(),
        resource_owner_id: Some(vpc.owner_id.unwrap_or_else(|| ctx.account.clone())),
        resource_type: TransitResourceType::Vpc,
        resource_id: vpc.vpc_id.as_str().into(),
        state: match waits {
            true => TransitAttachmentState::PendingAcceptance,
            false => TransitAttachmentState::Pending,
        },
        association: None,
        creation_time: Some(twin.now()),
        subnet_ids: subnets.iter().map(|it| it.subnet_id.clone()).collect(),
        options: Some(options),
        requester_tgw_info: None,
        accepter_tgw_info: None,
        accepter_transit_gateway_attachment_id: None,
        tags,
    };
    let id = attachment.transit_gateway_attachment_id.clone();
    attachment_life::make_interfaces(twin, ctx, &id, &subnets)?;
    twin.state.insert(&ctx.region, attachment.clone());
    if !waits {
        attachment_life::begin(twin, &id);
    }
    Ok(answer(&attachment))
}

fn is_attached(state: &State, gateway: &TransitGatewayId, vpc: &VpcId) -> bool {
    let mut present = state.referring::<TransitGatewayAttachment>(vpc);
    present.any(|it| it.transit_gateway_id == *gateway && !it.state.is_over())
}

fn set_options(
    options: &mut VpcAttachmentOptions,
    asked: &VpcAttachmentRequestOptions,
) -> Result<(), ApiError> {
    for (option, name, asked) in [
        (&mut options.dns_support, "DnsSupport", &asked.dns_support),
        (
            &mut options.security_group_referencing_support,
            "SecurityGroupReferencingSupport",
            &asked.security_group_referencing_support,
        ),
        (
            &mut options.ipv6_support,
            "Ipv6Support",
            &asked.ipv6_support,
        ),
        (
            &mut options.appliance_mode_support,
            "ApplianceModeSupport",
            &asked.appliance_mode_support,
        ),
    ] {
        toggle(option, name, asked.as_ref())?;
    }
    Ok(())
}

/// Subnets of a VPC in zones of their own, beside those that are attached already.
fn read_subnets(
    twin: &Twin,
    ctx: &Ctx,
    vpc: &VpcId,
    texts: &[String],
    attached: &[SubnetId],
) -> Result<Vec<Subnet>, ApiError> {
    let present = attached.iter();
    let mut zones: Vec<AvailabilityZone> = present
        .filter_map(|id| Some(twin.state.one::<Subnet>(id)?.availability_zone.clone()))
        .collect();
    let mut subnets = Vec::with_capacity(texts.len());
    for text in texts {
        let id = parse(&twin.state, Kind::Subnet, text)?;
        let found = twin.state.get_in(&ctx.region, &id);
        let found = found.and_then(|it| it.get::<Subnet>());
        let found = found.filter(|it| it.vpc_id == *vpc).ok_or_else(|| {
            ApiError::new(
                "InvalidSubnetID.NotFound",
                format!("Subnet {text} was deleted or does not exist."),
            )
        })?;
        if zones.contains(&found.availability_zone) {
            return Err(ApiError::new(
                "DuplicateSubnetsInSameZone",
                "Duplicate Subnets for same AZ",
            ));
        }
        zones.push(found.availability_zone.clone());
        subnets.push(found.clone());
    }
    Ok(subnets)
}

/// A VPC attachment that a call names and that is not over.
///
/// # Errors
/// The kind's codes for missing, malformed, unknown and deleted ids; attachments of other kinds are
/// not found either.
fn find(twin: &Twin, ctx: &Ctx, text: &str) -> Result<TransitGatewayAttachment, ApiError> {
    let found = attachment_life::find(twin, ctx, text)?;
    if found.resource_type != TransitResourceType::Vpc {
        return Err(ApiError::new(
            "InvalidTransitGatewayAttachmentID.NotFound",
            format!("Transit Gateway VPC Attachment {text} was deleted or does not exist."),
        ));
    }
    Ok(found)
}

/// Changes the subnets and options of a VPC attachment.
///
/// # Errors
/// `IncorrectState` unless it is available; `InsufficientSubnetsException` when no subnet would be
/// left, even for a moment (facts: source F).
pub fn modify_transit_gateway_vpc_attachment(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyTransitGatewayVpcAttachmentRequest,
) -> Result<OneVpcAttachment, ApiError> {
    let mut it = find(twin, ctx, &request.transit_gateway_attachment_id)?;
    check_side(ctx, it.resource_owner_id.as_ref())?;
    let mut options = it.options.clone().unwrap_or_default();
    set_options(&mut options, &request.options)?;
    let mut kept = it.subnet_ids.clone();
    for text in &request.remove_subnet_ids {
        let at = kept.iter().position(|id| id.as_str() == text);
        let at = at.ok_or_else(|| {
            ApiError::new(
                "InvalidSubnetID.NotFound",
                format!("{text} is not attached but supplied in RemoveSubnets"),
            )
        })?;
        kept.remove(at);
    }
    let vpc = VpcId::new(&it.resource_id).map_err(|_| refusal::invalid_state(it_id(&it)))?;
    let new = read_subnets(twin, ctx, &vpc, &request.add_subnet_ids, &kept)?;
    ctx.end_dry_run()?;
    let id = it.transit_gateway_attachment_id.clone();
    if it.state != TransitAttachmentState::Available {
        return Err(refusal::invalid_state(&id));
    }
    if kept.is_empty() && new.is_empty() {
        return Err(ApiError::new(
            "InsufficientSubnetsException",
            "Insufficient Subnets",
        ));
    }
    attachment_life::make_interfaces(twin, ctx, &id, &new)?;
    let gone = it.subnet_ids.iter().filter(|id| !kept.contains(id));
    let gone: Vec<SubnetId> = gone.cloned().collect();
    attachment_life::remove_interfaces(twin, &id, &gone);
    kept.extend(new.into_iter().map(|it| it.subnet_id));
    it.subnet_ids = kept;
    it.options = Some(options);
    it.state = TransitAttachmentState::Modifying;
    twin.state.insert(&ctx.region, it.clone());
    let delay = twin.options.timings.connectivity.attachment_modify;
    twin.schedule(delay, Transition::AttachmentModified(id));
    Ok(answer(&it))
}

fn it_id(it: &TransitGatewayAttachment) -> &TransitGatewayAttachmentId {
    &it.transit_gateway_attachment_id
}

/// # Errors
/// `AuthFailure` when what is asked is for another account to do.
fn check_side(ctx: &Ctx, owner: Option<&AccountId>) -> Result<(), ApiError> {
    match owner {
        Some(owner) if *owner != ctx.account => Err(no_permission()),
        _ => Ok(()),
    }
}

/// Deletes a VPC attachment, as the owner of either end.
///
/// # Errors
/// `IncorrectState` while it comes, changes or goes.
pub fn delete_transit_gateway_vpc_attachment(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TransitAttachmentRequest,
) -> Result<OneVpcAttachment, ApiError> {
    let it = find(twin, ctx, &request.transit_gateway_attachment_id)?;
    ctx.end_dry_run()?;
    let id = &it.transit_gateway_attachment_id;
    if !matches!(
        it.state,
        TransitAttachmentState::Available | TransitAttachmentState::PendingAcceptance
    ) {
        return Err(refusal::invalid_state(id));
    }
    let it = attachment_life::end(twin, it, TransitAttachmentState::Deleting);
    Ok(answer(&it))
}

/// Accepts a VPC of another account, as the owner of the transit gateway.
///
/// # Errors
/// `IncorrectState` unless the attachment waits for it.
pub fn accept_transit_gateway_vpc_attachment(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TransitAttachmentRequest,
) -> Result<OneVpcAttachment, ApiError> {
    let it = waiting(twin, ctx, &request)?;
    let state = TransitAttachmentState::Pending;
    let id = it.transit_gateway_attachment_id.clone();
    let it = TransitGatewayAttachment { state, ..it };
    twin.state
        .update(&id, |found: &mut TransitGatewayAttachment| {
            *found = it.clone()
        });
    attachment_life::begin(twin, &id);
    Ok(answer(&it))
}

/// Rejects a VPC of another account, as the owner of the transit gateway.
///
/// # Errors
/// `IncorrectState` unless the attachment waits for it.
pub fn reject_transit_gateway_vpc_attachment(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TransitAttachmentRequest,
) -> Result<OneVpcAttachment, ApiError> {
    let it = waiting(twin, ctx, &request)?;
    let it = attachment_life::end(twin, it, TransitAttachmentState::Rejecting);
    Ok(answer(&it))
}

fn waiting(
    twin: &Twin,
    ctx: &Ctx,
    request: &TransitAttachmentRequest,
) -> Result<TransitGatewayAttachment, ApiError> {
    let it = find(twin, ctx, &request.transit_gateway_attachment_id)?;
    let gateway = twin.state.one::<TransitGateway>(&it.transit_gateway_id);
    let owner = gateway.and_then(|it| it.owner_id.as_ref());
    check_side(ctx, owner.or(it.transit_gateway_owner_id.as_ref()))?;
    ctx.end_dry_run()?;
    match it.state {
        TransitAttachmentState::PendingAcceptance => Ok(it),
        _ => Err(refusal::invalid_state(it_id(&it))),
    }
}
