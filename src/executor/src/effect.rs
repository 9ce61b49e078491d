//! What a call brings about, as far as its name and parameters tell.

use sandtable_model::resource::IpPermission;
use sandtable_model::{
    Action, Condition, Destination, ResourceId, RouteTarget, SecurityGroupId, Step,
};

use crate::rules::RuleEffect;

/// Something by which it is seen that a call took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A condition holds.
    Holds(Condition),
    /// A security group has rules, or has not.
    Rules(RuleEffect),
}

/// What shows that a step is done: the step's own effects, or what its call brings about by nature
/// when the plan names none.
pub(crate) fn effects_of(step: &Step) -> Vec<Effect> {
    if step.effects.is_empty() {
        natural_effects(&step.action)
    } else {
        step.effects.iter().cloned().map(Effect::Holds).collect()
    }
}

/// What a call brings about by nature; empty where that cannot be told from the call alone.
pub(crate) fn natural_effects(action: &Action) -> Vec<Effect> {
    let rules = |group: &SecurityGroupId, egress, rules: &[IpPermission], present| {
        vec![Effect::Rules(RuleEffect {
            group: group.clone(),
            egress,
            rules: rules.to_vec(),
            present,
        })]
    };
    match action {
        Action::RevokeSecurityGroupIngress {
            group_id,
            ip_permissions,
        } => rules(group_id, false, ip_permissions, false),
        Action::RevokeSecurityGroupEgress {
            group_id,
            ip_permissions,
        } => rules(group_id, true, ip_permissions, false),
        Action::AuthorizeSecurityGroupIngress {
            group_id,
            ip_permissions,
        } => rules(group_id, false, ip_permissions, true),
        Action::AuthorizeSecurityGroupEgress {
            group_id,
            ip_permissions,
        } => rules(group_id, true, ip_permissions, true),
        other => natural_condition(other)
            .map(Effect::Holds)
            .into_iter()
            .collect(),
    }
}

fn natural_condition(action: &Action) -> Option<Condition> {
    let target = action.target();
    Some(match action {
        Action::CreateSnapshot {
            volume_id,
            description,
            ..
        } => Condition::Snapshotted {
            volume: volume_id.clone(),
            description: description.to_string(),
        },
        Action::DisassociateAddress { .. } => no_fact(target, "AssociationId"),
        Action::AssociateAddress {
            network_interface_id,
            ..
        } => fact(target, "NetworkInterfaceId", network_interface_id.as_str()),
        Action::DeleteRoute { destination, .. } => no_fact(target, &route(destination)),
        Action::CreateRoute {
            destination,
            target: leads_to,
            ..
        } => {
            let name = format!("{}.{}", route(destination), target_member(leads_to));
            fact(target, &name, leads_to.as_str())
        }
        Action::DetachInternetGateway { vpc_id, .. } => {
            no_fact(target, &format!("Attachments[{vpc_id}]"))
        }
        Action::AttachInternetGateway { vpc_id, .. } => {
            let name = format!("Attachments[{vpc_id}].State");
            fact(target, &name, "available")
        }
        Action::AssociateRouteTable { subnet_id, .. } => {
            let name = format!("Associations[{subnet_id}].AssociationState.State");
            fact(target, &name, "associated")
        }
        // Facts name associations by their subnet, and the call names the association alone.
        Action::DisassociateRouteTable { .. } => return None,
        Action::RevokeSecurityGroupIngress { .. }
        | Action::RevokeSecurityGroupEgress { .. }
        | Action::AuthorizeSecurityGroupIngress { .. }
        | Action::AuthorizeSecurityGroupEgress { .. } => return None,
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
        | Action::DeleteVpc { .. } => Condition::Gone { resource: target },
    })
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
