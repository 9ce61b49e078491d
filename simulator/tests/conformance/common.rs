//! Rules that hold for all kinds: ids, the order of checks, dry runs, filters, client tokens.

use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{ANY, World, filter, nobody, text};

section! {
    "ec2-semantics", "Rules common to all kinds";
    new_ids: "New resources get the prefix of their kind and 17 lower-case hexadecimal digits", "1, IDs [E]";
    missing_comes_first: "A missing parameter is told before a malformed id, that before an unknown one, that before state and dependencies", "1, Order of checks";
    malformed_before_unknown: "Of several ids the malformed one is told first, wherever it stands", "1, Order of checks";
    dry_run_answers: "An allowed dry run answers DryRunOperation", "1, DryRun [B, W]";
    dry_run_comes_before_dependencies: "A dry run of what a dependency blocks answers DryRunOperation", "1, Order of checks";
    dry_run_checks_syntax: "A dry run with a malformed or missing parameter tells that", "1, Order of checks";
    dry_run_denied: "A dry run without the permission answers UnauthorizedOperation", "1, DryRun [B]";
    one_unknown_id_fails_all: "One unknown id fails the whole Describe, and nothing is returned", "1, Explicit ids are assertions [B]";
    id_with_filter: "A known id with a filter that it does not match yields an empty list", "1, Explicit ids are assertions [B]";
    ids_of_inaccessible_snapshots: "A snapshot of another account that is not shared is as good as none", "1, Explicit ids, exception [B]";
    filters_are_and: "Several filters must all match", "1, Filters [B, U]";
    values_are_or: "Of several values of a filter one must match", "1, Filters [B, U]";
    filters_mind_case: "Names and values of filters are case-sensitive", "1, Filters [U]";
    star_and_question_mark: "In a value * is any number of characters, ? is none or one", "1, Filters [U]";
    backslash_escapes: "In a value a backslash takes the wildcard after it literally", "1, Filters [U]";
    tag_filters: "tag:KEY matches values of a tag, tag-key whether there is one, tag-value any tag's value", "1, Filters [U]";
    filter_by_no_value: "A filter without values is refused", "1, Filters";
    too_many_filter_values: "More than 200 values in the filters of a call, or 50 filters, are FilterLimitExceeded", "1, Filters [E]; AWS's message as users report it (gossm 47, convox 2205)";
    token_replays: "The same ClientToken with the same parameters gives what the first call made", "1, Idempotency [E]";
    token_mismatch: "The same ClientToken with other parameters is IdempotentParameterMismatch", "1, Idempotency [E]";
    token_of_terminated: "RunInstances with the token of a terminated instance is IdempotentInstanceTerminated", "1, Idempotency [E]";
    tokens_of_creations: "Every creation that takes a ClientToken minds it", "1, Idempotency; wire, ClientToken";
    second_deletes: "A second delete is the kind's NotFound", "1, Idempotency [W]";
    repeatable_calls: "TerminateInstances, DisassociateAddress, AssociateAddress and ReplaceNetworkAclAssociation may be repeated", "1, Idempotency [B]";
    delete_unknown_key_pair: "DeleteKeyPair of an unknown name succeeds", "1, Idempotency (gap in cited text)";
    delete_nat_gateway_again: "DeleteNatGateway of a gateway that is deleting or deleted succeeds while it is visible", "1, Idempotency (gap: a switch)";
    release_of_gone_address: "Release of an address that is gone is InvalidAllocationID.NotFound (AuthFailure is for what others have; the twin is one account)", "1, Idempotency [B, MO]";
    region_of_ids: "An id of another Region is unknown here", "1, Explicit ids";
    unmodelled_parameters: "A parameter that is not modelled is refused by name, at any depth, and nothing is done", "the issue; docs/parameters.md";
    unmodelled_operations: "An operation that is not modelled is refused by name", "the issue; docs/operations.md";
}

