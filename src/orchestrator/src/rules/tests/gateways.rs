use sandtable_model::{Confidence, GuardOutcome, Kind};
use serde_json::json;

use crate::testing::{Estate, client, network};

fn empty_vpc() -> Estate {
    Estate::of(network())
}

/// The network with an instance's interface in the public subnet: the VPC is busy.
fn busy_vpc() -> Estate {
    let mut resources = network();
    resources.push(client("eni-web", "subnet-a"));
    Estate::of(resources)
}

#[test]
fn g1_and_g2_flag_an_empty_vpc() {
    let estate = empty_vpc();
    assert_eq!(estate.findings(), ["G1/vpc-1", "G2/vpc-1"]);
    let finding = estate.finding("G1/vpc-1");
    assert_eq!(finding.saving_usd_month.unwrap().to_string(), "36.50");
    assert_eq!(finding.confidence, Confidence::High);
    assert_eq!(
        estate
            .finding("G2/vpc-1")
            .saving_usd_month
            .unwrap()
            .to_string(),
        "0.00"
    );
}

#[test]
fn g1_leaves_a_central_egress_vpc() {
    let mut estate = empty_vpc();
    let attachment = json!({"NetworkInterfaceId": "eni-tgw", "VpcId": "vpc-1",
        "SubnetId": "subnet-b", "InterfaceType": "transit_gateway", "Status": "in-use",
        "Description": "Network Interface for Transit Gateway Attachment tgw-attach-1"});
    estate.add(Kind::NetworkInterface, attachment);
    assert!(estate.findings().is_empty());
    assert_eq!(
        estate.guard("G1", "vpc-1").as_deref(),
        Some("central egress VPC")
    );
    // The rule over the gateway alone must not flag it either.
    assert_eq!(
        estate.guard("G5", "nat-1").as_deref(),
        Some("other networks route through")
    );
}

#[test]
fn g1_leaves_what_other_networks_reach() {
    for target in [
        json!({"TransitGatewayId": "tgw-1"}),
        json!({"VpcPeeringConnectionId": "pcx-1"}),
        json!({"GatewayId": "vgw-1"}),
        json!({"CoreNetworkArn": "arn:aws:networkmanager::1:core-network/x"}),
    ] {
        let mut estate = empty_vpc();
        let mut route = target.clone();
        route["DestinationCidrBlock"] = "10.9.0.0/16".into();
        let all = json!([{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}, route]);
        estate.set("rtb-a", json!({"Routes": all}));
        assert_eq!(
            estate.guard("G1", "vpc-1").as_deref(),
            Some("central egress VPC"),
            "{target}"
        );
    }
    let mut estate = empty_vpc();
    estate.set(
        "rtb-main",
        json!({"PropagatingVgws": [{"GatewayId": "vgw-1"}]}),
    );
    assert_eq!(
        estate.guard("G1", "vpc-1").as_deref(),
        Some("central egress VPC")
    );
}

#[test]
fn g1_leaves_what_is_scaled_to_zero() {
    let group = |max: u32| {
        json!({"AutoScalingGroupId": "asg-web", "AutoScalingGroupName": "web", "MinSize": 0,
               "MaxSize": max, "DesiredCapacity": 0, "VPCZoneIdentifier": "subnet-x, subnet-b"})
    };
    let mut estate = empty_vpc();
    estate.add(Kind::AutoScalingGroup, group(4));
    assert!(estate.findings().is_empty());
    assert_eq!(
        estate.guard("G1", "vpc-1").as_deref(),
        Some("scale to zero")
    );
    assert_eq!(
        estate.guard("G5", "nat-1").as_deref(),
        Some("scale to zero")
    );
    estate.add(Kind::AutoScalingGroup, group(0));
    assert_eq!(estate.findings(), ["G1/vpc-1", "G2/vpc-1"]);
}

#[test]
fn unknown_auto_scaling_groups_lower_the_confidence() {
    let mut estate = empty_vpc();
    estate.unseen(Kind::AutoScalingGroup);
    let finding = estate.finding("G1/vpc-1");
    assert_eq!(finding.confidence, Confidence::Medium);
    assert!(
        finding
            .guards
            .iter()
            .any(|it| it.outcome == GuardOutcome::Unknown)
    );
}

