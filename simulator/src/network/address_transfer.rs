//! Elastic IP addresses that are offered to other accounts, and the moves between platforms that no
//! longer happen.
//!
//! The twin is one account. It offers addresses and takes the offer back; nobody accepts, and nobody
//! offers it anything, so that accepting always finds nothing.

use sandtable_model::resource::Address;
use sandtable_model::{AccountId, AllocationId, Duration, Timestamp};
use serde::Serialize;
use smol_str::SmolStr;

use super::address::unknown_ip;
use super::describe::page_of;
use super::refusal;
use super::request::{answers, requests};
use crate::rules::{
    Extract, Filter, Filters, TagSpecification, invalid_value, page_size, require, require_all,
    required, tags_for,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// EnableAddressTransfer.
    EnableAddressTransferRequest { allocation_id: String, transfer_account_id: String }
    /// DisableAddressTransfer.
    DisableAddressTransferRequest { allocation_id: String }
    /// AcceptAddressTransfer.
    AcceptAddressTransferRequest { address: String, tag_specifications: Vec<TagSpecification> }
    /// DescribeAddressTransfers.
    DescribeAddressTransfersRequest {
        allocation_ids: Vec<String>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// MoveAddressToVpc.
    MoveAddressToVpcRequest { public_ip: String }
    /// DescribeMovingAddresses.
    DescribeMovingAddressesRequest {
        public_ips: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// The answer of EnableAddressTransfer, DisableAddressTransfer and AcceptAddressTransfer.
    ChangedAddressTransfer { address_transfer: AddressTransfer }
    /// The answer of MoveAddressToVpc, which the twin never gives.
    MovedAddress { allocation_id: AllocationId, status: SmolStr }
    /// The answer of DescribeMovingAddresses: EC2-Classic is gone, and nothing moves.
    MovingAddresses { moving_address_statuses: Vec<String> }
}

/// An offer of an address to another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    account: AccountId,
    until: Timestamp,
}

/// The answer of DescribeAddressTransfers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedAddressTransfers {
    /// The offers, by allocation.
    pub address_transfers: Vec<AddressTransfer>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// An offer of an address to another account, as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AddressTransfer {
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<SmolStr>,
    /// Its allocation.
    pub allocation_id: AllocationId,
    /// The account that may have it.
    pub transfer_account_id: AccountId,
    /// Until when.
    pub transfer_offer_expiration_timestamp: Timestamp,
    /// `pending` or `disabled`.
    pub address_transfer_status: SmolStr,
}

fn shown(address: &Address, offer: &Offer, status: &'static str) -> AddressTransfer {
    AddressTransfer {
        public_ip: address.public_ip.clone(),
        allocation_id: address.allocation_id.clone(),
        transfer_account_id: offer.account.clone(),
        transfer_offer_expiration_timestamp: offer.until,
        address_transfer_status: SmolStr::new_static(status),
    }
}

/// How long an account has to accept (EC2 API reference, DescribeAddressTransfers).
const DAYS: i64 = 7;

/// Offers an address to another account for seven days. An address in use, or with a reverse DNS
/// record, can be offered: that is refused when it is accepted.
///
/// # Errors
/// `InvalidParameterValue` for what is no account, or the own one.
pub fn enable_address_transfer(
    twin: &mut Twin,
    ctx: &Ctx,
    request: EnableAddressTransferRequest,
) -> Result<ChangedAddressTransfer, ApiError> {
    let id = &request.allocation_id;
    let address = require::<Address>(&twin.state, ctx, "AllocationId", id)?.clone();
    let text = required("TransferAccountId", &request.transfer_account_id)?;
    let account = AccountId::new(text).ok().filter(|it| *it != ctx.account);
    let account = account.ok_or_else(|| refusal::not_a_value("TransferAccountId", text))?;
    ctx.end_dry_run()?;
    let offer = Offer {
        account,
        until: twin.now().plus(Duration::from_days(DAYS)),
    };
    let address_transfer = shown(&address, &offer, "pending");
    twin.network.transfers.insert(address.allocation_id, offer);
    Ok(ChangedAddressTransfer { address_transfer })
}

/// The offer of an address that has not run out.
fn offer<'a>(twin: &'a Twin, address: &Address) -> Option<&'a Offer> {
    let offer = twin.network.transfers.get(&address.allocation_id);
    offer.filter(|it| twin.now() < it.until)
}

