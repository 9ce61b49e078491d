//! VPC peering connections: accepting, rejecting and deleting them, and their options.

use sandtable_model::Duration;
use sandtable_model::resource::{
    PeeringOptions, PeeringState, PeeringVpcInfo, Vpc, VpcPeeringConnection,
};

use super::peering::{self, OnePeeringConnection, no_way, not_yours, owner, visible};
use super::{Transition, refusal};
use crate::network::refusal::{not_modelled, over_quota};
use crate::network::request::{Done, answers, requests};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// AcceptVpcPeeringConnection, RejectVpcPeeringConnection and DeleteVpcPeeringConnection.
    PeeringConnectionRequest { vpc_peering_connection_id: String }
    /// ModifyVpcPeeringConnectionOptions.
    ModifyVpcPeeringConnectionOptionsRequest {
        vpc_peering_connection_id: String,
        accepter_peering_connection_options: Option<PeeringOptionsRequest>,
        requester_peering_connection_options: Option<PeeringOptionsRequest>,
    }
    /// The options of a side.
    PeeringOptionsRequest {
        allow_dns_resolution_from_remote_vpc: Option<bool>,
        allow_egress_from_local_classic_link_to_remote_vpc: Option<bool>,
        allow_egress_from_local_vpc_to_remote_classic_link: Option<bool>,
    }
}

answers! {
    /// The answer of ModifyVpcPeeringConnectionOptions: the sides that were named.
    ModifiedPeeringOptions {
        accepter_peering_connection_options: Option<PeeringOptions>,
        requester_peering_connection_options: Option<PeeringOptions>,
    }
}

/// Accepts a request, as the owner of the accepter's VPC and in its Region.
///
/// # Errors
/// `OperationNotPermitted` for others and in another Region, `InvalidStateTransition` when it is not
/// waiting, `ActiveVpcPeeringConnectionPerVpcLimitExceeded`.
pub fn accept_vpc_peering_connection(
    twin: &mut Twin,
    ctx: &Ctx,
    request: PeeringConnectionRequest,
) -> Result<OnePeeringConnection, ApiError> {
    let it = visible(twin, ctx, &request.vpc_peering_connection_id)?;
    ctx.end_dry_run()?;
    check_accepter(twin, ctx, &it, "accept", "accepted")?;
    if it.status.code != PeeringState::PendingAcceptance {
        return Err(no_way(&it, "provisioning"));
    }
    let most = twin.connectivity.choices.quotas.active_peerings_per_vpc;
    for side in it.sides() {
        let active = peering::peerings_of(&twin.state, &side.vpc_id).filter(|it| {
            matches!(
                it.status.code,
                PeeringState::Active | PeeringState::Provisioning
            )
        });
        if active.count() >= most {
            return Err(over_quota(
                "ActiveVpcPeeringConnectionPerVpcLimitExceeded",
                "active VPC peering connections for the VPC",
            ));
        }
    }
    let id = it.vpc_peering_connection_id;
    peering::set(twin, &id, PeeringState::Provisioning, "Provisioning");
    let answer = visible(twin, ctx, id.as_str())?;
    let delay = twin.options.timings.connectivity.peering_provision;
    twin.schedule(delay, Transition::PeeringProvisioned(id));
    Ok(OnePeeringConnection {
        vpc_peering_connection: answer,
    })
}

fn check_accepter(
    twin: &Twin,
    ctx: &Ctx,
    it: &VpcPeeringConnection,
    verb: &str,
    done: &str,
) -> Result<(), ApiError> {
    let accepter = &it.accepter_vpc_info;
    if *owner(twin, accepter) != ctx.account {
        return Err(not_yours(ctx, &format!("{verb} peering"), it));
    }
    match &accepter.region {
        Some(region) if *region != ctx.region => Err(refusal::not_permitted(format!(
            "Incorrect region ({}) specified for this request. VPC peering connection {} must be {done} in region {region}",
            ctx.region, it.vpc_peering_connection_id
        ))),
        _ => Ok(()),
    }
}

/// Rejects a request, as the owner of the accepter's VPC.
///
/// # Errors
/// As [`accept_vpc_peering_connection`].
pub fn reject_vpc_peering_connection(
    twin: &mut Twin,
    ctx: &Ctx,
    request: PeeringConnectionRequest,
) -> Result<Done, ApiError> {
    let it = visible(twin, ctx, &request.vpc_peering_connection_id)?;
    ctx.end_dry_run()?;
    check_accepter(twin, ctx, &it, "reject", "rejected")?;
    if it.status.code != PeeringState::PendingAcceptance {
        return Err(no_way(&it, "rejected"));
    }
    let id = it.vpc_peering_connection_id;
    let text = format!("Rejected by {}", ctx.account);
    peering::set(twin, &id, PeeringState::Rejected, &text);
    let lingering = lingering(twin, ctx);
    twin.schedule(lingering, Transition::PeeringForgotten(id));
    Ok(Done::YES)
}

/// How long this account still sees what the caller ends: longer when that is someone else (VPC
/// peering guide, "VPC peering connection lifecycle").
fn lingering(twin: &Twin, ctx: &Ctx) -> Duration {
    let timings = &twin.options.timings.connectivity;
    match ctx.account == *twin.account() {
        true => timings.peering_lingering,
        false => timings.peering_lingering_for_others,
    }
}

