//! Tags.

use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{ANY, World, filter, nobody};

section! {
    "ec2-semantics", "Tags";
    fifty_tags: "A resource has 50 tags at most: TagLimitExceeded", "1, Tags [B, E]";
    fifty_tags_on_create: "More than 50 tags at creation are TagLimitExceeded, and nothing is made", "1, Tags [B, E]";
    system_tags_do_not_count: "Tags of AWS do not count among the 50", "1, Tags [B]";
    key_length: "A key has 1 to 128 characters", "1, Tags [B]";
    value_length: "A value has 256 characters at most, and may be empty", "1, Tags [B]";
    reserved_keys: "Keys that begin with aws: are reserved, in any case, when tags are put and taken off", "1, Tags [B]";
    case_matters: "Keys that differ in case are two tags", "1, Tags [B]";
    overwrite: "CreateTags overwrites a tag of the same key", "1, Tags [B]";
    all_or_nothing: "CreateTags on several resources tags all or none", "1, Tags; 1, Explicit ids";
    thousand_resources: "CreateTags and DeleteTags name 1000 resources at most", "1, Tags [B]";
    delete_by_key: "DeleteTags with a key alone removes the tag, whatever its value", "1, Tags [B]";
    delete_by_value: "DeleteTags with a value removes the tag only if it has that value, an empty one too", "1, Tags [B]";
    delete_all: "DeleteTags without tags removes all tags of users", "1, Tags [B]";
    bad_ids: "What is no id of anything taggable is InvalidID", "1, Tags [E]";
    fade_after_termination: "Tags of a terminated instance fade before it does", "1, Tags [U]";
    wrong_resource_type: "TagSpecifications for what a call does not make are refused", "1, Tags [B TagSpecification]";
    duplicate_keys: "The same key twice in a call is refused", "1, Tags";
    tags_on_creation: "Creations put the tags of their TagSpecifications on what they make", "1, Tags; twin-conformance, As AWS";
    describe_tags: "DescribeTags tells each tag with its resource, and filters by key, value, resource-id and resource-type", "1, Tags, Filters [B]";
}

fn tags(count: usize) -> Value {
    (0..count)
        .map(|it| json!({"Key": format!("key-{it}"), "Value": ""}))
        .collect()
}

fn put(volume: &str, tags: Value) -> Value {
    json!({"Resources": [volume], "Tags": tags})
}

fn seen(world: &mut World, volume: &str) -> Vec<(String, String)> {
    let volume = world.see_volume(volume);
    let tags = volume["Tags"].as_array().cloned().unwrap_or_default();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    tags.iter()
        .map(|it| (text(&it["Key"]), text(&it["Value"])))
        .collect()
}

fn fifty_tags(world: &mut World) {
    let volume = world.volume();
    world.no(
        "CreateTags",
        put(&volume, tags(51)),
        "TagLimitExceeded",
        ANY,
    );
    world.ok("CreateTags", put(&volume, tags(50)));
    // Overwriting is no new tag.
    world.ok("CreateTags", put(&volume, tags(50)));
    let more = json!([{"Key": "more", "Value": ""}]);
    world.no("CreateTags", put(&volume, more), "TagLimitExceeded", ANY);
}

fn fifty_tags_on_create(world: &mut World) {
    let specification = json!([{"ResourceType": "vpc", "Tags": tags(51)}]);
    let input = json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": specification});
    world.no("CreateVpc", input, "TagLimitExceeded", ANY);
    let specification = json!([{"ResourceType": "vpc", "Tags": tags(50)}]);
    let input = json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": specification});
    world.ok("CreateVpc", input);
}

