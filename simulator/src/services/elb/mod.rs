//! Elastic Load Balancing of the first version: Classic Load Balancers.
//!
//! Deliberately absent: policies, load balancers outside of a VPC, which AWS retired.

mod balancer;
mod instance;
mod settings;
mod tag;

pub use balancer::*;
pub use instance::*;
pub use settings::*;
pub use tag::*;

use sandtable_model::resource::ClassicLoadBalancer;
use sandtable_model::{ClassicLoadBalancerId, NetworkInterfaceId};
use smol_str::{SmolStr, format_smolstr};

use super::common::required;
use crate::dispatch::{Row, operations};
use crate::network::managed;
use crate::{ApiError, Ctx, Twin};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "AddTags" => add_tags,
    "ApplySecurityGroupsToLoadBalancer" => apply_security_groups_to_load_balancer,
    "AttachLoadBalancerToSubnets" => attach_load_balancer_to_subnets,
    "ConfigureHealthCheck" => configure_health_check,
    "CreateLoadBalancer" => create_load_balancer,
    "CreateLoadBalancerListeners" => create_load_balancer_listeners,
    "DeleteLoadBalancer" => delete_load_balancer,
    "DeleteLoadBalancerListeners" => delete_load_balancer_listeners,
    "DeregisterInstancesFromLoadBalancer" => deregister_instances_from_load_balancer,
    "DescribeInstanceHealth" => describe_instance_health,
    "DescribeLoadBalancerAttributes" => describe_load_balancer_attributes,
    "DescribeLoadBalancers" => describe_load_balancers,
    "DescribeTags" => describe_tags,
    "DetachLoadBalancerFromSubnets" => detach_load_balancer_from_subnets,
    "ModifyLoadBalancerAttributes" => modify_load_balancer_attributes,
    "RegisterInstancesWithLoadBalancer" => register_instances_with_load_balancer,
    "RemoveTags" => remove_tags,
};

/// The balancer of a name.
///
/// # Errors
/// `LoadBalancerNotFound`.
fn named<'a>(twin: &'a Twin, ctx: &Ctx, name: &str) -> Result<&'a ClassicLoadBalancer, ApiError> {
    required("loadBalancerName", name)?;
    let id = ClassicLoadBalancerId::from_name(&ctx.region, name);
    let found = twin.state.get_in(&ctx.region, &id.into());
    let found = found.and_then(|it| it.get::<ClassicLoadBalancer>());
    found.ok_or_else(|| {
        ApiError::new(
            "LoadBalancerNotFound",
            format!("There is no ACTIVE Load Balancer named '{name}'"),
        )
    })
}

fn invalid_configuration(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidConfigurationRequest", message)
}

/// The description of a balancer's interfaces.
fn description(balancer: &ClassicLoadBalancer) -> SmolStr {
    format_smolstr!("ELB {}", balancer.load_balancer_name)
}

/// The interfaces of a balancer.
fn interfaces(twin: &Twin, balancer: &ClassicLoadBalancer) -> Vec<NetworkInterfaceId> {
    let description = description(balancer);
    let subnets = balancer.subnets.iter();
    let within = subnets.flat_map(|it| managed::described(&twin.state, it, &description));
    within.map(|it| it.network_interface_id.clone()).collect()
}
