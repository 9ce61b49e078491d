//! Flow logs: facts: ec2-semantics.md, section 2, flow log; EC2 API reference.

use serde_json::{Value, json};

use super::{World, interface, subnet, text, vpc};

fn to_bucket(kind: &str, ids: &[&str]) -> Value {
    json!({"ResourceType": kind, "ResourceIds": ids, "TrafficType": "ALL",
           "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs/vpc/"})
}

fn make(world: &mut World, kind: &str, id: &str) -> String {
    let made = world.ok("CreateFlowLogs", to_bucket(kind, &[id]));
    assert_eq!(made["Unsuccessful"], json!([]));
    text(&made, "/FlowLogIds/0")
}

#[test]
fn a_flow_log_is_described_as_it_was_made() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let mut input = to_bucket("VPC", &[&vpc]);
    input["ClientToken"] = json!("once");
    input["DestinationOptions"] = json!({"FileFormat": "parquet", "PerHourPartition": true});
    let made = world.ok("CreateFlowLogs", input.clone());
    assert_eq!(
        world.ok("CreateFlowLogs", input)["FlowLogIds"],
        made["FlowLogIds"]
    );
    let seen = world.one(
        "DescribeFlowLogs",
        json!({"FlowLogIds": made["FlowLogIds"]}),
    );
    for (path, value) in [
        ("/FlowLogStatus", "ACTIVE"),
        ("/DeliverLogsStatus", "SUCCESS"),
        ("/ResourceId", vpc.as_str()),
        ("/TrafficType", "ALL"),
        ("/LogDestinationType", "s3"),
        ("/LogDestination", "arn:aws:s3:::logs/vpc/"),
        ("/MaxAggregationInterval", "600"),
        ("/DestinationOptions/FileFormat", "parquet"),
        ("/DestinationOptions/PerHourPartition", "true"),
        ("/DestinationOptions/HiveCompatiblePartitions", "false"),
    ] {
        assert_eq!(text(&seen, path), value, "{path}");
    }
    assert!(text(&seen, "/LogFormat").starts_with("${version} ${account-id}"));
    for (name, value, count) in [
        ("resource-id", vpc.as_str(), 1),
        ("log-destination-type", "s3", 1),
        ("log-group-name", "g", 0),
        ("traffic-type", "REJECT", 0),
        ("deliver-log-status", "SUCCESS", 1),
        ("flow-log-id", "fl-*", 1),
    ] {
        let filter = json!({"Filter": [{"Name": name, "Values": [value]}]});
        assert_eq!(world.all("DescribeFlowLogs", filter).len(), count, "{name}");
    }
}

// moto 5 and <https://github.com/getmoto/moto/issues/6369>: the same records to the same place are
// refused, to another place they are not.
#[test]
fn the_same_records_to_the_same_place_once() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    make(&mut world, "VPC", &vpc);
    let message = "There is an existing Flow Log with the same configuration and log destination.";
    let again = to_bucket("VPC", &[&vpc]);
    world.refused(
        "CreateFlowLogs",
        again.clone(),
        "FlowLogAlreadyExists",
        message,
    );
    let mut other = again;
    other["LogDestination"] = json!("arn:aws:s3:::elsewhere");
    world.ok("CreateFlowLogs", other);
}

// EC2 API reference, CreateFlowLogs: `Unsuccessful`.
#[test]
fn what_is_wrong_with_one_resource_is_told_of_it() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let nobody = "vpc-0123456789abcdef0";
    let made = world.ok("CreateFlowLogs", to_bucket("VPC", &[nobody, &vpc]));
    assert_eq!(made["FlowLogIds"].as_array().unwrap().len(), 1);
    assert_eq!(text(&made, "/Unsuccessful/0/ResourceId"), nobody);
    assert_eq!(
        text(&made, "/Unsuccessful/0/Error/Code"),
        "InvalidVpcID.NotFound"
    );
    let wrong = to_bucket("Subnet", &[&vpc]);
    world.refused("CreateFlowLogs", wrong, "InvalidSubnetID.Malformed", &vpc);
}

