//! `AssumeRole` (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).

use serde_json::{Value, json};

use super::{ask, by};
use crate::testing::{Account, text};
use crate::wire::Api;

const ROLE: &str = "arn:aws:iam::210987654321:role/ops/cleaner";

fn with(more: Value) -> Value {
    let mut input = json!({"RoleArn": ROLE, "RoleSessionName": "night-run"});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    input
}

fn code(more: Value) -> String {
    let error = ask(&mut Account::new(), "AssumeRole", with(more)).unwrap_err();
    error.code.into_owned()
}

#[test]
fn the_credentials_of_a_role_make_calls_as_its_session() {
    let mut account = Account::new();
    let made = ask(&mut account, "AssumeRole", with(json!({}))).unwrap();
    let user = &made["AssumedRoleUser"];
    let arn = "arn:aws:sts::210987654321:assumed-role/cleaner/night-run";
    assert_eq!(user["Arn"], arn);
    let credentials = &made["Credentials"];
    let me = by(
        &mut account,
        credentials,
        Api::Sts,
        "GetCallerIdentity",
        json!({}),
    )
    .unwrap();
    assert_eq!(
        me,
        json!({"Account": "210987654321", "Arn": arn, "UserId": user["AssumedRoleId"]})
    );
    let key = text(credentials, "AccessKeyId");
    assert!(key.starts_with("ASIA") && key.len() == 20, "{key}");
    let info = ask(
        &mut account,
        "GetAccessKeyInfo",
        json!({"AccessKeyId": key}),
    )
    .unwrap();
    assert_eq!(info["Account"], "210987654321");
    let session = account.twin.sessions().get(&key).unwrap();
    assert_eq!(session.role_arn.as_deref(), Some(ROLE));
    let forged = json!({"AccessKeyId": key, "SessionToken": "x"});
    for (api, action, code) in [
        (Api::Sts, "GetCallerIdentity", "InvalidClientTokenId"),
        (Api::Ec2, "DescribeVpcs", "AuthFailure"),
    ] {
        let error = by(&mut account, &forged, api, action, json!({})).unwrap_err();
        assert_eq!(error.code, code);
    }
}

/// The ids of AWS's access keys carry the account: 40 bits behind the first bit of what stands
/// behind the prefix, in base 32.
#[test]
fn the_id_of_a_key_carries_the_account() {
    let mut account = Account::new();
    let made = ask(&mut account, "AssumeRole", with(json!({}))).unwrap();
    let key = text(&made["Credentials"], "AccessKeyId");
    let digits = key[4..].bytes().map(|byte| match byte {
        b'A'..=b'Z' => u128::from(byte - b'A'),
        _ => u128::from(byte - b'2') + 26,
    });
    let bits = digits.fold(0, |sum, digit| sum << 5 | digit);
    assert_eq!((bits >> 39) & 0xff_ffff_ffff, 210_987_654_321);
}

#[test]
fn the_same_seed_gives_the_same_credentials_and_leaves_other_ids_alone() {
    let (mut one, mut other) = (Account::new(), Account::new());
    let first = ask(&mut one, "AssumeRole", with(json!({}))).unwrap();
    let volume = one.volume(1);
    assert_eq!(other.volume(1), volume);
    let second = ask(&mut other, "AssumeRole", with(json!({}))).unwrap();
    let key = |made: &Value| made["Credentials"]["AccessKeyId"].clone();
    assert_eq!(key(&first), key(&second));
    let third = ask(&mut other, "AssumeRole", with(json!({}))).unwrap();
    assert_ne!(key(&first), key(&third));
}

#[test]
fn the_model_constrains_what_may_be_asked() {
    let long = "x".repeat(65);
    for more in [
        json!({"RoleArn": "short"}),
        json!({"RoleSessionName": "a"}),
        json!({"RoleSessionName": long}),
        json!({"RoleSessionName": "no spaces"}),
        json!({"DurationSeconds": 899}),
        json!({"DurationSeconds": 43_201}),
        json!({"ExternalId": "x"}),
        json!({"SourceIdentity": "é é"}),
        json!({"Policy": ""}),
        json!({"PolicyArns": vec![json!({"arn": ROLE}); 11]}),
        json!({"Tags": [{"Key": "", "Value": "x"}]}),
        json!({"RoleArn": "arn:aws:iam::210987654321:user/someone"}),
        json!({"RoleArn": "arn:aws:iam::12345:role/too-short-account"}),
        json!({"RoleArn": "arn:aws:iam::210987654321:role/"}),
    ] {
        assert_eq!(code(more.clone()), "ValidationError", "{more}");
    }
    let input = with(json!({"DurationSeconds": 60}));
    let error = ask(&mut Account::new(), "AssumeRole", input).unwrap_err();
    assert_eq!(
        error.message,
        "1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy \
         constraint: Member must have value greater than or equal to 900"
    );
}

