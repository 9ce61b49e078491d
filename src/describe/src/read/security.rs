//! Security groups.

use aws_sdk_ec2::types;
use sandtable_model::Kind;
use sandtable_model::resource::{
    IpPermission, IpRange, Ipv6Range, PrefixListRef, SecurityGroup, UserIdGroupPair,
};

use crate::entry::{Entry, Unreadable, each, tags, text};

pub(crate) fn security_group(it: types::SecurityGroup) -> Result<SecurityGroup, Unreadable> {
    let entry = Entry::new(Kind::SecurityGroup, it.group_id());
    Ok(SecurityGroup {
        group_id: entry.parsed("GroupId", it.group_id)?,
        group_name: entry.required("GroupName", text(it.group_name))?,
        description: it.description.unwrap_or_default().into(),
        vpc_id: entry.optional("VpcId", it.vpc_id)?,
        owner_id: entry.optional("OwnerId", it.owner_id)?,
        ip_permissions: each(it.ip_permissions, |it| permission(&entry, it))?,
        ip_permissions_egress: each(it.ip_permissions_egress, |it| permission(&entry, it))?,
        tags: tags(it.tags),
    })
}

fn permission(entry: &Entry, it: types::IpPermission) -> Result<IpPermission, Unreadable> {
    Ok(IpPermission {
        ip_protocol: entry.required("IpProtocol", text(it.ip_protocol))?,
        from_port: it.from_port,
        to_port: it.to_port,
        ip_ranges: each(it.ip_ranges, |it| {
            Ok(IpRange {
                cidr_ip: entry.required("CidrIp", text(it.cidr_ip))?,
                description: text(it.description),
            })
        })?,
        ipv6_ranges: each(it.ipv6_ranges, |it| {
            Ok(Ipv6Range {
                cidr_ipv6: entry.required("CidrIpv6", text(it.cidr_ipv6))?,
                description: text(it.description),
            })
        })?,
        prefix_list_ids: each(it.prefix_list_ids, |it| {
            Ok(PrefixListRef {
                prefix_list_id: entry.required("PrefixListId", text(it.prefix_list_id))?,
                description: text(it.description),
            })
        })?,
        user_id_group_pairs: each(it.user_id_group_pairs, |it| {
            Ok(UserIdGroupPair {
                group_id: entry.optional("GroupId", it.group_id)?,
                group_name: text(it.group_name),
                user_id: text(it.user_id),
                vpc_id: entry.optional("VpcId", it.vpc_id)?,
                vpc_peering_connection_id: text(it.vpc_peering_connection_id),
                peering_status: text(it.peering_status),
                description: text(it.description),
            })
        })?,
    })
}
