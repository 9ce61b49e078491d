//! Managed prefix lists: EC2 API reference; VPC user guide, "Prefix lists".

use serde_json::{Value, json};

use super::{World, group, text, vpc};
use crate::network::Choices;

fn create(entries: &[&str], most: i64) -> Value {
    let entries = entries
        .iter()
        .map(|it| json!({"Cidr": it, "Description": "d"}));
    json!({"PrefixListName": "offices", "AddressFamily": "IPv4", "MaxEntries": most,
           "Entries": entries.collect::<Vec<_>>()})
}

fn make(world: &mut World, entries: &[&str], most: i64) -> String {
    let path = "/PrefixList/PrefixListId";
    let id = world.make("CreateManagedPrefixList", create(entries, most), path);
    world.wait(60);
    id
}

fn see(world: &mut World, id: &str) -> Value {
    world.one("DescribeManagedPrefixLists", json!({"PrefixListIds": [id]}))
}

fn entries(world: &mut World, id: &str, version: Value) -> Vec<String> {
    let input = json!({"PrefixListId": id, "TargetVersion": version});
    let seen = world.ok("GetManagedPrefixListEntries", input);
    let entries = seen["Entries"].as_array().unwrap().iter();
    entries.map(|it| text(it, "/Cidr")).collect()
}

fn add(id: &str, version: i64, block: &str) -> Value {
    json!({"PrefixListId": id, "CurrentVersion": version, "AddEntries": [{"Cidr": block}]})
}

fn refer(world: &mut World, group: &str, list: &str) -> Result<Value, crate::ApiError> {
    let permission = json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                            "PrefixListIds": [{"PrefixListId": list}]});
    let input = json!({"GroupId": group, "IpPermissions": [permission]});
    world.call("AuthorizeSecurityGroupIngress", input)
}

#[test]
fn a_list_is_made_in_a_while() {
    let mut world = World::new();
    let mut input = create(&["10.0.1.7/16", "192.168.0.0/24"], 5);
    input["ClientToken"] = json!("once");
    let made = world.ok("CreateManagedPrefixList", input.clone());
    let list = &made["PrefixList"];
    let id = text(list, "/PrefixListId");
    for (path, value) in [
        ("/State", "create-in-progress"),
        ("/Version", "1"),
        ("/MaxEntries", "5"),
        ("/AddressFamily", "IPv4"),
        ("/OwnerId", super::ACCOUNT),
    ] {
        assert_eq!(text(list, path), value, "{path}");
    }
    let arn = format!(
        "arn:aws:ec2:{}:{}:prefix-list/{id}",
        super::REGION,
        super::ACCOUNT
    );
    assert_eq!(text(list, "/PrefixListArn"), arn);
    // What GetManagedPrefixListEntries tells, describe answers do not.
    assert!(list["Entries"].is_null());
    let again = world.ok("CreateManagedPrefixList", input);
    assert_eq!(again["PrefixList"]["PrefixListId"], list["PrefixListId"]);
    let message = format!(
        "The request cannot be completed while the prefix list ({id}) is in the current state (create-in-progress)."
    );
    let early = add(&id, 1, "10.2.0.0/16");
    world.refused("ModifyManagedPrefixList", early, "IncorrectState", &message);
    world.wait(60);
    assert_eq!(text(&see(&mut world, &id), "/State"), "create-complete");
    assert_eq!(
        entries(&mut world, &id, Value::Null),
        ["10.0.0.0/16", "192.168.0.0/24"]
    );
}

