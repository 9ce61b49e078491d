//! VPCs: making, deleting and their attributes.

use ipnet::Ipv4Net;
use sandtable_model::resource::{
    AssociationState, AssociationStateName, GroupRef, IpPermission, IpRange, Ipv6Range, Route,
    RouteOrigin, RouteState, RouteTable, RouteTableAssociation, SecurityGroup, UserIdGroupPair,
    Vpc, VpcCidrBlockAssociation,
};
use sandtable_model::{
    Kind, NetworkAclId, RouteTableAssociationId, RouteTableId, SecurityGroupId, Tags, VpcId,
};
use smol_str::{SmolStr, format_smolstr};

use super::request::{Flag, answers, requests};
use super::{
    VpcAttributes, acl, blockers, cidr, dhcp_options, flow_log, group_vpc, ipv6, refusal,
    rule_ledger,
};
use crate::connectivity;
use crate::rules::{
    TagSpecification, invalid_combination, invalid_value, require, required, tags_for,
};
use crate::{ApiError, Ctx, State, Twin};

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
    /// ModifyVpcTenancy.
    ModifyVpcTenancyRequest { vpc_id: String, instance_tenancy: String }
    /// DescribeVpcAttribute.
    DescribeVpcAttributeRequest { vpc_id: String, attribute: String }
}

answers! {
    /// The answer of CreateVpc and CreateDefaultVpc.
    CreatedVpc { vpc: Vpc }
    /// The answer of ModifyVpcTenancy.
    ModifiedVpcTenancy { return_value: bool }
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

/// Makes a VPC with its default security group, main route table and default network ACL; with the
/// account's first VPC of the Region comes the DHCP options set that all of them use.
///
/// # Errors
/// `InvalidVpc.Range` for a block larger than /16 or smaller than /28, `VpcLimitExceeded`.
pub fn create_vpc(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateVpcRequest,
) -> Result<CreatedVpc, ApiError> {
    let block = cidr::read("CidrBlock", &request.cidr_block)?;
    let tenancy = request.instance_tenancy.as_deref().unwrap_or("default");
    if !["default", "dedicated"].contains(&tenancy) {
        return Err(refusal::not_a_value("instanceTenancy", tenancy));
    }
    let tags = tags_for(Kind::Vpc, &[Kind::Vpc], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    cidr::check_size("InvalidVpc.Range", block)?;
    check_quota(twin, ctx)?;
    let mut vpc = insert_vpc(twin, ctx, block, tenancy, false, tags);
    // A VPC is available at once; AWS answers with the state before that.
    vpc.state = SmolStr::new_static("pending");
    if request.amazon_provided_ipv6_cidr_block == Some(true) {
        let association = ipv6::give_block(twin, ctx, &vpc)?;
        let associating = ipv6::in_state(&association, AssociationStateName::Associating);
        vpc.ipv6_cidr_block_association_set.push(associating);
    }
    Ok(CreatedVpc { vpc })
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
    let dhcp_options_id = Some(dhcp_options::for_new_vpc(twin, ctx));
    let vpc = Vpc {
        vpc_id: vpc_id.clone(),
        cidr_block: cidr_block.clone(),
        cidr_block_association_set: vec![new_block_association(twin, &cidr_block)],
        ipv6_cidr_block_association_set: Vec::new(),
        dhcp_options_id,
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
    acl::insert_default(twin, ctx, &vpc);
    vpc
}

pub(super) fn new_block_association(twin: &mut Twin, block: &SmolStr) -> VpcCidrBlockAssociation {
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

/// The outbound rule that every new group of a VPC has, for IPv6 too when the VPC has a block of it
/// (VPC user guide, "Default security groups").
pub(super) fn outbound_of_new_group(state: &State, vpc: &VpcId) -> IpPermission {
    let vpc = state.one::<Vpc>(vpc);
    let mut rule = to_everywhere();
    if vpc.is_some_and(ipv6::has_block) {
        rule.ipv6_ranges.push(to_everywhere_ipv6());
    }
    rule
}

fn to_everywhere_ipv6() -> Ipv6Range {
    Ipv6Range {
        cidr_ipv6: SmolStr::new_static("::/0"),
        description: None,
    }
}

/// Lets IPv6 out of the default group of a VPC, unless someone changed its outbound rules.
pub(super) fn let_ipv6_out(twin: &mut Twin, vpc: &VpcId) {
    let Some(group) = default_group_of(twin, vpc) else {
        return;
    };
    twin.state
        .update(&group.group_id, |it: &mut SecurityGroup| {
            if let [only] = it.ip_permissions_egress.as_mut_slice()
                && *only == to_everywhere()
            {
                only.ipv6_ranges.push(to_everywhere_ipv6());
            }
        });
}

fn to_everywhere() -> IpPermission {
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
    let ipv4 = blocks.into_iter().map(local_route);
    let ipv6 = vpc.ipv6_cidr_block_association_set.iter();
    let ipv6 = ipv6.map(|it| ipv6::local_route(&it.ipv6_cidr_block));
    ipv4.chain(ipv6).collect()
}

pub(super) fn local_route(block: &SmolStr) -> Route {
    Route {
        destination_cidr_block: Some(block.clone()),
        gateway_id: Some(SmolStr::new_static("local")),
        origin: RouteOrigin::CreateRouteTable,
        state: RouteState::Active,
        ..Route::default()
    }
}

/// Deletes a VPC with its default security group, main route table and default network ACL. Its
/// DHCP options set stays; flow logs of it go later.
///
/// # Errors
/// `DependencyViolation` while anything but the defaults is in it (facts: ec2-semantics.md,
/// section 3, VPC).
pub fn delete_vpc(twin: &mut Twin, ctx: &Ctx, request: DeleteVpcRequest) -> Result<(), ApiError> {
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?;
    let vpc_id = vpc.vpc_id.clone();
    ctx.end_dry_run()?;
    let keeps = twin.network.choices.active_peerings_keep_vpcs;
    if blockers::vpc_is_blocked(&twin.state, &vpc_id, keeps) {
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
    let acls: Vec<NetworkAclId> = acl::acls_of(&twin.state, &vpc_id)
        .map(|it| it.network_acl_id.clone())
        .collect();
    tables.iter().for_each(|id| drop(twin.state.remove(id)));
    for id in &groups {
        if let Some(group) = twin.state.one::<SecurityGroup>(id).cloned() {
            rule_ledger::forget_group(twin, &group);
        }
        twin.state.remove(id);
    }
    group_vpc::forget_vpc(twin, &vpc_id);
    acls.iter().for_each(|id| drop(twin.state.remove(id)));
    flow_log::target_gone(twin, &vpc_id);
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

/// Lets instances of a VPC share hardware again, which cannot be taken back (EC2 API reference,
/// ModifyVpcTenancy: `default` only).
///
/// # Errors
/// `InvalidParameterValue` for another tenancy.
pub fn modify_vpc_tenancy(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVpcTenancyRequest,
) -> Result<ModifiedVpcTenancy, ApiError> {
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?;
    let vpc_id = vpc.vpc_id.clone();
    let tenancy = required("instanceTenancy", &request.instance_tenancy)?;
    if tenancy != "default" {
        return Err(refusal::not_a_value("instanceTenancy", tenancy));
    }
    ctx.end_dry_run()?;
    twin.state
        .update(&vpc_id, |it: &mut Vpc| it.instance_tenancy = tenancy.into());
    Ok(ModifiedVpcTenancy { return_value: true })
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

/// The route tables of a VPC.
pub(super) fn table_ids(twin: &Twin, vpc: &VpcId) -> Vec<RouteTableId> {
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
