//! Tags of Classic Load Balancers.

use sandtable_model::resource::ClassicLoadBalancer;

use super::balancer::Nothing;
use super::named;
use crate::network::request::{answers, requests};
use crate::services::common::{Tag, missing, tag_list, with_tags};
use crate::services::elbv2::TAG_WORDS;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// AddTags.
    AddTagsRequest { load_balancer_names: Vec<String>, tags: Vec<Tag> }
    /// RemoveTags.
    RemoveTagsRequest { load_balancer_names: Vec<String>, tags: Vec<TagKey> }
    /// The key of a tag.
    TagKey { key: String }
    /// DescribeTags.
    DescribeTagsRequest { load_balancer_names: Vec<String> }
}

answers! {
    /// The answer of DescribeTags.
    DescribedTags { tag_descriptions: Vec<TagDescription> }
    /// The tags of a balancer.
    TagDescription { load_balancer_name: String, tags: Vec<Tag> }
}

fn all(twin: &Twin, ctx: &Ctx, names: &[String]) -> Result<Vec<ClassicLoadBalancer>, ApiError> {
    if names.is_empty() {
        return Err(missing("loadBalancerNames"));
    }
    let found = names.iter().map(|name| named(twin, ctx, name).cloned());
    found.collect()
}

/// Puts tags on balancers.
///
/// # Errors
/// `LoadBalancerNotFound`, `DuplicateTagKeys`, `TooManyTags`; nothing is tagged then.
pub fn add_tags(twin: &mut Twin, ctx: &Ctx, request: AddTagsRequest) -> Result<Nothing, ApiError> {
    let mut found = all(twin, ctx, &request.load_balancer_names)?;
    if request.tags.is_empty() {
        return Err(missing("tags"));
    }
    for it in &mut found {
        it.tags = with_tags(&it.tags, &request.tags, &TAG_WORDS)?;
    }
    for it in found {
        twin.state.insert(&ctx.region, it);
    }
    Ok(Nothing {})
}

/// Removes tags; keys that are not there are no error.
///
/// # Errors
/// `LoadBalancerNotFound`.
pub fn remove_tags(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RemoveTagsRequest,
) -> Result<Nothing, ApiError> {
    let found = all(twin, ctx, &request.load_balancer_names)?;
    if request.tags.is_empty() {
        return Err(missing("tags"));
    }
    for mut it in found {
        for tag in &request.tags {
            it.tags.remove(&tag.key);
        }
        twin.state.insert(&ctx.region, it);
    }
    Ok(Nothing {})
}

/// Tells the tags of balancers.
///
/// # Errors
/// `LoadBalancerNotFound`.
pub fn describe_tags(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeTagsRequest,
) -> Result<DescribedTags, ApiError> {
    let found = all(twin, ctx, &request.load_balancer_names)?;
    let described = found.iter().map(|it| TagDescription {
        load_balancer_name: it.load_balancer_name.to_string(),
        tags: tag_list(&it.tags),
    });
    Ok(DescribedTags {
        tag_descriptions: described.collect(),
    })
}
