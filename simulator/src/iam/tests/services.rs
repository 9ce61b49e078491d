//! Calls of the services beside EC2: on which resources, under which keys, and how they are refused.

use serde_json::{Value, json};

use super::{ask, denied, only, set, statement};
use crate::testing::{Account, text};
use crate::wire::Api;

const USER: &str = "User: arn:aws:iam::123456789012:user/sandtable is not authorized to perform: ";

/// The resource that a denial of an action names.
fn resource(account: &mut Account, api: Api, action: &str, input: Value) -> String {
    set(account, &json!({"identity": []}));
    let said = denied(account, api, action, input);
    account.twin.set_permissions(None);
    let (_, rest) = said
        .split_once(" on resource: ")
        .unwrap_or_else(|| panic!("{said}"));
    let (resource, _) = rest.split_once(" because ").unwrap();
    resource.to_owned()
}

fn subnets(account: &mut Account) -> (String, String) {
    let seen = account.ok("DescribeSubnets", json!({}));
    (
        text(&seen["Subnets"][0], "SubnetId"),
        text(&seen["Subnets"][1], "SubnetId"),
    )
}

/// A load balancer with a target group, a listener and a rule, all tagged.
fn balanced(account: &mut Account) -> (String, String, String, String) {
    let (one, two) = subnets(account);
    let tags = json!([{"Key": "team", "Value": "web"}]);
    let made = ask(
        account,
        Api::ElbV2,
        "CreateLoadBalancer",
        json!({"Name": "web", "Subnets": [one, two], "Tags": tags}),
    );
    let balancer = text(&made.unwrap()["LoadBalancers"][0], "LoadBalancerArn");
    let vpc = text(&account.ok("DescribeVpcs", json!({}))["Vpcs"][0], "VpcId");
    let group = json!({"Name": "web", "Protocol": "HTTP", "Port": 80, "VpcId": vpc, "Tags": tags});
    let made = ask(account, Api::ElbV2, "CreateTargetGroup", group).unwrap();
    let group = text(&made["TargetGroups"][0], "TargetGroupArn");
    let forward = json!([{"Type": "forward", "TargetGroupArn": group}]);
    let listener = json!({"LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80,
        "DefaultActions": forward, "Tags": tags});
    let made = ask(account, Api::ElbV2, "CreateListener", listener).unwrap();
    let listener = text(&made["Listeners"][0], "ListenerArn");
    let rule = json!({"ListenerArn": listener, "Priority": 1, "Actions": forward, "Tags": tags,
        "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}]});
    let made = ask(account, Api::ElbV2, "CreateRule", rule).unwrap();
    let rule = text(&made["Rules"][0], "RuleArn");
    (balancer, group, listener, rule)
}

/// The forms are those of reports of users: kubernetes-sigs/cluster-api-provider-aws issue 4436,
/// aws-samples/multi-tenant-chatbot-using-rag-with-amazon-bedrock issue 17 (no resource where the
/// reference has none), kubernetes/kops issue 12671 (classic load balancers).
#[test]
fn a_denial_says_who_what_where_and_why() {
    let mut account = Account::new();
    set(&mut account, &json!({"identity": []}));
    let said = denied(&mut account, Api::ElbV2, "DescribeLoadBalancers", json!({}));
    assert_eq!(
        said,
        format!(
            "{USER}elasticloadbalancing:DescribeLoadBalancers because no identity-based policy \
             allows the elasticloadbalancing:DescribeLoadBalancers action"
        )
    );
    let input = json!({"LoadBalancerName": "old"});
    let said = denied(&mut account, Api::Elb, "DeleteLoadBalancer", input.clone());
    assert_eq!(
        said,
        format!(
            "{USER}elasticloadbalancing:DeleteLoadBalancer on resource: \
             arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/old because no \
             identity-based policy allows the elasticloadbalancing:DeleteLoadBalancer action"
        )
    );
    only(&mut account, json!({"Effect": "Deny"}));
    let said = denied(&mut account, Api::Elb, "DeleteLoadBalancer", input);
    assert!(
        said.ends_with(" with an explicit deny in an identity-based policy"),
        "{said}"
    );
}

/// What is yet to be made has `*` where AWS draws something (outerbounds/terraform-aws-metaflow pull
/// 19 for a group, eksctl-io/eksctl issue 339 for a launch configuration).
#[test]
fn resources_go_by_their_arns() {
    let mut account = Account::new();
    let (balancer, group, listener, rule) = balanced(&mut account);
    let own =
        |service: &str, rest: &str| format!("arn:aws:{service}:eu-central-1:123456789012:{rest}");
    let elb = |rest: &str| own("elasticloadbalancing", rest);
    let by = |name: &str, arn: &str| json!({name: arn});
    for (api, action, input, expected) in [
        (
            Api::ElbV2,
            "DeleteLoadBalancer",
            by("LoadBalancerArn", &balancer),
            balancer.clone(),
        ),
        (
            Api::ElbV2,
            "CreateListener",
            json!({"LoadBalancerArn": balancer, "DefaultActions":
            [{"Type": "forward", "TargetGroupArn": group}]}),
            balancer.clone(),
        ),
        (
            Api::ElbV2,
            "DeleteTargetGroup",
            by("TargetGroupArn", &group),
            group.clone(),
        ),
        (
            Api::ElbV2,
            "DeleteListener",
            by("ListenerArn", &listener),
            listener.clone(),
        ),
        (
            Api::ElbV2,
            "CreateRule",
            by("ListenerArn", &listener),
            listener.clone(),
        ),
        (Api::ElbV2, "DeleteRule", by("RuleArn", &rule), rule.clone()),
        (
            Api::ElbV2,
            "AddTags",
            json!({"ResourceArns": [group], "Tags": []}),
            group.clone(),
        ),
        (
            Api::ElbV2,
            "CreateLoadBalancer",
            by("Name", "n"),
            elb("loadbalancer/app/n/*"),
        ),
        (
            Api::ElbV2,
            "CreateLoadBalancer",
            json!({"Name": "n", "Type": "network"}),
            elb("loadbalancer/net/n/*"),
        ),
        (
            Api::ElbV2,
            "CreateTargetGroup",
            by("Name", "n"),
            elb("targetgroup/n/*"),
        ),
        (
            Api::Elb,
            "CreateLoadBalancer",
            by("LoadBalancerName", "n"),
            elb("loadbalancer/n"),
        ),
        (
            Api::Elb,
            "AddTags",
            json!({"LoadBalancerNames": ["n"]}),
            elb("loadbalancer/n"),
        ),
        (
            Api::AutoScaling,
            "CreateAutoScalingGroup",
            by("AutoScalingGroupName", "g"),
            own("autoscaling", "autoScalingGroup:*:autoScalingGroupName/g"),
        ),
        (
            Api::AutoScaling,
            "CreateOrUpdateTags",
            json!({"Tags": [{"ResourceId": "g", "Key": "k"}]}),
            own("autoscaling", "autoScalingGroup:*:autoScalingGroupName/g"),
        ),
        (
            Api::AutoScaling,
            "CreateLaunchConfiguration",
            by("LaunchConfigurationName", "c"),
            own(
                "autoscaling",
                "launchConfiguration:*:launchConfigurationName/c",
            ),
        ),
        (
            Api::AutoScaling,
            "TerminateInstanceInAutoScalingGroup",
            by("InstanceId", "i-0123456789abcdef0"),
            own("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*"),
        ),
        (
            Api::Rds,
            "CreateDBInstance",
            by("DBInstanceIdentifier", "Main"),
            own("rds", "db:main"),
        ),
        (
            Api::Rds,
            "DeleteDBSnapshot",
            by("DBSnapshotIdentifier", "s"),
            own("rds", "snapshot:s"),
        ),
        (
            Api::Rds,
            "DeleteDBSubnetGroup",
            by("DBSubnetGroupName", "g"),
            own("rds", "subgrp:g"),
        ),
        (
            Api::Rds,
            "ListTagsForResource",
            by("ResourceName", &own("rds", "db:main")),
            own("rds", "db:main"),
        ),
        (
            Api::Rds,
            "DescribeDBInstances",
            json!({}),
            own("rds", "db:*"),
        ),
        (
            Api::Rds,
            "DescribeDBSnapshots",
            json!({}),
            own("rds", "snapshot:*"),
        ),
        (
            Api::CloudWatch,
            "DescribeAlarms",
            json!({}),
            own("cloudwatch", "alarm:*"),
        ),
        (
            Api::CloudWatch,
            "DescribeAlarms",
            json!({"AlarmNames": ["a"]}),
            own("cloudwatch", "alarm:a"),
        ),
        (
            Api::CloudFormation,
            "DescribeStacks",
            by("StackName", "s"),
            own("cloudformation", "stack/s/*"),
        ),
        (
            Api::CloudFormation,
            "DescribeStacks",
            json!({}),
            own("cloudformation", "stack/*/*"),
        ),
    ] {
        assert_eq!(
            resource(&mut account, api, action, input),
            expected,
            "{action}"
        );
    }
}

/// Every resource that a call names is asked about.
#[test]
fn both_snapshots_of_a_copy_must_be_allowed() {
    let mut account = Account::new();
    let snapshot = |name: &str| format!("arn:aws:rds:eu-central-1:123456789012:snapshot:{name}");
    let copy = json!({"SourceDBSnapshotIdentifier": "a", "TargetDBSnapshotIdentifier": "b"});
    for (allowed, other) in [("a", "b"), ("b", "a")] {
        only(&mut account, json!({"Resource": snapshot(allowed)}));
        let said = denied(&mut account, Api::Rds, "CopyDBSnapshot", copy.clone());
        assert!(said.contains(&snapshot(other)), "{said}");
    }
    only(
        &mut account,
        json!({"Resource": [snapshot("a"), snapshot("b")]}),
    );
    let error = ask(&mut account, Api::Rds, "CopyDBSnapshot", copy).unwrap_err();
    assert_eq!(error.code, "DBSnapshotNotFound");
}

/// Tags of load balancers and of what is in them, under every name that a key of theirs has.
#[test]
fn tags_of_the_resource_decide() {
    let mut account = Account::new();
    let (balancer, group, listener, rule) = balanced(&mut account);
    let arns = [("Delete", "Rule", &rule), ("Delete", "Listener", &listener)];
    let more = [
        ("Delete", "TargetGroup", &group),
        ("Delete", "LoadBalancer", &balancer),
    ];
    for (verb, noun, arn) in arns.into_iter().chain(more) {
        let action = format!("{verb}{noun}");
        let input = json!({format!("{noun}Arn"): arn});
        for key in [
            "aws:ResourceTag/team",
            "elasticloadbalancing:ResourceTag/team",
        ] {
            let with = |value: &str| json!({"Condition": {"StringEquals": {key: value}}});
            only(&mut account, with("db"));
            denied(&mut account, Api::ElbV2, &action, input.clone());
            // Allowed: what it is refused for, if it is, is something else.
            only(&mut account, with("web"));
            if let Err(error) = ask(&mut account.clone(), Api::ElbV2, &action, input.clone()) {
                assert_eq!(error.code, "ResourceInUse", "{action}");
            }
        }
    }
}

#[test]
fn keys_of_the_request_decide() {
    let mut account = Account::new();
    let (one, two) = subnets(&mut account);
    let subnets = json!([one, two]);
    let mut both =
        |api: Api, action: &str, input: Value, operator: &str, key: &str, yes: Value, no: Value| {
            only(&mut account, json!({"Condition": {operator: {key: no}}}));
            let code = |it: Result<Value, crate::ApiError>| {
                it.err().map_or_else(String::new, |it| it.code.into_owned())
            };
            let mut fork = account.clone();
            assert_eq!(
                code(ask(&mut fork, api, action, input.clone())),
                "AccessDenied",
                "{key}"
            );
            only(&mut account, json!({"Condition": {operator: {key: yes}}}));
            let mut fork = account.clone();
            assert_ne!(
                code(ask(&mut fork, api, action, input)),
                "AccessDenied",
                "{key}"
            );
        };
    let balancer = json!({"Name": "web", "Subnets": subnets, "Scheme": "internal"});
    both(
        Api::ElbV2,
        "CreateLoadBalancer",
        balancer.clone(),
        "StringEquals",
        "elasticloadbalancing:Scheme",
        json!("internal"),
        json!("internet-facing"),
    );
    both(
        Api::ElbV2,
        "CreateLoadBalancer",
        balancer.clone(),
        "ForAllValues:StringEquals",
        "elasticloadbalancing:Subnet",
        subnets.clone(),
        json!([one]),
    );
    both(
        Api::ElbV2,
        "CreateLoadBalancer",
        balancer,
        "StringEquals",
        "aws:RequestedRegion",
        json!("eu-central-1"),
        json!("us-east-1"),
    );
    let group = json!({"AutoScalingGroupName": "g", "MinSize": 1, "MaxSize": 5,
        "VPCZoneIdentifier": format!("{one},{two}"), "LaunchConfigurationName": "c"});
    both(
        Api::AutoScaling,
        "CreateAutoScalingGroup",
        group.clone(),
        "NumericLessThanEquals",
        "autoscaling:MaxSize",
        json!(5),
        json!(4),
    );
    both(
        Api::AutoScaling,
        "CreateAutoScalingGroup",
        group,
        "ForAnyValue:StringEquals",
        "autoscaling:VPCZoneIdentifiers",
        json!(two),
        json!("subnet-0"),
    );
    let database = json!({"DBInstanceIdentifier": "d", "DBInstanceClass": "db.t3.micro",
        "Engine": "postgres", "AllocatedStorage": 20});
    both(
        Api::Rds,
        "CreateDBInstance",
        database.clone(),
        "StringEquals",
        "rds:DatabaseEngine",
        json!("postgres"),
        json!("mysql"),
    );
    both(
        Api::Rds,
        "CreateDBInstance",
        database.clone(),
        "NumericLessThan",
        "rds:StorageSize",
        json!(21),
        json!(20),
    );
    both(
        Api::Rds,
        "CreateDBInstance",
        database,
        "Bool",
        "rds:StorageEncrypted",
        json!(false),
        json!(true),
    );
    let datum = json!({"Namespace": "Own", "MetricData": [{"MetricName": "m", "Value": 1.0}]});
    both(
        Api::CloudWatch,
        "PutMetricData",
        datum,
        "StringEquals",
        "cloudwatch:namespace",
        json!("Own"),
        json!("Other"),
    );
}

/// Service Authorization Reference, dependent actions: tags on creation are a permission of their
/// own, which knows the call under `elasticloadbalancing:CreateAction`.
#[test]
fn tags_on_creation_need_a_permission_of_their_own() {
    let mut account = Account::new();
    let (one, two) = subnets(&mut account);
    let tags = json!([{"Key": "team", "Value": "web"}]);
    let balancer = json!({"Name": "web", "Subnets": [one, two], "Tags": tags});
    only(
        &mut account,
        json!({"Action": "elasticloadbalancing:CreateLoadBalancer"}),
    );
    let said = denied(
        &mut account,
        Api::ElbV2,
        "CreateLoadBalancer",
        balancer.clone(),
    );
    assert!(
        said.contains(
            "perform: elasticloadbalancing:AddTags on resource: \
            arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/web/*"
        ),
        "{said}"
    );
    let with = |create: &str| {
        let mut policy = statement(json!({"Action": "elasticloadbalancing:Create*"}));
        let tag = json!({"Effect": "Allow", "Action": "elasticloadbalancing:AddTags",
            "Resource": "*", "Condition": {"StringEquals": {
                "elasticloadbalancing:CreateAction": create, "aws:RequestTag/team": "web"}}});
        policy["Statement"].as_array_mut().unwrap().push(tag);
        policy
    };
    set(&mut account, &with("CreateTargetGroup"));
    denied(
        &mut account,
        Api::ElbV2,
        "CreateLoadBalancer",
        balancer.clone(),
    );
    set(&mut account, &with("CreateLoadBalancer"));
    let made = ask(&mut account, Api::ElbV2, "CreateLoadBalancer", balancer).unwrap();
    let arn = text(&made["LoadBalancers"][0], "LoadBalancerArn");
    // The tags of a listener are its own, below the load balancer.
    let listener = json!({"LoadBalancerArn": arn, "Protocol": "HTTP", "Port": 80, "Tags": tags,
        "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]});
    let said = denied(&mut account, Api::ElbV2, "CreateListener", listener);
    let below = arn.replace(":loadbalancer/", ":listener/");
    assert!(
        said.contains(&format!("AddTags on resource: {below}/*")),
        "{said}"
    );

    only(&mut account, json!({"Action": "rds:CreateDBSubnetGroup"}));
    let group = json!({"DBSubnetGroupName": "g", "DBSubnetGroupDescription": "d",
        "SubnetIds": [one, two], "Tags": tags});
    let said = denied(&mut account, Api::Rds, "CreateDBSubnetGroup", group);
    assert!(said.contains("rds:AddTagsToResource on resource"), "{said}");
}

/// RDS keys of tags by type; a snapshot on the way out is a permission of its own.
#[test]
fn a_database_is_let_go_with_its_last_snapshot() {
    let mut account = Account::new();
    let (one, two) = subnets(&mut account);
    let group = json!({"DBSubnetGroupName": "g", "DBSubnetGroupDescription": "d",
        "SubnetIds": [one, two]});
    ask(&mut account, Api::Rds, "CreateDBSubnetGroup", group).unwrap();
    let database = json!({"DBInstanceIdentifier": "main", "DBInstanceClass": "db.t3.micro",
        "Engine": "postgres", "AllocatedStorage": 20, "MasterUsername": "root",
        "MasterUserPassword": "secret-enough", "DBSubnetGroupName": "g",
        "Tags": [{"Key": "team", "Value": "data"}]});
    ask(&mut account, Api::Rds, "CreateDBInstance", database).unwrap();
    account.pass(1200);
    let delete = json!({"DBInstanceIdentifier": "MAIN", "FinalDBSnapshotIdentifier": "Last"});
    let condition =
        json!({"StringEquals": {"rds:db-tag/team": "data", "rds:DatabaseClass": "db.t3.micro"}});
    only(
        &mut account,
        json!({"Action": "rds:DeleteDBInstance", "Condition": condition}),
    );
    let said = denied(&mut account, Api::Rds, "DeleteDBInstance", delete.clone());
    assert!(said.contains("rds:CreateDBSnapshot on resource"), "{said}");
    only(
        &mut account,
        json!({"Action": ["rds:DeleteDBInstance", "rds:CreateDBSnapshot"]}),
    );
    ask(&mut account, Api::Rds, "DeleteDBInstance", delete).unwrap();
}

/// CloudFormation API Reference, DescribeStacks: all stacks need the permission to list them, too.
#[test]
fn describing_all_stacks_is_listing_them() {
    let mut account = Account::new();
    only(
        &mut account,
        json!({"Action": "cloudformation:DescribeStacks"}),
    );
    let said = denied(
        &mut account,
        Api::CloudFormation,
        "DescribeStacks",
        json!({}),
    );
    assert!(
        said.contains("perform: cloudformation:ListStacks because"),
        "{said}"
    );
    only(
        &mut account,
        json!({"Action": ["cloudformation:DescribeStacks", "cloudformation:ListStacks"]}),
    );
    ask(
        &mut account,
        Api::CloudFormation,
        "DescribeStacks",
        json!({}),
    )
    .unwrap();
}

/// No policy can take these two away (STS API Reference, `GetCallerIdentity` and `GetSessionToken`).
#[test]
fn some_calls_need_no_permission() {
    let mut account = Account::new();
    set(&mut account, &json!({"identity": []}));
    ask(&mut account, Api::Sts, "GetCallerIdentity", json!({})).unwrap();
    ask(&mut account, Api::Sts, "GetSessionToken", json!({})).unwrap();
    let key = json!({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"});
    let said = denied(&mut account, Api::Sts, "GetAccessKeyInfo", key);
    assert!(
        said.contains("perform: sts:GetAccessKeyInfo because"),
        "{said}"
    );
}

/// STS API Reference, DecodeAuthorizationMessage.
#[test]
fn an_encoded_message_is_decoded() {
    let mut account = Account::new();
    let volume = account.volume(1);
    set(&mut account, &json!({"identity": []}));
    let (_, said) = account.refused("DeleteVolume", json!({"VolumeId": volume}));
    let (_, blob) = said.split_once("failure message: ").unwrap();
    let input = json!({"EncodedMessage": blob});
    let said = denied(
        &mut account,
        Api::Sts,
        "DecodeAuthorizationMessage",
        input.clone(),
    );
    assert!(
        said.contains("perform: sts:DecodeAuthorizationMessage because"),
        "{said}"
    );
    only(
        &mut account,
        json!({"Action": "sts:DecodeAuthorizationMessage"}),
    );
    let answer = ask(&mut account, Api::Sts, "DecodeAuthorizationMessage", input).unwrap();
    let decoded: Value = serde_json::from_str(&text(&answer, "DecodedMessage")).unwrap();
    assert_eq!(decoded["context"]["action"], "ec2:DeleteVolume");
    for (message, code) in [
        ("x y", "InvalidAuthorizationMessageException"),
        ("", "ValidationError"),
    ] {
        let input = json!({"EncodedMessage": message});
        let error = ask(&mut account, Api::Sts, "DecodeAuthorizationMessage", input).unwrap_err();
        assert_eq!(error.code, code);
    }
}
