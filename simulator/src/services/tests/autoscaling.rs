//! Auto Scaling. Rules are those of the Auto Scaling API reference (2011-01-01) and user guide.

use serde_json::{Value, json};

use super::{World, only};
use crate::services::elbv2;
use crate::testing::text;
use crate::wire::Api;

impl World {
    /// A group that wants two instances, and has them.
    fn scaling(more: Value) -> Self {
        let mut world = World::of(Api::AutoScaling);
        let image = world.account.public_image();
        let group = world.group.clone();
        world.ok(
            "CreateLaunchConfiguration",
            json!({"LaunchConfigurationName": "lc", "ImageId": image,
                   "InstanceType": "t3.micro", "SecurityGroups": [group]}),
        );
        let subnets = format!("{},{}", world.one, world.two);
        let mut input = json!({"AutoScalingGroupName": "web", "LaunchConfigurationName": "lc",
            "MinSize": 1, "MaxSize": 4, "DesiredCapacity": 2, "VPCZoneIdentifier": subnets,
            "Tags": [{"Key": "team", "Value": "web", "PropagateAtLaunch": true},
                     {"Key": "own", "Value": "1", "PropagateAtLaunch": false}]});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        world.ok("CreateAutoScalingGroup", input);
        world.pass(60);
        world
    }

    fn seen(&mut self) -> Value {
        let named = json!({"AutoScalingGroupNames": ["web"]});
        let answer = self.ok("DescribeAutoScalingGroups", named);
        only(&answer, "AutoScalingGroups").clone()
    }

    fn members(&mut self) -> Vec<String> {
        let group = self.seen();
        let members = group["Instances"].as_array().unwrap();
        members.iter().map(|it| text(it, "InstanceId")).collect()
    }

    /// How many instances of EC2 are in a state.
    fn count(&mut self, state: &str) -> usize {
        let filter = json!([{"Name": "instance-state-name", "Values": [state]}]);
        let answer = self.ec2("DescribeInstances", json!({"Filters": filter}));
        let reservations = answer["Reservations"].as_array().unwrap();
        reservations
            .iter()
            .map(|it| it["Instances"].as_array().unwrap().len())
            .sum()
    }

    fn named(&self, more: Value) -> Value {
        let mut input = json!({"AutoScalingGroupName": "web"});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    }
}

#[test]
fn a_group_launches_what_it_wants_evenly() {
    let mut world = World::scaling(json!({}));
    let group = world.seen();
    let members = group["Instances"].as_array().unwrap().clone();
    assert_eq!(members.len(), 2);
    let mut zones: Vec<String> = members
        .iter()
        .map(|it| text(it, "AvailabilityZone"))
        .collect();
    zones.sort();
    assert_eq!(zones, ["eu-central-1a", "eu-central-1b"]);
    assert!(members.iter().all(|it| it["LifecycleState"] == "InService"));
    let instance = world.account.see(&text(&members[0], "InstanceId"));
    let tags = instance["Tags"].as_array().unwrap();
    assert!(tags.contains(&json!({"Key": "aws:autoscaling:groupName", "Value": "web"})));
    assert!(tags.contains(&json!({"Key": "team", "Value": "web"})));
    assert!(!tags.iter().any(|it| it["Key"] == "own"));
    assert_eq!(
        instance["SecurityGroups"][0]["GroupId"],
        world.group.as_str()
    );
    let answer = world.ok(
        "DescribeScalingActivities",
        json!({"AutoScalingGroupName": "web"}),
    );
    let activities = answer["Activities"].as_array().unwrap();
    assert_eq!(activities.len(), 2);
    assert!(activities.iter().all(|it| it["StatusCode"] == "Successful"));
    let answer = world.ok("DescribeAutoScalingInstances", json!({}));
    assert_eq!(
        answer["AutoScalingInstances"][0]["AutoScalingGroupName"],
        "web"
    );
}

/// What the brain must learn: to terminate an instance of a group saves nothing.
#[test]
fn terminating_an_instance_of_a_group_is_futile() {
    let mut world = World::scaling(json!({}));
    let before = world.members();
    world.ec2("TerminateInstances", json!({"InstanceIds": [before[0]]}));
    world.pass(300);
    let after = world.members();
    assert_eq!(after.len(), 2);
    assert!(!after.contains(&before[0]) && after.contains(&before[1]));
    assert_eq!(world.count("running"), 2);
}

