//! How each service words the refusal of a request that does not fit its shapes.
//!
//! EC2, RDS and CloudWatch have words of their own. The others share AWS's common validation, which
//! names the constraint ("1 validation error detected: Value null at 'roleArn' failed to satisfy
//! constraint: Member must not be null"), as the "Common errors" pages of their API references and
//! the answers that users report have it.

use super::api::Api;
use super::path::{Constrained, Path};
use crate::error::ApiError;

/// How much of a refused value is repeated in the message.
const MAX_ECHO_CHARS: usize = 64;

/// A value from the outside, short enough to repeat.
pub(crate) fn echo(text: &str) -> &str {
    match text.char_indices().nth(MAX_ECHO_CHARS) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

/// The request names no action.
pub(crate) fn missing_action() -> ApiError {
    ApiError::new(
        "MissingAction",
        "The request is missing an action or a required parameter.",
    )
}

/// An action that AWS does not have.
pub(crate) fn invalid_action(api: Api, action: &str) -> ApiError {
    let action = echo(action);
    let message = match api {
        Api::Ec2 => format!("The action {action} is not valid for this web service."),
        other => no_operation(action, other.table().version()),
    };
    ApiError::new("InvalidAction", message)
}

/// A version that the API does not have.
pub(crate) fn unknown_version(api: Api, action: &str, version: &str) -> ApiError {
    let version = echo(version);
    match api {
        Api::Ec2 => ApiError::new(
            "NoSuchVersion",
            format!("The requested version ({version}) does not exist"),
        ),
        _ => ApiError::new("InvalidAction", no_operation(echo(action), version)),
    }
}

fn no_operation(action: &str, version: &str) -> String {
    format!("Could not find operation {action} for version {version}")
}

/// A parameter that the model does not have. AWS's services differ in whether they ignore it; the
/// twin does not act as if something it was told had not been said.
pub(crate) fn unknown_parameter(key: &str) -> ApiError {
    let message = format!("The parameter {} is not recognized", echo(key));
    ApiError::new("UnknownParameter", message)
}

/// A required member that is not there.
pub(crate) fn missing(api: Api, path: &Path<'_>) -> ApiError {
    match api {
        Api::Ec2 | Api::Rds => ApiError::new(
            "MissingParameter",
            format!("The request must contain the parameter {path}"),
        ),
        Api::CloudWatch => ApiError::new(
            "MissingParameter",
            format!("The parameter {path} is required."),
        ),
        _ => constraint("null", path, "Member must not be null"),
    }
}

/// A value that cannot be read as the type of its member.
pub(crate) fn misfit(api: Api, path: &Path<'_>, text: &str, expected: &str) -> ApiError {
    let code = match api {
        Api::Ec2 | Api::Rds | Api::CloudWatch => "InvalidParameterValue",
        _ => "MalformedInput",
    };
    let message = format!(
        "Value ({}) for parameter {path} is invalid. Expected {expected}.",
        echo(text)
    );
    ApiError::new(code, message)
}

/// A document of the JSON or CBOR protocols that cannot be read.
pub(crate) fn unreadable(why: &str) -> ApiError {
    ApiError::new("SerializationException", why)
}

fn constraint(value: &str, path: &Path<'_>, what: &str) -> ApiError {
    validation(&format!(
        "Value {value} at '{}' failed to satisfy constraint: {what}",
        Constrained(path)
    ))
}

/// One failure of AWS's common validation.
pub(crate) fn validation(failure: &str) -> ApiError {
    let message = format!("1 validation error detected: {failure}");
    ApiError::new("ValidationError", message)
}
