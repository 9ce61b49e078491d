//! Peerings, transit gateways, VPNs.

use serde_json::{Value, json};

use crate::rule::section;
use crate::world::{ANY, World, text};

section! {
    "ec2-semantics", "Lifecycles: peerings, transit gateways, VPNs";
    peering_states: "A peering is initiating-request, pending-acceptance, provisioning, active, deleting, deleted", "3, Peering [B]";
    peering_refused: "A rejected or failed peering can be neither accepted nor deleted: InvalidStateTransition", "3, Peering [B, E]";
    peering_lingers: "A deleted peering is described for two hours", "3, Peering [peering guide]";
    peering_expires: "A request that nobody accepts expires after seven days", "3, Peering [V]";
    peering_of_overlapping: "A peering of VPCs whose blocks overlap fails", "3, Peering [B]";
    references_become_stale: "References to groups over a deleted peering become stale", "3, Peering";
    transit_states: "A transit gateway is pending, available, deleting, deleted", "3, Transit gateway [B, F]";
    transit_with_attachment: "A transit gateway with an attachment is IncorrectState, and the message names it", "3, Transit gateway [F, W]";
    transit_attachment_states: "An attachment is pending, available, deleting, deleted", "3, Transit gateway [B]";
    transit_table_held: "The default route table and one with associations are IncorrectState to delete", "3, Transit gateway [F]";
    transit_propagations_go: "Deleting an attachment drops what it propagated, and turns static routes to it into blackholes", "3, Transit gateway [F]";
    transit_lingers: "A deleted transit gateway and attachment are described for a while", "3, Transit gateway (gap)";
    vpn_gateway_in_use: "A VPN gateway that is attached or used by a connection is IncorrectState: The VPN gateway is in use.", "3, VPN gateway [O, E]";
    vpn_attachment_states: "A VPN gateway's attachment is attaching, attached, detaching, detached", "3, VPN gateway [B]";
    customer_gateway_in_use: "A customer gateway that a connection uses is IncorrectState: The customer gateway is in use.", "3, VPN gateway [O, W]";
    vpn_connection_lingers: "A deleted VPN connection is described for a while and blocks nothing", "3, VPN gateway (gap)";
}

fn request(world: &mut World) -> (String, String, String) {
    let (one, other) = (world.vpc(), world.vpc_of("10.1.0.0/16"));
    let path = "/VpcPeeringConnection/VpcPeeringConnectionId";
    let input = json!({"VpcId": one, "PeerVpcId": other});
    let id = world.make("CreateVpcPeeringConnection", input, path);
    (one, other, id)
}

fn by_peering(id: &str) -> Value {
    json!({"VpcPeeringConnectionId": id})
}

fn peering_state(world: &mut World, id: &str) -> String {
    let input = json!({"VpcPeeringConnectionIds": [id]});
    let seen = world.one(
        "DescribeVpcPeeringConnections",
        input,
        "VpcPeeringConnections",
    );
    text(&seen, "/Status/Code")
}

fn peering_states(world: &mut World) {
    let (_, _, id) = request(world);
    assert_eq!(peering_state(world, &id), "initiating-request");
    world.pass(10);
    assert_eq!(peering_state(world, &id), "pending-acceptance");
    world.ok("AcceptVpcPeeringConnection", by_peering(&id));
    assert_eq!(peering_state(world, &id), "provisioning");
    world.pass(10);
    assert_eq!(peering_state(world, &id), "active");
    world.ok("DeleteVpcPeeringConnection", by_peering(&id));
    world.pass(60);
    assert_eq!(peering_state(world, &id), "deleted");
}

fn peering_refused(world: &mut World) {
    let (_, _, id) = request(world);
    world.pass(10);
    world.ok("RejectVpcPeeringConnection", by_peering(&id));
    assert_eq!(peering_state(world, &id), "rejected");
    for action in ["Accept", "Delete", "Reject"] {
        let action = format!("{action}VpcPeeringConnection");
        world.no(&action, by_peering(&id), "InvalidStateTransition", &id);
    }
}

