//! Locks of snapshots (EC2 API reference, LockSnapshot).

use serde_json::{Value, json};

use crate::storage::LockRefusal;
use crate::testing::Account;

const DAY: i64 = 24 * 3600;

fn locked(account: &mut Account, snapshot: &str) -> Value {
    let named = json!({"SnapshotIds": [snapshot]});
    account.ok("DescribeLockedSnapshots", named)["Snapshots"][0].clone()
}

fn snapshot(account: &mut Account) -> String {
    let volume = account.volume(1);
    account.snapshot(&volume)
}

#[test]
fn governed_snapshots_stay_until_the_lock_ends() {
    let mut account = Account::new();
    let id = snapshot(&mut account);
    let lock =
        |days: u32| json!({"SnapshotId": id, "LockMode": "governance", "LockDuration": days});
    for (more, code) in [
        (json!({}), "MissingParameter"),
        (
            json!({"LockMode": "strict", "LockDuration": 1}),
            "InvalidParameterValue",
        ),
        (
            json!({"LockMode": "governance"}),
            "InvalidParameterCombination",
        ),
        (
            json!({"LockMode": "governance", "LockDuration": 0}),
            "InvalidParameterValue",
        ),
        (
            json!({"LockMode": "governance", "LockDuration": 36_501}),
            "InvalidParameterValue",
        ),
        (
            json!({"LockMode": "governance", "LockDuration": 1, "CoolOffPeriod": 1}),
            "InvalidParameterCombination",
        ),
        (
            json!({"LockMode": "governance", "ExpirationDate": "2020-01-01T00:00:00Z"}),
            "InvalidParameterValue",
        ),
    ] {
        let mut input = more;
        input["SnapshotId"] = json!(id);
        assert_eq!(account.code("LockSnapshot", input.clone()), code, "{input}");
    }
    let named = json!({"SnapshotId": id});
    assert_eq!(
        account.code("UnlockSnapshot", named.clone()),
        "IncorrectState"
    );
    let answer = account.ok("LockSnapshot", lock(10));
    assert_eq!(answer["LockState"], "governance");
    assert_eq!(
        account.code("DeleteSnapshot", named.clone()),
        "OperationNotPermitted"
    );
    // Shorter is allowed in this mode.
    account.ok("LockSnapshot", lock(2));
    account.pass(DAY);
    assert_eq!(locked(&mut account, &id)["LockState"], "governance");
    account.pass(DAY);
    assert_eq!(locked(&mut account, &id)["LockState"], "expired");
    account.ok("LockSnapshot", lock(1));
    account.ok("UnlockSnapshot", named.clone());
    assert_eq!(locked(&mut account, &id), Value::Null);
    account.ok("LockSnapshot", lock(1));
    account.pass(DAY);
    account.ok("DeleteSnapshot", named);
    let all = account.ok("DescribeLockedSnapshots", json!({}));
    assert_eq!(all["Snapshots"], json!([]));
}

#[test]
fn compliance_cannot_be_loosened() {
    let mut account = Account::new();
    let id = snapshot(&mut account);
    let lock = |days: u32, hours: Option<u32>| json!({"SnapshotId": id, "LockMode": "compliance", "LockDuration": days, "CoolOffPeriod": hours});
    let named = json!({"SnapshotId": id});
    let hours = account.code("LockSnapshot", lock(10, Some(73)));
    assert_eq!(hours, "InvalidParameterValue");
    let answer = account.ok("LockSnapshot", lock(10, Some(24)));
    assert_eq!(answer["LockState"], "compliance-cooloff");
    assert_eq!(
        account.code("DeleteSnapshot", named.clone()),
        "OperationNotPermitted"
    );
    account.ok("UnlockSnapshot", named.clone());
    account.ok("LockSnapshot", lock(10, Some(24)));
    account.ok("LockSnapshot", lock(5, Some(24)));
    account.pass(DAY + 1);
    assert_eq!(locked(&mut account, &id)["LockState"], "compliance");
    let governance = json!({"SnapshotId": id, "LockMode": "governance", "LockDuration": 100});
    for input in [governance, lock(4, None), lock(100, Some(1))] {
        assert_eq!(account.code("LockSnapshot", input), "OperationNotPermitted");
    }
    let mut choices = account.twin.storage_choices().clone();
    choices.locked_snapshot_refusal = LockRefusal::SnapshotLocked;
    account.twin.set_storage_choices(choices);
    for action in ["UnlockSnapshot", "DeleteSnapshot"] {
        assert_eq!(account.code(action, named.clone()), "SnapshotLocked");
    }
    account.ok("LockSnapshot", lock(6, None));
    account.pass(4 * DAY);
    let by = |state: &str| json!({"Filters": [{"Name": "lock-state", "Values": [state]}]});
    let seen = account.ok("DescribeLockedSnapshots", by("expired"));
    assert_eq!(seen["Snapshots"], json!([]));
    account.pass(DAY);
    let seen = account.ok("DescribeLockedSnapshots", by("expired"));
    assert_eq!(seen["Snapshots"][0]["SnapshotId"], id);
    account.ok("DeleteSnapshot", named);
}

/// EBS user guide, "Considerations for Amazon EBS snapshot lock": the duration of a pending snapshot's
/// lock begins when it is completed; images with locked snapshots can be deregistered.
#[test]
fn locks_of_pending_snapshots_and_of_images() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let made = account.ok("CreateSnapshot", json!({"VolumeId": volume}));
    let id = crate::testing::text(&made, "SnapshotId");
    let lock = json!({"SnapshotId": id, "LockMode": "governance", "LockDuration": 1});
    let answer = account.ok("LockSnapshot", lock);
    assert_eq!(answer["LockExpiresOn"], Value::Null);
    account.pass(300);
    let seen = locked(&mut account, &id);
    assert_eq!(
        seen["LockDurationStartTime"],
        account.see(&id)["CompletionTime"]
    );
    let image = account.image("kept", &id);
    let input = json!({"ImageId": image, "DeleteAssociatedSnapshots": true});
    let answer = account.ok("DeregisterImage", input);
    assert_eq!(
        answer["DeleteSnapshotResults"][0]["ReturnCode"],
        "client-error"
    );
    assert_ne!(account.see(&id), Value::Null);
}