#[test]
fn tags_are_kept_and_must_differ_in_more_than_case() {
    let twice = json!([{"Key": "Team", "Value": "a"}, {"Key": "team", "Value": "b"}]);
    assert_eq!(code(json!({"Tags": twice})), "InvalidParameterValue");
    let mut account = Account::new();
    let input = with(json!({"Tags": [{"Key": "team", "Value": "a"}], "ExternalId": "ex:1"}));
    let made = ask(&mut account, "AssumeRole", input).unwrap();
    let key = text(&made["Credentials"], "AccessKeyId");
    let session = account.twin.sessions().get(&key).unwrap();
    assert_eq!(session.tags["team"], "a");
    assert_eq!(session.external_id.as_deref(), Some("ex:1"));
}

#[test]
fn session_policies_must_be_policies_and_fit() {
    let statement = json!({"Effect": "Allow", "Action": "ec2:DeleteVolume", "Resource": "*"});
    let policy = |statement: Value| {
        let policy = json!({"Version": "2012-10-17", "Statement": statement});
        json!({"Policy": policy.to_string()})
    };
    let mut account = Account::new();
    let input = with(policy(json!([statement])));
    let made = ask(&mut account, "AssumeRole", input).unwrap();
    assert_eq!(made["PackedPolicySize"], 5);
    for broken in [
        json!({"Policy": "{"}),
        json!({"Policy": "[]"}),
        json!({"Policy": "{}"}),
        policy(json!([])),
        policy(json!({"Effect": "Maybe", "Action": "*", "Resource": "*"})),
        policy(json!({"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"})),
        policy(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"})),
    ] {
        assert_eq!(code(broken.clone()), "MalformedPolicyDocument", "{broken}");
    }
    let many: Vec<String> = (0..60)
        .map(|n| format!("arn:aws:ec2:eu-west-1:210987654321:volume/vol-{n:017}"))
        .collect();
    let large = policy(json!({"Effect": "Allow", "Action": "*", "Resource": many}));
    assert_eq!(code(large), "PackedPolicyTooLarge");
}

/// `API_AssumeRole`, `DurationSeconds`: a role that assumes a role gets an hour at most.
#[test]
fn chained_sessions_last_an_hour_at_most() {
    let mut account = Account::new();
    let made = ask(&mut account, "AssumeRole", with(json!({}))).unwrap();
    let credentials = &made["Credentials"];
    let long = with(json!({"DurationSeconds": 3601}));
    let error = by(&mut account, credentials, Api::Sts, "AssumeRole", long).unwrap_err();
    assert_eq!(error.code, "ValidationError");
    by(
        &mut account,
        credentials,
        Api::Sts,
        "AssumeRole",
        with(json!({})),
    )
    .unwrap();
    let token = by(
        &mut account,
        credentials,
        Api::Sts,
        "GetSessionToken",
        json!({}),
    );
    assert_eq!(token.unwrap_err().code, "AccessDenied");
}

/// `API_AssumeRole`, `Policy`: the session may do what both the role and the policy allow.
#[test]
fn a_session_may_do_no_more_than_its_policy() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let policy = json!({"Statement": [
        {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"},
        {"Effect": "Allow", "Action": "ec2:DeleteVolume", "Resource": "*",
         "Condition": {"StringEquals": {"ec2:VolumeSize": "2"}}}]});
    let input = with(json!({"Policy": policy.to_string()}));
    let made = ask(&mut account, "AssumeRole", input).unwrap();
    let mut call = |action: &str, input: Value| {
        by(&mut account, &made["Credentials"], Api::Ec2, action, input)
    };
    let named = json!({"VolumeIds": [volume]});
    assert_eq!(
        call("DescribeVolumes", named.clone()).unwrap()["Volumes"][0]["Size"],
        1
    );
    let refused = call("DeleteVolume", json!({"VolumeId": volume})).unwrap_err();
    assert_eq!(refused.code, "UnauthorizedOperation");
    assert!(refused.message.contains("session policy"), "{refused}");
    assert!(call("DescribeVolumes", named).is_ok(), "nothing was done");
}

/// The twin has the documents of few managed policies, and does not act as if the others were none.
#[test]
fn a_session_under_managed_policies_is_refused_by_name() {
    let mut account = Account::new();
    let arn = "arn:aws:iam::210987654321:policy/unknown";
    let input = with(json!({"PolicyArns": [{"arn": arn}]}));
    let made = ask(&mut account, "AssumeRole", input).unwrap();
    let (mine, none) = (&made["Credentials"], json!({}));
    let refused = by(&mut account, mine, Api::Ec2, "DescribeVolumes", none).unwrap_err();
    assert_eq!(refused.code, "UnsupportedOperation");
    assert!(refused.message.contains(arn), "{refused}");
    let me = by(&mut account, mine, Api::Sts, "GetCallerIdentity", json!({}));
    assert!(me.is_ok(), "identity needs no permission");
}
