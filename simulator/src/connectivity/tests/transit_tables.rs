use serde_json::{Value, json};

use super::{Attached, attach, refuse, subnet, transit_gateway, vpc};
use crate::testing::{Account, text};

fn new_table(account: &mut Account, gateway: &str) -> String {
    let input = json!({"TransitGatewayId": gateway});
    let made = account.ok("CreateTransitGatewayRouteTable", input);
    account.pass(60);
    text(
        &made["TransitGatewayRouteTable"],
        "TransitGatewayRouteTableId",
    )
}

fn pair(table: &str, attachment: &str) -> Value {
    json!({"TransitGatewayRouteTableId": table, "TransitGatewayAttachmentId": attachment})
}

fn search(account: &mut Account, table: &str, name: &str, value: &str) -> Vec<Value> {
    let input = json!({"TransitGatewayRouteTableId": table,
                       "Filters": [{"Name": name, "Values": [value]}]});
    let found = account.ok("SearchTransitGatewayRoutes", input);
    found["Routes"].as_array().unwrap().clone()
}

fn destinations(routes: &[Value]) -> Vec<String> {
    let all = routes.iter();
    all.map(|it| text(it, "DestinationCidrBlock")).collect()
}

/// Facts: ec2-semantics.md, section 3, Transit gateway: default and associated tables stay.
#[test]
fn a_table_that_is_used_is_not_deleted() {
    let Attached {
        mut account,
        gateway,
        default_table,
        attachment,
        ..
    } = Attached::new();
    let delete = "DeleteTransitGatewayRouteTable";
    let by_id = |table: &str| json!({"TransitGatewayRouteTableId": table});
    let says = format!("is set as default association route table for {gateway}");
    refuse(
        &mut account,
        delete,
        by_id(&default_table),
        "IncorrectState",
        &says,
    );
    let table = new_table(&mut account, &gateway);
    let associate = "AssociateTransitGatewayRouteTable";
    let code = "Resource.AlreadyAssociated";
    let says = "is already associated to a route table.";
    refuse(
        &mut account,
        associate,
        pair(&table, &attachment),
        code,
        says,
    );
    let disassociate = "DisassociateTransitGatewayRouteTable";
    let says = "is not associated with route table";
    let code = "InvalidparameterValue";
    refuse(
        &mut account,
        disassociate,
        pair(&table, &attachment),
        code,
        says,
    );
    let going = account.ok(disassociate, pair(&default_table, &attachment));
    assert_eq!(going["Association"]["State"], "disassociating");
    account.pass(16);
    assert_eq!(account.see(&attachment)["Association"], Value::Null);
    let coming = account.ok(associate, pair(&table, &attachment));
    assert_eq!(coming["Association"]["State"], "associating");
    account.pass(16);
    let input = by_id(&table);
    let found = account.ok("GetTransitGatewayRouteTableAssociations", input.clone());
    assert_eq!(found["Associations"][0]["State"], "associated");
    assert_eq!(found["Associations"][0]["ResourceType"], "vpc");
    refuse(
        &mut account,
        delete,
        input.clone(),
        "IncorrectState",
        "has associated attachments",
    );
    account.ok(disassociate, pair(&table, &attachment));
    account.pass(16);
    account.ok(delete, input.clone());
    account.pass(51);
    let says = "was deleted or does not exist.";
    refuse(
        &mut account,
        delete,
        input,
        "InvalidRouteTableID.NotFound",
        says,
    );
}

