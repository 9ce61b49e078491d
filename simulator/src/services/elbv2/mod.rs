//! Elastic Load Balancing version 2: Application, Network and Gateway Load Balancers.
//!
//! Listeners, rules and attributes are kept in the balancer, registered targets in the target group,
//! so that a snapshot holds them. The health of targets is not kept: it follows from instances and
//! the clock.
//!
//! Deliberately absent: authentication by listeners, trust stores, IPv6, Outposts, capacity
//! reservations. Certificates are taken as they are named, since the twin has no certificate manager.

mod attribute;
mod balancer;
mod describe;
mod health;
mod listener;
mod placement;
mod rule;
mod tag;
mod target;
mod target_group;

pub use attribute::*;
pub use balancer::*;
pub use describe::*;
pub use health::*;
pub use listener::*;
pub use placement::*;
pub use rule::*;
pub use tag::*;
pub use target::*;
pub use target_group::*;

use sandtable_model::resource::{InterfaceType, Listener, LoadBalancer, LoadBalancerType};
use sandtable_model::resource::{ListenerRule, TargetGroup};
use sandtable_model::{LoadBalancerId, NetworkInterfaceId, TargetGroupId};
use smol_str::{SmolStr, format_smolstr};

use super::common::{TagWords, required, validation};
use crate::dispatch::{Row, operations};
use crate::network::managed;
use crate::{ApiError, Ctx, Twin};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "AddTags" => add_tags,
    "CreateListener" => create_listener,
    "CreateLoadBalancer" => create_load_balancer,
    "CreateRule" => create_rule,
    "CreateTargetGroup" => create_target_group,
    "DeleteListener" => delete_listener,
    "DeleteLoadBalancer" => delete_load_balancer,
    "DeleteRule" => delete_rule,
    "DeleteTargetGroup" => delete_target_group,
    "DeregisterTargets" => deregister_targets,
    "DescribeAccountLimits" => describe_account_limits,
    "DescribeListeners" => describe_listeners,
    "DescribeLoadBalancerAttributes" => describe_load_balancer_attributes,
    "DescribeLoadBalancers" => describe_load_balancers,
    "DescribeRules" => describe_rules,
    "DescribeTags" => describe_tags,
    "DescribeTargetGroupAttributes" => describe_target_group_attributes,
    "DescribeTargetGroups" => describe_target_groups,
    "DescribeTargetHealth" => describe_target_health,
    "ModifyListener" => modify_listener,
    "ModifyLoadBalancerAttributes" => modify_load_balancer_attributes,
    "ModifyRule" => modify_rule,
    "ModifyTargetGroup" => modify_target_group,
    "ModifyTargetGroupAttributes" => modify_target_group_attributes,
    "RegisterTargets" => register_targets,
    "RemoveTags" => remove_tags,
    "SetSecurityGroups" => set_security_groups,
    "SetSubnets" => set_subnets,
};

/// Who manages the interfaces of load balancers.
pub(super) const SERVICE: &str = "amazon-elb";

pub(super) const TAG_WORDS: TagWords = TagWords {
    too_many: "TooManyTags",
    duplicate: "DuplicateTagKeys",
    invalid: "ValidationError",
};

/// The refusal of settings that do not go together.
fn invalid_configuration(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidConfigurationRequest", message)
}

fn not_found(code: &'static str, noun: &str) -> ApiError {
    ApiError::new(code, format!("One or more {noun} not found"))
}

fn well_formed(arn: &str, resource: &str, noun: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let fine = matches!(parts.as_slice(), ["arn", _, "elasticloadbalancing", _, _, rest]
        if rest.starts_with(resource));
    match fine {
        true => Ok(()),
        false => Err(validation(format!("'{arn}' is not a valid {noun} ARN"))),
    }
}

/// The load balancer of an ARN.
///
/// # Errors
/// `ValidationError` for what is no such ARN, `LoadBalancerNotFound`.
fn balancer<'a>(twin: &'a Twin, ctx: &Ctx, arn: &str) -> Result<&'a LoadBalancer, ApiError> {
    required("loadBalancerArn", arn)?;
    well_formed(arn, "loadbalancer/", "load balancer")?;
    let id = LoadBalancerId::from_arn(arn);
    let found = id.and_then(|id| twin.state.get_in(&ctx.region, &id.into()));
    let found = found.and_then(|it| it.get::<LoadBalancer>());
    found
        .filter(|it| it.load_balancer_arn == arn)
        .ok_or_else(|| not_found("LoadBalancerNotFound", "load balancers"))
}

/// The target group of an ARN.
///
/// # Errors
/// `ValidationError` for what is no such ARN, `TargetGroupNotFound`.
fn group<'a>(twin: &'a Twin, ctx: &Ctx, arn: &str) -> Result<&'a TargetGroup, ApiError> {
    required("targetGroupArn", arn)?;
    well_formed(arn, "targetgroup/", "target group")?;
    let id = TargetGroupId::from_arn(arn);
    let found = id.and_then(|id| twin.state.get_in(&ctx.region, &id.into()));
    let found = found.and_then(|it| it.get::<TargetGroup>());
    found
        .filter(|it| it.target_group_arn == arn)
        .ok_or_else(|| not_found("TargetGroupNotFound", "target groups"))
}

