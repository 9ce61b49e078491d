//! Security groups and their rules.

use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{ANY, World, text};

section! {
    "ec2-semantics", "Lifecycles: security groups";
    self_reference: "A group that names itself only can be deleted", "3, Security group";
    group_of_interface: "A group with an interface in it is DependencyViolation, as is one that another group names", "3, Security group [B, W]";
    reference_of_peer: "A group that a group of a peered VPC names is DependencyViolation", "3, Security group [B]";
    default_group: "The default group is CannotDelete, with AWS's words", "3, Security group [E, W]";
    vpc_association: "A group that is associated with another VPC is DependencyViolation until it is not", "3, Security group [B]";
    duplicate_rule: "A rule that is there already is InvalidPermission.Duplicate, and nothing of the call is added", "3, Security group [B]";
    absent_rule: "Revoking a rule that is not there is InvalidPermission.NotFound in a VPC that is not the default", "3, Security group [B]";
    absent_rule_in_default_vpc: "Revoking a rule that is not there is told as unknown in the default VPC", "3, Security group [B]";
    duplicate_group: "A second group of the same name in a VPC is InvalidGroup.Duplicate", "API error codes [E]";
    names_of_groups: "Names of groups do not begin with sg- and are 255 characters at most; default is taken", "API reference, CreateSecurityGroup";
    malformed_rules: "A rule with a bad port range, CIDR or protocol is refused", "API error codes [E], InvalidPermission.Malformed";
    rules_have_ids: "Each rule of a group has an id by which it is described, changed and revoked", "API reference, DescribeSecurityGroupRules";
    groups_of_other_vpcs: "An interface is in groups of its own VPC only", "API error codes [E]";
}

fn with(group: &str, permissions: &Value) -> Value {
    json!({"GroupId": group, "IpPermissions": permissions})
}

fn from_group(group: &str) -> Value {
    json!([{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}])
}

fn web() -> Value {
    json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
            "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
}

const ALLOW: &str = "AuthorizeSecurityGroupIngress";
const REVOKE: &str = "RevokeSecurityGroupIngress";

fn by_id(group: &str) -> Value {
    json!({"GroupId": group})
}

#[track_caller]
fn held(world: &mut World, group: &str) {
    let message = format!("resource {group} has a dependent object");
    world.no(
        "DeleteSecurityGroup",
        by_id(group),
        "DependencyViolation",
        &message,
    );
}

fn self_reference(world: &mut World) {
    let vpc = world.vpc();
    let group = world.group(&vpc, "web");
    world.ok(ALLOW, with(&group, &from_group(&group)));
    world.ok("DeleteSecurityGroup", by_id(&group));
}

fn group_of_interface(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let (web, db) = (world.group(&vpc, "web"), world.group(&vpc, "db"));
    world.ok(ALLOW, with(&db, &from_group(&web)));
    held(world, &web);
    world.ok("DeleteSecurityGroup", by_id(&db));
    let interface = world.interface(&subnet);
    let groups = json!({"NetworkInterfaceId": interface, "Groups": [web]});
    world.ok("ModifyNetworkInterfaceAttribute", groups);
    held(world, &web);
    let default = world.default_group(&vpc);
    let groups = json!({"NetworkInterfaceId": interface, "Groups": [default]});
    world.ok("ModifyNetworkInterfaceAttribute", groups);
    world.ok("DeleteSecurityGroup", by_id(&web));
}

fn reference_of_peer(world: &mut World) {
    let (one, other) = (world.vpc(), world.vpc_of("10.1.0.0/16"));
    let (named, naming) = (world.group(&one, "web"), world.group(&other, "db"));
    // Without a peering a group of another VPC cannot be named.
    let rule = with(&naming, &from_group(&named));
    world.no(
        ALLOW,
        rule.clone(),
        "InvalidGroup.NotFound",
        "different networks",
    );
    world.peering(&one, &other);
    world.ok(ALLOW, rule.clone());
    held(world, &named);
    world.ok(REVOKE, rule);
    world.ok("DeleteSecurityGroup", by_id(&named));
}

fn default_group(world: &mut World) {
    let vpc = world.default_vpc();
    let group = world.default_group(&vpc);
    let message =
        format!("the specified group: \"{group}\" name: \"default\" cannot be deleted by a user");
    world.no(
        "DeleteSecurityGroup",
        by_id(&group),
        "CannotDelete",
        &message,
    );
}

fn vpc_association(world: &mut World) {
    let (one, other) = (world.vpc(), world.vpc_of("10.1.0.0/16"));
    let group = world.group(&one, "web");
    let both = json!({"GroupId": group, "VpcId": other});
    world.ok("AssociateSecurityGroupVpc", both.clone());
    world.pass(30);
    held(world, &group);
    world.ok("DisassociateSecurityGroupVpc", both);
    world.pass(30);
    world.ok("DeleteSecurityGroup", by_id(&group));
}

