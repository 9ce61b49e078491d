//! VPC peering connections: asking for one, and what becomes of the request.
//!
//! A VPC of another account, or of a Region that the twin does not have, is taken to be there; the
//! request then waits for someone else's acceptance (a drift with an `account`) or expires.

use ipnet::Ipv4Net;
use sandtable_model::resource::{
    PeeringCidrBlock, PeeringIpv6CidrBlock, PeeringOptions, PeeringState, PeeringStatus,
    PeeringVpcInfo, Vpc, VpcPeeringConnection,
};
use sandtable_model::{
    AccountId, Duration, Kind, Region, ResourceId, VpcId, VpcPeeringConnectionId,
};
use smol_str::{SmolStr, format_smolstr};

use super::refusal::read_account;
use super::{Transition, refusal};
use crate::network::cidr;
use crate::network::refusal::{not_a_value, over_quota};
use crate::network::request::{answers, requests};
use crate::network::route_state::refresh_routes_to;
use crate::rules::{TagSpecification, not_found, parse, require, required, tags_for};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// CreateVpcPeeringConnection.
    CreateVpcPeeringConnectionRequest {
        vpc_id: String,
        peer_vpc_id: String,
        peer_owner_id: Option<String>,
        peer_region: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
}

answers! {
    /// The answer of CreateVpcPeeringConnection and AcceptVpcPeeringConnection.
    OnePeeringConnection { vpc_peering_connection: VpcPeeringConnection }
}

/// What AWS says of a request that it cannot bring about.
const FAILED: &str = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range";

/// Asks for a peering of two VPCs. What is wrong with the other VPC is no error of the call: the
/// connection becomes `failed` (EC2 API reference, CreateVpcPeeringConnection).
///
/// # Errors
/// `VpcPeeringConnectionAlreadyExists`, `OutstandingVpcPeeringConnectionLimitExceeded`.
pub fn create_vpc_peering_connection(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateVpcPeeringConnectionRequest,
) -> Result<OnePeeringConnection, ApiError> {
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?.clone();
    required("peerVpcId", &request.peer_vpc_id)?;
    let peer = parse(&twin.state, Kind::Vpc, &request.peer_vpc_id)?;
    let peer = VpcId::try_from(peer.clone()).map_err(|_| not_found(&peer))?;
    let owner = match &request.peer_owner_id {
        Some(text) => read_account("peerOwnerId", text)?,
        None => ctx.account.clone(),
    };
    let region = match &request.peer_region {
        Some(text) => Region::new(text).map_err(|_| not_a_value("peerRegion", text))?,
        None => ctx.region.clone(),
    };
    let kind = Kind::VpcPeeringConnection;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    check_new(twin, &vpc.vpc_id, &peer)?;
    let id = twin.fresh(VpcPeeringConnectionId::from_number);
    let timings = twin.options.timings.connectivity.clone();
    let vpc_peering_connection = VpcPeeringConnection {
        vpc_peering_connection_id: id.clone(),
        accepter_vpc_info: PeeringVpcInfo {
            vpc_id: peer,
            owner_id: Some(owner),
            region: Some(region),
            cidr_block: None,
            cidr_block_set: Vec::new(),
            ipv6_cidr_block_set: Vec::new(),
            peering_options: None,
        },
        requester_vpc_info: side_of(&vpc, &ctx.account, &ctx.region),
        expiration_time: Some(twin.now().plus(timings.peering_expiry)),
        status: PeeringStatus {
            code: PeeringState::InitiatingRequest,
            message: Some(format_smolstr!(
                "Initiating Request to {}",
                request.peer_vpc_id
            )),
        },
        tags,
    };
    twin.state
        .insert(&ctx.region, vpc_peering_connection.clone());
    twin.schedule(
        timings.peering_expiry,
        Transition::PeeringExpired(id.clone()),
    );
    twin.schedule(timings.peering_initiate, Transition::PeeringRequested(id));
    Ok(OnePeeringConnection {
        vpc_peering_connection,
    })
}

