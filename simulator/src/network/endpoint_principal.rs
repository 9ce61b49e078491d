//! Who may make endpoints to the account's services. The twin has no other accounts, and the own one
//! may always; the list is kept because audits read it.

use sandtable_model::VpcEndpointServiceId;
use sandtable_model::resource::VpcEndpointService;
use serde::Serialize;
use smol_str::SmolStr;

use super::describe::page_of;
use super::endpoint_service::PAGE_MAX;
use super::request::{answers, requests};
use crate::rules::{Extract, Filter, Filters, NO_TAGS, page_size, require};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeVpcEndpointServicePermissions.
    DescribeVpcEndpointServicePermissionsRequest {
        service_id: String,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// ModifyVpcEndpointServicePermissions.
    ModifyVpcEndpointServicePermissionsRequest {
        service_id: String,
        add_allowed_principals: Vec<String>,
        remove_allowed_principals: Vec<String>,
    }
}

answers! {
    /// The answer of ModifyVpcEndpointServicePermissions.
    ChangedServicePermissions { added_principals: Vec<AllowedPrincipal>, return_value: bool }
}

/// The answer of DescribeVpcEndpointServicePermissions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedServicePermissions {
    /// The principals, by name.
    pub allowed_principals: Vec<AllowedPrincipal>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A principal that may make endpoints to a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AllowedPrincipal {
    /// What it is.
    pub principal_type: SmolStr,
    /// Its ARN, or `*`.
    pub principal: SmolStr,
    /// The id of the permission.
    pub service_permission_id: SmolStr,
    /// The service.
    pub service_id: VpcEndpointServiceId,
}

/// AWS's word for what a principal is; nothing for what is none. "Principal ARNs with path
/// components aren't supported" (EC2 API reference, ModifyVpcEndpointServicePermissions).
fn type_of(principal: &str) -> Option<&'static str> {
    if principal == "*" {
        return Some("All");
    }
    if principal.ends_with(".amazonaws.com") && !principal.contains([':', '/']) {
        return Some("Service");
    }
    let mut parts = principal.splitn(6, ':');
    let (arn, partition) = (parts.next()?, parts.next()?);
    let (service, region) = (parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    if arn != "arn" || !partition.starts_with("aws") || !region.is_empty() || !is_account {
        return None;
    }
    let mut path = resource.split('/');
    match (service, path.next()?, path.next(), path.next(), path.next()) {
        ("iam", "root", None, ..) => Some("Account"),
        ("iam", "user", Some(_), None, _) => Some("User"),
        ("iam", "role", Some(_), None, _) => Some("Role"),
        ("organizations", "ou", Some(_), Some(_), None) => Some("OrganizationUnit"),
        _ => None,
    }
}

fn shown(
    service: &VpcEndpointServiceId,
    principal: &str,
    permission: &SmolStr,
) -> AllowedPrincipal {
    AllowedPrincipal {
        principal_type: SmolStr::new_static(type_of(principal).unwrap_or_default()),
        principal: principal.into(),
        service_permission_id: permission.clone(),
        service_id: service.clone(),
    }
}

/// Changes who may make endpoints to a service. Connections that are there stay.
///
/// # Errors
/// `MissingParameter` without principals, `InvalidPrincipal` for what is none.
pub fn modify_vpc_endpoint_service_permissions(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyVpcEndpointServicePermissionsRequest,
) -> Result<ChangedServicePermissions, ApiError> {
    let id = &request.service_id;
    let service = require::<VpcEndpointService>(&twin.state, ctx, "ServiceId", id)?;
    let id = service.service_id.clone();
    let (added, removed) = (
        &request.add_allowed_principals,
        &request.remove_allowed_principals,
    );
    if added.is_empty() && removed.is_empty() {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain the parameter AddAllowedPrincipals or RemoveAllowedPrincipals",
        ));
    }
    let all = added.iter().chain(removed);
    if let Some(bad) = all.clone().find(|it| type_of(it).is_none()) {
        return Err(ApiError::new(
            "InvalidPrincipal",
            format!("Invalid Principal: '{bad}'"),
        ));
    }
    ctx.end_dry_run()?;
    let mut added_principals = Vec::new();
    for principal in added {
        let permission = SmolStr::from(twin.ids.text("vpce-svc-perm"));
        let principals = twin.network.principals.entry(id.clone()).or_default();
        if !principals.contains_key(principal.as_str()) {
            added_principals.push(shown(&id, principal, &permission));
            principals.insert(principal.into(), permission);
        }
    }
    if let Some(principals) = twin.network.principals.get_mut(&id) {
        removed
            .iter()
            .for_each(|it| drop(principals.remove(it.as_str())));
    }
    Ok(ChangedServicePermissions {
        added_principals,
        return_value: true,
    })
}

const PRINCIPALS: &[(&str, Extract<AllowedPrincipal>)] = &[
    ("principal", |_, it, out| out(&it.principal)),
    ("principal-type", |_, it, out| out(&it.principal_type)),
];

/// Lists who may make endpoints to a service.
///
/// # Errors
/// `InvalidVpcEndpointServiceId.NotFound`, and what every describe operation refuses.
pub fn describe_vpc_endpoint_service_permissions(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeVpcEndpointServicePermissionsRequest,
) -> Result<DescribedServicePermissions, ApiError> {
    let id = &request.service_id;
    let service = require::<VpcEndpointService>(&twin.state, ctx, "ServiceId", id)?;
    let most = page_size(
        request.max_results.map(|it| it.min(PAGE_MAX)),
        &(5..=PAGE_MAX),
    )?;
    let filters = Filters::new(&request.filters, PRINCIPALS)?;
    ctx.end_dry_run()?;
    let id = &service.service_id;
    let principals = twin.network.principals.get(id).into_iter().flatten();
    let all = principals
        .map(|(principal, permission)| shown(id, principal, permission))
        .filter(|it| filters.pass(&twin.state, it, &NO_TAGS));
    let (allowed_principals, next_token) =
        page_of(all.collect(), most, request.next_token.as_deref())?;
    Ok(DescribedServicePermissions {
        allowed_principals,
        next_token,
    })
}
