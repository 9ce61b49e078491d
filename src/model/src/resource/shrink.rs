//! Giving back the room that lists have in excess.

use super::{IpPermission, Resource};

impl Resource {
    /// Gives back what the resource's lists have room for and do not hold. A list that was read has
    /// room for four entries, of which most resources use one; with a million of them that doubles
    /// what they take.
    pub fn shrink_to_fit(&mut self) {
        match self {
            Resource::Vpc(it) => it.cidr_block_association_set.shrink_to_fit(),
            Resource::Subnet(it) => it.ipv6_cidr_block_association_set.shrink_to_fit(),
            Resource::RouteTable(it) => {
                it.routes.shrink_to_fit();
                it.associations.shrink_to_fit();
            }
            Resource::InternetGateway(it) => it.attachments.shrink_to_fit(),
            Resource::NatGateway(it) => it.nat_gateway_addresses.shrink_to_fit(),
            Resource::NetworkInterface(it) => {
                it.private_ip_addresses.shrink_to_fit();
                it.groups.shrink_to_fit();
            }
            Resource::SecurityGroup(it) => {
                shrink(&mut it.ip_permissions);
                shrink(&mut it.ip_permissions_egress);
            }
            Resource::Instance(it) => {
                it.block_device_mappings.shrink_to_fit();
                it.network_interfaces.shrink_to_fit();
                it.security_groups.shrink_to_fit();
            }
            Resource::Volume(it) => it.attachments.shrink_to_fit(),
            Resource::Image(it) => it.block_device_mappings.shrink_to_fit(),
            Resource::VpcEndpoint(it) => {
                it.route_table_ids.shrink_to_fit();
                it.subnet_ids.shrink_to_fit();
                it.groups.shrink_to_fit();
                it.network_interface_ids.shrink_to_fit();
                it.dns_entries.shrink_to_fit();
            }
            Resource::NetworkAcl(it) => {
                it.entries.shrink_to_fit();
                it.associations.shrink_to_fit();
            }
            // The others are few, or have no lists of their own.
            _ => {}
        }
    }
}

fn shrink(rules: &mut Vec<IpPermission>) {
    rules.shrink_to_fit();
    for rule in rules {
        rule.ip_ranges.shrink_to_fit();
        rule.user_id_group_pairs.shrink_to_fit();
    }
}
