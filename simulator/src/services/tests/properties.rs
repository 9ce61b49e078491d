//! What holds of these services after any sequence of calls, theirs and EC2's.

use proptest::prelude::*;
use sandtable_model::resource::{AutoScalingGroup, LoadBalancer, NetworkInterface, TargetGroup};
use sandtable_model::{LoadBalancerId, ResourceId};
use serde_json::{Value, json};

use super::World;
use crate::dispatch;
use crate::tests::invariants;
use crate::wire::Api;

/// A call by numbers: which, on which of the things that it could mean, after how many seconds.
#[derive(Clone, Copy, Debug)]
struct Move {
    call: usize,
    target: usize,
    seconds: i64,
}

const CALLS: usize = 26;

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = (0..CALLS, 0..4_usize, 0..400_i64).prop_map(|(call, target, seconds)| Move {
        call,
        target,
        seconds,
    });
    prop::collection::vec(one, 1..50)
}

/// The nth of a kind, by id.
fn nth(world: &World, kind: sandtable_model::Kind, index: usize) -> Option<ResourceId> {
    let region = &world.account.region;
    let ids: Vec<ResourceId> = world
        .account
        .twin
        .state()
        .list(region, kind)
        .map(|it| it.id())
        .collect();
    ids.get(index % ids.len().max(1)).cloned()
}

fn member(world: &World, kind: sandtable_model::Kind, index: usize, name: &str) -> Value {
    let id = nth(world, kind, index);
    let id = id.map_or("lb-eu-central-1/none".to_owned(), |it| it.to_string());
    let seen = world.account.see(&id);
    seen.get(name).cloned().unwrap_or_else(|| json!("none"))
}

