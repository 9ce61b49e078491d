//! VPCs, and what is in and around them: subnets, routing, gateways, addresses, interfaces,
//! security groups, endpoints.
//!
//! One module a kind, each with its typed requests and functions. Three modules hold what crosses
//! kinds: [`blockers`] (what keeps what from being deleted, pure questions about a [`State`]),
//! `association` (a public address changes on all its sides together) and `route_state` (whether the
//! targets of routes are there). What AWS does not document stands in [`Choices`].
//!
//! Deliberately absent: what joins a VPC to other networks, which is [`connectivity`].
//!
//! [`connectivity`]: crate::connectivity
//! [`State`]: crate::State

mod acl;
mod acl_association;
mod acl_entry;
mod address;
mod address_attribute;
mod address_transfer;
pub(crate) mod addressing;
mod association;
pub mod blockers;
mod choices;
pub(crate) mod cidr;
mod cidr_reservation;
mod classic_link;
mod default_vpc;
mod describe;
mod dhcp_options;
mod egress_only;
mod endpoint;
mod endpoint_connection;
mod endpoint_delete;
mod endpoint_modify;
mod endpoint_notification;
mod endpoint_places;
mod endpoint_principal;
mod endpoint_service;
mod endpoint_service_modify;
mod flow_log;
mod group_vpc;
pub(crate) mod interface;
mod interface_addresses;
mod interface_attachment;
mod interface_attribute;
mod interface_permission;
mod internet_gateway;
mod ipv6;
mod ipv6_address;
pub(crate) mod managed;
mod nat_gateway;
mod nat_gateway_address;
mod nat_gateway_drain;
mod nat_gateway_life;
mod permission;
mod prefix_list;
mod prefix_list_read;
mod prefix_list_weight;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod route;
pub(crate) mod route_state;
mod route_table;
mod rule_ledger;
mod rule_request;
mod security_group;
mod security_group_modify;
mod security_group_peers;
mod security_group_rule;
mod service_catalogue;
mod subnet;
mod subnet_attribute;
mod vpc;
mod vpc_block;

#[cfg(test)]
mod tests;

pub use acl::*;
pub use acl_association::*;
pub use acl_entry::*;
pub use address::*;
pub use address_attribute::*;
pub use address_transfer::*;
pub use choices::{Choices, Quotas, Refusal};
pub use cidr_reservation::*;
pub use classic_link::*;
pub use default_vpc::*;
pub use describe::*;
pub use dhcp_options::*;
pub use egress_only::*;
pub use endpoint::*;
pub use endpoint_connection::*;
pub use endpoint_delete::*;
pub use endpoint_modify::*;
pub use endpoint_notification::*;
pub use endpoint_principal::*;
pub use endpoint_service::*;
pub use endpoint_service_modify::*;
pub use flow_log::*;
pub use group_vpc::*;
pub use interface::*;
pub use interface_addresses::*;
pub use interface_attachment::*;
pub use interface_attribute::*;
pub use interface_permission::*;
pub use internet_gateway::*;
pub use ipv6::*;
pub use ipv6_address::*;
pub use nat_gateway::*;
pub use nat_gateway_address::*;
pub use nat_gateway_life::*;
pub use prefix_list::*;
pub use prefix_list_read::*;
pub use request::{Done, Flag, Text};
pub use route::*;
pub use route_table::*;
pub use security_group::*;
pub use security_group_modify::*;
pub use security_group_peers::*;
pub(crate) use security_group_rule::RULE_TYPE;
pub use security_group_rule::*;
pub use subnet::*;
pub(crate) use subnet_attribute::name_after_subnet;
pub use subnet_attribute::{
    ModifyPrivateDnsNameOptionsRequest, ModifySubnetAttributeRequest,
    modify_private_dns_name_options, modify_subnet_attribute,
};
pub use vpc::*;
pub use vpc_block::*;

