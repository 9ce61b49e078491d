//! Volumes, snapshots and images.

use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{ANY, World, text};

section! {
    "ec2-semantics", "Lifecycles: volumes, snapshots, AMIs";
    volume_states: "A volume is creating, available, in-use, deleting; then it is unknown", "3, Volume [B]";
    volume_attachment_states: "An attachment is attaching, attached, detaching, on the volume and on the instance", "3, Volume [B]";
    delete_volume_when: "DeleteVolume is for available volumes; an attached one is VolumeInUse", "3, Volume [B, W]";
    detach_available: "DetachVolume of an available volume is IncorrectState", "3, Volume [W]";
    detach_root: "DetachVolume of the root volume of a running instance is IncorrectState; of a stopped one it works", "3, Volume [W]";
    snapshots_outlive_volumes: "Deleting a volume leaves its snapshots", "3, Volume";
    modify_states: "A modification is modifying, optimizing, completed", "3, Volume [B]";
    modify_twice: "A second modification while one is going on is IncorrectModificationState", "3, Volume [E]";
    modify_shrinks_not: "A volume cannot become smaller", "API reference, ModifyVolume";
    snapshot_states: "A snapshot is pending, then completed", "3, Snapshot [B]";
    snapshot_of_image: "DeleteSnapshot of a snapshot of a registered AMI is InvalidSnapshot.InUse with AWS's words", "3, Snapshot [W]";
    siblings_stay: "Deleting a snapshot leaves its siblings of the same volume", "3, Snapshot [B]";
    concurrent_snapshots: "More pending snapshots of a volume than allowed are ConcurrentSnapshotLimitExceeded", "3, Snapshot [E]";
    snapshot_rate: "Snapshots of one volume less than 15 seconds apart are SnapshotCreationPerVolumeRateExceeded", "3, Snapshot [E]";
    locked_snapshot: "A locked snapshot cannot be deleted", "3, Snapshot (gap on the code: a switch)";
    archive: "A snapshot is archived and restored with its tiering statuses", "3, Snapshot [B]";
    deregister_leaves_snapshots: "DeregisterImage leaves snapshots unless DeleteAssociatedSnapshots is set; a shared one is skipped", "3, AMI [B]; wire, Success response";
    deregister_checks_no_use: "DeregisterImage does not look at instances", "3, AMI [B]";
    deregistration_protection: "A protected AMI is OperationNotPermitted to deregister", "3, AMI (gap on the message)";
    disabled_images_hide: "Disabled AMIs are hidden from DescribeImages unless asked for, and cannot be launched", "3, AMI [B]";
    recycle_bin: "Volumes and snapshots without a retention rule are not in the Recycle Bin", "3, Volume [B ListVolumesInRecycleBin]";
    attach_checks: "AttachVolume wants a free device name and an instance that is running or stopped", "3, Volume; API reference, AttachVolume";
    create_volume_checks: "CreateVolume checks zone, size, type, IOPS and throughput", "API reference, CreateVolume";
    size_of_snapshot: "A volume of a snapshot is at least as large, and as large when no size is said", "API reference, CreateVolume";
}

fn of_volume(id: &str) -> Value {
    json!({"VolumeId": id})
}

fn of_snapshot(id: &str) -> Value {
    json!({"SnapshotId": id})
}

fn see_snapshot(world: &mut World, id: &str) -> Value {
    world.one(
        "DescribeSnapshots",
        json!({"SnapshotIds": [id]}),
        "Snapshots",
    )
}

fn attached(world: &mut World) -> (String, String) {
    let subnet = world.default_subnet();
    let instance = world.instance(json!({"SubnetId": subnet}));
    let volume = world.volume();
    let input = json!({"InstanceId": instance, "VolumeId": volume, "Device": "/dev/sdf"});
    world.ok("AttachVolume", input);
    world.pass(10);
    (instance, volume)
}

