//! The HTTP status of an error code.
//!
//! AWS documents its codes and not their statuses, so this is a table of what is observed, with
//! 400 for everything that is not in it. "Not found" is 400 too, never 404.

use http::StatusCode;

use super::api::Api;
use crate::error::ApiError;

const STATUSES: [(&str, StatusCode); 30] = [
    // Not signed, not allowed.
    ("AccessDenied", StatusCode::FORBIDDEN),
    ("Blocked", StatusCode::FORBIDDEN),
    ("InvalidClientTokenId", StatusCode::FORBIDDEN),
    ("MissingAuthenticationToken", StatusCode::FORBIDDEN),
    ("OptInRequired", StatusCode::FORBIDDEN),
    ("PendingVerification", StatusCode::FORBIDDEN),
    ("SignatureDoesNotMatch", StatusCode::FORBIDDEN),
    ("UnauthorizedOperation", StatusCode::FORBIDDEN),
    ("sandtable.CrossOrigin", StatusCode::FORBIDDEN),
    ("sandtable.NoSuchFork", StatusCode::NOT_FOUND),
    ("sandtable.OwnPage", StatusCode::FORBIDDEN),
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

/// The statuses of the errors that every service other than EC2 has, from the pages "Common errors"
/// of their API references (for example
/// <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html>).
const COMMON: [(&str, StatusCode); 19] = [
    ("AccessDenied", StatusCode::FORBIDDEN),
    ("AccessDeniedException", StatusCode::BAD_REQUEST),
    ("ExpiredToken", StatusCode::FORBIDDEN),
    ("ExpiredTokenException", StatusCode::FORBIDDEN),
    ("IncompleteSignature", StatusCode::BAD_REQUEST),
    ("InternalError", StatusCode::INTERNAL_SERVER_ERROR),
    ("InternalFailure", StatusCode::INTERNAL_SERVER_ERROR),
    ("InvalidClientTokenId", StatusCode::FORBIDDEN),
    ("MethodNotAllowed", StatusCode::METHOD_NOT_ALLOWED),
    ("MissingAuthenticationToken", StatusCode::FORBIDDEN),
    ("OptInRequired", StatusCode::FORBIDDEN),
    ("RequestEntityTooLarge", StatusCode::PAYLOAD_TOO_LARGE),
    ("RequestTimeout", StatusCode::REQUEST_TIMEOUT),
    ("ServiceUnavailable", StatusCode::SERVICE_UNAVAILABLE),
    ("SignatureDoesNotMatch", StatusCode::FORBIDDEN),
    ("UnrecognizedClientException", StatusCode::FORBIDDEN),
    ("sandtable.CrossOrigin", StatusCode::FORBIDDEN),
    ("sandtable.NoSuchFork", StatusCode::NOT_FOUND),
    ("sandtable.OwnPage", StatusCode::FORBIDDEN),
];

/// The HTTP status with which a service sends this error: what its model declares, and what is
/// common to all of them. EC2 declares nothing.
pub fn http_status_of(api: Option<Api>, error: &ApiError) -> StatusCode {
    let api = match api {
        None | Some(Api::Ec2) => return http_status(error),
        Some(other) => other,
    };
    let declared = api.table().declared(&error.code);
    let declared = declared.and_then(|it| StatusCode::from_u16(it.status).ok());
    let common = COMMON.iter().find(|(code, _)| *code == error.code);
    declared
        .or(common.map(|(_, status)| *status))
        .unwrap_or(StatusCode::BAD_REQUEST)
}

/// Whether the caller is at fault, and not the service.
pub(crate) fn is_sender(api: Option<Api>, error: &ApiError) -> bool {
    http_status_of(api, error).as_u16() < 500
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
        let of = |api, code: &'static str| {
            let status = http_status_of(Some(api), &ApiError::new(code, ""));
            status.as_u16()
        };
        assert_eq!(of(Api::Rds, "DBInstanceNotFound"), 404);
        assert_eq!(of(Api::ElbV2, "LoadBalancerNotFound"), 400);
        assert_eq!(of(Api::CloudWatch, "InternalServiceError"), 500);
        assert_eq!(of(Api::Sts, "ExpiredToken"), 403);
        assert_eq!(of(Api::CloudFormation, "ValidationError"), 400);
        assert_eq!(of(Api::Ec2, "DryRunOperation"), 412);
        let message = "AWS was not able to validate the provided access credentials";
        assert_eq!(
            http_status(&ApiError::new("AuthFailure", message)).as_u16(),
            401
        );
    }
}
