//! G15: Elastic IP addresses held by an interface that is attached to nothing.

use sandtable_model::Kind;
use sandtable_model::resource::{
    Address, AsResource, InterfaceStatus, InterfaceType, NetworkInterface,
};

use crate::care::{hands_off, keep_address, standby, standby_tag};
use crate::rules::verdicts::{Draft, Verdicts};
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "G15",
    aliases: &[],
    title: "Elastic IP address held by an unattached network interface",
    finds: "An Elastic IP address that is associated with a network interface, which is attached to \
            nothing. Checks that look for a missing association do not see it.",
    costs: "The public IPv4 address is billed by the hour, although no traffic can pass.",
    proof: "The address names an interface; that interface's `Status` is `available`; it is not \
            `RequesterManaged`, and neither a NAT gateway nor an endpoint names it as its own.",
    wrong: "- A warm standby moves the interface to another instance when one fails: interfaces and \
            addresses whose tags or description say so are left alone. What says nothing cannot be \
            told apart, hence medium confidence.\n\
            - A route leads to the interface: left alone.\n\
            - A service manages the interface, or it is another account's: left alone.\n\
            - What would make N1 wrong holds here too.",
    remedy: "`DisassociateAddress` (taken back by `AssociateAddress`), `ReleaseAddress` (the address \
             is gone), then `DeleteNetworkInterface` once no address is left on it.",
    example: "The interface of a firewall appliance that was terminated, with its address: $3.65.",
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
    let (Some(interface_id), Some(_)) = (&address.network_interface_id, &address.association_id)
    else {
        verdicts.unmet(DOC.id, &id, || {
            "it is not associated with an interface".to_owned()
        });
        return;
    };
    let Some(interface) = scene.graph.get::<NetworkInterface>(&interface_id.into()) else {
        let reason = format!("its interface {interface_id} was not seen");
        verdicts.suppress(DOC.id, &id, "missing data", reason);
        return;
    };
    let busy = interface.status != InterfaceStatus::Available
        || interface.attachment.is_some()
        || address.instance_id.is_some();
    if busy {
        let status = &interface.status;
        verdicts.unmet(DOC.id, &id, || {
            format!("its interface {interface_id} is {status}")
        });
        return;
    }
    if let Some((guard, reason)) = spared(scene, address, interface) {
        verdicts.suppress(DOC.id, &id, guard, reason);
        return;
    }
    let ip = address.public_ip.as_deref().unwrap_or("(address not told)");
    let title = format!("Elastic IP address {ip} ( {id} ) is held by an unattached interface");
    let finding = Draft::new(DOC.id, id.clone(), region, title)
        .related([interface.resource_id()])
        .observed(id.clone(), format!("associated with {interface_id}"))
        .observed(
            interface.resource_id(),
            "status available: attached to nothing",
        )
        .cleared(
            "managed by a service",
            "not requester-managed; no gateway or endpoint names it",
        )
        .cleared("allow-listed or named elsewhere", "no tag says so")
        .cleared("a route leads to it", "no route of any table")
        .open(
            "warm standby",
            "no tag or description says so, which proves nothing",
        )
        .price(&id, &scene.price(&id))
        .done();
    verdicts.find(finding);
}

fn spared(
    scene: &Scene<'_>,
    address: &Address,
    interface: &NetworkInterface,
) -> Option<(&'static str, String)> {
    let (graph, policy) = (scene.graph, scene.policy);
    if interface.requester_managed || interface.interface_type != InterfaceType::Interface {
        let kind = &interface.interface_type;
        return Some((
            "managed by a service",
            format!("an AWS service manages it (type {kind})"),
        ));
    }
    if let Some(keeper) = graph.keeper(interface) {
        return Some((
            "managed by a service",
            format!("{keeper} names it as its own"),
        ));
    }
    let account = scene.snapshot.account.as_str();
    if address
        .network_interface_owner_id
        .as_deref()
        .is_some_and(|owner| owner != account)
    {
        return Some((
            "another account's",
            "the interface is another account's".to_owned(),
        ));
    }
    if let Some(it) = graph.routes_to(&interface.resource_id()).first() {
        let table = &it.table.route_table_id;
        return Some((
            "a route leads to it",
            format!("a route of {table} leads to it"),
        ));
    }
    if let Some(reason) = standby(interface).or_else(|| standby_tag(&address.tags)) {
        return Some(("warm standby", reason));
    }
    if let Some(found) = keep_address(address) {
        return Some(found);
    }
    [address.resource_id(), interface.resource_id()]
        .iter()
        .filter_map(|id| graph.resource(id))
        .find_map(|it| hands_off(it, policy))
}
