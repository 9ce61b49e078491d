//! Security groups and their rules: facts: ec2-semantics.md, section 3.

use serde_json::{Value, json};

use super::{World, group, text, vpc};

fn ssh(blocks: &[&str]) -> Value {
    let ranges: Vec<Value> = blocks.iter().map(|it| json!({"CidrIp": it})).collect();
    json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": ranges}])
}

#[test]
fn names_are_unique_and_not_reserved() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    group(&mut world, &vpc, "web");
    let named = |name: &str| json!({"GroupName": name, "Description": "d", "VpcId": vpc});
    for (input, code, message) in [
        (
            named("web"),
            "InvalidGroup.Duplicate",
            "already exists for VPC",
        ),
        (named("default"), "InvalidParameterValue", "reserved"),
        (named("sg-mine"), "InvalidParameterValue", "sg-"),
        (named("sch\u{f6}n"), "InvalidParameterValue", "groupName"),
        (
            json!({"Description": "d", "VpcId": vpc}),
            "MissingParameter",
            "groupName",
        ),
        (
            json!({"GroupName": "a", "VpcId": vpc}),
            "MissingParameter",
            "groupDescription",
        ),
        (
            json!({"GroupName": "a", "Description": "d"}),
            "VPCIdNotSpecified",
            "No default VPC",
        ),
    ] {
        world.refused("CreateSecurityGroup", input, code, message);
    }
}

#[test]
fn the_default_group_stays() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
    let id = text(&world.one("DescribeSecurityGroups", filter), "/GroupId");
    let message =
        format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
    world.refused(
        "DeleteSecurityGroup",
        json!({"GroupId": id}),
        "CannotDelete",
        &message,
    );
    world.refused(
        "DeleteSecurityGroup",
        json!({}),
        "MissingParameter",
        "groupName or groupId",
    );
}

