//! The default VPC of a Region, and its default subnets.

use ipnet::Ipv4Net;
use sandtable_model::resource::{
    GatewayAttachment, InternetGateway, Route, RouteTable, Subnet, Vpc,
};
use sandtable_model::{InternetGatewayId, RouteTableId, Tags};
use smol_str::SmolStr;

use super::request::requests;
use super::subnet::CreatedSubnet;
use super::vpc::{CreatedVpc, check_quota, insert_vpc};
use super::{blockers, cidr, subnet, vpc};
use crate::place;
use crate::rules::required;
use crate::{ApiError, Ctx, Twin};

/// The block of every default VPC (VPC user guide, "Default VPC components").
const BLOCK: [u8; 4] = [172, 31, 0, 0];

requests! {
    /// CreateDefaultVpc.
    CreateDefaultVpcRequest {}
    /// CreateDefaultSubnet.
    CreateDefaultSubnetRequest {
        availability_zone: Option<String>,
        availability_zone_id: Option<String>,
    }
}

/// Makes a default VPC: 172.31.0.0/16, a /20 subnet with public addresses in each zone, an attached
/// internet gateway, and a default route to it in the main table (VPC user guide, "Default VPC
/// components").
///
/// # Errors
/// `DefaultVpcAlreadyExists`, `VpcLimitExceeded`.
pub fn create_default_vpc(
    twin: &mut Twin,
    ctx: &Ctx,
    _: CreateDefaultVpcRequest,
) -> Result<CreatedVpc, ApiError> {
    ctx.end_dry_run()?;
    if default_vpc(twin, ctx).is_some() {
        return Err(ApiError::new(
            "DefaultVpcAlreadyExists",
            "A Default VPC already exists for this account in this region.",
        ));
    }
    check_quota(twin, ctx)?;
    let block = Ipv4Net::new_assert(BLOCK.into(), 16);
    let vpc = insert_vpc(twin, ctx, block, "default", true, Tags::new());
    let gateway_id = twin.fresh(InternetGatewayId::from_number);
    let attachment = GatewayAttachment {
        vpc_id: vpc.vpc_id.clone(),
        state: SmolStr::new_static("available"),
    };
    let gateway = InternetGateway {
        internet_gateway_id: gateway_id.clone(),
        attachments: vec![attachment],
        owner_id: Some(ctx.account.clone()),
        tags: Tags::new(),
    };
    twin.state.insert(&ctx.region, gateway);
    let main: Option<RouteTableId> = blockers::tables_of(&twin.state, &vpc.vpc_id)
        .find(|it| it.is_main())
        .map(|it| it.route_table_id.clone());
    if let Some(main) = main {
        let outward = Route {
            destination_cidr_block: Some(SmolStr::new_static("0.0.0.0/0")),
            gateway_id: Some(gateway_id.as_str().into()),
            ..Route::default()
        };
        twin.state
            .update(main, |it: &mut RouteTable| it.routes.push(outward));
    }
    let zones = place::zones(&twin.state, &ctx.region);
    for (zone, [third, fourth]) in zones.into_iter().zip([[0, 0], [16, 0], [32, 0]]) {
        let block = Ipv4Net::new_assert([BLOCK[0], BLOCK[1], third, fourth].into(), 20);
        subnet::insert_subnet(twin, ctx, &vpc.vpc_id, block, zone, true, Tags::new());
    }
    Ok(CreatedVpc { vpc })
}

/// The default VPC of the Region of a call, if there is one.
pub(super) fn default_vpc<'a>(twin: &'a Twin, ctx: &Ctx) -> Option<&'a Vpc> {
    twin.state.all::<Vpc>(&ctx.region).find(|it| it.is_default)
}

/// Makes the default subnet of a zone: the lowest /20 that is free in the default VPC (EC2 API
/// reference, CreateDefaultSubnet).
///
/// # Errors
/// `MissingParameter` without a zone, `DefaultVpcDoesNotExist`,
/// `DefaultSubnetAlreadyExistsInAvailabilityZone`, `InvalidSubnet.Conflict` when no block is free.
pub fn create_default_subnet(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateDefaultSubnetRequest,
) -> Result<CreatedSubnet, ApiError> {
    let (name, id) = (&request.availability_zone, &request.availability_zone_id);
    if name.is_none() && id.is_none() {
        required("availabilityZone", "")?;
    }
    let zone = subnet::zone_for(twin, ctx, name.as_ref(), id.as_ref())?;
    ctx.end_dry_run()?;
    let vpc = default_vpc(twin, ctx).ok_or_else(|| {
        ApiError::new(
            "DefaultVpcDoesNotExist",
            "No default VPC exists for this account in this region.",
        )
    })?;
    let vpc_id = vpc.vpc_id.clone();
    let present: Vec<&Subnet> = blockers::subnets_of(&twin.state, &vpc_id).collect();
    let mut defaults = present.iter().filter(|it| it.default_for_az);
    if let Some(other) = defaults.find(|it| it.availability_zone == zone) {
        return Err(ApiError::new(
            "DefaultSubnetAlreadyExistsInAvailabilityZone",
            format!(
                "'{}' is already the default subnet in {zone}.",
                other.subnet_id
            ),
        ));
    }
    let taken: Vec<Ipv4Net> = present
        .iter()
        .filter_map(|it| cidr::of(&it.cidr_block))
        .collect();
    let is_free = |it: &Ipv4Net| !taken.iter().any(|other| cidr::overlap(it, other));
    let whole = vpc::blocks_of(vpc).into_iter();
    let mut blocks = whole.filter_map(|it| it.subnets(20).ok()).flatten();
    let block = blocks.find(is_free).ok_or_else(|| {
        ApiError::new(
            "InvalidSubnet.Conflict",
            format!("There is no /20 block left in the default VPC {vpc_id}"),
        )
    })?;
    let subnet = subnet::insert_subnet(twin, ctx, &vpc_id, block, zone, true, Tags::new());
    Ok(CreatedSubnet { subnet })
}
