//! What LocalStack was seen to do, each with what AWS does: every paragraph of the page's last section.

use sandtable_simulator::wire::Api;
use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{ANY, World, filter, nobody, text};

section! {
    "twin-conformance", "LocalStack 4.14.0 against AWS, as observed";
    dry_run_changes_nothing: "DryRun answers DryRunOperation and changes nothing, for DeleteVpc, DeleteSubnet, DeleteNatGateway, CreateVpc, CreateSubnet and CreateNatGateway too", "first item", "LocalStack: ignores it and acts";
    dry_run_of_reads: "DryRun of DescribeVolumes, DescribeSnapshots and DescribeNatGateways answers DryRunOperation", "first item", "LocalStack: ignores it";
    dry_run_of_the_rest: "DryRun of ReleaseAddress, DeleteVolume, DeleteSnapshot, DeleteSecurityGroup, DeleteNetworkInterface, DeleteInternetGateway, AttachVolume, DetachVolume, ModifyVolume, RunInstances, StopInstances, TerminateInstances, AllocateAddress, CreateVolume, CreateSnapshot and CreateTags answers DryRunOperation", "first item", "LocalStack: as AWS";
    dry_run_of_unknown_ids: "An unknown id is told before DryRunOperation", "first item; ec2-semantics 1, Order of checks (gap: what most clients report)", "LocalStack: DryRunOperation for unknown ids as well";
    delete_vpc_with_instance_or_nat: "An instance or a NAT gateway in a VPC keeps it and its subnet", "second item", "LocalStack: DeleteSubnet always succeeds; an orphaned instance or NAT gateway does not block";
    delete_default_group: "DeleteSecurityGroup of a default group is refused with CannotDelete", "second item", "LocalStack: succeeds";
    release_address_in_use: "ReleaseAddress is refused while an instance outside the default VPC uses the address", "third item", "LocalStack: succeeds";
    address_is_idle_after_its_user: "After its NAT gateway is deleted or its instance terminated an address has no AssociationId", "third item", "LocalStack: keeps AssociationId";
    nat_gateway_states: "A NAT gateway is pending, then available; ConnectivityType is public; tag filters apply", "fourth item", "LocalStack: available at once, ConnectivityType None, tag filters ignored";
    nat_gateway_interface: "The interface of a NAT gateway is in-use, of type nat_gateway and managed by its requester", "fourth item", "LocalStack: available, of type interface";
    nat_gateway_unknown: "An unknown NAT gateway is NatGatewayNotFound, to describe and to delete", "fourth item", "LocalStack: 500 on delete, an empty list on describe";
    gp3_throughput: "A gp3 volume has 3000 IOPS and a throughput of 125 unless asked for more", "sixth item", "LocalStack: throughput empty";
    attach_across_zones: "AttachVolume is refused with InvalidVolume.ZoneMismatch across zones, and with VolumeInUse when attached already", "sixth item", "LocalStack: accepted";
    client_tokens_count: "A ClientToken makes a creation repeatable", "sixth item", "LocalStack: ignored";
    malformed_ids_are_malformed: "A malformed id is told apart from an unknown one", "sixth item", "LocalStack: NotFound";
    delete_snapshot_twice: "Deleting a snapshot twice is InvalidSnapshot.NotFound with a message", "sixth item", "LocalStack: an error without message";
    unknown_filters: "An unknown filter is InvalidParameterValue", "sixth item", "LocalStack: 501";
    pages_of_five_operations: "MaxResults applies to DescribeInstances, DescribeVolumes, DescribeSnapshots, DescribeVpcs and DescribeNatGateways", "sixth item", "LocalStack: DescribeInstances only";
    regions_are_apart: "What is in one Region is not in another; an unknown Region is no Region", "sixth item", "LocalStack: behaves like us-east-1";
    services_beside_ec2: "Load balancing, RDS, Auto Scaling and CloudWatch answer", "seventh item", "LocalStack: 501";
    metrics_of_aws_are_awss: "PutMetricData refuses namespaces that begin with AWS/", "seventh item", "LocalStack: accepts them";
}

