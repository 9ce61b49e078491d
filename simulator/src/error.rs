//! Errors as Amazon EC2 words them.
//!
//! Every way into the twin (direct, in-process SDK, HTTP) reports the same pair of a code, which
//! programs match on, and a message, which people read. The HTTP status is not part of the pair:
//! `wire::http_status` derives it from the code.

use std::borrow::Cow;

/// An error as EC2 words it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The code that clients match on, such as `InvalidVolume.NotFound`.
    pub code: Cow<'static, str>,
    /// The sentence for people.
    pub message: String,
}

impl ApiError {
    /// The code of [`ApiError::no_answer`]. It never appears in a response.
    pub const NO_ANSWER: &'static str = "sandtable.NoAnswer";

    /// An error with AWS's code and message.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }

    /// The refusal of an action that AWS has and the twin does not model.
    ///
    /// The twin never answers success for what it did not do, and says that the limit is its own.
    pub fn not_modelled(action: &str) -> Self {
        Self::new(
            "UnsupportedOperation",
            format!("The twin does not model {action}: nothing was done."),
        )
    }

    /// Not an answer of AWS at all: the connection breaks before a response arrives.
    ///
    /// A fault that models a time-out returns this, before or after its effect. The HTTP server
    /// closes the connection and the in-process connector reports a time-out.
    pub fn no_answer() -> Self {
        Self::new(Self::NO_ANSWER, "the connection ended without a response")
    }

    /// Whether this is [`ApiError::no_answer`].
    pub fn is_no_answer(&self) -> bool {
        self.code == Self::NO_ANSWER
    }
}