#[test]
fn g1_says_nothing_without_all_interfaces() {
    let needed = [
        Kind::NetworkInterface,
        Kind::RouteTable,
        Kind::Subnet,
        Kind::NatGateway,
    ];
    for kind in needed {
        let mut estate = empty_vpc();
        estate.unseen(kind);
        assert!(
            !estate.findings().contains(&"G1/vpc-1".to_owned()),
            "{kind}"
        );
        assert_eq!(
            estate.guard("G1", "vpc-1").as_deref(),
            Some("missing data"),
            "{kind}"
        );
        assert!(
            estate
                .understand()
                .not_evaluated
                .iter()
                .any(|it| it.starts_with("G1: "))
        );
    }
    let mut estate = empty_vpc();
    estate.unseen(Kind::NetworkInterface);
    assert!(estate.findings().is_empty(), "nor does G5");
}

#[test]
fn a_listing_that_contradicts_itself_is_not_complete() {
    for missing in ["rtb-main", "eni-nat"] {
        let mut estate = empty_vpc();
        estate.remove(missing);
        assert!(
            estate.findings().is_empty(),
            "{missing}: {:?}",
            estate.findings()
        );
        assert_eq!(
            estate.guard("G1", "vpc-1").as_deref(),
            Some("missing data"),
            "{missing}"
        );
    }
}

#[test]
fn g1_leaves_what_is_young_pending_or_owned() {
    let stack = json!({"Tags": {"aws:cloudformation:stack-id": "arn:x"}});
    let young = json!({"CreateTime": empty_vpc().days_ago(2)});
    let cases = [
        ("nat-1", young, "age"),
        ("nat-1", stack.clone(), "managed by something else"),
        ("vpc-1", stack.clone(), "managed by something else"),
        ("rtb-b", stack, "managed by something else"),
        (
            "vpc-1",
            json!({"OwnerId": "999999999999"}),
            "another account's",
        ),
    ];
    for (id, change, guard) in cases {
        let mut estate = empty_vpc();
        estate.set(id, change.clone());
        assert!(
            !estate.findings().contains(&"G1/vpc-1".to_owned()),
            "{id} {change}"
        );
        assert_eq!(
            estate.guard("G1", "vpc-1").as_deref(),
            Some(guard),
            "{id} {change}"
        );
    }
    let mut estate = empty_vpc();
    let second = json!({"NatGatewayId": "nat-2", "VpcId": "vpc-1", "SubnetId": "subnet-a",
                        "State": "pending"});
    estate.add(Kind::NatGateway, second);
    assert_eq!(estate.guard("G1", "vpc-1").as_deref(), Some("being set up"));
}

#[test]
fn a_stopped_instance_keeps_its_vpc() {
    let mut estate = busy_vpc();
    assert!(!estate.findings().contains(&"G1/vpc-1".to_owned()));
    estate.set("eni-web", json!({"Status": "available"}));
    assert!(
        estate.findings().contains(&"G1/vpc-1".to_owned()),
        "an unattached one does not"
    );
    let instance = json!({"InstanceId": "i-1", "InstanceType": "t3.nano", "VpcId": "vpc-1",
                          "State": {"Code": 80, "Name": "stopped"}});
    estate.add(Kind::Instance, instance);
    assert_eq!(estate.guard("G1", "vpc-1").as_deref(), Some("instance"));
}

#[test]
fn an_address_that_must_be_kept_is_not_part_of_the_saving() {
    let mut estate = empty_vpc();
    estate.set("eipalloc-1", json!({"Tags": {"allowlist": "bank"}}));
    let finding = estate.finding("G1/vpc-1");
    assert_eq!(finding.saving_usd_month.unwrap().to_string(), "32.85");
}