#[test]
fn what_a_list_may_be() {
    let mut world = World::new();
    let with = |member: &str, value: Value| {
        let mut input = create(&["10.0.0.0/16"], 2);
        input[member] = value;
        input
    };
    for (member, value, code) in [
        ("PrefixListName", json!(""), "MissingParameter"),
        (
            "PrefixListName",
            json!("com.amazonaws.mine"),
            "InvalidParameterValue",
        ),
        (
            "PrefixListName",
            json!("x".repeat(256)),
            "InvalidParameterValue",
        ),
        ("AddressFamily", json!("IPv5"), "InvalidParameterValue"),
        ("AddressFamily", json!("IPv6"), "InvalidParameterValue"),
        ("MaxEntries", Value::Null, "MissingParameter"),
        ("MaxEntries", json!(0), "InvalidParameterValue"),
        ("MaxEntries", json!(1001), "InvalidParameterValue"),
        (
            "Entries",
            json!([{"Cidr": "10.0.0.0"}]),
            "InvalidParameterValue",
        ),
        (
            "Entries",
            json!([{"Cidr": "10.0.0.0/8"}, {"Cidr": "10.1.0.0/8"}]),
            "InvalidParameterValue",
        ),
        ("DryRun", json!(true), "DryRunOperation"),
    ] {
        world.refused("CreateManagedPrefixList", with(member, value), code, "");
    }
    let full = create(&["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"], 2);
    world.refused(
        "CreateManagedPrefixList",
        full,
        "PrefixListMaxEntriesExceeded",
        "",
    );
    let mut choices = Choices::default();
    choices.quotas.prefix_lists = 0;
    world.twin.set_network_choices(choices);
    // facts: ec2-semantics.md, section 5: prefix lists 100.
    let input = create(&[], 1);
    world.refused(
        "CreateManagedPrefixList",
        input,
        "PrefixListLimitExceeded",
        "",
    );
}

// EC2 API reference, ModifyManagedPrefixList: entries make a new version when they are changed.
#[test]
fn a_change_of_entries_is_a_new_version() {
    let mut world = World::new();
    let id = make(&mut world, &["10.0.0.0/16", "10.1.0.0/16"], 3);
    let input = json!({"PrefixListId": id, "CurrentVersion": 1,
        "AddEntries": [{"Cidr": "10.2.0.0/16"}], "RemoveEntries": [{"Cidr": "10.0.0.0/16"}]});
    let changing = world.ok("ModifyManagedPrefixList", input);
    assert_eq!(text(&changing, "/PrefixList/State"), "modify-in-progress");
    assert_eq!(text(&changing, "/PrefixList/Version"), "1");
    assert_eq!(
        entries(&mut world, &id, Value::Null),
        ["10.0.0.0/16", "10.1.0.0/16"]
    );
    world.wait(60);
    let seen = see(&mut world, &id);
    assert_eq!(text(&seen, "/State"), "modify-complete");
    assert_eq!(text(&seen, "/Version"), "2");
    assert_eq!(
        entries(&mut world, &id, Value::Null),
        ["10.1.0.0/16", "10.2.0.0/16"]
    );
    assert_eq!(
        entries(&mut world, &id, json!(1)),
        ["10.0.0.0/16", "10.1.0.0/16"]
    );
    let input = json!({"PrefixListId": id, "TargetVersion": 3});
    let code = "InvalidParameterValue";
    world.refused("GetManagedPrefixListEntries", input, code, "version 3");
    // A name is changed at once, and is no version.
    let name = json!({"PrefixListId": id, "PrefixListName": "homes"});
    world.ok("ModifyManagedPrefixList", name);
    let seen = see(&mut world, &id);
    assert_eq!(text(&seen, "/PrefixListName"), "homes");
    assert_eq!(text(&seen, "/Version"), "2");
}