fn new_ids(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    world.gateway(&vpc);
    let interface = world.interface(&subnet);
    let address = world.address();
    let input = json!({"AllocationId": address, "NetworkInterfaceId": interface});
    let association = world.make("AssociateAddress", input, "/AssociationId");
    let other = world.address();
    let nat = world.nat(&subnet, &other);
    let table = world.table(&vpc);
    let input = json!({"RouteTableId": table, "SubnetId": subnet});
    let of_table = world.make("AssociateRouteTable", input, "/AssociationId");
    let snapshot = world.snapshot();
    let image = world.image("base", &snapshot);
    let run = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1});
    let run = world.ok("RunInstances", run);
    let data =
        json!({"LaunchTemplateName": "tem", "LaunchTemplateData": {"InstanceType": "t3.micro"}});
    let path = "/LaunchTemplate/LaunchTemplateId";
    let template = world.make("CreateLaunchTemplate", data, path);
    let key = world.make("CreateKeyPair", json!({"KeyName": "k"}), "/KeyPairId");
    let acl = world.ok(
        "DescribeNetworkAcls",
        json!({"Filters": filter("vpc-id", &[&vpc])}),
    );
    let ids = [
        ("vpc", vpc),
        ("subnet", subnet),
        ("eni", interface),
        ("eipalloc", address),
        ("eipassoc", association),
        ("nat", nat),
        ("rtb", table),
        ("rtbassoc", of_table),
        ("snap", snapshot),
        ("ami", image),
        ("r", text(&run, "/ReservationId")),
        ("i", text(&run, "/Instances/0/InstanceId")),
        (
            "eni-attach",
            text(
                &run,
                "/Instances/0/NetworkInterfaces/0/Attachment/AttachmentId",
            ),
        ),
        ("lt", template),
        ("key", key),
        ("acl", text(&acl, "/NetworkAcls/0/NetworkAclId")),
        (
            "aclassoc",
            text(
                &acl,
                "/NetworkAcls/0/Associations/0/NetworkAclAssociationId",
            ),
        ),
    ];
    for (prefix, id) in ids {
        let digits = id.strip_prefix(prefix).and_then(|it| it.strip_prefix('-'));
        let digits = digits.unwrap_or_else(|| panic!("{id} of {prefix}"));
        let is_digit = |it: char| it.is_ascii_digit() || ('a'..='f').contains(&it);
        assert!(digits.len() == 17 && digits.chars().all(is_digit), "{id}");
    }
}

fn missing_comes_first(world: &mut World) {
    let vpc = world.vpc();
    world.subnet(&vpc, "10.0.0.0/24");
    let must = "The request must contain the parameter";
    world.no("DeleteVpc", json!({}), "MissingParameter", must);
    world.no("DeleteVpc", json!({"VpcId": ""}), "MissingParameter", must);
    world.no(
        "DeleteVpc",
        json!({"VpcId": "vpc"}),
        "InvalidVpcID.Malformed",
        ANY,
    );
    world.no(
        "DeleteVpc",
        json!({"VpcId": nobody("vpc")}),
        "InvalidVpcID.NotFound",
        ANY,
    );
    world.no(
        "DeleteVpc",
        json!({"VpcId": vpc}),
        "DependencyViolation",
        ANY,
    );
    // A missing parameter behind an unknown id, and an unknown id behind a malformed one.
    let volume = nobody("vol");
    let input = json!({"VolumeId": volume, "InstanceId": "i-x"});
    world.no("AttachVolume", input, "MissingParameter", "device");
    let input = json!({"VolumeId": volume, "InstanceId": "i-x", "Device": "/dev/sdf"});
    world.no("AttachVolume", input, "InvalidInstanceID.Malformed", "i-x");
}

fn malformed_before_unknown(world: &mut World) {
    let unknown = nobody("i");
    let input = json!({"InstanceIds": [unknown, "i-x"]});
    for action in [
        "TerminateInstances",
        "StopInstances",
        "StartInstances",
        "DescribeInstances",
    ] {
        world.no(action, input.clone(), "InvalidInstanceID.Malformed", "i-x");
    }
    let input = json!({"VolumeIds": [nobody("vol"), "vol-x"]});
    world.no(
        "DescribeVolumes",
        input,
        "InvalidVolumeID.Malformed",
        "vol-x",
    );
}

