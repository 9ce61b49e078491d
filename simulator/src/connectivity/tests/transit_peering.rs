use sandtable_model::Region;
use serde_json::{Value, json};

use super::{NOBODY, refuse, transit_gateway};
use crate::testing::{Account, text};

const OTHER: &str = "210987654321";

fn ask(from: &str, to: &str, account: &str, region: &str) -> Value {
    json!({"TransitGatewayId": from, "PeerTransitGatewayId": to, "PeerAccountId": account,
           "PeerRegion": region})
}

fn by_id(id: &str) -> Value {
    json!({"TransitGatewayAttachmentId": id})
}

fn state(account: &Account, id: &str) -> String {
    text(&account.see(id), "State")
}

const CREATE: &str = "CreateTransitGatewayPeeringAttachment";
const ACCEPT: &str = "AcceptTransitGatewayPeeringAttachment";

/// EC2 API reference, CreateTransitGatewayPeeringAttachment: the accepter must accept.
#[test]
fn both_sides_come_and_go_together() {
    let mut account = Account::new();
    let (one, _) = transit_gateway(&mut account);
    let (other, other_table) = transit_gateway(&mut account);
    let input = ask(&one, &other, "123456789012", "eu-central-1");
    let made = account.ok(CREATE, input.clone());
    let it = &made["TransitGatewayPeeringAttachment"];
    let id = text(it, "TransitGatewayAttachmentId");
    let accepter = text(it, "AccepterTransitGatewayAttachmentId");
    assert_eq!(it["State"], "initiatingRequest");
    refuse(
        &mut account,
        ACCEPT,
        by_id(&id),
        "IncorrectState",
        "is in invalid state",
    );
    account.pass(2);
    assert_eq!(state(&account, &accepter), "pendingAcceptance");
    let code = "DuplicateTransitGatewayAttachment";
    refuse(&mut account, CREATE, input, code, "non-deleted");
    account.ok(ACCEPT, by_id(&accepter));
    account.pass(61);
    for id in [&id, &accepter] {
        assert_eq!(state(&account, id), "available");
        // Peerings are neither associated nor propagated by default.
        assert_eq!(account.see(id)["Association"], Value::Null);
    }
    let route = json!({"TransitGatewayRouteTableId": other_table,
                       "DestinationCidrBlock": "10.0.0.0/8",
                       "TransitGatewayAttachmentId": accepter});
    account.ok("CreateTransitGatewayRoute", route);
    let input = json!({"TransitGatewayRouteTableId": other_table,
                       "TransitGatewayAttachmentId": accepter});
    let enable = "EnableTransitGatewayRouteTablePropagation";
    let says = "does not propagate routes";
    refuse(&mut account, enable, input, "UnsupportedOperation", says);
    let says =
        format!("{one} has non-deleted Transit Gateway Cross Region Peering Attachments: {id}.");
    let delete = "DeleteTransitGateway";
    let input = json!({"TransitGatewayId": one});
    refuse(&mut account, delete, input, "IncorrectState", &says);
    let gone = account.ok("DeleteTransitGatewayPeeringAttachment", by_id(&id));
    assert_eq!(gone["TransitGatewayPeeringAttachment"]["State"], "deleting");
    account.pass(61);
    for id in [&id, &accepter] {
        assert_eq!(state(&account, id), "deleted");
    }
    let table = account.see(&other_table);
    assert_eq!(table["Routes"][0]["State"], "blackhole");
    account.ok(delete, json!({"TransitGatewayId": one}));
    account.ok(delete, json!({"TransitGatewayId": other}));
}

/// A gateway of another account waits; one of this account must be where it is said to be.
#[test]
fn foreign_gateways_wait_and_own_ones_must_be_there() {
    let mut account = Account::new();
    let (own, _) = transit_gateway(&mut account);
    let nobody = format!("tgw-{NOBODY}");
    let input = ask(&own, &nobody, "123456789012", "eu-central-1");
    let code = "InvalidTransitGatewayID.NotFound";
    refuse(&mut account, CREATE, input, code, NOBODY);
    let input = ask(&own, &own, "123456789012", "eu-central-1");
    refuse(
        &mut account,
        CREATE,
        input,
        "InvalidParameterValue",
        "itself",
    );
    let made = account.ok(CREATE, ask(&own, &nobody, OTHER, "eu-west-1"));
    let id = text(
        &made["TransitGatewayPeeringAttachment"],
        "TransitGatewayAttachmentId",
    );
    account.pass(2);
    assert_eq!(state(&account, &id), "pendingAcceptance");
    refuse(
        &mut account,
        ACCEPT,
        by_id(&id),
        "AuthFailure",
        "permission",
    );
    let reject = "RejectTransitGatewayPeeringAttachment";
    refuse(
        &mut account,
        reject,
        by_id(&id),
        "AuthFailure",
        "permission",
    );
    let filters = json!([{"Name": "remote-owner-id", "Values": [OTHER]}]);
    let describe = "DescribeTransitGatewayPeeringAttachments";
    let shown = account.ok(describe, json!({"Filters": filters}));
    let shown = shown["TransitGatewayPeeringAttachments"]
        .as_array()
        .unwrap();
    assert_eq!(shown.len(), 1);
    account.ok("DeleteTransitGatewayPeeringAttachment", by_id(&id));
}

/// The id of either side is understood in both Regions.
#[test]
fn across_regions_either_id_is_understood() {
    let mut account = Account::new();
    let (own, _) = transit_gateway(&mut account);
    let far = Region::new("eu-west-1").unwrap();
    account.twin.ensure_region(&far);
    let near = std::mem::replace(&mut account.region, far);
    let (there, _) = transit_gateway(&mut account);
    account.region = near;
    let made = account.ok(CREATE, ask(&own, &there, "123456789012", "eu-west-1"));
    let it = &made["TransitGatewayPeeringAttachment"];
    let id = text(it, "TransitGatewayAttachmentId");
    let accepter = text(it, "AccepterTransitGatewayAttachmentId");
    account.pass(2);
    refuse(
        &mut account,
        ACCEPT,
        by_id(&id),
        "AuthFailure",
        "permission",
    );
    account.region = Region::new("eu-west-1").unwrap();
    account.ok("RejectTransitGatewayPeeringAttachment", by_id(&id));
    account.pass(61);
    assert_eq!(state(&account, &id), "rejected");
    assert_eq!(state(&account, &accepter), "rejected");
}