fn check_new(twin: &Twin, vpc: &VpcId, peer: &VpcId) -> Result<(), ApiError> {
    let mut present = peerings_of(&twin.state, vpc).filter(|it| !it.status.code.is_over());
    if present.any(|it| other_side(it, vpc).is_some_and(|side| side.vpc_id == *peer)) {
        return Err(ApiError::new(
            "VpcPeeringConnectionAlreadyExists",
            "A VPC peering connection between the VPCs already exists.",
        ));
    }
    let outstanding = peerings_of(&twin.state, vpc).filter(|it| {
        it.requester_vpc_info.vpc_id == *vpc
            && matches!(
                it.status.code,
                PeeringState::PendingAcceptance | PeeringState::InitiatingRequest
            )
    });
    if outstanding.count() >= twin.connectivity.choices.quotas.outstanding_peerings {
        return Err(over_quota(
            "OutstandingVpcPeeringConnectionLimitExceeded",
            "outstanding VPC peering connection requests",
        ));
    }
    Ok(())
}

/// The peering connections of a VPC.
pub(super) fn peerings_of<'a>(
    state: &'a State,
    vpc: &VpcId,
) -> impl Iterator<Item = &'a VpcPeeringConnection> + use<'a> {
    state.referring::<VpcPeeringConnection>(vpc.clone())
}

/// The active peering connection between two VPCs, over which the groups of one may name those of
/// the other (VPC peering guide, "Update your security groups to reference peer security groups").
pub(crate) fn active_between(
    state: &State,
    one: &VpcId,
    other: &VpcId,
) -> Option<VpcPeeringConnectionId> {
    let mut peerings = peerings_of(state, one);
    let found = peerings.find(|it| {
        it.status.code == PeeringState::Active
            && other_side(it, one).is_some_and(|side| side.vpc_id == *other)
    });
    found.map(|it| it.vpc_peering_connection_id.clone())
}

/// The side of a connection that is not `vpc`; nothing when `vpc` is peered with itself.
fn other_side<'a>(it: &'a VpcPeeringConnection, vpc: &VpcId) -> Option<&'a PeeringVpcInfo> {
    it.sides().into_iter().find(|side| side.vpc_id != *vpc)
}

/// What a VPC tells of itself.
fn side_of(vpc: &Vpc, owner: &AccountId, region: &Region) -> PeeringVpcInfo {
    let associated = vpc.cidr_block_association_set.iter();
    let mut blocks: Vec<PeeringCidrBlock> = associated
        .map(|it| PeeringCidrBlock {
            cidr_block: it.cidr_block.clone(),
        })
        .collect();
    if blocks.is_empty() {
        blocks.push(PeeringCidrBlock {
            cidr_block: vpc.cidr_block.clone(),
        });
    }
    let ipv6 = vpc.ipv6_cidr_block_association_set.iter();
    PeeringVpcInfo {
        vpc_id: vpc.vpc_id.clone(),
        owner_id: Some(vpc.owner_id.clone().unwrap_or_else(|| owner.clone())),
        region: Some(region.clone()),
        cidr_block: Some(vpc.cidr_block.clone()),
        cidr_block_set: blocks,
        ipv6_cidr_block_set: ipv6
            .map(|it| PeeringIpv6CidrBlock {
                ipv6_cidr_block: it.ipv6_cidr_block.clone(),
            })
            .collect(),
        peering_options: Some(PeeringOptions::default()),
    }
}

/// A request has reached the other side, or failed.
pub(super) fn requested(twin: &mut Twin, id: &VpcPeeringConnectionId) {
    let Some(it) = in_state(twin, id, &PeeringState::InitiatingRequest) else {
        return;
    };
    if is_hopeless(twin, &it) {
        set(twin, id, PeeringState::Failed, FAILED);
        let lingering = twin.options.timings.connectivity.peering_lingering;
        twin.schedule(lingering, Transition::PeeringForgotten(id.clone()));
        return;
    }
    let owner = it.accepter_vpc_info.owner_id.as_ref();
    let owner = owner.map_or("", AccountId::as_str);
    let message = format!("Pending Acceptance by {owner}");
    set(twin, id, PeeringState::PendingAcceptance, &message);
}

