//! Rules of security groups: authorizing and revoking.

use sandtable_model::resource::{IpPermission, SecurityGroup};
use serde::Serialize;

use super::describe::{SecurityGroupRule, check_rule_id, show, unknown_rule};
use super::permission::{self, Peer, Rule};
use super::request::{answers, requests};
use super::rule_request::{Flat, read_revoked, read_rules};
use super::{prefix_list_weight, refusal, rule_ledger, security_group};
use crate::rules::{TagSpecification, tags_by_type};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// AuthorizeSecurityGroupIngress and -Egress. A rule is told by `IpPermissions`, or by the flat
    /// parameters.
    AuthorizeRulesRequest {
        group_id: String,
        group_name: Option<String>,
        ip_permissions: Vec<IpPermission>,
        ip_protocol: Option<String>,
        from_port: Option<i32>,
        to_port: Option<i32>,
        cidr_ip: Option<String>,
        source_security_group_name: Option<String>,
        source_security_group_owner_id: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// RevokeSecurityGroupIngress and -Egress.
    RevokeRulesRequest {
        group_id: String,
        group_name: Option<String>,
        security_group_rule_ids: Vec<String>,
        ip_permissions: Vec<IpPermission>,
        ip_protocol: Option<String>,
        from_port: Option<i32>,
        to_port: Option<i32>,
        cidr_ip: Option<String>,
        source_security_group_name: Option<String>,
        source_security_group_owner_id: Option<String>,
    }
}

answers! {
    /// The answer of AuthorizeSecurityGroupIngress and -Egress.
    AuthorizedRules { r#return: bool, security_group_rules: Vec<SecurityGroupRule> }
}

/// AWS's word for rules in tag specifications.
pub(crate) const RULE_TYPE: &str = "security-group-rule";

/// The answer of RevokeSecurityGroupIngress and -Egress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RevokedRules {
    /// Whether it was done.
    pub r#return: bool,
    /// Rules that were not there; only a default VPC takes that without an error.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_ip_permissions: Vec<IpPermission>,
}

/// Lets traffic into what is in a group.
///
/// # Errors
/// `InvalidPermission.Duplicate`, `InvalidGroup.NotFound`, `RulesPerSecurityGroupLimitExceeded`,
/// `InvalidParameterValue`. One bad rule refuses all of the call.
pub fn authorize_security_group_ingress(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AuthorizeRulesRequest,
) -> Result<AuthorizedRules, ApiError> {
    authorize(twin, ctx, request, false)
}

/// Lets traffic out of what is in a group.
///
/// # Errors
/// As for `authorize_security_group_ingress`.
pub fn authorize_security_group_egress(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AuthorizeRulesRequest,
) -> Result<AuthorizedRules, ApiError> {
    authorize(twin, ctx, request, true)
}

pub(super) fn permissions_mut(
    group: &mut SecurityGroup,
    is_egress: bool,
) -> &mut Vec<IpPermission> {
    if is_egress {
        &mut group.ip_permissions_egress
    } else {
        &mut group.ip_permissions
    }
}

pub(super) fn permissions(group: &SecurityGroup, is_egress: bool) -> &[IpPermission] {
    if is_egress {
        &group.ip_permissions_egress
    } else {
        &group.ip_permissions
    }
}

fn authorize(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AuthorizeRulesRequest,
    is_egress: bool,
) -> Result<AuthorizedRules, ApiError> {
    let group = security_group::find(twin, ctx, &request.group_id, request.group_name.as_deref())?;
    let flat = Flat {
        protocol: request.ip_protocol,
        from_port: request.from_port,
        to_port: request.to_port,
        cidr: request.cidr_ip,
        group_name: request.source_security_group_name,
        group_owner: request.source_security_group_owner_id,
    };
    let rules = read_rules(twin, ctx, &group, request.ip_permissions, Some(flat))?;
    let tags = tags_by_type(RULE_TYPE, &[RULE_TYPE], &request.tag_specifications)?;
    if rules.is_empty() {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain the parameter ipPermissions",
        ));
    }
    ctx.end_dry_run()?;
    let present = permission::rules_of(permissions(&group, is_egress));
    for (at, rule) in rules.iter().enumerate() {
        let before = rules.iter().take(at);
        if present.iter().chain(before).any(|it| it.is_same(rule)) {
            return Err(ApiError::new(
                "InvalidPermission.Duplicate",
                format!("the specified rule \"{}\" already exists", rule.words()),
            ));
        }
    }
    check_quota(twin, &present, &rules)?;
    twin.state
        .update(&group.group_id, |it: &mut SecurityGroup| {
            let permissions = permissions_mut(it, is_egress);
            rules
                .iter()
                .for_each(|rule| permission::add(permissions, rule));
        });
    for rule in &rules {
        rule_ledger::note_added(twin, &group.group_id, is_egress, rule, &tags);
    }
    let ledger = &twin.network.rules;
    let shown = rules
        .iter()
        .map(|rule| show(ledger, &group, is_egress, rule));
    Ok(AuthorizedRules {
        r#return: true,
        security_group_rules: shown.collect(),
    })
}