/// Makes a move; says whether AWS would have allowed it.
fn make(world: &mut World, it: Move) -> bool {
    use sandtable_model::Kind;
    world.pass(it.seconds);
    let (one, two, group, vpc) = (&world.one, &world.two, &world.group, &world.vpc);
    let balancer = || member(world, Kind::LoadBalancer, it.target, "LoadBalancerArn");
    let targets = || member(world, Kind::TargetGroup, it.target, "TargetGroupArn");
    let instance = || member(world, Kind::Instance, it.target, "InstanceId");
    let name = format!("it-{}", it.target);
    let v2 = Api::ElbV2;
    let classic = Api::Elb;
    let scaling = Api::AutoScaling;
    let data = Api::Rds;
    let (api, action, input): (Api, &str, Value) = match it.call {
        0 => (
            v2,
            "CreateLoadBalancer",
            json!({"Name": name, "Subnets": [one, two], "SecurityGroups": [group]}),
        ),
        1 => (
            v2,
            "DeleteLoadBalancer",
            json!({"LoadBalancerArn": balancer()}),
        ),
        2 => (
            v2,
            "CreateTargetGroup",
            json!({"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": vpc}),
        ),
        3 => (
            v2,
            "DeleteTargetGroup",
            json!({"TargetGroupArn": targets()}),
        ),
        4 => (
            v2,
            "CreateListener",
            json!({"LoadBalancerArn": balancer(), "Protocol": "HTTP", "Port": 80 + it.target,
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": targets()}]}),
        ),
        5 => {
            let listeners = member(world, Kind::LoadBalancer, it.target, "Listeners");
            (
                v2,
                "DeleteListener",
                json!({"ListenerArn": listeners[0]["ListenerArn"].as_str().unwrap_or("none")}),
            )
        }
        6 => (
            v2,
            "RegisterTargets",
            json!({"TargetGroupArn": targets(), "Targets": [{"Id": instance()}]}),
        ),
        7 => (
            v2,
            "DeregisterTargets",
            json!({"TargetGroupArn": targets(), "Targets": [{"Id": instance()}]}),
        ),
        8 => (
            classic,
            "CreateLoadBalancer",
            json!({"LoadBalancerName": name, "Subnets": [one], "SecurityGroups": [group],
            "Listeners": [{"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 80}]}),
        ),
        9 => (
            classic,
            "DeleteLoadBalancer",
            json!({"LoadBalancerName": name}),
        ),
        10 => (
            classic,
            "RegisterInstancesWithLoadBalancer",
            json!({"LoadBalancerName": name, "Instances": [{"InstanceId": instance()}]}),
        ),
        11 => (
            scaling,
            "CreateAutoScalingGroup",
            json!({"AutoScalingGroupName": name, "LaunchConfigurationName": "lc", "MinSize": 0,
            "MaxSize": 3, "DesiredCapacity": it.target, "VPCZoneIdentifier": format!("{one},{two}")}),
        ),
        12 => (
            scaling,
            "SetDesiredCapacity",
            json!({"AutoScalingGroupName": name, "DesiredCapacity": it.target}),
        ),
        13 => (
            scaling,
            "DeleteAutoScalingGroup",
            json!({"AutoScalingGroupName": name, "ForceDelete": it.seconds % 2 == 0}),
        ),
        14 => (
            scaling,
            "AttachLoadBalancerTargetGroups",
            json!({"AutoScalingGroupName": name, "TargetGroupARNs": [targets()]}),
        ),
        15 => (
            scaling,
            "TerminateInstanceInAutoScalingGroup",
            json!({"InstanceId": instance(), "ShouldDecrementDesiredCapacity": it.seconds % 2 == 0}),
        ),
        16 => (
            data,
            "CreateDBInstance",
            json!({"DBInstanceIdentifier": name, "DBInstanceClass": "db.t3.micro", "Engine": "mysql",
            "AllocatedStorage": 20, "MasterUsername": "root", "MasterUserPassword": "secret-enough", "DBSubnetGroupName": "data",
            "VpcSecurityGroupIds": [group], "MultiAZ": it.target == 0}),
        ),
        17 => (
            data,
            "DeleteDBInstance",
            json!({"DBInstanceIdentifier": name, "SkipFinalSnapshot": true}),
        ),
        18 => (
            data,
            "StopDBInstance",
            json!({"DBInstanceIdentifier": name}),
        ),
        19 => (
            data,
            "CreateDBSubnetGroup",
            json!({"DBSubnetGroupName": "data", "DBSubnetGroupDescription": "data", "SubnetIds": [one, two]}),
        ),
        20 => (
            data,
            "DeleteDBSubnetGroup",
            json!({"DBSubnetGroupName": "data"}),
        ),
        21 => (
            Api::Ec2,
            "TerminateInstances",
            json!({"InstanceIds": [instance()]}),
        ),
        22 => (
            Api::Ec2,
            "StopInstances",
            json!({"InstanceIds": [instance()]}),
        ),
        23 => (
            Api::Ec2,
            "DeleteSubnet",
            json!({"SubnetId": if it.target.is_multiple_of(2) { one } else { two }}),
        ),
        24 => (Api::Ec2, "DeleteSecurityGroup", json!({"GroupId": group})),
        _ => (Api::Ec2, "DeleteVpc", json!({"VpcId": vpc})),
    };
    let ctx = world.ctx();
    dispatch::call_of(&mut world.account.twin, &ctx, api, action, input).is_ok()
}

fn start() -> World {
    let mut world = World::of(Api::AutoScaling);
    let image = world.account.public_image();
    let input =
        json!({"LaunchConfigurationName": "lc", "ImageId": image, "InstanceType": "t3.micro"});
    world.ok("CreateLaunchConfiguration", input);
    world
}

/// No live reference dangles; target groups and balancers agree; interfaces of services are where
/// their services are; groups stay within their bounds.
fn check(world: &World) {
    let state = world.account.twin.state();
    let region = &world.account.region;
    invariants::check(state);
    for group in state.all::<TargetGroup>(region) {
        let arn = group.target_group_arn.as_str();
        for balancer in &group.load_balancer_arns {
            let balancer = LoadBalancerId::from_arn(balancer).unwrap();
            let balancer = state.one::<LoadBalancer>(&balancer).unwrap();
            assert!(balancer.target_group_arns().contains(&arn));
        }
    }
    for balancer in state.all::<LoadBalancer>(region) {
        for arn in balancer.target_group_arns() {
            let mut groups = state.all::<TargetGroup>(region);
            let group = groups.find(|it| it.target_group_arn == arn).unwrap();
            assert!(
                group
                    .load_balancer_arns
                    .contains(&balancer.load_balancer_arn)
            );
        }
        for subnet in balancer.subnet_ids() {
            let interfaces = state.referring::<NetworkInterface>(subnet);
            let rest = balancer
                .load_balancer_arn
                .rsplit_once("loadbalancer/")
                .unwrap()
                .1;
            let description = format!("ELB {rest}");
            assert_eq!(
                interfaces
                    .filter(|it| it.description == description)
                    .count(),
                1
            );
        }
    }
    for group in state.all::<AutoScalingGroup>(region) {
        let active = group
            .instances
            .iter()
            .filter(|it| !it.lifecycle_state.starts_with("Terminating"));
        assert!(active.count() <= group.max_size.max(3) as usize);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_dangles_whatever_is_called(moves in moves()) {
        let mut world = start();
        check(&world);
        for it in moves {
            make(&mut world, it);
            check(&world);
        }
        world.pass(86_400);
        check(&world);
    }

    #[test]
    fn the_same_calls_give_the_same_bytes(moves in moves()) {
        let run = || {
            let mut world = start();
            for it in &moves {
                make(&mut world, *it);
            }
            world.pass(3600);
            serde_json::to_string(&world.account.twin.snapshot()).unwrap()
        };
        prop_assert_eq!(run(), run());
    }

    /// A twin of the snapshot of a twin has the same references and nothing dangling.
    #[test]
    fn snapshots_can_be_gone_on_with(first in moves(), second in moves()) {
        let mut world = start();
        for it in first {
            make(&mut world, it);
        }
        let options = world.account.twin.options().clone();
        world.account.twin = crate::Twin::from_snapshot(&world.account.twin.snapshot(), options);
        check(&world);
        for it in second {
            make(&mut world, it);
            check(&world);
        }
    }
}

/// The properties above would hold of services that refuse everything, so this one looks that they do
/// not.
#[test]
fn every_call_is_allowed_somewhere() {
    let mut allowed = std::collections::BTreeSet::new();
    let mut numbers = crate::IdSource::new(1);
    for _ in 0..40 {
        let mut world = start();
        for _ in 0..60 {
            let mut below = |bound: u64| usize::try_from(numbers.below(bound)).unwrap();
            let it = Move {
                call: below(CALLS as u64 - 3),
                target: below(4),
                seconds: i64::try_from(below(400)).unwrap(),
            };
            if make(&mut world, it) {
                allowed.insert(it.call);
            }
        }
        // What all the rest depends on goes once the rest is gone: not by chance.
    }
    assert_eq!(allowed, (0..CALLS - 3).collect());
}
