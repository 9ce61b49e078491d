use sandtable_model::resource::SecurityGroup;
use sandtable_model::{SecurityGroupId, Tags};
use serde::Serialize;
use smol_str::SmolStr;

use super::super::permission::{Peer, Rule};
use super::super::request::requests;
use super::super::rule_ledger::{self, RuleLedger};
use super::{PAGES, page_of};
use crate::rules::{Extract, Filter, Filters, page_size};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeSecurityGroupRules.
    DescribeSecurityGroupRulesRequest {
        security_group_rule_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
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
    /// The id; see `rule_ledger`.
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
    /// Tags.
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

pub(in super::super) fn check_rule_id(id: &str) -> Result<(), ApiError> {
    if sandtable_model::is_well_formed(id, "sgr") {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidSecurityGroupRuleId.Malformed",
        format!("Invalid id: \"{id}\" (expecting \"sgr-...\")"),
    ))
}

pub(crate) fn unknown_rule(id: &str) -> ApiError {
    ApiError::new(
        "InvalidSecurityGroupRuleId.NotFound",
        format!("The security group rule ID '{id}' does not exist"),
    )
}

pub(in super::super) fn show(
    ledger: &RuleLedger,
    group: &SecurityGroup,
    is_egress: bool,
    rule: &Rule,
) -> SecurityGroupRule {
    let mut shown = SecurityGroupRule {
        tags: ledger
            .tags(&ledger.id(&group.group_id, is_egress, rule))
            .clone(),
        security_group_rule_id: ledger.id(&group.group_id, is_egress, rule),
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
/// `InvalidSecurityGroupRuleId.NotFound` and `.Malformed`, and what every describe operation
/// refuses.
pub fn describe_security_group_rules(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeSecurityGroupRulesRequest,
) -> Result<DescribedRules, ApiError> {
    let most = page_size(request.max_results, &PAGES)?;
    let ledger = &twin.network.rules;
    let all: Vec<SecurityGroupRule> = rule_ledger::all(twin, ctx)
        .map(|(group, is_egress, rule, _)| show(ledger, group, is_egress, &rule))
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
    let is_wanted = |it: &SecurityGroupRule| {
        (ids.is_empty() || ids.iter().any(|id| it.security_group_rule_id == *id))
            && filters.pass(&twin.state, it, &it.tags)
    };
    let matching = all.into_iter().filter(is_wanted).collect();
    let (security_group_rules, next_token) =
        page_of(matching, most, request.next_token.as_deref())?;
    Ok(DescribedRules {
        security_group_rules,
        next_token,
    })
}