fn dry_run_answers(world: &mut World) {
    let message = "Request would have succeeded, but DryRun flag is set.";
    let input = json!({"CidrBlock": "10.0.0.0/16", "DryRun": true});
    world.no("CreateVpc", input, "DryRunOperation", message);
    world.no(
        "DescribeVpcs",
        json!({"DryRun": true}),
        "DryRunOperation",
        message,
    );
    world.ok("DescribeVpcs", json!({"DryRun": false}));
}

fn dry_run_comes_before_dependencies(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    world.interface(&subnet);
    let input = json!({"SubnetId": subnet, "DryRun": true});
    world.no("DeleteSubnet", input, "DryRunOperation", ANY);
    let snapshot = world.snapshot();
    world.image("base", &snapshot);
    let input = json!({"SnapshotId": snapshot, "DryRun": true});
    world.no("DeleteSnapshot", input, "DryRunOperation", ANY);
}

fn dry_run_checks_syntax(world: &mut World) {
    world.no(
        "DeleteSubnet",
        json!({"DryRun": true}),
        "MissingParameter",
        ANY,
    );
    let input = json!({"SubnetId": "subnet-x", "DryRun": true});
    world.no("DeleteSubnet", input, "InvalidSubnetID.Malformed", ANY);
    let input = json!({"Filters": filter("colour", &["red"]), "DryRun": true});
    world.no("DescribeSubnets", input, "InvalidParameterValue", "colour");
}

fn dry_run_denied(world: &mut World) {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]});
    let permissions = json!({"identity": [policy]});
    let volume = world.volume();
    let permissions = serde_json::from_value(permissions).unwrap();
    world
        .twin
        .set_permissions(Some(std::sync::Arc::new(permissions)));
    let input = json!({"VolumeId": volume, "DryRun": true});
    world.no(
        "DeleteVolume",
        input,
        "UnauthorizedOperation",
        "ec2:DeleteVolume",
    );
    world.no(
        "DescribeVolumes",
        json!({"DryRun": true}),
        "DryRunOperation",
        ANY,
    );
}

fn one_unknown_id_fails_all(world: &mut World) {
    let volume = world.volume();
    let unknown = nobody("vol");
    let input = json!({"VolumeIds": [volume, unknown]});
    let message = format!("The volume '{unknown}' does not exist.");
    world.no("DescribeVolumes", input, "InvalidVolume.NotFound", &message);
    let input = json!({"InstanceIds": [nobody("i"), "i-0123456789abcdef1"]});
    let message = "The instance IDs 'i-0123456789abcdef0, i-0123456789abcdef1' do not exist";
    world.no(
        "DescribeInstances",
        input,
        "InvalidInstanceID.NotFound",
        message,
    );
}

fn id_with_filter(world: &mut World) {
    let volume = world.volume();
    let input = json!({"VolumeIds": [volume], "Filters": filter("status", &["in-use"])});
    assert_eq!(
        world.all("DescribeVolumes", input, "Volumes"),
        Vec::<Value>::new()
    );
}

fn ids_of_inaccessible_snapshots(world: &mut World) {
    let input = json!({"SnapshotIds": [nobody("snap")]});
    world.no("DescribeSnapshots", input, "InvalidSnapshot.NotFound", ANY);
    let input = json!({"OwnerIds": ["210987654321"]});
    assert_eq!(
        world.all("DescribeSnapshots", input, "Snapshots"),
        Vec::<Value>::new()
    );
}

/// How many of three tagged volumes match filters.
fn matching(world: &mut World, filters: Value) -> usize {
    if world
        .all("DescribeVolumes", json!({}), "Volumes")
        .is_empty()
    {
        for (name, team) in [("web-1", "red"), ("web-22", "blue"), ("we*b", "")] {
            let volume = world.volume();
            world.tag(&volume, "Name", name);
            if !team.is_empty() {
                world.tag(&volume, "team", team);
            }
        }
    }
    world
        .all("DescribeVolumes", json!({"Filters": filters}), "Volumes")
        .len()
}

