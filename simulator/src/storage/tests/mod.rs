//! Rules of volumes, snapshots and images; each test names its row of the facts.

mod images;
mod locks;
mod settings;
mod sharing;
mod snapshots;
mod tiers;
mod volumes;

use serde_json::{Value, json};

use crate::testing::{Account, text};

const NOBODY: &str = "0123456789abcdef0";

/// Section 2, rows volume, snapshot, AMI; section 1, "Order of checks".
#[test]
fn ids_are_refused_with_the_kinds_codes() {
    let mut account = Account::new();
    for (action, parameter, prefix, malformed, unknown) in [
        (
            "DeleteVolume",
            "VolumeId",
            "vol",
            "InvalidVolumeID.Malformed",
            "InvalidVolume.NotFound",
        ),
        (
            "DeleteSnapshot",
            "SnapshotId",
            "snap",
            "InvalidSnapshotID.Malformed",
            "InvalidSnapshot.NotFound",
        ),
        (
            "DeregisterImage",
            "ImageId",
            "ami",
            "InvalidAMIID.Malformed",
            "InvalidAMIID.NotFound",
        ),
    ] {
        assert_eq!(account.code(action, json!({})), "MissingParameter");
        let dry = |id: String| json!({parameter: id, "DryRun": true});
        assert_eq!(
            account.code(action, dry(format!("{prefix}-nothex"))),
            malformed
        );
        assert_eq!(
            account.code(action, dry("i-01234567".to_owned())),
            malformed
        );
        assert_eq!(
            account.code(action, dry(format!("{prefix}-{NOBODY}"))),
            unknown
        );
    }
    let (_, message) = account.refused("DeleteVolume", json!({"VolumeId": "vol-01234567"}));
    assert_eq!(message, "The volume 'vol-01234567' does not exist.");
    let (code, message) = account.refused(
        "DescribeVolumes",
        json!({"VolumeIds": ["vol-01234567", "vol-89abcdef"]}),
    );
    assert_eq!(code, "InvalidVolume.NotFound");
    assert_eq!(
        message,
        "The volumes 'vol-01234567, vol-89abcdef' do not exist."
    );
}

/// Section 3, Volume: creating, available, deleting, then not found.
#[test]
fn volumes_come_and_go_in_time() {
    let mut account = Account::new();
    let input = json!({"AvailabilityZone": "eu-central-1a", "Size": 8});
    let made = account.ok("CreateVolume", input);
    assert_eq!(made["State"], "creating");
    assert_eq!(made["VolumeType"], "gp2");
    assert_eq!(made["Iops"], 100);
    let id = text(&made, "VolumeId");
    let named = json!({"VolumeId": id});
    assert_eq!(
        account.code("DeleteVolume", named.clone()),
        "IncorrectState"
    );
    account.pass(10);
    assert_eq!(account.see(&id)["State"], "available");
    account.ok("DeleteVolume", named.clone());
    assert_eq!(account.see(&id)["State"], "deleting");
    // Section 1, "Idempotency": deletes have no tokens, the second one finds nothing.
    assert_eq!(
        account.code("DeleteVolume", named.clone()),
        "InvalidVolume.NotFound"
    );
    account.pass(60);
    assert_eq!(
        account.code("DescribeVolumes", json!({"VolumeIds": [id]})),
        "InvalidVolume.NotFound"
    );
    assert!(account.twin.diff().is_empty());
}

/// Section 3, Volume: what AWS checks of size, type and performance.
#[test]
fn volumes_must_be_possible() {
    let mut account = Account::new();
    let mut code = |more: Value| {
        let mut input = json!({"AvailabilityZone": "eu-central-1a"});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        account.code("CreateVolume", input)
    };
    assert_eq!(code(json!({})), "MissingParameter");
    assert_eq!(code(json!({"Size": 0})), "InvalidParameterValue");
    assert_eq!(code(json!({"Size": 20_000})), "InvalidParameterValue");
    assert_eq!(
        code(json!({"Size": 8, "VolumeType": "gp9"})),
        "UnknownVolumeType"
    );
    assert_eq!(
        code(json!({"Size": 8, "Iops": 500})),
        "InvalidParameterCombination"
    );
    assert_eq!(
        code(json!({"Size": 8, "VolumeType": "io1"})),
        "MissingParameter"
    );
    assert_eq!(
        code(json!({"Size": 8, "VolumeType": "gp3", "Iops": 99})),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(json!({"Size": 8, "MultiAttachEnabled": true})),
        "InvalidParameterCombination"
    );
    assert_eq!(
        code(json!({"Size": 8, "AvailabilityZone": "us-east-1a"})),
        "InvalidZone.NotFound"
    );
    // Never success for what is not done.
    assert_eq!(
        code(json!({"Size": 8, "OutpostArn": "x"})),
        "UnsupportedOperation"
    );
    assert!(account.twin.diff().is_empty());
}

