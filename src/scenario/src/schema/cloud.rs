//! The cloud of a scenario: resources under AWS's names, by Region.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use sandtable_model::resource::{
    Address, AutoScalingGroup, EbsSnapshot, Image, Instance, InternetGateway, NatGateway,
    NetworkInterface, RouteTable, SecurityGroup, Subnet, Volume, Vpc, VpcEndpoint,
};
use sandtable_model::{AccountId, Coverage, Kind, Region, Resource, Timestamp};
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
}

/// The account of AWS's own examples.
fn example_account() -> AccountId {
    crate::source::example_account()
}

macro_rules! region_cloud {
    ($($field:ident: $type:ty, $doc:literal;)+) => {
        /// The resources of a Region, under the names and with the members of AWS's describe
        /// answers. What the model has a default for may be left out.
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
        pub struct RegionCloud {
            /// Kinds that were not seen wholly. A kind that is not named here counts as complete:
            /// what the file does not list is not there.
            #[serde(rename = "coverage")]
            pub coverage: BTreeMap<Kind, Coverage>,
            $(#[doc = $doc] pub $field: Vec<Located<$type>>,)+
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
    auto_scaling_groups: AutoScalingGroup, "`aws autoscaling describe-auto-scaling-groups`, with `AutoScalingGroupId` as `asg-` and the name";
}