fn volume_states(world: &mut World) {
    let zone = world.zone('a');
    let made = world.ok("CreateVolume", json!({"AvailabilityZone": zone, "Size": 1}));
    assert_eq!(made["State"], "creating");
    let id = text(&made, "/VolumeId");
    assert_eq!(world.see_volume(&id)["State"], "creating");
    world.pass(10);
    assert_eq!(world.see_volume(&id)["State"], "available");
    world.ok("DeleteVolume", of_volume(&id));
    assert_eq!(world.see_volume(&id)["State"], "deleting");
    world.pass(60);
    world.no(
        "DeleteVolume",
        of_volume(&id),
        "InvalidVolume.NotFound",
        &id,
    );
}

fn volume_attachment_states(world: &mut World) {
    let subnet = world.default_subnet();
    let instance = world.instance(json!({"SubnetId": subnet}));
    let volume = world.volume();
    let input = json!({"InstanceId": instance, "VolumeId": volume, "Device": "/dev/sdf"});
    let answer = world.ok("AttachVolume", input);
    assert_eq!(answer["State"], "attaching");
    let states = |world: &mut World| {
        let seen = world.see_volume(&volume);
        let of_instance = world.see_instance(&instance);
        let devices = of_instance["BlockDeviceMappings"].as_array().unwrap();
        let device = devices.iter().find(|it| it["DeviceName"] == "/dev/sdf");
        let on_volume = seen["Attachments"][0]["State"].clone();
        let on_instance = device.map_or(Value::Null, |it| it["Ebs"]["Status"].clone());
        assert_eq!(on_volume, on_instance);
        (seen["State"].clone(), on_volume)
    };
    assert_eq!(states(world), (json!("in-use"), json!("attaching")));
    world.pass(10);
    assert_eq!(states(world), (json!("in-use"), json!("attached")));
    assert_eq!(
        world.ok("DetachVolume", of_volume(&volume))["State"],
        "detaching"
    );
    assert_eq!(states(world), (json!("in-use"), json!("detaching")));
    world.no("DetachVolume", of_volume(&volume), "IncorrectState", ANY);
    world.pass(30);
    assert_eq!(states(world), (json!("available"), Value::Null));
}

fn delete_volume_when(world: &mut World) {
    let (instance, volume) = attached(world);
    let message = format!("Volume {volume} is currently attached to {instance}");
    world.no("DeleteVolume", of_volume(&volume), "VolumeInUse", &message);
    world.ok("DetachVolume", of_volume(&volume));
    world.no("DeleteVolume", of_volume(&volume), "VolumeInUse", ANY);
    world.pass(30);
    world.ok("DeleteVolume", of_volume(&volume));
    let zone = world.zone('a');
    let input = json!({"AvailabilityZone": zone, "Size": 1});
    let young = world.make("CreateVolume", input, "/VolumeId");
    world.no("DeleteVolume", of_volume(&young), "IncorrectState", &young);
}

fn detach_available(world: &mut World) {
    let volume = world.volume();
    world.no(
        "DetachVolume",
        of_volume(&volume),
        "IncorrectState",
        "available",
    );
}

fn detach_root(world: &mut World) {
    let instance = world.instance(json!({}));
    let seen = world.see_instance(&instance);
    let root = text(&seen, "/BlockDeviceMappings/0/Ebs/VolumeId");
    let message = format!("Unable to detach root volume '{root}' from instance '{instance}'");
    world.no("DetachVolume", of_volume(&root), "IncorrectState", &message);
    world.ok("StopInstances", json!({"InstanceIds": [instance]}));
    world.pass(120);
    world.ok("DetachVolume", of_volume(&root));
}

fn snapshots_outlive_volumes(world: &mut World) {
    let volume = world.volume();
    let snapshot = world.make("CreateSnapshot", of_volume(&volume), "/SnapshotId");
    world.pass(300);
    world.ok("DeleteVolume", of_volume(&volume));
    world.pass(300);
    let seen = see_snapshot(world, &snapshot);
    assert_eq!(
        (&seen["State"], &seen["VolumeId"]),
        (&json!("completed"), &json!(volume))
    );
}

