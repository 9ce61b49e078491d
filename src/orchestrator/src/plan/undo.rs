//! How each step is taken back: by calls where calls restore what was there, else in words.

use sandtable_model::SecurityGroupId;
use sandtable_model::resource::{Address, RouteTable};
use sandtable_model::resource::{IpPermission, Route};
use sandtable_model::{
    Action, Destination, InternetGatewayId, NetworkInterfaceId, Reversibility, RouteTarget,
    SubnetId, Undo, VpcId,
};

fn reversible(action: Action, note: &str) -> Undo {
    Undo {
        reversibility: Reversibility::Reversible,
        actions: vec![action],
        note: note.to_owned(),
    }
}

pub(super) fn recoverable(note: impl Into<String>) -> Undo {
    Undo {
        reversibility: Reversibility::Recoverable,
        actions: Vec::new(),
        note: note.into(),
    }
}

pub(super) fn irreversible(note: impl Into<String>) -> Undo {
    Undo {
        reversibility: Reversibility::Irreversible,
        actions: Vec::new(),
        note: note.into(),
    }
}

/// A deleted route comes back with the same destination and target, while the target exists.
pub(super) fn route(table: &RouteTable, route: &Route, destination: &Destination) -> Undo {
    let table = table.route_table_id.clone();
    let Some(target) = RouteTarget::of(route) else {
        let to = route.target();
        return recoverable(format!("make the route to {to} again by hand"));
    };
    let create = Action::CreateRoute {
        route_table_id: table,
        destination: destination.clone(),
        target,
    };
    reversible(create, "the same route, as long as its target exists")
}

pub(super) fn address_association(address: &Address, interface: &NetworkInterfaceId) -> Undo {
    let associate = Action::AssociateAddress {
        allocation_id: address.allocation_id.clone(),
        network_interface_id: interface.clone(),
        private_ip_address: address.private_ip_address.clone(),
    };
    reversible(associate, "the association gets another id")
}

pub(super) fn table_association(table: &RouteTable, subnet: &SubnetId) -> Undo {
    let associate = Action::AssociateRouteTable {
        route_table_id: table.route_table_id.clone(),
        subnet_id: subnet.clone(),
    };
    reversible(associate, "the association gets another id")
}

pub(super) fn gateway_attachment(gateway: &InternetGatewayId, vpc: &VpcId) -> Undo {
    let attach = Action::AttachInternetGateway {
        internet_gateway_id: gateway.clone(),
        vpc_id: vpc.clone(),
    };
    reversible(attach, "routes to the gateway are active again at once")
}

pub(super) fn rules(group: &SecurityGroupId, rules: &[IpPermission], ingress: bool) -> Undo {
    let (group_id, ip_permissions) = (group.clone(), rules.to_vec());
    let authorize = if ingress {
        Action::AuthorizeSecurityGroupIngress {
            group_id,
            ip_permissions,
        }
    } else {
        Action::AuthorizeSecurityGroupEgress {
            group_id,
            ip_permissions,
        }
    };
    reversible(authorize, "the same rules; AWS gives each another id")
}
