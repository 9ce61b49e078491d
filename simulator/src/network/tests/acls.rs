//! Network ACLs: facts: ec2-semantics.md, sections 2, 3 and 5; VPC user guide, "Network ACLs".

use sandtable_model::resource::{NetworkAcl, Subnet};
use sandtable_model::{AccountId, Kind, Region, Snapshot, Timestamp};
use serde_json::{Value, json};

use super::{World, subnet, text, vpc};
use crate::network::Choices;

fn acls(world: &mut World, vpc: &str) -> Vec<Value> {
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
    world.all("DescribeNetworkAcls", filter)
}

fn default_acl(world: &mut World, vpc: &str) -> Value {
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]},
                                    {"Name": "default", "Values": ["true"]}]});
    world.one("DescribeNetworkAcls", filter)
}

fn make(world: &mut World, vpc: &str) -> String {
    let input = json!({"VpcId": vpc});
    world.make("CreateNetworkAcl", input, "/NetworkAcl/NetworkAclId")
}

fn association_of(world: &mut World, subnet: &str) -> (String, String) {
    let filter = json!({"Filters": [{"Name": "association.subnet-id", "Values": [subnet]}]});
    let acl = world.one("DescribeNetworkAcls", filter);
    let associations = acl["Associations"].as_array().unwrap();
    let mine = associations.iter().find(|it| it["SubnetId"] == subnet);
    let mine = mine.unwrap();
    assert_eq!(mine["NetworkAclId"], acl["NetworkAclId"]);
    (
        text(mine, "/NetworkAclAssociationId"),
        text(&acl, "/NetworkAclId"),
    )
}

/// Number, direction, action and block of entries.
fn entries(acl: &Value) -> Vec<(i64, bool, String, String)> {
    let entries = acl["Entries"].as_array().unwrap().iter();
    let block = |it: &Value| match &it["CidrBlock"] {
        Value::String(block) => block.clone(),
        _ => text(it, "/Ipv6CidrBlock"),
    };
    let read = |it: &Value| {
        (
            it["RuleNumber"].as_i64().unwrap(),
            it["Egress"] == true,
            text(it, "/RuleAction"),
            block(it),
        )
    };
    entries.map(read).collect()
}

fn everything(number: i64, egress: bool, action: &str) -> (i64, bool, String, String) {
    (number, egress, action.to_owned(), "0.0.0.0/0".to_owned())
}

// VPC user guide, "Default network ACL": 100 lets everything through, `*` (32767) denies the rest.
#[test]
fn every_new_vpc_has_a_default_acl_and_every_new_subnet_is_in_it() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let acl = default_acl(&mut world, &vpc);
    assert_eq!(text(&acl, "/IsDefault"), "true");
    let expected = [
        everything(100, false, "allow"),
        everything(32_767, false, "deny"),
        everything(100, true, "allow"),
        everything(32_767, true, "deny"),
    ];
    assert_eq!(entries(&acl), expected);
    assert_eq!(acl["Associations"], json!([]));
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let (association, of) = association_of(&mut world, &subnet);
    assert!(association.starts_with("aclassoc-"), "{association}");
    assert_eq!(of, text(&acl, "/NetworkAclId"));
    // facts: section 3, Subnet: the association is dropped silently.
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    assert_eq!(default_acl(&mut world, &vpc)["Associations"], json!([]));
}

#[test]
fn a_default_vpc_has_one_too_with_its_subnets_in_it() {
    let mut world = World::new();
    let vpc = world.make("CreateDefaultVpc", json!({}), "/Vpc/VpcId");
    let acl = default_acl(&mut world, &vpc);
    assert_eq!(acl["Associations"].as_array().unwrap().len(), 3);
}

