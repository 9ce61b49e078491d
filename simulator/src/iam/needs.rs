//! What calls need to be allowed to do besides their own action (Service Authorization Reference,
//! "Dependent actions"; the guides of the services).
//!
//! * `iam:PassRole` on the role that instances, or flow logs, are to act as, with the service that
//!   will be it under `iam:PassedToService` (IAM User Guide, "Grant a user permissions to pass a role
//!   to an AWS service"). Which role an instance profile holds only IAM knows: unless told, the one of
//!   the same name and path, as the console makes them.
//! * `iam:CreateServiceLinkedRole`, where the account is told not to have the role yet.
//! * What EC2 Auto Scaling tries with the caller's permissions before it takes a launch template
//!   (EC2 Auto Scaling User Guide, "Launch template support").
//! * `rds:CreateDBSnapshot` for a snapshot on the way out; `cloudformation:ListStacks` for a list of
//!   stacks without a name.
//! * `elasticloadbalancing:AddTags` on what is made under a load balancer.
//!
//! Deliberately absent: actions of services that the twin has no calls of (KMS, Secrets Manager, SSM,
//! ECS, Route 53), which the parameters that lead to them are refused for.

use sandtable_model::Kind;
use serde_json::{Value, json};

use super::call::{Call, Check, Question, request_tags};
use super::keys::text_at;
use super::launch::Launch;
use super::table::Table;
use super::target::Target;
use crate::services::autoscaling;
use crate::wire::Api;

/// Adds what a call needs besides.
pub(super) fn add(call: &Call<'_>, checks: &mut Vec<Check>) {
    match (call.api, call.action) {
        (Api::Ec2, "RunInstances") => {
            let launch = Launch::of(&call.twin.state, call.ctx, call.input);
            launched(call, &launch, checks);
        }
        (Api::Ec2, "AssociateIamInstanceProfile" | "ReplaceIamInstanceProfileAssociation") => {
            let told = call.input.get("IamInstanceProfile");
            pass_profile(call, told.unwrap_or(&Value::Null), checks);
        }
        (Api::Ec2, "CreateFlowLogs") => {
            if let Some(role) = text_at(call.input, "DeliverLogsPermissionArn") {
                pass(call, &role, "vpc-flow-logs.amazonaws.com", None, checks);
            }
        }
        (Api::Ec2, "CreateTransitGatewayVpcAttachment") => link(call, TRANSIT_GATEWAY, checks),
        (Api::ElbV2, "CreateListener" | "CreateRule") => tag_below(call, checks),
        (Api::AutoScaling, "CreateAutoScalingGroup") => {
            of_group(call, checks);
            link(call, AUTO_SCALING, checks);
        }
        (Api::AutoScaling, "UpdateAutoScalingGroup") => of_group(call, checks),
        (Api::AutoScaling, "CreateLaunchConfiguration") => {
            let profile = text_at(call.input, "IamInstanceProfile");
            pass_profile(call, &specification(profile.as_deref()), checks);
        }
        (Api::Rds, "CreateDBInstance") => link(call, RDS, checks),
        (Api::Rds, "DeleteDBInstance" | "StopDBInstance") => last_snapshot(call, checks),
        (Api::CloudFormation, "DescribeStacks") if text_at(call.input, "StackName").is_none() => {
            checks.extend(call.own(Api::CloudFormation, "ListStacks", &json!({})));
        }
        _ => {}
    }
    if matches!(
        (call.api, call.action),
        (Api::Elb | Api::ElbV2, "CreateLoadBalancer")
    ) {
        link(call, LOAD_BALANCING, checks);
    }
}

/// What a launch needs besides: the role of its instances, and that of the Spot service.
fn launched(call: &Call<'_>, launch: &Launch, checks: &mut Vec<Check>) {
    pass_profile(call, launch.profile(), checks);
    if launch.is_spot() {
        link(call, SPOT, checks);
    }
}

