//! Rules of capacity reservations (user guide, "Capacity Reservations") and of virtual CPU quotas.

use serde_json::{Value, json};

use crate::compute::{Choices, VirtualCpus};
use crate::testing::{Account, text};

fn reserve(account: &mut Account, count: u32, more: Value) -> String {
    let mut input = json!({"InstanceType": "m5.large", "InstancePlatform": "Linux/UNIX",
                           "AvailabilityZone": "eu-central-1a", "InstanceCount": count});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let made = account.ok("CreateCapacityReservation", input);
    assert_eq!(made["CapacityReservation"]["State"], "active");
    text(&made["CapacityReservation"], "CapacityReservationId")
}

fn run(account: &mut Account, more: Value) -> String {
    let mut input = json!({"InstanceType": "m5.large",
                           "Placement": {"AvailabilityZone": "eu-central-1a"}});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    account.instance(input)
}

fn targeted(id: &str) -> Value {
    let target = json!({"CapacityReservationId": id});
    json!({"CapacityReservationSpecification": {"CapacityReservationTarget": target}})
}

/// Open reservations take in what fits, running instances included; places are taken while an
/// instance runs and given back when it stops or ends.
#[test]
fn open_reservations_are_used_by_what_fits() {
    let mut account = Account::new();
    let before = run(&mut account, json!({}));
    let id = reserve(&mut account, 2, json!({}));
    let left = |account: &Account| account.see(&id)["AvailableInstanceCount"].as_u64().unwrap();
    assert_eq!(account.see(&before)["CapacityReservationId"], id.as_str());
    assert_eq!(left(&account), 1);
    run(&mut account, json!({"InstanceType": "m5.xlarge"}));
    let elsewhere = json!({"Placement": {"AvailabilityZone": "eu-central-1b"}});
    run(&mut account, elsewhere);
    let none =
        json!({"CapacityReservationSpecification": {"CapacityReservationPreference": "none"}});
    run(&mut account, none);
    assert_eq!(left(&account), 1);
    let second = run(&mut account, json!({}));
    assert_eq!(left(&account), 0);
    // There is no more room, so it runs on demand.
    let third = run(&mut account, json!({}));
    assert_eq!(account.see(&third)["CapacityReservationId"], Value::Null);
    account.ok("StopInstances", json!({"InstanceIds": [second]}));
    account.pass(60);
    assert_eq!(left(&account), 1);
    account.ok("StartInstances", json!({"InstanceIds": [second]}));
    assert_eq!(left(&account), 0);
    let usage = account.ok(
        "GetCapacityReservationUsage",
        json!({"CapacityReservationId": id}),
    );
    assert_eq!(usage["InstanceUsages"][0]["UsedInstanceCount"], 2);
    account.ok(
        "TerminateInstances",
        json!({"InstanceIds": [before, second]}),
    );
    account.pass(60);
    assert_eq!(left(&account), 2);
}

/// EC2 error list, `ReservationCapacityExceeded`; a targeted reservation is used by nobody else.
#[test]
fn targets_have_room_or_refuse() {
    let mut account = Account::new();
    let id = reserve(
        &mut account,
        1,
        json!({"InstanceMatchCriteria": "targeted"}),
    );
    let other = run(&mut account, json!({}));
    assert_eq!(account.see(&other)["CapacityReservationId"], Value::Null);
    let first = run(&mut account, targeted(&id));
    assert_eq!(account.see(&first)["CapacityReservationId"], id.as_str());
    let image = account.public_image();
    let mut again = targeted(&id);
    for (name, value) in [
        ("ImageId", json!(image)),
        ("InstanceType", json!("m5.large")),
        ("MinCount", json!(1)),
        ("MaxCount", json!(1)),
        ("Placement", json!({"AvailabilityZone": "eu-central-1a"})),
    ] {
        again[name] = value;
    }
    assert_eq!(
        account.code("RunInstances", again.clone()),
        "ReservationCapacityExceeded"
    );
    account.ok("StopInstances", json!({"InstanceIds": [first]}));
    account.pass(60);
    account.ok("RunInstances", again.clone());
    let start = json!({"InstanceIds": [first]});
    assert_eq!(
        account.code("StartInstances", start.clone()),
        "ReservationCapacityExceeded"
    );
    assert_eq!(account.see(&first)["State"]["Name"], "stopped");
    let open = json!({"InstanceId": first,
        "CapacityReservationSpecification": {"CapacityReservationPreference": "open"}});
    account.ok("ModifyInstanceCapacityReservationAttributes", open.clone());
    account.ok("StartInstances", start);
    account.pass(60);
    assert_eq!(
        account.code("ModifyInstanceCapacityReservationAttributes", open),
        "IncorrectInstanceState"
    );
    again["CapacityReservationSpecification"]["CapacityReservationTarget"]["CapacityReservationId"] =
        json!("cr-0123456789abcdef0");
    assert_eq!(
        account.code("RunInstances", again),
        "InvalidCapacityReservationId.NotFound"
    );
}

