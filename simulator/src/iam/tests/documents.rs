//! Policy documents: what is read, what is refused, and what their patterns stand for.

use serde_json::{Value, json};

use super::super::document::Word;
use super::{context, document, statement};
use crate::iam::{Permissions, PolicyDocument};

fn refusal(value: &Value) -> String {
    match PolicyDocument::from_json(&value.to_string()) {
        Ok(_) => panic!("{value} was read"),
        Err(error) => error,
    }
}

/// IAM User Guide, "IAM JSON policy elements reference", "Grammar of the IAM JSON policy language".
#[test]
fn what_iam_refuses_is_refused_with_its_reason() {
    for (more, expected) in [
        (json!({"Effect": "Permit"}), "Permit"),
        (json!({"Principal": "*"}), "Principal"),
        (json!({"Action": []}), "`Action` is empty"),
        (json!({"Action": "DeleteVolume"}), "is no action"),
        (json!({"Action": "ec2*:DeleteVolume"}), "is no action"),
        (json!({"Action": "ec2:"}), "is no action"),
        (json!({"Resource": "vol-1"}), "neither an ARN nor `*`"),
        (
            json!({"Resource": "arn:aws:ec2:*:*:volume/${aws:x"}),
            "without an end",
        ),
        (
            json!({"Resource": "arn:aws:ec2:*:*:volume/${x}"}),
            "no variable",
        ),
        (json!({"Sid": "two words"}), "letters and digits"),
        (json!({"Condition": {"StringIs": {"a:b": "c"}}}), "StringIs"),
        (
            json!({"Condition": {"NullIfExists": {"a:b": "true"}}}),
            "stands alone",
        ),
        (
            json!({"Condition": {"StringEquals": {"b": "c"}}}),
            "no condition key",
        ),
        (
            json!({"Condition": {"StringEquals": {"a:b": []}}}),
            "no value",
        ),
        (
            json!({"Condition": {"NumericEquals": {"a:b": "ten"}}}),
            "no number",
        ),
        (
            json!({"Condition": {"NumericEquals": {"a:b": "${aws:x}"}}}),
            "no number",
        ),
        (
            json!({"Condition": {"DateLessThan": {"a:b": "soon"}}}),
            "no date",
        ),
        (json!({"Condition": {"Bool": {"a:b": "yes"}}}), "no boolean"),
        (
            json!({"Condition": {"IpAddress": {"a:b": "10.0.0.0/33"}}}),
            "no address range",
        ),
        (
            json!({"Condition": {"ArnLike": {"a:b": "volume/*"}}}),
            "no ARN",
        ),
    ] {
        let message = refusal(&statement(more.clone()));
        assert!(message.contains(expected), "{more}: {message}");
    }
    let both = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*",
        "Action": "*", "NotAction": "ec2:*"}});
    assert!(refusal(&both).contains("exclude each other"));
    let neither = json!({"Statement": {"Effect": "Allow", "Action": "*"}});
    assert!(refusal(&neither).contains("neither `Resource` nor `NotResource`"));
    assert!(refusal(&json!({"Statement": []})).contains("needs a statement"));
    assert!(refusal(&json!({"Version": "2020-01-01", "Statement": []})).contains("2020-01-01"));
    let twin = json!({"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"});
    assert!(refusal(&json!({"Statement": [twin, twin]})).contains("the same `Sid`"));
    let twice = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition":
        {"StringEquals": {"a:b": "c", "a:b": "d"}}}}"#;
    let error = PolicyDocument::from_json(twice).unwrap_err();
    assert!(error.contains("given twice"), "{error}");
}

#[test]
fn a_condition_key_that_nobody_knows_is_refused_by_name() {
    let policy = |key: &str| {
        let condition = json!({"StringEquals": {key: "x"}});
        json!({"identity": [statement(json!({"Condition": condition}))]})
    };
    let error = Permissions::from_json(&policy("aws:SourceVpce").to_string()).unwrap_err();
    assert!(error.contains("`aws:SourceVpce`"), "{error}");
    let error = Permissions::from_json(&policy("ec2:Colour").to_string()).unwrap_err();
    assert!(error.contains("`ec2:Colour`"), "{error}");
    for known in [
        "EC2:VOLUMESIZE",
        "aws:resourcetag/team",
        "s3:prefix",
        "aws:TagKeys",
    ] {
        Permissions::from_json(&policy(known).to_string()).unwrap();
    }
    let mut told = policy("aws:SourceVpce");
    told["context"] = json!({"aws:sourcevpce": []});
    Permissions::from_json(&told.to_string()).unwrap();
    let variable = statement(json!({"Resource": "arn:aws:ec2:*:*:volume/${aws:SourceIdentity}"}));
    let error = Permissions::from_json(&variable.to_string()).unwrap_err();
    assert!(error.contains("`aws:SourceIdentity`"), "{error}");
}

