//! The cloud of a scenario: resources under AWS's names, by Region.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use sandtable_model::resource::{
    Address, AutoScalingGroup, CapacityReservation, ClassicLoadBalancer, CustomerGateway,
    DbInstance, DbSnapshot, DbSubnetGroup, DedicatedHost, DhcpOptions, EbsSnapshot,
    EgressOnlyInternetGateway, FlowLog, Image, Instance, InternetGateway, KeyPair, LaunchTemplate,
    LoadBalancer, ManagedPrefixList, NatGateway, NetworkAcl, NetworkInterface, PlacementGroup,
    RouteTable, SecurityGroup, Stack, Subnet, SubnetCidrReservation, TargetGroup, TransitGateway,
    TransitGatewayAttachment, TransitGatewayRouteTable, Volume, Vpc, VpcEndpoint,
    VpcEndpointService, VpcPeeringConnection, VpnConnection, VpnGateway,
};
use sandtable_model::{AccountId, Coverage, Kind, Region, Resource, Timestamp};
use sandtable_simulator::Permissions;
use sandtable_simulator::metrics::MetricSeries;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::yaml::{Located, Position};

/// What is there: one account, some Regions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cloud {
    /// The account: twelve digits, in quotes.
    #[serde(default = "example_account")]
    pub account: AccountId,
    /// The time at which the twin's clock starts and from which ages are counted.
    pub now: Timestamp,
    /// What is in each Region.
    pub regions: IndexMap<Region, RegionCloud>,
    /// Ids that are named although nothing of that id is there, on purpose: someone else's
    /// resources, or what was deleted long ago. Any other id that leads nowhere is an error.
    #[serde(default)]
    pub dangling: Vec<String>,
    /// The metrics that CloudWatch has, for a twin that is served.
    #[serde(default)]
    pub metrics: Vec<Located<MetricSeries>>,
    /// What whoever carries the plan out may do: everything unless told.
    #[serde(default)]
    pub permissions: Option<Permissions>,
}

/// The account of AWS's own examples.
fn example_account() -> AccountId {
    crate::source::example_account()
}

