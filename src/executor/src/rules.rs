//! Whether a security group has rules, however AWS groups them.
//!
//! AWS merges what has the same protocol and ports into one entry of a describe answer, and splits
//! it when part of it is revoked. A rule is therefore looked for by its parts: one protocol, one
//! span of ports, one peer.

use std::collections::BTreeSet;

use sandtable_model::resource::{IpPermission, SecurityGroup};
use sandtable_model::{ResourceId, SecurityGroupId};

use crate::condition::{Sighting, Standing};

/// Rules of a group that are there, or not there, once a call took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RuleEffect {
    pub(crate) group: SecurityGroupId,
    pub(crate) egress: bool,
    pub(crate) rules: Vec<IpPermission>,
    pub(crate) present: bool,
}

impl RuleEffect {
    pub(crate) fn judge(&self, group: Option<&SecurityGroup>) -> Sighting {
        let id = ResourceId::from(&self.group);
        let Some(group) = group else {
            return Sighting {
                standing: Standing::Fails,
                seen: format!("{id} is not there"),
            };
        };
        let there = if self.egress {
            parts(&group.ip_permissions_egress)
        } else {
            parts(&group.ip_permissions)
        };
        let asked = parts(&self.rules);
        let found = asked.intersection(&there).count();
        let holds = if self.present {
            found == asked.len()
        } else {
            found == 0
        };
        let direction = if self.egress { "outbound" } else { "inbound" };
        Sighting {
            standing: if holds {
                Standing::Holds
            } else {
                Standing::Fails
            },
            seen: format!("{id} has {found} of {} {direction} rules", asked.len()),
        }
    }
}

type Part = (String, Option<i32>, Option<i32>, String);

fn parts(rules: &[IpPermission]) -> BTreeSet<Part> {
    rules.iter().flat_map(parts_of).collect()
}

fn parts_of(rule: &IpPermission) -> Vec<Part> {
    let ipv4 = rule.ip_ranges.iter().map(|it| it.cidr_ip.to_string());
    let ipv6 = rule.ipv6_ranges.iter().map(|it| it.cidr_ipv6.to_string());
    let lists = rule
        .prefix_list_ids
        .iter()
        .map(|it| it.prefix_list_id.to_string());
    let groups = rule.user_id_group_pairs.iter().map(|it| {
        let id = it.group_id.as_ref().map(ToString::to_string);
        id.or_else(|| it.group_name.as_ref().map(ToString::to_string))
            .unwrap_or_default()
    });
    ipv4.chain(ipv6)
        .chain(lists)
        .chain(groups)
        .map(|peer| {
            (
                rule.ip_protocol.to_string(),
                rule.from_port,
                rule.to_port,
                peer,
            )
        })
        .collect()
}
