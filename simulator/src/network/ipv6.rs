//! IPv6 blocks of VPCs and subnets.
//!
//! Amazon's blocks are taken from 2001:db8::/32, which is reserved for documentation (RFC 3849) and
//! routed nowhere. Deliberately absent: blocks out of pools (BYOIP and IPAM), and subnets without
//! IPv4.

use ipnet::Ipv6Net;
use sandtable_model::SubnetId;
use sandtable_model::resource::{
    AssociationState, AssociationStateName, Ipv6CidrBlockAssociation, NetworkInterface, Route,
    RouteOrigin, RouteTable, Subnet, Vpc,
};
use smol_str::{SmolStr, format_smolstr};

use super::request::{answers, requests};
use super::{acl, blockers, refusal, vpc};
use crate::rules::{require, required};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// AssociateSubnetCidrBlock.
    AssociateSubnetCidrBlockRequest { subnet_id: String, ipv6_cidr_block: String }
    /// DisassociateSubnetCidrBlock.
    DisassociateSubnetCidrBlockRequest { association_id: String }
}

answers! {
    /// The answer of AssociateSubnetCidrBlock and DisassociateSubnetCidrBlock.
    ChangedSubnetCidrBlock {
        subnet_id: SubnetId,
        ipv6_cidr_block_association: Ipv6CidrBlockAssociation,
    }
}

/// Amazon's blocks are /56 (EC2 API reference, AssociateVpcCidrBlock).
const VPC_LENGTH: u8 = 56;
/// Sizes that a subnet's block may have (VPC user guide, "Subnet CIDR blocks": /44 to /64 in steps
/// of four).
fn is_subnet_length(length: u8) -> bool {
    (44..=64).contains(&length) && length.is_multiple_of(4)
}

/// The IPv6 blocks of a VPC.
pub(super) fn blocks_of_vpc(vpc: &Vpc) -> impl Iterator<Item = Ipv6Net> {
    live(&vpc.ipv6_cidr_block_association_set)
}

/// The IPv6 blocks of a subnet.
pub(super) fn blocks_of_subnet(subnet: &Subnet) -> impl Iterator<Item = Ipv6Net> {
    live(&subnet.ipv6_cidr_block_association_set)
}

fn live(associations: &[Ipv6CidrBlockAssociation]) -> impl Iterator<Item = Ipv6Net> {
    let live = associations.iter().filter(|it| {
        !matches!(
            it.ipv6_cidr_block_state.state,
            AssociationStateName::Disassociated | AssociationStateName::Failed
        )
    });
    live.filter_map(|it| it.ipv6_cidr_block.parse().ok())
}

/// Whether a VPC has an IPv6 block.
pub(super) fn has_block(vpc: &Vpc) -> bool {
    blocks_of_vpc(vpc).next().is_some()
}

/// The association as AWS answers with it: before it is what it will be at once.
pub(super) fn in_state(
    association: &Ipv6CidrBlockAssociation,
    state: AssociationStateName,
) -> Ipv6CidrBlockAssociation {
    let mut shown = association.clone();
    shown.ipv6_cidr_block_state.state = state;
    shown
}

/// A new association with one of Amazon's blocks, that no VPC has.
pub(super) fn new_amazon_block(twin: &mut Twin, ctx: &Ctx) -> Ipv6CidrBlockAssociation {
    let block = loop {
        // Of 2001:db8::/32, 24 bits choose among the /56 in it.
        let number = u128::from(twin.ids.below(1 << 24));
        let bits = 0x2001_0db8_u128 << 96 | number << 72;
        let block = Ipv6Net::new(bits.into(), VPC_LENGTH);
        let Ok(block) = block else { continue };
        let mut vpcs = twin.state.all::<Vpc>(&ctx.region);
        if !vpcs.any(|it| blocks_of_vpc(it).any(|it| it == block)) {
            break block;
        }
    };
    association(twin, "vpc-cidr-assoc", block)
}

fn association(twin: &mut Twin, prefix: &str, block: Ipv6Net) -> Ipv6CidrBlockAssociation {
    Ipv6CidrBlockAssociation {
        association_id: twin.ids.text(prefix).into(),
        ipv6_cidr_block: format_smolstr!("{block}"),
        ipv6_cidr_block_state: AssociationState::default(),
    }
}

