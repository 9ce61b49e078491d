//! Security groups that name each other: which rules must be revoked, and in which order the groups
//! can be deleted then.
//!
//! AWS refuses to delete a group while another group's rule names it. Groups that are named by
//! nobody go first; where only circles are left (or the default group names one, which cannot be
//! deleted), rules are revoked, as few groups' as that takes.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::resource::{IpPermission, SecurityGroup};
use sandtable_model::{Action, Condition, Resource, SecurityGroupId, Undo, facts_of};

use super::undo;

/// Rules of one group, in one direction, that name groups to be deleted.
#[derive(Debug)]
pub(super) struct Revocation {
    pub(super) group: SecurityGroupId,
    pub(super) names: BTreeSet<SecurityGroupId>,
    ingress: bool,
    rules: Vec<IpPermission>,
    /// The facts that are gone afterwards.
    facts: Vec<String>,
}

impl Revocation {
    pub(super) fn action(&self) -> Action {
        let (group_id, ip_permissions) = (self.group.clone(), self.rules.clone());
        if self.ingress {
            Action::RevokeSecurityGroupIngress {
                group_id,
                ip_permissions,
            }
        } else {
            Action::RevokeSecurityGroupEgress {
                group_id,
                ip_permissions,
            }
        }
    }

    pub(super) fn undo(&self) -> Undo {
        undo::rules(&self.group, &self.rules, self.ingress)
    }

    /// The rules are there as the snapshot has them.
    pub(super) fn preconditions(&self) -> Vec<Condition> {
        let there = |name: &String| Condition::Fact {
            resource: (&self.group).into(),
            name: name.clone(),
            value: "present".to_owned(),
        };
        self.facts.iter().map(there).collect()
    }

    pub(super) fn effects(&self) -> Vec<Condition> {
        let gone = |name: &String| Condition::NoFact {
            resource: (&self.group).into(),
            name: name.clone(),
        };
        self.facts.iter().map(gone).collect()
    }
}

/// What to revoke, and the order in which the groups that are not default ones can be deleted.
pub(super) fn untangle<'a>(
    groups: &[&'a SecurityGroup],
) -> (Vec<Revocation>, Vec<&'a SecurityGroup>) {
    let mut left: BTreeMap<SecurityGroupId, &SecurityGroup> = groups
        .iter()
        .filter(|it| !it.is_default())
        .map(|it| (it.group_id.clone(), *it))
        .collect();
    let doomed: BTreeSet<SecurityGroupId> = left.keys().cloned().collect();
    let mut revocations = Vec::new();
    for group in groups.iter().filter(|it| it.is_default()) {
        revocations.extend(revoke(group, &doomed));
    }
    let mut order = Vec::new();
    let mut revoked: BTreeSet<SecurityGroupId> = BTreeSet::new();
    while !left.is_empty() {
        let named: BTreeSet<SecurityGroupId> = left
            .values()
            .filter(|it| !revoked.contains(&it.group_id))
            .flat_map(|it| it.referenced_groups().cloned())
            .collect();
        let free: Vec<SecurityGroupId> = left
            .keys()
            .filter(|id| !named.contains(*id))
            .cloned()
            .collect();
        if free.is_empty() {
            // Only circles, and what hangs on them: open one at the least id that names another.
            let names_one = |it: &&&SecurityGroup| {
                !revoked.contains(&it.group_id)
                    && it.referenced_groups().any(|other| left.contains_key(other))
            };
            let Some(group) = left.values().find(names_one).copied() else {
                break;
            };
            let remaining: BTreeSet<SecurityGroupId> = left.keys().cloned().collect();
            revocations.extend(revoke(group, &remaining));
            revoked.insert(group.group_id.clone());
            continue;
        }
        order.extend(free.iter().filter_map(|id| left.remove(id)));
    }
    (revocations, order)
}

