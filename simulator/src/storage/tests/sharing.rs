//! With whom snapshots and images are shared.

use serde_json::{Value, json};

use crate::testing::Account;

const FRIEND: &str = "210987654321";
const STRANGER: &str = "999999999999";

/// EC2 API reference, ModifySnapshotAttribute, in both of its forms.
#[test]
fn snapshots_are_shared_with_accounts() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let id = account.snapshot(&volume);
    let seen = |account: &mut Account| {
        let named = json!({"SnapshotId": id, "Attribute": "createVolumePermission"});
        account.ok("DescribeSnapshotAttribute", named)["CreateVolumePermissions"].clone()
    };
    let change = |more: Value| {
        let mut input = more;
        input["SnapshotId"] = json!(id);
        input
    };
    assert_eq!(seen(&mut account), json!([]));
    for (more, code) in [
        (json!({}), "InvalidParameterCombination"),
        (json!({"UserIds": [FRIEND]}), "InvalidParameterCombination"),
        (
            json!({"OperationType": "put", "UserIds": [FRIEND]}),
            "InvalidParameterValue",
        ),
        (
            json!({"OperationType": "add", "UserIds": ["me"]}),
            "InvalidParameterValue",
        ),
        (
            json!({"OperationType": "add", "GroupNames": ["some"]}),
            "InvalidParameterValue",
        ),
        (
            json!({"Attribute": "productCodes"}),
            "InvalidParameterValue",
        ),
        (
            json!({"CreateVolumePermission": {"Add": [{"UserId": FRIEND}], "Remove": [{"Group": "all"}]}}),
            "InvalidParameterCombination",
        ),
        (
            json!({"CreateVolumePermission": {"Add": [{"UserId": FRIEND}]}, "OperationType": "add"}),
            "InvalidParameterCombination",
        ),
    ] {
        let input = change(more);
        assert_eq!(
            account.code("ModifySnapshotAttribute", input.clone()),
            code,
            "{input}"
        );
    }
    let add = json!({"Attribute": "createVolumePermission", "OperationType": "add",
        "UserIds": [FRIEND, STRANGER]});
    account.ok("ModifySnapshotAttribute", change(add));
    assert_eq!(
        seen(&mut account),
        json!([{"UserId": FRIEND}, {"UserId": STRANGER}])
    );
    let remove = json!({"CreateVolumePermission": {"Remove": [{"UserId": STRANGER}]}});
    account.ok("ModifySnapshotAttribute", change(remove));
    assert_eq!(seen(&mut account), json!([{"UserId": FRIEND}]));
    let public = change(json!({"CreateVolumePermission": {"Add": [{"Group": "all"}]}}));
    for state in ["block-new-sharing", "block-all-sharing"] {
        account.ok("EnableSnapshotBlockPublicAccess", json!({"State": state}));
        let code = account.code("ModifySnapshotAttribute", public.clone());
        assert_eq!(code, "OperationNotPermitted");
    }
    account.ok("DisableSnapshotBlockPublicAccess", json!({}));
    account.ok("ModifySnapshotAttribute", public);
    assert_eq!(
        seen(&mut account),
        json!([{"Group": "all"}, {"UserId": FRIEND}])
    );
    let reset = change(json!({"Attribute": "createVolumePermission"}));
    account.ok("ResetSnapshotAttribute", reset);
    assert_eq!(seen(&mut account), json!([]));
    let codes = json!({"SnapshotId": id, "Attribute": "productCodes"});
    assert_eq!(
        account.ok("DescribeSnapshotAttribute", codes)["ProductCodes"],
        json!([])
    );
}

/// EBS user guide, "Share a snapshot": what is encrypted with AWS's own key cannot be shared, what is
/// encrypted cannot be public.
#[test]
fn encrypted_snapshots_are_shared_with_care() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let plain = account.snapshot(&volume);
    let copy = |account: &mut Account, key: Option<&str>| {
        let input = json!({"SourceRegion": "eu-central-1", "SourceSnapshotId": plain,
            "Encrypted": true, "KmsKeyId": key});
        let made = account.ok("CopySnapshot", input);
        account.pass(600);
        crate::testing::text(&made, "SnapshotId")
    };
    let managed = copy(&mut account, None);
    let own = copy(&mut account, Some("1234abcd-12ab-34cd-56ef-1234567890ab"));
    let share = |id: &str, with: Value| json!({"SnapshotId": id, "CreateVolumePermission": {"Add": [with]}});
    let friend = json!({"UserId": FRIEND});
    let (code, message) =
        account.refused("ModifySnapshotAttribute", share(&managed, friend.clone()));
    assert_eq!(code, "OperationNotPermitted");
    assert_eq!(
        message,
        "Encrypted snapshots with EBS default key cannot be shared"
    );
    account.ok("ModifySnapshotAttribute", share(&own, friend.clone()));
    let public = account.code(
        "ModifySnapshotAttribute",
        share(&own, json!({"Group": "all"})),
    );
    assert_eq!(public, "OperationNotPermitted");
    let image = account.image("managed", &managed);
    let share = json!({"ImageId": image, "LaunchPermission": {"Add": [friend]}});
    let (code, message) = account.refused("ModifyImageAttribute", share);
    assert_eq!(code, "InvalidParameter");
    assert_eq!(
        message,
        "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot."
    );
}

