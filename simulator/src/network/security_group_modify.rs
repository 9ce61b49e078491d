//! Changing rules of security groups where they are: what they say, and their descriptions.

use sandtable_model::SecurityGroupId;
use sandtable_model::resource::{
    IpPermission, IpRange, Ipv6Range, PrefixListRef, SecurityGroup, UserIdGroupPair,
};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::describe::{check_rule_id, unknown_rule};
use super::permission::{self, Peer, Rule};
use super::request::{Done, requests};
use super::rule_request::{check_description, read_rules};
use super::security_group;
use super::security_group_rule::{permissions, permissions_mut};
use crate::rules::{invalid_combination, invalid_value, require, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// ModifySecurityGroupRules.
    ModifySecurityGroupRulesRequest { group_id: String, security_group_rules: Vec<RuleUpdate> }
    /// UpdateSecurityGroupRuleDescriptionsIngress and -Egress.
    UpdateRuleDescriptionsRequest {
        group_id: String,
        group_name: Option<String>,
        ip_permissions: Vec<IpPermission>,
        security_group_rule_descriptions: Vec<RuleDescription>,
    }
}

/// What one rule is to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct RuleUpdate {
    /// The rule.
    pub security_group_rule_id: String,
    /// All that it is to say.
    pub security_group_rule: Option<WantedRule>,
}

/// A rule as a request words it: one source or destination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedRule {
    /// The protocol.
    pub ip_protocol: Option<String>,
    /// First port or ICMP type.
    pub from_port: Option<i32>,
    /// Last port or ICMP code.
    pub to_port: Option<i32>,
    /// An IPv4 block.
    pub cidr_ipv4: Option<String>,
    /// An IPv6 block.
    pub cidr_ipv6: Option<String>,
    /// A prefix list.
    pub prefix_list_id: Option<String>,
    /// A group.
    pub referenced_group_id: Option<String>,
    /// The description.
    pub description: Option<String>,
}

/// A rule's new description; none takes it off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct RuleDescription {
    /// The rule.
    pub security_group_rule_id: String,
    /// The description.
    pub description: Option<String>,
}

/// Gives rules of a group other words; their ids and tags stay. All rules are changed or none.
///
/// # Errors
/// `InvalidSecurityGroupRuleId.NotFound`, `InvalidPermission.Duplicate` for what another rule says,
/// `InvalidParameterValue` for a source of another kind than the rule has.
pub fn modify_security_group_rules(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifySecurityGroupRulesRequest,
) -> Result<Done, ApiError> {
    let group = require::<SecurityGroup>(&twin.state, ctx, "GroupId", &request.group_id)?.clone();
    let first = request.security_group_rules.first();
    required(
        "SecurityGroupRule",
        first.map_or("", |it| &it.security_group_rule_id),
    )?;
    let mut changes: Vec<(bool, Rule, Rule)> = Vec::new();
    for update in &request.security_group_rules {
        let (is_egress, from) = find(twin, &group, &update.security_group_rule_id)?;
        let wanted = update.security_group_rule.clone().ok_or_else(|| {
            ApiError::new(
                "MissingParameter",
                "The request must contain the parameter SecurityGroupRule",
            )
        })?;
        let permission = wanted.permission(&from.peer)?;
        let mut rules = read_rules(twin, ctx, &group, vec![permission], None)?;
        let to = rules
            .pop()
            .filter(|_| rules.is_empty())
            .ok_or_else(one_source)?;
        changes.push((is_egress, from, to));
    }
    ctx.end_dry_run()?;
    check_distinct(&group, &changes)?;
    for (is_egress, from, to) in &changes {
        twin.network
            .rules
            .change(&group.group_id, *is_egress, from, to);
    }
    twin.state
        .update(&group.group_id, |it: &mut SecurityGroup| {
            for (is_egress, from, _) in &changes {
                permission::remove(permissions_mut(it, *is_egress), from);
            }
            for (is_egress, _, to) in &changes {
                permission::add(permissions_mut(it, *is_egress), to);
            }
        });
    Ok(Done::YES)
}

fn one_source() -> ApiError {
    invalid_value("Exactly one source or destination must be specified for a security group rule")
}

impl WantedRule {
    /// The permission, in place of a rule with the peer `present`. AWS refuses another kind of peer
    /// in these words.
    fn permission(self, present: &Peer) -> Result<IpPermission, ApiError> {
        let description: Option<SmolStr> = self.description.map(Into::into);
        let mut permission = IpPermission {
            ip_protocol: self.ip_protocol.as_deref().unwrap_or("-1").into(),
            from_port: self.from_port,
            to_port: self.to_port,
            ..IpPermission::default()
        };
        let given = [
            (
                self.cidr_ipv4.is_some(),
                "an IPv4 CIDR",
                matches!(present, Peer::Ipv4(_)),
            ),
            (
                self.cidr_ipv6.is_some(),
                "an IPv6 CIDR",
                matches!(present, Peer::Ipv6(_)),
            ),
            (
                self.prefix_list_id.is_some(),
                "a prefix list id",
                matches!(present, Peer::List(_)),
            ),
            (
                self.referenced_group_id.is_some(),
                "a referenced group id",
                matches!(present, Peer::Group(_)),
            ),
        ];
        if let Some((_, what, _)) = given.iter().find(|(given, _, same)| *given && !same) {
            let kind = match present {
                Peer::Ipv4(_) => "IPv4 CIDR",
                Peer::Ipv6(_) => "IPv6 CIDR",
                Peer::List(_) => "prefix list",
                Peer::Group(_) => "referenced group",
            };
            return Err(invalid_value(format!(
                "You may not specify {what} for an existing {kind} rule."
            )));
        }
        if let Some(block) = self.cidr_ipv4 {
            permission.ip_ranges.push(IpRange {
                cidr_ip: block.into(),
                description,
            });
        } else if let Some(block) = self.cidr_ipv6 {
            permission.ipv6_ranges.push(Ipv6Range {
                cidr_ipv6: block.into(),
                description,
            });
        } else if let Some(list) = self.prefix_list_id {
            permission.prefix_list_ids.push(PrefixListRef {
                prefix_list_id: list.into(),
                description,
            });
        } else if let Some(text) = self.referenced_group_id {
            let group_id = SecurityGroupId::new(&text).map_err(|_| {
                ApiError::new(
                    "InvalidGroupId.Malformed",
                    format!("Invalid id: \"{text}\" (expecting \"sg-...\")"),
                )
            })?;
            permission.user_id_group_pairs.push(UserIdGroupPair {
                group_id: Some(group_id),
                description,
                ..UserIdGroupPair::default()
            });
        } else {
            return Err(one_source());
        }
        Ok(permission)
    }
}

