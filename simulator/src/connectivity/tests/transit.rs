use serde_json::{Value, json};

use super::{
    Attached, NOBODY, attach, main_table, refuse, route_state, subnet, transit_gateway, vpc,
};
use crate::testing::{Account, text};

fn state(account: &Account, id: &str) -> String {
    match account.see(id)["State"].as_str() {
        Some(state) => state.to_owned(),
        None => "gone".to_owned(),
    }
}

/// The interfaces of attachments in a subnet.
fn interfaces(account: &mut Account, subnet: &str) -> Vec<Value> {
    let filters = json!([{"Name": "subnet-id", "Values": [subnet]}]);
    let found = account.ok("DescribeNetworkInterfaces", json!({"Filters": filters}));
    found["NetworkInterfaces"].as_array().unwrap().clone()
}

/// Facts: ec2-semantics.md, section 3, Transit gateway: `pending` lasts about 50 s.
#[test]
fn a_gateway_comes_with_a_default_table_and_goes_with_it() {
    let mut account = Account::new();
    let made = account.ok("CreateTransitGateway", json!({"Description": "hub"}));
    let it = &made["TransitGateway"];
    let id = text(it, "TransitGatewayId");
    assert_eq!(it["State"], "pending");
    assert_eq!(it["Options"]["AmazonSideAsn"], 64512);
    let table = text(&it["Options"], "AssociationDefaultRouteTableId");
    assert_eq!(
        it["Options"]["PropagationDefaultRouteTableId"],
        json!(table)
    );
    account.pass(49);
    assert_eq!(state(&account, &id), "pending");
    refuse(
        &mut account,
        "DeleteTransitGateway",
        json!({"TransitGatewayId": id}),
        "IncorrectState",
        "is in invalid state",
    );
    account.pass(2);
    assert_eq!(state(&account, &id), "available");
    assert_eq!(state(&account, &table), "available");
    assert_eq!(account.see(&table)["DefaultAssociationRouteTable"], true);
    let gone = account.ok("DeleteTransitGateway", json!({"TransitGatewayId": id}));
    assert_eq!(gone["TransitGateway"]["State"], "deleting");
    account.pass(61);
    assert_eq!(state(&account, &id), "deleted");
    assert_eq!(state(&account, &table), "deleted");
    let code = "InvalidTransitGatewayID.NotFound";
    let input = json!({"TransitGatewayId": id});
    refuse(
        &mut account,
        "DeleteTransitGateway",
        input,
        code,
        "was deleted or does not exist",
    );
    let shown = account.ok(
        "DescribeTransitGateways",
        json!({"TransitGatewayIds": [id]}),
    );
    assert_eq!(shown["TransitGateways"][0]["State"], "deleted");
    account.pass(3601);
    assert_eq!(state(&account, &id), "gone");
    assert_eq!(state(&account, &table), "gone");
}

/// EC2 API reference, CreateTransitGateway; where one default alone makes a table, sources differ.
#[test]
fn default_tables_follow_the_options() {
    let off = |names: &[&str]| {
        let off = names.iter().map(|it| ((*it).to_owned(), json!("disable")));
        json!({"Options": Value::Object(off.collect())})
    };
    let (association, propagation) = (
        "DefaultRouteTableAssociation",
        "DefaultRouteTablePropagation",
    );
    for (names, either, tables) in [
        (vec![], true, 1),
        (vec![association, propagation], true, 0),
        (vec![association], true, 1),
        (vec![propagation], true, 1),
        (vec![propagation], false, 0),
    ] {
        let mut account = Account::new();
        let mut choices = account.twin.connectivity_choices().clone();
        choices.one_default_makes_a_table = either;
        account.twin.set_connectivity_choices(choices);
        let made = account.ok("CreateTransitGateway", off(&names));
        let options = &made["TransitGateway"]["Options"];
        let found = account.ok("DescribeTransitGatewayRouteTables", json!({}));
        let found = found["TransitGatewayRouteTables"].as_array().unwrap();
        assert_eq!(found.len(), tables, "{names:?}");
        let has = |name: &str| options[name].is_string();
        let wanted = tables == 1 && !names.contains(&association);
        assert_eq!(has("AssociationDefaultRouteTableId"), wanted, "{names:?}");
        let wanted = tables == 1 && !names.contains(&propagation);
        assert_eq!(has("PropagationDefaultRouteTableId"), wanted, "{names:?}");
    }
}

