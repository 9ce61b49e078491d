//! Transit gateways: `pending`, `available`, `modifying`, `deleting`, `deleted`.
//!
//! Messages are those of live accounts, as far as others recorded them (facts: source F).

use ipnet::IpNet;
use sandtable_model::resource::{
    Toggle, TransitGateway, TransitGatewayAttachment, TransitGatewayOptions,
    TransitGatewayRouteTable, TransitGatewayState, TransitResourceType, TransitTableState,
};
use sandtable_model::{Kind, ResourceId, TransitGatewayId, TransitGatewayRouteTableId};
use smol_str::{SmolStr, format_smolstr};

use super::{Transition, default_tables, refusal, transit_table};
use crate::network::refusal::{no_permission, not_a_value, over_quota};
use crate::network::request::{answers, requests};
use crate::network::route_state::refresh_routes_to;
use crate::rules::{TagSpecification, invalid_value, require, tags_for, unknown};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// CreateTransitGateway.
    CreateTransitGatewayRequest {
        description: Option<String>,
        options: TransitGatewayRequestOptions,
        tag_specifications: Vec<TagSpecification>,
    }
    /// The options of a new transit gateway.
    TransitGatewayRequestOptions {
        amazon_side_asn: Option<i64>,
        auto_accept_shared_attachments: Option<String>,
        default_route_table_association: Option<String>,
        default_route_table_propagation: Option<String>,
        vpn_ecmp_support: Option<String>,
        dns_support: Option<String>,
        security_group_referencing_support: Option<String>,
        multicast_support: Option<String>,
        transit_gateway_cidr_blocks: Vec<String>,
    }
    /// ModifyTransitGateway.
    ModifyTransitGatewayRequest {
        transit_gateway_id: String,
        description: Option<String>,
        options: ModifyTransitGatewayOptions,
    }
    /// The options to change.
    ModifyTransitGatewayOptions {
        add_transit_gateway_cidr_blocks: Vec<String>,
        remove_transit_gateway_cidr_blocks: Vec<String>,
        vpn_ecmp_support: Option<String>,
        dns_support: Option<String>,
        security_group_referencing_support: Option<String>,
        auto_accept_shared_attachments: Option<String>,
        default_route_table_association: Option<String>,
        association_default_route_table_id: Option<String>,
        default_route_table_propagation: Option<String>,
        propagation_default_route_table_id: Option<String>,
        amazon_side_asn: Option<i64>,
    }
    /// DeleteTransitGateway.
    DeleteTransitGatewayRequest { transit_gateway_id: String }
}

answers! {
    /// The answer of CreateTransitGateway, ModifyTransitGateway and DeleteTransitGateway.
    OneTransitGateway { transit_gateway: TransitGateway }
}

/// Sets an option to `enable` or `disable`, if the request names it.
///
/// # Errors
/// `InvalidParameterValue` for anything else.
pub(super) fn toggle(
    option: &mut Toggle,
    name: &str,
    asked: Option<&String>,
) -> Result<(), ApiError> {
    match asked.map(String::as_str) {
        None => {}
        Some("enable") => *option = Toggle::Enable,
        Some("disable") => *option = Toggle::Disable,
        Some(other) => return Err(not_a_value(name, other)),
    }
    Ok(())
}

/// Makes a transit gateway with its default route table.
///
/// # Errors
/// `TransitGatewayLimitExceeded`, `InvalidParameterValue`.
pub fn create_transit_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateTransitGatewayRequest,
) -> Result<OneTransitGateway, ApiError> {
    let kind = Kind::TransitGateway;
    let mut options = read_options(&request.options)?;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let here = twin.state.all::<TransitGateway>(&ctx.region);
    let own = here.filter(|it| is_own(ctx, it) && it.state != TransitGatewayState::Deleted);
    if own.count() >= twin.connectivity.choices.quotas.transit_gateways {
        let code = "TransitGatewayLimitExceeded";
        return Err(over_quota(code, "transit gateways"));
    }
    let id = twin.fresh(TransitGatewayId::from_number);
    let (associates, propagates) = (
        options.default_route_table_association == Toggle::Enable,
        options.default_route_table_propagation == Toggle::Enable,
    );
    let either = twin.connectivity.choices.one_default_makes_a_table && associates;
    if propagates || either {
        let table = TransitGatewayRouteTable {
            default_association_route_table: associates,
            default_propagation_route_table: propagates,
            ..transit_table::fresh(twin, &id)
        };
        let table_id = table.transit_gateway_route_table_id.clone();
        twin.state.insert(&ctx.region, table);
        options.association_default_route_table_id = associates.then(|| table_id.clone());
        options.propagation_default_route_table_id = propagates.then_some(table_id);
    }
    let transit_gateway = TransitGateway {
        transit_gateway_arn: Some(format_smolstr!(
            "arn:aws:ec2:{}:{}:transit-gateway/{id}",
            ctx.region,
            ctx.account
        )),
        transit_gateway_id: id.clone(),
        state: TransitGatewayState::Pending,
        owner_id: Some(ctx.account.clone()),
        description: request.description.map(SmolStr::from),
        creation_time: Some(twin.now()),
        options,
        tags,
    };
    twin.state.insert(&ctx.region, transit_gateway.clone());
    let delay = twin.options.timings.connectivity.transit_create;
    twin.schedule(delay, Transition::TransitCreated(id));
    Ok(OneTransitGateway { transit_gateway })
}

