//! Making, copying, disabling, protecting, deregistering and storing images.

use sandtable_model::Region;
use serde_json::{Value, json};

use crate::testing::{Account, text};

fn image(account: &mut Account, name: &str) -> (String, String) {
    let volume = account.volume(10);
    let snapshot = account.snapshot(&volume);
    (account.image(name, &snapshot), snapshot)
}

fn listed(account: &mut Account, more: Value) -> usize {
    let mut input = json!({"Owners": ["self"]});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    account.ok("DescribeImages", input)["Images"]
        .as_array()
        .unwrap()
        .len()
}

/// EC2 API reference, DisableImage and EnableImage.
#[test]
fn disabled_images_are_hidden_and_of_no_use() {
    let mut account = Account::new();
    let (id, snapshot) = image(&mut account, "web");
    let named = json!({"ImageId": id});
    let share = json!({"ImageId": id, "LaunchPermission": {"Add": [{"Group": "all"}]}});
    account.ok("ModifyImageAttribute", share.clone());
    assert_eq!(account.ok("DisableImage", named.clone())["Return"], true);
    assert_eq!(account.see(&id)["Public"], false);
    assert_eq!(
        account.code("ModifyImageAttribute", share),
        "InvalidAMIID.Unavailable"
    );
    assert_eq!(listed(&mut account, json!({})), 0);
    assert_eq!(listed(&mut account, json!({"ImageIds": [id]})), 0);
    assert_eq!(listed(&mut account, json!({"IncludeDisabled": true})), 1);
    let run = json!({"ImageId": id, "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro"});
    assert_eq!(
        account.code("RunInstances", run.clone()),
        "InvalidAMIID.Unavailable"
    );
    let delete = account.code("DeleteSnapshot", json!({"SnapshotId": snapshot}));
    assert_eq!(delete, "InvalidSnapshot.InUse");
    account.ok("EnableImage", named.clone());
    assert_eq!(listed(&mut account, json!({})), 1);
    account.ok("RunInstances", run);
    let foreign = json!({"ImageId": account.public_image()});
    assert_eq!(account.code("DisableImage", foreign), "AuthFailure");
    account.ok("DisableImage", named.clone());
    account.ok("DeregisterImage", named);
}

/// EC2 API reference, EnableImageDeprecation.
#[test]
fn deprecation_has_a_moment() {
    let mut account = Account::new();
    let (id, _) = image(&mut account, "web");
    let at = |when: &str| json!({"ImageId": id, "DeprecateAt": when});
    assert_eq!(
        account.code("EnableImageDeprecation", json!({"ImageId": id})),
        "MissingParameter"
    );
    for when in ["2020-01-01T00:00:00Z", "2036-07-01T00:00:00Z"] {
        let code = account.code("EnableImageDeprecation", at(when));
        assert_eq!(code, "InvalidParameterValue");
    }
    account.ok("EnableImageDeprecation", at("2027-01-01T00:00:31Z"));
    assert_eq!(account.see(&id)["DeprecationTime"], "2027-01-01T00:01:00Z");
    account.pass(365 * 24 * 3600);
    // Owners see their own all the same.
    assert_eq!(listed(&mut account, json!({})), 1);
    account.ok("DisableImageDeprecation", json!({"ImageId": id}));
    assert_eq!(account.see(&id)["DeprecationTime"], Value::Null);
    let share = json!({"ImageId": id, "LaunchPermission": {"Add": [{"Group": "all"}]}});
    account.ok("ModifyImageAttribute", share);
    // Public ones end two years after they were made.
    let code = account.code("EnableImageDeprecation", at("2029-01-01T00:00:00Z"));
    assert_eq!(code, "InvalidParameterValue");
    account.ok("EnableImageDeprecation", at("2028-01-01T00:00:00Z"));
    account.pass(365 * 24 * 3600);
    let stranger = sandtable_model::AccountId::new("210987654321").unwrap();
    let mut ctx = account.twin.context(&account.region);
    ctx.account = stranger;
    let mut seen = |input: Value| {
        let mut input = input;
        input["Owners"] = json!(["123456789012"]);
        let answer = crate::dispatch::call(&mut account.twin, &ctx, "DescribeImages", input);
        answer.unwrap()["Images"].as_array().unwrap().len()
    };
    assert_eq!(seen(json!({})), 0);
    assert_eq!(seen(json!({"IncludeDeprecated": true})), 1);
    assert_eq!(seen(json!({"ImageIds": [id]})), 1);
}