/// A stopped instance is unhealthy: the group terminates it (Auto Scaling user guide, "Health checks
/// for instances in an Auto Scaling group").
#[test]
fn a_stopped_instance_is_terminated_and_replaced() {
    let mut world = World::scaling(json!({}));
    let before = world.members();
    world.ec2("StopInstances", json!({"InstanceIds": [before[0]]}));
    world.pass(600);
    assert_eq!(world.account.see(&before[0])["State"]["Name"], "terminated");
    assert_eq!((world.members().len(), world.count("running")), (2, 2));
}

#[test]
fn a_group_that_may_not_launch_replaces_nothing() {
    let mut world = World::scaling(json!({}));
    world.ok(
        "SuspendProcesses",
        json!({"AutoScalingGroupName": "web", "ScalingProcesses": ["Launch"]}),
    );
    let before = world.members();
    world.ec2("TerminateInstances", json!({"InstanceIds": [before[0]]}));
    world.pass(3600 * 3);
    assert_eq!(world.members(), before[1..]);
    world.ok("ResumeProcesses", json!({"AutoScalingGroupName": "web"}));
    world.pass(120);
    assert_eq!(world.members().len(), 2);
    let wrong = json!({"AutoScalingGroupName": "web", "ScalingProcesses": ["Sleep"]});
    world.refused("SuspendProcesses", wrong, "ValidationError", "Sleep");
}

#[test]
fn capacity_moves_within_its_bounds() {
    let mut world = World::scaling(json!({}));
    let above = world.named(json!({"DesiredCapacity": 5}));
    world.refused(
        "SetDesiredCapacity",
        above,
        "ValidationError",
        "above max value 4",
    );
    let below = world.named(json!({"DesiredCapacity": 0}));
    world.refused(
        "SetDesiredCapacity",
        below,
        "ValidationError",
        "below min value 1",
    );
    let four = world.named(json!({"DesiredCapacity": 4}));
    world.ok("SetDesiredCapacity", four);
    world.pass(60);
    assert_eq!(world.count("running"), 4);
    let members = world.members();
    let protect = json!({"AutoScalingGroupName": "web", "InstanceIds": [members[0]],
        "ProtectedFromScaleIn": true});
    world.ok("SetInstanceProtection", protect);
    let one = world.named(json!({"MinSize": 0, "DesiredCapacity": 0}));
    world.ok("UpdateAutoScalingGroup", one);
    world.pass(300);
    assert_eq!(world.members(), members[..1], "the protected one stays");
    let wrong = world.named(json!({"MinSize": 5}));
    world.refused(
        "UpdateAutoScalingGroup",
        wrong,
        "ValidationError",
        "Max bound, 4",
    );
}

#[test]
fn a_group_with_instances_is_deleted_by_force_alone() {
    let mut world = World::scaling(json!({}));
    let plain = world.named(json!({}));
    world.refused(
        "DeleteAutoScalingGroup",
        plain,
        "ResourceInUse",
        "still in the group",
    );
    let named = json!({"LaunchConfigurationName": "lc"});
    world.refused(
        "DeleteLaunchConfiguration",
        named.clone(),
        "ResourceInUse",
        "attached to",
    );
    let force = world.named(json!({"ForceDelete": true}));
    world.ok("DeleteAutoScalingGroup", force);
    assert_eq!(world.seen()["Status"], "Delete in progress");
    let update = world.named(json!({"MaxSize": 9}));
    world.refused(
        "UpdateAutoScalingGroup",
        update,
        "ValidationError",
        "pending delete",
    );
    world.pass(120);
    let answer = world.ok("DescribeAutoScalingGroups", json!({}));
    assert_eq!(answer["AutoScalingGroups"], json!([]));
    assert_eq!(world.count("running"), 0);
    world.ok("DeleteLaunchConfiguration", named.clone());
    world.refused(
        "DeleteLaunchConfiguration",
        named,
        "ValidationError",
        "not found",
    );
    world.pass(2 * 3600);
    assert_eq!(
        world.account.twin.next_due(),
        None,
        "nothing goes on for ever"
    );
}

#[test]
fn deleting_waits_for_what_is_under_way() {
    let mut world = World::scaling(json!({}));
    let zero = world.named(json!({"MinSize": 0, "MaxSize": 0}));
    world.ok("UpdateAutoScalingGroup", zero);
    world.pass(20);
    let plain = world.named(json!({}));
    world.refused(
        "DeleteAutoScalingGroup",
        plain.clone(),
        "ScalingActivityInProgress",
        "progress",
    );
    world.pass(120);
    world.ok("DeleteAutoScalingGroup", plain.clone());
    world.refused(
        "DeleteAutoScalingGroup",
        plain,
        "ValidationError",
        "name not found",
    );
}

