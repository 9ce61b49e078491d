//! ELBv2. Rules are those of the ELBv2 API reference (2015-12-01) and the ELB user guides.

use serde_json::json;

use super::{World, only};
use crate::testing::text;
use crate::wire::Api;

impl World {
    fn balancer(&mut self, more: serde_json::Value) -> String {
        let mut input = json!({"Name": "web", "Subnets": [self.one, self.two]});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let made = self.ok("CreateLoadBalancer", input);
        text(only(&made, "LoadBalancers"), "LoadBalancerArn")
    }

    fn target_group(&mut self, name: &str) -> String {
        let vpc = self.vpc.clone();
        let input = json!({"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": vpc});
        let made = self.ok("CreateTargetGroup", input);
        text(only(&made, "TargetGroups"), "TargetGroupArn")
    }

    fn listener(&mut self, balancer: &str, group: &str) -> String {
        let input = json!({"LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80,
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}]});
        let made = self.ok("CreateListener", input);
        text(only(&made, "Listeners"), "ListenerArn")
    }

    fn health(&mut self, group: &str) -> (String, String) {
        let answer = self.ok("DescribeTargetHealth", json!({"TargetGroupArn": group}));
        let health = &only(&answer, "TargetHealthDescriptions")["TargetHealth"];
        let reason = health["Reason"].as_str().unwrap_or_default();
        (text(health, "State"), reason.to_owned())
    }
}