// facts: ec2-semantics.md, section 3, Security group: self-references do not block
#[test]
fn a_group_may_name_itself() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let id = group(&mut world, &vpc, "web");
    let own = json!([{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": id}]}]);
    world.ok(
        "AuthorizeSecurityGroupIngress",
        json!({"GroupId": id, "IpPermissions": own}),
    );
    let answer = world.ok("DeleteSecurityGroup", json!({"GroupId": id}));
    assert_eq!(answer, json!({"Return": true, "GroupId": id}));
    world.refused(
        "DeleteSecurityGroup",
        json!({"GroupId": id}),
        "InvalidGroup.NotFound",
        &id,
    );
}

#[test]
fn rules_are_added_once() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let id = group(&mut world, &vpc, "web");
    let rule = |blocks: &[&str]| json!({"GroupId": id, "IpPermissions": ssh(blocks)});
    let name = "AuthorizeSecurityGroupIngress";
    let answer = world.ok(name, rule(&["10.0.0.0/8"]));
    assert_eq!(
        text(&answer, "/SecurityGroupRules/0/CidrIpv4"),
        "10.0.0.0/8"
    );
    let message = "the specified rule \"peer: 10.0.0.0/8, TCP, from port: 22, to port: 22, ALLOW\" already exists";
    // One bad rule refuses all of them; the same in other words is the same.
    world.refused(
        name,
        rule(&["192.0.2.0/24", "10.1.2.3/8"]),
        "InvalidPermission.Duplicate",
        message,
    );
    world.ok(name, rule(&["192.0.2.0/24"]));
    let seen = world.one("DescribeSecurityGroups", json!({"GroupIds": [id]}));
    assert_eq!(
        seen["IpPermissions"].as_array().unwrap().len(),
        1,
        "{seen:#}"
    );
    assert_eq!(
        text(&seen, "/IpPermissions/0/IpRanges/1/CidrIp"),
        "192.0.2.0/24"
    );
    let flat = json!({"GroupId": id, "IpProtocol": "udp", "FromPort": 53, "ToPort": 53,
                      "CidrIp": "0.0.0.0/0"});
    world.ok(name, flat.clone());
    world.ok("RevokeSecurityGroupIngress", flat.clone());
    world.refused(
        "RevokeSecurityGroupIngress",
        flat,
        "InvalidPermission.NotFound",
        "does not exist",
    );
    let unknown = json!([{"IpProtocol": "-1",
                          "UserIdGroupPairs": [{"GroupId": "sg-0123456789abcdef0"}]}]);
    let input = json!({"GroupId": id, "IpPermissions": unknown});
    world.refused(name, input, "InvalidGroup.NotFound", "sg-0123456789abcdef0");
    world.refused(
        name,
        json!({"GroupId": id}),
        "MissingParameter",
        "ipPermissions",
    );
}

// facts: ec2-semantics.md, section 3: revoking what is not there, in a default VPC and in another
#[test]
fn a_default_vpc_lists_unknown_rules() {
    let mut world = World::new();
    world.ok("CreateDefaultVpc", json!({}));
    let input = json!({"GroupName": "web", "Description": "d"});
    let id = world.make("CreateSecurityGroup", input, "/GroupId");
    let input = json!({"GroupId": id, "IpPermissions": ssh(&["10.0.0.0/8"])});
    let answer = world.ok("RevokeSecurityGroupIngress", input);
    assert_eq!(
        text(&answer, "/UnknownIpPermissions/0/IpRanges/0/CidrIp"),
        "10.0.0.0/8"
    );
    // There, names serve as well as ids.
    let seen = world.one("DescribeSecurityGroups", json!({"GroupNames": ["web"]}));
    assert_eq!(text(&seen, "/GroupId"), id);
    let absent = json!({"GroupNames": ["nobody"]});
    world.refused(
        "DescribeSecurityGroups",
        absent,
        "InvalidGroup.NotFound",
        "nobody",
    );
    world.ok("DeleteSecurityGroup", json!({"GroupName": "web"}));
}

#[test]
fn rules_have_ids() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let id = group(&mut world, &vpc, "web");
    let input = json!({"GroupId": id, "IpPermissions": ssh(&["10.0.0.0/8", "192.0.2.0/24"])});
    let made = world.ok("AuthorizeSecurityGroupIngress", input);
    let of_group = json!({"Filters": [{"Name": "group-id", "Values": [id]}]});
    let rules = world.all("DescribeSecurityGroupRules", of_group.clone());
    assert_eq!(rules.len(), 3, "two inbound and the outbound one");
    let rule = text(&made, "/SecurityGroupRules/1/SecurityGroupRuleId");
    let by_id = json!({"SecurityGroupRuleIds": [rule]});
    let seen = world.one("DescribeSecurityGroupRules", by_id.clone());
    assert_eq!(text(&seen, "/CidrIpv4"), "192.0.2.0/24");
    let revoke = json!({"GroupId": id, "SecurityGroupRuleIds": [rule]});
    world.ok("RevokeSecurityGroupIngress", revoke.clone());
    let code = "InvalidSecurityGroupRuleId.NotFound";
    world.refused("RevokeSecurityGroupIngress", revoke, code, &rule);
    world.refused("DescribeSecurityGroupRules", by_id, code, &rule);
    let malformed = json!({"SecurityGroupRuleIds": ["sgr-nothex"]});
    let code = "InvalidSecurityGroupRuleId.Malformed";
    world.refused("DescribeSecurityGroupRules", malformed, code, "sgr-nothex");
    let everywhere = json!({"GroupId": id,
        "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]});
    world.ok("RevokeSecurityGroupEgress", everywhere);
    assert_eq!(world.all("DescribeSecurityGroupRules", of_group).len(), 1);
}

#[test]
fn rules_come_in_pages() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let id = group(&mut world, &vpc, "web");
    let blocks: Vec<String> = (0..10).map(|n| format!("10.{n}.0.0/16")).collect();
    let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
    let input = json!({"GroupId": id, "IpPermissions": ssh(&blocks)});
    world.ok("AuthorizeSecurityGroupIngress", input);
    let filters = json!([{"Name": "group-id", "Values": [id]}]);
    let mut input = json!({"Filters": filters, "MaxResults": 5});
    let mut lengths = Vec::new();
    loop {
        let page = world.ok("DescribeSecurityGroupRules", input.clone());
        lengths.push(page["SecurityGroupRules"].as_array().unwrap().len());
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(lengths, [5, 5, 1]);
}

// facts: ec2-semantics.md, section 5: rules/SG 60 per direction and family
#[test]
fn rules_are_counted() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let id = group(&mut world, &vpc, "web");
    let blocks: Vec<String> = (0..60).map(|n| format!("10.{n}.0.0/16")).collect();
    let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
    let input = json!({"GroupId": id, "IpPermissions": ssh(&blocks)});
    world.ok("AuthorizeSecurityGroupIngress", input);
    let code = "RulesPerSecurityGroupLimitExceeded";
    let input = json!({"GroupId": id, "IpPermissions": ssh(&["192.0.2.0/24"])});
    world.refused("AuthorizeSecurityGroupIngress", input, code, "");
    // The other family has room.
    let ipv6 = json!([{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]);
    let input = json!({"GroupId": id, "IpPermissions": ipv6});
    world.ok("AuthorizeSecurityGroupIngress", input);
}
