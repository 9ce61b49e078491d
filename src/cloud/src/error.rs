//! How a call can fail, and what that means for whoever made it.

use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{code}: {message}")]
pub struct CloudError {
    /// What the failure means.
    pub class: ErrorClass,
    /// The cloud's code, for example `DependencyViolation`; our own words where there is none.
    pub code: String,
    /// The cloud's message.
    pub message: String,
}

impl CloudError {
    /// An error by the cloud's code and message, classified by the code.
    pub fn from_code(code: &str, message: &str) -> Self {
        CloudError {
            class: classify(code),
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    /// A call whose outcome is not known: no answer came, or the connection broke.
    pub fn ambiguous(message: impl Into<String>) -> Self {
        CloudError {
            class: ErrorClass::Ambiguous,
            code: "NoAnswer".to_owned(),
            message: message.into(),
        }
    }
}

/// What a failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorClass {
    /// Too many calls; nothing was done, the same call may go through later.
    Throttled,
    /// The cloud failed; whether something was done must be settled by looking.
    Transient,
    /// No answer; whether something was done must be settled by looking.
    Ambiguous,
    /// The resource does not exist.
    NotFound,
    /// Something else depends on the resource or uses it.
    Blocked,
    /// The resource is not in a state for this call.
    WrongState,
    /// The caller may not do this.
    Denied,
    /// The request itself is wrong.
    Invalid,
    /// The twin does not model this.
    NotModelled,
    /// Anything else.
    Unknown,
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled => "throttled",
            Self::Transient => "transient",
            Self::Ambiguous => "ambiguous",
            Self::NotFound => "not found",
            Self::Blocked => "blocked",
            Self::WrongState => "wrong state",
            Self::Denied => "denied",
            Self::Invalid => "invalid",
            Self::NotModelled => "not modelled",
            Self::Unknown => "unknown",
        })
    }
}

/// What an EC2 error code means. EC2 declares no errors in its model, so the code's text is all there
/// is; codes are from the EC2 error list
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).
pub fn classify(code: &str) -> ErrorClass {
    match code {
        "RequestLimitExceeded"
        | "Throttling"
        | "ThrottlingException"
        | "EC2ThrottledException"
        | "RequestThrottled"
        | "SnapshotCreationPerVolumeRateExceeded"
        | "ConcurrentSnapshotLimitExceeded"
        | "ConcurrentTagAccess" => ErrorClass::Throttled,
        "InternalError" | "InternalFailure" | "ServiceUnavailable" | "Unavailable" => {
            ErrorClass::Transient
        }
        "DependencyViolation"
        | "VolumeInUse"
        | "InvalidSnapshot.InUse"
        | "InvalidIPAddress.InUse"
        | "InvalidNetworkInterface.InUse"
        | "InvalidGroup.InUse"
        | "CannotDelete"
        | "Resource.AlreadyAssociated" => ErrorClass::Blocked,
        "IncorrectState"
        | "IncorrectInstanceState"
        | "InvalidStateTransition"
        | "Gateway.NotAttached"
        | "IncorrectModificationState" => ErrorClass::WrongState,
        "UnauthorizedOperation"
        | "AuthFailure"
        | "OperationNotPermitted"
        | "AccessDenied"
        | "AccessDeniedException"
        | "RequestExpired"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "OptInRequired" => ErrorClass::Denied,
        "NotModelled" => ErrorClass::NotModelled,
        // AWS has no room just now: errors of the server's side.
        _ if code.starts_with("Insufficient") && code.ends_with("Capacity") => {
            ErrorClass::Transient
        }
        _ if code.ends_with(".NotFound") || code == "NatGatewayNotFound" => ErrorClass::NotFound,
        _ if code.ends_with(".Malformed") || code == "NatGatewayMalformed" => ErrorClass::Invalid,
        _ if code.starts_with("Invalid") || code.starts_with("Missing") => ErrorClass::Invalid,
        "UnknownParameter" | "UnsupportedOperation" | "Unsupported" | "ValidationError" => {
            ErrorClass::Invalid
        }
        _ => ErrorClass::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_the_executor_relies_on() {
        for (code, class) in [
            ("DependencyViolation", ErrorClass::Blocked),
            ("NatGatewayNotFound", ErrorClass::NotFound),
            ("InvalidVolume.NotFound", ErrorClass::NotFound),
            ("InvalidVpcID.Malformed", ErrorClass::Invalid),
            ("RequestLimitExceeded", ErrorClass::Throttled),
            ("UnauthorizedOperation", ErrorClass::Denied),
            ("InsufficientInstanceCapacity", ErrorClass::Transient),
            ("SomethingNew", ErrorClass::Unknown),
        ] {
            assert_eq!(classify(code), class, "{code}");
        }
    }
}
