use sandtable_model::resource::Address;

use super::super::address::unknown_ip;
use super::super::request::requests;
use super::texts;
use crate::rules::{Filter, FilterTable, Listing, Page, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeAddresses; not paginated.
    DescribeAddressesRequest {
        allocation_ids: Vec<String>,
        public_ips: Vec<String>,
        filters: Vec<Filter>,
    }
}

const ADDRESSES: FilterTable<Address> = &[
    ("allocation-id", |_, it, out| out(it.allocation_id.as_str())),
    ("association-id", |_, it, out| {
        it.association_id.iter().for_each(|it| out(it.as_str()));
    }),
    ("domain", |_, it, out| out(&it.domain)),
    ("instance-id", |_, it, out| {
        it.instance_id.iter().for_each(|it| out(it.as_str()))
    }),
    ("network-border-group", |_, it, out| {
        texts(&it.network_border_group, out)
    }),
    ("network-interface-id", |_, it, out| {
        it.network_interface_id
            .iter()
            .for_each(|it| out(it.as_str()));
    }),
    ("network-interface-owner-id", |_, it, out| {
        texts(&it.network_interface_owner_id, out)
    }),
    ("private-ip-address", |_, it, out| {
        texts(&it.private_ip_address, out)
    }),
    ("public-ip", |_, it, out| texts(&it.public_ip, out)),
];

/// Lists Elastic IP addresses, named by allocation or by public address.
///
/// # Errors
/// `InvalidAddress.NotFound`, and what every describe operation refuses: see
/// [`crate::rules::describe`].
pub fn describe_addresses(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeAddressesRequest,
) -> Result<Page, ApiError> {
    let mut ids = request.allocation_ids;
    for ip in &request.public_ips {
        let mut all = twin.state.all::<Address>(&ctx.region);
        let found = all.find(|it| it.public_ip.as_ref().is_some_and(|it| it == ip.as_str()));
        ids.push(
            found
                .ok_or_else(|| unknown_ip(ip))?
                .allocation_id
                .to_string(),
        );
    }
    let listing = Listing {
        ids: &ids,
        filters: &request.filters,
        ..Listing::default()
    };
    describe(&twin.state, ctx, &listing, ADDRESSES)
}