/// The undeletable route within a VPC to an IPv6 block.
pub(super) fn local_route(block: &SmolStr) -> Route {
    Route {
        destination_ipv6_cidr_block: Some(Box::new(block.clone())),
        gateway_id: Some(SmolStr::new_static("local")),
        origin: RouteOrigin::CreateRouteTable,
        ..Route::default()
    }
}

/// Gives a VPC one of Amazon's blocks: the local route to it in every table and, with the first, what
/// lets IPv6 through the network ACLs and out of the default security group (VPC user guide,
/// "Default network ACL" and "Default security groups").
///
/// # Errors
/// `CidrLimitExceeded`.
pub(super) fn give_block(
    twin: &mut Twin,
    ctx: &Ctx,
    vpc: &Vpc,
) -> Result<Ipv6CidrBlockAssociation, ApiError> {
    if blocks_of_vpc(vpc).count() >= twin.network.choices.quotas.ipv6_blocks_per_vpc {
        return Err(refusal::over_quota(
            "CidrLimitExceeded",
            "IPv6 CIDR blocks of this VPC",
        ));
    }
    let is_first = !has_block(vpc);
    let association = new_amazon_block(twin, ctx);
    twin.state.update(&vpc.vpc_id, |it: &mut Vpc| {
        it.ipv6_cidr_block_association_set.push(association.clone());
    });
    for table in vpc::table_ids(twin, &vpc.vpc_id) {
        let route = local_route(&association.ipv6_cidr_block);
        twin.state
            .update(&table, |it: &mut RouteTable| it.routes.push(route));
    }
    if is_first {
        acl::add_ipv6_entries(twin, &vpc.vpc_id);
        vpc::let_ipv6_out(twin, &vpc.vpc_id);
    }
    Ok(association)
}

/// Takes an IPv6 block off a VPC. The entries of network ACLs for IPv6 stay.
///
/// # Errors
/// `InvalidCidrBlock.InUse` while a subnet has a block in it.
pub(super) fn take_block(
    twin: &mut Twin,
    vpc: &Vpc,
    association: &Ipv6CidrBlockAssociation,
) -> Result<(), ApiError> {
    let block = association.ipv6_cidr_block.parse::<Ipv6Net>().ok();
    let is_within = |it: &Ipv6Net| block.is_some_and(|block| block.contains(it));
    let subnets = blockers::subnets_of(&twin.state, &vpc.vpc_id);
    let blocks: Vec<Ipv6Net> = subnets.flat_map(blocks_of_subnet).collect();
    if blocks.iter().any(is_within) {
        return Err(ApiError::new(
            "InvalidCidrBlock.InUse",
            format!(
                "The vpc {} currently has a subnet within CIDR block {}",
                vpc.vpc_id, association.ipv6_cidr_block
            ),
        ));
    }
    twin.state.update(&vpc.vpc_id, |it: &mut Vpc| {
        it.ipv6_cidr_block_association_set
            .retain(|it| it.association_id != association.association_id);
    });
    for table in vpc::table_ids(twin, &vpc.vpc_id) {
        twin.state.update(&table, |it: &mut RouteTable| {
            it.routes.retain(|route| {
                !(route.is_local() && route.destination() == association.ipv6_cidr_block)
            });
        });
    }
    Ok(())
}

/// A block for a subnet of a VPC, checked.
///
/// # Errors
/// `InvalidParameterValue` for a text that is no block, `InvalidSubnet.Range` for a block that is
/// not within the VPC's or has a size that subnets do not have, `InvalidSubnet.Conflict` for one
/// that overlaps another subnet's.
pub(super) fn read_subnet_block(state: &State, vpc: &Vpc, text: &str) -> Result<Ipv6Net, ApiError> {
    required("ipv6CidrBlock", text)?;
    let block = text.parse::<Ipv6Net>();
    let block = block.map_err(|_| refusal::not_a_value("ipv6CidrBlock", text))?;
    let block = block.trunc();
    let is_within = blocks_of_vpc(vpc).any(|it| it.contains(&block));
    if !is_subnet_length(block.prefix_len()) || !is_within {
        return Err(ApiError::new(
            "InvalidSubnet.Range",
            format!("The CIDR '{block}' is invalid."),
        ));
    }
    let overlaps = |it: &Ipv6Net| it.contains(&block) || block.contains(it);
    let mut subnets = blockers::subnets_of(state, &vpc.vpc_id);
    if subnets.any(|it| blocks_of_subnet(it).any(|it| overlaps(&it))) {
        return Err(ApiError::new(
            "InvalidSubnet.Conflict",
            format!("The CIDR '{block}' conflicts with another subnet"),
        ));
    }
    Ok(block)
}

