//! Network ACLs: making and deleting them, and the default one of every VPC.
//!
//! A VPC of a snapshot may come without its default ACL, when the reader did not list ACLs: then
//! there is none, subnets made in it are not associated, and nothing is invented.

use sandtable_model::resource::{
    NetworkAcl, NetworkAclAssociation, NetworkAclEntry, RuleAction, Vpc,
};
use sandtable_model::{Kind, NetworkAclId, ResourceId, SubnetId, Tags, VpcId};
use serde::Serialize;
use smol_str::SmolStr;

use super::request::requests;
use super::{ipv6, refusal};
use crate::rules::{TagSpecification, invalid_value, require, tags_for};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// CreateNetworkAcl.
    CreateNetworkAclRequest {
        vpc_id: String,
        client_token: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteNetworkAcl.
    DeleteNetworkAclRequest { network_acl_id: String }
}

/// The answer of CreateNetworkAcl.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreatedNetworkAcl {
    /// The ACL.
    pub network_acl: NetworkAcl,
    /// The token of the request, when it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
}

/// The number of the entry that lets all IPv4 traffic through a new VPC's default ACL; that for
/// IPv6 follows (VPC user guide, "Default network ACL").
const OPEN: i32 = 100;
/// The number of the entry that denies what no other entry matches; that for IPv6 follows.
pub(super) const LAST: i32 = 32_767;

/// Makes a network ACL with nothing but AWS's last entries, so that it denies everything.
///
/// # Errors
/// `NetworkAclLimitExceeded`.
pub fn create_network_acl(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateNetworkAclRequest,
) -> Result<CreatedNetworkAcl, ApiError> {
    const NAME: &str = "CreateNetworkAcl";
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?.clone();
    let kind = Kind::NetworkAcl;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)?
        && let Some(found) = made.first().and_then(|it| twin.state.one(it.clone()))
    {
        return Ok(CreatedNetworkAcl {
            network_acl: NetworkAcl::clone(found),
            client_token: request.client_token,
        });
    }
    let present = acls_of(&twin.state, &vpc.vpc_id).count();
    if present >= twin.network.choices.quotas.acls_per_vpc {
        return Err(refusal::over_quota(
            "NetworkAclLimitExceeded",
            "network ACLs",
        ));
    }
    let network_acl = NetworkAcl {
        network_acl_id: twin.fresh(NetworkAclId::from_number),
        is_default: false,
        associations: Vec::new(),
        entries: last_entries(ipv6::has_block(&vpc)),
        owner_id: Some(ctx.account.clone()),
        vpc_id: vpc.vpc_id,
        tags,
    };
    twin.state.insert(&ctx.region, network_acl.clone());
    let made = vec![ResourceId::from(&network_acl.network_acl_id)];
    twin.remember(ctx, NAME, token, &request, made);
    Ok(CreatedNetworkAcl {
        network_acl,
        client_token: request.client_token,
    })
}

/// Deletes a network ACL.
///
/// # Errors
/// `InvalidParameterValue` for a default one, `DependencyViolation` while a subnet is associated
/// (facts: ec2-semantics.md, section 3, Network ACL).
pub fn delete_network_acl(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteNetworkAclRequest,
) -> Result<(), ApiError> {
    let id = &request.network_acl_id;
    let acl = require::<NetworkAcl>(&twin.state, ctx, "networkAclId", id)?;
    ctx.end_dry_run()?;
    let id = acl.network_acl_id.clone();
    if acl.is_default {
        return Err(invalid_value(format!(
            "cannot delete default network ACL {id}"
        )));
    }
    if !acl.associations.is_empty() {
        return Err(refusal::has_dependencies("networkAcl", &id));
    }
    twin.state.remove(&id);
    Ok(())
}

/// The network ACLs of a VPC.
pub(super) fn acls_of<'a>(
    state: &'a State,
    vpc: &VpcId,
) -> impl Iterator<Item = &'a NetworkAcl> + use<'a> {
    let vpc = vpc.clone();
    state
        .referring::<NetworkAcl>(vpc.clone())
        .filter(move |it| it.vpc_id == vpc)
}

/// The default network ACL of a VPC, where it is known.
pub(super) fn default_acl_of<'a>(state: &'a State, vpc: &VpcId) -> Option<&'a NetworkAcl> {
    acls_of(state, vpc).find(|it| it.is_default)
}

