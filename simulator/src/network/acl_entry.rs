//! Entries of network ACLs.

use ipnet::{Ipv4Net, Ipv6Net};
use sandtable_model::resource::{IcmpTypeCode, NetworkAcl, NetworkAclEntry, PortRange, RuleAction};
use smol_str::{SmolStr, format_smolstr};

use super::acl::{LAST, put};
use super::refusal;
use super::request::requests;
use crate::rules::{invalid_combination, invalid_value, require, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateNetworkAclEntry and ReplaceNetworkAclEntry.
    PutNetworkAclEntryRequest {
        network_acl_id: String,
        rule_number: Option<i64>,
        protocol: String,
        rule_action: String,
        egress: Option<bool>,
        cidr_block: Option<String>,
        ipv6_cidr_block: Option<String>,
        port_range: Option<PortRange>,
        icmp_type_code: Option<IcmpTypeCode>,
    }
    /// DeleteNetworkAclEntry.
    DeleteNetworkAclEntryRequest {
        network_acl_id: String,
        rule_number: Option<i64>,
        egress: Option<bool>,
    }
}

/// Adds an entry to a network ACL.
///
/// # Errors
/// `NetworkAclEntryAlreadyExists`, `NetworkAclEntryLimitExceeded` (facts: ec2-semantics.md, section
/// 5: 20 entries a direction), `InvalidParameterValue`.
pub fn create_network_acl_entry(
    twin: &mut Twin,
    ctx: &Ctx,
    request: PutNetworkAclEntryRequest,
) -> Result<(), ApiError> {
    let id = &request.network_acl_id;
    let acl = require::<NetworkAcl>(&twin.state, ctx, "networkAclId", id)?;
    let entry = read(&request)?;
    ctx.end_dry_run()?;
    if find(acl, entry.rule_number, entry.egress).is_some() {
        return Err(ApiError::new(
            "NetworkAclEntryAlreadyExists",
            format!(
                "The network acl entry identified by {} already exists.",
                entry.rule_number
            ),
        ));
    }
    let choices = &twin.network.choices;
    let is_beside = |it: &&NetworkAclEntry| {
        it.egress == entry.egress
            && (!choices.acl_families_count_apart
                || it.cidr_block.is_some() == entry.cidr_block.is_some())
    };
    if acl.entries.iter().filter(is_beside).count() >= choices.quotas.entries_per_acl {
        return Err(refusal::over_quota(
            "NetworkAclEntryLimitExceeded",
            "network ACL entries",
        ));
    }
    let id = acl.network_acl_id.clone();
    twin.state
        .update(&id, |it: &mut NetworkAcl| put(&mut it.entries, entry));
    Ok(())
}

/// Replaces an entry of a network ACL, wholly.
///
/// # Errors
/// `InvalidNetworkAclEntry.NotFound`, `InvalidParameterValue`.
pub fn replace_network_acl_entry(
    twin: &mut Twin,
    ctx: &Ctx,
    request: PutNetworkAclEntryRequest,
) -> Result<(), ApiError> {
    let id = &request.network_acl_id;
    let acl = require::<NetworkAcl>(&twin.state, ctx, "networkAclId", id)?;
    let entry = read(&request)?;
    ctx.end_dry_run()?;
    require_entry(acl, entry.rule_number, entry.egress)?;
    let id = acl.network_acl_id.clone();
    twin.state.update(&id, |it: &mut NetworkAcl| {
        drop_entry(it, entry.rule_number, entry.egress);
        put(&mut it.entries, entry);
    });
    Ok(())
}

/// Deletes an entry of a network ACL.
///
/// # Errors
/// `InvalidNetworkAclEntry.NotFound`, `InvalidParameterValue` for AWS's own last entries.
pub fn delete_network_acl_entry(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteNetworkAclEntryRequest,
) -> Result<(), ApiError> {
    let id = &request.network_acl_id;
    let acl = require::<NetworkAcl>(&twin.state, ctx, "networkAclId", id)?;
    let number = read_number(request.rule_number)?;
    let egress = request.egress.ok_or_else(|| missing("egress"))?;
    ctx.end_dry_run()?;
    require_entry(acl, number, egress)?;
    let id = acl.network_acl_id.clone();
    twin.state
        .update(&id, |it: &mut NetworkAcl| drop_entry(it, number, egress));
    Ok(())
}

fn find(acl: &NetworkAcl, number: i32, egress: bool) -> Option<&NetworkAclEntry> {
    let mut entries = acl.entries.iter();
    entries.find(|it| it.rule_number == number && it.egress == egress)
}

fn require_entry(acl: &NetworkAcl, number: i32, egress: bool) -> Result<(), ApiError> {
    if find(acl, number, egress).is_some() {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidNetworkAclEntry.NotFound",
        format!("The network acl entry identified by {number} does not exist."),
    ))
}