fn filters_are_and(world: &mut World) {
    let named = |value: &str| json!({"Name": "tag:Name", "Values": [value]});
    let of_team = |value: &str| json!({"Name": "tag:team", "Values": [value]});
    assert_eq!(matching(world, json!([named("web-1"), of_team("red")])), 1);
    assert_eq!(matching(world, json!([named("web-1"), of_team("blue")])), 0);
    // The same name twice is two filters.
    assert_eq!(matching(world, json!([named("web-1"), named("web-22")])), 0);
}

fn values_are_or(world: &mut World) {
    assert_eq!(
        matching(world, filter("tag:Name", &["web-1", "web-22", "none"])),
        2
    );
}

fn filters_mind_case(world: &mut World) {
    assert_eq!(matching(world, filter("tag:Name", &["Web-1"])), 0);
    assert_eq!(matching(world, filter("tag:name", &["web-1"])), 0);
    let input = json!({"Filters": filter("Status", &["available"])});
    world.no("DescribeVolumes", input, "InvalidParameterValue", "Status");
    assert_eq!(matching(world, filter("status", &["AVAILABLE"])), 0);
}

fn star_and_question_mark(world: &mut World) {
    for (pattern, count) in [
        ("web*", 2),
        ("*", 3),
        ("web-?", 1),
        ("web-??", 2),
        ("web-1?", 1),
        ("web-1??", 1),
        ("?eb-22", 1),
        ("*-*", 2),
        ("web", 0),
    ] {
        assert_eq!(
            matching(world, filter("tag:Name", &[pattern])),
            count,
            "{pattern}"
        );
    }
    assert_eq!(matching(world, filter("status", &["avail*"])), 3);
    assert_eq!(matching(world, filter("size", &["?"])), 3);
}

fn backslash_escapes(world: &mut World) {
    for (pattern, count) in [("we\\*b", 1), ("we*b", 1), ("we\\?b", 0), ("\\*", 0)] {
        assert_eq!(
            matching(world, filter("tag:Name", &[pattern])),
            count,
            "{pattern}"
        );
    }
}

fn tag_filters(world: &mut World) {
    assert_eq!(matching(world, filter("tag-key", &["team"])), 2);
    assert_eq!(matching(world, filter("tag-key", &["te*"])), 2);
    assert_eq!(matching(world, filter("tag-key", &["red"])), 0);
    assert_eq!(matching(world, filter("tag-value", &["red"])), 1);
    assert_eq!(matching(world, filter("tag:team", &["*"])), 2);
    assert_eq!(matching(world, filter("tag:none", &["*"])), 0);
}

fn filter_by_no_value(world: &mut World) {
    let input = json!({"Filters": filter("status", &[])});
    world.no("DescribeVolumes", input, "InvalidParameterValue", "status");
    let input = json!({"Filters": [{"Values": ["x"]}]});
    let refusal = world.call("DescribeVolumes", input);
    assert!(refusal.is_err(), "{refusal:?}");
}

fn too_many_filter_values(world: &mut World) {
    let values: Vec<String> = (0..201).map(|it| it.to_string()).collect();
    let many: Vec<&str> = values.iter().map(String::as_str).collect();
    assert_eq!(matching(world, filter("size", &many[..200])), 3);
    let input = json!({"Filters": filter("size", &many)});
    world.no("DescribeVolumes", input, "FilterLimitExceeded", ANY);
    let filters: Vec<Value> = (0..51)
        .map(|_| json!({"Name": "size", "Values": ["8"]}))
        .collect();
    assert_eq!(matching(world, filters[..50].into()), 3);
    world.no(
        "DescribeVolumes",
        json!({"Filters": filters}),
        "FilterLimitExceeded",
        ANY,
    );
}

fn token_replays(world: &mut World) {
    let subnet = world.default_subnet();
    let image = world.public_image();
    let input = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 2, "MaxCount": 2,
                       "SubnetId": subnet, "ClientToken": "once"});
    let one = world.ok("RunInstances", input.clone());
    world.pass(100);
    let other = world.ok("RunInstances", input);
    for place in [
        "/ReservationId",
        "/Instances/0/InstanceId",
        "/Instances/1/InstanceId",
    ] {
        assert_eq!(text(&one, place), text(&other, place));
    }
    assert_eq!(
        world
            .all("DescribeInstances", json!({}), "Reservations")
            .len(),
        1
    );
}

