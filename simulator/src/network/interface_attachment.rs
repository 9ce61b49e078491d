//! Attaching and detaching network interfaces.

use sandtable_model::resource::{
    Address, Instance, InstanceInterface, InstanceStateName, InterfaceAttachment, InterfaceStatus,
    NetworkInterface,
};
use sandtable_model::{AllocationId, InstanceId, NetworkInterfaceId, ResourceId, is_well_formed};
use smol_str::SmolStr;

use super::Transition;
use super::interface::is_in_use;
use super::request::{answers, requests};
use super::route_state::refresh_routes_to;
use super::{address, refusal};
use crate::rules::{invalid_combination, invalid_value, require, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// AttachNetworkInterface.
    AttachNetworkInterfaceRequest {
        network_interface_id: String,
        instance_id: String,
        device_index: Option<i64>,
        network_card_index: Option<i64>,
    }
    /// DetachNetworkInterface.
    DetachNetworkInterfaceRequest { attachment_id: String, force: bool }
}

answers! {
    /// The answer of AttachNetworkInterface.
    AttachedNetworkInterface { attachment_id: SmolStr, network_card_index: u32 }
}

/// Attaches an interface to an instance in the same zone.
///
/// # Errors
/// `InvalidNetworkInterface.InUse`, `IncorrectState` for an instance that is neither running nor
/// stopped, `InvalidParameterCombination` for one in another zone, `InvalidParameterValue` for a
/// device index that is taken.
pub fn attach_network_interface(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AttachNetworkInterfaceRequest,
) -> Result<AttachedNetworkInterface, ApiError> {
    let id = &request.network_interface_id;
    let interface =
        require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", id)?.clone();
    let instance =
        require::<Instance>(&twin.state, ctx, "instanceId", &request.instance_id)?.clone();
    let index = request.device_index.ok_or_else(|| {
        ApiError::new(
            "MissingParameter",
            "The request must contain the parameter deviceIndex",
        )
    })?;
    let number = |value: i64, parameter| {
        u32::try_from(value).map_err(|_| refusal::not_a_value(parameter, &value.to_string()))
    };
    let index = number(index, "deviceIndex")?;
    let card = number(request.network_card_index.unwrap_or(0), "networkCardIndex")?;
    ctx.end_dry_run()?;
    check_attachable(twin, &interface, &instance, index)?;
    let attachment_id = SmolStr::from(twin.ids.text("eni-attach"));
    let attachment = InterfaceAttachment {
        attachment_id: Some(attachment_id.clone()),
        attach_time: Some(twin.now()),
        delete_on_termination: false,
        device_index: index,
        network_card_index: Some(card),
        instance_id: Some(instance.instance_id.clone()),
        instance_owner_id: Some(ctx.account.as_str().into()),
        status: SmolStr::new_static("attaching"),
    };
    let id = interface.network_interface_id;
    attach(twin, &id, attachment);
    let attached = Transition::InterfaceAttached(id);
    twin.schedule(twin.options.timings.interface_attach, attached);
    Ok(AttachedNetworkInterface {
        attachment_id,
        network_card_index: card,
    })
}

fn check_attachable(
    twin: &Twin,
    interface: &NetworkInterface,
    instance: &Instance,
    index: u32,
) -> Result<(), ApiError> {
    let id = &instance.instance_id;
    if is_in_use(interface) {
        return Err(ApiError::new(
            "InvalidNetworkInterface.InUse",
            format!("Interface: [{}] in use.", interface.network_interface_id),
        ));
    }
    let state = &instance.state.name;
    if !matches!(
        state,
        InstanceStateName::Running | InstanceStateName::Stopped
    ) {
        return Err(ApiError::new(
            "IncorrectState",
            format!("The instance '{id}' is not in a valid state for this operation: {state}"),
        ));
    }
    let zone = instance.placement.availability_zone.as_ref();
    if zone.is_some()
        && interface.availability_zone.is_some()
        && zone != interface.availability_zone.as_ref()
    {
        return Err(invalid_combination(
            "You may not attach a network interface to an instance if they are not in the same availability zone",
        ));
    }
    let mut present = twin.state.referring::<NetworkInterface>(id);
    let is_taken = present.any(|it| {
        let attachment = it.attachment.as_ref();
        attachment.is_some_and(|it| it.instance_id.as_ref() == Some(id) && it.device_index == index)
    });
    if is_taken {
        return Err(invalid_value(format!(
            "Instance '{id}' already has an interface attached at device index '{index}'."
        )));
    }
    Ok(())
}