#[test]
fn instances_leave_and_join_a_group() {
    let mut world = World::scaling(json!({}));
    let members = world.members();
    let detach = |decrement: bool| {
        json!({"AutoScalingGroupName": "web", "InstanceIds": [members[0]],
               "ShouldDecrementDesiredCapacity": decrement})
    };
    world.ok("DetachInstances", detach(true));
    world.pass(120);
    assert_eq!((world.members().len(), world.count("running")), (1, 2));
    world.refused(
        "DetachInstances",
        detach(false),
        "ValidationError",
        "is not part of",
    );
    let attach = json!({"AutoScalingGroupName": "web", "InstanceIds": [members[0]]});
    world.ok("AttachInstances", attach.clone());
    assert_eq!(world.seen()["DesiredCapacity"], 2);
    world.refused(
        "AttachInstances",
        attach,
        "ValidationError",
        "part of the group web",
    );
    let terminate = json!({"InstanceId": members[1], "ShouldDecrementDesiredCapacity": true});
    world.ok("TerminateInstanceInAutoScalingGroup", terminate.clone());
    world.refused(
        "TerminateInstanceInAutoScalingGroup",
        terminate,
        "ScalingActivityInProgress",
        "",
    );
    world.pass(120);
    assert_eq!(world.members(), [members[0].clone()]);
    let last = json!({"InstanceId": members[0], "ShouldDecrementDesiredCapacity": true});
    world.refused(
        "TerminateInstanceInAutoScalingGroup",
        last,
        "ValidationError",
        "min size",
    );
    let foreign = json!({"InstanceId": members[1], "ShouldDecrementDesiredCapacity": false});
    let code = "ValidationError";
    world.refused(
        "TerminateInstanceInAutoScalingGroup",
        foreign,
        code,
        "No managed instance",
    );
}

#[test]
fn a_launch_that_fails_is_told_and_tried_again() {
    let mut world = World::scaling(json!({"DesiredCapacity": 1, "MinSize": 0}));
    let (one, two) = (world.one.clone(), world.two.clone());
    let zero = world.named(json!({"DesiredCapacity": 0}));
    world.ok("SetDesiredCapacity", zero);
    world.pass(300);
    // Subnets may go although a group names them.
    world.ec2("DeleteSubnet", json!({"SubnetId": one}));
    world.ec2("DeleteSubnet", json!({"SubnetId": two}));
    let more = world.named(json!({"DesiredCapacity": 1}));
    world.ok("SetDesiredCapacity", more);
    world.pass(3600);
    let answer = world.ok(
        "DescribeScalingActivities",
        json!({"AutoScalingGroupName": "web"}),
    );
    let activities = answer["Activities"].as_array().unwrap();
    assert_eq!(activities[0]["StatusCode"], "Failed");
    let failed = activities
        .iter()
        .filter(|it| it["StatusCode"] == "Failed")
        .count();
    assert!(
        (3..20).contains(&failed),
        "tried {failed} times, each time later"
    );
    assert_eq!(world.members().len(), 0);
}

