//! Subnet CIDR reservations: addresses that AWS does not give out by itself.

use std::net::Ipv4Addr;

use ipnet::IpNet;
use sandtable_model::resource::{Subnet, SubnetCidrReservation};
use sandtable_model::{Kind, SubnetCidrReservationId, SubnetId};
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

use super::request::{answers, requests};
use super::{cidr, ipv6, refusal};
use crate::rules::{
    Filter, FilterTable, Filters, TagSpecification, invalid_value, page_size, read_offset, require,
    required, tags_for, write_offset,
};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// CreateSubnetCidrReservation.
    CreateSubnetCidrReservationRequest {
        subnet_id: String,
        cidr: String,
        reservation_type: String,
        description: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteSubnetCidrReservation.
    DeleteSubnetCidrReservationRequest { subnet_cidr_reservation_id: String }
    /// GetSubnetCidrReservations.
    GetSubnetCidrReservationsRequest {
        subnet_id: String,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// The answer of CreateSubnetCidrReservation.
    CreatedSubnetCidrReservation { subnet_cidr_reservation: SubnetCidrReservation }
    /// The answer of DeleteSubnetCidrReservation.
    DeletedSubnetCidrReservation { deleted_subnet_cidr_reservation: SubnetCidrReservation }
}

/// The answer of GetSubnetCidrReservations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SubnetCidrReservations {
    /// Those of IPv4 addresses, by id.
    pub subnet_ipv4_cidr_reservations: Vec<SubnetCidrReservation>,
    /// Those of IPv6 addresses, by id.
    pub subnet_ipv6_cidr_reservations: Vec<SubnetCidrReservation>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Reserves a block of a subnet. Addresses in it that are in use stay so (VPC user guide, "Subnet
/// CIDR reservations").
///
/// # Errors
/// `InvalidParameterValue` for a block that is not within the subnet or overlaps another
/// reservation.
pub fn create_subnet_cidr_reservation(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateSubnetCidrReservationRequest,
) -> Result<CreatedSubnetCidrReservation, ApiError> {
    let subnet = require::<Subnet>(&twin.state, ctx, "subnetId", &request.subnet_id)?.clone();
    let block = required("cidr", &request.cidr)?.parse::<IpNet>();
    let block = block.map_err(|_| refusal::not_a_value("cidr", &request.cidr))?;
    let block = block.trunc();
    let reservation_type = match required("reservationType", &request.reservation_type)? {
        kind @ ("prefix" | "explicit") => SmolStr::new(kind),
        other => return Err(refusal::not_a_value("reservationType", other)),
    };
    let kind = Kind::SubnetCidrReservation;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let whole: Vec<IpNet> = match block {
        IpNet::V4(_) => cidr::of(&subnet.cidr_block)
            .map(IpNet::V4)
            .into_iter()
            .collect(),
        IpNet::V6(_) => ipv6::blocks_of_subnet(&subnet).map(IpNet::V6).collect(),
    };
    if !whole.iter().any(|it| it.contains(&block)) {
        return Err(invalid_value(format!(
            "Reservation CIDR should be within subnet CIDR block ({})",
            whole
                .first()
                .map_or_else(|| "none".to_owned(), ToString::to_string)
        )));
    }
    let overlaps = |it: &IpNet| it.contains(&block) || block.contains(it);
    if blocks_of(&twin.state, &subnet.subnet_id)
        .iter()
        .any(overlaps)
    {
        return Err(invalid_value(format!(
            "Reservation CIDR {block} has overlap with existing reserved CIDR block"
        )));
    }
    let subnet_cidr_reservation = SubnetCidrReservation {
        subnet_cidr_reservation_id: twin.fresh(SubnetCidrReservationId::from_number),
        subnet_id: subnet.subnet_id,
        cidr: format_smolstr!("{block}"),
        reservation_type,
        owner_id: Some(ctx.account.clone()),
        description: request.description.as_deref().map(SmolStr::from),
        tags,
    };
    twin.state
        .insert(&ctx.region, subnet_cidr_reservation.clone());
    Ok(CreatedSubnetCidrReservation {
        subnet_cidr_reservation,
    })
}

/// Ends a reservation; its addresses are given out again.
///
/// # Errors
/// `InvalidSubnetCidrReservationID.NotFound`.
pub fn delete_subnet_cidr_reservation(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteSubnetCidrReservationRequest,
) -> Result<DeletedSubnetCidrReservation, ApiError> {
    const PARAMETER: &str = "subnetCidrReservationId";
    let id = &request.subnet_cidr_reservation_id;
    let found = require::<SubnetCidrReservation>(&twin.state, ctx, PARAMETER, id)?.clone();
    ctx.end_dry_run()?;
    twin.state.remove(&found.subnet_cidr_reservation_id);
    Ok(DeletedSubnetCidrReservation {
        deleted_subnet_cidr_reservation: found,
    })
}

const RESERVATIONS: FilterTable<SubnetCidrReservation> = &[
    ("reservationType", |_, it, out| out(&it.reservation_type)),
    ("subnet-id", |_, it, out| out(it.subnet_id.as_str())),
];

/// Lists the reservations of a subnet.
///
/// # Errors
/// `InvalidSubnetID.NotFound` and what every describe operation refuses.
pub fn get_subnet_cidr_reservations(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetSubnetCidrReservationsRequest,
) -> Result<SubnetCidrReservations, ApiError> {
    let subnet = require::<Subnet>(&twin.state, ctx, "subnetId", &request.subnet_id)?;
    let subnet = subnet.subnet_id.clone();
    let most = page_size(request.max_results, &(5..=1000))?;
    let filters = Filters::new(&request.filters, RESERVATIONS)?;
    let start = match request.next_token.as_deref() {
        Some(token) => read_offset(token)?,
        None => 0,
    };
    ctx.end_dry_run()?;
    let all = twin.state.referring::<SubnetCidrReservation>(&subnet);
    let all = all.filter(|it| filters.pass(&twin.state, it, &it.tags));
    let mut rest = all.skip(start);
    let page: Vec<SubnetCidrReservation> = rest.by_ref().take(most).cloned().collect();
    let next_token = rest
        .next()
        .map(|_| write_offset(start.saturating_add(page.len())));
    let (ipv6, ipv4) = page.into_iter().partition(|it| it.cidr.contains(':'));
    Ok(SubnetCidrReservations {
        subnet_ipv4_cidr_reservations: ipv4,
        subnet_ipv6_cidr_reservations: ipv6,
        next_token,
    })
}

/// The reserved blocks of a subnet.
pub(super) fn blocks_of(state: &State, subnet: &SubnetId) -> Vec<IpNet> {
    let reservations = state.referring::<SubnetCidrReservation>(subnet);
    reservations.filter_map(|it| it.cidr.parse().ok()).collect()
}

/// Whether an address is in one of some blocks.
pub(super) fn is_reserved(blocks: &[IpNet], address: Ipv4Addr) -> bool {
    blocks
        .iter()
        .any(|it| it.contains(&std::net::IpAddr::V4(address)))
}