fn read_options(asked: &TransitGatewayRequestOptions) -> Result<TransitGatewayOptions, ApiError> {
    let mut options = TransitGatewayOptions::default();
    check_asn(asked.amazon_side_asn)?;
    options.amazon_side_asn = asked.amazon_side_asn.or(options.amazon_side_asn);
    let given = [
        (
            &mut options.auto_accept_shared_attachments,
            "AutoAcceptSharedAttachments",
            &asked.auto_accept_shared_attachments,
        ),
        (
            &mut options.default_route_table_association,
            "DefaultRouteTableAssociation",
            &asked.default_route_table_association,
        ),
        (
            &mut options.default_route_table_propagation,
            "DefaultRouteTablePropagation",
            &asked.default_route_table_propagation,
        ),
        (
            &mut options.vpn_ecmp_support,
            "VpnEcmpSupport",
            &asked.vpn_ecmp_support,
        ),
        (&mut options.dns_support, "DnsSupport", &asked.dns_support),
        (
            &mut options.security_group_referencing_support,
            "SecurityGroupReferencingSupport",
            &asked.security_group_referencing_support,
        ),
        (
            &mut options.multicast_support,
            "MulticastSupport",
            &asked.multicast_support,
        ),
    ];
    for (option, name, asked) in given {
        toggle(option, name, asked.as_ref())?;
    }
    options.transit_gateway_cidr_blocks = read_blocks(&asked.transit_gateway_cidr_blocks)?;
    Ok(options)
}

/// Blocks of a transit gateway: a /24 or larger for IPv4, a /64 or larger for IPv6 (EC2 API
/// reference, TransitGatewayRequestOptions).
fn read_blocks(texts: &[String]) -> Result<Vec<SmolStr>, ApiError> {
    let read = |text: &String| {
        let block = text.parse::<IpNet>().ok().filter(|block| match block {
            IpNet::V4(it) => it.prefix_len() <= 24,
            IpNet::V6(it) => it.prefix_len() <= 64,
        });
        let block = block.ok_or_else(|| not_a_value("TransitGatewayCidrBlocks", text))?;
        Ok(format_smolstr!("{}", block.trunc()))
    };
    texts.iter().map(read).collect()
}

/// The range of private numbers (EC2 API reference, TransitGatewayRequestOptions).
fn check_asn(asked: Option<i64>) -> Result<(), ApiError> {
    match asked {
        Some(asn) if !matches!(asn, 64512..=65534 | 4_200_000_000..=4_294_967_294) => {
            Err(invalid_value(format!(
                "Value ({asn}) for parameter AmazonSideAsn is invalid."
            )))
        }
        _ => Ok(()),
    }
}

/// A transit gateway that a call names and that is not yet deleted.
///
/// # Errors
/// The kind's codes for missing, malformed, unknown and deleted ids.
pub(super) fn find<'a>(
    twin: &'a Twin,
    ctx: &Ctx,
    text: &str,
) -> Result<&'a TransitGateway, ApiError> {
    let found = require::<TransitGateway>(&twin.state, ctx, "TransitGatewayId", text)?;
    match found.state {
        TransitGatewayState::Deleted => Err(unknown(Kind::TransitGateway, &[text])),
        _ => Ok(found),
    }
}

