//! Rules that change where they are, their tags, and groups in further VPCs: EC2 API reference,
//! ModifySecurityGroupRules, UpdateSecurityGroupRuleDescriptions, AssociateSecurityGroupVpc.

use serde_json::{Value, json};

use super::{World, group, subnet, text, vpc};

const INGRESS: &str = "AuthorizeSecurityGroupIngress";

fn tcp(port: u16, block: &str) -> Value {
    json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port,
           "IpRanges": [{"CidrIp": block, "Description": "first"}]})
}

/// A group with one inbound rule.
fn with_rule(world: &mut World) -> (String, String, String) {
    let vpc = vpc(world, "10.0.0.0/16");
    let group = group(world, &vpc, "web");
    let input = json!({"GroupId": group, "IpPermissions": [tcp(22, "10.0.0.0/8")],
        "TagSpecifications": [{"ResourceType": "security-group-rule",
                               "Tags": [{"Key": "owner", "Value": "ops"}]}]});
    let rule = world.make(INGRESS, input, "/SecurityGroupRules/0/SecurityGroupRuleId");
    (vpc, group, rule)
}

fn rule(world: &mut World, id: &str) -> Value {
    world.one(
        "DescribeSecurityGroupRules",
        json!({"SecurityGroupRuleIds": [id]}),
    )
}

#[test]
fn a_modified_rule_keeps_its_id_and_tags() {
    let mut world = World::new();
    let (_, group, id) = with_rule(&mut world);
    let change = |id: &str, rule: Value| {
        json!({"GroupId": group,
               "SecurityGroupRules": [{"SecurityGroupRuleId": id, "SecurityGroupRule": rule}]})
    };
    let name = "ModifySecurityGroupRules";
    let https = json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                       "CidrIpv4": "192.168.1.1/16", "Description": "second"});
    assert_eq!(
        text(&world.ok(name, change(&id, https.clone())), "/Return"),
        "true"
    );
    let seen = rule(&mut world, &id);
    assert_eq!(text(&seen, "/FromPort"), "443");
    assert_eq!(text(&seen, "/CidrIpv4"), "192.168.0.0/16");
    assert_eq!(text(&seen, "/Description"), "second");
    assert_eq!(seen["Tags"], json!([{"Key": "owner", "Value": "ops"}]));
    let shown = world.one("DescribeSecurityGroups", json!({"GroupIds": [group]}));
    assert_eq!(text(&shown, "/IpPermissions/0/FromPort"), "443");
    assert_eq!(shown["IpPermissions"].as_array().unwrap().len(), 1);
    // What the rule said before is a rule of its own now, with another id.
    let input = json!({"GroupId": group, "IpPermissions": [tcp(22, "10.0.0.0/8")]});
    let other = world.make(INGRESS, input, "/SecurityGroupRules/0/SecurityGroupRuleId");
    assert_ne!(other, id);
    world.refused(
        name,
        change(&other, https.clone()),
        "InvalidPermission.Duplicate",
        "443",
    );
    // And both can go by their ids.
    for id in [&other, &id] {
        let input = json!({"GroupId": group, "SecurityGroupRuleIds": [id]});
        world.ok("RevokeSecurityGroupIngress", input);
        let input = json!({"SecurityGroupRuleIds": [id]});
        let code = "InvalidSecurityGroupRuleId.NotFound";
        world.refused("DescribeSecurityGroupRules", input, code, id);
    }
    assert_eq!(world.all("DescribeTags", json!({})), Vec::<Value>::new());
}

#[test]
fn what_a_rule_cannot_become() {
    let mut world = World::new();
    let (vpc, group, id) = with_rule(&mut world);
    let other = super::group(&mut world, &vpc, "other");
    let change = |rule: Value| {
        json!({"GroupId": group,
               "SecurityGroupRules": [{"SecurityGroupRuleId": id, "SecurityGroupRule": rule}]})
    };
    let invalid = "InvalidParameterValue";
    for (input, code, message) in [
        // The words that AWS's console shows (mukulmantosh/SampleDemo, issue 1).
        (
            change(json!({"IpProtocol": "-1", "ReferencedGroupId": other})),
            invalid,
            "You may not specify a referenced group id for an existing IPv4 CIDR rule",
        ),
        (change(json!({"IpProtocol": "-1"})), invalid, "one source"),
        (
            change(json!({"IpProtocol": "tcp", "CidrIpv4": "1.2.3.4/32"})),
            invalid,
            "TCP",
        ),
        (
            change(json!({"IpProtocol": "-1", "CidrIpv4": "1.2.3.4/32", "Description": "a\u{e4}"})),
            invalid,
            "Invalid rule description",
        ),
        (change(Value::Null), "MissingParameter", "SecurityGroupRule"),
        (
            json!({"GroupId": group}),
            "MissingParameter",
            "SecurityGroupRule",
        ),
        (
            json!({"GroupId": other, "SecurityGroupRules": [{"SecurityGroupRuleId": id,
                   "SecurityGroupRule": {"IpProtocol": "-1", "CidrIpv4": "1.2.3.4/32"}}]}),
            "InvalidSecurityGroupRuleId.NotFound",
            "",
        ),
    ] {
        world.refused("ModifySecurityGroupRules", input, code, message);
    }
    let mut dry = change(json!({"IpProtocol": "-1", "CidrIpv4": "1.2.3.4/32"}));
    dry["DryRun"] = json!(true);
    world.refused("ModifySecurityGroupRules", dry, "DryRunOperation", "");
}

