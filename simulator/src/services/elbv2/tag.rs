//! Tags of load balancers, target groups, listeners and rules.

use sandtable_model::resource::{LoadBalancer, TargetGroup};
use sandtable_model::{LoadBalancerId, Tags, TargetGroupId};

use super::balancer::Nothing;
use super::{FoundRule, TAG_WORDS, balancer, group, listener, rule};
use crate::network::request::{answers, requests};
use crate::services::common::{Tag, missing, tag_list, validation, with_tags};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// AddTags.
    AddTagsRequest { resource_arns: Vec<String>, tags: Vec<Tag> }
    /// RemoveTags.
    RemoveTagsRequest { resource_arns: Vec<String>, tag_keys: Vec<String> }
    /// DescribeTags.
    DescribeTagsRequest { resource_arns: Vec<String> }
}

answers! {
    /// The answer of DescribeTags.
    DescribedTags { tag_descriptions: Vec<TagDescription> }
    /// The tags of a resource.
    TagDescription { resource_arn: String, tags: Vec<Tag> }
}

/// Where tags are kept.
enum Tagged {
    Balancer(LoadBalancerId),
    Group(TargetGroupId),
    /// A listener of a balancer, by ARN.
    Listener(LoadBalancerId, String),
    /// A rule of a listener of a balancer, by ARN.
    Rule(LoadBalancerId, String),
}

fn tagged(twin: &Twin, ctx: &Ctx, arn: &str) -> Result<(Tagged, Tags), ApiError> {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    Ok(match resource.split('/').next().unwrap_or_default() {
        "loadbalancer" => {
            let it = balancer(twin, ctx, arn)?;
            let place = Tagged::Balancer(it.load_balancer_id.clone());
            (place, it.tags.clone())
        }
        "targetgroup" => {
            let it = group(twin, ctx, arn)?;
            (Tagged::Group(it.target_group_id.clone()), it.tags.clone())
        }
        "listener" => {
            let (around, it) = listener(twin, ctx, arn)?;
            let id = around.load_balancer_id.clone();
            (Tagged::Listener(id, arn.to_owned()), it.tags.clone())
        }
        "listener-rule" => {
            let (around, it) = rule(twin, ctx, arn)?;
            let tags = match it {
                FoundRule::Default(_) => Tags::new(),
                FoundRule::Rule(_, rule) => rule.tags.clone(),
            };
            let id = around.load_balancer_id.clone();
            (Tagged::Rule(id, arn.to_owned()), tags)
        }
        _ => return Err(validation(format!("'{arn}' is not a valid ARN"))),
    })
}

fn all(twin: &Twin, ctx: &Ctx, arns: &[String]) -> Result<Vec<(Tagged, Tags)>, ApiError> {
    if arns.is_empty() {
        return Err(missing("resourceArns"));
    }
    if arns.len() > 20 {
        return Err(validation("At most 20 resources can be named in a call"));
    }
    arns.iter().map(|arn| tagged(twin, ctx, arn)).collect()
}

fn put(twin: &mut Twin, place: Tagged, tags: Tags) {
    match place {
        Tagged::Balancer(id) => {
            twin.state
                .update(&id, |it: &mut LoadBalancer| it.tags = tags);
        }
        Tagged::Group(id) => {
            twin.state
                .update(&id, |it: &mut TargetGroup| it.tags = tags);
        }
        Tagged::Listener(id, arn) => {
            twin.state.update(&id, |it: &mut LoadBalancer| {
                let mut listeners = it.listeners.iter_mut();
                if let Some(it) = listeners.find(|it| it.listener_arn == arn.as_str()) {
                    it.tags = tags;
                }
            });
        }
        Tagged::Rule(id, arn) => {
            twin.state.update(&id, |it: &mut LoadBalancer| {
                let mut rules = it.listeners.iter_mut().flat_map(|it| it.rules.iter_mut());
                if let Some(it) = rules.find(|it| it.rule_arn == arn.as_str()) {
                    it.tags = tags;
                }
            });
        }
    }
}

/// Puts tags on resources; a key that is there gets the new value.
///
/// # Errors
/// The codes of resources that are not there, `DuplicateTagKeys`, `TooManyTags`. Nothing is tagged
/// then.
pub fn add_tags(twin: &mut Twin, ctx: &Ctx, request: AddTagsRequest) -> Result<Nothing, ApiError> {
    let places = all(twin, ctx, &request.resource_arns)?;
    if request.tags.is_empty() {
        return Err(missing("tags"));
    }
    let mut after = Vec::new();
    for (place, present) in places {
        if let Tagged::Rule(_, arn) = &place
            && matches!(rule(twin, ctx, arn)?.1, FoundRule::Default(_))
        {
            return Err(crate::services::common::not_modelled(
                "tags of default rules",
            ));
        }
        after.push((place, with_tags(&present, &request.tags, &TAG_WORDS)?));
    }
    for (place, tags) in after {
        put(twin, place, tags);
    }
    Ok(Nothing {})
}

/// Removes tags; keys that are not there are no error.
///
/// # Errors
/// The codes of resources that are not there.
pub fn remove_tags(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RemoveTagsRequest,
) -> Result<Nothing, ApiError> {
    let places = all(twin, ctx, &request.resource_arns)?;
    if request.tag_keys.is_empty() {
        return Err(missing("tagKeys"));
    }
    for (place, mut tags) in places {
        for key in &request.tag_keys {
            tags.remove(key);
        }
        put(twin, place, tags);
    }
    Ok(Nothing {})
}

/// Tells the tags of resources.
///
/// # Errors
/// The codes of resources that are not there.
pub fn describe_tags(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeTagsRequest,
) -> Result<DescribedTags, ApiError> {
    let arns = &request.resource_arns;
    let found = all(twin, ctx, arns)?;
    let described = arns
        .iter()
        .zip(found)
        .map(|(arn, (_, tags))| TagDescription {
            resource_arn: arn.clone(),
            tags: tag_list(&tags),
        });
    Ok(DescribedTags {
        tag_descriptions: described.collect(),
    })
}
