//! Rules of launch templates; each test names its row of the facts.

use serde_json::{Value, json};

use crate::testing::{Account, text};

fn template(account: &mut Account, name: &str, data: Value) -> String {
    let made = account.ok(
        "CreateLaunchTemplate",
        json!({"LaunchTemplateName": name, "LaunchTemplateData": data}),
    );
    text(&made["LaunchTemplate"], "LaunchTemplateId")
}

fn numbers(answer: &Value) -> Vec<u64> {
    let versions = answer["LaunchTemplateVersions"].as_array().unwrap();
    let numbers = versions
        .iter()
        .map(|it| it["VersionNumber"].as_u64().unwrap());
    numbers.collect()
}

/// Section 2, row launch template: codes of ids, names and versions.
#[test]
fn templates_are_refused_in_awss_words() {
    let mut account = Account::new();
    let id = template(&mut account, "web", json!({"InstanceType": "t3.micro"}));
    for (action, input, code) in [
        (
            "DescribeLaunchTemplates",
            json!({"LaunchTemplateIds": ["lt-x"]}),
            "InvalidLaunchTemplateId.Malformed",
        ),
        (
            "DescribeLaunchTemplates",
            json!({"LaunchTemplateIds": ["lt-0123456789abcdef0"]}),
            "InvalidLaunchTemplateId.NotFound",
        ),
        (
            "DescribeLaunchTemplates",
            json!({"LaunchTemplateNames": ["none"]}),
            "InvalidLaunchTemplateName.NotFoundException",
        ),
        (
            "DescribeLaunchTemplates",
            json!({"MaxResults": 201}),
            "InvalidParameterValue",
        ),
        (
            "DescribeLaunchTemplateVersions",
            json!({"LaunchTemplateId": id, "Versions": ["9"]}),
            "InvalidLaunchTemplateId.VersionNotFound",
        ),
        (
            "DescribeLaunchTemplateVersions",
            json!({"LaunchTemplateId": id, "Versions": ["$Newest"]}),
            "InvalidParameterValue",
        ),
        (
            "DescribeLaunchTemplateVersions",
            json!({}),
            "MissingParameter",
        ),
        (
            "DescribeLaunchTemplateVersions",
            json!({"Versions": ["1"]}),
            "InvalidParameterCombination",
        ),
        (
            "ModifyLaunchTemplate",
            json!({"LaunchTemplateId": id, "DefaultVersion": "2"}),
            "InvalidLaunchTemplateId.VersionNotFound",
        ),
        (
            "ModifyLaunchTemplate",
            json!({"LaunchTemplateId": id, "LaunchTemplateName": "web", "DefaultVersion": "1"}),
            "InvalidParameterCombination",
        ),
        ("DeleteLaunchTemplate", json!({}), "MissingParameter"),
        (
            "CreateLaunchTemplate",
            json!({"LaunchTemplateName": "web", "LaunchTemplateData": {"KeyName": "k"}}),
            "InvalidLaunchTemplateName.AlreadyExistsException",
        ),
        (
            "CreateLaunchTemplate",
            json!({"LaunchTemplateName": "w", "LaunchTemplateData": {"KeyName": "k"}}),
            "InvalidLaunchTemplateName.MalformedException",
        ),
        (
            "CreateLaunchTemplate",
            json!({"LaunchTemplateName": "two words", "LaunchTemplateData": {"KeyName": "k"}}),
            "InvalidLaunchTemplateName.MalformedException",
        ),
        (
            "CreateLaunchTemplate",
            json!({"LaunchTemplateName": "empty", "LaunchTemplateData": {}}),
            "MissingParameter",
        ),
        (
            "CreateLaunchTemplate",
            json!({"LaunchTemplateName": "odd", "LaunchTemplateData": {"Colour": "red"}}),
            "UnsupportedOperation",
        ),
        (
            "CreateLaunchTemplate",
            json!({"LaunchTemplateName": "dry", "LaunchTemplateData": {"KeyName": "k"}, "DryRun": true}),
            "DryRunOperation",
        ),
    ] {
        assert_eq!(
            account.code(action, input.clone()),
            code,
            "{action} {input}"
        );
    }
}

