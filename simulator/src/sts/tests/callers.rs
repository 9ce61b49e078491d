//! `GetCallerIdentity`, `GetAccessKeyInfo`, `GetSessionToken`, and credentials in use.

use serde_json::json;

use super::{ask, by};
use crate::testing::{Account, text};
use crate::wire::Api;

#[test]
fn a_key_that_the_twin_did_not_give_out_is_the_account() {
    let mut account = Account::new();
    let identity = ask(&mut account, "GetCallerIdentity", json!({})).unwrap();
    assert_eq!(
        identity,
        json!({"Account": "123456789012", "UserId": "123456789012",
               "Arn": "arn:aws:iam::123456789012:root"})
    );
    let key = json!({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"});
    let info = ask(&mut account, "GetAccessKeyInfo", key).unwrap();
    assert_eq!(info, json!({"Account": "123456789012"}));
    let short = ask(
        &mut account,
        "GetAccessKeyInfo",
        json!({"AccessKeyId": "!"}),
    )
    .unwrap_err();
    assert_eq!(
        short.to_string(),
        "ValidationError: 2 validation errors detected: Value '!' at 'accessKeyId' failed to \
         satisfy constraint: Member must have length greater than or equal to 16; Value '!' at \
         'accessKeyId' failed to satisfy constraint: Member must satisfy regular expression \
         pattern: [\\w]*"
    );
}

#[test]
fn partitions_have_arns_of_their_own() {
    let mut account = Account::new();
    account.region = sandtable_model::Region::new("cn-north-1").unwrap();
    let identity = ask(&mut account, "GetCallerIdentity", json!({})).unwrap();
    assert_eq!(identity["Arn"], "arn:aws-cn:iam::123456789012:root");
}

/// `API_GetSessionToken`: an hour at most for the account itself, and none for a session of a role.
#[test]
fn a_session_token_is_the_caller_for_a_while() {
    let mut account = Account::new();
    for (seconds, code) in [(899, "ValidationError"), (129_601, "ValidationError")] {
        let input = json!({"DurationSeconds": seconds});
        let error = ask(&mut account, "GetSessionToken", input).unwrap_err();
        assert_eq!(error.code, code);
    }
    let input = json!({"DurationSeconds": 129_600});
    let made = ask(&mut account, "GetSessionToken", input).unwrap();
    let credentials = made["Credentials"].clone();
    let ends = text(&credentials, "Expiration");
    let ends: sandtable_model::Timestamp = ends.parse().unwrap();
    let lasts = ends.since(account.twin.now());
    assert_eq!(lasts, sandtable_model::Duration::from_secs(3600));
    let me = |account: &mut Account| {
        by(
            account,
            &credentials,
            Api::Sts,
            "GetCallerIdentity",
            json!({}),
        )
    };
    assert_eq!(
        me(&mut account).unwrap()["Arn"],
        "arn:aws:iam::123456789012:root"
    );
    account.pass(3600);
    assert_eq!(me(&mut account).unwrap_err().code, "ExpiredToken");
    let ec2 = by(
        &mut account,
        &credentials,
        Api::Ec2,
        "DescribeVpcs",
        json!({}),
    );
    assert_eq!(ec2.unwrap_err().code, "RequestExpired");
}

/// What is not modelled is refused by name.
#[test]
fn multi_factor_authentication_is_refused_by_name() {
    let mut account = Account::new();
    let input = json!({"SerialNumber": "GAHT12345678", "TokenCode": "123456"});
    let error = ask(&mut account, "GetSessionToken", input).unwrap_err();
    assert_eq!(error.code, "UnsupportedOperation");
    assert!(error.message.contains("SerialNumber"), "{error}");
}
