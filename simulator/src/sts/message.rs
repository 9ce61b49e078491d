//! What is in the encoded message of a denial.

use serde::{Deserialize, Serialize};

use super::constraint::Constraints;
use crate::{ApiError, Ctx, Twin, iam};

/// The request of [`decode_authorization_message`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DecodeAuthorizationMessageRequest {
    /// The message, as the denial has it.
    pub encoded_message: String,
}

/// The answer of [`decode_authorization_message`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DecodedMessage {
    decoded_message: String,
}

/// `DecodeAuthorizationMessage`
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>). The
/// message is JSON: whether it was denied explicitly, the principal, action and resource, and the
/// condition keys of the request. A twin reads those of any other twin, AWS only those of the account.
///
/// # Errors
/// `InvalidAuthorizationMessageException` for what no denial gave, `ValidationError` for nothing.
pub fn decode_authorization_message(
    _: &mut Twin,
    _: &Ctx,
    request: DecodeAuthorizationMessageRequest,
) -> Result<DecodedMessage, ApiError> {
    let mut constraints = Constraints::default();
    let message = request.encoded_message.as_str();
    constraints.length("encodedMessage", message, 1..=10_240);
    constraints.check()?;
    let decoded = iam::decode_message(message).ok_or_else(|| {
        ApiError::new(
            "InvalidAuthorizationMessageException",
            "Message is not valid",
        )
    })?;
    Ok(DecodedMessage {
        decoded_message: decoded,
    })
}
