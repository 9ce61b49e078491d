//! Whole calls under permissions: which resources and keys are looked at, and how AWS says no.

use serde_json::{Value, json};

use super::{only, set, statement};
use crate::iam::decode_message;
use crate::testing::{Account, text};

fn message(account: &mut Account, action: &str, input: Value) -> String {
    let (code, message) = account.refused(action, input);
    assert_eq!(code, "UnauthorizedOperation", "{message}");
    message
}

const VOLUMES: &str = "arn:aws:ec2:eu-central-1:123456789012:volume/";

/// Facts, wire, "Error response"; IAM User Guide, "Access denied error messages".
#[test]
fn a_denial_says_who_what_where_and_why() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let delete = json!({"VolumeId": volume});
    only(&mut account, json!({"Action": "ec2:Describe*"}));
    let said = message(&mut account, "DeleteVolume", delete.clone());
    let (head, blob) = said
        .split_once(". Encoded authorization failure message: ")
        .unwrap();
    assert_eq!(
        head,
        format!(
            "You are not authorized to perform this operation. User: \
             arn:aws:iam::123456789012:user/sandtable is not authorized to perform: \
             ec2:DeleteVolume on resource: {VOLUMES}{volume} because no identity-based policy \
             allows the ec2:DeleteVolume action"
        )
    );
    assert_eq!(account.see(&volume)["State"], "available");
    let decoded: Value = serde_json::from_str(&decode_message(blob).unwrap()).unwrap();
    assert_eq!(decoded["allowed"], false);
    assert_eq!(decoded["explicitDeny"], false);
    assert_eq!(decoded["context"]["action"], "ec2:DeleteVolume");
    assert_eq!(
        decoded["context"]["conditions"]["ec2:volumesize"],
        json!(["1"])
    );
    // The same call, the same words.
    assert_eq!(message(&mut account, "DeleteVolume", delete.clone()), said);

    let deny =
        json!({"Effect": "Deny", "Action": "ec2:DeleteVolume", "Resource": "*", "Sid": "No"});
    let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    set(
        &mut account,
        &json!({"Version": "2012-10-17", "Statement": [all, deny]}),
    );
    let said = message(&mut account, "DeleteVolume", delete.clone());
    assert!(
        said.contains("with an explicit deny in an identity-based policy. Encoded"),
        "{said}"
    );

    for (layer, words) in [
        (
            "boundary",
            "because no permissions boundary allows the ec2:DeleteVolume action",
        ),
        (
            "session",
            "because no session policy allows the ec2:DeleteVolume action",
        ),
        (
            "service_control",
            "because no service control policy allows the ec2:DeleteVolume action",
        ),
    ] {
        let narrow = statement(json!({"Action": "ec2:Describe*"}));
        let narrow = if layer == "boundary" {
            narrow
        } else {
            json!([narrow])
        };
        set(
            &mut account,
            &json!({"identity": [statement(json!({}))], layer: narrow}),
        );
        let said = message(&mut account, "DeleteVolume", delete.clone());
        assert!(said.contains(words), "{said}");
    }
    // A call that is about no resource has neither a resource nor a blob.
    only(&mut account, json!({"Action": "ec2:DeleteVolume"}));
    let said = message(&mut account, "DescribeVolumes", json!({}));
    assert!(
        said.ends_with(
            "is not authorized to perform: ec2:DescribeVolumes because no identity-based policy \
             allows the ec2:DescribeVolumes action"
        ),
        "{said}"
    );
    account.ok("DeleteVolume", delete);
}

