//! N1: Elastic IP addresses associated with nothing.

use sandtable_model::Kind;
use sandtable_model::resource::{Address, AsResource, NatGateway};

use crate::care::{hands_off, keep_address, standby_tag};
use crate::graph::Relation;
use crate::rules::verdicts::{Draft, Verdicts};
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "N1",
    aliases: &[],
    title: "Elastic IP address associated with nothing",
    finds: "An Elastic IP address without an association.",
    costs: "Every public IPv4 address is billed by the hour, in use or not, since February 2024.",
    proof: "The describe answer has no `AssociationId`, `InstanceId` or `NetworkInterfaceId`, and no \
            NAT gateway names the address.",
    wrong: "- Partners or firewalls know the address by heart, or a DNS name points to it: addresses \
            whose tags say so (`allowlist`, `dns`, `do-not-release`, …) or whose name is a host name \
            are left alone.\n\
            - It comes from a pool of the account's own (bring your own IP): free, left alone.\n\
            - It is a spare for a failover: tags that say so are heeded.\n\
            - It was allocated a moment ago: EC2 does not tell when, nor since when it is idle.",
    remedy: "`ReleaseAddress`. The address is gone: AWS gives it back only while nobody else has got \
             it (`AllocateAddress` with the address).",
    example: "An address of an instance that was terminated: $3.65 a month.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::Address,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for address in scene.snapshot.all::<Address>() {
        look(scene, verdicts, address);
    }
}

fn look(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>, address: &Address) {
    let id = address.resource_id();
    let Some(region) = scene.region(&id) else {
        return;
    };
    let by = [
        address.association_id.as_ref().map(ToString::to_string),
        address.instance_id.as_ref().map(ToString::to_string),
        address
            .network_interface_id
            .as_ref()
            .map(ToString::to_string),
    ];
    if let Some(by) = by.into_iter().flatten().next() {
        verdicts.unmet(DOC.id, &id, || format!("it is associated ({by} )"));
        return;
    }
    if address.domain != "vpc" {
        verdicts.unmet(DOC.id, &id, || format!("its domain is {}", address.domain));
        return;
    }
    if let Some((guard, reason)) = spared(scene, address) {
        verdicts.suppress(DOC.id, &id, guard, reason);
        return;
    }
    let ip = address.public_ip.as_deref().unwrap_or("(address not told)");
    let title = format!("Elastic IP address {ip} ( {id} ) is associated with nothing");
    let finding = Draft::new(DOC.id, id.clone(), region, title)
        .observed(id.clone(), "no association, no instance, no interface")
        .unknown("since when it is idle is not told by EC2")
        .cleared("held by a NAT gateway", "no NAT gateway names it")
        .cleared("allow-listed or named elsewhere", "no tag says so")
        .cleared("bring your own IP", "it comes from Amazon's pool")
        .cleared("managed by something else", "no tag of a stack or tool")
        .price(&id, &scene.price(&id))
        .done();
    verdicts.find(finding);
}

fn spared(scene: &Scene<'_>, address: &Address) -> Option<(&'static str, String)> {
    let id = address.resource_id();
    let holders = scene
        .graph
        .dependencies_of::<NatGateway>(&id, Relation::AttachedTo);
    if let Some(nat) = holders.first() {
        let nat = &nat.nat_gateway_id;
        return Some((
            "held by a NAT gateway",
            format!("{nat} names it among its addresses"),
        ));
    }
    if let Some(found) = keep_address(address) {
        return Some(found);
    }
    if let Some(reason) = standby_tag(&address.tags) {
        return Some(("standby", reason));
    }
    scene
        .graph
        .resource(&id)
        .and_then(|it| hands_off(it, scene.policy))
}
