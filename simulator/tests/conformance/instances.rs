//! Instances and what belongs to them: key pairs, launch templates, placement groups.

use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{ANY, World, filter, nobody, text};

section! {
    "ec2-semantics", "Lifecycles: instances";
    states: "pending (0), running (16), stopping (64), stopped (80), shutting-down (32), terminated (48); calls return before the final state", "3, Instance [B]";
    transitions: "Stopped instances start again; a pending or running one may be started, a stopping or stopped one stopped without effect", "3, Instance [B]";
    stop_in_wrong_state: "Stop of an instance that goes down for good is IncorrectInstanceState, start and reboot too", "3, Instance [W]";
    stop_of_instance_store: "Stop of an instance-store-backed instance is UnsupportedOperation", "3, Instance";
    terminated_lingers: "A terminated instance is described for about an hour, then InvalidInstanceID.NotFound", "3, Instance [B]";
    termination_protection: "disableApiTermination makes TerminateInstances OperationNotPermitted with AWS's words", "3, Instance [W, MO]";
    stop_protection: "disableApiStop makes StopInstances OperationNotPermitted, and does not keep from termination", "3, Instance";
    unknown_id_terminates_none: "One unknown id among several terminates none, and stops and starts none", "3, Batch semantics [B TerminateInstances]";
    protected_in_a_zone: "A protected instance fails the instances of its own zone only, and the call", "3, Batch semantics [B TerminateInstances]";
    volumes_go_as_mapped: "At termination the root volume goes by default, a volume of the launch as its mapping says, one attached later stays", "3, Instance, Cascades [B]";
    interfaces_go_as_attached: "At termination the interface of the launch goes, one attached later becomes available", "3, Instance, Cascades";
    address_stays_allocated: "At termination and at a stop an Elastic IP stays allocated; only termination disassociates it", "3, Instance, Cascades [B StopInstances]";
    public_address_goes: "A lent public address goes when the instance stops, and another comes when it starts", "3, Instance, Cascades";
    stopped_keeps: "A stopped instance keeps private addresses, interfaces and volumes", "3, Instance [B StopInstances]";
    groups_are_held: "A running instance keeps its security group, until it is terminated", "3, Security group";
    launch_template_life: "Deleting a launch template removes all versions; the default version cannot be deleted alone; use is not checked", "3, Launch template [B]";
    launch_template_versions_at_once: "DeleteLaunchTemplateVersions takes 200 versions at most and answers for each", "3, Launch template [B]; wire, Success response";
    key_pair_in_use: "A key pair is deleted though instances name it", "3, Key pair";
    placement_group_in_use: "A placement group with members, terminating ones too, is InvalidPlacementGroup.InUse", "3, Placement group [W]";
    batch_counts: "MinCount and MaxCount bound a launch: neither may be none, nor the least more than the most", "API reference, RunInstances";
    subnets_of_launch: "A launch names groups of its subnet's VPC only", "API reference, RunInstances";
    reasons: "A user's stop or termination is told in StateTransitionReason and StateReason", "twin-conformance, As AWS";
}

fn ids(id: &str) -> Value {
    json!({"InstanceIds": [id]})
}

fn state(world: &mut World, id: &str) -> (i64, String) {
    let seen = world.see_instance(id);
    (
        seen["State"]["Code"].as_i64().unwrap(),
        text(&seen, "/State/Name"),
    )
}

#[track_caller]
fn is(world: &mut World, id: &str, code: i64, name: &str) {
    assert_eq!(state(world, id), (code, name.to_owned()));
}

