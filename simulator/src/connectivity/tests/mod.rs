//! Tests of peerings, transit gateways and VPNs, through the table of operations; every answer is
//! also written as XML, which refuses members that AWS's shapes do not have.

mod peering;
mod properties;
mod routes;
mod snapshots;
mod transit;
mod transit_peering;
mod transit_tables;
mod vpn;

use serde_json::{Value, json};

use crate::testing::{Account, text};

/// An id of the kind that nothing has.
const NOBODY: &str = "0123456789abcdef0";

fn vpc(account: &mut Account, block: &str) -> String {
    let made = account.ok("CreateVpc", json!({"CidrBlock": block}));
    text(&made["Vpc"], "VpcId")
}

fn subnet(account: &mut Account, vpc: &str, block: &str, zone: &str) -> String {
    let zone = format!("{}{zone}", account.region);
    let input = json!({"VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone});
    text(&account.ok("CreateSubnet", input)["Subnet"], "SubnetId")
}

fn main_table(account: &mut Account, vpc: &str) -> String {
    let filters = json!([{"Name": "vpc-id", "Values": [vpc]}]);
    let found = account.ok("DescribeRouteTables", json!({"Filters": filters}));
    text(&found["RouteTables"][0], "RouteTableId")
}

/// The route of a VPC's table to a destination; `null` when there is none.
fn route(account: &Account, table: &str, destination: &str) -> Value {
    let table = account.see(table);
    let mut routes = table["Routes"].as_array().unwrap().iter();
    let found = routes.find(|it| it["DestinationCidrBlock"] == destination);
    found.cloned().unwrap_or_default()
}

/// The state of a route of a VPC's table.
fn route_state(account: &Account, table: &str, destination: &str) -> String {
    text(&route(account, table, destination), "State")
}

/// A transit gateway that is available, and its default table.
fn transit_gateway(account: &mut Account) -> (String, String) {
    let made = account.ok("CreateTransitGateway", json!({}));
    account.pass(60);
    let options = &made["TransitGateway"]["Options"];
    (
        text(&made["TransitGateway"], "TransitGatewayId"),
        text(options, "AssociationDefaultRouteTableId"),
    )
}

/// A VPC attachment that is available.
fn attach(account: &mut Account, gateway: &str, vpc: &str, subnet: &str) -> String {
    let input = json!({"TransitGatewayId": gateway, "VpcId": vpc, "SubnetIds": [subnet]});
    let made = account.ok("CreateTransitGatewayVpcAttachment", input);
    account.pass(120);
    text(
        &made["TransitGatewayVpcAttachment"],
        "TransitGatewayAttachmentId",
    )
}

/// A VPC with a subnet that is attached to a transit gateway.
struct Attached {
    account: Account,
    gateway: String,
    default_table: String,
    vpc: String,
    subnet: String,
    attachment: String,
}

impl Attached {
    fn new() -> Self {
        let mut account = Account::new();
        let (gateway, default_table) = transit_gateway(&mut account);
        let vpc = vpc(&mut account, "10.0.0.0/16");
        let subnet = subnet(&mut account, &vpc, "10.0.0.0/24", "a");
        let attachment = attach(&mut account, &gateway, &vpc, &subnet);
        Attached {
            account,
            gateway,
            default_table,
            vpc,
            subnet,
            attachment,
        }
    }
}

/// A virtual private gateway that is attached to a VPC, and a customer gateway.
fn gateways(account: &mut Account, vpc: &str) -> (String, String) {
    let made = account.ok("CreateVpnGateway", json!({"Type": "ipsec.1"}));
    let gateway = text(&made["VpnGateway"], "VpnGatewayId");
    let input = json!({"VpnGatewayId": gateway, "VpcId": vpc});
    account.ok("AttachVpnGateway", input);
    let customer = customer(account);
    account.pass(20);
    (gateway, customer)
}

fn customer(account: &mut Account) -> String {
    let input = json!({"Type": "ipsec.1", "IpAddress": "203.0.113.7", "BgpAsn": 65010});
    let made = account.ok("CreateCustomerGateway", input);
    text(&made["CustomerGateway"], "CustomerGatewayId")
}

/// A call does not work, and nothing is changed by it.
fn refuse(account: &mut Account, action: &str, input: Value, code: &str, says: &str) {
    let before = account.twin.diff();
    let (seen, message) = account.refused(action, input);
    assert_eq!(seen, code, "{action}: {message}");
    assert!(message.contains(says), "{action}: {message}");
    assert_eq!(account.twin.diff(), before, "{action} changed something");
}
