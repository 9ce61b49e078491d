//! Who may make volumes of a snapshot: `createVolumePermission`.
//!
//! Product codes are the other attribute; the twin's snapshots have none.

use sandtable_model::SnapshotId;
use sandtable_model::resource::{EbsSnapshot, StorageTier};
use smol_str::SmolStr;

use super::life::require_own;
use crate::network::request::{answers, requests};
use crate::rules::{invalid_combination, invalid_value, required};
use crate::storage::access::{Change, Lists, Permission, PermissionChanges};
use crate::storage::{encryption, public_access};
use crate::{ApiError, Ctx, Twin};

const PERMISSION: &str = "createVolumePermission";
const PRODUCT_CODES: &str = "productCodes";
/// The most changes of a call (EC2 API reference, ModifySnapshotAttribute).
const CHANGES_MAX: usize = 500;

requests! {
    /// `DescribeSnapshotAttribute`.
    DescribeSnapshotAttributeRequest { attribute: String, snapshot_id: String }
    /// `ModifySnapshotAttribute`.
    ModifySnapshotAttributeRequest {
        attribute: Option<String>,
        create_volume_permission: Option<PermissionChanges>,
        group_names: Vec<SmolStr>,
        operation_type: Option<String>,
        snapshot_id: String,
        user_ids: Vec<SmolStr>,
    }
    /// `ResetSnapshotAttribute`.
    ResetSnapshotAttributeRequest { attribute: String, snapshot_id: String }
}

answers! {
    /// An attribute of a snapshot; the list of the other one is absent.
    DescribedSnapshotAttribute {
        snapshot_id: SnapshotId,
        create_volume_permissions: Option<Vec<Permission>>,
        product_codes: Option<Vec<SmolStr>>,
    }
}

/// Tells an attribute of a snapshot.
///
/// # Errors
/// `MissingParameter`, unknown ids, `AuthFailure` for one of another account, `InvalidParameterValue`
/// for an attribute that is none.
pub fn describe_snapshot_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeSnapshotAttributeRequest,
) -> Result<DescribedSnapshotAttribute, ApiError> {
    let attribute = required("attribute", &request.attribute)?;
    let id = require_own(twin, ctx, &request.snapshot_id)?;
    let id = id.snapshot_id.clone();
    let mut answer = DescribedSnapshotAttribute {
        snapshot_id: id.clone(),
        create_volume_permissions: None,
        product_codes: None,
    };
    match attribute {
        PERMISSION => {
            let grants = twin.storage.snapshot_grants.get(&id);
            let grants = grants.into_iter().flatten();
            answer.create_volume_permissions = Some(grants.map(Into::into).collect());
        }
        PRODUCT_CODES => answer.product_codes = Some(Vec::new()),
        other => return Err(unknown(other)),
    }
    ctx.end_dry_run()?;
    Ok(answer)
}

fn unknown(attribute: &str) -> ApiError {
    invalid_value(format!(
        "Value ({attribute}) for parameter attribute is invalid. Unknown attribute."
    ))
}

/// Shares a snapshot, or shares it no longer.
///
/// # Errors
/// Unknown ids, `AuthFailure`, `InvalidParameterValue` for accounts and groups that are none,
/// `InvalidParameterCombination` for adding and removing at once, `OperationNotPermitted` for what
/// must not be shared: encrypted with AWS's own key, or public though encrypted or blocked.
pub fn modify_snapshot_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifySnapshotAttributeRequest,
) -> Result<(), ApiError> {
    let snapshot = require_own(twin, ctx, &request.snapshot_id)?.clone();
    let change = change(&request)?;
    ctx.end_dry_run()?;
    if !change.add.is_empty() {
        check_shareable(ctx, &snapshot)?;
    }
    if change.makes_public() {
        check_public(&snapshot)?;
        public_access::check_snapshots(twin, &ctx.region)?;
    }
    let all = &mut twin.storage.snapshot_grants;
    change.apply(all.entry(snapshot.snapshot_id).or_default());
    Ok(())
}