fn system_tags_do_not_count(world: &mut World) {
    let volume = world.volume();
    world.ok("CreateTags", put(&volume, tags(49)));
    let mut snapshot = serde_json::to_value(world.twin.snapshot()).unwrap();
    let text = snapshot.to_string();
    let recorded = text.replace("\"key-0\"", "\"aws:cloudformation:stack-name\"");
    assert_ne!(text, recorded);
    snapshot = serde_json::from_str(&recorded).unwrap();
    let snapshot: sandtable_model::Snapshot = serde_json::from_value(snapshot).unwrap();
    world.twin = sandtable_simulator::Twin::from_snapshot(&snapshot, world.twin.options().clone());
    // 48 of the user, one of AWS: two more fit, three do not.
    let more = |count| {
        json!(
            (0..count)
                .map(|it| json!({"Key": format!("more-{it}"), "Value": ""}))
                .collect::<Vec<_>>()
        )
    };
    world.no("CreateTags", put(&volume, more(3)), "TagLimitExceeded", ANY);
    world.ok("CreateTags", put(&volume, more(2)));
    assert_eq!(seen(world, &volume).len(), 51);
    world.ok("DeleteTags", json!({"Resources": [volume]}));
    let left = seen(world, &volume);
    assert_eq!(
        left,
        [("aws:cloudformation:stack-name".to_owned(), String::new())]
    );
}

fn key_length(world: &mut World) {
    let volume = world.volume();
    let of_key = |key: &str| put(&volume, json!([{"Key": key, "Value": "x"}]));
    world.ok("CreateTags", of_key(&"k".repeat(128)));
    world.ok("CreateTags", of_key(&"é".repeat(128)));
    world.no(
        "CreateTags",
        of_key(&"k".repeat(129)),
        "InvalidParameterValue",
        ANY,
    );
    world.no("CreateTags", of_key(""), "MissingParameter", ANY);
}

fn value_length(world: &mut World) {
    let volume = world.volume();
    let of_value = |value: &str| put(&volume, json!([{"Key": "k", "Value": value}]));
    world.ok("CreateTags", of_value(&"v".repeat(256)));
    world.ok("CreateTags", of_value(""));
    world.no(
        "CreateTags",
        of_value(&"v".repeat(257)),
        "InvalidParameterValue",
        ANY,
    );
}

fn reserved_keys(world: &mut World) {
    let volume = world.volume();
    for key in ["aws:x", "AWS:x", "Aws:"] {
        let tags = json!([{"Key": key, "Value": "x"}]);
        world.no(
            "CreateTags",
            put(&volume, tags.clone()),
            "InvalidParameterValue",
            "aws:",
        );
        world.no(
            "DeleteTags",
            put(&volume, tags),
            "InvalidParameterValue",
            "aws:",
        );
        let specification = json!([{"ResourceType": "vpc", "Tags": [{"Key": key, "Value": "x"}]}]);
        let input = json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": specification});
        world.no("CreateVpc", input, "InvalidParameterValue", "aws:");
    }
    world.tag(&volume, "awsx", "x");
}

fn case_matters(world: &mut World) {
    let volume = world.volume();
    world.tag(&volume, "Name", "x");
    world.tag(&volume, "name", "X");
    assert_eq!(seen(world, &volume).len(), 2);
}

fn overwrite(world: &mut World) {
    let volume = world.volume();
    world.tag(&volume, "k", "old");
    world.tag(&volume, "k", "new");
    assert_eq!(seen(world, &volume), [("k".to_owned(), "new".to_owned())]);
}

fn all_or_nothing(world: &mut World) {
    let volume = world.volume();
    let tags = json!([{"Key": "k", "Value": "v"}]);
    let input = json!({"Resources": [volume, nobody("snap")], "Tags": tags});
    world.no("CreateTags", input, "InvalidSnapshot.NotFound", ANY);
    // One that is full fails the others.
    let full = world.volume();
    world.ok("CreateTags", put(&full, self::tags(50)));
    let input = json!({"Resources": [volume, full], "Tags": tags});
    world.no("CreateTags", input, "TagLimitExceeded", ANY);
}