// What instances need of interfaces and addresses.
pub(crate) use addressing::{choose as choose_addresses, free as free_addresses};
pub(crate) use association::{
    disassociate as free_address, lend as lend_public_address,
    take_back as take_back_public_address,
};
pub(crate) use describe::unknown_rule;
pub(crate) use group_vpc::serves as group_serves;
pub(crate) use interface::{Fresh, insert as insert_interface, remove as remove_interface};
pub(crate) use interface_attachment::{attach as attach_interface, detach as detach_interface};
pub(crate) use interface_attribute::{note_public_address, wants_public_address};
pub(crate) use route_state::refresh_routes_to;
pub(crate) use rule_ledger::{change_rule_tags, has_rule, rule_tags, tagged_rules};

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::resource::{
    InterfaceStatus, ManagedPrefixList, NatGateway, NetworkInterface, PrefixListEntry, VpcEndpoint,
};
use sandtable_model::{
    AllocationId, FlowLogId, NatGatewayId, NetworkInterfaceId, PrefixListId, Resource,
    SecurityGroupId, SubnetId, VpcEndpointId, VpcEndpointServiceId, VpcId,
};
use smol_str::SmolStr;

use crate::Twin;
use crate::dispatch::{Row, operations};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "AcceptAddressTransfer" => accept_address_transfer,
    "AcceptVpcEndpointConnections" => accept_vpc_endpoint_connections,
    "AllocateAddress" => allocate_address,
    "AssignIpv6Addresses" => assign_ipv6_addresses,
    "AssignPrivateIpAddresses" => assign_private_ip_addresses,
    "AssignPrivateNatGatewayAddress" => assign_private_nat_gateway_address,
    "AssociateAddress" => associate_address,
    "AssociateDhcpOptions" => associate_dhcp_options,
    "AssociateNatGatewayAddress" => associate_nat_gateway_address,
    "AssociateRouteTable" => associate_route_table,
    "AssociateSecurityGroupVpc" => associate_security_group_vpc,
    "AssociateSubnetCidrBlock" => associate_subnet_cidr_block,
    "AssociateVpcCidrBlock" => associate_vpc_cidr_block,
    "AttachInternetGateway" => attach_internet_gateway,
    "AttachNetworkInterface" => attach_network_interface,
    "AuthorizeSecurityGroupEgress" => authorize_security_group_egress,
    "AuthorizeSecurityGroupIngress" => authorize_security_group_ingress,
    "CreateDefaultSubnet" => create_default_subnet,
    "CreateDefaultVpc" => create_default_vpc,
    "CreateDhcpOptions" => create_dhcp_options,
    "CreateEgressOnlyInternetGateway" => create_egress_only_internet_gateway,
    "CreateFlowLogs" => create_flow_logs,
    "CreateInternetGateway" => create_internet_gateway,
    "CreateManagedPrefixList" => create_managed_prefix_list,
    "CreateNatGateway" => create_nat_gateway,
    "CreateNetworkAcl" => create_network_acl,
    "CreateNetworkAclEntry" => create_network_acl_entry,
    "CreateNetworkInterface" => create_network_interface,
    "CreateNetworkInterfacePermission" => create_network_interface_permission,
    "CreateRoute" => create_route,
    "CreateRouteTable" => create_route_table,
    "CreateSecurityGroup" => create_security_group,
    "CreateSubnet" => create_subnet,
    "CreateSubnetCidrReservation" => create_subnet_cidr_reservation,
    "CreateVpc" => create_vpc,
    "CreateVpcEndpoint" => create_vpc_endpoint,
    "CreateVpcEndpointConnectionNotification" => create_vpc_endpoint_connection_notification,
    "CreateVpcEndpointServiceConfiguration" => create_vpc_endpoint_service_configuration,
    "DeleteDhcpOptions" => delete_dhcp_options,
    "DeleteEgressOnlyInternetGateway" => delete_egress_only_internet_gateway,
    "DeleteFlowLogs" => delete_flow_logs,
    "DeleteInternetGateway" => delete_internet_gateway,
    "DeleteManagedPrefixList" => delete_managed_prefix_list,
    "DeleteNatGateway" => delete_nat_gateway,
    "DeleteNetworkAcl" => delete_network_acl,
    "DeleteNetworkAclEntry" => delete_network_acl_entry,
    "DeleteNetworkInterface" => delete_network_interface,
    "DeleteNetworkInterfacePermission" => delete_network_interface_permission,
    "DeleteRoute" => delete_route,
    "DeleteRouteTable" => delete_route_table,
    "DeleteSecurityGroup" => delete_security_group,
    "DeleteSubnet" => delete_subnet,
    "DeleteSubnetCidrReservation" => delete_subnet_cidr_reservation,
    "DeleteVpc" => delete_vpc,
    "DeleteVpcEndpointConnectionNotifications" => delete_vpc_endpoint_connection_notifications,
    "DeleteVpcEndpointServiceConfigurations" => delete_vpc_endpoint_service_configurations,
    "DeleteVpcEndpoints" => delete_vpc_endpoints,
    "DescribeAddressTransfers" => describe_address_transfers,
    "DescribeAddresses" => describe_addresses,
    "DescribeAddressesAttribute" => describe_addresses_attribute,
    "DescribeDhcpOptions" => describe_dhcp_options,
    "DescribeEgressOnlyInternetGateways" => describe_egress_only_internet_gateways,
    "DescribeFlowLogs" => describe_flow_logs,
    "DescribeInternetGateways" => describe_internet_gateways,
    "DescribeManagedPrefixLists" => describe_managed_prefix_lists,
    "DescribeMovingAddresses" => describe_moving_addresses,
    "DescribeNatGateways" => describe_nat_gateways,
    "DescribeNetworkAcls" => describe_network_acls,
    "DescribeNetworkInterfaceAttribute" => describe_network_interface_attribute,
    "DescribeNetworkInterfacePermissions" => describe_network_interface_permissions,
    "DescribeNetworkInterfaces" => describe_network_interfaces,
    "DescribePrefixLists" => describe_prefix_lists,
    "DescribeRouteTables" => describe_route_tables,
    "DescribeSecurityGroupReferences" => describe_security_group_references,
    "DescribeSecurityGroupRules" => describe_security_group_rules,
    "DescribeSecurityGroupVpcAssociations" => describe_security_group_vpc_associations,
    "DescribeSecurityGroups" => describe_security_groups,
    "DescribeStaleSecurityGroups" => describe_stale_security_groups,
    "DescribeSubnets" => describe_subnets,
    "DescribeVpcAttribute" => describe_vpc_attribute,
    "DescribeVpcEndpointConnectionNotifications" => describe_vpc_endpoint_connection_notifications,
    "DescribeVpcClassicLink" => describe_vpc_classic_link,
    "DescribeVpcClassicLinkDnsSupport" => describe_vpc_classic_link_dns_support,
    "DescribeVpcEndpointConnections" => describe_vpc_endpoint_connections,
    "DescribeVpcEndpointServiceConfigurations" => describe_vpc_endpoint_service_configurations,
    "DescribeVpcEndpointServicePermissions" => describe_vpc_endpoint_service_permissions,
    "DescribeVpcEndpointServices" => describe_vpc_endpoint_services,
    "DescribeVpcEndpoints" => describe_vpc_endpoints,
    "DescribeVpcs" => describe_vpcs,
    "DetachInternetGateway" => detach_internet_gateway,
    "DetachNetworkInterface" => detach_network_interface,
    "DisableAddressTransfer" => disable_address_transfer,
    "DisableVpcClassicLink" => change_vpc_classic_link,
    "DisableVpcClassicLinkDnsSupport" => change_vpc_classic_link,
    "DisassociateAddress" => disassociate_address,
    "DisassociateNatGatewayAddress" => disassociate_nat_gateway_address,
    "DisassociateRouteTable" => disassociate_route_table,
    "DisassociateSecurityGroupVpc" => disassociate_security_group_vpc,
    "DisassociateSubnetCidrBlock" => disassociate_subnet_cidr_block,
    "DisassociateVpcCidrBlock" => disassociate_vpc_cidr_block,
    "EnableAddressTransfer" => enable_address_transfer,
    "EnableVpcClassicLink" => change_vpc_classic_link,
    "EnableVpcClassicLinkDnsSupport" => change_vpc_classic_link,
    "GetManagedPrefixListAssociations" => get_managed_prefix_list_associations,
    "GetManagedPrefixListEntries" => get_managed_prefix_list_entries,
    "GetSecurityGroupsForVpc" => get_security_groups_for_vpc,
    "GetSubnetCidrReservations" => get_subnet_cidr_reservations,
    "ModifyAddressAttribute" => modify_address_attribute,
    "ModifyManagedPrefixList" => modify_managed_prefix_list,
    "ModifyNetworkInterfaceAttribute" => modify_network_interface_attribute,
    "ModifyPrivateDnsNameOptions" => modify_private_dns_name_options,
    "ModifySecurityGroupRules" => modify_security_group_rules,
    "ModifySubnetAttribute" => modify_subnet_attribute,
    "ModifyVpcAttribute" => modify_vpc_attribute,
    "ModifyVpcEndpoint" => modify_vpc_endpoint,
    "ModifyVpcEndpointConnectionNotification" => modify_vpc_endpoint_connection_notification,
    "ModifyVpcEndpointServiceConfiguration" => modify_vpc_endpoint_service_configuration,
    "ModifyVpcEndpointServicePermissions" => modify_vpc_endpoint_service_permissions,
    "ModifyVpcTenancy" => modify_vpc_tenancy,
    "MoveAddressToVpc" => move_address_to_vpc,
    "RejectVpcEndpointConnections" => reject_vpc_endpoint_connections,
    "ReleaseAddress" => release_address,
    "ReplaceNetworkAclAssociation" => replace_network_acl_association,
    "ReplaceNetworkAclEntry" => replace_network_acl_entry,
    "ReplaceRoute" => replace_route,
    "ReplaceRouteTableAssociation" => replace_route_table_association,
    "ResetAddressAttribute" => reset_address_attribute,
    "ResetNetworkInterfaceAttribute" => reset_network_interface_attribute,
    "RestoreManagedPrefixListVersion" => restore_managed_prefix_list_version,
    "RevokeSecurityGroupEgress" => revoke_security_group_egress,
    "RevokeSecurityGroupIngress" => revoke_security_group_ingress,
    "StartVpcEndpointServicePrivateDnsVerification" => start_private_dns_verification,
    "UnassignIpv6Addresses" => unassign_ipv6_addresses,
    "UnassignPrivateIpAddresses" => unassign_private_ip_addresses,
    "UnassignPrivateNatGatewayAddress" => unassign_private_nat_gateway_address,
    "UpdateSecurityGroupRuleDescriptionsEgress" => update_rule_descriptions_egress,
    "UpdateSecurityGroupRuleDescriptionsIngress" => update_rule_descriptions_ingress,
};

