//! Images: describe, deregister.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::Image;
use sandtable_model::{ImageId, SnapshotId};

use super::filters;
use super::snapshot::image_of;
use crate::rules::{self, Filter, Listing, Page, describe, require};
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
    /// `success` or `skipped`.
    pub return_code: &'static str,
}

/// Deregisters an image. Instances and whatever else would start from it are not asked.
///
/// # Errors
/// `AuthFailure` for an image of another account.
pub fn deregister_image(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeregisterImageRequest,
) -> Result<DeregisteredImage, ApiError> {
    let image = require::<Image>(&twin.state, ctx, "imageId", &request.image_id)?;
    let id: ImageId = image.image_id.clone();
    let owner = image.owner_id.as_deref();
    if owner.is_some_and(|owner| owner != ctx.account.as_str()) {
        return Err(ApiError::new(
            "AuthFailure",
            format!("Not authorized for image:{id}"),
        ));
    }
    let mut snapshots: Vec<SnapshotId> = image.snapshot_ids().cloned().collect();
    snapshots.dedup();
    ctx.end_dry_run()?;
    twin.state.remove(id);
    if !request.delete_associated_snapshots {
        snapshots.clear();
    }
    let mut results = Vec::new();
    for snapshot_id in snapshots {
        let is_there = twin.state.get(&(&snapshot_id).into()).is_some();
        let free = is_there && image_of(twin, &snapshot_id).is_none();
        if free {
            twin.state.remove(&snapshot_id);
        }
        results.push(SnapshotResult {
            snapshot_id,
            return_code: if free { "success" } else { "skipped" },
        });
    }
    Ok(DeregisteredImage {
        r#return: true,
        delete_snapshot_results: results,
    })
}

/// `DescribeImages`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeImagesRequest {
    /// The images; all when there are none.
    pub image_ids: Vec<String>,
    /// Owners: `self`, `amazon`, accounts.
    pub owners: Vec<String>,
    /// Whether to list those past their deprecation; the model does not tell them apart.
    pub include_deprecated: bool,
    /// Whether to list disabled ones.
    pub include_disabled: bool,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// Lists images.
///
/// # Errors
/// See [`describe`].
pub fn describe_images(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeImagesRequest,
) -> Result<Page, ApiError> {
    let mut filters = only_of_owners(ctx, &request.filters, &request.owners);
    if !request.include_disabled && request.image_ids.is_empty() {
        filters.push(Filter {
            name: filters::SHOWN.to_owned(),
            values: vec!["true".to_owned()],
        });
    }
    let listing = Listing {
        ids: &request.image_ids,
        filters: &filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(rules::UNCONSTRAINED),
        ids_exclude_pages: false,
    };
    describe::<Image>(&twin.state, ctx, &listing, filters::IMAGE)
}

/// The filters, and one more for the owners that a request names.
pub(crate) fn only_of_owners(ctx: &Ctx, filters: &[Filter], owners: &[String]) -> Vec<Filter> {
    let mut filters = filters.to_vec();
    if !owners.is_empty() {
        let own = |owner: &String| match owner.as_str() {
            "self" => ctx.account.to_string(),
            other => other.to_owned(),
        };
        filters.push(Filter {
            name: filters::OWNER.to_owned(),
            values: owners.iter().map(own).collect(),
        });
    }
    filters
}
