//! Permissions of other accounts on network interfaces.

use std::collections::BTreeSet;

use sandtable_model::resource::NetworkInterface;
use sandtable_model::{AccountId, NetworkInterfaceId, is_well_formed};
use serde::Serialize;
use smol_str::SmolStr;

use super::describe::page_of;
use super::refusal;
use super::request::{Done, answers, requests};
use crate::rules::{Extract, Filter, Filters, NO_TAGS, page_size, require, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateNetworkInterfacePermission.
    CreateNetworkInterfacePermissionRequest {
        network_interface_id: String,
        aws_account_id: Option<String>,
        permission: String,
    }
    /// DeleteNetworkInterfacePermission.
    DeleteNetworkInterfacePermissionRequest { network_interface_permission_id: String, force: bool }
    /// DescribeNetworkInterfacePermissions.
    DescribeNetworkInterfacePermissionsRequest {
        network_interface_permission_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// The answer of CreateNetworkInterfacePermission.
    CreatedNetworkInterfacePermission { interface_permission: NetworkInterfacePermission }
}

/// What another account may do with an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkInterfacePermission {
    /// The id.
    pub network_interface_permission_id: SmolStr,
    /// The interface.
    pub network_interface_id: NetworkInterfaceId,
    /// The account.
    pub aws_account_id: AccountId,
    /// `INSTANCE-ATTACH` or `EIP-ASSOCIATE`.
    pub permission: SmolStr,
    /// Whether it is in force.
    pub permission_state: PermissionState,
}

/// The state of a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PermissionState {
    /// `granted`: the twin grants and revokes at once.
    pub state: SmolStr,
}

/// The answer of DescribeNetworkInterfacePermissions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedInterfacePermissions {
    /// The permissions, by id.
    pub network_interface_permissions: Vec<NetworkInterfacePermission>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

const PREFIX: &str = "eni-perm";
/// How many a page has when the call does not say (EC2 API reference).
const PAGE: usize = 50;

/// Lets another account attach an interface, or associate an address with it. AWS takes "a single
/// account only, and only one account at a time"; it does not document the code for a second one.
///
/// # Errors
/// `InvalidPermission.Duplicate`, `OperationNotPermitted` for an interface that a service manages
/// and for a second account, `InvalidParameterValue`.
pub fn create_network_interface_permission(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateNetworkInterfacePermissionRequest,
) -> Result<CreatedNetworkInterfacePermission, ApiError> {
    let id = &request.network_interface_id;
    let found = require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", id)?.clone();
    let permission = required("permission", &request.permission)?;
    if !["INSTANCE-ATTACH", "EIP-ASSOCIATE"].contains(&permission) {
        return Err(refusal::not_a_value("permission", permission));
    }
    let account = required(
        "awsAccountId",
        request.aws_account_id.as_deref().unwrap_or_default(),
    )?;
    let account = AccountId::new(account);
    let account = account.map_err(|_| {
        let text = request.aws_account_id.as_deref().unwrap_or_default();
        refusal::not_a_value("awsAccountId", text)
    })?;
    ctx.end_dry_run()?;
    let not_permitted = |message: String| Err(ApiError::new("OperationNotPermitted", message));
    let id = found.network_interface_id;
    if found.requester_managed {
        return not_permitted(format!(
            "The network interface {id} is managed by a service and cannot be shared"
        ));
    }
    let present = twin.network.permissions.values();
    for it in present.filter(|it| it.network_interface_id == id) {
        if it.aws_account_id != account {
            return not_permitted(format!(
                "The network interface {id} is shared with account {} already",
                it.aws_account_id
            ));
        }
        if it.permission == permission {
            return Err(ApiError::new(
                "InvalidPermission.Duplicate",
                format!("The permission {permission} on {id} already exists"),
            ));
        }
    }
    let granted = NetworkInterfacePermission {
        network_interface_permission_id: twin.ids.text(PREFIX).into(),
        network_interface_id: id,
        aws_account_id: account,
        permission: permission.into(),
        permission_state: PermissionState {
            state: SmolStr::new_static("granted"),
        },
    };
    let key = granted.network_interface_permission_id.clone();
    twin.network.permissions.insert(key, granted.clone());
    Ok(CreatedNetworkInterfacePermission {
        interface_permission: granted,
    })
}

