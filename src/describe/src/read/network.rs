//! VPCs, subnets and route tables.

use aws_sdk_ec2::types;
use sandtable_model::Kind;
use sandtable_model::resource::{
    AssociationState, Ipv6CidrBlockAssociation, PrivateDnsNameOptions, Route, RouteTable,
    RouteTableAssociation, Subnet, VgwPropagation, Vpc, VpcCidrBlockAssociation,
};

use crate::entry::{Entry, Unreadable, each, tags, text};

pub(crate) fn vpc(it: types::Vpc) -> Result<Vpc, Unreadable> {
    let entry = Entry::new(Kind::Vpc, it.vpc_id());
    Ok(Vpc {
        vpc_id: entry.parsed("VpcId", it.vpc_id)?,
        cidr_block: entry.required("CidrBlock", text(it.cidr_block))?,
        cidr_block_association_set: each(it.cidr_block_association_set, |block| {
            Ok(VpcCidrBlockAssociation {
                association_id: entry.required("AssociationId", text(block.association_id))?,
                cidr_block: entry.required("CidrBlock", text(block.cidr_block))?,
                cidr_block_state: vpc_block_state(block.cidr_block_state),
            })
        })?,
        ipv6_cidr_block_association_set: each(it.ipv6_cidr_block_association_set, |block| {
            Ok(Ipv6CidrBlockAssociation {
                association_id: entry.required("AssociationId", text(block.association_id))?,
                ipv6_cidr_block: entry.required("Ipv6CidrBlock", text(block.ipv6_cidr_block))?,
                ipv6_cidr_block_state: vpc_block_state(block.ipv6_cidr_block_state),
            })
        })?,
        dhcp_options_id: text(it.dhcp_options_id),
        instance_tenancy: it
            .instance_tenancy
            .map_or("default".into(), |it| it.as_str().into()),
        is_default: it.is_default.unwrap_or_default(),
        owner_id: entry.optional("OwnerId", it.owner_id)?,
        state: it.state.map_or("available".into(), |it| it.as_str().into()),
        tags: tags(it.tags),
    })
}

fn vpc_block_state(state: Option<types::VpcCidrBlockState>) -> AssociationState {
    let Some(state) = state else {
        return AssociationState::default();
    };
    association_state(
        state.state.as_ref().map(|it| it.as_str()),
        state.status_message,
    )
}

fn association_state(state: Option<&str>, message: Option<String>) -> AssociationState {
    AssociationState {
        state: state.map(Into::into).unwrap_or_default(),
        status_message: text(message),
    }
}

pub(crate) fn subnet(it: types::Subnet) -> Result<Subnet, Unreadable> {
    let entry = Entry::new(Kind::Subnet, it.subnet_id());
    let free = entry.natural("AvailableIpAddressCount", it.available_ip_address_count)?;
    Ok(Subnet {
        subnet_id: entry.parsed("SubnetId", it.subnet_id)?,
        vpc_id: entry.parsed("VpcId", it.vpc_id)?,
        cidr_block: entry.required("CidrBlock", text(it.cidr_block))?,
        availability_zone: entry.parsed("AvailabilityZone", it.availability_zone)?,
        availability_zone_id: text(it.availability_zone_id),
        available_ip_address_count: free.unwrap_or_default(),
        default_for_az: it.default_for_az.unwrap_or_default(),
        map_public_ip_on_launch: it.map_public_ip_on_launch.unwrap_or_default(),
        assign_ipv6_address_on_creation: it.assign_ipv6_address_on_creation.unwrap_or_default(),
        enable_dns64: it.enable_dns64.unwrap_or_default(),
        private_dns_name_options_on_launch: it.private_dns_name_options_on_launch.map(|it| {
            PrivateDnsNameOptions {
                hostname_type: it
                    .hostname_type
                    .map(|it| it.as_str().into())
                    .unwrap_or_default(),
                enable_resource_name_dns_a_record: it
                    .enable_resource_name_dns_a_record
                    .unwrap_or_default(),
                enable_resource_name_dns_aaaa_record: it
                    .enable_resource_name_dns_aaaa_record
                    .unwrap_or_default(),
            }
        }),
        ipv6_cidr_block_association_set: each(it.ipv6_cidr_block_association_set, |block| {
            let state = block.ipv6_cidr_block_state.map(|it| {
                association_state(it.state.as_ref().map(|it| it.as_str()), it.status_message)
            });
            Ok(Ipv6CidrBlockAssociation {
                association_id: entry.required("AssociationId", text(block.association_id))?,
                ipv6_cidr_block: entry.required("Ipv6CidrBlock", text(block.ipv6_cidr_block))?,
                ipv6_cidr_block_state: state.unwrap_or_default(),
            })
        })?,
        owner_id: entry.optional("OwnerId", it.owner_id)?,
        state: it.state.map_or("available".into(), |it| it.as_str().into()),
        tags: tags(it.tags),
    })
}

