//! Rules of what instances have besides their lives.

use serde_json::{Value, json};

use crate::testing::{Account, text};

/// EC2 API reference, ModifyInstanceMetadataOptions and ModifyInstanceMetadataDefaults: the launch's
/// word goes before the account's, and that before AWS's.
#[test]
fn metadata_options_have_defaults() {
    let mut account = Account::new();
    let plain = account.instance(json!({}));
    let options = |account: &Account, id: &str| account.see(id)["MetadataOptions"].clone();
    let seen = options(&account, &plain);
    assert_eq!(seen["HttpTokens"], "optional");
    assert_eq!(seen["HttpPutResponseHopLimit"], 1);
    account.ok(
        "ModifyInstanceMetadataDefaults",
        json!({"HttpTokens": "required", "HttpPutResponseHopLimit": 2}),
    );
    let told = account.ok("GetInstanceMetadataDefaults", json!({}));
    assert_eq!(
        told["AccountLevel"],
        json!({"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "ManagedBy": "account"})
    );
    let own = json!({"MetadataOptions": {"HttpPutResponseHopLimit": 3}});
    let later = account.instance(own);
    let seen = options(&account, &later);
    assert_eq!(seen["HttpTokens"], "required");
    assert_eq!(seen["HttpPutResponseHopLimit"], 3);
    // Instances that were there keep what they had.
    assert_eq!(options(&account, &plain)["HttpTokens"], "optional");
    account.ok(
        "ModifyInstanceMetadataDefaults",
        json!({"HttpTokens": "no-preference", "HttpPutResponseHopLimit": -1}),
    );
    let told = account.ok("GetInstanceMetadataDefaults", json!({}));
    assert_eq!(told["AccountLevel"], json!({"ManagedBy": "account"}));

    let modify = json!({"InstanceId": plain, "HttpTokens": "required"});
    let answer = account.ok("ModifyInstanceMetadataOptions", modify);
    assert_eq!(answer["InstanceMetadataOptions"]["State"], "pending");
    account.pass(30);
    let by = json!({"Filters": [{"Name": "metadata-options.http-tokens", "Values": ["required"]},
                                {"Name": "metadata-options.state", "Values": ["applied"]}]});
    let found = account.ok("DescribeInstances", by);
    assert_eq!(found["Reservations"].as_array().unwrap().len(), 2);
    for (more, code) in [
        (json!({}), "InvalidParameterCombination"),
        (json!({"HttpTokens": "maybe"}), "InvalidParameterValue"),
        (
            json!({"HttpPutResponseHopLimit": 65}),
            "InvalidParameterValue",
        ),
    ] {
        let mut input = json!({"InstanceId": plain});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        assert_eq!(account.code("ModifyInstanceMetadataOptions", input), code);
    }
}

/// EC2 API reference, AssociateIamInstanceProfile and the like.
#[test]
fn profiles_come_replaced_and_go() {
    let mut account = Account::new();
    let first = account.instance(json!({"IamInstanceProfile": {"Name": "web"}}));
    let list = |account: &mut Account| {
        let answer = account.ok("DescribeIamInstanceProfileAssociations", json!({}));
        answer["IamInstanceProfileAssociations"]
            .as_array()
            .unwrap()
            .clone()
    };
    let all = list(&mut account);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["State"], "associated");
    assert_eq!(
        all[0]["IamInstanceProfile"]["Arn"],
        "arn:aws:iam::123456789012:instance-profile/web"
    );
    let again = json!({"InstanceId": first, "IamInstanceProfile": {"Name": "other"}});
    let (code, message) = account.refused("AssociateIamInstanceProfile", again);
    assert_eq!(code, "IncorrectState");
    assert_eq!(
        message,
        format!("There is an existing association for instance {first}")
    );
    let old = text(&all[0], "AssociationId");
    let replace = json!({"AssociationId": old, "IamInstanceProfile": {"Name": "other"}});
    let new = account.ok("ReplaceIamInstanceProfileAssociation", replace.clone());
    let new = text(&new["IamInstanceProfileAssociation"], "AssociationId");
    assert_ne!(new, old);
    assert_eq!(
        account.code("ReplaceIamInstanceProfileAssociation", replace),
        "InvalidAssociationID.NotFound"
    );
    account.pass(30);
    let off = json!({"AssociationId": new});
    let answer = account.ok("DisassociateIamInstanceProfile", off.clone());
    assert_eq!(
        answer["IamInstanceProfileAssociation"]["State"],
        "disassociating"
    );
    assert_eq!(account.see(&first)["IamInstanceProfile"], Value::Null);
    account.pass(30);
    assert_eq!(list(&mut account), Vec::<Value>::new());
    assert_eq!(
        account.code("DisassociateIamInstanceProfile", off),
        "InvalidAssociationID.NotFound"
    );
    let arn = json!({"Arn": "arn:aws:iam::123456789012:role/web"});
    let bad = json!({"InstanceId": first, "IamInstanceProfile": arn});
    assert_eq!(
        account.code("AssociateIamInstanceProfile", bad),
        "InvalidParameterValue"
    );
    account.ok("TerminateInstances", json!({"InstanceIds": [first]}));
    let late = json!({"InstanceId": first, "IamInstanceProfile": {"Name": "web"}});
    assert_eq!(
        account.code("AssociateIamInstanceProfile", late),
        "IncorrectInstanceState"
    );
}

/// What a snapshot shows of profiles is an association, too, and can be taken off.
#[test]
fn profiles_of_a_snapshot_are_associations() {
    let mut account = Account::new();
    account.instance(json!({"IamInstanceProfile": {"Name": "web"}}));
    let snapshot = account.twin.snapshot();
    account.twin = crate::Twin::from_snapshot(&snapshot, crate::TwinOptions::default());
    let seen = account.ok("DescribeIamInstanceProfileAssociations", json!({}));
    let id = text(&seen["IamInstanceProfileAssociations"][0], "AssociationId");
    account.ok(
        "DisassociateIamInstanceProfile",
        json!({"AssociationId": id}),
    );
    account.pass(30);
    let seen = account.ok("DescribeIamInstanceProfileAssociations", json!({}));
    assert_eq!(seen["IamInstanceProfileAssociations"], json!([]));
}

/// User guide, "Burstable performance instances", and EC2 API reference,
/// DescribeInstanceCreditSpecifications: T2 begins with `standard`, T3 with `unlimited`, and a list
/// without ids tells of `unlimited` ones alone.
#[test]
fn credits_belong_to_burstable_instances() {
    let mut account = Account::new();
    let old = account.instance(json!({"InstanceType": "t2.micro"}));
    let new = account.instance(json!({}));
    let steady = account.instance(json!({"InstanceType": "m5.large"}));
    let told = |account: &mut Account, input: Value| -> Vec<(String, String)> {
        let answer = account.ok("DescribeInstanceCreditSpecifications", input);
        let list = answer["InstanceCreditSpecifications"].as_array().unwrap();
        list.iter()
            .map(|it| (text(it, "InstanceId"), text(it, "CpuCredits")))
            .collect()
    };
    assert_eq!(
        told(&mut account, json!({})),
        [(new.clone(), "unlimited".to_owned())]
    );
    assert_eq!(
        told(&mut account, json!({"InstanceIds": [old]})),
        [(old.clone(), "standard".to_owned())]
    );
    let ids = json!({"InstanceIds": [steady]});
    assert_eq!(
        account.code("DescribeInstanceCreditSpecifications", ids),
        "InvalidParameterCombination"
    );
    let change = json!({"InstanceCreditSpecifications": [
        {"InstanceId": new, "CpuCredits": "standard"},
        {"InstanceId": steady, "CpuCredits": "standard"},
        {"InstanceId": "i-0123456789abcdef0", "CpuCredits": "standard"},
    ]});
    let answer = account.ok("ModifyInstanceCreditSpecification", change);
    assert_eq!(
        answer["SuccessfulInstanceCreditSpecifications"],
        json!([{"InstanceId": new}])
    );
    let failed = answer["UnsuccessfulInstanceCreditSpecifications"]
        .as_array()
        .unwrap();
    let codes: Vec<String> = failed.iter().map(|it| text(&it["Error"], "Code")).collect();
    assert_eq!(
        codes,
        [
            "InstanceCreditSpecification.NotSupported",
            "InvalidInstanceID.NotFound"
        ]
    );
    assert_eq!(told(&mut account, json!({})), []);
    let image = account.public_image();
    let run = json!({"ImageId": image, "InstanceType": "m5.large", "MinCount": 1, "MaxCount": 1,
                     "CreditSpecification": {"CpuCredits": "unlimited"}});
    assert_eq!(
        account.code("RunInstances", run),
        "InvalidParameterCombination"
    );
}

/// EC2 API reference, MonitorInstances.
#[test]
fn monitoring_is_switched_in_time() {
    let mut account = Account::new();
    let id = account.instance(json!({}));
    let named = json!({"InstanceIds": [id]});
    let state = |account: &Account| text(&account.see(&id)["Monitoring"], "State");
    assert_eq!(state(&account), "disabled");
    let answer = account.ok("MonitorInstances", named.clone());
    assert_eq!(
        answer["InstanceMonitorings"][0]["Monitoring"]["State"],
        "pending"
    );
    account.pass(30);
    assert_eq!(state(&account), "enabled");
    account.ok("UnmonitorInstances", named.clone());
    assert_eq!(state(&account), "disabling");
    account.pass(30);
    assert_eq!(state(&account), "disabled");
    account.ok("TerminateInstances", named.clone());
    assert_eq!(
        account.code("MonitorInstances", named),
        "IncorrectInstanceState"
    );
}

/// User guide, "Hibernation prerequisites": an encrypted root, a type that can, and to be launched so.
#[test]
fn hibernation_has_prerequisites() {
    let mut account = Account::new();
    let image = account.public_image();
    let wanted = json!({"Configured": true});
    let mut run = json!({"ImageId": image, "InstanceType": "m5.large", "MinCount": 1, "MaxCount": 1,
                         "HibernationOptions": wanted});
    let refusal = "UnsupportedHibernationConfiguration";
    assert_eq!(account.code("RunInstances", run.clone()), refusal);
    run["BlockDeviceMappings"] = json!([{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": true}}]);
    run["InstanceType"] = "m5.metal".into();
    assert_eq!(account.code("RunInstances", run.clone()), refusal);
    run["InstanceType"] = "m5.large".into();
    let made = account.ok("RunInstances", run);
    let id = text(&made["Instances"][0], "InstanceId");
    let plain = account.instance(json!({}));
    let stop = |id: &str| json!({"InstanceIds": [id], "Hibernate": true});
    assert_eq!(account.code("StopInstances", stop(&plain)), refusal);
    account.ok("StopInstances", stop(&id));
    account.pass(60);
    let seen = account.see(&id);
    assert_eq!(seen["State"]["Name"], "stopped");
    assert_eq!(seen["StateReason"]["Code"], "Client.UserInitiatedHibernate");
    let both = json!({"ImageId": image, "InstanceType": "m5.large", "MinCount": 1, "MaxCount": 1,
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": true}}],
        "HibernationOptions": {"Configured": true}, "EnclaveOptions": {"Enabled": true}});
    assert_eq!(
        account.code("RunInstances", both),
        "InvalidParameterCombination"
    );
}

/// EC2 API reference, ModifyInstanceAttribute, ResetInstanceAttribute, ModifyInstanceMaintenanceOptions.
#[test]
fn attributes_are_told_changed_and_reset() {
    let mut account = Account::new();
    let id = account.instance(json!({"UserData": "YQ=="}));
    let ask = |name: &str| json!({"InstanceId": id, "Attribute": name});
    let tell =
        |account: &mut Account, name: &str| account.ok("DescribeInstanceAttribute", ask(name));
    assert_eq!(tell(&mut account, "userData")["UserData"]["Value"], "YQ==");
    assert_eq!(
        tell(&mut account, "enaSupport")["EnaSupport"]["Value"],
        true
    );
    assert_eq!(
        tell(&mut account, "enclaveOptions")["EnclaveOptions"]["Enabled"],
        false
    );
    assert_eq!(tell(&mut account, "kernel")["KernelId"], json!({}));
    assert_eq!(
        tell(&mut account, "productCodes")["ProductCodes"],
        json!([])
    );
    let data = json!({"InstanceId": id, "UserData": {"Value": "Yg=="}});
    assert_eq!(
        account.code("ModifyInstanceAttribute", data.clone()),
        "IncorrectInstanceState"
    );
    let check = json!({"InstanceId": id, "SourceDestCheck": {"Value": false}});
    account.ok("ModifyInstanceAttribute", check);
    assert_eq!(
        tell(&mut account, "sourceDestCheck")["SourceDestCheck"]["Value"],
        false
    );
    account.ok("ResetInstanceAttribute", ask("sourceDestCheck"));
    assert_eq!(
        tell(&mut account, "sourceDestCheck")["SourceDestCheck"]["Value"],
        true
    );
    assert_eq!(
        account.code("ResetInstanceAttribute", ask("userData")),
        "InvalidParameterValue"
    );
    assert_eq!(
        account.code("ResetInstanceAttribute", ask("kernel")),
        "UnsupportedOperation"
    );
    account.ok("StopInstances", json!({"InstanceIds": [id]}));
    account.pass(60);
    account.ok("ModifyInstanceAttribute", data);
    assert_eq!(tell(&mut account, "userData")["UserData"]["Value"], "Yg==");
    let arm = json!({"InstanceId": id, "InstanceType": {"Value": "t4g.micro"}});
    assert_eq!(
        account.code("ModifyInstanceAttribute", arm),
        "InvalidParameterValue"
    );
    let recovery = json!({"InstanceId": id, "AutoRecovery": "disabled"});
    let answer = account.ok("ModifyInstanceMaintenanceOptions", recovery);
    assert_eq!(answer["AutoRecovery"], "disabled");
    assert_eq!(
        account.see(&id)["MaintenanceOptions"]["AutoRecovery"],
        "disabled"
    );
    assert_eq!(
        account.code(
            "ModifyInstanceMaintenanceOptions",
            json!({"InstanceId": id})
        ),
        "InvalidParameterCombination"
    );
    assert_eq!(
        account.ok("GetConsoleOutput", json!({"InstanceId": id}))["Output"],
        ""
    );
    assert_eq!(
        account.ok("GetPasswordData", json!({"InstanceId": id}))["PasswordData"],
        ""
    );
}

/// EC2 API reference, RegisterInstanceEventNotificationAttributes and its opposite.
#[test]
fn notices_carry_the_tags_that_were_registered() {
    let mut account = Account::new();
    let keys = json!({"InstanceTagAttribute": {"InstanceTagKeys": ["Name", "Team"]}});
    account.ok("RegisterInstanceEventNotificationAttributes", keys);
    let off = json!({"InstanceTagAttribute": {"InstanceTagKeys": ["Name"]}});
    account.ok("DeregisterInstanceEventNotificationAttributes", off);
    let told = account.ok("DescribeInstanceEventNotificationAttributes", json!({}));
    assert_eq!(
        told["InstanceTagAttribute"],
        json!({"IncludeAllTagsOfInstance": false, "InstanceTagKeys": ["Team"]})
    );
    let none = json!({"InstanceTagAttribute": {}});
    let code = account.code("RegisterInstanceEventNotificationAttributes", none);
    assert_eq!(code, "MissingParameter");
}

/// Section 1, "Tags": those of a terminated instance fade before it is forgotten.
#[test]
fn tags_of_terminated_instances_fade() {
    let mut account = Account::new();
    let tags = json!([{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]);
    let id = account.instance(json!({"TagSpecifications": tags}));
    account.ok("TerminateInstances", json!({"InstanceIds": [id]}));
    account.pass(120);
    assert_eq!(
        account.see(&id)["Tags"],
        json!([{"Key": "a", "Value": "b"}])
    );
    account.pass(1200);
    assert_eq!(account.see(&id)["State"]["Name"], "terminated");
    assert_eq!(account.see(&id)["Tags"], json!([]));
    account.pass(3600);
    assert_eq!(account.see(&id), Value::Null);
}

/// A snapshot holds no Reserved Instances.
#[test]
fn there_are_no_reserved_instances() {
    let mut account = Account::new();
    let by = json!({"Filters": [{"Name": "state", "Values": ["active"]}]});
    assert_eq!(
        account.ok("DescribeReservedInstances", by)["ReservedInstances"],
        json!([])
    );
    let odd = json!({"Filters": [{"Name": "colour", "Values": ["red"]}]});
    assert_eq!(
        account.code("DescribeReservedInstances", odd),
        "InvalidParameterValue"
    );
    let id = json!({"ReservedInstancesIds": ["af9f760e-6f91-4559-85f7-4980eexample"]});
    assert_eq!(
        account.code("DescribeReservedInstances", id),
        "InvalidReservedInstancesId"
    );
}