/// Whether the other VPC would have to be in the twin and is not, or shares addresses.
fn is_hopeless(twin: &Twin, it: &VpcPeeringConnection) -> bool {
    let accepter = &it.accepter_vpc_info;
    let peer = twin.state.one::<Vpc>(&accepter.vpc_id);
    let here = twin.state.region_of(&ResourceId::from(&accepter.vpc_id));
    let is_own = accepter.owner_id.as_ref() == Some(twin.account());
    let Some(peer) = peer.filter(|_| is_own && here == accepter.region.as_ref()) else {
        // A VPC of this account in a Region that the twin has must be seen there.
        let mut seen = twin.state.regions();
        let region = accepter.region.as_ref();
        return is_own
            && (region == it.requester_vpc_info.region.as_ref()
                || region.is_some_and(|region| seen.any(|it| it == region)));
    };
    let own = twin.state.one::<Vpc>(&it.requester_vpc_info.vpc_id);
    own.is_none_or(|own| overlap(own, peer))
}

/// Whether two VPCs share an address of IPv4.
fn overlap(one: &Vpc, other: &Vpc) -> bool {
    let theirs = blocks(other);
    blocks(one)
        .iter()
        .any(|one| theirs.iter().any(|other| cidr::overlap(one, other)))
}

/// The IPv4 blocks of a VPC.
pub(super) fn blocks(vpc: &Vpc) -> Vec<Ipv4Net> {
    let further = vpc.cidr_block_association_set.iter();
    let all = std::iter::once(&vpc.cidr_block).chain(further.map(|it| &it.cidr_block));
    let mut blocks: Vec<Ipv4Net> = all.filter_map(|it| cidr::of(it)).collect();
    blocks.sort_unstable();
    blocks.dedup();
    blocks
}

/// A request that nobody accepted.
pub(super) fn expired(twin: &mut Twin, id: &VpcPeeringConnectionId) {
    if in_state(twin, id, &PeeringState::PendingAcceptance).is_some() {
        set(twin, id, PeeringState::Expired, "Expired");
        let lingering = &twin.options.timings.connectivity;
        let lingering = lingering.peering_lingering_for_others;
        twin.schedule(lingering, Transition::PeeringForgotten(id.clone()));
    }
}

/// An accepted connection works; routes to it become active.
pub(super) fn provisioned(twin: &mut Twin, id: &VpcPeeringConnectionId) {
    let Some(it) = in_state(twin, id, &PeeringState::Provisioning) else {
        return;
    };
    let accepter = &it.accepter_vpc_info;
    let told = twin.state.one::<Vpc>(&accepter.vpc_id).and_then(|vpc| {
        let (owner, region) = (accepter.owner_id.as_ref()?, accepter.region.as_ref()?);
        Some(side_of(vpc, owner, region))
    });
    twin.state.update(id, |it: &mut VpcPeeringConnection| {
        match told {
            Some(side) => it.accepter_vpc_info = side,
            None => it.accepter_vpc_info.peering_options = Some(PeeringOptions::default()),
        }
        it.expiration_time = None;
    });
    set(twin, id, PeeringState::Active, "Active");
}

/// A connection that was being deleted is `deleted`.
pub(super) fn deleted(twin: &mut Twin, id: &VpcPeeringConnectionId, lingering: Duration) {
    let Some(it) = in_state(twin, id, &PeeringState::Deleting) else {
        return;
    };
    let message = it.status.message.unwrap_or_default();
    set(twin, id, PeeringState::Deleted, &message);
    twin.schedule(lingering, Transition::PeeringForgotten(id.clone()));
}

/// A connection that is over is no longer described.
pub(super) fn forgotten(twin: &mut Twin, id: &VpcPeeringConnectionId) {
    let found = twin.state.one::<VpcPeeringConnection>(id);
    if found.is_some_and(|it| it.status.code.is_over()) {
        twin.state.remove(id);
    }
}

fn in_state(
    twin: &Twin,
    id: &VpcPeeringConnectionId,
    state: &PeeringState,
) -> Option<VpcPeeringConnection> {
    let found = twin.state.one::<VpcPeeringConnection>(id);
    found.filter(|it| it.status.code == *state).cloned()
}

/// Sets the state and its words, and what follows for routes.
pub(super) fn set(twin: &mut Twin, id: &VpcPeeringConnectionId, code: PeeringState, text: &str) {
    let message = Some(SmolStr::new(text)).filter(|it| !it.is_empty());
    twin.state.update(id, |it: &mut VpcPeeringConnection| {
        if code.is_over() {
            it.expiration_time = None;
        }
        it.status = PeeringStatus { code, message };
    });
    refresh_routes_to(&mut twin.state, &ResourceId::from(id));
}

