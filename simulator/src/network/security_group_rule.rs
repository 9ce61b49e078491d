//! Rules of security groups: authorizing, revoking, describing.

use sandtable_model::resource::{IpPermission, IpRange, SecurityGroup, UserIdGroupPair};
use sandtable_model::{Kind, SecurityGroupId, Tags};
use serde::Serialize;
use smol_str::SmolStr;

use super::permission::{self, Peer, Rule};
use super::request::{answers, requests};
use super::{refusal, security_group};
use crate::rules::{
    Extract, Filter, Filters, NO_TAGS, invalid_combination, invalid_value, page_size, parse,
    read_offset, unknown, write_offset,
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
    /// DescribeSecurityGroupRules.
    DescribeSecurityGroupRulesRequest {
        security_group_rule_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// The answer of AuthorizeSecurityGroupIngress and -Egress.
    AuthorizedRules { r#return: bool, security_group_rules: Vec<SecurityGroupRule> }
}

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

/// The answer of DescribeSecurityGroupRules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedRules {
    /// The rules, by group and direction.
    pub security_group_rules: Vec<SecurityGroupRule>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityGroupRule {
    /// The id, derived from all that makes the rule.
    pub security_group_rule_id: SmolStr,
    /// The group.
    pub group_id: SecurityGroupId,
    /// Its owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_owner_id: Option<SmolStr>,
    /// Whether it lets out, not in.
    pub is_egress: bool,
    /// The protocol.
    pub ip_protocol: SmolStr,
    /// First port or ICMP type; -1 for all.
    pub from_port: i32,
    /// Last port or ICMP code; -1 for all.
    pub to_port: i32,
    /// An IPv4 block that may talk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_ipv4: Option<SmolStr>,
    /// An IPv6 block that may talk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_ipv6: Option<SmolStr>,
    /// A prefix list that may talk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_list_id: Option<SmolStr>,
    /// A group that may talk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referenced_group_info: Option<ReferencedGroup>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<SmolStr>,
    /// Tags; the twin puts none on rules.
    pub tags: Tags,
}

/// A group that a rule names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReferencedGroup {
    /// The group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<SecurityGroupId>,
    /// Its account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<SmolStr>,
    /// The peering connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_peering_connection_id: Option<SmolStr>,
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

fn permissions_mut(group: &mut SecurityGroup, is_egress: bool) -> &mut Vec<IpPermission> {
    if is_egress {
        &mut group.ip_permissions_egress
    } else {
        &mut group.ip_permissions
    }
}

fn permissions(group: &SecurityGroup, is_egress: bool) -> &[IpPermission] {
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
    let rules = read_rules(twin, ctx, &group, request.ip_permissions, flat)?;
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
    let shown = rules.iter().map(|rule| show(&group, is_egress, rule));
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
struct Flat {
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

fn read_rules(
    twin: &Twin,
    ctx: &Ctx,
    group: &SecurityGroup,
    mut listed: Vec<IpPermission>,
    flat: Flat,
) -> Result<Vec<Rule>, ApiError> {
    if !flat.is_empty() {
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
    Ok(rules)
}

/// Checks the group that a rule names, and adds its account. A group of another account, or beyond a
/// peering connection, cannot be checked: the twin has neither.
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
    if found.vpc_id != group.vpc_id {
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
            .find(|it| it.id(&group.group_id, is_egress) == *id);
        rules.push(found.ok_or_else(|| unknown_rule(id))?.clone());
    }
    Ok(rules)
}

fn check_rule_id(id: &str) -> Result<(), ApiError> {
    if sandtable_model::is_well_formed(id, "sgr") {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidSecurityGroupRuleId.Malformed",
        format!("Invalid id: \"{id}\" (expecting \"sgr-...\")"),
    ))
}

fn unknown_rule(id: &str) -> ApiError {
    ApiError::new(
        "InvalidSecurityGroupRuleId.NotFound",
        format!("The security group rule ID '{id}' does not exist"),
    )
}

fn show(group: &SecurityGroup, is_egress: bool, rule: &Rule) -> SecurityGroupRule {
    let mut shown = SecurityGroupRule {
        security_group_rule_id: rule.id(&group.group_id, is_egress),
        group_id: group.group_id.clone(),
        group_owner_id: group.owner_id.as_ref().map(|it| it.as_str().into()),
        is_egress,
        ip_protocol: rule.protocol.clone(),
        from_port: rule.from_port.unwrap_or(-1),
        to_port: rule.to_port.unwrap_or(-1),
        cidr_ipv4: None,
        cidr_ipv6: None,
        prefix_list_id: None,
        referenced_group_info: None,
        description: rule.peer.description().cloned(),
        tags: Tags::new(),
    };
    match &rule.peer {
        Peer::Ipv4(it) => shown.cidr_ipv4 = Some(it.cidr_ip.clone()),
        Peer::Ipv6(it) => shown.cidr_ipv6 = Some(it.cidr_ipv6.clone()),
        Peer::List(it) => shown.prefix_list_id = Some(it.prefix_list_id.clone()),
        Peer::Group(it) => {
            shown.referenced_group_info = Some(ReferencedGroup {
                group_id: it.group_id.clone(),
                user_id: it.user_id.clone(),
                vpc_peering_connection_id: it.vpc_peering_connection_id.clone(),
            });
        }
    }
    shown
}

const FILTERS: &[(&str, Extract<SecurityGroupRule>)] = &[
    ("group-id", |_, it, out| out(it.group_id.as_str())),
    ("security-group-rule-id", |_, it, out| {
        out(&it.security_group_rule_id)
    }),
];

/// Lists rules of groups.
///
/// # Errors
/// `InvalidSecurityGroupRuleId.NotFound` and `.Malformed`, and what every describe operation refuses.
pub fn describe_security_group_rules(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeSecurityGroupRulesRequest,
) -> Result<DescribedRules, ApiError> {
    let most = page_size(request.max_results, &(5..=1000))?;
    let all: Vec<SecurityGroupRule> = twin
        .state
        .all::<SecurityGroup>(&ctx.region)
        .flat_map(|group| {
            [false, true].into_iter().flat_map(move |is_egress| {
                let rules = permission::rules_of(permissions(group, is_egress));
                rules
                    .into_iter()
                    .map(move |rule| show(group, is_egress, &rule))
            })
        })
        .collect();
    let ids = &request.security_group_rule_ids;
    for id in ids {
        check_rule_id(id)?;
    }
    if let Some(id) = ids
        .iter()
        .find(|id| !all.iter().any(|it| it.security_group_rule_id == **id))
    {
        return Err(unknown_rule(id));
    }
    let filters = Filters::new(&request.filters, FILTERS)?;
    ctx.end_dry_run()?;
    let skip = match request.next_token.as_deref() {
        Some(token) => read_offset(token)?,
        None => 0,
    };
    let is_wanted = |it: &SecurityGroupRule| {
        (ids.is_empty() || ids.iter().any(|id| it.security_group_rule_id == *id))
            && filters.pass(&twin.state, it, &NO_TAGS)
    };
    let mut matching = all
        .iter()
        .enumerate()
        .skip(skip)
        .filter(|(_, it)| is_wanted(it));
    let page: Vec<(usize, &SecurityGroupRule)> = matching.by_ref().take(most).collect();
    let last = page.last().map(|(at, _)| *at);
    let next_token = last
        .filter(|_| matching.next().is_some())
        .map(|at| write_offset(at + 1));
    let security_group_rules = page.into_iter().map(|(_, it)| it.clone()).collect();
    Ok(DescribedRules {
        security_group_rules,
        next_token,
    })
}
