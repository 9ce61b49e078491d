//! Tags of any resource (facts, ec2-semantics, section 1).

use serde::{Deserialize, Serialize};

use sandtable_model::{ResourceId, Tags, is_well_formed};
use smol_str::SmolStr;

use crate::dispatch::{Row, operations};
use crate::rules::{
    self, Extract, Filter, Filters, Slice, Tag, check_tags, invalid_value, is_reserved, required,
};
use crate::{ApiError, Ctx, Twin, network};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "CreateTags" => create_tags,
    "DeleteTags" => delete_tags,
    "DescribeTags" => describe_tags,
};

/// The most resources that a call may name.
const RESOURCES_MAX: usize = 1000;

/// `CreateTags`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateTagsRequest {
    /// The resources.
    pub resources: Vec<String>,
    /// The tags; those of the same key are overwritten.
    pub tags: Vec<Tag>,
}

/// Puts tags on resources: on all of them or on none.
///
/// # Errors
/// `InvalidID` and the kinds' codes for unknown ids, `TagLimitExceeded`, `InvalidParameterValue`.
pub fn create_tags(twin: &mut Twin, ctx: &Ctx, request: CreateTagsRequest) -> Result<(), ApiError> {
    let targets = targets(twin, ctx, &request.resources)?;
    if request.tags.is_empty() {
        required("tag", "")?;
    }
    let mut new = Tags::new();
    for tag in &request.tags {
        if new.get(&tag.key).is_some() {
            let key = &tag.key;
            return Err(invalid_value(format!(
                "Duplicate tag key '{key}' specified."
            )));
        }
        new.insert(&tag.key, tag.value.as_deref().unwrap_or_default());
    }
    check_tags(&Tags::new(), &new)?;
    ctx.end_dry_run()?;
    for target in &targets {
        check_tags(target.tags(twin), &new)?;
    }
    for target in &targets {
        target.change(twin, |tags| {
            for (key, value) in new.iter() {
                tags.insert(key, value);
            }
        });
    }
    Ok(())
}

/// `DeleteTags`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteTagsRequest {
    /// The resources.
    pub resources: Vec<String>,
    /// The tags: without a value whatever it is, with one only if it is that. None: all.
    pub tags: Vec<Tag>,
}

/// Takes tags off resources; tags of AWS itself stay.
///
/// # Errors
/// `InvalidID` and the kinds' codes for unknown ids.
pub fn delete_tags(twin: &mut Twin, ctx: &Ctx, request: DeleteTagsRequest) -> Result<(), ApiError> {
    let targets = targets(twin, ctx, &request.resources)?;
    if let Some(tag) = request.tags.iter().find(|it| is_reserved(&it.key)) {
        return Err(invalid_value(format!(
            "Tag keys starting with 'aws:' are reserved for internal use: '{}'",
            tag.key
        )));
    }
    ctx.end_dry_run()?;
    let goes = |key: &str, value: &str| {
        let named = |tag: &Tag| tag.key == key && tag.value.as_deref().is_none_or(|it| it == value);
        !is_reserved(key) && (request.tags.is_empty() || request.tags.iter().any(named))
    };
    for target in &targets {
        let present = target.tags(twin).iter();
        let going = present.filter(|(key, value)| goes(key, value));
        let going: Vec<String> = going.map(|(key, _)| key.to_owned()).collect();
        if going.is_empty() {
            continue;
        }
        target.change(twin, |tags| {
            for key in &going {
                tags.remove(key);
            }
        });
    }
    Ok(())
}

/// What a call puts tags on, or takes them off: a resource, or a rule of a security group.
enum Target {
    Resource(ResourceId),
    Rule(SmolStr),
}

impl Target {
    fn tags<'a>(&self, twin: &'a Twin) -> &'a Tags {
        match self {
            Target::Resource(id) => twin.state.get(id).map_or(&rules::NO_TAGS, |it| it.tags()),
            Target::Rule(id) => network::rule_tags(twin, id),
        }
    }

    fn change(&self, twin: &mut Twin, change: impl FnOnce(&mut Tags)) {
        match self {
            Target::Resource(id) => drop(twin.state.update_any(id, |it| change(it.tags_mut()))),
            Target::Rule(id) => network::change_rule_tags(twin, id, change),
        }
    }
}

