//! What launches need besides: the role of the instance, the template, service-linked roles.

use serde_json::{Value, json};

use super::{ask, denied, only, set, statement};
use crate::testing::{Account, text};
use crate::wire::Api;

const ROLE: &str = "arn:aws:iam::123456789012:role/web";

fn run(account: &mut Account, more: Value) -> Value {
    let mut input = json!({"ImageId": account.public_image(), "InstanceType": "t3.micro",
                           "MinCount": 1, "MaxCount": 1, "DryRun": true});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    input
}

/// Everything of EC2, and `iam:PassRole` as told.
fn passing(more: Value) -> Value {
    let mut policy = statement(json!({"Action": ["ec2:*", "autoscaling:*"]}));
    let mut pass = json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"});
    for (name, value) in more.as_object().into_iter().flatten() {
        pass[name] = value.clone();
    }
    policy["Statement"].as_array_mut().unwrap().push(pass);
    policy
}

/// EC2 User Guide, "Grant permissions to attach an IAM role to an instance"; the message is EC2's own
/// with the other action in it.
#[test]
fn whoever_launches_with_a_profile_passes_its_role() {
    let mut account = Account::new();
    let with = run(&mut account, json!({"IamInstanceProfile": {"Name": "web"}}));
    let without = run(&mut account, json!({}));
    only(&mut account, json!({"Action": "ec2:*"}));
    assert_eq!(account.code("RunInstances", without), "DryRunOperation");
    let (code, said) = account.refused("RunInstances", with.clone());
    assert_eq!(code, "UnauthorizedOperation");
    assert!(
        said.starts_with(&format!(
            "You are not authorized to perform this operation. User: \
             arn:aws:iam::123456789012:user/sandtable is not authorized to perform: iam:PassRole \
             on resource: {ROLE} because no identity-based policy allows the iam:PassRole action. \
             Encoded"
        )),
        "{said}"
    );
    let mut code = |policy: Value| {
        set(&mut account, &policy);
        account.code("RunInstances", with.clone())
    };
    let (yes, no) = ("DryRunOperation", "UnauthorizedOperation");
    assert_eq!(code(passing(json!({"Resource": ROLE}))), yes);
    assert_eq!(
        code(passing(json!({"Resource": "arn:aws:iam::*:role/db"}))),
        no
    );
    let to =
        |service: &str| json!({"Condition": {"StringEquals": {"iam:PassedToService": service}}});
    assert_eq!(code(passing(to("ec2.amazonaws.com"))), yes);
    assert_eq!(code(passing(to("lambda.amazonaws.com"))), no);
    let on = |arn: &str| json!({"Condition": {"ArnLike": {"iam:AssociatedResourceArn": arn}}});
    let instances = "arn:aws:ec2:eu-central-1:123456789012:instance/*";
    assert_eq!(code(passing(on(instances))), yes);
    assert_eq!(code(passing(on("arn:aws:ec2:us-east-1:*:instance/*"))), no);
    // A profile that is told to hold another role.
    let profile = "arn:aws:iam::123456789012:instance-profile/web";
    let mut told = json!({"identity": [passing(json!({"Resource": ROLE}))],
        "instance_profiles": {profile: "arn:aws:iam::123456789012:role/other"}});
    assert_eq!(code(told.clone()), no);
    told["instance_profiles"][profile] = json!(ROLE);
    assert_eq!(code(told), yes);
}

#[test]
fn a_profile_that_is_given_later_is_passed_too() {
    let mut account = Account::new();
    let instance = account.instance(json!({}));
    let input = json!({"InstanceId": instance, "IamInstanceProfile": {"Name": "web"}});
    only(&mut account, json!({"Action": "ec2:*"}));
    assert_eq!(
        account.code("AssociateIamInstanceProfile", input.clone()),
        "UnauthorizedOperation"
    );
    let arn = "arn:aws:iam::123456789012:instance-profile/web";
    let mut policy = passing(json!({}));
    let new = |arn: &str| json!({"ArnEquals": {"ec2:NewInstanceProfile": arn}});
    policy["Statement"][0]["Condition"] = new("arn:aws:iam::123456789012:instance-profile/db");
    set(&mut account, &policy);
    assert_eq!(
        account.code("AssociateIamInstanceProfile", input.clone()),
        "UnauthorizedOperation"
    );
    policy["Statement"][0]["Condition"] = new(arn);
    set(&mut account, &policy);
    account.ok("AssociateIamInstanceProfile", input);
}

fn template(account: &mut Account, more: Value) -> String {
    let mut data = json!({"ImageId": account.public_image(), "InstanceType": "t3.micro"});
    for (name, value) in more.as_object().into_iter().flatten() {
        data[name] = value.clone();
    }
    let input = json!({"LaunchTemplateName": "web", "LaunchTemplateData": data});
    let made = account.ok("CreateLaunchTemplate", input);
    text(&made["LaunchTemplate"], "LaunchTemplateId")
}

