//! Refusals that several operations share, in AWS's words.

use sandtable_model::ResourceId;

use crate::ApiError;

/// The refusal to delete what others depend on. `noun` is AWS's word for the kind, as in
/// `routeTable` (facts: ec2-semantics.md, section 3).
pub(crate) fn has_dependencies(noun: &str, id: impl Into<ResourceId>) -> ApiError {
    let id = id.into();
    dependency(format!(
        "The {noun} '{id}' has dependencies and cannot be deleted."
    ))
}

/// A refusal because of what depends on something.
pub(crate) fn dependency(message: impl Into<String>) -> ApiError {
    ApiError::new("DependencyViolation", message)
}

/// The refusal to make more of something than the account may have.
pub(crate) fn over_quota(code: &'static str, noun: &str) -> ApiError {
    ApiError::new(
        code,
        format!("The maximum number of {noun} has been reached."),
    )
}

/// A parameter whose value is none that the operation takes.
pub(crate) fn not_a_value(parameter: &str, value: &str) -> ApiError {
    crate::rules::invalid_value(format!(
        "Value ({value}) for parameter {parameter} is invalid."
    ))
}

/// The refusal of a parameter's value that AWS takes and the twin does not model.
pub(crate) fn not_modelled(what: &str) -> ApiError {
    ApiError::new(
        "UnsupportedOperation",
        format!("The twin does not model {what}: nothing was done."),
    )
}

/// The refusal of someone else's, or a service's, resource.
pub(crate) fn no_permission() -> ApiError {
    ApiError::new(
        "AuthFailure",
        "You do not have permission to access the specified resource.",
    )
}

/// The refusal to join what belongs to different VPCs.
pub(crate) fn different_networks(one: &str, other: &str) -> ApiError {
    crate::rules::invalid_value(format!("{one} and {other} belong to different networks"))
}
