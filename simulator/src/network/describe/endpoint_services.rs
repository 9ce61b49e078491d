use sandtable_model::resource::{EndpointServiceState, EndpointServiceType, VpcEndpointService};
use sandtable_model::{AvailabilityZone, Region, Tags};
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

use super::super::request::requests;
use super::super::service_catalogue::{AwsService, services_of};
use super::page_of;
use crate::place;
use crate::rules::{Extract, Filter, Filters, page_size};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeVpcEndpointServices.
    DescribeVpcEndpointServicesRequest {
        service_names: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
        service_regions: Vec<String>,
    }
}

/// The answer of DescribeVpcEndpointServices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedEndpointServices {
    /// The names of the services of this page, each once.
    pub service_names: Vec<SmolStr>,
    /// The services, by name.
    pub service_details: Vec<EndpointServiceDetail>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A service to which endpoints can be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EndpointServiceDetail {
    /// The name.
    pub service_name: SmolStr,
    /// The id.
    pub service_id: SmolStr,
    /// The kind of its endpoints.
    pub service_type: Vec<EndpointServiceType>,
    /// Its Region.
    pub service_region: Region,
    /// The zones in which it serves.
    pub availability_zones: Vec<AvailabilityZone>,
    /// `amazon`, or the account.
    pub owner: SmolStr,
    /// The DNS names in which those of endpoints end.
    pub base_endpoint_dns_names: Vec<SmolStr>,
    /// The public name that leads to endpoints within their VPCs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_dns_name: Option<SmolStr>,
    /// The same, as AWS tells several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub private_dns_names: Vec<PrivateName>,
    /// Whether endpoints have policies.
    pub vpc_endpoint_policy_supported: bool,
    /// Whether the owner must accept endpoints.
    pub acceptance_required: bool,
    /// Whether an AWS service manages its endpoints.
    pub manages_vpc_endpoints: bool,
    /// Tags of the account's own services.
    pub tags: Tags,
    /// Whether the private name is proved to be the owner's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_dns_name_verification_state: Option<SmolStr>,
    /// `ipv4`.
    pub supported_ip_address_types: Vec<SmolStr>,
}

/// A private name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrivateName {
    /// The name.
    pub private_dns_name: SmolStr,
}

fn names(name: Option<&str>) -> Vec<PrivateName> {
    let names = name.into_iter().map(|it| PrivateName {
        private_dns_name: it.into(),
    });
    names.collect()
}

fn of_aws(region: &Region, zones: &[AvailabilityZone], it: AwsService) -> EndpointServiceDetail {
    // AWS's ids differ from Region to Region; the twin derives one. FNV-1a, 64 bits.
    let text = format!("{}/{}", it.name, it.kind);
    let number = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    EndpointServiceDetail {
        service_id: format_smolstr!("vpce-svc-{number:017x}"),
        service_type: vec![EndpointServiceType {
            service_type: it.kind,
        }],
        service_region: region.clone(),
        availability_zones: zones.to_vec(),
        owner: SmolStr::new_static("amazon"),
        base_endpoint_dns_names: vec![format_smolstr!("{}.{region}.vpce.amazonaws.com", it.short)],
        private_dns_names: names(it.private_name.as_deref()),
        private_dns_name_verification_state: it
            .private_name
            .as_ref()
            .map(|_| SmolStr::new_static("verified")),
        private_dns_name: it.private_name.map(SmolStr::from),
        vpc_endpoint_policy_supported: true,
        acceptance_required: false,
        manages_vpc_endpoints: false,
        tags: Tags::new(),
        supported_ip_address_types: vec![SmolStr::new_static("ipv4")],
        service_name: it.name.into(),
    }
}

fn of_account(ctx: &Ctx, it: &VpcEndpointService) -> EndpointServiceDetail {
    let proof = it.private_dns_name_configuration.as_ref();
    EndpointServiceDetail {
        service_name: it.service_name.clone(),
        service_id: it.service_id.as_str().into(),
        service_type: vec![EndpointServiceType {
            service_type: it.endpoint_type(),
        }],
        service_region: ctx.region.clone(),
        availability_zones: it.availability_zones.clone(),
        owner: ctx.account.as_str().into(),
        base_endpoint_dns_names: it.base_endpoint_dns_names.clone(),
        private_dns_name: it.private_dns_name.clone(),
        private_dns_names: names(it.private_dns_name.as_deref()),
        vpc_endpoint_policy_supported: false,
        acceptance_required: it.acceptance_required,
        manages_vpc_endpoints: it.manages_vpc_endpoints,
        tags: it.tags.clone(),
        private_dns_name_verification_state: proof.map(|it| it.state.as_str().into()),
        supported_ip_address_types: it.supported_ip_address_types.clone(),
    }
}

const SERVICES: &[(&str, Extract<EndpointServiceDetail>)] = &[
    ("owner", |_, it, out| out(&it.owner)),
    ("service-name", |_, it, out| out(&it.service_name)),
    ("service-region", |_, it, out| {
        out(it.service_region.as_str())
    }),
    ("service-type", |_, it, out| {
        it.service_type
            .iter()
            .for_each(|it| out(it.service_type.as_str()));
    }),
    ("supported-ip-address-types", |_, it, out| {
        it.supported_ip_address_types.iter().for_each(|it| out(it));
    }),
];

/// Larger pages are silently this large.
const PAGE_MAX: i64 = 1000;

/// Lists the services to which endpoints can be made: AWS's own of the Region, and the account's.
/// A service with gateway and interface endpoints has an entry for each.
///
/// # Errors
/// `InvalidServiceName` for a name that is not there, and what every describe operation refuses.
pub fn describe_vpc_endpoint_services(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpcEndpointServicesRequest,
) -> Result<DescribedEndpointServices, ApiError> {
    let most = page_size(
        request.max_results.map(|it| it.min(PAGE_MAX)),
        &(1..=PAGE_MAX),
    )?;
    let filters = Filters::new(&request.filters, SERVICES)?;
    let zones = place::zones(&twin.state, &ctx.region);
    let of_aws = services_of(&ctx.region)
        .into_iter()
        .map(|it| of_aws(&ctx.region, &zones, it));
    let own = twin.state.all::<VpcEndpointService>(&ctx.region);
    let own = own.filter(|it| it.service_state == EndpointServiceState::Available);
    let all: Vec<EndpointServiceDetail> = of_aws.chain(own.map(|it| of_account(ctx, it))).collect();
    let named = &request.service_names;
    let is_named = |it: &EndpointServiceDetail| named.iter().any(|name| it.service_name == *name);
    for name in named {
        if !all.iter().any(|it| it.service_name == *name) {
            return Err(ApiError::new(
                "InvalidServiceName",
                format!("The Vpc Endpoint Service '{name}' does not exist"),
            ));
        }
    }
    ctx.end_dry_run()?;
    let regions = &request.service_regions;
    let is_here = regions.is_empty() || regions.iter().any(|it| it == ctx.region.as_str());
    let matching = all.into_iter().filter(|it| {
        is_here && (named.is_empty() || is_named(it)) && filters.pass(&twin.state, it, &it.tags)
    });
    let (service_details, next_token) =
        page_of(matching.collect(), most, request.next_token.as_deref())?;
    let mut service_names: Vec<SmolStr> = service_details
        .iter()
        .map(|it| it.service_name.clone())
        .collect();
    service_names.dedup();
    Ok(DescribedEndpointServices {
        service_names,
        service_details,
        next_token,
    })
}