/// Rules count per direction and family; one by group counts for both, and one by prefix list as
/// often as the list may have entries (facts: ec2-semantics.md, section 5).
fn check_quota(twin: &Twin, present: &[Rule], rules: &[Rule]) -> Result<(), ApiError> {
    let most = twin.network.choices.quotas.rules_per_group;
    let all = present.iter().chain(rules);
    if prefix_list_weight::rules_in(&twin.state, all) > most {
        return Err(refusal::over_quota(
            "RulesPerSecurityGroupLimitExceeded",
            "rules per security group",
        ));
    }
    Ok(())
}

/// Stops letting traffic in.
///
/// # Errors
/// `InvalidPermission.NotFound` for a rule that is not there, except in a default VPC, where the
/// answer lists it as unknown (facts: ec2-semantics.md, section 3, Security group);
/// `InvalidSecurityGroupRuleId.NotFound`.
pub fn revoke_security_group_ingress(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RevokeRulesRequest,
) -> Result<RevokedRules, ApiError> {
    revoke(twin, ctx, request, false)
}

/// Stops letting traffic out.
///
/// # Errors
/// As for `revoke_security_group_ingress`.
pub fn revoke_security_group_egress(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RevokeRulesRequest,
) -> Result<RevokedRules, ApiError> {
    revoke(twin, ctx, request, true)
}

fn revoke(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RevokeRulesRequest,
    is_egress: bool,
) -> Result<RevokedRules, ApiError> {
    let group = security_group::find(twin, ctx, &request.group_id, request.group_name.as_deref())?;
    let flat = Flat {
        protocol: request.ip_protocol,
        from_port: request.from_port,
        to_port: request.to_port,
        cidr: request.cidr_ip,
        group_name: request.source_security_group_name,
        group_owner: request.source_security_group_owner_id,
    };
    let present = permission::rules_of(permissions(&group, is_egress));
    let mut gone = named_by_id(
        twin,
        &group,
        is_egress,
        &present,
        &request.security_group_rule_ids,
    )?;
    let wanted = read_revoked(twin, ctx, request.ip_permissions, flat)?;
    if gone.is_empty() && wanted.is_empty() {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain the parameter ipPermissions or securityGroupRuleIds",
        ));
    }
    ctx.end_dry_run()?;
    let mut unknown_ip_permissions = Vec::new();
    for rule in wanted {
        if present.iter().any(|it| it.is_same(&rule)) {
            gone.push(rule);
        } else {
            permission::add(&mut unknown_ip_permissions, &rule);
        }
    }
    let vpc = group.vpc_id.as_ref();
    let vpc = vpc.and_then(|id| twin.state.one::<sandtable_model::resource::Vpc>(id));
    if !unknown_ip_permissions.is_empty() && !vpc.is_some_and(|it| it.is_default) {
        return Err(ApiError::new(
            "InvalidPermission.NotFound",
            "The specified rule does not exist in this security group.",
        ));
    }
    // So that the rule can be put back though the snapshot does not have the list.
    let lists = gone.iter().filter_map(|it| match &it.peer {
        Peer::List(list) => Some(list.prefix_list_id.clone()),
        _ => None,
    });
    twin.network.foreign.extend(lists);
    twin.state
        .update(&group.group_id, |it: &mut SecurityGroup| {
            let permissions = permissions_mut(it, is_egress);
            gone.iter()
                .for_each(|rule| permission::remove(permissions, rule));
        });
    for rule in &gone {
        twin.network.rules.forget(&group.group_id, is_egress, rule);
    }
    Ok(RevokedRules {
        r#return: true,
        unknown_ip_permissions,
    })
}

fn named_by_id(
    twin: &Twin,
    group: &SecurityGroup,
    is_egress: bool,
    present: &[Rule],
    ids: &[String],
) -> Result<Vec<Rule>, ApiError> {
    let mut rules = Vec::with_capacity(ids.len());
    for id in ids {
        check_rule_id(id)?;
        let found = present
            .iter()
            .find(|it| twin.network.rules.id(&group.group_id, is_egress, it) == *id);
        rules.push(found.ok_or_else(|| unknown_rule(id))?.clone());
    }
    Ok(rules)
}