#[test]
fn a_made_acl_denies_everything() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let tags = json!([{"ResourceType": "network-acl", "Tags": [{"Key": "Name", "Value": "x"}]}]);
    let input = json!({"VpcId": vpc, "ClientToken": "once", "TagSpecifications": tags});
    let made = world.ok("CreateNetworkAcl", input.clone());
    assert_eq!(text(&made, "/ClientToken"), "once");
    assert_eq!(text(&made, "/NetworkAcl/IsDefault"), "false");
    assert_eq!(text(&made, "/NetworkAcl/Tags/0/Value"), "x");
    let expected = [
        everything(32_767, false, "deny"),
        everything(32_767, true, "deny"),
    ];
    assert_eq!(entries(&made["NetworkAcl"]), expected);
    // facts: section 1, Idempotency.
    let again = world.ok("CreateNetworkAcl", input);
    assert_eq!(
        again["NetworkAcl"]["NetworkAclId"],
        made["NetworkAcl"]["NetworkAclId"]
    );
    let other = json!({"VpcId": vpc, "ClientToken": "once"});
    world.refused(
        "CreateNetworkAcl",
        other,
        "IdempotentParameterMismatch",
        "once",
    );
}

#[test]
fn ids_and_dry_runs_are_checked_in_order() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let acl = text(&default_acl(&mut world, &vpc), "/NetworkAclId");
    let nobody = "acl-0123456789abcdef0";
    for (id, code) in [
        ("", "MissingParameter"),
        ("acl-x", "InvalidNetworkAclId.Malformed"),
        (nobody, "InvalidNetworkAclID.NotFound"),
        (acl.as_str(), "DryRunOperation"),
    ] {
        let input = json!({"NetworkAclId": id, "DryRun": true});
        world.refused("DeleteNetworkAcl", input, code, "");
    }
    let input = json!({"VpcId": vpc, "DryRun": true});
    world.refused("CreateNetworkAcl", input, "DryRunOperation", "");
    let ids = json!({"NetworkAclIds": [acl, nobody]});
    world.refused(
        "DescribeNetworkAcls",
        ids,
        "InvalidNetworkAclID.NotFound",
        nobody,
    );
}

// facts: section 3, Network ACL.
#[test]
fn the_default_acl_cannot_be_deleted() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let acl = text(&default_acl(&mut world, &vpc), "/NetworkAclId");
    let input = json!({"NetworkAclId": acl});
    let message = format!("cannot delete default network ACL {acl}");
    world.refused("DeleteNetworkAcl", input, "InvalidParameterValue", &message);
}

// facts: section 3, Network ACL: freed by ReplaceNetworkAclAssociation to the default ACL.
#[test]
fn an_associated_acl_cannot_be_deleted() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let acl = make(&mut world, &vpc);
    let (first, default) = association_of(&mut world, &subnet);
    let replace = |from: &str, to: &str| json!({"AssociationId": from, "NetworkAclId": to});
    let path = "/NewAssociationId";
    let second = world.make("ReplaceNetworkAclAssociation", replace(&first, &acl), path);
    assert_ne!(first, second);
    assert_eq!(
        association_of(&mut world, &subnet),
        (second.clone(), acl.clone())
    );
    let delete = json!({"NetworkAclId": acl});
    let message = format!("The networkAcl '{acl}' has dependencies and cannot be deleted.");
    world.refused(
        "DeleteNetworkAcl",
        delete.clone(),
        "DependencyViolation",
        &message,
    );
    world.ok("ReplaceNetworkAclAssociation", replace(&second, &default));
    world.ok("DeleteNetworkAcl", delete.clone());
    // facts: section 1: deletes have no tokens.
    world.refused(
        "DeleteNetworkAcl",
        delete,
        "InvalidNetworkAclID.NotFound",
        &acl,
    );
}