#[track_caller]
fn dry(world: &mut World, action: &str, mut input: Value) {
    input["DryRun"] = true.into();
    let message = "Request would have succeeded, but DryRun flag is set.";
    world.no(action, input, "DryRunOperation", message);
}

fn dry_run_changes_nothing(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    world.gateway(&vpc);
    let address = world.address();
    dry(
        world,
        "CreateNatGateway",
        json!({"SubnetId": subnet, "AllocationId": address}),
    );
    let nat = world.nat(&subnet, &address);
    dry(world, "DeleteNatGateway", json!({"NatGatewayId": nat}));
    assert_eq!(world.see_nat(&nat)["State"], "available");
    dry(world, "CreateVpc", json!({"CidrBlock": "10.1.0.0/16"}));
    dry(
        world,
        "CreateSubnet",
        json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"}),
    );
    let (vpc, free) = (world.vpc(), "10.0.0.0/24");
    let subnet = world.subnet(&vpc, free);
    dry(world, "DeleteSubnet", json!({"SubnetId": subnet}));
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    dry(world, "DeleteVpc", json!({"VpcId": vpc}));
}

fn dry_run_of_reads(world: &mut World) {
    for action in [
        "DescribeVolumes",
        "DescribeSnapshots",
        "DescribeNatGateways",
    ] {
        dry(world, action, json!({}));
    }
}

fn dry_run_of_the_rest(world: &mut World) {
    let subnet = world.default_subnet();
    let vpc = world.default_vpc();
    let (volume, other) = (world.volume(), world.volume());
    let snapshot = world.snapshot();
    let instance = world.instance(json!({"SubnetId": subnet}));
    let attach = json!({"InstanceId": instance, "VolumeId": volume, "Device": "/dev/sdf"});
    dry(world, "AttachVolume", attach.clone());
    world.ok("AttachVolume", attach);
    world.pass(10);
    dry(world, "DetachVolume", json!({"VolumeId": volume}));
    dry(
        world,
        "ModifyVolume",
        json!({"VolumeId": volume, "Size": 9}),
    );
    dry(world, "DeleteVolume", json!({"VolumeId": other}));
    dry(world, "DeleteSnapshot", json!({"SnapshotId": snapshot}));
    dry(world, "CreateSnapshot", json!({"VolumeId": volume}));
    let address = world.address();
    dry(world, "ReleaseAddress", json!({"AllocationId": address}));
    dry(world, "AllocateAddress", json!({"Domain": "vpc"}));
    let group = world.group(&vpc, "web");
    dry(world, "DeleteSecurityGroup", json!({"GroupId": group}));
    let interface = world.interface(&subnet);
    dry(
        world,
        "DeleteNetworkInterface",
        json!({"NetworkInterfaceId": interface}),
    );
    let path = "/InternetGateway/InternetGatewayId";
    let gateway = world.make("CreateInternetGateway", json!({}), path);
    dry(
        world,
        "DeleteInternetGateway",
        json!({"InternetGatewayId": gateway}),
    );
    let image = world.public_image();
    let run = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1});
    dry(world, "RunInstances", run);
    dry(world, "StopInstances", json!({"InstanceIds": [instance]}));
    dry(
        world,
        "TerminateInstances",
        json!({"InstanceIds": [instance]}),
    );
    let zone = world.zone('a');
    dry(
        world,
        "CreateVolume",
        json!({"AvailabilityZone": zone, "Size": 1}),
    );
    let tags = json!([{"Key": "a", "Value": "b"}]);
    dry(
        world,
        "CreateTags",
        json!({"Resources": [volume], "Tags": tags}),
    );
}