fn modify_states(world: &mut World) {
    let volume = world.volume();
    let answer = world.ok("ModifyVolume", json!({"VolumeId": volume, "Size": 9}));
    assert_eq!(
        answer["VolumeModification"]["ModificationState"],
        "modifying"
    );
    let state = |world: &mut World| {
        let input = json!({"VolumeIds": [volume]});
        let it = world.one(
            "DescribeVolumesModifications",
            input,
            "VolumesModifications",
        );
        text(&it, "/ModificationState")
    };
    assert_eq!(state(world), "modifying");
    world.pass(30);
    assert_eq!(state(world), "optimizing");
    assert_eq!(world.see_volume(&volume)["Size"], 9);
    world.pass(3600);
    assert_eq!(state(world), "completed");
}

fn modify_twice(world: &mut World) {
    let volume = world.volume();
    let of_size = |size: i64| json!({"VolumeId": volume, "Size": size});
    world.ok("ModifyVolume", of_size(9));
    world.no(
        "ModifyVolume",
        of_size(10),
        "IncorrectModificationState",
        ANY,
    );
    world.pass(30);
    world.no(
        "ModifyVolume",
        of_size(10),
        "IncorrectModificationState",
        ANY,
    );
}

fn modify_shrinks_not(world: &mut World) {
    let volume = world.volume();
    let input = json!({"VolumeId": volume, "Size": 7});
    world.no("ModifyVolume", input, "InvalidParameterValue", ANY);
}

fn snapshot_states(world: &mut World) {
    let volume = world.volume();
    let made = world.ok("CreateSnapshot", of_volume(&volume));
    assert_eq!(made["State"], "pending");
    let id = text(&made, "/SnapshotId");
    assert_eq!(see_snapshot(world, &id)["State"], "pending");
    world.pass(300);
    let seen = see_snapshot(world, &id);
    assert_eq!(
        (&seen["State"], &seen["Progress"]),
        (&json!("completed"), &json!("100%"))
    );
}

fn snapshot_of_image(world: &mut World) {
    let snapshot = world.snapshot();
    let image = world.image("base", &snapshot);
    let message = format!("The snapshot {snapshot} is currently in use by {image}");
    world.no(
        "DeleteSnapshot",
        of_snapshot(&snapshot),
        "InvalidSnapshot.InUse",
        &message,
    );
    world.ok("DisableImage", json!({"ImageId": image}));
    world.no(
        "DeleteSnapshot",
        of_snapshot(&snapshot),
        "InvalidSnapshot.InUse",
        &message,
    );
}

fn siblings_stay(world: &mut World) {
    let volume = world.volume();
    let mut make = || {
        let id = world.make("CreateSnapshot", of_volume(&volume), "/SnapshotId");
        world.pass(300);
        id
    };
    let (one, other) = (make(), make());
    world.ok("DeleteSnapshot", of_snapshot(&one));
    assert_eq!(see_snapshot(world, &other)["State"], "completed");
}

fn concurrent_snapshots(world: &mut World) {
    let volume = world.volume();
    for _ in 0..5 {
        world.ok("CreateSnapshot", of_volume(&volume));
        world.pass(16);
    }
    world.no(
        "CreateSnapshot",
        of_volume(&volume),
        "ConcurrentSnapshotLimitExceeded",
        ANY,
    );
    world.pass(300);
    world.ok("CreateSnapshot", of_volume(&volume));
}

fn snapshot_rate(world: &mut World) {
    let volume = world.volume();
    world.ok("CreateSnapshot", of_volume(&volume));
    world.pass(14);
    let code = "SnapshotCreationPerVolumeRateExceeded";
    world.no("CreateSnapshot", of_volume(&volume), code, ANY);
    world.pass(1);
    world.ok("CreateSnapshot", of_volume(&volume));
}

