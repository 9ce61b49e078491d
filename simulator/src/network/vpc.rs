//! VPCs: making, deleting and their attributes.

use ipnet::Ipv4Net;
use sandtable_model::resource::{
    AssociationState, GroupRef, IpPermission, IpRange, Route, RouteOrigin, RouteState, RouteTable,
    RouteTableAssociation, SecurityGroup, Subnet, UserIdGroupPair, Vpc, VpcCidrBlockAssociation,
};
use sandtable_model::{Kind, RouteTableAssociationId, RouteTableId, SecurityGroupId, Tags, VpcId};
use smol_str::{SmolStr, format_smolstr};

use super::request::{Flag, answers, requests};
use super::{VpcAttributes, blockers, cidr, group_vpc, refusal, rule_ledger};
use crate::connectivity;
use crate::rules::{
    TagSpecification, invalid_combination, invalid_value, require, required, tags_for,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateVpc.
    CreateVpcRequest {
        cidr_block: String,
        instance_tenancy: Option<String>,
        amazon_provided_ipv6_cidr_block: Option<bool>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteVpc.
    DeleteVpcRequest { vpc_id: String }
    /// ModifyVpcAttribute.
    ModifyVpcAttributeRequest {
        vpc_id: String,
        enable_dns_hostnames: Option<Flag>,
        enable_dns_support: Option<Flag>,
        enable_network_address_usage_metrics: Option<Flag>,
    }
    /// DescribeVpcAttribute.
    DescribeVpcAttributeRequest { vpc_id: String, attribute: String }
    /// AssociateVpcCidrBlock.
    AssociateVpcCidrBlockRequest { vpc_id: String, cidr_block: String }
    /// DisassociateVpcCidrBlock.
    DisassociateVpcCidrBlockRequest { association_id: String }
}

answers! {
    /// The answer of CreateVpc and CreateDefaultVpc.
    CreatedVpc { vpc: Vpc }
    /// The answer of AssociateVpcCidrBlock and DisassociateVpcCidrBlock.
    ChangedVpcCidrBlock { vpc_id: VpcId, cidr_block_association: VpcCidrBlockAssociation }
}

/// The answer of DescribeVpcAttribute: one attribute.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcAttribute {
    /// The VPC.
    pub vpc_id: VpcId,
    /// The attribute under AWS's name, `EnableDnsSupport` or the like.
    #[serde(flatten)]
    pub attribute: std::collections::BTreeMap<&'static str, Flag>,
}