/// EC2 API reference, CreateLaunchTemplateVersion: a new version inherits from its source what it
/// does not say itself, but not snapshots of devices.
#[test]
fn versions_inherit_from_their_source() {
    let mut account = Account::new();
    let volume = account.volume(8);
    let snapshot = account.snapshot(&volume);
    let device =
        json!({"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": snapshot, "VolumeSize": 9}});
    let data =
        json!({"InstanceType": "t3.micro", "KeyName": "old", "BlockDeviceMappings": [device]});
    let id = template(&mut account, "web", data.clone());
    let add = |source: Value, data: Value| json!({"LaunchTemplateId": id, "SourceVersion": source, "LaunchTemplateData": data});
    let made = account.ok(
        "CreateLaunchTemplateVersion",
        add("1".into(), json!({"KeyName": "new"})),
    );
    let made = &made["LaunchTemplateVersion"];
    assert_eq!(made["VersionNumber"], 2);
    assert_eq!(made["DefaultVersion"], false);
    assert_eq!(
        made["LaunchTemplateData"],
        json!({"InstanceType": "t3.micro", "KeyName": "new",
               "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 9}}]})
    );
    let made = account.ok(
        "CreateLaunchTemplateVersion",
        add(Value::Null, json!({"KeyName": "alone"})),
    );
    assert_eq!(
        made["LaunchTemplateVersion"]["LaunchTemplateData"],
        json!({"KeyName": "alone"})
    );
    // What the first version says, word for word; nothing of AWS's names is lost.
    let asked = json!({"LaunchTemplateId": id, "Versions": ["1"]});
    let seen = account.ok("DescribeLaunchTemplateVersions", asked);
    assert_eq!(
        seen["LaunchTemplateVersions"][0]["LaunchTemplateData"],
        data
    );
}

/// Section 3, Launch template: the default version cannot be deleted, and each result stands alone;
/// a number is not given twice.
#[test]
fn versions_are_listed_and_deleted_each_on_its_own() {
    let mut account = Account::new();
    let id = template(&mut account, "web", json!({"InstanceType": "t3.micro"}));
    let add =
        json!({"LaunchTemplateName": "web", "LaunchTemplateData": {"InstanceType": "t3.small"}});
    for _ in 0..3 {
        account.ok("CreateLaunchTemplateVersion", add.clone());
    }
    let list = |account: &mut Account, more: Value| {
        let mut input = json!({"LaunchTemplateId": id});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        numbers(&account.ok("DescribeLaunchTemplateVersions", input))
    };
    assert_eq!(list(&mut account, json!({})), [4, 3, 2, 1]);
    assert_eq!(
        list(
            &mut account,
            json!({"Versions": ["$Latest", "$Default", "2"]})
        ),
        [4, 2, 1]
    );
    assert_eq!(
        list(&mut account, json!({"MinVersion": "2", "MaxVersion": "3"})),
        [3, 2]
    );
    let default = json!({"Filters": [{"Name": "is-default-version", "Values": ["true"]}]});
    assert_eq!(list(&mut account, default), [1]);
    let small = json!({"Filters": [{"Name": "instance-type", "Values": ["t3.small"]}]});
    assert_eq!(list(&mut account, small), [4, 3, 2]);
    let page = json!({"LaunchTemplateId": id, "MaxResults": 3});
    let first = account.ok("DescribeLaunchTemplateVersions", page.clone());
    let mut next = page;
    next["NextToken"] = first["NextToken"].clone();
    assert_eq!(
        numbers(&account.ok("DescribeLaunchTemplateVersions", next)),
        [1]
    );

    account.ok(
        "ModifyLaunchTemplate",
        json!({"LaunchTemplateId": id, "DefaultVersion": "2"}),
    );
    let delete = json!({"LaunchTemplateId": id, "Versions": ["1", "2", "4", "9"]});
    let answer = account.ok("DeleteLaunchTemplateVersions", delete);
    let gone = answer["SuccessfullyDeletedLaunchTemplateVersions"]
        .as_array()
        .unwrap();
    let gone: Vec<_> = gone
        .iter()
        .map(|it| it["VersionNumber"].as_u64().unwrap())
        .collect();
    assert_eq!(gone, [1, 4]);
    let left = answer["UnsuccessfullyDeletedLaunchTemplateVersions"]
        .as_array()
        .unwrap();
    let left: Vec<_> = left
        .iter()
        .map(|it| text(&it["ResponseError"], "Code"))
        .collect();
    assert_eq!(
        left,
        ["unexpectedError", "launchTemplateVersionDoesNotExist"]
    );
    assert_eq!(account.see(&id)["LatestVersionNumber"], 3);
    account.ok("CreateLaunchTemplateVersion", add);
    assert_eq!(list(&mut account, json!({})), [5, 3, 2]);
    account.ok("DeleteLaunchTemplate", json!({"LaunchTemplateName": "web"}));
    assert_eq!(account.see(&id), Value::Null);
}

/// EC2 API reference, RunInstances, `LaunchTemplate`: what the request says takes the place of what
/// the template says; nothing that a template names is looked at before.
#[test]
fn launches_take_from_templates_what_they_do_not_say() {
    let mut account = Account::new();
    let image = account.public_image();
    let data = json!({"ImageId": image, "InstanceType": "t3.micro", "DisableApiTermination": true,
        "Monitoring": {"Enabled": true}, "UserData": "aGVsbG8=",
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "from", "Value": "template"}]}]});
    let id = template(&mut account, "web", data);
    let more = json!({"LaunchTemplateId": id, "SourceVersion": "1",
                      "LaunchTemplateData": {"InstanceType": "t3.small"}});
    account.ok("CreateLaunchTemplateVersion", more);
    let run = |version: Value| {
        json!({"LaunchTemplate": {"LaunchTemplateName": "web", "Version": version},
               "MinCount": 1, "MaxCount": 1})
    };
    let made = account.ok("RunInstances", run(Value::Null));
    let made = &made["Instances"][0];
    assert_eq!(made["InstanceType"], "t3.micro");
    assert_eq!(made["Tags"], json!([{"Key": "from", "Value": "template"}]));
    assert_eq!(made["Monitoring"]["State"], "pending");
    let instance = text(made, "InstanceId");
    assert_eq!(account.see(&instance)["DisableApiTermination"], true);
    let asked = json!({"InstanceId": instance, "Attribute": "userData"});
    let told = account.ok("DescribeInstanceAttribute", asked);
    assert_eq!(told["UserData"], json!({"Value": "aGVsbG8="}));
    let latest = account.ok("RunInstances", run("$Latest".into()));
    assert_eq!(latest["Instances"][0]["InstanceType"], "t3.small");
    let mut own = run("2".into());
    own["InstanceType"] = "t3.large".into();
    own["DisableApiTermination"] = false.into();
    let own = account.ok("RunInstances", own);
    let own = &own["Instances"][0];
    assert_eq!(own["InstanceType"], "t3.large");
    assert_eq!(
        account.see(&text(own, "InstanceId"))["DisableApiTermination"],
        false
    );
    assert_eq!(
        account.code("RunInstances", run("7".into())),
        "InvalidLaunchTemplateId.VersionNotFound"
    );
    // A template may name what the twin does not model, or what is not there; a launch may not.
    template(
        &mut account,
        "cpu",
        json!({"ImageId": image, "CpuOptions": {"CoreCount": 1}}),
    );
    template(
        &mut account,
        "gone",
        json!({"ImageId": "ami-0123456789abcdef0"}),
    );
    for (name, code) in [
        ("cpu", "UnsupportedOperation"),
        ("gone", "InvalidAMIID.NotFound"),
    ] {
        let input =
            json!({"LaunchTemplate": {"LaunchTemplateName": name}, "MinCount": 1, "MaxCount": 1});
        let (seen, message) = account.refused("RunInstances", input);
        assert_eq!(seen, code);
        assert!(name != "cpu" || message.contains("CpuOptions"), "{message}");
    }
}

