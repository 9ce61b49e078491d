//! Attributes of network interfaces.
//!
//! Deliberately absent, and refused by name: ENA Express, ENA queues, connection tracking and the
//! primary IPv6 address, which change neither relations nor cost.

use sandtable_model::NetworkInterfaceId;
use sandtable_model::resource::{GroupRef, InterfaceAttachment, NetworkInterface};
use serde::{Deserialize, Serialize};

use super::interface::read_groups;
use super::request::{Flag, Text, requests};
use super::{association, refusal};
use crate::rules::{invalid_combination, require, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// ModifyNetworkInterfaceAttribute.
    ModifyNetworkInterfaceAttributeRequest {
        network_interface_id: String,
        description: Option<Text>,
        source_dest_check: Option<Flag>,
        groups: Vec<String>,
        attachment: Option<AttachmentChanges>,
        associate_public_ip_address: Option<bool>,
    }
    /// DescribeNetworkInterfaceAttribute.
    DescribeNetworkInterfaceAttributeRequest { network_interface_id: String, attribute: String }
    /// ResetNetworkInterfaceAttribute.
    ResetNetworkInterfaceAttributeRequest {
        network_interface_id: String,
        source_dest_check: Option<String>,
    }
}

/// What shall change of an attachment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct AttachmentChanges {
    /// The attachment.
    pub attachment_id: String,
    /// Whether the interface is deleted with the instance.
    pub delete_on_termination: Option<bool>,
}

/// The answer of DescribeNetworkInterfaceAttribute: the interface, and one attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkInterfaceAttribute {
    /// The interface.
    pub network_interface_id: NetworkInterfaceId,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// The security groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupRef>>,
    /// Whether traffic must be from or to the interface itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_dest_check: Option<Flag>,
    /// What it is attached to, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment: Option<InterfaceAttachment>,
    /// Whether it gets a public address as the primary interface of an instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub associate_public_ip_address: Option<bool>,
}

/// Changes one attribute of an interface.
///
/// # Errors
/// `InvalidParameterCombination` for several at once, `InvalidAttachmentID.NotFound`,
/// `OperationNotPermitted` for an interface that a service manages.
pub fn modify_network_interface_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyNetworkInterfaceAttributeRequest,
) -> Result<(), ApiError> {
    let id = &request.network_interface_id;
    let found = require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", id)?.clone();
    check_one_attribute(&request)?;
    let groups = match request.groups.as_slice() {
        [] => Vec::new(),
        texts => read_groups(twin, ctx, texts, &found.vpc_id)?,
    };
    ctx.end_dry_run()?;
    check_not_managed(&found)?;
    let present = found
        .attachment
        .as_ref()
        .and_then(|it| it.attachment_id.as_deref());
    if let Some(changes) = &request.attachment
        && present != Some(changes.attachment_id.as_str())
    {
        return Err(ApiError::new(
            "InvalidAttachmentID.NotFound",
            format!(
                "The attachment '{}' is not one of the network interface {}",
                changes.attachment_id, found.network_interface_id
            ),
        ));
    }
    if let Some(wanted) = request.associate_public_ip_address {
        want_public_address(twin, ctx, &found, wanted);
    }
    twin.state
        .update(&found.network_interface_id, |it: &mut NetworkInterface| {
            if let Some(description) = request.description.and_then(|it| it.value) {
                it.description = description.into();
            }
            let check = request.source_dest_check.and_then(|it| it.value);
            it.source_dest_check = check.unwrap_or(it.source_dest_check);
            if !groups.is_empty() {
                it.groups = groups;
            }
            let goes = request.attachment.and_then(|it| it.delete_on_termination);
            if let (Some(goes), Some(attachment)) = (goes, &mut it.attachment) {
                attachment.delete_on_termination = goes;
            }
        });
    Ok(())
}