fn duplicate_rule(world: &mut World) {
    let vpc = world.vpc();
    let group = world.group(&vpc, "web");
    world.ok(ALLOW, with(&group, &web()));
    world.no(
        ALLOW,
        with(&group, &web()),
        "InvalidPermission.Duplicate",
        "already exists",
    );
    let mut both = web();
    let ssh = json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                     "IpRanges": [{"CidrIp": "10.0.0.0/8"}]});
    both.as_array_mut().unwrap().insert(0, ssh);
    world.no(
        ALLOW,
        with(&group, &both),
        "InvalidPermission.Duplicate",
        ANY,
    );
}

fn absent_rule(world: &mut World) {
    let vpc = world.vpc();
    let group = world.group(&vpc, "web");
    world.no(
        REVOKE,
        with(&group, &web()),
        "InvalidPermission.NotFound",
        ANY,
    );
    // One that is there does not go along with one that is not.
    world.ok(ALLOW, with(&group, &web()));
    let mut both = web();
    both[0]["IpRanges"]
        .as_array_mut()
        .unwrap()
        .push(json!({"CidrIp": "10.0.0.0/8"}));
    world.no(
        REVOKE,
        with(&group, &both),
        "InvalidPermission.NotFound",
        ANY,
    );
}

fn absent_rule_in_default_vpc(world: &mut World) {
    let vpc = world.default_vpc();
    let group = world.group(&vpc, "web");
    let answer = world.ok(REVOKE, with(&group, &web()));
    assert_eq!(
        answer["UnknownIpPermissions"][0]["FromPort"], 443,
        "{answer}"
    );
}

fn named(vpc: &str, name: &str) -> Value {
    json!({"VpcId": vpc, "GroupName": name, "Description": "a group"})
}

fn duplicate_group(world: &mut World) {
    let (vpc, other) = (world.vpc(), world.default_vpc());
    world.group(&vpc, "web");
    world.no(
        "CreateSecurityGroup",
        named(&vpc, "web"),
        "InvalidGroup.Duplicate",
        "web",
    );
    world.ok("CreateSecurityGroup", named(&other, "web"));
}

fn names_of_groups(world: &mut World) {
    let vpc = world.vpc();
    for name in ["sg-web", "", "default"] {
        let refusal = world.call("CreateSecurityGroup", named(&vpc, name));
        assert!(refusal.is_err(), "{name}");
    }
    let long = "n".repeat(256);
    world.no(
        "CreateSecurityGroup",
        named(&vpc, &long),
        "InvalidParameterValue",
        ANY,
    );
    world.ok("CreateSecurityGroup", named(&vpc, &long[..255]));
    let input = json!({"VpcId": vpc, "GroupName": "web"});
    world.no("CreateSecurityGroup", input, "MissingParameter", ANY);
}

fn malformed_rules(world: &mut World) {
    let vpc = world.vpc();
    let group = world.group(&vpc, "web");
    for permission in [
        json!({"IpProtocol": "tcp", "FromPort": 5, "ToPort": 4, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}),
        json!({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 70000, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}),
        json!({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "0.0.0.0/33"}]}),
        json!({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "x"}]}),
        json!({"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}),
        json!({"IpProtocol": "nothing", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}),
    ] {
        let text = permission.to_string();
        let (code, message) = world
            .call(ALLOW, with(&group, &json!([permission])))
            .unwrap_err();
        assert!(code.starts_with("Invalid"), "{text}: {code}: {message}");
    }
    world.no(ALLOW, json!({"GroupId": group}), "MissingParameter", ANY);
}

fn rules_have_ids(world: &mut World) {
    let vpc = world.vpc();
    let group = world.group(&vpc, "web");
    let made = world.ok(ALLOW, with(&group, &web()));
    let id = text(&made, "/SecurityGroupRules/0/SecurityGroupRuleId");
    let input = json!({"SecurityGroupRuleIds": [id]});
    let rule = world.one("DescribeSecurityGroupRules", input, "SecurityGroupRules");
    assert_eq!(
        (&rule["GroupId"], &rule["CidrIpv4"]),
        (&json!(group), &json!("0.0.0.0/0"))
    );
    let change =
        json!({"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "CidrIpv4": "10.0.0.0/8"});
    let change = json!([{"SecurityGroupRuleId": id, "SecurityGroupRule": change}]);
    world.ok(
        "ModifySecurityGroupRules",
        json!({"GroupId": group, "SecurityGroupRules": change}),
    );
    let revoke = json!({"GroupId": group, "SecurityGroupRuleIds": [id]});
    world.ok(REVOKE, revoke.clone());
    world.no(REVOKE, revoke, "InvalidSecurityGroupRuleId.NotFound", &id);
}

fn groups_of_other_vpcs(world: &mut World) {
    let (vpc, subnet) = (world.vpc(), world.default_subnet());
    let foreign = world.group(&vpc, "web");
    let input = json!({"SubnetId": subnet, "Groups": [foreign]});
    let (code, message) = world.call("CreateNetworkInterface", input).unwrap_err();
    assert!(code.starts_with("Invalid"), "{code}: {message}");
    let groups: Vec<String> = (0..6)
        .map(|it| {
            let vpc = world.default_vpc();
            world.group(&vpc, &format!("g{it}"))
        })
        .collect();
    let input = json!({"SubnetId": subnet, "Groups": groups});
    world.no(
        "CreateNetworkInterface",
        input,
        "SecurityGroupsPerInterfaceLimitExceeded",
        ANY,
    );
}