fn states(world: &mut World) {
    let image = world.public_image();
    let run = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1});
    let made = world.ok("RunInstances", run);
    let id = text(&made, "/Instances/0/InstanceId");
    assert_eq!(
        made["Instances"][0]["State"],
        json!({"Code": 0, "Name": "pending"})
    );
    is(world, &id, 0, "pending");
    world.pass(60);
    is(world, &id, 16, "running");
    let answer = world.ok("StopInstances", ids(&id));
    let change = &answer["StoppingInstances"][0];
    assert_eq!(
        change["CurrentState"],
        json!({"Code": 64, "Name": "stopping"})
    );
    assert_eq!(
        change["PreviousState"],
        json!({"Code": 16, "Name": "running"})
    );
    is(world, &id, 64, "stopping");
    world.pass(120);
    is(world, &id, 80, "stopped");
    world.ok("TerminateInstances", ids(&id));
    is(world, &id, 32, "shutting-down");
    world.pass(120);
    is(world, &id, 48, "terminated");
}

fn transitions(world: &mut World) {
    let id = world.instance(json!({}));
    world.ok("StartInstances", ids(&id));
    is(world, &id, 16, "running");
    world.ok("StopInstances", ids(&id));
    world.ok("StopInstances", ids(&id));
    world.pass(120);
    world.ok("StopInstances", ids(&id));
    is(world, &id, 80, "stopped");
    world.ok("StartInstances", ids(&id));
    is(world, &id, 0, "pending");
    world.ok("StartInstances", ids(&id));
    world.pass(60);
    is(world, &id, 16, "running");
    // From pending, too, an instance can be terminated.
    let other = world.instance(json!({}));
    world.ok("StopInstances", ids(&other));
    world.ok("TerminateInstances", ids(&other));
    is(world, &other, 32, "shutting-down");
}

fn stop_in_wrong_state(world: &mut World) {
    let id = world.instance(json!({}));
    world.ok("StopInstances", ids(&id));
    let wrong = "IncorrectInstanceState";
    let message = format!("The instance '{id}' is not in a state from which it can be started.");
    world.no("StartInstances", ids(&id), wrong, &message);
    world.no("RebootInstances", ids(&id), wrong, &id);
    world.ok("TerminateInstances", ids(&id));
    for seconds in [0, 120] {
        world.pass(seconds);
        let message =
            format!("The instance '{id}' is not in a state from which it can be stopped.");
        world.no("StopInstances", ids(&id), wrong, &message);
        world.no("StartInstances", ids(&id), wrong, &id);
        world.no("RebootInstances", ids(&id), wrong, &id);
    }
}

fn stop_of_instance_store(world: &mut World) {
    let id = world.instance(json!({}));
    let snapshot = serde_json::to_string(&world.twin.snapshot()).unwrap();
    let recorded = snapshot.replace(
        "\"RootDeviceType\":\"ebs\"",
        "\"RootDeviceType\":\"instance-store\"",
    );
    assert_ne!(snapshot, recorded);
    let snapshot: sandtable_model::Snapshot = serde_json::from_str(&recorded).unwrap();
    world.twin = sandtable_simulator::Twin::from_snapshot(&snapshot, world.twin.options().clone());
    world.no("StopInstances", ids(&id), "UnsupportedOperation", &id);
    world.ok("TerminateInstances", ids(&id));
}

fn terminated_lingers(world: &mut World) {
    let id = world.instance(json!({}));
    world.ok("TerminateInstances", ids(&id));
    world.pass(50 * 60);
    is(world, &id, 48, "terminated");
    let all = world.all("DescribeInstances", json!({}), "Reservations");
    assert_eq!(all.len(), 1);
    world.pass(15 * 60);
    world.no(
        "DescribeInstances",
        ids(&id),
        "InvalidInstanceID.NotFound",
        &id,
    );
    assert_eq!(
        world.all("DescribeInstances", json!({}), "Reservations"),
        Vec::<Value>::new()
    );
}

fn termination_protection(world: &mut World) {
    let id = world.instance(json!({"DisableApiTermination": true}));
    let message = format!(
        "The instance '{id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."
    );
    world.no(
        "TerminateInstances",
        ids(&id),
        "OperationNotPermitted",
        &message,
    );
    let off = json!({"InstanceId": id, "DisableApiTermination": {"Value": false}});
    world.ok("ModifyInstanceAttribute", off);
    world.ok("TerminateInstances", ids(&id));
}