/// Attaches an interface to the instance that the attachment names, on both sides.
pub(crate) fn attach(twin: &mut Twin, id: &NetworkInterfaceId, attachment: InterfaceAttachment) {
    let instance = attachment.instance_id.clone();
    twin.state.update(id, |it: &mut NetworkInterface| {
        it.attachment = Some(attachment);
        it.status = InterfaceStatus::InUse;
    });
    for allocation in address::addresses_of(twin, id) {
        set_instance(twin, &allocation, instance.clone());
    }
    if let Some(instance) = &instance {
        let entry = InstanceInterface {
            network_interface_id: id.clone(),
        };
        twin.state.update(instance, |it: &mut Instance| {
            if !it.network_interfaces.contains(&entry) {
                it.network_interfaces.push(entry);
            }
        });
    }
    refresh_routes_to(&mut twin.state, &ResourceId::from(id));
}

fn set_instance(twin: &mut Twin, allocation: &AllocationId, instance: Option<InstanceId>) {
    twin.state
        .update(allocation, |it: &mut Address| it.instance_id = instance);
}

/// An attachment that was being made is there.
pub(super) fn attached(twin: &mut Twin, id: &NetworkInterfaceId) {
    twin.state.update(id, |it: &mut NetworkInterface| {
        if let Some(attachment) = &mut it.attachment
            && attachment.status == "attaching"
        {
            attachment.status = SmolStr::new_static("attached");
        }
    });
}

/// Detaches an interface from its instance.
///
/// # Errors
/// `OperationNotPermitted` for the primary interface and for an attachment that a service made
/// (facts: ec2-semantics.md, section 3, ENI); `InvalidAttachmentID.NotFound`; `IncorrectState`
/// while it is being detached.
pub fn detach_network_interface(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DetachNetworkInterfaceRequest,
) -> Result<(), ApiError> {
    let text = required("attachmentId", &request.attachment_id)?;
    let interface = find(twin, ctx, text)?;
    ctx.end_dry_run()?;
    let attachment = interface.attachment.as_ref();
    let refused = |message: &str| Err(ApiError::new("OperationNotPermitted", message));
    if text.starts_with("ela-attach-") || interface.requester_managed {
        return refused("You are not allowed to manage 'ela-attach' attachments.");
    }
    if attachment.is_some_and(|it| it.device_index == 0) {
        return refused("The network interface at device index 0 cannot be detached.");
    }
    if attachment.is_some_and(|it| it.status == "detaching") {
        return Err(ApiError::new(
            "IncorrectState",
            format!("The network interface attachment '{text}' is already being detached"),
        ));
    }
    let id = interface.network_interface_id;
    twin.state.update(&id, |it: &mut NetworkInterface| {
        it.status = InterfaceStatus::Detaching;
        if let Some(attachment) = &mut it.attachment {
            attachment.status = SmolStr::new_static("detaching");
        }
    });
    let detached = Transition::InterfaceDetached(id);
    twin.schedule(twin.options.timings.interface_attach, detached);
    Ok(())
}

/// The interface with this attachment.
fn find(twin: &Twin, ctx: &Ctx, text: &str) -> Result<NetworkInterface, ApiError> {
    let mut all = twin.state.all::<NetworkInterface>(&ctx.region);
    let found = all.find(|it| {
        let attachment = it.attachment.as_ref();
        attachment.and_then(|it| it.attachment_id.as_deref()) == Some(text)
    });
    if let Some(found) = found {
        return Ok(found.clone());
    }
    if is_well_formed(text, "eni-attach") || is_well_formed(text, "ela-attach") {
        return Err(ApiError::new(
            "InvalidAttachmentID.NotFound",
            format!("The networkInterfaceAttachment ID '{text}' does not exist"),
        ));
    }
    Err(ApiError::new(
        "InvalidNetworkInterfaceAttachmentId.Malformed",
        format!("Invalid id: \"{text}\" (expecting \"eni-attach-...\")"),
    ))
}

/// An interface that was being detached is free.
pub(super) fn detached(twin: &mut Twin, id: &NetworkInterfaceId) {
    let interface = twin.state.one::<NetworkInterface>(id);
    if interface.is_some_and(|it| it.status == InterfaceStatus::Detaching) {
        detach(twin, id);
    }
}

/// Takes an interface off its instance at once, on both sides. Its Elastic IP addresses stay on it.
pub(crate) fn detach(twin: &mut Twin, id: &NetworkInterfaceId) {
    let instance = twin.state.update(id, |it: &mut NetworkInterface| {
        it.status = InterfaceStatus::Available;
        it.attachment.take().and_then(|it| it.instance_id)
    });
    for allocation in address::addresses_of(twin, id) {
        set_instance(twin, &allocation, None);
    }
    if let Some(Some(instance)) = instance {
        twin.state.update(&instance, |it: &mut Instance| {
            it.network_interfaces
                .retain(|other| other.network_interface_id != *id);
        });
    }
    refresh_routes_to(&mut twin.state, &ResourceId::from(id));
}
