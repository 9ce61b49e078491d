use sandtable_model::resource::{PrivateDnsNameOptions, Subnet};

use super::super::request::requests;
use super::{PAGES, flag, number, texts};
use crate::rules::{Extract, Filter, FilterTable, Listing, Page, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeSubnets.
    DescribeSubnetsRequest {
        subnet_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

const ZONE: Extract<Subnet> = |_, it, out| out(it.availability_zone.as_str());
const ZONE_ID: Extract<Subnet> = |_, it, out| texts(&it.availability_zone_id, out);
const BLOCK: Extract<Subnet> = |_, it, out| out(&it.cidr_block);
const IS_DEFAULT: Extract<Subnet> = |_, it, out| flag(it.default_for_az, out);

fn of_names(subnet: &Subnet, see: impl FnOnce(&PrivateDnsNameOptions)) {
    if let Some(options) = &subnet.private_dns_name_options_on_launch {
        see(options);
    }
}

const SUBNETS: FilterTable<Subnet> = &[
    ("availability-zone", ZONE),
    ("availabilityZone", ZONE),
    ("availability-zone-id", ZONE_ID),
    ("availabilityZoneId", ZONE_ID),
    ("available-ip-address-count", |_, it, out| {
        number(it.available_ip_address_count, out)
    }),
    ("cidr-block", BLOCK),
    ("cidr", BLOCK),
    ("cidrBlock", BLOCK),
    ("default-for-az", IS_DEFAULT),
    ("defaultForAz", IS_DEFAULT),
    ("enable-dns64", |_, it, out| flag(it.enable_dns64, out)),
    (
        "private-dns-name-options-on-launch.hostname-type",
        |_, it, out| {
            of_names(it, |it| out(it.hostname_type.as_str()));
        },
    ),
    (
        "private-dns-name-options-on-launch.enable-resource-name-dns-a-record",
        |_, it, out| of_names(it, |it| flag(it.enable_resource_name_dns_a_record, out)),
    ),
    (
        "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record",
        |_, it, out| of_names(it, |it| flag(it.enable_resource_name_dns_aaaa_record, out)),
    ),
    (
        "ipv6-cidr-block-association.association-id",
        |_, it, out| {
            texts(
                it.ipv6_cidr_block_association_set
                    .iter()
                    .map(|it| &it.association_id),
                out,
            );
        },
    ),
    (
        "ipv6-cidr-block-association.ipv6-cidr-block",
        |_, it, out| {
            texts(
                it.ipv6_cidr_block_association_set
                    .iter()
                    .map(|it| &it.ipv6_cidr_block),
                out,
            );
        },
    ),
    ("ipv6-cidr-block-association.state", |_, it, out| {
        let associations = it.ipv6_cidr_block_association_set.iter();
        associations.for_each(|it| out(it.ipv6_cidr_block_state.state.as_str()));
    }),
    ("map-public-ip-on-launch", |_, it, out| {
        flag(it.map_public_ip_on_launch, out)
    }),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it.as_str()))
    }),
    ("state", |_, it, out| out(&it.state)),
    ("subnet-arn", |state, it, out| {
        if let (Some(region), Some(owner)) =
            (state.region_of(&(&it.subnet_id).into()), &it.owner_id)
        {
            out(&format!(
                "arn:aws:ec2:{region}:{owner}:subnet/{}",
                it.subnet_id
            ));
        }
    }),
    ("subnet-id", |_, it, out| out(it.subnet_id.as_str())),
    ("vpc-id", |_, it, out| out(it.vpc_id.as_str())),
];

/// Lists subnets.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_subnets(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeSubnetsRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.subnet_ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(PAGES),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, SUBNETS)
}