// EC2 API reference, ReplaceNetworkAclAssociation: "This is an idempotent operation."
#[test]
fn replacing_an_association_is_idempotent() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let acl = make(&mut world, &vpc);
    let (first, default) = association_of(&mut world, &subnet);
    let replace = |from: &str, to: &str| json!({"AssociationId": from, "NetworkAclId": to});
    let path = "/NewAssociationId";
    let operation = "ReplaceNetworkAclAssociation";
    assert_eq!(
        world.make(operation, replace(&first, &default), path),
        first
    );
    let second = world.make(operation, replace(&first, &acl), path);
    assert_eq!(world.make(operation, replace(&first, &acl), path), second);
    assert_eq!(world.make(operation, replace(&second, &acl), path), second);
    // The same old association for something else is gone.
    let code = "InvalidAssociationID.NotFound";
    world.refused(operation, replace(&first, &default), code, &first);
    world.refused(
        operation,
        replace("aclassoc-0123456789abcdef0", &acl),
        code,
        "aclassoc",
    );
    world.refused(
        operation,
        replace("", &acl),
        "MissingParameter",
        "associationId",
    );
}

#[test]
fn subnets_stay_within_their_vpc() {
    let mut world = World::new();
    let here = vpc(&mut world, "10.0.0.0/16");
    let there = vpc(&mut world, "10.1.0.0/16");
    let subnet = subnet(&mut world, &here, "10.0.0.0/24");
    let acl = make(&mut world, &there);
    let (association, _) = association_of(&mut world, &subnet);
    let input = json!({"AssociationId": association, "NetworkAclId": acl});
    let message = "belong to different networks";
    world.refused(
        "ReplaceNetworkAclAssociation",
        input,
        "InvalidParameterValue",
        message,
    );
}

fn entry(acl: &str, number: i64) -> Value {
    json!({"NetworkAclId": acl, "RuleNumber": number, "Protocol": "6", "RuleAction": "allow",
           "Egress": false, "CidrBlock": "10.0.3.1/16", "PortRange": {"From": 80, "To": 81}})
}

#[test]
fn entries_are_made_replaced_and_deleted() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let acl = make(&mut world, &vpc);
    world.ok("CreateNetworkAclEntry", entry(&acl, 200));
    world.ok("CreateNetworkAclEntry", entry(&acl, 100));
    let see = |world: &mut World| world.one("DescribeNetworkAcls", json!({"NetworkAclIds": [acl]}));
    let seen = see(&mut world);
    let numbers: Vec<i64> = entries(&seen).iter().map(|it| it.0).collect();
    assert_eq!(numbers, [100, 200, 32_767, 32_767]);
    // EC2 API reference, CreateNetworkAclEntry: blocks become canonical.
    assert_eq!(text(&seen, "/Entries/0/CidrBlock"), "10.0.0.0/16");
    assert_eq!(text(&seen, "/Entries/0/PortRange/To"), "81");
    let message = "The network acl entry identified by 100 already exists.";
    let code = "NetworkAclEntryAlreadyExists";
    world.refused("CreateNetworkAclEntry", entry(&acl, 100), code, message);
    // The same number the other way is another entry.
    let mut out = entry(&acl, 100);
    out["Egress"] = json!(true);
    let delete = json!({"NetworkAclId": acl, "RuleNumber": 100, "Egress": true});
    let code = "InvalidNetworkAclEntry.NotFound";
    world.refused("DeleteNetworkAclEntry", delete.clone(), code, "100");
    world.refused("ReplaceNetworkAclEntry", out.clone(), code, "100");
    world.ok("CreateNetworkAclEntry", out.clone());
    out["Protocol"] = json!("-1");
    out["RuleAction"] = json!("deny");
    world.ok("ReplaceNetworkAclEntry", out);
    let seen = see(&mut world);
    let replaced = &seen["Entries"][3];
    assert_eq!(text(replaced, "/RuleAction"), "deny");
    // EC2 API reference: ports mean nothing for other protocols than TCP and UDP.
    assert!(replaced["PortRange"].is_null(), "{replaced}");
    world.ok("DeleteNetworkAclEntry", delete);
    assert_eq!(entries(&see(&mut world)).len(), 4);
}

