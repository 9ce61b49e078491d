//! Peerings of transit gateways.
//!
//! Either gateway has an attachment of its own where both are in the twin, under two ids, of which
//! either is understood at both ends; AWS gives peerings across Regions one id for both. A gateway of
//! another account, or of a Region that the twin does not have, is taken to be there and waits for
//! someone else's acceptance.

use sandtable_model::resource::{
    PeeringTgwInfo, TransitAttachmentState, TransitGateway, TransitGatewayAttachment,
    TransitGatewayState, TransitResourceType,
};
use sandtable_model::{
    AccountId, Kind, Region, ResourceId, Tags, Timestamp, TransitGatewayAttachmentId,
    TransitGatewayId,
};

use super::refusal::read_account;
use super::transit_attachment::TransitAttachmentRequest;
use super::transit_gateway::{check_available, check_own, find as find_gateway};
use super::{Transition, attachment_life, refusal};
use crate::network::refusal::{no_permission, not_a_value};
use crate::network::request::{answers, requests};
use crate::rules::{
    TagSpecification, invalid_value, not_found, parse, required, tags_for, unknown,
};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// CreateTransitGatewayPeeringAttachment.
    CreateTransitGatewayPeeringAttachmentRequest {
        transit_gateway_id: String,
        peer_transit_gateway_id: String,
        peer_account_id: String,
        peer_region: String,
        tag_specifications: Vec<TagSpecification>,
    }
}

answers! {
    /// A peering as its own operations tell it.
    PeeringAttachmentAnswer {
        transit_gateway_attachment_id: TransitGatewayAttachmentId,
        accepter_transit_gateway_attachment_id: Option<TransitGatewayAttachmentId>,
        requester_tgw_info: Option<PeeringTgwInfo>,
        accepter_tgw_info: Option<PeeringTgwInfo>,
        state: TransitAttachmentState,
        creation_time: Option<Timestamp>,
        tags: Tags,
    }
    /// The answer of operations on one peering.
    OnePeeringAttachment { transit_gateway_peering_attachment: PeeringAttachmentAnswer }
}

impl From<&TransitGatewayAttachment> for PeeringAttachmentAnswer {
    fn from(it: &TransitGatewayAttachment) -> Self {
        PeeringAttachmentAnswer {
            transit_gateway_attachment_id: it.transit_gateway_attachment_id.clone(),
            accepter_transit_gateway_attachment_id: it
                .accepter_transit_gateway_attachment_id
                .clone(),
            requester_tgw_info: it.requester_tgw_info.clone(),
            accepter_tgw_info: it.accepter_tgw_info.clone(),
            state: it.state.clone(),
            creation_time: it.creation_time,
            tags: it.tags.clone(),
        }
    }
}

fn answer(it: &TransitGatewayAttachment) -> OnePeeringAttachment {
    OnePeeringAttachment {
        transit_gateway_peering_attachment: it.into(),
    }
}

/// Asks another transit gateway for a peering.
///
/// # Errors
/// `IncorrectState`, `DuplicateTransitGatewayAttachment`, `InvalidTransitGatewayID.NotFound` for a
/// gateway of this account that is not where it is said to be.
pub fn create_transit_gateway_peering_attachment(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateTransitGatewayPeeringAttachmentRequest,
) -> Result<OnePeeringAttachment, ApiError> {
    let gateway = find_gateway(twin, ctx, &request.transit_gateway_id)?.clone();
    check_own(ctx, &gateway)?;
    let text = required("PeerTransitGatewayId", &request.peer_transit_gateway_id)?;
    let peer = parse(&twin.state, Kind::TransitGateway, text)?;
    let peer = TransitGatewayId::try_from(peer.clone()).map_err(|_| not_found(&peer))?;
    let account = required("PeerAccountId", &request.peer_account_id)?;
    let account = read_account("PeerAccountId", account)?;
    let region = required("PeerRegion", &request.peer_region)?;
    let region = Region::new(region).map_err(|_| not_a_value("PeerRegion", region))?;
    let kind = Kind::TransitGatewayAttachment;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    if peer == gateway.transit_gateway_id {
        return Err(invalid_value(format!(
            "Transit Gateway {peer} cannot be peered with itself."
        )));
    }
    let is_here = is_here(twin, ctx, &peer, &account, &region)?;
    ctx.end_dry_run()?;
    check_available(&gateway)?;
    check_new(&twin.state, &gateway.transit_gateway_id, &peer)?;
    let id = twin.fresh(TransitGatewayAttachmentId::from_number);
    let own = PeeringTgwInfo {
        transit_gateway_id: gateway.transit_gateway_id.clone(),
        owner_id: Some(ctx.account.clone()),
        region: Some(ctx.region.clone()),
    };
    let other = PeeringTgwInfo {
        transit_gateway_id: peer.clone(),
        owner_id: Some(account.clone()),
        region: Some(region.clone()),
    };
    let mut attachment = TransitGatewayAttachment {
        transit_gateway_attachment_id: id.clone(),
        transit_gateway_id: gateway.transit_gateway_id.clone(),
        transit_gateway_owner_id: Some(ctx.account.clone()),
        resource_owner_id: Some(account),
        resource_type: TransitResourceType::Peering,
        resource_id: peer.as_str().into(),
        state: TransitAttachmentState::InitiatingRequest,
        association: None,
        creation_time: Some(twin.now()),
        subnet_ids: Vec::new(),
        options: None,
        requester_tgw_info: Some(own),
        accepter_tgw_info: Some(other),
        accepter_transit_gateway_attachment_id: None,
        tags,
    };
    if is_here {
        let accepter = twin.fresh(TransitGatewayAttachmentId::from_number);
        attachment.accepter_transit_gateway_attachment_id = Some(accepter.clone());
        let mirror = TransitGatewayAttachment {
            transit_gateway_attachment_id: accepter,
            transit_gateway_id: peer,
            transit_gateway_owner_id: attachment.resource_owner_id.clone(),
            resource_owner_id: attachment.transit_gateway_owner_id.clone(),
            resource_id: gateway.transit_gateway_id.as_str().into(),
            tags: Tags::new(),
            ..attachment.clone()
        };
        twin.state.insert(&region, mirror);
    }
    twin.state.insert(&ctx.region, attachment.clone());
    let delay = twin.options.timings.connectivity.peering_initiate;
    twin.schedule(delay, Transition::PeeringAttachmentRequested(id));
    Ok(answer(&attachment))
}