/// The rules of a group that name one of `doomed`, itself aside, by direction.
fn revoke(group: &SecurityGroup, doomed: &BTreeSet<SecurityGroupId>) -> Vec<Revocation> {
    let facts = facts_of(&Resource::from(group.clone()));
    let directions = [
        (true, &group.ip_permissions, "IpPermissions["),
        (false, &group.ip_permissions_egress, "IpPermissionsEgress["),
    ];
    let mut found = Vec::new();
    for (ingress, permissions, prefix) in directions {
        let mut names = BTreeSet::new();
        let mut rules = Vec::new();
        for permission in permissions {
            let mut pairs = permission.user_id_group_pairs.clone();
            pairs.retain(|pair| {
                pair.group_id
                    .as_ref()
                    .is_some_and(|it| *it != group.group_id && doomed.contains(it))
            });
            if pairs.is_empty() {
                continue;
            }
            names.extend(pairs.iter().filter_map(|it| it.group_id.clone()));
            rules.push(IpPermission {
                ip_protocol: permission.ip_protocol.clone(),
                from_port: permission.from_port,
                to_port: permission.to_port,
                user_id_group_pairs: pairs,
                ..IpPermission::default()
            });
        }
        if rules.is_empty() {
            continue;
        }
        let mentions = |name: &&String| {
            name.starts_with(prefix) && names.iter().any(|id| name.contains(id.as_str()))
        };
        let facts = facts.keys().filter(mentions).cloned().collect();
        let group = group.group_id.clone();
        found.push(Revocation {
            group,
            names,
            ingress,
            rules,
            facts,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn group(id: &str, name: &str, names: &[&str]) -> SecurityGroup {
        let pairs: Vec<_> = names.iter().map(|id| json!({"GroupId": id})).collect();
        serde_json::from_value(json!({
            "GroupId": id, "GroupName": name, "VpcId": "vpc-1",
            "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                               "IpRanges": [{"CidrIp": "10.0.0.0/8"}], "UserIdGroupPairs": pairs}],
        }))
        .unwrap()
    }

    fn run(groups: &[SecurityGroup]) -> (Vec<String>, Vec<String>) {
        let groups: Vec<&SecurityGroup> = groups.iter().collect();
        let (revocations, order) = untangle(&groups);
        let revoked = revocations.iter().map(|it| it.group.to_string()).collect();
        (
            revoked,
            order.iter().map(|it| it.group_id.to_string()).collect(),
        )
    }

    #[test]
    fn a_chain_needs_no_revocation() {
        let (revoked, order) = run(&[
            group("sg-a", "a", &["sg-b"]),
            group("sg-b", "b", &[]),
            group("sg-d", "default", &[]),
        ]);
        assert_eq!(
            (revoked.len(), order),
            (0, vec!["sg-a".to_owned(), "sg-b".to_owned()])
        );
    }

    #[test]
    fn a_circle_is_opened_once() {
        let (revoked, order) = run(&[
            group("sg-a", "a", &["sg-b", "sg-a"]),
            group("sg-b", "b", &["sg-c"]),
            group("sg-c", "c", &["sg-a"]),
        ]);
        assert_eq!(revoked, ["sg-a"]);
        assert_eq!(order, ["sg-b", "sg-c", "sg-a"]);
    }

    #[test]
    fn the_default_group_lets_go() {
        let groups = [group("sg-a", "a", &[]), group("sg-d", "default", &["sg-a"])];
        let refs: Vec<&SecurityGroup> = groups.iter().collect();
        let (revocations, order) = untangle(&refs);
        assert_eq!(order.len(), 1);
        let [revocation] = revocations.as_slice() else {
            panic!("one revocation")
        };
        assert_eq!(revocation.facts.len(), 1);
        // Only the pair is revoked, not the range beside it.
        let rule = revocation.rules.first().unwrap();
        assert!(rule.ip_ranges.is_empty());
        assert_eq!(rule.user_id_group_pairs.len(), 1);
        assert_eq!(revocation.undo().actions.len(), 1);
    }
}
