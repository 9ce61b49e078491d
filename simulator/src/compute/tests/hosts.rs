//! Rules of Dedicated Hosts (EC2 API reference and error list).

use serde_json::{Value, json};

use crate::testing::Account;

fn allocate(account: &mut Account, more: Value) -> String {
    let mut input =
        json!({"InstanceType": "m5.24xlarge", "AvailabilityZone": "eu-central-1a", "Quantity": 1});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let made = account.ok("AllocateHosts", input);
    made["HostIds"][0].as_str().unwrap().to_owned()
}

/// A host has room for as many as its virtual CPUs allow; it is released when nothing runs on it.
#[test]
fn hosts_are_filled_and_released() {
    let mut account = Account::new();
    let host = allocate(
        &mut account,
        json!({"InstanceType": Value::Null, "InstanceFamily": "m5"}),
    );
    let see = |account: &mut Account| {
        account.ok("DescribeHosts", json!({"HostIds": [host]}))["Hosts"][0].clone()
    };
    let shown = see(&mut account);
    assert_eq!(
        shown["HostProperties"],
        json!({"Cores": 48, "InstanceFamily": "m5", "Sockets": 2, "TotalVCpus": 96})
    );
    assert_eq!(shown["AvailableCapacity"]["AvailableVCpus"], 96);
    let on = |more: Value| {
        let mut place = json!({"Tenancy": "host", "AvailabilityZone": "eu-central-1a"});
        for (name, value) in more.as_object().unwrap() {
            place[name] = value.clone();
        }
        json!({"InstanceType": "m5.12xlarge", "Placement": place})
    };
    let first = account.instance(on(json!({})));
    assert_eq!(account.see(&first)["Placement"]["HostId"], host.as_str());
    let second = account.instance(on(json!({"HostId": host, "Affinity": "host"})));
    let shown = see(&mut account);
    assert_eq!(shown["AvailableCapacity"]["AvailableVCpus"], 0);
    assert_eq!(shown["Instances"].as_array().unwrap().len(), 2);
    let mut full = on(json!({"HostId": host}));
    let image = account.public_image();
    for (name, value) in [
        ("ImageId", json!(image)),
        ("MinCount", json!(1)),
        ("MaxCount", json!(1)),
    ] {
        full[name] = value;
    }
    assert_eq!(
        account.code("RunInstances", full.clone()),
        "InsufficientCapacityOnHost"
    );
    full["Placement"]["HostId"] = Value::Null;
    assert_eq!(
        account.code("RunInstances", full),
        "UnavailableHostRequirements"
    );

    let release = json!({"HostIds": [host]});
    let refused = account.ok("ReleaseHosts", release.clone());
    let error = &refused["Unsuccessful"][0]["Error"];
    assert_eq!(error["Code"], "Client.InvalidHost.Occupied");
    assert_eq!(
        error["Message"],
        format!("Dedicated host '{host}' cannot be released as it is occupied.")
    );
    account.ok("StopInstances", json!({"InstanceIds": [first, second]}));
    account.pass(60);
    // Without affinity the instance is bound to no host while it is stopped.
    assert_eq!(account.see(&first)["Placement"]["HostId"], Value::Null);
    assert_eq!(account.see(&second)["Placement"]["HostId"], host.as_str());
    account.ok("StartInstances", json!({"InstanceIds": [first]}));
    assert_eq!(account.see(&first)["Placement"]["HostId"], host.as_str());
    account.pass(60);
    account.ok("StopInstances", json!({"InstanceIds": [first]}));
    account.pass(60);
    let released = account.ok("ReleaseHosts", release.clone());
    assert_eq!(released["Successful"], json!([host]));
    assert_eq!(account.see(&host)["State"], "released");
    let again = account.ok("ReleaseHosts", release.clone());
    assert_eq!(
        again["Unsuccessful"][0]["Error"]["Code"],
        "Client.InvalidHostState"
    );
    assert_eq!(
        account.code("StartInstances", json!({"InstanceIds": [second]})),
        "InvalidHostState"
    );
    account.pass(4000);
    let gone = account.ok("ReleaseHosts", release);
    assert_eq!(
        gone["Unsuccessful"][0]["Error"]["Code"],
        "Client.InvalidHostID.NotFound"
    );
}

/// EC2 API reference, AllocateHosts and ModifyHosts.
#[test]
fn hosts_are_checked_and_changed() {
    let mut account = Account::new();
    let mut code = |more: Value| {
        let mut input = json!({"InstanceType": "m5.large", "AvailabilityZone": "eu-central-1a"});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        account.code("AllocateHosts", input)
    };
    assert_eq!(
        code(json!({"InstanceFamily": "m5"})),
        "InvalidParameterCombination"
    );
    assert_eq!(
        code(json!({"InstanceType": Value::Null})),
        "MissingParameter"
    );
    assert_eq!(
        code(json!({"InstanceType": "t3.large"})),
        "UnsupportedOperation"
    );
    assert_eq!(
        code(json!({"AvailabilityZone": "eu-central-1z"})),
        "InvalidZone.NotFound"
    );
    assert_eq!(
        code(json!({"AutoPlacement": "maybe"})),
        "InvalidParameterValue"
    );
    let host = allocate(
        &mut account,
        json!({"InstanceType": "m5.large", "AutoPlacement": "off"}),
    );
    let image = account.public_image();
    let run = |kind: &str, zone: &str, named: bool| {
        let mut place = json!({"Tenancy": "host", "AvailabilityZone": zone});
        if named {
            place["HostId"] = json!(host);
        }
        json!({"ImageId": image, "InstanceType": kind, "Placement": place, "MinCount": 1, "MaxCount": 1})
    };
    for (input, code) in [
        (
            run("m5.large", "eu-central-1a", false),
            "UnavailableHostRequirements",
        ),
        (
            run("m5.xlarge", "eu-central-1a", true),
            "InvalidHostConfiguration",
        ),
        (
            run("m5.large", "eu-central-1b", true),
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(account.code("RunInstances", input), code);
    }
    let modify = json!({"HostIds": [host, "h-0123456789abcdef0"], "AutoPlacement": "on"});
    let answer = account.ok("ModifyHosts", modify);
    assert_eq!(answer["Successful"], json!([host]));
    assert_eq!(
        answer["Unsuccessful"][0]["Error"]["Code"],
        "Client.InvalidHostID.NotFound"
    );
    account.ok("RunInstances", run("m5.large", "eu-central-1a", false));
    let by = |value: &str| json!({"Filter": [{"Name": "auto-placement", "Values": [value]}]});
    assert_eq!(
        account.ok("DescribeHosts", by("on"))["Hosts"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(account.ok("DescribeHosts", by("off"))["Hosts"], json!([]));
    let both = json!({"HostIds": [host], "MaxResults": 5});
    assert_eq!(
        account.code("DescribeHosts", both),
        "InvalidParameterCombination"
    );
}