/// What no describe answer of network resources carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) choices: Choices,
    /// The attributes of VPCs for which some were set.
    vpc_attributes: BTreeMap<VpcId, VpcAttributes>,
    /// Associations of addresses that were there and have ended.
    ended_associations: BTreeSet<SmolStr>,
    /// What rules of security groups have beside what groups tell.
    rules: rule_ledger::RuleLedger,
    /// The associations of security groups with other VPCs than their own.
    group_vpcs: BTreeMap<(SecurityGroupId, VpcId), GroupVpcState>,
    /// Interfaces for which it was said whether they get a public address.
    public_addresses: BTreeMap<NetworkInterfaceId, bool>,
    /// Permissions of other accounts on interfaces, by id.
    permissions: BTreeMap<SmolStr, NetworkInterfacePermission>,
    /// Reverse DNS records of addresses.
    reverse_dns: BTreeMap<AllocationId, address_attribute::ReverseDns>,
    /// Addresses that are offered to other accounts.
    transfers: BTreeMap<AllocationId, address_transfer::Offer>,
    /// Who may make endpoints to services: principals with the ids of their permissions.
    principals: BTreeMap<VpcEndpointServiceId, BTreeMap<SmolStr, SmolStr>>,
    /// Notifications about endpoints and services, by id.
    notifications: BTreeMap<SmolStr, ConnectionNotification>,
    /// The client tokens under which they were made.
    notification_tokens: endpoint_notification::Tokens,
    /// Ids that are not in the state, seen in routes and rules that are gone.
    foreign: BTreeSet<SmolStr>,
    /// Egress-only internet gateways and prefix lists that were deleted, so that routes which still
    /// show them are no sign that they are there.
    deleted: BTreeSet<SmolStr>,
    /// Associations of network ACLs that were replaced, with their subnets.
    ended_acl_associations: BTreeMap<SmolStr, SubnetId>,
    /// The entries of prefix lists in versions before the current one.
    former_entries: BTreeMap<PrefixListId, BTreeMap<i64, Vec<PrefixListEntry>>>,
}

