//! The refusals that CloudWatch's operations share
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html> and the
//! "Errors" of each operation).

use crate::ApiError;

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

pub(super) fn combination(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterCombination", message)
}

pub(super) fn missing(parameter: &str) -> ApiError {
    ApiError::new(
        "MissingParameter",
        format!("The parameter {parameter} is required."),
    )
}

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

pub(super) fn not_modelled(what: &str) -> ApiError {
    ApiError::new(
        "UnsupportedOperation",
        format!("The twin does not model {what}: nothing was done."),
    )
}