/// The rule of a group with this id.
fn find(twin: &Twin, group: &SecurityGroup, id: &str) -> Result<(bool, Rule), ApiError> {
    required("SecurityGroupRuleId", id)?;
    check_rule_id(id)?;
    for is_egress in [false, true] {
        let mut rules = permission::rules_of(permissions(group, is_egress)).into_iter();
        let found = rules.find(|it| twin.network.rules.id(&group.group_id, is_egress, it) == id);
        if let Some(rule) = found {
            return Ok((is_egress, rule));
        }
    }
    Err(unknown_rule(id))
}

/// No two rules of a direction may say the same afterwards.
fn check_distinct(group: &SecurityGroup, changes: &[(bool, Rule, Rule)]) -> Result<(), ApiError> {
    for is_egress in [false, true] {
        let mut rules = permission::rules_of(permissions(group, is_egress));
        let ours = || changes.iter().filter(|(egress, _, _)| *egress == is_egress);
        rules.retain(|rule| !ours().any(|(_, from, _)| from.is_same(rule)));
        for (_, _, to) in ours() {
            if rules.iter().any(|it| it.is_same(to)) {
                return Err(ApiError::new(
                    "InvalidPermission.Duplicate",
                    format!("the specified rule \"{}\" already exists", to.words()),
                ));
            }
            rules.push(to.clone());
        }
    }
    Ok(())
}

/// Gives inbound rules other descriptions.
///
/// # Errors
/// `InvalidPermission.NotFound`, `InvalidSecurityGroupRuleId.NotFound`, `InvalidParameterValue` for
/// a description that AWS does not take.
pub fn update_rule_descriptions_ingress(
    twin: &mut Twin,
    ctx: &Ctx,
    request: UpdateRuleDescriptionsRequest,
) -> Result<Done, ApiError> {
    update_descriptions(twin, ctx, request, false)
}

/// Gives outbound rules other descriptions.
///
/// # Errors
/// As for `update_rule_descriptions_ingress`.
pub fn update_rule_descriptions_egress(
    twin: &mut Twin,
    ctx: &Ctx,
    request: UpdateRuleDescriptionsRequest,
) -> Result<Done, ApiError> {
    update_descriptions(twin, ctx, request, true)
}

fn update_descriptions(
    twin: &mut Twin,
    ctx: &Ctx,
    request: UpdateRuleDescriptionsRequest,
    is_egress: bool,
) -> Result<Done, ApiError> {
    let group = security_group::find(twin, ctx, &request.group_id, request.group_name.as_deref())?;
    let by_id = &request.security_group_rule_descriptions;
    match (request.ip_permissions.is_empty(), by_id.is_empty()) {
        (true, true) => {
            return Err(ApiError::new(
                "MissingParameter",
                "The request must contain the parameter ipPermissions or securityGroupRuleDescriptions",
            ));
        }
        (false, false) => {
            return Err(invalid_combination(
                "The parameters ipPermissions and securityGroupRuleDescriptions cannot be used together",
            ));
        }
        _ => {}
    }
    let mut described: Vec<Rule> = Vec::new();
    for it in by_id {
        let (egress, mut rule) = find(twin, &group, &it.security_group_rule_id)?;
        if egress != is_egress {
            return Err(unknown_rule(&it.security_group_rule_id));
        }
        rule.peer
            .describe(it.description.as_deref().map(SmolStr::new));
        check_description(&rule)?;
        described.push(rule);
    }
    for permission in request.ip_permissions {
        let permission = permission::normalize(permission)?;
        let rules = permission::rules_of(std::slice::from_ref(&permission));
        rules.iter().try_for_each(check_description)?;
        described.extend(rules);
    }
    ctx.end_dry_run()?;
    let present = permission::rules_of(permissions(&group, is_egress));
    if described
        .iter()
        .any(|rule| !present.iter().any(|it| it.is_same(rule)))
    {
        return Err(ApiError::new(
            "InvalidPermission.NotFound",
            "The specified rule does not exist in this security group.",
        ));
    }
    twin.state
        .update(&group.group_id, |it: &mut SecurityGroup| {
            let permissions = permissions_mut(it, is_egress);
            described
                .iter()
                .for_each(|rule| permission::describe(permissions, rule));
        });
    Ok(Done::YES)
}
