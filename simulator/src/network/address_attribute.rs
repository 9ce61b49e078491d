//! Reverse DNS records of Elastic IP addresses (EC2 user guide, "Using reverse DNS for email
//! applications"). The twin has no DNS: it does not ask for the forward record that AWS wants.

use sandtable_model::AllocationId;
use sandtable_model::resource::Address;
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

use super::describe::page_of;
use super::request::{answers, requests};
use super::{Transition, refusal};
use crate::rules::{page_size, require, require_all, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeAddressesAttribute.
    DescribeAddressesAttributeRequest {
        allocation_ids: Vec<String>,
        attribute: Option<String>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// ModifyAddressAttribute.
    ModifyAddressAttributeRequest { allocation_id: String, domain_name: Option<String> }
    /// ResetAddressAttribute.
    ResetAddressAttributeRequest { allocation_id: String, attribute: String }
}

answers! {
    /// The answer of ModifyAddressAttribute and ResetAddressAttribute.
    ChangedAddressAttribute { address: AddressAttribute }
}

/// The reverse DNS record of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ReverseDns {
    /// The name that the address has.
    name: Option<SmolStr>,
    /// The name that it is to have, or none.
    wanted: Option<Option<SmolStr>>,
}

/// The answer of DescribeAddressesAttribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedAddressAttributes {
    /// The addresses, by allocation.
    pub addresses: Vec<AddressAttribute>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// What an address is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AddressAttribute {
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<SmolStr>,
    /// Its allocation.
    pub allocation_id: AllocationId,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ptr_record: Option<SmolStr>,
    /// The change of the name that is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ptr_record_update: Option<PtrUpdate>,
}

/// A change of a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PtrUpdate {
    /// The name that is to be; absent when it is taken off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<SmolStr>,
    /// `PENDING`.
    pub status: SmolStr,
}

const ATTRIBUTE: &str = "domain-name";

fn shown(twin: &Twin, address: &Address) -> AddressAttribute {
    let record = twin.network.reverse_dns.get(&address.allocation_id);
    let wanted = record.and_then(|it| it.wanted.clone());
    AddressAttribute {
        public_ip: address.public_ip.clone(),
        allocation_id: address.allocation_id.clone(),
        ptr_record: record.and_then(|it| it.name.clone()),
        ptr_record_update: wanted.map(|value| PtrUpdate {
            value,
            status: SmolStr::new_static("PENDING"),
        }),
    }
}

/// Gives an address a name.
///
/// # Errors
/// `MissingParameter`; `InvalidParameterValue` for what is no domain name.
pub fn modify_address_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyAddressAttributeRequest,
) -> Result<ChangedAddressAttribute, ApiError> {
    let id = &request.allocation_id;
    let address = require::<Address>(&twin.state, ctx, "AllocationId", id)?.clone();
    let name = required(
        "DomainName",
        request.domain_name.as_deref().unwrap_or_default(),
    )?;
    let name = name.strip_suffix('.').unwrap_or(name);
    if !is_domain(name) {
        return Err(refusal::not_a_value("DomainName", name));
    }
    ctx.end_dry_run()?;
    Ok(change(twin, &address, Some(format_smolstr!("{name}."))))
}

fn is_domain(name: &str) -> bool {
    let mut labels = name.split('.');
    let fine = |label: &str| {
        let inner = label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.contains('.') && labels.all(fine)
}

/// Takes the name off an address.
///
/// # Errors
/// `MissingParameter`; `InvalidParameterValue` for another attribute.
pub fn reset_address_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ResetAddressAttributeRequest,
) -> Result<ChangedAddressAttribute, ApiError> {
    let id = &request.allocation_id;
    let address = require::<Address>(&twin.state, ctx, "AllocationId", id)?.clone();
    check_attribute(required("Attribute", &request.attribute)?)?;
    ctx.end_dry_run()?;
    if !twin
        .network
        .reverse_dns
        .contains_key(&address.allocation_id)
    {
        return Ok(ChangedAddressAttribute {
            address: shown(twin, &address),
        });
    }
    Ok(change(twin, &address, None))
}

fn check_attribute(text: &str) -> Result<(), ApiError> {
    match text {
        ATTRIBUTE => Ok(()),
        other => Err(refusal::not_a_value("Attribute", other)),
    }
}

fn change(twin: &mut Twin, address: &Address, to: Option<SmolStr>) -> ChangedAddressAttribute {
    let id = &address.allocation_id;
    let record = twin.network.reverse_dns.entry(id.clone()).or_default();
    record.wanted = Some(to);
    // What the call answers is the state before the change.
    let answer = shown(twin, address);
    let delay = twin.options.timings.reverse_dns_change;
    twin.schedule(delay, Transition::ReverseDnsChanged(id.clone()));
    ChangedAddressAttribute { address: answer }
}

/// A change of a name is done.
pub(super) fn changed(twin: &mut Twin, id: &AllocationId) {
    let records = &mut twin.network.reverse_dns;
    let Some(record) = records.get_mut(id) else {
        return;
    };
    if let Some(wanted) = record.wanted.take() {
        record.name = wanted;
    }
    if record.name.is_none() {
        records.remove(id);
    }
}

/// Refuses to release an address that has a name, or is about to have or to lose one (EC2 error
/// list, `InvalidAddress.Locked`).
pub(super) fn check_unlocked(twin: &Twin, address: &Address) -> Result<(), ApiError> {
    let id = &address.allocation_id;
    if !twin.network.reverse_dns.contains_key(id) {
        return Ok(());
    }
    Err(ApiError::new(
        twin.network.choices.reverse_dns_refusal.as_str(),
        format!(
            "The address with allocation id [{id}] cannot be released because it is locked to your account: it has a reverse DNS record."
        ),
    ))
}

/// Lists the names of addresses.
///
/// # Errors
/// `InvalidAllocationID.NotFound`, `InvalidParameterValue`, `InvalidNextToken`.
pub fn describe_addresses_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeAddressesAttributeRequest,
) -> Result<DescribedAddressAttributes, ApiError> {
    if let Some(attribute) = &request.attribute {
        check_attribute(attribute)?;
    }
    let most = page_size(request.max_results, &(1..=1000))?;
    let named = require_all::<Address>(&twin.state, ctx, &request.allocation_ids)?;
    ctx.end_dry_run()?;
    let all: Vec<AddressAttribute> = match named.is_empty() {
        true => twin
            .state
            .all::<Address>(&ctx.region)
            .map(|it| shown(twin, it))
            .collect(),
        false => named.into_iter().map(|it| shown(twin, it)).collect(),
    };
    let (addresses, next_token) = page_of(all, most, request.next_token.as_deref())?;
    Ok(DescribedAddressAttributes {
        addresses,
        next_token,
    })
}