/// Facts: source F (a live account): an option and its table move together.
#[test]
fn modifying_keeps_options_and_tables_together() {
    let mut account = Account::new();
    let (id, table) = transit_gateway(&mut account);
    let (other, foreign) = transit_gateway(&mut account);
    assert_ne!(id, other);
    let modify = "ModifyTransitGateway";
    let with = |options: Value| json!({"TransitGatewayId": id, "Options": options});
    let combination = "InvalidParameterCombination";
    let input = with(json!({"DefaultRouteTableAssociation": "disable",
                            "AssociationDefaultRouteTableId": table}));
    let says = "disable DefaultRouteTableAssociation conflicts with AssociationDefaultRouteTableId";
    refuse(&mut account, modify, input, combination, says);
    let input = with(json!({"AssociationDefaultRouteTableId": foreign}));
    let says = format!("does not exist in Transit Gateway {id}");
    refuse(
        &mut account,
        modify,
        input,
        "InvalidRouteTableID.NotFound",
        &says,
    );
    let input = with(json!({"DefaultRouteTableAssociation": "disable", "DnsSupport": "disable"}));
    let changed = account.ok(modify, input);
    let options = &changed["TransitGateway"]["Options"];
    assert_eq!(changed["TransitGateway"]["State"], "modifying");
    assert_eq!(options["AssociationDefaultRouteTableId"], Value::Null);
    assert_eq!(options["PropagationDefaultRouteTableId"], json!(table));
    assert_eq!(options["DnsSupport"], "disable");
    let marks = account.see(&table);
    assert_eq!(marks["DefaultAssociationRouteTable"], false);
    assert_eq!(marks["DefaultPropagationRouteTable"], true);
    let again = with(json!({"DnsSupport": "enable"}));
    refuse(
        &mut account,
        modify,
        again,
        "IncorrectState",
        "is in invalid state",
    );
    account.pass(21);
    let input = with(json!({"DefaultRouteTableAssociation": "enable"}));
    let says =
        "enable DefaultRouteTableAssociation conflicts with AssociationDefaultRouteTableId null";
    refuse(&mut account, modify, input, combination, says);
    let input = with(json!({"DefaultRouteTableAssociation": "enable",
                            "AssociationDefaultRouteTableId": table}));
    account.ok(modify, input);
    assert_eq!(account.see(&table)["DefaultAssociationRouteTable"], true);
    let input = with(json!({"EncryptionSupport": "enable"}));
    refuse(
        &mut account,
        modify,
        input,
        "UnsupportedOperation",
        "EncryptionSupport",
    );
}

/// Facts: ec2-semantics.md, section 3, VPC, Subnet and Transit gateway.
#[test]
fn an_attachment_keeps_its_subnet_its_vpc_and_its_gateway() {
    let Attached {
        mut account,
        gateway,
        default_table,
        vpc,
        subnet,
        attachment,
    } = Attached::new();
    assert_eq!(state(&account, &attachment), "available");
    let association = &account.see(&attachment)["Association"];
    assert_eq!(
        association["TransitGatewayRouteTableId"],
        json!(default_table)
    );
    assert_eq!(association["State"], "associated");
    let own = interfaces(&mut account, &subnet);
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["InterfaceType"], "transit_gateway");
    assert_eq!(own[0]["RequesterManaged"], true);
    assert_eq!(own[0]["Status"], "in-use");
    let blocked = "DependencyViolation";
    refuse(
        &mut account,
        "DeleteSubnet",
        json!({"SubnetId": subnet}),
        blocked,
        "has dependencies",
    );
    refuse(
        &mut account,
        "DeleteVpc",
        json!({"VpcId": vpc}),
        blocked,
        "has dependencies",
    );
    let says = format!("{gateway} has non-deleted VPC Attachments: {attachment}.");
    let input = json!({"TransitGatewayId": gateway});
    refuse(
        &mut account,
        "DeleteTransitGateway",
        input.clone(),
        "IncorrectState",
        &says,
    );
    let delete = "DeleteTransitGatewayVpcAttachment";
    let by_id = json!({"TransitGatewayAttachmentId": attachment});
    let gone = account.ok(delete, by_id.clone());
    assert_eq!(gone["TransitGatewayVpcAttachment"]["State"], "deleting");
    refuse(
        &mut account,
        delete,
        by_id.clone(),
        "IncorrectState",
        "is in invalid state",
    );
    refuse(
        &mut account,
        "DeleteTransitGateway",
        input.clone(),
        "IncorrectState",
        "non-deleted",
    );
    account.pass(61);
    assert_eq!(state(&account, &attachment), "deleted");
    assert!(interfaces(&mut account, &subnet).is_empty());
    let code = "InvalidTransitGatewayAttachmentID.NotFound";
    refuse(
        &mut account,
        delete,
        by_id,
        code,
        "was deleted or does not exist",
    );
    account.ok("DeleteSubnet", json!({"SubnetId": subnet}));
    account.ok("DeleteVpc", json!({"VpcId": vpc}));
    account.ok("DeleteTransitGateway", input);
    account.pass(3700);
    assert_eq!(state(&account, &attachment), "gone");
}