fn allows(more: Value, action: &str, resource: &str) -> bool {
    let document = document(&statement(more));
    document.says(action, resource, &context(&[("aws:username", &["ada"])])) == Word::Allowed
}

/// IAM User Guide, "IAM JSON policy elements: Action" (case does not matter) and "NotAction".
#[test]
fn actions_match_by_wildcard_whatever_their_case() {
    for (pattern, expected) in [
        ("*", true),
        ("ec2:*", true),
        ("EC2:deletevolume", true),
        ("ec2:Delete*", true),
        ("ec2:*Volume", true),
        ("ec2:De?eteVolume", true),
        ("ec2:DeleteVolume?", false),
        ("ec2:DeleteVol", false),
        ("s3:*", false),
    ] {
        let case = json!({"Action": ["iam:PassRole", pattern]});
        assert_eq!(allows(case, "ec2:DeleteVolume", "*"), expected, "{pattern}");
        let but = json!({"NotAction": pattern});
        assert_eq!(
            allows(but, "ec2:DeleteVolume", "*"),
            !expected,
            "not {pattern}"
        );
    }
}

/// IAM User Guide, "IAM JSON policy elements: Resource": "If the * wildcard is the last character of
/// a resource ARN segment, it can expand to match beyond the colon boundaries."
#[test]
fn resources_match_by_segment() {
    let arn = "arn:aws:ec2:eu-west-1:123456789012:volume/vol-0a";
    for (pattern, expected) in [
        ("*", true),
        (arn, true),
        ("arn:aws:ec2:*:*:volume/*", true),
        ("arn:aws:ec2:*", true),
        ("arn:aws:*:volume/vol-0a", true),
        ("arn:aws:ec2:eu-*:123456789012:volume/vol-0?", true),
        // In the middle of a segment it stays there.
        ("arn:aws:ec2:eu*-0a", false),
        ("arn:aws:ec2:e*1:*:volume/*", true),
        ("arn:aws:ec2:*:123456789012:instance/*", false),
        ("arn:aws:ec2:*:123456789012:volume/VOL-0a", false),
        ("arn:aws:ec2:*:*:volume/${aws:username}", false),
    ] {
        let case = json!({"Resource": pattern});
        assert_eq!(allows(case, "ec2:DeleteVolume", arn), expected, "{pattern}");
    }
    // What is about no resource is only allowed by `*` (facts, iam, "Read-only sets").
    let volumes = json!({"Resource": "arn:aws:ec2:*:*:volume/*"});
    assert!(!allows(volumes, "ec2:DescribeVolumes", "*"));
}

/// IAM User Guide, "IAM policy elements: Variables and tags".
#[test]
fn variables_are_filled_in_or_match_nothing() {
    let arn = "arn:aws:ec2:eu-west-1:1:volume/ada*";
    let on = |pattern: &str| allows(json!({"Resource": pattern}), "ec2:X", arn);
    assert!(on("arn:aws:ec2:eu-west-1:1:volume/${aws:username}${*}"));
    assert!(!on("arn:aws:ec2:eu-west-1:1:volume/${aws:username}"));
    assert!(!on("arn:aws:ec2:eu-west-1:1:volume/${aws:PrincipalTag/x}*"));
    assert!(on(
        "arn:aws:ec2:eu-west-1:1:volume/${aws:PrincipalTag/x, 'ada'}*"
    ));
    // What cannot be filled in is not excluded from everything else: the statement is void.
    let but = |pattern: &str| allows(json!({"NotResource": pattern}), "ec2:X", arn);
    assert!(!but("arn:aws:ec2:eu-west-1:1:volume/${aws:PrincipalTag/x}"));
    assert!(but(
        "arn:aws:ec2:eu-west-1:1:volume/${aws:PrincipalTag/x, 'eve'}"
    ));
    // The older language has none.
    let mut old = statement(json!({"Resource": "arn:aws:ec2:eu-west-1:1:volume/${aws:username}"}));
    old["Version"] = json!("2008-10-17");
    let context = context(&[("aws:username", &["ada"])]);
    let old = document(&old);
    assert_eq!(
        old.says("ec2:X", "arn:aws:ec2:eu-west-1:1:volume/ada", &context),
        Word::Silent
    );
    let literal = "arn:aws:ec2:eu-west-1:1:volume/${aws:username}";
    assert_eq!(old.says("ec2:X", literal, &context), Word::Allowed);
}
