use serde_json::{Value, json};

use super::{customer, gateways, main_table, refuse, route, route_state, transit_gateway, vpc};
use crate::testing::{Account, text};

fn state(account: &Account, id: &str) -> String {
    match account.see(id)["State"].as_str() {
        Some(state) => state.to_owned(),
        None => "gone".to_owned(),
    }
}

fn connect(account: &mut Account, gateway: &str, customer: &str, statics: bool) -> String {
    let name = match gateway.starts_with("tgw-") {
        true => "TransitGatewayId",
        false => "VpnGatewayId",
    };
    let input = json!({"Type": "ipsec.1", "CustomerGatewayId": customer, name: gateway,
                       "Options": {"StaticRoutesOnly": statics}});
    let made = account.ok("CreateVpnConnection", input);
    account.pass(250);
    text(&made["VpnConnection"], "VpnConnectionId")
}

fn by_id(id: &str) -> Value {
    json!({"VpnConnectionId": id})
}

/// Facts: ec2-semantics.md, section 3, VPN gateway and VPC.
#[test]
fn a_gateway_attaches_keeps_its_vpc_and_detaches() {
    let mut account = Account::new();
    let one = vpc(&mut account, "10.0.0.0/16");
    let other = vpc(&mut account, "10.1.0.0/16");
    let made = account.ok("CreateVpnGateway", json!({"Type": "ipsec.1"}));
    let id = text(&made["VpnGateway"], "VpnGatewayId");
    assert_eq!(made["VpnGateway"]["AmazonSideAsn"], 64512);
    let join = |vpc: &str| json!({"VpnGatewayId": id, "VpcId": vpc});
    let code = "InvalidVpnGatewayAttachment.NotFound";
    refuse(
        &mut account,
        "DetachVpnGateway",
        join(&one),
        code,
        "does not exist",
    );
    let attached = account.ok("AttachVpnGateway", join(&one));
    assert_eq!(attached["VpcAttachment"]["State"], "attaching");
    refuse(
        &mut account,
        "DetachVpnGateway",
        join(&one),
        "IncorrectState",
        "attaching",
    );
    account.pass(16);
    assert_eq!(account.see(&id)["VpcAttachments"][0]["State"], "attached");
    let again = account.ok("AttachVpnGateway", join(&one));
    assert_eq!(again["VpcAttachment"]["State"], "attached");
    let code = "VpnGatewayAttachmentLimitExceeded";
    refuse(
        &mut account,
        "AttachVpnGateway",
        join(&other),
        code,
        "maximum",
    );
    let second = account.ok("CreateVpnGateway", json!({"Type": "ipsec.1"}));
    let second = text(&second["VpnGateway"], "VpnGatewayId");
    let input = json!({"VpnGatewayId": second, "VpcId": one});
    let says = "is currently attached to the Virtual Private Gateway";
    refuse(
        &mut account,
        "AttachVpnGateway",
        input,
        "InvalidVpcState",
        says,
    );
    let blocked = "DependencyViolation";
    refuse(
        &mut account,
        "DeleteVpc",
        json!({"VpcId": one}),
        blocked,
        "has dependencies",
    );
    let delete = json!({"VpnGatewayId": id});
    let says = "The VPN gateway is in use.";
    refuse(
        &mut account,
        "DeleteVpnGateway",
        delete.clone(),
        "IncorrectState",
        says,
    );
    account.ok("DetachVpnGateway", join(&one));
    // EC2 API reference, DetachVpnGateway: wait for `detached` before deleting the VPC.
    refuse(
        &mut account,
        "DeleteVpc",
        json!({"VpcId": one}),
        blocked,
        "has dependencies",
    );
    account.pass(16);
    assert_eq!(account.see(&id)["VpcAttachments"][0]["State"], "detached");
    account.ok("DeleteVpc", json!({"VpcId": one}));
    account.ok("AttachVpnGateway", join(&other));
    account.pass(16);
    account.ok("DetachVpnGateway", join(&other));
    account.pass(16);
    account.ok("DeleteVpnGateway", delete.clone());
    account.pass(6);
    assert_eq!(state(&account, &id), "deleted");
    refuse(
        &mut account,
        "DeleteVpnGateway",
        delete,
        "InvalidVpnGatewayID.NotFound",
        &id,
    );
    account.pass(3601);
    assert_eq!(state(&account, &id), "gone");
}