#[test]
fn instances_are_registered_with_target_groups() {
    let mut world = World::scaling(json!({}));
    let ctx = world.ctx();
    let vpc = world.vpc.clone();
    let request: elbv2::CreateTargetGroupRequest =
        serde_json::from_value(json!({"Name": "tg", "Protocol": "HTTP", "Port": 80, "VpcId": vpc}))
            .unwrap();
    let made = elbv2::create_target_group(&mut world.account.twin, &ctx, request).unwrap();
    let arn = text(&made.target_groups[0], "TargetGroupArn");
    world.ok(
        "AttachLoadBalancerTargetGroups",
        json!({"AutoScalingGroupName": "web", "TargetGroupARNs": [arn]}),
    );
    let targets = |world: &World| -> Vec<String> {
        let group = world.account.see("tg-eu-central-1/tg");
        let targets = group["Targets"].as_array().cloned().unwrap_or_default();
        targets.iter().map(|it| text(it, "Id")).collect()
    };
    let members = world.members();
    assert_eq!(targets(&world), members);
    world.ec2("TerminateInstances", json!({"InstanceIds": [members[0]]}));
    world.pass(300);
    let (mut now, mut members) = (targets(&world), world.members());
    now.sort();
    members.sort();
    assert_eq!(now, members);
    world.ok(
        "DetachLoadBalancerTargetGroups",
        json!({"AutoScalingGroupName": "web", "TargetGroupARNs": [arn]}),
    );
    assert_eq!(targets(&world).len(), 0);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut world = World::scaling(json!({}));
    let (one, two) = (world.one.clone(), world.two.clone());
    let made = |more: Value| {
        let mut input = json!({"AutoScalingGroupName": "new", "LaunchConfigurationName": "lc",
            "MinSize": 0, "MaxSize": 1, "VPCZoneIdentifier": format!("{one},{two}")});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    };
    for (more, code, message) in [
        (
            json!({"AutoScalingGroupName": "web"}),
            "AlreadyExists",
            "name web already exists",
        ),
        (
            json!({"DesiredCapacity": 2}),
            "ValidationError",
            "Desired capacity:2 must be between",
        ),
        (json!({"MinSize": 2}), "ValidationError", "Max bound, 1"),
        (
            json!({"LaunchConfigurationName": "no"}),
            "ValidationError",
            "name not found",
        ),
        (
            json!({"LaunchConfigurationName": null}),
            "ValidationError",
            "Valid requests must contain",
        ),
        (
            json!({"VPCZoneIdentifier": "subnet-00000000000000000"}),
            "ValidationError",
            "does not exist",
        ),
        (
            json!({"VPCZoneIdentifier": null}),
            "ValidationError",
            "At least one Availability Zone",
        ),
        (
            json!({"AvailabilityZones": ["eu-central-1c"]}),
            "ValidationError",
            "do not match",
        ),
        (
            json!({"TargetGroupARNs": ["arn:x"]}),
            "ValidationError",
            "Target Groups",
        ),
        (
            json!({"TerminationPolicies": ["Random"]}),
            "ValidationError",
            "Random",
        ),
        (
            json!({"MixedInstancesPolicy": {}}),
            "UnsupportedOperation",
            "MixedInstancesPolicy",
        ),
    ] {
        world.refused("CreateAutoScalingGroup", made(more), code, message);
    }
}

#[test]
fn tags_of_groups_say_whether_they_are_passed_on() {
    let mut world = World::scaling(json!({}));
    let tag = json!({"ResourceId": "web", "ResourceType": "auto-scaling-group", "Key": "own",
        "Value": "2", "PropagateAtLaunch": true});
    world.ok("CreateOrUpdateTags", json!({"Tags": [tag]}));
    let filters = json!([{"Name": "key", "Values": ["own"]}]);
    let answer = world.ok("DescribeTags", json!({"Filters": filters}));
    assert_eq!(only(&answer, "Tags"), &tag);
    let filters = json!([{"Name": "tag:own", "Values": ["2"]}]);
    let answer = world.ok("DescribeAutoScalingGroups", json!({"Filters": filters}));
    only(&answer, "AutoScalingGroups");
    world.ok(
        "DeleteTags",
        json!({"Tags": [{"ResourceId": "web",
        "ResourceType": "auto-scaling-group", "Key": "own"}]}),
    );
    let answer = world.ok("DescribeTags", json!({}));
    assert_eq!(only(&answer, "Tags")["Key"], "team");
}

/// A snapshot has no launch configurations: the group launches what it had.
#[test]
fn a_group_of_a_snapshot_keeps_its_number() {
    let mut world = World::scaling(json!({}));
    let snapshot = world.account.twin.snapshot();
    let options = world.account.twin.options().clone();
    world.account.twin = crate::Twin::from_snapshot(&snapshot, options);
    world.pass(600);
    assert!(
        world.account.twin.diff().is_empty(),
        "a group that is well does nothing"
    );
    let before = world.members();
    world.ec2("TerminateInstances", json!({"InstanceIds": [before[0]]}));
    world.pass(300);
    assert_eq!(world.members().len(), 2);
    let newest = world.members()[1].clone();
    let newest = world.account.see(&newest);
    assert_eq!(newest["InstanceType"], "t3.micro");
    assert_eq!(newest["SecurityGroups"][0]["GroupId"], world.group.as_str());
}