/// What a group will launch must be allowed to whoever makes the group.
fn of_group(call: &Call<'_>, checks: &mut Vec<Check>) {
    if let Some(name) = text_at(call.input, "LaunchConfigurationName") {
        let configuration = autoscaling::shown_configuration(call.twin, call.ctx, &name);
        let profile = configuration.and_then(|it| text_at(&it, "IamInstanceProfile"));
        pass_profile(call, &specification(profile.as_deref()), checks);
    }
    let Some(template) = call.input.get("LaunchTemplate").filter(|it| !it.is_null()) else {
        return;
    };
    let mut input = json!({"LaunchTemplate": template, "MinCount": 1, "MaxCount": 1});
    let subnets = text_at(call.input, "VPCZoneIdentifier").unwrap_or_default();
    if let Some(subnet) = subnets.split(',').map(str::trim).find(|it| !it.is_empty()) {
        input["SubnetId"] = json!(subnet);
    }
    let mut tried = call.own(Api::Ec2, "RunInstances", &input);
    let launch = Launch::of(&call.twin.state, call.ctx, &input);
    launched(call, &launch, &mut tried);
    // Auto Scaling does not say what of it was not allowed.
    for check in &mut tried {
        let id = launch.template().unwrap_or_default();
        check.said = Some(format!(
            "You are not authorized to use launch template: {id}"
        ));
    }
    checks.extend(tried);
}

/// A request for a group with what it will launch, as `Launched`, for condition keys to show.
pub(super) fn with_launched(call: &Call<'_>, input: &Value) -> Value {
    let mut input = input.clone();
    let configuration = text_at(&input, "LaunchConfigurationName")
        .and_then(|it| autoscaling::shown_configuration(call.twin, call.ctx, &it));
    let mut launched = configuration.unwrap_or(Value::Null);
    if input.get("LaunchTemplate").is_some_and(|it| !it.is_null()) {
        let launch = Launch::of(&call.twin.state, call.ctx, &input);
        let version = text_at(&input, "LaunchTemplate.Version").unwrap_or_default();
        launched = launch.input;
        // "Any version", in contrast to the latest or the default one.
        launched["IsVersionSpecified"] = json!(!version.is_empty() && !version.starts_with('$'));
    }
    if let (Some(members), false) = (input.as_object_mut(), launched.is_null()) {
        members.insert("Launched".to_owned(), launched);
    }
    input
}

/// A profile as EC2 takes it, from a text that is a name or an ARN.
fn specification(text: Option<&str>) -> Value {
    match text {
        Some(arn) if arn.starts_with("arn:") => json!({"Arn": arn}),
        Some(name) => json!({"Name": name}),
        None => Value::Null,
    }
}

fn pass_profile(call: &Call<'_>, told: &Value, checks: &mut Vec<Check>) {
    let Some(profile) = call.arns.profile(told) else {
        return;
    };
    let role = call.twin.permissions().and_then(|it| it.role_of(&profile));
    let role = role.unwrap_or_else(|| profile.replacen(":instance-profile/", ":role/", 1));
    let instance = text_at(call.input, "InstanceId").unwrap_or_else(|| "*".to_owned());
    let instance = call.arns.named("instance", &instance);
    pass(call, &role, "ec2.amazonaws.com", Some(&instance), checks);
}

fn pass(call: &Call<'_>, role: &str, to: &str, of: Option<&str>, checks: &mut Vec<Check>) {
    let mut context = call.base.clone();
    context.set("iam:PassedToService", to);
    if let Some(of) = of {
        context.set("iam:AssociatedResourceArn", of);
    }
    if let Some(account) = role.split(':').nth(4) {
        context.set("aws:ResourceAccount", account);
    }
    let known = call.twin.permissions().and_then(|it| it.role(role));
    for (key, value) in known.iter().flat_map(|it| &it.tags) {
        context.add(&format!("aws:ResourceTag/{key}"), value);
        context.add(&format!("iam:ResourceTag/{key}"), value);
    }
    checks.push(Check {
        action: "iam:PassRole".to_owned(),
        resource: role.to_owned(),
        context,
        said: None,
    });
}