fn change(request: &ModifySnapshotAttributeRequest) -> Result<Change, ApiError> {
    match request.attribute.as_deref() {
        None | Some(PERMISSION) => {}
        Some(PRODUCT_CODES) => {
            return Err(invalid_value(
                "Only the attribute createVolumePermission of a snapshot can be modified",
            ));
        }
        Some(other) => return Err(unknown(other)),
    }
    let lists = Lists {
        operation: request.operation_type.as_deref(),
        accounts: &request.user_ids,
        groups: &request.group_names,
        ..Lists::default()
    };
    let changes = match &request.create_volume_permission {
        Some(changes) if lists.is_empty() => changes.clone(),
        None if !lists.is_empty() => lists.changes()?,
        None => PermissionChanges::default(),
        Some(_) => {
            return Err(invalid_combination(
                "CreateVolumePermission cannot be used together with OperationType, UserIds and GroupNames",
            ));
        }
    };
    let of_image =
        |it: &Permission| it.organization_arn.is_some() || it.organizational_unit_arn.is_some();
    let mut all = changes.add.iter().chain(&changes.remove);
    if all.any(of_image) {
        return Err(invalid_value(
            "A snapshot can be shared with accounts and with the group all only",
        ));
    }
    let change = Change::read(&changes, |value, kind| {
        invalid_value(format!(
            "Invalid attribute item value \"{value}\" for {kind} item type."
        ))
    })?;
    if change.is_empty() {
        return Err(invalid_combination("No attributes specified."));
    }
    if !change.add.is_empty() && !change.remove.is_empty() {
        return Err(invalid_combination(
            "Accounts cannot be added to and removed from a snapshot's permissions in one call",
        ));
    }
    if changes.add.len() + changes.remove.len() > CHANGES_MAX {
        return Err(invalid_value(format!(
            "No more than {CHANGES_MAX} modifications of a snapshot can be made in one call"
        )));
    }
    Ok(change)
}

/// Whether a snapshot may be shared at all.
///
/// # Errors
/// `OperationNotPermitted` for AWS's own key, `IncorrectState` for an archived one (EBS user guide,
/// "Share a snapshot", "Archive Amazon EBS snapshots").
fn check_shareable(ctx: &Ctx, snapshot: &EbsSnapshot) -> Result<(), ApiError> {
    let key = snapshot.kms_key_id.as_deref();
    if snapshot.encrypted && key.is_none_or(|key| encryption::is_managed_key(ctx, key)) {
        return Err(ApiError::new(
            "OperationNotPermitted",
            "Encrypted snapshots with EBS default key cannot be shared",
        ));
    }
    if snapshot.storage_tier == Some(StorageTier::Archive) {
        return Err(ApiError::new(
            "IncorrectState",
            format!(
                "The snapshot {} is archived and cannot be shared",
                snapshot.snapshot_id
            ),
        ));
    }
    Ok(())
}

fn check_public(snapshot: &EbsSnapshot) -> Result<(), ApiError> {
    if snapshot.encrypted {
        return Err(ApiError::new(
            "OperationNotPermitted",
            "Encrypted snapshots cannot be shared publicly",
        ));
    }
    Ok(())
}

/// Shares a snapshot with nobody.
///
/// # Errors
/// As [`modify_snapshot_attribute`].
pub fn reset_snapshot_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ResetSnapshotAttributeRequest,
) -> Result<(), ApiError> {
    let attribute = required("attribute", &request.attribute)?;
    let snapshot = require_own(twin, ctx, &request.snapshot_id)?;
    let id = snapshot.snapshot_id.clone();
    if attribute != PERMISSION {
        return Err(invalid_value(
            "Only the attribute createVolumePermission of a snapshot can be reset",
        ));
    }
    ctx.end_dry_run()?;
    twin.storage.snapshot_grants.remove(&id);
    Ok(())
}