/// EC2 API reference, EnableImageDeregistrationProtection; section 3, AMI.
#[test]
fn protected_images_stay() {
    let mut account = Account::new();
    let (id, _) = image(&mut account, "web");
    let named = json!({"ImageId": id});
    let answer = account.ok("EnableImageDeregistrationProtection", named.clone());
    assert_eq!(answer["Return"], "enabled-without-cooldown");
    let mut dry = named.clone();
    dry["DryRun"] = json!(true);
    assert_eq!(account.code("DeregisterImage", dry), "DryRunOperation");
    assert_eq!(
        account.code("DeregisterImage", named.clone()),
        "OperationNotPermitted"
    );
    let answer = account.ok("DisableImageDeregistrationProtection", named.clone());
    assert_eq!(answer["Return"], "disabled");
    let with = json!({"ImageId": id, "WithCooldown": true});
    account.ok("EnableImageDeregistrationProtection", with);
    assert_eq!(
        account.see(&id)["DeregistrationProtection"],
        "enabled-with-cooldown"
    );
    let answer = account.ok("DisableImageDeregistrationProtection", named.clone());
    assert!(text(&answer, "Return").starts_with("disabled after 20"));
    account.pass(23 * 3600);
    let again = account.ok("DisableImageDeregistrationProtection", named.clone());
    assert_eq!(again, answer);
    assert_eq!(
        account.code("DeregisterImage", named.clone()),
        "OperationNotPermitted"
    );
    // A twin of what is seen now goes on as this one.
    let mut later =
        crate::Twin::from_snapshot(&account.twin.snapshot(), crate::TwinOptions::default());
    later.advance(sandtable_model::Duration::from_secs(3600));
    let ctx = later.context(&account.region);
    crate::dispatch::call(&mut later, &ctx, "DeregisterImage", named.clone()).unwrap();
    account.pass(3600);
    assert_eq!(account.see(&id)["DeregistrationProtection"], "disabled");
    account.ok("DeregisterImage", named);
}

/// Section 3, AMI: a deregistered image is not found, except that its id gives an empty list while
/// instances name it; nothing is launched from it.
#[test]
fn deregistered_images_are_remembered_by_their_instances() {
    let mut account = Account::new();
    let (id, _) = image(&mut account, "web");
    let instance = account.instance(json!({"ImageId": id}));
    account.ok("DeregisterImage", json!({"ImageId": id}));
    assert_eq!(listed(&mut account, json!({"ImageIds": [id]})), 0);
    let run = json!({"ImageId": id, "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro"});
    assert_eq!(
        account.code("RunInstances", run),
        "InvalidAMIID.Unavailable"
    );
    account.ok("TerminateInstances", json!({"InstanceIds": [instance]}));
    account.pass(120);
    let code = account.code("DescribeImages", json!({"ImageIds": [id]}));
    assert_eq!(code, "InvalidAMIID.NotFound");
    let again = account.code("DeregisterImage", json!({"ImageId": id}));
    assert_eq!(again, "InvalidAMIID.NotFound");
}