fn thousand_resources(world: &mut World) {
    let volume = world.volume();
    let tags = json!([{"Key": "k", "Value": "v"}]);
    let many = vec![volume; 1001];
    for action in ["CreateTags", "DeleteTags"] {
        let input = json!({"Resources": many, "Tags": tags});
        world.no(action, input, "InvalidParameterValue", "1000");
        let input = json!({"Resources": many[..1000], "Tags": tags});
        world.ok(action, input);
    }
    world.no("CreateTags", json!({"Tags": tags}), "MissingParameter", ANY);
    world.no(
        "CreateTags",
        json!({"Resources": many[..1]}),
        "MissingParameter",
        ANY,
    );
}

fn delete_by_key(world: &mut World) {
    let volume = world.volume();
    world.tag(&volume, "k", "v");
    world.ok("DeleteTags", put(&volume, json!([{"Key": "other"}])));
    assert_eq!(seen(world, &volume).len(), 1);
    world.ok("DeleteTags", put(&volume, json!([{"Key": "k"}])));
    assert_eq!(seen(world, &volume), []);
}

fn delete_by_value(world: &mut World) {
    let volume = world.volume();
    world.tag(&volume, "k", "v");
    for value in ["", "V", "other"] {
        world.ok(
            "DeleteTags",
            put(&volume, json!([{"Key": "k", "Value": value}])),
        );
        assert_eq!(seen(world, &volume).len(), 1, "{value}");
    }
    world.ok(
        "DeleteTags",
        put(&volume, json!([{"Key": "k", "Value": "v"}])),
    );
    assert_eq!(seen(world, &volume), []);
    world.tag(&volume, "k", "");
    world.ok(
        "DeleteTags",
        put(&volume, json!([{"Key": "k", "Value": ""}])),
    );
    assert_eq!(seen(world, &volume), []);
}

fn delete_all(world: &mut World) {
    let volume = world.volume();
    world.ok("CreateTags", put(&volume, tags(7)));
    world.ok("DeleteTags", json!({"Resources": [volume]}));
    assert_eq!(seen(world, &volume), []);
}

fn bad_ids(world: &mut World) {
    let tags = json!([{"Key": "k", "Value": "v"}]);
    for id in [
        "volume",
        "zzz-0123456789abcdef0",
        "vol-xyz",
        "123",
        "arn:aws:ec2:::volume/vol-1",
    ] {
        let input = json!({"Resources": [id], "Tags": tags});
        world.no("CreateTags", input, "InvalidID", id);
    }
}

fn fade_after_termination(world: &mut World) {
    let instance = world.instance(json!({}));
    world.tag(&instance, "k", "v");
    world.ok("TerminateInstances", json!({"InstanceIds": [instance]}));
    world.pass(60);
    assert_eq!(world.see_instance(&instance)["Tags"][0]["Key"], "k");
    world.pass(1200);
    let seen = world.see_instance(&instance);
    assert_eq!(seen["State"]["Name"], "terminated");
    assert!(seen["Tags"].as_array().is_none_or(Vec::is_empty), "{seen}");
}

fn wrong_resource_type(world: &mut World) {
    for (kind, code) in [
        ("volume", "InvalidParameterValue"),
        ("nothing", "InvalidParameterValue"),
        ("", "MissingParameter"),
    ] {
        let specification = json!([{"ResourceType": kind, "Tags": [{"Key": "k", "Value": "v"}]}]);
        let input = json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": specification});
        world.no("CreateVpc", input, code, kind);
    }
}

