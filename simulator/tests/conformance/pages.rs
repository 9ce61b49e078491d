//! Pagination.

use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{ANY, World, filter, nobody};

section! {
    "ec2-semantics", "Pagination";
    range_5_to_1000: "MaxResults of 5 to 1000, where the model says so", "1, Pagination, table, row 1 [B]";
    range_5_to_100: "MaxResults of 5 to 100 for route tables and instance types", "1, Pagination, table, row 2 [B]";
    range_5_to_255: "MaxResults of 5 to 255 for egress-only internet gateways and stale security groups", "1, Pagination, table, row 3 [B]";
    range_1_to_1000: "MaxResults of 1 to 1000 for address attributes and capacity reservations", "1, Pagination, table, row 4 [B]";
    range_1_to_200: "MaxResults of 1 to 200 for launch templates and their versions", "1, Pagination, table, row 5 [B]";
    range_1_to_100: "MaxResults of 1 to 100 for managed prefix lists", "1, Pagination, table, row 6 [B]";
    range_5_to_500: "MaxResults of 5 to 500 for hosts", "1, Pagination, table, row 7 [B]";
    range_up_to_500: "MaxResults of 500 at most for volume modifications", "1, Pagination, table, row 8 [B]";
    capped: "MaxResults beyond 1000 is taken as 1000 for VPC endpoints", "1, Pagination, table, row 9 [B]";
    unconstrained: "MaxResults of 5 to 1000 where the model is silent (older API text)", "1, Pagination, table, row 10 [B]";
    not_paginated: "Addresses, gateways and connections of VPNs, key pairs, placement groups, Regions, zones and Reserved Instances are not paginated", "1, Pagination, table, row 11 [B]";
    not_with_ids: "MaxResults may not stand with ids for DescribeInstances, DescribeInstanceStatus, DescribeNetworkInterfaces and DescribeHosts", "1, Pagination [B]";
    bad_tokens: "A NextToken that AWS did not give is InvalidNextToken", "1, Pagination [E]";
    token_of_another_operation: "A NextToken of another operation is InvalidNextToken", "1, Pagination [E]";
    pages_are_whole: "The pages of a list have everything once, also when entries go in between", "1, Pagination";
    everything_without_max_results: "Without MaxResults everything is returned, and no NextToken", "1, Pagination";
}

/// Both ends of a range are allowed, what is beyond them is not.
#[track_caller]
fn range(world: &mut World, actions: &[(&str, Value)], least: i64, most: i64) {
    for (action, base) in actions {
        let asked = |number: i64| {
            let mut input = base.clone();
            input["MaxResults"] = number.into();
            input
        };
        for number in [least, most] {
            world.ok(action, asked(number));
        }
        for number in [least - 1, most + 1, 0, -1] {
            world.no(action, asked(number), "InvalidParameterValue", "axResults");
        }
    }
}