#[test]
fn descriptions_change_by_id_and_by_words() {
    let mut world = World::new();
    let (_, group, id) = with_rule(&mut world);
    let name = "UpdateSecurityGroupRuleDescriptionsIngress";
    let by_id = |text: Option<&str>| {
        json!({"GroupId": group, "SecurityGroupRuleDescriptions":
               [{"SecurityGroupRuleId": id, "Description": text}]})
    };
    world.ok(name, by_id(Some("third")));
    assert_eq!(text(&rule(&mut world, &id), "/Description"), "third");
    // "You can remove a description ... by omitting the description parameter"
    world.ok(name, by_id(None));
    assert_eq!(rule(&mut world, &id)["Description"], Value::Null);
    let by_words = json!({"GroupId": group, "IpPermissions": [tcp(22, "10.0.0.0/8")]});
    world.ok(name, by_words.clone());
    assert_eq!(text(&rule(&mut world, &id), "/Description"), "first");
    let unknown = json!({"GroupId": group, "IpPermissions": [tcp(23, "10.0.0.0/8")]});
    world.refused(name, unknown, "InvalidPermission.NotFound", "");
    let mut both = by_words;
    both["SecurityGroupRuleDescriptions"] = json!([{"SecurityGroupRuleId": id}]);
    world.refused(name, both, "InvalidParameterCombination", "");
    world.refused(name, json!({"GroupId": group}), "MissingParameter", "");
    let out = "UpdateSecurityGroupRuleDescriptionsEgress";
    world.refused(
        out,
        by_id(Some("x")),
        "InvalidSecurityGroupRuleId.NotFound",
        "",
    );
    let long = "x".repeat(256);
    world.refused(
        name,
        by_id(Some(&long)),
        "InvalidParameterValue",
        "256 characters",
    );
}

