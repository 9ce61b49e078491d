//! What becomes of attachments of transit gateways: their interfaces, what the defaults of the
//! gateway give them, and what is left when they go.

use sandtable_model::resource::{
    InterfaceType, NetworkInterface, Subnet, Toggle, TransitAssociation, TransitAttachmentState,
    TransitGateway, TransitGatewayAttachment, TransitGatewayRouteTable, TransitPropagation,
    TransitResourceType, TransitRouteState, TransitTableState,
};
use sandtable_model::{
    Kind, NetworkInterfaceId, ResourceId, SubnetId, TransitGatewayAttachmentId,
    TransitGatewayRouteTableId,
};
use smol_str::{SmolStr, format_smolstr};

use super::Transition;
use crate::network::route_state::refresh_routes_to;
use crate::network::{addressing, interface};
use crate::rules::{require, unknown};
use crate::{ApiError, Ctx, Twin};

/// An attachment that a call names and that is not over.
///
/// # Errors
/// The kind's codes for missing, malformed, unknown and deleted ids.
pub(super) fn find(
    twin: &Twin,
    ctx: &Ctx,
    text: &str,
) -> Result<TransitGatewayAttachment, ApiError> {
    let state = &twin.state;
    let found = require::<TransitGatewayAttachment>(state, ctx, "TransitGatewayAttachmentId", text);
    let found = found?;
    match found.state {
        TransitAttachmentState::Deleted => Err(unknown(Kind::TransitGatewayAttachment, &[text])),
        _ => Ok(found.clone()),
    }
}

/// Puts the interfaces of a VPC attachment into subnets: into all or none.
///
/// # Errors
/// `InsufficientFreeAddressesInSubnet`.
pub(super) fn make_interfaces(
    twin: &mut Twin,
    ctx: &Ctx,
    id: &TransitGatewayAttachmentId,
    subnets: &[Subnet],
) -> Result<(), ApiError> {
    let mut places = Vec::with_capacity(subnets.len());
    for subnet in subnets {
        places.push(addressing::choose(&twin.state, subnet, &[], 1)?);
    }
    for (subnet, addresses) in subnets.iter().zip(places) {
        let fresh = interface::Fresh {
            interface_type: InterfaceType::TransitGateway,
            description: format_smolstr!("Network Interface for Transit Gateway Attachment {id}"),
            addresses,
            requester: Some(ctx.account.as_str().into()),
            ..interface::Fresh::default()
        };
        let made = interface::insert(twin, ctx, subnet, fresh).network_interface_id;
        interface::attach_to_service(twin, &made);
    }
    Ok(())
}

/// Removes the interfaces that an attachment has in subnets. They name it in their description, as
/// AWS's do.
pub(super) fn remove_interfaces(
    twin: &mut Twin,
    id: &TransitGatewayAttachmentId,
    subnets: &[SubnetId],
) {
    let own = |it: &&NetworkInterface| {
        let last = it.description.rsplit(' ').next();
        it.interface_type == InterfaceType::TransitGateway && last == Some(id.as_str())
    };
    let all = subnets
        .iter()
        .flat_map(|subnet| twin.state.referring::<NetworkInterface>(subnet));
    let ids: Vec<NetworkInterfaceId> = all
        .filter(own)
        .map(|it| it.network_interface_id.clone())
        .collect();
    ids.iter().for_each(|id| interface::remove(twin, id));
}

/// An attachment that is `pending` will be available.
pub(super) fn begin(twin: &mut Twin, id: &TransitGatewayAttachmentId) {
    let delay = twin.options.timings.connectivity.attachment_create;
    twin.schedule(delay, Transition::AttachmentCreated(id.clone()));
}

