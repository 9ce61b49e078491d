//! Subnets.

use ipnet::Ipv4Net;
use sandtable_model::resource::{
    AssociationStateName, PrivateDnsNameOptions, RouteTable, Subnet, Vpc,
};
use sandtable_model::{AvailabilityZone, Kind, RouteTableId, SubnetId, Tags, VpcId};
use smol_str::{SmolStr, format_smolstr};

use super::request::{answers, requests};
use super::{acl, blockers, cidr, flow_log, ipv6, refusal, vpc};
use crate::place;
use crate::rules::{TagSpecification, invalid_combination, invalid_value, require, tags_for};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// CreateSubnet.
    CreateSubnetRequest {
        vpc_id: String,
        cidr_block: String,
        ipv6_cidr_block: Option<String>,
        availability_zone: Option<String>,
        availability_zone_id: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// DeleteSubnet.
    DeleteSubnetRequest { subnet_id: String }
}

answers! {
    /// The answer of CreateSubnet.
    CreatedSubnet { subnet: Subnet }
}

/// Makes a subnet.
///
/// # Errors
/// `InvalidSubnet.Range` for a block that is not within the VPC, larger than /16 or smaller than
/// /28, `InvalidSubnet.Conflict` for one that overlaps another subnet, `SubnetLimitExceeded`.
pub fn create_subnet(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateSubnetRequest,
) -> Result<CreatedSubnet, ApiError> {
    let vpc = require::<Vpc>(&twin.state, ctx, "vpcId", &request.vpc_id)?.clone();
    let block = cidr::read("CidrBlock", &request.cidr_block)?;
    let (name, id) = (&request.availability_zone, &request.availability_zone_id);
    let zone = zone_for(twin, ctx, name.as_ref(), id.as_ref())?;
    let tags = tags_for(Kind::Subnet, &[Kind::Subnet], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    cidr::check_size("InvalidSubnet.Range", block)?;
    if !vpc::blocks_of(&vpc).iter().any(|it| it.contains(&block)) {
        return Err(cidr::out_of_range("InvalidSubnet.Range", block));
    }
    let others: Vec<&Subnet> = blockers::subnets_of(&twin.state, &vpc.vpc_id).collect();
    let mut blocks = others.iter().filter_map(|it| cidr::of(&it.cidr_block));
    if blocks.any(|it| cidr::overlap(&it, &block)) {
        return Err(ApiError::new(
            "InvalidSubnet.Conflict",
            format!("The CIDR '{block}' conflicts with another subnet"),
        ));
    }
    if others.len() >= twin.network.choices.quotas.subnets_per_vpc {
        return Err(refusal::over_quota("SubnetLimitExceeded", "subnets"));
    }
    let ipv6 = request.ipv6_cidr_block.as_deref();
    let ipv6 = ipv6.map(|text| ipv6::read_subnet_block(&twin.state, &vpc, text));
    let ipv6 = ipv6.transpose()?;
    let mut subnet = insert_subnet(twin, ctx, &vpc.vpc_id, block, zone, false, tags);
    if let Some(block) = ipv6 {
        let given = ipv6::give_subnet_block(twin, &subnet.subnet_id, block);
        let associating = ipv6::in_state(&given, AssociationStateName::Associating);
        subnet.ipv6_cidr_block_association_set.push(associating);
    }
    Ok(CreatedSubnet { subnet })
}

/// The zone that is asked for by name or id, else the first of the Region.
pub(super) fn zone_for(
    twin: &Twin,
    ctx: &Ctx,
    name: Option<&String>,
    id: Option<&String>,
) -> Result<AvailabilityZone, ApiError> {
    let zones = place::zones(&twin.state, &ctx.region);
    let (parameter, text) = match (name, id) {
        (Some(name), None) => ("availabilityZone", name.as_str()),
        (None, Some(id)) => ("availabilityZoneId", id.as_str()),
        (None, None) => (
            "availabilityZone",
            zones.first().map_or("", |it| it.as_str()),
        ),
        (Some(_), Some(_)) => {
            return Err(invalid_combination(
                "The parameters availabilityZone and availabilityZoneId cannot be used together",
            ));
        }
    };
    let is_asked_for =
        |zone: &&AvailabilityZone| zone.as_str() == text || zone_id(twin, ctx, zone) == text;
    zones.iter().find(is_asked_for).cloned().ok_or_else(|| {
        let names: Vec<&str> = zones.iter().map(AvailabilityZone::as_str).collect();
        invalid_value(format!(
            "Value ({text}) for parameter {parameter} is invalid. Subnets can currently only be created in the following availability zones: {}.",
            names.join(", ")
        ))
    })
}

/// AWS's id of a zone: the one that a subnet in it tells, since it differs between accounts.
fn zone_id(twin: &Twin, ctx: &Ctx, zone: &AvailabilityZone) -> SmolStr {
    let mut beside = twin.state.all::<Subnet>(&ctx.region);
    let told = beside.find_map(|it| {
        it.availability_zone_id
            .clone()
            .filter(|_| it.availability_zone == *zone)
    });
    told.unwrap_or_else(|| place::zone_id(zone).into())
}

/// Puts a subnet in.
pub(super) fn insert_subnet(
    twin: &mut Twin,
    ctx: &Ctx,
    vpc: &VpcId,
    block: Ipv4Net,
    zone: AvailabilityZone,
    is_default: bool,
    tags: Tags,
) -> Subnet {
    let availability_zone_id = Some(zone_id(twin, ctx, &zone));
    let subnet = Subnet {
        subnet_id: twin.fresh(SubnetId::from_number),
        vpc_id: vpc.clone(),
        cidr_block: format_smolstr!("{block}"),
        availability_zone: zone,
        availability_zone_id,
        available_ip_address_count: cidr::usable(&block),
        default_for_az: is_default,
        map_public_ip_on_launch: is_default,
        assign_ipv6_address_on_creation: false,
        enable_dns64: false,
        private_dns_name_options_on_launch: Some(PrivateDnsNameOptions::default()),
        ipv6_cidr_block_association_set: Vec::new(),
        owner_id: Some(ctx.account.clone()),
        state: SmolStr::new_static("available"),
        tags,
    };
    twin.state.insert(&ctx.region, subnet.clone());
    acl::associate_new(twin, vpc, &subnet.subnet_id);
    subnet
}

/// Deletes a subnet; its associations with a route table and a network ACL go silently with it.
///
/// # Errors
/// `DependencyViolation` while an interface or a CIDR reservation is in it (facts: ec2-semantics.md, section 3, Subnet).
pub fn delete_subnet(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteSubnetRequest,
) -> Result<(), ApiError> {
    let subnet = require::<Subnet>(&twin.state, ctx, "subnetId", &request.subnet_id)?;
    let subnet_id = subnet.subnet_id.clone();
    ctx.end_dry_run()?;
    if blockers::subnet_is_blocked(&twin.state, &subnet_id) {
        return Err(refusal::has_dependencies("subnet", &subnet_id));
    }
    let tables: Vec<RouteTableId> = twin
        .state
        .referring::<RouteTable>(&subnet_id)
        .map(|it| it.route_table_id.clone())
        .collect();
    for table in &tables {
        twin.state.update(table, |it: &mut RouteTable| {
            it.associations
                .retain(|other| other.subnet_id.as_ref() != Some(&subnet_id));
        });
    }
    acl::dissociate(twin, &subnet_id);
    flow_log::target_gone(twin, &subnet_id);
    twin.state.remove(&subnet_id);
    Ok(())
}