/// Whether the other gateway is in the twin; one of this account in a Region that it has must be.
fn is_here(
    twin: &Twin,
    ctx: &Ctx,
    peer: &TransitGatewayId,
    account: &AccountId,
    region: &Region,
) -> Result<bool, ApiError> {
    if account != twin.account() {
        return Ok(false);
    }
    let found = twin.state.get_in(region, &ResourceId::from(peer));
    let found = found.and_then(|it| it.get::<TransitGateway>());
    let is_there = found.is_some_and(|it| it.state == TransitGatewayState::Available);
    let is_seen = *region == ctx.region || twin.state.regions().any(|it| it == region);
    match is_there || !is_seen {
        true => Ok(is_there),
        false => Err(unknown(Kind::TransitGateway, &[peer.as_str()])),
    }
}

fn check_new(
    state: &State,
    gateway: &TransitGatewayId,
    peer: &TransitGatewayId,
) -> Result<(), ApiError> {
    let mut present = state.referring::<TransitGatewayAttachment>(gateway);
    let is_same = |it: &TransitGatewayAttachment| {
        it.transit_gateway_id == *gateway && it.resource_id == peer.as_str()
    };
    match present.any(|it| is_same(it) && !it.state.is_over()) {
        true => Err(ApiError::new(
            "DuplicateTransitGatewayAttachment",
            format!(
                "{gateway} has non-deleted Transit Gateway Peering Attachments with same peer {peer}."
            ),
        )),
        false => Ok(()),
    }
}

/// Whether a peering is shown in the Region of the call: where it stands, or where its accepter is.
fn is_seen(state: &State, ctx: &Ctx, it: &TransitGatewayAttachment) -> bool {
    let sides = it.requester_tgw_info.iter().chain(&it.accepter_tgw_info);
    let mut regions = sides.filter_map(|it| it.region.as_ref());
    let stands = state.region_of(&ResourceId::from(&it.transit_gateway_attachment_id));
    stands == Some(&ctx.region) || regions.any(|it| *it == ctx.region)
}

/// A peering that a call names by the id of either side.
///
/// # Errors
/// The kind's codes for missing, malformed, unknown and deleted ids; attachments of other kinds are
/// not found either.
fn find(twin: &Twin, ctx: &Ctx, text: &str) -> Result<TransitGatewayAttachment, ApiError> {
    required("TransitGatewayAttachmentId", text)?;
    let id = parse(&twin.state, Kind::TransitGatewayAttachment, text)?;
    let found = twin.state.one::<TransitGatewayAttachment>(id);
    let found = found.filter(|it| {
        it.resource_type == TransitResourceType::Peering
            && it.state != TransitAttachmentState::Deleted
            && is_seen(&twin.state, ctx, it)
    });
    found.cloned().ok_or_else(|| {
        ApiError::new(
            "InvalidTransitGatewayAttachmentID.NotFound",
            format!("Transit Gateway Peering Attachment {text} was deleted or does not exist."),
        )
    })
}