#[test]
fn rules_have_tags() {
    let mut world = World::new();
    let (_, group, id) = with_rule(&mut world);
    let tags = json!([{"Key": "a", "Value": "1"}]);
    world.ok(
        "CreateTags",
        json!({"Resources": [id, group], "Tags": tags}),
    );
    let filter = json!({"Filters": [{"Name": "tag:a", "Values": ["1"]}]});
    assert_eq!(
        text(
            &world.one("DescribeSecurityGroupRules", filter),
            "/SecurityGroupRuleId"
        ),
        id
    );
    let of_rules =
        json!({"Filters": [{"Name": "resource-type", "Values": ["security-group-rule"]}]});
    let told = world.all("DescribeTags", of_rules);
    let keys: Vec<&str> = told.iter().map(|it| it["Key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["a", "owner"]);
    world.ok(
        "DeleteTags",
        json!({"Resources": [id], "Tags": [{"Key": "owner"}]}),
    );
    assert_eq!(
        rule(&mut world, &id)["Tags"],
        json!([{"Key": "a", "Value": "1"}])
    );
    let nobody = json!({"Resources": ["sgr-0123456789abcdef0"], "Tags": tags});
    world.refused(
        "CreateTags",
        nobody,
        "InvalidSecurityGroupRuleId.NotFound",
        "",
    );
    let wrong = json!({"GroupId": group, "IpPermissions": [tcp(80, "10.0.0.0/8")],
        "TagSpecifications": [{"ResourceType": "security-group", "Tags": tags}]});
    world.refused(INGRESS, wrong, "InvalidParameterValue", "security-group");
    // They go with the group.
    world.ok("DeleteSecurityGroup", json!({"GroupId": group}));
    assert_eq!(world.all("DescribeTags", json!({})), Vec::<Value>::new());
}

#[test]
fn a_group_serves_in_an_associated_vpc() {
    let mut world = World::new();
    let (home, group, _) = with_rule(&mut world);
    let away = vpc(&mut world, "10.1.0.0/16");
    let place = subnet(&mut world, &away, "10.1.0.0/24");
    let join = json!({"GroupId": group, "VpcId": away});
    let interface = json!({"SubnetId": place, "Groups": [group]});
    let foreign = "InvalidGroup.NotFound";
    world.refused(
        "CreateNetworkInterface",
        interface.clone(),
        foreign,
        "different networks",
    );
    let answer = world.ok("AssociateSecurityGroupVpc", join.clone());
    assert_eq!(text(&answer, "/State"), "associating");
    world.refused("CreateNetworkInterface", interface.clone(), foreign, "");
    world.wait(10);
    let shown = world.one("DescribeSecurityGroupVpcAssociations", json!({}));
    assert_eq!(text(&shown, "/State"), "associated");
    assert_eq!(text(&shown, "/VpcId"), away);
    let listed = |world: &mut World| {
        let input =
            json!({"VpcId": away, "Filters": [{"Name": "primary-vpc-id", "Values": [home]}]});
        world.all("GetSecurityGroupsForVpc", input).len()
    };
    assert_eq!(listed(&mut world), 1);
    let path = "/NetworkInterface/NetworkInterfaceId";
    let interface = world.make("CreateNetworkInterface", interface, path);
    let leave = "DisassociateSecurityGroupVpc";
    world.refused(leave, join.clone(), "DependencyViolation", &group);
    let delete = json!({"NetworkInterfaceId": interface});
    world.ok("DeleteNetworkInterface", delete);
    // facts: ec2-semantics.md, section 3, Security group: "VPC associations"
    let gone = json!({"GroupId": group});
    world.refused(
        "DeleteSecurityGroup",
        gone.clone(),
        "DependencyViolation",
        &group,
    );
    // A rule of the other VPC may name it, and is stale when the association has ended.
    let other = super::group(&mut world, &away, "other");
    let pair = json!([{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]);
    world.ok(INGRESS, json!({"GroupId": other, "IpPermissions": pair}));
    let stale = json!({"VpcId": away});
    assert_eq!(
        world
            .all("DescribeStaleSecurityGroups", stale.clone())
            .len(),
        0
    );
    assert_eq!(
        text(&world.ok(leave, join.clone()), "/State"),
        "disassociating"
    );
    world.wait(10);
    assert_eq!(listed(&mut world), 0);
    let found = world.one("DescribeStaleSecurityGroups", stale);
    assert_eq!(text(&found, "/GroupId"), other);
    let path = "/StaleIpPermissions/0/UserIdGroupPairs/0/GroupId";
    assert_eq!(text(&found, path), group);
    let code = "InvalidSecurityGroupVpcAssociation.NotFound";
    world.refused(leave, join, code, "");
    world.ok("DeleteSecurityGroup", json!({"GroupId": other}));
    world.ok("DeleteSecurityGroup", gone);
}

// "You cannot use this feature with default security groups" ... "with the default VPC"
#[test]
fn what_cannot_be_associated() {
    let mut world = World::new();
    let (home, group, _) = with_rule(&mut world);
    let default = world.make("CreateDefaultVpc", json!({}), "/Vpc/VpcId");
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [home]},
                                    {"Name": "group-name", "Values": ["default"]}]});
    let own = text(&world.one("DescribeSecurityGroups", filter), "/GroupId");
    let away = vpc(&mut world, "10.1.0.0/16");
    for (group, vpc, message) in [
        (&group, &default, "default VPC"),
        (&own, &away, "default security group"),
        (&group, &home, "already"),
    ] {
        let input = json!({"GroupId": group, "VpcId": vpc});
        let name = "AssociateSecurityGroupVpc";
        world.refused(name, input, "InvalidParameterValue", message);
    }
}

