//! What a call would do between two accounts of a world, which twins do not model.

use std::collections::BTreeMap;

use sandtable_model::AccountId;
use serde_json::Value;

use crate::wire::Call;
use crate::{ApiError, Twin};

/// Members under which an account's number is somebody's text and says nothing of an account.
const TEXTS: [&str; 6] = [
    "Tags",
    "TagSpecifications",
    "Description",
    "UserData",
    "Policy",
    "PolicyDocument",
];

/// Refuses a call that names another account of this world, by its number or in an ARN. That of an
/// account outside of it is left to the twin: there the other side is a stranger, whom nobody can ask.
///
/// # Errors
/// `UnsupportedOperation`.
pub(super) fn check(
    twins: &BTreeMap<AccountId, Twin>,
    own: &AccountId,
    call: &Call,
) -> Result<(), ApiError> {
    if twins.len() < 2 {
        return Ok(());
    }
    let is_other = |name: &str| {
        let account = AccountId::new(name).ok();
        account.is_some_and(|it| it != *own && twins.contains_key(&it))
    };
    match find(&call.input, &is_other) {
        None => Ok(()),
        Some(other) => Err(ApiError::new(
            "UnsupportedOperation",
            format!(
                "The twin does not model what {} does between accounts. {own} and {other} are both \
                 served here, and do not see each other: nothing was done.",
                call.action
            ),
        )),
    }
}

/// The first other account that a value names.
fn find<'a>(value: &'a Value, is_other: &dyn Fn(&str) -> bool) -> Option<&'a str> {
    match value {
        Value::String(text) => {
            let account = match text.strip_prefix("arn:") {
                Some(rest) => rest.split(':').nth(3)?,
                None => text,
            };
            is_other(account).then_some(account)
        }
        Value::Array(values) => values.iter().find_map(|it| find(it, is_other)),
        Value::Object(_) if is_tag_filter(value) => None,
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !TEXTS.contains(&name.as_str()))
            .find_map(|(_, it)| find(it, is_other)),
        _ => None,
    }
}

/// `tag:KEY`, `tag-key` and `tag-value` are about texts too.
fn is_tag_filter(value: &Value) -> bool {
    let name = value.get("Name").and_then(Value::as_str);
    name.is_some_and(|it| it.starts_with("tag:") || it.starts_with("tag-"))
}