/// Whether a gateway is the caller's own, and not one that is shared with it.
pub(super) fn is_own(ctx: &Ctx, gateway: &TransitGateway) -> bool {
    let owner = gateway.owner_id.as_ref();
    owner.is_none_or(|it| *it == ctx.account)
}

/// # Errors
/// `AuthFailure` for a gateway of another account.
pub(super) fn check_own(ctx: &Ctx, gateway: &TransitGateway) -> Result<(), ApiError> {
    match is_own(ctx, gateway) {
        true => Ok(()),
        false => Err(no_permission()),
    }
}

/// # Errors
/// `IncorrectState` unless the gateway is `available`.
pub(super) fn check_available(gateway: &TransitGateway) -> Result<(), ApiError> {
    match gateway.state {
        TransitGatewayState::Available => Ok(()),
        _ => Err(refusal::invalid_state(&gateway.transit_gateway_id)),
    }
}

/// Changes a transit gateway; existing attachments stay as they are.
///
/// # Errors
/// `IncorrectState` unless it is available; `InvalidParameterCombination` and
/// `InvalidRouteTableID.NotFound` for default tables that do not go with their option.
pub fn modify_transit_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyTransitGatewayRequest,
) -> Result<OneTransitGateway, ApiError> {
    let before = find(twin, ctx, &request.transit_gateway_id)?.clone();
    check_own(ctx, &before)?;
    let asked = &request.options;
    let mut after = before.clone();
    let options = &mut after.options;
    check_asn(asked.amazon_side_asn)?;
    options.amazon_side_asn = asked.amazon_side_asn.or(options.amazon_side_asn);
    let given = [
        (
            &mut options.auto_accept_shared_attachments,
            "AutoAcceptSharedAttachments",
            &asked.auto_accept_shared_attachments,
        ),
        (
            &mut options.vpn_ecmp_support,
            "VpnEcmpSupport",
            &asked.vpn_ecmp_support,
        ),
        (&mut options.dns_support, "DnsSupport", &asked.dns_support),
        (
            &mut options.security_group_referencing_support,
            "SecurityGroupReferencingSupport",
            &asked.security_group_referencing_support,
        ),
    ];
    for (option, name, asked) in given {
        toggle(option, name, asked.as_ref())?;
    }
    let gone = read_blocks(&asked.remove_transit_gateway_cidr_blocks)?;
    let new = read_blocks(&asked.add_transit_gateway_cidr_blocks)?;
    let blocks = &mut options.transit_gateway_cidr_blocks;
    blocks.retain(|it| !gone.contains(it));
    let new = new.into_iter().filter(|it| !blocks.contains(it));
    let new: Vec<SmolStr> = new.collect();
    blocks.extend(new);
    default_tables::change(twin, ctx, &mut after, asked)?;
    if let Some(text) = request.description {
        after.description = Some(text.into());
    }
    ctx.end_dry_run()?;
    check_available(&before)?;
    default_tables::mark(twin, &before.options, &after.options);
    after.state = TransitGatewayState::Modifying;
    let id = after.transit_gateway_id.clone();
    twin.state.insert(&ctx.region, after.clone());
    let delay = twin.options.timings.connectivity.transit_modify;
    twin.schedule(delay, Transition::TransitModified(id));
    Ok(OneTransitGateway {
        transit_gateway: after,
    })
}

/// Deletes a transit gateway with its route tables.
///
/// # Errors
/// `IncorrectState` while anything is attached, naming the attachments (facts: ec2-semantics.md,
/// section 3, Transit gateway), and unless it is available.
pub fn delete_transit_gateway(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteTransitGatewayRequest,
) -> Result<OneTransitGateway, ApiError> {
    let gateway = find(twin, ctx, &request.transit_gateway_id)?.clone();
    check_own(ctx, &gateway)?;
    ctx.end_dry_run()?;
    let id = gateway.transit_gateway_id.clone();
    check_available(&gateway)?;
    check_bare(&twin.state, &id)?;
    twin.state.update(&id, |it: &mut TransitGateway| {
        it.state = TransitGatewayState::Deleting;
    });
    set_tables(twin, &id, &TransitTableState::Deleting);
    let delay = twin.options.timings.connectivity.transit_delete;
    twin.schedule(delay, Transition::TransitDeleted(id));
    Ok(OneTransitGateway {
        transit_gateway: TransitGateway {
            state: TransitGatewayState::Deleting,
            ..gateway
        },
    })
}