/// EC2 API reference, CreateCustomerGateway: an identical request makes no second one.
#[test]
fn customer_gateways_are_made_once_and_stay_while_used() {
    let mut account = Account::new();
    let own = vpc(&mut account, "10.0.0.0/16");
    let (gateway, id) = gateways(&mut account, &own);
    assert_eq!(customer(&mut account), id);
    let create = "CreateCustomerGateway";
    let input = json!({"Type": "ipsec.1", "IpAddress": "203.0.113.7", "BgpAsn": 65010,
                       "DeviceName": "second"});
    let other = account.ok(create, input);
    assert_ne!(text(&other["CustomerGateway"], "CustomerGatewayId"), id);
    for (input, code) in [
        (json!({"Type": "ipsec.1"}), "MissingParameter"),
        (
            json!({"Type": "ipsec.1", "IpAddress": "nowhere"}),
            "InvalidParameterValue",
        ),
        (
            json!({"Type": "ipsec.2", "IpAddress": "203.0.113.8"}),
            "InvalidParameterValue",
        ),
        (
            json!({"Type": "ipsec.1", "IpAddress": "203.0.113.8", "BgpAsn": 0}),
            "InvalidParameterValue",
        ),
        (
            json!({"Type": "ipsec.1", "IpAddress": "203.0.113.8", "BgpAsnExtended": 5}),
            "InvalidParameterValue",
        ),
    ] {
        refuse(&mut account, create, input, code, "");
    }
    let connection = connect(&mut account, &gateway, &id, true);
    let delete = json!({"CustomerGatewayId": id});
    let says = "The customer gateway is in use.";
    refuse(
        &mut account,
        "DeleteCustomerGateway",
        delete.clone(),
        "IncorrectState",
        says,
    );
    account.ok("DeleteVpnConnection", by_id(&connection));
    refuse(
        &mut account,
        "DeleteCustomerGateway",
        delete.clone(),
        "IncorrectState",
        says,
    );
    account.pass(61);
    account.ok("DeleteCustomerGateway", delete.clone());
    account.pass(6);
    assert_eq!(state(&account, &id), "deleted");
    let code = "InvalidCustomerGatewayID.NotFound";
    refuse(&mut account, "DeleteCustomerGateway", delete, code, &id);
}

/// Facts: ec2-semantics.md, section 3, VPN connection.
#[test]
fn a_connection_takes_minutes_and_stays_described_when_deleted() {
    let mut account = Account::new();
    let own = vpc(&mut account, "10.0.0.0/16");
    let (gateway, customer) = gateways(&mut account, &own);
    let input = json!({"Type": "ipsec.1", "CustomerGatewayId": customer, "VpnGatewayId": gateway});
    let made = account.ok("CreateVpnConnection", input.clone());
    let it = &made["VpnConnection"];
    let id = text(it, "VpnConnectionId");
    assert_eq!(it["State"], "pending");
    assert_eq!(it["Category"], "VPN");
    assert_eq!(it["Options"]["TunnelOptions"].as_array().unwrap().len(), 2);
    assert_eq!(it["VgwTelemetry"][0]["Status"], "DOWN");
    // EC2 API reference, CreateVpnConnection: idempotent.
    let again = account.ok("CreateVpnConnection", input.clone());
    assert_eq!(text(&again["VpnConnection"], "VpnConnectionId"), id);
    let options = json!({"VpnConnectionId": id, "LocalIpv4NetworkCidr": "192.168.0.0/16"});
    let code = "InvalidVpnConnection.InvalidState";
    refuse(
        &mut account,
        "ModifyVpnConnectionOptions",
        options.clone(),
        code,
        "available",
    );
    account.pass(241);
    assert_eq!(state(&account, &id), "available");
    account.ok("ModifyVpnConnectionOptions", options);
    account.pass(241);
    let local = &account.see(&id)["Options"]["LocalIpv4NetworkCidr"];
    assert_eq!(local, "192.168.0.0/16");
    let mut secret = input;
    secret["Options"] = json!({"TunnelOptions": [{"PreSharedKey": "abc"}]});
    let says = "PreSharedKey";
    refuse(
        &mut account,
        "CreateVpnConnection",
        secret,
        "UnsupportedOperation",
        says,
    );
    account.ok("DeleteVpnConnection", by_id(&id));
    assert_eq!(state(&account, &id), "deleting");
    let says = "The VPN gateway is in use.";
    account.ok(
        "DetachVpnGateway",
        json!({"VpnGatewayId": gateway, "VpcId": own}),
    );
    account.pass(16);
    let delete = json!({"VpnGatewayId": gateway});
    refuse(
        &mut account,
        "DeleteVpnGateway",
        delete.clone(),
        "IncorrectState",
        says,
    );
    account.pass(61);
    assert_eq!(state(&account, &id), "deleted");
    account.ok("DeleteVpnGateway", delete);
    let code = "InvalidVpnConnectionID.NotFound";
    refuse(&mut account, "DeleteVpnConnection", by_id(&id), code, &id);
    let shown = account.ok("DescribeVpnConnections", json!({"VpnConnectionIds": [id]}));
    assert_eq!(shown["VpnConnections"][0]["State"], "deleted");
    account.pass(3601);
    assert_eq!(state(&account, &id), "gone");
}