// The words are those of reports: terraform-provider-aws issues 43528, 26034, 22024 and its source.
#[test]
fn changes_that_cannot_be() {
    let mut world = World::new();
    let id = make(&mut world, &["10.0.0.0/16"], 2);
    let both = json!({"PrefixListId": id, "CurrentVersion": 1, "MaxEntries": 3,
                      "AddEntries": [{"Cidr": "10.2.0.0/16"}]});
    let swap = json!({"PrefixListId": id, "CurrentVersion": 1,
        "AddEntries": [{"Cidr": "10.0.0.0/16", "Description": "new"}],
        "RemoveEntries": [{"Cidr": "10.0.0.0/16"}]});
    let absent = json!({"PrefixListId": id, "RemoveEntries": [{"Cidr": "10.9.0.0/16"}]});
    let many = json!({"PrefixListId": id,
                      "AddEntries": [{"Cidr": "10.2.0.0/16"}, {"Cidr": "10.3.0.0/16"}]});
    let nothing = json!({"PrefixListId": id});
    let nobody = add("pl-0123456789abcdef0", 1, "10.2.0.0/16");
    for (input, code, message) in [
        (
            both,
            "InvalidParameterCombination",
            "You cannot modify the entries and the maximum entries for the prefix list in the same request.",
        ),
        (
            add(&id, 2, "10.2.0.0/16"),
            "PrefixListVersionMismatch",
            "The prefix list has the incorrect version number.",
        ),
        (
            add(&id, 0, "10.2.0.0/16"),
            "InvalidParameterValue",
            "must be greater than (1)",
        ),
        (
            swap,
            "InvalidParameterValue",
            "Request cannot contain Cidr 10.0.0.0/16 in both AddPrefixListEntries and RemovePrefixListEntries",
        ),
        (
            add(&id, 1, "10.0.0.0/16"),
            "InvalidRequest",
            "The request received was invalid.",
        ),
        (absent, "InvalidPrefixListModification", "10.9.0.0/16"),
        (many, "PrefixListMaxEntriesExceeded", ""),
        (nothing, "MissingParameter", ""),
        (
            nobody,
            "InvalidPrefixListID.NotFound",
            "pl-0123456789abcdef0",
        ),
    ] {
        world.refused("ModifyManagedPrefixList", input, code, message);
    }
}

#[test]
fn an_earlier_version_is_restored_as_a_new_one() {
    let mut world = World::new();
    let id = make(&mut world, &["10.0.0.0/16"], 2);
    world.ok("ModifyManagedPrefixList", add(&id, 1, "10.2.0.0/16"));
    world.wait(60);
    let restore = |previous: i64, current: i64| json!({"PrefixListId": id, "PreviousVersion": previous, "CurrentVersion": current});
    let operation = "RestoreManagedPrefixListVersion";
    world.refused(operation, restore(1, 1), "PrefixListVersionMismatch", "");
    world.refused(
        operation,
        restore(7, 2),
        "InvalidParameterValue",
        "version 7",
    );
    let missing = json!({"PrefixListId": id, "CurrentVersion": 2});
    world.refused(operation, missing, "MissingParameter", "previousVersion");
    let restoring = world.ok(operation, restore(1, 2));
    assert_eq!(text(&restoring, "/PrefixList/State"), "restore-in-progress");
    world.wait(60);
    let seen = see(&mut world, &id);
    assert_eq!(text(&seen, "/State"), "restore-complete");
    assert_eq!(text(&seen, "/Version"), "3");
    assert_eq!(entries(&mut world, &id, Value::Null), ["10.0.0.0/16"]);
    assert_eq!(
        entries(&mut world, &id, json!(2)),
        ["10.0.0.0/16", "10.2.0.0/16"]
    );
}

// terraform-provider-aws issue 20991: the deletion of a list in use begins and fails.
#[test]
fn a_list_in_use_is_not_deleted() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let web = group(&mut world, &vpc, "web");
    let id = make(&mut world, &["10.0.0.0/16"], 2);
    refer(&mut world, &web, &id).unwrap();
    let associations = json!({"PrefixListId": id});
    let users = world.all("GetManagedPrefixListAssociations", associations.clone());
    assert_eq!(
        users,
        [json!({"ResourceId": web, "ResourceOwner": super::ACCOUNT})]
    );
    let delete = json!({"PrefixListId": id});
    let deleting = world.ok("DeleteManagedPrefixList", delete.clone());
    assert_eq!(text(&deleting, "/PrefixList/State"), "delete-in-progress");
    world.wait(60);
    let seen = see(&mut world, &id);
    assert_eq!(text(&seen, "/State"), "delete-failed");
    assert!(text(&seen, "/StateMessage").contains(&web));
    let choices = Choices {
        prefix_list_deletion_fails_late: false,
        ..Choices::default()
    };
    world.twin.set_network_choices(choices);
    world.refused(
        "DeleteManagedPrefixList",
        delete.clone(),
        "DependencyViolation",
        &id,
    );
    world.ok("DeleteSecurityGroup", json!({"GroupId": web}));
    world.ok("DeleteManagedPrefixList", delete.clone());
    world.wait(60);
    world.refused(
        "DeleteManagedPrefixList",
        delete,
        "InvalidPrefixListID.NotFound",
        &id,
    );
    let code = "InvalidPrefixListID.NotFound";
    world.refused("GetManagedPrefixListAssociations", associations, code, &id);
}