fn token_mismatch(world: &mut World) {
    let zone = world.zone('a');
    let mut input = json!({"AvailabilityZone": zone, "Size": 8, "ClientToken": "once"});
    world.ok("CreateVolume", input.clone());
    input["Size"] = 9.into();
    world.no(
        "CreateVolume",
        input.clone(),
        "IdempotentParameterMismatch",
        ANY,
    );
    // Another Region has tokens of its own, and so has another operation.
    world.go("eu-west-1");
    input["AvailabilityZone"] = world.zone('a').into();
    world.ok("CreateVolume", input);
}

fn token_of_terminated(world: &mut World) {
    let image = world.public_image();
    let input = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
                       "ClientToken": "once"});
    let id = world.make("RunInstances", input.clone(), "/Instances/0/InstanceId");
    world.ok("TerminateInstances", json!({"InstanceIds": [id]}));
    world.pass(100);
    world.no("RunInstances", input, "IdempotentInstanceTerminated", ANY);
}

fn tokens_of_creations(world: &mut World) {
    let vpc = world.vpc();
    world.gateway(&vpc);
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let address = world.address();
    let table = world.table(&vpc);
    let zone = world.zone('a');
    let default_vpc = world.default_vpc();
    let snapshot = world.snapshot();
    let image = world.image("base", &snapshot);
    let template =
        json!({"LaunchTemplateName": "tem", "LaunchTemplateData": {"InstanceType": "t3.micro"}});
    world.ok("CreateLaunchTemplate", template.clone());
    let mut other = template.clone();
    other["LaunchTemplateName"] = "other".into();
    let version =
        json!({"LaunchTemplateName": "tem", "LaunchTemplateData": {"InstanceType": "t3.nano"}});
    let other_text = "something else";
    let cases = [
        (
            "CreateVolume",
            json!({"AvailabilityZone": zone, "Size": 4}),
            "/VolumeId",
            ("Size", json!(5)),
        ),
        (
            "CreateNatGateway",
            json!({"SubnetId": subnet, "AllocationId": address}),
            "/NatGateway/NatGatewayId",
            ("PrivateIpAddress", json!("10.0.0.77")),
        ),
        (
            "CreateNetworkInterface",
            json!({"SubnetId": subnet}),
            "/NetworkInterface/NetworkInterfaceId",
            ("Description", json!(other_text)),
        ),
        (
            "CreateRouteTable",
            json!({"VpcId": vpc}),
            "/RouteTable/RouteTableId",
            ("VpcId", json!(default_vpc)),
        ),
        (
            "CreateNetworkAcl",
            json!({"VpcId": vpc}),
            "/NetworkAcl/NetworkAclId",
            ("VpcId", json!(default_vpc)),
        ),
        (
            "CreateEgressOnlyInternetGateway",
            json!({"VpcId": vpc}),
            "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId",
            ("VpcId", json!(default_vpc)),
        ),
        (
            "CreateVpcEndpoint",
            json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3", "RouteTableIds": [table]}),
            "/VpcEndpoint/VpcEndpointId",
            ("RouteTableIds", json!([])),
        ),
        (
            "CreateLaunchTemplate",
            other,
            "/LaunchTemplate/LaunchTemplateId",
            ("VersionDescription", json!(other_text)),
        ),
        (
            "CreateLaunchTemplateVersion",
            version,
            "/LaunchTemplateVersion/VersionNumber",
            ("VersionDescription", json!(other_text)),
        ),
        (
            "CopyImage",
            json!({"Name": "copy", "SourceImageId": image, "SourceRegion": "eu-central-1"}),
            "/ImageId",
            ("Description", json!(other_text)),
        ),
        (
            "CreateManagedPrefixList",
            json!({"PrefixListName": "p", "MaxEntries": 5, "AddressFamily": "IPv4"}),
            "/PrefixList/PrefixListId",
            ("MaxEntries", json!(6)),
        ),
        (
            "CreateCapacityReservation",
            json!({"InstanceType": "t3.micro", "InstancePlatform": "Linux/UNIX", "InstanceCount": 1, "AvailabilityZone": zone}),
            "/CapacityReservation/CapacityReservationId",
            ("InstanceCount", json!(2)),
        ),
        (
            "AllocateHosts",
            json!({"InstanceType": "m5.large", "Quantity": 1, "AvailabilityZone": zone}),
            "/HostIds/0",
            ("Quantity", json!(2)),
        ),
        (
            "CreateFlowLogs",
            json!({"ResourceIds": [vpc], "ResourceType": "VPC", "TrafficType": "ALL", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs"}),
            "/FlowLogIds/0",
            ("TrafficType", json!("REJECT")),
        ),
    ];
    for (action, mut input, path, (member, value)) in cases {
        input["ClientToken"] = "a token".into();
        let one = world.ok(action, input.clone());
        let other = world.ok(action, input.clone());
        assert_eq!(one.pointer(path), other.pointer(path), "{action}");
        assert!(one.pointer(path).is_some(), "{action}: {one}");
        input[member] = value;
        world.no(action, input, "IdempotentParameterMismatch", ANY);
    }
}

fn second_deletes(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let interface = world.interface(&subnet);
    let (group, table) = (world.group(&vpc, "g"), world.table(&vpc));
    let (volume, snapshot) = (world.volume(), world.snapshot());
    let template =
        json!({"LaunchTemplateName": "tem", "LaunchTemplateData": {"InstanceType": "t3.micro"}});
    let template = world.make(
        "CreateLaunchTemplate",
        template,
        "/LaunchTemplate/LaunchTemplateId",
    );
    let acl = world.make(
        "CreateNetworkAcl",
        json!({"VpcId": vpc}),
        "/NetworkAcl/NetworkAclId",
    );
    for (action, input, code) in [
        (
            "DeleteVolume",
            json!({"VolumeId": volume}),
            "InvalidVolume.NotFound",
        ),
        (
            "DeleteSnapshot",
            json!({"SnapshotId": snapshot}),
            "InvalidSnapshot.NotFound",
        ),
        (
            "DeleteNetworkInterface",
            json!({"NetworkInterfaceId": interface}),
            "InvalidNetworkInterfaceID.NotFound",
        ),
        (
            "DeleteSecurityGroup",
            json!({"GroupId": group}),
            "InvalidGroup.NotFound",
        ),
        (
            "DeleteRouteTable",
            json!({"RouteTableId": table}),
            "InvalidRouteTableID.NotFound",
        ),
        (
            "DeleteNetworkAcl",
            json!({"NetworkAclId": acl}),
            "InvalidNetworkAclID.NotFound",
        ),
        (
            "DeleteLaunchTemplate",
            json!({"LaunchTemplateId": template}),
            "InvalidLaunchTemplateId.NotFound",
        ),
        (
            "DeleteSubnet",
            json!({"SubnetId": subnet}),
            "InvalidSubnetID.NotFound",
        ),
        ("DeleteVpc", json!({"VpcId": vpc}), "InvalidVpcID.NotFound"),
    ] {
        world.ok(action, input.clone());
        world.pass(60);
        world.no(action, input, code, ANY);
    }
}

fn repeatable_calls(world: &mut World) {
    let vpc = world.vpc();
    world.gateway(&vpc);
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let interface = world.interface(&subnet);
    let address = world.address();
    let associate = json!({"AllocationId": address, "NetworkInterfaceId": interface});
    let one = world.make("AssociateAddress", associate.clone(), "/AssociationId");
    let other = world.make("AssociateAddress", associate, "/AssociationId");
    assert_eq!(one, other);
    world.ok("DisassociateAddress", json!({"AssociationId": one}));
    world.ok("DisassociateAddress", json!({"AssociationId": one}));
    let instance = world.instance(json!({"SubnetId": subnet}));
    for _ in 0..3 {
        world.ok("TerminateInstances", json!({"InstanceIds": [instance]}));
        world.pass(60);
    }
    let acls = world.all(
        "DescribeNetworkAcls",
        json!({"Filters": filter("vpc-id", &[&vpc])}),
        "NetworkAcls",
    );
    let acl = text(&acls[0], "/NetworkAclId");
    let association = text(&acls[0], "/Associations/0/NetworkAclAssociationId");
    let input = json!({"AssociationId": association, "NetworkAclId": acl});
    world.ok("ReplaceNetworkAclAssociation", input);
}

fn delete_unknown_key_pair(world: &mut World) {
    let answer = world.ok("DeleteKeyPair", json!({"KeyName": "nobody"}));
    assert_eq!(answer["Return"], true);
    let input = json!({"KeyNames": ["nobody"]});
    world.no(
        "DescribeKeyPairs",
        input,
        "InvalidKeyPair.NotFound",
        "nobody",
    );
}

fn delete_nat_gateway_again(world: &mut World) {
    let subnet = world.default_subnet();
    let address = world.address();
    let nat = world.nat(&subnet, &address);
    for _ in 0..3 {
        world.ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
        world.pass(60);
    }
    let mut choices = world.twin.network_choices().clone();
    choices.repeated_nat_delete_succeeds = false;
    world.twin.set_network_choices(choices);
    world.no(
        "DeleteNatGateway",
        json!({"NatGatewayId": nat}),
        "NatGatewayNotFound",
        ANY,
    );
}

fn release_of_gone_address(world: &mut World) {
    let address = world.address();
    world.ok("ReleaseAddress", json!({"AllocationId": address}));
    let input = json!({"AllocationId": address});
    world.no(
        "ReleaseAddress",
        input,
        "InvalidAllocationID.NotFound",
        &address,
    );
}

fn region_of_ids(world: &mut World) {
    let vpc = world.vpc();
    let (volume, group) = (world.volume(), world.group(&vpc, "g"));
    let home = world.region.clone();
    world.go("us-east-1");
    let there = world.default_vpc();
    for (action, input, code) in [
        ("DeleteVpc", json!({"VpcId": vpc}), "InvalidVpcID.NotFound"),
        (
            "CreateSubnet",
            json!({"VpcId": vpc, "CidrBlock": "10.0.0.0/24"}),
            "InvalidVpcID.NotFound",
        ),
        (
            "DescribeVolumes",
            json!({"VolumeIds": [volume]}),
            "InvalidVolume.NotFound",
        ),
        (
            "DeleteSecurityGroup",
            json!({"GroupId": group}),
            "InvalidGroup.NotFound",
        ),
        (
            "CreateTags",
            json!({"Resources": [volume], "Tags": [{"Key": "a", "Value": "b"}]}),
            "InvalidVolume.NotFound",
        ),
    ] {
        world.no(action, input, code, ANY);
    }
    world.region = home;
    world.no(
        "DeleteVpc",
        json!({"VpcId": there}),
        "InvalidVpcID.NotFound",
        ANY,
    );
}

fn unmodelled_parameters(world: &mut World) {
    for (action, input, name) in [
        (
            "CreateVpc",
            json!({"CidrBlock": "10.0.0.0/16", "Ipv4IpamPoolId": "ipam-pool-1"}),
            "Ipv4IpamPoolId",
        ),
        (
            "RunInstances",
            json!({"MinCount": 1, "MaxCount": 1, "Placement": {"SpreadDomain": "x"}}),
            "SpreadDomain",
        ),
        (
            "RunInstances",
            json!({"MinCount": 1, "MaxCount": 1, "NetworkInterfaces": [{"EnaSrdSpecification": {}}]}),
            "EnaSrdSpecification",
        ),
    ] {
        world.no(action, input, "UnsupportedOperation", name);
    }
}

fn unmodelled_operations(world: &mut World) {
    for action in ["CreateIpam", "CreateClientVpnEndpoint", "NoSuchThing"] {
        world.no(action, json!({}), "UnsupportedOperation", action);
    }
}
