//! Classic Load Balancers. Rules are those of the ELB API reference (2012-06-01).

use serde_json::json;

use super::{World, only};
use crate::wire::Api;

fn made(world: &World, more: serde_json::Value) -> serde_json::Value {
    let mut input = json!({"LoadBalancerName": "old", "Subnets": [world.one, world.two],
        "SecurityGroups": [world.group],
        "Listeners": [{"Protocol": "http", "LoadBalancerPort": 80, "InstancePort": 8080}]});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    input
}

#[test]
fn a_balancer_lives_and_its_interfaces_outlive_it() {
    let mut world = World::of(Api::Elb);
    let input = made(&world, json!({}));
    let answer = world.ok("CreateLoadBalancer", input.clone());
    assert_eq!(
        world.ok("CreateLoadBalancer", input),
        answer,
        "the same settings give the same"
    );
    let other = made(&world, json!({"Scheme": "internal"}));
    world.refused(
        "CreateLoadBalancer",
        other,
        "DuplicateLoadBalancerName",
        "already exists",
    );
    let answer = world.ok(
        "DescribeLoadBalancers",
        json!({"LoadBalancerNames": ["old"]}),
    );
    let seen = only(&answer, "LoadBalancerDescriptions");
    assert_eq!(seen["VPCId"], world.vpc.as_str());
    assert_eq!(
        seen["ListenerDescriptions"][0]["Listener"]["InstanceProtocol"],
        "HTTP"
    );
    assert_eq!(seen["HealthCheck"]["Target"], "TCP:8080");
    assert_eq!(seen["SourceSecurityGroup"]["GroupName"], "web");
    let (one, group) = (world.one.clone(), world.group.clone());
    let interface = world.interfaces(&one)[0].clone();
    assert_eq!(interface["Description"], "ELB old");
    assert_eq!(interface["RequesterId"], "amazon-elb");
    world.ok("DeleteLoadBalancer", json!({"LoadBalancerName": "old"}));
    world.ok("DeleteLoadBalancer", json!({"LoadBalancerName": "old"}));
    let named = json!({"LoadBalancerNames": ["old"]});
    world.refused(
        "DescribeLoadBalancers",
        named,
        "LoadBalancerNotFound",
        "no ACTIVE",
    );
    let delete = json!({"GroupId": group});
    assert_eq!(
        world.ec2_code("DeleteSecurityGroup", delete.clone()),
        "DependencyViolation"
    );
    world.pass(300);
    world.ec2("DeleteSecurityGroup", delete);
    world.ec2("DeleteSubnet", json!({"SubnetId": one}));
}

#[test]
fn instances_come_into_service_and_out() {
    let mut world = World::of(Api::Elb);
    let input = made(&world, json!({}));
    world.ok("CreateLoadBalancer", input);
    let instance = world.instance();
    let named = json!({"LoadBalancerName": "old", "Instances": [{"InstanceId": instance}]});
    world.refused(
        "DescribeInstanceHealth",
        named.clone(),
        "InvalidInstance",
        &instance,
    );
    world.ok("RegisterInstancesWithLoadBalancer", named.clone());
    let health = |world: &mut World, seconds| {
        world.pass(seconds);
        let answer = world.ok("DescribeInstanceHealth", json!({"LoadBalancerName": "old"}));
        let seen = only(&answer, "InstanceStates").clone();
        (
            seen["State"].as_str().unwrap().to_owned(),
            seen["Description"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(
        health(&mut world, 0).1,
        "Instance registration is still in progress."
    );
    let check = json!({"Target": "HTTP:8080/ok", "Interval": 10, "Timeout": 5,
        "UnhealthyThreshold": 2, "HealthyThreshold": 3});
    world.ok(
        "ConfigureHealthCheck",
        json!({"LoadBalancerName": "old", "HealthCheck": check}),
    );
    assert_eq!(health(&mut world, 31).0, "InService");
    world.ec2("StopInstances", json!({"InstanceIds": [instance]}));
    assert_eq!(health(&mut world, 120).1, "Instance is in stopped state.");
    world.ok("DeregisterInstancesFromLoadBalancer", named.clone());
    world.refused(
        "DeregisterInstancesFromLoadBalancer",
        named,
        "InvalidInstance",
        &instance,
    );
    let wrong = json!({"Target": "HTTP:8080", "Interval": 10, "Timeout": 5,
        "UnhealthyThreshold": 2, "HealthyThreshold": 3});
    let wrong = json!({"LoadBalancerName": "old", "HealthCheck": wrong});
    world.refused(
        "ConfigureHealthCheck",
        wrong,
        "ValidationError",
        "HTTP Target",
    );
}

#[test]
fn settings_change() {
    let mut world = World::of(Api::Elb);
    let (one, two) = (world.one.clone(), world.two.clone());
    let input = made(&world, json!({"Subnets": [one], "Scheme": "internal"}));
    world.ok("CreateLoadBalancer", input);
    let attached = world.ok(
        "AttachLoadBalancerToSubnets",
        json!({"LoadBalancerName": "old", "Subnets": [two]}),
    );
    assert_eq!(attached["Subnets"], json!([one, two]));
    assert_eq!(world.interfaces(&two).len(), 1);
    world.ok(
        "DetachLoadBalancerFromSubnets",
        json!({"LoadBalancerName": "old", "Subnets": [one]}),
    );
    world.pass(300);
    assert_eq!(world.interfaces(&one).len(), 0);
    let last = json!({"LoadBalancerName": "old", "Subnets": [two]});
    world.refused(
        "DetachLoadBalancerFromSubnets",
        last,
        "InvalidConfigurationRequest",
        "all",
    );
    let listener = json!({"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 1});
    let twice = json!({"LoadBalancerName": "old", "Listeners": [listener]});
    world.refused(
        "CreateLoadBalancerListeners",
        twice,
        "DuplicateListener",
        "80",
    );
    let secure = json!({"Protocol": "SSL", "LoadBalancerPort": 443, "InstancePort": 1});
    let secure = json!({"LoadBalancerName": "old", "Listeners": [secure]});
    world.refused(
        "CreateLoadBalancerListeners",
        secure,
        "CertificateNotFound",
        "",
    );
    world.ok(
        "DeleteLoadBalancerListeners",
        json!({"LoadBalancerName": "old", "LoadBalancerPorts": [80, 81]}),
    );
    let set = json!({"LoadBalancerName": "old", "LoadBalancerAttributes":
        {"CrossZoneLoadBalancing": {"Enabled": true}, "ConnectionSettings": {"IdleTimeout": 30}}});
    world.ok("ModifyLoadBalancerAttributes", set);
    let seen = world.ok(
        "DescribeLoadBalancerAttributes",
        json!({"LoadBalancerName": "old"}),
    );
    let seen = &seen["LoadBalancerAttributes"];
    assert_eq!(seen["CrossZoneLoadBalancing"]["Enabled"], true);
    assert_eq!(seen["ConnectionSettings"]["IdleTimeout"], 30);
    assert_eq!(
        seen["ConnectionDraining"],
        json!({"Enabled": false, "Timeout": 300})
    );
    let tags = json!({"LoadBalancerNames": ["old"], "Tags": [{"Key": "a", "Value": "1"}]});
    world.ok("AddTags", tags);
    world.ok(
        "RemoveTags",
        json!({"LoadBalancerNames": ["old"], "Tags": [{"Key": "b"}]}),
    );
    let tags = world.ok("DescribeTags", json!({"LoadBalancerNames": ["old"]}));
    assert_eq!(
        tags["TagDescriptions"][0]["Tags"],
        json!([{"Key": "a", "Value": "1"}])
    );
}