fn peering_lingers(world: &mut World) {
    let (one, other) = (world.vpc(), world.vpc_of("10.1.0.0/16"));
    let id = world.peering(&one, &other);
    world.ok("DeleteVpcPeeringConnection", by_peering(&id));
    world.pass(7000);
    assert_eq!(peering_state(world, &id), "deleted");
    world.pass(600);
    let input = json!({"VpcPeeringConnectionIds": [id]});
    let unknown = "InvalidVpcPeeringConnectionID.NotFound";
    world.no("DescribeVpcPeeringConnections", input, unknown, &id);
}

fn peering_expires(world: &mut World) {
    let (_, _, id) = request(world);
    world.pass(7 * 86_400 - 60);
    assert_eq!(peering_state(world, &id), "pending-acceptance");
    world.pass(120);
    assert_eq!(peering_state(world, &id), "expired");
    world.no(
        "AcceptVpcPeeringConnection",
        by_peering(&id),
        "InvalidStateTransition",
        ANY,
    );
}

fn peering_of_overlapping(world: &mut World) {
    let (one, other) = (world.vpc(), world.vpc_of("10.0.0.0/24"));
    let path = "/VpcPeeringConnection/VpcPeeringConnectionId";
    let input = json!({"VpcId": one, "PeerVpcId": other});
    let id = world.make("CreateVpcPeeringConnection", input, path);
    world.pass(10);
    assert_eq!(peering_state(world, &id), "failed");
    world.no(
        "DeleteVpcPeeringConnection",
        by_peering(&id),
        "InvalidStateTransition",
        ANY,
    );
}

fn references_become_stale(world: &mut World) {
    let (one, other) = (world.vpc(), world.vpc_of("10.1.0.0/16"));
    let id = world.peering(&one, &other);
    let (named, naming) = (world.group(&one, "web"), world.group(&other, "db"));
    let pair = json!([{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2,
                       "UserIdGroupPairs": [{"GroupId": named}]}]);
    world.ok(
        "AuthorizeSecurityGroupIngress",
        json!({"GroupId": naming, "IpPermissions": pair}),
    );
    let stale = json!({"VpcId": other});
    assert!(
        world
            .all(
                "DescribeStaleSecurityGroups",
                stale.clone(),
                "StaleSecurityGroupSet"
            )
            .is_empty()
    );
    world.ok("DeleteVpcPeeringConnection", by_peering(&id));
    world.pass(60);
    let group = world.one(
        "DescribeStaleSecurityGroups",
        stale,
        "StaleSecurityGroupSet",
    );
    assert_eq!(group["GroupId"], naming.as_str());
}

fn transit_state(world: &mut World, id: &str) -> String {
    let input = json!({"TransitGatewayIds": [id]});
    text(
        &world.one("DescribeTransitGateways", input, "TransitGateways"),
        "/State",
    )
}

fn attachment_state(world: &mut World, id: &str) -> String {
    let input = json!({"TransitGatewayAttachmentIds": [id]});
    let name = "TransitGatewayAttachments";
    text(
        &world.one("DescribeTransitGatewayAttachments", input, name),
        "/State",
    )
}

fn by_transit(id: &str) -> Value {
    json!({"TransitGatewayId": id})
}

fn by_attachment(id: &str) -> Value {
    json!({"TransitGatewayAttachmentId": id})
}

fn transit_states(world: &mut World) {
    let path = "/TransitGateway/TransitGatewayId";
    let id = world.make("CreateTransitGateway", json!({}), path);
    assert_eq!(transit_state(world, &id), "pending");
    world.pass(300);
    assert_eq!(transit_state(world, &id), "available");
    world.ok("DeleteTransitGateway", by_transit(&id));
    assert_eq!(transit_state(world, &id), "deleting");
    world.pass(600);
    assert_eq!(transit_state(world, &id), "deleted");
}

/// A transit gateway and the attachment of a VPC to it.
fn joined(world: &mut World) -> (String, String) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let gateway = world.transit();
    let attachment = world.attachment(&gateway, &vpc, &subnet);
    (gateway, attachment)
}

