//! Making and copying snapshots.

use sandtable_model::Region;
use serde_json::{Value, json};

use crate::testing::{Account, text};

fn volumes_of(account: &Account, instance: &str) -> Vec<String> {
    let devices = account.see(instance)["BlockDeviceMappings"].clone();
    let devices = devices.as_array().unwrap().iter();
    devices.map(|it| text(&it["Ebs"], "VolumeId")).collect()
}

/// EC2 API reference, CreateSnapshots: one snapshot of each volume, the root and chosen data volumes
/// left out, tags of the volume copied.
#[test]
fn snapshots_of_an_instance_are_made_together() {
    let mut account = Account::new();
    let instance = account.instance(json!({
        "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 3}}],
        "TagSpecifications": [{"ResourceType": "volume", "Tags": [{"Key": "of", "Value": "volume"}]}],
    }));
    let volumes = volumes_of(&account, &instance);
    assert_eq!(volumes.len(), 2);
    let of = |more: Value| {
        let mut specification = json!({"InstanceId": instance});
        for (name, value) in more.as_object().unwrap() {
            specification[name] = value.clone();
        }
        json!({"InstanceSpecification": specification})
    };
    assert_eq!(
        account.code("CreateSnapshots", json!({})),
        "MissingParameter"
    );
    let refused = [
        json!({"ExcludeDataVolumeIds": [volumes[0]]}),
        json!({"ExcludeDataVolumeIds": [volumes[1]], "ExcludeBootVolume": true}),
    ];
    for more in refused {
        assert_eq!(
            account.code("CreateSnapshots", of(more)),
            "InvalidParameterValue"
        );
    }
    let unknown = of(json!({"ExcludeDataVolumeIds": ["vol-0123456789abcdef0"]}));
    assert_eq!(
        account.code("CreateSnapshots", unknown),
        "InvalidVolume.NotFound"
    );
    let mut wanted = of(json!({"ExcludeBootVolume": true}));
    wanted["CopyTagsFromSource"] = json!("volume");
    wanted["TagSpecifications"] =
        json!([{"ResourceType": "snapshot", "Tags": [{"Key": "a", "Value": "b"}]}]);
    let made = account.ok("CreateSnapshots", wanted);
    let made = made["Snapshots"].as_array().unwrap();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["VolumeId"], volumes[1]);
    assert_eq!(made[0]["State"], "pending");
    assert_eq!(made[0]["Tags"].as_array().unwrap().len(), 2);
    // The rate of the volume that has one now holds the other back, too.
    let all = of(json!({}));
    let code = account.code("CreateSnapshots", all.clone());
    assert_eq!(code, "SnapshotCreationPerVolumeRateExceeded");
    let one = json!({"VolumeId": volumes[0]});
    assert_eq!(account.ok("CreateSnapshot", one)["State"], "pending");
    account.pass(300);
    let made = account.ok("CreateSnapshots", all);
    assert_eq!(made["Snapshots"].as_array().unwrap().len(), 2);
}

/// EC2 API reference, CopySnapshot: into the Region of the call, pending and then completed, with an
/// arbitrary volume.
#[test]
fn snapshots_are_copied_into_other_regions() {
    let mut account = Account::new();
    let volume = account.volume(10);
    let snapshot = account.snapshot(&volume);
    let home = account.region.clone();
    account.region = Region::new("eu-west-1").unwrap();
    account.twin.ensure_region(&account.region.clone());
    let input = |region: &str| {
        json!({"SourceRegion": region, "SourceSnapshotId": snapshot,
        "Description": "far", "TagSpecifications": [
            {"ResourceType": "snapshot", "Tags": [{"Key": "a", "Value": "b"}]}]})
    };
    let missing = json!({"SourceSnapshotId": snapshot});
    assert_eq!(account.code("CopySnapshot", missing), "MissingParameter");
    let wrong = account.code("CopySnapshot", input("eu-west-1"));
    assert_eq!(wrong, "InvalidSnapshot.NotFound");
    let mut dry = input("eu-central-1");
    dry["DryRun"] = json!(true);
    assert_eq!(account.code("CopySnapshot", dry), "DryRunOperation");
    let mut elsewhere = input("eu-central-1");
    elsewhere["DestinationRegion"] = json!("us-east-1");
    assert_eq!(
        account.code("CopySnapshot", elsewhere),
        "InvalidParameterValue"
    );
    let made = account.ok("CopySnapshot", input("eu-central-1"));
    assert_eq!(made["Tags"][0]["Key"], "a");
    let copy = text(&made, "SnapshotId");
    let seen = account.see(&copy);
    assert_eq!(
        (&seen["State"], &seen["VolumeSize"], &seen["VolumeId"]),
        (&json!("pending"), &json!(10), &json!("vol-ffffffff"))
    );
    let again = json!({"SourceRegion": "eu-west-1", "SourceSnapshotId": copy});
    assert_eq!(account.code("CopySnapshot", again), "IncorrectState");
    // Section 3, Snapshot: a pending copy keeps its source.
    account.region = home;
    let (code, message) = account.refused("DeleteSnapshot", json!({"SnapshotId": snapshot}));
    assert_eq!(code, "InvalidSnapshot.InUse");
    assert_eq!(
        message,
        format!("The snapshot {snapshot} is currently in use by {copy}")
    );
    account.pass(600);
    assert_eq!(account.see(&copy)["State"], "completed");
    account.ok("DeleteSnapshot", json!({"SnapshotId": snapshot}));
}