/// The ARN of a session in the message, that of its role under `aws:PrincipalArn`.
#[test]
fn a_session_is_known_by_its_role() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let mut policy = statement(json!({"Action": "ec2:DeleteVolume", "Condition":
        {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/cleanup"}}}));
    let session = "arn:aws:sts::123456789012:assumed-role/cleanup/ada";
    let mut as_session = |policy: &Value| {
        set(
            &mut account,
            &json!({"principal": session, "identity": [policy]}),
        );
        account.refused("DeleteVolume", json!({"VolumeId": volume, "DryRun": true}))
    };
    assert_eq!(as_session(&policy).0, "DryRunOperation");
    policy["Statement"][0]["Action"] = json!("ec2:Describe*");
    let said = as_session(&policy).1;
    assert!(
        said.contains(&format!("User: {session} is not authorized")),
        "{said}"
    );
}

/// Facts, iam, "DryRun and authorisation": permissions come before `DryRunOperation`.
#[test]
fn a_dry_run_tells_what_the_call_would_meet() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let dry = json!({"VolumeId": volume, "DryRun": true});
    only(&mut account, json!({"Action": "ec2:DescribeVolumes"}));
    assert_eq!(
        account.code("DeleteVolume", dry.clone()),
        "UnauthorizedOperation"
    );
    only(&mut account, json!({"Action": "ec2:DeleteVolume"}));
    assert_eq!(account.code("DeleteVolume", dry), "DryRunOperation");
}

#[test]
fn without_permissions_everything_is_allowed() {
    let mut account = Account::new();
    let volume = account.volume(1);
    set(&mut account, &json!({}));
    account.ok("DescribeVolumes", json!({}));
    set(&mut account, &json!({"identity": []}));
    assert_eq!(
        account.code("DescribeVolumes", json!({})),
        "UnauthorizedOperation"
    );
    account.twin.set_permissions(None);
    account.ok("DeleteVolume", json!({"VolumeId": volume}));
}

#[test]
fn tags_of_the_resource_decide() {
    let mut account = Account::new();
    let (mine, other) = (account.volume(1), account.volume(1));
    let tags = json!([{"Key": "Team", "Value": "web"}]);
    account.ok("CreateTags", json!({"Resources": [mine], "Tags": tags}));
    for key in ["aws:ResourceTag/team", "ec2:ResourceTag/Team"] {
        let condition = json!({"StringEquals": {key: "web"}});
        only(
            &mut account,
            json!({"Action": "ec2:DeleteVolume", "Condition": condition}),
        );
        let dry = |id: &str| json!({"VolumeId": id, "DryRun": true});
        assert_eq!(
            account.code("DeleteVolume", dry(&mine)),
            "DryRunOperation",
            "{key}"
        );
        assert_eq!(
            account.code("DeleteVolume", dry(&other)),
            "UnauthorizedOperation"
        );
    }
    // All of a bulk call, or none.
    let condition = json!({"StringEquals": {"aws:ResourceTag/Team": "web"}});
    only(
        &mut account,
        json!({"Action": "ec2:DeleteTags", "Condition": condition}),
    );
    let untag = |ids: &[&str]| json!({"Resources": ids, "Tags": [{"Key": "Team"}]});
    assert_eq!(
        account.code("DeleteTags", untag(&[&mine, &other])),
        "UnauthorizedOperation"
    );
    account.ok("DeleteTags", untag(&[&mine]));
}

/// Facts, iam, "Resource-level support": calls that two resources must be allowed for.
#[test]
fn every_resource_that_a_call_names_must_be_allowed() {
    let mut account = Account::new();
    let (volume, instance) = (account.volume(1), account.instance(json!({})));
    let attach = json!({"VolumeId": volume, "InstanceId": instance, "Device": "/dev/sdf"});
    account.ok("AttachVolume", attach);
    account.pass(10);
    only(&mut account, json!({"Resource": format!("{VOLUMES}*")}));
    let both = json!({"VolumeId": volume, "InstanceId": instance, "DryRun": true});
    let said = message(&mut account, "DetachVolume", both.clone());
    assert!(said.contains(&format!(":instance/{instance}")), "{said}");
    // The instance is optional: not named, not looked at.
    let alone = json!({"VolumeId": volume, "DryRun": true});
    assert_eq!(account.code("DetachVolume", alone), "DryRunOperation");
    let instances = "arn:aws:ec2:eu-central-1:123456789012:instance/*";
    only(
        &mut account,
        json!({"Resource": [format!("{VOLUMES}*"), instances]}),
    );
    assert_eq!(account.code("DetachVolume", both), "DryRunOperation");
}

/// Facts, iam, "ARN formats": the account field of snapshots and images is empty.
#[test]
fn snapshots_have_no_account_in_their_arns() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let snapshot = account.snapshot(&volume);
    let dry = json!({"SnapshotId": snapshot, "DryRun": true});
    let with = "arn:aws:ec2:eu-central-1:123456789012:snapshot/*";
    only(&mut account, json!({"Resource": with}));
    assert_eq!(
        account.code("DeleteSnapshot", dry.clone()),
        "UnauthorizedOperation"
    );
    only(
        &mut account,
        json!({"Resource": "arn:aws:ec2:eu-central-1::snapshot/*"}),
    );
    assert_eq!(account.code("DeleteSnapshot", dry), "DryRunOperation");
    // A new snapshot and its volume (facts, iam: "CreateSnapshot checks …").
    let create = json!({"VolumeId": volume, "DryRun": true});
    assert_eq!(
        account.code("CreateSnapshot", create),
        "UnauthorizedOperation"
    );
}

/// Facts, iam, "Traps": no resource of these is required, so `*` allows them, and one that is named
/// is looked at.
#[test]
fn associations_lead_to_their_resources() {
    let mut account = Account::new();
    let made = account.ok("AllocateAddress", json!({"Domain": "vpc"}));
    let address = text(&made, "AllocationId");
    let interface = {
        let subnets = account.ok("DescribeSubnets", json!({}));
        let subnet = text(&subnets["Subnets"][0], "SubnetId");
        let made = account.ok("CreateNetworkInterface", json!({"SubnetId": subnet}));
        text(&made["NetworkInterface"], "NetworkInterfaceId")
    };
    let associate = json!({"AllocationId": address, "NetworkInterfaceId": interface});
    let association = text(&account.ok("AssociateAddress", associate), "AssociationId");
    let dry = json!({"AssociationId": association, "DryRun": true});
    let own = format!("arn:aws:ec2:eu-central-1:123456789012:elastic-ip/{address}");
    only(&mut account, json!({"Resource": own}));
    let said = message(&mut account, "DisassociateAddress", dry.clone());
    assert!(
        said.contains(&format!("network-interface/{interface}")),
        "{said}"
    );
    let interfaces = "arn:aws:ec2:*:*:network-interface/*";
    only(&mut account, json!({"Resource": [own, interfaces]}));
    assert_eq!(account.code("DisassociateAddress", dry), "DryRunOperation");
    let release = json!({"AllocationId": address, "DryRun": true});
    assert_eq!(account.code("ReleaseAddress", release), "DryRunOperation");
}

/// EC2 User Guide, "Grant permission to tag Amazon EC2 resources during creation".
#[test]
fn tags_on_creation_need_a_permission_of_their_own() {
    let mut account = Account::new();
    let tags = json!([{"ResourceType": "volume", "Tags": [{"Key": "team", "Value": "web"}]}]);
    let create = |tags: &Value| {
        let zone = "eu-central-1a";
        json!({"AvailabilityZone": zone, "Size": 10, "VolumeType": "gp3", "DryRun": true,
               "TagSpecifications": tags})
    };
    only(&mut account, json!({"Action": "ec2:CreateVolume"}));
    assert_eq!(
        account.code("CreateVolume", create(&json!([]))),
        "DryRunOperation"
    );
    let said = message(&mut account, "CreateVolume", create(&tags));
    assert!(
        said.contains(&format!("ec2:CreateTags on resource: {VOLUMES}*")),
        "{said}"
    );
    let may_create = json!({"Effect": "Allow", "Action": "ec2:CreateVolume", "Resource": "*"});
    let mut tag = |operator: &str, key: &str, value: Value| {
        let may_tag = json!({"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*",
                             "Condition": {operator: {key: value}}});
        let both = json!({"Version": "2012-10-17", "Statement": [may_create, may_tag]});
        set(&mut account, &both);
        account.code("CreateVolume", create(&tags))
    };
    let (yes, no) = ("DryRunOperation", "UnauthorizedOperation");
    assert_eq!(
        tag("StringEquals", "ec2:CreateAction", json!("CreateVolume")),
        yes
    );
    assert_eq!(
        tag("StringEquals", "ec2:CreateAction", json!("RunInstances")),
        no
    );
    assert_eq!(
        tag("StringEquals", "aws:RequestTag/team", json!("web")),
        yes
    );
    assert_eq!(tag("StringEquals", "aws:RequestTag/team", json!("db")), no);
    assert_eq!(
        tag("ForAllValues:StringEquals", "aws:TagKeys", json!(["team"])),
        yes
    );
    assert_eq!(
        tag("ForAllValues:StringEquals", "aws:TagKeys", json!(["owner"])),
        no
    );
}

#[test]
fn keys_of_what_is_made_come_from_the_request() {
    let mut account = Account::new();
    let create = |size: u32| {
        let zone = "eu-central-1a";
        json!({"AvailabilityZone": zone, "Size": size, "VolumeType": "gp3", "DryRun": true})
    };
    let condition = json!({
        "NumericLessThanEquals": {"ec2:VolumeSize": 100},
        "StringEquals": {"ec2:VolumeType": ["gp3", "gp2"], "aws:RequestedRegion": "eu-central-1"},
        "Bool": {"ec2:Encrypted": false},
        "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
    });
    only(
        &mut account,
        json!({"Action": "ec2:CreateVolume", "Condition": condition}),
    );
    assert_eq!(account.code("CreateVolume", create(100)), "DryRunOperation");
    assert_eq!(
        account.code("CreateVolume", create(101)),
        "UnauthorizedOperation"
    );
}

/// The keys of a VPC's things hold its ARN; those of an instance its type.
#[test]
fn keys_of_what_is_there_come_from_the_resource() {
    let mut account = Account::new();
    let instance = account.instance(json!({}));
    let first = json!({"Filters": [{"Name": "availability-zone", "Values": ["eu-central-1a"]}]});
    let subnets = account.ok("DescribeSubnets", first);
    let (subnet, vpc) = (
        &subnets["Subnets"][0]["SubnetId"],
        &subnets["Subnets"][0]["VpcId"],
    );
    let vpc = format!(
        "arn:aws:ec2:eu-central-1:123456789012:vpc/{}",
        vpc.as_str().unwrap()
    );
    let mut case = |action: &str, input: Value, condition: Value| {
        only(
            &mut account,
            json!({"Action": action, "Condition": condition}),
        );
        let (_, action) = action.split_once(':').unwrap();
        let mut input = input;
        input["DryRun"] = json!(true);
        account.code(action, input)
    };
    let mut both = |action: &str, input: Value, operator: &str, key: &str, yes: &str, no: &str| {
        let action = action.to_owned();
        for (value, expected) in [(yes, "DryRunOperation"), (no, "UnauthorizedOperation")] {
            let condition = json!({operator: {key: value}});
            let found = case(&action, input.clone(), condition);
            assert_eq!(found, expected, "{key} {value}");
        }
    };
    let on = json!({"SubnetId": subnet});
    both(
        "ec2:DeleteSubnet",
        on.clone(),
        "ArnEquals",
        "ec2:Vpc",
        &vpc,
        "arn:aws:ec2:a:1:vpc/vpc-1",
    );
    both(
        "ec2:DeleteSubnet",
        on,
        "StringEquals",
        "ec2:AvailabilityZoneId",
        "euc1-az1",
        "euc1-az2",
    );
    let stop = json!({"InstanceIds": [instance]});
    both(
        "ec2:StopInstances",
        stop.clone(),
        "StringLike",
        "ec2:InstanceType",
        "t3.*",
        "m5.*",
    );
    both(
        "ec2:StopInstances",
        stop.clone(),
        "StringEquals",
        "ec2:Tenancy",
        "default",
        "host",
    );
    both(
        "ec2:StopInstances",
        stop,
        "StringEquals",
        "ec2:InstanceID",
        &instance,
        "i-1",
    );
}

/// A launch is about the image, subnet, group, instance, interface and volume, the default ones too.
#[test]
fn a_launch_asks_for_everything_it_touches() {
    let mut account = Account::new();
    let image = account.public_image();
    let run = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
                     "DryRun": true});
    let mut allowed = Vec::new();
    for _ in 0..7 {
        only(
            &mut account,
            json!({"Action": "ec2:RunInstances", "Resource":
            if allowed.is_empty() { json!("arn:aws:ec2:x:1:none/x") } else { json!(allowed) }}),
        );
        let (code, said) = account.refused("RunInstances", run.clone());
        if code == "DryRunOperation" {
            break;
        }
        let (_, rest) = said.split_once("on resource: ").unwrap();
        allowed.push(rest.split(' ').next().unwrap().to_owned());
    }
    let mut types: Vec<&str> = allowed
        .iter()
        .map(|arn| arn.rsplit(':').next().unwrap().split('/').next().unwrap())
        .collect();
    types.sort_unstable();
    let expected = [
        "image",
        "instance",
        "network-interface",
        "security-group",
        "subnet",
        "volume",
    ];
    assert_eq!(types, expected);
}