/// Makes a VPC with its default security group and its main route table. The default network ACL is
/// not modelled.
///
/// # Errors
/// `InvalidVpc.Range` for a block larger than /16 or smaller than /28, `VpcLimitExceeded`.
pub fn create_vpc(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateVpcRequest,
) -> Result<CreatedVpc, ApiError> {
    let block = cidr::read("CidrBlock", &request.cidr_block)?;
    if request.amazon_provided_ipv6_cidr_block == Some(true) {
        return Err(refusal::not_modelled("IPv6 blocks of VPCs"));
    }
    let tenancy = request.instance_tenancy.as_deref().unwrap_or("default");
    if !["default", "dedicated"].contains(&tenancy) {
        return Err(refusal::not_a_value("instanceTenancy", tenancy));
    }
    let tags = tags_for(Kind::Vpc, &[Kind::Vpc], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    cidr::check_size("InvalidVpc.Range", block)?;
    check_quota(twin, ctx)?;
    let vpc = insert_vpc(twin, ctx, block, tenancy, false, tags);
    // A VPC is available at once; AWS answers with the state before that.
    let state = SmolStr::new_static("pending");
    Ok(CreatedVpc {
        vpc: Vpc { state, ..vpc },
    })
}

pub(super) fn check_quota(twin: &Twin, ctx: &Ctx) -> Result<(), ApiError> {
    if twin.state.list(&ctx.region, Kind::Vpc).count() >= twin.network.choices.quotas.vpcs {
        return Err(refusal::over_quota("VpcLimitExceeded", "VPCs"));
    }
    Ok(())
}

/// Puts a VPC in, and what every VPC has.
pub(super) fn insert_vpc(
    twin: &mut Twin,
    ctx: &Ctx,
    block: Ipv4Net,
    tenancy: &str,
    is_default: bool,
    tags: Tags,
) -> Vpc {
    let vpc_id = twin.fresh(VpcId::from_number);
    let cidr_block = format_smolstr!("{block}");
    let known_options = twin
        .state
        .all::<Vpc>(&ctx.region)
        .find_map(|it| it.dhcp_options_id.clone());
    let vpc = Vpc {
        vpc_id: vpc_id.clone(),
        cidr_block: cidr_block.clone(),
        cidr_block_association_set: vec![new_block_association(twin, &cidr_block)],
        ipv6_cidr_block_association_set: Vec::new(),
        dhcp_options_id: Some(known_options.unwrap_or_else(|| SmolStr::new_static("default"))),
        instance_tenancy: tenancy.into(),
        is_default,
        owner_id: Some(ctx.account.clone()),
        state: SmolStr::new_static("available"),
        tags,
    };
    twin.state.insert(&ctx.region, vpc.clone());
    let group_id = twin.fresh(SecurityGroupId::from_number);
    twin.state
        .insert(&ctx.region, default_group(ctx, group_id, &vpc_id));
    let table = main_table(twin, ctx, &vpc);
    twin.state.insert(&ctx.region, table);
    vpc
}

fn new_block_association(twin: &mut Twin, block: &SmolStr) -> VpcCidrBlockAssociation {
    VpcCidrBlockAssociation {
        association_id: twin.ids.text("vpc-cidr-assoc").into(),
        cidr_block: block.clone(),
        cidr_block_state: AssociationState::default(),
    }
}

fn default_group(ctx: &Ctx, group_id: SecurityGroupId, vpc: &VpcId) -> SecurityGroup {
    let from_itself = IpPermission {
        ip_protocol: SmolStr::new_static("-1"),
        user_id_group_pairs: vec![UserIdGroupPair {
            group_id: Some(group_id.clone()),
            user_id: Some(ctx.account.as_str().into()),
            ..UserIdGroupPair::default()
        }],
        ..IpPermission::default()
    };
    SecurityGroup {
        group_id,
        group_name: SmolStr::new_static("default"),
        description: SmolStr::new_static("default VPC security group"),
        vpc_id: Some(vpc.clone()),
        owner_id: Some(ctx.account.clone()),
        ip_permissions: vec![from_itself],
        ip_permissions_egress: vec![to_everywhere()],
        tags: Tags::new(),
    }
}

/// The outbound rule that every new group has.
pub(super) fn to_everywhere() -> IpPermission {
    IpPermission {
        ip_protocol: SmolStr::new_static("-1"),
        ip_ranges: vec![IpRange {
            cidr_ip: SmolStr::new_static("0.0.0.0/0"),
            description: None,
        }],
        ..IpPermission::default()
    }
}

fn main_table(twin: &mut Twin, ctx: &Ctx, vpc: &Vpc) -> RouteTable {
    let route_table_id = twin.fresh(RouteTableId::from_number);
    let main = RouteTableAssociation {
        route_table_association_id: RouteTableAssociationId::from_number(twin.ids.next_number()),
        route_table_id: Some(route_table_id.clone()),
        subnet_id: None,
        gateway_id: None,
        main: true,
        association_state: AssociationState::default(),
    };
    RouteTable {
        route_table_id,
        vpc_id: vpc.vpc_id.clone(),
        associations: vec![main],
        propagating_vgws: Vec::new(),
        routes: local_routes(vpc),
        owner_id: Some(ctx.account.clone()),
        tags: Tags::new(),
    }
}

/// The undeletable routes within a VPC, one for each of its blocks.
pub(super) fn local_routes(vpc: &Vpc) -> Vec<Route> {
    let blocks = vpc
        .cidr_block_association_set
        .iter()
        .map(|it| &it.cidr_block);
    let mut blocks: Vec<&SmolStr> = blocks.collect();
    if blocks.is_empty() {
        blocks.push(&vpc.cidr_block);
    }
    blocks.into_iter().map(local_route).collect()
}

fn local_route(block: &SmolStr) -> Route {
    Route {
        destination_cidr_block: Some(block.clone()),
        gateway_id: Some(SmolStr::new_static("local")),
        origin: RouteOrigin::CreateRouteTable,
        state: RouteState::Active,
        ..Route::default()
    }
}

/// Deletes a VPC with its default security group and main route table.
///
/// # Errors
/// `DependencyViolation` while anything but the defaults is in it (facts: ec2-semantics.md,
/// section 3, VPC).
pub fn delete_vpc(twin: &mut Twin, ctx: &Ctx, request: DeleteVpcRequest) -> Result<(), ApiError> {
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?;
    let vpc_id = vpc.vpc_id.clone();
    ctx.end_dry_run()?;
    if blockers::vpc_is_blocked(&twin.state, &vpc_id) {
        return Err(refusal::has_dependencies("vpc", &vpc_id));
    }
    let tables: Vec<RouteTableId> = blockers::tables_of(&twin.state, &vpc_id)
        .map(|it| it.route_table_id.clone())
        .collect();
    let groups: Vec<SecurityGroupId> = twin
        .state
        .referring::<SecurityGroup>(&vpc_id)
        .map(|it| it.group_id.clone())
        .collect();
    tables.iter().for_each(|id| drop(twin.state.remove(id)));
    for id in &groups {
        if let Some(group) = twin.state.one::<SecurityGroup>(id).cloned() {
            rule_ledger::forget_group(twin, &group);
        }
        twin.state.remove(id);
    }
    group_vpc::forget_vpc(twin, &vpc_id);
    twin.state.remove(&vpc_id);
    twin.network.vpc_attributes.remove(&vpc_id);
    connectivity::vpc_deleted(twin, &vpc_id);
    Ok(())
}

/// Changes one attribute of a VPC.
///
/// # Errors
/// `InvalidParameterCombination` for several at once, `InvalidParameterValue` for DNS host names
/// without DNS support.
pub fn modify_vpc_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVpcAttributeRequest,
) -> Result<(), ApiError> {
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?.clone();
    let hostnames = request.enable_dns_hostnames.and_then(|it| it.value);
    let support = request.enable_dns_support.and_then(|it| it.value);
    let metrics = request
        .enable_network_address_usage_metrics
        .and_then(|it| it.value);
    match [hostnames, support, metrics].iter().flatten().count() {
        0 => {
            return Err(ApiError::new(
                "MissingParameter",
                "The request must contain an attribute to change",
            ));
        }
        1 => {}
        _ => {
            return Err(invalid_combination(
                "Fields for multiple attribute types specified: one attribute can be changed at a time",
            ));
        }
    }
    ctx.end_dry_run()?;
    let mut attributes = attributes_of(twin, &vpc);
    attributes.dns_support = support.unwrap_or(attributes.dns_support);
    attributes.dns_hostnames = hostnames.unwrap_or(attributes.dns_hostnames);
    attributes.usage_metrics = metrics.unwrap_or(attributes.usage_metrics);
    if hostnames == Some(true) && !attributes.dns_support {
        return Err(invalid_value(
            "DNS hostnames can only be enabled when DNS support is enabled",
        ));
    }
    twin.network.vpc_attributes.insert(vpc.vpc_id, attributes);
    Ok(())
}

