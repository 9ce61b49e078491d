//! What stands around subnets: network ACLs, DHCP options, egress-only internet gateways, prefix
//! lists, flow logs, CIDR reservations; and endpoint services.

use aws_sdk_ec2::{Client, types};
use sandtable_model::Kind;

use super::{all, by_token, pages, present};
use crate::answer::{Object, answers, entry, resource, texts};
use crate::error::ReadError;
use crate::list::{Listing, PAGE, call, listed};

/// Entries on a page of prefix lists, and of their entries (facts: ec2-semantics, MaxResults).
const PREFIX_LIST_PAGE: i32 = 100;
/// Entries on a page of egress-only internet gateways (same).
const EGRESS_ONLY_PAGE: i32 = 255;

/// Everything of one of this family's kinds.
pub(crate) async fn list(client: &Client, kind: Kind) -> Result<Listing, ReadError> {
    match kind {
        Kind::NetworkAcl => {
            pages!(
                client,
                "DescribeNetworkAcls",
                describe_network_acls,
                network_acls,
                PAGE,
                kind
            )
        }
        Kind::DhcpOptions => {
            pages!(
                client,
                "DescribeDhcpOptions",
                describe_dhcp_options,
                dhcp_options,
                PAGE,
                kind
            )
        }
        Kind::EgressOnlyInternetGateway => pages!(
            client,
            "DescribeEgressOnlyInternetGateways",
            describe_egress_only_internet_gateways,
            egress_only_internet_gateways,
            EGRESS_ONLY_PAGE,
            kind
        ),
        Kind::ManagedPrefixList => prefix_lists(client).await,
        Kind::FlowLog => pages!(
            client,
            "DescribeFlowLogs",
            describe_flow_logs,
            flow_logs,
            PAGE,
            kind
        ),
        Kind::SubnetCidrReservation => cidr_reservations(client).await,
        Kind::VpcEndpointService => pages!(
            client,
            "DescribeVpcEndpointServiceConfigurations",
            describe_vpc_endpoint_service_configurations,
            service_configurations,
            PAGE,
            kind
        ),
        other => Err(ReadError::NotRead(other)),
    }
}

/// Prefix lists with their entries, which take a call each. AWS's own, which every account sees, are
/// passed over: they are nobody's waste, and a twin knows them anyway.
async fn prefix_lists(client: &Client) -> Result<Listing, ReadError> {
    let asked = client.describe_managed_prefix_lists().into_paginator();
    let asked = asked.page_size(PREFIX_LIST_PAGE).send();
    let mut listing = Listing::default();
    for list in all("DescribeManagedPrefixLists", asked, |it| {
        (it.prefix_lists, it.next_token)
    })
    .await?
    {
        if list.owner_id() == Some("AWS") {
            continue;
        }
        let asked = client.get_managed_prefix_list_entries();
        let asked = asked.set_prefix_list_id(list.prefix_list_id.clone());
        let asked = asked.into_paginator().page_size(PREFIX_LIST_PAGE);
        let entries = all("GetManagedPrefixListEntries", asked.send(), |it| {
            (it.entries, it.next_token)
        })
        .await;
        let Some(entries) = present(entries)? else {
            continue;
        };
        let list = Object::of(list).with("Entries", entries);
        listing.take(resource(Kind::ManagedPrefixList, None, list));
    }
    Ok(listing)
}

/// The reservations of every subnet: AWS lists them by subnet only.
async fn cidr_reservations(client: &Client) -> Result<Listing, ReadError> {
    const OPERATION: &str = "GetSubnetCidrReservations";
    let subnets = client.describe_subnets().into_paginator();
    let subnets = all("DescribeSubnets", subnets.page_size(PAGE).send(), |it| {
        (it.subnets, it.next_token)
    })
    .await?;
    let mut listing = Listing::default();
    for subnet in subnets {
        let asked = client.get_subnet_cidr_reservations();
        let asked = asked.set_subnet_id(subnet.subnet_id).max_results(PAGE);
        let found = by_token(OPERATION, |token| {
            let asked = asked.clone().set_next_token(token);
            async move {
                let answer = asked
                    .send()
                    .await
                    .map_err(|error| call(OPERATION, &error))?;
                let (four, six) = (
                    answer.subnet_ipv4_cidr_reservations,
                    answer.subnet_ipv6_cidr_reservations,
                );
                let both = four.into_iter().chain(six).flatten().collect();
                Ok((both, answer.next_token))
            }
        });
        for it in present(found.await)?.into_iter().flatten() {
            listing.take(entry(Kind::SubnetCidrReservation)(it));
        }
    }
    Ok(listing)
}

answers! {
    types::NetworkAcl {
        network_acl_id, vpc_id, is_default, associations, entries, owner_id, tags,
    }
    types::NetworkAclAssociation { network_acl_association_id, network_acl_id, subnet_id }
    types::NetworkAclEntry {
        rule_number, egress, protocol, rule_action, cidr_block, ipv6_cidr_block, port_range,
        icmp_type_code,
    }
    types::IcmpTypeCode { code, r#type }
    types::PortRange { from, to }
    types::DhcpOptions { dhcp_options_id, dhcp_configurations, owner_id, tags }
    types::DhcpConfiguration { key, values }
    types::AttributeValue { value }
    types::EgressOnlyInternetGateway { egress_only_internet_gateway_id, attachments, tags }
    types::InternetGatewayAttachment { state, vpc_id }
    types::ManagedPrefixList {
        prefix_list_id, prefix_list_name, address_family, state, state_message, prefix_list_arn,
        max_entries, version, owner_id, tags,
    }
    types::PrefixListEntry { cidr, description }
    types::FlowLog {
        flow_log_id, resource_id, traffic_type, flow_log_status, log_destination_type,
        log_destination, log_group_name, deliver_logs_permission_arn, deliver_cross_account_role,
        deliver_logs_status, deliver_logs_error_message, log_format, max_aggregation_interval,
        destination_options, creation_time, tags,
    }
    types::DestinationOptionsResponse {
        file_format, hive_compatible_partitions, per_hour_partition,
    }
    types::SubnetCidrReservation {
        subnet_cidr_reservation_id, subnet_id, cidr, reservation_type, owner_id, description, tags,
    }
    types::ServiceConfiguration {
        service_id, service_name, service_type, service_state, availability_zones,
        acceptance_required, manages_vpc_endpoints, network_load_balancer_arns,
        gateway_load_balancer_arns, supported_ip_address_types, base_endpoint_dns_names,
        private_dns_name, private_dns_name_configuration, tags,
    }
    types::ServiceTypeDetail { service_type }
    types::PrivateDnsNameConfiguration { state, r#type, value, name }
    types::Tag { key, value }
}

texts!(
    types::AttachmentStatus,
    types::DestinationFileFormat,
    types::DnsNameState,
    types::LogDestinationType,
    types::PrefixListState,
    types::RuleAction,
    types::ServiceConnectivityType,
    types::ServiceState,
    types::ServiceType,
    types::SubnetCidrReservationType,
    types::TrafficType,
);
