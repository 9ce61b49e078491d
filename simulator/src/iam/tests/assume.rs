//! Who may assume a role, and what its sessions may do.

use serde_json::{Value, json};

use super::{ask, only, set, statement};
use crate::ApiError;
use crate::testing::{Account, text};
use crate::wire::{Api, Call, Caller};

const ROLE: &str = "arn:aws:iam::123456789012:role/ops/cleaner";
const USER: &str = "arn:aws:iam::123456789012:user/sandtable";

fn trust(principal: Value, more: Value) -> Value {
    let mut statement =
        json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    for (name, value) in more.as_object().into_iter().flatten() {
        statement[name] = value.clone();
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// Permissions with one role that may delete volumes, and what the caller itself may do.
fn told(trust: Value, identity: Value) -> Value {
    let own = statement(json!({"Action": "ec2:DeleteVolume"}));
    json!({"identity": identity, "roles": {ROLE: {"trust": trust, "identity": [own]}}})
}

fn assume(account: &mut Account, more: Value) -> Result<Value, ApiError> {
    let mut input = json!({"RoleArn": ROLE, "RoleSessionName": "night"});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    ask(account, Api::Sts, "AssumeRole", input)
}

/// A call with the credentials of a session.
fn by(
    account: &mut Account,
    made: &Value,
    api: Api,
    action: &str,
    input: Value,
) -> Result<Value, ApiError> {
    let credentials = &made["Credentials"];
    let caller = Caller {
        access_key: text(credentials, "AccessKeyId"),
        session_token: Some(text(credentials, "SessionToken")),
        ..Caller::new("123456789012", account.region.as_str())
    };
    account
        .twin
        .answer(&caller, &Call::of(api, action, input))?
        .to_value()
}

fn code(result: Result<Value, ApiError>) -> String {
    result
        .err()
        .map_or_else(String::new, |it| it.code.into_owned())
}

/// STS API Reference, AssumeRole: in the same account either the trust policy names the user, or it
/// names the account and a policy of the user allows the call.
#[test]
fn both_sides_or_the_role_alone() {
    let mut account = Account::new();
    let everything = json!([statement(json!({"Action": "sts:AssumeRole"}))]);
    let nothing = json!([]);
    let own = json!({"AWS": "arn:aws:iam::123456789012:root"});
    let foreign = json!({"AWS": "210987654321"});
    for (principal, identity, expected) in [
        (own.clone(), &everything, ""),
        (json!({"AWS": "123456789012"}), &everything, ""),
        (own, &nothing, "AccessDenied"),
        (json!({"AWS": USER}), &nothing, ""),
        (json!({"AWS": [USER, "210987654321"]}), &nothing, ""),
        (json!("*"), &nothing, ""),
        (json!({"AWS": "*"}), &nothing, ""),
        (foreign, &everything, "AccessDenied"),
        (
            json!({"AWS": "arn:aws:iam::123456789012:user/other"}),
            &everything,
            "AccessDenied",
        ),
        (
            json!({"Service": "ec2.amazonaws.com"}),
            &everything,
            "AccessDenied",
        ),
    ] {
        set(
            &mut account,
            &told(trust(principal.clone(), json!({})), identity.clone()),
        );
        assert_eq!(
            code(assume(&mut account, json!({}))),
            expected,
            "{principal} {identity}"
        );
    }
}

/// IAM User Guide, "Troubleshoot access denied error messages", role trust policies.
#[test]
fn the_refusals_are_those_of_the_guide() {
    let mut account = Account::new();
    let mut message = |value: Value| {
        set(&mut account, &value);
        let error = assume(&mut account, json!({})).unwrap_err();
        assert_eq!(error.code, "AccessDenied");
        error.message
    };
    let user = format!("User: {USER} is not authorized to perform: sts:AssumeRole");
    let all = json!([statement(json!({}))]);
    let foreign = trust(json!({"AWS": "210987654321"}), json!({}));
    assert_eq!(
        message(told(foreign, all.clone())),
        format!("{user} because no role trust policy allows the sts:AssumeRole action")
    );
    let mut denying = trust(json!("*"), json!({}));
    let deny = json!({"Effect": "Deny", "Principal": {"AWS": "123456789012"}, "Action": "sts:*"});
    denying["Statement"].as_array_mut().unwrap().push(deny);
    assert_eq!(
        message(told(denying, all.clone())),
        format!("{user} with an explicit deny in the role trust policy")
    );
    let own = trust(json!({"AWS": "123456789012"}), json!({}));
    assert_eq!(
        message(told(own.clone(), json!([]))),
        format!(
            "{user} on resource: {ROLE} because no identity-based policy allows the sts:AssumeRole \
             action"
        )
    );
    // That there is no such role, AWS does not tell.
    let other = told(own, all);
    let other = other.to_string().replace("role/ops/cleaner", "role/other");
    assert_eq!(
        message(serde_json::from_str(&other).unwrap()),
        format!("{user} on resource: {ROLE}")
    );
}

/// A denial counts, and a layer that narrows, wherever the trust comes from.
#[test]
fn trust_in_the_user_spares_its_own_policies_and_no_more() {
    let mut account = Account::new();
    let mut permissions = told(trust(json!({"AWS": USER}), json!({})), json!([]));
    let deny = statement(json!({"Effect": "Deny", "Action": "sts:*"}));
    permissions["identity"] = json!([deny]);
    set(&mut account, &permissions);
    assert_eq!(code(assume(&mut account, json!({}))), "AccessDenied");
    permissions["identity"] = json!([]);
    permissions["service_control"] = json!([statement(json!({"Action": "ec2:*"}))]);
    set(&mut account, &permissions);
    let error = assume(&mut account, json!({})).unwrap_err();
    assert!(
        error.message.contains("no service control policy allows"),
        "{}",
        error.message
    );
}

#[test]
fn conditions_of_the_trust_policy_count() {
    let mut account = Account::new();
    let mut both = |condition: Value, yes: Value, no: Value| {
        let trust = trust(json!({"AWS": USER}), json!({"Condition": condition}));
        set(&mut account, &told(trust, json!([])));
        assert_eq!(
            code(assume(&mut account, no)),
            "AccessDenied",
            "{condition}"
        );
        assert_eq!(code(assume(&mut account, yes)), "", "{condition}");
    };
    both(
        json!({"StringEquals": {"sts:ExternalId": "ex-1"}}),
        json!({"ExternalId": "ex-1"}),
        json!({"ExternalId": "ex-2"}),
    );
    both(
        json!({"StringLike": {"sts:RoleSessionName": "ni*"}}),
        json!({}),
        json!({"RoleSessionName": "day"}),
    );
}

/// IAM User Guide, "Pass session tags in AWS STS" and "Monitor and control actions taken with assumed
/// roles": tags and a source identity are permissions of their own on both sides.
#[test]
fn tags_and_identity_of_a_session_are_actions_of_their_own() {
    let mut account = Account::new();
    let actions = |all: &[&str]| trust(json!({"AWS": USER}), json!({"Action": all}));
    for (more, action) in [
        (
            json!({"Tags": [{"Key": "team", "Value": "a"}]}),
            "sts:TagSession",
        ),
        (json!({"SourceIdentity": "ada"}), "sts:SetSourceIdentity"),
    ] {
        set(&mut account, &told(actions(&["sts:AssumeRole"]), json!([])));
        let error = assume(&mut account, more.clone()).unwrap_err();
        assert_eq!(
            error.message,
            format!(
                "User: {USER} is not authorized to perform: {action} because no role trust policy \
                 allows the {action} action"
            )
        );
        set(
            &mut account,
            &told(actions(&["sts:AssumeRole", action]), json!([])),
        );
        assert_eq!(code(assume(&mut account, more)), "");
    }
}

#[test]
fn a_session_has_the_permissions_of_its_role() {
    let mut account = Account::new();
    let (volume, other) = (account.volume(1), account.volume(1));
    let mut permissions = told(trust(json!({"AWS": USER}), json!({})), json!([]));
    set(&mut account, &permissions);
    let session = assume(&mut account, json!({})).unwrap();
    let arn = "arn:aws:sts::123456789012:assumed-role/cleaner/night";
    let describe = by(
        &mut account,
        &session,
        Api::Ec2,
        "DescribeVolumes",
        json!({}),
    );
    let said = describe.unwrap_err().message;
    assert!(
        said.contains(&format!(
            "User: {arn} is not authorized to perform: ec2:DescribeVolumes"
        )),
        "{said}"
    );
    let delete = |volume: &str| json!({"VolumeId": volume});
    by(
        &mut account,
        &session,
        Api::Ec2,
        "DeleteVolume",
        delete(&volume),
    )
    .unwrap();
    // … and what goes for the whole account goes for it.
    permissions["service_control"] = json!([statement(json!({"Action": "sts:*"}))]);
    set(&mut account, &permissions);
    let session = assume(&mut account, json!({})).unwrap();
    let error = by(
        &mut account,
        &session,
        Api::Ec2,
        "DeleteVolume",
        delete(&other),
    )
    .unwrap_err();
    assert!(
        error.message.contains("no service control policy allows"),
        "{}",
        error.message
    );
}

/// Session policies and boundaries only narrow.
#[test]
fn a_session_is_narrowed_by_its_policies_and_the_boundary_of_its_role() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let everything = statement(json!({}));
    let mut permissions = json!({"identity": [], "roles": {ROLE: {
        "trust": trust(json!({"AWS": USER}), json!({})), "identity": [everything]}}});
    let dry = json!({"VolumeId": volume, "DryRun": true});
    let mut ends = |permissions: &Value, more: Value| {
        set(&mut account, permissions);
        let session = assume(&mut account, more).unwrap();
        let delete = by(
            &mut account,
            &session,
            Api::Ec2,
            "DeleteVolume",
            dry.clone(),
        );
        let describe = by(
            &mut account,
            &session,
            Api::Ec2,
            "DescribeVolumes",
            json!({}),
        );
        (code(delete), code(describe))
    };
    let end = |delete: &str, describe: &str| (delete.to_owned(), describe.to_owned());
    let (yes, no) = ("DryRunOperation", "UnauthorizedOperation");
    assert_eq!(ends(&permissions, json!({})), end(yes, ""));
    let policy = statement(json!({"Action": "ec2:DeleteVolume"})).to_string();
    assert_eq!(ends(&permissions, json!({"Policy": policy})), end(yes, no));
    let read = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess";
    let managed = json!({"PolicyArns": [{"arn": read}]});
    assert_eq!(ends(&permissions, managed.clone()), end(no, ""));
    // An inline and a managed policy of a session add up.
    let both = json!({"PolicyArns": [{"arn": read}], "Policy": policy});
    assert_eq!(ends(&permissions, both), end(yes, ""));
    let own = "arn:aws:iam::123456789012:policy/own";
    let unknown = json!({"PolicyArns": [{"arn": own}]});
    assert_eq!(
        ends(&permissions, unknown.clone()).0,
        "UnsupportedOperation"
    );
    permissions["policies"] = json!({own: statement(json!({"Action": "ec2:*Volume"}))});
    assert_eq!(ends(&permissions, unknown), end(yes, no));
    permissions["roles"][ROLE]["boundary"] = json!(own);
    assert_eq!(ends(&permissions, managed), end(no, no));
    assert_eq!(ends(&permissions, json!({})), end(yes, no));
}

/// The tags of a role, or of its session in their place, are those of the principal.
#[test]
fn tags_of_the_principal_are_those_of_role_and_session() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let tags = json!([{"Key": "team", "Value": "web"}]);
    account.ok("CreateTags", json!({"Resources": [volume], "Tags": tags}));
    let policy = statement(json!({"Condition":
        {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}}));
    let trusted = trust(
        json!({"AWS": USER}),
        json!({"Action": ["sts:AssumeRole", "sts:TagSession"]}),
    );
    let permissions = json!({"identity": [], "context": {"aws:PrincipalTag/team": []},
        "roles": {ROLE: {"trust": trusted, "identity": [policy], "tags": {"team": "db"}}}});
    set(&mut account, &permissions);
    let dry = json!({"VolumeId": volume, "DryRun": true});
    let mut end = |more: Value| {
        let session = assume(&mut account, more).unwrap();
        code(by(
            &mut account,
            &session,
            Api::Ec2,
            "DeleteVolume",
            dry.clone(),
        ))
    };
    assert_eq!(end(json!({})), "UnauthorizedOperation");
    assert_eq!(end(json!({"Tags": tags})), "DryRunOperation");
}