fn targets(twin: &Twin, ctx: &Ctx, texts: &[String]) -> Result<Vec<Target>, ApiError> {
    if texts.is_empty() {
        required("resourceId", "")?;
    }
    if texts.len() > RESOURCES_MAX {
        return Err(invalid_value(format!(
            "No more than {RESOURCES_MAX} resources can be tagged in one call"
        )));
    }
    let targets = texts.iter().map(|text| target(twin, ctx, text));
    targets.collect()
}

fn target(twin: &Twin, ctx: &Ctx, text: &str) -> Result<Target, ApiError> {
    if is_well_formed(text, "sgr") {
        return match network::has_rule(twin, ctx, text) {
            true => Ok(Target::Rule(text.into())),
            false => Err(network::unknown_rule(text)),
        };
    }
    let invalid = || ApiError::new("InvalidID", format!("The ID '{text}' is not valid"));
    let id = ResourceId::new(text).map_err(|_| invalid())?;
    if !id.kind().is_of_ec2() {
        return Err(invalid());
    }
    if twin.state.get_in(&ctx.region, &id).is_some() {
        return Ok(Target::Resource(id));
    }
    if is_well_formed(text, id.kind().prefix()) {
        Err(rules::not_found(&id))
    } else {
        Err(invalid())
    }
}

/// `DescribeTags`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeTagsRequest {
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// A tag with its resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagDescription {
    /// The resource.
    pub resource_id: SmolStr,
    /// The key.
    pub key: String,
    /// The kind of the resource.
    pub resource_type: &'static str,
    /// The value.
    pub value: String,
}

/// The answer of `DescribeTags`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedTags {
    /// The tags, by resource and key.
    pub tags: Vec<TagDescription>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

const FILTERS: &[(&str, Extract<TagDescription>)] = &[
    ("key", |_, it, out| out(&it.key)),
    ("resource-id", |_, it, out| out(&it.resource_id)),
    ("resource-type", |_, it, out| out(it.resource_type)),
    ("value", |_, it, out| out(&it.value)),
];

/// Lists tags.
///
/// # Errors
/// `InvalidParameterValue` for unknown filters, `InvalidNextToken`.
pub fn describe_tags(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeTagsRequest,
) -> Result<DescribedTags, ApiError> {
    let filters = Filters::by_tag(&request.filters, FILTERS)?;
    let token = request.next_token.as_deref();
    let slice = Slice::new(request.max_results, token, &rules::UNCONSTRAINED)?;
    ctx.end_dry_run()?;
    let here = twin
        .state
        .everything()
        .filter(|(region, _)| **region == ctx.region);
    let resources = here.filter(|(_, it)| it.kind().is_of_ec2());
    let mut tagged: Vec<(SmolStr, &'static str, Tags)> = resources
        .filter(|(_, it)| !it.tags().is_empty())
        .map(|(_, it)| {
            (
                it.id().as_str().into(),
                it.kind().as_str(),
                it.tags().clone(),
            )
        })
        .collect();
    let of_rules = network::tagged_rules(twin, ctx).into_iter();
    tagged.extend(of_rules.map(|(id, tags)| (id, network::RULE_TYPE, tags)));
    let mut all: Vec<TagDescription> = Vec::new();
    for (resource_id, resource_type, tags) in tagged {
        for (key, value) in tags.iter() {
            let it = TagDescription {
                resource_id: resource_id.clone(),
                key: key.to_owned(),
                resource_type,
                value: value.to_owned(),
            };
            // `tag:KEY` asks for this tag, not for the others of its resource.
            let mut alone = Tags::new();
            alone.insert(key, value);
            if filters.pass(&twin.state, &it, &alone) {
                all.push(it);
            }
        }
    }
    all.sort_unstable();
    let (tags, next_token) = slice.of(all);
    Ok(DescribedTags { tags, next_token })
}
