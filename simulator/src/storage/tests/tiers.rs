//! The archive of snapshots (EBS user guide, "Archive Amazon EBS snapshots").

use serde_json::{Value, json};

use crate::testing::Account;

fn tier(account: &mut Account, snapshot: &str) -> Value {
    let by = json!({"Filters": [{"Name": "snapshot-id", "Values": [snapshot]}]});
    account.ok("DescribeSnapshotTierStatus", by)["SnapshotTierStatuses"][0].clone()
}

fn archived(account: &mut Account) -> String {
    let volume = account.volume(10);
    let snapshot = account.snapshot(&volume);
    archive(account, &snapshot);
    snapshot
}

fn archive(account: &mut Account, snapshot: &str) {
    let input = json!({"SnapshotId": snapshot, "StorageTier": "archive"});
    account.ok("ModifySnapshotTier", input);
    account.pass(7 * 3600);
}

/// Archiving takes its time; what is archived is of no use, and its shares and fast restores end.
#[test]
fn archived_snapshots_are_of_no_use() {
    let mut account = Account::new();
    let volume = account.volume(10);
    let snapshot = account.snapshot(&volume);
    assert_eq!(tier(&mut account, &snapshot)["StorageTier"], "standard");
    let share = json!({"SnapshotId": snapshot, "CreateVolumePermission": {
        "Add": [{"UserId": "210987654321"}]}});
    account.ok("ModifySnapshotAttribute", share.clone());
    let fast = json!({"SourceSnapshotIds": [snapshot], "AvailabilityZones": ["eu-central-1a"]});
    account.ok("EnableFastSnapshotRestores", fast.clone());
    let no_tier = json!({"SnapshotId": snapshot});
    assert_eq!(
        account.code("ModifySnapshotTier", no_tier),
        "MissingParameter"
    );
    let other = json!({"SnapshotId": snapshot, "StorageTier": "standard"});
    assert_eq!(
        account.code("ModifySnapshotTier", other),
        "InvalidParameterValue"
    );
    let input = json!({"SnapshotId": snapshot, "StorageTier": "archive"});
    account.ok("ModifySnapshotTier", input.clone());
    assert_eq!(
        account.code("ModifySnapshotTier", input.clone()),
        "IncorrectState"
    );
    let status = tier(&mut account, &snapshot);
    assert_eq!(status["LastTieringOperationStatus"], "archival-in-progress");
    assert_eq!(status["LastTieringProgress"], 0);
    account.pass(6 * 3600);
    let status = tier(&mut account, &snapshot);
    assert_eq!(status["LastTieringOperationStatus"], "archival-completed");
    assert_eq!(status["StorageTier"], "archive");
    assert_ne!(status["ArchivalCompleteTime"], Value::Null);
    assert_eq!(account.code("ModifySnapshotTier", input), "IncorrectState");
    let zone = json!({"AvailabilityZone": "eu-central-1a", "SnapshotId": snapshot});
    assert_eq!(account.code("CreateVolume", zone), "IncorrectState");
    let copy = json!({"SourceRegion": "eu-central-1", "SourceSnapshotId": snapshot});
    assert_eq!(account.code("CopySnapshot", copy), "IncorrectState");
    assert_eq!(
        account.code("ModifySnapshotAttribute", share),
        "IncorrectState"
    );
    let shared = json!({"SnapshotId": snapshot, "Attribute": "createVolumePermission"});
    let seen = account.ok("DescribeSnapshotAttribute", shared);
    assert_eq!(seen["CreateVolumePermissions"], json!([]));
    let seen = account.ok("DescribeFastSnapshotRestores", json!({}));
    assert_eq!(seen["FastSnapshotRestores"][0]["State"], "disabling");
    let answer = account.ok("EnableFastSnapshotRestores", fast);
    assert_eq!(answer["Successful"], json!([]));
    account.ok("DeleteSnapshot", json!({"SnapshotId": snapshot}));
}