fn dry_run_of_unknown_ids(world: &mut World) {
    let input = json!({"VolumeId": nobody("vol"), "DryRun": true});
    world.no(
        "DeleteVolume",
        input,
        "InvalidVolume.NotFound",
        "does not exist",
    );
    let input = json!({"VpcId": nobody("vpc"), "DryRun": true});
    world.no(
        "DeleteVpc",
        input,
        "InvalidVpcID.NotFound",
        "does not exist",
    );
    // What blocks is not looked at in a dry run.
    let vpc = world.vpc();
    world.subnet(&vpc, "10.0.0.0/24");
    dry(world, "DeleteVpc", json!({"VpcId": vpc}));
}

fn delete_vpc_with_instance_or_nat(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let input = json!({"SubnetId": subnet, "ConnectivityType": "private"});
    let nat = world.make("CreateNatGateway", input, "/NatGateway/NatGatewayId");
    let blocked = |world: &mut World| {
        world.no(
            "DeleteVpc",
            json!({"VpcId": vpc}),
            "DependencyViolation",
            &vpc,
        );
        let input = json!({"SubnetId": subnet});
        world.no("DeleteSubnet", input, "DependencyViolation", &subnet);
    };
    blocked(world);
    world.pass(300);
    world.ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    blocked(world);
    world.pass(300);
    let instance = world.instance(json!({"SubnetId": subnet}));
    blocked(world);
    world.ok("TerminateInstances", json!({"InstanceIds": [instance]}));
    blocked(world);
    world.pass(300);
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
}

fn delete_default_group(world: &mut World) {
    let vpc = world.vpc();
    let group = world.default_group(&vpc);
    let message =
        format!("the specified group: \"{group}\" name: \"default\" cannot be deleted by a user");
    world.no(
        "DeleteSecurityGroup",
        json!({"GroupId": group}),
        "CannotDelete",
        &message,
    );
}

fn release_address_in_use(world: &mut World) {
    let vpc = world.vpc();
    world.gateway(&vpc);
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let instance = world.instance(json!({"SubnetId": subnet}));
    let address = world.address();
    world.ok(
        "AssociateAddress",
        json!({"AllocationId": address, "InstanceId": instance}),
    );
    let release = json!({"AllocationId": address});
    world.no(
        "ReleaseAddress",
        release.clone(),
        "InvalidIPAddress.InUse",
        "is in use.",
    );
    world.ok("StopInstances", json!({"InstanceIds": [instance]}));
    world.pass(120);
    world.no(
        "ReleaseAddress",
        release,
        "InvalidIPAddress.InUse",
        "is in use.",
    );
}

fn address_is_idle_after_its_user(world: &mut World) {
    let vpc = world.vpc();
    world.gateway(&vpc);
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let (one, other) = (world.address(), world.address());
    let nat = world.nat(&subnet, &one);
    let instance = world.instance(json!({"SubnetId": subnet}));
    world.ok(
        "AssociateAddress",
        json!({"AllocationId": other, "InstanceId": instance}),
    );
    world.ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    world.ok("TerminateInstances", json!({"InstanceIds": [instance]}));
    world.pass(300);
    for address in world.all("DescribeAddresses", json!({}), "Addresses") {
        let members = [
            "AssociationId",
            "InstanceId",
            "NetworkInterfaceId",
            "PrivateIpAddress",
        ];
        for member in members {
            assert_eq!(address.get(member), None, "{address}");
        }
    }
}

fn nat_gateway_states(world: &mut World) {
    let vpc = world.vpc();
    world.gateway(&vpc);
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let address = world.address();
    let input = json!({"SubnetId": subnet, "AllocationId": address});
    let made = world.ok("CreateNatGateway", input);
    assert_eq!(made["NatGateway"]["State"], "pending");
    let nat = text(&made, "/NatGateway/NatGatewayId");
    assert_eq!(world.see_nat(&nat)["State"], "pending");
    world.pass(180);
    let seen = world.see_nat(&nat);
    assert_eq!(
        (&seen["State"], &seen["ConnectivityType"]),
        (&json!("available"), &json!("public"))
    );
    world.tag(&nat, "team", "red");
    for (value, count) in [("red", 1), ("blue", 0)] {
        let input = json!({"Filter": filter("tag:team", &[value])});
        assert_eq!(
            world.all("DescribeNatGateways", input, "NatGateways").len(),
            count
        );
    }
}

