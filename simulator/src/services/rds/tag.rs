//! Tags of DB instances, snapshots and subnet groups, by ARN.

use sandtable_model::{ResourceId, Tags};

use super::{
    DbFilter, DbTag, TAG_WORDS, instance, invalid_value, passes, plain, snapshot, subnet_group,
};
use crate::network::request::{answers, requests};
use crate::rules::required;
use crate::services::common::{Tag, not_modelled, tag_list, with_tags};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// ListTagsForResource.
    ListTagsForResourceRequest { resource_name: String, filters: Vec<DbFilter> }
    /// AddTagsToResource.
    AddTagsToResourceRequest { resource_name: String, tags: Vec<DbTag> }
    /// RemoveTagsFromResource.
    RemoveTagsFromResourceRequest { resource_name: String, tag_keys: Vec<String> }
}

answers! {
    /// The answer of ListTagsForResource.
    ListedTags { tag_list: Vec<Tag> }
}

/// The resource of an ARN, with its tags.
fn tagged(twin: &Twin, ctx: &Ctx, arn: &str) -> Result<(ResourceId, Tags), ApiError> {
    required("ResourceName", arn)?;
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    let ["arn", _, "rds", region, _, kind, name] = parts.as_slice() else {
        return Err(invalid_value(format!("Invalid resource name: {arn}")));
    };
    if *region != ctx.region.as_str() {
        return Err(invalid_value(format!(
            "The specified resource name does not match an RDS resource in this region: {arn}"
        )));
    }
    Ok(match *kind {
        "db" => {
            let it = instance(twin, ctx, name)?;
            ((&it.db_instance_id).into(), it.tags.clone())
        }
        "snapshot" => {
            let it = snapshot(twin, ctx, name)?;
            ((&it.db_snapshot_id).into(), it.tags.clone())
        }
        "subgrp" => {
            let it = subnet_group(twin, ctx, name)?;
            ((&it.db_subnet_group_id).into(), it.tags.clone())
        }
        other => {
            return Err(not_modelled(&format!(
                "tags of RDS resources of type {other}"
            )));
        }
    })
}

/// Tells the tags of a resource; the operation has no filters.
///
/// # Errors
/// The codes of resources that are not there, `InvalidParameterValue`.
pub fn list_tags_for_resource(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ListTagsForResourceRequest,
) -> Result<ListedTags, ApiError> {
    passes(&request.filters, |_| None)?;
    let (_, tags) = tagged(twin, ctx, &request.resource_name)?;
    Ok(ListedTags {
        tag_list: tag_list(&tags),
    })
}

/// Puts tags on a resource.
///
/// # Errors
/// The codes of resources that are not there, `InvalidParameterValue`.
pub fn add_tags_to_resource(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AddTagsToResourceRequest,
) -> Result<(), ApiError> {
    let (id, present) = tagged(twin, ctx, &request.resource_name)?;
    if request.tags.is_empty() {
        required("Tags", "")?;
    }
    let tags = with_tags(&present, &plain(&request.tags), &TAG_WORDS)?;
    twin.state.update_any(&id, |it| *it.tags_mut() = tags);
    Ok(())
}

/// Removes tags from a resource; keys that are not there are no error.
///
/// # Errors
/// The codes of resources that are not there.
pub fn remove_tags_from_resource(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RemoveTagsFromResourceRequest,
) -> Result<(), ApiError> {
    let (id, mut tags) = tagged(twin, ctx, &request.resource_name)?;
    if request.tag_keys.is_empty() {
        required("TagKeys", "")?;
    }
    for key in &request.tag_keys {
        tags.remove(key);
    }
    twin.state.update_any(&id, |it| *it.tags_mut() = tags);
    Ok(())
}