/// The attributes of a VPC that describe answers do not carry.
#[derive(Clone, Debug, PartialEq, Eq)]
struct VpcAttributes {
    dns_support: bool,
    dns_hostnames: bool,
    usage_metrics: bool,
}

/// What happens to network resources by itself. Each is void when the resource is no longer in the
/// state that it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// A NAT gateway from `pending` to `available`.
    NatCreated(NatGatewayId),
    /// A NAT gateway from `pending` to `failed`, with code and message.
    NatFailed(NatGatewayId, &'static str, SmolStr),
    /// A NAT gateway from `deleting` to `deleted`.
    NatDeleted(NatGatewayId),
    /// A NAT gateway from `deleted` or `failed` to no longer described.
    NatForgotten(NatGatewayId),
    /// Further addresses of a NAT gateway to `succeeded`.
    NatAddressesSettled(NatGatewayId),
    /// Addresses that are taken off a NAT gateway, to gone.
    NatAddressesDrained(NatGatewayId),
    /// An endpoint from `pending` to `available`.
    EndpointCreated(VpcEndpointId),
    /// An endpoint from `deleting` to gone.
    EndpointDeleted(VpcEndpointId),
    /// The private name of a service from `pendingVerification` to `verified` or `failed`.
    PrivateNameChecked(VpcEndpointServiceId),
    /// A change of the reverse DNS record of an address from `PENDING` to done.
    ReverseDnsChanged(AllocationId),
    /// An association of a security group with a VPC from `associating` to `associated`.
    GroupVpcAssociated(SecurityGroupId, VpcId),
    /// An association of a security group with a VPC from `disassociating` to gone.
    GroupVpcDisassociated(SecurityGroupId, VpcId),
    /// An interface's attachment from `attaching` to `attached`.
    InterfaceAttached(NetworkInterfaceId),
    /// An interface from `detaching` to `available`.
    InterfaceDetached(NetworkInterfaceId),
    /// A prefix list from `…-in-progress` to what its change comes to.
    PrefixListChanged(PrefixListId, PendingChange),
    /// A flow log of something that is gone to gone itself.
    FlowLogForgotten(FlowLogId),
}

