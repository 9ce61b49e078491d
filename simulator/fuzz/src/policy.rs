//! IAM policies: any text as permissions, and what they make of calls.

use std::sync::Arc;

use sandtable_simulator::iam::decode_message;
use sandtable_simulator::{Permissions, Twin, dispatch};
use serde_json::{Value, json};

use crate::scene::{REGIONS, Scene, furnished, region};

/// Calls of all sorts: on everything, on resources, with tags, on what is not there yet.
const CALLS: [(&str, &str); 10] = [
    ("DescribeVolumes", "{}"),
    (
        "CreateTags",
        r#"{"Resources": ["$VolumeId"], "Tags": [{"Key": "Team", "Value": "web"}]}"#,
    ),
    (
        "DeleteTags",
        r#"{"Resources": ["$VpcId", "$InstanceId"], "Tags": [{"Key": "Team"}]}"#,
    ),
    ("DeleteVolume", r#"{"VolumeId": "$VolumeId"}"#),
    (
        "CreateVolume",
        r#"{"AvailabilityZone": "eu-central-1a", "Size": 1, "TagSpecifications": [{"ResourceType": "volume", "Tags": [{"Key": "Team", "Value": "web"}]}]}"#,
    ),
    ("StopInstances", r#"{"InstanceIds": ["$InstanceId"]}"#),
    (
        "RunInstances",
        r#"{"ImageId": "$ImageId", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "SubnetId": "$SubnetId"}"#,
    ),
    (
        "AttachVolume",
        r#"{"VolumeId": "$VolumeId", "InstanceId": "$InstanceId", "Device": "/dev/sdg"}"#,
    ),
    (
        "ModifyVpcAttribute",
        r#"{"VpcId": "$VpcId", "EnableDnsSupport": {"Value": false}}"#,
    ),
    (
        "DeleteSecurityGroup",
        r#"{"GroupId": "sg-00000000000000001"}"#,
    ),
];

/// Reads permissions or a policy, and holds calls against it. The same calls get the same answers;
/// what is not allowed changes nothing; a policy that allows all takes nothing away, and one that
/// denies all leaves nothing.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(permissions) = Permissions::from_json(text) else {
        return;
    };
    let scene = furnished();
    let allowed = allowed_by(scene, permissions.clone());
    assert_eq!(allowed, allowed_by(scene, permissions));
    let Ok(document) = serde_json::from_str::<Value>(text) else {
        return;
    };
    if document.get("Statement").is_none() {
        return;
    }
    let with = |effect: &str| {
        let all = json!({"Statement": {"Effect": effect, "Action": "*", "Resource": "*"}});
        let both = json!({"identity": [document, all]});
        let read = Permissions::from_json(&both.to_string());
        allowed_by(scene, read.expect("two good documents"))
    };
    let more = with("Allow");
    for (alone, both) in allowed.iter().zip(&more) {
        assert!(both >= alone, "allowing all took something away");
    }
    assert!(!with("Deny").contains(&true), "a denial did not win");
}

/// Which of the calls are allowed.
fn allowed_by(scene: &Scene, permissions: Permissions) -> Vec<bool> {
    let mut twin = scene.twin.fork();
    twin.set_permissions(Some(Arc::new(permissions)));
    CALLS
        .iter()
        .map(|(action, input)| {
            let mut input = serde_json::from_str(input).expect("an input");
            scene.fill(&mut input);
            is_allowed(&mut twin.fork(), action, input)
        })
        .collect()
}

fn is_allowed(twin: &mut Twin, action: &str, input: Value) -> bool {
    let ctx = twin.context(&region(REGIONS[0]));
    let before = twin.snapshot();
    let Err(error) = dispatch::call(twin, &ctx, action, input) else {
        return true;
    };
    assert!(
        twin.snapshot() == before,
        "{action} was refused and changed something"
    );
    if error.code != "UnauthorizedOperation" {
        return true;
    }
    if let Some((_, encoded)) = error
        .message
        .split_once("Encoded authorization failure message: ")
    {
        let decoded = decode_message(encoded).expect("a message that decodes");
        let decoded: Value = serde_json::from_str(&decoded).expect("a message in JSON");
        assert_eq!(decoded["allowed"], false, "{decoded}");
    }
    false
}
