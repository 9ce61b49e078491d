//! Whether what routes of VPCs lead to is there: peering connections, transit gateways, virtual
//! private gateways.
//!
//! A snapshot may show a route whose target it does not show: of another account, or of a kind that
//! was not looked at. Nothing is said of such a target, so its routes stay as they are.

use sandtable_model::resource::{
    PeeringState, RouteState, TransitAttachmentState, TransitGateway, TransitGatewayAttachment,
    TransitGatewayState, VpcAttachmentState, VpcPeeringConnection, VpnGateway, VpnState,
};
use sandtable_model::{ResourceId, TransitGatewayId, VpcId};

use crate::State;

/// The attachments of a VPC to a transit gateway, those that are over among them.
fn attachments<'a>(
    state: &'a State,
    gateway: &TransitGatewayId,
    vpc: &VpcId,
) -> impl Iterator<Item = &'a TransitGatewayAttachment> + use<'a> {
    let (gateway, vpc) = (gateway.clone(), vpc.clone());
    state
        .referring::<TransitGatewayAttachment>(vpc.clone())
        .filter(move |it| it.transit_gateway_id == gateway && it.resource_id == vpc.as_str())
}

fn is_up(it: &TransitGatewayAttachment) -> bool {
    matches!(
        it.state,
        TransitAttachmentState::Available
            | TransitAttachmentState::Modifying
            | TransitAttachmentState::Deleting
    )
}

/// Whether a route of `vpc` to a peering connection, transit gateway or virtual private gateway
/// leads anywhere; nothing when the state does not tell.
///
/// A transit gateway needs an attachment of the VPC. A gateway that is seen without any may have one
/// that was not seen.
pub(crate) fn state_of(state: &State, vpc: &VpcId, target: &ResourceId) -> Option<RouteState> {
    let is_there = match target {
        ResourceId::VpcPeeringConnection(id) => {
            let it = state.one::<VpcPeeringConnection>(id)?;
            it.status.code == PeeringState::Active
        }
        ResourceId::TransitGateway(id) => {
            let mut known = attachments(state, id, vpc).peekable();
            let gone = || {
                let gateway = state.one::<TransitGateway>(id);
                gateway.is_some_and(|it| it.state == TransitGatewayState::Deleted)
            };
            if known.peek().is_none() && !gone() {
                return None;
            }
            known.any(is_up)
        }
        ResourceId::VpnGateway(id) => {
            let it = state.one::<VpnGateway>(id)?;
            let at = it.attachment().filter(|it| it.vpc_id == *vpc);
            it.state != VpnState::Deleted
                && at.is_some_and(|it| it.state != VpcAttachmentState::Attaching)
        }
        _ => return None,
    };
    Some(match is_there {
        true => RouteState::Active,
        false => RouteState::Blackhole,
    })
}

/// Whether a new route of `vpc` may lead to a target; nothing when the state does not tell.
///
/// A peering connection may still wait for acceptance: the route is a blackhole until then (VPC
/// peering guide, "Update your route tables for a VPC peering connection"). A transit gateway must
/// be attached by now.
pub(crate) fn may_lead_to(state: &State, vpc: &VpcId, target: &ResourceId) -> Option<bool> {
    match target {
        ResourceId::VpcPeeringConnection(id) => {
            let it = state.one::<VpcPeeringConnection>(id)?;
            Some(!it.status.code.is_over() && it.status.code != PeeringState::Deleting)
        }
        ResourceId::TransitGateway(id) => {
            let mut known = attachments(state, id, vpc).peekable();
            known.peek()?;
            Some(known.any(|it| is_up(it) && it.state != TransitAttachmentState::Deleting))
        }
        ResourceId::VpnGateway(id) => {
            let it = state.one::<VpnGateway>(id)?;
            Some(it.state == VpnState::Available && it.attachment().is_some())
        }
        _ => None,
    }
}

/// Whether a target that is there belongs to another VPC.
pub(crate) fn is_elsewhere(state: &State, vpc: &VpcId, target: &ResourceId) -> bool {
    match target {
        ResourceId::VpcPeeringConnection(id) => {
            let it = state.one::<VpcPeeringConnection>(id);
            it.is_some_and(|it| it.sides().iter().all(|side| side.vpc_id != *vpc))
        }
        ResourceId::VpnGateway(id) => {
            let it = state.one::<VpnGateway>(id);
            it.is_some_and(|it| it.attachment().is_none_or(|it| it.vpc_id != *vpc))
        }
        _ => false,
    }
}
