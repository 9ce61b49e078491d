//! How a call through the SDK can fail.
//!
//! EC2's model declares no errors, so every refusal reaches the SDK as an unhandled one: the text of
//! its code is all there is to go by (facts: wire, "all errors are unmodelled").

use aws_sdk_ec2::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use sandtable_model::Kind;
use thiserror::Error;

use crate::entry::Unreadable;

/// Why a call gave no answer to work with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallFailure {
    /// The service refused.
    #[error("{code}: {message}")]
    Refused {
        /// EC2's code, or `HTTP 502` where the answer has none.
        code: String,
        /// EC2's message.
        message: String,
        /// The HTTP status.
        status: u16,
    },
    /// Nothing was sent: the request could not be built or signed, or the client refused it.
    #[error("the request was not sent: {0}")]
    NotSent(String),
    /// It was, or may have been, sent, and no usable answer came.
    #[error("no usable answer came: {0}")]
    NoAnswer(String),
}

impl CallFailure {
    /// Whether the caller may not see or do this.
    pub fn is_denied(&self) -> bool {
        let Self::Refused { code, status, .. } = self else {
            return false;
        };
        let known = matches!(
            code.as_str(),
            "UnauthorizedOperation"
                | "AuthFailure"
                | "AccessDenied"
                | "AccessDeniedException"
                | "OptInRequired"
                | "Blocked"
                | "InvalidClientTokenId"
                | "UnrecognizedClientException"
                | "SignatureDoesNotMatch"
                | "RequestExpired"
                | "ExpiredToken"
                | "ExpiredTokenException"
        );
        known || *status == 403
    }
}

/// Why resources could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The call failed.
    #[error("{operation}: {failure}")]
    Call {
        /// AWS's name of the operation.
        operation: &'static str,
        /// In which way.
        failure: CallFailure,
    },
    /// The answer has an entry that is no resource.
    #[error("{operation} answered with an entry that cannot be read: {entry}")]
    Entry {
        /// AWS's name of the operation.
        operation: &'static str,
        /// What is wrong with it.
        entry: Unreadable,
    },
    /// The kind belongs to another API than the one that was asked.
    #[error("{} is not a kind that this API lists", .0.noun())]
    NotRead(Kind),
}

/// What the SDK's error means.
pub fn failure_of<E>(error: &SdkError<E>) -> CallFailure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let code = context.err().code().filter(|code| !code.is_empty());
            let message = context.err().message().unwrap_or("no message was given");
            CallFailure::Refused {
                code: code.map_or_else(|| format!("HTTP {status}"), str::to_owned),
                message: message.to_owned(),
                status,
            }
        }
        SdkError::ConstructionFailure(_) => CallFailure::NotSent(causes(error)),
        // The connector says `user` of requests that it would not take, such as a malformed URL.
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            CallFailure::NotSent(causes(error))
        }
        _ => CallFailure::NoAnswer(causes(error)),
    }
}

/// The error with all its causes, on one line, without the debug form that the SDK appends.
fn causes<E>(error: &SdkError<E>) -> String
where
    E: std::error::Error + 'static,
{
    let text = DisplayErrorContext(error).to_string();
    let end = text.rfind(" (").filter(|_| text.ends_with(')'));
    text.get(..end.unwrap_or(text.len()))
        .unwrap_or(&text)
        .to_owned()
}

/// Whether the code says that the resource does not exist; a deregistered image is `Unavailable`
/// (facts: ec2-semantics, error codes per kind).
pub fn is_not_found(code: &str) -> bool {
    code.ends_with(".NotFound") || matches!(code, "NatGatewayNotFound" | "InvalidAMIID.Unavailable")
}
