//! Request quotas.

use sandtable_model::Duration;
use sandtable_simulator::TwinOptions;
use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{World, nobody};

section! {
    "ec2-throttling", "Request quotas";
    refusal: "Over the limit a call is RequestLimitExceeded: Request limit exceeded.", "Model [T, R]";
    buckets_are_apart: "Each action has a bucket of its own, in each Region", "Model [T]";
    refill: "Tokens come back at a fixed rate up to the maximum: 100 tokens at 20 a second are there again after five seconds", "Model, worked example [T]";
    fractions: "Rates may be fractions of a token a second", "Model [T]";
    every_request_counts: "Requests that are refused for other reasons take a token, too", "Model [T]";
    categories: "Reads have 100 and 20, mutating and resource-intensive actions 50 and 5", "Default request buckets [T]";
    broad_reads: "Seven reads without filter and pagination have 50 and 10", "Default request buckets [T]";
    exceptions: "Actions with numbers of their own", "Per-action exceptions [T]";
    not_listed: "StopInstances, ReleaseAddress, DeleteVpc and others not listed are mutating, 50 and 5", "Per-action exceptions, Not listed [T]";
    resource_buckets: "RunInstances, StartInstances, StopInstances and TerminateInstances also take a token for each instance, of 1000", "Resource buckets [T]";
}

fn quotas() -> World {
    World::of(TwinOptions {
        call_time: Duration::ZERO,
        quotas: true,
        ..TwinOptions::default()
    })
}

/// How many calls in a row are not throttled.
fn burst(world: &mut World, action: &str, input: &Value) -> usize {
    (0..2000)
        .take_while(|_| match world.call(action, input.clone()) {
            Err((code, message)) if code == "RequestLimitExceeded" => {
                assert_eq!(message, "Request limit exceeded.");
                false
            }
            _ => true,
        })
        .count()
}

#[track_caller]
fn bucket(action: &str, input: Value, most: usize, in_ten_seconds: usize) {
    let mut world = quotas();
    assert_eq!(burst(&mut world, action, &input), most, "{action}");
    world.pass(10);
    let refilled = in_ten_seconds.min(most);
    assert_eq!(burst(&mut world, action, &input), refilled, "{action}");
}

fn refusal(_: &mut World) {
    let mut world = quotas();
    assert_eq!(burst(&mut world, "DescribeVpcs", &json!({})), 100);
    let message = "Request limit exceeded.";
    world.no("DescribeVpcs", json!({}), "RequestLimitExceeded", message);
    // A rehearsal without quotas is not throttled.
    assert_eq!(burst(&mut World::new(), "DescribeVpcs", &json!({})), 2000);
}

fn buckets_are_apart(_: &mut World) {
    let mut world = quotas();
    burst(&mut world, "DescribeVpcs", &json!({}));
    assert_eq!(burst(&mut world, "DescribeSubnets", &json!({})), 100);
    world.go("us-east-1");
    assert_eq!(burst(&mut world, "DescribeVpcs", &json!({})), 100);
}

fn refill(_: &mut World) {
    let mut world = quotas();
    burst(&mut world, "DescribeVpcs", &json!({}));
    world.pass(1);
    assert_eq!(burst(&mut world, "DescribeVpcs", &json!({})), 20);
    world.pass(5);
    assert_eq!(burst(&mut world, "DescribeVpcs", &json!({})), 100);
    world.pass(3600);
    assert_eq!(burst(&mut world, "DescribeVpcs", &json!({})), 100);
}

fn fractions(_: &mut World) {
    let mut world = quotas();
    let input = json!({"VpcEndpointIds": [nobody("vpce")]});
    assert_eq!(burst(&mut world, "DeleteVpcEndpoints", &input), 4);
    for (seconds, calls) in [(3, 0), (1, 1), (10, 3)] {
        world.pass(seconds);
        assert_eq!(
            burst(&mut world, "DeleteVpcEndpoints", &input),
            calls,
            "{seconds} s"
        );
    }
}

fn every_request_counts(_: &mut World) {
    let mut world = quotas();
    let dry = json!({"VolumeId": nobody("vol"), "DryRun": true});
    assert_eq!(burst(&mut world, "DeleteVolume", &dry), 100);
}

fn categories(_: &mut World) {
    let nothing = json!({});
    bucket("DescribeSubnets", nothing.clone(), 100, 200);
    bucket("GetEbsEncryptionByDefault", nothing.clone(), 100, 200);
    bucket("SearchTransitGatewayRoutes", nothing.clone(), 100, 200);
    bucket("ListSnapshotsInRecycleBin", nothing.clone(), 100, 200);
    bucket("DeleteSubnet", nothing.clone(), 50, 50);
    for action in [
        "AcceptVpcPeeringConnection",
        "AuthorizeSecurityGroupIngress",
        "CancelSpotInstanceRequests",
        "CreateKeyPair",
        "CreateVpcPeeringConnection",
        "DeleteVpcPeeringConnection",
        "RejectVpcPeeringConnection",
        "RevokeSecurityGroupIngress",
    ] {
        bucket(action, nothing.clone(), 50, 50);
    }
}

