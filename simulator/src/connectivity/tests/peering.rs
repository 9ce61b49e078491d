use sandtable_model::Region;
use serde_json::{Value, json};

use super::{NOBODY, main_table, refuse, route_state, vpc};
use crate::testing::{Account, text};
use crate::{Effect, Fault, dispatch};

const OTHER: &str = "210987654321";

fn ask(account: &mut Account, input: Value) -> String {
    let made = account.ok("CreateVpcPeeringConnection", input);
    let it = &made["VpcPeeringConnection"];
    assert_eq!(it["Status"]["Code"], "initiating-request");
    account.pass(2);
    text(it, "VpcPeeringConnectionId")
}

fn by_id(id: &str) -> Value {
    json!({"VpcPeeringConnectionId": id})
}

fn state(account: &Account, id: &str) -> String {
    let it = account.see(id);
    match it["Status"]["Code"].as_str() {
        Some(code) => code.to_owned(),
        None => "gone".to_owned(),
    }
}

/// Two VPCs of the account and an accepted peering.
fn peered() -> (Account, String, String, String) {
    let mut account = Account::new();
    let one = vpc(&mut account, "10.0.0.0/16");
    let other = vpc(&mut account, "10.1.0.0/16");
    let id = ask(&mut account, json!({"VpcId": one, "PeerVpcId": other}));
    account.ok("AcceptVpcPeeringConnection", by_id(&id));
    account.pass(10);
    (account, one, other, id)
}

/// VPC peering guide, "VPC peering connection lifecycle".
#[test]
fn a_request_is_accepted_and_becomes_active() {
    let mut account = Account::new();
    let one = vpc(&mut account, "10.0.0.0/16");
    let other = vpc(&mut account, "10.1.0.0/16");
    let id = ask(&mut account, json!({"VpcId": one, "PeerVpcId": other}));
    let waiting = account.see(&id);
    assert_eq!(waiting["Status"]["Code"], "pending-acceptance");
    // The accepter's block is not told before it accepts (boto3 issue 326).
    assert_eq!(waiting["AccepterVpcInfo"]["CidrBlock"], Value::Null);
    assert_eq!(waiting["RequesterVpcInfo"]["CidrBlock"], "10.0.0.0/16");
    let accepted = account.ok("AcceptVpcPeeringConnection", by_id(&id));
    let code = &accepted["VpcPeeringConnection"]["Status"]["Code"];
    assert_eq!(code, "provisioning");
    account.pass(10);
    let active = account.see(&id);
    assert_eq!(active["Status"]["Code"], "active");
    assert_eq!(active["AccepterVpcInfo"]["CidrBlock"], "10.1.0.0/16");
    assert_eq!(active["ExpirationTime"], Value::Null);
    for action in ["AcceptVpcPeeringConnection", "RejectVpcPeeringConnection"] {
        let says = "attempted to transition from active to";
        refuse(
            &mut account,
            action,
            by_id(&id),
            "InvalidStateTransition",
            says,
        );
    }
}

/// EC2 API reference, CreateVpcPeeringConnection: overlapping blocks make it `failed`; facts:
/// ec2-semantics.md, section 3, Peering: which cannot be deleted.
#[test]
fn overlapping_and_missing_vpcs_fail() {
    let mut account = Account::new();
    let one = vpc(&mut account, "10.0.0.0/16");
    let other = vpc(&mut account, "10.0.0.0/20");
    let missing = format!("vpc-{NOBODY}");
    for peer in [&other, &missing] {
        let id = ask(&mut account, json!({"VpcId": one, "PeerVpcId": peer}));
        assert_eq!(state(&account, &id), "failed", "{peer}");
        let says = "attempted to transition from failed to deleting";
        let delete = "DeleteVpcPeeringConnection";
        refuse(
            &mut account,
            delete,
            by_id(&id),
            "InvalidStateTransition",
            says,
        );
        account.pass(2 * 3600);
        assert_eq!(state(&account, &id), "gone", "{peer}");
    }
}

#[test]
fn a_second_connection_of_the_same_vpcs_is_refused() {
    let (mut account, one, other, _) = peered();
    for (vpc, peer) in [(&one, &other), (&other, &one)] {
        let input = json!({"VpcId": vpc, "PeerVpcId": peer});
        let create = "CreateVpcPeeringConnection";
        refuse(
            &mut account,
            create,
            input,
            "VpcPeeringConnectionAlreadyExists",
            "exists",
        );
    }
}

