//! Performance, health, attributes, quotas and attachments of volumes.

use sandtable_model::VolumeId;
use serde_json::{Value, json};

use crate::testing::{Account, text};

fn input(more: &Value) -> Value {
    let mut input = json!({"AvailabilityZone": "eu-central-1a"});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

/// EC2 API reference, CreateVolume; messages as seen (runs-on #260, rocicorp/mono #4410).
#[test]
fn performance_has_bounds_and_ratios() {
    let mut account = Account::new();
    for (more, message) in [
        (
            json!({"Size": 20, "VolumeType": "gp3", "Iops": 15_000}),
            "Iops to volume size ratio of 750.000000 is too high; maximum is 500",
        ),
        (
            json!({"Size": 100, "VolumeType": "io1", "Iops": 8_000}),
            "Iops to volume size ratio of 80.000000 is too high; maximum is 50",
        ),
        (
            json!({"Size": 4, "VolumeType": "io2", "Iops": 4_001}),
            "Iops to volume size ratio of 1000.250000 is too high; maximum is 1000",
        ),
        (
            json!({"Size": 100, "VolumeType": "gp3", "Throughput": 1000}),
            "Throughput (MiBps) to iops ratio of 0.333333 is too high; maximum is 0.250000 MiBps per iops.",
        ),
        (
            json!({"Size": 8000, "VolumeType": "gp3", "Iops": 80_001}),
            "Volume iops of 80001 is too high; maximum is 80000.",
        ),
        (
            json!({"Size": 8000, "VolumeType": "io1", "Iops": 99}),
            "Volume iops of 99 is too low; minimum is 100.",
        ),
        (
            json!({"Size": 8000, "VolumeType": "gp3", "Iops": 8000, "Throughput": 2001}),
            "Volume throughput of 2001 is too high; maximum is 2000.",
        ),
    ] {
        let (code, seen) = account.refused("CreateVolume", input(&more));
        assert_eq!(
            (code.as_str(), seen.as_str()),
            ("InvalidParameterValue", message)
        );
    }
    // The baseline of gp3 is there for any size.
    let tiny = account.ok(
        "CreateVolume",
        input(&json!({"Size": 1, "VolumeType": "gp3"})),
    );
    assert_eq!(
        (&tiny["Iops"], &tiny["Throughput"]),
        (&json!(3000), &json!(125))
    );
    let most = json!({"Size": 160, "VolumeType": "gp3", "Iops": 80_000, "Throughput": 2000});
    account.ok("CreateVolume", input(&most));
    let by_id = json!({"AvailabilityZoneId": "euc1-az2", "Size": 1});
    assert_eq!(
        account.ok("CreateVolume", by_id)["AvailabilityZone"],
        "eu-central-1b"
    );
    let both = input(&json!({"AvailabilityZoneId": "euc1-az1", "Size": 1}));
    assert_eq!(
        account.code("CreateVolume", both),
        "InvalidParameterCombination"
    );
}

/// EC2 API reference, ModifyVolume: defaults of a new type, Multi-Attach.
#[test]
fn modifications_follow_the_type() {
    let mut account = Account::new();
    let volume = account.volume(100);
    let modify = |account: &mut Account, more: Value| {
        let mut input = more;
        input["VolumeId"] = json!(volume);
        let answer = account.call("ModifyVolume", input);
        account.pass(1000);
        answer.map(|it| it["VolumeModification"].clone())
    };
    let multi = modify(&mut account, json!({"MultiAttachEnabled": true})).unwrap_err();
    assert_eq!(multi.code, "InvalidParameterCombination");
    let none = modify(&mut account, json!({})).unwrap_err();
    assert_eq!(none.code, "InvalidParameterValue");
    let io2 = json!({"VolumeType": "io2", "MultiAttachEnabled": true});
    let seen = modify(&mut account, io2).unwrap();
    assert_eq!(
        (
            &seen["TargetIops"],
            &seen["TargetMultiAttachEnabled"],
            &seen["OriginalMultiAttachEnabled"]
        ),
        (&json!(3000), &json!(true), &json!(false))
    );
    let (one, other) = (account.instance(json!({})), account.instance(json!({})));
    for instance in [&one, &other] {
        let attach = json!({"VolumeId": volume, "InstanceId": instance, "Device": "/dev/sdf"});
        account.ok("AttachVolume", attach);
    }
    account.pass(10);
    let off = modify(&mut account, json!({"MultiAttachEnabled": false})).unwrap_err();
    assert_eq!(off.code, "IncorrectState");
    let ambiguous = account.code("DetachVolume", json!({"VolumeId": volume}));
    assert_eq!(ambiguous, "InvalidParameterCombination");
    account.ok(
        "DetachVolume",
        json!({"VolumeId": volume, "InstanceId": one}),
    );
    account.pass(10);
    assert_eq!(account.see(&volume)["State"], "in-use");
    modify(&mut account, json!({"MultiAttachEnabled": false})).unwrap();
    assert_eq!(account.see(&volume)["MultiAttachEnabled"], false);
    let by = json!({"Filters": [{"Name": "targetMultiAttachEnabled", "Values": ["false"]}]});
    let seen = account.ok("DescribeVolumesModifications", by);
    assert_eq!(
        seen["VolumesModifications"][0]["ModificationState"],
        "completed"
    );
}

/// EC2 error list, `VolumeLimitExceeded`; EBS quotas.
#[test]
fn volumes_have_quotas() {
    let mut account = Account::new();
    let mut choices = account.twin.storage_choices().clone();
    choices.quotas.volume_gib_per_type = Some(100);
    account.twin.set_storage_choices(choices.clone());
    let volume = account.volume(60);
    let more = input(&json!({"Size": 50, "VolumeType": "gp3"}));
    assert_eq!(
        account.code("CreateVolume", more.clone()),
        "VolumeLimitExceeded"
    );
    account.ok(
        "CreateVolume",
        input(&json!({"Size": 100, "VolumeType": "gp2"})),
    );
    let grow = json!({"VolumeId": volume, "Size": 101});
    assert_eq!(account.code("ModifyVolume", grow), "VolumeLimitExceeded");
    let image = account.public_image();
    let run = json!({"ImageId": image, "MinCount": 6, "MaxCount": 6, "InstanceType": "t3.micro"});
    assert_eq!(account.code("RunInstances", run), "VolumeLimitExceeded");
    choices.quotas.volume_gib_per_type = None;
    account.twin.set_storage_choices(choices);
    account.ok("CreateVolume", more);
}

/// EC2 API reference, DescribeVolumeStatus, EnableVolumeIO, ModifyVolumeAttribute.
#[test]
fn the_health_of_volumes_can_be_told_and_mended() {
    let mut account = Account::new();
    let new = account.ok("CreateVolume", input(&json!({"Size": 1})));
    let volume = text(&new, "VolumeId");
    let status = |account: &mut Account| {
        let seen = account.ok("DescribeVolumeStatus", json!({"VolumeIds": [volume]}));
        seen["VolumeStatuses"][0].clone()
    };
    assert_eq!(
        status(&mut account)["VolumeStatus"]["Status"],
        "insufficient-data"
    );
    account.pass(10);
    let seen = status(&mut account);
    assert_eq!(seen["VolumeStatus"]["Status"], "ok");
    assert_eq!(seen["AvailabilityZoneId"], "euc1-az1");
    let id = VolumeId::new(&volume).unwrap();
    assert!(account.twin.impair_volume(&id));
    let seen = status(&mut account);
    assert_eq!(seen["VolumeStatus"]["Status"], "impaired");
    assert_eq!(seen["Actions"][0]["Code"], "enable-volume-io");
    let by =
        |value: &str| json!({"Filters": [{"Name": "volume-status.status", "Values": [value]}]});
    let count = |account: &mut Account, value: &str| {
        let seen = account.ok("DescribeVolumeStatus", by(value));
        seen["VolumeStatuses"].as_array().unwrap().len()
    };
    assert_eq!(
        (count(&mut account, "impaired"), count(&mut account, "ok")),
        (1, 0)
    );
    account.ok("EnableVolumeIO", json!({"VolumeId": volume}));
    let seen = status(&mut account);
    assert_eq!(seen["VolumeStatus"]["Status"], "ok");
    assert_eq!(seen["Actions"], json!([]));
    let attribute = json!({"VolumeId": volume, "Attribute": "autoEnableIO"});
    let seen = account.ok("DescribeVolumeAttribute", attribute.clone());
    assert_eq!(seen["AutoEnableIO"]["Value"], false);
    let missing = account.code("ModifyVolumeAttribute", json!({"VolumeId": volume}));
    assert_eq!(missing, "MissingParameter");
    let on = json!({"VolumeId": volume, "AutoEnableIO": {"Value": true}});
    account.ok("ModifyVolumeAttribute", on);
    let seen = account.ok("DescribeVolumeAttribute", attribute);
    assert_eq!(seen["AutoEnableIO"]["Value"], true);
    account.twin.impair_volume(&id);
    assert_eq!(status(&mut account)["VolumeStatus"]["Status"], "ok");
    let other = json!({"VolumeId": volume, "Attribute": "size"});
    assert_eq!(
        account.code("DescribeVolumeAttribute", other),
        "InvalidParameterValue"
    );
}

/// EC2 user guide, "Device names for volumes".
#[test]
fn devices_have_names() {
    let mut account = Account::new();
    let instance = account.instance(json!({}));
    let volume = account.volume(1);
    let attach =
        |device: &str| json!({"VolumeId": volume, "InstanceId": instance, "Device": device});
    for device in [
        "/dev/nvme1n1",
        "/dev/sd0",
        "sda.b",
        "/dev/",
        "/dev/sdf123",
        "é",
    ] {
        let (code, message) = account.refused("AttachVolume", attach(device));
        assert_eq!(code, "InvalidParameterValue");
        assert!(
            message.ends_with("is not a valid EBS device name."),
            "{message}"
        );
    }
    account.ok("AttachVolume", attach("xvdba"));
}