fn locked_snapshot(world: &mut World) {
    let snapshot = world.snapshot();
    let lock = json!({"SnapshotId": snapshot, "LockMode": "governance", "LockDuration": 1});
    world.ok("LockSnapshot", lock);
    world.no(
        "DeleteSnapshot",
        of_snapshot(&snapshot),
        "OperationNotPermitted",
        ANY,
    );
    let mut choices = world.twin.storage_choices().clone();
    choices.locked_snapshot_refusal = sandtable_simulator::storage::LockRefusal::SnapshotLocked;
    world.twin.set_storage_choices(choices);
    world.no(
        "DeleteSnapshot",
        of_snapshot(&snapshot),
        "SnapshotLocked",
        ANY,
    );
    world.ok("UnlockSnapshot", of_snapshot(&snapshot));
    world.ok("DeleteSnapshot", of_snapshot(&snapshot));
}

fn archive(world: &mut World) {
    let snapshot = world.snapshot();
    let tier = |world: &mut World| {
        let all = world.all(
            "DescribeSnapshotTierStatus",
            json!({}),
            "SnapshotTierStatuses",
        );
        all[0]["LastTieringOperationStatus"].clone()
    };
    world.ok(
        "ModifySnapshotTier",
        json!({"SnapshotId": snapshot, "StorageTier": "archive"}),
    );
    assert_eq!(tier(world), "archival-in-progress");
    world.pass(3 * 86_400);
    assert_eq!(tier(world), "archival-completed");
    assert_eq!(see_snapshot(world, &snapshot)["StorageTier"], "archive");
    world.ok(
        "RestoreSnapshotTier",
        json!({"SnapshotId": snapshot, "TemporaryRestoreDays": 2}),
    );
    assert_eq!(tier(world), "temporary-restore-in-progress");
    world.ok("DeleteSnapshot", of_snapshot(&snapshot));
}

fn deregister_leaves_snapshots(world: &mut World) {
    let (one, other) = (world.snapshot(), world.snapshot());
    let device =
        |name: &str, snapshot: &str| json!({"DeviceName": name, "Ebs": {"SnapshotId": snapshot}});
    let devices = json!([device("/dev/xvda", &one), device("/dev/sdf", &other)]);
    let input = json!({"Name": "two", "RootDeviceName": "/dev/xvda", "Architecture": "x86_64",
                       "VirtualizationType": "hvm", "BlockDeviceMappings": devices});
    let two = world.make("RegisterImage", input, "/ImageId");
    let shares = world.image("one", &one);
    let input = json!({"ImageId": two, "DeleteAssociatedSnapshots": true});
    let answer = world.ok("DeregisterImage", input);
    let results = answer["DeleteSnapshotResults"].as_array().unwrap();
    let code = |id: &str| {
        let result = results.iter().find(|it| it["SnapshotId"] == id).unwrap();
        text(result, "/ReturnCode")
    };
    assert_eq!(
        (code(&one).as_str(), code(&other).as_str()),
        ("skipped", "success")
    );
    world.ok("DeregisterImage", json!({"ImageId": shares}));
    assert_eq!(see_snapshot(world, &one)["State"], "completed");
}

fn deregister_checks_no_use(world: &mut World) {
    let snapshot = world.snapshot();
    let image = world.image("base", &snapshot);
    world.instance(json!({"ImageId": image}));
    world.ok("DeregisterImage", json!({"ImageId": image}));
}

fn deregistration_protection(world: &mut World) {
    let snapshot = world.snapshot();
    let image = world.image("base", &snapshot);
    world.ok(
        "EnableImageDeregistrationProtection",
        json!({"ImageId": image}),
    );
    world.no(
        "DeregisterImage",
        json!({"ImageId": image}),
        "OperationNotPermitted",
        ANY,
    );
    world.ok(
        "DisableImageDeregistrationProtection",
        json!({"ImageId": image}),
    );
    world.ok("DeregisterImage", json!({"ImageId": image}));
}

fn disabled_images_hide(world: &mut World) {
    let snapshot = world.snapshot();
    let image = world.image("base", &snapshot);
    world.ok("DisableImage", json!({"ImageId": image}));
    let own = json!({"Owners": ["self"]});
    assert_eq!(
        world.all("DescribeImages", own, "Images"),
        Vec::<Value>::new()
    );
    let own = json!({"Owners": ["self"], "IncludeDisabled": true});
    assert_eq!(
        world.one("DescribeImages", own, "Images")["State"],
        "disabled"
    );
    let run = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1});
    world.no("RunInstances", run, "InvalidAMIID.Unavailable", ANY);
    world.ok("EnableImage", json!({"ImageId": image}));
}