#[test]
fn a_route_to_a_list_keeps_it() {
    let mut world = World::new();
    let (vpc, gateway) = super::vpc_with_gateway(&mut world);
    let id = make(&mut world, &["198.51.100.0/24"], 2);
    let path = "/RouteTable/RouteTableId";
    let table = world.make("CreateRouteTable", json!({"VpcId": vpc}), path);
    let route = json!({"RouteTableId": table, "DestinationPrefixListId": id,
                       "GatewayId": gateway});
    world.ok("CreateRoute", route.clone());
    world.ok("DeleteManagedPrefixList", json!({"PrefixListId": id}));
    world.wait(60);
    assert_eq!(text(&see(&mut world, &id), "/State"), "delete-failed");
    let delete = json!({"RouteTableId": table, "DestinationPrefixListId": id});
    world.ok("DeleteRoute", delete);
    world.ok("DeleteManagedPrefixList", json!({"PrefixListId": id}));
    world.wait(60);
    // It was seen in a route once, but it is gone.
    world.refused("CreateRoute", route, "InvalidPrefixListID.NotFound", &id);
}

// floci issue 2269, seen in a live account; VPC user guide, "Prefix lists": the size counts.
#[test]
fn a_rule_by_list_counts_for_its_size() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let web = group(&mut world, &vpc, "web");
    let nobody = "pl-0123456789abcdef0";
    let error = refer(&mut world, &web, nobody).unwrap_err();
    assert_eq!(error.code, "InvalidPrefixListID.NotFound");
    let large = make(&mut world, &[], 61);
    let error = refer(&mut world, &web, &large).unwrap_err();
    assert_eq!(error.code, "RulesPerSecurityGroupLimitExceeded");
    let fine = make(&mut world, &[], 60);
    refer(&mut world, &web, &fine).unwrap();
    let rule = json!({"GroupId": web, "IpProtocol": "tcp", "FromPort": 1, "ToPort": 1,
                      "CidrIp": "10.0.0.0/8"});
    let code = "RulesPerSecurityGroupLimitExceeded";
    world.refused("AuthorizeSecurityGroupIngress", rule, code, "");
    // EC2 API reference, ModifyManagedPrefixList: the operation fails, and says for whom.
    world.ok(
        "ModifyManagedPrefixList",
        json!({"PrefixListId": fine, "MaxEntries": 61}),
    );
    world.wait(60);
    let seen = see(&mut world, &fine);
    assert_eq!(text(&seen, "/State"), "modify-failed");
    assert_eq!(text(&seen, "/MaxEntries"), "60");
    assert!(text(&seen, "/StateMessage").contains(&web));
    world.ok(
        "ModifyManagedPrefixList",
        json!({"PrefixListId": fine, "MaxEntries": 59}),
    );
    world.wait(60);
    let seen = see(&mut world, &fine);
    assert_eq!(text(&seen, "/State"), "modify-complete");
    assert_eq!(text(&seen, "/Version"), "1");
}