/// VPC peering guide: rejected within one account it stays visible for two hours.
#[test]
fn a_request_is_rejected() {
    let mut account = Account::new();
    let one = vpc(&mut account, "10.0.0.0/16");
    let other = vpc(&mut account, "10.1.0.0/16");
    let id = ask(&mut account, json!({"VpcId": one, "PeerVpcId": other}));
    account.ok("RejectVpcPeeringConnection", by_id(&id));
    assert_eq!(state(&account, &id), "rejected");
    let says = "attempted to transition from rejected to deleting";
    let delete = "DeleteVpcPeeringConnection";
    refuse(
        &mut account,
        delete,
        by_id(&id),
        "InvalidStateTransition",
        says,
    );
    account.pass(7199);
    assert_eq!(state(&account, &id), "rejected");
    account.pass(2);
    assert_eq!(state(&account, &id), "gone");
}

/// Facts: ec2-semantics.md, section 3, Peering: expiry after 7 days, `deleted` seen for 2 hours.
#[test]
fn requests_expire_and_deleted_ones_stay_visible_for_a_while() {
    let mut account = Account::new();
    let one = vpc(&mut account, "10.0.0.0/16");
    let input = json!({"VpcId": one, "PeerVpcId": format!("vpc-{NOBODY}"), "PeerOwnerId": OTHER});
    let id = ask(&mut account, input);
    account.pass(7 * 86400 - 10);
    assert_eq!(state(&account, &id), "pending-acceptance");
    account.pass(20);
    assert_eq!(state(&account, &id), "expired");
    refuse(
        &mut account,
        "DeleteVpcPeeringConnection",
        by_id(&id),
        "InvalidStateTransition",
        "from expired to deleting",
    );
    account.pass(2 * 86400 + 1);
    assert_eq!(state(&account, &id), "gone");

    let (mut account, _, _, id) = peered();
    account.ok("DeleteVpcPeeringConnection", by_id(&id));
    assert_eq!(state(&account, &id), "deleting");
    account.pass(6);
    assert_eq!(state(&account, &id), "deleted");
    account.pass(2 * 3600 - 10);
    assert_eq!(state(&account, &id), "deleted");
    account.pass(20);
    assert_eq!(state(&account, &id), "gone");
}

/// Only the other account can accept; a scenario does so by a drift under its account.
#[test]
fn another_account_accepts_by_a_drift() {
    let mut account = Account::new();
    let one = vpc(&mut account, "10.0.0.0/16");
    let input = json!({"VpcId": one, "PeerVpcId": format!("vpc-{NOBODY}"), "PeerOwnerId": OTHER});
    let id = ask(&mut account, input);
    let accept = "AcceptVpcPeeringConnection";
    let says = "User 123456789012 cannot accept peering";
    refuse(
        &mut account,
        accept,
        by_id(&id),
        "OperationNotPermitted",
        says,
    );
    let fault: Fault = serde_json::from_value(json!({
        "action": "DescribeVpcs",
        "effect": {"drift": {"calls": [{"action": accept, "parameters": by_id(&id), "account": OTHER}]}},
    }))
    .unwrap();
    assert!(matches!(fault.effect, Effect::Drift { .. }));
    account.twin.set_faults(vec![fault]);
    account.ok("DescribeVpcs", json!({}));
    account.pass(10);
    assert_eq!(state(&account, &id), "active");
    refuse(
        &mut account,
        "DeleteVpc",
        json!({"VpcId": one}),
        "DependencyViolation",
        "has dependencies",
    );
}

/// EC2 API reference, AcceptVpcPeeringConnection: across Regions, in that of the accepter.
#[test]
fn across_regions_it_is_accepted_in_the_accepters() {
    let mut account = Account::new();
    let one = vpc(&mut account, "10.0.0.0/16");
    let far = Region::new("eu-west-1").unwrap();
    let mut there = Account {
        twin: account.twin.clone(),
        region: far.clone(),
    };
    there.twin.ensure_region(&far);
    let other = vpc(&mut there, "10.1.0.0/16");
    account.twin = there.twin.clone();
    let input = json!({"VpcId": one, "PeerVpcId": other, "PeerRegion": "eu-west-1"});
    let id = ask(&mut account, input);
    assert_eq!(state(&account, &id), "pending-acceptance");
    let accept = "AcceptVpcPeeringConnection";
    let says = "must be accepted in region eu-west-1";
    refuse(
        &mut account,
        accept,
        by_id(&id),
        "OperationNotPermitted",
        says,
    );
    there.twin = account.twin.clone();
    let shown = there.ok("DescribeVpcPeeringConnections", json!({}));
    assert_eq!(
        text(&shown["VpcPeeringConnections"][0], "VpcPeeringConnectionId"),
        id
    );
    there.ok(accept, by_id(&id));
    there.pass(10);
    assert_eq!(state(&there, &id), "active");
    let near = std::mem::replace(&mut account.region, there.region.clone());
    account.twin = there.twin.clone();
    let code = "DependencyViolation";
    let says = "has dependencies";
    refuse(
        &mut account,
        "DeleteVpc",
        json!({"VpcId": other}),
        code,
        says,
    );
    account.region = near;
    refuse(&mut account, "DeleteVpc", json!({"VpcId": one}), code, says);
    let third = Region::new("us-east-1").unwrap();
    let ctx = there.twin.context(&third);
    let input = json!({"VpcPeeringConnectionIds": [id]});
    let error = dispatch::call(
        &mut there.twin,
        &ctx,
        "DescribeVpcPeeringConnections",
        input,
    );
    assert_eq!(
        error.unwrap_err().code,
        "InvalidVpcPeeringConnectionID.NotFound"
    );
}