/// EC2 API reference, error codes InvalidVpnConnection.*, and EnableVgwRoutePropagation.
#[test]
fn static_routes_are_propagated() {
    let mut account = Account::new();
    let own = vpc(&mut account, "10.0.0.0/16");
    let (gateway, customer) = gateways(&mut account, &own);
    let table = main_table(&mut account, &own);
    let propagation = json!({"GatewayId": gateway, "RouteTableId": table});
    account.ok("EnableVgwRoutePropagation", propagation.clone());
    let shown = account.see(&table);
    assert_eq!(shown["PropagatingVgws"], json!([{"GatewayId": gateway}]));
    let to = |id: &str, block: &str| json!({"VpnConnectionId": id, "DestinationCidrBlock": block});
    let dynamic = connect(&mut account, &gateway, &customer, false);
    let create = "CreateVpnConnectionRoute";
    let code = "InvalidVpnConnection.InvalidType";
    let says = "does not support static routes";
    refuse(
        &mut account,
        create,
        to(&dynamic, "192.168.0.0/16"),
        code,
        says,
    );
    let id = connect(&mut account, &gateway, &customer, true);
    assert_ne!(id, dynamic);
    account.ok(create, to(&id, "192.168.0.0/16"));
    assert_eq!(route(&account, &table, "192.168.0.0/16"), Value::Null);
    account.pass(6);
    let propagated = route(&account, &table, "192.168.0.0/16");
    assert_eq!(propagated["Origin"], "EnableVgwRoutePropagation");
    assert_eq!(propagated["GatewayId"], json!(gateway));
    assert_eq!(propagated["State"], "active");
    let delete = json!({"RouteTableId": table, "DestinationCidrBlock": "192.168.0.0/16"});
    let says = "propagated route";
    refuse(
        &mut account,
        "DeleteRoute",
        delete.clone(),
        "InvalidParameterValue",
        says,
    );
    // A route that is made goes before the propagated one, which comes back after it.
    let mut own_route = delete.clone();
    own_route["GatewayId"] = json!(gateway);
    account.ok("CreateRoute", own_route);
    assert_eq!(
        route(&account, &table, "192.168.0.0/16")["Origin"],
        "CreateRoute"
    );
    account.ok("DeleteRoute", delete);
    let back = route(&account, &table, "192.168.0.0/16");
    assert_eq!(back["Origin"], "EnableVgwRoutePropagation");
    account.ok("DeleteVpnConnectionRoute", to(&id, "192.168.0.0/16"));
    assert_eq!(route(&account, &table, "192.168.0.0/16"), Value::Null);
    let code = "InvalidRoute.NotFound";
    let delete = "DeleteVpnConnectionRoute";
    refuse(
        &mut account,
        delete,
        to(&id, "192.168.0.0/16"),
        code,
        "does not exist",
    );
    account.ok(create, to(&id, "172.16.0.0/12"));
    account.pass(6);
    account.ok("DisableVgwRoutePropagation", propagation.clone());
    assert_eq!(route(&account, &table, "172.16.0.0/12"), Value::Null);
    account.ok("EnableVgwRoutePropagation", propagation.clone());
    assert_ne!(route(&account, &table, "172.16.0.0/12"), Value::Null);
    account.ok(
        "DetachVpnGateway",
        json!({"VpnGatewayId": gateway, "VpcId": own}),
    );
    account.pass(16);
    assert_eq!(route(&account, &table, "172.16.0.0/12"), Value::Null);
    assert_eq!(account.see(&table)["PropagatingVgws"], json!([]));
    let says = "is not attached to network";
    let enable = "EnableVgwRoutePropagation";
    refuse(
        &mut account,
        enable,
        propagation,
        "Gateway.NotAttached",
        says,
    );
}

