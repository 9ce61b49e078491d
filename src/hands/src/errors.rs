//! The SDK's failures as the port's.

use sandtable_cloud::{CloudError, ErrorClass};
use sandtable_describe::{CallFailure, ReadError};

/// What a failed call means for whoever made it.
pub(crate) fn cloud_error(failure: CallFailure) -> CloudError {
    match failure {
        CallFailure::Refused {
            code,
            message,
            status,
        } => {
            let mut error = CloudError::from_code(&code, &message);
            // A code that is not known counts by its status: what failed on the other side may have
            // taken effect, and throttling by a proxy has not.
            if error.class == ErrorClass::Unknown {
                error.class = match status {
                    429 => ErrorClass::Throttled,
                    401 | 403 => ErrorClass::Denied,
                    500..=599 => ErrorClass::Transient,
                    _ => ErrorClass::Unknown,
                };
            }
            error
        }
        CallFailure::NotSent(message) => CloudError {
            class: ErrorClass::Invalid,
            code: "NotSent".to_owned(),
            message,
        },
        CallFailure::NoAnswer(message) => CloudError::ambiguous(message),
    }
}

/// What a failed look means.
pub(crate) fn of_read(error: ReadError) -> CloudError {
    match error {
        ReadError::Call { failure, .. } => cloud_error(failure),
        ReadError::Entry { .. } => CloudError {
            class: ErrorClass::Unknown,
            code: "Unreadable".to_owned(),
            message: error.to_string(),
        },
        ReadError::NotRead(_) => CloudError {
            class: ErrorClass::Invalid,
            code: "NotRead".to_owned(),
            message: error.to_string(),
        },
    }
}
