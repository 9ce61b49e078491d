//! What stands around the networks: ACLs in all of them; DHCP options, flow logs, address lists and
//! reservations in some.

use sandtable_model::{
    DhcpOptionsId, EgressOnlyInternetGatewayId, FlowLogId, Kind, NetworkAclId, PrefixListId,
    SubnetCidrReservationId, SubnetId,
};
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::Builder;
use super::network::Network;

/// The options of a VPC: in one of eight its own, otherwise AWS's.
pub(super) fn dhcp_options(builder: &mut Builder) -> Option<SmolStr> {
    if !builder.cells.is_multiple_of(8) {
        return None;
    }
    let id = builder.id(DhcpOptionsId::from_number);
    let name = format!("corp-{}.example", builder.cells);
    let told = json!({
        "DhcpOptionsId": id,
        "OwnerId": builder.account,
        "DhcpConfigurations": [
            {"Key": "domain-name", "Values": [{"Value": name}]},
            {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]},
        ],
    });
    builder.put(Kind::DhcpOptions, told);
    Some(id.as_str().into())
}

/// The default ACL of a VPC, and in one of six another for its private subnet.
pub(super) fn acls(builder: &mut Builder, network: &Network) {
    let (public, private) = (&network.public, &network.private);
    if builder.cells.is_multiple_of(6) {
        acl(builder, network, true, &[public]);
        acl(builder, network, false, &[private]);
    } else {
        acl(builder, network, true, &[public, private]);
    }
}

fn acl(builder: &mut Builder, network: &Network, is_default: bool, subnets: &[&SubnetId]) {
    let id = builder.id(NetworkAclId::from_number);
    let mut associations = Vec::new();
    for subnet in subnets {
        associations.push(json!({
            "NetworkAclAssociationId": builder.ids.text("aclassoc"),
            "NetworkAclId": id,
            "SubnetId": subnet,
        }));
    }
    let mut entries = Vec::new();
    for egress in [true, false] {
        for (number, action) in [(100, "allow"), (32767, "deny")] {
            entries.push(json!({
                "RuleNumber": number, "Egress": egress, "Protocol": "-1",
                "RuleAction": action, "CidrBlock": "0.0.0.0/0",
            }));
        }
    }
    let told = json!({
        "NetworkAclId": id, "VpcId": network.vpc, "IsDefault": is_default,
        "OwnerId": builder.account, "Associations": associations, "Entries": entries,
    });
    builder.put(Kind::NetworkAcl, told);
}

/// A flow log of one VPC in three.
pub(super) fn flow_log(builder: &mut Builder, network: &Network) {
    if !builder.cells.is_multiple_of(3) {
        return;
    }
    let told = json!({
        "FlowLogId": builder.id(FlowLogId::from_number), "ResourceId": network.vpc,
        "TrafficType": "REJECT", "FlowLogStatus": "ACTIVE", "LogDestinationType": "s3",
        "LogDestination": "arn:aws:s3:::example-flow-logs", "MaxAggregationInterval": 600,
        "DeliverLogsStatus": "SUCCESS", "CreationTime": Builder::days_ago(90),
    });
    builder.put(Kind::FlowLog, told);
}

/// The way out for IPv6.
pub(super) fn egress_only(builder: &mut Builder, network: &Network) {
    let told = json!({
        "EgressOnlyInternetGatewayId": builder.id(EgressOnlyInternetGatewayId::from_number),
        "Attachments": [{"VpcId": network.vpc, "State": "attached"}],
    });
    builder.put(Kind::EgressOnlyInternetGateway, told);
}

/// Addresses of the private subnet that are kept for later.
pub(super) fn reserved_addresses(builder: &mut Builder, network: &Network) {
    let told = json!({
        "SubnetCidrReservationId": builder.id(SubnetCidrReservationId::from_number),
        "SubnetId": network.private, "Cidr": format!("10.{}.1.128/28", network.octet),
        "ReservationType": "prefix", "OwnerId": builder.account,
    });
    builder.put(Kind::SubnetCidrReservation, told);
}

/// The addresses of the offices, as a list that rules refer to.
pub(super) fn prefix_list(builder: &mut Builder) -> PrefixListId {
    let id = builder.id(PrefixListId::from_number);
    let entries = (0..3).map(|it| json!({"Cidr": format!("192.0.2.{}/28", it * 16)}));
    let told = json!({
        "PrefixListId": id, "PrefixListName": format!("offices-{}", builder.cells),
        "PrefixListArn": builder.arn("ec2", &format!("prefix-list/{id}")),
        "AddressFamily": "IPv4", "State": "create-complete", "MaxEntries": 10, "Version": 1,
        "OwnerId": builder.account, "Entries": entries.collect::<Vec<Value>>(),
    });
    builder.put(Kind::ManagedPrefixList, told);
    id
}
