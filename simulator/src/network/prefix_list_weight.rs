//! What a prefix list counts for where it is referred to: as many rules or routes as it may have
//! entries (VPC user guide, "Prefix lists": the maximum number of entries counts).

use sandtable_model::resource::{
    IpPermission, ManagedPrefixList, Route, RouteTable, SecurityGroup,
};
use sandtable_model::{PrefixListId, ResourceId};

use super::permission::{self, Peer, Rule};
use super::route;
use crate::{State, Twin};

/// What a reference to a list counts for. AWS's own lists and those that are not known count once:
/// their sizes are not told.
pub(super) fn weight_of(state: &State, list: &str) -> usize {
    let id = PrefixListId::new(list).ok();
    let list = id.and_then(|id| state.one::<ManagedPrefixList>(id));
    let size = list.and_then(|it| it.max_entries);
    size.map_or(1, |it| usize::try_from(it).unwrap_or(usize::MAX))
}

/// How many rules a group's rules of one direction count for, in the family that has more.
pub(super) fn rules_in<'a>(state: &State, rules: impl Iterator<Item = &'a Rule> + Clone) -> usize {
    let weight = |rule: &Rule| match &rule.peer {
        Peer::List(list) => weight_of(state, &list.prefix_list_id),
        _ => 1,
    };
    let ipv4 = rules.clone().filter(|it| !matches!(it.peer, Peer::Ipv6(_)));
    let ipv6 = rules.filter(|it| !matches!(it.peer, Peer::Ipv4(_)));
    let ipv4: usize = ipv4.map(weight).sum();
    let ipv6: usize = ipv6.map(weight).sum();
    ipv4.max(ipv6)
}

/// How many routes some routes count for.
pub(super) fn routes_in<'a>(state: &State, routes: impl Iterator<Item = &'a Route>) -> usize {
    let weights = routes.map(|it| {
        let list = it.destination_prefix_list_id.as_ref();
        list.map_or(1, |list| weight_of(state, list))
    });
    weights.sum()
}

/// The groups and tables that refer to a list and are over their quotas.
pub(super) fn overburdened(twin: &Twin, list: &PrefixListId) -> Vec<ResourceId> {
    let quotas = &twin.network.choices.quotas;
    let state = &twin.state;
    let is_over = |permissions: &[IpPermission]| {
        let rules = permission::rules_of(permissions);
        rules_in(state, rules.iter()) > quotas.rules_per_group
    };
    let groups = state.referring::<SecurityGroup>(list);
    let groups = groups
        .filter(|it| is_over(&it.ip_permissions) || is_over(&it.ip_permissions_egress))
        .map(|it| ResourceId::from(&it.group_id));
    let tables = state.referring::<RouteTable>(list);
    let tables = tables
        .filter(|it| {
            let made = it.routes.iter().filter(|it| !route::is_propagated(it));
            routes_in(state, made) > quotas.routes_per_table
        })
        .map(|it| ResourceId::from(&it.route_table_id));
    groups.chain(tables).collect()
}
