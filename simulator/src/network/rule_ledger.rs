//! What rules of security groups have that describe answers of groups do not carry: ids that do not
//! follow from what the rule says, and tags.

use std::collections::BTreeMap;

use sandtable_model::resource::SecurityGroup;
use sandtable_model::{SecurityGroupId, Tags};
use smol_str::SmolStr;

use super::permission::{self, Rule};
use super::security_group_rule::permissions;
use crate::rules::NO_TAGS;
use crate::{Ctx, Twin};

/// Ids and tags of rules.
///
/// A rule's id is derived from what it says ([`Rule::id`]) unless it is listed here: a modified rule
/// keeps its id, and a rule that says what another one said before does not get that one's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RuleLedger {
    /// The ids that are shown, by the derived ones.
    ids: BTreeMap<SmolStr, SmolStr>,
    /// By the ids that are shown.
    tags: BTreeMap<SmolStr, Tags>,
}

impl RuleLedger {
    /// The id that a rule is shown with.
    pub(super) fn id(&self, group: &SecurityGroupId, is_egress: bool, rule: &Rule) -> SmolStr {
        let derived = rule.id(group, is_egress);
        self.ids.get(&derived).cloned().unwrap_or(derived)
    }

    pub(super) fn tags(&self, id: &str) -> &Tags {
        self.tags.get(id).unwrap_or(&NO_TAGS)
    }

    /// Notes a rule that says something else from now on.
    pub(super) fn change(
        &mut self,
        group: &SecurityGroupId,
        is_egress: bool,
        from: &Rule,
        to: &Rule,
    ) {
        let shown = self.id(group, is_egress, from);
        self.ids.remove(&from.id(group, is_egress));
        let derived = to.id(group, is_egress);
        if derived != shown {
            self.ids.insert(derived, shown);
        }
    }

    /// Notes a rule that is gone.
    pub(super) fn forget(&mut self, group: &SecurityGroupId, is_egress: bool, rule: &Rule) {
        let shown = self.id(group, is_egress, rule);
        self.ids.remove(&rule.id(group, is_egress));
        self.tags.remove(&shown);
    }
}

/// Notes a rule that was added, with its tags.
pub(super) fn note_added(
    twin: &mut Twin,
    group: &SecurityGroupId,
    is_egress: bool,
    rule: &Rule,
    tags: &Tags,
) {
    let derived = rule.id(group, is_egress);
    let is_taken = twin.network.rules.ids.values().any(|it| *it == derived);
    if is_taken {
        let fresh = twin.ids.text("sgr").into();
        twin.network.rules.ids.insert(derived, fresh);
    }
    if !tags.is_empty() {
        let shown = twin.network.rules.id(group, is_egress, rule);
        twin.network.rules.tags.insert(shown, tags.clone());
    }
}

/// Notes that a group is gone with its rules.
pub(super) fn forget_group(twin: &mut Twin, group: &SecurityGroup) {
    for is_egress in [false, true] {
        for rule in permission::rules_of(permissions(group, is_egress)) {
            twin.network.rules.forget(&group.group_id, is_egress, &rule);
        }
    }
}

/// The rules of a Region: the group, whether it lets out, the rule and its id.
pub(super) fn all<'a>(
    twin: &'a Twin,
    ctx: &Ctx,
) -> impl Iterator<Item = (&'a SecurityGroup, bool, Rule, SmolStr)> {
    let groups = twin.state.all::<SecurityGroup>(&ctx.region);
    groups.flat_map(move |group| {
        [false, true].into_iter().flat_map(move |is_egress| {
            let rules = permission::rules_of(permissions(group, is_egress));
            rules.into_iter().map(move |rule| {
                let id = twin.network.rules.id(&group.group_id, is_egress, &rule);
                (group, is_egress, rule, id)
            })
        })
    })
}

/// Whether there is a rule with this id.
pub(crate) fn has_rule(twin: &Twin, ctx: &Ctx, id: &str) -> bool {
    all(twin, ctx).any(|(_, _, _, it)| it == id)
}

/// The tags of a rule.
pub(crate) fn rule_tags<'a>(twin: &'a Twin, id: &str) -> &'a Tags {
    twin.network.rules.tags(id)
}

/// Changes the tags of a rule that is there.
pub(crate) fn change_rule_tags(twin: &mut Twin, id: &str, change: impl FnOnce(&mut Tags)) {
    let mut tags = twin.network.rules.tags(id).clone();
    change(&mut tags);
    if tags.is_empty() {
        twin.network.rules.tags.remove(id);
    } else {
        twin.network.rules.tags.insert(id.into(), tags);
    }
}

/// The rules of a Region that have tags.
pub(crate) fn tagged_rules(twin: &Twin, ctx: &Ctx) -> Vec<(SmolStr, Tags)> {
    let ids = all(twin, ctx).map(|(_, _, _, id)| id);
    let tagged = ids.filter_map(|id| Some((id.clone(), twin.network.rules.tags.get(&id)?.clone())));
    tagged.collect()
}
