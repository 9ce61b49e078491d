//! Refusals that several operations share, in AWS's words.

use sandtable_model::{AccountId, ResourceId};

use crate::ApiError;

/// Something is not in a state in which the operation works.
pub(super) fn incorrect_state(message: impl Into<String>) -> ApiError {
    ApiError::new("IncorrectState", message)
}

/// A transit gateway, attachment or route table that comes, changes or goes.
pub(super) fn invalid_state(id: impl Into<ResourceId>) -> ApiError {
    incorrect_state(format!("{} is in invalid state", id.into()))
}

/// Something that the operation does not allow to this account or at this time.
pub(super) fn not_permitted(message: impl Into<String>) -> ApiError {
    ApiError::new("OperationNotPermitted", message)
}

/// A parameter that must be an account.
pub(super) fn read_account(parameter: &str, text: &str) -> Result<AccountId, ApiError> {
    AccountId::new(text).map_err(|_| crate::network::refusal::not_a_value(parameter, text))
}