/// A session assumes the next role as its role, or as itself.
#[test]
fn roles_are_chained_by_trust_in_the_role() {
    let mut account = Account::new();
    let next = "arn:aws:iam::123456789012:role/next";
    let session = "arn:aws:sts::123456789012:assumed-role/cleaner/night";
    for (principal, policy, expected) in [
        (json!({"AWS": ROLE}), json!([]), ""),
        (json!({"AWS": session}), json!([]), ""),
        (json!({"AWS": "123456789012"}), json!([]), "AccessDenied"),
        (
            json!({"AWS": "123456789012"}),
            json!([statement(json!({"Resource": next}))]),
            "",
        ),
        (
            json!({"AWS": USER}),
            json!([statement(json!({}))]),
            "AccessDenied",
        ),
    ] {
        let permissions = json!({"identity": [], "roles": {
            ROLE: {"trust": trust(json!({"AWS": USER}), json!({})), "identity": policy},
            next: {"trust": trust(principal.clone(), json!({})), "identity": []}}});
        set(&mut account, &permissions);
        let first = assume(&mut account, json!({})).unwrap();
        let input = json!({"RoleArn": next, "RoleSessionName": "second"});
        let made = by(&mut account, &first, Api::Sts, "AssumeRole", input);
        assert_eq!(code(made), expected, "{principal} {policy}");
    }
}

/// STS API Reference, AssumeRole, `DurationSeconds`.
#[test]
fn a_role_says_how_long_its_sessions_last() {
    let mut account = Account::new();
    let mut permissions = told(trust(json!({"AWS": USER}), json!({})), json!([]));
    set(&mut account, &permissions);
    let long = json!({"DurationSeconds": 7200});
    let error = assume(&mut account, long.clone()).unwrap_err();
    assert_eq!(error.code, "ValidationError");
    assert!(
        error.message.contains("MaxSessionDuration"),
        "{}",
        error.message
    );
    permissions["roles"][ROLE]["max_session_duration"] = json!(7200);
    set(&mut account, &permissions);
    assume(&mut account, long).unwrap();
}

/// Without roles any can be assumed that the caller's own policies allow, as itself.
#[test]
fn without_roles_the_callers_policies_decide() {
    let mut account = Account::new();
    only(
        &mut account,
        json!({"Action": "sts:AssumeRole", "Resource": ROLE}),
    );
    assume(&mut account, json!({})).unwrap();
    only(
        &mut account,
        json!({"Action": "sts:AssumeRole", "Resource": format!("{ROLE}2")}),
    );
    assert_eq!(code(assume(&mut account, json!({}))), "AccessDenied");
}