fn duplicate_keys(world: &mut World) {
    let volume = world.volume();
    let tags = json!([{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]);
    let message = "Duplicate tag key 'k' specified.";
    world.no(
        "CreateTags",
        put(&volume, tags.clone()),
        "InvalidParameterValue",
        message,
    );
    let specification = json!([{"ResourceType": "vpc", "Tags": tags}]);
    let input = json!({"CidrBlock": "10.0.0.0/16", "TagSpecifications": specification});
    world.no("CreateVpc", input, "InvalidParameterValue", message);
}

fn tags_on_creation(world: &mut World) {
    let of = |kind: &str| json!([{"ResourceType": kind, "Tags": [{"Key": "k", "Value": "v"}]}]);
    let vpc = world.default_vpc();
    let subnet = world.default_subnet();
    let (zone, volume) = (world.zone('a'), world.volume());
    let template = json!({"InstanceType": "t3.micro"});
    for (action, mut input, kind) in [
        ("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}), "vpc"),
        (
            "CreateSubnet",
            json!({"VpcId": vpc, "CidrBlock": "172.31.128.0/24"}),
            "subnet",
        ),
        (
            "CreateSecurityGroup",
            json!({"VpcId": vpc, "GroupName": "g", "Description": "d"}),
            "security-group",
        ),
        ("CreateRouteTable", json!({"VpcId": vpc}), "route-table"),
        ("CreateNetworkAcl", json!({"VpcId": vpc}), "network-acl"),
        ("CreateInternetGateway", json!({}), "internet-gateway"),
        ("AllocateAddress", json!({}), "elastic-ip"),
        (
            "CreateNetworkInterface",
            json!({"SubnetId": subnet}),
            "network-interface",
        ),
        (
            "CreateNatGateway",
            json!({"SubnetId": subnet, "ConnectivityType": "private"}),
            "natgateway",
        ),
        (
            "CreateVolume",
            json!({"AvailabilityZone": zone, "Size": 1}),
            "volume",
        ),
        ("CreateSnapshot", json!({"VolumeId": volume}), "snapshot"),
        ("CreateKeyPair", json!({"KeyName": "k"}), "key-pair"),
        (
            "CreatePlacementGroup",
            json!({"GroupName": "p", "Strategy": "cluster"}),
            "placement-group",
        ),
        (
            "CreateLaunchTemplate",
            json!({"LaunchTemplateName": "tem", "LaunchTemplateData": template}),
            "launch-template",
        ),
        ("CreateTransitGateway", json!({}), "transit-gateway"),
        (
            "CreateVpnGateway",
            json!({"Type": "ipsec.1"}),
            "vpn-gateway",
        ),
        (
            "CreateCustomerGateway",
            json!({"Type": "ipsec.1", "IpAddress": "203.0.113.1", "BgpAsn": 65000}),
            "customer-gateway",
        ),
        (
            "CreateVpcEndpoint",
            json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3"}),
            "vpc-endpoint",
        ),
        (
            "CreateManagedPrefixList",
            json!({"PrefixListName": "p", "MaxEntries": 1, "AddressFamily": "IPv4"}),
            "prefix-list",
        ),
        (
            "CreateEgressOnlyInternetGateway",
            json!({"VpcId": vpc}),
            "egress-only-internet-gateway",
        ),
    ] {
        input["TagSpecifications"] = of(kind);
        world.ok(action, input);
        let filters = filter("resource-type", &[kind]);
        let tags = world.all("DescribeTags", json!({"Filters": filters}), "Tags");
        assert_eq!(tags.len(), 1, "{action} {kind}: {tags:?}");
    }
}

fn describe_tags(world: &mut World) {
    let (volume, vpc) = (world.volume(), world.vpc());
    world.tag(&volume, "team", "red");
    world.tag(&vpc, "team", "blue");
    for (name, value, count) in [
        ("key", "team", 2),
        ("key", "te*", 2),
        ("value", "red", 1),
        ("resource-id", volume.as_str(), 1),
        ("resource-type", "vpc", 1),
        ("tag:team", "blue", 1),
        ("key", "other", 0),
    ] {
        let input = json!({"Filters": filter(name, &[value])});
        assert_eq!(
            world.all("DescribeTags", input, "Tags").len(),
            count,
            "{name}"
        );
    }
    let input = json!({"Filters": filter("resource-id", &[&volume])});
    let tag = world.one("DescribeTags", input, "Tags");
    let expected =
        json!({"Key": "team", "Value": "red", "ResourceId": volume, "ResourceType": "volume"});
    assert_eq!(tag, expected);
}