#[test]
fn a_balancer_lives_and_its_interfaces_outlive_it() {
    let mut world = World::of(Api::ElbV2);
    let (one, group) = (world.one.clone(), world.group.clone());
    let arn = world.balancer(json!({"SecurityGroups": [group]}));
    let answer = world.ok("DescribeLoadBalancers", json!({"Names": ["web"]}));
    let seen = only(&answer, "LoadBalancers");
    assert_eq!(seen["State"]["Code"], "provisioning");
    assert!(text(seen, "DNSName").ends_with(".eu-central-1.elb.amazonaws.com"));
    assert_eq!(
        seen.get("Tags"),
        None,
        "tags are told by DescribeTags alone"
    );
    world.pass(200);
    let answer = world.ok("DescribeLoadBalancers", json!({"LoadBalancerArns": [arn]}));
    assert_eq!(only(&answer, "LoadBalancers")["State"]["Code"], "active");

    // Facts, ec2-semantics, section 3, ENI: requester-managed, detach OperationNotPermitted.
    let interfaces = world.interfaces(&one);
    assert_eq!(interfaces.len(), 1);
    let interface = &interfaces[0];
    let description = text(interface, "Description");
    assert_eq!(
        format!("ELB {}", arn.rsplit_once("loadbalancer/").unwrap().1),
        description
    );
    assert_eq!(interface["RequesterManaged"], true);
    assert_eq!(interface["InterfaceType"], "interface");
    assert_eq!(interface["Attachment"]["InstanceOwnerId"], "amazon-elb");
    assert_eq!(interface["Association"]["IpOwnerId"], "amazon-elb");
    let attachment = text(&interface["Attachment"], "AttachmentId");
    let detach = world.ec2_code(
        "DetachNetworkInterface",
        json!({"AttachmentId": attachment}),
    );
    assert_eq!(detach, "OperationNotPermitted");
    let (gateway, vpc) = (world.gateway.clone(), world.vpc.clone());
    let detach = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    assert_eq!(
        world.ec2_code("DetachInternetGateway", detach),
        "DependencyViolation"
    );

    world.ok("DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
    world.refused(
        "DescribeLoadBalancers",
        json!({"LoadBalancerArns": [arn]}),
        "LoadBalancerNotFound",
        "not found",
    );
    for (action, input) in [
        ("DeleteSubnet", json!({"SubnetId": one})),
        ("DeleteSecurityGroup", json!({"GroupId": group})),
    ] {
        assert_eq!(
            world.ec2_code(action, input),
            "DependencyViolation",
            "{action}"
        );
    }
    world.pass(300);
    assert_eq!(world.interfaces(&one).len(), 0);
    world.ec2("DeleteSubnet", json!({"SubnetId": one}));
    world.ec2("DeleteSecurityGroup", json!({"GroupId": group}));
    // "If the load balancer … has already been deleted, the call succeeds."
    world.ok("DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
}

#[test]
fn deletion_protection_holds_until_it_is_lifted() {
    let mut world = World::of(Api::ElbV2);
    let arn = world.balancer(json!({}));
    let set = |on: &str| {
        json!({"LoadBalancerArn": arn,
               "Attributes": [{"Key": "deletion_protection.enabled", "Value": on}]})
    };
    world.ok("ModifyLoadBalancerAttributes", set("true"));
    world.refused(
        "DeleteLoadBalancer",
        json!({"LoadBalancerArn": arn}),
        "OperationNotPermitted",
        "deletion protection is enabled",
    );
    let answer = world.ok(
        "DescribeLoadBalancerAttributes",
        json!({"LoadBalancerArn": arn}),
    );
    let attributes = answer["Attributes"].as_array().unwrap();
    let seen = attributes
        .iter()
        .find(|it| it["Key"] == "deletion_protection.enabled");
    assert_eq!(seen.unwrap()["Value"], "true");
    let unknown = json!({"LoadBalancerArn": arn, "Attributes": [{"Key": "x", "Value": "1"}]});
    world.refused(
        "ModifyLoadBalancerAttributes",
        unknown,
        "ValidationError",
        "not recognized",
    );
    world.refused(
        "ModifyLoadBalancerAttributes",
        set("maybe"),
        "ValidationError",
        "not valid",
    );
    world.ok("ModifyLoadBalancerAttributes", set("false"));
    world.ok("DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
}

#[test]
fn a_balancer_needs_places_that_fit() {
    let mut world = World::of(Api::ElbV2);
    let (one, vpc) = (world.one.clone(), world.vpc.clone());
    let made = |name: &str, subnets: &[&str]| json!({"Name": name, "Subnets": subnets});
    let nowhere = "subnet-00000000000000000";
    world.refused(
        "CreateLoadBalancer",
        made("a", &[&one]),
        "ValidationError",
        "two subnets",
    );
    world.refused(
        "CreateLoadBalancer",
        made("a", &[&one, nowhere]),
        "SubnetNotFound",
        nowhere,
    );
    let beside =
        json!({"VpcId": vpc, "CidrBlock": "10.0.3.0/24", "AvailabilityZone": "eu-central-1a"});
    let beside = text(&world.ec2("CreateSubnet", beside)["Subnet"], "SubnetId");
    world.refused(
        "CreateLoadBalancer",
        made("a", &[&one, &beside]),
        "InvalidConfigurationRequest",
        "multiple subnets in the same Availability Zone",
    );
    for (name, why) in [
        ("-a", "hyphen"),
        ("a_b", "alphanumeric"),
        ("internal-a", "internal-"),
        ("a-name-of-more-than-thirty-two-letters", "longer than '32'"),
    ] {
        world.refused(
            "CreateLoadBalancer",
            made(name, &[&one]),
            "ValidationError",
            why,
        );
    }
    // An internet-facing balancer needs the way out; an internal one does not.
    let gateway = world.gateway.clone();
    world.ec2(
        "DetachInternetGateway",
        json!({"InternetGatewayId": gateway, "VpcId": vpc}),
    );
    let two = world.two.clone();
    let message = format!("VPC {vpc} has no internet gateway");
    world.refused(
        "CreateLoadBalancer",
        made("a", &[&one, &two]),
        "InvalidSubnet",
        &message,
    );
    let inside = json!({"Name": "a", "Subnets": [one, two], "Scheme": "internal"});
    world.ok("CreateLoadBalancer", inside);
    let unknown = json!({"Name": "a", "Subnets": [one, two], "CustomerOwnedIpv4Pool": "x"});
    world.refused(
        "CreateLoadBalancer",
        unknown,
        "UnsupportedOperation",
        "CustomerOwnedIpv4Pool",
    );
}

#[test]
fn the_same_name_gives_the_same_balancer_or_none() {
    let mut world = World::of(Api::ElbV2);
    let arn = world.balancer(json!({}));
    assert_eq!(world.balancer(json!({})), arn);
    let other = json!({"Name": "web", "Subnets": [world.one, world.two], "Scheme": "internal"});
    world.refused(
        "CreateLoadBalancer",
        other,
        "DuplicateLoadBalancerName",
        "different settings",
    );
}

#[test]
fn a_network_balancer_holds_its_addresses() {
    let mut world = World::of(Api::ElbV2);
    let address = world.ec2("AllocateAddress", json!({"Domain": "vpc"}));
    let (allocation, ip) = (text(&address, "AllocationId"), text(&address, "PublicIp"));
    let one = world.one.clone();
    let made = json!({"Name": "net", "Type": "network",
        "SubnetMappings": [{"SubnetId": one, "AllocationId": allocation}]});
    let made = world.ok("CreateLoadBalancer", made);
    let seen = only(&made, "LoadBalancers");
    let zone = &seen["AvailabilityZones"][0]["LoadBalancerAddresses"][0];
    assert_eq!(
        (zone["IpAddress"].as_str(), zone["AllocationId"].as_str()),
        (Some(ip.as_str()), Some(allocation.as_str()))
    );
    assert_eq!(
        world.interfaces(&one)[0]["InterfaceType"],
        "network_load_balancer"
    );
    let release = json!({"AllocationId": allocation});
    assert_eq!(
        world.ec2_code("ReleaseAddress", release.clone()),
        "InvalidIPAddress.InUse"
    );
    let again = json!({"Name": "net2", "Type": "network",
        "SubnetMappings": [{"SubnetId": one, "AllocationId": allocation}]});
    world.refused(
        "CreateLoadBalancer",
        again,
        "ResourceInUse",
        "already in use",
    );
    let arn = text(seen, "LoadBalancerArn");
    world.ok("DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
    world.pass(300);
    world.ec2("ReleaseAddress", release);
}

#[test]
fn a_target_group_in_use_cannot_go() {
    let mut world = World::of(Api::ElbV2);
    let (arn, group) = (world.balancer(json!({})), world.target_group("tg"));
    let listener = world.listener(&arn, &group);
    let answer = world.ok("DescribeTargetGroups", json!({"LoadBalancerArn": arn}));
    assert_eq!(
        only(&answer, "TargetGroups")["LoadBalancerArns"],
        json!([arn])
    );
    let delete = json!({"TargetGroupArn": group});
    world.refused(
        "DeleteTargetGroup",
        delete.clone(),
        "ResourceInUse",
        "by a listener or a rule",
    );
    let again = json!({"LoadBalancerArn": arn, "Protocol": "HTTP", "Port": 80,
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}]});
    world.refused(
        "CreateListener",
        again,
        "DuplicateListener",
        "already exists on this port",
    );
    world.ok("DeleteListener", json!({"ListenerArn": listener}));
    world.ok("DeleteTargetGroup", delete.clone());
    world.ok("DeleteTargetGroup", delete);
    world.refused(
        "DescribeTargetGroups",
        json!({"TargetGroupArns": [group]}),
        "TargetGroupNotFound",
        "not found",
    );
}

#[test]
fn deleting_a_balancer_frees_its_target_groups() {
    let mut world = World::of(Api::ElbV2);
    let (arn, group) = (world.balancer(json!({})), world.target_group("tg"));
    world.listener(&arn, &group);
    world.ok("DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
    let answer = world.ok("DescribeTargetGroups", json!({}));
    assert_eq!(only(&answer, "TargetGroups")["LoadBalancerArns"], json!([]));
    world.ok("DeleteTargetGroup", json!({"TargetGroupArn": group}));
}

#[test]
fn a_target_group_has_one_balancer() {
    let mut world = World::of(Api::ElbV2);
    let (arn, group) = (world.balancer(json!({})), world.target_group("tg"));
    world.listener(&arn, &group);
    let other = world.balancer(json!({"Name": "other"}));
    let input = json!({"LoadBalancerArn": other, "Protocol": "HTTP", "Port": 80,
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}]});
    world.refused(
        "CreateListener",
        input,
        "TargetGroupAssociationLimit",
        &group,
    );
    let vpc = world.vpc.clone();
    let tcp = json!({"Name": "tcp", "Protocol": "TCP", "Port": 80, "VpcId": vpc});
    let tcp = world.ok("CreateTargetGroup", tcp);
    let tcp = text(only(&tcp, "TargetGroups"), "TargetGroupArn");
    let input = json!({"LoadBalancerArn": other, "Protocol": "HTTP", "Port": 80,
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": tcp}]});
    world.refused("CreateListener", input, "IncompatibleProtocols", "TCP");
    let input = json!({"LoadBalancerArn": other, "Protocol": "TCP", "Port": 80,
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}]});
    world.refused(
        "CreateListener",
        input,
        "ValidationError",
        "must be one of 'HTTP, HTTPS'",
    );
}

#[test]
fn health_follows_instances_and_the_clock() {
    let mut world = World::of(Api::ElbV2);
    let group = world.target_group("tg");
    let instance = world.instance();
    let targets = json!({"TargetGroupArn": group, "Targets": [{"Id": instance}]});
    world.ok("RegisterTargets", targets.clone());
    let pair = |state: &str, reason: &str| (state.to_owned(), reason.to_owned());
    assert_eq!(world.health(&group), pair("unused", "Target.NotInUse"));
    let arn = world.balancer(json!({}));
    world.listener(&arn, &group);
    assert_eq!(
        world.health(&group),
        pair("initial", "Elb.RegistrationInProgress")
    );
    world.pass(151);
    // Five checks of thirty seconds each are needed, and those began with the registration.
    assert_eq!(world.health(&group), pair("healthy", ""));
    world.ec2("StopInstances", json!({"InstanceIds": [instance]}));
    world.pass(120);
    assert_eq!(world.health(&group), pair("unused", "Target.InvalidState"));
    let answer = world.ok("DescribeTargetHealth", json!({"TargetGroupArn": group}));
    let health = &only(&answer, "TargetHealthDescriptions")["TargetHealth"];
    assert_eq!(health["Description"], "Target is in the stopped state");
    world.refused(
        "RegisterTargets",
        targets.clone(),
        "InvalidTarget",
        "not in a running state",
    );
    world.ec2("StartInstances", json!({"InstanceIds": [instance]}));
    world.pass(60);
    assert_eq!(world.health(&group), pair("healthy", ""));
    world.ok("DeregisterTargets", targets.clone());
    assert_eq!(
        world.health(&group),
        pair("draining", "Target.DeregistrationInProgress")
    );
    world.pass(299);
    assert_eq!(world.health(&group).0, "draining");
    world.pass(2);
    let answer = world.ok("DescribeTargetHealth", targets);
    let health = &only(&answer, "TargetHealthDescriptions")["TargetHealth"];
    assert_eq!(health["Reason"], "Target.NotRegistered");
}

#[test]
fn a_terminated_target_is_forgotten_with_its_instance() {
    let mut world = World::of(Api::ElbV2);
    let (group, instance) = (world.target_group("tg"), world.instance());
    let targets = json!({"TargetGroupArn": group, "Targets": [{"Id": instance}]});
    world.ok("RegisterTargets", targets);
    let (arn, _) = (world.balancer(json!({})), ());
    world.listener(&arn, &group);
    world.ec2("TerminateInstances", json!({"InstanceIds": [instance]}));
    world.pass(120);
    assert_eq!(world.health(&group).1, "Target.InvalidState");
    world.pass(2 * 3600);
    let answer = world.ok("DescribeTargetHealth", json!({"TargetGroupArn": group}));
    assert_eq!(answer["TargetHealthDescriptions"], json!([]));
}

#[test]
fn rules_have_priorities_and_a_default() {
    let mut world = World::of(Api::ElbV2);
    let (arn, group) = (world.balancer(json!({})), world.target_group("tg"));
    let other = world.target_group("other");
    let listener = world.listener(&arn, &group);
    let make = |priority: u32| {
        json!({"ListenerArn": listener, "Priority": priority,
            "Conditions": [{"Field": "path-pattern", "Values": ["/api/*"]}],
            "Actions": [{"Type": "forward", "TargetGroupArn": other}]})
    };
    world.ok("CreateRule", make(20));
    let made = world.ok("CreateRule", make(10));
    world.refused("CreateRule", make(10), "PriorityInUse", "'10'");
    let answer = world.ok("DescribeRules", json!({"ListenerArn": listener}));
    let rules = answer["Rules"].as_array().unwrap();
    let seen: Vec<&str> = rules
        .iter()
        .map(|it| it["Priority"].as_str().unwrap())
        .collect();
    assert_eq!(seen, ["10", "20", "default"]);
    assert_eq!(rules[2]["IsDefault"], true);
    let default = text(&rules[2], "RuleArn");
    let delete = json!({"RuleArn": default});
    world.refused(
        "DeleteRule",
        delete,
        "OperationNotPermitted",
        "Default rule",
    );
    // A rule alone holds a target group, too.
    world.refused(
        "DeleteTargetGroup",
        json!({"TargetGroupArn": other}),
        "ResourceInUse",
        "rule",
    );
    for rule in &rules[..2] {
        world.ok("DeleteRule", json!({"RuleArn": rule["RuleArn"]}));
    }
    let gone = text(only(&made, "Rules"), "RuleArn");
    world.refused(
        "DeleteRule",
        json!({"RuleArn": gone}),
        "RuleNotFound",
        "rules",
    );
    world.ok("DeleteTargetGroup", json!({"TargetGroupArn": other}));
}

#[test]
fn subnets_and_groups_move_with_the_interfaces() {
    let mut world = World::of(Api::ElbV2);
    let arn = world.balancer(json!({"Scheme": "internal"}));
    let (one, two, vpc, group) = (
        world.one.clone(),
        world.two.clone(),
        world.vpc.clone(),
        world.group.clone(),
    );
    let three =
        json!({"VpcId": vpc, "CidrBlock": "10.0.3.0/24", "AvailabilityZone": "eu-central-1c"});
    let three = text(&world.ec2("CreateSubnet", three)["Subnet"], "SubnetId");
    let set = json!({"LoadBalancerArn": arn, "SecurityGroups": [group]});
    world.ok("SetSecurityGroups", set);
    assert_eq!(
        world.interfaces(&one)[0]["Groups"][0]["GroupId"],
        group.as_str()
    );
    world.ok(
        "SetSubnets",
        json!({"LoadBalancerArn": arn, "Subnets": [two, three]}),
    );
    assert_eq!(world.interfaces(&three).len(), 1);
    assert_eq!(
        world.interfaces(&one).len(),
        1,
        "the interface leaves minutes later"
    );
    world.pass(300);
    assert_eq!(world.interfaces(&one).len(), 0);
    assert_eq!(world.interfaces(&two).len(), 1);
    let answer = world.ok("DescribeLoadBalancers", json!({}));
    let zones = only(&answer, "LoadBalancers")["AvailabilityZones"]
        .as_array()
        .unwrap()
        .clone();
    let zones: Vec<String> = zones.iter().map(|it| text(it, "SubnetId")).collect();
    assert_eq!(zones, [two, three]);
}

#[test]
fn tags_are_put_read_and_removed() {
    let mut world = World::of(Api::ElbV2);
    let (arn, group) = (world.balancer(json!({})), world.target_group("tg"));
    let both = json!([arn, group]);
    let tags = json!([{"Key": "team", "Value": "web"}, {"Key": "cost", "Value": "1"}]);
    world.ok("AddTags", json!({"ResourceArns": both, "Tags": tags}));
    world.ok(
        "RemoveTags",
        json!({"ResourceArns": [arn], "TagKeys": ["cost"]}),
    );
    let answer = world.ok("DescribeTags", json!({"ResourceArns": both}));
    let seen = answer["TagDescriptions"].as_array().unwrap();
    assert_eq!(seen[0]["Tags"], json!([{"Key": "team", "Value": "web"}]));
    assert_eq!(seen[1]["Tags"].as_array().unwrap().len(), 2);
    let twice = json!([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]);
    let twice = json!({"ResourceArns": [arn], "Tags": twice});
    world.refused("AddTags", twice, "DuplicateTagKeys", "'a'");
    let reserved = json!({"ResourceArns": [arn], "Tags": [{"Key": "aws:x", "Value": "1"}]});
    world.refused("AddTags", reserved, "ValidationError", "aws:");
}

#[test]
fn lists_come_in_pages() {
    let mut world = World::of(Api::ElbV2);
    for name in ["c", "a", "b"] {
        world.target_group(name);
    }
    let first = world.ok("DescribeTargetGroups", json!({"PageSize": 2}));
    let names = |answer: &serde_json::Value| -> Vec<String> {
        let groups = answer["TargetGroups"].as_array().unwrap();
        groups
            .iter()
            .map(|it| text(it, "TargetGroupName"))
            .collect()
    };
    assert_eq!(names(&first), ["a", "b"]);
    let marker = text(&first, "NextMarker");
    let rest = world.ok(
        "DescribeTargetGroups",
        json!({"PageSize": 2, "Marker": marker}),
    );
    assert_eq!(names(&rest), ["c"]);
    assert_eq!(rest.get("NextMarker"), None);
    let invented = json!({"Marker": "invented"});
    world.refused(
        "DescribeTargetGroups",
        invented,
        "ValidationError",
        "marker",
    );
    world.refused(
        "DescribeTargetGroups",
        json!({"PageSize": 401}),
        "ValidationError",
        "400",
    );
}

#[test]
fn a_snapshot_holds_all_of_it() {
    let mut world = World::of(Api::ElbV2);
    let (arn, group) = (world.balancer(json!({})), world.target_group("tg"));
    let listener = world.listener(&arn, &group);
    let snapshot = world.account.twin.snapshot();
    let text = serde_json::to_string(&snapshot).unwrap();
    let snapshot: sandtable_model::Snapshot = serde_json::from_str(&text).unwrap();
    let options = world.account.twin.options().clone();
    world.account.twin = crate::Twin::from_snapshot(&snapshot, options);
    world.pass(200);
    let answer = world.ok("DescribeLoadBalancers", json!({}));
    assert_eq!(only(&answer, "LoadBalancers")["State"]["Code"], "active");
    world.refused(
        "DeleteTargetGroup",
        json!({"TargetGroupArn": group}),
        "ResourceInUse",
        "",
    );
    world.ok("DeleteListener", json!({"ListenerArn": listener}));
    world.ok("DeleteTargetGroup", json!({"TargetGroupArn": group}));
}