fn nat_gateway_interface(world: &mut World) {
    let vpc = world.vpc();
    world.gateway(&vpc);
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let address = world.address();
    let nat = world.nat(&subnet, &address);
    let seen = world.see_nat(&nat);
    let id = text(&seen, "/NatGatewayAddresses/0/NetworkInterfaceId");
    let interface = world.see_interface(&id);
    assert_eq!(interface["Status"], "in-use");
    assert_eq!(interface["InterfaceType"], "nat_gateway");
    assert_eq!(interface["RequesterManaged"], true);
    let public = text(&seen, "/NatGatewayAddresses/0/PublicIp");
    assert!(!public.starts_with("127."), "{public}");
}

fn nat_gateway_unknown(world: &mut World) {
    let id = nobody("nat");
    let input = json!({"NatGatewayIds": [id]});
    world.no("DescribeNatGateways", input, "NatGatewayNotFound", &id);
    world.no(
        "DeleteNatGateway",
        json!({"NatGatewayId": id}),
        "NatGatewayNotFound",
        &id,
    );
}

fn gp3_throughput(world: &mut World) {
    let volume = world.volume();
    let seen = world.see_volume(&volume);
    assert_eq!(
        (&seen["Iops"], &seen["Throughput"]),
        (&json!(3000), &json!(125))
    );
}

fn attach_across_zones(world: &mut World) {
    let subnet = world.default_subnet();
    let (one, other) = (
        world.instance(json!({"SubnetId": subnet})),
        world.instance(json!({"SubnetId": subnet})),
    );
    let far = world.volume_in('b');
    let input = json!({"InstanceId": one, "VolumeId": far, "Device": "/dev/sdf"});
    world.no("AttachVolume", input, "InvalidVolume.ZoneMismatch", &far);
    let near = world.volume();
    let input = json!({"InstanceId": one, "VolumeId": near, "Device": "/dev/sdf"});
    world.ok("AttachVolume", input.clone());
    let again = json!({"InstanceId": other, "VolumeId": near, "Device": "/dev/sdf"});
    world.no("AttachVolume", again, "VolumeInUse", &near);
    world.no("AttachVolume", input, "VolumeInUse", &near);
}

fn client_tokens_count(world: &mut World) {
    let zone = world.zone('a');
    let input = json!({"AvailabilityZone": zone, "Size": 8, "ClientToken": "once"});
    let one = world.make("CreateVolume", input.clone(), "/VolumeId");
    let other = world.make("CreateVolume", input, "/VolumeId");
    assert_eq!(one, other);
    assert_eq!(world.all("DescribeVolumes", json!({}), "Volumes").len(), 1);
}

fn malformed_ids_are_malformed(world: &mut World) {
    for (id, code) in [
        ("vol-xyz", "InvalidVolumeID.Malformed"),
        ("snap-0123456789abcdef0", "InvalidVolumeID.Malformed"),
        ("vol-0123456789ABCDEF0", "InvalidVolumeID.Malformed"),
        ("vol-0123456789abcdef", "InvalidVolumeID.Malformed"),
        ("vol-0123456789abcdef0", "InvalidVolume.NotFound"),
        ("vol-01234567", "InvalidVolume.NotFound"),
    ] {
        world.no("DeleteVolume", json!({"VolumeId": id}), code, id);
    }
}

fn delete_snapshot_twice(world: &mut World) {
    let snapshot = world.snapshot();
    let input = json!({"SnapshotId": snapshot});
    world.ok("DeleteSnapshot", input.clone());
    let message = format!("The snapshot '{snapshot}' does not exist.");
    world.no(
        "DeleteSnapshot",
        input,
        "InvalidSnapshot.NotFound",
        &message,
    );
}

