//! Rules of instances; each test names its row of the facts.

mod capacity;
mod hosts;
mod key_pairs;
mod launch_templates;
mod options;
mod placement;
mod properties;
mod spot;
mod types;

use serde_json::{Value, json};

use crate::testing::{Account, text};

fn state(account: &Account, id: &str) -> String {
    text(&account.see(id)["State"], "Name")
}

/// Section 3, Instance: pending, running, stopping, stopped; what it keeps meanwhile.
#[test]
fn instances_stop_and_start_in_time() {
    let mut account = Account::new();
    let image = account.public_image();
    let input = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1});
    let made = account.ok("RunInstances", input);
    let shown = &made["Instances"][0];
    assert_eq!(shown["State"], json!({"Code": 0, "Name": "pending"}));
    let id = text(shown, "InstanceId");
    account.pass(60);
    assert_eq!(state(&account, &id), "running");
    let before = account.see(&id);
    assert!(before["PublicIpAddress"].is_string(), "{before}");
    let named = json!({"InstanceIds": [id]});
    let answer = account.ok("StopInstances", named.clone());
    let change = &answer["StoppingInstances"][0];
    assert_eq!(change["PreviousState"]["Name"], "running");
    assert_eq!(change["CurrentState"]["Code"], 64);
    assert_eq!(
        account.code("StartInstances", named.clone()),
        "IncorrectInstanceState"
    );
    account.pass(60);
    let stopped = account.see(&id);
    assert_eq!(state(&account, &id), "stopped");
    assert_eq!(stopped["PublicIpAddress"], Value::Null);
    assert_eq!(stopped["PrivateIpAddress"], before["PrivateIpAddress"]);
    assert_eq!(
        stopped["BlockDeviceMappings"],
        before["BlockDeviceMappings"]
    );
    assert!(text(&stopped, "StateTransitionReason").starts_with("User initiated (20"));
    account.ok("StopInstances", named.clone());
    assert_eq!(
        account.code("RebootInstances", named.clone()),
        "IncorrectInstanceState"
    );
    account.ok("StartInstances", named.clone());
    account.pass(60);
    assert_eq!(state(&account, &id), "running");
    assert!(account.see(&id)["PublicIpAddress"].is_string());
    account.ok("RebootInstances", named);
}

/// Section 3, Instance, "Cascades".
#[test]
fn termination_takes_along_what_it_should() {
    let mut account = Account::new();
    let id = account.instance(json!({}));
    let shown = account.see(&id);
    let root = text(&shown["BlockDeviceMappings"][0]["Ebs"], "VolumeId");
    let interface = text(&shown["NetworkInterfaces"][0], "NetworkInterfaceId");
    let data = account.volume(10);
    let attach = json!({"VolumeId": data, "InstanceId": id, "Device": "/dev/sdf"});
    account.ok("AttachVolume", attach);
    account.pass(10);
    account.ok("TerminateInstances", json!({"InstanceIds": [id]}));
    assert_eq!(state(&account, &id), "shutting-down");
    account.pass(120);
    assert_eq!(state(&account, &id), "terminated");
    assert_eq!(account.see(&root), Value::Null);
    assert_eq!(account.see(&interface), Value::Null);
    assert_eq!(account.see(&data)["State"], "available");
    // Still visible, and repeat-safe, for about an hour.
    let again = account.ok("TerminateInstances", json!({"InstanceIds": [id]}));
    assert_eq!(
        again["TerminatingInstances"][0]["CurrentState"]["Name"],
        "terminated"
    );
    account.pass(3600);
    let gone = account.code("TerminateInstances", json!({"InstanceIds": [id]}));
    assert_eq!(gone, "InvalidInstanceID.NotFound");
}