/// Facts: source F: duplicates, zones, subnets of other VPCs; the gateway must be available.
#[test]
fn attaching_is_refused_as_aws_does() {
    let Attached {
        mut account,
        gateway,
        vpc: own,
        subnet: first,
        ..
    } = Attached::new();
    let create = "CreateTransitGatewayVpcAttachment";
    let with = |gateway: &str, vpc: &str, subnets: &[&str]| json!({"TransitGatewayId": gateway, "VpcId": vpc, "SubnetIds": subnets});
    let code = "DuplicateTransitGatewayAttachment";
    let says = "has non-deleted Transit Gateway Attachments with same VPC ID.";
    refuse(
        &mut account,
        create,
        with(&gateway, &own, &[&first]),
        code,
        says,
    );
    let other = vpc(&mut account, "10.1.0.0/16");
    let one = subnet(&mut account, &other, "10.1.0.0/24", "a");
    let two = subnet(&mut account, &other, "10.1.1.0/24", "a");
    let code = "DuplicateSubnetsInSameZone";
    let input = with(&gateway, &other, &[&one, &two]);
    refuse(
        &mut account,
        create,
        input,
        code,
        "Duplicate Subnets for same AZ",
    );
    let input = with(&gateway, &other, &[&first]);
    let says = "was deleted or does not exist.";
    refuse(
        &mut account,
        create,
        input,
        "InvalidSubnetID.NotFound",
        says,
    );
    refuse(
        &mut account,
        create,
        with(&gateway, &other, &[]),
        "MissingParameter",
        "SubnetIds",
    );
    let unknown = format!("tgw-{NOBODY}");
    let code = "InvalidTransitGatewayID.NotFound";
    refuse(
        &mut account,
        create,
        with(&unknown, &other, &[&one]),
        code,
        NOBODY,
    );
    let made = account.ok("CreateTransitGateway", json!({}));
    let young = text(&made["TransitGateway"], "TransitGatewayId");
    let input = with(&young, &other, &[&one]);
    refuse(
        &mut account,
        create,
        input,
        "IncorrectState",
        "is in invalid state",
    );
}

/// EC2 API reference, ModifyTransitGatewayVpcAttachment; facts: source F.
#[test]
fn subnets_and_options_of_an_attachment_change() {
    let Attached {
        mut account,
        vpc,
        subnet: first,
        attachment,
        ..
    } = Attached::new();
    let second = subnet(&mut account, &vpc, "10.0.1.0/24", "b");
    let modify = "ModifyTransitGatewayVpcAttachment";
    let id = || json!({"TransitGatewayAttachmentId": attachment});
    let mut input = id();
    input["RemoveSubnetIds"] = json!([first]);
    let code = "InsufficientSubnetsException";
    refuse(
        &mut account,
        modify,
        input.clone(),
        code,
        "Insufficient Subnets",
    );
    input["AddSubnetIds"] = json!([second]);
    input["Options"] = json!({"ApplianceModeSupport": "enable"});
    let changed = account.ok(modify, input);
    let changed = &changed["TransitGatewayVpcAttachment"];
    assert_eq!(changed["State"], "modifying");
    assert_eq!(changed["SubnetIds"], json!([second]));
    assert_eq!(changed["Options"]["ApplianceModeSupport"], "enable");
    assert_eq!(
        changed["Options"]["SecurityGroupReferencingSupport"],
        "enable"
    );
    assert!(interfaces(&mut account, &first).is_empty());
    assert_eq!(interfaces(&mut account, &second).len(), 1);
    account.ok("DeleteSubnet", json!({"SubnetId": first}));
    let mut input = id();
    input["RemoveSubnetIds"] = json!([first]);
    let says = "is not attached but supplied in RemoveSubnets";
    refuse(
        &mut account,
        modify,
        input,
        "InvalidSubnetID.NotFound",
        says,
    );
    refuse(
        &mut account,
        modify,
        id(),
        "IncorrectState",
        "is in invalid state",
    );
    account.pass(31);
    assert_eq!(state(&account, &attachment), "available");
}