/// An owner of anything that the deletion touches speaks for the gateway, and so does the policy.
#[test]
fn g1_near_misses_around_the_gateway() {
    let around = ["subnet-a", "subnet-b", "eipalloc-1", "eni-nat", "rtb-b"];
    for id in around {
        let mut estate = empty_vpc();
        let list = if id == "eni-nat" { "TagSet" } else { "Tags" };
        estate.set(id, json!({list: {"kubernetes.io/cluster/x": "owned"}}));
        assert_eq!(estate.findings(), Vec::<String>::new(), "{id} owned");
        let guard = estate.guard("G1", "vpc-1");
        assert_eq!(guard.as_deref(), Some("managed by something else"), "{id}");

        let mut estate = empty_vpc();
        estate.policy.protected_resources = vec![id.parse().unwrap()];
        assert_eq!(estate.findings(), Vec::<String>::new(), "{id} protected");
        let guard = estate.guard("G1", "vpc-1");
        assert_eq!(guard.as_deref(), Some("protected by policy"), "{id}");
    }
}

#[test]
fn g2_near_misses() {
    let owned = json!({"Tags": {"kubernetes.io/cluster/x": "shared"}});
    let cases = [
        ("vpc-1", json!({"IsDefault": true}), "default VPC"),
        ("igw-1", owned, "managed by something else"),
        (
            "subnet-b",
            json!({"OwnerId": "999999999999"}),
            "another account's",
        ),
    ];
    for (id, change, guard) in cases {
        let mut estate = empty_vpc();
        estate.set(id, change.clone());
        assert_eq!(estate.findings(), ["G1/vpc-1"], "{id} {change}");
        assert_eq!(
            estate.guard("G2", "vpc-1").as_deref(),
            Some(guard),
            "{id} {change}"
        );
    }
    let mut estate = empty_vpc();
    let foreign = json!({"GroupId": "sg-x", "GroupName": "x", "VpcId": "vpc-2",
        "IpPermissions": [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-default"}]}]});
    estate.add(Kind::SecurityGroup, foreign);
    assert_eq!(
        estate.guard("G2", "vpc-1").as_deref(),
        Some("security group in use elsewhere")
    );

    let mut estate = empty_vpc();
    let lambda = json!({"NetworkInterfaceId": "eni-l", "VpcId": "vpc-1", "SubnetId": "subnet-b",
                        "InterfaceType": "lambda", "RequesterManaged": true});
    estate.add(Kind::NetworkInterface, lambda);
    assert_eq!(
        estate.guard("G2", "vpc-1").as_deref(),
        Some("managed by a service")
    );

    let mut estate = empty_vpc();
    estate.unseen(Kind::SecurityGroup);
    assert_eq!(estate.guard("G2", "vpc-1").as_deref(), Some("missing data"));
}

#[test]
fn g2_flags_idle_endpoints_without_a_gateway() {
    let mut estate = empty_vpc();
    for id in ["nat-1", "eni-nat", "eipalloc-1"] {
        estate.remove(id);
    }
    estate.set("rtb-b", json!({"Routes": []}));
    assert!(
        estate.findings().is_empty(),
        "an empty VPC alone costs nothing"
    );
    let endpoint = json!({"VpcEndpointId": "vpce-1", "VpcEndpointType": "Interface",
        "VpcId": "vpc-1", "ServiceName": "com.amazonaws.us-east-1.ssm", "SubnetIds": ["subnet-b"],
        "NetworkInterfaceIds": ["eni-e"], "CreationTimestamp": crate::testing::OLD});
    estate.add(Kind::VpcEndpoint, endpoint);
    let interface = json!({"NetworkInterfaceId": "eni-e", "VpcId": "vpc-1", "Status": "in-use",
        "SubnetId": "subnet-b", "InterfaceType": "vpc_endpoint", "RequesterManaged": true});
    estate.add(Kind::NetworkInterface, interface);
    assert_eq!(
        estate
            .finding("G2/vpc-1")
            .saving_usd_month
            .unwrap()
            .to_string(),
        "7.30"
    );
    estate.set("vpce-1", json!({"CreationTimestamp": estate.days_ago(1)}));
    assert_eq!(estate.guard("G2", "vpc-1").as_deref(), Some("age"));
}

#[test]
fn n5_flags_a_gateway_without_a_route() {
    let mut estate = busy_vpc();
    estate.set("rtb-b", json!({"Routes": []}));
    let finding = estate.finding("N5/nat-1");
    assert_eq!(finding.saving_usd_month.unwrap().to_string(), "36.50");
    assert_eq!(estate.findings().len(), 1);
    estate.unseen(Kind::RouteTable);
    assert!(estate.findings().is_empty());
    assert_eq!(estate.guard("N5", "nat-1").as_deref(), Some("missing data"));
}

#[test]
fn n5_leaves_a_private_gateway_that_others_reach() {
    let mut estate = busy_vpc();
    estate.set(
        "rtb-b",
        json!({"Routes": [
        {"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1"}]}),
    );
    assert_eq!(
        estate.findings(),
        ["N5/nat-1"],
        "a public one without a route serves nobody"
    );
    estate.set("nat-1", json!({"ConnectivityType": "private"}));
    assert!(estate.findings().is_empty());
    assert_eq!(
        estate.guard("N5", "nat-1").as_deref(),
        Some("reached from other networks")
    );
}

#[test]
fn g4_flags_a_gateway_behind_dead_tables() {
    let mut estate = busy_vpc();
    estate.set("rtb-b", json!({"Associations": []}));
    assert_eq!(estate.findings(), ["G4/nat-1"]);
    // A main table serves every subnet without a table of its own.
    let routes = json!([{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}]);
    estate.set("rtb-main", json!({"Routes": routes}));
    assert_eq!(
        estate.findings(),
        ["G5/nat-1"],
        "subnet-b uses it, though it is empty"
    );
    estate.add(Kind::NetworkInterface, client("eni-app", "subnet-b").1);
    assert!(estate.findings().is_empty());
    // A table that routes for a gateway is not dead.
    let mut estate = busy_vpc();
    estate.set(
        "rtb-b",
        json!({"Associations": [
        {"RouteTableAssociationId": "rtbassoc-e", "GatewayId": "igw-1"}]}),
    );
    assert!(estate.findings().is_empty());
}

#[test]
fn g5_flags_a_gateway_for_empty_subnets_of_a_busy_vpc() {
    let mut estate = busy_vpc();
    let finding = estate.finding("G5/nat-1");
    assert_eq!(finding.saving_usd_month.unwrap().to_string(), "36.50");
    assert_eq!(estate.findings().len(), 1);
    estate.add(Kind::NetworkInterface, client("eni-app", "subnet-b").1);
    assert!(estate.findings().is_empty());
    assert_eq!(estate.guard("G5", "nat-1"), None);
}

#[test]
fn a_gateway_that_is_over_or_failed_is_no_waste() {
    for state in ["deleted", "deleting", "failed", "pending"] {
        let mut estate = empty_vpc();
        estate.set("nat-1", json!({"State": state}));
        assert!(
            estate.findings().is_empty(),
            "{state}: {:?}",
            estate.findings()
        );
    }
}

#[test]
fn explains_why_rules_did_not_fire() {
    let mut estate = busy_vpc();
    estate.add(Kind::NetworkInterface, client("eni-app", "subnet-b").1);
    let id = "nat-1".parse().unwrap();
    let report = crate::explain_resource(
        &estate.snapshot,
        &estate.policy,
        &crate::Prices::embedded(),
        &id,
    )
    .unwrap();
    let rules: Vec<&str> = report
        .not_flagged
        .iter()
        .map(|it| it.rule.0.as_str())
        .collect();
    assert_eq!(rules, ["G4", "G5", "N5"]);
    assert_eq!(report.cost_usd_month.unwrap().to_string(), "32.85");
    let harmed: Vec<&str> = report
        .blast_radius
        .harms
        .iter()
        .map(|it| it.resource.as_str())
        .collect();
    assert_eq!(
        harmed,
        ["subnet-b", "rtb-b", "eipalloc-1", "eni-app", "eni-nat"]
    );
    assert_eq!(
        report.blast_radius.score, 14,
        "the one in use counts ten times"
    );
}