fn recycle_bin(world: &mut World) {
    let (volume, snapshot) = (world.volume(), world.snapshot());
    world.ok("DeleteVolume", of_volume(&volume));
    world.ok("DeleteSnapshot", of_snapshot(&snapshot));
    world.pass(60);
    for (action, name) in [
        ("ListVolumesInRecycleBin", "Volumes"),
        ("ListSnapshotsInRecycleBin", "Snapshots"),
        ("ListImagesInRecycleBin", "Images"),
    ] {
        assert_eq!(world.all(action, json!({}), name), Vec::<Value>::new());
    }
}

fn attach_checks(world: &mut World) {
    let (instance, _) = attached(world);
    let other = world.volume();
    let of_device =
        |device: &str| json!({"InstanceId": instance, "VolumeId": other, "Device": device});
    for device in ["/dev/sdf", "/dev/xvda"] {
        world.no(
            "AttachVolume",
            of_device(device),
            "InvalidParameterValue",
            "in use",
        );
    }
    for device in ["sd", "/dev/", "disk1", "/dev/sdf1234", "/tmp/x"] {
        world.no(
            "AttachVolume",
            of_device(device),
            "InvalidParameterValue",
            device,
        );
    }
    world.ok("TerminateInstances", json!({"InstanceIds": [instance]}));
    world.no("AttachVolume", of_device("/dev/sdg"), "IncorrectState", ANY);
}

fn create_volume_checks(world: &mut World) {
    let zone = world.zone('a');
    let input = json!({"AvailabilityZone": "eu-central-1z", "Size": 1});
    world.no(
        "CreateVolume",
        input,
        "InvalidZone.NotFound",
        "eu-central-1z",
    );
    let input = json!({"AvailabilityZone": "us-east-1a", "Size": 1});
    world.no("CreateVolume", input, "InvalidZone.NotFound", "us-east-1a");
    world.no(
        "CreateVolume",
        json!({"AvailabilityZone": zone}),
        "MissingParameter",
        ANY,
    );
    for more in [
        json!({"Size": 0}),
        json!({"Size": -1}),
        json!({"Size": 1_000_000}),
        json!({"Size": 4, "VolumeType": "gp9"}),
        json!({"Size": 4, "VolumeType": "gp3", "Iops": 1}),
        json!({"Size": 4, "VolumeType": "gp3", "Iops": 1_000_000}),
        json!({"Size": 4, "VolumeType": "gp3", "Throughput": 1}),
        json!({"Size": 4, "VolumeType": "st1"}),
        json!({"Size": 3, "VolumeType": "io1", "Iops": 100}),
    ] {
        let mut input = more;
        input["AvailabilityZone"] = zone.clone().into();
        let text = input.to_string();
        let (code, message) = world.call("CreateVolume", input).unwrap_err();
        let expected = [
            "InvalidParameterValue",
            "InvalidParameterCombination",
            "UnknownVolumeType",
        ];
        assert!(
            expected.contains(&code.as_str()),
            "{text}: {code}: {message}"
        );
    }
    let input =
        json!({"AvailabilityZone": zone, "Size": 8, "VolumeType": "gp2", "Throughput": 200});
    let (code, _) = world.call("CreateVolume", input).unwrap_err();
    assert!(code.starts_with("InvalidParameter"), "{code}");
}

fn size_of_snapshot(world: &mut World) {
    let (snapshot, zone) = (world.snapshot(), world.zone('a'));
    let input = json!({"AvailabilityZone": zone, "SnapshotId": snapshot});
    let made = world.ok("CreateVolume", input);
    assert_eq!(made["Size"], 8);
    let input = json!({"AvailabilityZone": zone, "SnapshotId": snapshot, "Size": 7});
    world.no("CreateVolume", input, "InvalidParameterValue", ANY);
}
