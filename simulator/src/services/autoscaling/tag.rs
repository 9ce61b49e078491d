//! Tags of groups, which say whether new instances get them, too.

use sandtable_model::resource::AutoScalingGroup;
use serde::{Deserialize, Serialize};

use super::activity::paged;
use super::find;
use crate::network::request::{answers, requests};
use crate::rules::Filter;
use crate::services::common::{self, TagWords, missing, required, validation};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateOrUpdateTags.
    CreateOrUpdateTagsRequest { tags: Vec<GroupTag> }
    /// DeleteTags.
    DeleteTagsRequest { tags: Vec<GroupTag> }
    /// DescribeTags.
    DescribeTagsRequest {
        filters: Vec<Filter>,
        next_token: Option<String>,
        max_records: Option<i64>,
    }
}

answers! {
    /// The answer of DescribeTags.
    DescribedTags {
        tags: Vec<GroupTag>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    }
}

/// A tag of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct GroupTag {
    /// The name of the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// `auto-scaling-group`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// The key.
    pub key: String,
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether new instances get it, too; yes when a request does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagate_at_launch: Option<bool>,
}

const WORDS: TagWords = TagWords {
    too_many: "LimitExceeded",
    duplicate: "ValidationError",
    invalid: "ValidationError",
};

/// Puts tags on a group that is not in the state yet, or not with them.
///
/// # Errors
/// `ValidationError`, `LimitExceeded`.
pub(super) fn put(group: &mut AutoScalingGroup, tags: &[GroupTag]) -> Result<(), ApiError> {
    let plain: Vec<common::Tag> = tags
        .iter()
        .map(|it| common::Tag {
            key: it.key.clone(),
            value: it.value.clone().unwrap_or_default(),
        })
        .collect();
    group.tags = common::with_tags(&group.tags, &plain, &WORDS)?;
    for tag in tags {
        group.propagated_tag_keys.retain(|it| *it != tag.key);
        if tag.propagate_at_launch.unwrap_or(true) {
            group.propagated_tag_keys.push(tag.key.as_str().into());
        }
    }
    group.propagated_tag_keys.sort();
    Ok(())
}

/// The tags of a group as answers list them.
pub(super) fn tags_of(group: &AutoScalingGroup) -> Vec<GroupTag> {
    let tag = |(key, value): (&str, &str)| GroupTag {
        resource_id: Some(group.auto_scaling_group_name.to_string()),
        resource_type: Some("auto-scaling-group".to_owned()),
        key: key.to_owned(),
        value: Some(value.to_owned()),
        propagate_at_launch: Some(group.propagated_tag_keys.iter().any(|it| it == key)),
    };
    group.tags.iter().map(tag).collect()
}

/// The group of a tag of a request.
fn group_of(twin: &Twin, ctx: &Ctx, tag: &GroupTag) -> Result<AutoScalingGroup, ApiError> {
    let name = tag.resource_id.as_deref().unwrap_or_default();
    required("tags.resourceId", name)?;
    required("tags.key", &tag.key)?;
    if tag.resource_type.as_deref() != Some("auto-scaling-group") {
        return Err(validation(
            "The resource type of a tag must be auto-scaling-group",
        ));
    }
    find(twin, ctx, name)
        .cloned()
        .ok_or_else(|| validation("The AutoScalingGroup name of the tag does not exist"))
}

/// Puts tags on groups. Instances that are there do not get them.
///
/// # Errors
/// `ValidationError`, `LimitExceeded`; nothing is tagged then.
pub fn create_or_update_tags(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateOrUpdateTagsRequest,
) -> Result<(), ApiError> {
    if request.tags.is_empty() {
        return Err(missing("tags"));
    }
    let mut groups: Vec<AutoScalingGroup> = Vec::new();
    for tag in &request.tags {
        let found = group_of(twin, ctx, tag)?;
        let id = &found.auto_scaling_group_id;
        let at = groups.iter().position(|it| it.auto_scaling_group_id == *id);
        let at = at.unwrap_or_else(|| {
            groups.push(found);
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            put(group, std::slice::from_ref(tag))?;
        }
    }
    for group in groups {
        twin.state.insert(&ctx.region, group);
    }
    Ok(())
}

/// Removes tags from groups; ones that are not there are no error, and a value does not matter.
///
/// # Errors
/// `ValidationError` for groups that are not there.
pub fn delete_tags(twin: &mut Twin, ctx: &Ctx, request: DeleteTagsRequest) -> Result<(), ApiError> {
    if request.tags.is_empty() {
        return Err(missing("tags"));
    }
    let mut found = Vec::new();
    for tag in &request.tags {
        found.push((group_of(twin, ctx, tag)?.auto_scaling_group_id, &tag.key));
    }
    for (id, key) in found {
        twin.state.update(&id, |it: &mut AutoScalingGroup| {
            it.tags.remove(key);
            it.propagated_tag_keys.retain(|it| it != key);
        });
    }
    Ok(())
}

/// Lists tags of groups.
///
/// # Errors
/// `ValidationError` for filters that there are not, `InvalidNextToken`.
pub fn describe_tags(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeTagsRequest,
) -> Result<DescribedTags, ApiError> {
    for filter in &request.filters {
        let known = ["auto-scaling-group", "key", "value", "propagate-at-launch"];
        if !known.contains(&filter.name.as_str()) {
            return Err(validation(format!(
                "Filter type {} is not correct. Allowed Filter types are: auto-scaling-group key propagate-at-launch value",
                filter.name
            )));
        }
    }
    let passes = |tag: &GroupTag| {
        request.filters.iter().all(|filter| {
            let propagates = tag.propagate_at_launch.unwrap_or_default().to_string();
            let seen = match filter.name.as_str() {
                "auto-scaling-group" => tag.resource_id.as_deref().unwrap_or_default(),
                "key" => &tag.key,
                "value" => tag.value.as_deref().unwrap_or_default(),
                _ => &propagates,
            };
            filter.values.iter().any(|it| it == seen)
        })
    };
    let groups = twin.state.all::<AutoScalingGroup>(&ctx.region);
    let tags = groups.flat_map(tags_of).filter(passes);
    let name = |tag: &GroupTag| tag.resource_id.clone().unwrap_or_default();
    let mut keyed: Vec<(String, GroupTag)> = tags
        .map(|tag| (format!("{}\u{0}{}", name(&tag), tag.key), tag))
        .collect();
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    let token = request.next_token.as_deref();
    let (tags, next_token) = paged(keyed, token, request.max_records, 50)?;
    Ok(DescribedTags { tags, next_token })
}