fn drop_entry(acl: &mut NetworkAcl, number: i32, egress: bool) {
    acl.entries
        .retain(|it| it.rule_number != number || it.egress != egress);
}

fn missing(parameter: &str) -> ApiError {
    ApiError::new(
        "MissingParameter",
        format!("The request must contain the parameter {parameter}"),
    )
}

/// Numbers that a caller may use: 1 to 32766; what is above belongs to AWS (EC2 API reference,
/// CreateNetworkAclEntry).
fn read_number(number: Option<i64>) -> Result<i32, ApiError> {
    let number = number.ok_or_else(|| missing("ruleNumber"))?;
    let fine = i32::try_from(number)
        .ok()
        .filter(|it| (1..LAST).contains(it));
    fine.ok_or_else(|| {
        invalid_value(format!(
            "Value ({number}) for parameter ruleNumber is invalid. Rule numbers are 1 to 32766."
        ))
    })
}

fn read(request: &PutNetworkAclEntryRequest) -> Result<NetworkAclEntry, ApiError> {
    let rule_number = read_number(request.rule_number)?;
    let protocol = read_protocol(required("protocol", &request.protocol)?)?;
    let rule_action = match required("ruleAction", &request.rule_action)? {
        "allow" => RuleAction::Allow,
        "deny" => RuleAction::Deny,
        other => return Err(refusal::not_a_value("ruleAction", other)),
    };
    let egress = request.egress.ok_or_else(|| missing("egress"))?;
    let block = read_block(
        request.cidr_block.as_deref(),
        request.ipv6_cidr_block.as_deref(),
    )?;
    let is_ipv6 = block.parse::<Ipv6Net>().is_ok();
    let mut entry = NetworkAclEntry {
        rule_number,
        egress,
        rule_action,
        cidr_block: (!is_ipv6).then(|| block.clone()),
        ipv6_cidr_block: is_ipv6.then_some(block),
        port_range: None,
        icmp_type_code: None,
        protocol,
    };
    // What is said of ports and messages for other protocols means nothing (EC2 API reference).
    match entry.protocol.as_str() {
        "6" | "17" => entry.port_range = Some(read_ports(request.port_range)?),
        "1" => entry.icmp_type_code = Some(read_messages(request.icmp_type_code)?),
        "58" if is_ipv6 => entry.icmp_type_code = Some(read_messages(request.icmp_type_code)?),
        _ => {}
    }
    Ok(entry)
}

/// The protocol's number; AWS's clients turn names into numbers, the API does not.
fn read_protocol(text: &str) -> Result<SmolStr, ApiError> {
    match text.parse::<i32>() {
        Ok(number) if (-1..=255).contains(&number) => Ok(format_smolstr!("{number}")),
        _ => Err(invalid_value(format!(
            "Invalid value '{text}' for IP protocol. Unknown protocol."
        ))),
    }
}

fn read_block(ipv4: Option<&str>, ipv6: Option<&str>) -> Result<SmolStr, ApiError> {
    let malformed = |text: &str, parameter: &str| {
        invalid_value(format!(
            "Value ({text}) for parameter {parameter} is invalid. This is not a valid CIDR block."
        ))
    };
    match (ipv4, ipv6) {
        (Some(text), None) => {
            let block = text.parse::<Ipv4Net>();
            let block = block.map_err(|_| malformed(text, "cidrBlock"))?;
            Ok(format_smolstr!("{}", block.trunc()))
        }
        (None, Some(text)) => {
            let block = text.parse::<Ipv6Net>();
            let block = block.map_err(|_| malformed(text, "ipv6CidrBlock"))?;
            Ok(format_smolstr!("{}", block.trunc()))
        }
        (None, None) => Err(missing("cidrBlock or ipv6CidrBlock")),
        (Some(_), Some(_)) => Err(invalid_combination(
            "The parameters cidrBlock and ipv6CidrBlock cannot be used together",
        )),
    }
}

fn read_ports(ports: Option<PortRange>) -> Result<PortRange, ApiError> {
    let ports = ports.ok_or_else(|| missing("portRange"))?;
    let fine = 0..=65_535;
    if !fine.contains(&ports.from) || !fine.contains(&ports.to) || ports.from > ports.to {
        return Err(invalid_value(format!(
            "Value ({}-{}) for parameter portRange is invalid.",
            ports.from, ports.to
        )));
    }
    Ok(ports)
}

fn read_messages(messages: Option<IcmpTypeCode>) -> Result<IcmpTypeCode, ApiError> {
    let messages = messages.ok_or_else(|| missing("icmpTypeCode"))?;
    let fine = -1..=255;
    if !fine.contains(&messages.r#type) || !fine.contains(&messages.code) {
        return Err(invalid_value(format!(
            "Value ({}, {}) for parameter icmpTypeCode is invalid.",
            messages.r#type, messages.code
        )));
    }
    Ok(messages)
}