/// Routes to a virtual private gateway follow its attachment.
#[test]
fn routes_follow_the_attachment() {
    let mut account = Account::new();
    let own = vpc(&mut account, "10.0.0.0/16");
    let other = vpc(&mut account, "10.1.0.0/16");
    let (gateway, _) = gateways(&mut account, &own);
    let table = main_table(&mut account, &own);
    let to = |table: &str| {
        json!({"RouteTableId": table, "DestinationCidrBlock": "172.16.0.0/12",
               "GatewayId": gateway})
    };
    account.ok("CreateRoute", to(&table));
    assert_eq!(route_state(&account, &table, "172.16.0.0/12"), "active");
    let elsewhere = main_table(&mut account, &other);
    let says = "different networks";
    refuse(
        &mut account,
        "CreateRoute",
        to(&elsewhere),
        "InvalidParameterValue",
        says,
    );
    let join = json!({"VpnGatewayId": gateway, "VpcId": own});
    account.ok("DetachVpnGateway", join.clone());
    account.pass(16);
    assert_eq!(route_state(&account, &table, "172.16.0.0/12"), "blackhole");
    account.ok("AttachVpnGateway", join);
    account.pass(16);
    assert_eq!(route_state(&account, &table, "172.16.0.0/12"), "active");
    // An edge association (EC2 API reference, AssociateRouteTable).
    let made = account.ok("CreateRouteTable", json!({"VpcId": own}));
    let edge = text(&made["RouteTable"], "RouteTableId");
    let input = json!({"RouteTableId": edge, "GatewayId": gateway});
    account.ok("AssociateRouteTable", input);
    assert_eq!(
        account.see(&edge)["Associations"][0]["GatewayId"],
        json!(gateway)
    );
}

/// A connection to a transit gateway has an attachment of type `vpn`, which goes with it.
#[test]
fn a_transit_gateway_takes_connections() {
    let mut account = Account::new();
    let (gateway, table) = transit_gateway(&mut account);
    let customer = customer(&mut account);
    let input = json!({"Type": "ipsec.1", "CustomerGatewayId": customer,
                       "TransitGatewayId": gateway});
    let create = "CreateVpnConnection";
    let says = "is in invalid state";
    refuse(&mut account, create, input, "IncorrectState", says);
    account.pass(10);
    let id = connect(&mut account, &gateway, &customer, true);
    let found = account.ok("DescribeTransitGatewayAttachments", json!({}));
    let it = &found["TransitGatewayAttachments"][0];
    let attachment = text(it, "TransitGatewayAttachmentId");
    assert_eq!(it["ResourceType"], "vpn");
    assert_eq!(it["ResourceId"], json!(id));
    assert_eq!(it["State"], "available");
    let route = json!({"VpnConnectionId": id, "DestinationCidrBlock": "192.168.0.0/16"});
    account.ok("CreateVpnConnectionRoute", route);
    account.pass(6);
    let search = json!({"TransitGatewayRouteTableId": table,
                        "Filters": [{"Name": "type", "Values": ["propagated"]}]});
    let found = account.ok("SearchTransitGatewayRoutes", search);
    assert_eq!(found["Routes"][0]["DestinationCidrBlock"], "192.168.0.0/16");
    let delete = json!({"TransitGatewayId": gateway});
    let says = format!("{gateway} has non-deleted VPN Attachments: {attachment}.");
    refuse(
        &mut account,
        "DeleteTransitGateway",
        delete.clone(),
        "IncorrectState",
        &says,
    );
    // Only the connection's own deletion takes the attachment away.
    let input = json!({"TransitGatewayAttachmentId": attachment});
    let code = "InvalidTransitGatewayAttachmentID.NotFound";
    let action = "DeleteTransitGatewayVpcAttachment";
    refuse(
        &mut account,
        action,
        input,
        code,
        "Transit Gateway VPC Attachment",
    );
    account.ok("DeleteVpnConnection", by_id(&id));
    account.pass(61);
    assert_eq!(state(&account, &attachment), "deleted");
    account.ok("DeleteTransitGateway", delete);
}

