use sandtable_model::resource::{InterfaceAttachment, NetworkInterface, PrivateIpAddress};

use super::super::request::requests;
use super::{PAGES, flag, number, texts};
use crate::place;
use crate::rules::{Extract, Filter, FilterTable, Listing, Page, describe};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeNetworkInterfaces.
    DescribeNetworkInterfacesRequest {
        network_interface_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

/// A filter on a member of the association that may be absent.
macro_rules! of_association {
    ($member:ident) => {
        |_, it, out| {
            let member = it.association.as_ref().and_then(|it| it.$member.as_ref());
            member.into_iter().for_each(|it| out(it.as_str()));
        }
    };
}

const PRIVATE_IPS: Extract<NetworkInterface> = |_, it, out| {
    texts(&it.private_ip_address, out);
    let all = it.private_ip_addresses.iter();
    all.for_each(|it: &PrivateIpAddress| out(&it.private_ip_address));
};

fn attached(interface: &NetworkInterface, mut see: impl FnMut(&InterfaceAttachment)) {
    interface.attachment.iter().for_each(&mut see);
}

const INTERFACES: FilterTable<NetworkInterface> = &[
    ("addresses.association.owner-id", |_, it, out| {
        let associations = it
            .private_ip_addresses
            .iter()
            .filter_map(|it| it.association.as_ref());
        associations.for_each(|it| texts(&it.ip_owner_id, out));
    }),
    ("addresses.association.public-ip", |_, it, out| {
        let associations = it
            .private_ip_addresses
            .iter()
            .filter_map(|it| it.association.as_ref());
        associations.for_each(|it| texts(&it.public_ip, out));
    }),
    ("addresses.primary", |_, it, out| {
        it.private_ip_addresses
            .iter()
            .for_each(|it| flag(it.primary, out));
    }),
    ("addresses.private-ip-address", PRIVATE_IPS),
    ("association.allocation-id", of_association!(allocation_id)),
    (
        "association.association-id",
        of_association!(association_id),
    ),
    ("association.ip-owner-id", of_association!(ip_owner_id)),
    (
        "association.public-dns-name",
        of_association!(public_dns_name),
    ),
    ("association.public-ip", of_association!(public_ip)),
    ("attachment.attach-time", |_, it, out| {
        attached(it, |it| {
            it.attach_time.iter().for_each(|it| out(&it.to_wire()))
        });
    }),
    ("attachment.attachment-id", |_, it, out| {
        attached(it, |it| texts(&it.attachment_id, out))
    }),
    ("attachment.delete-on-termination", |_, it, out| {
        attached(it, |it| flag(it.delete_on_termination, out));
    }),
    ("attachment.device-index", |_, it, out| {
        attached(it, |it| number(it.device_index, out))
    }),
    ("attachment.instance-id", |_, it, out| {
        attached(it, |it| {
            it.instance_id.iter().for_each(|it| out(it.as_str()))
        });
    }),
    ("attachment.instance-owner-id", |_, it, out| {
        attached(it, |it| texts(&it.instance_owner_id, out));
    }),
    ("attachment.status", |_, it, out| {
        attached(it, |it| out(&it.status))
    }),
    ("availability-zone", |_, it, out| {
        it.availability_zone.iter().for_each(|it| out(it.as_str()));
    }),
    ("availability-zone-id", |_, it, out| {
        it.availability_zone
            .iter()
            .for_each(|it| out(&place::zone_id(it)));
    }),
    ("description", |_, it, out| out(&it.description)),
    ("group-id", |_, it, out| {
        it.groups.iter().for_each(|it| out(it.group_id.as_str()))
    }),
    ("group-name", |_, it, out| {
        texts(
            it.groups.iter().filter_map(|it| it.group_name.as_ref()),
            out,
        );
    }),
    ("interface-type", |_, it, out| {
        out(it.interface_type.as_str())
    }),
    ("ipv6-addresses.ipv6-address", |_, it, out| {
        texts(it.ipv6_addresses.iter().map(|it| &it.ipv6_address), out);
    }),
    ("mac-address", |_, it, out| texts(&it.mac_address, out)),
    ("network-interface-id", |_, it, out| {
        out(it.network_interface_id.as_str())
    }),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it.as_str()))
    }),
    ("private-dns-name", |_, it, out| {
        texts(&it.private_dns_name, out)
    }),
    ("private-ip-address", PRIVATE_IPS),
    ("requester-id", |_, it, out| texts(&it.requester_id, out)),
    ("requester-managed", |_, it, out| {
        flag(it.requester_managed, out)
    }),
    ("source-dest-check", |_, it, out| {
        flag(it.source_dest_check, out)
    }),
    ("status", |_, it, out| out(it.status.as_str())),
    ("subnet-id", |_, it, out| out(it.subnet_id.as_str())),
    ("vpc-id", |_, it, out| out(it.vpc_id.as_str())),
];

/// Lists network interfaces.
///
/// # Errors
/// `InvalidParameterCombination` for ids together with `MaxResults`, and what every describe
/// operation refuses: see [`crate::rules::describe`].
pub fn describe_network_interfaces(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeNetworkInterfacesRequest,
) -> Result<Page, ApiError> {
    let listing = Listing {
        ids: &request.network_interface_ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(PAGES),
        ids_exclude_pages: true,
    };
    describe(&twin.state, ctx, &listing, INTERFACES)
}
