//! Rules of an Application Load Balancer's listeners.

use sandtable_model::Tags;
use sandtable_model::resource::{
    Listener, ListenerAction, ListenerRule, LoadBalancer, LoadBalancerType, RuleCondition,
};
use serde_json::{Value, json};
use smol_str::format_smolstr;

use super::balancer::Nothing;
use super::describe::paged;
use super::listener::{change, read_actions};
use super::{FoundRule, TAG_WORDS, default_rule_arn, listener, rule};
use crate::network::request::{answers, requests};
use crate::services::common::{
    Tag, digits, in_range, missing, not_modelled, shown, validation, with_tags,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateRule.
    CreateRuleRequest {
        listener_arn: String,
        conditions: Vec<RuleCondition>,
        priority: Option<i64>,
        actions: Vec<ListenerAction>,
        tags: Vec<Tag>,
    }
    /// DescribeRules.
    DescribeRulesRequest {
        listener_arn: Option<String>,
        rule_arns: Vec<String>,
        marker: Option<String>,
        page_size: Option<i64>,
    }
    /// ModifyRule.
    ModifyRuleRequest {
        rule_arn: String,
        conditions: Vec<RuleCondition>,
        actions: Vec<ListenerAction>,
    }
    /// DeleteRule.
    DeleteRuleRequest { rule_arn: String }
}

answers! {
    /// An answer with rules.
    Rules {
        rules: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_marker: Option<String>,
    }
}

/// Rules of a balancer, the default ones aside (Service Quotas, Elastic Load Balancing).
const RULES_MAX: usize = 100;

fn show(rule: &ListenerRule) -> Result<Value, ApiError> {
    let mut value = shown(rule, &["Tags"])?;
    if let Value::Object(members) = &mut value {
        members.insert("IsDefault".to_owned(), false.into());
        members.insert("Priority".to_owned(), rule.priority.to_string().into());
    }
    Ok(value)
}

fn show_default(listener: &Listener) -> Value {
    json!({
        "RuleArn": default_rule_arn(listener),
        "Priority": "default",
        "Conditions": [],
        "Actions": listener.default_actions,
        "IsDefault": true,
    })
}

/// Makes a rule.
///
/// # Errors
/// `ListenerNotFound`, `PriorityInUse`, `TooManyRules`, those of actions, `ValidationError`.
pub fn create_rule(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateRuleRequest,
) -> Result<Rules, ApiError> {
    let (found, of) = listener(twin, ctx, &request.listener_arn)?;
    let (found, of) = (found.clone(), of.clone());
    let priority = request.priority.ok_or_else(|| missing("priority"))?;
    let priority = in_range("priority", priority, 1, 50_000)?;
    if request.actions.is_empty() {
        return Err(missing("actions"));
    }
    if found.r#type != LoadBalancerType::Application {
        return Err(ApiError::new(
            "UnsupportedProtocol",
            "Rules are only supported for listeners of Application Load Balancers",
        ));
    }
    check_conditions(&request.conditions)?;
    let tags = with_tags(&Tags::new(), &request.tags, &TAG_WORDS)?;
    let actions = read_actions(twin, ctx, &found, &request.actions)?;
    if of.rules.iter().any(|it| it.priority == priority) {
        return Err(ApiError::new(
            "PriorityInUse",
            format!("Priority '{priority}' is currently in use"),
        ));
    }
    let count: usize = found.listeners.iter().map(|it| it.rules.len()).sum();
    if count >= RULES_MAX {
        return Err(ApiError::new(
            "TooManyRules",
            "The maximum number of rules on a load balancer has been reached",
        ));
    }
    let arn = of.listener_arn.replacen(":listener/", ":listener-rule/", 1);
    let digits = digits(twin);
    let made = ListenerRule {
        rule_arn: format_smolstr!("{arn}/{digits}"),
        priority,
        conditions: request.conditions,
        actions,
        tags,
    };
    let answer = show(&made)?;
    change(twin, &found, |it| {
        if let Some(it) = listener_of(it, &of) {
            it.rules.push(made);
            it.rules.sort_by_key(|it| it.priority);
        }
    });
    Ok(Rules {
        rules: vec![answer],
        next_marker: None,
    })
}

fn listener_of<'a>(balancer: &'a mut LoadBalancer, of: &Listener) -> Option<&'a mut Listener> {
    let mut listeners = balancer.listeners.iter_mut();
    listeners.find(|it| it.listener_arn == of.listener_arn)
}

