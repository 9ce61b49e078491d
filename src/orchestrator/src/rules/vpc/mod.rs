//! Rules over whole VPCs, and what they share.

pub(crate) mod g1;
pub(crate) mod g2;

use sandtable_model::ResourceId;
use sandtable_model::resource::{Instance, RouteTable, Vpc};

use crate::care::hands_off;
use crate::rules::Scene;

/// Why a VPC without clients may be in use all the same.
pub(super) fn not_idle(scene: &Scene<'_>, vpc: &ResourceId) -> Option<(&'static str, String)> {
    if let Some(sign) = scene.graph.inbound(vpc).first() {
        let (by, on) = (&sign.by, &sign.resource);
        let reason = format!("other networks may send traffic through it: {by} , seen on {on}");
        return Some(("central egress VPC", reason));
    }
    if let Some(planned) = scene.graph.future(vpc).first() {
        return Some(("scale to zero", planned.what.clone()));
    }
    if let Some(instance) = scene.graph.within::<Instance>(vpc).first() {
        let (it, state) = (&instance.instance_id, &instance.state.name);
        let reason = format!("{it} ({state}) is there, though no interface of it is in use");
        return Some(("instance", reason));
    }
    let account = &scene.snapshot.account;
    let owner = scene
        .graph
        .get::<Vpc>(vpc)?
        .owner_id
        .as_ref()
        .filter(|owner| *owner != account)?;
    Some((
        "another account's",
        format!("the VPC is shared by the account {owner}"),
    ))
}

/// The first of these resources that must be left alone, and why.
pub(crate) fn owned(
    scene: &Scene<'_>,
    ids: impl Iterator<Item = ResourceId>,
) -> Option<(&'static str, String)> {
    ids.filter_map(|id| Some((scene.graph.resource(&id)?, id)))
        .find_map(|(resource, id)| {
            let (guard, reason) = hands_off(resource, scene.policy)?;
            Some((guard, format!("{id} : {reason}")))
        })
}

/// The tables of a VPC, for the rules that go on from this one.
pub(super) fn tables<'a>(scene: &Scene<'a>, vpc: &ResourceId) -> Vec<&'a RouteTable> {
    scene.graph.within::<RouteTable>(vpc)
}
