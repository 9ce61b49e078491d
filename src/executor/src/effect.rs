//! What a call brings about, as far as its name and parameters tell.

use sandtable_model::resource::IpPermission;
use sandtable_model::{Action, Condition, Destination, ResourceId, RouteTarget, Step};

/// The conditions by which it is seen that a step is done: the step's own effects, or what its call
/// brings about by nature when the plan names none.
pub(crate) fn effects_of(step: &Step) -> Vec<Condition> {
    if step.effects.is_empty() {
        natural_effects(&step.action)
    } else {
        step.effects.clone()
    }
}

/// What a call brings about by nature; empty where that cannot be told from the call alone.
pub fn natural_effects(action: &Action) -> Vec<Condition> {
    let target = action.target();
    match action {
        Action::CreateSnapshot {
            volume_id,
            description,
            ..
        } => vec![Condition::Snapshotted {
            volume: volume_id.clone(),
            description: description.to_string(),
        }],
        Action::DisassociateAddress { .. } => vec![no_fact(target, "AssociationId")],
        Action::AssociateAddress {
            network_interface_id,
            ..
        } => vec![fact(
            target,
            "NetworkInterfaceId",
            network_interface_id.as_str(),
        )],
        Action::DeleteRoute { destination, .. } => vec![no_fact(target, &route(destination))],
        Action::CreateRoute {
            destination,
            target: leads_to,
            ..
        } => {
            let name = format!("{}.{}", route(destination), target_member(leads_to));
            vec![fact(target, &name, leads_to.as_str())]
        }
        Action::DetachInternetGateway { vpc_id, .. } => {
            vec![no_fact(target, &format!("Attachments[{vpc_id}]"))]
        }
        Action::AttachInternetGateway { vpc_id, .. } => {
            let name = format!("Attachments[{vpc_id}].State");
            vec![fact(target, &name, "available")]
        }
        Action::AssociateRouteTable { subnet_id, .. } => {
            let name = format!("Associations[{subnet_id}].AssociationState.State");
            vec![fact(target, &name, "associated")]
        }
        // Facts name associations by their subnet, and the call names the association alone.
        Action::DisassociateRouteTable { .. } => Vec::new(),
        Action::RevokeSecurityGroupIngress { ip_permissions, .. } => {
            rules(&target, "IpPermissions", ip_permissions, false)
        }
        Action::RevokeSecurityGroupEgress { ip_permissions, .. } => {
            rules(&target, "IpPermissionsEgress", ip_permissions, false)
        }
        Action::AuthorizeSecurityGroupIngress { ip_permissions, .. } => {
            rules(&target, "IpPermissions", ip_permissions, true)
        }
        Action::AuthorizeSecurityGroupEgress { ip_permissions, .. } => {
            rules(&target, "IpPermissionsEgress", ip_permissions, true)
        }
        Action::DeleteVolume { .. }
        | Action::DeleteSnapshot { .. }
        | Action::ReleaseAddress { .. }
        | Action::DeleteNetworkInterface { .. }
        | Action::DeleteNatGateway { .. }
        | Action::DeleteVpcEndpoints { .. }
        | Action::DeleteInternetGateway { .. }
        | Action::DeleteRouteTable { .. }
        | Action::DeleteSubnet { .. }
        | Action::DeleteSecurityGroup { .. }
        | Action::DeleteVpc { .. } => vec![Condition::Gone { resource: target }],
    }
}

fn fact(resource: ResourceId, name: &str, value: &str) -> Condition {
    Condition::Fact {
        resource,
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

fn no_fact(resource: ResourceId, name: &str) -> Condition {
    Condition::NoFact {
        resource,
        name: name.to_owned(),
    }
}

fn route(destination: &Destination) -> String {
    format!("Routes[{}]", destination.as_str())
}

const fn target_member(target: &RouteTarget) -> &'static str {
    match target {
        RouteTarget::GatewayId(_) => "GatewayId",
        RouteTarget::NatGatewayId(_) => "NatGatewayId",
        RouteTarget::NetworkInterfaceId(_) => "NetworkInterfaceId",
        RouteTarget::TransitGatewayId(_) => "TransitGatewayId",
        RouteTarget::VpcPeeringConnectionId(_) => "VpcPeeringConnectionId",
        RouteTarget::EgressOnlyInternetGatewayId(_) => "EgressOnlyInternetGatewayId",
    }
}

/// A rule is a fact whose name holds the whole rule (see `facts_of`).
fn rules(
    group: &ResourceId,
    list: &str,
    permissions: &[IpPermission],
    present: bool,
) -> Vec<Condition> {
    let name = |rule: &IpPermission| {
        let value = serde_json::to_value(rule).unwrap_or_default();
        format!("{list}[{value}]")
    };
    permissions
        .iter()
        .map(|rule| {
            if present {
                fact(group.clone(), &name(rule), "present")
            } else {
                no_fact(group.clone(), &name(rule))
            }
        })
        .collect()
}