fn transit_with_attachment(world: &mut World) {
    let (gateway, attachment) = joined(world);
    let message = format!("{gateway} has non-deleted VPC Attachments: {attachment}");
    world.no(
        "DeleteTransitGateway",
        by_transit(&gateway),
        "IncorrectState",
        &message,
    );
    world.ok(
        "DeleteTransitGatewayVpcAttachment",
        by_attachment(&attachment),
    );
    world.no(
        "DeleteTransitGateway",
        by_transit(&gateway),
        "IncorrectState",
        ANY,
    );
    world.pass(600);
    world.ok("DeleteTransitGateway", by_transit(&gateway));
}

fn transit_attachment_states(world: &mut World) {
    let vpc = world.vpc();
    let subnet = world.subnet(&vpc, "10.0.0.0/24");
    let gateway = world.transit();
    let path = "/TransitGatewayVpcAttachment/TransitGatewayAttachmentId";
    let input = json!({"TransitGatewayId": gateway, "VpcId": vpc, "SubnetIds": [subnet]});
    let id = world.make("CreateTransitGatewayVpcAttachment", input, path);
    assert_eq!(attachment_state(world, &id), "pending");
    world.pass(300);
    assert_eq!(attachment_state(world, &id), "available");
    world.ok("DeleteTransitGatewayVpcAttachment", by_attachment(&id));
    assert_eq!(attachment_state(world, &id), "deleting");
    world.pass(600);
    assert_eq!(attachment_state(world, &id), "deleted");
}

fn table_of(world: &mut World) -> String {
    let name = "TransitGatewayRouteTables";
    let table = world.one("DescribeTransitGatewayRouteTables", json!({}), name);
    text(&table, "/TransitGatewayRouteTableId")
}

fn transit_table_held(world: &mut World) {
    let (gateway, attachment) = joined(world);
    let default = table_of(world);
    let delete = |id: &str| json!({"TransitGatewayRouteTableId": id});
    world.no(
        "DeleteTransitGatewayRouteTable",
        delete(&default),
        "IncorrectState",
        ANY,
    );
    let path = "/TransitGatewayRouteTable/TransitGatewayRouteTableId";
    let table = world.make("CreateTransitGatewayRouteTable", by_transit(&gateway), path);
    world.pass(60);
    let mut both = by_attachment(&attachment);
    both["TransitGatewayRouteTableId"] = default.into();
    world.ok("DisassociateTransitGatewayRouteTable", both.clone());
    world.pass(60);
    both["TransitGatewayRouteTableId"] = table.clone().into();
    world.ok("AssociateTransitGatewayRouteTable", both);
    world.pass(60);
    world.no(
        "DeleteTransitGatewayRouteTable",
        delete(&table),
        "IncorrectState",
        ANY,
    );
}

fn transit_propagations_go(world: &mut World) {
    let (_, attachment) = joined(world);
    let table = table_of(world);
    let route = json!({"TransitGatewayRouteTableId": table, "DestinationCidrBlock": "10.9.0.0/16",
                       "TransitGatewayAttachmentId": attachment});
    world.ok("CreateTransitGatewayRoute", route);
    let search = json!({"TransitGatewayRouteTableId": table,
                        "Filters": [{"Name": "state", "Values": ["active", "blackhole"]}]});
    let before = world.all("SearchTransitGatewayRoutes", search.clone(), "Routes");
    assert_eq!(before.len(), 2, "{before:?}");
    world.ok(
        "DeleteTransitGatewayVpcAttachment",
        by_attachment(&attachment),
    );
    world.pass(600);
    let after = world.one("SearchTransitGatewayRoutes", search, "Routes");
    assert_eq!(
        (&after["State"], &after["Type"]),
        (&json!("blackhole"), &json!("static"))
    );
}

fn transit_lingers(world: &mut World) {
    let id = world.transit();
    world.ok("DeleteTransitGateway", by_transit(&id));
    world.pass(1800);
    assert_eq!(transit_state(world, &id), "deleted");
    world.pass(86_400);
    let input = json!({"TransitGatewayIds": [id]});
    world.no(
        "DescribeTransitGateways",
        input,
        "InvalidTransitGatewayID.NotFound",
        &id,
    );
}

