//! Rules of placement groups and of where instances run.

use serde_json::{Value, json};

use crate::testing::{Account, text};

fn in_group(name: &str) -> Value {
    json!({"InstanceType": "m5.large", "Placement": {"GroupName": name}})
}

/// Section 3, Placement group: in use while a member is not terminated, terminating ones included;
/// section 2: `InvalidPlacementGroup.Unknown`.
#[test]
fn groups_stay_while_they_have_members() {
    let mut account = Account::new();
    let delete = json!({"GroupName": "fast"});
    let (code, message) = account.refused("DeletePlacementGroup", delete.clone());
    assert_eq!(code, "InvalidPlacementGroup.Unknown");
    assert_eq!(message, "The Placement Group 'fast' is unknown.");
    let made = account.ok(
        "CreatePlacementGroup",
        json!({"GroupName": "fast", "Strategy": "cluster"}),
    );
    let id = text(&made["PlacementGroup"], "GroupId");
    assert_eq!(made["PlacementGroup"]["State"], "available");
    assert_eq!(
        account.code("CreatePlacementGroup", json!({"GroupName": "fast"})),
        "InvalidPlacementGroup.Duplicate"
    );
    let instance = account.instance(in_group("fast"));
    assert_eq!(account.see(&instance)["Placement"]["GroupId"], id.as_str());
    let named = json!({"InstanceIds": [instance]});
    for action in ["StopInstances", "TerminateInstances"] {
        account.ok(action, named.clone());
        let (code, message) = account.refused("DeletePlacementGroup", delete.clone());
        assert_eq!(code, "InvalidPlacementGroup.InUse", "{action}");
        assert_eq!(
            message,
            "The placement group 'fast' is in use and may not be deleted."
        );
    }
    account.pass(60);
    account.ok("DeletePlacementGroup", delete.clone());
    assert_eq!(account.see(&id)["State"], "deleting");
    account.pass(30);
    assert_eq!(
        account.code("DeletePlacementGroup", delete),
        "InvalidPlacementGroup.Unknown"
    );
    let image = account.public_image();
    let mut late = in_group("fast");
    for (name, value) in [
        ("ImageId", json!(image)),
        ("MinCount", json!(1)),
        ("MaxCount", json!(1)),
    ] {
        late[name] = value;
    }
    assert_eq!(
        account.code("RunInstances", late),
        "InvalidPlacementGroup.Unknown"
    );
}

/// User guide, "Placement strategies": which types a cluster takes, seven running instances of a
/// spread group in a zone, up to seven partitions that are filled evenly.
#[test]
fn strategies_have_their_limits() {
    let mut account = Account::new();
    let image = account.public_image();
    let create = |name: &str, more: Value| {
        let mut input = json!({"GroupName": name});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    for (input, code) in [
        (
            create("x", json!({"Strategy": "round"})),
            "InvalidParameterValue",
        ),
        (
            create("x", json!({"Strategy": "partition", "PartitionCount": 8})),
            "InvalidParameterValue",
        ),
        (
            create("x", json!({"Strategy": "spread", "PartitionCount": 2})),
            "InvalidParameterCombination",
        ),
        (
            create("x", json!({"Strategy": "spread", "SpreadLevel": "host"})),
            "UnsupportedOperation",
        ),
    ] {
        assert_eq!(account.code("CreatePlacementGroup", input), code);
    }
    account.ok("CreatePlacementGroup", create("cluster", json!({})));
    account.ok(
        "CreatePlacementGroup",
        create("spread", json!({"Strategy": "spread"})),
    );
    account.ok(
        "CreatePlacementGroup",
        create(
            "parts",
            json!({"Strategy": "partition", "PartitionCount": 3}),
        ),
    );
    let run = |kind: &str, place: Value, count: u32| {
        json!({"ImageId": image, "InstanceType": kind, "Placement": place,
               "MinCount": count, "MaxCount": count})
    };
    let unfit = run("t3.micro", json!({"GroupName": "cluster"}), 1);
    assert_eq!(
        account.code("RunInstances", unfit),
        "InvalidParameterCombination"
    );
    let eight = run("m5.large", json!({"GroupName": "spread"}), 8);
    assert_eq!(
        account.code("RunInstances", eight),
        "InsufficientInstanceCapacity"
    );
    let seven = run("m5.large", json!({"GroupName": "spread"}), 7);
    let seven = account.ok("RunInstances", seven);
    account.pass(60);
    let one_more = run("m5.large", json!({"GroupName": "spread"}), 1);
    assert_eq!(
        account.code("RunInstances", one_more.clone()),
        "InsufficientInstanceCapacity"
    );
    let first = json!({"InstanceIds": [seven["Instances"][0]["InstanceId"]]});
    account.ok("StopInstances", first.clone());
    account.pass(60);
    account.ok("RunInstances", one_more);
    assert_eq!(
        account.code("StartInstances", first),
        "InsufficientInstanceCapacity"
    );
    let spread = account.ok(
        "RunInstances",
        run("m5.large", json!({"GroupName": "parts"}), 6),
    );
    let mut parts: Vec<u64> = spread["Instances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["Placement"]["PartitionNumber"].as_u64().unwrap())
        .collect();
    parts.sort_unstable();
    assert_eq!(parts, [1, 1, 2, 2, 3, 3]);
    for (place, code) in [
        (
            json!({"GroupName": "parts", "PartitionNumber": 4}),
            "InvalidParameterValue",
        ),
        (
            json!({"GroupName": "cluster", "PartitionNumber": 1}),
            "InvalidParameterCombination",
        ),
        (json!({"PartitionNumber": 1}), "InvalidParameterCombination"),
        (
            json!({"GroupId": "pg-0123456789abcdef0"}),
            "InvalidPlacementGroup.Unknown",
        ),
        (json!({"Tenancy": "alone"}), "InvalidParameterValue"),
    ] {
        let input = run("m5.large", place.clone(), 1);
        assert_eq!(account.code("RunInstances", input), code, "{place}");
    }
}

/// EC2 API reference, ModifyInstancePlacement: only while stopped; an empty name leaves the group.
#[test]
fn placement_changes_while_stopped() {
    let mut account = Account::new();
    account.ok("CreatePlacementGroup", json!({"GroupName": "fast"}));
    let id = account.instance(json!({"InstanceType": "m5.large"}));
    let enter = json!({"InstanceId": id, "GroupName": "fast"});
    assert_eq!(
        account.code("ModifyInstancePlacement", enter.clone()),
        "IncorrectInstanceState"
    );
    account.ok("StopInstances", json!({"InstanceIds": [id]}));
    account.pass(60);
    account.ok("ModifyInstancePlacement", enter);
    assert_eq!(
        account.code("DeletePlacementGroup", json!({"GroupName": "fast"})),
        "InvalidPlacementGroup.InUse"
    );
    let burst = json!({"InstanceId": id, "InstanceType": {"Value": "t3.micro"}});
    assert_eq!(
        account.code("ModifyInstanceAttribute", burst),
        "InvalidParameterCombination"
    );
    let tenancy = json!({"InstanceId": id, "Tenancy": "host"});
    assert_eq!(
        account.code("ModifyInstancePlacement", tenancy),
        "InvalidTenancy"
    );
    account.ok(
        "ModifyInstancePlacement",
        json!({"InstanceId": id, "GroupName": ""}),
    );
    account.ok("DeletePlacementGroup", json!({"GroupName": "fast"}));
}