/// Deletes a connection: an active one from either side, a waiting one as the requester. Routes to
/// it become blackholes.
///
/// # Errors
/// `InvalidStateTransition` (facts: ec2-semantics.md, section 3, Peering), `OperationNotPermitted`
/// when the accepter would delete what it should reject.
pub fn delete_vpc_peering_connection(
    twin: &mut Twin,
    ctx: &Ctx,
    request: PeeringConnectionRequest,
) -> Result<Done, ApiError> {
    let it = visible(twin, ctx, &request.vpc_peering_connection_id)?;
    ctx.end_dry_run()?;
    let is_of = |side: &PeeringVpcInfo| *owner(twin, side) == ctx.account;
    let may = match it.status.code {
        PeeringState::Active => it.sides().into_iter().any(is_of),
        PeeringState::PendingAcceptance => is_of(&it.requester_vpc_info),
        _ => return Err(no_way(&it, "deleting")),
    };
    if !may {
        return Err(not_yours(ctx, "delete peering", &it));
    }
    let id = it.vpc_peering_connection_id;
    let text = format!("Deleted by {}", ctx.account);
    peering::set(twin, &id, PeeringState::Deleting, &text);
    let delay = twin.options.timings.connectivity.peering_delete;
    let lingering = lingering(twin, ctx);
    twin.schedule(delay, Transition::PeeringDeleted(id, lingering));
    Ok(Done::YES)
}

/// Changes the options of one or both sides.
///
/// # Errors
/// `OperationNotPermitted` when the connection is not active and for a side of another account or
/// Region, `InvalidVpcPeeringConnectionState.DnsHostnamesDisabled`.
pub fn modify_vpc_peering_connection_options(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVpcPeeringConnectionOptionsRequest,
) -> Result<ModifiedPeeringOptions, ApiError> {
    let it = visible(twin, ctx, &request.vpc_peering_connection_id)?;
    let accepter = request.accepter_peering_connection_options;
    let requester = request.requester_peering_connection_options;
    if accepter.is_none() && requester.is_none() {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain AccepterPeeringConnectionOptions or RequesterPeeringConnectionOptions",
        ));
    }
    for asked in accepter.iter().chain(&requester) {
        let classic = [
            asked.allow_egress_from_local_classic_link_to_remote_vpc,
            asked.allow_egress_from_local_vpc_to_remote_classic_link,
        ];
        if classic.contains(&Some(true)) {
            return Err(not_modelled("EC2-Classic, which AWS has ended"));
        }
    }
    ctx.end_dry_run()?;
    let id = it.vpc_peering_connection_id.clone();
    if it.status.code != PeeringState::Active {
        return Err(refusal::not_permitted(format!(
            "Peering {id} is not active. Peering options can be added only to active peerings."
        )));
    }
    for (asked, side, name) in [
        (&accepter, &it.accepter_vpc_info, "accepter"),
        (&requester, &it.requester_vpc_info, "requester"),
    ] {
        if let Some(asked) = asked {
            check_side(twin, ctx, &it, side, name)?;
            check_host_names(twin, side, asked)?;
        }
    }
    let changed = twin.state.update(&id, |it: &mut VpcPeeringConnection| {
        ModifiedPeeringOptions {
            accepter_peering_connection_options: accepter
                .map(|asked| change(&mut it.accepter_vpc_info, &asked)),
            requester_peering_connection_options: requester
                .map(|asked| change(&mut it.requester_vpc_info, &asked)),
        }
    });
    changed.ok_or_else(|| crate::rules::not_found(&id.into()))
}

fn change(side: &mut PeeringVpcInfo, asked: &PeeringOptionsRequest) -> PeeringOptions {
    let options = side.peering_options.get_or_insert_default();
    if let Some(allow) = asked.allow_dns_resolution_from_remote_vpc {
        options.allow_dns_resolution_from_remote_vpc = allow;
    }
    options.clone()
}

fn check_side(
    twin: &Twin,
    ctx: &Ctx,
    it: &VpcPeeringConnection,
    side: &PeeringVpcInfo,
    name: &str,
) -> Result<(), ApiError> {
    if *owner(twin, side) != ctx.account {
        let what = format!("modify {name} peering options for VPC Peering Connection ID");
        return Err(not_yours(ctx, &what, it));
    }
    if side.region.as_ref().is_some_and(|it| *it != ctx.region) {
        let name = if name == "accepter" {
            "Accepter"
        } else {
            "Requester"
        };
        return Err(refusal::not_permitted(format!(
            "{name}'s VPC Peering connection options cannot be modified for a different region"
        )));
    }
    Ok(())
}

fn check_host_names(
    twin: &Twin,
    side: &PeeringVpcInfo,
    asked: &PeeringOptionsRequest,
) -> Result<(), ApiError> {
    let vpc = twin.state.one::<Vpc>(&side.vpc_id);
    if asked.allow_dns_resolution_from_remote_vpc == Some(true)
        && vpc.is_some_and(|vpc| !crate::network::has_dns_hostnames(twin, vpc))
    {
        return Err(ApiError::new(
            "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled",
            "To enable DNS hostname resolution for the VPC peering connection, DNS hostname support must be enabled for the VPCs.",
        ));
    }
    Ok(())
}
