//! VPCs that are alive. What many accounts have only a little of (load balancers, databases, ways to
//! other networks) is in one of several.

use sandtable_model::resource::{Instance, Route};
use sandtable_model::{ImageId, InstanceId, SecurityGroupId};

use super::Builder;
use super::around::{egress_only, prefix_list, reserved_addresses};
use super::balance::{
    Balancer, classic_balancer, endpoint_service, network_balancer, target_group,
};
use super::cell::{image, instance};
use super::compute::{
    host, is_scaled, key_pair, placement_group, reservation, scaling_group, scaling_name, template,
};
use super::connect::{
    peering, route_to_office, route_to_peer, route_to_transit, transit, vpn_connection, vpn_gateway,
};
use super::database::database;
use super::network::{
    Network, gateway_endpoint, group, group_of, https_from_list, interface_endpoint, nat_gateway,
    network, other_subnet, outward, second_network, table,
};

/// How many instances of a cell belong to its Auto Scaling group, when it has one.
const SCALED: usize = 2;

/// A VPC with a NAT gateway in use, instances that share groups and an image, volumes with chains of
/// snapshots, and endpoints.
pub(super) fn living_vpc(builder: &mut Builder) {
    let mut network = network(builder, "live");
    let (nat, _) = nat_gateway(builder, &network, &network.public, 1);
    let mut routes = vec![outward(nat.as_str())];
    routes.extend(ways(builder, &network));
    let (id, subnet) = (&network.private_table, Some(&network.private));
    if routes.iter().any(|it| it.state.as_str() == "blackhole") {
        builder.waste("G36", "its peering is deleted", id.clone());
    }
    table(builder, &network, id, subnet, routes);
    let web = group(builder, &network.vpc, "web", None);
    let data = group(builder, &network.vpc, "data", Some(&web.group_id));
    let image = image(builder);
    let mut instances: Vec<Instance> = Vec::new();
    for index in 0..6 {
        let group = if index % 2 == 0 { &web } else { &data };
        instances.push(instance(builder, &network, group, &image, index));
    }
    let scaled = builder.nth(3, 1);
    placed(builder, &mut instances);
    if scaled {
        let members = instances.iter_mut().take(SCALED);
        members.for_each(|it| is_scaled(builder, it));
    }
    let ids: Vec<InstanceId> = instances.iter().map(|it| it.instance_id.clone()).collect();
    instances.into_iter().for_each(|it| builder.add(it));
    gateway_endpoint(builder, &network);
    interface_endpoint(builder, &network, &web);
    if scaled {
        let members = ids.get(..SCALED).unwrap_or_default();
        scaled_group(builder, &network, (&image, &web.group_id), members);
    }
    if builder.nth(3, 2) {
        let balancer = network_balancer(builder, &network, "net", &ids);
        shared(builder, &balancer);
    }
    if builder.nth(8, 3) {
        classic_balancer(builder, &network, &web, &ids);
    }
    if builder.nth(5, 2) {
        let other = other_subnet(builder, &mut network);
        database(builder, &network, &other, &data, "available");
    }
    extras(builder, &network);
}

/// One balancer in three stands behind an endpoint service.
fn shared(builder: &mut Builder, balancer: &Balancer) {
    if builder.nth(9, 2) {
        endpoint_service(builder, balancer);
    }
}

/// The group that keeps some of the instances, with its template; one in two has a spare target group
/// for the next release (waste catalogue, G23, guards).
fn scaled_group(
    builder: &mut Builder,
    network: &Network,
    (image, guard): (&ImageId, &SecurityGroupId),
    members: &[InstanceId],
) {
    let name = scaling_name(builder);
    let images = [image.clone(), image.clone()];
    let template = template(builder, &name, &images, Some(guard));
    builder.near("G23", "an Auto Scaling group uses it", template.clone());
    let mut targets = Vec::new();
    if builder.nth(2, 1) {
        let (id, arn) = target_group(builder, network, &format!("next-{name}"), &[], &[]);
        builder.near("G23", "an Auto Scaling group registers with it", id);
        targets.push(arn);
    }
    scaling_group(builder, &network.private, &template, members, &targets);
}

/// Keys, placement and capacity of the instances of some cells.
fn placed(builder: &mut Builder, instances: &mut [Instance]) {
    if builder.nth(3, 0) {
        let name = key_pair(builder);
        let all = instances.iter_mut();
        all.for_each(|it| it.key_name = Some(name.clone()));
    }
    // Each on instances of its own: spread, reserved and dedicated do not go together.
    if let [.., spread, reserved, dedicated] = instances {
        if builder.nth(6, 1) {
            let (id, name) = placement_group(builder);
            spread.placement.group_id = Some(id);
            spread.placement.group_name = Some(name);
        }
        if builder.nth(8, 0) {
            let id = reservation(builder, 1, 0);
            builder.near("G39", "an instance runs in it", id.clone());
            reserved.capacity_reservation_id = Some(id);
        }
        if builder.nth(8, 4) {
            let id = host(builder);
            builder.near("G39", "an instance runs on it", id.clone());
            dedicated.placement.host_id = Some(id);
            dedicated.placement.tenancy = Some("host".into());
        }
    }
}

/// Routes from a network to others, with what they lead over.
fn ways(builder: &mut Builder, network: &Network) -> Vec<Route> {
    let mut routes = Vec::new();
    if builder.nth(6, 4) {
        let (attachment, gateway) = transit(builder, network);
        builder.near("G25", "instances use it", attachment);
        routes.push(route_to_transit(&gateway));
    }
    if builder.nth(8, 5) {
        routes.push(peer(builder, network));
    }
    if builder.nth(8, 6) {
        let peer = second_network(builder, "former");
        let (id, subnet) = (&peer.private_table, Some(&peer.private));
        let sides = ((&network.vpc, network.octet), (&peer.vpc, peer.octet));
        let over = peering(builder, sides.0, sides.1, "deleted");
        table(builder, &peer, id, subnet, Vec::new());
        routes.push(route_to_peer(&over, peer.octet, false));
    }
    if builder.nth(8, 7) {
        let gateway = vpn_gateway(builder, network);
        let connection = vpn_connection(builder, &gateway, true);
        builder.near("G26", "both tunnels are up", connection);
        builder.near("G27", "a connection uses it", gateway.clone());
        routes.push(route_to_office(&gateway));
    }
    routes
}

/// A second network with an instance that this one talks to.
fn peer(builder: &mut Builder, network: &Network) -> Route {
    let peer = second_network(builder, "shared");
    let sides = ((&network.vpc, network.octet), (&peer.vpc, peer.octet));
    let id = peering(builder, sides.0, sides.1, "active");
    builder.near("G24", "both sides route over it", id.clone());
    let back = route_to_peer(&id, network.octet, true);
    let (table_id, subnet) = (&peer.private_table, Some(&peer.private));
    table(builder, &peer, table_id, subnet, vec![back]);
    let guard = group(builder, &peer.vpc, "directory", None);
    let image = image(builder);
    let it = instance(builder, &peer, &guard, &image, 1);
    builder.add(it);
    route_to_peer(&id, peer.octet, true)
}

fn extras(builder: &mut Builder, network: &Network) {
    if builder.nth(8, 1) {
        let list = prefix_list(builder);
        let id = builder.id(SecurityGroupId::from_number);
        let rules = vec![https_from_list(&list)];
        group_of(builder, &network.vpc, id, "offices", rules);
    }
    if builder.nth(8, 2) {
        egress_only(builder, network);
    }
    if builder.nth(8, 6) {
        reserved_addresses(builder, network);
    }
}
