//! Rules of security groups as requests word them.

use sandtable_model::resource::{IpPermission, IpRange, SecurityGroup, UserIdGroupPair};
use sandtable_model::{Kind, SecurityGroupId};
use smol_str::SmolStr;

use super::permission::{self, Rule};
use super::{group_vpc, prefix_list, security_group};
use crate::rules::{invalid_combination, invalid_value, parse, unknown};
use crate::{ApiError, Ctx, Twin, connectivity};

/// A rule told by flat parameters.
pub(super) struct Flat {
    pub(super) protocol: Option<String>,
    pub(super) from_port: Option<i32>,
    pub(super) to_port: Option<i32>,
    pub(super) cidr: Option<String>,
    pub(super) group_name: Option<String>,
    pub(super) group_owner: Option<String>,
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
        for list in &permission.prefix_list_ids {
            prefix_list::require_known(twin, ctx, &list.prefix_list_id)?;
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

/// Checks the group that a rule names, and adds its account, or the peering connection beyond which
/// it is. A group of another account, or beyond a connection that is named, is taken as given.
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
    if let Some(vpc) = vpc.filter(|vpc| !group_vpc::serves(twin, found, vpc)) {
        let there = found.vpc_id.as_ref();
        let peering = there.and_then(|it| connectivity::active_between(&twin.state, vpc, it));
        let peering = peering.ok_or_else(|| {
            ApiError::new(
                "InvalidGroup.NotFound",
                "You have specified two resources that belong to different networks.",
            )
        })?;
        pair.vpc_id = found.vpc_id.clone();
        pair.vpc_peering_connection_id = Some(peering.as_str().into());
    }
    // Names are not shown for groups of a VPC.
    pair.group_name = None;
    pair.user_id = Some(own.into());
    Ok(())
}

/// Rules to revoke need not name groups that are there.
pub(super) fn read_revoked(
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