/// Makes the default ACL of a new VPC, which lets everything through.
pub(super) fn insert_default(twin: &mut Twin, ctx: &Ctx, vpc: &Vpc) {
    let mut entries = last_entries(false);
    open(&mut entries, false);
    let mut acl = NetworkAcl {
        network_acl_id: twin.fresh(NetworkAclId::from_number),
        vpc_id: vpc.vpc_id.clone(),
        is_default: true,
        associations: Vec::new(),
        entries,
        owner_id: Some(ctx.account.clone()),
        tags: Tags::new(),
    };
    if ipv6::has_block(vpc) {
        let_ipv6_through(&mut acl);
    }
    twin.state.insert(&ctx.region, acl);
}

/// Adds what AWS adds to the ACLs of a VPC when it gets its first IPv6 block: the last entries for
/// IPv6, and in the default ACL, unless someone changed that direction, an entry that lets
/// everything through (VPC user guide, "Default network ACL").
pub(super) fn add_ipv6_entries(twin: &mut Twin, vpc: &VpcId) {
    let ids: Vec<NetworkAclId> = acls_of(&twin.state, vpc)
        .map(|it| it.network_acl_id.clone())
        .collect();
    for id in &ids {
        twin.state.update(id, let_ipv6_through);
    }
}

fn let_ipv6_through(acl: &mut NetworkAcl) {
    let mut untouched = last_entries(false);
    open(&mut untouched, false);
    for egress in [false, true] {
        let is_this_way = |it: &&NetworkAclEntry| it.egress == egress;
        let present: Vec<&NetworkAclEntry> = acl.entries.iter().filter(is_this_way).collect();
        let is_untouched = present
            .iter()
            .copied()
            .eq(untouched.iter().filter(is_this_way));
        let has_last = present.iter().any(|it| it.rule_number > LAST);
        if acl.is_default && is_untouched {
            put(&mut acl.entries, everything(OPEN, egress, true));
        }
        if !has_last {
            put(&mut acl.entries, everything(LAST, egress, true));
        }
    }
}

/// The entries that no one can change: what nothing else matched is denied.
fn last_entries(ipv6: bool) -> Vec<NetworkAclEntry> {
    let mut entries = Vec::new();
    for egress in [false, true] {
        put(&mut entries, everything(LAST, egress, false));
        if ipv6 {
            put(&mut entries, everything(LAST, egress, true));
        }
    }
    entries
}

fn open(entries: &mut Vec<NetworkAclEntry>, ipv6: bool) {
    for egress in [false, true] {
        put(entries, everything(OPEN, egress, ipv6));
    }
}

/// An entry for all traffic one way.
fn everything(number: i32, egress: bool, ipv6: bool) -> NetworkAclEntry {
    let block = SmolStr::new_static(if ipv6 { "::/0" } else { "0.0.0.0/0" });
    NetworkAclEntry {
        rule_number: number + i32::from(ipv6),
        egress,
        protocol: SmolStr::new_static("-1"),
        rule_action: match number {
            LAST => RuleAction::Deny,
            _ => RuleAction::Allow,
        },
        cidr_block: (!ipv6).then(|| block.clone()),
        ipv6_cidr_block: ipv6.then_some(block),
        port_range: None,
        icmp_type_code: None,
    }
}

/// Puts an entry in its place: outbound entries after inbound ones, by number.
pub(super) fn put(entries: &mut Vec<NetworkAclEntry>, entry: NetworkAclEntry) {
    let key = |it: &NetworkAclEntry| (it.egress, it.rule_number);
    let at = entries.partition_point(|it| key(it) <= key(&entry));
    entries.insert(at, entry);
}

/// Associates a new subnet with its VPC's default ACL.
pub(super) fn associate_new(twin: &mut Twin, vpc: &VpcId, subnet: &SubnetId) {
    let default = default_acl_of(&twin.state, vpc).map(|it| it.network_acl_id.clone());
    if let Some(acl) = default {
        associate(twin, &acl, subnet);
    }
}

/// Associates a subnet, which must not be associated, with an ACL.
pub(super) fn associate(twin: &mut Twin, acl: &NetworkAclId, subnet: &SubnetId) -> SmolStr {
    let id: SmolStr = twin.ids.text("aclassoc").into();
    let association = NetworkAclAssociation {
        network_acl_association_id: id.clone(),
        network_acl_id: Some(acl.clone()),
        subnet_id: subnet.clone(),
    };
    twin.state
        .update(acl, |it: &mut NetworkAcl| it.associations.push(association));
    id
}

/// Ends the association of a subnet, if it has one.
pub(super) fn dissociate(twin: &mut Twin, subnet: &SubnetId) {
    let acls = twin.state.referring::<NetworkAcl>(subnet);
    let acls: Vec<NetworkAclId> = acls.map(|it| it.network_acl_id.clone()).collect();
    for acl in &acls {
        twin.state.update(acl, |it: &mut NetworkAcl| {
            it.associations.retain(|it| it.subnet_id != *subnet);
        });
    }
}
