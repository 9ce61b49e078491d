//! Cells that look like waste to whoever looks at one resource at a time, and are not.

use sandtable_model::resource::{GroupRef, InterfaceStatus, InterfaceType};
use sandtable_model::{Kind, NetworkInterfaceId};
use serde_json::json;

use super::connect::{next_transit_gateway, route_to_transit, transit};
use super::network::{Network, interface_of, nat_gateway, network, network_with, route};
use super::{Builder, stack};

/// A network whose private subnet leads to a NAT gateway, in which no instance runs.
pub(super) fn egress(builder: &mut Builder, name: &str) -> Network {
    let network = network(builder, name);
    lead_out(builder, &network);
    network
}

/// A NAT gateway in the public subnet, to which the private one leads.
fn lead_out(builder: &mut Builder, network: &Network) {
    let (nat, _) = nat_gateway(builder, network, &network.public, 40);
    route(
        builder,
        network,
        &network.private_table,
        Some(&network.private),
        nat.as_str(),
    );
}

/// Nothing runs tonight, but an Auto Scaling group may launch here tomorrow (waste catalogue,
/// section 2, `future(v)`).
pub(super) fn scaled_to_zero(builder: &mut Builder) {
    let network = egress(builder, "nightly");
    let name = format!("batch-{}", builder.cells);
    let group = json!({
        "AutoScalingGroupId": format!("asg-{}/{name}", builder.region),
        "AutoScalingGroupName": name,
        "MinSize": 0, "MaxSize": 20, "DesiredCapacity": 0,
        "VPCZoneIdentifier": network.private,
    });
    builder.put(Kind::AutoScalingGroup, group);
    let text = "an Auto Scaling group may start instances there";
    builder.near("G1", text, network.vpc);
}

/// The central way out of other VPCs: the only clients are the interfaces of a transit gateway
/// (waste catalogue, G1, guards).
pub(super) fn central_egress(builder: &mut Builder) {
    // Replies come to the gateway's subnet, and go back from there.
    let gateway = next_transit_gateway(builder);
    let network = network_with(builder, "egress", vec![route_to_transit(&gateway)]);
    lead_out(builder, &network);
    let (attachment, _) = transit(builder, &network);
    builder.near("G25", "other networks go out through it", attachment);
    builder.near("G1", "other networks go out through it", network.vpc);
}

/// Functions that call out through the gateway: the interface is Lambda's.
pub(super) fn functions(builder: &mut Builder) {
    let network = egress(builder, "functions");
    let (kind, owner) = (InterfaceType::Lambda, "amazon-lambda");
    let text = "AWS Lambda VPC ENI-checkout-1f2e3d4c";
    managed_interface(builder, &network, kind, owner, text);
    builder.near("G1", "functions call out of it", network.vpc);
}

/// Empty and paid for, but a stack's: whoever deletes a part of it by hand breaks the stack.
pub(super) fn owned_by_stack(builder: &mut Builder) {
    stack::owned(builder, "network", "CREATE_COMPLETE", |builder| {
        let network = egress(builder, "stack");
        builder.near("G1", "a stack owns it", network.vpc);
    });
}

fn managed_interface(
    builder: &mut Builder,
    network: &Network,
    kind: InterfaceType,
    owner: &str,
    text: &str,
) {
    let id = builder.id(NetworkInterfaceId::from_number);
    let ip = format!("10.{}.1.77", network.octet).into();
    let groups: Vec<GroupRef> = vec![network.default_group.clone()];
    let mut it = interface_of(builder, network, &network.private, &id, &ip, groups);
    it.interface_type = kind;
    it.description = text.into();
    it.requester_id = Some(owner.into());
    it.requester_managed = true;
    it.status = InterfaceStatus::InUse;
    builder.add(it);
}
