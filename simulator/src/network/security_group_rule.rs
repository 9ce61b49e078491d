//! Rules of security groups: authorizing and revoking.

use sandtable_model::resource::{IpPermission, IpRange, SecurityGroup, UserIdGroupPair};
use sandtable_model::{Kind, SecurityGroupId};
use serde::Serialize;
use smol_str::SmolStr;

use super::describe::{SecurityGroupRule, check_rule_id, show, unknown_rule};
use super::permission::{self, Peer, Rule};
use super::request::{answers, requests};
use super::{group_vpc, refusal, rule_ledger, security_group};
use crate::rules::{
    TagSpecification, invalid_combination, invalid_value, parse, tags_by_type, unknown,
};
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

/// Rules count per direction and family; one by group or prefix list counts for both (facts:
/// ec2-semantics.md, section 5).
fn check_quota(twin: &Twin, present: &[Rule], rules: &[Rule]) -> Result<(), ApiError> {
    let most = twin.network.choices.quotas.rules_per_group;
    let all = || present.iter().chain(rules);
    let ipv4 = all().filter(|it| !matches!(it.peer, Peer::Ipv6(_))).count();
    let ipv6 = all().filter(|it| !matches!(it.peer, Peer::Ipv4(_))).count();
    if ipv4.max(ipv6) > most {
        return Err(refusal::over_quota(
            "RulesPerSecurityGroupLimitExceeded",
            "rules per security group",
        ));
    }
    Ok(())
}

/// A rule told by flat parameters.
pub(super) struct Flat {
    protocol: Option<String>,
    from_port: Option<i32>,
    to_port: Option<i32>,
    cidr: Option<String>,
    group_name: Option<String>,
    group_owner: Option<String>,
}

impl Flat {
    fn is_empty(&self) -> bool {
        self.protocol.is_none() && self.cidr.is_none() && self.group_name.is_none()
    }

    fn permission(self, twin: &Twin, ctx: &Ctx) -> Result<IpPermission, ApiError> {
        let mut permission = IpPermission {
            ip_protocol: self.protocol.as_deref().unwrap_or("-1").into(),
            from_port: self.from_port,
            to_port: self.to_port,
            ..IpPermission::default()
        };
        if let Some(cidr) = self.cidr {
            permission.ip_ranges.push(IpRange {
                cidr_ip: cidr.into(),
                description: None,
            });
        }
        if let Some(name) = self.group_name {
            let group = security_group::find(twin, ctx, "", Some(&name))?;
            permission.user_id_group_pairs.push(UserIdGroupPair {
                group_id: Some(group.group_id),
                user_id: self.group_owner.map(SmolStr::from),
                ..UserIdGroupPair::default()
            });
        }
        Ok(permission)
    }
}

pub(super) fn read_rules(
    twin: &Twin,
    ctx: &Ctx,
    group: &SecurityGroup,
    mut listed: Vec<IpPermission>,
    flat: Option<Flat>,
) -> Result<Vec<Rule>, ApiError> {
    if let Some(flat) = flat.filter(|it| !it.is_empty()) {
        if !listed.is_empty() {
            return Err(invalid_combination(
                "The parameter ipPermissions cannot be used with flat parameters of a rule",
            ));
        }
        listed.push(flat.permission(twin, ctx)?);
    }
    let mut rules = Vec::new();
    for permission in listed {
        let mut permission = permission::normalize(permission)?;
        for pair in &mut permission.user_id_group_pairs {
            complete(twin, ctx, group, pair)?;
        }
        let before = rules.len();
        rules.extend(permission::rules_of(std::slice::from_ref(&permission)));
        if rules.len() == before {
            return Err(invalid_value(
                "Invalid rule: at least one source or destination must be specified",
            ));
        }
    }
    rules.iter().try_for_each(check_description)?;
    Ok(rules)
}

/// Checks the length and characters of a rule's description (EC2 API reference, IpRange).
pub(super) fn check_description(rule: &Rule) -> Result<(), ApiError> {
    let fine = |text: &str| {
        let mark = |c: char| "._-:/()#,@[]+=&;{}!$* ".contains(c);
        text.len() < 256 && text.chars().all(|c| c.is_ascii_alphanumeric() || mark(c))
    };
    if rule.peer.description().is_none_or(|it| fine(it)) {
        return Ok(());
    }
    Err(invalid_value(
        "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
    ))
}

/// Checks the group that a rule names, and adds its account. A group of another account, or beyond
/// a peering connection, cannot be checked: the twin has neither.
fn complete(
    twin: &Twin,
    ctx: &Ctx,
    group: &SecurityGroup,
    pair: &mut UserIdGroupPair,
) -> Result<(), ApiError> {
    let own = ctx.account.as_str();
    let is_foreign = pair.user_id.as_deref().is_some_and(|it| it != own);
    if is_foreign || pair.vpc_peering_connection_id.is_some() {
        return Ok(());
    }
    if pair.group_id.is_none()
        && let Some(name) = &pair.group_name
    {
        pair.group_id = Some(security_group::find(twin, ctx, "", Some(name))?.group_id);
    }
    let text = pair.group_id.as_ref().map_or("", SecurityGroupId::as_str);
    let id = parse(&twin.state, Kind::SecurityGroup, text)?;
    let found = twin
        .state
        .get_in(&ctx.region, &id)
        .and_then(|it| it.get::<SecurityGroup>());
    let found = found.ok_or_else(|| unknown(Kind::SecurityGroup, &[text]))?;
    let vpc = group.vpc_id.as_ref();
    if !vpc.is_none_or(|vpc| group_vpc::serves(twin, found, vpc)) {
        return Err(ApiError::new(
            "InvalidGroup.NotFound",
            "You have specified two resources that belong to different networks.",
        ));
    }
    // Names are not shown for groups of a VPC.
    pair.group_name = None;
    pair.user_id = Some(own.into());
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

/// Rules to revoke need not name groups that are there.
fn read_revoked(
    twin: &Twin,
    ctx: &Ctx,
    mut listed: Vec<IpPermission>,
    flat: Flat,
) -> Result<Vec<Rule>, ApiError> {
    if !flat.is_empty() {
        listed.push(flat.permission(twin, ctx)?);
    }
    let mut rules = Vec::new();
    for permission in listed {
        let permission = permission::normalize(permission)?;
        rules.extend(permission::rules_of(std::slice::from_ref(&permission)));
    }
    Ok(rules)
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
