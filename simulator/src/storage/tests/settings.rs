//! What a Region sets: encryption by default, and block public access.

use sandtable_model::Region;
use serde_json::{Value, json};

use crate::testing::{Account, text};

/// EBS user guide, "Encryption outcomes".
#[test]
fn encryption_by_default_is_a_regions_setting() {
    let mut account = Account::new();
    let on = |account: &mut Account| {
        account.ok("GetEbsEncryptionByDefault", json!({}))["EbsEncryptionByDefault"].clone()
    };
    let volume = |account: &mut Account, more: Value| {
        let mut input = json!({"AvailabilityZone": format!("{}a", account.region), "Size": 1});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        let made = account.call("CreateVolume", input)?;
        account.pass(10);
        Ok::<Value, crate::ApiError>(account.see(&text(&made, "VolumeId")))
    };
    assert_eq!(on(&mut account), false);
    assert_eq!(volume(&mut account, json!({})).unwrap()["Encrypted"], false);
    let key = json!({"KmsKeyId": "alias/mine"});
    let bare = volume(&mut account, key.clone()).unwrap_err();
    assert_eq!(bare.code, "InvalidParameterDependency");
    let against = volume(
        &mut account,
        json!({"KmsKeyId": "alias/mine", "Encrypted": false}),
    );
    assert_eq!(against.unwrap_err().code, "InvalidParameterCombination");
    let asked = volume(&mut account, json!({"Encrypted": true})).unwrap();
    let managed = account.ok("GetEbsDefaultKmsKeyId", json!({}))["KmsKeyId"].clone();
    assert_eq!(asked["KmsKeyId"], managed);

    let answer = account.ok("EnableEbsEncryptionByDefault", json!({}));
    assert_eq!(answer["EbsEncryptionByDefault"], true);
    assert_eq!(on(&mut account), true);
    assert_eq!(
        volume(&mut account, json!({})).unwrap()["KmsKeyId"],
        managed
    );
    assert_eq!(
        volume(&mut account, json!({"Encrypted": false})).unwrap()["Encrypted"],
        true
    );
    let mine = "arn:aws:kms:eu-central-1:123456789012:alias/mine";
    assert_eq!(volume(&mut account, key.clone()).unwrap()["KmsKeyId"], mine);
    let missing = account.code("ModifyEbsDefaultKmsKeyId", json!({}));
    assert_eq!(missing, "MissingParameter");
    let answer = account.ok("ModifyEbsDefaultKmsKeyId", key);
    assert_eq!(answer["KmsKeyId"], mine);
    let encrypted = volume(&mut account, json!({})).unwrap();
    assert_eq!(encrypted["KmsKeyId"], mine);
    // The image's snapshots are not encrypted; the instance's volumes are all the same.
    let instance = account.instance(json!({}));
    let root = account.see(&instance)["BlockDeviceMappings"][0]["Ebs"].clone();
    let root = account.see(&text(&root, "VolumeId"));
    assert_eq!(
        (&root["Encrypted"], &root["KmsKeyId"]),
        (&json!(true), &json!(mine))
    );
    let answer = account.ok("ResetEbsDefaultKmsKeyId", json!({}));
    assert_eq!(answer["KmsKeyId"], managed);
    account.ok("DisableEbsEncryptionByDefault", json!({}));

    // What is made of an encrypted snapshot is encrypted with its key.
    let snapshot = account.snapshot(&text(&encrypted, "VolumeId"));
    assert_eq!(account.see(&snapshot)["KmsKeyId"], mine);
    let of = volume(
        &mut account,
        json!({"SnapshotId": snapshot, "Encrypted": false}),
    )
    .unwrap();
    assert_eq!(
        (&of["Encrypted"], &of["KmsKeyId"]),
        (&json!(true), &json!(mine))
    );

    account.ok("EnableEbsEncryptionByDefault", json!({}));
    account.region = Region::new("eu-west-1").unwrap();
    assert_eq!(on(&mut account), false);
    let other = account.ok("GetEbsDefaultKmsKeyId", json!({}))["KmsKeyId"].clone();
    assert_ne!(other, managed);
}

#[test]
fn block_public_access_is_a_regions_setting() {
    let mut account = Account::new();
    let state = |account: &mut Account| account.ok("GetSnapshotBlockPublicAccessState", json!({}));
    assert_eq!(
        state(&mut account),
        json!({"State": "unblocked", "ManagedBy": "account"})
    );
    for (action, input, code) in [
        (
            "EnableSnapshotBlockPublicAccess",
            json!({}),
            "MissingParameter",
        ),
        (
            "EnableSnapshotBlockPublicAccess",
            json!({"State": "unblocked"}),
            "InvalidParameterValue",
        ),
        (
            "EnableImageBlockPublicAccess",
            json!({}),
            "MissingParameter",
        ),
        (
            "EnableImageBlockPublicAccess",
            json!({"ImageBlockPublicAccessState": "block-all-sharing"}),
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(account.code(action, input), code);
    }
    account.ok(
        "EnableSnapshotBlockPublicAccess",
        json!({"State": "block-all-sharing"}),
    );
    assert_eq!(state(&mut account)["State"], "block-all-sharing");
    let block = json!({"ImageBlockPublicAccessState": "block-new-sharing"});
    assert_eq!(
        account.ok("EnableImageBlockPublicAccess", block.clone()),
        block
    );
    let seen = account.ok("GetImageBlockPublicAccessState", json!({}));
    assert_eq!(seen["ImageBlockPublicAccessState"], "block-new-sharing");
    let home = std::mem::replace(&mut account.region, Region::new("eu-west-1").unwrap());
    assert_eq!(state(&mut account)["State"], "unblocked");
    account.region = home;
    let answer = account.ok("DisableSnapshotBlockPublicAccess", json!({}));
    assert_eq!(answer["State"], "unblocked");
    let answer = account.ok("DisableImageBlockPublicAccess", json!({}));
    assert_eq!(answer["ImageBlockPublicAccessState"], "unblocked");
}