/// The attachments of both sides, as far as they are in the twin.
fn both(twin: &Twin, it: &TransitGatewayAttachment) -> Vec<TransitGatewayAttachmentId> {
    let own = &it.transit_gateway_attachment_id;
    let mut ids = vec![own.clone()];
    match &it.accepter_transit_gateway_attachment_id {
        Some(accepter) if accepter != own => ids.push(accepter.clone()),
        Some(accepter) => {
            let naming = twin.state.referring::<TransitGatewayAttachment>(accepter);
            ids.extend(naming.map(|it| it.transit_gateway_attachment_id.clone()));
        }
        None => {}
    }
    ids
}

fn set(twin: &mut Twin, ids: &[TransitGatewayAttachmentId], state: &TransitAttachmentState) {
    for id in ids {
        twin.state.update(id, |it: &mut TransitGatewayAttachment| {
            it.state = state.clone();
        });
    }
}

/// A request has reached the other gateway.
pub(super) fn requested(twin: &mut Twin, id: &TransitGatewayAttachmentId) {
    let found = twin.state.one::<TransitGatewayAttachment>(id);
    let initiating = TransitAttachmentState::InitiatingRequest;
    if let Some(it) = found.filter(|it| it.state == initiating).cloned() {
        let ids = both(twin, &it);
        set(twin, &ids, &TransitAttachmentState::PendingAcceptance);
    }
}

/// A peering that waits, for its accepter to answer.
fn waiting(
    twin: &Twin,
    ctx: &Ctx,
    request: &TransitAttachmentRequest,
) -> Result<TransitGatewayAttachment, ApiError> {
    let it = find(twin, ctx, &request.transit_gateway_attachment_id)?;
    let accepter = it.accepter_tgw_info.as_ref();
    let owner = accepter.and_then(|it| it.owner_id.as_ref());
    let region = accepter.and_then(|it| it.region.as_ref());
    if owner.is_some_and(|it| *it != ctx.account) || region.is_some_and(|it| *it != ctx.region) {
        return Err(no_permission());
    }
    ctx.end_dry_run()?;
    match it.state {
        TransitAttachmentState::PendingAcceptance => Ok(it),
        _ => Err(refusal::invalid_state(&it.transit_gateway_attachment_id)),
    }
}

/// Accepts a peering, as the owner of the accepter's gateway and in its Region.
///
/// # Errors
/// `AuthFailure` for others, `IncorrectState` unless it waits.
pub fn accept_transit_gateway_peering_attachment(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TransitAttachmentRequest,
) -> Result<OnePeeringAttachment, ApiError> {
    let it = waiting(twin, ctx, &request)?;
    let ids = both(twin, &it);
    set(twin, &ids, &TransitAttachmentState::Pending);
    ids.iter().for_each(|id| attachment_life::begin(twin, id));
    Ok(answer(&TransitGatewayAttachment {
        state: TransitAttachmentState::Pending,
        ..it
    }))
}

/// Rejects a peering, as the owner of the accepter's gateway.
///
/// # Errors
/// As [`accept_transit_gateway_peering_attachment`].
pub fn reject_transit_gateway_peering_attachment(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TransitAttachmentRequest,
) -> Result<OnePeeringAttachment, ApiError> {
    let it = waiting(twin, ctx, &request)?;
    Ok(end(twin, it, &TransitAttachmentState::Rejecting))
}

/// Deletes a peering, as the owner of either side.
///
/// # Errors
/// `IncorrectState` while it comes or goes.
pub fn delete_transit_gateway_peering_attachment(
    twin: &mut Twin,
    ctx: &Ctx,
    request: TransitAttachmentRequest,
) -> Result<OnePeeringAttachment, ApiError> {
    let it = find(twin, ctx, &request.transit_gateway_attachment_id)?;
    ctx.end_dry_run()?;
    if !matches!(
        it.state,
        TransitAttachmentState::Available | TransitAttachmentState::PendingAcceptance
    ) {
        return Err(refusal::invalid_state(&it.transit_gateway_attachment_id));
    }
    Ok(end(twin, it, &TransitAttachmentState::Deleting))
}

fn end(
    twin: &mut Twin,
    it: TransitGatewayAttachment,
    state: &TransitAttachmentState,
) -> OnePeeringAttachment {
    for id in both(twin, &it) {
        if let Some(side) = twin.state.one::<TransitGatewayAttachment>(&id).cloned() {
            attachment_life::end(twin, side, state.clone());
        }
    }
    answer(&TransitGatewayAttachment {
        state: state.clone(),
        ..it
    })
}

/// Schedules what was under way when the snapshot was taken; the rest is that of any attachment.
pub(super) fn resume(twin: &mut Twin, it: &TransitGatewayAttachment) {
    if it.state == TransitAttachmentState::InitiatingRequest {
        let id = it.transit_gateway_attachment_id.clone();
        let delay = twin.options.timings.connectivity.peering_initiate;
        twin.schedule(delay, Transition::PeeringAttachmentRequested(id));
    }
}