/// EC2 API reference, CopyImage.
#[test]
fn images_are_copied_with_their_snapshots() {
    let mut account = Account::new();
    let (id, snapshot) = image(&mut account, "web");
    let tags = json!({"Resources": [id], "Tags": [{"Key": "own", "Value": "1"}]});
    account.ok("CreateTags", tags);
    account.region = Region::new("eu-west-1").unwrap();
    account.twin.ensure_region(&account.region.clone());
    let input = |name: &str| {
        json!({"SourceRegion": "eu-central-1", "SourceImageId": id,
        "Name": name, "ClientToken": "once", "CopyImageTags": true, "Encrypted": true,
        "TagSpecifications": [{"ResourceType": "snapshot", "Tags": [{"Key": "of", "Value": "copy"}]}]})
    };
    let mut wrong = input("far");
    wrong["SourceRegion"] = json!("eu-west-1");
    assert_eq!(account.code("CopyImage", wrong), "InvalidAMIID.NotFound");
    assert_eq!(
        account.code("CopyImage", input("x")),
        "InvalidAMIName.Malformed"
    );
    let copy = text(&account.ok("CopyImage", input("far")), "ImageId");
    assert_eq!(account.ok("CopyImage", input("far"))["ImageId"], copy);
    let mismatch = account.code("CopyImage", input("farther"));
    assert_eq!(mismatch, "IdempotentParameterMismatch");
    let seen = account.see(&copy);
    assert_eq!(
        (
            &seen["State"],
            &seen["SourceImageId"],
            &seen["SourceImageRegion"],
            &seen["Tags"][0]["Key"]
        ),
        (
            &json!("pending"),
            &json!(id),
            &json!("eu-central-1"),
            &json!("own")
        )
    );
    let made = text(&seen["BlockDeviceMappings"][0]["Ebs"], "SnapshotId");
    assert_ne!(made, snapshot);
    let of_copy = account.see(&made);
    assert_eq!(
        (&of_copy["Encrypted"], &of_copy["Tags"][0]["Key"]),
        (&json!(true), &json!("of"))
    );
    let description = text(&of_copy, "Description");
    let words = format!(
        "Copied for DestinationAmi {copy} from SourceAmi {id} for SourceSnapshot {snapshot}."
    );
    assert!(description.starts_with(&words), "{description}");
    account.pass(600);
    assert_eq!(account.see(&copy)["State"], "available");
    account.instance(json!({"ImageId": copy}));
    let answer = account.ok(
        "DeregisterImage",
        json!({"ImageId": copy, "DeleteAssociatedSnapshots": true}),
    );
    assert_eq!(
        answer["DeleteSnapshotResults"],
        json!([{"SnapshotId": made, "ReturnCode": "success"}])
    );
    // Amazon's images have no snapshots that the account sees; a copy has one of its own.
    let public = account.public_image();
    let own = json!({"SourceRegion": "eu-west-1", "SourceImageId": public, "Name": "mine"});
    let own = text(&account.ok("CopyImage", own), "ImageId");
    let made = text(
        &account.see(&own)["BlockDeviceMappings"][0]["Ebs"],
        "SnapshotId",
    );
    assert_eq!(account.see(&made)["OwnerId"], "123456789012");
}

/// EC2 API reference, CreateImage, "BlockDeviceMappings".
#[test]
fn images_of_instances_take_their_volumes() {
    let mut account = Account::new();
    let device =
        json!({"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 3, "DeleteOnTermination": false}});
    let instance = account.instance(json!({"BlockDeviceMappings": [device]}));
    let input = |name: &str, devices: Value| json!({"InstanceId": instance, "Name": name, "NoReboot": true, "BlockDeviceMappings": devices});
    for devices in [
        json!([{"DeviceName": "/dev/xvda", "NoDevice": ""}]),
        json!([{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 4}}]),
        json!([{"DeviceName": "/dev/sdg", "Ebs": {}}]),
    ] {
        let code = account.code("CreateImage", input("bad", devices));
        assert_eq!(code, "InvalidBlockDeviceMapping");
    }
    let devices = json!([
        {"DeviceName": "/dev/xvda", "Ebs": {"DeleteOnTermination": false}},
        {"DeviceName": "/dev/sdf", "NoDevice": ""},
        {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 7, "VolumeType": "gp3"}},
    ]);
    let made = account.ok("CreateImage", input("good", devices));
    let seen = account.see(&text(&made, "ImageId"));
    assert_eq!(seen["SourceInstanceId"], instance);
    let devices = seen["BlockDeviceMappings"].as_array().unwrap();
    let names: Vec<&Value> = devices.iter().map(|it| &it["DeviceName"]).collect();
    assert_eq!(names, ["/dev/xvda", "/dev/sdg"]);
    assert_eq!(devices[0]["Ebs"]["DeleteOnTermination"], false);
    assert_eq!(devices[1]["Ebs"]["VolumeSize"], 7);
    assert_eq!(devices[1]["Ebs"]["SnapshotId"], Value::Null);
    let snapshot = text(&devices[0]["Ebs"], "SnapshotId");
    assert_eq!(account.see(&snapshot)["State"], "pending");
    let by = json!({"Filters": [{"Name": "source-instance-id", "Values": [instance]}]});
    assert_eq!(listed(&mut account, by), 1);
}

