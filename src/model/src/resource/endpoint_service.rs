//! Endpoint services, the provider's side of interface and Gateway Load Balancer endpoints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::EndpointType;
use crate::open_enum::open_enum;
use crate::{AvailabilityZone, Tags, VpcEndpointServiceId};

open_enum!(
    /// The state of an endpoint service.
    EndpointServiceState { Pending = "Pending", Available = "Available", Deleting = "Deleting", Deleted = "Deleted", Failed = "Failed" } default Available
);
open_enum!(
    /// Whether the owner has proved that a domain is its own.
    DomainState { PendingVerification = "pendingVerification", Verified = "verified", Failed = "failed" } default PendingVerification
);

/// An endpoint service: load balancers that others reach through endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcEndpointService {
    /// The id.
    pub service_id: VpcEndpointServiceId,
    /// The name that endpoints name (`com.amazonaws.vpce.<region>.<id>`).
    #[serde(default)]
    pub service_name: SmolStr,
    /// The kind of its endpoints, as AWS nests it.
    #[serde(default)]
    pub service_type: Vec<EndpointServiceType>,
    /// The state.
    #[serde(default)]
    pub service_state: EndpointServiceState,
    /// The zones in which it serves.
    #[serde(default)]
    pub availability_zones: Vec<AvailabilityZone>,
    /// Whether the owner must accept each endpoint.
    #[serde(default)]
    pub acceptance_required: bool,
    /// Whether an AWS service manages its endpoints.
    #[serde(default)]
    pub manages_vpc_endpoints: bool,
    /// The Network Load Balancers behind it.
    #[serde(default)]
    pub network_load_balancer_arns: Vec<SmolStr>,
    /// The Gateway Load Balancers behind it.
    #[serde(default)]
    pub gateway_load_balancer_arns: Vec<SmolStr>,
    /// `ipv4` and `ipv6`.
    #[serde(default)]
    pub supported_ip_address_types: Vec<SmolStr>,
    /// The DNS names in which those of endpoints end.
    #[serde(default)]
    pub base_endpoint_dns_names: Vec<SmolStr>,
    /// The name that resolves to endpoints within their VPCs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_dns_name: Option<SmolStr>,
    /// Whether that name is proved to be the owner's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_dns_name_configuration: Option<PrivateDnsNameConfiguration>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl VpcEndpointService {
    /// The kind of endpoints that lead to the service.
    pub fn endpoint_type(&self) -> EndpointType {
        let told = self.service_type.first().map(|it| it.service_type.clone());
        told.unwrap_or(match self.gateway_load_balancer_arns.is_empty() {
            true => EndpointType::Interface,
            false => EndpointType::GatewayLoadBalancer,
        })
    }
}

/// The kind of endpoints of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EndpointServiceType {
    /// The kind.
    pub service_type: EndpointType,
}

/// The record by which an owner proves that a domain is its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct PrivateDnsNameConfiguration {
    /// Whether it is proved.
    pub state: DomainState,
    /// The kind of record, `TXT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<SmolStr>,
    /// What the record must say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<SmolStr>,
    /// The name of the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<SmolStr>,
}
