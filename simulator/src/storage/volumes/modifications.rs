//! The list of volumes' modifications.

use serde::{Deserialize, Serialize};

use sandtable_model::resource::Volume;

use super::modify::VolumeModification;
use crate::rules::{self, Extract, Filter, Filters, Slice, require_all};
use crate::{ApiError, Ctx, Twin};

/// `DescribeVolumesModifications`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeVolumesModificationsRequest {
    /// The volumes; all when there are none.
    pub volume_ids: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeVolumesModifications`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedModifications {
    /// The last modification of each volume that had one.
    pub volumes_modifications: Vec<VolumeModification>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

const FILTERS: &[(&str, Extract<VolumeModification>)] = &[
    ("modification-state", |_, it, out| {
        out(&it.modification_state)
    }),
    ("original-iops", |_, it, out| {
        it.original_iops.iter().for_each(|it| out(&it.to_string()));
    }),
    ("original-size", |_, it, out| {
        out(&it.original_size.to_string())
    }),
    ("original-volume-type", |_, it, out| {
        out(it.original_volume_type.as_str());
    }),
    ("originalMultiAttachEnabled", |_, it, out| {
        out(&it.original_multi_attach_enabled.to_string());
    }),
    ("start-time", |_, it, out| out(&it.start_time.to_wire())),
    ("target-iops", |_, it, out| {
        it.target_iops.iter().for_each(|it| out(&it.to_string()));
    }),
    ("target-size", |_, it, out| out(&it.target_size.to_string())),
    ("target-volume-type", |_, it, out| {
        out(it.target_volume_type.as_str());
    }),
    ("targetMultiAttachEnabled", |_, it, out| {
        out(&it.target_multi_attach_enabled.to_string());
    }),
    ("volume-id", |_, it, out| out(it.volume_id.as_str())),
];

/// Lists modifications of volumes.
///
/// # Errors
/// `InvalidVolume.NotFound`, `InvalidVolumeID.Malformed`, `InvalidParameterValue` for unknown filters,
/// `InvalidNextToken`.
pub fn describe_volumes_modifications(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVolumesModificationsRequest,
) -> Result<DescribedModifications, ApiError> {
    let named = require_all::<Volume>(&twin.state, ctx, &request.volume_ids)?;
    let filters = Filters::untagged(&request.filters, FILTERS)?;
    let token = request.next_token.as_deref();
    let slice = Slice::new(request.max_results, token, &(1..=500))?;
    ctx.end_dry_run()?;
    let wanted = |it: &&VolumeModification| {
        let id = (&it.volume_id).into();
        twin.state.region_of(&id) == Some(&ctx.region)
            && (named.is_empty() || named.iter().any(|named| named.volume_id == it.volume_id))
            && filters.pass(&twin.state, it, &rules::NO_TAGS)
    };
    let all = twin.storage.modifications.values().filter(wanted);
    let (volumes_modifications, next_token) = slice.of(all.cloned().collect());
    Ok(DescribedModifications {
        volumes_modifications,
        next_token,
    })
}