/// Restored for a time it can be used, and goes back by itself; that time can be set anew, or be made to
/// last.
#[test]
fn restores_last_for_a_time_or_for_good() {
    let mut account = Account::new();
    let snapshot = archived(&mut account);
    let for_days = |days: u32| json!({"SnapshotId": snapshot, "TemporaryRestoreDays": days});
    let for_good = json!({"SnapshotId": snapshot, "PermanentRestore": true});
    let neither = json!({"SnapshotId": snapshot});
    let code = account.code("RestoreSnapshotTier", neither);
    assert_eq!(code, "InvalidParameterCombination");
    assert_eq!(
        account.code("RestoreSnapshotTier", for_days(181)),
        "InvalidParameterValue"
    );
    let answer = account.ok("RestoreSnapshotTier", for_days(2));
    assert_eq!(
        (&answer["RestoreDuration"], &answer["IsPermanentRestore"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(
        account.code("RestoreSnapshotTier", for_good.clone()),
        "IncorrectState"
    );
    account.pass(49 * 3600);
    let status = tier(&mut account, &snapshot);
    assert_eq!(
        status["LastTieringOperationStatus"],
        "temporary-restore-completed"
    );
    assert_eq!(status["StorageTier"], "standard");
    let zone = json!({"AvailabilityZone": "eu-central-1a", "SnapshotId": snapshot});
    account.ok("CreateVolume", zone.clone());
    account.pass(24 * 3600);
    // The two days begin anew.
    account.ok("RestoreSnapshotTier", for_days(2));
    account.pass(40 * 3600);
    account.ok("CreateVolume", zone.clone());
    account.pass(9 * 3600);
    assert_eq!(account.code("CreateVolume", zone.clone()), "IncorrectState");
    assert_eq!(tier(&mut account, &snapshot)["StorageTier"], "archive");
    account.ok("RestoreSnapshotTier", for_days(5));
    account.pass(49 * 3600);
    account.ok("RestoreSnapshotTier", for_good.clone());
    account.pass(30 * 24 * 3600);
    let status = tier(&mut account, &snapshot);
    assert_eq!(
        status["LastTieringOperationStatus"],
        "permanent-restore-completed"
    );
    assert_eq!(status["RestoreExpiryTime"], Value::Null);
    account.ok("CreateVolume", zone);
    assert_eq!(
        account.code("RestoreSnapshotTier", for_good),
        "IncorrectState"
    );
}

/// A snapshot of an image can be archived only while the image is disabled, which then cannot be
/// enabled.
#[test]
fn images_keep_their_snapshots_out_of_the_archive() {
    let mut account = Account::new();
    let volume = account.volume(10);
    let snapshot = account.snapshot(&volume);
    let image = account.image("web", &snapshot);
    let input = json!({"SnapshotId": snapshot, "StorageTier": "archive"});
    assert_eq!(
        account.code("ModifySnapshotTier", input),
        "InvalidSnapshot.InUse"
    );
    let named = json!({"ImageId": image});
    account.ok("DisableImage", named.clone());
    archive(&mut account, &snapshot);
    assert_eq!(account.code("EnableImage", named.clone()), "IncorrectState");
    let days = json!({"SnapshotId": snapshot, "TemporaryRestoreDays": 10});
    account.ok("RestoreSnapshotTier", days);
    account.pass(49 * 3600);
    assert_eq!(account.code("EnableImage", named.clone()), "IncorrectState");
    account.ok(
        "RestoreSnapshotTier",
        json!({"SnapshotId": snapshot, "PermanentRestore": true}),
    );
    account.ok("EnableImage", named);
}

/// "Quotas" of the same page, which can be set.
#[test]
fn the_archive_has_quotas() {
    let mut account = Account::new();
    let volume = account.volume(10);
    let (one, other) = (account.snapshot(&volume), account.snapshot(&volume));
    let mut choices = account.twin.storage_choices().clone();
    choices.quotas.archived_snapshots_per_volume = 1;
    choices.quotas.restoring_snapshots = 0;
    account.twin.set_storage_choices(choices);
    archive(&mut account, &one);
    let input = json!({"SnapshotId": other, "StorageTier": "archive"});
    assert_eq!(
        account.code("ModifySnapshotTier", input),
        "ResourceLimitExceeded"
    );
    let good = json!({"SnapshotId": one, "PermanentRestore": true});
    assert_eq!(
        account.code("RestoreSnapshotTier", good),
        "ResourceLimitExceeded"
    );
}
