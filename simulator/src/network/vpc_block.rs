//! IPv4 and IPv6 blocks of VPCs: adding and taking them off.

use sandtable_model::VpcId;
use sandtable_model::resource::{
    AssociationStateName, Ipv6CidrBlockAssociation, RouteTable, Subnet, Vpc,
    VpcCidrBlockAssociation,
};
use serde::Serialize;
use smol_str::format_smolstr;

use super::request::requests;
use super::{blockers, cidr, ipv6, refusal, vpc};
use crate::rules::{invalid_combination, require, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// AssociateVpcCidrBlock.
    AssociateVpcCidrBlockRequest {
        vpc_id: String,
        cidr_block: String,
        amazon_provided_ipv6_cidr_block: Option<bool>,
    }
    /// DisassociateVpcCidrBlock.
    DisassociateVpcCidrBlockRequest { association_id: String }
}

/// The answer of AssociateVpcCidrBlock and DisassociateVpcCidrBlock: one of the two associations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangedVpcCidrBlock {
    /// The VPC.
    pub vpc_id: VpcId,
    /// The association of an IPv4 block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_block_association: Option<VpcCidrBlockAssociation>,
    /// The association of an IPv6 block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_cidr_block_association: Option<Ipv6CidrBlockAssociation>,
}

impl ChangedVpcCidrBlock {
    fn ipv4(vpc_id: VpcId, association: VpcCidrBlockAssociation) -> Self {
        ChangedVpcCidrBlock {
            vpc_id,
            cidr_block_association: Some(association),
            ipv6_cidr_block_association: None,
        }
    }

    fn ipv6(vpc_id: VpcId, association: Ipv6CidrBlockAssociation) -> Self {
        ChangedVpcCidrBlock {
            vpc_id,
            cidr_block_association: None,
            ipv6_cidr_block_association: Some(association),
        }
    }
}

/// Adds a further IPv4 block, or one of Amazon's IPv6 blocks, to a VPC, and the local route to it in
/// every table.
///
/// # Errors
/// `InvalidVpc.Range`, `CidrConflict` for a block that overlaps another of the VPC,
/// `CidrLimitExceeded`.
pub fn associate_vpc_cidr_block(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AssociateVpcCidrBlockRequest,
) -> Result<ChangedVpcCidrBlock, ApiError> {
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?.clone();
    let wants_ipv6 = request.amazon_provided_ipv6_cidr_block == Some(true);
    match (wants_ipv6, request.cidr_block.is_empty()) {
        (true, true) => {
            ctx.end_dry_run()?;
            let association = ipv6::give_block(twin, ctx, &vpc)?;
            let associating = ipv6::in_state(&association, AssociationStateName::Associating);
            return Ok(ChangedVpcCidrBlock::ipv6(vpc.vpc_id, associating));
        }
        (true, false) => {
            return Err(invalid_combination(
                "The parameters cidrBlock and amazonProvidedIpv6CidrBlock cannot be used together",
            ));
        }
        (false, true) => {
            return Err(ApiError::new(
                "MissingParameter",
                "Either 'cidrBlock' or 'amazonProvidedIpv6CidrBlock' should be provided",
            ));
        }
        (false, false) => {}
    }
    let block = cidr::read("CidrBlock", &request.cidr_block)?;
    ctx.end_dry_run()?;
    cidr::check_size("InvalidVpc.Range", block)?;
    let blocks = vpc::blocks_of(&vpc);
    if blocks.iter().any(|it| cidr::overlap(it, &block)) {
        return Err(ApiError::new(
            "CidrConflict",
            format!("The CIDR '{block}' conflicts with another CIDR of the VPC"),
        ));
    }
    if blocks.len() >= twin.network.choices.quotas.blocks_per_vpc {
        return Err(refusal::over_quota(
            "CidrLimitExceeded",
            "CIDR blocks of this VPC",
        ));
    }
    let text = format_smolstr!("{block}");
    let association = vpc::new_block_association(twin, &text);
    twin.state.update(&vpc.vpc_id, |it: &mut Vpc| {
        it.cidr_block_association_set.push(association.clone());
    });
    for id in vpc::table_ids(twin, &vpc.vpc_id) {
        twin.state.update(&id, |it: &mut RouteTable| {
            it.routes.push(vpc::local_route(&text))
        });
    }
    Ok(ChangedVpcCidrBlock::ipv4(vpc.vpc_id, association))
}

/// Takes a block that is not the primary one off a VPC.
///
/// # Errors
/// `InvalidVpcCidrBlockAssociationID.NotFound`, `OperationNotPermitted` for the primary block,
/// `InvalidCidrBlock.InUse` while a subnet is in it.
pub fn disassociate_vpc_cidr_block(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DisassociateVpcCidrBlockRequest,
) -> Result<ChangedVpcCidrBlock, ApiError> {
    let id = required("associationId", &request.association_id)?;
    let with_ipv6 = twin.state.all::<Vpc>(&ctx.region).find_map(|vpc| {
        let mut associations = vpc.ipv6_cidr_block_association_set.iter();
        let found = associations.find(|it| it.association_id == id);
        found.map(|it| (vpc.clone(), it.clone()))
    });
    if let Some((vpc, association)) = with_ipv6 {
        ctx.end_dry_run()?;
        ipv6::take_block(twin, &vpc, &association)?;
        let gone = ipv6::in_state(&association, AssociationStateName::Disassociating);
        return Ok(ChangedVpcCidrBlock::ipv6(vpc.vpc_id, gone));
    }
    let found = twin.state.all::<Vpc>(&ctx.region).find_map(|vpc| {
        let mut associations = vpc.cidr_block_association_set.iter();
        associations
            .find(|it| it.association_id == id)
            .map(|it| (vpc.clone(), it.clone()))
    });
    let (vpc, association) = found.ok_or_else(|| {
        ApiError::new(
            "InvalidVpcCidrBlockAssociationID.NotFound",
            format!("The vpc CIDR block association ID '{id}' does not exist"),
        )
    })?;
    ctx.end_dry_run()?;
    let block = association.cidr_block.clone();
    if block == vpc.cidr_block {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!(
                "The vpc CIDR block with association ID {id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC"
            ),
        ));
    }
    let outer = cidr::of(&block);
    let is_used = blockers::subnets_of(&twin.state, &vpc.vpc_id).any(|it: &Subnet| {
        let inner = cidr::of(&it.cidr_block);
        outer
            .zip(inner)
            .is_some_and(|(outer, inner)| cidr::overlap(&outer, &inner))
    });
    if is_used {
        return Err(ApiError::new(
            "InvalidCidrBlock.InUse",
            format!(
                "The vpc {} currently has a subnet within CIDR block {block}",
                vpc.vpc_id
            ),
        ));
    }
    twin.state.update(&vpc.vpc_id, |it: &mut Vpc| {
        it.cidr_block_association_set
            .retain(|other| other.association_id != id);
    });
    for table in vpc::table_ids(twin, &vpc.vpc_id) {
        twin.state.update(&table, |it: &mut RouteTable| {
            it.routes
                .retain(|route| !(route.is_local() && route.destination() == block));
        });
    }
    Ok(ChangedVpcCidrBlock::ipv4(vpc.vpc_id, association))
}