fn unknown_filters(world: &mut World) {
    for action in [
        "DescribeVolumes",
        "DescribeInstances",
        "DescribeVpcs",
        "DescribeAddresses",
    ] {
        let input = json!({"Filters": filter("colour", &["red"])});
        let message = "The filter 'colour' is invalid";
        world.no(action, input, "InvalidParameterValue", message);
    }
}

fn pages_of_five_operations(world: &mut World) {
    let subnet = world.default_subnet();
    let mut address = || world.address();
    let addresses: Vec<String> = (0..5).map(|_| address()).collect();
    for address in &addresses {
        world.nat(&subnet, address);
    }
    let volume = world.volume();
    for _ in 0..6 {
        let private = json!({"SubnetId": subnet, "ConnectivityType": "private"});
        let _ = world.call("CreateNatGateway", private);
        world.volume();
        world.ok("CreateSnapshot", json!({"VolumeId": volume}));
        world.pass(300);
        let _ = world.call("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
        world.instance(json!({"SubnetId": subnet}));
    }
    // Quotas leave five of some.
    for (action, name, owner) in [
        ("DescribeInstances", "Reservations", json!({})),
        ("DescribeVolumes", "Volumes", json!({})),
        (
            "DescribeSnapshots",
            "Snapshots",
            json!({"OwnerIds": ["self"]}),
        ),
        ("DescribeVpcs", "Vpcs", json!({})),
        ("DescribeNatGateways", "NatGateways", json!({})),
    ] {
        let all = world.all(action, owner.clone(), name).len();
        let mut input = owner;
        input["MaxResults"] = 5.into();
        let first = world.ok(action, input.clone());
        assert_eq!(first[name].as_array().unwrap().len(), 5, "{action}");
        let mut count = 5;
        let mut token = first.get("NextToken").cloned();
        assert_eq!(token.is_some(), all > 5, "{action}");
        while let Some(next) = token {
            input["NextToken"] = next;
            let page = world.ok(action, input.clone());
            count += page[name].as_array().unwrap().len();
            token = page.get("NextToken").cloned();
        }
        assert_eq!(count, all, "{action}");
    }
}

fn regions_are_apart(world: &mut World) {
    let volume = world.volume();
    world.go("eu-west-1");
    assert_eq!(
        world.all("DescribeVolumes", json!({}), "Volumes"),
        Vec::<Value>::new()
    );
    let input = json!({"VolumeId": volume});
    world.no("DeleteVolume", input, "InvalidVolume.NotFound", &volume);
    let input = json!({"RegionNames": ["mars-north-1"]});
    world.no(
        "DescribeRegions",
        input,
        "InvalidParameterValue",
        "mars-north-1",
    );
}

fn services_beside_ec2(world: &mut World) {
    for (api, action) in [
        (Api::Elb, "DescribeLoadBalancers"),
        (Api::ElbV2, "DescribeLoadBalancers"),
        (Api::Rds, "DescribeDBInstances"),
        (Api::AutoScaling, "DescribeAutoScalingGroups"),
        (Api::CloudWatch, "ListMetrics"),
        (Api::CloudFormation, "DescribeStacks"),
        (Api::Sts, "GetCallerIdentity"),
    ] {
        let answer = world.call_of(api, action, json!({}));
        assert!(answer.is_ok(), "{api} {action}: {answer:?}");
    }
}

fn metrics_of_aws_are_awss(world: &mut World) {
    let data = json!([{"MetricName": "CPUUtilization", "Value": 1.0}]);
    let input = json!({"Namespace": "AWS/EC2", "MetricData": data});
    let refusal = world.call_of(Api::CloudWatch, "PutMetricData", input);
    let (code, message) = refusal.unwrap_err();
    assert_eq!(code, "InvalidParameterValue", "{message}");
    assert!(message.contains(ANY));
}