fn stop_protection(world: &mut World) {
    let id = world.instance(json!({"DisableApiStop": true}));
    world.no(
        "StopInstances",
        ids(&id),
        "OperationNotPermitted",
        "disableApiStop",
    );
    world.ok("TerminateInstances", ids(&id));
}

fn unknown_id_terminates_none(world: &mut World) {
    let id = world.instance(json!({}));
    let both = json!({"InstanceIds": [id, nobody("i")]});
    for action in [
        "TerminateInstances",
        "StopInstances",
        "StartInstances",
        "RebootInstances",
    ] {
        world.no(
            action,
            both.clone(),
            "InvalidInstanceID.NotFound",
            &nobody("i"),
        );
    }
    is(world, &id, 16, "running");
    // A stop of several is all or none, too.
    let other = world.instance(json!({}));
    world.ok("TerminateInstances", ids(&other));
    let both = json!({"InstanceIds": [id, other]});
    world.no("StopInstances", both, "IncorrectInstanceState", &other);
}

fn protected_in_a_zone(world: &mut World) {
    let zoned = |zone: String, protected: bool| json!({"Placement": {"AvailabilityZone": zone}, "DisableApiTermination": protected});
    let (a, b) = (world.zone('a'), world.zone('b'));
    let guarded = world.instance(zoned(a.clone(), true));
    let beside = world.instance(zoned(a, false));
    let apart = world.instance(zoned(b, false));
    let all = json!({"InstanceIds": [guarded, beside, apart]});
    world.no_but("TerminateInstances", all, "OperationNotPermitted", &guarded);
    is(world, &guarded, 16, "running");
    is(world, &beside, 16, "running");
    is(world, &apart, 32, "shutting-down");
}

fn volumes_go_as_mapped(world: &mut World) {
    let mappings = json!([
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 4, "DeleteOnTermination": true}},
        {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 5, "DeleteOnTermination": false}}]);
    let subnet = world.default_subnet();
    let id = world.instance(json!({"BlockDeviceMappings": mappings, "SubnetId": subnet}));
    let later = world.volume();
    world.ok(
        "AttachVolume",
        json!({"InstanceId": id, "VolumeId": later, "Device": "/dev/sdh"}),
    );
    world.pass(10);
    assert_eq!(world.all("DescribeVolumes", json!({}), "Volumes").len(), 4);
    world.ok("TerminateInstances", ids(&id));
    world.pass(300);
    let left = world.all("DescribeVolumes", json!({}), "Volumes");
    let mut sizes: Vec<i64> = left.iter().map(|it| it["Size"].as_i64().unwrap()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [5, 8]);
    assert!(left.iter().all(|it| it["State"] == "available"), "{left:?}");
}

fn interfaces_go_as_attached(world: &mut World) {
    let subnet = world.default_subnet();
    let id = world.instance(json!({"SubnetId": subnet}));
    let primary = text(
        &world.see_instance(&id),
        "/NetworkInterfaces/0/NetworkInterfaceId",
    );
    let later = world.interface(&subnet);
    let input = json!({"InstanceId": id, "NetworkInterfaceId": later, "DeviceIndex": 1});
    world.ok("AttachNetworkInterface", input);
    world.pass(10);
    world.ok("TerminateInstances", ids(&id));
    world.pass(300);
    let unknown = "InvalidNetworkInterfaceID.NotFound";
    let input = json!({"NetworkInterfaceIds": [primary]});
    world.no("DescribeNetworkInterfaces", input, unknown, &primary);
    assert_eq!(world.see_interface(&later)["Status"], "available");
}

fn address_stays_allocated(world: &mut World) {
    let subnet = world.default_subnet();
    let id = world.instance(json!({"SubnetId": subnet}));
    let address = world.address();
    world.ok(
        "AssociateAddress",
        json!({"AllocationId": address, "InstanceId": id}),
    );
    let see = |world: &mut World| {
        let input = json!({"AllocationIds": [address]});
        world.one("DescribeAddresses", input, "Addresses")
    };
    world.ok("StopInstances", ids(&id));
    world.pass(120);
    assert_eq!(see(world)["InstanceId"], id.as_str());
    world.ok("TerminateInstances", ids(&id));
    world.pass(120);
    assert_eq!(see(world).get("AssociationId"), None);
}