/// A condition needs a field and values (ELBv2 API reference, `RuleCondition`).
fn check_conditions(conditions: &[RuleCondition]) -> Result<(), ApiError> {
    if conditions.is_empty() {
        return Err(validation("A condition must be specified"));
    }
    for condition in conditions {
        let config = match condition.field.as_str() {
            "" => return Err(missing("field")),
            "host-header" => &condition.host_header_config,
            "path-pattern" => &condition.path_pattern_config,
            "http-request-method" => &condition.http_request_method_config,
            "source-ip" => &condition.source_ip_config,
            other @ ("http-header" | "query-string") => {
                return Err(not_modelled(&format!("conditions on {other}")));
            }
            other => {
                return Err(validation(format!(
                    "Condition field '{other}' must be one of '[path-pattern, host-header, http-request-method, source-ip, http-header, query-string]'"
                )));
            }
        };
        let by_config = config.as_ref().is_some_and(|it| !it.values.is_empty());
        if by_config != condition.values.is_empty() {
            return Err(validation(format!(
                "A condition value must be specified, once, for '{}'",
                condition.field
            )));
        }
    }
    Ok(())
}

/// Lists the rules of a listener, the default one last, or those of ARNs.
///
/// # Errors
/// `ListenerNotFound`, `RuleNotFound`, `ValidationError` when neither is named.
pub fn describe_rules(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeRulesRequest,
) -> Result<Rules, ApiError> {
    let mut found = Vec::new();
    let arns = &request.rule_arns;
    match (request.listener_arn.as_deref(), arns.is_empty()) {
        (Some(arn), true) => {
            let (_, listener) = listener(twin, ctx, arn)?;
            for it in &listener.rules {
                found.push((format!("{:05}", it.priority), show(it)?));
            }
            found.push(("default".to_owned(), show_default(listener)));
        }
        (None, false) => {
            for arn in arns {
                let shown = match rule(twin, ctx, arn)?.1 {
                    FoundRule::Default(listener) => show_default(listener),
                    FoundRule::Rule(_, rule) => show(rule)?,
                };
                found.push((arn.clone(), shown));
            }
        }
        _ => {
            return Err(validation(
                "You must specify either listener rule ARNs or a listener ARN",
            ));
        }
    }
    let (rules, next_marker) = paged(found, request.marker.as_deref(), request.page_size)?;
    Ok(Rules { rules, next_marker })
}

/// Changes a rule; what is not named stays.
///
/// # Errors
/// `RuleNotFound`, `OperationNotPermitted` for a default rule, those of `CreateRule`.
pub fn modify_rule(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyRuleRequest,
) -> Result<Rules, ApiError> {
    let (found, of, mut after) = own_rule(twin, ctx, &request.rule_arn, "modified")?;
    if !request.conditions.is_empty() {
        check_conditions(&request.conditions)?;
        after.conditions = request.conditions;
    }
    if !request.actions.is_empty() {
        after.actions = read_actions(twin, ctx, &found, &request.actions)?;
    }
    let answer = show(&after)?;
    change(twin, &found, |it| {
        let rules = listener_of(it, &of).into_iter();
        let mut rules = rules.flat_map(|it| it.rules.iter_mut());
        if let Some(it) = rules.find(|it| it.rule_arn == after.rule_arn) {
            *it = after;
        }
    });
    Ok(Rules {
        rules: vec![answer],
        next_marker: None,
    })
}

fn own_rule(
    twin: &Twin,
    ctx: &Ctx,
    arn: &str,
    done: &str,
) -> Result<(LoadBalancer, Listener, ListenerRule), ApiError> {
    match rule(twin, ctx, arn)? {
        (_, FoundRule::Default(_)) => Err(ApiError::new(
            "OperationNotPermitted",
            format!("Default rule '{arn}' cannot be {done}"),
        )),
        (balancer, FoundRule::Rule(listener, rule)) => {
            Ok((balancer.clone(), listener.clone(), rule.clone()))
        }
    }
}

/// Deletes a rule.
///
/// # Errors
/// `RuleNotFound`, `OperationNotPermitted` for a default rule.
pub fn delete_rule(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteRuleRequest,
) -> Result<Nothing, ApiError> {
    let arn = &request.rule_arn;
    let (found, of, _) = own_rule(twin, ctx, arn, "deleted")?;
    change(twin, &found, |it| {
        if let Some(it) = listener_of(it, &of) {
            it.rules.retain(|it| it.rule_arn != *arn);
        }
    });
    Ok(Nothing {})
}
