//! Which network ACL filters which subnet.

use sandtable_model::SubnetId;
use sandtable_model::resource::NetworkAcl;
use smol_str::SmolStr;

use super::request::{answers, requests};
use super::{acl, refusal};
use crate::rules::{require, required};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// ReplaceNetworkAclAssociation.
    ReplaceNetworkAclAssociationRequest { association_id: String, network_acl_id: String }
}

answers! {
    /// The answer of ReplaceNetworkAclAssociation.
    ReplacedNetworkAclAssociation { new_association_id: SmolStr }
}

/// Puts another network ACL around the subnet of an association. Idempotent (EC2 API reference): a
/// subnet that is associated with the ACL already, by this association or by one that replaced it,
/// stays so under the same id.
///
/// # Errors
/// `InvalidAssociationID.NotFound`; `InvalidParameterValue` for an ACL of another VPC.
pub fn replace_network_acl_association(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ReplaceNetworkAclAssociationRequest,
) -> Result<ReplacedNetworkAclAssociation, ApiError> {
    let old = required("associationId", &request.association_id)?;
    let id = &request.network_acl_id;
    let new = require::<NetworkAcl>(&twin.state, ctx, "networkAclId", id)?.clone();
    let unknown = || {
        ApiError::new(
            "InvalidAssociationID.NotFound",
            format!("The association ID '{old}' does not exist"),
        )
    };
    if let Some(subnet) = twin.network.ended_acl_associations.get(old) {
        let same = association_of(&new, subnet).ok_or_else(unknown)?;
        ctx.end_dry_run()?;
        return Ok(ReplacedNetworkAclAssociation {
            new_association_id: same,
        });
    }
    let found = twin.state.all::<NetworkAcl>(&ctx.region).find_map(|acl| {
        let mut associations = acl.associations.iter();
        let found = associations.find(|it| it.network_acl_association_id == old);
        found.map(|it| (acl, it.subnet_id.clone()))
    });
    let (current, subnet) = found.ok_or_else(unknown)?;
    ctx.end_dry_run()?;
    if current.vpc_id != new.vpc_id {
        return Err(refusal::different_networks(
            &format!("network acl {}", new.network_acl_id),
            &format!("subnet {subnet}"),
        ));
    }
    if current.network_acl_id == new.network_acl_id {
        return Ok(ReplacedNetworkAclAssociation {
            new_association_id: old.into(),
        });
    }
    acl::dissociate(twin, &subnet);
    let new_association_id = acl::associate(twin, &new.network_acl_id, &subnet);
    twin.network
        .ended_acl_associations
        .insert(old.into(), subnet);
    Ok(ReplacedNetworkAclAssociation { new_association_id })
}

fn association_of(acl: &NetworkAcl, subnet: &SubnetId) -> Option<SmolStr> {
    let mut associations = acl.associations.iter();
    let found = associations.find(|it| it.subnet_id == *subnet);
    found.map(|it| it.network_acl_association_id.clone())
}