/// A snapshot does not have images that others share; the group's instances show that AWS has theirs.
#[test]
fn a_group_launches_from_images_that_no_snapshot_shows() {
    let mut world = World::scaling(json!({}));
    let mut snapshot = serde_json::to_value(world.account.twin.snapshot()).unwrap();
    let images = drop_images(&mut snapshot);
    assert!(images > 0);
    let snapshot: sandtable_model::Snapshot = serde_json::from_value(snapshot).unwrap();
    let options = world.account.twin.options().clone();
    world.account.twin = crate::Twin::from_snapshot(&snapshot, options);
    let before = world.members();
    world.ec2("TerminateInstances", json!({"InstanceIds": [before[0]]}));
    world.pass(300);
    assert_eq!(world.members().len(), 2);
    assert_eq!(world.ec2("DescribeImages", json!({}))["Images"], json!([]));
    let newest = world.members()[1].clone();
    let newest = world.account.see(&newest);
    let devices = newest["BlockDeviceMappings"].as_array().unwrap();
    assert_eq!(devices.len(), 1, "the root volume is as the others'");
}

/// Takes images out of a document; says how many.
fn drop_images(document: &mut Value) -> usize {
    match document {
        Value::Object(members) => {
            let own = members.get_mut("Images").and_then(Value::as_array_mut);
            let own = own.map_or(0, |it| std::mem::take(it).len());
            own + members.values_mut().map(drop_images).sum::<usize>()
        }
        Value::Array(entries) => entries.iter_mut().map(drop_images).sum(),
        _ => 0,
    }
}

/// An image that is deregistered in the twin is gone: a group that needs it launches no more.
#[test]
fn a_group_without_its_image_launches_nothing() {
    let mut world = World::of(Api::AutoScaling);
    let volume = world.account.volume(8);
    let snapshot = world.account.snapshot(&volume);
    let device = json!({"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}});
    let image = json!({"Name": "own", "RootDeviceName": "/dev/xvda", "Architecture": "x86_64",
        "BlockDeviceMappings": [device]});
    let image = text(&world.ec2("RegisterImage", image), "ImageId");
    let configuration = json!({"LaunchConfigurationName": "lc", "ImageId": image,
        "InstanceType": "t3.micro"});
    world.ok("CreateLaunchConfiguration", configuration);
    let group = json!({"AutoScalingGroupName": "web", "LaunchConfigurationName": "lc",
        "MinSize": 0, "MaxSize": 2, "DesiredCapacity": 1, "VPCZoneIdentifier": world.one});
    world.ok("CreateAutoScalingGroup", group);
    world.pass(60);
    let members = world.members();
    assert_eq!(members.len(), 1);
    world.ec2("DeregisterImage", json!({"ImageId": image}));
    world.ec2("TerminateInstances", json!({"InstanceIds": [members[0]]}));
    world.pass(600);
    assert_eq!(world.members().len(), 0);
    let answer = world.ok("DescribeScalingActivities", json!({}));
    let failed = answer["Activities"].as_array().unwrap().iter();
    let mut failed = failed.filter(|it| it["StatusCode"] == "Failed");
    assert!(text(failed.next().unwrap(), "StatusMessage").contains(&image));
}

/// Auto Scaling user guide, "Auto Scaling launch templates": a group launches what its template says
/// in the version that it names, and fails once the template is gone.
#[test]
fn a_group_launches_from_a_template() {
    let mut world = World::of(Api::AutoScaling);
    let (image, group) = (world.account.public_image(), world.group.clone());
    let data = json!({"ImageId": image, "InstanceType": "t3.small", "SecurityGroupIds": [group]});
    let made = world.ec2(
        "CreateLaunchTemplate",
        json!({"LaunchTemplateName": "template", "LaunchTemplateData": data}),
    );
    let id = text(&made["LaunchTemplate"], "LaunchTemplateId");
    let input = |version: &str| {
        json!({"AutoScalingGroupName": "web", "MinSize": 0, "MaxSize": 2, "DesiredCapacity": 1,
            "VPCZoneIdentifier": world.one,
            "LaunchTemplate": {"LaunchTemplateId": id, "Version": version}})
    };
    let (wrong, right) = (input("7"), input("$Latest"));
    world.refused(
        "CreateAutoScalingGroup",
        wrong,
        "ValidationError",
        "valid fully-formed",
    );
    world.ok("CreateAutoScalingGroup", right);
    world.pass(60);
    let members = world.members();
    assert_eq!(members.len(), 1);
    let instance = world.account.see(&members[0]);
    assert_eq!(instance["InstanceType"], "t3.small");
    assert_eq!(instance["SecurityGroups"][0]["GroupId"], group.as_str());
    world.ec2("DeleteLaunchTemplate", json!({"LaunchTemplateId": id}));
    world.ec2("TerminateInstances", json!({"InstanceIds": [members[0]]}));
    world.pass(600);
    assert_eq!(world.members().len(), 0);
}
