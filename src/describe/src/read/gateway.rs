//! Internet and NAT gateways, Elastic IP addresses, VPC endpoints.

use aws_sdk_ec2::types;
use sandtable_model::Kind;
use sandtable_model::resource::{
    Address, DnsEntry, GatewayAttachment, GroupRef, InternetGateway, NatGateway, NatGatewayAddress,
    VpcEndpoint,
};

use crate::entry::{Entry, Unreadable, each, tags, text};

pub(crate) fn internet_gateway(it: types::InternetGateway) -> Result<InternetGateway, Unreadable> {
    let entry = Entry::new(Kind::InternetGateway, it.internet_gateway_id());
    Ok(InternetGateway {
        internet_gateway_id: entry.parsed("InternetGatewayId", it.internet_gateway_id)?,
        attachments: each(it.attachments, |it| {
            Ok(GatewayAttachment {
                vpc_id: entry.parsed("VpcId", it.vpc_id)?,
                state: it.state.map_or("available".into(), |it| it.as_str().into()),
            })
        })?,
        owner_id: entry.optional("OwnerId", it.owner_id)?,
        tags: tags(it.tags),
    })
}

pub(crate) fn nat_gateway(it: types::NatGateway) -> Result<NatGateway, Unreadable> {
    let entry = Entry::new(Kind::NatGateway, it.nat_gateway_id());
    let kind = it.connectivity_type.as_ref().map(|it| it.as_str().into());
    let state = entry.required("State", it.state)?;
    Ok(NatGateway {
        nat_gateway_id: entry.parsed("NatGatewayId", it.nat_gateway_id)?,
        vpc_id: entry.parsed("VpcId", it.vpc_id)?,
        subnet_id: entry.parsed("SubnetId", it.subnet_id)?,
        state: state.as_str().into(),
        connectivity_type: kind.unwrap_or_default(),
        nat_gateway_addresses: each(it.nat_gateway_addresses, |it| {
            Ok(NatGatewayAddress {
                allocation_id: entry.optional("AllocationId", it.allocation_id)?,
                association_id: entry.optional("AssociationId", it.association_id)?,
                network_interface_id: entry
                    .optional("NetworkInterfaceId", it.network_interface_id)?,
                private_ip: text(it.private_ip),
                public_ip: text(it.public_ip),
                is_primary: it.is_primary,
                status: it.status.map(|it| it.as_str().into()),
            })
        })?,
        create_time: entry.moment("CreateTime", it.create_time)?,
        delete_time: entry.moment("DeleteTime", it.delete_time)?,
        failure_code: text(it.failure_code),
        failure_message: text(it.failure_message),
        tags: tags(it.tags),
    })
}

pub(crate) fn address(it: types::Address) -> Result<Address, Unreadable> {
    // EC2-Classic addresses have no allocation; then the address itself tells which one it is.
    let label = it.allocation_id().filter(|id| !id.is_empty());
    let entry = Entry::new(Kind::Address, label.or(it.public_ip()));
    Ok(Address {
        allocation_id: entry.parsed("AllocationId", it.allocation_id)?,
        public_ip: text(it.public_ip),
        association_id: entry.optional("AssociationId", it.association_id)?,
        domain: it.domain.map_or("vpc".into(), |it| it.as_str().into()),
        instance_id: entry.optional("InstanceId", it.instance_id)?,
        network_interface_id: entry.optional("NetworkInterfaceId", it.network_interface_id)?,
        network_interface_owner_id: text(it.network_interface_owner_id),
        private_ip_address: text(it.private_ip_address),
        public_ipv4_pool: text(it.public_ipv4_pool),
        network_border_group: text(it.network_border_group),
        tags: tags(it.tags),
    })
}

pub(crate) fn endpoint(it: types::VpcEndpoint) -> Result<VpcEndpoint, Unreadable> {
    let entry = Entry::new(Kind::VpcEndpoint, it.vpc_endpoint_id());
    let kind = it.vpc_endpoint_type.as_ref().map(|it| it.as_str().into());
    Ok(VpcEndpoint {
        vpc_endpoint_id: entry.parsed("VpcEndpointId", it.vpc_endpoint_id)?,
        vpc_endpoint_type: kind.unwrap_or_default(),
        vpc_id: entry.parsed("VpcId", it.vpc_id)?,
        service_name: entry.required("ServiceName", text(it.service_name))?,
        state: it.state.map(|it| it.as_str().into()).unwrap_or_default(),
        subnet_ids: entry.all("SubnetIds", it.subnet_ids)?,
        route_table_ids: entry.all("RouteTableIds", it.route_table_ids)?,
        network_interface_ids: entry.all("NetworkInterfaceIds", it.network_interface_ids)?,
        groups: each(it.groups, |it| {
            Ok(GroupRef {
                group_id: entry.parsed("GroupId", it.group_id)?,
                group_name: text(it.group_name),
            })
        })?,
        private_dns_enabled: it.private_dns_enabled.unwrap_or_default(),
        requester_managed: it.requester_managed.unwrap_or_default(),
        policy_document: text(it.policy_document),
        dns_entries: each(it.dns_entries, |it| {
            Ok(DnsEntry {
                dns_name: text(it.dns_name),
                hosted_zone_id: text(it.hosted_zone_id),
            })
        })?,
        creation_timestamp: entry.moment("CreationTimestamp", it.creation_timestamp)?,
        owner_id: entry.optional("OwnerId", it.owner_id)?,
        ip_address_type: it.ip_address_type.map(|it| it.as_str().into()),
        tags: tags(it.tags),
    })
}