/// EC2 API reference, CopySnapshot: a copy of an encrypted snapshot is encrypted, with the key asked for
/// or the default one of the Region, never the source's; a time-based copy keeps its promise.
#[test]
fn copies_are_encrypted_as_asked() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let plain = account.snapshot(&volume);
    let region = account.region.to_string();
    let copy = |account: &mut Account, source: &str, more: Value| {
        let mut input = json!({"SourceRegion": region, "SourceSnapshotId": source});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        account
            .call("CopySnapshot", input)
            .map(|it| text(&it, "SnapshotId"))
    };
    let bare_key = copy(&mut account, &plain, json!({"KmsKeyId": "alias/mine"})).unwrap_err();
    assert_eq!(bare_key.code, "InvalidParameterDependency");
    let odd = copy(
        &mut account,
        &plain,
        json!({"CompletionDurationMinutes": 20}),
    )
    .unwrap_err();
    assert_eq!(odd.code, "InvalidParameterValue");
    let first = copy(&mut account, &plain, json!({})).unwrap();
    assert_eq!(account.see(&first)["Encrypted"], false);
    let mine =
        json!({"Encrypted": true, "KmsKeyId": "alias/mine", "CompletionDurationMinutes": 15});
    let second = copy(&mut account, &plain, mine).unwrap();
    let seen = account.see(&second);
    assert_eq!(
        seen["KmsKeyId"],
        "arn:aws:kms:eu-central-1:123456789012:alias/mine"
    );
    assert_eq!(seen["TransferType"], "time-based");
    account.pass(900);
    assert_eq!(account.see(&second)["State"], "completed");
    let third = copy(&mut account, &second, json!({})).unwrap();
    let seen = account.see(&third);
    assert_eq!(seen["Encrypted"], true);
    let default = account.ok("GetEbsDefaultKmsKeyId", json!({}));
    assert_eq!(seen["KmsKeyId"], default["KmsKeyId"]);
}

/// EBS quotas: pending copies into a Region, snapshots of a Region, pending snapshots of an HDD volume;
/// all can be set.
#[test]
fn snapshots_have_quotas() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let snapshot = account.snapshot(&volume);
    let mut choices = account.twin.storage_choices().clone();
    choices.quotas.snapshot_copies = 1;
    account.twin.set_storage_choices(choices.clone());
    let input = json!({"SourceRegion": "eu-central-1", "SourceSnapshotId": snapshot});
    account.ok("CopySnapshot", input.clone());
    let (code, message) = account.refused("CopySnapshot", input.clone());
    assert_eq!(code, "ResourceLimitExceeded");
    assert_eq!(
        message,
        "Too many snapshot copies in progress. The limit is 1 for this destination region."
    );
    account.pass(600);
    account.ok("CopySnapshot", input.clone());
    account.pass(600);
    choices.quotas.snapshots = Some(3);
    account.twin.set_storage_choices(choices.clone());
    assert_eq!(
        account.code("CopySnapshot", input.clone()),
        "SnapshotLimitExceeded"
    );
    let of_volume = json!({"VolumeId": volume});
    assert_eq!(
        account.code("CreateSnapshot", of_volume),
        "SnapshotLimitExceeded"
    );
    choices.quotas.snapshots = None;
    account.twin.set_storage_choices(choices);
    account.ok("CopySnapshot", input);
    let slow = json!({"AvailabilityZone": "eu-central-1a", "Size": 125, "VolumeType": "st1"});
    let slow = text(&account.ok("CreateVolume", slow), "VolumeId");
    account.pass(10);
    account.ok("CreateSnapshot", json!({"VolumeId": slow}));
    account.pass(20);
    let second = account.code("CreateSnapshot", json!({"VolumeId": slow}));
    assert_eq!(second, "ConcurrentSnapshotLimitExceeded");
}