/// The balancer within whose ARN that of a listener or rule stands:
/// `…:listener/app/NAME/BALANCER/LISTENER`, `…:listener-rule/app/NAME/BALANCER/LISTENER/RULE`.
fn balancer_around<'a>(twin: &'a Twin, ctx: &Ctx, arn: &str) -> Option<&'a LoadBalancer> {
    let (front, resource) = arn.rsplit_once(':')?;
    let parts: Vec<&str> = resource.split('/').collect();
    let [_, kind, name, hash, ..] = parts.as_slice() else {
        return None;
    };
    let arn = format!("{front}:loadbalancer/{kind}/{name}/{hash}");
    balancer(twin, ctx, &arn).ok()
}

/// The listener of an ARN, with its balancer.
///
/// # Errors
/// `ValidationError` for what is no such ARN, `ListenerNotFound`.
fn listener<'a>(
    twin: &'a Twin,
    ctx: &Ctx,
    arn: &str,
) -> Result<(&'a LoadBalancer, &'a Listener), ApiError> {
    required("listenerArn", arn)?;
    well_formed(arn, "listener/", "listener")?;
    let found = balancer_around(twin, ctx, arn).and_then(|balancer| {
        let mut listeners = balancer.listeners.iter();
        let listener = listeners.find(|it| it.listener_arn == arn)?;
        Some((balancer, listener))
    });
    found.ok_or_else(|| not_found("ListenerNotFound", "listeners"))
}

/// What the ARN of a rule names.
enum FoundRule<'a> {
    /// The default rule of a listener.
    Default(&'a Listener),
    /// A rule of a listener.
    Rule(&'a Listener, &'a ListenerRule),
}

/// The rule of an ARN, with its balancer.
///
/// # Errors
/// `ValidationError` for what is no such ARN, `RuleNotFound`.
fn rule<'a>(
    twin: &'a Twin,
    ctx: &Ctx,
    arn: &str,
) -> Result<(&'a LoadBalancer, FoundRule<'a>), ApiError> {
    required("ruleArn", arn)?;
    well_formed(arn, "listener-rule/", "listener rule")?;
    let found = balancer_around(twin, ctx, arn).and_then(|balancer| {
        balancer.listeners.iter().find_map(|listener| {
            if default_rule_arn(listener) == arn {
                return Some((balancer, FoundRule::Default(listener)));
            }
            let rule = listener.rules.iter().find(|it| it.rule_arn == arn)?;
            Some((balancer, FoundRule::Rule(listener, rule)))
        })
    });
    found.ok_or_else(|| not_found("RuleNotFound", "rules"))
}

/// The ARN of a listener's default rule, which follows from the listener's.
fn default_rule_arn(listener: &Listener) -> SmolStr {
    let arn = &listener.listener_arn;
    let sum = arn.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let arn = arn.replacen(":listener/", ":listener-rule/", 1);
    format_smolstr!("{arn}/{sum:016x}")
}

/// The word for a type in ARNs and in descriptions of interfaces.
fn short(of: &LoadBalancerType) -> &'static str {
    match of {
        LoadBalancerType::Network => "net",
        LoadBalancerType::Gateway => "gwy",
        _ => "app",
    }
}

fn interface_type(of: &LoadBalancerType) -> InterfaceType {
    match of {
        LoadBalancerType::Network => InterfaceType::NetworkLoadBalancer,
        LoadBalancerType::Gateway => InterfaceType::GatewayLoadBalancer,
        _ => InterfaceType::Interface,
    }
}

/// The description of a balancer's interfaces: `ELB app/NAME/HASH`.
fn description(balancer: &LoadBalancer) -> SmolStr {
    let arn = balancer.load_balancer_arn.as_str();
    let rest = arn.rsplit_once("loadbalancer/").map_or(arn, |it| it.1);
    format_smolstr!("ELB {rest}")
}

/// The interfaces of a balancer.
fn interfaces(twin: &Twin, balancer: &LoadBalancer) -> Vec<NetworkInterfaceId> {
    let description = description(balancer);
    let within = balancer
        .subnet_ids()
        .flat_map(|subnet| managed::described(&twin.state, subnet, &description));
    within.map(|it| it.network_interface_id.clone()).collect()
}

/// Lets target groups say which balancers forward to them, after a balancer's listeners changed.
fn link(twin: &mut Twin, id: &LoadBalancerId, before: &[String]) {
    let Some(balancer) = twin.state.one::<LoadBalancer>(id) else {
        return;
    };
    let arn = balancer.load_balancer_arn.clone();
    let after: Vec<String> = arns(balancer);
    for group in before.iter().filter(|it| !after.contains(it)) {
        unlink(twin, group, &arn);
    }
    for group in after.iter().filter(|it| !before.contains(it)) {
        if let Some(id) = TargetGroupId::from_arn(group) {
            twin.state.update(&id, |it: &mut TargetGroup| {
                if !it.load_balancer_arns.contains(&arn) {
                    it.load_balancer_arns.push(arn.clone());
                }
            });
        }
    }
}

fn unlink(twin: &mut Twin, group: &str, balancer: &str) {
    if let Some(id) = TargetGroupId::from_arn(group) {
        twin.state.update(&id, |it: &mut TargetGroup| {
            it.load_balancer_arns.retain(|arn| arn != balancer);
        });
    }
}

/// The target groups that a balancer forwards to.
fn arns(balancer: &LoadBalancer) -> Vec<String> {
    let arns = balancer.target_group_arns();
    arns.into_iter().map(str::to_owned).collect()
}