#[test]
fn what_goes_together() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let with = |changes: &[(&str, Value)]| {
        let mut input = to_bucket("VPC", &[&vpc]);
        for (member, value) in changes {
            input[*member] = value.clone();
        }
        input
    };
    let logs = json!("cloud-watch-logs");
    let null = Value::Null;
    let role = json!("arn:aws:iam::123456789012:role/logs");
    let refusals: &[(&[(&str, Value)], &str)] = &[
        (&[("ResourceIds", json!([]))], "MissingParameter"),
        (
            &[("ResourceType", json!("Instance"))],
            "InvalidParameterValue",
        ),
        (&[("TrafficType", null.clone())], "MissingParameter"),
        (&[("TrafficType", json!("SOME"))], "InvalidParameterValue"),
        (&[("MaxAggregationInterval", json!(61))], "InvalidParameter"),
        (&[("LogDestination", null.clone())], "InvalidParameter"),
        (
            &[("LogDestination", json!("bucket"))],
            "InvalidParameterValue",
        ),
        (&[("LogGroupName", json!("g"))], "InvalidParameter"),
        (
            &[
                ("LogDestinationType", logs.clone()),
                ("LogDestination", null.clone()),
            ],
            "InvalidParameter",
        ),
        (
            &[
                ("LogDestinationType", logs.clone()),
                ("LogDestination", null.clone()),
                ("LogGroupName", json!("g")),
            ],
            "InvalidParameter",
        ),
        (
            &[
                ("LogDestinationType", json!("kinesis-data-firehose")),
                (
                    "LogDestination",
                    json!("arn:aws:firehose:r:1:deliverystream/d"),
                ),
                ("DestinationOptions", json!({"FileFormat": "parquet"})),
            ],
            "InvalidParameter",
        ),
        (
            &[("DestinationOptions", json!({"FileFormat": "csv"}))],
            "InvalidParameterValue",
        ),
        (
            &[("TagFieldSpecifications", json!([]))],
            "UnsupportedOperation",
        ),
        (&[("DryRun", json!(true))], "DryRunOperation"),
    ];
    for (changes, code) in refusals {
        world.refused("CreateFlowLogs", with(changes), code, "");
    }
    let made = world.ok(
        "CreateFlowLogs",
        with(&[
            ("LogDestinationType", logs),
            (
                "LogDestination",
                json!("arn:aws:logs:eu-central-1:1:log-group:flows:*"),
            ),
            ("DeliverLogsPermissionArn", role),
        ]),
    );
    let seen = world.one(
        "DescribeFlowLogs",
        json!({"FlowLogIds": made["FlowLogIds"]}),
    );
    assert_eq!(text(&seen, "/LogGroupName"), "flows");
    assert!(seen["DestinationOptions"].is_null());
}

// facts: section 2: NotFound per item on delete; section 3: per-item result.
#[test]
fn deletion_is_told_per_item() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let log = make(&mut world, "VPC", &vpc);
    let nobody = "fl-0123456789abcdef0";
    let gone = world.ok("DeleteFlowLogs", json!({"FlowLogIds": [nobody, log]}));
    assert_eq!(gone["Unsuccessful"].as_array().unwrap().len(), 1);
    assert_eq!(text(&gone, "/Unsuccessful/0/ResourceId"), nobody);
    assert_eq!(
        text(&gone, "/Unsuccessful/0/Error/Code"),
        "InvalidFlowLogId.NotFound"
    );
    let ids = json!({"FlowLogIds": [log]});
    world.refused("DescribeFlowLogs", ids, "InvalidFlowLogId.NotFound", &log);
    world.refused("DeleteFlowLogs", json!({}), "MissingParameter", "FlowLogId");
    let bad = json!({"FlowLogIds": ["flow"]});
    world.refused("DeleteFlowLogs", bad, "InvalidParameterValue", "flow");
}

// EC2 API reference, DeleteVpc: flow logs of a deleted VPC "are eventually automatically removed";
// they keep nothing from being deleted.
#[test]
fn flow_logs_go_after_what_they_record() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let interface = interface(&mut world, &subnet);
    make(&mut world, "NetworkInterface", &interface);
    make(&mut world, "Subnet", &subnet);
    make(&mut world, "VPC", &vpc);
    world.ok(
        "DeleteNetworkInterface",
        json!({"NetworkInterfaceId": interface}),
    );
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
    assert_eq!(world.all("DescribeFlowLogs", json!({})).len(), 3);
    world.wait(2 * 3600);
    assert_eq!(world.all("DescribeFlowLogs", json!({})).len(), 0);
    assert!(world.twin.diff().is_empty());
}