/// A VPN gateway, a customer gateway, and a connection between them.
fn vpn(world: &mut World) -> (String, String, String) {
    let path = "/VpnGateway/VpnGatewayId";
    let near = world.make("CreateVpnGateway", json!({"Type": "ipsec.1"}), path);
    let input = json!({"Type": "ipsec.1", "IpAddress": "203.0.113.1", "BgpAsn": 65000});
    let far = world.make(
        "CreateCustomerGateway",
        input,
        "/CustomerGateway/CustomerGatewayId",
    );
    world.pass(300);
    let input = json!({"Type": "ipsec.1", "VpnGatewayId": near, "CustomerGatewayId": far});
    let path = "/VpnConnection/VpnConnectionId";
    let connection = world.make("CreateVpnConnection", input, path);
    world.pass(900);
    (near, far, connection)
}

fn vpn_gateway_in_use(world: &mut World) {
    let (near, _, connection) = vpn(world);
    let delete = json!({"VpnGatewayId": near});
    let message = "The VPN gateway is in use.";
    world.no(
        "DeleteVpnGateway",
        delete.clone(),
        "IncorrectState",
        message,
    );
    world.ok(
        "DeleteVpnConnection",
        json!({"VpnConnectionId": connection}),
    );
    world.pass(900);
    let vpc = world.vpc();
    let both = json!({"VpnGatewayId": near, "VpcId": vpc});
    world.ok("AttachVpnGateway", both.clone());
    world.pass(300);
    world.no(
        "DeleteVpnGateway",
        delete.clone(),
        "IncorrectState",
        message,
    );
    world.ok("DetachVpnGateway", both);
    world.pass(300);
    world.ok("DeleteVpnGateway", delete);
}

fn vpn_attachment_states(world: &mut World) {
    let vpc = world.vpc();
    let path = "/VpnGateway/VpnGatewayId";
    let id = world.make("CreateVpnGateway", json!({"Type": "ipsec.1"}), path);
    let both = json!({"VpnGatewayId": id, "VpcId": vpc});
    let state = |world: &mut World| {
        let input = json!({"VpnGatewayIds": [id]});
        let seen = world.one("DescribeVpnGateways", input, "VpnGateways");
        let state = seen["VpcAttachments"][0]["State"].as_str();
        state.unwrap_or("detached").to_owned()
    };
    let answer = world.ok("AttachVpnGateway", both.clone());
    assert_eq!(answer["VpcAttachment"]["State"], "attaching");
    world.pass(300);
    assert_eq!(state(world), "attached");
    world.ok("DetachVpnGateway", both);
    assert_eq!(state(world), "detaching");
    world.pass(300);
    assert_eq!(state(world), "detached");
}

fn customer_gateway_in_use(world: &mut World) {
    let (_, far, connection) = vpn(world);
    let delete = json!({"CustomerGatewayId": far});
    let message = "The customer gateway is in use.";
    world.no(
        "DeleteCustomerGateway",
        delete.clone(),
        "IncorrectState",
        message,
    );
    world.ok(
        "DeleteVpnConnection",
        json!({"VpnConnectionId": connection}),
    );
    world.pass(900);
    world.ok("DeleteCustomerGateway", delete);
}

fn vpn_connection_lingers(world: &mut World) {
    let (near, far, connection) = vpn(world);
    world.ok(
        "DeleteVpnConnection",
        json!({"VpnConnectionId": connection}),
    );
    world.pass(900);
    let input = json!({"VpnConnectionIds": [connection]});
    let seen = world.one("DescribeVpnConnections", input.clone(), "VpnConnections");
    assert_eq!(seen["State"], "deleted");
    world.ok("DeleteVpnGateway", json!({"VpnGatewayId": near}));
    world.ok("DeleteCustomerGateway", json!({"CustomerGatewayId": far}));
    world.pass(86_400);
    world.no(
        "DescribeVpnConnections",
        input,
        "InvalidVpnConnectionID.NotFound",
        &connection,
    );
}