fn check_one_attribute(request: &ModifyNetworkInterfaceAttributeRequest) -> Result<(), ApiError> {
    let description = request
        .description
        .as_ref()
        .and_then(|it| it.value.as_ref());
    let check = request.source_dest_check.as_ref().and_then(|it| it.value);
    let asked = [
        description.is_some(),
        check.is_some(),
        !request.groups.is_empty(),
        request.attachment.is_some(),
        request.associate_public_ip_address.is_some(),
    ];
    match asked.iter().filter(|it| **it).count() {
        0 => Err(ApiError::new(
            "MissingParameter",
            "The request must contain an attribute to change",
        )),
        1 => Ok(()),
        _ => Err(invalid_combination(
            "Fields for multiple attribute types specified: one attribute can be changed at a time",
        )),
    }
}

/// Sets whether an interface gets a public address. It "can be enabled for any network interface but
/// will only apply to the primary network interface (eth0)" (EC2 API reference,
/// ModifyNetworkInterfaceAttribute): that gets or loses one at once.
fn want_public_address(twin: &mut Twin, ctx: &Ctx, interface: &NetworkInterface, wanted: bool) {
    let id = &interface.network_interface_id;
    twin.network.public_addresses.insert(id.clone(), wanted);
    let attachment = interface.attachment.as_ref();
    let is_primary = attachment.is_some_and(|it| it.device_index == 0 && it.instance_id.is_some());
    match (wanted, &interface.association) {
        (true, None) if is_primary => association::lend(twin, &ctx.region, id),
        (false, Some(_)) => association::take_back(twin, id),
        _ => {}
    }
}

/// Whether an interface is to get a public address, where that was said.
pub(crate) fn wants_public_address(twin: &Twin, id: &NetworkInterfaceId) -> Option<bool> {
    twin.network.public_addresses.get(id).copied()
}

/// Notes that an instance was launched with or without a public address on an interface.
pub(crate) fn note_public_address(twin: &mut Twin, id: &NetworkInterfaceId, wanted: bool) {
    twin.network.public_addresses.insert(id.clone(), wanted);
}

/// Tells one attribute of an interface.
///
/// # Errors
/// `MissingParameter`; `InvalidParameterValue` for an attribute that AWS does not have.
pub fn describe_network_interface_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeNetworkInterfaceAttributeRequest,
) -> Result<NetworkInterfaceAttribute, ApiError> {
    let id = &request.network_interface_id;
    let found = require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", id)?;
    let mut answer = NetworkInterfaceAttribute {
        network_interface_id: found.network_interface_id.clone(),
        description: None,
        groups: None,
        source_dest_check: None,
        attachment: None,
        associate_public_ip_address: None,
    };
    match required("attribute", &request.attribute)? {
        "description" => {
            let value = Some(found.description.to_string());
            answer.description = Some(Text { value });
        }
        "groupSet" => answer.groups = Some(found.groups.clone()),
        "sourceDestCheck" => {
            let value = Some(found.source_dest_check);
            answer.source_dest_check = Some(Flag { value });
        }
        "attachment" => answer.attachment = found.attachment.clone(),
        "associatePublicIpAddress" => {
            let said = wants_public_address(twin, &found.network_interface_id);
            let association = found.association.as_ref();
            let is_lent = association.is_some_and(|it| it.allocation_id.is_none());
            answer.associate_public_ip_address = Some(said.unwrap_or(is_lent));
        }
        other => return Err(refusal::not_a_value("attribute", other)),
    }
    ctx.end_dry_run()?;
    Ok(answer)
}

/// Gives the source/destination check, the only attribute that can be reset, its default: `true`.
///
/// # Errors
/// `MissingParameter`; `OperationNotPermitted` for an interface that a service manages.
pub fn reset_network_interface_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ResetNetworkInterfaceAttributeRequest,
) -> Result<(), ApiError> {
    let id = &request.network_interface_id;
    let found = require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", id)?.clone();
    required(
        "sourceDestCheck",
        request.source_dest_check.as_deref().unwrap_or_default(),
    )?;
    ctx.end_dry_run()?;
    check_not_managed(&found)?;
    let id = found.network_interface_id;
    twin.state
        .update(&id, |it: &mut NetworkInterface| it.source_dest_check = true);
    Ok(())
}

fn check_not_managed(interface: &NetworkInterface) -> Result<(), ApiError> {
    if !interface.requester_managed {
        return Ok(());
    }
    Err(ApiError::new(
        "OperationNotPermitted",
        "You do not have permission to modify this network interface: it is managed by a service.",
    ))
}