/// A service-linked role: the service, the role, and the kinds of which one could not be without it.
type Linked = (&'static str, &'static str, &'static [Kind]);

const AUTO_SCALING: Linked = (
    "autoscaling.amazonaws.com",
    "AWSServiceRoleForAutoScaling",
    &[Kind::AutoScalingGroup],
);
const LOAD_BALANCING: Linked = (
    "elasticloadbalancing.amazonaws.com",
    "AWSServiceRoleForElasticLoadBalancing",
    &[Kind::LoadBalancer, Kind::ClassicLoadBalancer],
);
const RDS: Linked = (
    "rds.amazonaws.com",
    "AWSServiceRoleForRDS",
    &[Kind::DbInstance],
);
const SPOT: Linked = ("spot.amazonaws.com", "AWSServiceRoleForEC2Spot", &[]);
const TRANSIT_GATEWAY: Linked = (
    "transitgateway.amazonaws.com",
    "AWSServiceRoleForVPCTransitGateway",
    &[Kind::TransitGatewayAttachment],
);

/// The role that a service makes for itself when it is first needed, with the caller's permission.
fn link(call: &Call<'_>, (service, name, kinds): Linked, checks: &mut Vec<Check>) {
    let has_it = call
        .twin
        .permissions()
        .is_none_or(|it| it.has_service_linked_role(service));
    let state = &call.twin.state;
    if has_it || kinds.iter().any(|it| state.of_kind(*it).next().is_some()) {
        return;
    }
    let mut context = call.base.clone();
    context.set("iam:AWSServiceName", service);
    checks.push(Check {
        action: "iam:CreateServiceLinkedRole".to_owned(),
        resource: call
            .arns
            .iam(&format!("role/aws-service-role/{service}/{name}")),
        context,
        said: None,
    });
}

/// A snapshot that is taken of a DB instance on its way out.
fn last_snapshot(call: &Call<'_>, checks: &mut Vec<Check>) {
    let names = ["FinalDBSnapshotIdentifier", "DBSnapshotIdentifier"];
    if let Some(snapshot) = names.iter().find_map(|it| text_at(call.input, it)) {
        let instance = text_at(call.input, "DBInstanceIdentifier");
        let input = json!({"DBInstanceIdentifier": instance, "DBSnapshotIdentifier": snapshot});
        checks.extend(call.own(Api::Rds, "CreateDBSnapshot", &input));
    }
}

/// Listeners and rules are authorised on what they belong to, their tags on themselves.
fn tag_below(call: &Call<'_>, checks: &mut Vec<Check>) {
    let parent = text_at(call.input, "LoadBalancerArn");
    let parent = parent.or_else(|| text_at(call.input, "ListenerArn"));
    let Some(parent) = parent else {
        return;
    };
    let arn = match call.action {
        "CreateListener" => parent.replacen(":loadbalancer/", ":listener/", 1),
        _ => parent.replacen(":listener/", ":listener-rule/", 1),
    };
    let arn = format!("{arn}/*");
    let table = Table::of(Api::ElbV2);
    let Some(row) = table.action("AddTags") else {
        return;
    };
    let target = Target {
        of: table.type_of(&arn).and_then(|it| row.of(it)),
        arn,
        is_new: true,
        ..Target::everything()
    };
    let request_tags = request_tags(Api::ElbV2, call.input, &target);
    if request_tags.is_empty() {
        return;
    }
    let question = Question {
        table,
        action: "AddTags",
        row,
        input: call.input,
        request_tags: &request_tags,
        create_action: Some(call.action),
        launch: None,
    };
    checks.push(call.check(&question, &target));
}