fn unknown(id: &str) -> ApiError {
    if is_well_formed(id, PREFIX) {
        return ApiError::new(
            "InvalidNetworkInterfacePermissionID.NotFound",
            format!("The network interface permission ID '{id}' does not exist"),
        );
    }
    ApiError::new(
        "InvalidNetworkInterfacePermissionID.Malformed",
        format!("Invalid id: \"{id}\" (expecting \"{PREFIX}-...\")"),
    )
}

/// The permission with this id on an interface of the Region.
fn find<'a>(
    twin: &'a Twin,
    ctx: &Ctx,
    id: &str,
) -> Result<&'a NetworkInterfacePermission, ApiError> {
    let found = twin.network.permissions.get(id);
    let found = found.filter(|it| is_here(twin, ctx, it));
    found.ok_or_else(|| unknown(id))
}

fn is_here(twin: &Twin, ctx: &Ctx, it: &NetworkInterfacePermission) -> bool {
    let id = (&it.network_interface_id).into();
    twin.state.get_in(&ctx.region, &id).is_some()
}

/// Takes a permission back.
///
/// # Errors
/// `InvalidNetworkInterfacePermissionID.NotFound`; `OperationNotPermitted` while the account has the
/// interface attached, unless forced.
pub fn delete_network_interface_permission(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteNetworkInterfacePermissionRequest,
) -> Result<Done, ApiError> {
    let id = &request.network_interface_permission_id;
    let found = find(twin, ctx, required("networkInterfacePermissionId", id)?)?.clone();
    ctx.end_dry_run()?;
    let interface = twin
        .state
        .one::<NetworkInterface>(&found.network_interface_id);
    let attachment = interface.and_then(|it| it.attachment.as_ref());
    let holder = attachment.and_then(|it| it.instance_owner_id.as_deref());
    if holder == Some(found.aws_account_id.as_str()) && !request.force {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!(
                "The network interface {} is attached to an instance of account {}",
                found.network_interface_id, found.aws_account_id
            ),
        ));
    }
    twin.network
        .permissions
        .remove(&found.network_interface_permission_id);
    Ok(Done::YES)
}

/// Permissions go with their interface.
pub(super) fn forget(twin: &mut Twin, interface: &NetworkInterfaceId) {
    let permissions = &mut twin.network.permissions;
    permissions.retain(|_, it| it.network_interface_id != *interface);
}

const FILTERS: &[(&str, Extract<NetworkInterfacePermission>)] = &[
    (
        "network-interface-permission.network-interface-permission-id",
        |_, it, out| {
            out(&it.network_interface_permission_id);
        },
    ),
    (
        "network-interface-permission.network-interface-id",
        |_, it, out| {
            out(it.network_interface_id.as_str());
        },
    ),
    (
        "network-interface-permission.aws-account-id",
        |_, it, out| {
            out(it.aws_account_id.as_str());
        },
    ),
    // Permissions of services are "currently not supported".
    ("network-interface-permission.aws-service", |_, _, _| {}),
    ("network-interface-permission.permission", |_, it, out| {
        out(&it.permission)
    }),
];

/// Lists permissions on interfaces.
///
/// # Errors
/// `InvalidNetworkInterfacePermissionID.NotFound`, and what every describe operation refuses.
pub fn describe_network_interface_permissions(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeNetworkInterfacePermissionsRequest,
) -> Result<DescribedInterfacePermissions, ApiError> {
    let most = page_size(request.max_results, &(5..=255))?;
    let most = if request.max_results.is_none() {
        PAGE
    } else {
        most
    };
    let mut named = BTreeSet::new();
    for id in &request.network_interface_permission_ids {
        named.insert(find(twin, ctx, id)?.network_interface_permission_id.clone());
    }
    let filters = Filters::new(&request.filters, FILTERS)?;
    ctx.end_dry_run()?;
    let all = twin.network.permissions.values().filter(|it| {
        let is_named = named.is_empty() || named.contains(&it.network_interface_permission_id);
        is_named && is_here(twin, ctx, it) && filters.pass(&twin.state, it, &NO_TAGS)
    });
    let (network_interface_permissions, next_token) =
        page_of(all.cloned().collect(), most, request.next_token.as_deref())?;
    Ok(DescribedInterfacePermissions {
        network_interface_permissions,
        next_token,
    })
}