/// EC2 User Guide, "Control access to launching instances with launch templates": what the template
/// says is looked at like what the request says, and known by two keys.
#[test]
fn a_template_is_looked_through() {
    let mut account = Account::new();
    let profile = json!({"IamInstanceProfile": {"Name": "web"}});
    let id = template(&mut account, profile);
    let by = json!({"LaunchTemplate": {"LaunchTemplateId": id}, "MinCount": 1, "MaxCount": 1,
                    "DryRun": true});
    only(&mut account, json!({"Action": "ec2:*"}));
    let (_, said) = account.refused("RunInstances", by.clone());
    assert!(said.contains("iam:PassRole"), "{said}");
    // The image of the template counts.
    let mut policy = passing(json!({}));
    let images = json!({"Effect": "Deny", "Action": "ec2:RunInstances",
        "Resource": "arn:aws:ec2:*::image/*"});
    policy["Statement"].as_array_mut().unwrap().push(images);
    set(&mut account, &policy);
    let (_, said) = account.refused("RunInstances", by.clone());
    assert!(said.contains("::image/ami-"), "{said}");
    // Only by this template, and nothing of it overridden.
    let mut policy = passing(json!({}));
    let own = format!("arn:aws:ec2:eu-central-1:123456789012:launch-template/{id}");
    policy["Statement"][0]["Condition"] = json!({"ArnLike": {"ec2:LaunchTemplate": own},
        "Bool": {"ec2:IsLaunchTemplateResource": "true"}});
    set(&mut account, &policy);
    assert_eq!(account.code("RunInstances", by.clone()), "DryRunOperation");
    let mut other = by.clone();
    other["InstanceType"] = json!("m5.large");
    let (_, said) = account.refused("RunInstances", other);
    assert!(said.contains(":instance/*"), "{said}");
    let (_, said) = {
        account.twin.set_permissions(None);
        let alone = run(&mut account, json!({}));
        set(&mut account, &policy);
        account.refused("RunInstances", alone)
    };
    assert!(said.contains("because no identity-based policy"), "{said}");
}

/// EC2 Auto Scaling User Guide, "Launch template support" and "Troubleshoot": the permissions to launch
/// are tried before a group takes a template.
#[test]
fn a_group_needs_what_its_template_needs() {
    let mut account = Account::new();
    let id = template(&mut account, json!({"IamInstanceProfile": {"Name": "web"}}));
    let subnets = account.ok("DescribeSubnets", json!({}));
    let subnet = text(&subnets["Subnets"][0], "SubnetId");
    let group = json!({"AutoScalingGroupName": "g", "MinSize": 0, "MaxSize": 1,
        "VPCZoneIdentifier": subnet, "LaunchTemplate": {"LaunchTemplateId": id, "Version": "1"}});
    let said = format!("You are not authorized to use launch template: {id}");
    let mut message = |policy: Value| {
        set(&mut account, &policy);
        match ask(
            &mut account.clone(),
            Api::AutoScaling,
            "CreateAutoScalingGroup",
            group.clone(),
        ) {
            Ok(_) => String::new(),
            Err(error) => error.message,
        }
    };
    let mut no_launch = passing(json!({}));
    no_launch["Statement"][0]["Action"] = json!("autoscaling:*");
    assert_eq!(message(no_launch), said);
    let mut no_pass = passing(json!({}));
    no_pass["Statement"].as_array_mut().unwrap().truncate(1);
    assert_eq!(message(no_pass), said);
    assert_eq!(message(passing(json!({}))), "");
    let mut latest = passing(json!({}));
    latest["Statement"][0]["Condition"] =
        json!({"BoolIfExists": {"autoscaling:LaunchTemplateVersionSpecified": "false"}});
    let said = message(latest);
    assert!(
        said.contains("autoscaling:CreateAutoScalingGroup on resource"),
        "{said}"
    );
    let mut type_only = passing(json!({}));
    type_only["Statement"][0]["Condition"] =
        json!({"ForAllValues:StringEquals": {"autoscaling:InstanceTypes": "m5.large"}});
    let said = message(type_only);
    assert!(
        said.contains("autoscaling:CreateAutoScalingGroup on resource"),
        "{said}"
    );
}

/// IAM User Guide, "Create a service-linked role"; only where the account is told not to have it.
#[test]
fn the_first_of_a_service_makes_its_role() {
    let mut account = Account::new();
    let subnets = account.ok("DescribeSubnets", json!({}));
    let subnets = json!([
        subnets["Subnets"][0]["SubnetId"],
        subnets["Subnets"][1]["SubnetId"]
    ]);
    let input = json!({"Name": "web", "Subnets": subnets});
    let policy = statement(json!({"Action": "elasticloadbalancing:*"}));
    let told = json!({"identity": [policy], "service_linked_roles": ["rds.amazonaws.com"]});
    set(&mut account, &told);
    let said = denied(
        &mut account,
        Api::ElbV2,
        "CreateLoadBalancer",
        input.clone(),
    );
    let role = "arn:aws:iam::123456789012:role/aws-service-role/elasticloadbalancing.amazonaws.com/\
                AWSServiceRoleForElasticLoadBalancing";
    assert!(
        said.contains(&format!(
            "iam:CreateServiceLinkedRole on resource: {role} because"
        )),
        "{said}"
    );
    let link = json!({"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": role,
        "Condition": {"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}}});
    let mut with = told.clone();
    with["identity"][0]["Statement"]
        .as_array_mut()
        .unwrap()
        .push(link);
    set(&mut account, &with);
    ask(&mut account, Api::ElbV2, "CreateLoadBalancer", input).unwrap();
    // It is there from then on.
    set(&mut account, &told);
    let second = json!({"Name": "second", "Subnets": subnets});
    ask(&mut account, Api::ElbV2, "CreateLoadBalancer", second).unwrap();
}