#[test]
fn references_over_a_peering_are_told() {
    let mut world = World::new();
    let (_, named, _) = with_rule(&mut world);
    let away = vpc(&mut world, "10.1.0.0/16");
    let naming = group(&mut world, &away, "naming");
    let pair = json!([{"IpProtocol": "-1", "UserIdGroupPairs":
        [{"GroupId": named, "VpcPeeringConnectionId": "pcx-0123456789abcdef0"}]}]);
    world.ok(INGRESS, json!({"GroupId": naming, "IpPermissions": pair}));
    let name = "DescribeSecurityGroupReferences";
    let found = world.one(name, json!({"GroupId": [named]}));
    assert_eq!(text(&found, "/ReferencingVpcId"), away);
    assert_eq!(
        text(&found, "/VpcPeeringConnectionId"),
        "pcx-0123456789abcdef0"
    );
    assert_eq!(world.all(name, json!({"GroupId": [naming]})).len(), 0);
    world.refused(name, json!({}), "MissingParameter", "GroupId");
    // The connection is not there (any more).
    let stale = world.one("DescribeStaleSecurityGroups", json!({"VpcId": away}));
    assert_eq!(text(&stale, "/GroupName"), "naming");
}

/// A step on the rules of a group: which rule, or which port.
#[derive(Clone, Copy, Debug)]
enum RuleStep {
    Authorize(u16),
    Modify(u8, u16),
    Revoke(u8),
}

fn rule_steps() -> impl proptest::strategy::Strategy<Value = Vec<RuleStep>> {
    use proptest::prelude::*;
    let step = prop_oneof![
        (0_u16..6).prop_map(RuleStep::Authorize),
        (any::<u8>(), 0_u16..6).prop_map(|(rule, port)| RuleStep::Modify(rule, port)),
        any::<u8>().prop_map(RuleStep::Revoke),
    ];
    prop::collection::vec(step, 1..60)
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    // An id stays with its rule through every change, with the tags, and no other rule that is there
    // has it.
    #[test]
    fn ids_stay_with_their_rules(steps in rule_steps()) {
        let mut world = World::new();
        let vpc = vpc(&mut world, "10.0.0.0/16");
        let group = group(&mut world, &vpc, "web");
        let mut made: Vec<String> = Vec::new();
        // The rules that are there: id and port.
        let mut present: Vec<(String, u16)> = Vec::new();
        for step in steps {
            let pick = |number: u8| usize::from(number) % present.len().max(1);
            match step {
                RuleStep::Authorize(port) => {
                    let tags = json!([{"Key": "made", "Value": made.len().to_string()}]);
                    let input = json!({"GroupId": group, "IpPermissions": [tcp(port, "10.0.0.0/8")],
                        "TagSpecifications": [{"ResourceType": "security-group-rule", "Tags": tags}]});
                    let is_there = present.iter().any(|(_, it)| *it == port);
                    match world.call(INGRESS, input) {
                        Ok(answer) => {
                            assert!(!is_there);
                            let id = text(&answer, "/SecurityGroupRules/0/SecurityGroupRuleId");
                            assert!(!present.iter().any(|(it, _)| *it == id), "{id} twice");
                            made.push(id.clone());
                            present.push((id, port));
                        }
                        Err(error) => assert!(is_there, "{error}"),
                    }
                }
                RuleStep::Modify(number, port) => {
                    let at = pick(number);
                    let Some((id, before)) = present.get(at).cloned() else { continue };
                    let rule = json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port,
                                      "CidrIpv4": "10.0.0.0/8"});
                    let input = json!({"GroupId": group, "SecurityGroupRules":
                        [{"SecurityGroupRuleId": id, "SecurityGroupRule": rule}]});
                    let collides = present.iter().any(|(_, it)| *it == port && port != before);
                    let answer = world.call("ModifySecurityGroupRules", input);
                    assert_eq!(answer.is_ok(), !collides);
                    if answer.is_ok() {
                        present[at].1 = port;
                    }
                }
                RuleStep::Revoke(number) => {
                    let at = pick(number);
                    let Some((id, _)) = present.get(at).cloned() else { continue };
                    let input = json!({"GroupId": group, "SecurityGroupRuleIds": [id]});
                    world.ok("RevokeSecurityGroupIngress", input);
                    present.remove(at);
                }
            }
            let inbound: Vec<Value> = world
                .all("DescribeSecurityGroupRules", json!({}))
                .into_iter()
                .filter(|it| it["IsEgress"] == false && it["GroupId"] == group.as_str())
                .collect();
            assert_eq!(inbound.len(), present.len());
            for (id, port) in &present {
                let found: Vec<&Value> =
                    inbound.iter().filter(|it| it["SecurityGroupRuleId"] == id.as_str()).collect();
                assert_eq!(found.len(), 1, "{id}");
                assert_eq!(found[0]["FromPort"], *port);
                let last = made.iter().rposition(|it| it == id).unwrap();
                let tags = json!([{"Key": "made", "Value": last.to_string()}]);
                assert_eq!(found[0]["Tags"], tags, "{id}");
            }
        }
    }
}