fn public_address_goes(world: &mut World) {
    let subnet = world.default_subnet();
    let id = world.instance(json!({"SubnetId": subnet}));
    let before = text(&world.see_instance(&id), "/PublicIpAddress");
    world.ok("StopInstances", ids(&id));
    world.pass(120);
    let stopped = world.see_instance(&id);
    assert!(
        stopped["PublicIpAddress"]
            .as_str()
            .is_none_or(str::is_empty),
        "{stopped}"
    );
    world.ok("StartInstances", ids(&id));
    world.pass(60);
    let after = text(&world.see_instance(&id), "/PublicIpAddress");
    assert!(!after.is_empty() && after != before, "{before} {after}");
}

fn stopped_keeps(world: &mut World) {
    let subnet = world.default_subnet();
    let id = world.instance(json!({"SubnetId": subnet}));
    let before = world.see_instance(&id);
    world.ok("StopInstances", ids(&id));
    world.pass(120);
    let after = world.see_instance(&id);
    for member in [
        "PrivateIpAddress",
        "BlockDeviceMappings",
        "VpcId",
        "SubnetId",
        "SecurityGroups",
    ] {
        assert_eq!(before[member], after[member], "{member}");
    }
    let interface = "/NetworkInterfaces/0/NetworkInterfaceId";
    assert_eq!(text(&before, interface), text(&after, interface));
}

fn groups_are_held(world: &mut World) {
    let (vpc, subnet) = (world.default_vpc(), world.default_subnet());
    let group = world.group(&vpc, "web");
    let id = world.instance(json!({"SubnetId": subnet, "SecurityGroupIds": [group]}));
    let delete = json!({"GroupId": group});
    world.no(
        "DeleteSecurityGroup",
        delete.clone(),
        "DependencyViolation",
        &group,
    );
    world.ok("StopInstances", ids(&id));
    world.pass(120);
    world.no(
        "DeleteSecurityGroup",
        delete.clone(),
        "DependencyViolation",
        &group,
    );
    world.ok("TerminateInstances", ids(&id));
    world.no(
        "DeleteSecurityGroup",
        delete.clone(),
        "DependencyViolation",
        &group,
    );
    world.pass(120);
    world.ok("DeleteSecurityGroup", delete);
}

fn template(world: &mut World) -> String {
    let data = json!({"InstanceType": "t3.micro", "ImageId": world.public_image()});
    let input = json!({"LaunchTemplateName": "web", "LaunchTemplateData": data});
    world.make(
        "CreateLaunchTemplate",
        input,
        "/LaunchTemplate/LaunchTemplateId",
    )
}