#[test]
fn a_route_by_list_counts_for_its_size() {
    let mut world = World::new();
    let (vpc, gateway) = super::vpc_with_gateway(&mut world);
    let path = "/RouteTable/RouteTableId";
    let table = world.make("CreateRouteTable", json!({"VpcId": vpc}), path);
    let route = |list: &str| {
        json!({"RouteTableId": table, "DestinationPrefixListId": list,
                                    "GatewayId": gateway})
    };
    // The local route is there already.
    let large = make(&mut world, &[], 50);
    world.refused("CreateRoute", route(&large), "RouteLimitExceeded", "");
    let fine = make(&mut world, &[], 49);
    world.ok("CreateRoute", route(&fine));
}

// EC2 API reference, DescribeManagedPrefixLists and DescribePrefixLists: AWS's own are there, too.
#[test]
fn awss_own_lists_can_be_read_and_referred_to() {
    let mut world = World::new();
    let own = make(&mut world, &[], 1);
    let services = world.all("DescribePrefixLists", json!({}));
    let names: Vec<String> = services
        .iter()
        .map(|it| text(it, "/PrefixListName"))
        .collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            "com.amazonaws.eu-central-1.dynamodb",
            "com.amazonaws.eu-central-1.s3"
        ]
    );
    assert!(
        services
            .iter()
            .all(|it| !it["Cidrs"].as_array().unwrap().is_empty())
    );
    assert_eq!(world.all("DescribeManagedPrefixLists", json!({})).len(), 3);
    let filter = |name: &str, value: &str| json!({"Filters": [{"Name": name, "Values": [value]}]});
    let awss = world.all("DescribeManagedPrefixLists", filter("owner-id", "AWS"));
    assert_eq!(awss.len(), 2);
    let mine = world.one(
        "DescribeManagedPrefixLists",
        filter("owner-id", super::ACCOUNT),
    );
    assert_eq!(text(&mine, "/PrefixListId"), own);
    let s3 = filter("prefix-list-name", "com.amazonaws.*.s3");
    let s3 = text(
        &world.one("DescribeManagedPrefixLists", s3),
        "/PrefixListId",
    );
    assert!(!entries(&mut world, &s3, Value::Null).is_empty());
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let web = group(&mut world, &vpc, "web");
    refer(&mut world, &web, &s3).unwrap();
    let input = json!({"PrefixListId": s3});
    let users = world.all("GetManagedPrefixListAssociations", input.clone());
    assert_eq!(users.len(), 1);
    world.refused(
        "DeleteManagedPrefixList",
        input,
        "UnsupportedOperation",
        "managed by AWS",
    );
    // The gateway endpoint of the service leads there.
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
    let table = world.one("DescribeRouteTables", filter.clone());
    let endpoint = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3",
                          "RouteTableIds": [table["RouteTableId"]]});
    world.ok("CreateVpcEndpoint", endpoint);
    let table = world.one("DescribeRouteTables", filter);
    assert_eq!(text(&table, "/Routes/1/DestinationPrefixListId"), s3);
    let ids = json!({"PrefixListIds": [own]});
    world.refused(
        "DescribePrefixLists",
        ids,
        "InvalidPrefixListID.NotFound",
        &own,
    );
}

#[test]
fn lists_come_in_pages() {
    let mut world = World::new();
    make(&mut world, &["10.0.0.0/24", "10.0.1.0/24"], 2);
    let page = |token: Value| json!({"MaxResults": 2, "NextToken": token});
    let first = world.ok("DescribeManagedPrefixLists", page(Value::Null));
    assert_eq!(first["PrefixLists"].as_array().unwrap().len(), 2);
    let second = world.ok(
        "DescribeManagedPrefixLists",
        page(first["NextToken"].clone()),
    );
    assert_eq!(second["PrefixLists"].as_array().unwrap().len(), 1);
    assert!(second["NextToken"].is_null());
    let code = "InvalidNextToken";
    world.refused(
        "DescribeManagedPrefixLists",
        page(json!("page two")),
        code,
        "",
    );
    let much = json!({"MaxResults": 101});
    let code = "InvalidParameterValue";
    world.refused("DescribeManagedPrefixLists", much, code, "maxResults");
}
