//! A twin that watches lets calls through and tells what they lack.

use serde_json::json;

use super::{only, set, statement};
use crate::testing::Account;

#[test]
fn everything_that_is_missing_is_told_at_once() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let tags = json!([{"ResourceType": "snapshot", "Tags": [{"Key": "k", "Value": "v"}]}]);
    set(&mut account, &json!({"identity": []}));
    account.twin.watch_permissions();
    account.ok(
        "CreateSnapshot",
        json!({"VolumeId": volume, "TagSpecifications": tags}),
    );
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
    let missing = account.twin.missing_permissions();
    let told: Vec<_> = missing
        .iter()
        .map(|it| (it.call.as_str(), it.action.as_str(), it.resource.as_str()))
        .collect();
    let (snapshots, volume) = (
        "arn:aws:ec2:eu-central-1::snapshot/*",
        format!("arn:aws:ec2:eu-central-1:123456789012:volume/{volume}"),
    );
    let expected = [
        ("ec2:CreateSnapshot", "ec2:CreateSnapshot", snapshots),
        ("ec2:CreateSnapshot", "ec2:CreateSnapshot", volume.as_str()),
        ("ec2:CreateSnapshot", "ec2:CreateTags", snapshots),
        ("ec2:DeleteVolume", "ec2:DeleteVolume", volume.as_str()),
    ];
    assert_eq!(told, expected);
    assert_eq!(
        missing[0].because,
        "because no identity-based policy allows the ec2:CreateSnapshot action"
    );
}

#[test]
fn conditions_that_do_not_hold_are_told() {
    let mut account = Account::new();
    let volume = account.volume(7);
    only(
        &mut account,
        json!({"Sid": "Small", "Condition": {
        "NumericLessThan": {"ec2:VolumeSize": 5},
        "StringEquals": {"aws:ResourceTag/team": ["web", "db"], "ec2:Region": "eu-central-1"}}}),
    );
    account.twin.watch_permissions();
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
    let missing = account.twin.missing_permissions();
    assert_eq!(
        missing[0].conditions,
        [
            "statement 1 (`Small`) asks for NumericLessThan ec2:VolumeSize `5`: the request has `7`; \
          and for StringEquals aws:ResourceTag/team `web`, `db`: the request does not have the key"
        ]
    );
}

#[test]
fn a_denial_names_its_statement() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let mut policy = statement(json!({}));
    let deny = json!({"Sid": "Keep", "Effect": "Deny", "Action": "ec2:Delete*", "Resource": "*"});
    policy["Statement"].as_array_mut().unwrap().push(deny);
    set(&mut account, &policy);
    account.twin.watch_permissions();
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
    let missing = account.twin.missing_permissions();
    assert_eq!(
        missing[0].because,
        "with an explicit deny in an identity-based policy, statement `Keep`"
    );
}