/// An attachment is available: it gets what the gateway gives by default, and routes of its VPC to
/// the gateway become active.
pub(super) fn created(twin: &mut Twin, id: &TransitGatewayAttachmentId) {
    let Some(it) = change(twin, id, &TransitAttachmentState::Pending, |it| {
        it.state = TransitAttachmentState::Available;
    }) else {
        return;
    };
    let gateway = twin.state.one::<TransitGateway>(&it.transit_gateway_id);
    // Peerings are not associated by default and do not propagate (transit gateway guide, "Transit
    // gateway peering attachments").
    let gateway = gateway.filter(|_| it.resource_type != TransitResourceType::Peering);
    if let Some(options) = gateway.map(|it| it.options.clone()) {
        let is_on = |it: &Toggle| *it == Toggle::Enable;
        let table = options.association_default_route_table_id;
        let table = table.filter(|_| is_on(&options.default_route_table_association));
        if let Some(table) = table.filter(|it| is_usable(twin, it)) {
            associate(twin, id, &table);
        }
        let table = options.propagation_default_route_table_id;
        let table = table.filter(|_| is_on(&options.default_route_table_propagation));
        if let Some(table) = table.filter(|it| is_usable(twin, it)) {
            propagate(twin, &it, &table);
        }
    }
    refresh_routes_to(&mut twin.state, &ResourceId::from(&it.transit_gateway_id));
}

fn is_usable(twin: &Twin, table: &TransitGatewayRouteTableId) -> bool {
    let found = twin.state.one::<TransitGatewayRouteTable>(table);
    found.is_some_and(|it| it.state == TransitTableState::Available)
}

/// Associates an attachment with a table, which takes a while.
pub(super) fn associate(
    twin: &mut Twin,
    id: &TransitGatewayAttachmentId,
    table: &TransitGatewayRouteTableId,
) {
    twin.state.update(id, |it: &mut TransitGatewayAttachment| {
        it.association = Some(TransitAssociation {
            transit_gateway_route_table_id: table.clone(),
            state: SmolStr::new_static("associating"),
        });
    });
    let delay = twin.options.timings.connectivity.association;
    twin.schedule(delay, Transition::AssociationSettled(id.clone()));
}

/// An association that was coming is there, or one that was going is gone.
pub(super) fn association_settled(twin: &mut Twin, id: &TransitGatewayAttachmentId) {
    twin.state.update(id, |it: &mut TransitGatewayAttachment| {
        match &mut it.association {
            Some(association) if association.state == "associating" => {
                association.state = SmolStr::new_static("associated");
            }
            Some(association) if association.state == "disassociating" => it.association = None,
            _ => {}
        }
    });
}

/// Lets an attachment propagate its routes to a table, at once.
pub(super) fn propagate(
    twin: &mut Twin,
    it: &TransitGatewayAttachment,
    table: &TransitGatewayRouteTableId,
) {
    let propagation = TransitPropagation {
        transit_gateway_attachment_id: it.transit_gateway_attachment_id.clone(),
        resource_id: Some(it.resource_id.clone()),
        resource_type: it.resource_type.clone(),
        state: SmolStr::new_static("enabled"),
    };
    twin.state
        .update(table, |it: &mut TransitGatewayRouteTable| {
            it.propagations.push(propagation)
        });
}

/// An attachment that was changed is available again.
pub(super) fn modified(twin: &mut Twin, id: &TransitGatewayAttachmentId) {
    change(twin, id, &TransitAttachmentState::Modifying, |it| {
        it.state = TransitAttachmentState::Available;
    });
}

/// Begins the end of an attachment: `Deleting` or `Rejecting`. Gives it back as it is now.
pub(super) fn end(
    twin: &mut Twin,
    it: TransitGatewayAttachment,
    state: TransitAttachmentState,
) -> TransitGatewayAttachment {
    let id = it.transit_gateway_attachment_id.clone();
    let it = TransitGatewayAttachment { state, ..it };
    twin.state
        .update(&id, |found: &mut TransitGatewayAttachment| {
            *found = it.clone()
        });
    let delay = twin.options.timings.connectivity.attachment_delete;
    twin.schedule(delay, Transition::AttachmentDeleted(id));
    it
}