/// Facts: ec2-semantics.md, section 3, VPC: an active peering blocks; routes become blackholes.
#[test]
fn routes_and_vpcs_follow_the_state() {
    let mut account = Account::new();
    let one = vpc(&mut account, "10.0.0.0/16");
    let other = vpc(&mut account, "10.1.0.0/16");
    let third = vpc(&mut account, "10.2.0.0/16");
    let id = ask(&mut account, json!({"VpcId": one, "PeerVpcId": other}));
    let table = main_table(&mut account, &one);
    let to = |table: &str| {
        json!({"RouteTableId": table, "DestinationCidrBlock": "10.1.0.0/16",
               "VpcPeeringConnectionId": id})
    };
    account.ok("CreateRoute", to(&table));
    assert_eq!(route_state(&account, &table, "10.1.0.0/16"), "blackhole");
    let elsewhere = main_table(&mut account, &third);
    let says = "different networks";
    refuse(
        &mut account,
        "CreateRoute",
        to(&elsewhere),
        "InvalidParameterValue",
        says,
    );
    account.ok("AcceptVpcPeeringConnection", by_id(&id));
    assert_eq!(route_state(&account, &table, "10.1.0.0/16"), "blackhole");
    account.pass(10);
    assert_eq!(route_state(&account, &table, "10.1.0.0/16"), "active");
    for vpc in [&one, &other] {
        let input = json!({"VpcId": vpc});
        refuse(
            &mut account,
            "DeleteVpc",
            input,
            "DependencyViolation",
            "has dependencies",
        );
    }
    account.ok("DeleteVpcPeeringConnection", by_id(&id));
    assert_eq!(route_state(&account, &table, "10.1.0.0/16"), "blackhole");
    account.pass(10);
    account.ok("DeleteVpc", json!({"VpcId": other}));
    let delete = json!({"RouteTableId": table, "DestinationCidrBlock": "10.1.0.0/16"});
    account.ok("DeleteRoute", delete);
    let code = "InvalidVpcPeeringConnectionID.NotFound";
    refuse(&mut account, "CreateRoute", to(&table), code, &id);
}

/// A request that waits does not keep a VPC, and goes with it.
#[test]
fn a_waiting_request_goes_with_its_vpc() {
    let mut account = Account::new();
    let one = vpc(&mut account, "10.0.0.0/16");
    let input = json!({"VpcId": one, "PeerVpcId": format!("vpc-{NOBODY}"), "PeerOwnerId": OTHER});
    let id = ask(&mut account, input);
    account.ok("DeleteVpc", json!({"VpcId": one}));
    assert_eq!(state(&account, &id), "deleted");
}

/// "Peering options can be added only to active peerings" (seen in many reports), and
/// InvalidVpcPeeringConnectionState.DnsHostnamesDisabled (EC2 API reference, error codes).
#[test]
fn options_need_an_active_connection_and_host_names() {
    let (mut account, one, other, id) = peered();
    let allow = json!({"AllowDnsResolutionFromRemoteVpc": true});
    let modify = "ModifyVpcPeeringConnectionOptions";
    let input = json!({"VpcPeeringConnectionId": id, "RequesterPeeringConnectionOptions": allow});
    let code = "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled";
    refuse(&mut account, modify, input.clone(), code, "DNS hostname");
    for vpc in [&one, &other] {
        let input = json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}});
        account.ok("ModifyVpcAttribute", input);
    }
    let answer = account.ok(modify, input.clone());
    assert_eq!(
        answer["RequesterPeeringConnectionOptions"],
        json!({
            "AllowDnsResolutionFromRemoteVpc": true,
            "AllowEgressFromLocalClassicLinkToRemoteVpc": false,
            "AllowEgressFromLocalVpcToRemoteClassicLink": false,
        })
    );
    let side = &account.see(&id)["RequesterVpcInfo"]["PeeringOptions"];
    assert_eq!(side["AllowDnsResolutionFromRemoteVpc"], true);
    let nothing = json!({"VpcPeeringConnectionId": id});
    refuse(
        &mut account,
        modify,
        nothing,
        "MissingParameter",
        "must contain",
    );
    account.ok("DeleteVpcPeeringConnection", by_id(&id));
    refuse(
        &mut account,
        modify,
        input,
        "OperationNotPermitted",
        "is not active",
    );
}