/// Section 3, Instance, "Batch semantics": by zone, and a bad id stops all.
#[test]
fn protection_saves_the_zone() {
    let mut account = Account::new();
    let place = |zone: &str| json!({"Placement": {"AvailabilityZone": zone}});
    let mut guarded = place("eu-central-1a");
    guarded["DisableApiTermination"] = json!(true);
    let guarded = account.instance(guarded);
    let beside = account.instance(place("eu-central-1a"));
    let far = account.instance(place("eu-central-1b"));
    let unknown = json!({"InstanceIds": [far, "i-0123456789abcdef0"]});
    let (code, message) = account.refused("TerminateInstances", unknown);
    assert_eq!(code, "InvalidInstanceID.NotFound");
    assert_eq!(
        message,
        "The instance ID 'i-0123456789abcdef0' does not exist"
    );
    assert_eq!(state(&account, &far), "running");
    let all = json!({"InstanceIds": [beside, guarded, far]});
    let (code, message) = account.refused("TerminateInstances", all);
    assert_eq!(code, "OperationNotPermitted");
    assert_eq!(
        message,
        format!(
            "The instance '{guarded}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."
        )
    );
    assert_eq!(state(&account, &beside), "running");
    assert_eq!(state(&account, &far), "shutting-down");
    let off = json!({"InstanceId": guarded, "DisableApiTermination": {"Value": false}});
    account.ok("ModifyInstanceAttribute", off);
    account.ok(
        "TerminateInstances",
        json!({"InstanceIds": [beside, guarded]}),
    );
}

/// Section 3, Instance: protection from stopping.
#[test]
fn stopping_can_be_forbidden() {
    let mut account = Account::new();
    let id = account.instance(json!({"DisableApiStop": true}));
    let code = account.code("StopInstances", json!({"InstanceIds": [id]}));
    assert_eq!(code, "OperationNotPermitted");
    let asked = json!({"InstanceId": id, "Attribute": "disableApiStop"});
    let seen = account.ok("DescribeInstanceAttribute", asked);
    assert_eq!(seen["DisableApiStop"], json!({"Value": true}));
    let older = json!({"InstanceId": id, "Attribute": "disableApiStop", "Value": "false"});
    account.ok("ModifyInstanceAttribute", older);
    let retype = json!({"InstanceId": id, "InstanceType": {"Value": "t3.small"}});
    let running = account.code("ModifyInstanceAttribute", retype.clone());
    assert_eq!(running, "IncorrectInstanceState");
    account.ok("StopInstances", json!({"InstanceIds": [id]}));
    account.pass(60);
    account.ok("ModifyInstanceAttribute", retype);
    assert_eq!(account.see(&id)["InstanceType"], "t3.small");
}

/// Section 2, rows AMI and subnet; section 1, "Idempotency".
#[test]
fn launches_are_checked_before_anything_is_made() {
    let mut account = Account::new();
    let image = account.public_image();
    let before = account.twin.diff();
    let mut code = |more: Value| {
        let mut input = json!({"ImageId": image, "MinCount": 1, "MaxCount": 1});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        account.code("RunInstances", input)
    };
    assert_eq!(code(json!({"ImageId": ""})), "MissingParameter");
    assert_eq!(
        code(json!({"ImageId": "ami-01234567"})),
        "InvalidAMIID.NotFound"
    );
    assert_eq!(
        code(json!({"SubnetId": "subnet-01234567"})),
        "InvalidSubnetID.NotFound"
    );
    assert_eq!(
        code(json!({"SecurityGroupIds": ["sg-01234567"]})),
        "InvalidGroup.NotFound"
    );
    assert_eq!(
        code(json!({"InstanceType": "huge"})),
        "InvalidParameterValue"
    );
    assert_eq!(code(json!({"MaxCount": 0})), "InvalidParameterValue");
    assert_eq!(
        code(json!({"MinCount": 9000, "MaxCount": 9000})),
        "InsufficientFreeAddressesInSubnet"
    );
    let small = json!([{"DeviceName": "/dev/sdf", "Ebs": {}}]);
    assert_eq!(
        code(json!({"BlockDeviceMappings": small})),
        "InvalidBlockDeviceMapping"
    );
    assert_eq!(
        code(json!({"PrivateIpAddress": "10.0.0.9"})),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(json!({"CpuOptions": {"CoreCount": 1}})),
        "UnsupportedOperation"
    );
    assert_eq!(code(json!({"DryRun": true})), "DryRunOperation");
    assert_eq!(account.twin.diff(), before);

    let input = json!({"ImageId": image, "MinCount": 2, "MaxCount": 2, "ClientToken": "once"});
    let first = account.ok("RunInstances", input.clone());
    let again = account.ok("RunInstances", input.clone());
    let ids = |it: &Value| -> Vec<String> {
        it["Instances"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| text(it, "InstanceId"))
            .collect()
    };
    assert_eq!(ids(&first), ids(&again));
    account.ok("TerminateInstances", json!({"InstanceIds": ids(&first)}));
    account.pass(120);
    assert_eq!(
        account.code("RunInstances", input),
        "IdempotentInstanceTerminated"
    );
}