/// VPC routes to a gateway need an attachment of the VPC and become blackholes with it.
#[test]
fn routes_need_the_vpcs_own_attachment() {
    let Attached {
        mut account,
        gateway,
        vpc: own,
        subnet: own_subnet,
        attachment,
        ..
    } = Attached::new();
    let table = main_table(&mut account, &own);
    let to = |table: &str| {
        json!({"RouteTableId": table, "DestinationCidrBlock": "10.0.0.0/8",
               "TransitGatewayId": gateway})
    };
    account.ok("CreateRoute", to(&table));
    assert_eq!(route_state(&account, &table, "10.0.0.0/8"), "active");
    let other = vpc(&mut account, "10.1.0.0/16");
    let elsewhere = main_table(&mut account, &other);
    let code = "InvalidTransitGatewayID.NotFound";
    refuse(&mut account, "CreateRoute", to(&elsewhere), code, &gateway);
    let by_id = json!({"TransitGatewayAttachmentId": attachment});
    account.ok("DeleteTransitGatewayVpcAttachment", by_id);
    account.pass(61);
    assert_eq!(route_state(&account, &table, "10.0.0.0/8"), "blackhole");
    account.ok(
        "DeleteRoute",
        json!({"RouteTableId": table, "DestinationCidrBlock": "10.0.0.0/8"}),
    );
    refuse(&mut account, "CreateRoute", to(&table), code, &gateway);
    account.pass(4000);
    refuse(&mut account, "CreateRoute", to(&table), code, &gateway);
    attach(&mut account, &gateway, &own, &own_subnet);
    account.ok("CreateRoute", to(&table));
    assert_eq!(route_state(&account, &table, "10.0.0.0/8"), "active");
}

/// Attachments are shown by kind; an id of another kind is unknown (aws-nuke issue 961).
#[test]
fn attachments_are_described_by_kind() {
    let Attached {
        mut account,
        gateway,
        vpc,
        attachment,
        ..
    } = Attached::new();
    let ids = json!({"TransitGatewayAttachmentIds": [attachment]});
    let all = account.ok("DescribeTransitGatewayAttachments", ids.clone());
    let it = &all["TransitGatewayAttachments"][0];
    assert_eq!(it["ResourceType"], "vpc");
    assert_eq!(it["ResourceId"], json!(vpc));
    assert_eq!(it["Association"]["State"], "associated");
    let of_vpcs = account.ok("DescribeTransitGatewayVpcAttachments", ids.clone());
    assert_eq!(
        of_vpcs["TransitGatewayVpcAttachments"][0]["VpcId"],
        json!(vpc)
    );
    let code = "InvalidTransitGatewayAttachmentID.NotFound";
    let describe = "DescribeTransitGatewayPeeringAttachments";
    refuse(&mut account, describe, ids, code, &attachment);
    for (name, value, count) in [
        ("resource-type", "vpc", 1),
        ("resource-type", "vpn", 0),
        ("transit-gateway-id", gateway.as_str(), 1),
        ("association.state", "associated", 1),
        ("resource-owner-id", "123456789012", 1),
    ] {
        let input = json!({"Filters": [{"Name": name, "Values": [value]}]});
        let found = account.ok("DescribeTransitGatewayAttachments", input);
        let found = found["TransitGatewayAttachments"].as_array().unwrap().len();
        assert_eq!(found, count, "{name}");
    }
    let input = json!({"Filters": [{"Name": "resource-type", "Values": ["vpc"]}]});
    let describe = "DescribeTransitGatewayVpcAttachments";
    refuse(
        &mut account,
        describe,
        input,
        "InvalidParameterValue",
        "resource-type",
    );
}

/// Quotas of the transit gateway guide.
#[test]
fn gateways_and_tables_are_limited() {
    let mut account = Account::new();
    for _ in 0..5 {
        account.ok("CreateTransitGateway", json!({}));
    }
    let code = "TransitGatewayLimitExceeded";
    refuse(
        &mut account,
        "CreateTransitGateway",
        json!({}),
        code,
        "maximum",
    );
}
