//! Waste of the kinds around networks and instances: connections that lead nowhere, balancers without
//! targets, capacity and images that nobody uses, databases at rest.
//!
//! What shows only in metrics (idle databases, endpoints without bytes) is not planted: estates have
//! no series.

use sandtable_model::resource::{InstanceStateName, SecurityGroup, StorageTier};
use sandtable_model::{ImageId, InstanceId, VolumeId};

use super::balance::{classic_balancer, network_balancer, target_group};
use super::cell::{image, instance, snapshot, snapshot_of, stored};
use super::compute::{host, key_pair, placement_group, reservation, template};
use super::connect::{peering, transit, vpn_connection, vpn_gateway};
use super::database::{database, db_snapshot, subnet_group};
use super::network::{
    Network, address, group, group_cycle, interface_endpoint, network, other_subnet,
    second_network, table,
};
use super::{Builder, stack};

/// An empty VPC on a transit gateway and with a VPN that is down; another with a gateway that no
/// connection uses, and a peering without routes (waste catalogue, G25, G26, G27, G24).
pub(super) fn connections(builder: &mut Builder) {
    let one = network(builder, "idle");
    let (id, subnet) = (&one.private_table, Some(&one.private));
    table(builder, &one, id, subnet, Vec::new());
    let (attachment, _) = transit(builder, &one);
    builder.waste("G25", "attached, but nothing runs there", attachment);
    let gateway = vpn_gateway(builder, &one);
    let vpn = vpn_connection(builder, &gateway, false);
    builder.waste("G26", "both tunnels have been down for months", vpn);
    let other = second_network(builder, "unwired");
    let (id, subnet) = (&other.private_table, Some(&other.private));
    table(builder, &other, id, subnet, Vec::new());
    let gateway = vpn_gateway(builder, &other);
    builder.waste("G27", "attached, without a connection", gateway);
    let sides = ((&one.vpc, one.octet), (&other.vpc, other.octet));
    let unrouted = peering(builder, sides.0, sides.1, "active");
    builder.waste("G24", "no route leads to it on either side", unrouted);
}

/// Balancers without targets, one whose only target is stopped for months (with its address and
/// volumes), a target group of none (waste catalogue, L2, L3, G19, G16, G23).
pub(super) fn balancers(builder: &mut Builder) {
    let network = network(builder, "retired");
    let (id, subnet) = (&network.private_table, Some(&network.private));
    table(builder, &network, id, subnet, Vec::new());
    let guard = group(builder, &network.vpc, "web", None);
    let empty = network_balancer(builder, &network, "empty", &[]);
    builder.waste("L2", "its target group is empty", empty.id);
    let stopped = stopped_instance(builder, &network, &guard);
    let asleep = network_balancer(builder, &network, "asleep", &[stopped]);
    builder.waste("G19", "all its targets are stopped", asleep.id);
    let classic = classic_balancer(builder, &network, &guard, &[]);
    builder.waste("L3", "it has no instances", classic);
    let name = format!("orphan-{}", builder.cells);
    let (orphan, _) = target_group(builder, &network, &name, &[], &[]);
    builder.waste("G23", "no balancer forwards to it", orphan);
}

fn stopped_instance(builder: &mut Builder, network: &Network, guard: &SecurityGroup) -> InstanceId {
    let image = image(builder);
    let mut it = instance(builder, network, guard, &image, 8);
    it.state = InstanceStateName::Stopped.into();
    it.state_transition_reason = Some("User initiated (2026-02-01 09:00:00 GMT)".into());
    it.disable_api_termination = Some(false);
    let id = it.instance_id.clone();
    builder.add(it);
    builder.waste(
        "G16",
        "stopped for months, its volumes are paid for",
        id.clone(),
    );
    id
}

/// A reservation and a host without instances; a key, a placement group and a template that nothing
/// names; an address that a stack left behind (waste catalogue, G39, G23, G38).
pub(super) fn capacity(builder: &mut Builder) {
    let reserved = reservation(builder, 2, 2);
    builder.waste("G39", "none of the reserved instances runs", reserved);
    let host = host(builder);
    builder.waste("G39", "no instance is on the host", host);
    key_pair(builder);
    placement_group(builder);
    let image = image(builder);
    let name = format!("forgotten-{}", builder.cells);
    let unused = template(builder, &name, &[image], None);
    builder.waste("G23", "no group starts instances after it", unused);
    stack::owned(builder, "retired", "DELETE_COMPLETE", |builder| {
        let (left, _) = address(builder, None);
        builder.waste("G38", "its stack is deleted", left);
    });
}

/// An image that nobody uses, in each of several states; what deregistered ones left; templates that
/// still name them (waste catalogue, G31, G30, G32, S2).
pub(super) fn images(builder: &mut Builder) {
    for state in ["available", "disabled"] {
        let unused = stored(builder, |it| {
            it.state = state.into();
            it.deprecation_time = Some(Builder::days_ago(100));
            it.last_launched_time = Some(Builder::days_ago(190));
        });
        builder.waste("G31", "no instance, template or group uses it", unused);
    }
    let (gone, instance) = (
        builder.id(ImageId::from_number),
        builder.id(InstanceId::from_number),
    );
    let text = format!("Created by CreateImage({instance}) for {gone}");
    let volume = builder.id(VolumeId::from_number);
    let left = snapshot(builder, &volume, 8, 150, &text);
    builder.waste("G30", "its image is deregistered", left);
    let volume = builder.id(VolumeId::from_number);
    let archived = snapshot_of(builder, &volume, 500, 300, "closed books", |it| {
        it.storage_tier = Some(StorageTier::Archive);
    });
    builder.waste("S2", "archived, and its volume is gone", archived);
    builder.is_needed = true;
    let current = image(builder);
    let name = format!("pinned-{}", builder.cells);
    let pinned = template(builder, &name, &[gone, current], None);
    builder.is_needed = false;
    builder.waste(
        "G32",
        "its first version names an image that is gone",
        pinned,
    );
}

/// A database that was stopped and forgotten, a snapshot of one that is gone, a group of subnets
/// without databases (waste catalogue, G42, R6, R10).
pub(super) fn databases(builder: &mut Builder) {
    let mut network = network(builder, "reports");
    let (id, subnet) = (network.private_table.clone(), network.private.clone());
    table(builder, &network, &id, Some(&subnet), Vec::new());
    let other = other_subnet(builder, &mut network);
    let guard = group(builder, &network.vpc, "data", None);
    let stopped = database(builder, &network, &other, &guard, "stopped");
    builder.waste("G42", "stopped, its storage is paid for", stopped);
    let gone = format!("gone-{}", builder.cells);
    let left = db_snapshot(builder, &network, &gone, "final", "manual", (200, 100));
    builder.waste("R6", "its database is gone", left);
    let name = format!("unused-{}", builder.cells);
    let unused = subnet_group(builder, &network, &other, &name);
    builder.waste("R10", "no database is in it", unused);
}

/// A VPC in which there is nothing but an interface endpoint and groups that name each other (waste
/// catalogue, G11, G35).
pub(super) fn endpoints(builder: &mut Builder) {
    let network = network(builder, "quiet");
    let (id, subnet) = (&network.private_table, Some(&network.private));
    table(builder, &network, id, subnet, Vec::new());
    let guard = group(builder, &network.vpc, "endpoint", None);
    let endpoint = interface_endpoint(builder, &network, &guard);
    builder.waste("G11", "nothing runs that could call it", endpoint);
    for id in group_cycle(builder, &network.vpc) {
        builder.waste("G35", "only the other group names it", id);
    }
}
