//! What costs money for nothing, and what only looks like it.

use sandtable_model::{Tags, VolumeId};

use super::Builder;
use super::cell::{snapshot, stored, volume};
use super::network::{address, group, interface_with_address, nat_gateway, network, route};

/// A VPC without any client of its NAT gateway, which routes still lead to (waste catalogue, G1).
pub(super) fn empty_vpc_with_nat(builder: &mut Builder) {
    let network = network(builder, "empty");
    let (nat, _) = nat_gateway(builder, &network, &network.public, 40);
    route(
        builder,
        &network,
        &network.private_table,
        Some(&network.private),
        nat.as_str(),
    );
    builder.waste(
        "G1",
        "nothing runs that could use its NAT gateway",
        network.vpc,
    );
}

/// Unattached volumes, orphan snapshots, idle addresses (one behind an unattached interface), a NAT
/// gateway that no route leads to and one that only a table without subnets leads to (waste catalogue,
/// V1, S2, N1, G15, G3, G4).
pub(super) fn loose_ends(builder: &mut Builder) {
    for _ in 0..3 {
        let size = builder.between(20, 500);
        let days = i64::from(builder.between(45, 400));
        let id = volume(builder, size, days, Tags::new());
        builder.waste("V1", "attached to nothing", id);
    }
    for _ in 0..2 {
        let gone = builder.id(VolumeId::from_number);
        let left = snapshot(builder, &gone, 100, 200, "before the migration");
        builder.waste("S2", "its volume is gone", left);
        let (idle, _) = address(builder, None);
        builder.waste("N1", "on nothing", idle);
    }
    let network = network(builder, "loose");
    let held = interface_with_address(builder, &network);
    builder.waste("G15", "on an interface that is attached to nothing", held);
    let (unrouted, _) = nat_gateway(builder, &network, &network.public, 40);
    builder.waste("N5", "no route leads to it", unrouted);
    let (nat, _) = nat_gateway(builder, &network, &network.private, 40);
    let id = &network.private_table;
    route(builder, &network, id, None, nat.as_str());
    builder.waste("G4", "only a table without subnets leads to it", nat);
}

/// A volume made yesterday, one that its owner wants to keep, a snapshot that an image is made of, and
/// a VPC without NAT gateway in which there is nothing but a group that nobody uses.
pub(super) fn near_misses(builder: &mut Builder) {
    let young = volume(builder, 50, 1, Tags::new());
    builder.near("V1", "made yesterday", young);
    let keep: Tags = [("keep", "true")].into_iter().collect();
    let kept = volume(builder, 50, 300, keep);
    builder.near("V1", "its owner wants to keep it", kept);
    let mut made_of = None;
    stored(builder, |it| made_of = it.snapshot_ids().next().cloned());
    if let Some(id) = made_of {
        builder.near("S2", "a registered image is made of it", id);
    }
    builder.spare(|builder| {
        let network = network(builder, "quiet");
        group(builder, &network.vpc, "unused", None);
    });
}