/// Cancelled and expired reservations leave their instances running, on demand, and are over.
#[test]
fn reservations_end() {
    let mut account = Account::new();
    let id = reserve(&mut account, 2, json!({}));
    let instance = run(&mut account, json!({}));
    let cancel = json!({"CapacityReservationId": id});
    let modify = |count: u32| json!({"CapacityReservationId": id, "InstanceCount": count});
    account.ok("ModifyCapacityReservation", modify(5));
    assert_eq!(account.see(&id)["AvailableInstanceCount"], 4);
    account.ok("ModifyCapacityReservation", modify(1));
    assert_eq!(
        account.code("ModifyCapacityReservation", modify(0)),
        "InvalidParameterValue"
    );
    account.ok("CancelCapacityReservation", cancel.clone());
    assert_eq!(account.see(&id)["State"], "cancelled");
    assert_eq!(account.see(&instance)["CapacityReservationId"], Value::Null);
    assert_eq!(account.see(&instance)["State"]["Name"], "running");
    for (action, input) in [
        ("CancelCapacityReservation", cancel.clone()),
        ("ModifyCapacityReservation", modify(3)),
    ] {
        assert_eq!(
            account.code(action, input),
            "InvalidCapacityReservationState"
        );
    }
    account.pass(4000);
    assert_eq!(
        account.code("CancelCapacityReservation", cancel),
        "InvalidCapacityReservationId.NotFound"
    );

    let now = account.twin.now();
    let end = |hours: i64| {
        now.plus(sandtable_model::Duration::from_secs(hours * 3600))
            .to_wire()
    };
    let limited = json!({"EndDateType": "limited", "EndDate": end(2)});
    let id = reserve(&mut account, 1, limited);
    let later = json!({"CapacityReservationId": id, "EndDateType": "limited", "EndDate": end(5)});
    account.ok("ModifyCapacityReservation", later);
    account.pass(3 * 3600);
    assert_eq!(account.see(&id)["State"], "active");
    account.pass(2 * 3600 + 1);
    assert_eq!(account.see(&id)["State"], "expired");
    let list = json!({"Filters": [{"Name": "state", "Values": ["expired"]}]});
    let seen = account.ok("DescribeCapacityReservations", list);
    assert_eq!(seen["CapacityReservations"].as_array().unwrap().len(), 1);
}

/// EC2 API reference, CreateCapacityReservation.
#[test]
fn reservations_are_checked() {
    let mut account = Account::new();
    let mut code = |more: Value| {
        let mut input = json!({"InstanceType": "m5.large", "InstancePlatform": "Linux/UNIX",
                               "AvailabilityZone": "eu-central-1a", "InstanceCount": 1});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        account.code("CreateCapacityReservation", input)
    };
    assert_eq!(
        code(json!({"InstancePlatform": "BeOS"})),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(json!({"AvailabilityZone": "eu-central-1z"})),
        "InvalidZone.NotFound"
    );
    assert_eq!(code(json!({"InstanceCount": 0})), "InvalidParameterValue");
    assert_eq!(
        code(json!({"EndDateType": "limited"})),
        "InvalidParameterCombination"
    );
    assert_eq!(
        code(json!({"EndDateType": "limited", "EndDate": "2001-01-01T00:00:00Z"})),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(json!({"EndDate": "2101-01-01T00:00:00Z"})),
        "InvalidParameterCombination"
    );
    assert_eq!(code(json!({"Tenancy": "host"})), "InvalidParameterValue");
    assert_eq!(code(json!({"DryRun": true})), "DryRunOperation");
    assert_eq!(
        code(json!({"EphemeralStorage": true})),
        "UnsupportedOperation"
    );
}

/// Section 5: `VcpuLimitExceeded`, by bucket of families; switched on by a choice.
#[test]
fn virtual_cpus_have_a_quota() {
    let mut account = Account::new();
    let image = account.public_image();
    let run = |kind: &str, count: u32| json!({"ImageId": image, "InstanceType": kind, "MinCount": count, "MaxCount": count});
    account.ok("RunInstances", run("m5.4xlarge", 3));
    account.twin.set_compute_choices(Choices {
        virtual_cpus_on_demand: Some(VirtualCpus {
            standard: 52,
            g: 4,
            ..VirtualCpus::default()
        }),
    });
    account.ok("RunInstances", run("t3.micro", 2));
    let (code, message) = account.refused("RunInstances", run("c5.large", 1));
    assert_eq!(code, "VcpuLimitExceeded");
    assert!(
        message.contains("your current vCPU limit of 52"),
        "{message}"
    );
    account.ok("RunInstances", run("g5.xlarge", 1));
    assert_eq!(
        account.code("RunInstances", run("g5.xlarge", 1)),
        "VcpuLimitExceeded"
    );
}