/// Facts: source F: propagation is immediate; its routes follow from the VPC's blocks.
#[test]
fn propagated_routes_follow_from_what_is_attached() {
    let Attached {
        mut account,
        gateway,
        default_table,
        vpc: own,
        attachment,
        ..
    } = Attached::new();
    let found = search(&mut account, &default_table, "type", "propagated");
    assert_eq!(destinations(&found), ["10.0.0.0/16"]);
    assert_eq!(
        found[0]["TransitGatewayAttachments"][0]["ResourceId"],
        json!(own)
    );
    account.ok(
        "AssociateVpcCidrBlock",
        json!({"VpcId": own, "CidrBlock": "10.9.0.0/16"}),
    );
    let found = search(&mut account, &default_table, "type", "propagated");
    assert_eq!(destinations(&found), ["10.0.0.0/16", "10.9.0.0/16"]);
    // EC2 API reference, CreateTransitGatewayVpcAttachment: an overlapping VPC does not propagate.
    let other = vpc(&mut account, "10.0.128.0/17");
    let place = subnet(&mut account, &other, "10.0.128.0/24", "a");
    attach(&mut account, &gateway, &other, &place);
    let found = search(&mut account, &default_table, "state", "active");
    assert_eq!(destinations(&found), ["10.0.0.0/16", "10.9.0.0/16"]);
    let enable = "EnableTransitGatewayRouteTablePropagation";
    let code = "TransitGatewayRouteTablePropagation.Duplicate";
    refuse(
        &mut account,
        enable,
        pair(&default_table, &attachment),
        code,
        "already exists",
    );
    let table = new_table(&mut account, &gateway);
    let on = account.ok(enable, pair(&table, &attachment));
    assert_eq!(on["Propagation"]["State"], "enabled");
    let input = json!({"TransitGatewayAttachmentId": attachment});
    let found = account.ok("GetTransitGatewayAttachmentPropagations", input);
    let found = found["TransitGatewayAttachmentPropagations"]
        .as_array()
        .unwrap();
    assert_eq!(found.len(), 2);
    let disable = "DisableTransitGatewayRouteTablePropagation";
    account.ok(disable, pair(&default_table, &attachment));
    let says = "does not exist in Transit Gateway Route Table";
    let code = "InvalidparameterValue";
    refuse(
        &mut account,
        disable,
        pair(&default_table, &attachment),
        code,
        says,
    );
    let found = search(&mut account, &default_table, "type", "propagated");
    // What was hidden by the overlap shows now.
    assert_eq!(destinations(&found), ["10.0.128.0/17"]);
    let input = json!({"TransitGatewayRouteTableId": table});
    let found = account.ok("GetTransitGatewayRouteTablePropagations", input.clone());
    let found = &found["TransitGatewayRouteTablePropagations"];
    assert_eq!(found[0]["TransitGatewayAttachmentId"], json!(attachment));
    let none = account.ok("GetTransitGatewayPrefixListReferences", input);
    assert_eq!(none["TransitGatewayPrefixListReferences"], json!([]));
}

/// Facts: source F: static routes, their refusals, and what is left when the attachment goes.
#[test]
fn static_routes_become_blackholes_with_their_attachment() {
    let Attached {
        mut account,
        default_table,
        attachment,
        ..
    } = Attached::new();
    let to = |destination: &str| {
        json!({"TransitGatewayRouteTableId": default_table, "DestinationCidrBlock": destination,
               "TransitGatewayAttachmentId": attachment})
    };
    let create = "CreateTransitGatewayRoute";
    let made = account.ok(create, to("0.0.0.0/0"));
    assert_eq!(made["Route"]["State"], "active");
    assert_eq!(made["Route"]["Type"], "static");
    let code = "RouteAlreadyExists";
    refuse(
        &mut account,
        create,
        to("0.0.0.0/0"),
        code,
        "already exists",
    );
    let mut nowhere = to("192.168.0.0/16");
    nowhere["Blackhole"] = json!(true);
    let made = account.ok(create, nowhere.clone());
    assert_eq!(made["Route"]["State"], "blackhole");
    assert_eq!(made["Route"].get("TransitGatewayAttachments"), None);
    let mut missing = nowhere;
    missing["Blackhole"] = json!(false);
    missing
        .as_object_mut()
        .unwrap()
        .remove("TransitGatewayAttachmentId");
    missing["DestinationCidrBlock"] = json!("192.0.2.0/24");
    refuse(
        &mut account,
        create,
        missing,
        "MissingParameter",
        "TransitGatewayAttachmentId",
    );
    // Replacing a route that is not there makes it.
    account.ok("ReplaceTransitGatewayRoute", to("172.16.0.0/12"));
    let all = ["0.0.0.0/0", "172.16.0.0/12", "192.168.0.0/16"];
    let found = search(&mut account, &default_table, "type", "static");
    assert_eq!(destinations(&found), all);
    let by_id = json!({"TransitGatewayAttachmentId": attachment});
    account.ok("DeleteTransitGatewayVpcAttachment", by_id);
    account.pass(61);
    let found = search(&mut account, &default_table, "state", "blackhole");
    assert_eq!(destinations(&found), all);
    assert!(search(&mut account, &default_table, "state", "active").is_empty());
    let delete = "DeleteTransitGatewayRoute";
    let mut input = to("0.0.0.0/0");
    input
        .as_object_mut()
        .unwrap()
        .remove("TransitGatewayAttachmentId");
    let gone = account.ok(delete, input.clone());
    assert_eq!(gone["Route"]["State"], "deleted");
    let says = "The route 0.0.0.0/0 does not exist in Transit Gateway Route Table";
    refuse(&mut account, delete, input, "InvalidRoute.NotFound", says);
}

