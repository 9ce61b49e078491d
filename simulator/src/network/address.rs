//! Elastic IP addresses.

use std::net::Ipv4Addr;

use sandtable_model::resource::{Address, Instance, NetworkInterface, Vpc};
use sandtable_model::{AllocationId, AssociationId, Kind, NetworkInterfaceId, ResourceId, Tags};
use smol_str::{SmolStr, format_smolstr};

use super::association::{self, Place};
use super::request::{answers, requests};
use super::route::only_interface;
use super::{address_attribute, blockers, refusal};
use crate::rules::{
    TagSpecification, invalid_combination, invalid_value, require, required, tags_for,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// AllocateAddress.
    AllocateAddressRequest {
        domain: Option<String>,
        public_ipv4_pool: Option<String>,
        network_border_group: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// AssociateAddress.
    AssociateAddressRequest {
        allocation_id: String,
        network_interface_id: Option<String>,
        instance_id: Option<String>,
        private_ip_address: Option<String>,
        allow_reassociation: Option<bool>,
    }
    /// DisassociateAddress.
    DisassociateAddressRequest { association_id: String }
    /// ReleaseAddress.
    ReleaseAddressRequest {
        allocation_id: String,
        public_ip: Option<String>,
        network_border_group: Option<String>,
    }
}

answers! {
    /// The answer of AllocateAddress.
    AllocatedAddress {
        allocation_id: AllocationId,
        public_ip: SmolStr,
        public_ipv4_pool: SmolStr,
        network_border_group: SmolStr,
        domain: SmolStr,
    }
    /// The answer of AssociateAddress.
    AssociatedAddress { association_id: AssociationId }
}

/// Allocates an address of Amazon's pool.
///
/// # Errors
/// `AddressLimitExceeded`; `InvalidParameterValue` for another pool or border group.
pub fn allocate_address(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AllocateAddressRequest,
) -> Result<AllocatedAddress, ApiError> {
    let domain = request.domain.as_deref().unwrap_or("vpc");
    if domain != "vpc" {
        return Err(refusal::not_a_value("domain", domain));
    }
    let pool = request.public_ipv4_pool.as_deref().unwrap_or("amazon");
    if pool != "amazon" {
        return Err(refusal::not_modelled("address pools other than Amazon's"));
    }
    let group = request
        .network_border_group
        .as_deref()
        .unwrap_or(ctx.region.as_str());
    if group != ctx.region.as_str() {
        return Err(refusal::not_a_value("networkBorderGroup", group));
    }
    let tags = tags_for(Kind::Address, &[Kind::Address], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let present = twin.state.list(&ctx.region, Kind::Address).count();
    if present >= twin.network.choices.quotas.addresses {
        return Err(refusal::over_quota("AddressLimitExceeded", "addresses"));
    }
    let address = insert_address(twin, ctx, tags);
    Ok(AllocatedAddress {
        allocation_id: address.allocation_id,
        public_ip: address.public_ip.unwrap_or_default(),
        public_ipv4_pool: address.public_ipv4_pool.unwrap_or_default(),
        network_border_group: address.network_border_group.unwrap_or_default(),
        domain: address.domain,
    })
}

fn insert_address(twin: &mut Twin, ctx: &Ctx, tags: Tags) -> Address {
    let public_ip = fresh_public_ip(twin, ctx);
    let address = Address {
        allocation_id: twin.fresh(AllocationId::from_number),
        public_ip: Some(public_ip),
        association_id: None,
        domain: SmolStr::new_static("vpc"),
        instance_id: None,
        network_interface_id: None,
        network_interface_owner_id: None,
        private_ip_address: None,
        public_ipv4_pool: Some(SmolStr::new_static("amazon")),
        network_border_group: Some(ctx.region.as_str().into()),
        tags,
    };
    twin.state.insert(&ctx.region, address.clone());
    address
}

/// A public address that no Elastic IP address of the Region has.
fn fresh_public_ip(twin: &mut Twin, ctx: &Ctx) -> SmolStr {
    loop {
        let ip = format_smolstr!("{}", twin.ids.public_ip());
        let mut present = twin.state.all::<Address>(&ctx.region);
        if !present.any(|it| it.public_ip.as_ref() == Some(&ip)) {
            return ip;
        }
    }
}

/// Associates an address with an interface, or with the only interface of an instance. An address
/// that is associated elsewhere moves, unless `AllowReassociation` is false, and takes the place of
/// another one (EC2 API reference, AssociateAddress).
///
/// # Errors
/// `Resource.AlreadyAssociated`, `Gateway.NotAttached` when the VPC has no internet gateway,
/// `InvalidParameterValue` for a private address that the interface does not have, `AuthFailure`
/// for an interface that a service manages.
pub fn associate_address(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AssociateAddressRequest,
) -> Result<AssociatedAddress, ApiError> {
    let id = &request.allocation_id;
    let address = require::<Address>(&twin.state, ctx, "AllocationId", id)?.clone();
    let interface = interface_for(twin, ctx, &request)?;
    ctx.end_dry_run()?;
    let interface = interface?;
    check_own(&address, ctx)?;
    check_free(twin, &address)?;
    if interface.requester_managed {
        return Err(refusal::no_permission());
    }
    let private = private_ip_for(&interface, request.private_ip_address.as_deref())?;
    if blockers::gateway_of(&twin.state, &interface.vpc_id).is_none() {
        return Err(ApiError::new(
            "Gateway.NotAttached",
            format!(
                "Network {} is not attached to any internet gateway",
                interface.vpc_id
            ),
        ));
    }
    let here = address.network_interface_id.as_ref() == Some(&interface.network_interface_id)
        && address.private_ip_address.as_ref() == Some(&private);
    if let Some(present) = &address.association_id {
        if here {
            return Ok(AssociatedAddress {
                association_id: present.clone(),
            });
        }
        if request.allow_reassociation == Some(false) {
            return Err(ApiError::new(
                "Resource.AlreadyAssociated",
                format!(
                    "resource {} is already associated with associate-id {present}",
                    address.allocation_id
                ),
            ));
        }
        association::disassociate(twin, &address.allocation_id);
    }
    let place = Place {
        interface: interface.network_interface_id,
        private_ip: private,
    };
    make_room(twin, &place, request.allow_reassociation)?;
    let association_id = association::associate(twin, ctx, &address.allocation_id, &place);
    Ok(AssociatedAddress { association_id })
}

/// Takes the public address off a place that another one is to have.
fn make_room(twin: &mut Twin, place: &Place, allow: Option<bool>) -> Result<(), ApiError> {
    let there = twin
        .state
        .referring::<Address>(&place.interface)
        .find(|it| it.private_ip_address.as_ref() == Some(&place.private_ip))
        .map(|it| it.allocation_id.clone());
    let Some(there) = there else {
        return Ok(());
    };
    if allow == Some(false) {
        return Err(ApiError::new(
            "Resource.AlreadyAssociated",
            format!(
                "resource {} is already associated with {there}",
                place.interface
            ),
        ));
    }
    association::disassociate(twin, &there);
    Ok(())
}

/// The interface that is meant; the inner refusal is one of state, which a dry run does not see.
fn interface_for(
    twin: &Twin,
    ctx: &Ctx,
    request: &AssociateAddressRequest,
) -> Result<Result<NetworkInterface, ApiError>, ApiError> {
    match (&request.network_interface_id, &request.instance_id) {
        (Some(id), None) => {
            let found = require::<NetworkInterface>(&twin.state, ctx, "networkInterfaceId", id)?;
            Ok(Ok(found.clone()))
        }
        (None, Some(id)) => {
            let instance = require::<Instance>(&twin.state, ctx, "InstanceId", id)?;
            Ok(only_interface(&twin.state, instance).cloned())
        }
        (None, None) => Err(ApiError::new(
            "MissingParameter",
            "Either 'InstanceId' or 'NetworkInterfaceId' must be specified",
        )),
        (Some(_), Some(_)) => Err(invalid_combination(
            "You may specify only one of 'InstanceId' and 'NetworkInterfaceId'",
        )),
    }
}

fn private_ip_for(interface: &NetworkInterface, wanted: Option<&str>) -> Result<SmolStr, ApiError> {
    let mut all = super::addressing::private_ips(interface);
    let Some(wanted) = wanted else {
        let primary = interface.private_ip_address.clone();
        return Ok(primary
            .or_else(|| all.next().map(SmolStr::new))
            .unwrap_or_default());
    };
    if all.any(|it| it == wanted) {
        return Ok(wanted.into());
    }
    Err(invalid_value(format!(
        "The private IP address {wanted} is not assigned to the network interface {}",
        interface.network_interface_id
    )))
}

/// Refuses to touch an address that a NAT gateway, or the interface of another service, holds.
/// AWS's code for it is not documented: see [`super::Choices`].
fn check_free(twin: &Twin, address: &Address) -> Result<(), ApiError> {
    let interface = address.network_interface_id.as_ref();
    let interface = interface.and_then(|id| twin.state.one::<NetworkInterface>(id));
    let is_managed = interface.is_some_and(|it| it.requester_managed);
    if !is_managed && blockers::nat_holding(&twin.state, address).is_none() {
        return Ok(());
    }
    Err(ApiError::new(
        twin.network.choices.nat_address_refusal.as_str(),
        "You do not have permission to access the specified resource.",
    ))
}

/// Takes an address off what it is associated with. An association that was there and has ended is
/// no error (EC2 API reference, DisassociateAddress: idempotent).
///
/// # Errors
/// `InvalidAssociationID.NotFound` for one that never was, and for the address of a NAT gateway the
/// code of [`super::Choices`].
pub fn disassociate_address(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DisassociateAddressRequest,
) -> Result<(), ApiError> {
    let id = required("AssociationId", &request.association_id)?;
    let found = twin
        .state
        .all::<Address>(&ctx.region)
        .find(|it| {
            it.association_id
                .as_ref()
                .is_some_and(|it| it.as_str() == id)
        })
        .cloned();
    let Some(address) = found else {
        if twin.network.ended_associations.contains(id) {
            return ctx.end_dry_run();
        }
        return Err(ApiError::new(
            "InvalidAssociationID.NotFound",
            format!("The association ID '{id}' does not exist"),
        ));
    };
    ctx.end_dry_run()?;
    check_own(&address, ctx)?;
    check_free(twin, &address)?;
    association::disassociate(twin, &address.allocation_id);
    Ok(())
}

/// Gives an address back. One that is associated within a default VPC is taken off first (EC2 API
/// reference, ReleaseAddress).
///
/// # Errors
/// `InvalidIPAddress.InUse` while it is associated in another VPC, or a NAT gateway that is not yet
/// `deleted` holds it; `InvalidParameterValue` when it is named by its public address;
/// `InvalidAddress.Locked`, or the other code of [`super::Choices`], while it has a reverse DNS
/// record; `AuthFailure` for one on an interface of another account.
pub fn release_address(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ReleaseAddressRequest,
) -> Result<(), ApiError> {
    if request.allocation_id.is_empty()
        && let Some(ip) = &request.public_ip
    {
        return Err(refuse_by_ip(twin, ctx, ip));
    }
    let id = &request.allocation_id;
    let address = require::<Address>(&twin.state, ctx, "AllocationId", id)?.clone();
    let group = request.network_border_group.as_deref();
    let ip = address.public_ip.clone().unwrap_or_default();
    if group.is_some_and(|it| address.network_border_group.as_deref() != Some(it)) {
        return Err(unknown_ip(&ip));
    }
    ctx.end_dry_run()?;
    check_own(&address, ctx)?;
    address_attribute::check_unlocked(twin, &address)?;
    let in_use = || ApiError::new("InvalidIPAddress.InUse", format!("Address {ip} is in use."));
    if blockers::nat_holding(&twin.state, &address).is_some() {
        return Err(in_use());
    }
    if address.association_id.is_some() || address.network_interface_id.is_some() {
        if !is_in_default_vpc(twin, &address) {
            return Err(in_use());
        }
        association::disassociate(twin, &address.allocation_id);
    }
    twin.state.remove(&address.allocation_id);
    twin.network.transfers.remove(&address.allocation_id);
    Ok(())
}

/// Refuses what is on an interface of another account, as the addresses of services are that keep
/// their interfaces to themselves (facts: ec2-semantics.md, section 3, Elastic IP).
fn check_own(address: &Address, ctx: &Ctx) -> Result<(), ApiError> {
    let owner = address.network_interface_owner_id.as_deref();
    if owner.is_none_or(|it| it == ctx.account.as_str()) {
        return Ok(());
    }
    Err(refusal::no_permission())
}

fn is_in_default_vpc(twin: &Twin, address: &Address) -> bool {
    let interface = address.network_interface_id.as_ref();
    let interface = interface.and_then(|id| twin.state.one::<NetworkInterface>(id));
    let instance = address.instance_id.as_ref();
    let instance = instance.and_then(|id| twin.state.one::<Instance>(id));
    let vpc = interface
        .map(|it| it.vpc_id.clone())
        .or_else(|| instance.and_then(|it| it.vpc_id.clone()));
    let vpc = vpc.and_then(|id| twin.state.one::<Vpc>(id));
    vpc.is_some_and(|it| it.is_default)
}

fn refuse_by_ip(twin: &Twin, ctx: &Ctx, ip: &str) -> ApiError {
    let mut all = twin.state.all::<Address>(&ctx.region);
    if all.any(|it| it.public_ip.as_deref() == Some(ip)) {
        return invalid_value(
            "You must specify an allocation id when releasing a VPC elastic IP address",
        );
    }
    unknown_ip(ip)
}

/// The refusal of a public address that is not there, or is none.
pub(super) fn unknown_ip(ip: &str) -> ApiError {
    if ip.parse::<Ipv4Addr>().is_err() {
        return ApiError::new(
            "InvalidAddress.Malformed",
            format!("Address '{ip}' is malformed."),
        );
    }
    ApiError::new(
        "InvalidAddress.NotFound",
        format!("Address '{ip}' not found."),
    )
}

/// The Elastic IP addresses of an interface.
pub(super) fn addresses_of(twin: &Twin, interface: &NetworkInterfaceId) -> Vec<AllocationId> {
    let id = ResourceId::from(interface);
    let addresses = twin.state.referring::<Address>(id);
    addresses.map(|it| it.allocation_id.clone()).collect()
}