/// An attachment is over: its interfaces, association and propagations are gone, static routes of
/// tables that led to it are blackholes (facts: ec2-semantics.md, section 3, Transit gateway), and so
/// are routes of its VPC to the gateway.
pub(super) fn deleted(twin: &mut Twin, id: &TransitGatewayAttachmentId) {
    let Some(it) = twin.state.one::<TransitGatewayAttachment>(id).cloned() else {
        return;
    };
    let state = match it.state {
        TransitAttachmentState::Deleting => TransitAttachmentState::Deleted,
        TransitAttachmentState::Rejecting => TransitAttachmentState::Rejected,
        _ => return,
    };
    remove_interfaces(twin, id, &it.subnet_ids);
    twin.state.update(id, |it: &mut TransitGatewayAttachment| {
        it.state = state;
        it.association = None;
    });
    let tables = twin.state.referring::<TransitGatewayRouteTable>(id);
    let tables: Vec<TransitGatewayRouteTableId> = tables
        .map(|it| it.transit_gateway_route_table_id.clone())
        .collect();
    for table in &tables {
        twin.state
            .update(table, |it: &mut TransitGatewayRouteTable| forget(it, id));
    }
    refresh_routes_to(&mut twin.state, &ResourceId::from(&it.transit_gateway_id));
    let lingering = twin.options.timings.lingering;
    twin.schedule(lingering, Transition::AttachmentForgotten(id.clone()));
}

fn forget(table: &mut TransitGatewayRouteTable, id: &TransitGatewayAttachmentId) {
    table
        .propagations
        .retain(|it| it.transit_gateway_attachment_id != *id);
    for route in &mut table.routes {
        let led = !route.transit_gateway_attachments.is_empty();
        route
            .transit_gateway_attachments
            .retain(|it| it.transit_gateway_attachment_id != *id);
        if led && route.transit_gateway_attachments.is_empty() {
            route.state = TransitRouteState::Blackhole;
        }
    }
}

/// An attachment that is over is no longer described.
pub(super) fn forgotten(twin: &mut Twin, id: &TransitGatewayAttachmentId) {
    let found = twin.state.one::<TransitGatewayAttachment>(id);
    if found.is_some_and(|it| it.state.is_over()) {
        twin.state.remove(id);
    }
}

/// Changes an attachment that is in a state; gives it back as it is then.
fn change(
    twin: &mut Twin,
    id: &TransitGatewayAttachmentId,
    from: &TransitAttachmentState,
    change: impl FnOnce(&mut TransitGatewayAttachment),
) -> Option<TransitGatewayAttachment> {
    twin.state
        .update(id, |it: &mut TransitGatewayAttachment| {
            (it.state == *from).then(|| {
                change(it);
                it.clone()
            })
        })
        .flatten()
}

/// Schedules what was under way when the snapshot was taken.
pub(super) fn resume(twin: &mut Twin, it: &TransitGatewayAttachment) {
    let id = it.transit_gateway_attachment_id.clone();
    let timings = twin.options.timings.clone();
    let own = &timings.connectivity;
    let association = it.association.as_ref();
    if association.is_some_and(|it| it.state != "associated") {
        twin.schedule(own.association, Transition::AssociationSettled(id.clone()));
    }
    let (delay, transition) = match &it.state {
        // A VPN's attachment comes and goes with the connection.
        TransitAttachmentState::Pending if it.resource_type != TransitResourceType::Vpn => {
            (own.attachment_create, Transition::AttachmentCreated(id))
        }
        TransitAttachmentState::Modifying => {
            (own.attachment_modify, Transition::AttachmentModified(id))
        }
        TransitAttachmentState::Deleting | TransitAttachmentState::Rejecting => {
            (own.attachment_delete, Transition::AttachmentDeleted(id))
        }
        state if state.is_over() => (timings.lingering, Transition::AttachmentForgotten(id)),
        _ => return,
    };
    twin.schedule(delay, transition);
}