/// EC2 API reference, Recycle Bin: without retention rules nothing is in it.
#[test]
fn the_recycle_bin_is_empty() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let snapshot = account.snapshot(&volume);
    let image = account.image("one", &snapshot);
    account.ok("DeregisterImage", json!({"ImageId": image}));
    account.ok("DeleteSnapshot", json!({"SnapshotId": snapshot}));
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
    account.pass(60);
    for (noun, parameter, id, unknown, list) in [
        (
            "Snapshot",
            "SnapshotId",
            &snapshot,
            "InvalidSnapshot.NotFound",
            "Snapshots",
        ),
        (
            "Image",
            "ImageId",
            &image,
            "InvalidAMIID.NotFound",
            "Images",
        ),
        (
            "Volume",
            "VolumeId",
            &volume,
            "InvalidVolume.NotFound",
            "Volumes",
        ),
    ] {
        let listing = format!("List{noun}sInRecycleBin");
        assert_eq!(account.ok(&listing, json!({}))[list], json!([]));
        let named = json!({format!("{parameter}s"): [id]});
        assert_eq!(account.code(&listing, named), unknown);
        let much = account.code(&listing, json!({"MaxResults": 1001}));
        assert_eq!(much, "InvalidParameterValue");
        let restore = format!("Restore{noun}FromRecycleBin");
        assert_eq!(account.code(&restore, json!({})), "MissingParameter");
        assert_eq!(account.code(&restore, json!({parameter: id})), unknown);
    }
}

/// EBS user guide, "Fast snapshot restore": states in their order, an hour for each TiB, five snapshots.
#[test]
fn fast_restores_take_their_time() {
    let mut account = Account::new();
    let volume = account.volume(1024);
    let snapshot = account.snapshot(&volume);
    let pair = json!({"SourceSnapshotIds": [snapshot], "AvailabilityZones": ["eu-central-1a"]});
    let state = |account: &mut Account| {
        let seen = account.ok("DescribeFastSnapshotRestores", json!({}));
        seen["FastSnapshotRestores"][0]["State"].clone()
    };
    let missing = json!({"SourceSnapshotIds": [snapshot]});
    assert_eq!(
        account.code("EnableFastSnapshotRestores", missing),
        "MissingParameter"
    );
    let answer = account.ok("EnableFastSnapshotRestores", pair.clone());
    assert_eq!(answer["Successful"][0]["State"], "enabling");
    assert_eq!(answer["Successful"][0]["AvailabilityZoneId"], "euc1-az1");
    let answer = account.ok("EnableFastSnapshotRestores", pair.clone());
    let code = &answer["Unsuccessful"][0]["FastSnapshotRestoreStateErrors"][0]["Error"]["Code"];
    assert_eq!(code, "InvalidFastSnapshotRestoreState");
    account.pass(61);
    assert_eq!(state(&mut account), "optimizing");
    account.pass(3500);
    assert_eq!(state(&mut account), "optimizing");
    account.pass(120);
    assert_eq!(state(&mut account), "enabled");
    let none = json!({"Filters": [{"Name": "state", "Values": ["disabled"]}]});
    let seen = account.ok("DescribeFastSnapshotRestores", none);
    assert_eq!(seen["FastSnapshotRestores"], json!([]));
    let answer = account.ok("DisableFastSnapshotRestores", pair.clone());
    assert_eq!(answer["Successful"][0]["State"], "disabling");
    account.pass(61);
    assert_eq!(state(&mut account), "disabled");
    account.pass(61);
    assert_eq!(state(&mut account), Value::Null);
    let answer = account.ok("DisableFastSnapshotRestores", pair);
    assert_eq!(answer["Successful"], json!([]));
    let mut choices = account.twin.storage_choices().clone();
    choices.quotas.fast_restores = 0;
    account.twin.set_storage_choices(choices);
    let by_id = json!({"SourceSnapshotIds": [snapshot], "AvailabilityZoneIds": ["euc1-az2"]});
    let answer = account.ok("EnableFastSnapshotRestores", by_id);
    let code = &answer["Unsuccessful"][0]["FastSnapshotRestoreStateErrors"][0]["Error"]["Code"];
    assert_eq!(code, "FastSnapshotRestoreLimitExceeded");
}