// EC2 API reference, CreateNetworkAclEntry.
#[test]
fn what_an_entry_may_say() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let acl = make(&mut world, &vpc);
    let with = |member: &str, value: Value| {
        let mut input = entry(&acl, 100);
        input[member] = value;
        input
    };
    for (member, value, code) in [
        ("RuleNumber", json!(0), "InvalidParameterValue"),
        ("RuleNumber", json!(32_767), "InvalidParameterValue"),
        ("RuleNumber", Value::Null, "MissingParameter"),
        ("Protocol", json!(""), "MissingParameter"),
        ("Protocol", json!("256"), "InvalidParameterValue"),
        ("Protocol", json!("tcp"), "InvalidParameterValue"),
        ("RuleAction", json!("maybe"), "InvalidParameterValue"),
        ("Egress", Value::Null, "MissingParameter"),
        ("CidrBlock", json!("10.0.0.0"), "InvalidParameterValue"),
        ("CidrBlock", Value::Null, "MissingParameter"),
        (
            "Ipv6CidrBlock",
            json!("::/0"),
            "InvalidParameterCombination",
        ),
        ("PortRange", Value::Null, "MissingParameter"),
        (
            "PortRange",
            json!({"From": 2, "To": 1}),
            "InvalidParameterValue",
        ),
        (
            "PortRange",
            json!({"From": 0, "To": 65_536}),
            "InvalidParameterValue",
        ),
        // ICMP needs a type.
        ("Protocol", json!("1"), "MissingParameter"),
    ] {
        world.refused("CreateNetworkAclEntry", with(member, value), code, "");
    }
    let mut ping = with("Protocol", json!("58"));
    ping["CidrBlock"] = Value::Null;
    ping["Ipv6CidrBlock"] = json!("2001:db8::1/32");
    world.refused(
        "CreateNetworkAclEntry",
        ping.clone(),
        "MissingParameter",
        "icmpTypeCode",
    );
    ping["IcmpTypeCode"] = json!({"Type": 128, "Code": -1});
    world.ok("CreateNetworkAclEntry", ping);
    let seen = world.one("DescribeNetworkAcls", json!({"NetworkAclIds": [acl]}));
    assert_eq!(text(&seen, "/Entries/0/Ipv6CidrBlock"), "2001:db8::/32");
    assert_eq!(text(&seen, "/Entries/0/IcmpTypeCode/Type"), "128");
    // AWS's own entries are out of reach.
    let last = json!({"NetworkAclId": acl, "RuleNumber": 32_767, "Egress": false});
    world.refused(
        "DeleteNetworkAclEntry",
        last,
        "InvalidParameterValue",
        "32767",
    );
}

// facts: section 5: rules/NACL 20. VPC user guide, "Amazon VPC quotas": AWS's own last rule counts,
// directions apart; whether families count apart depends on the edition.
#[test]
fn twenty_entries_a_direction() {
    for apart in [true, false] {
        let mut world = World::new();
        world.twin.set_network_choices(Choices {
            acl_families_count_apart: apart,
            ..Choices::default()
        });
        let vpc = vpc(&mut world, "10.0.0.0/16");
        let acl = make(&mut world, &vpc);
        (1..20).for_each(|n| drop(world.ok("CreateNetworkAclEntry", entry(&acl, n))));
        let code = "NetworkAclEntryLimitExceeded";
        world.refused("CreateNetworkAclEntry", entry(&acl, 20), code, "");
        let mut out = entry(&acl, 20);
        out["Egress"] = json!(true);
        world.ok("CreateNetworkAclEntry", out);
        let mut ipv6 = entry(&acl, 20);
        ipv6["CidrBlock"] = Value::Null;
        ipv6["Ipv6CidrBlock"] = json!("::/0");
        match apart {
            true => drop(world.ok("CreateNetworkAclEntry", ipv6)),
            false => world.refused("CreateNetworkAclEntry", ipv6, code, ""),
        }
    }
}

