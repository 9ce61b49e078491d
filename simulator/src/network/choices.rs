//! What AWS does not document, and what an account may have: decided here, and changeable.

/// How the twin decides where no source says what AWS does (the gaps of facts: ec2-semantics.md,
/// section 3), and the account's quotas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// The code for disassociating, or associating elsewhere, an address that a
    /// NAT gateway or the interface of another service holds.
    pub nat_address_refusal: Refusal,
    /// Whether deleting a NAT gateway that is `deleting` or `deleted` succeeds; otherwise it is not
    /// found.
    pub repeated_nat_delete_succeeds: bool,
    /// The code for deleting an interface that is attached; two are seen.
    pub interface_in_use: Refusal,
    /// The code for deleting a free interface that a service manages.
    pub managed_interface_refusal: Refusal,
    /// The code for releasing an address that has a reverse DNS record: the error list has
    /// `InvalidAddress.Locked`, clients handle `InvalidAddress.PtrSet` beside it
    /// (cloud-custodian, `network-addr`).
    pub reverse_dns_refusal: Refusal,
    /// Whether a gateway endpoint keeps its route tables from being deleted; otherwise it loses
    /// them.
    pub endpoints_keep_route_tables: bool,
    /// Whether endpoints tell their state with a capital (`Available`), as AWS's model spells it;
    /// real answers are seen without.
    pub endpoint_states_have_capitals: bool,
    /// Whether the owner of an endpoint service has published the record that proves its private
    /// name: the twin has no DNS to ask.
    pub private_names_are_proved: bool,
    /// Whether deleting a prefix list that is referred to begins and then fails (`delete-failed`),
    /// as reports of Terraform show; otherwise it is refused with `DependencyViolation`.
    pub prefix_list_deletion_fails_late: bool,
    /// Whether the quota of a network ACL counts entries for IPv4 and for IPv6 apart, as the newer
    /// text of the VPC user guide says; otherwise it counts them together, as the older one says.
    pub acl_families_count_apart: bool,
    /// Whether an active peering connection keeps its VPCs from being deleted, as users of the API
    /// report (kubernetes/kops#4471, hashicorp/terraform-provider-aws#3118 and #9499); otherwise it
    /// goes with the VPC, as the peering guide says of the console.
    pub active_peerings_keep_vpcs: bool,
    /// What the account may have.
    pub quotas: Quotas,
}

impl Default for Choices {
    fn default() -> Self {
        Choices {
            nat_address_refusal: Refusal::AuthFailure,
            repeated_nat_delete_succeeds: true,
            interface_in_use: Refusal::InvalidParameterValue,
            managed_interface_refusal: Refusal::OperationNotPermitted,
            reverse_dns_refusal: Refusal::AddressLocked,
            endpoints_keep_route_tables: false,
            endpoint_states_have_capitals: false,
            private_names_are_proved: true,
            prefix_list_deletion_fails_late: true,
            acl_families_count_apart: true,
            active_peerings_keep_vpcs: true,
            quotas: Quotas::default(),
        }
    }
}

/// A code of which AWS uses one or another for the same situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `AuthFailure`.
    AuthFailure,
    /// `OperationNotPermitted`.
    OperationNotPermitted,
    /// `InvalidParameterValue`.
    InvalidParameterValue,
    /// `InvalidNetworkInterface.InUse`.
    InterfaceInUse,
    /// `InvalidAddress.Locked`.
    AddressLocked,
    /// `InvalidAddress.PtrSet`.
    AddressPtrSet,
}

impl Refusal {
    /// AWS's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthFailure => "AuthFailure",
            Self::OperationNotPermitted => "OperationNotPermitted",
            Self::InvalidParameterValue => "InvalidParameterValue",
            Self::InterfaceInUse => "InvalidNetworkInterface.InUse",
            Self::AddressLocked => "InvalidAddress.Locked",
            Self::AddressPtrSet => "InvalidAddress.PtrSet",
        }
    }
}

/// What the account may have in a Region. AWS's defaults (facts: ec2-semantics.md, section 5); what
/// a snapshot holds beyond them stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// VPCs.
    pub vpcs: usize,
    /// IPv4 blocks of a VPC.
    pub blocks_per_vpc: usize,
    /// Subnets of a VPC.
    pub subnets_per_vpc: usize,
    /// Route tables of a VPC.
    pub route_tables_per_vpc: usize,
    /// Routes of a table.
    pub routes_per_table: usize,
    /// Internet gateways.
    pub internet_gateways: usize,
    /// Elastic IP addresses.
    pub addresses: usize,
    /// NAT gateways in a zone that are pending, available or deleting.
    pub nat_gateways_per_zone: usize,
    /// Elastic IP addresses of a public NAT gateway.
    pub addresses_per_nat_gateway: usize,
    /// Private addresses of a private NAT gateway, the primary one among them.
    pub private_addresses_per_nat_gateway: usize,
    /// Network interfaces.
    pub interfaces: usize,
    /// Security groups.
    pub security_groups: usize,
    /// Rules of a security group, per direction and family.
    pub rules_per_group: usize,
    /// Security groups of an interface.
    pub groups_per_interface: usize,
    /// Gateway endpoints.
    pub gateway_endpoints: usize,
    /// Interface endpoints of a VPC.
    pub interface_endpoints_per_vpc: usize,
    /// Network ACLs of a VPC.
    pub acls_per_vpc: usize,
    /// Entries of a network ACL in one direction, AWS's own last one included.
    pub entries_per_acl: usize,
    /// Egress-only internet gateways.
    pub egress_only_gateways: usize,
    /// Prefix lists of the account.
    pub prefix_lists: usize,
    /// Entries that a prefix list may be made for.
    pub entries_per_prefix_list: u32,
    /// IPv6 blocks of a VPC.
    pub ipv6_blocks_per_vpc: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Quotas {
            vpcs: 5,
            blocks_per_vpc: 5,
            subnets_per_vpc: 200,
            route_tables_per_vpc: 200,
            routes_per_table: 50,
            internet_gateways: 5,
            addresses: 5,
            nat_gateways_per_zone: 5,
            addresses_per_nat_gateway: 2,
            private_addresses_per_nat_gateway: 8,
            interfaces: 5000,
            security_groups: 2500,
            rules_per_group: 60,
            groups_per_interface: 5,
            gateway_endpoints: 20,
            interface_endpoints_per_vpc: 50,
            acls_per_vpc: 200,
            entries_per_acl: 20,
            egress_only_gateways: 5,
            prefix_lists: 100,
            entries_per_prefix_list: 1000,
            ipv6_blocks_per_vpc: 5,
        }
    }
}