/// Gives a subnet a block that was checked.
pub(super) fn give_subnet_block(
    twin: &mut Twin,
    subnet: &SubnetId,
    block: Ipv6Net,
) -> Ipv6CidrBlockAssociation {
    let association = association(twin, "subnet-cidr-assoc", block);
    twin.state.update(subnet, |it: &mut Subnet| {
        it.ipv6_cidr_block_association_set.push(association.clone());
    });
    association
}

/// Gives a subnet its IPv6 block; it may have one (EC2 API reference, AssociateSubnetCidrBlock).
///
/// # Errors
/// `InvalidSubnet.Range`, `InvalidSubnet.Conflict`, `CidrLimitExceeded` when it has a block.
pub fn associate_subnet_cidr_block(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AssociateSubnetCidrBlockRequest,
) -> Result<ChangedSubnetCidrBlock, ApiError> {
    let subnet = require::<Subnet>(&twin.state, ctx, "subnetId", &request.subnet_id)?.clone();
    let text = required("ipv6CidrBlock", &request.ipv6_cidr_block)?;
    let vpc = twin.state.one::<Vpc>(&subnet.vpc_id);
    let vpc = vpc.ok_or_else(|| crate::rules::not_found(&subnet.vpc_id.clone().into()))?;
    ctx.end_dry_run()?;
    if blocks_of_subnet(&subnet).next().is_some() {
        return Err(refusal::over_quota(
            "CidrLimitExceeded",
            "IPv6 CIDR blocks of this subnet",
        ));
    }
    let block = read_subnet_block(&twin.state, vpc, text)?;
    let association = give_subnet_block(twin, &subnet.subnet_id, block);
    Ok(ChangedSubnetCidrBlock {
        subnet_id: subnet.subnet_id,
        ipv6_cidr_block_association: in_state(&association, AssociationStateName::Associating),
    })
}

/// Takes a subnet's IPv6 block off it.
///
/// # Errors
/// `InvalidSubnetCidrBlockAssociationID.NotFound`, `InvalidCidrBlock.InUse` while an interface has an
/// address in it or a part of it is reserved.
pub fn disassociate_subnet_cidr_block(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DisassociateSubnetCidrBlockRequest,
) -> Result<ChangedSubnetCidrBlock, ApiError> {
    let id = required("associationId", &request.association_id)?;
    let found = twin.state.all::<Subnet>(&ctx.region).find_map(|subnet| {
        let mut associations = subnet.ipv6_cidr_block_association_set.iter();
        let found = associations.find(|it| it.association_id == id);
        found.map(|it| (subnet.subnet_id.clone(), it.clone()))
    });
    let (subnet, association) = found.ok_or_else(|| {
        ApiError::new(
            "InvalidSubnetCidrBlockAssociationID.NotFound",
            format!("The subnet CIDR block with association ID '{id}' does not exist"),
        )
    })?;
    ctx.end_dry_run()?;
    let block = association.ipv6_cidr_block.parse::<Ipv6Net>().ok();
    let interfaces = twin.state.referring::<NetworkInterface>(&subnet);
    let addresses = interfaces.flat_map(|it| &it.ipv6_addresses);
    let used = addresses.filter(|it| {
        let address = it.ipv6_address.parse::<std::net::Ipv6Addr>();
        block.is_some_and(|block| address.is_ok_and(|it| block.contains(&it)))
    });
    let has_address = used.count() > 0;
    let reserved = super::cidr_reservation::blocks_of(&twin.state, &subnet);
    let is_reserved = reserved.iter().any(|it| matches!(it, ipnet::IpNet::V6(_)));
    if has_address || is_reserved {
        return Err(ApiError::new(
            "InvalidCidrBlock.InUse",
            format!(
                "The subnet {subnet} currently uses the CIDR block {}",
                association.ipv6_cidr_block
            ),
        ));
    }
    twin.state.update(&subnet, |it: &mut Subnet| {
        it.ipv6_cidr_block_association_set
            .retain(|it| it.association_id != id);
        if it.ipv6_cidr_block_association_set.is_empty() {
            it.assign_ipv6_address_on_creation = false;
        }
    });
    Ok(ChangedSubnetCidrBlock {
        subnet_id: subnet,
        ipv6_cidr_block_association: in_state(&association, AssociationStateName::Disassociating),
    })
}