fn launch_template_life(world: &mut World) {
    let id = template(world);
    let data = json!({"LaunchTemplateId": id, "LaunchTemplateData": {"InstanceType": "t3.nano"}});
    world.ok("CreateLaunchTemplateVersion", data);
    let both = json!({"LaunchTemplateId": id, "Versions": ["1", "2"]});
    let answer = world.ok("DeleteLaunchTemplateVersions", both);
    assert_eq!(
        answer["SuccessfullyDeletedLaunchTemplateVersions"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let failed = &answer["UnsuccessfullyDeletedLaunchTemplateVersions"][0];
    assert_eq!(failed["VersionNumber"], 1, "{answer}");
    let run = json!({"LaunchTemplate": {"LaunchTemplateId": id}, "MinCount": 1, "MaxCount": 1});
    world.ok("RunInstances", run);
    world.ok("DeleteLaunchTemplate", json!({"LaunchTemplateId": id}));
    let input = json!({"LaunchTemplateId": id});
    let unknown = "InvalidLaunchTemplateId.NotFound";
    world.no("DescribeLaunchTemplateVersions", input, unknown, &id);
}

fn launch_template_versions_at_once(world: &mut World) {
    let id = template(world);
    let many: Vec<String> = (1..=201).map(|it| it.to_string()).collect();
    let input = json!({"LaunchTemplateId": id, "Versions": many});
    let (code, message) = world
        .call("DeleteLaunchTemplateVersions", input)
        .unwrap_err();
    assert!(code.starts_with("InvalidParameter"), "{code}: {message}");
    let input = json!({"LaunchTemplateId": id, "Versions": ["7"]});
    let answer = world.ok("DeleteLaunchTemplateVersions", input);
    let failed = &answer["UnsuccessfullyDeletedLaunchTemplateVersions"][0];
    assert_eq!(
        failed["ResponseError"]["Code"], "launchTemplateVersionDoesNotExist",
        "{answer}"
    );
}

fn key_pair_in_use(world: &mut World) {
    world.ok("CreateKeyPair", json!({"KeyName": "key"}));
    world.no(
        "CreateKeyPair",
        json!({"KeyName": "key"}),
        "InvalidKeyPair.Duplicate",
        "key",
    );
    world.instance(json!({"KeyName": "key"}));
    world.ok("DeleteKeyPair", json!({"KeyName": "key"}));
}

fn placement_group_in_use(world: &mut World) {
    world.ok(
        "CreatePlacementGroup",
        json!({"GroupName": "rack", "Strategy": "spread"}),
    );
    let id =
        world.instance(json!({"Placement": {"GroupName": "rack"}, "InstanceType": "m5.large"}));
    let delete = json!({"GroupName": "rack"});
    let in_use = "InvalidPlacementGroup.InUse";
    let message = "The placement group 'rack' is in use and may not be deleted.";
    world.no("DeletePlacementGroup", delete.clone(), in_use, message);
    world.ok("TerminateInstances", ids(&id));
    world.no("DeletePlacementGroup", delete.clone(), in_use, message);
    world.pass(120);
    world.ok("DeletePlacementGroup", delete.clone());
    world.pass(60);
    world.no(
        "DeletePlacementGroup",
        delete,
        "InvalidPlacementGroup.Unknown",
        ANY,
    );
}

fn batch_counts(world: &mut World) {
    let image = world.public_image();
    let run = |least: i64, most: i64| json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": least, "MaxCount": most});
    for (least, most) in [(0, 1), (1, 0), (2, 1), (-1, 1)] {
        world.no(
            "RunInstances",
            run(least, most),
            "InvalidParameterValue",
            ANY,
        );
    }
    let made = world.ok("RunInstances", run(1, 3));
    assert_eq!(made["Instances"].as_array().unwrap().len(), 3);
}

fn subnets_of_launch(world: &mut World) {
    let (image, subnet, vpc) = (world.public_image(), world.default_subnet(), world.vpc());
    let foreign = world.group(&vpc, "web");
    let input = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
                       "SubnetId": subnet, "SecurityGroupIds": [foreign]});
    world.no("RunInstances", input, "InvalidParameter", &foreign);
    assert_eq!(
        world
            .all(
                "DescribeInstances",
                json!({"Filters": filter("vpc-id", &[&vpc])}),
                "Reservations"
            )
            .len(),
        0
    );
}

fn reasons(world: &mut World) {
    let id = world.instance(json!({}));
    world.ok("StopInstances", ids(&id));
    world.pass(120);
    let seen = world.see_instance(&id);
    let told = text(&seen, "/StateTransitionReason");
    assert!(
        told.starts_with("User initiated (20") && told.ends_with(" GMT)"),
        "{told}"
    );
    assert_eq!(seen["StateReason"]["Code"], "Client.UserInitiatedShutdown");
    world.ok("StartInstances", ids(&id));
    world.pass(60);
    let seen = world.see_instance(&id);
    assert!(
        seen["StateTransitionReason"]
            .as_str()
            .is_none_or(str::is_empty),
        "{seen}"
    );
}
