//! What was under way when a snapshot was taken goes on.

use sandtable_model::{Duration, Snapshot};
use serde_json::{Value, json};

use super::{gateways, subnet, transit_gateway, vpc};
use crate::testing::{Account, text};
use crate::{Twin, TwinOptions};

/// An account with something of every kind on its way.
fn under_way() -> Account {
    let mut account = Account::new();
    let own = vpc(&mut account, "10.0.0.0/16");
    let other = vpc(&mut account, "10.1.0.0/16");
    let place = subnet(&mut account, &own, "10.0.0.0/24", "a");
    let (gateway, _) = transit_gateway(&mut account);
    let (private, customer) = gateways(&mut account, &own);
    let input = json!({"TransitGatewayId": gateway, "VpcId": own, "SubnetIds": [place]});
    account.ok("CreateTransitGatewayVpcAttachment", input);
    account.ok("CreateTransitGateway", json!({}));
    let input = json!({"Type": "ipsec.1", "CustomerGatewayId": customer, "VpnGatewayId": private,
                       "Options": {"StaticRoutesOnly": true}});
    account.ok("CreateVpnConnection", input);
    let input = json!({"VpcId": own, "PeerVpcId": other});
    account.ok("CreateVpcPeeringConnection", input);
    let input = json!({"VpnGatewayId": private, "VpcId": own});
    account.ok("DetachVpnGateway", input);
    let input = json!({"Type": "ipsec.1", "IpAddress": "203.0.113.99"});
    account.ok("CreateCustomerGateway", input);
    account
}

/// States by id.
fn states(twin: &Twin) -> Vec<(String, Value)> {
    let all = twin.state().everything();
    let all = all.map(|(_, it)| {
        let value = it.to_value().unwrap();
        let state = value.get("State").or(value.get("Status"));
        let attachments = value.get("VpcAttachments").cloned();
        let told = json!([state, attachments, value.get("Association")]);
        (it.id().to_string(), told)
    });
    let mut all: Vec<(String, Value)> = all.collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

#[test]
fn lifecycles_go_on_from_a_snapshot() {
    let account = under_way();
    let snapshot: Snapshot = account.twin.snapshot();
    let options = TwinOptions {
        call_time: Duration::ZERO,
        ..TwinOptions::default()
    };
    let mut resumed = Twin::from_snapshot(&snapshot, options);
    let mut usual = account.twin;
    assert_eq!(states(&resumed), states(&usual));
    for twin in [&mut resumed, &mut usual] {
        twin.advance(Duration::from_secs(600));
    }
    assert_eq!(states(&resumed), states(&usual));
    let pending = states(&resumed);
    let pending = pending.iter().filter(|(_, it)| {
        let text = it.to_string();
        text.contains("pending\"") || text.contains("ing\"")
    });
    assert_eq!(pending.collect::<Vec<_>>(), Vec::<&(String, Value)>::new());
    // The request for peering waits, and expires when it would have.
    for twin in [&mut resumed, &mut usual] {
        twin.advance(Duration::from_days(7));
    }
    assert_eq!(states(&resumed), states(&usual));
}

/// A snapshot of what is over forgets it as the twin would have.
#[test]
fn what_is_over_is_forgotten() {
    let mut account = Account::new();
    let (gateway, _) = transit_gateway(&mut account);
    account.ok("DeleteTransitGateway", json!({"TransitGatewayId": gateway}));
    account.pass(100);
    let mut resumed = Twin::from_snapshot(&account.twin.snapshot(), TwinOptions::default());
    resumed.advance(Duration::from_secs(3700));
    assert!(!states(&resumed).iter().any(|(id, _)| *id == gateway));
    let shown = account.ok("DescribeTransitGateways", json!({}));
    assert_eq!(text(&shown["TransitGateways"][0], "State"), "deleted");
}
