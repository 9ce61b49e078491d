use sandtable_model::resource::{IpPermission, SecurityGroup};

use super::super::default_vpc::default_vpc;
use super::super::request::requests;
use super::super::security_group;
use super::{Out, PAGES, number, texts};
use crate::rules::{Filter, FilterTable, Listing, Page, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeSecurityGroups.
    DescribeSecurityGroupsRequest {
        group_ids: Vec<String>,
        group_names: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

/// The filters on rules, for one direction.
macro_rules! of_rules {
    ($permissions:ident, $see:path) => {
        |_, it, out| it.$permissions.iter().for_each(|it| $see(it, out))
    };
}

fn blocks(it: &IpPermission, out: Out<'_>) {
    texts(it.ip_ranges.iter().map(|it| &it.cidr_ip), out);
}

fn ipv6_blocks(it: &IpPermission, out: Out<'_>) {
    texts(it.ipv6_ranges.iter().map(|it| &it.cidr_ipv6), out);
}

fn lists(it: &IpPermission, out: Out<'_>) {
    texts(it.prefix_list_ids.iter().map(|it| &it.prefix_list_id), out);
}

fn groups(it: &IpPermission, out: Out<'_>) {
    let groups = it
        .user_id_group_pairs
        .iter()
        .filter_map(|it| it.group_id.as_ref());
    groups.for_each(|it| out(it.as_str()));
}

fn group_names(it: &IpPermission, out: Out<'_>) {
    texts(
        it.user_id_group_pairs
            .iter()
            .filter_map(|it| it.group_name.as_ref()),
        out,
    );
}

fn users(it: &IpPermission, out: Out<'_>) {
    texts(
        it.user_id_group_pairs
            .iter()
            .filter_map(|it| it.user_id.as_ref()),
        out,
    );
}

fn protocol(it: &IpPermission, out: Out<'_>) {
    out(&it.ip_protocol);
}

fn from_port(it: &IpPermission, out: Out<'_>) {
    it.from_port.iter().for_each(|it| number(it, out));
}

fn to_port(it: &IpPermission, out: Out<'_>) {
    it.to_port.iter().for_each(|it| number(it, out));
}

const GROUPS: FilterTable<SecurityGroup> = &[
    ("description", |_, it, out| out(&it.description)),
    (
        "egress.ip-permission.cidr",
        of_rules!(ip_permissions_egress, blocks),
    ),
    (
        "egress.ip-permission.from-port",
        of_rules!(ip_permissions_egress, from_port),
    ),
    (
        "egress.ip-permission.group-id",
        of_rules!(ip_permissions_egress, groups),
    ),
    (
        "egress.ip-permission.group-name",
        of_rules!(ip_permissions_egress, group_names),
    ),
    (
        "egress.ip-permission.ipv6-cidr",
        of_rules!(ip_permissions_egress, ipv6_blocks),
    ),
    (
        "egress.ip-permission.prefix-list-id",
        of_rules!(ip_permissions_egress, lists),
    ),
    (
        "egress.ip-permission.protocol",
        of_rules!(ip_permissions_egress, protocol),
    ),
    (
        "egress.ip-permission.to-port",
        of_rules!(ip_permissions_egress, to_port),
    ),
    (
        "egress.ip-permission.user-id",
        of_rules!(ip_permissions_egress, users),
    ),
    ("group-id", |_, it, out| out(it.group_id.as_str())),
    ("group-name", |_, it, out| out(&it.group_name)),
    ("ip-permission.cidr", of_rules!(ip_permissions, blocks)),
    (
        "ip-permission.from-port",
        of_rules!(ip_permissions, from_port),
    ),
    ("ip-permission.group-id", of_rules!(ip_permissions, groups)),
    (
        "ip-permission.group-name",
        of_rules!(ip_permissions, group_names),
    ),
    (
        "ip-permission.ipv6-cidr",
        of_rules!(ip_permissions, ipv6_blocks),
    ),
    (
        "ip-permission.prefix-list-id",
        of_rules!(ip_permissions, lists),
    ),
    (
        "ip-permission.protocol",
        of_rules!(ip_permissions, protocol),
    ),
    ("ip-permission.to-port", of_rules!(ip_permissions, to_port)),
    ("ip-permission.user-id", of_rules!(ip_permissions, users)),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it.as_str()))
    }),
    ("vpc-id", |_, it, out| {
        it.vpc_id.iter().for_each(|it| out(it.as_str()))
    }),
];

/// Lists security groups, named by id, or by name in the default VPC.
///
/// # Errors
/// What every describe operation refuses: see [`crate::rules::describe`].
pub fn describe_security_groups(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeSecurityGroupsRequest,
) -> Result<Page, ApiError> {
    let mut ids = request.group_ids;
    for name in &request.group_names {
        if default_vpc(twin, ctx).is_none() {
            return Err(ApiError::new(
                "InvalidGroup.NotFound",
                format!("The security group '{name}' does not exist"),
            ));
        }
        let found = security_group::find(twin, ctx, "", Some(name))?;
        ids.push(found.group_id.to_string());
    }
    let listing = Listing {
        ids: &ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(PAGES),
        ids_exclude_pages: false,
    };
    describe(&twin.state, ctx, &listing, GROUPS)
}