/// Tells one attribute of a VPC.
///
/// # Errors
/// `InvalidParameterValue` for an attribute that AWS does not have.
pub fn describe_vpc_attribute(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpcAttributeRequest,
) -> Result<VpcAttribute, ApiError> {
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?;
    let attributes = attributes_of(twin, vpc);
    let (name, value) = match required("attribute", &request.attribute)? {
        "enableDnsSupport" => ("EnableDnsSupport", attributes.dns_support),
        "enableDnsHostnames" => ("EnableDnsHostnames", attributes.dns_hostnames),
        "enableNetworkAddressUsageMetrics" => {
            ("EnableNetworkAddressUsageMetrics", attributes.usage_metrics)
        }
        other => return Err(refusal::not_a_value("attribute", other)),
    };
    ctx.end_dry_run()?;
    Ok(VpcAttribute {
        vpc_id: vpc.vpc_id.clone(),
        attribute: [(name, Flag { value: Some(value) })].into(),
    })
}

/// Whether a VPC gives DNS host names.
pub(crate) fn has_dns_hostnames(twin: &Twin, vpc: &Vpc) -> bool {
    attributes_of(twin, vpc).dns_hostnames
}

/// A VPC's attributes. Describe answers do not carry them; where none was set, a default VPC has
/// DNS host names and another has not, unless a public DNS name within it shows that they are on.
pub(super) fn attributes_of(twin: &Twin, vpc: &Vpc) -> VpcAttributes {
    if let Some(known) = twin.network.vpc_attributes.get(&vpc.vpc_id) {
        return known.clone();
    }
    let mut interfaces = twin
        .state
        .referring::<sandtable_model::resource::NetworkInterface>(&vpc.vpc_id);
    let has_name = interfaces.any(|it| {
        let name = it
            .association
            .as_ref()
            .and_then(|it| it.public_dns_name.as_deref());
        name.is_some_and(|it| !it.is_empty())
    });
    VpcAttributes {
        dns_support: true,
        dns_hostnames: vpc.is_default || has_name,
        usage_metrics: false,
    }
}

