//! Tags in requests (facts, ec2-semantics, section 1).

use serde::{Deserialize, Serialize};

use sandtable_model::{Kind, Tags};

use super::{invalid_value, required};
use crate::ApiError;

/// The most tags that a user may put on a resource; tags of AWS itself do not count.
const TAGS_MAX: usize = 50;
const KEY_CHARACTERS_MAX: usize = 128;
const VALUE_CHARACTERS_MAX: usize = 256;

/// A tag of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value; for deletion, absent means "whatever it is".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Tags for a resource that a request makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct TagSpecification {
    /// The kind of the resource (`volume`).
    pub resource_type: String,
    /// The tags.
    pub tags: Vec<Tag>,
}

/// The tags for a new resource of `kind`, of those in a request.
///
/// # Errors
/// `InvalidParameterValue` for a kind that the operation (`makes`) does not make, and what
/// [`check_tags`] refuses.
pub fn tags_for(
    kind: Kind,
    makes: &[Kind],
    specifications: &[TagSpecification],
) -> Result<Tags, ApiError> {
    let makes: Vec<&str> = makes.iter().map(|it| it.as_str()).collect();
    tags_by_type(kind.as_str(), &makes, specifications)
}

/// The tags for something new that is of AWS's resource type `wanted`, which need not be a kind of
/// its own, of those in a request.
///
/// # Errors
/// As [`tags_for`].
pub(crate) fn tags_by_type(
    wanted: &str,
    makes: &[&str],
    specifications: &[TagSpecification],
) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for specification in specifications {
        let name = specification.resource_type.as_str();
        required("TagSpecification.ResourceType", name)?;
        if !makes.contains(&name) {
            return Err(invalid_value(format!(
                "'{name}' is not a valid taggable resource type for this operation."
            )));
        }
        if name != wanted {
            continue;
        }
        for tag in &specification.tags {
            if tags.get(&tag.key).is_some() {
                return Err(invalid_value(format!(
                    "Duplicate tag key '{}' specified.",
                    tag.key
                )));
            }
            tags.insert(&tag.key, tag.value.as_deref().unwrap_or_default());
        }
    }
    check_tags(&Tags::new(), &tags)?;
    Ok(tags)
}

/// Checks tags that are to be put on a resource with tags `present`.
///
/// # Errors
/// `InvalidParameterValue` for keys and values of the wrong length and for keys of AWS itself,
/// `TagLimitExceeded` for too many.
pub fn check_tags(present: &Tags, new: &Tags) -> Result<(), ApiError> {
    for (key, value) in new.iter() {
        required("Tag.Key", key)?;
        if is_reserved(key) {
            return Err(invalid_value(format!(
                "Tag keys starting with 'aws:' are reserved for internal use: '{key}'"
            )));
        }
        if key.chars().count() > KEY_CHARACTERS_MAX {
            return Err(invalid_value(format!(
                "Tag key exceeds the maximum length of {KEY_CHARACTERS_MAX} characters: '{key}'"
            )));
        }
        if value.chars().count() > VALUE_CHARACTERS_MAX {
            return Err(invalid_value(format!(
                "Tag value exceeds the maximum length of {VALUE_CHARACTERS_MAX} characters: '{value}'"
            )));
        }
    }
    let own = present.iter().filter(|(key, _)| !is_reserved(key));
    let kept = own.filter(|(key, _)| new.get(key).is_none()).count();
    if kept + new.len() > TAGS_MAX {
        return Err(ApiError::new(
            "TagLimitExceeded",
            format!("The maximum number of tags for a resource has been reached: {TAGS_MAX}"),
        ));
    }
    Ok(())
}

/// Whether a tag is AWS's own: not to be set or removed by users.
pub(crate) fn is_reserved(key: &str) -> bool {
    key.get(..4)
        .is_some_and(|it| it.eq_ignore_ascii_case("aws:"))
}