/// A launch from what `GetLaunchTemplateData` says of an instance gives the like of it.
#[test]
fn data_of_an_instance_launches_its_like() {
    let mut account = Account::new();
    let id = account.instance(json!({"EbsOptimized": true}));
    let answer = account.ok("GetLaunchTemplateData", json!({"InstanceId": id}));
    let mut data = answer["LaunchTemplateData"].clone();
    assert_eq!(data["InstanceType"], "t3.micro");
    assert_eq!(data["EbsOptimized"], true);
    template(&mut account, "like", data.take());
    let made = account.ok(
        "RunInstances",
        json!({"LaunchTemplate": {"LaunchTemplateName": "like"}, "MinCount": 1, "MaxCount": 1}),
    );
    account.pass(60);
    let (old, new) = (
        account.see(&id),
        account.see(&text(&made["Instances"][0], "InstanceId")),
    );
    for name in [
        "InstanceType",
        "ImageId",
        "SubnetId",
        "SecurityGroups",
        "EbsOptimized",
        "MetadataOptions",
    ] {
        assert_eq!(old[name], new[name], "{name}");
    }
    let code = account.code(
        "GetLaunchTemplateData",
        json!({"InstanceId": "i-0123456789abcdef0"}),
    );
    assert_eq!(code, "InvalidInstanceID.NotFound");
}

/// Section 1, "Idempotency", for versions: a token gives the version that it made.
#[test]
fn tokens_make_one_version() {
    let mut account = Account::new();
    let first = json!({"LaunchTemplateName": "web", "ClientToken": "a",
                       "LaunchTemplateData": {"InstanceType": "t3.micro"}});
    let one = account.ok("CreateLaunchTemplate", first.clone());
    assert_eq!(account.ok("CreateLaunchTemplate", first.clone()), one);
    let mut other = first;
    other["LaunchTemplateData"] = json!({"InstanceType": "t3.small"});
    assert_eq!(
        account.code("CreateLaunchTemplate", other),
        "IdempotentParameterMismatch"
    );
    let add = json!({"LaunchTemplateName": "web", "ClientToken": "b",
                     "LaunchTemplateData": {"InstanceType": "t3.small"}});
    let one = account.ok("CreateLaunchTemplateVersion", add.clone());
    assert_eq!(account.ok("CreateLaunchTemplateVersion", add), one);
    let all = account.ok(
        "DescribeLaunchTemplateVersions",
        json!({"LaunchTemplateName": "web"}),
    );
    assert_eq!(numbers(&all), [2, 1]);
}
