//! What the services beside EC2 share: their words for bad input, markers of pages, tags, answers.

use sandtable_model::resource::{GroupRef, SecurityGroup, Subnet};
use sandtable_model::{ResourceId, SecurityGroupId, SubnetId, Tags, VpcId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;

use crate::rules::{is_reserved, read_key, write_key};
use crate::{ApiError, Ctx, Twin};

/// The most tags of a resource ("Tag restrictions" of each service's guide).
const TAGS_MAX: usize = 50;

/// A tag of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// The refusal of a request that does not meet the service's model.
pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

/// The refusal of a request for something that AWS has and the twin does not.
pub(super) fn not_modelled(what: &str) -> ApiError {
    ApiError::new(
        "UnsupportedOperation",
        format!("The twin does not model {what}: nothing was done."),
    )
}

fn constraint(value: &str, member: &str, must: &str) -> ApiError {
    validation(format!(
        "1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: Member must {must}"
    ))
}

/// The text of a member that must be there. `member` is spelled as these services do in messages
/// (`loadBalancerArn`).
///
/// # Errors
/// `ValidationError`.
pub(super) fn required<'a>(member: &str, text: &'a str) -> Result<&'a str, ApiError> {
    match text {
        "" => Err(missing(member)),
        text => Ok(text),
    }
}

/// The refusal of a request without a member that must be there.
pub(super) fn missing(member: &str) -> ApiError {
    constraint("null", member, "not be null")
}

/// Checks that a text is one of those that the model lists.
///
/// # Errors
/// `ValidationError`.
pub(super) fn one_of(member: &str, text: &str, known: &[&str]) -> Result<(), ApiError> {
    if known.contains(&text) {
        return Ok(());
    }
    let must = format!("satisfy enum value set: [{}]", known.join(", "));
    Err(constraint(&format!("'{text}'"), member, &must))
}

/// Checks that a number is in the model's range.
///
/// # Errors
/// `ValidationError`.
pub(super) fn in_range(member: &str, value: i64, least: i64, most: i64) -> Result<u32, ApiError> {
    let shown = format!("'{value}'");
    if value < least {
        let must = format!("have value greater than or equal to {least}");
        return Err(constraint(&shown, member, &must));
    }
    if value > most {
        let must = format!("have value less than or equal to {most}");
        return Err(constraint(&shown, member, &must));
    }
    u32::try_from(value).map_err(|_| constraint(&shown, member, "be a number"))
}

/// What a service's answer shows of a resource: all but what documents have beside it.
///
/// # Errors
/// `InternalError`, when the resource has no JSON form.
pub(super) fn shown(it: &impl Serialize, hidden: &[&str]) -> Result<Value, ApiError> {
    let value = serde_json::to_value(it);
    let mut value = value.map_err(|error| ApiError::new("InternalError", error.to_string()))?;
    if let Value::Object(members) = &mut value {
        members.retain(|name, _| !hidden.contains(&name.as_str()));
    }
    Ok(value)
}

/// A page of a list that is sorted by the keys: at most `size` entries after `marker`, and the marker
/// of the next page, if there is one. Nothing for a marker that no answer gave.
pub(super) fn page<T>(
    all: Vec<(String, T)>,
    marker: Option<&str>,
    size: usize,
) -> Option<(Vec<T>, Option<String>)> {
    let after = match marker.filter(|it| !it.is_empty()) {
        None => None,
        Some(marker) => Some(read_key(marker)?),
    };
    let mut rest = all
        .into_iter()
        .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after))
        .peekable();
    let mut items = Vec::new();
    let mut last = None;
    while items.len() < size
        && let Some((key, item)) = rest.next()
    {
        last = Some(key);
        items.push(item);
    }
    let next = last.filter(|_| rest.peek().is_some());
    Some((items, next.map(|key| write_key(&key))))
}

/// How a service words what is wrong with tags.
pub(super) struct TagWords {
    pub(super) too_many: &'static str,
    pub(super) duplicate: &'static str,
    pub(super) invalid: &'static str,
}

/// The tags of a resource after `new` ones were put on it.
///
/// # Errors
/// The service's codes for too many, repeated and reserved tags.
pub(super) fn with_tags(present: &Tags, new: &[Tag], words: &TagWords) -> Result<Tags, ApiError> {
    let mut tags = present.clone();
    for (at, tag) in new.iter().enumerate() {
        let key = tag.key.as_str();
        if new.iter().take(at).any(|it| it.key == key) {
            let message = format!("Duplicate tag keys found: '{key}'");
            return Err(ApiError::new(words.duplicate, message));
        }
        let fine = (1..=128).contains(&key.chars().count()) && tag.value.chars().count() <= 256;
        if !fine {
            let message = format!("The tag '{key}' has a key or value of the wrong length");
            return Err(ApiError::new(words.invalid, message));
        }
        if is_reserved(key) {
            let message = format!("Tag keys cannot begin with 'aws:': '{key}'");
            return Err(ApiError::new(words.invalid, message));
        }
        tags.insert(key, &tag.value);
    }
    let own = tags.iter().filter(|(key, _)| !is_reserved(key)).count();
    if own > TAGS_MAX {
        let message = format!("A resource can have at most {TAGS_MAX} tags");
        return Err(ApiError::new(words.too_many, message));
    }
    Ok(tags)
}

/// Tags as answers list them.
pub(super) fn tag_list(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&str, &str)| Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    tags.iter().map(tag).collect()
}

/// A subnet of the Region.
pub(super) fn subnet<'a>(twin: &'a Twin, ctx: &Ctx, text: &str) -> Option<&'a Subnet> {
    let id: ResourceId = SubnetId::new(text).ok()?.into();
    twin.state.get_in(&ctx.region, &id)?.get::<Subnet>()
}

/// A security group of a VPC.
pub(super) fn group(twin: &Twin, ctx: &Ctx, text: &str, vpc: &VpcId) -> Option<GroupRef> {
    let id: ResourceId = SecurityGroupId::new(text).ok()?.into();
    let group = twin
        .state
        .get_in(&ctx.region, &id)?
        .get::<SecurityGroup>()?;
    (group.vpc_id.as_ref() == Some(vpc)).then(|| GroupRef {
        group_id: group.group_id.clone(),
        group_name: Some(group.group_name.clone()),
    })
}

/// Sixteen hexadecimal digits, as the ARNs of load balancers end.
pub(super) fn digits(twin: &mut Twin) -> String {
    format!("{:016x}", twin.ids.next_number())
}

/// A number in the form of a UUID, as activities and the like are named.
pub(super) fn uuid(twin: &mut Twin) -> SmolStr {
    let (high, low) = (twin.ids.next_number(), twin.ids.next_number());
    let text = format!("{high:016x}{low:016x}");
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let parts = [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ];
    parts.join("-").into()
}