/// Takes an offer back.
///
/// # Errors
/// `InvalidTransfer.AddressNotFound` when there is none; AWS does not document the code.
pub fn disable_address_transfer(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DisableAddressTransferRequest,
) -> Result<ChangedAddressTransfer, ApiError> {
    let id = &request.allocation_id;
    let address = require::<Address>(&twin.state, ctx, "AllocationId", id)?.clone();
    ctx.end_dry_run()?;
    let offer = offer(twin, &address)
        .ok_or_else(|| not_offered(id))?
        .clone();
    twin.network.transfers.remove(&address.allocation_id);
    Ok(ChangedAddressTransfer {
        address_transfer: shown(&address, &offer, "disabled"),
    })
}

fn not_offered(what: &str) -> ApiError {
    ApiError::new(
        "InvalidTransfer.AddressNotFound",
        format!("There is no transfer of the Elastic IP address {what}"),
    )
}

/// Accepts an address that another account offers. No other account is in the twin.
///
/// # Errors
/// Always: `InvalidTransfer.AddressNotFound`, or what is wrong with the request.
pub fn accept_address_transfer(
    _: &mut Twin,
    ctx: &Ctx,
    request: AcceptAddressTransferRequest,
) -> Result<ChangedAddressTransfer, ApiError> {
    let ip = required("Address", &request.address)?;
    if ip.parse::<std::net::Ipv4Addr>().is_err() {
        return Err(unknown_ip(ip));
    }
    let kind = sandtable_model::Kind::Address;
    tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    Err(not_offered(ip))
}

/// Lists offers that have not run out.
///
/// # Errors
/// `InvalidAllocationID.NotFound`, `InvalidParameterValue`, `InvalidNextToken`.
pub fn describe_address_transfers(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeAddressTransfersRequest,
) -> Result<DescribedAddressTransfers, ApiError> {
    let most = page_size(request.max_results, &(5..=1000))?;
    let named = require_all::<Address>(&twin.state, ctx, &request.allocation_ids)?;
    ctx.end_dry_run()?;
    let addresses: Vec<&Address> = match named.is_empty() {
        true => twin.state.all::<Address>(&ctx.region).collect(),
        false => named,
    };
    let offers = addresses
        .into_iter()
        .filter_map(|it| Some(shown(it, offer(twin, it)?, "pending")));
    let (address_transfers, next_token) =
        page_of(offers.collect(), most, request.next_token.as_deref())?;
    Ok(DescribedAddressTransfers {
        address_transfers,
        next_token,
    })
}

/// Moves an address from EC2-Classic: there is none left to move.
///
/// # Errors
/// Always: `InvalidAddress.NotFound`, or `InvalidParameterValue` for an address that is in a VPC
/// platform already. AWS does not document that code; the operation is deprecated.
pub fn move_address_to_vpc(
    twin: &mut Twin,
    ctx: &Ctx,
    request: MoveAddressToVpcRequest,
) -> Result<MovedAddress, ApiError> {
    let ip = required("publicIp", &request.public_ip)?;
    let mut all = twin.state.all::<Address>(&ctx.region);
    if !all.any(|it| it.public_ip.as_deref() == Some(ip)) {
        return Err(unknown_ip(ip));
    }
    ctx.end_dry_run()?;
    Err(invalid_value(format!(
        "The address {ip} is not allocated for use with EC2-Classic"
    )))
}

const MOVING: &[(&str, Extract<Address>)] = &[("moving-status", |_, _, _| {})];

/// Lists addresses that are moving: none is.
///
/// # Errors
/// `InvalidAddress.NotFound`, `InvalidParameterValue`, `InvalidNextToken`.
pub fn describe_moving_addresses(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeMovingAddressesRequest,
) -> Result<MovingAddresses, ApiError> {
    let most = page_size(request.max_results, &(5..=1000))?;
    for ip in &request.public_ips {
        let mut all = twin.state.all::<Address>(&ctx.region);
        if !all.any(|it| it.public_ip.as_deref() == Some(ip)) {
            return Err(unknown_ip(ip));
        }
    }
    Filters::new(&request.filters, MOVING)?;
    ctx.end_dry_run()?;
    let (moving_address_statuses, _) = page_of(Vec::new(), most, request.next_token.as_deref())?;
    Ok(MovingAddresses {
        moving_address_statuses,
    })
}
