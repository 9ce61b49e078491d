//! Which instances go and where new ones come: zones are kept even.

use std::collections::BTreeMap;

use sandtable_model::resource::{AutoScalingGroup, GroupInstance, Instance, Subnet};
use sandtable_model::{InstanceId, Region, ResourceId, Timestamp};
use smol_str::SmolStr;

use super::keep::counts;
use crate::Twin;

fn by_zone(group: &AutoScalingGroup) -> BTreeMap<SmolStr, usize> {
    let mut zones = BTreeMap::new();
    for it in group.instances.iter().filter(|it| counts(it)) {
        *zones.entry(it.availability_zone.clone()).or_default() += 1;
    }
    zones
}

/// The instances to terminate: of the zone with the most, the oldest first; never one that is
/// protected from scale-in (Auto Scaling user guide, "Default termination policy", without its rules
/// about allocation strategies and billing hours).
pub(super) fn victims(twin: &Twin, group: &AutoScalingGroup, count: usize) -> Vec<InstanceId> {
    let newest_first = group
        .termination_policies
        .first()
        .is_some_and(|it| it == "NewestInstance");
    let launched = |it: &GroupInstance| {
        let instance = twin.state.one::<Instance>(&it.instance_id);
        let at = instance.and_then(|it| it.launch_time);
        at.unwrap_or(Timestamp::from_millis(i64::MAX))
    };
    let mut zones = by_zone(group);
    let mut candidates: Vec<&GroupInstance> = group
        .instances
        .iter()
        .filter(|it| counts(it) && !it.protected_from_scale_in)
        .collect();
    let mut chosen = Vec::new();
    while chosen.len() < count {
        let order = |it: &GroupInstance| {
            let at = launched(it).millis();
            let at = if newest_first {
                at.saturating_neg()
            } else {
                at
            };
            let crowd = zones.get(&it.availability_zone).copied().unwrap_or(0);
            (usize::MAX - crowd, at, it.instance_id.clone())
        };
        let best = candidates
            .iter()
            .enumerate()
            .min_by_key(|(_, it)| order(it))
            .map(|(at, _)| at);
        let Some(best) = best else {
            break;
        };
        let victim = candidates.remove(best);
        if let Some(count) = zones.get_mut(&victim.availability_zone) {
            *count = count.saturating_sub(1);
        }
        chosen.push(victim.instance_id.clone());
    }
    chosen
}

/// The subnets of a group, the one of the zone with the fewest instances first, then in the group's
/// order. A group without subnets has the default ones of its zones.
pub(super) fn subnets(twin: &Twin, region: &Region, group: &AutoScalingGroup) -> Vec<Subnet> {
    let zones = by_zone(group);
    let named = group.subnet_ids().filter_map(|id| {
        let id: ResourceId = id.into();
        let found = twin.state.get_in(region, &id)?;
        found.get::<Subnet>().cloned()
    });
    let mut subnets: Vec<Subnet> = named.collect();
    if group.vpc_zone_identifier.is_empty() {
        let all = twin.state.all::<Subnet>(region);
        let fits = |it: &&Subnet| {
            let zone = it.availability_zone.as_str();
            it.default_for_az && group.availability_zones.iter().any(|it| it == zone)
        };
        subnets = all.filter(fits).cloned().collect();
    }
    subnets.sort_by_key(|it| {
        let zone = it.availability_zone.as_str();
        zones.get(zone).copied().unwrap_or(0)
    });
    subnets
}