fn plain(actions: &[&'static str]) -> Vec<(&'static str, Value)> {
    actions.iter().map(|it| (*it, json!({}))).collect()
}

fn range_5_to_1000(world: &mut World) {
    let actions = plain(&[
        "DescribeVpcs",
        "DescribeSubnets",
        "DescribeInternetGateways",
        "DescribeNatGateways",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeSecurityGroupRules",
        "DescribeNetworkAcls",
        "DescribeVpcPeeringConnections",
        "DescribeTransitGateways",
        "DescribeTransitGatewayAttachments",
        "DescribeTransitGatewayVpcAttachments",
        "DescribeDhcpOptions",
        "DescribeTags",
    ]);
    range(world, &actions, 5, 1000);
}

fn range_5_to_100(world: &mut World) {
    range(
        world,
        &plain(&["DescribeRouteTables", "DescribeInstanceTypes"]),
        5,
        100,
    );
}

fn range_5_to_255(world: &mut World) {
    let vpc = world.vpc();
    let mut actions = plain(&["DescribeEgressOnlyInternetGateways"]);
    actions.push(("DescribeStaleSecurityGroups", json!({"VpcId": vpc})));
    range(world, &actions, 5, 255);
}

fn range_1_to_1000(world: &mut World) {
    let attribute = json!({"Attribute": "domain-name"});
    let actions = [
        ("DescribeAddressesAttribute", attribute),
        ("DescribeCapacityReservations", json!({})),
    ];
    range(world, &actions, 1, 1000);
}

fn range_1_to_200(world: &mut World) {
    let data =
        json!({"LaunchTemplateName": "tem", "LaunchTemplateData": {"InstanceType": "t3.micro"}});
    world.ok("CreateLaunchTemplate", data);
    let versions = (
        "DescribeLaunchTemplateVersions",
        json!({"LaunchTemplateName": "tem"}),
    );
    range(
        world,
        &[("DescribeLaunchTemplates", json!({})), versions],
        1,
        200,
    );
}

fn range_1_to_100(world: &mut World) {
    range(world, &plain(&["DescribeManagedPrefixLists"]), 1, 100);
}

fn range_5_to_500(world: &mut World) {
    range(world, &plain(&["DescribeHosts"]), 5, 500);
}

fn range_up_to_500(world: &mut World) {
    world.ok("DescribeVolumesModifications", json!({"MaxResults": 500}));
    let input = json!({"MaxResults": 501});
    world.no(
        "DescribeVolumesModifications",
        input,
        "InvalidParameterValue",
        "axResults",
    );
}

fn capped(world: &mut World) {
    world.ok("DescribeVpcEndpoints", json!({"MaxResults": 5000}));
}

fn unconstrained(world: &mut World) {
    let actions = plain(&[
        "DescribeInstances",
        "DescribeInstanceStatus",
        "DescribeVolumes",
        "DescribeVolumeStatus",
        "DescribeSnapshots",
        "DescribeImages",
        "DescribeFlowLogs",
        "DescribeSpotInstanceRequests",
        "DescribePrefixLists",
    ]);
    range(world, &actions, 5, 1000);
}

fn not_paginated(world: &mut World) {
    for action in [
        "DescribeAddresses",
        "DescribeVpnGateways",
        "DescribeVpnConnections",
        "DescribeCustomerGateways",
        "DescribeKeyPairs",
        "DescribePlacementGroups",
        "DescribeRegions",
        "DescribeAvailabilityZones",
        "DescribeReservedInstances",
    ] {
        world.ok(action, json!({}));
        for parameter in ["MaxResults", "NextToken"] {
            let refusal = world.call(action, json!({parameter: 5})).unwrap_err();
            assert!(refusal.1.contains(parameter), "{action}: {refusal:?}");
        }
    }
}

fn not_with_ids(world: &mut World) {
    let instance = world.instance(json!({}));
    let interface = super::world::text(
        &world.see_instance(&instance),
        "/NetworkInterfaces/0/NetworkInterfaceId",
    );
    let zone = world.zone('a');
    let input = json!({"InstanceType": "m5.large", "Quantity": 1, "AvailabilityZone": zone});
    let host = world.make("AllocateHosts", input, "/HostIds/0");
    for (action, member, id) in [
        ("DescribeInstances", "InstanceIds", &instance),
        ("DescribeInstanceStatus", "InstanceIds", &instance),
        (
            "DescribeNetworkInterfaces",
            "NetworkInterfaceIds",
            &interface,
        ),
        ("DescribeHosts", "HostIds", &host),
    ] {
        world.ok(action, json!({member: [id]}));
        let input = json!({member: [id], "MaxResults": 10});
        world.no(action, input, "InvalidParameterCombination", ANY);
    }
    let volume = world.volume();
    world.ok(
        "DescribeVolumes",
        json!({"VolumeIds": [volume], "MaxResults": 10}),
    );
}

fn bad_tokens(world: &mut World) {
    for action in [
        "DescribeInstances",
        "DescribeVolumes",
        "DescribeSnapshots",
        "DescribeVpcs",
        "DescribeSubnets",
        "DescribeTags",
        "DescribeSecurityGroupRules",
        "DescribeLaunchTemplates",
        "DescribeNatGateways",
        "DescribeVolumesModifications",
        "DescribeVolumeStatus",
        "DescribeManagedPrefixLists",
        "DescribeInstanceTypes",
    ] {
        for token in ["x", "00000000", "é", "AAAAAAAAAAAA", ""] {
            let input = json!({"NextToken": token});
            if token.is_empty() {
                continue;
            }
            world.no(action, input, "InvalidNextToken", ANY);
        }
    }
}

fn volumes(world: &mut World, count: usize) -> Vec<String> {
    (0..count).map(|_| world.volume()).collect()
}

fn token_of_another_operation(world: &mut World) {
    volumes(world, 6);
    let page = world.ok("DescribeVolumes", json!({"MaxResults": 5}));
    for action in [
        "DescribeSnapshots",
        "DescribeVpcs",
        "DescribeTags",
        "DescribeVolumeStatus",
    ] {
        let input = json!({"NextToken": page["NextToken"], "MaxResults": 5});
        world.no(action, input, "InvalidNextToken", ANY);
    }
}

fn pages_are_whole(world: &mut World) {
    let mut all = volumes(world, 17);
    all.sort_unstable();
    let mut input = json!({"MaxResults": 5, "Filters": filter("size", &["8"])});
    let mut seen = Vec::new();
    loop {
        let page = world.ok("DescribeVolumes", input.clone());
        let volumes = page["Volumes"].as_array().unwrap();
        assert!(volumes.len() <= 5);
        seen.extend(
            volumes
                .iter()
                .map(|it| it["VolumeId"].as_str().unwrap().to_owned()),
        );
        let Some(token) = page.get("NextToken") else {
            break;
        };
        input["NextToken"] = token.clone();
        // What was shown may go; nothing that is left is missed or told twice.
        let gone = seen.last().unwrap();
        world.ok("DeleteVolume", json!({"VolumeId": gone}));
        world.pass(600);
    }
    seen.sort_unstable();
    assert_eq!(seen, all);
}

fn everything_without_max_results(world: &mut World) {
    volumes(world, 30);
    let answer = world.ok("DescribeVolumes", json!({}));
    assert_eq!(answer["Volumes"].as_array().unwrap().len(), 30);
    assert!(answer.get("NextToken").is_none_or(Value::is_null));
    let input = json!({"VolumeIds": [nobody("vol")]});
    world.no("DescribeVolumes", input, "InvalidVolume.NotFound", ANY);
}