/// Section 1, "Idempotency".
#[test]
fn client_tokens_give_the_first_answer_again() {
    let mut account = Account::new();
    let input = |size: u32| json!({"AvailabilityZone": "eu-central-1a", "Size": size, "ClientToken": "once"});
    let first = account.ok("CreateVolume", input(8));
    let again = account.ok("CreateVolume", input(8));
    assert_eq!(first["VolumeId"], again["VolumeId"]);
    assert_eq!(
        account.code("CreateVolume", input(9)),
        "IdempotentParameterMismatch"
    );
}

/// Section 1, "DryRun": answered after ids and before state and dependencies.
#[test]
fn dry_runs_come_before_dependencies() {
    let mut account = Account::new();
    let instance = account.instance(json!({}));
    let volume = text(
        &account.see(&instance)["BlockDeviceMappings"][0]["Ebs"],
        "VolumeId",
    );
    let before = account.twin.diff();
    let (code, message) =
        account.refused("DeleteVolume", json!({"VolumeId": volume, "DryRun": true}));
    assert_eq!(code, "DryRunOperation");
    assert_eq!(
        message,
        "Request would have succeeded, but DryRun flag is set."
    );
    assert_eq!(account.twin.diff(), before);
}

/// Section 3, Volume: in use; section 3, attachments.
#[test]
fn attached_volumes_are_in_use() {
    let mut account = Account::new();
    let instance = account.instance(json!({}));
    let volume = account.volume(10);
    let attach =
        |device: &str| json!({"VolumeId": volume, "InstanceId": instance, "Device": device});
    let taken = account.code("AttachVolume", attach("/dev/xvda"));
    assert_eq!(taken, "InvalidParameterValue");
    let attachment = account.ok("AttachVolume", attach("/dev/sdf"));
    assert_eq!(attachment["State"], "attaching");
    assert_eq!(attachment["DeleteOnTermination"], false);
    assert_eq!(
        account.code("AttachVolume", attach("/dev/sdg")),
        "VolumeInUse"
    );
    account.pass(10);
    assert_eq!(account.see(&volume)["Attachments"][0]["State"], "attached");
    let (code, message) = account.refused("DeleteVolume", json!({"VolumeId": volume}));
    assert_eq!(code, "VolumeInUse");
    assert_eq!(
        message,
        format!("Volume {volume} is currently attached to {instance}")
    );
    let detached = account.ok("DetachVolume", json!({"VolumeId": volume}));
    assert_eq!(detached["State"], "detaching");
    assert_eq!(
        account.code("DetachVolume", json!({"VolumeId": volume})),
        "IncorrectState"
    );
    account.pass(10);
    assert_eq!(account.see(&volume)["State"], "available");
    assert_eq!(
        account.code("DetachVolume", json!({"VolumeId": volume})),
        "IncorrectState"
    );
    let devices = account.see(&instance)["BlockDeviceMappings"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(devices, 1);
}

/// Section 3, Volume: the root of a running instance; a volume of another zone.
#[test]
fn some_attachments_cannot_change() {
    let mut account = Account::new();
    let instance = account.instance(json!({}));
    let root = text(
        &account.see(&instance)["BlockDeviceMappings"][0]["Ebs"],
        "VolumeId",
    );
    let (code, message) = account.refused("DetachVolume", json!({"VolumeId": root}));
    assert_eq!(code, "IncorrectState");
    assert_eq!(
        message,
        format!("Unable to detach root volume '{root}' from instance '{instance}'")
    );
    let far = account.ok(
        "CreateVolume",
        json!({"AvailabilityZone": "eu-central-1b", "Size": 1}),
    );
    account.pass(10);
    let attach = json!({"VolumeId": far["VolumeId"], "InstanceId": instance, "Device": "/dev/sdh"});
    assert_eq!(
        account.code("AttachVolume", attach),
        "InvalidVolume.ZoneMismatch"
    );
    account.ok("StopInstances", json!({"InstanceIds": [instance]}));
    account.pass(60);
    account.ok("DetachVolume", json!({"VolumeId": root}));
}

/// Section 3, Snapshot: pending, limits, and being used by a registered AMI.
#[test]
fn snapshots_are_held_by_images() {
    let mut account = Account::new();
    let volume = account.volume(10);
    let input = json!({"VolumeId": volume, "Description": "before", "TagSpecifications": [
        {"ResourceType": "snapshot", "Tags": [{"Key": "a", "Value": "b"}]}]});
    let made = account.ok("CreateSnapshot", input.clone());
    assert_eq!(
        (made["State"].as_str(), made["VolumeSize"].as_u64()),
        (Some("pending"), Some(10))
    );
    let rate = account.code("CreateSnapshot", input.clone());
    assert_eq!(rate, "SnapshotCreationPerVolumeRateExceeded");
    // Five of a volume may be pending at once (EBS quotas, "Concurrent snapshots per volume").
    for _ in 0..4 {
        account.pass(16);
        account.ok("CreateSnapshot", input.clone());
    }
    account.pass(16);
    assert_eq!(
        account.code("CreateSnapshot", input),
        "ConcurrentSnapshotLimitExceeded"
    );
    account.pass(300);
    let snapshot = text(&made, "SnapshotId");
    assert_eq!(account.see(&snapshot)["State"], "completed");
    let image = account.image("web", &snapshot);
    let (code, message) = account.refused("DeleteSnapshot", json!({"SnapshotId": snapshot}));
    assert_eq!(code, "InvalidSnapshot.InUse");
    assert_eq!(
        message,
        format!("The snapshot {snapshot} is currently in use by {image}")
    );
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
    account.pass(60);
    assert_eq!(account.see(&snapshot)["State"], "completed");
    account.ok("DeregisterImage", json!({"ImageId": image}));
    account.ok("DeleteSnapshot", json!({"SnapshotId": snapshot}));
}

/// Section 3, AMI: shared snapshots are skipped when an image takes its own along.
#[test]
fn deregistering_spares_shared_snapshots() {
    let mut account = Account::new();
    let volume = account.volume(10);
    let shared = account.snapshot(&volume);
    let one = account.image("one", &shared);
    let other = account.image("other", &shared);
    let duplicate = json!({"Name": "one", "RootDeviceName": "/dev/xvda", "BlockDeviceMappings": [
        {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": shared}}]});
    assert_eq!(
        account.code("RegisterImage", duplicate),
        "InvalidAMIName.Duplicate"
    );
    let with_snapshots = |id: &str| json!({"ImageId": id, "DeleteAssociatedSnapshots": true});
    let answer = account.ok("DeregisterImage", with_snapshots(&one));
    assert_eq!(answer["DeleteSnapshotResults"][0]["ReturnCode"], "skipped");
    let answer = account.ok("DeregisterImage", with_snapshots(&other));
    assert_eq!(answer["DeleteSnapshotResults"][0]["ReturnCode"], "success");
    assert_eq!(account.see(&shared), Value::Null);
}

/// Section 3, Volume, ModifyVolume: states, no second one at once, and how soon again.
#[test]
fn modifications_rest_between() {
    let mut account = Account::new();
    let volume = account.volume(10);
    let to = |size: u32| json!({"VolumeId": volume, "Size": size});
    assert_eq!(account.code("ModifyVolume", to(9)), "InvalidParameterValue");
    let answer = account.ok("ModifyVolume", to(20));
    assert_eq!(
        answer["VolumeModification"]["ModificationState"],
        "modifying"
    );
    assert_eq!(
        account.code("ModifyVolume", to(30)),
        "IncorrectModificationState"
    );
    account.pass(30);
    assert_eq!(account.see(&volume)["Size"], 20);
    account.pass(900);
    let seen = account.ok(
        "DescribeVolumesModifications",
        json!({"VolumeIds": [volume]}),
    );
    assert_eq!(
        seen["VolumesModifications"][0]["ModificationState"],
        "completed"
    );
    account.ok("ModifyVolume", to(30));
    for size in [40, 50] {
        account.pass(900);
        account.ok("ModifyVolume", to(size));
    }
    account.pass(900);
    assert_eq!(
        account.code("ModifyVolume", to(60)),
        "VolumeModificationRateExceeded"
    );
    // EC2 API reference, ModifyVolume: four within a rolling 24-hour period.
    account.pass(24 * 3600 - 4 * 900);
    account.ok("ModifyVolume", to(60));
    let mut older = account.twin.storage_choices().clone();
    older.modification_pace = super::ModificationPace::SixHours;
    account.twin.set_storage_choices(older);
    account.pass(900);
    assert_eq!(
        account.code("ModifyVolume", to(70)),
        "VolumeModificationRateExceeded"
    );
    account.pass(6 * 3600);
    account.ok("ModifyVolume", to(70));
}

/// Section 1, "Filters", "Explicit ids are assertions", "Pagination".
#[test]
fn descriptions_filter_and_page() {
    let mut account = Account::new();
    let mut ids: Vec<String> = (1..=12).map(|size| account.volume(size)).collect();
    ids.sort_unstable();
    let tagged = json!({"Resources": [ids[0]], "Tags": [{"Key": "team", "Value": "red"}]});
    account.ok("CreateTags", tagged);
    let by = |name: &str, values: &[&str]| json!({"Filters": [{"Name": name, "Values": values}]});
    let mut count = |input: Value| {
        let answer = account.ok("DescribeVolumes", input);
        answer["Volumes"].as_array().unwrap().len()
    };
    assert_eq!(count(json!({})), 12);
    assert_eq!(count(by("size", &["1?"])), 4);
    assert_eq!(count(by("size", &["1", "2"])), 2);
    assert_eq!(count(by("tag:team", &["r*"])), 1);
    assert_eq!(count(by("tag:team", &["Red"])), 0);
    assert_eq!(count(by("tag-key", &["team"])), 1);
    let mut both = by("tag-key", &["team"]);
    both["VolumeIds"] = json!([ids[1]]);
    assert_eq!(count(both), 0);
    let unknown = by("colour", &["red"]);
    let (code, message) = account.refused("DescribeVolumes", unknown);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("InvalidParameterValue", "The filter 'colour' is invalid",)
    );

    let mut seen = Vec::new();
    let mut input = json!({"MaxResults": 5});
    loop {
        let page = account.ok("DescribeVolumes", input);
        let volumes = page["Volumes"].as_array().unwrap();
        seen.extend(volumes.iter().map(|it| text(it, "VolumeId")));
        let Some(token) = page["NextToken"].as_str() else {
            break;
        };
        input = json!({"MaxResults": 5, "NextToken": token});
    }
    assert_eq!(seen, ids);
    for token in ["x", "00000000", "ffffffff766f6c", "0000000é"] {
        let code = account.code("DescribeVolumes", json!({"NextToken": token}));
        assert_eq!(code, "InvalidNextToken", "{token}");
    }
    assert_eq!(
        account.code("DescribeVolumes", json!({"MaxResults": 1})),
        "InvalidParameterValue"
    );
}

/// A resource of another Region does not exist.
#[test]
fn regions_are_apart() {
    let mut account = Account::new();
    let volume = account.volume(10);
    account.region = sandtable_model::Region::new("eu-west-1").unwrap();
    let named = json!({"VolumeId": volume});
    assert_eq!(
        account.code("DeleteVolume", named),
        "InvalidVolume.NotFound"
    );
    assert_eq!(
        account.ok("DescribeVolumes", json!({}))["Volumes"],
        json!([])
    );
}

/// Section 1, "Tags".
#[test]
fn tags_have_limits() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let mut tag = |key: &str, value: Value| {
        let tags = json!([{"Key": key, "Value": value}]);
        account.call("CreateTags", json!({"Resources": [volume], "Tags": tags}))
    };
    let code = |it: Result<Value, crate::ApiError>| it.unwrap_err().code.into_owned();
    assert_eq!(code(tag("aws:mine", json!("x"))), "InvalidParameterValue");
    assert_eq!(
        code(tag(&"k".repeat(129), json!("x"))),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(tag("k", json!("v".repeat(257)))),
        "InvalidParameterValue"
    );
    for index in 0..50 {
        tag(&format!("k{index}"), json!("v")).unwrap();
    }
    assert_eq!(code(tag("one-more", json!("v"))), "TagLimitExceeded");
    tag("k1", json!("overwritten")).unwrap();
    let mut delete = |tags: Value| {
        account.ok("DeleteTags", json!({"Resources": [volume], "Tags": tags}));
        account.see(&volume)["Tags"].as_array().unwrap().len()
    };
    assert_eq!(delete(json!([{"Key": "k1", "Value": ""}])), 50);
    assert_eq!(delete(json!([{"Key": "k1", "Value": "overwritten"}])), 49);
    assert_eq!(delete(json!([{"Key": "k2"}])), 48);
    assert_eq!(delete(json!([])), 0);
    let unknown = json!({"Resources": ["vol-01234567"], "Tags": [{"Key": "a"}]});
    assert_eq!(
        account.code("CreateTags", unknown),
        "InvalidVolume.NotFound"
    );
    let strange = json!({"Resources": ["x-1"], "Tags": [{"Key": "a"}]});
    assert_eq!(account.code("CreateTags", strange), "InvalidID");
}
