//! Cells that look like waste to whoever looks at one resource at a time, and are not.

use sandtable_model::resource::{GroupRef, InterfaceStatus, InterfaceType};
use sandtable_model::{Kind, NetworkInterfaceId, Resource};
use serde_json::json;

use super::Builder;
use super::network::{Network, interface_of, nat_gateway, network, route};

/// A network whose private subnet leads to a NAT gateway, in which no instance runs.
fn egress(builder: &mut Builder, name: &str) -> Network {
    let network = network(builder, name);
    let (nat, _) = nat_gateway(builder, &network, &network.public, 40);
    route(
        builder,
        &network.private_table,
        &network.vpc,
        Some(&network.private),
        nat.as_str(),
    );
    network
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
    let group = Resource::deserialize_as(Kind::AutoScalingGroup, group);
    builder.add(group.expect("a plain group"));
}

/// The central way out of other VPCs: the only clients are the interfaces of a transit gateway
/// (waste catalogue, G1, guards).
pub(super) fn central_egress(builder: &mut Builder) {
    let network = egress(builder, "egress");
    let (kind, owner) = (InterfaceType::TransitGateway, "amazon-transit-gateway");
    let text = "Network Interface for Transit Gateway Attachment";
    managed_interface(builder, &network, kind, owner, text);
}

/// Functions that call out through the gateway: the interface is Lambda's.
pub(super) fn functions(builder: &mut Builder) {
    let network = egress(builder, "functions");
    let (kind, owner) = (InterfaceType::Lambda, "amazon-lambda");
    let text = "AWS Lambda VPC ENI-checkout-1f2e3d4c";
    managed_interface(builder, &network, kind, owner, text);
}

/// Empty and paid for, but a stack's: whoever deletes a part of it by hand breaks the stack.
pub(super) fn owned_by_stack(builder: &mut Builder) {
    let stack = format!("network-{}", builder.cells);
    builder.stack = Some(stack);
    egress(builder, "stack");
    builder.stack = None;
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