/// Facts: ec2-semantics.md, section 5: 25 outstanding requests, 50 active peerings of a VPC.
#[test]
fn quotas_count_what_waits_and_what_is_active() {
    let mut account = Account::new();
    let mut choices = account.twin.connectivity_choices().clone();
    assert_eq!(choices.quotas.outstanding_peerings, 25);
    assert_eq!(choices.quotas.active_peerings_per_vpc, 50);
    choices.quotas.active_peerings_per_vpc = 1;
    account.twin.set_connectivity_choices(choices);
    let one = vpc(&mut account, "10.0.0.0/16");
    for number in 0..25 {
        let peer = format!("vpc-0000000000000{number:04}");
        let input = json!({"VpcId": one, "PeerVpcId": peer, "PeerOwnerId": OTHER});
        ask(&mut account, input);
    }
    let input = json!({"VpcId": one, "PeerVpcId": format!("vpc-{NOBODY}"), "PeerOwnerId": OTHER});
    let code = "OutstandingVpcPeeringConnectionLimitExceeded";
    refuse(
        &mut account,
        "CreateVpcPeeringConnection",
        input,
        code,
        "maximum",
    );
    let other = vpc(&mut account, "10.1.0.0/16");
    let third = vpc(&mut account, "10.2.0.0/16");
    let first = ask(&mut account, json!({"VpcId": other, "PeerVpcId": third}));
    account.ok("AcceptVpcPeeringConnection", by_id(&first));
    let second = ask(&mut account, json!({"VpcId": other, "PeerVpcId": one}));
    let code = "ActiveVpcPeeringConnectionPerVpcLimitExceeded";
    refuse(
        &mut account,
        "AcceptVpcPeeringConnection",
        by_id(&second),
        code,
        "maximum",
    );
}

/// Ids, filters, pages and dry runs (facts: ec2-semantics.md, section 1).
#[test]
fn they_are_described_by_ids_filters_and_pages() {
    let mut account = Account::new();
    let one = vpc(&mut account, "10.0.0.0/16");
    let mut ids = Vec::new();
    for number in 1..8 {
        let input = json!({"VpcId": one, "PeerVpcId": format!("vpc-0000000000000000{number}"),
                           "PeerOwnerId": OTHER});
        ids.push(ask(&mut account, input));
    }
    ids.sort();
    let describe = "DescribeVpcPeeringConnections";
    let seen = |answer: &Value| -> Vec<String> {
        let all = answer["VpcPeeringConnections"].as_array().unwrap().iter();
        all.map(|it| text(it, "VpcPeeringConnectionId")).collect()
    };
    let first = account.ok(describe, json!({"MaxResults": 5}));
    let second = account.ok(
        describe,
        json!({"MaxResults": 5, "NextToken": first["NextToken"]}),
    );
    assert_eq!([seen(&first), seen(&second)].concat(), ids);
    assert_eq!(second["NextToken"], Value::Null);
    for (name, value, count) in [
        ("status-code", "pending-acceptance", 7),
        ("status-code", "active", 0),
        ("requester-vpc-info.vpc-id", one.as_str(), 7),
        ("accepter-vpc-info.vpc-id", "vpc-00000000000000003", 1),
        ("accepter-vpc-info.owner-id", OTHER, 7),
        ("requester-vpc-info.cidr-block", "10.0.*", 7),
    ] {
        let input = json!({"Filters": [{"Name": name, "Values": [value]}]});
        assert_eq!(seen(&account.ok(describe, input)).len(), count, "{name}");
    }
    let input = json!({"VpcPeeringConnectionIds": [ids[0], format!("pcx-{NOBODY}")]});
    refuse(
        &mut account,
        describe,
        input,
        "InvalidVpcPeeringConnectionID.NotFound",
        NOBODY,
    );
    let input = json!({"VpcPeeringConnectionIds": ["pcx-x"]});
    refuse(
        &mut account,
        describe,
        input,
        "InvalidVpcPeeringConnectionId.Malformed",
        "pcx-x",
    );
    let input = json!({"VpcPeeringConnectionId": ids[0], "DryRun": true});
    let delete = "DeleteVpcPeeringConnection";
    refuse(
        &mut account,
        delete,
        input,
        "DryRunOperation",
        "would have succeeded",
    );
}