macro_rules! region_cloud {
    ($($(#[$meta:meta])* $field:ident: $type:ty, $doc:literal;)+) => {
        /// The resources of a Region, under the names and with the members of AWS's describe
        /// answers. What the model has a default for may be left out.
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
        pub struct RegionCloud {
            /// Kinds that were not seen wholly. A kind that is not named here counts as complete:
            /// what the file does not list is not there.
            #[serde(rename = "coverage")]
            pub coverage: BTreeMap<Kind, Coverage>,
            $($(#[$meta])* #[doc = $doc] pub $field: Vec<Located<$type>>,)+
        }

        impl RegionCloud {
            /// Every resource with its place in the file.
            pub fn resources(&self) -> Vec<(Position, Resource)> {
                let mut all: Vec<(Position, Resource)> = Vec::new();
                $(all.extend(
                    self.$field.iter().map(|it| (it.position, Resource::from(it.value.clone()))),
                );)+
                all
            }
        }
    };
}

region_cloud! {
    vpcs: Vpc, "`aws ec2 describe-vpcs`";
    subnets: Subnet, "`aws ec2 describe-subnets`";
    route_tables: RouteTable, "`aws ec2 describe-route-tables`. A missing `local` route is added.";
    internet_gateways: InternetGateway, "`aws ec2 describe-internet-gateways`";
    nat_gateways: NatGateway, "`aws ec2 describe-nat-gateways`";
    addresses: Address, "`aws ec2 describe-addresses`";
    network_interfaces: NetworkInterface, "`aws ec2 describe-network-interfaces`";
    security_groups: SecurityGroup, "`aws ec2 describe-security-groups`";
    instances: Instance, "`aws ec2 describe-instances`, without the reservations around them";
    volumes: Volume, "`aws ec2 describe-volumes`";
    snapshots: EbsSnapshot, "`aws ec2 describe-snapshots --owner-ids self`";
    images: Image, "`aws ec2 describe-images --owners self`";
    vpc_endpoints: VpcEndpoint, "`aws ec2 describe-vpc-endpoints`";
    auto_scaling_groups: AutoScalingGroup, "`aws autoscaling describe-auto-scaling-groups`, with `AutoScalingGroupId` as `asg-`, Region, `/` and name";
    network_acls: NetworkAcl, "`aws ec2 describe-network-acls`";
    dhcp_options: DhcpOptions, "`aws ec2 describe-dhcp-options`";
    egress_only_internet_gateways: EgressOnlyInternetGateway, "`aws ec2 describe-egress-only-internet-gateways`";
    prefix_lists: ManagedPrefixList, "`aws ec2 describe-managed-prefix-lists`, with the `Entries` of `get-managed-prefix-list-entries`";
    flow_logs: FlowLog, "`aws ec2 describe-flow-logs`";
    subnet_cidr_reservations: SubnetCidrReservation, "`aws ec2 get-subnet-cidr-reservations`";
    vpc_peering_connections: VpcPeeringConnection, "`aws ec2 describe-vpc-peering-connections`";
    transit_gateways: TransitGateway, "`aws ec2 describe-transit-gateways`";
    transit_gateway_attachments: TransitGatewayAttachment, "`aws ec2 describe-transit-gateway-attachments`, with the subnets and options of `describe-transit-gateway-vpc-attachments` and the sides of `describe-transit-gateway-peering-attachments`";
    transit_gateway_route_tables: TransitGatewayRouteTable, "`aws ec2 describe-transit-gateway-route-tables`, with the static `Routes` of `search-transit-gateway-routes` and the `Propagations` of `get-transit-gateway-route-table-propagations`; associations stand at the attachments";
    vpn_gateways: VpnGateway, "`aws ec2 describe-vpn-gateways`";
    customer_gateways: CustomerGateway, "`aws ec2 describe-customer-gateways`";
    vpn_connections: VpnConnection, "`aws ec2 describe-vpn-connections`";
    service_configurations: VpcEndpointService, "`aws ec2 describe-vpc-endpoint-service-configurations`";
    launch_templates: LaunchTemplate, "`aws ec2 describe-launch-templates`, with the `Versions` of `describe-launch-template-versions`";
    key_pairs: KeyPair, "`aws ec2 describe-key-pairs`";
    placement_groups: PlacementGroup, "`aws ec2 describe-placement-groups`";
    capacity_reservations: CapacityReservation, "`aws ec2 describe-capacity-reservations`";
    hosts: DedicatedHost, "`aws ec2 describe-hosts`";
    load_balancers: LoadBalancer, "`aws elbv2 describe-load-balancers`, with `LoadBalancerId` as `lb-`, Region, `/` and name";
    target_groups: TargetGroup, "`aws elbv2 describe-target-groups`, with `TargetGroupId` as `tg-`, Region, `/` and name";
    load_balancer_descriptions: ClassicLoadBalancer, "`aws elb describe-load-balancers`, with `LoadBalancerId` as `clb-`, Region, `/` and name";
    #[serde(rename = "DBInstances")] db_instances: DbInstance, "`aws rds describe-db-instances`, with `DbInstanceId` as `db-`, Region, `/` and identifier";
    #[serde(rename = "DBSnapshots")] db_snapshots: DbSnapshot, "`aws rds describe-db-snapshots`, with `DbSnapshotId` as `dbsnap-`, Region, `/` and identifier";
    #[serde(rename = "DBSubnetGroups")] db_subnet_groups: DbSubnetGroup, "`aws rds describe-db-subnet-groups`, with `DbSubnetGroupId` as `dbsubnet-`, Region, `/` and name";
    stacks: Stack, "`aws cloudformation describe-stacks`, with `StackId` as `stack-`, Region, `/` and name";
}
