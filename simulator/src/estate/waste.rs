//! What costs money for nothing, and what only looks like it.

use sandtable_model::{Tags, VolumeId};

use super::Builder;
use super::cell::{image, snapshot, volume};
use super::network::{address, group, interface_with_address, nat_gateway, network, route};

/// A VPC without any client of its NAT gateway, which routes still lead to (waste catalogue, G1).
pub(super) fn empty_vpc_with_nat(builder: &mut Builder) {
    let network = network(builder, "empty");
    let (nat, _) = nat_gateway(builder, &network, &network.public, 40);
    route(
        builder,
        &network.private_table,
        &network.vpc,
        Some(&network.private),
        nat.as_str(),
    );
}

/// Unattached volumes, orphan snapshots, idle addresses (one behind an unattached interface), a NAT
/// gateway that no route leads to and one that only a table without subnets leads to (waste catalogue,
/// V1, S2, N1, G15, G3, G4).
pub(super) fn loose_ends(builder: &mut Builder) {
    for _ in 0..3 {
        let size = builder.between(20, 500);
        let days = i64::from(builder.between(45, 400));
        volume(builder, size, days, Tags::new());
    }
    for _ in 0..2 {
        let gone = builder.id(VolumeId::from_number);
        snapshot(builder, &gone, 100, 200, "before the migration");
        address(builder, None);
    }
    let network = network(builder, "loose");
    interface_with_address(builder, &network);
    nat_gateway(builder, &network, &network.public, 40);
    let (nat, _) = nat_gateway(builder, &network, &network.private, 40);
    route(
        builder,
        &network.private_table,
        &network.vpc,
        None,
        nat.as_str(),
    );
}

/// A volume made yesterday, one that its owner wants to keep, a snapshot that an image is made of, and
/// a VPC without NAT gateway in which there is nothing but a group that nobody uses.
pub(super) fn near_misses(builder: &mut Builder) {
    volume(builder, 50, 1, Tags::new());
    let keep: Tags = [("keep", "true")].into_iter().collect();
    volume(builder, 50, 300, keep);
    image(builder);
    builder.spare(|builder| {
        let network = network(builder, "quiet");
        group(builder, &network.vpc, "unused", None);
    });
}
