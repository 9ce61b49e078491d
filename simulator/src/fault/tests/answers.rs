//! How faults show at each service: the code, its HTTP status, and what it means to the executor.

use sandtable_cloud::{ErrorClass, classify};
use sandtable_model::{Effect, Fault};
use serde_json::{Value, json};

use crate::testing::Account;
use crate::wire::{self, Api};
use crate::{ApiError, dispatch};

/// A read of each service that needs nothing.
const READS: [(Api, &str); 8] = [
    (Api::Ec2, "DescribeVolumes"),
    (Api::Sts, "GetCallerIdentity"),
    (Api::ElbV2, "DescribeLoadBalancers"),
    (Api::Elb, "DescribeLoadBalancers"),
    (Api::AutoScaling, "DescribeAutoScalingGroups"),
    (Api::Rds, "DescribeDBInstances"),
    (Api::CloudWatch, "ListMetrics"),
    (Api::CloudFormation, "DescribeStacks"),
];

fn struck(api: Api, action: &str, input: Value, effect: Effect) -> ApiError {
    let mut account = Account::new();
    let name = dispatch::full_name(api, action).into_owned();
    account.twin.set_faults(vec![Fault::new(name, effect)]);
    let ctx = account.twin.context(&account.region);
    let answer = dispatch::call_of(&mut account.twin, &ctx, api, action, input.clone());
    assert_eq!(account.twin.struck().len(), 1, "{api:?} {action}");
    answer.unwrap_err()
}

#[test]
fn each_service_has_codes_of_its_own() {
    for (api, action) in READS {
        let is_ec2 = api == Api::Ec2;
        for (effect, ec2, other, status, class) in [
            (
                Effect::Throttle,
                ("RequestLimitExceeded", 503),
                "Throttling",
                400,
                ErrorClass::Throttled,
            ),
            (
                Effect::InternalError,
                ("InternalError", 500),
                "InternalFailure",
                500,
                ErrorClass::Transient,
            ),
            (
                Effect::Unavailable,
                ("Unavailable", 503),
                "ServiceUnavailable",
                503,
                ErrorClass::Transient,
            ),
            (
                Effect::Denied,
                ("UnauthorizedOperation", 403),
                "AccessDenied",
                403,
                ErrorClass::Denied,
            ),
        ] {
            let error = struck(api, action, json!({}), effect);
            let expected = if is_ec2 { ec2 } else { (other, status) };
            let seen = wire::http_status_of(Some(api), &error).as_u16();
            assert_eq!((error.code.as_ref(), seen), expected, "{api:?}");
            assert_eq!(classify(&error.code), class, "{}", error.code);
        }
        for effect in [
            Effect::TimeoutBefore,
            Effect::TimeoutAfter,
            Effect::ConnectionReset,
        ] {
            assert!(struck(api, action, json!({}), effect).is_no_answer());
        }
    }
}

#[test]
fn room_can_be_short_where_some_is_asked_for() {
    for (api, action, code) in [
        (Api::Ec2, "RunInstances", "InsufficientInstanceCapacity"),
        (Api::Ec2, "StartInstances", "InsufficientInstanceCapacity"),
        (
            Api::Ec2,
            "CreateCapacityReservation",
            "InsufficientInstanceCapacity",
        ),
        (Api::Ec2, "AllocateHosts", "InsufficientHostCapacity"),
        (Api::Ec2, "AllocateAddress", "InsufficientAddressCapacity"),
        (Api::Ec2, "CreateVolume", "InsufficientVolumeCapacity"),
        (
            Api::Rds,
            "CreateDBInstance",
            "InsufficientDBInstanceCapacity",
        ),
        (
            Api::Rds,
            "StartDBInstance",
            "InsufficientDBInstanceCapacity",
        ),
    ] {
        let error = struck(api, action, json!({}), Effect::InsufficientCapacity);
        assert_eq!(error.code, code);
        assert_eq!(classify(&error.code), ErrorClass::Transient, "{code}");
        // EC2's list counts them among the server's errors; the model of RDS declares its own as 400.
        let status = wire::http_status_of(Some(api), &error).as_u16();
        assert_eq!(status, if api == Api::Ec2 { 500 } else { 400 }, "{code}");
    }
    let mut account = Account::new();
    let volume = account.volume(1);
    let fault = Fault::new("*", Effect::InsufficientCapacity);
    account.twin.set_faults(vec![fault]);
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
    assert!(account.twin.struck().is_empty(), "nothing was asked for");
}

/// Rows must be operations that there are.
#[test]
fn room_is_asked_for_by_operations_that_are_modelled() {
    let known = dispatch::modelled_operations();
    let short = known
        .iter()
        .filter(|(api, name)| super::super::answer::no_capacity(*api, name).is_some());
    assert_eq!(short.count(), 9);
}

/// CloudWatch speaks three protocols: the common errors are named otherwise in the newer two, and the
/// code that they have in XML goes along for clients that came from there.
#[test]
fn cloudwatch_names_errors_by_protocol() {
    use crate::wire::protocol::Protocol;
    let api = Api::CloudWatch;
    for (effect, json) in [
        (Effect::Throttle, "ThrottlingException"),
        (Effect::Denied, "AccessDeniedException"),
        (Effect::InternalError, "InternalFailure"),
        (Effect::Unavailable, "ServiceUnavailable"),
    ] {
        let error = struck(api, "ListMetrics", json!({}), effect);
        let body = Protocol::Json10.error(Some(api), &error, "request");
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["__type"], json);
        let mut headers = http::HeaderMap::new();
        Protocol::Json10.mark(&mut headers, Some(api), Some(&error));
        let query = headers["x-amzn-query-error"].to_str().unwrap();
        assert!(query.starts_with(&format!("{};", error.code)), "{query}");
        let xml = Protocol::Query.error(Some(api), &error, "request");
        let xml = String::from_utf8(xml).unwrap();
        assert!(
            xml.contains(&format!("<Code>{}</Code>", error.code)),
            "{xml}"
        );
    }
}
