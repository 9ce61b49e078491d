//! Session policies: whether they are policies at all, and whether they fit.

use serde_json::Value;

use crate::ApiError;
use crate::iam::PolicyDocument;

/// The most characters that the session policies of a session may have together, in plain text
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>, `Policy`).
const PLAIN_MAX: usize = 2048;

/// Reads an inline session policy.
///
/// # Errors
/// `MalformedPolicyDocument` for what is no policy.
pub(super) fn read(text: &str) -> Result<Value, ApiError> {
    let malformed = |message: &str| ApiError::new("MalformedPolicyDocument", message);
    let policy: Value =
        serde_json::from_str(text).map_err(|_| malformed("This policy contains invalid Json"))?;
    let members = policy
        .as_object()
        .ok_or_else(|| malformed("This policy contains invalid Json"))?;
    let version = members.get("Version").map(Value::as_str);
    if version.is_some_and(|it| !matches!(it, Some("2012-10-17" | "2008-10-17"))) {
        return Err(malformed("Syntax errors in policy."));
    }
    let is_known = |name: &String| matches!(name.as_str(), "Version" | "Id" | "Statement");
    let is_statement = |it: &Value| {
        let one_of = |one: &str, other: &str| it.get(one).is_some() != it.get(other).is_some();
        let effect = it.get("Effect").and_then(Value::as_str);
        // A session policy names no principal: it is the session's (IAM, policies and permissions).
        matches!(effect, Some("Allow" | "Deny"))
            && one_of("Action", "NotAction")
            && one_of("Resource", "NotResource")
            && it.get("Principal").is_none()
            && it.get("NotPrincipal").is_none()
    };
    let is_sound = members.keys().all(is_known)
        && match members.get("Statement") {
            Some(Value::Array(statements)) => {
                !statements.is_empty() && statements.iter().all(is_statement)
            }
            Some(statement) => is_statement(statement),
            None => false,
        };
    if !is_sound {
        return Err(malformed("Syntax errors in policy."));
    }
    // AWS's words for the rest are not documented; the twin says what is wrong.
    match PolicyDocument::from_json(text) {
        Ok(_) => Ok(policy),
        Err(error) => Err(malformed(&format!("Syntax errors in policy: {error}"))),
    }
}

/// How full the policies of a session are, in per cent; none when there are none.
///
/// AWS packs them into a binary form whose size it does not document. The twin counts the plain text
/// against its limit, which AWS also applies and which is reached no later than the packed one in
/// the cases that AWS describes.
///
/// # Errors
/// `PackedPolicyTooLarge` above the limit.
pub(super) fn packed_size(policy: Option<&str>, arns: &[String]) -> Result<Option<i32>, ApiError> {
    let texts = policy.into_iter().chain(arns.iter().map(String::as_str));
    let length: usize = texts.map(|it| it.chars().count()).sum();
    let percent = (length * 100).div_ceil(PLAIN_MAX);
    if length > PLAIN_MAX {
        return Err(ApiError::new(
            "PackedPolicyTooLarge",
            format!(
                "Packed policy consumes {percent}% of allotted space, please use smaller policy."
            ),
        ));
    }
    Ok(i32::try_from(percent).ok().filter(|it| *it > 0))
}