/// EC2 API reference, ModifyVpnConnection: static routes must go before the change of gateway.
#[test]
fn a_connection_moves_to_a_transit_gateway() {
    let mut account = Account::new();
    let own = vpc(&mut account, "10.0.0.0/16");
    let (private, customer) = gateways(&mut account, &own);
    let (transit, _) = transit_gateway(&mut account);
    let id = connect(&mut account, &private, &customer, true);
    let route = json!({"VpnConnectionId": id, "DestinationCidrBlock": "192.168.0.0/16"});
    account.ok("CreateVpnConnectionRoute", route.clone());
    account.pass(6);
    let modify = "ModifyVpnConnection";
    let input = json!({"VpnConnectionId": id, "TransitGatewayId": transit});
    refuse(
        &mut account,
        modify,
        input.clone(),
        "IncorrectState",
        "static routes",
    );
    account.ok("DeleteVpnConnectionRoute", route);
    let changed = account.ok(modify, input);
    assert_eq!(changed["VpnConnection"]["TransitGatewayId"], json!(transit));
    assert_eq!(changed["VpnConnection"].get("VpnGatewayId"), None);
    account.pass(241);
    let found = account.ok("DescribeTransitGatewayAttachments", json!({}));
    assert_eq!(found["TransitGatewayAttachments"][0]["State"], "available");
    let input = json!({"VpnConnectionId": id, "VpnGatewayId": private});
    account.ok(modify, input);
    account.pass(241);
    let found = account.ok("DescribeTransitGatewayAttachments", json!({}));
    assert_eq!(found["TransitGatewayAttachments"][0]["State"], "deleted");
    assert_eq!(account.see(&id)["VpnGatewayId"], json!(private));
}

/// Filters of the EC2 API reference; these three have no pages (facts: section 1).
#[test]
fn they_are_described_by_ids_and_filters() {
    let mut account = Account::new();
    let own = vpc(&mut account, "10.0.0.0/16");
    let (gateway, customer) = gateways(&mut account, &own);
    let id = connect(&mut account, &gateway, &customer, true);
    for (action, list, name, value, count) in [
        (
            "DescribeVpnGateways",
            "VpnGateways",
            "attachment.vpc-id",
            own.as_str(),
            1,
        ),
        (
            "DescribeVpnGateways",
            "VpnGateways",
            "attachment.state",
            "detached",
            0,
        ),
        (
            "DescribeVpnGateways",
            "VpnGateways",
            "amazon-side-asn",
            "64512",
            1,
        ),
        (
            "DescribeCustomerGateways",
            "CustomerGateways",
            "ip-address",
            "203.0.113.*",
            1,
        ),
        (
            "DescribeCustomerGateways",
            "CustomerGateways",
            "bgp-asn",
            "65010",
            1,
        ),
        (
            "DescribeVpnConnections",
            "VpnConnections",
            "vpn-gateway-id",
            gateway.as_str(),
            1,
        ),
        (
            "DescribeVpnConnections",
            "VpnConnections",
            "customer-gateway-id",
            customer.as_str(),
            1,
        ),
        (
            "DescribeVpnConnections",
            "VpnConnections",
            "option.static-routes-only",
            "false",
            0,
        ),
        (
            "DescribeVpnConnections",
            "VpnConnections",
            "bgp-asn",
            "65010",
            1,
        ),
        (
            "DescribeVpnConnections",
            "VpnConnections",
            "vpn-connection-id",
            id.as_str(),
            1,
        ),
    ] {
        let input = json!({"Filters": [{"Name": name, "Values": [value]}]});
        let found = account.ok(action, input);
        assert_eq!(
            found[list].as_array().unwrap().len(),
            count,
            "{action} {name}"
        );
    }
    let input = json!({"VpnConnectionIds": ["vpn-0123456789abcdef0"]});
    let code = "InvalidVpnConnectionID.NotFound";
    refuse(
        &mut account,
        "DescribeVpnConnections",
        input,
        code,
        "does not exist",
    );
    let input = json!({"MaxResults": 5});
    refuse(
        &mut account,
        "DescribeVpnGateways",
        input,
        "UnsupportedOperation",
        "MaxResults",
    );
}