/// Adds a further IPv4 block to a VPC, and the local route to it in every table.
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
    let block = cidr::read("CidrBlock", &request.cidr_block)?;
    ctx.end_dry_run()?;
    cidr::check_size("InvalidVpc.Range", block)?;
    let blocks = blocks_of(&vpc);
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
    let association = new_block_association(twin, &text);
    twin.state.update(&vpc.vpc_id, |it: &mut Vpc| {
        it.cidr_block_association_set.push(association.clone());
    });
    for id in table_ids(twin, &vpc.vpc_id) {
        twin.state.update(&id, |it: &mut RouteTable| {
            it.routes.push(local_route(&text))
        });
    }
    Ok(ChangedVpcCidrBlock {
        vpc_id: vpc.vpc_id,
        cidr_block_association: association,
    })
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
    for table in table_ids(twin, &vpc.vpc_id) {
        twin.state.update(&table, |it: &mut RouteTable| {
            it.routes
                .retain(|route| !(route.is_local() && route.destination() == block));
        });
    }
    Ok(ChangedVpcCidrBlock {
        vpc_id: vpc.vpc_id,
        cidr_block_association: association,
    })
}

fn table_ids(twin: &Twin, vpc: &VpcId) -> Vec<RouteTableId> {
    let tables = blockers::tables_of(&twin.state, vpc);
    tables.map(|it| it.route_table_id.clone()).collect()
}

/// The IPv4 blocks of a VPC.
pub(super) fn blocks_of(vpc: &Vpc) -> Vec<Ipv4Net> {
    let further = vpc
        .cidr_block_association_set
        .iter()
        .map(|it| &it.cidr_block);
    let mut blocks: Vec<Ipv4Net> = std::iter::once(&vpc.cidr_block)
        .chain(further)
        .filter_map(|it| cidr::of(it))
        .collect();
    blocks.sort_unstable();
    blocks.dedup();
    blocks
}

/// The default security group of a VPC.
pub(super) fn default_group_of(twin: &Twin, vpc: &VpcId) -> Option<GroupRef> {
    let mut groups = twin.state.referring::<SecurityGroup>(vpc);
    groups.find(|it| it.is_default()).map(|it| GroupRef {
        group_id: it.group_id.clone(),
        group_name: Some(it.group_name.clone()),
    })
}