/// EC2 API reference, ModifyImageAttribute: one attribute a call.
#[test]
fn images_are_shared_and_described() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let snapshot = account.snapshot(&volume);
    let id = account.image("web", &snapshot);
    let attribute = |account: &mut Account, name: &str| {
        account.ok(
            "DescribeImageAttribute",
            json!({"ImageId": id, "Attribute": name}),
        )
    };
    let change = |more: Value| {
        let mut input = more;
        input["ImageId"] = json!(id);
        input
    };
    for (more, code) in [
        (json!({}), "InvalidParameterCombination"),
        (
            json!({"Attribute": "color", "Value": "red"}),
            "InvalidParameterValue",
        ),
        (
            json!({"Attribute": "launchPermission", "Value": "x"}),
            "InvalidParameterCombination",
        ),
        (
            json!({"Description": {"Value": "a"}, "ImdsSupport": {"Value": "v2.0"}}),
            "InvalidParameterCombination",
        ),
        (
            json!({"ImdsSupport": {"Value": "v1.0"}}),
            "InvalidParameterValue",
        ),
        (
            json!({"LaunchPermission": {"Add": [{"UserId": "me"}]}}),
            "InvalidAMIAttributeItemValue",
        ),
        (
            json!({"OperationType": "add", "UserGroups": ["some"]}),
            "InvalidAMIAttributeItemValue",
        ),
        (
            json!({"Description": {"Value": "x".repeat(256)}}),
            "InvalidParameterValue",
        ),
    ] {
        let input = change(more);
        assert_eq!(
            account.code("ModifyImageAttribute", input.clone()),
            code,
            "{input}"
        );
    }
    account.ok(
        "ModifyImageAttribute",
        change(json!({"Description": {"Value": "new"}})),
    );
    assert_eq!(
        attribute(&mut account, "description")["Description"]["Value"],
        "new"
    );
    account.ok(
        "ModifyImageAttribute",
        change(json!({"Attribute": "description", "Value": "newer"})),
    );
    assert_eq!(account.see(&id)["Description"], "newer");
    account.ok(
        "ModifyImageAttribute",
        change(json!({"ImdsSupport": {"Value": "v2.0"}})),
    );
    assert_eq!(
        attribute(&mut account, "imdsSupport")["ImdsSupport"]["Value"],
        "v2.0"
    );
    assert_eq!(
        attribute(&mut account, "deregistrationProtection")["DeregistrationProtection"]["Value"],
        "disabled"
    );
    let blocks = json!({"ImageId": id, "Attribute": "blockDeviceMapping"});
    assert_eq!(
        account.code("DescribeImageAttribute", blocks),
        "AuthFailure"
    );

    let organization = "arn:aws:organizations::123456789012:organization/o-abcd";
    let add = json!({"LaunchPermission": {"Add": [{"UserId": FRIEND}, {"Group": "all"},
        {"OrganizationArn": organization}]}});
    let block = json!({"ImageBlockPublicAccessState": "block-new-sharing"});
    account.ok("EnableImageBlockPublicAccess", block);
    let code = account.code("ModifyImageAttribute", change(add.clone()));
    assert_eq!(code, "OperationNotPermitted");
    assert_eq!(account.see(&id)["Public"], false);
    account.ok("DisableImageBlockPublicAccess", json!({}));
    account.ok("ModifyImageAttribute", change(add));
    assert_eq!(
        attribute(&mut account, "launchPermission")["LaunchPermissions"],
        json!([{"Group": "all"}, {"UserId": FRIEND}, {"OrganizationArn": organization}])
    );
    let executable = |account: &mut Account, user: &str| {
        let answer = account.ok(
            "DescribeImages",
            json!({"Owners": ["self"], "ExecutableUsers": [user]}),
        );
        answer["Images"].as_array().unwrap().len()
    };
    assert_eq!(executable(&mut account, FRIEND), 1);
    assert_eq!(executable(&mut account, STRANGER), 0);
    assert_eq!(executable(&mut account, "all"), 1);
    let remove = json!({"OperationType": "remove", "UserGroups": ["all"]});
    account.ok("ModifyImageAttribute", change(remove));
    assert_eq!(executable(&mut account, "all"), 0);
    account.ok(
        "ResetImageAttribute",
        change(json!({"Attribute": "launchPermission"})),
    );
    assert_eq!(
        attribute(&mut account, "launchPermission")["LaunchPermissions"],
        json!([])
    );
    let cancel = account.code("CancelImageLaunchPermission", json!({"ImageId": id}));
    assert_eq!(cancel, "InvalidParameterValue");
    let public = account.public_image();
    let foreign = json!({"ImageId": public, "Description": {"Value": "mine"}});
    assert_eq!(account.code("ModifyImageAttribute", foreign), "AuthFailure");
}
