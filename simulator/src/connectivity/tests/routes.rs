//! Routes whose targets a snapshot does not show, or shows in part.

use sandtable_model::ResourceId;
use sandtable_model::resource::{Route, RouteTable};
use serde_json::json;

use super::{main_table, refuse, route_state, transit_gateway, vpc};
use crate::testing::Account;

fn put(account: &mut Account, table: &str, route: Route) {
    let id = ResourceId::new(table).unwrap();
    account
        .twin
        .state
        .update(id, |it: &mut RouteTable| it.routes.push(route));
}

/// Of another account, or of a kind that was not looked at: the route stays and can be put back.
#[test]
fn routes_to_what_is_not_shown_can_be_put_back() {
    let mut account = Account::new();
    let own = vpc(&mut account, "10.0.0.0/16");
    let table = main_table(&mut account, &own);
    for (block, parameter, target) in [
        ("10.1.0.0/16", "TransitGatewayId", "tgw-0123456789abcdef0"),
        (
            "10.2.0.0/16",
            "VpcPeeringConnectionId",
            "pcx-0123456789abcdef0",
        ),
        ("10.3.0.0/16", "GatewayId", "vgw-0123456789abcdef0"),
    ] {
        let mut route = Route {
            destination_cidr_block: Some(block.into()),
            ..Route::default()
        };
        match parameter {
            "TransitGatewayId" => route.transit_gateway_id = Some(Box::new(target.into())),
            "GatewayId" => route.gateway_id = Some(target.into()),
            _ => route.vpc_peering_connection_id = Some(Box::new(target.into())),
        }
        put(&mut account, &table, route);
        let input = json!({"RouteTableId": table, "DestinationCidrBlock": block});
        account.ok("DeleteRoute", input.clone());
        let mut back = input;
        back[parameter] = json!(target);
        account.ok("CreateRoute", back.clone());
        assert_eq!(route_state(&account, &table, block), "active");
        back["DestinationCidrBlock"] = json!("10.9.0.0/16");
        back[parameter] = json!(target.replace("def0", "def1"));
        let (code, _) = account.refused("CreateRoute", back);
        assert!(code.ends_with(".NotFound"), "{code}");
    }
}

/// A gateway that is seen while its attachments are not: routes of the VPC whose table shows that
/// they work can be put back, those of another VPC cannot be made.
#[test]
fn a_gateway_without_shown_attachments_keeps_what_works() {
    let mut account = Account::new();
    let (gateway, _) = transit_gateway(&mut account);
    let own = vpc(&mut account, "10.0.0.0/16");
    let other = vpc(&mut account, "10.1.0.0/16");
    let table = main_table(&mut account, &own);
    put(
        &mut account,
        &table,
        Route {
            destination_cidr_block: Some("10.8.0.0/16".into()),
            transit_gateway_id: Some(Box::new(gateway.as_str().into())),
            ..Route::default()
        },
    );
    let to = |table: &str, block: &str| {
        json!({"RouteTableId": table, "DestinationCidrBlock": block,
               "TransitGatewayId": gateway})
    };
    let elsewhere = main_table(&mut account, &other);
    let code = "InvalidTransitGatewayID.NotFound";
    let input = to(&elsewhere, "10.8.0.0/16");
    refuse(&mut account, "CreateRoute", input, code, &gateway);
    account.ok("CreateRoute", to(&table, "10.9.0.0/16"));
    for block in ["10.8.0.0/16", "10.9.0.0/16"] {
        let input = json!({"RouteTableId": table, "DestinationCidrBlock": block});
        account.ok("DeleteRoute", input);
    }
    account.ok("CreateRoute", to(&table, "10.8.0.0/16"));
    assert_eq!(route_state(&account, &table, "10.8.0.0/16"), "active");
    let input = to(&elsewhere, "10.8.0.0/16");
    refuse(&mut account, "CreateRoute", input, code, &gateway);
}