impl From<Transition> for crate::Transition {
    fn from(it: Transition) -> Self {
        crate::Transition::Network(it)
    }
}

/// Lets a transition happen.
pub(crate) fn fire(twin: &mut Twin, transition: Transition) {
    match transition {
        Transition::NatCreated(id) => nat_gateway_life::created(twin, &id),
        Transition::NatFailed(id, code, message) => {
            nat_gateway_life::failed(twin, &id, code, &message);
        }
        Transition::NatDeleted(id) => nat_gateway_life::deleted(twin, &id),
        Transition::NatForgotten(id) => nat_gateway_life::forgotten(twin, &id),
        Transition::NatAddressesSettled(id) => nat_gateway_drain::settled(twin, &id),
        Transition::NatAddressesDrained(id) => nat_gateway_drain::drained(twin, &id),
        Transition::EndpointCreated(id) => endpoint::created(twin, &id),
        Transition::EndpointDeleted(id) => endpoint_delete::deleted(twin, &id),
        Transition::PrivateNameChecked(id) => endpoint_service_modify::name_checked(twin, &id),
        Transition::ReverseDnsChanged(id) => address_attribute::changed(twin, &id),
        Transition::GroupVpcAssociated(group, vpc) => group_vpc::associated(twin, &group, &vpc),
        Transition::GroupVpcDisassociated(group, vpc) => {
            group_vpc::disassociated(twin, &group, &vpc);
        }
        Transition::InterfaceAttached(id) => interface_attachment::attached(twin, &id),
        Transition::InterfaceDetached(id) => interface_attachment::detached(twin, &id),
        Transition::PrefixListChanged(id, change) => {
            prefix_list::changed_now(twin, &id, change);
        }
        Transition::FlowLogForgotten(id) => flow_log::forgotten(twin, &id),
    }
}