/// Section 1, "Pagination": ids and pages do not go together; instances stand in reservations.
#[test]
fn instances_are_described_in_reservations() {
    let mut account = Account::new();
    let tags = json!([{"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": "root"}]}]);
    let id = account.instance(json!({"TagSpecifications": tags}));
    let both = json!({"InstanceIds": [id], "MaxResults": 5});
    assert_eq!(
        account.code("DescribeInstances", both),
        "InvalidParameterCombination"
    );
    let by = json!({"Filters": [{"Name": "instance-state-name", "Values": ["running"]}]});
    let seen = account.ok("DescribeInstances", by);
    let shown = &seen["Reservations"][0]["Instances"][0];
    assert_eq!(text(shown, "InstanceId"), id);
    let interface = &shown["NetworkInterfaces"][0];
    assert_eq!(interface["Status"], "in-use");
    assert_eq!(interface["Attachment"]["DeviceIndex"], 0);
    let root = text(&shown["BlockDeviceMappings"][0]["Ebs"], "VolumeId");
    assert_eq!(
        account.see(&root)["Tags"],
        json!([{"Key": "Name", "Value": "root"}])
    );
    let status = account.ok("DescribeInstanceStatus", json!({}));
    assert_eq!(
        status["InstanceStatuses"][0]["SystemStatus"]["Status"],
        "ok"
    );
    account.ok("StopInstances", json!({"InstanceIds": [id]}));
    account.pass(60);
    let status = account.ok("DescribeInstanceStatus", json!({}));
    assert_eq!(status["InstanceStatuses"], json!([]));
    let all = account.ok(
        "DescribeInstanceStatus",
        json!({"IncludeAllInstances": true}),
    );
    assert_eq!(
        all["InstanceStatuses"][0]["InstanceState"]["Name"],
        "stopped"
    );
}

/// Section 3, AMI: made of an instance, with snapshots of its volumes.
#[test]
fn images_of_instances_hold_their_snapshots() {
    let mut account = Account::new();
    let id = account.instance(json!({}));
    let made = account.ok("CreateImage", json!({"InstanceId": id, "Name": "backup"}));
    let image = text(&made, "ImageId");
    assert_eq!(account.see(&image)["State"], "pending");
    account.pass(300);
    let seen = account.see(&image);
    assert_eq!(seen["State"], "available");
    let snapshot = text(&seen["BlockDeviceMappings"][0]["Ebs"], "SnapshotId");
    let description = text(&account.see(&snapshot), "Description");
    assert_eq!(
        description,
        format!("Created by CreateImage({id}) for {image}")
    );
    let code = account.code("DeleteSnapshot", json!({"SnapshotId": snapshot}));
    assert_eq!(code, "InvalidSnapshot.InUse");
}

#[test]
fn types_and_places_are_told() {
    let mut account = Account::new();
    for action in [
        "DescribeInstanceTypes",
        "DescribeInstanceTypeOfferings",
        "DescribeRegions",
        "DescribeAvailabilityZones",
        "DescribeAccountAttributes",
        "DescribeTags",
        "DescribeImages",
    ] {
        let answer = account.ok(action, json!({}));
        let list = answer.as_object().unwrap().values().next().unwrap();
        let is_empty = list.as_array().unwrap().is_empty();
        assert!(action == "DescribeTags" || !is_empty, "{action}: {answer}");
    }
    let page = account.ok("DescribeInstanceTypes", json!({"MaxResults": 5}));
    assert_eq!(page["InstanceTypes"].as_array().unwrap().len(), 5);
    let token = page["NextToken"].clone();
    let next = account.ok(
        "DescribeInstanceTypes",
        json!({"MaxResults": 5, "NextToken": token}),
    );
    assert_ne!(page["InstanceTypes"], next["InstanceTypes"]);
}
