//! Network interfaces.

use aws_sdk_ec2::types;
use sandtable_model::Kind;
use sandtable_model::resource::{
    GroupRef, InterfaceAssociation, InterfaceAttachment, Ipv6Address, NetworkInterface,
    PrivateIpAddress,
};

use crate::entry::{Entry, Unreadable, each, tags, text};

pub(crate) fn interface(it: types::NetworkInterface) -> Result<NetworkInterface, Unreadable> {
    let entry = Entry::new(Kind::NetworkInterface, it.network_interface_id());
    let kind = it.interface_type.as_ref().map(|it| it.as_str().into());
    Ok(NetworkInterface {
        network_interface_id: entry.parsed("NetworkInterfaceId", it.network_interface_id)?,
        vpc_id: entry.parsed("VpcId", it.vpc_id)?,
        subnet_id: entry.parsed("SubnetId", it.subnet_id)?,
        availability_zone: entry.optional("AvailabilityZone", it.availability_zone)?,
        description: it.description.unwrap_or_default().into(),
        interface_type: kind.unwrap_or_default(),
        mac_address: text(it.mac_address),
        owner_id: entry.optional("OwnerId", it.owner_id)?,
        private_dns_name: text(it.private_dns_name),
        private_ip_address: text(it.private_ip_address),
        private_ip_addresses: each(it.private_ip_addresses, |it| private_address(&entry, it))?,
        ipv6_addresses: each(it.ipv6_addresses, |it| {
            Ok(Ipv6Address {
                ipv6_address: entry.required("Ipv6Address", text(it.ipv6_address))?,
            })
        })?,
        requester_id: text(it.requester_id),
        requester_managed: it.requester_managed.unwrap_or_default(),
        source_dest_check: it.source_dest_check.unwrap_or(true),
        status: entry.required("Status", it.status)?.as_str().into(),
        groups: groups(&entry, it.groups)?,
        attachment: it.attachment.map(|it| attachment(&entry, it)).transpose()?,
        association: it
            .association
            .map(|it| association(&entry, it))
            .transpose()?
            .map(Box::new),
        tags: tags(it.tag_set),
    })
}

/// Security groups named by another resource.
pub(super) fn groups(
    entry: &Entry,
    groups: Option<Vec<types::GroupIdentifier>>,
) -> Result<Vec<GroupRef>, Unreadable> {
    each(groups, |it| {
        Ok(GroupRef {
            group_id: entry.parsed("GroupId", it.group_id)?,
            group_name: text(it.group_name),
        })
    })
}

fn private_address(
    entry: &Entry,
    it: types::NetworkInterfacePrivateIpAddress,
) -> Result<PrivateIpAddress, Unreadable> {
    Ok(PrivateIpAddress {
        primary: it.primary.unwrap_or_default(),
        private_ip_address: entry.required("PrivateIpAddress", text(it.private_ip_address))?,
        private_dns_name: text(it.private_dns_name),
        association: it
            .association
            .map(|it| association(entry, it))
            .transpose()?
            .map(Box::new),
    })
}

fn association(
    entry: &Entry,
    it: types::NetworkInterfaceAssociation,
) -> Result<InterfaceAssociation, Unreadable> {
    Ok(InterfaceAssociation {
        allocation_id: entry.optional("AllocationId", it.allocation_id)?,
        association_id: entry.optional("AssociationId", it.association_id)?,
        ip_owner_id: text(it.ip_owner_id),
        public_dns_name: text(it.public_dns_name),
        public_ip: text(it.public_ip),
    })
}

fn attachment(
    entry: &Entry,
    it: types::NetworkInterfaceAttachment,
) -> Result<InterfaceAttachment, Unreadable> {
    let index = entry.natural("DeviceIndex", it.device_index)?;
    Ok(InterfaceAttachment {
        attachment_id: text(it.attachment_id),
        attach_time: entry.moment("AttachTime", it.attach_time)?,
        delete_on_termination: it.delete_on_termination.unwrap_or_default(),
        device_index: index.unwrap_or_default(),
        network_card_index: entry.natural("NetworkCardIndex", it.network_card_index)?,
        instance_id: entry.optional("InstanceId", it.instance_id)?,
        instance_owner_id: text(it.instance_owner_id),
        status: it.status.map_or("attached".into(), |it| it.as_str().into()),
    })
}
