//! The HTTP status of an error code.
//!
//! AWS documents its codes and not their statuses, so this is a table of what is observed, with
//! 400 for everything that is not in it. "Not found" is 400 too, never 404.

use http::StatusCode;

use crate::error::ApiError;

const STATUSES: [(&str, StatusCode); 27] = [
    // Not signed, not allowed.
    ("AccessDenied", StatusCode::FORBIDDEN),
    ("Blocked", StatusCode::FORBIDDEN),
    ("InvalidClientTokenId", StatusCode::FORBIDDEN),
    ("MissingAuthenticationToken", StatusCode::FORBIDDEN),
    ("OptInRequired", StatusCode::FORBIDDEN),
    ("PendingVerification", StatusCode::FORBIDDEN),
    ("SignatureDoesNotMatch", StatusCode::FORBIDDEN),
    ("UnauthorizedOperation", StatusCode::FORBIDDEN),
    // "Would have succeeded" is not a success.
    ("DryRunOperation", StatusCode::PRECONDITION_FAILED),
    // The transport's own.
    ("MethodNotAllowed", StatusCode::METHOD_NOT_ALLOWED),
    ("RequestEntityTooLarge", StatusCode::PAYLOAD_TOO_LARGE),
    ("RequestTimeout", StatusCode::REQUEST_TIMEOUT),
    // The service's fault.
    (
        "InsufficientAddressCapacity",
        StatusCode::INTERNAL_SERVER_ERROR,
    ),
    ("InsufficientCapacity", StatusCode::INTERNAL_SERVER_ERROR),
    (
        "InsufficientCapacityOnHost",
        StatusCode::INTERNAL_SERVER_ERROR,
    ),
    (
        "InsufficientHostCapacity",
        StatusCode::INTERNAL_SERVER_ERROR,
    ),
    (
        "InsufficientInstanceCapacity",
        StatusCode::INTERNAL_SERVER_ERROR,
    ),
    (
        "InsufficientReservedInstanceCapacity",
        StatusCode::INTERNAL_SERVER_ERROR,
    ),
    (
        "InsufficientVolumeCapacity",
        StatusCode::INTERNAL_SERVER_ERROR,
    ),
    ("InternalError", StatusCode::INTERNAL_SERVER_ERROR),
    ("InternalFailure", StatusCode::INTERNAL_SERVER_ERROR),
    ("ServerInternal", StatusCode::INTERNAL_SERVER_ERROR),
    // Come back later.
    (
        "Client.RequestLimitExceeded",
        StatusCode::SERVICE_UNAVAILABLE,
    ),
    ("EC2ThrottledException", StatusCode::SERVICE_UNAVAILABLE),
    ("RequestLimitExceeded", StatusCode::SERVICE_UNAVAILABLE),
    ("ServiceUnavailable", StatusCode::SERVICE_UNAVAILABLE),
    ("Unavailable", StatusCode::SERVICE_UNAVAILABLE),
];

/// How the message about bad credentials begins, which has a status of its own.
const BAD_CREDENTIALS: &str = "AWS was not able to validate";

/// The HTTP status with which EC2 sends this error.
pub fn http_status(error: &ApiError) -> StatusCode {
    // One code, two meanings: who you are is 401, whose resource it is stays an ordinary error.
    if error.code == "AuthFailure" && error.message.starts_with(BAD_CREDENTIALS) {
        return StatusCode::UNAUTHORIZED;
    }
    let row = STATUSES.iter().find(|(code, _)| *code == error.code);
    row.map_or(StatusCode::BAD_REQUEST, |(_, status)| *status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_status_follows_the_table() {
        let status = |code: &'static str| http_status(&ApiError::new(code, "")).as_u16();
        assert_eq!(status("InvalidVolume.NotFound"), 400);
        assert_eq!(status("UnauthorizedOperation"), 403);
        assert_eq!(status("DryRunOperation"), 412);
        assert_eq!(status("RequestLimitExceeded"), 503);
        assert_eq!(status("InternalError"), 500);
        assert_eq!(status("AuthFailure"), 400);
        let message = "AWS was not able to validate the provided access credentials";
        assert_eq!(
            http_status(&ApiError::new("AuthFailure", message)).as_u16(),
            401
        );
    }
}