/// Schedules what was under way when the snapshot was taken.
pub(crate) fn resume_lifecycles(twin: &mut Twin) {
    let mut nats: Vec<NatGateway> = Vec::new();
    let mut endpoints: Vec<VpcEndpoint> = Vec::new();
    let mut interfaces: Vec<NetworkInterface> = Vec::new();
    let mut lists: Vec<ManagedPrefixList> = Vec::new();
    for (_, resource) in twin.state.everything() {
        match resource.as_ref() {
            Resource::NatGateway(it) => nats.push(NatGateway::clone(it)),
            Resource::VpcEndpoint(it) => endpoints.push(VpcEndpoint::clone(it)),
            Resource::ManagedPrefixList(it) if it.state.is_in_progress() => {
                lists.push(ManagedPrefixList::clone(it));
            }
            Resource::NetworkInterface(it) if is_moving(it) => {
                interfaces.push(NetworkInterface::clone(it));
            }
            _ => {}
        }
    }
    nats.iter()
        .for_each(|it| nat_gateway_life::resume(twin, it));
    nats.iter()
        .for_each(|it| nat_gateway_drain::resume(twin, it));
    endpoints.iter().for_each(|it| endpoint::resume(twin, it));
    lists.iter().for_each(|it| prefix_list::resume(twin, it));
    for interface in interfaces {
        let id = interface.network_interface_id;
        let transition = match interface.status {
            InterfaceStatus::Detaching => Transition::InterfaceDetached(id),
            _ => Transition::InterfaceAttached(id),
        };
        twin.schedule(twin.options.timings.interface_attach, transition);
    }
}

fn is_moving(interface: &NetworkInterface) -> bool {
    let attachment = interface.attachment.as_ref();
    interface.status == InterfaceStatus::Detaching
        || attachment.is_some_and(|it| it.status == "attaching")
}

impl Twin {
    /// How the twin decides where AWS's behaviour in networks is not documented, and the quotas.
    pub fn network_choices(&self) -> &Choices {
        &self.network.choices
    }

    /// Sets how the twin decides where AWS's behaviour in networks is not documented, and the
    /// quotas.
    pub fn set_network_choices(&mut self, choices: Choices) {
        self.network.choices = choices;
    }
}
