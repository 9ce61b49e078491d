//! Whatever is called in whatever order, nothing is left dangling.

use proptest::prelude::*;
use sandtable_model::Kind;
use serde_json::{Value, json};

use super::{Attached, gateways, vpc};
use crate::testing::{Account, text};
use crate::tests::invariants::check;

/// Operations on one resource: name, parameter, kind.
const OPERATIONS: &[(&str, &str, Kind)] = &[
    (
        "AcceptVpcPeeringConnection",
        "VpcPeeringConnectionId",
        Kind::VpcPeeringConnection,
    ),
    ("AttachVpnGateway", "VpnGatewayId", Kind::VpnGateway),
    (
        "CreateTransitGatewayVpcAttachment",
        "TransitGatewayId",
        Kind::TransitGateway,
    ),
    ("CreateVpcPeeringConnection", "VpcId", Kind::Vpc),
    (
        "CreateVpnConnection",
        "CustomerGatewayId",
        Kind::CustomerGateway,
    ),
    (
        "DeleteCustomerGateway",
        "CustomerGatewayId",
        Kind::CustomerGateway,
    ),
    ("DeleteSubnet", "SubnetId", Kind::Subnet),
    (
        "DeleteTransitGateway",
        "TransitGatewayId",
        Kind::TransitGateway,
    ),
    (
        "DeleteTransitGatewayVpcAttachment",
        "TransitGatewayAttachmentId",
        Kind::TransitGatewayAttachment,
    ),
    ("DeleteVpc", "VpcId", Kind::Vpc),
    (
        "DeleteVpcPeeringConnection",
        "VpcPeeringConnectionId",
        Kind::VpcPeeringConnection,
    ),
    (
        "DeleteVpnConnection",
        "VpnConnectionId",
        Kind::VpnConnection,
    ),
    ("DeleteVpnGateway", "VpnGatewayId", Kind::VpnGateway),
    ("DetachVpnGateway", "VpnGatewayId", Kind::VpnGateway),
    (
        "RejectVpcPeeringConnection",
        "VpcPeeringConnectionId",
        Kind::VpcPeeringConnection,
    ),
];

fn nth(account: &Account, kind: Kind, index: usize) -> Option<String> {
    let all = account.twin.state().list(&account.region, kind);
    let ids: Vec<String> = all.map(|it| it.id().to_string()).collect();
    ids.get(index % ids.len().max(1)).cloned()
}

/// Makes a call by numbers; says which operation it was, if AWS would have allowed it.
fn make(account: &mut Account, (operation, target, other): (usize, usize, usize)) -> &'static str {
    let (name, parameter, kind) = OPERATIONS[operation];
    let Some(id) = nth(account, kind, target) else {
        return "";
    };
    let mut input = json!({parameter: id});
    let another =
        |account: &Account, kind| nth(account, kind, other).map_or(Value::Null, Value::from);
    match name {
        "AttachVpnGateway" | "DetachVpnGateway" => input["VpcId"] = another(account, Kind::Vpc),
        "CreateVpcPeeringConnection" => input["PeerVpcId"] = another(account, Kind::Vpc),
        "CreateVpnConnection" => {
            input["Type"] = json!("ipsec.1");
            input["VpnGatewayId"] = another(account, Kind::VpnGateway);
        }
        "CreateTransitGatewayVpcAttachment" => {
            let Some(subnet) = nth(account, Kind::Subnet, other) else {
                return "";
            };
            input["VpcId"] = account.see(&subnet)["VpcId"].clone();
            input["SubnetIds"] = json!([subnet]);
        }
        _ => {}
    }
    match account.call(name, input) {
        Ok(_) => name,
        Err(_) => "",
    }
}

/// A VPC at a transit gateway and at a virtual private gateway with a connection, and another one.
fn start() -> Account {
    let Attached {
        mut account,
        vpc: own,
        ..
    } = Attached::new();
    vpc(&mut account, "10.1.0.0/16");
    let (gateway, customer) = gateways(&mut account, &own);
    let input = json!({"Type": "ipsec.1", "CustomerGatewayId": customer, "VpnGatewayId": gateway});
    let made = account.ok("CreateVpnConnection", input);
    assert!(text(&made["VpnConnection"], "VpnConnectionId").starts_with("vpn-"));
    account
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_left_dangling(
        moves in prop::collection::vec(
            (0..OPERATIONS.len(), 0..64_usize, 0..64_usize, 0..200_i64), 1..60,
        ),
    ) {
        let mut account = start();
        check(account.twin.state());
        for (operation, target, other, seconds) in moves {
            make(&mut account, (operation, target, other));
            check(account.twin.state());
            account.pass(seconds);
            check(account.twin.state());
        }
        account.pass(10 * 86400);
        check(account.twin.state());
    }
}

/// The property above would hold of a twin that refuses everything, so this one looks that it does
/// not.
#[test]
fn every_move_is_allowed_somewhere() {
    let mut allowed = std::collections::BTreeSet::new();
    let mut numbers = crate::IdSource::new(1);
    for _ in 0..60 {
        let mut account = start();
        for _ in 0..60 {
            let mut below = |bound: u64| usize::try_from(numbers.below(bound)).unwrap();
            let call = (below(OPERATIONS.len() as u64), below(64), below(64));
            let seconds = i64::try_from(below(200)).unwrap();
            allowed.insert(make(&mut account, call));
            account.pass(seconds);
        }
    }
    allowed.remove("");
    let all = OPERATIONS.iter().map(|(name, _, _)| *name);
    assert_eq!(allowed, all.collect());
}