pub(crate) fn route_table(it: types::RouteTable) -> Result<RouteTable, Unreadable> {
    let entry = Entry::new(Kind::RouteTable, it.route_table_id());
    Ok(RouteTable {
        route_table_id: entry.parsed("RouteTableId", it.route_table_id)?,
        vpc_id: entry.parsed("VpcId", it.vpc_id)?,
        associations: each(it.associations, |it| association(&entry, it))?,
        propagating_vgws: each(it.propagating_vgws, |it| {
            Ok(VgwPropagation {
                gateway_id: entry.required("GatewayId", text(it.gateway_id))?,
            })
        })?,
        routes: each(it.routes, |it| route(&entry, it))?,
        owner_id: entry.optional("OwnerId", it.owner_id)?,
        tags: tags(it.tags),
    })
}

fn association(
    entry: &Entry,
    it: types::RouteTableAssociation,
) -> Result<RouteTableAssociation, Unreadable> {
    let state = it
        .association_state
        .map(|it| association_state(it.state.as_ref().map(|it| it.as_str()), it.status_message));
    let id = it.route_table_association_id;
    Ok(RouteTableAssociation {
        route_table_association_id: entry.parsed("RouteTableAssociationId", id)?,
        route_table_id: entry.optional("RouteTableId", it.route_table_id)?,
        subnet_id: entry.optional("SubnetId", it.subnet_id)?,
        gateway_id: text(it.gateway_id),
        main: it.main.unwrap_or_default(),
        association_state: state.unwrap_or_default(),
    })
}

fn route(entry: &Entry, it: types::Route) -> Result<Route, Unreadable> {
    Ok(Route {
        destination_cidr_block: text(it.destination_cidr_block),
        destination_ipv6_cidr_block: text(it.destination_ipv6_cidr_block).map(Box::new),
        destination_prefix_list_id: text(it.destination_prefix_list_id).map(Box::new),
        gateway_id: text(it.gateway_id),
        nat_gateway_id: entry.optional("NatGatewayId", it.nat_gateway_id)?,
        network_interface_id: entry
            .optional("NetworkInterfaceId", it.network_interface_id)?
            .map(Box::new),
        instance_id: entry.optional("InstanceId", it.instance_id)?.map(Box::new),
        instance_owner_id: text(it.instance_owner_id).map(Box::new),
        egress_only_internet_gateway_id: text(it.egress_only_internet_gateway_id).map(Box::new),
        transit_gateway_id: text(it.transit_gateway_id).map(Box::new),
        vpc_peering_connection_id: text(it.vpc_peering_connection_id).map(Box::new),
        local_gateway_id: text(it.local_gateway_id).map(Box::new),
        carrier_gateway_id: text(it.carrier_gateway_id).map(Box::new),
        core_network_arn: text(it.core_network_arn).map(Box::new),
        origin: it.origin.map(|it| it.as_str().into()).unwrap_or_default(),
        state: it.state.map(|it| it.as_str().into()).unwrap_or_default(),
    })
}