#[test]
fn acls_a_vpc() {
    let mut world = World::new();
    let mut choices = Choices::default();
    choices.quotas.acls_per_vpc = 2;
    world.twin.set_network_choices(choices);
    let vpc = vpc(&mut world, "10.0.0.0/16");
    make(&mut world, &vpc);
    let input = json!({"VpcId": vpc});
    world.refused("CreateNetworkAcl", input, "NetworkAclLimitExceeded", "");
}

// facts: section 3, VPC: deleting removes the default ACL; another one blocks (conformance.rs).
#[test]
fn a_vpc_takes_its_default_acl_along() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    assert_eq!(acls(&mut world, &vpc).len(), 1);
    world.ok("DeleteVpc", json!({"VpcId": vpc}));
    assert_eq!(acls(&mut world, &vpc).len(), 0);
}

#[test]
fn filters_tell_acls_apart() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let acl = make(&mut world, &vpc);
    world.ok("CreateNetworkAclEntry", entry(&acl, 7));
    let (association, default) = association_of(&mut world, &subnet);
    for (name, value, expected) in [
        ("association.association-id", association.as_str(), &default),
        ("association.network-acl-id", default.as_str(), &default),
        ("default", "false", &acl),
        ("entry.cidr", "10.0.0.0/16", &acl),
        ("entry.port-range.from", "80", &acl),
        ("entry.port-range.to", "81", &acl),
        ("entry.protocol", "tcp", &acl),
        ("entry.protocol", "6", &acl),
        ("entry.rule-number", "7", &acl),
        ("entry.rule-number", "100", &default),
        ("network-acl-id", acl.as_str(), &acl),
    ] {
        let filters = json!({"Filters": [{"Name": name, "Values": [value]}]});
        let found = world.one("DescribeNetworkAcls", filters);
        assert_eq!(found["NetworkAclId"], *expected, "{name}");
    }
    for (name, value) in [("entry.icmp.type", "8"), ("entry.ipv6-cidr", "::/0")] {
        let filters = json!({"Filters": [{"Name": name, "Values": [value]}]});
        assert!(
            world.all("DescribeNetworkAcls", filters).is_empty(),
            "{name}"
        );
    }
    let unknown = json!({"Filters": [{"Name": "entry.colour", "Values": ["red"]}]});
    world.refused(
        "DescribeNetworkAcls",
        unknown,
        "InvalidParameterValue",
        "entry.colour",
    );
}

// A snapshot need not list ACLs: none is invented, and subnets are made and deleted all the same.
#[test]
fn a_vpc_without_a_known_acl_is_left_so() {
    let account = AccountId::new(super::ACCOUNT).unwrap();
    let mut snapshot = Snapshot::new(account, Timestamp::from_millis(super::START), "test");
    let region = Region::new(super::REGION).unwrap();
    let id = "vpc-00000000000000001";
    let vpc = json!({"VpcId": id, "CidrBlock": "10.0.0.0/16"});
    let vpc = sandtable_model::Resource::deserialize_as(Kind::Vpc, vpc).unwrap();
    snapshot.insert(&region, vpc).unwrap();
    let mut world = World::of(&snapshot, 1);
    let subnet = subnet(&mut world, id, "10.0.0.0/24");
    assert!(acls(&mut world, id).is_empty());
    let diff = world.twin.diff();
    assert_eq!(diff.resources.len(), 1, "{diff:#?}");
    world.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    assert!(world.twin.diff().is_empty());
    world.ok("DeleteVpc", json!({"VpcId": id}));
    let state = &world.twin.state;
    assert_eq!(state.all::<NetworkAcl>(&region).count(), 0);
    assert_eq!(state.all::<Subnet>(&region).count(), 0);
}
