//! How faults show: the codes and messages of each service.
//!
//! EC2 has codes of its own (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).
//! The services of the older Query protocol answer `Throttling`, `AccessDenied`, `InternalFailure` and
//! `ServiceUnavailable`. Their pages "Common errors" say `ThrottlingException` and
//! `AccessDeniedException` instead, which are the names of JSON and CBOR: what clients of the Query
//! protocol report (botocore's retry rules, `Throttling: Rate exceeded` of CloudFormation and CloudWatch in
//! aws-sdk-js issues 412 and 1822) has no `Exception`. The wire turns the one into the other for
//! CloudWatch, which speaks all three.

use sandtable_model::Effect;

use crate::wire::Api;
use crate::{ApiError, dispatch, quota};

/// Whether an effect can come about at an operation at all: only where AWS needs room can it lack some.
/// `name` is as [`dispatch::full_name`] gives it, or `*`.
pub fn can_happen(name: &str, effect: &Effect) -> bool {
    match effect {
        Effect::InsufficientCapacity if name == "*" => true,
        Effect::InsufficientCapacity => {
            let operation = dispatch::read_name(name);
            operation.is_some_and(|(api, action)| no_capacity(api, action).is_some())
        }
        _ => true,
    }
}

/// Too many calls.
pub(crate) fn throttled(api: Api) -> ApiError {
    match api {
        Api::Ec2 => quota::exceeded(),
        _ => ApiError::new("Throttling", "Rate exceeded"),
    }
}

/// The service fails.
pub(crate) fn internal_error(api: Api) -> ApiError {
    match api {
        Api::Ec2 => ApiError::new("InternalError", "An internal error has occurred"),
        _ => ApiError::new(
            "InternalFailure",
            "The request processing has failed because of an unknown error, exception or failure.",
        ),
    }
}

/// The service is overloaded.
pub(crate) fn unavailable(api: Api) -> ApiError {
    match api {
        Api::Ec2 => ApiError::new(
            "Unavailable",
            "The server is overloaded and can't handle the request.",
        ),
        _ => ApiError::new(
            "ServiceUnavailable",
            "The request has failed due to a temporary failure of the server.",
        ),
    }
}

/// The caller may not do this.
pub(crate) fn denied(api: Api) -> ApiError {
    let message = "You are not authorized to perform this operation.";
    match api {
        Api::Ec2 => ApiError::new("UnauthorizedOperation", message),
        _ => ApiError::new("AccessDenied", message),
    }
}

/// AWS has no room, at the operations that need some: the server errors `Insufficient…Capacity` of EC2's
/// list, and what the model of RDS declares for its operations.
pub(crate) fn no_capacity(api: Api, action: &str) -> Option<ApiError> {
    let (code, what) = match (api, action) {
        (Api::Ec2, "RunInstances" | "StartInstances" | "CreateCapacityReservation") => {
            ("InsufficientInstanceCapacity", "your request")
        }
        (Api::Ec2, "AllocateHosts") => {
            let what = "your request for Dedicated Hosts";
            ("InsufficientHostCapacity", what)
        }
        (Api::Ec2, "AllocateAddress") => {
            let what = "your request for an address";
            ("InsufficientAddressCapacity", what)
        }
        (Api::Ec2, "CreateVolume") => {
            let what = "your EBS volume provision request";
            ("InsufficientVolumeCapacity", what)
        }
        (Api::Rds, "CreateDBInstance" | "StartDBInstance" | "ModifyDBInstance") => {
            let what = "your request for a DB instance of this class";
            ("InsufficientDBInstanceCapacity", what)
        }
        _ => return None,
    };
    Some(ApiError::new(
        code,
        format!("There is not enough capacity to fulfill {what}. Please try again later."),
    ))
}
