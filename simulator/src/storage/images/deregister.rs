//! Deregistering images.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::Instance;
use sandtable_model::{ImageId, SnapshotId};

use super::protection::is_protected;
use super::require_own;
use crate::storage::snapshots;
use crate::{ApiError, Ctx, Twin};

/// `DeregisterImage`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeregisterImageRequest {
    /// The image.
    pub image_id: String,
    /// Whether to delete the snapshots that no other image uses, too.
    pub delete_associated_snapshots: bool,
}

/// The answer of `DeregisterImage`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeregisteredImage {
    /// Always true.
    pub r#return: bool,
    /// What became of each snapshot, when they were to be deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delete_snapshot_results: Vec<SnapshotResult>,
}

/// What became of a snapshot of a deregistered image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnapshotResult {
    /// The snapshot.
    pub snapshot_id: SnapshotId,
    /// `success`, `skipped` for one that another image uses, or `client-error` for one that is not
    /// the account's, locked, being copied, or gone.
    pub return_code: &'static str,
}

/// Deregisters an image. Instances and whatever else would start from it are not asked; as long as an
/// instance names the image, describing it by its id gives an empty list instead of an error.
///
/// Deliberately absent: the short while in which AWS still lists it as `deregistered`.
///
/// # Errors
/// `AuthFailure` for an image of another account, `OperationNotPermitted` for a protected one.
pub fn deregister_image(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeregisterImageRequest,
) -> Result<DeregisteredImage, ApiError> {
    let image = require_own(twin, ctx, &request.image_id)?;
    let id: ImageId = image.image_id.clone();
    let mut snapshots: Vec<SnapshotId> = image.snapshot_ids().cloned().collect();
    snapshots.sort_unstable();
    snapshots.dedup();
    let is_protected = is_protected(image);
    ctx.end_dry_run()?;
    if is_protected {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!("The image '{id}' may not be deregistered: it has deregistration protection."),
        ));
    }
    twin.state.remove(&id);
    let side = &mut twin.storage;
    side.image_grants.remove(&id);
    side.deregistered.insert(id, ctx.region.clone());
    if !request.delete_associated_snapshots {
        snapshots.clear();
    }
    let results = snapshots.into_iter().map(|snapshot_id| SnapshotResult {
        return_code: delete(twin, ctx, &snapshot_id),
        snapshot_id,
    });
    Ok(DeregisteredImage {
        r#return: true,
        delete_snapshot_results: results.collect(),
    })
}

fn delete(twin: &mut Twin, ctx: &Ctx, id: &SnapshotId) -> &'static str {
    let text = id.as_str();
    if snapshots::image_of(twin, id).is_some() {
        return "skipped";
    }
    let deletion = snapshots::DeleteSnapshotRequest {
        snapshot_id: text.to_owned(),
    };
    match snapshots::delete_snapshot(twin, ctx, deletion) {
        Ok(()) => "success",
        Err(_) => "client-error",
    }
}

/// Whether an image was deregistered in the Region of a call.
pub(crate) fn is_deregistered(twin: &Twin, ctx: &Ctx, id: &ImageId) -> bool {
    twin.storage.deregistered.get(id) == Some(&ctx.region)
}

/// Whether an image was deregistered and instances still name it.
pub(super) fn is_remembered(twin: &Twin, ctx: &Ctx, text: &str) -> bool {
    let Ok(id) = ImageId::new(text) else {
        return false;
    };
    let mut instances = twin.state.referring::<Instance>(&id);
    is_deregistered(twin, ctx, &id)
        && instances
            .any(|it| it.state.name != sandtable_model::resource::InstanceStateName::Terminated)
}