/// EC2 API reference, RegisterImage.
#[test]
fn registered_images_must_be_possible() {
    let mut account = Account::new();
    let volume = account.volume(10);
    let snapshot = account.snapshot(&volume);
    let root = json!({"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}});
    let input = |more: Value| {
        let mut input =
            json!({"Name": "one", "RootDeviceName": "/dev/xvda", "BlockDeviceMappings": [root]});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let with = |more: Value| {
        let mut ebs = root["Ebs"].clone();
        for (name, value) in more.as_object().unwrap() {
            ebs[name] = value.clone();
        }
        json!({"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": ebs}]})
    };
    for (more, code) in [
        (json!({"Architecture": "z80"}), "InvalidParameterValue"),
        (json!({"BootMode": "floppy"}), "InvalidParameterValue"),
        (json!({"TpmSupport": "v2.0"}), "InvalidParameterCombination"),
        (
            json!({"BlockDeviceMappings": [root, root]}),
            "InvalidBlockDeviceMapping",
        ),
        (
            with(json!({"Encrypted": true})),
            "InvalidBlockDeviceMapping",
        ),
        (with(json!({"VolumeSize": 9})), "InvalidBlockDeviceMapping"),
        (with(json!({"Iops": 500})), "InvalidParameterCombination"),
        (
            json!({"ImageLocation": "bucket/manifest"}),
            "UnsupportedOperation",
        ),
    ] {
        let input = input(more);
        assert_eq!(
            account.code("RegisterImage", input.clone()),
            code,
            "{input}"
        );
    }
    let good = input(
        json!({"Architecture": "arm64", "BootMode": "uefi", "TpmSupport": "v2.0",
        "EnaSupport": true, "ImdsSupport": "v2.0", "VirtualizationType": "hvm"}),
    );
    let id = text(&account.ok("RegisterImage", good), "ImageId");
    let by = |name: &str, value: &str| json!({"Filters": [{"Name": name, "Values": [value]}]});
    assert_eq!(listed(&mut account, by("boot-mode", "uefi")), 1);
    assert_eq!(listed(&mut account, by("ena-support", "false")), 0);
    assert_eq!(account.see(&id)["State"], "available");
}

/// EC2 API reference, CreateStoreImageTask and CreateRestoreImageTask.
#[test]
fn images_are_stored_and_restored() {
    let mut account = Account::new();
    let (id, _) = image(&mut account, "web");
    let store = json!({"ImageId": id, "Bucket": "my-bucket"});
    let bad = json!({"ImageId": id, "Bucket": "No Bucket"});
    assert_eq!(
        account.code("CreateStoreImageTask", bad),
        "InvalidParameterValue"
    );
    let key = text(&account.ok("CreateStoreImageTask", store), "ObjectKey");
    assert_eq!(key, format!("{id}.bin"));
    let tasks = |account: &mut Account| {
        let answer = account.ok("DescribeStoreImageTasks", json!({"ImageIds": [id]}));
        answer["StoreImageTaskResults"][0]["StoreTaskState"].clone()
    };
    let restore = |name: &str| json!({"Bucket": "my-bucket", "ObjectKey": key, "Name": name});
    assert_eq!(tasks(&mut account), "InProgress");
    assert_eq!(
        account.code("CreateRestoreImageTask", restore("again")),
        "InvalidParameterValue"
    );
    account.pass(700);
    assert_eq!(tasks(&mut account), "Completed");
    let both = json!({"ImageIds": [id], "MaxResults": 5});
    assert_eq!(
        account.code("DescribeStoreImageTasks", both),
        "InvalidParameterCombination"
    );
    assert_eq!(
        account.code("CreateRestoreImageTask", restore("web")),
        "InvalidAMIName.Duplicate"
    );
    account.ok(
        "DeregisterImage",
        json!({"ImageId": id, "DeleteAssociatedSnapshots": true}),
    );
    let made = text(
        &account.ok("CreateRestoreImageTask", restore("again")),
        "ImageId",
    );
    account.pass(300);
    assert_eq!(account.see(&made)["State"], "available");
    account.instance(json!({"ImageId": made}));
}