fn check_bare(state: &State, id: &TransitGatewayId) -> Result<(), ApiError> {
    for (kind, words) in [
        (TransitResourceType::Vpc, "VPC"),
        (TransitResourceType::Vpn, "VPN"),
        (
            TransitResourceType::Peering,
            "Transit Gateway Cross Region Peering",
        ),
        (
            TransitResourceType::DirectConnectGateway,
            "DirectConnect Gateway",
        ),
        (TransitResourceType::Connect, "Connect"),
    ] {
        let left = state.referring::<TransitGatewayAttachment>(id);
        let left = left.filter(|it| {
            it.transit_gateway_id == *id && it.resource_type == kind && !it.state.is_over()
        });
        let left: Vec<&str> = left
            .map(|it| it.transit_gateway_attachment_id.as_str())
            .collect();
        if !left.is_empty() {
            return Err(refusal::incorrect_state(format!(
                "{id} has non-deleted {words} Attachments: {}.",
                left.join(", ")
            )));
        }
    }
    Ok(())
}

/// The route tables of a gateway.
pub(super) fn tables_of(state: &State, id: &TransitGatewayId) -> Vec<TransitGatewayRouteTableId> {
    let tables = state.referring::<TransitGatewayRouteTable>(id);
    tables
        .filter(|it| it.state != TransitTableState::Deleted)
        .map(|it| it.transit_gateway_route_table_id.clone())
        .collect()
}

fn set_tables(twin: &mut Twin, id: &TransitGatewayId, state: &TransitTableState) {
    for table in tables_of(&twin.state, id) {
        let change = |it: &mut TransitGatewayRouteTable| it.state = state.clone();
        twin.state.update(&table, change);
    }
}

/// A gateway that was being made is `available`, and so is the table that came with it.
pub(super) fn created(twin: &mut Twin, id: &TransitGatewayId) {
    if becomes_available(twin, id, &TransitGatewayState::Pending) {
        for table in tables_of(&twin.state, id) {
            transit_table::created(twin, &table);
        }
    }
}

/// A gateway that was changed is `available` again.
pub(super) fn modified(twin: &mut Twin, id: &TransitGatewayId) {
    becomes_available(twin, id, &TransitGatewayState::Modifying);
}

fn becomes_available(twin: &mut Twin, id: &TransitGatewayId, from: &TransitGatewayState) -> bool {
    let changed = twin.state.update(id, |it: &mut TransitGateway| {
        let is_so = it.state == *from;
        if is_so {
            it.state = TransitGatewayState::Available;
        }
        is_so
    });
    changed == Some(true)
}

/// A gateway is `deleted`, with its tables; it stays described for a while.
pub(super) fn deleted(twin: &mut Twin, id: &TransitGatewayId) {
    let changed = twin.state.update(id, |it: &mut TransitGateway| {
        let is_so = it.state == TransitGatewayState::Deleting;
        if is_so {
            it.state = TransitGatewayState::Deleted;
        }
        is_so
    });
    if changed != Some(true) {
        return;
    }
    for table in tables_of(&twin.state, id) {
        transit_table::deleted(twin, &table);
    }
    refresh_routes_to(&mut twin.state, &ResourceId::from(id));
    let lingering = twin.options.timings.lingering;
    twin.schedule(lingering, Transition::TransitForgotten(id.clone()));
}

/// A deleted gateway is no longer described.
pub(super) fn forgotten(twin: &mut Twin, id: &TransitGatewayId) {
    let found = twin.state.one::<TransitGateway>(id);
    if found.is_some_and(|it| it.state == TransitGatewayState::Deleted) {
        twin.state.remove(id);
    }
}

/// Schedules what was under way when the snapshot was taken.
pub(super) fn resume(twin: &mut Twin, it: &TransitGateway) {
    let id = it.transit_gateway_id.clone();
    let timings = &twin.options.timings;
    let own = &timings.connectivity;
    let (delay, transition) = match it.state {
        TransitGatewayState::Pending => (own.transit_create, Transition::TransitCreated(id)),
        TransitGatewayState::Modifying => (own.transit_modify, Transition::TransitModified(id)),
        TransitGatewayState::Deleting => (own.transit_delete, Transition::TransitDeleted(id)),
        TransitGatewayState::Deleted => (timings.lingering, Transition::TransitForgotten(id)),
        _ => return,
    };
    twin.schedule(delay, transition);
}