/// A VPC is gone: requests of it come to nothing.
pub(crate) fn vpc_deleted(twin: &mut Twin, vpc: &VpcId) {
    let waiting = peerings_of(&twin.state, vpc).filter(|it| !it.status.code.is_over());
    let waiting = waiting.map(|it| it.vpc_peering_connection_id.clone());
    for id in waiting.collect::<Vec<_>>() {
        let text = format!("Deleted by {}", twin.account());
        set(twin, &id, PeeringState::Deleted, &text);
        let lingering = twin.options.timings.connectivity.peering_lingering;
        twin.schedule(lingering, Transition::PeeringForgotten(id));
    }
}

/// Schedules what was under way when the snapshot was taken.
pub(super) fn resume(twin: &mut Twin, it: &VpcPeeringConnection) {
    let id = it.vpc_peering_connection_id.clone();
    let timings = twin.options.timings.connectivity.clone();
    let until_expiry = || {
        let at = it.expiration_time;
        let left = at.map_or(timings.peering_expiry, |at| at.since(twin.now()));
        left.max(Duration::from_secs(1))
    };
    let (delay, transition) = match it.status.code {
        PeeringState::InitiatingRequest => (
            timings.peering_initiate,
            Transition::PeeringRequested(id.clone()),
        ),
        PeeringState::PendingAcceptance => (until_expiry(), Transition::PeeringExpired(id)),
        PeeringState::Provisioning => (
            timings.peering_provision,
            Transition::PeeringProvisioned(id),
        ),
        PeeringState::Deleting => (
            timings.peering_delete,
            Transition::PeeringDeleted(id, timings.peering_lingering),
        ),
        PeeringState::Active | PeeringState::Other(_) => return,
        _ => (timings.peering_lingering, Transition::PeeringForgotten(id)),
    };
    let expiry = until_expiry();
    twin.schedule(delay, transition);
    if it.status.code == PeeringState::InitiatingRequest {
        let id = it.vpc_peering_connection_id.clone();
        twin.schedule(expiry, Transition::PeeringExpired(id));
    }
}

/// A connection that the caller's Region and account see: that of either VPC.
///
/// # Errors
/// The kind's codes for missing, malformed and unknown ids.
pub(super) fn visible(
    twin: &Twin,
    ctx: &Ctx,
    text: &str,
) -> Result<VpcPeeringConnection, ApiError> {
    required("vpcPeeringConnectionId", text)?;
    let id = parse(&twin.state, Kind::VpcPeeringConnection, text)?;
    let found = twin.state.one::<VpcPeeringConnection>(id.clone());
    let found = found.filter(|it| is_seen(&twin.state, ctx, it));
    found.cloned().ok_or_else(|| not_found(&id))
}

/// Whether a connection is shown in the Region of the call.
pub(super) fn is_seen(state: &State, ctx: &Ctx, it: &VpcPeeringConnection) -> bool {
    let stands = state.region_of(&ResourceId::from(&it.vpc_peering_connection_id));
    stands == Some(&ctx.region)
        || it
            .sides()
            .iter()
            .any(|side| side.region.as_ref() == Some(&ctx.region))
}

/// The account of a side; the twin's own when that is not told.
pub(super) fn owner<'a>(twin: &'a Twin, side: &'a PeeringVpcInfo) -> &'a AccountId {
    side.owner_id.as_ref().unwrap_or_else(|| twin.account())
}

/// The refusal to go from one state to another.
pub(super) fn no_way(it: &VpcPeeringConnection, to: &str) -> ApiError {
    ApiError::new(
        "InvalidStateTransition",
        format!(
            "Invalid state transition for {}, attempted to transition from {} to {to}",
            it.vpc_peering_connection_id, it.status.code
        ),
    )
}

/// The refusal of what belongs to someone else's side.
pub(super) fn not_yours(ctx: &Ctx, what: &str, it: &VpcPeeringConnection) -> ApiError {
    refusal::not_permitted(format!(
        "User {} cannot {what} {}",
        ctx.account, it.vpc_peering_connection_id
    ))
}