fn broad_reads(_: &mut World) {
    for action in [
        "DescribeInstances",
        "DescribeInstanceStatus",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeSnapshots",
        "DescribeSpotInstanceRequests",
        "DescribeVolumes",
    ] {
        bucket(action, json!({}), 50, 100);
        let filters = json!([{"Name": "tag-key", "Values": ["x"]}]);
        bucket(action, json!({"Filters": filters}), 100, 200);
        bucket(action, json!({"MaxResults": 10}), 100, 200);
    }
}

fn exceptions(_: &mut World) {
    for (action, most, in_ten_seconds) in [
        ("TerminateInstances", 100, 50),
        ("RunInstances", 5, 20),
        ("StartInstances", 5, 20),
        ("CreateVolume", 100, 50),
        ("DeleteVolume", 100, 50),
        ("CreateSnapshot", 100, 50),
        ("CreateSnapshots", 100, 50),
        ("DeleteSnapshot", 100, 50),
        ("DeregisterImage", 100, 50),
        ("CopyImage", 100, 10),
        ("CreateNetworkInterface", 100, 50),
        ("DeleteNetworkInterface", 100, 50),
        ("CreateNatGateway", 10, 10),
        ("DeleteNatGateway", 10, 10),
        ("CreateVpcEndpoint", 4, 3),
        ("DeleteVpcEndpoints", 4, 3),
        ("ModifyVpcEndpoint", 4, 3),
        ("CreateVpcEndpointServiceConfiguration", 10, 10),
        ("DeleteVpcEndpointServiceConfigurations", 10, 10),
        ("AcceptVpcEndpointConnections", 10, 10),
        ("RejectVpcEndpointConnections", 10, 10),
        ("CreateTags", 100, 100),
        ("DeleteTags", 100, 100),
        ("AssociateNatGatewayAddress", 10, 10),
        ("DisassociateNatGatewayAddress", 10, 10),
        ("AssignPrivateIpAddresses", 100, 50),
        ("UnassignPrivateIpAddresses", 100, 50),
        ("AssignIpv6Addresses", 100, 50),
        ("AssignPrivateNatGatewayAddress", 10, 10),
        ("UnassignPrivateNatGatewayAddress", 10, 10),
        ("ModifyNetworkInterfaceAttribute", 100, 50),
        ("ModifySnapshotAttribute", 100, 50),
        ("ModifyImageAttribute", 100, 50),
        ("ModifyLaunchTemplate", 100, 50),
        ("ModifyInstanceMetadataOptions", 100, 50),
        ("CreateLaunchTemplateVersion", 100, 50),
        ("CreateDefaultVpc", 1, 10),
        ("CreateDefaultSubnet", 1, 10),
        ("CreateSubnetCidrReservation", 5, 10),
        ("DeleteSubnetCidrReservation", 5, 10),
        ("AssociateIamInstanceProfile", 100, 50),
        ("DisassociateIamInstanceProfile", 100, 50),
        ("MoveAddressToVpc", 1, 10),
        ("DescribeMovingAddresses", 1, 10),
        ("DescribeSecurityGroupReferences", 20, 50),
        ("DescribeStaleSecurityGroups", 20, 50),
        ("CreateStoreImageTask", 50, 1),
        ("CreateRestoreImageTask", 50, 1),
        ("DescribeStoreImageTasks", 50, 5),
        ("EnableSnapshotBlockPublicAccess", 1, 1),
        ("DisableSnapshotBlockPublicAccess", 1, 1),
        ("EnableImageBlockPublicAccess", 1, 1),
        ("DisableImageBlockPublicAccess", 1, 1),
        ("ModifyInstanceMetadataDefaults", 2, 20),
    ] {
        bucket(action, json!({}), most, in_ten_seconds);
    }
}

fn not_listed(_: &mut World) {
    for action in [
        "StopInstances",
        "ReleaseAddress",
        "DisassociateAddress",
        "DeleteVpc",
        "DeleteSubnet",
        "DeleteSecurityGroup",
        "DeleteInternetGateway",
        "DetachVolume",
        "DeleteFlowLogs",
        "DeleteTransitGateway",
        "DeleteVpnConnection",
        "DeleteKeyPair",
    ] {
        bucket(action, json!({}), 50, 50);
    }
}

fn resource_buckets(_: &mut World) {
    for (action, refill) in [
        ("StopInstances", 20),
        ("TerminateInstances", 20),
        ("StartInstances", 2),
    ] {
        let mut world = quotas();
        let many = |count: usize| {
            let ids: Vec<String> = (0..count).map(|it| format!("i-{it:017x}")).collect();
            json!({"InstanceIds": ids})
        };
        let throttled = |world: &mut World, count: usize| {
            let (code, _) = world.call(action, many(count)).unwrap_err();
            code == "RequestLimitExceeded"
        };
        assert!(!throttled(&mut world, 1000), "{action}");
        assert!(throttled(&mut world, 1), "{action}");
        world.pass(1);
        assert!(throttled(&mut world, refill + 1), "{action}");
        assert!(!throttled(&mut world, refill), "{action}");
    }
    let mut world = quotas();
    let run = |least: usize| json!({"ImageId": nobody("ami"), "InstanceType": "t3.micro", "MinCount": least, "MaxCount": least});
    assert_eq!(
        world.call("RunInstances", run(1000)).unwrap_err().0,
        "InvalidAMIID.NotFound"
    );
    assert_eq!(
        world.call("RunInstances", run(1)).unwrap_err().0,
        "RequestLimitExceeded"
    );
}