/// Facts: source F: an attachment of another gateway is as good as none.
#[test]
fn attachments_of_other_gateways_are_not_found() {
    let Attached {
        mut account,
        attachment,
        ..
    } = Attached::new();
    let (_, foreign) = transit_gateway(&mut account);
    let code = "InvalidTransitGatewayAttachmentID.NotFound";
    for action in [
        "AssociateTransitGatewayRouteTable",
        "EnableTransitGatewayRouteTablePropagation",
    ] {
        refuse(
            &mut account,
            action,
            pair(&foreign, &attachment),
            code,
            &attachment,
        );
    }
    let mut input = pair(&foreign, &attachment);
    input["DestinationCidrBlock"] = json!("0.0.0.0/0");
    refuse(
        &mut account,
        "CreateTransitGatewayRoute",
        input,
        code,
        &attachment,
    );
}

/// EC2 API reference, SearchTransitGatewayRoutes, with its own example for supernets.
#[test]
fn routes_are_searched_by_address() {
    let Attached {
        mut account,
        default_table,
        ..
    } = Attached::new();
    for block in ["10.0.1.0/29", "10.0.1.0/31", "10.64.0.0/12", "0.0.0.0/0"] {
        let input = json!({"TransitGatewayRouteTableId": default_table,
                           "DestinationCidrBlock": block, "Blackhole": true});
        account.ok("CreateTransitGatewayRoute", input);
    }
    for (name, value, expected) in [
        (
            "route-search.exact-match",
            "10.0.1.0/29",
            vec!["10.0.1.0/29"],
        ),
        (
            "route-search.supernet-of-match",
            "10.0.1.0/30",
            vec!["0.0.0.0/0", "10.0.0.0/16", "10.0.1.0/29"],
        ),
        (
            "route-search.subnet-of-match",
            "10.0.1.0/29",
            vec!["10.0.1.0/29", "10.0.1.0/31"],
        ),
        (
            "route-search.longest-prefix-match",
            "10.0.1.1",
            vec!["10.0.1.0/31"],
        ),
        (
            "route-search.longest-prefix-match",
            "11.0.0.1",
            vec!["0.0.0.0/0"],
        ),
        // A block where an address belongs finds nothing.
        ("route-search.longest-prefix-match", "10.0.1.0/31", vec![]),
    ] {
        let found = search(&mut account, &default_table, name, value);
        assert_eq!(destinations(&found), expected, "{name} {value}");
    }
    let search = "SearchTransitGatewayRoutes";
    let input = json!({"TransitGatewayRouteTableId": default_table});
    refuse(&mut account, search, input, "MissingParameter", "Filters");
    for name in ["route-search.nearest", "nothing"] {
        let input = json!({"TransitGatewayRouteTableId": default_table,
                           "Filters": [{"Name": name, "Values": ["x"]}]});
        refuse(&mut account, search, input, "InvalidParameterValue", name);
    }
    let page = |token: Value| {
        json!({"TransitGatewayRouteTableId": default_table, "MaxResults": 5, "NextToken": token,
               "Filters": [{"Name": "state", "Values": ["active", "blackhole"]}]})
    };
    let input = json!({"TransitGatewayRouteTableId": default_table,
                       "DestinationCidrBlock": "198.51.100.0/24", "Blackhole": true});
    account.ok("CreateTransitGatewayRoute", input);
    let first = account.ok(search, page(Value::Null));
    assert_eq!(first["AdditionalRoutesAvailable"], true);
    let second = account.ok(search, page(first["NextToken"].clone()));
    assert_eq!(second["AdditionalRoutesAvailable"], false);
    assert_eq!(second["Routes"].as_array().unwrap().len(), 1);
}
